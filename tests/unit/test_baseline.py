"""A broken baseline is told: by ``validate`` from the plan, by ``run`` and its report from what came out."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cli import main
from sim.model.baseline import baseline_cautions, listed
from sim.model.compile import prepare
from sim.montecarlo.simpy_batch import replicate
from sim.scenario.schema import Scenario
from sim.stories import study
from sim.stories.study import STUDY
from tests.builders import compiled, day, factory, shop

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"


def cautions(data: dict[str, Any]) -> dict[str, str]:
    found = baseline_cautions(Scenario.model_validate(data), compiled(data))
    return {caution.path: caution.message for caution in found}


def of_case(name: str) -> dict[str, str]:
    return {caution.path: caution.message for caution in baseline_cautions(*prepare(CASES / f"{name}.yaml"))}


# ------------------------------------------------------------------ the cases that went wrong


def test_a_capacity_below_demand_is_told():
    assert of_case("lowcap") == {
        "stock_points.fab-chips": "can give 50 a day, of 100 wanted in the loss window (50%); "
        "raise its capacity_per_day, lower demand, or add a supplier"
    }


def test_a_cover_below_the_lead_time_is_told():
    assert of_case("shortcover") == {
        "stock_points.chips.policy": "stock and orders cover 20 days of planned usage, but it is filled "
        "again after 30 (30 of lead time); raise cover_days or units, which count what is under way, here or "
        "at its suppliers"
    }


def test_a_scenario_without_shock_is_told():
    (told,) = of_case("noshock").items()
    assert told[0] == "interventions"
    assert "none is marked as shock" in told[1]
    assert "write 'shock: true'" in told[1]


@pytest.mark.parametrize("case", ["lowcap", "shortcover", "noshock"])
def test_validate_warns_and_is_content(case: str):
    result = CliRunner().invoke(main, ["validate", str(CASES / f"{case}.yaml")])
    assert result.exit_code == 0
    assert "can be run, but see the warnings" in result.stdout
    (path,) = of_case(case)
    assert f"warning: {path}: " in result.stderr


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda file: file.stem)
def test_our_scenarios_have_a_working_baseline(file: Path):
    assert baseline_cautions(*prepare(file)) == []


@pytest.mark.parametrize(("case", "served"), [("lowcap", "50%"), ("shortcover", "72%")])
def test_what_the_counterfactual_serves_is_told_by_the_run_its_summary_and_its_report(
    case: str, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """By hand: half of demand for lowcap. For shortcover stock and orders of 20 days must last for 30."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["run", str(CASES / f"{case}.yaml"), "-n", "4", "--out", "out"])
    assert result.exit_code == 0
    sentence = f"firms.radio: without the shock only {served} of its customers' demand, by value, is served"
    assert f"warning: {sentence}" in result.stderr
    assert result.stderr.count("warning: ") == 2
    warnings = json.loads((tmp_path / "out" / "summary.json").read_text())["warnings"]
    assert [warning["path"] for warning in warnings] == [*of_case(case), "firms.radio"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<code>firms.radio</code>: without the shock only" in page


def test_a_working_baseline_has_no_box_in_the_report():
    finished = study.run(ROOT / "scenarios" / "first-scenario.yaml", replications=4, workers=1)
    assert finished.findings.summary["warnings"] == []
    assert 'class="warnings"' not in STUDY.render(finished.findings)


def test_the_sentence_about_sources_counts_bare_numbers():
    finished = study.run(CASES / "noshock.yaml", replications=2, workers=1)
    assert finished.findings.summary["numbers"] == {"all": 8, "cited": 0, "assumed": 0, "silent": 8}
    page = STUDY.render(finished.findings)
    assert "The scenario gives 8 numbers: 0 with a source, 0 marked as assumptions, 8 with neither." in page
    assert "7 numbers without a source" in page


# ------------------------------------------------------------------ each sign by itself


def ban(**changes: Any) -> dict[str, Any]:
    fields = {"kind": "export_ban", "title": "Ban", "date": day(10), "shock": True, "covers": {}}
    return {name: value for name, value in (fields | changes).items() if value is not None}


def banned(days: int = 400, **data: Any) -> dict[str, Any]:
    return shop(days, **({"interventions": {"ban": ban()}} | data))


def test_a_shop_with_a_ban_is_fine():
    assert cautions(banned()) == {}


def test_a_source_that_gives_just_what_is_wanted_is_fine():
    usage = cautions(banned(stock_points={"source": {"capacity_per_day": 10.0}}))
    assert usage == {}


def test_lanes_that_bring_too_little_are_told_at_the_buyer():
    (told,) = cautions(banned(lanes={"parts": {"capacity_per_day": 4.0}})).items()
    assert told[0] == "stock_points.shelf"
    assert told[1].startswith("its lanes can bring 4 a day, of 10 wanted")


def test_capacity_as_a_share_of_usage_counts():
    (told,) = cautions(banned(lanes={"parts": {"capacity_share_of_usage": 0.5}})).values()
    assert "its lanes can bring 5 a day, of 10 wanted in the loss window (50%)" in told


def test_cover_must_last_until_orders_reach_suppliers():
    (told,) = cautions(banned(lanes={"parts": {"order_lead_time_days": 8.0}})).values()
    assert "cover 10 days of planned usage, but it is filled again after 11" in told
    assert "(3 of lead time and 8 until orders reach suppliers)" in told


def test_a_supplier_that_is_asked_for_less_than_its_lane_carries_is_fine():
    """What the lane cannot bring is told of the lane, not of the supplier as well."""
    found = cautions(
        banned(lanes={"parts": {"capacity_per_day": 4.0}}, stock_points={"source": {"capacity_per_day": 5.0}})
    )
    assert list(found) == ["stock_points.shelf"]


@pytest.mark.parametrize(
    ("policy", "lead_time_days", "is_told"),
    [
        ({"kind": "base_stock", "cover_days": 5}, 5, False),
        ({"kind": "base_stock", "cover_days": 4}, 5, True),
        ({"kind": "base_stock", "units": 50}, 5, False),
        ({"kind": "base_stock", "units": 49}, 5, True),
        ({"kind": "base_stock", "cover_days": 5, "review_days": 7}, 5, True),
        ({"kind": "base_stock", "cover_days": 11, "review_days": 7}, 5, False),
        ({"kind": "s_S", "reorder_cover_days": 4, "cover_days": 50}, 5, True),
        ({"kind": "s_S", "reorder_cover_days": 5, "cover_days": 50}, 5, False),
        ({"kind": "s_S", "reorder_cover_days": 4, "cover_days": 5}, 5, False),
        ({"kind": "r_Q", "reorder_units": 40, "batch_units": 500}, 5, True),
        ({"kind": "r_Q", "reorder_units": 50, "batch_units": 500}, 5, False),
        ({"kind": "base_stock", "cover_days": 0}, 0, False),
    ],
)
def test_the_level_at_which_is_ordered_must_last_for_lead_time_and_review(
    policy: dict[str, Any], lead_time_days: int, is_told: bool
):
    data = banned(lanes={"parts": {"lead_time_days": lead_time_days}})
    data["stock_points"]["shelf"]["policy"] = policy
    assert ("stock_points.shelf.policy" in cautions(data)) == is_told


@pytest.mark.parametrize(
    ("parts", "goods", "told"),
    [
        (60.0, 0.0, ""),
        (0.0, 30.0, ""),
        (0.0, 20.0, "stock and orders cover 2 days of planned usage, but it is filled again after 3"),
        (20.0, 10.0, "cover 1 day of planned usage, but it is filled again after 2 (2 until suppliers have"),
    ],
)
def test_stock_may_lie_anywhere_on_the_way_to_the_customers(parts: float, goods: float, told: str):
    """Parts take 3 days, 20 are used a day for 10 goods; making takes none."""
    data = factory(400, interventions={"ban": ban()})
    data["stock_points"]["parts"]["policy"]["units"] = parts
    data["stock_points"]["goods"]["policy"]["units"] = goods
    found = cautions(data)
    assert told in found.get("stock_points.goods.policy", "")
    assert bool(told) == bool(found)
    path = replicate(compiled(data), 1, 0).counterfactual
    assert bool(told) == (path.ledger.streams.backlog[300, 0] > 0.0)


LEVELS = st.one_of(
    st.builds(lambda days: {"kind": "base_stock", "cover_days": days}, st.integers(0, 7)),
    st.builds(
        lambda low, more: {"kind": "s_S", "reorder_cover_days": low, "cover_days": low + more},
        st.integers(0, 7),
        st.integers(0, 4),
    ),
    st.builds(
        lambda days, batch: {"kind": "r_Q", "reorder_cover_days": days, "batch_units": batch},
        st.integers(0, 7),
        st.sampled_from([1, 20, 50]),
    ),
)
POLICIES = st.builds(lambda level, days: {**level, "review_days": days}, LEVELS, st.integers(1, 3))


@settings(max_examples=40)
@given(parts=POLICIES, goods=POLICIES, lead_time_days=st.integers(0, 5), process_days=st.integers(0, 2))
def test_where_customers_wait_though_every_day_is_as_planned_it_is_told(
    parts: dict[str, Any], goods: dict[str, Any], lead_time_days: int, process_days: int
):
    data = factory(160, interventions={"ban": ban(date=day(150))}, analysis={"window_days": 10})
    data["lanes"]["parts"]["lead_time_days"] = lead_time_days
    data["recipes"]["assembly"]["process_days"] = process_days
    data["stock_points"]["parts"]["policy"], data["stock_points"]["goods"]["policy"] = parts, goods
    waits = replicate(compiled(data), 1, 0).counterfactual.ledger.streams.backlog[80:140, 0].max()
    assert waits < 1e-6 or "stock_points.goods.policy" in cautions(data)


def test_a_calendar_that_ends_soon_after_the_shock_is_told():
    data = banned(100)
    assert cautions(data)["calendar"].startswith("the calendar ends 90 days after the shock")
    assert cautions(data | {"analysis": {"window_days": 90}}) == {}


def test_a_window_before_anything_happens_is_told():
    talks = {"kind": "licence", "title": "Talks", "date": day(5), "shock": True, "relieves": ["ban"]}
    data = banned(600, interventions={"talks": talks, "ban": ban(date=day(250))}, analysis={"shock": "talks"})
    assert "come before anything of the shock" in cautions(data)["analysis"]


def test_a_window_after_everything_is_told():
    early = ban(end=day(20))
    lifting = {"kind": "lifting", "title": "Talks", "date": day(30), "shock": True, "lifts": ["ban"]}
    data = banned(600, interventions={"ban": early, "talks": lifting}, analysis={"shock": "talks"})
    assert cautions(data)["analysis"].startswith("all of the shock has ended")


def test_a_long_list_is_cut():
    found = baseline_cautions(*prepare(CASES / "lowcap.yaml")) * 12
    assert listed(found)[9:] == [str(found[0]), "and 2 more of the kind"]
