"""How long the stock of tiers lasts, and what is left of their capacity, from whole ledgers."""

import numpy as np

from sim.engines.ledger import SimulatedPath
from sim.engines.rules import WEEK
from sim.model.plan import Floats, Plan, Supply
from sim.model.tiers import Group, worths


def covers(plan: Plan, path: SimulatedPath, groups: list[Group]) -> Floats:
    """``[group, week]`` days of planned usage on hand on the last day of the week."""
    return np.array([_cover(plan, path, group) for group in groups])


def _cover(plan: Plan, path: SimulatedPath, group: Group) -> Floats:
    worth, last_days = worths(plan, plan.numbers)[group.points], slice(WEEK - 1, None, WEEK)
    stock = (path.ledger.points.on_hand[last_days, group.points] * worth).sum(axis=1)
    usage = (path.schedule.usage[group.points, last_days].T * worth).sum(axis=1)
    return np.divide(stock, usage, out=np.zeros_like(stock), where=usage > 0.0)


def slacks(plan: Plan, path: SimulatedPath, groups: list[Group]) -> Floats:
    """``[group, week]`` share of the week's capacity that was not used, the mean over stock points."""
    return np.array([np.mean([_slack(plan, path, point) for point in its.points], axis=0) for its in groups])


def _slack(plan: Plan, path: SimulatedPath, point: int) -> Floats:
    points, weeks = path.ledger.points, plan.days // WEEK
    used = points.shipped + points.consumed if plan.points.supply[point] == Supply.SOURCE else points.started
    limit = path.schedule.capacity[point]
    counts = np.isfinite(limit)
    limit = np.where(counts, limit, 0.0)
    spare, capacity = (
        daily[: weeks * WEEK].reshape(weeks, WEEK).sum(axis=1)
        for daily in (np.where(counts, np.maximum(0.0, limit - used[:, point]), 0.0), limit)
    )
    return np.divide(spare, capacity, out=np.zeros_like(spare), where=capacity > 0.0)
