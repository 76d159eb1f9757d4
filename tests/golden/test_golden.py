"""Frozen outputs of one small scenario: a change of any figure must be meant.

``small.yaml`` holds the scenario, ``plan.json`` what it compiles to and ``outcomes.json`` what comes of
it. After a change that is meant to change figures, renew them and read the difference before you commit
it, with the reason in the commit's message::

    pytest tests/golden --renew-golden
    git diff tests/golden
"""

import dataclasses
import datetime as dt
import json
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.model.compile import compile_plan
from sim.model.plan import NEVER, Plan
from sim.montecarlo.simpy_batch import replicate
from sim.scenario.load import load_scenario
from tests.builders import by_name, run_batch

HERE = Path(__file__).parent
SEED = 20191009
REPLICATIONS = 3
RELATIVE = 1e-12
"""Floats may differ by rounding only: another machine's mathematical library rounds differently."""


def plain(value: Any) -> Any:  # noqa: PLR0911 - one case a line reads best
    """Arrays and records as JSON can hold them; NaN and NEVER as null, infinities as text."""
    match value:
        case np.ndarray():
            return plain(value.tolist())
        case dict():
            return {key: plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [plain(entry) for entry in value]
        case bool() | str() | None:
            return value
        case Enum():
            return value.name
        case dt.date():
            return value.isoformat()
        case int():
            return None if value == NEVER else value
        case float():
            return None if np.isnan(value) else str(value) if np.isinf(value) else value
        case _ if hasattr(value, "model_dump"):
            return plain(value.model_dump(by_alias=True, exclude_none=True))
        case _:
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def same(found: Any, frozen: Any, where: str = "") -> list[str]:
    """Places where two plain values differ: text and integers exactly, floats by more than rounding."""
    if isinstance(found, dict) and isinstance(frozen, dict):
        keys = {**found, **frozen}
        return [
            line
            for key in keys
            for line in same(found.get(key, "nothing"), frozen.get(key, "nothing"), f"{where}.{key}")
        ]
    if isinstance(found, list) and isinstance(frozen, list) and len(found) == len(frozen):
        return [
            line
            for index, pair in enumerate(zip(found, frozen, strict=True))
            for line in same(*pair, f"{where}[{index}]")
        ]
    if isinstance(found, float) and isinstance(frozen, float):
        close = abs(found - frozen) <= RELATIVE * max(abs(found), abs(frozen))
        return [] if close else [f"{where}: {found!r}, frozen {frozen!r}"]
    equal = found == frozen and type(found) is type(frozen)
    return [] if equal else [f"{where}: {found!r}, frozen {frozen!r}"]


@pytest.fixture
def check(request):
    """Compares with a golden file, or renews it."""

    def compare(name: str, found: Any) -> None:
        file = HERE / name
        if request.config.getoption("--renew-golden"):
            file.write_text(json.dumps(found, indent=1, allow_nan=False) + "\n")
        assert same(json.loads(json.dumps(found)), json.loads(file.read_text())) == []

    return compare


@pytest.fixture(scope="module")
def plan() -> Plan:
    return compile_plan(load_scenario(HERE / "small.yaml"))


def test_the_compiled_plan(check, plan):
    check("plan.json", plain(plan))


def test_the_ledger_of_one_replication(check, plan):
    twins = replicate(plan, SEED, 0)
    check("ledger.json", plain(_totals(twins.scenario.ledger)))


def _totals(ledger: Any) -> dict[str, Any]:
    """Every column of the ledger, summed over the days."""
    groups = {
        group: {
            field.name: getattr(getattr(ledger, group), field.name).sum(axis=0)
            for field in dataclasses.fields(getattr(ledger, group))
        }
        for group in ("points", "lanes", "streams")
    }
    return {**groups, "held_back": ledger.held_back.sum(axis=0), "qualified_day": ledger.qualified_day}


def test_the_outcomes_of_a_batch(check, plan):
    measured = run_batch(plan, seed=SEED, replications=REPLICATIONS)
    check("outcomes.json", plain({"outcome": measured.outcome, "courses": by_name(measured.courses)}))
