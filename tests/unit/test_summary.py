"""The headline measures: plain data that JSON can hold."""

import json

import numpy as np
import pytest

from sim.montecarlo.batch import run_batch
from sim.risk.outcomes import measure, stack
from sim.risk.summary import distribution, summarise, window_key
from sim.risk.tables import tables_of
from tests.builders import ban, compiled, read, shop


def summary_of(data, replications=5):
    plan = compiled(data)
    outcomes = stack(run_batch(plan, measure, seed=3, replications=replications, workers=1))
    scenario = read(data)
    return summarise(scenario, plan, outcomes, tables_of(scenario, plan, outcomes), 3)


def banned():
    return shop(
        60,
        demand={"home": {"patience_days": 0}},
        interventions={"ban": ban(5)},
        analysis={"window_days": 30},
    )


@pytest.mark.parametrize(
    ("days", "key"), [(365, "12m"), (366, "12m"), (30, "1m"), (100, "100d"), (1, "1d"), (91, "3m")]
)
def test_windows_of_whole_months_are_named_by_them(days, key):
    assert window_key(days) == key


def test_the_headline_of_a_certain_loss():
    summary = summary_of(banned())
    maker = summary["makers"]["maker"]
    assert summary["window"] == {"days": 30, "shock": "ban", "shock_date": "2021-01-06"}
    assert maker["loss_1m"]["mean"]["estimate"] == 400.0  # 20 of 30 days without sales
    assert maker["loss_share_1m"]["var95"]["estimate"] == pytest.approx(2 / 3)
    assert maker["revenue_counterfactual_1m"]["estimate"] == 600.0
    assert maker["first_lost_sales_days"]["p50"] == 10.0
    assert maker["first_lost_sales_days"]["share_never"] == 0.0
    assert maker["time_to_adapt_days"]["p50"] is None
    assert maker["time_to_adapt_days"]["share_not_recovered"] == 1.0
    assert maker["components"] == [{"component": "part", "mean_loss": 400.0, "share_of_loss": 1.0}]


def test_it_is_strict_json():
    summary = summary_of(banned())
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_without_a_shock_there_is_no_loss():
    summary = summary_of(shop(30))
    maker = next(iter(summary["makers"].values()))
    share = next(value for key, value in maker.items() if key.startswith("loss_share_"))
    assert summary["window"]["shock"] is None
    assert {estimate["estimate"] for estimate in share.values()} == {0.0}
    assert maker["first_lost_sales_days"] == {"p05": None, "p50": None, "p95": None, "share_never": 1.0}


def test_measures_are_in_order():
    found = distribution(np.random.default_rng(1).exponential(size=400))
    estimates = [found[name]["estimate"] or 0.0 for name in ("p05", "p50", "p95", "es95")]
    assert estimates == sorted(estimates)
    assert found["p95"] == found["var95"]
