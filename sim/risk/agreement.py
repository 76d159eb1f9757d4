"""Whether two run folders hold the same numbers, and where they differ and by how much."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow.csv import read_csv
from pyarrow.parquet import ParquetFile, read_table

from sim.errors import ResultError

COLUMNS = ("file", "column", "values", "different", "largest_difference", "largest_relative_difference")
OUTCOMES, EVENTS = "outcomes", "events.parquet"
"""Where a folder has all losses, and all events."""
ROWS = 1_000_000
"""Rows of a long table that are compared at a time."""

Row = dict[str, Any]


def disagreements(one: Path, other: Path, names: Iterable[str]) -> tuple[int, pd.DataFrame]:
    """Compare the tables, the outcomes and the summary of two run folders, value by value.

    Parameters
    ----------
    one, other
        The folders.
    names
        Names of their files.

    Returns
    -------
    tuple
        How many values were compared, and a table with a row for each file and column that differs:
        ``values`` in it, how many are ``different`` (all, where the numbers of rows differ), and by how much
        at most, absolutely and as a share of the larger one (of numbers).
    """
    found = pd.DataFrame(_compared(one, other, sorted(names)), columns=list(COLUMNS))
    together = (
        found.groupby(["file", "column"], sort=False)
        .agg(
            {
                "values": "sum",
                "different": "sum",
                "largest_difference": "max",
                "largest_relative_difference": "max",
            }
        )
        .reset_index()
    )
    differing = together[together["different"] > 0].reset_index(drop=True)
    return int(found["values"].sum()), differing.reindex(columns=list(COLUMNS))


def _compared(one: Path, other: Path, names: Sequence[str]) -> Iterator[Row]:
    for file in (name for name in names if name.startswith("tables/")):
        yield from _columns(file, *(_table(folder / file) for folder in (one, other)))
    outcomes = [name for name in names if name.startswith(f"{OUTCOMES}/")]
    longs = {
        OUTCOMES: [_losses(folder, outcomes) for folder in (one, other)],
        EVENTS: [_rows(folder / EVENTS) for folder in (one, other)],
    }
    for file, both in longs.items():
        for mine, theirs in zip_longest(*map(_evenly, both), fillvalue=pd.DataFrame()):
            yield from _columns(file, mine, theirs)
    yield from _columns("summary.json", *(_summary(folder / "summary.json") for folder in (one, other)))


def _table(file: Path) -> pd.DataFrame:
    """A table with every digit; nothing, if there is none."""
    if not file.exists():
        return pd.DataFrame()
    with _told(file), file.open("rb") as opened:
        return read_csv(opened).to_pandas()


def _losses(folder: Path, files: Iterable[str]) -> Iterator[pa.Table]:
    """All losses, file by file; of an older folder, which has them in one, the same rows at a time."""
    older = folder / f"{OUTCOMES}.parquet"
    for file in files:
        yield from _of_replications(older, file) if older.exists() else _rows(folder / file)


def _of_replications(older: Path, file: str) -> Iterator[pa.Table]:
    """The rows that one file of a data set has."""
    first, last = map(int, Path(file).stem.split("-"))
    its = [("replication", ">=", first), ("replication", "<=", last)]
    with _told(older):
        yield read_table(older, filters=its, page_checksum_verification=True)


def _rows(file: Path) -> Iterator[pa.Table]:
    if file.exists():
        with _told(file), file.open("rb") as opened:
            for batch in ParquetFile(opened, page_checksum_verification=True).iter_batches(ROWS):
                yield pa.Table.from_batches([batch])


def _evenly(tables: Iterable[pa.Table]) -> Iterator[pd.DataFrame]:
    """The same rows, so many at a time wherever they were cut."""
    left: list[pa.Table] = []
    for table in tables:
        together = pa.concat_tables([*left, table])
        whole = len(together) - len(together) % ROWS
        for first in range(0, whole, ROWS):
            yield together.slice(first, ROWS).to_pandas()
        left = [together.slice(whole)]
    if left:
        yield left[0].to_pandas()


def _summary(file: Path) -> pd.DataFrame:
    """All values of the summary as one row, by their paths."""
    with _told(file):
        return pd.json_normalize(json.loads(file.read_text()))


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """A file that holds something else than its name says is told, not traced."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError, NotImplementedError) as error:
        raise ResultError(f"{file} cannot be read: {str(error)[:200]!r}") from error
    except RecursionError as error:
        raise ResultError(f"{file} cannot be read: it is nested too deeply") from error


def _columns(file: str, one: pd.DataFrame, other: pd.DataFrame) -> Iterator[Row]:
    for column in dict.fromkeys([*one.columns, *other.columns]):
        mine, theirs = (
            table[column] if column in table else pd.Series(dtype=object, name="missing")
            for table in (one, other)
        )
        yield {"file": file, "column": column, **_difference(mine, theirs)}


def _difference(one: "pd.Series[Any]", other: "pd.Series[Any]") -> Row:
    values = max(len(one), len(other))
    if len(one) != len(other) or one.name != other.name:
        return _row(values, max(values, 1), np.nan, np.nan)
    if pd.api.types.is_numeric_dtype(one) and pd.api.types.is_numeric_dtype(other):
        return _numeric(one.to_numpy(), other.to_numpy())
    same = (one.astype(str).to_numpy() == other.astype(str).to_numpy()) | (one.isna() & other.isna())
    return _row(values, int((~same).sum()), np.nan, np.nan)


def _numeric(one: Any, other: Any) -> Row:
    different = ~((one == other) | ((one != one) & (other != other)))  # noqa: PLR0124 - only NaN is not itself
    mine, theirs = (values[different].astype(np.float64) for values in (one, other))
    gaps, sizes = np.abs(mine - theirs), np.maximum(np.abs(mine), np.abs(theirs))
    finite = np.isfinite(gaps)
    return _row(
        len(one),
        int(different.sum()),
        float(gaps[finite].max(initial=0.0)),
        float((gaps[finite] / sizes[finite]).max(initial=0.0)),
    )


def _row(values: int, different: int, largest: float, relative: float) -> Row:
    return dict(zip(COLUMNS[2:], (values, different, largest, relative), strict=True))
