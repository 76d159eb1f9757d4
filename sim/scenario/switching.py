"""Customers who switch: a share of those who leave unserved buys less later, for a time or for good."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from sim.scenario.distributions import Frozen
from sim.scenario.fields import UNLIMITED, DemandRef
from sim.scenario.findings import Finding
from sim.scenario.quantities import Days, DaysOrNever, Share

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


class Switching(Frozen):
    """What lost customers do later: of each unit lost, a share stands for demand that stays away."""

    share: Share = Field(description="Share of the customers who left unserved that switches.")
    repurchase_days: Days = Field(
        description="Days between two purchases of a customer: a unit lost stands for one in so many days."
    )
    half_life_days: DaysOrNever = Field(
        UNLIMITED, description="Days after which half of those who switched have come back; .inf: none does."
    )
    to: DemandRef | None = Field(None, description="The rival's stream that they go to; default: none.")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.repurchase_days.support[0] < 1.0:
            raise ValueError(
                f"repurchase_days: found {self.repurchase_days.support[0]:g}, allowed: 1 or more"
            )
        if self.half_life_days.support[0] <= 0.0:
            raise ValueError("half_life_days must be above 0")
        return self


def unfit_switching(scenario: "Scenario") -> Iterator[Finding]:
    """Streams whose customers never leave, or would go to themselves or to what is counted otherwise."""
    for name, stream in scenario.demand.items():
        if stream.switching is None:
            continue
        path = ("demand", name, "switching")
        if stream.patience_days.support[0] == float("inf"):
            yield Finding(path, "nobody leaves: patience_days is .inf, so nobody switches")
        if stream.switching.to == name:
            yield Finding((*path, "to"), f"found {name} itself, allowed: another stream")
        elif stream.switching.to is not None:
            own, rival = _unit(scenario, name), _unit(scenario, stream.switching.to)
            if own != rival:
                found = f"{stream.switching.to} is counted in {rival!r} but {name} in {own!r}"
                yield Finding((*path, "to"), f"{found}, allowed: the same unit")


def _unit(scenario: "Scenario", stream: str) -> str:
    return scenario.items[scenario.stock_points[scenario.demand[stream].stock_point].item].unit
