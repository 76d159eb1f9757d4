"""How charts look: colours that colour-blind readers can tell apart, and one layout for all figures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.report import graph_objects as go
from sim.report.names import LOSS_WITHOUT_ITEM, plot_text, width_of

# The palette of Okabe and Ito (2008).
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"

INK, MUTED, FAINT, GRID, PAPER = "#1f2328", "#59636e", "#9aa3ac", "#e7eaee", "#ffffff"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_MAKER_COLOURS = (BLUE, BLACK, PURPLE)
_COMPONENT_COLOURS = (VERMILLION, ORANGE, SKY, GREEN, PURPLE, YELLOW, BLUE)
_DARK_YELLOW = "#b3a500"  # a yellow line would be lost on white
_GREYS = {
    "demand": "#7b848d",
    "price": "#b3bac1",
    "own-capacity": "#4d555d",
    "unit_costs": "#5b4a42",
    "sales_to_firms": "#8a8f5c",
    "running_costs": "#a08c7d",
    "write_offs": "#2f3a45",
    "measures": "#c9b79c",
}
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""Of lines, beside their colours: for who cannot tell these apart."""
OTHER = "other"
OTHER_COLOUR = "#d0d5da"

CONFIG: Mapping[str, Any] = {
    "displaylogo": False,
    "showSendToCloud": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


@dataclass(frozen=True, slots=True)
class Palette:
    """One colour per maker and per component, the same in every figure."""

    makers: Mapping[str, str]
    components: Mapping[str, str]

    def component(self, key: str) -> str:
        """Colour of a component; those beyond the palette share a grey and are drawn as one."""
        return self.components.get(key, OTHER_COLOUR)

    def group(self, key: str) -> str:
        """The component itself, or `OTHER` where it has no colour of its own."""
        return key if key in self.components else OTHER


def make_palette(makers: Sequence[str], components: Sequence[str]) -> Palette:
    """Give colours to makers and components, in their order; causes that are no item are grey."""
    items = [key for key in components if key not in LOSS_WITHOUT_ITEM]
    coloured = dict(zip(items, _COMPONENT_COLOURS, strict=False))
    return Palette(
        makers={key: _MAKER_COLOURS[rank % len(_MAKER_COLOURS)] for rank, key in enumerate(makers)},
        components=coloured | _GREYS,
    )


def line_colour(colour: str) -> str:
    """The colour for a thin line: the palette's, but for yellow."""
    return _DARK_YELLOW if colour == YELLOW else colour


def faded(colour: str, opacity: float) -> str:
    """A colour such as '#0072B2' made transparent.

    Examples
    --------
    >>> faded("#0072B2", 0.2)
    'rgba(0,114,178,0.2)'
    """
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def blank(*, height: int, **layout: Any) -> go.Figure:
    """A figure without traces, in the common layout; a long title below it has several lines."""
    figure = go.Figure().update_layout(**_COMMON_LAYOUT).update_layout(meta={"height": height}, **layout)
    title = figure.layout["xaxis"]["title"].get("text")
    return figure.update_layout(xaxis={"title": {"text": in_lines(title)}}) if title else figure


def in_lines(title: str) -> str:
    """A title of an axis in lines that fit below a figure on a phone.

    Examples
    --------
    >>> in_lines("Loss of contribution margin, % of the revenue without the shock")
    'Loss of contribution margin, %<br>of the revenue without the shock'
    """
    lines = [""]
    for part in _PARTS.split(title):
        if width_of(f"{lines[-1]}{part.rstrip()}") > WIDEST_TITLE and lines[-1]:
            lines.append("")
        lines[-1] += part
    return "<br>".join(line.rstrip() for line in lines)


WIDEST_TITLE = 32
"""Letters of a line of a title; a Chinese one counts as two. A line ends after a space or a Chinese comma."""
_PARTS = re.compile(r"(?<=[ \uff0c\uff1b])")
_AXIS: Mapping[str, Any] = {
    "automargin": True,
    "gridcolor": GRID,
    "linecolor": FAINT,
    "zeroline": False,
    "ticks": "outside",
    "ticklen": 4,
    "tickcolor": FAINT,
    "tickfont": {"color": MUTED, "size": 12},
    "title": {"font": {"color": MUTED, "size": 12}, "standoff": 8},
}
_COMMON_LAYOUT: Mapping[str, Any] = {
    "template": {"data": {"scatter": [{"type": "scatter"}]}},
    "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
    "font": {"family": FONT, "size": 13, "color": INK},
    "paper_bgcolor": PAPER,
    "plot_bgcolor": PAPER,
    "hoverlabel": {
        "bgcolor": PAPER,
        "bordercolor": FAINT,
        "font": {"family": FONT, "size": 13, "color": INK},
        "namelength": -1,
        "align": "left",
    },
    "legend": {
        "orientation": "h",
        "x": 0,
        "y": 1.02,
        "xanchor": "left",
        "yanchor": "bottom",
        "title": {"text": ""},
    },
    "dragmode": False,
    "xaxis": _AXIS,
    "yaxis": _AXIS,
}


def shade_dates(figure: go.Figure, first: str, last: str) -> None:
    """Shade the time from one date to another."""
    figure.add_shape(
        type="rect",
        x0=first,
        x1=last,
        xref="x",
        y0=0,
        y1=1,
        yref="paper",
        layer="below",
        fillcolor=faded(ORANGE, 0.07),
        line={"width": 0},
    )


def mark_line(figure: go.Figure, at: float | str) -> None:
    """Draw a dotted vertical line at a place of the horizontal axis."""
    figure.add_shape(
        type="line",
        x0=at,
        x1=at,
        xref="x",
        y0=0,
        y1=1,
        yref="paper",
        line={"color": INK, "width": 1, "dash": "dot"},
        layer="above",
    )


def mark_date(figure: go.Figure, date: str, label: str, *, leftward: bool = False) -> None:
    """Draw a vertical line at a date, with a label at its head."""
    mark_line(figure, date)
    if label:
        figure.add_annotation(
            x=date,
            xref="x",
            y=1,
            yref="paper",
            yanchor="top",
            showarrow=False,
            text=plot_text(label, length=30),
            xanchor="right" if leftward else "left",
            xshift=-4 if leftward else 4,
            font={"size": 12, "color": INK},
            bgcolor="rgba(255,255,255,0.75)",
        )
