"""Trade networks of thousands of firms: each makes one product of three inputs that it buys.

A fifth of the firms are sources. All others buy each input of one firm, drawn at random among those before
them, and sell to a market what other firms do not take.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.timing import cpu_seconds, print_table, rate
from sim.model.baseline import mean_demand
from sim.model.compile import compile_plan
from sim.model.supply_links import SupplyLinks, supply_links
from sim.montecarlo.batches import InMemory
from sim.risk.systemic import find_systemic_risk
from sim.scenario.schema import Scenario

SIZES = (500, 2_000, 10_000)
FORESEEN = 100_000
"""Firms whose time is worked out from that of the most that are tried: it grows with their square."""
INPUTS = 3
SECTORS = 60
SOURCES = 0.2
"""Part of the firms that buy nothing."""
COUNTRIES = ("US", "CN", "DE", "JP", "KR", "FR", "TW", "MX")

Data = dict[str, Any]


def trade_network(firms: int, days: int = 365, makers: int = 1, seed: int = 1) -> Data:
    """The data of a scenario in which the first country bans its exports on the 30th day.

    Parameters
    ----------
    firms
        How many there are.
    days
        Simulated days.
    makers
        How many of the last firms are makers, whose losses are told.
    seed
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    collections: dict[str, Data] = {
        name: {} for name in ("firms", "stock_points", "recipes", "lanes", "demand")
    }
    for firm in range(firms):
        country = COUNTRIES[int(rng.integers(len(COUNTRIES)))]
        collections["firms"][f"firm-{firm}"] = {"name": f"Firm {firm}", "country": country}
        if firm < max(INPUTS, SOURCES * firms):
            collections["stock_points"][_product(firm)] = _stock(firm, firm, None)
        else:
            _add_maker(collections, firm, rng.choice(firm, INPUTS, replace=False).tolist())
        collections["demand"][f"home-{firm}"] = {
            "stock_point": _product(firm),
            "market": "home",
            "mean_per_day": float(rng.gamma(1.0, 10.0)) + 1.0,
            "price": 10,
        }
    return {
        "chokepoint": 1,
        "name": f"trade-{firms}",
        "title": f"A trade network of {firms} firms",
        "currency": "EUR",
        "calendar": {"start": "2027-01-01", "days": days},
        "analysis": {"makers": [f"firm-{firm}" for firm in range(firms - makers, firms)]},
        "items": {
            f"sector-{sector}": {"name": f"Sector {sector}", "unit": "pieces"} for sector in range(SECTORS)
        },
        "markets": {"home": {"name": "Home", "country": "DE"}},
        "interventions": {"ban": _ban()},
        **collections,
    }


def _product(firm: int) -> str:
    return f"product-{firm}"


def _stock(firm: int, seller: int, cover_days: int | None) -> Data:
    point: Data = {"firm": f"firm-{firm}", "item": f"sector-{seller % SECTORS}"}
    if cover_days is not None:
        point["policy"] = {"kind": "base_stock", "cover_days": cover_days}
    return point


def _add_maker(collections: dict[str, Data], firm: int, suppliers: list[int]) -> None:
    for supplier in suppliers:
        bought = f"input-{firm}-{supplier}"
        collections["stock_points"][bought] = _stock(firm, supplier, 20)
        collections["lanes"][bought] = {
            "supplier": _product(supplier),
            "buyer": bought,
            "lead_time_days": {"dist": "uniform", "low": 5, "high": 15},
            "price": 10,
        }
    collections["stock_points"][_product(firm)] = _stock(firm, firm, 5)
    collections["recipes"][_product(firm)] = {
        "output": _product(firm),
        "inputs": {f"input-{firm}-{supplier}": 0.3 for supplier in suppliers},
        "process_days": 1,
    }


def _ban() -> Data:
    return {
        "kind": "export_ban",
        "title": "Exports end",
        "date": 30,
        "shock": True,
        "jurisdiction": COUNTRIES[0],
        "covers": {},
    }


def main() -> None:
    """Print what the systemic risk index of all firms takes, and what it would take of more."""
    _row(INPUTS + 1)
    rows = [_row(firms) for firms in SIZES]
    foreseen = rows[-1].cpu_seconds * (FORESEEN / SIZES[-1]) ** 2
    print_table(
        f"Systemic risk index of all firms, {INPUTS} inputs each",
        ["firms", "stock points", "links", "processor s", "ns a firm and link"],
        [*(row.cells() for row in rows), [f"{FORESEEN:,}, foreseen", "", "", f"{foreseen:,.0f}", ""]],
    )


@dataclass(frozen=True, slots=True)
class _Row:
    links: SupplyLinks
    cpu_seconds: float

    def cells(self) -> list[str]:
        firms, links = self.links.firms, len(self.links.supplier)
        each = rate(1e9 * self.cpu_seconds / firms / links)
        return [f"{firms:,}", f"{len(self.links.firm):,}", f"{links:,}", f"{self.cpu_seconds:.2f}", each]


def _row(firms: int) -> _Row:
    links = _links(trade_network(firms))
    return _Row(links, cpu_seconds(lambda: find_systemic_risk(links, InMemory())))


def _links(data: Data) -> SupplyLinks:
    plan = compile_plan(Scenario.model_validate(data))
    return supply_links(plan, mean_demand(plan, 0))


if __name__ == "__main__":
    main()
