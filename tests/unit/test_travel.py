"""Days on the way with pauses, counted by hand; tests/property does the same with a walk day by day."""

import numpy as np
import pytest

from sim.model import travel
from sim.model.plan import Pause

DAYS = 12


def paused(movers=1, days=DAYS, mover=0, **windows):
    """``[pause, mover, day]`` with the given pauses of one mover, each as (first day, day after the last)."""
    pauses = np.zeros((len(Pause), movers, days), dtype=bool)
    for kind, (first, end) in windows.items():
        pauses[Pause[kind.upper()], mover, first:end] = True
    return pauses


def lead(days_in_transit, movers=1, days=DAYS):
    return np.full((movers, days), days_in_transit, dtype=np.int64)


def dock_days(days_in_transit, days=DAYS, **windows):
    return travel.dock_days(paused(days=days, **windows), lead(days_in_transit, days=days))[0].tolist()


def receipt_days(days_in_transit, days=DAYS, **windows):
    return travel.receipt_days(paused(days=days, **windows), lead(days_in_transit, days=days))[0].tolist()


def test_without_pauses_the_way_takes_its_days():
    assert dock_days(3) == receipt_days(3) == [3] * DAYS


def test_paused_orders_hold_up_nothing_on_the_way():
    assert receipt_days(3, orders=(0, DAYS)) == [3] * DAYS


def test_what_is_sent_while_shipments_pause_leaves_when_the_pause_ends():
    assert dock_days(3, shipments=(2, 5)) == [3, 3, 6, 5, 4, 3, 3, 3, 3, 3, 3, 3]


def test_every_paused_day_at_whose_end_it_is_under_way_costs_a_day():
    """Paused on days 2 and 3: day 0's shipment, due on day 3, is under way at the end of both."""
    assert dock_days(3, transit=(2, 4)) == [5, 5, 5, 4, 3, 3, 3, 3, 3, 3, 3, 3]


def test_what_arrives_on_the_day_on_which_transit_pauses_arrives():
    assert dock_days(2, transit=(2, 4))[:3] == [2, 4, 4]


def test_what_reaches_the_dock_while_receipts_pause_is_received_when_the_pause_ends():
    assert dock_days(3, receipts=(4, 6)) == [3] * DAYS
    assert receipt_days(3, receipts=(4, 6)) == [3, 5, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3]


def test_goods_wait_to_leave_then_on_the_way_then_at_the_dock():
    """Sent on day 2: leaves on day 4, stands still on day 5, is at the dock on day 8, received on day 10."""
    windows = {"shipments": (2, 4), "transit": (5, 6), "receipts": (7, 10)}
    assert dock_days(3, **windows) == [3, 3, 6, 5, 4, 4, 3, 3, 3, 3, 3, 3]
    assert receipt_days(3, **windows) == [3, 3, 8, 7, 6, 5, 4, 3, 3, 3, 3, 3]


def test_without_lead_time_nothing_is_ever_under_way():
    assert receipt_days(0, transit=(2, 5)) == [0] * DAYS


def test_without_lead_time_goods_wait_to_leave_and_at_the_dock_all_the_same():
    assert dock_days(0, shipments=(2, 4), receipts=(3, 6))[:7] == [0, 0, 2, 1, 0, 0, 0]
    assert receipt_days(0, shipments=(2, 4), receipts=(3, 6))[:7] == [0, 0, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("shipments", [3, 3, 3, 3, 5, 4]),
        ("transit", [3, 3, 5, 5, 5, 4]),
        ("receipts", [3, 5, 4, 3, 3, 3]),
    ],
)
def test_beyond_the_last_day_nothing_is_paused(kind, expected):
    assert receipt_days(3, days=6, **{kind: (4, 6)}) == expected


def test_a_way_far_beyond_the_last_day_counts_the_paused_days_before_it():
    assert receipt_days(50, days=6, transit=(3, 5)) == [52, 52, 52, 52, 51, 50]


def test_each_shipment_takes_the_days_drawn_for_it():
    days = np.array([[1, 5, 0, 2, 1, 1]])
    found = travel.receipt_days(paused(days=6, transit=(2, 4)), days)
    assert found.tolist() == [[1, 7, 0, 3, 1, 1]]
    assert days.tolist() == [[1, 5, 0, 2, 1, 1]]


def test_a_pause_holds_up_its_own_lane_alone():
    pauses = paused(movers=2, mover=1, transit=(2, 4), receipts=(6, 8))
    first, second = travel.receipt_days(pauses, lead(3, movers=2)).tolist()
    assert first == [3] * DAYS
    assert second[:4] == [5, 7, 6, 5]


def test_goods_under_way_before_the_first_day_stand_still_too():
    pauses = paused(transit=(0, 2))
    assert travel.initial_dock_days(pauses, 4).tolist() == [[0, 3, 4, 5]]


def test_goods_under_way_before_the_first_day_have_left_already():
    assert travel.initial_receipt_days(paused(shipments=(0, 5)), 3).tolist() == [[0, 1, 2]]


def test_goods_under_way_before_the_first_day_wait_at_the_dock_too():
    pauses = paused(movers=2, mover=1, transit=(1, 2), receipts=(0, 2))
    assert travel.initial_dock_days(pauses, 4).tolist() == [[0, 1, 2, 3], [0, 1, 3, 4]]
    assert travel.initial_receipt_days(pauses, 4).tolist() == [[0, 1, 2, 3], [2, 2, 3, 4]]


def test_nothing_under_way_has_no_days():
    assert travel.initial_receipt_days(paused(receipts=(0, 2)), 0).shape == (1, 0)


def held(*shipments, kept=()):
    """What is at the dock on each of 8 days, of shipments given as (sent, dock day, receipt day, units)."""
    share = np.ones(8)
    for day, rest in kept:
        share[day] = rest
    sent, dock_day, receipt_day, units = (np.array(column) for column in zip(*shipments, strict=True))
    return travel.held_at_dock(sent, dock_day, receipt_day, units.astype(np.float64), share).tolist()


def test_goods_are_at_the_dock_from_their_arrival_to_the_day_before_their_receipt():
    assert held((0, 2, 5, 10)) == [0, 0, 10, 10, 10, 0, 0, 0]


def test_what_is_received_as_it_arrives_is_never_at_the_dock():
    assert held((0, 2, 2, 10), (1, 3, 4, 5)) == [0, 0, 0, 5, 0, 0, 0, 0]


def test_shipments_add_up_at_the_dock():
    assert held((0, 2, 5, 10), (1, 3, 5, 7)) == [0, 0, 10, 17, 17, 0, 0, 0]


def test_goods_that_turn_back_from_the_dock_are_no_longer_there():
    assert held((0, 2, 5, 10), kept=[(3, 0.5), (4, 0.5)]) == [0, 0, 10, 5, 2.5, 0, 0, 0]


def test_goods_that_turn_back_on_the_way_never_reach_the_dock():
    assert held((0, 3, 5, 10), kept=[(1, 0.25)]) == [0, 0, 0, 2.5, 2.5, 0, 0, 0]


def test_what_is_sent_on_the_day_on_which_others_turn_back_does_not():
    assert held((2, 2, 4, 10), kept=[(2, 0.0)]) == [0, 0, 10, 10, 0, 0, 0, 0]


def test_goods_sent_before_the_first_day_may_turn_back_on_it():
    assert held((-1, 0, 2, 10), kept=[(0, 0.5)]) == [5, 5, 0, 0, 0, 0, 0, 0]


def test_what_reaches_the_dock_after_the_last_day_is_not_seen_there():
    assert held((0, 8, 9, 10), (0, 7, 30, 3)) == [0, 0, 0, 0, 0, 0, 0, 3]
