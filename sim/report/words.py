"""The titles of the charts: what each shows, computed from the figures that it shows."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import pandas as pd

from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.language import message, say, say_many
from sim.report.names import within
from sim.report.numbers import as_date, day, grouped, in_futures, is_missing, percent
from sim.scenario.assumptions import count_sources

NOTHING = 0.0005  # shares of revenue below this read as none
FUTURES_WITH_A_TAIL = 20  # of fewer, the value at risk (95%) is the worst
MOST_MAKERS = 3  # named in a title


def joined(parts: Sequence[str]) -> str:
    """Words joined as in 'a, b and c'.

    Examples
    --------
    >>> joined(["a", "b", "c"]), joined(["a"])
    ('a, b and c', 'a')
    """
    if len(parts) < 2:
        return "".join(parts)
    some = reduce(lambda before, part: say("{some}, {more}", some=before, more=part), parts[:-1])
    return say("{some} and {last}", some=some, last=parts[-1])


def either(parts: Sequence[str]) -> str:
    """Words joined as in 'a, b or c'.

    Examples
    --------
    >>> either(["a", "b", "c"]), either(["a"])
    ('a, b or c', 'a')
    """
    if len(parts) < 2:
        return "".join(parts)
    some = reduce(lambda before, part: say("{some}, {more}", some=before, more=part), parts[:-1])
    return say("{some} or {last}", some=some, last=parts[-1])


def apart(parts: Sequence[str]) -> str:
    """Words apart, as in 'a; b'."""
    return reduce(lambda before, part: say("{some}; {more}", some=before, more=part), parts) if parts else ""


def in_turn(sentences: Sequence[str]) -> str:
    """Sentences, one after the other, but those that say nothing; nothing where there are no others.

    Examples
    --------
    >>> in_turn(["It is so.", "", "It stays so."])
    'It is so. It stays so.'
    """
    return reduce(_followed, list(filter(None, sentences)) or [""])


def _followed(told: str, sentence: str) -> str:
    return say("{sentence} {next}", sentence=told, next=sentence)


_ANSWERS = {"yes": message("yes"), "no": message("no")}


def yes_or_no(answer: str) -> str:
    """What a table answers by yes or no."""
    return say(_ANSWERS[answer])


def worth_from(row: Any) -> str:
    """For which probabilities of the shock a portfolio is worth taking."""
    if row.worth == "from":
        return say("from {bound}", bound=percent(row.break_even))
    if row.worth == "up_to":
        return say("up to {bound}", bound=percent(row.break_even))
    return say("always") if row.worth == "always" else say("never")


def capital(text: str) -> str:
    """Words at the head of a sentence.

    Examples
    --------
    >>> capital("in all of the US")
    'In all of the US'
    """
    return text[:1].upper() + text[1:]


def as_mean(label: str) -> str:
    """A label of a figure that is a mean over futures."""
    return say("{label} (mean)", label=label)


def after_shock(context: Context) -> str:
    """The loss window in words."""
    if not context.has_shock:
        start = day(context.findings.scenario.calendar.start)
        return _in_window(
            context, message("in the 12 months from {day}"), message("in the {number} days from {day}"), start
        )
    if context.shock_date is None:
        return _in_window(context, message("in the 12 months"), message("in the {number} days"))
    when = day(context.shock_date)
    if context.is_shock_date_certain:
        return _in_window(
            context,
            message("in the 12 months after {day}"),
            message("in the {number} days after {day}"),
            when,
        )
    return _in_window(
        context,
        message("in the 12 months after about {day}"),
        message("in the {number} days after about {day}"),
        when,
    )


def _in_window(context: Context, year: str, other: str, when: str = "") -> str:
    """One of two texts, by whether the window is a year long."""
    if context.window_is_a_year:
        return say(year, day=when)
    return say(other, number=grouped(context.window_days), day=when)


def weekly_futures(context: Context) -> str:
    """The futures that are told week by week."""
    if context.weekly_replications < context.replications:
        return say_many(
            "the first {number} future", "the first {number} futures", context.weekly_replications
        )
    return say("futures")


def weekly_mean(context: Context) -> str:
    """What the bars of a week stand for."""
    if context.is_single:
        return say("Loss of each week")
    return say("Mean loss of each week over {futures}", futures=weekly_futures(context))


def bars(context: Context) -> str:
    """What bars and whiskers stand for."""
    if context.is_single:
        return say("Bars are the one future that was simulated")
    return say("Bars are means, whiskers 5–95% of futures")


def loss_by_component(context: Context, maker: str) -> pd.Series:
    """Mean loss in the window per component, largest first; a gain is below 0."""
    totals = context.rows("attribution", maker).groupby("component", sort=True)["mean"].sum()
    return totals.sort_values(ascending=False, kind="stable")


def gains_by_component(context: Context, maker: str) -> float:
    """What all components that bring more than they cost bring; 0 where that is next to nothing."""
    losses = loss_by_component(context, maker)
    gain = -float(losses[losses < 0.0].sum())
    return gain if gain > NOTHING * float(losses[losses > 0.0].sum()) else 0.0


def fan_title(context: Context, maker: str) -> str:
    """The week in which the gap between scenario and counterfactual is widest."""
    fan = context.rows("revenue_fan", maker)
    means = fan.pivot_table(index="week", columns="twin", values="mean", sort=True)
    name = context.short.firm(maker)
    if means.empty or not {"scenario", "counterfactual"} <= set(means.columns):
        return say("{maker}: no whole week was simulated", maker=name)
    if not context.has_shock:
        return say("{maker}’s revenue: nothing is marked as shock, so both paths are the same", maker=name)
    gap = (1 - means["scenario"] / means["counterfactual"].where(means["counterfactual"] > 0)).dropna()
    if gap.empty or gap.abs().max() < NOTHING:
        return say("{maker}’s revenue stays on its path without the shock", maker=name)
    if gap.max() < NOTHING:
        return say(
            "{maker}’s revenue never falls behind; it is furthest ahead in the week of {week}: {share}",
            maker=name,
            week=day(gap.idxmin()),
            share=percent(-float(gap.min())),
        )
    return say(
        "{maker}’s revenue falls furthest behind in the week of {week}: {share} below its path",
        maker=name,
        week=day(gap.idxmax()),
        share=percent(float(gap.max())),
    )


def attribution_title(context: Context, maker: str) -> str:
    """The component that carries the largest part of the losses."""
    name, losses = context.short.firm(maker), loss_by_component(context, maker)
    lost, gain = float(losses[losses > 0.0].sum()), gains_by_component(context, maker)
    if lost <= 0.0 and gain <= 0.0:
        return say("{maker} has no loss to attribute", maker=name)
    if lost <= 0.0:
        best = context.short.item(str(losses.index[-1]))
        return say(
            "{maker} loses through no component and gains most through {component}",
            maker=name,
            component=best,
        )
    first, share = context.short.item(str(losses.index[0])), percent(float(losses.iloc[0]) / lost)
    if gain > 0.0:
        return say(
            "{share} of {maker}’s losses come through {component}, before gains of {money}",
            share=share,
            maker=name,
            component=first,
            money=context.money.text(gain),
        )
    return say(
        "{share} of {maker}’s loss comes through {component}", share=share, maker=name, component=first
    )


def products_title(context: Context, maker: str) -> str:
    """The product and market that lose most."""
    rows = context.rows("products", maker).sort_values(
        ["mean", "item", "market"], ascending=[False, True, True]
    )
    if rows.empty or rows["mean"].iloc[0] <= 0:
        return say("{maker} loses no sales", maker=context.short.firm(maker))
    row = rows.iloc[0]
    losses = rows["mean"][rows["mean"] > 0.0]
    told = {
        "maker": context.short.firm(maker),
        "product": context.short.item(row["item"]),
        "market": context.short.market(row["market"]),
        "money": context.money.text(float(row["mean"])),
        "share": percent(float(row["mean"] / losses.sum())),
    }
    if rows["mean"].min() < 0.0:
        return say("{maker} loses most on {product} for {market}: {money}, {share} of all losses", **told)
    return say("{maker} loses most on {product} for {market}: {money}, {share} of the loss", **told)


def survival_title(context: Context, event: str) -> str:
    """In how many futures sales have fallen short, or revenue is back, by the end."""
    column, what = _SURVIVAL_TITLES[event]
    parts = []
    for maker in context.makers[:MOST_MAKERS]:
        share = float(context.rows("makers", maker)[column].notna().mean())
        parts.append(f"{within(context.short.firm(maker))} {in_futures(share)}")
    return say(what, makers=joined(parts))


_SURVIVAL_TITLES = {
    "first_lost_sales": ("first_lost_sales_days", message("Sales fall short by the end: {makers}")),
    "recovery": (
        "time_to_adapt_days",
        message("Revenue is back for good by the end, or never fell behind: {makers}"),
    ),
}
"""Column of the table ``makers`` and words for each event."""


def suppliers_title(context: Context) -> str:
    """Who loses most and who gains most among the suppliers."""
    table = context.tables["suppliers"]
    changes = table["mean"].abs() > NOTHING * table["revenue_counterfactual"]
    table = table[changes].sort_values(["mean", "supplier"])
    if table.empty:
        return say("No supplier’s sales change")
    parts = []
    for row, told, wins in (
        (table.iloc[-1], message("{supplier} loses most ({money})"), False),
        (table.iloc[0], message("{supplier} gains most ({money})"), True),
    ):
        amount = float(row["mean"])
        if (amount < 0) == wins and amount != 0:
            supplier, money = context.short.firm(row["supplier"]), context.money.text(abs(amount))
            parts.append(say(told, supplier=supplier, money=money))
    return joined(parts)


def flows_title(context: Context) -> str:
    """How the makers' purchases change; what one tier buys is part of what it sells to the next."""
    flows = context.tables["flows"]
    own = flows[flows["maker"].isin(context.makers) & ~flows["supplier"].isin(context.makers)]
    totals = own.groupby("twin")["value"].sum()
    before, after = (float(totals.get(twin, 0.0)) for twin in ("counterfactual", "scenario"))
    one = len(context.makers) == 1
    who = (
        say("{maker}’s purchases", maker=context.short.firm(context.makers[0]))
        if one
        else say("The makers’ purchases")
    )
    if before <= 0:
        return say("{purchases}: nothing was bought without the shock", purchases=who)
    if after < 0:
        bought, back = context.money.text(before), context.money.text(-after)
        return say(
            "{purchases} fall from {before} to less than nothing: {back} is paid back",
            purchases=who,
            before=bought,
            back=back,
        )
    if abs(after / before - 1) < NOTHING:
        return say("{purchases} stay at {money}", purchases=who, money=context.money.text(before))
    return _purchases_change(context, who, before, after)


def _purchases_change(context: Context, who: str, before: float, after: float) -> str:
    change, first, last = after / before - 1, context.money.text(before), context.money.text(after)
    told = {"purchases": who, "share": percent(abs(change)), "before": first, "after": last}
    if first == last and change < 0:
        return say("{purchases} fall by {share}, from {before}", **told)
    if first == last:
        return say("{purchases} rise by {share}, from {before}", **told)
    if change < 0:
        return say("{purchases} fall by {share}, from {before} to {after}", **told)
    return say("{purchases} rise by {share}, from {before} to {after}", **told)


def timeline_title(context: Context) -> str:
    """How many interventions there are and which of them are the shock."""
    table = context.tables["interventions"]
    if table.empty:
        return say("The scenario has no interventions")
    shocks = int(table["shock"].astype(bool).sum())
    uncertain = int(sum(as_text(row.start_p05) != as_text(row.start_p95) for row in records(table)))
    if len(table) == 1:
        often = float(table["probability"].iloc[0])
        dated = say("its first day is uncertain") if uncertain else say("its first day is certain")
        when = dated if often == 1.0 else say("it happens {often}", often=in_futures(often))
        if shocks:
            return say("The only intervention is the shock; {when}", when=when)
        return say("The only intervention is no part of the shock; {when}", when=when)
    whole = grouped(len(table))
    dated = say_many(
        "{number} of {all} begins on an uncertain day",
        "{number} of {all} begin on an uncertain day",
        uncertain,
        all=whole,
    )
    belong = say_many(
        "{number} of {all} interventions belongs to the shock",
        "{number} of {all} interventions belong to the shock",
        shocks,
        all=whole,
    )
    if not shocks:
        belong = say("None of {all} interventions belongs to the shock", all=whole)
    return "; ".join([belong, (dated if uncertain else say("all first days are certain")) + _perhaps(table)])


def _perhaps(interventions: pd.DataFrame) -> str:
    """How many interventions do not happen in every future, and how many in none."""
    often = interventions["probability"]
    some, never = int(((often > 0.0) & (often < 1.0)).sum()), int((often == 0.0).sum())
    told = [
        say_many(", {number} happens in some futures only", ", {number} happen in some futures only", some),
        say_many(", {number} happens in none", ", {number} happen in none", never),
    ]
    return "".join(part for part, count in zip(told, (some, never), strict=True) if count)


def as_text(value: object) -> str:
    """A date as ISO text; empty where there is none."""
    return "" if is_missing(value) else as_date(value).isoformat()


def observations_title(rows: pd.DataFrame, relation: str, measure: str) -> str:
    """How many reported figures lie within the simulated range, before or after the shock."""
    inside = int(
        ((rows["reported"] >= rows["simulated_p05"]) & (rows["reported"] <= rows["simulated_p95"])).sum()
    )
    counts = {"inside": grouped(inside), "measure": named_measure(measure)}
    if relation == "after the shock":
        return say_many(
            "After the shock, {inside} of {number} reported {measure} figure lies within the forecast’s "
            "5–95% range",
            "After the shock, {inside} of {number} reported {measure} figures lie within the forecast’s "
            "5–95% range",
            len(rows),
            **counts,
        )
    return say_many(
        "Before the shock, {inside} of {number} reported {measure} figure lies within the simulated 5–95% "
        "range",
        "Before the shock, {inside} of {number} reported {measure} figures lie within the simulated 5–95% "
        "range",
        len(rows),
        **counts,
    )


def named_measure(measure: str) -> str:
    """What a reported figure measures."""
    return say(_MEASURES[measure])


_MEASURES = {"revenue": message("revenue"), "inventory_value": message("inventory value")}


def source_sentence(table: pd.DataFrame) -> str:
    """How many numbers of the scenario have a source, and how many say nothing."""
    found = count_sources(table.loc[table["kind"] != "object", "source"])
    return say_many(
        "The scenario gives {number} number: {cited} with a source, {assumed} marked as assumptions, "
        "{silent} with "
        "neither.",
        "The scenario gives {number} numbers: {cited} with a source, {assumed} marked as assumptions, "
        "{silent} with "
        "neither.",
        found.numbers,
        cited=grouped(found.cited),
        assumed=grouped(found.assumed),
        silent=grouped(found.silent),
    )


_CONFIDENCE = {"high": message("high"), "medium": message("medium"), "low": message("low")}


def confidence(stated: object) -> str:
    """How sure whoever wrote a number is of it; nothing where that is not stated."""
    return say(_CONFIDENCE[str(stated)]) if stated in _CONFIDENCE else ""


def confidence_sentence(confidences: Sequence[object]) -> str:
    """How many assumptions are of which confidence."""
    found = [str(value) for value in confidences if not is_missing(value) and str(value)]
    counts = [
        say(told, count=grouped(found.count(level)))
        for level, told in _OF_CONFIDENCE.items()
        if level in found
    ]
    silent = len(confidences) - len(found)
    if silent:
        counts.append(say("{count} without stated", count=grouped(silent)))
    if not counts:
        return say("The scenario documents no assumption.")
    return say(
        "Uncertain or documented, and listed here: {all}, {counts} confidence.",
        all=grouped(len(confidences)),
        counts=joined(counts),
    )


_OF_CONFIDENCE = {
    "high": message("{count} of high"),
    "medium": message("{count} of medium"),
    "low": message("{count} of low"),
}
