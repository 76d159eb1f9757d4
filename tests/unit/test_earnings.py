"""What a maker earns with an alternative: its account of a plain run, and where the answer is known."""

from pathlib import Path

import numpy as np
import pytest

from sim.model.events import with_events
from sim.montecarlo.batches import InMemory
from sim.risk.designs import Model, two_matrices
from sim.risk.margins import BESIDE, entries_of, result_of
from sim.stories import sensitivity
from tests.builders import compiled, day, factory, merged, run_batch, shop

ADVICE = Path(__file__).parents[1] / "cases" / "wrong-advice.yaml"
UNIFORM = {"dist": "uniform", "low": 0.5, "high": 1.5}
SEED = 7
RUNNING = ("holding", "backorder", "in_transit", "order", "lost_sales")


def account(data, replications=1):
    plan = with_events(compiled(data))
    model = Model("maker", SEED, InMemory(1))
    return model.earn(plan, two_matrices(plan, SEED, replications)[:replications])


def running(found):
    return sum(found[kind] for kind in RUNNING)


def test_a_shop_earns_its_margin_less_what_stock_costs_to_hold():
    """Ten units a day, bought at 1 and sold at 2, from a stock of 100 that stays as it is."""
    stock = {
        "shelf": {"holding_cost_per_unit_day": 0.01, "initial_on_hand": 100.0, "policy": {"units": 110.0}}
    }
    found = account(shop(21, stock_points=stock, lanes={"parts": {"lead_time_days": 1}}))
    assert found["sales_to_markets"][0] == pytest.approx(21 * 10 * 2.0)
    assert found["cost_of_goods_sold"][0] == pytest.approx(-21 * 10 * 1.0)
    assert found["result"][0] == pytest.approx(21 * 10 * (2.0 - 1.0) + running(found)[0])


@pytest.mark.parametrize("units", [60.0, 400.0])
def test_stock_that_is_there_from_first_to_last_costs_only_its_holding(units):
    """However much it is, and whatever it cost to buy."""
    held = {
        "shelf": {"holding_cost_per_unit_day": 0.01, "initial_on_hand": units, "policy": {"units": units}}
    }
    found = account(shop(41, stock_points=held, lanes={"parts": {"lead_time_days": 3}}))
    assert found["result"][0] - running(found)[0] == pytest.approx(41 * 10 * (2.0 - 1.0))
    assert running(found)[0] < -41 * 0.01 * (units - 50)


def test_stock_that_is_bought_and_left_at_the_end_is_no_loss():
    more = {
        "stock": {
            "kind": "stockpiling",
            "title": "Stock",
            "date": day(5),
            "extra_cover_days": 8,
            "covers": {},
        }
    }
    cover = {
        "shelf": {"policy": {"kind": "base_stock", "units": 0, "cover_days": 5}, "initial_on_hand": 50.0}
    }
    plain, stocked = (account(shop(31, stock_points=cover, interventions=rules)) for rules in ({}, more))
    assert stocked["result"][0] == pytest.approx(plain["result"][0])


def everything(**changes):
    """A factory with uncertain numbers, an event, a shock on the first day, and all that an account books."""
    fire = {
        "kind": "capacity_loss", "title": "Fire", "date": day(0), "shock": True,
        "covers": {"stock_points": ["source"]}, "lost_share": {**UNIFORM, "high": 1.0},
        "duration_days": 20, "probability": 0.5,
    }  # fmt: skip
    data = factory(
        40,
        analysis={"account": True},
        firms={"maker": {"fixed_cost_per_day": 1.0}},
        recipes={"assembly": {"conversion_cost": UNIFORM, "process_days": 3}},
        lanes={"parts": {"price": UNIFORM, "lead_time_days": 4, "in_transit_cost_per_unit_day": 0.02}},
        demand={
            "home": {
                "process": "gamma", "dispersion": 3.0, "patience_days": 1, "lost_sale_cost_per_unit": 0.5,
            }
        },
        stock_points={
            "source": {"capacity_per_day": 25.0},
            "parts": {"holding_cost_per_unit_day": 0.01, "order_cost": 2.0, "shelf_life_days": 9},
            "goods": {"backorder_cost_per_unit_day": 0.3},
        },
        interventions={"fire": fire},
    )  # fmt: skip
    return merged(data, changes)


@pytest.mark.parametrize("change", [{}, {"stock_points": {"parts": {"policy": {"units": 260.0}}}}])
def test_what_is_earned_is_the_result_of_the_account_of_a_plain_run(change):
    """The same futures, the same bits: there is no second account."""
    data, replications = everything(**change), 8
    plan, found = compiled(data), account(data, replications)
    outcome = run_batch(plan, replications=replications, seed=SEED).outcome
    assert plan.window_days == plan.days
    booked = {name: money for name, part, money in entries_of(plan, outcome, 0) if part != BESIDE}
    for name, amounts in booked.items():
        np.testing.assert_array_equal(found[name], amounts[:, 0], err_msg=name)
    np.testing.assert_array_equal(found["result"], result_of(plan, outcome, 0)[:, 0])
    assert len(np.unique(found["result"])) == replications
    assert all(np.any(found[name] != 0.0) for name in ("write_offs", "fixed_costs", "lost_sales"))


def test_what_is_paid_before_the_shock_counts_too():
    """A plain run with a window from the shock on does not see what stock costs to hold until then."""
    held = {"stock_points": {"parts": {"holding_cost_per_unit_day": 1.0}}}
    late = {"interventions": {"fire": {"date": day(30)}}, "analysis": {"window_days": 10}}
    data = everything(**merged(held, late))
    whole = account(data)["holding"][0]
    window = run_batch(compiled(data), replications=1, seed=SEED).outcome.cost[0, 0, 0, 0]
    assert whole < -3.0 * window


def test_what_is_earned_ranks_the_alternatives_not_what_is_lost():
    """Doubling the price is best, leaving a market that earns something never better than staying in it.

    A year of stock costs 335 a day to hold, more than the 200 that the whole market brings in.
    """
    found = sensitivity.run(ADVICE, replications=32, workers=1)
    table = found.tables["alternatives"].set_index("alternative")
    value = table["value"]
    assert found.summary["decision"]["best"] == "double"
    assert value["double"] > 2 * value["as-is"] > 0
    assert value["as-is"] > 50 * value["quit"] > 0
    assert table["holding"]["as-is"] - table["holding"]["stock"] == pytest.approx(
        730 * 305 * 100 * 0.01, rel=0.02
    )
    assert value["stock"] < 0
