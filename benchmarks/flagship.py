"""A replication of the flagship: where its time goes with the SimPy engine, and what a compiled one takes."""

import statistics
from pathlib import Path

from benchmarks.timing import Seconds, cpu_seconds, median_ratio, print_table, rate, side_by_side
from sim.engines import replay
from sim.engines.block_engine import Experiment
from sim.engines.des import simulate
from sim.engines.draws import draw
from sim.model.compile import compile_plan
from sim.model.plan import Plan
from sim.model.schedule import draw_up
from sim.montecarlo.compiled_batch import run_blocks
from sim.montecarlo.simpy_batch import replicate
from sim.scenario.load import load_scenario

FLAGSHIP = Path(__file__).parent.parent / "scenarios" / "entity-list-2019-research-house.yaml"
SEED = 1
REPLICATIONS = 512
SIMPY, COMPILED = "SimPy engine", "compiled engine"


def main() -> None:
    """Print seconds a replication of each engine, and of each step of the readable one."""
    plan = compile_plan(load_scenario(FLAGSHIP))
    _compiled_seconds(plan)
    experiment = Experiment.of(plan, SEED)
    seconds = side_by_side(
        {
            SIMPY: lambda: cpu_seconds(lambda: replay.measure(experiment, replicate(plan, SEED, 0))),
            COMPILED: lambda: _compiled_seconds(plan),
        }
    )
    _print_engines(plan, seconds)
    _print_steps(plan)


def _compiled_seconds(plan: Plan) -> float:
    """Processor time of a replication, measures included, on one thread."""
    batch = cpu_seconds(lambda: run_blocks(plan, seed=SEED, replications=REPLICATIONS, workers=1))
    return batch / REPLICATIONS


def _print_engines(plan: Plan, seconds: Seconds) -> None:
    point_days = 2 * plan.days * len(plan.points.firm)
    rows = []
    for name, its in seconds.items():
        each = statistics.median(its)
        speed = rate(point_days / each)
        rows.append([name, f"{1e3 * each:.2f}", speed, f"{median_ratio(seconds, SIMPY, name):,.0f}"])
    columns = ["engine", "ms a replication", "stock-point-days a second", "times as fast"]
    counts = f"{len(plan.points.firm)} stock points, {len(plan.lanes.supplier)} lanes"
    print_table(f"Both twins of the flagship and their measures: {counts}, {plan.days} days", columns, rows)


def _print_steps(plan: Plan) -> None:
    twins = replicate(plan, SEED, 0)
    draws = draw(twins.plan, SEED, 0)
    schedule = twins.scenario.schedule
    steps = side_by_side(
        {
            "random numbers": lambda: cpu_seconds(lambda: draw(twins.plan, SEED, 0)),
            "schedule of one twin": lambda: cpu_seconds(lambda: draw_up(twins.plan, draws, with_shock=True)),
            "days of one twin": lambda: cpu_seconds(lambda: simulate(twins.plan, schedule)),
            "measures": lambda: cpu_seconds(lambda: replay.measure(Experiment.of(plan, SEED), twins)),
        }
    )
    rows = [[step, f"{1e3 * statistics.median(its):.1f}"] for step, its in steps.items()]
    print_table("Steps of a replication of the flagship with the SimPy engine", ["step", "ms"], rows)


if __name__ == "__main__":
    main()
