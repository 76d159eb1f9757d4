"""Sentences of the report of a sensitivity analysis, each computed from the figures that it stands above."""

from sim.report.numbers import percent, percent_range, significant
from sim.report.sensitivity_context import SensitivityContext
from sim.risk.sensitivity_tables import INPUT

NO_DECISION = (
    "The scenario names no decision, so the value of information is left out: what is worth finding out "
    "depends "
    "on what can be done. A section “decision” in the scenario file names the alternatives."
)


def answer(context: SensitivityContext) -> list[str]:
    """What to find out first, and why."""
    return [_first(context), _variance(context)]


def _first(context: SensitivityContext) -> str:
    if context.decision is None:
        rows = context.tables["sobol"]
        own = rows[rows["kind"] == INPUT].iloc[0]
        return (
            f"What to find out first: {context.name(own['factor']).phrase}. It moves {context.maker}’s loss "
            f"most. "
            f"{NO_DECISION}"
        )
    row, chance = context.tables["evpi"].iloc[0], float(context.decision["chance_evppi"])
    best = f"Without more knowledge, “{context.alternative}” is best."
    if row["evppi"] <= chance:
        return (
            "Nothing on its own: no single input, once known, would change the decision enough to be told "
            "from "
            f"chance (up to {context.money.text(chance)} on average). {best}"
        )
    interval = context.money.range(float(row["ci_low"]), float(row["ci_high"]))
    return (
        f"What to find out first: {context.name(row['input']).phrase}. To know it before deciding is worth "
        f"{context.money.text(float(row['evppi']))} on average (95% confidence: {interval}). {best}"
    )


def _variance(context: SensitivityContext) -> str:
    noise = context.noise
    share = percent(float(noise["total_order"]))
    interval = _interval(float(noise["total_order_ci_low"]), float(noise["total_order_ci_high"]))
    spread = context.summary["loss_share"]
    return (
        f"{context.maker}’s loss {context.window} is {percent(spread['mean']['estimate'], 1)} of its "
        f"revenue on "
        f"average (5–95% of futures: {percent_range(spread['p05'], spread['p95'], 1)}). Of the variance "
        f"between "
        f"futures, {share} ({interval}) is chance that no input explains: no research can make it smaller."
    )


def _interval(low: float, high: float) -> str:
    return f"95% confidence: {percent_range(max(low, 0.0), min(high, 1.0))}"


def tornado_title(context: SensitivityContext) -> str:
    """The input with the widest bar."""
    rows = context.tables["tornado"]
    if rows.empty or rows["swing"].iloc[0] == 0.0:
        return "No input moves the mean loss by itself"
    row = rows.iloc[0]
    low, high = sorted((float(row["loss_share_at_p05"]), float(row["loss_share_at_p95"])))
    ends = percent_range(low, high, 1)
    return f"{context.name(row['input']).text} moves the mean loss most: {ends} of revenue"


def sobol_title(context: SensitivityContext) -> str:
    """The input with the largest total index, and what is left to chance."""
    rows = context.tables["sobol"]
    row = rows[rows["kind"] == INPUT].iloc[0]
    if row["total_order"] <= 0.0:
        return "The loss is the same in all futures"
    noise = percent(float(context.noise["total_order"]))
    return (
        f"{context.name(row['factor']).text} carries {percent(float(row['total_order']))} of the "
        f"variance, chance "
        f"{noise}"
    )


def information_title(context: SensitivityContext) -> str:
    """How many inputs are worth knowing, and how much all knowledge could be worth."""
    decision = context.decision or {}
    rows, chance = context.tables["evpi"], float(decision["chance_evppi"])
    worth = int((rows["evppi"] > chance).sum())
    all_of_it = context.money.text(float(decision["evpi"]["estimate"]))
    verb = "is" if worth == 1 else "are"
    return (
        f"{worth} of {len(rows)} inputs {verb} worth knowing; "
        f"to know the whole future, chance included: {all_of_it}"
    )


def end(value: float) -> str:
    """A value of an input."""
    return significant(value, 3)
