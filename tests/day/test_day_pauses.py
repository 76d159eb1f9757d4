"""Disruptions: what pauses, what waits where, who is to blame; numbers worked out by hand."""

from dataclasses import fields

import numpy as np
import pytest

from sim.engines.des import simulate
from sim.model.plan import Effect, Pause
from sim.risk.tables import tables_of
from tests.builders import (
    Data,
    Told,
    ban,
    compiled,
    day,
    factory,
    merged,
    read,
    run_batch,
    shop,
    told,
    told_without_shock,
    twins_of,
)

KINDS = ("orders", "shipments", "transit", "receipts")


def pause(kind, start=4, days=2, **fields):
    """A disruption of everything on lanes; without `days` for ever."""
    base = {"kind": "disruption", "title": "Pause", "pauses": kind, "date": day(start)}
    if days is not None:
        base["duration_days"] = days
    if not {"lanes", "stock_points"} & fields.keys():
        base["lanes"] = {}
    return base | fields


def paused_shop(*pauses, days=11, **changes):
    entries = {f"pause-{number}": entry for number, entry in enumerate(pauses)}
    return merged(shop(days, interventions=entries), changes)


def of_lane(run, *names):
    return {name: run.lane("parts", name).tolist() for name in names}


def nothing(days=11):
    return [0.0] * days


# Orders of 10 a day over 3 days; 70 on the shelf from day 3 on. The pause holds on days 4 and 5.
LANE = {
    "orders": {
        "ordered": [10, 10, 10, 10, 0, 0, 30, 10, 10, 10, 10],
        "shipped": [10, 10, 10, 10, 0, 0, 30, 10, 10, 10, 10],
        "delivered": [0, 0, 0, 10, 10, 10, 10, 0, 0, 30, 10],
        "in_transit": [10, 20, 30, 30, 20, 10, 30, 40, 50, 30, 30],
    },
    "shipments": {
        "ordered": [10] * 11,
        "shipped": [10] * 11,
        "delivered": [0, 0, 0, 10, 10, 10, 10, 0, 0, 30, 10],
        "in_transit": [10, 20, 30, 30, 30, 30, 30, 40, 50, 30, 30],
        "set_aside": [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0],
    },
    "transit": {
        "ordered": [10] * 11,
        "shipped": [10] * 11,
        "delivered": [0, 0, 0, 10, 10, 0, 0, 10, 10, 30, 10],
        "in_transit": [10, 20, 30, 30, 30, 40, 50, 50, 50, 30, 30],
    },
    "receipts": {
        "ordered": [10] * 11,
        "shipped": [10] * 11,
        "delivered": [0, 0, 0, 10, 0, 0, 30, 10, 10, 10, 10],
        "in_transit": [10, 20, 30, 30, 40, 50, 30, 30, 30, 30, 30],
        "at_dock": [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0],
    },
}
SHELF = {
    "orders": [90, 80, 70, 70, 70, 70, 70, 60, 50, 70, 70],
    "shipments": [90, 80, 70, 70, 70, 70, 70, 60, 50, 70, 70],
    "transit": [90, 80, 70, 70, 70, 60, 50, 50, 50, 70, 70],
    "receipts": [90, 80, 70, 70, 60, 50, 70, 70, 70, 70, 70],
}


@pytest.mark.parametrize("kind", KINDS)
def test_states_of_a_lane_on_which_something_pauses(kind):
    run = told(paused_shop(pause(kind)))
    expected = {"set_aside": nothing(), "at_dock": nothing(), "backlog": nothing()} | LANE[kind]
    assert of_lane(run, *expected) == expected
    assert run.point("shelf", "on_hand").tolist() == SHELF[kind]
    assert run.point("shelf", "on_order").tolist() == LANE[kind]["in_transit"]
    assert run.stream("home", "backlog").tolist() == nothing()


# The recipe takes 3 days, too: 30 goods on hand and 30 in work from day 3 on.
RECIPE = {
    "orders": {
        "ordered": [10, 10, 10, 10, 0, 0, 30, 10, 10, 10, 10],
        "started": [10, 10, 10, 10, 0, 0, 30, 10, 10, 10, 10],
        "wip": [10, 20, 30, 30, 20, 10, 30, 40, 50, 30, 30],
        "produced": [0, 0, 0, 10, 10, 10, 10, 0, 0, 30, 10],
        "on_hand": [50, 40, 30, 30, 30, 30, 30, 20, 10, 30, 30],
    },
    "shipments": {
        "ordered": [10] * 11,
        "started": [10, 10, 10, 10, 0, 0, 30, 10, 10, 10, 10],
        "waiting": [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0],
        "capacity_held": [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0],
        "wip": [10, 20, 30, 30, 20, 10, 30, 40, 50, 30, 30],
        "on_order": [10, 20, 30, 30, 30, 30, 30, 40, 50, 30, 30],
        "produced": [0, 0, 0, 10, 10, 10, 10, 0, 0, 30, 10],
        "on_hand": [50, 40, 30, 30, 30, 30, 30, 20, 10, 30, 30],
    },
    "transit": {
        "ordered": [10] * 11,
        "started": [10] * 11,
        "wip": [10, 20, 30, 30, 30, 40, 50, 50, 50, 30, 30],
        "produced": [0, 0, 0, 10, 10, 0, 0, 10, 10, 30, 10],
        "on_hand": [50, 40, 30, 30, 30, 20, 10, 10, 10, 30, 30],
    },
    "receipts": {
        "ordered": [10] * 11,
        "started": [10] * 11,
        "wip": [10, 20, 30, 30, 40, 50, 30, 30, 30, 30, 30],
        "produced": [0, 0, 0, 10, 0, 0, 30, 10, 10, 10, 10],
        "on_hand": [50, 40, 30, 30, 20, 10, 30, 30, 30, 30, 30],
    },
}
# Recipes that start late draw late; parts are ordered for what waits all the same.
PARTS = {
    "orders": [180, 160, 140, 140, 160, 180, 140, 120, 100, 140, 140],
    "shipments": [180, 160, 140, 140, 160, 180, 140, 140, 140, 140, 140],
    "transit": [180, 160] + [140] * 9,
    "receipts": [180, 160] + [140] * 9,
}


def paused_factory(kind, **changes):
    data = factory(
        11,
        stock_points={"goods": {"policy": {"units": 60.0}, "initial_on_hand": 60.0}},
        recipes={"assembly": {"process_days": 3}},
        interventions={"pause": pause(kind, stock_points={"stock_points": ["goods"]})},
    )
    return merged(data, changes)


@pytest.mark.parametrize("kind", KINDS)
def test_states_of_a_recipe_of_which_something_pauses(kind):
    run = told(paused_factory(kind))
    expected = {"waiting": nothing(), "capacity_held": nothing()} | RECIPE[kind]
    expected = {"on_order": expected["wip"]} | expected
    assert {name: run.point("goods", name).tolist() for name in expected} == expected
    assert run.point("parts", "on_hand").tolist() == PARTS[kind]
    assert run.stream("home", "shipped").tolist() == [10.0] * 11


def test_a_recipe_without_process_time_finishes_when_receipts_resume():
    run = told(paused_factory("receipts", recipes={"assembly": {"process_days": 0}}))
    assert run.point("goods", "wip").tolist() == [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0]
    assert run.point("goods", "produced").tolist() == [10, 10, 10, 10, 0, 0, 30, 10, 10, 10, 10]


def test_a_lane_without_lead_time_knows_no_pause_of_transit():
    data = paused_shop(pause("transit"), lanes={"parts": {"lead_time_days": 0}})
    assert told(data).lane("parts", "delivered").tolist() == [10.0] * 11


def test_shipments_on_a_lane_without_lead_time_are_set_aside_too():
    run = told(paused_shop(pause("shipments"), lanes={"parts": {"lead_time_days": 0}}))
    assert run.lane("parts", "set_aside").tolist() == [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0]
    assert run.lane("parts", "delivered").tolist() == [10, 10, 10, 10, 0, 0, 30, 10, 10, 10, 10]


def test_the_stock_of_the_supplier_is_without_what_is_set_aside():
    data = paused_shop(
        pause("shipments", lanes={"lanes": ["parts"]}),
        stock_points={
            "depot": {"firm": "supplier", "item": "part", "policy": {"kind": "base_stock", "units": 50.0}}
        },
        lanes={"parts": {"supplier": "depot"}, "inbound": {"supplier": "source", "buyer": "depot"}},
    )
    run = told(data)
    assert run.point("depot", "on_hand").tolist() == [50.0] * 11
    assert run.point("depot", "owed").tolist() == nothing()
    assert run.lane("parts", "set_aside").tolist() == LANE["shipments"]["set_aside"]


def test_a_paused_order_goes_to_the_other_lane():
    data = paused_shop(
        pause("orders", lanes={"lanes": ["parts"]}),
        stock_points={"second": {"firm": "supplier", "item": "part"}},
        lanes={"other": {"supplier": "second", "buyer": "shelf", "lead_time_days": 3}},
    )
    run = told(data)
    assert run.lane("parts", "ordered").tolist() == [5, 5, 5, 5, 0, 0, 5, 5, 5, 5, 5]
    assert run.lane("other", "ordered").tolist() == [5, 5, 5, 5, 10, 10, 5, 5, 5, 5, 5]


def test_pauses_of_one_kind_that_overlap_hold_until_the_last_has_ended():
    run = told(paused_shop(pause("shipments", 4, 3), pause("shipments", 5, 4)))
    assert run.lane("parts", "set_aside").tolist() == [0, 0, 0, 0, 10, 20, 30, 40, 50, 0, 0]


def test_what_arrives_on_a_lane_whose_receipts_pause_after_its_shipments_waits_twice():
    """Shipments pause on days 4 and 5, so 30 units arrive on day 9; receipts pause on that day."""
    run = told(paused_shop(pause("shipments"), pause("receipts", 9, 1)))
    found = of_lane(run, "set_aside", "at_dock", "delivered")
    assert found == {
        "set_aside": [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0],
        "at_dock": [0, 0, 0, 0, 0, 0, 0, 0, 0, 30, 0],
        "delivered": [0, 0, 0, 10, 10, 10, 10, 0, 0, 0, 40],
    }
    assert run.point("shelf", "on_hand").tolist() == [90, 80, 70, 70, 70, 70, 70, 60, 50, 40, 70]


def test_all_kinds_at_once_each_do_their_own():
    """Nothing is ordered, so nothing is set aside; day 1's goods wait at the dock, day 2's and 3's stand."""
    run = told(paused_shop(*[pause(kind) for kind in KINDS]))
    assert of_lane(run, "ordered", "set_aside", "at_dock", "delivered") == {
        "ordered": [10, 10, 10, 10, 0, 0, 30, 10, 10, 10, 10],
        "set_aside": nothing(),
        "at_dock": [0, 0, 0, 0, 10, 10, 0, 0, 0, 0, 0],
        "delivered": [0, 0, 0, 10, 0, 0, 10, 10, 10, 30, 10],
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_pause_that_is_lifted_ends_like_one_that_runs_out(kind):
    lifting = {"kind": "lifting", "title": "Over", "date": day(6), "lifts": ["pause-0"]}
    run = told(paused_shop(pause(kind, days=None), interventions={"over": lifting}))
    assert of_lane(run, *LANE[kind]) == LANE[kind]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "shipments",
            {
                "set_aside": [0, 0, 0, 0, 10, 10, 0, 0, 0, 0, 0],
                "delivered": [0, 0, 0, 10, 10, 10, 10, 0, 0, 10, 0],
                "in_transit": [10, 20, 30, 30, 30, 20, 10, 10, 10, 0, 0],
            },
        ),
        (
            "receipts",
            {
                "at_dock": [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 0],
                "delivered": [0, 0, 0, 10, 0, 0, 30, 10, 0, 0, 0],
                "in_transit": [10, 20, 30, 30, 40, 40, 10, 0, 0, 0, 0],
            },
        ),
    ],
)
def test_a_ban_with_savings_clause_lets_pass_what_a_pause_has_held_up(kind, expected):
    run = told(paused_shop(pause(kind), interventions={"ban": ban(5)}))
    assert of_lane(run, *expected) == expected
    assert run.lane("parts", "turned_back").tolist() == nothing()


@pytest.mark.parametrize(
    ("kind", "turned_back", "delivered"),
    [
        ("shipments", 20.0, [0, 0, 0, 10, 10, 10, 0, 0, 0, 0, 0]),
        ("transit", 30.0, [0, 0, 0, 10, 10, 0, 0, 0, 0, 0, 0]),
        ("receipts", 40.0, [0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_a_ban_that_turns_goods_back_returns_what_a_pause_has_held_up(kind, turned_back, delivered):
    """Of what was sent up to day 4, only what would be received on day 5 does not turn back."""
    run = told(paused_shop(pause(kind), interventions={"ban": ban(5, in_transit="turned_back")}))
    assert run.lane("parts", "turned_back")[5] == run.lane("parts", "turned_back").sum() == turned_back
    assert run.lane("parts", "delivered").tolist() == delivered
    for name in ("set_aside", "at_dock", "in_transit"):
        assert run.lane("parts", name)[5:].tolist() == [0.0] * 6


def test_half_of_what_is_set_aside_and_at_the_dock_turns_back_with_half_of_the_lane():
    licence = {
        "kind": "licence",
        "title": "Half",
        "date": day(5),
        "relieves": ["ban"],
        "volume_share": 0.5,
    }
    entries = {"ban": ban(5, in_transit="turned_back"), "half": licence}
    run = told(paused_shop(pause("shipments"), pause("receipts"), interventions=entries))
    assert run.lane("parts", "turned_back")[5] == 20.0
    assert run.lane("parts", "at_dock").tolist() == [0, 0, 0, 0, 10, 10, 0, 0, 0, 0, 0]
    assert run.lane("parts", "set_aside")[4:7].tolist() == [10.0, 5.0 + 5.0, 0.0]


# ------------------------------------------------------------------ twins and blame


def causes(data, replications=1):
    """Rows of the table of attribution: component, supplier, intervention and mean loss."""
    plan = compiled(data)
    measured = run_batch(plan, seed=1, replications=replications)
    table = tables_of(read(data), plan, measured)["attribution"]
    return [
        (row["component"], row["supplier"], row["intervention"], pytest.approx(row["mean"]))
        for row in table.to_dict("records")
    ]


LOST = {"home": {"patience_days": 0}}


@pytest.mark.parametrize(("kind", "days_lost"), [("orders", 25), ("shipments", 25), ("transit", 27)])
def test_a_paused_lane_carries_the_blame_under_the_name_of_the_pause(kind, days_lost):
    """100 on the shelf and 10 a day of those sent up to day 4; of these, two are stopped on the way."""
    data = paused_shop(pause(kind, 5, None, shock=True), days=40, demand=LOST)
    assert causes(data) == [("part", "supplier", "pause-0", days_lost * 10.0 * 2.0)]


def test_a_paused_recipe_carries_the_blame_under_the_name_of_the_pause():
    """30 goods on hand when it stops on day 5: 3 days are served, 32 are not."""
    entry = pause("shipments", 5, None, shock=True, stock_points={"items": ["product"]})
    data = factory(40, demand=LOST, interventions={"strike": entry})
    assert causes(data) == [("product", "", "strike", 32 * 10.0 * 5.0)]


def test_a_lane_that_pauses_in_both_twins_passes_the_blame_on():
    fire = {
        "kind": "capacity_loss",
        "title": "Fire",
        "date": day(9),
        "shock": True,
        "covers": {"firms": ["supplier"]},
    }
    data = paused_shop(pause("shipments", 12), days=40, demand=LOST, interventions={"fire": fire})
    assert [cause[:3] for cause in causes(data)] == [("part", "supplier", "fire")]
    plan = compiled(data)
    outcomes = run_batch(plan, seed=1, replications=1).outcome
    blamed = np.flatnonzero(outcomes.attribution[0, 0])
    assert blamed.tolist() == [len(plan.labels.lanes) + plan.labels.points.index("source")]


def test_the_counterfactual_knows_no_pause_of_the_shock():
    data = paused_shop(pause("receipts", shock=True))
    assert told(data).point("shelf", "on_hand").tolist() == SHELF["receipts"]
    without = told_without_shock(data)
    assert without.point("shelf", "on_hand").tolist() == [90, 80] + [70] * 9
    assert not without.path.schedule.paused_lanes.any()


def test_a_pause_that_is_no_shock_is_in_both_twins():
    data = paused_shop(pause("receipts"), days=40)
    assert told_without_shock(data).point("shelf", "on_hand").tolist()[:11] == SHELF["receipts"]
    assert causes(data) == []


LANES: Data = {"lanes": {}}
LINE: Data = {"stock_points": {"items": ["product"]}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("start", [0, 1, 4])
@pytest.mark.parametrize("cover", [LANES, LINE, LANES | LINE], ids=["lanes", "line", "both"])
@pytest.mark.parametrize("lead_time_days", [0, 2])
def test_twins_with_pauses_are_the_paths_simulated_alone(kind, start, cover, lead_time_days):
    """Goods that were sent before the pause are held up by it: the twins part before it begins."""
    data = factory(
        12,
        recipes={"assembly": {"process_days": lead_time_days, "initial_work_in_process": [4.0, 0.0, 3.0]}},
        lanes={"parts": {"lead_time_days": lead_time_days, "initial_in_transit": [20.0, 5.0, 30.0]}},
        interventions={
            "pause": pause(kind, start, 3, shock=True, **cover),
            "ban": ban(7, in_transit="turned_back", duration_days=2, shock=False),
        },
    )
    twins = twins_of(data)
    for path in (twins.scenario, twins.counterfactual):
        alone = simulate(twins.plan, path.schedule)
        for group in ("points", "lanes", "streams"):
            mine, its = getattr(path.ledger, group), getattr(alone, group)
            for field in fields(mine):
                np.testing.assert_array_equal(getattr(mine, field.name), getattr(its, field.name), field.name)


# ------------------------------------------------------------------ whom it covers


def effects(data):
    """What disruptions hold up: (kind of effect, target, kind of pause), in the order of the plan."""
    plan = compiled(data)
    names = {Effect.PAUSES_LANE: plan.labels.lanes, Effect.PAUSES_RECIPE: plan.labels.points}
    table = plan.effects
    return [
        (Effect(kind).name, names[Effect(kind)][target], Pause(pause).name)
        for kind, target, pause in zip(table.kind, table.target, table.pause, strict=True)
    ]


def two_lanes(**fields):
    """A shop with two suppliers, one of them in Taiwan, and a disruption."""
    return shop(
        20,
        firms={"friend": {"name": "Friend", "country": "TW"}},
        stock_points={"friends": {"firm": "friend", "item": "part"}},
        lanes={"other": {"supplier": "friends", "buyer": "shelf", "lead_time_days": 3}},
        interventions={"pause": pause("shipments", **fields)},
    )


def test_a_bought_stock_point_stands_for_all_lanes_that_end_at_it():
    assert effects(two_lanes(stock_points={"stock_points": ["shelf"]})) == [
        ("PAUSES_LANE", "parts", "SHIPMENTS"),
        ("PAUSES_LANE", "other", "SHIPMENTS"),
    ]


def test_a_made_stock_point_stands_for_its_recipe():
    data = factory(interventions={"pause": pause("transit", stock_points={"firms": ["maker"]})})
    assert effects(data) == [("PAUSES_LANE", "parts", "TRANSIT"), ("PAUSES_RECIPE", "goods", "TRANSIT")]


def test_a_source_among_others_that_are_covered_stands_for_nothing():
    assert effects(two_lanes(stock_points={"items": ["part"]})) == effects(two_lanes())


def test_a_lane_that_is_covered_twice_is_paused_once():
    data = two_lanes(lanes={"lanes": ["other"]}, stock_points={"stock_points": ["shelf"]})
    assert [target for _, target, _ in effects(data)] == ["other", "parts"]


@pytest.mark.parametrize(
    ("cover", "lanes"),
    [
        ({}, ["parts", "other"]),
        ({"supplier_countries": ["US"]}, ["parts"]),
        ({"supplier_countries": ["TW"]}, ["other"]),
        ({"supplier_countries": ["TW", "US"]}, ["parts", "other"]),
        ({"buyer_countries": ["DE"]}, ["parts", "other"]),
        ({"supplier_countries": ["TW"], "buyer_countries": ["DE"]}, ["other"]),
        ({"suppliers": ["friend"]}, ["other"]),
        ({"supplier_points": ["source"]}, ["parts"]),
    ],
)
def test_lanes_are_covered_by_any_list(cover, lanes):
    assert [target for _, target, _ in effects(two_lanes(lanes=cover))] == lanes


def test_a_country_of_buyers_is_covered_without_its_neighbours():
    data = two_lanes(lanes={"buyer_countries": ["TW"]})
    data["stock_points"]["corner"] = {
        "firm": "friend",
        "item": "part",
        "policy": {"kind": "base_stock", "units": 9.0},
    }
    data["lanes"]["next"] = {"supplier": "friends", "buyer": "corner"}
    data["demand"]["corner"] = {**data["demand"]["home"], "stock_point": "corner"}
    assert [target for _, target, _ in effects(data)] == ["next"]


def test_a_substitute_pauses_like_a_lane():
    """Both lanes pause, so that orders do not go to the other."""
    data = two_lanes(stock_points={"stock_points": ["shelf"]})
    late = {"trigger": {"date": day(0)}, "qualification_lag_days": 0}
    data["substitutes"] = {"late": {**data["lanes"].pop("other"), **late}}
    run = told(data)
    assert run.lane("late", "ordered")[:4].tolist() == [5.0] * 4
    assert run.lane("late", "set_aside")[3:7].tolist() == [0.0, 5.0, 10.0, 0.0]


# ------------------------------------------------------------------ on and off at random


def down(data, lane="parts", seed=1, replication=0):
    run = told(data, seed, replication)
    return run.path.schedule.paused_lanes[Pause.SHIPMENTS, run.plan.labels.lanes.index(lane)].tolist()


def markov(to_failure, to_recover):
    return {"mean_days_to_failure": to_failure, "mean_days_to_recover": to_recover}


def test_a_process_that_changes_every_day_is_down_on_the_first_and_up_on_the_next():
    data = two_lanes(start=4, days=5, markov=markov(1, 1))
    assert down(data) == [False] * 4 + [True, False, True, False, True] + [False] * 11


def test_a_process_that_never_recovers_is_down_while_its_intervention_holds():
    data = two_lanes(start=4, days=5, markov=markov(1, 1e9))
    assert down(data) == [False] * 4 + [True] * 5 + [False] * 11


def test_a_process_that_never_fails_pauses_nothing():
    assert not any(down(two_lanes(markov=markov(1e9, 1))))


def test_a_process_that_is_lifted_comes_back():
    data = two_lanes(start=4, days=None, markov=markov(1, 1e9))
    data["interventions"]["over"] = {"kind": "lifting", "title": "O", "date": day(7), "lifts": ["pause"]}
    assert down(data) == [False] * 4 + [True] * 3 + [False] * 13


def test_with_a_common_cause_all_lanes_are_down_on_the_same_days():
    data = two_lanes(start=0, days=None, markov=markov(3, 3))
    assert compiled(data).labels.processes == ("pause",)
    assert down(data, "parts") == down(data, "other")
    assert 0 < sum(down(data)) < 20


def test_without_a_common_cause_every_lane_goes_down_on_its_own():
    data = two_lanes(start=0, days=None, markov=markov(3, 3), common_cause=False)
    assert compiled(data).labels.processes == ("pause:lane:parts", "pause:lane:other")
    assert down(data, "parts") != down(data, "other")


def test_ups_and_downs_depend_on_seed_and_replication_and_nothing_else():
    data = two_lanes(start=0, days=None, markov=markov(3, 3))
    assert down(data) == down(data)
    assert down(data) != down(data, seed=2)
    assert down(data) != down(data, replication=1)


def test_a_process_of_no_shock_is_down_on_the_same_days_in_both_twins():
    data = two_lanes(start=0, days=None, markov=markov(3, 3))
    data["interventions"]["ban"] = ban(9)
    twins = twins_of(data)
    one, other = (path.schedule.paused_lanes for path in (twins.scenario, twins.counterfactual))
    assert one.any()
    np.testing.assert_array_equal(one, other)


def test_a_process_of_the_shock_is_up_in_the_counterfactual():
    data = two_lanes(start=0, days=None, markov=markov(1, 1e9), shock=True)
    twins = twins_of(data)
    without = Told(twins.plan, twins.counterfactual)
    assert not without.path.schedule.paused_lanes.any()
    assert without.path.schedule.timing.down.tolist() == [[False] * 20]


def test_capacity_is_lost_only_while_its_process_is_down():
    fire = {
        "kind": "capacity_loss",
        "title": "Fires",
        "date": day(2),
        "duration_days": 4,
        "covers": {"firms": ["supplier"]},
        "lost_share": 0.75,
        "markov": markov(1, 1),
    }
    data = shop(8, stock_points={"source": {"capacity_per_day": 8.0}}, interventions={"fires": fire})
    assert told(data).path.schedule.capacity[0].tolist() == [8, 8, 2, 8, 2, 8, 8, 8]
    assert told(data).lane("parts", "shipped").tolist() == [8, 8, 2, 8, 2, 8, 8, 8]


def test_capacity_of_several_points_is_lost_together_or_on_their_own():
    def capacities(**fields):
        fire = {
            "kind": "capacity_loss",
            "title": "Fires",
            "date": day(0),
            "covers": {"items": ["part"], "stock_points": ["source", "friends"]},
            "markov": markov(3, 3),
        }
        data = two_lanes()
        data["interventions"] = {"fires": fire | fields}
        run = told(data)
        points = [run.plan.labels.points.index(name) for name in ("source", "friends")]
        return [run.path.schedule.capacity[point].tolist() for point in points]

    together, apart = capacities(), capacities(common_cause=False)
    assert together[0] == together[1]
    assert apart[0] != apart[1]


def test_a_recipe_goes_down_and_comes_back():
    data = paused_factory("shipments", interventions={"pause": {"markov": markov(1, 1), "duration_days": 4}})
    assert told(data).point("goods", "started").tolist() == [10, 10, 10, 10, 0, 20, 0, 20, 10, 10, 10]


def test_goods_under_way_before_the_first_day_wait_at_a_closed_dock():
    pause = {
        "kind": "disruption",
        "title": "Pause",
        "pauses": "receipts",
        "date": day(1),
        "end": day(4),
        "lanes": {},
    }
    data = shop(6, lanes={"parts": {"initial_in_transit": [0.0, 5.0]}}, interventions={"pause": pause})
    run = told(data)
    assert run.lane("parts", "at_dock")[:5].tolist() == [0.0, 5.0, 5.0, 10.0, 0.0]
    assert run.lane("parts", "delivered")[:5].tolist() == [0.0, 0.0, 0.0, 0.0, 20.0]


def test_a_shipment_reaches_the_dock_no_earlier_than_what_left_before_it():
    """What left on day 0 for a day catches up with what was under way to arrive on day 3."""
    pause = {
        "kind": "disruption",
        "title": "Pause",
        "pauses": "receipts",
        "date": day(2),
        "end": day(5),
        "lanes": {},
    }
    lane = {"lead_time_days": 1, "initial_in_transit": [0.0, 0.0, 0.0, 5.0]}
    run = told(shop(7, lanes={"parts": lane}, interventions={"pause": pause}))
    assert run.lane("parts", "at_dock")[:3].tolist() == [0.0, 0.0, 0.0]
    assert run.lane("parts", "at_dock")[3] == 5.0 + run.lane("parts", "shipped")[:3].sum()
