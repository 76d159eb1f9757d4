"""What lets goods through rules that close lanes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sim.kinds import Effect
from sim.scenario.covers import LaneCover, lane_called, lanes_covered
from sim.scenario.fields import InterventionRef
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.interventions.restriction import Restriction

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class Relief(Dated):
    """Lets a share of normal volume through bans."""

    acts_alone: ClassVar[bool] = False

    relieves: Annotated[list[InterventionRef], Field(min_length=1)]
    covers: LaneCover = LaneCover()

    def holder(self, _supplier: str) -> str | None:
        """Who holds what a supplier may do by it, where each has terms of its own."""
        return None

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It relieves the lanes covered of each of the restrictions."""
        for restriction in self.relieves:
            for lane in lanes_covered(scenario, self.covers):
                supplier = scenario.stock_points[lane_called(scenario, lane).supplier].firm
                holder = self.holder(supplier)
                yield Row(Effect.RELIEVES_LANE, lane, relieved=restriction, holder=holder)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no lane, or relieves what restricts nothing or none of its lanes."""
        yield from reach.no_lane((*path, "covers"), self.covers)
        licensed = set(lanes_covered(reach.scenario, self.covers))
        for index, name in enumerate(self.relieves):
            relieved = reach.scenario.interventions[name]
            where = (*path, "relieves", str(index))
            if not isinstance(relieved, Restriction):
                allowed = "an export_ban, a retaliation or a direct_product_rule"
                yield Finding(where, f"{name} is of kind {relieved.kind}, allowed: {allowed}")
                continue
            restricted = reach.candidates(name)
            if restricted and licensed and licensed.isdisjoint(restricted):
                yield Finding(where, f"relieves nobody: {name} restricts none of the lanes that it covers")
