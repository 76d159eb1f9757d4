"""Both engines agree on scenarios drawn from the schema: every field, at its ends, where things touch."""

import datetime as dt
import re
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Annotated

import pytest
from pydantic import Field

from sim.scenario import schema
from sim.scenario.quantities import Amount, Share, fixed
from tests.boundaries.scenarios import (
    HORIZONS,
    NOT_DRAWN,
    drawn_scenario,
    fields_given,
    fields_in_turn,
    fields_of_the_schema,
)
from tests.boundaries.values import Values
from tests.differential.conftest import FIRST_DRAWN
from tests.strategies import IS_THOROUGH

PROJECT = Path(__file__).parents[2]
AT_A_TIME = 50
MANY_AT_A_TIME = 250
FIELDS_WITHIN = 4_000
"""Scenarios of which one at least holds each field."""
FIRST = int(time.time()) * 100_000 if IS_THOROUGH else 0


@pytest.mark.parametrize("batch", range(2))
def test_scenarios_drawn_from_the_schema(batch):
    first = FIRST + batch * AT_A_TIME
    assert_both_engines_agree(first, first + AT_A_TIME)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(40))
def test_thousands_of_scenarios_drawn_from_the_schema(batch):
    first = FIRST + 10_000 + batch * MANY_AT_A_TIME
    assert_both_engines_agree(first, first + MANY_AT_A_TIME)


def assert_both_engines_agree(first, end):
    """In another process, so that an endless loop in compiled code is a failure and no wait."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.boundaries.engines", str(first), str(end)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-4_000:]
    drawn, refused, _ = map(int, re.findall(r"\d+", done.stdout.splitlines()[-1]))
    assert drawn == end - first
    assert refused <= max(2, drawn // 20)


def test_every_field_of_the_schema_is_drawn(first_drawn):
    """From the first ones on only those are drawn in which it is the turn of a field that is missing."""
    missing = fields_of_the_schema() - NOT_DRAWN
    missing -= set().union(*(fields_given(scenario) for scenario, _ in first_drawn))
    for number in range(FIRST_DRAWN, FIELDS_WITHIN):
        if not missing.isdisjoint(fields_in_turn(number)):
            drawn = drawn_scenario(number)
            missing -= fields_given(drawn[0]) if drawn else set()
    assert missing == set()


def test_a_field_that_the_schema_gains_is_drawn():
    class Wider(schema.Lane):
        reserved_share: Share = fixed(0.5)
        toll: Amount = fixed(0.0)
        stops: Annotated[int, Field(ge=2, le=5)] = 3

    drawn = lanes(Wider)
    for field, ends in (("reserved_share", {0.0, 1.0}), ("toll", {0.0}), ("stops", {2, 5})):
        found = [lane[field] for lane in drawn if field in lane]
        assert ends <= {value for value in found if not isinstance(value, dict)}
        assert len(found) < len(drawn)


def test_a_field_of_a_type_that_is_not_known_fails():
    class Odd(schema.Lane):
        shape: complex

    with pytest.raises(TypeError, match="nothing is known of fields of type <class 'complex'>"):
        lanes(Odd)


def test_ends_and_ties_are_drawn():
    drawn = lanes(schema.Lane)
    for field, ends in (
        ("share", {0.0, 1.0}),
        ("capacity_per_day", {0.0, float("inf")}),
        ("lead_time_days", {0.0, 29.0, 30.0, 31.0}),
        ("priority", {-(2**63), -1, 0, 2**63}),
        ("rank", {1, 2**63}),
        ("subsidiary_share", {0.0, 1.0}),
        ("order_crossing", {True, False}),
    ):
        assert ends <= {lane[field] for lane in drawn if field in lane and not isinstance(lane[field], dict)}
    assert any(lane.get("price") == lane.get("initial_backlog") not in (None, 0.0) for lane in drawn)


def test_every_horizon_is_drawn(first_drawn):
    assert {plan.days for _, plan in first_drawn} == set(HORIZONS)


def lanes(model):
    """Five hundred lanes of a model between two stock points, of a calendar of 30 days."""
    values = Values(Random(1), lambda _: ["one", "other"], (dt.date(2021, 1, 1), 30), {})
    return [values.object(model, {"supplier": "one", "buyer": "other"}) for _ in range(500)]
