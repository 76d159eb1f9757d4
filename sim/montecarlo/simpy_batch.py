"""A batch through the readable engine: replications one by one, spread over processes.

The result depends on the plan, the seed and the number of replications, and on nothing else: each
replication draws its own numbers and the results are put together in the order of the replications.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sim.engines import replay
from sim.engines.block_engine import Experiment
from sim.engines.des import simulate_twins
from sim.engines.draws import draw
from sim.engines.ledger import SimulatedPath, Twins
from sim.model.plan import Floats, Plan
from sim.model.schedule import draw_up
from sim.montecarlo.results import Chunk, Kept
from sim.montecarlo.sampling import sample_inputs
from sim.montecarlo.workers import results_of, silent

CHUNK = 4
"""Replications that a worker takes at a time."""


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
    return _simulate(plan.with_inputs(samples[0]), seed, replication)


def run_chunks(
    study: Experiment,
    *,
    chunks: Sequence[range],
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
) -> Iterator[tuple[range, Kept]]:
    """Simulate and measure chunks of replications with the readable engine; a worker takes a chunk at a time.

    Parameters
    ----------
    study
        The compiled scenario and its root seed.
    chunks
        Numbers of replications.
    workers
        Number of processes; default: one for each core. With one, everything runs in this process.
    progress
        Called with the number of replications that have just been finished.

    Yields
    ------
    tuple
        Each chunk, once it is finished, and what is kept of it: the same, to the last bit, as of
        :func:`sim.montecarlo.compiled_batch.run_chunks`.

    Raises
    ------
    SimError
        If worker processes keep dying.
    """
    work = [partial(_kept, study, chunk, sample_inputs(study.plan, study.seed, chunk)) for chunk in chunks]
    for place, kept in results_of(work, workers):
        progress(len(chunks[place]))
        yield chunks[place], kept


def _kept(study: Experiment, replications: range, samples: Floats) -> Kept:
    """What is kept of some replications; ``samples`` is ``[replication, input]``."""
    chunk = Chunk(replications)
    for replication, its in zip(replications, samples, strict=True):
        twins = _simulate(study.plan.with_inputs(its), study.seed, replication)
        measured = replay.measure(study, twins)
        chunk.put(range(replication, replication + 1), measured.outcome, measured.courses)
    return chunk.kept()


def _simulate(plan: Plan, seed: int, replication: int) -> Twins:
    draws = draw(plan, seed, replication)
    scenario, counterfactual = (draw_up(plan, draws, with_shock=shock) for shock in (True, False))
    ledgers = simulate_twins(plan, scenario, counterfactual)
    return Twins(plan, SimulatedPath(scenario, ledgers[0]), SimulatedPath(counterfactual, ledgers[1]))
