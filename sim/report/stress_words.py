"""A stress test in words: names of nodes, sentences, lines for a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.report.names import Names
from sim.report.numbers import NONE, Money, as_date, day, days, is_missing, percent
from sim.report.tables import STRESS_TABLES, checked, records
from sim.risk.findings import Findings

KINDS = {"supplier": "Supplier", "country": "Country", "component": "Component", "lane": "Lane"}
MANY = {"supplier": "suppliers", "country": "countries", "component": "components", "lane": "lanes"}


@dataclass(frozen=True, slots=True)
class StressContext:
    """What all parts of the page share: findings with names and units."""

    findings: Findings
    nodes: pd.DataFrame
    pairs: pd.DataFrame
    names: Names
    money: Money

    def name(self, kind: str, key: str) -> str:
        """Name of a node; a country has its code, a lane the firms at its ends and what it carries."""
        if kind == "supplier":
            return self.names.firm(key)
        if kind == "lane":
            return self._lane_name(key)
        return self.names.item(key) if kind == "component" else key

    def _lane_name(self, key: str) -> str:
        scenario = self.findings.scenario
        is_substitute = key in scenario.substitutes
        lane = scenario.substitutes[key] if is_substitute else scenario.lanes[key]
        supplier, buyer = (scenario.stock_points[end] for end in (lane.supplier, lane.buyer))
        name = f"{self.names.firm(supplier.firm)} → {self.names.firm(buyer.firm)}"
        return f"{name}: {self.names.item(supplier.item)}" + (", substitute" if is_substitute else "")

    def called(self, row: Any) -> str:
        """Name of the node of a row, with its kind."""
        return f"{self.name(row.kind, row.node)} ({row.kind})"

    @property
    def revenue(self) -> float:
        """Revenue of the makers in the window, undisturbed."""
        return float(self.findings.summary["revenue_undisturbed"])

    @property
    def window(self) -> str:
        """The window in words."""
        length = days(self.findings.summary["window_days"])
        return f"in the {length} from {day(as_date(self.findings.summary['failure_date']))}"

    @property
    def impacts(self) -> pd.DataFrame:
        """The nodes whose failure costs anything, the worst first."""
        return self.nodes[self.nodes["pi"] > 0.0]

    @property
    def pairs_tried(self) -> str:
        """Which pairs fail, in a sentence; nothing if all do."""
        among = self.findings.summary["pairs_among"]
        if len(among) == len(KINDS):
            return ""
        if not among:
            return "Nodes fail alone only: no pair was tried."
        return f"Pairs were tried among {listed([MANY[kind] for kind in among])} only."

    @property
    def worse_together(self) -> pd.DataFrame:
        """The pairs that cost more than their parts, the worst first."""
        return self.pairs[self.pairs["excess"] > 0.0]


def make_stress_context(findings: Findings) -> StressContext:
    """Check the findings and prepare what all parts of the page share.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    nodes, pairs = (checked(findings.tables, name, STRESS_TABLES) for name in STRESS_TABLES)
    names = Names(findings.scenario, length=60)
    return StressContext(findings, nodes, pairs, names, Money(findings.scenario.currency))


def listed(names: Sequence[str]) -> str:
    """Names one after the other.

    Examples
    --------
    >>> listed(["lanes"]), listed(["suppliers", "countries", "lanes"])
    ('lanes', 'suppliers, countries and lanes')
    """
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def survives(value: Any) -> str:
    """Time to survive in words."""
    return "never short" if is_missing(value) else days(float(value))


def nodes_title(context: StressContext) -> str:
    """What the ranking of nodes shows."""
    found = context.impacts
    if found.empty:
        return f"None of {len(context.nodes)} nodes costs anything when it fails alone"
    first = next(records(found))
    return (
        f"{context.called(first)} costs most: {context.money.text(first.pi)}, "
        f"{percent(first.pi_share)} of revenue; {len(found)} of {len(context.nodes)} nodes cost anything"
    )


def pairs_title(context: StressContext) -> str:
    """What the heat map shows."""
    found = context.worse_together
    if found.empty:
        return "No pair costs more than its two nodes do one by one"
    first = next(records(found))
    return (
        f"{pair_name(context, first)} cost {context.money.text(first.excess)} more together than one by one"
    )


def pair_name(context: StressContext, row: Any) -> str:
    """Names of the two nodes of a row."""
    one, other = context.name(row.kind_a, row.node_a), context.name(row.kind_b, row.node_b)
    return f"{one} ({row.kind_a}) and {other} ({row.kind_b})"


def answer(context: StressContext) -> list[str]:
    """The findings in two paragraphs."""
    found, together = context.impacts, context.worse_together
    if found.empty:
        first = f"Each of {len(context.nodes)} nodes may fail alone without any loss of revenue."
    else:
        worst = next(records(found))
        first = (
            f"If one node fails on {day(context.findings.summary['failure_date'])}, none hurts more than "
            f"{context.called(worst)}: down for {days(worst.ttr_days)}, it costs "
            f"{context.money.text(worst.pi)}, {percent(worst.pi_share)} of the makers’ revenue "
            f"{context.window}. {len(context.nodes) - len(found)} of {len(context.nodes)} nodes cost nothing."
        )
    if context.pairs.empty:
        return [first]
    if together.empty:
        return [first, f"None of {len(context.pairs):,} pairs costs more than its parts."]
    pair = next(records(together))
    second = (
        f"{len(together):,} of {len(context.pairs):,} pairs cost more than their parts. "
        f"{pair_name(context, pair)} stand out: {context.money.text(pair.pi)} together, "
        f"{context.money.text(pair.excess)} of it only because both fail."
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
    lines = [f"Loss of the makers' revenue {context.window} if one node fails (PI), largest first:"]
    lines += [
        f"  {context.called(row)}: PI {context.money.text(row.pi)} ({percent(row.pi_share)}), "
        f"REI {row.rei:.2f}, TTS {survives(row.tts_days)}, TTR {days(row.ttr_days)}"
        for row in records(context.impacts.head(most))
    ] or [f"  none of {len(context.nodes)} nodes costs anything"]
    if context.pairs.empty:
        return [*lines, *filter(None, [context.pairs_tried])]
    lines.append("Pairs that cost more together than one by one:")
    lines += [
        f"  {pair_name(context, row)}: {context.money.text(row.excess)} more, "
        f"{context.money.text(row.pi)} in all"
        for row in records(context.worse_together.head(most))
    ] or [f"  none of {len(context.pairs):,}"]
    return [*lines, *filter(None, [context.pairs_tried])]


def cell_days(value: Any) -> str:
    """Days for a table; a dash for never."""
    return NONE if is_missing(value) else f"{float(value):,.0f}"
