"""Policies that order on a regular and on an expedited lane, worked out by hand."""

import pytest

from tests.builders import ban, day, merged, network, told

DUAL_INDEX = {"kind": "dual_index", "units": 60.0, "expedited_units": 20.0}
BASE_SURGE = {"kind": "tailored_base_surge", "standing_units": 4.0, "units": 20.0}


def two_sources(policy, days=6, **changes):
    """Far source -> 3 days, near source -> 1 day -> shelf of 30 -> 10 a day."""
    data = network(
        days,
        stock_points={
            "far": {"firm": "supplier", "item": "part"},
            "near": {"firm": "supplier", "item": "part"},
            "shelf": {
                "firm": "maker",
                "item": "part",
                "policy": {"regular": "slow", "expedited": "fast"} | policy,
                "initial_on_hand": 30.0,
            },
        },
        lanes={
            "slow": {"supplier": "far", "buyer": "shelf", "lead_time_days": 3},
            "fast": {"supplier": "near", "buyer": "shelf", "lead_time_days": 1},
        },
        demand={
            "home": {
                "stock_point": "shelf",
                "market": "home",
                "mean_per_day": 10.0,
                "process": "constant",
                "price": 2.0,
            }
        },
    )
    return merged(data, changes)


def orders(run):
    return run.lane("fast", "ordered").tolist(), run.lane("slow", "ordered").tolist()


# ------------------------------------------------------------------ dual index


def test_what_arrives_too_late_is_expedited_and_not_ordered_twice():
    """Day 1: 40 come on day 3, an expedited order on day 2; of 20 there are 10. All together are then 60."""
    run = told(two_sources(DUAL_INDEX))
    assert orders(run) == ([0.0, 10.0, 0.0, 0.0, 0.0, 0.0], [40.0, 0.0, 10.0, 10.0, 10.0, 10.0])
    assert run.point("shelf", "on_hand").tolist() == [20.0, 10.0, 10.0, 40.0, 30.0, 30.0]
    assert run.point("shelf", "ordered").tolist() == [40.0, 10.0, 10.0, 10.0, 10.0, 10.0]


def test_levels_may_be_days_of_cover():
    cover = {"kind": "dual_index", "cover_days": 6, "expedited_cover_days": 2}
    assert orders(told(two_sources(cover))) == orders(told(two_sources(DUAL_INDEX)))


def test_days_in_which_an_order_is_told_count_as_days_of_travel():
    later = {"fast": {"order_lead_time_days": 1, "lead_time_days": 0}}
    assert orders(told(two_sources(DUAL_INDEX, lanes=later))) == orders(told(two_sources(DUAL_INDEX)))


def test_regular_orders_under_way_are_late():
    later = {"slow": {"order_lead_time_days": 2, "lead_time_days": 1}}
    assert orders(told(two_sources(DUAL_INDEX, lanes=later))) == (
        [0.0, 10.0, 10.0, 0.0, 0.0, 0.0],
        [40.0, 0.0, 0.0, 10.0, 10.0, 10.0],
    )


def test_what_comes_at_the_same_time_is_not_late():
    """A regular lane as fast as the other: nothing is ever expedited."""
    run = told(two_sources(DUAL_INDEX, lanes={"slow": {"lead_time_days": 1}}))
    assert orders(run) == ([0.0] * 6, [40.0] + [10.0] * 5)


def test_what_waits_with_the_regular_supplier_is_late():
    """It supplies 5 a day. What it owes counts for the position, not for what arrives soon."""
    run = told(two_sources(DUAL_INDEX, stock_points={"far": {"capacity_per_day": 5.0}}))
    assert run.lane("slow", "backlog").tolist() == [35.0, 30.0, 30.0, 30.0, 30.0, 30.0]
    assert orders(run) == ([0.0, 10.0, 5.0, 5.0, 5.0, 5.0], [40.0, 0.0, 5.0, 5.0, 5.0, 5.0])


def test_what_finds_no_room_on_the_expedited_lane_is_ordered_regularly():
    run = told(two_sources(DUAL_INDEX, 3, lanes={"fast": {"capacity_per_day": 4.0}}))
    assert orders(run) == ([0.0, 4.0, 0.0], [40.0, 6.0, 10.0])


def test_lots_are_those_of_each_lane():
    """12 are expedited instead of 10 on day 1, so that 8 are missing of 60 on day 2: two times 5."""
    lanes = {"fast": {"order_multiple_units": 4.0}, "slow": {"order_multiple_units": 5.0}}
    run = told(two_sources(DUAL_INDEX, 3, lanes=lanes))
    assert orders(run) == ([0.0, 12.0, 0.0], [40.0, 0.0, 10.0])


def test_a_closed_regular_lane_leaves_all_to_the_expedited_one():
    """From day 2 on nothing is ordered regularly: what there is falls to 20, which the other lane keeps."""
    run = told(two_sources(DUAL_INDEX, 8, interventions={"ban": ban(2, covers={"lanes": ["slow"]})}))
    assert run.lane("slow", "ordered").tolist() == [40.0] + [0.0] * 7
    assert run.lane("fast", "ordered").tolist() == [0.0, 10.0, 0.0, 0.0, 0.0, 0.0, 10.0, 10.0]
    assert run.lane("slow", "refused").tolist() == [0.0, 0.0, 10.0, 20.0, 30.0, 40.0, 40.0, 40.0]


def test_a_closed_expedited_lane_leaves_all_to_the_regular_one():
    run = told(two_sources(DUAL_INDEX, 4, interventions={"ban": ban(0, covers={"lanes": ["fast"]})}))
    assert orders(run) == ([0.0] * 4, [40.0, 10.0, 10.0, 10.0])
    assert run.lane("fast", "refused").tolist() == [0.0, 10.0, 0.0, 0.0]


def fire(point, start):
    """A stock point supplies nothing for three days."""
    cover = {"covers": {"stock_points": [point]}, "recovery_days": 0}
    return {
        "fire": {"kind": "capacity_loss", "title": "Fire", "date": day(start), "duration_days": 3} | cover
    }


def test_what_an_expedited_supplier_cannot_deliver_is_ordered_regularly():
    """On day 1 the near supplier has nothing: the 10 are ordered with the far one, in time for day 4."""
    run = told(two_sources(DUAL_INDEX, interventions=fire("near", 1)))
    assert orders(run) == ([0.0] * 6, [40.0, 10.0, 10.0, 10.0, 10.0, 10.0])


def test_a_fire_at_the_regular_supplier_leaves_all_to_the_expedited_one():
    """What is ordered with the far supplier waits there; only 10 more of it are wanted a day."""
    run = told(two_sources(DUAL_INDEX, 6, interventions=fire("far", 0)))
    assert run.lane("slow", "backlog").tolist() == [40.0, 40.0, 40.0, 0.0, 0.0, 0.0]
    assert orders(run) == ([0.0, 10.0, 10.0, 10.0, 10.0, 0.0], [40.0, 0.0, 0.0, 0.0, 0.0, 10.0])


def test_both_orders_wait_for_the_review():
    run = told(two_sources(DUAL_INDEX | {"review_days": 2}))
    assert orders(run) == ([0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [40.0, 0.0, 20.0, 0.0, 20.0, 0.0])


def test_a_pause_of_the_expedited_lane_lets_later_goods_count():
    """Nothing is promised on it; what would be expedited on day 1 is received on day 3, as the 40 are."""
    strike = {"kind": "disruption", "title": "Strike", "date": day(1), "duration_days": 2}
    strike |= {"pauses": "receipts", "lanes": {"lanes": ["fast"]}}
    run = told(two_sources(DUAL_INDEX, 4, interventions={"strike": strike}))
    assert orders(run) == ([0.0, 0.0, 0.0, 0.0], [40.0, 10.0, 10.0, 10.0])


# ------------------------------------------------------------------ tailored base surge


def test_the_standing_order_is_the_base_and_the_rest_is_expedited():
    run = told(two_sources(BASE_SURGE, stock_points={"shelf": {"initial_on_hand": 20.0}}))
    assert orders(run) == ([10.0, 10.0, 6.0, 6.0, 6.0, 6.0], [4.0] * 6)
    assert run.point("shelf", "on_hand").tolist() == [10.0] * 6


def test_a_standing_order_beyond_demand_piles_up():
    run = told(two_sources(BASE_SURGE | {"standing_units": 15.0}))
    assert orders(run) == ([0.0, 10.0, 0.0, 0.0, 0.0, 0.0], [15.0] * 6)
    assert run.point("shelf", "on_hand").tolist() == [20.0, 10.0, 10.0, 15.0, 20.0, 25.0]


def test_a_standing_order_that_a_ban_refuses_is_expedited_and_not_made_up_for():
    run = told(
        two_sources(
            BASE_SURGE,
            8,
            stock_points={"shelf": {"initial_on_hand": 20.0}},
            interventions={"ban": ban(2, covers={"lanes": ["slow"]}, duration_days=3)},
        )
    )
    assert run.lane("slow", "ordered").tolist() == [4.0, 4.0, 0.0, 0.0, 0.0, 4.0, 4.0, 4.0]
    assert run.lane("slow", "refused").tolist() == [0.0, 0.0, 4.0, 4.0, 4.0, 0.0, 0.0, 0.0]
    assert run.lane("fast", "ordered").tolist() == [10.0, 10.0, 6.0, 6.0, 10.0, 10.0, 10.0, 6.0]


@pytest.mark.parametrize("policy", [DUAL_INDEX, BASE_SURGE])
def test_a_supplier_that_fails_moves_no_order_that_waits(policy):
    """Orders name their lane: nothing is taken back from one to be ordered on the other."""
    run = told(two_sources(policy, stock_points={"far": {"capacity_per_day": 1.0}}))
    assert (run.lane("slow", "cancelled") == 0.0).all()
