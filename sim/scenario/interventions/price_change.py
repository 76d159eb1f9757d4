"""Subsidies and other changes of prices."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from sim.kinds import Effect
from sim.scenario.covers import LaneCover, StreamCover, lanes_covered, streams_covered
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.quantities import Amount

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class PriceChange(Dated):
    """Multiplies prices on lanes, or of demand streams."""

    kind: Literal["price_change"]
    lanes: LaneCover | None = None
    streams: StreamCover | None = None
    factor: Amount

    @model_validator(mode="after")
    def _covers_something(self) -> Self:
        if self.lanes is None and self.streams is None:
            raise ValueError("give lanes or streams")
        return self

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It scales the prices on the lanes covered, and of the streams covered."""
        if self.lanes is not None:
            for lane in lanes_covered(scenario, self.lanes):
                yield Row(Effect.SCALES_LANE_PRICE, lane)
        if self.streams is not None:
            for stream in streams_covered(scenario, self.streams):
                yield Row(Effect.SCALES_STREAM_PRICE, stream)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no lane, or no stream."""
        if self.lanes is not None:
            yield from reach.no_lane((*path, "lanes"), self.lanes)
        if self.streams is not None:
            yield from reach.no_stream((*path, "streams"), self.streams)
