"""What holds of every path of random networks: see invariants.py for one function a claim."""

import pytest
from hypothesis import given, settings

from sim.engines.ledger import SimulatedPath
from sim.model.compile import compile_plan
from sim.montecarlo.simpy_batch import replicate
from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.property.invariants import INVARIANTS
from tests.strategies import scenarios


def _check(scenario: Scenario) -> None:
    twins = replicate(compile_plan(scenario), seed=1, replication=0)
    for path in (twins.scenario, twins.counterfactual):
        _hold(twins.plan, path)


def _hold(plan, path: SimulatedPath) -> None:
    broken = []
    for name, holds in INVARIANTS.items():
        try:
            holds(plan, path)
        except AssertionError as error:
            broken.append(f"{name}: {error}")
    assert broken == []


@settings(max_examples=50)
@given(scenarios())
def test_every_invariant_holds_of_random_networks(scenario):
    _check(scenario)


@pytest.mark.slow
@settings(max_examples=1000)
@given(scenarios())
def test_every_invariant_holds_of_many_random_networks(scenario):
    _check(scenario)


@settings(max_examples=30)
@given(scenarios())
def test_random_scenarios_are_such_as_a_file_may_hold(scenario):
    assert [finding.message for finding in inconsistencies(scenario)] == []
