"""Failures side by side in the compiled engine: one node, or one pair of nodes, in each replication."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.engines.block_engine import Experiment
from sim.model.failures import StressPlan
from sim.model.plan import Floats
from sim.montecarlo.backends import Work, chunk_size
from sim.montecarlo.batches import Arrays, Batches, InMemory
from sim.montecarlo.compiled_batch import run_chunks
from sim.montecarlo.results import Array
from sim.risk.leading import lost_by_all, revenue_of_all, sold_by_all
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
    sold_lost
        ``[failure]`` sales of all firms, to others and to markets, that the failure takes in the window.
    sold
        Those sales without any failure.
    """

    nodes: tuple[tuple[int, ...], ...]
    pi: Floats
    tts_days: Floats
    revenue: float
    sold_lost: Floats
    sold: float


def run_failures(stress: StressPlan, batches: Batches | None = None) -> Failures:
    """Let every node fail alone, then the pairs that a stress test asks for, of the worst nodes.

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
    batches = batches or InMemory()
    alone = tuple((place,) for place in range(len(stress.nodes)))
    singly = _damages(stress, len(alone), partial(_failing, stress, alone), batches)
    pairs = stress.pairs(singly["pi"])
    found = [singly]
    if pairs:
        found.append(_damages(stress, len(pairs), partial(_failing, stress, pairs), batches))
    pi, tts_days, sold_lost = (
        np.concatenate([damage[name] for damage in found]) for name in ("pi", "tts_days", "sold_lost")
    )
    revenue, sold = (float(singly[name][0]) for name in ("revenue", "sold"))
    return Failures((*alone, *pairs), pi, tts_days, revenue, sold_lost, sold)


def _damages(
    stress: StressPlan, count: int, samples_of: Callable[[range], Floats], batches: Batches
) -> Arrays:
    """``[failure]`` what so many failures cost, by the names of :class:`Failures`."""

    def compute(chunks: Sequence[range]) -> Iterator[tuple[range, Arrays]]:
        found = run_chunks(
            Experiment.of(stress.plan, SEED),
            chunks=chunks,
            samples_of=samples_of,
            workers=batches.workers,
            progress=batches.progress,
        )
        for chunk, kept in found:
            yield chunk, _damage(stress, kept.outcome)

    return batches.kept(count, chunk_size(Work(stress.plan, SEED)), compute)


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

    pi = _damages(stress, len(asked), partial(_stopping, stress, asked), batches)["pi"]
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
    sold, kept = sold_by_all(plan, found, 1), sold_by_all(plan, found, 0)
    return {
        "pi": lost_by_all(plan, found),
        "tts_days": tts_days,
        "revenue": revenue_of_all(plan, found, 1),
        "sold_lost": sold - kept,
        "sold": sold,
    }


def _failing(stress: StressPlan, failures: Sequence[tuple[int, ...]], replications: range) -> Floats:
    """``[replication, input]`` 1 where a node fails; beyond the last failure nothing does."""
    samples = np.zeros((len(replications), len(stress.plan.inputs)))
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
