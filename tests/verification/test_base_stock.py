"""Base stock with backorders: the net stock is the target less the demand of the lead time."""

from typing import Any

import numpy as np
import pytest

from tests import oracles_theory as theory
from tests.builders import merged, shop, told
from tests.verification.estimate import daily_costs, over_time
from tests.verification.tables import ends

CHAPTER = "Base stock, backorders"
SOURCE = "Snyder & Shen, 4.3.4; Zipkin 2000, 6.2"
DAYS = 12_000
MEAN = 5.0
LAWS: dict[str, tuple[dict[str, Any], theory.Floats]] = {
    "Poisson": ({"process": "poisson"}, theory.poisson(MEAN)),
    "negative binomial": (
        {"process": "negative_binomial", "dispersion": 3.0},
        theory.negative_binomial(MEAN, 3.0),
    ),
}


def run_of(policy, demand, lead_time, seed):
    data = shop(
        DAYS, lanes={"parts": {"lead_time_days": lead_time}}, demand={"home": {"mean_per_day": MEAN} | demand}
    )
    data["stock_points"]["shelf"] |= {"policy": policy, "initial_on_hand": policy["units"]}
    return told(data, seed)


@pytest.mark.parametrize("law", list(LAWS))
@pytest.mark.parametrize(("lead_time", "target"), ends([(1, 7), (4, 16), (4, 22), (4, 30), (10, 60)]))
def test_levels_follow_the_demand_of_the_lead_time(verify, root_seed, law, lead_time, target):
    demand, daily = LAWS[law]
    run = run_of({"kind": "base_stock", "units": float(target)}, demand, lead_time, root_seed)
    on_hand, short = run.point("shelf", "on_hand"), run.stream("home", "backlog")
    pipeline = theory.sum_of(lead_time, daily)
    late = np.minimum(short, run.stream("home", "demand"))
    name = f"{law}, L = {lead_time}, S = {target}"
    for measure, expected, series in (
        ("on hand", theory.on_hand(target, pipeline), on_hand),
        ("backorders", theory.backorders(target, pipeline), short),
        ("days without stock", float(pipeline[target:].sum()), on_hand == 0.0),
        ("fill rate", theory.fill_rate(target, daily, lead_time), 1.0 - late / MEAN),
        ("in transit", MEAN * lead_time, run.lane("parts", "in_transit")),
    ):
        verify(case=f"{name}, {measure}", source=SOURCE, expected=expected, **over_time(series, 50))


def test_a_review_period_adds_its_length_to_the_time_at_risk(verify, root_seed):
    """Just before goods of the next review come, the net stock lacks the demand of review and lead time."""
    review, lead_time, target = 5, 4, 40.0
    policy = {"kind": "base_stock", "units": target, "review_days": review}
    run = run_of(policy, {"process": "poisson"}, lead_time, root_seed)
    net = run.point("shelf", "on_hand") - run.stream("home", "backlog")
    for age in range(review):
        verify(
            case=f"Poisson, L = 4, S = 40, review every 5 days, on hand {age} days after goods came",
            source="Snyder & Shen, 4.3.4; Zipkin 2000, 9.6",
            expected=theory.on_hand(target, theory.poisson(MEAN * (lead_time + age))),
            **over_time(np.maximum(net[lead_time + age :: review], 0.0), 10),
        )


def test_random_lead_times_that_cross_hold_the_rate_times_their_mean_in_transit(verify, root_seed):
    """Little's law: demand of a day is under way at the end of a day while it takes longer than it is old."""
    lead_time = {"dist": "discrete", "values": [1.0, 4.0, 10.0], "weights": [1.0, 1.0, 1.0]}
    data = shop(
        DAYS,
        lanes={"parts": {"lead_time_days": lead_time, "order_crossing": True}},
        demand={"home": {"mean_per_day": MEAN, "process": "poisson"}},
    )
    verify(
        case="lead time 1, 4 or 10 days, crossing: goods in transit",
        source="Little 1961",
        expected=MEAN * 5.0,
        **over_time(told(data, root_seed).lane("parts", "in_transit"), 50),
    )


def test_a_random_lead_time_that_crosses_leaves_each_order_its_own(verify, root_seed):
    """What is under way is a sum over the last days of their demand, each kept with its chance.

    A day's demand travels together, so the number under way has more spread than Palm's theorem gives
    for single customers.
    """
    lead_time = {"dist": "discrete", "values": [2.0, 6.0], "weights": [1.0, 1.0]}
    target = 24
    data = shop(
        DAYS,
        lanes={"parts": {"lead_time_days": lead_time, "order_crossing": True}},
        demand={"home": {"mean_per_day": MEAN, "process": "poisson"}},
    )
    data["stock_points"]["shelf"]["policy"]["units"] = float(target)
    data["stock_points"]["shelf"]["initial_on_hand"] = float(target)
    run = told(data, root_seed)
    daily = theory.poisson(MEAN)
    half = 0.5 * daily
    half[0] += 0.5
    pipeline = np.convolve(theory.sum_of(2, daily), theory.sum_of(4, half))
    for measure, expected, series in (
        ("on hand", theory.on_hand(target, pipeline), run.point("shelf", "on_hand")),
        ("backorders", theory.backorders(target, pipeline), run.stream("home", "backlog")),
    ):
        verify(
            case=f"lead time 2 or 6 days, crossing, S = 24: {measure}",
            source="Zipkin 2000, 7.4 (exogenous, parallel supply), in days",
            expected=expected,
            **over_time(series, 50),
        )


@pytest.mark.parametrize(
    "case",
    [
        ("Poisson", 2, 18, 6),
        pytest.param(("Poisson", 4, 34, 6), marks=pytest.mark.slow),
        ("negative binomial", 2, 30, 7),
    ],
    ids=lambda case: "-".join(map(str, case)),
)
def test_a_capacity_leaves_the_position_short_of_the_target(verify, root_seed, case):
    """The position after ordering is the target less a shortfall, which a random walk makes.

    Both laws are in every test run; the longer lead time is in `make verify`.
    """
    law, lead_time, target, capacity = case
    demand, daily = LAWS[law]
    data = shop(
        3 * DAYS,
        lanes={"parts": {"lead_time_days": lead_time, "capacity_per_day": float(capacity)}},
        demand={"home": merged({"mean_per_day": MEAN}, demand)},
    )
    data["stock_points"]["shelf"] |= {
        "policy": {"kind": "base_stock", "units": float(target)},
        "initial_on_hand": float(target),
    }
    run = told(data, root_seed)
    behind = np.convolve(theory.shortfall(daily, capacity), theory.sum_of(lead_time, daily))
    for measure, expected, series in (
        ("on hand", theory.on_hand(target, behind), run.point("shelf", "on_hand")),
        ("backorders", theory.backorders(target, behind), run.stream("home", "backlog")),
    ):
        verify(
            case=f"{law}, L = {lead_time}, S = {target}, {capacity} a day at most: {measure}",
            source="Federgruen & Zipkin 1986; Snyder & Shen, 4.3",
            expected=expected,
            **over_time(series, 500),
        )


CAPACITY, HOLDING, PENALTY = 6, 1.0, 9.0


def narrow_run(target, seed):
    """Poisson demand, two days of lead time, and a lane of 6 a day."""
    data = shop(
        3 * DAYS,
        lanes={"parts": {"lead_time_days": 2, "capacity_per_day": float(CAPACITY)}},
        demand={"home": {"mean_per_day": MEAN, "process": "poisson"}},
    )
    data["stock_points"]["shelf"] |= {
        "policy": {"kind": "base_stock", "units": float(target)},
        "initial_on_hand": float(target),
        "holding_cost_per_unit_day": HOLDING,
        "backorder_cost_per_unit_day": PENALTY,
    }
    return told(data, seed)


def test_the_chain_of_the_shortfall_meets_the_roots():
    law = theory.shortfall(theory.poisson(MEAN), CAPACITY)
    assert (law[0], theory.mean_of(law)) == pytest.approx(theory.poisson_shortfall(MEAN, CAPACITY), rel=1e-9)


def test_the_shortfall_is_that_of_its_random_walk(verify, root_seed):
    """After the orders of a day, which see its demand, the position lacks the shortfall."""
    target = 20
    run = narrow_run(target, root_seed)
    position = run.point("shelf", "on_hand") - run.stream("home", "backlog") + run.point("shelf", "on_order")
    short = target - position
    law = theory.shortfall(theory.poisson(MEAN), CAPACITY)
    beyond = {f"days short of more than {units}": units for units in (2, 5, 10)}
    none, mean = theory.poisson_shortfall(MEAN, CAPACITY)
    for measure, expected, series in (
        ("days without a shortfall", none, short == 0.0),
        ("mean shortfall", mean, short),
        *((name, float(law[most + 1 :].sum()), short > most) for name, most in beyond.items()),
    ):
        verify(
            case=f"Poisson of 5, {CAPACITY} a day at most: {measure}",
            source="Federgruen & Zipkin 1986; Bailey 1954",
            expected=expected,
            **over_time(series, 500),
        )


@pytest.mark.slow
def test_the_best_level_under_a_capacity_costs_least(verify, root_seed):
    """Of what the net stock lacks, the best level covers the critical ratio."""
    daily = theory.poisson(MEAN)
    behind = np.convolve(theory.shortfall(daily, CAPACITY), theory.sum_of(2, daily))
    best = int(np.searchsorted(behind.cumsum(), PENALTY / (HOLDING + PENALTY)))
    costs = {}
    for target in (best - 4, best, best + 4):
        costs[target] = over_time(daily_costs(narrow_run(target, root_seed)), 500)
        verify(
            case=f"Poisson of 5, L = 2, {CAPACITY} a day at most, S = {target} (best: {best}): cost a day",
            source="Federgruen & Zipkin 1986, the critical ratio",
            expected=theory.cost_rate(target, behind, HOLDING, PENALTY),
            **costs[target],
        )
    assert min(costs, key=lambda target: costs[target]["simulated"]) == best
