"""From a plan to the records that the compiled engine runs."""

import dataclasses
from itertools import pairwise
from typing import Any

import numpy as np

from sim.engines import layout
from sim.engines.draws import Chances
from sim.engines.kernel import BlockPath, Given, Scratch
from sim.engines.layout import Array, Records, Topology
from sim.engines.rules import kept_share, leaving_share
from sim.model.calendar_rules import changed
from sim.model.changes import (
    CHANGED_FIELDS,
    HIGHEST,
    Touched,
    amounts,
    changes_of,
    losses_of,
    lost_shares,
)
from sim.model.facts import Facts, list_values, normal_shares, quotas_of, volume_shares, younger_days
from sim.model.licences import terms_of
from sim.model.occurrence import reaching, trigger_days
from sim.model.plan import (
    NEVER,
    Effect,
    Floats,
    ForecastKind,
    Ints,
    Plan,
    Ragged,
    Ramp,
    Sourcing,
    Supply,
    rounded_days,
)
from sim.model.promise import reached


class Values:
    """The numbers of a plan for a block of replications, ``[..., replication]``.

    Parameters
    ----------
    plan
        The plan.
    samples
        ``[replication, input]`` samples of its uncertain inputs.
    """

    def __init__(self, plan: Plan, samples: Floats) -> None:
        self.plan = plan
        self.width = len(samples)
        self.changed: dict[tuple[str, str], Floats] = {}
        for column, item in enumerate(plan.inputs):
            for cell in item.cells_of_plan:
                key = (cell.group, cell.field)
                if key not in self.changed:
                    self.changed[key] = self._repeated(*key)
                self.changed[key][cell.index] = samples[:, column]

    @classmethod
    def of(cls, plan: Plan) -> "Values":
        """The numbers of a plan as they stand, for one replication."""
        return cls(dataclasses.replace(plan, inputs=()), np.empty((1, 0)))

    def __call__(self, group: str, field: str) -> Array:
        """The numbers of one field of one group of the plan."""
        known = self.changed.get((group, field))
        return self._repeated(group, field) if known is None else known

    def _repeated(self, group: str, field: str) -> Array:
        values = getattr(getattr(self.plan, group) if group else self.plan, field)
        return np.repeat(values[..., None], self.width, axis=-1)


def records(dtype: np.dtype[Any], count: int) -> Records:
    """Records of zeros whose fields are attributes."""
    return np.zeros(count, dtype).view(np.recarray)


class Links:
    """Who is connected with whom: indices end to end, and where those of each thing begin and end."""

    def __init__(self, plan: Plan, facts: Facts) -> None:
        self._index: list[int] = []
        self.by_rank = self._add(_places_by_rank(plan))
        self.inbound, self.outbound = self._add(_rows(plan.inbound)), self._add(_rows(plan.outbound))
        self.stream, self.input = self._add(_rows(plan.streams_at)), self._add(_rows(plan.inputs_of))
        self.use, self.rival = self._add(_rows(plan.uses_of)), self._add(facts.rivals)
        self.relief, self.original = self._add(facts.reliefs), self._add(facts.stands_in_for)

    @property
    def index(self) -> Array:
        """All indices, end to end."""
        return _indices(np.array(self._index, dtype=np.int64))

    def _add(self, rows: list[list[int]]) -> tuple[Ints, Ints]:
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        end = len(self._index) + np.cumsum(lengths)
        self._index.extend(index for row in rows for index in row)
        return end - lengths, end


def network_of(plan: Plan, links: Links, facts: Facts) -> Topology:
    """Whose turn is when, and who is connected with whom."""
    from_the_top, count = plan.order[::-1], len(plan.points.firm)
    loses_capacity = reached(plan, Effect.SCALES_CAPACITY, count) | reached(plan, Effect.PAUSES_RECIPE, count)
    loses_capacity |= reached(plan, Effect.CHANGES_CAPACITY, count)
    is_planned = (plan.points.supply != Supply.SOURCE) | loses_capacity
    return Topology(
        order=_indices(plan.order),
        orderers=_indices(facts.orderers),
        planned=_indices(from_the_top[is_planned[from_the_top]]),
        judged=_indices(facts.choices.judged),
        sources=_indices(facts.sources),
        perishable=_indices(np.flatnonzero(plan.points.shelf_life_days)),
        delayed=_indices(np.flatnonzero(facts.is_delayed)),
        links=links.index,
        restrictable=_indices(np.flatnonzero(reached(plan, Effect.RESTRICTS_LANE, len(plan.lanes.supplier)))),
        switching=_indices(np.flatnonzero(plan.streams.switches)),
        barrable=_indices(np.flatnonzero(reached(plan, Effect.BARS_STREAM, len(plan.streams.point)))),
        losing_capacity=_indices(np.flatnonzero(loses_capacity)),
    )


def _rows(ragged: Ragged) -> list[list[int]]:
    index, start = ragged.index.tolist(), ragged.start.tolist()
    return [index[first:end] for first, end in pairwise(start)]


def _places_by_rank(plan: Plan) -> list[list[int]]:
    """For each stock point, the places of its inbound lanes in order of rank."""
    inbound = plan.inbound
    buyer = np.repeat(np.arange(len(inbound.start) - 1), np.diff(inbound.start))
    by_rank = np.lexsort((plan.lanes.rank[inbound.index], buyer))
    return _rows(Ragged(inbound.start, by_rank - inbound.start[buyer]))


def _indices(values: Array) -> Array:
    return np.asarray(values).astype(np.uint32)


# ---------------------------------------------------------------------- records


def path_of(
    plan: Plan, values: Values, links: Links, facts: Facts, effects: Records, grants: Records
) -> BlockPath:
    """A path before the first day, on which interventions have no dates yet."""
    lane_movers, recipe_movers, movers = movers_of(plan)
    points = points_of(plan, values, recipe_movers, links, facts)
    points.on_hand = values("points", "initial_on_hand")
    lanes, licensed = lanes_of(plan, values, lane_movers, facts), licensed_of(plan, values)
    lanes.licensed[quotas_of(plan) >= 0] = np.arange(len(licensed))
    transit, work = rings_of(plan, values, points, lanes)
    changes, losses, steps = changes_and_losses(plan, values)
    forecasts = forecasts_of(plan, values)
    return BlockPath(
        points=points,
        lanes=lanes,
        streams=streams_of(plan, values),
        edges=edges_of(plan, values, links),
        substitutes=substitutes_of(plan, values),
        interventions=interventions_of(plan, values),
        effects=effects,
        grants=grants,
        licensed=licensed,
        changes=changes,
        losses=losses,
        steps=steps,
        transit=transit,
        work=work,
        orders=orders_of(lanes),
        forecasts=forecasts,
        seen=np.zeros((int(forecasts.days.sum()), values.width)),
        added=added_of(plan, points),
        down=np.zeros((len(plan.process_intervention), plan.days, values.width), dtype=np.uint8),
        paused=np.zeros((movers, plan.days, values.width), dtype=np.uint8),
    )


def points_of(plan: Plan, values: Values, movers: Ints, links: Links, facts: Facts) -> Records:
    """Stock points before the first day."""
    table, count = plan.points, len(plan.points.firm)
    points = records(layout.point_record(values.width), count)
    for name in (
        "yield_share",
        "balance_ratio",
        "minimum_order_units",
        "order_multiple_units",
        "batch_units",
        "max_batches",
        "standing_units",
        "units",
        "cover_days",
        "reorder_units",
        "reorder_cover_days",
    ):
        points[name] = values("points", name)
    for name in (
        "supply",
        "policy",
        "review_days",
        "balanced_with",
        "balance_days",
        "regular_lane",
        "expedited_lane",
    ):
        points[name] = getattr(table, name)
    points.normal_capacity = np.minimum(
        values("points", "capacity_per_day"), values("points", "recipe_capacity_per_day")
    )
    points.capacity = points.normal_capacity
    points.capacity_factor = points.target_factor = 1.0
    points.yield_today = points.yield_share
    points.waiting = values("points", "initial_waiting")
    points.process_days = np.minimum(rounded_days(values("points", "process_days")), plan.days)
    forecasts = table.forecast != ForecastKind.PLANNED
    points.forecast = np.where(forecasts, np.cumsum(forecasts) - 1, -1)
    points.mover = movers
    points.by_rank = table.sourcing == Sourcing.RANK
    points.in_lots = np.any((points.minimum_order_units > 0.0) | (points.order_multiple_units > 0.0), axis=1)
    points.echelon = facts.has_echelon
    points.takes_penalty = _takes_penalty(plan, values)
    points.impatient = False
    leaves = np.any(_leaving_shares(values) > 0.0, axis=1)
    points.impatient[plan.streams.point[leaves]] = True
    points.has_choice, points.horizon_days = facts.choices.has_choice, facts.choices.horizon_days
    points.covered, points.uncommitted = 1.0, np.inf
    points.first_by_rank = links.by_rank[0]
    points.is_line = table.alternative_of >= 0
    for name in ("inbound", "outbound", "stream", "input", "use", "original"):
        points["first_" + name], points["end_" + name] = getattr(links, name)
    return points


def _takes_penalty(plan: Plan, values: Values) -> Array:
    """Points whose stock customers may deduct something for: substituted parts reach them."""
    penalised = np.any(values("lanes", "performance_penalty") != 0.0, axis=1)
    takes = np.zeros(len(plan.points.firm), dtype=bool)
    for point in plan.order.tolist():
        inbound, inputs = plan.inbound[point], plan.inputs_of[point]
        takes[point] = (
            penalised[inbound].any()
            or takes[plan.lanes.supplier[inbound]].any()
            or takes[plan.edges.point[inputs]].any()
        )
    return takes


def _leaving_shares(values: Values) -> Floats:
    """``[stream, replication]``."""
    patience_days = values("streams", "patience_days")
    leaving = [leaving_share(days) for days in patience_days.ravel().tolist()]
    return np.array(leaving).reshape(patience_days.shape)


def forecasts_of(plan: Plan, values: Values) -> Records:
    """Forecasts before anything was seen, in the order of their stock points."""
    points = np.flatnonzero(plan.points.forecast != ForecastKind.PLANNED)
    forecasts = records(layout.forecast_record(values.width), len(points))
    forecasts.kind, forecasts.days = plan.points.forecast[points], plan.points.forecast_days[points]
    forecasts.first_day = np.cumsum(forecasts.days) - forecasts.days
    forecasts.level_smoothing = values("points", "level_smoothing")[points]
    forecasts.trend_smoothing = values("points", "trend_smoothing")[points]
    forecasts.season_smoothing = values("points", "season_smoothing")[points]
    return forecasts


def lanes_of(plan: Plan, values: Values, movers: Ints, facts: Facts) -> Records:
    """Lanes before the first day."""
    table = plan.lanes
    lanes = records(layout.lane_record(values.width), len(table.supplier))
    for name in (
        "share",
        "capacity_per_day",
        "capacity_share_of_usage",
        "minimum_order_units",
        "order_multiple_units",
        "units_per_original",
        "performance_penalty",
        "subsidiary_share",
    ):
        lanes[name] = values("lanes", name)
    for name in ("supplier", "buyer", "order_crossing"):
        lanes[name] = getattr(table, name)
    lanes.claim = plan.claims.lane
    lanes.normal_share = normal_shares(plan, values)
    lanes.volume_share = volume_shares(lanes.normal_share, lanes.share)
    lanes.usage_weight = lanes.normal_share * lanes.units_per_original
    lanes.permitted = lanes.open_share = lanes.level = 1.0
    lanes.level[plan.substitutes.lane] = 0.0
    lanes.backlog = values("lanes", "initial_backlog")
    under_way = values("lanes", "initial_in_transit").any(axis=(1, 2))
    lanes.is_open = ~table.is_substitute | under_way | lanes.backlog.any(axis=1)
    lanes.last_due = lanes.licensed = -1
    lanes.mover = movers
    lanes.limited, lanes.is_delayed = facts.is_narrow, facts.is_delayed
    lanes.order_days = np.minimum(rounded_days(values("lanes", "order_lead_time_days")), plan.days)
    lanes.in_lots = np.any((lanes.minimum_order_units > 0.0) | (lanes.order_multiple_units > 0.0), axis=1)
    lanes.has_own_lead_time = reached(plan, Effect.CHANGES_LEAD_TIME, len(table.supplier))
    lanes.restrictable = reached(plan, Effect.RESTRICTS_LANE, len(table.supplier))
    return lanes


def streams_of(plan: Plan, values: Values) -> Records:
    """Demand streams before the first day."""
    streams = records(layout.stream_record(values.width), len(plan.streams.point))
    streams.point, streams.claim = plan.streams.point, plan.claims.stream
    streams.leaving_share = _leaving_shares(values)
    streams.demand_factor = 1.0
    streams.unserved = values("streams", "initial_backorders")
    streams.permitted = streams.served_share = 1.0
    streams.rival = plan.streams.switches_to
    streams.switching = values("streams", "switching_share") / values("streams", "repurchase_days")
    half_lives = values("streams", "switching_half_life_days")
    kept = [kept_share(days) for days in half_lives.ravel().tolist()]
    streams.kept_away = np.array(kept).reshape(half_lives.shape)
    return streams


def edges_of(plan: Plan, values: Values, links: Links) -> Records:
    """Recipe inputs."""
    edges = records(layout.edge_record(values.width), len(plan.edges.point))
    edges.point, edges.made, edges.claim = plan.edges.point, plan.edges.made, plan.claims.edge
    edges.first_rival, edges.end_rival = links.rival
    edges.units = values("edges", "units")
    edges.usage_weight = edges.units / values("points", "yield_share")[plan.edges.made]
    return edges


def substitutes_of(plan: Plan, values: Values) -> Records:
    """Substitutes before the first day."""
    table = plan.substitutes
    substitutes = records(layout.substitute_record(values.width), len(table.lane))
    for name in ("cover_below_days", "qualification_lag_days", "ramp_days", "engineer_days"):
        substitutes[name] = values("substitutes", name)
    substitutes.engineers = values("", "engineers")[table.firm]
    substitutes.after_substitute, substitutes.after_ramp = table.after_substitute, table.after_ramp
    substitutes.lag_left = substitutes.qualification_lag_days
    substitutes.lane, substitutes.firm = table.lane, table.firm
    substitutes.logistic = table.ramp == Ramp.LOGISTIC
    substitutes.qualified_day = NEVER
    return substitutes


def interventions_of(plan: Plan, values: Values) -> Records:
    """Interventions."""
    table = plan.interventions
    interventions = records(layout.intervention_record(values.width), len(table.day))
    for name in (
        "ramp_days",
        "recovery_days",
        "lost_share",
        "target_factor",
        "extra_cover_days",
        "volume_share",
        "rate",
        "passed_on_share",
    ):
        interventions[name] = values("interventions", name)
    interventions.factor = values("interventions", "factor") * (1.0 - values("interventions", "demand_share"))
    interventions.turns_back = table.turns_back
    return interventions


def effects_of(plan: Plan, values: Values, chances: Chances, links: Links) -> Records:
    """Effects, and in which replications they reach their targets."""
    table = plan.effects
    effects = records(layout.effect_record(values.width), len(table.kind))
    for name in ("kind", "intervention", "target", "relieved", "process", "pause", "grant"):
        effects[name] = getattr(table, name)
    effects.first_relief, effects.end_relief = links.relief
    effects.applies = reaching(plan, values, chances.supplier, chances.abroad)
    return effects


def grants_of(plan: Plan, values: Values, chances: Chances) -> Records:
    """Suppliers' licences with terms of their own."""
    grants = records(layout.grant_record(values.width), len(plan.grants.intervention))
    terms = terms_of(plan, values, chances.renewal, chances.revocation, chances.revoked_at)
    for field in dataclasses.fields(terms):
        grants[field.name] = getattr(terms, field.name)
    grants.intervention, grants.has_quota = plan.grants.intervention, plan.grants.has_quota
    grants.quota_units = values("interventions", "quota_units_per_year")[plan.grants.intervention]
    grants.quota_value = values("interventions", "quota_value_per_year")[plan.grants.intervention]
    return grants


def licensed_of(plan: Plan, values: Values) -> Records:
    """Lanes that suppliers' licences with quotas relieve."""
    grant = quotas_of(plan)
    lanes = np.flatnonzero(grant >= 0)
    licensed = records(layout.licensed_record(values.width), len(lanes))
    licensed.grant = grant[lanes]
    licensed.value = list_values(values)[lanes]
    return licensed


def changes_and_losses(plan: Plan, values: Values) -> tuple[Records, Records, Records]:
    """Numbers that change, shares of stock that are lost, and what interventions make of both."""
    changing, losing = changes_of(plan), losses_of(plan)
    changes, amount = _touched(changing, values, 0), amounts(plan, values)
    for number, change in zip(changing, changes, strict=True):
        change.highest = HIGHEST[number.kind]
        change.is_drawn = number.kind == Effect.CHANGES_YIELD and plan.yields[number.target] is not None
        if number.kind != Effect.CHANGES_LEAD_TIME:
            change.usual[:] = _usual(values, number.kind)[number.target]
    count = sum(len(number.rows) for number in changing)
    losses, shares = _touched(losing, values, count), lost_shares(values)
    told = [(row, amount) for number in changing for row in number.rows]
    told += [(row, shares[loss.kind]) for loss in losing for row in loss.rows]
    steps = records(layout.step_record(values.width), len(told))
    for step, (row, amounts_of_all) in zip(steps, told, strict=True):
        its = int(plan.effects.intervention[row])
        step.intervention, step.operation = its, plan.interventions.operation[its]
        step.amount[:] = amounts_of_all[its]
    return changes, losses, steps


def _touched(touched: list[Touched], values: Values, first_step: int) -> Records:
    found = records(layout.change_record(values.width), len(touched))
    for record, its in zip(found, touched, strict=True):
        record.kind, record.target = its.kind, its.target
        record.first_step, record.end_step = first_step, first_step + len(its.rows)
        first_step += len(its.rows)
    return found


def _usual(values: Values, kind: Effect) -> Floats:
    """``[target, replication]`` the numbers that a kind of change is made of."""
    if kind == Effect.CHANGES_CAPACITY:
        capacity: Floats = np.minimum(
            values("points", "capacity_per_day"), values("points", "recipe_capacity_per_day")
        )
        return capacity
    group, field = CHANGED_FIELDS[kind]
    return values(group, field)


# ---------------------------------------------------------------------- the calendar


def set_timing(plan: Plan, path: BlockPath, start: Ints, end: Ints) -> None:
    """Note on a path when interventions hold, ``[intervention, replication]``, and what they trigger."""
    substitutes = path.substitutes
    path.interventions.start, path.interventions.end = start, end
    substitutes.trigger_day = trigger_days(plan, start)
    if len(substitutes):
        by_stock = np.any(substitutes.cover_below_days > 0.0, axis=1)
        by_state = by_stock | (substitutes.after_substitute >= 0)
        first = substitutes.trigger_day.min(axis=1)
        substitutes.first_day = np.where(by_state, 0, np.maximum(first, 0))


def movers_of(plan: Plan) -> tuple[Ints, Ints, int]:
    """Numbers of the lanes and of the recipes that disruptions may hold up (others: -1), and how many."""
    lanes = np.full(len(plan.lanes.supplier), -1)
    recipes = np.full(len(plan.points.firm), -1)
    held_lanes = np.unique(plan.effects.target[plan.effects.kind == Effect.PAUSES_LANE])
    held_recipes = np.unique(plan.effects.target[plan.effects.kind == Effect.PAUSES_RECIPE])
    lanes[held_lanes] = np.arange(len(held_lanes))
    recipes[held_recipes] = len(held_lanes) + np.arange(len(held_recipes))
    return lanes, recipes, len(held_lanes) + len(held_recipes)


def rings_of(plan: Plan, values: Values, points: Records, lanes: Records) -> tuple[Array, Array]:
    """Empty rings of goods in transit and running production; every lane and point gets its part."""
    width = points.on_hand.shape[1] if len(points) else 1
    transit_days = np.maximum(longest_lead_times(plan, values), plan.lanes.initial_in_transit.shape[1])
    work_days = np.maximum(points.process_days.max(axis=1), plan.points.initial_work_in_process.shape[1]) * (
        points.supply == Supply.MADE
    )
    lanes.slots, lanes.first_slot = _parts(transit_days + (lanes.mover >= 0) * plan.days)
    lanes.today = lanes.slots - 1
    points.work_slots, points.first_work = _parts(work_days + (points.mover >= 0) * plan.days)
    points.work_today = points.work_slots - 1
    return np.zeros((int(lanes.slots.sum()), width)), np.zeros((int(points.work_slots.sum()), width))


def added_of(plan: Plan, points: Records) -> Array:
    """An empty ring of what was added to stocks that age; every one of them gets its part."""
    points.younger_days = younger_days(plan)
    points.first_added = np.cumsum(points.younger_days) - points.younger_days
    return np.zeros((int(points.younger_days.sum()), points.on_hand.shape[1] if len(points) else 1))


def orders_of(lanes: Records) -> Array:
    """An empty ring of orders under way; lanes on which there may be some get their part."""
    lanes.order_slots = np.where(lanes.is_delayed, np.maximum(lanes.order_days.max(axis=1), 1), 0)
    lanes.first_order = np.cumsum(lanes.order_slots) - lanes.order_slots
    lanes.orders_today = lanes.order_slots - 1
    return np.zeros((int(lanes.order_slots.sum()), lanes.order_days.shape[1]))


def longest_lead_times(plan: Plan, values: Values) -> Ints:
    """``[lane]`` days that goods may take, with all that may change the lead time."""
    drawn = [lead_time.shortest_days + len(lead_time.cumulative) - 1 for lead_time in plan.lead_times]
    longest, amount = np.array(drawn, dtype=np.int64), amounts(plan, values)
    for number in changes_of(plan):
        if number.kind == Effect.CHANGES_LEAD_TIME:
            days = np.full(values.width, float(longest[number.target]))
            for row in number.rows:
                its = plan.effects.intervention[row]
                days = np.maximum(days, _in_full(days, int(plan.interventions.operation[its]), amount[its]))
            most = int(np.ceil(min(float(days.max()), HIGHEST[number.kind])))
            longest[number.target] = max(longest[number.target], most)
    return longest


def _in_full(days: Floats, operation: int, amount: Floats) -> Floats:
    full = [
        changed(day, operation, its, 1.0) for day, its in zip(days.tolist(), amount.tolist(), strict=True)
    ]
    return np.array(full)


def _parts(days: Ints) -> tuple[Ints, Ints]:
    slots = np.maximum(days, 1)
    return slots, np.cumsum(slots) - slots


def given_of(plan: Plan, width: int) -> Given:
    """Room for what both twins share on a day."""
    return Given(
        usage=np.zeros((len(plan.points.firm), width)),
        demand=np.zeros((len(plan.streams.point), width)),
        lead_time_days=np.zeros((len(plan.lead_times), width), dtype=np.int64),
    )


def scratch_of(plan: Plan, width: int) -> Scratch:
    """Rows to write on, as many claims as any stock point has at most."""
    claims = 1 + _longest(plan.outbound) + _longest(plan.streams_at) + _longest(plan.uses_of)
    most = max(claims, _longest(plan.inbound), _longest(plan.inputs_of))
    return Scratch(
        rows=records(layout.rows_record(width), 1)[0],
        claims=records(layout.claim_record(width), most),
        load=np.zeros((len(plan.labels.firms), width)),
    )


def _longest(ragged: Ragged) -> int:
    return int(np.diff(ragged.start).max(initial=1))
