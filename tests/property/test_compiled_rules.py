"""The rules as the compiled engine has them, against the same rules in Python: to the last bit."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engines import kernel, rules
from sim.engines.compiler import compiled

AMOUNTS = st.sampled_from([0.0, 1.0, 3.0, 0.1]) | st.floats(0.0, 1e12)
ROOMS = st.just(math.inf) | AMOUNTS
SHARES = st.sampled_from([0.0, 1.0]) | st.floats(0.0, 1.0)
POSITIONS = st.floats(-1e9, 1e9)
DAYS = st.integers(-3, 400).map(float)

RULES: dict[str, Any] = {
    "_in_lots": (rules.in_lots, (AMOUNTS, AMOUNTS, AMOUNTS, ROOMS)),
    "_lift": (rules.base_stock_order, (POSITIONS, AMOUNTS, SHARES)),
    "_ramp_level": (rules.ramp_level, (DAYS, AMOUNTS, st.booleans())),
    "_covered_share": (rules.covered_share, (ROOMS, AMOUNTS)),
    "_excess": (rules.excess, (ROOMS, AMOUNTS)),
}


@pytest.mark.parametrize("name", RULES)
def test_compiled_a_rule_gives_the_same_bits(name):
    rule, arguments = RULES[name]
    inner = getattr(kernel, name)

    def call(*given):
        return inner(*given)

    of_the_kernel = compiled(call)

    @given(st.tuples(*arguments))
    def compare(given):
        found, expected = of_the_kernel(*given), rule(*given)
        assert found == expected or (math.isnan(found) and math.isnan(expected)), given

    compare()
