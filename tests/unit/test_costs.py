"""What holding, waiting, moving, ordering and losing cost, worked out by hand."""

from typing import Any

import pandas as pd
import pytest
import yaml

import sim
from sim.engines.spending import COST_KINDS
from sim.montecarlo.compiled_batch import run_blocks
from sim.report import tabulate
from sim.report.context import make_context
from sim.risk.money import costs
from sim.risk.tables import tables_of
from sim.risk.trace import STATE_COLUMNS, states_table
from tests.builders import ban, compiled, day, factory, merged, read, run_batch, shop, told

LOST = {"home": {"patience_days": 0}}
EMPTY = {"initial_on_hand": 0.0, "policy": {"units": 0.0}}


def paid(data, kind, point="shelf"):
    run = told(data)
    return getattr(costs(run.plan, run.path), kind)[:, run.plan.labels.points.index(point)].tolist()


def pause(kind, start=4, days=2, **fields):
    base = {"kind": "disruption", "title": "Pause", "pauses": kind, "date": day(start)}
    return base | {"duration_days": days, "lanes": {"lanes": ["parts"]}} | fields


def test_stock_at_the_end_of_the_day_costs_its_holding():
    data = shop(5, stock_points={"shelf": {"holding_cost_per_unit_day": 0.5}})
    assert paid(data, "holding") == [45.0, 40.0, 35.0, 35.0, 35.0]
    assert paid(data, "holding", "source") == [0.0] * 5


CARRIED: dict[str, Any] = {
    "mitigation": {"capital_rate_per_year": 0.25, "obsolescence_per_year": 0.75},
    "lanes": {"parts": {"price": 365.25}},
}
"""A unit is worth 365.25 and so costs 1 a day to carry."""


def test_capital_and_obsolescence_cost_a_part_of_what_a_unit_is_worth():
    data = shop(5, stock_points={"shelf": {"holding_cost_per_unit_day": 0.5}}, **CARRIED)
    assert paid(data, "holding") == pytest.approx([135.0, 120.0, 105.0, 105.0, 105.0])
    assert paid(data, "holding", "source") == [0.0] * 5


def test_only_the_maker_that_is_named_carries_its_stock():
    group = {"firms": {"other": {"name": "Other", "country": "DE"}}}
    data = merged(shop(5, **CARRIED), group)
    data["stock_points"]["copy"] = data["stock_points"]["shelf"] | {"firm": "other"}
    data["lanes"]["copies"] = data["lanes"]["parts"] | {"buyer": "copy"}
    data["demand"]["copy"] = data["demand"]["home"] | {"stock_point": "copy"}
    data["mitigation"] = CARRIED["mitigation"] | {"maker": "other"}
    assert paid(data, "holding") == [0.0] * 5
    assert paid(data, "holding", "copy") == pytest.approx([90.0, 80.0, 70.0, 70.0, 70.0])


def test_both_engines_carry_stock_at_the_prices_of_each_future():
    price = {"dist": "uniform", "low": 100.0, "high": 500.0}
    plan = compiled(shop(20, **merged(CARRIED, {"lanes": {"parts": {"price": price}}})))
    ours = run_blocks(plan, seed=3, replications=4, workers=1).outcome["cost"]
    theirs = run_batch(plan, seed=3, replications=4).outcome.cost
    assert (ours == theirs).all()
    assert len(set(ours[:, 0, COST_KINDS.index("holding"), 0].tolist())) == 4


def test_what_a_supplier_has_set_aside_costs_its_holding_and_no_transit():
    data = shop(
        8,
        stock_points={"source": {"holding_cost_per_unit_day": 2.0}},
        lanes={"parts": {"in_transit_cost_per_unit_day": 1.0}},
        interventions={"pause": pause("shipments")},
    )
    assert paid(data, "holding", "source") == [0, 0, 0, 0, 20, 40, 0, 0]
    assert paid(data, "in_transit") == [10, 20, 30, 30, 20, 10, 30, 40]


def test_goods_under_way_are_paid_by_the_buyer_the_dock_included():
    data = shop(
        8,
        lanes={"parts": {"in_transit_cost_per_unit_day": 0.25}},
        interventions={"pause": pause("receipts")},
    )
    assert paid(data, "in_transit") == [2.5, 5.0, 7.5, 7.5, 10.0, 12.5, 7.5, 7.5]
    assert paid(data, "in_transit", "source") == [0.0] * 8


def test_goods_set_aside_for_a_substitute_are_held_in_the_units_of_its_supplier():
    late = {
        "supplier": "late-source",
        "buyer": "shelf",
        "lead_time_days": 3,
        "trigger": {"date": day(0)},
        "qualification_lag_days": 0,
        "units_per_original": 3.0,
        "in_transit_cost_per_unit_day": 1.0,
    }
    data = shop(
        4,
        stock_points={"late-source": {"firm": "supplier", "item": "part", "holding_cost_per_unit_day": 2.0}},
        substitutes={"late": late},
        interventions={"pause": pause("shipments", 0, 2, lanes={"lanes": ["late", "parts"]})},
    )
    assert paid(data, "holding", "late-source") == [5.0 * 3.0 * 2.0, 10.0 * 3.0 * 2.0, 0.0, 0.0]
    assert paid(data, "in_transit") == [0.0, 0.0, 15.0, 20.0]


def test_every_unit_that_lanes_customers_and_recipes_wait_for_costs():
    rate = {"backorder_cost_per_unit_day": 3.0}
    lanes = shop(3, stock_points={"source": {"capacity_per_day": 6.0, **rate}})
    assert paid(lanes, "backorder", "source") == [12.0, 24.0, 36.0]
    customers = shop(4, stock_points={"shelf": {**EMPTY, **rate}})
    assert paid(customers, "backorder") == [30.0, 60.0, 90.0, 90.0]
    recipes = factory(2, stock_points={"parts": {**EMPTY, **rate}})
    assert paid(recipes, "backorder", "parts") == [60.0, 120.0]


def test_a_days_orders_cost_the_same_whatever_their_size():
    shelf = {"order_cost": 7.0, "policy": {"review_days": 3}}
    assert paid(shop(5, stock_points={"shelf": shelf}), "order") == [7.0, 0.0, 0.0, 7.0, 0.0]


def test_an_order_on_two_lanes_costs_once_and_one_of_production_too():
    two = shop(
        2,
        stock_points={"second": {"firm": "supplier", "item": "part"}, "shelf": {"order_cost": 7.0}},
        lanes={"other": {"supplier": "second", "buyer": "shelf"}},
    )
    assert paid(two, "order") == [7.0, 7.0]
    assert paid(factory(2, stock_points={"goods": {"order_cost": 4.0}}), "order", "goods") == [4.0, 4.0]


def test_an_order_that_cannot_be_placed_costs_nothing():
    data = shop(6, stock_points={"shelf": {"order_cost": 7.0}}, interventions={"ban": ban(4)})
    assert paid(data, "order") == [7.0] * 4 + [0.0] * 2


def test_customers_who_leave_cost_what_is_said_beside_their_revenue():
    data = shop(
        3,
        stock_points={"shelf": EMPTY},
        demand={"home": {"patience_days": 4, "lost_sale_cost_per_unit": 8.0}},
    )
    assert paid(data, "lost_sales") == [20.0, 35.0, 46.25]


def test_without_rates_nothing_costs_anything():
    run = told(shop(9, demand=LOST, interventions={"ban": ban(2), "pause": pause("receipts")}))
    found = costs(run.plan, run.path)
    assert {kind: getattr(found, kind).sum() for kind in COST_KINDS} == dict.fromkeys(COST_KINDS, 0.0)


# ------------------------------------------------------------------ tables


def everything_costs(**changes):
    """Rates of 1 but for 2 on backorders; a ban on day 5 leaves 150 units to sell, up to day 14."""
    data = shop(
        20,
        stock_points={
            "source": {"backorder_cost_per_unit_day": 9.0},
            "shelf": {
                "holding_cost_per_unit_day": 1.0,
                "backorder_cost_per_unit_day": 2.0,
                "order_cost": 1.0,
            },
        },
        lanes={"parts": {"in_transit_cost_per_unit_day": 1.0}},
        interventions={"ban": ban(5)},
    )
    return merged(data, changes)


def tables(data):
    plan = compiled(data)
    measured = run_batch(plan, seed=1, replications=2)
    return tables_of(read(data), plan, measured)


def test_the_table_tells_what_each_kind_costs_more_than_in_the_counterfactual():
    """70 on hand and 30 under way on 15 days, against 420 and 30 unit days; 10, 20, .. 50 wait at last."""
    rows = tables(everything_costs())["costs"].to_dict("records")
    expected = {
        "holding": (1050.0, 420.0 - 1050.0),
        "backorder": (0.0, 2.0 * 150.0),
        "in_transit": (450.0, 30.0 - 450.0),
        "order": (15.0, -15.0),
        "lost_sales": (0.0, 0.0),
    }
    assert rows == [
        {"maker": "maker", "cost": kind, "counterfactual": normal, "mean": more, "p05": more, "p95": more}
        for kind, (normal, more) in expected.items()
    ]
    assert tuple(expected) == COST_KINDS


def test_a_makers_costs_are_the_sum_of_their_kinds_in_each_twin():
    rows = tables(everything_costs())["makers"]
    assert rows["costs_counterfactual"].tolist() == [1050.0 + 450.0 + 15.0] * 2
    assert rows["costs_scenario"].tolist() == [420.0 + 300.0 + 30.0] * 2


def test_costs_count_in_the_window_alone():
    rows = tables(everything_costs(analysis={"window_days": 2}))["costs"].set_index("cost")
    assert rows["counterfactual"].tolist() == [140.0, 0.0, 60.0, 2.0, 0.0]
    assert rows["mean"].tolist() == [0.0, 0.0, 30.0 - 60.0, -2.0, 0.0]


# ------------------------------------------------------------------ the table of states


def states(data):
    run = told(data)
    table = states_table(run.plan, run.path)
    assert tuple(table.columns) == STATE_COLUMNS
    return {name: rows.reset_index(drop=True) for name, rows in table.groupby("stock_point")}


def chain(*pauses, **changes):
    """Source -> depot of 50 -> 3 days -> shelf, at which 10 a day are sold."""
    data = shop(
        11,
        stock_points={
            "depot": {
                "firm": "supplier",
                "item": "part",
                "policy": {"kind": "base_stock", "units": 50.0},
                "holding_cost_per_unit_day": 2.0,
            },
            "shelf": {"holding_cost_per_unit_day": 1.0, "order_cost": 3.0},
        },
        lanes={
            "parts": {"supplier": "depot", "in_transit_cost_per_unit_day": 0.5},
            "inbound": {"supplier": "source", "buyer": "depot"},
        },
        interventions={f"pause-{number}": entry for number, entry in enumerate(pauses)},
    )
    return merged(data, changes)


def test_what_is_set_aside_is_neither_on_hand_nor_shipped_nor_under_way():
    found = states(chain(pause("shipments")))
    assert found["depot"]["set_aside"].tolist() == [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0]
    assert found["depot"]["on_hand"].tolist() == [50.0] * 11
    assert found["depot"]["shipped"].tolist() == [10, 10, 10, 10, 0, 0, 30, 10, 10, 10, 10]
    assert found["shelf"]["in_transit"].tolist() == [10, 20, 30, 30, 20, 10, 30, 40, 50, 30, 30]
    assert found["shelf"]["on_order"].tolist() == [10, 20, 30, 30, 30, 30, 30, 40, 50, 30, 30]


def test_what_waits_at_the_dock_is_neither_under_way_nor_on_hand():
    found = states(chain(pause("receipts")))
    assert found["shelf"]["at_dock"].tolist() == [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0]
    assert found["shelf"]["in_transit"].tolist() == [10, 20] + [30] * 9
    assert found["shelf"]["on_hand"].tolist() == [90, 80, 70, 70, 60, 50, 70, 70, 70, 70, 70]
    assert found["shelf"]["received"].tolist() == [0, 0, 0, 10, 0, 0, 30, 10, 10, 10, 10]


PAUSES = [pause("shipments"), pause("receipts", 6, 3), pause("transit", 5, 2), pause("orders", 7, 1)]


def test_what_a_buyer_has_on_order_waits_at_the_supplier_is_under_way_or_at_the_dock():
    found = states(chain(*PAUSES, stock_points={"source": {"capacity_per_day": 12.0}}))
    shelf, depot = found["shelf"], found["depot"]
    parts = depot["backorders"] + depot["set_aside"] + shelf["in_transit"] + shelf["at_dock"]
    assert shelf["on_order"].tolist() == parts.tolist()
    assert min(depot["set_aside"].max(), shelf["at_dock"].max(), shelf["in_transit"].max()) > 0.0


@pytest.mark.parametrize("point", ["depot", "shelf"])
def test_stock_follows_from_what_comes_in_and_goes_out(point):
    rows = states(chain(*PAUSES))[point]
    flows = rows["received"] - rows["shipped"]
    stock = rows["on_hand"] + rows["set_aside"]
    pd.testing.assert_series_equal(stock.diff()[1:], flows[1:], check_names=False)


def test_costs_of_the_day_stand_beside_the_states_they_come_from():
    found = states(chain(*PAUSES))
    depot, shelf = found["depot"], found["shelf"]
    assert depot["holding_cost"].tolist() == (2.0 * (depot["on_hand"] + depot["set_aside"])).tolist()
    assert shelf["holding_cost"].tolist() == shelf["on_hand"].tolist()
    assert shelf["in_transit_cost"].tolist() == (0.5 * (shelf["in_transit"] + shelf["at_dock"])).tolist()
    assert shelf["order_cost"].tolist() == [3.0 * (units > 0.0) for units in shelf["ordered"]]
    assert shelf["order_cost"].min() == 0.0


def test_costs_of_all_days_and_stock_points_add_up_to_the_makers():
    data = everything_costs()
    shelf = states(data)["shelf"]
    after = shelf[shelf["day"] >= 5]
    columns = [name for name in STATE_COLUMNS if name.endswith("_cost")]
    assert len(columns) == len(COST_KINDS)
    total = sum(after[name].sum() for name in columns)
    assert tables(data)["makers"]["costs_scenario"].tolist() == [total] * 2


def test_a_source_that_is_paid_for_waiting_is_no_cost_of_the_maker():
    data = everything_costs(stock_points={"source": {"capacity_per_day": 8.0}})
    rows = tables(data)["costs"].set_index("cost")
    assert states(data)["source"]["backorder_cost"].tolist()[:3] == [18.0, 36.0, 54.0]
    assert rows["counterfactual"]["backorder"] == 0.0


def test_the_report_lists_no_cost_that_nobody_pays(tmp_path):
    file = tmp_path / "test.yaml"
    data = shop(30, interventions={"ban": ban(5)}, stock_points={"shelf": {"order_cost": 2.0}})
    file.write_text(yaml.safe_dump(data))
    table = tabulate.costs(make_context(sim.run(file, replications=2, workers=1)._findings))
    assert table is not None
    assert [row[1] for row in table.rows] == ["Placing orders"]
