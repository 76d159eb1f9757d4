"""Substitutes, stockpiling and what else firms and markets do, with numbers worked out by hand."""

import pytest

from tests.builders import ban, day, merged, shop, told, told_without_shock


def with_substitute(days=30, **changes):
    """Banned on day 5, qualified 4 days later, up to 10 a day after a linear ramp of 10 days."""
    substitute = {
        "supplier": "late-source",
        "buyer": "shelf",
        "trigger": {"intervention": "ban"},
        "qualification_lag_days": 4,
        "ramp_days": 10,
    }
    return shop(
        days,
        firms={"friend": {"name": "Friend", "country": "TW"}},
        stock_points={"late-source": {"firm": "friend", "item": "part"}},
        substitutes={"late": merged(substitute, changes)},
        interventions={"ban": ban(5)},
    )


def test_a_substitute_is_qualified_a_lag_after_its_trigger():
    assert told(with_substitute()).qualified("late") == 9


def test_a_substitute_without_lag_is_qualified_at_once():
    assert told(with_substitute(qualification_lag_days=0)).qualified("late") == 5


def test_a_fraction_of_a_day_takes_the_whole_day():
    assert told(with_substitute(qualification_lag_days=3.5)).qualified("late") == 9


def test_a_linear_ramp_climbs_to_planned_usage_in_equal_steps_and_then_takes_what_is_missing():
    ordered = told(with_substitute(20)).lane("late", "ordered")
    assert ordered.tolist() == pytest.approx([0.0] * 10 + [1, 2, 3, 4, 5, 6, 7, 8, 9, 150 - 45])


def test_a_logistic_ramp_is_half_way_after_half_its_days():
    ordered = told(with_substitute(20, ramp="logistic")).lane("late", "ordered")
    assert ordered[14] == pytest.approx(5.0)
    assert ordered[11] < 2.0
    assert ordered[17] > 8.0


def test_a_ramp_leads_to_the_capacity_if_there_is_one():
    ordered = told(with_substitute(25, capacity_per_day=4.0)).lane("late", "ordered")
    assert ordered[14] == pytest.approx(2.0)
    assert ordered[19:].tolist() == pytest.approx([4.0] * 6)


def test_a_substitute_is_not_used_before_its_trigger():
    data = with_substitute()
    data["interventions"] = {"ban": ban(5, probability={"dist": "uniform", "low": 0.0, "high": 1e-12})}
    assert told(data).lane("late", "ordered").sum() == 0.0


def test_the_counterfactual_has_no_substitute_that_the_shock_triggers():
    assert told_without_shock(with_substitute()).lane("late", "ordered").sum() == 0.0


def test_a_date_triggers():
    data = with_substitute(12)
    data["substitutes"]["late"]["trigger"] = {"date": day(2)}
    assert told(data).qualified("late") == 6


def test_low_cover_triggers():
    data = with_substitute(20)
    data["interventions"] = {"ban": ban(0)}
    data["substitutes"]["late"]["trigger"] = {"cover_below_days": 5}
    assert told(data).qualified("late") == 10  # 40 on hand, 4 days of cover, on the morning of day 6


def test_a_substitute_may_take_more_units():
    run = told(with_substitute(20, units_per_original=2.0, ramp_days=0))
    assert run.lane("late", "shipped")[10] == 10.0
    assert run.point("late-source", "shipped")[10] == 20.0


def test_a_substitute_can_be_cut_off_later():
    data = with_substitute(20, ramp_days=0)
    data["interventions"]["second"] = ban(12, jurisdiction="TW")
    ordered = told(data).lane("late", "ordered")
    assert ordered[9:12].min() == 10.0
    assert ordered[12:].max() == 0.0


def two_substitutes(engineers):
    data = with_substitute(30, engineer_days=40.0)
    data["firms"]["maker"]["engineers"] = engineers
    data["stock_points"]["other-source"] = {"firm": "friend", "item": "part"}
    data["substitutes"]["other"] = data["substitutes"]["late"] | {"supplier": "other-source"}
    run = told(data)
    return run.qualified("late"), run.qualified("other")


def test_enough_engineers_qualify_two_substitutes_at_full_pace():
    assert two_substitutes(20.0) == (9, 9)  # each needs 40 / 4 = 10 engineers


def test_half_the_engineers_take_twice_as_long():
    assert two_substitutes(10.0) == (13, 13)


def test_without_engineers_nothing_is_qualified():
    assert min(two_substitutes(0.0)) > 30


def test_price_and_performance_penalties():
    run = told(with_substitute(20, price=2.0, price_penalty=0.25, performance_penalty=0.1))
    lane = run.plan.labels.lanes.index("late")
    assert run.path.schedule.lane_price[lane].tolist() == [2.5] * 20
    assert run.point("shelf", "penalty")[9] == 0.0
    assert 0.0 < run.point("shelf", "penalty")[19] < 0.1


def test_a_penalty_is_the_average_over_the_stock():
    data = with_substitute(7, performance_penalty=0.2, qualification_lag_days=0, ramp_days=0)
    run = told(data)
    # Day 5: 70 on hand, 10 arrive from the old lane, then 10 from the substitute with the penalty.
    assert run.point("shelf", "penalty")[5] == pytest.approx(0.2 * 10 / 90)


# ---------------------------------------------------------------------- campaigns, demand, prices


def one(kind, start=5, **fields):
    """A single intervention of the shock."""
    entry = {"kind": kind, "title": "An intervention", "date": day(start), "shock": True}
    return {"it": entry | fields}


MAKER = {"firms": ["maker"]}


def test_a_campaign_buys_its_extra_days_of_cover():
    entry = one("stockpiling", covers=MAKER, extra_cover_days=10)
    ordered = told(shop(8, interventions=entry)).point("shelf", "ordered")
    assert ordered.tolist() == [10.0] * 5 + [110.0, 10.0, 10.0]


def test_a_campaign_climbs_over_its_ramp():
    entry = one("stockpiling", covers=MAKER, extra_cover_days=10, ramp_days=4)
    up_to = told(shop(12, interventions=entry)).path.schedule.up_to[1]
    assert up_to.tolist() == [100.0] * 6 + [125.0, 150.0, 175.0] + [200.0] * 3


def test_after_a_campaign_the_stock_runs_down():
    entry = one("stockpiling", covers=MAKER, extra_cover_days=3, duration_days=2)
    ordered = told(shop(12, interventions=entry)).point("shelf", "ordered")
    assert ordered.tolist() == [10.0] * 5 + [40.0, 10.0, 0.0, 0.0, 0.0, 10.0, 10.0]


def test_a_campaign_may_multiply_the_target():
    entry = one("stockpiling", covers=MAKER, target_factor=1.5)
    assert told(shop(6, interventions=entry)).point("shelf", "ordered")[5] == 60.0


def test_twins_that_differ_from_the_first_day_start_at_their_own_targets():
    data = shop(6, interventions=one("stockpiling", start=0, covers=MAKER, target_factor=2.0))
    del data["stock_points"]["shelf"]["initial_on_hand"]
    assert told(data).point("shelf", "on_hand")[0] == 190.0
    assert told_without_shock(data).point("shelf", "on_hand")[0] == 90.0


def test_a_multiplied_cover_target_looks_as_far_ahead_as_it_must():
    cover = {"shelf": {"policy": {"units": 0.0, "cover_days": 10}}}
    entry = one("stockpiling", covers=MAKER, target_factor=3.0)
    up_to = told(shop(8, stock_points=cover, interventions=entry)).path.schedule.up_to[1]
    assert up_to.tolist() == [100.0] * 5 + [300.0] * 3


def test_a_campaign_raises_the_reorder_point_too():
    data = shop(8, interventions=one("stockpiling", covers=MAKER, extra_cover_days=2))
    data["stock_points"]["shelf"]["policy"] = {"kind": "r_Q", "reorder_units": 5.0, "batch_units": 50.0}
    assert told(data).path.schedule.reorder_at[1].tolist() == [5.0] * 5 + [25.0] * 3


def test_a_closed_market_buys_nothing():
    run = told(shop(8, interventions=one("market_closure", covers={})))
    assert run.stream("home", "shipped").tolist() == [10.0] * 5 + [0.0] * 3


def test_targets_follow_the_plan_not_the_fallen_demand():
    cover = {"shelf": {"policy": {"units": 0.0, "cover_days": 10}}}
    run = told(shop(8, stock_points=cover, interventions=one("market_closure", covers={})))
    assert run.path.schedule.up_to[1].tolist() == [100.0] * 8


def test_a_procurement_ban_bars_a_share_of_demand():
    entry = one("procurement_ban", covers={"buyer": "private"}, demand_share=0.3)
    assert told(shop(8, interventions=entry)).stream("home", "demand").tolist() == [10.0] * 5 + [7.0] * 3


def test_a_procurement_ban_may_come_in_steps():
    entry = one("procurement_ban", covers={}, demand_share=0.4, ramp_days=4)
    demand = told(shop(11, interventions=entry)).stream("home", "demand")
    assert demand.tolist() == pytest.approx([10.0] * 5 + [10, 9, 8, 7, 6, 6])


def test_demand_shifts_for_a_time():
    entry = one("demand_shift", covers={}, factor=1.5, duration_days=2)
    assert told(shop(8, interventions=entry)).stream("home", "demand").tolist() == [10] * 5 + [15, 15, 10]


def test_shifts_at_the_same_time_multiply():
    entries = {
        "one": one("demand_shift", covers={}, factor=1.5)["it"],
        "other": one("procurement_ban", start=6, covers={}, demand_share=0.2)["it"],
    }
    demand = told(shop(7, interventions=entries)).stream("home", "demand")
    assert demand.tolist() == pytest.approx([10.0] * 5 + [15.0, 12.0])


def test_prices_change_for_customers_and_on_lanes():
    entry = one("price_change", lanes={}, streams={}, factor=1.5)
    schedule = told(shop(7, interventions=entry)).path.schedule
    assert schedule.unit_price.tolist() == [[2.0] * 5 + [3.0] * 2]
    assert schedule.lane_price.tolist() == [[1.0] * 5 + [1.5] * 2]


def lost(**fields):
    source = {"source": {"capacity_per_day": 20.0}}
    entry = one("capacity_loss", covers={"firms": ["supplier"]}, **fields)
    run = told(shop(16, stock_points=source, interventions=entry))
    return run.path.schedule.capacity[0].tolist()


def test_lost_capacity_is_gone_for_the_duration():
    assert lost(lost_share=0.4, duration_days=3) == [20.0] * 5 + [12.0] * 3 + [20.0] * 8


def test_lost_capacity_comes_back_in_steps():
    capacity = lost(lost_share=0.4, duration_days=3, recovery_days=4)
    assert capacity == pytest.approx([20.0] * 5 + [12.0] * 3 + [12.0, 14.0, 16.0, 18.0] + [20.0] * 4)


def test_two_losses_multiply():
    entries = {
        name: one("capacity_loss", covers={"firms": ["supplier"]}, lost_share=0.5)["it"]
        for name in ("a", "b")
    }
    source = {"source": {"capacity_per_day": 20.0}}
    assert told(shop(6, stock_points=source, interventions=entries)).path.schedule.capacity[0, 5] == 5.0


def test_of_an_unlimited_capacity_a_share_of_planned_usage_is_left():
    entry = one("capacity_loss", covers={"firms": ["supplier"]}, lost_share=0.3)
    assert told(shop(6, interventions=entry)).path.schedule.capacity[0, 5] == pytest.approx(7.0)
