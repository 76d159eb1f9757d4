"""Hostile scenarios by the schema: whole ones in which some values, at any level, are others.

``python -m tests.fuzz.structured SECONDS [FILES]`` runs until the time is up or the files are tried.
"""

import json
import math
import sys
import warnings
from functools import cache
from typing import Any, NamedTuple

import click
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.scenario.schema import Scenario
from sim.scenario.source import read_file
from tests.fuzz.checked import HERE, OVERRIDE, SCENARIOS, folder
from tests.fuzz.findings import Findings, limit_memory

Schema = dict[str, Any]
SCHEMA: Schema = Scenario.model_json_schema(by_alias=True, mode="validation")
BATCH = 1_000
USUAL = st.sampled_from([0, 1, 2, 7, 12, 30, 365, 36525, 36526, 2**53, 0.1, 0.5, 0.999, 1.5])
EXTREME = st.sampled_from([5e-324, 1e-200, 1e-100, 1e-9, 1e5, 1e9, 1e12, 1e15, 1e16, 1e100, 1e200, 1.7e308])
POSITIVE = st.one_of(USUAL, EXTREME, st.floats(0.0, 1.0), st.floats(0.0, 1e4))
WILD = st.sampled_from([math.inf, -math.inf, math.nan, 2**63, 2**64, 10**400]) | st.floats()
NUMBERS = st.one_of(POSITIVE, POSITIVE, POSITIVE.map(lambda number: -number), WILD)
# fmt: off
NAMES = ("US", "DE", "2025-01-01", "26 weeks", "sales.csv", "units")
TEXTS = st.sampled_from([
    "", "a", "US", "XX", "A", "é", "x" * 81, "y" * 2001, "z" * 100_000, "null", "1e5", "2025-01-01",
    "0000-00-00", "9999-12-31", "26 weeks", "999999999 years", "sales.csv", "no.csv", "pipe.yaml",
    "base.yaml", "a.b.c",
]) | st.text(max_size=20)
# fmt: on
SMALL = st.none() | st.booleans() | TEXTS | NUMBERS
ANYTHING = st.recursive(
    SMALL, lambda part: st.lists(part, max_size=3) | st.dictionaries(TEXTS, part, max_size=3)
)
LONG = (0, 4, 12, 13, 1001)


class Spot(NamedTuple):
    """A place in a document, its holder and key there, and what the schema wants."""

    path: tuple[str, ...]
    holder: Any
    key: Any
    schema: Schema

    @property
    def value(self) -> Any:
        """What stands there, if anything does."""
        if isinstance(self.holder, dict):
            return self.holder.get(self.key)
        return self.holder[self.key] if self.key < len(self.holder) else None


@st.composite
def documents(draw: Any) -> bytes:
    """A scenario of ours with one to four changes, of which one may be a setting of the command line."""
    data = json.loads(draw(st.sampled_from(starts())))
    ids = sorted({key for name, part in data.items() if isinstance(part, dict) for key in (name, *part)})
    setting = ""
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 4]))):
        spot = draw(spots(data))
        wanted, named = value_of(spot.schema, tuple(ids)), st.sampled_from(ids)
        value = draw(draw(st.sampled_from([wanted, wanted, wanted, named, ANYTHING])))
        match draw(st.sampled_from(["change", "change", "change", "leave out", "add", "repeat", "set"])):
            case "change":
                put(spot, value)
            case "leave out":
                leave_out(spot)
            case "add":
                put(spot._replace(key=draw(TEXTS)), value)
            case "repeat":
                put(spot, repeated(spot, value, draw(st.sampled_from(LONG))))
            case _:
                setting = f"{OVERRIDE}{'.'.join(spot.path)}={as_yaml(value)}\n"
    return (setting + as_yaml(data)).encode("utf-8")


@cache
def starts() -> tuple[str, ...]:
    """Small scenarios in which all of the schema occurs."""
    here, ours = HERE.parent, ("first-scenario", "first-scenario-port", "textbook-serial")
    files = [
        here / "broken" / "valid.yaml",
        here / "golden" / "small.yaml",
        HERE / "neighbours" / "base.yaml",
    ]
    files += [SCENARIOS / f"{name}.yaml" for name in ours]
    return tuple(json.dumps(read_file(file).root.plain) for file in files)


def put(spot: Spot, value: Any) -> None:
    """Put a value in a place, or behind all others of a list."""
    if isinstance(spot.holder, dict) or (isinstance(spot.key, int) and spot.key < len(spot.holder)):
        spot.holder[spot.key] = value
    else:
        spot.holder.append(value)


def leave_out(spot: Spot) -> None:
    """Leave out what stands in a place, if anything does."""
    if isinstance(spot.holder, dict):
        spot.holder.pop(spot.key, None)
    else:
        del spot.holder[spot.key : spot.key + 1]


def repeated(spot: Spot, value: Any, times: int) -> Any:
    """A list of the same, or a mapping with the same under many keys."""
    if resolved(spot.schema).get("type") == "array":
        return [value] * times
    return {f"k{number}": value for number in range(times)}


def as_yaml(data: Any) -> str:
    """JSON is YAML, but for numbers that are none."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("Infinity", ".inf").replace("NaN", ".nan")


# ---------------------------------------------------------------------- the schema


def resolved(schema: Schema) -> Schema:
    """A schema in place of a reference to it."""
    while "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def below(value: Any, schema: Schema, path: tuple[str, ...]) -> list[Spot]:
    """The places in a mapping or list, those of fields included that it does not give."""
    schema = variant(schema, value)
    if isinstance(value, list):
        inner = schema.get("items", {})
        return [Spot((*path, str(index)), value, index, inner) for index in range(len(value) + 1)]
    if not isinstance(value, dict):
        return []
    fields = schema.get("properties", {})
    entry = entry_of(schema)
    return [Spot((*path, key), value, key, fields.get(key, entry)) for key in {**fields, **value}]


def entry_of(schema: Schema) -> Schema:
    """What a mapping by ids holds, if that is what a schema wants."""
    entries: list[Schema] = list(schema.get("patternProperties", {}).values())
    return entries[0] if entries else {}


@st.composite
def spots(draw: Any, data: Any) -> Spot:
    """A place in a document, at any level."""
    spot = Spot((), {"": data}, "", SCHEMA)
    while inner := below(spot.value, spot.schema, spot.path):
        spot = draw(st.sampled_from(inner))
        if draw(st.integers(0, 3)) == 0:
            break
    return spot


def variant(schema: Schema, value: Any) -> Schema:
    """Of several schemas, the one that a value is meant for: by its tag, or by being a mapping or a list."""
    schema = resolved(schema)
    for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found = variant(inner, value)
        tags = {
            name: field["const"] for name, field in found.get("properties", {}).items() if "const" in field
        }
        if (
            isinstance(value, dict)
            and "properties" in found
            and all(value.get(name) == tag for name, tag in tags.items())
        ):
            return found
        if isinstance(value, list) and found.get("type") == "array":
            return found
    return schema


def value_of(schema: Schema, ids: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Values that a schema wants, or nearly: numbers may be too large and texts too long."""
    return _value_of(json.dumps(schema), ids)


@cache
def _value_of(told: str, ids: tuple[str, ...]) -> st.SearchStrategy[Any]:
    schema = resolved(json.loads(told))
    options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if options:
        return st.one_of([value_of(option, ids) for option in options])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return st.lists(_later(schema.get("items", {}), ids), max_size=4)
    if schema.get("type") == "object":
        return _object_of(schema, ids)
    is_positive = 0 in {schema.get("minimum"), schema.get("exclusiveMinimum")}
    numbers = POSITIVE if is_positive else NUMBERS
    simple = {
        "null": st.none(),
        "number": numbers,
        "integer": st.integers(0, 40) | numbers,
        "boolean": st.booleans(),
        "string": st.sampled_from(ids) | st.sampled_from(NAMES) | TEXTS,
    }
    return simple.get(str(schema.get("type")), SMALL)


def _later(schema: Schema, ids: tuple[str, ...]) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: value_of(schema, ids))


def _object_of(schema: Schema, ids: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """A mapping with all fields that are required and some of the others, or with some ids."""
    fields = {name: _later(inner, ids) for name, inner in schema.get("properties", {}).items()}
    if not fields:
        return st.dictionaries(st.sampled_from(ids), _later(entry_of(schema), ids), max_size=3)
    required = {name: fields.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=fields)


def try_batch(findings: Findings, files: int = BATCH) -> None:
    """Try some files, none of them twice."""

    @settings(
        max_examples=files,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents())
    def try_one(data: bytes) -> None:
        findings.try_file(data)

    try_one()


def main(seconds: float, files: float) -> int:
    """Try files until the time is up, print what was found, and say whether something was."""
    warnings.simplefilter("error")
    limit_memory()
    with folder() as place:
        findings = Findings("structured", place)
        while findings.tried < files and findings.passed_seconds < seconds:
            try_batch(findings)
        click.echo(findings)
    return len(findings.faults) > 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else math.inf))
