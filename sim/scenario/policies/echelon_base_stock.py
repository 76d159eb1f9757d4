"""Echelon base stock: at each review, lift all stock downstream to a target."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.kinds import PolicyKind
from sim.scenario.fields import StockPointRef
from sim.scenario.policies.base import LevelDays
from sim.scenario.policies.base_stock import BaseStock


class EchelonBaseStock(BaseStock):
    """As base_stock, but what it lifts to the target is the echelon position: with all stock downstream."""

    code: ClassVar = PolicyKind.ECHELON_BASE_STOCK
    called: ClassVar[str | None] = None

    kind: Literal["echelon_base_stock"]  # type: ignore[assignment]
    balanced_with: StockPointRef | None = Field(
        None,
        description="Another part of the same product, with a longer way to it: no more is ordered than what "
        "of that one's echelon will be as near to the product when the order arrives.",
    )

    @staticmethod
    def days_covered(days: LevelDays) -> NDArray[np.float64]:
        """Nothing is said: an echelon's target counts the stock of others."""
        return np.full(len(days.up_to), np.inf)
