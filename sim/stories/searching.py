"""The portfolios of a scenario's levers, as a space that can be searched (:mod:`sim.risk.searching`)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.risk.searching import Choice
from sim.scenario.levers import Lever
from sim.scenario.portfolios import Portfolio, Taken
from sim.scenario.schema import Scenario

MOST_LEVELS = 6
"""Levels of a lever that are tried: the lowest, the highest and those between, evenly."""
SEARCHED_DATES = 2
"""Days on which a lever is decided that are tried: the first and the last."""
SIGNAL_DATES = 8
"""Days on which somebody looks whether a signal has come."""
WAITING_DATES = 4
"""Days for which the value of waiting is told."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a lever can be taken in a search.

    Attributes
    ----------
    lever
        Its id.
    levels
        Levels that are tried; None alone for one that is done or not.
    dates
        Days that are tried; None alone for one without dates.
    excludes
        Levers that cannot be taken beside it, whichever of the two says so.
    """

    lever: str
    levels: tuple[float | None, ...]
    dates: tuple[dt.date | None, ...]
    excludes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Levers:
    """All portfolios that are tried: two coordinates a lever, its level (0: not taken) and its day.

    Attributes
    ----------
    options
        How each lever can be taken, by id, so that a search does not hang on the order of the file.
    order
        The levers in the order of the file, in which a portfolio has them.
    """

    options: tuple[Options, ...]
    order: tuple[str, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each coordinate has."""
        return tuple(size for option in self.options for size in (1 + len(option.levels), len(option.dates)))

    def moved(self, choice: Choice, coordinate: int, value: int) -> Choice:
        """A portfolio with one coordinate at a value, and without the levers that this one excludes."""
        values, (lever, is_date) = list(choice), divmod(coordinate, 2)
        if is_date and not choice[coordinate - 1]:
            return choice
        values[coordinate] = value
        if not is_date:
            for place, other in enumerate(self.options):
                if (value == 0 and place == lever) or (value and other.lever in self.options[lever].excludes):
                    values[2 * place : 2 * place + 2] = 0, 0
        return tuple(values)

    def portfolio(self, choice: Choice) -> Portfolio:
        """The portfolio of a choice."""
        ways = zip(self.options, choice[::2], choice[1::2], strict=True)
        taken = [
            Taken(option.lever, option.levels[level - 1], option.dates[date])
            for option, level, date in ways
            if level
        ]
        return Portfolio(tuple(sorted(taken, key=lambda each: self.order.index(each.lever))))


def levers_of(scenario: Scenario) -> Levers:
    """The portfolios of a scenario's levers that are tried."""
    options = (_options(scenario, name, lever) for name, lever in sorted(scenario.levers.items()))
    return Levers(tuple(options), tuple(scenario.levers))


def _options(scenario: Scenario, name: str, lever: Lever) -> Options:
    levels: Sequence[float | None] = lever.levels.values if lever.levels else [None]
    others = {other for other, its in scenario.levers.items() if name in its.excludes}
    return Options(
        lever=name,
        levels=tuple(levels[place] for place in _spread(len(levels), MOST_LEVELS)),
        dates=dates_of(lever, SEARCHED_DATES),
        excludes=frozenset({*lever.excludes, *others} - {name}),
    )


def dates_of(lever: Lever, most: int) -> tuple[dt.date | None, ...]:
    """Days on which a lever can be decided, the first and the last among them; None where it has none.

    Parameters
    ----------
    lever
        The lever.
    most
        How many at most.
    """
    if lever.dates is None:
        return (None,)
    days = (lever.dates.latest - lever.dates.earliest).days
    return tuple(lever.dates.earliest + dt.timedelta(day) for day in _spread(days + 1, most))


def _spread(count: int, most: int) -> list[int]:
    """Places from the first to the last, evenly."""
    return [int(place) for place in np.unique(np.linspace(0, count - 1, min(count, most)).round())]
