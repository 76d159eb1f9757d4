"""A comparison in words: sentences, cards, lines for a terminal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.report.comparison_checks import checked_tables
from sim.report.expected_tables import records
from sim.report.language import message, say
from sim.report.largest import MOST_DRAWN
from sim.report.leading_words import Leading, leading
from sim.report.names import Names, tidy, within
from sim.report.numbers import (
    NONE,
    Money,
    day,
    grouped,
    in_futures,
    is_missing,
    lost_range,
    percent,
    percent_range,
)
from sim.report.page_parts import Card, Line
from sim.report.seller_words import sales_in
from sim.report.style import Palette, make_palette
from sim.report.words import in_turn, joined
from sim.risk.findings import Findings
from sim.risk.tail import CONFIDENCE
from sim.risk.unseen import unseen_share
from sim.scenario.shapes import COLLECTIONS

LEAST_SHOWN = 0.0005
"""Share of revenue by which a step must move the loss to have a bar."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Findings of a comparison with names, colours and units."""

    findings: Findings
    tables: Mapping[str, pd.DataFrame]
    order: tuple[str, ...]
    names: Names
    money: Money
    palette: Palette
    makers: tuple[str, ...]
    undrawn: int

    @property
    def leads(self) -> Leading:
        """Words for the loss that is compared."""
        return leading(self.findings.summary)

    def sales(self, maker: str) -> str:
        """What a maker's loss is a share of."""
        return sales_in(self.findings.scenario, self.names, maker)

    def row(self, table: str, **values: str) -> pd.Series:
        """The row of a table in which some columns have some values."""
        found = self.tables[table]
        for column, value in values.items():
            found = found[found[column] == value]
        return found.iloc[0]


def make_comparison(findings: Findings) -> Comparison:
    """Check the findings and prepare what all parts of the page share.

    Raises
    ------
    ReportError
        As :func:`~sim.report.comparison_checks.checked_tables`.
    """
    tables = checked_tables(findings)
    makers = drawn_makers(tables["scenarios"])
    return Comparison(
        findings=findings,
        tables=tables,
        order=tuple(entry["scenario"] for entry in findings.summary["scenarios"]),
        names=Names(findings.scenario),
        money=Money(findings.scenario.currency),
        palette=make_palette(makers, ()),
        makers=makers,
        undrawn=tables["scenarios"]["maker"].nunique() - len(makers),
    )


def drawn_makers(scenarios: pd.DataFrame) -> tuple[str, ...]:
    """Makers that have figures: all, or of many those that lose or gain most in any scenario.

    Parameters
    ----------
    scenarios
        Table ``scenarios``.
    """
    most = scenarios["loss_mean"].abs().groupby(scenarios["maker"], sort=False).max()
    if len(most) > MOST_DRAWN:
        most = most.sort_values(ascending=False, kind="stable").head(MOST_DRAWN)
    return tuple(most.index)


def answer(comparison: Comparison, maker: str) -> str:
    """What a maker loses in each scenario, and which step moves that most."""
    losses = [
        say("{loses} in {scenario}", loses=_lost(comparison, maker, name), scenario=tidy(name))
        for name in comparison.order
    ]
    told = say(
        "Of {whole}, {maker} {losses}.",
        whole=whole(comparison, maker),
        maker=within(comparison.names.firm(maker)),
        losses=joined(losses),
    )
    return in_turn([told, _moved(comparison, maker)])


def whole(comparison: Comparison, maker: str) -> str:
    """What is lost, and what the losses of a maker are shares of."""
    sales, what = comparison.sales(maker), comparison.leads.what
    if comparison.leads.is_margin:
        return say("{revenue}, as a share of its {sales}", revenue=what, sales=sales)
    return say("its {sales}", sales=sales)


def _lost(comparison: Comparison, maker: str, name: str) -> str:
    share = float(comparison.row("scenarios", scenario=name, maker=maker)["mean"])
    told = percent(abs(share), 1 if abs(share) >= LEAST_SHOWN else None)
    return say("gains {share}", share=told) if share < 0.0 else say("loses {share}", share=told)


def _moved(comparison: Comparison, maker: str) -> str:
    """Which step moves the loss of a maker most, and what it changes."""
    most = comparison.findings.summary["moves_most"].get(maker)
    if most is None:
        return say("The scenarios differ in nothing that a figure depends on.")
    if abs(most["effect"]) < LEAST_SHOWN:
        return say("No step moves that by 0.05 points or more.")
    changes = _without_ids(comparison, most)
    return say(
        "On the way from {one} to {other}, {step}{changes} moves it most: {points}{doubt}.",
        one=tidy(most["against"]),
        other=tidy(most["scenario"]),
        step=tidy(most["title"]),
        changes=say(" ({parts})", parts=changes) if changes else "",
        points=points(most["effect"]),
        doubt=_doubt(comparison, maker, most),
    )


def _without_ids(comparison: Comparison, most: Mapping[str, Any]) -> str:
    """What a step changes of the one object that it names, dates as a reader writes them; else nothing."""
    scenario, step = comparison.findings.scenario, str(most["step"])
    ids = {key for name in COLLECTIONS for key in getattr(scenario, name)}
    told = changed(most["changes"])
    if "*" in step or step.count(".") != 1 or ids.intersection(_WORD.findall(told)):
        return ""
    return _DAY.sub(lambda found: day(found[0]), told)


_WORD, _DAY = re.compile(r"[\w-]+"), re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_WHOLE_CHANGES = {"added": message("added"), "removed": message("removed")}


def changed(changes: str) -> str:
    """What a step changes: settings as the file has them, or that an entry comes or goes."""
    return say(_WHOLE_CHANGES[changes]) if changes in _WHOLE_CHANGES else tidy(changes)


def _doubt(comparison: Comparison, maker: str, most: Mapping[str, Any]) -> str:
    """What is to be said of an effect whose interval holds none at all."""
    place = {key: str(most[key]) for key in ("step", "scenario", "against")}
    row = comparison.row("waterfall", maker=maker, **place)
    if row["effect_ci_low"] > 0.0 or row["effect_ci_high"] < 0.0:
        return ""
    if is_one_sided(row):
        return say("; {allowance}", allowance=allowance(comparison))
    return say(", which so few futures cannot tell from none")


def is_one_sided(row: pd.Series) -> bool:
    """Whether scenarios differ, and no future contradicts the others on which loses more."""
    return (row["share_worse"] > 0.0) != (row["share_better"] > 0.0)


def allowance(comparison: Comparison) -> str:
    """What a difference that no future contradicts is still in doubt for."""
    futures = int(comparison.findings.summary["replications"])
    kind = percent(unseen_share(futures, CONFIDENCE))
    return say(
        "no future of {number} contradicts that, but a kind of future that none of them shows, of up to "
        "{share} of all, could undo it",
        number=grouped(futures),
        share=kind,
    )


_GAINED = message("of {sales} gained{as_margin} in {scenario} (mean)")
_LOST = message("of {sales} lost{as_margin} in {scenario} (mean)")


def card(comparison: Comparison, maker: str) -> Card:
    """What a maker loses in the first scenario, and by how much the others differ."""
    first, *others = comparison.order
    start = comparison.row("scenarios", scenario=first, maker=maker)
    share = float(start["mean"])
    ends = lost_range(start["p05"], start["p95"], lambda low, high: percent_range(low, high, 1))
    return Card(
        maker=comparison.names.firm(maker),
        colour=comparison.palette.makers[maker],
        headline=Line(
            say(
                _GAINED if share < 0.0 else _LOST,
                sales=comparison.sales(maker),
                as_margin=comparison.leads.form,
                scenario=tidy(first),
            ),
            percent(abs(share), 1),
            say("5–95% of futures: {range}", range=ends),
        ),
        lines=[_difference_line(comparison, maker, first, name) for name in others],
    )


def _difference_line(comparison: Comparison, maker: str, first: str, name: str) -> Line:
    row = comparison.row("differences", scenario=name, against=first, maker=maker)
    holds_none = row["mean_ci_low"] <= 0.0 <= row["mean_ci_high"]
    may_be_undone = holds_none and is_one_sided(row) and row["share_worse"]
    return Line(
        say("Loss in {scenario}, against it", scenario=tidy(name)),
        points(float(row["mean"])),
        say(
            _LARGER_WITH_DOUBT if may_be_undone else _LARGER,
            range=points_range(row["mean_ci_low"], row["mean_ci_high"]),
            often=in_futures(float(row["share_worse"])),
        ),
    )


_LARGER = message("95% confidence: {range}; larger {often}")
_LARGER_WITH_DOUBT = message(
    "95% confidence: {range}; larger {often}, smaller in none; the range allows for what none shows"
)


def points(share: float) -> str:
    """A difference of shares in percentage points, with its sign.

    Examples
    --------
    >>> points(0.0123), points(-0.04), points(-1e-9)
    ('+1.2 points', '−4.0 points', '0.0 points')
    """
    return say("{number} points", number=_signed(100.0 * share, 1))


def points_range(low: object, high: object) -> str:
    """Two such differences as a range; a dash for an end that is not known."""
    ends = [NONE if is_missing(end) else _signed(100.0 * float(str(end)), 2) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else say("{low} to {high}", low=ends[0], high=ends[1])


def _signed(number: float, decimals: int) -> str:
    text = grouped(number, decimals)
    return f"+{text}" if number > 0.0 and text.strip("0.") else text


def told(findings: Findings) -> list[str]:
    """What each scenario costs and which step moves that most, as lines for a terminal."""
    comparison = make_comparison(findings)
    names = comparison.names
    rows = comparison.tables["scenarios"]
    lines = [
        f"{row.scenario}: of {whole(comparison, row.maker)}, {within(names.firm(row.maker))} "
        f"{_lost(comparison, row.maker, row.scenario)} on average (VaR95 {percent(row.var95, 1)})"
        for row in records(rows[rows["maker"].isin(comparison.makers)])
    ]
    lines += [f"{names.firm(maker)}: {_moved(comparison, maker)}" for maker in comparison.makers]
    return [*lines, *_variants(comparison), *filter(None, [undrawn(comparison)])]


def undrawn(comparison: Comparison) -> str:
    """A sentence that says which makers are told of; empty if all are."""
    if not comparison.undrawn:
        return ""
    drawn = len(comparison.makers)
    return say(
        "Of {all} makers, these are the {drawn} whose mean loss or gain is largest in any scenario. All are "
        "in tables/scenarios.csv.",
        all=grouped(drawn + comparison.undrawn),
        drawn=str(drawn),
    )


def _variants(comparison: Comparison) -> list[str]:
    """What each variant changes, old and new, where steps lead from the first scenario to each."""
    if comparison.findings.manifest.get("steps_from") != "first":
        return []
    rows, several = comparison.tables["waterfall"], len(comparison.makers) > 1
    return [
        f"{tidy(row.scenario)}: {tidy(row.title)} ({tidy(row.changes)}): "
        f"{f'{within(comparison.names.firm(row.maker))} ' if several else ''}{points(row.effect)}"
        for row in records(rows[rows["maker"].isin(comparison.makers)])
    ]
