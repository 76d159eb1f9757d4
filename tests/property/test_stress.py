"""Whatever the network: no failure beats the linear programs, and both engines make the same of it."""

import dataclasses
import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.model.compile import compile_plan
from sim.model.failures import stress_plan
from sim.montecarlo.batches import InMemory
from sim.montecarlo.failure_runs import run_failures
from sim.montecarlo.simpy_batch import replicate
from sim.risk.leading import lost_by_all
from sim.risk.lp_bounds import bounds_of, have_bounds
from sim.risk.outcomes import Outcome
from sim.risk.tables import makers
from sim.scenario.schema import Scenario
from tests.builders import measured
from tests.strategies import few, scenario_data


@st.composite
def stressed(draw):
    data = draw(scenario_data())
    length = data["calendar"]["days"]
    ttr_days = draw(st.integers(1, 20))
    data["stress"] = {"date": draw(st.integers(0, length - ttr_days)), "ttr_days": ttr_days}
    data["analysis"].pop("window_days", None)
    scenario = Scenario.model_validate(data)
    try:
        return stress_plan(scenario, compile_plan(scenario))
    except ScenarioError:
        assume(False)
        raise


def turns_goods_back_later(stress):
    """Bans of the undisturbed network that return goods after the failure: what the bounds do not know."""
    table = stress.plan.interventions
    return bool((table.turns_back & (table.probability > 0.0)).any())


def without_running_costs(plan):
    """Next to what running a network costs, a bound that is wrong about goods alone would look right."""
    points, lanes, streams = plan.points, plan.lanes, plan.streams
    nothing = np.zeros_like(points.order_cost)
    return dataclasses.replace(
        plan,
        points=dataclasses.replace(
            points, holding_cost_per_unit_day=nothing, backorder_cost_per_unit_day=nothing, order_cost=nothing
        ),
        lanes=dataclasses.replace(
            lanes, in_transit_cost_per_unit_day=np.zeros_like(lanes.in_transit_cost_per_unit_day)
        ),
        streams=dataclasses.replace(
            streams, lost_sale_cost_per_unit=np.zeros_like(streams.lost_sale_cost_per_unit)
        ),
    )


@few(15)
@given(stressed(), st.booleans(), st.booleans())
def test_no_failure_beats_the_linear_programs(stress, margin_leads, runs_for_nothing):
    assume(have_bounds(stress.plan) and not turns_goods_back_later(stress))
    plan = without_running_costs(stress.plan) if runs_for_nothing else stress.plan
    plan = dataclasses.replace(
        plan, margin_leads=margin_leads, keeps_account=plan.keeps_account or margin_leads
    )
    stress = dataclasses.replace(stress, plan=plan)
    failures = run_failures(stress, InMemory(1))
    streams = stress.plan.streams
    of_a_day = float((streams.mean_per_day * streams.price).max(initial=0.0))
    # Programs count in days of usage: what is next to nothing of one is nothing to them.
    largest = max(abs(failures.revenue), float(np.abs(failures.pi).max()), 1e-6 * of_a_day)
    for row, bound in enumerate(bounds_of(stress)):
        assert failures.pi[row] >= bound.pi - 1e-6 * largest, stress.nodes[row]
        assert failures.tts_days[row] <= bound.tts_days, stress.nodes[row]


def batch_of(outcome):
    """A batch of one replication."""
    fields = dataclasses.fields(outcome)
    return Outcome(**{field.name: np.asarray(getattr(outcome, field.name))[None] for field in fields})


@settings(max_examples=10)
@given(stressed(), st.data())
def test_a_failure_is_what_the_readable_engine_makes_of_it(stress, data):
    """The compiled failures side by side are each one scenario of the readable engine."""
    failures = run_failures(stress, InMemory(1))
    row = data.draw(st.integers(0, len(failures.nodes) - 1))
    samples = np.zeros(len(stress.plan.inputs))
    samples[list(failures.nodes[row])] = 1.0
    alone = dataclasses.replace(stress.plan.with_inputs(samples), inputs=())
    outcome = measured(replicate(alone, 0, 0)).outcome
    sold = makers(alone, batch_of(outcome))
    without, with_failure = (sold[f"revenue_{twin}"].sum() for twin in ("counterfactual", "scenario"))
    if stress.plan.margin_leads:
        assert failures.pi[row] == lost_by_all(alone, batch_of(outcome))[0]
    else:
        assert math.isclose(
            failures.pi[row], without - with_failure, rel_tol=1e-9, abs_tol=1e-9 * max(1e-6, without)
        )
    first = outcome.first_lost_sales_days
    assert failures.tts_days[row] == np.where(np.isnan(first), np.inf, first).min(initial=np.inf)
