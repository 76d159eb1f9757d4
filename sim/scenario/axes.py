"""What a sweep goes over: the levels of a lever, or the days on which it is decided."""

from dataclasses import dataclass

from sim.errors import SimError
from sim.scenario.levers import Lever
from sim.scenario.portfolios import Taken, check_level, lever_named
from sim.scenario.schema import Scenario

DATES = "dates"
"""What stands behind the ``@`` of an axis of days, where a portfolio has a day."""


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of a sweep.

    Attributes
    ----------
    lever
        Its id.
    of_dates
        Whether it goes over the days on which the lever is decided, not over its levels.
    level
        The level at which it is decided on each day; None: it has none, or another axis goes over its levels.

    Examples
    --------
    >>> str(Axis("stock")), str(Axis("stock", of_dates=True, level=60.0))
    ('stock', 'stock=60@dates')
    """

    lever: str
    of_dates: bool = False
    level: float | None = None

    def __str__(self) -> str:
        level = "" if self.level is None else f"={_exact(self.level)}"
        return f"{self.lever}{level}@{DATES}" if self.of_dates else self.lever


def axis_of(scenario: Scenario, text: str) -> Axis:
    """An axis as a command names it: ``stock``, for its levels; for days ``stock@dates``, ``stock=60@dates``.

    Parameters
    ----------
    scenario
        The scenario that has the lever.
    text
        What was given.

    Raises
    ------
    SimError
        If it is no such text, the lever is none, has no such level or no dates.
    """
    if text in scenario.levers:
        return Axis(text)
    named, at, over = text.partition("@")
    name, equals, level = named.partition("=")
    lever = lever_named(scenario, name)
    if not at or over != DATES:
        raise SimError(f"sweep: found {text[:60]}; allowed: {_forms(name, lever)}")
    if lever.dates is None:
        raise SimError(f"sweep: found {text[:60]}, but {name} has no dates; allowed: {name}")
    if not equals:
        return Axis(name, of_dates=True)
    axis = Axis(name, True, _number(level, text, _forms(name, lever)))
    check_level(Taken(name, axis.level), lever)
    return axis


def _exact(level: float) -> str:
    """A level that reads back as the same."""
    return str(int(level)) if level.is_integer() else repr(level)


def _number(text: str, found: str, allowed: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SimError(f"sweep: found {found[:60]}; allowed: {allowed}") from None


def _forms(name: str, lever: Lever) -> str:
    """How a lever can be swept."""
    if lever.dates is None:
        return name
    at = "" if lever.levels is None else f"={_exact(lever.levels.values[0])}"
    return f"{name} or {name}{at}@{DATES}"


def check_axes(scenario: Scenario, axes: tuple[Axis, ...]) -> None:
    """See whether axes can be swept together.

    Raises
    ------
    SimError
        If two are of the same levels or days, a level is missing, or the levers exclude each other.
    """
    first, last = axes[0], axes[-1]
    levers = scenario.levers
    if len(axes) > 1 and first.lever == last.lever:
        lever = levers[first.lever]
        if first.of_dates == last.of_dates or lever.levels is None or (first.level or last.level) is not None:
            raise SimError(f"sweep: found {first.lever} twice; allowed: two different levers")
        return
    for axis in axes:
        lever = levers[axis.lever]
        if axis.of_dates and axis.level is None and lever.levels is not None:
            low, name = str(Axis(axis.lever, True, lever.levels.values[0])), axis.lever
            raise SimError(f"sweep: found {axis} without a level; allowed: {low}, or a map: {name} {axis}")
    if last.lever in levers[first.lever].excludes or first.lever in levers[last.lever].excludes:
        raise SimError(
            f"sweep: {first.lever} and {last.lever} exclude each other; allowed: one of them alone"
        )


def dated(scenario: Scenario, axes: tuple[Axis, ...]) -> str:
    """What to ask for in place of axes that go over no days."""
    for axis in axes:
        lever = scenario.levers[axis.lever]
        if lever.dates is not None:
            return str(Axis(axis.lever, True, lever.levels.values[0] if lever.levels else None))
    names = [name for name, lever in scenario.levers.items() if lever.dates is not None]
    return (
        f"one that has dates: {', '.join(names)}"
        if names
        else "levers that have dates, of which there are none"
    )
