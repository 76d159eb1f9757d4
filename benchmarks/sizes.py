"""How time grows with the network: random networks of 10 to 100,000 stock points in five layers.

A network is made of cells of ten stock points: three suppliers, three parts that a maker buys of two
suppliers
each, two assemblies made of them, and at a shop a bought assembly and a product made of it. Who buys from
whose cell is drawn at random. Halfway a ban cuts off the suppliers of every twentieth cell.
"""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from benchmarks.engine import blocks_of
from benchmarks.timing import cpu_seconds, print_table, rate
from sim.engines import block_engine
from sim.model.compile import compile_plan
from sim.model.plan import Plan
from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario

SIZES = (10, 100, 1_000, 10_000, 100_000)
CELL = 10
DAYS = 120
WIDTH = 8
"""Replications side by side: few enough for the largest network to fit into memory."""
POINT_DAYS = 20_000_000
"""Stock-point-days that are timed at least."""
MOST_ROUNDS = 20

Data = dict[str, Any]
Made = TypeVar("Made")


def network(size: int, seed: int = 1) -> Data:
    """The data of a scenario with a number of stock points."""
    count = size // CELL
    generator = np.random.default_rng(seed)
    collections: dict[str, Data] = {
        name: {} for name in ("firms", "stock_points", "recipes", "lanes", "demand")
    }
    partners = [generator.permutation(count).tolist() for _ in range(5)]
    for cell in range(count):
        _add_points(collections, cell)
        _add_lanes(collections, cell, [partner[cell] for partner in partners])
        _add_recipes(collections, cell)
        _add_demand(collections, cell)
    return {
        "chokepoint": 1,
        "name": "sized",
        "title": f"A network of {size} stock points",
        "currency": "EUR",
        "calendar": {"days": DAYS},
        "analysis": {"window_days": DAYS // 2, "makers": ["maker-0", "shop-0"]},
        "items": {
            **{f"part-{kind}": {"name": "Part", "unit": "pieces"} for kind in range(3)},
            **{f"assembly-{kind}": {"name": "Assembly", "unit": "pieces"} for kind in range(2)},
            "product": {"name": "Product", "kind": "product", "unit": "pieces"},
        },
        "markets": {"home": {"name": "Home", "country": "DE"}},
        "interventions": {"ban": _ban()},
        **collections,
    }


def _ban() -> Data:
    return {
        "kind": "export_ban",
        "title": "Ban",
        "date": DAYS // 2,
        "shock": True,
        "jurisdiction": "US",
        "covers": {},
    }


def _add_points(collections: dict[str, Data], cell: int) -> None:
    country = "US" if cell % 20 == 0 else "CN"
    collections["firms"] |= {
        f"supplier-{cell}": {"name": "Supplier", "country": country},
        f"maker-{cell}": {"name": "Maker", "country": "CN"},
        f"shop-{cell}": {"name": "Shop", "country": "DE"},
    }
    points = collections["stock_points"]
    for kind in range(3):
        points[f"source-{cell}-{kind}"] = {"firm": f"supplier-{cell}", "item": f"part-{kind}"}
        points[f"part-{cell}-{kind}"] = _point(f"maker-{cell}", f"part-{kind}", 25)
    for kind in range(2):
        points[f"assembly-{cell}-{kind}"] = _point(f"maker-{cell}", f"assembly-{kind}", 12)
    points[f"bought-{cell}"] = _point(f"shop-{cell}", "assembly-0", 12)
    points[f"product-{cell}"] = _point(f"shop-{cell}", "product", 5)


def _point(firm: str, item: str, cover_days: int) -> Data:
    return {"firm": firm, "item": item, "policy": {"kind": "base_stock", "cover_days": cover_days}}


def _add_lanes(collections: dict[str, Data], cell: int, partners: list[int]) -> None:
    lanes = collections["lanes"]
    for kind in range(3):
        for place in {cell, partners[kind]}:
            lanes[f"part-{cell}-{kind}-{place}"] = {
                "supplier": f"source-{place}-{kind}",
                "buyer": f"part-{cell}-{kind}",
                "lead_time_days": {"dist": "uniform", "low": 5, "high": 15},
            }
    for place in {cell, partners[3]}:
        lanes[f"bought-{cell}-{place}"] = {
            "supplier": f"assembly-{place}-0",
            "buyer": f"bought-{cell}",
            "lead_time_days": {"dist": "uniform", "low": 2, "high": 6},
        }


def _add_recipes(collections: dict[str, Data], cell: int) -> None:
    parts = [f"part-{cell}-{kind}" for kind in range(3)]
    collections["recipes"] |= {
        f"assembly-{cell}-0": {
            "output": f"assembly-{cell}-0",
            "inputs": dict.fromkeys(parts, 1),
            "process_days": 3,
        },
        f"assembly-{cell}-1": {
            "output": f"assembly-{cell}-1",
            "inputs": dict.fromkeys(parts[:2], 2),
            "process_days": 4,
        },
        f"product-{cell}": {
            "output": f"product-{cell}",
            "inputs": {f"bought-{cell}": 1},
            "process_days": 1,
        },
    }


def _add_demand(collections: dict[str, Data], cell: int) -> None:
    for point in (f"assembly-{cell}-1", f"product-{cell}"):
        collections["demand"][f"home-{point}"] = {
            "stock_point": point,
            "market": "home",
            "mean_per_day": 20,
            "dispersion": 2,
            "price": 10,
            "patience_days": 5,
        }


def main() -> None:
    """Print what each step takes on networks of each size."""
    available = os.environ.get("LARGEST_NETWORK", str(SIZES[-1]))
    _row(CELL)
    rows = [_row(size) for size in SIZES if size <= int(available)]
    columns = [
        "stock points",
        "lanes",
        "validate s",
        "check s",
        "compile s",
        "load s",
        "ns a stock-point-day",
    ]
    print_table(f"Random networks, {DAYS} days, blocks of {WIDTH} replications", columns, rows)


def _row(size: int) -> list[str]:
    data = network(size)
    scenario, validating = _timed(lambda: Scenario.model_validate(data))
    findings, checking = _timed(lambda: inconsistencies(scenario))
    if findings:
        raise SystemExit(f"sizes: {findings[0].message}")
    plan, compiling = _timed(lambda: compile_plan(scenario))
    loading, running = _load_and_run(plan)
    lanes = f"{len(plan.lanes.supplier):,}"
    return [
        f"{size:,}",
        lanes,
        *(rate(its) for its in (validating, checking, compiling, loading)),
        rate(running),
    ]


def _timed(step: Callable[[], Made]) -> tuple[Made, float]:
    start = time.process_time()
    made = step()
    return made, time.process_time() - start


def _load_and_run(plan: Plan) -> tuple[float, float]:
    """Seconds to load a block, and nanoseconds of a run for each stock-point-day of both twins."""
    point_days = 2 * WIDTH * plan.days * len(plan.points.firm)
    loads, runs = [], []
    for _ in range(min(max(1, POINT_DAYS // point_days), MOST_ROUNDS)):
        [block], loading = _timed(lambda: blocks_of(plan, WIDTH, WIDTH))
        loads.append(loading)
        runs.append(cpu_seconds(lambda block=block: block_engine.run(block)))  # type: ignore[misc]
    return statistics.median(loads), 1e9 * statistics.median(runs) / point_days


if __name__ == "__main__":
    main()
