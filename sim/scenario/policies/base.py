"""What all ordering policies have in common.

One policy is one file of this room, with its fields, its checks, its name and what follows from its levels.
How much it orders is a rule of :mod:`sim.engines.rules`, which both engines call.
"""

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kinds import PolicyKind
from sim.scenario.distributions import Frozen
from sim.scenario.findings import Finding, Path

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


class LevelDays(NamedTuple):
    """Levels in days of planned usage, and days from one review to the next, ``[point]``."""

    up_to: NDArray[np.float64]
    reorder_at: NDArray[np.float64]
    review: NDArray[np.int64]


class OrderingPolicy(Frozen):
    """How a stock point orders."""

    code: ClassVar[PolicyKind]
    """What stands for it in a plan."""
    called: ClassVar[str | None] = None
    """What messages call it; by default what its class is called."""
    orders: ClassVar[bool] = True
    """Whether it ever orders; then it has a target."""

    @classmethod
    def has_reorder_level(cls) -> bool:
        """Whether an order waits until the position is at or below a level."""
        return "reorder_units" in cls.model_fields

    @staticmethod
    @abstractmethod
    def days_covered(days: LevelDays) -> NDArray[np.float64]:
        """``[point]`` days of planned usage that a position covers at least after a review.

        Infinite where nothing can be said of a stock point alone.
        """

    def inconsistencies(self, path: Path) -> Iterator[Finding]:  # noqa: ARG002 - for those that have some
        """What is wrong with its numbers together; `path` is its own."""
        yield from ()

    def misplaced(
        self,
        path: Path,  # noqa: ARG002 - for those that need something around them
        point: str,  # noqa: ARG002
        scenario: "Scenario",  # noqa: ARG002
    ) -> Iterator[Finding]:
        """Why it cannot stand at a stock point; `path` is its own."""
        yield from ()
