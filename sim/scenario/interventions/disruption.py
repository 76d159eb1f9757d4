"""Disruptions, which hold up orders or goods, such as a strike or a closed port."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from sim.kinds import Effect, Pause
from sim.scenario.covers import LaneCover, PointCover, lanes_covered, points_covered
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Recurrent, Row

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class Disruption(Recurrent):
    """Pauses orders, shipments, transit or receipts on lanes, and on what leads to stock points."""

    kind: Literal["disruption"]
    pauses: Literal["orders", "shipments", "transit", "receipts"]
    lanes: LaneCover | None = None
    stock_points: PointCover | None = Field(
        None, description="Stands for the lanes that end at them, or the recipes that make them."
    )

    @model_validator(mode="after")
    def _covers_something(self) -> Self:
        if self.lanes is None and self.stock_points is None:
            raise ValueError("give lanes or stock_points")
        return self

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It pauses the lanes covered and those to the stock points covered, and the recipes of these."""
        pause = Pause[self.pauses.upper()]
        points = [] if self.stock_points is None else points_covered(scenario, self.stock_points)
        for lane in self._lanes(scenario, points):
            yield Row(Effect.PAUSES_LANE, lane, pause=pause, driver=self.driver)
        made = {recipe.output for recipe in scenario.recipes.values()}
        recipes = None if self.stock_points is None else self.stock_points.recipes
        for point in points:
            if point in made:
                yield Row(Effect.PAUSES_RECIPE, point, pause=pause, driver=self.driver, recipes=recipes)

    def _lanes(self, scenario: "Scenario", points: list[str]) -> list[str]:
        """The lanes covered, then those that end at some stock points, each once."""
        lanes_to: dict[str, list[str]] = {}
        for name, lane in (*scenario.lanes.items(), *scenario.substitutes.items()):
            lanes_to.setdefault(lane.buyer, []).append(name)
        covered = [] if self.lanes is None else lanes_covered(scenario, self.lanes)
        return list(
            dict.fromkeys([*covered, *(lane for point in points for lane in lanes_to.get(point, ()))])
        )

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no lane, no stock point, or none to which something leads."""
        if self.lanes is not None:
            yield from reach.no_lane((*path, "lanes"), self.lanes)
        if self.stock_points is None:
            return
        where = (*path, "stock_points")
        nobody = list(reach.no_point(where, self.stock_points))
        yield from nobody
        covered = points_covered(reach.scenario, self.stock_points)
        if not nobody and reach.fed.isdisjoint(covered):
            allowed = "points that are bought or made; for what sources ship, cover their lanes"
            yield Finding(where, f"nothing leads to {', '.join(covered[:5])}, allowed: {allowed}")
