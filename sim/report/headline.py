"""The answer to the scenario's question, and the headline figures of every maker."""

from sim.report.context import Context, Measure
from sim.report.hump_words import humps_sentence
from sim.report.language import say, say_many
from sim.report.leading_words import leading
from sim.report.margin_words import margin_sentence, of_what_leads, other_loss
from sim.report.names import shorten, within
from sim.report.numbers import lost_range, lost_share, lost_shares, percent
from sim.report.page_parts import Card, Line
from sim.report.seller_words import sales_of, share_of_whole_revenue, whole_revenue_lines
from sim.report.split_words import split_sentence
from sim.report.times import time_lines, times_sentences
from sim.report.words import NOTHING, after_shock, as_mean, gains_by_component, joined, loss_by_component


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
        return [
            say(
                "No intervention is marked as shock: every future is compared with itself, so {maker} "
                "loses nothing "
                "{when}.",
                maker=within(name),
                when=after_shock(context),
            )
        ]
    if not context.shock_happens:
        return _untold(context, name, first=first)
    share = context.measure(maker, "loss_share", "mean").estimate
    cause = _shock(context) if first else say("It")
    return [_effect(context, maker, cause, within(name), share), *times_sentences(context, maker)]


def _untold(context: Context, name: str, *, first: bool) -> list[str]:
    """That a shock which never comes costs nothing says nothing of what it costs."""
    if not first:
        return [say("{maker} loses nothing in any future, for the same reason.", maker=name)]
    told = {"shock": _shock(context), "maker": within(name), "when": after_shock(context)}
    if context.is_single:
        none = say(
            "{shock} does not happen in the one future that was simulated, so {maker} loses nothing {when}.",
            **told,
        )
    else:
        none = say_many(
            "{shock} happens in none of {number} future, so {maker} loses nothing {when}.",
            "{shock} happens in none of {number} futures, so {maker} loses nothing {when}.",
            context.replications,
            **told,
        )
    return [none, say("What it would cost is not told: simulate more, or raise its probability.")]


def _shock(context: Context) -> str:
    """The shock by the title of its main intervention, and how many others belong to it."""
    title = say("“{title}”", title=shorten(context.shock_title, 80))
    others = int(context.tables["interventions"]["shock"].astype(bool).sum()) - 1
    if others <= 0:
        return title
    return say_many(
        "The shock, {title} and {number} more intervention,",
        "The shock, {title} and {number} more interventions,",
        others,
        title=title,
    )


def _effect(context: Context, maker: str, cause: str, name: str, share: float) -> str:
    """What the shock costs or brings a maker, how much that varies, and through what it comes."""
    when, spread = after_shock(context), _spread(context, maker)
    if not context.rows("makers", maker)["loss"].any():
        return say("{shock} costs {maker} nothing {when}.", shock=cause, maker=name, when=when)
    if abs(share) < NOTHING:
        return say(
            "{shock} costs {maker} next to nothing on average {when} {spread}.",
            shock=cause,
            maker=name,
            when=when,
            spread=spread,
        )
    money = context.money.text(abs(context.measure(maker, "loss", "mean").estimate))
    told = {
        "shock": cause,
        "maker": name,
        "share": lost_share(abs(share)),
        "sales": sales_of(context, maker),
        "when": when,
        "spread": spread,
        "money": f"{money}{share_of_whole_revenue(context, maker)}",
    }
    if share < 0:
        return say("{shock} brings {maker} {share} more {sales} {when} {spread}, {money}.", **told)
    through = _through(context, maker)
    return say(
        "{shock} costs {maker} {share} of its {sales} {when} {spread}, {money}{through}.",
        **told,
        through=through,
    )


def _spread(context: Context, maker: str) -> str:
    if context.is_single:
        return say("(in the one future that was simulated)")
    low, high = (context.measure(maker, "loss_share", key).estimate for key in ("p05", "p95"))
    return say("(mean; 5–95% of futures: {range})", range=lost_range(low, high, lost_shares))


def _through(context: Context, maker: str) -> str:
    """The components that carry most of the losses, and what others bring."""
    found = main_components(context, maker)
    carriers = joined(
        [say("{component} ({share})", component=item, share=percent(part)) for item, part in found]
    )
    gain = gains_by_component(context, maker)
    if gain:
        text = say(", after gains of {money} through other components", money=context.money.text(gain))
        return text + (
            say("; most of the losses come through {components}", components=carriers) if found else ""
        )
    if not found:
        return ""
    if found[0][1] == 1.0:
        return say(", all of it through {component}", component=found[0][0])
    return say(", most of it through {components}", components=carriers)


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
    told = {
        "sales": sales_of(context, maker),
        "as_margin": leading(context.findings.summary).form,
        "when": after_shock(context),
    }
    label = (
        say("of {sales} gained{as_margin} {when}", **told)
        if share < 0
        else say("of {sales} lost{as_margin} {when}", **told)
    )
    value = lost_share(abs(share))
    if context.is_single:
        return Line(label, value, say("in the one future that was simulated"))
    return Line(as_mean(label), value, say("5–95% of futures: {range}", range=_gain_or_loss(low, high)))


def _precision_line(context: Context, maker: str) -> Line:
    return Line(
        say("Precision of the mean"),
        _confidence(context.measure(maker, "loss_share", "mean")),
        say_many(
            "95% confidence: what {number} future can tell",
            "95% confidence: what {number} futures can tell",
            context.replications,
        ),
    )


def _money_line(context: Context, maker: str) -> Line:
    money, low, high = (context.measure(maker, "loss", key).estimate for key in ("mean", "p05", "p95"))
    if context.leads == "margin":
        label = say("Gain of margin") if money < 0 else say("Loss of margin")
    else:
        label = say("Gain") if money < 0 else say("Loss")
    amount = context.money.text(abs(money))
    if context.is_single:
        return Line(label, amount)
    spread = say("5–95% of futures: {range}", range=lost_range(low, high, context.money.range))
    return Line(as_mean(label), amount, spread)


def _tail_lines(context: Context, maker: str) -> list[Line]:
    var, shortfall = (context.measure(maker, "loss_share", key) for key in ("var95", "es95"))
    return [
        Line(
            say("Value at risk, 95%"),
            _gain_or_loss(var.estimate, var.estimate),
            say("95% of futures lose no more; 95% confidence: {range}", range=_confidence(var)),
        ),
        Line(
            say("Expected shortfall, 95%"),
            _gain_or_loss(shortfall.estimate, shortfall.estimate),
            say("mean of the worst 5% of futures; 95% confidence: {range}", range=_confidence(shortfall)),
        ),
    ]


def _confidence(measure: Measure) -> str:
    """A confidence interval, of a gain as one; open where a batch is too small to bound it."""
    low, high = measure.ci_low, measure.ci_high
    told = _gain_or_loss if measure.estimate < 0.0 else lost_shares
    if low is None:
        if high is None:
            return say("unknown with so few futures")
        return say("up to {bound}, below that unknown with so few futures", bound=told(high, high))
    if high is None:
        return say("from {bound}, above that unknown with so few futures", bound=told(low, low))
    return told(low, high)


def _gain_or_loss(low: float, high: float) -> str:
    return lost_range(low, high, lost_shares)
