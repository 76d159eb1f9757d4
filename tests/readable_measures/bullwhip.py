"""How orders and what is asked for vary, from whole ledgers: review period by review period."""

import numpy as np

from sim.engines.ledger import SimulatedPath
from sim.model.changes import laid_over
from sim.model.plan import Effect, Floats, Plan


def bullwhip(plan: Plan, path: SimulatedPath, window: slice) -> Floats:
    """``[number, ordering point]`` of what falls into whole periods of the window."""
    columns = []
    for point in plan.ordering_points.tolist():
        length = int(plan.points.review_days[point])
        ends = range(length, plan.days + 1, length)
        whole = [
            slice(end - length, end) for end in ends if window.start <= end - length and end <= window.stop
        ]
        asked, ordered = _asked(plan, path, point), path.ledger.points.ordered[:, point]
        sums = [np.array([flow[days].sum() for days in whole]) for flow in (asked, ordered)]
        numbers = [
            (its.mean() if whole else 0.0, its.var(ddof=1) if len(whole) > 1 else np.nan) for its in sums
        ]
        columns.append([float(len(whole)), *numbers[0], *numbers[1]])
    return np.array(columns).reshape(-1, 5).T


def _asked(plan: Plan, path: SimulatedPath, point: int) -> Floats:
    """``[day]`` units for which customers, buyers and recipes ask."""
    lanes, points = path.ledger.lanes, path.ledger.points
    units = np.tile(plan.edges.units[:, None], (1, plan.days))
    units = laid_over(units, path.schedule.changed, Effect.CHANGES_INPUT_UNITS)
    asked = path.ledger.streams.demand[:, plan.streams_at[point]].sum(axis=1)
    for lane in plan.outbound[point].tolist():
        asked = asked + lanes.ordered[:, lane] * plan.lanes.units_per_original[lane]
    for edge in plan.uses_of[point].tolist():
        made = plan.edges.made[edge]
        asked = asked + points.ordered[:, made] / plan.points.yield_share[made] * units[edge]
    return asked
