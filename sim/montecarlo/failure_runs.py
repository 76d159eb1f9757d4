"""Failures side by side in the compiled engine: one node, or one pair of nodes, in each replication."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.model.failures import StressPlan
from sim.model.plan import Floats
from sim.montecarlo.backends import Work, chunk_size
from sim.montecarlo.batches import Arrays, Batches, InMemory
from sim.montecarlo.compiled_batch import run_chunks
from sim.montecarlo.results import Array
from sim.risk.leading import lost_by_all, revenue_of_all
from sim.risk.outcomes import Outcome

SEED = 0
"""Of a plan in which nothing is left to chance."""


@dataclass(frozen=True, slots=True)
class Failures:
    """What each failure costs.

    Attributes
    ----------
    nodes
        ``[failure]`` the nodes that fail together, as indices: every node alone, then pairs.
    pi
        ``[failure]`` performance impact: revenue of the makers in the window, or where it leads their
        contribution margin, without less with the failure, in the scenario's currency.
    tts_days
        ``[failure]`` time to survive: days from the failure until customers of a maker first leave or wait
        whom the undisturbed network serves, or a firm is sent less by a maker; infinite: never.
    revenue
        Revenue of the makers in the window without any failure.
    """

    nodes: tuple[tuple[int, ...], ...]
    pi: Floats
    tts_days: Floats
    revenue: float


def run_failures(stress: StressPlan, batches: Batches | None = None) -> Failures:
    """Let every node fail alone, then the pairs that a stress test asks for.

    Of each failure a few numbers are kept, so that memory does not grow with the size of the network.

    Parameters
    ----------
    stress
        The plan of a stress test.
    batches
        Has the failures simulated, which its progress counts; default: in memory.

    Raises
    ------
    EngineError
        If a number overflows.
    """
    nodes, batches = stress.failures, batches or InMemory()

    def compute(chunks: Sequence[range]) -> Iterator[tuple[range, Arrays]]:
        found = run_chunks(
            stress.plan,
            seed=SEED,
            chunks=chunks,
            samples_of=lambda replications: _failing(nodes, len(stress.plan.inputs), replications),
            workers=batches.workers,
            progress=batches.progress,
        )
        for chunk, kept in found:
            yield chunk, _damage(stress, kept.outcome)

    found = batches.kept(len(nodes), chunk_size(Work(stress.plan, SEED)), compute)
    return Failures(nodes, found["pi"], found["tts_days"], revenue=float(found["revenue"][0]))


def run_stops(stress: StressPlan, batches: Batches | None = None) -> Floats:
    """``[stop]`` what a stop of each failure process costs on average over how long it lasts.

    Parameters
    ----------
    stress
        The plan of a stress test.
    batches
        Has the stops simulated, which its progress counts; default: in memory.

    Raises
    ------
    EngineError
        If a number overflows.
    """
    batches = batches or InMemory()
    asked = [(stop, day) for stop, found in enumerate(stress.durations) for day in found.days.tolist()]
    if not asked:
        return np.zeros(0)

    def compute(chunks: Sequence[range]) -> Iterator[tuple[range, Arrays]]:
        found = run_chunks(
            stress.plan,
            seed=SEED,
            chunks=chunks,
            samples_of=lambda replications: _stopping(stress, asked, replications),
            workers=batches.workers,
            progress=batches.progress,
        )
        for chunk, kept in found:
            yield chunk, _damage(stress, kept.outcome)

    pi = batches.kept(len(asked), chunk_size(Work(stress.plan, SEED)), compute)["pi"]
    weights = np.concatenate([found.weights for found in stress.durations])
    costs = np.zeros(len(stress.stops))
    np.add.at(costs, [stop for stop, _ in asked], weights * pi)
    return costs


def stops_to_run(stress: StressPlan) -> int:
    """Number of stops that :func:`run_stops` simulates, of all durations."""
    return sum(len(found.days) for found in stress.durations)


def _damage(stress: StressPlan, outcome: Arrays) -> Arrays:
    """``[failure]`` what each of some failures costs, by the names of :class:`Failures`."""
    plan, found = stress.plan, Outcome(**outcome)
    first_lost: Array = outcome["first_lost_sales_days"]
    tts_days = np.where(np.isnan(first_lost), np.inf, first_lost).min(axis=1, initial=np.inf)
    without = revenue_of_all(plan, found, 1)
    return {"pi": lost_by_all(plan, found), "tts_days": tts_days, "revenue": without}


def _failing(failures: Sequence[tuple[int, ...]], count: int, replications: range) -> Floats:
    """``[replication, node]`` 1 where a node fails; beyond the last failure nothing does."""
    samples = np.zeros((len(replications), count))
    for row, replication in enumerate(replications):
        if replication < len(failures):
            samples[row, list(failures[replication])] = 1.0
    return samples


def _stopping(stress: StressPlan, asked: Sequence[tuple[int, int]], replications: range) -> Floats:
    """``[replication, input]`` the stop that comes and its days; beyond the last nothing does."""
    samples = np.zeros((len(replications), len(stress.plan.inputs)))
    for row, replication in enumerate(replications):
        if replication < len(asked):
            stop, days = asked[replication]
            first = len(stress.nodes) + 2 * stop
            samples[row, first : first + 2] = 1.0, days
    return samples
