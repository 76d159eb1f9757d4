"""Editors accept what the loader accepts, partial files included, and mark the mistakes they can see."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sim.scenario.jsonschema import scenario_json_schema
from sim.scenario.schema import Scenario
from sim.scenario.source import read_file, read_text

ROOT = Path(__file__).parents[2]
SCHEMA = scenario_json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
VALID = read_file(ROOT / "tests" / "broken" / "valid.yaml").root.plain


def accepts(text: str) -> bool:
    return VALIDATOR.is_valid(read_text(text).plain)


def with_lane(lane: str) -> bool:
    lanes = {**VALID["lanes"], "extra": read_text(lane).plain}
    return VALIDATOR.is_valid({**VALID, "lanes": lanes})


def test_it_is_a_schema_in_strict_json():
    Draft202012Validator.check_schema(SCHEMA)
    json.dumps(SCHEMA, allow_nan=False)


def test_the_schema_beside_the_scenarios_is_this_one():
    file = ROOT / "scenarios" / "scenario.schema.json"
    assert json.loads(file.read_text(encoding="utf-8")) == SCHEMA


def test_every_reference_is_defined():
    def references(part: Any) -> Iterator[str]:
        for item in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from references(item)
        if isinstance(part, dict) and "$ref" in part:
            yield part["$ref"].removeprefix("#/$defs/")

    assert set(references(SCHEMA)) <= set(SCHEMA["$defs"])


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_our_scenarios_are_accepted(path: Path):
    assert [error.message for error in VALIDATOR.iter_errors(read_file(path).root.plain)] == []


def test_the_valid_scenario_is_accepted():
    assert [error.message for error in VALIDATOR.iter_errors(VALID)] == []


@pytest.mark.parametrize(
    "lane",
    [
        "{like: seagate-lane}",
        "{like: seagate-lane, price: null}",
        "{like: seagate-lane, lead_time_days: {low: 3}}",
        "{supplier: a, buyer: b, lead_time_days: 2 weeks}",
        "{supplier: a, buyer: b, lead_time_days: {value: 2 weeks, source: x}}",
        "{supplier: a, buyer: b, capacity_per_day: .inf}",
        "{supplier: a, buyer: b, share: {dist: uniform, low: 0.1, high: 0.2}}",
    ],
)
def test_accepted_lanes(lane: str):
    assert with_lane(lane)


@pytest.mark.parametrize(
    "lane",
    [
        "{supplier: a}",
        "{supplier: a, buyer: b, prise: 3}",
        "{supplier: a, buyer: b, price: -3}",
        "{supplier: a, buyer: b, price: 3 weeks}",
        "{supplier: a, buyer: b, share: 2}",
        "{supplier: a, buyer: b, lead_time_days: {dist: prt, low: 1, mode: 2, high: 3}}",
        "{supplier: a, buyer: b, lead_time_days: {dist: pert, low: 1}}",
        "{like: 3}",
        "{like: seagate-lane, prise: 3}",
        "null",
        "[]",
    ],
)
def test_refused_lanes(lane: str):
    assert not with_lane(lane)


def test_an_extending_file_may_be_partial():
    assert accepts("{extends: base.yaml}")
    assert accepts("{extends: base.yaml, lanes: {a: null, b: {price: null, share: 0.3}, c: {like: b}}}")
    assert accepts("{extends: base.yaml, interventions: {ban: {probability: 0.5}, other: null}}")
    assert accepts("{extends: base.yaml, stock_points: {a: {policy: {cover_days: 90}, unit_cost: null}}}")
    assert accepts("{extends: base.yaml, recipes: {a: {inputs: {b: null, c: 2}}}}")


def test_an_extending_file_may_still_be_wrong():
    assert not accepts("{extends: 3}")
    assert not accepts("{extends: base.yaml, titel: x}")
    assert not accepts("{extends: base.yaml, lanes: {a: {prise: 3}}}")
    assert not accepts("{extends: base.yaml, lanes: {A b: {price: 3}}}")


def test_a_file_that_extends_nothing_must_be_whole():
    assert not accepts("{name: x}")
    required = {name for name, info in Scenario.model_fields.items() if info.is_required()}
    for name in required:
        assert not VALIDATOR.is_valid({key: value for key, value in VALID.items() if key != name})


@pytest.mark.parametrize(
    ("lanes", "is_accepted"),
    [
        ("{file: lanes.csv}", True),
        ("{file: lanes.parquet, source: the register, dear: {like: cheap}}", True),
        ("{file: lanes.csv, sourse: the register}", False),
        ("{file: 3}", False),
    ],
)
def test_a_collection_may_name_a_table(lanes, is_accepted):
    asked = read_text(lanes).plain
    assert VALIDATOR.is_valid({**VALID, "lanes": asked}) == is_accepted
    assert accepts(f"{{extends: other.yaml, lanes: {lanes}}}") == is_accepted


def test_entries_may_be_written_by_rule():
    assert VALIDATOR.is_valid({**VALID, "for_each": {"firm": {"file": "firms.csv", "lanes": {"<id>": {}}}}})
    assert not VALIDATOR.is_valid({**VALID, "for_each": {"firm": {"lanes": {"<id>": {}}}}})
