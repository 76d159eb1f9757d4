"""What is asked of portfolios, and by how much they miss it."""

import numpy as np
import pytest

from sim.risk.keeping import breaches, keeping
from sim.risk.portfolios import PortfolioValues
from sim.risk.replicated import INDEPENDENT
from sim.scenario.levers import Constraints


def values(result, *, without=100.0, cash=None, outlays=(0.0, 0.0, 0.0), sold=10.0, survived=50.0):
    result = np.asarray(result, dtype=float)
    full = np.full(len(result), float(without))
    return PortfolioValues(
        result=result,
        result_without_shock=full,
        cash=np.array([cash or [0.0] * 3] * 2 * len(result), dtype=float).reshape(-1, 2, 3),
        outlays=np.array(outlays, dtype=float),
        units={"home": np.full(len(result), sold)},
        units_without_shock={"home": np.full(len(result), 10.0)},
        time_to_survive_days=np.broadcast_to(np.asarray(survived, dtype=float), len(result)),
        comes=np.ones(len(result), dtype=bool),
    )


NOTHING = values([80.0] * 20)
LONG = [10.0] + [90.0] * 19


@pytest.mark.parametrize(
    ("asked", "own", "found"),
    [
        ({}, values([0.0] * 20), {}),
        ({"budget": 10}, values([80.0] * 20, without=90.0), {}),
        ({"budget": 10}, values([80.0] * 20, without=85.0), {"budget": 0.5}),
        ({"cash": 10}, values([80.0] * 20, cash=[-30.0, -10.0, 40.0]), {"cash": 2.0}),
        ({"cash": 10}, values([80.0] * 20, cash=[-5.0, 5.0, 40.0], outlays=[5.0, 10.0, 20.0]), {}),
        ({"cash": 10}, values([80.0] * 20, cash=[-5.0, 0.0, 40.0], outlays=[5.0, 15.0, 20.0]), {"cash": 0.5}),
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


def test_each_constraint_is_told_with_its_interval():
    asked = {
        "budget": 10,
        "cash": 10,
        "chance_of_loss": {"above": 30, "at_most": 0.2},
        "service": {"home": 0.9},
        "time_to_survive_days": 20,
    }
    constraints = Constraints.model_validate(asked)
    own = values([60.0] * 5 + [80.0] * 15, without=95.0, cash=[-30.0, 0.0, 0.0], sold=8.0, survived=LONG)
    told = {kept.constraint: kept for kept in keeping(own, NOTHING, constraints, INDEPENDENT)}

    found = {name: kept.found.estimate for name, kept in told.items()}
    expected = {"budget": 5.0, "cash": 30.0, "chance_of_loss": 0.25, "service.home": 0.8}
    assert found == pytest.approx({**expected, "time_to_survive_days": 10.0})
    assert {name for name, kept in told.items() if not kept.is_kept} == set(
        breaches(own, NOTHING, constraints)
    )
    for kept in told.values():
        assert not kept.found.ci_low > kept.found.estimate + 1e-9
        assert not kept.found.ci_high < kept.found.estimate - 1e-9
    chance = told["chance_of_loss"].found
    assert 0.05 < chance.ci_low < 0.2
    assert 0.3 < chance.ci_high < 0.6
    assert np.isnan(told["cash"].found.ci_high)  # Twenty futures hold no upper end of their worst twentieth.


def test_a_maker_that_is_never_short_survives_for_ever():
    asked = Constraints.model_validate({"time_to_survive_days": 20})
    (kept,) = keeping(values([80.0] * 20, survived=np.inf), NOTHING, asked, INDEPENDENT)
    assert kept.is_kept
    assert np.isinf(kept.found.estimate)
