"""Figures with the interval that so many replications leave."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

FIGURES = ("mean", "p05", "p50", "p95", "var90", "var95", "var99", "es90", "es95", "es99")
"""Figures of a loss, as ``summary.json`` calls them."""


class Interval(NamedTuple):
    """A confidence interval; an end that so few replications cannot give is infinite."""

    low: float
    high: float


class EstimatedNumber(float):
    """An estimated figure: a number, with the interval that so many replications leave.

    Attributes
    ----------
    ci
        The interval that covers the true figure of the model in at least the share ``level`` of batches.
    level
        0.95.

    Examples
    --------
    >>> mean = EstimatedNumber(0.25, Interval(0.2, 0.31), 0.95)
    >>> f"{mean:.0%}", mean + 1, mean.ci.high
    ('25%', 1.25, 0.31)
    >>> mean
    0.25 (95 % interval 0.2 to 0.31)
    """

    ci: Interval
    level: float

    def __new__(cls, value: float, ci: Interval, level: float) -> "EstimatedNumber":
        """A figure with its interval."""
        number = super().__new__(cls, value)
        number.ci, number.level = ci, level
        return number

    def __reduce__(self) -> tuple[Any, ...]:
        return EstimatedNumber, (self.value, self.ci, self.level)

    @property
    def value(self) -> float:
        """The figure, as a plain number."""
        return float(self)

    def __repr__(self) -> str:
        low, high = (f"{end:.4g}" for end in self.ci)
        return f"{self.value:.4g} ({self.level:.0%} interval {low} to {high})".replace("%", " %", 1)


def estimated(told: Mapping[str, float | None], level: float) -> EstimatedNumber:
    """A figure of a summary."""
    return estimated_from(told["estimate"], told["ci_low"], told["ci_high"], level)


def estimated_from(value: Any, low: Any, high: Any, level: float) -> EstimatedNumber:
    """A figure and the ends of its interval, missing where they are unbounded."""
    ends = (-float("inf") if pd.isna(low) else low, float("inf") if pd.isna(high) else high)
    return EstimatedNumber(value, Interval(*map(float, ends)), level)


@dataclass(frozen=True, slots=True, repr=False)
class LossFigures:
    """How a maker's loss is distributed over the futures: each figure with its interval.

    Attributes
    ----------
    mean, median
        Of all futures.
    p05, p95
        Nine futures in ten lie between them.
    var90, var95, var99
        Value at risk: what that share of futures does not exceed.
    es90, es95, es99
        Expected shortfall: the mean of the futures beyond.
    unit
        The currency, or ``share`` of the counterfactual's revenue.
    """

    maker: str
    unit: str
    mean: EstimatedNumber
    p05: EstimatedNumber
    median: EstimatedNumber
    p95: EstimatedNumber
    var90: EstimatedNumber
    var95: EstimatedNumber
    var99: EstimatedNumber
    es90: EstimatedNumber
    es95: EstimatedNumber
    es99: EstimatedNumber

    def __repr__(self) -> str:
        names = [name.replace("p50", "median") for name in FIGURES]
        lines = (f"  {name:<8}{getattr(self, name)!r}" for name in names)
        return "\n".join([f"Loss of {self.maker}, {self.unit}:", *lines])


def in_short(loss: LossFigures) -> str:
    """The figures that say most, in a line."""
    low, high = map(_percent, loss.mean.ci)
    return (
        f"mean {loss.mean:.1%} (95 % interval {low} to {high}), "
        f"5-95 % of futures {loss.p05:.1%} to {loss.p95:.1%}, VaR95 {loss.var95:.1%}, ES95 {loss.es95:.1%}"
    )


def _percent(share: float) -> str:
    """A share in percent; an unbounded one as a word."""
    return f"{share:.1%}" if math.isfinite(share) else f"{share}"


def percent(share: float) -> str:
    """A share as people read it.

    Examples
    --------
    >>> percent(0.1234), percent(-0.0001)
    ('12.3%', '0.0%')
    """
    return f"{round(float(share), 3) + 0.0:.1%}"
