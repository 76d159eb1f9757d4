"""Whether each intervention reaches somebody, relieves or lifts what it can, and comes at a possible time."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any

from sim.scenario import interventions
from sim.scenario.covers import (
    candidate_lanes,
    controlled_by,
    controlled_content_share,
    lane_called,
    lanes_covered,
    over_compliant_lanes,
    points_covered,
    streams_covered,
)
from sim.scenario.schema import NoOrders, Scenario
from sim.scenario.wording import Finding, shown_circle

Covered = Callable[[Scenario, Any], Sequence[str]]


def mistimed_interventions(scenario: Scenario) -> list[Finding]:
    """Every intervention that takes effect at an impossible time, or after itself."""
    return list(_circles(scenario)) or [*_timing(scenario), *_shock(scenario)]


def misdirected_interventions(scenario: Scenario) -> list[Finding]:
    """Every intervention that reaches nobody, or relieves or lifts what it cannot."""
    return list(_targets(scenario))


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
        start, _ = _start_days(scenario, name)
        if entry.end is not None and (entry.end - calendar.start).days <= start:
            shown = calendar.shown(entry.end)
            yield Finding((*path, "end"), f"found {shown}, but it takes effect only then or later")
        if isinstance(entry, interventions.Lifting):
            yield from _lifting_dates(scenario, name, entry)


def _start_days(scenario: Scenario, name: str) -> tuple[float, float]:
    """First and last possible day on which an intervention takes effect, from the start of the calendar."""
    first = last = 0.0
    current: str | None = name
    while current is not None:
        entry = scenario.interventions[current]
        low, high = entry.delay_days.support
        first, last = first + low, last + high
        if entry.date is not None:
            days = (entry.date - scenario.calendar.start).days
            return first + days, last + days
        current = entry.after
    raise AssertionError("an intervention has a date or follows one")


def _lifting_dates(scenario: Scenario, name: str, entry: interventions.Lifting) -> Iterator[Finding]:
    _, latest = _start_days(scenario, name)
    for index, lifted in enumerate(entry.lifts):
        if latest < _start_days(scenario, lifted)[0]:
            yield Finding(
                ("interventions", name, "lifts", str(index)), f"{lifted} takes effect only after this lifting"
            )


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


def _targets(scenario: Scenario) -> Iterator[Finding]:
    restricted_by = cache(partial(_restricted_by, scenario))
    for name, entry in scenario.interventions.items():
        path = ("interventions", name)
        match entry:
            case interventions.ExportBan() | interventions.Retaliation() | interventions.DirectProductRule():
                yield from _restriction(scenario, path, entry)
            case interventions.LicenceRegime():
                yield from _licence(scenario, path, entry, restricted_by)
            case interventions.Lifting():
                yield from _lifting(scenario, path, entry)
            case interventions.CapacityLoss():
                yield from _nobody(scenario, (*path, "covers"), entry.covers, points_covered, "stock point")
            case interventions.Stockpiling():
                yield from _stockpiling(scenario, (*path, "covers"), entry.covers)
            case interventions.Disruption():
                yield from _disruption(scenario, path, entry)
            case interventions.PriceChange():
                yield from _price_change(scenario, path, entry)
            case _:
                yield from _nobody(
                    scenario, (*path, "covers"), entry.covers, streams_covered, "demand stream"
                )


def _nobody(
    scenario: Scenario, path: tuple[str, ...], cover: Any, covered: Covered, kind: str
) -> Iterator[Finding]:
    """A finding if nothing matches a cover, at the list to blame if one alone is."""
    if covered(scenario, cover):
        return
    given = {name: value for name, value in cover if value is not None}
    for name, value in given.items():
        if not covered(scenario, type(cover)(**{name: value})):
            yield Finding((*path, name), f"covers nobody: no {kind} matches {_shown(value)}")
            return
    lists = f" all of {', '.join(given)}" if given else ", as there is none"
    yield Finding(path, f"covers nobody: no {kind} matches{lists}")


def _shown(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return str(value)
    return " or ".join(value if len(value) <= 5 else [*value[:5], "others"])


def _restriction(
    scenario: Scenario, path: tuple[str, ...], entry: interventions.Restriction
) -> Iterator[Finding]:
    nobody = list(_nobody(scenario, (*path, "covers"), entry.covers, lanes_covered, "lane"))
    if nobody:
        yield from nobody
        return
    candidates = candidate_lanes(scenario, entry)
    if not candidates:
        yield Finding((*path, "jurisdiction"), _outside_jurisdiction(scenario, entry))
        return
    if not isinstance(entry, interventions.ExportBan | interventions.Retaliation):
        return
    shares = [
        controlled_content_share(scenario, lane_called(scenario, name)).support[1] for name in candidates
    ]
    may_over_comply = entry.over_compliance_probability.support[1] > 0 and over_compliant_lanes(
        scenario, entry
    )
    threshold = entry.de_minimis_share.support[0]
    if max(shares) < threshold and not may_over_comply:
        message = (
            f"covers nobody: the controlled content of its {len(shares)} lanes is at most {max(shares):g}"
        )
        yield Finding((*path, "de_minimis_share"), f"{message}, below the de-minimis share {threshold:g}")


def _outside_jurisdiction(scenario: Scenario, entry: interventions.Restriction) -> str:
    lanes = [lane_called(scenario, name) for name in lanes_covered(scenario, entry.covers)]
    if isinstance(entry, interventions.DirectProductRule):
        return (
            f"covers nobody: none of the suppliers lists {entry.jurisdiction} in the controlled_technology "
            "of its stock point"
        )
    countries = ", ".join(sorted({controlled_by(scenario, lane) for lane in lanes}))
    return (
        f"covers nobody: {entry.jurisdiction} controls none of the lanes, {countries} does; see controlled_by"
    )


def _restricted_by(scenario: Scenario, name: str) -> list[str]:
    restriction = scenario.interventions[name]
    assert isinstance(restriction, interventions.Restriction)  # noqa: S101 - the caller looked
    return candidate_lanes(scenario, restriction)


def _licence(
    scenario: Scenario,
    path: tuple[str, ...],
    entry: interventions.LicenceRegime,
    restricted_by: Callable[[str], Sequence[str]],
) -> Iterator[Finding]:
    yield from _nobody(scenario, (*path, "covers"), entry.covers, lanes_covered, "lane")
    licensed = set(lanes_covered(scenario, entry.covers))
    for index, name in enumerate(entry.relieves):
        relieved = scenario.interventions[name]
        where = (*path, "relieves", str(index))
        if not isinstance(relieved, interventions.Restriction):
            allowed = "an export_ban, a retaliation or a direct_product_rule"
            yield Finding(where, f"{name} is of kind {relieved.kind}, allowed: {allowed}")
            continue
        restricted = restricted_by(name)
        if restricted and licensed and licensed.isdisjoint(restricted):
            yield Finding(
                where, f"relieves nobody: {name} restricts none of the lanes that the licence covers"
            )


def _lifting(scenario: Scenario, path: tuple[str, ...], entry: interventions.Lifting) -> Iterator[Finding]:
    for index, name in enumerate(entry.lifts):
        if isinstance(scenario.interventions[name], interventions.Lifting):
            yield Finding(
                (*path, "lifts", str(index)), f"{name} is itself a lifting, allowed: other interventions"
            )


def _price_change(
    scenario: Scenario, path: tuple[str, ...], entry: interventions.PriceChange
) -> Iterator[Finding]:
    if entry.lanes is not None:
        yield from _nobody(scenario, (*path, "lanes"), entry.lanes, lanes_covered, "lane")
    if entry.streams is not None:
        yield from _nobody(scenario, (*path, "streams"), entry.streams, streams_covered, "demand stream")


def _disruption(
    scenario: Scenario, path: tuple[str, ...], entry: interventions.Disruption
) -> Iterator[Finding]:
    if entry.lanes is not None:
        yield from _nobody(scenario, (*path, "lanes"), entry.lanes, lanes_covered, "lane")
    if entry.stock_points is None:
        return
    where = (*path, "stock_points")
    nobody = list(_nobody(scenario, where, entry.stock_points, points_covered, "stock point"))
    yield from nobody
    covered = points_covered(scenario, entry.stock_points)
    fed = {lane.buyer for lane in (*scenario.lanes.values(), *scenario.substitutes.values())}
    fed |= {recipe.output for recipe in scenario.recipes.values()}
    if not nobody and fed.isdisjoint(covered):
        allowed = "points that are bought or made; for what sources ship, cover their lanes"
        yield Finding(where, f"nothing leads to {', '.join(covered[:5])}, allowed: {allowed}")


def _stockpiling(
    scenario: Scenario, path: tuple[str, ...], cover: interventions.PointCover
) -> Iterator[Finding]:
    nobody = list(_nobody(scenario, path, cover, points_covered, "stock point"))
    yield from nobody
    covered = points_covered(scenario, cover)
    if not nobody and not any(_has_target(scenario, name) for name in covered):
        yield Finding(path, f"covers only points without a target to raise: {', '.join(covered[:5])}")


def _has_target(scenario: Scenario, point: str) -> bool:
    policy = scenario.stock_points[point].policy
    return policy is not None and not isinstance(policy, NoOrders)
