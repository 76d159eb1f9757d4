"""Every loss of every replication as one long table, piece by piece: ``outcomes`` of ``docs/results.md``."""

from collections.abc import Iterator, Sequence
from itertools import compress, islice
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from sim.engines.costing import CHANGES
from sim.model.plan import Floats, Plan
from sim.risk import margins
from sim.risk.outcomes import Outcome
from sim.risk.spreads import Label
from sim.risk.tables import (
    DEMAND,
    cause_losses,
    maker_losses,
    stream_losses,
    supplier_losses,
)

ROWS = 50_000
"""Rows in a piece, about: some megabytes, and the writers' own need is a multiple of that."""
IN_FILE = 2**14
"""Replications in a file: 15 MB of the flagship's, and a small batch is one file."""
LEVELS = {
    "maker": ("maker",),
    "stream": ("maker", "product", "market"),
    "supplier": ("supplier",),
    "cause": ("maker", "component", "supplier", "intervention"),
}
"""What names the things that lose, by level."""
OF_MARGIN = {f"margin_{level}": names for level, names in LEVELS.items() if level != "supplier"}
"""The same of those that lose margin, where accounts are kept."""
ALWAYS = ("maker", "margin_maker")
"""Levels whose things have rows whether or not they lose anything."""
LABELS = ("level", "maker", "product", "market", "supplier", "component", "intervention")
SCHEMA = pa.schema(
    [("replication", pa.int64())]
    + [(name, pa.dictionary(pa.int32(), pa.string())) for name in LABELS]
    + [("loss", pa.float64())]
)

_Thing = tuple[str, Label, Floats]
"""Level, label and losses of something."""


class _Names(NamedTuple):
    """What may stand in a column, and the place of each."""

    words: pa.Array
    places: dict[str, int]

    def repeated(self, names: Sequence[str], count: int) -> pa.DictionaryArray:
        """So many rows of each name; the words are shared, not copied."""
        places = np.array([self.places[name] for name in names], dtype=np.int32)
        return pa.DictionaryArray.from_arrays(np.repeat(places, count), self.words)


def losses_by_file(plan: Plan, outcomes: Outcome) -> Iterator[tuple[range, Iterator[pa.Table]]]:
    """Every loss of every replication: by maker, by stream, by supplier and by cause.

    ``level`` says which: the columns that do not apply are empty, and losses of different levels must
    not be added up. What a file holds depends on the batch alone, not on how it was cut into chunks.

    Yields
    ------
    tuple
        The replications of a file, and its rows in pieces, so large that they are written quickly and so
        small that they take little memory.
    """
    has_rows, replications = _have_rows(plan, outcomes), range(len(outcomes.shock_day))
    for first in replications[::IN_FILE]:
        some = replications[first : first + IN_FILE]
        yield some, _pieces(plan, outcomes, some, has_rows)


def _have_rows(plan: Plan, outcomes: Outcome) -> list[bool]:
    """``[thing]`` which have rows: all makers, and all else that loses or gains anything in the batch."""
    return [level in ALWAYS or bool(np.any(losses != 0.0)) for level, _, losses in _losses(plan, outcomes)]


def _pieces(
    plan: Plan, outcomes: Outcome, replications: range, has_rows: Sequence[bool]
) -> Iterator[pa.Table]:
    """The rows of some replications, thing by thing."""
    names, things = _names(plan), compress(_losses(plan, outcomes.among(replications)), has_rows)
    at_a_time = -(-ROWS // len(replications))
    while some := list(islice(things, at_a_time)):
        yield _rows(names, replications, some)


def _rows(names: dict[str, _Names], replications: range, things: Sequence[_Thing]) -> pa.Table:
    """The losses of some replications, thing by thing."""
    words = [
        {"level": level, **dict(zip((LEVELS | OF_MARGIN)[level], label, strict=True))}
        for level, label, _ in things
    ]
    labels = [
        names[column].repeated([its.get(column, "") for its in words], len(replications)) for column in LABELS
    ]
    numbers = np.tile(np.arange(replications.start, replications.stop), len(things))
    return pa.table([numbers, *labels, np.concatenate([losses for *_, losses in things])], schema=SCHEMA)


def _losses(plan: Plan, outcomes: Outcome) -> Iterator[_Thing]:
    """Level, label and losses of everything that can lose."""
    found = {
        "maker": maker_losses(plan, outcomes),
        "stream": stream_losses(plan, outcomes),
        "supplier": supplier_losses(plan, outcomes),
        "cause": cause_losses(plan, outcomes),
    }
    if plan.keeps_account:
        found |= {
            "margin_maker": margins.maker_losses(plan, outcomes),
            "margin_stream": margins.stream_losses(plan, outcomes),
            "margin_cause": margins.cause_losses(plan, outcomes),
        }
    for level, things in found.items():
        for label, losses in things:
            yield level, label, losses


def _names(plan: Plan) -> dict[str, _Names]:
    """What may stand in each column; what does not apply is empty."""
    labels = plan.labels
    names = {
        "level": (*LEVELS, *(OF_MARGIN if plan.keeps_account else ())),
        "maker": tuple(dict.fromkeys((*labels.firms, *labels.makers))),
        "product": labels.items,
        "market": labels.markets,
        "supplier": labels.firms,
        "component": (*labels.items, DEMAND, *(CHANGES if plan.keeps_account else ())),
        "intervention": labels.interventions,
    }
    return {column: _names_of(["", *words]) for column, words in names.items()}


def _names_of(words: list[str]) -> _Names:
    return _Names(
        pa.array(words, pa.string()), {word: place for place, word in reversed([*enumerate(words)])}
    )
