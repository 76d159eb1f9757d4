"""Both engines give the same states and flows, to the last bit, on every day of random networks."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings

from sim.engines import blocks
from sim.model.compile import compile_plan
from sim.montecarlo.batch import replicate
from sim.montecarlo.blocks import block_width
from sim.montecarlo.sampling import sample_inputs
from sim.scenario.schema import Scenario
from tests.builders import ban, compiled, day, factory, shop
from tests.strategies import scenario_data

SEED = 1
COMPARED = 2
"""Replications of a block that are compared."""
SETTLED = {"on_order", "owed", "sent", "set_aside", "at_dock"}
"""What follows from the rest by the same code for both engines."""


@settings(max_examples=150)
@given(scenario_data())
def test_random_networks(data):
    assert_same_states(compile_plan(Scenario.model_validate(data)))


@settings(max_examples=150)
@given(scenario_data())
def test_more_random_networks(data):
    assert_same_states(compile_plan(Scenario.model_validate(data)))


@pytest.mark.slow
@settings(max_examples=5000)
@given(scenario_data())
def test_thousands_of_random_networks(data):
    assert_same_states(compile_plan(Scenario.model_validate(data)))


@pytest.mark.slow
@settings(max_examples=5000)
@given(scenario_data())
def test_thousands_more_random_networks(data):
    assert_same_states(compile_plan(Scenario.model_validate(data)))


def test_twins_that_differ_from_the_first_day():
    assert_same_states(compiled(factory(30, interventions={"ban": ban(0)})))


def test_a_lane_filled_in_two_rounds_takes_its_room_and_no_rounding_more():
    capacity = {"a": 6.99999999999998e-06, "b": 8.812740478911284e-06, "c": 0.00046938912965909077}
    share = {"a": 0.5, "b": 0.2589142373123606, "c": 0.013}
    sources = {f"source-{name}": {"firm": "supplier", "item": "part"} for name in share}
    shelf = {"policy": {"units": 0.008253329825555234}, "initial_on_hand": 0.0, "sourcing": "share"}
    lane = {"buyer": "shelf", "lead_time_days": 3, "price": 1.0}
    lanes = {
        name: {**lane, "supplier": f"source-{name}", "share": share[name], "capacity_per_day": capacity[name]}
        for name in share
    }
    changes = {
        "stock_points": {**sources, "shelf": shelf},
        "lanes": {"parts": {"capacity_per_day": 0.0, "share": 0.0}, **lanes},
        "demand": {"home": {"mean_per_day": 0.0}},
    }
    assert_same_states(compiled(shop(5, **changes)))


def test_an_order_of_whole_lots_is_not_rounded_up():
    changes = {
        "stock_points": {"shelf": {"policy": {"units": 2.1}, "initial_on_hand": 0.0}},
        "lanes": {"parts": {"order_multiple_units": 0.3}},
        "demand": {"home": {"mean_per_day": 0.0}},
    }
    assert_same_states(compiled(shop(5, **changes)))


def test_what_the_shock_ends_early_goes_on_in_the_counterfactual():
    flood = {"kind": "capacity_loss", "title": "Flood", "date": day(3), "duration_days": 15}
    flood = {**flood, "covers": {"firms": ["supplier"]}}
    dam = {"kind": "lifting", "title": "Dam", "date": day(6), "lifts": ["flood"], "shock": True}
    assert_same_states(compiled(shop(30, interventions={"flood": flood, "dam": dam})))


def test_of_two_bans_the_stricter_counts_whichever_comes_first():
    licence = {"kind": "licence", "title": "Licence", "date": day(5), "covers": {}, "volume_share": 0.5}
    licence = {**licence, "relieves": ["lenient"]}
    bans = {"strict": ban(5), "lenient": ban(5, shock=False), "licence": licence}
    assert_same_states(compiled(shop(30, interventions=bans)))


def assert_same_states(plan):
    samples = sample_inputs(plan, SEED, range(block_width(plan)))
    books = blocks.ledgers(blocks.load(blocks.Study.of(plan, SEED), 0, samples), COMPARED)
    for replication, (scenario, counterfactual) in enumerate(books):
        twins = replicate(plan, SEED, replication)
        assert_same(scenario, twins.scenario.ledger, f"scenario {replication}")
        assert_same(counterfactual, twins.counterfactual.ledger, f"counterfactual {replication}")


def assert_same(found, expected, twin):
    for table in ("points", "lanes", "streams"):
        for field in fields(getattr(expected, table)):
            if field.name not in SETTLED:
                ours, theirs = (getattr(getattr(ledger, table), field.name) for ledger in (found, expected))
                np.testing.assert_array_equal(ours, theirs, err_msg=f"{twin}: {table}.{field.name}")
    for name in ("held_back", "qualified_day"):
        np.testing.assert_array_equal(
            getattr(found, name), getattr(expected, name), err_msg=f"{twin}: {name}"
        )
