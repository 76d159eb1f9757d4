"""Scenario to plan: names become indices, numbers become arrays, uncertain numbers become inputs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, assert_never

import numpy as np

from sim.errors import Problem, ScenarioError, first_problems
from sim.model import network
from sim.model.assembly import Balance, balance_of
from sim.model.calendar_rules import DAYS_PER_YEAR
from sim.model.copula import sampling_of
from sim.model.effects import Processes, effects_of
from sim.model.plan import (
    NEVER,
    Cell,
    Claims,
    DemandFactors,
    DemandProcess,
    Edges,
    Floats,
    ForecastKind,
    Input,
    Interventions,
    Ints,
    Labels,
    Lanes,
    LeadTime,
    Observations,
    Plan,
    Points,
    PolicyKind,
    Ragged,
    Ramp,
    Sourcing,
    Streams,
    Substitutes,
    codes,
)
from sim.model.recipes import Line, with_lines
from sim.scenario import covers, schema
from sim.scenario.alternatives import alternatives_in, of_alternative
from sim.scenario.distributions import Value
from sim.scenario.fields import ONE, UNLIMITED, ZERO
from sim.scenario.garbage import collector_paused
from sim.scenario.load import Loaded, load_with_places, validated
from sim.scenario.makers import makers_of, members
from sim.scenario.merge import read_merged, worked_out
from sim.scenario.policies.base import OrderingPolicy
from sim.scenario.quantities import AnyQuantity, fixed, whole_days
from sim.scenario.walk import quantities_of

MONTHS = 12
UNKNOWN = UNLIMITED
TO_TARGET = fixed(-1.0)
"""Stands for an initial stock that was not given: the stock point starts at its target."""
POLICY_NUMBERS = (
    "reorder_units",
    "reorder_cover_days",
    "units",
    "cover_days",
    "batch_units",
    "standing_units",
)
"""Fields of policies that fill fields of the same name in :class:`Points`; 0 where a policy has none."""
FORECAST_NUMBERS = ("level_smoothing", "trend_smoothing", "season_smoothing")
"""Fields of forecasts, likewise."""
INTERVENTION_NUMBERS = {
    "to": ZERO,
    "add": ZERO,
    "factor": ONE,
    "demand_share": ZERO,
    "lost_share": ZERO,
    "on_hand_share": ZERO,
    "work_in_process_share": ZERO,
    "in_transit_share": ZERO,
    "target_factor": ONE,
    "extra_cover_days": ZERO,
    "ramp_days": ZERO,
    "recovery_days": ZERO,
    "de_minimis_share": ZERO,
    "over_compliance_probability": ZERO,
    "foreign_over_compliance_probability": ZERO,
    "halt_probability": ONE,
    "grant_probability": ONE,
    "volume_share": ONE,
    "processing_days": ZERO,
    "valid_days": UNLIMITED,
    "renewal_probability": ZERO,
    "renewal_processing_days": ZERO,
    "revocation_probability_per_year": ZERO,
    "quota_units_per_year": UNLIMITED,
    "quota_value_per_year": UNLIMITED,
    "withdrawal_probability": ONE,
    "rate": ZERO,
    "passed_on_share": ONE,
}
"""Fields of interventions that fill fields of the same name in :class:`Interventions`, with what stands there
where a kind has none."""


def prepare(file: str | Path, overrides: Sequence[str] = ()) -> tuple[schema.Scenario, Plan]:
    """Load and compile a scenario; whatever is wrong with it is told with file and line.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used; carries all problems found.
    """
    return compiled(load_with_places(file, overrides))


def compiled(loaded: Loaded) -> tuple[schema.Scenario, Plan]:
    """A validated scenario and its plan.

    Raises
    ------
    ScenarioError
        If no plan can be made of it; carries all problems found, each with its place.
    """
    try:
        return loaded.scenario, compile_plan(loaded.scenario)
    except ScenarioError as error:
        raise ScenarioError(loaded.placed(error.problems)) from None


@dataclass(frozen=True, slots=True)
class Decided:
    """A scenario, its plan, and the alternatives of its decision (none without one).

    Attributes
    ----------
    scenario, plan
        The scenario as it stands.
    alternatives
        The plan of each alternative.
    variants
        The scenario of each alternative.
    """

    scenario: schema.Scenario
    plan: Plan
    alternatives: dict[str, Plan]
    variants: dict[str, schema.Scenario] = field(default_factory=dict)


def prepare_decided(file: str | Path, overrides: Sequence[str] = ()) -> Decided:
    """Load and compile a scenario and every alternative of its decision.

    Raises
    ------
    ScenarioError
        If the scenario or an alternative cannot be used; carries all problems found.
    """
    tree = read_merged(Path(file), overrides)
    scenario, plan = compiled(validated(worked_out(tree)))
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    alternatives = alternatives_in(tree) if scenario.decision is not None else {}
    for name, loaded in alternatives.items():
        try:
            plans[name] = compile_plan(loaded.scenario)
        except ScenarioError as error:
            problems += of_alternative(name, loaded.placed(error.problems))
    if problems:
        raise ScenarioError(first_problems(problems))
    return Decided(scenario, plan, plans, {name: loaded.scenario for name, loaded in alternatives.items()})


def decided(scenario: schema.Scenario, variants: dict[str, schema.Scenario]) -> Decided:
    """Compile a validated scenario and the scenarios of the alternatives of its decision.

    Raises
    ------
    ScenarioError
        If a network as a whole makes no sense.
    """
    plans = {name: compile_plan(variant) for name, variant in variants.items()}
    return Decided(scenario, compile_plan(scenario), plans, variants)


@collector_paused()
def compile_plan(scenario: schema.Scenario) -> Plan:
    """Compile a validated scenario.

    Parameters
    ----------
    scenario
        What :func:`sim.scenario.load.load_scenario` returned.

    Returns
    -------
    Plan
        The model as arrays.

    Raises
    ------
    ScenarioError
        If the network as a whole makes no sense: a cycle, a stock point that nothing supplies or that
        supplies nothing, a market without supply, a substitute that nothing triggers.
    """
    network.check(scenario)
    numbers = _Numbers(scenario)
    effects, processes, grants = effects_of(scenario, with_lines(scenario))
    scenario = with_lines(scenario)
    wiring = network.wiring_of(scenario)
    points = _points(scenario, numbers, wiring)
    lanes = _lanes(scenario, numbers)
    edges = _edges(scenario, numbers)
    streams = _streams(scenario, numbers)
    count = len(scenario.stock_points)
    by_level = sorted(range(count), key=lambda point: (points.level[point], point))
    firms = numbers.columns(
        "",
        scenario.firms.values(),
        {
            "engineers": lambda firm: firm.engineers,
            "revenue_per_year": lambda firm: firm.revenue_per_year or UNKNOWN,
            "fixed_cost_per_day": lambda firm: firm.fixed_cost_per_day,
        },
    )
    return Plan(
        days=scenario.calendar.length_days,
        start=scenario.calendar.start,
        labels=_labels(scenario, processes),
        points=points,
        edges=edges,
        lanes=lanes,
        substitutes=_substitutes(scenario, numbers),
        streams=streams,
        demand_factors=_demand_factors(scenario, numbers),
        interventions=_interventions(scenario, numbers),
        effects=effects,
        grants=grants,
        claims=_claims(scenario, lanes, streams, edges),
        observations=_observations(scenario),
        order=codes(by_level),
        inbound=_ragged(lanes.buyer, count),
        outbound=_ragged(lanes.supplier, count),
        streams_at=_ragged(streams.point, count),
        inputs_of=_ragged(edges.made, count),
        uses_of=_ragged(edges.point, count),
        lead_times=tuple(_lead_time(lane.lead_time_days) for lane in network.all_lanes(scenario).values()),
        yields=_yields(scenario),
        process_intervention=processes.intervention,
        shock=_positions(scenario.interventions).get(network.shock(scenario) or "", -1),
        window_days=network.window_days(scenario),
        maker_of_firm=_maker_of_firm(scenario),
        tells_bullwhip=scenario.analysis.bullwhip,
        keeps_account=scenario.analysis.keeps_account,
        keeps_cash=False,
        margin_leads=scenario.analysis.headline == "margin",
        recovery_tolerance=scenario.analysis.recovery_tolerance,
        inputs=numbers.inputs,
        sampling=sampling_of(scenario.analysis, [item.path for item in numbers.inputs]),
        **firms,
    )


class _Numbers:
    """Fills arrays with the expected values of quantities and remembers which entries are uncertain."""

    def __init__(self, scenario: schema.Scenario) -> None:
        self._located = {id(found.quantity): found for found in quantities_of(scenario)}
        self._cells: dict[str, list[Cell]] = {}
        self._quantities: dict[str, AnyQuantity] = {}

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The uncertain numbers by their paths in the file, each with all the entries that it fills."""
        return tuple(
            Input(path, quantity, tuple(self._cells[path])) for path, quantity in self._quantities.items()
        )

    def columns(
        self, group: str, entries: Iterable[Any], readers: Mapping[str, Callable[[Any], AnyQuantity]]
    ) -> dict[str, Floats]:
        """One array for each reader, over the entries of a collection of the scenario."""
        rows = list(entries)
        return {
            field: self._column(group, field, [read(entry) for entry in rows])
            for field, read in readers.items()
        }

    def _column(self, group: str, field: str, quantities: Sequence[AnyQuantity]) -> Floats:
        for row, quantity in enumerate(quantities):
            if not isinstance(quantity, Value):
                self._note(quantity, Cell(group, field, (row,)))
        return np.array([quantity.mean for quantity in quantities], dtype=np.float64)

    def days(self, group: str, field: str, rows: Sequence[Sequence[AnyQuantity]]) -> Floats:
        """``[row, day]`` numbers that some rows give for day 0, 1, and so on; 0 where a row gives none."""
        table = np.zeros((len(rows), max(map(len, rows), default=0)))
        for row, quantities in enumerate(rows):
            for day, quantity in enumerate(quantities):
                table[row, day] = self.fill(quantity, Cell(group, field, (row, day)))
        return table

    def fill(self, quantity: AnyQuantity, cell: Cell) -> float:
        """The expected value for one entry; if the quantity is uncertain, the entry is noted."""
        if not isinstance(quantity, Value):
            self._note(quantity, cell)
        return quantity.mean

    def _note(self, quantity: AnyQuantity, cell: Cell) -> None:
        path = ".".join(self._located[id(quantity)].path)
        self._quantities[path] = quantity
        self._cells.setdefault(path, []).append(cell)


def _read(field: str, default: AnyQuantity) -> Callable[[Any], AnyQuantity]:
    """Reads a field that not every kind of entry has, and not every entry of a kind gives."""
    return lambda entry: (getattr(entry, field) or default) if field in _has(entry.__class__) else default


@cache
def _has(kind: type) -> frozenset[str]:
    """Names of all that a kind of entry has: to ask an entry for what it lacks takes long."""
    return frozenset((*dir(kind), *getattr(kind, "model_fields", ())))


def _read_markov(field: str) -> Callable[[Any], AnyQuantity]:
    """Reads a field of an intervention's process of going down and coming back; 0 where there is none."""
    return lambda entry: getattr(getattr(entry, "markov", None), field, ZERO)


def _read_switching(field: str, default: AnyQuantity) -> Callable[[Any], AnyQuantity]:
    """Reads what a stream says of customers who switch; the default where none does."""
    return lambda stream: getattr(stream.switching, field, default)


def _ranks(numbers: Sequence[int]) -> Ints:
    """Whole numbers of any size or sign as ranks: 0 for the lowest, 1 for the next, and so on.

    Examples
    --------
    >>> _ranks([7, -1, 7, 10**30])
    array([1, 0, 1, 2])
    """
    rank = {number: place for place, number in enumerate(sorted(set(numbers)))}
    return codes(rank[number] for number in numbers)


def _positions(ids: Iterable[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(ids)}


def _ragged(rows: Ints, count: int) -> Ragged:
    """Group the positions of `rows` by their value."""
    start = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])
    return Ragged(start.astype(np.int64), np.argsort(rows, kind="stable").astype(np.int64))


def _labels(scenario: schema.Scenario, processes: Processes) -> Labels:
    return Labels(
        firms=tuple(scenario.firms),
        items=tuple(scenario.items),
        markets=tuple(scenario.markets),
        points=tuple(scenario.stock_points),
        lanes=tuple(network.all_lanes(scenario)),
        streams=tuple(scenario.demand),
        demand_factors=tuple(scenario.demand_factors),
        interventions=tuple(scenario.interventions),
        processes=processes.names,
        makers=makers_of(scenario),
    )


def _points(scenario: schema.Scenario, numbers: _Numbers, wiring: network.Wiring) -> Points:
    firm, item = _positions(scenario.firms), _positions(scenario.items)
    entries = scenario.stock_points
    points = entries.values()
    recipes = {recipe.output: recipe for recipe in scenario.recipes.values()}
    makers = [recipes.get(name) for name in entries]
    policies = [point.policy for point in points]
    balances = _balances(scenario)
    forecasts = [point.forecast for point in points]
    return Points(
        firm=codes(firm[point.firm] for point in points),
        item=codes(item[point.item] for point in points),
        supply=codes(wiring.supply[name] for name in entries),
        level=codes(wiring.level[name] for name in entries),
        sourcing=codes(Sourcing[point.sourcing.upper()] for point in points),
        policy=codes(PolicyKind.NONE if policy is None else policy.code for policy in policies),
        review_days=codes(getattr(policy, "review_days", 1) for policy in policies),
        shelf_life_days=codes(point.shelf_life_days or 0 for point in points),
        regular_lane=_lanes_of_policies(scenario, "regular"),
        expedited_lane=_lanes_of_policies(scenario, "expedited"),
        balanced_with=codes(_partners(scenario)),
        balance_ratio=np.array([balance.ratio for balance in balances], dtype=np.float64),
        balance_days=codes(balance.days_farther for balance in balances),
        forecast=codes(ForecastKind.PLANNED if forecast is None else forecast.code for forecast in forecasts),
        forecast_days=codes(0 if forecast is None else forecast.remembered_days for forecast in forecasts),
        **numbers.columns("points", forecasts, {field: _read(field, ZERO) for field in FORECAST_NUMBERS}),
        alternative_of=codes(_outputs(scenario)),
        carrying_share_per_day=_carrying_shares(scenario),
        **_numbers_of_stocks(points, numbers),
        **_numbers_of_policies(policies, numbers),
        **_numbers_of_recipes(makers, numbers),
    )


def _carrying_shares(scenario: schema.Scenario) -> Floats:
    """``[point]`` what capital and obsolescence cost a day, as a share of the value of a maker's stock."""
    asked, makers = scenario.mitigation, makers_of(scenario)
    points = scenario.stock_points.values()
    if asked is None or not makers:
        return np.zeros(len(points))
    firms = members(scenario, asked.maker or makers[0])
    share = (asked.capital_rate_per_year.mean + asked.obsolescence_per_year.mean) / DAYS_PER_YEAR
    return np.array([share if point.firm in firms else 0.0 for point in points])


def _numbers_of_policies(policies: Sequence[OrderingPolicy | None], numbers: _Numbers) -> dict[str, Floats]:
    """Of the policy of each stock point, if it has one."""
    most = [getattr(policy, "max_batches", None) or np.inf for policy in policies]
    return {
        "max_batches": np.array(most, dtype=np.float64),
        **numbers.columns("points", policies, {field: _read(field, ZERO) for field in POLICY_NUMBERS}),
    }


def _numbers_of_stocks(points: Iterable[schema.StockPoint], numbers: _Numbers) -> dict[str, Floats]:
    return numbers.columns(
        "points",
        points,
        {
            "initial_on_hand": lambda point: point.initial_on_hand or TO_TARGET,
            "capacity_per_day": lambda point: point.capacity_per_day,
            "holding_cost_per_unit_day": lambda point: point.holding_cost_per_unit_day,
            "backorder_cost_per_unit_day": lambda point: point.backorder_cost_per_unit_day,
            "order_cost": lambda point: point.order_cost,
            "unit_cost": lambda point: point.unit_cost or UNKNOWN,
            "salvage_value_per_unit": lambda point: point.salvage_value_per_unit,
        },
    )


def _numbers_of_recipes(makers: Sequence[schema.Recipe | None], numbers: _Numbers) -> dict[str, Floats]:
    """Of the recipe that makes each stock point, if there is one."""
    readers: dict[str, Callable[[Any], AnyQuantity]] = {
        "recipe_capacity_per_day": _read("capacity_per_day", UNLIMITED),
        "yield_share": lambda recipe: fixed(recipe.yield_share.mean) if recipe else ONE,
    }
    fields = (
        "process_days",
        "conversion_cost",
        "minimum_order_units",
        "order_multiple_units",
        "initial_waiting",
    )
    begun = [[] if recipe is None else recipe.initial_work_in_process for recipe in makers]
    return {
        "initial_work_in_process": numbers.days("points", "initial_work_in_process", begun),
        **numbers.columns("points", makers, readers | {field: _read(field, ZERO) for field in fields}),
    }


def _lanes(scenario: schema.Scenario, numbers: _Numbers) -> Lanes:
    point = _positions(scenario.stock_points)
    entries = network.all_lanes(scenario)
    floats = numbers.columns(
        "lanes",
        entries.values(),
        {
            "order_lead_time_days": lambda lane: lane.order_lead_time_days,
            "price": lambda lane: lane.price,
            "in_transit_cost_per_unit_day": lambda lane: lane.in_transit_cost_per_unit_day,
            "initial_backlog": lambda lane: lane.initial_backlog,
            "minimum_order_units": lambda lane: lane.minimum_order_units,
            "order_multiple_units": lambda lane: lane.order_multiple_units,
            "capacity_per_day": lambda lane: lane.capacity_per_day,
            "capacity_share_of_usage": lambda lane: lane.capacity_share_of_usage,
            "share": lambda lane: lane.share,
            "controlled_content_share": lambda lane: covers.controlled_content_share(scenario, lane),
            "subsidiary_share": lambda lane: lane.subsidiary_share,
            "units_per_original": _read("units_per_original", ONE),
            "price_penalty": _read("price_penalty", ZERO),
            "performance_penalty": _read("performance_penalty", ZERO),
        },
    )
    return Lanes(
        supplier=codes(point[lane.supplier] for lane in entries.values()),
        buyer=codes(point[lane.buyer] for lane in entries.values()),
        order_crossing=np.array([lane.order_crossing for lane in entries.values()], dtype=bool),
        rank=_ranks([lane.rank for lane in entries.values()]),
        is_substitute=np.array([name in scenario.substitutes for name in entries], dtype=bool),
        initial_in_transit=numbers.days(
            "lanes", "initial_in_transit", [lane.initial_in_transit for lane in entries.values()]
        ),
        **floats,
    )


def _edges(scenario: schema.Scenario, numbers: _Numbers) -> Edges:
    point = _positions(scenario.stock_points)
    rows = [
        (source, recipe.output, units)
        for recipe in scenario.recipes.values()
        for source, units in recipe.inputs.items()
    ]
    return Edges(
        point=codes(point[source] for source, _, _ in rows),
        made=codes(point[output] for _, output, _ in rows),
        **numbers.columns("edges", rows, {"units": lambda row: row[2]}),
    )


def _substitutes(scenario: schema.Scenario, numbers: _Numbers) -> Substitutes:
    entries = scenario.substitutes
    firm, intervention = _positions(scenario.firms), _positions(scenario.interventions)
    position = _positions(entries)
    triggers = [substitute.trigger for substitute in entries.values()]
    buyers = [scenario.stock_points[substitute.buyer].firm for substitute in entries.values()]
    floats = numbers.columns(
        "substitutes",
        entries.values(),
        {
            "cover_below_days": lambda substitute: substitute.trigger.cover_below_days or TO_TARGET,
            "qualification_lag_days": lambda substitute: substitute.qualification_lag_days,
            "ramp_days": lambda substitute: substitute.ramp_days,
            "engineer_days": lambda substitute: substitute.engineer_days,
            "qualification_cost": lambda substitute: substitute.qualification_cost,
        },
    )
    return Substitutes(
        lane=codes(len(scenario.lanes) + position for position in range(len(entries))),
        firm=codes(firm[buyer] for buyer in buyers),
        trigger_intervention=codes(
            -1 if trigger.intervention is None else intervention[trigger.intervention] for trigger in triggers
        ),
        trigger_day=codes(
            NEVER if trigger.date is None else (trigger.date - scenario.calendar.start).days
            for trigger in triggers
        ),
        after_substitute=codes(
            -1 if trigger.after_substitute is None else position[trigger.after_substitute]
            for trigger in triggers
        ),
        after_ramp=np.array([trigger.once == "ramped" for trigger in triggers], dtype=bool),
        ramp=codes(Ramp[substitute.ramp.upper()] for substitute in entries.values()),
        **floats,
    )


def _streams(scenario: schema.Scenario, numbers: _Numbers) -> Streams:
    entries = scenario.demand
    point, market = _positions(scenario.stock_points), _positions(scenario.markets)
    place = _positions(entries)
    floats = numbers.columns(
        "streams",
        entries.values(),
        {
            "mean_per_day": lambda stream: stream.mean,
            "growth_per_year": lambda stream: stream.growth_per_year,
            "dispersion": lambda stream: stream.dispersion,
            "price": lambda stream: stream.price,
            "patience_days": lambda stream: stream.patience_days,
            "lost_sale_cost_per_unit": lambda stream: stream.lost_sale_cost_per_unit,
            "initial_backorders": lambda stream: stream.initial_backorders,
            "switching_share": _read_switching("share", ZERO),
            "repurchase_days": _read_switching("repurchase_days", ONE),
            "switching_half_life_days": _read_switching("half_life_days", UNLIMITED),
        },
    )
    return Streams(
        point=codes(point[stream.stock_point] for stream in entries.values()),
        market=codes(market[stream.market] for stream in entries.values()),
        process=codes(DemandProcess[stream.process.upper()] for stream in entries.values()),
        seasonality=_seasonality(entries, numbers),
        **numbers.columns(
            "streams",
            entries,
            {"controlled_content_share": lambda name: covers.content_share_sold(scenario, name)},
        ),
        switches=np.array([stream.switching is not None for stream in entries.values()], dtype=bool),
        switches_to=codes(
            -1 if stream.switching is None or stream.switching.to is None else place[stream.switching.to]
            for stream in entries.values()
        ),
        observations=tuple(
            np.array(stream.observations or [], dtype=np.float64) for stream in entries.values()
        ),
        **floats,
    )


def _seasonality(demand: Mapping[str, schema.Demand], numbers: _Numbers) -> Floats:
    """Monthly factors, ``[stream, month]``."""
    factors = np.ones((len(demand), MONTHS))
    for row, stream in enumerate(demand.values()):
        for position, quantity in enumerate(stream.seasonality):
            width = MONTHS // len(stream.seasonality)
            months = slice(position * width, (position + 1) * width)
            factors[row, months] = numbers.fill(quantity, Cell("streams", "seasonality", (row, months)))
    return factors


def _demand_factors(scenario: schema.Scenario, numbers: _Numbers) -> DemandFactors:
    entries, stream = scenario.demand_factors, _positions(scenario.demand)
    loaded = [
        (row, stream[name], factor.loading(name))
        for row, factor in enumerate(entries.values())
        for name in covers.streams_covered(scenario, factor.covers)
    ]
    first = scenario.calendar.start
    return DemandFactors(
        start=codes(
            0 if factor.start is None else (factor.start - first).days for factor in entries.values()
        ),
        loaded_factor=codes(factor for factor, _, _ in loaded),
        loaded_stream=codes(moved for _, moved, _ in loaded),
        **numbers.columns("demand_factors", loaded, {"loading": lambda row: row[2]}),
        **numbers.columns(
            "demand_factors",
            entries.values(),
            {
                "volatility_per_year": lambda factor: factor.volatility_per_year,
                "half_life_days": lambda factor: factor.lasting_days,
            },
        ),
    )


def _interventions(scenario: schema.Scenario, numbers: _Numbers) -> Interventions:
    entries = scenario.interventions
    position = _positions(entries)
    shock = {name: network.is_shock(scenario, name) for name in entries}
    readers: dict[str, Callable[[Any], AnyQuantity]] = {
        "delay_days": lambda entry: entry.delay_days,
        "probability": lambda entry: entry.probability,
        "duration_days": lambda entry: entry.duration_days or UNLIMITED,
    }
    readers |= {field: _read(field, default) for field, default in INTERVENTION_NUMBERS.items()}
    readers |= {field: _read_markov(field) for field in ("mean_days_to_failure", "mean_days_to_recover")}
    start = scenario.calendar.start
    return Interventions(
        day=codes(NEVER if entry.date is None else (entry.date - start).days for entry in entries.values()),
        after=codes(-1 if entry.after is None else position[entry.after] for entry in entries.values()),
        end_day=codes(NEVER if entry.end is None else (entry.end - start).days for entry in entries.values()),
        withdrawal_day=codes(
            NEVER if withdrawn is None else (withdrawn - start).days
            for withdrawn in (getattr(entry, "withdrawal_date", None) for entry in entries.values())
        ),
        shock=np.array(list(shock.values()), dtype=bool),
        operation=codes(-1 if entry.operation is None else entry.operation for entry in entries.values()),
        turns_back=np.array(
            [getattr(entry, "in_transit", "delivered") == "turned_back" for entry in entries.values()],
            dtype=bool,
        ),
        **numbers.columns("interventions", entries.values(), readers),
    )


def _claims(scenario: schema.Scenario, lanes: Lanes, streams: Streams, edges: Edges) -> Claims:
    """Rank of every claim on a stock point's stock: 0 for all where stock is shared in proportion."""
    allocation = [point.allocation for point in scenario.stock_points.values()]
    recipe_priority = {recipe.output: recipe.priority for recipe in scenario.recipes.values()}
    names = list(scenario.stock_points)
    priorities = [
        *(lane.priority for lane in network.all_lanes(scenario).values()),
        *(stream.priority for stream in scenario.demand.values()),
        *(recipe_priority[names[made]] for made in edges.made),
    ]
    points = np.concatenate([lanes.supplier, streams.point, edges.point])
    ranks = _ranks(priorities)
    seen = [0] * len(names)
    for claim, point in enumerate(points.tolist()):
        match allocation[point]:
            case "fixed_order":
                ranks[claim] = seen[point]
            case "proportional":
                ranks[claim] = 0
            case "priority":
                pass
            case _:
                assert_never(allocation[point])
        seen[point] += 1
    return Claims(*np.split(ranks, np.cumsum([len(lanes.supplier), len(streams.point)])))


def _observations(scenario: schema.Scenario) -> Observations:
    firm, start = _positions(scenario.firms), scenario.calendar.start
    entries = scenario.observations.values()
    sold = [covers.sales_covered(scenario, entry.firm, entry.items, entry.markets) for entry in entries]
    stream, lane = _positions(scenario.demand), _positions(network.all_lanes(scenario))
    return Observations(
        firm=codes(firm[entry.firm] for entry in entries),
        is_revenue=np.array([entry.measure == "revenue" for entry in entries], dtype=bool),
        first=codes((entry.start - start).days for entry in entries),
        last=codes((entry.end - start).days for entry in entries),
        is_whole=np.array([not (entry.items or entry.markets) for entry in entries], dtype=bool),
        streams=tuple(codes(stream[name] for name in streams) for streams, _ in sold),
        lanes=tuple(codes(lane[name] for name in lanes) for _, lanes in sold),
    )


def _lead_time(quantity: AnyQuantity) -> LeadTime:
    """Distribution of the lead time rounded to whole days; the rarest of an unbounded one are cut off."""
    shortest, longest = whole_days(quantity)
    if isinstance(quantity, Value):
        return LeadTime(shortest, np.ones(1))
    days = np.arange(shortest, longest + 1)
    last = days + 0.5
    if not quantity.is_continuous:
        last = np.where(days % 2 == 0, last, np.nextafter(last, 0.0))  # Halves, if listed, go to even days.
    return LeadTime(shortest, quantity.cumulative(last))


def _lanes_of_policies(scenario: schema.Scenario, role: str) -> Ints:
    """For each stock point, the lane that its policy names for a role; -1 if none."""
    position = _positions(network.all_lanes(scenario))
    named = [getattr(point.policy, role, None) for point in scenario.stock_points.values()]
    return codes(-1 if lane is None else position[lane] for lane in named)


def _partners(scenario: schema.Scenario) -> list[int]:
    """For each stock point, the other part of its product with which its orders keep pace; -1 if none."""
    position = _positions(scenario.stock_points)
    partners = [getattr(point.policy, "balanced_with", None) for point in scenario.stock_points.values()]
    return [-1 if partner is None else position[partner] for partner in partners]


def _balances(scenario: schema.Scenario) -> list[Balance]:
    """For each stock point, what counts of the one that its orders keep pace with."""
    partners = {
        name: getattr(point.policy, "balanced_with", None) for name, point in scenario.stock_points.items()
    }
    found = [partner and balance_of(scenario, name, partner) for name, partner in partners.items()]
    return [balance or Balance(0.0, 0) for balance in found]


def _outputs(scenario: schema.Scenario) -> list[int]:
    """For each stock point that is a line, the output that its recipe makes as others do; else -1."""
    position = _positions(scenario.stock_points)
    return [
        position[point.output] if isinstance(point, Line) else -1 for point in scenario.stock_points.values()
    ]


def _yields(scenario: schema.Scenario) -> tuple[AnyQuantity | None, ...]:
    """For each stock point, the distribution of its recipe's yield if that is random."""
    recipes = {recipe.output: recipe.yield_share for recipe in scenario.recipes.values()}
    shares = [recipes.get(name) for name in scenario.stock_points]
    return tuple(None if isinstance(share, Value) else share for share in shares)


def _maker_of_firm(scenario: schema.Scenario) -> Ints:
    """For each firm its place among the makers; -1 for others."""
    place = {firm: at for at, maker in enumerate(makers_of(scenario)) for firm in members(scenario, maker)}
    return codes(place.get(name, -1) for name in scenario.firms)
