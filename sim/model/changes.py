"""Numbers that change with time, and stock that is lost: which they are, and what they are on each day.

A number may be changed by several interventions. First it is set, then added to, then multiplied, each as far
as its ramp has come and in file order; in the end it is kept within what its field allows.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from sim.kinds import Operation
from sim.model.calendar_rules import changed, ramp_level
from sim.model.plan import Bools, Effect, Floats, Ints, Numbers, Plan
from sim.scenario.fields import MAX_DAYS

HIGHEST = {
    Effect.CHANGES_CAPACITY: math.inf,
    Effect.CHANGES_LANE_CAPACITY: math.inf,
    Effect.CHANGES_LANE_CAPACITY_SHARE: math.inf,
    Effect.CHANGES_SHARE: 1.0,
    Effect.CHANGES_SUBSIDIARY_SHARE: 1.0,
    Effect.CHANGES_LEAD_TIME: float(MAX_DAYS),
    Effect.CHANGES_LANE_PRICE: math.inf,
    Effect.CHANGES_STREAM_PRICE: math.inf,
    Effect.CHANGES_INPUT_UNITS: math.inf,
    Effect.CHANGES_YIELD: 1.0,
    Effect.CHANGES_ENGINEERS: math.inf,
}
"""What a number is at most after all changes; at least it is 0."""
CHANGED_FIELDS = {
    Effect.CHANGES_LANE_CAPACITY: ("lanes", "capacity_per_day"),
    Effect.CHANGES_LANE_CAPACITY_SHARE: ("lanes", "capacity_share_of_usage"),
    Effect.CHANGES_SHARE: ("lanes", "share"),
    Effect.CHANGES_SUBSIDIARY_SHARE: ("lanes", "subsidiary_share"),
    Effect.CHANGES_LANE_PRICE: ("lanes", "price"),
    Effect.CHANGES_STREAM_PRICE: ("streams", "price"),
    Effect.CHANGES_INPUT_UNITS: ("edges", "units"),
    Effect.CHANGES_YIELD: ("points", "yield_share"),
    Effect.CHANGES_ENGINEERS: ("", "engineers"),
}
"""The group and field of a plan in which a number stands that changes, if it stands in one alone."""
LOSSES = (Effect.DESTROYS_STOCK, Effect.DESTROYS_WORK, Effect.DESTROYS_TRANSIT)
LANE_CHANGES = (
    Effect.CHANGES_LANE_CAPACITY,
    Effect.CHANGES_LANE_CAPACITY_SHARE,
    Effect.CHANGES_SHARE,
    Effect.CHANGES_LEAD_TIME,
    Effect.DESTROYS_TRANSIT,
)
"""What makes a lane bring less, beside rules and pauses."""


class Touched(NamedTuple):
    """A number that interventions change, or stock that they destroy: of which kind, whose, by which effects.

    ``rows`` are effects in the order in which they are applied.
    """

    kind: Effect
    target: int
    rows: tuple[int, ...]


def changes_of(plan: Plan) -> list[Touched]:
    """All numbers that change."""
    return list(_touched(plan, tuple(HIGHEST)))


def losses_of(plan: Plan) -> list[Touched]:
    """All stock, work and goods under way of which a share may be lost."""
    return list(_touched(plan, LOSSES))


def _touched(plan: Plan, kinds: Sequence[Effect]) -> Iterator[Touched]:
    effects = plan.effects
    operation = plan.interventions.operation[effects.intervention]
    found: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(np.isin(effects.kind, kinds)).tolist():
        found.setdefault((int(effects.kind[row]), int(effects.target[row])), []).append(row)
    for (kind, target), rows in sorted(found.items()):
        yield Touched(Effect(kind), target, tuple(sorted(rows, key=lambda row: (operation[row], row))))


def amounts(plan: Plan, numbers: Numbers) -> Floats:
    """``[intervention, ...]`` what a number becomes, what is added to it, or what it is multiplied by."""
    operation = plan.interventions.operation
    amount = numbers("interventions", "factor").copy()
    for code, field in ((Operation.SET, "to"), (Operation.ADD, "add")):
        amount[operation == code] = numbers("interventions", field)[operation == code]
    return amount


def lost_shares(numbers: Numbers) -> dict[Effect, Floats]:
    """``[intervention, ...]`` share that is lost, of each kind of stock."""
    fields = ("on_hand_share", "work_in_process_share", "in_transit_share")
    return {kind: numbers("interventions", field) for kind, field in zip(LOSSES, fields, strict=True)}


class Series(NamedTuple):
    """What one number, or one share that is lost, is on each day of a path."""

    kind: Effect
    target: int
    values: Floats


def laid_over(table: Floats, series: Iterable[Series], kind: Effect) -> Floats:
    """``[target, day]`` a table, in the rows of which that change stands what they change to."""
    rows = [its for its in series if its.kind == kind]
    if not rows:
        return table
    changed_table = table.copy()
    for its in rows:
        changed_table[its.target] = its.values
    return changed_table


def changed_numbers(
    plan: Plan, start: Ints, end: Ints, base: Callable[[Effect], Floats]
) -> tuple[Series, ...]:
    """What each number that changes is, day by day.

    Parameters
    ----------
    plan
        The plan of one replication.
    start, end
        ``[intervention]`` days from and up to which they hold.
    base
        Gives of each kind ``[target, day]``: the numbers without changes.
    """
    operation, amount = plan.interventions.operation, amounts(plan, plan.numbers)
    series = []
    for number in changes_of(plan):
        values = base(number.kind)[number.target].tolist()
        for row in number.rows:
            its = int(plan.effects.intervention[row])
            levels = _levels(plan, start, end, its)
            pairs = zip(values, levels, strict=True)
            values = [
                changed(value, int(operation[its]), float(amount[its]), level) for value, level in pairs
            ]
        kept = [min(max(value, 0.0), HIGHEST[number.kind]) for value in values]
        series.append(Series(number.kind, number.target, np.array(kept)))
    return tuple(series)


def _levels(plan: Plan, start: Ints, end: Ints, intervention: int) -> list[float]:
    """How far a change has come on each day: up its ramp while it holds, then back over its recovery."""
    first, last = int(start[intervention]), int(end[intervention])
    ramp_days = float(plan.interventions.ramp_days[intervention])
    recovery_days = float(plan.interventions.recovery_days[intervention])
    levels = []
    for day in range(plan.days):
        came = ramp_level(float(min(day, last) - first), ramp_days, logistic=False)
        levels.append(came * (1.0 - ramp_level(float(day - last), recovery_days, logistic=False)))
    return levels


def shares_destroyed(plan: Plan, start: Ints) -> tuple[Series, ...]:
    """What share of stock, work and goods under way is lost on each day."""
    shares = lost_shares(plan.numbers)
    series = []
    for loss in losses_of(plan):
        kept = np.ones(plan.days)
        for row in loss.rows:
            intervention = plan.effects.intervention[row]
            day = int(start[intervention])
            if 0 <= day < plan.days:
                kept[day] *= 1.0 - shares[loss.kind][intervention]
        series.append(Series(loss.kind, loss.target, 1.0 - kept))
    return tuple(series)


def changed_by_the_shock(plan: Plan, starts: tuple[Ints, Ints], ends: tuple[Ints, Ints]) -> Bools:
    """``[lane, replication]`` whether a change or a loss that one twin alone knows makes a lane bring less.

    Parameters
    ----------
    plan
        The plan.
    starts, ends
        ``[intervention, replication]`` from when and until when they hold, with the shock and without.
    """
    differs = ((starts[0] != starts[1]) | (ends[0] != ends[1])) & (starts[0] < plan.days)
    is_changed = np.zeros((len(plan.lanes.supplier), differs.shape[1]), dtype=bool)
    for row in np.flatnonzero(np.isin(plan.effects.kind, LANE_CHANGES)).tolist():
        is_changed[plan.effects.target[row]] |= differs[plan.effects.intervention[row]]
    return is_changed
