"""The levers of the founding case: eight, with sources, over every view that they name."""

from pathlib import Path

import pytest

from sim.model.levered import Levered, over_view, prepare_levered
from sim.scenario.load import load_with_places
from sim.scenario.walk import quantities_of

FILE = Path(__file__).parents[2] / "scenarios" / "entity-list-levers-2019.yaml"
VIEWS = ("entity-list-2019", "entity-list-2019-research-house", "entity-list-2019-devastating")


@pytest.fixture(scope="module")
def levers() -> Levered:
    return prepare_levered(FILE)


def test_there_are_eight_and_each_says_where_it_comes_from(levers: Levered):
    found = levers.scenario.levers
    assert len(found) == 8
    assert all(lever.source and lever.confidence == "low" for lever in found.values())


def test_every_amount_says_where_it_comes_from(levers: Levered):
    amounts = [it for it in quantities_of(levers.scenario) if it.path[0] in ("levers", "mitigation")]
    assert amounts
    assert all(it.quantity.source and it.quantity.confidence for it in amounts)


def test_the_views_count_the_same(levers: Levered):
    """No fact of the time says which is likelier."""
    assert levers.scenario.mitigation is not None
    weights = levers.scenario.mitigation.views
    assert list(weights) == [f"{name}.yaml" for name in VIEWS]
    assert len(set(weights.values())) == 1


@pytest.mark.parametrize("view", VIEWS)
def test_every_lever_can_be_taken_in_every_view(levers: Levered, view: str):
    over = over_view(levers, load_with_places(FILE.with_name(f"{view}.yaml")))
    assert over.scenario.name == view
    assert over.scenario.levers == levers.scenario.levers
    assert over.maker == "hikvision"
