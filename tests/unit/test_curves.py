"""Risk measures and survival curves as tables."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.risk.curves import LEVELS, THRESHOLDS, _curve, risk_measures
from tests.builders import compiled, shop


def test_risk_measures_of_a_ladder_of_losses():
    losses = np.arange(1, 1001) / 1000
    table = risk_measures(compiled(shop(5)), pd.DataFrame({"maker": "maker", "loss_share": losses}))
    found = table.set_index(["measure", "level"])["estimate"]
    assert [found["value_at_risk", level] for level in LEVELS] == [0.9, 0.95, 0.99]
    assert [found["expected_shortfall", level] for level in LEVELS] == pytest.approx([0.9505, 0.9755, 0.9955])
    expected = [1.0 - threshold for threshold in THRESHOLDS]
    assert [found["probability_of_more", threshold] for threshold in THRESHOLDS] == pytest.approx(expected)
    assert (table["ci_low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["ci_high"]).all()


def test_a_survival_curve_by_hand():
    """Of six, one is reached on day 0, two on day 3 and one on day 8; one is lost from sight on day 5."""
    days = np.array([0.0, 3.0, 3.0, np.nan, 8.0, np.nan])
    curve = _curve(days, np.array([9, 9, 9, 5, 9, 9]))
    shares = dict(zip(curve["day"], curve["share"], strict=True))
    assert shares == pytest.approx(
        {0.0: 5 / 6, 3.0: 3 / 6, 5.0: 3 / 6, 8.0: 3 / 6 * 1 / 2, 9.0: 3 / 6 * 1 / 2}
    )


@pytest.mark.parametrize(("days", "reached"), [(np.full(4, np.nan), 0), (np.full(4, 2.0), 4)])
def test_where_all_or_none_are_reached_the_interval_is_that_of_a_share(days, reached):
    curve = _curve(days, np.full(4, 9)).iloc[-1]
    expected = stats.binomtest(4 - reached, 4).proportion_ci(0.95)
    assert curve["share"] == 1.0 - reached / 4
    assert (curve["ci_low"], curve["ci_high"]) == pytest.approx((expected.low, expected.high))


def test_without_censoring_the_interval_of_each_day_is_that_of_a_share():
    days = np.random.default_rng(1).integers(0, 20, 50).astype(float)
    curve = _curve(days, np.full(50, 30))
    for row in curve.itertuples():
        expected = stats.binomtest(int((days > row.day).sum()), 50).proportion_ci(0.95)
        assert (row.ci_low, row.ci_high) == pytest.approx((expected.low, expected.high))


def test_censoring_makes_the_interval_wider():
    days = np.arange(1.0, 41.0)
    seen = _curve(days, np.full(40, 99)).set_index("day").loc[30.0]
    early = np.where(days % 2 == 0, days, np.nan)
    censored = _curve(early, np.where(days % 2 == 0, 99, 5)).set_index("day").loc[30.0]
    assert censored["ci_high"] - censored["ci_low"] > seen["ci_high"] - seen["ci_low"]


def test_one_future_has_no_interval():
    curve = _curve(np.array([3.0]), np.array([9]))
    assert curve[["ci_low", "ci_high"]].isna().all(axis=None)
