"""Stock, orders and tiers, with numbers worked out by hand."""

import numpy as np
import pytest

from tests.builders import ban, factory, merged, shop, told


def policy(**fields):
    return {"shelf": {"policy": fields}}


def test_base_stock_orders_what_was_demanded():
    run = told(shop(6))
    assert run.point("shelf", "ordered").tolist() == [10.0] * 6


def test_stock_falls_by_the_lead_time_demand_and_then_stays():
    run = told(shop(6))
    assert run.point("shelf", "on_hand").tolist() == [90.0, 80.0, 70.0, 70.0, 70.0, 70.0]


def test_goods_under_way_are_lead_time_times_rate():
    run = told(shop(6))
    assert run.lane("parts", "in_transit").tolist() == [10.0, 20.0, 30.0, 30.0, 30.0, 30.0]


def test_a_review_period_collects_the_demand_between_reviews():
    points = policy(kind="base_stock", units=100.0, review_days=5)
    run = told(shop(11, stock_points=points))
    assert run.point("shelf", "ordered").tolist() == [10, 0, 0, 0, 0, 50, 0, 0, 0, 0, 50]


def test_s_big_s_orders_up_to_big_s_at_or_below_s():
    points = policy(kind="s_S", reorder_units=70.0, units=100.0)
    run = told(shop(7, stock_points=points))
    assert run.point("shelf", "ordered").tolist() == [0, 0, 30, 0, 0, 30, 0]


def shop_in_batches(days, **changes):
    data = shop(days, **changes)
    data["stock_points"]["shelf"]["policy"] = {"kind": "r_Q", "reorder_units": 75.0, "batch_units": 20.0}
    return data


def test_r_q_orders_one_batch_at_or_below_r():
    run = told(shop_in_batches(7))
    assert run.point("shelf", "ordered").tolist() == [0, 0, 20, 0, 20, 0, 20]


def test_r_q_orders_as_many_batches_as_lift_the_position_above_r():
    data = shop_in_batches(1, stock_points={"shelf": {"initial_on_hand": 20.0}})
    assert told(data).point("shelf", "ordered").tolist() == [80.0]  # 10 + 4 x 20 is the first above 75


def test_r_q_at_exactly_r_plus_whole_batches_orders_one_more():
    data = shop_in_batches(1, stock_points={"shelf": {"initial_on_hand": 45.0}})
    assert told(data).point("shelf", "ordered").tolist() == [60.0]  # 35 + 2 x 20 = 75 is not above 75


def test_a_cover_target_is_the_planned_usage_of_the_next_days():
    data = shop(3)
    data["stock_points"]["shelf"] = {
        "firm": "maker",
        "item": "part",
        "policy": {"kind": "base_stock", "units": 5.0, "cover_days": 2.5},
    }
    run = told(data)
    assert run.path.schedule.up_to[1].tolist() == [30.0, 30.0, 30.0]


def test_stock_starts_at_its_target_unless_given():
    data = shop(1)
    del data["stock_points"]["shelf"]["initial_on_hand"]
    assert told(data).point("shelf", "on_hand").tolist() == [90.0]


def test_lead_time_zero_serves_the_same_day():
    data = shop(
        3,
        stock_points={"shelf": {"policy": {"units": 0.0}, "initial_on_hand": 0.0}},
        lanes={"parts": {"lead_time_days": 0}},
    )
    run = told(data)
    assert run.stream("home", "shipped").tolist() == [10.0, 10.0, 10.0]
    assert run.point("shelf", "on_hand").tolist() == [0.0, 0.0, 0.0]


def test_without_order_crossing_a_fast_shipment_waits_for_the_slow_one_before():
    lead_time = {"dist": "discrete", "values": [1.0, 9.0], "weights": [9.0, 1.0]}
    run = told(shop(80, lanes={"parts": {"lead_time_days": lead_time}}))
    arrival = run.lane("parts", "arrival_day")
    days = arrival - np.arange(80)
    assert np.all(np.diff(arrival) >= 0)
    assert {1.0, 9.0} < set(days.tolist())


def test_with_order_crossing_every_shipment_takes_its_own_time():
    lead_time = {"dist": "empirical", "values": [1.0, 9.0]}
    run = told(shop(40, lanes={"parts": {"lead_time_days": lead_time, "order_crossing": True}}))
    days = run.lane("parts", "arrival_day") - np.arange(40)
    assert set(days.tolist()) == {1.0, 9.0}


def test_a_distributor_feeds_the_shelf_until_both_are_empty():
    data = shop(
        20,
        firms={"distributor": {"name": "Distributor", "country": "US"}},
        stock_points={
            "depot": {
                "firm": "distributor",
                "item": "part",
                "policy": {"kind": "base_stock", "units": 50.0},
            }
        },
        lanes={
            "parts": {"supplier": "depot", "lead_time_days": 1},
            "inbound": {"supplier": "source", "buyer": "depot", "lead_time_days": 2},
        },
        demand={"home": {"patience_days": 0}},
        interventions={"ban": ban(0, covers={"lanes": ["inbound"]})},
    )
    sold = told(data).stream("home", "shipped")
    assert sold.tolist() == [10.0] * 15 + [0.0] * 5  # 100 on the shelf and 50 in the depot


def test_orders_travel_up_the_tiers_on_one_day():
    data = shop(
        2,
        stock_points={
            "depot": {"firm": "supplier", "item": "part", "policy": {"kind": "base_stock", "units": 50.0}}
        },
        lanes={"parts": {"supplier": "depot"}, "inbound": {"supplier": "source", "buyer": "depot"}},
    )
    assert told(data).lane("inbound", "ordered").tolist() == [10.0, 10.0]


def test_a_recipe_draws_its_bill_of_materials():
    run = told(factory(4))
    assert run.point("goods", "started").tolist() == [10.0] * 4
    assert run.point("parts", "consumed").tolist() == [20.0] * 4
    assert run.point("parts", "on_hand").tolist() == [180.0, 160.0, 140.0, 140.0]


def test_lost_yield_is_started_on_top():
    run = told(factory(2, recipes={"assembly": {"yield_share": 0.8}}))
    assert run.point("goods", "started").tolist() == [12.5, 12.5]
    assert run.point("goods", "produced").tolist() == [10.0, 10.0]
    assert run.point("parts", "consumed").tolist() == [25.0, 25.0]


def test_the_scarcest_input_sets_what_is_made():
    data = factory(
        3,
        items={"screw": {"name": "Screw", "unit": "pieces"}},
        stock_points={
            "screws": {
                "firm": "maker",
                "item": "screw",
                "policy": {"kind": "base_stock", "units": 0.0},
                "initial_on_hand": 60.0,
            },
            "screw-source": {"firm": "supplier", "item": "screw"},
            "goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
        },
        recipes={"assembly": {"inputs": {"screws": 4.0}}},
        lanes={"screws": {"supplier": "screw-source", "buyer": "screws", "lead_time_days": 9}},
    )
    run = told(data)
    assert run.point("goods", "started").tolist() == [10.0, 5.0, 0.0]  # 60 screws, 4 each


def test_work_in_process_is_process_time_times_rate():
    run = told(factory(7, recipes={"assembly": {"process_days": 4}}))
    assert run.point("goods", "wip").tolist() == [10.0, 20.0, 30.0, 40.0, 40.0, 40.0, 40.0]
    assert run.point("goods", "produced").tolist() == [0.0, 0.0, 0.0, 0.0, 10.0, 10.0, 10.0]


def test_production_is_limited_by_capacity_and_the_rest_waits():
    run = told(factory(3, recipes={"assembly": {"capacity_per_day": 7.0}}))
    assert run.point("goods", "started").tolist() == [7.0, 7.0, 7.0]
    assert run.point("goods", "capacity_held").tolist() == [3.0, 6.0, 9.0]


def two_products(allocation, days=3, **point):
    """75 parts, no more to come; every day A needs 20 and B 10 of them."""
    data = factory(
        days,
        items={"other": {"name": "Other", "kind": "product", "unit": "pieces"}},
        stock_points={
            "parts": {"initial_on_hand": 75.0, "allocation": allocation, **point},
            "goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
            "others": {"firm": "maker", "item": "other", "policy": {"kind": "base_stock"}},
        },
        recipes={
            "assembly": {"priority": 2},
            "other-assembly": {"output": "others", "inputs": {"parts": 1.0}, "priority": 1},
        },
        demand={
            "other": {
                "stock_point": "others",
                "market": "home",
                "mean_per_day": 10.0,
                "process": "constant",
                "price": 5.0,
            }
        },
        interventions={"ban": ban(0)},
    )
    run = told(data)
    return run.stream("home", "shipped")[-1], run.stream("other", "shipped")[-1]


def test_two_recipes_share_a_scarce_part_in_proportion_to_need():
    assert two_products("proportional") == (5.0, 5.0)  # 15 parts left, shared 10 : 5


def test_two_recipes_share_a_scarce_part_by_priority():
    assert two_products("priority") == (2.5, 10.0)


def test_two_recipes_share_a_scarce_part_in_the_order_of_the_file():
    assert two_products("fixed_order") == (7.5, 0.0)


def two_shops(allocation):
    """Two shelves order 10 each a day from a source that can ship 15."""
    data = shop(
        1,
        stock_points={
            "source": {"capacity_per_day": 15.0, "allocation": allocation},
            "corner": {
                "firm": "maker",
                "item": "part",
                "policy": {"kind": "base_stock", "units": 100.0},
            },
        },
        lanes={"parts": {"priority": 2}, "more": {"supplier": "source", "buyer": "corner", "priority": 1}},
        demand={
            "corner": {
                "stock_point": "corner",
                "market": "home",
                "mean_per_day": 10.0,
                "process": "constant",
                "price": 1.0,
            }
        },
    )
    run = told(data)
    return run.lane("parts", "shipped")[0], run.lane("more", "shipped")[0]


@pytest.mark.parametrize(
    ("allocation", "expected"),
    [("proportional", (7.5, 7.5)), ("priority", (5.0, 10.0)), ("fixed_order", (10.0, 5.0))],
)
def test_lanes_share_a_scarce_source(allocation, expected):
    assert two_shops(allocation) == expected


def test_customers_and_recipes_share_a_scarce_part():
    """30 parts; the recipe needs 20, customers of spare parts 40: they get two thirds."""
    data = factory(
        1,
        stock_points={
            "parts": {"initial_on_hand": 30.0},
            "goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
        },
        demand={
            "spares": {
                "stock_point": "parts",
                "market": "home",
                "mean_per_day": 40.0,
                "process": "constant",
                "price": 1.0,
            }
        },
        interventions={"ban": ban(0)},
    )
    run = told(data)
    assert run.stream("spares", "shipped")[0] == pytest.approx(20.0)
    assert run.stream("home", "shipped")[0] == pytest.approx(5.0)


def test_orders_are_split_by_share():
    lanes = {
        "parts": {"share": 0.7},
        "others": {"supplier": "second", "buyer": "shelf", "share": 0.3},
    }
    second = {"second": {"firm": "supplier", "item": "part"}}
    run = told(shop(1, stock_points=second, lanes=lanes))
    assert run.lane("parts", "ordered")[0] == pytest.approx(7.0)
    assert run.lane("others", "ordered")[0] == pytest.approx(3.0)


def by_rank(**first):
    return shop(
        1,
        stock_points={"second": {"firm": "supplier", "item": "part"}, "shelf": {"sourcing": "rank"}},
        lanes={"parts": first, "others": {"supplier": "second", "buyer": "shelf", "rank": 2}},
    )


def test_orders_go_to_the_first_rank_alone():
    run = told(by_rank())
    assert (run.lane("parts", "ordered")[0], run.lane("others", "ordered")[0]) == (10.0, 0.0)


def test_what_the_first_rank_cannot_take_goes_to_the_second():
    run = told(by_rank(capacity_per_day=6.0))
    assert (run.lane("parts", "ordered")[0], run.lane("others", "ordered")[0]) == (6.0, 4.0)


def test_a_source_ships_no_more_than_its_capacity_and_owes_the_rest():
    run = told(shop(3, stock_points={"source": {"capacity_per_day": 6.0}}))
    assert run.lane("parts", "shipped").tolist() == [6.0, 6.0, 6.0]
    assert run.lane("parts", "backlog").tolist() == [4.0, 8.0, 12.0]


def test_a_lane_carries_no_more_than_its_capacity():
    run = told(shop(3, lanes={"parts": {"capacity_per_day": 4.0}}))
    assert run.lane("parts", "ordered").tolist() == [4.0, 4.0, 4.0]


def test_a_lane_capacity_may_be_a_share_of_planned_usage():
    run = told(shop(3, lanes={"parts": {"capacity_share_of_usage": 0.5}}))
    assert run.lane("parts", "ordered").tolist() == [5.0, 5.0, 5.0]


def unsupplied(patience):
    empty = {"shelf": {"policy": {"units": 0.0}, "initial_on_hand": 0.0}}
    demand = {"home": {"patience_days": patience}}
    return told(shop(3, stock_points=empty, demand=demand, interventions={"ban": ban(0)}))


def test_customers_of_endless_patience_wait():
    run = unsupplied(float("inf"))
    assert run.stream("home", "backlog").tolist() == [10.0, 20.0, 30.0]
    assert run.stream("home", "lost").tolist() == [0.0, 0.0, 0.0]


def test_customers_without_patience_leave_at_once():
    run = unsupplied(0)
    assert run.stream("home", "backlog").tolist() == [0.0, 0.0, 0.0]
    assert run.stream("home", "lost").tolist() == [10.0, 10.0, 10.0]


def test_customers_of_some_patience_leave_at_its_rate():
    run = unsupplied(4)
    assert run.stream("home", "lost").tolist() == [2.5, 4.375, 5.78125]
    assert run.stream("home", "backlog").tolist() == [7.5, 13.125, 17.34375]


def test_waiting_customers_are_served_before_stock_is_kept():
    late = {"shelf": {"policy": {"units": 0.0}, "initial_on_hand": 0.0}}
    run = told(shop(5, stock_points=late))
    assert run.stream("home", "shipped").tolist() == [0.0, 0.0, 0.0, 10.0, 10.0]
    assert run.stream("home", "backlog").tolist() == [10.0, 20.0, 30.0, 30.0, 30.0]


def test_time_to_survive_is_stock_over_rate():
    points = {"shelf": {"initial_on_hand": 75.0}}
    sold = told(shop(12, stock_points=points, interventions={"ban": ban(0)})).stream("home", "shipped")
    assert sold.tolist() == [10.0] * 7 + [5.0] + [0.0] * 4


def test_a_recipe_may_draw_straight_from_a_source():
    data = merged(factory(3), {})
    data["stock_points"]["parts"] = {"firm": "maker", "item": "part"}
    del data["stock_points"]["source"], data["lanes"]["parts"]
    empty = {"goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0}}
    assert told(merged(data, {"stock_points": empty})).stream("home", "shipped").tolist() == [10.0] * 3


def test_what_another_recipe_cannot_use_for_want_of_its_other_input_is_not_kept_for_it():
    """15 parts; goods need 20, others 10, but with 3 screws, one each, others can use 3 parts only."""
    data = factory(
        1,
        items={
            "other": {"name": "Other", "kind": "product", "unit": "pieces"},
            "screw": {"name": "Screw", "unit": "pieces"},
        },
        stock_points={
            "parts": {"initial_on_hand": 15.0},
            "goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
            "others": {"firm": "maker", "item": "other", "policy": {"kind": "base_stock"}},
            "screws": {
                "firm": "maker",
                "item": "screw",
                "policy": {"kind": "base_stock", "units": 3.0},
            },
            "screw-source": {"firm": "supplier", "item": "screw"},
        },
        recipes={"other-assembly": {"output": "others", "inputs": {"parts": 1.0, "screws": 1.0}}},
        lanes={"screws": {"supplier": "screw-source", "buyer": "screws", "lead_time_days": 3}},
        demand={
            "other": {
                "stock_point": "others",
                "market": "home",
                "mean_per_day": 10.0,
                "process": "constant",
                "price": 5.0,
            }
        },
    )
    run = told(data)
    assert run.point("goods", "started")[0] == pytest.approx(15.0 * (20.0 / 23.0) / 2.0)
    assert run.point("others", "started")[0] == pytest.approx(15.0 * 3.0 / 23.0)


def test_a_source_ships_to_all_its_lanes_and_customers():
    def customers(point):
        return {
            "stock_point": point,
            "market": "home",
            "mean_per_day": 5.0,
            "process": "constant",
            "price": 1.0,
        }

    corner = {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "units": 100.0}}
    data = shop(
        3,
        stock_points={"corner": corner},
        lanes={"more": {"supplier": "source", "buyer": "corner"}},
        demand={"corner": customers("corner"), "direct": customers("source"), "retail": customers("source")},
    )
    run = told(data)
    assert run.point("source", "shipped").tolist() == [10.0 + 5.0 + 5.0 + 5.0] * 3
    assert run.point("source", "on_hand").tolist() == [0.0] * 3


def test_what_arrives_on_one_day_from_two_shipments_is_all_received():
    lead_time = {"dist": "empirical", "values": [0.0, 1.0, 2.0]}
    run = told(shop(40, lanes={"parts": {"lead_time_days": lead_time}}))
    on_the_way = run.lane("parts", "shipped").cumsum() - run.lane("parts", "delivered").cumsum()
    assert on_the_way.tolist() == run.lane("parts", "in_transit").tolist()
    assert run.lane("parts", "delivered").max() == 30.0
