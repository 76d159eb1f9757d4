"""Other simulators, each on the nearest network that it can express (``peers/``).

A peer that is not installed is skipped. As they need other versions of libraries, they may live in a virtual
environment of their own: ``PEERS_PYTHON=peers/bin/python`` names its interpreter.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.engine import SEED, reference_plan, run_blocks
from benchmarks.timing import ROUNDS, cpu_seconds, print_table, rate
from sim.engines.des import simulate
from sim.engines.draws import draw
from sim.model.plan import Plan
from sim.model.schedule import draw_up

PEERS = Path(__file__).parent / "peers"
WIDTH = 32
PIP = {
    "SupplyNetPy": ("supplynetpy_network.py", "supplynetpy==0.5.1"),
    "stockpyl": ("stockpyl_network.py", "stockpyl==1.0.2"),
    "Mesa": ("mesa_network.py", "mesa==3.3.1"),
    "salabim": ("salabim_network.py", "salabim==26.0.9"),
    "BoARIO": ("boario_network.py", "boario==0.7.2 pymrio==0.7.0 progressbar2"),
}
MISSING = "ModuleNotFoundError"


def main() -> None:
    """Print stock-point-days a second of every simulator."""
    plan = reference_plan()
    run_blocks(plan, WIDTH, WIDTH)
    ours: dict[str, Callable[[], float]] = {
        "compiled engine, with all measures": partial(_compiled_rate, plan),
        "SimPy engine": partial(_readable_rate, plan),
    }
    rates = {name: [measure() for _ in range(ROUNDS)] for name, measure in ours.items()}
    for name, (script, install) in PIP.items():
        interpreter = _interpreter_for(script)
        if interpreter is None:
            print(f"{name}: skipped, it is not installed; pip install {install}")
        else:
            rates[name] = [_peer_rate(interpreter, script) for _ in range(ROUNDS)]
    own = statistics.median(rates["SimPy engine"])
    rows = []
    for name, its in rates.items():
        median = statistics.median(its)
        spread = f"{rate(min(its))} to {rate(max(its))}"
        rows.append([name, rate(median), spread, rate(median / own)])
    columns = ["simulator", "stock-point-days a second", f"range of {ROUNDS}", "x SimPy engine"]
    print_table("Nearest networks of 20 to 33 stock points, on one core", columns, rows)


def _compiled_rate(plan: Plan) -> float:
    seconds = cpu_seconds(lambda: run_blocks(plan, WIDTH, WIDTH))
    return 2 * WIDTH * plan.days * len(plan.points.firm) / seconds


def _readable_rate(plan: Plan) -> float:
    schedule = draw_up(plan, draw(plan, SEED, 0), with_shock=True)
    return plan.days * len(plan.points.firm) / cpu_seconds(lambda: simulate(plan, schedule))


def _interpreter_for(script: str) -> str | None:
    """An interpreter that has what the script imports."""
    for interpreter in filter(None, (sys.executable, os.environ.get("PEERS_PYTHON"))):
        run = subprocess.run([interpreter, str(PEERS / script)], capture_output=True, text=True, check=False)
        if run.returncode == 0:
            return interpreter
        if MISSING not in run.stderr:
            raise SystemExit(f"peers: {script} failed\n{run.stderr}")
    return None


def _peer_rate(interpreter: str, script: str) -> float:
    run = subprocess.run([interpreter, str(PEERS / script)], capture_output=True, text=True, check=True)
    points, days, seconds = run.stdout.split()[-3:]
    return int(points) * int(days) / float(seconds)


if __name__ == "__main__":
    main()
