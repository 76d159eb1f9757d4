"""A battery of statistical tests of the random numbers that the engines draw.

Keys are fixed, so the same numbers are tested in every run, and each test looks at a million or more. Its
p-values are uniform if the numbers are random, and it fails if the smallest of n is below 1e-6 / n. There are
some 250 such comparisons: with fresh keys, one run in 4,000 would raise a false alarm.
"""

import math
from functools import cache

import numpy as np
import pytest
from scipy import special, stats

from sim.engines import random
from sim.engines.compiler import compiled
from sim.engines.random import counter_at, squares64, squares_key

FALSE_ALARM = 1e-6
KEY = squares_key("battery", 1)
MILLION = 1_000_000
SIDE = 1024

AXES = ("keys", "days", "replications")


def not_extreme(*p_values):
    """The smallest p-value is no smaller than chance would have it."""
    assert len(p_values) * min(p_values) > FALSE_ALARM, p_values


def two_sided(z):
    return special.erfc(np.abs(z) / math.sqrt(2.0))


@cache
def keys_alike():
    """Keys that a hash gives: neighbours by name, not by digits."""
    return np.array([squares_key("battery", number) for number in range(SIDE)])


@compiled
def _fill(keys, words):
    """``[key, day, replication]`` words of the first attempts."""
    for k in range(words.shape[0]):
        for day in range(words.shape[1]):
            for b in range(words.shape[2]):
                words[k, day, b] = squares64(counter_at(b, day, 0), keys[k])


@cache
def block(along, across):
    """``[along, across]`` 2**20 words, neighbours differing in one step along one axis."""
    words = np.empty([SIDE if axis in {along, across} else 1 for axis in AXES], dtype=np.uint64)
    _fill(keys_alike(), words)
    missing = ({0, 1, 2} - {AXES.index(along), AXES.index(across)}).pop()
    return words.transpose(AXES.index(along), AXES.index(across), missing)[:, :, 0].copy()


PAIRS = [(along, across) for along in AXES for across in AXES if along != across]
in_all_orders = pytest.mark.parametrize(("along", "across"), PAIRS)


def bytes_of(words, byte):
    return (words >> np.uint64(8 * byte)).astype(np.uint8)


# --- words ------------------------------------------------------------------------------------------------


@in_all_orders
def test_words_are_uniform(along, across):
    """Chi-square of the highest 16 bits, and of each byte."""
    words = block(along, across)
    high = np.bincount((words >> np.uint64(48)).astype(np.int64).ravel(), minlength=1 << 16)
    each = [np.bincount(bytes_of(words, byte).ravel(), minlength=256) for byte in range(8)]
    not_extreme(stats.chisquare(high).pvalue, *[stats.chisquare(counts).pvalue for counts in each])


@in_all_orders
def test_every_bit_is_set_half_the_time(along, across):
    """Over the block, and the scatter over its lines: a line is one replication, day or key."""
    words = block(along, across)
    ones = np.array([(words >> np.uint64(bit) & random.ONE).sum(axis=1) for bit in range(64)]).astype(float)
    z = (ones - SIDE / 2) / math.sqrt(SIDE / 4)
    not_extreme(*two_sided(z.sum(axis=1) / math.sqrt(SIDE)))
    squares = (z**2).sum(axis=1)
    not_extreme(*stats.chi2.sf(squares, SIDE), *stats.chi2.cdf(squares, SIDE))


@in_all_orders
def test_pairs_of_neighbours_fill_the_square(along, across):
    """Chi-square of 64 x 64 cells, for neighbours and for numbers two steps apart."""
    words = block(along, across)
    for shift in (np.uint64(58), np.uint64(20), np.uint64(8)):
        cell = (words >> shift).astype(np.int64) & 63
        for lag in (1, 2):
            pairs = np.bincount((64 * cell[lag:] + cell[:-lag]).ravel(), minlength=64 * 64)
            not_extreme(stats.chisquare(pairs).pvalue)


@in_all_orders
def test_neighbours_are_uncorrelated(along, across):
    """Serial correlation over lags from 1 to 512."""
    centred = (block(along, across) >> np.uint64(11)).astype(np.float64) * 2.0**-53 - 0.5
    z = [
        12.0 * (centred[lag:] * centred[:-lag]).sum() / math.sqrt(centred[lag:].size)
        for lag in (1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 64, 128, 256, 512)
    ]
    not_extreme(*two_sided(np.array(z)))


@in_all_orders
def test_gaps_are_geometric(along, across):
    """How many numbers pass between two below 1/16, along each line of neighbours."""
    words = block(along, across).T.ravel()
    gaps = np.diff(np.flatnonzero(words < np.uint64(1 << 60))) - 1
    longest = 80
    counts = np.bincount(np.minimum(gaps, longest), minlength=longest + 1)
    expected = stats.geom.pmf(np.arange(1, longest + 1), 1 / 16)
    not_extreme(stats.chisquare(counts, np.append(expected, 1.0 - expected.sum()) * len(gaps)).pvalue)


@in_all_orders
@pytest.mark.parametrize("shift", [32, 0])
def test_birthday_spacings(along, across, shift):
    """Marsaglia's: 2**12 birthdays in a year of 2**32 days give Poisson(4) equal spacings; 256 times."""
    days = (block(along, across).T.ravel() >> np.uint64(shift)).astype(np.uint32).reshape(256, 1 << 12)
    spacings = np.sort(np.diff(np.sort(days, axis=1), axis=1), axis=1)
    equal = int((np.diff(spacings, axis=1) == 0).sum())
    expected = 256 * (1 << 36) / (4 * 2**32)
    not_extreme(stats.poisson.sf(equal - 1, expected), stats.poisson.cdf(equal, expected))


@compiled
def _count_changes(counters, flipped, keys, changes):
    """``[byte, value]`` how often the flipped bits of the counter change a byte of the word in that way."""
    for counter in counters:
        changed = squares64(counter, keys[0]) ^ squares64(counter ^ flipped, keys[1])
        for byte in range(8):
            changes[byte, np.int64(changed >> np.uint64(8 * byte) & np.uint64(255))] += 1


def unrelated(flipped, *, other=KEY, day=0):
    """Each bit of a word changes half the time, and bits of a byte change independently.

    Over replications from 0, or those whose lowest flipped bit is 0, so that no pair is counted twice.
    """
    lowest = flipped & -flipped
    below = max(lowest >> 32, 1) - 1
    replication = np.arange(MILLION)
    if lowest >> 32:
        replication = (replication & ~below) << 1 | replication & below
    counters = (replication.astype(np.uint64) << np.uint64(32)) | np.uint64(day << 12 & ~lowest)
    changes = np.zeros((8, 256), dtype=np.int64)
    _count_changes(counters, np.uint64(flipped), np.array([KEY, other]), changes)
    changed = changes @ (np.arange(256)[:, None] >> np.arange(8) & 1)
    z = (changed.ravel() - MILLION / 2) / math.sqrt(MILLION / 4)
    not_extreme(*two_sided(z), *stats.chisquare(changes, axis=1).pvalue)


@pytest.mark.parametrize("day", [0, 365])
@pytest.mark.parametrize("bit", range(48))
def test_counters_that_differ_in_one_bit(bit, day):
    unrelated(1 << bit, day=day)


@pytest.mark.parametrize("bits", [0x1_0000_1000, 0x3_0000_3000, 0x1_0000_0001, 0x1001, 0xFFFF_FFFF_0000_0000])
def test_counters_that_differ_in_few_bits(bits):
    """Replication and day, or day and attempt, together."""
    unrelated(bits)


@pytest.mark.parametrize("place", [place for place in range(14) if place != 7])
def test_keys_that_differ_in_two_digits(place):
    """Neighbouring digits of a half are exchanged: the keys still follow the rules, but for the ninth."""
    digits = f"{int(KEY):016x}"
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    unrelated(0, other=np.uint64(int(swapped, 16)))


# --- distributions ----------------------------------------------------------------------------------------

QUANTILES = np.array([1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.9, 0.99, 0.999, 0.9999, 0.99999])


def drawn(name, *parameters, count=MILLION, day=11):
    out = np.empty(count)
    draw = getattr(random, f"{name}_row")
    draw(*[np.full(count, float(each)) for each in parameters], 0, day, KEY, out)
    return out


def fits(sample, distribution):
    """Kolmogorov-Smirnov, chi-square between quantiles out to the tails, and the first two moments."""
    counts = np.diff(
        np.concatenate([[0], np.searchsorted(np.sort(sample), distribution.ppf(QUANTILES)), [len(sample)]])
    )
    expected = np.diff(np.concatenate([[0.0], QUANTILES, [1.0]])) * len(sample)
    mean, variance, kurtosis = (float(each) for each in distribution.stats("mvk"))
    away = sample - mean
    not_extreme(
        stats.kstest(sample, distribution.cdf).pvalue,
        stats.chisquare(counts, expected).pvalue,
        two_sided(away.sum() / math.sqrt(variance * len(sample))),
        two_sided((away @ away / variance - len(sample)) / math.sqrt((kurtosis + 2.0) * len(sample))),
    )


def fits_counts(sample, distribution):
    """Chi-square of integers, those expected less than 20 times together, and the first two moments."""
    assert (sample == np.floor(sample)).all()
    assert sample.min() >= 0.0
    highest = int(distribution.isf(1e-9)) + 1
    expected = distribution.pmf(np.arange(highest + 1)) * len(sample)
    counts = np.bincount(np.minimum(sample, highest).astype(np.int64), minlength=highest + 1)
    cells = np.cumsum(expected) // 20
    cells = np.minimum(cells, int(expected.sum() // 20) - 1).astype(np.int64)
    expected, counts = np.bincount(cells, expected), np.bincount(cells, counts)
    seen = expected > 0
    mean, variance, kurtosis = (float(each) for each in distribution.stats("mvk"))
    away = sample - mean
    not_extreme(
        stats.chisquare(counts[seen], expected[seen] * counts.sum() / expected.sum()).pvalue,
        two_sided(away.sum() / math.sqrt(variance * len(sample))),
        two_sided((away @ away / variance - len(sample)) / math.sqrt((kurtosis + 2.0) * len(sample))),
    )


def test_uniform_numbers():
    fits(drawn("uniform"), stats.uniform())


def test_normal_numbers():
    fits(drawn("normal", 10, 3, count=2 * MILLION), stats.norm(10, 3))


@pytest.mark.parametrize("shape", [0.3, 0.999, 1, 1.5, 3, 20, 200, 2000])
def test_gamma_numbers(shape):
    fits(drawn("gamma", shape, 2), stats.gamma(shape, scale=2))


@pytest.mark.parametrize("mean", [0.01, 0.5, 5, 9.99, 10.01, 15, 60, 500, 1e4])
def test_poisson_numbers(mean):
    fits_counts(drawn("poisson", mean), stats.poisson(mean))


@pytest.mark.parametrize(
    ("mean", "dispersion"), [(0.5, 1.2), (2, 5), (5, 2), (12, 1.01), (40, 3), (1000, 10)]
)
def test_negative_binomial_numbers(mean, dispersion):
    distribution = stats.nbinom(mean / (dispersion - 1), 1 / dispersion)
    fits_counts(drawn("negative_binomial", mean, dispersion), distribution)


def test_discrete_numbers():
    """Sixty points, with probabilities from 0 to some per cent."""
    weights = np.arange(60.0) ** 1.5 % 7.0
    cumulative = np.cumsum(weights) / weights.sum()
    out, guide = np.empty(MILLION, dtype=np.int32), random.guide_table(cumulative)
    random.discrete_row(cumulative, guide, 0, 11, KEY, np.empty(MILLION), out)
    counts, expected = np.bincount(out, minlength=60), weights / weights.sum() * MILLION
    assert (counts[expected == 0] == 0).all()
    not_extreme(stats.chisquare(counts[expected > 0], expected[expected > 0]).pvalue)


@compiled
def _count_beyond(numbers, limits, tally):
    """How many numbers are beyond each limit, below and above."""
    for x in numbers:
        if abs(x) > limits[0]:
            for index, limit in enumerate(limits):
                tally[int(x > 0.0), index] += abs(x) > limit


def test_tails_of_normal_numbers():
    """Of 10**8, beyond where the tail begins, 4, 4.5, 5 and 5.5 standard deviations on either side."""
    limits, days = np.array([random.RIGHTMOST, 4.0, 4.5, 5.0, 5.5]), 100
    tally = np.zeros((2, len(limits)), dtype=np.int64)
    zeros, ones, out = np.zeros(MILLION), np.ones(MILLION), np.empty(MILLION)
    for day in range(days):
        random.normal_row(zeros, ones, 0, day, KEY, out)
        _count_beyond(out, limits, tally)
    expected = stats.norm.sf(limits) * days * MILLION
    not_extreme(*stats.poisson.sf(tally - 1, expected).ravel(), *stats.poisson.cdf(tally, expected).ravel())


@compiled
def _fill_tail(numbers):
    for b in range(len(numbers)):
        numbers[b], _ = random._tail(1.0, counter_at(b, 0, 0), KEY)


def test_normal_numbers_beyond_the_rightmost_edge():
    numbers = np.empty(MILLION)
    _fill_tail(numbers)
    beyond = stats.norm.sf(random.RIGHTMOST)
    not_extreme(stats.kstest(numbers, lambda x: 1.0 - stats.norm.sf(x) / beyond).pvalue)


# --- distributions over neighbours ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [0.4, 3.0, 2000.0])
def test_no_key_day_or_replication_is_special(shape):
    """Sums over the other two axes of 100 x 100 x 100 gamma numbers, and of products of neighbours."""
    count = 100
    numbers = np.empty((count, count, count))
    for k, day in np.ndindex(count, count):
        random.gamma_row(np.full(count, shape), np.ones(count), 0, day, keys_alike()[k], numbers[k, day])
    z = (numbers - shape) / math.sqrt(shape)
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        squares = (z.sum(axis=others) ** 2).sum() / count**2
        not_extreme(stats.chi2.sf(squares, count), stats.chi2.cdf(squares, count))
        product = np.take(z, range(1, count), axis) * np.take(z, range(count - 1), axis)
        not_extreme(two_sided(product.sum() / math.sqrt(product.size)))


@pytest.mark.parametrize(("dispersion", "mean"), [(2.0, 5.0), (1.5, 60.0)])
def test_negative_binomial_numbers_take_other_words_than_their_means(dispersion, mean):
    """Given its mean, a number is Poisson: its deviation is uncorrelated with the mean."""
    scale = dispersion - 1.0
    means = drawn("gamma", mean / scale, scale)
    numbers = drawn("negative_binomial", mean, dispersion)
    away = (numbers - means) * (means - mean)
    not_extreme(two_sided(away.sum() / math.sqrt(away @ away)))
