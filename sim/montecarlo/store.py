"""The run folder: files are written beside their final names and renamed, so none is ever half there."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
from pyarrow.csv import CSVWriter, WriteOptions
from pyarrow.parquet import ParquetWriter

from sim.errors import ResultError


def digest(data: Any) -> str:
    """Twelve hex digits that identify plain data, whatever the order of its keys.

    Examples
    --------
    >>> digest({"a": 1, "b": 2.0}) == digest({"b": 2.0, "a": 1})
    True
    """
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return blake2b(canonical.encode(), digest_size=6).hexdigest()


class RunFolder:
    """The files of one run.

    Parameters
    ----------
    path
        The folder; it is made when the first file is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def write_text(self, name: str, text: str) -> Path:
        """Write a text file, whole or not at all.

        Raises
        ------
        ResultError
            If the file cannot be written, for example because the disk is full.
        """
        with self._replacing(name) as file:
            file.write(text.encode())
        return self.path / name

    def write_json(self, name: str, data: Any) -> Path:
        """Write plain data, all of it finite, as indented JSON."""
        return self.write_text(name, json.dumps(data, indent=2, allow_nan=False) + "\n")

    def write_csv(self, name: str, table: pd.DataFrame) -> Path:
        """Write a table as comma-separated text; numbers keep every digit."""
        with self._replacing(name) as file:
            table.to_csv(file, index=False, lineterminator="\n")
        return self.path / name

    def write_parts(self, name: str, schema: pa.Schema, parts: Iterable[pa.Table]) -> None:
        """Write a long table, part by part, as ``name.parquet`` (with page checksums) and ``name.csv``.

        Its texts are ids: they hold nothing that a CSV file would have to quote.
        """
        dictionaries = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        unquoted = WriteOptions(include_header=False, quoting_style="none")
        with self._replacing(f"{name}.parquet") as binary, self._replacing(f"{name}.csv") as text:
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
        temporary = None
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                dir=target.parent, prefix=f".{target.name}.", delete=False
            ) as file:
                temporary = Path(file.name)
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(target)
        except OSError as error:
            raise ResultError(f"cannot write {target}: {error.strerror or error}") from error
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
