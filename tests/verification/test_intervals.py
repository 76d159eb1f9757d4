"""How often intervals of nominally 95 % cover the true figure, in a thousand repeated batches.

The loss is exp(0.4 Z1 + 0.3 Z2 + 0.2 Z3) with normal Z: two inputs that nobody knows, sampled by each method,
and noise. Its mean, value at risk and expected shortfall have closed forms.
"""

import math
from functools import cache, partial

import numpy as np
import pytest
from scipy import stats

from sim.montecarlo.sampling import METHODS
from sim.montecarlo.sequential import until_precise
from sim.risk.precision import FIGURES, needed_for
from sim.risk.replicated import estimators_of
from tests.verification.estimate import coverage

CHAPTER = "Intervals"
EXPERIMENTS = 1_000
LEAST = 0.93
MOST = {"mean": 1.0, "var95": 0.97, "es95": 1.0}
"""Coverage that is asked for: means and shortfalls count with the unseen and may be covered more often."""
SIGMA = math.sqrt(0.4**2 + 0.3**2 + 0.2**2)
Z95 = stats.norm.ppf(0.95)
MEAN = math.exp(0.5 * SIGMA**2)
TRUE = {
    "mean": MEAN,
    "var95": math.exp(SIGMA * Z95),
    "es95": MEAN * stats.norm.cdf(SIGMA - Z95) / 0.05,
}
BATCHES = [("random", 2_000), ("random", 8_192), ("latin_hypercube", 8_192), ("sobol", 8_192)]
pytestmark = pytest.mark.slow


def losses(method, seed, count):
    inputs = stats.norm.ppf(METHODS[method](("first", "second"), seed, range(count)))
    noise = np.random.default_rng(seed).normal(size=count)
    return np.exp(0.4 * inputs[:, 0] + 0.3 * inputs[:, 1] + 0.2 * noise)


def covered(method, seed, count):
    """Whether the interval of each figure covers the true one."""
    batch, estimators = losses(method, seed, count), estimators_of(method)
    found = {name: figure(estimators, batch) for name, figure in FIGURES.items()}
    return {name: estimate.ci_low <= TRUE[name] <= estimate.ci_high for name, estimate in found.items()}


def stops_covering(method, wanted, seed):
    """Whether the interval covers the mean when the batch has been made as long as it takes."""
    whole = cache(partial(losses, method, seed))
    mean = FIGURES["mean"]
    _, estimate = until_precise(
        lambda count: (count, mean(estimators_of(method), whole(count))),
        lambda found: needed_for(found[1], wanted, found[0]),
        2**16,
    )
    return estimate.ci_low <= TRUE["mean"] <= estimate.ci_high


@pytest.mark.parametrize(("method", "count"), BATCHES)
def test_batches_of_a_fixed_size(verify, root_seed, method, count):
    experiments = [covered(method, root_seed + number, count) for number in range(EXPERIMENTS)]
    for figure in FIGURES:
        verify(
            case=f"{figure}, {method}, {count:,} replications",
            **coverage(np.mean([found[figure] for found in experiments]), LEAST, MOST[figure]),
        )


@pytest.mark.parametrize(("method", "wanted"), [("random", 0.02), ("sobol", 0.007)])
def test_batches_that_stop_when_they_are_precise(verify, root_seed, method, wanted):
    experiments = [stops_covering(method, wanted, root_seed + number) for number in range(EXPERIMENTS)]
    verify(
        case=f"mean, {method}, stopped at a half-width of {wanted}",
        **coverage(np.mean(experiments), LEAST),
    )
