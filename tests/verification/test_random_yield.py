"""Yield drawn for every start."""

import numpy as np
import pytest

from sim.montecarlo.simpy_batch import replicate
from tests.builders import compiled, factory, merged, told
from tests.verification.estimate import over_replications, over_time
from tests.verification.tables import ends

CHAPTER = "Random yield"
DAYS = 8_000
VALUES, WEIGHTS = [0.5, 0.8, 1.0], [1.0, 2.0, 1.0]
YIELD = {"dist": "discrete", "values": VALUES, "weights": WEIGHTS}
CHANCES = np.array(WEIGHTS) / sum(WEIGHTS)
MEAN = float(CHANCES @ VALUES)
VARIANCE = float(CHANCES @ (np.array(VALUES) - MEAN) ** 2)


def plenty(days, **changes):
    base = factory(days, recipes={"assembly": {"yield_share": YIELD}})
    base["stock_points"]["parts"] |= {"policy": {"kind": "base_stock", "units": 1e6}, "initial_on_hand": 1e6}
    return merged(base, changes)


@pytest.mark.parametrize("process_days", [0, 2])
def test_good_units_of_a_start(verify, root_seed, process_days):
    data = plenty(DAYS, recipes={"assembly": {"process_days": process_days}})
    run = told(data, root_seed)
    started, good = run.point("goods", "started"), run.point("goods", "produced")
    pairs = (started[: DAYS - process_days], good[process_days:])
    some = pairs[0] > 0.0
    share = pairs[1][some] / pairs[0][some]
    name = f"yield 0.5, 0.8 or 1, {process_days} days of work"
    verify(case=f"{name}, mean", source="moments of the yield", expected=MEAN, **over_time(share, 10))
    verify(
        case=f"{name}, variance",
        source="moments of the yield",
        expected=VARIANCE,
        **over_time((share - MEAN) ** 2, 10),
    )


@pytest.mark.parametrize("ordered", ends([10.0, 14.0, 20.0]))
def test_a_single_period_with_random_yield(verify, root_seed, ordered):
    """A newsvendor of known demand 10 who starts Q units and gets a random share of them."""
    data = plenty(
        1,
        stock_points={"goods": {"policy": {"kind": "none"}, "initial_on_hand": 0.0}},
        recipes={"assembly": {"initial_waiting": ordered}},
        demand={"home": {"patience_days": 0}},
    )
    data["stock_points"]["goods"]["policy"] = {"kind": "none"}
    plan = compiled(data)
    costs = []
    for replication in range(500):
        ledger = replicate(plan, root_seed, replication).scenario.ledger
        left = ledger.points.on_hand[0, plan.labels.points.index("goods")]
        costs.append(left + 4.0 * ledger.streams.lost[0, 0])
    over = np.array(VALUES) * ordered - 10.0
    verify(
        case=f"one period, demand 10, {ordered:g} started, cost",
        source="Yano & Lee 1995; Snyder & Shen, 9.3",
        expected=float(CHANCES @ (np.maximum(over, 0.0) + 4.0 * np.maximum(-over, 0.0))),
        **over_replications(costs),
    )
