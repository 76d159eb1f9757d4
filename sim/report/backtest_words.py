"""A back-test in words: sentences, and lines for a terminal."""

from dataclasses import dataclass

import pandas as pd

from sim.report.expected_tables import BACKTEST_TABLES, checked, records
from sim.report.names import Names, tidy
from sim.report.numbers import Money, Scale, percent
from sim.risk.findings import Findings
from sim.scenario.counting import counted

MIXTURE = "mixture"
QUARTER = 3


@dataclass(frozen=True, slots=True)
class Backtest:
    """Findings of a back-test with names and units."""

    findings: Findings
    tables: dict[str, pd.DataFrame]
    names: Names
    money: Money

    @property
    def views(self) -> list[str]:
        """The views, in their order."""
        return [str(entry["view"]) for entry in self.findings.summary["views"]]

    @property
    def confounders(self) -> list[str]:
        """What is told beside: nothing, then each confounder."""
        return ["", *(str(entry["name"]) for entry in self.findings.summary["confounders"])]


def make_backtest(findings: Findings) -> Backtest:
    """Check the findings and prepare what all parts of the page share.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    return Backtest(
        findings=findings,
        tables={name: checked(findings.tables, name, BACKTEST_TABLES) for name in BACKTEST_TABLES},
        names=Names(findings.scenario),
        money=Money(str(findings.summary["currency"])),
    )


def told(findings: Findings) -> list[str]:
    """Lines for a terminal: how each forecaster did."""
    backtest = make_backtest(findings)
    summary = findings.summary
    known = counted(int(summary["known"]), "figure")
    opening = (
        f"As of {summary['as_of']}: {known} known, {summary['asked']} asked for, {summary['scored']} of them "
        "reported since."
    )
    return [opening, *verdicts(backtest), *closing(backtest)]


def verdicts(backtest: Backtest) -> list[str]:
    """How the mixture did against the naive forecasts, firm by firm."""
    means = backtest.tables["score_means"]
    found = []
    for given in backtest.confounders:
        rows = means[(means["given"] == given) & (means["measure"] == "revenue")]
        for (firm, months), some in rows.groupby(["firm", "months"], sort=False):
            mixed = some[some["forecaster"] == MIXTURE]
            others = some[~some["forecaster"].isin([MIXTURE, *backtest.views])]
            if len(mixed):
                found.append(_verdict(backtest, (str(firm), int(str(months)), given), mixed, others))
    return found


def _verdict(
    backtest: Backtest, what: tuple[str, int, str], mixed: pd.DataFrame, others: pd.DataFrame
) -> str:
    firm, months, given = what
    row = next(records(mixed))
    beside = f" with {tidy(given)}" if given else ""
    figures = counted(int(row.figures), period_word(months))
    text = (
        f"{backtest.names.firm(firm)}, {figures} of revenue{beside}: the mixture's 80% intervals hold "
        f"{hits(row.inside_80, row.figures)}, its 50% ones {hits(row.inside_50, row.figures)}; "
        f"CRPS {backtest.money.text(row.crps)}"
    )
    rivals = [
        f"{other.forecaster} {backtest.money.text(other.crps)}"
        for other in records(others.sort_values("crps"))
    ]
    return f"{text}; {', '.join(rivals)}." if rivals else f"{text}. There is no naive forecast to beat."


def hits(share: float, figures: float) -> str:
    """How many of so many figures.

    Examples
    --------
    >>> hits(0.8, 5)
    '4 of 5'
    """
    return f"{round(share * figures)} of {int(figures)}"


def period_word(months: int) -> str:
    """What a period of so many months is called."""
    return {0: "day", 1: "month", 3: "quarter", 6: "half-year", 9: "nine-month period", 12: "year"}.get(
        months, f"period of {months} months"
    )


def closing(backtest: Backtest) -> list[str]:
    """Which view the world supported most in the end."""
    weights = backtest.tables["view_weights"]
    found = []
    for given in backtest.confounders:
        rows = weights[weights["given"] == given]
        if len(backtest.views) < 2 or rows.empty:
            continue
        last = rows.tail(len(backtest.views)).sort_values("weight", ascending=False)
        best = next(records(last))
        beside = f"With {tidy(given)}" if given else "Without any confounder"
        if not best.after:
            continue
        found.append(
            f"{beside}, {tidy(best.view)} has a weight of {percent(best.weight)} after {tidy(best.after)}."
        )
    return found


def series_of(backtest: Backtest, given: str) -> dict[str, pd.DataFrame]:
    """The mixture's forecasts of the same figure period by period, by what it is."""
    table = backtest.tables["forecasts"]
    rows = table[(table["forecaster"] == MIXTURE) & (table["given"] == given)]
    kinds = rows.groupby(["firm", "measure", "sold", "months"], sort=False)
    return {
        "/".join(map(str, (given or "alone", *key))): some.sort_values(["end", "start"], kind="stable")
        for key, some in kinds
    }


def reported_of(backtest: Backtest, rows: pd.DataFrame) -> pd.DataFrame:
    """What came of some forecasts, with their scores."""
    scores = backtest.tables["scores"]
    given = rows["given"].iloc[0]
    is_theirs = (scores["forecaster"] == MIXTURE) & (scores["given"] == given)
    return scores[is_theirs & scores["fact"].isin(rows["fact"])]


def scale_of(backtest: Backtest, rows: pd.DataFrame) -> Scale:
    """The unit of money in which some forecasts are drawn."""
    return backtest.money.scale_of(rows["p975"])


def labels_of(rows: pd.DataFrame) -> list[str]:
    """What the periods of figures are called."""
    return [period_label(row.start, row.end, int(row.months)) for row in records(rows)]


def period_label(start: object, end: object, months: int) -> str:
    """A period in short.

    Examples
    --------
    >>> import datetime as dt
    >>> period_label(dt.date(2019, 10, 1), dt.date(2019, 12, 31), 3)
    '2019Q4'
    """
    first = pd.Timestamp(str(start))
    if months == 12 and first.month == 1:
        return f"{first.year}"
    if months == 6 and first.month in (1, 7):
        return f"{first.year}H{(first.month + 5) // 6}"
    if months == QUARTER and first.month % 3 == 1:
        return f"{first.year}Q{(first.month + 2) // 3}"
    return str(end) if str(start) == str(end) else f"{start} to {end}"
