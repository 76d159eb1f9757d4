"""When stocks run out, in words."""

from typing import Any

from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.numbers import days, grouped, in_futures, span
from sim.scenario.counting import counted


def stock_title(context: Context, maker: str, point: str) -> str:
    """When and how often a stock runs out."""
    name, row = context.stock_name(maker, point), _run_outs(context, maker)[point]
    if not context.has_shock:
        return f"{name}: the same on both paths"
    if row.share_running_out == 0.0:
        return f"{name}: {_why_it_lasts(context, maker, point)}"
    gone = f"after {days(row.p50)}"
    spread = f"5–95%: {span(grouped(row.p05), grouped(row.p95))}"
    if context.is_single:
        return f"{name}: gone {gone}"
    if row.share_running_out < 1.0:
        return f"{name}: gone {in_futures(row.share_running_out)}, {gone} (median of these; {spread})"
    return f"{name}: gone {gone} (median; {spread}) in all futures"


def _run_outs(context: Context, maker: str) -> dict[str, Any]:
    """For each stock point of a maker its row of the table ``run_out``."""
    return {row.stock_point: row for row in records(context.rows("run_out", maker))}


def _why_it_lasts(context: Context, maker: str, point: str) -> str:
    """A stock that does not run out because of the shock may be empty all the same."""
    rows = context.rows("stock", maker)
    left = rows[(rows["stock_point"] == point) & (rows["twin"] == "scenario")]["p05"]
    return "stock lasts in all futures" if left.min() > 0.0 else "runs out no sooner than without the shock"


def stock_lead(context: Context, maker: str, left_out: int) -> str:
    """Which stock runs out first at a maker; if none does in half of the futures, which does most often."""
    name, rest = context.short.firm(maker), _left_out(left_out)
    if not context.has_shock:
        return f"{name}: nothing is marked as shock, so stocks are the same on both paths{rest}"
    rows = [row for row in _run_outs(context, maker).values() if row.share_running_out > 0.0]
    if not rows:
        return f"{name}: no stock runs out because of the shock{rest}"
    usual = [row for row in rows if row.share_running_out >= 0.5]
    if not usual:
        most = max(rows, key=lambda row: row.share_running_out)
        often = in_futures(most.share_running_out)
        stock = context.stock_name(maker, most.stock_point)
        return f"{name}: the stock that runs out most often is {stock}, {often}{rest}"
    first = min(usual, key=lambda row: row.p50)
    often = f", {in_futures(first.share_running_out)}" if first.share_running_out < 1.0 else ""
    stock = context.stock_name(maker, first.stock_point)
    return f"{name}: the first stock to run out is {stock}, {days(first.p50)} after the shock{often}{rest}"


def _left_out(stocks: int) -> str:
    if not stocks:
        return ""
    verbs = ("carries", "is") if stocks == 1 else ("carry", "are")
    return f" ({counted(stocks, 'stock')} that {verbs[0]} less of the loss {verbs[1]} left out)"
