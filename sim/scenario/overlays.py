"""Files whose settings are laid over any scenario: what happened beside, such as an epidemic."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.scenario.load import NOWHERE, tree_of, tree_written, validated, written
from sim.scenario.merge import merge, worked_out
from sim.scenario.schema import Scenario
from sim.scenario.source import SourceNode, read_file

OF_A_SCENARIO = frozenset(
    (
        "extends",
        "chokepoint",
        "name",
        "title",
        "description",
        "question",
        "claim",
        "calendar",
        "observations",
        "decision",
        "levers",
        "mitigation",
    )
)
"""What a file says of itself as a scenario, which is not laid over others."""

NOT_OF_ITS_DAYS = ("observations", "decision", "stress", "levers", "mitigation")
"""What is left out where only some of a scenario's days are simulated: it has days of its own."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a file says itself, without what it extends, to be laid over other scenarios."""

    name: str
    title: str
    tree: SourceNode

    @property
    def plain(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {"name": self.name, "title": self.title, "laid_over": self.tree.plain}


def read_overlay(path: str | Path) -> Overlay:
    """Read a scenario file whose own settings are to be laid over other scenarios.

    Raises
    ------
    ScenarioError
        If it cannot be read.
    """
    file = Path(path)
    root = read_file(file).root
    entries = root.value if isinstance(root.value, dict) else {}
    name, title = (str(entries[key].value) if key in entries else file.stem for key in ("name", "title"))
    own = {key: node for key, node in entries.items() if key not in OF_A_SCENARIO}
    return Overlay(name, title, replace(root, value=own))


def overlay_of(data: dict[str, Any]) -> Overlay:
    """The overlay of :attr:`Overlay.plain`."""
    return Overlay(data["name"], data["title"], tree_of(data["laid_over"], NOWHERE))


def laid_over(scenario: Scenario, *above: SourceNode | dict[str, Any]) -> Scenario:
    """A scenario with trees or plain data laid over it, the last on top.

    Raises
    ------
    ScenarioError
        If the result cannot be used.
    """
    tree = tree_written(written(scenario))
    for layer in above:
        tree = merge(tree, tree_of(layer, NOWHERE) if isinstance(layer, dict) else layer)
    return validated(worked_out(tree)).scenario
