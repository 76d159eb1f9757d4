"""Losses of capacity, such as a fire or an earthquake."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from sim.kinds import Effect
from sim.scenario.covers import PointCover, points_covered
from sim.scenario.fields import ONE, ZERO
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Recurrent, Row
from sim.scenario.quantities import Days, Share

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class CapacityLoss(Recurrent):
    """Takes a share of the capacity of stock points; it returns over `recovery_days` after the end."""

    kind: Literal["capacity_loss"]
    covers: PointCover
    lost_share: Share = ONE
    recovery_days: Days = ZERO

    @model_validator(mode="after")
    def _recovers_in_one_way(self) -> Self:
        if self.markov is not None and self.recovery_days.support[1] > 0.0:
            raise ValueError("give either markov or recovery_days, not both")
        return self

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It scales the capacity of the stock points covered."""
        for point in points_covered(scenario, self.covers):
            yield Row(Effect.SCALES_CAPACITY, point, driver=self.driver, recipes=self.covers.recipes)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no stock point, or only such as have no capacity to lose."""
        where = (*path, "covers")
        yield from reach.no_point(where, self.covers)
        covered = points_covered(reach.scenario, self.covers)
        if covered and all(reach.only_buys(point) for point in covered):
            found = f"{covered[0]!r} only buys and has no capacity to lose"
            yield Finding(where, f"{found}; allowed: stock points that are sources or made by a recipe")
