"""Whom and what an intervention covers, by name; substitutes count as lanes."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from sim.scenario.countries import covered_by
from sim.scenario.days import DEFAULT_START
from sim.scenario.interventions import (
    DirectProductRule,
    ExportBan,
    LaneCover,
    PointCover,
    Restriction,
    Retaliation,
    StreamCover,
)
from sim.scenario.quantities import AnyQuantity
from sim.scenario.schema import Firm, Item, Lane, Scenario

Reader = Callable[[str, Any], str | None]
"""Reads what a list of a cover is about from an id and its object."""
COUNTRIES = frozenset(("supplier_countries", "buyer_countries", "countries"))
"""Lists of countries, in which a union stands for its members too."""


def lanes_covered(scenario: Scenario, cover: LaneCover) -> list[str]:
    """Ids of the lanes and substitutes that match every list of the cover, in file order."""
    points, firms = scenario.stock_points, scenario.firms
    readers: dict[str, Reader] = {
        "suppliers": lambda _, lane: points[lane.supplier].firm,
        "supplier_countries": lambda _, lane: _supplier(scenario, lane).country,
        "supplier_points": lambda _, lane: lane.supplier,
        "buyers": lambda _, lane: points[lane.buyer].firm,
        "buyer_countries": lambda _, lane: firms[points[lane.buyer].firm].country,
        "buyer_points": lambda _, lane: lane.buyer,
        "items": lambda _, lane: points[lane.supplier].item,
        "export_classes": lambda _, lane: _item(scenario, lane).export_class,
        "lanes": lambda name, _: name,
    }
    return _matching(scenario, _lanes(scenario), cover, readers)


def points_covered(scenario: Scenario, cover: PointCover) -> list[str]:
    """Ids of the stock points that match every list of the cover, in file order."""
    readers: dict[str, Reader] = {
        "firms": lambda _, point: point.firm,
        "countries": lambda _, point: scenario.firms[point.firm].country,
        "items": lambda _, point: point.item,
        "stock_points": lambda name, _: name,
    }
    return _matching(scenario, scenario.stock_points.items(), cover, readers)


def streams_covered(scenario: Scenario, cover: StreamCover) -> list[str]:
    """Ids of the demand streams that match every list of the cover, in file order."""
    points, markets = scenario.stock_points, scenario.markets
    readers: dict[str, Reader] = {
        "sellers": lambda _, stream: points[stream.stock_point].firm,
        "items": lambda _, stream: points[stream.stock_point].item,
        "markets": lambda _, stream: stream.market,
        "countries": lambda _, stream: markets[stream.market].country,
        "buyer": lambda _, stream: markets[stream.market].buyer,
        "demand": lambda name, _: name,
    }
    return _matching(scenario, scenario.demand.items(), cover, readers)


def _matching(
    scenario: Scenario, entries: Iterable[tuple[str, Any]], cover: BaseModel, readers: Mapping[str, Reader]
) -> list[str]:
    """Ids of the objects that match everything that a cover gives."""
    given = [
        (readers[field], _allowed(scenario, field, allowed))
        for field, allowed in cover
        if allowed is not None
    ]
    return [name for name, entry in entries if all(read(name, entry) in allowed for read, allowed in given)]


def _allowed(scenario: Scenario, field: str, allowed: str | Iterable[str]) -> frozenset[str]:
    if isinstance(allowed, str):
        return frozenset((allowed,))
    return covered_by(allowed, membership_day(scenario)) if field in COUNTRIES else frozenset(allowed)


def membership_day(scenario: Scenario) -> dt.date | None:
    """The day on which membership of a union counts: the first that is simulated, None without a start."""
    start = scenario.calendar.start
    return None if start == DEFAULT_START else start


def candidate_lanes(scenario: Scenario, restriction: Restriction) -> list[str]:
    """Ids of the lanes that a restriction names, whatever their content: cover and jurisdiction match.

    A ban's jurisdiction must control the lane's content; a direct-product rule's jurisdiction must own
    technology that makes what the lane carries.
    """
    return [
        name
        for name in lanes_covered(scenario, restriction.covers)
        if _in_jurisdiction(scenario, restriction, lane_called(scenario, name))
    ]


def restricted_lanes(scenario: Scenario, restriction: Restriction) -> list[str]:
    """Ids of the lanes that a restriction closes, judged by the mean of uncertain content shares.

    Of the candidate lanes a ban spares those below its de-minimis share; a direct-product rule spares none.
    """
    candidates = candidate_lanes(scenario, restriction)
    if not isinstance(restriction, ExportBan | Retaliation):
        return candidates
    threshold = restriction.de_minimis_share.mean
    return [
        name
        for name in candidates
        if controlled_content_share(scenario, lane_called(scenario, name)).mean >= threshold
    ]


def lanes_just_outside(scenario: Scenario, restriction: Restriction) -> list[str]:
    """Ids of lanes of the restricted suppliers to the restricted buyers that the rule does not name.

    They match the jurisdiction, the suppliers, the buyers and their countries, but not the items, export
    classes, stock points or lanes.
    """
    cover = restriction.covers
    parties = LaneCover(
        suppliers=cover.suppliers,
        supplier_countries=cover.supplier_countries,
        buyers=cover.buyers,
        buyer_countries=cover.buyer_countries,
    )
    named = set(candidate_lanes(scenario, restriction))
    return [
        name
        for name in lanes_covered(scenario, parties)
        if name not in named and _in_jurisdiction(scenario, restriction, lane_called(scenario, name))
    ]


def over_compliant_lanes(scenario: Scenario, restriction: Restriction) -> list[str]:
    """Ids of lanes that only a cautious supplier closes: just outside the rule, or below de minimis."""
    closed = set(restricted_lanes(scenario, restriction))
    cautious = {*lanes_just_outside(scenario, restriction), *candidate_lanes(scenario, restriction)} - closed
    return [name for name, _ in _lanes(scenario) if name in cautious]


def lane_called(scenario: Scenario, name: str) -> Lane:
    """The lane or substitute with an id."""
    lane = scenario.lanes.get(name)
    return scenario.substitutes[name] if lane is None else lane


def controlled_content_share(scenario: Scenario, lane: Lane) -> AnyQuantity:
    """Share of controlled content of a lane: its own, else that of the item its supplier holds."""
    if lane.controlled_content_share is not None:
        return lane.controlled_content_share
    return _item(scenario, lane).controlled_content_share


def controlled_by(scenario: Scenario, lane: Lane) -> str:
    """Country that controls a lane's content: its own, else that of its supplier."""
    return lane.controlled_by or _supplier(scenario, lane).country


def _lanes(scenario: Scenario) -> Iterator[tuple[str, Lane]]:
    yield from scenario.lanes.items()
    yield from scenario.substitutes.items()


def _in_jurisdiction(scenario: Scenario, restriction: Restriction, lane: Lane) -> bool:
    if restriction.jurisdiction is None:
        return True
    countries = covered_by([restriction.jurisdiction], membership_day(scenario))
    if isinstance(restriction, DirectProductRule):
        return not countries.isdisjoint(scenario.stock_points[lane.supplier].controlled_technology)
    return controlled_by(scenario, lane) in countries


def _supplier(scenario: Scenario, lane: Lane) -> Firm:
    return scenario.firms[scenario.stock_points[lane.supplier].firm]


def _item(scenario: Scenario, lane: Lane) -> Item:
    return scenario.items[scenario.stock_points[lane.supplier].item]
