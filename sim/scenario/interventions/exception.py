"""Licence exceptions, which nobody has to apply for, until they are withdrawn."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.scenario.fields import ONE, Day
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import start_days
from sim.scenario.interventions.relief import Relief
from sim.scenario.quantities import Share

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


class LicenceException(Relief):
    """Lets a share of normal volume through bans, without an application, until it is withdrawn."""

    called: ClassVar[str] = "an exception"

    kind: Literal["exception"]
    volume_share: Share = Field(ONE, description="Share of planned volume that it allows.")
    withdrawal_date: Day | None = Field(None, description="First day on which it may be withdrawn.")
    withdrawal_probability: Share = Field(ONE, description="Probability that it is, on that day.")

    @model_validator(mode="after")
    def _is_withdrawn_on_a_day(self) -> Self:
        if self.withdrawal_probability.support[0] < 1.0 and self.withdrawal_date is None:
            raise ValueError("withdrawal_probability needs a withdrawal_date")
        return self

    def mistimed(self, path: Path, scenario: "Scenario") -> Iterator[Finding]:
        """It is withdrawn before it can hold, or later than is simulated."""
        calendar, day = scenario.calendar, self.withdrawal_date
        if day is None:
            return
        if day > calendar.last_day:
            last_day = calendar.shown(calendar.last_day)
            message = f"found {calendar.shown(day)}, allowed: up to the last simulated day {last_day}"
            yield Finding((*path, "withdrawal_date"), message)
        elif (day - calendar.start).days <= start_days(scenario, path[-1])[0]:
            message = f"found {calendar.shown(day)}, but it takes effect only then or later"
            yield Finding((*path, "withdrawal_date"), message)
