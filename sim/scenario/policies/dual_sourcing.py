"""What policies have in common that order on a regular and on an expedited lane."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.scenario.fields import MAX_DAYS, LaneRef
from sim.scenario.findings import Finding, Path
from sim.scenario.policies.base import LevelDays, OrderingPolicy

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


class DualSourcing(OrderingPolicy):
    """Two lanes: a regular one, and an expedited one that is faster and, as a rule, dearer."""

    regular: LaneRef = Field(description="The lane of the regular orders.")
    expedited: LaneRef = Field(description="The lane of the expedited orders, which is faster.")
    review_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 1

    @staticmethod
    def days_covered(days: LevelDays) -> NDArray[np.float64]:
        """The target."""
        return days.up_to

    def misplaced(self, path: Path, point: str, scenario: "Scenario") -> Iterator[Finding]:
        """Its lanes are not the two that lead to the stock point, or the expedited one is the slower."""
        inbound = [name for name, lane in scenario.lanes.items() if lane.buyer == point]
        late = [name for name, lane in scenario.substitutes.items() if lane.buyer == point]
        named = {self.regular, self.expedited}
        if len(inbound) != 2 or late or named != set(inbound):
            found = ", ".join([*inbound, *(f"{name} (a substitute)" for name in late)]) or "none"
            yield Finding(
                path,
                f"found the lanes {self.regular} and {self.expedited}; to {point} lead: {found}; "
                "allowed: two lanes and no substitute lead to it, one is regular and the other expedited",
            )
            return
        regular, expedited = scenario.lanes[self.regular], scenario.lanes[self.expedited]
        slow, fast = (
            lane.order_lead_time_days.mean + lane.lead_time_days.mean for lane in (regular, expedited)
        )
        if fast > slow:
            yield Finding(
                (*path, "expedited"),
                f"{self.expedited} takes {fast:g} days and the regular lane {self.regular} {slow:g}, "
                "allowed: an expedited lane that takes no longer",
            )
