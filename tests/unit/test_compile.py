"""Names become indices, numbers become arrays, uncertain numbers become inputs."""

import numpy as np
import pytest

from sim.model.compile import compile_plan
from sim.model.plan import NEVER, DemandProcess, PolicyKind, Ramp, Sourcing, Supply
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
    assert plan.day_of(plan.date_of(5)) == 5


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
    [("proportional", 0, 0), ("priority", 7, 4), ("fixed_order", 0, 1)],
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
        return [plan.labels.firms[firm] for firm in plan.makers]

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
