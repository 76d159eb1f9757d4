"""A sweep in words: what is best, what cannot be told from it, and for which shocks it is worth its cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.errors import ReportError
from sim.report.expected_tables import SWEEP_TABLES, TWO_LEVER_TABLES, checked, records
from sim.report.language import message, say, say_many
from sim.report.names import Names, within
from sim.report.numbers import NONE, Money, as_date, day, is_missing, percent, percent_range, short
from sim.report.words import in_turn, joined
from sim.risk.findings import Findings
from sim.scenario.levers import Lever

NOTHING = message("Do nothing")
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
        if self.is_dated:
            return day(told)
        return say("day {number}", number=str((told - self.findings.scenario.calendar.start).days))

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
        return say("the shock") if name is None else self.names.intervention(name)


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
        return say("not taken")
    return say("taken") if is_missing(level) else f"{short(level)}{f' {lever.unit}' if lever.unit else ''}"


def called(context: SweepContext, row: Any) -> str:
    """What a portfolio is called: its levers that are taken, with their levels and days."""
    ways: dict[str, str] = {}
    for prefix, (name, lever), is_of_dates in zip(
        ("", "other_"), context.levers, context.is_of_dates, strict=False
    ):
        if getattr(row, f"{prefix}taken"):
            level, told = getattr(row, f"{prefix}level"), ways.get(name, context.names.lever(name))
            if not is_missing(level) and name not in ways:
                told = say("{lever} at {level}", lever=told, level=level_text(lever, level, taken=True))
            if is_of_dates:
                decided = context.day(getattr(row, f"{prefix}decided"))
                told = say("{lever}, decided on {day}", lever=told, day=decided)
            ways[name] = told
    return joined(list(ways.values())) or say(NOTHING)


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
    best, count, maker = context.best, len(context.grid), within(context.maker)
    if best.portfolio == context.nothing.portfolio:
        return say_many(
            "Of {number} choice, doing nothing leaves {maker} the highest result on average.",
            "Of {number} choices, doing nothing leaves {maker} the highest result on average.",
            count,
            maker=maker,
        )
    return say_many(
        "Of {number} choice, “{choice}” leaves {maker} the highest result on average: {more} above doing "
        "nothing{interval}.",
        "Of {number} choices, “{choice}” leaves {maker} the highest result on average: {more} above doing "
        "nothing{interval}.",
        count,
        choice=called(context, best),
        maker=maker,
        more=context.money.text(best.advantage),
        interval=_interval(context, best, "advantage"),
    )


def _when(context: SweepContext) -> str:
    """For which shocks the best that is not nothing is worth its cost."""
    rows = context.grid.iloc[1:]
    row = next(records(rows.sort_values("advantage", ascending=False, kind="stable")))
    is_best = row.portfolio == context.best.portfolio
    if is_missing(row.gain):
        return say(
            _BEST_UNSHOCKED if is_best else _SECOND_UNSHOCKED,
            choice=called(context, row),
            costs=_costs(context, row),
        )
    return say(
        _BEST_IF if is_best else _SECOND_IF,
        choice=called(context, row),
        costs=_costs(context, row),
        gains=_gains(context, row),
        conclusion=_conclusion(row),
    )


_BEST_UNSHOCKED = message("It {costs}; in no future does the shock come.")
_SECOND_UNSHOCKED = message("“{choice}”, the best beside it, {costs}; in no future does the shock come.")
_BEST_IF = message("It {costs} and {gains}: {conclusion}.")
_SECOND_IF = message("“{choice}”, the best beside it, {costs} and {gains}: {conclusion}.")


def _conclusion(row: Any) -> str:
    """For which shocks a portfolio is worth its cost, as far as its figures are told from chance."""
    if is_by_chance(row, "gain") and is_by_chance(row, "cost"):
        return say("whether it is worth taking cannot be told from chance")
    if is_by_chance(row, "gain"):
        if row.cost < 0.0:
            return say("it is worth taking if that is unlikely")
        return say("it is not shown to be worth its cost")
    if is_by_chance(row, "cost"):
        if row.gain < 0.0:
            return say("it is not shown to be worth taking")
        latest = row.cost_ci_high / (row.cost_ci_high + row.gain)
        return say(
            "it is worth taking if that is likelier than {share}, if not before", share=percent(latest)
        )
    return say(_CONCLUSIONS[row.worth], share=_break_even(row))


_CONCLUSIONS = {
    "always": message("it is worth taking however unlikely that is"),
    "never": message("it is not worth taking however likely that is"),
    "from": message("it is worth taking if that is likelier than {share}"),
    "up_to": message("it is worth taking only if that is less likely than {share}"),
}


def is_by_chance(row: Any, name: str) -> bool:
    """Whether the interval of a figure leaves open whether it is above or below 0."""
    low, high = getattr(row, f"{name}_ci_low"), getattr(row, f"{name}_ci_high")
    return is_missing(low) or is_missing(high) or low < 0.0 < high


def _costs(context: SweepContext, row: Any) -> str:
    shock, amount = context.shock, context.money.text(abs(row.cost))
    if row.cost == 0.0:
        return say("costs nothing if “{shock}” never comes", shock=shock)
    if is_by_chance(row, "cost"):
        return say("costs nothing that can be told from chance if “{shock}” never comes", shock=shock)
    if row.cost > 0.0:
        return say("costs {amount} if “{shock}” never comes", amount=amount, shock=shock)
    return say("earns {amount} if “{shock}” never comes", amount=amount, shock=shock)


def _gains(context: SweepContext, row: Any) -> str:
    if row.gain == 0.0:
        return say("changes nothing if it comes")
    if is_by_chance(row, "gain"):
        return say("adds nothing that can be told from chance if it comes")
    amount = context.money.text(abs(row.gain))
    if row.gain > 0.0:
        return say("adds {amount} if it comes", amount=amount)
    return say("takes {amount} if it comes", amount=amount)


def _break_even(row: Any) -> str:
    """The break-even probability, with its interval where it has one."""
    if is_missing(row.break_even):
        return NONE
    low, high = row.break_even_ci_low, row.break_even_ci_high
    point = percent(row.break_even)
    if is_missing(low) or is_missing(high) or percent(low) == percent(high):
        return point
    return say("{share} (95% interval {range})", share=point, range=percent_range(low, high))


def _interval(context: SweepContext, row: Any, name: str) -> str:
    low, high = getattr(row, f"{name}_ci_low"), getattr(row, f"{name}_ci_high")
    if is_missing(low) or is_missing(high):
        return ""
    return say(" (95% interval {range})", range=context.money.range(low, high))


def _flat(context: SweepContext) -> str:
    """Which portfolios are as good as the best, as far as the futures tell."""
    others = [row for row in context.top if not row.is_best]
    if not others:
        return say("Every other choice is worse, by more than chance.")
    told = _levels_in_short(context, others) or say_many(
        "{number} other choice", "{number} other choices", len(others)
    )
    nothing = [row for row in others if row.portfolio == context.nothing.portfolio]
    flat = say("The top is flat: {choices} cannot be told from it.", choices=told)
    return in_turn([flat, *([say("Doing nothing is among them.")] if nothing else [])])


def _levels_in_short(context: SweepContext, rows: Sequence[Any]) -> str:
    """The levels of one lever, in one phrase; nothing where there are two levers or no levels."""
    ((_, lever), *more) = context.levers
    if not more and context.is_of_dates[0]:
        return _days_in_short(context, rows)
    if more or lever.levels is None:
        return ""
    levels = [row.level for row in rows if row.taken]
    if not levels:
        return say("doing nothing")
    listed = ", ".join(f"{short(level)}" for level in levels)
    return f"{listed}{f' {lever.unit}' if lever.unit else ''}"


def _days_in_short(context: SweepContext, rows: Sequence[Any]) -> str:
    """The days on which one lever is decided, in one phrase; nothing where they are many."""
    days = [context.day(row.decided) for row in rows if row.taken]
    if not days:
        return say("doing nothing")
    return say("deciding on {days}", days=", ".join(days)) if len(days) <= MOST_DAYS else ""
