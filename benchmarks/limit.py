"""The compiled engine against the same network written out by hand in C (``reference.c``)."""

import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.engine import SEED, blocks_of, reference_plan, run_blocks, units_sold
from benchmarks.header import write_header
from benchmarks.timing import Seconds, cpu_seconds, median_ratio, print_table, rate, side_by_side
from sim.model.plan import Floats, Plan

SOURCE = Path(__file__).parent / "reference.c"
WIDTH = 32
REPLICATIONS = 256
AGREEMENT = 1e-12
"""Largest relative difference between two programs that are said to simulate the same."""
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-std=c11")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to compile and run ``reference.c``."""

    name: str
    width: int
    options: tuple[str, ...] = ()
    shares_days: bool = True

    def output(self, program: Path, replications: int, days: range, *, each: bool) -> list[str]:
        """What the program prints: units sold of each replication if wanted, and the seconds it took."""
        arguments = [replications, days.start, days.stop, int(self.shares_days), int(each)]
        command = [str(program), *(str(argument) for argument in arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


YARDSTICK = Variant("C, 32 side by side", WIDTH, ("-DPLAN_EACH",))
SCALAR = Variant("C, one at a time", 1, ("-DPLAN_EACH",))
VARIANTS = (
    YARDSTICK,
    Variant("C, 32 side by side, no days shared", WIDTH, ("-DPLAN_EACH",), shares_days=False),
    Variant("C, 32 side by side, planned once for all", WIDTH),
    SCALAR,
    Variant("C, one at a time, no days shared", 1, ("-DPLAN_EACH",), shares_days=False),
    Variant("C, one at a time, planned once for all", 1),
)
ENGINE = "engine, with all measures"


def main() -> None:
    """Print how much longer the engine takes than C, once both are known to simulate the same."""
    compiler = shutil.which("gcc")
    if compiler is None:
        print("limit: skipped, there is no gcc")
        return
    plan = reference_plan()
    with tempfile.TemporaryDirectory() as folder:
        write_header(plan, SEED, Path(folder) / "reference.h")
        programs = [
            (variant, _compile(compiler, Path(folder), f"program{number}", variant))
            for number, variant in enumerate(VARIANTS)
        ]
        _insist_on_agreement(plan, programs)
        steps: dict[str, Callable[[], float]] = {
            variant.name: partial(_c_seconds, plan, variant, program) for variant, program in programs
        }
        steps[ENGINE] = lambda: cpu_seconds(lambda: run_blocks(plan, REPLICATIONS, WIDTH))
        _print_seconds(plan, side_by_side(steps))


def _compile(compiler: str, folder: Path, name: str, variant: Variant) -> Path:
    program = folder / name
    options = ["-D_POSIX_C_SOURCE=200809L", f"-DWIDTH={variant.width}", *variant.options, f"-I{folder}"]
    subprocess.run([compiler, *FLAGS, *options, str(SOURCE), "-o", str(program), "-lm"], check=True)
    return program


def _c_seconds(plan: Plan, variant: Variant, program: Path) -> float:
    shock_day = int(plan.interventions.day[plan.shock])
    window = range(shock_day, shock_day + plan.window_days)
    return float(variant.output(program, REPLICATIONS, window, each=False)[-1].split()[0])


def _insist_on_agreement(plan: Plan, programs: list[tuple[Variant, Path]]) -> None:
    """Compare each stream's units sold in each replication and twin."""
    ours = units_sold(blocks_of(plan, WIDTH, WIDTH)[0])
    difference = 0.0
    for variant, program in programs:
        theirs = _units_sold_in_c(plan, variant, program)
        difference = max(difference, float(np.max(np.abs(theirs / ours - 1.0))))
        if not difference <= AGREEMENT:
            raise SystemExit(f"limit: the engine and '{variant.name}' differ by {difference:g}: not timed")
    print(
        f"Units sold of {ours.shape[2]} streams in {WIDTH} replications and both twins: the engine and all "
        f"programs in C agree {f'to {difference:.1g}' if difference else 'to the last bit'}."
    )


def _units_sold_in_c(plan: Plan, variant: Variant, program: Path) -> Floats:
    lines = variant.output(program, WIDTH, range(plan.days), each=True)[:-1]
    units = np.array([[float.fromhex(word) for word in line.split()] for line in lines])
    by_block = units.reshape(WIDTH // variant.width, 2, variant.width, -1)
    return by_block.swapaxes(1, 2).reshape(WIDTH, 2, -1)


def _print_seconds(plan: Plan, seconds: Seconds) -> None:
    point_days = 2 * plan.days * len(plan.points.firm)
    rows = []
    for name, its in seconds.items():
        each = statistics.median(its) / REPLICATIONS
        ratios = [f"{median_ratio(seconds, name, other.name):.2f}" for other in (YARDSTICK, SCALAR)]
        rows.append([name, f"{1e3 * each:.2f}", rate(point_days / each), *ratios])
    counts = f"{len(plan.points.firm)} stock points, {len(plan.lanes.supplier)} lanes"
    columns = ["program", "ms a replication", "stock-point-days a second", "x C, 32", "x C, one"]
    print_table(f"Both twins of the reference network: {counts}, {plan.days} days", columns, rows)


if __name__ == "__main__":
    main()
