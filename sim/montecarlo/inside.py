"""Files of a folder that somebody may have sent: nothing that is read or removed lies anywhere else.

The folder itself is where its user says, if need be behind a symbolic link. Below it only folders and regular
files count: no links, devices, sockets or pipes, and no name that leads up or away.
"""

import io
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from sim.errors import ResultError

LONGEST_SHOWN = 200
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFREG: "a file",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def opened(folder: Path, name: str) -> io.BufferedReader:
    """A regular file of a folder, open to be read.

    Parameters
    ----------
    folder
        The folder.
    name
        Name of the file within it, with ``/`` between the parts.

    Raises
    ------
    ResultError
        If there is no such file, or it lies elsewhere, is none, or cannot be read.
    """
    refuse_else(folder, name, stat.S_IFREG)
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise _unreadable(folder / name, error) from error
    return os.fdopen(descriptor, "rb")


def read(folder: Path, name: str, most: int) -> bytes:
    """The content of a file of a folder, if it has at most so many bytes.

    Raises
    ------
    ResultError
        As :func:`opened`, or if the file is larger.
    """
    with opened(folder, name) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise ResultError(f"{shown(folder / name)}: found {size:,} bytes; allowed: up to {most:,}")
        try:
            return file.read()
        except OSError as error:
            raise _unreadable(folder / name, error) from error


def listed(folder: Path, name: str = ".") -> list[os.DirEntry[str]]:
    """What is in a folder, or in one of its folders; nothing, if that is not there.

    Raises
    ------
    ResultError
        If it is no folder or cannot be read.
    """
    if name != "." and kind_of(folder, name) is None:
        return []
    if name != ".":
        refuse_else(folder, name, stat.S_IFDIR)
    try:
        with os.scandir(folder / name) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as error:
        raise _unreadable(folder / name, error) from error


def kind_of(folder: Path, name: str) -> int | None:
    """What a name stands for, as :mod:`stat` says it, its link not followed; None if it is not there.

    Raises
    ------
    ResultError
        If that cannot be found out.
    """
    try:
        return stat.S_IFMT((folder / name).lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(folder / name, error) from error


def refuse_else(folder: Path, name: str, wanted: int) -> None:
    """Refuse a name that leads out of a folder, or stands for something else than wanted.

    Parameters
    ----------
    folder
        The folder.
    name
        The name.
    wanted
        ``stat.S_IFREG`` or ``stat.S_IFDIR``; all before it must be folders.

    Raises
    ------
    ResultError
        If it does, or is not there.
    """
    for above in parents_of(name):
        _refuse_kind(folder, above, stat.S_IFDIR)
    _refuse_kind(folder, name, wanted)


def refuse_what_leads_out(folder: Path, names: Iterable[str]) -> None:
    """Refuse a folder in which, or in some folders of which, anything is neither a folder nor a file.

    Raises
    ------
    ResultError
        If there is such a thing: a link, a device, a pipe; or one of the folders is none.
    """
    for name in (".", *names):
        for entry in listed(folder, name):
            if not entry.is_file(follow_symlinks=False) and not entry.is_dir(follow_symlinks=False):
                place = folder / name / entry.name
                raise ResultError(
                    f"{shown(place)}: found {_told(stat.S_IFMT(place.lstat().st_mode))}; allowed: files and "
                    "folders, as all that is read, written and removed lies within the folder"
                )


def parents_of(name: str) -> list[str]:
    """The folders that a name leads through.

    Raises
    ------
    ResultError
        If it leads up or away.

    Examples
    --------
    >>> parents_of("tables/more/makers.csv")
    ['tables', 'tables/more']
    """
    parts = name.split("/")
    if not all(part and part not in (".", "..") and "\0" not in part for part in parts):
        raise ResultError(f"{shown(name)!r} is no name of a file within a folder")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def shown(path: Path | str) -> str:
    """A path as messages show it: shortened where it is long, and in characters that can be printed."""
    text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(path))
    half = LONGEST_SHOWN // 2
    return text if len(text) <= LONGEST_SHOWN else f"{text[:half]}...{text[-half:]}"


def _refuse_kind(folder: Path, name: str, wanted: int) -> None:
    kind = kind_of(folder, name)
    if kind is None:
        raise ResultError(f"cannot read {shown(folder / name)}: there is no such file")
    if kind != wanted:
        raise ResultError(f"{shown(folder / name)}: found {_told(kind)}; allowed: {_told(wanted)}")


def _told(kind: int | None) -> str:
    return _KINDS.get(kind or 0, "a device")


def _unreadable(path: Path, error: Exception) -> ResultError:
    return ResultError(f"cannot read {shown(path)}: {getattr(error, 'strerror', None) or error}")
