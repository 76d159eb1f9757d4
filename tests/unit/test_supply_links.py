"""Links between stock points, by hand."""

from dataclasses import asdict

import numpy as np
import pytest

from sim.engines.loading import Values
from sim.model.baseline import mean_demand
from sim.model.supply_links import drawn_links, supply_links
from sim.montecarlo.batches import InMemory, InParts
from sim.montecarlo.parts import Parts
from sim.montecarlo.sampling import sample_inputs
from sim.montecarlo.store import RunFolder
from sim.risk import systemic
from sim.risk.systemic import draw_ranks, find_systemic_risk, systemic_summary, systemic_tables
from tests.builders import compiled, factory, merged, shop


def links_of(data):
    plan = compiled(data)
    return plan, supply_links(plan, plan.streams.mean_per_day)


def test_a_shop_sells_what_its_customers_ask_for_and_buys_as_much():
    plan, links = links_of(shop(demand={"home": {"price": 5.0}}, lanes={"parts": {"price": 2.0}}))
    sold = dict(zip(plan.labels.firms, links.sold_by_firm.tolist(), strict=True))
    demand = float(plan.streams.mean_per_day[0])
    assert sold == {"supplier": 2.0 * demand, "maker": 5.0 * demand}
    assert links.share_of_input.tolist() == links.share_of_output.tolist() == [1.0]


def test_goods_without_a_price_count_at_what_a_unit_is_worth():
    plan, links = links_of(shop(stock_points={"source": {"unit_cost": 3.0}}, lanes={"parts": {"price": 0.0}}))
    supplier = plan.points.firm[plan.lanes.supplier[0]]
    assert links.sold_by_firm[supplier] == 3.0 * plan.streams.mean_per_day[0]


def test_a_recipe_takes_its_inputs_by_units_and_yield():
    plan, links = links_of(factory())
    made = plan.edges.made[0]
    inputs = links.supplier[links.buyer == made]
    assert set(inputs.tolist()) == set(plan.edges.point[plan.edges.made == made].tolist())
    assert (links.share_of_input[links.buyer == made] == 1.0).all()
    assert links.share_of_purchases[links.buyer == made].sum() == pytest.approx(1.0)


def test_a_network_that_sells_nothing_has_no_risk():
    plan, links = links_of(shop(demand={"home": {"mean_per_day": 0.0}}))
    found = find_systemic_risk(links, InMemory(1))
    tables = systemic_tables(plan, links, found, draw_ranks(plan, 0, found), {})
    assert found.esri.tolist() == [0.0, 0.0]
    assert tables["stress_reach"].empty
    assert systemic_summary(tables["stress_systemic"])["firms_with_most"] == 0


UNSURE = {
    "firms": {"other": {"name": "Other", "country": "JP"}},
    "stock_points": {"second": {"firm": "other", "item": "part"}},
    "lanes": {
        "parts": {"share": {"dist": "uniform", "low": 0.2, "high": 0.9}},
        "more": {"supplier": "second", "buyer": "shelf", "lead_time_days": 1, "share": 0.5},
    },
}


def test_ranks_are_drawn_where_shares_are_unsure():
    plan = compiled(merged(shop(), UNSURE))
    links = supply_links(plan, plan.streams.mean_per_day)
    found = find_systemic_risk(links, InMemory(1))
    table = systemic_tables(plan, links, found, draw_ranks(plan, 0, found), {})["stress_systemic"]
    assert (table["rank_p05"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_p95"]).all()
    assert table["rank_p95"].max() == 3.0
    assert (table["esri_p05"] <= table["esri_p95"]).all()
    assert np.isfinite(table["esri_p05"]).all()


def test_links_of_all_draws_at_once_are_those_of_each_alone():
    dear = {"lanes": {"more": {"price": {"dist": "uniform", "low": 1.0, "high": 3.0}}}}
    wanted = {"demand": {"home": {"mean_per_day": {"dist": "uniform", "low": 5.0, "high": 9.0}}}}
    plan = compiled(merged(merged(merged(shop(), UNSURE), dear), wanted))
    assert len(plan.inputs) == 3
    samples = sample_inputs(plan, 0, range(8))
    plans = [plan.with_inputs(sample) for sample in samples]
    demand = np.stack([mean_demand(drawn, 0) for drawn in plans], axis=1)
    together = list(drawn_links(plans, Values(plan, samples), demand))
    for drawn, links in zip(plans, together, strict=True):
        alone = asdict(supply_links(drawn, mean_demand(drawn, 0)))
        assert all(np.array_equal(values, alone[name]) for name, values in asdict(links).items())
    assert len({float(links.sold.sum()) for links in together}) == 8


def test_the_index_is_kept_in_few_parts_and_goes_on_from_them(tmp_path, monkeypatch):
    plan = compiled(merged(shop(), UNSURE))
    links = supply_links(plan, plan.streams.mean_per_day)
    whole = find_systemic_risk(links, InMemory(1))
    monkeypatch.setattr(systemic, "CELLS", 1)
    monkeypatch.setattr(systemic, "MOST_PARTS", 2)
    parts = Parts(RunFolder(tmp_path), "run")
    told: list[int] = []
    for _ in range(2):
        found = find_systemic_risk(links, InParts(parts, 1, told.append))
        assert all(np.array_equal(values, asdict(whole)[name]) for name, values in asdict(found).items())
        names = parts.names()
        assert len(names) == 2
        (tmp_path / names[0]).unlink()
    assert told == [0, 1, 1, 1, 1, 1, 1]
