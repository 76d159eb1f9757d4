"""The page of a mitigation: one HTML file in the style of a run's report."""

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report import mitigation_figures
from sim.report.expected_tables import records
from sim.report.language import message, say, say_many
from sim.report.mitigation_words import (
    AT_MOST,
    IN_MONEY,
    SURVIVES,
    MitigationContext,
    answer,
    asked_in_words,
    make_mitigation,
    option_value,
)
from sim.report.names import tidy
from sim.report.numbers import NONE, Scale, is_missing, percent, short
from sim.report.origin_section import origin_section
from sim.report.page import reproduction
from sim.report.page_parts import Chart, Page, Section, Table, asked
from sim.report.sampling_words import sampled_apart
from sim.report.view_section import views_section
from sim.report.words import in_turn, worth_from, yes_or_no
from sim.risk.findings import Findings
from sim.risk.mitigation_tables import NOTHING_KEY, YES

QUESTIONS = {
    "portfolios": message("What does less risk cost?"),
    "origins": message("What does less risk cost?"),
    "curves": message("What changes?"),
    "levers": message("What does each lever add?"),
    "waiting": message("How long can it wait?"),
    "adaptive": message("How long can it wait?"),
    "regret": message("What if another view is true?"),
}
"""Of who reads the page, by the chapters that answer them."""


def page_of_mitigation(findings: Findings) -> Page:
    """Everything that the page shows, in words and figures.

    Parameters
    ----------
    findings
        What :func:`sim.stories.mitigate.run` returned.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    context = make_mitigation(findings)
    scenario, summary = findings.scenario, findings.summary
    return Page(
        title=say("What to do: {title}", title=tidy(scenario.title)),
        question=say("What should be done, when, and what does it cost?"),
        description=tidy(scenario.description or ""),
        answer=answer(context),
        cards=[],
        reading=_reading(summary),
        sections=asked(list(_sections(context)), QUESTIONS),
        methods=[(say(term), say(text)) for term, text in _TERMS.items()],
        reproduction=reproduction(scenario, findings.manifest),
        command=tidy(str(findings.manifest["command"])),
    )


def _reading(summary: Mapping[str, Any]) -> str:
    """What was tried, in which futures."""
    counted = say(
        "{portfolios} of {levers} tried. All figures are of {count} that had no part in the choice; the "
        "shock comes {often}. Results are those of the maker over all simulated days.",
        portfolios=say_many("{number} portfolio", "{number} portfolios", summary["portfolios_tried"]),
        levers=say_many("{number} lever", "{number} levers", summary["levers"]),
        count=say_many("{number} future", "{number} futures", summary["replications"]),
        often=_comes(summary["chance_of_shock"]),
    )
    return in_turn([counted, sampled_apart(summary)])


def _comes(share: float) -> str:
    if share == 0.0:
        return say("in none")
    return say("in all") if share == 1.0 else say("in {share}", share=percent(share))


def _sections(context: MitigationContext) -> Iterator[Section]:
    yield _portfolios(context)
    if len(context.tables["origins"]):
        yield origin_section(context)
    yield _curves(context)
    yield _levers(context)
    if len(context.tables["waiting"]):
        yield _waiting(context)
    if len(context.tables["adaptive"]):
        yield _adaptive(context)
    if len(context.tables["regret"]):
        yield views_section(context)


def _portfolios(context: MitigationContext) -> Section:
    rows = context.tables["portfolios"]
    scale = context.fine([*rows["cost"], *rows["loss_es95"]])
    best = rows[rows["on_frontier"] == YES]
    chart = Chart(
        key="cost-and-risk",
        title=say_many(
            "{number} portfolio of {all} is such that none costs less and loses less in the worst twentieth "
            "of futures",
            "{number} portfolios of {all} are such that none costs less and loses less in the worst "
            "twentieth of futures",
            len(best),
            all=str(len(rows)),
        ),
        figure=mitigation_figures.cost_and_risk(context),
        note=say("Left and low is good. Each point is a portfolio; letters are those of the table."),
    )
    table = Table(
        key="table-portfolios",
        title=say("Portfolios, {unit}", unit=scale.label),
        head=(
            "",
            say("Earns more than nothing"),
            say("95% confidence"),
            say("Costs without the shock"),
            say("Most laid out at once"),
            say("Gains with it"),
            say("Worst twentieth"),
            say("Worth it if the shock is as likely"),
            say("Keeps to what is asked"),
        ),
        rows=[_portfolio(context, row, scale) for row in records(rows)],
        numeric=frozenset((1, 2, 3, 4, 5, 6)),
        note=say(
            "✓: recommended. Worst twentieth: mean loss there, against what doing nothing earns without the "
            "shock. Most laid out at once: money spent and not back yet at the close of a week, beyond doing "
            "nothing; in 95 of 100 futures no more."
        ),
    )
    blocks: list[Chart | Table] = [chart, table, _members(context)]
    if len(context.tables["constraints"]):
        blocks.append(_constraints(context))
    if len(context.tables["finalists"]):
        blocks.append(_finalists(context))
    return Section(
        "portfolios", say("What less risk costs"), say("All portfolios stand in the same futures."), blocks
    )


def _portfolio(context: MitigationContext, row: Any, scale: Scale) -> tuple[str, ...]:
    cell = context.money.cell
    return (
        context.label(row.portfolio),
        cell(row.advantage, scale),
        context.money.cells(row.advantage_ci_low, row.advantage_ci_high, scale),
        cell(row.cost, scale),
        cell(row.cash, scale),
        NONE if is_missing(row.gain) else cell(row.gain, scale),
        cell(row.loss_es95, scale),
        NONE if row.portfolio == NOTHING_KEY else worth_from(row),
        yes_or_no(row.keeps_constraints),
    )


def _members(context: MitigationContext) -> Table:
    """Which levers each portfolio takes, at which level, decided when."""
    rows = context.tables["portfolio_levers"]
    keys = list(dict.fromkeys(rows["portfolio"]))
    taken = {(row.portfolio, row.lever): _taken(context, row) for row in records(rows)}
    return Table(
        key="table-members",
        title=say("Levers of each portfolio"),
        head=(say("Lever"), *keys),
        rows=[
            (context.title(lever), *(taken.get((key, lever), "") for key in keys))
            for lever in dict.fromkeys(rows["lever"])
        ],
        note=say(
            "Level, and day on which it is decided; empty: not taken. Levers that none takes are left out."
        ),
    )


def _taken(context: MitigationContext, row: Any) -> str:
    level = say("yes") if is_missing(row.level) else short(row.level)
    return say("{level}, {day}", level=level, day=context.day(row.decided)) if row.decided else level


def _constraints(context: MitigationContext) -> Table:
    """What each portfolio keeps of what is asked, with intervals."""
    rows = context.tables["constraints"]

    def told(row: Any, value: float) -> str:
        if is_missing(value):
            return say("never short") if row.constraint == SURVIVES else NONE
        if row.constraint == SURVIVES:
            return say("{days} days", days=short(value))
        return context.money.text(value) if row.constraint in IN_MONEY else percent(value)

    return Table(
        key="table-constraints",
        title=say("What is asked, and what each portfolio keeps of it"),
        head=("", say("Of"), say("Asked"), say("Found"), say("95% confidence"), say("Kept")),
        rows=[
            (
                context.label(row.portfolio),
                asked_in_words(context, row.constraint),
                say("at most {amount}", amount=told(row, row.asked))
                if row.constraint in AT_MOST
                else say("at least {amount}", amount=told(row, row.asked)),
                told(row, row.found),
                say("{low} to {high}", low=told(row, row.found_ci_low), high=told(row, row.found_ci_high)),
                yes_or_no(row.is_kept),
            )
            for row in records(rows)
        ],
        numeric=frozenset((2, 3, 4)),
        note=say(
            "What is found decides, not its interval; a dash: too few futures to say. Cash and days hold in "
            "95 of 100 futures; budget and service are means."
        ),
        folded=True,
    )


def _finalists(context: MitigationContext) -> Table:
    rows, found = context.tables["finalists"], context.summary["selection"]
    scale = context.money.scale_of([*rows["ahead_low"], *rows["ahead_high"]])
    return Table(
        key="table-finalists",
        title=say("Finalists against the best of the others, {unit}", unit=scale.label),
        head=("", say("Better by at least"), say("Better by at most")),
        rows=[
            (
                context.label(row.portfolio),
                context.money.cell(row.ahead_low, scale),
                context.money.cell(row.ahead_high, scale),
            )
            for row in records(rows)
        ],
        numeric=frozenset((1, 2)),
        note=say(
            "All intervals hold at once with a probability of {confidence}. If one is better than all others "
            "by more than {zone}, it is selected with a probability of {probability} at least.",
            confidence=percent(found["confidence"]),
            zone=context.money.text(found["zone"]),
            probability=percent(found["probability"]),
        ),
        folded=True,
    )


def _curves(context: MitigationContext) -> Section:
    text = context.money.text
    own, nothing = (text(context.row(key).loss_es95) for key in (context.recommended, NOTHING_KEY))
    title = (
        say("If nothing is done, the worst twentieth of futures lose {nothing} on average", nothing=nothing)
        if context.recommended == NOTHING_KEY
        else say(
            "The worst twentieth of futures lose {own} on average, {nothing} if nothing is done",
            own=own,
            nothing=nothing,
        )
    )
    chart = Chart(
        "before-and-after",
        title,
        mitigation_figures.before_and_after(context),
        note=say("A loss below 0 is a gain on what doing nothing earns without the shock."),
    )
    return Section("curves", say("Before and after"), "", [chart])


def _levers(context: MitigationContext) -> Section:
    rows, pairs = context.tables["lever_values"], context.tables["interactions"]
    scale = context.fine(rows["added"])
    cell, cells = context.money.cell, context.money.cells
    values = Table(
        key="table-levers",
        title=say("What each lever adds to the result, {unit}", unit=scale.label),
        head=(say("Lever"), say("Taken"), say("Adds"), say("95% confidence")),
        rows=[
            (
                context.way(row),
                yes_or_no(row.is_taken),
                cell(row.added, scale),
                cells(row.added_ci_low, row.added_ci_high, scale),
            )
            for row in records(rows)
        ],
        numeric=frozenset((2, 3)),
        note=say("Of a lever that is taken: against the same without it. Of another: if it were added."),
    )
    blocks: list[Chart | Table] = [values]
    if len(pairs):
        blocks.append(
            Table(
                key="table-interactions",
                title=say(
                    "What two levers are worth more together than one by one, {unit}", unit=scale.label
                ),
                head=(say("Lever"), say("And"), say("Worth more together"), say("95% confidence")),
                rows=[
                    (
                        context.title(row.lever),
                        context.title(row.with_lever),
                        cell(row.interaction, scale),
                        cells(row.interaction_ci_low, row.interaction_ci_high, scale),
                    )
                    for row in records(pairs)
                ],
                numeric=frozenset((2, 3)),
                note=say("Below 0 they stand in for each other."),
                folded=True,
            )
        )
    return Section("levers", say("What each lever adds"), "", blocks)


def _waiting(context: MitigationContext) -> Section:
    rows = context.tables["waiting"]
    lines = []
    for lever in dict.fromkeys(rows["lever"]):
        last = context.latest(str(lever))
        if last is not None:
            name = context.title(str(lever))
            lines.append(say("{lever} can wait until {day}.", lever=name, day=context.day(last)))
    chart = Chart(
        "waiting",
        say("What each recommended lever adds, by the day on which it is decided"),
        mitigation_figures.waiting(context),
        note=say(
            "Bars: 95% confidence. A lever can wait until the last day on which it cannot be told from the "
            "best one; days between those shown were not tried."
        ),
    )
    return Section("waiting", say("How long each lever can wait"), in_turn(lines), [chart])


def _adaptive(context: MitigationContext) -> Section:
    rows = context.tables["adaptive"]
    scale = context.fine([*rows["adaptive"], *rows["now"]])
    cell, cells = context.money.cell, context.money.cells
    table = Table(
        key="table-adaptive",
        title=say("Deciding on a signal, {unit}", unit=scale.label),
        head=(
            say("Lever"),
            say("Signal"),
            say("Futures in which it comes in time"),
            say("Adds on the signal"),
            say("Adds if decided at once"),
            say("Option value"),
            say("95% confidence"),
        ),
        rows=[
            (
                context.title(row.lever),
                context.signal(row),
                percent(row.share_coming),
                cell(row.adaptive, scale),
                cell(row.now, scale),
                cell(row.option_value, scale),
                cells(row.option_value_ci_low, row.option_value_ci_high, scale),
            )
            for row in records(rows)
        ],
        numeric=frozenset((2, 3, 4, 5, 6)),
        note=say(
            "Option value: what deciding on the signal adds beyond the better of at once and never. The "
            "signal is looked for on up to eight days, the first and the last of the lever among them."
        ),
    )
    moved = (
        say(
            "In {share} of futures {lever} moves its own signal too early: there this is not exact.",
            share=percent(row.share_moved),
            lever=context.title(row.lever),
        )
        for row in records(rows)
        if row.share_moved > 0.0
    )
    lead = in_turn([*(option_value(context, row) for row in records(rows)), *moved])
    return Section("adaptive", say("Deciding on a signal"), lead, [table])


_TERMS = {
    message("Lever, portfolio"): message(
        "A lever is a thing that can be done; a portfolio says which levers are taken, at which level, "
        "decided on which day."
    ),
    message("Result"): message(
        "What the maker earns over all simulated days, after all costs of the scenario and those of the "
        "levers; capital in stock and its obsolescence among them."
    ),
    message("Loss of result"): message(
        "What doing nothing would earn had the shock not come, less the result. Every portfolio is measured "
        "from this one level."
    ),
    message("Worth it"): message(
        "A portfolio costs what it takes off the result if the shock never comes, and gains what it adds "
        "where it comes. From the break-even probability of the shock on the gain outweighs the cost."
    ),
    message("Selection"): message(
        "Finalists are told apart with common random numbers, in two stages (Nelson and Matejcik 1995), none "
        "of whose futures took part in the search. What is recommended is simulated once more in fresh "
        "futures and falls to the next if it earns no more there than doing nothing."
    ),
    message("Regret"): message("What a portfolio earns less in a view than the best of those tried there."),
}
