"""Whom and what an intervention covers, by name; substitutes count as lanes."""

from collections.abc import Container, Iterator

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


def lanes_covered(scenario: Scenario, cover: LaneCover) -> list[str]:
    """Ids of the lanes and substitutes that match every list of the cover, in file order."""
    return [name for name, lane in _lanes(scenario) if _covers_lane(scenario, cover, name, lane)]


def points_covered(scenario: Scenario, cover: PointCover) -> list[str]:
    """Ids of the stock points that match every list of the cover, in file order."""
    return [
        name
        for name, point in scenario.stock_points.items()
        if _within(point.firm, cover.firms)
        and _within(scenario.firms[point.firm].country, cover.countries)
        and _within(point.item, cover.items)
        and _within(name, cover.stock_points)
    ]


def streams_covered(scenario: Scenario, cover: StreamCover) -> list[str]:
    """Ids of the demand streams that match every list of the cover, in file order."""
    return [
        name
        for name, stream in scenario.demand.items()
        if _within(scenario.stock_points[stream.stock_point].firm, cover.sellers)
        and _within(scenario.stock_points[stream.stock_point].item, cover.items)
        and _within(stream.market, cover.markets)
        and _within(scenario.markets[stream.market].country, cover.countries)
        and cover.buyer in (None, scenario.markets[stream.market].buyer)
        and _within(name, cover.demand)
    ]


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


def leads_to(scenario: Scenario, point: str) -> list[str]:
    """Ids of the lanes and substitutes that end at a stock point, or of the recipe that makes it."""
    recipes = [name for name, recipe in scenario.recipes.items() if recipe.output == point]
    return recipes + [name for name, lane in _lanes(scenario) if lane.buyer == point]


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


def _covers_lane(scenario: Scenario, cover: LaneCover, name: str, lane: Lane) -> bool:
    item = _item(scenario, lane)
    return (
        _within(scenario.stock_points[lane.supplier].firm, cover.suppliers)
        and _within(_supplier(scenario, lane).country, cover.supplier_countries)
        and _within(lane.supplier, cover.supplier_points)
        and _within(scenario.stock_points[lane.buyer].firm, cover.buyers)
        and _within(scenario.firms[scenario.stock_points[lane.buyer].firm].country, cover.buyer_countries)
        and _within(lane.buyer, cover.buyer_points)
        and _within(scenario.stock_points[lane.supplier].item, cover.items)
        and _within(item.export_class, cover.export_classes)
        and _within(name, cover.lanes)
    )


def _in_jurisdiction(scenario: Scenario, restriction: Restriction, lane: Lane) -> bool:
    country = restriction.jurisdiction
    if isinstance(restriction, DirectProductRule):
        return country in scenario.stock_points[lane.supplier].controlled_technology
    return country is None or country == controlled_by(scenario, lane)


def _supplier(scenario: Scenario, lane: Lane) -> Firm:
    return scenario.firms[scenario.stock_points[lane.supplier].firm]


def _item(scenario: Scenario, lane: Lane) -> Item:
    return scenario.items[scenario.stock_points[lane.supplier].item]


def _within(name: str | None, allowed: Container[str] | None) -> bool:
    return allowed is None or name in allowed
