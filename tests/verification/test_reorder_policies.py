"""(s, S), (r, Q), and orders of a least size or of multiples."""

import math

import numpy as np
import pytest

from tests import oracles_theory as theory
from tests.builders import merged, shop, told
from tests.verification.estimate import daily_costs, over_time
from tests.verification.tables import ends

CHAPTER = "(s, S), (r, Q), multiples and minimum orders"
DAYS = 12_000
WARM_UP = 100
ORDER, HOLDING, PENALTY = 64.0, 1.0, 9.0
ZHENG_FEDERGRUEN = {
    10: (6, 40, 35.022),
    15: (10, 49, 42.698),
    20: (14, 62, 49.173),
    25: (19, 56, 54.262),
    30: (23, 66, 57.819),
    35: (28, 77, 61.215),
    40: (33, 87, 64.512),
    45: (37, 97, 67.776),
    50: (42, 108, 70.975),
    55: (47, 118, 74.149),
    60: (52, 129, 77.306),
    65: (56, 75, 78.518),
    70: (62, 81, 79.037),
    75: (67, 86, 79.554),
}
QUICK = (10, 20)
"""Mean of Poisson demand -> best s, S and cost; an order costs 64, holding 1, penalty 9, lead time 0."""


def run_of(policy, mean, lead_time, seed, **lane):
    data = shop(
        DAYS,
        lanes={"parts": {"lead_time_days": lead_time} | lane},
        demand={"home": {"mean_per_day": float(mean), "process": "poisson"}},
    )
    data["stock_points"]["shelf"] |= {
        "policy": policy,
        "initial_on_hand": 50.0,
        "holding_cost_per_unit_day": HOLDING,
        "backorder_cost_per_unit_day": PENALTY,
        "order_cost": ORDER,
    }
    return told(data, seed)


def costs(mean, lead_time, highest):
    pipeline = theory.poisson(mean * lead_time)
    return ORDER, np.array(
        [theory.cost_rate(level, pipeline, HOLDING, PENALTY) for level in range(highest + 1)]
    )


@pytest.mark.parametrize("mean", list(ZHENG_FEDERGRUEN))
def test_the_oracle_finds_the_published_optima(mean):
    reorder_at, up_to, cost = ZHENG_FEDERGRUEN[mean]
    found = theory.best_reorder_levels(theory.poisson(mean), costs(mean, 1, 140), 140)
    assert found[0] == pytest.approx(cost, abs=6e-4)
    assert found[1:] == (reorder_at, up_to)


def test_two_oracles_agree_on_the_cost_of_reorder_levels():
    daily, (fixed, of_position) = theory.poisson(10.0), costs(10.0, 1, 40)
    cost, orders = theory.renewal_cost_rate(6, 40, daily, (fixed, of_position))
    where = theory.positions({left: (40 - left) * (left <= 6) for left in range(-99, 41)}, 40, daily)
    by_chain = sum(chance * of_position[position] for position, chance in where.items())
    assert cost == pytest.approx(by_chain + fixed * orders)


@pytest.mark.parametrize(
    "mean",
    [mean if mean in QUICK else pytest.param(mean, marks=pytest.mark.slow) for mean in ZHENG_FEDERGRUEN],
)
def test_published_optima_cost_what_was_published(verify, root_seed, mean):
    """Their lead time 0, orders before demand, is ours of one day, orders after it."""
    reorder_at, up_to, cost = ZHENG_FEDERGRUEN[mean]
    run = run_of({"kind": "s_S", "reorder_units": reorder_at, "units": up_to}, mean, 1, root_seed)
    verify(
        case=f"(s, S) = ({reorder_at}, {up_to}), Poisson {mean} a day, cost a day",
        source="Zheng & Federgruen 1991, table 1",
        expected=cost,
        **over_time(daily_costs(run), WARM_UP),
    )


@pytest.mark.parametrize(("reorder_at", "up_to", "lead_time"), ends([(20, 30, 2), (38, 80, 4), (5, 25, 1)]))
def test_any_reorder_levels_cost_what_renewal_theory_says(verify, root_seed, reorder_at, up_to, lead_time):
    mean = 10.0
    run = run_of({"kind": "s_S", "reorder_units": reorder_at, "units": up_to}, mean, lead_time, root_seed)
    cost, orders = theory.renewal_cost_rate(
        reorder_at, up_to, theory.poisson(mean), costs(mean, lead_time, up_to)
    )
    name = f"(s, S) = ({reorder_at}, {up_to}), Poisson 10 a day, L = {lead_time}"
    source = "renewal-reward; Snyder & Shen, 4.4"
    verify(case=f"{name}, cost a day", source=source, expected=cost, **over_time(daily_costs(run), WARM_UP))
    verify(
        case=f"{name}, orders a day",
        source=source,
        expected=orders,
        **over_time(run.point("shelf", "ordered") > 0.0, WARM_UP),
    )


def evenly_spread(first, count, mean, lead_time):
    """Expected stock, backorders and orders a day of a position even over `count` levels from `first` on."""
    levels, pipeline, daily = (
        range(first, first + count),
        theory.poisson(mean * lead_time),
        theory.poisson(mean),
    )
    crossing = [float(daily[level - first + 1 :].sum()) for level in levels]
    return (
        float(np.mean([theory.on_hand(level, pipeline) for level in levels])),
        float(np.mean([theory.backorders(level, pipeline) for level in levels])),
        float(np.mean(crossing)),
    )


def verify_levels(verify, run, name, source, expected):
    series = (
        run.point("shelf", "on_hand"),
        run.stream("home", "backlog"),
        run.point("shelf", "ordered") > 0.0,
    )
    for measure, value, days in zip(("on hand", "backorders", "orders a day"), expected, series, strict=True):
        verify(case=f"{name}, {measure}", source=source, expected=value, **over_time(days, WARM_UP))


@pytest.mark.parametrize(
    ("levels", "mean", "lead_time"), ends([((18, 12), 5, 4), ((2, 40), 5, 1), ((30, 5), 8, 3)])
)
def test_batches_spread_the_position_evenly_above_r(verify, root_seed, levels, mean, lead_time):
    reorder_at, batch = levels
    run = run_of(
        {"kind": "r_Q", "reorder_units": reorder_at, "batch_units": batch}, mean, lead_time, root_seed
    )
    verify_levels(
        verify,
        run,
        f"(r, nQ) = ({reorder_at}, {batch}), Poisson {mean} a day, L = {lead_time}",
        "Zipkin 2000, 6.2.3 and 9.5",
        evenly_spread(reorder_at + 1, batch, mean, lead_time),
    )


def test_multiples_make_a_base_stock_order_in_batches(verify, root_seed):
    """Ordering in multiples of Q whatever is missing up to S is (S - 1, nQ)."""
    run = run_of({"kind": "base_stock", "units": 17.0}, 5, 3, root_seed, order_multiple_units=8)
    verify_levels(
        verify,
        run,
        "base stock 17, multiples of 8, Poisson 5 a day, L = 3",
        "Veinott 1965; Zipkin 2000, 9.5",
        evenly_spread(17, 8, 5, 3),
    )


@pytest.mark.parametrize(("least", "multiple"), [(12, 0), (12, 5)])
def test_a_minimum_order_lifts_the_position_above_its_target(verify, root_seed, least, multiple):
    lane = {"minimum_order_units": least} | ({"order_multiple_units": multiple} if multiple else {})
    target, mean, lead_time = 17, 5.0, 3
    run = run_of({"kind": "base_stock", "units": float(target)}, mean, lead_time, root_seed, **lane)
    orders = {}
    for left in range(target - 60, target + 60):
        size = max(target - left, least) if left < target else 0
        orders[left] = math.ceil(size / multiple) * multiple if multiple else size
    daily, pipeline = theory.poisson(mean), theory.poisson(mean * lead_time)
    where = theory.positions(orders, target, daily)
    crossing = sum(chance * float(daily[position - target + 1 :].sum()) for position, chance in where.items())
    expected = (
        sum(chance * theory.on_hand(position, pipeline) for position, chance in where.items()),
        sum(chance * theory.backorders(position, pipeline) for position, chance in where.items()),
        crossing,
    )
    name = f"base stock 17, at least {least}{f', multiples of {multiple}' if multiple else ''}"
    verify_levels(
        verify,
        run,
        f"{name}, Poisson 5 a day, L = 3",
        "chain of the position; Kiesmueller et al. 2011",
        expected,
    )


def test_one_batch_at_a_time(verify, root_seed):
    """With `max_batches` 1 the position may stay at or below r; the chain of the position tells how often."""
    reorder_at, batch, mean, lead_time = 10, 8, 5.0, 2
    policy = {"kind": "r_Q", "reorder_units": reorder_at, "batch_units": batch, "max_batches": 1}
    run = run_of(policy, mean, lead_time, root_seed)
    daily, pipeline = theory.poisson(mean), theory.poisson(mean * lead_time)
    order_of = dict.fromkeys(range(-400, 60), 0) | dict.fromkeys(range(-400, reorder_at + 1), batch)
    lowest = -120
    for left in range(-400, lowest):
        order_of[left] = lowest - left
    where = theory.positions(order_of, reorder_at + batch, daily)
    expected = (
        sum(chance * theory.on_hand(position, pipeline) for position, chance in where.items()),
        sum(chance * theory.backorders(position, pipeline) for position, chance in where.items()),
        mean / batch,
    )
    verify_levels(
        verify,
        run,
        "(r, Q) = (10, 8), one batch a day, Poisson 5 a day, L = 2",
        "chain of the position; Snyder & Shen, 5.1",
        expected,
    )


def test_a_lot_for_constant_demand_is_ordered_when_it_must_be(verify):
    """A minimum of 35 against 10 a day: orders of 35 whenever the position is below the target."""
    data = shop(700, lanes={"parts": {"minimum_order_units": 35, "lead_time_days": 1}})
    data = merged(data, {"stock_points": {"shelf": {"policy": {"units": 30.0}, "initial_on_hand": 30.0}}})
    run = told(data)
    orders = run.point("shelf", "ordered")
    position, expected = 30.0, []
    for _ in range(700):
        position -= 10.0
        order = max(35.0, 30.0 - position) if position < 30.0 else 0.0
        position += order
        expected.append(order)
    np.testing.assert_allclose(orders, expected)
    verify(
        case="minimum order 35, constant demand 10: days between orders",
        source="arithmetic: 35 / 10",
        expected=3.5,
        simulated=700 / float((orders > 0.0).sum()),
    )
