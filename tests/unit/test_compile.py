"""Names become indices, numbers become arrays, uncertain numbers become inputs."""

import numpy as np
import pytest

from sim.model.compile import compile_plan
from sim.model.plan import NEVER, DemandProcess, Pause, PolicyKind, Ramp, Sourcing, Supply
from sim.scenario.schema import Scenario
from sim.scenario.walk import quantities_of
from tests.builders import ban, compiled, day, factory, merged, read, shop


def test_indices_follow_the_file():
    plan = compiled(factory())
    assert plan.labels.points == ("source", "parts", "goods")
    assert plan.lanes.supplier.tolist() == [0]
    assert plan.lanes.buyer.tolist() == [1]
    assert plan.edges.point.tolist() == [1]
    assert plan.edges.made.tolist() == [2]
    assert plan.streams.point.tolist() == [2]


def test_where_stock_comes_from():
    assert compiled(factory()).points.supply.tolist() == [Supply.SOURCE, Supply.BOUGHT, Supply.MADE]


def test_points_run_from_sources_to_customers_whatever_the_file_says():
    data = factory()
    data["stock_points"] = dict(reversed(data["stock_points"].items()))
    plan = compiled(data)
    assert [plan.labels.points[point] for point in plan.order] == ["source", "parts", "goods"]


def test_rows_of_lanes_in_and_out():
    plan = compiled(factory())
    assert [plan.inbound[point].tolist() for point in range(3)] == [[], [0], []]
    assert [plan.outbound[point].tolist() for point in range(3)] == [[0], [], []]
    assert [plan.inputs_of[point].tolist() for point in range(3)] == [[], [], [0]]
    assert [plan.uses_of[point].tolist() for point in range(3)] == [[], [0], []]
    assert [plan.streams_at[point].tolist() for point in range(3)] == [[], [], [0]]


def test_substitutes_are_lanes_after_the_lanes():
    data = shop(
        stock_points={"late": {"firm": "supplier", "item": "part"}},
        substitutes={
            "late": {
                "supplier": "late",
                "buyer": "shelf",
                "trigger": {"date": day(3)},
                "qualification_lag_days": 1,
                "ramp": "logistic",
            }
        },
    )
    plan = compiled(data)
    assert plan.labels.lanes == ("parts", "late")
    assert plan.lanes.is_substitute.tolist() == [False, True]
    assert plan.substitutes.lane.tolist() == [1]
    assert plan.substitutes.trigger_day.tolist() == [3]
    assert plan.substitutes.ramp.tolist() == [Ramp.LOGISTIC]
    assert plan.labels.firms[plan.substitutes.firm[0]] == "maker"


def test_dates_are_days_from_the_start():
    plan = compiled(shop(interventions={"ban": ban(5, end=day(9)), "next": ban(0, date=None, after="ban")}))
    assert plan.interventions.day.tolist() == [5, NEVER]
    assert plan.interventions.end_day.tolist() == [9, NEVER]
    assert plan.interventions.after.tolist() == [-1, 0]
    assert plan.date_of(5).isoformat() == day(5)


def test_codes_of_kinds():
    data = shop(demand={"home": {"process": "poisson"}}, stock_points={"shelf": {"sourcing": "rank"}})
    data["stock_points"]["shelf"]["policy"] = {"kind": "r_Q", "reorder_units": 1.0, "batch_units": 2.0}
    plan = compiled(data)
    assert plan.streams.process.tolist() == [DemandProcess.POISSON]
    assert plan.points.policy.tolist() == [PolicyKind.NONE, PolicyKind.REORDER_QUANTITY]
    assert plan.points.sourcing.tolist() == [Sourcing.SHARE, Sourcing.RANK]


def test_content_is_the_lanes_own_or_its_items():
    assert compiled(shop()).lanes.controlled_content_share.tolist() == [1.0]
    item = {"part": {"controlled_content_share": 0.3}}
    assert compiled(shop(items=item)).lanes.controlled_content_share.tolist() == [0.3]
    lane = {"parts": {"controlled_content_share": 0.1}}
    assert compiled(shop(items=item, lanes=lane)).lanes.controlled_content_share.tolist() == [0.1]


def test_an_uncertain_number_stands_in_the_plan_as_its_mean():
    price = {"dist": "uniform", "low": 1.0, "high": 2.0}
    plan = compiled(shop(lanes={"parts": {"price": price}}))
    assert plan.lanes.price.tolist() == [1.5]
    assert [item.path for item in plan.inputs] == ["lanes.parts.price"]


UNCERTAIN = {"dist": "uniform", "low": 1.0, "high": 2.0}


def test_samples_go_where_they_belong_and_leave_the_plan_as_it_was():
    data = factory(
        firms={"maker": {"engineers": UNCERTAIN}},
        lanes={"parts": {"price": UNCERTAIN}},
        demand={"home": {"seasonality": [1.0, UNCERTAIN, 1.0, 1.0]}},
    )
    plan = compiled(data)
    samples = {"firms.maker.engineers": 1.1, "lanes.parts.price": 1.2, "demand.home.seasonality.1": 1.3}
    changed = plan.with_inputs(np.array([samples[item.path] for item in plan.inputs]))
    assert changed.engineers.tolist() == [1.1, np.inf]
    assert changed.lanes.price.tolist() == [1.2]
    assert changed.streams.seasonality[0, 2:7].tolist() == [1.0, 1.3, 1.3, 1.3, 1.0]
    assert plan.lanes.price.tolist() == [1.5]


def test_an_items_content_is_one_input_for_all_its_lanes():
    share = {"dist": "uniform", "low": 0.0, "high": 1.0}
    second = {"second": {"firm": "supplier", "item": "part"}}
    data = shop(
        items={"part": {"controlled_content_share": share}},
        stock_points=second,
        lanes={"others": {"supplier": "second", "buyer": "shelf"}},
    )
    plan = compiled(data)
    assert len(plan.inputs) == 1
    assert plan.with_inputs(np.array([0.3])).lanes.controlled_content_share.tolist() == [0.3, 0.3]


def test_an_input_is_called_by_the_path_of_its_number_in_the_file():
    data = factory(
        stock_points={
            "parts": {"policy": {"units": UNCERTAIN}},
            "late-source": {"firm": "supplier", "item": "part"},
        },
        recipes={"assembly": {"process_days": UNCERTAIN, "inputs": {"parts": UNCERTAIN}}},
        substitutes={
            "late": {
                "supplier": "late-source",
                "buyer": "parts",
                "price": UNCERTAIN,
                "trigger": {"cover_below_days": UNCERTAIN},
                "qualification_lag_days": UNCERTAIN,
            }
        },
    )
    scenario = read(data)
    uncertain = {
        ".".join(located.path)
        for located in quantities_of(scenario)
        if located.quantity.support[0] < located.quantity.support[1]
    }
    assert {item.path for item in compile_plan(scenario).inputs} == uncertain


@pytest.mark.parametrize(
    ("given", "shortest", "cumulative"),
    [
        (3, 3, [1.0]),
        (2.6, 3, [1.0]),
        ({"dist": "uniform", "low": 0.0, "high": 2.0}, 0, [0.25, 0.75, 1.0]),
        ({"dist": "empirical", "values": [1.0, 3.0]}, 1, [0.5, 0.5, 1.0]),
        (0.5, 0, [1.0]),
        (1.5, 2, [1.0]),
        (2.5, 2, [1.0]),
        ({"dist": "empirical", "values": [0.5, 1.5, 2.5, 3.5]}, 0, [0.25, 0.25, 0.75, 0.75, 1.0]),
    ],
)
def test_lead_times_are_whole_days(given, shortest, cumulative):
    lead_time = compiled(shop(lanes={"parts": {"lead_time_days": given}})).lead_times[0]
    assert lead_time.shortest_days == shortest
    assert lead_time.cumulative.tolist() == pytest.approx(cumulative)


def test_a_lead_time_without_bound_is_cut_where_it_is_rare():
    lead_time = {"dist": "lognormal", "median": 5.0, "sigma": 0.5}
    found = compiled(shop(lanes={"parts": {"lead_time_days": lead_time}})).lead_times[0]
    assert len(found.cumulative) < 100
    assert found.cumulative[-1] > 1.0 - 1e-5


@pytest.mark.parametrize(
    ("allocation", "lane", "stream"),
    [("proportional", 0, 0), ("priority", 2, 1), ("fixed_order", 0, 1)],
)
def test_ranks_of_claims(allocation, lane, stream):
    data = shop(
        stock_points={
            "shelf": {"allocation": allocation},
            "corner": {"firm": "maker", "item": "part", "policy": {"kind": "base_stock"}},
        },
        lanes={"on": {"supplier": "shelf", "buyer": "corner", "priority": 7}},
        demand={
            "home": {"priority": 4},
            "corner": {"stock_point": "corner", "market": "home", "mean_per_day": 1.0, "price": 1.0},
        },
    )
    plan = compiled(data)
    assert plan.claims.lane.tolist() == [0, lane]
    assert plan.claims.stream.tolist() == [stream, 0]


def test_priorities_are_whole_numbers_of_any_size_and_sign():
    lanes = {"more": {"supplier": "source", "buyer": "shelf", "priority": -(10**30), "rank": 10**30}}
    plan = compiled(shop(lanes=lanes, stock_points={"source": {"allocation": "priority"}}))
    assert plan.claims.lane.tolist() == [1, 0]
    assert plan.lanes.rank.tolist() == [0, 1]


def test_makers_are_those_named_or_all_who_sell():
    data = shop(
        firms={"shopkeeper": {"name": "Shopkeeper", "country": "DE"}},
        stock_points={
            "corner": {"firm": "shopkeeper", "item": "part", "policy": {"kind": "base_stock"}},
        },
        lanes={"on": {"supplier": "shelf", "buyer": "corner"}},
        demand={"corner": {"stock_point": "corner", "market": "home", "mean_per_day": 1.0, "price": 1.0}},
    )

    def makers(**analysis):
        plan = compiled(merged(data, {"analysis": analysis}))
        return list(plan.labels.makers)

    assert makers() == ["maker", "shopkeeper"]
    assert makers(makers=["shopkeeper"]) == ["shopkeeper"]


def test_the_shock_is_the_one_named_or_the_first_marked():
    entries = {"early": ban(1, shock=False), "one": ban(2), "two": ban(3)}
    assert compiled(shop(interventions=entries)).shock == 1
    assert compiled(shop(interventions=entries, analysis={"shock": "two"})).shock == 2
    assert compiled(shop()).shock == -1


def test_compiling_twice_gives_the_same_plan():
    scenario = Scenario.model_validate(factory(interventions={"ban": ban(5)}))
    one, other = compile_plan(scenario), compile_plan(scenario)
    assert one.points.units.tobytes() == other.points.units.tobytes()
    assert one.effects.target.tolist() == other.effects.target.tolist()


def test_codes_of_policies_and_observed_processes():
    data = shop(
        stock_points={
            "corner": {"firm": "maker", "item": "part", "policy": {"kind": "echelon_base_stock"}},
            "last": {"firm": "maker", "item": "part", "policy": {"kind": "none"}, "initial_on_hand": 5.0},
        },
        lanes={"parts": {"buyer": "corner"}, "on": {"supplier": "corner", "buyer": "shelf"}},
        demand={
            "home": {"process": "listed", "observations": [1.0, 5.0]},
            "last": {
                "stock_point": "last",
                "market": "home",
                "process": "empirical",
                "observations": [3.0],
                "price": 1.0,
            },
        },
    )
    plan = compiled(data)
    kinds = dict(zip(plan.labels.points, plan.points.policy.tolist(), strict=True))
    assert kinds == {
        "source": PolicyKind.NONE,
        "shelf": PolicyKind.BASE_STOCK,
        "corner": PolicyKind.ECHELON_BASE_STOCK,
        "last": PolicyKind.NONE,
    }
    assert plan.points.supply.tolist() == [Supply.SOURCE, Supply.BOUGHT, Supply.BOUGHT, Supply.BOUGHT]
    assert plan.inbound[3].tolist() == []
    assert plan.streams.process.tolist() == [DemandProcess.LISTED, DemandProcess.EMPIRICAL]
    assert [row.tolist() for row in plan.streams.observations] == [[1.0, 5.0], [3.0]]
    assert plan.streams.mean_per_day.tolist() == [10.0, 3.0]


def test_processes_that_are_not_observed_have_no_observations():
    assert [row.tolist() for row in compiled(shop()).streams.observations] == [[]]


def test_batches_have_no_limit_unless_given():
    data = shop()
    assert compiled(data).points.max_batches.tolist() == [np.inf, np.inf]
    data["stock_points"]["shelf"]["policy"] = {"kind": "r_Q", "batch_units": 2.0}
    assert compiled(data).points.max_batches.tolist() == [np.inf, np.inf]
    data["stock_points"]["shelf"]["policy"]["max_batches"] = 3
    assert compiled(data).points.max_batches.tolist() == [np.inf, 3.0]


def test_lots_and_first_days_of_recipes_stand_at_their_outputs():
    recipe = {
        "minimum_order_units": 4.0,
        "order_multiple_units": 2.0,
        "initial_waiting": 6.0,
        "initial_work_in_process": [1.0, 2.0],
    }
    points = compiled(factory(recipes={"assembly": recipe})).points
    assert points.minimum_order_units.tolist() == [0.0, 0.0, 4.0]
    assert points.order_multiple_units.tolist() == [0.0, 0.0, 2.0]
    assert points.initial_waiting.tolist() == [0.0, 0.0, 6.0]
    assert points.initial_work_in_process.tolist() == [[0.0, 0.0], [0.0, 0.0], [1.0, 2.0]]


def test_goods_under_way_are_a_table_of_days_filled_up_with_nothing():
    data = shop(
        stock_points={"second": {"firm": "supplier", "item": "part"}},
        lanes={
            "parts": {"initial_in_transit": [3.0], "initial_backlog": 8.0},
            "other": {"supplier": "second", "buyer": "shelf", "initial_in_transit": [1.0, 0.0, 2.0]},
        },
    )
    lanes = compiled(data).lanes
    assert lanes.initial_in_transit.tolist() == [[3.0, 0.0, 0.0], [1.0, 0.0, 2.0]]
    assert lanes.initial_backlog.tolist() == [8.0, 0.0]
    assert compiled(shop()).lanes.initial_in_transit.shape == (1, 0)


def test_what_is_under_way_or_in_work_may_be_uncertain():
    data = factory(
        lanes={"parts": {"initial_in_transit": [5.0, UNCERTAIN]}},
        recipes={"assembly": {"initial_work_in_process": [UNCERTAIN]}},
        demand={"home": {"initial_backorders": UNCERTAIN}},
    )
    plan = compiled(data)
    samples = {
        "lanes.parts.initial_in_transit.1": 1.1,
        "recipes.assembly.initial_work_in_process.0": 1.2,
        "demand.home.initial_backorders": 1.3,
    }
    changed = plan.with_inputs(np.array([samples[item.path] for item in plan.inputs]))
    assert changed.lanes.initial_in_transit.tolist() == [[5.0, 1.1]]
    assert changed.points.initial_work_in_process.tolist() == [[0.0], [0.0], [1.2]]
    assert changed.streams.initial_backorders.tolist() == [1.3]


def test_a_random_yield_is_planned_with_its_mean_and_drawn_no_more_than_by_the_day():
    plan = compiled(
        factory(recipes={"assembly": {"yield_share": {"dist": "uniform", "low": 0.5, "high": 1.0}}})
    )
    assert plan.points.yield_share.tolist() == [1.0, 1.0, pytest.approx(0.75)]
    assert plan.inputs == ()
    assert [quantity is not None for quantity in plan.yields] == [False, False, True]


def test_a_yield_that_is_given_is_not_drawn():
    assert compiled(factory(recipes={"assembly": {"yield_share": 0.8}})).yields == (None, None, None)


def test_costs_stand_where_they_arise():
    data = shop(
        stock_points={
            "source": {"backorder_cost_per_unit_day": 2.0},
            "shelf": {"holding_cost_per_unit_day": 1.0, "order_cost": 3.0},
        },
        lanes={"parts": {"in_transit_cost_per_unit_day": 4.0}},
        demand={"home": {"lost_sale_cost_per_unit": 5.0}},
    )
    plan = compiled(data)
    assert plan.points.holding_cost_per_unit_day.tolist() == [0.0, 1.0]
    assert plan.points.backorder_cost_per_unit_day.tolist() == [2.0, 0.0]
    assert plan.points.order_cost.tolist() == [0.0, 3.0]
    assert plan.lanes.in_transit_cost_per_unit_day.tolist() == [4.0]
    assert plan.streams.lost_sale_cost_per_unit.tolist() == [5.0]


def outage(**fields):
    return {"kind": "disruption", "title": "Outage", "date": day(3), "pauses": "receipts", **fields}


MARKOV = {"mean_days_to_failure": 9.0, "mean_days_to_recover": UNCERTAIN}


def test_one_process_drives_all_that_a_disruption_covers_unless_each_has_its_own():
    covers = {"lanes": {}, "stock_points": {"stock_points": ["goods"]}, "markov": MARKOV}
    entries = {
        "always": outage(lanes={}),
        "together": outage(**covers),
        "apart": outage(**covers, common_cause=False),
    }
    plan = compiled(factory(interventions=entries))
    assert plan.labels.processes == ("together", "apart:lane:parts", "apart:point:goods")
    assert plan.process_intervention.tolist() == [1, 2, 2]
    assert plan.effects.process.tolist() == [-1, 0, 0, 1, 2]
    assert plan.effects.intervention.tolist() == [0, 1, 1, 2, 2]
    assert set(plan.effects.pause.tolist()) == {Pause.RECEIPTS}


def test_days_to_failure_and_recovery_are_numbers_of_their_intervention_and_may_be_uncertain():
    plan = compiled(shop(interventions={"ban": ban(5), "outage": outage(lanes={}, markov=MARKOV)}))
    assert plan.interventions.mean_days_to_failure.tolist() == [0.0, 9.0]
    assert plan.interventions.mean_days_to_recover.tolist() == [0.0, 1.5]
    assert [item.path for item in plan.inputs] == ["interventions.outage.markov.mean_days_to_recover"]
    assert plan.with_inputs(np.array([1.25])).interventions.mean_days_to_recover.tolist() == [0.0, 1.25]


def test_what_pauses_nothing_has_no_pause_and_no_process():
    plan = compiled(shop(interventions={"ban": ban(5)}))
    assert plan.effects.pause.tolist() == plan.effects.process.tolist() == [-1]
    assert plan.labels.processes == ()
    assert plan.process_intervention.tolist() == []
