"""Levels of demand that move day by day, for a block of replications: geometric random walks and their like.

The log level of a demand factor is 0 up to its start, by default the first day. From one day to the next the
part ``kept`` of it stays, and a normal step comes on top [1]_ [2]_. A stream's level is lognormal with mean 1
on every day: half the variance of its logarithm is taken off.

References
----------
.. [1] Dixit & Pindyck, *Investment under Uncertainty*, 1994, ch. 3.
.. [2] Schwartz, "The Stochastic Behavior of Commodity Prices", Journal of Finance 52(3), 1997, model 1.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.engines import random
from sim.engines.compiler import inlined, part
from sim.engines.layout import Array
from sim.engines.rules import kept_share
from sim.model.calendar_rules import DAYS_PER_YEAR
from sim.model.plan import Floats, Numbers, Plan


class Levels(NamedTuple):
    """Where the levels of demand stand. Rows are ``[replication]``.

    Attributes
    ----------
    key
        ``[factor]`` of its random numbers.
    start
        ``[factor]`` day up to which its log level is 0.
    kept, step_sd
        ``[factor]`` what is left of a log level after a day, and the standard deviation of a day's step.
    log_level, variance
        ``[factor]`` today's, and the variance that it has over all replications.
    moved
        The streams that some factor moves.
    first, end
        For each of them where its loadings begin and end.
    factor, loading
        ``[loading]`` stream by stream.
    level
        ``[moved stream]`` today's.
    nothing, step
        A row of zeros, and one to write on.
    """

    key: Array
    start: Array
    kept: Array
    step_sd: Array
    log_level: Array
    variance: Array
    moved: Array
    first: Array
    end: Array
    factor: Array
    loading: Array
    level: Array
    nothing: Array
    step: Array


def levels_of(plan: Plan, numbers: Numbers, seed: int, width: int) -> Levels:
    """The levels before the first day, for a block of `width` replications."""
    table = plan.demand_factors
    by_stream = np.argsort(table.loaded_stream, kind="stable")
    moved, first = np.unique(table.loaded_stream[by_stream], return_index=True)
    shape = (len(table.volatility_per_year), width)
    volatility = numbers("demand_factors", "volatility_per_year").reshape(shape)
    half_life_days = numbers("demand_factors", "half_life_days").reshape(shape)
    return Levels(
        key=np.array(
            [random.squares_key(seed, "demand factor", name) for name in plan.labels.demand_factors],
            dtype=np.uint64,
        ),
        start=table.start,
        kept=_each(kept_share, half_life_days),
        step_sd=_each(daily_step_sd, volatility, half_life_days),
        log_level=np.zeros(shape),
        variance=np.zeros(shape),
        moved=moved,
        first=first.astype(np.int64),
        end=np.append(first[1:], len(by_stream)).astype(np.int64)[: len(moved)],
        factor=table.loaded_factor[by_stream],
        loading=numbers("demand_factors", "loading").reshape(-1, width)[by_stream],
        level=np.ones((len(moved), width)),
        nothing=np.zeros(width),
        step=np.zeros(width),
    )


def daily_step_sd(volatility_per_year: float, half_life_days: float) -> float:
    """Standard deviation of a day's step of the log level, for a volatility of continuous time.

    Examples
    --------
    >>> daily_step_sd(0.2, math.inf) == 0.2 / math.sqrt(365.25)
    True
    """
    rate_per_day = math.log(2.0) / half_life_days
    days = 1.0 if rate_per_day == 0.0 else -math.expm1(-2.0 * rate_per_day) / (2.0 * rate_per_day)
    return volatility_per_year * math.sqrt(days / DAYS_PER_YEAR)


def _each(function: Callable[..., float], *values: Floats) -> Floats:
    """A function of Python's floats, entry by entry: of an array's it would depend on the processor."""
    found = [function(*its) for its in zip(*(value.ravel().tolist() for value in values), strict=True)]
    return np.array(found, dtype=np.float64).reshape(values[0].shape)


# ---------------------------------------------------------------------- every day


@part
def move_levels(levels: Levels, numbering: tuple[int, int]) -> None:
    """The levels of a day, which follows on the day before; ``numbering`` is first replication, and day."""
    if numbering[1] > 0:
        for factor in range(len(levels.key)):
            if numbering[1] > levels.start[factor]:
                _step(levels, factor, numbering)
    for place in range(len(levels.moved)):
        _note_level(levels, place)


@inlined
def _step(levels: Levels, factor: int, numbering: tuple[int, int]) -> None:
    kept, sd, step = levels.kept[factor], levels.step_sd[factor], levels.step
    log_level, variance = levels.log_level[factor], levels.variance[factor]
    random.normal_row(levels.nothing, sd, *numbering, levels.key[factor], step)
    for b in range(len(step)):
        log_level[b] = kept[b] * log_level[b] + step[b]
        variance[b] = kept[b] * kept[b] * variance[b] + sd[b] * sd[b]


@inlined
def _note_level(levels: Levels, place: int) -> None:
    level = levels.level[place]
    level[:] = 0.0
    for row in range(levels.first[place], levels.end[place]):
        loading, log_level = levels.loading[row], levels.log_level[levels.factor[row]]
        variance = levels.variance[levels.factor[row]]
        for b in range(len(level)):
            level[b] += loading[b] * (log_level[b] - 0.5 * loading[b] * variance[b])
    for b in range(len(level)):
        level[b] = random.exponential(level[b])


@part
def scale_demand(levels: Levels, mean: Array) -> None:
    """Multiply a day's mean demand ``[stream, replication]`` by the levels."""
    for place in range(len(levels.moved)):
        its, level = mean[levels.moved[place]], levels.level[place]
        for b in range(len(level)):
            its[b] *= level[b]
