"""What happened in each replication as one wide table, piece by piece: ``events`` of ``docs/results.md``."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from sim.montecarlo.answers import Answers

ROWS = 50_000
"""Rows in a piece."""


def schema_of(answers: Answers) -> pa.Schema:
    """A column for the number of the replication, and one for each event by its path."""
    return pa.schema([("replication", pa.int64()), *((path, pa.bool_()) for path in answers.events)])


def events_table(answers: Answers) -> Iterator[pa.Table]:
    """Whether each event happened in each replication.

    Yields
    ------
    pyarrow.Table
        A piece of the rows.
    """
    replications = answers.happened.shape[1]
    for first in range(0, replications, ROWS):
        some = answers.happened[:, first : first + ROWS]
        numbers = np.arange(first, first + some.shape[1])
        yield pa.table([pa.array(numbers), *map(pa.array, some)], schema=schema_of(answers))
