"""Base stock: at each review, order up to a target."""

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.kinds import PolicyKind
from sim.scenario.fields import MAX_DAYS, ZERO
from sim.scenario.policies.base import LevelDays, OrderingPolicy
from sim.scenario.quantities import Amount, Days


class BaseStock(OrderingPolicy):
    """Order up to a target: `units` plus the planned usage of the next `cover_days`."""

    code: ClassVar = PolicyKind.BASE_STOCK
    called: ClassVar[str | None] = "a base_stock policy"

    kind: Literal["base_stock"]
    units: Amount = ZERO
    cover_days: Days = ZERO
    review_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = Field(
        1, description="Days from one review to the next."
    )

    @staticmethod
    def days_covered(days: LevelDays) -> NDArray[np.float64]:
        """The target."""
        return days.up_to
