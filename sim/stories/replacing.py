"""A folder of results that makes room for others: what a command has written there goes, nothing else."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import PurePath

from sim.errors import ResultError
from sim.montecarlo import inside
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import MANIFEST, Manifest
from sim.montecarlo.parts import is_part
from sim.montecarlo.store import FOLDERS, LOSSES, TABLES, RunFolder
from sim.scenario.counting import counted

Agrees = Callable[[str], bool]
"""Whether what a text tells of a folder may be removed."""
FUTURES = ("outcomes", "events")
"""Long tables beside the others, of one future in each row."""


def question(folder: RunFolder, before: Manifest) -> str:
    """What is asked before a folder makes room.

    Parameters
    ----------
    folder
        The folder.
    before
        Its manifest.

    Raises
    ------
    ResultError
        If it holds anything that no command has written.
    """
    files = counted(len(own_files(folder)), "file")
    return f"{shown(folder.path)} holds {files} of `{shown(str(before['command']))}`; remove them?"


def empty(folder: RunFolder) -> None:
    """Remove all files of a folder of results.

    Raises
    ------
    ResultError
        If it holds anything that no command has written, or a file cannot be removed.
    """
    for name in own_files(folder):
        folder.remove(name)
    for name in FOLDERS:
        with suppress(OSError):
            (folder.path / name).rmdir()


def own_files(folder: RunFolder) -> list[str]:
    """Names of all files of a folder of results, its manifest last.

    Raises
    ------
    ResultError
        If it holds anything that no command has written.
    """
    sealed = _sealed(folder)
    top = [entry.name for entry in inside.listed(folder.path) if entry.name not in FOLDERS]
    names = [*top, *(file for name in FOLDERS for file in folder.files(name))]
    own = [name for name in names if name in sealed or _is_own(name, is_sealed=bool(sealed))]
    others = [name for name in folder.others() if name not in (*FOLDERS, *own)]
    others += [name for name in names if "/" in name and name not in own]
    if others:
        raise ResultError(
            f"{shown(folder.path)}: found {', '.join(map(shown, others[:5]))}, which no command has written; "
            "allowed: a folder with nothing but results"
        )
    return [*(name for name in own if name != MANIFEST), MANIFEST]


def _sealed(folder: RunFolder) -> set[str]:
    """Names that checksums tell of, and of these themselves."""
    found: set[str] = set()
    for name in folder.others():
        if name.endswith(".sha256"):
            found |= {name, *folder.sums(str(PurePath(name).with_suffix(".json")))}
    return found


def _is_own(name: str, *, is_sealed: bool) -> bool:
    """Whether commands write a file of that name; in a folder that was cut off no checksums tell of it."""
    if name == MANIFEST or is_part(name):
        return True
    path = PurePath(name)
    of_table = path.parent.name == TABLES and path.suffix == ".csv"
    of_futures = path.stem in FUTURES and path.suffix in (".csv", ".parquet")
    of_losses = LOSSES.fullmatch(name) is not None
    is_report = len(path.parts) == 1 and path.suffix == ".html"
    return not is_sealed and (of_table or of_futures or of_losses or is_report)
