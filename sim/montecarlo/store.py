"""The run folder: files are written beside their final names and renamed, so none is ever half there.

Checksums of all its files are written before the last one, so a folder that has its last file is complete,
and whatever happens to it later is noticed.
"""

import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
from filelock import FileLock, Timeout
from pyarrow.csv import CSVWriter, WriteOptions
from pyarrow.parquet import ParquetWriter

from sim.errors import ResultError
from sim.montecarlo.inert import inert_table

LOCK = ".lock"
TEMPORARY = ".tmp"
BUFFER = 2**20
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
            If another process writes, or the folder cannot be one.
        """
        lock = FileLock(self.path / LOCK)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire(blocking=False)
        except Timeout:
            raise ResultError(
                f"{self.path}: found another process that writes this folder; wait for it, or choose another"
            ) from None
        except OSError as error:
            raise ResultError(f"cannot write {self.path}: {error.strerror or error}") from error
        try:
            yield
        finally:
            lock.release()

    def clean(self, folders: Iterable[str]) -> None:
        """Remove what a killed process left half written in the folder and some folders of it."""
        for folder in (self.path, *(self.path / name for name in folders)):
            for file in folder.glob(f".*{TEMPORARY}"):
                file.unlink(missing_ok=True)

    def others(self) -> list[str]:
        """Names of what is in the folder."""
        names = (file.name for file in self.path.glob("*"))
        return sorted(name for name in names if name != LOCK and not name.endswith(TEMPORARY))

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

    def write_text(self, name: str, text: str) -> Path:
        """Write a text file, whole or not at all.

        Raises
        ------
        ResultError
            If the file cannot be written.
        """
        return self.write_bytes(name, text.encode())

    def write_json(self, name: str, data: Any) -> Path:
        """Write plain data, all of it finite, as indented JSON."""
        return self.write_text(name, as_json(data))

    def write_csv(self, name: str, table: pd.DataFrame) -> Path:
        """Write a table as comma-separated text, inert in a spreadsheet; numbers keep every digit."""
        with self._replacing(name) as file:
            inert_table(table).to_csv(file, index=False, lineterminator="\n")
        return self.path / name

    def write_parts(self, name: str, schema: pa.Schema, parts: Iterable[pa.Table]) -> tuple[str, str]:
        """Write a long table, part by part, as ``name.parquet`` (with page checksums) and ``name.csv``.

        Its texts are ids: they hold nothing that a CSV file would have to quote.

        Returns
        -------
        tuple
            Names of both files.
        """
        files = f"{name}.parquet", f"{name}.csv"
        dictionaries = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        unquoted = WriteOptions(include_header=False, quoting_style="none")
        with self._replacing(files[0]) as binary, self._replacing(files[1]) as text:
            text.write((",".join(schema.names) + "\n").encode())
            with (
                ParquetWriter(
                    binary, schema, use_dictionary=dictionaries, write_page_checksum=True
                ) as parquet,
                CSVWriter(text, schema, write_options=unquoted) as csv,
            ):
                for part in parts:
                    parquet.write_table(part)
                    csv.write_table(part)
        return files

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
        """Whether the last file is there."""
        return (self.path / last).is_file()

    def damage(self, last: str) -> list[str]:
        """What is wrong with the files of a complete folder, a line each: nothing, if all are as written."""
        try:
            sums = self.sums(last)
        except ResultError as error:
            return [str(error)]
        return [line for name, checksum in sums.items() for line in self._damage_of(name, checksum)]

    def sums(self, last: str) -> dict[str, str]:
        """Checksums of the files of a complete folder, by name.

        Raises
        ------
        ResultError
            If they cannot be read or are damaged.
        """
        file = self.path / _sums_of(last)
        try:
            lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        except (OSError, UnicodeDecodeError) as error:
            raise ResultError(f"{file.name} cannot be read") from error
        found = [_LINE.fullmatch(line) for line in lines]
        sums = {line[2]: line[1] for line in found if line}
        if None in found or last not in sums:
            raise ResultError(f"{file.name} is damaged")
        return sums

    def _damage_of(self, name: str, checksum: str) -> list[str]:
        try:
            return [] if self._sha256(name) == checksum else [f"{name} is not what was written"]
        except ResultError as error:
            return [str(error)]

    def _sha256(self, name: str) -> str:
        try:
            with (self.path / name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ResultError(f"cannot read {self.path / name}: {error.strerror or error}") from error

    def remove(self, name: str) -> None:
        """Remove a file of an earlier run, if there is one.

        Raises
        ------
        ResultError
            If it cannot be removed, or the folder cannot be one.
        """
        target = self.path / name
        try:
            target.unlink(missing_ok=True)
        except OSError as error:
            raise ResultError(f"cannot write {target}: {error.strerror or error}") from error

    @contextmanager
    def _replacing(self, name: str) -> Iterator[IO[bytes]]:
        target = self.path / name
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}{TEMPORARY}")
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
            raise ResultError(f"cannot write {target}: {error.strerror or error}") from error
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
