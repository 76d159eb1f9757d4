"""Room for what is kept of a batch: in memory, or in a file that the system writes out and forgets.

The numbers of all replications of one thing lie side by side, since tables are told thing by thing.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from mmap import mmap
from typing import Any

import numpy as np

from sim.engines.zeros import untouched_zeros
from sim.errors import ResultError
from sim.model.plan import Ints
from sim.montecarlo.filled import few_filled, filled_in

Array = Any

COURSES = 1_000
"""Replications, from the first, of which weekly courses are kept: enough for their bands."""
MOST_IN_MEMORY = 256 * 2**20
"""Bytes; what is larger goes to a file in the folder for temporary files."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a batch or a chunk of it: ``[replication, ...]`` by name.

    Attributes
    ----------
    outcome
        Of all replications, by the names of :class:`sim.risk.outcomes.Outcome`.
    courses
        Of those among the first :data:`COURSES`, by the names of :class:`sim.risk.outcomes.Courses`.
    """

    outcome: dict[str, Array]
    courses: Mapping[str, Array]


class Results:
    """What is kept of the replications of a batch, by name.

    Parameters
    ----------
    replications
        How many there are.
    """

    def __init__(self, replications: int) -> None:
        self._replications = replications
        self._kept: dict[str, Array] = {}

    def put(self, first: int, block: Mapping[str, Array]) -> None:
        """Write down the results of a block; what it has beyond the last replication is dropped.

        Parameters
        ----------
        first
            Number of the block's first replication.
        block
            ``[replication, ...]`` by name, the same names and shapes for every block.

        Raises
        ------
        ResultError
            If there is no room for the results of the batch.
        """
        count = max(0, self._replications - first)
        cut = {name: values[:count] for name, values in block.items()}
        places = {name: few_filled(values) for name, values in cut.items()}
        if block and not self._kept:
            self._kept = _room(block, places, self._replications)
        for name, values in cut.items():
            room, where, few = self._kept[name], slice(first, first + len(values)), places[name]
            if few is None:
                source = np.moveaxis(values, 0, -1)
                np.copyto(room[..., where], source, where=source != 0)  # What stays zero is not touched.
            else:
                room.reshape(-1, self._replications)[few, where] = filled_in(values, few) + 0  # No -0.

    def by_replication(self) -> dict[str, Array]:
        """``[replication, ...]`` by name: views that hold the room as long as they are used."""
        return {name: np.moveaxis(values, -1, 0) for name, values in self._kept.items()}


class Chunk:
    """What is kept of some replications while their blocks come in, in whatever order.

    Parameters
    ----------
    replications
        Their numbers.
    """

    def __init__(self, replications: range) -> None:
        self._replications = replications
        self._missing = len(replications)
        self._outcome = Results(len(replications))
        self._courses = Results(len(with_courses(replications)))

    @property
    def is_finished(self) -> bool:
        """Whether all blocks have come in."""
        return self._missing == 0

    def put(self, replications: range, outcome: Mapping[str, Array], courses: Mapping[str, Array]) -> None:
        """Write down the results of a block; what it has beyond its last replication is dropped.

        Parameters
        ----------
        replications
            Numbers of the block's replications.
        outcome, courses
            ``[replication, ...]`` by name.

        Raises
        ------
        ResultError
            If there is no room for them.
        """
        first, count = replications.start - self._replications.start, len(replications)
        self._outcome.put(first, {name: values[:count] for name, values in outcome.items()})
        if with_courses(replications):
            self._courses.put(first, {name: values[:count] for name, values in courses.items()})
        self._missing -= count

    def kept(self) -> Kept:
        """What is kept of all replications that have come in."""
        return Kept(self._outcome.by_replication(), self._courses.by_replication())


def gathered(replications: int, chunks: Iterable[tuple[range, Kept]]) -> Kept:
    """What is kept of a batch, from what is kept of its chunks, in whatever order they come.

    Parameters
    ----------
    replications
        How many there are; what a chunk has beyond them is dropped.
    chunks
        Numbers of replications and what is kept of them.

    Raises
    ------
    ResultError
        If there is no room for the results.
    """
    outcome, courses = Results(replications), Results(min(replications, COURSES))
    for chunk, kept in chunks:
        outcome.put(chunk.start, kept.outcome)
        courses.put(chunk.start, kept.courses)
    return Kept(outcome.by_replication(), courses.by_replication())


def with_courses(replications: range) -> range:
    """Those of some replications whose weekly courses are kept."""
    return replications[: max(0, COURSES - replications.start)]


def _room(
    block: Mapping[str, Array], places: Mapping[str, Ints | None], replications: int
) -> dict[str, Array]:
    """``[..., replication]`` by name: what is nearly all zeros in memory, the rest where there is room."""
    sparse = {
        name: values
        for name, values in block.items()
        if places[name] is not None and values[0].nbytes * replications > MOST_IN_MEMORY
    }
    rest = {name: values for name, values in block.items() if name not in sparse}
    room = _laid_out(sparse, replications, _memory) | _laid_out(rest, replications, _memory_or_file)
    return {name: room[name] for name in block}


def _laid_out(
    block: Mapping[str, Array], replications: int, memory: Callable[[int], Array]
) -> dict[str, Array]:
    """``[..., replication]`` by name, one behind the other in one piece of memory."""
    shapes = {name: (*values.shape[1:], replications) for name, values in block.items()}
    ends = np.cumsum([0, *(np.prod(shapes[name]) * values.itemsize for name, values in block.items())])
    whole = memory(int(ends[-1]))
    return {
        name: whole[first:end].view(block[name].dtype).reshape(shape)
        for first, end, (name, shape) in zip(ends, ends[1:], shapes.items(), strict=False)
    }


def _memory_or_file(size: int) -> Array:
    """So many bytes, all zero."""
    if size <= MOST_IN_MEMORY:
        return _memory(size)
    return np.frombuffer(_file(size), dtype=np.uint8, count=size)


def _memory(size: int) -> Array:
    """So many bytes, all zero; pages are there once they are touched, and gone with their last user."""
    return untouched_zeros((size,), np.uint8)


def _file(size: int) -> mmap:
    """A file without a name: nobody has to remove it, however the process ends."""
    try:
        with tempfile.TemporaryFile() as file:
            os.posix_fallocate(file.fileno(), 0, size)  # A disk that fills up later would end the process.
            return mmap(file.fileno(), size)
    except OSError as error:
        raise ResultError(
            f"cannot keep {size / 2**30:.1f} GiB of results in {tempfile.gettempdir()}: "
            f"{error.strerror or error}; the variable TMPDIR can name another folder"
        ) from error
