"""Stock that is lost at once, such as in a fire or by a seizure."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from sim.kinds import Effect
from sim.scenario.covers import LaneCover, PointCover, lanes_covered, points_covered
from sim.scenario.fields import ZERO
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row, start_days
from sim.scenario.interventions.reach import Reach
from sim.scenario.quantities import AnyQuantity, Share
from sim.scenario.recipes import alternative_recipes

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


class StockLoss(Dated):
    """Destroys a share of stock on hand, work in process or goods under way on the day it takes effect."""

    kind: Literal["stock_loss"]
    stock_points: PointCover | None = None
    lanes: LaneCover | None = None
    on_hand_share: Share = Field(ZERO, description="Share of the stock on hand at the stock points.")
    work_in_process_share: Share = Field(
        ZERO, description="Share of the work in process at the stock points."
    )
    in_transit_share: Share = Field(ZERO, description="Share of what is under way on the lanes.")

    @model_validator(mode="after")
    def _takes_something(self) -> Self:
        at_points = _may_take(self.on_hand_share) or _may_take(self.work_in_process_share)
        if at_points != (self.stock_points is not None):
            raise ValueError(
                "on_hand_share and work_in_process_share belong to stock_points; give both sides"
            )
        if _may_take(self.in_transit_share) != (self.lanes is not None):
            raise ValueError("in_transit_share belongs to lanes; give both")
        if self.stock_points is None and self.lanes is None:
            raise ValueError("give stock_points or lanes, and the share that is lost")
        if self.end is not None or self.duration_days is not None:
            raise ValueError("it takes what there is on its day: allowed: no end or duration_days")
        return self

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It destroys stock and work at the stock points covered, and goods on the lanes covered."""
        stocked, made = self._points(scenario)
        if _may_take(self.on_hand_share):
            for point in stocked:
                yield Row(Effect.DESTROYS_STOCK, point)
        if _may_take(self.work_in_process_share):
            for point in made:
                yield Row(Effect.DESTROYS_WORK, point)
        if self.lanes is not None:
            for lane in lanes_covered(scenario, self.lanes):
                yield Row(Effect.DESTROYS_TRANSIT, lane)

    def _points(self, scenario: "Scenario") -> tuple[list[str], list[str]]:
        """The stock points covered that hold stock, and those that make what they hold."""
        if self.stock_points is None:
            return [], []
        covered, reach = points_covered(scenario, self.stock_points), Reach(scenario)
        made = [point for point in covered if point in reach.made]
        return [point for point in covered if point in made or reach.only_buys(point)], made

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers nothing that holds what it takes."""
        if self.lanes is not None:
            yield from reach.no_lane((*path, "lanes"), self.lanes)
        if self.stock_points is None:
            return
        where = (*path, "stock_points")
        nobody = list(reach.no_point(where, self.stock_points))
        yield from nobody
        stocked, made = self._points(reach.scenario)
        if not nobody and _may_take(self.on_hand_share) and not stocked:
            yield Finding(where, "covers only sources, which hold no stock; allowed: points that buy or make")
        several = [point for point in made if point in alternative_recipes(reach.scenario)]
        if _may_take(self.work_in_process_share) and several:
            found = f"{several[0]} is made by several recipes, whose work cannot be lost"
            yield Finding(where, f"{found}; allowed: what one recipe alone makes")
        if not nobody and _may_take(self.work_in_process_share) and not made:
            yield Finding(where, "covers nothing that a recipe makes, and so no work in process")

    def mistimed(self, path: Path, scenario: "Scenario") -> Iterator[Finding]:
        """It may come before the first day, when there is nothing yet to take."""
        first, _ = start_days(scenario, path[-1])
        if first < 0.0:
            start = scenario.calendar.shown(scenario.calendar.start)
            yield Finding(
                (*path, "date" if self.date is not None else "after"),
                f"found {scenario.calendar.shown_day(round(first))}, allowed: from the first simulated day "
                f"{start} on; what was lost before is left out of initial_on_hand",
            )


def _may_take(share: AnyQuantity) -> bool:
    return share.support[1] > 0.0
