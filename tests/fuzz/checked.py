"""What must hold of any scenario file, however hostile: it is read or refused, in little time and memory.

``check`` does what ``chokepoint validate FILE`` does and raises :class:`FaultError` if the file gets anything
but a plan or a :class:`~sim.errors.SimError`: another exception, a warning, more time or memory than a file
may take, or messages longer than anybody would read.
"""

import gc
import os
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from sim.errors import SimError
from sim.model.baseline import baseline_cautions, listed
from sim.model.compile import prepare_decided

SECONDS = 1.0
MEGABYTES = 200.0
LONGEST_REFUSAL = 60_000
OVERRIDE = "# --set "
"""A file begins with a line of this for each override that the command line gives."""
NO_TEXT = os.fsdecode(b"\xff")

HERE = Path(__file__).parent
SCENARIOS = HERE.parents[1] / "scenarios"


class FaultError(Exception):
    """A file did what no file may do; ``kind`` is the same for the same mistake of ours."""

    def __init__(self, kind: str, says: str) -> None:
        super().__init__(says)
        self.kind = kind


class TooSlowError(BaseException):
    """Ends the reading of a file whose time is up; no ``except Exception`` holds it back."""


class Cost(NamedTuple):
    """What one file took, and whether it is a scenario."""

    seconds: float
    megabytes: float
    is_scenario: bool


@contextmanager
def folder() -> Iterator[Path]:
    """A folder in which files are checked, with all that they may extend or name: good files and traps."""
    with tempfile.TemporaryDirectory(prefix="chokepoint-fuzz-") as name:
        place = Path(name)
        for file in (*(HERE / "neighbours").iterdir(), SCENARIOS / "first-scenario.yaml"):
            shutil.copy(file, place)
        (place / "directory.yaml").mkdir()
        (place / "endless.yaml").symlink_to("/dev/zero")
        (place / "loop.yaml").symlink_to("loop.yaml")
        os.mkfifo(place / "pipe.yaml")
        yield place


def check(data: bytes, place: Path) -> Cost:
    """Check one file.

    Parameters
    ----------
    data
        What the file holds; settings of the command line stand in comments at its beginning.
    place
        A :func:`folder` to write it to.

    Raises
    ------
    FaultError
        If it does what no file may do.
    """
    file = place / "hostile.yaml"
    file.write_bytes(data)
    overrides = overrides_of(data)
    return held_to_limits(lambda: _read(file, overrides), SECONDS, MEGABYTES)


def held_to_limits(read: Callable[[], bool], most_seconds: float, most_megabytes: float) -> Cost:
    """What reading something gives, and what it costs.

    What the process holds already is set aside, as a command begins without it: Python's collector of cyclic
    garbage would look at all of it on the account of what is read.

    Raises
    ------
    FaultError
        If it takes more than that, or raises what no file may make it raise.
    """
    before = _peak_megabytes()
    gc.freeze()
    start = time.process_time()
    try:
        with _time_limit(most_seconds):
            is_good = read()
    except FaultError:
        raise
    except TooSlowError as error:
        raise FaultError(f"slow in {_where(error)}", f"takes more than {most_seconds:g} s") from error
    except BaseException as error:
        raise FaultError(f"{type(error).__name__} in {_where(error)}", repr(error)[:500]) from error
    finally:
        gc.unfreeze()
    seconds = time.process_time() - start
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    if seconds > most_seconds:
        raise FaultError("slow", f"takes {seconds:.2f} s, allowed: {most_seconds:g}")
    if megabytes > most_megabytes:
        raise FaultError("big", f"takes {megabytes:.0f} MB, allowed: {most_megabytes:g}")
    return Cost(seconds, megabytes, is_good)


def overrides_of(data: bytes) -> list[str]:
    """The settings in the comments at the beginning of a file; U+FFFD stands for a byte that is no text."""
    overrides = []
    for line in data.decode("utf-8", "replace").split("\n"):
        if not line.startswith(OVERRIDE):
            break
        overrides.append(line.removeprefix(OVERRIDE).replace("\ufffd", NO_TEXT))
    return overrides


def _read(file: Path, overrides: list[str]) -> bool:
    try:
        validate(file, overrides)
    except SimError as error:
        if len(str(error)) > LONGEST_REFUSAL:
            raise FaultError("long", f"is refused in {len(str(error))} characters") from error
        return False
    return True


def validate(file: Path, overrides: list[str]) -> None:
    """What the command does, but for the words around it."""
    decided = prepare_decided(file, overrides)
    listed(baseline_cautions(decided.scenario, decided.plan))


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlowError


def _peak_megabytes() -> float:
    """Memory in use, from which the peak is counted anew where the system can do that (Linux)."""
    peaks = Path("/proc/self/clear_refs")
    if peaks.exists():
        peaks.write_text("5", encoding="ascii")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _where(error: BaseException) -> str:
    """The last line of ours that an exception came through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/sim/" in frame.filename]
    return f"{Path(frames[-1].filename).stem}.{frames[-1].name}" if frames else "no line of ours"
