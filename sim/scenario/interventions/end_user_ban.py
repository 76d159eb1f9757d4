"""Bans on serving listed buyers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sim.kinds import Effect
from sim.scenario.countries import covered_by
from sim.scenario.covers import (
    StreamCover,
    content_controlled_by,
    content_share_sold,
    membership_day,
    streams_covered,
)
from sim.scenario.fields import ZERO, Country
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.quantities import Share, fixed

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class EndUserBan(Dated):
    """Customers who may not be served with goods that a country controls; they wait, or leave."""

    kind: Literal["end_user_ban"]
    jurisdiction: Country | None = Field(
        None, description="Covers goods whose content this country controls, or that its technology makes."
    )
    covers: StreamCover
    de_minimis_share: Share = Field(
        fixed(0.25), description="Goods with less controlled content by value may be sold."
    )
    volume_share: Share = Field(ZERO, description="Share of demand that may be served all the same.")

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It bars the streams that it names; what its technology makes, whatever the content."""
        for stream in streams_covered(scenario, self.covers):
            by_technology = self._makes(scenario, stream)
            if by_technology or self._controls(scenario, stream):
                yield Row(Effect.BARS_STREAM, stream, ignores_content=by_technology)

    def _controls(self, scenario: "Scenario", stream: str) -> bool:
        return self.jurisdiction is None or content_controlled_by(scenario, stream) in self._countries(
            scenario
        )

    def _makes(self, scenario: "Scenario", stream: str) -> bool:
        made_with = scenario.stock_points[scenario.demand[stream].stock_point].controlled_technology
        return self.jurisdiction is not None and not self._countries(scenario).isdisjoint(made_with)

    def _countries(self, scenario: "Scenario") -> frozenset[str]:
        return covered_by([self.jurisdiction] if self.jurisdiction else [], membership_day(scenario))

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no stream, has power over none, spares all, or bars customers who switch."""
        nobody = list(reach.no_stream((*path, "covers"), self.covers))
        yield from nobody or self._powerless(path, reach.scenario)

    def _powerless(self, path: Path, scenario: "Scenario") -> Iterator[Finding]:
        rows = list(self.rows(scenario))
        if not rows:
            found = f"covers nobody: {self.jurisdiction} controls nothing that is sold to these customers"
            yield Finding((*path, "jurisdiction"), f"{found}; see controlled_by")
            return
        shares = [content_share_sold(scenario, row.target).support[1] for row in rows]
        threshold = self.de_minimis_share.support[0]
        if not any(row.ignores_content for row in rows) and max(shares) < threshold:
            found = f"covers nobody: the controlled content is at most {max(shares):g}"
            yield Finding((*path, "de_minimis_share"), f"{found}, below the de-minimis share {threshold:g}")
        for row in rows:
            if scenario.demand[row.target].switching is not None:
                found = f"bars {row.target}, whose customers switch when they leave"
                yield Finding((*path, "covers"), f"{found}; allowed: streams without switching")
