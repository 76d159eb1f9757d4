"""Quantiles of distributions against closed forms; tests/unit/test_streams.py draws from them."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from sim.scenario.distributions import Gamma

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
