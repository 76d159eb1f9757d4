"""A batch through the compiled engine: blocks of replications, spread over threads.

The compiled code runs without the interpreter's lock, so threads share one plan and one copy of the code.
What comes out depends on the plan, the seed and the number of replications alone.
"""

import ctypes
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.engines import blocks
from sim.engines.measures import Measured
from sim.errors import EngineError
from sim.model.plan import Floats, Plan
from sim.montecarlo.batch import COURSES, cores, replicate, silent
from sim.montecarlo.results import Array, Results
from sim.montecarlo.sampling import sample_inputs

WIDTH = 32
"""Replications in a block: enough for the widest vector instructions, few enough for the caches."""
WIDTH_OF_LARGE = 4
LARGE = 5_000
"""Stock points from which on blocks are narrow, so that they fit into memory."""
SAMPLED_AT_A_TIME = 2_048

M_MMAP_THRESHOLD = -3
MAPPED_FROM = 128 * 1024
"""Bytes from which on an array has memory of its own, which goes back to the system with it."""
BLOCKS_AHEAD = 4
"""Blocks a thread that wait to be run or to be written down."""

Samples = Iterator[tuple[int, Floats]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a batch: ``[replication, ...]`` by name.

    Attributes
    ----------
    outcome
        Of all replications, by the names of :class:`sim.risk.outcomes.Outcome`.
    courses
        Of the first :data:`sim.montecarlo.batch.COURSES`, by those of :class:`sim.risk.outcomes.Courses`.
    """

    outcome: dict[str, Array]
    courses: dict[str, Array]


def run_blocks(
    plan: Plan,
    *,
    seed: int,
    replications: int,
    samples_of: Callable[[range], Floats] | None = None,
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
) -> Kept:
    """Simulate and measure all replications with the compiled engine.

    Parameters
    ----------
    plan
        The compiled scenario.
    seed, replications
        Root seed and number of replications.
    samples_of
        Gives the samples ``[replication, input]`` of the uncertain inputs of some replications, whole blocks
        of them even if fewer are asked for; default: :func:`sim.montecarlo.sampling.sample_inputs`.
    workers
        Number of threads; default: one for each core.
    progress
        Called with the number of replications that have just been finished.

    Raises
    ------
    EngineError
        If a number overflows or is not a number: with the first replication, stock point and day.
    ResultError
        If there is no room for the results.
    """
    _give_back_freed_arrays()
    study, threads = blocks.Study.of(plan, seed), workers or cores()
    samples = _sampled(plan, replications, samples_of or partial(sample_inputs, plan, seed))
    outcome, courses = Results(replications), Results(min(replications, COURSES))
    with ThreadPoolExecutor(threads) as pool:
        for first, block in _run(pool, study, samples, BLOCKS_AHEAD * threads):
            count = min(len(block.is_finite), replications - first)
            _check(plan, seed, first, block, count)
            outcome.put(first, block.outcome)
            if first < COURSES:
                courses.put(first, block.courses)
            progress(count)
    return Kept(outcome.by_replication(), courses.by_replication())


def _give_back_freed_arrays() -> None:
    """Have glibc keep to its first threshold: it learns to keep arrays of freed blocks, for each thread."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(M_MMAP_THRESHOLD, MAPPED_FROM)


def block_width(plan: Plan) -> int:
    """Number of replications in a block."""
    return WIDTH if len(plan.points.firm) < LARGE else WIDTH_OF_LARGE


def _sampled(plan: Plan, replications: int, samples_of: Callable[[range], Floats]) -> Samples:
    """First replications of whole blocks, and their samples of the uncertain inputs."""
    width = block_width(plan)
    for start in range(0, replications, SAMPLED_AT_A_TIME):
        count = min(SAMPLED_AT_A_TIME, replications - start)
        whole = -(-count // width) * width
        samples = samples_of(range(start, start + whole))
        for row in range(0, whole, width):
            yield start + row, samples[row : row + width]


def _run(
    pool: ThreadPoolExecutor, study: blocks.Study, samples: Samples, most_ahead: int
) -> Iterator[tuple[int, Measured]]:
    """Results as they come, with the number of their first replication."""
    stop, without_courses = threading.Event(), study.without_courses()

    def run(first: int, values: Floats) -> tuple[int, Measured | None]:
        block = blocks.load(study if first < COURSES else without_courses, first, values)
        return first, blocks.run(block, lambda: not stop.is_set())

    waiting: set[Future[tuple[int, Measured | None]]] = set()
    try:
        for first, values in samples:
            waiting.add(pool.submit(run, first, values))
            if len(waiting) == most_ahead:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from _finished(done)
        yield from _finished(as_completed(waiting))
    except BaseException:
        stop.set()
        pool.shutdown(cancel_futures=True)
        raise


def _finished(futures: Iterable[Future[tuple[int, Measured | None]]]) -> Iterator[tuple[int, Measured]]:
    """Results of blocks that have not been told to stop."""
    for future in futures:
        first, block = future.result()
        if block is not None:
            yield first, block


# ---------------------------------------------------------------------- numbers that are none


def _check(plan: Plan, seed: int, first: int, block: Measured, count: int) -> None:
    """Stop at numbers that no stock or sale can have; the readable engine then finds where they begin."""
    fine = block.is_finite[:count].copy()
    for name in ("stream_revenue", "stream_units", "lane_value", "cost", "attribution"):
        fine &= np.isfinite(block.outcome[name][:count]).reshape(count, -1).all(axis=1)
    if not fine.all():
        replication = first + int(np.argmin(fine))
        raise EngineError(f"replication {replication}: {_diagnosis(plan, seed, replication)}")


def _diagnosis(plan: Plan, seed: int, replication: int) -> str:
    """Where and when a replication's numbers overflow, told by the readable engine."""
    try:
        with np.errstate(all="ignore"):
            twins = replicate(plan, seed, replication)
    except ArithmeticError as error:
        return f"the numbers of this scenario overflow ({error})"
    for path in (twins.scenario, twins.counterfactual):
        points = path.ledger.points
        states = np.stack([points.on_hand, points.on_order, points.owed, points.wip])
        bad = np.argwhere(~np.isfinite(states).all(axis=0))
        if len(bad):
            day, point = bad[0].tolist()
            name = plan.labels.points[point]
            return f"stock point {name!r}: its stock or orders overflow on {plan.date_of(day)}"
    return "its stocks are finite, but their value in money overflows"
