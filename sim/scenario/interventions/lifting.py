"""The end of other interventions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from sim.kinds import Effect
from sim.scenario.fields import InterventionRef
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row, start_days

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class Lifting(Dated):
    """Ends other interventions."""

    acts_alone: ClassVar[bool] = False

    kind: Literal["lifting"]
    lifts: Annotated[list[InterventionRef], Field(min_length=1)]

    def rows(self, _scenario: "Scenario") -> Iterator[Row]:
        """It lifts the interventions named."""
        for lifted in self.lifts:
            yield Row(Effect.LIFTS, lifted)

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It lifts another lifting."""
        for index, name in enumerate(self.lifts):
            if isinstance(reach.scenario.interventions[name], Lifting):
                message = f"{name} is itself a lifting, allowed: other interventions"
                yield Finding((*path, "lifts", str(index)), message)

    def mistimed(self, path: Path, scenario: "Scenario") -> Iterator[Finding]:
        """It comes before what it lifts."""
        _, latest = start_days(scenario, path[-1])
        for index, lifted in enumerate(self.lifts):
            if latest < start_days(scenario, lifted)[0]:
                yield Finding((*path, "lifts", str(index)), f"{lifted} takes effect only after this lifting")
