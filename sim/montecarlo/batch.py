"""A batch of replications, each simulated twice from the same random numbers, spread over processes.

The result depends on the plan, the seed and the number of replications, and on nothing else: each
replication draws its own numbers and the results are put together in the order of the replications.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from sim.engines.des import simulate_twins
from sim.engines.draws import draw
from sim.engines.ledger import Ledger
from sim.errors import SimError
from sim.model.plan import Floats, Plan
from sim.model.schedule import Schedule, draw_up
from sim.montecarlo.sampling import sample_inputs

Outcome = TypeVar("Outcome")

CHUNK = 4
"""Replications that a worker takes at a time."""
MOST_BROKEN_POOLS = 3


@dataclass(frozen=True, slots=True)
class SimulatedPath:
    """One simulated path: what was given and what came out."""

    schedule: Schedule
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Twins:
    """A replication: the scenario and its counterfactual, from the same random numbers."""

    plan: Plan
    scenario: SimulatedPath
    counterfactual: SimulatedPath


@dataclass(frozen=True, slots=True)
class _Chunk(Generic[Outcome]):
    """Some replications and what they need."""

    plan: Plan
    measure: Callable[[Twins], Outcome]
    seed: int
    replications: range
    samples: Floats

    def run(self) -> list[Outcome]:
        return [
            self.measure(_simulate_twins(self.plan.with_inputs(samples), self.seed, replication))
            for replication, samples in zip(self.replications, self.samples, strict=True)
        ]


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def silent(_finished: int) -> None:
    """Progress that nobody watches."""


def replicate(plan: Plan, seed: int, replication: int) -> Twins:
    """Simulate one replication, alone.

    Parameters
    ----------
    plan
        The compiled scenario.
    seed
        Root seed of the run.
    replication
        Number of the replication, from 0.
    """
    samples = sample_inputs(plan, seed, range(replication, replication + 1))
    return _simulate_twins(plan.with_inputs(samples[0]), seed, replication)


def run_batch_chunks(
    plan: Plan,
    measure: Callable[[Twins], Outcome],
    *,
    seed: int,
    chunks: Sequence[range],
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
) -> Iterator[tuple[range, list[Outcome]]]:
    """Simulate and measure chunks of replications; a worker takes a chunk at a time.

    Parameters
    ----------
    plan
        The compiled scenario.
    measure
        Turns a replication into what is kept of it; a function at the top level of a module.
    seed
        Root seed.
    chunks
        Numbers of replications.
    workers
        Number of processes; default: one for each core. With one, everything runs in this process.
    progress
        Called with the number of replications that have just been finished.

    Yields
    ------
    tuple
        Each chunk, once it is finished, and the outcomes of its replications.

    Raises
    ------
    SimError
        If worker processes keep dying.
    """
    work = [_Chunk(plan, measure, seed, chunk, sample_inputs(plan, seed, chunk)) for chunk in chunks]
    count = max(1, min(workers or cores(), len(work)))
    for position, outcomes in _run_here(work) if count == 1 else _run_in_processes(work, count):
        progress(len(outcomes))
        yield chunks[position], outcomes


def _run_here(chunks: list[_Chunk[Outcome]]) -> Iterator[tuple[int, list[Outcome]]]:
    for position, chunk in enumerate(chunks):
        yield position, chunk.run()


def _run_in_processes(chunks: list[_Chunk[Outcome]], workers: int) -> Iterator[tuple[int, list[Outcome]]]:
    """Results as they come; a pool that a killed worker broke is replaced and what is missing runs again."""
    context = get_context("forkserver")
    missing = set(range(len(chunks)))
    for _ in range(MOST_BROKEN_POOLS):
        theirs, ours = context.Pipe(duplex=False)
        with (
            ours,
            theirs,
            ProcessPoolExecutor(workers, mp_context=context, initializer=_obey, initargs=(theirs,)) as pool,
        ):
            futures = {pool.submit(chunks[position].run): position for position in sorted(missing)}
            try:
                for future in as_completed(futures):
                    position = futures[future]
                    outcomes = future.result()
                    missing.remove(position)
                    yield position, outcomes
                return
            except BrokenProcessPool:
                continue
            except BaseException:
                ours.close()
                pool.shutdown(cancel_futures=True)
                raise
    raise SimError(
        f"worker processes died {MOST_BROKEN_POOLS} times; {len(missing)} chunks of work are missing. "
        "A script must start a batch below `if __name__ == '__main__':`, or with workers=1."
    )


def _obey(run: Connection) -> None:
    """Make a worker end at once when the other end of a pipe is closed, or its process is gone.

    Ctrl-C reaches all processes of a terminal: what it means, the process of the run says.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        run.poll(None)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _simulate_twins(plan: Plan, seed: int, replication: int) -> Twins:
    draws = draw(plan, seed, replication)
    scenario, counterfactual = (draw_up(plan, draws, with_shock=shock) for shock in (True, False))
    ledgers = simulate_twins(plan, scenario, counterfactual)
    return Twins(plan, SimulatedPath(scenario, ledgers[0]), SimulatedPath(counterfactual, ledgers[1]))
