"""What a firm earns in a scenario: against the readable engine's ledgers, and where the answer is known."""

from pathlib import Path

import numpy as np
import pytest

from sim.model.plan import Supply
from sim.montecarlo.batches import InMemory
from sim.montecarlo.simpy_batch import replicate
from sim.risk.designs import Model, two_matrices
from sim.risk.earnings import costs_of_a_unit
from sim.risk.money import costs, revenue
from sim.stories import sensitivity
from tests.builders import compiled, day, factory, merged, shop
from tests.readable_measures.money import purchases

ADVICE = Path(__file__).parents[1] / "cases" / "wrong-advice.yaml"
UNIFORM = {"dist": "uniform", "low": 0.5, "high": 1.5}
SEED = 7


def account(data, replications=1):
    plan = compiled(data)
    model = Model("maker", SEED, InMemory(1))
    return plan, model.earn(plan, two_matrices(plan, SEED, replications)[:replications])


def test_a_shop_earns_its_margin_less_what_stock_costs_to_hold():
    """Ten units a day, bought at 1 and sold at 2, from a stock of 100 that stays as it is."""
    stock = {
        "shelf": {"holding_cost_per_unit_day": 0.01, "initial_on_hand": 100.0, "policy": {"units": 110.0}}
    }
    _, found = account(shop(21, stock_points=stock, lanes={"parts": {"lead_time_days": 1}}))
    assert found.revenue[0] == pytest.approx(20 * 10 * 2.0)
    assert found.stock_change[0] == pytest.approx(found.purchases[0] - 20 * 10 * 1.0)
    assert found.earned[0] == pytest.approx(20 * 10 * (2.0 - 1.0) - found.running[0])


@pytest.mark.parametrize("units", [60.0, 400.0])
def test_stock_that_is_there_from_first_to_last_costs_only_its_holding(units):
    """However much it is, and whatever it cost to buy."""
    held = {
        "shelf": {"holding_cost_per_unit_day": 0.01, "initial_on_hand": units, "policy": {"units": units}}
    }
    _, found = account(shop(41, stock_points=held, lanes={"parts": {"lead_time_days": 3}}))
    assert found.earned[0] + found.running[0] == pytest.approx(40 * 10 * (2.0 - 1.0))
    assert found.running[0] > 40 * 0.01 * (units - 50)


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
    plain, stocked = (account(shop(31, stock_points=cover, interventions=rules))[1] for rules in ({}, more))
    assert stocked.purchases[0] == pytest.approx(plain.purchases[0] + 80.0)
    assert stocked.earned[0] == pytest.approx(plain.earned[0])


def test_making_costs_what_is_sold_at_the_rate_of_the_recipe():
    recipe = {"assembly": {"yield_share": 0.5, "conversion_cost": 0.25}}
    plan, found = account(factory(31, recipes=recipe))
    parts, conversion = costs_of_a_unit(plan)
    goods = plan.labels.points.index("goods")
    assert (parts[goods], conversion[goods]) == (4.0, 0.25)
    sold = found.revenue[0] / plan.streams.price[0]
    assert found.conversion[0] == pytest.approx(0.25 * sold)


def test_goods_moved_within_a_firm_keep_what_they_cost():
    """A depot of the same firm between factory and market, whose lane has no price."""
    data = merged(
        factory(31, recipes={"assembly": {"conversion_cost": 0.25}}),
        {
            "stock_points": {
                "depot": {"firm": "maker", "item": "product", "policy": {"kind": "base_stock", "units": 40.0}}
            },
            "lanes": {"move": {"supplier": "goods", "buyer": "depot", "lead_time_days": 2}},
            "demand": {"home": {"stock_point": "depot"}},
        },
    )
    plan = compiled(data)
    parts, conversion = costs_of_a_unit(plan)
    depot, goods = (plan.labels.points.index(name) for name in ("depot", "goods"))
    assert (parts[depot], conversion[depot]) == (parts[goods], conversion[goods]) == (2.0, 0.25)


def test_the_account_is_that_of_the_readable_engine():
    """Noise, uncertain prices, penalties, costs of all kinds, and goods on the way at both ends."""
    data = merged(
        factory(40, recipes={"assembly": {"conversion_cost": UNIFORM, "process_days": 3}}),
        {
            "lanes": {"parts": {"price": UNIFORM, "lead_time_days": 4, "in_transit_cost_per_unit_day": 0.02}},
            "demand": {"home": {"process": "gamma", "dispersion": 3.0, "lost_sale_cost_per_unit": 0.5}},
            "stock_points": {
                "parts": {"holding_cost_per_unit_day": 0.01, "order_cost": 2.0},
                "goods": {"backorder_cost_per_unit_day": 0.3},
            },
        },
    )
    plan, found = account(data, 3)
    parts, conversion = costs_of_a_unit(plan)
    for replication in range(3):
        twins = replicate(plan, SEED, replication)
        path, table = twins.scenario, twins.plan
        own = table.points.firm == table.labels.firms.index("maker")
        units = path.ledger.points.on_hand + path.ledger.points.wip
        for lane, buyer in enumerate(table.lanes.buyer):
            units[:, buyer] += path.ledger.lanes.in_transit[:, lane]
        value = (units * parts * (table.points.supply != Supply.SOURCE))[:, own].sum(axis=1)
        running = sum(
            getattr(costs(table, path), kind)[1:, own].sum()
            for kind in ("holding", "backorder", "in_transit", "order", "lost_sales")
        )
        expected = {
            "revenue": revenue(table, path)[1:].sum(),
            "purchases": purchases(table, path)[1:].sum(),
            "conversion": (path.ledger.streams.shipped[1:] * conversion[table.streams.point]).sum(),
            "running": running,
            "stock_change": value[-1] - value[0],
        }
        for name, amount in expected.items():
            assert getattr(found, name)[replication] == pytest.approx(amount, rel=1e-9, abs=1e-9), name


def test_what_is_earned_ranks_the_alternatives_not_what_is_lost():
    """Doubling the price is best, leaving a market that earns something never better than staying in it.

    A year of stock costs 335 a day to hold, more than the 200 that the whole market brings in.
    """
    found = sensitivity.run(ADVICE, replications=32, workers=1)
    value = found.tables["alternatives"].set_index("alternative")["value"]
    assert found.summary["decision"]["best"] == "double"
    assert value["double"] > 2 * value["as-is"] > 0
    assert value["as-is"] > 50 * value["quit"] > 0
    held = found.tables["alternatives"].set_index("alternative")["running"]
    assert held["stock"] - held["as-is"] == pytest.approx(729 * 305 * 100 * 0.01, rel=0.02)
    assert value["stock"] < 0
    np.testing.assert_allclose(found.tables["alternatives"]["stock_change"], 0.0, atol=1.0)
