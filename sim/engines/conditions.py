"""What the calendar makes of a block of replications: which rules, disruptions and ramps hold on a day.

Does for a block what :mod:`sim.model.schedule` does for a replication, but day by day: what holds changes on
few days, and only on those (`moves`) is it worked out anew.
"""

import numpy as np

from sim.engines.calendar import SHIPMENTS
from sim.engines.compiler import compiled, inlined, part
from sim.engines.kernel import BlockPath, Given, Scratch
from sim.engines.layout import Array, Record, Topology
from sim.engines.planning import Planning, fetch_usage_ahead, usage_ahead
from sim.model import calendar_rules
from sim.model.plan import Effect, PolicyKind
from sim.model.schedule import MOST_COVER_DAYS
from sim.scenario.policies import POLICIES

RESTRICTS_LANE = int(Effect.RESTRICTS_LANE)
SCALES_DEMAND = int(Effect.SCALES_DEMAND)
SCALES_CAPACITY = int(Effect.SCALES_CAPACITY)
RAISES_TARGET = int(Effect.RAISES_TARGET)
BARS_STREAM = int(Effect.BARS_STREAM)
PAUSES_LANE = int(Effect.PAUSES_LANE)
PAUSES_RECIPE = int(Effect.PAUSES_RECIPE)
NO_POLICY = int(PolicyKind.NONE)
REORDER_QUANTITY = int(PolicyKind.REORDER_QUANTITY)
REORDERING = tuple(int(code) for code, policy in POLICIES.items() if policy.has_reorder_level())
"""Policies that wait until the position is at or below a level."""

_ramp_level = inlined(calendar_rules.ramp_level)
ramped_factor = inlined(calendar_rules.ramped_factor)
_share_lost = inlined(calendar_rules.share_lost)
_capacity_left = inlined(calendar_rules.capacity_left)
_days_into_grant = inlined(calendar_rules.days_into_grant)
_quota_begun = inlined(calendar_rules.quota_begun)


@compiled
def set_calendar(
    path: BlockPath, uniforms: Array, fails: Array, stays_down: Array, owner: Array, moves: Array
) -> None:
    """Note which processes are down, what they and other disruptions hold up, and when anything changes.

    Parameters
    ----------
    path
        One twin, before the first day.
    uniforms
        ``[process, day, replication]`` uniform numbers.
    fails, stays_down
        ``[process, replication]`` probabilities a day.
    owner
        The intervention of each process.
    moves
        ``[day]`` to fill: whether what the calendar says may differ from the day before.
    """
    _go_down(path, uniforms, fails, stays_down, owner)
    _note_pauses(path)
    _note_moves(path, moves)


@part
def _go_down(path: BlockPath, uniforms: Array, fails: Array, stays_down: Array, owner: Array) -> None:
    """Which processes are down on which day: at random, while the intervention holds, and up at first."""
    processes, days, width = uniforms.shape
    for process in range(processes):
        intervention = path.interventions[owner[process]]
        for b in range(width):
            is_down = False
            for day in range(max(0, min(intervention.start[b], days)), min(intervention.end[b], days)):
                threshold = stays_down[process, b] if is_down else fails[process, b]
                is_down = uniforms[process, day, b] < threshold
                path.down[process, day, b] = is_down


@part
def _note_pauses(path: BlockPath) -> None:
    """Note in `path.paused` what disruptions hold up on which day."""
    days = path.paused.shape[1]
    for row in range(len(path.effects)):
        effect = path.effects[row]
        if effect.kind == PAUSES_LANE:
            mover = path.lanes[effect.target].mover
        elif effect.kind == PAUSES_RECIPE:
            mover = path.points[effect.target].mover
        else:
            continue
        intervention = path.interventions[effect.intervention]
        for b in range(len(effect.applies)):
            for day in range(max(0, min(intervention.start[b], days)), min(intervention.end[b], days)):
                if effect.process < 0 or path.down[effect.process, day, b]:
                    path.paused[mover, day, b] |= 1 << effect.pause


@part
def _note_moves(path: BlockPath, moves: Array) -> None:
    """Note in `moves` ``[day]`` when what the calendar says may differ from the day before."""
    days = len(moves)
    for row in range(len(path.effects)):
        effect = path.effects[row]
        intervention = path.interventions[effect.intervention]
        for b in range(len(effect.applies)):
            start, end = intervention.start[b], intervention.end[b]
            if start >= days:
                continue
            first, last = max(0, start), min(end, days)
            climbs = int(min(float(days), np.ceil(max(0.0, intervention.ramp_days[b]))))
            recovers = int(min(float(days), np.ceil(max(0.0, intervention.recovery_days[b]))))
            for day in range(first, last if effect.process >= 0 else min(last, first + climbs + 2)):
                moves[day] = True
            for day in range(max(0, min(end, days)), min(min(end, days) + recovers + 2, days)):
                moves[day] = True
            if effect.grant >= 0:
                _note_grants(path.grants[effect.grant], intervention, moves, b)


@inlined
def _note_grants(grant: Record, licensing: Record, moves: Array, b: int) -> None:
    """Note the days on which a supplier gets its licence or has it no more."""
    had = False
    for day in range(len(moves)):
        has = days_into(grant, licensing, day, b) >= 0
        moves[day] |= has != had
        had = has


@part
def refresh(path: BlockPath, network: Topology, day: int) -> None:
    """Work out what holds today."""
    _forget(path, network)
    for row in range(len(path.effects)):
        effect = path.effects[row]
        intervention = path.interventions[effect.intervention]
        if effect.kind == SCALES_DEMAND:
            stream = path.streams[effect.target]
            for b in range(len(stream.demand_factor)):
                if holds(intervention, day, b):
                    level = climbed(intervention, day, b)
                    stream.demand_factor[b] *= ramped_factor(intervention.factor[b], level)
        elif effect.kind == RAISES_TARGET:
            _raise_target(path.points[effect.target], intervention, day)
        elif effect.kind == SCALES_CAPACITY:
            _scale_capacity(path, effect, intervention, day)
        elif effect.kind == BARS_STREAM:
            _bar(path, network, row, day)
    for row in range(len(path.effects)):
        if path.effects[row].kind == RESTRICTS_LANE:
            _restrict(path, network, row, day)
    for index in network.restrictable:
        _turn_back(path.lanes[index])


@inlined
def _forget(path: BlockPath, network: Topology) -> None:
    for row in range(len(path.effects)):
        effect = path.effects[row]
        if effect.kind == SCALES_DEMAND:
            path.streams[effect.target].demand_factor[:] = 1.0
        elif effect.kind == RAISES_TARGET:
            path.points[effect.target].target_factor[:] = 1.0
            path.points[effect.target].extra_cover_days[:] = 0.0
        elif effect.kind == SCALES_CAPACITY:
            path.points[effect.target].capacity_factor[:] = 1.0
    for licensed in path.licensed:
        licensed.counts[:] = 0.0
    for index in network.barrable:
        path.streams[index].permitted[:] = 1.0
    for index in network.restrictable:
        path.lanes[index].permitted[:] = 1.0
        path.lanes[index].turns_back[:] = 0.0


@inlined
def begin_quotas(path: BlockPath, day: int) -> None:
    """Give the quotas whose year begins today."""
    for grant in path.grants:
        if grant.has_quota:
            licensing = path.interventions[grant.intervention]
            for b in range(len(grant.units_left)):
                share = _quota_begun(day, days_into(grant, licensing, day, b))
                grant.units_left[b] = grant.quota_units[b] * share if share >= 0.0 else grant.units_left[b]
                grant.value_left[b] = grant.quota_value[b] * share if share >= 0.0 else grant.value_left[b]


@inlined
def holds(intervention: Record, day: int, b: int) -> bool:
    """Whether an intervention holds in a replication of the block on a day."""
    return intervention.start[b] <= day < intervention.end[b]


@inlined
def is_permitted(path: BlockPath, licence: Record, day: int, b: int) -> bool:
    """Whether a licence lets something through in a replication of the block on a day."""
    licensing = path.interventions[licence.intervention]
    if licence.grant < 0:
        return holds(licensing, day, b)
    return days_into(path.grants[licence.grant], licensing, day, b) >= 0


@inlined
def days_into(grant: Record, licensing: Record, day: int, b: int) -> int:
    """Days since a supplier's licence was last granted; -1 where it has none."""
    dates, term = (licensing.start[b], licensing.end[b]), (grant.valid_days[b], grant.renewal_days[b])
    return _days_into_grant(day, dates, term, grant.renewals[b], grant.revoked_after_days[b])


@inlined
def climbed(intervention: Record, day: int, b: int) -> float:
    """How far the ramp of an intervention that holds has come, from 0 to 1."""
    return _ramp_level(float(day) - float(intervention.start[b]), intervention.ramp_days[b], False)


@inlined
def _raise_target(point: Record, intervention: Record, day: int) -> None:
    for b in range(len(point.target_factor)):
        if holds(intervention, day, b):
            level = climbed(intervention, day, b)
            point.target_factor[b] *= ramped_factor(intervention.target_factor[b], level)
            point.extra_cover_days[b] += intervention.extra_cover_days[b] * level


@inlined
def _scale_capacity(path: BlockPath, effect: Record, intervention: Record, day: int) -> None:
    """Capacity is lost at once and comes back linearly after the end."""
    point = path.points[effect.target]
    for b in range(len(point.capacity_factor)):
        if effect.process >= 0:
            out = 1.0 if path.down[effect.process, day, b] else 0.0
        elif day < intervention.start[b]:
            out = 0.0
        else:
            since_end = float(day) - float(intervention.end[b])
            out = 1.0 - _ramp_level(since_end, intervention.recovery_days[b], False)
        point.capacity_factor[b] *= 1.0 - intervention.lost_share[b] * out


@inlined
def _bar(path: BlockPath, network: Topology, row: int, day: int) -> None:
    """How much of a stream's demand one ban permits to serve."""
    effect = path.effects[row]
    stream, intervention = path.streams[effect.target], path.interventions[effect.intervention]
    for b in range(len(stream.permitted)):
        if effect.applies[b] and holds(intervention, day, b):
            granted = _granted(path, network, effect, day, b)
            permitted = min(1.0, intervention.volume_share[b] + granted)
            stream.permitted[b] = min(stream.permitted[b], permitted)


@inlined
def _granted(path: BlockPath, network: Topology, effect: Record, day: int, b: int) -> float:
    """Share of volume that licences let through one rule; a quota, which only a lane has, counts."""
    granted = 0.0
    for relief in range(effect.first_relief, effect.end_relief):
        licence = path.effects[network.links[relief]]
        licensing = path.interventions[licence.intervention]
        if licence.applies[b] and is_permitted(path, licence, day, b):
            granted = max(granted, licensing.volume_share[b])
            if licence.grant >= 0 and path.grants[licence.grant].has_quota:
                path.licensed[path.lanes[effect.target].licensed].counts[b] = 1.0
    return granted


@inlined
def _restrict(path: BlockPath, network: Topology, row: int, day: int) -> None:
    """How much one rule permits on one lane, and whether goods turn back today."""
    effect = path.effects[row]
    lane, intervention = path.lanes[effect.target], path.interventions[effect.intervention]
    for b in range(len(lane.permitted)):
        if not (effect.applies[b] and holds(intervention, day, b)):
            continue
        granted = _granted(path, network, effect, day, b)
        permitted = min(1.0, lane.subsidiary_share[b] + granted)
        lane.permitted[b] = min(lane.permitted[b], permitted)
        if intervention.turns_back and day == max(0, intervention.start[b]):
            lane.turns_back[b] = 1.0


@part
def _turn_back(lane: Record) -> None:
    """Turn a mark that goods turn back today into the share that does."""
    for b in range(len(lane.permitted)):
        before, after = lane.open_share[b], lane.permitted[b]
        lane.turns_back[b] = _share_lost(before, after) if lane.turns_back[b] > 0.0 else 0.0


@inlined
def set_levels(
    path: BlockPath, network: Topology, planning: Planning, given: Given, scratch: Scratch, day: int
) -> None:
    """Today's capacities and the levels of the ordering policies."""
    for index in network.losing_capacity:
        _lose_capacity(path, path.points[index], given.usage[index], day)
    for turn in range(len(network.orderers)):
        index = network.orderers[turn]
        point = path.points[index]
        if turn + 1 < len(network.orderers):
            following = network.orderers[turn + 1]
            fetch_usage_ahead(path.points[following], planning, following, day)
        if point.policy != NO_POLICY and day % point.review_days == 0:
            _set_target(point, planning, scratch, index, day)


@inlined
def _lose_capacity(path: BlockPath, point: Record, usage: Array, day: int) -> None:
    """Today's capacities where interventions may take some; none where shipments are paused."""
    for b in range(len(point.capacity)):
        point.capacity[b] = _capacity_left(point.normal_capacity[b], usage[b], point.capacity_factor[b])
        if point.mover >= 0 and path.paused[point.mover, day, b] & SHIPMENTS:
            point.capacity[b] = 0.0


@inlined
def _set_target(point: Record, planning: Planning, scratch: Scratch, index: int, day: int) -> None:
    cover, ahead = scratch.rows.cover, scratch.rows.ahead
    factor, extra = point.target_factor, point.extra_cover_days
    for b in range(len(cover)):
        cover[b] = min(factor[b] * point.cover_days[b] + extra[b], MOST_COVER_DAYS)
    usage_ahead(planning, scratch, index, day)
    for b in range(len(cover)):
        point.up_to[b] = factor[b] * point.units[b] + ahead[b]
    if point.policy in REORDERING:
        for b in range(len(cover)):
            cover[b] = min(factor[b] * point.reorder_cover_days[b] + extra[b], MOST_COVER_DAYS)
        usage_ahead(planning, scratch, index, day)
        for b in range(len(cover)):
            point.reorder_at[b] = factor[b] * point.reorder_units[b] + ahead[b]
    if point.policy == REORDER_QUANTITY:
        for b in range(len(cover)):
            point.up_to[b] = point.reorder_at[b] + point.batch_units[b]
