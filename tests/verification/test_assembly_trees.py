"""An assembly tree in balance is a series: Rosling (1989), figure 1, whole.

Item 1 is sold. It is made of 2 and 3, 3 of 4, 2 of 5, and 4 of 6 and 7. An item keeps pace with the one
that has the next longer way to the customer, wherever in the tree that stands.
"""

from itertools import pairwise

import numpy as np
import pytest

from tests import oracles_theory as theory
from tests.builders import Data, network, told
from tests.verification.estimate import over_time

CHAPTER = "Assembly trees"
DAYS = 6_000
MEAN, SD = 5.0, 1.0
PENALTY = 40.0
USED_FOR = {2: 1, 3: 1, 4: 3, 5: 2, 6: 4, 7: 4}
LEAD_TIMES = {1: 1, 2: 1, 3: 3, 4: 2, 5: 4, 6: 1, 7: 2}
BALANCED_WITH = {2: 3, 5: 6, 6: 7}
"""The next longer; 1, 3 and 4 have theirs among what they are made of, and 4 is as long as 5."""
ECHELON_COSTS = {1: 3.0, 2: 1.0, 3: 2.0, 4: 1.0, 5: 2.0, 6: 1.0, 7: 2.0}
WAY_DAYS = {1: 1, 2: 2, 3: 4, 4: 6, 5: 6, 6: 7, 7: 8}
"""Lead times of an item and of all that it is used for, added up."""
SERIES = ((7,), (6,), (4, 5), (3,), (2,), (1,))
"""The stages: items in order of these ways, the longest first."""


def tree_of(levels, seed):
    """Every day of the tree with echelon base stocks by item."""
    points: Data = {f"source-{item}": {"firm": "supplier", "item": f"item-{item}"} for item in (5, 6, 7)}
    for item, level in levels.items():
        used_for = USED_FOR.get(item)
        policy = {"kind": "echelon_base_stock", "units": level}
        if item in BALANCED_WITH:
            policy["balanced_with"] = f"stock-{BALANCED_WITH[item]}"
        points[f"stock-{item}"] = {
            "firm": "maker",
            "item": f"item-{item}",
            "policy": policy,
            "initial_on_hand": level if used_for is None else max(0.0, level - levels[used_for]),
        }
    made = set(USED_FOR.values())
    data = network(
        DAYS,
        items={f"item-{item}": {"name": f"Item {item}", "unit": "pieces"} for item in LEAD_TIMES},
        stock_points=points,
        recipes={
            f"make-{item}": {
                "output": f"stock-{item}",
                "inputs": {f"stock-{part}": 1.0 for part, whole in USED_FOR.items() if whole == item},
                "process_days": LEAD_TIMES[item],
            }
            for item in made
        },
        lanes={
            f"lane-{item}": {
                "supplier": f"source-{item}",
                "buyer": f"stock-{item}",
                "lead_time_days": LEAD_TIMES[item],
            }
            for item in LEAD_TIMES
            if item not in made
        },
        demand=demand_at("stock-1"),
    )
    return told(data, seed)


def demand_at(point):
    return {
        "home": {
            "stock_point": point,
            "market": "home",
            "mean_per_day": MEAN,
            "process": "normal",
            "dispersion": SD**2 / MEAN,
            "price": 1.0,
        }
    }


def cost_of(run):
    """Echelon holding costs and backorders of each day.

    In the series an item is charged from where the next shorter way begins, in the tree from its own stock,
    which it reaches later: the difference is a constant, the demand of so many days.
    """
    backlog = run.stream("home", "backlog")
    level = {1: run.point("stock-1", "on_hand") - backlog}
    for item, whole in USED_FOR.items():
        level[item] = (
            run.point(f"stock-{item}", "on_hand") + run.point(f"stock-{whole}", "wip") + level[whole]
        )
    cost = (PENALTY + sum(ECHELON_COSTS.values())) * backlog
    shorter = dict.fromkeys(SERIES[-1], 0)
    for longer, stage in pairwise(SERIES):
        shorter |= dict.fromkeys(longer, WAY_DAYS[stage[0]])
    for item, charge in ECHELON_COSTS.items():
        days_less = shorter[item] - WAY_DAYS.get(USED_FOR.get(item, 0), 0)
        cost = cost + charge * (level[item] + MEAN * days_less)
    return cost


def cost_of_series(levels):
    stages = [items[0] for items in SERIES]
    ways = [WAY_DAYS[item] for item in stages] + [0]
    return theory.serial_cost(
        [levels[item] for item in stages],
        [longer - shorter for longer, shorter in pairwise(ways)],
        ([sum(ECHELON_COSTS[item] for item in items) for items in SERIES], PENALTY),
        (MEAN, SD),
    )


def series_of(levels, seed):
    """Cost and backlog of each day of the series, a stock for each stage."""
    stages = [(levels[items[0]], sum(ECHELON_COSTS[item] for item in items)) for items in SERIES]
    ways = [WAY_DAYS[items[0]] for items in SERIES] + [0]
    points: Data = {"stage-0": {"firm": "supplier", "item": "part"}}
    lanes: Data = {}
    for number, (longer, shorter) in enumerate(pairwise(ways), start=1):
        level, below = stages[number - 1][0], stages[number][0] if number < len(stages) else 0.0
        points[f"stage-{number}"] = {
            "firm": "maker",
            "item": "part",
            "policy": {"kind": "echelon_base_stock", "units": level},
            "initial_on_hand": max(0.0, level - below),
        }
        lanes[f"to-{number}"] = {
            "supplier": f"stage-{number - 1}",
            "buyer": f"stage-{number}",
            "lead_time_days": longer - shorter,
        }
    last = len(stages)
    data = network(DAYS, stock_points=points, lanes=lanes, demand=demand_at(f"stage-{last}"))
    run = told(data, seed)
    backlog = run.stream("home", "backlog")
    cost = (PENALTY + sum(ECHELON_COSTS.values())) * backlog
    net = -backlog
    for number in range(last, 0, -1):
        net = net + run.point(f"stage-{number}", "on_hand")
        cost = cost + stages[number - 1][1] * net
        net = net + run.lane(f"to-{number}", "in_transit")
    return cost, backlog


def levels_with(spare):
    return {item: MEAN * days + spare * SD * np.sqrt(days) for item, days in WAY_DAYS.items()}


@pytest.mark.parametrize("spare", [0.6, 1.2])
def test_rosling_s_figure_1_costs_what_its_series_costs(verify, root_seed, spare):
    levels = levels_with(spare)
    tree = tree_of(levels, root_seed)
    cost, backlog = series_of(levels, root_seed)
    case = f"Rosling 1989, figure 1, levels {spare} standard deviations above mean demand"
    source = "Rosling 1989, theorem 1; Clark & Scarf 1960"
    verify(
        case=f"{case}, cost a day",
        source=source,
        expected=cost_of_series(levels),
        **over_time(cost_of(tree), 100),
    )
    verify(
        case=f"{case}, less its series under the same demand, cost a day",
        source=source,
        expected=0.0,
        **over_time(cost_of(tree) - cost, 100),
    )
    np.testing.assert_allclose(tree.stream("home", "backlog")[20:], backlog[20:], atol=1e-9)


def test_without_balance_parts_wait_for_each_other(root_seed, monkeypatch):
    levels = levels_with(0.6)
    balanced = tree_of(levels, root_seed)
    monkeypatch.setattr(f"{__name__}.BALANCED_WITH", {})
    alone = tree_of(levels, root_seed)
    assert cost_of(alone)[20:].mean() > cost_of(balanced)[20:].mean() + 1.0
    for item in (2, 5, 6):
        assert (
            alone.point(f"stock-{item}", "on_hand").mean() > balanced.point(f"stock-{item}", "on_hand").mean()
        )
