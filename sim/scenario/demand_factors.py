"""Demand factors: levels of demand that nobody knows and that move, common to some streams."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from sim.scenario.covers import StreamCover, streams_covered
from sim.scenario.distributions import Documented
from sim.scenario.fields import ONE, UNLIMITED, Day, DemandRef, Name
from sim.scenario.findings import Finding, Path
from sim.scenario.quantities import AnyQuantity, Days, Loading, Volatility

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


class DemandFactor(Documented):
    """Moves the level of demand of some streams, in both twins alike; planned usage does not know it."""

    name: Name | None = Field(None, description="What reports call it; default: its id.")
    process: Literal["random_walk", "mean_reverting"] = Field(
        description="Whether the level wanders off, or is drawn back to what the streams say."
    )
    volatility_per_year: Volatility = Field(
        description="Standard deviation of the log level after a year, were it not drawn back."
    )
    half_life_days: Days | None = Field(
        None, description="Days after which half of what the level is off is gone (mean_reverting)."
    )
    start: Day | None = Field(
        None, description="Day up to which the level is 1; default: the first simulated day."
    )
    covers: StreamCover = Field(StreamCover(), description="The streams that it moves; default: all.")
    loadings: dict[DemandRef, Loading] = Field(
        default={}, description="By how much more or less it moves the log level of a stream; default: 1."
    )

    @model_validator(mode="after")
    def _has_a_half_life(self) -> Self:
        if (self.half_life_days is not None) != (self.process == "mean_reverting"):
            raise ValueError("half_life_days belongs to the process mean_reverting, which needs it")
        if self.half_life_days is not None and self.half_life_days.support[0] <= 0.0:
            raise ValueError("half_life_days must be above 0")
        return self

    @property
    def lasting_days(self) -> AnyQuantity:
        """The half-life, without end for a random walk."""
        return UNLIMITED if self.half_life_days is None else self.half_life_days

    def loading(self, stream: str) -> AnyQuantity:
        """By how much it moves the log level of a stream that it covers."""
        return self.loadings.get(stream, ONE)


def unfit_demand_factors(scenario: "Scenario") -> Iterator[Finding]:
    """Factors that move nothing, load what they do not cover, or would move demand that is listed."""
    for name, factor in scenario.demand_factors.items():
        path, covered = ("demand_factors", name), streams_covered(scenario, factor.covers)
        if not covered:
            yield Finding((*path, "covers"), "covers nobody: no demand stream matches")
        yield from _loading_others(path, factor, covered)
        for stream in covered:
            if scenario.demand[stream].process == "listed":
                found = f"covers {stream}, whose demand is listed and taken as it is"
                yield Finding((*path, "covers"), f"{found}; allowed: streams of the other processes")


def _loading_others(path: Path, factor: DemandFactor, covered: list[str]) -> Iterator[Finding]:
    for stream in factor.loadings:
        if stream not in covered:
            allowed = f"a stream that the factor covers: {', '.join(covered[:5]) or 'there is none'}"
            yield Finding((*path, "loadings", stream), f"{stream} is not covered, allowed: {allowed}")
