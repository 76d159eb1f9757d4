"""How bad it can get, in a sentence."""

from sim.report.context import Context
from sim.report.language import say
from sim.report.leading_words import leading
from sim.report.numbers import grouped, lost_share
from sim.report.seller_words import sales_of
from sim.report.words import FUTURES_WITH_A_TAIL, MOST_MAKERS, joined


def exceedance_title(context: Context) -> str:
    """How much 95% of futures do not exceed; of fewer than 20, how bad the worst is."""
    leads, makers = leading(context.findings.summary), context.makers[:MOST_MAKERS]
    if not context.tables["makers"]["loss"].any():
        return say("No future costs any {revenue}", revenue=leads.what)
    shares = [context.measure(maker, "loss_share", "var95").estimate for maker in makers]
    parts = [
        say("{maker} {share} (a gain)", maker=context.short.firm(maker), share=lost_share(share))
        if share < 0.0
        else say("{maker} {share}", maker=context.short.firm(maker), share=lost_share(share))
        for maker, share in zip(makers, shares, strict=True)
    ]
    losses = f"{_of_sales(context, makers, parts)}{leads.form}"
    if context.is_single:
        return say("Loss of the one future that was simulated: {losses}", losses=losses)
    if context.replications < FUTURES_WITH_A_TAIL:
        return say(
            "Loss of the worst of {number} futures: {losses}",
            number=grouped(context.replications),
            losses=losses,
        )
    return say("95% of futures lose no more than: {losses}", losses=losses)


def _of_sales(context: Context, makers: tuple[str, ...], parts: list[str]) -> str:
    """Shares of revenue; of a maker that sells to other firms, of which sales."""
    sales = [sales_of(context, maker) for maker in makers]
    if set(sales) == {say("revenue")}:
        return say("{losses} of revenue", losses=joined(parts))
    return joined(
        [say("{loss} of its {sales}", loss=part, sales=its) for part, its in zip(parts, sales, strict=True)]
    )
