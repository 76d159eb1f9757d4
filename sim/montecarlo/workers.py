"""Pieces of work spread over threads or processes, whatever they are."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

from sim.errors import SimError

Result = TypeVar("Result")

MOST_BROKEN_POOLS = 3
MOST_THREADS = 4
"""Threads that tell a batch: each takes up to 20 MB."""


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def silent(_finished: int) -> None:
    """Progress that nobody watches."""


def in_threads(work: Iterable[Callable[[], Result]], workers: int | None = None) -> Iterator[Result]:
    """Do pieces of work that let go of the interpreter's lock, and give their results in their order.

    Parameters
    ----------
    work
        Pieces; one is asked for as soon as a thread is free for it, so that no more are held at a time.
    workers
        Number of threads, up to :data:`MOST_THREADS`; default: one for each core.

    Examples
    --------
    >>> list(in_threads([lambda: "first", lambda: "second"], workers=2))
    ['first', 'second']
    """
    threads = min(workers or cores(), MOST_THREADS)
    begun: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for piece in work:
            begun.append(pool.submit(piece))
            if len(begun) == threads:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def results_of(
    work: Sequence[Callable[[], Result]], workers: int | None = None
) -> Iterator[tuple[int, Result]]:
    """Do pieces of work and give each one's result, with its place, once it is there.

    Parameters
    ----------
    work
        Pieces that can be sent to another process.
    workers
        Number of processes; default: one for each core. With one, everything is done in this process.

    Raises
    ------
    SimError
        If worker processes keep dying.
    """
    count = min(workers or cores(), len(work))
    return _in_processes(work, count) if count > 1 else _here(work)


def _here(work: Sequence[Callable[[], Result]]) -> Iterator[tuple[int, Result]]:
    for place, piece in enumerate(work):
        yield place, piece()


def _in_processes(work: Sequence[Callable[[], Result]], workers: int) -> Iterator[tuple[int, Result]]:
    """Results as they come; a pool that a killed worker broke is replaced, and what is missing done again."""
    context = get_context("forkserver")
    missing = set(range(len(work)))
    for _ in range(MOST_BROKEN_POOLS):
        theirs, ours = context.Pipe(duplex=False)
        with (
            ours,
            theirs,
            ProcessPoolExecutor(workers, mp_context=context, initializer=_obey, initargs=(theirs,)) as pool,
        ):
            futures = {pool.submit(work[place]): place for place in sorted(missing)}
            try:
                for future in as_completed(futures):
                    place = futures[future]
                    result = future.result()
                    missing.remove(place)
                    yield place, result
                return
            except BrokenProcessPool:
                continue
            except BaseException:
                ours.close()
                pool.shutdown(cancel_futures=True)
                raise
    raise SimError(
        f"worker processes died {MOST_BROKEN_POOLS} times; {len(missing)} chunks of work are missing. "
        "A script must start a batch below `if __name__ == '__main__':`, or with workers=1."
    )


def _obey(run: Connection) -> None:
    """Make a worker end at once when the other end of a pipe is closed, or its process is gone.

    Ctrl-C reaches all processes of a terminal: what it means, the process of the run says.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        run.poll(None)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
