"""The counterfactual is the scenario without its shock, to the last bit."""

import copy

import numpy as np
from hypothesis import assume, given, settings

from sim.engines.des import simulate
from sim.engines.ledger import SimulatedPath
from sim.model.compile import compile_plan
from sim.model.plan import Plan
from sim.montecarlo.sampling import sample_inputs
from sim.montecarlo.simpy_batch import replicate
from sim.scenario.schema import Scenario
from tests.property.invariants import tables
from tests.strategies import Data, is_shock, scenario_data, scenarios


def same_to_the_last_bit(one: SimulatedPath, other: SimulatedPath) -> None:
    for (name, mine), (_, theirs) in zip(tables(one.ledger), tables(other.ledger), strict=True):
        assert mine.tobytes() == theirs.tobytes(), name
    assert np.array_equal(one.ledger.qualified_day, other.ledger.qualified_day)
    assert one.schedule.unit_price.tobytes() == other.schedule.unit_price.tobytes()
    assert one.schedule.lane_price.tobytes() == other.schedule.lane_price.tobytes()


@settings(max_examples=60)
@given(scenarios())
def test_twins_are_the_paths_simulated_alone(scenario):
    """What the twins share is simulated once; each must be the same as if it had been alone."""
    twins = replicate(compile_plan(scenario), seed=2, replication=0)
    for path in (twins.scenario, twins.counterfactual):
        same_to_the_last_bit(path, SimulatedPath(path.schedule, simulate(twins.plan, path.schedule)))


@settings(max_examples=10)
@given(scenarios())
def test_simulating_twice_gives_the_same(scenario):
    plan = compile_plan(scenario)
    one, other = (replicate(plan, seed=2, replication=7) for _ in range(2))
    same_to_the_last_bit(one.scenario, other.scenario)
    same_to_the_last_bit(one.counterfactual, other.counterfactual)


def without_shock(data: Data) -> Data:
    """The scenario with the interventions of the shock struck from the file, and what refers to them."""
    left = copy.deepcopy(data)
    left["analysis"] = {}
    entries = left["interventions"]
    gone = {name for name in entries if is_shock(entries, name)}
    for name in gone:
        del entries[name]
    for name, entry in list(entries.items()):
        for field in ("lifts", "relieves"):
            if field in entry:
                entry[field] = [other for other in entry[field] if other not in gone]
                if not entry[field]:
                    entries.pop(name, None)
    gone = set(data["interventions"]) - set(entries)
    for name in [name for name, entry in entries.items() if entry.get("after") in gone]:
        entries.pop(name)
    for late in (*left["substitutes"].values(), *left["recipes"].values()):
        if late.get("trigger", {}).get("intervention") not in {None, *entries}:
            late["trigger"] = {"cover_below_days": 0}  # no stock is below nothing
    return left


@settings(max_examples=20)
@given(scenarios(shocks=False))
def test_without_shock_both_twins_are_equal(scenario):
    twins = replicate(compile_plan(scenario), seed=2, replication=3)
    same_to_the_last_bit(twins.scenario, twins.counterfactual)


def _has_dependents_that_end_nothing(data: Data) -> bool:
    """Whether striking the shock also strikes only regular interventions of which nothing hangs any more."""
    entries = data["interventions"]
    left = without_shock(data)["interventions"]
    regular = [name for name in entries if not is_shock(entries, name)]
    late = (*data["substitutes"].values(), *data["recipes"].values())
    triggers = {its.get("trigger", {}).get("intervention") for its in late}
    inert = {
        name
        for name in regular
        if name not in left and entries[name]["kind"] in ("lifting", "licence") and name not in triggers
    }
    return all(name in left or name in inert for name in regular)


@settings(max_examples=40)
@given(scenario_data().filter(_has_dependents_that_end_nothing))
def test_the_counterfactual_is_the_file_without_the_shock(data):
    full, struck = (compile_plan(Scenario.model_validate(its)) for its in (data, without_shock(data)))
    assume(_sampled(struck).items() <= _sampled(full).items())
    twins, alone = (replicate(plan, seed=5, replication=1) for plan in (full, struck))
    same_to_the_last_bit(twins.counterfactual, alone.scenario)


def _sampled(plan: Plan) -> dict[str, float]:
    """Samples by input; one has another sample where what is struck asked for the same Sobol dimension."""
    samples = sample_inputs(plan, 5, range(1, 2))[0].tolist()
    return dict(zip((item.path for item in plan.inputs), samples, strict=True))
