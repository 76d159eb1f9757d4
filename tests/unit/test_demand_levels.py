"""Demand factors: the levels that they give, against the same process written down another way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engines import random
from sim.engines.draws import draw
from sim.engines.levels import daily_step_sd
from sim.engines.rules import kept_share
from sim.model.failures import undisturbed
from sim.risk.trace import events
from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.builders import compiled, merged, read, shop, twins_of

DAYS, SEED = 400, 3
WALK = {"process": "random_walk", "volatility_per_year": 0.4}
BACK = {"process": "mean_reverting", "volatility_per_year": 0.8, "half_life_days": 60}


def two_streams(factors, days=DAYS, **changes):
    """Two streams of constant demand, 10 a day at home and 4 abroad."""
    abroad = {"stock_point": "shelf", "market": "abroad", "mean_per_day": 4.0, "process": "constant"}
    data = shop(
        days,
        markets={"abroad": {"name": "Abroad", "country": "FR"}},
        demand={"abroad": {**abroad, "price": 2.0}},
        demand_factors=factors,
    )
    return merged(data, changes)


def steps(name, days=DAYS, replication=0):
    """Standard normal numbers of a factor, from day 1 on."""
    key, out = random.squares_key(SEED, "demand factor", name), np.empty(1)
    found = []
    for day in range(1, days):
        random.normal_row(np.zeros(1), np.ones(1), replication, day, key, out)
        found.append(out[0])
    return np.array(found)


def test_a_random_walk_is_the_exponential_of_a_sum():
    plan = compiled(two_streams({"cycle": WALK}))
    level = draw(plan, SEED, 0).demand_level[0]
    sd = 0.4 / math.sqrt(365.25)
    walked = np.concatenate([[0.0], np.cumsum(sd * steps("cycle"))])
    assert np.allclose(level, np.exp(walked - 0.5 * sd**2 * np.arange(DAYS)), rtol=1e-12)


def test_a_level_moves_from_its_start_on():
    plan = compiled(two_streams({"cycle": {**WALK, "start": 100}}))
    level = draw(plan, SEED, 0).demand_level[0]
    sd = 0.4 / math.sqrt(365.25)
    walked = np.cumsum(sd * steps("cycle")[100:])
    assert np.all(level[:101] == 1.0)
    assert np.allclose(level[101:], np.exp(walked - 0.5 * sd**2 * np.arange(1, DAYS - 100)), rtol=1e-12)


def test_a_start_before_the_first_day_is_the_first_day():
    usual, early = (
        draw(compiled(two_streams({"cycle": {**WALK, **start}})), SEED, 0).demand_level[0]
        for start in ({}, {"start": "2020-12-01"})
    )
    assert early[0] == 1.0
    assert np.array_equal(early, usual)


def test_a_mean_reverting_level_forgets_half_in_a_half_life():
    plan = compiled(two_streams({"cycle": BACK}))
    level = draw(plan, SEED, 0).demand_level[0]
    rate = math.log(2.0) / 60.0
    noise = steps("cycle")
    sd = 0.8 * math.sqrt((1.0 - math.exp(-2.0 * rate)) / (2.0 * rate * 365.25))
    for day in (1, 2, 61, 399):
        weights = np.exp(-rate * np.arange(day - 1, -1, -1))
        variance = sd**2 * np.sum(weights**2)
        assert math.isclose(
            level[day], math.exp(sd * (weights @ noise[:day]) - 0.5 * variance), rel_tol=1e-11
        )


def test_factors_multiply_each_with_its_loading():
    loadings = {"abroad": -0.5}
    both = {"cycle": {**WALK, "loadings": loadings}, "own": {**BACK, "covers": {"demand": ["abroad"]}}}
    one, other = (draw(compiled(two_streams({name: both[name]})), SEED, 0).demand_level[-1] for name in both)
    level = draw(compiled(two_streams(both)), SEED, 0).demand_level
    assert np.allclose(level[1], one * other, rtol=1e-12)
    variance = 0.16 * np.arange(DAYS) / 365.25
    home = np.log(level[0]) + 0.5 * variance
    assert np.allclose(np.log(one), -0.5 * home - 0.125 * variance, atol=1e-12)


def test_demand_moves_in_both_twins_alike_and_planned_usage_does_not():
    ban = {"kind": "export_ban", "title": "Ban", "date": 20, "covers": {}, "shock": True}
    twins = twins_of(two_streams({"cycle": WALK}, interventions={"ban": ban}))
    one, other = twins.scenario.schedule, twins.counterfactual.schedule
    assert np.array_equal(one.demand, other.demand)
    assert one.demand[0].std() > 0.0
    assert np.allclose(one.demand[0], 10.0 * one.demand_level[0], rtol=1e-12)
    assert set(one.usage[0]) == {14.0}


def test_the_first_day_is_as_planned_and_without_volatility_all_are():
    still = {"cycle": {**WALK, "volatility_per_year": 0.0}}
    demand = draw(compiled(two_streams(still)), SEED, 0).demand
    assert set(demand[0].tolist()) == {10.0}
    assert draw(compiled(two_streams({"cycle": WALK})), SEED, 0).demand[0, 0] == 10.0


def test_another_factor_leaves_the_numbers_of_the_others():
    alone = draw(compiled(two_streams({"cycle": WALK})), SEED, 0).demand_level[0]
    more = {"first": BACK | {"covers": {"demand": ["abroad"]}}, "cycle": WALK}
    assert np.array_equal(draw(compiled(two_streams(more)), SEED, 0).demand_level[0], alone)


def test_volatility_is_an_input():
    factor = {**WALK, "volatility_per_year": {"dist": "uniform", "low": 0.1, "high": 0.3}}
    assert [item.path for item in compiled(two_streams({"cycle": factor})).inputs] == [
        "demand_factors.cycle.volatility_per_year"
    ]


def test_a_stress_test_takes_demand_as_planned():
    plan = undisturbed(compiled(two_streams({"cycle": WALK})))
    assert set(draw(plan, SEED, 0).demand[1].tolist()) == {4.0}


@given(st.floats(-700.0, 700.0))
def test_the_exponential_is_that_of_the_library(x):
    assert math.isclose(random.exponential(x), math.exp(x), rel_tol=1e-12)


@pytest.mark.parametrize("x", [-1e300, -1e4, 1e4, 1e300])
def test_the_exponential_stays_a_number(x):
    assert random.exponential(x) == pytest.approx(0.0 if x < 0 else 2.0**1022, abs=1e-300)


@given(st.floats(1e-3, 1e6))
def test_steps_add_up_to_the_variance_of_the_continuous_process(half_life):
    """Ornstein and Uhlenbeck after a day: volatility² (1 - exp(-2 rate)) / (2 rate)."""
    rate = math.log(2.0) * 365.25 / half_life
    variance = 0.09 / (2.0 * rate) * (1.0 - kept_share(half_life) ** 2)
    assert math.isclose(daily_step_sd(0.3, half_life) ** 2, variance, rel_tol=1e-6)


def told(factors, **changes):
    data = Scenario.model_validate(two_streams(factors, **changes))
    return [(".".join(finding.path), finding.message) for finding in inconsistencies(data)]


def test_a_factor_that_covers_nobody_is_refused():
    covers = {"buyer": "government"}
    assert told({"cycle": {**WALK, "covers": covers}}) == [
        ("demand_factors.cycle.covers", "covers nobody: no demand stream matches")
    ]


def test_a_loading_of_what_is_not_covered_is_refused():
    factor = {**WALK, "covers": {"demand": ["home"]}, "loadings": {"abroad": 2.0}}
    assert told({"cycle": factor}) == [
        (
            "demand_factors.cycle.loadings.abroad",
            "abroad is not covered, allowed: a stream that the factor covers: home",
        )
    ]


def test_listed_demand_is_taken_as_it_is():
    listed = {"process": "listed", "observations": [1.0], "mean_per_day": None}
    (path, message), *others = told({"cycle": WALK}, demand={"abroad": listed})
    assert (path, others) == ("demand_factors.cycle.covers", [])
    assert "covers abroad, whose demand is listed" in message


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        ({**WALK, "half_life_days": 5}, "half_life_days belongs to the process mean_reverting"),
        ({**BACK, "half_life_days": None}, "half_life_days belongs to the process mean_reverting"),
        ({**BACK, "half_life_days": 0}, "half_life_days must be above 0"),
        ({**WALK, "volatility_per_year": 30}, "allowed: 0 to 5"),
    ],
)
def test_what_does_not_fit_is_refused(factor, message):
    with pytest.raises(ValueError, match=message):
        Scenario.model_validate(two_streams({"cycle": factor}))


def test_a_trace_tells_levels_quarter_by_quarter():
    data = two_streams({"cycle": {**WALK, "covers": {"demand": ["home"]}}})
    twins = twins_of(data)
    levels = [
        event for event in events(read(data), twins.plan, twins.scenario) if event.kind == "demand level"
    ]
    assert [str(event.date) for event in levels] == [
        "2021-01-01", "2021-04-01", "2021-07-01", "2021-10-01", "2022-01-01",
    ]  # fmt: skip
    assert {event.where for event in levels} == {"home"}
    assert levels[0].text == "1 times what is planned"
