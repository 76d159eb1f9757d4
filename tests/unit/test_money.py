"""Money from units."""

from sim.risk.money import inventory_value, net_unit_price, purchases, revenue, unit_costs
from tests.builders import day, factory, merged, shop, twins_of


def costs(data):
    twins = twins_of(data)
    found = unit_costs(twins.plan, twins.scenario)
    return dict(zip(twins.plan.labels.points, found.tolist(), strict=True))


def test_bought_units_cost_their_price_and_made_units_their_inputs():
    recipe = {"assembly": {"yield_share": 0.5, "conversion_cost": 3.0}}
    assert costs(factory(recipes=recipe)) == {"source": 0.0, "parts": 1.0, "goods": 2.0 / 0.5 + 3.0}


def test_a_price_is_the_average_over_the_lanes_by_share():
    second = {"second": {"firm": "supplier", "item": "part"}}
    lanes = {
        "parts": {"share": 0.75},
        "others": {"supplier": "second", "buyer": "shelf", "price": 5.0, "share": 0.25},
    }
    assert costs(shop(stock_points=second, lanes=lanes))["shelf"] == 2.0


def test_a_cost_that_is_given_stands():
    assert costs(shop(stock_points={"shelf": {"unit_cost": 7.0}}))["shelf"] == 7.0


def test_revenue_is_units_shipped_times_price():
    twins = twins_of(shop(3))
    assert revenue(twins.plan, twins.scenario).tolist() == [[20.0]] * 3


def test_purchases_are_units_shipped_times_price():
    twins = twins_of(shop(3))
    assert purchases(twins.plan, twins.scenario).tolist() == [[10.0]] * 3


def test_goods_moved_within_a_firm_cost_nothing():
    data = merged(shop(3), {"stock_points": {"source": {"firm": "maker"}}})
    twins = twins_of(data)
    assert purchases(twins.plan, twins.scenario).sum() == 0.0


def test_stock_and_work_in_process_are_valued_at_cost():
    twins = twins_of(factory(2, recipes={"assembly": {"process_days": 4, "conversion_cost": 1.0}}))
    value = inventory_value(twins.plan, twins.scenario)
    # Day 0: 180 parts at 1, 20 goods and 10 in work at 2 + 1.
    assert value[0].tolist() == [180.0 + 30.0 * 3.0, 0.0]


def test_sources_hold_no_value():
    twins = twins_of(shop(2, stock_points={"source": {"unit_cost": 9.0}}))
    assert inventory_value(twins.plan, twins.scenario)[:, 1].tolist() == [0.0, 0.0]


def test_without_penalty_the_price_is_the_price():
    twins = twins_of(shop(2))
    assert net_unit_price(twins.plan, twins.scenario).tolist() == [[2.0]] * 2


def test_stock_is_valued_at_the_prices_of_the_first_day():
    dearer = {
        "kind": "price_change",
        "title": "Dearer",
        "date": day(1),
        "shock": True,
        "lanes": {},
        "factor": 3.0,
    }
    assert costs(shop(5, interventions={"dearer": dearer}))["shelf"] == 1.0


def test_every_recipe_costs_its_own_inputs_whatever_costs_are_given_elsewhere():
    data = factory(
        items={"other": {"name": "Other", "kind": "product", "unit": "pieces"}},
        stock_points={
            "source": {"unit_cost": 4.0},
            "others": {"firm": "maker", "item": "other", "policy": {"kind": "base_stock", "units": 5.0}},
        },
        lanes={"parts": {"price": 3.0}},
        recipes={"other-assembly": {"output": "others", "inputs": {"parts": 7.0}}},
        demand={
            "other": {
                "stock_point": "others",
                "market": "home",
                "mean_per_day": 1.0,
                "process": "constant",
                "price": 50.0,
            }
        },
    )
    assert costs(data) == {"source": 4.0, "parts": 3.0, "goods": 6.0, "others": 21.0}
