"""Runs of a plan on samples of one's choice: which inputs are moved, and which are held.

Process noise belongs to the number of a replication, so runs with the same numbers share it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from sim.engines.random import squares_key
from sim.model.plan import Floats, Ints, Plan
from sim.montecarlo.backends import Work, chunk_size
from sim.montecarlo.batch import silent
from sim.montecarlo.batches import Arrays, Batches, InMemory
from sim.montecarlo.blocks import run_chunks
from sim.montecarlo.sampling import sample_inputs
from sim.risk.outcomes import Outcome
from sim.risk.sensitivity_tables import LEVELS
from sim.risk.tables import makers


@dataclass(frozen=True, slots=True)
class Batch:
    """Losses of a maker: in money, and as a share of the counterfactual's revenue, ``[replication]`` each."""

    loss: Floats
    loss_share: Floats


def simulated(plan: Plan, *, replications: int, **how: Any) -> pd.DataFrame:
    """The table ``makers`` of a batch.

    Parameters
    ----------
    plan
        What to simulate.
    replications, how
        As for :func:`kept_of`.
    """
    kept = kept_of(
        plan,
        lambda outcome: _columns(makers(plan, outcome), len(outcome.shock_day)),
        replications=replications,
        **how,
    )
    return _table(plan, replications, kept)


def kept_of(
    plan: Plan,
    keep: Callable[[Outcome], Arrays],
    *,
    seed: int,
    replications: int,
    samples_of: Callable[[range], Floats] | None = None,
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
    batches: Batches | None = None,
) -> Arrays:
    """What is kept of a batch.

    Parameters
    ----------
    plan
        What to simulate.
    keep
        Gives ``[replication, ...]`` by name of the outcome of some replications.
    seed, replications, samples_of, workers, progress
        As for :func:`sim.montecarlo.blocks.run_blocks`.
    batches
        Has the batch simulated; default: in memory.
    """

    def compute(chunks: Sequence[range]) -> Iterator[tuple[range, Arrays]]:
        found = run_chunks(
            plan, seed=seed, chunks=chunks, samples_of=samples_of, workers=workers, progress=progress
        )
        for chunk, kept in found:
            yield chunk, keep(Outcome(**kept.outcome))

    return (batches or InMemory()).kept(replications, chunk_size(Work(plan, seed)), compute)


def _columns(table: pd.DataFrame, replications: int) -> Arrays:
    """The numbers of the table ``makers``: ``[replication, maker]`` by column."""
    numbers = table.drop(columns=["replication", "maker"])
    return {str(name): column.to_numpy().reshape(-1, replications).T for name, column in numbers.items()}


def _table(plan: Plan, replications: int, columns: Arrays) -> pd.DataFrame:
    """The table ``makers`` again, maker by maker."""
    names = [plan.labels.firms[firm] for firm in plan.makers]
    return pd.DataFrame(
        {
            "replication": np.tile(np.arange(replications), len(names)),
            "maker": np.repeat(names, replications),
            **{name: values.T.ravel() for name, values in columns.items()},
        }
    )


class Runs(Protocol):
    """What a design needs of a model."""

    def run(self, plan: Plan, replications: int, samples: Floats | None = None) -> Batch:
        """Losses of the first replications, on ``[replication, input]`` samples."""


@dataclass(frozen=True, slots=True)
class Model:
    """Runs plans and tells the losses of one maker.

    Parameters
    ----------
    maker
        Id of a maker of the headline.
    seed, workers, progress, batches
        As for :func:`simulated`.
    """

    maker: str
    seed: int
    workers: int | None
    progress: Callable[[int], None]
    batches: Batches = field(default_factory=InMemory)

    def run(self, plan: Plan, replications: int, samples: Floats | None = None) -> Batch:
        """Simulate the first replications.

        Parameters
        ----------
        plan
            The compiled scenario.
        replications
            How many.
        samples
            ``[replication, input]``, the last row standing for all that are missing; default: the seed's own.
        """
        table = simulated(
            plan,
            seed=self.seed,
            replications=replications,
            samples_of=None if samples is None else _rows_of(samples),
            workers=self.workers,
            progress=self.progress,
            batches=self.batches,
        )
        rows = table[table["maker"] == self.maker]
        return Batch(rows["loss"].to_numpy(), rows["loss_share"].to_numpy())


def two_matrices(plan: Plan, seed: int, rows: int) -> Floats:
    """Two independent samples of the inputs, A above B.

    Points of one Sobol sequence that are a power of two apart differ by the same digits, so B is a sample of
    its own, and not more points of A's.

    Parameters
    ----------
    plan
        The plan.
    seed
        Root seed; A is the sample of a run with it.
    rows
        Of each.
    """
    seeds = seed, int(squares_key(seed, "matrix B")) >> 1
    return np.concatenate([sample_inputs(plan, each, range(rows)) for each in seeds])


def one_at_a_time(model: Runs, plan: Plan, columns: Ints, replications: int) -> tuple[Floats, Floats]:
    """Loss shares with one input at its 5th and 95th percentile and all others at their medians.

    Parameters
    ----------
    model, plan
        What to run.
    columns
        Indices of the inputs that are moved.
    replications
        How many draws of the noise, the same ones for every point.

    Returns
    -------
    tuple of ndarray
        ``[replication]`` with all inputs at their medians, and ``[input, end, replication]``.
    """
    low, middle, high = (
        np.array([float(item.quantity.quantile(np.array([level]))[0]) for item in plan.inputs])
        for level in LEVELS
    )
    ends = np.empty((len(columns), 2, replications))
    for row, column in enumerate(columns):
        for end, values in enumerate((low, high)):
            point = middle.copy()
            point[column] = values[column]
            ends[row, end] = model.run(plan, replications, point[None, :]).loss_share
    return model.run(plan, replications, middle[None, :]).loss_share, ends


def pick_freeze(model: Runs, plan: Plan, samples: Floats, groups: Sequence[Ints]) -> Floats:
    """Loss shares of the rows of a matrix A in which some inputs are taken from B and the noise is kept.

    Parameters
    ----------
    model, plan
        What to run.
    samples
        ``[row, input]``: the rows of A, then as many of B.
    groups
        Indices of the inputs that are taken from B, one group after the other.

    Returns
    -------
    ndarray
        ``[group, row]``.
    """
    a, b = np.split(samples, 2)
    found = []
    for group in groups:
        mixed = a.copy()
        mixed[:, group] = b[:, group]
        found.append(model.run(plan, len(a), mixed).loss_share)
    return np.stack(found)


def _rows_of(samples: Floats) -> Callable[[range], Floats]:
    return lambda rows: samples[np.minimum(np.arange(rows.start, rows.stop), len(samples) - 1)]
