"""A stress test in words: names of nodes, sentences, lines for a terminal."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.kinds import Target
from sim.model.network import YEAR
from sim.model.stops import PROCESS
from sim.report import systemic_section
from sim.report.expected_tables import (
    BOUNDED_STRESS_TABLES,
    LIKELIHOOD_TABLES,
    RELIEF_TABLES,
    STRESS_TABLES,
    SYSTEMIC_TABLES,
    checked,
    records,
)
from sim.report.language import message, say, say_many
from sim.report.leading_words import Leading, leading
from sim.report.names import Names, tidy, within
from sim.report.numbers import NONE, Money, as_date, day, days, grouped, is_missing, percent, rounded, short
from sim.report.words import joined
from sim.risk.findings import Findings
from sim.risk.stress_tables import NEGLIGIBLE_SHARE
from sim.scenario.makers import makers_of

KINDS = {
    "supplier": message("Supplier"),
    "country": message("Country"),
    "component": message("Component"),
    "lane": message("Lane"),
}
MOST_MAKERS = 6
"""Named in a sentence."""
OR_PROCESS = KINDS | {PROCESS: message("Failure process")}
"""What may have a failure rate."""
_WITHIN = {
    "supplier": message("supplier"),
    "country": message("country"),
    "component": message("component"),
    "lane": message("lane"),
    PROCESS: message("process"),
}
"""The same, inside a sentence."""
RARE = 0.1
"""Share of the time for which a process is down, up to which its stops are taken one by one."""
MANY = {
    "supplier": message("suppliers"),
    "country": message("countries"),
    "component": message("components"),
    "lane": message("lanes"),
}


@dataclass(frozen=True, slots=True)
class StressContext:
    """What all parts of the page share: findings with names and units."""

    findings: Findings
    nodes: pd.DataFrame
    pairs: pd.DataFrame
    names: Names
    money: Money
    rated: pd.DataFrame | None
    levers: pd.DataFrame | None
    systemic: pd.DataFrame | None
    reach: pd.DataFrame | None

    def name(self, kind: str, key: str) -> str:
        """Name of a node; a lane has the firms at its ends and what it carries."""
        if kind == "supplier":
            return self.names.firm(key)
        if kind == "lane":
            return self.names.lane(key)
        if kind == PROCESS:
            return self.process(key)
        return self.names.item(key) if kind == "component" else self.names.country(key)

    def called(self, row: Any) -> str:
        """Name of the node of a row, with its kind."""
        return of_kind(self.name(row.kind, row.node), row.kind)

    def process(self, name: str) -> str:
        """Name of a failure process: the title of its intervention, and its target where each has its own."""
        intervention, _, target = name.partition(":")
        kind, _, key = target.partition(":")
        title = self.names.intervention(intervention)
        if not target:
            return title
        return f"{title}: {self.names.lane(key) if kind == Target.LANE else self.names.stock_point(key)}"

    @property
    def revenue(self) -> float:
        """Revenue of the makers in the window, undisturbed."""
        return float(self.findings.summary["revenue_undisturbed"])

    @property
    def makers(self) -> str:
        """Over which makers losses are added up."""
        names = [within(self.names.firm(maker)) for maker in makers_of(self.findings.scenario)]
        more = len(names) - MOST_MAKERS
        return joined(
            [*names[:MOST_MAKERS], say("{number} more", number=grouped(more))] if more > 0 else names
        )

    @property
    def leads(self) -> Leading:
        """Words for what the makers lose."""
        return leading(self.findings.summary)

    @property
    def has_bounds(self) -> bool:
        """Whether linear programs bound what some nodes cost."""
        return "without_bounds" not in self.findings.summary

    @property
    def bounds_all(self) -> bool:
        """Whether they bound what every node costs."""
        return int(self.findings.summary.get("bounded_nodes", len(self.nodes))) >= len(self.nodes)

    @property
    def window(self) -> str:
        """The window in words."""
        return say_many(
            "in the {number} day from {day}",
            "in the {number} days from {day}",
            round(self.findings.summary["window_days"]),
            day=day(as_date(self.findings.summary["failure_date"])),
        )

    @property
    def impacts(self) -> pd.DataFrame:
        """The nodes whose failure costs anything, the worst first."""
        return self.nodes[self.nodes["pi"] > 0.0]

    @property
    def pairs_tried(self) -> str:
        """Which pairs fail, in a sentence; nothing if all do."""
        among = self.findings.summary["pairs_among"]
        of_kinds = int(self.nodes["kind"].isin(among).sum())
        paired = self.findings.summary.get("paired_nodes", of_kinds)
        if not among or paired < 2 <= len(self.nodes):
            return say("Nodes fail alone only: no pair was tried.")
        of_all = len(among) == len(self.findings.summary.get("node_kinds", KINDS))
        which = say("nodes") if of_all else joined([say(MANY[kind]) for kind in among])
        if paired < of_kinds:
            return say(
                "Pairs were tried among the {number} worst {nodes} only.", number=grouped(paired), nodes=which
            )
        return "" if of_all else say("Pairs were tried among {nodes} only.", nodes=which)

    @property
    def worse_together(self) -> pd.DataFrame:
        """The pairs that are worse than their parts, the worst first."""
        return self.pairs[self.pairs["excess"] > 0.0]


def make_stress_context(findings: Findings) -> StressContext:
    """Check the findings and prepare what all parts of the page share.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    bounded = findings.summary.get("bounded_nodes", len(findings.tables["stress_nodes"]))
    may_lack = leading(findings.summary).is_margin or bounded < len(findings.tables["stress_nodes"])
    expected = STRESS_TABLES | ({} if may_lack else BOUNDED_STRESS_TABLES)
    nodes, pairs = (checked(findings.tables, name, expected) for name in STRESS_TABLES)
    rated, levers, systemic, reach = (
        checked(findings.tables, name, expected) if name in findings.tables else None
        for expected in (LIKELIHOOD_TABLES, RELIEF_TABLES, SYSTEMIC_TABLES)
        for name in expected
    )
    return StressContext(
        findings,
        nodes,
        pairs,
        Names(findings.scenario, length=60),
        Money(findings.scenario.currency),
        rated,
        levers,
        systemic,
        reach,
    )


def of_kind(name: str, kind: str) -> str:
    """A name with the kind of its node.

    Examples
    --------
    >>> of_kind("Taiwan", "country")
    'Taiwan (country)'
    """
    return say("{name} ({kind})", name=name, kind=kind_within(kind))


def kind_within(kind: str) -> str:
    """A kind of node inside a sentence."""
    return say(_WITHIN[kind])


def survives(value: Any) -> str:
    """Time to survive in words."""
    return say("never short") if is_missing(value) else days(float(value))


def effect(money: Money, amount: float, *, several: bool = False) -> str:
    """What a failure does to the revenue, or the margin, of the makers; below 0, it brings some.

    Examples
    --------
    >>> effect(Money("EUR"), 5.0), effect(Money("EUR"), -5.0, several=True), effect(Money("EUR"), 0.0)
    ('costs EUR 5.0', 'bring EUR 5.0', 'costs nothing')
    """
    if not amount:
        return say("cost nothing") if several else say("costs nothing")
    told = money.text(abs(amount))
    if amount < 0.0:
        return say("bring {amount}", amount=told) if several else say("brings {amount}", amount=told)
    return say("cost {amount}", amount=told) if several else say("costs {amount}", amount=told)


def impact(context: StressContext, row: Any) -> str:
    """What a node costs; of margin, that it is."""
    amount = context.money.text(row.pi)
    if not context.leads.is_margin:
        return amount
    return say("{amount} of {what}", amount=amount, what=context.leads.what)


def tally(context: StressContext, nodes: pd.DataFrame) -> str:
    """How many of some nodes cost anything, and how many bring what the makers could lose."""
    costly, bringing = int((nodes["pi"] > 0.0).sum()), int((nodes["pi"] < 0.0).sum())
    text = _costly_of(costly, len(nodes))
    if not bringing:
        return text
    return say_many(
        "{tally}, {number} brings {what}",
        "{tally}, {number} bring {what}",
        bringing,
        tally=text,
        what=context.leads.what,
    )


def _costly_of(costly: int, nodes: int) -> str:
    if costly:
        all_nodes = say_many("of {number} node", "of {number} nodes", nodes)
        return say_many(
            "{number} {of_all} costs anything", "{number} {of_all} cost anything", costly, of_all=all_nodes
        )
    if nodes == 1:
        return say("Not even the only node costs anything")
    return say("None of {number} nodes costs anything", number=grouped(nodes))


def nodes_title(context: StressContext) -> str:
    """What the ranking of nodes shows."""
    found = context.impacts
    if found.empty:
        return say("{tally} when failing alone", tally=tally(context, context.nodes))
    first = next(records(found))
    return say(
        "{node} costs most: {impact}, {share} of the makers’ revenue; {tally}",
        node=context.called(first),
        impact=impact(context, first),
        share=percent(first.pi_share),
        tally=tally(context, context.nodes),
    )


def pairs_title(context: StressContext) -> str:
    """What the heat map shows."""
    found = context.worse_together
    if found.empty:
        return no_pair(context)
    first = next(records(found))
    return say("{pair} {costs}", pair=pair_name(context, first), costs=together(context, first))


def no_pair(context: StressContext) -> str:
    """What is said where no pair is worse than its parts."""
    if context.pairs.empty:
        return say("There is no pair of nodes")
    if len(context.pairs) == 1:
        return say("Not even the only pair is worse together than one by one")
    return say("None of {number} pairs is worse together than one by one", number=grouped(len(context.pairs)))


def together(context: StressContext, row: Any) -> str:
    """What a pair costs, and what its nodes cost one by one."""
    parts = row.pi - row.excess
    parts = 0.0 if abs(parts) <= NEGLIGIBLE_SHARE * abs(context.revenue) else parts
    if row.pi <= 0.0 or parts < 0.0:
        both, single = (effect(context.money, amount, several=True) for amount in (row.pi, parts))
        return say("{both} together and {single} one by one", both=both, single=single)
    both, single = context.money.apart(row.pi, parts)
    if not parts:
        return say("cost {both} together and nothing one by one", both=both)
    return say("cost {both} together and {single} one by one", both=both, single=single)


def pair_name(context: StressContext, row: Any) -> str:
    """Names of the two nodes of a row."""
    one, other = ends(context, row)
    return say("{some} and {last}", some=one, last=other)


def ends(context: StressContext, row: Any) -> tuple[str, str]:
    """Names of the two nodes of a row, each with its kind."""
    return (
        of_kind(context.name(row.kind_a, row.node_a), row.kind_a),
        of_kind(context.name(row.kind_b, row.node_b), row.kind_b),
    )


def answer(context: StressContext) -> list[str]:
    """The findings in two paragraphs."""
    found, together_worse = context.impacts, context.worse_together
    if found.empty:
        first = say("{finding}.", finding=nodes_title(context))
    else:
        worst = next(records(found))
        first = say(
            "If one node fails on {day}, none hurts more than {node}: down for {days}, it costs {impact}, "
            "{share} of the makers’ revenue ({makers}) {window}. {tally}.",
            day=day(context.findings.summary["failure_date"]),
            node=within(context.called(worst)),
            days=days(worst.ttr_days),
            impact=impact(context, worst),
            share=percent(worst.pi_share),
            makers=context.makers,
            window=context.window,
            tally=tally(context, context.nodes),
        )
    if context.pairs.empty and context.pairs_tried:
        return [first]
    if together_worse.empty:
        return [first, say("{finding}.", finding=no_pair(context))]
    pair = next(records(together_worse))
    second = say_many(
        "{number} {of_all} is worse together than one by one, most of all {pair}: they {costs}.",
        "{number} {of_all} are worse together than one by one, most of all {pair}: they {costs}.",
        len(together_worse),
        of_all=say_many("of {number} pair", "of {number} pairs", len(context.pairs)),
        pair=pair_name(context, pair),
        costs=together(context, pair),
    )
    return [first, second]


def told(findings: Findings, most: int) -> list[str]:
    """The worst nodes and pairs as lines for a terminal.

    Parameters
    ----------
    findings
        What a stress test found.
    most
        Nodes, and pairs, to tell at most.
    """
    context = make_stress_context(findings)
    pi = "PI; in brackets, as a share of revenue" if context.leads.is_margin else "PI"
    what = f"Loss of the makers' {context.leads.what} ({context.makers}) {context.window}"
    lines = [f"{what} if one node fails ({pi}), largest first:"]
    lines += [
        f"  {context.called(row)}: PI {context.money.text(row.pi)} ({percent(row.pi_share)}), "
        f"REI {grouped(row.rei, 2)}, TTS {survives(row.tts_days)}, TTR {days(row.ttr_days)}"
        for row in records(context.impacts.head(most))
    ] or [f"  {tally(context, context.nodes)}"]
    lines += [
        *systemic_lines(context, most),
        *likely_lines(context, most),
        *relief_lines(context, most),
    ]
    if context.pairs.empty and context.pairs_tried:
        return [*lines, context.pairs_tried]
    lines.append("Pairs that are worse together than one by one:")
    lines += [
        f"  {pair_name(context, row)} {together(context, row)}"
        for row in records(context.worse_together.head(most))
    ] or [f"  {no_pair(context)}"]
    return [*lines, *filter(None, [context.pairs_tried])]


def systemic_lines(context: StressContext, most: int) -> list[str]:
    """The firms with the largest systemic risk index, as lines; none where it was not asked for."""
    if context.systemic is None:
        return []
    return systemic_section.systemic_lines(
        context.names, context.findings.summary["systemic"], context.systemic, most
    )


def likely_lines(context: StressContext, most: int) -> list[str]:
    """What nodes cost a year, as lines; none where no node has a failure rate."""
    if context.rated is None:
        return []
    return [
        "Expected loss a year (failure rate x what a failure costs), largest first:",
        *(
            f"  {context.called(row)}: {context.money.text(row.expected_annual_loss)} a year, "
            f"{often(row.rate_per_year)}{for_how_long(context, row)}"
            for row in records(context.rated.head(most))
        ),
        *often_down(context),
    ]


def often_down(context: StressContext) -> list[str]:
    """That stops which are not rare are no sum of single ones, as lines; none where all are rare."""
    if context.rated is None:
        return []
    shares = context.rated["rate_per_year"] * context.rated["mean_days_down"] / YEAR
    often_down = context.rated[(context.rated["process"] != "") & (shares > RARE)]
    if often_down.empty:
        return []
    first, *others = dict.fromkeys(often_down["process"])
    more = (
        say_many(" and {number} other process", " and {number} other processes", len(others))
        if others
        else ""
    )
    return [
        say(
            "“{process}”{more}: down for more than {share} of the time. Such stops meet shelves that earlier "
            "ones have left empty, so a year costs more or less than told here: a run says what.",
            process=context.process(first),
            more=more,
            share=percent(RARE),
        )
    ]


def for_how_long(context: StressContext, row: Any) -> str:
    """Which failure process gives a rate, and for how long it is down; nothing where the rate is written."""
    if not row.process:
        return ""
    by = "" if row.kind == PROCESS else f" by “{context.process(row.process)}”"
    return f"{by}, down for {days(row.mean_days_down)} on average"


def relief_lines(context: StressContext, most: int) -> list[str]:
    """Which lever lowers what a node costs a year most for its cost, as lines."""
    if context.levers is None:
        return []
    best = context.levers[context.levers["is_best"]]
    if best.empty:
        return [best_relief(context, context.levers)]
    return [
        "What lowers that most for its cost:",
        *(f"  {relief_sentence(context, row)}" for row in records(best.head(most))),
    ]


def best_relief(context: StressContext, levers: pd.DataFrame) -> str:
    """Which lever lowers what a node costs a year most, in a sentence."""
    best = levers[levers["is_best"]]
    if best.empty:
        return say("No lever lowers what a node costs a year.")
    return say("{finding}.", finding=relief_sentence(context, next(records(best))))


def relief_sentence(context: StressContext, row: Any) -> str:
    """By how much a lever lowers what a node costs a year, and what it costs."""
    text = context.money.text
    return say(
        "{node}: {lever} lowers it by {amount} a year {cost}",
        node=context.called(row),
        lever=way(context, row),
        amount=text(row.lowered_by),
        cost=say("for {amount} a year", amount=text(row.cost_per_year))
        if row.cost_per_year > 0.0
        else say("at no cost"),
    )


def way(context: StressContext, row: Any) -> str:
    """A lever with its level."""
    lever = context.findings.scenario.levers[row.lever]
    level = (
        ""
        if is_missing(row.level)
        else f" ({short(row.level)}{f' {tidy(lever.unit)}' if lever.unit else ''})"
    )
    return f"{say('“{title}”', title=tidy(lever.title))}{level}"


def often(rate_per_year: float) -> str:
    """How often something happens.

    Examples
    --------
    >>> often(0.02), often(2.5), often(0.0)
    ('once in 50 years', '2.5 times a year', 'never')
    """
    if rate_per_year <= 0.0:
        return say("never")
    if rate_per_year < 1.0:
        return say("once in {years} years", years=rounded(1.0 / rate_per_year))
    return say("{times} times a year", times=rounded(rate_per_year))


def cell_days(value: Any) -> str:
    """Days for a table; a dash for never."""
    return NONE if is_missing(value) else grouped(float(value))
