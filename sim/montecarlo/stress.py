"""Failures side by side in the compiled engine: one node, or one pair of nodes, in each replication."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.model.plan import Floats, Plan
from sim.model.stress import StressPlan
from sim.montecarlo.batch import silent
from sim.montecarlo.blocks import run_chunks
from sim.montecarlo.parts import cut

SEED = 0
"""Of a plan in which nothing is left to chance."""
CHUNK = 256
"""Failures whose measures are in memory at a time, for each thread."""


@dataclass(frozen=True, slots=True)
class Failures:
    """What each failure costs.

    Attributes
    ----------
    nodes
        ``[failure]`` the nodes that fail together, as indices: every node alone, then pairs.
    pi
        ``[failure]`` performance impact: revenue of the makers in the window, without less with the
        failure, in the scenario's currency.
    tts_days
        ``[failure]`` time to survive: days from the failure until customers of a maker first leave or wait
        whom the undisturbed network serves; infinite: never.
    revenue
        Revenue of the makers in the window without any failure.
    """

    nodes: tuple[tuple[int, ...], ...]
    pi: Floats
    tts_days: Floats
    revenue: float


def run_failures(
    stress: StressPlan, *, workers: int | None = None, progress: Callable[[int], None] = silent
) -> Failures:
    """Let every node fail alone, then the pairs that a stress test asks for.

    Of each failure only two numbers are kept, so that memory does not grow with the size of the network.

    Parameters
    ----------
    stress
        The plan of a stress test.
    workers, progress
        As for :func:`sim.montecarlo.blocks.run_chunks`; progress counts failures.

    Raises
    ------
    EngineError
        If a number overflows.
    """
    nodes = stress.failures
    pi, tts_days = np.empty(len(nodes)), np.empty(len(nodes))
    revenue = 0.0
    chunks = run_chunks(
        stress.plan,
        seed=SEED,
        chunks=cut([range(len(nodes))], CHUNK),
        samples_of=lambda replications: _failing(nodes, len(stress.nodes), replications),
        workers=workers,
        progress=progress,
    )
    for chunk, kept in chunks:
        place = slice(chunk.start, chunk.stop)
        with_failure, without = _revenue(stress.plan, kept.outcome["stream_revenue"])
        pi[place], revenue = without - with_failure, float(without[0])
        tts_days[place] = _first(kept.outcome["first_lost_sales_days"])
    return Failures(nodes, pi, tts_days, revenue)


def _revenue(plan: Plan, by_stream: Floats) -> Floats:
    """``[twin, failure]`` revenue of the makers."""
    own = np.isin(plan.points.firm[plan.streams.point], plan.makers)
    return np.stack([by_stream[:, twin, own].sum(axis=1) for twin in (0, 1)])


def _first(days: Floats) -> Floats:
    """``[failure]`` the earliest day of ``[failure, maker]``; infinite: never."""
    return np.where(np.isnan(days), np.inf, days).min(axis=1, initial=np.inf)


def _failing(failures: Sequence[tuple[int, ...]], count: int, replications: range) -> Floats:
    """``[replication, node]`` 1 where a node fails; beyond the last failure nothing does."""
    samples = np.zeros((len(replications), count))
    for row, replication in enumerate(replications):
        if replication < len(failures):
            samples[row, list(failures[replication])] = 1.0
    return samples
