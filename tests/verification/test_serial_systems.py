"""Stages in series under base stocks: what Clark & Scarf's recursion says they cost."""

import pytest

from tests import oracles_theory as theory
from tests.builders import Data, network, told
from tests.verification.estimate import daily_costs, over_time
from tests.verification.tables import ends

CHAPTER = "Serial systems"
DAYS = 8_000
LEAD_TIMES = [2, 1, 1]
ECHELON_COSTS = [2.0, 2.0, 3.0]
PENALTY = 37.12
DEMAND = (5.0, 1.0)
BEST = [22.700237234889784, 12.012332294949644, 6.5144388073261155]
"""Best echelon base stocks of Snyder & Shen, example 6.1, from the first stage to the last."""
PUBLISHED_COST = 47.65


def series_of(kind, echelon_targets, seed):
    """Cost of each day; stage 1 is the first, whose supplier has all it is asked for."""
    stages = len(echelon_targets)
    below = [*echelon_targets[1:], 0.0]
    local = [target - downstream for target, downstream in zip(echelon_targets, below, strict=True)]
    targets = echelon_targets if kind == "echelon_base_stock" else local
    points: Data = {"stage-0": {"firm": "supplier", "item": "part"}}
    lanes: Data = {}
    rate = 0.0
    for stage in range(stages):
        lanes[f"to-{stage + 1}"] = {
            "supplier": f"stage-{stage}",
            "buyer": f"stage-{stage + 1}",
            "lead_time_days": LEAD_TIMES[stage],
            "in_transit_cost_per_unit_day": rate,
        }
        rate += ECHELON_COSTS[stage]
        points[f"stage-{stage + 1}"] = {
            "firm": "maker",
            "item": "part",
            "policy": {"kind": kind, "units": targets[stage]},
            "initial_on_hand": max(0.0, local[stage]),
            "holding_cost_per_unit_day": rate,
        }
    points[f"stage-{stages}"]["backorder_cost_per_unit_day"] = PENALTY
    demand = {
        "home": {
            "stock_point": f"stage-{stages}",
            "market": "home",
            "mean_per_day": DEMAND[0],
            "process": "normal",
            "dispersion": DEMAND[1] ** 2 / DEMAND[0],
            "price": 1.0,
        }
    }
    return daily_costs(told(network(DAYS, stock_points=points, lanes=lanes, demand=demand), seed))


def test_the_oracle_meets_the_published_cost():
    assert theory.serial_cost(BEST, LEAD_TIMES, (ECHELON_COSTS, PENALTY), DEMAND) == pytest.approx(
        PUBLISHED_COST, abs=0.02
    )


@pytest.mark.parametrize("kind", ["base_stock", "echelon_base_stock"])
def test_the_best_base_stocks_cost_what_was_published(verify, root_seed, kind):
    verify(
        case=f"example 6.1, best levels as {kind}, cost a day",
        source="Clark & Scarf 1960; Snyder & Shen, example 6.1 (published 47.65)",
        expected=PUBLISHED_COST,
        **over_time(series_of(kind, BEST, root_seed), 100),
    )


@pytest.mark.parametrize(
    "targets", [[20.0, 12.0, 7.0], pytest.param([26.0, 11.0, 6.0], marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("kind", ["base_stock", "echelon_base_stock"])
def test_other_base_stocks_cost_what_the_recursion_says(verify, root_seed, kind, targets):
    verify(
        case=f"example 6.1, levels {targets} as {kind}, cost a day",
        source="Clark & Scarf 1960; Snyder & Shen, 6.2",
        expected=theory.serial_cost(targets, LEAD_TIMES, (ECHELON_COSTS, PENALTY), DEMAND),
        **over_time(series_of(kind, targets, root_seed), 100),
    )


def test_an_echelon_target_below_the_next_stage_s_binds_it(verify, root_seed):
    """Levels 20, 12, 14: stage 3 can never have more in its echelon than stage 2 lets through."""
    verify(
        case="example 6.1, levels [20, 12, 14] as echelon_base_stock, cost a day",
        source="Clark & Scarf 1960; Snyder & Shen, 6.2",
        expected=theory.serial_cost([20.0, 12.0, 14.0], LEAD_TIMES, (ECHELON_COSTS, PENALTY), DEMAND),
        **over_time(series_of("echelon_base_stock", [20.0, 12.0, 14.0], root_seed), 100),
    )


def assembly_of(echelon_targets, seed):
    """A long and a short part, joined and finished: by Rosling's theorem the series of `series_of`.

    The long part is three days under way and the short one a day, so ordering the long one is the first
    stage, which ends two days later; what is then under way, with the short part, is the second.
    """
    long_target, short_target, goods_target = echelon_targets
    long_rate, short_rate, goods_rate = ECHELON_COSTS
    ahead = LEAD_TIMES[0] + LEAD_TIMES[1]
    echelon = {"kind": "echelon_base_stock"}
    data = network(
        DAYS,
        items={"short": {"name": "Short", "unit": "pieces"}},
        stock_points={
            "long-source": {"firm": "supplier", "item": "part"},
            "short-source": {"firm": "supplier", "item": "short"},
            "long": {
                "firm": "maker",
                "item": "part",
                "policy": echelon | {"units": long_target},
                "initial_on_hand": long_target - goods_target,
                "holding_cost_per_unit_day": long_rate,
            },
            "short": {
                "firm": "maker",
                "item": "short",
                "policy": echelon | {"units": short_target, "balanced_with": "long"},
                "initial_on_hand": short_target - goods_target,
                "holding_cost_per_unit_day": short_rate,
            },
            "goods": {
                "firm": "maker",
                "item": "product",
                "policy": {"kind": "base_stock", "units": goods_target},
                "initial_on_hand": goods_target,
                "holding_cost_per_unit_day": long_rate + short_rate + goods_rate,
                "backorder_cost_per_unit_day": PENALTY,
            },
        },
        recipes={
            "assembly": {
                "output": "goods",
                "inputs": {"long": 1.0, "short": 1.0},
                "process_days": LEAD_TIMES[2],
            }
        },
        lanes={
            "long": {
                "supplier": "long-source",
                "buyer": "long",
                "lead_time_days": ahead,
                "in_transit_cost_per_unit_day": long_rate * LEAD_TIMES[1] / ahead,
            },
            "short": {"supplier": "short-source", "buyer": "short", "lead_time_days": LEAD_TIMES[1]},
        },
        demand={
            "home": {
                "stock_point": "goods",
                "market": "home",
                "mean_per_day": DEMAND[0],
                "process": "normal",
                "dispersion": DEMAND[1] ** 2 / DEMAND[0],
                "price": 1.0,
            }
        },
    )
    return told(data, seed)


def work_in_process_cost():
    """A day of the parts of a day's demand, which the simulation does not charge."""
    return sum(ECHELON_COSTS[:2]) * LEAD_TIMES[2] * DEMAND[0]


@pytest.mark.parametrize("targets", ends([BEST, [20.0, 12.0, 7.0], [26.0, 11.0, 6.0]]))
def test_a_balanced_assembly_costs_what_its_series_costs(verify, root_seed, targets):
    shown = [round(target, 2) for target in targets]
    verify(
        case=f"assembly with lead times 3 and 1, balanced echelon levels {shown}, cost a day",
        source="Rosling 1989, theorem 1; Snyder & Shen, 6.3",
        expected=theory.serial_cost(targets, LEAD_TIMES, (ECHELON_COSTS, PENALTY), DEMAND)
        - work_in_process_cost(),
        **over_time(daily_costs(assembly_of(targets, root_seed)), 100),
    )


@pytest.mark.parametrize("targets", [BEST, [20.0, 12.0, 7.0]])
def test_a_balanced_assembly_and_its_series_cost_the_same_under_the_same_demand(verify, root_seed, targets):
    shown = [round(target, 2) for target in targets]
    series = series_of("echelon_base_stock", targets, root_seed)
    assembly = daily_costs(assembly_of(targets, root_seed))
    verify(
        case=f"assembly less its series under the same demand, levels {shown}, cost a day",
        source="Rosling 1989, theorem 1",
        expected=-work_in_process_cost(),
        **over_time(assembly - series, 100),
    )


def test_an_assembly_in_balance_holds_no_part_that_waits_for_the_other(root_seed):
    """Levels 22.7 and 12: at the end of no day is there more of the short part than of the long one."""
    run = assembly_of(BEST, root_seed)
    assert (run.point("short", "on_hand") <= run.point("long", "on_hand") + 1e-9)[20:].all()
