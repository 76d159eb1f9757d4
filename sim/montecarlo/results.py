"""Room for what is kept of a batch: in memory, or in a file that the system writes out and forgets.

The numbers of all replications of one thing lie side by side, since tables are told thing by thing.
"""

import os
import tempfile
from collections.abc import Mapping
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from typing import Any

import numpy as np

from sim.errors import ResultError

Array = Any

MOST_IN_MEMORY = 256 * 2**20
"""Bytes; what is larger goes to a file in the folder for temporary files."""


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
        if not self._kept:
            self._kept = _room(block, self._replications)
        for name, values in block.items():
            count = min(len(values), self._replications - first)
            target, source = self._kept[name][..., first : first + count], np.moveaxis(values[:count], 0, -1)
            np.copyto(target, source, where=source != 0)  # The room holds zeros; untouched, it is not there.

    def by_replication(self) -> dict[str, Array]:
        """``[replication, ...]`` by name: views that hold the room as long as they are used."""
        return {name: np.moveaxis(values, -1, 0) for name, values in self._kept.items()}


def _room(block: Mapping[str, Array], replications: int) -> dict[str, Array]:
    """``[..., replication]`` by name, one behind the other in one piece of memory."""
    shapes = {name: (*values.shape[1:], replications) for name, values in block.items()}
    ends = np.cumsum([np.prod(shapes[name]) * values.itemsize for name, values in block.items()])
    pieces = np.split(_memory(int(ends[-1])), ends[:-1])
    return {
        name: piece.view(block[name].dtype).reshape(shape)
        for piece, (name, shape) in zip(pieces, shapes.items(), strict=True)
    }


def _memory(size: int) -> Array:
    """So many bytes, all zero; pages are there once they are touched, and gone with their last user."""
    least = max(size, 1)  # Nothing at all cannot be mapped.
    mapped = _file(least) if size > MOST_IN_MEMORY else mmap(-1, least, flags=MAP_PRIVATE | MAP_ANONYMOUS)
    return np.frombuffer(mapped, dtype=np.uint8, count=size)


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
