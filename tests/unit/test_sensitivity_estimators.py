"""Estimators on arrays: against SciPy, on inputs that do nothing, and how often their intervals cover."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from sim.risk import information
from sim.risk.information import chance_evppi, evpi, evppi
from sim.risk.sensitivity_indices import main_effects, rank_correlations, sobol_indices

ROWS = 512


@pytest.fixture
def random():
    return np.random.default_rng(20191009)


def pick_freeze(random, function, inputs=3, rows=ROWS):
    a, b = random.normal(size=(2, inputs, rows))
    mixed = [function(np.where(np.arange(inputs)[:, None] == i, b, a)) for i in range(inputs)]
    return function(a), function(b), np.stack(mixed)


def interacting(x):
    return 3.0 + x[0] + 0.5 * x[0] * x[1] + 0.1 * x[2]


def test_indices_are_those_of_scipy(random):
    f_a, f_b, f_ab = pick_freeze(random, interacting)
    ours = sobol_indices(f_a, f_b, f_ab)
    theirs = stats.sobol_indices(
        func={"f_A": f_a[None, :], "f_B": f_b[None, :], "f_AB": f_ab[:, None, :]}, n=ROWS
    )
    np.testing.assert_allclose(ours.first_order.estimate, theirs.first_order, rtol=1e-10)
    np.testing.assert_allclose(ours.total_order.estimate, theirs.total_order, rtol=1e-10)


def test_intervals_of_indices_are_about_those_of_scipy(random):
    f_a, f_b, f_ab = pick_freeze(random, interacting)
    ours = sobol_indices(f_a, f_b, f_ab)
    theirs = stats.sobol_indices(
        func={"f_A": f_a[None, :], "f_B": f_b[None, :], "f_AB": f_ab[:, None, :]}, n=ROWS
    ).bootstrap()
    for mine, other in ((ours.first_order, theirs.first_order), (ours.total_order, theirs.total_order)):
        width = mine.ci_high - mine.ci_low
        interval = other.confidence_interval
        np.testing.assert_allclose(width, interval.high - interval.low, rtol=0.25)
        assert (mine.ci_low <= mine.estimate).all()
        assert (mine.estimate <= mine.ci_high).all()


def test_intervals_of_indices_cover_the_truth_in_most_batches(random):
    exact = np.array([1.0, 0.25, 0.0]) / 1.25
    hits = np.zeros(3)
    for _ in range(100):
        found = sobol_indices(*pick_freeze(random, lambda x: x[0] + 0.5 * x[1], rows=200)).first_order
        hits += (found.ci_low <= exact) & (exact <= found.ci_high)
    assert (hits[:2] >= 87).all()


def test_the_same_batch_has_the_same_intervals(random):
    outputs = pick_freeze(random, interacting)
    assert sobol_indices(*outputs).first_order.ci_low.tolist() == (
        sobol_indices(*outputs).first_order.ci_low.tolist()
    )


def test_an_output_that_does_not_vary_has_no_indices():
    constant = np.full(ROWS, 0.1)
    found = sobol_indices(constant, constant, np.stack([constant]))
    assert found.first_order.estimate.tolist() == found.total_order.ci_high.tolist() == [0.0]
    samples = np.arange(float(ROWS))[:, None]
    assert rank_correlations(samples, constant).estimate.tolist() == [0.0]
    assert main_effects(samples, constant).tolist() == [0.0]


def test_rounding_is_no_variance(random):
    """An output of 0.07 whose last digits differ: nothing moves it, and no share is above 1."""
    noise = 0.07 + 1e-17 * random.integers(-3, 4, size=ROWS)
    samples = random.normal(size=(ROWS, 2))
    assert main_effects(samples, noise).tolist() == [0.0, 0.0]
    assert rank_correlations(samples, noise).ci_high.tolist() == [0.0, 0.0]
    found = sobol_indices(noise, noise[::-1], np.stack([noise, np.roll(noise, 1)]))
    for intervals in (found.first_order, found.total_order):
        assert intervals.estimate.tolist() == intervals.ci_high.tolist() == [0.0, 0.0]


def test_rank_correlations_are_those_of_scipy_ties_included(random):
    samples = np.column_stack([random.normal(size=ROWS), random.integers(0, 3, ROWS).astype(float)])
    output = samples[:, 0] ** 3 + samples[:, 1] + random.normal(size=ROWS)
    found = rank_correlations(samples, output)
    expected = [stats.spearmanr(column, output).statistic for column in samples.T]
    np.testing.assert_allclose(found.estimate, expected, rtol=1e-10)
    assert (found.ci_low < found.estimate).all()
    assert (found.estimate < found.ci_high).all()


def test_intervals_of_rank_correlations_cover_the_truth_in_most_batches(random):
    truth = 6.0 / np.pi * np.arcsin(0.5 * 0.6)  # of a bivariate normal pair with correlation 0.6
    hits = 0
    for _ in range(300):
        x = random.normal(size=60)
        found = rank_correlations(x[:, None], 0.6 * x + 0.8 * random.normal(size=60))
        hits += found.ci_low[0] <= truth <= found.ci_high[0]
    assert 270 <= hits <= 297


def test_main_effects_see_what_rank_correlations_do_not(random):
    samples = random.uniform(-1.0, 1.0, size=(2000, 3))
    output = samples[:, 0] ** 2 + 0.1 * samples[:, 1]
    effects = main_effects(samples, output)
    variances = np.array([4.0 / 45.0, 0.01 / 3.0, 0.0])
    np.testing.assert_allclose(effects, variances / variances.sum(), atol=0.05)
    assert abs(rank_correlations(samples, output).estimate[0]) < 0.1


def test_main_effects_of_an_input_with_two_values(random):
    switch = random.integers(0, 2, 2000).astype(float)
    output = switch + random.normal(size=2000) * 0.5
    assert main_effects(switch[:, None], output)[0] == pytest.approx(0.5, abs=0.05)


def test_main_effects_see_no_pure_interaction(random):
    samples = random.normal(size=(2000, 2))
    assert main_effects(samples, samples[:, 0] * samples[:, 1]).max() < 0.05


def gains(random, rows=2000):
    """An input that decides, one that does not, and the values of two alternatives."""
    samples = random.normal(size=(rows, 2))
    gain = samples[:, 0] + random.normal(size=rows)
    return samples, np.column_stack([np.zeros(rows), gain])


def test_only_an_input_that_can_change_the_decision_is_worth_knowing(random):
    samples, values = gains(random)
    chance = chance_evppi(values, 2)
    found = evppi(samples, values)
    assert found.estimate[0] == pytest.approx(1.0 / np.sqrt(2.0 * np.pi), abs=0.06)
    assert 0.0 <= found.estimate[1] <= chance < 0.05
    moved = evppi(samples, values + samples[:, [1]])
    assert moved.estimate[1] == pytest.approx(found.estimate[1])


@pytest.mark.slow
def test_of_many_inputs_that_do_not_matter_one_batch_in_twenty_shows_more_than_chance(random):
    """Forty batches of twenty inputs; in every test run two inputs are weighed against chance above."""
    above = 0
    for _ in range(40):
        _, values = gains(random, 200)
        idle = random.normal(size=(200, 20))
        above += evppi(idle, values).estimate.max() > chance_evppi(values, 20)
    assert above <= 6


def test_nothing_is_worth_knowing_if_one_alternative_is_always_best(random):
    samples, values = gains(random)
    certain = np.column_stack([values[:, 1], values[:, 1] + 1.0])
    assert evpi(certain).estimate[0] == 0.0
    assert evppi(samples, certain).estimate.tolist() == [0.0, 0.0]
    assert chance_evppi(certain, 2) == 0.0


def threshold(x, random):
    """Worth 6 above 0.7 and -4 below: 0.3 x 6."""
    return 10.0 * (x > 0.7) - 4.0 + 2.0 * random.normal(size=len(x))


def late_step(x, _random):
    """Nothing but a step, near the end of the range: 0.03 x 96."""
    return 100.0 * (x > 0.97) - 4.0


def yes_or_no(x, random):
    """Known by one bit: 0.2 x 7."""
    return 10.0 * (x < 0.2) - 3.0 + 4.0 * random.normal(size=len(x))


def seldom(x, _random):
    """One bit that is seldom set: 0.05 x 95."""
    return 100.0 * (x < 0.05) - 5.0


def band(x, random):
    """Worth it in the middle only: 0.2 x 5."""
    return np.where((x > 0.4) & (x < 0.6), 5.0, -2.0) + random.normal(size=len(x))


def slope(x, random):
    """A unit normal loss integral."""
    return stats.norm.ppf(x) + random.normal(size=len(x))


def nothing(x, random):
    return random.normal(size=len(x)) - 0.1


KNOWN = {
    "threshold": (threshold, lambda x: x, 0.3 * 6.0),
    "late step": (late_step, lambda x: x, 0.03 * 96.0),
    "yes or no": (yes_or_no, lambda x: (x < 0.2).astype(float), 0.2 * 7.0),
    "seldom yes": (seldom, lambda x: (x < 0.05).astype(float), 0.05 * 95.0),
    "band": (band, lambda x: x, 0.2 * 5.0),
    "slope": (slope, lambda x: x, 1.0 / np.sqrt(2.0 * np.pi)),
    "nothing": (nothing, lambda x: x, 0.0),
}


@pytest.mark.parametrize("case", KNOWN)
@pytest.mark.parametrize("rows", [400, pytest.param(2000, marks=pytest.mark.slow)])
def test_the_value_of_information_is_within_its_interval_and_within_bounds(random, case, rows):
    """In at least 88 of 100 batches of intervals that cover 95 % of the time, for every shape.

    Large batches are as hard and take longer: they are in `make verify`.
    """
    gain, seen, truth = KNOWN[case]
    hits, batches = 0, 100
    for _ in range(batches):
        x = random.uniform(size=rows)
        values = np.column_stack([np.zeros(rows), gain(x, random)])
        found, everything = evppi(seen(x)[:, None], values), evpi(values)
        assert 0.0 <= found.ci_low[0] <= found.estimate[0] <= found.ci_high[0] <= everything.ci_high[0]
        assert found.estimate[0] <= everything.estimate[0]
        hits += found.ci_low[0] <= truth <= found.ci_high[0]
    assert hits >= 88


def test_of_several_alternatives_each_has_its_piece_of_the_input(random):
    x, best_at = random.uniform(size=4000), np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    fine = np.linspace(0.0, 1.0, 100_001)
    exact = -((fine[:, None] - best_at) ** 2)
    values = -((x[:, None] - best_at) ** 2) + 0.05 * random.normal(size=(4000, 5))
    found = evppi(x[:, None], values)
    assert found.estimate[0] == pytest.approx(exact.max(axis=1).mean() - exact.mean(axis=0).max(), rel=0.03)


def test_rules_are_the_best_of_all_that_change_their_mind_so_often(random):
    """Against all rules of five bins, one by one."""
    for _ in range(20):
        sums = random.normal(size=(1, 5, 2))
        rules = [rule for rule in product((0, 1), repeat=5) if np.count_nonzero(np.diff(rule)) <= 2]
        best = max(sum(sums[0, place, choice] for place, choice in enumerate(rule)) for rule in rules)
        found = information._best_rules(sums)[0]
        assert tuple(found) in rules
        assert sums[0, np.arange(5), found].sum() == pytest.approx(best)


def test_what_was_never_seen_may_still_happen():
    """Three in n futures of the best kind that was seen may be missing from a batch."""
    values = np.column_stack([np.zeros(300), np.full(300, -1.0)])
    values[:1, 1] = 30.0
    assert evpi(values).ci_high[0] > 0.3


def test_an_input_that_never_varies_is_worth_nothing(random):
    _, values = gains(random)
    assert evppi(np.ones((len(values), 1)), values).estimate[0] == pytest.approx(0.0, abs=1e-12)
