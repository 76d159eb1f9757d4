"""Two sources: dual index and tailored base surge against the chains that they are.

Orders of a day see its demand, so a lane of l + 1 days is a lead time of l where theory orders before demand.
"""

import numpy as np
import pytest

from tests import oracles_theory as theory
from tests.builders import network, told
from tests.verification.estimate import over_time

CHAPTER = "Two sources"
DAYS = 18_000
UNIFORM = np.full(5, 0.2)
"""Demand of 0 to 4, each equally likely."""
PREMIUM, HOLDING, PENALTY = 20.0, 5.0, 495.0
COSTS = (PREMIUM, HOLDING, PENALTY)
PUBLISHED_LATE_BY = 2
BEST = (4, 9)
BEST_COST = 23.37
"""What a simulation of our own found for the best levels, before the model had the policy."""


def run_of(policy, late_by, seed, *, expedited_days=0):
    """Every day of a shelf with a regular lane that takes `late_by` days longer than the expedited one."""
    data = network(
        DAYS,
        stock_points={
            "far": {"firm": "supplier", "item": "part"},
            "near": {"firm": "supplier", "item": "part"},
            "shelf": {
                "firm": "maker",
                "item": "part",
                "policy": {"regular": "slow", "expedited": "fast"} | policy,
                "initial_on_hand": 4.0,
            },
        },
        lanes={
            "fast": {"supplier": "near", "buyer": "shelf", "lead_time_days": expedited_days + 1},
            "slow": {"supplier": "far", "buyer": "shelf", "lead_time_days": expedited_days + 1 + late_by},
        },
        demand={
            "home": {
                "stock_point": "shelf",
                "market": "home",
                "process": "empirical",
                "observations": [0.0, 1.0, 2.0, 3.0, 4.0],
                "price": 1.0,
            }
        },
    )
    return told(data, seed)


def cost_of(run):
    """Premium on what is expedited, holding and backorder costs, of each day."""
    short, on_hand = run.stream("home", "backlog"), run.point("shelf", "on_hand")
    return PREMIUM * run.lane("fast", "ordered") + HOLDING * on_hand + PENALTY * short


def test_the_chain_finds_the_best_levels_and_their_known_cost():
    costs = {
        (soon, whole): theory.dual_index_cost((soon, whole), PUBLISHED_LATE_BY, COSTS, UNIFORM)
        for soon in range(2, 7)
        for whole in range(soon, soon + 8)
    }
    assert min(costs, key=costs.__getitem__) == BEST
    assert costs[BEST] == pytest.approx(BEST_COST, abs=0.05)


@pytest.mark.parametrize(
    ("levels", "late_by"), [(BEST, 2), ((4, 8), 2), pytest.param((4, 12), 4, marks=pytest.mark.slow)]
)
def test_dual_index_costs_what_its_chain_says(verify, root_seed, levels, late_by):
    """Lead times four days apart, whose chain takes ten seconds, are in `make verify`."""
    soon, whole = levels
    policy = {"kind": "dual_index", "expedited_units": float(soon), "units": float(whole)}
    verify(
        case=f"dual index, l = {late_by}, levels {soon} and {whole}, cost a day",
        source="Veeraraghavan & Scheller-Wolf 2008 (c_e = 20, h = 5, b = 495, demand uniform on 0 to 4)",
        expected=theory.dual_index_cost(levels, late_by, COSTS, UNIFORM),
        **over_time(cost_of(run_of(policy, late_by, root_seed)), 200),
    )


@pytest.mark.parametrize(("level", "expedited_days"), [(3, 0), (7, 1)])
def test_tailored_base_surge_has_the_stock_of_its_overshoot(verify, root_seed, level, expedited_days):
    """The net stock is the level and the overshoot, less the demand until what is expedited is there."""
    standing = 1
    policy = {"kind": "tailored_base_surge", "standing_units": float(standing), "units": float(level)}
    run = run_of(policy, 3, root_seed, expedited_days=expedited_days)
    above = theory.overshoot(UNIFORM, standing, most=60).tolist()
    pipeline = theory.sum_of(expedited_days + 1, UNIFORM)
    for measure, expected, series in (
        ("expedited", theory.mean_of(UNIFORM) - standing, run.lane("fast", "ordered")),
        (
            "on hand",
            sum(chance * theory.on_hand(level + units, pipeline) for units, chance in enumerate(above)),
            run.point("shelf", "on_hand"),
        ),
        (
            "backorders",
            sum(chance * theory.backorders(level + units, pipeline) for units, chance in enumerate(above)),
            run.stream("home", "backlog"),
        ),
    ):
        verify(
            case=f"tailored base surge of {standing}, S = {level}, l_e = {expedited_days}: {measure}",
            source="Allon & Van Mieghem 2010; Janakiraman, Seshadri & Sheopuri 2015",
            expected=expected,
            **over_time(series, 200),
        )
