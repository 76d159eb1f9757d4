"""Mistakes that only the network as a whole shows."""

import pytest

from sim.errors import MAX_LISTED, ScenarioError
from sim.model import effects
from sim.model.compile import compile_plan
from sim.model.network import Wiring, check, is_shock, wiring_of
from sim.model.plan import Supply
from sim.scenario import checks
from sim.scenario.schema import Scenario
from tests.builders import ban, factory, merged, shop


def checked(scenario: Scenario) -> Wiring:
    """The wiring of a network that is in order."""
    check(scenario)
    return wiring_of(scenario)


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
    scenario = Scenario.model_validate(shop(20, interventions={"fire": entry}))
    (finding,) = checks.inconsistencies(scenario)
    assert finding.path == ("interventions", "fire", "covers")
    assert "'shelf' only buys and has no capacity to lose" in finding.message


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


def echelon(**changes):
    """Source -> depot, ordered by echelon stock -> shelf -> customers."""
    data = shop(
        stock_points={
            "depot": {
                "firm": "supplier",
                "item": "part",
                "policy": {"kind": "echelon_base_stock", "units": 50.0},
            }
        },
        lanes={"parts": {"supplier": "depot"}, "inbound": {"supplier": "source", "buyer": "depot"}},
    )
    return merged(data, changes)


def test_echelon_stock_above_a_chain_is_well_defined():
    assert checked(Scenario.model_validate(echelon())).level == {"source": 0, "depot": 1, "shelf": 2}


def test_echelon_stock_above_a_tree_is_well_defined():
    corner = {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "units": 9.0}}
    customers = {"stock_point": "corner", "market": "home", "mean_per_day": 1.0, "price": 1.0}
    data = echelon(
        stock_points={"corner": corner},
        lanes={"on": {"supplier": "depot", "buyer": "corner"}},
        demand={"corner": customers},
    )
    assert checked(Scenario.model_validate(data)).level["corner"] == 2


def test_echelon_stock_may_be_bought_on_two_lanes_itself():
    data = echelon(
        stock_points={"second": {"firm": "supplier", "item": "part"}},
        lanes={"more": {"supplier": "second", "buyer": "depot"}},
    )
    assert checked(Scenario.model_validate(data)).level["depot"] == 1


SECOND = {"second": {"firm": "supplier", "item": "part"}}
LATE = {"trigger": {"date": "2021-01-02"}, "qualification_lag_days": 1}


@pytest.mark.parametrize(
    "second",
    [
        {"lanes": {"more": {"supplier": "second", "buyer": "shelf"}}},
        {"substitutes": {"more": {"supplier": "second", "buyer": "shelf", **LATE}}},
    ],
    ids=["lane", "substitute"],
)
def test_echelon_stock_above_a_buyer_of_two_suppliers(second):
    (message,) = problems(echelon(stock_points=SECOND, **second))
    assert message == (
        "stock_points.depot.policy: 'shelf' downstream buys on 2 lanes; "
        "allowed: echelon_base_stock where every point downstream has one supplier"
    )


def test_echelon_stock_far_above_a_buyer_of_two_suppliers():
    corner = {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "units": 9.0}}
    data = echelon(
        stock_points={**SECOND, "corner": corner},
        lanes={
            "on": {"supplier": "shelf", "buyer": "corner"},
            "more": {"supplier": "second", "buyer": "corner"},
        },
        demand={"home": {"stock_point": "corner"}},
    )
    (message,) = problems(data)
    assert message.startswith("stock_points.depot.policy: 'corner' downstream buys on 2 lanes")


def test_a_stock_that_nothing_fills_is_bought_on_no_lane():
    data = shop(stock_points={"shelf": {"initial_on_hand": 30.0}})
    data["stock_points"]["shelf"]["policy"] = {"kind": "none"}
    del data["lanes"], data["stock_points"]["source"]
    assert checked(Scenario.model_validate(data)).supply == {"shelf": Supply.BOUGHT}


def test_a_stock_that_nothing_fills_may_feed_a_recipe():
    data = factory(stock_points={"parts": {"initial_on_hand": 30.0}})
    data["stock_points"]["parts"]["policy"] = {"kind": "none"}
    del data["lanes"], data["stock_points"]["source"]
    wiring = checked(Scenario.model_validate(data))
    assert wiring.supply == {"parts": Supply.BOUGHT, "goods": Supply.MADE}


def test_what_is_made_is_made_even_if_it_is_never_ordered():
    data = factory()
    data["stock_points"]["goods"]["policy"] = {"kind": "none"}
    assert checked(Scenario.model_validate(data)).supply["goods"] == Supply.MADE


def test_a_long_list_of_problems_is_cut():
    idle = {f"idle-{number}": {"firm": "maker", "item": "part"} for number in range(100)}
    found = problems(shop(stock_points=idle))
    assert len(found) == MAX_LISTED + 1
    assert found[-1] == "and more problems"


def test_interventions_reach_a_bounded_number_of_lanes(monkeypatch):
    monkeypatch.setattr(effects, "MAX_EFFECTS", 2)
    entries = {name: ban(covers={}) for name in ("first", "second", "third")}
    (message,) = problems(shop(interventions=entries))
    assert message.startswith("interventions.third: the interventions up to here reach more than 2 lanes")


def test_lead_times_are_bounded_over_all_lanes(monkeypatch):
    monkeypatch.setattr(checks, "MAX_LEAD_TIMES", 8)
    lane = {
        "supplier": "source",
        "buyer": "shelf",
        "lead_time_days": {"dist": "uniform", "low": 1, "high": 5},
    }
    data = shop(lanes={"parts": lane, "second": lane, "third": lane})
    (finding,) = checks.inconsistencies(Scenario.model_validate(data))
    assert finding.path == ("lanes", "second", "lead_time_days")
    assert "more than 8 different lead times" in finding.message
