"""The simulation against results of inventory theory (Snyder & Shen, 2nd ed., ch. 4 and 5).

Orders of a day see the day's demand, and goods arrive before the day's demand is served, so at the end of
a day the net stock is the position after ordering less the demand of the last L days. All tests are
z-tests with fixed seeds: a figure may lie 4 standard errors from its expectation.
"""

import math

import numpy as np
import pytest
from scipy import stats

from tests.builders import ban, shop, told

RATE = 5.0
LEAD_TIME = 4
DAYS = 6000
WARM_UP = 50
POISSON = {"mean_per_day": RATE, "process": "poisson"}


def net_stock(**policy):
    """Stock less backlog at the end of days far enough apart to be independent."""
    data = shop(
        DAYS,
        lanes={"parts": {"lead_time_days": LEAD_TIME}},
        demand={"home": POISSON},
    )
    data["stock_points"]["shelf"]["policy"] = policy
    run = told(data, seed=11)
    return (run.point("shelf", "on_hand") - run.stream("home", "backlog"))[WARM_UP :: LEAD_TIME + 1]


def within(sample, expected, variance):
    assert abs(sample.mean() - expected) < 4.0 * math.sqrt(variance / len(sample))


@pytest.mark.parametrize("target", [16.0, 22.0, 30.0])
def test_base_stock_with_poisson_demand_and_backorders(target):
    net = net_stock(kind="base_stock", units=target)
    pipeline = stats.poisson(RATE * LEAD_TIME)
    values = np.arange(0, 120)
    weights = pipeline.pmf(values)
    for measure in (
        lambda level: level,  # net stock
        lambda level: np.maximum(level, 0.0),  # on hand
        lambda level: np.maximum(-level, 0.0),  # backorders
        lambda level: (level <= 0.0).astype(float),  # stocked out
    ):
        theory = measure(target - values)
        expected = float(weights @ theory)
        within(measure(net), expected, float(weights @ theory**2) - expected**2)


def test_r_q_spreads_the_position_evenly_above_r():
    reorder_at, batch = 18.0, 12.0
    net = net_stock(kind="r_Q", reorder_units=reorder_at, batch_units=batch)
    expected = reorder_at + (batch + 1.0) / 2.0 - RATE * LEAD_TIME
    within(net, expected, (batch**2 - 1.0) / 12.0 + RATE * LEAD_TIME)


def test_a_review_period_adds_its_length_to_the_time_at_risk():
    """Just before a review the net stock is the target less the demand of lead time and review period."""
    review = 5
    data = shop(DAYS, lanes={"parts": {"lead_time_days": LEAD_TIME}}, demand={"home": POISSON})
    data["stock_points"]["shelf"]["policy"] = {"kind": "base_stock", "units": 60.0, "review_days": review}
    run = told(data, seed=12)
    net = run.point("shelf", "on_hand") - run.stream("home", "backlog")
    at_risk = LEAD_TIME + review - 1
    last = net[review * 10 + at_risk :: review * 2]
    within(last, 60.0 - RATE * at_risk, RATE * at_risk)


def test_goods_under_way_follow_littles_law():
    """With order crossing the pipeline holds rate x mean lead time, whatever the distribution."""
    lead_time = {"dist": "discrete", "values": [1.0, 4.0, 10.0], "weights": [1.0, 1.0, 1.0]}
    data = shop(
        DAYS,
        lanes={"parts": {"lead_time_days": lead_time, "order_crossing": True}},
        demand={"home": POISSON},
    )
    in_transit = told(data, seed=13).lane("parts", "in_transit")[WARM_UP::11]
    # In transit at the end of a day are the orders of the last days that take longer than they are old.
    longer = np.array([1.0] + [2 / 3] * 3 + [1 / 3] * 6)
    expected = RATE * longer.sum()
    second_moment = RATE + RATE**2
    within(in_transit, expected, float(np.sum(second_moment * longer - (RATE * longer) ** 2)))


@pytest.mark.parametrize(("stock", "rate"), [(100.0, 10.0), (90.0, 9.0), (77.0, 11.0), (35.0, 2.5)])
def test_time_to_survive_is_stock_over_rate(stock, rate):
    data = shop(
        40,
        stock_points={"shelf": {"initial_on_hand": stock}},
        demand={"home": {"mean_per_day": rate, "patience_days": 0}},
        interventions={"ban": ban(0)},
    )
    lost = told(data).stream("home", "lost")
    assert int(np.flatnonzero(lost > 0.0)[0]) == stock / rate


def test_impatient_customers_wait_their_patience_on_average():
    """In a queue that is never served, a share 1/p leaves every day: p - 1 days wait in the steady state."""
    data = shop(
        400,
        stock_points={"shelf": {"initial_on_hand": 0.0, "policy": {"units": 0.0}}},
        demand={"home": {"patience_days": 8}},
        interventions={"ban": ban(0)},
    )
    run = told(data)
    assert run.stream("home", "backlog")[-1] == pytest.approx(10.0 * (8 - 1))
    assert run.stream("home", "lost")[-1] == pytest.approx(10.0)
