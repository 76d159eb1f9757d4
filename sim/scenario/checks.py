"""Whether the objects of a scenario fit each other, as far as that shows without the network as a whole."""

from collections.abc import Iterator, Sequence

from sim.scenario import makers, schema
from sim.scenario.covers import sales_covered
from sim.scenario.demand_factors import unfit_demand_factors
from sim.scenario.distributions import Empirical
from sim.scenario.fields import MAX_DAYS
from sim.scenario.findings import Finding, Path, shown_circle
from sim.scenario.intervention_checks import misdirected_interventions, mistimed_interventions
from sim.scenario.lever_checks import unfit_levers, unfit_mitigation
from sim.scenario.quantities import AnyQuantity, whole_days
from sim.scenario.recipes import triggers, unfitting_alternatives
from sim.scenario.schema import Scenario
from sim.scenario.switching import unfit_switching
from sim.scenario.walk import Located, quantities_of

MAX_LEAD_TIMES = 5_000_000
"""Different lead times in days, summed over all lanes: each of them becomes a number of the plan."""
_COVERS = frozenset(("cover_days", "reorder_cover_days", "expedited_cover_days", "extra_cover_days"))
SMALLEST_UNIFORM = 2.0**-53
"""The smallest probability of which a sample is drawn."""
_MUST_NOT_BE_ZERO = frozenset(("units_per_original", "inputs"))


def inconsistencies(scenario: Scenario) -> list[Finding]:
    """Everything about a scenario that holds field by field but not together; findings have no places."""
    lanes = list(_lanes(scenario))
    quantities = list(quantities_of(scenario))
    return [
        *lanes,
        *_recipes(scenario),
        *_resources(scenario),
        *_covers(quantities),
        *_stock_points(scenario),
        *_numbers(quantities),
        *makers.findings(scenario),
        *_trigger_dates(scenario),
        *_observations(scenario),
        *_tables(scenario, quantities),
        *unfit_demand_factors(scenario),
        *unfit_switching(scenario),
        *_trigger_circles(scenario),
        *unfit_levers(scenario),
        *unfit_mitigation(scenario),
        *mistimed_interventions(scenario),
        *([] if lanes else misdirected_interventions(scenario)),
    ]


def _lanes(scenario: Scenario) -> Iterator[Finding]:
    for collection, name, lane in _all_lanes(scenario):
        path = (collection, name)
        supplied, bought = (scenario.stock_points[end].item for end in (lane.supplier, lane.buyer))
        if lane.supplier == lane.buyer:
            yield Finding(
                (*path, "buyer"), f"found the supplier {lane.supplier} itself, allowed: another stock point"
            )
        elif collection == "lanes" and supplied != bought:
            yield Finding(
                path, f"the supplier holds {supplied} but the buyer {bought}, allowed: the same item"
            )
        elif scenario.items[supplied].unit != scenario.items[bought].unit:
            units = f"{scenario.items[supplied].unit!r} but the buyer's in {scenario.items[bought].unit!r}"
            yield Finding(path, f"the supplier's item is counted in {units}, allowed: the same unit")
    yield from _shares(scenario)
    yield from _lots(scenario)
    yield from _lead_times(scenario)
    yield from _order_lead_times(scenario)


def _lead_times(scenario: Scenario) -> Iterator[Finding]:
    """Lanes whose goods could be under way for longer than any calendar, or in too many ways."""
    different = 0
    for collection, name, lane in _all_lanes(scenario):
        path = (collection, name, "lead_time_days")
        shortest, longest = whole_days(lane.lead_time_days)
        if longest > MAX_DAYS:
            found = f"found up to {longest:g} days, allowed: up to {MAX_DAYS}"
            yield Finding(path, f"{found}; truncate it with max")
            continue
        different += longest - shortest + 1
        if different > MAX_LEAD_TIMES:
            found = f"found more than {MAX_LEAD_TIMES} different lead times on the lanes up to here"
            yield Finding(path, f"{found}, which no scenario needs; truncate them with max")
            return


def _order_lead_times(scenario: Scenario) -> Iterator[Finding]:
    """Lanes whose orders could be under way for longer than any calendar, or to whom others keep pace."""
    balanced = _balanced(scenario)
    for collection, name, lane in _all_lanes(scenario):
        path = (collection, name, "order_lead_time_days")
        longest = whole_days(lane.order_lead_time_days)[1]
        if longest > MAX_DAYS:
            found = f"found up to {longest:g} days, allowed: up to {MAX_DAYS}"
            yield Finding(path, f"{found}; truncate it with max")
        elif longest > 0 and lane.buyer in balanced:
            found = f"found up to {longest:g} days, allowed: 0 on lanes to {lane.buyer}"
            yield Finding(path, f"{found}, whose orders are balanced with those of another input")


def _balanced(scenario: Scenario) -> set[str]:
    """Stock points of which one orders in balance with the other."""
    partner = {
        name: getattr(point.policy, "balanced_with", None) for name, point in scenario.stock_points.items()
    }
    return {end for pair in partner.items() if pair[1] is not None for end in pair if end is not None}


def _tables(scenario: Scenario, quantities: Sequence[Located]) -> Iterator[Finding]:
    """Columns of one table that differ in length, or whose numbers are tied in a second way."""
    rows: dict[str, tuple[int, str]] = {}
    tied = {path for entry in scenario.analysis.correlations for path in entry.between}
    for located in quantities:
        quantity, path = located.quantity, ".".join(located.path)
        if not isinstance(quantity, Empirical) or quantity.table is None:
            continue
        length, first = rows.setdefault(quantity.table, (len(quantity.values), path))
        if len(quantity.values) != length:
            found = f"found {len(quantity.values)} values of the table {quantity.table}"
            yield Finding((*located.path, "values"), f"{found}, allowed: {length} as in {first}")
        if path in tied:
            found = f"found a number of the table {quantity.table} in analysis.correlations"
            yield Finding(located.path, f"{found}; allowed: one or the other")


def _observations(scenario: Scenario) -> Iterator[Finding]:
    """Reported revenue of what a firm does not sell in the scenario."""
    for name, entry in scenario.observations.items():
        if entry.items or entry.markets:
            streams, lanes = sales_covered(scenario, entry.firm, entry.items, entry.markets)
            if not streams and not lanes:
                found = f"{entry.firm} sells none of these items there"
                yield Finding(
                    ("observations", name), f"{found}; allowed: products and markets of its demand streams"
                )


def _covers(quantities: Sequence[Located]) -> Iterator[Finding]:
    """Days of cover beyond any calendar: planned usage is looked up for each of them."""
    for located in quantities:
        if located.field in _COVERS and (longest := whole_days(located.quantity)[1]) > MAX_DAYS:
            found = f"found up to {longest:g} days, allowed: up to {MAX_DAYS}"
            yield Finding(located.path, f"{found}; truncate it with max")


def _lots(scenario: Scenario) -> Iterator[Finding]:
    """Lanes on which the smallest order never finds room."""
    for collection, name, lane in _all_lanes(scenario):
        policy = scenario.stock_points[lane.buyer].policy
        room = lane.capacity_per_day.support[1] * getattr(policy, "review_days", 1)
        for field in ("minimum_order_units", "order_multiple_units"):
            smallest = getattr(lane, field).support[0]
            if smallest > room:
                message = (
                    f"found {smallest:g}, allowed: up to what the lane carries in a review period, {room:g}"
                )
                yield Finding((collection, name, field), message)


def _shares(scenario: Scenario) -> Iterator[Finding]:
    largest: dict[str, float] = {}
    for lane in scenario.lanes.values():
        largest[lane.buyer] = max(largest.get(lane.buyer, 0.0), lane.share.support[1])
    for buyer, share in largest.items():
        if share == 0.0 and scenario.stock_points[buyer].sourcing == "share":
            yield Finding(
                ("stock_points", buyer), "the shares of all its lanes are 0, allowed: at least one above 0"
            )


def _recipes(scenario: Scenario) -> Iterator[Finding]:
    yield from unfitting_alternatives(scenario)
    for name, recipe in scenario.recipes.items():
        path = ("recipes", name)
        firm = scenario.stock_points[recipe.output].firm
        for source in recipe.inputs:
            owner = scenario.stock_points[source].firm
            if source == recipe.output:
                yield Finding(
                    (*path, "inputs", source), "found the output itself, allowed: other stock points"
                )
            elif owner != firm:
                message = f"belongs to {owner}, allowed: stock points of {firm}, which owns the output"
                yield Finding((*path, "inputs", source), message)


def _resources(scenario: Scenario) -> Iterator[Finding]:
    """What is done with hours as if they were goods."""
    resources = {
        name for name, point in scenario.stock_points.items() if scenario.items[point.item].kind == "resource"
    }
    allowed = "a source that recipes of its firm use"
    for name in resources:
        if scenario.stock_points[name].policy is not None:
            found = "found a policy, but it is a resource, of which nothing is kept"
            yield Finding(("stock_points", name, "policy"), f"{found}; allowed: {allowed}")
    for recipe, entry in scenario.recipes.items():
        if entry.output in resources:
            found = f"{entry.output} is a resource, which no recipe makes"
            yield Finding(("recipes", recipe, "output"), f"{found}; allowed: {allowed}")
    for collection, lane, ends in _all_lanes(scenario):
        for field in ("supplier", "buyer"):
            if getattr(ends, field) in resources:
                found = f"{getattr(ends, field)} is a resource, which cannot be shipped"
                yield Finding((collection, lane, field), f"{found}; allowed: {allowed}")
    for stream, demand in scenario.demand.items():
        if demand.stock_point in resources:
            found = f"{demand.stock_point} is a resource, which is not sold"
            yield Finding(("demand", stream, "stock_point"), f"{found}; allowed: {allowed}")


def _stock_points(scenario: Scenario) -> Iterator[Finding]:
    made = {recipe.output: name for name, recipe in scenario.recipes.items()}
    bought = {lane.buyer: name for _, name, lane in reversed(list(_all_lanes(scenario)))}
    for name, point in scenario.stock_points.items():
        path = ("stock_points", name)
        if name in made and name in bought:
            yield Finding(
                path, f"recipe {made[name]} makes it and lane {bought[name]} brings it, allowed: one of them"
            )
        if name in made:
            yield from _supplied(path, point, f"recipe {made[name]}")
        elif name in bought:
            yield from _supplied(path, point, f"lane {bought[name]}")
        else:
            yield from _unsupplied(path, point)
        if point.forecast is not None:
            yield from _forecast((*path, "forecast"), point)
        yield from _salvage((*path, "salvage_value_per_unit"), point)
        if point.policy is not None:
            yield from point.policy.inconsistencies((*path, "policy"))
            yield from point.policy.misplaced((*path, "policy"), name, scenario)


def _supplied(path: Path, point: schema.StockPoint, by: str) -> Iterator[Finding]:
    """A stock point to which something leads."""
    if point.policy is None:
        yield Finding((*path, "policy"), f"missing; {by} supplies it, so it needs an ordering policy")


def _unsupplied(path: Path, point: schema.StockPoint) -> Iterator[Finding]:
    """A source, or a stock that is never filled again."""
    if point.policy is not None and point.policy.orders:
        message = "found a policy, allowed: none, or kind none, as no lane or recipe supplies it"
        yield Finding((*path, "policy"), message)
    if point.policy is None and point.initial_on_hand is not None:
        message = "a source has no stock but today's capacity, allowed: initial_on_hand with policy kind none"
        yield Finding((*path, "initial_on_hand"), message)
    if point.policy is None and point.shelf_life_days is not None:
        message = "a source has no stock that could age, allowed: shelf_life_days where goods are held"
        yield Finding((*path, "shelf_life_days"), message)


def _forecast(path: Path, point: schema.StockPoint) -> Iterator[Finding]:
    """A forecast from which nothing follows."""
    days = [getattr(point.policy, field, None) for field in ("cover_days", "reorder_cover_days")]
    if not any(cover is not None and cover.support[1] > 0.0 for cover in days):
        allowed = "allowed: with cover_days or reorder_cover_days above 0 in the policy"
        yield Finding(path, f"found a forecast on which no level depends, {allowed}")


def _salvage(path: Path, point: schema.StockPoint) -> Iterator[Finding]:
    """A value of what expires where nothing does."""
    if point.shelf_life_days is None and point.salvage_value_per_unit.support[1] > 0.0:
        yield Finding(path, "found a value of what expires, allowed: with shelf_life_days")


def _numbers(quantities: Sequence[Located]) -> Iterator[Finding]:
    for located in quantities:
        if located.field in _MUST_NOT_BE_ZERO and _can_be_zero(located.quantity):
            yield Finding(located.path, "found 0, allowed: more than 0")


def _can_be_zero(quantity: AnyQuantity) -> bool:
    """Where a density is steep at 0, also what is too small for a floating-point number is 0."""
    low, high = quantity.support
    if low > 0.0:
        return False
    return not (quantity.is_continuous and high > 0.0 and float(quantity.quantile(SMALLEST_UNIFORM)) > 0.0)


def _trigger_dates(scenario: Scenario) -> Iterator[Finding]:
    for path, trigger in triggers(scenario):
        date = trigger.date
        if date is not None and date > scenario.calendar.last_day:
            last_day = scenario.calendar.shown(scenario.calendar.last_day)
            message = (
                f"found {scenario.calendar.shown(date)}, allowed: up to the last simulated day {last_day}"
            )
            yield Finding((*path, "date"), message)


def _trigger_circles(scenario: Scenario) -> Iterator[Finding]:
    """Substitutes that wait for each other."""
    seen: set[str] = set()
    for name in scenario.substitutes:
        chain: dict[str, None] = {}
        current: str | None = name
        while current is not None and current not in seen:
            if current in chain:
                circle = [*list(chain)[list(chain).index(current) :], current]
                path = ("substitutes", current, "trigger", "after_substitute")
                yield Finding(path, f"goes round in a circle: {shown_circle(circle)}")
                break
            chain[current] = None
            current = scenario.substitutes[current].trigger.after_substitute
        seen |= chain.keys()


def _all_lanes(scenario: Scenario) -> Iterator[tuple[str, str, schema.Lane]]:
    for name, lane in scenario.lanes.items():
        yield "lanes", name, lane
    for name, substitute in scenario.substitutes.items():
        yield "substitutes", name, substitute
