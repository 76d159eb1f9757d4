"""What sellers get where tariffs part it from what buyers pay."""

from sim.engines.spending import BUYER, SELLER
from sim.model.facts import taxed_lanes
from sim.model.plan import Floats, Plan
from sim.risk.outcomes import Outcome


def value_before_duty(plan: Plan, outcomes: Outcome) -> Floats:
    """``[replication, twin, lane]`` purchases in the window without what buyers bear of duties."""
    return _less(plan, outcomes.lane_value, outcomes, BUYER)


def lane_sales(plan: Plan, outcomes: Outcome) -> Floats:
    """``[replication, twin, lane]`` what sellers get for the purchases in the window: less all duties."""
    return _less(plan, value_before_duty(plan, outcomes), outcomes, SELLER)


def _less(plan: Plan, value: Floats, outcomes: Outcome, bearer: int) -> Floats:
    lanes = taxed_lanes(plan)
    if len(lanes) == 0:
        return value
    left = value.copy()
    left[:, :, lanes] -= outcomes.duty[:, :, bearer]
    return left
