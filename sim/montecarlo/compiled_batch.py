"""A batch through the compiled engine: blocks of replications, spread over threads.

The compiled code runs without the interpreter's lock, so threads share one plan and one copy of the code.
What comes out depends on the plan, the seed and the number of replications alone.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.engines import block_engine
from sim.engines.block_engine import Experiment
from sim.engines.measures import MeasuredBlock
from sim.engines.rules import WEEK
from sim.errors import EngineError
from sim.model.causes import component_count
from sim.model.plan import Bools, Floats, Plan
from sim.montecarlo.filled import few_filled, filled_in
from sim.montecarlo.memory import fitting, map_arrays
from sim.montecarlo.results import Chunk, Kept, with_courses
from sim.montecarlo.sampling import sample_inputs
from sim.montecarlo.simpy_batch import replicate
from sim.montecarlo.workers import cores, silent

WIDTH = 32
"""Replications in a block: for the widest vector instructions; narrow blocks take nearly as long."""
MOST_POINTS = 600_000
"""Stock points times replications in a block: narrower blocks take nearly as long, wider ones more memory."""
POINT_BYTES = 4_096
"""Memory that a stock point takes in a replication of a block, with its lanes: 2 to 4 kB were measured."""
MOST_WEEKLY = 2**29
"""Weekly losses by component in a block, for the same reason; nearly all are zeros, which take no memory."""
SAMPLED_AT_A_TIME = 2_048
BLOCKS_AHEAD = 4
"""Blocks a thread that wait to be run or to be written down."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A block of replications to simulate, part of a chunk; samples fill the block's width."""

    chunk: range
    replications: range
    samples: Floats

    @property
    def has_courses(self) -> bool:
        return bool(with_courses(self.replications))


Done = tuple[_Task, MeasuredBlock]


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
    samples_of, workers, progress
        As for :func:`run_chunks`.

    Raises
    ------
    EngineError
        If a number overflows or is not a number: with the first replication, stock point and day.
    ResultError
        If there is no room for the results.
    """
    whole = [range(replications)]
    [(_, kept)] = run_chunks(
        Experiment.of(plan, seed),
        chunks=whole,
        samples_of=samples_of,
        workers=workers,
        progress=progress,
    )
    return kept


def run_chunks(
    study: Experiment,
    *,
    chunks: Iterable[range],
    samples_of: Callable[[range], Floats] | None = None,
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
) -> Iterator[tuple[range, Kept]]:
    """Simulate and measure chunks of replications with the compiled engine.

    Parameters
    ----------
    study
        The compiled scenario and its root seed.
    chunks
        Numbers of replications, none of them empty. What comes out of a replication does not depend on
        its chunk.
    samples_of
        Gives the samples ``[replication, input]`` of the uncertain inputs of some replications, whole blocks
        of them even if fewer are asked for; default: :func:`sim.montecarlo.sampling.sample_inputs`.
    workers
        Number of threads; default: one for each core, or fewer if their blocks take much memory.
    progress
        Called with the number of replications that have just been finished.

    Yields
    ------
    tuple
        Each chunk, once it is finished, and what is kept of it.

    Raises
    ------
    EngineError, ResultError
        As :func:`run_blocks`.
    """
    map_arrays()
    plan, seed, chunks = study.plan, study.seed, list(chunks)
    width = block_width(plan, max(map(len, chunks), default=1))
    threads = workers or min(cores(), fitting(POINT_BYTES * len(plan.points.firm) * width))
    tasks = _tasks(width, chunks, samples_of or partial(sample_inputs, plan, seed))
    unfinished: dict[range, Chunk] = {}
    with ThreadPoolExecutor(threads) as pool:
        for task, block in _run(pool, study, tasks, BLOCKS_AHEAD * threads):
            count = len(task.replications)
            check_numbers(plan, seed, task.replications.start, block, count)
            chunk = unfinished.setdefault(task.chunk, Chunk(task.chunk))
            chunk.put(task.replications, block.outcome, block.courses)
            progress(count)
            if chunk.is_finished:
                yield task.chunk, unfinished.pop(task.chunk).kept()


def block_width(plan: Plan, replications: int = WIDTH) -> int:
    """Number of replications in a block: a power of 2, as many as fit into memory.

    The engine is compiled for a network whose blocks are narrower than usual: for none wider than needed.

    Parameters
    ----------
    plan
        What is simulated.
    replications
        How many there are at most to a block.
    """
    weekly = len(plan.labels.makers) * component_count(plan) * (plan.days // WEEK)
    most = min(WIDTH, MOST_POINTS // (1 + len(plan.points.firm)), MOST_WEEKLY // (1 + weekly))
    if most < WIDTH:
        most = min(most, 2 * replications - 1)
    return 1 << max(1, most).bit_length() - 1


def _tasks(width: int, chunks: Iterable[range], samples_of: Callable[[range], Floats]) -> Iterator[_Task]:
    """The blocks of all chunks, in their order."""
    for chunk in chunks:
        for first in range(0, len(chunk), SAMPLED_AT_A_TIME):
            some = chunk[first : first + SAMPLED_AT_A_TIME]
            found = list(_blocks(some, width))
            samples = samples_of(range(some.start, found[-1].start + width))
            for block in found:
                row = block.start - some.start
                yield _Task(chunk, block, samples[row : row + width])


def _blocks(replications: range, width: int) -> Iterator[range]:
    """Blocks of at most a width; none holds both replications whose courses are kept and others."""
    kept = with_courses(replications)
    for part in (kept, replications[len(kept) :]):
        for first in range(0, len(part), width):
            yield part[first : first + width]


def _run(
    pool: ThreadPoolExecutor, study: Experiment, tasks: Iterator[_Task], most_ahead: int
) -> Iterator[Done]:
    """Results as they come, with their tasks."""
    stop, without_courses = threading.Event(), study.without_courses()

    def run(task: _Task) -> tuple[_Task, MeasuredBlock | None]:
        block = block_engine.load(
            study if task.has_courses else without_courses, task.replications.start, task.samples
        )
        return task, block_engine.run(block, lambda: not stop.is_set())

    waiting: set[Future[tuple[_Task, MeasuredBlock | None]]] = set()
    try:
        for task in tasks:
            waiting.add(pool.submit(run, task))
            if len(waiting) == most_ahead:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from _finished(done)
        yield from _finished(as_completed(waiting))
    except BaseException:
        stop.set()
        pool.shutdown(cancel_futures=True)
        raise


def _finished(futures: Iterable[Future[tuple[_Task, MeasuredBlock | None]]]) -> Iterator[Done]:
    """Results of blocks that have not been told to stop."""
    for future in futures:
        task, block = future.result()
        if block is not None:
            yield task, block


# ---------------------------------------------------------------------- numbers that are none


SUMS = (
    "stream_revenue",
    "stream_units",
    "lane_value",
    "duty",
    "cost",
    "attribution",
    "account",
    "stream_cost",
    "margin_attribution",
)
"""What is finite of every replication."""


def check_numbers(plan: Plan, seed: int, first: int, block: MeasuredBlock, count: int) -> None:
    """Stop at numbers that no stock or sale can have; the readable engine then finds where they begin.

    Parameters
    ----------
    plan, seed
        What was simulated.
    first, block, count
        The block's first replication, what was measured, and how many of its replications count.

    Raises
    ------
    EngineError
        If there is such a number: with the first replication, stock point and day.
    """
    fine = block.is_finite[:count].copy()
    for name in filter(block.outcome.__contains__, SUMS):
        fine &= _are_finite(block.outcome[name][:count])
    if not fine.all():
        replication = first + int(np.argmin(fine))
        raise EngineError(f"replication {replication}: {_diagnosis(plan, seed, replication)}")


def _are_finite(values: Floats) -> Bools:
    """``[replication]`` whether all numbers are finite, as zeros are that nearly all of many may be."""
    places = few_filled(values)
    numbers = values.reshape(len(values), -1) if places is None else filled_in(values, places).T
    return np.logical_and.reduce(np.isfinite(numbers), axis=1)


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
