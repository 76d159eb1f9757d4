"""Alternatives of a decision: the scenario with settings laid over it, and what is said of bad ones."""

import json
from pathlib import Path

import pytest
import yaml

from sim.errors import ScenarioError
from sim.model.compile import prepare_decided
from sim.scenario.load import load_scenario, resolved
from sim.scenario.schema import Scenario
from tests.builders import ban, shop

WAIT = {"title": "Wait"}


def scenario_file(folder: Path, **alternatives) -> Path:
    file = folder / "scenario.yaml"
    data = shop(40, interventions={"ban": ban(5)})
    data["decision"] = {"title": "What to do", "alternatives": alternatives}
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


def line_of(file: Path, text: str) -> int:
    return next(n for n, line in enumerate(file.read_text().splitlines(), 1) if text in line)


def stockpile(**settings) -> dict:
    return {"title": "Stockpile", "set": settings, "cost": 3.0}


def test_settings_are_laid_over_the_file(tmp_path):
    file = scenario_file(tmp_path, wait=WAIT, buy=stockpile(**{"stock_points.shelf.policy.units": 150.0}))
    plans = prepare_decided(file).alternatives
    shelf = plans["wait"].labels.points.index("shelf")
    assert plans["wait"].points.units[shelf] == 100.0
    assert plans["buy"].points.units[shelf] == 150.0
    assert prepare_decided(file).plan.points.units[shelf] == 100.0


def test_settings_of_the_command_line_come_first(tmp_path):
    file = scenario_file(tmp_path, wait=WAIT, buy=stockpile(**{"stock_points.shelf.policy.units": 150.0}))
    overrides = ["stock_points.shelf.policy.units=70", "lanes.parts.price=9"]
    plans = prepare_decided(file, overrides).alternatives
    shelf = plans["wait"].labels.points.index("shelf")
    assert [plans[name].points.units[shelf] for name in ("wait", "buy")] == [70.0, 150.0]
    assert plans["buy"].lanes.price[0] == 9.0


def test_null_removes(tmp_path):
    file = scenario_file(tmp_path, wait=WAIT, lobby=stockpile(**{"interventions.ban": None}))
    assert prepare_decided(file).alternatives["lobby"].labels.interventions == ()


def test_a_variant_may_drop_an_alternative_and_a_setting(tmp_path):
    base = scenario_file(
        tmp_path,
        wait=WAIT,
        buy=stockpile(**{"lanes.parts.price": 7.0, "lanes.parts.lead_time_days": 1}),
        lobby=stockpile(**{"interventions.ban": None}),
    )
    variant = base.with_name("variant.yaml")
    variant.write_text(
        "extends: scenario.yaml\n"
        "decision: {alternatives: {lobby: null, buy: {set: {lanes.parts.price: null}}}}\n"
    )
    plans = prepare_decided(variant).alternatives
    assert set(plans) == {"wait", "buy"}
    assert plans["buy"].lanes.price[0] == plans["wait"].lanes.price[0]
    assert plans["buy"].lead_times[0].shortest_days == 1


def test_alternatives_of_a_large_scenario_are_bounded(tmp_path, monkeypatch):
    file = scenario_file(tmp_path, wait=WAIT, lobby=stockpile(**{"interventions.ban": None}))
    monkeypatch.setattr("sim.scenario.alternatives.MAX_VALUES", 100)
    with pytest.raises(
        ScenarioError, match=r"decision\.alternatives: found 2 of a scenario of \d+ values"
    ) as caught:
        prepare_decided(file)
    (told,) = caught.value.problems
    assert told.place is not None
    assert told.place.line == line_of(file, "decision:")


def test_without_a_decision_there_are_none(tmp_path):
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(shop(40)))
    assert prepare_decided(file).alternatives == {}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("lanes.prats.price", 2.0, "'prats' is not one of lanes; did you mean 'parts'?"),
        ("lane.parts.price", 2.0, "'lane' is not a collection; did you mean 'lanes'?"),
        ("analysis.window_days", 30, "'analysis' is not a collection; allowed: a path into firms, "),
        ("lanes.parts.prise", 2.0, "lanes.parts: found 'prise', which is not a field of a lane"),
        ("lanes.parts.share", -2, "lanes.parts.share: found -2, allowed: "),
        ("lanes.parts.supplier", "shelf", "found the supplier shelf itself"),
    ],
)
def test_a_bad_setting_is_told_with_its_line(tmp_path, path, value, message):
    file = scenario_file(tmp_path, wait=WAIT, buy=stockpile(**{path: value}))
    with pytest.raises(ScenarioError) as caught:
        prepare_decided(file)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.message.startswith("decision.alternatives.buy: ")
    assert problem.place is not None
    if value != "shelf":
        assert problem.place.line == line_of(file, path)


def test_what_the_network_refuses_is_told_too(tmp_path):
    file = scenario_file(
        tmp_path, wait=WAIT, buy=stockpile(**{"stock_points.idle": {"firm": "maker", "item": "part"}})
    )
    with pytest.raises(ScenarioError, match=r"decision\.alternatives\.buy: .*idle"):
        prepare_decided(file)


def test_one_alternative_is_no_decision(tmp_path):
    with pytest.raises(ScenarioError, match="at least 2 entries"):
        load_scenario(scenario_file(tmp_path, wait=WAIT))


def test_an_infinite_setting_can_be_kept_as_json(tmp_path):
    settings = {"lanes.parts.capacity_per_day": float("inf"), "lanes.parts.initial_in_transit": [1.0]}
    scenario = load_scenario(scenario_file(tmp_path, wait=WAIT, buy=stockpile(**settings)))
    data = resolved(scenario)
    json.dumps(data, allow_nan=False)
    assert data["decision"]["alternatives"]["buy"]["set"]["lanes.parts.capacity_per_day"] == ".inf"
    assert Scenario.model_validate(data).decision is not None
