"""Mistakes that only the network as a whole shows."""

import pytest

from sim.errors import ScenarioError
from sim.model.compile import compile_plan
from sim.model.network import is_shock
from sim.scenario.schema import Scenario
from tests.builders import ban, factory, merged, shop


def problems(data):
    with pytest.raises(ScenarioError) as caught:
        compile_plan(Scenario.model_validate(data))
    return [problem.message for problem in caught.value.problems]


def test_a_cycle():
    data = shop(
        stock_points={"corner": {"firm": "maker", "item": "part", "policy": {"kind": "base_stock"}}},
        lanes={
            "on": {"supplier": "shelf", "buyer": "corner"},
            "back": {"supplier": "corner", "buyer": "shelf"},
        },
    )
    (message,) = problems(data)
    assert "cycle" in message
    assert "shelf -> corner -> shelf" in message or "corner -> shelf -> corner" in message


def test_a_stock_point_that_leads_nowhere():
    idle = {"idle": {"firm": "maker", "item": "part"}}
    assert [message.split(":")[0] for message in problems(shop(stock_points=idle))] == ["stock_points.idle"]


def test_a_market_whose_source_has_no_capacity():
    (message,) = problems(shop(stock_points={"source": {"capacity_per_day": 0.0}}))
    assert message.startswith("demand.home: a market without supply")


def test_a_substitute_that_nothing_triggers():
    data = shop(
        stock_points={"late": {"firm": "supplier", "item": "part"}},
        substitutes={
            "late": {
                "supplier": "late",
                "buyer": "shelf",
                "trigger": {"intervention": "ban"},
                "qualification_lag_days": 1,
            }
        },
        interventions={"ban": ban(1, probability=0.0)},
    )
    (message,) = problems(data)
    assert message.startswith("substitutes.late.trigger: nobody triggers it")


def test_a_loss_that_is_counted_from_a_day_that_is_not_simulated():
    (message,) = problems(shop(20, interventions={"ban": ban(19, delay_days=5)}))
    assert message.startswith("interventions.ban: the loss is counted from 2021-01-25")


def test_a_window_that_outlasts_the_calendar():
    data = shop(20, interventions={"ban": ban(5)}, analysis={"window_days": 16})
    (message,) = problems(data)
    assert message.startswith("analysis.window_days: found 16")
    assert "allowed: 1 to 15" in message


def test_a_loss_of_capacity_where_there_is_none():
    entry = {"kind": "capacity_loss", "title": "Fire", "date": "2021-01-05", "covers": {"firms": ["maker"]}}
    (message,) = problems(shop(20, interventions={"fire": entry}))
    assert message.startswith("interventions.fire.covers")


def test_all_problems_come_at_once():
    data = merged(
        shop(stock_points={"source": {"capacity_per_day": 0.0}}),
        {"stock_points": {"idle": {"firm": "maker", "item": "part"}}},
    )
    assert len(problems(data)) == 2


def test_what_comes_after_a_shock_is_one():
    entries = {
        "ban": ban(1),
        "next": ban(0, date=None, after="ban", shock=False),
        "other": ban(1, shock=False),
    }
    scenario = Scenario.model_validate(factory(interventions=entries))
    assert [is_shock(scenario, name) for name in entries] == [True, True, False]
