"""Sentences of the report of a sensitivity analysis, each computed from the figures that it stands above."""

from typing import Any

from sim.report.expected_tables import records
from sim.report.language import message, say, say_many
from sim.report.names import tidy, within
from sim.report.numbers import percent, percent_range, significant
from sim.report.sensitivity_context import SensitivityContext
from sim.report.words import in_turn, yes_or_no

NO_DECISION = message(
    "The scenario names no decision, so the value of information is left out: what is worth finding out "
    "depends on what can be done. A section “decision” in the scenario file names the alternatives."
)
SAME_EVERYWHERE = message("The loss is the same in all futures: nothing uncertain moves it")
WIDE, ABOVE = 0.4, 0.05
"""Shares of the variance: width of an interval from which on it tells little, and by how much the share that
an input carries alone is above its total where that is said to be noise."""


def answer(context: SensitivityContext) -> list[str]:
    """What to find out first, and why."""
    first = [_mover(context), say(NO_DECISION)] if context.decision is None else _worth_knowing(context)
    return [in_turn(first), _variance(context), *filter(None, [caution(context)])]


def _mover(context: SensitivityContext) -> str:
    """The input that moves the loss most, if any does."""
    maker, loss = within(context.maker), context.leads.loss
    if context.is_moved_rarely:
        row = context.tables["tornado"].iloc[0]
        return say(
            "What to find out first: {input}. The {loss} is the same in all futures that were drawn, but "
            "this input alone moves it over {reach} of {sales}: too rarely to be met in so few futures, so "
            "how much of the spread it carries is not told.",
            input=context.name(row["input"]).phrase,
            loss=loss,
            reach=_reach(row),
            sales=context.sales,
        )
    if context.is_constant:
        return say(
            "What to find out first: nothing. The loss is the same in all futures: nothing uncertain moves "
            "it."
        )
    if context.mover is not None:
        return say(
            "What to find out first: {input}. It moves {maker}’s {loss} most.",
            input=context.name(str(context.mover["factor"])).phrase,
            maker=maker,
            loss=loss,
        )
    if context.others_move:
        return say(
            "What to find out first cannot be told: no input that was looked at alone moves {maker}’s "
            "{loss}, all others together carry {share} of its variance. A larger --top looks at more of "
            "them.",
            maker=maker,
            loss=loss,
            share=percent(context.total_of_others),
        )
    return say(
        "What to find out first: nothing. Only chance moves {maker}’s {loss}, no input does.",
        maker=maker,
        loss=loss,
    )


def _worth_knowing(context: SensitivityContext) -> list[str]:
    """What is worth finding out before deciding, and what is best without."""
    return [_most_worth(context), _best(context)]


def _most_worth(context: SensitivityContext) -> str:
    row, chance = context.information.iloc[0], float((context.decision or {})["chance_evppi"])
    if row["evppi"] <= 0.0:
        return say(
            "Nothing on its own is worth finding out first: no single input, once known, would change what "
            "is best."
        )
    if row["evppi"] <= chance:
        return say(
            "Nothing on its own: no single input, once known, would change the decision enough to be told "
            "from chance (up to {amount} on average).",
            amount=context.money.text(chance),
        )
    return say(
        _WORTH if row["is_worth"] else _PERHAPS_WORTH,
        input=context.name(row["input"]).phrase,
        amount=context.money.text(float(row["evppi"])),
        range=context.money.range(float(row["ci_low"]), float(row["ci_high"])),
    )


_WORTH = message(
    "What to find out first: {input}. To know it before deciding is worth {amount} on average (95% "
    "confidence: {range})."
)
_PERHAPS_WORTH = message(
    "Nothing on its own so far: most would be {input}, worth {amount} on average (95% confidence: {range}). "
    "More futures would tell."
)


def _best(context: SensitivityContext) -> str:
    """What is best without more knowledge, and by how much."""
    table = context.tables["alternatives"]
    others = table[table["alternative"] != (context.decision or {})["best"]]
    second = others.loc[others["difference"].idxmax()]
    title = tidy(str(second["title"]))
    if second["difference_ci_low"] == second["difference_ci_high"] == 0.0:
        return say(
            "“{best}” and “{other}” earn the same in all futures.", best=context.alternative, other=title
        )
    if second["difference_ci_high"] >= 0.0:
        return say(
            "Without more knowledge, “{best}” and “{other}” cannot be told apart: what they earn differs by "
            "{amount} on average, which may be chance.",
            best=context.alternative,
            other=title,
            amount=context.money.text(abs(float(second["difference"]))),
        )
    low, high = -float(second["difference_ci_high"]), -float(second["difference_ci_low"])
    return say(
        "Without more knowledge, “{best}” is best: it earns {amount} more than “{other}” on average (95% "
        "confidence: {range}).",
        best=context.alternative,
        other=title,
        amount=context.money.text(-float(second["difference"])),
        range=context.money.range(low, high),
    )


def _variance(context: SensitivityContext) -> str:
    spread = context.summary["loss_share"]
    told = {
        "maker": context.maker,
        "loss": context.leads.loss,
        "when": context.window,
        "mean": percent(spread["mean"]["estimate"], 1),
        "sales": context.sales,
    }
    if context.is_constant:
        return say("{maker}’s {loss} {when} is {mean} of its {sales} in all futures.", **told)
    noise = context.noise
    return say(
        "{maker}’s {loss} {when} is {mean} of its {sales} on average (5–95% of futures: {range}). Of the "
        "variance between futures, {noise} (95% confidence: {noise_range}) is chance that no input explains, "
        "such as the demand of a day: no research can make it smaller.",
        range=percent_range(spread["p05"], spread["p95"], 1),
        noise=percent(float(noise["total_order"])),
        noise_range=percent_range(float(noise["total_order_ci_low"]), float(noise["total_order_ci_high"])),
        **told,
    )


def caution(context: SensitivityContext) -> str:
    """Where so few rows tell little of the indices, that it is so; else nothing."""
    table = context.tables["sobol"]
    if context.is_constant:
        return ""
    widths = [
        float((table[f"{order}_ci_high"] - table[f"{order}_ci_low"]).max())
        for order in ("first_order", "total_order")
    ]
    above = int((table["first_order"] - table["total_order"] > ABOVE).sum())
    if max(widths) < WIDE and not above:
        return ""
    noisy = say_many(
        ", and of {number} factor the share alone is above the total, which is noise",
        ", and of {number} factors the share alone is above the total, which is noise",
        above,
    )
    return say_many(
        "{number} row of samples tell little of what each input carries: their 95% intervals are up to "
        "{width} of the variance wide{noisy}. More rows (-n) would tell.",
        "{number} rows of samples tell little of what each input carries: their 95% intervals are up to "
        "{width} of the variance wide{noisy}. More rows (-n) would tell.",
        int(context.summary["replications"]),
        width=percent(max(widths)),
        noisy=noisy if above else "",
    )


def tornado_title(context: SensitivityContext) -> str:
    """The input with the widest bar."""
    rows = context.tables["tornado"]
    if rows.empty or rows["reach"].iloc[0] == 0.0 or (context.is_constant and not context.is_moved_rarely):
        return say("No input moves the mean loss by itself")
    row = rows.iloc[0]
    return say(
        "{input} moves the mean {loss} most: {reach} of {sales}",
        input=context.name(row["input"]).text,
        loss=context.leads.loss,
        reach=_reach(row),
        sales=context.sales,
    )


def _reach(row: Any) -> str:
    """From the least to the largest mean loss share of a row of the tornado."""
    ends = sorted(float(row[f"loss_share_{point}"]) for point in ("low", "mean", "high"))
    return percent_range(ends[0], ends[-1], 1)


def sobol_title(context: SensitivityContext) -> str:
    """The input with the largest total index, and what is left to chance."""
    if context.is_moved_rarely:
        return say("The loss is the same in all futures that were drawn: there is no spread to explain")
    if context.is_constant:
        return say(SAME_EVERYWHERE)
    noise = percent(float(context.noise["total_order"]))
    if context.mover is not None:
        return say(
            "{input} carries {share} of the variance, chance {noise}",
            input=context.name(str(context.mover["factor"])).text,
            share=percent(float(context.mover["total_order"])),
            noise=noise,
        )
    if context.others_move:
        return say(
            "The other inputs carry {share} of the variance, chance {noise}",
            share=percent(context.total_of_others),
            noise=noise,
        )
    return say("No input moves the loss: chance carries {noise} of the variance", noise=noise)


def information_title(context: SensitivityContext) -> str:
    """How many inputs are worth knowing, and how much all knowledge could be worth."""
    if context.nothing_is_worth:
        return say("Nothing is worth knowing: “{title}” is best in all futures", title=context.alternative)
    rows, decision = context.information, context.decision or {}
    return say(
        "{worth}; to know the whole future, chance included: {amount}",
        worth=_worth_of(int(rows["is_worth"].sum()), len(rows)),
        amount=context.money.text(float(decision["evpi"]["estimate"])),
    )


def _worth_of(worth: int, inputs: int) -> str:
    """How many inputs are worth knowing."""
    if inputs == 1:
        return say("The only input is worth knowing") if worth else say("The only input is not worth knowing")
    if not worth:
        return say("None of {all} inputs are worth knowing", all=str(inputs))
    return say_many(
        "{number} of {all} inputs is worth knowing",
        "{number} of {all} inputs are worth knowing",
        worth,
        all=str(inputs),
    )


def end(row: Any, which: str) -> str:
    """The middle of an input's low or high end: a number, or no and yes."""
    value = float(getattr(row, f"input_{which}"))
    return yes_or_no(("no", "yes")[round(value)]) if row.is_event else significant(value, 3)


def ends(context: SensitivityContext) -> list[tuple[str, str]]:
    """Of each row of the tornado, its low and its high end."""
    return [
        (end(row, "low"), end(row, "high"))
        for row in records(context.tables["tornado"].assign(is_event=context.tornado_events))
    ]
