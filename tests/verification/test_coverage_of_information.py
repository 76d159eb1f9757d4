"""How often the interval of the value of information covers the true figure, where that is known.

Two or three alternatives, of which doing nothing earns nothing. What another earns follows from one input
that could be known, and noise that could not. So the value of knowing the input is an integral, or a tree of
two branches. A rare yes is seen some times at least: a batch without any could not tell of it.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from sim.risk.information import evpi, evppi
from tests.verification.estimate import coverage

CHAPTER = "Coverage of the value of information"
EXPERIMENTS, FEW = 400, 60
LEAST = 0.91
"""Coverage that is asked for: 95 % less 4 standard errors."""
Random = np.random.Generator


class Decision(NamedTuple):
    """What is known, what alternatives earn given that, and what it is worth to know it."""

    known: Callable[[Random, int], np.ndarray]
    earned: Callable[[np.ndarray], np.ndarray]
    noise: float
    worth: float


def normal(random, rows):
    return random.normal(size=rows)


def uniform(random, rows):
    return random.uniform(size=rows)


def yes(probability):
    """1 with a probability, else 0."""
    return lambda random, rows: (random.uniform(size=rows) < probability).astype(float)


def jumps(share, gain, loss):
    """Worth of knowing whether a gain comes in a share of futures, and a loss in all others."""
    return share * gain - max(0.0, share * gain - (1.0 - share) * loss)


def integral(earned, density, points, ends):
    """Mean of the best of what is earned, less the best of the means."""
    best = quad(lambda x: earned(np.array([x])).max() * density(x), *ends, points=points)[0]
    means = [
        quad(lambda x, a=a: earned(np.array([x]))[0, a] * density(x), *ends, points=points)[0]
        for a in range(earned(np.zeros(1)).shape[1])
    ]
    return best - max(means)


def beside_nothing(gain):
    """The values of doing nothing and of an alternative with a gain."""
    return lambda x: np.stack([np.zeros_like(x), gain(x)], axis=1)


def linear(mean):
    earned = beside_nothing(lambda x: mean + x)
    return Decision(normal, earned, 1.0, stats.norm.pdf(mean) - abs(mean) * stats.norm.cdf(-abs(mean)))


def three(x):
    return np.stack([-x - 0.5, np.zeros_like(x), x - 0.5], axis=1)


def hill(x):
    """An alternative that pays in the middle of a range only."""
    return beside_nothing(lambda x: 0.25 - (2.0 * x - 1.0) ** 2)(x)


DECISIONS = {
    "linear-Gaussian, alternatives alike on average": linear(0.0),
    "linear-Gaussian, one ahead by half a deviation": linear(0.5),
    "three alternatives, linear-Gaussian": Decision(
        normal, three, 1.0, integral(three, stats.norm.pdf, [-0.5, 0.5], (-9.0, 9.0))
    ),
    "a gain in the middle of the range": Decision(
        uniform, hill, 1.0, integral(hill, lambda _: 1.0, [0.25, 0.75], (0.0, 1.0))
    ),
    "a step at 0.7": Decision(
        uniform, beside_nothing(lambda x: np.where(x > 0.7, 6.0, -2.0)), 3.0, jumps(0.3, 6.0, 2.0)
    ),
    "a step at 0.97": Decision(
        uniform, beside_nothing(lambda x: np.where(x > 0.97, 100.0, -4.0)), 3.0, jumps(0.03, 100.0, 4.0)
    ),
    "a yes-or-no of probability 0.5": Decision(
        yes(0.5), beside_nothing(lambda x: np.where(x > 0.0, 2.0, -1.0)), 3.0, jumps(0.5, 2.0, 1.0)
    ),
    "a yes-or-no of probability 0.02": Decision(
        yes(0.02), beside_nothing(lambda x: np.where(x > 0.0, 90.0, -3.0)), 3.0, jumps(0.02, 90.0, 3.0)
    ),
    "an input that does not matter": Decision(normal, beside_nothing(lambda x: -0.3 + 0.0 * x), 1.0, 0.0),
    "an input that does not matter, alternatives alike": Decision(
        normal, beside_nothing(lambda x: 0.0 * x), 1.0, 0.0
    ),
}


def held(decision: Decision, random: Random, rows: int) -> bool:
    """Whether the interval of one experiment holds the true figure; the estimate lies within its limits."""
    x = decision.known(random, rows)
    earned = decision.earned(x)
    noise = decision.noise * random.normal(size=earned.shape) * (np.arange(earned.shape[1]) > 0)
    values = earned + noise
    partial, perfect = evppi(x[:, None], values), evpi(values)
    assert 0.0 <= partial.ci_low[0] <= partial.estimate[0] <= partial.ci_high[0] <= perfect.ci_high[0]
    assert partial.estimate[0] <= perfect.estimate[0]
    return bool(partial.ci_low[0] - 1e-12 <= decision.worth <= partial.ci_high[0] + 1e-12)


def covers(case: str, seed: int, experiments: int, rows: int) -> float:
    random = np.random.default_rng([seed, list(DECISIONS).index(case), rows])
    return float(np.mean([held(DECISIONS[case], random, rows) for _ in range(experiments)]))


@pytest.mark.slow
@pytest.mark.parametrize("rows", [256, 1024])
@pytest.mark.parametrize("case", DECISIONS)
def test_intervals_cover_what_it_is_worth(verify, root_seed, case, rows):
    verify(case=f"{case}, {rows:,} rows", **coverage(covers(case, root_seed, EXPERIMENTS, rows), LEAST))


@pytest.mark.parametrize("case", ["a step at 0.97", "a yes-or-no of probability 0.02"])
def test_it_may_be_chance_which_alternative_is_best_without_knowing(case):
    """Where it is, an interval about that alternative alone covers three in four."""
    assert covers(case, 1, FEW, 128) >= 0.88


def test_without_a_gain_there_is_nothing_to_know():
    values = np.zeros((64, 2))
    found = evppi(np.arange(64.0)[:, None], values)
    assert [found.estimate[0], found.ci_low[0], found.ci_high[0]] == [0.0, 0.0, 0.0]
