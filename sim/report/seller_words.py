"""What a maker that sells to other firms loses of: its sales to these, and its whole revenue."""

from sim.report.context import Context
from sim.report.language import say, say_many
from sim.report.names import Names, shorten, within
from sim.report.numbers import lost_range, lost_share, lost_shares
from sim.report.page_parts import Line
from sim.report.words import apart, as_mean, joined
from sim.scenario.makers import members, sells_to
from sim.scenario.schema import Scenario

DAYS_A_YEAR = 365.25
_MOST_BUYERS = 3  # named


def sales_of(context: Context, maker: str) -> str:
    """What a loss is a share of: revenue, or sales to firms, which may be all that is simulated of it."""
    return sales_in(context.findings.scenario, context.names, maker)


def sales_in(scenario: Scenario, names: Names, maker: str) -> str:
    """The same of a maker in a scenario, in the words of its names."""
    firms, markets = sells_to(scenario, members(scenario, maker))
    if not firms:
        return say("revenue")
    named = [within(shorten(names.firm(firm), 40)) for firm in firms]
    buyers = (
        joined(named)
        if len(named) <= _MOST_BUYERS
        else say_many("{number} firm", "{number} firms", len(named))
    )
    if markets:
        return say("sales to markets and to {buyers}", buyers=buyers)
    return say("sales to {buyers}", buyers=buyers)


def whole_revenue(context: Context, maker: str) -> float | None:
    """Revenue of the maker in as long a time as the window; None where the scenario does not say it."""
    scenario = context.findings.scenario
    firm = scenario.firms.get(maker)
    if firm is None or firm.revenue_per_year is None or not sells_to(scenario, members(scenario, maker))[0]:
        return None
    revenue = firm.revenue_per_year.mean * context.window_days / DAYS_A_YEAR
    return revenue if revenue > 0.0 else None


def share_of_whole_revenue(context: Context, maker: str) -> str:
    """The mean loss as a share of the maker's whole revenue, in brackets; else nothing."""
    whole = whole_revenue(context, maker)
    if whole is None:
        return ""
    share = context.measure(maker, "loss", "mean").estimate / whole
    return say(
        " ({share} of its whole revenue of {window})", share=lost_share(abs(share)), window=context.window
    )


def whole_revenue_lines(context: Context, maker: str) -> list[Line]:
    """The same on a card, with its range."""
    whole = whole_revenue(context, maker)
    if whole is None:
        return []
    mean, low, high = (context.measure(maker, "loss", key).estimate / whole for key in ("mean", "p05", "p95"))
    label = (
        say("Gain of its whole revenue of {window}", window=context.window)
        if mean < 0.0
        else say("Loss of its whole revenue of {window}", window=context.window)
    )
    of = say("of {money}", money=context.money.text(whole))
    if context.is_single:
        return [Line(label, lost_share(abs(mean)), of)]
    spread = say("5–95% of futures: {range}", range=lost_range(low, high, lost_shares))
    return [Line(as_mean(label), lost_share(abs(mean)), apart([of, spread]))]
