"""The batches of an analysis, one after the other: each is computed whole, or goes on from what is kept.

An analysis asks for its batches in an order that its scenario and its design decide, so the number of a batch
names it: whoever goes on asks for the same ones.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence

from sim.montecarlo.parts import ONLY, Parts, cut, to_parquet
from sim.montecarlo.results import Array, Kept, gathered
from sim.montecarlo.workers import silent

Arrays = dict[str, Array]
"""What is kept of a batch or a chunk of it: ``[item, ...]`` by name."""
Compute = Callable[[Sequence[range]], Iterator[tuple[range, Arrays]]]
"""Gives what is kept of each chunk, once it is finished; an item does not depend on its chunk."""


class Batches(ABC):
    """Has the batches of an analysis computed.

    Parameters
    ----------
    workers
        Number of threads; default: one for each core.
    progress
        Called with the number of items that have just been finished.
    """

    def __init__(self, workers: int | None = None, progress: Callable[[int], None] = silent) -> None:
        self.workers = workers
        self.progress = progress

    @abstractmethod
    def kept(self, items: int, chunk: int, compute: Compute) -> Arrays:
        """What is kept of the next batch.

        Parameters
        ----------
        items
            How many there are: replications, failures.
        chunk
            How many are kept at a time.
        compute
            Computes chunks of items, with our workers, and tells our progress.
        """


class InMemory(Batches):
    """Batches of which nothing is kept but in memory."""

    def kept(self, items: int, chunk: int, compute: Compute) -> Arrays:
        """What is kept of the next batch, all of it computed here and now."""
        return gathered(items, _as_kept(compute(cut([range(items)], chunk)))).outcome


class InParts(Batches):
    """Batches whose chunks a folder keeps: what is there already is not computed again.

    Parameters
    ----------
    parts
        Those of the folder.
    workers, progress
        As for :class:`Batches`; progress is told of items that are there already, too.
    """

    def __init__(
        self, parts: Parts, workers: int | None = None, progress: Callable[[int], None] = silent
    ) -> None:
        super().__init__(workers, progress)
        self._parts = parts
        self._last = ONLY

    def kept(self, items: int, chunk: int, compute: Compute) -> Arrays:
        """What is kept of the next batch, once the chunks that are missing are computed."""
        self._last += 1
        parts = self._parts.of_batch(self._last)
        missing = parts.missing(items)
        self.progress(items - sum(len(some) for some in missing))
        if missing:
            for some, kept in _as_kept(compute(cut(missing, chunk))):
                parts.put(some, to_parquet(kept))
        return parts.kept(items).outcome


def _as_kept(chunks: Iterator[tuple[range, Arrays]]) -> Iterator[tuple[range, Kept]]:
    for chunk, arrays in chunks:
        yield chunk, Kept(arrays, {})
