"""What a page is made of: sections of charts, tables and text, ready for the template."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from sim.report import graph_objects as go
from sim.report.language import say, spoken_code
from sim.report.style import CONFIG


@dataclass(frozen=True, slots=True)
class Moment:
    """A position of a slider.

    Parameters
    ----------
    said
        What it shows, in words.
    restyled
        Settings of traces by name, each with the numbers of its traces, as ``Plotly.restyle`` takes them.
    """

    said: str
    restyled: Sequence[tuple[Mapping[str, Sequence[Any]], Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Slider:
    """What a reader moves below a figure.

    Parameters
    ----------
    label
        What it chooses.
    shown
        Position at which the figure is drawn, on paper too.
    moments
        What it shows at each position.
    """

    label: str
    shown: int
    moments: Sequence[Moment]


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
    untold
        Left out everywhere but for its title, which says that there is nothing to see.
    slider
        What a reader moves to see it at other times.
    rows
        The numbers behind it, the head first, where they are not the places of what is drawn.
    """

    key: str
    title: str
    figure: go.Figure
    note: str = ""
    wide_only: bool = False
    untold: bool = False
    slider: Slider | None = None
    rows: Sequence[Sequence[str | float]] = ()
    kind: Literal["chart"] = "chart"

    @property
    def height(self) -> int:
        """Height in pixels where the screen is wide."""
        return int(self.figure.layout["meta"]["height"])

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw; the page then shows the title alone."""
        return self.untold or not any(map(_draws, self.figure.data))

    @property
    def narrow_height(self) -> int:
        """Height in pixels on a phone, where each entry of the legend takes a line of its own."""
        if self.figure.layout.get("showlegend") is False:
            return self.height
        entries = sum(
            trace["type"] != "sankey" and trace.get("showlegend") is not False for trace in self.figure.data
        )
        return self.height + 20 * max(entries - 2, 0)

    @property
    def specification(self) -> dict[str, Any]:
        """Data, layout and settings as plotly.js takes them."""
        found: dict[str, Any] = {
            "data": self.figure.data,
            "layout": self.figure.layout,
            "config": dict(CONFIG),
        }
        if self.slider:
            found["slider"] = asdict(self.slider)
        if self.rows:
            found["rows"] = self.rows
        return found


def _draws(trace: Mapping[str, Any]) -> bool:
    """Whether anything of a trace can be seen: of a line, two points; of a band, two places."""
    if trace["type"] == "sankey":
        return True
    x = trace.get("x", ())
    if trace.get("mode") != "lines":
        return len(x) > 0
    return len(set(x) if trace.get("fill") else set(zip(x, trace["y"], strict=True))) > 1


@dataclass(frozen=True, slots=True)
class Grid:
    """Charts side by side where the screen is wide enough."""

    charts: Sequence[Chart]
    title: str = ""
    small: bool = False
    kind: Literal["grid"] = "grid"


MOST_FILTERED = 1_000
"""Rows of a table that stand in a page."""


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
    in_english
        Its cells are in English, whatever the page's language.
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
    in_english: bool = False
    kind: Literal["table"] = "table"

    @property
    def searched(self) -> bool:
        """Whether it is too long for a page: rows are packed, and unpacked where a reader looks for some."""
        return self.filterable and len(self.rows) > MOST_FILTERED


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the page.

    Parameters
    ----------
    key
        Fixed id on the page.
    title, lead
        Its heading, and what stands below that.
    blocks
        What it shows.
    question
        Which of the reader's questions it helps to answer; such chapters are folded under it.
    """

    key: str
    title: str
    lead: str
    blocks: Sequence[Chart | Grid | Table]
    question: str = ""

    @property
    def charts(self) -> list[Chart]:
        """Its charts, in order."""
        found: list[Chart] = []
        for block in self.blocks:
            if isinstance(block, Chart):
                found.append(block)
            elif isinstance(block, Grid):
                found.extend(block.charts)
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """One figure on a card: its label, its value and what the range beside it covers."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """The headline of one maker: one large figure, the lines below it, and those that a reader unfolds."""

    maker: str
    colour: str
    headline: Line
    lines: Sequence[Line]
    folded: Sequence[Line] = ()


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
class Question:
    """A question of the reader, the finding that answers it first, and the chapters that say more."""

    text: str
    finding: str
    sections: Sequence[Section]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the template shows.

    Parameters
    ----------
    title, question, description
        Of what it tells.
    answer
        The answer in a sentence, or one for each maker.
    further
        Beside each of these, the sentences that say more.
    cards
        The headline figures.
    reading
        How they are counted.
    sections
        All chapters, in order.
    methods
        Terms and what they mean.
    reproduction, command
        What the figures came of.
    warnings
        What is doubtful, by where it stands in the scenario.
    claim, beside
        What it claims, and what other views give.
    language
        Of its labels, numbers and dates: a key of :data:`sim.report.language.LANGUAGES`.
    """

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
    further: Sequence[Sequence[str]] = ()
    language: str = field(default_factory=spoken_code)

    @property
    def questions(self) -> list[Question]:
        """The chapters by the question that they belong to; chapters of no question stand alone."""
        found: list[Question] = []
        for section in self.sections:
            if section.question and found and found[-1].text == section.question:
                found[-1] = Question(section.question, found[-1].finding, [*found[-1].sections, section])
            else:
                found.append(Question(section.question, _finding(section), [section]))
        return found

    @property
    def searched(self) -> list[Table]:
        """Every table of the page whose rows are packed."""
        blocks = [block for section in self.sections for block in section.blocks]
        return [block for block in blocks if isinstance(block, Table) and block.searched]

    @property
    def charts(self) -> list[Chart]:
        """Every chart of the page that draws something, in order."""
        found = [chart for section in self.sections for chart in section.charts]
        return [chart for chart in found if not chart.empty]


def asked(sections: Sequence[Section], questions: Mapping[str, str]) -> list[Section]:
    """Chapters under the questions that they answer, so that a page first shows the answer alone.

    Parameters
    ----------
    sections
        All chapters, those of a question beside each other.
    questions
        By the key of a chapter. One that is not among them stands under its own title. A single chapter is
        not folded.

    Examples
    --------
    >>> chapters = [Section("nodes", "Nodes", "", []), Section("pairs", "Pairs", "", [])]
    >>> [chapter.question for chapter in asked(chapters, {"nodes": "Which failure hurts most?"})]
    ['Which failure hurts most?', 'Pairs']
    """
    if len(sections) == 1:
        return list(sections)
    texts = {key: say(text) for key, text in questions.items()}
    return [replace(section, question=texts.get(section.key, section.title)) for section in sections]


LONGEST_FINDING = 200
"""Characters beside a question; who wants more unfolds it."""
_NEXT_SENTENCE = r"(?<=\.) |(?<=。)"


def _finding(section: Section) -> str:
    """What the first figure of a chapter shows, else what is said at its head, or its first table tells."""
    if section.charts:
        return section.charts[0].title
    told = section.lead if len(section.lead) <= LONGEST_FINDING else re.split(_NEXT_SENTENCE, section.lead)[0]
    if 0 < len(told) <= LONGEST_FINDING:
        return told
    tables = [block.title for block in section.blocks if isinstance(block, Table)]
    return tables[0] if tables else section.lead
