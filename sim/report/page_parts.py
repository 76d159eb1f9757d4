"""What a page is made of: sections of charts, tables and text, ready for the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sim.report import graph_objects as go
from sim.report.style import CONFIG


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its finding.

    Parameters
    ----------
    key
        Fixed id on the page: never a text from a scenario, because plotly does not escape ids.
    title
        The finding as a sentence; screen readers get it in place of the picture.
    figure
        What plotly draws.
    note
        What the reader must know to read the chart.
    wide_only
        Left out on narrow screens, where a table says the same.
    """

    key: str
    title: str
    figure: go.Figure
    note: str = ""
    wide_only: bool = False
    kind: Literal["chart"] = "chart"

    @property
    def height(self) -> int:
        """Height in pixels where the screen is wide."""
        return int(self.figure.layout["meta"]["height"])

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw; the page then shows the title alone."""
        return not any(trace["type"] == "sankey" or len(trace.get("x", ())) > 0 for trace in self.figure.data)

    @property
    def narrow_height(self) -> int:
        """Height in pixels on a phone, where each entry of the legend takes a line of its own."""
        if self.figure.layout.get("showlegend") is False:
            return self.height
        entries = sum(trace["type"] != "sankey" for trace in self.figure.data)
        return self.height + 20 * max(entries - 2, 0)

    @property
    def specification(self) -> dict[str, Any]:
        """Data, layout and settings as plotly.js takes them."""
        return {"data": self.figure.data, "layout": self.figure.layout, "config": dict(CONFIG)}


@dataclass(frozen=True, slots=True)
class Grid:
    """Charts side by side where the screen is wide enough."""

    charts: Sequence[Chart]
    title: str = ""
    small: bool = False
    kind: Literal["grid"] = "grid"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts.

    Parameters
    ----------
    key
        Fixed id on the page.
    title
        Caption.
    head, rows
        Texts of the columns' heads and of the cells.
    numeric
        Columns that are set flush right.
    note
        What the reader must know.
    folded
        Shown only when the reader opens it, but `open_on_narrow` screens, where it stands for a chart.
    filterable
        Long: with a field that filters the rows.
    """

    key: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    note: str = ""
    folded: bool = False
    open_on_narrow: bool = False
    filterable: bool = False
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the page."""

    key: str
    title: str
    lead: str
    blocks: Sequence[Chart | Grid | Table]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure on a card: its label, its value and what the range beside it covers."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """The headline of one maker."""

    maker: str
    colour: str
    headline: Line
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim, whose it is, and what must be true for it."""

    statement: str
    by: str
    needs: Sequence[str]


@dataclass(frozen=True, slots=True)
class OtherView:
    """What another view of the same case gives, and which assumptions lie between."""

    title: str
    claim: str
    losses: Sequence[str]
    way: str
    steps: Sequence[str]
    basis: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the template shows."""

    title: str
    question: str
    description: str
    answer: Sequence[str]
    cards: Sequence[Card]
    reading: str
    sections: Sequence[Section]
    methods: Sequence[tuple[str, str]]
    reproduction: Mapping[str, str]
    command: str
    warnings: Sequence[tuple[str, str]] = ()
    claim: Claimed | None = None
    beside: Sequence[OtherView] = ()

    @property
    def charts(self) -> list[Chart]:
        """Every chart of the page that draws something, in order."""
        found: list[Chart] = []
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Chart):
                    found.append(block)
                elif isinstance(block, Grid):
                    found.extend(block.charts)
        return [chart for chart in found if not chart.empty]
