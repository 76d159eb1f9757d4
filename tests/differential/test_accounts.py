"""Value is conserved in every account: what was there and what came in has left, or is still there.

    opening stock + purchases + conversion = cost of sales + write-offs + closing stock

This holds of every firm and day, in the books of the compiled engine, in those that are kept of the readable
engine's ledgers, and in the oracle's.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings

from sim.engines import block_engine, replay
from sim.engines.block_engine import Experiment
from sim.engines.costing import (
    CONVERSION,
    COST_OF_SALES_TO_FIRMS,
    COST_OF_SALES_TO_MARKETS,
    ENTRIES,
    PURCHASES,
    STOCK_CHANGE,
    WRITE_OFFS,
)
from sim.model.compile import compile_plan
from sim.scenario.schema import Scenario
from tests.differential.compare import COMPARED, SEED, block_of, readable
from tests.readable_measures.account import Pool, books_of
from tests.readable_measures.money import of_makers
from tests.strategies import scenario_data

ROUNDING = 1e-10
"""Of the largest figure that was booked up to the day."""


@settings(max_examples=25)
@given(scenario_data())
def test_value_is_conserved(data):
    _check(data)


@pytest.mark.slow
@settings(max_examples=1000)
@given(scenario_data())
def test_value_is_conserved_in_many_networks(data):
    _check(data)


def test_what_has_left_but_for_rounding_does_not_change_what_units_cost():
    """Seen in random networks, where a recipe's stock leaves in parts on the day on which it is made."""
    pool = Pool()
    pool.add(1.0, 50.0)
    for _ in range(10):
        assert pool.take(0.1) == 5.0
    assert 1.0 - sum([0.1] * 10) > 0.0
    assert pool == Pool(0.0, 50.0)
    pool.add(1e-13, 7e-13)
    assert pool.cost == pytest.approx(7.0)


def _check(data):
    """All three books are those of the same goods, so they must also say the same, day by day."""
    plan = compile_plan(Scenario.model_validate(data | {"analysis": data["analysis"] | {"account": True}}))
    assume(len(plan.labels.makers) > 0)
    booked, stock = _compiled(plan)
    experiment = Experiment.of(plan, SEED)
    for replication, twins in enumerate(readable(plan, COMPARED)):
        account = replay.measure(experiment, twins).outcome["account"][0]
        for twin, path in enumerate((twins.scenario, twins.counterfactual)):
            found, held = booked[:, twin, :, :, replication], stock[:, twin, :, replication]
            books = books_of(twins.plan, path)
            expected = of_makers(plan, np.stack([books.entries[entry] for entry in ENTRIES], axis=1))
            value = of_makers(plan, np.vstack([books.opening, books.value]))
            scale = np.maximum.accumulate(np.maximum(np.abs(expected).max(axis=1), value[1:]))
            _assert_conserved(found, held, scale)
            _assert_conserved(expected, value, scale)
            _assert_near(found, expected, scale[:, None])
            _assert_near(_unaccounted(account[twin]), 0.0, plan.days * scale[-1])


def _compiled(plan):
    """``[day, twin, entry, maker, replication]`` of money, and ``[day, twin, maker, replication]`` of stock.

    The first row of stock is the opening's.
    """
    block = block_of(plan)
    today, stock = block.measures.costing.today, block.measures.costing.stock
    booked, held = [], [np.zeros_like(stock)]
    for day in range(plan.days):
        if day == block.shared_days:
            block_engine.fork(block)
        block_engine.run_span(block, day, day + 1)
        twins = [0, 1 if day >= block.shared_days else 0]
        booked.append(today[twins].copy())
        held.append(stock[twins].copy())
    held[0] = held[1] - booked[0][:, STOCK_CHANGE]
    return np.stack(booked), np.stack(held)


def _unaccounted(booked):
    """By how much stock has changed, less what accounts for it; entries run along the last axis but one."""
    came = booked[..., PURCHASES, :] + booked[..., CONVERSION, :]
    sold = booked[..., COST_OF_SALES_TO_FIRMS, :] + booked[..., COST_OF_SALES_TO_MARKETS, :]
    return booked[..., STOCK_CHANGE, :] - (came - sold - booked[..., WRITE_OFFS, :])


def _assert_conserved(booked, stock, scale):
    _assert_near(np.diff(stock, axis=0), booked[:, STOCK_CHANGE], scale)
    _assert_near(_unaccounted(booked), 0.0, scale)


def _assert_near(found, expected, scale):
    error = np.abs(found - expected)
    assert np.all(error <= ROUNDING * scale), f"differ by {error.max():g}, figures up to {scale.max():g}"
