"""Orders that take days to reach the supplier: for one echelon they are lead time."""

import pytest

from tests import oracles_theory as theory
from tests.builders import shop, told
from tests.verification.estimate import over_time

CHAPTER = "Order lead times"
DAYS = 12_000
MEAN = 5.0


@pytest.mark.parametrize(("order_days", "lead_time", "target"), [(3, 1, 22), (6, 4, 60)])
def test_an_order_lead_time_is_added_to_the_lead_time(verify, root_seed, order_days, lead_time, target):
    data = shop(
        DAYS,
        stock_points={"shelf": {"policy": {"units": float(target)}, "initial_on_hand": float(target)}},
        lanes={"parts": {"lead_time_days": lead_time, "order_lead_time_days": order_days}},
        demand={"home": {"mean_per_day": MEAN, "process": "poisson"}},
    )
    run = told(data, root_seed)
    pipeline = theory.sum_of(order_days + lead_time, theory.poisson(MEAN))
    for measure, expected, series in (
        ("on hand", theory.on_hand(target, pipeline), run.point("shelf", "on_hand")),
        ("backorders", theory.backorders(target, pipeline), run.stream("home", "backlog")),
        ("orders under way", MEAN * order_days, run.lane("parts", "orders_under_way")),
    ):
        verify(
            case=f"Poisson, d = {order_days}, L = {lead_time}, S = {target}, {measure}",
            source="Snyder & Shen, 4.3.4, with lead time d + L",
            expected=expected,
            **over_time(series, 50),
        )
