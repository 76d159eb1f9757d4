"""A batch through the compiled engine: blocks of replications, spread over threads.

The compiled code runs without the interpreter's lock, so threads share one plan and one copy of the code.
What comes out depends on the plan, the seed and the number of replications alone.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import numpy as np

from sim.engines import blocks
from sim.errors import EngineError
from sim.model.plan import Floats, Plan
from sim.montecarlo.batch import cores, replicate, silent
from sim.montecarlo.sampling import sample_inputs

WIDTH = 32
"""Replications in a block: enough for the widest vector instructions, few enough for the caches."""
WIDTH_OF_LARGE = 4
LARGE = 5_000
"""Stock points from which on blocks are narrow, so that they fit into memory."""
SAMPLED_AT_A_TIME = 8_192

Measures = dict[str, Any]


def run_blocks(
    plan: Plan,
    *,
    seed: int,
    replications: int,
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
) -> Measures:
    """Simulate and measure all replications with the compiled engine.

    Parameters
    ----------
    plan
        The compiled scenario.
    seed, replications
        Root seed and number of replications.
    workers
        Number of threads; default: one for each core.
    progress
        Called with the number of replications that have just been finished.

    Returns
    -------
    dict of ndarray
        ``[replication, ...]`` measures by name, those of :class:`sim.risk.outcomes.Outcome`.

    Raises
    ------
    EngineError
        If a number overflows or is not a number: with the first replication, stock point and day.
    """
    study = blocks.Study.of(plan, seed)
    done: dict[int, Measures] = {}
    with ThreadPoolExecutor(workers or cores()) as pool:
        for samples in _sampled(plan, seed, replications):
            for first, measures in _run(pool, study, samples):
                kept = {name: values[: replications - first] for name, values in measures.items()}
                _check(plan, seed, first, kept)
                done[first] = kept
                progress(len(kept["shock_day"]))
    parts = [done[first] for first in sorted(done)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def block_width(plan: Plan) -> int:
    """Number of replications in a block."""
    return WIDTH if len(plan.points.firm) < LARGE else WIDTH_OF_LARGE


def _sampled(plan: Plan, seed: int, replications: int) -> Iterator[list[tuple[int, Floats]]]:
    """First replications of whole blocks, and their samples of the uncertain inputs."""
    width = block_width(plan)
    for start in range(0, replications, SAMPLED_AT_A_TIME):
        count = min(SAMPLED_AT_A_TIME, replications - start)
        whole = -(-count // width) * width
        samples = sample_inputs(plan, seed, range(start, start + whole))
        yield [(start + row, samples[row : row + width]) for row in range(0, whole, width)]


def _run(
    pool: ThreadPoolExecutor, study: blocks.Study, samples: list[tuple[int, Floats]]
) -> Iterator[tuple[int, Measures]]:
    """Results as they come, with the number of their first replication."""
    stop = threading.Event()

    def run(first: int, values: Floats) -> Measures | None:
        return blocks.run(blocks.load(study, first, values), lambda: not stop.is_set())

    futures = {pool.submit(run, first, values): first for first, values in samples}
    try:
        for future in as_completed(futures):
            measures = future.result()
            if measures is not None:
                yield futures[future], measures
    except BaseException:
        stop.set()
        pool.shutdown(cancel_futures=True)
        raise


# ---------------------------------------------------------------------- numbers that are none


def _check(plan: Plan, seed: int, first: int, measures: Measures) -> None:
    """Stop at numbers that no stock or sale can have; the readable engine then finds where they begin."""
    fine = np.ones(len(measures["shock_day"]), dtype=bool)
    for name in ("stream_revenue", "stream_units", "lane_value", "cost", "attribution", "weekly_stock"):
        fine &= np.isfinite(measures[name]).reshape(len(fine), -1).all(axis=1)
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
