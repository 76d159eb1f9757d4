"""Sellers who stop by themselves."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from sim.kinds import Effect
from sim.scenario.covers import LaneCover, lanes_covered
from sim.scenario.fields import ONE
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.quantities import Share

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class SelfHalt(Dated):
    """Suppliers stop selling of their own accord, for a time or for good, whatever the law asks of them."""

    called: ClassVar[str] = "a self-halt"

    kind: Literal["self_halt"]
    covers: LaneCover
    halt_probability: Share = Field(ONE, description="Probability that a supplier stops, once per supplier.")
    in_transit: Literal["delivered", "turned_back"] = Field(
        "delivered", description="Whether goods under way arrive or return."
    )

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It closes the lanes covered, by the suppliers' own will."""
        for lane in lanes_covered(scenario, self.covers):
            yield Row(Effect.RESTRICTS_LANE, lane, by_itself=True)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no lane."""
        return reach.no_lane((*path, "covers"), self.covers)
