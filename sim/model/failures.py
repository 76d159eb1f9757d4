"""The plan of a stress test: the undisturbed network on average, and one failure for each of its nodes.

A node is a supplier, a country, a component or a lane. While it is down nothing is ordered on its lanes
and nothing leaves on them; what is under way arrives.
"""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from sim.errors import Problem, ScenarioError
from sim.model import network
from sim.model.plan import (
    INDEPENDENT,
    NEVER,
    Cell,
    DemandProcess,
    Effect,
    Effects,
    Floats,
    Input,
    Interventions,
    LeadTime,
    Plan,
)
from sim.model.stops import PROCESS, Durations, Stop, durations_of, problems_of, stops_of
from sim.scenario import schema
from sim.scenario.countries import covered_by
from sim.scenario.covers import country_of, membership_day
from sim.scenario.quantities import AnyQuantity, fixed
from sim.scenario.shapes import nearest
from sim.scenario.wording import show

COLLECTIONS = {"supplier": "firms", "country": "countries", "component": "items", "lane": "lanes"}
"""Kinds of node, and where the scenario gives their times to recover."""
KINDS = tuple(COLLECTIONS)
FEW_NODES = 200
"""Up to so many nodes all pairs are tried, and all nodes are bounded, unless one asks otherwise."""
FEW_POINTS = 1_000
"""Likewise of stock points: a linear program of more takes minutes."""
WORST_NODES = 50
"""Of more, pairs are tried among so many."""
MOST_PAIRS = 500_000
"""Pairs that may fail: all of a thousand nodes."""
PAIR_BYTES = 500
"""Memory that a pair takes, about, from its simulation to its row of the table."""


@dataclass(frozen=True, slots=True)
class Node:
    """What may fail as a whole.

    Attributes
    ----------
    kind
        ``supplier``, ``country``, ``component`` or ``lane``.
    key
        Id of the firm, the item or the lane; code of the country.
    lanes
        Indices of the lanes that close.
    ttr_days
        Time to recover: for how many days they stay closed.
    """

    kind: str
    key: str
    lanes: tuple[int, ...]
    ttr_days: int


@dataclass(frozen=True, slots=True)
class StressDesign:
    """Which nodes fail, and what is asked of them.

    Attributes
    ----------
    nodes
        Kinds of the nodes that fail.
    pairs_among
        Kinds of the nodes that fail in pairs too; None: all, of the worst nodes if there are many.
    pairs_of
        How many of the worst of these nodes fail in pairs; None: all, or :data:`WORST_NODES` of many.
    bounds_of
        Of how many of the worst nodes linear programs bound the loss; None: of all, or of none of many.
    index
        Whether every firm is given its economic systemic risk index.
    """

    nodes: tuple[str, ...] = KINDS
    pairs_among: tuple[str, ...] | None = None
    pairs_of: int | None = None
    bounds_of: int | None = None
    index: bool = False


BY_SIZE = StressDesign()
"""All kinds of nodes; pairs and bounds as many as there is time for."""


@dataclass(frozen=True, slots=True)
class StressPlan:
    """A plan without chance, in which each node's failure is an input: 1 where it fails, 0 where not.

    Attributes
    ----------
    plan
        The plan; its shock is the day of failure. Its only inputs are the failures, in the nodes' order, then
        of each stop whether it comes and for how many days.
    nodes
        What may fail.
    day
        Day index on which whatever fails goes down.
    design
        What was asked.
    stops
        The failure processes of the scenario.
    """

    plan: Plan
    nodes: tuple[Node, ...]
    day: int
    design: StressDesign = BY_SIZE
    stops: tuple[Stop, ...] = ()

    @property
    def pairs_among(self) -> tuple[str, ...]:
        """Kinds of the nodes that fail in pairs too."""
        asked = self.design.pairs_among
        return tuple(kind for kind in self.design.nodes if asked is None or kind in asked)

    @property
    def paired(self) -> int:
        """How many nodes fail in pairs: the worst of their kinds."""
        of_kinds = sum(node.kind in self.pairs_among for node in self.nodes)
        return min(of_kinds, _paired(self.design, len(self.nodes)))

    @property
    def bounded(self) -> int:
        """How many of the worst nodes linear programs bound."""
        asked = self.design.bounds_of
        is_small = len(self.nodes) <= FEW_NODES and len(self.plan.points.firm) <= FEW_POINTS
        by_size = len(self.nodes) if is_small else 0
        return by_size if asked is None else min(asked, len(self.nodes))

    def pairs(self, pi: Floats) -> tuple[tuple[int, int], ...]:
        """Pairs of nodes that fail together, as indices.

        Parameters
        ----------
        pi
            ``[node]`` what each costs alone: the worst fail in pairs.
        """
        return tuple(combinations(self.worst(pi, self.paired, self.pairs_among), 2))

    def worst(self, pi: Floats, count: int, kinds: Sequence[str] = KINDS) -> list[int]:
        """Indices, ascending, of the nodes of some kinds that cost most.

        Parameters
        ----------
        pi
            ``[node]`` what each costs alone.
        count
            How many.
        kinds
            Of which kinds; default: all.
        """
        of_kinds = [place for place, node in enumerate(self.nodes) if node.kind in kinds]
        return sorted(sorted(of_kinds, key=lambda place: -pi[place])[:count])

    @property
    def durations(self) -> tuple[Durations, ...]:
        """For each stop, how long it lasts."""
        return tuple(durations_of(stop.mean_days_down, self.plan.days - self.day) for stop in self.stops)

    def stopped(self, stop: Stop) -> list[tuple[str, str]]:
        """Kinds and keys of the nodes that a process takes down as a whole and alone, or its own if none."""
        point, firm = self.plan.lanes.supplier, self.plan.points.firm
        traded = {lane for lane in stop.lanes if firm[point[lane]] != firm[self.plan.lanes.buyer[lane]]}
        found = [
            (node.kind, node.key)
            for node in self.nodes
            if set(node.lanes) == (set(stop.lanes) if node.kind == "lane" else traded)
        ]
        return found or [(PROCESS, stop.process)]


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a node fails a year, and for how long it is down then.

    Attributes
    ----------
    node
        Kind and key; the kind is :data:`sim.model.stops.PROCESS` where a process takes down what is no node.
    per_year
        Failures a year.
    mean_days_down
        Time to recover, or its mean.
    stop
        Index of the failure process that says so; None: the rate is written.
    source, confidence
        Of the rate.
    """

    node: tuple[str, str]
    per_year: float
    mean_days_down: float
    stop: int | None = None
    source: str | None = None
    confidence: str | None = None


def stress_plan(scenario: schema.Scenario, plan: Plan, design: StressDesign = BY_SIZE) -> StressPlan:
    """Lay the failures of all nodes over the undisturbed network.

    Parameters
    ----------
    scenario, plan
        A scenario and what :func:`sim.model.compile.compile_plan` made of it.
    design
        Which nodes fail, and what is asked of them.

    Raises
    ------
    ScenarioError
        If a time to recover is given for what is no node, no node can fail, the calendar has no room, a kind
        is none, or there are too many pairs.
    """
    found, stops = nodes_of(scenario, plan), stops_of(scenario, plan)
    nodes = tuple(node for node in found if node.kind in design.nodes)
    day = _failure_day(scenario)
    problems = [
        *_kinds_problems(design),
        *_problems(scenario, found),
        *problems_of(stops),
        *_calendar_problems(scenario, nodes, day),
        *_pairs_problems(nodes, design),
    ]
    if problems:
        raise ScenarioError(problems)
    window_days = min(scenario.analysis.window_days or network.YEAR, plan.days - day)
    with_failures = _with_failures(undisturbed(plan), nodes, stops, day, window_days)
    return StressPlan(with_failures, nodes, day, design, stops)


def nodes_of(scenario: schema.Scenario, plan: Plan) -> tuple[Node, ...]:
    """Suppliers, countries, components and lanes, each kind in the order of the file.

    A supplier's lanes are those that leave it for another firm; a country's are those of the stock points in
    it, a union's those of its members' too; a component's are those between firms that carry it. A lane is a
    node wherever it leads.
    """
    labels, point, firm = plan.labels, plan.lanes.supplier, plan.points.firm
    traded = np.flatnonzero(firm[point] != firm[plan.lanes.buyer]).tolist()
    countries = [country_of(scenario, key) for key in scenario.stock_points]
    reached = _countries_reached(scenario, countries)
    groups = {("supplier", key): list[int]() for key in labels.firms}
    groups |= {("country", key): [] for key in _countries(scenario, countries)}
    groups |= {("component", key): [] for key in labels.items}
    for lane in traded:
        seller = firm[point[lane]]
        groups["supplier", labels.firms[seller]].append(lane)
        for key in reached[countries[point[lane]]]:
            groups["country", key].append(lane)
        groups["component", labels.items[plan.points.item[point[lane]]]].append(lane)
    of_lines = plan.points.alternative_of[point] >= 0
    groups |= {("lane", key): [lane] for lane, key in enumerate(labels.lanes) if not of_lines[lane]}
    return tuple(
        Node(kind, key, tuple(members), _ttr_days(scenario, kind, key))
        for (kind, key), members in groups.items()
        if members
    )


def _countries(scenario: schema.Scenario, of_points: Sequence[str]) -> list[str]:
    """Countries of firms in the order of the file, then others in which stock points stand."""
    return list(dict.fromkeys([*(firm.country for firm in scenario.firms.values()), *of_points]))


def _countries_reached(scenario: schema.Scenario, countries: Sequence[str]) -> dict[str, list[str]]:
    """For each country, itself and the unions among the others that it is a member of."""
    distinct = list(dict.fromkeys(countries))
    return {one: [key for key in distinct if _is_in(scenario, one, key)] for one in distinct}


def _ttr_days(scenario: schema.Scenario, kind: str, key: str) -> int:
    own: dict[str, AnyQuantity] = getattr(_stress(scenario), COLLECTIONS[kind])
    of_union = (own[union] for union in own if kind == "country" and _is_in(scenario, key, union))
    return round((own.get(key) or next(of_union, _stress(scenario).ttr_days)).mean)


def _is_in(scenario: schema.Scenario, country: str, union: str) -> bool:
    """Whether a country is another, or a member of it on the first simulated day."""
    return country in covered_by([union], membership_day(scenario))


def _stress(scenario: schema.Scenario) -> schema.Stress:
    return scenario.stress or schema.Stress()


def _failure_day(scenario: schema.Scenario) -> int:
    """The day that the scenario names, else that of its shock, else the first."""
    date = _stress(scenario).date
    if date is not None:
        return (date - scenario.calendar.start).days
    shock = network.shock(scenario)
    return network.expected_day(scenario, shock) if shock else 0


def _problems(scenario: schema.Scenario, nodes: Sequence[Node]) -> Iterable[Problem]:
    if not nodes:
        yield Problem("lanes: found none, so nothing can fail; allowed: at least one lane or substitute")
    yield from _rate_problems(scenario, nodes)
    for kind, collection in COLLECTIONS.items():
        keys = [node.key for node in nodes if node.kind == kind]
        for asked in getattr(_stress(scenario), collection):
            is_union = kind == "country" and any(_is_in(scenario, key, asked) for key in keys)
            if asked not in keys and not is_union:
                allowed = ", ".join(keys) or "none"
                yield Problem(
                    f"stress.{collection}.{asked}: nothing leaves it for another firm; allowed: {allowed}"
                )


def _rate_problems(scenario: schema.Scenario, nodes: Sequence[Node]) -> Iterable[Problem]:
    for kind, collection in COLLECTIONS.items():
        keys = [node.key for node in nodes if node.kind == kind]
        for asked in getattr(_stress(scenario).rates_per_year, collection):
            if asked not in keys:
                allowed = ", ".join(keys) or "none"
                yield Problem(
                    f"stress.rates_per_year.{collection}.{asked}: nothing leaves it for another firm; "
                    f"allowed: {allowed}{nearest(asked, keys)}"
                )


def rates_of(scenario: schema.Scenario, stress: StressPlan) -> list[Rate]:
    """How often nodes fail: as the file says, else by each failure process that takes them down.

    Parameters
    ----------
    scenario, stress
        What was read, and its stress test.
    """
    places = {(node.kind, node.key): place for place, node in enumerate(stress.nodes)}
    written = {name: _rate_of(scenario, stress.nodes[place]) for name, place in places.items()}
    found = [
        Rate(name, rate.mean, stress.nodes[place].ttr_days, source=rate.source, confidence=rate.confidence)
        for (name, place), rate in zip(places.items(), written.values(), strict=True)
        if rate is not None
    ]
    for place, stop in enumerate(stress.stops):
        found += [
            Rate(name, stop.rate_per_year, stop.mean_days_down, place, stop.source, stop.confidence)
            for name in stress.stopped(stop)
            if written.get(name) is None
        ]
    return found


def _rate_of(scenario: schema.Scenario, node: Node) -> AnyQuantity | None:
    rates: dict[str, AnyQuantity] = getattr(_stress(scenario).rates_per_year, COLLECTIONS[node.kind])
    return rates.get(node.key)


def _calendar_problems(scenario: schema.Scenario, nodes: Sequence[Node], day: int) -> Iterable[Problem]:
    calendar = scenario.calendar
    longest = max((node.ttr_days for node in nodes), default=0)
    latest = calendar.length_days - max(longest, 1)
    stress = _stress(scenario)
    is_default = "ttr_days" not in stress.model_fields_set and longest == round(stress.ttr_days.mean)
    if latest < 0 and is_default:
        yield Problem(
            f"stress.ttr_days: found none, so nodes stay down for the default of {longest} days, but "
            f"{calendar.length_days} are simulated; write one (or --ttr-days), allowed: up to "
            f"{calendar.length_days}"
        )
    elif latest < 0:
        field = next(_ttr_field(scenario, node) for node in nodes if node.ttr_days == longest)
        yield Problem(f"{field}: found {longest} days, allowed: up to the {calendar.length_days} simulated")
    elif not 0 <= day <= latest:
        first, found, last = (
            calendar.shown(calendar.start + np.timedelta64(at, "D").item()) for at in (0, day, latest)
        )
        yield Problem(
            f"stress.date: failures on {found} that last up to {longest} days are not simulated as a whole; "
            f"allowed: {first} to {last}{_defaults(stress, longest=longest if is_default else None)}"
        )


def _defaults(stress: schema.Stress, longest: int | None) -> str:
    """Which of day and duration no field says, and which fields would."""
    told = (
        []
        if stress.date is not None
        else ["that day is the default, unless stress.date (--day) says another"]
    )
    if longest is not None:
        told.append(f"{longest} days are the default, unless stress.ttr_days (--ttr-days) says less")
    return "".join(f"; {text}" for text in told)


def _ttr_field(scenario: schema.Scenario, node: Node) -> str:
    """The field from which the time to recover of a node is."""
    collection = COLLECTIONS[node.kind]
    own = getattr(_stress(scenario), collection)
    is_country = node.kind == "country"
    keys = [key for key in own if key == node.key or (is_country and _is_in(scenario, node.key, key))]
    return f"stress.{collection}.{keys[0]}" if keys else "stress.ttr_days"


def _kinds_problems(design: StressDesign) -> Iterable[Problem]:
    for field, kinds in (("nodes", design.nodes), ("pairs_among", design.pairs_among or ())):
        for kind in kinds:
            if kind not in KINDS:
                allowed = ", ".join(KINDS)
                yield Problem(f"{field}: found {show(kind)}, allowed: {allowed}{nearest(kind, KINDS)}")


def _paired(design: StressDesign, nodes: int) -> int:
    """Of how many nodes pairs are tried: as asked, else of all if kinds were named or there are few."""
    if design.pairs_of is not None:
        return design.pairs_of
    return nodes if design.pairs_among is not None or nodes <= FEW_NODES else WORST_NODES


def _pairs_problems(nodes: Sequence[Node], design: StressDesign) -> Iterable[Problem]:
    among = design.nodes if design.pairs_among is None else design.pairs_among
    pairs = math.comb(min(_count(nodes, among), _paired(design, len(nodes))), 2)
    if pairs > MOST_PAIRS:
        fewer = [f"{kind} ({math.comb(_count(nodes, [kind]), 2):,} pairs)" for kind in KINDS]
        yield Problem(
            f"stress: found {len(nodes):,} nodes and {pairs:,} pairs of them, which take about "
            f"{pairs * PAIR_BYTES / 2**30:.1f} GiB; allowed: up to {MOST_PAIRS:,} pairs; ask for those of "
            "the worst nodes with --pairs-of, for those among some kinds of nodes with --pairs-among: "
            f"{', '.join(fewer)}; or none, for each node alone"
        )


def _count(nodes: Sequence[Node], kinds: Sequence[str]) -> int:
    return sum(node.kind in kinds for node in nodes)


# ---------------------------------------------------------------------- the undisturbed network


def undisturbed(plan: Plan) -> Plan:
    """The plan without its shock and without chance: what varies has its expected value.

    Demand is the planned mean, whatever moves its level (a listed demand stays as it is listed), lead times
    are the rounded mean, yields the mean. What happens with some probability happens if that is one half or
    more; what goes on and off at random does not, and no licence is revoked.

    Parameters
    ----------
    plan
        Any plan; its arrays hold expected values already.
    """
    table, lanes = plan.interventions, plan.lanes
    happens = _likely(table.probability)
    happens[table.shock] = 0.0
    happens[plan.process_intervention] = 0.0
    interventions = dataclasses.replace(
        table,
        probability=happens,
        over_compliance_probability=_likely(table.over_compliance_probability),
        foreign_over_compliance_probability=_likely(table.foreign_over_compliance_probability),
        halt_probability=_likely(table.halt_probability),
        withdrawal_probability=_likely(table.withdrawal_probability),
        grant_probability=_likely(table.grant_probability),
        renewal_probability=_likely(table.renewal_probability),
        revocation_probability_per_year=np.zeros_like(table.revocation_probability_per_year),
    )
    is_listed = plan.streams.process == DemandProcess.LISTED
    factors = plan.demand_factors
    kept_open = np.isin(np.arange(len(lanes.supplier)), _restricted(plan, happens > 0.0))
    return dataclasses.replace(
        plan,
        interventions=interventions,
        lanes=dataclasses.replace(lanes, subsidiary_share=np.where(kept_open, lanes.subsidiary_share, 0.0)),
        streams=dataclasses.replace(
            plan.streams,
            process=np.where(is_listed, plan.streams.process, int(DemandProcess.CONSTANT)),
            switches=np.zeros_like(plan.streams.switches),
        ),
        demand_factors=dataclasses.replace(
            factors, volatility_per_year=np.zeros_like(factors.volatility_per_year)
        ),
        lead_times=tuple(_expected(lead_time) for lead_time in plan.lead_times),
        yields=(None,) * len(plan.yields),
        inputs=(),
        sampling=INDEPENDENT,
    )


def _likely(probability: Any) -> Any:
    return np.where(probability >= 0.5, 1.0, 0.0)


def _restricted(plan: Plan, happens: Any) -> Any:
    """Lanes that a restriction of the undisturbed network may close: there subsidiaries still count."""
    effects = plan.effects
    return effects.target[(effects.kind == Effect.RESTRICTS_LANE) & happens[effects.intervention]]


def _expected(lead_time: LeadTime) -> LeadTime:
    """The mean in whole days."""
    return LeadTime(round(lead_time.mean_days), np.ones(1))


# ---------------------------------------------------------------------- failures


def _with_failures(
    plan: Plan, nodes: Sequence[Node], stops: Sequence[Stop], day: int, window_days: int
) -> Plan:
    """The plan with an intervention for the day of failure, one for each node, and one for each stop."""
    before = len(plan.interventions.day)
    first_stop = before + 1 + len(nodes)
    stopped = [plan.labels.interventions.index(stop.intervention) for stop in stops]
    durations = [float(window_days), *(float(node.ttr_days) for node in nodes)]
    added = _added(plan, stopped, day, durations)
    interventions = {
        name: np.concatenate([getattr(plan.interventions, name), rows]) for name, rows in added.items()
    }
    effects = _closing(_without_idle_subsidiaries(plan), nodes, before + 1)
    names = (
        "failure",
        *(f"{node.kind} {node.key}" for node in nodes),
        *(f"stop {stop.process}" for stop in stops),
    )
    inputs = [_input(name, "probability", before + row) for row, name in enumerate(names)]
    inputs[1 + len(nodes) :] = [
        _input(stop.process, field, first_stop + row)
        for row, stop in enumerate(stops)
        for field in ("probability", "duration_days")
    ]
    return dataclasses.replace(
        plan,
        labels=dataclasses.replace(plan.labels, interventions=(*plan.labels.interventions, *names)),
        interventions=Interventions(**interventions),
        effects=_stopping(effects, plan, stops, first_stop),
        shock=before,
        window_days=window_days,
        inputs=tuple(inputs[1:]),
    )


def _added(plan: Plan, stopped: Sequence[int], day: int, durations: Sequence[float]) -> dict[str, Any]:
    """Numbers of the interventions that failures add: those of a stop are those of its own intervention."""
    failing, count = len(durations), len(durations) + len(stopped)
    rows = {
        "day": np.full(count, day),
        "after": np.full(count, -1),
        "end_day": np.full(count, NEVER),
        "withdrawal_day": np.full(count, NEVER),
        "shock": np.ones(count, dtype=bool),
        "delay_days": np.zeros(count),
        "probability": np.array([1.0] + [0.0] * (count - 1)),
        "duration_days": np.array([*durations, *(1.0 for _ in stopped)]),
    }
    of_nodes = {"turns_back": False, "operation": -1, "factor": 1.0, "target_factor": 1.0}
    for field in dataclasses.fields(Interventions):
        if field.name not in rows:
            its = getattr(plan.interventions, field.name)
            own = np.full(failing, of_nodes.get(field.name, 0), dtype=its.dtype)
            rows[field.name] = np.concatenate([own, its[stopped]])
    return rows


def _input(name: str, field: str, row: int) -> Input:
    return Input(f"stress.{name}.{field}", fixed(0.0), (Cell("interventions", field, (row,)),))


def _stopping(effects: Effects, plan: Plan, stops: Sequence[Stop], first: int) -> Effects:
    """The effects, and those of each process that is down all of the time that its stop lasts."""
    place = {name: row for row, name in enumerate(plan.labels.processes)}
    of_stop = {place[stop.process]: first + row for row, stop in enumerate(stops)}
    rows = [row for row, process in enumerate(plan.effects.process.tolist()) if process in of_stop]
    own = {
        "intervention": np.array([of_stop[int(plan.effects.process[row])] for row in rows], dtype=np.int64),
        "process": np.full(len(rows), -1),
    }
    return Effects(
        **{
            field.name: np.concatenate(
                [getattr(effects, field.name), own.get(field.name, getattr(plan.effects, field.name)[rows])]
            )
            for field in dataclasses.fields(Effects)
        }
    )


def _without_idle_subsidiaries(plan: Plan) -> Effects:
    """The effects but for those on the share of subsidiaries that no rule makes count."""
    effects = plan.effects
    on_subsidiaries = effects.kind == Effect.CHANGES_SUBSIDIARY_SHARE
    counts = ~on_subsidiaries
    closed = _restricted(plan, plan.interventions.probability > 0.0)
    counts |= on_subsidiaries & np.isin(effects.target, closed)
    return Effects(
        **{field.name: getattr(effects, field.name)[counts] for field in dataclasses.fields(Effects)}
    )


def _closing(effects: Effects, nodes: Sequence[Node], first: int) -> Effects:
    """The effects, and those by which each failed node closes its lanes, whatever their content."""
    closed = [(first + row, lane) for row, node in enumerate(nodes) for lane in node.lanes]
    count = len(closed)
    rows = {
        "kind": np.full(count, int(Effect.RESTRICTS_LANE)),
        "intervention": np.array([intervention for intervention, _ in closed], dtype=np.int64),
        "target": np.array([lane for _, lane in closed], dtype=np.int64),
        "just_outside": np.zeros(count, dtype=bool),
        "abroad": np.zeros(count, dtype=bool),
        "by_itself": np.zeros(count, dtype=bool),
        "ignores_content": np.ones(count, dtype=bool),
    }
    nothing = np.full(count, -1)
    return Effects(
        **{
            field.name: np.concatenate([getattr(effects, field.name), rows.get(field.name, nothing)])
            for field in dataclasses.fields(Effects)
        }
    )
