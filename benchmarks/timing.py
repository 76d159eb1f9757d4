"""Programs timed side by side, and tables of what came out."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence

ROUNDS = 5

Seconds = dict[str, list[float]]


def cpu_seconds(step: Callable[[], object]) -> float:
    """Processor time of a step in this process, which does not pay for what others leave behind."""
    gc.collect()
    start = time.process_time()
    step()
    return time.process_time() - start


def side_by_side(programs: dict[str, Callable[[], float]], rounds: int = ROUNDS) -> Seconds:
    """Seconds of each program, each of which returns its own; a round runs every program once."""
    seconds: Seconds = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            seconds[name].append(program())
    return seconds


def median_ratio(seconds: Seconds, one: str, other: str) -> float:
    """Median over the rounds of how many times as long one program took as another."""
    return statistics.median(a / b for a, b in zip(seconds[one], seconds[other], strict=True))


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in Markdown, the first column to the left and the others to the right."""
    print(f"\n**{title}**\n")
    print(f"| {' | '.join(columns)} |")
    print(f"|---|{'---:|' * (len(columns) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def rate(value: float) -> str:
    """A number with two significant digits: 34,000 or 0.021."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10.0 else f"{rounded:g}"
