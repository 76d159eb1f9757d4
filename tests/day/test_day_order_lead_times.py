"""Orders that take days to reach the supplier, worked out by hand."""

import numpy as np
import pytest

from tests.builders import ban, day, factory, merged, shop, told
from tests.day.test_day_ordering import serial


def delayed(days=8, order_lead_time_days=2, **changes):
    """A shop whose supplier knows of an order two days after it was placed; 100 parts, 10 a day."""
    return merged(shop(days, lanes={"parts": {"order_lead_time_days": order_lead_time_days}}), changes)


def test_an_order_is_shipped_when_it_has_reached_the_supplier():
    run = told(delayed())
    assert run.lane("parts", "ordered").tolist() == [10.0] * 8
    assert run.lane("parts", "orders_under_way").tolist() == [10.0] + [20.0] * 7
    assert run.lane("parts", "shipped").tolist() == [0.0, 0.0] + [10.0] * 6
    assert run.lane("parts", "in_transit").tolist() == [0.0, 0.0, 10.0, 20.0, 30.0, 30.0, 30.0, 30.0]
    assert run.point("shelf", "on_hand").tolist() == [90.0, 80.0, 70.0, 60.0, 50.0, 50.0, 50.0, 50.0]
    assert run.point("shelf", "on_order").tolist() == [10.0, 20.0, 30.0, 40.0, 50.0, 50.0, 50.0, 50.0]


def test_a_supplier_owes_what_has_reached_it():
    run = told(delayed(stock_points={"source": {"capacity_per_day": 6.0}}))
    assert run.point("source", "owed").tolist() == [0.0, 0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0]


@pytest.mark.parametrize(("drawn", "days"), [(1.4, 1), (2.5, 2), ({"dist": "empirical", "values": [3]}, 3)])
def test_an_order_lead_time_is_drawn_once_and_rounded_to_whole_days(drawn, days):
    run = told(delayed(order_lead_time_days=drawn))
    assert run.lane("parts", "shipped").tolist() == [0.0] * days + [10.0] * (8 - days)


def test_what_would_reach_the_supplier_after_the_last_day_does_not():
    run = told(delayed(order_lead_time_days=30000))
    assert run.lane("parts", "orders_under_way").tolist() == np.arange(10.0, 90.0, 10.0).tolist()
    assert run.lane("parts", "shipped").tolist() == [0.0] * 8


def test_a_closing_lane_takes_back_a_share_of_backlog_and_of_orders_under_way():
    """On day 5 the 10 ordered on day 3 have just come in and the 10 of day 4 are under way: half of both."""
    run = told(delayed(lanes={"parts": {"subsidiary_share": 0.5}}, interventions={"ban": ban(5)}))
    assert run.lane("parts", "ordered").tolist() == [10.0] * 5 + [5.0] * 3
    assert run.lane("parts", "cancelled").tolist() == [0.0] * 5 + [10.0, 0.0, 0.0]
    assert run.lane("parts", "orders_under_way").tolist() == [10.0] + [20.0] * 4 + [10.0] * 3
    assert run.lane("parts", "shipped").tolist() == [0.0, 0.0, 10.0, 10.0, 10.0, 5.0, 5.0, 5.0]


def test_a_closed_lane_takes_back_all_orders_under_way():
    run = told(delayed(interventions={"ban": ban(5)}))
    assert run.lane("parts", "cancelled").tolist() == [0.0] * 5 + [20.0, 0.0, 0.0]
    assert run.lane("parts", "orders_under_way").tolist() == [10.0] + [20.0] * 4 + [0.0] * 3


def test_orders_under_way_go_on_while_orders_are_paused():
    strike = {"kind": "disruption", "title": "Strike", "date": day(4), "duration_days": 2}
    run = told(delayed(interventions={"strike": strike | {"pauses": "orders", "lanes": {}}}))
    assert run.lane("parts", "ordered").tolist() == [10.0] * 4 + [0.0, 0.0, 30.0, 10.0]
    assert run.lane("parts", "shipped").tolist() == [0.0, 0.0, 10.0, 10.0, 10.0, 10.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("kind", "units", "ordered"),
    [
        ("base_stock", 40.0, [10.0, 0.0, 10.0, 0.0, 20.0, 0.0]),
        ("echelon_base_stock", 80.0, [20.0, 10.0, 10.0, 10.0, 10.0, 10.0]),
    ],
)
def test_a_depot_knows_of_orders_late_by_its_own_stock_and_of_customers_at_once_by_echelon_stock(
    kind, units, ordered
):
    data = merged(serial(kind, units), {"lanes": {"parts": {"order_lead_time_days": 2}}})
    run = told(data)
    assert run.lane("parts", "ordered").tolist() == [10.0, 0.0, 20.0, 0.0, 20.0, 0.0]
    assert run.lane("inbound", "ordered").tolist() == ordered


@pytest.mark.parametrize(("order_lead_time_days", "ordered"), [(0, 105.0), (1, 100.0)])
def test_nothing_ordered_today_is_received_today_if_the_supplier_does_not_know(order_lead_time_days, ordered):
    """5 on hand, 10 wanted: who cannot be served today leaves, and is not ordered for."""
    data = delayed(
        2,
        order_lead_time_days,
        stock_points={"shelf": {"initial_on_hand": 5.0}},
        lanes={"parts": {"lead_time_days": 0}},
        demand={"home": {"patience_days": 0}},
    )
    assert told(data).lane("parts", "ordered")[0] == ordered


def test_room_is_taken_when_an_order_is_placed():
    run = told(delayed(lanes={"parts": {"capacity_per_day": 6.0}}))
    assert run.lane("parts", "ordered").tolist() == [6.0] * 8
    assert run.lane("parts", "shipped").tolist() == [0.0, 0.0] + [6.0] * 6


def test_a_factory_gets_its_parts_later_by_the_order_lead_time():
    late = {"lanes": {"parts": {"lead_time_days": 1, "order_lead_time_days": 2}}}
    assert (
        told(merged(factory(12), late)).point("parts", "on_hand").tolist()
        == told(factory(12)).point("parts", "on_hand").tolist()
    )
