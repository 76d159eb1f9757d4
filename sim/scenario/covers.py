"""Whom an intervention may cover, and who that is in a scenario, by name; substitutes count as lanes."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from sim.scenario.countries import covered_by
from sim.scenario.days import DEFAULT_START
from sim.scenario.distributions import Frozen
from sim.scenario.fields import (
    Country,
    DemandRef,
    FirmRef,
    ItemRef,
    LaneRef,
    MarketRef,
    RecipeRef,
    StockPointRef,
    Text,
)
from sim.scenario.quantities import AnyQuantity

if TYPE_CHECKING:
    from sim.scenario.schema import Item, Lane, Scenario

Reader = Callable[[str, Any], str | None]
"""Reads what a list of a cover is about from an id and its object."""
COUNTRIES = frozenset(("supplier_countries", "buyer_countries", "countries"))
"""Lists of countries, in which a union stands for its members too."""


class LaneCover(Frozen):
    """Which lanes: all that match every list given."""

    suppliers: list[FirmRef] | None = None
    supplier_countries: list[Country] | None = None
    supplier_points: list[StockPointRef] | None = None
    buyers: list[FirmRef] | None = None
    buyer_countries: list[Country] | None = None
    buyer_points: list[StockPointRef] | None = None
    items: list[ItemRef] | None = None
    export_classes: list[Text] | None = None
    lanes: list[LaneRef] | None = None


class PointCover(Frozen):
    """Which stock points: all that match every list given."""

    firms: list[FirmRef] | None = None
    countries: list[Country] | None = None
    items: list[ItemRef] | None = None
    stock_points: list[StockPointRef] | None = None
    recipes: list[RecipeRef] | None = Field(
        None, description="Stands for the stock points that they make; of several recipes, these alone."
    )


class StreamCover(Frozen):
    """Which demand streams: all that match every list given."""

    sellers: list[FirmRef] | None = None
    items: list[ItemRef] | None = None
    markets: list[MarketRef] | None = None
    countries: list[Country] | None = None
    buyer: Literal["government", "private"] | None = None
    demand: list[DemandRef] | None = None


COVERS: tuple[type[BaseModel], ...] = (LaneCover, PointCover, StreamCover)
"""All choices of what is covered."""


def lanes_covered(scenario: "Scenario", cover: LaneCover) -> list[str]:
    """Ids of the lanes and substitutes that match every list of the cover, in file order."""
    points = scenario.stock_points
    readers: dict[str, Reader] = {
        "suppliers": lambda _, lane: points[lane.supplier].firm,
        "supplier_countries": lambda _, lane: country_of(scenario, lane.supplier),
        "supplier_points": lambda _, lane: lane.supplier,
        "buyers": lambda _, lane: points[lane.buyer].firm,
        "buyer_countries": lambda _, lane: country_of(scenario, lane.buyer),
        "buyer_points": lambda _, lane: lane.buyer,
        "items": lambda _, lane: points[lane.supplier].item,
        "export_classes": lambda _, lane: _item(scenario, lane).export_class,
        "lanes": lambda name, _: name,
    }
    return _matching(scenario, _lanes(scenario), cover, readers)


def points_covered(scenario: "Scenario", cover: PointCover) -> list[str]:
    """Ids of the stock points that match every list of the cover, in file order."""
    readers: dict[str, Reader] = {
        "firms": lambda _, point: point.firm,
        "countries": lambda name, _: country_of(scenario, name),
        "items": lambda _, point: point.item,
        "stock_points": lambda name, _: name,
        "recipes": lambda name, _: name,
    }
    return _matching(scenario, scenario.stock_points.items(), cover, readers)


def streams_covered(scenario: "Scenario", cover: StreamCover) -> list[str]:
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


def sales_covered(
    scenario: "Scenario", firm: str, items: Sequence[str] = (), markets: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """Ids of the demand streams, and of the lanes to other firms, over which a firm sells some products.

    Parameters
    ----------
    scenario
        The scenario.
    firm
        The seller.
    items, markets
        Ids of products and of markets; none: all. Where markets are given, no lane is among them.
    """
    some = list(items) or None
    streams = streams_covered(
        scenario, StreamCover(sellers=[firm], items=some, markets=list(markets) or None)
    )
    if markets:
        return streams, []
    lanes = lanes_covered(scenario, LaneCover(suppliers=[firm], items=some))
    points = scenario.stock_points
    return streams, [lane for lane in lanes if points[lane_called(scenario, lane).buyer].firm != firm]


def _matching(
    scenario: "Scenario", entries: Iterable[tuple[str, Any]], cover: BaseModel, readers: Mapping[str, Reader]
) -> list[str]:
    """Ids of the objects that match everything that a cover gives."""
    given = [
        (readers[field], _allowed(scenario, field, allowed))
        for field, allowed in cover
        if allowed is not None
    ]
    return [name for name, entry in entries if all(read(name, entry) in allowed for read, allowed in given)]


def _allowed(scenario: "Scenario", field: str, allowed: str | Iterable[str]) -> frozenset[str]:
    if isinstance(allowed, str):
        return frozenset((allowed,))
    if field == "recipes":
        return frozenset(scenario.recipes[name].output for name in allowed)
    return covered_by(allowed, membership_day(scenario)) if field in COUNTRIES else frozenset(allowed)


def membership_day(scenario: "Scenario") -> dt.date | None:
    """The day on which membership of a union counts: the first that is simulated, None without a start."""
    start = scenario.calendar.start
    return None if start == DEFAULT_START else start


def lane_called(scenario: "Scenario", name: str) -> "Lane":
    """The lane or substitute with an id."""
    lane = scenario.lanes.get(name)
    return scenario.substitutes[name] if lane is None else lane


def controlled_content_share(scenario: "Scenario", lane: "Lane") -> AnyQuantity:
    """Share of controlled content of a lane: its own, else that of the item its supplier holds."""
    if lane.controlled_content_share is not None:
        return lane.controlled_content_share
    return _item(scenario, lane).controlled_content_share


def controlled_by(scenario: "Scenario", lane: "Lane") -> str:
    """Country that controls a lane's content: its own, else that in which its supplier's stock stands."""
    return lane.controlled_by or country_of(scenario, lane.supplier)


def content_share_sold(scenario: "Scenario", stream: str) -> AnyQuantity:
    """Share of controlled content of what a stream sells: its own, else that of the item."""
    sold = scenario.demand[stream]
    if sold.controlled_content_share is not None:
        return sold.controlled_content_share
    return scenario.items[scenario.stock_points[sold.stock_point].item].controlled_content_share


def content_controlled_by(scenario: "Scenario", stream: str) -> str:
    """Country that controls the content of what a stream sells: its own, else where it is sold from."""
    sold = scenario.demand[stream]
    return sold.controlled_by or country_of(scenario, sold.stock_point)


def country_of(scenario: "Scenario", name: str) -> str:
    """Country in which a stock point stands: its own, else its firm's."""
    point = scenario.stock_points[name]
    return point.country or scenario.firms[point.firm].country


def _lanes(scenario: "Scenario") -> Iterator[tuple[str, "Lane"]]:
    yield from scenario.lanes.items()
    yield from scenario.substitutes.items()


def _item(scenario: "Scenario", lane: "Lane") -> "Item":
    return scenario.items[scenario.stock_points[lane.supplier].item]
