"""Collections as CSV files, which :mod:`sim.scenario.tabled` reads back to the last bit."""

import csv
import datetime as dt
import io
import json

from sim.scenario.cells import ID, Cell, stays
from sim.scenario.columns import Known, known
from sim.scenario.scalars import resolve
from sim.scenario.sheets import Sheet

_FORMULAS = ("=", "+", "-", "@")
"""How a text begins that a spreadsheet works out when it opens the file."""


def csv_of(sheet: Sheet) -> str:
    """A collection as the text of a CSV file.

    Parameters
    ----------
    sheet
        As :func:`sim.scenario.sheets.tables_of` gives it.

    Examples
    --------
    >>> csv_of(Sheet("firms", ["id", "name"], [["fab", "1984"], ["mill", "Mill, Ltd"]])).splitlines()
    ['id,name', 'fab,1984', 'mill,"Mill, Ltd"']
    """
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(sheet.headings)
    texts = [_is_text(sheet.name, heading) for heading in sheet.headings]
    for row in sheet.rows:
        writer.writerow([_text(cell, is_text=text) for cell, text in zip(row, texts, strict=True)])
    return sink.getvalue()


def _is_text(collection: str, heading: str) -> bool:
    found = heading == ID or known(collection, tuple(heading.split(".")))
    return found.is_text if isinstance(found, Known) else True


def _text(cell: Cell | None, *, is_text: bool) -> str:
    """What stands in the file for a cell, in a column of texts or in any other."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if not isinstance(cell, str):
        return repr(cell)
    is_number_or_yaml = not stays(cell)
    if is_number_or_yaml or ((is_text or _is_read_as_text(cell)) and not cell.startswith(_FORMULAS)):
        return cell
    return json.dumps(cell, ensure_ascii=False)


def _is_read_as_text(cell: str) -> bool:
    try:
        return resolve(cell) == cell
    except ValueError:
        return False
