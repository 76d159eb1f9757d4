"""The page of a mitigation: one HTML file in the style of a run's report."""

from collections.abc import Iterator
from typing import Any

from sim.report import mitigation_figures
from sim.report.expected_tables import records
from sim.report.language import label, message, telling_in_english
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
from sim.report.view_section import views_section
from sim.risk.findings import Findings
from sim.risk.mitigation_tables import NOTHING_KEY, YES
from sim.scenario.counting import counted

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


@telling_in_english()
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
        title=label("What to do: {title}", title=tidy(scenario.title)),
        question=label("What should be done, when, and what does it cost?"),
        description=tidy(scenario.description or ""),
        answer=answer(context),
        cards=[],
        reading=f"{counted(summary['portfolios_tried'], 'portfolio')} of "
        f"{counted(summary['levers'], 'lever')} tried. All figures are of "
        f"{counted(summary['replications'], 'future')} that had no part in the choice; the shock comes "
        f"{_comes(summary['chance_of_shock'])}. Results are those of the maker over all simulated days.",
        sections=asked(list(_sections(context)), QUESTIONS),
        methods=[(term, " ".join(text.split())) for term, text in _TERMS.items()],
        reproduction=reproduction(scenario, findings.manifest),
        command=tidy(str(findings.manifest["command"])),
    )


def _comes(share: float) -> str:
    return {0.0: "in none", 1.0: "in all"}.get(share, f"in {percent(share)}")


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
        title=f"{counted(len(best), 'portfolio')} of {len(rows)} {_on_the_frontier(len(best))}",
        figure=mitigation_figures.cost_and_risk(context),
        note="Left and low is good. Each point is a portfolio; letters are those of the table.",
    )
    table = Table(
        key="table-portfolios",
        title=f"Portfolios, {scale.label}",
        head=(
            "",
            label("Earns more than nothing"),
            label("95% confidence"),
            label("Costs without the shock"),
            label("Most laid out at once"),
            label("Gains with it"),
            label("Worst twentieth"),
            label("Worth it if the shock is as likely"),
            label("Keeps to what is asked"),
        ),
        rows=[_portfolio(context, row, scale) for row in records(rows)],
        numeric=frozenset((1, 2, 3, 4, 5, 6)),
        note="✓: recommended. Worst twentieth: mean loss there, against what doing nothing earns without the "
        "shock. Most laid out at once: money spent and not back yet at the close of a week, beyond doing "
        "nothing; in 95 of 100 futures no more.",
    )
    blocks: list[Chart | Table] = [chart, table, _members(context)]
    if len(context.tables["constraints"]):
        blocks.append(_constraints(context))
    if len(context.tables["finalists"]):
        blocks.append(_finalists(context))
    return Section(
        "portfolios", label("What less risk costs"), "All portfolios stand in the same futures.", blocks
    )


def _on_the_frontier(count: int) -> str:
    verb = "is" if count == 1 else "are"
    return f"{verb} such that none costs less and loses less in the worst twentieth of futures"


def _portfolio(context: MitigationContext, row: Any, scale: Scale) -> tuple[str, ...]:
    cell = context.money.cell
    return (
        context.label(row.portfolio),
        cell(row.advantage, scale),
        f"{cell(row.advantage_ci_low, scale)} to {cell(row.advantage_ci_high, scale)}",
        cell(row.cost, scale),
        cell(row.cash, scale),
        NONE if is_missing(row.gain) else cell(row.gain, scale),
        cell(row.loss_es95, scale),
        NONE if row.portfolio == NOTHING_KEY else _worth(row),
        row.keeps_constraints,
    )


def _members(context: MitigationContext) -> Table:
    """Which levers each portfolio takes, at which level, decided when."""
    rows = context.tables["portfolio_levers"]
    keys = list(dict.fromkeys(rows["portfolio"]))
    taken = {(row.portfolio, row.lever): _taken(context, row) for row in records(rows)}
    return Table(
        key="table-members",
        title="Levers of each portfolio",
        head=(label("Lever"), *keys),
        rows=[
            (context.title(lever), *(taken.get((key, lever), "") for key in keys))
            for lever in dict.fromkeys(rows["lever"])
        ],
        note="Level, and day on which it is decided; empty: not taken. Levers that none takes are left out.",
    )


def _taken(context: MitigationContext, row: Any) -> str:
    level = "yes" if is_missing(row.level) else short(row.level)
    return f"{level}, {context.day(row.decided)}" if row.decided else level


def _worth(row: Any) -> str:
    words = {"always": "always", "never": "never", "from": "from", "up_to": "up to"}[row.worth]
    return words if is_missing(row.break_even) else f"{words} {percent(row.break_even)}"


def _constraints(context: MitigationContext) -> Table:
    """What each portfolio keeps of what is asked, with intervals."""
    rows = context.tables["constraints"]

    def told(row: Any, value: float) -> str:
        if is_missing(value):
            return "never short" if row.constraint == SURVIVES else NONE
        if row.constraint == SURVIVES:
            return f"{short(value)} days"
        return context.money.text(value) if row.constraint in IN_MONEY else percent(value)

    return Table(
        key="table-constraints",
        title="What is asked, and what each portfolio keeps of it",
        head=("", label("Of"), label("Asked"), label("Found"), label("95% confidence"), label("Kept")),
        rows=[
            (
                context.label(row.portfolio),
                asked_in_words(row.constraint),
                f"{'at most' if row.constraint in AT_MOST else 'at least'} {told(row, row.asked)}",
                told(row, row.found),
                f"{told(row, row.found_ci_low)} to {told(row, row.found_ci_high)}",
                row.is_kept,
            )
            for row in records(rows)
        ],
        numeric=frozenset((2, 3, 4)),
        note="What is found decides, not its interval; a dash: too few futures to say. Cash and days hold in "
        "95 of 100 futures; budget and service are means.",
        folded=True,
    )


def _finalists(context: MitigationContext) -> Table:
    rows, found = context.tables["finalists"], context.summary["selection"]
    scale = context.money.scale_of([*rows["ahead_low"], *rows["ahead_high"]])
    return Table(
        key="table-finalists",
        title=f"Finalists against the best of the others, {scale.label}",
        head=("", label("Better by at least"), label("Better by at most")),
        rows=[
            (
                context.label(row.portfolio),
                context.money.cell(row.ahead_low, scale),
                context.money.cell(row.ahead_high, scale),
            )
            for row in records(rows)
        ],
        numeric=frozenset((1, 2)),
        note=f"All intervals hold at once with a probability of {percent(found['confidence'])}. If one is "
        f"better than all others by more than {context.money.text(found['zone'])}, it is selected with a "
        f"probability of {percent(found['probability'])} at least.",
        folded=True,
    )


def _curves(context: MitigationContext) -> Section:
    nothing, own = context.row(NOTHING_KEY), context.row(context.recommended)
    text = context.money.text
    title = (
        f"If nothing is done, the worst twentieth of futures lose {text(nothing.loss_es95)} on average"
        if context.recommended == NOTHING_KEY
        else f"The worst twentieth of futures lose {text(own.loss_es95)} on average, "
        f"{text(nothing.loss_es95)} if nothing is done"
    )
    chart = Chart(
        "before-and-after",
        title,
        mitigation_figures.before_and_after(context),
        note="A loss below 0 is a gain on what doing nothing earns without the shock.",
    )
    return Section("curves", label("Before and after"), "", [chart])


def _levers(context: MitigationContext) -> Section:
    rows, pairs = context.tables["lever_values"], context.tables["interactions"]
    scale = context.fine(rows["added"])
    cell = context.money.cell
    values = Table(
        key="table-levers",
        title=f"What each lever adds to the result, {scale.label}",
        head=(label("Lever"), label("Taken"), label("Adds"), label("95% confidence")),
        rows=[
            (
                context.way(row),
                row.is_taken,
                cell(row.added, scale),
                f"{cell(row.added_ci_low, scale)} to {cell(row.added_ci_high, scale)}",
            )
            for row in records(rows)
        ],
        numeric=frozenset((2, 3)),
        note="Of a lever that is taken: against the same without it. Of another: if it were added.",
    )
    blocks: list[Chart | Table] = [values]
    if len(pairs):
        blocks.append(
            Table(
                key="table-interactions",
                title=f"What two levers are worth more together than one by one, {scale.label}",
                head=(label("Lever"), label("And"), label("Worth more together"), label("95% confidence")),
                rows=[
                    (
                        context.title(row.lever),
                        context.title(row.with_lever),
                        cell(row.interaction, scale),
                        f"{cell(row.interaction_ci_low, scale)} to {cell(row.interaction_ci_high, scale)}",
                    )
                    for row in records(pairs)
                ],
                numeric=frozenset((2, 3)),
                note="Below 0 they stand in for each other.",
                folded=True,
            )
        )
    return Section("levers", label("What each lever adds"), "", blocks)


def _waiting(context: MitigationContext) -> Section:
    rows = context.tables["waiting"]
    lines = []
    for lever in dict.fromkeys(rows["lever"]):
        last = context.latest(str(lever))
        if last is not None:
            lines.append(f"{context.title(str(lever))} can wait until {context.day(last)}.")
    chart = Chart(
        "waiting",
        "What each recommended lever adds, by the day on which it is decided",
        mitigation_figures.waiting(context),
        note="Bars: 95% confidence. A lever can wait until the last day on which it cannot be told from the "
        "best one; days between those shown were not tried.",
    )
    return Section("waiting", label("How long each lever can wait"), " ".join(lines), [chart])


def _adaptive(context: MitigationContext) -> Section:
    rows = context.tables["adaptive"]
    scale = context.fine([*rows["adaptive"], *rows["now"]])
    cell = context.money.cell
    table = Table(
        key="table-adaptive",
        title=f"Deciding on a signal, {scale.label}",
        head=(
            label("Lever"),
            label("Signal"),
            label("Futures in which it comes in time"),
            label("Adds on the signal"),
            label("Adds if decided at once"),
            label("Option value"),
            label("95% confidence"),
        ),
        rows=[
            (
                context.title(row.lever),
                context.signal(row),
                percent(row.share_coming),
                cell(row.adaptive, scale),
                cell(row.now, scale),
                cell(row.option_value, scale),
                f"{cell(row.option_value_ci_low, scale)} to {cell(row.option_value_ci_high, scale)}",
            )
            for row in records(rows)
        ],
        numeric=frozenset((2, 3, 4, 5, 6)),
        note="Option value: what deciding on the signal adds beyond the better of at once and never. "
        "The signal is looked for on up to eight days, the first and the last of the lever among them.",
    )
    moved = (
        f"In {percent(row.share_moved)} of futures {context.title(row.lever)} moves its own signal too "
        "early: there this is not exact."
        for row in records(rows)
        if row.share_moved > 0.0
    )
    lead = " ".join([*(option_value(context, row) for row in records(rows)), *moved])
    return Section("adaptive", label("Deciding on a signal"), lead, [table])


_TERMS = {
    "Lever, portfolio": """
        A lever is a thing that can be done; a portfolio says which levers are taken, at which level, decided
        on which day.""",
    "Result": """
        What the maker earns over all simulated days, after all costs of the scenario and those of the levers;
        capital in stock and its obsolescence among them.""",
    "Loss of result": """
        What doing nothing would earn had the shock not come, less the result. Every portfolio is measured
        from this one level.""",
    "Worth it": """
        A portfolio costs what it takes off the result if the shock never comes, and gains what it adds where
        it comes. From the break-even probability of the shock on the gain outweighs the cost.""",
    "Selection": """
        Finalists are told apart with common random numbers, in two stages (Nelson and Matejcik 1995), none of
        whose futures took part in the search. What is recommended is simulated once more in fresh futures and
        falls to the next if it earns no more there than doing nothing.""",
    "Regret": """
        What a portfolio earns less in a view than the best of those tried there.""",
}
