"""Whether findings of a comparison hang together: a folder may come from anybody."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.errors import ReportError
from sim.report.expected_tables import COMPARISON_TABLES, checked, records
from sim.report.leading_words import leading
from sim.risk.findings import Findings

ROUNDING = 1e-9
SHARES = ("share_worse", "share_better")


def checked_tables(findings: Findings) -> Mapping[str, pd.DataFrame]:
    """The tables of a comparison, once they and the summary say the same.

    Raises
    ------
    ReportError
        If a table or a column is absent, a number is missing or infinite where one must be, or is none that
        a comparison gives: tables of other scenarios or makers, shares that are none, sums that are not.
    """
    tables = {name: checked(findings.tables, name, COMPARISON_TABLES) for name in COMPARISON_TABLES}
    names = _names(findings)
    makers = list(dict.fromkeys(tables["scenarios"]["maker"]))
    _refuse_strangers(findings, tables, names, makers)
    _refuse_impossible(findings, tables)
    _refuse_other_sums(tables)
    return tables


def _names(findings: Findings) -> list[str]:
    """Of the scenarios, from the summary, each once and with a title."""
    entries = findings.summary["scenarios"]
    texts = [text for entry in entries for text in (entry["scenario"], entry["title"])]
    if not all(isinstance(text, str) for text in texts):
        raise ReportError("the summary names a scenario that has no text for a name or a title")
    names = [entry["scenario"] for entry in entries]
    if len(set(names)) != len(names) or not names:
        raise ReportError(f"the summary names no scenario, or one twice: {', '.join(names)}")
    replications = findings.summary["replications"]
    if not isinstance(replications, int) or replications < 1:
        raise ReportError(f"the summary tells {replications!r} replications")
    return names


def _refuse_strangers(
    findings: Findings, tables: Mapping[str, pd.DataFrame], names: list[str], makers: list[str]
) -> None:
    scenario = findings.scenario
    unknown = [maker for maker in makers if maker not in {**scenario.firms, **scenario.analysis.groups}]
    if unknown or not makers:
        raise ReportError(
            f"table scenarios tells of {', '.join(unknown) or 'no maker'}, none of the scenario"
        )
    for name, table in tables.items():
        known = {"maker": makers, "scenario": names, "against": names}
        for column in set(known).intersection(table.columns):
            others = set(table[column]).difference(known[column])
            if others:
                raise ReportError(
                    f"table {name} tells of {min(map(str, others))}, which the summary does not"
                )
    expected = {(name, maker) for name in names for maker in makers}
    rows = list(zip(tables["scenarios"]["scenario"], tables["scenarios"]["maker"], strict=True))
    if set(rows) != expected or len(rows) != len(expected):
        raise ReportError("table scenarios has not one row of each scenario and maker")


def _refuse_impossible(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> None:
    for name in ("differences", "waterfall"):
        for column in SHARES:
            if not tables[name][column].between(0.0, 1.0).all():
                raise ReportError(f"table {name}, column {column}: found a share that is none")
    losses, replications = tables["losses"], int(findings.summary["replications"])
    if not leading(findings.summary).is_margin and (losses["loss_share"] > 1.0 + ROUNDING).any():
        raise ReportError("table losses tells of a loss of more than all revenue")
    counts = losses.groupby(["scenario", "maker"]).size()
    if len(counts) != len(tables["scenarios"]) or (counts != replications).any():
        raise ReportError(f"table losses has not {replications:,} rows of each scenario and maker")


def _refuse_other_sums(tables: Mapping[str, pd.DataFrame]) -> None:
    means = tables["losses"].groupby(["scenario", "maker"])["loss_share"].mean()
    for row in records(tables["scenarios"]):
        if not _same(row.mean, means[row.scenario, row.maker]):
            raise ReportError(
                f"table scenarios tells a mean of {row.scenario} that is not that of its losses"
            )
    for row in records(tables["differences"]):
        if not _same(row.mean, means[row.scenario, row.maker] - means[row.against, row.maker]):
            raise ReportError(f"table differences tells one of {row.scenario} that is none of its means")
    steps = tables["waterfall"]
    before, after, effect = (steps[name].to_numpy(dtype=np.float64) for name in ("before", "after", "effect"))
    if not np.allclose(after - before, effect, rtol=0.0, atol=ROUNDING):
        raise ReportError("table waterfall tells an effect that is not that of its step")


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= ROUNDING * max(1.0, abs(one))
