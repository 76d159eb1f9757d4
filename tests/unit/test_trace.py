"""One replication told in words and as a table."""

import pandas as pd
import pytest

from sim.risk.trace import STATE_COLUMNS, events, states_table
from tests.builders import ban, factory, merged, read, shop, told, twins_of


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
