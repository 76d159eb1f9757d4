"""Whether each intervention reaches somebody and comes at a possible time, as its kind says."""

from collections.abc import Iterator

from sim.scenario.findings import Finding, shown_circle
from sim.scenario.interventions.base import start_days
from sim.scenario.interventions.reach import Reach
from sim.scenario.schema import Scenario


def mistimed_interventions(scenario: Scenario) -> list[Finding]:
    """Every intervention that takes effect at an impossible time, or after itself."""
    return list(_circles(scenario)) or [*_timing(scenario), *_shock(scenario)]


def misdirected_interventions(scenario: Scenario) -> list[Finding]:
    """Every intervention that reaches nobody, or relieves or lifts what it cannot."""
    reach = Reach(scenario)
    return [
        finding
        for name, entry in scenario.interventions.items()
        for finding in entry.misdirected(("interventions", name), reach)
    ]


def _circles(scenario: Scenario) -> Iterator[Finding]:
    seen: set[str] = set()
    for name in scenario.interventions:
        chain: dict[str, None] = {}
        current: str | None = name
        while current is not None and current not in seen:
            if current in chain:
                circle = [*list(chain)[list(chain).index(current) :], current]
                yield Finding(
                    ("interventions", current, "after"), f"goes round in a circle: {shown_circle(circle)}"
                )
                break
            chain[current] = None
            current = scenario.interventions[current].after
        seen |= chain.keys()


def _timing(scenario: Scenario) -> Iterator[Finding]:
    calendar = scenario.calendar
    for name, entry in scenario.interventions.items():
        path = ("interventions", name)
        if entry.date is not None and entry.date > calendar.last_day:
            last_day = calendar.shown(calendar.last_day)
            message = f"found {calendar.shown(entry.date)}, allowed: up to the last simulated day {last_day}"
            yield Finding((*path, "date"), message)
        start, _ = start_days(scenario, name)
        if entry.end is not None and (entry.end - calendar.start).days <= start:
            shown = calendar.shown(entry.end)
            yield Finding((*path, "end"), f"found {shown}, but it takes effect only then or later")
        yield from entry.mistimed(path, scenario)


def _shock(scenario: Scenario) -> Iterator[Finding]:
    shock = current = scenario.analysis.shock
    while current is not None:
        if scenario.interventions[current].shock:
            return
        current = scenario.interventions[current].after
    if shock is not None:
        marked = [name for name, entry in scenario.interventions.items() if entry.shock]
        allowed = f"one marked 'shock: true': {', '.join(marked) or 'none is'}"
        yield Finding(("analysis", "shock"), f"{shock} is no part of the shock, allowed: {allowed}")
