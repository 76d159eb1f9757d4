"""A mitigation in words: what to do, by when, what that costs and saves, and how sure it is."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.report.expected_tables import MITIGATION_TABLES, checked, records
from sim.report.language import message, say, say_many
from sim.report.names import Names, tidy, within
from sim.report.numbers import Money, Scale, as_date, day, is_missing, percent, short
from sim.report.words import capital, joined
from sim.risk.findings import Findings
from sim.risk.mitigation_tables import ANY, NOTHING_KEY, SEVERAL, YES
from sim.risk.origins import ENTRY
from sim.risk.view_tables import ALL

NOTHING = message("Doing nothing")
_THROUGH = {
    "sales_to_markets": message("sales to markets are higher by {amount}"),
    "sales_to_firms": message("sales to other firms are higher by {amount}"),
    "cost_of_goods_sold": message("goods sold cost less by {amount}"),
    "holding": message("holding stock costs less by {amount}"),
    "backorder": message("being short costs less by {amount}"),
    "in_transit": message("goods on the way cost less by {amount}"),
    "order": message("placing orders costs less by {amount}"),
    "lost_sales": message("lost customers cost less by {amount}"),
    "write_offs": message("write-offs are lower by {amount}"),
    "salvage": message("what expired is sold for more by {amount}"),
    "measures": message("measures taken cost less by {amount}"),
    "fixed_costs": message("fixed costs are lower by {amount}"),
}
"""Through which entry of the account more is earned."""
_THROUGH_ANOTHER = message("{name} by {amount}")
CONSTRAINTS = {
    "budget": message("the budget"),
    "cash": message("the cash"),
    "chance_of_loss": message("the chance of loss"),
    "time_to_survive_days": message("the time to survive"),
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
            return say("“{title}”", title=tidy(scenario.interventions[first].title))
        if row.kind == "supplier_stops":
            return self._stop(row.signal)
        item = within(tidy(scenario.items[scenario.stock_points[first].item].name))
        if row.kind == "runs_out":
            return say("{item} to run out", item=item)
        return say("less than {days} days of {item} in stock", days=short(row.cover_below_days), item=item)

    def _stop(self, signal: str) -> str:
        """That the first of some firms stops."""
        if signal == ANY:
            return say("the first supplier to stop delivering")
        names = [tidy(self.findings.scenario.firms[name].name) for name in signal.split(SEVERAL)]
        if len(names) == 1:
            return say("{firm} to stop delivering", firm=names[0])
        return say("the first of {firms} to stop delivering", firms=joined(names))

    def day(self, date: Any) -> str:
        """A day as the scenario tells days."""
        calendar, told = self.findings.scenario.calendar, as_date(date)
        if "start" in calendar.model_fields_set:
            return day(told)
        return say("day {number}", number=str((told - calendar.start).days))

    def way(self, row: Any) -> str:
        """A lever with the level at which it is taken."""
        unit = self.findings.scenario.levers[row.lever].unit
        level = "" if is_missing(row.level) else f" ({short(row.level)}{f' {tidy(unit)}' if unit else ''})"
        return f"{self.title(row.lever)}{level}"

    def called(self, portfolio: str) -> str:
        """A portfolio by its levers."""
        rows = list(records(self.members(portfolio)))
        return joined([self.way(row) for row in rows]) if rows else say(NOTHING)

    def label(self, portfolio: str) -> str:
        """What a portfolio is called in a table; ✓ marks the recommended one."""
        name = say(NOTHING) if portfolio == NOTHING_KEY else portfolio
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
    if not rows:
        return _do_nothing(context)
    taken, levers = len(rows), int(context.summary["levers"])
    told = {"levers": joined([context.way(row) for row in rows]), "by": joined_by_day(context, rows)}
    if taken < levers:
        return say("Take {taken} of {all} levers: {levers}{by}.", taken=str(taken), all=str(levers), **told)
    if levers > 1:
        return say("Take all {all} levers: {levers}{by}.", all=str(levers), **told)
    return say("Take the one lever: {levers}{by}.", **told)


def _do_nothing(context: MitigationContext) -> str:
    tried = int(context.summary["portfolios_tried"]) - 1
    if broken := _broken_by_better_ones(context):
        return say_many(
            "Do nothing: of {number} portfolio of levers, none that was tried and earns more keeps to "
            "{broken}.",
            "Do nothing: of {number} portfolios of levers, none that was tried and earns more keeps to "
            "{broken}.",
            tried,
            broken=broken,
        )
    if tried == 1:
        return say("Do nothing: the only portfolio of levers that was tried is not better.")
    return say_many(
        "Do nothing: none of the {number} portfolio of levers that were tried is better.",
        "Do nothing: none of the {number} portfolios of levers that were tried is better.",
        tried,
    )


def _broken_by_better_ones(context: MitigationContext) -> str:
    """What is asked that portfolios break which earn more than doing nothing."""
    rows = context.tables["portfolios"]
    better = set(rows.loc[rows["advantage"] > 0.0, "portfolio"])
    broken = context.summary["breaches"]
    return joined(
        [
            asked_in_words(context, name)
            for name in sorted({it for key in better for it in broken.get(key, [])})
        ]
    )


def asked_in_words(context: MitigationContext, constraint: str) -> str:
    """What is asked of a portfolio."""
    if constraint in CONSTRAINTS:
        return say(CONSTRAINTS[constraint])
    stream = constraint.partition(".")[2]
    return say("the service of {stream}", stream=Names(context.findings.scenario).stream(stream))


def joined_by_day(context: MitigationContext, rows: Sequence[Any]) -> str:
    """By when each lever is to be decided; nothing where none has a date."""
    days = {row.lever: context.latest(row.lever) for row in rows}
    dated = {lever: date for lever, date in days.items() if date is not None}
    if not dated:
        return ""
    first, last = min(dated.values()), max(dated.values())
    due = joined([context.title(lever) for lever, date in dated.items() if date == first])
    if first < last:
        told = {"day": context.day(first), "last": context.day(last)}
        return say("; decide {levers} by {day}, the last by {last}", levers=due, **told)
    if len(dated) < len(rows):
        return say("; decide {levers} by {day}", levers=due, day=context.day(first))
    return say("; decide by {day}", day=context.day(first))


def option_value(context: MitigationContext, row: Any) -> str:
    """What it is worth to decide on a signal."""
    lever, signal = context.title(row.lever), context.signal(row)
    better = say("deciding it at once") if row.now > 0.0 else say("never doing it")
    told = {"lever": lever, "signal": signal, "better": better}
    if row.option_value == 0.0:
        return say("{lever}: to wait for {signal} is worth as much as {better}.", **told)
    return say(
        "{lever}: to wait for {signal} is worth {more} than {better}{chance}.",
        more=_more_or_less(context, row.option_value),
        chance=_perhaps(row.option_value_ci_low, row.option_value_ci_high),
        **told,
    )


def _perhaps(low: float, high: float) -> str:
    """What to add where an interval holds nought."""
    return say(", which may be chance") if low <= 0.0 <= high else ""


def _what_can_wait_for_a_signal(context: MitigationContext) -> list[str]:
    """Levers that are worth more on a signal than at once and never, beyond chance."""
    rows = records(context.tables["adaptive"])
    return [option_value(context, row) for row in rows if row.option_value_ci_low > 0.0]


def what_it_costs(context: MitigationContext) -> str:
    """What the portfolio costs without the shock, and brings with it."""
    row = context.row(context.recommended)
    if context.recommended == NOTHING_KEY:
        return say(
            "That loses {loss} on average, and {worst} in the worst twentieth of futures, against what is "
            "earned without the shock; {best}.",
            loss=context.money.text(row.loss),
            worst=context.money.text(row.loss_es95),
            best=_best_against_the_worst(context),
        )
    without = _more_or_less(context, -row.cost)
    if is_missing(row.gain):
        return say("If the shock never comes it earns {without}; it came in no future.", without=without)
    return say(
        "If the shock never comes it earns {without}, if it comes {with_it}: {worth}.",
        without=without,
        with_it=_more_or_less(context, row.gain),
        worth=_worth(row),
    )


def _more_or_less(context: MitigationContext, amount: float) -> str:
    if amount == 0.0:
        return say("as much as doing nothing")
    told = context.money.text(abs(amount))
    return say("{amount} more", amount=told) if amount > 0.0 else say("{amount} less", amount=told)


def _worth(row: Any) -> str:
    """For which probabilities of the shock to take it."""
    if row.worth == "from":
        return say("worth it if the shock is likelier than {share}", share=percent(row.break_even))
    if row.worth == "up_to":
        return say("worth it if the shock is less likely than {share}", share=percent(row.break_even))
    if row.worth == "always":
        return say("worth it however likely the shock is")
    return say("never worth it by itself")


def _best_against_the_worst(context: MitigationContext) -> str:
    """The portfolio with the lowest loss in the worst futures, where that is not doing nothing."""
    rows = context.tables["portfolios"]
    nothing = context.row(NOTHING_KEY)
    least = next(records(rows.sort_values("loss_es95", kind="stable")))
    if least.loss_es95 >= nothing.loss_es95:
        return say("no portfolio that was told lowers the latter")
    return say(
        "{portfolio} would lower the latter to {loss} and earn {more}",
        portfolio=context.called(least.portfolio),
        loss=context.money.text(least.loss_es95),
        more=_more_or_less(context, least.advantage),
    )


def how_sure(context: MitigationContext) -> str:
    """How much better it is in fresh futures, and with which probability it was selected rightly."""
    futures, sure = int(context.summary["replications"]), _selected_rightly(context)
    if context.recommended == NOTHING_KEY:
        return say_many(
            "{sure}; losses are of {number} fresh future.",
            "{sure}; losses are of {number} fresh futures.",
            futures,
            sure=capital(sure),
        )
    row = context.row(context.recommended)
    return say_many(
        "In {number} fresh future it earns {more} than doing nothing (95% confidence: {range}){chance}; "
        "{sure}.",
        "In {number} fresh futures it earns {more} than doing nothing (95% confidence: {range}){chance}; "
        "{sure}.",
        futures,
        more=_more_or_less(context, row.advantage),
        range=context.money.range(row.advantage_ci_low, row.advantage_ci_high),
        chance=_perhaps(row.advantage_ci_low, row.advantage_ci_high),
        sure=sure,
    )


def _selected_rightly(context: MitigationContext) -> str:
    found = context.summary["selection"]
    if found["finalists"] < 2:
        return say("no other portfolio could be told from it")
    if found["selected"] != context.recommended:
        return say("another finalist was ahead while they were told apart, and passed over")
    others, confidence = found["finalists"] - 1, percent(found["confidence"])
    if not found["margin"]:
        return say_many(
            "with a probability of {confidence} at least none of the {number} other finalist is better at "
            "all",
            "with a probability of {confidence} at least none of the {number} other finalists is better at "
            "all",
            others,
            confidence=confidence,
        )
    return say_many(
        "with a probability of {confidence} at least none of the {number} other finalist is better by more "
        "than {margin}",
        "with a probability of {confidence} at least none of the {number} other finalists is better by more "
        "than {margin}",
        others,
        confidence=confidence,
        margin=context.money.text(found["margin"]),
    )


def _why_it_pays_anyway(context: MitigationContext) -> list[str]:
    """Of what earns more even without the shock, through what: a reason to look whether that is meant."""
    row, origins = context.row(context.recommended), context.tables["origins"]
    entries = origins[(origins["part"] == ENTRY) & (origins["without_shock"] > 0.0)]
    if context.recommended == NOTHING_KEY or not row.cost_ci_high < 0.0 or not len(entries):
        return []
    most = next(records(entries.sort_values("without_shock", ascending=False, kind="stable")))
    amount = context.money.text(most.without_shock)
    through = say(_THROUGH.get(most.name, _THROUGH_ANOTHER), name=most.name, amount=amount)
    return [
        say("It pays without any shock, mostly as {through}: could that be had in any case?", through=through)
    ]


def _over_all_views(context: MitigationContext) -> list[str]:
    """What to do by the weights of all views, where there are several."""
    return [plan_in_words(context, row) for row in records(context.tables["view_plans"]) if row.view == ALL]


def plan_in_words(context: MitigationContext, row: Any) -> str:
    """The plan of a view, or of all by weight: what to do, what it costs and saves."""
    true = (
        say("By the weights of all views")
        if row.view == ALL
        else say("If “{title}” is true", title=tidy(row.title))
    )
    beside = _beside_the_recommended(context, row)
    if row.portfolio == NOTHING_KEY:
        return say("{true}: do nothing{beside}.", true=true, beside=beside)
    plan, without = within(context.called(row.portfolio)), _more_or_less(context, -row.cost)
    return say(
        "{true}: {plan}; if the shock never comes it earns {without}{with_it}{beside}.",
        true=true,
        plan=say("{plan} as recommended", plan=plan) if row.portfolio == context.recommended else plan,
        without=without,
        with_it=""
        if is_missing(row.gain)
        else say(", if it comes {with_it}", with_it=_more_or_less(context, row.gain)),
        beside=beside,
    )


def _beside_the_recommended(context: MitigationContext, row: Any) -> str:
    """How much more than what is recommended without a look at the views, where it is another plan."""
    if row.portfolio == context.recommended:
        return ""
    if row.over_recommended == 0.0:
        return say("; it earns as much as what is recommended")
    return say(
        "; {more} than what is recommended{chance}",
        more=_more_or_less(context, row.over_recommended),
        chance=_perhaps(row.over_recommended_ci_low, row.over_recommended_ci_high),
    )


def _what_was_passed_over(context: MitigationContext) -> list[str]:
    names = [context.called(portfolio) for portfolio in context.summary["passed_over"]]
    if not names:
        return []
    return [
        say(
            "Better while it was looked for, but not in fresh futures or not within bounds: {portfolios}.",
            portfolios=joined(names),
        )
    ]


def _what_is_not_kept(context: MitigationContext) -> list[str]:
    broken = context.summary["breaches"].get(context.recommended, [])
    if not broken:
        return []
    names = joined([asked_in_words(context, name) for name in broken])
    return [
        say("No portfolio that was tried keeps to all that is asked; this one misses {names}.", names=names)
    ]
