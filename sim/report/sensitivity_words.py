"""Sentences of the report of a sensitivity analysis, each computed from the figures that it stands above."""

from typing import Any

from sim.report.expected_tables import records
from sim.report.names import tidy, within
from sim.report.numbers import percent, percent_range, significant
from sim.report.sensitivity_context import SensitivityContext
from sim.scenario.counting import counted

NO_DECISION = (
    "The scenario names no decision, so the value of information is left out: what is worth finding out "
    "depends on what can be done. A section “decision” in the scenario file names the alternatives."
)
SAME_EVERYWHERE = "The loss is the same in all futures: nothing uncertain moves it"
WIDE, ABOVE = 0.4, 0.05
"""Shares of the variance: width of an interval from which on it tells little, and by how much the share that
an input carries alone is above its total where that is said to be noise."""
NOT_TOLD_APART = "cannot be told apart"


def answer(context: SensitivityContext) -> list[str]:
    """What to find out first, and why."""
    first = f"{_mover(context)} {NO_DECISION}" if context.decision is None else _worth_knowing(context)
    return [first, _variance(context), *filter(None, [caution(context)])]


def _mover(context: SensitivityContext) -> str:
    """The input that moves the loss most, if any does."""
    loss = f"{within(context.maker)}’s {context.leads.loss}"
    if context.is_moved_rarely:
        row = context.tables["tornado"].iloc[0]
        return (
            f"What to find out first: {context.name(row['input']).phrase}. The {context.leads.loss} is the "
            f"same in all futures that were drawn, but this input alone moves it over {_reach(row)} of "
            f"{context.sales}: too rarely to be met in so few futures, so how much of the spread it carries "
            "is not told."
        )
    if context.is_constant:
        return f"What to find out first: nothing. {SAME_EVERYWHERE}."
    if context.mover is not None:
        name = context.name(str(context.mover["factor"]))
        return f"What to find out first: {name.phrase}. It moves {loss} most."
    if context.others_move:
        share = percent(context.total_of_others)
        return (
            f"What to find out first cannot be told: no input that was looked at alone moves {loss}, all "
            f"others together carry {share} of its variance. A larger --top looks at more of them."
        )
    return f"What to find out first: nothing. Only chance moves {loss}, no input does."


def _worth_knowing(context: SensitivityContext) -> str:
    row, chance = context.information.iloc[0], float((context.decision or {})["chance_evppi"])
    if row["evppi"] <= 0.0:
        return (
            "Nothing on its own is worth finding out first: no single input, once known, would change what "
            f"is best. {_best(context)}"
        )
    if row["evppi"] <= chance:
        return (
            "Nothing on its own: no single input, once known, would change the decision enough to be told "
            f"from chance (up to {context.money.text(chance)} on average). {_best(context)}"
        )
    interval = context.money.range(float(row["ci_low"]), float(row["ci_high"]))
    worth = f"{context.money.text(float(row['evppi']))} on average (95% confidence: {interval})"
    name = context.name(row["input"]).phrase
    if not row["is_worth"]:
        return (
            f"Nothing on its own so far: most would be {name}, worth {worth}. More futures would tell. "
            f"{_best(context)}"
        )
    return f"What to find out first: {name}. To know it before deciding is worth {worth}. {_best(context)}"


def _best(context: SensitivityContext) -> str:
    """What is best without more knowledge, and by how much."""
    table = context.tables["alternatives"]
    others = table[table["alternative"] != (context.decision or {})["best"]]
    second = others.loc[others["difference"].idxmax()]
    title = tidy(str(second["title"]))
    if second["difference_ci_low"] == second["difference_ci_high"] == 0.0:
        return f"“{context.alternative}” and “{title}” earn the same in all futures."
    if second["difference_ci_high"] >= 0.0:
        return (
            f"Without more knowledge, “{context.alternative}” and “{title}” {NOT_TOLD_APART}: what they "
            f"earn differs by "
            f"{context.money.text(abs(float(second['difference'])))} on average, which may be chance."
        )
    low, high = -float(second["difference_ci_high"]), -float(second["difference_ci_low"])
    return (
        f"Without more knowledge, “{context.alternative}” is best: it earns "
        f"{context.money.text(-float(second['difference']))} more than “{title}” on average "
        f"(95% confidence: {context.money.range(low, high)})."
    )


def _variance(context: SensitivityContext) -> str:
    spread = context.summary["loss_share"]
    mean = percent(spread["mean"]["estimate"], 1)
    loss = f"{context.maker}’s {context.leads.loss} {context.window} is {mean} of its {context.sales}"
    if context.is_constant:
        return f"{loss} in all futures."
    noise = context.noise
    interval = percent_range(float(noise["total_order_ci_low"]), float(noise["total_order_ci_high"]))
    return (
        f"{loss} on average (5–95% of futures: {percent_range(spread['p05'], spread['p95'], 1)}). Of "
        f"the variance "
        f"between futures, {percent(float(noise['total_order']))} (95% confidence: {interval}) is "
        f"chance that no "
        f"input explains, such as the demand of a day: no research can make it smaller."
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
    rows = counted(int(context.summary["replications"]), "row")
    noisy = (
        f", and of {counted(above, 'factor')} the share alone is above the total, which is noise"
        if above
        else ""
    )
    return (
        f"{rows} of samples tell little of what each input carries: their 95% intervals are up to "
        f"{percent(max(widths))} of the variance wide{noisy}. More rows (-n) would tell."
    )


def tornado_title(context: SensitivityContext) -> str:
    """The input with the widest bar."""
    rows = context.tables["tornado"]
    if rows.empty or rows["reach"].iloc[0] == 0.0 or (context.is_constant and not context.is_moved_rarely):
        return "No input moves the mean loss by itself"
    row = rows.iloc[0]
    name, loss = context.name(row["input"]).text, context.leads.loss
    return f"{name} moves the mean {loss} most: {_reach(row)} of {context.sales}"


def _reach(row: Any) -> str:
    """From the least to the largest mean loss share of a row of the tornado."""
    ends = sorted(float(row[f"loss_share_{point}"]) for point in ("low", "mean", "high"))
    return percent_range(ends[0], ends[-1], 1)


def sobol_title(context: SensitivityContext) -> str:
    """The input with the largest total index, and what is left to chance."""
    if context.is_moved_rarely:
        return "The loss is the same in all futures that were drawn: there is no spread to explain"
    if context.is_constant:
        return SAME_EVERYWHERE
    noise = percent(float(context.noise["total_order"]))
    if context.mover is not None:
        name, share = context.name(str(context.mover["factor"])).text, context.mover["total_order"]
        return f"{name} carries {percent(float(share))} of the variance, chance {noise}"
    if context.others_move:
        together = percent(context.total_of_others)
        return f"The other inputs carry {together} of the variance, chance {noise}"
    return f"No input moves the loss: chance carries {noise} of the variance"


def information_title(context: SensitivityContext) -> str:
    """How many inputs are worth knowing, and how much all knowledge could be worth."""
    decision = context.decision or {}
    rows = context.information
    worth = int(rows["is_worth"].sum())
    everything = float(decision["evpi"]["estimate"])
    if context.nothing_is_worth:
        return f"Nothing is worth knowing: “{context.alternative}” is best in all futures"
    verb = "is" if worth == 1 else "are"
    only = f"The only input is {'' if worth else 'not '}worth knowing"
    several = f"{worth or 'None'} of {len(rows)} inputs {verb} worth knowing"
    return (
        f"{only if len(rows) == 1 else several}; "
        f"to know the whole future, chance included: {context.money.text(everything)}"
    )


def end(row: Any, which: str) -> str:
    """The middle of an input's low or high end: a number, or no and yes."""
    value = float(getattr(row, f"input_{which}"))
    return ("no", "yes")[round(value)] if row.is_event else significant(value, 3)


def ends(context: SensitivityContext) -> list[tuple[str, str]]:
    """Of each row of the tornado, its low and its high end."""
    return [
        (end(row, "low"), end(row, "high"))
        for row in records(context.tables["tornado"].assign(is_event=context.tornado_events))
    ]
