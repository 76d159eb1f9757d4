"""Tariffs, whose duty buyer and seller share."""

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from sim.kinds import Effect
from sim.scenario.covers import LaneCover, country_of, lane_called, lanes_covered
from sim.scenario.fields import ONE, ZERO
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.quantities import Amount, Days, Share

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


NO_MARKET = "a tariff taxes what firms sell to firms over lanes, not what customers in a market buy"


class Tariff(Dated):
    """Levies a duty on what one firm sells to another across a border."""

    kind: Literal["tariff"]
    covers: LaneCover
    rate: Amount = Field(description="Duty as a share of the price, which is that before duty.")
    passed_on_share: Share = Field(
        ONE, description="Share of the duty that the buyer pays on top; the seller gets less by the rest."
    )
    ramp_days: Days = ZERO

    @model_validator(mode="after")
    def _leaves_the_seller_something(self) -> Self:
        borne_share = 1.0 - self.passed_on_share.support[0]
        if borne_share > 0.0 and self.rate.support[1] * borne_share > 1.0:
            raise ValueError(
                f"a rate of up to {self.rate.support[1]:g}, of which the seller bears up to {borne_share:g},"
                " may take more than the price; allowed: rate x (1 - passed_on_share) of 1 at most, so give"
                " rate a max, or pass more on"
            )
        return self

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It taxes the lanes covered on which goods are sold across a border."""
        for lane in lanes_covered(scenario, self.covers):
            if _is_import(scenario, lane):
                yield Row(Effect.TAXES_LANE, lane)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers no lane, or none on which goods are sold across a border."""
        where, nobody = (*path, "covers"), list(reach.no_lane((*path, "covers"), self.covers))
        for finding in nobody:
            yield dataclasses.replace(finding, says=f"{finding.message}; {NO_MARKET}")
        covered = lanes_covered(reach.scenario, self.covers)
        if not nobody and not any(_is_import(reach.scenario, lane) for lane in covered):
            shown = ", ".join(covered[:5])
            allowed = "lanes from one firm to another and from one country to another"
            yield Finding(where, f"nothing is sold across a border on {shown}, allowed: {allowed}")


def _is_import(scenario: "Scenario", name: str) -> bool:
    """Whether one firm sells to another on a lane, across a border."""
    lane, points = lane_called(scenario, name), scenario.stock_points
    changes_owner = points[lane.supplier].firm != points[lane.buyer].firm
    return changes_owner and country_of(scenario, lane.supplier) != country_of(scenario, lane.buyer)
