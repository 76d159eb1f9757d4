"""Where the time of a replication of the flagship goes, measured side by side in one run."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sim.engines.des import simulate
from sim.engines.draws import draw
from sim.model.compile import compile_plan
from sim.model.schedule import draw_up
from sim.montecarlo.batch import replicate
from sim.risk.outcomes import measure
from sim.scenario.load import load_scenario

FLAGSHIP = Path(__file__).parent.parent / "scenarios" / "entity-list-2019.yaml"
ROUNDS = 5


def median_seconds(step: Callable[[], object]) -> float:
    """Median processor time of several runs of a step."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        step()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def main() -> None:
    """Print the table of ``docs/performance.md``."""
    plan = compile_plan(load_scenario(FLAGSHIP))
    twins = replicate(plan, seed=1, replication=0)
    draws = draw(twins.plan, seed=1, replication=0)
    seconds = {
        "random numbers": median_seconds(lambda: draw(twins.plan, seed=1, replication=0)),
        "schedules of both twins": 2 * median_seconds(lambda: draw_up(twins.plan, draws, with_shock=True)),
        "SimPy engine, both twins": 2 * median_seconds(lambda: simulate(twins.plan, twins.scenario.schedule)),
        "measures": median_seconds(lambda: measure(twins)),
    }
    total = sum(seconds.values())
    table = Table("step", "seconds", "share", title="One replication of the flagship and its twin")
    for step, spent in seconds.items():
        table.add_row(step, f"{spent:.3f}", f"{spent / total:.1%}")
    table.add_row("together", f"{total:.3f}", "100.0%")
    Console().print(table)
    point_days = 2 * plan.days * len(plan.labels.points) / total
    Console().print(f"{point_days:,.0f} stock-point-days a second")


if __name__ == "__main__":
    main()
