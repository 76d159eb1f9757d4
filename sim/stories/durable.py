"""Work in a folder that survives: claim the folder, do what it lacks, seal it.

The manifest is written first and says all that the work takes; what is finished is kept as parts; a last file
says that all is there. Whatever ends the work in between, it goes on from the parts and ends with the same
bits.
"""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim.errors import EngineError, ResultError
from sim.montecarlo import manifests
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import MANIFEST, Manifest
from sim.montecarlo.parts import Parts, Shapes
from sim.montecarlo.provenance import other_versions
from sim.montecarlo.store import PARTS, RunFolder, digest

Note = Callable[[str], None]


def unsaid(_note: str) -> None:
    """A note that nobody reads."""


@dataclass(frozen=True, slots=True)
class Task:
    """Work that fills a folder.

    Parameters
    ----------
    folder
        Where to.
    manifest
        All that it takes; ``digest`` and ``versions`` in it say whose parts the folder's are.
    last
        File whose presence says that the folder is complete.
    fill
        Does the work, from parts and as parts, and writes the other files.
    go_on
        The command that goes on with it.
    note
        Called with what a user should know of the folder.
    kept
        Called with how to go on, as soon as anything is kept.
    shapes
        What its parts must hold, as for :class:`sim.montecarlo.parts.Parts`.
    """

    folder: RunFolder
    manifest: Manifest
    last: str
    fill: Callable[[Parts], object]
    go_on: str
    note: Note
    kept: Note
    shapes: Shapes | None = None

    @property
    def parts(self) -> Parts:
        """The parts of the folder."""
        return Parts(self.folder, identity(self.manifest), self.shapes)


def identity(manifest: Manifest) -> str:
    """Whose the parts of a folder are: what was asked for, and the versions that answer."""
    return digest([manifest["digest"], manifest["versions"]])


def carried_out(task: Task) -> Path:
    """Do some work in its folder, or go on where an earlier process stopped.

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
    _refuse_another(task)
    if not _is_done(task):
        with task.folder.locked():
            _refuse_another(task)
            _claim(task)
            with _resumable(task), _from_parts(task):
                task.fill(task.parts)
    return task.folder.path


def to_resume(command: str, folder: RunFolder) -> str:
    """The command that goes on with what another one began in a folder."""
    return f"chokepoint {command} --resume {shlex.quote(str(folder.path))}"


def manifest_in(folder: RunFolder, command: str) -> Manifest:
    """The manifest of a folder that a command began.

    Parameters
    ----------
    folder
        The folder.
    command
        Name of the command.

    Raises
    ------
    ResultError
        If there is none, it is damaged, or another command's.
    """
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


@contextmanager
def _resumable(task: Task) -> Iterator[None]:
    """Say how to go on if the work is cut off."""
    how = f"what is finished is kept; go on with: {task.go_on}"
    task.kept(how)
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
def _from_parts(task: Task) -> Iterator[None]:
    """Tell, where the folder held parts, that nothing can be made of them: they may come from anybody."""
    held = bool(task.parts.names())
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if not held:
            raise
        raise ResultError(
            f"{shown(task.folder.path / PARTS)}: found parts from which nothing can be told "
            f"({shown(str(error))}); allowed: to remove them, and to simulate them again"
        ) from error


def _refuse_another(task: Task) -> None:
    """Leave a folder alone that is of something else; where its manifest is no help, a part is proof."""
    folder = task.folder
    before = manifests.refuse_another(folder, task.manifest, task.parts.has_sound)
    if before is None or folder.is_sealed(task.last):
        return
    if other := other_versions(before["versions"]):
        raise ResultError(
            f"{shown(folder.path)}: found a run begun with {other}; allowed: to go on with the same "
            "versions, or to begin anew in an empty folder"
        )


def _is_done(task: Task) -> bool:
    """Whether the folder, which is of nothing else, is finished, every byte of it."""
    folder = task.folder
    try:
        manifest = manifests.read(folder)
    except ResultError:
        return False
    if manifest is None or not folder.is_sealed(task.last):
        return False
    damage = folder.damage(task.last)
    if other := other_versions(manifest["versions"]):
        if damage:
            raise ResultError("\n".join(f"{folder.path}: {line}" for line in [*damage, f"made with {other}"]))
        task.note(f"{folder.path}: finished with {other}; it is left as it is")
    return not damage


def _claim(task: Task) -> None:
    """Write the manifest first, and remove what cannot be used."""
    folder = task.folder
    if folder.is_sealed(task.last):
        for line in folder.damage(task.last):
            task.note(f"{folder.path}: {line}; it is made again")
    folder.clean()
    folder.unseal(task.last)
    manifests.write(folder, task.manifest)
    if unsound := task.parts.remove_unsound():
        task.note(f"{folder.path}: {unsound} damaged parts are simulated again")
