"""Where chunks of replications are simulated: on this machine, or on a Dask cluster.

Work travels as a plan and numbers of replications, and comes back as parts
(:mod:`sim.montecarlo.parts`): some kilobytes a replication, whatever was simulated. Every replication can be
simulated alone, so where it was changes no bit of it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from sim.engines.block_engine import Experiment
from sim.model.plan import Plan
from sim.montecarlo import compiled_batch, simpy_batch
from sim.montecarlo.parts import cut, to_parquet
from sim.montecarlo.results import Kept, with_courses
from sim.montecarlo.workers import cores, silent

COMPILED, SIMPY = "compiled", "simpy"
POINT_DAYS = 20_000_000
"""Stock points times days that a chunk simulates, about: a second of work on one core."""
NANOSECONDS = (50.0, 210.0)
"""For a stock point and a day, as measured: a small network of one maker, and one of thousands of firms."""
MOST_IN_CHUNK = 4_096
WEEKLY_SHARE = 8
"""How many times smaller chunks are of which weekly courses are kept."""

Progress = Callable[[int], None]
Chunks = Iterator[tuple[range, Kept]]


@dataclass(frozen=True)
class Work:
    """What is simulated: a plan, with the random numbers of a root seed, by an engine."""

    plan: Plan
    seed: int
    engine: str = COMPILED

    @cached_property
    def study(self) -> Experiment:
        """What all chunks share, prepared for the first."""
        return Experiment.of(self.plan, self.seed)


class Backend(Protocol):
    """Simulates chunks and gives each, as a part, once it is finished."""

    def __call__(
        self, work: Work, chunks: Sequence[range], progress: Progress
    ) -> Iterator[tuple[range, bytes]]:
        """Simulate chunks; progress is told how many replications have just been finished."""


class RunChunks(Protocol):
    """Simulates and measures chunks of replications with one of the engines."""

    def __call__(
        self,
        study: Experiment,
        *,
        chunks: Sequence[range],
        workers: int | None = None,
        progress: Progress = silent,
    ) -> Chunks:
        """Give what is kept of each chunk, once it is finished."""


def simulated(
    work: Work, chunks: Sequence[range], *, workers: int | None = None, progress: Progress = silent
) -> Chunks:
    """What is kept of each chunk, once it is finished.

    Parameters
    ----------
    work
        What to simulate.
    chunks
        Numbers of replications.
    workers
        Number of threads, or with SimPy of processes; default: one for each core.
    progress
        Called with the number of replications that have just been finished.

    Raises
    ------
    EngineError
        If a number overflows or is not a number.
    SimError
        If worker processes keep dying.
    """
    run_chunks = _ENGINES[work.engine]
    return run_chunks(work.study, chunks=chunks, workers=workers, progress=progress)


def chunk_size(work: Work) -> int:
    """How many replications a chunk has, unless one says otherwise: about a second of work for a core."""
    return _CHUNK_SIZES[work.engine](work.plan)


def seconds_for(plan: Plan, replications: int, workers: int | None = None) -> tuple[float, float]:
    """From how many to how many seconds the compiled engine takes for so many replications, about.

    Parameters
    ----------
    plan
        What is simulated, both twins on all days.
    replications
        How many.
    workers
        Number of threads; default: one for each core.
    """
    point_days = float(replications) * len(plan.points.firm) * plan.days
    quick, slow = (nanoseconds * 1e-9 * point_days / (workers or cores()) for nanoseconds in NANOSECONDS)
    return quick, slow


def chunks_of(work: Work, replications: Iterable[range]) -> list[range]:
    """Chunks of about a second of work for a core, or less as long as weekly courses are kept.

    Courses take many times the room of all else that is kept of a replication. All chunks hold whole
    blocks: one that is not full takes about as long.
    """
    size, block = chunk_size(work), _BLOCKS[work.engine](work.plan)
    chunks = []
    for some in replications:
        weekly = with_courses(some)
        chunks += cut([weekly], max(block, size // WEEKLY_SHARE)) + cut([some[len(weekly) :]], size)
    return chunks


@contextmanager
def this_machine(workers: int | None = None) -> Iterator[Backend]:
    """Simulates on this machine.

    Parameters
    ----------
    workers
        Number of threads, or with SimPy of processes; default: one for each core.

    Yields
    ------
    Backend
        It gives the errors of :func:`simulated`.
    """

    def simulate(work: Work, chunks: Sequence[range], progress: Progress) -> Iterator[tuple[range, bytes]]:
        for chunk, kept in simulated(work, chunks, workers=workers, progress=progress):
            yield chunk, to_parquet(kept)

    yield simulate


# ---------------------------------------------------------------------- engines


def _of_compiled(plan: Plan) -> int:
    """A power of 2, and no less than a block."""
    fitting = POINT_DAYS // (len(plan.points.firm) * plan.days)
    return max(compiled_batch.block_width(plan), min(MOST_IN_CHUNK, 1 << max(fitting, 1).bit_length() - 1))


def _of_simpy(_plan: Plan) -> int:
    return simpy_batch.CHUNK


_ENGINES: dict[str, RunChunks] = {COMPILED: compiled_batch.run_chunks, SIMPY: simpy_batch.run_chunks}
_BLOCKS: dict[str, Callable[[Plan], int]] = {COMPILED: compiled_batch.block_width, SIMPY: lambda _plan: 1}
_CHUNK_SIZES: dict[str, Callable[[Plan], int]] = {COMPILED: _of_compiled, SIMPY: _of_simpy}
