"""Economic order quantities in days: with constant demand, planned backorders, and disrupted supply."""

import math

import numpy as np
import pytest

from tests import oracles_theory as theory
from tests.builders import shop, told
from tests.verification.estimate import daily_costs, over_time
from tests.verification.tables import ends

CHAPTER = "Lot sizes"
FIXED, HOLDING, RATE = 8.0, 0.225, 1300.0
"""Snyder & Shen, example 3.1: cost of an order, holding a unit for a year, demand a year."""
PUBLISHED_LOT, PUBLISHED_COST = 304.0467800264368, 68.41052550594829
COSTS = (30.0, 0.5, 40.0)
"""Disrupted lots: cost of an order, of holding a unit for a day, of losing a customer."""


def lots_of(batch, days, *, rate=10.0, lead_time=1, patience=math.inf, seed=1, interventions=None):
    """Lots ordered when nothing is left; one that comes the next day leaves no day without stock."""
    data = shop(
        days,
        lanes={"parts": {"lead_time_days": lead_time}},
        demand={"home": {"mean_per_day": rate, "patience_days": patience}},
        interventions=interventions or {},
    )
    data["stock_points"]["shelf"] |= {
        "policy": {"kind": "r_Q", "reorder_units": 0.0, "batch_units": float(batch)},
        "initial_on_hand": float(batch),
    }
    data["demand"]["home"]["lost_sale_cost_per_unit"] = COSTS[2]
    data["stock_points"]["shelf"] |= {"order_cost": COSTS[0], "holding_cost_per_unit_day": COSTS[1]}
    return told(data, seed)


def yearly_cost(lot):
    """Of a shop that sells 1 unit in each of the 1300 periods of a year, over whole cycles."""
    run = lots_of(lot, 20 * lot, rate=1.0)
    orders = run.point("shelf", "ordered") > 0.0
    assert not run.stream("home", "backlog").any()
    return float(RATE * FIXED * orders.mean() + HOLDING * run.point("shelf", "on_hand").mean())


@pytest.mark.parametrize("lot", [150, 304, 450])
def test_a_lot_costs_the_square_root_formula_less_half_a_period(verify, lot):
    """At the end of a period stock is (Q - 1) / 2 on average, not Q / 2."""
    verify(
        case=f"EOQ example, Q = {lot}: cost a year",
        source="Snyder & Shen, 3.2, example 3.1, less h / 2 for periods of one unit",
        expected=FIXED * RATE / lot + HOLDING * lot / 2.0 - HOLDING / 2.0,
        simulated=yearly_cost(lot),
    )


def test_the_published_lot_is_the_cheapest_of_its_neighbours(verify):
    costs = {lot: yearly_cost(lot) for lot in (295, 303, 304, 305, 313)}
    assert min(costs, key=costs.__getitem__) == round(PUBLISHED_LOT)
    verify(
        case="EOQ example, cheapest lot: cost a year, with half a period's holding back",
        source="Snyder & Shen, example 3.1 (published 68.4105; lot in whole units)",
        expected=PUBLISHED_COST,
        simulated=costs[304] + HOLDING / 2.0,
        tolerance=1e-4,
    )


@pytest.mark.parametrize(("days_of_lot", "lead_time"), [(8, 3), (5, 4), (12, 2)])
def test_a_lead_time_beyond_the_reorder_point_plans_backorders(verify, days_of_lot, lead_time):
    """Ordered at 0 and arriving L days later: up to L - 1 days of demand wait."""
    cycles, rate = 20, 10.0
    batch = days_of_lot * rate
    run = lots_of(batch, (cycles + 1) * days_of_lot, lead_time=lead_time)
    levels = rate * np.arange(1 - lead_time, days_of_lot - lead_time + 1)
    name = f"EOQ with backorders, lot of {days_of_lot} days, late by {lead_time - 1}"
    for measure, expected, series in (
        ("on hand", np.maximum(levels, 0.0).mean(), run.point("shelf", "on_hand")),
        ("backorders", np.maximum(-levels, 0.0).mean(), run.stream("home", "backlog")),
    ):
        verify(
            case=f"{name}, {measure}",
            source="Snyder & Shen, 3.5, in days",
            expected=float(expected),
            simulated=float(series[days_of_lot:].mean()),
        )


def disrupted_cost(lot, mttf, mttr, seed):
    """Cost of each day where one customer a day is lost if the shelf is empty."""
    run = lots_of(
        lot,
        15_000,
        rate=1.0,
        patience=0,
        seed=seed,
        interventions={
            "outages": {
                "kind": "disruption",
                "title": "Outages",
                "pauses": "orders",
                "date": 0,
                "lanes": {"lanes": ["parts"]},
                "markov": {"mean_days_to_failure": mttf, "mean_days_to_recover": mttr},
            }
        },
    )
    return daily_costs(run)


@pytest.mark.parametrize("lot", [1, 2, 7, 20])
@pytest.mark.parametrize(("fail", "recover"), [(0.05, 0.2), (0.3, 0.5), (0.01, 0.04)])
def test_the_formula_for_disrupted_lots_is_what_the_chain_gives(lot, fail, recover):
    formula = theory.disrupted_lot_cost(lot, (fail, recover), COSTS)
    assert formula == pytest.approx(theory.disrupted_lot_cost_by_chain(lot, (fail, recover), COSTS))


def test_the_formula_for_disrupted_lots_tends_to_the_continuous_one():
    fine = 10_000
    fixed, holding, lost = COSTS
    in_steps = theory.disrupted_lot_cost(
        20 * fine, (0.05 / fine, 0.2 / fine), (fixed, holding / fine**2, lost / fine)
    )
    continuous = theory.disrupted_economic_lot_cost(20.0, (0.05, 0.2), COSTS)
    assert in_steps * fine == pytest.approx(continuous, rel=1e-4)


@pytest.mark.parametrize(
    ("lot", "mttf", "mttr"), ends([(10, 20.0, 5.0), (16, 20.0, 5.0), (25, 60.0, 12.0), (5, 4.0, 2.0)])
)
def test_lots_with_disrupted_supply(verify, root_seed, lot, mttf, mttr):
    probabilities = (1.0 / mttf, 1.0 / mttr)
    cost = theory.disrupted_lot_cost(lot, probabilities, COSTS)
    continuous = theory.disrupted_economic_lot_cost(lot, probabilities, COSTS)
    verify(
        case=f"EOQ with disruptions, Q = {lot}, MTTF {mttf:g}, MTTR {mttr:g}: cost a day "
        f"(continuous formula {continuous:.4f}, in days {cost - continuous:+.4f})",
        source="Parlar & Berkin 1991; Berk & Arreola-Risa 1994; Snyder & Shen, 9.2.1",
        expected=cost,
        **over_time(disrupted_cost(lot, mttf, mttr, root_seed), 100),
    )


@pytest.mark.slow
def test_disruptions_make_larger_lots_worth_while(root_seed):
    probabilities, lots = (1.0 / 20.0, 1.0 / 5.0), range(4, 60)
    best = min(lots, key=lambda lot: theory.disrupted_lot_cost(lot, probabilities, COSTS))
    fixed, holding, _ = COSTS
    square_root = round(np.sqrt(2.0 * fixed / holding))
    assert best > square_root
    cost = {lot: disrupted_cost(lot, 20.0, 5.0, root_seed).mean() for lot in (square_root, best)}
    assert cost[best] < cost[square_root]
