"""The library of views: each is whole, opens with a claim of its own, and names facts that are there."""

from pathlib import Path

import pytest
import yaml

from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FILES = sorted([*SCENARIOS.glob("entity-list-2019*.yaml"), SCENARIOS / "ai-software-2019.yaml"])
MOST_LINES = 120
"""Of a view that extends another: more is a scenario of its own."""
OF_THEIR_OWN = {"entity-list-2019", "entity-list-2019-research-house", "ai-software-2019"}


def own(file: Path) -> dict:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scenarios() -> dict[str, Scenario]:
    return {file.stem: load_scenario(file) for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_view_opens_with_its_own_claim(file: Path):
    keys = [key for key in own(file) if key not in ("chokepoint", "extends", "name", "title")]
    assert keys[0] == "claim"
    claim = own(file)["claim"]
    assert {"statement", "by", "needs"} <= set(claim)
    assert len(claim["needs"]) >= 1


def test_no_two_views_claim_the_same(scenarios: dict[str, Scenario]):
    told = [scenario.claim.statement for scenario in scenarios.values() if scenario.claim]
    assert len(set(told)) == len(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_view_is_a_small_file_that_extends_another(file: Path):
    if file.stem not in OF_THEIR_OWN:
        assert "extends" in own(file)
        assert len(file.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_all_views_of_the_listing_count_from_it(scenarios: dict[str, Scenario]):
    for name, scenario in scenarios.items():
        assert scenario.analysis.shock == "listing", name
        assert scenario.interventions["listing"].shock, name


def test_the_central_case_uses_no_number_that_only_one_house_gives(scenarios: dict[str, Scenario]):
    """What the research house was tuned with is not there."""
    central, house = scenarios["entity-list-2019"], scenarios["entity-list-2019-research-house"]
    assert house.stock_points["hikvision-recorders"].sourcing == "share"
    assert central.stock_points["hikvision-recorders"].sourcing == "rank"
    assert central.recipes["hikvision-recorders-bare"].rank == 2
    assert {"central-control", "central-control-plain"} <= set(central.items)
