"""What chance makes of licences, against what their probabilities say."""

import math

from hypothesis import given
from hypothesis import strategies as st

from sim.model.licences import revoked_after, revoked_within, times_renewed
from sim.model.plan import NEVER

PROBABILITIES = st.floats(0.01, 0.99)
UNIFORMS = st.floats(0.001, 0.999)


@given(PROBABILITIES, UNIFORMS, st.integers(1, 40))
def test_a_licence_is_renewed_so_often_as_all_of_it_is_that_likely(probability, uniform, times):
    product = math.prod([probability] * times)
    if not math.isclose(uniform, product, rel_tol=1e-9):
        assert (times_renewed(probability, uniform) >= times) == (uniform < product)


@given(PROBABILITIES, UNIFORMS, UNIFORMS, st.integers(1, 3000), st.integers(1, 3000))
def test_a_licence_is_revoked_within_some_days_as_often_as_within_their_part_of_years(
    per_year, whether, when, days, simulated
):
    day = revoked_after(per_year, whether, when, simulated)
    within = revoked_within(per_year, simulated)
    assert (day < NEVER) == (whether < within)
    if day < NEVER and days <= simulated:
        until = revoked_within(per_year, days) / within
        if not math.isclose(when, until, rel_tol=1e-6):
            assert (day < days) == (when < until)
