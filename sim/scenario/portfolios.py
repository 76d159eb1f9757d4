"""Portfolios: which levers are taken, at which level, decided on which day, laid over the scenario.

A lever's settings come first, then its level, then the day on which it takes effect; levers come in the order
of the file. They are laid over the scenario as it is read, with all copies made: what another object copied
from a field with ``like`` stays as it is.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sim.errors import Place, Problem, ScenarioError, SimError, first_problems
from sim.scenario.alternatives import lay
from sim.scenario.levers import Lever
from sim.scenario.load import Loaded, tree_of, validated
from sim.scenario.merge import Setting, worked_out
from sim.scenario.schema import Scenario
from sim.scenario.shapes import nearest
from sim.scenario.source import SourceNode
from sim.scenario.wording import show, spot_at


@dataclass(frozen=True, slots=True)
class Taken:
    """A lever that is taken.

    Attributes
    ----------
    lever
        Its id.
    level
        The level at which it is taken; None for one that has none.
    date
        The day on which it is decided; None: the first on which it can be, or of one without dates, before
        the first simulated day.
    """

    lever: str
    level: float | None = None
    date: dt.date | None = None

    def __str__(self) -> str:
        level = "" if self.level is None else f"={self.level:g}"
        return f"{self.lever}{level}" + ("" if self.date is None else f"@{self.date}")


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Which levers are taken; without any, nothing is done.

    Examples
    --------
    >>> portfolio = Portfolio((Taken("stock", 60.0), Taken("licence")))
    >>> str(portfolio), str(portfolio.without("stock")), str(Portfolio())
    ('stock=60, licence', 'licence', 'nothing')
    """

    taken: tuple[Taken, ...] = ()

    def with_(self, taken: Taken) -> "Portfolio":
        """The same with a lever taken, or taken at another level or on another day."""
        return Portfolio((*self.without(taken.lever).taken, taken))

    def without(self, lever: str) -> "Portfolio":
        """The same without a lever."""
        return Portfolio(tuple(taken for taken in self.taken if taken.lever != lever))

    def __str__(self) -> str:
        return ", ".join(map(str, self.taken)) or "nothing"


NOTHING = Portfolio()
"""The scenario as it stands."""


def laid_over(loaded: Loaded, portfolio: Portfolio) -> Loaded:
    """The scenario as a portfolio makes it.

    Parameters
    ----------
    loaded
        The scenario and its tree, with all copies made.
    portfolio
        Levers of it.

    Raises
    ------
    SimError
        If the portfolio cannot be taken (:func:`check`).
    ScenarioError
        If the result makes no scenario; problems say which levers made it so.
    """
    check(loaded.scenario, portfolio)
    chosen = {taken.lever: taken for taken in portfolio.taken}
    if not chosen:
        return loaded
    tree = loaded.tree
    try:
        for name, lever in loaded.scenario.levers.items():
            if name in chosen:
                for setting in _settings(loaded, lever, chosen[name]):
                    tree = lay(tree, setting)
        return validated(worked_out(tree))
    except ScenarioError as error:
        raise ScenarioError(of_portfolio(portfolio, error.problems)) from None


def of_portfolio(portfolio: Portfolio, problems: Iterable[Problem]) -> list[Problem]:
    """Problems that say with which levers they were found."""
    within = f"levers.{portfolio}"
    return first_problems(Problem(f"{within}: {problem.message}", problem.place) for problem in problems)


def check(scenario: Scenario, portfolio: Portfolio) -> None:
    """See whether a portfolio can be taken.

    Raises
    ------
    SimError
        If it takes what is no lever, one twice, at a level or on a day that it does not have, or two that
        exclude each other.
    """
    names = [taken.lever for taken in portfolio.taken]
    for taken in portfolio.taken:
        lever = lever_named(scenario, taken.lever)
        if names.count(taken.lever) > 1:
            raise SimError(f"levers: found {taken.lever} twice; allowed: once")
        check_level(taken, lever)
        _check_date(scenario, taken, lever)
        for other in lever.excludes:
            if other in names:
                raise SimError(f"levers: found {taken.lever} beside {other}; allowed: one of them")


def lever_named(scenario: Scenario, name: str) -> Lever:
    """A lever by its id.

    Raises
    ------
    SimError
        If the scenario has none of this name; offers the nearest.
    """
    if name not in scenario.levers:
        hint = nearest(name, scenario.levers) or ";"
        listed = ", ".join(scenario.levers) or "none: the scenario has no levers"
        raise SimError(f"'{name[:60]}' is not one of levers{hint} allowed: {listed}")
    return scenario.levers[name]


def check_level(taken: Taken, lever: Lever) -> None:
    """See whether a lever has the level at which it is taken.

    Raises
    ------
    SimError
        If it does not, needs one, or has none.
    """
    if (taken.level is None) == (lever.levels is None):
        values = lever.levels.values if lever.levels else ()
        if taken.level is None or taken.level in values:
            return
    where, unit = f"levers.{taken.lever}", f" {lever.unit}" if lever.unit else ""
    if lever.levels is None:
        raise SimError(f"{where}: found level {taken.level:g}; allowed: none, it is done or not")
    found = "no level" if taken.level is None else f"level {taken.level:g}"
    values = lever.levels.values
    allowed = ", ".join(f"{value:g}" for value in values[:MOST_TOLD])
    more = f", ... up to {values[-1]:g}" if len(values) > MOST_TOLD else ""
    raise SimError(f"{where}: found {found}; allowed: {allowed}{more}{unit}")


MOST_TOLD = 12
"""Levels that a message lists."""


def _check_date(scenario: Scenario, taken: Taken, lever: Lever) -> None:
    if taken.date is None:
        return
    where, calendar = f"levers.{taken.lever}", scenario.calendar
    if lever.dates is None:
        raise SimError(f"{where}: found a date; allowed: none, it has no dates")
    if not lever.dates.earliest <= taken.date <= lever.dates.latest:
        first, last = calendar.shown(lever.dates.earliest), calendar.shown(lever.dates.latest)
        raise SimError(f"{where}: found {calendar.shown(taken.date)}; allowed: from {first} to {last}")


def _settings(loaded: Loaded, lever: Lever, taken: Taken) -> Iterator[Setting]:
    """What a lever lays over the scenario, with the places of the file."""
    parts = _parts(spot_at(loaded.tree, ["levers", taken.lever]).node)
    for path, value in _parts(parts.get("set")).items():
        yield Setting(path.strip(), value, value.key_place or value.place, path)
    if taken.level is not None:
        for path, place in _listed(parts.get("moves")):
            yield _given(path, _number(taken.level), place)
        yield from _room_for(loaded, parts, taken)
    if lever.dates is not None:
        effect = lever.effect_of(taken.date or lever.dates.earliest).isoformat()
        for path, place in _listed(_parts(parts.get("dates")).get("paths")):
            yield _given(path, effect, place)


def _room_for(loaded: Loaded, parts: dict[str, SourceNode], taken: Taken) -> Iterator[Setting]:
    """What other fields hold once they have made room for a level."""
    givers = list(_listed(parts.get("takes_from")))
    if taken.level is None or not givers:
        return
    ((moved, place),) = _listed(parts.get("moves"))
    held = [_held(loaded, path, where) for path, where in givers]
    more, there_is = taken.level - _held(loaded, moved, place), sum(held)
    if more > there_is:
        most = taken.level - more + there_is
        found = f"found {taken.level:g}, which takes {more:g} from fields that hold {there_is:g}"
        raise ScenarioError([Problem(f"{moved}: {found}; allowed: up to {most:g}", place)])
    for (path, where), holds in zip(givers, held, strict=True):
        left = max(holds - more * (holds / there_is), 0.0) if there_is > 0.0 else holds
        yield _given(path, _number(left), where)


def _held(loaded: Loaded, path: str, place: Place) -> float:
    """The number that a field of the scenario holds."""
    node: SourceNode | None = loaded.tree
    for name in path.strip().split("."):
        node = _parts(node).get(name)
    number = _parts(node).get("value", node)
    value = None if number is None else number.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        found = f"{path}: found {show(value)}, allowed: a field that holds a number"
        raise ScenarioError([Problem(found, place)])
    return float(value)


def _parts(node: SourceNode | None) -> dict[str, SourceNode]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _listed(node: SourceNode | None) -> Iterator[tuple[str, Place]]:
    """The texts of a list, each with its place."""
    for item in node.value if node is not None and isinstance(node.value, list) else []:
        yield str(item.value), item.shown_at


def _given(path: str, value: Any, place: Place) -> Setting:
    return Setting(path.strip(), tree_of(value, place), place, path)


def _number(level: float) -> float | int:
    """A level as a file says it: a whole number where it is one, as for days that must be whole."""
    return int(level) if level.is_integer() else level


def typed_cost(scenario: Scenario, portfolio: Portfolio) -> float:
    """What the levers of a portfolio cost beside what the scenario has in it already, in its currency.

    Parameters
    ----------
    scenario
        The scenario that has the levers.
    portfolio
        Levers of it.
    """
    return typed_outlay(scenario, portfolio, scenario.calendar.length_days - 1)


def typed_outlay(scenario: Scenario, portfolio: Portfolio, day: int) -> float:
    """What of :func:`typed_cost` has been paid at the end of a day, counted from the first simulated one.

    What is paid once is paid on the day on which it is decided, the rest day by day from its effect on.
    """
    return sum(_paid(scenario, taken, day) for taken in portfolio.taken)


def _paid(scenario: Scenario, taken: Taken, day: int) -> float:
    lever, level = scenario.levers[taken.lever], taken.level or 0.0
    start, cost = scenario.calendar.start, lever.cost
    decided = start if lever.dates is None else taken.date or lever.dates.earliest
    effect = decided if lever.dates is None else lever.effect_of(decided)
    days = max(0, day - (effect - start).days + 1)
    once = cost.once.mean + cost.per_level.mean * level if day >= (decided - start).days else 0.0
    return once + (cost.per_day.mean + cost.per_level_day.mean * level) * days


def at_their_ends(scenario: Scenario) -> Iterator[Portfolio]:
    """Each lever alone, at its lowest and its highest level, decided as early and as late as it can be."""
    for name, lever in scenario.levers.items():
        levels = lever.levels.values if lever.levels else (None,)
        dates = (lever.dates.earliest, lever.dates.latest) if lever.dates else (None,)
        for level in dict.fromkeys((levels[0], levels[-1])):
            for date in dict.fromkeys(dates):
                yield Portfolio((Taken(name, level, date),))
