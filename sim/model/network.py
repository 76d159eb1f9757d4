"""The network as a whole: what supplies what, and the mistakes that only the whole shows."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import chain

from sim.errors import Problem, ScenarioError, first_problems
from sim.model.assembly import balance_of
from sim.model.plan import Supply
from sim.model.recipes import Line
from sim.scenario import schema
from sim.scenario.findings import shown_circle
from sim.scenario.policies.echelon_base_stock import EchelonBaseStock
from sim.scenario.recipes import alternative_recipes, triggers

YEAR = 365
Graph = dict[str, dict[str, None]]
"""For each stock point those that supply it, each once, in order."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """For each stock point id: where its stock comes from, and its longest distance from a source."""

    supply: dict[str, Supply]
    level: dict[str, int]


def all_lanes(scenario: schema.Scenario) -> dict[str, schema.Lane]:
    """Lanes, then substitutes, by id."""
    return {**scenario.lanes, **scenario.substitutes}


def is_shock(scenario: schema.Scenario, name: str) -> bool:
    """Whether an intervention is part of the shock, or happens only after one that is."""
    entry = scenario.interventions[name]
    return entry.shock or (entry.after is not None and is_shock(scenario, entry.after))


def check(scenario: schema.Scenario) -> None:
    """Look at the network as a whole.

    Raises
    ------
    ScenarioError
        With every mistake that the network as a whole shows.
    """
    graph = _graph(scenario)
    problems = list(_cycles(graph)) or first_problems(
        chain(
            _unreachable(scenario, graph),
            _markets_without_supply(scenario, graph),
            _untriggered(scenario),
            _window_outside_the_calendar(scenario),
            _echelons_without_a_tree(scenario, graph),
            _unbalanced(scenario, graph),
        )
    )
    if problems:
        raise ScenarioError(problems)


def wiring_of(scenario: schema.Scenario) -> Wiring:
    """The wiring of a scenario that is in order and has its lines."""
    graph = _graph(scenario)
    turns = _turns(scenario, graph)
    level: dict[str, int] = {}
    for name in TopologicalSorter(turns).static_order():
        is_point = name in scenario.stock_points
        level[name] = is_point + max((level[before] for before in turns.get(name, ())), default=-1)
    made = {recipe.output for recipe in scenario.recipes.values()}
    bought = {lane.buyer for lane in all_lanes(scenario).values()}
    supply = {
        name: _supply(point, name in made, name in bought) for name, point in scenario.stock_points.items()
    }
    return Wiring(supply, level)


def _supply(point: schema.StockPoint, made: bool, bought: bool) -> Supply:
    """Where stock comes from; a stock that is never filled again counts as bought, on no lane."""
    if made:
        return Supply.MADE
    return Supply.BOUGHT if bought or point.policy is not None else Supply.SOURCE


def shock(scenario: schema.Scenario) -> str | None:
    """The intervention from which the loss is counted: the one named, else the first that is a shock."""
    if scenario.analysis.shock is not None:
        return scenario.analysis.shock
    return next((name for name, entry in scenario.interventions.items() if entry.shock), None)


def expected_day(scenario: schema.Scenario, name: str) -> int:
    """Day index on which an intervention is expected to take effect if it does."""
    entry = scenario.interventions[name]
    if entry.after is not None:
        origin = expected_day(scenario, entry.after)
    else:
        origin = ((entry.date or scenario.calendar.start) - scenario.calendar.start).days
    return origin + sum(round(wait.mean) for wait in entry.waits)


def window_days(scenario: schema.Scenario) -> int:
    """Length of the loss window: as given, else a year or what the calendar leaves of it."""
    name = shock(scenario)
    left = scenario.calendar.length_days - (expected_day(scenario, name) if name else 0)
    return scenario.analysis.window_days or min(YEAR, left)


def _graph(scenario: schema.Scenario) -> Graph:
    graph: Graph = {name: {} for name in scenario.stock_points}
    for lane in all_lanes(scenario).values():
        graph[lane.buyer][lane.supplier] = None
    for recipe in scenario.recipes.values():
        graph[recipe.output].update(dict.fromkeys(recipe.inputs))
    return graph


def _cycle(graph: Graph) -> list[str]:
    """Stock points of which each leads to the next, the last one being the first again; none in a network."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _cycles(graph: Graph) -> Iterator[Problem]:
    cycle = _cycle(graph)
    if cycle:
        yield Problem(
            f"stock_points.{cycle[0]}: found a cycle {shown_circle(cycle)}; allowed: a network without cycles"
        )


def _turned(graph: Graph) -> Graph:
    """For each stock point those that it leads to."""
    turned: Graph = {name: {} for name in graph}
    for name, sources in graph.items():
        for source in sources:
            turned[source][name] = None
    return turned


def _reached(graph: Graph, points: Iterable[str]) -> set[str]:
    """Some stock points, and all that the graph names for one of them, and for these, and so on."""
    reached: set[str] = set()
    waiting = list(points)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += graph[name]
    return reached


def _unreachable(scenario: schema.Scenario, graph: Graph) -> Iterator[Problem]:
    """Stock points whose stock can reach no market."""
    useful = _reached(graph, {stream.stock_point for stream in scenario.demand.values()})
    for name in scenario.stock_points:
        if name not in useful:
            yield Problem(
                f"stock_points.{name}: nothing leads from it to a market; "
                "allowed: stock points that supply a lane, a recipe or a demand stream"
            )


def _markets_without_supply(scenario: schema.Scenario, graph: Graph) -> Iterator[Problem]:
    """Demand that no source can ever serve: a recipe or purchase chain that ends in a point of no source."""
    leads_to = _turned(graph)
    for source, point in scenario.stock_points.items():
        if not graph[source] and point.policy is None and point.capacity_per_day.support[1] <= 0.0:
            served = _reached(leads_to, [source])
            for name, stream in scenario.demand.items():
                if stream.stock_point in served:
                    yield Problem(
                        f"demand.{name}: a market without supply, since source {source!r} has capacity 0; "
                        "allowed: a capacity above 0 somewhere in time"
                    )


def _untriggered(scenario: schema.Scenario) -> Iterator[Problem]:
    for path, trigger in triggers(scenario):
        if trigger.intervention is not None:
            entry = scenario.interventions[trigger.intervention]
            if entry.probability.support[1] <= 0.0:
                yield Problem(
                    f"{'.'.join(path)}: nobody triggers it, since {trigger.intervention!r} has probability 0"
                )


def _window_outside_the_calendar(scenario: schema.Scenario) -> Iterator[Problem]:
    """A loss window that is not simulated as a whole."""
    name = shock(scenario)
    day = expected_day(scenario, name) if name else 0
    calendar, shown = scenario.calendar, scenario.calendar.shown
    last_day = calendar.length_days - 1
    if not 0 <= day <= last_day:
        yield Problem(
            f"interventions.{name}: the loss is counted from {calendar.shown_day(day)}, "
            f"which is not simulated; allowed: {shown(calendar.start)} to {shown(calendar.last_day)}"
        )
    elif day + window_days(scenario) - 1 > last_day:
        left = last_day - day + 1
        yield Problem(
            f"analysis.window_days: found {window_days(scenario)}, but only {left} days are simulated "
            f"from the shock on; allowed: 1 to {left}, or a later calendar.end"
        )


def _echelons_without_a_tree(scenario: schema.Scenario, graph: Graph) -> Iterator[Problem]:
    """Orders by echelon stock where it cannot be told whose stock is whose: a buyer has several suppliers."""
    ways = _several_ways(scenario)
    above = _reached(graph, {before for point in ways for before in graph[point]})
    leads_to = _turned(graph)
    for name, point in scenario.stock_points.items():
        if name in above and isinstance(point.policy, EchelonBaseStock):
            for below in sorted(_reached(leads_to, leads_to[name])):
                if below in ways:
                    yield Problem(
                        f"stock_points.{name}.policy: {below!r} downstream {ways[below]}; "
                        "allowed: echelon_base_stock where every point downstream has one supplier"
                    )


def _several_ways(scenario: schema.Scenario) -> dict[str, str]:
    """Stock points that are filled in more than one way, and how."""
    lanes = Counter(lane.buyer for lane in all_lanes(scenario).values())
    ways = {buyer: f"buys on {count} lanes" for buyer, count in lanes.items() if count > 1}
    recipes = alternative_recipes(scenario)
    return ways | {output: f"is made by {len(several)} recipes" for output, several in recipes.items()}


def _turns(scenario: schema.Scenario, graph: Graph) -> Graph:
    """The network, with a way wherever one stock point looks at another on the same day.

    Who orders in balance with another input looks at the echelon of that input; all who do so lead to a node
    that leads to what this input is used for. The lines of an output have their turns one after the other,
    when all inputs of all of them have had theirs.
    """
    turns, leads_to = {name: dict(sources) for name, sources in graph.items()}, _turned(graph)
    for name, point in scenario.stock_points.items():
        if isinstance(point, Line):
            inputs = f"inputs of {point.output}"
            turns.setdefault(inputs, {}).update(graph[name])
            turns[name][inputs] = None
    for name, point in scenario.stock_points.items():
        other = getattr(point.policy, "balanced_with", None)
        if other is not None:
            echelon = f"echelon of {other}"
            turns.setdefault(echelon, {})[name] = None
            for below in leads_to[other]:
                turns[below][echelon] = None
    return turns


def _unbalanced(scenario: schema.Scenario, graph: Graph) -> Iterator[Problem]:
    """Orders in balance with something that does not go into the same product, or that comes too late."""
    is_ordered = not _cycle(_turns(scenario, graph))
    for name, point in scenario.stock_points.items():
        other = getattr(point.policy, "balanced_with", None)
        if other is None:
            continue
        path = f"stock_points.{name}.policy.balanced_with: found {other!r}"
        balance = None if name == other else balance_of(scenario, name, other)
        if balance is None or not is_ordered or not (graph[name] and graph[other]):
            yield Problem(
                f"{path}; allowed: another bought or made stock point that goes into a recipe with {name!r}, "
                f"or does so through what is made of it, but into nothing that {name!r} depends on"
            )
        elif _days_to_fill(scenario, name) + balance.days_farther < 0:
            yield Problem(
                f"{path}, whose stock is {-balance.days_farther} days farther from the product than that of "
                f"{name!r}, which is filled sooner; allowed: the one with the next longer way to the product"
            )


def _days_to_fill(scenario: schema.Scenario, name: str) -> int:
    """Expected days from an order of a stock point until it is received, or made."""
    days = [lane.lead_time_days for lane in all_lanes(scenario).values() if lane.buyer == name]
    days += [recipe.process_days for recipe in scenario.recipes.values() if recipe.output == name]
    return min(round(quantity.mean) for quantity in days)
