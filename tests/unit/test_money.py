"""Money from units."""

from sim.engines.loading import Values
from sim.engines.spending import unit_costs
from sim.risk.money import net_unit_price, revenue
from tests.builders import day, factory, measured, merged, shop, twins_of


def costs(data):
    twins = twins_of(data)
    schedule = twins.scenario.schedule
    prices, shares = schedule.lane_price[:, :1], schedule.normal_share[:, None]
    found = unit_costs(twins.plan, Values.of(twins.plan), prices, shares)[:, 0]
    return dict(zip(twins.plan.labels.points, found.tolist(), strict=True))


def stock_value(data, on, firm="maker"):
    """Value of a firm's stock at the end of a day."""
    entry = {"measure": "inventory_value", "firm": firm, "start": day(on), "end": day(on), "value": 1.0}
    return measured(twins_of(merged(data, {"observations": {"stock": entry}}))).outcome.observed.tolist()


def bought(data):
    """Purchases of both twins on each lane, in all days."""
    return measured(twins_of(data)).outcome.lane_value.tolist()


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
    assert bought(shop(3)) == [[30.0], [30.0]]


def test_goods_moved_within_a_firm_cost_nothing():
    assert bought(merged(shop(3), {"stock_points": {"source": {"firm": "maker"}}})) == [[0.0], [0.0]]


def test_stock_and_work_in_process_are_valued_at_cost():
    """180 parts at 1, 20 goods and 10 in work at 2 + 1."""
    data = factory(2, recipes={"assembly": {"process_days": 4, "conversion_cost": 1.0}})
    assert stock_value(data, 0) == [180.0 + 30.0 * 3.0]


def test_sources_hold_no_value():
    assert stock_value(shop(2, stock_points={"source": {"unit_cost": 9.0}}), 1, "supplier") == [0.0]


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
    assert stock_value(shop(5, interventions={"dearer": dearer}), 4) == [70.0]


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
