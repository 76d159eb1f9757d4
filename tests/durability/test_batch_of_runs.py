"""A batch: a run folder for each scenario and a comparison of all, gone on with wherever it was cut off."""

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.errors import SimError
from sim.stories import batch
from sim.stories.durable import Execution
from tests.durability.folders import GIVEN, contents, random_scenario


@pytest.fixture
def plan(tmp_path):
    [file] = GIVEN["plan"](tmp_path, "batch")
    return file


def call(*words: object):
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def with_plan(plan, **changes):
    plan.write_text(yaml.safe_dump({**yaml.safe_load(plan.read_text()), **changes}))
    return plan


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A batch that nothing has disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    [file] = GIVEN["plan"](folder, "batch")
    told = call("batch", file, "--out", folder / "out")
    assert told.exit_code == 0, told.output
    return folder / "out", told.stdout


def test_each_scenario_has_a_folder_and_one_page_tells_of_all(whole):
    folder, told = whole
    assert sorted(entry.name for entry in folder.iterdir()) == ["comparison", "dear", "plain"]
    steps = pd.read_csv(folder / "comparison" / "tables" / "waterfall.csv")
    assert steps[["against", "scenario", "changes"]].to_numpy().tolist() == [
        ["plain", "dear", "price: 2 → 3"]
    ]
    assert told.splitlines()[-1] == f"report: {folder / 'comparison' / 'report.html'}"
    losses = [
        sim.open(folder / name).summary["makers"]["maker"]["loss"]["mean"] for name in ("plain", "dear")
    ]
    assert losses[1]["estimate"] == pytest.approx(1.5 * losses[0]["estimate"])


def test_it_goes_on_where_it_was_cut_off(whole, plan, tmp_path):
    out = tmp_path / "out"
    first, *_ = batch.steps(batch.prepared(plan), out)
    first.carry_out(Execution())
    times = {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.name != ".lock"}
    again = call("batch", plan, "--out", out)
    assert again.exit_code == 0
    assert {file: file.stat().st_mtime_ns for file in times} == times
    there = contents(out)
    manifest = there.pop("comparison/manifest.json")
    there.pop("comparison/summary.sha256")
    expected = contents(whole[0])
    assert str(out).encode() in manifest
    assert [name for name in there if name.endswith(".csv") and there[name] != expected[name]] == []


def test_a_plan_that_was_changed_leaves_finished_folders_alone(whole, plan, tmp_path):
    out = tmp_path / "out"
    assert call("batch", plan, "--out", out).exit_code == 0
    before = contents(out)
    with_plan(plan, set={"demand.home.mean_per_day": 9})
    told = call("batch", plan, "--out", out)
    assert told.exit_code == 2
    assert "found another run" in told.stderr
    assert contents(out) == before
    assert call("batch", plan, "--out", out, "--overwrite", "--yes").exit_code == 0
    assert contents(out)["dear/tables/makers.csv"] != before["dear/tables/makers.csv"]


def test_python_gives_the_comparison(whole, plan, tmp_path):
    found = sim.batch(plan, tmp_path / "out", workers=1)
    assert [scenario.name for scenario in found.scenarios] == ["plain", "dear"]
    assert found.tables["losses"].equals(sim.open(whole[0] / "comparison").tables["losses"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"scenarios": {"one": {"file": "shop.yaml"}}}, "found one entry, allowed: at least 2 entries"),
        ({"scenarios": {"one": {"file": "shop.yaml"}, "comparison": {"file": "shop.yaml"}}}, "found the id"),
        ({"scenarios": {"one": {"file": "shop.yaml"}, "two": {"fil": "shop.yaml"}}}, "scenarios.two.file"),
        ({"scenarios": {"one": {"file": "shop.yaml"}, "two": {"file": "no.yaml"}}}, "two.file: there is no"),
        ({"set": {"demand.hom.price": 3}}, "set.demand.hom.price: 'hom' is not one of demand; did you mean"),
        ({"set": {"demand.home.price": "x"}}, "set.demand.home.price: found 'x', allowed: a number"),
        ({"set": {"": 3}}, "set.: allowed: path=value"),
        ({"set": {"name": "mine"}}, "set.name: found a name, allowed: none"),
        ({"replications": 3}, "replications: found 3, allowed: 16 or more"),
        ({"replication": 32}, "'replication', which is not a field of a batch; did you mean"),
    ],
)  # fmt: skip
def test_a_plan_that_is_none_is_told(plan, changes, problem):
    with pytest.raises(SimError) as caught:
        batch.prepared(with_plan(plan, **changes))
    assert problem in str(caught.value)
    assert str(caught.value).startswith(f"{plan}:")


def test_scenarios_that_do_not_compare_are_told_before_anything_is_run(plan, tmp_path):
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(random_scenario() | {"currency": "USD"}))
    members = {"one": {"file": "shop.yaml"}, "two": {"file": "other.yaml"}}
    told = call("batch", with_plan(plan, scenarios=members), "--out", tmp_path / "out")
    assert told.exit_code == 2
    assert "found currency" in told.stderr
    assert not (tmp_path / "out").exists()
