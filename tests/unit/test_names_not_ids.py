"""No id and no date of a file is on a page, a slide or in a cell, whichever command made it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.face.results import Result
from sim.scenario.load import load_scenario, written
from tests.builders import day, dear_factory, factory
from tests.nonsense import NONSENSE, NonsenseDesk, dates_shown, ids_shown, nonsense
from tests.pages import MADE, Desk

SCENARIOS = Path(__file__).parents[2] / "scenarios"
REVENUE = {"measure": "revenue", "firm": "maker", "value": 100.0}
REPORTED = {
    "quarter": REVENUE | {"start": day(0), "end": day(30), "items": ["product"], "markets": ["home"]},
    "month": REVENUE | {"start": day(31), "end": day(58), "markets": ["home"]},
    "stock": {"measure": "inventory_value", "firm": "maker", "start": day(58), "end": day(58), "value": 9.0},
}


def ran(desk: Desk) -> Result:
    """A run with costs, dearer goods and figures of one product and one market."""
    file = desk.scenario("ran", dear_factory(calendar={"days": 80}, observations=REPORTED))
    return sim.run(sim.load(file), replications=16, workers=1)


def shipped(name: str) -> Callable[[Desk], Result]:
    """A run of a shipped scenario."""
    return lambda desk: sim.run(sim.load(copied(desk, name)), replications=16, workers=1)


def compared(desk: Desk) -> Result:
    """Two views that differ in many objects of many collections."""
    short = {"calendar": {"start": "2019-01-01", "end": "2020-12-31"}}
    views = ("entity-list-2019", "entity-list-2019-research-house")
    files = [copied(desk, name, **short) for name in views]
    return sim.compare(*files, replications=16, workers=1)


def copied(desk: Desk, name: str, **changes: Any) -> Path:
    return desk.scenario(name, written(load_scenario(SCENARIOS / f"{name}.yaml")) | changes)


PAGES = MADE | {
    "run": ran,
    "run-first-scenario-port": shipped("first-scenario-port"),
    "run-entity-list-levers-2019": shipped("entity-list-levers-2019"),
    "run-ai-software-2019": shipped("ai-software-2019"),
    "run-neon-2022": shipped("neon-2022"),
    "compare-views": compared,
}


LARGEST = {"run-entity-list-levers-2019", "compare-views"}
"""Left to `make verify`: they show what the others do, and take as long as most of them together."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[pytest.mark.slow] if name in LARGEST else []) for name in PAGES],
)
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """What a command found, of scenarios in which ids are nonsense."""
    return PAGES[request.param](NonsenseDesk(tmp_path_factory.mktemp(request.param)))


def test_no_page_shows_an_id(result: Result):
    assert ids_shown(result) == set()


def test_dates_are_written_for_a_reader(result: Result):
    assert dates_shown(result) == set()


def test_nonsense_is_found_where_it_is_shown(tmp_path: Path):
    """Two lanes that read alike are told apart by their ids, for want of anything else."""
    data = factory(
        60,
        lanes={"other": {"supplier": "source", "buyer": "parts", "price": 1.0}},
        stress={"ttr_days": 20},
    )
    desk = NonsenseDesk(tmp_path)
    result = sim.stress(desk.scenario("alike", data), workers=1)
    shown = {found for text in ids_shown(result) for found in NONSENSE.findall(text)}
    assert shown == {nonsense("parts"), nonsense("other")}
