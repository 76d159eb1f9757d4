"""The engines' shared rules against their independent oracles."""

import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sim.engines import rules
from sim.kinds import Operation
from sim.model import calendar_rules
from tests import oracles

AMOUNTS = st.sampled_from([0.0, 1.0, 3.0, 0.1]) | st.floats(0.0, 1e9, allow_subnormal=False)
ROOMS = st.just(math.inf) | AMOUNTS
CLAIMS = st.lists(st.tuples(AMOUNTS, st.integers(0, 3)), min_size=1, max_size=6)
LANES = st.lists(st.tuples(AMOUNTS, ROOMS), min_size=1, max_size=6)
RANKED = st.lists(st.tuples(st.integers(1, 3), ROOMS), min_size=1, max_size=6)
QUARTERS = st.integers(0, 160).map(lambda quarters: quarters / 4)
"""Exact in binary, so that a whole multiple is one to the last bit."""
SHARES = st.sampled_from([0.0, 0.25, 1.0]) | st.floats(0.0, 1.0)
PATIENCE = st.sampled_from([0.0, 1.0, math.inf]) | st.floats(0.0, 1e6)


def close(found: list[float], expected: list[float], scale: float) -> bool:
    return found == pytest.approx(expected, rel=1e-9, abs=1e-12 * scale)


@given(AMOUNTS, CLAIMS)
def test_scarce_stock_is_shared_as_by_fractions(available, claims):
    needs, ranks = [need for need, _ in claims], [rank for _, rank in claims]
    granted = rules.share_out(available, needs, ranks)
    assert close(granted, oracles.share_out(available, needs, ranks), available + sum(needs))


@given(AMOUNTS, CLAIMS)
def test_no_claim_gets_more_than_it_asks_nor_all_more_than_there_is(available, claims):
    needs, ranks = [need for need, _ in claims], [rank for _, rank in claims]
    granted = rules.share_out(available, needs, ranks)
    assert all(0.0 <= units <= need for units, need in zip(granted, needs, strict=True))
    assert math.fsum(granted) <= available * (1.0 + 1e-15)


@given(AMOUNTS, AMOUNTS)
@example(0.1, 2.8)
def test_who_alone_asks_for_more_than_there_is_gets_it_to_the_last_bit(available, more):
    assert rules.share_out(available, [available + more], [0]) == [available]


@given(AMOUNTS, LANES)
@example(10.0, [(1.0, 2.0), (1.0, math.inf)])
@example(10.0, [(1.0, 2.0), (3.0, 1.0), (0.0, math.inf)])
def test_an_order_is_split_as_by_filling_to_one_level(quantity, lanes):
    weights, rooms = [weight for weight, _ in lanes], [room for _, room in lanes]
    assume(all(weight == 0.0 or weight > 1e-6 for weight in weights))
    split = rules.split_by_share(quantity, weights, rooms)
    assert close(split, oracles.split_by_share(quantity, weights, rooms), quantity)


@given(AMOUNTS, LANES)
def test_no_lane_takes_more_than_its_room_nor_all_more_than_the_order(quantity, lanes):
    weights, rooms = [weight for weight, _ in lanes], [room for _, room in lanes]
    split = rules.split_by_share(quantity, weights, rooms)
    assert all(0.0 <= units <= room * (1 + 1e-15) for units, room in zip(split, rooms, strict=True))
    assert math.fsum(split) <= quantity * (1.0 + 1e-14)


@given(AMOUNTS, RANKED)
def test_an_order_goes_down_the_ranks(quantity, lanes):
    ranks, rooms = [rank for rank, _ in lanes], [room for _, room in lanes]
    split = rules.split_by_rank(quantity, ranks, rooms)
    assert close(split, oracles.split_by_rank(quantity, ranks, rooms), quantity)


@given(st.floats(-1e6, 1e6), st.floats(0.0, 1e6))
def test_base_stock(position, up_to):
    assert rules.base_stock_order(position, up_to) == oracles.base_stock(position, up_to)


@given(st.integers(-20, 20), st.integers(0, 20), st.integers(0, 20))
def test_reorder_up_to(position, reorder_at, more):
    found = rules.reorder_up_to_order(position, reorder_at, reorder_at + more)
    assert found == oracles.reorder_up_to(position, reorder_at, reorder_at + more)


@given(st.integers(-400, 80), st.integers(0, 80), st.integers(1, 100))
def test_reorder_quantity(position, reorder_at, batch):
    quarter = 0.25
    found = rules.reorder_quantity_order(position * quarter, reorder_at * quarter, batch * quarter)
    assert found == oracles.reorder_quantity(position * quarter, reorder_at * quarter, batch * quarter)


@given(st.integers(-5, 200), st.floats(0.0, 100.0), st.booleans())
def test_ramp(since, ramp_days, logistic):
    found = calendar_rules.ramp_level(float(since), ramp_days, logistic)
    assert found == pytest.approx(oracles.ramp(since, ramp_days, logistic=logistic), abs=1e-12)


@given(st.floats(0.01, 100.0), st.lists(st.integers(0, 120), min_size=2, max_size=2), st.booleans())
def test_a_ramp_never_falls_and_stays_a_share(ramp_days, days, logistic):
    early, late = sorted(days)
    low = calendar_rules.ramp_level(float(early), ramp_days, logistic)
    high = calendar_rules.ramp_level(float(late), ramp_days, logistic)
    assert 0.0 <= low <= high <= 1.0


@given(QUARTERS, QUARTERS, QUARTERS, QUARTERS | st.just(math.inf))
@example(7.0, 10.0, 4.0, math.inf)
@example(3.0, 6.0, 4.0, 7.0)
def test_an_order_in_lots_is_the_least_that_is_enough_or_the_most_there_is(quantity, minimum, multiple, room):
    found = rules.in_lots(quantity, minimum, multiple, room)
    assert found == oracles.lots(quantity, minimum, multiple, room)


@given(
    st.lists(st.floats(0.0, 1e6), max_size=20),
    st.floats(0.01, 1e4) | st.just(math.inf),
    st.floats(0.0, 1.0),
)
def test_stays_away(lost, half_life_days, per_unit):
    away, kept = 0.0, rules.kept_share(half_life_days)
    for units in lost:
        away = rules.stays_away(away, kept, units, per_unit)
    assert math.isclose(
        away, oracles.stays_away(lost, half_life_days, per_unit), rel_tol=1e-9, abs_tol=1e-200
    )


@given(ROOMS, AMOUNTS)
def test_pace(engineers, load):
    assert rules.pace(engineers, load) == oracles.pace(engineers, load)


@given(PATIENCE)
def test_leaving_share(patience):
    assert rules.leaving_share(patience) == oracles.leaving_share(patience)


@given(st.floats(1.0, 60.0))
def test_who_leaves_at_the_rate_of_some_patience_waits_so_many_days_on_average(patience):
    assert oracles.mean_days_waited(rules.leaving_share(patience)) == pytest.approx(patience, rel=1e-6)


@given(ROOMS, AMOUNTS)
def test_what_is_covered_and_what_is_beyond(reach, owed):
    assert rules.covered_share(reach, owed) == pytest.approx(oracles.covered_share(reach, owed), abs=1e-10)
    assert rules.excess(reach, owed) == pytest.approx(oracles.excess(reach, owed), abs=1e-10 * owed)
    assert rules.covered_share(reach, owed) == 1.0 or rules.excess(reach, owed) == 0.0


@given(SHARES, ROOMS, ROOMS, AMOUNTS)
@example(0.5, math.inf, math.inf, 10.0)
@example(1.0, math.inf, math.inf, 10.0)
@example(0.0, math.inf, math.inf, 0.0)
def test_a_lane_carries_its_tightest_limit_as_far_as_its_ramp_has_come(level, per_day, share, usage):
    found = rules.lane_capacity(level, per_day, share, usage)
    assert found == pytest.approx(oracles.lane_capacity(level, per_day, share, usage), rel=1e-12, abs=1e-300)


@given(AMOUNTS, SHARES, AMOUNTS, SHARES)
@example(0.0, 0.25, 0.0, 1.0)
@example(3.0, 0.25, 0.0, 1.0)
def test_a_penalty_deducts_as_much_of_the_whole_stock_as_of_its_parts(on_hand, held, units, penalty):
    found = rules.mixed_penalty(on_hand, held, units, penalty)
    assert found == pytest.approx(oracles.mixed_penalty(on_hand, held, units, penalty), rel=1e-9, abs=1e-300)


@given(AMOUNTS, SHARES, SHARES)
def test_a_stock_to_which_nothing_or_its_like_is_added_keeps_its_penalty(units, held, penalty):
    assert rules.mixed_penalty(units, held, 0.0, penalty) == held
    assert rules.mixed_penalty(units, held, units, held) == held


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
@example(0.0, 2.0, 0.0, 4.0)
@example(3.0, 2.0, 0.0, 4.0)
@example(0.0, 2.0, 5.0, 4.0)
def test_a_stock_costs_what_was_paid_for_it(on_hand, unit_cost, units, cost):
    found = rules.moving_average(on_hand, unit_cost, units, cost)
    expected = oracles.moving_average(on_hand, unit_cost, units, cost)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-300)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_stock_to_which_its_like_is_added_keeps_its_unit_cost(on_hand, unit_cost, units):
    assert rules.moving_average(on_hand, unit_cost, units, unit_cost) == unit_cost


@given(SHARES, SHARES)
def test_what_a_closing_lane_loses_and_keeps_fills_it_as_before(before, now):
    lost = calendar_rules.share_lost(before, now)
    assert lost == pytest.approx(oracles.share_lost(before, now), rel=1e-9, abs=1e-15)
    assert 0.0 <= lost <= 1.0
    assert before * (1.0 - lost) == pytest.approx(min(before, now), rel=1e-9, abs=1e-15)


@given(st.integers(-5, 400), st.integers(0, 300).map(lambda days: days / 2))
def test_a_linear_ramp_is_the_middle_of_its_line_and_its_ends(since, ramp_days):
    assume(since >= 0 or ramp_days > 0.0)
    found = calendar_rules.ramp_level(float(since), ramp_days, logistic=False)
    assert found == oracles.linear_ramp(since, ramp_days)


@given(st.floats(0.0, 1e6), SHARES)
def test_a_factor_in_its_ramp_is_a_mean_of_1_and_itself(factor, level):
    found = calendar_rules.ramped_factor(factor, level)
    assert found == pytest.approx(oracles.on_the_way_to(factor, level), rel=1e-12, abs=1e-15)


@given(ROOMS, st.sampled_from(Operation), st.floats(-1e6, 1e6), SHARES)
@example(math.inf, Operation.SET, 10.0, 0.5)
@example(math.inf, Operation.SET, 10.0, 1.0)
@example(math.inf, Operation.SCALE, 0.0, 1.0)
@example(math.inf, Operation.ADD, -5.0, 1.0)
@example(10.0, Operation.SET, math.inf, 0.5)
@example(10.0, Operation.SET, math.inf, 1.0)
def test_a_change_leads_along_a_line_from_a_number_to_another(value, operation, amount, level):
    amount = abs(amount) if operation == Operation.SET else amount
    found = calendar_rules.changed(value, int(operation), amount, level)
    scale = 0.0 if math.isinf(value) else abs(value) * (1.0 + abs(amount)) + abs(amount)
    expected = oracles.changed(value, operation.name, amount, level)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12 * scale if scale < math.inf else 0.0)


@given(st.integers(0, 400), st.integers(0, 60).map(lambda days: days / 4), st.booleans())
def test_a_follower_starts_on_the_day_after(qualified, ramp_days, waits_for_ramp):
    first = qualified + oracles.days_before(ramp_days, waits_for_ramp)
    waits = ramp_days if waits_for_ramp else 0.0
    assert [rules.has_come(qualified, waits, day) for day in (first - 1, first)] == [False, True]


@given(st.floats(0.0, 4.0), SHARES, SHARES)
def test_buyers_and_sellers_bear_a_duty_between_them(rate, passed_on_share, level):
    on_top, taken_off = oracles.incidence(rate, passed_on_share, level)
    found = calendar_rules.buyers_part(rate, passed_on_share, level)
    assert found == pytest.approx(on_top, rel=1e-12, abs=1e-15)
    found = calendar_rules.sellers_part(rate, passed_on_share, level)
    assert found == pytest.approx(taken_off, rel=1e-12, abs=1e-15)


@given(ROOMS, AMOUNTS, SHARES)
@example(math.inf, 10.0, 0.5)
@example(math.inf, 0.0, 0.5)
@example(math.inf, 0.0, 0.0)
@example(8.0, 0.0, 0.0)
def test_a_loss_leaves_a_part_of_the_capacity_or_of_usage(normal, usage, factor):
    found = calendar_rules.capacity_left(normal, usage, factor)
    assert found == pytest.approx(oracles.capacity_left(normal, usage, factor), rel=1e-12, abs=1e-300)


@given(
    st.tuples(st.integers(-60, 60), st.integers(-60, 150)),
    st.tuples(st.integers(1, 40), st.integers(0, 15)),
    *(st.integers(0, 5), st.integers(0, 120)),
)
@example((-50, 100), (20, 5), 9, 30)
def test_a_licence_is_held_from_each_grant_until_it_expires_or_is_revoked(dates, term, renewals, revoked):
    days = range(-80, 200)
    found = [calendar_rules.days_into_grant(day, dates, term, renewals, revoked) for day in days]
    assert found == oracles.days_of_grants(days, dates, term, renewals, revoked)


@given(ROOMS, ROOMS, AMOUNTS, AMOUNTS)
@example(-1e-9, 5.0, 1.0, 0.0)
@example(math.inf, math.inf, 0.0, 0.0)
@example(math.inf, 12.0, 1.0, 4.0)
@example(3.0, math.inf, 0.5, 4.0)
def test_a_quota_leaves_room_for_what_is_left_of_it(units_left, value_left, units, value):
    found = rules.licensed_room(units_left, value_left, units, value)
    assert found == oracles.licensed_room(units_left, value_left, units, value)


@given(st.integers(0, 800), st.integers(-1, 1500))
@example(0, 100)
@example(9, 730)
@example(9, 0)
def test_a_quota_is_given_on_the_first_day_of_each_licence_year(day, into_grant):
    assert calendar_rules.quota_begun(day, into_grant) == oracles.quota_begun(day, into_grant)


@given(AMOUNTS, AMOUNTS, SHARES)
@example(20.0, 10.0, 0.25)
def test_what_was_seen_draws_what_is_expected_by_its_weight(seen, expected, weight):
    found = rules.smoothed(seen, expected, weight)
    assert close([found], [oracles.smoothed(seen, expected, weight)], seen + expected)


QUARTERS_OF_DAYS = st.integers(0, 400).map(lambda quarters: quarters / 4)


@given(AMOUNTS, st.floats(-50.0, 50.0), st.floats(-50.0, 50.0), QUARTERS_OF_DAYS)
@example(10.0, 1.0, 0.0, 2.5)
@example(5.0, -2.5, 0.0, 6.0)
def test_what_is_foreseen_is_expected_day_by_day(level, trend, seasonal, days):
    found = rules.foreseen(level, trend, seasonal, days)
    size = level * days + abs(trend) * days**2 + abs(seasonal)
    assert close([found], [oracles.foreseen(level, trend, seasonal, days)], size)


@given(st.lists(st.floats(-50.0, 50.0), min_size=1, max_size=9), st.integers(0, 40), QUARTERS_OF_DAYS)
@example([5.0, -2.0, -3.0], 4, 2.5)
def test_a_season_adds_what_its_days_add(season, first, days):
    found = rules.season_ahead(season, first, days)
    assert close([found], [oracles.season_ahead(season, first, days)], 50.0 * days)
