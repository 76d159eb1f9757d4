"""The rules as they are compiled into the other engine, against the same rules in Python: to the last bit."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engines import block_forecasts, changes, conditions, costing, kernel, rules, spending
from sim.engines.compiler import compiled
from sim.kinds import Operation
from sim.model import calendar_rules

AMOUNTS = st.sampled_from([0.0, 1.0, 3.0, 0.1]) | st.floats(0.0, 1e12)
ROOMS = st.just(math.inf) | AMOUNTS
SHARES = st.sampled_from([0.0, 1.0]) | st.floats(0.0, 1.0)
POSITIONS = st.sampled_from([-3.0, 4.0]) | st.floats(-1e9, 1e9)
WHOLE_DAYS = st.integers(-3, 400)
DAYS = WHOLE_DAYS.map(float)
SEASONS = st.lists(POSITIONS, min_size=1, max_size=9).map(np.array)
COVER = st.integers(0, 400).map(float) | st.floats(0.0, 36525.0)

RULES: dict[Any, Any] = {
    rules.base_stock_order: (kernel._base_stock_order, POSITIONS, AMOUNTS, SHARES),
    rules.reorder_up_to_order: (kernel._reorder_up_to_order, POSITIONS, AMOUNTS, AMOUNTS, SHARES),
    rules.reorder_quantity_order: (
        kernel._reorder_quantity_order,
        *(POSITIONS, AMOUNTS, AMOUNTS, ROOMS, SHARES),
    ),
    rules.smoothed: (block_forecasts._smoothed, AMOUNTS, POSITIONS, SHARES),
    rules.foreseen: (block_forecasts._foreseen, AMOUNTS, POSITIONS, POSITIONS, COVER),
    rules.season_ahead: (block_forecasts._season_ahead, SEASONS, st.integers(0, 4000), COVER),
    rules.in_lots: (kernel._in_lots, AMOUNTS, AMOUNTS, AMOUNTS, ROOMS),
    rules.licensed_room: (kernel._licensed_room, ROOMS, ROOMS, AMOUNTS, AMOUNTS),
    rules.granted: (kernel._granted, AMOUNTS, AMOUNTS, ROOMS, ROOMS),
    rules.covered_share: (kernel._covered_share, ROOMS, AMOUNTS),
    rules.excess: (kernel._excess, ROOMS, AMOUNTS),
    rules.pace: (kernel._pace, ROOMS, AMOUNTS),
    rules.lane_capacity: (kernel._lane_carries, SHARES, ROOMS, ROOMS, AMOUNTS),
    rules.stays_away: (kernel._stays_away, AMOUNTS, SHARES, AMOUNTS, SHARES),
    rules.mixed_penalty: (kernel._mixed_penalty, AMOUNTS, SHARES, AMOUNTS, SHARES),
    rules.moving_average: (costing.moving_average, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS),
    calendar_rules.ramp_level: (kernel._ramp_level, DAYS, ROOMS, st.booleans()),
    calendar_rules.ramped_factor: (conditions.ramped_factor, AMOUNTS, SHARES),
    calendar_rules.changed: (changes._changed, ROOMS, st.sampled_from(Operation).map(int), ROOMS, SHARES),
    rules.has_come: (kernel._has_come, st.integers(-3, 400), AMOUNTS, st.integers(-3, 400)),
    calendar_rules.buyers_part: (spending._buyers_part, AMOUNTS, SHARES, SHARES),
    calendar_rules.sellers_part: (spending._sellers_part, AMOUNTS, SHARES, SHARES),
    calendar_rules.share_lost: (kernel._share_lost, SHARES, SHARES),
    calendar_rules.days_into_grant: (
        conditions._days_into_grant,
        *(WHOLE_DAYS, st.tuples(WHOLE_DAYS, WHOLE_DAYS), st.tuples(st.integers(1, 90), st.integers(0, 20))),
        *(st.integers(0, 9), st.integers(0, 400)),
    ),
    calendar_rules.quota_begun: (conditions._quota_begun, WHOLE_DAYS, WHOLE_DAYS),
    calendar_rules.capacity_left: (conditions._capacity_left, ROOMS, AMOUNTS, SHARES),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_compiled_a_rule_gives_the_same_bits(rule):
    inlined, *arguments = RULES[rule]

    def call(*given):
        return inlined(*given)

    in_a_caller = compiled(call)

    @given(st.tuples(*arguments))
    def compare(given):
        found, expected = in_a_caller(*given), rule(*given)
        assert found == expected or (math.isnan(found) and math.isnan(expected)), given

    compare()


def test_every_rule_of_single_numbers_is_compared():
    lists = {rules.total, rules.share_out, rules.split_by_share, rules.split_by_rank}
    once = {rules.leaving_share, rules.kept_share}  # Called in Python by both engines.
    known = {
        function
        for module in (rules, calendar_rules)
        for function in vars(module).values()
        if callable(function) and getattr(function, "__module__", None) == module.__name__
    }
    assert known == set(RULES) | lists | once
