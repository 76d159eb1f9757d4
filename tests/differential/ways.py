"""``python -m tests.differential.ways FILE WHAT WIDTH NAME ...`` simulates scenarios.

It writes arrays of two replications of each to FILE, and says which way it was. They are all measures, of
blocks of WIDTH by the compiled engine; or all states and flows, by the readable engine, of which only random
numbers are compiled, and a row that a unit worked on.
"""

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.engines import compiler
from sim.engines.compiler import Unit, by_address, compiled, unit
from sim.model.compile import compile_plan
from sim.model.plan import Plan
from sim.montecarlo import compiled_batch
from sim.montecarlo.simpy_batch import replicate
from sim.scenario.load import load_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SEED, REPLICATIONS = 0, 2
Arrays = dict[str, Any]


def measures_of(plan: Plan) -> dict[str, Arrays]:
    batch = compiled_batch.run_blocks(plan, seed=SEED, replications=REPLICATIONS, workers=1)
    return {"outcome": batch.outcome, "courses": dict(batch.courses)}


def states_of(plan: Plan) -> dict[str, Arrays]:
    ledgers = (replicate(plan, SEED, number).scenario.ledger for number in range(REPLICATIONS))
    return {
        f"{number}.{table}": {field.name: getattr(its, field.name) for field in fields(its)}
        for number, ledger in enumerate(ledgers)
        for table, its in (("points", ledger.points), ("lanes", ledger.lanes), ("streams", ledger.streams))
    }


class Steps(NamedTuple):
    """What :func:`take` calls by its address, as the loop over days does."""

    step: Unit


@by_address
def step(row: Any, day: int) -> None:
    for b in range(len(row)):
        row[b] += row[b] / 3.0 - 0.1 * day


@compiled
def take(steps: Steps, row: Any, days: int) -> None:
    for day in range(days):
        steps.step(row, day)


def worked_on() -> Any:
    """A row after twenty steps of a unit."""
    row = np.arange(7.0)
    take(Steps(unit(step, row, 0)), row, 20)
    return row


KEPT = {"measures": measures_of, "states": states_of}


def arrays_of(what: str, name: str) -> Arrays:
    parts = KEPT[what](compile_plan(load_scenario(SCENARIOS / f"{name}.yaml")))
    return {f"{name}.{part}.{key}": array for part, arrays in parts.items() for key, array in arrays.items()}


def main(file: str, what: str, width: str, *names: str) -> None:
    compiled_batch.WIDTH = int(width)
    arrays = {key: array for name in names for key, array in arrays_of(what, name).items()}
    np.savez(file, **arrays, **({"row": worked_on()} if what == "states" else {}))
    sys.stdout.write(compiler.WAY)


if __name__ == "__main__":
    main(*sys.argv[1:])
