"""Estimates from a sample in independent randomisations."""

import numpy as np
import pytest
from scipy import stats

from sim.montecarlo.sampling import METHODS, REPLICATES
from sim.risk import replicated, tail
from sim.risk.precision import replications_for
from sim.risk.replicated import INDEPENDENT, REPLICATED
from sim.risk.unseen import unseen_share

LEVEL = 0.9


def sums(method, seed, count=4096):
    """A loss with two inputs that matter and a little noise."""
    uniforms = METHODS[method](("a", "b"), seed, range(count))
    noise = np.random.default_rng(seed).normal(0.0, 0.05, count)
    return stats.norm.ppf(uniforms).sum(axis=1) + noise


def test_the_point_is_that_of_all_numbers():
    losses = sums("sobol", 1)
    assert REPLICATED.mean(losses).estimate == losses.mean()
    assert REPLICATED.quantile(losses, LEVEL).estimate == tail.value_at_risk(losses, LEVEL)
    assert REPLICATED.shortfall(losses, LEVEL).estimate == tail.expected_shortfall(losses, LEVEL)


def test_the_interval_of_a_mean_by_hand():
    losses = np.repeat(np.arange(10.0), REPLICATES) + np.tile(np.arange(float(REPLICATES)), 10)
    half = stats.t.ppf(0.975, 15) * np.arange(16.0).std(ddof=1) / 4.0
    found = REPLICATED.mean(losses)
    assert (found.ci_low, found.ci_high) == pytest.approx((12.0 - half, 12.0 + half))


@pytest.mark.parametrize("count", [1, 2, 63])
def test_small_samples_count_as_independent(count):
    losses = sums("sobol", 1)[:count]
    assert repr(REPLICATED.mean(losses)) == repr(INDEPENDENT.mean(losses))
    assert repr(REPLICATED.quantile(losses, LEVEL)) == repr(INDEPENDENT.quantile(losses, LEVEL))
    assert repr(REPLICATED.shortfall(losses, LEVEL)) == repr(INDEPENDENT.shortfall(losses, LEVEL))


def test_an_even_sample_knows_more():
    def half_width(method):
        return replicated._half_width(sums(method, 1))

    assert half_width("sobol") < 0.25 * half_width("random")
    assert half_width("latin_hypercube") < 0.5 * half_width("random")


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
def test_intervals_cover_what_they_say(method):
    truth = stats.norm(0.0, np.sqrt(2.0 + 0.05**2))
    expected = {
        "mean": 0.0,
        "quantile": truth.ppf(LEVEL),
        "shortfall": truth.pdf(truth.ppf(LEVEL)) * truth.var() / 0.1,
    }
    covered = dict.fromkeys(expected, 0)
    for seed in range(100):
        losses = sums(method, seed)
        estimates = {
            "mean": REPLICATED.mean(losses),
            "quantile": REPLICATED.quantile(losses, LEVEL),
            "shortfall": REPLICATED.shortfall(losses, LEVEL),
        }
        for name, found in estimates.items():
            covered[name] += found.ci_low <= expected[name] <= found.ci_high
    for count in covered.values():
        assert stats.binom.sf(count - 1, 100, 0.95) > 1e-3
        assert stats.binom.cdf(count, 100, 0.95) > 1e-3


@pytest.mark.parametrize(("yes", "count"), [(0, 50), (1, 50), (5, 50), (50, 50), (1, 2)])
def test_the_interval_of_a_share_is_that_of_clopper_and_pearson(yes, count):
    expected = stats.binomtest(yes, count).proportion_ci(0.95, method="exact")
    found = tail.probability_estimate([True] * yes + [False] * (count - yes))
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx(
        (yes / count, expected.low, expected.high)
    )


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_a_quantile_of_equal_numbers_may_be_the_other_value(level):
    """Where nearly the quantile's share of futures lose nothing, each randomisation has 0 or 1 by chance."""
    count = 8192
    losses = np.zeros(count)
    losses[np.random.default_rng(1).permutation(count)[: round((1.0 - level) * count) - 4]] = 1.0
    assert REPLICATED.quantile(losses, level) == tail.Estimate(0.0, 0.0, 1.0)
    found = REPLICATED.quantile(1.0 - losses, 1.0 - level)
    assert (found.ci_low, found.ci_high) == (0.0, 1.0)


def test_randomisations_that_agree_do_not_rule_out_what_none_of_them_shows():
    unseen = unseen_share(8192, 0.95)
    assert REPLICATED.mean(np.zeros(8192)).ci_high == pytest.approx(unseen, rel=0.02)
    assert REPLICATED.shortfall(np.zeros(8192), 0.95).ci_high == pytest.approx(unseen / 0.05, rel=0.02)


def test_an_interval_without_a_bound_tells_no_number_of_replications():
    assert replications_for(tail.Estimate(0.1, float("nan"), 0.2), 0.01, 5) is None
