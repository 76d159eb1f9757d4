"""GraphML files, which come from anybody: what swells or leads elsewhere is refused before it is parsed."""

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Place
from sim.scenario.source import read_plain, refuse

if TYPE_CHECKING:
    import networkx as nx

GRAPHML = ".graphml"
MOST_BYTES = 100_000_000
MOST_TAGS = 4_000_000
_NO_GRAPH = (ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError)
"""What parsing raises where a file is not what its name says; of XML, a ``SyntaxError``."""
_MARKUP = ("<!DOCTYPE", "<!ENTITY")


def read_graph(path: Path) -> "nx.Graph[Any]":
    """The graph of a GraphML file.

    Raises
    ------
    ScenarioError
        If the file cannot be read, holds a document type or too much, or is no GraphML.
    """
    import networkx as nx

    place = Place(str(path), 0)
    text = read_plain(path, place, MOST_BYTES)
    if any(mark in text for mark in _MARKUP):
        refuse("it holds a document type or an entity, which no graph needs", place)
    if text.count("<") > MOST_TAGS:
        refuse(f"it holds more than {MOST_TAGS:,} pieces of markup, which no graph needs", place)
    try:
        with warnings.catch_warnings():  # networkx guesses types of undeclared attributes, and says so.
            warnings.simplefilter("ignore")
            return nx.read_graphml(io.BytesIO(text.encode()))
    except (*_NO_GRAPH, nx.NetworkXException) as error:
        refuse(f"it is no GraphML that can be read: {str(error)[:200] or type(error).__name__}", place)


def graphml_of(graph: "nx.Graph[Any]") -> bytes:
    """A graph as the bytes of a GraphML file."""
    import networkx as nx

    sink = io.BytesIO()
    nx.write_graphml_xml(graph, sink)
    return sink.getvalue()
