"""Levels of demand: lognormal, with the moments of their processes."""

import math

import numpy as np

from sim.engines.draws import draw
from tests.builders import compiled, merged, shop
from tests.verification.estimate import over_replications

CHAPTER = "Demand that moves"
FUTURES = 2_000
QUARTER = slice(92, 184)
"""The second quarter from the first day on."""
YEAR = 365.25


def levels(root_seed, factors, days, futures=FUTURES):
    """``[future, stream, day]`` levels of two streams, one of which the second factor moves less."""
    abroad = {"stock_point": "shelf", "market": "abroad", "mean_per_day": 4.0, "price": 2.0}
    data = shop(
        days,
        markets={"abroad": {"name": "Abroad", "country": "FR"}},
        demand={"abroad": {**abroad, "process": "constant"}},
    )
    plan = compiled(merged(data, {"demand_factors": factors}))
    return np.array([draw(plan, root_seed, future).demand_level for future in range(futures)])


def test_a_quarter_of_a_random_walk(verify, root_seed):
    """Mean and variance of the mean level of a quarter: the sum of exp(s² min(i, j)) - 1 over its days."""
    walk = {"process": "random_walk", "volatility_per_year": 0.5}
    level = levels(root_seed, {"cycle": walk}, 184)[:, 0, QUARTER].mean(axis=1)
    days = np.arange(184)[QUARTER]
    earlier = np.minimum(days[:, None], days[None, :])
    variance = float(np.mean(np.expm1(0.25 / YEAR * earlier)))
    name = "random walk of 50 % a year, second quarter"
    verify(
        case=f"{name}, mean level",
        source="lognormal with mean 1",
        expected=1.0,
        **over_replications(level),
    )
    verify(
        case=f"{name}, variance of the level",
        source="autocovariance of a geometric random walk",
        expected=variance,
        **over_replications((level - 1.0) ** 2),
    )


def test_a_mean_reverting_level_that_has_settled(verify, root_seed):
    """Ornstein and Uhlenbeck: variance of the log level volatility² / (2 rate), covariance falls by half."""
    back = {"process": "mean_reverting", "volatility_per_year": 0.6, "half_life_days": 30}
    level = np.log(levels(root_seed, {"cycle": back}, 400)[:, 0])
    variance = 0.36 / (2.0 * math.log(2.0) * YEAR / 30.0)
    off = level + 0.5 * variance
    name = "mean-reverting, 60 % a year, half-life 30 days"
    verify(
        case=f"{name}, variance of the log level after 13 half-lives",
        source="Ornstein-Uhlenbeck, volatility² / (2 rate)",
        expected=variance,
        **over_replications(off[:, -1] ** 2),
    )
    verify(
        case=f"{name}, covariance 30 days apart",
        source="Ornstein-Uhlenbeck, half of the variance",
        expected=0.5 * variance,
        **over_replications(off[:, -1] * off[:, -31]),
    )


def test_a_common_factor_correlates_two_streams(verify, root_seed):
    """Log levels a + b and a - c: their covariance is that of the common factor, times its loadings."""
    factors = {
        "common": {"process": "random_walk", "volatility_per_year": 0.3, "loadings": {"abroad": 0.5}},
        "own": {"process": "random_walk", "volatility_per_year": 0.4, "covers": {"demand": ["abroad"]}},
    }
    level = np.log(levels(root_seed, factors, 367)[:, :, -1])
    years = 366.0 / YEAR
    home, abroad = level[:, 0] + 0.045 * years, level[:, 1] + 0.5 * (0.0225 + 0.16) * years
    correlation = 0.045 / math.sqrt(0.09 * (0.0225 + 0.16))
    scaled = home * abroad / (years * math.sqrt(0.09 * (0.0225 + 0.16)))
    verify(
        case="common factor of loadings 1 and 0.5, and one of its own: correlation of log levels",
        source="factor model",
        expected=correlation,
        **over_replications(scaled),
    )
