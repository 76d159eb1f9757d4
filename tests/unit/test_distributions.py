"""Quantiles of distributions against closed forms; tests/unit/test_sampling.py draws from them."""

import math

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import special, stats

from sim.scenario.distributions import Gamma, Lognormal, Normal, Pert, Triangular, Uniform

PROBABILITIES = (0.05, 0.5, 0.95)


def gamma(mean, sd, **fields):
    return Gamma.model_validate({"dist": "gamma", "mean": float(mean), "sd": float(sd), **fields})


def test_a_gamma_whose_deviation_is_its_mean_is_exponential():
    expected = [-8.0 * math.log(1.0 - probability) for probability in PROBABILITIES]
    assert gamma(8, 8).quantile(PROBABILITIES).tolist() == pytest.approx(expected)


def test_quantiles_of_a_gamma_are_those_of_the_table():
    """Of shape 4 and scale 2.5: half of the chi-squared quantiles with 8 degrees of freedom, times 2.5."""
    chi_squared = (2.73264, 7.34412, 15.50731)
    expected = [2.5 * value / 2.0 for value in chi_squared]
    assert gamma(10, 5).quantile(PROBABILITIES).tolist() == pytest.approx(expected, rel=1e-5)


def test_a_gamma_has_the_mean_and_the_deviation_that_it_is_given():
    distribution = gamma(10, 5)
    middles = (np.arange(100_000) + 0.5) / 100_000
    samples = distribution.quantile(middles)
    assert distribution.mean == pytest.approx(10.0)
    assert samples.mean() == pytest.approx(10.0, rel=1e-4)
    assert samples.std() == pytest.approx(5.0, rel=1e-3)


def test_a_gamma_is_never_negative_and_has_no_upper_bound():
    assert gamma(10, 5).support == (0.0, math.inf)
    assert float(gamma(10, 50).quantile(1e-12)) >= 0.0


def test_a_gamma_may_be_truncated():
    """An exponential of mean 8, cut to what lies between 2 and 10."""
    distribution = gamma(8, 8, min=2.0, max=10.0)
    below, upto = (1.0 - math.exp(-bound / 8.0) for bound in (2.0, 10.0))
    median = -8.0 * math.log(1.0 - (below + upto) / 2.0)
    assert distribution.support == (2.0, 10.0)
    assert distribution.quantile([0.5]).tolist() == [pytest.approx(median)]
    assert distribution.cumulative([1.9, median, 10.0]).tolist() == pytest.approx([0.0, 0.5, 1.0])


@pytest.mark.parametrize(("mean", "sd"), [(0, 5), (-1, 5), (10, 0), (10, math.inf)])
def test_a_gamma_of_no_mean_or_no_deviation_is_refused(mean, sd):
    with pytest.raises(ValidationError):
        gamma(mean, sd)


KNOWN = {
    "normal": (Normal(dist="normal", mean=3.0, sd=2.0), stats.norm(3.0, 2.0)),
    "gamma": (Gamma(dist="gamma", mean=3.0, sd=2.0), stats.gamma(2.25, scale=4.0 / 3.0)),
    "lognormal": (Lognormal(dist="lognormal", median=3.0, sigma=0.7), stats.lognorm(0.7, scale=3.0)),
    "uniform": (Uniform(dist="uniform", low=2.0, high=7.0), stats.uniform(2.0, 5.0)),
    "pert": (Pert(dist="pert", mode=3.0, low=2.0, high=7.0), stats.beta(1.8, 4.2, loc=2.0, scale=5.0)),
    **{
        f"triangular {mode}": (
            Triangular(dist="triangular", mode=mode, low=2.0, high=7.0),
            stats.triang((mode - 2.0) / 5.0, loc=2.0, scale=5.0),
        )
        for mode in (2.0, 3.0, 7.0)
    },
}


@pytest.mark.parametrize("name", KNOWN)
def test_distributions_are_those_of_scipy(name):
    ours, theirs = KNOWN[name]
    probabilities = (np.arange(200) + 0.5) / 200
    values = np.linspace(-1.0, 9.0, 101)
    last_bit = (
        4e-16 if name == "lognormal" else 0.0
    )  # SciPy's exponential is NumPy's, which the processor chooses.
    np.testing.assert_allclose(ours.quantile(probabilities), theirs.ppf(probabilities), rtol=last_bit)
    np.testing.assert_allclose(ours.cumulative(values), theirs.cdf(values), rtol=1e-13, atol=1e-15)
    assert ours.mean == pytest.approx(theirs.mean(), rel=1e-14)


def test_lognormal_samples_are_exponentials_of_the_c_library():
    quantity = Lognormal(dist="lognormal", median=3.0, sigma=0.7)
    probabilities = (np.arange(2_000) + 0.5) / 2_000
    expected = [math.exp(0.7 * normal) * 3.0 for normal in special.ndtri(probabilities).tolist()]
    assert quantity.quantile(probabilities).tolist() == expected


@pytest.mark.parametrize("name", KNOWN)
def test_truncated_distributions_are_those_of_scipy(name):
    ours, theirs = KNOWN[name]
    cut = ours.model_validate({**ours.model_dump(by_alias=True, exclude_none=True), "min": 2.5, "max": 6.0})
    below, upto = theirs.cdf([2.5, 6.0])
    probabilities = (np.arange(200) + 0.5) / 200
    expected = theirs.ppf(below + probabilities * (upto - below))
    np.testing.assert_allclose(cut.quantile(probabilities), expected, rtol=1e-13)
    assert cut.support == (2.5, 6.0)
