"""A first day with goods under way, work in process and waiting customers: exact, day by day."""

import numpy as np

from tests.builders import factory, merged, shop, told

CHAPTER = "Initial states"


def verify_days(verify, case, expected, simulated):
    """Every day must agree; the row shows their sum."""
    np.testing.assert_allclose(simulated, expected, atol=1e-9)
    verify(
        case=case,
        source="arithmetic, day by day (sum shown)",
        expected=float(np.sum(expected)),
        simulated=float(np.sum(simulated)),
    )


def test_goods_under_way_and_a_backlog_on_a_lane(verify):
    """100 in the position: 20 on hand, 5 + 15 under way, 4 not yet shipped; the order of day 0 tops it up."""
    data = shop(
        6,
        stock_points={"shelf": {"initial_on_hand": 20.0}},
        lanes={"parts": {"initial_in_transit": [0.0, 5.0, 15.0], "initial_backlog": 4.0}},
    )
    run = told(data)
    verify_days(verify, "lane: ordered", [66.0, 10.0, 10.0, 10.0, 10.0, 10.0], run.point("shelf", "ordered"))
    verify_days(verify, "lane: delivered", [0.0, 5.0, 15.0, 70.0, 10.0, 10.0], run.lane("parts", "delivered"))
    verify_days(verify, "lane: on hand", [10.0, 5.0, 10.0, 70.0, 70.0, 70.0], run.point("shelf", "on_hand"))


def test_customers_who_wait_already(verify):
    data = shop(
        5,
        stock_points={"shelf": {"initial_on_hand": 12.0, "policy": {"units": 50.0}}},
        demand={"home": {"initial_backorders": 7.0}},
    )
    run = told(data)
    verify_days(verify, "backorders: sold", [12.0, 0.0, 0.0, 35.0, 10.0], run.stream("home", "shipped"))
    verify_days(verify, "backorders: waiting", [5.0, 15.0, 25.0, 0.0, 0.0], run.stream("home", "backlog"))
    verify_days(verify, "backorders: ordered", [55.0, 10.0, 10.0, 10.0, 10.0], run.point("shelf", "ordered"))


def test_work_in_process_and_production_that_waits(verify):
    data = factory(
        5,
        stock_points={"goods": {"initial_on_hand": 0.0, "policy": {"units": 0.0}}},
        recipes={
            "assembly": {
                "process_days": 2,
                "initial_work_in_process": [3.0, 4.0],
                "initial_waiting": 6.0,
            }
        },
    )
    run = told(merged(data, {"demand": {"home": {"mean_per_day": 2.0}}}))
    verify_days(verify, "work: finished", [3.0, 4.0, 6.0, 0.0, 0.0], run.point("goods", "produced"))
    verify_days(verify, "work: sold", [2.0, 2.0, 2.0, 2.0, 2.0], run.stream("home", "shipped"))
    verify_days(verify, "work: on hand", [1.0, 3.0, 7.0, 5.0, 3.0], run.point("goods", "on_hand"))


def test_listed_demand_is_taken_day_by_day(verify):
    data = shop(7, demand={"home": {"process": "listed", "observations": [5.0, 4.0, 3.0]}})
    del data["demand"]["home"]["mean_per_day"]
    verify_days(
        verify, "listed demand", [5.0, 4.0, 3.0, 5.0, 4.0, 3.0, 5.0], told(data).stream("home", "demand")
    )
