"""The titles of the charts: what each shows, computed from the figures that it shows."""

from collections.abc import Sequence

import pandas as pd

from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.names import within
from sim.report.numbers import as_date, day, in_futures, is_missing, percent
from sim.scenario.assumptions import count_sources
from sim.scenario.counting import counted

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
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def after_shock(context: Context) -> str:
    """The loss window in words."""
    if not context.has_shock:
        return f"in the {context.window} from {day(context.findings.scenario.calendar.start)}"
    if context.shock_date is None:
        return f"in the {context.window}"
    about = "" if context.is_shock_date_certain else "about "
    return f"in the {context.window} after {about}{day(context.shock_date)}"


def weekly_futures(context: Context) -> str:
    """The futures that are told week by week."""
    few = context.weekly_replications < context.replications
    return f"the first {counted(context.weekly_replications, 'future')}" if few else "futures"


def weekly_mean(context: Context) -> str:
    """What the bars of a week stand for."""
    over = "" if context.is_single else f" over {weekly_futures(context)}"
    return f"{'Loss' if context.is_single else 'Mean loss'} of each week{over}"


def bars(context: Context) -> str:
    """What bars and whiskers stand for."""
    if context.is_single:
        return "Bars are the one future that was simulated"
    return "Bars are means, whiskers 5–95% of futures"


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
        return f"{name}: no revenue was simulated"
    if not context.has_shock:
        return f"{name}’s revenue: nothing is marked as shock, so both paths are the same"
    gap = (1 - means["scenario"] / means["counterfactual"].where(means["counterfactual"] > 0)).dropna()
    if gap.empty or gap.abs().max() < NOTHING:
        return f"{name}’s revenue stays on its path without the shock"
    if gap.max() < NOTHING:
        best, week = percent(-float(gap.min())), day(gap.idxmin())
        return f"{name}’s revenue never falls behind; it is furthest ahead in the week of {week}: {best}"
    worst, week = percent(float(gap.max())), day(gap.idxmax())
    return f"{name}’s revenue falls furthest behind in the week of {week}: {worst} below its path"


def attribution_title(context: Context, maker: str) -> str:
    """The component that carries the largest part of the losses."""
    name, losses = context.short.firm(maker), loss_by_component(context, maker)
    lost, gain = float(losses[losses > 0.0].sum()), gains_by_component(context, maker)
    if lost <= 0.0 and gain <= 0.0:
        return f"{name} has no loss to attribute"
    if lost <= 0.0:
        best = context.short.item(str(losses.index[-1]))
        return f"{name} loses through no component and gains most through {best}"
    first, share = context.short.item(str(losses.index[0])), percent(float(losses.iloc[0]) / lost)
    if gain > 0.0:
        return f"{share} of {name}’s losses come through {first}, before gains of {context.money.text(gain)}"
    return f"{share} of {name}’s loss comes through {first}"


def products_title(context: Context, maker: str) -> str:
    """The product and market that lose most."""
    rows = context.rows("products", maker).sort_values(
        ["mean", "item", "market"], ascending=[False, True, True]
    )
    if rows.empty or rows["mean"].iloc[0] <= 0:
        return f"{context.short.firm(maker)} loses no sales"
    row = rows.iloc[0]
    losses = rows["mean"][rows["mean"] > 0.0]
    where = f"{context.short.item(row['item'])} for {context.short.market(row['market'])}"
    whole = "all losses" if rows["mean"].min() < 0.0 else "the loss"
    share = f", {percent(float(row['mean'] / losses.sum()))} of {whole}"
    return (
        f"{context.short.firm(maker)} loses most on {where}: {context.money.text(float(row['mean']))}{share}"
    )


def survival_title(context: Context, event: str) -> str:
    """In how many futures sales have fallen short, or revenue is back, by the end."""
    column, what = _SURVIVAL_TITLES[event]
    parts = []
    for maker in context.makers[:MOST_MAKERS]:
        share = float(context.rows("makers", maker)[column].notna().mean())
        parts.append(f"{within(context.short.firm(maker))} {in_futures(share)}")
    return f"{what}: {joined(parts)}"


_SURVIVAL_TITLES = {
    "first_lost_sales": ("first_lost_sales_days", "Sales fall short by the end"),
    "recovery": ("time_to_adapt_days", "Revenue is back for good by the end, or never fell behind"),
}
"""Column of the table ``makers`` and words for each event."""


def suppliers_title(context: Context) -> str:
    """Who loses most and who gains most among the suppliers."""
    table = context.tables["suppliers"]
    changes = table["mean"].abs() > NOTHING * table["revenue_counterfactual"]
    table = table[changes].sort_values(["mean", "supplier"])
    if table.empty:
        return "No supplier’s sales change"
    parts = []
    for row, verb, wins in ((table.iloc[-1], "loses", False), (table.iloc[0], "gains", True)):
        amount = float(row["mean"])
        if (amount < 0) == wins and amount != 0:
            parts.append(
                f"{context.short.firm(row['supplier'])} {verb} most ({context.money.text(abs(amount))})"
            )
    return joined(parts)


def flows_title(context: Context) -> str:
    """How the makers' purchases change; what one tier buys is part of what it sells to the next."""
    flows = context.tables["flows"]
    own = flows[flows["maker"].isin(context.makers) & ~flows["supplier"].isin(context.makers)]
    totals = own.groupby("twin")["value"].sum()
    before, after = (float(totals.get(twin, 0.0)) for twin in ("counterfactual", "scenario"))
    who = f"{context.short.firm(context.makers[0])}’s" if len(context.makers) == 1 else "The makers’"
    if before <= 0:
        return f"{who} purchases: nothing was bought without the shock"
    if after < 0:
        bought, back = context.money.text(before), context.money.text(-after)
        return f"{who} purchases fall from {bought} to less than nothing: {back} is paid back"
    change = after / before - 1
    if abs(change) < NOTHING:
        return f"{who} purchases stay at {context.money.text(before)}"
    verb = "fall" if change < 0 else "rise"
    first, last = context.money.text(before), context.money.text(after)
    amounts = f"from {first}" if first == last else f"from {first} to {last}"
    return f"{who} purchases {verb} by {percent(abs(change))}, {amounts}"


def timeline_title(context: Context) -> str:
    """How many interventions there are and which of them are the shock."""
    table = context.tables["interventions"]
    if table.empty:
        return "The scenario has no interventions"
    shocks = int(table["shock"].astype(bool).sum())
    uncertain = int(sum(as_text(row.start_p05) != as_text(row.start_p95) for row in records(table)))
    if len(table) == 1:
        part, often = ("is" if shocks else "is no part of"), float(table["probability"].iloc[0])
        dated = f"its first day is {'uncertain' if uncertain else 'certain'}"
        return f"The only intervention {part} the shock; " + (
            dated if often == 1.0 else f"it happens {in_futures(often)}"
        )
    dated = f"{uncertain} of {len(table)} {'begins' if uncertain == 1 else 'begin'} on an uncertain day"
    belong = f"{shocks or 'None'} of {len(table)} interventions {'belong' if shocks > 1 else 'belongs'}"
    return f"{belong} to the shock; {dated if uncertain else 'all first days are certain'}{_perhaps(table)}"


def _perhaps(interventions: pd.DataFrame) -> str:
    """How many interventions do not happen in every future, and how many in none."""
    often = interventions["probability"]
    some, never = int(((often > 0.0) & (often < 1.0)).sum()), int((often == 0.0).sum())
    counts = {"in some futures only": some, "in none": never}
    told = [
        f"{count} {'happens' if count == 1 else 'happen'} {how}" for how, count in counts.items() if count
    ]
    return "".join(f", {part}" for part in told)


def as_text(value: object) -> str:
    """A date as ISO text; empty where there is none."""
    return "" if is_missing(value) else as_date(value).isoformat()


def observations_title(rows: pd.DataFrame, relation: str, measure: str) -> str:
    """How many reported figures lie within the simulated range, before or after the shock."""
    inside = int(
        ((rows["reported"] >= rows["simulated_p05"]) & (rows["reported"] <= rows["simulated_p95"])).sum()
    )
    what = measure.replace("_", " ")
    whose = "forecast’s" if relation == "after the shock" else "simulated"
    figures = "figure lies" if len(rows) == 1 else "figures lie"
    when = relation.capitalize()
    return f"{when}, {inside} of {len(rows)} reported {what} {figures} within the {whose} 5–95% range"


def source_sentence(table: pd.DataFrame) -> str:
    """How many numbers of the scenario have a source, and how many say nothing."""
    found = count_sources(table.loc[table["kind"] != "object", "source"])
    numbers = "1 number" if found.numbers == 1 else f"{found.numbers:,} numbers"
    return (
        f"The scenario gives {numbers}: {found.cited:,} with a source, "
        f"{found.assumed:,} marked as assumptions, {found.silent:,} with neither."
    )


def confidence_sentence(confidences: Sequence[object]) -> str:
    """How many assumptions are of which confidence."""
    found = [str(value) for value in confidences if not is_missing(value) and str(value)]
    counts = [f"{found.count(level):,} of {level}" for level in ("high", "medium", "low") if level in found]
    silent = len(confidences) - len(found)
    if silent:
        counts.append(f"{silent:,} without stated")
    if not counts:
        return "The scenario documents no assumption."
    return f"Uncertain or documented, and listed here: {len(confidences):,}, {joined(counts)} confidence."
