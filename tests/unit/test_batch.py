"""Batches: the same figures whatever the number of workers, and whatever happens to a worker."""

import os
import signal
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sim.errors import SimError
from sim.montecarlo.batch import Twins, replicate
from sim.risk.outcomes import Measured, measure, stack
from tests.builders import ban, compiled, merged, run_batch, shop


def random_plan():
    uncertain = {"dist": "uniform", "low": 20.0, "high": 90.0}
    data = shop(
        30,
        stock_points={"shelf": {"initial_on_hand": uncertain}},
        demand={"home": {"process": "gamma", "dispersion": 5.0, "patience_days": 2}},
        interventions={"ban": ban(5, probability=0.7)},
    )
    return compiled(
        merged(data, {"lanes": {"parts": {"lead_time_days": uncertain | {"low": 0.0, "high": 9.0}}}})
    )


def same(one: Measured, other: Measured) -> bool:
    return all(
        np.array_equal(getattr(mine, field.name), getattr(theirs, field.name), equal_nan=True)
        for mine, theirs in ((one.outcome, other.outcome), (one.courses, other.courses))
        for field in fields(mine)
    )


def test_workers_change_nothing():
    plan = random_plan()
    one, two = (
        stack(run_batch(plan, measure, seed=3, replications=9, workers=workers)) for workers in (1, 2)
    )
    assert same(one, two)


def test_a_replication_alone_is_the_one_in_the_batch():
    plan = random_plan()
    batch = run_batch(plan, measure, seed=3, replications=7, workers=1)
    for replication in (0, 5, 6):
        assert same(measure(replicate(plan, 3, replication)), batch[replication])


def test_replications_differ():
    batch = run_batch(random_plan(), measure, seed=3, replications=2, workers=1)
    assert not same(*batch)


def test_seeds_differ():
    plan = random_plan()
    assert not same(measure(replicate(plan, 3, 0)), measure(replicate(plan, 4, 0)))


def test_more_replications_begin_with_the_fewer():
    plan = random_plan()
    few, many = (run_batch(plan, measure, seed=3, replications=count, workers=1) for count in (3, 6))
    assert all(same(one, other) for one, other in zip(few, many[:3], strict=True))


def test_progress_counts_every_replication():
    done: list[int] = []
    run_batch(random_plan(), measure, seed=3, replications=9, workers=1, progress=done.append)
    assert sum(done) == 9


def test_twins_share_their_draws():
    twins = replicate(random_plan(), 3, 0)
    assert twins.scenario.schedule.receipt_days.tolist() == (
        twins.counterfactual.schedule.receipt_days.tolist()
    )


def die(twins: Twins) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(marker: Path, twins: Twins) -> int:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return int(twins.plan.days)


def fail(twins: Twins) -> None:
    raise ZeroDivisionError("a fault of ours")


def test_workers_that_keep_dying_end_the_batch():
    with pytest.raises(SimError, match="died"):
        run_batch(random_plan(), die, seed=3, replications=8, workers=2)


def test_what_a_killed_worker_had_is_done_again(tmp_path):
    killed_at_first = partial(die_once, tmp_path / "marker")
    found = run_batch(random_plan(), killed_at_first, seed=3, replications=8, workers=2)
    assert found == [30] * 8


def test_a_fault_in_a_worker_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        run_batch(random_plan(), fail, seed=3, replications=8, workers=2)
