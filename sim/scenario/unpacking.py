"""The columns of a Parquet file, as a process of its own reads them, which may take only so much memory.

A few bytes of Parquet can say that they unpack to terabytes, and the pages say it, not what stands in the
footer. So the file is unpacked where memory and time are bounded by the system. What comes back is an Arrow
stream, which is as large as it is.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.errors import Place
from sim.scenario.source import read_bytes, refuse

MOST_BYTES = 100_000_000
"""Of a table's file."""
MOST_UNPACKED = 1_000_000_000
MOST_MEMORY, MOST_SECONDS = 4_000_000_000, 120
"""Of the process that unpacks: address space, most of which it reserves and never fills."""
MOST_ROWS, MOST_COLUMNS = 2_000_000, 1_000
MOST_CELLS = 20_000_000
"""Of a table, empty ones and what is in lists counted."""
UNUSABLE, TOO_LARGE = 3, 4
"""Exit codes of the process."""


def unpacked(path: Path, asked_for: Place | None) -> tuple[list[str], list[Sequence[Any]]]:
    """The names of the columns of a Parquet file and what each holds, row by row.

    Parameters
    ----------
    path
        The file.
    asked_for
        Where a scenario names it.

    Raises
    ------
    ScenarioError
        If it cannot be read, is no such file, unpacks to too much, or a column holds what no cell does.
    """
    data = read_bytes(path, asked_for, MOST_BYTES)
    try:
        done = subprocess.run(  # noqa: S603 - our own module, by our own interpreter
            [sys.executable, "-P", "-m", __name__, str(MOST_MEMORY), str(MOST_UNPACKED)],
            input=data,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        refuse(
            f"it takes more than {MOST_SECONDS} seconds to unpack, which no table needs", Place(str(path), 0)
        )
    if done.returncode == UNUSABLE:
        refuse(done.stderr.decode(errors="replace")[:300], Place(str(path), 0))
    if done.returncode:
        refuse(
            "it is no Parquet file that can be read, or it unpacks to too much",
            Place(str(path), 0),
        )
    return _columns(path, done.stdout)


def _columns(path: Path, stream: bytes) -> tuple[list[str], list[Sequence[Any]]]:
    import pyarrow as pa

    table = pa.ipc.open_stream(stream).read_all()
    if sum(map(_cells_in, table.columns)) > MOST_CELLS:
        refuse(f"found more than {MOST_CELLS:,} cells; make several tables", Place(str(path), 0))
    found: list[Sequence[Any]] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            found.append(_values(column))
        except (OverflowError, ValueError):
            refuse(
                f"the column {name[:60]!r} holds, in row {_first_unusable(column)}, what is neither a text "
                "in UTF-8 nor a date up to the year 9999",
                Place(str(path), 0),
            )
    return table.column_names, found


def _cells_in(column: Any) -> int:
    """Cells of a column, and what is in its lists."""
    import pyarrow as pa

    lists = column.chunks if pa.types.is_nested(column.type) else ()
    return len(column) + sum(len(chunk.flatten()) for chunk in lists)


def _first_unusable(column: Any) -> int:
    """The row, as a spreadsheet counts it, whose value cannot be told in Python."""
    for row, cell in enumerate(column, start=2):
        try:
            cell.as_py()
        except (OverflowError, ValueError):
            return row
    return 1


def _values(column: Any) -> list[Any]:
    """What a column holds; equal texts are one object."""
    import pyarrow as pa

    found: list[Any] = []
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            texts = [*chunk.dictionary.to_pylist(), None]
            found += [texts[index] for index in chunk.indices.fill_null(len(texts) - 1).to_pylist()]
        else:
            found += chunk.to_pylist()
    return found


# ---------------------------------------------------------------------- in the process


def _unpack(data: bytes, most: int) -> None:
    """Write an Arrow stream of the columns of a Parquet file, of up to a number of bytes.

    Raises
    ------
    ValueError
        If a column holds what no cell does, or there are too many.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    pa.set_cpu_count(1)
    source = pa.BufferReader(data)
    told = ParquetFile(source)
    if told.metadata.num_rows > MOST_ROWS or told.metadata.num_columns > MOST_COLUMNS:
        raise ValueError(
            f"found {told.metadata.num_rows:,} rows of {told.metadata.num_columns:,} columns, allowed: up to "
            f"{MOST_ROWS:,} of {MOST_COLUMNS:,}"
        )
    texts = [field.name for field in told.schema_arrow if _is_text(field.type)]
    source.seek(0)
    table = ParquetFile(source, read_dictionary=texts).read(use_threads=False)
    plain = pa.schema([pa.field(field.name, _plain(field)) for field in table.schema])
    table = table.cast(plain, safe=False)
    if table.nbytes > most:
        raise MemoryError
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table.unify_dictionaries())


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    is_ = pa.types
    return bool(is_.is_string(kind) or is_.is_large_string(kind) or is_.is_string_view(kind))


def _plain(field: Any) -> Any:
    """The type in which a column is handed on."""
    import pyarrow as pa

    kind, is_ = field.type, pa.types
    if is_.is_dictionary(kind) and _is_text(kind.value_type):
        return pa.dictionary(pa.int32(), pa.string())
    if _is_text(kind):
        return pa.string()
    if is_.is_timestamp(kind):
        return pa.timestamp("us")
    if is_.is_decimal(kind) or is_.is_float16(kind):
        return pa.float64()
    is_list = is_.is_list(kind) or is_.is_large_list(kind) or is_.is_fixed_size_list(kind)
    inside = kind.value_type if is_list else kind
    if is_.is_boolean(kind) or is_.is_date(kind) or is_.is_null(kind):
        return kind
    if is_.is_integer(inside) or is_.is_floating(inside) or (inside != kind and _is_text(inside)):
        return kind
    raise ValueError(
        f"the column {field.name[:60]!r} holds {str(kind)[:60]}, allowed: texts, numbers, dates, "
        "truth values, or lists of texts or numbers"
    )


def _bound_memory(most: int) -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )


def main() -> int:
    """Unpack what comes in; the exit code says how it went."""
    memory, unpacked_bytes = map(int, sys.argv[1:])
    _bound_memory(memory)
    try:
        _unpack(sys.stdin.buffer.read(), unpacked_bytes)
    except ValueError as error:  # Of pyarrow too: ArrowInvalid is one.
        if type(error) is not ValueError:
            return TOO_LARGE
        sys.stderr.write(str(error))
        return UNUSABLE
    except (MemoryError, OSError, ArithmeticError, LookupError, TypeError, NotImplementedError):
        return TOO_LARGE
    return 0


if __name__ == "__main__":
    sys.exit(main())
