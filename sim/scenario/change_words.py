"""What a step from one scenario to another changes, in words: what was there, and what is there now."""

from typing import Any, NamedTuple

from pydantic import TypeAdapter

from sim.scenario.assumptions import text_of
from sim.scenario.changes import ABSENT, Change, Path, differing
from sim.scenario.load import resolved
from sim.scenario.quantities import AnyQuantity
from sim.scenario.schema import Scenario

MOST_TOLD = 3
"""Settings of a step that are told; of more, their number."""

_QUANTITY: TypeAdapter[AnyQuantity] = TypeAdapter(AnyQuantity)


def told(step: Change, one: Scenario, other: Scenario) -> str:
    """The settings of a step as old → new, such as ``date: 2019-10-09 → 2020-04-09``.

    Parameters
    ----------
    step
        One of :func:`sim.scenario.changes.changes`.
    one, other
        The scenarios between which it lies.
    """
    before, after = resolved(one), resolved(other)
    places = list(dict.fromkeys(_place(path, before, after) for path, _ in step.settings))
    texts = [_told(place, _label(place, places), before, after) for place in places[:MOST_TOLD]]
    more = [f"and {len(places) - MOST_TOLD} more"] if len(places) > MOST_TOLD else []
    return "; ".join([*texts, *more])


class Told(NamedTuple):
    """A setting that differs between two scenarios: its path, what it was and what it is, as texts."""

    path: str
    old: str
    new: str

    @property
    def words(self) -> str:
        """In one line."""
        return f"{self.path}: {self.old} → {self.new}"


def settings_told(one: Scenario, other: Scenario) -> list[Told]:
    """Every setting that differs, with what was there and what is there now.

    Parameters
    ----------
    one, other
        Scenarios.
    """
    before, after = resolved(one), resolved(other)
    places = dict.fromkeys(_place(path, before, after) for path in differing(one, other))
    return [
        Told(".".join(place), *(_in_short(tree, other_tree, place) for tree, other_tree in pairs))
        for place in places
        for pairs in [((before, after), (after, before))]
    ]


def _in_short(tree: Any, other: Any, place: Path) -> str:
    """What stands at a place; of an object that only one of both has, whether it is there."""
    node, beside = _node(tree, place), _node(other, place)
    of_object = any(isinstance(one, dict) and not _is_quantity(one) for one in (node, beside))
    if of_object and ABSENT in (node, beside):
        return "not there" if node is ABSENT else "there"
    return _text(node, place)


def _place(path: Path, before: Any, after: Any) -> Path:
    """Where a setting is told: at the quantity that it belongs to, or at the object that comes or goes."""
    for length in range(1, len(path)):
        nodes = [_node(tree, path[:length]) for tree in (before, after)]
        if any(_is_quantity(node) or node is ABSENT for node in nodes):
            return path[:length]
    return path


def _node(tree: Any, path: Path) -> Any:
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return ABSENT
        tree = tree[key]
    return tree


def _is_quantity(node: Any) -> bool:
    return isinstance(node, dict) and ("dist" in node or set(node) - _DOCUMENTED == {"value"})


_DOCUMENTED = {"source", "note", "confidence"}


def _label(place: Path, places: list[Path]) -> str:
    """The part of a path that the name of the step does not say."""
    if len({other[:2] for other in places}) == 1:
        return ".".join(place[2:])
    if len({(other[0], *other[2:]) for other in places}) == 1:
        return place[1]
    return ".".join(place)


def _told(place: Path, label: str, before: Any, after: Any) -> str:
    old, new = _node(before, place), _node(after, place)
    if old is ABSENT and isinstance(new, dict) and not _is_quantity(new):
        change = "added"
    elif new is ABSENT and isinstance(old, dict) and not _is_quantity(old):
        change = "removed"
    else:
        change = f"{_text(old, place)} → {_text(new, place)}"
    return f"{label}: {change}" if label else change


def _text(node: Any, place: Path) -> str:
    if node is ABSENT:
        return "not set"
    if _is_quantity(node):
        return text_of(_QUANTITY.validate_python(node)) + (" days" if place[-1].endswith("_days") else "")
    if isinstance(node, bool):
        return "yes" if node else "no"
    if isinstance(node, dict):
        return ", ".join(f"{key} {_text(value, (*place, key))}" for key, value in node.items())
    if isinstance(node, list):
        return ", ".join(_text(value, place) for value in node) or "none"
    return f"{node:.15g}" if isinstance(node, float) else str(node)
