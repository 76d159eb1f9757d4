"""The answer to the scenario's question, and the headline figures of every maker."""

from sim.report.blocks import Card, Line
from sim.report.context import Context, Measure, Times
from sim.report.humps import humps_sentence
from sim.report.names import shorten
from sim.report.numbers import days, grouped, percent, percent_range, span
from sim.report.words import NOTHING, after_shock, joined, loss_by_component


def answer(context: Context) -> list[str]:
    """The answer to the scenario's question: one paragraph per maker."""
    return [
        f"{_answer(context, maker, first=rank == 0)} {_humps(context, maker)}".strip()
        for rank, maker in enumerate(context.makers)
    ]


def _humps(context: Context, maker: str) -> str:
    return humps_sentence(context.findings.summary["makers"][maker])


def _answer(context: Context, maker: str, *, first: bool) -> str:
    name = shorten(context.maker(maker), 60)
    share = context.measure(maker, "loss_share", "mean").estimate
    money = context.measure(maker, "loss", "mean").estimate
    low, high = (context.measure(maker, "loss_share", key).estimate for key in ("p05", "p95"))
    cause = f"“{shorten(context.shock_title, 80)}”" if first else "It"
    spread = f"(mean; 5–95% of futures: {percent_range(low, high)})"
    if abs(share) < NOTHING:
        return f"{cause} costs {name} next to nothing {after_shock(context)} {spread}."
    verb = "costs" if share > 0 else "brings"
    more = "" if share > 0 else " more"
    text = (
        f"{cause} {verb} {name} {percent(abs(share))}{more} of its revenue {after_shock(context)} {spread}, "
    )
    text += context.money.text(abs(money))
    carriers = main_components(context, maker) if share > 0 else []
    if carriers:
        text += f", most of it through {joined([f'{name} ({percent(part)})' for name, part in carriers])}"
    return f"{text}. {_times_sentence(context, maker)}"


def main_components(context: Context, maker: str) -> list[tuple[str, float]]:
    """Names of the components that carry most of the loss, and their shares of it (at most three)."""
    losses = loss_by_component(context, maker)
    total = float(losses.sum())
    if total <= 0:
        return []
    found: list[tuple[str, float]] = []
    for component, loss in losses.head(3).items():
        if loss / total < 0.02 or sum(share for _, share in found) > 0.85:
            break
        found.append((shorten(context.names.item(str(component)), 40), float(loss) / total))
    return (
        found if sum(share for _, share in found) > 0.5 else found[:1] if found and found[0][1] > 0.5 else []
    )


def _times_sentence(context: Context, maker: str) -> str:
    short = context.times(maker, "first_lost_sales_days", "share_never")
    back = context.times(maker, "time_to_adapt_days", "share_not_recovered")
    tolerance = _tolerance(context)
    if short.p50 is None:
        return "Sales never fall short."
    sentence = f"Sales first fall short after {days(short.p50)} (median{_range(short)})"
    if short.share_never > 0:
        sentence += f", but never in {percent(short.share_never)} of futures"
    if back.p50 is None or back.share_never > 0.5:
        left = percent(back.share_never)
        sentence += f"; in {left} of futures they are not back within {tolerance}"
        return f"{sentence} by the end of the simulated period."
    return f"{sentence} and are back within {tolerance} after {days(back.p50)} (median{_range(back)})."


def _tolerance(context: Context) -> str:
    return f"{context.findings.scenario.analysis.recovery_tolerance * 100:g}%"


def _range(times: Times) -> str:
    if times.p05 is None or times.p95 is None:
        return ""
    return f"; 5–95%: {span(grouped(times.p05), grouped(times.p95))}"


def card(context: Context, maker: str) -> Card:
    """Headline figures of one maker, each with its interval and what that covers."""
    share = context.measure(maker, "loss_share", "mean")
    low, high = (context.measure(maker, "loss_share", key).estimate for key in ("p05", "p95"))
    money, cheap, dear = (context.measure(maker, "loss", key).estimate for key in ("mean", "p05", "p95"))
    var, shortfall = (context.measure(maker, "loss_share", key) for key in ("var95", "es95"))
    return Card(
        maker=context.maker(maker),
        colour=context.palette.makers[maker],
        headline=Line(
            f"of revenue lost {after_shock(context)} (mean)",
            percent(share.estimate, 1),
            f"5–95% of futures: {percent_range(low, high, 1)}",
        ),
        lines=(
            Line(
                "Precision of the mean",
                _confidence(share),
                f"95% confidence: what {context.replications:,} futures can tell",
            ),
            Line(
                "Loss (mean)",
                context.money.text(money),
                f"5–95% of futures: {context.money.range(cheap, dear)}",
            ),
            Line(
                "Value at risk, 95%",
                percent(var.estimate, 1),
                f"one future in 20 is worse; 95% confidence: {_confidence(var)}",
            ),
            Line(
                "Expected shortfall, 95%",
                percent(shortfall.estimate, 1),
                "mean of the worst 5% of futures; 95% confidence: " + _confidence(shortfall),
            ),
            _time_line(
                "Sales first fall short",
                context.times(maker, "first_lost_sales_days", "share_never"),
                "never",
            ),
            _time_line(
                f"Sales back within {_tolerance(context)} for good",
                context.times(maker, "time_to_adapt_days", "share_not_recovered"),
                "not within the simulated period",
            ),
        ),
    )


def _confidence(measure: Measure) -> str:
    """A confidence interval; open where a batch is too small to bound it."""
    low, high = measure.ci_low, measure.ci_high
    if low is None:
        if high is None:
            return "unknown with so few futures"
        return f"up to {percent(high, 1)}, below that unknown with so few futures"
    if high is None:
        return f"from {percent(low, 1)}, above that unknown with so few futures"
    return percent_range(low, high, 1)


def _time_line(label: str, times: Times, never: str) -> Line:
    none = f"{never} in {percent(times.share_never)} of futures" if times.share_never > 0 else ""
    if times.p50 is None or times.share_never > 0.5:
        return Line(label, never.capitalize() if times.share_never >= 1 else "Mostly not", none)
    spread = (
        "" if times.p05 is None or times.p95 is None else f"5–95%: {times.p05:,.0f}–{times.p95:,.0f} days"
    )
    return Line(
        label, f"after {days(times.p50)}", "; ".join(part for part in ("median", spread, none) if part)
    )
