"""The file format as a JSON Schema, for editors that complete and check a scenario while it is written.

It is looser than :mod:`sim.scenario.load`: it cannot follow references. A file that extends another, and
an entry with ``like``, may be partial, so each object has a second form in which nothing is required and
``null`` removes what is inherited.
"""

import math
from typing import Any

from sim.scenario.distributions import Value
from sim.scenario.quantities import DURATION_KEYS, DURATION_PATTERN
from sim.scenario.rules import FOR_EACH
from sim.scenario.schema import Scenario
from sim.scenario.shapes import COLLECTIONS
from sim.scenario.tabled import FILE, SAID

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXTENDS = {
    "type": "string",
    "minLength": 1,
    "description": "The file that this one builds on, seen from here.",
}
_LIKE = {
    "type": "string",
    "description": "The entry of the same collection that gives what this one does not.",
}
_TABLE: dict[str, Any] = {
    "type": "object",
    "properties": {
        FILE: {"type": "string", "minLength": 1, "description": "A CSV or Parquet file, seen from here."},
        **{name: {"type": "string", "description": f"The {name} of rows that give none."} for name in SAID},
    },
    "additionalProperties": {"type": "object"},
}
_RULES = {
    "type": "object",
    "description": "Entries made for each row of a table; <column> stands for a cell.",
    "additionalProperties": {
        "type": "object",
        "properties": {
            FILE: _TABLE["properties"][FILE],
            **{name: {"type": "object"} for name in COLLECTIONS},
        },
        "required": [FILE],
        "additionalProperties": False,
    },
}
_NULL = {"type": "null", "description": "Removes what is inherited."}
_REFERENCE = "#/$defs/"
_NOT_WHEN_PARTIAL = frozenset(("required", "default", "minItems", "minProperties"))

Schema = dict[str, Any]


def scenario_json_schema() -> Schema:
    """JSON Schema of a scenario file, with ``extends``, ``like`` and removal by ``null``.

    Examples
    --------
    >>> scenario_json_schema()["title"]
    'chokepoint scenario'
    """
    full = Scenario.model_json_schema(by_alias=True, mode="validation")
    definitions: Schema = full.pop("$defs")
    definitions["Scenario"] = full
    strict = {name: _tidy(part) for name, part in definitions.items()}
    for name in (part["$ref"].removeprefix(_REFERENCE) for part in _quantities(strict)):
        _allow_durations(strict[name]["properties"])
    quantity = {"oneOf": _quantities(strict)}
    strict = {name: _referring(part, quantity) for name, part in strict.items()} | {"Quantity": quantity}
    partial = {_partial_name(name): _loosened(part) for name, part in strict.items()}
    partial[_partial_name("Scenario")]["properties"]["extends"] = _EXTENDS
    for name in COLLECTIONS:
        _allow_like(strict["Scenario"]["properties"][name], partial)
    for form in (strict["Scenario"], partial[_partial_name("Scenario")]):
        form["properties"][FOR_EACH] = _RULES
        form["properties"] |= {name: _or_table(form["properties"][name]) for name in COLLECTIONS}
    return {
        "$schema": DIALECT,
        "title": "chokepoint scenario",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": f"{_REFERENCE}{_partial_name('Scenario')}"},
        "else": {"$ref": f"{_REFERENCE}Scenario"},
        "$defs": {**strict, **partial},
    }


def _referring(part: Any, quantity: Schema) -> Any:
    """The same part with every full list of distributions replaced by a reference to the one list."""
    if part == quantity:
        return {"$ref": f"{_REFERENCE}Quantity"}
    if isinstance(part, dict):
        return {key: _referring(inner, quantity) for key, inner in part.items()}
    return [_referring(inner, quantity) for inner in part] if isinstance(part, list) else part


def _partial_name(name: str) -> str:
    return f"Partial{name}"


def _tidy(part: Any) -> Any:
    """Without what JSON cannot hold, and with ids that match no pattern refused."""
    if isinstance(part, list):
        return [_tidy(item) for item in part]
    if not isinstance(part, dict):
        return part
    tidy = {key: _tidy(value) for key, value in part.items() if key != "discriminator"}
    if "default" in tidy:
        tidy |= _default(tidy.pop("default"))
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    return tidy


def _default(value: Any) -> Schema:
    if isinstance(value, dict) and set(value) == {*Value.model_fields}:
        value = value["value"]
    is_shown = isinstance(value, bool | str | int) or (isinstance(value, float) and math.isfinite(value))
    return {"default": value} if is_shown else {}


def _quantities(definitions: Schema) -> list[Schema]:
    alternatives: list[Schema] = definitions["Days"]["anyOf"]
    return next(part["oneOf"] for part in alternatives if "oneOf" in part)


def _allow_durations(parameters: Schema) -> None:
    for name in DURATION_KEYS & parameters.keys():
        parameters[name] = {"anyOf": [parameters[name], {"type": "string", "pattern": DURATION_PATTERN}]}


def _loosened(part: Any) -> Any:
    """The form of a definition in which nothing is required and null is allowed."""
    if isinstance(part, list):
        return [_loosened(item) for item in part]
    if not isinstance(part, dict):
        return part
    loose: Schema = {}
    for key, value in part.items():
        if key in ("properties", "patternProperties"):
            loose[key] = {name: _or_null(_loosened(inner)) for name, inner in value.items()}
        elif key == "additionalProperties" and value is not False:
            loose[key] = _or_null(_loosened(value))
        elif key == "$ref":
            loose[key] = _REFERENCE + _partial_name(value.removeprefix(_REFERENCE))
        elif key not in _NOT_WHEN_PARTIAL:
            loose["anyOf" if key == "oneOf" else key] = _loosened(value)
    return loose


def _or_null(part: Schema) -> Schema:
    return {"anyOf": [part, _NULL]}


def _or_table(collection: Schema) -> Schema:
    """A collection, or the table that holds its entries."""
    names_table = {"type": "object", "properties": {FILE: {"type": "string"}}, "required": [FILE]}
    return {"if": names_table, "then": _TABLE, "else": collection}


def _allow_like(collection: Schema, partial: Schema) -> None:
    """Let an entry of a strict collection be partial if it has ``like``, and every partial entry have it."""
    entries: Schema = collection["patternProperties"]
    for pattern, entry in entries.items():
        entries[pattern] = {"if": {"required": ["like"]}, "then": _loosened(entry), "else": entry}
        for choice in entry.get("oneOf", [entry]):
            name = _partial_name(choice["$ref"].removeprefix(_REFERENCE))
            partial[name]["properties"]["like"] = _LIKE
