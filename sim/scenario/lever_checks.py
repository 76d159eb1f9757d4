"""Whether levers and what a mitigation must keep to fit the scenario, as far as that shows field by field."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import combinations

from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import start_days
from sim.scenario.levers import Lever
from sim.scenario.makers import makers_of, members
from sim.scenario.schema import Scenario


def unfit_levers(scenario: Scenario) -> Iterator[Finding]:
    """Levers that cannot be decided when they say, exclude themselves, or undo what another does."""
    for name, lever in scenario.levers.items():
        path = ("levers", name)
        yield from _dates(scenario, (*path, "dates"), lever)
        yield from _same_effect(scenario, (*path, "dates"), lever)
        yield from _signal(scenario, (*path, "signal"), lever)
        if name in lever.excludes:
            where = (*path, "excludes", str(lever.excludes.index(name)))
            yield Finding(where, "found the lever itself, allowed: other levers")
    yield from _shared_paths(scenario)


def unfit_mitigation(scenario: Scenario) -> Iterator[Finding]:
    """A maker that is none of the headline, or the service of streams that are none of its."""
    asked = scenario.mitigation
    if asked is None:
        return
    makers = makers_of(scenario)
    if asked.maker is not None and asked.maker not in makers:
        found = f"found {asked.maker}, which is no maker of the headline"
        yield Finding(("mitigation", "maker"), f"{found}; allowed: {', '.join(makers) or 'none'}")
    elif not makers:
        yield Finding(("mitigation",), "no firm sells, so there is no result to serve; allowed: none")
    else:
        yield from _services(scenario, asked.maker or makers[0])


def _services(scenario: Scenario, maker: str) -> Iterator[Finding]:
    assert scenario.mitigation is not None  # noqa: S101 - the caller looked
    firms, points = members(scenario, maker), scenario.stock_points
    own = [name for name, stream in scenario.demand.items() if points[stream.stock_point].firm in firms]
    for name in scenario.mitigation.constraints.service:
        if name not in own:
            path = ("mitigation", "constraints", "service", name)
            yield Finding(path, f"{maker} does not sell there, allowed: {', '.join(own) or 'none'}")


def _signal(scenario: Scenario, path: Path, lever: Lever) -> Iterator[Finding]:
    """The cover of a stock that no firm buys of another, and firms that do not deliver to the maker."""
    if lever.signal is None:
        return
    if lever.signal.supplier_stops is not None:
        yield from _stops(scenario, path, lever.signal.supplier_stops)
    if lever.signal.runs_out is not None:
        yield from _runs_out(scenario, path, lever.signal.runs_out)
    if lever.signal.stock_point is None:
        return
    points = scenario.stock_points
    lanes = [*scenario.lanes.values(), *scenario.substitutes.values()]
    bought = {lane.buyer for lane in lanes if points[lane.buyer].firm != points[lane.supplier].firm}
    if lever.signal.stock_point not in bought:
        found = f"found {lever.signal.stock_point}, which is not bought of another firm"
        allowed = ", ".join(name for name in points if name in bought) or "none"
        yield Finding((*path, "stock_point"), f"{found}; allowed: {allowed}")


def _stops(scenario: Scenario, path: Path, firms: Sequence[str]) -> Iterator[Finding]:
    """Firms that the maker does not buy of, from the first day on."""
    makers, asked, points = makers_of(scenario), scenario.mitigation, scenario.stock_points
    if not makers:
        return
    maker = (asked.maker if asked else None) or makers[0]
    own = members(scenario, maker)
    sellers = {
        points[lane.supplier].firm for lane in scenario.lanes.values() if points[lane.buyer].firm in own
    }
    suppliers = [name for name in scenario.firms if name in sellers and name not in own]
    for place, name in enumerate(firms):
        if name not in suppliers:
            found = f"found {name}, which does not deliver to {maker}"
            yield Finding(
                (*path, "supplier_stops", str(place)), f"{found}; allowed: {', '.join(suppliers) or 'none'}"
            )
    if not firms and not suppliers:
        yield Finding((*path, "supplier_stops"), f"no firm delivers to {maker}; allowed: another signal")


def _runs_out(scenario: Scenario, path: Path, point: str) -> Iterator[Finding]:
    """A stock point that is a source, which never runs out."""
    lanes = [*scenario.lanes.values(), *scenario.substitutes.values()]
    stocked = {lane.buyer for lane in lanes} | {recipe.output for recipe in scenario.recipes.values()}
    if point not in stocked:
        allowed = ", ".join(name for name in scenario.stock_points if name in stocked) or "none"
        yield Finding((*path, "runs_out"), f"found {point}, which never runs out; allowed: {allowed}")


def _dates(scenario: Scenario, path: Path, lever: Lever) -> Iterator[Finding]:
    """Days before the calendar, and days so late that it would take effect after it."""
    if lever.dates is None:
        return
    calendar = scenario.calendar
    if lever.dates.earliest < calendar.start:
        found, first = calendar.shown(lever.dates.earliest), calendar.shown(calendar.start)
        yield Finding((*path, "earliest"), f"found {found}, allowed: from the first simulated day {first} on")
    effect = lever.effect_of(lever.dates.latest)
    if effect > calendar.last_day:
        found = calendar.shown(lever.dates.latest)
        takes = f", which takes effect on {calendar.shown(effect)}" if lever.days_to_take_effect else ""
        allowed = f"allowed: taking effect up to the last simulated day {calendar.shown(calendar.last_day)}"
        yield Finding((*path, "latest"), f"found {found}{takes}; {allowed}")


def _same_effect(scenario: Scenario, path: Path, lever: Lever) -> Iterator[Finding]:
    """Days without fields that get them: decided after the shock it would still have taken effect before."""
    if lever.dates is None or lever.dates.paths:
        return
    calendar = scenario.calendar
    for name, entry in scenario.interventions.items():
        first = calendar.start + dt.timedelta(int(start_days(scenario, name)[0]))
        if entry.shock and lever.dates.latest >= first:
            found = (
                f"found {calendar.shown(lever.dates.latest)}, when {name} may be there already, and no paths"
            )
            says = "without paths it has the same effect on whichever day it is decided"
            yield Finding(
                (*path, "latest"), f"{found}: {says}; allowed: a day before {calendar.shown(first)}, or paths"
            )
            return


def _shared_paths(scenario: Scenario) -> Iterator[Finding]:
    """Levers of which one would undo what the other does."""
    settings = {name: _settings(lever) for name, lever in scenario.levers.items()}
    for (one, first), (other, second) in combinations(scenario.levers.items(), 2):
        if other in first.excludes or one in second.excludes:
            continue
        for path in [path for path in settings[one] if path in settings[other]]:
            if settings[one][path] is _ITS_OWN or settings[one][path] != settings[other][path]:
                found = f"found {path}, which {one} sets too"
                yield Finding(("levers", other), f"{found}; allowed: levers that exclude each other")


_ITS_OWN = object()
"""Stands for a level or a date: two levers have never the same."""


def _settings(lever: Lever) -> dict[str, object]:
    """What a lever sets, by its path."""
    varying = [*lever.moves, *lever.takes_from, *(lever.dates.paths if lever.dates else [])]
    fixed = {path.strip(): value for path, value in lever.settings.items()}
    return {**fixed, **dict.fromkeys((path.strip() for path in varying), _ITS_OWN)}
