"""All benchmarks one after the other, as tables in Markdown: the second half of ``docs/performance.md``.

Each runs in a process of its own, so that none pays for what another leaves behind.
``make bench BENCH=limit`` runs one alone.
"""

import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "flagship",
    "command",
    "start",
    "limit",
    "plain_simpy",
    "others",
    "failures",
    "sizes",
    "trade",
    "sampling",
    "scaling",
)
PROJECT = Path(__file__).parent.parent


def main(chosen: list[str]) -> None:
    """Run the chosen benchmarks, or all."""
    failed = [
        name
        for name in chosen or BENCHMARKS
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=PROJECT, check=False).returncode
    ]
    if failed:
        raise SystemExit(f"bench: {', '.join(failed)} failed")


if __name__ == "__main__":
    main(sys.argv[1:])
