"""Finished chunks of a batch as files, so that a batch that was cut off goes on where it stopped.

A part's name says which replications it holds, and a checksum of these and its content, keyed with the run:
a part is whole, sound, in its place and of this run, or it is no part. How a batch was cut into chunks
changes nothing in what is read back. The key is no secret: what a part holds is looked at before it is used.
An analysis has many batches: their numbers, from 1, come first in the names of their parts.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b, file_digest
from typing import IO, Any

import numpy as np
import pyarrow as pa
from pyarrow.parquet import ParquetFile, write_table

from sim.engines.zeros import untouched_zeros
from sim.errors import ResultError
from sim.model.plan import Ints
from sim.montecarlo.filled import few_filled, filled_in
from sim.montecarlo.inside import shown
from sim.montecarlo.results import Array, Kept, Results, with_courses
from sim.montecarlo.store import PARTS, RunFolder
from sim.montecarlo.workers import in_threads

Shape = tuple[np.dtype[Any], tuple[int, ...]]
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


class Content:
    """What :func:`to_parquet` has written of a chunk, read name by name.

    Parameters
    ----------
    chunk
        Numbers of the replications.
    source
        The file.

    Raises
    ------
    ResultError
        If it holds something else than arrays of as many replications, here or where one is read.
    """

    def __init__(self, chunk: range, source: IO[bytes] | pa.NativeFile) -> None:
        self._chunk = chunk
        self._lengths = {OUTCOME: len(chunk), COURSES: len(with_courses(chunk))}
        with self._told():
            self._file = ParquetFile(source, page_checksum_verification=True)
            keys = self._file.schema_arrow.metadata
            self._places = json.loads(keys.get(PLACES, b"{}"))
            self._shapes: dict[str, dict[str, Shape]] = {OUTCOME: {}, COURSES: {}}
            for path, (dtype, *shape) in json.loads(keys[SHAPES]).items():
                kind, _, name = path.partition(".")
                self._shapes[kind][name] = np.dtype(dtype), tuple(shape)
            self._refuse_else()

    def shapes(self, kind: str) -> dict[str, tuple[int, ...]]:
        """``[...]`` of the arrays of a replication by their names, of outcome or of courses."""
        return {name: shape for name, (_, shape) in self._shapes[kind].items()}

    def array(self, kind: str, name: str) -> Array:
        """``[replication, ...]`` of a name, of outcome or of courses."""
        path, length = f"{kind}.{name}", self._lengths[kind]
        with self._told():
            dtype, shape = self._shapes[kind][name]
            written = np.empty((length, 0), dtype)
            if length * math.prod(shape):
                column = self._file.read([path], use_threads=False).column(path)
                column = column.combine_chunks().slice(0, length)
                written = column.flatten().to_numpy().reshape(length, -1)
            if path in self._places:
                return _among_zeros(written, self._places[path], shape)
            return written.reshape(length, *shape)

    def arrays(self, kind: str) -> dict[str, Array]:
        """``[replication, ...]`` by name, of outcome or of courses."""
        return {name: self.array(kind, name) for name in self._shapes[kind]}

    def _refuse_else(self) -> None:
        """Look at what the file says of itself before there is room made for it."""
        rows = self._file.metadata.num_rows
        told = {
            f"{kind}.{name}": shape for kind, shapes in self._shapes.items() for name, shape in shapes.items()
        }
        if rows != len(self._chunk):
            raise ValueError(f"{rows:,} rows")
        size = sum(rows * dtype.itemsize * math.prod(shape) for dtype, shape in told.values())
        if not 0 <= size <= MOST_BYTES:
            raise ValueError(f"{size:,} bytes")
        for field in self._file.schema_arrow:
            dtype, shape = told[field.name]
            written = len(self._places[field.name]) if field.name in self._places else math.prod(shape)
            if field.type != pa.list_(pa.from_numpy_dtype(dtype), written):
                raise ValueError(f"{field.name} is {field.type}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except _UNLIKE as error:
            count = f"{len(self._chunk):,} replications"
            raise ResultError(f"it does not hold {count} ({shown(str(error))})") from error


_UNLIKE = (pa.ArrowException, OSError, ArithmeticError, ValueError, LookupError, TypeError, RecursionError)
"""What goes wrong with a Parquet file that :func:`to_parquet` has not made."""


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
        outcome = Results(replications)
        courses: dict[str, None] = {}
        for part, found, weekly in in_threads((partial(self._read, part) for part in self._own()), workers):
            outcome.put(part.chunk.start, found)
            courses |= dict.fromkeys(weekly)
        return Kept(outcome.by_replication(), _Weekly(self, replications, list(courses), workers))

    def weekly(self, name: str, replications: int, workers: int | None = None) -> Array:
        """``[replication, ...]`` of a weekly course of those of the first so many that have courses.

        Raises
        ------
        ResultError
            As for :meth:`kept`.
        """
        some = with_courses(range(replications))
        read = (
            partial(self._read_weekly, part, name) for part in self._own() if part.chunk.start < len(some)
        )
        found = Results(len(some))
        for part, values in in_threads(read, workers):
            found.put(part.chunk.start, {name: values})
        return found.by_replication()[name]

    def _read(self, part: Part) -> tuple[Part, dict[str, Array], list[str]]:
        """The outcome that a part holds and the names of its courses, once its checksum is looked at."""
        data = self._folder.read_bytes(part.name, MOST_BYTES)
        if self._checksum(part.batch, part.chunk, data) != part.checksum:
            raise ResultError(f"{self._shown(part)} is damaged: it is not what was written")
        with self._content(part, pa.BufferReader(data)) as content:
            return part, content.arrays(OUTCOME), [*content.shapes(COURSES)]

    def _read_weekly(self, part: Part, name: str) -> tuple[Part, Array]:
        with self._folder.opened(part.name) as file, self._content(part, file) as content:
            return part, content.array(COURSES, name)

    @contextmanager
    def _content(self, part: Part, source: IO[bytes] | pa.NativeFile) -> Iterator[Content]:
        try:
            content = Content(part.chunk, source)
            found = content.shapes(OUTCOME), content.shapes(COURSES)
            if self._shapes is not None:
                outcome, courses = self._shapes
                if found != (outcome, courses if with_courses(part.chunk) else {}):
                    raise ResultError("it holds arrays of another run")
            yield content
        except ResultError as error:
            raise ResultError(
                f"{self._shown(part)} is no part: {error}; allowed: to remove it, and to simulate it again"
            ) from error

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


class _Weekly(Mapping[str, Array]):
    """Weekly courses by name, of which each is read when it is asked for: one takes some 50 MB, all 250."""

    def __init__(self, parts: Parts, replications: int, names: Sequence[str], workers: int | None) -> None:
        self._parts = parts
        self._replications = replications
        self._names = names
        self._workers = workers

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise KeyError(name)
        return self._parts.weekly(name, self._replications, self._workers)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def cut(replications: Iterable[range], size: int) -> list[range]:
    """Chunks of at most a size.

    Examples
    --------
    >>> cut([range(5), range(9, 10)], 3)
    [range(0, 3), range(3, 5), range(9, 10)]
    """
    return [part[first : first + size] for part in replications for first in range(0, len(part), size)]
