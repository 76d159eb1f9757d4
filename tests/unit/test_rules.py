"""The shared rules at their edges; tests/property/test_rules.py compares them with oracles."""

import math

from sim.engines import rules


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


def test_an_order_that_finds_no_room_is_cut():
    assert rules.split_by_share(10.0, [1.0, 1.0], [2.0, 3.0]) == [2.0, 3.0]


def test_overflow_goes_to_the_others_by_their_weights():
    assert rules.split_by_share(10.0, [2.0, 1.0, 1.0], [1.0, math.inf, math.inf]) == [1.0, 4.5, 4.5]


def test_lanes_of_one_rank_are_asked_in_the_order_of_the_file():
    assert rules.split_by_rank(5.0, [1, 1], [3.0, 3.0]) == [3.0, 2.0]


def test_the_logistic_ramp_is_symmetric():
    early, late = (rules.ramp_level(days, 10.0, logistic=True) for days in (2.0, 8.0))
    assert math.isclose(early + late, 1.0)


def test_a_ramp_of_no_days_is_a_step():
    assert [rules.ramp_level(days, 0.0, logistic=True) for days in (-1.0, 0.0)] == [0.0, 1.0]


def test_no_engineers_no_pace():
    assert rules.pace(0.0, 1.0) == 0.0


def test_nothing_to_do_is_done_at_full_pace():
    assert rules.pace(0.0, 0.0) == 1.0


def test_no_batch_no_order():
    assert rules.reorder_quantity_order(-5.0, 0.0, 0.0) == 0.0
