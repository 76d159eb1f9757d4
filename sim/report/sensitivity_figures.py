"""Charts of a sensitivity analysis: tornado, Sobol indices, value of information."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.report import graph_objects as go
from sim.report.expected_tables import records
from sim.report.input_names import InputName
from sim.report.language import say, spoken
from sim.report.leading_words import Leading
from sim.report.names import plot_text
from sim.report.numbers import Money, percent, share_format
from sim.report.style import BLUE, FAINT, INK, MUTED, ORANGE, SKY, blank, mark_line
from sim.report.words import capital
from sim.risk.sensitivity_tables import INPUT

MOST_BARS = 12
LINE, LABEL = 30, 50
"""Characters of a line beside a bar, and of the object that takes two of them; its number takes another."""


def tornado(
    rows: pd.DataFrame, names: Sequence[InputName], ends: Sequence[tuple[str, str]], leads: Leading
) -> go.Figure:
    """Mean loss share with one input at its low and its high end, all else as it comes."""
    middle = 100.0 * rows["loss_share_mean"].to_numpy()
    figure = _bars(names, say("{loss}, % of revenue", loss=capital(leads.loss)))
    figure.update_layout(barmode="overlay", xaxis={"ticksuffix": spoken().percent})
    for place, (end, word, colour) in enumerate(
        (("low", say("Input low, or no"), SKY), ("high", say("Input high, or yes"), ORANGE))
    ):
        values = 100.0 * rows[f"loss_share_{end}"].to_numpy()
        figure.add_trace(
            go.Bar(
                y=_places(rows),
                x=(values - middle).tolist(),
                base=middle.tolist(),
                orientation="h",
                name=word,
                marker={"color": colour},
                hovertext=[
                    f"{plot_text(name.text, length=90)}<br>"
                    + say("{name}: {value}", name=texts[place], value=percent(loss / 100, 2))
                    for name, texts, loss in zip(names, ends, values, strict=True)
                ],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    if len(rows):
        mark_line(figure, float(middle[0]))
    return figure


def sobol(rows: pd.DataFrame, names: Sequence[InputName]) -> go.Figure:
    """First-order and total indices with their intervals; grey where no input is meant."""
    figure = _bars(names, say("Share of the variance"), height=62)
    figure.update_layout(barmode="group", bargroupgap=0.08, xaxis={"tickformat": share_format()})
    for order, word, colour, grey in (
        ("total_order", say("Total"), BLUE, MUTED),
        ("first_order", say("Alone (first order)"), SKY, FAINT),
    ):
        figure.add_trace(
            go.Bar(
                y=_places(rows),
                x=rows[order].tolist(),
                orientation="h",
                name=word,
                marker={"color": [colour if kind == INPUT else grey for kind in rows["kind"]]},
                error_x=_whiskers(rows[order], rows[f"{order}_ci_low"], rows[f"{order}_ci_high"]),
                hovertext=[
                    f"{plot_text(name.text, length=90)}<br>"
                    + say("{name}: {value}", name=word, value=percent(share))
                    for name, share in zip(names, rows[order], strict=True)
                ],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    return figure


def information(rows: pd.DataFrame, names: Sequence[InputName], money: Money, chance: float) -> go.Figure:
    """Expected value of perfect information about each input, with what chance alone would show."""
    scale = money.scale_of([*rows["ci_high"], chance])
    worth = rows["evppi"] / scale.factor
    figure = _bars(names, plot_text(scale.label))
    figure.update_layout(showlegend=False)
    figure.add_trace(
        go.Bar(
            y=_places(rows),
            x=worth.tolist(),
            orientation="h",
            marker={"color": [BLUE if row.is_worth else FAINT for row in records(rows)]},
            error_x=_whiskers(worth, rows["ci_low"] / scale.factor, rows["ci_high"] / scale.factor),
            hovertext=[
                f"{plot_text(name.text, length=90)}<br>{money.text(value)}"
                for name, value in zip(names, rows["evppi"], strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    mark_line(figure, chance / scale.factor)
    return figure


def _bars(names: Sequence[InputName], unit: str, height: int = 58) -> go.Figure:
    """Room for horizontal bars, the first on top, each with a label of up to three lines."""
    labels = [
        f"{plot_text(name.subject, length=LABEL, width=LINE)}<br>"
        f'<span style="color:{MUTED}">{plot_text(name.quantity, length=LINE)}</span>'
        for name in names
    ]
    return blank(
        height=110 + height * max(len(labels), 1),
        bargap=0.35,
        legend={"traceorder": "normal"},
        xaxis={"title": {"text": unit}, "nticks": 6, "zeroline": True, "zerolinecolor": FAINT},
        yaxis={
            "tickmode": "array",
            "tickvals": list(range(len(labels))),
            "ticktext": labels,
            "autorange": "reversed",
            "showgrid": False,
            "ticks": "",
            "tickfont": {"size": 12, "color": INK},
        },
    )


def _places(rows: pd.DataFrame) -> list[int]:
    return list(range(len(rows)))


def _whiskers(middle: pd.Series, low: pd.Series, high: pd.Series) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": _positive(high - middle),
        "arrayminus": _positive(middle - low),
        "color": INK,
        "thickness": 1.2,
        "width": 3,
    }


def _positive(values: Iterable[float]) -> list[float]:
    found: list[float] = np.maximum(np.asarray(values, dtype=np.float64), 0.0).tolist()
    return found
