"""The failure of each firm of small networks, a year for each: ours, and of each industry in BoARIO.

``PEERS_PYTHON=peers/bin/python`` names an interpreter that has BoARIO, as for :mod:`benchmarks.others`.
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.timing import cpu_seconds, print_table, rate
from benchmarks.trade import trade_network
from sim.model.compile import compile_plan
from sim.model.failures import StressDesign, stress_plan
from sim.montecarlo.batches import InMemory
from sim.montecarlo.failure_runs import run_failures
from sim.scenario.schema import Scenario

PEER = Path(__file__).parent / "peers" / "boario_failures.py"
SIZES = (33, 99)
ALONE = StressDesign(nodes=("supplier",), pairs_of=0, bounds_of=0)


def main() -> None:
    """Print what the failures of all firms take."""
    rows = [_row("chokepoint", firms, _own_seconds(firms)) for firms in SIZES]
    interpreter = os.environ.get("PEERS_PYTHON", sys.executable)
    peer = subprocess.run([interpreter, str(PEER)], capture_output=True, text=True, check=False)
    if peer.returncode:
        print("BoARIO: skipped, it is not installed; pip install boario==0.7.2 pymrio==0.7.0 progressbar2")
    for line in peer.stdout.splitlines():
        industries, _, seconds = line.split()
        rows.append(_row("BoARIO", int(industries), float(seconds)))
    columns = ["simulator", "firms or industries", "processor s of all", "ms a failure"]
    print_table("The failure of each, a simulation of a year for each", columns, rows)


def _own_seconds(firms: int) -> float:
    scenario = Scenario.model_validate(trade_network(firms) | {"stress": {"ttr_days": 90}})
    stress = stress_plan(scenario, compile_plan(scenario), ALONE)
    run_failures(stress, InMemory(1))
    return cpu_seconds(lambda: run_failures(stress, InMemory(1)))


def _row(simulator: str, firms: int, seconds: float) -> list[str]:
    return [simulator, f"{firms:,}", rate(seconds), rate(1e3 * seconds / firms)]


if __name__ == "__main__":
    main()
