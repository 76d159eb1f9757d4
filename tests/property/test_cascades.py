"""Whatever the network: failures spread as the definition says, in whichever order links are gone through."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model.baseline import mean_demand
from sim.model.compile import compile_plan
from sim.model.supply_links import supply_links
from sim.risk.cascade import systemic_risk
from sim.scenario.schema import Scenario
from tests.cascades import firms_of, index_by_definition
from tests.strategies import scenario_data

MEASURES = (("esri", "leontief", False), ("substituted", "leontief", True), ("linear", "linear", False))
AMOUNTS = st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.0, 7.0])


@st.composite
def economies(draw):
    """Sales between firms, with circles, their sectors and what they sell to markets."""
    firms = draw(st.integers(2, 8))
    rows = st.lists(AMOUNTS, min_size=firms, max_size=firms)
    sales = np.array(draw(st.lists(rows, min_size=firms, max_size=firms)))
    np.fill_diagonal(sales, 0.0)
    sales[0, 1] += 1.0
    sectors = draw(st.lists(st.integers(0, 2), min_size=firms, max_size=firms))
    to_markets = draw(st.lists(st.sampled_from([0.0, 0.5, 3.0]), min_size=firms, max_size=firms))
    return sales, np.array(sectors), np.array(to_markets)


@given(economy=economies(), measure=st.sampled_from(MEASURES))
def test_the_index_follows_its_definition(economy, measure):
    name, recipe, replaced = measure
    found = systemic_risk(firms_of(*economy), np.array([0]))
    expected = index_by_definition(economy, 0, recipe=recipe, replaced=replaced)
    assert getattr(found, name)[0] == pytest.approx(expected, abs=1e-6)


@given(economy=economies(), data=st.data())
def test_the_index_does_not_depend_on_the_order_of_firms(economy, data):
    sales, sectors, to_markets = economy
    order = data.draw(st.permutations(range(len(sales))))
    found = systemic_risk(firms_of(*economy), np.array(order))
    other = firms_of(sales[np.ix_(order, order)], sectors[order], to_markets[order])
    again = systemic_risk(other, np.arange(len(order)))
    for name, amounts in dataclasses.asdict(found).items():
        assert amounts == pytest.approx(getattr(again, name), abs=1e-6), name


@settings(max_examples=25)
@given(data=scenario_data(shocks=False))
def test_links_of_a_scenario_lead_from_the_sources_down(data):
    plan = compile_plan(Scenario.model_validate(data))
    links = supply_links(plan, mean_demand(plan, 0))
    assert (links.turn[links.supplier] < links.turn[links.buyer]).all()
    assert (np.diff(links.turn[links.buyer]) >= 0).all()
