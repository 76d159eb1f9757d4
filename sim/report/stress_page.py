"""The page of a stress test: one HTML file in the style of a run's report."""

import pandas as pd

from sim.report import stress_figures, stress_words
from sim.report.expected_tables import records
from sim.report.language import message, say, say_many
from sim.report.names import tidy
from sim.report.numbers import NONE, days, grouped, is_missing, percent, rounded
from sim.report.page import reproduction
from sim.report.page_parts import Card, Chart, Line, Page, Section, Table, asked
from sim.report.stress_words import KINDS, OR_PROCESS, StressContext, cell_days, often, survives
from sim.report.systemic_section import systemic_section
from sim.report.words import confidence, in_turn, yes_or_no
from sim.risk.findings import Findings
from sim.risk.stress_tables import SALES_TO_FIRMS

MOST_PAIRS = 50
WORSE = message("Worse than its parts")
AT_LEAST = message("PI at least, TTS at most")
IMPACT = message("Performance impact (PI)")
SURVIVE = message("Time to survive (TTS)")
QUESTIONS = {
    "nodes": message("Which failure hurts most?"),
    "systemic": message("Whom can the network not do without?"),
    "likelihood": message("How often, and what helps?"),
    "levers": message("How often, and what helps?"),
    "pairs": message("What if two fail at once?"),
}
"""Of who reads the page, by the chapters that answer them."""
SYSTEMIC = message("Economic systemic risk index (ESRI)")


def page_of_stress(findings: Findings) -> Page:
    """Everything that the page shows, in words and figures.

    Parameters
    ----------
    findings
        What a stress test found.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    context = stress_words.make_stress_context(findings)
    scenario = findings.scenario
    return Page(
        title=say("Stress test: {title}", title=tidy(scenario.title)),
        question=say("What does it cost when a supplier, country, component or lane fails?")
        if context.pairs.empty
        else say("What does it cost when a supplier, country, component or lane fails, or two at once?"),
        description="",
        answer=stress_words.answer(context),
        cards=[card for kind in KINDS for card in _cards(context, kind)],
        reading=_reading(context),
        sections=asked(
            [
                _nodes(context),
                *_systemic(context),
                *([] if context.rated is None else [_likelihood(context, context.rated)]),
                *([] if context.levers is None else [_levers(context, context.levers)]),
                *([] if context.pairs.empty else [_pairs(context)]),
            ],
            QUESTIONS,
        ),
        methods=[(say(term), say(text)) for term, text in _terms(context).items()],
        reproduction=reproduction(findings.scenario, findings.manifest),
        command=tidy(str(findings.manifest["command"])),
    )


def _reading(context: StressContext) -> str:
    """What is counted, in which window, and which pairs were tried."""
    counted = say(
        "Loss is of the makers’ {what} ({makers}) {window}, against that without a failure. Nothing is left "
        "to chance: what varies has its expected value.",
        what=context.leads.what,
        makers=context.makers,
        window=context.window,
    )
    return in_turn([counted, context.pairs_tried])


def _cards(context: StressContext, kind: str) -> list[Card]:
    """The worst node of a kind; nothing where the kind has no node."""
    rows = context.nodes[context.nodes["kind"] == kind]
    if rows.empty:
        return []
    worst = next(records(rows))
    costly = int((rows["pi"] > 0.0).sum())
    return [
        Card(
            maker=say("{name}: {value}", name=say(KINDS[kind]), value=context.name(kind, worst.node))
            if costly
            else say(KINDS[kind]),
            colour=stress_figures.COLOURS[kind],
            headline=Line(
                label=say(
                    "of the makers’ revenue lost{as_margin} when the worst one fails",
                    as_margin=context.leads.form,
                ),
                value=percent(worst.pi_share),
                detail=stress_words.tally(context, rows),
            ),
            lines=[
                Line(
                    say("Performance impact"),
                    context.money.text(worst.pi),
                    say("REI {value}", value=grouped(worst.rei, 2)),
                ),
                Line(
                    say("Time to survive"),
                    survives(worst.tts_days),
                    say("with foresight: {time}", time=survives(worst.tts_lp_days))
                    if context.has_bounds
                    else "",
                ),
                Line(say("Time to recover"), days(worst.ttr_days), say("an input")),
            ]
            if costly
            else [],
        )
    ]


def _nodes(context: StressContext) -> Section:
    what = context.leads.what
    chart = Chart(
        key="stress-nodes",
        title=stress_words.nodes_title(context),
        figure=stress_figures.impacts(context),
        note=say(
            "Bars: performance impact (PI). Black mark: the least loss that any orders could reach. Beside a "
            "bar: time to survive / time to recover, in days."
        )
        if context.has_bounds
        else say("Bars: performance impact (PI). Beside a bar: time to survive / time to recover, in days."),
    )
    scale = context.money.scale_of(context.nodes["pi"])
    table = Table(
        key="table-stress-nodes",
        title=say("All nodes, the largest impact first"),
        head=(
            say("Node"),
            say("Kind"),
            say("PI, {unit}", unit=scale.label),
            say("Share of the makers’ revenue"),
            say("REI"),
            say("TTS, days"),
            say("TTR, days"),
            *_bounded(context, say("PI at least, {unit}", unit=scale.label), say("TTS at most, days")),
        ),
        rows=[
            (
                context.name(row.kind, row.node),
                say(KINDS[row.kind]),
                context.money.cell(row.pi, scale),
                percent(row.pi_share),
                grouped(row.rei, 2),
                cell_days(row.tts_days),
                cell_days(row.ttr_days),
                *_bounded(
                    context,
                    NONE if is_missing(row.pi_lp) else context.money.cell(row.pi_lp, scale),
                    cell_days(row.tts_lp_days),
                ),
            )
            for row in records(context.nodes)
        ],
        numeric=frozenset(range(2, 9 if context.has_bounds else 7)),
        note=say(
            "PI below 0: the failure brings {what}. A dash: customers never notice{why}.",
            what=what,
            why=_why_no_bound(context),
        ),
        filterable=True,
    )
    lead = say(
        "Each node fails alone. Loss of the makers’ {what} ({makers}) {window}.",
        what=what,
        makers=context.makers,
        window=context.window,
    )
    return Section("nodes", say("Which nodes hurt most"), lead, [chart, table])


def _systemic(context: StressContext) -> list[Section]:
    if context.systemic is None or context.reach is None:
        return []
    summary = context.findings.summary["systemic"]
    return [systemic_section(context.names, summary, context.systemic, context.reach)]


def _likelihood(context: StressContext, rated: pd.DataFrame) -> Section:
    scale = context.money.scale_of(rated[["pi", "expected_annual_loss"]].to_numpy().flat)
    worst = next(records(rated))
    table = Table(
        key="table-stress-likelihood",
        title=say(
            "{node}: {amount} a year on average",
            node=context.called(worst),
            amount=context.money.text(worst.expected_annual_loss),
        ),
        head=(
            say("Node"),
            say("Kind"),
            say("Expected loss a year, {unit}", unit=scale.label),
            say("Fails"),
            say("Down for, days"),
            say("A failure costs, {unit}", unit=scale.label),
            say("Rate from"),
            say("Source"),
            say("Confidence"),
        ),
        rows=[
            (
                context.name(row.kind, row.node),
                say(OR_PROCESS[row.kind]),
                context.money.cell(row.expected_annual_loss, scale),
                often(row.rate_per_year),
                cell_days(row.mean_days_down),
                context.money.cell(row.pi, scale),
                context.process(row.process) if row.process else say("written rate"),
                tidy(str(row.source)) or say("not said"),
                confidence(row.confidence) or NONE,
            )
            for row in records(rated)
        ],
        numeric=frozenset((2, 4, 5)),
        note=say(
            "A written rate is a field of the file; its failure lasts for the time to recover. Other rates "
            "follow from a failure process of the file while it holds: its failures are stops of all lengths "
            "around the mean, each in an undisturbed network. Nodes overlap (a supplier, its country, its "
            "lanes), so the rows do not add up."
        ),
        filterable=True,
    )
    rates = say_many(
        "{number} failure rate: each times what a failure costs.",
        "{number} failure rates: each times what a failure costs.",
        len(rated),
    )
    lead = in_turn([rates, *stress_words.often_down(context)])
    return Section("likelihood", say("What failures cost a year"), lead, [table])


def _levers(context: StressContext, rows: pd.DataFrame) -> Section:
    scale = context.money.scale_of(rows[["lowered_by", "cost_per_year"]].to_numpy().flat)
    table = Table(
        key="table-stress-levers",
        title=say("What each lever takes off the expected loss of a year, {unit}", unit=scale.label),
        head=(
            say("Node"),
            say("Kind"),
            say("Lever"),
            say("Lowers it by"),
            say("Costs a year"),
            say("Lowers per unit of cost"),
            say("Best"),
        ),
        rows=[
            (
                context.name(row.kind, row.node),
                say(OR_PROCESS[row.kind]),
                stress_words.way(context, row),
                context.money.cell(row.lowered_by, scale),
                context.money.cell(row.cost_per_year, scale),
                NONE if is_missing(row.lowered_per_cost) else rounded(row.lowered_per_cost, 2),
                yes_or_no("yes" if row.is_best else "no"),
            )
            for row in records(rows)
        ],
        numeric=frozenset((3, 4, 5)),
        note=say(
            "Each lever alone, at its lowest and its highest level, decided as early as it can be. Its cost "
            "is what it takes off the result of a year without failures."
        ),
        filterable=True,
    )
    lead = stress_words.best_relief(context, rows)
    return Section("levers", say("Which lever lowers that most"), lead, [table])


def _bounded(context: StressContext, *cells: str) -> tuple[str, ...]:
    """Cells of bounds; none where there is no bound at all."""
    return cells if context.has_bounds else ()


def _why_no_bound(context: StressContext) -> str:
    """What a dash in place of a bound means; nothing where none stands there."""
    if not context.has_bounds:
        return ""
    if not context.bounds_all:
        return say(", or of bounds: the node was not among the worst, which alone were bounded")
    if context.nodes["pi_lp"].isna().any():
        return say(", or of the least PI: what expires may sell for more than it has cost, so none is known")
    return ""


def _pairs(context: StressContext) -> Section:
    together = context.worse_together
    chart = Chart(
        key="stress-pairs",
        title=stress_words.pairs_title(context),
        figure=stress_figures.pair_map(context),
        note=say(
            "Colour: what two nodes cost together beyond the sum of what each costs alone. Grey: no more "
            "than the sum. Shown are the nodes of the worst pairs, {most} at most, in the order of their own "
            "impact; columns carry the numbers of the rows.",
            most=str(stress_figures.MOST_IN_MAP),
        ),
    )
    lead = say_many(
        "{number} pair: both nodes fail together, each for its own time. A pair is worse than its parts "
        "where one node stands in for the other.",
        "{number} pairs: both nodes fail together, each for its own time. A pair is worse than its parts "
        "where one node stands in for the other.",
        len(context.pairs),
    )
    if together.empty:
        return Section("pairs", say("Which pairs are worse than their parts"), lead, [chart])
    scale = context.money.scale_of(together[["pi", "excess"]].to_numpy().flat)
    table = Table(
        key="table-stress-pairs",
        title=say_many(
            "The {number} pair most worse than the parts, of {all} that are",
            "The {number} pairs most worse than the parts, of {all} that are",
            min(len(together), MOST_PAIRS),
            all=grouped(len(together)),
        ),
        head=(
            say("Node"),
            say("and"),
            say("Beyond the sum, {unit}", unit=scale.label),
            say("PI of both, {unit}", unit=scale.label),
            say("TTS, days"),
        ),
        rows=[
            (
                *stress_words.ends(context, row),
                context.money.cell(row.excess, scale),
                context.money.cell(row.pi, scale),
                cell_days(row.tts_days),
            )
            for row in records(together.head(MOST_PAIRS))
        ],
        numeric=frozenset((2, 3, 4)),
        filterable=True,
    )
    return Section("pairs", say("Which pairs are worse than their parts"), lead, [chart, table])


def _terms(context: StressContext) -> dict[str, str]:
    """What the figures mean: of pairs only where there are any, of what leads."""
    terms = _TERMS | (_OF_MARGIN if context.leads.is_margin else {})
    terms |= {} if have_bounds(context) else _OF_SELLERS
    untold = {
        WORSE: context.pairs.empty,
        AT_LEAST: have_bounds(context) and not context.has_bounds,
        SYSTEMIC: context.systemic is None,
    }
    return {term: text for term, text in terms.items() if not untold.get(term, False)}


def have_bounds(context: StressContext) -> bool:
    """Whether linear programs can bound what nodes cost, if they are asked for."""
    return context.findings.summary.get("without_bounds") != SALES_TO_FIRMS


_OF_MARGIN = {
    IMPACT: message(
        "Contribution margin of the makers in the window, undisturbed, minus that with the failure: sales "
        "less what the goods have cost, the costs of stock and of its lack, write-offs and measures. Its "
        "share is of the undisturbed revenue."
    ),
    AT_LEAST: message(
        "Linear programs with the same stocks, capacities, lead times, recipes and demand, for one who knows "
        "from the day of failure on what will come. Nobody loses less or lasts longer. A unit sold earns its "
        "price less the least that it can have cost; stock, waiting, transit and lost customers cost what "
        "they do; orders, measures and what expires cost nothing. The distance is what foresight would be "
        "worth."
    ),
}
"""What differs where margin leads."""
_OF_SELLERS = {
    SURVIVE: message(
        "Days from the failure until customers of a maker first leave or wait whom the undisturbed network "
        "serves, or a firm that buys of a maker is first sent less."
    ),
    AT_LEAST: message(
        "There are none: makers sell to other firms, and whoever may order for these could sell them any "
        "number. Impacts are simulated, and count what makers sell to firms."
    ),
}
"""What differs where makers sell to other firms."""
_TERMS = {
    message("Node"): message(
        "A supplier (all lanes that leave it for another firm), a country (all its suppliers), a component "
        "(all lanes between firms that carry it) or a lane. While a node is down nothing is ordered or "
        "shipped on its lanes; what is under way arrives; buyers order from whoever is left."
    ),
    message("Undisturbed network"): message(
        "The scenario without its shock and all that only the shock triggers. Demand, lead times and all "
        "uncertain numbers have their expected values."
    ),
    message("Time to recover (TTR)"): message(
        "For how long a failed node stays down: an input of the scenario."
    ),
    SURVIVE: message(
        "Days from the failure until customers of a maker first leave or wait whom the undisturbed network "
        "serves."
    ),
    IMPACT: message(
        "Revenue of the makers in the window, undisturbed, minus that with the failure. Sales that customers "
        "only put off until later in the window are not lost."
    ),
    message("Risk exposure index (REI)"): message(
        "Performance impact over the largest of all nodes (Simchi-Levi et al., Interfaces 45(5), 2015)."
    ),
    AT_LEAST: message(
        "Linear programs with the same stocks, capacities, lead times, recipes and demand, for one who knows "
        "from the day of failure on what will come. Nobody loses less or lasts longer. The distance is what "
        "foresight would be worth."
    ),
    SYSTEMIC: message(
        "Share of all sales, to firms and to markets, that goes with a firm that fails for good: for want of "
        "its goods, or of its orders, whichever is worse for each, until nothing changes (Diem et al., "
        "Scientific Reports 12:7719, 2022). Links are the planned flows. No stock is used up."
    ),
    WORSE: message(
        "What a pair costs beyond the sum of what its nodes cost alone. Where nodes overlap, as a supplier "
        "and its own lane, a pair costs less than the sum; such pairs are not shown."
    ),
}
