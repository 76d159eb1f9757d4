"""One replication told in words and as a table."""

import numpy as np
import pandas as pd
import pytest
import yaml

from sim.engines import block_engine
from sim.engines.costing import ENTRIES
from sim.risk.margins import entries_of, margin_of, result_of
from sim.risk.trace import STATE_COLUMNS, events, states_table
from sim.stories import SEED as STUDY_SEED
from sim.stories import study
from tests.builders import ban, compiled, day, factory, merged, read, run_batch, shop, told, twins_of
from tests.differential.compare import SEED, block_of


def told_events(data):
    twins = twins_of(data)
    return events(read(data), twins.plan, twins.scenario)


def banned(**changes):
    data = shop(20, demand={"home": {"patience_days": 0}}, interventions={"ban": ban(5)})
    return merged(data, changes)


def kinds_of(data):
    return {event.kind for event in told_events(data)}


def test_what_a_ban_sets_off_is_told():
    waiting = banned(demand={"home": {"patience_days": 5}})
    assert kinds_of(waiting) == {"rule", "refusal", "shipment", "stock-out", "lost sales"}


def test_events_come_in_the_order_of_days():
    dates = [event.date for event in told_events(banned())]
    assert dates == sorted(dates)


def test_an_event_is_one_line_with_date_kind_and_place():
    rule = next(event for event in told_events(banned()) if event.kind == "rule")
    assert str(rule) == "2021-01-06  rule          ban: Ban takes effect"


def test_a_shipment_tells_when_it_arrives():
    shipment = next(event for event in told_events(banned()) if event.kind == "shipment")
    assert shipment.text == "10 pieces shipped, arrive 2021-01-04"


def test_cancelled_backlog_and_goods_turned_back_are_told():
    data = banned(
        stock_points={"source": {"capacity_per_day": 6.0}},
        interventions={"ban": {"in_transit": "turned_back"}},
    )
    texts = {event.kind: event.text for event in told_events(data)}
    assert texts["cancellation"] == "20 pieces of backlog cancelled"
    assert texts["turned back"] == "12 pieces in transit turned back"


def test_orders_that_take_days_to_reach_the_supplier_are_told():
    data = banned(lanes={"parts": {"order_lead_time_days": 2}})
    texts = {event.kind: event.text for event in reversed(told_events(data))}
    assert texts["order"] == "10 pieces ordered, the supplier knows on 2021-01-03"
    assert texts["cancellation"] == "20 pieces of what was ordered cancelled"


def test_an_empty_stock_is_told_once_a_spell():
    outs = [
        event
        for event in told_events(banned(demand={"home": {"patience_days": 5}}))
        if event.kind == "stock-out"
    ]
    assert [event.where for event in outs] == ["shelf"]


def test_a_stock_out_names_the_input_that_held_production_back():
    data = factory(30, interventions={"ban": ban(0)})
    outs = [event.text for event in told_events(data) if event.where == "goods" and event.kind == "stock-out"]
    assert len(outs) == 1
    assert outs[0].endswith("production held back by parts")


def test_a_qualified_substitute_is_told():
    data = banned(
        stock_points={"late-source": {"firm": "supplier", "item": "part"}},
        substitutes={
            "late": {
                "supplier": "late-source",
                "buyer": "shelf",
                "trigger": {"date": "2021-01-03"},
                "qualification_lag_days": 4,
            }
        },
    )
    found = [event for event in told_events(data) if event.kind == "substitute"]
    assert [(str(event.date), event.where) for event in found] == [("2021-01-07", "late")]


def test_the_table_has_a_row_for_every_day_and_stock_point():
    twins = twins_of(banned())
    table = states_table(twins.plan, twins.scenario)
    assert tuple(table.columns) == STATE_COLUMNS
    assert len(table) == 20 * 2
    assert table["stock_point"].tolist()[:3] == ["source", "shelf", "source"]
    assert table["date"].tolist()[:3] == ["2021-01-01", "2021-01-01", "2021-01-02"]


def test_the_table_tells_states_and_flows():
    twins = twins_of(banned())
    table = states_table(twins.plan, twins.scenario).query("stock_point == 'shelf'").reset_index(drop=True)
    row = table.loc[4]
    expected = {
        "on_hand": 70.0,
        "backorders": 0.0,
        "on_order": 30.0,
        "in_transit": 30.0,
        "wip": 0.0,
        "ordered": 10.0,
        "received": 10.0,
        "shipped": 10.0,
        "produced": 0.0,
        "demand": 10.0,
        "lost": 0.0,
    }
    assert row[list(expected)].to_dict() == expected
    assert table["lost"].tolist() == [0.0] * 15 + [10.0] * 5


@pytest.mark.parametrize("column", ["on_hand", "backorders", "on_order", "in_transit", "wip"])
def test_states_balance_in_the_table(column):
    """A reader can check the table with nothing but itself: on hand follows from the flows."""
    data = factory(30, recipes={"assembly": {"process_days": 2}})
    run = told(data)
    table = states_table(run.plan, run.path)
    goods = table.query("stock_point == 'goods'").reset_index(drop=True)
    flows = goods["received"] + goods["produced"] - goods["shipped"]
    pd.testing.assert_series_equal(goods["on_hand"].diff()[1:], flows[1:], check_names=False)
    assert (table[column] >= 0.0).all()


def test_a_story_is_told_line_for_line():
    """What happens on a day comes in the day's own order; amounts below one piece are told as well."""
    data = shop(
        9,
        stock_points={
            "source": {"capacity_per_day": 0.25},
            "shelf": {"policy": {"units": 1.0}, "initial_on_hand": 1.0},
            "other": {"firm": "supplier", "item": "part"},
            "late-source": {"firm": "supplier", "item": "part"},
        },
        lanes={
            "parts": {"share": 0.75},
            "more": {
                "supplier": "other",
                "buyer": "shelf",
                "lead_time_days": 1,
                "share": 0.25,
                "capacity_per_day": 0.125,
            },
        },
        demand={"home": {"mean_per_day": 0.5, "patience_days": 2}},
        substitutes={
            "late": {
                "supplier": "late-source",
                "buyer": "shelf",
                "trigger": {"date": day(3)},
                "qualification_lag_days": 2,
            }
        },
        interventions={
            "ban": ban(2, duration_days=6, in_transit="turned_back", covers={"lanes": ["parts"]}),
            "sale": {
                "kind": "price_change",
                "title": "Sale",
                "date": day(0),
                "end": day(9),
                "streams": {},
                "factor": 0.5,
            },
        },
    )
    assert [str(event) for event in told_events(data)] == [
        "2021-01-01  rule          sale: Sale takes effect",
        "2021-01-01  shipment      parts: 0.25 pieces shipped, arrive 2021-01-04",
        "2021-01-01  shipment      more: 0.125 pieces shipped, arrive 2021-01-02",
        "2021-01-02  shipment      parts: 0.25 pieces shipped, arrive 2021-01-05",
        "2021-01-02  shipment      more: 0.125 pieces shipped, arrive 2021-01-03",
        "2021-01-03  rule          ban: Ban takes effect",
        "2021-01-03  cancellation  parts: 0.25 pieces of backlog cancelled",
        "2021-01-03  turned back   parts: 0.5 pieces in transit turned back",
        "2021-01-03  refusal       parts: 0.9375 pieces cannot be ordered, and no more at later reviews",
        "2021-01-03  shipment      more: 0.125 pieces shipped, arrive 2021-01-04",
        "2021-01-03  stock-out     shelf: empty, 0.125 pieces wait",
        "2021-01-03  lost sales    home: customers for 0.125 pieces left",
        "2021-01-04  shipment      more: 0.125 pieces shipped, arrive 2021-01-05",
        "2021-01-04  lost sales    home: customers for 0.25 pieces left",
        "2021-01-05  shipment      more: 0.125 pieces shipped, arrive 2021-01-06",
        "2021-01-05  lost sales    home: customers for 0.3125 pieces left",
        "2021-01-06  substitute    late: qualified",
        "2021-01-06  shipment      more: 0.125 pieces shipped, arrive 2021-01-07",
        "2021-01-06  shipment      late: 1.562 pieces shipped, arrive 2021-01-06",
        "2021-01-07  shipment      more: 0.1 pieces shipped, arrive 2021-01-08",
        "2021-01-07  shipment      late: 0.4 pieces shipped, arrive 2021-01-07",
        "2021-01-08  shipment      more: 0.1 pieces shipped, arrive 2021-01-09",
        "2021-01-08  shipment      late: 0.4 pieces shipped, arrive 2021-01-08",
        "2021-01-09  rule          ban: Ban ends",
        "2021-01-09  shipment      parts: 0.1875 pieces shipped, arrive 2021-01-12",
        "2021-01-09  shipment      more: 0.0625 pieces shipped, arrive 2021-01-10",
        "2021-01-09  shipment      late: 0.25 pieces shipped, arrive 2021-01-09",
    ]


def short_of_parts(screws):
    """Goods from parts, of which there are none, and so many screws."""
    return factory(
        8,
        items={"screw": {"name": "Screw", "unit": "pieces"}},
        stock_points={
            "screw-source": {"firm": "supplier", "item": "screw"},
            "parts": {"initial_on_hand": 0.0},
            "screws": {
                "firm": "maker",
                "item": "screw",
                "policy": {"kind": "base_stock", "units": 10.0},
                "initial_on_hand": screws,
            },
            "goods": {"policy": {"units": 0.5}, "initial_on_hand": 0.5},
        },
        recipes={"assembly": {"inputs": {"screws": 1.0}}},
        lanes={
            "parts": {"lead_time_days": 20},
            "screws": {"supplier": "screw-source", "buyer": "screws", "lead_time_days": 20},
        },
        demand={"home": {"mean_per_day": 0.25}},
    )


@pytest.mark.parametrize(("screws", "short"), [(0.0, "parts, screws"), (10.0, "parts")])
def test_a_stock_out_names_every_input_that_held_production_back_and_no_other(screws, short):
    (out,) = [event.text for event in told_events(short_of_parts(screws)) if event.where == "goods"]
    assert out == f"empty, 0.25 pieces wait; production held back by {short}"


def test_a_substitute_that_is_never_qualified_is_not_told():
    data = banned(
        stock_points={"late-source": {"firm": "supplier", "item": "part"}},
        substitutes={
            "late": {
                "supplier": "late-source",
                "buyer": "shelf",
                "trigger": {"date": "2021-01-03"},
                "qualification_lag_days": 99,
            }
        },
    )
    assert "substitute" not in kinds_of(data)


def test_goods_under_way_on_all_lanes_to_a_stock_point_are_added_up():
    second = {"supplier": "second", "buyer": "shelf", "lead_time_days": 3, "share": 0.5}
    run = told(
        shop(
            4,
            stock_points={"second": {"firm": "supplier", "item": "part"}},
            lanes={"parts": {"share": 0.5}, "second": second},
        )
    )
    table = states_table(run.plan, run.path).query("stock_point == 'shelf'")
    assert table["in_transit"].tolist() == [10.0, 20.0, 30.0, 30.0]


def test_what_expires_is_told():
    data = shop(5, stock_points={"shelf": {"shelf_life_days": 2}})
    expiry = next(event for event in told_events(data) if event.kind == "expiry")
    assert str(expiry).endswith("shelf: 80 pieces expire and are written off")


# ------------------------------------------------------------------ what goods cost

DEARER = {
    "kind": "price_change",
    "title": "Dearer",
    "date": day(14),
    "lanes": {},
    "factor": 2.0,
    "shock": True,
}


def accounted(**changes):
    """A factory whose parts become dearer, and all that costs it money."""
    data = factory(
        62,
        analysis={"account": True},
        firms={"maker": {"fixed_cost_per_day": 2.0}},
        stock_points={"parts": {"holding_cost_per_unit_day": 0.01, "unit_cost": 1.2}},
        recipes={"assembly": {"conversion_cost": 0.5, "process_days": 2}},
        demand={"home": {"patience_days": 0, "process": "gamma", "dispersion": 3.0}},
        interventions={"dearer": DEARER, "ban": ban(28, duration_days=20)},
    )
    return merged(data, changes)


def traced(tmp_path, data, **how):
    file = tmp_path / "accounted.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return study.trace(file, **how)


def in_the_compiled_engine(data):
    """``[day, twin, point]`` unit costs and ``[day, twin, entry, maker]`` what is booked of replication 0."""
    block = block_of(compiled(data))
    costing, unit_costs, booked = block.measures.costing, [], []
    for number in range(data["calendar"]["days"]):
        if number == block.shared_days:
            block_engine.fork(block)
        block_engine.run_span(block, number, number + 1)
        twins = [0, 1 if number >= block.shared_days else 0]
        unit_costs.append(costing.points.unit_cost[:, twins, 0].T)
        booked.append(costing.today[twins, ..., 0])
    return np.stack(unit_costs), np.stack(booked)


@pytest.mark.parametrize("counterfactual", [False, True])
def test_the_tables_tell_what_the_compiled_engine_books(tmp_path, counterfactual):
    data = accounted()
    found = traced(tmp_path, data, seed=SEED, counterfactual=counterfactual)
    unit_cost, booked = (values[:, int(counterfactual)] for values in in_the_compiled_engine(data))
    labels = compiled(data).labels
    for place, point in enumerate(labels.points):
        told = found.states.query("stock_point == @point")["unit_cost"].to_numpy()
        expected = unit_cost[:, place] if point in ("parts", "goods") else np.full(62, np.nan)
        np.testing.assert_array_equal(told, expected, err_msg=point)
    rows = found.accounts
    assert rows["maker"].unique().tolist() == list(labels.makers)
    entries = dict(zip(ENTRIES, booked[:, :, 0].T, strict=True))
    goods = entries["cost_of_sales_to_markets"] + entries["cost_of_sales_to_firms"]
    np.testing.assert_array_equal(rows["cost_of_goods_sold"], -goods)
    np.testing.assert_array_equal(rows["purchases"], -entries["purchases"])
    np.testing.assert_array_equal(rows["fixed_costs"], -entries["fixed_costs"])
    assert len(set(unit_cost[:, labels.points.index("parts")])) > 20


@pytest.mark.parametrize("counterfactual", [False, True])
def test_the_days_of_an_account_add_up_to_that_of_the_window(tmp_path, counterfactual):
    data = accounted()
    days = traced(tmp_path, data, counterfactual=counterfactual).accounts.iloc[14:].sum(numeric_only=True)
    outcome = run_batch(compiled(data), replications=1, seed=STUDY_SEED).outcome
    for name, _, amounts in entries_of(compiled(data), outcome, 0):
        assert days[name] == pytest.approx(amounts[0, int(counterfactual)]), name
    for name, total in (("margin", margin_of), ("result", result_of)):
        assert days[name] == pytest.approx(total(compiled(data), outcome, 0)[0, int(counterfactual)])


def test_unit_costs_are_told_as_they_change_and_accounts_by_the_month(tmp_path):
    found = traced(tmp_path, accounted())
    costs = [event for event in found.events if event.kind == "unit cost" and event.where == "parts"]
    assert costs[0].text == "1.2 EUR for 1 pieces"
    amounts = [float(event.text.split()[0]) for event in costs]
    parts = found.states.query("stock_point == 'parts'").set_index("date")["unit_cost"]
    assert amounts == [pytest.approx(parts[event.date.isoformat()], rel=1e-3) for event in costs]
    told = parts.iloc[0]
    for cost in parts:
        told = cost if abs(cost - told) >= 0.05 * told else told
        assert abs(cost - told) < 0.05 * told
    assert len(costs) == 1 + int((np.abs(np.diff(amounts)) > 0.0).sum()) > 3
    months = [event for event in found.events if event.kind == "account"]
    assert [str(event.date) for event in months] == ["2021-01-31", "2021-02-28", "2021-03-03"]
    january = found.accounts.iloc[:31].sum(numeric_only=True)
    assert months[0].text == (
        f"since 2021-01-01, in EUR: sales {january['sales_to_markets']:,.4g}, "
        f"cost of goods sold {-january['cost_of_goods_sold']:,.4g}, "
        f"contribution margin {january['margin']:,.4g}, result {january['result']:,.4g}"
    )


def test_without_accounts_nothing_is_told_of_costs(tmp_path):
    found = traced(tmp_path, accounted(analysis={"account": False}))
    assert found.accounts is None
    assert tuple(found.states.columns) == STATE_COLUMNS
    assert not {"unit cost", "account"} & {event.kind for event in found.events}
