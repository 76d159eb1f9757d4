"""A mitigation in words: what to do, by when, what that costs and saves, and how sure it is."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.report.expected_tables import MITIGATION_TABLES, checked, records
from sim.report.names import tidy, within
from sim.report.numbers import Money, Scale, as_date, day, is_missing, percent, short
from sim.report.words import joined
from sim.risk.findings import Findings
from sim.risk.mitigation_tables import ANY, NOTHING_KEY, SEVERAL, YES
from sim.risk.origins import ENTRY
from sim.risk.view_tables import ALL
from sim.scenario.counting import counted

NOTHING = "Doing nothing"
_THROUGH = {
    "sales_to_markets": "sales to markets are higher",
    "sales_to_firms": "sales to other firms are higher",
    "cost_of_goods_sold": "goods sold cost less",
    "holding": "holding stock costs less",
    "backorder": "being short costs less",
    "in_transit": "goods on the way cost less",
    "order": "placing orders costs less",
    "lost_sales": "lost customers cost less",
    "write_offs": "write-offs are lower",
    "salvage": "what expired is sold for more",
    "measures": "measures taken cost less",
    "fixed_costs": "fixed costs are lower",
}
"""Through which entry of the account more is earned."""
CONSTRAINTS = {
    "budget": "the budget",
    "cash": "the cash",
    "chance_of_loss": "the chance of loss",
    "time_to_survive_days": "the time to survive",
}
IN_MONEY, AT_MOST = frozenset(("budget", "cash")), frozenset(("budget", "cash", "chance_of_loss"))
SURVIVES = "time_to_survive_days"
"""What is asked in money, what may not be more, and what in days."""


@dataclass(frozen=True, slots=True)
class MitigationContext:
    """What all parts of the page share: findings with names and units."""

    findings: Findings
    tables: dict[str, pd.DataFrame]
    money: Money

    @property
    def summary(self) -> dict[str, Any]:
        """What was asked and what is recommended."""
        return self.findings.summary

    @property
    def recommended(self) -> str:
        """What to do, as tables call it."""
        return str(self.summary["recommended"])

    def row(self, portfolio: str) -> Any:
        """The figures of a portfolio."""
        rows = self.tables["portfolios"]
        return next(records(rows[rows["portfolio"] == portfolio]))

    def members(self, portfolio: str) -> pd.DataFrame:
        """The levers of a portfolio."""
        rows = self.tables["portfolio_levers"]
        return rows[rows["portfolio"] == portfolio]

    def title(self, lever: str) -> str:
        """What a lever is called."""
        return tidy(self.findings.scenario.levers[lever].title)

    def signal(self, row: Any) -> str:
        """What a lever waits for: an intervention by its title, a firm that stops, or a stock."""
        scenario, (first, *_) = self.findings.scenario, row.signal.split(SEVERAL)
        if row.kind == "intervention":
            return f"“{tidy(scenario.interventions[first].title)}”"
        if row.kind == "supplier_stops":
            return f"{self._suppliers(row.signal)} to stop delivering"
        item = within(tidy(scenario.items[scenario.stock_points[first].item].name))
        if row.kind == "runs_out":
            return f"{item} to run out"
        return f"less than {short(row.cover_below_days)} days of {item} in stock"

    def _suppliers(self, signal: str) -> str:
        """The firms of which the first to stop is a signal."""
        if signal == ANY:
            return "the first supplier"
        names = [tidy(self.findings.scenario.firms[name].name) for name in signal.split(SEVERAL)]
        return names[0] if len(names) == 1 else f"the first of {joined(names)}"

    def day(self, date: Any) -> str:
        """A day as the scenario tells days."""
        calendar, told = self.findings.scenario.calendar, as_date(date)
        return day(told) if "start" in calendar.model_fields_set else calendar.shown(told)

    def way(self, row: Any) -> str:
        """A lever with the level at which it is taken."""
        unit = self.findings.scenario.levers[row.lever].unit
        level = "" if is_missing(row.level) else f" ({short(row.level)}{f' {tidy(unit)}' if unit else ''})"
        return f"{self.title(row.lever)}{level}"

    def called(self, portfolio: str) -> str:
        """A portfolio by its levers."""
        rows = list(records(self.members(portfolio)))
        return joined([self.way(row) for row in rows]) if rows else NOTHING

    def label(self, portfolio: str) -> str:
        """What a portfolio is called in a table; ✓ marks the recommended one."""
        name = NOTHING if portfolio == NOTHING_KEY else portfolio
        return f"{name} ✓" if portfolio == self.recommended else name

    def fine(self, values: Iterable[float]) -> Scale:
        """The unit in which a hundredth of the largest amount is easy to read, too."""
        return self.money.scale(max((abs(float(value)) for value in values), default=0.0) / 100.0)

    def latest(self, lever: str) -> dt.date | None:
        """The last day on which a lever is worth as much as on the best one, as far as chance tells."""
        rows = self.tables["waiting"]
        good = rows[(rows["lever"] == lever) & (rows["as_good_as_best"] == YES)]
        return max(map(as_date, good["decided"])) if len(good) else None


def make_mitigation(findings: Findings) -> MitigationContext:
    """Check the findings and prepare what all parts of the page share.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    tables = {name: checked(findings.tables, name, MITIGATION_TABLES) for name in MITIGATION_TABLES}
    return MitigationContext(findings, tables, Money(str(findings.summary["currency"])))


def answer(context: MitigationContext) -> list[str]:
    """The recommendation in three sentences, and what else must be known to follow it."""
    return [
        what_to_do(context),
        what_it_costs(context),
        how_sure(context),
        *_what_can_wait_for_a_signal(context),
        *_why_it_pays_anyway(context),
        *_over_all_views(context),
        *_what_was_passed_over(context),
        *_what_is_not_kept(context),
    ]


def told(findings: Findings) -> list[str]:
    """The same for a terminal."""
    return answer(make_mitigation(findings))


def what_to_do(context: MitigationContext) -> str:
    """The levers to take, and by when."""
    rows = list(records(context.members(context.recommended)))
    levers = int(context.summary["levers"])
    if not rows:
        tried = counted(int(context.summary["portfolios_tried"]) - 1, "portfolio")
        if broken := _broken_by_better_ones(context):
            return f"Do nothing: of {tried} of levers, none that was tried and earns more keeps to {broken}."
        if int(context.summary["portfolios_tried"]) == 2:
            return "Do nothing: the only portfolio of levers that was tried is not better."
        return f"Do nothing: none of the {tried} of levers that were tried is better."
    if len(rows) < levers:
        count = f"Take {len(rows)} of {levers} levers"
    else:
        count = f"Take all {levers} levers" if levers > 1 else "Take the one lever"
    by = joined_by_day(context, rows)
    return f"{count}: {joined([context.way(row) for row in rows])}{by}."


def _broken_by_better_ones(context: MitigationContext) -> str:
    """What is asked that portfolios break which earn more than doing nothing."""
    rows = context.tables["portfolios"]
    better = set(rows.loc[rows["advantage"] > 0.0, "portfolio"])
    broken = context.summary["breaches"]
    return joined(
        [asked_in_words(name) for name in sorted({it for key in better for it in broken.get(key, [])})]
    )


def asked_in_words(constraint: str) -> str:
    """What is asked of a portfolio."""
    return CONSTRAINTS.get(constraint, f"the {constraint.replace('.', ' of ', 1)}")


def joined_by_day(context: MitigationContext, rows: Sequence[Any]) -> str:
    """By when each lever is to be decided; nothing where none has a date."""
    days = {row.lever: context.latest(row.lever) for row in rows}
    dated = {lever: date for lever, date in days.items() if date is not None}
    if not dated:
        return ""
    first = min(dated.values())
    if len(set(dated.values())) == 1:
        which = "" if len(dated) == len(rows) else f" {joined([context.title(lever) for lever in dated])}"
        return f"; decide{which} by {context.day(first)}"
    due = joined([context.title(lever) for lever, date in dated.items() if date == first])
    return f"; decide {due} by {context.day(first)}, the last by {context.day(max(dated.values()))}"


def option_value(context: MitigationContext, row: Any) -> str:
    """What it is worth to decide on a signal."""
    lever, signal = context.title(row.lever), context.signal(row)
    better = "deciding it at once" if row.now > 0.0 else "never doing it"
    if row.option_value == 0.0:
        return f"{lever}: to wait for {signal} is worth as much as {better}."
    amount = context.money.text(abs(row.option_value))
    chance = ", which may be chance" if row.option_value_ci_low <= 0.0 <= row.option_value_ci_high else ""
    worth = "more" if row.option_value > 0.0 else "less"
    return f"{lever}: to wait for {signal} is worth {amount} {worth} than {better}{chance}."


def _what_can_wait_for_a_signal(context: MitigationContext) -> list[str]:
    """Levers that are worth more on a signal than at once and never, beyond chance."""
    rows = records(context.tables["adaptive"])
    return [option_value(context, row) for row in rows if row.option_value_ci_low > 0.0]


def what_it_costs(context: MitigationContext) -> str:
    """What the portfolio costs without the shock, and brings with it."""
    row = context.row(context.recommended)
    if context.recommended == NOTHING_KEY:
        loss, worst = context.money.text(row.loss), context.money.text(row.loss_es95)
        return (
            f"That loses {loss} on average, and {worst} in the worst twentieth of futures, against what is "
            f"earned without the shock; {_best_against_the_worst(context)}."
        )
    without = _more_or_less(context, -row.cost)
    if is_missing(row.gain):
        return f"If the shock never comes it earns {without}; it came in no future."
    with_it = _more_or_less(context, row.gain)
    return f"If the shock never comes it earns {without}, if it comes {with_it}: {_worth(row)}."


def _more_or_less(context: MitigationContext, amount: float) -> str:
    if amount == 0.0:
        return "as much as doing nothing"
    return f"{context.money.text(abs(amount))} {'more' if amount > 0.0 else 'less'}"


def _worth(row: Any) -> str:
    """For which probabilities of the shock to take it."""
    if row.worth == "from":
        return f"worth it if the shock is likelier than {percent(row.break_even)}"
    if row.worth == "up_to":
        return f"worth it if the shock is less likely than {percent(row.break_even)}"
    return "worth it however likely the shock is" if row.worth == "always" else "never worth it by itself"


def _best_against_the_worst(context: MitigationContext) -> str:
    """The portfolio with the lowest loss in the worst futures, where that is not doing nothing."""
    rows = context.tables["portfolios"]
    nothing = context.row(NOTHING_KEY)
    least = next(records(rows.sort_values("loss_es95", kind="stable")))
    if least.loss_es95 >= nothing.loss_es95:
        return "no portfolio that was told lowers the latter"
    text = context.money.text
    lowers = f"{context.called(least.portfolio)} would lower the latter to {text(least.loss_es95)}"
    return f"{lowers} and earn {_more_or_less(context, least.advantage)}"


def how_sure(context: MitigationContext) -> str:
    """How much better it is in fresh futures, and with which probability it was selected rightly."""
    futures = counted(int(context.summary["replications"]), "fresh future")
    sure = _selected_rightly(context)
    if context.recommended == NOTHING_KEY:
        return f"{sure[0].upper()}{sure[1:]}; losses are of {futures}."
    row = context.row(context.recommended)
    ends = context.money.range(row.advantage_ci_low, row.advantage_ci_high)
    than = f"{_more_or_less(context, row.advantage)}"
    chance = ", which may be chance" if row.advantage_ci_low <= 0.0 <= row.advantage_ci_high else ""
    return f"In {futures} it earns {than} than doing nothing (95% confidence: {ends}){chance}; {sure}."


def _selected_rightly(context: MitigationContext) -> str:
    found = context.summary["selection"]
    if found["finalists"] < 2:
        return "no other portfolio could be told from it"
    others = counted(found["finalists"] - 1, "other finalist")
    if found["selected"] != context.recommended:
        return "another finalist was ahead while they were told apart, and passed over"
    confidence = percent(found["confidence"])
    margin = context.money.text(found["margin"]) if found["margin"] else ""
    told_margin = f"by more than {margin}" if margin else "at all"
    return f"with a probability of {confidence} at least none of the {others} is better {told_margin}"


def _why_it_pays_anyway(context: MitigationContext) -> list[str]:
    """Of what earns more even without the shock, through what: a reason to look whether that is meant."""
    row, origins = context.row(context.recommended), context.tables["origins"]
    entries = origins[(origins["part"] == ENTRY) & (origins["without_shock"] > 0.0)]
    if context.recommended == NOTHING_KEY or not row.cost_ci_high < 0.0 or not len(entries):
        return []
    most = next(records(entries.sort_values("without_shock", ascending=False, kind="stable")))
    amount = context.money.text(most.without_shock)
    through = _THROUGH.get(most.name, most.name)
    return [f"It pays without any shock, mostly as {through} by {amount}: could that be had in any case?"]


def _over_all_views(context: MitigationContext) -> list[str]:
    """What to do by the weights of all views, where there are several."""
    return [plan_in_words(context, row) for row in records(context.tables["view_plans"]) if row.view == ALL]


def plan_in_words(context: MitigationContext, row: Any) -> str:
    """The plan of a view, or of all by weight: what to do, what it costs and saves."""
    true = "By the weights of all views" if row.view == ALL else f"If “{tidy(row.title)}” is true"
    if row.portfolio == NOTHING_KEY:
        return f"{true}: do nothing{_beside_the_recommended(context, row)}."
    same = " as recommended" if row.portfolio == context.recommended else ""
    without = _more_or_less(context, -row.cost)
    with_it = "" if is_missing(row.gain) else f", if it comes {_more_or_less(context, row.gain)}"
    return (
        f"{true}: {within(context.called(row.portfolio))}{same}; if the shock never comes it earns {without}"
        f"{with_it}{_beside_the_recommended(context, row)}."
    )


def _beside_the_recommended(context: MitigationContext, row: Any) -> str:
    """How much more than what is recommended without a look at the views, where it is another plan."""
    if row.portfolio == context.recommended:
        return ""
    chance = (
        ", which may be chance" if row.over_recommended_ci_low <= 0.0 <= row.over_recommended_ci_high else ""
    )
    if row.over_recommended == 0.0:
        return "; it earns as much as what is recommended"
    return f"; {_more_or_less(context, row.over_recommended)} than what is recommended{chance}"


def _what_was_passed_over(context: MitigationContext) -> list[str]:
    names = [context.called(portfolio) for portfolio in context.summary["passed_over"]]
    if not names:
        return []
    return [
        f"Better while it was looked for, but not in fresh futures or not within bounds: {joined(names)}."
    ]


def _what_is_not_kept(context: MitigationContext) -> list[str]:
    broken = context.summary["breaches"].get(context.recommended, [])
    if not broken:
        return []
    names = joined([asked_in_words(name) for name in broken])
    return [f"No portfolio that was tried keeps to all that is asked; this one misses {names}."]
