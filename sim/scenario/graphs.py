"""Graphs as scenarios and back: nodes are firms or stock points, edges are lanes, recipes and demand.

A graph that :func:`to_graph` makes says all of the network. Any other says who supplies whom: each node is a
firm with one product, which it makes of what its edges bring. What it does not say is assumed, and marked so.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.errors import Place
from sim.scenario.cells import cell_of, yaml_cell
from sim.scenario.columns import Known, known
from sim.scenario.counting import counted
from sim.scenario.countries import is_country
from sim.scenario.erp.mapping import Assumptions
from sim.scenario.erp.network import Ids
from sim.scenario.rows import column_of, put
from sim.scenario.sheets import tables_of
from sim.scenario.source import SourceNode, refuse
from sim.scenario.tables import Cells

if TYPE_CHECKING:
    import networkx as nx

KIND, ENTRY = "kind", "entry"
"""Attributes that say what a node or edge is, and of which id, where that is not the node's own."""
POINT, MARKET, LANE, SUBSTITUTE, RECIPE, DEMAND = (
    "stock_point", "market", "lane", "substitute", "recipe", "demand",
)  # fmt: skip
COLLECTION_OF = {LANE: "lanes", SUBSTITUTE: "substitutes", DEMAND: "demand"}
ENDS = {LANE: ("supplier", "buyer"), SUBSTITUTE: ("supplier", "buyer"), DEMAND: (POINT, MARKET)}
NOWHERE_KNOWN = "XA"
"""Country of a firm whose country no attribute tells: an invented one."""
CUSTOMERS = "customers"
OF_NODES = (
    "name",
    "country",
    "unit",
    "price",
    "cover_days",
    "process_days",
    "capacity_per_day",
    "demand_per_day",
)
OF_EDGES = ("units", "price", "lead_time_days")
"""Attributes that are read of a graph that says who supplies whom."""
Attributes = Mapping[str, Any]
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OfGraph:
    """The data of a scenario that a graph tells, and what was assumed or left out."""

    data: Data
    notes: list[str]


# ---------------------------------------------------------------------- scenario to graph


def to_graph(data: Data) -> "nx.MultiDiGraph[str]":
    """The network of a scenario: stock points and markets, and the lanes, recipes and demand between them.

    Parameters
    ----------
    data
        A scenario as plain data.

    Returns
    -------
    networkx.MultiDiGraph
        Attributes of nodes and edges are columns as in tables, such as ``policy.cover_days``; those of the
        firm and item of a stock point begin with ``firm.`` and ``item.``. Interventions are no part of it.
    """
    import networkx as nx

    entries = {sheet.name: _entries(sheet.headings, sheet.rows) for sheet in tables_of(data)}
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.graph.update({name: str(data[name]) for name in ("name", "title", "currency")})
    for name, point in entries["stock_points"].items():
        firm = _prefixed("firm", entries["firms"][point["firm"]])
        item = _prefixed("item", entries["items"][point["item"]])
        graph.add_node(name, **{KIND: POINT}, **point, **firm, **item)
    for name, market in entries.get("markets", {}).items():
        graph.add_node(_market_node(name), **{KIND: MARKET, ENTRY: name}, **market)
    for kind, collection in COLLECTION_OF.items():
        for name, entry in entries.get(collection, {}).items():
            start, end = (entry.pop(field) for field in ENDS[kind])
            to = _market_node(end) if kind == DEMAND else end
            graph.add_edge(start, to, key=f"{kind}:{name}", **{KIND: kind, ENTRY: name}, **entry)
    for name, recipe in data.get("recipes", {}).items():
        said = {
            key: value for key, value in entries["recipes"][name].items() if key not in ("inputs", "output")
        }
        for source, units in recipe["inputs"].items():
            amount = yaml_cell(units) if isinstance(units, dict) else cell_of(units)
            of = {KIND: RECIPE, ENTRY: name, "units": amount}
            graph.add_edge(source, recipe["output"], key=f"recipe:{name}:{source}", **of, **said)
    return graph


def _entries(headings: list[str], rows: list[list[Any]]) -> dict[str, Data]:
    """The cells of each entry by heading, without empty ones."""
    return {
        str(row[0]): {
            heading: cell.isoformat() if isinstance(cell, dt.date) else cell
            for heading, cell in zip(headings[1:], row[1:], strict=True)
            if cell is not None
        }
        for row in rows
    }


def _prefixed(prefix: str, entry: Data) -> Data:
    return {f"{prefix}.{name}": value for name, value in entry.items()}


def _market_node(name: str) -> str:
    return f"market:{name}"


# ---------------------------------------------------------------------- graph to scenario


def of_graph(
    graph: "nx.Graph[Any]", name: str, file: str = "graph", assumptions: Assumptions | None = None
) -> OfGraph:
    """The scenario that a graph tells.

    Parameters
    ----------
    graph
        A directed graph. With stock points as nodes (their ``kind`` says so) as :func:`to_graph` makes it;
        else each node is a firm and each edge leads from a supplier to a buyer.
    name
        Id of the scenario.
    file
        What messages call the graph.
    assumptions
        What holds where no attribute says it.

    Raises
    ------
    ScenarioError
        If the graph is not directed or empty, or an attribute holds what no field can.
    """
    here = Place(file, 0)
    if not graph.is_directed():
        refuse("the graph is not directed, allowed: edges from suppliers to buyers", here)
    if not graph.number_of_nodes():
        refuse("the graph has no nodes", here)
    top: Data = {
        "chokepoint": 1,
        "name": Ids().of(str(graph.graph.get("name") or name)),
        "title": str(graph.graph.get("title") or f"What {name} tells"),
        "currency": str(graph.graph.get("currency") or "EUR"),
        "calendar": {"start": "2027-01-01", "days": 730},
    }
    points = [node for node, said in graph.nodes(data=True) if said.get(KIND) == POINT]
    read = _points_of(graph, here) if points else _Firms(graph, here, assumptions or Assumptions()).read()
    return OfGraph({**top, **read.data}, ["calendar: 730 days from 2027-01-01", *read.notes])


def _points_of(graph: "nx.Graph[Any]", here: Place) -> OfGraph:
    """A graph whose nodes are stock points and markets."""
    reading = _Columns(here)
    data: dict[str, Data] = {name: {} for name in ("firms", "items", "markets", "stock_points")}
    for node, said in graph.nodes(data=True):
        own = {key: value for key, value in said.items() if key not in (KIND, ENTRY)}
        if said.get(KIND) == MARKET:
            data["markets"][str(said.get(ENTRY, node))] = reading.entry("markets", node, own)
            continue
        for part, collection in (("firm", "firms"), ("item", "items")):
            inside = {key[len(part) + 1 :]: value for key, value in own.items() if key.startswith(f"{part}.")}
            data[collection][str(own.get(part))] = reading.entry(collection, node, inside)
        point = {key: value for key, value in own.items() if not key.startswith(("firm.", "item."))}
        data["stock_points"][str(node)] = reading.entry("stock_points", node, point)
    for start, end, said in graph.edges(data=True):
        _add_edge(data, reading, (start, end), said, graph.nodes[end])
    return OfGraph(data, reading.notes())


def _add_edge(
    data: dict[str, Data], reading: "_Columns", ends: tuple[Any, Any], said: Attributes, end: Attributes
) -> None:
    kind, name = str(said.get(KIND, LANE)), str(said.get(ENTRY, f"{ends[0]}-{ends[1]}"))
    own = {key: value for key, value in said.items() if key not in (KIND, ENTRY, "id", "units")}
    if kind == RECIPE:
        recipe = data.setdefault("recipes", {}).setdefault(
            name, {"output": str(ends[1]), "inputs": {}, **reading.entry("recipes", name, own)}
        )
        units = Cells(is_text=False).value(said.get("units", 1.0), reading.here)
        recipe["inputs"][str(ends[0])] = SourceNode(units, reading.here).plain
    elif kind in COLLECTION_OF:
        to = str(end.get(ENTRY, ends[1])) if kind == DEMAND else str(ends[1])
        fields = dict(zip(ENDS[kind], (str(ends[0]), to), strict=True))
        collection = data.setdefault(COLLECTION_OF[kind], {})
        collection[name] = {**fields, **reading.entry(COLLECTION_OF[kind], name, own)}
    else:
        allowed = ", ".join((*COLLECTION_OF, RECIPE))
        refuse(f"the edge {name[:60]} is a {kind[:60]!r}, allowed: {allowed}", reading.here)


@dataclass(slots=True)
class _Columns:
    """Attributes as fields of entries; those that are none are counted."""

    here: Place
    unread: dict[str, int] = field(default_factory=dict)

    def entry(self, collection: str, name: object, said: Attributes) -> Data:
        """The fields that attributes fill."""
        entry: dict[str, SourceNode] = {}
        place = Place(self.here.file, 0, cell=f"{str(name)[:60]}")
        for heading, value in said.items():
            what = known(collection, tuple(heading.split(".")))
            if isinstance(what, Known):
                held = Cells(what.is_text).value(value, place)
                if held is not None:
                    put(entry, column_of(heading, place), held, place)
            else:
                self.unread[heading] = self.unread.get(heading, 0) + 1
        return {key: node.plain for key, node in entry.items()}

    def notes(self) -> list[str]:
        """What was not read."""
        return [f"not read: {heading[:60]}, of {count:,}" for heading, count in self.unread.items()]


@dataclass(slots=True)
class _Firms:
    """A graph that says who supplies whom."""

    graph: "nx.Graph[Any]"
    here: Place
    assumed: Assumptions
    ids: Ids = field(default_factory=Ids)
    missing: dict[str, int] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    doubled: int = 0

    def read(self) -> OfGraph:
        """All collections, and what was assumed."""
        left_out = self._edges_of_circles()
        for node in self.graph:
            self._id(node)
        data: dict[str, Data] = {
            name: {} for name in ("firms", "items", "stock_points", "lanes", "recipes", "demand")
        }
        data["markets"] = {CUSTOMERS: {"name": "Customers", "country": NOWHERE_KNOWN}}
        inputs: dict[Any, dict[Any, Attributes]] = {node: {} for node in self.graph}
        sells: set[Any] = set()
        for start, end, said in self.graph.edges(data=True):
            if (start, end) not in left_out:
                self.doubled += start in inputs[end]
                inputs[end].setdefault(start, said)
                sells.add(start)
        for node, said in self.graph.nodes(data=True):
            self._add_firm(data, node, said, list(inputs[node].items()), is_last=node not in sells)
        return OfGraph(data, self._notes(len(left_out)))

    def _edges_of_circles(self) -> set[tuple[Any, Any]]:
        """Edges that lead back on the way of a search from the first nodes, and from a node to itself."""
        import networkx as nx

        order: dict[Any, int] = {}
        done: dict[Any, int] = {}
        for _, end, what in nx.dfs_labeled_edges(self.graph):
            if what == "forward":
                order.setdefault(end, len(order))
            elif what == "reverse":
                done.setdefault(end, len(done))
        return {
            (start, end)
            for start, end in self.graph.edges()
            if start == end or (order[end] <= order[start] and done[end] >= done[start])
        }

    def _add_firm(
        self,
        data: dict[str, Data],
        node: Any,
        said: Attributes,
        inputs: list[tuple[Any, Attributes]],
        *,
        is_last: bool,
    ) -> None:
        firm, name = self._id(node), str(said.get("name") or said.get("label") or node)
        data["firms"][firm] = {"name": name, "country": self._country(said)}
        data["items"][firm] = {
            "name": f"Product of {name}", "unit": str(said.get("unit", "units")), "kind": "product",
        }  # fmt: skip
        point: Data = {"firm": firm, "item": firm}
        if (capacity := self._given(said, "capacity_per_day")) is not None:
            point["capacity_per_day"] = capacity
        if inputs:
            cover = self._number(said, "cover_days", self.assumed.cover_days_of_products)
            point["policy"] = {"kind": "base_stock", "cover_days": cover}
            data["recipes"][firm] = self._recipe(data, firm, said, inputs)
        data["stock_points"][firm] = point
        if is_last or said.get("demand_per_day"):
            data["demand"][firm] = {
                "stock_point": firm,
                "market": CUSTOMERS,
                "mean_per_day": self._number(said, "demand_per_day", self.assumed.demand_per_day),
                "price": self._number(said, "price", self.assumed.price * self.assumed.price_over_cost),
            }
        self._count_unread(said, OF_NODES, "label")

    def _recipe(
        self, data: dict[str, Data], firm: str, said: Attributes, inputs: list[tuple[Any, Attributes]]
    ) -> Data:
        """What a firm makes its product of; each supplier's product has a stock and a lane."""
        units: Data = {}
        for supplier, edge in inputs:
            sold = self._id(supplier)
            bought = self.ids.of(f"{firm}\n{sold}")
            cover = self._number({}, "cover_days", self.assumed.cover_days)
            data["stock_points"][bought] = {
                "firm": firm,
                "item": sold,
                "policy": {
                    "kind": "base_stock",
                    "cover_days": cover,
                },
            }
            price = self.graph.nodes[supplier].get("price", self.assumed.price)
            data["lanes"][bought] = {
                "supplier": sold,
                "buyer": bought,
                "lead_time_days": self._number(edge, "lead_time_days", self.assumed.lead_time_days),
                "price": self._number(edge, "price", price),
            }
            units[bought] = self._number(edge, "units", 1.0)
            self._count_unread(edge, OF_EDGES, "id")
        process = self._number(said, "process_days", self.assumed.process_days)
        return {"output": firm, "inputs": units, "process_days": process}

    def _id(self, node: Any) -> str:
        return self.ids.of(str(node))

    def _country(self, said: Attributes) -> str:
        code = said.get("country")
        if isinstance(code, str) and is_country(code):
            return code
        self.missing["country"] = self.missing.get("country", 0) + 1
        return NOWHERE_KNOWN

    def _given(self, said: Attributes, name: str) -> Any:
        value = said.get(name)
        return None if value is None else Cells(is_text=False).value(value, self.here)

    def _number(self, said: Attributes, name: str, otherwise: float) -> Any:
        """What an attribute says, or an assumption."""
        value = self._given(said, name)
        if value is not None:
            return SourceNode(value, self.here).plain
        self.missing[name] = self.missing.get(name, 0) + 1
        return {"value": otherwise, "source": "assumption", "confidence": "low"}

    def _count_unread(self, said: Attributes, read: tuple[str, ...], *others: str) -> None:
        for name in said:
            if name not in read and name not in others:
                self.unread[str(name)] = self.unread.get(str(name), 0) + 1

    def _notes(self, circles: int) -> list[str]:
        assumed = [f"assumed: {name}, {counted(count, 'time')}" for name, count in self.missing.items()]
        left = [f"left out: {counted(circles, 'edge')} that close circles of supply"] if circles else []
        if self.doubled:
            left.append(f"left out: {counted(self.doubled, 'edge')} beside another between the same firms")
        unread = [f"not read: {name[:60]}, {counted(count, 'time')}" for name, count in self.unread.items()]
        return [*left, *assumed, *unread]
