"""Pure rules of the model, each written once; an independent oracle in the tests holds each of them.

The readable engine calls them. The compiled one inlines those of some numbers into its loops over a block;
what goes through lists (sharing out, splitting) stands in ``kernel.py`` a second time, as such loops.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

ROUNDING = 1e-9
"""A quantity within this share of a lot counts as that lot."""
QUALIFIED = 1e-9
"""Days of qualification left that count as none (the pace may be a fraction)."""
NOISE = 1e-11
"""Sums of floats are off by less than this share of what was summed: 3.9 - 2.9 - 1.0 is not quite 0."""

WEEK = 7
SMOOTHING_DAYS = 28
"""Recovery is judged on revenue summed over this many days."""
UNMET_SHARE = 1e-9
"""Unmet demand below this share of a day's demand is rounding."""
RUN_OUT_COVER_DAYS = 0.01
"""A stock that covers less than this many days of planned usage while someone waits has run out."""


def total(values: Iterable[float]) -> float:
    """Sum from left to right (the built-in ``sum`` rounds differently from Python 3.12 on).

    Examples
    --------
    >>> total([0.1] * 3)
    0.30000000000000004
    """
    result = 0.0
    for value in values:
        result += value
    return result


def base_stock_order(position: float, up_to: float, noise: float = 0.0) -> float:
    """Units that lift the inventory position to the order-up-to level; a gap within the noise is none [1]_.

    References
    ----------
    .. [1] Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed., sec. 4.3.

    Examples
    --------
    >>> base_stock_order(7.0, 10.0)
    3.0
    """
    return up_to - position if up_to - position > noise else 0.0


def smoothed(seen: float, expected: float, weight: float) -> float:
    """What is expected after something else was seen: exponential smoothing [1]_.

    Parameters
    ----------
    seen, expected
        What was seen, and what had been expected.
    weight
        Share of what was seen in what is expected from now on.

    References
    ----------
    .. [1] Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed., sec. 2.2.

    Examples
    --------
    >>> smoothed(20.0, 10.0, 0.25)
    12.5
    """
    return weight * seen + (1.0 - weight) * expected


def foreseen(level: float, trend: float, seasonal: float, days: float) -> float:
    """Units expected to be asked for in the next days, from today on, linear in between; never below 0.

    Parameters
    ----------
    level, trend
        Units expected today, and by how many more with every day.
    seasonal
        Units that the season adds in all these days.
    days
        How many days, whole or not.

    Examples
    --------
    >>> foreseen(10.0, 0.0, 0.0, 2.5), foreseen(10.0, 1.0, 0.0, 3.0), foreseen(10.0, 1.0, -2.0, 2.5)
    (25.0, 33.0, 25.0)
    """
    whole = np.floor(days)
    steps = whole * (whole - 1.0) / 2.0 + (days - whole) * whole
    return float(max(0.0, level * days + trend * steps + seasonal))


def season_ahead(season: Sequence[float], first: int, days: float) -> float:
    """Units that a season adds in some days, in order of time, linear in between.

    Parameters
    ----------
    season
        Units that each day of it adds.
    first
        Number of the first day; day 0 is the first of the season.
    days
        How many days, whole or not.

    Examples
    --------
    >>> season_ahead([5.0, -2.0, -3.0], 4, 2.5)
    -2.5
    """
    length = len(season)
    whole = int(np.floor(days))
    total = 0.0
    for later in range(whole):
        total += season[(first + later) % length]
    return total + (days - whole) * season[(first + whole) % length]


def reorder_up_to_order(position: float, reorder_at: float, up_to: float, noise: float = 0.0) -> float:
    """Units ordered under (s, S): up to S once the position is, within the noise, at or below s [1]_.

    References
    ----------
    .. [1] Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed., sec. 4.4.

    Examples
    --------
    >>> reorder_up_to_order(5.0, 4.0, 10.0), reorder_up_to_order(4.0, 4.0, 10.0)
    (0.0, 6.0)
    """
    lift = up_to - position
    return lift if lift > noise and position - reorder_at <= noise else 0.0


def reorder_quantity_order(
    position: float, reorder_at: float, batch: float, most_batches: float = math.inf, noise: float = 0.0
) -> float:
    """Units ordered under (r, Q): the fewest batches that lift the position above r, up to a limit [1]_.

    References
    ----------
    .. [1] Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd ed., sec. 5.1.

    Examples
    --------
    >>> reorder_quantity_order(-3.0, 4.0, 5.0), reorder_quantity_order(-3.0, 4.0, 5.0, 1.0)
    (10.0, 5.0)
    """
    short = reorder_at - position + noise
    if short < 0.0 or batch <= 0.0:
        return 0.0
    # NumPy's floor is a float of any size; compiled, that of `math` is an integer, which a float may exceed.
    return float(min(np.floor(short / batch) + 1.0, most_batches) * batch)


def kept_share(half_life_days: float) -> float:
    """What a day leaves of what fades with a half-life.

    Examples
    --------
    >>> kept_share(1.0), kept_share(math.inf)
    (0.5, 1.0)
    """
    return float(2.0 ** (-1.0 / half_life_days))


def stays_away(away: float, kept: float, lost: float, per_unit: float) -> float:
    """Demand a day that stays away tomorrow: what has not come back, and what was lost today.

    Examples
    --------
    >>> stays_away(2.0, 0.5, 30.0, 0.1)
    4.0
    """
    return away * kept + lost * per_unit


def in_lots(quantity: float, minimum: float, multiple: float, room: float = math.inf) -> float:
    """An order raised to the minimum and to a whole multiple; what finds no room is rounded down.

    A quantity within a billionth of a multiple counts as that multiple.

    Parameters
    ----------
    quantity
        Units wanted.
    minimum, multiple
        Units that an order has at least, and of which it is a whole multiple (0: any quantity).
    room
        Units that can be taken.

    Examples
    --------
    >>> in_lots(7.0, 10.0, 4.0), in_lots(7.0, 0.0, 4.0, room=7.5), in_lots(3.0, 5.0, 0.0, room=4.0)
    (12.0, 4.0, 0.0)
    """
    if quantity <= 0.0:
        return 0.0
    order = max(quantity, minimum)
    if multiple > 0.0:
        order = float(multiple * np.ceil(order / multiple - ROUNDING))
        if order > room:
            order = float(multiple * np.floor(room / multiple + ROUNDING))
    order = min(order, room)
    return order if order >= minimum else 0.0


def licensed_room(units_left: float, value_left: float, units: float, value: float) -> float:
    """Units of a lane that a quota leaves room for.

    Parameters
    ----------
    units_left, value_left
        What is left of the supplier's quotas.
    units, value
        What one unit of the lane takes of them.

    Examples
    --------
    >>> licensed_room(30.0, 100.0, 1.0, 4.0), licensed_room(30.0, 100.0, 2.0, 0.0)
    (25.0, 15.0)
    """
    by_units = units_left / units if units > 0.0 else math.inf
    by_value = value_left / value if value > 0.0 else math.inf
    return max(0.0, min(by_units, by_value))


def granted(need: float, wanted: float, available: float, left: float) -> float:
    """Units of a scarce stock that a claim gets: what it needs, or its part in proportion to need.

    Parameters
    ----------
    need, wanted
        Units that the claim, and all claims of its rank, ask for.
    available, left
        Units that there were when its rank had its turn, and that are left now.

    Examples
    --------
    >>> granted(8.0, 12.0, 6.0, 4.0), granted(8.0, 12.0, 20.0, 16.0), granted(8.0, 12.0, 6.0, 3.9)
    (4.0, 8.0, 3.9)
    """
    grant = need if wanted <= available else available * (need / wanted)
    return min(grant, left, need)


def share_out(available: float, needs: Sequence[float], ranks: Sequence[int]) -> list[float]:
    """Share scarce stock: lower ranks are served first, equal ranks in proportion to need.

    Parameters
    ----------
    available
        Units to share.
    needs
        Units each claim asks for.
    ranks
        Rank of each claim.

    Returns
    -------
    list of float
        Units for each claim; their sum is at most `available`.

    Examples
    --------
    >>> share_out(6.0, [4.0, 8.0], [0, 0])
    [2.0, 4.0]
    >>> share_out(6.0, [4.0, 8.0], [1, 0])
    [0.0, 6.0]
    """
    grants: dict[int, float] = {}
    left = max(0.0, available)
    for rank in sorted(set(ranks)):
        group = [claim for claim, its in enumerate(ranks) if its == rank]
        wanted, before = total(needs[claim] for claim in group), left
        for claim in group:
            grants[claim] = granted(needs[claim], wanted, before, left)
            left -= grants[claim]
    return [grants[claim] for claim in range(len(needs))]


def covered_share(reach: float, owed: float) -> float:
    """Share of what a supplier owes that it can deliver.

    Parameters
    ----------
    reach
        Units that it can deliver.
    owed
        Units that lanes, customers and recipes wait for.

    Examples
    --------
    >>> covered_share(5.0, 20.0), covered_share(20.0, 5.0), covered_share(0.0, 0.0)
    (0.25, 1.0, 1.0)
    """
    return reach / owed if owed - reach > NOISE * owed else 1.0


def excess(units: float, needed: float) -> float:
    """Units beyond what is needed; a rest within the noise is none.

    Examples
    --------
    >>> excess(20.0, 5.0), excess(5.0, 20.0), excess(math.inf, 5.0)
    (15.0, 0.0, inf)
    """
    return units - needed if units - needed > NOISE * needed else 0.0


def pace(engineers: float, load: float) -> float:
    """Days of qualification done in a day when the load asks for more engineers than there are.

    Examples
    --------
    >>> pace(10.0, 5.0), pace(10.0, 20.0)
    (1.0, 0.5)
    """
    return 1.0 if load <= engineers else engineers / load


def has_come(qualified_day: int, ramp_days: float, day: int) -> bool:
    """Whether a substitute had come to the end of its ramp by the day before; without a ramp, was qualified.

    Examples
    --------
    >>> has_come(10, 0.0, 10), has_come(10, 0.0, 11), has_come(10, 4.5, 15), has_come(10, 4.5, 16)
    (False, True, False, True)
    """
    return float(day - 1 - qualified_day) >= ramp_days


def lane_capacity(level: float, per_day: float, share_of_usage: float, usage: float) -> float:
    """Units per day that a lane carries; a ramp without any limit leads to planned usage.

    Parameters
    ----------
    level
        How far its ramp has come: 1 but for substitutes.
    per_day, share_of_usage
        Its limits (infinite: none), in units and as a share of its buyer's usage.
    usage
        Planned usage of its buyer, in units per day.

    Examples
    --------
    >>> lane_capacity(1.0, 100.0, 2.0, 10.0), lane_capacity(0.5, 100.0, math.inf, 10.0)
    (20.0, 50.0)
    >>> lane_capacity(0.5, math.inf, math.inf, 10.0), lane_capacity(1.0, math.inf, math.inf, 10.0)
    (5.0, inf)
    """
    by_usage = share_of_usage * usage if share_of_usage < math.inf else math.inf
    most = min(per_day, by_usage)
    unlimited = usage * level if level < 1.0 else math.inf
    return unlimited if most == math.inf else most * level


def mixed_penalty(on_hand: float, held: float, units: float, penalty: float) -> float:
    """Penalty of a stock to which units with another penalty are added: the average over what it holds.

    Parameters
    ----------
    on_hand, held
        Units in stock and their penalty.
    units, penalty
        Units that are added and theirs.

    Examples
    --------
    >>> mixed_penalty(30.0, 0.0, 10.0, 0.2), mixed_penalty(0.0, 0.1, 0.0, 0.2)
    (0.05, 0.1)
    """
    if units <= 0.0 or penalty == held:
        return held
    return (on_hand * held + units * penalty) / (on_hand + units)


def moving_average(on_hand: float, unit_cost: float, units: float, cost: float) -> float:
    """Moving-average unit cost of a stock, once units of another cost are added.

    Parameters
    ----------
    on_hand, unit_cost
        Units in stock and what each has cost.
    units, cost
        Units that are added and theirs.

    Examples
    --------
    >>> moving_average(30.0, 2.0, 10.0, 4.0), moving_average(0.0, 2.0, 10.0, 4.0)
    (2.5, 4.0)
    >>> moving_average(0.0, 2.0, 0.0, 4.0)
    2.0
    """
    if units <= 0.0:
        return unit_cost
    if on_hand <= 0.0 or cost == unit_cost:
        return cost
    return (on_hand * unit_cost + units * cost) / (on_hand + units)


def leaving_share(patience_days: float) -> float:
    """Share of the waiting customers who leave at the end of a day: min(1, 1 / patience).

    Examples
    --------
    >>> leaving_share(0.0), leaving_share(4.0), leaving_share(math.inf)
    (1.0, 0.25, 0.0)
    """
    return 1.0 / max(1.0, patience_days)


def split_by_share(quantity: float, weights: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """Split an order over lanes by weight; what a full lane cannot take goes to the others.

    Parameters
    ----------
    quantity
        Units to order.
    weights
        One non-negative weight a lane; 0 takes nothing.
    rooms
        Units each lane can take today.

    Returns
    -------
    list of float
        Units for each lane; their sum is at most `quantity`.

    Examples
    --------
    >>> split_by_share(10.0, [1.0, 1.0], [2.0, math.inf])
    [2.0, 8.0]
    """
    taken = [0.0] * len(weights)
    remaining = quantity
    for _ in weights:
        total = 0.0
        for weight, room, got in zip(weights, rooms, taken, strict=True):
            if room > got:
                total += weight
        if total <= 0.0:
            break
        overflow = 0.0
        for lane, room in enumerate(rooms):
            if room > taken[lane]:
                offered = remaining * (weights[lane] / total)
                accepted = min(offered, room - taken[lane])
                taken[lane] += accepted
                overflow += offered - accepted
        if overflow <= 0.0:
            break
        remaining = overflow
    return taken


def split_by_rank(quantity: float, ranks: Sequence[int], rooms: Sequence[float]) -> list[float]:
    """Split an order over lanes in order of rank, each filled before the next is asked.

    Examples
    --------
    >>> split_by_rank(10.0, [2, 1], [math.inf, 4.0])
    [6.0, 4.0]
    """
    taken: dict[int, float] = {}
    remaining = quantity
    for lane in sorted(range(len(ranks)), key=lambda index: (ranks[index], index)):
        taken[lane] = min(remaining, rooms[lane])
        remaining -= taken[lane]
    return [taken[lane] for lane in range(len(ranks))]
