"""Neither the engine nor what else is simulated in its chunk or block changes a bit of a replication."""

import numpy as np
import pytest
from hypothesis import given, settings

from sim.engines.block_engine import Experiment
from sim.model.compile import compile_plan
from sim.model.failures import stress_plan
from sim.montecarlo import compiled_batch
from sim.montecarlo.backends import COMPILED, SIMPY, Work, chunks_of, simulated
from sim.montecarlo.batches import InMemory
from sim.montecarlo.failure_runs import run_failures
from sim.montecarlo.results import gathered
from sim.risk.earnings import accounted, earnings
from sim.risk.outcomes import Outcome
from sim.scenario.schema import Scenario
from tests.builders import ban, compiled, day, read, shop, stand_ins
from tests.strategies import scenario_data


def uneven_plan():
    """Windows that end within weeks, on other days in each replication; sums of many numbers."""
    uniform = {"dist": "uniform", "low": 0.1, "high": 7.0}
    many = [f"lane-{index}" for index in range(11)]
    lane = {"supplier": "source", "buyer": "shelf", "price": uniform, "share": 1.0}
    reported = {"measure": "inventory_value", "firm": "maker", "start": day(3), "end": day(3), "value": 1.0}
    data = shop(
        60,
        analysis={"window_days": 17},
        lanes={"parts": {"lead_time_days": uniform, "price": uniform}} | dict.fromkeys(many, lane),
        demand={"home": {"process": "gamma", "dispersion": 3.0, "patience_days": 2}},
        interventions={"ban": ban(5, delay_days={"dist": "uniform", "low": 0.0, "high": 30.0})},
        observations={"stock": reported},
    )
    return compiled(data)


@pytest.mark.parametrize("sizes", [[1] * 9, [4, 4, 1], [2, 7]])
def test_chunks_change_no_bit(sizes):
    plan, ends = uneven_plan(), np.cumsum(sizes).tolist()
    chunks = [range(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    kept = dict(compiled_batch.run_chunks(Experiment.of(plan, 0), chunks=chunks, workers=1))
    whole = compiled_batch.run_blocks(plan, seed=0, replications=9, workers=1)
    _assert_same_bits(gathered(9, kept.items()), whole)


@settings(max_examples=25)
@given(scenario_data())
def test_the_engine_changes_no_bit(data):
    _assert_engines_agree(compile_plan(Scenario.model_validate(data)), replications=5)


def test_the_engine_changes_no_bit_of_sums_of_many_numbers():
    _assert_engines_agree(uneven_plan(), replications=9)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 7])
def test_the_width_of_a_block_changes_no_bit(width):
    _assert_width_changes_nothing(uneven_plan(), width, replications=40)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 7])
@settings(max_examples=100)
@given(scenario_data())
def test_the_width_of_a_block_changes_no_bit_in_random_networks(width, data):
    _assert_width_changes_nothing(compile_plan(Scenario.model_validate(data)), width, replications=9)


@pytest.mark.parametrize("chunk", [1, 2])
def test_chunks_change_no_bit_of_what_failures_cost(chunk):
    stress = stress_plan(read(stand_ins(**many_customers())), compiled(stand_ins(**many_customers())))

    class InChunks(InMemory):
        def kept(self, items, _chunk, compute):
            return super().kept(items, chunk, compute)

    whole, parts = run_failures(stress, InMemory(1)), run_failures(stress, InChunks(1))
    np.testing.assert_array_equal(parts.pi, whole.pi)
    assert parts.revenue == whole.revenue


def test_a_batch_changes_no_bit_of_what_a_replication_earns():
    plan = accounted(compiled(shop(40, **many_customers())))
    one, all_of_them = (
        earnings(
            plan,
            Outcome(**compiled_batch.run_blocks(plan, seed=0, replications=count, workers=1).outcome),
            "maker",
        )
        for count in (1, 9)
    )
    for name, amounts in one.items():
        np.testing.assert_array_equal(amounts, all_of_them[name][:1], err_msg=name)


def many_customers():
    """Sums of 20 numbers that round otherwise in another order."""
    home = {"stock_point": "shelf", "market": "home", "process": "constant", "patience_days": 0}
    numbers = {f"home-{index}": 0.1 + 0.37 * index for index in range(20)}
    return {"demand": {name: {**home, "mean_per_day": 0.3, "price": it} for name, it in numbers.items()}}


def _assert_engines_agree(plan, replications):
    _assert_same_bits(*(_kept(Work(plan, 0, engine), replications) for engine in (SIMPY, COMPILED)))


def _kept(work, replications):
    return gathered(replications, simulated(work, chunks_of(work, [range(replications)]), workers=1))


def _assert_width_changes_nothing(plan, width, replications):
    how = {"seed": 0, "replications": replications, "workers": 1}
    usual = compiled_batch.run_blocks(plan, **how)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled_batch, "WIDTH", width)
        _assert_same_bits(compiled_batch.run_blocks(plan, **how), usual)


def _assert_same_bits(found, expected):
    for part in ("outcome", "courses"):
        ours, theirs = getattr(found, part), getattr(expected, part)
        assert ours.keys() == theirs.keys()
        for name, values in ours.items():
            np.testing.assert_array_equal(values, theirs[name], err_msg=name)
