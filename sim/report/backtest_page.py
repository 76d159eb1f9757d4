"""The report of a back-test: one HTML file in the style of the report of a run."""

from typing import Any

import pandas as pd

from sim.report import backtest_figures
from sim.report.backtest_words import (
    Backtest,
    Tally,
    alone_or_with,
    answers,
    best_view,
    hits,
    labels_of,
    make_backtest,
    measure_word,
    of_whole_firms,
    period_label,
    period_word,
    reported_kinds,
    reported_of,
    scale_of,
    series_of,
    tally,
)
from sim.report.expected_tables import records
from sim.report.language import label, message, telling_in_english
from sim.report.names import tidy
from sim.report.numbers import NONE, grouped, is_missing, percent
from sim.report.page import reproduction
from sim.report.page_parts import Card, Chart, Grid, Line, Page, Section, Table, asked
from sim.report.style import BLUE, ORANGE
from sim.report.words import joined
from sim.risk.findings import Findings
from sim.scenario.counting import counted

QUESTIONS = {
    "forecasts": message("What was forecast, and what came?"),
    "views": message("Which view did the world support?"),
    "scores": message("How good were the forecasts?"),
    "levels": message("What does it rest on?"),
}
"""Of who reads the page, by the chapters that answer them."""


@telling_in_english()
def page_of_backtest(findings: Findings) -> Page:
    """Everything that the page shows, in words and figures.

    Parameters
    ----------
    findings
        What :func:`sim.stories.backtest.run` returned.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    return _page(make_backtest(findings))


def _page(backtest: Backtest) -> Page:
    summary, manifest = backtest.findings.summary, backtest.findings.manifest
    asked_for, came = int(summary["asked"]), int(summary["scored"])
    views = "; ".join(
        f"{backtest.title(str(entry['view']))} ({percent(float(entry['weight']))})"
        for entry in summary["views"]
    )
    return Page(
        title=label("Back-test as of {day}", day=tidy(str(summary["as_of"]))),
        question=label("Would these views have told what came, from what was known on that day?"),
        description=f"Views and what each counts before any later figure: {views}.",
        answer=answers(backtest),
        cards=[card for given in backtest.confounders for card in _cards(backtest, given)],
        reading=f"Forecasts use {counted(int(summary['known']), 'figure')} known on that day, and no later "
        f"one. {counted(asked_for, 'figure')} {'is' if asked_for == 1 else 'are'} forecast, {came} of them "
        f"{'was' if came == 1 else 'were'} reported since"
        f"{reported_kinds(backtest)}. "
        f"Each view is simulated in {grouped(int(summary['replications']))} futures.",
        sections=asked(
            [_forecasts(backtest), _views(backtest), _scores(backtest), _levels(backtest)], QUESTIONS
        ),
        methods=[(term, " ".join(text.split())) for term, text in _TERMS.items()],
        reproduction=reproduction(backtest.findings.scenario, manifest),
        command=tidy(str(manifest.get("command", ""))),
    )


def _cards(backtest: Backtest, given: str) -> list[Card]:
    """How good the forecasts with a confounder were, if any figure came."""
    found = tally(backtest, given)
    if found is None:
        return []
    return [
        Card(
            maker=alone_or_with(backtest.title(given)),
            colour=ORANGE if given else BLUE,
            headline=Line(
                f"figures{of_whole_firms(backtest)} that came lie within the mixture's 80% intervals",
                f"{found.within_80} of {found.came}",
                f"within its 50% intervals: {found.within_50}",
            ),
            lines=[*_lines_of_rivals(found), *_lines_of_views(backtest, given)],
        )
    ]


def _lines_of_rivals(found: Tally) -> list[Line]:
    if not found.kinds:
        return []
    won = f"{found.won or 'none'} of {counted(found.kinds, 'kind')} of figures"
    return [Line("Forecast better than by every naive forecast", won)]


def _lines_of_views(backtest: Backtest, given: str) -> list[Line]:
    best = best_view(backtest, given)
    if best is None:
        return []
    which = "Weight of the best view" if len(best.views) == 1 else "Weight of each of the best views"
    titles = joined([backtest.title(view) for view in best.views])
    return [Line(f"{which}: {titles}", best.weight, best.after)]


# ---------------------------------------------------------------------- chapters


def _forecasts(backtest: Backtest) -> Section:
    blocks: list[Chart | Grid | Table] = []
    for place, given in enumerate(backtest.confounders, start=1):
        charts = [
            _intervals(backtest, some, f"forecast-{place}-{number}")
            for number, some in enumerate(series_of(backtest, given).values(), start=1)
        ]
        if charts:
            blocks.append(Grid(charts, title=alone_or_with(backtest.title(given))))
    blocks.append(_forecasts_table(backtest))
    lead = "Forecasts of the mixture of all views. Diamonds: what was reported, which no forecast has seen."
    return Section("forecasts", label("What was forecast, and what came"), lead, blocks)


def _intervals(backtest: Backtest, rows: pd.DataFrame, key: str) -> Chart:
    first, reported = next(records(rows)), reported_of(backtest, rows)
    came = f"{_held(reported)} the 80% intervals" if len(reported) else "no figure reported yet"
    what = " of ".join(filter(None, (measure_word(str(first.measure)), str(first.sold))))
    firm, period = backtest.names.firm(str(first.firm)), period_word(int(first.months))
    return Chart(
        key=key,
        title=f"{firm}, {tidy(what)} by {period}: {came}",
        figure=backtest_figures.intervals(rows, reported, labels_of(rows), scale_of(backtest, rows)),
    )


def _held(reported: pd.DataFrame) -> str:
    """How many of the figures that came the intervals hold."""
    if len(reported) == 1:
        return f"the figure that came is {'within' if reported['inside_80'].all() else 'outside'}"
    return f"{hits(float(reported['inside_80'].mean()), len(reported))} figures within"


def _forecasts_table(backtest: Backtest) -> Table:
    rows = backtest.tables["forecasts"]
    scale = backtest.money.scale_of(rows["p50"])
    cell = backtest.money.cell
    body = [
        (
            backtest.title(row.forecaster),
            backtest.title(row.given) or NONE,
            backtest.names.firm(row.firm),
            tidy(" of ".join(filter(None, (measure_word(str(row.measure)), str(row.sold))))),
            period_label(row.start, row.end, int(row.months)),
            *(
                cell(value, scale)
                for value in (row.p025, row.p10, row.p25, row.p50, row.p75, row.p90, row.p975)
            ),
        )
        for row in records(rows)
    ]
    return Table(
        key="table-forecasts",
        title=f"All forecasts, {scale.label}",
        head=(
            *(label("Forecaster"), label("Confounder"), label("Firm"), label("Figure"), label("Period")),
            *("2.5%", "10%", "25%", label("Median"), "75%", "90%", "97.5%"),
        ),
        rows=body,
        numeric=frozenset(range(5, 12)),
        folded=True,
        filterable=True,
    )


def _views(backtest: Backtest) -> Section:
    table = backtest.tables["view_weights"]
    charts = [
        Chart(
            key=f"weights-{place}",
            title=f"What each view counts, with {backtest.title(given)}"
            if given
            else "What each view counts",
            figure=backtest_figures.weights(table[table["given"] == given], backtest.title),
        )
        for place, given in enumerate(backtest.confounders, start=1)
    ]
    lead = (
        "A view counts for more, the likelier it held the figures that came. A weight says which view did "
        "better than the others, not that it is right: all may be wrong."
    )
    return Section("views", label("Which view the world supported"), lead, [Grid(charts)])


def _scores(backtest: Backtest) -> Section:
    table = backtest.tables["score_means"]
    scale = backtest.money.scale_of(table["crps"])
    body = [
        (
            backtest.names.firm(row.firm),
            f"{str(row.measure).replace('_', ' ')} by {period_word(int(row.months))}",
            backtest.title(row.given) or NONE,
            backtest.title(row.forecaster),
            f"{int(row.figures)}",
            backtest.money.cell(row.crps, scale),
            backtest.money.cell(row.pinball, scale),
            grouped(row.log_score, 2),
            *(hits(share, row.figures) for share in (row.inside_50, row.inside_80, row.inside_95)),
        )
        for row in records(table.sort_values(["firm", "measure", "months", "given", "crps"], kind="stable"))
    ]
    scores = Table(
        key="table-scores",
        title=f"Mean scores, {scale.label}; the lower the better",
        head=(
            *(
                label("Firm"),
                label("Figure"),
                label("Confounder"),
                label("Forecaster"),
                label("Figures"),
                label("CRPS"),
                label("Pinball"),
                label("Log score"),
            ),
            *(label("In 50%"), label("In 80%"), label("In 95%")),
        ),
        rows=body,
        numeric=frozenset(range(4, 11)),
        note="A naive forecast is moved by a confounder as revenue without the shock is.",
    )
    return Section("scores", label("How good the forecasts were"), "", [scores])


def _levels(backtest: Backtest) -> Section:
    rows = backtest.tables["levels"]
    body = [
        (
            backtest.names.firm(row.firm),
            _rests_on(backtest, row),
            str(row.last_known),
            NONE if is_missing(row.growth_per_year) else percent(row.growth_per_year, 1),
            percent(row.growth_sd, 1),
            percent(row.volatility_per_year, 1),
        )
        for row in records(rows)
    ]
    table = Table(
        key="table-levels",
        title="What was known of the level of demand",
        head=(
            label("Firm"),
            label("Quarters known"),
            label("Last day known"),
            label("Growth a year"),
            label("± (1 sd)"),
            label("Volatility a year"),
        ),
        rows=body,
        numeric=frozenset({3, 4, 5}),
    )
    lead = (
        "Demand without the shock follows the level of the reported quarters, which walks and grows; its "
        "growth dies out or goes on, as far as the quarters tell."
        if len(rows)
        else "Of no firm were two years of quarters known: demand is what the views say, and its level does "
        "not move. The intervals are too narrow by that."
    )
    return Section("levels", label("Demand without the shock"), lead, [table] if len(rows) else [])


def _rests_on(backtest: Backtest, row: Any) -> str:
    if row.beside:
        return f"a year, as a part of {backtest.names.firm(row.beside)}"
    return f"{int(row.quarters)}" if row.quarters else "none: as much is open as of the others"


_TERMS = {
    "As of": "Forecasts use figures that were published up to this day, and no later ones.",
    "Mixture": "Futures of all views, as many of each as its weight says.",
    "Confounder": """
        Something that happened beside the shock, and may not have been known on the day. Forecasts with it
        are not forecasts of that day: they say how much of an error it explains.""",
    "CRPS": """
        Continuous ranked probability score: how far a forecast distribution is from what came, in money. Of a
        forecast without an interval it is the absolute error.""",
    "Pinball": "Loss of the quantiles 2.5, 10, 25, 50, 75, 90 and 97.5 %, on average.",
    "Log score": "Minus the logarithm of the forecast's density where the figure came.",
    "Weights": """
        Bayes: what a view counted before, times the likelihood of all figures so far, joint lognormal over
        the draws of the view. Quarters and stocks are counted, sums of them are not.""",
}
