"""When stocks run out, in words."""

from typing import Any

from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.language import say, say_many
from sim.report.numbers import after_days, grouped, in_futures, span


def stock_title(context: Context, maker: str, point: str) -> str:
    """When and how often a stock runs out."""
    name, row = context.stock_name(maker, point), _run_outs(context, maker)[point]
    if not context.has_shock:
        return say("{stock}: the same on both paths", stock=name)
    if row.share_running_out == 0.0:
        return say("{stock}: {why}", stock=name, why=_why_it_lasts(context, maker, point))
    gone, spread = after_days(row.p50), span(grouped(row.p05), grouped(row.p95))
    if context.is_single:
        return say("{stock}: gone {when}", stock=name, when=gone)
    if row.share_running_out < 1.0:
        return say(
            "{stock}: gone {often}, {when} (median of these; 5–95%: {range})",
            stock=name,
            often=in_futures(row.share_running_out),
            when=gone,
            range=spread,
        )
    return say(
        "{stock}: gone {when} (median; 5–95%: {range}) in all futures", stock=name, when=gone, range=spread
    )


def _run_outs(context: Context, maker: str) -> dict[str, Any]:
    """For each stock point of a maker its row of the table ``run_out``."""
    return {row.stock_point: row for row in records(context.rows("run_out", maker))}


def _why_it_lasts(context: Context, maker: str, point: str) -> str:
    """A stock that does not run out because of the shock may be empty all the same."""
    rows = context.rows("stock", maker)
    left = rows[(rows["stock_point"] == point) & (rows["twin"] == "scenario")]["p05"]
    if left.min() > 0.0:
        return say("stock lasts in all futures")
    return say("runs out no sooner than without the shock")


def stock_lead(context: Context, maker: str, left_out: int) -> str:
    """Which stock runs out first at a maker; if none does in half of the futures, which does most often."""
    name, rest = context.short.firm(maker), _left_out(left_out)
    if not context.has_shock:
        return (
            say("{maker}: nothing is marked as shock, so stocks are the same on both paths", maker=name)
            + rest
        )
    rows = [row for row in _run_outs(context, maker).values() if row.share_running_out > 0.0]
    if not rows:
        return say("{maker}: no stock runs out because of the shock", maker=name) + rest
    usual = [row for row in rows if row.share_running_out >= 0.5]
    if not usual:
        most = max(rows, key=lambda row: row.share_running_out)
        often = in_futures(most.share_running_out)
        stock = context.stock_name(maker, most.stock_point)
        told = say(
            "{maker}: the stock that runs out most often is {stock}, {often}",
            maker=name,
            stock=stock,
            often=often,
        )
        return told + rest
    first = min(usual, key=lambda row: row.p50)
    told = say_many(
        "{maker}: the first stock to run out is {stock}, {number} day after the shock",
        "{maker}: the first stock to run out is {stock}, {number} days after the shock",
        round(first.p50),
        maker=name,
        stock=context.stock_name(maker, first.stock_point),
    )
    if first.share_running_out < 1.0:
        told = say("{finding}, {often}", finding=told, often=in_futures(first.share_running_out))
    return told + rest


def _left_out(stocks: int) -> str:
    if not stocks:
        return ""
    return say_many(
        " ({number} stock that carries less of the loss is left out)",
        " ({number} stocks that carry less of the loss are left out)",
        stocks,
    )
