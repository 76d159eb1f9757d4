"""What pydantic found, in our words: where in the scenario, what was found, what is allowed."""

import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from pydantic import BaseModel, ValidationError

from sim.errors import Place
from sim.scenario.covers import COVERS
from sim.scenario.fields import SHOWS
from sim.scenario.findings import LONGEST_SHOWN, Finding
from sim.scenario.shapes import (
    SCENARIO,
    Choice,
    Leaf,
    Listing,
    Mapping,
    Record,
    Shape,
    chosen,
    fields_of,
    name_of,
    nearest,
)
from sim.scenario.source import SourceNode
from sim.scenario.typed import SAY_NOTES, say_structure_in_cell, say_text_in_cell

_ID_RULE = (
    "lower-case letters and digits in words joined by '-' or '_', beginning with a letter, "
    "up to 80 characters, such as line-2"
)
_WRONG_KIND = {
    "string_type": "a text (quote it if it is one)",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "finite_number": "a finite number",
    "dict_type": "a mapping",
    "list_type": "a list",
}
_OF_NUMBERS = {"date", "duration", "float_type", "int_type", "int_from_float", "quantity_type"}
"""Kinds of errors where a number or a date belongs."""
_OF_STRUCTURES = {"bool_type", "dict_type", "list_type"}
_BOUNDS = {
    "greater_than_equal": ("ge", "{bound:g} or more"),
    "greater_than": ("gt", "more than {bound:g}"),
    "less_than_equal": ("le", "up to {bound:g}"),
    "less_than": ("lt", "less than {bound:g}"),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of the tree: its path, what stands there, and what the schema wants there."""

    path: tuple[str, ...]
    node: SourceNode
    shape: Shape

    @property
    def place(self) -> Place:
        """Where a message about it points."""
        return self.node.shown_at

    def find(self, says: str | Callable[[], str], place: Place | None = None) -> Finding:
        """A finding about this spot."""
        return Finding(self.path, says, place or self.place)


def findings_of(error: ValidationError, tree: SourceNode, whole: Shape = SCENARIO) -> list[Finding]:
    """One finding for each of pydantic's errors, with the place of the text at fault."""
    root = Spot((), tree, whole)
    return [_finding(details, root) for details in error.errors(include_url=False, include_input=False)]


def spot_at(tree: SourceNode, location: Sequence[Any]) -> Spot:
    """Follow a location of a scenario as far as the tree goes."""
    return _spot_below(Spot((), tree, SCENARIO), location)


def _spot_below(spot: Spot, location: Sequence[Any]) -> Spot:
    """Follow a location as far as the tree goes; pydantic's locations also hold the tags of unions."""
    for part in location:
        if isinstance(spot.shape, Choice):
            model = spot.shape.options.get(str(part)) or chosen(spot.shape, spot.node)
            if model is None:
                break
            is_tag = str(part) in spot.shape.options
            spot = Spot(spot.path, spot.node, Record(model))
            if is_tag:
                continue
        below = _below(spot, part)
        if below is None:
            break
        spot = below
    return spot


def _below(spot: Spot, part: Any) -> Spot | None:
    value, child = spot.node.value, None
    if isinstance(value, dict):
        child = value.get(str(part))
    elif isinstance(value, list) and str(part).isdecimal() and int(part) < len(value):
        child = value[int(part)]
    elif isinstance(value, list) and isinstance(spot.shape, Record) and part in fields_of(spot.shape.model):
        child = spot.node
    if child is None:
        return None
    path = (*spot.path, str(part))
    match spot.shape:
        case Record(model=model):
            return Spot(path, child, fields_of(model).get(str(part), Leaf()))
        case Mapping(value=shape) | Listing(item=shape):
            return Spot(path, child, shape)
        case Leaf() | Choice():
            return None
        case _:
            assert_never(spot.shape)


def show(value: Any) -> str:
    """A value as messages show it, shortened where it is long.

    Examples
    --------
    >>> show("segate"), show(True), show(None), show([1, 2]), show({})
    ("'segate'", 'true', 'nothing', 'a list', 'a mapping')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return {math.inf: ".inf", -math.inf: "-.inf"}.get(value, ".nan" if math.isnan(value) else repr(value))
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        return "a whole number beyond 1e308"
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _finding(details: Any, root: Spot) -> Finding:
    location, kind = details["loc"], details["type"]
    if kind == "extra_forbidden":
        return _unknown_field(root, location)
    if kind == "missing":
        return _missing_field(root, location)
    if location[-1:] == ("[key]",):
        spot = _spot_below(root, location[:-1])
        message = details["msg"] if kind == "country" else _say_no_id(str(location[-2]))
        return Finding(spot.path[:-1], message, spot.node.key_place)
    spot = _spot_below(root, location)
    if kind.startswith("union_tag"):
        return _wrong_tag(spot)
    if spot.node.value is None and spot.path:
        return spot.find(lambda: _message(kind, details, spot) + _removes_nothing(root, spot))
    return spot.find(lambda: _message(kind, details, spot) + _say_typed(kind, spot))


def _say_typed(kind: str, spot: Spot) -> str:
    """How a cell is to be filled that holds a number, a date, a list or a mapping, but not as one."""
    if not spot.node.place.cell or isinstance(spot.node.value, dict | list):
        return ""
    if kind in _OF_STRUCTURES and isinstance(spot.node.value, str):
        return say_structure_in_cell(kind, spot.node.value)
    if kind not in _OF_NUMBERS:
        return ""
    return say_text_in_cell(spot.node.value, of_date=kind == "date")


def _say_no_id(name: str) -> str:
    """What an id may look like, and the nearest one."""
    near = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    hint = f"; did you mean '{near}'?" if near[:1].isalpha() and len(near) <= LONGEST_SHOWN else ""
    return f"found {show(name)} as an id, allowed: {_ID_RULE}{hint}"


def _removes_nothing(root: Spot, spot: Spot) -> str:
    parent = _spot_below(root, spot.path[:-1]).node.value
    siblings = (
        [key for key, node in parent.items() if node is not spot.node] if isinstance(parent, dict) else []
    )
    return f"; null removes only what is inherited{nearest(spot.path[-1], siblings)}"


def _unknown_field(root: Spot, location: Sequence[Any]) -> Finding:
    name = str(location[-1])
    holder = _spot_below(root, location[:-1])
    node = _entries(holder).get(name)
    if node is not None and node.inherited and _has_own_kind(holder):
        return holder.find(lambda: _say_unknown(name, holder) + _say_inherited(name, node))
    place = node.key_place if node else None
    own = SAY_NOTES if place and place.cell else ""
    return holder.find(lambda: _say_unknown(name, holder) + _say_kind_elsewhere(holder, node) + own, place)


def _kind_of(spot: Spot) -> SourceNode | None:
    return _entries(spot).get("kind")


def _has_own_kind(spot: Spot) -> bool:
    kind = _kind_of(spot)
    return kind is not None and not kind.inherited


def _say_kind_elsewhere(holder: Spot, node: SourceNode | None) -> str:
    """Where the kind of an object stands, if it is in another file or on the command line."""
    tag = _kind_of(holder)
    if node is None or tag is None or tag.place.file == node.place.file:
        return ""
    return f"; its kind is from {tag.place}"


def _entries(spot: Spot) -> dict[str, SourceNode]:
    return spot.node.value if isinstance(spot.node.value, dict) else {}


def _say_inherited(name: str, node: SourceNode) -> str:
    return f"; {name} is inherited from {node.key_place or node.place}, '{name}: null' removes it"


def _say_unknown(name: str, holder: Spot) -> str:
    model = _model(holder)
    if model is None:
        return f"found {show(name)}, which is not a field here"
    allowed = list(fields_of(model))
    hint = nearest(name, allowed) or ";"
    told = f"found {show(name)}, which is not a field of {name_of(model)}{hint} allowed: {', '.join(allowed)}"
    return told + _say_other_choice(name, model)


def _say_other_choice(name: str, model: type[BaseModel]) -> str:
    """What a field chooses that belongs to another cover."""
    if model not in COVERS:
        return ""
    other = next((other for other in COVERS if name in other.model_fields), None)
    return f"; {name} is of {name_of(other)}, and this is {name_of(model)}" if other else ""


def _missing_field(root: Spot, location: Sequence[Any]) -> Finding:
    holder = _spot_below(root, location[:-1])
    model = _model(holder)
    needed_by = f"; {name_of(model)} needs it" if model else ""
    return Finding((*holder.path, str(location[-1])), f"missing{needed_by}", holder.node.shown_at)


def _model(spot: Spot) -> Any:
    return chosen(spot.shape, spot.node)


def _wrong_tag(spot: Spot) -> Finding:
    assert isinstance(spot.shape, Choice)  # noqa: S101 - only unions have tags
    names = [option for option in spot.shape.options if option != spot.shape.default]
    entries = spot.node.value
    tag = entries.get(spot.shape.key) if isinstance(entries, dict) else None
    path = (*spot.path, spot.shape.key)
    allowed = f"allowed: {', '.join(names)}"
    if tag is None:
        return Finding(path, f"missing, {allowed}", spot.node.shown_at)
    hint = nearest(tag.value, names) if isinstance(tag.value, str) else ""
    return Finding(path, f"found {show(tag.plain)}, {allowed}{hint}", tag.shown_at)


def _message(kind: str, details: Any, spot: Spot) -> str:
    context = details.get("ctx", {})
    found = show(spot.node.plain) if not isinstance(spot.node.value, dict | list) else show(spot.node.value)
    if kind in _WRONG_KIND:
        return f"found {found}, allowed: {_WRONG_KIND[kind]}"
    if kind in _BOUNDS:
        key, allowed = _BOUNDS[kind]
        return f"found {found}, allowed: {allowed.format(bound=context[key])}"
    worded = _WORDED.get(kind)
    return worded(found, context, spot) if worded else str(details["msg"])


def _say_wrong_model(found: str, _context: Any, spot: Spot) -> str:
    if isinstance(spot.shape, Record):
        return f"found {found}, allowed: {name_of(spot.shape.model)}, as a mapping of its fields"
    return f"found {found}, allowed: a mapping"


def _say_literal(found: str, context: Any, spot: Spot) -> str:
    options = re.findall(r"'([^']*)'", context["expected"])
    hint = nearest(spot.node.value, options) if isinstance(spot.node.value, str) else ""
    return f"found {found}, allowed: {', '.join(options) or context['expected']}{hint}"


def _say_too_few(_found: str, context: Any, spot: Spot) -> str:
    holder = "mapping" if isinstance(spot.node.value, dict) else "list"
    found = _counted(_length(spot)) if _length(spot) else f"an empty {holder}"
    return f"found {found}, allowed: at least {_counted(context['min_length'])}"


def _length(spot: Spot) -> int:
    """Number of entries; pydantic does not count what goes beyond a limit."""
    return len(spot.node.value) if isinstance(spot.node.value, dict | list) else 0


def _counted(entries: int) -> str:
    return "one entry" if entries == 1 else f"{entries} entries"


def _say_quantity(found: str, context: Any, spot: Spot) -> str:
    if isinstance(spot.node.value, dict):
        found = context["found"][:LONGEST_SHOWN]
    return f"found {found}, allowed: {context['allowed']}"


def _say_too_many(_found: str, context: Any, spot: Spot) -> str:
    return f"found {_counted(_length(spot))}, allowed: up to {context['max_length']}"


def _say_too_long(_found: str, context: Any, spot: Spot) -> str:
    return f"found a text of {len(str(spot.node.value))} characters, allowed: up to {context['max_length']}"


def _say_value_error(_found: str, context: Any, spot: Spot) -> str:
    """The error, and which of the fields that it names are inherited."""
    message = str(context["error"])
    entries = _entries(spot)
    named = [name for name in re.findall(r"[a-z_]+", message) if name in entries]
    inherited = [name for name in named if entries[name].inherited]
    if len(inherited) == len(named):
        return message
    return message + "".join(_say_inherited(name, entries[name]) for name in inherited)


def _say_pattern(found: str, context: Any, _spot: Spot) -> str:
    if context["pattern"] == SHOWS:
        return f"found {found}, allowed: a text with at least one character that can be seen"
    return f"found {found}, allowed: {_ID_RULE}"


_WORDED: dict[str, Callable[[str, Any, Spot], str]] = {
    "model_type": _say_wrong_model,
    "model_attributes_type": _say_wrong_model,
    "literal_error": _say_literal,
    "too_short": _say_too_few,
    "too_long": _say_too_many,
    "string_too_short": lambda *_: "found an empty text, allowed: at least one character",
    "string_too_long": _say_too_long,
    "string_pattern_mismatch": _say_pattern,
    "quantity_type": _say_quantity,
    "duration": _say_quantity,
    "infinite": lambda found, *_: f"found {found}, allowed: a finite number",
    "value_error": _say_value_error,
}
