"""How much firms ship to each other, from whole ledgers."""

import numpy as np

from sim.engines.flows import Followed
from sim.engines.ledger import SimulatedPath
from sim.engines.rules import WEEK
from sim.model.facts import list_values
from sim.model.plan import Floats, Plan


def flows(plan: Plan, path: SimulatedPath, followed: Followed) -> Floats:
    """``[link, week]`` value at list prices, less what turns back."""
    links, first, weeks = followed
    lanes, days = path.ledger.lanes, slice(WEEK * first, WEEK * (first + weeks))
    daily = ((lanes.shipped - lanes.turned_back) * list_values(plan.numbers))[days]
    sums = [daily[:, link.lanes].sum(axis=1) for link in links]
    return np.array([its.reshape(weeks, WEEK).sum(axis=1) for its in sums])
