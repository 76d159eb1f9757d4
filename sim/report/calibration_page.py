"""The report of a calibration: one HTML file in the style of the report of a run."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from sim.report import graph_objects as go
from sim.report.backtest_words import hits
from sim.report.expected_tables import CALIBRATION_TABLES, checked, records
from sim.report.input_names import input_name
from sim.report.language import message, say, say_many, spoken
from sim.report.names import Names, plot_text, tidy
from sim.report.numbers import Money, day, grouped, percent, rounded, with_percent
from sim.report.page import reproduction
from sim.report.page_parts import Card, Chart, Line, Page, Section, Table, asked
from sim.report.reported_words import measured, period
from sim.report.style import BLUE, FAINT, blank
from sim.risk.findings import Findings
from sim.risk.tables import sold
from sim.scenario.schema import Scenario

LEARNT, TOGETHER = 0.9, 0.5
"""Of the prior's standard deviation, from which on nothing was learnt; rank correlation from which on two
inputs are known together only."""


QUESTIONS = {
    "inputs": message("What do the figures say?"),
    "apart": message("What can they not tell apart?"),
    "checks": message("Does the model give the figures?"),
}
"""Of who reads the page, by the chapters that answer them."""


def page_of_calibration(findings: Findings) -> Page:
    """Everything that the page shows, in words and figures.

    Parameters
    ----------
    findings
        What :func:`sim.stories.calibrate.run` returned.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    tables = {name: checked(findings.tables, name, CALIBRATION_TABLES) for name in CALIBRATION_TABLES}
    summary, scenario = findings.summary, findings.scenario
    return Page(
        title=say("Calibration: {title}", title=tidy(scenario.title)),
        question=say("What do the reported figures say of the uncertain numbers?"),
        description=tidy(scenario.description or ""),
        answer=[say("{finding}.", finding=_hold(tables["checks"]))],
        cards=[_card(findings)],
        reading=say(
            "{number} simulations of each of two waves; the posterior was simulated once more, to hold it "
            "against the figures.",
            number=grouped(int(summary["replications"])),
        ),
        sections=asked(
            [
                _inputs(tables, InputNames(scenario)),
                _apart(tables, InputNames(scenario)),
                _checks(findings, tables["checks"]),
            ],
            QUESTIONS,
        ),
        methods=[(say(term), say(text)) for term, text in _TERMS.items()],
        reproduction=reproduction(scenario, findings.manifest),
        command=tidy(str(findings.manifest.get("command", ""))),
    )


def told(findings: Findings) -> list[str]:
    """What the figures say, and what they cannot tell apart, in sentences."""
    inputs, pairs, checks = (findings.tables[name] for name in ("posterior_inputs", "pairs", "checks"))
    names = InputNames(findings.scenario)
    lines = [_learnt(names, row) for row in records(inputs)]
    lines += [
        f"The figures cannot tell {names.phrase(row.input_a)} and {names.phrase(row.input_b)} apart: their "
        f"ranks have a correlation of {grouped(row.rank_correlation, 2)}."
        for row in records(_together(pairs))
    ]
    lines.append(
        f"{_hold(checks)}; the model’s own error is about "
        f"{percent(findings.summary['discrepancy_share'], 1)}."
    )
    return lines


def _hold(checks: pd.DataFrame) -> str:
    return say("The posterior’s 90% intervals hold {held} figures", held=_held(checks))


def _held(checks: pd.DataFrame) -> str:
    """How many of the figures lie within the posterior's intervals."""
    inside = (checks["reported"] >= checks["p05"]) & (checks["reported"] <= checks["p95"])
    return hits(float(inside.mean()), len(checks))


def _together(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of inputs that the figures cannot tell apart."""
    return pairs[pairs["rank_correlation"].abs() >= TOGETHER]


def _card(findings: Findings) -> Card:
    """What the figures say, counted."""
    inputs, pairs, checks = (findings.tables[name] for name in ("posterior_inputs", "pairs", "checks"))
    names, learnt = InputNames(findings.scenario), inputs["sd_left"] < LEARNT
    most, together = next(records(inputs.sort_values("sd_left"))), len(_together(pairs))
    return Card(
        maker=tidy(findings.scenario.title),
        colour=BLUE,
        headline=Line(
            say("figures lie within the posterior’s 90% intervals"),
            _held(checks),
            say(
                "the model’s own error is about {share}",
                share=percent(findings.summary["discrepancy_share"], 1),
            ),
        ),
        lines=[
            Line(
                say("Inputs that the figures say something of"),
                say(
                    "{found} of {all}",
                    found=str(learnt.sum()) if learnt.any() else say("none"),
                    all=str(len(inputs)),
                ),
                say(
                    "most of {input}: {share} of its spread is left",
                    input=names.phrase(most.input),
                    share=percent(float(most.sd_left)),
                )
                if learnt.any()
                else "",
            ),
            Line(
                say("Pairs of inputs that they cannot tell apart"),
                str(together) if together else say("none"),
            ),
        ],
    )


class InputNames:
    """What free inputs are called."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario, self._names = scenario, Names(scenario, length=60)

    def text(self, path: str) -> str:
        """In a table."""
        return tidy(input_name(self._scenario, self._names, path).text)

    def phrase(self, path: str) -> str:
        """In a sentence."""
        return tidy(input_name(self._scenario, self._names, path).phrase)


def _learnt(names: InputNames, row: Any) -> str:
    name, left = names.phrase(row.input), float(row.sd_left)
    low, high = rounded(float(row.p05)), rounded(float(row.p95))
    if left >= LEARNT:
        return f"The figures say nothing of {name}: it stays between {low} and {high}."
    told = f"{name} lies between {low} and {high} (90%), {percent(1.0 - left)} narrower than before."
    return told[0].upper() + told[1:]


def _inputs(tables: dict[str, pd.DataFrame], names: InputNames) -> Section:
    rows = tables["posterior_inputs"]
    body = [
        (
            names.text(row.input),
            *(
                rounded(value, 4)
                for value in (row.prior_p05, row.prior_p50, row.prior_p95, row.p05, row.p50, row.p95)
            ),
            percent(row.sd_left),
        )
        for row in records(rows)
    ]
    table = Table(
        key="table-inputs",
        title=say("Inputs before and after"),
        head=(
            say("Input"),
            say("Before: 5%"),
            *map(with_percent, ("50", "95")),
            say("After: 5%"),
            *map(with_percent, ("50", "95")),
            say("Spread left"),
        ),
        rows=body,
        numeric=frozenset(range(1, 8)),
        note=say("Spread left: standard deviation of the normal score, of which the prior has 100%."),
    )
    chart = Chart("inputs", say("How much of each input’s spread is left"), spread_left(rows, names.text))
    return Section("inputs", say("What the figures say of each input"), "", [chart, table])


def _target(names: Names, target: Mapping[str, Any]) -> str:
    """Whose figure of what a target is, and of when."""
    which = sold(target.get("items", []), target.get("markets", []))
    return say(
        "{firm}'s {figure} ({period})",
        firm=names.firm(target["firm"]),
        figure=measured(names, target["measure"], which),
        period=period(target["start"], target["end"]),
    )


def spread_left(rows: pd.DataFrame, name: Callable[[str], str]) -> go.Figure:
    """What is left of the spread of each input.

    Parameters
    ----------
    rows
        The table ``inputs``.
    name
        What an input is called.
    """
    figure = blank(
        height=120 + 34 * len(rows),
        xaxis={"ticksuffix": spoken().percent, "range": [0, 110], "title": {"text": say("Spread left")}},
        yaxis={"autorange": "reversed"},
        showlegend=False,
    )
    left = [100.0 * float(value) for value in rows["sd_left"]]
    names = [plot_text(name(str(path)), length=90, width=30) for path in rows["input"]]
    colours = [FAINT if value >= 100.0 * LEARNT else BLUE for value in left]
    return figure.add_trace(go.Bar(x=left, y=names, orientation="h", marker={"color": colours}))


def _apart(tables: dict[str, pd.DataFrame], names: InputNames) -> Section:
    pairs = tables["pairs"]
    rows = _together(pairs)
    lead = (
        say_many(
            "{number} pair of inputs fits the figures in combination only.",
            "{number} pairs of inputs fit the figures in combination only.",
            len(rows),
        )
        if len(rows)
        else say("No two inputs stand in for each other.")
    )
    table = Table(
        key="table-pairs",
        title=say("Rank correlations after"),
        head=(say("Input"), say("And"), say("Rank correlation")),
        rows=[
            (names.text(row.input_a), names.text(row.input_b), grouped(row.rank_correlation, 2))
            for row in records(pairs)
        ],
        numeric=frozenset({2}),
        folded=True,
    )
    return Section("apart", say("What the figures cannot tell apart"), lead, [table] if len(pairs) else [])


def _checks(findings: Findings, rows: pd.DataFrame) -> Section:
    names, money = Names(findings.scenario, length=60), Money(str(findings.summary["currency"]))
    targets = findings.manifest["targets"]["targets"]
    scale = money.scale_of(rows["reported"])
    body = [
        (
            _target(names, targets[row.target]),
            day(row.published),
            *(money.cell(value, scale) for value in (row.reported, row.sd, row.p05, row.p50, row.p95)),
            percent(row.share_above),
        )
        for row in records(rows)
    ]
    table = Table(
        key="table-checks",
        title=say("Reported, and simulated from the posterior, {unit}", unit=scale.label),
        head=(
            say("Target"),
            say("Published"),
            say("Reported"),
            say("± (1 sd)"),
            *map(with_percent, ("5", "50", "95")),
            say("Simulated above"),
        ),
        rows=body,
        numeric=frozenset(range(2, 8)),
        note=say("Near 0% or 100% above: the model cannot give the figure, whatever its inputs."),
    )
    return Section("checks", say("Whether the posterior gives the figures"), "", [table])


_TERMS = {
    message("Emulator"): message(
        "Gaussian processes that say what the simulation would give for inputs that were not tried."
    ),
    message("History matching"): message(
        "The second wave tries only inputs that are within three standard deviations of every target; what "
        "is not certain of emulator, noise, target and model counts."
    ),
    message("Posterior"): message(
        "Draws of Markov chains (affine-invariant ensembles). The model’s own error is a share of each "
        "figure whose size is not known: half-normal."
    ),
}
