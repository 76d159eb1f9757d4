"""Messages on covers that reach nobody: groups, markets under a tariff, lists of another kind of cover."""

from pathlib import Path

import pytest
import yaml

from sim.errors import ScenarioError
from sim.scenario.load import load_scenario
from tests.builders import ban, day, merged, shop

TARIFF = {"kind": "tariff", "title": "Duty", "date": day(5), "shock": True, "rate": 0.1}


def message_of(tmp_path: Path, **changes) -> str:
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump(merged(shop(20), changes)))
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file)
    return str(refused.value)


def test_a_group_among_firms_is_refused_with_its_members(tmp_path):
    groups = {"both": {"name": "Both", "firms": ["maker", "supplier"]}}
    told = message_of(
        tmp_path,
        analysis={"groups": groups},
        interventions={"ban": ban(5, covers={"buyers": ["both"]})},
    )
    assert "covers.buyers.0: 'both' is a group, allowed: firms. List its members: maker, supplier" in told


def test_a_group_is_no_firm_of_a_stock_point_either(tmp_path):
    groups = {"both": {"name": "Both", "firms": ["maker", "supplier"]}}
    told = message_of(tmp_path, analysis={"groups": groups}, stock_points={"shelf": {"firm": "both"}})
    assert "stock_points.shelf.firm: 'both' is a group, allowed: firms" in told


def test_a_tariff_on_who_sells_to_markets_alone_says_whom_it_taxes(tmp_path):
    told = message_of(tmp_path, interventions={"duty": TARIFF | {"covers": {"suppliers": ["maker"]}}})
    assert "no lane matches maker; a tariff taxes what firms sell to firms over lanes, not what" in told


def test_a_list_of_another_kind_of_cover_is_told_as_such(tmp_path):
    told = message_of(tmp_path, interventions={"duty": TARIFF | {"covers": {"markets": ["home"]}}})
    assert "markets is of a choice of demand streams, and this is a choice of lanes" in told
