"""Lots, echelon stock, stock that is never ordered, first days and random yield, worked out by hand."""

import numpy as np
import pytest

from sim.engines.draws import draw
from sim.model.plan import Supply
from tests.builders import compiled, factory, merged, network, shop, told, twins_of

# ------------------------------------------------------------------ lots


def ordered(days, **lane):
    return told(shop(days, lanes={"parts": lane})).lane("parts", "ordered").tolist()


def test_an_order_in_multiples_is_ahead_of_demand_and_lower_the_next_time():
    assert ordered(4, order_multiple_units=4.0) == [12.0, 8.0, 12.0, 8.0]


def test_after_an_order_of_the_minimum_nothing_is_ordered_until_it_is_used_up():
    assert ordered(6, minimum_order_units=25.0) == [25.0, 0.0, 25.0, 0.0, 0.0, 25.0]


def test_minimum_and_multiple_hold_together():
    assert ordered(4, minimum_order_units=25.0, order_multiple_units=10.0) == [30.0, 0.0, 0.0, 30.0]


def test_what_a_lane_has_no_room_for_is_ordered_in_whole_multiples():
    assert ordered(3, order_multiple_units=4.0, capacity_per_day=7.0) == [4.0, 4.0, 4.0]


def test_what_waits_on_a_lane_takes_no_room_from_new_orders():
    lane = {"minimum_order_units": 7.0, "capacity_per_day": 7.0, "initial_backlog": 5.0}
    assert ordered(3, **lane) == [7.0, 7.0, 7.0]


def test_every_lane_has_lots_of_its_own():
    run = told(
        shop(
            2,
            stock_points={"second": {"firm": "supplier", "item": "part"}},
            lanes={
                "parts": {"order_multiple_units": 4.0},
                "other": {"supplier": "second", "buyer": "shelf", "minimum_order_units": 7.0},
            },
        )
    )
    assert run.lane("parts", "ordered").tolist() == [8.0, 4.0]
    assert run.lane("other", "ordered").tolist() == [7.0, 7.0]
    assert run.point("shelf", "ordered").tolist() == [15.0, 11.0]


def test_production_is_ordered_in_lots_of_good_units():
    recipe = {"order_multiple_units": 4.0, "minimum_order_units": 9.0, "yield_share": 0.8}
    run = told(factory(3, recipes={"assembly": recipe}))
    assert run.point("goods", "ordered").tolist() == [12.0, 12.0, 12.0]
    assert run.point("goods", "started").tolist() == [15.0, 15.0, 15.0]
    assert run.point("goods", "produced").tolist() == [12.0, 12.0, 12.0]


def test_what_is_ordered_beyond_the_target_is_not_ordered_again():
    run = told(factory(6, recipes={"assembly": {"minimum_order_units": 25.0}}))
    assert run.point("goods", "ordered").tolist() == [25.0, 0.0, 25.0, 0.0, 0.0, 25.0]
    assert run.point("goods", "on_hand").tolist() == [45.0, 35.0, 50.0, 40.0, 30.0, 45.0]


def test_at_most_so_many_batches_are_ordered_at_a_time():
    data = shop(5, stock_points={"shelf": {"initial_on_hand": 20.0}})
    policy = {"kind": "r_Q", "reorder_units": 50.0, "batch_units": 20.0, "max_batches": 1}
    data["stock_points"]["shelf"]["policy"] = policy
    assert told(data).point("shelf", "ordered").tolist() == [20.0] * 5
    policy["max_batches"] = 2
    assert told(data).point("shelf", "ordered").tolist() == [40.0, 20.0, 20.0, 0.0, 20.0]


# ------------------------------------------------------------------ echelon stock


def serial(kind, units, shelf_kind="base_stock"):
    """Source -> 2 days -> depot of 30 -> 1 day -> shelf of 40, reviewed every other day -> 10 a day."""
    return shop(
        6,
        stock_points={
            "depot": {
                "firm": "supplier",
                "item": "part",
                "policy": {"kind": kind, "units": units},
                "initial_on_hand": 30.0,
            },
            "shelf": {
                "policy": {"kind": shelf_kind, "units": 40.0, "review_days": 2},
                "initial_on_hand": 40.0,
            },
        },
        lanes={
            "parts": {"supplier": "depot", "lead_time_days": 1},
            "inbound": {"supplier": "source", "buyer": "depot", "lead_time_days": 2},
        },
    )


def test_by_its_own_stock_a_depot_orders_when_the_shelf_does():
    run = told(serial("base_stock", 40.0))
    assert run.lane("parts", "ordered").tolist() == [10.0, 0.0, 20.0, 0.0, 20.0, 0.0]
    assert run.lane("inbound", "ordered").tolist() == [20.0, 0.0, 20.0, 0.0, 20.0, 0.0]


@pytest.mark.parametrize("shelf_kind", ["base_stock", "echelon_base_stock"])
def test_by_echelon_stock_a_depot_orders_when_customers_buy(shelf_kind):
    """On day 0 the shelf has 30 and orders 10; the depot has 30: 20 short of 80. Then 10 short every day."""
    run = told(serial("echelon_base_stock", 80.0, shelf_kind))
    assert run.lane("parts", "ordered").tolist() == [10.0, 0.0, 20.0, 0.0, 20.0, 0.0]
    assert run.lane("inbound", "ordered").tolist() == [20.0, 10.0, 10.0, 10.0, 10.0, 10.0]
    assert run.point("depot", "on_hand").tolist() == [20.0, 20.0, 20.0, 30.0, 20.0, 30.0]


def test_customers_who_wait_downstream_count_against_the_echelon():
    data = merged(
        serial("echelon_base_stock", 80.0),
        {
            "stock_points": {"shelf": {"initial_on_hand": 0.0}},
            "demand": {"home": {"initial_backorders": 5.0}},
        },
    )
    assert told(data).lane("inbound", "ordered")[:2].tolist() == [80.0 - (30.0 - 15.0), 10.0]


@pytest.mark.parametrize(("yield_share", "order"), [(1.0, 60.0), (0.8, 50.0)])
def test_goods_count_in_the_echelon_of_their_parts_by_the_bill_of_materials(yield_share, order):
    """30 goods on hand and ordered; 180 parts are left of 200 (175 where a fifth of the goods is lost)."""
    data = factory(1, recipes={"assembly": {"yield_share": yield_share}})
    data["stock_points"]["parts"]["policy"] = {"kind": "echelon_base_stock", "units": 300.0}
    assert told(data).lane("parts", "ordered").tolist() == [pytest.approx(order)]


# ------------------------------------------------------------------ stock that is never ordered


def last_time_buy(**point):
    data = shop(5, demand={"home": {"patience_days": 0}})
    data["stock_points"] = {"shelf": {"firm": "maker", "item": "part", "policy": {"kind": "none"}, **point}}
    del data["lanes"]
    return data


def test_a_stock_that_nothing_fills_lasts_as_long_as_it_lasts():
    run = told(last_time_buy(initial_on_hand=25.0))
    assert run.plan.points.supply.tolist() == [Supply.BOUGHT]
    assert run.point("shelf", "on_hand").tolist() == [15.0, 5.0, 0.0, 0.0, 0.0]
    assert run.stream("home", "lost").tolist() == [0.0, 0.0, 5.0, 10.0, 10.0]
    assert run.point("shelf", "ordered").tolist() == [0.0] * 5


def test_a_stock_that_is_never_ordered_begins_with_nothing_unless_given():
    assert told(last_time_buy()).stream("home", "shipped").tolist() == [0.0] * 5


def test_a_lane_to_a_stock_that_is_never_ordered_brings_what_is_under_way_only():
    data = shop(5, lanes={"parts": {"initial_in_transit": [0.0, 7.0], "initial_backlog": 4.0}})
    data["stock_points"]["shelf"]["policy"] = {"kind": "none"}
    assert told(data).lane("parts", "delivered").tolist() == [0.0, 7.0, 0.0, 4.0, 0.0]


# ------------------------------------------------------------------ the first days


def test_goods_under_way_are_on_order_and_arrive_on_their_days():
    run = told(
        shop(
            4,
            stock_points={"shelf": {"initial_on_hand": 60.0}},
            lanes={"parts": {"initial_in_transit": [5.0, 6.0, 7.0]}},
        )
    )
    assert run.point("shelf", "ordered").tolist() == [100.0 - (60.0 + 18.0 - 10.0), 10.0, 10.0, 10.0]
    assert run.lane("parts", "delivered").tolist() == [5.0, 6.0, 7.0, 32.0]
    assert run.lane("parts", "in_transit").tolist() == [45.0, 49.0, 52.0, 30.0]
    assert run.point("shelf", "on_hand").tolist() == [55.0, 51.0, 48.0, 70.0]


@pytest.mark.parametrize(
    ("crossing", "delivered"),
    [(False, [0.0, 0.0, 0.0, 34.0]), (True, [0.0, 1.0 + 10.0, 10.0, 13.0])],
)
def test_unless_orders_cross_nothing_overtakes_what_is_under_way_already(crossing, delivered):
    lane = {"lead_time_days": 1, "initial_in_transit": [0.0, 0.0, 0.0, 3.0], "order_crossing": crossing}
    run = told(shop(4, stock_points={"shelf": {"initial_on_hand": 96.0}}, lanes={"parts": lane}))
    assert run.lane("parts", "ordered").tolist() == [11.0, 10.0, 10.0, 10.0]
    assert run.lane("parts", "delivered").tolist() == delivered


def test_a_backlog_is_on_order_and_leaves_first():
    run = told(
        shop(4, stock_points={"source": {"capacity_per_day": 5.0}}, lanes={"parts": {"initial_backlog": 8.0}})
    )
    assert run.lane("parts", "ordered").tolist() == [2.0, 10.0, 10.0, 10.0]
    assert run.lane("parts", "backlog").tolist() == [5.0, 10.0, 15.0, 20.0]
    assert run.point("shelf", "on_order").tolist() == [10.0, 20.0, 30.0, 35.0 + 5.0 - 5.0]


def test_customers_who_wait_on_the_first_day_are_served_with_its_own():
    run = told(
        shop(
            4,
            stock_points={"shelf": {"initial_on_hand": 12.0}},
            demand={"home": {"initial_backorders": 7.0}},
        )
    )
    assert run.stream("home", "demand").tolist() == [10.0] * 4
    assert run.stream("home", "shipped").tolist() == [12.0, 0.0, 0.0, 35.0]
    assert run.point("shelf", "ordered").tolist() == [105.0, 10.0, 10.0, 10.0]
    assert run.point("shelf", "owed").tolist() == [5.0, 15.0, 25.0, 0.0]


def test_customers_who_wait_on_the_first_day_may_leave_on_it():
    empty = {"shelf": {"initial_on_hand": 0.0, "policy": {"units": 0.0}}}
    home = {"initial_backorders": 6.0, "patience_days": 4.0}
    assert told(shop(1, stock_points=empty, demand={"home": home})).stream("home", "lost").tolist() == [4.0]


def test_production_that_waits_is_on_order_and_takes_capacity():
    run = told(factory(4, recipes={"assembly": {"initial_waiting": 6.0, "capacity_per_day": 8.0}}))
    assert run.point("goods", "ordered").tolist() == [4.0, 10.0, 10.0, 10.0]
    assert run.point("goods", "started").tolist() == [8.0] * 4
    assert run.point("goods", "waiting").tolist() == [2.0, 4.0, 6.0, 8.0]
    assert run.lane("parts", "ordered").tolist() == [20.0] * 4


def test_work_in_process_is_on_order_and_is_finished_on_its_days():
    recipe = {"process_days": 2, "initial_work_in_process": [3.0, 0.0, 4.0]}
    run = told(factory(4, recipes={"assembly": recipe}))
    assert run.point("goods", "ordered").tolist() == [3.0, 10.0, 10.0, 10.0]
    assert run.point("goods", "produced").tolist() == [3.0, 0.0, 4.0 + 3.0, 10.0]
    assert run.point("goods", "wip").tolist() == [4.0 + 3.0, 17.0, 20.0, 20.0]
    assert run.point("goods", "on_hand").tolist() == [23.0, 13.0, 10.0, 10.0]


def test_parts_for_production_that_waits_are_owed_before_they_are_drawn():
    data = factory(
        1,
        stock_points={"parts": {"initial_on_hand": 4.0}},
        recipes={"assembly": {"initial_waiting": 6.0}},
    )
    run = told(data)
    assert run.point("parts", "ordered").tolist() == [200.0 - (4.0 - 2.0 * (6.0 + 4.0))]
    assert run.point("parts", "owed").tolist() == [16.0]


# ------------------------------------------------------------------ random yield

YIELD = {"dist": "discrete", "values": [0.5, 1.0], "weights": [1.0, 1.0]}


def with_random_yield(days=30):
    return factory(days, recipes={"assembly": {"yield_share": YIELD}})


def test_every_day_of_start_has_a_yield_of_its_own():
    run = told(with_random_yield())
    good = run.point("goods", "produced") / run.point("goods", "started")
    assert set(good.tolist()) == {0.5, 1.0}
    plan = compiled(with_random_yield())
    np.testing.assert_array_equal(good, draw(plan, 1, 0).yield_share[plan.labels.points.index("goods")])


def test_yields_depend_on_seed_and_replication_and_nothing_else():
    plan = compiled(with_random_yield())
    shares = draw(plan, 1, 0).yield_share
    np.testing.assert_array_equal(draw(plan, 1, 0).yield_share, shares)
    assert not np.array_equal(draw(plan, 2, 0).yield_share, shares)
    assert not np.array_equal(draw(plan, 1, 1).yield_share, shares)


def test_orders_reckon_with_the_mean_yield_until_the_days_own_is_known():
    """10 good units need 10 / 0.75 started; what comes out less or more is ordered on the next day."""
    run = told(with_random_yield(2))
    start = 10.0 / 0.75
    assert run.point("goods", "started")[0] == pytest.approx(start)
    short = 10.0 - run.point("goods", "produced")[0]
    assert abs(short) in (pytest.approx(start - 10.0), pytest.approx(10.0 - start / 2.0))
    assert run.point("goods", "ordered")[1] == pytest.approx(10.0 + short)
    assert run.path.schedule.usage[1].tolist() == [pytest.approx(20.0 / 0.75)] * 2


def test_work_in_process_is_counted_in_good_units_once_its_yield_is_known():
    data = merged(with_random_yield(4), {"recipes": {"assembly": {"process_days": 2}}})
    run = told(data)
    started, wip = run.point("goods", "started"), run.point("goods", "wip")
    shares = run.path.schedule.yield_share[run.plan.labels.points.index("goods")]
    assert wip[0] == started[0] * shares[0]
    np.testing.assert_allclose(run.point("goods", "produced")[2:], (started * shares)[:2])


def test_yields_are_the_same_in_both_twins():
    twins = twins_of(with_random_yield())
    np.testing.assert_array_equal(
        twins.scenario.schedule.yield_share, twins.counterfactual.schedule.yield_share
    )


def test_a_yield_that_is_given_is_the_same_every_day():
    plan = compiled(factory(3, recipes={"assembly": {"yield_share": 0.8}}))
    assert draw(plan, 1, 0).yield_share.tolist() == [[1.0] * 3, [1.0] * 3, [0.8] * 3]


def assembly_of_two_parts(under_way, **short_policy):
    """A good takes one long part, three days under way, and two short ones, a day under way."""
    echelon = {"kind": "echelon_base_stock"}
    return network(
        6,
        items={"short": {"name": "Short", "unit": "pieces"}},
        stock_points={
            "long": {
                "firm": "maker",
                "item": "part",
                "policy": echelon | {"units": 20.0},
                "initial_on_hand": 10.0,
            },
            "long-source": {"firm": "supplier", "item": "part"},
            "short-source": {"firm": "supplier", "item": "short"},
            "short": {
                "firm": "maker",
                "item": "short",
                "policy": echelon | {"units": 40.0} | short_policy,
                "initial_on_hand": 12.0,
            },
            "goods": {
                "firm": "maker",
                "item": "product",
                "policy": {"kind": "base_stock", "units": 3.0},
                "initial_on_hand": 3.0,
            },
        },
        recipes={"assembly": {"output": "goods", "inputs": {"long": 1.0, "short": 2.0}}},
        lanes={
            "long": {
                "supplier": "long-source",
                "buyer": "long",
                "lead_time_days": 3,
                "initial_in_transit": under_way,
            },
            "short": {"supplier": "short-source", "buyer": "short", "lead_time_days": 1},
        },
        demand={
            "home": {
                "stock_point": "goods",
                "market": "home",
                "process": "listed",
                "observations": [4.0],
                "price": 1.0,
            }
        },
    )


@pytest.mark.parametrize(
    ("under_way", "ordered"),
    [
        pytest.param([], 8.0, id="as far as the long part's stock reaches: 2 x (10 - 4 + 3) - (12 - 8 + 6)"),
        pytest.param([5.0], 18.0, id="what is received today counts"),
        pytest.param([0.0, 5.0], 18.0, id="and what is due when the order arrives"),
        pytest.param([0.0, 0.0, 5.0], 8.0, id="but nothing later"),
        pytest.param([100.0], 30.0, id="never beyond the short part's own level"),
    ],
)
def test_balanced_orders_keep_pace_with_the_long_part(under_way, ordered):
    run = told(assembly_of_two_parts(under_way, balanced_with="long"))
    assert run.point("short", "ordered")[0] == ordered


def test_orders_out_of_balance_go_up_to_their_level():
    assert told(assembly_of_two_parts([])).point("short", "ordered")[0] == 30.0


def test_balanced_orders_take_the_fastest_of_several_lanes():
    data = assembly_of_two_parts([0.0, 0.0, 5.0], balanced_with="long")
    data["lanes"]["slow"] = data["lanes"]["short"] | {"lead_time_days": 2}
    assert told(data).point("short", "ordered")[0] == 8.0


def test_balanced_orders_see_the_day_s_orders_of_all_that_the_long_part_supplies():
    """Wherever these stand in the file: here as far down as the short part, and before it."""
    data = assembly_of_two_parts([], balanced_with="long")
    spares = data["stock_points"]["goods"] | {"policy": {"kind": "base_stock", "units": 7.0}}
    data["stock_points"] = {"spares": spares, **data["stock_points"], "depot": data["stock_points"]["short"]}
    data["stock_points"]["depot"] = {"firm": "maker", "item": "short", "policy": spares["policy"]}
    data["recipes"]["kit"] = {"output": "spares", "inputs": {"long": 1.0}}
    data["lanes"]["short"]["supplier"] = "depot"
    data["lanes"]["depot"] = {"supplier": "short-source", "buyer": "depot", "lead_time_days": 0}
    data["demand"]["spares"] = data["demand"]["home"] | {"stock_point": "spares"}
    plan = compiled(data)
    turn = {plan.labels.points[point]: place for place, point in enumerate(plan.order.tolist())}
    assert turn["short"] < min(turn["spares"], turn["goods"])


def test_an_echelon_has_all_that_a_depot_supplies():
    """Stock 5 at the depot and 3 and 4 at its shops, level 40; each shop has just sold 2."""
    shop_at = {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "units": 0.0}}
    data = network(
        1,
        stock_points={
            "source": {"firm": "supplier", "item": "part"},
            "depot": shop_at
            | {"policy": {"kind": "echelon_base_stock", "units": 40.0}, "initial_on_hand": 5.0},
            "north": shop_at | {"initial_on_hand": 3.0},
            "south": shop_at | {"initial_on_hand": 4.0},
        },
        lanes={
            "in": {"supplier": "source", "buyer": "depot", "lead_time_days": 2},
            "to-north": {"supplier": "depot", "buyer": "north", "lead_time_days": 1},
            "to-south": {"supplier": "depot", "buyer": "south", "lead_time_days": 1},
        },
        demand={
            shop: {
                "stock_point": shop,
                "market": "home",
                "process": "listed",
                "observations": [2.0],
                "price": 1.0,
            }
            for shop in ("north", "south")
        },
    )
    assert told(data).point("depot", "ordered").tolist() == [40.0 - (5.0 + 3.0 + 4.0 - 2.0 - 2.0)]


def test_an_echelon_has_the_parts_in_all_that_is_made_of_them():
    """10 parts, and 6 goods of 2 parts and 3 of 1 before a good of each is sold; level 60."""
    goods = {"firm": "maker", "item": "product", "policy": {"kind": "base_stock", "units": 0.0}}
    data = factory(
        1,
        stock_points={
            "parts": {"policy": {"kind": "echelon_base_stock", "units": 60.0}, "initial_on_hand": 10.0},
            "goods": goods | {"initial_on_hand": 6.0},
            "light": goods | {"initial_on_hand": 3.0},
        },
        recipes={"light": {"output": "light", "inputs": {"parts": 1.0}}},
        demand={"home": {"mean_per_day": 1.0}},
    )
    data["demand"]["light"] = data["demand"]["home"] | {"stock_point": "light"}
    assert told(data).point("parts", "ordered").tolist() == [60.0 - (10.0 + 2.0 * (6.0 - 1.0) + (3.0 - 1.0))]


@pytest.mark.parametrize(("lead_time", "sold"), [(0, [10.0] * 3), (1, [0.0] * 3)])
def test_impatient_customers_are_ordered_for_only_if_goods_can_reach_them_today(lead_time, sold):
    data = shop(
        3,
        stock_points={"shelf": {"policy": {"units": 0.0}, "initial_on_hand": 0.0}},
        lanes={"parts": {"lead_time_days": lead_time}},
        demand={"home": {"patience_days": 0}},
    )
    assert told(data).stream("home", "shipped").tolist() == sold


# ------------------------------------------------------------------ what recipes claim of a shared part


def two_recipes(**changes):
    """`both` takes a part and a screw, `plain` a part; ten of each wait to be started, and nobody asks."""
    item = {"unit": "pieces"}
    once = {"firm": "maker", "policy": {"kind": "none"}}
    idle = {"market": "home", "process": "listed", "observations": [0.0], "price": 1.0}
    names = ("screw", "both", "plain")
    base = network(
        1,
        items={name: item | {"name": name} for name in names},
        stock_points={
            "part": once | {"item": "part", "initial_on_hand": 10.0},
            "screw": once | {"item": "screw", "initial_on_hand": 10.0},
            "both": once | {"item": "both"},
            "plain": once | {"item": "plain"},
        },
        recipes={
            "both": {"output": "both", "inputs": {"part": 1.0, "screw": 2.0}, "initial_waiting": 10.0},
            "plain": {"output": "plain", "inputs": {"part": 1.0}, "initial_waiting": 10.0},
        },
        demand={name: idle | {"stock_point": name} for name in ("both", "plain")},
    )
    return merged(base, changes)


def held_back(run, recipe, part):
    points = run.plan.labels.points
    edges = zip(run.plan.edges.made.tolist(), run.plan.edges.point.tolist(), strict=True)
    edge = [(points[made], points[source]) for made, source in edges].index((recipe, part))
    return run.path.ledger.held_back[0, edge]


def test_a_recipe_claims_no_more_of_a_part_than_its_other_inputs_leave_use_for():
    """Ten screws make five, so the claims on ten parts are 5 and 10."""
    run = told(two_recipes())
    assert run.point("both", "started")[0] == pytest.approx(10.0 / 3.0)
    assert run.point("plain", "started")[0] == pytest.approx(20.0 / 3.0)


def test_a_part_of_which_a_recipe_gets_all_it_can_use_is_not_what_binds_it():
    data = two_recipes(
        stock_points={"part": {"allocation": "priority"}},
        recipes={"both": {"priority": 1}, "plain": {"priority": 2}},
    )
    run = told(data)
    assert (run.point("both", "started")[0], run.point("plain", "started")[0]) == (5.0, 5.0)
    assert (held_back(run, "both", "part"), held_back(run, "both", "screw")) == (0.0, 5.0)


def test_two_inputs_that_are_equally_short_share_the_blame():
    data = two_recipes(
        stock_points={"part": {"initial_on_hand": 4.0}, "screw": {"initial_on_hand": 8.0}},
        recipes={"plain": {"initial_waiting": 0.0}},
    )
    run = told(data)
    assert run.point("both", "started")[0] == 4.0
    assert (held_back(run, "both", "part"), held_back(run, "both", "screw")) == (3.0, 3.0)


def test_nothing_is_started_without_any_input():
    data = two_recipes(stock_points={"part": {"initial_on_hand": 0.0}, "screw": {"initial_on_hand": 0.0}})
    assert told(data).point("both", "started")[0] == 0.0
