"""``python -m tests.differential.ways FILE WIDTH NAME ...`` simulates scenarios.

It writes all measures of two replications of each to FILE, and says which way it was.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from sim.engines import compiler
from sim.model.compile import compile_plan
from sim.montecarlo import compiled_batch
from sim.scenario.load import load_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
REPLICATIONS = 2


def measures_of(name: str) -> dict[str, Any]:
    plan = compile_plan(load_scenario(SCENARIOS / f"{name}.yaml"))
    batch = compiled_batch.run_blocks(plan, seed=0, replications=REPLICATIONS, workers=1)
    parts = {"outcome": batch.outcome, "courses": batch.courses}
    return {f"{name}.{part}.{key}": array for part, arrays in parts.items() for key, array in arrays.items()}


def main(file: str, width: str, *names: str) -> None:
    compiled_batch.WIDTH = int(width)
    np.savez(file, **{key: array for name in names for key, array in measures_of(name).items()})
    sys.stdout.write(compiler.WAY)


if __name__ == "__main__":
    main(*sys.argv[1:])
