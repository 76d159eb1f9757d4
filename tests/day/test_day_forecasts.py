"""Stock points that forecast what will be asked of them from what they have seen, worked out by hand."""

import pytest

from tests.builders import day, factory, merged, shop, told, told_without_shock

JUMP = [10.0, 10.0, 10.0, 10.0, 15.0, 15.0, 15.0, 15.0, 15.0, 15.0]
"""Demand that nobody plans for: planned are 10 a day."""
AVERAGE = {"kind": "moving_average", "days": 4}
HOLT = {"kind": "exponential_smoothing", "level_smoothing": 0.5, "trend_smoothing": 0.5}


def learning(forecast, observations=JUMP, **changes):
    """A shop that orders up to 6 days of usage; 60 on hand."""
    shelf = {"policy": {"kind": "base_stock", "cover_days": 6.0}, "initial_on_hand": 60.0}
    data = shop(len(observations), demand={"home": {"process": "listed", "observations": observations}})
    data["stock_points"]["shelf"] |= shelf | ({} if forecast is None else {"forecast": forecast})
    return merged(data, changes)


def ordered(data, lane="parts"):
    return told(data).lane(lane, "ordered").tolist()


def test_who_knows_the_plan_orders_what_is_bought():
    assert ordered(learning(None)) == JUMP


def test_who_averages_four_days_swings_for_four_days():
    """The mean rises by 1.25 a day, the level by six times as much; after four days the level stays at 90."""
    assert ordered(learning(AVERAGE)) == [10.0] * 4 + [15.0 + 7.5] * 4 + [15.0] * 2


def test_who_smooths_closes_half_of_the_gap_every_day():
    """Levels: 60, then 6 x 12.5, 6 x 13.75, 6 x 14.375."""
    smoothing = {"kind": "exponential_smoothing", "level_smoothing": 0.5}
    assert ordered(learning(smoothing))[3:7] == [10.0, 15.0 + 15.0, 15.0 + 7.5, 15.0 + 3.75]


def test_a_trend_is_carried_on_over_the_days_of_cover():
    """6 x 12.5 + 15 x 1.25 = 93.75, then 6 x 14.375 + 15 x 1.5625 = 109.6875."""
    assert ordered(learning(HOLT))[3:6] == [10.0, 15.0 + 33.75, 15.0 + 15.9375]


WEEK = [4.0, 16.0, 10.0, 6.0, 14.0]
SEASON = {"kind": "holt_winters", "level_smoothing": 0.0, "season_smoothing": 1.0, "season_days": 5}


def test_who_has_learned_the_season_orders_what_will_be_asked_when_it_arrives():
    """Of a mean of 10 that does not move, each day of the first week tells all; 6 days of cover ahead."""
    assert ordered(learning(SEASON, WEEK * 4))[10:] == (WEEK[1:] + WEEK[:1]) * 2


def test_a_season_is_learned_by_its_weight():
    """On day 0 and on day 3, 4 and then 7 beyond the level: 1 and 2.5 for the days that recur in the cover.

    The 6 days after a day hold each day of the season twice.
    """
    half = SEASON | {"season_smoothing": 0.25, "season_days": 3}
    assert ordered(learning(half, [14.0, 10.0, 10.0, 17.0, 10.0])) == [16.0, 10.0, 10.0, 20.0, 10.0]


def test_of_half_a_day_of_cover_the_season_adds_half():
    """After the first day 4 units are expected beyond 10 on each day 0, of which day 5 is one half in."""
    data = learning(SEASON, [14.0, 10.0])
    data["stock_points"]["shelf"] |= {"initial_on_hand": 45.0}
    data["stock_points"]["shelf"]["policy"]["cover_days"] = 4.5
    assert ordered(data) == [16.0, 12.0]


def test_level_and_trend_follow_what_is_beyond_the_season():
    """Level 12, then (20 + 12 + 1) / 2 = 16.5 with a trend of (4.5 + 1) / 2; seasons of 2 and of 3.5."""
    whole = HOLT | {"kind": "holt_winters", "season_smoothing": 1.0, "season_days": 2}
    levels = [6 * 12.0 + 15 * 1.0 + 3 * 2.0, 6 * 16.5 + 15 * 2.75 + 3 * 2.0 + 3 * 3.5]
    expected = [levels[0] - (60.0 - 14.0), levels[1] - (levels[0] - 20.0)]
    assert ordered(learning(whole, [14.0, 20.0])) == expected


def test_who_waits_is_not_asked_for_again():
    waiting = {
        "stock_points": {"shelf": {"initial_on_hand": 0.0}},
        "demand": {"home": {"initial_backorders": 20.0}},
    }
    assert ordered(learning(AVERAGE, [10.0] * 3, **waiting)) == [90.0, 10.0, 10.0]


def test_before_the_first_day_it_has_seen_what_is_planned():
    """The mean of four days loses a quarter of 10 with each day on which nothing is bought."""
    assert ordered(learning(AVERAGE, [0.0] * 5)) == [0.0] * 5
    assert ordered(learning(AVERAGE, [0.0, 50.0]))[1] == 6.0 * 17.5 - (60.0 - 50.0)


def test_both_levels_of_a_policy_with_a_reorder_level_follow():
    """On day 4 the mean is 11.25. (s, S): 55 are left of 70 - 15 <= 67.5 at s = 6 days, S = 7 days."""
    policy = {"kind": "s_S", "reorder_cover_days": 6.0, "cover_days": 7.0}
    data = learning(AVERAGE, stock_points={"shelf": {"initial_on_hand": 70.0}})
    data["stock_points"]["shelf"]["policy"] = policy
    assert ordered(data)[:5] == [10.0, 10.0, 10.0, 10.0, 7.0 * 11.25 - 55.0]
    data["stock_points"]["shelf"]["policy"] = {
        "kind": "r_Q", "reorder_cover_days": 6.0, "batch_units": 5.0,
    }  # fmt: skip
    assert ordered(data)[:5] == [5.0, 10.0, 10.0, 10.0, 20.0]


def test_a_campaign_raises_the_levels_that_follow_a_forecast():
    more = {"kind": "stockpiling", "title": "More", "date": day(1), "shock": True, "covers": {}}
    data = learning(AVERAGE, [10.0] * 4, interventions={"more": more | {"target_factor": 1.5}})
    assert ordered(data) == [10.0, 40.0, 10.0, 10.0]
    assert told_without_shock(data).lane("parts", "ordered").tolist() == [10.0] * 4
    data["interventions"]["more"] = more | {"extra_cover_days": 2.0}
    assert ordered(data) == [10.0, 30.0, 10.0, 10.0]


def test_a_shock_that_nobody_foresees_is_learned_in_the_scenario_only():
    data = learning(AVERAGE, [10.0] * 8)
    shift = {"kind": "demand_shift", "title": "Boom", "date": day(2), "shock": True, "covers": {}}
    data["interventions"] = {"boom": shift | {"factor": 1.5}}
    assert ordered(data) == [10.0] * 2 + [22.5] * 4 + [15.0] * 2
    assert told_without_shock(data).lane("parts", "ordered").tolist() == [10.0] * 8


@pytest.mark.parametrize("late", [0, 2])
def test_a_supplier_sees_the_orders_that_reach_it(late):
    """The depot covers 2 days of a mean of 2 days; the shelf orders 10 a day, from day 4 on 15."""
    data = learning(
        None,
        stock_points={
            "depot": {
                "firm": "supplier",
                "item": "part",
                "policy": {"kind": "base_stock", "cover_days": 2.0},
                "forecast": {"kind": "moving_average", "days": 2},
                "initial_on_hand": 20.0,
            }
        },
        lanes={
            "parts": {"supplier": "depot", "order_lead_time_days": late},
            "inbound": {"supplier": "source", "buyer": "depot"},
        },
    )
    swing = [10.0] * 4 + [20.0, 20.0] + [15.0] * 4
    if late:
        swing = [0.0, 0.0, 0.0, 20.0, 10.0, 10.0, 20.0, 20.0, 15.0, 15.0]
    assert ordered(data, "inbound") == swing


def test_parts_are_forecast_from_what_production_is_ordered():
    """2 parts for each unit that is started, of which half comes out good: 40 parts for 10 goods."""
    data = factory(
        8,
        stock_points={"goods": {"initial_on_hand": 30.0}},
        recipes={"assembly": {"yield_share": 0.5}},
        demand={"home": {"process": "listed", "observations": JUMP[2:]}},
    )
    data["stock_points"]["parts"] |= {
        "policy": {"kind": "base_stock", "cover_days": 5.0},
        "forecast": {"kind": "moving_average", "days": 1},
    }
    assert ordered(data)[1:4] == [40.0, 60.0 + 5.0 * 20.0, 60.0]


def test_on_days_without_a_review_it_sees_all_the_same():
    data = learning(AVERAGE)
    data["stock_points"]["shelf"]["policy"]["review_days"] = 3
    assert ordered(data)[3:7] == [30.0, 0.0, 0.0, 45.0 + 6.0 * 3.75]
