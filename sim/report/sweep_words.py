"""A sweep in words: what is best, what cannot be told from it, and for which shocks it is worth its cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.errors import ReportError
from sim.report.expected_tables import SWEEP_TABLES, TWO_LEVER_TABLES, checked, records
from sim.report.names import Names, within
from sim.report.numbers import NONE, Money, as_date, day, is_missing, percent, percent_range, short
from sim.risk.findings import Findings
from sim.scenario.counting import counted
from sim.scenario.levers import Lever

NOTHING = "Do nothing"
MOST_DAYS = 4
"""Named in a sentence."""


@dataclass(frozen=True, slots=True)
class SweepContext:
    """What all parts of the page share: findings with names and units."""

    findings: Findings
    grid: pd.DataFrame
    service: pd.DataFrame
    names: Names
    money: Money

    @property
    def levers(self) -> list[tuple[str, Lever]]:
        """The one or two levers, by id."""
        found = self.findings.scenario.levers
        return [(told["lever"], found[told["lever"]]) for told in self.findings.summary["levers"]]

    @property
    def is_of_dates(self) -> tuple[bool, ...]:
        """Of each lever, whether the sweep goes over the days on which it is decided."""
        return tuple(told.get("over") == "dates" for told in self.findings.summary["levers"])

    @property
    def is_dated(self) -> bool:
        """Whether days have dates; else they are counted from the first."""
        return "start" in self.findings.scenario.calendar.model_fields_set

    def day(self, date: Any) -> str:
        """A day as the scenario tells days."""
        told = as_date(date)
        return day(told) if self.is_dated else self.findings.scenario.calendar.shown(told)

    def place(self, date: Any) -> str | int:
        """Where a day stands on an axis."""
        told = as_date(date)
        return told.isoformat() if self.is_dated else (told - self.findings.scenario.calendar.start).days

    @property
    def nothing(self) -> Any:
        """The row of the portfolio that does nothing."""
        return next(records(self.grid))

    @property
    def best(self) -> Any:
        """The row of the highest mean result."""
        return next(records(self.grid[self.grid["is_best"]]))

    @property
    def top(self) -> list[Any]:
        """The rows that cannot be told from the best, itself too."""
        return list(records(self.grid[self.grid["in_flat_top"]]))

    @property
    def maker(self) -> str:
        """What the maker is called."""
        return self.names.firm(self.findings.summary["maker"])

    @property
    def shock(self) -> str:
        """What the shock is called."""
        name = self.findings.summary["shock"]
        return "the shock" if name is None else self.names.intervention(name)


def make_sweep_context(findings: Findings) -> SweepContext:
    """Check the findings and prepare what all parts of the page share.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    expected = SWEEP_TABLES if len(findings.summary["levers"]) == 1 else TWO_LEVER_TABLES
    grid, service = (checked(findings.tables, name, expected) for name in ("sweep", "sweep_service"))
    for prefix, told in zip(("", "other_"), findings.summary["levers"], strict=False):
        if told.get("over") == "dates" and f"{prefix}decided" not in grid.columns:
            raise ReportError(f"table sweep has no column {prefix}decided")
    names = Names(findings.scenario, length=60)
    return SweepContext(findings, grid, service, names, Money(findings.scenario.currency))


def level_text(lever: Lever, level: float, *, taken: bool) -> str:
    """A level in words, such as '60 days of cover'.

    Examples
    --------
    >>> stock = Lever(title="Stock", moves=["a.b"], levels={"each": [60]}, unit="days of cover")
    >>> level_text(stock, 60.0, taken=True), level_text(stock, float("nan"), taken=False)
    ('60 days of cover', 'not taken')
    """
    if not taken:
        return "not taken"
    return "taken" if is_missing(level) else f"{short(level)}{f' {lever.unit}' if lever.unit else ''}"


def called(context: SweepContext, row: Any) -> str:
    """What a portfolio is called: its levers that are taken, with their levels and days."""
    ways: dict[str, list[str]] = {}
    for prefix, (name, lever), is_of_dates in zip(
        ("", "other_"), context.levers, context.is_of_dates, strict=False
    ):
        if getattr(row, f"{prefix}taken"):
            level = getattr(row, f"{prefix}level")
            told = ways.setdefault(name, [])
            if not is_missing(level) and not told:
                told.append(f" at {level_text(lever, level, taken=True)}")
            if is_of_dates:
                told.append(f", decided on {context.day(getattr(row, f'{prefix}decided'))}")
    return (
        " and ".join(f"{context.names.lever(name)}{''.join(told)}" for name, told in ways.items()) or NOTHING
    )


def step_text(context: SweepContext, axis: int, row: Any) -> str:
    """A step of an axis in words: a level, or a day."""
    prefix, (_, lever) = ("", "other_")[axis], context.levers[axis]
    taken = bool(getattr(row, f"{prefix}taken"))
    if taken and context.is_of_dates[axis]:
        return context.day(getattr(row, f"{prefix}decided"))
    return level_text(lever, getattr(row, f"{prefix}level"), taken=taken)


def answer(context: SweepContext) -> list[str]:
    """The finding in sentences."""
    return [_best(context), _when(context), _flat(context)]


def told(findings: Findings) -> list[str]:
    """The finding in lines for a terminal: the same sentences."""
    return answer(make_sweep_context(findings))


def _best(context: SweepContext) -> str:
    best, count = context.best, counted(len(context.grid), "choice")
    if best.portfolio == context.nothing.portfolio:
        return f"Of {count}, doing nothing leaves {within(context.maker)} the highest result on average."
    more = context.money.text(best.advantage)
    return (
        f"Of {count}, “{called(context, best)}” leaves {within(context.maker)} the highest result on "
        f"average: {more} above doing nothing{_interval(context, best, 'advantage')}."
    )


def _when(context: SweepContext) -> str:
    """For which shocks the best that is not nothing is worth its cost."""
    rows = context.grid.iloc[1:]
    row = next(records(rows.sort_values("advantage", ascending=False, kind="stable")))
    what = (
        "It" if row.portfolio == context.best.portfolio else f"“{called(context, row)}”, the best beside it,"
    )
    if is_missing(row.gain):
        return f"{what} {_costs(context, row)}; in no future does the shock come."
    return f"{what} {_costs(context, row)} and {_gains(context, row)}: {_conclusion(row)}."


def _conclusion(row: Any) -> str:
    """For which shocks a portfolio is worth its cost, as far as its figures are told from chance."""
    if is_by_chance(row, "gain") and is_by_chance(row, "cost"):
        return "whether it is worth taking cannot be told from chance"
    if is_by_chance(row, "gain"):
        cheap = row.cost < 0.0
        return "it is worth taking if that is unlikely" if cheap else "it is not shown to be worth its cost"
    if is_by_chance(row, "cost"):
        if row.gain < 0.0:
            return "it is not shown to be worth taking"
        latest = row.cost_ci_high / (row.cost_ci_high + row.gain)
        return f"it is worth taking if that is likelier than {percent(latest)}, if not before"
    return {
        "always": "it is worth taking however unlikely that is",
        "never": "it is not worth taking however likely that is",
        "from": f"it is worth taking if that is likelier than {_break_even(row)}",
        "up_to": f"it is worth taking only if that is less likely than {_break_even(row)}",
    }[row.worth]


def is_by_chance(row: Any, name: str) -> bool:
    """Whether the interval of a figure leaves open whether it is above or below 0."""
    low, high = getattr(row, f"{name}_ci_low"), getattr(row, f"{name}_ci_high")
    return is_missing(low) or is_missing(high) or low < 0.0 < high


def _costs(context: SweepContext, row: Any) -> str:
    when = f"if “{context.shock}” never comes"
    if row.cost == 0.0:
        return f"costs nothing {when}"
    if is_by_chance(row, "cost"):
        return f"costs nothing that can be told from chance {when}"
    verb = "costs" if row.cost > 0.0 else "earns"
    return f"{verb} {context.money.text(abs(row.cost))} {when}"


def _gains(context: SweepContext, row: Any) -> str:
    if row.gain == 0.0:
        return "changes nothing if it comes"
    if is_by_chance(row, "gain"):
        return "adds nothing that can be told from chance if it comes"
    verb = "adds" if row.gain > 0.0 else "takes"
    return f"{verb} {context.money.text(abs(row.gain))} if it comes"


def _break_even(row: Any) -> str:
    """The break-even probability, with its interval where it has one."""
    if is_missing(row.break_even):
        return NONE
    low, high = row.break_even_ci_low, row.break_even_ci_high
    point = percent(row.break_even)
    if is_missing(low) or is_missing(high) or percent(low) == percent(high):
        return point
    return f"{point} (95% interval {percent_range(low, high)})"


def _interval(context: SweepContext, row: Any, name: str) -> str:
    low, high = getattr(row, f"{name}_ci_low"), getattr(row, f"{name}_ci_high")
    if is_missing(low) or is_missing(high):
        return ""
    return f" (95% interval {context.money.range(low, high)})"


def _flat(context: SweepContext) -> str:
    """Which portfolios are as good as the best, as far as the futures tell."""
    others = [row for row in context.top if not row.is_best]
    if not others:
        return "Every other choice is worse, by more than chance."
    told = _levels_in_short(context, others) or counted(len(others), "other choice")
    nothing = [row for row in others if row.portfolio == context.nothing.portfolio]
    also = " Doing nothing is among them." if nothing else ""
    return f"The top is flat: {told} cannot be told from it.{also}"


def _levels_in_short(context: SweepContext, rows: Sequence[Any]) -> str:
    """The levels of one lever, in one phrase; nothing where there are two levers or no levels."""
    ((_, lever), *more) = context.levers
    if not more and context.is_of_dates[0]:
        return _days_in_short(context, rows)
    if more or lever.levels is None:
        return ""
    levels = [row.level for row in rows if row.taken]
    if not levels:
        return "doing nothing"
    listed = ", ".join(f"{short(level)}" for level in levels)
    return f"{listed}{f' {lever.unit}' if lever.unit else ''}"


def _days_in_short(context: SweepContext, rows: Sequence[Any]) -> str:
    """The days on which one lever is decided, in one phrase; nothing where they are many."""
    days = [context.day(row.decided) for row in rows if row.taken]
    if not days:
        return "doing nothing"
    return f"deciding on {', '.join(days)}" if len(days) <= MOST_DAYS else ""
