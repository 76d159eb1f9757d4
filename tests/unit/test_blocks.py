"""Batches through the compiled engine: only the plan, the seed and their number decide what comes out."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from sim.engines import blocks as engine
from sim.errors import EngineError
from sim.montecarlo import blocks, warmup
from sim.montecarlo.sampling import sample_inputs
from tests.builders import ban, compiled, merged, shop

REPLICATIONS = 40
"""More than a block, and no whole number of them."""


def random_plan(**changes):
    base = shop(
        30,
        lanes={
            "parts": {
                "lead_time_days": {"dist": "uniform", "low": 1.0, "high": 9.0},
                "price": {"dist": "uniform", "low": 1.0, "high": 2.0},
            }
        },
        demand={"home": {"process": "gamma", "dispersion": 3.0}},
        interventions={"ban": ban(5, probability=0.5)},
    )
    return compiled(merged(base, changes))


def batch(plan, replications=REPLICATIONS, **how):
    return blocks.run_blocks(plan, seed=3, replications=replications, **how)


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


def test_the_number_of_threads_changes_nothing():
    plan = random_plan()
    assert_equal(batch(plan, workers=1), batch(plan, workers=2))


def test_fewer_replications_are_the_first_of_many():
    plan = random_plan()
    few, many = batch(plan, 33), batch(plan, 70)
    assert_equal(few, {name: values[:33] for name, values in many.items()})


def test_what_is_sampled_at_a_time_changes_nothing(monkeypatch):
    plan = random_plan()
    whole = batch(plan, 70)
    monkeypatch.setattr(blocks, "SAMPLED_AT_A_TIME", 32)
    assert_equal(batch(plan, 70), whole)


def test_progress_counts_every_replication_once():
    done: list[int] = []
    batch(random_plan(), progress=done.append)
    assert sum(done) == REPLICATIONS


def test_a_run_that_is_told_to_stop_has_no_result():
    plan = random_plan()
    samples = sample_inputs(plan, 1, range(blocks.WIDTH))
    assert engine.run(engine.load(engine.Study.of(plan, 1), 0, samples), lambda: False) is None


def test_an_interrupted_batch_leaves_no_thread():
    def interrupt(_finished):
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        batch(random_plan(), 2000, workers=2, progress=interrupt)
    assert threading.active_count() == before


def with_streams(plan, **numbers):
    """A plan with numbers that no scenario file may hold."""
    arrays = {name: np.full(1, number) for name, number in numbers.items()}
    return replace(plan, streams=replace(plan.streams, **arrays))


def test_a_number_that_overflows_is_told_with_replication_place_and_day():
    plan = with_streams(random_plan(demand={"home": {"process": "constant"}}), mean_per_day=1e308)
    with pytest.raises(EngineError, match=r"replication 0: stock point 'shelf'.* overflow on 20"):
        batch(plan, 1)


def test_money_that_overflows_is_told():
    plan = with_streams(random_plan(), price=1e308)
    with pytest.raises(EngineError, match="replication 0: its stocks are finite"):
        batch(plan, 1)


def test_large_networks_run_in_narrow_blocks(monkeypatch):
    plan = random_plan()
    assert blocks.block_width(plan) == blocks.WIDTH
    monkeypatch.setattr(blocks, "LARGE", 1)
    assert blocks.block_width(plan) == blocks.WIDTH_OF_LARGE


def test_the_engine_is_in_the_cache_once_it_is_compiled():
    warmup.warm_up()
    assert warmup.is_compiled()
