"""Numbers that change with time, and shares of stock that are lost, for a block of replications.

Does for a block, day by day, what :mod:`sim.model.changes` does for a replication.
"""

import numpy as np

from sim.engines.compiler import inlined, part
from sim.engines.kernel import BlockPath, Given
from sim.engines.layout import Array, Record
from sim.model import calendar_rules
from sim.model.plan import Effect

CAPACITY = int(Effect.CHANGES_CAPACITY)
LANE_CAPACITY = int(Effect.CHANGES_LANE_CAPACITY)
LANE_CAPACITY_SHARE = int(Effect.CHANGES_LANE_CAPACITY_SHARE)
SHARE = int(Effect.CHANGES_SHARE)
SUBSIDIARY_SHARE = int(Effect.CHANGES_SUBSIDIARY_SHARE)
LEAD_TIME = int(Effect.CHANGES_LEAD_TIME)
INPUT_UNITS = int(Effect.CHANGES_INPUT_UNITS)
YIELD = int(Effect.CHANGES_YIELD)
ENGINEERS = int(Effect.CHANGES_ENGINEERS)

_changed = inlined(calendar_rules.changed)
_ramp_level = inlined(calendar_rules.ramp_level)


@part
def change_numbers(path: BlockPath, given: Given, day: int) -> None:
    """Give numbers that change their value of today, and say what shares of stock are lost."""
    for index in range(len(path.changes)):
        change = path.changes[index]
        for b in range(len(change.value)):
            change.value[b] = value_on(path, change, _unchanged(path, given, change, b), day, b)
        _put(path, change)
    for index in range(len(path.losses)):
        _note_loss(path, path.losses[index], day)


@inlined
def _unchanged(path: BlockPath, given: Given, change: Record, b: int) -> float:
    """The number without any change: as given, or as drawn for today."""
    if change.kind == LEAD_TIME:
        return float(given.lead_time_days[change.target, b])
    return path.points[change.target].yield_today[b] if change.is_drawn else change.usual[b]


@part
def value_on(path: BlockPath, change: Record, unchanged: float, day: int, b: int) -> float:
    """What a number is on a day: each change is made as far as it has come, up its ramp and back again."""
    value = unchanged
    for row in range(change.first_step, change.end_step):
        step = path.steps[row]
        intervention = path.interventions[step.intervention]
        start, end = intervention.start[b], intervention.end[b]
        came = _ramp_level(float(min(day, end) - start), intervention.ramp_days[b], False)
        left = 1.0 - _ramp_level(float(day - end), intervention.recovery_days[b], False)
        value = _changed(value, step.operation, step.amount[b], came * left)
    return min(max(value, 0.0), change.highest)


@inlined
def _put(path: BlockPath, change: Record) -> None:
    """Write today's value where the engine reads it; prices stay here."""
    value, target = change.value, change.target
    if change.kind == CAPACITY:
        _copy(value, path.points[target].normal_capacity)
    elif change.kind == LANE_CAPACITY:
        _copy(value, path.lanes[target].capacity_per_day)
    elif change.kind == LANE_CAPACITY_SHARE:
        _copy(value, path.lanes[target].capacity_share_of_usage)
    elif change.kind == SHARE:
        _copy(value, path.lanes[target].share)
    elif change.kind == SUBSIDIARY_SHARE:
        _copy(value, path.lanes[target].subsidiary_share)
    elif change.kind == LEAD_TIME:
        for b in range(len(value)):
            path.lanes[target].own_lead_time_days[b] = int(np.rint(value[b]))
    elif change.kind == INPUT_UNITS:
        _copy(value, path.edges[target].units)
    elif change.kind == YIELD:
        _copy(value, path.points[target].yield_today)
    elif change.kind == ENGINEERS:
        for substitute in path.substitutes:
            if substitute.firm == target:
                _copy(value, substitute.engineers)


@inlined
def _copy(value: Array, place: Array) -> None:
    for b in range(len(value)):
        place[b] = value[b]


@inlined
def _note_loss(path: BlockPath, loss: Record, day: int) -> None:
    for b in range(len(loss.value)):
        loss.value[b] = 1.0
    for row in range(loss.first_step, loss.end_step):
        step = path.steps[row]
        intervention = path.interventions[step.intervention]
        for b in range(len(loss.value)):
            loss.value[b] *= 1.0 - step.amount[b] if intervention.start[b] == day else 1.0
    for b in range(len(loss.value)):
        loss.value[b] = 1.0 - loss.value[b]
