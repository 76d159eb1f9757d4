"""What the cells of a workbook hold: values as texts, numbers and dates, and back.

A number, a truth value and a text stand in a cell as they are, a date as a date. What a cell has no form of
its own for is a text that begins with ``{``, ``[`` or ``"``: a piece of YAML, such as a distribution. A
number of more digits than a spreadsheet keeps is a text of its digits. Blanks around a text are no part of
it, unless it is quoted.
"""

import datetime as dt
import json
import math
import re

import yaml

from sim.errors import Place, Problem, ScenarioError
from sim.scenario.scalars import Scalar, resolve
from sim.scenario.source import SourceNode, read_text, refuse_unprintable

Cell = str | int | float | bool | dt.date
PATH, VALUE, ID = "path", "value", "id"
"""Headings: of the sheet ``scenario`` the first two; of every other sheet the first is the third."""
SCENARIO_SHEET, LISTS_SHEET, NOTES = "scenario", "lists", "notes"
"""Names of sheets that are no collection; what begins with the last is not read."""
LONGEST_LIST, LONGEST_TEXT = 60, 30_000
"""Numbers and characters in one cell; what is longer is a column of the sheet ``lists``."""
YAML_BEGINS = ("{", "[", '"')
"""How the text of a cell begins that is a piece of YAML."""
_DATE = re.compile(r"(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}")
_ALL_DIGITS = re.compile(r"-?[0-9.]+([eE][-+]?[0-9]+)?")
_DIGITS_KEPT = 15
_ESCAPED = re.compile("_x(?=[0-9A-Fa-f]{4}_)")


def cell_of(value: Scalar) -> Cell:
    """What a cell holds of a single value.

    Examples
    --------
    >>> cell_of(0.25), cell_of("2019-10-09"), cell_of("8 weeks"), cell_of("[sic]")
    (0.25, datetime.date(2019, 10, 9), '8 weeks', '"[sic]"')
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if _is_kept(value) else _digits(value)
    text = str(value)
    if _DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return text
    return text if stays(text) else _quoted(text)


def yaml_cell(value: object) -> str:
    """A list or mapping as one line of YAML."""
    line: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, width=math.inf, sort_keys=False, allow_unicode=True
    )
    return _escaped(line.strip())


class _Dumper(yaml.SafeDumper):
    """Quotes what would be read as something else than a text, here or by a spreadsheet."""

    def represent_str(self, text: str) -> yaml.ScalarNode:
        """A text, quoted where it has to be."""
        is_plain = resolve(text) == text and _escaped(text) == text
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


_Dumper.add_representer(str, _Dumper.represent_str)


def node_of_cell(cell: object, place: Place) -> SourceNode | None:
    """What a cell says; None of one that is empty or blank.

    Raises
    ------
    ScenarioError
        If it holds what no scenario may: a time of day, a text that is not plain, or YAML that is none.
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, dt.datetime | dt.date):
        return SourceNode(day_of(cell, place), place)
    if isinstance(cell, bool | int | float):
        return SourceNode(cell, place)
    if not isinstance(cell, str):
        raise ScenarioError([Problem(f"found {cell}, allowed: a number, a text or a date", place)])
    refuse_unprintable(cell, place)
    cell = cell.strip()
    if cell.startswith(YAML_BEGINS):
        return at(place, read_text(cell, str(place)))
    return SourceNode(cell if stays(cell) else resolve(cell), place)


def at(place: Place, node: SourceNode) -> SourceNode:
    """A piece of a scenario, all of which stands at one place."""
    if isinstance(node.value, dict):
        entries = {key: at(place, part) for key, part in node.value.items()}
        return SourceNode(entries, place, place)
    if isinstance(node.value, list):
        return SourceNode([at(place, part) for part in node.value], place)
    return SourceNode(node.value, place)


def day_of(cell: dt.datetime | dt.date, place: Place) -> str:
    """A day as a scenario tells one.

    Raises
    ------
    ScenarioError
        If it has a time of day.
    """
    if isinstance(cell, dt.datetime):
        if cell.time() != dt.time():
            raise ScenarioError([Problem(f"found {cell}, allowed: a date without a time of day", place)])
        return cell.date().isoformat()
    return cell.isoformat()


def _is_kept(number: float) -> bool:
    """Whether a cell keeps a number to the last bit."""
    return math.isfinite(number) and float(f"{number:.16G}") == number


def _digits(number: float) -> str:
    return f"{'-' if number < 0 else ''}.inf" if math.isinf(number) else repr(number)


def stays(text: str) -> bool:
    """Whether a text in a cell is read as that text."""
    is_number = text in (".inf", "-.inf") or (
        _ALL_DIGITS.fullmatch(text) is not None and sum(map(str.isdigit, text)) > _DIGITS_KEPT
    )
    is_bare = text == text.strip() != "" and not text.startswith(YAML_BEGINS)
    return is_bare and not is_number and _escaped(text) == text


def _quoted(text: str) -> str:
    return _escaped(json.dumps(text, ensure_ascii=False))


def _escaped(text: str) -> str:
    """Without what spreadsheets take for an escape of their own."""
    return _ESCAPED.sub(r"\\u005fx", text).replace("\r", "\\r")
