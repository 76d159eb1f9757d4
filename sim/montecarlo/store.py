"""The run folder: files are written beside their final names and renamed, so none is ever half there.

Checksums of all its files are written before the last one, so a folder that has its last file is complete,
and whatever happens to it later is noticed. Nothing outside of it is read, written or removed
(:mod:`sim.montecarlo.inside`).
"""

import hashlib
import io
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
from filelock import FileLock, Timeout
from pyarrow.csv import CSVWriter, WriteOptions
from pyarrow.parquet import ParquetWriter

from sim.errors import MAX_LISTED, ResultError
from sim.montecarlo import inside
from sim.montecarlo.inert import inert_table
from sim.montecarlo.inside import shown

FOLDERS = PARTS, OUTCOMES, TABLES = "parts", "outcomes", "tables"
"""Folders within a run folder."""
LOSSES = re.compile(rf"{OUTCOMES}/[0-9]{{10}}-[0-9]{{10}}\.parquet")
"""Names of the files of all losses."""
LOCK = ".lock"
BLOCK, BUFFER = 2**12, 2**20
MOST_OF_SUMS = 2**28
"""Bytes of the checksums of two million files."""
LONGEST_NAME, LONGEST_PATH = 255, 4_095
ROOM = 120
"""Bytes that the longest name within a run folder takes, while it is written."""
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tmp", re.DOTALL)
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)\n")


def digest(data: Any) -> str:
    """Twelve hex digits that identify plain data, whatever the order of its keys.

    Examples
    --------
    >>> digest({"a": 1, "b": 2.0}) == digest({"b": 2.0, "a": 1})
    True
    """
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return blake2b(canonical.encode(), digest_size=6).hexdigest()


def as_json(data: Any) -> str:
    """Plain data, all of it finite, as indented JSON."""
    return json.dumps(data, indent=2, allow_nan=False) + "\n"


_FINITE = json.JSONEncoder(allow_nan=False)
LEVELS_OF_LINES = 3
"""Levels of plain data that have a line for each entry: those of a manifest down to a scenario's firms."""


def as_lines(data: Any, levels: int = LEVELS_OF_LINES, indent: str = "\n") -> str:
    """Plain data, all of it finite, as JSON with a line for each entry of its first levels.

    To indent all levels takes Python many times as long, for large scenarios some ten seconds.

    Parameters
    ----------
    data
        Mappings, lists, texts and numbers.
    levels
        How many levels have lines.
    indent
        What a line begins with, its break included.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> print(as_lines({"seed": 1, "firms": {"a": {"name": "A"}, "b": {"name": "B"}}}, levels=2))
    {
      "seed": 1,
      "firms": {
        "a": {"name": "A"},
        "b": {"name": "B"}
      }
    }
    """
    if levels == 0 or not data or not isinstance(data, dict | list):
        return _FINITE.encode(data)
    below = indent + "  "
    if isinstance(data, dict):
        begin, end = "{}"
        lines = [f"{_FINITE.encode(key)}: {as_lines(its, levels - 1, below)}" for key, its in data.items()]
    else:
        begin, end = "[]"
        lines = [as_lines(value, levels - 1, below) for value in data]
    return begin + below + f",{below}".join(lines) + indent + end


def _sums_of(last: str) -> str:
    """Name of the file that holds the checksums of all up to a last one."""
    return str(Path(last).with_suffix(".sha256"))


class RunFolder:
    """The files of one run.

    Parameters
    ----------
    path
        The folder; it is made when the first file is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sums: dict[str, str] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from writing.

        Raises
        ------
        ResultError
            If another process writes, the folder cannot be one, or something in it is no file or folder.
        """
        self.refuse_unwritable()
        self.refuse_what_leads_out()
        self._refuse_anothers_lock()
        lock = FileLock(self.path / LOCK)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire(blocking=False)
        except Timeout:
            raise ResultError(
                f"{shown(self.path)}: found another process that writes this folder; wait for it, or choose "
                "another"
            ) from None
        except OSError as error:
            raise _unwritable(self.path, error) from error
        try:
            yield
        finally:
            lock.release()

    def refuse_unwritable(self) -> None:
        """Find out, before any work is done, whether the folder can be written; nothing is left there.

        Raises
        ------
        ResultError
            If its name is too long, it cannot be a folder, or it cannot be written, for example because the
            disk is full.
        """
        path = self.path.absolute()
        _refuse_too_long(path)
        try:
            nearest = next(folder for folder in (path, *path.parents) if os.path.lexists(folder))
            with tempfile.TemporaryFile(dir=nearest) as file:
                file.write(bytes(BLOCK))
                file.flush()
                os.fsync(file.fileno())
        except (OSError, ValueError) as error:
            raise _unwritable(self.path, error) from error

    def refuse_what_leads_out(self) -> None:
        """Refuse a folder that holds links, devices or pipes where its own files are, or has too long a name.

        Raises
        ------
        ResultError
            If it does, or cannot be read.
        """
        _refuse_too_long(self.path.absolute())
        inside.refuse_what_leads_out(self.path, FOLDERS)

    def _refuse_anothers_lock(self) -> None:
        """A lock is emptied when it is opened, and with it any file that has this name as another one."""
        if inside.kind_of(self.path, LOCK) is None:
            return
        inside.refuse_else(self.path, LOCK, stat.S_IFREG)
        status = (self.path / LOCK).lstat()
        if status.st_size or status.st_nlink > 1:
            raise ResultError(
                f"{shown(self.path / LOCK)}: found a file with content or with another name beside this one; "
                "allowed: an empty file"
            )

    def clean(self) -> None:
        """Remove what a killed process left half written."""
        for name in (".", *FOLDERS):
            for entry in inside.listed(self.path, name):
                if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    (self.path / name / entry.name).unlink(missing_ok=True)

    def others(self) -> list[str]:
        """Names of what is in the folder."""
        names = (entry.name for entry in inside.listed(self.path))
        return [name for name in names if name != LOCK and not _TEMPORARY.fullmatch(name)]

    def files(self, folder: str) -> list[str]:
        """Names of the files in a folder of the folder, in their order."""
        return [
            f"{folder}/{entry.name}"
            for entry in inside.listed(self.path, folder)
            if entry.is_file(follow_symlinks=False)
        ]

    def read_as_losses(self) -> list[str]:
        """Names of all files that who reads the folder of losses as one table reads with it."""
        names = (name.removeprefix(f"{OUTCOMES}/") for name in self.files(OUTCOMES))
        return [f"{OUTCOMES}/{name}" for name in names if name.endswith(".parquet") and name[0] not in "._"]

    def read_bytes(self, name: str, most: int) -> bytes:
        """The content of a file.

        Parameters
        ----------
        name
            Its name.
        most
            Bytes that it may have at most.

        Raises
        ------
        ResultError
            If it is not there, is larger, is no file within the folder, or cannot be read.
        """
        return inside.read(self.path, name, most)

    def opened(self, name: str) -> io.BufferedReader:
        """A file, open to be read.

        Raises
        ------
        ResultError
            If it is not there, is no file within the folder, or cannot be read.
        """
        return inside.opened(self.path, name)

    def write_bytes(self, name: str, data: bytes) -> Path:
        """Write a file, whole or not at all.

        Raises
        ------
        ResultError
            If the file cannot be written, for example because the disk is full.
        """
        with self._replacing(name) as file:
            file.write(data)
        return self.path / name

    def copy(self, name: str, source: "RunFolder") -> Path:
        """Write a file as it is in another folder, whole or not at all.

        Raises
        ------
        ResultError
            If the file cannot be read or written.
        """
        with source.opened(name) as original, self._replacing(name) as file:
            shutil.copyfileobj(original, file, BUFFER)
        return self.path / name

    def write_text(self, name: str, text: str) -> Path:
        """Write a text file, whole or not at all.

        Raises
        ------
        ResultError
            If the file cannot be written.
        """
        return self.write_bytes(name, text.encode())

    def write_json(self, name: str, data: Any) -> Path:
        """Write plain data, all of it finite, as JSON in lines."""
        return self.write_text(name, as_lines(data) + "\n")

    def write_csv(self, name: str, table: pd.DataFrame) -> Path:
        """Write a table as comma-separated text, inert in a spreadsheet; numbers keep every digit."""
        with self._replacing(name) as file:
            inert_table(table).to_csv(file, index=False, lineterminator="\n")
        return self.path / name

    def write_parquet(self, name: str, schema: pa.Schema, pieces: Iterable[pa.Table]) -> Path:
        """Write a long table, piece by piece, as Parquet with page checksums."""
        dictionaries = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        with (
            self._replacing(name) as file,
            ParquetWriter(file, schema, use_dictionary=dictionaries, write_page_checksum=True) as parquet,
        ):
            for piece in pieces:
                parquet.write_table(piece)
        return self.path / name

    def write_long_csv(self, name: str, schema: pa.Schema, pieces: Iterable[pa.Table]) -> Path:
        """Write a long table, piece by piece, as comma-separated text.

        Its texts are ids: they hold nothing that would have to be quoted.
        """
        unquoted = WriteOptions(include_header=False, quoting_style="none")
        with self._replacing(name) as file:
            file.write((",".join(schema.names) + "\n").encode())
            with CSVWriter(file, schema, write_options=unquoted) as csv:
                for piece in pieces:
                    csv.write_table(piece)
        return self.path / name

    def seal(self, last: str, text: str, names: Iterable[str]) -> Path:
        """Write the last file, after the checksums of all: from now on the folder is complete.

        Parameters
        ----------
        last, text
            Name and content of the last file; the checksums, as ``sha256sum --check`` reads them, have its
            name with the ending ``.sha256``.
        names
            The other files. What this object wrote has the checksum of what it wrote, not of what is there.

        Raises
        ------
        ResultError
            If a file cannot be read or written.
        """
        sums = {name: self._sums.get(name) or self._sha256(name) for name in sorted(names)}
        sums[last] = hashlib.sha256(text.encode()).hexdigest()
        self.write_text(_sums_of(last), "".join(f"{checksum}  {name}\n" for name, checksum in sums.items()))
        return self.write_text(last, text)

    def unseal(self, last: str) -> None:
        """Remove a last file and its checksums, if they are there: the folder is not complete.

        Raises
        ------
        ResultError
            If they cannot be removed, or the folder cannot be one.
        """
        self.remove(last)
        self.remove(_sums_of(last))

    def is_sealed(self, last: str) -> bool:
        """Whether the last file is there.

        Raises
        ------
        ResultError
            If that cannot be found out.
        """
        return inside.kind_of(self.path, last) == stat.S_IFREG

    def damage(self, last: str) -> list[str]:
        """What is wrong with the files of a complete folder, a line each: nothing, if all are as written."""
        try:
            sums = self.sums(last)
        except ResultError as error:
            return [str(error)]
        found = (self._damage_of(name, checksum) for name, checksum in sums.items())
        damage = list(islice(chain.from_iterable(found), MAX_LISTED))
        return damage or [
            f"{shown(name)} is read with the losses, but was not written with them"
            for name in islice((name for name in self.read_as_losses() if name not in sums), MAX_LISTED)
        ]

    def sums(self, last: str) -> dict[str, str]:
        """Checksums of the files of a complete folder, by name.

        Raises
        ------
        ResultError
            If they cannot be read or are damaged.
        """
        name = _sums_of(last)
        try:
            lines = self.read_bytes(name, MOST_OF_SUMS).decode().splitlines(keepends=True)
        except (ResultError, UnicodeDecodeError) as error:
            raise ResultError(f"{name} cannot be read") from error
        found = [_LINE.fullmatch(line) for line in lines]
        sums = {line[2]: line[1] for line in found if line}
        if None in found or last not in sums:
            raise ResultError(f"{name} is damaged")
        return sums

    def _damage_of(self, name: str, checksum: str) -> list[str]:
        try:
            return [] if self._sha256(name) == checksum else [f"{name} is not what was written"]
        except ResultError as error:
            return [str(error)]

    def _sha256(self, name: str) -> str:
        with inside.opened(self.path, name) as file:
            try:
                return hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise ResultError(
                    f"cannot read {shown(self.path / name)}: {error.strerror or error}"
                ) from error

    def remove(self, name: str) -> None:
        """Remove a file of an earlier run, if there is one.

        Raises
        ------
        ResultError
            If it is no file within the folder or cannot be removed, or the folder cannot be one.
        """
        target = self._target(name)
        try:
            target.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(target, error) from error

    def _target(self, name: str) -> Path:
        """Where a file is or will be, if nothing else stands there or on the way."""
        for above in inside.parents_of(name):
            if inside.kind_of(self.path, above) is not None:
                inside.refuse_else(self.path, above, stat.S_IFDIR)
        if inside.kind_of(self.path, name) is not None:
            inside.refuse_else(self.path, name, stat.S_IFREG)
        return self.path / name

    @contextmanager
    def _replacing(self, name: str) -> Iterator[IO[bytes]]:
        target = self._target(name)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            summed = _Summed(temporary)
            with io.BufferedWriter(summed, BUFFER) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
            self._sums[name] = summed.checksum()
            _sync(target.parent)
        except OSError as error:
            raise _unwritable(target, error) from error
        finally:
            with suppress(OSError):
                temporary.unlink()


class _Summed(io.FileIO):
    """A file that knows the checksum of what was written to it, whatever becomes of it on the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "x")
        self._hash = hashlib.sha256()

    def write(self, data: Any) -> int:
        written = super().write(data)
        self._hash.update(memoryview(data)[:written])
        return written

    def checksum(self) -> str:
        return self._hash.hexdigest()


def _sync(folder: Path) -> None:
    """Have the names of a folder's files on the disk, not only their contents."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_too_long(path: Path) -> None:
    """Refuse a path that has no room for the files of a run folder."""
    longest, whole = max(len(os.fsencode(name)) for name in path.parts), len(os.fsencode(path))
    for what, length, most in (("name", longest, LONGEST_NAME), ("path", whole, LONGEST_PATH - ROOM)):
        if length > most:
            raise ResultError(f"{shown(path)}: found a {what} of {length:,} bytes; allowed: up to {most:,}")


def _unwritable(path: Path, error: Exception) -> ResultError:
    return ResultError(f"cannot write {shown(path)}: {getattr(error, 'strerror', None) or error}")
