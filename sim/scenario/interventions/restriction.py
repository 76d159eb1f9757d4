"""Rules that close lanes, and which lanes they reach."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sim.kinds import Effect
from sim.scenario.countries import covered_by
from sim.scenario.covers import (
    LaneCover,
    controlled_by,
    controlled_content_share,
    country_of,
    lane_called,
    lanes_covered,
    membership_day,
)
from sim.scenario.fields import ZERO, Country
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.quantities import AnyQuantity, Share

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Lane, Scenario


class Restriction(Dated):
    """Closes lanes."""

    jurisdiction: Country | None = Field(
        None, description="Covers lanes whose content this country controls."
    )
    covers: LaneCover
    in_transit: Literal["delivered", "turned_back"] = Field(
        "delivered", description="Whether goods under way arrive (savings clause) or return."
    )
    over_compliance_probability: Share = Field(
        ZERO, description="Probability, per supplier, that lanes just outside the rule close as well."
    )

    foreign_over_compliance_probability: Share = Field(
        ZERO,
        description="Probability, per supplier, that lanes to the same buyers close beyond the rule's power.",
    )

    @property
    @abstractmethod
    def threshold(self) -> AnyQuantity | None:
        """Controlled content at or above which it closes a lane; None: whatever the content."""

    def owns(self, countries: frozenset[str], scenario: "Scenario", lane: "Lane") -> bool:
        """Whether some of its jurisdiction's countries have power over a lane: they control its content."""
        return controlled_by(scenario, lane) in countries

    def powerless(self, scenario: "Scenario") -> str:
        """What to say where its jurisdiction has power over none of the lanes covered."""
        lanes = [lane_called(scenario, name) for name in lanes_covered(scenario, self.covers)]
        countries = ", ".join(sorted({controlled_by(scenario, lane) for lane in lanes}))
        found = f"covers nobody: {self.jurisdiction} controls none of the lanes, {countries} does"
        return f"{found}; see controlled_by"

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It closes the lanes that it names, and by over-compliance those just outside."""
        ignores_content = self.threshold is None
        for lane in candidate_lanes(scenario, self):
            yield Row(Effect.RESTRICTS_LANE, lane, ignores_content=ignores_content)
        for lane in lanes_just_outside(scenario, self):
            yield Row(Effect.RESTRICTS_LANE, lane, just_outside=True)
        if self.says("foreign_over_compliance_probability"):
            for lane in lanes_abroad(scenario, self):
                yield Row(Effect.RESTRICTS_LANE, lane, abroad=True)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It names no lane, has power over none, or spares all for their content."""
        nobody = list(reach.no_lane((*path, "covers"), self.covers))
        if nobody:
            yield from nobody
        elif not reach.candidates(path[-1]):
            yield Finding((*path, "jurisdiction"), self.powerless(reach.scenario))
        else:
            yield from self._sparing_all(path, reach)
        may_reach = self.foreign_over_compliance_probability.support[1] > 0.0
        if may_reach and not lanes_abroad(reach.scenario, self):
            where = (*path, "foreign_over_compliance_probability")
            yield Finding(where, "reaches nobody: beyond the rule nobody sells to these buyers from abroad")

    def _sparing_all(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        if self.threshold is None:
            return
        scenario, threshold = reach.scenario, self.threshold.support[0]
        shares = [
            controlled_content_share(scenario, lane_called(scenario, name)).support[1]
            for name in reach.candidates(path[-1])
        ]
        may_over_comply = self.over_compliance_probability.support[1] > 0 and over_compliant_lanes(
            scenario, self
        )
        if max(shares) < threshold and not may_over_comply:
            most = f"the controlled content of its {len(shares)} lanes is at most {max(shares):g}"
            message = f"covers nobody: {most}, below the de-minimis share {threshold:g}"
            yield Finding((*path, "de_minimis_share"), message)


def candidate_lanes(scenario: "Scenario", restriction: Restriction) -> list[str]:
    """Ids of the lanes that a restriction names, whatever their content: cover and jurisdiction match.

    A ban's jurisdiction must control the lane's content; a direct-product rule's jurisdiction must own
    technology that makes what the lane carries.
    """
    return [
        name
        for name in lanes_covered(scenario, restriction.covers)
        if _in_jurisdiction(scenario, restriction, lane_called(scenario, name))
    ]


def restricted_lanes(scenario: "Scenario", restriction: Restriction) -> list[str]:
    """Ids of the lanes that a restriction closes, judged by the mean of uncertain content shares.

    Of the candidate lanes a ban spares those below its de-minimis share; a direct-product rule spares none.
    """
    candidates = candidate_lanes(scenario, restriction)
    if restriction.threshold is None:
        return candidates
    threshold = restriction.threshold.mean
    return [
        name
        for name in candidates
        if controlled_content_share(scenario, lane_called(scenario, name)).mean >= threshold
    ]


def lanes_just_outside(scenario: "Scenario", restriction: Restriction) -> list[str]:
    """Ids of lanes of the restricted suppliers to the restricted buyers that the rule does not name.

    They match the jurisdiction, the suppliers, the buyers and their countries, but not the items, export
    classes, stock points or lanes.
    """
    cover = restriction.covers
    parties = LaneCover(
        suppliers=cover.suppliers,
        supplier_countries=cover.supplier_countries,
        buyers=cover.buyers,
        buyer_countries=cover.buyer_countries,
    )
    if parties == cover:
        return []
    named = set(lanes_covered(scenario, cover))
    return [
        name
        for name in lanes_covered(scenario, parties)
        if name not in named and _in_jurisdiction(scenario, restriction, lane_called(scenario, name))
    ]


def lanes_abroad(scenario: "Scenario", restriction: Restriction) -> list[str]:
    """Ids of lanes of the same goods to the restricted buyers over which the rule has no power.

    They match the buyers, items and export classes, but not the jurisdiction, or not the suppliers. What a
    supplier sends from the country in which the buyer stands, or within a firm, is none of them.
    """
    cover = restriction.covers
    goods = LaneCover(
        buyers=cover.buyers,
        buyer_countries=cover.buyer_countries,
        buyer_points=cover.buyer_points,
        items=cover.items,
        export_classes=cover.export_classes,
    )
    reached = {*candidate_lanes(scenario, restriction), *lanes_just_outside(scenario, restriction)}
    return [
        name
        for name in lanes_covered(scenario, goods)
        if name not in reached and _crosses_a_border(scenario, lane_called(scenario, name))
    ]


def _crosses_a_border(scenario: "Scenario", lane: "Lane") -> bool:
    """Whether a lane leads from one firm to another, in another country."""
    supplier, buyer = scenario.stock_points[lane.supplier], scenario.stock_points[lane.buyer]
    countries = country_of(scenario, lane.supplier), country_of(scenario, lane.buyer)
    return supplier.firm != buyer.firm and countries[0] != countries[1]


def over_compliant_lanes(scenario: "Scenario", restriction: Restriction) -> list[str]:
    """Ids of lanes that only a cautious supplier closes: just outside the rule, or below de minimis."""
    closed = set(restricted_lanes(scenario, restriction))
    cautious = {*lanes_just_outside(scenario, restriction), *candidate_lanes(scenario, restriction)} - closed
    return [name for name in (*scenario.lanes, *scenario.substitutes) if name in cautious]


def _in_jurisdiction(scenario: "Scenario", restriction: Restriction, lane: "Lane") -> bool:
    if restriction.jurisdiction is None:
        return True
    countries = covered_by([restriction.jurisdiction], membership_day(scenario))
    return restriction.owns(countries, scenario, lane)
