"""Everything a part of the report needs to know, looked up once and with the same words everywhere."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import pandas as pd

from sim.errors import ReportError
from sim.report.expected_tables import (
    BULLWHIP_TABLES,
    DUTY_TABLES,
    EVENT_TABLES,
    LINK_TABLES,
    MARGIN_TABLES,
    RECIPE_TABLES,
    TABLES,
    TIER_TABLES,
    checked,
)
from sim.report.input_names import InputName, input_name
from sim.report.language import say
from sim.report.names import Names
from sim.report.numbers import Money, as_date, days, finite, is_missing
from sim.report.style import Palette, make_palette
from sim.risk.findings import Findings


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of the loss with the confidence interval that sampling leaves; None is unbounded."""

    estimate: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class Context:
    """Findings with names, colours and units."""

    findings: Findings
    tables: Mapping[str, pd.DataFrame]
    names: Names
    short: Names
    money: Money
    palette: Palette
    makers: tuple[str, ...]

    def maker(self, key: str) -> str:
        """Name of a maker."""
        return self.names.firm(key)

    def event(self, path: str) -> InputName:
        """What an event is called."""
        return input_name(self.findings.scenario, self.short, path)

    def humps(self, maker: str) -> int:
        """Number of groups into which a maker's futures fall by what they lose."""
        return len(self.findings.summary["makers"][maker].get("humps", [{}]))

    def rows(self, table: str, maker: str) -> pd.DataFrame:
        """The rows of a table that concern one maker."""
        return self._parted(table).get(maker, self.tables[table][:0])

    @cached_property
    def _parted(self) -> Callable[[str], dict[str, pd.DataFrame]]:
        """Gives the rows of a table by their makers; a table is parted once."""

        def by_maker(table: str) -> dict[str, pd.DataFrame]:
            groups = self.tables[table].groupby("maker", sort=False)
            return {str(maker): rows for maker, rows in groups}

        return cache(by_maker)

    def measure(self, maker: str, family: str, name: str) -> Measure:
        """One figure of the summary, as in ``measure("hikvision", "loss_share", "var95")``.

        Raises
        ------
        ReportError
            If the summary does not hold it.
        """
        found = self.findings.summary["makers"][maker].get(family, {}).get(name)
        where = f"summary of {maker}, {family}, {name}"
        if not isinstance(found, Mapping):
            raise ReportError(f"{where}: absent")
        low, high = (
            None if is_missing(found.get(key)) else finite(found[key], where) for key in ("ci_low", "ci_high")
        )
        return Measure(finite(found.get("estimate"), where), low, high)

    def stocks(self, maker: str) -> dict[str, str]:
        """Stock points at which a maker holds what it buys, with the item of each."""
        return self._stocks.get(maker, {})

    @cached_property
    def _stocks(self) -> dict[str, dict[str, str]]:
        """By maker: the stock points at which it holds what it buys, with the item of each."""
        found: dict[str, dict[str, str]] = {}
        for table in ("stock", "run_out"):
            rows = self.tables[table][["maker", "stock_point", "item"]].drop_duplicates()
            for maker, point, item in rows.to_numpy().tolist():
                found.setdefault(str(maker), {})[str(point)] = str(item)
        return found

    def stock_name(self, maker: str, point: str) -> str:
        """Name of the item of a stock; with firm or plant, where the maker holds the item at several."""
        stocks, points = self.stocks(maker), self.findings.scenario.stock_points
        name = self.short.item(stocks[point])
        alike = [other for other, item in stocks.items() if item == stocks[point]]
        if len(alike) == 1:
            return name
        firm, firms = points[point].firm, [points[other].firm for other in alike]
        if firms.count(firm) == 1:
            return say("{item} at {firm}", item=name, firm=self.short.firm(firm))
        return name + self.short.plant(point)

    @property
    def leads(self) -> str | None:
        """Which loss leads, of revenue or of margin; None where no accounts are kept."""
        found: str | None = self.findings.summary.get("headline")
        return found

    @property
    def has_shock(self) -> bool:
        """Whether any intervention is absent in the counterfactual."""
        return not is_missing(self.findings.summary["window"].get("shock"))

    @property
    def shock_happens(self) -> bool:
        """Whether any part of the shock takes effect in any of the futures."""
        table = self.tables["interventions"]
        return bool((table.loc[table["shock"].astype(bool), "probability"] > 0.0).any())

    @property
    def shock_date(self) -> dt.date | None:
        """First day of the loss window, the median over futures; None in a scenario without a shock."""
        found = self.findings.summary["window"].get("shock_date")
        return as_date(found) if self.has_shock and not is_missing(found) else None

    @property
    def is_shock_date_certain(self) -> bool:
        """Whether the loss is counted from the same day in all futures."""
        table = self.tables["interventions"]
        row = table[table["intervention"] == self.findings.summary["window"].get("shock")]
        return bool((row["start_p05"].astype(str) == row["start_p95"].astype(str)).all())

    @property
    def shock_title(self) -> str:
        """Title of the intervention from which the loss is counted."""
        key = self.findings.summary["window"].get("shock")
        return self.names.intervention(key) if key else say("The shock")

    @property
    def window_days(self) -> int:
        """Length of the loss window."""
        return int(self.findings.summary["window"]["days"])

    @property
    def window(self) -> str:
        """Length of the loss window in words."""
        return say("12 months") if self.window_is_a_year else days(self.window_days)

    @property
    def window_is_a_year(self) -> bool:
        """Whether the loss window is as long as a year."""
        return self.window_days in (365, 366)

    @property
    def replications(self) -> int:
        """Number of simulated futures."""
        return int(self.findings.summary["replications"])

    @property
    def is_single(self) -> bool:
        """Whether one future only was simulated: it has no mean, no range and no tail."""
        return self.replications == 1

    @property
    def weekly_replications(self) -> int:
        """Number of futures, from the first, that are told week by week."""
        return int(self.findings.summary["weekly_replications"])


def make_context(findings: Findings) -> Context:
    """Check the findings and prepare what all parts of the report share.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    makers = tuple(findings.summary["makers"])
    if not makers:
        raise ReportError("the summary names no maker")
    expected = TABLES | (MARGIN_TABLES if "headline" in findings.summary else {})
    expected |= DUTY_TABLES if "duties" in findings.tables else {}
    expected |= RECIPE_TABLES if "recipes" in findings.tables else {}
    expected |= BULLWHIP_TABLES if "bullwhip" in findings.tables else {}
    expected |= LINK_TABLES if "links" in findings.tables else {}
    expected |= TIER_TABLES if "tiers" in findings.tables else {}
    tables = {name: checked(findings.tables, name, expected) for name in expected} | _event_tables(findings)
    unknown = [maker for maker in makers if not (tables["makers"]["maker"] == maker).any()]
    if unknown:
        raise ReportError(f"table makers has no row of {', '.join(unknown)}")
    losses = tables["attribution"].groupby("component", sort=True)["mean"].sum()
    components = sorted(losses.index, key=lambda key: (-abs(losses[key]), key))
    bought = sorted(set(tables["flows"]["component"]) - set(components))
    return Context(
        findings=findings,
        tables=tables,
        names=Names(findings.scenario),
        short=Names(findings.scenario, length=44),
        money=Money(findings.scenario.currency),
        palette=make_palette(makers, [*components, *bought]),
        makers=makers,
    )


def _event_tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """The tables of events; empty of a run that knew none."""
    none = {name: pd.DataFrame(columns=columns.all) for name, columns in EVENT_TABLES.items()}
    found = {name: findings.tables.get(name, table) for name, table in none.items()}
    return {name: checked(found, name, EVENT_TABLES) for name in found}
