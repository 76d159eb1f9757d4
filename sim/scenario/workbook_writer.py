"""Sheets as a workbook: headings that stay in sight, what each column takes, and lists to choose from."""

import datetime as dt
import io
import typing
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from sim.scenario.cells import ID, LISTS_SHEET, SCENARIO_SHEET, Cell
from sim.scenario.fields import Ref
from sim.scenario.shapes import COLLECTIONS, SCENARIO, Choice, Leaf, Mapping, Shape, fields_of
from sim.scenario.sheets import QUANTITY, Sheet, models_of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

ROOM = 2_000
"""Rows of a sheet for which lists to choose from are laid out."""
NARROWEST, WIDEST = 9, 48
_NEVER_LIVE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NO_TIME = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The same scenario makes the same bytes at any time."""
_QUANTITY_HELP = "A number, or a distribution such as {dist: pert, low: 7, mode: 10, high: 28}."


def workbook_of(sheets: list[Sheet]) -> bytes:
    """The bytes of a workbook; no cell of it is a formula or a link.

    Parameters
    ----------
    sheets
        As :func:`sim.scenario.sheets.sheets_of` gives them.
    """
    from xlsxwriter import Workbook

    sink = io.BytesIO()
    with Workbook(sink, {"in_memory": True, **_NEVER_LIVE}) as book:
        book.set_properties({"created": _NO_TIME})
        formats = {
            "heading": book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            _write(page, sheet, formats)
            _help(page, sheet)
    return sink.getvalue()


def _write(page: "Worksheet", sheet: Sheet, formats: dict[str, Any]) -> None:
    for column, heading in enumerate(sheet.headings):
        page.write_string(0, column, heading, formats["heading"])
        texts = [heading, *(str(row[column]) for row in sheet.rows if row[column] is not None)]
        page.set_column(column, column, min(max(NARROWEST, *map(len, texts)) + 1, WIDEST))
    for number, row in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(row):
            if cell is not None:
                _write_cell(page, number, column, cell, formats["date"])
    page.freeze_panes(1, 0 if sheet.name == LISTS_SHEET else 1)


def _write_cell(page: "Worksheet", row: int, column: int, cell: Cell, date: Any) -> None:
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, dt.date):
        page.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), date)
    elif isinstance(cell, str):
        page.write_string(row, column, cell)
    else:
        page.write_number(row, column, cell)


def _help(page: "Worksheet", sheet: Sheet) -> None:
    """What each column takes, as a note at its heading, and where it is one of a list, the list."""
    if sheet.name not in COLLECTIONS:
        if sheet.name == SCENARIO_SHEET:
            page.write_comment(0, 0, "A path such as calendar.start or analysis.makers.")
        return
    page.write_comment(0, 0, "What other sheets call it: small letters, digits, '-' and '_'.")
    collection = fields_of(SCENARIO.model)[sheet.name]
    assert isinstance(collection, Mapping)  # noqa: S101 - collections are
    for column, heading in enumerate(sheet.headings):
        if heading == ID:
            continue
        note, choices = _column(collection.value, heading)
        if note:
            page.write_comment(0, column, note)
        if choices:
            options = {"validate": "list", "source": choices, "error_type": "warning", "ignore_blank": True}
            page.data_validation(1, column, ROOM, column, options)


def _column(shape: Shape, heading: str) -> tuple[str, str | list[str]]:
    """What a column takes, in words, and what can be chosen: a list, or the ids of another sheet."""
    name, _, below = heading.partition(".")
    notes, options = [], []
    choices: str | list[str] = []
    for model in models_of(shape):
        part = fields_of(model).get(name)
        if part is None:
            continue
        if below and not (isinstance(part, Choice) and part.key == QUANTITY):
            return _column(part, below)
        info = _info(model, name)
        notes.append(_note(part, info) if not below else f"Of the number in {name}: its {below}.")
        if isinstance(part, Leaf) and part.ref is not None:
            choices = _ids_of(part.ref)
        options += _literals(info.annotation) if not below else []
    return " ".join(dict.fromkeys(filter(None, notes))), choices or list(dict.fromkeys(options))


def _info(model: type[BaseModel], name: str) -> Any:
    found = model.model_fields.get(name)
    return found or next(info for info in model.model_fields.values() if info.alias == name)


def _note(shape: Shape, info: Any) -> str:
    needed = "Required." if info.is_required() else ""
    what = info.description or (_QUANTITY_HELP if isinstance(shape, Choice) and shape.key == QUANTITY else "")
    return f"{what} {needed}".strip()


def _ids_of(ref: Ref) -> str | list[str]:
    """The cells with the ids of another sheet."""
    return f"='{ref.collection}'!$A$2:$A${ROOM}" if ref.collection in COLLECTIONS else []


def _literals(annotation: Any) -> list[str]:
    if typing.get_origin(annotation) is Literal:
        return [str(value) for value in typing.get_args(annotation)]
    return [value for part in typing.get_args(annotation) for value in _literals(part)]
