"""How the benchmarks drive the compiled engine."""

from pathlib import Path

import numpy as np

from sim.engines import block_engine
from sim.engines.block_engine import Block, Experiment
from sim.model.compile import compile_plan
from sim.model.plan import Floats, Plan
from sim.scenario.load import load_scenario

NETWORK = Path(__file__).parent / "networks" / "reference.yaml"
SEED = 1


def reference_plan() -> Plan:
    """The plan of the reference network, which has no uncertain inputs."""
    return compile_plan(load_scenario(NETWORK))


def blocks_of(plan: Plan, replications: int, width: int) -> list[Block]:
    """Blocks of a plan without uncertain inputs, ready to run."""
    study, samples = Experiment.of(plan, SEED), np.empty((width, 0))
    return [block_engine.load(study, first, samples) for first in range(0, replications, width)]


def run_blocks(plan: Plan, replications: int, width: int) -> None:
    """Load and run one block after the other."""
    study, samples = Experiment.of(plan, SEED), np.empty((width, 0))
    for first in range(0, replications, width):
        block_engine.run(block_engine.load(study, first, samples))


def units_sold(block: Block) -> Floats:
    """``[replication, twin, stream]`` units that a block sells, added up day by day."""
    sold = [
        [ledger.streams.shipped for ledger in twins] for twins in block_engine.ledgers(block, block.width)
    ]
    return np.cumsum(np.array(sold), axis=2)[:, :, -1]
