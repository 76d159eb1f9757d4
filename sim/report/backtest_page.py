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
    by_period,
    hits,
    labels_of,
    make_backtest,
    of_whole_firms,
    reported_kinds,
    reported_of,
    scale_of,
    series_of,
    tally,
    what_of,
)
from sim.report.expected_tables import records
from sim.report.language import message, say, say_many, spoken
from sim.report.names import tidy
from sim.report.numbers import NONE, day, grouped, is_missing, percent, with_percent
from sim.report.page import reproduction
from sim.report.page_parts import Card, Chart, Grid, Line, Page, Section, Table, asked
from sim.report.reported_words import period
from sim.report.style import BLUE, ORANGE
from sim.report.words import apart, in_turn, joined, named_measure
from sim.risk.findings import Findings

QUESTIONS = {
    "forecasts": message("What was forecast, and what came?"),
    "views": message("Which view did the world support?"),
    "scores": message("How good were the forecasts?"),
    "levels": message("What does it rest on?"),
}
"""Of who reads the page, by the chapters that answer them."""


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
    return Page(
        title=say("Back-test as of {day}", day=day(summary["as_of"])),
        question=say("Would these views have told what came, from what was known on that day?"),
        description=_views_before(backtest),
        answer=answers(backtest),
        cards=[card for given in backtest.confounders for card in _cards(backtest, given)],
        reading=_reading(backtest),
        sections=asked(
            [_forecasts(backtest), _views(backtest), _scores(backtest), _levels(backtest)], QUESTIONS
        ),
        methods=[(say(term), say(text)) for term, text in _TERMS.items()],
        reproduction=reproduction(backtest.findings.scenario, manifest),
        command=tidy(str(manifest.get("command", ""))),
    )


def _views_before(backtest: Backtest) -> str:
    """The views, and what each counts at first."""
    views = [
        say(
            "{view} ({weight})",
            view=backtest.title(str(entry["view"])),
            weight=percent(float(entry["weight"])),
        )
        for entry in backtest.findings.summary["views"]
    ]
    return say("Views and what each counts before any later figure: {views}.", views=apart(views))


def _reading(backtest: Backtest) -> str:
    """What forecasts rest on, how many figures they are of, and in how many futures they were made."""
    summary = backtest.findings.summary
    known = say_many(
        "Forecasts use {number} figure known on that day, and no later one.",
        "Forecasts use {number} figures known on that day, and no later one.",
        int(summary["known"]),
    )
    reported = say_many(
        "{number} of them was reported since{kinds}",
        "{number} of them were reported since{kinds}",
        int(summary["scored"]),
        kinds=reported_kinds(backtest),
    )
    asked_for = say_many(
        "{number} figure is forecast, {reported}.",
        "{number} figures are forecast, {reported}.",
        int(summary["asked"]),
        reported=reported,
    )
    simulated = say(
        "Each view is simulated in {number} futures.", number=grouped(int(summary["replications"]))
    )
    return in_turn([known, asked_for, simulated])


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
                say(
                    "figures{of_firms} that came lie within the mixture's 80% intervals",
                    of_firms=of_whole_firms(backtest),
                ),
                say("{found} of {all}", found=str(found.within_80), all=str(found.came)),
                say("within its 50% intervals: {number}", number=str(found.within_50)),
            ),
            lines=[*_lines_of_rivals(found), *_lines_of_views(backtest, given)],
        )
    ]


def _lines_of_rivals(found: Tally) -> list[Line]:
    if not found.kinds:
        return []
    won = say_many(
        "{won} of {number} kind of figures",
        "{won} of {number} kinds of figures",
        found.kinds,
        won=str(found.won) if found.won else say("none"),
    )
    return [Line(say("Forecast better than by every naive forecast"), won)]


def _lines_of_views(backtest: Backtest, given: str) -> list[Line]:
    best = best_view(backtest, given)
    if best is None:
        return []
    titles = joined([backtest.title(view) for view in best.views])
    which = (
        say("Weight of the best view: {views}", views=titles)
        if len(best.views) == 1
        else say("Weight of each of the best views: {views}", views=titles)
    )
    return [Line(which, best.weight, best.after)]


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
    lead = say(
        "Forecasts of the mixture of all views. Diamonds: what was reported, which no forecast has seen."
    )
    return Section("forecasts", say("What was forecast, and what came"), lead, blocks)


def _intervals(backtest: Backtest, rows: pd.DataFrame, key: str) -> Chart:
    first, reported = next(records(rows)), reported_of(backtest, rows)
    return Chart(
        key=key,
        title=say(
            "{firm}, {figure} {by_period}: {came}",
            firm=backtest.names.firm(str(first.firm)),
            figure=what_of(backtest, first),
            by_period=by_period(int(first.months)),
            came=_held(reported),
        ),
        figure=backtest_figures.intervals(rows, reported, labels_of(rows), scale_of(backtest, rows)),
    )


def _held(reported: pd.DataFrame) -> str:
    """How many of the figures that came the intervals hold."""
    if reported.empty:
        return say("no figure reported yet")
    if len(reported) > 1:
        held = hits(float(reported["inside_80"].mean()), len(reported))
        return say("{held} figures within the 80% intervals", held=held)
    if reported["inside_80"].all():
        return say("the figure that came is within the 80% intervals")
    return say("the figure that came is outside the 80% intervals")


def _forecasts_table(backtest: Backtest) -> Table:
    rows = backtest.tables["forecasts"]
    scale = backtest.money.scale_of(rows["p50"])
    cell = backtest.money.cell
    body = [
        (
            backtest.title(row.forecaster),
            backtest.title(row.given) or NONE,
            backtest.names.firm(row.firm),
            what_of(backtest, row),
            period(row.start, row.end),
            *(
                cell(value, scale)
                for value in (row.p025, row.p10, row.p25, row.p50, row.p75, row.p90, row.p975)
            ),
        )
        for row in records(rows)
    ]
    return Table(
        key="table-forecasts",
        title=say("All forecasts, {unit}", unit=scale.label),
        head=(
            *(say("Forecaster"), say("Confounder"), say("Firm"), say("Figure"), say("Period")),
            *map(_level, ("2.5", "10", "25")),
            say("Median"),
            *map(_level, ("75", "90", "97.5")),
        ),
        rows=body,
        numeric=frozenset(range(5, 12)),
        folded=True,
        filterable=True,
    )


def _level(hundredths: str) -> str:
    """The level of a quantile."""
    return with_percent(spoken().digits(hundredths))


def _views(backtest: Backtest) -> Section:
    table = backtest.tables["view_weights"]
    charts = [
        Chart(
            key=f"weights-{place}",
            title=say("What each view counts, with {confounder}", confounder=backtest.title(given))
            if given
            else say("What each view counts"),
            figure=backtest_figures.weights(table[table["given"] == given], backtest.title, backtest.figure),
        )
        for place, given in enumerate(backtest.confounders, start=1)
    ]
    lead = say(
        "A view counts for more, the likelier it held the figures that came. A weight says which view did "
        "better than the others, not that it is right: all may be wrong."
    )
    return Section("views", say("Which view the world supported"), lead, [Grid(charts)])


def _scores(backtest: Backtest) -> Section:
    table = backtest.tables["score_means"]
    scale = backtest.money.scale_of(table["crps"])
    body = [
        (
            backtest.names.firm(row.firm),
            say(
                "{figure} {by_period}",
                figure=named_measure(str(row.measure)),
                by_period=by_period(int(row.months)),
            ),
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
        title=say("Mean scores, {unit}; the lower the better", unit=scale.label),
        head=(
            *(
                say("Firm"),
                say("Figure"),
                say("Confounder"),
                say("Forecaster"),
                say("Figures"),
                say("CRPS"),
                say("Pinball"),
                say("Log score"),
            ),
            *(say("In 50%"), say("In 80%"), say("In 95%")),
        ),
        rows=body,
        numeric=frozenset(range(4, 11)),
        note=say("A naive forecast is moved by a confounder as revenue without the shock is."),
    )
    return Section("scores", say("How good the forecasts were"), "", [scores])


def _levels(backtest: Backtest) -> Section:
    rows = backtest.tables["levels"]
    body = [
        (
            backtest.names.firm(row.firm),
            _rests_on(backtest, row),
            day(row.last_known),
            NONE if is_missing(row.growth_per_year) else percent(row.growth_per_year, 1),
            percent(row.growth_sd, 1),
            percent(row.volatility_per_year, 1),
        )
        for row in records(rows)
    ]
    table = Table(
        key="table-levels",
        title=say("What was known of the level of demand"),
        head=(
            say("Firm"),
            say("Quarters known"),
            say("Last day known"),
            say("Growth a year"),
            say("± (1 sd)"),
            say("Volatility a year"),
        ),
        rows=body,
        numeric=frozenset({3, 4, 5}),
    )
    lead = (
        say(
            "Demand without the shock follows the level of the reported quarters, which walks and grows; its "
            "growth dies out or goes on, as far as the quarters tell."
        )
        if len(rows)
        else say(
            "Of no firm were two years of quarters known: demand is what the views say, and its level does "
            "not move. The intervals are too narrow by that."
        )
    )
    return Section("levels", say("Demand without the shock"), lead, [table] if len(rows) else [])


def _rests_on(backtest: Backtest, row: Any) -> str:
    if row.beside:
        return say("a year, as a part of {firm}", firm=backtest.names.firm(row.beside))
    return f"{int(row.quarters)}" if row.quarters else say("none: as much is open as of the others")


_TERMS = {
    message("As of"): message("Forecasts use figures that were published up to this day, and no later ones."),
    message("Mixture"): message("Futures of all views, as many of each as its weight says."),
    message("Confounder"): message(
        "Something that happened beside the shock, and may not have been known on the day. Forecasts with it "
        "are not forecasts of that day: they say how much of an error it explains."
    ),
    message("CRPS"): message(
        "Continuous ranked probability score: how far a forecast distribution is from what came, in money. "
        "Of a forecast without an interval it is the absolute error."
    ),
    message("Pinball"): message("Loss of the quantiles 2.5, 10, 25, 50, 75, 90 and 97.5 %, on average."),
    message("Log score"): message("Minus the logarithm of the forecast's density where the figure came."),
    message("Weights"): message(
        "Bayes: what a view counted before, times the likelihood of all figures so far, joint lognormal over "
        "the draws of the view. Quarters and stocks are counted, sums of them are not."
    ),
}
