"""The page of a sweep: one HTML file in the style of a run's report."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from sim.report import sweep_figures, sweep_words
from sim.report.expected_tables import records
from sim.report.language import message, say
from sim.report.names import tidy
from sim.report.numbers import NONE, grouped, is_missing
from sim.report.page import reproduction
from sim.report.page_parts import Chart, Page, Section, Table
from sim.report.sampling_words import sampled_apart
from sim.report.sweep_words import SweepContext, called
from sim.report.words import in_turn, worth_from, yes_or_no
from sim.risk.findings import Findings
from sim.scenario.portfolios import NOTHING


def page_of_sweep(findings: Findings) -> Page:
    """Everything that the page shows, in words and figures.

    Parameters
    ----------
    findings
        What a sweep found.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    context = sweep_words.make_sweep_context(findings)
    return Page(
        title=say("Sweep: {title}", title=tidy(findings.scenario.title)),
        question=say("What is {levels} worth?", levels=_asked(context)),
        description="",
        answer=[tidy(sentence) for sentence in sweep_words.answer(context)],
        cards=[],
        reading=_reading(context),
        sections=[_levels(context)],
        methods=[(say(term), say(text)) for term, text in _TERMS.items()],
        reproduction=reproduction(findings.scenario, findings.manifest),
        command=tidy(str(findings.manifest["command"])),
    )


def _reading(context: SweepContext) -> str:
    """In which futures combinations are held against each other, and what counts."""
    summary = context.findings.summary
    counted = say(
        "Every combination runs through the same {number} futures. The result is that of {maker} over all "
        "simulated days, after all costs, also those of the levers.",
        number=grouped(summary["replications"]),
        maker=tidy(context.maker),
    )
    return in_turn([counted, sampled_apart(summary)])


def _asked(context: SweepContext) -> str:
    """What the sweep goes over."""
    names = [say("“{title}”", title=tidy(context.names.lever(name))) for name, _ in context.levers]
    if not any(context.is_of_dates):
        return say("each level of {lever}", lever=_both(names))
    return _both(
        [
            say("each day to decide on {lever}", lever=name)
            if is_of_dates
            else say("each level of {lever}", lever=name)
            for name, is_of_dates in zip(names, context.is_of_dates, strict=True)
        ]
    )


def _both(parts: Sequence[str]) -> str:
    """One part or two, each after the other."""
    return reduce(lambda some, last: say("{some} and {last}", some=some, last=last), parts)


def _levels(context: SweepContext) -> Section:
    charts = _of_one(context) if len(context.levers) == 1 else [_of_two(context)]
    lead = say("All against doing nothing, future by future. Intervals are of 95%.")
    title = say("What each choice is worth") if any(context.is_of_dates) else say("What each level is worth")
    return Section("levels", title, lead, [*charts, _table(context)])


def _of_one(context: SweepContext) -> list[Chart]:
    worth = (context.grid["worth"] == "from").sum()
    found = [
        Chart(
            key="sweep-curve",
            title=sweep_words.answer(context)[2],
            figure=sweep_figures.curve(context),
            note=say("Large marks: cannot be told from the best. The bands are intervals."),
        )
    ]
    if worth:
        found.append(
            Chart(
                key="sweep-break-even",
                title=say("How likely the shock must be for each day to be worth its cost")
                if context.is_of_dates[0]
                else say("How likely the shock must be for each level to be worth its cost"),
                figure=sweep_figures.break_even(context),
                note=say("What is worth it always, never, or only if the shock is unlikely is left out."),
            )
        )
    return found


def _of_two(context: SweepContext) -> Chart:
    return Chart(
        key="sweep-map",
        title=sweep_words.answer(context)[2],
        figure=sweep_figures.heat_map(context),
        note=say(
            "Colour: what a combination adds to the result of doing nothing, on average. Star: the best. "
            "Dot: cannot be told from the best."
        ),
    )


def _table(context: SweepContext) -> Table:
    columns = ("advantage", "cost", "gain", "loss", "loss_es95", "cash")
    scale = context.money.scale_of(context.grid[list(columns)].abs().max().dropna())
    heads = (
        say("Expected"),
        say("Cost without the shock"),
        say("Gain with it"),
        say("Loss of result"),
        say("ES95 of it"),
        say("Most cash at once"),
    )
    return Table(
        key="table-sweep",
        title=say("All combinations, {unit}", unit=scale.label),
        head=(say("Portfolio"), *heads, say("Break-even"), say("As good as the best")),
        rows=[
            (
                called(context, row),
                *(
                    NONE if is_missing(getattr(row, name)) else context.money.cell(getattr(row, name), scale)
                    for name in columns
                ),
                _worth(row),
                say("best") if row.is_best else yes_or_no("yes" if row.in_flat_top else "no"),
            )
            for row in records(context.grid)
        ],
        numeric=frozenset(range(1, 8)),
        note=say(
            "Expected: added to the result of doing nothing. Loss of result: from what doing nothing leaves "
            "if the shock never comes. Most cash at once: money spent and not back yet at the close of a "
            "week, beyond doing nothing; in 95 of 100 futures no more."
        ),
        filterable=True,
    )


def _worth(row: Any) -> str:
    """For which probabilities of the shock a portfolio is worth taking; of doing nothing there is none."""
    if row.portfolio == str(NOTHING):
        return NONE
    return worth_from(row)


_TERMS = {
    message("Result"): message(
        "Sales of the maker over all simulated days, less what the goods have cost, the costs of stock and "
        "of its lack, write-offs, measures, fixed costs and what levers cost beside. Stock that is left is "
        "an asset at what it has cost."
    ),
    message("Doing nothing"): message(
        "The scenario as it stands. All others are compared with it on the same futures: their random "
        "numbers are the same."
    ),
    message("Cost, gain"): message(
        "What a combination takes off the result if the shock never comes, and what it adds where it comes."
    ),
    message("Break-even probability"): message(
        "The probability of the shock at which a combination costs what it gains: cost over cost and gain."
    ),
    message("Loss of result, ES95"): message(
        "What is earned less than doing nothing earns if the shock never comes; one level for all. ES95 is "
        "its mean in the worst twentieth of futures."
    ),
    message("As good as the best"): message(
        "The 95% interval of the difference from the best, future by future, does not exclude 0: a flat top. "
        "Each interval is of one difference alone."
    ),
}
