"""What was known on a day, the level of demand then, naive forecasts, and scores: against worked numbers."""

import datetime as dt
import math
import sys
from itertools import product

import numpy as np
import pytest
from scipy import stats

from sim.errors import SimError
from sim.evidence.known import Known, known_on, quarter_of, unbroken
from sim.evidence.levels import (
    CHANGE,
    FEWEST_QUARTERS,
    KEPT,
    NOISE,
    _ahead,
    _filtered,
    _weights,
    borrowed,
    fragment_of,
    level_of,
    part_of,
)
from sim.evidence.naive import naive_forecasts
from sim.evidence.scores import _scoring_rules, mixture, posterior_weights, scores_of
from sim.scenario.facts import Fact

SEASON = (0.8, 1.0, 1.1, 1.3)


def quarterly(values, first=4 * 2017, firm="maker"):
    """Facts of quarters that became known a month after their end."""
    facts = []
    for place, value in enumerate(values):
        year, quarter = divmod(first + place, 4)
        start = dt.date(year, 1 + 3 * quarter, 1)
        end = (start + dt.timedelta(100)).replace(day=1) - dt.timedelta(1)
        published = end + dt.timedelta(30)
        facts.append(
            Fact(f"q{place}", firm, "revenue", (), (), start, end, value, "EUR", published, "a report")
        )
    return facts


def grown(quarters, growth=0.04, noise=()):
    noise = [*noise, *[0.0] * quarters]
    return [100.0 * math.exp(growth * k + noise[k]) * SEASON[k % 4] for k in range(quarters)]


def test_a_later_figure_is_no_knowledge():
    facts = quarterly(grown(8))
    known = known_on(facts, dt.date(2018, 6, 1))
    assert [fact.name for fact in known.facts] == ["q0", "q1", "q2", "q3", "q4"]
    with pytest.raises(SimError, match=r"q5: found a figure published on 2018-07-30; allowed: up to"):
        Known(dt.date(2018, 6, 1), tuple(facts[:6]))


def test_quarters_without_a_gap():
    assert unbroken({1: 1.0, 3: 3.0, 4: 4.0}) == {3: 3.0, 4: 4.0}


def test_a_level_that_only_grows_goes_on_growing():
    noise = np.random.default_rng(1).normal(0.0, 0.01, 16)
    known = known_on(quarterly(grown(16, noise=noise)), dt.date(2021, 3, 1))
    level = level_of(known, "maker", quarter_of(dt.date(2021, 12, 31)), seed=1)
    assert level is not None
    assert level.growth_per_year == pytest.approx(0.16, abs=0.02)
    assert np.median(level.paths, axis=0) == pytest.approx(grown(20)[16:], rel=0.03)


def simulated(quarters, kept, noise, seed, change=0.0):
    """Quarters of a level that walks and grows, with noise."""
    generator, level, growth, sd, values = np.random.default_rng(seed), 5.0, 0.04, 0.04, []
    for place in range(quarters):
        values.append(math.exp(level + sd * math.sqrt(noise) * generator.normal()) * SEASON[place % 4])
        level += growth + sd * generator.normal()
        growth = kept * growth + sd * math.sqrt(change) * generator.normal()
    return values


def weights(values):
    """``[kept, change, noise]`` what each candidate counts after some quarters."""
    candidates = [_filtered(np.log(values), *parts) for parts in product(KEPT, CHANGE, NOISE)]
    return _weights(candidates).reshape(len(KEPT), len(CHANGE), len(NOISE))


def test_many_quarters_tell_what_the_level_does():
    noisy, smooth = weights(simulated(120, 0.8, 3.0, 1)), weights(simulated(120, 0.8, 0.0, 2))
    assert noisy[:, :, 2:].sum() > 0.95
    assert smooth[:, :, :2].sum() > 0.95
    assert weights(simulated(120, 1.0, 0.0, 3, change=0.1))[:, 1].sum() > 0.95


def test_the_filter_says_what_a_regression_with_correlated_errors_says():
    """Aitken's least squares, with a prior growth beside them, of the same ten quarters."""
    kept, change, noise, count = 0.9, 0.1, 0.3, 10
    logarithms = np.log(simulated(count, 0.9, 0.3, 4))
    reach = np.array(
        [[sum(kept**k for k in range(i - j)) if i > j else 0.0 for j in range(count)] for i in range(count)]
    )
    steps, turns = np.tril(np.ones((count, count)), -1), reach[:, 1:]
    covariance = steps @ steps.T + change * turns @ turns.T + noise * np.eye(count)
    covariance += np.outer(reach[:, 0], reach[:, 0])
    seasons = np.tile(np.vstack([np.eye(3), -np.ones(3)]), (3, 1))[:count]
    design = np.column_stack([np.ones(count), seasons])
    inverse = np.linalg.inv(covariance)
    fitted = np.linalg.inv(design.T @ inverse @ design) @ design.T @ inverse @ logarithms
    left = logarithms - design @ fitted
    found = _filtered(logarithms, kept, change, noise)
    assert found.squares == pytest.approx(left @ inverse @ left, rel=1e-8)
    assert found.state @ found.design == pytest.approx(
        design[-1] @ fitted + (covariance - noise * np.eye(count))[-1] @ inverse @ left
    )


def test_changes_of_growth_add_up_in_the_paths():
    """Of unit changes the fourth quarter has 3, 2 and 1: a variance of 14, and of noise its own."""
    candidate = _filtered(np.log(grown(8)), 1.0, 1.0, 2.0)
    still = np.zeros((20_000, len(candidate.state)))
    paths = _ahead(candidate, still, np.ones(len(still)), 4, np.random.default_rng(7))
    assert paths.var(axis=0) == pytest.approx([2.0, 3.0, 7.0, 16.0], rel=0.05)


def test_growth_that_dies_out_is_not_taken_to_go_on():
    logarithms = [sum(0.08 * 0.8**k for k in range(n)) for n in range(24)]
    quarters = [500.0 * math.exp(logarithm) * SEASON[n % 4] for n, logarithm in enumerate(logarithms)]
    level = level_of(known_on(quarterly(quarters[:12]), dt.date(2030, 1, 1)), "maker", 4 * 2022 + 3, seed=1)
    assert level is not None
    assert level.growth_per_year < 0.06
    assert np.median(level.paths, axis=0) == pytest.approx(quarters[12:], rel=0.1)


def test_noise_of_single_quarters_stays_in_the_paths():
    noise = np.random.default_rng(6).normal(0.0, 0.1, 40)
    known = known_on(quarterly(grown(40, 0.0, noise)), dt.date(2030, 1, 1))
    level = level_of(known, "maker", 4 * 2027 + 3, seed=1)
    assert level is not None
    deviations = np.log(level.paths) - np.log(level.paths).mean(axis=0)
    assert np.diff(deviations, axis=1).std() == pytest.approx(0.1 * math.sqrt(2.0), rel=0.3)
    assert np.median(level.volatility) < 0.15


def test_nothing_is_told_from_less_than_two_years():
    known = known_on(quarterly(grown(FEWEST_QUARTERS - 1)), dt.date(2030, 1, 1))
    assert level_of(known, "maker", quarter_of(dt.date(2031, 1, 1)), seed=1) is None


def test_demand_is_moved_to_the_level():
    known = known_on(
        quarterly(grown(8, noise=[0.0, 0.02, -0.01, 0.0, 0.01, 0.0, -0.02, 0.01])), dt.date(2030, 1, 1)
    )
    level = level_of(known, "maker", 4 * 2019, seed=1)
    assert level is not None
    fragment = fragment_of(level, {4 * 2019: 50.0})
    [shift] = fragment["interventions"].values()
    assert (shift["date"], shift["end"]) == ("2019-01-01", "2019-04-01")
    assert shift["factor"]["values"] == pytest.approx((level.paths[:, 0] / 50.0).tolist(), rel=1e-5)
    [walk] = fragment["demand_factors"].values()
    assert walk["start"] == "2018-11-16"
    assert walk["volatility_per_year"]["table"] == shift["factor"]["table"]


def test_a_firm_without_figures_borrows_what_others_do_not_know():
    noise = np.random.default_rng(2).normal(0.0, 0.05, 12)
    known = known_on(quarterly(grown(12, noise=noise)), dt.date(2030, 1, 1))
    other = level_of(known, "maker", 4 * 2021 + 3, seed=1)
    assert other is not None
    level = borrowed("rival", [other], seed=1)
    assert not level.is_own
    assert np.median(level.paths, axis=0) == pytest.approx(np.ones(8), abs=0.1)
    assert np.log(level.paths[:, 3]).std() == pytest.approx(other.growth_sd, rel=0.15)


def yearly(value, year, published, firm="rival"):
    start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
    return Fact(f"{firm}-{year}", firm, "revenue", (), (), start, end, value, "EUR", published, "a report")


def test_a_firm_of_which_a_year_was_known_is_a_part_of_another_that_drifts():
    noise = np.random.default_rng(2).normal(0.0, 0.05, 12)
    quarters = grown(12, noise=noise)
    facts = [*quarterly(quarters), yearly(0.3 * sum(quarters[4:8]), 2018, dt.date(2019, 4, 30))]
    later = yearly(7.0 * sum(quarters[8:]), 2019, dt.date(2020, 4, 30))
    known = known_on([*facts, later], dt.date(2020, 3, 31))
    other = level_of(known, "maker", 4 * 2021 + 3, seed=1)
    assert other is not None
    level = part_of(known, "rival", [other], seed=1)
    assert level is not None
    assert level.is_own
    assert (level.beside, level.quarters, level.last) == ("maker", 4, 4 * 2018 + 3)
    centre = np.hstack([quarters[8:], np.median(other.paths, axis=0)])
    assert np.median(level.paths, axis=0) == pytest.approx(0.3 * centre, rel=0.05)
    spread = np.log(level.paths).std(axis=0)
    assert spread[:4] == pytest.approx((np.arange(4) + 2.5) / 4 * other.growth_sd, rel=0.1)
    alone = np.log(other.paths[:, 3]).std()
    assert spread[7] == pytest.approx(math.hypot(alone, 9.5 / 4 * other.growth_sd), rel=0.15)


def test_four_quarters_are_a_year_and_the_last_one_known_of_both_counts():
    quarters = grown(12, noise=np.random.default_rng(2).normal(0.0, 0.05, 12))
    rival = [0.5 * value for value in quarters[6:10]]
    facts = [*quarterly(quarters), *quarterly(rival, first=4 * 2018 + 2, firm="rival")]
    known = known_on([*facts, yearly(9e9, 2030, dt.date(2031, 1, 1))], dt.date(2031, 1, 1))
    other = level_of(known, "maker", 4 * 2021 + 3, seed=1)
    assert other is not None
    assert list(known.years("rival")) == [4 * 2018 + 2, 4 * 2030]
    level = part_of(known, "rival", [other], seed=1)
    assert level is not None
    assert level.last == 4 * 2019 + 1
    assert np.median(level.paths[:, :2], axis=0) == pytest.approx([0.5 * x for x in quarters[10:]], rel=0.05)


def test_a_year_that_is_known_of_no_other_tells_no_part():
    quarters = grown(12, noise=np.random.default_rng(2).normal(0.0, 0.05, 12))
    facts = [*quarterly(quarters), yearly(100.0, 2016, dt.date(2017, 4, 30))]
    known = known_on(facts, dt.date(2031, 1, 1))
    other = level_of(known, "maker", 4 * 2021 + 3, seed=1)
    assert other is not None
    assert part_of(known, "rival", [other], seed=1) is None
    assert part_of(known, "nobody", [other], seed=1) is None


def test_naive_forecasts_of_what_repeats_itself():
    quarters = dict(enumerate(grown(12)))
    found = naive_forecasts(quarters, 5, seed=1)
    ahead = np.array(grown(17)[12:])
    assert np.median(found["last growth"], axis=0) == pytest.approx(ahead, rel=1e-6)
    assert np.median(found["drift"], axis=0) == pytest.approx(ahead, rel=1e-6)
    assert np.median(found["seasonal naive"], axis=0)[:4] == pytest.approx(ahead[:4] * math.exp(-0.16))
    assert np.median(found["ETS"], axis=0) == pytest.approx(ahead, rel=0.05)
    assert naive_forecasts(dict(enumerate(grown(7))), 5, seed=1) == {}


def test_scores_of_lognormal_draws():
    """Against the closed form of the CRPS of a normal distribution, and SciPy's density."""
    draws = np.exp(stats.norm(5.0, 0.1).ppf((np.arange(4000) + 0.5) / 4000))
    found = scores_of(draws, 150.0)
    assert found["log_score"] == pytest.approx(
        -stats.lognorm(0.1, scale=math.exp(5.0)).logpdf(150.0), rel=1e-3
    )
    flat = stats.norm(10.0, 2.0).ppf((np.arange(4000) + 0.5) / 4000)
    z = 0.75
    closed = 2.0 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
    assert scores_of(flat, 11.5)["crps"] == pytest.approx(closed, rel=1e-3)
    assert [scores_of(flat, value)["inside_80"] for value in (10.0, 12.5, 12.6)] == [1.0, 1.0, 0.0]


def test_the_library_of_scores_compiles_nothing():
    """It would compile twins of its rules on import, for seconds, and Numba is there for all others."""
    import numba

    assert set(_scoring_rules().backends) == {"numpy"}
    assert sys.modules["numba"] is numba


def test_a_mixture_has_as_much_of_each_view_as_its_weight_says():
    mixed = mixture({"a": np.zeros((100, 2)), "b": np.ones((100, 2))}, {"a": 0.3, "b": 0.7})
    assert mixed.shape == (100, 2)
    assert mixed.mean() == 0.7


def test_weights_follow_bayes():
    generator = np.random.default_rng(3)
    draws = {
        name: np.exp(generator.normal(mean, 0.5, (20_000, 2))) for name, mean in (("low", 0.0), ("high", 1.0))
    }
    after = posterior_weights(draws, {"low": 0.5, "high": 0.5}, [math.exp(1.0), math.exp(0.5)])
    odds = stats.norm.pdf(1.0, 0.0, 0.5) / stats.norm.pdf(1.0, 1.0, 0.5)
    assert after[0, 0] == pytest.approx(odds / (1.0 + odds), rel=0.1)
    assert after[1, 0] == pytest.approx(after[0, 0], abs=0.02)


def test_what_a_figure_says_again_does_not_count_twice():
    generator = np.random.default_rng(4)
    draws = {}
    for name, mean in (("low", 0.0), ("high", 1.0)):
        once = generator.normal(mean, 0.5, (20_000, 1))
        draws[name] = np.exp(np.hstack([once, once + generator.normal(0.0, 0.01, (20_000, 1))]))
    once, twice = posterior_weights(draws, {"low": 0.5, "high": 0.5}, [2.0, 2.0])
    assert twice == pytest.approx(once, abs=0.02)
