"""The framework itself: pages, seeds and workers."""

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from tests.verification import page, plugin
from tests.verification.estimate import over_replications, over_time

ROW = page.Row("Stock", "a case", "a book", 2.0, 2.5, 0.75, "z")


def test_a_row_shows_its_numbers_with_six_digits():
    row = page.Row("Stock", "a case", "a book", 1.0 / 3.0, 0.33, 0.0123456789, "z")
    assert row.line == "| a case | a book | 0.333333 | 0.33 | -0.00333333 | 0.0123457 | z |"


def test_rounding_is_no_error():
    assert (
        page.Row("Stock", "a", "b", 0.3, 0.1 + 0.2, 1e-9, "exact").line
        == "| a | b | 0.3 | 0.3 | 0 | 1e-09 | exact |"
    )


def test_the_page_does_not_depend_on_the_workers(tmp_path):
    rows = [page.Row(chapter, case, "a", 1.0, 1.0, 0.0, "exact") for chapter in "BA" for case in "ba"]
    for number, row in enumerate(rows):
        page.note(tmp_path, f"gw{number % 2}", row)
    text = page.rendered(page.noted(tmp_path))
    assert text == page.rendered(rows)
    assert text.index("## A") < text.index("## B")


def test_what_is_rendered_is_read_again(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(page.rendered([ROW]), encoding="utf-8")
    assert ROW.line in page.written(path)["Stock"]
    assert page.written(tmp_path / "missing.md") == {}


def test_a_case_has_one_row():
    with pytest.raises(ValueError, match="a case"):
        page.rendered([ROW, ROW])


def test_rows_that_were_not_verified_stay(tmp_path):
    path = tmp_path / "page.md"
    others = [page.Row(chapter, case, "a", 1.0, 1.0, 0.0, "exact") for chapter in "BA" for case in "ba"]
    page.renew([*others, ROW], whole=True, path=path)
    before = path.read_text(encoding="utf-8")
    changed = dataclasses.replace(ROW, simulated=2.25)
    page.renew([changed], whole=False, path=path)
    assert path.read_text(encoding="utf-8") == before.replace(ROW.line, changed.line)
    page.renew([changed], whole=True, path=path)
    assert path.read_text(encoding="utf-8") == page.rendered([changed])


@pytest.mark.parametrize(
    ("arguments", "options", "exit_status", "whole"),
    [
        (["tests/verification"], {}, 0, True),
        (["."], {}, 0, True),
        (["tests/verification"], {}, 1, False),
        (["tests/verification"], {"markexpr": "not slow"}, 0, False),
        (["tests/verification"], {"keyword": "lot"}, 0, False),
        (["tests/verification/test_lot_sizes.py"], {}, 0, False),
        (["tests/verification/test_lot_sizes.py::test_one"], {}, 0, False),
    ],
)
def test_only_a_run_of_all_tests_drops_rows(pytestconfig, arguments, options, exit_status, whole):
    config = SimpleNamespace(
        invocation_params=SimpleNamespace(dir=pytestconfig.rootpath), args=arguments, getoption=options.get
    )
    session: Any = SimpleNamespace(config=config, exitstatus=exit_status)
    assert plugin._all_verified(session) is whole


@pytest.fixture
def compare(verify, monkeypatch):
    """`verify` without a record."""
    monkeypatch.setattr(page, "note", lambda *_: None)
    return verify


def test_an_error_above_its_tolerance_fails(compare):
    with pytest.raises(AssertionError, match="seed"):
        compare(case="c", source="s", expected=1.0, simulated=1.1, tolerance=0.09, chapter="none")


def test_no_number_passes_as_none(compare):
    with pytest.raises(AssertionError, match="seed"):
        compare(case="c", source="s", expected=1.0, simulated=float("nan"), tolerance=1.0, chapter="none")


def test_a_row_that_the_page_lacks_fails(compare, pytestconfig):
    if pytestconfig.getoption("write_validation") or pytestconfig.getoption("fresh_seeds"):
        pytest.skip("the page is not read")
    with pytest.raises(AssertionError, match="does not say"):
        compare(case="c", source="s", expected=1.0, simulated=1.0, chapter="none")


def test_tolerances_are_four_standard_errors():
    assert over_replications([1.0, 2.0, 3.0])["tolerance"] == pytest.approx(4.0 / 3.0**0.5)
    assert over_time([9.0] * 50 + [0.0, 2.0] * 100, 50) == {"simulated": 1.0, "tolerance": 0.0, "kind": "z"}


def configured(**options) -> Any:
    worker = {"workerinput": options.pop("workerinput")} if "workerinput" in options else {}
    config: Any = SimpleNamespace(stash={}, getoption=lambda name: options.get(name, False), **worker)
    plugin.pytest_configure(config)
    return config


def test_seeds_are_fixed_unless_fresh_ones_are_wanted():
    assert configured().stash[plugin.SEED] == plugin.FIXED_SEED
    fresh = {configured(fresh_seeds=True).stash[plugin.SEED] for _ in range(3)}
    assert len(fresh) == 3


def test_workers_share_the_seed_and_the_folder_of_their_controller():
    controller = configured(fresh_seeds=True)
    node = SimpleNamespace(config=controller, workerinput={})
    plugin.pytest_configure_node(node)
    worker = configured(fresh_seeds=True, workerinput=node.workerinput)
    assert worker.stash == controller.stash
    plugin.pytest_unconfigure(worker)
    assert controller.stash[plugin.FOLDER].is_dir()
    plugin.pytest_unconfigure(controller)
    assert not controller.stash[plugin.FOLDER].exists()
