"""Campaigns that raise targets."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from sim.kinds import Effect
from sim.scenario.covers import PointCover, points_covered
from sim.scenario.fields import ONE, ZERO
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.quantities import Amount, Days

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class Stockpiling(Dated):
    """Raises the targets of stock points; the targets climb over `ramp_days`."""

    kind: Literal["stockpiling"]
    covers: PointCover
    extra_cover_days: Days = ZERO
    target_factor: Amount = ONE
    ramp_days: Days = ZERO

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It raises the targets of the stock points covered."""
        for point in points_covered(scenario, self.covers):
            yield Row(Effect.RAISES_TARGET, point)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no stock point, or none that has a target."""
        where = (*path, "covers")
        nobody = list(reach.no_point(where, self.covers))
        yield from nobody
        covered = points_covered(reach.scenario, self.covers)
        if not nobody and not any(_has_target(reach.scenario, name) for name in covered):
            shown = ", ".join(covered[:5])
            yield Finding(where, f"covers only points without a target to raise: {shown}")


def _has_target(scenario: "Scenario", point: str) -> bool:
    policy = scenario.stock_points[point].policy
    return policy is not None and policy.orders
