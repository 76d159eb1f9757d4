"""A page as a workbook: the answer, its figures with charts that can be edited, and all tables."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.report.language import message, say, speaking
from sim.report.native import Cell, Native, Series, native_of
from sim.report.numbers import grouped, is_missing
from sim.report.page_parts import Chart, Page

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS, LONGEST_TEXT, LONGEST_NAME = 1_048_575, 32_767, 31
"""What a sheet holds: rows below its head, characters of a cell, and of its own name."""
CONTENTS, ANSWER = message("Contents"), message("Answer")
_NEVER_LIVE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The same page makes the same bytes at any time."""
_DATES, _WIDTH = "yyyy-mm-dd", 16


class _Book:
    """A workbook that is being written, and what its contents say."""

    def __init__(self, book: "Workbook") -> None:
        self.book = book
        self.contents: list[tuple[str, str]] = []
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.date = book.add_format({"num_format": _DATES})
        self.title = book.add_format({"bold": True, "font_size": 14})

    def sheet(self, name: str, told: str) -> "Worksheet":
        """A new sheet."""
        self.contents.append((name, told))
        return self.book.add_worksheet(name)

    def write(self, sheet: "Worksheet", row: int, column: int, cell: Cell | bool, form: Any = None) -> None:
        """A cell by its kind; no text is ever a formula, a link or a number."""
        if isinstance(cell, bool):
            sheet.write_boolean(row, column, cell)
        elif isinstance(cell, dt.date):
            sheet.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), self.date)
        elif isinstance(cell, str):
            sheet.write_string(row, column, cell[:LONGEST_TEXT], form)
        elif cell is not None:
            sheet.write_number(row, column, cell)


def workbook_of(page: Page, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """A workbook (.xlsx) of a page; no cell of it is a formula or a link.

    Parameters
    ----------
    page
        What the report shows.
    tables
        What it was made of, by name; a sheet each.
    """
    with speaking(page.language):
        return _workbook(page, tables)


def _workbook(page: Page, tables: Mapping[str, pd.DataFrame]) -> bytes:
    from xlsxwriter import Workbook

    sink = io.BytesIO()
    with Workbook(sink, {"in_memory": True, **_NEVER_LIVE}) as made:
        made.set_properties({"created": _CREATED, "title": page.title[:255]})
        book = _Book(made)
        contents = made.add_worksheet(say(CONTENTS))
        _answer(book, page)
        for number, chart in enumerate(page.charts, start=1):
            _figure(book, chart, number)
        for name, table in tables.items():
            _table(book, name, table)
        _rows(book, contents, [(say("Sheet"), say("What it shows")), *book.contents])
        contents.set_column(0, 0, LONGEST_NAME)
        contents.set_column(1, 1, 110)
    return sink.getvalue()


def _answer(book: _Book, page: Page) -> None:
    sheet = book.sheet(say(ANSWER), page.question or say("The answer"))
    book.write(sheet, 0, 0, page.title, book.title)
    rows: list[list[Cell]] = [[text] for text in (page.question, *page.answer, "")]
    for card in page.cards:
        rows.append([card.maker])
        rows += [[line.label, line.value, line.detail] for line in (card.headline, *card.lines, *card.folded)]
    rows += [[""], [page.reading], [page.command]]
    rows += [[name, value] for name, value in page.reproduction.items()]
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            book.write(sheet, number, column, cell)
    sheet.set_column(0, 0, 50)
    sheet.set_column(1, 2, 40)


def _figure(book: _Book, chart: Chart, number: int) -> None:
    """The numbers of a figure, and beside them its chart where office programs can draw it."""
    native = native_of(chart.specification)
    if not (native.drawn or native.grid):
        return
    sheet = book.sheet(f"{number} {chart.key}"[:LONGEST_NAME], chart.title)
    if not native.drawn:
        _rows(book, sheet, native.grid)
        return
    if native.kind == "lines":
        drawn, columns = _lines(book, sheet, native), 2 * len(native.series)
    else:
        drawn, columns = _bars(book, sheet, native), 1 + len(native.series)
    drawn.set_title({"name": chart.title[:255], "name_font": {"size": 12}, "overlay": False})
    drawn.set_legend({"none": True} if len(native.series) == 1 else {"position": "top"})
    drawn.set_size({"width": 900, "height": 480})
    sheet.insert_chart(1, columns + 1, drawn, {"description": chart.title[:255]})


def _lines(book: _Book, sheet: "Worksheet", native: Native) -> Any:
    """Two columns for each series: where its points are, and what they are."""
    drawn = book.book.add_chart({"type": "scatter", "subtype": "straight"})
    for rank, series in enumerate(native.series):
        head: list[Cell] = [native.across or (say("Day") if native.dated else say("At")), series.name]
        _rows(book, sheet, [head, *map(list, zip(series.at, series.values, strict=True))], left=2 * rank)
        _add(drawn, sheet, series, (2 * rank, 2 * rank + 1), lined=True)
    across: dict[str, Any] = {"name": native.across, "crossing": "min", "label_position": "low"}
    if native.dated:
        across |= {"num_format": "yyyy-mm", "min": _first(native), "max": _last(native)}
    drawn.set_x_axis(across)
    drawn.set_y_axis({"name": native.up, "crossing": "min"})
    return drawn


def _first(native: Native) -> dt.date:
    return min(place for series in native.series for place in series.at if isinstance(place, dt.date))


def _last(native: Native) -> dt.date:
    return max(place for series in native.series for place in series.at if isinstance(place, dt.date))


def _bars(book: _Book, sheet: "Worksheet", native: Native) -> Any:
    """A column of places, and one for each series."""
    kind = {"type": "bar" if native.kind == "bars" else "column"}
    drawn = book.book.add_chart(kind | ({"subtype": "stacked"} if native.stacked else {}))
    places = native.places
    values = [dict(zip(series.at, series.values, strict=True)) for series in native.series]
    rows: list[Sequence[Cell]] = [[native.across, *(series.name for series in native.series)]]
    rows += [[place, *(value.get(place) for value in values)] for place in places]
    _rows(book, sheet, rows)
    for rank, series in enumerate(native.series, start=1):
        _add(drawn, sheet, series, (0, rank), lined=False, rows=len(places))
    across: dict[str, Any] = {"name": native.across, "label_position": "low"}
    if native.kind == "bars":
        across["reverse"] = True
    if native.dated:
        across |= {"date_axis": True, "num_format": "yyyy-mm"}
    drawn.set_x_axis(across)
    drawn.set_y_axis({"name": native.up})
    return drawn


def _add(
    drawn: Any,
    sheet: "Worksheet",
    series: Series,
    columns: tuple[int, int],
    *,
    lined: bool,
    rows: int | None = None,
) -> None:
    last, (at, values) = (rows or len(series.at)), columns
    colour = {"color": series.colour} if series.colour else {}
    entry: dict[str, Any] = {
        "name": [sheet.name, 0, values],
        "categories": [sheet.name, 1, at, last, at],
        "values": [sheet.name, 1, values, last, values],
    }
    if not lined:
        entry |= {"fill": colour} if colour else {}
    elif series.dots:
        entry |= {"line": {"none": True}, "marker": {"type": "circle", "size": 8, "fill": colour}}
    else:
        entry["line"] = {"width": 2, **colour, **({"dash_type": "dash"} if series.dashed else {})}
    drawn.add_series(entry)


def _table(book: _Book, name: str, table: pd.DataFrame) -> None:
    if len(table) > MOST_ROWS:
        told = say(
            "Left out: {number} rows are more than a sheet holds; they are in tables/{table}.csv",
            number=grouped(len(table)),
            table=name,
        )
        book.contents.append((name, told))
        return
    told = say(
        "Table {table}, as docs/results.md describes it; rows: {number}",
        table=name,
        number=grouped(len(table)),
    )
    sheet = book.sheet(name[:LONGEST_NAME], told)
    columns = [[None if is_missing(cell) else _cell(cell) for cell in table[column]] for column in table]
    _rows(book, sheet, [list(table.columns), *map(list, zip(*columns, strict=True))])


def _cell(value: Any) -> Cell:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, str | dt.date):
        return value
    return bool(value) if isinstance(value, bool) else float(value)


def _rows(book: _Book, sheet: "Worksheet", rows: Sequence[Sequence[Cell]], left: int = 0) -> None:
    """Rows below each other, the first of them as their head."""
    for number, row in enumerate(rows):
        for column, cell in enumerate(row, start=left):
            book.write(sheet, number, column, cell, book.head if number == 0 else None)
    if rows:
        sheet.set_column(left, left + len(rows[0]) - 1, _WIDTH)
        sheet.freeze_panes(1, 0)
