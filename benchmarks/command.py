"""Whole commands, start-up and report included: what a user waits for, and how much memory it takes.

Each command is a process of its own, and this one stays small: a process starts with the memory of its parent
on its account.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import print_table

FLAGSHIP = Path(__file__).parent.parent / "scenarios" / "entity-list-2019-research-house.yaml"
CHOKEPOINT = str(Path(sys.executable).parent / "chokepoint")
COMPILED_REPLICATIONS = (1, 100, 1_000, 10_000)
FEW, MORE = 8, 40
"""Replications with the SimPy engine, of which the difference tells what one more takes."""
TARGET = 500
"""How many times as fast a command is to be."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: wall time, and the most memory it had at once."""

    seconds: float
    megabytes: float


def main() -> None:
    """Print the cost of commands with either engine."""
    subprocess.run([CHOKEPOINT, "warmup"], check=True, capture_output=True)
    few, more = (_cost("simpy", replications).seconds for replications in (FEW, MORE))
    readable = (more - few) / (MORE - FEW)
    costs = {replications: _cost("compiled", replications) for replications in COMPILED_REPLICATIONS}
    rows = [
        [
            f"{replications:,}",
            f"{cost.seconds:.1f}",
            f"{cost.megabytes:.0f}",
            f"{replications * readable:,.0f}",
            f"{replications * readable / cost.seconds:,.0f}",
        ]
        for replications, cost in costs.items()
    ]
    columns = ["replications", "seconds", "peak MB", "SimPy engine, seconds", "times as fast"]
    print_table(f"`chokepoint run` of the flagship on {_cores()} cores", columns, rows)
    print(f"With the SimPy engine a replication takes {readable:.2f} s (from {FEW} and {MORE} of them).")
    print(_replications_needed(readable, costs))


def _replications_needed(readable: float, costs: dict[int, Cost]) -> str:
    """From how many replications on a command is so many times as fast, by a line through two costs."""
    first, last = min(costs), max(costs)
    each = (costs[last].seconds - costs[first].seconds) / (last - first)
    start_up = costs[first].seconds - first * each
    gain = readable / TARGET - each
    if gain <= 0.0:
        return f"One more replication takes {1e3 * each:.2f} ms: a command is never {TARGET} times as fast."
    return (
        f"One more replication takes {1e3 * each:.2f} ms: from {start_up / gain:,.0f} replications on "
        f"a command is {TARGET} times as fast."
    )


def _cost(engine: str, replications: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        options = ["--engine", engine, "--replications", str(replications), "--out", folder]
        start = time.perf_counter()
        process = subprocess.Popen(
            [CHOKEPOINT, "run", str(FLAGSHIP), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"command: {engine} with {replications} replications failed")
    return Cost(seconds, usage.ru_maxrss / 1024.0)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
