"""How often intervals cover the true figure of losses that are nothing or all, in humps, or of a heavy tail.

A loss is a function of one uniform number, which is an input, chance, or half of each. So its true figures
are known, and rare losses come from where a method spreads numbers evenly, and from where it cannot.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

from sim.montecarlo.sampling import METHODS
from sim.montecarlo.sequential import until_precise
from sim.risk import tail
from sim.risk.precision import FIGURES, needed_for
from sim.risk.replicated import estimators_of
from sim.risk.tail import expected_shortfall, value_at_risk
from tests.verification.estimate import ROUNDING, coverage

CHAPTER = "Intervals of skewed losses"
EXPERIMENTS = 500
LEAST = 0.91
"""Coverage that is asked for: 95 % less 4 standard errors."""
MOST = 2**18


def lost_by(share, loss=1.0):
    """A share of futures loses so much, all others nothing."""
    return lambda u: np.where(u >= 1.0 - share, loss, 0.0)


def half_nothing(u):
    """Half of the futures lose nothing, the others an exponential loss."""
    return np.minimum(-0.1 * np.log1p(-np.clip(2.0 * u - 1.0, 0.0, 1.0 - 1e-15)), 1.0)


def two_humps(share):
    """A share of futures loses 70 to 90 %, all others 2 to 6 %."""
    return lambda u: np.where(
        u >= 1.0 - share, 0.7 + 0.2 * (u - 1.0 + share) / share, 0.02 + 0.04 * u / (1.0 - share)
    )


def heavy_tail(u):
    """A Pareto loss, of which 1 in 800 futures shows a hundred times the median: up to all."""
    return np.minimum(0.002 * ((1.0 - u) ** (-1.0 / 1.2) - 1.0), 1.0)


LAWS: dict[str, Callable] = {
    "1 in 50 loses all": lost_by(0.02),
    "1 in 125 loses all": lost_by(0.008),
    "1 in 1,000 loses all": lost_by(0.001),
    "half lose nothing": half_nothing,
    "humps 98:2": two_humps(0.02),
    "humps 999:1": two_humps(0.001),
    "humps 70:30": two_humps(0.3),
    "heavy tail": heavy_tail,
}
GRID = (np.arange(1_000_000) + 0.5) / 1_000_000


class Driven(NamedTuple):
    """By which method inputs are sampled, and whether the loss depends on an input, on chance or on both."""

    method: str
    by: str

    def uniforms(self, seed, count):
        """``[replication]``."""
        chance = np.random.default_rng(seed).uniform(size=count)
        if self.by == "chance":
            return chance
        inputs = METHODS[self.method](("first", "second"), seed, range(count))[:, 0]
        both = stats.norm.cdf((stats.norm.ppf(inputs) + stats.norm.ppf(chance)) / np.sqrt(2.0))
        return inputs if self.by == "input" else both


BATCHES = [
    (Driven("random", "chance"), 64),
    (Driven("random", "chance"), 1_000),
    (Driven("latin_hypercube", "both"), 1_024),
    (Driven("sobol", "both"), 1_024),
    (Driven("sobol", "chance"), 8_192),
    (Driven("sobol", "input"), 8_192),
]
STOPS = [
    ("1 in 1,000 loses all", "mean", 0.002),
    ("1 in 1,000 loses all", "mean", 0.0005),
    ("1 in 1,000 loses all", "es95", 0.02),
    ("humps 999:1", "mean", 0.001),
    ("heavy tail", "mean", 0.002),
]


@cache
def true_figures(law):
    losses = LAWS[law](GRID)
    return {
        "mean": losses.mean(),
        "var95": value_at_risk(losses, 0.95),
        "es95": expected_shortfall(losses, 0.95),
        "es99": expected_shortfall(losses, 0.99),
    }


FOUND = FIGURES | {"es99": lambda estimators, losses: estimators.shortfall(losses, 0.99)}


def covers(estimate, truth):
    """Whether an interval holds the truth; an open end holds all beyond it."""
    return not (estimate.ci_low > truth + ROUNDING or estimate.ci_high < truth - ROUNDING)


def covered(driven, seed, count):
    """``[law, figure]`` whether the interval of a figure covers the true one."""
    uniforms, estimators = driven.uniforms(seed, count), estimators_of(driven.method)
    return [
        [covers(figure(estimators, of(uniforms)), true_figures(law)[name]) for name, figure in FOUND.items()]
        for law, of in LAWS.items()
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("driven", "count"), BATCHES, ids=str)
def test_batches_of_a_fixed_size(verify, root_seed, monkeypatch, driven, count):
    monkeypatch.setattr(tail, "RESAMPLES", 500)
    experiments = [covered(driven, root_seed + number, count) for number in range(EXPERIMENTS)]
    for law, shares in zip(LAWS, np.mean(experiments, axis=0), strict=True):
        figure, least = min(zip(FOUND, shares, strict=True), key=lambda pair: pair[1])
        case = (
            f"{law}, {driven.method}, by {driven.by}, {count:,} replications; least of {len(FOUND)}: {figure}"
        )
        verify(case=case, **coverage(least, LEAST))


@pytest.mark.slow
@pytest.mark.parametrize("stop", STOPS, ids=str)
@pytest.mark.parametrize("driven", [Driven("random", "chance"), Driven("sobol", "both")], ids=str)
def test_batches_that_stop_when_they_are_precise(verify, root_seed, stop, driven):
    law, figure, wanted = stop
    hits = [stops_covering(law, figure, wanted, driven, root_seed + number) for number in range(EXPERIMENTS)]
    case = f"{law}, {driven.method}, by {driven.by}, stopped at a half-width of {wanted:g}: {figure}"
    verify(case=case, **coverage(np.mean(hits), LEAST))


def stops_covering(law, figure, wanted, driven, seed):
    """Whether the interval covers the figure when the batch has been made as long as it takes."""
    _, estimate = until_precise(
        partial(estimated, law, figure, driven, seed),
        lambda found: needed_for(found[1], wanted, found[0]),
        MOST,
    )
    return covers(estimate, true_figures(law)[figure])


def estimated(law, figure, driven, seed, count):
    return count, FIGURES[figure](estimators_of(driven.method), LAWS[law](driven.uniforms(seed, count)))


# ---------------------------------------------------------------------- exact, and quick


@pytest.mark.parametrize("method", ["random", "sobol"])
@pytest.mark.parametrize(
    ("share", "count", "figure"),
    [
        (0.02, 100, "mean"),
        (0.05, 20, "mean"),
        (0.001, 1_024, "mean"),
        (0.0005, 1_024, "mean"),
        (0.003, 1_000, "mean"),
        (0.008, 1_000, "es99"),
        (0.02, 1_000, "es99"),
        (0.0008, 1_024, "es95"),
        (0.045, 100, "es95"),
    ],
)
def test_of_all_or_nothing_the_coverage_is_summed_over_what_can_be_seen(share, count, figure, method):
    """By how many futures lose all, whose number is binomial; randomisations get them at random."""
    true = expected_shortfall(lost_by(share)(GRID), {"mean": 0.0, "es95": 0.95, "es99": 0.99}[figure])
    share_covered = sum(
        probability * covers(FOUND[figure](estimators_of(method), shuffled(lost, count)), true)
        for lost in range(count + 1)
        if (probability := stats.binom.pmf(lost, count, share)) > 1e-4
    )
    assert share_covered >= 0.945


def shuffled(lost, count):
    return np.random.default_rng(lost).permutation(np.r_[np.ones(lost), np.zeros(count - lost)])
