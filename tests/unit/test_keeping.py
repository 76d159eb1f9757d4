"""What is asked of portfolios, and by how much they miss it."""

import numpy as np
import pytest

from sim.risk.keeping import breaches
from sim.risk.portfolios import PortfolioValues
from sim.scenario.levers import Constraints


def values(result, without=100.0, cash=None, sold=10.0, survived=50.0):
    result = np.asarray(result, dtype=float)
    full = np.full(len(result), float(without))
    return PortfolioValues(
        result=result,
        result_without_shock=full,
        cash_without_shock=full if cash is None else np.full(len(result), float(cash)),
        units={"home": np.full(len(result), sold)},
        units_without_shock={"home": np.full(len(result), 10.0)},
        time_to_survive_days=np.broadcast_to(np.asarray(survived, dtype=float), len(result)),
        comes=np.ones(len(result), dtype=bool),
        typed_cost=0.0,
    )


NOTHING = values([80.0] * 20)
LONG = [10.0] + [90.0] * 19


@pytest.mark.parametrize(
    ("asked", "own", "found"),
    [
        ({}, values([0.0] * 20), {}),
        ({"budget": 10}, values([80.0] * 20, without=90.0), {}),
        ({"budget": 10}, values([80.0] * 20, without=85.0), {"budget": 0.5}),
        ({"cash": 10}, values([80.0] * 20, cash=70.0), {"cash": 2.0}),
        ({"chance_of_loss": {"above": 30, "at_most": 0.2}}, values([60.0] * 4 + [80.0] * 16), {}),
        (
            {"chance_of_loss": {"above": 30, "at_most": 0.2}},
            values([60.0] * 6 + [80.0] * 14),
            {"chance_of_loss": 0.5},
        ),
        ({"service": {"home": 0.8}}, values([80.0] * 20, sold=8.0), {}),
        ({"service": {"home": 0.8}}, values([80.0] * 20, sold=4.0), {"service.home": 0.5}),
        ({"time_to_survive_days": 90}, values([80.0] * 20, survived=LONG), {"time_to_survive_days": 8 / 9}),
        ({"time_to_survive_days": 10}, values([80.0] * 20, survived=LONG), {}),
        ({"time_to_survive_days": 10}, values([80.0] * 20, survived=np.inf), {}),
    ],
)
def test_what_is_missed_is_a_share_of_what_is_asked(asked, own, found):
    assert breaches(own, NOTHING, Constraints.model_validate(asked)) == pytest.approx(found)
