"""What is lost if an event comes true and if not, and which events part the futures."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sim.model.plan import Bools, Floats
from sim.montecarlo.answers import Answers
from sim.risk.replicated import estimators_among
from sim.risk.summary import plain
from sim.risk.tail import Estimate, probability_estimate

ENOUGH = 0.8
"""Share of the variance that one event explains, from which on a second is not looked for."""
WORTH_A_SECOND = 0.1
"""Share of the variance that a second event must explain in addition."""
MOST_PAIRED = 20
"""Events, those that explain most, of which pairs are looked at."""
ROUNDING = 1e-9
"""Loss shares that differ by less are the same."""
BINS = 40
"""Bars of a histogram, at most."""
ANSWERS = {True: "yes", False: "no"}
FIGURES = ("share", "mean", "p05", "p50", "p95")
COLUMNS = {
    "conditional": (
        "maker",
        "event",
        "with_event",
        "answer",
        "with_answer",
        "futures",
        *(f"{name}{end}" for name in FIGURES for end in ("", "_ci_low", "_ci_high")),
        "variance_explained",
    ),
    "loss_histogram": (
        "maker",
        "event",
        "with_event",
        "answer",
        "with_answer",
        "loss_share_low",
        "loss_share_high",
        "futures",
    ),
}
"""Columns of the tables that tell of events."""
Summary = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """Futures in which events came out in one way.

    Attributes
    ----------
    answers
        Of each event of the split.
    among
        ``[replication]`` whether it is one of them.
    """

    answers: tuple[bool, ...]
    among: Bools

    @property
    def futures(self) -> int:
        """How many there are."""
        return int(self.among.sum())


@dataclass(frozen=True, slots=True)
class Split:
    """The futures, parted by what happens in them.

    Attributes
    ----------
    events
        Paths of the events; none, if nothing parts them.
    groups
        One for each way in which they can come out: all yes first, all no last.
    explained
        Eta squared: the share of the variance of the loss that lies between the groups; NaN without variance.
    """

    events: tuple[str, ...]
    groups: tuple[Group, ...]
    explained: float


def conditional_tables(
    answers: Answers, by_maker: pd.DataFrame, method: str
) -> tuple[dict[str, pd.DataFrame], dict[str, Summary | None]]:
    """The tables of events, and what the summary says of the split that explains most, by maker.

    Parameters
    ----------
    answers
        What happened in which replication.
    by_maker
        The losses that lead, as :func:`sim.risk.leading.leading_losses` has them.
    method
        How inputs were sampled.
    """
    rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    told: dict[str, Summary | None] = {}
    for maker, table in by_maker.groupby("maker", sort=False):
        losses = table["loss_share"].to_numpy()
        each = splits_by_event(answers, losses)
        best = best_split(answers, losses, each)
        several = [best] if len(best.events) > 1 else []
        for split in [*each, *several]:
            rows["conditional"] += _rows(str(maker), split, losses, method)
        rows["loss_histogram"] += _histogram(str(maker), best, losses)
        told[str(maker)] = _told(best, losses, method) if best.events else None
    tables = {name: pd.DataFrame(rows[name], columns=list(columns)) for name, columns in COLUMNS.items()}
    return tables, told


def splits_by_event(answers: Answers, losses: Floats) -> list[Split]:
    """The split by each event alone: what explains most comes first, what explains nothing last.

    Parameters
    ----------
    answers
        What happened in which replication.
    losses
        One a replication.
    """
    found = [_split(answers, (row,), losses) for row in range(len(answers.events))]
    return sorted(found, key=lambda split: -np.nan_to_num(split.explained, nan=-1.0))


def best_split(answers: Answers, losses: Floats, each: Sequence[Split]) -> Split:
    """The event that explains most; with a second one, if it leaves much and the two explain more together.

    A second must explain a tenth of the variance in addition, counted as adjusted for the number of groups.

    Parameters
    ----------
    answers, losses
        As for :func:`splits_by_event`.
    each
        What that gives.

    Returns
    -------
    Split
        By no event if none came out both ways.
    """
    parting = [split for split in each if all(group.futures for group in split.groups)]
    if not parting:
        return _split(answers, (), losses)
    best = parting[0]
    if not best.explained < ENOUGH:
        return best
    rows = [answers.events.index(split.events[0]) for split in parting[:MOST_PAIRED]]
    pairs = (_split(answers, pair, losses) for pair in combinations(rows, 2))
    together = max(pairs, key=_adjusted, default=best)
    return together if _adjusted(together) >= _adjusted(best) + WORTH_A_SECOND else best


def explained_share(losses: ArrayLike, groups: Iterable[ArrayLike]) -> float:
    """Eta squared: the variance between groups as a share of all variance [1]_; NaN where there is none.

    Parameters
    ----------
    losses
        One a replication, as a share of revenue.
    groups
        ``[replication]`` whether it is in the group, for groups that have no replication in common and leave
        none out.

    References
    ----------
    .. [1] Cohen, *Statistical Power Analysis for the Behavioral Sciences*, 2nd ed. (1988), sec. 8.2.

    Examples
    --------
    >>> explained_share([0.0, 0.2, 0.8, 1.0], [[True, True, False, False], [False, False, True, True]])
    0.941...
    """
    values = np.asarray(losses, dtype=np.float64)
    deviations = values - values.mean()
    if np.ptp(values) < ROUNDING:
        return float("nan")
    parts = (deviations[np.asarray(group, dtype=np.bool_)] for group in groups)
    between = sum(float(part.sum()) ** 2 / len(part) for part in parts if len(part))
    return min(between / float((deviations**2).sum()), 1.0)


def _split(answers: Answers, rows: tuple[int, ...], losses: Floats) -> Split:
    groups = []
    for combination in product((True, False), repeat=len(rows)):
        among = np.ones(len(losses), dtype=np.bool_)
        for row, answer in zip(rows, combination, strict=True):
            among &= answers.happened[row] == answer
        groups.append(Group(combination, among))
    events = tuple(answers.events[row] for row in rows)
    return Split(events, tuple(groups), explained_share(losses, (group.among for group in groups)))


def _adjusted(split: Split) -> float:
    """What a split explains, less what as many groups would explain by chance."""
    sizes = [group.futures for group in split.groups if group.futures]
    free = sum(sizes) - len(sizes)
    return 1.0 - (1.0 - split.explained) * (sum(sizes) - 1) / free if free > 0 else float("-inf")


def _estimates(group: Group, losses: Floats, method: str) -> dict[str, Estimate]:
    """Share of futures, and mean and quantiles of what they lose, each with its interval."""
    share, values = probability_estimate(group.among), losses[group.among]
    if not len(values):
        return {"share": share}
    estimators = estimators_among(method, group.among)
    levels = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
    return {
        "share": share,
        "mean": estimators.mean(values),
        **{name: estimators.quantile(values, level) for name, level in levels.items()},
    }


def _rows(maker: str, split: Split, losses: Floats, method: str) -> Iterator[Row]:
    for group in split.groups:
        row = _label(maker, split, group) | {"futures": group.futures}
        for name, estimate in _estimates(group, losses, method).items():
            row |= {
                name: estimate.estimate,
                f"{name}_ci_low": estimate.ci_low,
                f"{name}_ci_high": estimate.ci_high,
            }
        yield row | {"variance_explained": split.explained}


def _label(maker: str, split: Split, group: Group) -> Row:
    """Events and answers of a group; empty where there is none."""
    events, answers = [*split.events, "", ""], [*(ANSWERS[answer] for answer in group.answers), "", ""]
    return {
        "maker": maker,
        "event": events[0],
        "with_event": events[1],
        "answer": answers[0],
        "with_answer": answers[1],
    }


def _told(split: Split, losses: Floats, method: str) -> Summary:
    return {
        "events": list(split.events),
        "variance_explained": None if np.isnan(split.explained) else split.explained,
        "groups": [
            {
                "answers": [ANSWERS[answer] for answer in group.answers],
                "futures": group.futures,
                **{name: plain(found) for name, found in _estimates(group, losses, method).items()},
            }
            for group in split.groups
            if group.futures
        ],
    }


def _histogram(maker: str, split: Split, losses: Floats) -> Iterator[Row]:
    """How many futures of each group lose how much."""
    edges = bin_edges(losses)
    for group in split.groups:
        counts, _ = np.histogram(losses[group.among], edges)
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
            yield _label(maker, split, group) | {
                "loss_share_low": low,
                "loss_share_high": high,
                "futures": int(count),
            }


def bin_edges(losses: ArrayLike) -> Floats:
    """Round numbers that part losses into at most :data:`BINS` bins of one width.

    Examples
    --------
    >>> bin_edges([0.013, 0.05]).round(3)[:3], bin_edges([0.2, 0.2])
    (array([0.013, 0.014, 0.015]), array([0.2  , 0.201]))
    """
    values = np.asarray(losses, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    least = max((high - low) / (BINS - 1), 0.001)
    size = 10.0 ** Decimal(least).adjusted()
    width = next(size * step for step in (1.0, 2.0, 5.0, 10.0) if size * step >= least * (1.0 - 1e-9))
    first, last = np.floor(low / width + 1e-9), np.floor(high / width + 1e-9) + 1.0
    edges: Floats = np.arange(first, last + 0.5) * width
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    return edges
