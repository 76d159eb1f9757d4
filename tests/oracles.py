"""Independent twins of the model's rules and measures: naive, slow, and without a line of ``sim``.

The engines share their rules, so a fault in a rule would pass every comparison of engines. These
oracles compute the same things another way: with fractions instead of floats, by solving instead of
looping, by brute force instead of arrays.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

INFINITY = math.inf


# ---------------------------------------------------------------------- rules


def share_out(available: float, needs: list[float], ranks: list[int]) -> list[float]:
    """Serve ranks in ascending order; the first that cannot be served in full shares what is left by need."""
    left = max(Fraction(0), Fraction(available))
    granted = [Fraction(0)] * len(needs)
    for rank in sorted(set(ranks)):
        claims = [claim for claim in range(len(needs)) if ranks[claim] == rank]
        wanted = sum((Fraction(needs[claim]) for claim in claims), Fraction(0))
        part = min(Fraction(1), left / wanted) if wanted else Fraction(0)
        for claim in claims:
            granted[claim] = Fraction(needs[claim]) * part
        left -= wanted * part
    return [float(grant) for grant in granted]


def smoothed(seen: float, expected: float, weight: float) -> float:
    """What was expected, moved towards what was seen by a part of the way."""
    return float(Fraction(expected) + Fraction(weight) * (Fraction(seen) - Fraction(expected)))


def foreseen(level: float, trend: float, seasonal: float, days: float) -> float:
    """Every whole day by itself, and of one more day the part that is begun; the season beside it."""
    each = [Fraction(level) + day * Fraction(trend) for day in range(math.ceil(days))]
    return float(max(Fraction(0), _with_part_of_last(each, days) + Fraction(seasonal)))


def season_ahead(season: list[float], first: int, days: float) -> float:
    """Whole seasons one after the other, from which the days are cut."""
    repeated = [Fraction(units) for units in season] * ((first + math.ceil(days)) // len(season) + 1)
    return float(_with_part_of_last(repeated[first : first + math.ceil(days)], days))


def _with_part_of_last(each: list[Fraction], days: float) -> Fraction:
    begun = Fraction(days) - math.floor(days)
    if begun:
        each[-1] *= begun
    return sum(each, Fraction(0))


def split_by_share(quantity: float, weights: list[float], rooms: list[float]) -> list[float]:
    """Raise one common level until the lanes, each filled to weight x level or full, hold the quantity."""
    lanes = [index for index, weight in enumerate(weights) if weight > 0.0 and rooms[index] > 0.0]
    filled_at = {
        lane: Fraction(rooms[lane]) / Fraction(weights[lane]) if rooms[lane] < INFINITY else None
        for lane in lanes
    }

    def held(level: Fraction) -> Fraction:
        return sum(
            (Fraction(weights[lane]) * _least(level, filled_at[lane]) for lane in lanes),
            Fraction(0),
        )

    steps = [Fraction(0), *sorted(full for full in filled_at.values() if full is not None)]
    target = Fraction(quantity)
    for low, high in pairwise(steps):
        if held(high) >= target:
            slope = (held(high) - held(low)) / (high - low) if high > low else Fraction(1)
            level = low + (target - held(low)) / slope
            return _at_level(level, weights, filled_at)
    unlimited = sum((Fraction(weights[lane]) for lane in lanes if filled_at[lane] is None), Fraction(0))
    level = steps[-1] + ((target - held(steps[-1])) / unlimited if unlimited else 0)
    return _at_level(level, weights, filled_at)


def _least(level: Fraction, full: Fraction | None) -> Fraction:
    return level if full is None else min(level, full)


def _at_level(level: Fraction, weights: list[float], filled_at: dict[int, Fraction | None]) -> list[float]:
    return [
        float(Fraction(weight) * _least(level, filled_at[lane])) if lane in filled_at else 0.0
        for lane, weight in enumerate(weights)
    ]


def split_by_rank(quantity: float, ranks: list[int], rooms: list[float]) -> list[float]:
    """A lane gets what all the lanes before it could not take."""
    taken = []
    for lane, rank in enumerate(ranks):
        before = [
            rooms[other]
            for other in range(len(ranks))
            if ranks[other] < rank or (ranks[other] == rank and other < lane)
        ]
        reaches = INFINITY in before
        left = Fraction(0) if reaches else Fraction(quantity) - sum(map(Fraction, before), Fraction(0))
        room = left if rooms[lane] == INFINITY else Fraction(rooms[lane])
        taken.append(float(max(Fraction(0), min(left, room))))
    return taken


def covered_share(reach: float, owed: float) -> float:
    """The part of what is owed that can be delivered, as a fraction."""
    if reach >= owed:
        return 1.0
    return float(Fraction(reach) / Fraction(owed))


def excess(units: float, needed: float) -> float:
    """What is left once what is needed has been taken."""
    return INFINITY if units == INFINITY else float(max(Fraction(0), Fraction(units) - Fraction(needed)))


def base_stock(position: float, up_to: float) -> float:
    """Units missing to the order-up-to level."""
    return up_to - position if position < up_to else 0.0


def reorder_up_to(position: float, reorder_at: float, up_to: float) -> float:
    """(s, S)."""
    return 0.0 if position > reorder_at else base_stock(position, up_to)


def reorder_quantity(position: float, reorder_at: float, batch: float) -> float:
    """(r, Q), one batch after the other."""
    batches = 0
    while Fraction(position) + batches * Fraction(batch) <= Fraction(reorder_at):
        batches += 1
    return float(batches * Fraction(batch))


def ramp(days_since_start: float, ramp_days: float, *, logistic: bool) -> float:
    """Progress from 0 to 1; the logistic curve of steepness 10, stretched to pass through both, as a tanh."""
    if days_since_start < 0:
        return 0.0
    if ramp_days == 0 or days_since_start > ramp_days:
        return 1.0
    progress = days_since_start / ramp_days
    return 0.5 + 0.5 * math.tanh(5.0 * (progress - 0.5)) / math.tanh(2.5) if logistic else progress


def licensed_room(units_left: float, value_left: float, units: float, value: float) -> float:
    """What every quota that a unit takes something of has room for."""
    quotas = [(units_left, units), (value_left, value)]
    return max(0.0, min((left / each for left, each in quotas if each > 0.0), default=INFINITY))


def quota_begun(day: int, into_grant: int) -> float:
    """The whole quota on each first day of a licence year; on day 0 that of the days that are left."""
    if into_grant < 0:
        return -1.0
    years, days = divmod(into_grant, 365)
    if days == 0:
        return 1.0
    return (365 * (years + 1) - into_grant) / 365 if day == 0 else -1.0


def lots(quantity: float, minimum: float, multiple: float, room: float) -> float:
    """Of all orders that the lots and the room allow, the least that is enough, else the most there is."""
    if quantity == 0.0:
        return 0.0
    wanted = max(Fraction(quantity), Fraction(minimum))
    if multiple == 0.0:
        fitting = float(wanted) if wanted <= room else room
        return fitting if fitting >= minimum else 0.0
    lot, held = Fraction(multiple), Fraction(0)
    while held < wanted and held + lot <= room:
        held += lot
    return float(held) if held >= minimum else 0.0


def stays_away(lost: list[float], half_life_days: float, per_unit: float) -> float:
    """Demand a day that stays away after some days on which units were lost, each fading on its own."""
    ages = range(len(lost) - 1, -1, -1)
    return math.fsum(
        units * per_unit * math.exp(-math.log(2.0) * age / half_life_days)
        for units, age in zip(lost, ages, strict=True)
    )


def pace(engineers: float, load: float) -> float:
    """Share of full pace: engineer-days there are of those that a day's work asks for."""
    if engineers == INFINITY or load == 0.0:
        return 1.0
    return float(min(Fraction(1), Fraction(engineers) / Fraction(load)))


def leaving_share(patience_days: float) -> float:
    """Customers who leave in a day."""
    return 1.0 if patience_days == 0.0 else min(1.0, 1.0 / patience_days)


def mean_days_waited(share: float) -> float:
    """Mean of the geometric distribution, term by term: a share of those who are left leaves every day."""
    left, mean, day = 1.0, 0.0, 1
    while left > 1e-12:
        mean += day * left * share
        left, day = left * (1.0 - share), day + 1
    return mean


def lane_capacity(level: float, per_day: float, share_of_usage: float, usage: float) -> float:
    """The tightest of a lane's limits, as far as its ramp has come; a ramp without limits leads to usage."""
    limits = [Fraction(per_day)] if per_day < INFINITY else []
    limits += [Fraction(share_of_usage) * Fraction(usage)] if share_of_usage < INFINITY else []
    if not limits and level == 1.0:
        return INFINITY
    return float(Fraction(level) * min(limits, default=Fraction(usage)))


def mixed_penalty(on_hand: float, held: float, units: float, penalty: float) -> float:
    """The one penalty at which as much is deducted of all units together as of both kinds on their own."""
    deducted = Fraction(on_hand) * Fraction(held) + Fraction(units) * Fraction(penalty)
    together = Fraction(on_hand) + Fraction(units)
    return float(deducted / together) if together else held


def moving_average(on_hand: float, unit_cost: float, units: float, cost: float) -> float:
    """What each unit has cost, of all that has been paid for those on hand and those that are added."""
    if not units:
        return unit_cost
    paid = Fraction(on_hand) * Fraction(unit_cost) + Fraction(units) * Fraction(cost)
    return float(paid / (Fraction(on_hand) + Fraction(units)))


def share_lost(before: float, now: float) -> float:
    """Of what filled a lane that was open to one share, the part that has no place at another."""
    if now >= before:
        return 0.0
    return float((Fraction(before) - Fraction(now)) / Fraction(before))


def linear_ramp(days_since_start: float, ramp_days: float) -> float:
    """The middle one of 0, 1 and the straight line between them."""
    return 1.0 if ramp_days == 0.0 else sorted([0.0, days_since_start / ramp_days, 1.0])[1]


def on_the_way_to(factor: float, level: float) -> float:
    """Mean of 1 and a factor, weighted by how far a ramp has come."""
    return float((1 - Fraction(level)) + Fraction(level) * Fraction(factor))


def incidence(rate: float, passed_on_share: float, level: float) -> tuple[float, float]:
    """What buyers and sellers bear of a duty: the sellers what is left of it."""
    duty = Fraction(rate) * Fraction(level)
    on_top = duty * Fraction(passed_on_share)
    return float(on_top), float(duty - on_top)


def capacity_left(normal: float, usage: float, factor: float) -> float:
    """What a loss leaves: of a number its part, of no limit a part of usage, without usage no limit."""
    if factor == 1.0:
        return normal
    if normal < INFINITY:
        return float(Fraction(normal) * Fraction(factor))
    if usage == 0.0 and factor > 0.0:
        return INFINITY
    return float(Fraction(usage) * Fraction(factor))


def changed(value: float, operation: str, amount: float, level: float) -> float:
    """A point on the line from a number to what a change makes of it; without limits only its ends."""
    if operation != "SET" and value == INFINITY:
        return INFINITY
    if INFINITY in (value, amount):
        return amount if level == 1.0 else value
    start, share = Fraction(value), Fraction(level)
    goal = {"SET": Fraction(amount), "ADD": start + Fraction(amount), "SCALE": start * Fraction(amount)}[
        operation
    ]
    return float(start * (1 - share) + goal * share)


def days_before(ramp_days: float, waits_for_ramp: bool) -> int:
    """Whole days from qualification to the first on which a follower starts, counted one by one."""
    days = 1
    while waits_for_ramp and days - 1 < ramp_days:
        days += 1
    return days


# ---------------------------------------------------------------------- facts of a network


@dataclass(frozen=True)
class Order:
    """One intervention: its own day or the one that it comes after, and what ends it."""

    day: int | None
    after: int | None
    delay: int
    happens: bool
    duration: int
    end: int
    lifted_by: list[int]


def dates(orders: list[Order], horizon: int) -> list[list[int]]:
    """Days before a horizon on which each intervention holds, asked for one day after the other.

    An intervention comes a delay after its day, or after the day on which another came. It counts only if it
    holds on some day, of all time, and if the one that it comes after counts.
    """

    def come(which: int) -> int | None:
        order = orders[which]
        origin = order.day if order.after is None else come(order.after)
        return origin + order.delay if order.happens and origin is not None else None

    def is_over(which: int, day: int) -> bool:
        order, start = orders[which], come(which)
        assert start is not None
        lifted = [lifting for by in order.lifted_by if (lifting := come(by)) is not None]
        return day >= order.end or day - start >= order.duration or any(day >= at for at in lifted)

    def counts(which: int) -> bool:
        order, start = orders[which], come(which)
        if start is None or is_over(which, start):
            return False
        return order.after is None or counts(order.after)

    return [
        [day for day in range(horizon) if day >= start and not is_over(which, day)]
        if counts(which) and (start := come(which)) is not None
        else []
        for which in range(len(orders))
    ]


def purchase_shares(lanes: list[tuple[str, float, int, bool]], ranked: set[str]) -> list[float]:
    """Share of each lane (buyer, share, rank, whether a substitute) in what its buyer plans to buy."""

    def weight(which: int) -> Fraction:
        buyer, share, rank, is_substitute = lanes[which]
        if is_substitute:
            return Fraction(0)
        if buyer not in ranked:
            return Fraction(share)
        others = [(r, other) for other, (b, _, r, sub) in enumerate(lanes) if b == buyer and not sub]
        return Fraction(int((rank, which) == min(others)))

    shares = []
    for which, (buyer, *_) in enumerate(lanes):
        total = sum((weight(other) for other in range(len(lanes)) if lanes[other][0] == buyer), Fraction(0))
        shares.append(float(weight(which) / total) if total else 0.0)
    return shares


# ---------------------------------------------------------------------- measures


def value_at_risk(losses: list[float], level: str) -> float:
    """Smallest observed loss that at least a share `level` of the losses do not exceed."""
    share = Fraction(level)
    return min(x for x in losses if Fraction(sum(loss <= x for loss in losses), len(losses)) >= share)


def expected_shortfall(losses: list[float], level: str) -> float:
    """Mean of the worst ``1 - level``: each loss holds 1/n of the mass, taken from the worst down."""
    tail = 1 - Fraction(level)
    left, total = tail, Fraction(0)
    for loss in sorted(losses, reverse=True):
        mass = min(left, Fraction(1, len(losses)))
        total += mass * Fraction(loss)
        left -= mass
    return float(total / tail)


# ---------------------------------------------------------------------- bans and licences


@dataclass(frozen=True)
class Licence:
    """Days on which a granted licence holds, and the share of volume it lets through."""

    first: int
    end: int
    volume: float


@dataclass(frozen=True)
class Restriction:
    """Days on which a rule holds a lane, and its licences."""

    first: int
    end: int
    licences: list[Licence] = field(default_factory=list)


def open_share(day: int, subsidiary_share: float, restrictions: list[Restriction]) -> float:
    """What may pass on a day: of every rule that holds, the least; of its licences, the most generous."""
    permitted = [1.0]
    for rule in restrictions:
        if rule.first <= day < rule.end:
            volumes = [licence.volume for licence in rule.licences if licence.first <= day < licence.end]
            permitted.append(min(1.0, subsidiary_share + max(volumes, default=0.0)))
    return min(permitted)


def days_of_grants(
    days: range, dates: tuple[int, int], term: tuple[int, int], renewals: int, revoked_after: int
) -> list[int]:
    """Days since a licence was last granted, -1 without one, walking through the days of each grant."""
    (start, end), (valid, gap) = dates, term
    since: dict[int, int] = {}
    for grant in range(renewals + 1):
        first = start + grant * (valid + gap)
        since |= {first + age: age for age in range(valid)}
    revoked = max(start, 0) + revoked_after
    return [since.get(day, -1) if start <= day < min(end, revoked) else -1 for day in days]


# ---------------------------------------------------------------------- planned usage


def planned_usage(point: str, network: dict[str, dict[str, Any]]) -> float:
    """Units a day drawn from a stock point, walking every path to every customer.

    `network` holds plain numbers: ``demand`` (stock_point, mean_per_day), ``lanes`` (supplier, buyer,
    share) and ``recipes`` (output, inputs, yield_share, share); shares split over the lanes of a buyer, and
    over the recipes of an output.
    """
    usage = 0.0
    for stream in network["demand"].values():
        if stream["stock_point"] == point:
            usage += stream["mean_per_day"]
    for lane in network["lanes"].values():
        if lane["supplier"] == point:
            rivals = [other for other in network["lanes"].values() if other["buyer"] == lane["buyer"]]
            weight = lane["share"] / sum(rival["share"] for rival in rivals)
            usage += weight * planned_usage(lane["buyer"], network)
    for recipe in network["recipes"].values():
        if point in recipe["inputs"]:
            rivals = [other for other in network["recipes"].values() if other["output"] == recipe["output"]]
            weight = recipe["share"] / sum(rival["share"] for rival in rivals)
            made = weight * planned_usage(recipe["output"], network)
            usage += recipe["inputs"][point] * made / recipe["yield_share"]
    return usage


# ---------------------------------------------------------------------- the day, for one maker


@dataclass(frozen=True)
class Part:
    """A part that the maker buys on one lane and keeps at a base stock."""

    units: float
    """Units for one unit of product started."""
    target: float
    lead_time: int


@dataclass(frozen=True)
class Maker:
    """One product made of some parts, sold to one customer; every number fixed."""

    days: int
    parts: list[Part]
    demand: list[float]
    target: float
    process_days: int
    capacity: float
    yield_share: float
    patience_days: float
    ban_day: int
    """From this day on nothing can be ordered of the first part; beyond `days`: never."""
    turned_back: bool


def sales_of(maker: Maker) -> list[tuple[float, float, float]]:
    """Units sold, lost and waiting on each day, by a day loop over plain dicts.

    Stocks start at their targets. Parts come from a source without limits, so an order leaves on its day.
    """
    stock = {index: part.target for index, part in enumerate(maker.parts)}
    coming: list[tuple[int, int, float]] = []  # (arrival day, part, units)
    goods, to_start, unserved = maker.target, 0.0, 0.0
    in_work: list[tuple[int, float]] = []  # (completion day, good units)
    told = []
    for today in range(maker.days):
        closed = today >= maker.ban_day
        if today == maker.ban_day and maker.turned_back:
            coming = [load for load in coming if load[1] != 0 or load[0] <= today]
        unserved += maker.demand[today]
        due = sum(units for done, units in in_work if done == today)
        in_vain = 0.0
        if maker.process_days > 0 and unserved > goods + due:
            in_vain = (unserved - goods - due) * leaving_share(maker.patience_days)
        position = goods + to_start * maker.yield_share + sum(units for _, units in in_work) - unserved
        position += in_vain
        to_start += max(0.0, maker.target - position) / maker.yield_share
        sent = []
        for index, part in enumerate(maker.parts):
            ordered = sum(units for _, which, units in coming if which == index)
            missing = part.target - (stock[index] + ordered - to_start * part.units)
            if missing > 0.0 and not (closed and index == 0):
                sent.append((today + part.lead_time, index, missing))
        coming += sent
        for arrival, index, units in coming:
            if arrival == today:
                stock[index] += units
        coming = [load for load in coming if load[0] > today]
        goods += sum(units for done, units in in_work if done == today)
        in_work = [work for work in in_work if work[0] > today]
        start = min(
            to_start, maker.capacity, *(stock[index] / part.units for index, part in enumerate(maker.parts))
        )
        to_start -= start
        for index, part in enumerate(maker.parts):
            stock[index] = max(0.0, stock[index] - start * part.units)
        if maker.process_days == 0:
            goods += start * maker.yield_share
        else:
            in_work.append((today + maker.process_days, start * maker.yield_share))
        sold = min(goods, unserved)
        goods, unserved = goods - sold, unserved - sold
        lost = unserved * leaving_share(maker.patience_days)
        unserved -= lost
        told.append((sold, lost, unserved))
    return told
