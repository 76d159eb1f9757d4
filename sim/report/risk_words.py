"""How bad it can get, in a sentence."""

from sim.report.context import Context
from sim.report.leading_words import leading
from sim.report.numbers import lost_share
from sim.report.seller_words import sales_of
from sim.report.words import FUTURES_WITH_A_TAIL, MOST_MAKERS, joined


def exceedance_title(context: Context) -> str:
    """How much 95% of futures do not exceed; of fewer than 20, how bad the worst is."""
    leads, makers = leading(context.findings.summary), context.makers[:MOST_MAKERS]
    if not context.tables["makers"]["loss"].any():
        return f"No future costs any {leads.what}"
    shares = [context.measure(maker, "loss_share", "var95").estimate for maker in makers]
    parts = [
        f"{context.short.firm(maker)} {lost_share(share)}{' (a gain)' if share < 0.0 else ''}"
        for maker, share in zip(makers, shares, strict=True)
    ]
    losses = f"{_of_sales(context, makers, parts)}{leads.form}"
    if context.is_single:
        return f"Loss of the one future that was simulated: {losses}"
    if context.replications < FUTURES_WITH_A_TAIL:
        return f"Loss of the worst of {context.replications} futures: {losses}"
    return f"95% of futures lose no more than: {losses}"


def _of_sales(context: Context, makers: tuple[str, ...], parts: list[str]) -> str:
    """Shares of revenue; of a maker that sells to other firms, of which sales."""
    sales = [sales_of(context, maker) for maker in makers]
    if set(sales) == {"revenue"}:
        return f"{joined(parts)} of revenue"
    return joined([f"{part} of its {its}" for part, its in zip(parts, sales, strict=True)])
