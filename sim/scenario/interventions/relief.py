"""What lets goods through rules that close lanes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sim.kinds import Effect
from sim.scenario.covers import LaneCover, StreamCover, lane_called, lanes_covered, streams_covered
from sim.scenario.fields import InterventionRef
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.interventions.end_user_ban import EndUserBan
from sim.scenario.interventions.restriction import Restriction

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class Relief(Dated):
    """Lets a share of normal volume through bans, and serves listed buyers."""

    acts_alone: ClassVar[bool] = False

    relieves: Annotated[list[InterventionRef], Field(min_length=1)]
    covers: LaneCover = Field(LaneCover(), description="Lanes that it relieves of rules that close lanes.")
    streams: StreamCover = Field(StreamCover(), description="Streams that it relieves of end-user bans.")

    @property
    def is_held(self) -> bool:
        """Whether each supplier holds one that has terms of its own."""
        return False

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It relieves the lanes covered of each of the restrictions, the streams of each end-user ban."""
        streams, lanes = streams_covered(scenario, self.streams), lanes_covered(scenario, self.covers)
        seller_of = self._holders(scenario, {name: scenario.demand[name].stock_point for name in streams})
        sender_of = self._holders(scenario, {name: lane_called(scenario, name).supplier for name in lanes})
        for relieved in self.relieves:
            if isinstance(scenario.interventions[relieved], EndUserBan):
                for stream, holder in seller_of.items():
                    yield Row(Effect.RELIEVES_STREAM, stream, relieved=relieved, holder=holder)
            else:
                for lane, holder in sender_of.items():
                    yield Row(Effect.RELIEVES_LANE, lane, relieved=relieved, holder=holder)

    def _holders(self, scenario: "Scenario", points: dict[str, str]) -> dict[str, str | None]:
        """Who may sell by it what is sold at each of some stock points, where each has terms of its own."""
        if not self.is_held:
            return dict.fromkeys(points)
        return {name: scenario.stock_points[point].firm for name, point in points.items()}

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers nothing, or relieves what is no rule or reaches none of what it covers."""
        yield from self._idle(path, reach)
        lanes = set(lanes_covered(reach.scenario, self.covers))
        streams = set(streams_covered(reach.scenario, self.streams))
        for index, name in enumerate(self.relieves):
            relieved = reach.scenario.interventions[name]
            where = (*path, "relieves", str(index))
            if isinstance(relieved, EndUserBan):
                barred = [row.target for row in relieved.rows(reach.scenario)]
                if barred and streams and streams.isdisjoint(barred):
                    yield Finding(where, f"relieves nobody: {name} bars none of the streams that it covers")
            elif isinstance(relieved, Restriction):
                restricted = reach.candidates(name)
                if restricted and lanes and lanes.isdisjoint(restricted):
                    yield Finding(
                        where, f"relieves nobody: {name} restricts none of the lanes that it covers"
                    )
            else:
                allowed = "an export_ban, a retaliation, a direct_product_rule or an end_user_ban"
                yield Finding(where, f"{name} is of kind {relieved.kind}, allowed: {allowed}")

    def _idle(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """A cover that matches nothing, or is of what none of its rules is on."""
        bars = [isinstance(reach.scenario.interventions[name], EndUserBan) for name in self.relieves]
        if not all(bars):
            yield from reach.no_lane((*path, "covers"), self.covers)
        elif self.says("covers"):
            message = "found a cover of lanes, allowed: streams, as it relieves of end-user bans alone"
            yield Finding((*path, "covers"), message)
        if any(bars):
            yield from reach.no_stream((*path, "streams"), self.streams)
        elif self.says("streams"):
            message = "found a cover of streams, allowed: where it relieves of an end_user_ban"
            yield Finding((*path, "streams"), message)
