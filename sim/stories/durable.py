"""Work in a folder that survives: claim the folder, do what it lacks, seal it.

The manifest is written first and says all that the work takes; what is finished is kept as parts; a last file
says that all is there. Whatever ends the work in between, it goes on from the parts and ends with the same
bits.
"""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from sim.errors import EngineError, ResultError, ScenarioError
from sim.model.plan import Plan
from sim.montecarlo import manifests
from sim.montecarlo.backends import Backend, this_machine
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import MANIFEST, Begun, Manifest
from sim.montecarlo.parts import Parts, Shapes
from sim.montecarlo.store import PARTS, RunFolder
from sim.montecarlo.workers import silent
from sim.scenario.schema import Scenario
from sim.stories.folders import Claim, Found, Kind, Note, claimed, fill, is_done, unsaid
from sim.stories.replacing import Agrees

Fields = TypeVar("Fields", bound=Begun)


def ready(_width: int) -> None:
    """Nothing has to be made ready."""


@dataclass(frozen=True, slots=True)
class Execution:
    """How work is done; it changes no figure.

    Parameters
    ----------
    workers
        Number of threads, or with SimPy of processes; default: one for each core.
    progress
        Called with the number of steps (replications, failures) that have just been finished, or are there
        already.
    note
        Called with what a user should know of the folder.
    kept
        Called with how to go on, as soon as anything is kept.
    prepare
        Called before anything is simulated on this machine, with the width of its blocks.
    backend
        Opens what simulates a run; default: this machine. It is not opened if there is nothing to simulate.
        Analyses are simulated on this machine.
    chunk
        Replications of a run in a chunk, the most that a kill can cost each worker; default: about a second
        of work.
    agrees
        As for :func:`sim.stories.folders.claimed`.
    """

    workers: int | None = None
    progress: Callable[[int], None] = silent
    note: Note = unsaid
    kept: Note = unsaid
    prepare: Callable[[int], None] = ready
    backend: Callable[[], AbstractContextManager[Backend]] | None = None
    chunk: int | None = None
    agrees: Agrees | None = None

    def open_backend(self, plan: Plan, replications: int) -> AbstractContextManager[Backend]:
        """Open what simulates so many replications of a plan."""
        if self.backend is not None:
            return self.backend()
        self.prepare(block_width(plan, replications))
        return this_machine(self.workers)


@dataclass(frozen=True, slots=True)
class Task:
    """Work that fills a folder.

    Parameters
    ----------
    kind
        Which kind of folder it fills.
    scenario
        After which the folder is called.
    manifest
        All that it takes.
    find
        Does the work, from parts and as parts.
    shapes
        What its parts must hold, as for :class:`sim.montecarlo.parts.Parts`.
    wanted
        As for :class:`sim.stories.folders.Claim`.
    """

    kind: Kind
    scenario: Scenario
    manifest: Manifest
    find: Callable[[Parts, Execution], Found]
    shapes: Shapes | None = None
    wanted: Sequence[str] = ()


def carried_out(
    task: Task, out: str | Path | None = None, execution: Execution | None = None, go_on: str | None = None
) -> Path:
    """Do some work in its folder, or go on where an earlier process stopped.

    Parameters
    ----------
    task
        What to do.
    out
        Its folder; default: among the results, by its name.
    execution
        How to do it.
    go_on
        The command that goes on with it; default: that of its kind, with ``--resume``.

    Returns
    -------
    Path
        The folder, which is complete.

    Raises
    ------
    ResultError
        If the folder is of something else, another process writes it, or a file cannot be written.
    EngineError
        If a number overflows.
    """
    how = execution or Execution()
    folder = task.kind.folder(task.scenario, task.manifest, out)
    claim = Claim(folder, task.manifest, task.kind.summary, task.shapes, task.wanted)
    if not is_done(claim, how.note):
        resume = go_on or to_resume(task.kind.command, folder)
        with claimed(claim, how.note, how.agrees), _resumable(how.kept, resume), _from_parts(claim):
            fill(folder, task.kind, task.find(claim.parts, how), claim.parts.names())
    return folder.path


@contextmanager
def _resumable(kept: Note, go_on: str) -> Iterator[None]:
    """Say how to go on if the work is cut off."""
    how = f"what is finished is kept; go on with: {go_on}"
    kept(how)
    try:
        yield
    except EngineError:
        raise
    except MemoryError as error:
        told = ResultError("there is not enough memory to go on")
        told.add_note(how)
        raise told from error
    except BaseException as error:
        error.add_note(how)
        raise


@contextmanager
def _from_parts(claim: Claim) -> Iterator[None]:
    """Tell, where the folder held parts, that nothing can be made of them: they may come from anybody."""
    held = bool(claim.parts.names())
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if not held:
            raise
        raise ResultError(
            f"{shown(claim.folder.path / PARTS)}: found parts from which nothing can be told "
            f"({shown(str(error))}); allowed: to remove them, and to simulate them again"
        ) from error


# ---------------------------------------------------------------------- gone on with


class Doing(Protocol):
    """What a command was asked to do."""

    @property
    def manifest(self) -> Manifest:
        """All that it takes."""


Again = TypeVar("Again", bound=Doing)


def begun(
    path: str | Path, command: str, fields: type[Fields], again: Callable[[RunFolder, Fields], Again]
) -> tuple[Again, Manifest]:
    """What a folder was begun for, whether or not it is finished.

    Parameters
    ----------
    path
        The folder.
    command
        Name of the command that began it.
    fields
        What its manifest must say.
    again
        Makes of what the manifest says what was asked for.

    Returns
    -------
    tuple
        What was asked for, and the manifest.

    Raises
    ------
    ResultError
        If the folder is not of this command, or its manifest cannot be used.
    """
    folder = RunFolder(Path(path))
    manifest = _manifest_in(folder, command)
    try:
        asked = again(folder, manifests.checked(folder, manifest, fields))
    except ScenarioError as error:
        raise manifests.unusable(folder, error) from error
    if asked.manifest["digest"] != manifest["digest"]:
        raise of_another(folder, command)
    return asked, manifest


def _manifest_in(folder: RunFolder, command: str) -> Manifest:
    manifest = manifests.read(folder)
    if manifest is None:
        raise ResultError(
            f"{shown(folder.path)}: found no {MANIFEST}; allowed: a folder of `chokepoint {command}`"
        )
    if str(manifest.get("command")).split()[:2] != ["chokepoint", command]:
        raise of_another(folder, command)
    return manifest


def of_another(folder: RunFolder, command: str) -> ResultError:
    """What is said of a manifest from which a command cannot go on."""
    return ResultError(
        f"{shown(folder.path)}: found a {MANIFEST} of another command or version; allowed: one of "
        f"`chokepoint {command}`"
    )


def to_resume(command: str, folder: RunFolder) -> str:
    """The command that goes on with what another one began in a folder."""
    return f"chokepoint {command} --resume {shlex.quote(str(folder.path))}"
