"""What capital and age cost on goods under way and work in process, in both engines."""

from dataclasses import replace

import numpy as np
import pytest

from sim.engines.costing import STOCK_CHANGE
from sim.engines.ledger import Ledger
from sim.engines.spending import COST_KINDS
from sim.montecarlo.compiled_batch import run_blocks
from sim.montecarlo.simpy_batch import replicate
from sim.risk.earnings import accounted
from sim.risk.margins import result_of
from sim.risk.outcomes import Courses, Measured, Outcome
from tests.builders import ban, compiled, day, factory, measured, merged

HOLDING, IN_TRANSIT = COST_KINDS.index("holding"), COST_KINDS.index("in_transit")


def carrying_factory(**changes) -> dict:
    rates = {"capital_rate_per_year": 0.5, "obsolescence_per_year": 0.23}
    base = factory(60, mitigation=rates, recipes={"assembly": {"conversion_cost": 3.0, "process_days": 4}})
    return merged(base, changes)


def costs_of(data: dict) -> tuple[np.ndarray, Ledger]:
    """``[kind]`` costs of the maker without the shock, of both engines alike, and what they are of."""
    plan = accounted(compiled(data))
    twins = replicate(plan, 1, 0)
    readable = measured(twins).outcome.cost[1, :, 0]
    block = run_blocks(plan, seed=1, replications=1, workers=1).outcome["cost"][0, 1, :, 0]
    np.testing.assert_array_equal(block, readable)
    return readable, twins.counterfactual.ledger


def test_goods_under_way_and_work_in_process_carry_what_they_are_worth():
    costs, ledger = costs_of(carrying_factory())
    parts, goods = 1, 2
    points, share = ledger.points, 0.73 / 365.25
    made = points.on_hand[:, goods].sum() + points.wip[:, goods].sum()
    assert points.wip[:, goods].max() >= 40.0
    assert ledger.lanes.in_transit.max() >= 60.0
    assert costs[HOLDING] == pytest.approx(share * (points.on_hand[:, parts].sum() + 5.0 * made))
    assert costs[IN_TRANSIT] == pytest.approx(share * ledger.lanes.in_transit.sum())


def test_what_is_bought_and_cannot_leave_carries_its_price():
    """Shipments pause for ten days: what is set aside is paid, and costs its buyer what it does under way."""
    pause = {
        "kind": "disruption",
        "title": "Strike",
        "date": day(20),
        "duration_days": 10,
        "lanes": {"suppliers": ["supplier"]},
        "pauses": "shipments",
    }
    costs, ledger = costs_of(carrying_factory(interventions={"strike": pause}))
    lanes, points, share = ledger.lanes, ledger.points, 0.73 / 365.25
    assert lanes.set_aside.sum() > 0.0
    kept = points.on_hand[:, 1].sum() + 5.0 * (points.on_hand[:, 2] + points.wip[:, 2]).sum()
    assert costs[HOLDING] == pytest.approx(share * (kept + lanes.set_aside.sum()))
    assert costs[IN_TRANSIT] == pytest.approx(share * (lanes.in_transit - lanes.set_aside).sum())


def test_without_rates_nothing_carries():
    costs, _ = costs_of(carrying_factory(mitigation={"capital_rate_per_year": 0, "obsolescence_per_year": 0}))
    assert not costs.any()


def test_cash_of_weeks_adds_up_in_both_engines():
    """63 days are nine weeks: together they are what the account says of the calendar."""
    data = carrying_factory(calendar={"days": 63}, interventions={"ban": ban(30)})
    plan = replace(accounted(compiled(data)), keeps_cash=True)
    readable = measured(replicate(plan, 1, 0))
    found = run_blocks(plan, seed=1, replications=1, workers=1)
    block = Measured(Outcome(**found.outcome), Courses(found.courses))
    np.testing.assert_array_equal(block.courses.cash[0], readable.courses.cash)

    kept = result_of(plan, block.outcome, 0) - block.outcome.account[:, :, STOCK_CHANGE, 0]
    assert block.courses.cash[:, :, 0].sum(axis=2) == pytest.approx(kept)
    assert kept[0, 0] != pytest.approx(kept[0, 1])
