"""A stress test beside the linear programs of Simchi-Levi et al. 2015, node by node.

Where goods take no time and no choice pays, what is simulated and what is best are the same: on small
networks, on the flagship with one product at a time, whose nodes stay down to the end of the window, and on
the whole flagship but for nodes whose parts products compete for.
"""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from sim.model.compile import compile_plan, prepare
from sim.model.failures import stress_plan
from sim.model.plan import LeadTime
from sim.model.schedule import planned_demand
from sim.montecarlo.batches import InMemory
from sim.montecarlo.failure_runs import run_failures
from sim.risk.lp_bounds import bounds_of
from sim.scenario.schema import Scenario
from tests.builders import merged
from tests.verification.test_time_to_survive import three_tiers, two_suppliers

CHAPTER = "Stress test"
SOURCE = "Simchi-Levi et al. 2015"
FLAGSHIP = Path(__file__).parents[2] / "scenarios" / "entity-list-2019-research-house.yaml"
PRODUCTS = ("ai-cameras", "recorders", "ai-servers")


def stressed(data, ttr_days=20):
    streams = {name: {"patience_days": 3} for name in data["demand"]}
    data = merged(data, {"demand": streams, "stress": {"date": 10, "ttr_days": ttr_days}})
    scenario = Scenario.model_validate(data)
    return stress_plan(scenario, compile_plan(scenario))


@pytest.mark.parametrize("network", ["two suppliers", "three tiers"])
def test_without_lead_times_every_node_is_at_its_bound(verify, network):
    data, _ = {"two suppliers": two_suppliers, "three tiers": three_tiers}[network]()
    stress = stressed(data)
    failures, bounds = run_failures(stress, InMemory(1)), bounds_of(stress)
    assert failures.pi[: len(stress.nodes)].max() > 0.0
    for row, node in enumerate(stress.nodes):
        case = f"{network}, {node.kind} {node.key}"
        verify(
            case=f"{case}: performance impact",
            source=SOURCE,
            expected=bounds[row].pi,
            simulated=failures.pi[row],
            tolerance=1e-6,
        )
        if math.isfinite(bounds[row].tts_days):
            verify(
                case=f"{case}: time to survive",
                source=SOURCE,
                expected=bounds[row].tts_days,
                simulated=failures.tts_days[row],
            )
        else:
            assert math.isinf(failures.tts_days[row])


@pytest.mark.parametrize("network", ["two suppliers", "three tiers"])
def test_without_lead_times_every_node_costs_the_margin_of_its_bound(verify, network):
    """A unit earns its price less what its parts cost, on whichever lane they come."""
    data, _ = {"two suppliers": two_suppliers, "three tiers": three_tiers}[network]()
    priced = {"lanes": {name: {"price": 0.3} for name in data["lanes"]}, "analysis": {"headline": "margin"}}
    stress = stressed(merged(data, priced))
    failures, bounds = run_failures(stress, InMemory(1)), bounds_of(stress)
    count = len(stress.nodes)
    least = np.array([bound.pi for bound in bounds])
    assert failures.pi[:count] == pytest.approx(least, abs=1e-6)
    assert least.max() > 0.0
    verify(
        case=f"{network}: performance impact on margin of {count} nodes, added up",
        source=SOURCE,
        expected=math.fsum(least),
        simulated=math.fsum(failures.pi[:count]),
        tolerance=1e-6,
    )


def test_with_lead_times_no_node_is_below_its_bound():
    for data, _ in (two_suppliers(lead_time=4), three_tiers(lead_time=3)):
        stress = stressed(data)
        failures = run_failures(stress, InMemory(1))
        for row, bound in enumerate(bounds_of(stress)):
            assert failures.pi[row] >= bound.pi - 1e-6
            assert failures.tts_days[row] <= bound.tts_days


def instant(plan, **changes):
    """The flagship without lead and process times."""
    points = changes.pop("points", plan.points)
    return dataclasses.replace(
        plan,
        points=dataclasses.replace(points, process_days=np.zeros_like(points.process_days)),
        lead_times=tuple(LeadTime(0, np.ones(1)) for _ in plan.lead_times),
        **changes,
    )


def alone(scenario, plan, product):
    """The flagship without lead and process times, with one product; stocks shrink with their usage."""
    sells = np.array([plan.labels.items[item] == product for item in plan.points.item[plan.streams.point]])
    mean = np.where(sells, plan.streams.mean_per_day, 0.0)
    usage, left = (_usage(plan, planned) for planned in (planned_demand(plan, 1)[:, 0], mean))
    points = dataclasses.replace(
        plan.points,
        units=plan.points.units * np.divide(left, usage, out=np.zeros_like(usage), where=usage > 0.0),
    )
    streams = dataclasses.replace(plan.streams, mean_per_day=mean)
    return stress_plan(scenario, instant(plan, points=points, streams=streams))


def _usage(plan, demand):
    """``[point]`` units a day that a demand draws from the stocks of makers."""
    usage = np.zeros(len(plan.points.firm))
    np.add.at(usage, plan.streams.point, demand)
    for point in plan.order[::-1].tolist():
        for edge in plan.uses_of[point].tolist():
            usage[point] += plan.edges.units[edge] * usage[plan.edges.made[edge]]
    return usage


@pytest.mark.slow
@pytest.mark.parametrize("product", PRODUCTS)
def test_every_node_of_the_flagship_with_one_product_is_at_its_bound(verify, product):
    scenario, plan = prepare(FLAGSHIP, ["stress.ttr_days=365"])
    stress = alone(scenario, plan, product)
    failures, bounds = run_failures(stress), bounds_of(stress)
    count = len(stress.nodes)
    least = np.array([bound.pi for bound in bounds])
    longest = np.array([bound.tts_days for bound in bounds])
    assert failures.pi[:count] == pytest.approx(least, abs=1e-6)
    assert failures.tts_days[:count].tolist() == longest.tolist()
    verify(
        case=f"flagship, {product} alone, no lead times: performance impact of {count} nodes, added up",
        source=SOURCE,
        expected=math.fsum(least),
        simulated=math.fsum(failures.pi[:count]),
        tolerance=1e-5,
    )
    verify(
        case=f"flagship, {product} alone, no lead times: shortest time to survive",
        source=SOURCE,
        expected=longest.min(),
        simulated=failures.tts_days[:count].min(),
    )


def _products_of(plan):
    """``[point]`` the products that each stock point's item ends up in."""
    products: list[set[int]] = [set() for _ in plan.points.firm]
    for point in plan.streams.point.tolist():
        products[point].add(int(plan.points.item[point]))
    for point in plan.order[::-1].tolist():
        for edge in plan.uses_of[point].tolist():
            products[point] |= products[plan.edges.made[edge]]
    return products


@pytest.mark.slow
def test_a_node_of_the_whole_flagship_is_above_its_bound_only_if_products_compete_for_its_parts(verify):
    """Scarce parts are shared in proportion to need; whoever knows the end keeps them for the dearest."""
    scenario, plan = prepare(FLAGSHIP, ["stress.ttr_days=365"])
    stress = stress_plan(scenario, instant(plan))
    failures, bounds = run_failures(stress), bounds_of(stress)
    products, buyers = _products_of(plan), plan.lanes.buyer
    at_bound = 0
    for row, (node, bound) in enumerate(zip(stress.nodes, bounds, strict=True)):
        is_at_bound = failures.pi[row] == pytest.approx(bound.pi, rel=1e-6, abs=1e-2)
        is_at_bound &= failures.tts_days[row] == bound.tts_days
        compete = any(len(products[buyers[lane]]) > 1 for lane in node.lanes)
        assert is_at_bound or compete, node
        at_bound += is_at_bound
    verify(
        case="flagship, all products, no lead times: nodes at their bound (for the others products compete)",
        source=SOURCE,
        expected=91,
        simulated=at_bound,
    )


@pytest.mark.slow
def test_no_node_of_the_flagship_is_below_its_bound():
    stress = stress_plan(*prepare(FLAGSHIP))
    failures = run_failures(stress)
    for row, bound in enumerate(bounds_of(stress)):
        assert failures.pi[row] >= bound.pi - 1e-6, stress.nodes[row]
        assert failures.tts_days[row] <= bound.tts_days, stress.nodes[row]
