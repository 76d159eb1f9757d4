"""A ban on purchases by some of a market's buyers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sim.kinds import Effect
from sim.scenario.covers import StreamCover, streams_covered
from sim.scenario.fields import ZERO
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.quantities import Days, Share

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class ProcurementBan(Dated):
    """Part of a market's buyers may not buy from the sellers covered."""

    kind: Literal["procurement_ban"]
    covers: StreamCover
    demand_share: Share = Field(description="Share of the streams' demand that is barred.")
    ramp_days: Days = ZERO

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It scales the demand of the streams covered."""
        for stream in streams_covered(scenario, self.covers):
            yield Row(Effect.SCALES_DEMAND, stream)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no stream."""
        return reach.no_stream((*path, "covers"), self.covers)
