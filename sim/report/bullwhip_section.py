"""The chapter on how much orders vary: more, tier by tier, than what they follow."""

import pandas as pd

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.expected_tables import records
from sim.report.language import say, say_many
from sim.report.names import plot_text
from sim.report.numbers import NONE, grouped, is_missing, rounded
from sim.report.page_parts import Chart, Section, Table
from sim.report.style import BLUE, INK, VERMILLION, blank

MOST_BARS = 20
AFTER, BEFORE = "scenario", "counterfactual"


def bullwhip_section(context: Context) -> Section | None:
    """The variance ratios of the stock points whose orders vary most; None where nobody asks for them."""
    if "bullwhip" not in context.tables:
        return None
    ratios = _ratios(context)
    lead = say(
        "Variance of the orders of a stock point over that of what is asked of it (Chen et al. 2000), "
        "from one review to the next, in the {number} days of the window. Above 1 the point passes on more "
        "variation than it sees: the bullwhip effect.",
        number=grouped(context.window_days),
    )
    return Section("bullwhip", say("How orders swing"), lead, [_chart(context), _table(context, ratios)])


def bullwhip_title(context: Context) -> str:
    """Which orders vary most beyond their demand, without the shock."""
    ratios = _ratios(context)[BEFORE].dropna()
    if ratios.empty:
        return say("No stock point sees demand that varies")
    above = int((ratios > 1.0).sum())
    worst = str(ratios.index[0])
    return say_many(
        "Orders vary more than what is asked at {above} of {number} stock point; most at {stock}, {times} "
        "times the "
        "variance without the shock",
        "Orders vary more than what is asked at {above} of {number} stock points; most at {stock}, {times} "
        "times the "
        "variance without the shock",
        len(ratios),
        above=grouped(above),
        stock=_name(context, worst),
        times=_ratio(ratios.iloc[0]),
    )


def _ratios(context: Context) -> pd.DataFrame:
    """``[stock point, twin]`` variance ratios, the largest of the counterfactual first."""
    table = context.tables["bullwhip"]
    wide = table.set_index(["stock_point", "twin"])["ratio"].unstack("twin")
    return wide.sort_values(BEFORE, ascending=False, kind="stable", na_position="last")


def _name(context: Context, point: str) -> str:
    """The item of a stock point and its firm."""
    table = context.tables["bullwhip"]
    row = next(records(table[table["stock_point"] == point]))
    return say("{item} at {firm}", item=context.names.item(row.item), firm=context.names.firm(row.firm))


def _ratio(value: float) -> str:
    return NONE if is_missing(value) else rounded(value)


def _chart(context: Context) -> Chart:
    return Chart(
        key="bullwhip",
        title=bullwhip_title(context),
        figure=bullwhip_figure(context),
        note=say(
            "Line: as much as is asked. The {number} stock points with the highest ratios, at most.",
            number=grouped(MOST_BARS),
        ),
    )


def bullwhip_figure(context: Context) -> go.Figure:
    """Two marks a stock point, on a logarithmic axis."""
    shown = _ratios(context).dropna(how="all").head(MOST_BARS)[::-1]
    places = list(range(len(shown)))
    figure = blank(
        height=110 + 30 * max(len(shown), 1),
        xaxis={"title": {"text": say("variance of orders / of demand")}, "type": "log"},
        yaxis={
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [plot_text(_name(context, str(point)), length=44) for point in shown.index],
            "showgrid": False,
            "ticks": "",
        },
    )
    for twin, colour, name in (
        (BEFORE, BLUE, say("without the shock")),
        (AFTER, VERMILLION, say("with the shock")),
    ):
        values = shown[twin].where(shown[twin] > 0.0)
        figure.add_trace(
            go.Scatter(
                x=[None if is_missing(value) else float(value) for value in values],
                y=places,
                mode="markers",
                name=name,
                marker={"color": colour, "size": 9, "symbol": "circle" if twin == BEFORE else "diamond"},
                hovertemplate="%{x:,.3~r}",
            )
        )
    figure.add_vline(x=1.0, line={"color": INK, "width": 1})
    return figure


def _table(context: Context, ratios: pd.DataFrame) -> Table:
    table = context.tables["bullwhip"]
    by_point = {key: next(records(rows)) for key, rows in table.groupby("stock_point", sort=False)}
    return Table(
        key="table-bullwhip",
        title=say("All stock points that order"),
        head=(
            say("Item"),
            say("Firm"),
            say("Period, days"),
            say("Periods"),
            say("Ratio without the shock"),
            say("Ratio with it"),
        ),
        rows=[
            (
                context.names.item(by_point[point].item),
                context.names.firm(by_point[point].firm),
                grouped(by_point[point].period_days),
                grouped(by_point[point].periods),
                _ratio(row[BEFORE]),
                _ratio(row[AFTER]),
            )
            for point, row in zip(map(str, ratios.index), ratios.to_dict("records"), strict=True)
        ],
        numeric=frozenset(range(2, 6)),
        note=say("A dash: what is asked does not vary, or there are fewer than two periods."),
        filterable=True,
    )
