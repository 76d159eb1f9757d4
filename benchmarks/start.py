"""From Enter to answer: processor time and memory of whole commands, beside those of another checkout.

``python -m benchmarks.start OTHER`` takes the folder of another checkout, such as a worktree of an earlier
commit; both run with this Python and its libraries, in turn. Without one there are no ratios.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.timing import median_ratio, print_table, side_by_side

PROJECT = Path(__file__).parent.parent
FLAGSHIP = "scenarios/entity-list-2019-research-house.yaml"
ACCOUNT = ("--set", "analysis.account=true")
COMMANDS: dict[str, tuple[str, ...]] = {
    "validate": ("validate", FLAGSHIP),
    "run -n 1": ("run", FLAGSHIP, "-n", "1"),
    "run -n 100": ("run", FLAGSHIP, "-n", "100"),
    "run -n 1000": ("run", FLAGSHIP, "-n", "1000"),
    "run -n 1000, with accounts": ("run", FLAGSHIP, "-n", "1000", *ACCOUNT),
}
HERE, THERE = "here", "there"


def main(other: Path | None) -> None:
    """Print what commands take here, and how many times as long as there."""
    checkouts = {HERE: PROJECT} | ({} if other is None else {THERE: other.resolve()})
    for checkout in checkouts.values():
        _cpu_seconds(checkout, ("warmup",), [])
    rows = []
    for name, command in COMMANDS.items():
        peaks: dict[str, list[float]] = {where: [] for where in checkouts}
        seconds = side_by_side(
            {where: partial(_cpu_seconds, root, command, peaks[where]) for where, root in checkouts.items()}
        )
        peak = statistics.median(peaks[HERE])
        ratios = (
            ["", ""]
            if other is None
            else [
                f"{median_ratio(seconds, HERE, THERE):.2f}",
                f"{peak / statistics.median(peaks[THERE]):.2f}",
            ]
        )
        rows.append([name, f"{statistics.median(seconds[HERE]):.2f}", f"{peak:.0f}", *ratios])
    columns = ["command", "processor s", "peak MB", "x processor s there", "x peak there"]
    print_table("Whole commands with the flagship", columns, rows)


def _cpu_seconds(checkout: Path, command: tuple[str, ...], peaks: list[float]) -> float:
    """Processor time of a command of a checkout, whose peak memory in MB is added to a list."""
    program = "from sim.cli import main; main()"
    with tempfile.TemporaryDirectory() as folder:
        out = ["--out", f"{folder}/run"] if command[0] == "run" else []
        process = subprocess.Popen(
            [sys.executable, "-c", program, *command, *out],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)}: failed in {checkout}")
    peaks.append(usage.ru_maxrss / 1000.0)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
