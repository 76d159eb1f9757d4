"""No orders."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sim.kinds import PolicyKind
from sim.scenario.policies.base import LevelDays, OrderingPolicy


class NoOrders(OrderingPolicy):
    """Never orders: a stock that is bought once, such as a last-time buy or a newsvendor's."""

    code: ClassVar = PolicyKind.NONE
    orders: ClassVar[bool] = False

    kind: Literal["none"]

    @staticmethod
    def days_covered(days: LevelDays) -> NDArray[np.float64]:
        """Nothing is said: the stock is not meant to be filled again."""
        return np.full(len(days.up_to), np.inf)
