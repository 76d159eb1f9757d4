"""Both engines give the same states and flows, to the last bit, on every day of random networks."""

import pytest
from hypothesis import given, settings

from sim.model.compile import compile_plan
from sim.model.plan import NEVER
from sim.scenario.fields import MAX_DAYS
from sim.scenario.schema import Scenario
from tests.builders import ban, compiled, day, factory, shop, told
from tests.day.test_day_recipes import recorders
from tests.differential.compare import assert_same_measures, assert_same_states, readable
from tests.strategies import scenario_data


@settings(max_examples=100)
@given(scenario_data())
def test_random_networks(data):
    assert_same_states(compile_plan(Scenario.model_validate(data)))


@settings(max_examples=50)
@given(scenario_data())
def test_more_random_networks(data):
    assert_same_states(compile_plan(Scenario.model_validate(data)))


@pytest.mark.slow
@settings(max_examples=5000)
@given(scenario_data())
def test_thousands_of_random_networks(data):
    assert_same_states(compile_plan(Scenario.model_validate(data)))


@pytest.mark.slow
@settings(max_examples=5000)
@given(scenario_data())
def test_thousands_more_random_networks(data):
    assert_same_states(compile_plan(Scenario.model_validate(data)))


@pytest.mark.parametrize("pauses", [None, "orders", "receipts"])
@pytest.mark.parametrize("process_days", [0, 3])
def test_one_recipe_stands_in_for_another(process_days, pauses):
    """The first has an input that runs out and a few days later comes back, and now and then it pauses."""
    data = recorders(
        60,
        recipes={
            "assembly": {"process_days": process_days, "yield_share": 0.8},
            "plain": {"process_days": process_days, "yield_share": 0.7, "capacity_per_day": 9.0},
        },
        interventions={"ban": {"end": day(20)}},
    )
    if pauses:
        data["interventions"]["strike"] = {
            "kind": "disruption", "title": "Strike", "date": day(2), "pauses": pauses,
            "stock_points": {"recipes": ["assembly"]},
            "markov": {"mean_days_to_failure": 4, "mean_days_to_recover": 3},
        }  # fmt: skip
    assert_same_states(compiled(data))


def test_twins_that_differ_from_the_first_day():
    assert_same_states(compiled(factory(30, interventions={"ban": ban(0)})))


def test_a_lane_filled_in_two_rounds_takes_its_room_and_no_rounding_more():
    capacity = {"a": 6.99999999999998e-06, "b": 8.812740478911284e-06, "c": 0.00046938912965909077}
    share = {"a": 0.5, "b": 0.2589142373123606, "c": 0.013}
    sources = {f"source-{name}": {"firm": "supplier", "item": "part"} for name in share}
    shelf = {"policy": {"units": 0.008253329825555234}, "initial_on_hand": 0.0, "sourcing": "share"}
    lane = {"buyer": "shelf", "lead_time_days": 3, "price": 1.0}
    lanes = {
        name: {**lane, "supplier": f"source-{name}", "share": share[name], "capacity_per_day": capacity[name]}
        for name in share
    }
    changes = {
        "stock_points": {**sources, "shelf": shelf},
        "lanes": {"parts": {"capacity_per_day": 0.0, "share": 0.0}, **lanes},
        "demand": {"home": {"mean_per_day": 0.0}},
    }
    assert_same_states(compiled(shop(5, **changes)))


def test_an_order_of_whole_lots_is_not_rounded_up():
    changes = {
        "stock_points": {"shelf": {"policy": {"units": 2.1}, "initial_on_hand": 0.0}},
        "lanes": {"parts": {"order_multiple_units": 0.3}},
        "demand": {"home": {"mean_per_day": 0.0}},
    }
    assert_same_states(compiled(shop(5, **changes)))


def test_more_lots_than_a_whole_number_of_the_machine_holds():
    """A rate that doubles every year, looked at over 77 years of cover."""
    changes = {
        "stock_points": {"shelf": {"policy": {"units": 0.0, "cover_days": 28_000.0}}},
        "lanes": {"parts": {"order_multiple_units": 15.0}},
        "demand": {"home": {"growth_per_year": 1.0}},
    }
    assert_same_states(compiled(shop(5, **changes)))


def test_more_batches_than_a_whole_number_of_the_machine_holds():
    policy = {"kind": "r_Q", "reorder_cover_days": 28_000.0, "batch_units": 1e-3}
    changes = {"demand": {"home": {"growth_per_year": 1.0}}}
    data = shop(5, **changes)
    data["stock_points"]["shelf"]["policy"] = policy
    assert_same_states(compiled(data))


def test_what_the_shock_ends_early_goes_on_in_the_counterfactual():
    flood = {"kind": "capacity_loss", "title": "Flood", "date": day(3), "duration_days": 15}
    flood = {**flood, "covers": {"firms": ["supplier"]}}
    dam = {"kind": "lifting", "title": "Dam", "date": day(6), "lifts": ["flood"], "shock": True}
    assert_same_states(compiled(shop(30, interventions={"flood": flood, "dam": dam})))


def test_of_two_bans_the_stricter_counts_whichever_comes_first():
    licence = {"kind": "licence", "title": "Licence", "date": day(5), "covers": {}, "volume_share": 0.5}
    licence = {**licence, "relieves": ["lenient"]}
    bans = {"strict": ban(5), "lenient": ban(5, shock=False), "licence": licence}
    assert_same_states(compiled(shop(30, interventions=bans)))


def test_what_a_licence_allowed_and_nobody_ordered_is_gone_once_the_lane_is_open():
    licence = {"kind": "licence", "title": "Licence", "covers": {}, "volume_share": 0.5}
    entries = {
        "first": ban(2, end=day(9)),
        "second": ban(20, end=day(30), shock=False),
        "one": {**licence, "relieves": ["first"], "date": day(2), "end": day(9)},
        "two": {**licence, "relieves": ["second"], "date": day(20), "end": day(30)},
    }
    shelf = {"initial_on_hand": 180.0, "policy": {"units": 50.0}}
    data = shop(40, stock_points={"shelf": shelf}, interventions=entries)
    assert_same_states(compiled(data))
    ordered = told(data).lane("parts", "ordered")
    assert ordered[2:9].tolist() == [0.0] * 7
    assert ordered[20:30].tolist() == [5.0] * 10


def test_a_share_of_0_counts_for_nothing_where_the_only_lane_is_ranked():
    data = shop(
        60,
        stock_points={"shelf": {"sourcing": "rank"}},
        lanes={"parts": {"share": 0.0}},
        demand={"home": {"patience_days": 0}},
        interventions={"ban": ban(20, duration_days=15)},
    )
    assert_same_states(compiled(data))
    sold = told(data).stream("home", "shipped")
    assert sold[:20].tolist() == [10.0] * 20
    assert sold.sum() < 600.0


@pytest.mark.parametrize("priority", [-1, 0, -(2**63), 10**30])
def test_a_priority_is_any_whole_number(priority):
    changes = {
        "stock_points": {"shelf": {"allocation": "priority", "initial_on_hand": 5.0}},
        "demand": {
            "home": {"priority": 1},
            "other": {"stock_point": "shelf", "market": "home", "process": "constant"}
            | {"mean_per_day": 4.0, "price": 1.0, "priority": priority},
        },
    }
    data = shop(10, **changes)
    assert_same_states(compiled(data))
    first = [told(data).stream(name, "shipped")[0] for name in ("home", "other")]
    assert first == ([1.0, 4.0] if priority < 1 else [5.0, 0.0])


@pytest.mark.parametrize("rank", [1, 2, 10**30])
def test_a_rank_is_any_number_from_1_on(rank):
    data = shop(
        30,
        stock_points={"shelf": {"sourcing": "rank"}},
        lanes={"parts": {"rank": 2, "capacity_per_day": 6.0}}
        | {"more": {"supplier": "source", "buyer": "shelf", "rank": rank, "share": 0.0}},
    )
    assert_same_states(compiled(data))
    assert (told(data).lane("more", "ordered").sum() > told(data).lane("parts", "ordered").sum()) == (
        rank < 2
    )


@pytest.mark.parametrize("days", [1e6, {"dist": "gamma", "mean": 1e9, "sd": 1e12}])
def test_work_that_no_calendar_holds_takes_no_room(days):
    assert_same_states(compiled(factory(20, recipes={"assembly": {"process_days": days}})))


def test_delays_and_durations_longer_than_all_time_never_come_or_end():
    for_ever = {"dist": "lognormal", "median": 1e15, "sigma": 10.0, "min": 1e15}
    changes = {
        "late": ban(5, shock=False, delay_days=for_ever, covers={}),
        "early": ban(-9, shock=False, duration_days=float("inf")),
        "after": {"kind": "lifting", "title": "Lifted", "after": "late", "lifts": ["late"]},
    }
    plan = compiled(shop(40, interventions=changes))
    assert_same_states(plan)
    twins = readable(plan, 2)
    assert_same_measures(plan, twins)
    for its in twins:
        timing = its.scenario.schedule.timing
        assert timing.start[1] == -9
        assert timing.start[[0, 2]].min() > 1e15
        assert timing.end[1] == NEVER


def test_campaigns_look_no_farther_ahead_than_the_longest_calendar():
    campaign = {"kind": "stockpiling", "title": "More", "date": day(5), "covers": {}, "target_factor": 1e9}
    data = shop(20, stock_points={"shelf": {"policy": {"cover_days": 30}}}, interventions={"more": campaign})
    assert_same_states(compiled(data))
    assert told(data).point("shelf", "on_hand").max() < 1e6 * 10.0 * MAX_DAYS
