"""Twins share their days up to the shock; tests/property/test_twins.py does the same with random networks."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from sim.engines.des import simulate
from sim.model.compile import compile_plan
from sim.montecarlo.simpy_batch import replicate
from sim.scenario.load import load_scenario
from tests.builders import ban, factory, twins_of

GOLDEN = Path(__file__).parent.parent / "golden" / "small.yaml"


def assert_alike(one, other):
    for group in ("points", "lanes", "streams"):
        for field in fields(getattr(one, group)):
            mine, its = (getattr(getattr(ledger, group), field.name) for ledger in (one, other))
            np.testing.assert_array_equal(mine, its, field.name)
    np.testing.assert_array_equal(one.held_back, other.held_back)
    np.testing.assert_array_equal(one.qualified_day, other.qualified_day)


def assert_as_simulated_alone(twins):
    for path in (twins.scenario, twins.counterfactual):
        assert_alike(path.ledger, simulate(twins.plan, path.schedule))


@pytest.mark.parametrize("replication", [0, 1])
def test_twins_are_the_paths_simulated_alone(replication):
    plan = compile_plan(load_scenario(GOLDEN))
    assert_as_simulated_alone(replicate(plan, 1, replication))


@pytest.mark.parametrize("start", [0, 1, 9])
def test_goods_under_way_and_in_work_at_the_shock_arrive_in_both_twins(start):
    data = factory(
        30,
        recipes={"assembly": {"process_days": 4, "capacity_per_day": 9.0}},
        lanes={"parts": {"lead_time_days": {"dist": "empirical", "values": [0.0, 1.0, 6.0]}}},
        interventions={"ban": ban(start, duration_days=8, in_transit="turned_back")},
    )
    assert_as_simulated_alone(twins_of(data))
