"""When things happen, and what is planned, whatever the state of the network."""

import numpy as np
import pytest

from sim.engines.draws import draw
from sim.model.plan import NEVER
from sim.model.schedule import draw_up, planned_demand
from tests.builders import ban, compiled, day, factory, shop, told, told_without_shock


def event(start=None, **fields):
    when = {} if start is None else {"date": day(start)}
    return (
        {"kind": "demand_shift", "title": "Shift", "covers": {}, "factor": 1.0, "shock": True} | when | fields
    )


def starts(entries, days=30, told_by=told):
    run = told_by(shop(days, interventions=entries))
    return dict(zip(run.plan.labels.interventions, run.path.schedule.timing.start.tolist(), strict=True))


def test_a_delay_counts_from_the_date():
    assert starts({"a": event(3, delay_days=2)}) == {"a": 5}


def test_a_follower_comes_after_what_it_follows():
    found = starts({"b": event(after="a", delay_days=4), "a": event(3, delay_days=2)})
    assert found == {"b": 9, "a": 5}


def test_a_chain_breaks_where_a_link_does_not_happen():
    never = {"dist": "bernoulli", "probability": 0.0}
    found = starts(
        {"a": event(3), "b": event(after="a", probability=never), "c": event(after="b", delay_days=1)}
    )
    assert found == {"a": 3, "b": NEVER, "c": NEVER}


def test_what_follows_the_shock_is_part_of_it():
    entries = {"a": event(3), "b": event(after="a", shock=False), "c": event(4, shock=False)}
    assert starts(entries, told_by=told_without_shock) == {"a": NEVER, "b": NEVER, "c": 4}


def test_probabilities_of_a_chain_multiply():
    plan = compiled(
        shop(1, interventions={"a": event(0, probability=0.5), "b": event(after="a", probability=0.4)})
    )
    runs = 1000
    happened = [
        draw_up(plan, draw(plan, 9, replication), with_shock=True).timing.start < NEVER
        for replication in range(runs)
    ]
    shares = np.mean(happened, axis=0)
    for share, expected in zip(shares, (0.5, 0.2), strict=True):
        assert abs(share - expected) < 4.0 * (expected * (1 - expected) / runs) ** 0.5


def test_an_end_date_holds_up_to_the_day_before():
    run = told(shop(9, interventions={"ban": ban(3, end=day(6))}))
    assert np.flatnonzero(run.open_share("parts") == 0.0).tolist() == [3, 4, 5]


def test_what_began_before_the_first_day_holds_from_the_first_day():
    run = told(shop(4, interventions={"ban": ban(-3, duration_days=5, shock=False)}))
    assert run.open_share("parts").tolist() == [0.0, 0.0, 1.0, 1.0]


def test_a_ramp_that_began_before_the_first_day_has_climbed():
    entry = event(-2, factor=2.0, ramp_days=4, shock=False)
    demand = told(shop(4, interventions={"shift": entry})).stream("home", "demand")
    assert demand.tolist() == [15.0, 17.5, 20.0, 20.0]


def test_growth_is_a_year_in_365_and_a_quarter_days():
    plan = compiled(shop(2, demand={"home": {"growth_per_year": 0.21}}))
    assert planned_demand(plan, 732)[0, 731] == pytest.approx(10.0 * 1.21 ** (731 / 365.25), rel=1e-12)


def test_four_factors_are_quarters():
    plan = compiled(shop(2, demand={"home": {"seasonality": [1.0, 2.0, 0.0, 0.5]}}))
    demand = planned_demand(plan, 365)[0]
    assert demand[[0, 89, 90, 180, 181, 273, 364]].tolist() == [10.0, 10.0, 20.0, 20.0, 0.0, 5.0, 5.0]


def test_twelve_factors_are_months():
    factors = [1.0 + month for month in range(12)]
    plan = compiled(shop(2, demand={"home": {"seasonality": factors}}))
    demand = planned_demand(plan, 365)[0]
    assert demand[[30, 31, 59, 364]].tolist() == [10.0, 20.0, 30.0, 120.0]


def test_usage_runs_through_recipes_and_their_yield():
    run = told(factory(1, recipes={"assembly": {"yield_share": 0.5}}))
    usage = dict(zip(run.plan.labels.points, run.path.schedule.usage[:, 0], strict=True))
    assert usage == {"source": 40.0, "parts": 40.0, "goods": 10.0}


def test_a_target_in_cover_looks_ahead_to_the_season():
    data = shop(
        91,
        stock_points={"shelf": {"policy": {"units": 0.0, "cover_days": 10}}},
        demand={"home": {"seasonality": [1.0, 2.0, 1.0, 1.0]}},
    )
    up_to = told(data).path.schedule.up_to[1]
    assert up_to[[79, 80, 85, 90]].tolist() == pytest.approx([100.0, 100.0, 150.0, 200.0])
