"""What was known on a day, the level of demand then, naive forecasts, and scores: against worked numbers."""

import datetime as dt
import math

import numpy as np
import pytest
from scipy import stats

from sim.errors import SimError
from sim.evidence.known import Known, known_on, quarter_of, unbroken
from sim.evidence.levels import FEWEST_QUARTERS, borrowed, fragment_of, level_of
from sim.evidence.naive import naive_forecasts
from sim.evidence.scores import mixture, posterior_weights, scores_of
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
