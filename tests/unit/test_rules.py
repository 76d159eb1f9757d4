"""The shared rules at their edges; tests/property/test_rules.py compares them with oracles."""

import math

import pytest

from sim.engines import rules
from sim.model import calendar_rules


def test_sums_run_from_left_to_right():
    assert rules.total([0.1] * 10) == 0.9999999999999999


def test_nothing_to_share():
    assert rules.share_out(0.0, [1.0, 2.0], [0, 0]) == [0.0, 0.0]


def test_less_than_nothing_to_share_is_nothing():
    assert rules.share_out(-1.0, [1.0], [0]) == [0.0]


def test_enough_for_all_gives_each_exactly_what_it_needs():
    needs = [0.1, 0.2, 0.3]
    assert rules.share_out(math.inf, needs, [0, 1, 0]) == needs


def test_a_lower_rank_eats_before_a_higher():
    assert rules.share_out(5.0, [4.0, 4.0, 4.0], [2, 1, 2]) == [0.5, 4.0, 0.5]


def test_who_needs_nothing_gets_nothing():
    assert rules.share_out(3.0, [0.0, 6.0], [0, 0]) == [0.0, 3.0]


def test_lanes_without_room_take_nothing():
    assert rules.split_by_share(10.0, [1.0, 1.0], [0.0, 0.0]) == [0.0, 0.0]


@pytest.mark.parametrize("rooms", [[], [2.0], [2.0, 3.0, 4.0]])
def test_every_lane_has_a_weight_and_a_room(rooms):
    with pytest.raises(ValueError, match="zip"):
        rules.split_by_share(10.0, [1.0, 1.0], rooms)


def test_an_order_that_finds_no_room_is_cut():
    assert rules.split_by_share(10.0, [1.0, 1.0], [2.0, 3.0]) == [2.0, 3.0]


def test_overflow_goes_to_the_others_by_their_weights():
    assert rules.split_by_share(10.0, [2.0, 1.0, 1.0], [1.0, math.inf, math.inf]) == [1.0, 4.5, 4.5]


def test_lanes_of_one_rank_are_asked_in_the_order_of_the_file():
    assert rules.split_by_rank(5.0, [1, 1], [3.0, 3.0]) == [3.0, 2.0]


def test_the_logistic_ramp_is_symmetric():
    early, late = (calendar_rules.ramp_level(days, 10.0, logistic=True) for days in (2.0, 8.0))
    assert math.isclose(early + late, 1.0)


def test_a_ramp_of_no_days_is_a_step():
    assert [calendar_rules.ramp_level(days, 0.0, logistic=True) for days in (-1.0, 0.0)] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("before", "now", "expected"), [(1.0, 0.0, 1.0), (1.0, 0.25, 0.75), (0.5, 0.25, 0.5), (0.0, 1.0, 0.0)]
)
def test_what_a_lane_holds_is_cut_in_proportion(before, now, expected):
    assert calendar_rules.share_lost(before, now) == expected


def test_a_gap_within_the_noise_is_none():
    assert rules.base_stock_order(10.0 - 1e-9, 10.0, 1e-8) == 0.0
    assert rules.reorder_up_to_order(10.0 - 1e-9, 10.0, 10.0, 1e-8) == 0.0
    assert rules.covered_share(1.0 - 1e-13, 1.0) == 1.0
    assert rules.excess(1.0 + 1e-13, 1.0) == 0.0


def test_nothing_added_to_an_empty_stock_leaves_its_penalty():
    assert rules.mixed_penalty(0.0, 0.1, 0.0, 0.2) == 0.1


def test_the_first_units_of_an_empty_stock_cost_what_they_cost():
    assert rules.moving_average(0.0, 2.0, 3.0, 0.1) == 0.1


def test_no_engineers_no_pace():
    assert rules.pace(0.0, 1.0) == 0.0


def test_nothing_to_do_is_done_at_full_pace():
    assert rules.pace(0.0, 0.0) == 1.0


def test_no_batch_no_order():
    assert rules.reorder_quantity_order(-5.0, 0.0, 0.0) == 0.0


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((0.0, 10.0, 4.0), 0.0),
        ((3.0, 5.0, 0.0), 5.0),
        ((6.0, 5.0, 0.0), 6.0),
        ((7.0, 0.0, 4.0), 8.0),
        ((8.0, 0.0, 4.0), 8.0),
        ((8.0 + 1e-9, 0.0, 4.0), 8.0),
        ((8.001, 0.0, 4.0), 12.0),
        ((7.0, 10.0, 4.0), 12.0),
        ((0.3, 0.0, 0.1), 0.1 * 3.0),
    ],
)
def test_an_order_is_raised_to_the_minimum_and_to_a_whole_multiple(order, expected):
    assert rules.in_lots(*order) == expected


@pytest.mark.parametrize(
    ("order", "room", "expected"),
    [
        ((7.0, 0.0, 0.0), 5.0, 5.0),
        ((7.0, 0.0, 4.0), 8.0, 8.0),
        ((7.0, 0.0, 4.0), 7.9, 4.0),
        ((7.0, 0.0, 4.0), 3.9, 0.0),
        ((3.0, 6.0, 0.0), 6.0, 6.0),
        ((7.0, 6.0, 0.0), 5.0, 0.0),
        ((3.0, 6.0, 4.0), 10.0, 8.0),
        ((3.0, 6.0, 4.0), 7.0, 0.0),
        ((7.0, 0.0, 4.0), 0.0, 0.0),
    ],
)
def test_an_order_without_room_is_lowered_to_a_multiple_that_fits_and_to_nothing_below_the_minimum(
    order, room, expected
):
    quantity, minimum, multiple = order
    assert rules.in_lots(quantity, minimum, multiple, room) == expected


def test_a_room_of_whole_multiples_but_for_rounding_takes_them_all():
    assert rules.in_lots(0.7, 0.0, 0.1, room=0.3 - 1e-16) == 0.3 - 1e-16


@pytest.mark.parametrize(("most", "expected"), [(1.0, 5.0), (2.0, 10.0), (3.0, 10.0)])
def test_a_limit_of_batches_cuts_the_order(most, expected):
    assert rules.reorder_quantity_order(-3.0, 4.0, 5.0, most) == expected


def test_a_lane_whose_buyer_uses_nothing_carries_what_it_can():
    assert rules.lane_capacity(1.0, 5.0, math.inf, 0.0) == 5.0
    assert rules.lane_capacity(0.0, math.inf, math.inf, 10.0) == 0.0


def test_nobody_is_granted_more_than_is_needed():
    assert rules.granted(0.1 + 0.2, 0.3, 0.3, 1.0) <= 0.1 + 0.2
    assert rules.granted(3.0, 3.0, 5.0, 4.0) == 3.0


def test_who_comes_late_is_given_nothing():
    assert rules.share_out(0.0, [1.0, 2.0], [0, 1]) == [0.0, 0.0]
    assert rules.split_by_rank(1.0, [1, 0], [5.0, 1.0]) == [0.0, 1.0]


def test_a_gap_as_wide_as_the_noise_is_none():
    assert rules.base_stock_order(7.0, 10.0, noise=3.0) == 0.0
    assert rules.reorder_up_to_order(7.0, 8.0, 10.0, noise=3.0) == 0.0
    assert rules.NOISE * 3e11 == 3.0
    assert rules.excess(3e11 + 3.0, 3e11) == 0.0
