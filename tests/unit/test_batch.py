"""Batches: the same figures whatever the number of workers, and whatever happens to a worker."""

import os
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sim.errors import SimError
from sim.montecarlo.simpy_batch import replicate
from sim.montecarlo.workers import results_of
from sim.risk.outcomes import Courses, Measured, Outcome
from tests.builders import ban, by_name, compiled, measured, merged, run_batch, shop


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
        np.array_equal(values, theirs[name], equal_nan=True)
        for mine, theirs in (
            (by_name(one.outcome), by_name(other.outcome)),
            (by_name(one.courses), by_name(other.courses)),
        )
        for name, values in mine.items()
    )


def one_of(batch: Measured, replication: int) -> Measured:
    """A replication of a batch; what is not kept, as accounts nobody asked for, is empty."""

    outcome, courses = (
        {name: rows[replication] if len(rows) else rows for name, rows in arrays.items()}
        for arrays in (by_name(batch.outcome), by_name(batch.courses))
    )
    return Measured(Outcome(**outcome), Courses(courses))


def test_workers_change_nothing():
    plan = random_plan()
    one, two = (run_batch(plan, seed=3, replications=9, workers=workers) for workers in (1, 2))
    assert same(one, two)


def test_a_replication_alone_is_the_one_in_the_batch():
    plan = random_plan()
    batch = run_batch(plan, seed=3, replications=7)
    for replication in (0, 5, 6):
        assert same(measured(replicate(plan, 3, replication)), one_of(batch, replication))


def test_replications_differ():
    batch = run_batch(random_plan(), seed=3, replications=2)
    assert not same(one_of(batch, 0), one_of(batch, 1))


def test_seeds_differ():
    plan = random_plan()
    assert not same(measured(replicate(plan, 3, 0)), measured(replicate(plan, 4, 0)))


def test_more_replications_begin_with_the_fewer():
    plan = random_plan()
    few, many = (run_batch(plan, seed=3, replications=count) for count in (3, 6))
    assert all(same(one_of(few, number), one_of(many, number)) for number in range(3))


def test_progress_counts_every_replication():
    done: list[int] = []
    run_batch(random_plan(), seed=3, replications=9, progress=done.append)
    assert sum(done) == 9


def test_twins_share_their_draws():
    twins = replicate(random_plan(), 3, 0)
    assert twins.scenario.schedule.receipt_days.tolist() == (
        twins.counterfactual.schedule.receipt_days.tolist()
    )


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(marker: Path, result: int) -> int:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return result


def fail() -> None:
    raise ZeroDivisionError("a fault of ours")


def test_workers_that_keep_dying_end_the_batch():
    with pytest.raises(SimError, match="died"):
        list(results_of([die] * 2, workers=2))


def test_what_a_killed_worker_had_is_done_again(tmp_path):
    work = [partial(die_once, tmp_path / "marker", result) for result in (30, 31)]
    assert sorted(results_of(work, workers=2)) == [(0, 30), (1, 31)]


def test_a_fault_in_a_worker_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        list(results_of([fail] * 2, workers=2))
