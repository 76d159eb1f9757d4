"""A Dask cluster as a backend: a task is a chunk, and what a lost worker had in hand is done by another."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sim.errors import ClusterError, SimError
from sim.montecarlo import warmup
from sim.montecarlo.backends import COMPILED, Backend, Progress, Work, simulated
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.parts import to_parquet
from sim.montecarlo.provenance import other_versions, versions
from sim.montecarlo.workers import cores

if TYPE_CHECKING:
    from distributed import Client, Future

MOST_TIMES_LOST = 3
"""How often Dask may give a chunk up, each time after it lost some workers: beyond, the chunk kills them."""
LOOPBACK = "127.0.0.1"


@contextmanager
def cluster(address: str, note: Callable[[str], None] = lambda _note: None) -> Iterator[Backend]:
    """Simulates on a Dask cluster.

    Parameters
    ----------
    address
        Where the scheduler listens, such as ``tcp://host:8786``.
    note
        Called with what a user should know, as that there is no worker yet.

    Yields
    ------
    Backend
        It gives up if the scheduler goes away, or a worker has other versions.

    Raises
    ------
    ClusterError
        If Dask is not installed, or the scheduler cannot be reached.
    """
    distributed = _dask()
    try:
        client = distributed.Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"--cluster: found no scheduler at {address} ({error})") from error
    with client:
        if not client.scheduler_info()["workers"]:
            note(f"{address} has no worker yet: waiting for one")
        yield _on(client)


@contextmanager
def local_cluster(workers: int | None = None) -> Iterator[Backend]:
    """Simulates on a Dask cluster of this machine, which ends with the run and listens to this machine only.

    Dask's dashboard and other pages are off.

    Parameters
    ----------
    workers
        Number of its processes; default: one for each core.

    Raises
    ------
    ClusterError
        If Dask is not installed.
    """
    distributed = _dask()
    from dask import config

    with (
        config.set({f"distributed.{process}.http.routes": [] for process in ("scheduler", "worker")}),
        distributed.LocalCluster(
            n_workers=workers or cores(),
            threads_per_worker=1,
            host=LOOPBACK,
            dashboard_address=f"{LOOPBACK}:0",
            worker_dashboard_address=f"{LOOPBACK}:0",
            scheduler_kwargs={"dashboard": False},
        ) as here,
        distributed.Client(here) as client,
    ):
        yield _on(client)


def _dask() -> Any:
    try:
        import distributed
    except ImportError:
        raise ClusterError(
            "--cluster: found no dask.distributed; install it with: pip install 'chokepoint[cluster]'"
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # What matters we say ourselves.
    return distributed


def _on(client: "Client") -> Backend:
    import distributed
    from dask import config

    def simulate(work: Work, chunks: Sequence[range], progress: Progress) -> Iterator[tuple[range, bytes]]:
        with config.set({"distributed.admin.large-graph-warning-threshold": "1PB"}):  # It has to go, once.
            carried = client.submit(_carried, work, pure=False)  # A task, so that it survives its worker.
        here = versions()

        def submit(chunk: range) -> "Future[bytes]":
            return client.submit(_simulate, carried, chunk, here, pure=False)

        running = {submit(chunk): chunk for chunk in chunks}
        lost = dict.fromkeys(chunks, 0)
        waiting = distributed.as_completed(list(running), loop=client.loop, raise_errors=False)
        for future in waiting:
            chunk = running.pop(future)
            part = _part_of(client, future)
            if part is not None:
                progress(len(chunk))
                yield chunk, part
            else:
                lost[chunk] += 1
                _look_at(future, lost[chunk])
                again = submit(chunk)
                running[again] = chunk
                waiting.add(again)

    return simulate


def _part_of(client: "Client", future: "Future[bytes]") -> bytes | None:
    """The result of a task; None if it has none, or it went away on its way here."""
    import distributed

    if future.status != "finished":
        return None
    try:
        part: bytes = client.gather(future)
    except (distributed.CancelledError, distributed.KilledWorker, OSError):
        return None
    future.release()
    return part


def _look_at(future: "Future[bytes]", times_lost: int) -> None:
    """Why a task has no result: it may run again if that is because workers were lost with it in hand."""
    import distributed

    if future.status != "error":
        raise ClusterError("--cluster: the scheduler went away")
    error = future.exception()
    if isinstance(error, SimError):
        raise error
    if not isinstance(error, distributed.KilledWorker) or times_lost > MOST_TIMES_LOST:
        raise ClusterError(f"--cluster: {error}") from error


# ---------------------------------------------------------------------- what runs on a worker


def _carried(work: Work) -> Work:
    return work


def _simulate(work: Work, chunk: range, versions_there: dict[str, str]) -> bytes:
    if other := other_versions(versions_there):
        raise ClusterError(f"--cluster: a worker differs from the run: {other}; allowed: the same versions")
    if work.engine == COMPILED:
        warmup.make_ready(block_width(work.plan, len(chunk)))
    [(_, kept)] = simulated(work, [chunk], workers=1)
    return to_parquet(kept)
