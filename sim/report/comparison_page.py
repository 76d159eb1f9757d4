"""The report of a comparison: one HTML file in the style of the report of a run."""

import pandas as pd

from sim.report import comparison_figures
from sim.report.comparison_words import (
    LEAST_SHOWN,
    Comparison,
    answer,
    card,
    changed,
    make_comparison,
    points,
    points_range,
    undrawn,
)
from sim.report.expected_tables import records
from sim.report.language import message, say, say_many
from sim.report.leading_words import LOSS_OF_MARGIN
from sim.report.names import tidy
from sim.report.numbers import NONE, days, grouped, is_missing, percent, percent_range
from sim.report.page import reproduction
from sim.report.page_parts import Chart, Grid, Page, Section, Table, asked
from sim.report.sampling_words import sampled_apart
from sim.report.words import capital, in_turn
from sim.risk.findings import Findings

QUESTIONS = {
    "steps": message("Which assumption moves the answer?"),
    "likelihood": message("How likely is each loss?"),
    "scenarios": message("What does each scenario give?"),
}
"""Of who reads the page, by the chapters that answer them."""


def page_of_comparison(findings: Findings) -> Page:
    """Everything that the page shows, in words and figures.

    Parameters
    ----------
    findings
        What :func:`sim.stories.compare.run` returned.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    return _page(make_comparison(findings))


def _page(comparison: Comparison) -> Page:
    summary, manifest = comparison.findings.summary, comparison.findings.manifest
    return Page(
        title=say("Comparison: {title}", title=_titles(comparison)),
        question=say("What does each scenario cost, and which assumption moves the answer?"),
        description=" ".join(
            f"{tidy(entry['scenario'])}: {tidy(entry['title']).rstrip('.')}."
            for entry in summary["scenarios"]
        ),
        answer=[answer(comparison, maker) for maker in comparison.makers],
        cards=[card(comparison, maker) for maker in comparison.makers],
        reading=_reading(comparison),
        sections=asked([_steps(comparison), _likelihood(comparison), _side_by_side(comparison)], QUESTIONS),
        methods=[(say(term), say(text)) for term, text in _terms(comparison).items()],
        reproduction=reproduction(comparison.findings.scenario, manifest),
        command=tidy(str(manifest.get("command", ""))),
    )


def _reading(comparison: Comparison) -> str:
    """What is counted, in which futures, and of which makers."""
    summary = comparison.findings.summary
    counted = say(
        "{loss} is counted in the {days} from the shock, in {number} simulated futures of each scenario and "
        "step. A future has the same random numbers in all of them, so differences are known better than the "
        "scenarios themselves.",
        loss=capital(comparison.leads.loss),
        days=days(summary["window_days"]),
        number=grouped(int(summary["replications"])),
    )
    return in_turn([counted, sampled_apart(summary), undrawn(comparison)])


def _titles(comparison: Comparison) -> str:
    """What the scenarios are called, by their ids where two have one title."""
    titles = [tidy(entry["title"]).rstrip(".") for entry in comparison.findings.summary["scenarios"]]
    return "; ".join(titles) if len(set(titles)) == len(titles) else ", ".join(map(tidy, comparison.order))


# ---------------------------------------------------------------------- chapters


def _steps(comparison: Comparison) -> Section:
    blocks: list[Chart | Grid | Table] = []
    table = comparison.tables["waterfall"]
    pairs = dict.fromkeys(zip(table["against"], table["scenario"], strict=True))
    for pair, (one, other) in enumerate(pairs, start=1):
        rows = table[(table["against"] == one) & (table["scenario"] == other)]
        charts = [
            _waterfall(comparison, rows[rows["maker"] == maker], f"waterfall-{pair}-{number}")
            for number, maker in enumerate(comparison.makers, start=1)
            if len(rows)
        ]
        if charts:
            title = say("From {one} to {other}", one=tidy(one), other=tidy(other))
            blocks += [Grid(charts, title=title), _steps_table(comparison, rows, pair)]
    lead = (
        say(
            "The settings that differ are changed one after the other, in the order of the file. A bar is "
            "what its step adds after those above it; the table has what each does alone."
        )
        if blocks
        else say("The scenarios differ in nothing that a figure depends on.")
    )
    return Section("steps", say("Which assumption moves the answer"), lead, blocks)


def _waterfall(comparison: Comparison, rows: pd.DataFrame, key: str) -> Chart:
    shown = rows[rows["effect"].abs() >= LEAST_SHOWN]
    hidden = len(rows) - len(shown)
    most = max(records(rows), key=lambda row: abs(row.effect))
    name = comparison.names.firm(most.maker)
    title = say(
        _MOVES_MOST if len(shown) else _MOVES_LITTLE,
        maker=name,
        step=tidy(most.title),
        scenario=tidy(most.scenario),
        points=points(most.effect),
    )
    return Chart(
        key=key,
        title=title,
        figure=comparison_figures.waterfall(rows, shown.assign(step=shown["title"]), comparison.leads),
        note=say(
            "Left out: {hidden} {of_all}, less than 0.05 points each.",
            hidden=str(hidden),
            of_all=say_many("of {number} step", "of {number} steps", len(rows)),
        )
        if hidden
        else "",
    )


_MOVES_MOST = message("{maker}: {step} moves the loss most on the way to {scenario}, by {points}")
_MOVES_LITTLE = message("{maker}: no step moves the loss by 0.05 points or more on the way to {scenario}")


def _steps_table(comparison: Comparison, rows: pd.DataFrame, pair: int) -> Table:
    body = [
        (
            comparison.names.firm(row.maker),
            tidy(row.title),
            changed(row.changes),
            points(row.effect),
            points_range(row.effect_ci_low, row.effect_ci_high),
            NONE if is_missing(row.alone) else points(row.alone),
        )
        for row in records(rows)
    ]
    return Table(
        key=f"table-steps-{pair}",
        title=say("The steps, as a table"),
        head=(
            say("Maker"),
            say("Step"),
            say("Old → new"),
            say("After those before it"),
            say("95% confidence, points"),
            say("Alone"),
        ),
        rows=body,
        numeric=frozenset({3, 4, 5}),
        note=say("A dash stands where a step alone makes no scenario."),
        folded=True,
        filterable=bool(comparison.undrawn),
    )


def _likelihood(comparison: Comparison) -> Section:
    losses = comparison.tables["losses"]
    charts = [
        Chart(
            key=f"exceedance-{number}",
            title=say("{maker}: how likely is a larger loss", maker=comparison.names.firm(maker)),
            figure=comparison_figures.exceedance(
                losses[losses["maker"] == maker], comparison.order, comparison.leads
            ),
        )
        for number, maker in enumerate(comparison.makers, start=1)
    ]
    return Section("likelihood", say("How likely each loss is"), say("One curve a scenario."), [Grid(charts)])


def _side_by_side(comparison: Comparison) -> Section:
    lead = (
        say("Losses of contribution margin, as shares of the revenue without the shock.")
        if comparison.leads.is_margin
        else say("Shares of the revenue without the shock.")
    )
    return Section(
        "scenarios",
        say("The scenarios side by side"),
        lead,
        [_scenarios_table(comparison), _differences_table(comparison)],
    )


def _scenarios_table(comparison: Comparison) -> Table:
    rows = comparison.tables["scenarios"]
    scale = comparison.money.scale_of(rows["loss_mean"])
    body = [
        (
            tidy(row.scenario),
            comparison.names.firm(row.maker),
            percent(row.mean, 1),
            _interval(row.mean_ci_low, row.mean_ci_high),
            percent_range(row.p05, row.p95, 1),
            percent(row.var95, 1),
            percent(row.es95, 1),
            comparison.money.cell(row.loss_mean, scale),
        )
        for row in records(rows)
    ]
    return Table(
        key="table-scenarios",
        title=say("Loss of each scenario"),
        head=(
            *(
                say("Scenario"),
                say("Maker"),
                say("Mean"),
                say("95% confidence"),
                say("5–95% of futures"),
                say("VaR 95%"),
                say("ES 95%"),
            ),
            say("Mean, {unit}", unit=scale.label),
        ),
        rows=body,
        numeric=frozenset(range(2, 8)),
        filterable=bool(comparison.undrawn),
    )


def _differences_table(comparison: Comparison) -> Table:
    body = [
        (
            say("{scenario} against {other}", scenario=tidy(row.scenario), other=tidy(row.against)),
            comparison.names.firm(row.maker),
            points(row.mean),
            points_range(row.mean_ci_low, row.mean_ci_high),
            points_range(row.p05, row.p95),
            percent(row.share_worse),
            NONE if is_missing(row.variance_ratio) else percent(row.variance_ratio),
        )
        for row in records(comparison.tables["differences"])
    ]
    return Table(
        key="table-differences",
        title=say("Differences, future by future"),
        head=(
            *(
                say("Scenarios"),
                say("Maker"),
                say("Mean"),
                say("95% confidence"),
                say("5–95% of futures"),
            ),
            *(say("Worse in"), say("Variance left")),
        ),
        rows=body,
        numeric=frozenset(range(2, 7)),
        note=say("Variance left: of the differences, as a share of what independent futures would have."),
        filterable=bool(comparison.undrawn),
    )


def _interval(low: object, high: object) -> str:
    if is_missing(low) or is_missing(high):
        return NONE
    return percent_range(float(str(low)), float(str(high)), 1)


def _terms(comparison: Comparison) -> dict[str, str]:
    return _TERMS | ({"Loss": LOSS_OF_MARGIN} if comparison.leads.is_margin else {})


_TERMS = {
    message("A future"): message(
        "One replication of the simulation: with the shock and without it, from the same random numbers. The "
        "same future has the same random numbers in every scenario and step, as far as they share parts."
    ),
    message("Loss"): message(
        "Revenue without the shock minus revenue with it, as a share of the revenue without the shock in the "
        "same days."
    ),
    message("Points"): message("Differences of loss shares, in percentage points."),
    message("Steps"): message(
        "All settings of one object that differ are one step; where these would be many, the same field of "
        "all objects of a collection. Their effects depend on their order and add up to the difference."
    ),
    message("95% confidence"): message(
        "How exactly so many futures determine a mean. It says nothing about how well the model fits the "
        "world."
    ),
}
