"""Tiers above the makers and plants of firms: who is in them, how long stock lasts, what slack there is."""

from typing import Any

import numpy as np
import pytest
import yaml

import sim
from sim.model import tiers
from sim.model.tiers import WHOLE, groups_of, plants_of, tiers_of, worths
from tests.awkward import radio, stream
from tests.awkward.reading import read_page
from tests.builders import Data, ban, compiled, day, factory, merged, network
from tests.day.test_day_recipes import recorders

PLANTS = ("north", "south")


def by_firm(plan) -> dict[str, int]:
    return dict(zip(plan.labels.firms, tiers_of(plan).tolist(), strict=True))


def sites(plan) -> dict[str, str]:
    points = plan.labels.points
    return {point: points[plant] for point, plant in zip(points, plants_of(plan).tolist(), strict=True)}


def two_plants(days: int = 40, **changes: Any) -> Data:
    """A maker of two plants: each has parts and goods of its own; a shelf holds what neither makes."""
    base = network(
        days,
        items={"extra": {"name": "Extra", "unit": "pieces"}},
        stock_points={
            "source": {"firm": "supplier", "item": "part"},
            "extras": {"firm": "supplier", "item": "extra"},
            "shelf": stock("extra", 50.0),
            **{f"{plant}-parts": stock("part", 50.0) for plant in PLANTS},
            **{f"{plant}-goods": stock("product", 20.0) for plant in PLANTS},
        },
        recipes={
            plant: {"output": f"{plant}-goods", "inputs": {f"{plant}-parts": 1.0}, "capacity_per_day": limit}
            for plant, limit in zip(PLANTS, (20.0, 40.0), strict=True)
        },
        lanes={
            "extra": {"supplier": "extras", "buyer": "shelf", "lead_time_days": 1, "price": 2.0},
            **{
                plant: {"supplier": "source", "buyer": f"{plant}-parts", "lead_time_days": 1, "price": 3.0}
                for plant in PLANTS
            },
        },
        demand={
            point: {
                "stock_point": point,
                "market": "home",
                "mean_per_day": 10.0,
                "process": "constant",
                "price": 5.0,
                "patience_days": 0,
            }
            for point in ("shelf", *(f"{plant}-goods" for plant in PLANTS))
        },
    )
    return merged(base, changes)


def stock(item: str, units: float) -> Data:
    return {
        "firm": "maker",
        "item": item,
        "policy": {"kind": "base_stock", "units": units},
        "initial_on_hand": units,
    }


def test_a_tier_is_the_fewest_sales_to_a_maker():
    assert by_firm(compiled(radio())) == {"zz-radio": 0, "zz-fab": 1, "zz-mine": 2}
    by_the_mine = {"supplier": "zz-ore", "buyer": "zz-stones", "lead_time_days": 1, "price": 1}
    short_way = {
        "stock_points": {
            "zz-stones": {
                "firm": "zz-radio",
                "item": "zz-wafer",
                "policy": {"kind": "base_stock", "units": 1.0},
            }
        },
        "lanes": {"zz-direct": by_the_mine},
        "demand": {"zz-stones": {**stream("zz-asia", 1.0), "stock_point": "zz-stones"}},
    }
    assert by_firm(compiled(radio(**short_way))) == {"zz-radio": 0, "zz-fab": 1, "zz-mine": 1}


def test_who_only_buys_of_a_maker_is_in_no_tier_and_firms_may_buy_of_each_other():
    """The retailer buys goods of the maker; the supplier buys tools of the maker that it does not make."""
    circle = {
        "firms": {"retailer": {"name": "Retailer", "country": "DE"}},
        "items": {"tool": {"name": "Tool", "unit": "pieces"}},
        "stock_points": {
            "tools": {"firm": "maker", "item": "tool"},
            "tools-there": {
                "firm": "supplier",
                "item": "tool",
                "policy": {"kind": "base_stock", "units": 5.0},
            },
            "shop": {"firm": "retailer", "item": "product", "policy": {"kind": "base_stock", "units": 5.0}},
        },
        "lanes": {
            "tools": {"supplier": "tools", "buyer": "tools-there", "lead_time_days": 1, "price": 1.0},
            "retail": {"supplier": "goods", "buyer": "shop", "lead_time_days": 1, "price": 4.0},
        },
        "demand": {
            point: {"stock_point": point, "market": "home", "mean_per_day": 1.0, "price": 6.0}
            for point in ("tools-there", "shop")
        },
        "analysis": {"makers": ["maker"]},
    }
    plan = compiled(factory(20, **circle))
    assert by_firm(plan) == {"maker": 0, "supplier": 1, "retailer": -1}
    assert {group.tier for group in groups_of(plan).stocked} == {0, 1}


def test_what_recipes_join_is_a_plant_where_a_firm_has_an_item_twice():
    found = sites(compiled(two_plants()))
    for plant in PLANTS:
        assert found[f"{plant}-parts"] == found[f"{plant}-goods"]
    assert len({found[point] for point in ("north-parts", "south-parts", "shelf")}) == 3
    assert set(sites(compiled(factory())).values()) == {"source", "parts"}


def test_recipes_of_one_output_are_no_plants_of_their_own():
    plan = compiled(recorders())
    assert len(plan.lines) > 1
    assert len(set(plants_of(plan)[plan.points.firm == 0].tolist())) == 1


def test_a_source_is_worth_what_it_is_sold_at():
    plan = compiled(radio())
    worth = dict(zip(plan.labels.points, worths(plan, plan.numbers).tolist(), strict=True))
    assert worth == {
        "zz-ore": 4.0,
        "zz-wafers": 4.0,
        "zz-fab-chips": pytest.approx(0.4),
        "zz-chips": 1.0,
    }


def test_only_the_plants_that_use_most_are_told_of(monkeypatch):
    monkeypatch.setattr(tiers, "MOST_PLANTS", 2)
    plan = compiled(two_plants(demand={"shelf": {"mean_per_day": 100.0}}))
    names = [plan.labels.points[group.plant] for group in groups_of(plan).stocked if group.plant != WHOLE]
    assert "shelf" in names
    assert len(names) == 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tiers")


def run_of(folder, name, data, replications=4):
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return sim.run(file, replications=replications, workers=1)


@pytest.fixture(scope="module")
def plants(folder):
    """North loses its parts from day 14 on for 20 days."""
    cut = ban(14, duration_days=20, covers={"lanes": ["north"]})
    return run_of(folder, "plants", two_plants(70, interventions={"ban": cut}))


def weeks(run, measure, twin, tier=0, plant=""):
    table = run.tables["tiers"]
    rows = table[(table["tier"] == tier) & (table["plant"] == plant) & (table["twin"] == twin)]
    return rows.sort_values("week")[f"{measure}_mean"].to_numpy()


def test_each_stock_counts_by_its_worth(plants):
    """Parts and goods of a plant are worth 3 each, and of both 10 a day are used."""
    [south] = [plant for plant in plants.tables["tiers"]["plant"].unique() if plant.startswith("south")]
    steady = weeks(plants, "cover", "counterfactual", plant=south)
    ledger = plants.tables["stock"].query("stock_point == 'south-parts' and twin == 'counterfactual'")
    parts = ledger.sort_values("week")["p50"].to_numpy()
    goods = 2.0 * steady * 10.0 - parts
    assert np.allclose(goods, goods[-1])
    assert 0.0 <= goods[-1] <= 20.0


def test_slack_is_capacity_that_is_not_used(plants):
    """10 a day of 20 and of 40; none is used by who has no parts."""
    table = plants.tables["tiers"].dropna(subset=["slack_mean"])
    last = table[table["week"] == table["week"].max()].set_index(["plant", "twin"])["slack_mean"]
    assert sorted(last.xs("counterfactual", level="twin")) == pytest.approx([0.5, 0.625, 0.75])
    idle = table[(table["twin"] == "scenario") & (table["plant"] != "")].groupby("plant")["slack_mean"].max()
    assert sorted(idle) == pytest.approx([0.75, 1.0])


def test_a_tier_that_is_no_maker_has_limits_too(folder):
    """The source can give 40 a day of which 20 are used; then none is left to be used."""
    limits = {
        "stock_points": {
            "source": {"capacity_per_day": 40.0},
            "parts": {"policy": {"units": 120.0}, "initial_on_hand": 120.0},
        }
    }
    fire = {"kind": "capacity_loss", "title": "Fire", "covers": {"firms": ["supplier"]}, "shock": True}
    fire |= {"date": day(28), "duration_days": 14}
    data = factory(70, **limits, demand={"home": {"patience_days": 0}}, interventions={"fire": fire})
    run = run_of(folder, "limits", data)
    assert weeks(run, "slack", "counterfactual", tier=1)[-1] == pytest.approx(0.5)
    burning = weeks(run, "slack", "scenario", tier=1)
    assert burning[4] == 0.0
    assert burning[5] == 0.0
    assert np.isnan(weeks(run, "cover", "scenario", tier=1)).all()
    assert "tier_slack/1" in run.figures
    assert "tier_stock/1" not in run.figures
    assert "Upstream of the makers the model has no stock with a value." in read_page(run.report()).text


def test_the_chapter_names_plants_and_its_folder_tells_the_same(plants, folder):
    page = read_page(plants.report())
    assert "Maker, by plant" in page.text
    assert "has no stock with a value and no capacity with a limit" in page.text
    drawn = [name for name in plants.figures if name.startswith("tier_")]
    assert len(drawn) == len({key for key in page.titles if key.startswith("tier-")})
    assert all(plants.figures[name].data for name in drawn)
    again = sim.open(plants.save(folder / "saved"))
    assert again.report() == plants.report()


def test_nothing_is_told_of_goods_without_a_price(folder):
    free = factory(40, lanes={"parts": {"price": 0.0}}, demand={"home": {"price": 0.0}})
    free["interventions"] = {"ban": ban(10)}
    run = run_of(folder, "free", free)
    assert "tiers" not in run.tables
    assert "Stock and slack by tier" not in run.report()
