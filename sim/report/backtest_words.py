"""A back-test in words: sentences, and lines for a terminal."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.report.expected_tables import BACKTEST_TABLES, checked, records
from sim.report.language import message, say, say_many
from sim.report.names import Names, tidy
from sim.report.numbers import Money, Scale, percent
from sim.report.reported_words import measured, period
from sim.report.words import joined, named_measure
from sim.risk.findings import Findings
from sim.scenario.counting import counted

MIXTURE = "mixture"
_FORECASTERS = {
    MIXTURE: message("mixture"),
    "seasonal naive": message("seasonal naive"),
    "last growth": message("last growth"),
    "drift": message("drift"),
}
"""Those that are no views; the others keep their names."""
_BY_PERIOD = {
    0: message("by day"),
    1: message("by month"),
    3: message("by quarter"),
    6: message("by half-year"),
    9: message("by nine-month period"),
    12: message("by year"),
}


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

    def title(self, name: str) -> str:
        """What a view, a confounder or another forecaster is called, in quotes if by a title of its own."""
        told = [*self.findings.summary["views"], *self.findings.summary["confounders"]]
        titles = {str(entry.get("view", entry.get("name"))): tidy(str(entry["title"])) for entry in told}
        title = titles.get(name, name)
        if title != name and [*titles.values()].count(title) == 1:
            return say("“{title}”", title=title)
        return say(_FORECASTERS[name]) if name in _FORECASTERS and name not in titles else tidy(name)

    def figure(self, fact: str) -> str:
        """Whose figure of what a reported one is, and of when; the id itself where none is known."""
        scores = self.tables["scores"]
        for row in records(scores[scores["fact"] == fact].head(1)):
            return say(
                "{firm}'s {figure} ({period})",
                firm=self.names.firm(row.firm),
                figure=what_of(self, row),
                period=period(row.start, row.end),
            )
        return tidy(fact)

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
        f"reported since{reported_kinds(backtest)}."
    )
    return [opening, *verdicts(backtest), *closing(backtest)]


def reported_kinds(backtest: Backtest) -> str:
    """How many of the reported figures are of what, in brackets."""
    scores = backtest.tables["scores"]
    return in_brackets(kinds_of(scores.drop_duplicates("fact")))


def kinds_of(scores: pd.DataFrame) -> list[str]:
    """How many figures are of what, with those of single products or markets apart."""
    counts = Counter((str(row.measure), bool(row.sold)) for row in records(scores))
    return [
        say(
            _OF_PARTS if apart else _OF_WHOLES,
            count=str(count),
            measure=named_measure(measure),
        )
        for (measure, apart), count in counts.items()
    ]


_OF_WHOLES = message("{count} of {measure}")
_OF_PARTS = message("{count} of {measure} of single products or markets")


def in_brackets(parts: list[str]) -> str:
    """Some of which there may be none."""
    return say(" ({parts})", parts=joined(parts)) if parts else ""


def verdicts(backtest: Backtest) -> list[str]:
    """How the mixture did against the naive forecasts, firm by firm."""
    means = backtest.tables["score_means"]
    found = []
    for given in backtest.confounders:
        rows = means[means["given"] == given]
        for (firm, _, _), some in rows.groupby(["firm", "measure", "months"], sort=False):
            mixed = some[some["forecaster"] == MIXTURE]
            others = some[~some["forecaster"].isin([MIXTURE, *backtest.views])]
            if len(mixed):
                found.append(_verdict(backtest, (str(firm), given), mixed, others))
    return found


def _verdict(backtest: Backtest, what: tuple[str, str], mixed: pd.DataFrame, others: pd.DataFrame) -> str:
    firm, given = what
    row = next(records(mixed))
    beside = f" with {tidy(given)}" if given else ""
    text = (
        f"{backtest.names.firm(firm)}, {_figures(row)}{beside}: the mixture's 80% intervals hold "
        f"{hits(row.inside_80, row.figures)}, its 50% ones {hits(row.inside_50, row.figures)}; "
        f"CRPS {backtest.money.text(row.crps)}"
    )
    rivals = [
        f"{other.forecaster} {backtest.money.text(other.crps)}"
        for other in records(others.sort_values("crps"))
    ]
    return f"{text}; {', '.join(rivals)}." if rivals else f"{text}. There is no naive forecast to beat."


def _figures(row: Any) -> str:
    """How many figures of what: a stock is of a day, not for it."""
    what, number = named_measure(row.measure), int(row.figures)
    return (
        f"{what} on {counted(number, 'day')}"
        if row.months == 0
        else f"{counted(number, period_word(int(row.months)))} of {what}"
    )


def hits(share: float, figures: float) -> str:
    """How many of so many figures.

    Examples
    --------
    >>> hits(0.8, 5)
    '4 of 5'
    """
    return say("{found} of {all}", found=str(round(share * figures)), all=str(int(figures)))


def period_word(months: int) -> str:
    """What a period of so many months is called."""
    return {0: "day", 1: "month", 3: "quarter", 6: "half-year", 9: "nine-month period", 12: "year"}.get(
        months, f"period of {months} months"
    )


def by_period(months: int) -> str:
    """Of figures that come once in so many months, how often that is.

    Examples
    --------
    >>> by_period(3), by_period(5)
    ('by quarter', 'by period of 5 months')
    """
    if months in _BY_PERIOD:
        return say(_BY_PERIOD[months])
    return say("by period of {months} months", months=str(months))


def answers(backtest: Backtest) -> list[str]:
    """How many of the figures that came the forecasts held: without a confounder, then with each."""
    told = [
        (backtest.title(given), found) for given in backtest.confounders if (found := tally(backtest, given))
    ]
    of_firms = of_whole_firms(backtest)
    if not told:
        return [say("No figure{of_firms} that was forecast has been reported since.", of_firms=of_firms)]
    (given, found), *others = told
    rest = [
        say("; with {confounder}, {held}", confounder=other, held=str(its.within_80)) for other, its in others
    ]
    return [
        say_many(
            "{beside}, the mixture's 80% intervals hold {held} of {number} figure{of_firms} that came{rest}.",
            "{beside}, the mixture's 80% intervals hold {held} of {number} figures{of_firms} that "
            "came{rest}.",
            found.came,
            beside=alone_or_with(given),
            held=str(found.within_80),
            of_firms=of_firms,
            rest="".join(rest),
        )
    ]


def of_whole_firms(backtest: Backtest) -> str:
    """What is counted, where figures of single products or markets came too, which are not."""
    return say(" of whole firms") if backtest.tables["scores"]["sold"].astype(bool).any() else ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many figures came and lie within intervals of the mixture, and of how many kinds they are.

    Attributes
    ----------
    came, within_80, within_50
        Figures.
    kinds, won
        Kinds of figures that have naive forecasts, and those that the mixture forecast better than each.
    """

    came: int
    within_80: int
    within_50: int
    kinds: int
    won: int


def tally(backtest: Backtest, given: str) -> Tally | None:
    """How good the mixture's forecasts with a confounder were; None if no figure came."""
    means = backtest.tables["score_means"]
    told = means[(means["given"] == given) & ~means["forecaster"].isin(backtest.views)]
    mixed = told[told["forecaster"] == MIXTURE]
    if mixed.empty:
        return None
    within_80, within_50 = (
        round(float((mixed[f"inside_{level}"] * mixed["figures"]).sum())) for level in (80, 50)
    )
    kinds = [some for _, some in told.groupby(["firm", "measure", "months"]) if len(some) > 1]
    won = sum(_beats_all(some.set_index("forecaster")["crps"]) for some in kinds)
    return Tally(int(mixed["figures"].sum()), within_80, within_50, len(kinds), won)


def closing(backtest: Backtest) -> list[str]:
    """Which view the world supported most in the end, and by which figures."""
    found = [(alone_or_with(tidy(given)), best_view(backtest, given)) for given in backtest.confounders]
    return [
        f"{beside}, {joined([tidy(view) for view in best.views])} "
        f"{'has' if len(best.views) == 1 else 'each have'} a weight of {best.weight} {best.after}."
        for beside, best in found
        if best
    ]


def _beats_all(crps: "pd.Series[float]") -> bool:
    """Whether the mixture's score is lower than every naive forecast's."""
    return bool(crps[MIXTURE] < crps.drop(MIXTURE).min())


@dataclass(frozen=True, slots=True)
class Supported:
    """The view with the highest weight, or several with the same, and after which figures it has it."""

    views: list[str]
    weight: str
    after: str


def best_view(backtest: Backtest, given: str) -> Supported | None:
    """The view that the world supported most with a confounder; None if there is no other, or no figure."""
    weights, scores = backtest.tables["view_weights"], backtest.tables["scores"]
    rows = weights[weights["given"] == given]
    if len(backtest.views) < 2 or rows.empty:
        return None
    last = rows.tail(len(backtest.views))
    leading = last[last["weight"] == last["weight"].max()]
    best = next(records(leading))
    if not best.after:
        return None
    counting = scores[scores["fact"].isin(rows["after"])].drop_duplicates("fact")
    return Supported(
        leading["view"].tolist(),
        percent(best.weight),
        say_many(
            "after {number} figure{kinds}, of which {last} came last",
            "after {number} figures{kinds}, of which {last} came last",
            len(counting),
            kinds=in_brackets(kinds_of(counting)),
            last=backtest.figure(best.after),
        ),
    )


def what_of(backtest: Backtest, row: Any) -> str:
    """What a figure measures, and of what that a firm sells where it is not of all."""
    return measured(backtest.names, str(row.measure), tidy(row.sold))


def alone_or_with(given: str) -> str:
    """Under which confounder, by its name, something is told; empty: under none.

    Examples
    --------
    >>> alone_or_with(""), alone_or_with("the epidemic")
    ('Without any confounder', 'With the epidemic')
    """
    return say("With {confounder}", confounder=given) if given else say("Without any confounder")


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
    return [period(row.start, row.end) for row in records(rows)]
