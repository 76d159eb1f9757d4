"""Levers swept where theory knows the best level, and when another lever is better: after all costs."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.model.levered import prepare_levered
from sim.montecarlo.batches import InMemory
from sim.risk.portfolios import PortfolioValues
from sim.risk.replicated import estimators_of
from sim.risk.sweep_tables import sweep_table
from sim.stories import sweep
from sim.stories.portfolios import Evaluator
from tests import oracles_theory as theory
from tests.builders import ban, merged, shop
from tests.verification.estimate import over_replications
from tests.verification.test_lot_sizes import COSTS
from tests.verification.test_shelf_life import COST, NORMAL, PRICE, SALVAGE, newsstand

CHAPTER = "Levers"
HOLDING, PENALTY = 1.0, 15.0
ONE_A_DAY = {"mean_per_day": 1.0, "process": "constant", "price": 0.0}
TOMLIN = "Tomlin 2006; Snyder & Shen, 9.2.2 and 9.4"


class Swept:
    """The table of a sweep, by portfolio, and what comes of each in every future."""

    def __init__(self, data: dict, levers: tuple[str, ...], folder: Path, seed: int, replications: int):
        file = folder / "scenario.json"
        file.write_text(json.dumps(data))
        ready = sweep.prepared(prepare_levered(file), levers)
        evaluator = Evaluator(ready.levered, replications, seed, InMemory(2))
        values = [evaluator.values(portfolio) for portfolio in ready.grid]
        table = sweep_table(ready.grid, ready.axes, values, estimators_of(evaluator.method))
        self.table = table.set_index("portfolio")
        self.values: dict[str, PortfolioValues] = dict(zip(map(str, ready.grid), values, strict=True))
        self.days = data["calendar"]["days"]

    @property
    def best(self) -> str:
        return str(self.table.index[self.table["is_best"]][0])

    def cost_a_day(self, portfolio: str) -> dict:
        return over_replications(-self.values[portfolio].result / self.days)


@pytest.fixture
def swept(tmp_path, root_seed):
    def run(data, *levers, replications=64):
        return Swept(data, levers, tmp_path, root_seed, replications)

    return run


def outages(mttf: float, mttr: float) -> dict[str, Any]:
    return {
        "outages": {
            "kind": "disruption",
            "title": "Outages",
            "pauses": "orders",
            "date": 0,
            "shock": True,
            "lanes": {"lanes": ["parts"]},
            "markov": {"mean_days_to_failure": mttf, "mean_days_to_recover": mttr},
        }
    }


def disrupted(days: int, mttf: float, mttr: float, stock: float, **changes) -> dict:
    """A shop whose only supplier fails; what it sells and buys costs nothing, so its result is its costs."""
    data = shop(
        days,
        stock_points={
            "shelf": {
                "policy": {"kind": "base_stock", "units": stock},
                "holding_cost_per_unit_day": HOLDING,
                "backorder_cost_per_unit_day": PENALTY,
            }
        },
        lanes={"parts": {"lead_time_days": 1, "price": 0.0}},
        demand={"home": ONE_A_DAY},
        interventions=outages(mttf, mttr),
    )
    del data["stock_points"]["shelf"]["initial_on_hand"]
    return merged(data, changes)


def stock_lever(levels: list[float]) -> dict:
    return {"stock": {"title": "Stock", "moves": ["stock_points.shelf.policy.units"], "levels": levels}}


# ---------------------------------------------------------------------- one lever


def test_the_best_of_a_sweep_is_the_newsvendor_s(verify, swept):
    def profit(units):
        z = (units - 50.0) / 8.0
        sold = 50.0 - 8.0 * (stats.norm.pdf(z) - z * stats.norm.sf(z))
        return (PRICE - SALVAGE) * sold - (COST - SALVAGE) * units

    levels = [float(units) for units in range(42, 67, 2)]
    moves = [
        "stock_points.shelf.policy.standing_units",
        "lanes.slow.initial_in_transit.0",
        "lanes.slow.initial_in_transit.1",
    ]
    data = newsstand(50.0, NORMAL, salvage_value_per_unit=SALVAGE)
    data["calendar"]["days"] = 400
    data["lanes"]["slow"]["initial_in_transit"] = [50.0, 50.0]
    data["levers"] = {"papers": {"title": "Papers a day", "moves": moves, "levels": levels}}
    found = swept(data, "papers", replications=128)
    best = max(levels, key=profit)
    source = "Snyder & Shen, 4.3.2: the newsvendor with salvage value"
    verify(
        case="newsvendor, p = 2, c = 1, s = 0.5, normal(50, 8): best of 42, 44, ... 66",
        source=source,
        expected=best,
        simulated=float(found.best.partition("=")[2]),
        tolerance=2.0,
        kind="z",
    )
    for units in (42.0, best, 66.0):
        value = found.cost_a_day(f"papers={units:g}")
        verify(
            case=f"newsvendor, {units:g} a day: profit a day",
            source=source,
            expected=profit(units),
            **{**value, "simulated": -value["simulated"]},
        )


def test_the_best_base_stock_under_disruptions(verify, swept):
    """Smallest n + 1 such that supply is down n days or less with probability p / (p + h)."""
    mttf, mttr, levels = 8.0, 3.0, [float(stock) for stock in range(2, 15)]
    probabilities = 1.0 / mttf, 1.0 / mttr
    expected = {
        stock: theory.disrupted_base_stock_cost(int(stock), probabilities, (HOLDING, PENALTY))
        for stock in levels
    }
    best = min(levels, key=expected.__getitem__)
    ratio = int(np.searchsorted(theory.down_days(*probabilities).cumsum(), PENALTY / (PENALTY + HOLDING))) + 1
    assert best == ratio
    found = swept(disrupted(2_000, mttf, mttr, 1.0, levers=stock_lever(levels)), "stock")
    verify(
        case="base stock, MTTF 8, MTTR 3, h = 1, p = 15: best of 2, 3, ... 14 days",
        source=TOMLIN,
        expected=best,
        simulated=float(found.best.partition("=")[2]),
        tolerance=1.0,
        kind="z",
    )
    verify(
        case="base stock, MTTF 8, MTTR 3, h = 1, p = 15: cost a day of the best",
        source=TOMLIN,
        expected=expected[best],
        **found.cost_a_day(f"stock={best:g}"),
    )


def test_the_best_lot_under_disruptions(verify, swept):
    mttf, mttr, levels = 20.0, 5.0, [float(lot) for lot in range(4, 41, 4)]
    expected = {lot: theory.disrupted_lot_cost(int(lot), (1.0 / mttf, 1.0 / mttr), COSTS) for lot in levels}
    best = min(levels, key=expected.__getitem__)
    data = shop(
        2_000,
        lanes={"parts": {"lead_time_days": 1, "price": 0.0}},
        demand={"home": ONE_A_DAY | {"patience_days": 0, "lost_sale_cost_per_unit": COSTS[2]}},
        interventions=outages(mttf, mttr),
    )
    data["stock_points"]["shelf"] |= {
        "policy": {"kind": "r_Q", "reorder_units": 0.0, "batch_units": 4.0},
        "initial_on_hand": 4.0,
        "order_cost": COSTS[0],
        "holding_cost_per_unit_day": COSTS[1],
    }
    moves = ["stock_points.shelf.policy.batch_units", "stock_points.shelf.initial_on_hand"]
    data["levers"] = {"lot": {"title": "Lot", "moves": moves, "levels": levels}}
    found = swept(data, "lot", replications=128)
    source = "Parlar & Berkin 1991; Berk & Arreola-Risa 1994; Snyder & Shen, 9.2.1"
    verify(
        case="EOQ with disruptions, MTTF 20, MTTR 5: best of 4, 8, ... 40",
        source=source,
        expected=best,
        simulated=float(found.best.partition("=")[2]),
        tolerance=4.0,
        kind="z",
    )
    verify(
        case="EOQ with disruptions, MTTF 20, MTTR 5: cost a day of the best",
        source=source,
        expected=expected[best],
        **found.cost_a_day(f"lot={best:g}"),
    )


# ---------------------------------------------------------------------- one lever or another


STOCKS = [4.0, 64.0]
PROFILES = {"frequent and short": (8.0, 2.0), "rare and long": (200.0, 50.0)}
"""Mean days to failure and to recover; supply is there on 80 % of days in both."""


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("part", [0.6, 1.6])
def test_a_premium_below_the_cost_of_the_best_stock_buys_a_reliable_source(verify, swept, name, part):
    """What it takes to be ready for the absence of supply is not the same."""
    mttf, mttr = PROFILES[name]
    stocks = [1.0, *STOCKS]
    costs = {
        stock: theory.disrupted_base_stock_cost(int(stock), (1.0 / mttf, 1.0 / mttr), (HOLDING, PENALTY))
        for stock in stocks
    }
    best = min(stocks, key=costs.__getitem__)
    premium = part * costs[best]
    reliable = {
        "title": "Buy of the reliable supplier",
        "set": {"lanes.parts.share": 0.0, "lanes.more.share": 1.0},
    }
    data = disrupted(
        4_000,
        mttf,
        mttr,
        1.0,
        firms={"reliable": {"name": "Reliable", "country": "JP"}},
        stock_points={"second": {"firm": "reliable", "item": "part"}},
        lanes={
            "more": {
                "supplier": "second",
                "buyer": "shelf",
                "lead_time_days": 1,
                "share": 0.0,
                "price": premium,
            }
        },
        levers={**stock_lever(STOCKS), "reliable": reliable},
    )
    found = swept(data, "stock", "reliable", replications=256)
    winner = "reliable" if part < 1.0 else f"stock={best:g}"
    assert found.best == winner, found.table["result"]
    verify(
        case=f"disruptions {name}, MTTF {mttf:g}, MTTR {mttr:g}, premium of {part:g} times the cost of "
        f"the best stock: cost a day of the best, {winner}",
        source=TOMLIN,
        expected=min(premium, costs[best]),
        **_not_exact(found.cost_a_day(winner)),
    )


def _not_exact(estimate: dict) -> dict:
    """An estimate with some tolerance, also where nothing is left to chance."""
    return estimate | {"tolerance": max(estimate["tolerance"], 1e-6)}


def test_the_same_premium_is_worth_it_for_rare_disruptions_and_not_for_frequent_ones(swept):
    """Availability is the same: rare and long disruptions favour sourcing, frequent and short ones stock."""
    costs = [
        min(
            theory.disrupted_base_stock_cost(int(stock), (1.0 / mttf, 1.0 / mttr), (HOLDING, PENALTY))
            for stock in [1.0, *STOCKS]
        )
        for mttf, mttr in PROFILES.values()
    ]
    assert costs[1] > 1.6 * costs[0] / 0.6


FEE_OF_THE_BEST, FEE_OF_NONE = 5.0, 12.0


@pytest.mark.parametrize("fee", [FEE_OF_THE_BEST, FEE_OF_NONE])
def test_an_option_on_capacity_is_worth_what_it_reroutes(verify, swept, fee):
    """Capacity of a reliable supplier is reserved for a fee, and used only while the other is down."""
    stock, probabilities = 2.0, (1.0 / 8.0, 1.0 / 3.0)
    levels = [0.25, 0.5, 0.75, 1.0]
    expected = {
        share: fee * share
        + theory.disrupted_base_stock_cost(int(stock), probabilities, (HOLDING, PENALTY), share)
        for share in [0.0, *levels]
    }
    best = min(expected, key=expected.__getitem__)
    option = {
        "title": "Option on capacity",
        "moves": ["lanes.more.capacity_per_day"],
        "levels": levels,
        "cost": {"per_level_day": fee},
    }
    data = disrupted(
        2_000,
        8.0,
        3.0,
        stock,
        firms={"reliable": {"name": "Reliable", "country": "JP"}},
        stock_points={"second": {"firm": "reliable", "item": "part"}, "shelf": {"sourcing": "rank"}},
        lanes={
            "more": {
                "supplier": "second",
                "buyer": "shelf",
                "lead_time_days": 1,
                "rank": 2,
                "capacity_per_day": 0.0,
            }
        },
        levers={"option": option},
    )
    found = swept(data, "option", replications=128)
    assert found.best == (f"option={best:g}" if best else "nothing")
    for share, cost in expected.items():
        verify(
            case=f"option on capacity, fee {fee:g} a unit and day, {share:.0%} of demand: cost a day",
            source="Tomlin 2006, contingent rerouting with volume flexibility, and a fee",
            expected=cost,
            **_not_exact(found.cost_a_day(f"option={share:g}" if share else "nothing")),
        )


# ---------------------------------------------------------------------- nothing left to chance


@pytest.mark.parametrize("fee", [20.0, 60.0])
def test_what_costs_more_than_it_saves_is_left(verify, swept, fee):
    """50 units more are sold at a margin of 1 while the ban lasts: worth a fee of 20, not of 60."""
    stock = {
        "title": "Stock",
        "moves": ["stock_points.shelf.policy.units", "stock_points.shelf.initial_on_hand"],
        "levels": [150],
        "cost": {"once": fee},
    }
    data = shop(
        60,
        demand={"home": {"patience_days": 0}},
        interventions={"ban": ban(20, duration_days=20)},
        levers={"stock": stock},
    )
    found = swept(data, "stock", replications=16)
    assert found.best == ("stock=150" if fee < 50.0 else "nothing")
    row = found.table.loc["stock=150"]
    assert row["worth"] == ("from" if fee < 50.0 else "never")
    expected = {"cost": fee, "gain": 50.0 - fee}
    if fee < 50.0:
        expected |= {"break_even": fee / 50.0}
    for measure, amount in expected.items():
        verify(
            case=f"a ban of 20 days, 50 units more for {fee:g}: {measure.replace('_', '-')}",
            source="arithmetic: 50 x (2 - 1)",
            expected=amount,
            simulated=float(row[measure]),
        )
    assert math.isnan(row["break_even"]) == (fee > 50.0)
