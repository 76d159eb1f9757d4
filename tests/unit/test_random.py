"""Random numbers by counter: the published generator, alone or in rows, and the tables behind them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.engines import random
from sim.engines.random import counter_at, squares64, squares_key

WORD = (1 << 64) - 1
PUBLISHED_KEY = 0x548C9DECBCE65297
"""Of the author's examples; the numbers are those of his C code (squaresrngv7) for counters 0 to 7."""
PUBLISHED = [
    0x36D88366CEE633A5,
    0x944716E00E60DFAA,
    0xC8A8F4E0678654BF,
    0x35CC666AAB11C80D,
    0x7094EAB1CBAE8747,
    0xA2A1B6F56E92A96F,
    0xD884957D48007552,
    0xE61F37B97D593453,
]
KEY = squares_key("test", 1)
WIDTH = 32
LAST = 2**32 - 1
LAST_DAY = 2**20 - 1
PLACES = [(0, 0), (1000, 365), (LAST + 1 - WIDTH, LAST_DAY)]
"""First replication and day: the first, some, and the last that a counter can tell apart."""
words = st.integers(0, WORD)


def by_hand(counter, key):
    """Squares in Python's own integers, from the paper."""
    y = counter * key & WORD
    x, t = y, 0
    for added in (y, y + key, y, y + key):
        t = x * x + added & WORD
        x = (t >> 32 | t << 32) & WORD
    return t ^ (x * x + y & WORD) >> 32


def drawn(name, replication, day, width=WIDTH, first=0):
    """A part of the row of a distribution whose parameters differ from replication to replication."""
    b = np.arange(WIDTH, dtype=np.float64)[first : first + width]
    parameters = {
        "uniform": (),
        "normal": (b, 1.0 + b),
        "gamma": (np.where(b % 2 == 0, b / 8.0, b * b), 1.0 + b),
        "poisson": (b * b / 7.0,),
        "negative_binomial": (b * b / 3.0, 1.1 + b / 5.0),
    }
    out = np.full(width, np.nan)
    getattr(random, f"{name}_row")(*parameters[name], replication + first, day, KEY, out)
    return out


def drawn_indices(cumulative, replication, day, width=WIDTH):
    out = np.full(width, -1, dtype=np.int32)
    guide = random.guide_table(cumulative)
    random.discrete_row(cumulative, guide, replication, day, KEY, np.empty(width), out)
    return out


# --- generator and keys -----------------------------------------------------------------------------------


def test_the_published_numbers():
    assert [int(squares64(np.uint64(k), np.uint64(PUBLISHED_KEY))) for k in range(8)] == PUBLISHED
    assert [by_hand(k, PUBLISHED_KEY) for k in range(8)] == PUBLISHED


@given(words, words)
def test_the_generator_by_hand(counter, key):
    assert int(squares64(np.uint64(counter), np.uint64(key))) == by_hand(counter, key)


def test_keys_follow_the_rules_of_the_author():
    keys = {int(squares_key("entity", number)) for number in range(5000)}
    assert len(keys) == 5000
    for key in keys:
        high, low = f"{key:016x}"[:8], f"{key:016x}"[8:]
        assert "0" not in high + low
        assert len(set(high)) == len(set(low)) == 8
        assert int(low[-1], 16) % 2 == 1
        assert high[-1] != low[0]


def test_every_digit_of_a_key_is_as_likely():
    digits = np.array([list(f"{int(squares_key(number)):016x}") for number in range(6000)])
    for place in range(16):
        allowed = "13579bdf" if place == 15 else "123456789abcdef"
        counts = [(digits[:, place] == digit).sum() for digit in allowed]
        if place == 15:
            assert stats.chisquare(counts).pvalue > 1e-6
        else:
            # Odd digits are a little rarer in the low half: one is taken by the last place.
            odd = 7 / 8 * 8 / 14 / 8 if place >= 8 else 1 / 15
            expected = [odd if int(digit, 16) % 2 else (1 - 8 * odd) / 7 for digit in allowed]
            assert stats.chisquare(counts, np.array(expected) * 6000).pvalue > 1e-6


def test_names_of_keys_do_not_run_together():
    names = [("a", "b"), ("ab",), ("a", "b", ""), ("a b",), (1,), ("1",), (1, 1), (11,), (), ("str 1 a",)]
    assert len({int(squares_key(*name)) for name in names}) == len(names)


def test_the_numbers_are_these():
    """A change of generator, key or counter changes every published figure: it must be meant."""
    key = squares_key(20191009, "demand", "a")
    assert f"{int(key):x}" == "9d12a847a641c3b7"
    assert hex(squares64(counter_at(7, 365, 0), key)) == "0x15da73eaff20a6bc"


def test_a_counter_holds_replication_day_and_attempt():
    assert int(counter_at(1, 2, 3)) == 1 << 32 | 2 << 12 | 3
    assert int(counter_at(LAST, LAST_DAY, random.ATTEMPTS - 1)) == WORD


# --- rows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("replication", "day"), PLACES)
@pytest.mark.parametrize("name", ["uniform", "normal", "gamma", "poisson", "negative_binomial"])
def test_a_row_gives_the_same_numbers_whatever_its_width(name, replication, day):
    row = drawn(name, replication, day)
    assert np.isfinite(row).all()
    for width in (1, 2, 3, 4, 5, 7, 8, 16):
        parts = [
            drawn(name, replication, day, min(width, WIDTH - first), first)
            for first in range(0, WIDTH, width)
        ]
        assert np.concatenate(parts).tolist() == row.tolist()


@pytest.mark.parametrize(("replication", "day"), PLACES)
def test_discrete_rows_give_the_same_numbers_whatever_their_width(replication, day):
    cumulative = np.arange(1.0, 61.0) / 60.0
    alone = [drawn_indices(cumulative, replication + b, day, 1)[0] for b in range(WIDTH)]
    assert drawn_indices(cumulative, replication, day).tolist() == alone


def test_what_one_word_decides_is_what_all_attempts_decide():
    """Rows take a short cut where the first word suffices."""
    count = 50_000
    out = np.empty(count)
    for shape in (0.4, 1.0, 1.3, 3.0, 40.0, 2000.0):
        random.gamma_row(np.full(count, shape), np.ones(count), 0, 5, KEY, out)
        alone = [random.standard_gamma(shape, counter_at(b, 5, 0), KEY) for b in range(count)]
        assert out.tolist() == alone
    random.normal_row(np.zeros(count), np.ones(count), 0, 5, KEY, out)
    assert out.tolist() == [random.standard_normal(counter_at(b, 5, 0), KEY)[0] for b in range(count)]


def test_a_negative_binomial_number_is_a_poisson_number_of_a_gamma_mean():
    mean, dispersion = np.linspace(0.1, 900.0, WIDTH), np.linspace(1.01, 9.0, WIDTH)
    out = np.empty(WIDTH)
    random.negative_binomial_row(mean, dispersion, 3, 4, KEY, out)
    for b in range(WIDTH):
        scale = dispersion[b] - 1.0
        gamma = scale * random.standard_gamma(mean[b] / scale, counter_at(3 + b, 4, 0), KEY)
        assert out[b] == random.poisson(gamma, counter_at(3 + b, 4, random.ATTEMPTS // 2), KEY)


# --- powers -----------------------------------------------------------------------------------------------


def test_binary_logarithms_are_right_to_the_last_digits():
    ends = [
        2.0**-53,
        1.0 - 2.0**-53,
        1.0,
        math.nextafter(math.sqrt(0.5), 0.0),
        math.nextafter(math.sqrt(0.5), 1.0),
    ]
    numbers = [*np.linspace(1e-9, 1.0, 10_001).tolist(), *np.exp2(-np.arange(53.0)).tolist(), *ends]
    got = [random._binary_logarithm(number) for number in numbers]
    assert got == pytest.approx([math.log2(number) for number in numbers], rel=1e-15, abs=0.0)


def test_powers_of_two_are_right_to_the_last_digits():
    numbers = [*np.linspace(-1022.0, 0.0, 10_001).tolist(), *np.linspace(-1.0, 0.0, 1_001).tolist()]
    got = [random._power_of_two(number) for number in numbers]
    assert got == pytest.approx([2.0**number for number in numbers], rel=1e-15, abs=0.0)


@pytest.mark.parametrize("number", [-1022.5, -1e300, -math.inf, math.nan])
def test_powers_of_two_too_small_for_a_normal_number_are_zero(number):
    assert random._power_of_two(number) == 0.0


# --- edges ------------------------------------------------------------------------------------------------


def test_uniform_numbers_are_below_one():
    assert random.uniform(np.uint64(0)) == 0.0
    assert random.uniform(np.uint64(WORD)) == 1.0 - 2.0**-53


def test_positions_are_symmetric():
    lowest, highest = random._position(np.uint64(1 << 63)), random._position(np.uint64((1 << 63) - 1))
    assert -lowest == highest == 1.0 - 2.0**-44
    assert random._position(np.uint64(0)) == -random._position(np.uint64(WORD)) == 2.0**-44


def test_a_mean_of_zero_gives_zero():
    zeros, out = np.zeros(WIDTH), np.full(WIDTH, np.nan)
    random.gamma_row(np.zeros(WIDTH), np.ones(WIDTH), 0, 0, KEY, out)
    assert out.tolist() == zeros.tolist()
    random.gamma_row(np.ones(WIDTH), zeros, 0, 0, KEY, out)
    assert out.tolist() == zeros.tolist()
    random.poisson_row(zeros, 0, 0, KEY, out)
    assert out.tolist() == zeros.tolist()
    random.negative_binomial_row(zeros, np.full(WIDTH, 2.0), 0, 0, KEY, out)
    assert out.tolist() == zeros.tolist()


def test_no_spread_gives_the_mean():
    out = np.empty(WIDTH)
    random.normal_row(np.full(WIDTH, 3.0), np.zeros(WIDTH), 0, 0, KEY, out)
    assert set(out) == {3.0}


@pytest.mark.parametrize("shape", [1e-300, 1e-3, 1.0 - 2.0**-53, 1.0, 1e6, 1e15, 1e30])
def test_gamma_numbers_of_extreme_shapes(shape):
    out = np.empty(1000)
    random.gamma_row(np.full(1000, shape), np.ones(1000), 0, 0, KEY, out)
    assert np.isfinite(out).all()
    assert (out >= 0.0).all()
    assert abs(out.mean() - shape) < 5.0 * math.sqrt(shape / 1000) + 1e-15 * shape


@pytest.mark.parametrize("mean", [1e-300, 1e-3, 9.999999, 10.0, 1e6, 1e12, 1e15])
def test_poisson_numbers_of_extreme_means(mean):
    out = np.empty(1000)
    random.poisson_row(np.full(1000, mean), 0, 0, KEY, out)
    assert (out >= 0.0).all()
    assert (out == np.floor(out)).all()
    assert abs(out.mean() - mean) < 5.0 * math.sqrt(mean / 1000)


@pytest.mark.parametrize(
    ("draw", "parameter"),
    [
        ("standard_gamma", math.nan),
        ("standard_gamma", math.inf),
        ("poisson", math.nan),
        ("poisson", math.inf),
    ],
)
def test_what_is_not_a_number_comes_to_an_end(draw, parameter):
    assert not math.isfinite(getattr(random, draw)(parameter, counter_at(0, 0, 0), KEY))


# --- tables and bounds ------------------------------------------------------------------------------------


def test_the_layers_have_equal_areas_and_close_at_the_mode():
    edge, density = random.EDGE, random.DENSITY
    areas = edge[1:-1] * np.diff(density)[1:]
    base = edge[1] * density[1] + math.sqrt(2.0 * math.pi) * stats.norm.sf(edge[1])
    assert len(edge) == random.LAYERS + 1
    assert edge[-1] == 0.0
    assert (np.diff(edge) < 0.0).all()
    np.testing.assert_allclose(areas, base, rtol=1e-12)
    np.testing.assert_allclose(edge[0] * density[1], base, rtol=1e-14)


def test_tables_cannot_be_written():
    assert not random.EDGE.flags.writeable
    assert not random.DENSITY.flags.writeable


def test_the_squeeze_of_gamma_numbers_is_inside_the_acceptance():
    t = np.concatenate([np.linspace(-0.5, 0.0, 20_001)[:-20], np.linspace(0.0, 50.0, 50_001)[20:]])
    t = t.astype(np.longdouble)
    accepted = 3.0 * (np.log1p(t) - t) + t * t * (1.5 - t)
    assert (-0.75 * t**4 * (1.0 - 1.4 * np.minimum(t, 0.0)) <= accepted).all()


@pytest.mark.parametrize("mean", [10.0, 11.5, 37.0, 1e3, 1e6])
def test_the_squeeze_of_poisson_numbers_is_inside_the_acceptance(mean):
    """Wherever PTRS accepts without the density, the density accepts too."""
    position = np.arange(-(2**12) + 1, 2**12) * 2.0**-12
    b = 0.931 + 2.53 * math.sqrt(mean)
    v = 0.9277 - 3.6224 / (b - 2.0)
    for u in position[np.abs(position) <= 0.86]:
        bits = np.uint64(int((u * 2.0**44 - 1) / 2) << 20 & WORD)
        k, margin = random._transformed(mean, bits)
        if margin >= 0.07:
            assert not random._above_density(mean, k, margin, v)


@pytest.mark.parametrize("mean", [0.5, 9.5, 10.0, 123.4, 1e4, 1e7])
def test_probabilities_of_poisson_numbers(mean):
    spread = 12.0 * math.sqrt(mean) + 12.0
    ks = np.unique(np.floor(np.linspace(max(mean - spread, 0.0), mean + spread, 400)))
    ours = [random.log_poisson(k, mean) for k in ks]
    np.testing.assert_allclose(ours, stats.poisson.logpmf(ks, mean), rtol=1e-8, atol=1e-10)
    assert random.log_poisson(-1.0, mean) == -math.inf


def test_stirling_series_meets_the_exact_values():
    k = float(random._EXACT - 1)
    series = 1.0 / (12 * k) - 1.0 / (360 * k**3) + 1.0 / (1260 * k**5) - 1.0 / (1680 * k**7)
    assert math.isclose(random._stirling_error(k), series, abs_tol=1e-13)


@given(st.floats(0.0, 9.99), st.floats(0.0, 1.0, exclude_max=True))
def test_small_poisson_numbers_are_inverted(mean, u):
    k = random._inverted_poisson(mean, u)
    assert stats.poisson.cdf(k, mean) > u - 1e-14
    assert k == 0.0 or stats.poisson.cdf(k - 1.0, mean) <= u + 1e-14


# --- discrete ---------------------------------------------------------------------------------------------

weights = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=80).filter(lambda each: sum(each) > 1e-9)


@given(weights, st.floats(0.0, 1.0, exclude_max=True), st.floats(0.5, 1.0))
def test_the_guide_leads_to_what_a_search_finds(weights, u, total):
    """Also where the last cumulative probability is less than 1, or the number is one of them."""
    cumulative = np.cumsum(weights) / np.sum(weights) * total
    guide = random.guide_table(cumulative)
    assert guide.dtype == np.int32
    for number in (u, *cumulative[cumulative < 1.0], *np.nextafter(cumulative[cumulative < 1.0], 0.0)):
        found = min(np.searchsorted(cumulative, number, side="left"), len(cumulative) - 1)
        assert random.invert(cumulative, guide, float(number)) == found


@given(weights, st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=2, max_size=50))
def test_indices_do_not_fall_as_the_number_rises(weights, numbers):
    cumulative = np.cumsum(weights) / np.sum(weights)
    guide = random.guide_table(cumulative)
    indices = [random.invert(cumulative, guide, number) for number in sorted(numbers)]
    assert indices == sorted(indices)


def test_what_has_no_probability_is_not_drawn():
    cumulative = np.array([0.0, 0.5, 0.5, 1.0])
    assert set(drawn_indices(cumulative, 0, 0, 1000)) == {1, 3}


def test_one_point_is_always_drawn():
    assert set(drawn_indices(np.array([1.0]), 0, 0)) == {0}
