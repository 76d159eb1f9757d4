"""What the figures of the report mean."""

from sim.report.context import Context
from sim.report.language import message, say, say_many
from sim.report.seller_words import sales_of
from sim.report.words import after_shock


def methods(context: Context) -> list[tuple[str, str]]:
    """Pairs of a term and its explanation."""
    count = say_many("{number} future", "{number} futures", context.replications)
    window = after_shock(context)
    sells_to_firms = any(sales_of(context, maker) != say("revenue") for maker in context.makers)
    terms = _TERMS | (_OF_ACCOUNTS if context.leads else {})
    return [
        (
            say(term),
            say(explanation, count=count, window=window)
            + (say(_OF_SALES_TO_FIRMS) if term == _LOSS and sells_to_firms else ""),
        )
        for term, explanation in terms.items()
    ]


_LOSS = message("Loss")
_OF_ACCOUNTS = {
    message("Contribution margin"): message(
        "Sales less what the goods have cost (each stock at its moving average), less the costs of "
        "holding stock, of being short, of transit, orders and lost customers, write-offs and measures. A "
        "loss of margin is counted as a loss of revenue is; as a share, of the revenue without the shock."
    ),
}
_OF_SALES_TO_FIRMS = message(
    " Revenue is what is simulated of a maker's sales, to markets and to other firms."
)
_TERMS = {
    message("A future"): message(
        "One replication of the simulation. {count}: each simulated twice from the same random numbers, "
        "with the shock, and without it and all that only it triggers (the counterfactual)."
    ),
    _LOSS: message(
        "Revenue without the shock minus revenue with it, {window}; as a share, of the revenue without "
        "the shock in the same days."
    ),
    message("5–95% of futures"): message(
        "At least nine futures in ten lie in this range. It covers what differs between futures: demand, "
        "lead times, dates and the assumptions that the scenario gives as distributions. It does not "
        "cover what the model leaves out, nor assumptions given as single values."
    ),
    message("95% confidence"): message(
        "How exactly {count} can determine a mean or a quantile of the simulated distribution. It allows "
        "for a kind of future that none of them shows and that loses all revenue. It shrinks with more "
        "replications and says nothing about how well the model fits the world."
    ),
    message("Value at risk and expected shortfall, 95%"): message(
        "The smallest loss that 95% of futures do not exceed, and the mean loss of the worst 5% of futures."
    ),
    message("Falling short and coming back"): message(
        "Sales fall short on the first day on which customers leave, wait or may not buy whom the path "
        "without the shock serves. Revenue is back once the sum of four weeks is near that of this path "
        "and stays there until the end of the simulated period."
    ),
    message("Attribution"): message(
        "Each day, for each product held back, the input that bound it carries the shortfall; ties are "
        "shared. Mean attributed losses add up to the mean loss."
    ),
    message("Reported figures"): message(
        "They are shown for comparison and never enter the simulation, though whoever wrote the scenario "
        "may have had them in mind. Simulated figures after the shock are forecasts under its "
        "assumptions."
    ),
}
