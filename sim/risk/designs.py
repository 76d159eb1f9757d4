"""Runs of a plan on samples of one's choice: which inputs are moved, and which are held.

Process noise belongs to the number of a replication, so runs with the same numbers share it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from sim.engines.block_engine import Experiment
from sim.engines.random import squares_key, uniform_row
from sim.model.events import ChanceEvent
from sim.model.plan import Floats, Input, Ints, Plan
from sim.montecarlo.backends import Work, chunk_size
from sim.montecarlo.batches import Arrays, Batches, InMemory
from sim.montecarlo.compiled_batch import run_chunks
from sim.montecarlo.sampling import Apart, sample_inputs, sampled_apart
from sim.risk.earnings import accounted, earnings
from sim.risk.leading import leading_losses
from sim.risk.outcomes import Courses, Measured, Outcome

TAIL = 0.1
"""Share of an input's range, by probability, at either end of a bar of the tornado."""
DECIMALS = 12
"""Loss shares that are equal so far are the same."""

SamplesOf = Callable[[range], Floats]
"""Gives ``[replication, input]`` samples of some replications."""


def simulated(
    plan: Plan,
    *,
    seed: int,
    replications: int,
    samples_of: SamplesOf | None = None,
    batches: Batches | None = None,
) -> pd.DataFrame:
    """The losses that lead of a batch, as :func:`sim.risk.leading.leading_losses` tells them.

    Parameters
    ----------
    plan
        What to simulate.
    seed, replications, samples_of, batches
        As for :func:`kept_of`.
    """
    kept = kept_of(
        plan,
        lambda found: _columns(leading_losses(plan, found.outcome), len(found.outcome.shock_day)),
        seed=seed,
        replications=replications,
        samples_of=samples_of,
        batches=batches,
    )
    return _table(plan, replications, kept)


def kept_of(
    plan: Plan,
    keep: Callable[[Measured], Arrays],
    *,
    seed: int,
    replications: int,
    samples_of: SamplesOf | None = None,
    batches: Batches | None = None,
) -> Arrays:
    """What is kept of a batch.

    Parameters
    ----------
    plan
        What to simulate.
    keep
        Gives ``[replication, ...]`` by name of what is measured of some replications.
    seed, replications, samples_of
        As for :func:`sim.montecarlo.compiled_batch.run_blocks`.
    batches
        Has the batch simulated; default: in memory.
    """
    batches = batches or InMemory()

    def compute(chunks: Sequence[range]) -> Iterator[tuple[range, Arrays]]:
        found = run_chunks(
            Experiment.of(plan, seed),
            chunks=chunks,
            samples_of=samples_of,
            workers=batches.workers,
            progress=batches.progress,
        )
        for chunk, kept in found:
            yield chunk, keep(Measured(Outcome(**kept.outcome), Courses(kept.courses)))

    return batches.kept(replications, chunk_size(Work(plan, seed)), compute)


def _columns(table: pd.DataFrame, replications: int) -> Arrays:
    """The numbers of such a table: ``[replication, maker]`` by column."""
    numbers = table.drop(columns=["replication", "maker"])
    return {str(name): column.to_numpy().reshape(-1, replications).T for name, column in numbers.items()}


def _table(plan: Plan, replications: int, columns: Arrays) -> pd.DataFrame:
    """The table again, maker by maker."""
    names = plan.labels.makers
    return pd.DataFrame(
        {
            "replication": np.tile(np.arange(replications), len(names)),
            "maker": np.repeat(names, replications),
            **{name: values.T.ravel() for name, values in columns.items()},
        }
    )


def earned(
    plan: Plan,
    maker: str,
    *,
    seed: int,
    replications: int,
    samples_of: SamplesOf | None = None,
    batches: Batches | None = None,
) -> Arrays:
    """What a maker earns in each replication of a batch, as :func:`sim.risk.earnings.earnings` tells it.

    Parameters
    ----------
    plan, maker
        What to simulate, and whose account to keep.
    seed, replications, samples_of, batches
        As for :func:`kept_of`.
    """
    account = accounted(plan)
    return kept_of(
        account,
        lambda found: earnings(account, found.outcome, maker),
        seed=seed,
        replications=replications,
        samples_of=samples_of,
        batches=batches,
    )


class Runs(Protocol):
    """What a design needs of a model."""

    def run(self, plan: Plan, samples: Floats) -> Floats:
        """Loss shares of the first replications, on ``[replication, input]`` samples."""


@dataclass(frozen=True, slots=True)
class Model:
    """Runs plans and tells the losses of one maker.

    Parameters
    ----------
    maker
        Id of a maker of the headline.
    seed, batches
        As for :func:`simulated`.
    """

    maker: str
    seed: int
    batches: Batches

    def run(self, plan: Plan, samples: Floats) -> Floats:
        """Loss shares of the first replications, to within rounding.

        Parameters
        ----------
        plan
            The compiled scenario.
        samples
            ``[replication, input]``.
        """
        table = simulated(
            plan,
            seed=self.seed,
            replications=len(samples),
            samples_of=_rows_of(samples),
            batches=self.batches,
        )
        shares = table.loc[table["maker"] == self.maker, "loss_share"].to_numpy()
        return np.asarray(shares.round(DECIMALS), dtype=np.float64)

    def earn(self, plan: Plan, samples: Floats) -> Arrays:
        """What the maker earns in the first replications.

        Parameters
        ----------
        plan, samples
            As for :meth:`run`.
        """
        return earned(
            plan,
            self.maker,
            seed=self.seed,
            replications=len(samples),
            samples_of=_rows_of(samples),
            batches=self.batches,
        )


def two_matrices(plan: Plan, seed: int, rows: int) -> Floats:
    """Two independent samples of the inputs, A above B.

    Points of one Sobol sequence that are a power of two apart differ by the same digits, so B is a sample of
    its own, and not more points of A's.

    Parameters
    ----------
    plan
        The plan.
    seed
        Root seed; A holds the numbers and events of a run with it.
    rows
        Of each.
    """
    return np.concatenate([_sampled(plan, each, rows) for each in _seeds(seed)])


def matrices_apart(plans: Sequence[Plan], seed: int, rows: int) -> Apart:
    """Inputs that have other samples in the matrices of some plans than in those of others.

    Parameters
    ----------
    plans
        The plans.
    seed, rows
        As for :func:`two_matrices`.
    """
    numbers = [_without_events(plan) for plan in plans]
    one, other = (sampled_apart(numbers, each, rows) for each in _seeds(seed))
    return Apart(sorted({*one.paths, *other.paths}), (one.share + other.share) / 2)


def _seeds(seed: int) -> tuple[int, int]:
    """Of the one matrix and the other."""
    return seed, int(squares_key(seed, "matrix B")) >> 1


def _sampled(plan: Plan, seed: int, rows: int) -> Floats:
    """``[row, input]`` what the first replications of a run draw."""
    samples = np.empty((len(plan.inputs), rows))
    is_event = np.array([isinstance(item, ChanceEvent) for item in plan.inputs], dtype=bool)
    samples[~is_event] = sample_inputs(_without_events(plan), seed, range(rows)).T
    for item, row in zip(plan.inputs, samples, strict=True):
        if isinstance(item, ChanceEvent):
            uniform_row(0, 0, squares_key(seed, *item.key), row)
    return samples.T


def _without_events(plan: Plan) -> Plan:
    """A plan whose inputs are its uncertain numbers alone."""
    return replace(plan, inputs=tuple(item for item in plan.inputs if not isinstance(item, ChanceEvent)))


def one_at_a_time(model: Runs, plan: Plan, columns: Ints, samples: Floats) -> Floats:
    """Loss shares with one input at its low and at its high end, all else as it comes.

    A number is in the lowest and in the highest tenth of its distribution, an event does not happen and
    happens. The other inputs are not held at their medians: a loss that takes two things at once is not seen
    there.

    Parameters
    ----------
    model, plan
        What to run.
    columns
        Indices of the inputs that are moved.
    samples
        ``[row, input]`` samples of all of them, with whose noise each end runs.

    Returns
    -------
    ndarray
        ``[input, end, row]``.
    """
    within = np.random.default_rng(len(samples)).permutation((np.arange(len(samples)) + 0.5) / len(samples))
    ends = np.empty((len(columns), 2, len(samples)))
    for row, column in enumerate(columns):
        for end, values in enumerate(_ends(plan.inputs[column], within)):
            moved = samples.copy()
            moved[:, column] = values
            ends[row, end] = model.run(plan, moved)
    return ends


def _ends(item: Input, within: Floats) -> tuple[Floats, Floats]:
    """``[row]`` samples of the low and the high end, at places within these."""
    if isinstance(item, ChanceEvent):
        return np.ones_like(within), np.zeros_like(within)
    low = TAIL * within
    return item.quantity.quantile(low), item.quantity.quantile(1.0 - low)


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
        found.append(model.run(plan, mixed))
    return np.stack(found)


def _rows_of(samples: Floats) -> SamplesOf:
    """Samples of some replications; the last row fills up the last block."""
    return lambda rows: samples[np.minimum(np.arange(rows.start, rows.stop), len(samples) - 1)]
