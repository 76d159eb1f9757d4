"""Orders follow what suppliers can deliver (docs/model.md, Orders); each case on both engines."""

import numpy as np
import pytest

from sim.model.compile import compile_plan
from sim.model.failures import stress_plan
from sim.montecarlo.batches import InMemory
from sim.montecarlo.failure_runs import run_failures
from tests.builders import (
    ban,
    compiled,
    day,
    factory,
    measured,
    merged,
    network,
    read,
    shop,
    told,
    told_without_shock,
    twins_of,
)
from tests.differential.compare import assert_same_states

START, DAYS_DOWN = 10, 20


def told_by_both(data):
    """The readable engine's path, once the compiled one is known to give the same."""
    assert_same_states(compiled(data))
    return told(data)


def two_suppliers(days=60, **changes):
    """A shop that sells 10 a day and buys one half of it from each of two suppliers, who can make all."""
    base = shop(
        days,
        firms={"friend": {"name": "Friend", "country": "TW"}},
        stock_points={
            "source": {"capacity_per_day": 10.0},
            "second": {"firm": "friend", "item": "part", "capacity_per_day": 10.0},
            "shelf": {"policy": {"units": 30.0}, "initial_on_hand": 30.0},
        },
        lanes={
            "parts": {"lead_time_days": 1},
            "more": {"supplier": "second", "buyer": "shelf", "lead_time_days": 1, "price": 1.0},
        },
        demand={"home": {"patience_days": 0}},
    )
    return merged(base, changes)


def fire(lost_share=1.0, **covers):
    return {
        "kind": "capacity_loss",
        "title": "Fire",
        "date": day(START),
        "duration_days": DAYS_DOWN,
        "lost_share": lost_share,
        "covers": covers or {"stock_points": ["source"]},
        "shock": True,
    }


def strike(pauses, lane="parts"):
    return {
        "kind": "disruption",
        "title": "Strike",
        "pauses": pauses,
        "date": day(START),
        "duration_days": DAYS_DOWN,
        "lanes": {"lanes": [lane]},
        "shock": True,
    }


FAILURES = {
    "fire": fire(),
    "most burnt": fire(0.8),
    "orders": strike("orders"),
    "shipments": strike("shipments"),
    "transit": strike("transit"),
    "receipts": strike("receipts"),
    "ban": ban(START, duration_days=DAYS_DOWN),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_whatever_keeps_one_supplier_from_delivering_the_other_makes_up_for(failure):
    run = told_by_both(two_suppliers(interventions={"failure": failure}))
    assert run.stream("home", "lost").sum() == 0.0


def test_orders_go_where_they_can_be_delivered_from_the_first_day_on():
    run = told_by_both(two_suppliers(interventions={"fire": fire()}))
    assert run.lane("parts", "ordered")[START - 1 : START + 3].tolist() == [5.0, 0.0, 0.0, 0.0]
    assert run.lane("more", "ordered")[START - 1 : START + 3].tolist() == [5.0, 10.0, 10.0, 10.0]


def test_a_supplier_that_lost_a_part_gets_what_it_can_still_deliver():
    run = told_by_both(two_suppliers(interventions={"fire": fire(0.8)}))
    assert run.lane("parts", "ordered")[START : START + 3] == pytest.approx([2.0] * 3)
    assert run.lane("more", "ordered")[START : START + 3] == pytest.approx([8.0] * 3)


def test_a_supplier_that_is_back_gets_its_share_again():
    run = told_by_both(two_suppliers(interventions={"fire": fire()}))
    assert run.lane("parts", "ordered")[START + DAYS_DOWN :].tolist() == [5.0] * 30


def test_what_nobody_can_deliver_waits_in_line_as_ever():
    both = fire(stock_points=["source", "second"])
    run = told_by_both(
        two_suppliers(interventions={"fire": both}, demand={"home": {"patience_days": np.inf}})
    )
    assert run.lane("parts", "ordered")[START : START + 3].tolist() == [5.0] * 3
    assert run.lane("parts", "backlog")[START + 2] == run.lane("more", "backlog")[START + 2] == 15.0
    assert run.lane("parts", "cancelled").sum() == 0.0


def test_what_waits_in_line_moves_to_the_supplier_that_is_back_first():
    both = fire(stock_points=["source", "second"])
    longer = {**fire(), "duration_days": 2 * DAYS_DOWN}
    data = two_suppliers(
        interventions={"fire": both, "longer": longer},
        stock_points={"second": {"capacity_per_day": np.inf}},
        demand={"home": {"patience_days": np.inf}},
    )
    run = told_by_both(data)
    back = START + DAYS_DOWN
    assert run.lane("parts", "backlog")[back - 1] == 5.0 * DAYS_DOWN
    assert run.lane("parts", "cancelled")[back] == 5.0 * DAYS_DOWN
    assert run.lane("more", "ordered")[back] == 5.0 * DAYS_DOWN + 10.0
    assert run.lane("more", "backlog")[back] == 0.0


def test_all_that_waits_with_a_supplier_on_strike_moves_though_it_has_goods():
    data = two_suppliers(
        stock_points={"second": {"capacity_per_day": np.inf}},
        lanes={"parts": {"initial_backlog": 180.0}},
        interventions={
            "strike": strike("transit"),
            "fire": {**fire(stock_points=["second"]), "date": day(0), "duration_days": START},
        },
    )
    run = told_by_both(data)
    assert run.lane("parts", "backlog")[START - 1] > 0.0
    assert run.lane("parts", "backlog")[START] == 0.0


def test_the_second_in_rank_gets_what_the_first_cannot_deliver():
    data = two_suppliers(
        stock_points={"shelf": {"sourcing": "rank"}, "source": {"capacity_per_day": 7.0}},
        lanes={"more": {"rank": 2}},
    )
    run = told_by_both(data)
    assert run.lane("parts", "ordered").tolist() == [7.0] * 60
    assert run.lane("more", "ordered").tolist() == [3.0] * 60


NARROW_LANES = {
    "shelf": {"sourcing": "rank", "policy": {"units": 80.0}, "initial_on_hand": 80.0},
    "source": {"capacity_per_day": np.inf},
    "second": {"capacity_per_day": np.inf},
}


@pytest.mark.parametrize("patience_days", [0, np.inf])
def test_what_waits_for_a_narrow_lane_moves_to_one_with_room(patience_days):
    """Both lanes carry 6 a day. The first is asked first and never has room for what waited in the fire."""
    data = two_suppliers(
        150,
        stock_points=NARROW_LANES,
        lanes={"parts": {"capacity_per_day": 6.0}, "more": {"capacity_per_day": 6.0, "rank": 2}},
        interventions={"fire": fire()},
        demand={"home": {"patience_days": patience_days}},
    )
    run = told_by_both(data)
    back = START + DAYS_DOWN
    assert run.lane("parts", "backlog")[back] > 60.0
    assert run.lane("parts", "backlog")[-30:] == pytest.approx([0.0] * 30)
    assert run.stream("home", "shipped")[-100:] == pytest.approx([10.0] * 100)


@pytest.mark.parametrize(("on_hand", "moved"), [(200.0, 94.0), (50.0, 44.0), (4.0, 0.0)])
def test_only_what_is_ready_waits_for_a_lane(on_hand, moved):
    """A depot owes 100 and gets more by the day; what it does not have yet does not wait for the lane."""
    depot = {"firm": "supplier", "item": "part", "policy": {"kind": "none"}, "initial_on_hand": on_hand}
    data = two_suppliers(
        stock_points={**NARROW_LANES, "depot": depot, "source": {"capacity_per_day": 200.0}},
        lanes={
            "in": {"supplier": "source", "buyer": "depot", "initial_in_transit": [0.0, 0.0, 200.0]},
            "parts": {"supplier": "depot", "capacity_per_day": 6.0, "initial_backlog": 100.0},
            "more": {"rank": 2},
        },
    )
    assert told_by_both(data).lane("parts", "cancelled")[0] == pytest.approx(moved)


def test_a_weekly_order_may_be_a_weeks_capacity():
    weekly = {"policy": {"units": 120.0, "review_days": 7}}
    data = two_suppliers(stock_points={"shelf": weekly, "second": {"capacity_per_day": np.inf}})
    run = told_by_both(data)
    assert run.lane("parts", "ordered")[7:15].tolist() == [35.0, *[0.0] * 6, 35.0]


@pytest.mark.parametrize("pauses", ["shipments", "transit", "receipts"])
def test_nobody_waits_in_line_on_a_paused_lane_while_another_has_room(pauses):
    """What the struck supplier would set aside could not be ordered from the other once that is back."""
    both = {"fire": {**fire(stock_points=["second"]), "duration_days": 5}, "strike": strike(pauses)}
    data = two_suppliers(stock_points={"shelf": {"sourcing": "rank"}}, interventions=both)
    run = told_by_both(data)
    assert run.lane("parts", "ordered")[START : START + DAYS_DOWN].sum() == 0.0
    assert run.stream("home", "shipped")[START + 7 :] == pytest.approx([10.0] * (53 - START))


def test_what_is_never_going_to_fail_makes_no_difference_to_a_narrow_lane():
    """The counterfactual of a strike is the scenario without it, where nothing can stop a supplier."""
    narrow = {"capacity_per_day": 6.0, "initial_backlog": 100.0}
    calm = two_suppliers(stock_points=NARROW_LANES, lanes={"parts": narrow, "more": {"rank": 2}})
    without = told_by_both(calm).lane("parts", "cancelled")
    struck = merged(calm, {"interventions": {"strike": strike("shipments")}})
    assert without[0] == 94.0
    assert told_without_shock(struck).lane("parts", "cancelled").tolist() == without.tolist()


def test_a_neighbour_who_seldom_orders_and_has_no_choice_lets_others_choose_in_time():
    """The kiosk orders once in 30 days; what the burnt supplier owes the shelf is judged by the day."""
    kiosk = {"policy": {"kind": "base_stock", "units": 10.0, "review_days": 30}, "initial_on_hand": 10.0}
    data = two_suppliers(
        stock_points={"kiosk": {"firm": "maker", "item": "part", **kiosk}},
        lanes={"small": {"supplier": "source", "buyer": "kiosk", "lead_time_days": 1}},
        demand={"few": {"stock_point": "kiosk", "market": "home", "mean_per_day": 0.1, "price": 1.0}},
        interventions={"fire": fire(0.9)},
    )
    run = told_by_both(data)
    assert run.lane("more", "ordered")[START : START + 3] == pytest.approx([9.0] * 3)
    assert run.stream("home", "lost").sum() == 0.0


def test_a_depot_promises_a_slow_buyer_what_its_suppliers_send_until_the_next_review():
    """Two narrow sources fill the depot day by day; the shelf orders four days' demand at once."""
    depot = {"firm": "friend", "item": "part", "policy": {"kind": "base_stock", "units": 0.0}}
    narrow = {"firm": "friend", "item": "part", "capacity_per_day": 5.0}
    data = two_suppliers(
        stock_points={
            "depot": {**depot, "initial_on_hand": 0.0},
            "second": {"capacity_per_day": 5.0},
            "third": narrow,
            "shelf": {"policy": {"units": 120.0, "review_days": 4}, "initial_on_hand": 120.0},
        },
        lanes={
            "more": {"supplier": "depot"},
            "up": {"supplier": "second", "buyer": "depot"},
            "up-too": {"supplier": "third", "buyer": "depot"},
        },
        interventions={"fire": fire()},
    )
    run = told_by_both(data)
    first = START + 2
    assert run.lane("more", "ordered")[first] >= 40.0
    assert run.lane("parts", "ordered")[first : START + DAYS_DOWN].sum() == 0.0
    assert run.stream("home", "lost").sum() == 0.0


def plants(**changes):
    """A shop served by two plants of one firm, each with parts and a supplier of its own."""
    stock = {"policy": {"kind": "base_stock", "units": 0.0}, "initial_on_hand": 0.0}
    base = network(
        60,
        firms={"friend": {"name": "Friend", "country": "TW"}},
        stock_points={
            "source": {"firm": "supplier", "item": "part"},
            "second": {"firm": "friend", "item": "part"},
            "west-parts": {"firm": "maker", "item": "part", **stock},
            "east-parts": {"firm": "maker", "item": "part", **stock},
            "west": {"firm": "maker", "item": "product", "capacity_per_day": 10.0, **stock},
            "east": {"firm": "maker", "item": "product", "capacity_per_day": 10.0, **stock},
            "shop": {
                "firm": "maker",
                "item": "product",
                "policy": {"kind": "base_stock", "units": 40.0},
                "initial_on_hand": 40.0,
            },
        },
        recipes={
            "west": {"output": "west", "inputs": {"west-parts": 1.0}},
            "east": {"output": "east", "inputs": {"east-parts": 1.0}},
        },
        lanes={
            "west-parts": {"supplier": "source", "buyer": "west-parts"},
            "east-parts": {"supplier": "second", "buyer": "east-parts"},
            "from-west": {"supplier": "west", "buyer": "shop", "lead_time_days": 1},
            "from-east": {"supplier": "east", "buyer": "shop", "lead_time_days": 1},
        },
        demand={
            "home": {
                "stock_point": "shop",
                "market": "home",
                "mean_per_day": 10.0,
                "process": "constant",
                "price": 2.0,
                "patience_days": 0,
            }
        },
    )
    return merged(base, changes)


@pytest.mark.parametrize(
    "failure",
    [
        fire(stock_points=["west"]),
        fire(0.7, stock_points=["west"]),
        fire(stock_points=["source"]),
        ban(START, duration_days=DAYS_DOWN),
        {**strike("shipments"), "lanes": None, "stock_points": {"stock_points": ["west"]}},
        {**strike("receipts"), "lanes": None, "stock_points": {"stock_points": ["west"]}},
        strike("shipments", "west-parts"),
    ],
    ids=["plant", "most of a plant", "its supplier", "ban", "work starts", "work ends", "its parts"],
)
def test_one_plant_makes_up_for_the_other_whatever_stops_it(failure):
    failure = {key: value for key, value in failure.items() if value is not None}
    run = told_by_both(plants(interventions={"failure": failure}))
    assert run.stream("home", "lost").sum() == 0.0
    assert run.lane("from-east", "ordered")[START + 2 : START + DAYS_DOWN].min() > 5.0


def test_a_depot_that_always_waits_for_goods_is_no_failure():
    """Its stock is too small for its lead time: orders wait in line with it, and all of them arrive."""
    data = two_suppliers(
        200,
        stock_points={
            "source": {"capacity_per_day": np.inf},
            "depot": {
                "firm": "supplier",
                "item": "part",
                "policy": {"kind": "base_stock", "units": 0.0},
                "initial_on_hand": 0.0,
            },
            "shelf": {"policy": {"units": 80.0}, "initial_on_hand": 80.0},
        },
        lanes={
            "parts": {"supplier": "depot"},
            "in": {"supplier": "source", "buyer": "depot", "lead_time_days": 5, "capacity_per_day": 6.0},
        },
    )
    run = told_by_both(data)
    assert run.lane("parts", "ordered").tolist() == [5.0] * 200
    assert run.stream("home", "lost").sum() == 0.0


@pytest.mark.parametrize("capacity", [10.0, 12.0, 15.0, 20.0, np.inf])
def test_a_lane_carries_what_is_wanted_up_to_its_capacity_whatever_waits(capacity):
    """The depot is short of the lane's lead time, so that a day's demand always waits with it."""
    data = network(
        400,
        stock_points={
            "source": {"firm": "supplier", "item": "part"},
            "depot": {"firm": "supplier", "item": "part", "policy": {"kind": "base_stock", "units": 40.0}},
            "shelf": {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "units": 40.0}},
        },
        lanes={
            "in": {"supplier": "source", "buyer": "depot", "lead_time_days": 5},
            "out": {"supplier": "depot", "buyer": "shelf", "lead_time_days": 1, "capacity_per_day": capacity},
        },
        demand={
            "home": {
                "stock_point": "shelf",
                "market": "home",
                "mean_per_day": 10.0,
                "process": "constant",
                "price": 1.0,
                "patience_days": np.inf,
            }
        },
    )
    run = told_by_both(data)
    assert run.lane("out", "ordered").tolist() == [10.0] * 400
    assert run.stream("home", "shipped")[-100:].tolist() == [10.0] * 100


def test_orders_that_move_leave_positions_as_they_are():
    """A shelf is its own echelon: both policies order alike, before and after its orders move."""
    both = {**fire(stock_points=["source", "second"]), "duration_days": 5}
    runs = [
        told_by_both(
            two_suppliers(
                stock_points={"second": {"capacity_per_day": np.inf}, "shelf": {"policy": {"kind": kind}}},
                interventions={"fire": fire(), "both": both},
            )
        )
        for kind in ("base_stock", "echelon_base_stock")
    ]
    local, echelon = (run.lane("more", "ordered") for run in runs)
    assert runs[1].lane("parts", "cancelled").sum() > 0.0
    assert echelon.tolist() == local.tolist()


def test_a_part_of_a_lot_that_moves_is_raised_to_a_lot():
    data = two_suppliers(lanes={"more": {"order_multiple_units": 4.0}}, interventions={"fire": fire()})
    assert set((told_by_both(data).lane("more", "ordered") % 4.0).tolist()) == {0.0}


def test_a_recipe_is_no_choice():
    run = told_by_both(factory(30, interventions={"fire": fire()}))
    assert run.lane("parts", "cancelled").sum() == 0.0


NETWORKS = {
    "either can": two_suppliers(),
    "the other can take a part": two_suppliers(stock_points={"second": {"capacity_per_day": 7.0}}),
    "the other is far": two_suppliers(lanes={"more": {"lead_time_days": 9}}),
    "no other": two_suppliers(lanes={"more": {"capacity_per_day": 0.0}}),
    "plants": plants(),
}
ONE_FAILURE = {
    "fire": fire(firms=["supplier"]),
    "orders": {**strike("orders"), "lanes": {"suppliers": ["supplier"]}},
    "ban": ban(START, duration_days=DAYS_DOWN),
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("failure", ONE_FAILURE)
def test_a_run_and_a_stress_test_agree_about_a_failure(network, failure):
    data = merged(NETWORKS[network], {"stress": {"date": day(START), "ttr_days": DAYS_DOWN}})
    data = merged(data, {"analysis": {"window_days": 45}})
    scenario = read(data)
    stress = stress_plan(scenario, compile_plan(scenario))
    failures = run_failures(stress, InMemory(1))
    node = [node.key for node in stress.nodes].index("supplier")
    impact = failures.pi[failures.nodes.index((node,))]
    outcome = measured(twins_of(merged(data, {"interventions": {"failure": ONE_FAILURE[failure]}}))).outcome
    normal, scenario_revenue = outcome.stream_revenue.sum(axis=1)[::-1]
    assert normal - scenario_revenue == pytest.approx(impact, rel=1e-9, abs=1e-9)


def test_a_shock_that_does_not_come_changes_no_promise():
    """A slow buyer can choose only once the shock limits its depot; that has no say in what others get."""
    shared = two_suppliers(
        stock_points={
            "source": {"capacity_per_day": 4.0},
            "plenty": {"firm": "friend", "item": "part"},
            "depot": {"firm": "friend", "item": "part", "policy": {"kind": "base_stock", "units": 20.0}},
            "slow": {
                "firm": "maker",
                "item": "part",
                "policy": {"kind": "base_stock", "units": 200.0, "review_days": 7},
            },
        },
        lanes={
            "from-plenty": {"supplier": "plenty", "buyer": "depot"},
            "from-source": {"supplier": "source", "buyer": "depot"},
            "from-depot": {"supplier": "depot", "buyer": "slow"},
            "directly": {"supplier": "plenty", "buyer": "slow"},
        },
        demand={"slow": {"stock_point": "slow", "market": "home", "mean_per_day": 20.0, "price": 1.0}},
    )
    shock = ban(START, jurisdiction=None, covers={"lanes": ["from-plenty"]})
    shock = {key: value for key, value in shock.items() if value is not None}
    with_shock = twins_of(merged(shared, {"interventions": {"shock": shock}})).counterfactual
    without = twins_of(shared).scenario
    for field in ("ordered", "cancelled", "shipped", "backlog"):
        theirs = getattr(without.ledger.lanes, field).tolist()
        assert getattr(with_shock.ledger.lanes, field).tolist() == theirs
