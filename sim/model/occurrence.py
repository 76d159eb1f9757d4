"""What chance decides once a replication: which interventions happen, on which days, and whom they reach.

Functions take the numbers of one replication or of a block of them (:data:`sim.model.plan.Numbers`) with its
uniform numbers; what they give has the same axes behind the first.
"""

import numpy as np

from sim.model.plan import NEVER, Bools, Effect, Floats, Ints, Numbers, Plan, rounded_days

RELIEVING = (Effect.RELIEVES_LANE, Effect.RELIEVES_STREAM)
"""What a licence does, to a lane that a rule restricts and to a stream that one bars."""


def dates_of(plan: Plan, numbers: Numbers, occurrence: Floats, *, with_shock: bool) -> tuple[Ints, Ints]:
    """First day of each intervention and the day after its last (``NEVER`` where it does not happen).

    Parameters
    ----------
    plan, numbers
        The plan and its numbers.
    occurrence
        ``[intervention, ...]`` uniform numbers.
    with_shock
        True for the scenario, False for its counterfactual.

    Returns
    -------
    tuple of ndarray
        ``[intervention, ...]`` starts and ends; no end is before its start.
    """
    table, order = plan.interventions, _after_order(plan.interventions.after)
    start = np.full(occurrence.shape, NEVER)
    delay = waits_of(numbers)
    happens = occurrence < numbers("interventions", "probability")
    for index in order:
        after = table.after[index]
        origin = table.day[index] if after < 0 else start[after]
        if with_shock or not table.shock[index]:
            begins = (origin < NEVER) & happens[index]
            start[index] = np.where(begins, np.minimum(origin + delay[index], NEVER), NEVER)
    duration = rounded_days(numbers("interventions", "duration_days"))
    end = np.minimum(table.end_day, (start + duration).T).T
    for row in np.flatnonzero(plan.effects.kind == Effect.LIFTS).tolist():
        lifting, lifted = plan.effects.intervention[row], plan.effects.target[row]
        end[lifted] = np.minimum(end[lifted], start[lifting])
    for index in order:
        after = table.after[index]
        is_void = end[index] <= start[index]
        if after >= 0:
            is_void |= start[after] == NEVER
        start[index] = np.where(is_void, NEVER, start[index])
    return start, np.maximum(end, start)


def waits_of(numbers: Numbers) -> Ints:
    """``[intervention, ...]`` whole days from its date, or the start of another, to its own start."""
    delay = rounded_days(numbers("interventions", "delay_days"))
    return np.minimum(delay + rounded_days(numbers("interventions", "processing_days")), 2 * NEVER)


def _after_order(after: Ints) -> list[int]:
    """Interventions, each behind the one that it comes after."""
    depth = []
    for index in range(len(after)):
        chain, at = 0, int(after[index])
        while at >= 0:
            chain, at = chain + 1, int(after[at])
        depth.append((chain, index))
    return [index for _, index in sorted(depth)]


def trigger_days(plan: Plan, start: Ints) -> Ints:
    """``[substitute, ...]`` day on which qualification starts, where a date or an intervention sets it.

    Parameters
    ----------
    plan
        The plan.
    start
        ``[intervention, ...]`` first days.
    """
    table = plan.substitutes
    days = np.empty((len(table.lane), *start.shape[1:]), dtype=np.int64)
    for substitute, intervention in enumerate(table.trigger_intervention.tolist()):
        days[substitute] = start[intervention] if intervention >= 0 else table.trigger_day[substitute]
    return days


def withdrawn(plan: Plan, numbers: Numbers, withdrawal: Floats, dates: tuple[Ints, Ints]) -> Ints:
    """``[intervention, ...]`` the day after each one's last, of exceptions not later than their withdrawal.

    Parameters
    ----------
    plan, numbers
        The plan and its numbers.
    withdrawal
        ``[intervention, ...]`` uniform numbers.
    dates
        First days, and the days after the last ones if nothing is withdrawn.
    """
    start, end = dates
    is_withdrawn = withdrawal < numbers("interventions", "withdrawal_probability")
    day = np.where(is_withdrawn.T, plan.interventions.withdrawal_day, NEVER).T
    return np.maximum(np.minimum(end, day), start)


def reaching(plan: Plan, numbers: Numbers, supplier_chance: Floats, abroad_chance: Floats) -> Bools:
    """``[effect, ...]`` whether an effect reaches its target: rules and licences may not.

    A rule closes a lane whose controlled content it covers, or whose supplier over-complies, at home or
    abroad; who stops by itself closes its lanes; a licence relieves a lane, or a stream, whose supplier it is
    granted to.

    Parameters
    ----------
    plan, numbers
        The plan and its numbers.
    supplier_chance, abroad_chance
        ``[intervention, firm, ...]`` uniform numbers; the latter decide about lanes abroad.
    """
    table = plan.effects
    reaches = np.ones((len(table.kind), *supplier_chance.shape[2:]), dtype=bool)
    relieving = np.flatnonzero(np.isin(table.kind, RELIEVING))
    licence = table.intervention[relieving]
    chance = supplier_chance[licence, suppliers_of(plan, relieving)]
    reaches[relieving] = chance < numbers("interventions", "grant_probability")[licence]
    restricting = np.flatnonzero(table.kind == Effect.RESTRICTS_LANE)
    rule = table.intervention[restricting]
    content = numbers("lanes", "controlled_content_share")[table.target[restricting]]
    is_controlled = content >= numbers("interventions", "de_minimis_share")[rule]
    is_beyond = (table.just_outside | table.abroad | table.by_itself)[restricting]
    is_covered = (is_controlled.T | table.ignores_content[restricting]) & ~is_beyond
    place = rule, suppliers_of(plan, restricting)
    chance = _of_each(table.abroad[restricting], abroad_chance[place], supplier_chance[place])
    abroad = numbers("interventions", "foreign_over_compliance_probability")[rule]
    at_home = numbers("interventions", "over_compliance_probability")[rule]
    by_itself = numbers("interventions", "halt_probability")[rule]
    probability = _of_each(table.abroad[restricting], abroad, at_home)
    over_complies = chance < _of_each(table.by_itself[restricting], by_itself, probability)
    reaches[restricting] = is_covered.T | over_complies
    barring = np.flatnonzero(table.kind == Effect.BARS_STREAM)
    sold = numbers("streams", "controlled_content_share")[table.target[barring]]
    is_controlled = sold >= numbers("interventions", "de_minimis_share")[table.intervention[barring]]
    reaches[barring] = (is_controlled.T | table.ignores_content[barring]).T
    return reaches


def _of_each(which: Bools, these: Floats, others: Floats) -> Floats:
    """``[effect, ...]`` these numbers of some effects, other numbers of the others."""
    return np.where(which, these.T, others.T).T


def suppliers_of(plan: Plan, effects: Ints) -> Ints:
    """The firms that supply the lanes, or sell to the streams, which effects have for targets."""
    target, is_stream = plan.effects.target[effects], plan.effects.kind[effects] == Effect.RELIEVES_STREAM
    point = np.empty(len(effects), dtype=np.int64)
    point[is_stream] = plan.streams.point[target[is_stream]]
    point[~is_stream] = plan.lanes.supplier[target[~is_stream]]
    return plan.points.firm[point]
