"""A run on a Dask cluster: a real scheduler and workers, each a process; some of them are killed."""

import http.client
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import dask
import distributed
import pytest
from click.testing import CliRunner
from distributed import Client, KilledWorker
from distributed.scheduler import WorkerState

from sim.cli import main
from sim.errors import ClusterError, EngineError
from sim.montecarlo import backends, compiled_batch, provenance, warmup
from sim.montecarlo.cluster import MOST_TIMES_LOST, _look_at, _simulate, cluster, local_cluster
from sim.stories import runs
from sim.stories.durable import Execution
from tests.durability.folders import contents, figures, finished_run, job_in, scenario_in

REPLICATIONS, CHUNK = 6_000, 100
PROJECT = Path(__file__).parents[2]


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Cluster:
    """A scheduler and its workers, each a process."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "scheduler.json"
        options = (
            "--scheduler-file",
            str(self._file),
            "--port",
            "0",
            "--no-dashboard",
            "--host",
            "127.0.0.1",
        )
        self.scheduler = start("distributed.cli.dask_scheduler", *options)
        self.workers: list[subprocess.Popen[bytes]] = []
        with Client(scheduler_file=str(self._file), timeout=60) as client:
            self.address = client.scheduler.address

    def start_worker(self) -> None:
        options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--death-timeout", "60")
        self.workers.append(start("distributed.cli.dask_worker", self.address, *options))

    def add_worker(self) -> None:
        self.start_worker()
        with Client(self.address) as client:
            client.wait_for_workers(sum(worker.poll() is None for worker in self.workers), timeout=60)

    def on_workers(self, function):
        """What a function gives on each worker."""
        with Client(self.address) as client:
            return list(client.run(function).values())

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def machines(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def undamaged(tmp_path_factory):
    """A cluster of one worker, for tests that end no process of it and do not ask what it has done."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.add_worker()
    yield made
    made.close()


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The run that all others are compared with: one process, no cluster."""
    folder = tmp_path_factory.mktemp("here")
    return runs.run(job_in(folder, replications=REPLICATIONS), folder / "run", Execution(chunk=CHUNK))


def on(machines, folder, **how):
    job = job_in(folder, replications=REPLICATIONS)
    return runs.run(
        job, folder / "run", Execution(backend=lambda: cluster(machines.address), **{"chunk": CHUNK, **how})
    )


def after(replications, happens):
    """Something that happens once, after some replications."""
    done = [0]

    def progress(count):
        before, done[0] = done[0], done[0] + count
        if before < replications <= done[0]:
            happens()

    return progress


def simulated_something():
    """Whether this worker has simulated a chunk."""
    from sim.engines import block_engine

    return len(block_engine._UNITS) > 0


@pytest.mark.slow
def test_two_workers_give_the_same_bytes(machines, here, tmp_path):
    machines.add_worker()
    machines.add_worker()
    assert contents(on(machines, tmp_path)) == contents(here)
    assert machines.on_workers(simulated_something) == [True, True]


def test_a_worker_compiles_for_the_width_of_its_chunk(tmp_path, monkeypatch):
    """Blocks of a large network are no wider than a chunk needs."""
    work, widths = job_in(tmp_path).work, []

    def compiles(width):
        widths.append(width)
        raise KeyboardInterrupt

    monkeypatch.setattr(compiled_batch, "MOST_POINTS", 8 * (1 + len(work.plan.points.firm)))
    monkeypatch.setattr(warmup, "make_ready", compiles)
    for count in (100, 3, 1):
        with pytest.raises(KeyboardInterrupt):
            _simulate(work, range(count), provenance.versions())
    assert widths == [8, 4, 1]


def test_a_worker_that_is_killed_loses_nothing(machines, here, tmp_path):
    machines.add_worker()
    machines.add_worker()
    out = on(machines, tmp_path, progress=after(1_000, machines.workers[0].kill))
    assert machines.workers[0].wait() == -9
    assert contents(out) == contents(here)


@pytest.mark.slow
def test_a_worker_that_comes_later_helps(machines, here, tmp_path):
    machines.add_worker()
    out = on(machines, tmp_path, progress=after(1_000, machines.add_worker))
    assert contents(out) == contents(here)
    assert machines.on_workers(simulated_something) == [True, True]


def test_a_scheduler_that_goes_away_leaves_a_folder_to_go_on_with(machines, here, tmp_path):
    machines.add_worker()
    with pytest.raises(ClusterError, match="the scheduler went away") as caught:
        on(machines, tmp_path, progress=after(1_000, machines.scheduler.kill))
    out = tmp_path / "run"
    assert caught.value.__notes__[-1].endswith(f"go on with: chokepoint run --resume {out}")
    assert len(list((out / "parts").iterdir())) >= 10
    runs.run(runs.resumed(out), out, Execution(chunk=CHUNK))
    assert contents(out) == contents(here)


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_chunks_change_no_byte_of_the_figures(undamaged, tmp_path, chunk):
    job = job_in(tmp_path)
    out = runs.run(
        job, tmp_path / "cluster", Execution(backend=lambda: cluster(undamaged.address), chunk=chunk)
    )
    assert figures(out) == figures(finished_run(tmp_path))


def test_simpy_runs_on_a_cluster_too(undamaged, tmp_path):
    job = job_in(tmp_path, replications=9, engine="simpy")
    out = runs.run(job, tmp_path / "cluster", Execution(backend=lambda: cluster(undamaged.address)))
    assert contents(out) == contents(runs.run(job, tmp_path / "here"))


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_a_cluster_of_this_machine_gives_the_same_bytes(here, tmp_path, workers):
    """One worker alone, which the tests below start too, is in `make verify`."""
    job = job_in(tmp_path, replications=REPLICATIONS)
    out = runs.run(job, tmp_path / "run", Execution(backend=lambda: local_cluster(workers), chunk=CHUNK))
    assert contents(out) == contents(here)


LISTENS = "0A"
LOOPBACKS = {"0100007F", "00000000000000000000000001000000"}
"""127.0.0.1 and ::1, as /proc tells addresses."""


def family(process: int) -> list[int]:
    """A process and all that descend from it."""
    parents = {
        int(entry.name): int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and (entry / "stat").exists()
    }
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def listening(processes: list[int]) -> list[tuple[str, int]]:
    """Address and port of every socket at which some processes wait for others."""
    sockets = {
        str(link.readlink())
        for process in processes
        for link in Path(f"/proc/{process}/fd").iterdir()
        if link.is_symlink()
    }
    rows = [
        row.split()
        for table in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    places = [row[1].split(":") for row in rows if row[3] == LISTENS and f"socket:[{row[9]}]" in sockets]
    return [(address, int(port, 16)) for address, port in places]


def test_a_cluster_of_this_machine_listens_to_this_machine_only(tmp_path):
    found: list[tuple[str, int]] = []
    of_other_tests = family(os.getpid())[1:]

    def look():
        found.extend(listening([one for one in family(os.getpid()) if one not in of_other_tests]))

    how = Execution(backend=lambda: local_cluster(2), chunk=CHUNK, progress=after(1, look))
    runs.run(job_in(tmp_path), tmp_path / "run", how)
    assert len(found) >= 6
    assert {address for address, _ in found} <= LOOPBACKS


def test_a_cluster_of_this_machine_shows_no_page(monkeypatch):
    made: list[Any] = []

    class Noted(distributed.LocalCluster):
        def __init__(self, **how: Any) -> None:
            super().__init__(**how)
            made.append(self)

    monkeypatch.setattr(distributed, "LocalCluster", Noted)
    with local_cluster(1):
        workers = made[0].scheduler_info["workers"].values()
        ports = [worker["services"]["dashboard"] for worker in workers]
        ports.append(made[0].scheduler.http_server.port)
        pages = ("status", "health", "metrics", "info/main/workers.html")
        statuses = {status_of(port, page) for port in ports for page in pages}
    assert (len(ports), statuses) == (2, {404})


@pytest.mark.slow
@pytest.mark.filterwarnings("error:Sending large graph")
def test_a_large_plan_is_sent_without_a_warning(tmp_path):
    how = Execution(backend=lambda: local_cluster(1), chunk=CHUNK)
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "3kB"}):
        runs.run(job_in(tmp_path), tmp_path / "run", how)


def status_of(port: int, page: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", f"/{page}")
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.slow
def test_a_cluster_without_a_worker_is_waited_for(machines, here, tmp_path):
    notes: list[str] = []

    def note(text):
        notes.append(text)
        machines.start_worker()

    job = job_in(tmp_path, replications=REPLICATIONS)
    how = Execution(backend=lambda: cluster(machines.address, note=note), chunk=CHUNK)
    assert contents(runs.run(job, tmp_path / "run", how)) == contents(here)
    assert notes == [f"{machines.address} has no worker yet: waiting for one"]


def test_workers_of_other_versions_are_refused(undamaged, tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "SOURCES", "0123456789ab")
    with pytest.raises(ClusterError, match="a worker differs from the run: sources 0123456789ab"):
        on(undamaged, tmp_path)


def test_an_error_of_the_model_is_told_as_such(undamaged, tmp_path):
    job = job_in(tmp_path)
    work = backends.Work(job.plan, job.seed, "no such engine")
    with cluster(undamaged.address) as backend, pytest.raises(ClusterError, match="no such engine"):
        list(backend(work, [range(4)], lambda _done: None))


def test_a_worker_passes_on_what_a_user_can_mend():
    """Errors travel from a worker to the run as they are."""
    import pickle

    error = pickle.loads(pickle.dumps(EngineError("replication 3: overflow")))  # noqa: S301 - our own bytes
    assert str(error) == "replication 3: overflow"


def failed(error):
    """A task that Dask gave up."""
    return SimpleNamespace(status="error", exception=lambda: error)


def test_a_chunk_that_lost_its_workers_is_tried_again_but_not_for_ever():
    lost = failed(KilledWorker("chunk", cast("WorkerState", SimpleNamespace(address="tcp://gone")), 3))
    for times in range(1, MOST_TIMES_LOST + 1):
        _look_at(lost, times)
    with pytest.raises(ClusterError, match="chunk"):
        _look_at(lost, MOST_TIMES_LOST + 1)


def test_no_scheduler_is_told(tmp_path):
    arguments = ["run", str(scenario_in(tmp_path)), "--out", str(tmp_path / "run")]
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        told = CliRunner().invoke(main, [*arguments, "--cluster", "tcp://127.0.0.1:1"])
    assert told.exit_code == 2
    assert "found no scheduler at tcp://127.0.0.1:1" in told.output
