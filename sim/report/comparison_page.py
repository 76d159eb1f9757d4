"""The report of a comparison: one HTML file in the style of the report of a run."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sim.report import comparison_figures
from sim.report.blocks import Card, Chart, Grid, Line, Page, Section, Table
from sim.report.names import Names, tidy
from sim.report.numbers import NONE, Money, is_missing, percent, percent_range
from sim.report.page import rendered, reproduction
from sim.report.style import Palette, make_palette
from sim.report.tables import COMPARISON_TABLES, checked, records
from sim.risk.findings import Findings

LEAST_SHOWN = 0.0005
"""Share of revenue by which a step must move the loss to have a bar."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Findings of a comparison with names, colours and units."""

    findings: Findings
    tables: Mapping[str, pd.DataFrame]
    order: tuple[str, ...]
    names: Names
    money: Money
    palette: Palette
    makers: tuple[str, ...]

    def row(self, table: str, **values: str) -> pd.Series:
        """The row of a table in which some columns have some values."""
        found = self.tables[table]
        for column, value in values.items():
            found = found[found[column] == value]
        return found.iloc[0]

    def step(self, name: str) -> str:
        """What a step changes: the titles of objects where they have one, else their ids."""
        return " and ".join(f"“{tidy(self._object(part))}”" for part in name.split(" and "))

    def _object(self, path: str) -> str:
        collection, _, key = path.partition(".")
        entries = getattr(self.findings.scenario, collection, None)
        entry = entries.get(key) if isinstance(entries, dict) else None
        return str(getattr(entry, "title", None) or getattr(entry, "name", None) or path)


def render_comparison(findings: Findings) -> str:
    """Write the report as one HTML text; the same findings give the same text.

    Parameters
    ----------
    findings
        What :func:`sim.compare.run` returned.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    tables = {name: checked(findings.tables, name, COMPARISON_TABLES) for name in COMPARISON_TABLES}
    makers = tuple(dict.fromkeys(tables["scenarios"]["maker"]))
    comparison = Comparison(
        findings=findings,
        tables=tables,
        order=tuple(entry["scenario"] for entry in findings.summary["scenarios"]),
        names=Names(findings.scenario),
        money=Money(findings.scenario.currency),
        palette=make_palette(makers, ()),
        makers=makers,
    )
    return rendered(_page(comparison))


def _page(comparison: Comparison) -> Page:
    summary, manifest = comparison.findings.summary, comparison.findings.manifest
    replications = int(summary["replications"])
    return Page(
        title=f"Comparison: {', '.join(map(tidy, comparison.order))}",
        question="What does each scenario cost, and which assumption moves the answer?",
        description="",
        answer=[_answer(comparison, maker) for maker in comparison.makers],
        cards=[_card(comparison, maker) for maker in comparison.makers],
        reading=f"Loss is counted in the {summary['window_days']} days from the shock, in {replications:,} "
        "simulated futures of each scenario and step. A future has the same random numbers in all of them, "
        "so differences are known better than the scenarios themselves.",
        sections=[_steps(comparison), _likelihood(comparison), _side_by_side(comparison)],
        methods=[(term, " ".join(text.split())) for term, text in _TERMS.items()],
        reproduction=reproduction(comparison.findings.scenario, manifest),
        command=tidy(str(manifest.get("command", ""))),
    )


def _answer(comparison: Comparison, maker: str) -> str:
    first, *others = comparison.order
    start = comparison.row("scenarios", scenario=first, maker=maker)
    parts = [
        f"{percent(float(comparison.row('scenarios', scenario=name, maker=maker)['mean']), 1)} in "
        f"{tidy(name)}"
        for name in others
    ]
    most = comparison.findings.summary["moves_most"].get(maker)
    moved = f" {comparison.step(most['step'])} moves it most ({_points(most['effect'])})." if most else ""
    return (
        f"{comparison.names.firm(maker)} loses {percent(float(start['mean']), 1)} of its revenue in "
        f"{tidy(first)}, and {' and '.join(parts)}.{moved}"
    )


def _card(comparison: Comparison, maker: str) -> Card:
    first, *others = comparison.order
    start = comparison.row("scenarios", scenario=first, maker=maker)
    return Card(
        maker=comparison.names.firm(maker),
        colour=comparison.palette.makers[maker],
        headline=Line(
            f"of revenue lost in {tidy(first)} (mean)",
            percent(float(start["mean"]), 1),
            f"5–95% of futures: {percent_range(start['p05'], start['p95'], 1)}",
        ),
        lines=[_difference_line(comparison, maker, first, name) for name in others],
    )


def _difference_line(comparison: Comparison, maker: str, first: str, name: str) -> Line:
    row = comparison.row("differences", scenario=name, against=first, maker=maker)
    return Line(
        f"{tidy(name)}, against it",
        _points(float(row["mean"])),
        f"95% confidence: {_points_range(row['mean_ci_low'], row['mean_ci_high'])}; worse in "
        f"{percent(float(row['share_worse']))} of futures",
    )


def _points(share: float) -> str:
    """A difference of shares in percentage points, with its sign.

    Examples
    --------
    >>> _points(0.0123), _points(-0.04)
    ('+1.2 points', '−4.0 points')
    """
    return f"{100.0 * share:+.1f} points".replace("-", "−")


def _points_range(low: object, high: object) -> str:
    ends = [NONE if is_missing(end) else f"{100.0 * float(str(end)):+.2f}" for end in (low, high)]
    return " to ".join(ends).replace("-", "−")


# ---------------------------------------------------------------------- chapters


def _steps(comparison: Comparison) -> Section:
    blocks: list[Chart | Grid | Table] = []
    for pair, (one, other) in enumerate(zip(comparison.order, comparison.order[1:], strict=False), start=1):
        table = comparison.tables["waterfall"]
        rows = table[(table["against"] == one) & (table["scenario"] == other)]
        charts = [
            _waterfall(comparison, rows[rows["maker"] == maker], f"waterfall-{pair}-{number}")
            for number, maker in enumerate(comparison.makers, start=1)
            if len(rows)
        ]
        if charts:
            title = f"From {tidy(one)} to {tidy(other)}"
            blocks += [Grid(charts, title=title), _steps_table(comparison, rows, pair)]
    lead = (
        "The settings that differ are changed one after the other, in the order of the file. A bar is what "
        "its step adds after those above it; the table has what each does alone."
    )
    none = "The scenarios differ in nothing that a figure depends on."
    return Section("steps", "Which assumption moves the answer", lead if blocks else none, blocks)


def _waterfall(comparison: Comparison, rows: pd.DataFrame, key: str) -> Chart:
    shown = rows[rows["effect"].abs() >= LEAST_SHOWN]
    hidden = len(rows) - len(shown)
    labels = [comparison.step(step) for step in shown["step"]]
    most = max(records(rows), key=lambda row: abs(row.effect))
    return Chart(
        key=key,
        title=f"{comparison.names.firm(most.maker)}: {comparison.step(most.step)} moves the loss most on the "
        f"way to {tidy(most.scenario)}, by {_points(most.effect)}",
        figure=comparison_figures.waterfall(rows, shown.assign(step=labels)),
        note=f"Left out: {hidden} of {len(rows)} steps, each less than 0.05 points." if hidden else "",
    )


def _steps_table(comparison: Comparison, rows: pd.DataFrame, pair: int) -> Table:
    body = [
        (
            comparison.names.firm(row.maker),
            comparison.step(row.step),
            _points(row.effect),
            _points_range(row.effect_ci_low, row.effect_ci_high),
            NONE if is_missing(row.alone) else _points(row.alone),
        )
        for row in records(rows)
    ]
    return Table(
        key=f"table-steps-{pair}",
        title="The steps, as a table",
        head=("Maker", "Step", "After those before it", "95% confidence, points", "Alone"),
        rows=body,
        numeric=frozenset({2, 3, 4}),
        note="A dash stands where a step alone makes no scenario.",
        folded=True,
    )


def _likelihood(comparison: Comparison) -> Section:
    losses = comparison.tables["losses"]
    charts = [
        Chart(
            key=f"exceedance-{number}",
            title=f"{comparison.names.firm(maker)}: how likely is a larger loss",
            figure=comparison_figures.exceedance(losses[losses["maker"] == maker], comparison.order),
        )
        for number, maker in enumerate(comparison.makers, start=1)
    ]
    return Section("likelihood", "How likely each loss is", "One curve a scenario.", [Grid(charts)])


def _side_by_side(comparison: Comparison) -> Section:
    return Section(
        "scenarios",
        "The scenarios side by side",
        "Shares of the revenue without the shock.",
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
        title="Loss of each scenario",
        head=(
            *("Scenario", "Maker", "Mean", "95% confidence", "5–95% of futures", "VaR 95%", "ES 95%"),
            f"Mean, {scale.label}",
        ),
        rows=body,
        numeric=frozenset(range(2, 8)),
    )


def _differences_table(comparison: Comparison) -> Table:
    body = [
        (
            f"{tidy(row.scenario)} against {tidy(row.against)}",
            comparison.names.firm(row.maker),
            _points(row.mean),
            _points_range(row.mean_ci_low, row.mean_ci_high),
            _points_range(row.p05, row.p95),
            percent(row.share_worse),
            NONE if is_missing(row.variance_ratio) else percent(row.variance_ratio),
        )
        for row in records(comparison.tables["differences"])
    ]
    return Table(
        key="table-differences",
        title="Differences, future by future",
        head=(
            *("Scenarios", "Maker", "Mean", "95% confidence", "5–95% of futures"),
            *("Worse in", "Variance left"),
        ),
        rows=body,
        numeric=frozenset(range(2, 7)),
        note="Variance left: of the differences, as a share of what independent futures would have.",
    )


def _interval(low: object, high: object) -> str:
    if is_missing(low) or is_missing(high):
        return NONE
    return percent_range(float(str(low)), float(str(high)), 1)


_TERMS = {
    "A future": """
        One replication of the simulation: with the shock and without it, from the same random numbers. The
        same future has the same random numbers in every scenario and step, as far as they share parts.""",
    "Loss": """
        Revenue without the shock minus revenue with it, as a share of the revenue without the shock in the
        same days.""",
    "Points": "Differences of loss shares, in percentage points.",
    "Steps": """
        All settings of one object that differ are one step; where these would be many, the same field of all
        objects of a collection. Their effects depend on their order and add up to the difference.""",
    "95% confidence": """
        How exactly so many futures determine a mean. It says nothing about how well the model fits the
        world.""",
}
