"""Whatever the network and its levers: no advice that fresh futures refute, or that the file's order makes.

Random small networks with a few of many levers: some add lanes, move levels or wait, some cost for nothing.
"""

import random
from typing import Any

import pytest
import yaml

from sim.stories import mitigate
from tests.builders import Data, day, factory

FUTURES, EVALUATIONS = 64, 40


def second_source(name: str, country: str, lane: Data, cost: float) -> Data:
    return {
        "title": f"A source in {country}",
        "set": {
            f"firms.{name}": {"name": name, "country": country},
            f"stock_points.{name}": {"firm": name, "item": "part"},
            f"lanes.{name}": {"supplier": name, "buyer": "parts", **lane},
        },
        "cost": {"once": cost},
    }


def network(seed: int) -> tuple[Data, dict[str, Data]]:
    """A factory whose supplier may be cut off, and three to five levers."""
    chance = random.Random(seed)
    pick: Any = chance.choice
    ban: Data = {"kind": "export_ban", "title": "Ban", "date": day(31), "jurisdiction": "US", "covers": {}}
    ban |= {"shock": True, "probability": pick([0.2, 0.6, 1.0])}
    data = factory(
        pick([90, 120]),
        stock_points={
            "parts": {
                "policy": {"units": pick([150.0, 300.0])},
                "holding_cost_per_unit_day": pick([0, 0.002]),
            },
            "goods": {"policy": {"units": pick([30.0, 80.0])}},
        },
        lanes={"parts": {"lead_time_days": pick([1, 3]), "price": pick([0.5, 1.0])}},
        demand={
            "home": {"process": "gamma", "dispersion": pick([2.0, 4.0]), "patience_days": pick([0, 5, 20])}
        },
        interventions={
            "ban": ban | {"duration_days": {"dist": "uniform", "low": 10, "high": pick([20, 50])}}
        },
        mitigation={"capital_rate_per_year": pick([0, 0.1])},
    )
    pile = {"kind": "stockpiling", "title": "Pile", "date": day(0), "covers": {"items": ["part"]}}
    levers = {
        "stock": {"title": "Stock", "moves": ["stock_points.parts.policy.units"], "levels": [200, 400, 800]},
        "goods": {"title": "Goods", "moves": ["stock_points.goods.policy.units"], "levels": [60, 200]},
        "korea": second_source(
            "korea", "KR", {"lead_time_days": 6, "price": pick([0.7, 1.4])}, pick([0, 50, 500])
        ),
        "taiwan": second_source(
            "taiwan", "TW", {"lead_time_days": 2, "price": 1.1, "share": 0.2}, pick([0, 100])
        ),
        "waste": {"title": "Waste", "set": {"firms.maker.name": "M"}, "cost": {"per_day": pick([0, 0.5])}},
        "dear": {"title": "Dear", "set": {"demand.home.price": 6.0, "demand.home.mean_per_day": 7.0}},
        "pile": {
            "title": "Pile",
            "set": {"interventions.pile": pile | {"extra_cover_days": pick([10, 30])}},
            "dates": {"paths": ["interventions.pile.date"], "earliest": day(0), "latest": day(50)},
        },
    }
    taken = chance.sample(sorted(levers), pick([3, 4, 5]))
    return data, {name: levers[name] for name in taken}


def advised(folder, data, levers, seed):
    """What is recommended, and its row on fresh futures."""
    file = folder / "scenario.yaml"
    file.write_text(yaml.safe_dump(data | {"levers": levers}, sort_keys=False), encoding="utf-8")
    found = mitigate.run(file, replications=FUTURES, evaluations=EVALUATIONS, seed=seed, workers=1)
    rows = found.tables["portfolios"].set_index("portfolio")
    return found, rows.loc[found.summary["recommended"]]


def ways(found):
    """What is recommended: levers, levels and days."""
    rows = found.tables["portfolio_levers"]
    own = rows[rows["portfolio"] == found.summary["recommended"]]
    return {(row.lever, str(row.level), row.decided) for row in own.itertuples()}


@pytest.mark.parametrize(
    "seed", [28, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 28))]
)
def test_advice_is_kept_by_fresh_futures_and_by_any_order_of_the_levers(tmp_path, seed):
    data, levers = network(seed)
    found, row = advised(tmp_path, data, levers, seed)
    assert row["advantage_ci_high"] >= 0.0
    turned, other = advised(tmp_path, data, dict(reversed(levers.items())), seed)
    assert ways(found) == ways(turned)
    assert other["result"] == pytest.approx(row["result"], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30, 45))
def test_a_lever_more_does_not_make_the_advice_worse(tmp_path, seed):
    data, levers = network(seed)
    names = list(levers)
    _, row = advised(tmp_path, data, {name: levers[name] for name in names[:-1]}, seed)
    again, more = advised(tmp_path, data, levers, seed)
    assert more["advantage_ci_high"] >= row["advantage_ci_low"]
    same, _ = advised(tmp_path, data, levers, seed)
    assert all(table.equals(same.tables[name]) for name, table in again.tables.items())
