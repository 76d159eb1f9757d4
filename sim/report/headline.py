"""The answer to the scenario's question, and the headline figures of every maker."""

from sim.report.context import Context, Measure
from sim.report.hump_words import humps_sentence
from sim.report.leading_words import leading
from sim.report.margin_words import margin_sentence, of_what_leads, other_loss
from sim.report.names import shorten, within
from sim.report.numbers import lost_range, lost_share, lost_shares, percent
from sim.report.page_parts import Card, Line
from sim.report.seller_words import sales_of, share_of_whole_revenue, whole_revenue_lines
from sim.report.split_words import split_sentence
from sim.report.times import time_lines, times_sentences
from sim.report.words import NOTHING, after_shock, gains_by_component, joined, loss_by_component
from sim.scenario.counting import counted


def answer(context: Context) -> list[str]:
    """The answer to the scenario's question: a sentence for each maker."""
    return [told[0] for told in _told(context)]


def further(context: Context) -> list[list[str]]:
    """What more there is to say: of each maker why, when and what it hangs on."""
    return [told[1:] for told in _told(context)]


def _told(context: Context) -> list[list[str]]:
    """What is said of each maker, first what leads."""
    return [
        list(filter(None, _sentences(context, maker, first=rank == 0)))
        for rank, maker in enumerate(context.makers)
    ]


def _sentences(context: Context, maker: str, *, first: bool) -> list[str]:
    """What a maker loses of revenue and, where it keeps accounts, of margin: first what leads."""
    of_revenue, humps = _answer(context, maker, first=first), _humps(context, maker)
    if not context.leads:
        return [*of_revenue, *humps]
    of_margin = margin_sentence(context, maker)
    if context.leads == "margin":
        return [of_margin, *humps, *of_revenue]
    return [*of_revenue, *humps, of_margin]


def _humps(context: Context, maker: str) -> list[str]:
    """Why the mean does not say what to expect, and what the loss hangs on."""
    told = context.findings.summary["makers"][maker]
    return [humps_sentence(told), split_sentence(told, context.event)]


def _answer(context: Context, maker: str, *, first: bool) -> list[str]:
    name = shorten(context.maker(maker), 60)
    if not context.has_shock:
        same = "No intervention is marked as shock: every future is compared with itself"
        return [f"{same}, so {within(name)} loses nothing {after_shock(context)}."]
    if not context.shock_happens:
        return _untold(context, name, first=first)
    share = context.measure(maker, "loss_share", "mean").estimate
    cause = _shock(context) if first else "It"
    return [f"{cause} {_effect(context, maker, within(name), share)}.", *times_sentences(context, maker)]


def _untold(context: Context, name: str, *, first: bool) -> list[str]:
    """That a shock which never comes costs nothing says nothing of what it costs."""
    if not first:
        return [f"{name} loses nothing in any future, for the same reason."]
    none = (
        "does not happen in the one future that was simulated"
        if context.is_single
        else f"happens in none of {context.replications:,} futures"
    )
    return [
        f"{_shock(context)} {none}, so {within(name)} loses nothing {after_shock(context)}.",
        "What it would cost is not told: simulate more, or raise its probability.",
    ]


def _shock(context: Context) -> str:
    """The shock by the title of its main intervention, and how many others belong to it."""
    title = f"“{shorten(context.shock_title, 80)}”"
    others = int(context.tables["interventions"]["shock"].astype(bool).sum()) - 1
    return f"The shock, {title} and {counted(others, 'more intervention')}," if others > 0 else title


def _effect(context: Context, maker: str, name: str, share: float) -> str:
    """What the shock costs or brings a maker, how much that varies, and through what it comes."""
    when, spread = after_shock(context), _spread(context, maker)
    if not context.rows("makers", maker)["loss"].any():
        return f"costs {name} nothing {when}"
    if abs(share) < NOTHING:
        return f"costs {name} next to nothing on average {when} {spread}"
    money = context.money.text(abs(context.measure(maker, "loss", "mean").estimate))
    sales, amount = sales_of(context, maker), f"{money}{share_of_whole_revenue(context, maker)}"
    if share < 0:
        return f"brings {name} {lost_share(-share)} more {sales} {when} {spread}, {amount}"
    lost = f"costs {name} {lost_share(share)} of its {sales} {when} {spread}, {amount}"
    return lost + _through(context, maker)


def _spread(context: Context, maker: str) -> str:
    if context.is_single:
        return "(in the one future that was simulated)"
    low, high = (context.measure(maker, "loss_share", key).estimate for key in ("p05", "p95"))
    return f"(mean; 5–95% of futures: {lost_range(low, high, lost_shares)})"


def _through(context: Context, maker: str) -> str:
    """The components that carry most of the losses, and what others bring."""
    found = main_components(context, maker)
    carriers = joined([f"{item} ({percent(part)})" for item, part in found])
    gain = gains_by_component(context, maker)
    if gain:
        text = f", after gains of {context.money.text(gain)} through other components"
        return text + (f"; most of the losses come through {carriers}" if found else "")
    if not found:
        return ""
    return f", all of it through {found[0][0]}" if found[0][1] == 1.0 else f", most of it through {carriers}"


def main_components(context: Context, maker: str) -> list[tuple[str, float]]:
    """Names of the components that carry most of the losses, and their shares of these (at most three)."""
    losses = loss_by_component(context, maker)
    total = float(losses[losses > 0.0].sum())
    if total <= 0:
        return []
    found: list[tuple[str, float]] = []
    for component, loss in losses.head(3).items():
        if loss / total < 0.02 or sum(share for _, share in found) > 0.85:
            break
        found.append((within(shorten(context.names.item(str(component)), 40)), float(loss) / total))
    return (
        found if sum(share for _, share in found) > 0.5 else found[:1] if found and found[0][1] > 0.5 else []
    )


def card(context: Context, maker: str) -> Card:
    """Headline figures of one maker, each with its interval and what that covers."""
    told, whole = of_what_leads(context), whole_revenue_lines(context, maker)
    short, back = time_lines(context, maker)
    other = [other_loss(context, maker)] if context.leads else []
    of_revenue_leads = told is context
    money = [_money_line(told, maker), *(whole if of_revenue_leads else [])]
    beside = [*other, *([] if of_revenue_leads else whole)]
    if context.is_single:
        shown, folded = [*money, short, back], beside
    else:
        at_risk, shortfall = _tail_lines(told, maker)
        shown, folded = [*money, at_risk], [_precision_line(told, maker), shortfall, *beside, short, back]
    return Card(
        maker=context.maker(maker),
        colour=context.palette.makers[maker],
        headline=_headline(told, maker),
        lines=shown,
        folded=folded,
    )


def _headline(context: Context, maker: str) -> Line:
    share = context.measure(maker, "loss_share", "mean").estimate
    low, high = (context.measure(maker, "loss_share", key).estimate for key in ("p05", "p95"))
    what = "gained" if share < 0 else "lost"
    form = leading(context.findings.summary).form
    label = f"of {sales_of(context, maker)} {what}{form} {after_shock(context)}"
    value = lost_share(abs(share))
    if context.is_single:
        return Line(label, value, "in the one future that was simulated")
    return Line(f"{label} (mean)", value, f"5–95% of futures: {_gain_or_loss(low, high)}")


def _precision_line(context: Context, maker: str) -> Line:
    return Line(
        "Precision of the mean",
        _confidence(context.measure(maker, "loss_share", "mean")),
        f"95% confidence: what {counted(context.replications, 'future')} can tell",
    )


def _money_line(context: Context, maker: str) -> Line:
    money, low, high = (context.measure(maker, "loss", key).estimate for key in ("mean", "p05", "p95"))
    form = " of margin" if context.leads == "margin" else ""
    label, amount = f"{'Gain' if money < 0 else 'Loss'}{form}", context.money.text(abs(money))
    if context.is_single:
        return Line(label, amount)
    return Line(f"{label} (mean)", amount, f"5–95% of futures: {lost_range(low, high, context.money.range)}")


def _tail_lines(context: Context, maker: str) -> list[Line]:
    var, shortfall = (context.measure(maker, "loss_share", key) for key in ("var95", "es95"))
    return [
        Line(
            "Value at risk, 95%",
            _gain_or_loss(var.estimate, var.estimate),
            f"95% of futures lose no more; 95% confidence: {_confidence(var)}",
        ),
        Line(
            "Expected shortfall, 95%",
            _gain_or_loss(shortfall.estimate, shortfall.estimate),
            "mean of the worst 5% of futures; 95% confidence: " + _confidence(shortfall),
        ),
    ]


def _confidence(measure: Measure) -> str:
    """A confidence interval, of a gain as one; open where a batch is too small to bound it."""
    low, high = measure.ci_low, measure.ci_high
    told = _gain_or_loss if measure.estimate < 0.0 else lost_shares
    if low is None:
        if high is None:
            return "unknown with so few futures"
        return f"up to {told(high, high)}, below that unknown with so few futures"
    if high is None:
        return f"from {told(low, low)}, above that unknown with so few futures"
    return told(low, high)


def _gain_or_loss(low: float, high: float) -> str:
    return lost_range(low, high, lost_shares)
