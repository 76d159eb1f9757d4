"""Several recipes for one output, and hours that products share, against theory and tables by hand."""

import numpy as np
import pytest
from scipy.optimize import linprog

from tests import oracles_theory as theory
from tests.builders import network, told
from tests.day.test_day_recipes import FULL, PLAIN, mix, recorders, shared_line, started
from tests.unit.test_attribution import blame
from tests.verification.estimate import daily_costs, over_time
from tests.verification.tables import ends

CHAPTER = "Alternative recipes"
DAYS, WARM_UP = 15_000, 200
MTTF, MTTR = 8.0, 3.0
HOLDING, PENALTY = 1.0, 15.0
BY_HAND = "arithmetic by hand"


@pytest.mark.parametrize("rerouted", ends([0.25, 0.5, 0.75]))
def test_what_the_reliable_recipe_can_make_is_rerouted(verify, root_seed, rerouted):
    """Tomlin's two suppliers as two recipes: the first fails, the second has a part of its volume."""
    units = 3
    data = network(
        DAYS,
        stock_points={
            "ore": {"firm": "maker", "item": "part"},
            "shelf": {
                "firm": "maker",
                "item": "product",
                "policy": {"kind": "base_stock", "units": float(units)},
                "sourcing": "rank",
                "holding_cost_per_unit_day": HOLDING,
                "backorder_cost_per_unit_day": PENALTY,
            },
        },
        recipes={
            "cheap": {"output": "shelf", "inputs": {"ore": 1.0}, "process_days": 1},
            "dear": {
                "output": "shelf",
                "inputs": {"ore": 1.0},
                "process_days": 1,
                "rank": 2,
                "capacity_per_day": rerouted,
            },
        },
        demand={
            "home": {
                "stock_point": "shelf",
                "market": "home",
                "mean_per_day": 1.0,
                "process": "constant",
                "price": 1.0,
            }
        },
        interventions={
            "outages": {
                "kind": "capacity_loss",
                "title": "Outages",
                "date": 0,
                "covers": {"recipes": ["cheap"]},
                "markov": {"mean_days_to_failure": MTTF, "mean_days_to_recover": MTTR},
            }
        },
    )
    verify(
        case=f"one recipe fails, MTTF 8, MTTR 3, S = 3, {rerouted:.0%} of demand by another, cost a day",
        source="Tomlin 2006, contingent rerouting with volume flexibility",
        expected=theory.disrupted_base_stock_cost(
            units, (1.0 / MTTF, 1.0 / MTTR), (HOLDING, PENALTY), rerouted
        ),
        **over_time(daily_costs(told(data, root_seed)), WARM_UP),
    )


def test_the_better_recipe_makes_what_its_part_allows(verify):
    run = told(recorders())
    for line, units in ((FULL, 90.0), (PLAIN, 110.0)):
        verify(
            case=f"40 disks, a ban, 20 days: {line}",
            source=BY_HAND,
            expected=units,
            simulated=sum(started(run, line)),
            tolerance=1e-9,
        )


def test_the_part_that_is_short_pays_for_the_lesser_recipe(verify):
    data = recorders(stock_points={"goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0}})
    verify(
        case="11 days without disks, 24 % less for 10 recorders at 5: charged to the lane of the disks",
        source=BY_HAND,
        expected=132.0,
        simulated=blame(data)["lane disks"],
        tolerance=1e-9,
    )


@pytest.mark.parametrize(("capacity", "lost"), [(0.4, 6.0), (0.7, 3.0), (1.0, 0.0)])
def test_a_mix_loses_what_nothing_stands_in_for(verify, capacity, lost):
    """60 % of 10 a day need the part, of which there is none any more."""
    run = told(mix(calendar={"days": 60}, recipes={"plain": {"capacity_share_of_usage": capacity}}))
    verify(
        case=f"a mix of 60 % and 40 %, no part for the 60 %, the 40 % up to {capacity:.0%}: lost a day",
        source=BY_HAND,
        expected=lost,
        simulated=run.stream("home", "lost")[-1],
        tolerance=1e-9,
    )


@pytest.mark.parametrize("hours", [4.0, 7.5, 12.0, 20.0])
def test_a_line_that_two_products_share_earns_what_a_program_earns(verify, hours):
    """By priority for the product that earns more an hour."""
    first = {"recipes": {"assembly": {"priority": 1}, "other": {"priority": 2}}}
    run = told(shared_line(hours, stock_points={"line": {"allocation": "priority"}}, **first))
    best = linprog([-5.0, -5.0], A_ub=np.array([[0.5, 1.0]]), b_ub=[hours], bounds=[(0, 10), (0, 10)])
    verify(
        case=f"0.5 and 1 hour a unit, 10 of each wanted, {hours:g} hours: sales a day",
        source="linear program",
        expected=-best.fun,
        simulated=5.0 * (run.stream("home", "shipped")[-1] + run.stream("others", "shipped")[-1]),
        tolerance=1e-9,
    )
