"""The loss of a market."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from sim.kinds import Effect
from sim.scenario.covers import StreamCover, streams_covered
from sim.scenario.fields import ZERO
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.quantities import AnyQuantity

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class MarketClosure(Dated):
    """A market buys nothing any more from the sellers covered."""

    kind: Literal["market_closure"]
    covers: StreamCover

    @property
    def factor(self) -> AnyQuantity:
        """What is left of demand: nothing."""
        return ZERO

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It scales the demand of the streams covered."""
        for stream in streams_covered(scenario, self.covers):
            yield Row(Effect.SCALES_DEMAND, stream)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no stream."""
        return reach.no_stream((*path, "covers"), self.covers)
