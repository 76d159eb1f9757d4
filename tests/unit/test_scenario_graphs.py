"""Graphs as scenarios and back: NetworkX and GraphML."""

from pathlib import Path

import networkx as nx
import pytest

import sim
from sim.errors import ScenarioError
from sim.scenario.graphml import graphml_of, read_graph
from sim.scenario.graphs import of_graph, to_graph
from sim.scenario.load import load_scenario, resolved, validated
from sim.scenario.load import tree_written as tree
from sim.scenario.merge import read_scenario
from sim.stories import files
from tests.unit.test_workbooks import LIBRARY

NETWORK = ("firms", "items", "markets", "stock_points", "recipes", "lanes", "substitutes", "demand")


def network_of(data):
    """The collections that a graph tells, of firms and items those that hold something."""
    points = data["stock_points"].values()
    used = {"firms": {point["firm"] for point in points}, "items": {point["item"] for point in points}}
    return {
        name: {key: data[name][key] for key in sorted(data[name]) if key in used.get(name, data[name])}
        for name in NETWORK
    }


@pytest.mark.parametrize("file", LIBRARY)
def test_the_network_is_the_same_in_graphml(tmp_path, file):
    data = read_scenario(file).plain
    (tmp_path / "network.graphml").write_bytes(graphml_of(to_graph(data)))
    found = of_graph(read_graph(tmp_path / "network.graphml"), "network").data
    alone = {key: value for key, value in found.items() if key in NETWORK}
    whole = {**data, **alone, "firms": data["firms"], "items": data["items"], "markets": data["markets"]}
    expected = resolved(validated(tree(data)).scenario)
    assert network_of(resolved(validated(tree(whole)).scenario)) == network_of(expected)
    assert found["firms"].items() <= data["firms"].items()


def supply() -> "nx.DiGraph[str]":
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("Mine & Co", country="CL", x=3.5)
    graph.add_node("mill", name="1984", price=7, demand_per_day=3)
    graph.add_edge("Mine & Co", "mill", units=2.0, lead_time_days=9)
    graph.add_edge("mill", "shop", price="{dist: uniform, low: 1, high: 2}")
    graph.add_edge("shop", "mill")
    graph.add_edge("shop", "shop")
    return graph


def test_a_graph_of_firms_is_a_scenario():
    scenario = sim.from_networkx(supply(), settings={"calendar.days": 60}).definition
    assert {name: firm.country for name, firm in scenario.firms.items()} == {
        "mine-co": "CL",
        "mill": "XA",
        "shop": "XA",
    }
    assert scenario.firms["mill"].name == "1984"
    assert [*scenario.lanes] == ["mill-mine-co", "shop-mill"]
    lane, other = scenario.lanes.values()
    assert (lane.supplier, lane.lead_time_days.mean, lane.price.mean) == ("mine-co", 9, 1)
    assert (other.price.support, other.lead_time_days.source) == ((1, 2), "assumption")
    assert scenario.recipes["mill"].inputs["mill-mine-co"].mean == 2
    assert [*scenario.demand] == ["mill", "shop"]
    assert scenario.calendar.days == 60


def test_what_is_assumed_or_left_out_is_told():
    notes = of_graph(supply(), "supply").notes
    assert "left out: 2 edges that close circles of supply" in notes
    assert "assumed: lead_time_days, 1 time" in notes
    assert "not read: x, 1 time" in notes


def test_a_scenario_gives_its_graph_and_is_read_from_it():
    graph = sim.load("scenarios/first-scenario.yaml").to_networkx()
    assert sim.from_networkx(graph).makers == ("velo",)


def test_the_commands_write_and_read_it(tmp_path):
    files.export("scenarios/first-scenario.yaml", tmp_path / "first.graphml")
    written = files.import_graph(tmp_path / "first.graphml", tmp_path / "again.yaml")
    assert (
        load_scenario(written.file).stock_points
        == load_scenario("scenarios/first-scenario.yaml").stock_points
    )


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
PRICED = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="k" for="node" attr.name="price" attr.type="{}"/>
<graph edgedefault="directed"><node id="a"><data key="k">dear</data></node></graph></graphml>"""
OPEN = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'{BOMB}{OPEN}<graph edgedefault="directed"><node id="&b;"/></graph></graphml>', "a document type"),
        (f"{OPEN}<graph>", "it is no GraphML that can be read"),
        ("no markup", "it is no GraphML that can be read"),
        (f"{OPEN}</graphml>", "it is no GraphML that can be read"),
        (f'{OPEN}<graph edgedefault="undirected"><node id="a"/></graph></graphml>', "is not directed"),
        (f'{OPEN}<graph edgedefault="directed"></graph></graphml>', "the graph has no nodes"),
        (PRICED.format("double"), "it is no GraphML that can be read"),
        (PRICED.format("string"), "demand.a.price: found 'dear'"),
    ],
)  # fmt: skip
def test_what_is_no_graph_of_a_network_is_refused(tmp_path: Path, text, told):
    (tmp_path / "bad.graphml").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        files.import_graph(tmp_path / "bad.graphml", tmp_path / "bad.yaml")
    assert told in str(caught.value)
    assert "bad.graphml" in str(caught.value)
    assert not (tmp_path / "bad.yaml").exists()
