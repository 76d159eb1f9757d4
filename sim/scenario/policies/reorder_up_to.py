"""(s, S): from a level on, order up to a target."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.kinds import PolicyKind
from sim.scenario.fields import MAX_DAYS, ZERO
from sim.scenario.findings import Finding, Path
from sim.scenario.policies.base import LevelDays, OrderingPolicy
from sim.scenario.quantities import Amount, Days


class ReorderUpTo(OrderingPolicy):
    """(s, S): when the inventory position is at or below s, order up to S."""

    code: ClassVar = PolicyKind.REORDER_UP_TO
    called: ClassVar[str | None] = "an s_S policy"

    kind: Literal["s_S"]
    reorder_units: Amount = Field(ZERO, description="s in units.")
    reorder_cover_days: Days = Field(ZERO, description="s in days of planned usage (added to reorder_units).")
    units: Amount = Field(ZERO, description="S in units.")
    cover_days: Days = Field(ZERO, description="S in days of planned usage (added to units).")
    review_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 1

    @staticmethod
    def days_covered(days: LevelDays) -> NDArray[np.float64]:
        """The target if both levels are so near that it orders at every review, else the lower level."""
        orders_at_every_review = days.up_to - days.reorder_at <= days.review
        return np.where(orders_at_every_review, days.up_to, days.reorder_at)

    def inconsistencies(self, path: Path) -> Iterator[Finding]:
        """The lower level is above the target."""
        units = self.reorder_units.support[0] - self.units.support[1]
        cover = self.reorder_cover_days.support[0] - self.cover_days.support[1]
        if min(units, cover) >= 0 and max(units, cover) > 0:
            yield Finding(path, "the reorder point s is above the target S, allowed: s up to S")
