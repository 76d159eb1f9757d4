"""stockpyl networks as scenarios, and the states of both simulators side by side.

``scenario_of`` turns a ``SupplyChainNetwork`` into a scenario, ``states_of`` reads what stockpyl simulated
and ``told_states`` what this project did, under the same keys, so that they compare one by one::

    simulation(network, periods, progress_bar=False)
    data = scenario_of(network, periods)
    told_states(network, told(data)), states_of(network, periods)

Every stockpyl node becomes a firm. A node that buys one raw material, one for one, is a bought stock point;
any other node has, for each of its products, a recipe over raw-material stock points of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.risk.money import costs
from tests.builders import Data, Told, network

OUTSIDE = "outside"
NETWORK = "network"
PAUSES = {"OP": "orders", "SP": "shipments", "TP": "transit", "RP": "receipts"}

Floats = NDArray[np.float64]
States = dict[tuple[str, str], Floats]


class NotConvertibleError(ValueError):
    """stockpyl can simulate it, a scenario cannot say it."""


@dataclass(frozen=True)
class Feed:
    """One raw material of one product of a node, and the supplier it is bought from (None: from outside)."""

    supplier: int | None
    material: int
    product: int
    units: float
    lead_time: int
    source: str
    buyer: str

    @property
    def lane(self) -> str:
        return f"{self.source}-to-{self.buyer}"


@dataclass(frozen=True)
class Stage:
    """One product of a stockpyl node: a stock point, with the raw materials it is made or bought from."""

    node: Any
    product: int
    name: str
    feeds: tuple[Feed, ...]

    @property
    def bought(self) -> bool:
        return self.feeds[0].buyer == self.name

    @property
    def has_customers(self) -> bool:
        source = self.get("demand_source")
        return source is not None and source.type is not None

    def get(self, attribute: str) -> Any:
        return self.node.get_attribute(attribute, self.product)


def firm_of(index: int) -> str:
    return f"n{index}"


def name_of(node: Any, product: int) -> str:
    """A node that names no product has one of its own, with a negative index."""
    return firm_of(node.index) if product < 0 else f"{firm_of(node.index)}-p{product}"


def stages(stockpyl_network: Any) -> list[Stage]:
    """The stages that somebody orders from, those of a node together, in the order of the nodes."""
    known = {
        stage.name: stage
        for node in stockpyl_network.nodes
        for stage in (_stage(node, product) for product in sorted(node.product_indices))
    }
    needed = {name for name, stage in known.items() if stage.has_customers}
    left = list(needed)
    while left:
        sources = {feed.source for feed in known[left.pop()].feeds if feed.supplier is not None}
        left += sources - needed
        needed |= sources
    return [stage for name, stage in known.items() if name in needed]


def _stage(node: Any, product: int) -> Stage:
    name = name_of(node, product)
    materials = node.raw_materials_by_product(product, return_indices=True, network_BOM=True)
    if not materials:
        raise NotConvertibleError(f"{name} has no supplier")
    units = [
        float(node.NBOM(product=product, predecessor=None, raw_material=material)) for material in materials
    ]
    bought = len(node.product_indices) == 1 and units == [1.0]
    feeds = [
        _feed(node, product, material, count, bought)
        for material, count in zip(materials, units, strict=True)
    ]
    return Stage(node, product, name, tuple(feeds))


def _feed(node: Any, product: int, material: int, units: float, bought: bool) -> Feed:
    """stockpyl orders all of a raw material from the first of its suppliers."""
    suppliers = node.raw_material_suppliers_by_raw_material(material, return_indices=True, network_BOM=True)
    if len(suppliers) > 1 and node.get_attribute("initial_shipments", product):
        raise NotConvertibleError(
            f"node {node.index} has initial shipments from several suppliers of one material"
        )
    supplier = suppliers[0]
    if supplier is None:
        source = f"{OUTSIDE}-{firm_of(node.index)}"
    else:
        source = name_of(node.network.nodes_by_index[supplier], material)
    name = name_of(node, product)
    lead_time = int(node.get_attribute("shipment_lead_time", product) or 0)
    return Feed(
        supplier, material, product, units, lead_time, source, name if bought else f"{name}-of-{source}"
    )


# --- to a scenario ---------------------------------------------------------------------------------------


def scenario_of(stockpyl_network: Any, periods: int) -> Data:
    """A scenario that simulates the network for the first periods.

    Demands and disruptions that stockpyl draws at random are taken from the network's last simulation.
    """
    known = stages(stockpyl_network)
    for stage in known:
        _insist_on_what_can_be_said(stage)
    items = _items(known)
    outside = {feed.source: feed for stage in known for feed in stage.feeds if feed.supplier is None}
    points = {name: {"firm": OUTSIDE, "item": items[name]} for name in outside}
    for stage in known:
        points |= _points(stage, items)
    nodes = stockpyl_network.nodes
    data = network(
        periods,
        stock_points=points,
        recipes={stage.name: _recipe(stage) for stage in known if not stage.bought},
        lanes=_lanes(stockpyl_network, known),
        demand=dict(_streams(known, periods)),
        interventions={name: rule for node in nodes for name, rule in _disruptions(node, periods)},
    )
    data["calendar"] = {"days": periods}
    firms = [OUTSIDE, *(firm_of(node.index) for node in nodes)]
    data["firms"] = {firm: {"name": firm, "country": "DE"} for firm in firms}
    data["items"] = {item: {"name": item, "unit": "units"} for item in items.values()}
    return data


def _insist_on_what_can_be_said(stage: Stage) -> None:
    node = stage.node
    policy = stage.get("inventory_policy")
    if policy is None or policy.type not in ("BS", "EBS", "sS", "rQ"):
        raise NotConvertibleError(f"{stage.name} has the policy {policy}, allowed: BS, EBS, sS, rQ")
    if stage.get("order_lead_time"):
        raise NotConvertibleError(f"{stage.name} has an order lead time")
    if stage.get("local_holding_cost_function") or stage.get("stockout_cost_function"):
        raise NotConvertibleError(f"{stage.name} has a cost function")
    if stage.get("order_capacity") and not stage.bought:
        raise NotConvertibleError(f"{stage.name} has an order capacity but makes what it sells")
    if _initial_level(stage) < 0.0:
        raise NotConvertibleError(f"{stage.name} has a negative initial inventory level")
    if len(node.product_indices) > 1 and stage.get("initial_shipments"):
        raise NotConvertibleError(f"{stage.name} has initial shipments, at a node with several products")
    pauses_shipments = _disrupts(node) and node.disruption_process.disruption_type == "SP"
    if pauses_shipments and any(feed.supplier is None for feed in stage.feeds):
        raise NotConvertibleError(f"{stage.name} buys from outside, where stockpyl pauses no shipments")


def _initial_level(stage: Stage) -> float:
    given = stage.get("initial_inventory_level")
    if given is None:
        given = stage.get("inventory_policy").get_order_quantity(
            product=stage.product, include_raw_materials=False, inventory_position=0
        )
    return float(given)


def _items(known: list[Stage]) -> dict[str, str]:
    """What each stock point holds: a bought one holds what its supplier does."""
    bought_from = {
        feed.buyer: feed.source for stage in known for feed in stage.feeds if feed.buyer != feed.source
    }

    def origin(name: str) -> str:
        return origin(bought_from[name]) if name in bought_from else name

    names = [stage.name for stage in known] + [
        end for stage in known for feed in stage.feeds for end in (feed.source, feed.buyer)
    ]
    return {name: origin(name) for name in names}


def _points(stage: Stage, items: dict[str, str]) -> Data:
    firm = firm_of(stage.node.index)
    points = {
        stage.name: {
            "firm": firm,
            "item": items[stage.name],
            "policy": _policy(stage.get("inventory_policy")),
            "initial_on_hand": _initial_level(stage),
            "holding_cost_per_unit_day": float(stage.get("local_holding_cost") or 0.0),
            "backorder_cost_per_unit_day": float(stage.get("stockout_cost") or 0.0),
            "allocation": "fixed_order",
        }
    }
    if stage.bought:
        return points
    for feed in stage.feeds:
        points[feed.buyer] = {
            "firm": firm,
            "item": items[feed.buyer],
            "policy": {"kind": "base_stock", "units": _surplus(stage, feed)},
            "initial_on_hand": 0.0,
            "holding_cost_per_unit_day": _suppliers_holding_cost(stage.node, feed),
        }
    return points


def _policy(policy: Any) -> Data:
    if policy.type in ("BS", "EBS"):
        kind = "base_stock" if policy.type == "BS" else "echelon_base_stock"
        return {"kind": kind, "units": float(policy.base_stock_level)}
    if policy.type == "sS":
        return {
            "kind": "s_S",
            "reorder_units": float(policy.reorder_point),
            "units": float(policy.order_up_to_level),
        }
    return {
        "kind": "r_Q",
        "reorder_units": float(policy.reorder_point),
        "batch_units": float(policy.order_quantity),
        "max_batches": 1,
    }


def _suppliers_holding_cost(node: Any, feed: Feed) -> float:
    """stockpyl charges raw material what its supplier pays for holding it, and nothing if it is external."""
    if feed.supplier is None:
        return 0.0
    supplier = node.network.nodes_by_index[feed.supplier]
    return float(supplier.get_attribute("local_holding_cost", feed.material) or 0.0)


def _under_way(stage: Stage, feed: Feed) -> float:
    return float(stage.get("initial_shipments") or 0.0) * feed.lead_time


def _already_ordered(stage: Stage) -> float:
    """Units that the initial shipments are enough for."""
    return min(_under_way(stage, feed) / feed.units for feed in stage.feeds)


def _surplus(stage: Stage, feed: Feed) -> float:
    return _under_way(stage, feed) - _already_ordered(stage) * feed.units


def _recipe(stage: Stage) -> Data:
    recipe: Data = {"output": stage.name, "inputs": {feed.buyer: feed.units for feed in stage.feeds}}
    if _already_ordered(stage) > 0.0:
        recipe["initial_waiting"] = _already_ordered(stage)
    return recipe


def _lanes(stockpyl_network: Any, known: list[Stage]) -> Data:
    """Lanes in the order in which stockpyl serves them: that of each supplier's successors."""
    of_node = {
        node.index: [stage for stage in known if stage.node is node] for node in stockpyl_network.nodes
    }
    lanes: dict[str, Any] = {}
    for supplier in [None, *stockpyl_network.nodes]:
        buyers = stockpyl_network.nodes if supplier is None else supplier.successors()
        index = None if supplier is None else supplier.index
        for stage in (stage for buyer in buyers for stage in of_node[buyer.index]):
            lanes |= {feed.lane: _lane(stage, feed) for feed in stage.feeds if feed.supplier == index}
    return lanes


def _lane(stage: Stage, feed: Feed) -> Data:
    lane: Data = {"supplier": feed.source, "buyer": feed.buyer, "lead_time_days": feed.lead_time}
    if stage.get("initial_shipments") and feed.lead_time:
        lane["initial_in_transit"] = [float(stage.get("initial_shipments"))] * feed.lead_time
    if stage.get("order_capacity"):
        lane["capacity_per_day"] = float(stage.get("order_capacity"))
    if feed.supplier is not None:
        lane["in_transit_cost_per_unit_day"] = _transit_cost(stage.node, feed)
    return lane


def _transit_cost(node: Any, feed: Feed) -> float:
    """stockpyl charges the supplier's own holding cost, unless it is given."""
    supplier = node.network.nodes_by_index[feed.supplier]
    given = supplier.get_attribute("in_transit_holding_cost", feed.material)
    if given is None:
        given = supplier.get_attribute("local_holding_cost", feed.material)
    return float(given or 0.0)


def _streams(known: list[Stage], periods: int) -> Iterator[tuple[str, Data]]:
    for stage in known:
        if not stage.has_customers:
            continue
        yield (
            f"customers-of-{stage.name}",
            {
                "stock_point": stage.name,
                "market": "home",
                "process": "listed",
                "observations": _demand(stage, periods),
                "price": float(stage.get("revenue") or 0.0),
                "patience_days": float("inf"),
            },
        )


def _demand(stage: Stage, periods: int) -> list[float]:
    source = stage.get("demand_source")
    if source.type == "D":
        return [float(source.generate_demand(period)) for period in range(periods)]
    _insist_on_a_simulation(stage.node, periods, "demand")
    history = stage.node.state_vars
    return [float(history[period].inbound_order[None][stage.product]) for period in range(periods)]


def _insist_on_a_simulation(node: Any, periods: int, what: str) -> None:
    if len(node.state_vars or []) < periods:
        raise NotConvertibleError(f"node {node.index} draws its {what}: simulate {periods} periods first")


def _disrupts(node: Any) -> bool:
    process = node.disruption_process
    return process is not None and process.random_process_type is not None


def _disruptions(node: Any, periods: int) -> Iterator[tuple[str, Data]]:
    if not _disrupts(node):
        return
    firm, kind = firm_of(node.index), node.disruption_process.disruption_type
    for start, end in _runs(_disrupted(node, periods)):
        rule: Data = {
            "kind": "disruption",
            "title": f"{kind} at {firm}",
            "pauses": PAUSES[kind],
            "date": start,
            "end": end,
            "lanes": {"buyers": [firm]},
        }
        if kind == "OP":
            rule["stock_points"] = {"firms": [firm]}
        yield f"{firm}-{kind.lower()}-{start}", rule


def _disrupted(node: Any, periods: int) -> list[bool]:
    process = node.disruption_process
    if process.random_process_type == "M":
        _insist_on_a_simulation(node, periods, "disruptions")
        return [bool(node.state_vars[period].disrupted) for period in range(periods)]
    states = process.disruption_state_list
    given = list(states) if np.iterable(states) else [states]
    return [bool(given[period % len(given)]) for period in range(periods)]


def _runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """First day, and first day on which it no longer holds, of each run of True."""
    changes = np.flatnonzero(np.diff([False, *flags, False])).tolist()
    yield from zip(changes[::2], changes[1::2], strict=True)


# --- states of stockpyl ----------------------------------------------------------------------------------


def states_of(stockpyl_network: Any, periods: int) -> States:
    """What stockpyl's last simulation of the network says, period by period.

    ``shipped`` is what leaves the stock, also where it is set aside and sent later. Costs are those of the
    whole network, as suppliers pay for goods in transit there and buyers here; goods that wait at the dock
    count as in transit.
    """
    states: States = {}
    for stage in stages(stockpyl_network):
        states |= _states_of_stage(stage, periods)
    for node in stockpyl_network.nodes:
        for (supplier, material), name in _pairs(stockpyl_network, node).items():
            states |= _states_of_supply(node.state_vars[:periods], name, supplier, material)
    everyone = {stage.node.index: stage.node for stage in stages(stockpyl_network)}.values()
    for cost in ("holding", "stockout", "in_transit_holding"):
        states[NETWORK, cost] = np.sum(
            [_spent(node, f"{cost}_cost_incurred", periods) for node in everyone], axis=0
        )
    at_dock = sum(_cost_at_dock(node, periods) for node in everyone)
    states[NETWORK, "holding"] -= at_dock
    states[NETWORK, "in_transit_holding"] += at_dock
    return states


def _each(history: Sequence[Any], read: Callable[[Any], float]) -> Floats:
    return np.array([float(read(now)) for now in history])


def _spent(node: Any, cost: str, periods: int) -> Floats:
    return _each(node.state_vars[:periods], lambda now: getattr(now, cost))


def _states_of_stage(stage: Stage, periods: int) -> States:
    name, product, history = stage.name, stage.product, stage.node.state_vars[:periods]
    aside = _each(history, lambda now: _over(now.outbound_disrupted_items, product))
    sent = _each(history, lambda now: _over(now.outbound_shipment, product))
    states = {
        (name, "on_hand"): _each(history, lambda now: max(0.0, now.inventory_level[product])),
        (name, "backorders"): _each(history, lambda now: max(0.0, -now.inventory_level[product])),
        (name, "ordered"): _each(history, lambda now: now.order_quantity_fg[product]),
        (name, "set_aside"): aside,
        (name, "shipped"): sent + np.diff(aside, prepend=0.0),
    }
    if stage.has_customers:
        states[name, "customers"] = _each(history, lambda now: now.backorders_by_successor[None][product])
    return states


def _states_of_supply(history: Sequence[Any], name: str, supplier: int | None, material: int) -> States:
    return {
        (name, "ordered"): _each(history, lambda now: now.order_quantity[supplier][material]),
        (name, "in_transit"): _each(
            history, lambda now: sum(now.inbound_shipment_pipeline[supplier][material])
        ),
        (name, "received"): _each(history, lambda now: now.inbound_shipment[supplier][material]),
        (name, "at_dock"): _each(history, lambda now: now.inbound_disrupted_items[supplier][material]),
        (name, "raw_material"): _each(history, lambda now: now.raw_material_inventory[material]),
    }


def _cost_at_dock(node: Any, periods: int) -> Floats:
    """What stockpyl charges goods at the dock, as if they were the buyer's raw material."""
    cost = np.zeros(periods)
    for product in node.product_indices:
        for material in node.raw_materials_by_product(product, return_indices=True, network_BOM=True):
            suppliers = node.raw_material_suppliers_by_raw_material(material, network_BOM=True)
            for supplier in [known for known in suppliers if known is not None][:1]:
                rate = supplier.get_attribute("local_holding_cost", material) or 0.0
                waiting = [now.inbound_disrupted_items[supplier.index][material] for now in node.state_vars]
                cost += rate * np.array(waiting[:periods])
    return cost


def _over(by_successor: dict[int | None, dict[int, float]], product: int) -> float:
    return sum(of_successor[product] for of_successor in by_successor.values())


def _pairs(stockpyl_network: Any, node: Any) -> dict[tuple[int | None, int], str]:
    """The (supplier, raw material) pairs over which a node buys."""
    feeds = [feed for stage in stages(stockpyl_network) if stage.node is node for feed in stage.feeds]
    return {(feed.supplier, feed.material): f"{firm_of(node.index)} from {feed.source}" for feed in feeds}


# --- states of this project ------------------------------------------------------------------------------


def told_states(stockpyl_network: Any, run: Told) -> States:
    """The same states of a simulated scenario of the network."""
    known = stages(stockpyl_network)
    feeds = [(stage, feed) for stage in known for feed in stage.feeds]
    states: States = {}
    for stage in known:
        states |= _told_of_stage(run, stage, [feed.lane for _, feed in feeds if feed.source == stage.name])
    for node in stockpyl_network.nodes:
        for pair, name in _pairs(stockpyl_network, node).items():
            over = [
                (stage, feed)
                for stage, feed in feeds
                if stage.node is node and (feed.supplier, feed.material) == pair
            ]
            lanes = [feed.lane for _, feed in over]
            states |= _told_of_supply(
                run, name, lanes, [feed.buyer for stage, feed in over if not stage.bought]
            )
    spent = costs(run.plan, run.path)
    states[NETWORK, "holding"] = spent.holding.sum(axis=1)
    states[NETWORK, "stockout"] = spent.backorder.sum(axis=1)
    states[NETWORK, "in_transit_holding"] = spent.in_transit.sum(axis=1)
    return states


def _told_of_stage(run: Told, stage: Stage, lanes: list[str]) -> States:
    """Lanes are those that leave the stage."""
    name, streams = stage.name, [f"customers-of-{stage.name}"] if stage.has_customers else []
    waiting = _sum(run, [run.stream(stream, "backlog") for stream in streams])
    states = {
        (name, "on_hand"): run.point(name, "on_hand"),
        (name, "backorders"): waiting + _over_lanes(run, lanes, "backlog"),
        (name, "ordered"): run.point(name, "ordered"),
        (name, "set_aside"): _over_lanes(run, lanes, "set_aside"),
        (name, "shipped"): _over_lanes(run, lanes, "shipped")
        + _sum(run, [run.stream(stream, "shipped") for stream in streams]),
    }
    if stage.has_customers:
        states[name, "customers"] = waiting
    return states


def _told_of_supply(run: Told, name: str, lanes: list[str], materials: list[str]) -> States:
    held_up = _over_lanes(run, lanes, "set_aside") + _over_lanes(run, lanes, "at_dock")
    return {
        (name, "ordered"): _over_lanes(run, lanes, "ordered"),
        (name, "in_transit"): _over_lanes(run, lanes, "in_transit") - held_up,
        (name, "received"): _over_lanes(run, lanes, "delivered"),
        (name, "at_dock"): _over_lanes(run, lanes, "at_dock"),
        (name, "raw_material"): _sum(run, [run.point(material, "on_hand") for material in materials]),
    }


def _over_lanes(run: Told, lanes: list[str], field: str) -> Floats:
    return _sum(run, [run.lane(lane, field) for lane in lanes])


def _sum(run: Told, parts: list[Floats]) -> Floats:
    return np.sum(parts, axis=0) if parts else np.zeros(run.plan.days)
