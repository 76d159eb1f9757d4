"""How a command ends when it is asked to: at its next step, or a second later, whatever it is at.

Python tells of a signal between two steps of the main thread. A linear program or a compilation is one long
step, so another thread hears of the signal too, and ends the process if the main thread takes too long. That
may be at any moment: files are written beside their names and renamed, and helpers end with their process.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

PATIENCE_SECONDS = 0.6
REQUESTS = 30
NOT_TIDIED = "ignore::UserWarning:multiprocessing.resource_tracker"
"""What tidies up behind a process that is gone, and would say so below its last words."""
TIDYING = ("__del__", "cb")
"""Functions that Python calls when an object goes; ``cb`` is that of the locks of imports."""
LOSING = ("pydantic", "numba")
"""Libraries that lose an error which is raised in what their compiled code calls."""
TELLING = ("emcee", "__call__")
"""Library and function that print the trace of whatever is raised in what they call."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)
NOTHING_IS_KEPT = "the same command begins anew"


class Stopped(KeyboardInterrupt):
    """A request to end.

    Parameters
    ----------
    number
        The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def exit_code(number: int) -> int:
    """The exit code of a process that a signal ended, as shells tell it.

    Examples
    --------
    >>> exit_code(signal.SIGINT), exit_code(signal.SIGTERM)
    (130, 143)
    """
    return 128 + number


def nothing_moves() -> None:
    """There is nothing to take away from the terminal."""


class Ending:
    """The last words of a command that was asked to end; they are said once.

    Attributes
    ----------
    kept
        What is kept of its work, and how to go on.
    hush
        Takes away what moves on the terminal, which would be drawn again below the last words.
    go_on
        Has it move again.
    """

    def __init__(self) -> None:
        self.kept = NOTHING_IS_KEPT
        self.hush = self.go_on = nothing_moves
        self._unsaid = threading.Lock()

    def say(self) -> None:
        """Say that the command is stopped, unless another thread has."""
        if self._unsaid.acquire(blocking=False):
            self.hush()
            sys.stderr.write(f"stopped; {self.kept}\n")
            sys.stderr.flush()


def keeps(kept: str) -> None:
    """Have the command that runs say, if it is stopped from now on, what is kept and how to go on."""
    click.get_current_context().ensure_object(Ending).kept = kept


@contextmanager
def hushed_by(hush: Callable[[], None], go_on: Callable[[], None]) -> Iterator[None]:
    """Have the command that runs take away what moves on the terminal, if it is stopped or asks within."""
    ending = click.get_current_context().ensure_object(Ending)
    ending.hush, ending.go_on = hush, go_on
    try:
        yield
    finally:
        ending.hush = ending.go_on = nothing_moves


def asked(question: str) -> bool:
    """The answer on the terminal to a question of the command that runs; no, unless it is yes."""
    ending = click.get_current_context().ensure_object(Ending)
    ending.hush()
    answer = click.confirm(question, err=True)
    ending.go_on()
    return answer


@contextmanager
def obedient(ending: Ending, *, ends_process: bool) -> Iterator[None]:
    """Raise :class:`Stopped` in the main thread for the first request to end, and see that it does end.

    Parameters
    ----------
    ending
        Has the last words.
    ends_process
        Whether nothing follows: a request that comes too late is not heard, as all is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Python tells no other thread of signals.
        return
    if NOT_TIDIED not in sys.warnoptions:
        sys.warnoptions.append(NOT_TIDIED)
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(heard, ending), name="ending", daemon=True).start()
    before = {number: signal.signal(number, _stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            if ends_process:
                signal.signal(number, signal.SIG_IGN)
            elif signal.getsignal(number) is _stop:
                signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(told)


def _stop(number: int, frame: FrameType | None) -> None:
    """Raise, once, where it is not swallowed; till then the request is made again."""
    if not any(map(_swallows, _stack(frame))):
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _swallows(frame: FrameType) -> bool:
    """Whether an error that is raised below is lost, as in what tidies up behind an object.

    Pydantic goes on as if what it called had not fitted; Numba goes on and stumbles over what is missing.
    """
    module = str(frame.f_globals.get("__name__")).partition(".")[0]
    called = frame.f_code.co_name
    return module in LOSING or called in TIDYING or (module, called) == TELLING


def _watch(heard: int, ending: Ending) -> None:
    """Wait for a signal, then end the process unless it ends by itself."""
    with os.fdopen(heard, "rb", buffering=0) as signals:
        while number := signals.read(1):
            if number[0] in SIGNALS:
                _ask_again(number[0])
                ending.say()
                os._exit(exit_code(number[0]))


def _ask_again(number: int) -> None:
    """Repeat a request to end as long as patience lasts."""
    for _ in range(REQUESTS):
        time.sleep(PATIENCE_SECONDS / REQUESTS)
        os.kill(os.getpid(), number)
