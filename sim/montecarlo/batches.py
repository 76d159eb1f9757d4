"""The batches of an analysis, one after the other: each is computed whole, or goes on from what is kept.

An analysis asks for its batches in an order that its scenario and its design decide, so the number of a batch
names it: whoever goes on asks for the same ones.
"""

import threading
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

    def apart(self, count: int) -> "list[Batches]":
        """The next so many batches, each by itself, so that threads can have them computed side by side.

        Parameters
        ----------
        count
            How many there are; which of them is computed first, or never, does not matter to the others.

        Examples
        --------
        >>> import numpy as np
        >>> one, other = InMemory().apart(2)
        >>> def halves(chunks):
        ...     yield from ((chunk, {"half": np.asarray(chunk) / 2}) for chunk in chunks)
        >>> other.kept(3, 2, halves)["half"]
        array([0. , 0.5, 1. ])
        """
        lock = threading.Lock()

        def tell(items: int) -> None:
            with lock:
                self.progress(items)

        return [self._ahead(place, tell) for place in range(count)]

    @abstractmethod
    def _ahead(self, place: int, progress: Callable[[int], None]) -> "Batches":
        """What has the batch computed that many places from here."""


class InMemory(Batches):
    """Batches of which nothing is kept but in memory."""

    def kept(self, items: int, chunk: int, compute: Compute) -> Arrays:
        """What is kept of the next batch, all of it computed here and now."""
        return gathered(items, _as_kept(compute(cut([range(items)], chunk)))).outcome

    def _ahead(self, _place: int, progress: Callable[[int], None]) -> Batches:
        return InMemory(self.workers, progress)


class InParts(Batches):
    """Batches whose chunks a folder keeps: what is there already is not computed again.

    Parameters
    ----------
    parts
        Those of the folder.
    workers, progress
        As for :class:`Batches`; progress is told of items that are there already, too.
    last
        Number of the batch before the next.
    """

    def __init__(
        self,
        parts: Parts,
        workers: int | None = None,
        progress: Callable[[int], None] = silent,
        last: int = ONLY,
    ) -> None:
        super().__init__(workers, progress)
        self._parts = parts
        self._last = last

    def kept(self, items: int, chunk: int, compute: Compute) -> Arrays:
        """What is kept of the next batch, once the chunks that are missing are computed."""
        self._last += 1
        parts = self._parts.of_batch(self._last)
        missing = parts.missing(items)
        self.progress(items - sum(len(some) for some in missing))
        if missing:
            finished = _as_kept(compute(cut(missing, chunk)))
            parts.put_all((some, to_parquet(kept)) for some, kept in finished)
        return parts.kept(items).outcome

    def apart(self, count: int) -> list[Batches]:
        """The next so many batches, each by itself; their numbers are taken, whether or not they are used."""
        found = super().apart(count)
        self._last += count
        return found

    def _ahead(self, place: int, progress: Callable[[int], None]) -> Batches:
        return InParts(self._parts, self.workers, progress, self._last + place)


def _as_kept(chunks: Iterator[tuple[range, Arrays]]) -> Iterator[tuple[range, Kept]]:
    for chunk, arrays in chunks:
        yield chunk, Kept(arrays, {})
