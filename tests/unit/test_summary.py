"""The headline measures: plain data that JSON can hold."""

import json

import numpy as np
import pandas as pd
import pytest

from sim.risk.replicated import INDEPENDENT
from sim.risk.summary import _components, _times, distribution, summarise
from sim.risk.tables import tables_of
from sim.risk.unseen import LOSS_SHARES, unseen_share
from sim.stories import study
from tests.builders import ban, compiled, read, run_batch, shop


def summary_of(data, replications=5):
    plan = compiled(data)
    measured = run_batch(plan, seed=3, replications=replications)
    scenario = read(data)
    tables = tables_of(scenario, plan, measured)
    splits = dict.fromkeys(tables["makers"]["maker"])
    return summarise(scenario, plan, measured, tables, 3, splits=splits)


def banned():
    return shop(
        60,
        demand={"home": {"patience_days": 0}},
        interventions={"ban": ban(5)},
        analysis={"window_days": 30},
    )


def test_the_headline_of_a_certain_loss():
    summary = summary_of(banned())
    maker = summary["makers"]["maker"]
    assert summary["window"] == {"days": 30, "shock": "ban", "shock_date": "2021-01-06"}
    assert maker["loss"]["mean"]["estimate"] == 400.0  # 20 of 30 days without sales
    assert maker["loss_share"]["var95"]["estimate"] == pytest.approx(2 / 3)
    assert maker["revenue_counterfactual"]["estimate"] == 600.0
    assert maker["first_lost_sales_days"]["p50"] == 10.0
    assert maker["first_lost_sales_days"]["share_never"] == 0.0
    assert maker["time_to_adapt_days"]["p50"] is None
    assert maker["time_to_adapt_days"]["share_not_recovered"] == 1.0
    assert maker["components"] == [{"component": "part", "mean_loss": 400.0, "share_of_loss": 1.0}]


def test_tables_and_headline_have_one_definition_of_a_range():
    data = banned()
    data["interventions"]["ban"]["duration_days"] = {"dist": "uniform", "low": 11, "high": 25}
    plan, scenario = compiled(data), read(data)
    measured = run_batch(plan, seed=3, replications=19)  # the 5 % of a sample of 19 lies between two of them
    tables = tables_of(scenario, plan, measured)
    loss = summary_of(data, 19)["makers"]["maker"]["loss"]
    [carried] = tables["attribution"].to_dict("records")
    assert [carried["p05"], carried["p95"]] == [loss["p05"]["estimate"], loss["p95"]["estimate"]]
    losses = set(tables["makers"]["loss"])
    assert carried["p05"] < carried["p95"]
    assert {loss["p05"]["estimate"], loss["p95"]["estimate"]} <= losses


def test_it_is_strict_json():
    summary = summary_of(banned())
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_without_a_shock_there_is_no_loss():
    summary = summary_of(shop(30))
    maker = next(iter(summary["makers"].values()))
    share = maker["loss_share"]
    assert summary["window"]["shock"] is None
    assert {estimate["estimate"] for estimate in share.values()} == {0.0}
    assert maker["first_lost_sales_days"] == {"p05": None, "p50": None, "p95": None, "share_never": 1.0}


def test_measures_are_in_order():
    found = distribution(np.random.default_rng(1).exponential(size=400), INDEPENDENT, LOSS_SHARES)
    estimates = [found[name].estimate for name in ("p05", "p50", "var90", "p95", "es95", "es99")]
    assert estimates == sorted(estimates)
    assert found["p95"] == found["var95"]


def test_it_says_what_was_run():
    summary = summary_of(banned())
    makers = summary.pop("makers")
    summary.pop("window")
    assert makers["maker"]["name"] == "Maker"
    assert summary == {
        "schema_version": 2,
        "scenario": "test",
        "currency": "EUR",
        "replications": 5,
        "weekly_replications": 5,
        "seed": 3,
        "sampling": "sobol",
        "confidence": 0.95,
        "warnings": [],
        "numbers": {"all": 7, "cited": 0, "assumed": 0, "silent": 7},
    }


@pytest.mark.parametrize("days", [1, 29, 31])
def test_its_keys_do_not_depend_on_the_length_of_the_window(days):
    usual, other = banned(), banned()
    other["analysis"] = {"window_days": days}
    found = summary_of(other)
    assert found["window"]["days"] == days
    assert keys_of(found) == keys_of(summary_of(usual))


def keys_of(data, path=""):
    """The path of every key of plain data."""
    if not isinstance(data, dict):
        return {path}
    return {key for name, value in data.items() for key in keys_of(value, f"{path}.{name}")}


def attributed(losses):
    """The table of attribution with one row a component, each of them the fault of one supplier."""
    rows = [{"maker": "maker", "component": name, "mean": loss} for name, loss in losses.items()]
    return pd.DataFrame(rows)


def test_components_come_by_their_loss_and_equal_ones_in_their_own_order():
    equal = [f"part-{99 - index}" for index in range(60)]
    losses = {**dict.fromkeys(equal, 2.0), "most": 6.0}
    found = _components(attributed(losses), "maker")
    assert [row["component"] for row in found] == ["most", *equal]
    assert found[0]["share_of_loss"] == pytest.approx(6.0 / 126.0)


def test_without_a_loss_in_all_components_carry_no_share_of_it():
    found = _components(attributed({"part": 1.0, "demand": -1.0}), "maker")
    assert [row["share_of_loss"] for row in found] == [0.0, 0.0]


def test_a_time_that_never_comes_is_later_than_all_others():
    days = np.array([float(day) for day in range(1, 91)] + [np.nan] * 10)
    assert _times(days) == {"p05": 5.0, "p50": 50.0, "p95": None}
    assert _times(np.arange(1.0, 101.0)) == {"p05": 5.0, "p50": 50.0, "p95": 95.0}


def test_an_estimate_lies_within_its_interval():
    found = distribution(np.random.default_rng(1).exponential(size=400), INDEPENDENT, LOSS_SHARES)
    for name in ("mean", "p05", "p50", "p95", "es95"):
        around = [found[name].ci_low, found[name].estimate, found[name].ci_high]
        assert 0.0 < around[0] < around[1] < around[2]


def test_a_loss_that_is_the_same_in_all_futures_is_known_as_well_as_100_of_them_tell():
    """7 of 100 days without sales; the uncertain numbers are prices of purchases and move nothing."""
    (maker,) = (
        study.run("tests/cases/constant-output.yaml", replications=100).findings.summary["makers"].values()
    )
    found, unseen = maker["loss_share"], unseen_share(100, 0.95)
    mean, shortfall, median = found["mean"], found["es95"], found["p50"]
    assert mean["estimate"] == pytest.approx(0.07)
    assert (mean["ci_low"], mean["ci_high"]) == pytest.approx(
        (0.07 - 0.07 * unseen, 0.07 + 0.93 * unseen), rel=0.02
    )
    assert (shortfall["ci_low"], shortfall["ci_high"]) == pytest.approx(
        (0.07, 0.07 + 0.93 * unseen / 0.05), rel=0.02
    )
    assert (median["ci_low"], median["ci_high"]) == pytest.approx((0.07, 0.07))
    assert maker["replications_for_half_width"]["mean"]["0.001"] > 1000
    assert len(maker["humps"]) == 1
