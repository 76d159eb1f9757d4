"""What may be to blame for a loss, and which component each cause belongs to.

A *cause* is a lane that a rule restricts, a stock point whose own capacity or supply falls short, or a
demand stream that an intervention shrinks or reprices. A *component* is the item that is short, or demand.
"""

from dataclasses import dataclass

import numpy as np

from sim.model.plan import Ints, Plan


@dataclass(frozen=True, slots=True)
class Causes:
    """How causes are numbered: lanes first, then stock points, then demand streams."""

    lanes: int
    points: int
    streams: int

    @classmethod
    def of(cls, plan: Plan) -> "Causes":
        """The numbering for a plan."""
        return cls(len(plan.lanes.supplier), len(plan.points.firm), len(plan.streams.point))

    @property
    def count(self) -> int:
        """Number of causes."""
        return self.lanes + self.points + self.streams

    def point(self, point: int) -> int:
        """The cause that is a stock point's own shortage."""
        return self.lanes + point

    def stream(self, stream: int) -> int:
        """The cause that is a demand stream's own fall."""
        return self.lanes + self.points + stream


def component_count(plan: Plan) -> int:
    """Number of components: the items, then demand."""
    return len(plan.labels.items) + 1


def component_of_causes(plan: Plan) -> Ints:
    """For each cause, its component: the item that is short, or (one past the items) demand."""
    items = plan.points.item
    demand = np.full(len(plan.streams.point), component_count(plan) - 1, dtype=np.int64)
    return np.concatenate([items[plan.lanes.buyer], items, demand])
