"""Numbers that change with time and stock that is lost, with numbers worked out by hand."""

import pytest

from sim.risk.tables import cause_labels
from tests.builders import ban, day, factory, merged, shop, told, told_without_shock, twins_of
from tests.builders import measured as measures_of


def change(start=2, **fields):
    return {"kind": "change", "title": "Change", "date": day(start), "shock": True} | fields


def shop_with(days=8, *, interventions, **changes):
    """A shop that orders 10 a day, from a stock of 100 and with goods under way for 3 days."""
    return told(shop(days, interventions=interventions, **changes))


# ---------------------------------------------------------------------- lanes


def test_goods_that_leave_after_the_change_take_the_new_lead_time():
    longer = change(2, number="lead_time_days", lanes={}, to=5)
    run = shop_with(9, interventions={"longer": longer})
    assert run.lane("parts", "arrival_day").tolist() == [3, 4, 7, 8, 9, 10, 11, 12, 13]
    assert run.lane("parts", "delivered").tolist() == [0, 0, 0, 10, 10, 0, 0, 10, 10]


def test_a_lead_time_climbs_over_its_ramp_and_is_rounded():
    longer = change(2, number="lead_time_days", lanes={}, factor=3.0, ramp_days=4)
    run = shop_with(9, interventions={"longer": longer})
    days = run.lane("parts", "arrival_day") - range(9)
    assert days.tolist() == [3, 3, 3, 4, 6, 8, 9, 9, 9]  # 3 x (1, 1.5, 2, 2.5, 3), halves to even days


def test_a_shorter_lead_time_overtakes_nothing_unless_orders_may_cross():
    shorter = change(2, number="lead_time_days", lanes={}, to=0)
    run = shop_with(5, interventions={"shorter": shorter})
    assert run.lane("parts", "arrival_day").tolist() == [3, 4, 4, 4, 4]
    crossing = shop_with(5, interventions={"shorter": shorter}, lanes={"parts": {"order_crossing": True}})
    assert crossing.lane("parts", "arrival_day").tolist() == [3, 4, 2, 3, 4]


def test_a_lead_time_never_falls_below_0():
    faster = change(2, number="lead_time_days", lanes={}, add=-10.0)
    run = shop_with(5, interventions={"faster": faster}, lanes={"parts": {"order_crossing": True}})
    assert run.lane("parts", "arrival_day").tolist() == [3, 4, 2, 3, 4]


def test_a_lead_time_returns_over_the_recovery():
    longer = change(1, number="lead_time_days", lanes={}, add=4.0, duration_days=2, recovery_days=2)
    run = shop_with(7, interventions={"longer": longer}, lanes={"parts": {"order_crossing": True}})
    days = run.lane("parts", "arrival_day") - range(7)
    assert days.tolist() == [3, 7, 7, 7, 5, 3, 3]


def test_a_lane_carries_what_its_capacity_has_become():
    narrow = change(2, number="capacity_per_day", lanes={}, to=4.0, end=day(5))
    run = shop_with(8, interventions={"narrow": narrow})
    assert run.lane("parts", "shipped").tolist() == [10, 10, 4, 4, 4, 28, 10, 10]


def test_capacity_as_a_share_of_usage_changes():
    narrow = change(2, number="capacity_share_of_usage", lanes={}, factor=0.25)
    run = shop_with(5, interventions={"narrow": narrow}, lanes={"parts": {"capacity_share_of_usage": 2.0}})
    assert run.lane("parts", "shipped").tolist() == [10, 10, 5, 5, 5]


def test_orders_follow_shares_of_the_day():
    more = {"supplier": "source", "buyer": "shelf", "lead_time_days": 3, "share": 1.0}
    shift = change(2, number="share", lanes={"lanes": ["more"]}, to=0.25)
    run = shop_with(4, interventions={"shift": shift}, lanes={"more": more})
    assert run.lane("more", "ordered").tolist() == [5, 5, 2, 2]
    assert run.lane("parts", "ordered").tolist() == [5, 5, 8, 8]


def test_subsidiaries_that_grow_let_more_through_a_ban():
    grow = change(3, number="subsidiary_share", lanes={}, to=1.0, ramp_days=4, shock=False)
    run = shop_with(9, interventions={"ban": ban(2), "grow": grow})
    assert run.open_share("parts").tolist() == [1, 1, 0, 0, 0.25, 0.5, 0.75, 1, 1]


def test_prices_of_lanes_and_streams_change_before_factors():
    entries = {
        "dearer": change(2, number="price", lanes={}, streams={}, add=1.0),
        "double": {"kind": "price_change", "title": "Double", "date": day(3), "lanes": {}, "factor": 2.0},
    }
    schedule = shop_with(5, interventions=entries).path.schedule
    assert schedule.lane_price[0].tolist() == [1, 1, 2, 4, 4]
    assert schedule.unit_price[0].tolist() == [2, 2, 3, 3, 3]


# ---------------------------------------------------------------------- points, recipes and firms


def test_capacity_grows_for_years():
    """From 4 a day to 20 a day over 4 years of 365 days: 4 more with each of them."""
    grows = change(
        0, number="capacity_per_day", stock_points={"stock_points": ["source"]}, to=20.0, ramp_days=1460
    )
    data = shop(1500, interventions={"grows": grows}, stock_points={"source": {"capacity_per_day": 4.0}})
    capacity = told(data).path.schedule.capacity[0]
    assert capacity[[0, 365, 730, 1095, 1460, 1499]].tolist() == [4, 8, 12, 16, 20, 20]


def test_changes_of_one_number_are_set_then_added_then_multiplied():
    points = {"stock_points": ["source"]}
    entries = {
        "half": change(1, number="capacity_per_day", stock_points=points, factor=0.5),
        "more": change(2, number="capacity_per_day", stock_points=points, add=6.0),
        "set": change(3, number="capacity_per_day", stock_points=points, to=30.0),
        "lost": {
            "kind": "capacity_loss",
            "title": "Lost",
            "date": day(4),
            "covers": points,
            "lost_share": 0.5,
        },
        "far-less": change(5, number="capacity_per_day", stock_points=points, add=-100.0),
    }
    data = shop(6, interventions=entries, stock_points={"source": {"capacity_per_day": 20.0}})
    assert told(data).path.schedule.capacity[0].tolist() == [20, 10, 13, 18, 9, 0]


def test_no_limit_becomes_one_at_the_end_of_the_ramp():
    limit = change(1, number="capacity_per_day", lanes={}, to=3.0, ramp_days=2)
    run = shop_with(5, interventions={"limit": limit})
    assert run.lane("parts", "shipped").tolist() == [10, 10, 10, 3, 3]


def test_a_recipe_draws_what_it_needs_today():
    thrift = change(2, number="inputs", recipes=["assembly"], factor=0.5, ramp_days=2)
    run = told(factory(6, interventions={"thrift": thrift}))
    assert run.point("parts", "consumed").tolist() == [20, 20, 20, 15, 10, 10]


def test_less_comes_out_good_and_more_is_started_to_make_up_for_it():
    scrap = change(2, number="yield_share", recipes=["assembly"], to=0.5)
    run = told(factory(6, interventions={"scrap": scrap}))
    assert run.point("goods", "started").tolist() == [10, 10, 10, 15, 17.5, 18.75]
    assert run.point("goods", "produced").tolist() == [10, 10, 5, 7.5, 8.75, 9.375]


def qualifying(**engineers):
    return {
        "firms": {"maker": {"engineers": 10.0}},
        "substitutes": {
            "late": {
                "supplier": "source", "buyer": "shelf", "trigger": {"date": day(0)}, "lead_time_days": 1,
                "qualification_lag_days": 5, "engineer_days": 50.0, "ramp_days": 4,
            }
        },
    }  # fmt: skip


def test_a_firm_that_stops_recruiting_qualifies_more_slowly():
    assert shop_with(12, interventions={}, **qualifying()).qualified("late") == 5
    fewer = change(3, number="engineers", firms=["maker"], to=5.0)
    assert shop_with(12, interventions={"fewer": fewer}, **qualifying()).qualified("late") == 8


@pytest.mark.parametrize(("once", "qualified"), [("qualified", 8), ("ramped", 12)])
def test_a_second_wave_follows_the_first(once, qualified):
    """The first is qualified on day 5 and at the end of its ramp on day 9; the second starts a day later."""
    second = {
        "supplier": "source", "buyer": "shelf", "lead_time_days": 1, "qualification_lag_days": 2,
        "trigger": {"after_substitute": "late", "once": once},
    }  # fmt: skip
    changes = merged(qualifying(), {"substitutes": {"second": second}})
    assert shop_with(20, interventions={}, **changes).qualified("second") == qualified


# ---------------------------------------------------------------------- stock that is lost


def loss(start=4, **fields):
    return {"kind": "stock_loss", "title": "Fire", "date": day(start), "shock": True} | fields


def test_a_fire_takes_stock_on_hand_and_it_is_ordered_again():
    fire = loss(4, stock_points={"stock_points": ["shelf"]}, on_hand_share=0.5)
    run = shop_with(8, interventions={"fire": fire})
    assert run.point("shelf", "written_off").tolist() == [0, 0, 0, 0, 35, 0, 0, 0]
    assert run.point("shelf", "on_hand").tolist() == [90, 80, 70, 70, 35, 35, 35, 70]
    assert run.point("shelf", "ordered").tolist() == [10, 10, 10, 10, 45, 10, 10, 10]


def test_a_seizure_takes_what_is_under_way_but_not_what_arrives_today():
    seizure = loss(4, lanes={}, in_transit_share=0.5)
    run = shop_with(8, interventions={"seizure": seizure})
    assert run.lane("parts", "written_off").tolist() == [
        0,
        0,
        0,
        0,
        10,
        0,
        0,
        0,
    ]  # of those due on days 5 and 6
    assert run.lane("parts", "delivered").tolist() == [0, 0, 0, 10, 10, 5, 5, 20]


def test_a_fire_takes_work_in_process_but_not_what_is_finished_today():
    fire = loss(4, stock_points={"stock_points": ["goods"]}, work_in_process_share=0.5)
    data = factory(8, recipes={"assembly": {"process_days": 3}}, interventions={"fire": fire})
    data["stock_points"]["goods"] |= {
        "initial_on_hand": 60.0,
        "policy": {"kind": "base_stock", "units": 60.0},
    }
    run = told(data)
    assert run.point("goods", "work_written_off").tolist() == [0, 0, 0, 0, 10, 0, 0, 0]
    assert run.point("goods", "produced").tolist() == [0, 0, 0, 10, 10, 5, 5, 20]


def test_two_losses_of_a_day_take_one_after_the_other():
    fires = {
        name: loss(4, stock_points={"stock_points": ["shelf"]}, on_hand_share=0.5) for name in ("one", "two")
    }
    assert shop_with(6, interventions=fires).point("shelf", "written_off").tolist() == [0, 0, 0, 0, 52.5, 0]


def test_what_is_set_aside_is_lost_too():
    strike = {"kind": "disruption", "title": "Strike", "date": day(2), "end": day(6), "pauses": "shipments"}
    entries = {"strike": strike | {"lanes": {}}, "fire": loss(5, lanes={}, in_transit_share=0.5)}
    run = shop_with(8, interventions=entries)
    assert run.lane("parts", "set_aside").tolist() == [
        0,
        0,
        10,
        20,
        30,
        40,
        0,
        0,
    ]  # 15 + 25
    assert run.lane("parts", "written_off").tolist() == [0, 0, 0, 0, 0, 15, 0, 0]


# ---------------------------------------------------------------------- who is to blame


def blamed(data):
    """Loss by component, supplier and intervention of each cause."""
    twins = twins_of(merged(data, {"demand": {"home": {"patience_days": 0}}}))
    attribution = measures_of(twins).outcome.attribution[0]
    labels = cause_labels(twins.plan)
    return {label: pytest.approx(loss) for label, loss in zip(labels, attribution, strict=True) if loss}


def test_a_lost_stock_blames_itself():
    """Nothing comes before day 3, so that nothing is sold on two days: 10 a day at 2."""
    fire = loss(1, stock_points={"stock_points": ["shelf"]}, on_hand_share=1.0)
    assert blamed(shop(12, interventions={"fire": fire})) == {("part", "", "fire"): 40.0}


def test_a_longer_lead_time_blames_the_lane():
    longer = change(2, number="lead_time_days", lanes={}, to=20)
    assert blamed(shop(25, interventions={"longer": longer})) == {("part", "supplier", "longer"): 200.0}


def test_a_recipe_that_draws_more_blames_the_input_that_falls_short():
    more = change(2, number="inputs", recipes=["assembly"], factor=10.0)
    goods = {"policy": {"units": 10.0}, "initial_on_hand": 10.0}
    data = factory(12, stock_points={"goods": goods}, interventions={"more": more})
    assert set(blamed(data)) == {("part", "", "more")}


def test_a_lower_yield_blames_the_maker():
    scrap = change(2, number="yield_share", recipes=["assembly"], to=0.1)
    data = factory(12, interventions={"scrap": scrap}, stock_points={"parts": {"initial_on_hand": 2000.0}})
    assert set(blamed(data)) == {("product", "", "scrap")}


def test_what_is_no_part_of_the_shock_happens_in_both_twins():
    fire = loss(4, stock_points={"stock_points": ["shelf"]}, on_hand_share=0.5, shock=False)
    longer = change(2, number="lead_time_days", lanes={}, to=20, shock=False)
    data = shop(12, interventions={"fire": fire, "longer": longer, "ban": ban(8)})
    usual = told_without_shock(data)
    assert usual.point("shelf", "written_off")[4] == 35.0
    assert usual.lane("parts", "arrival_day")[2] == 22.0
