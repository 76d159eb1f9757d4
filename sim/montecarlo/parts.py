"""Finished chunks of a batch as files, so that a batch that was cut off goes on where it stopped.

A part's name says which replications it holds, and a checksum of these and its content, keyed with the run:
a part is whole, sound, in its place and of this run, or it is no part. How a batch was cut into chunks
changes nothing in what is read back. The key is no secret: what a part holds is looked at before it is used.
An analysis has many batches: their numbers, from 1, come first in the names of their parts.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b, file_digest
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow.parquet import ParquetFile, write_table

from sim.engines.zeros import untouched_zeros
from sim.errors import ResultError
from sim.model.plan import Ints
from sim.montecarlo.filled import few_filled, filled_in
from sim.montecarlo.inside import shown
from sim.montecarlo.results import Array, Kept, gathered, with_courses
from sim.montecarlo.store import PARTS, RunFolder
from sim.montecarlo.workers import in_threads

Shapes = tuple[Mapping[str, tuple[int, ...]], Mapping[str, tuple[int, ...]]]
OUTCOME, COURSES = "outcome", "courses"
SHAPES, PLACES = b"shapes", b"places"
MOST_BYTES = 2**34
"""Of a part, and of what it holds: a million replications of a large network."""
WRITERS = 4
"""Parts that are written at a time; most of it is waiting for the disk."""
ONLY = 0
"""Number of a batch that is the only one of its folder."""
_NAME = re.compile(rf"{PARTS}/(?:([0-9]{{4,9}})-)?([0-9]{{10}})-([0-9]{{10}})\.([0-9a-f]{{32}})\.parquet")


def is_part(name: str) -> bool:
    """Whether a file of a folder has the name of a part, whosever it is."""
    return _NAME.fullmatch(name) is not None


# ---------------------------------------------------------------------- a part


def to_parquet(kept: Kept) -> bytes:
    """What is kept of a chunk, as a Parquet file.

    A row is a replication. A column is an array, by its name after ``outcome.`` or ``courses.``, flattened;
    the file's key ``shapes`` holds its shape and type. Of an array that is nearly all zeros the column has
    the few places alone that are not, as the key ``places`` lists them. Weekly courses are empty where none
    are kept.
    """
    arrays = _named(OUTCOME, kept.outcome) | _named(COURSES, kept.courses)
    rows = max(len(values) for values in arrays.values())
    shapes = {name: [values.dtype.str, *values.shape[1:]] for name, values in arrays.items()}
    filled = {name: few_filled(values) for name, values in arrays.items() if values[:1].size}
    sparse = {name: few for name, few in filled.items() if few is not None and len(few)}
    columns = {name: _column(arrays[name], sparse.get(name), rows) for name in filled}
    listed = {name: few.tolist() for name, few in sparse.items()}
    keys = {SHAPES: json.dumps(shapes).encode(), PLACES: json.dumps(listed).encode()}
    table = pa.table(columns).replace_schema_metadata(keys)
    sink = pa.BufferOutputStream()
    write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=False,
        use_byte_stream_split=True,
        write_page_checksum=True,
    )
    return sink.getvalue().to_pybytes()


def from_parquet(chunk: range, data: bytes) -> Kept:
    """What is kept of a chunk, from :func:`to_parquet`.

    Raises
    ------
    ResultError
        If it holds something else than arrays of as many replications.
    """
    kept: dict[str, dict[str, Array]] = {OUTCOME: {}, COURSES: {}}
    lengths = {OUTCOME: len(chunk), COURSES: len(with_courses(chunk))}
    try:
        file = ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
        shapes = {
            path: (np.dtype(dtype), *shape)
            for path, (dtype, *shape) in json.loads(file.schema_arrow.metadata[SHAPES]).items()
        }
        places = json.loads(file.schema_arrow.metadata.get(PLACES, b"{}"))
        _refuse_else(file, len(chunk), shapes, places)
        table = file.read(use_threads=False)
        for path, (dtype, *shape) in shapes.items():
            kind, _, name = path.partition(".")
            written = np.empty((lengths[kind], 0), dtype)
            if lengths[kind] * math.prod(shape):
                column = table.column(path).combine_chunks().slice(0, lengths[kind])
                written = column.flatten().to_numpy().reshape(lengths[kind], -1)
            if path in places:
                kept[kind][name] = _among_zeros(written, places[path], tuple(shape))
            else:
                kept[kind][name] = written.reshape(lengths[kind], *shape)
    except _UNLIKE as error:
        raise ResultError(f"it does not hold {len(chunk):,} replications ({shown(str(error))})") from error
    return Kept(kept[OUTCOME], kept[COURSES])


_UNLIKE = (pa.ArrowException, OSError, ArithmeticError, ValueError, LookupError, TypeError, RecursionError)
"""What goes wrong with a Parquet file that :func:`to_parquet` has not made."""


def _refuse_else(
    file: ParquetFile, rows: int, shapes: Mapping[str, Any], places: Mapping[str, Sequence[int]]
) -> None:
    """Look at what a Parquet file says of itself before there is room made for it."""
    if file.metadata.num_rows != rows:
        raise ValueError(f"{file.metadata.num_rows:,} rows")
    size = sum(rows * dtype.itemsize * math.prod(shape) for dtype, *shape in shapes.values())
    if not 0 <= size <= MOST_BYTES:
        raise ValueError(f"{size:,} bytes")
    for field in file.schema_arrow:
        dtype, *shape = shapes[field.name]
        written = len(places[field.name]) if field.name in places else math.prod(shape)
        if field.type != pa.list_(pa.from_numpy_dtype(dtype), written):
            raise ValueError(f"{field.name} is {field.type}")


def _among_zeros(written: Array, told: Sequence[int], shape: tuple[int, ...]) -> Array:
    """``[replication, ...]`` with what was written in the places that a part lists; the rest untouched."""
    values = untouched_zeros((math.prod(shape), len(written)), written.dtype)
    values[_listed(told, len(values))] = written.T
    return np.moveaxis(values.reshape(*shape, len(written)), -1, 0)


def _listed(told: Sequence[int], size: int) -> Ints:
    """The places that a part lists, if these are some of an array's, in their order."""
    places = np.array(told)
    if places.dtype.kind != "i" or not (np.diff(places, prepend=-1, append=size) > 0).all():
        raise ValueError("places that are none")
    return places


def _shapes_of(arrays: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    return {name: values.shape[1:] for name, values in arrays.items()}


def _named(kind: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {f"{kind}.{name}": values for name, values in arrays.items()}


def _column(values: Array, places: Ints | None, rows: int) -> pa.Array:
    """Lists of a fixed length, one a row; rows beyond the last are empty."""
    flat = values.reshape(len(values), -1) if places is None else filled_in(values, places).T
    column = pa.FixedSizeListArray.from_arrays(pa.array(flat.ravel()), flat.shape[1])
    missing = rows - len(values)
    return pa.concat_arrays([column, pa.nulls(missing, column.type)]) if missing else column


# ---------------------------------------------------------------------- the parts of a batch


@dataclass(frozen=True, slots=True)
class Part:
    """A file that holds a chunk of a batch, if it is sound."""

    batch: int
    chunk: range
    checksum: str
    name: str


class Parts:
    """The chunks of a batch that a run folder holds.

    Parameters
    ----------
    folder
        The run folder.
    run
        Identifies the run; parts of another one are not taken for its own.
    shapes
        ``[...]`` of the arrays of a replication by their names, of outcome and of courses; default: whatever
        the parts hold.
    batch
        Number of the batch; :data:`ONLY` where the folder has no other.
    """

    def __init__(self, folder: RunFolder, run: str, shapes: Shapes | None = None, batch: int = ONLY) -> None:
        self._folder = folder
        self._run = run
        self._shapes = shapes
        self._batch = batch

    def of_batch(self, batch: int) -> "Parts":
        """The chunks of another batch of the same folder."""
        return Parts(self._folder, self._run, self._shapes, batch)

    def put(self, chunk: range, data: bytes) -> None:
        """Keep a chunk, whole or not at all.

        Parameters
        ----------
        chunk
            Numbers of the replications.
        data
            As :func:`to_parquet` makes it.

        Raises
        ------
        ResultError
            If it cannot be written.
        """
        batch = "" if self._batch == ONLY else f"{self._batch:04}-"
        checksum = self._checksum(self._batch, chunk, data)
        name = f"{batch}{chunk.start:010}-{chunk.stop - 1:010}.{checksum}.parquet"
        self._folder.write_bytes(f"{PARTS}/{name}", data)

    def put_all(self, chunks: Iterable[tuple[range, bytes]]) -> None:
        """Keep chunks as they come, as :meth:`put` does: while some are written, the next is waited for.

        Raises
        ------
        ResultError
            If one cannot be written.
        """
        for _ in in_threads((partial(self.put, chunk, data) for chunk, data in chunks), WRITERS):
            pass

    def names(self) -> list[str]:
        """Files of the parts of all batches, as the run folder names them."""
        return [part.name for part in self._found()]

    def has_sound(self) -> bool:
        """Whether any part, of whatever batch, is of this run."""
        return any(self._is_sound(part) for part in self._found())

    def remove_unsound(self) -> int:
        """Remove what is damaged or of another run, to be simulated again, and say how many there were."""
        unsound = [part for part in self._found() if not self._is_sound(part)]
        for part in unsound:
            self._folder.remove(part.name)
        return len(unsound)

    def missing(self, replications: int) -> list[range]:
        """The replications, among the first so many, that no part holds."""
        gaps, reached = [], 0
        for part in self._own():
            gaps.append(range(reached, min(part.chunk.start, replications)))
            reached = max(reached, part.chunk.stop)
        gaps.append(range(reached, replications))
        return [gap for gap in gaps if gap]

    def kept(self, replications: int, workers: int | None = None) -> Kept:
        """What is kept of the first so many replications.

        Parameters
        ----------
        replications
            How many.
        workers
            Number of threads that read, as for :func:`sim.montecarlo.workers.in_threads`.

        Raises
        ------
        ResultError
            If a part cannot be read or is damaged, or there is no room for all.
        """
        return gathered(
            replications, in_threads((partial(self._read, part) for part in self._own()), workers)
        )

    def _read(self, part: Part) -> tuple[range, Kept]:
        data = self._folder.read_bytes(part.name, MOST_BYTES)
        if self._checksum(part.batch, part.chunk, data) != part.checksum:
            raise ResultError(f"{self._shown(part)} is damaged: it is not what was written")
        return part.chunk, self._kept(part, data)

    def _kept(self, part: Part, data: bytes) -> Kept:
        try:
            kept = from_parquet(part.chunk, data)
        except ResultError as error:
            raise self._strange(part, str(error)) from error
        if self._shapes is not None:
            outcome, courses = self._shapes
            expected = courses if with_courses(part.chunk) else {}
            if (_shapes_of(kept.outcome), _shapes_of(kept.courses)) != (outcome, expected):
                raise self._strange(part, "it holds arrays of another run")
        return kept

    def _strange(self, part: Part, why: str) -> ResultError:
        return ResultError(
            f"{self._shown(part)} is no part: {why}; allowed: to remove it, and to simulate it again"
        )

    def _own(self) -> list[Part]:
        """The parts of the batch, in the order of their replications."""
        return [part for part in self._found() if part.batch == self._batch]

    def _found(self) -> list[Part]:
        """The parts of all batches, in their order."""
        names = filter(None, map(_NAME.fullmatch, self._folder.files(PARTS)))
        parts = [
            Part(int(name[1] or ONLY), range(int(name[2]), int(name[3]) + 1), name[4], name[0])
            for name in names
            if name[2] <= name[3]
        ]
        return sorted(parts, key=lambda part: (part.batch, part.chunk.start, part.chunk.stop))

    def _is_sound(self, part: Part) -> bool:
        """Whether a part's checksum is that of what it holds, read piece by piece."""
        try:
            with self._folder.opened(part.name) as file:
                found = file_digest(file, lambda: self._hash(part.batch, part.chunk))
        except (ResultError, OSError):
            return False
        return found.hexdigest() == part.checksum

    def _checksum(self, batch: int, chunk: range, data: bytes) -> str:
        found = self._hash(batch, chunk)
        found.update(data)
        return found.hexdigest()

    def _hash(self, batch: int, chunk: range) -> blake2b:
        place = chunk.start.to_bytes(8) + chunk.stop.to_bytes(8)
        return blake2b(digest_size=16, key=self._run.encode(), salt=batch.to_bytes(16), person=place)

    def _shown(self, part: Part) -> str:
        return shown(self._folder.path / part.name)


def cut(replications: Iterable[range], size: int) -> list[range]:
    """Chunks of at most a size.

    Examples
    --------
    >>> cut([range(5), range(9, 10)], 3)
    [range(0, 3), range(3, 5), range(9, 10)]
    """
    return [part[first : first + size] for part in replications for first in range(0, len(part), size)]
