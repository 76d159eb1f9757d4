"""(r, Q): from a level on, order batches."""

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.kinds import PolicyKind
from sim.scenario.fields import MAX_DAYS, ZERO
from sim.scenario.policies.base import LevelDays, OrderingPolicy
from sim.scenario.quantities import Amount, Days


class ReorderQuantity(OrderingPolicy):
    """(r, Q): when the inventory position is at or below r, order as many batches Q as lift it above r."""

    code: ClassVar = PolicyKind.REORDER_QUANTITY
    called: ClassVar[str | None] = "an r_Q policy"

    kind: Literal["r_Q"]
    reorder_units: Amount = Field(ZERO, description="r in units.")
    reorder_cover_days: Days = Field(ZERO, description="r in days of planned usage (added to reorder_units).")
    batch_units: Amount = Field(description="Q, the batch size in units.")
    max_batches: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Batches in one order at most; default: as many as needed."
    )
    review_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 1

    @model_validator(mode="after")
    def _orders_something(self) -> Self:
        if self.batch_units.support[0] <= 0.0:
            raise ValueError("batch_units must be above 0")
        return self

    @staticmethod
    def days_covered(days: LevelDays) -> NDArray[np.float64]:
        """The level."""
        return days.reorder_at
