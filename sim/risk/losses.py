"""Every loss of every replication as one long table, part by part: ``outcomes`` of ``docs/results.md``."""

from collections.abc import Iterator

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
"""Rows in a part, about: some megabytes, and the writers' own need is a multiple of that."""
LEVELS = {
    "maker": ("maker",),
    "stream": ("maker", "product", "market"),
    "supplier": ("supplier",),
    "cause": ("maker", "component", "supplier", "intervention"),
}
"""What names the things that lose, by level."""
OF_MARGIN = {f"margin_{level}": names for level, names in LEVELS.items() if level != "supplier"}
"""The same of those that lose margin, where accounts are kept."""
LABELS = ("level", "maker", "product", "market", "supplier", "component", "intervention")
SCHEMA = pa.schema(
    [("replication", pa.int64())]
    + [(name, pa.dictionary(pa.int32(), pa.string())) for name in LABELS]
    + [("loss", pa.float64())]
)


def losses_table(plan: Plan, outcomes: Outcome) -> Iterator[pa.Table]:
    """Every loss of every replication: by maker, by stream, by supplier and by cause.

    ``level`` says which: the columns that do not apply are empty, and losses of different levels must
    not be added up.

    Yields
    ------
    pyarrow.Table
        A part of the rows, so many that it is written quickly and so few that it takes little memory.
    """
    part: list[pa.RecordBatch] = []
    for rows in _rows(plan, outcomes):
        part.append(rows)
        if sum(len(batch) for batch in part) >= ROWS:
            yield pa.Table.from_batches(part)
            part = []
    if part:
        yield pa.Table.from_batches(part)


def _rows(plan: Plan, outcomes: Outcome) -> Iterator[pa.RecordBatch]:
    """Thing by thing, the losses of at most so many replications at a time."""
    names = _names(plan)
    for level, label, losses in _losses(plan, outcomes):
        words = {"level": level, **dict(zip((LEVELS | OF_MARGIN)[level], label, strict=True))}
        for first in range(0, len(losses), ROWS):
            some = losses[first : first + ROWS]
            labels = [_repeated(names[column], words.get(column, ""), len(some)) for column in LABELS]
            replications = np.arange(first, first + len(some))
            yield pa.record_batch([pa.array(replications), *labels, pa.array(some)], schema=SCHEMA)


def _losses(plan: Plan, outcomes: Outcome) -> Iterator[tuple[str, Label, Floats]]:
    """Level, label and losses of all makers, and of all else that loses or gains anything."""
    for label, losses in maker_losses(plan, outcomes):
        yield "maker", label, losses
    for level, things in (
        ("stream", stream_losses(plan, outcomes)),
        ("supplier", supplier_losses(plan, outcomes)),
        ("cause", cause_losses(plan, outcomes)),
    ):
        for label, losses in things:
            if np.any(losses != 0.0):
                yield level, label, losses
    if plan.keeps_account:
        yield from _losses_of_margin(plan, outcomes)


def _losses_of_margin(plan: Plan, outcomes: Outcome) -> Iterator[tuple[str, Label, Floats]]:
    """The same of margin."""
    for label, losses in margins.maker_losses(plan, outcomes):
        yield "margin_maker", label, losses
    for level, things in (
        ("margin_stream", margins.stream_losses(plan, outcomes)),
        ("margin_cause", margins.cause_losses(plan, outcomes)),
    ):
        for label, losses in things:
            if np.any(losses != 0.0):
                yield level, label, losses


def _names(plan: Plan) -> dict[str, list[str]]:
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
    return {column: ["", *words] for column, words in names.items()}


def _repeated(names: list[str], name: str, count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.full(count, names.index(name), dtype=np.int32), names)
