"""How a run of the flagship grows with cores: measured on one and two, modelled for a thousand.

Wall time of this process and its workers, on threads and on a Dask cluster of this machine. The parts of the
model are measured one by one: what a future takes to simulate, what the coordinator does for each part
(receive it from a worker, write it), and for each future at the end (read the parts, tell, write outcomes).
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from distributed import Client, LocalCluster, as_completed

from benchmarks.timing import print_table, side_by_side
from sim.montecarlo.backends import Backend, chunk_size, simulated, this_machine
from sim.montecarlo.cluster import local_cluster
from sim.montecarlo.parts import Parts, cut, to_parquet
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import MOST_THREADS, silent
from sim.stories import runs, study
from sim.stories.durable import Execution
from sim.stories.folders import SUMMARY

FLAGSHIP = Path(__file__).parent.parent / "scenarios" / "entity-list-2019-research-house.yaml"
ROUNDS = 3
FEW, MORE = 2_048, 8_192
"""Replications of two runs, of which the difference tells what one more takes to tell."""
PARTS = 200
MANY = 1_000_000
CORES = (1, 2, 10, 100, 1_000)


@dataclass(frozen=True, slots=True)
class Model:
    """Seconds of a run: cores simulate while the coordinator keeps parts; then it tells, in its own threads.

    Attributes
    ----------
    fixed, simulate, part
        Once, each future on one core, each part.
    alone, shared
        Each future at the end: what one thread does, and what threads share.
    chunk
        Futures in a part.
    """

    fixed: float
    simulate: float
    part: float
    alone: float
    shared: float
    chunk: int

    def simulating(self, replications: int, cores: int) -> float:
        return replications * self.simulate / cores

    def keeping(self, replications: int) -> float:
        return replications / self.chunk * self.part

    def telling(self, replications: int, cores: int) -> float:
        return replications * (self.alone + self.shared / min(cores, MOST_THREADS))

    def seconds(self, replications: int, cores: int) -> float:
        until_kept = max(self.simulating(replications, cores), self.keeping(replications))
        return self.fixed + until_kept + self.telling(replications, cores)


def main() -> None:
    """Print what was measured, and the model."""
    job = study.job_of(FLAGSHIP, replications=FEW)
    measured = _simulating_seconds(job)
    _print_measured(measured)
    fixed, alone, shared = _telling_seconds()
    _print_model(
        Model(
            fixed=fixed,
            simulate=statistics.median(measured["threads, 1"]) / FEW,
            part=_part_seconds(job),
            alone=alone,
            shared=shared,
            chunk=chunk_size(job.work),
        )
    )


def _simulating_seconds(job: study.Job) -> dict[str, list[float]]:
    """Wall time of simulating all chunks and keeping them, by where it takes place."""

    def on(backend: Backend) -> Callable[[], float]:
        def program() -> float:
            with tempfile.TemporaryDirectory() as folder:
                parts = Parts(RunFolder(Path(folder)), "benchmark")
                chunks = cut([range(job.replications)], chunk_size(job.work))
                start = time.perf_counter()
                parts.put_all(backend(job.work, chunks, silent))
                return time.perf_counter() - start

        return program

    places = {
        "threads, 1": this_machine(1),
        "threads, 2": this_machine(2),
        "local cluster, 1": local_cluster(1),
        "local cluster, 2": local_cluster(2),
    }
    with ExitStack() as stack:
        programs = {name: on(stack.enter_context(place)) for name, place in places.items()}
        side_by_side(programs, rounds=1)
        return side_by_side(programs, ROUNDS)


def _telling_seconds() -> tuple[float, float, float]:
    """Wall time of a run whose parts are there: once, and of each future what is one thread's, and shared."""
    few, more = _after_simulating(FEW), _after_simulating(MORE)
    one, two = ((more[threads] - few[threads]) / (MORE - FEW) for threads in (1, 2))
    shared = 2.0 * (one - two)
    return few[1] - FEW * one, one - shared, shared


def _after_simulating(replications: int) -> dict[int, float]:
    """The wall time by the number of threads."""
    job, seconds = study.job_of(FLAGSHIP, replications=replications), {}
    with tempfile.TemporaryDirectory() as folder:
        out = RunFolder(runs.run(job, folder))
        for threads in (1, 2):
            out.unseal(SUMMARY)
            start = time.perf_counter()
            runs.run(job, folder, Execution(workers=threads))
            seconds[threads] = time.perf_counter() - start
    return seconds


def _part_seconds(job: study.Job) -> float:
    """Wall time of a part at the coordinator: a task is sent, the part received and written."""
    late = range(2_048, 2_048 + chunk_size(job.work))
    [(_, kept)] = simulated(job.work, [late])
    size = len(to_parquet(kept))
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as here,
        Client(here) as client,
    ):
        parts = Parts(RunFolder(Path(folder)), "benchmark")
        client.submit(os.urandom, size, pure=False).result()
        start = time.perf_counter()
        tasks = [client.submit(os.urandom, size, pure=False) for _ in range(PARTS)]
        come = enumerate(as_completed(tasks))
        parts.put_all((range(number, number + 1), task.result()) for number, task in come)
        return (time.perf_counter() - start) / PARTS


def _print_measured(measured: dict[str, list[float]]) -> None:
    rows = []
    for name, seconds in measured.items():
        alone = measured[f"{name.partition(',')[0]}, 1"]
        times = statistics.median(a / b for a, b in zip(alone, seconds, strict=True))
        median = statistics.median(seconds)
        rows.append([name, f"{median:.2f}", f"{1e3 * median / FEW:.2f}", f"{times:.2f}"])
    columns = ["where, workers", "seconds", "ms a replication", "x one worker"]
    print_table(f"Simulating and keeping {FEW:,} replications of the flagship", columns, rows)


def _print_model(model: Model) -> None:
    print(
        f"A run takes {model.fixed:.1f} s once (without the start of the process and the compiler), "
        f"{1e3 * model.simulate:.2f} ms a replication and core, {1e3 * model.part:.1f} ms of the coordinator "
        f"for a part of {model.chunk} replications while others simulate, and at the end "
        f"{1e3 * model.alone:.3f} ms a replication and {1e3 * model.shared:.3f} ms that up to {MOST_THREADS} "
        "threads share."
    )
    rows = []
    for cores in CORES:
        simulating, keeping = model.simulating(MANY, cores), model.keeping(MANY)
        telling = model.telling(MANY, cores)
        total = model.seconds(MANY, cores)
        gain = model.seconds(MANY, 1) / total
        rows.append(
            [f"{cores:,}", *(f"{value:,.0f}" for value in (simulating, keeping, telling, total, gain))]
        )
    columns = ["cores", "simulating, s", "keeping, s", "telling, s", "whole run, s", "x one core"]
    print_table(f"The model: {MANY:,} replications of the flagship", columns, rows)


if __name__ == "__main__":
    main()
