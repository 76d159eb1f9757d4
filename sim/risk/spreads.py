"""What the tables of a batch are made of: sums over columns, shares and ranges over the replications."""

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np

from sim.engines.rules import WEEK
from sim.model.plan import Floats, Plan
from sim.risk.quantiles import quantiles

Label = tuple[str, ...]


def places_of(labels: Sequence[Label]) -> dict[Label, list[int]]:
    """Where each label stands, in the order of first appearance."""
    places: dict[Label, list[int]] = {}
    for place, label in enumerate(labels):
        places.setdefault(label, []).append(place)
    return places


def losses_of(by_twin: Floats, columns: Iterable[int]) -> Floats:
    """What the scenario has less in some columns of ``[replication, twin, column]``."""
    columns = list(columns)
    return sum_of(by_twin[:, 1], columns) - sum_of(by_twin[:, 0], columns)


def sum_of(values: Floats, columns: Iterable[int]) -> Floats:
    """Sum of some columns of ``[replication, column]``, one by one: a selection of all would be a copy."""
    total = np.zeros(len(values))
    for column in columns:
        total += values[:, column]
    return total


def share_of(part: Floats, whole: Floats) -> Floats:
    """What a part is of a whole, 0 where there is none."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)


def spread_of(values: Floats) -> dict[str, float]:
    """Mean and 5-95 % range over the replications."""
    return spreads_of(values[:, None], (5, 95))[0]


def spreads_of(values: Floats, levels: tuple[int, ...]) -> list[dict[str, float]]:
    """Mean and quantiles (levels in per cent) over the first axis, a mapping for each entry of the second."""
    mean = values.mean(axis=0)
    found = quantiles(values, [level / 100.0 for level in levels])
    return [
        {
            "mean": float(mean[column]),
            **{f"p{level:02d}": float(row[column]) for level, row in zip(levels, found, strict=True)},
        }
        for column in range(values.shape[1])
    ]


def weeks_of(plan: Plan, values: Floats) -> list[dt.date]:
    """First days of the weeks along the last axis."""
    return [plan.date_of(WEEK * week) for week in range(values.shape[-1])]
