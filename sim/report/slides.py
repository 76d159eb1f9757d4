"""A page as slides: what it answers, and its figures as charts that can be edited."""

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.montecarlo.inert import inert
from sim.report.forms import ALL, SUMMARY
from sim.report.language import say, speaking
from sim.report.native import Native, Series, native_of
from sim.report.page_parts import Card, Chart, Page

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
"""Of a slide, in inches."""
MOST_CARDS, MOST_LINES = 3, 2
"""Cards on the first slide, and lines of each below its number."""
MOST_PLACES = 2_000
"""Of a series; of longer ones as many are drawn, evenly spread."""
_INK, _MUTED = "1f2328", "59636e"


def slides_of(page: Page, extent: str = SUMMARY) -> bytes:
    """A presentation (.pptx) of a page; no text of it is a link, no cell behind a chart a formula.

    Parameters
    ----------
    page
        What the report shows.
    extent
        How much of it: one of :data:`sim.report.forms.EXTENTS`.
    """
    with speaking(page.language):
        return _slides(page, extent)


def _slides(page: Page, extent: str) -> bytes:
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    deck.core_properties.title = page.title[:255]
    _answer(deck, page)
    for chart, native in _figures(page, extent):
        _figure(deck, chart, native)
    if extent == ALL:
        _repeat(deck, page)
    sink = io.BytesIO()
    deck.save(sink)
    return sink.getvalue()


def _figures(page: Page, extent: str) -> Iterator[tuple[Chart, Native]]:
    for chart in page.charts:
        native = native_of(chart.specification)
        if native.drawn:
            yield chart, native
            if extent == SUMMARY:
                return


class _Box(NamedTuple):
    """Room for a text on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float


def _answer(deck: "Presentation", page: Page) -> None:
    slide = _titled(deck, page.title, size=30)
    _write(
        slide,
        [page.question] if page.question else [],
        _Box(MARGIN, 1.35, WIDTH - 2 * MARGIN, 0.8),
        16,
        _MUTED,
    )
    cards = page.cards[:MOST_CARDS]
    _write(slide, page.answer, _Box(MARGIN, 2.1, WIDTH - 2 * MARGIN, 2.4 if cards else 5.0), 18)
    width = (WIDTH - 2 * MARGIN) / max(len(cards), 1)
    for place, card in enumerate(cards):
        _card(slide, card, MARGIN + place * width, width - 0.3)


def _card(slide: "Slide", card: Card, left: float, width: float) -> None:
    _write(slide, [card.maker], _Box(left, 4.55, width, 0.4), 14, _MUTED)
    _write(slide, [card.headline.value], _Box(left, 4.85, width, 0.8), 40)
    told = [say("{sentence}. {next}", sentence=card.headline.label, next=card.headline.detail)]
    told += [say("{name}: {value}", name=line.label, value=line.value) for line in card.lines[:MOST_LINES]]
    _write(slide, told, _Box(left, 5.65, width, 1.5), 13)


def _figure(deck: "Presentation", chart: Chart, native: Native) -> None:
    from pptx.util import Inches

    slide = _titled(deck, chart.title, size=24)
    noted = 0.9 if chart.note else 0.0
    place = (Inches(MARGIN), Inches(1.5), Inches(WIDTH - 2 * MARGIN), Inches(HEIGHT - 1.9 - noted))
    kind, data = _points(native) if native.kind == "lines" else _bars(native)
    frame: Any = slide.shapes.add_chart(kind, *place, data)
    _style(frame.chart, native)
    if chart.note:
        _write(slide, [chart.note], _Box(MARGIN, HEIGHT - 1.25, WIDTH - 2 * MARGIN, 0.9), 12, _MUTED)


def _repeat(deck: "Presentation", page: Page) -> None:
    slide = _titled(deck, say("How to repeat it"), size=24)
    told = [
        page.command,
        *(say("{name}: {value}", name=name, value=value) for name, value in page.reproduction.items()),
    ]
    _write(slide, told, _Box(MARGIN, 1.5, WIDTH - 2 * MARGIN, 5.0), 14)


def _titled(deck: "Presentation", title: str, *, size: int) -> "Slide":
    """A new slide with a title, which outlines and screen readers find."""
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    slide = deck.slides.add_slide(deck.slide_layouts.get_by_name("Title Only"))
    shape = slide.shapes.title
    shape.left, shape.top = Inches(MARGIN), Inches(0.35)
    shape.width, shape.height = Inches(WIDTH - 2 * MARGIN), Inches(1.0)
    frame = shape.text_frame
    frame.word_wrap = True
    run = frame.paragraphs[0].add_run()
    run.text, run.font.size, run.font.bold = title, Pt(size), True
    run.font.color.rgb = RGBColor.from_string(_INK)
    frame.paragraphs[0].alignment = _left()
    return slide


def _write(
    slide: "Slide",
    paragraphs: Sequence[str],
    room: _Box,
    size: int,
    colour: str = _INK,
) -> None:
    """Paragraphs in a box, smaller where they would not fit."""
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    if not paragraphs:
        return
    box = slide.shapes.add_textbox(*map(Inches, room))
    box.text_frame.word_wrap = True
    fitting = _fitting(paragraphs, room, size)
    for number, text in enumerate(paragraphs):
        paragraph = box.text_frame.paragraphs[0] if number == 0 else box.text_frame.add_paragraph()
        paragraph.alignment = _left()
        run = paragraph.add_run()
        run.text, run.font.size = text, Pt(fitting)
        run.font.color.rgb = RGBColor.from_string(colour)


def _fitting(paragraphs: Sequence[str], room: _Box, size: int) -> int:
    """The largest size of letters, in points, at which paragraphs fit: letters are half as wide as high."""
    for points in range(size, 8, -1):
        signs = int((room.width - 0.2) * 72 / (points * 0.52))
        lines = sum(-(-len(text) // signs) for text in paragraphs)
        if lines * points * 1.25 / 72 <= room.height:
            return points
    return 8


def _left() -> Any:
    from pptx.enum.text import PP_ALIGN

    return PP_ALIGN.LEFT


def _bars(native: Native) -> tuple[Any, Any]:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    kinds = {
        ("columns", False): XL_CHART_TYPE.COLUMN_CLUSTERED,
        ("columns", True): XL_CHART_TYPE.COLUMN_STACKED,
        ("bars", False): XL_CHART_TYPE.BAR_CLUSTERED,
        ("bars", True): XL_CHART_TYPE.BAR_STACKED,
    }
    data = CategoryChartData()
    places = native.places
    data.categories = [inert(place) if isinstance(place, str) else place for place in places]
    for series in native.series:
        values = dict(zip(series.at, series.values, strict=True))
        data.add_series(inert(series.name), [values.get(place) for place in places])
    return kinds[native.kind, native.stacked], data


def _points(native: Native) -> tuple[Any, Any]:
    from pptx.chart.data import XyChartData
    from pptx.enum.chart import XL_CHART_TYPE

    data = XyChartData()
    for series in native.series:
        added = data.add_series(inert(series.name))
        step = -(-len(series.at) // MOST_PLACES)
        for at, value in list(zip(series.at, series.values, strict=True))[:: max(step, 1)]:
            added.add_data_point(as_number(at), value)
    return XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, data


def as_number(place: object) -> float:
    """A place on an axis of numbers, a day as office programs count it.

    Examples
    --------
    >>> as_number(dt.date(2019, 10, 9))
    43747.0
    """
    if isinstance(place, dt.date):
        return float((place - dt.date(1899, 12, 30)).days)
    assert isinstance(place, float)  # noqa: S101 - names stand over categories
    return place


def _style(drawn: Any, native: Native) -> None:
    from pptx.enum.chart import XL_LEGEND_POSITION
    from pptx.util import Pt

    drawn.font.size = Pt(12)
    drawn.has_title = False
    drawn.has_legend = len(native.series) > 1
    if drawn.has_legend:
        drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    for axis, title in ((drawn.category_axis, native.across), (drawn.value_axis, native.up)):
        axis.has_title = bool(title)
        if title:
            axis.axis_title.text_frame.text = title
    if native.kind == "lines":
        _fit_days(drawn, native)
    if native.kind == "bars":
        drawn.category_axis.reverse_order = True
    for made, series in zip(drawn.plots[0].series, native.series, strict=True):
        _paint(made, series, lined=native.kind == "lines")


def _fit_days(drawn: Any, native: Native) -> None:
    places = [as_number(place) for series in native.series for place in series.at]
    drawn.category_axis.minimum_scale, drawn.category_axis.maximum_scale = min(places), max(places)
    if native.dated:
        drawn.category_axis.tick_labels.number_format = "yyyy-mm"
        drawn.category_axis.tick_labels.number_format_is_linked = False


def _paint(made: Any, series: Series, *, lined: bool) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE
    from pptx.util import Pt

    if not lined:
        if series.colour:
            made.format.fill.solid()
            made.format.fill.fore_color.rgb = RGBColor.from_string(series.colour[1:])
        return
    made.smooth = False
    if series.dots:
        made.format.line.fill.background()
        made.marker.style, made.marker.size = XL_MARKER_STYLE.CIRCLE, 8
    else:
        made.marker.style = XL_MARKER_STYLE.NONE
        made.format.line.width = Pt(2)
        if series.dashed:
            made.format.line.dash_style = MSO_LINE.DASH
    if series.colour:
        painted = made.marker.format.fill if series.dots else made.format.line
        if series.dots:
            painted.solid()
            painted.fore_color.rgb = RGBColor.from_string(series.colour[1:])
        else:
            painted.color.rgb = RGBColor.from_string(series.colour[1:])
