"""Ranking and selection: against published points, and whether what is stated holds in simulations."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.montecarlo.sampling import REPLICATES
from sim.risk import selection
from sim.risk.selection import (
    CONFIDENCE,
    critical_point,
    observations_needed,
    observations_of,
    select,
    variance_of_differences,
)

TRIALS = 1_000
SYSTEMS, FIRST, ZONE = 5, 10, 1.0

Draw = NDArray[np.float64]


@pytest.fixture
def no_probability(monkeypatch: pytest.MonkeyPatch):
    """What is selected needs a critical point; its probability, an integral each time, is left out."""
    points = {of: critical_point(*of) for of in ((SYSTEMS, FIRST), (3, 12))}
    monkeypatch.setattr(selection, "critical_point", lambda systems, first, *_: points[systems, first])
    monkeypatch.setattr(selection, "_probability_below", lambda *_: np.nan)


@pytest.mark.parametrize(
    ("compared", "degrees", "point"),
    [
        (1, 10, 1.81),
        (2, 10, 2.15),
        (2, 20, 2.03),
        (3, 60, 2.10),
        (4, 20, 2.30),
        (5, 10, 2.56),
        (5, 20, 2.39),
        (5, 60, 2.28),
        (6, 12, 2.58),
    ],
)
def test_points_are_those_that_dunnett_published(compared: int, degrees: int, point: float):
    """Dunnett (1955), table 1a: one-sided, 95 %."""
    observations = degrees // compared + 1

    assert degrees % compared == 0
    assert critical_point(compared + 1, observations) == pytest.approx(point, abs=0.006)


def test_variance_is_that_of_the_difference_of_two_systems():
    draws = np.random.default_rng(1).normal(size=(40, 2)) @ np.array([[1.0, 0.8], [0.0, 2.0]])

    assert variance_of_differences(draws) == pytest.approx(np.var(draws[:, 0] - draws[:, 1], ddof=1))


def test_what_all_systems_share_is_no_variance():
    draws = np.random.default_rng(2).normal(size=(40, 4))
    shared = np.random.default_rng(3).normal(scale=100.0, size=(40, 1))

    assert variance_of_differences(draws + shared) == pytest.approx(variance_of_differences(draws))


def test_observations_are_means_of_randomisations():
    values = np.arange(4.0 * REPLICATES).reshape(-1, 1)

    found = observations_of(values)

    assert found.shape == (REPLICATES, 1)
    np.testing.assert_array_equal(found[3, 0], values[3::REPLICATES, 0].mean())
    np.testing.assert_array_equal(observations_of(values[:20]), values[:20])


def _draws(rng: np.random.Generator, count: int, deviations: Draw, means: Draw) -> Draw:
    """Systems that share half of their variance, as with common random numbers."""
    shared = rng.normal(size=(count, 1))
    return means + np.sqrt(0.5) * (shared + deviations * rng.normal(size=(count, len(means))))


def _two_stages(rng: np.random.Generator, deviations: Draw, means: Draw, zone: float) -> Draw:
    first = _draws(rng, FIRST, deviations, means)
    needed = observations_needed(first, zone)
    return np.concatenate([first, _draws(rng, needed - FIRST, deviations, means)])


def _share_right(deviations: Draw, means: Draw) -> float:
    rng = np.random.default_rng(7)
    best = int(np.argmax(means))
    right = [
        select(_two_stages(rng, deviations, means, ZONE), FIRST, ZONE).best == best for _ in range(TRIALS)
    ]
    return float(np.mean(right))


@pytest.mark.usefixtures("no_probability")
def test_best_is_selected_with_the_stated_probability_where_it_is_hardest():
    means = np.array([ZONE, 0.0, 0.0, 0.0, 0.0])

    assert _share_right(2.0 * np.ones(SYSTEMS), means) == pytest.approx(CONFIDENCE, abs=0.018)


@pytest.mark.usefixtures("no_probability")
def test_best_is_selected_less_often_where_one_system_varies_more():
    means = np.array([ZONE, 0.0, 0.0, 0.0, 0.0])
    deviations = 2.0 * np.array([3.0, 1.0, 1.0, 1.0, 1.0])

    assert _share_right(deviations, means) == pytest.approx(0.90, abs=0.025)


@pytest.mark.usefixtures("no_probability")
def test_intervals_of_the_comparison_with_the_best_hold_at_once():
    rng, means = np.random.default_rng(8), np.array([0.3, 0.1, 0.0, 0.25, -2.0])
    ahead = means - np.array([0.25, 0.3, 0.3, 0.3, 0.3])
    held = []
    for _ in range(TRIALS):
        found = select(_two_stages(rng, 2.0 * np.ones(SYSTEMS), means, 0.8), FIRST, 0.8)
        held.append(np.all((found.low <= ahead) & (ahead <= found.high)))

    assert CONFIDENCE - 0.018 <= np.mean(held) < 0.999


def test_probability_told_is_that_of_a_second_stage_that_was_too_short():
    rng, means, right, told = np.random.default_rng(9), np.array([ZONE, 0.0, 0.0]), [], []
    for _ in range(TRIALS):
        found = select(_draws(rng, 8, 2.0 * np.ones(3), means), 8, ZONE)
        right.append(found.best == 0)
        told.append(found.probability)

    assert np.mean(told) < CONFIDENCE
    assert np.mean(told) == pytest.approx(np.mean(right), abs=0.03)


@pytest.mark.usefixtures("no_probability")
def test_no_system_is_better_than_the_selected_one_by_more_than_the_margin():
    rng, means, within = np.random.default_rng(10), np.array([0.2, 0.0, 0.1]), []
    for _ in range(TRIALS):
        found = select(_draws(rng, 12, 2.0 * np.ones(3), means), 12, ZONE)
        within.append(means.max() - means[found.best] <= found.margin)

    assert np.mean(within) >= CONFIDENCE - 0.018


def test_enough_observations_give_the_probability_that_was_asked_for():
    first = np.random.default_rng(11).normal(size=(FIRST, SYSTEMS))
    needed = observations_needed(first, 0.5)
    means_alike = np.resize(first, (needed, SYSTEMS))

    assert needed > FIRST
    assert select(means_alike, FIRST, 0.5).probability >= CONFIDENCE
    assert select(means_alike[: needed - 1], FIRST, 0.5).probability < CONFIDENCE


def test_systems_that_differ_by_a_constant_need_no_more_observations():
    first = np.random.default_rng(12).normal(size=(FIRST, 1)) + np.array([0.0, 2.0, 1.0])
    first -= np.random.default_rng(12).normal(size=(FIRST, 1))

    found = select(first, FIRST, 1.0)

    assert observations_needed(first, 1.0) == FIRST
    assert (found.best, found.probability, found.margin) == (1, 1.0, 0.0)


def test_a_system_alone_is_best():
    found = select(np.ones((4, 1)), 4, 1.0)

    assert (found.best, found.probability, found.margin) == (0, 1.0, 0.0)
    assert observations_needed(np.ones((4, 1)), 1.0) == 4


def test_a_zone_of_nothing_is_refused():
    with pytest.raises(ValueError, match="zone: found 0"):
        observations_needed(np.ones((4, 2)), 0.0)
