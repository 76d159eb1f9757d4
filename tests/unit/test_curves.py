"""Risk measures and survival curves as tables."""

import numpy as np
import pandas as pd
import pytest

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


@pytest.mark.parametrize("days", [np.full(4, np.nan), np.full(4, 2.0)])
def test_where_all_or_none_are_reached_there_is_no_interval(days):
    curve = _curve(days, np.full(4, 9))
    assert curve["share"].iloc[-1] == float(np.isnan(days[0]))
    assert curve["ci_low"].isna().all()
