"""What stands in a cell otherwise than it is meant, in words: numbers, dates and lists that are texts."""

import re

from sim.scenario.cells import NOTES

LONGEST = 40
"""Characters of a text that may be meant as a number or a date."""
_NUMBER = re.compile(r"[^\w.,-]*[A-Z]{0,3}\s?[-+]?[0-9]([0-9., '\u2019\u00a0\u202f]*[0-9])?\s?([A-Z]{3}|\W)?")
_BETWEEN, _MONTH = r"[./ -]+", r"[^\W\d]{3,9}\.?"
_DATE = re.compile(f"[0-9]{_BETWEEN}([0-9]{{1,2}}|{_MONTH}){_BETWEEN}[0-9]|^{_MONTH} [0-9]{{4}}$")
AS_A_NUMBER = (
    "; the cell holds a text: enter a number, with your spreadsheet's decimal sign and without a unit"
)
SAY_NOTES = f"; a column whose heading begins with '{NOTES}' is not read"
"""What becomes of columns that are their writer's own."""
AS_A_DATE = "; the cell holds {held}: enter a date, or a text such as 2027-07-01"


def say_text_in_cell(value: str | float | bool | None, *, of_date: bool) -> str:
    """What to do about a cell in which a number or a date stands as something else; empty if none does.

    Parameters
    ----------
    value
        What the cell holds.
    of_date
        Whether it should hold a date.

    Examples
    --------
    >>> say_text_in_cell("about ten", of_date=False)
    ''
    >>> say_text_in_cell("12,50", of_date=False)[:24]
    '; the cell holds a text:'
    >>> say_text_in_cell(46569, of_date=True)[:26]
    '; the cell holds a number:'
    """
    if not isinstance(value, str):
        is_number = of_date and type(value) in (int, float)
        return AS_A_DATE.format(held="a number") if is_number else ""
    if len(value) > LONGEST:
        return ""
    if of_date:
        return AS_A_DATE.format(held="a text") if _DATE.search(value) else ""
    return AS_A_NUMBER if _NUMBER.fullmatch(value) else ""


def say_structure_in_cell(kind: str, value: str) -> str:
    """How a cell is to be filled that holds a list, a mapping or a truth value, but not as one.

    Parameters
    ----------
    kind
        Of pydantic's error.
    value
        What the cell holds.

    Examples
    --------
    >>> say_structure_in_cell("list_type", "maker, supplier")
    '; in a cell: [maker, supplier]'
    >>> say_structure_in_cell("dict_type", "part")
    '; in a cell: {part: 1}, with its number'
    """
    short = value if len(value) <= LONGEST else "..."
    if kind == "list_type":
        return f"; in a cell: [{short}]"
    if kind == "bool_type":
        return "; in a cell: TRUE or FALSE"
    return f"; in a cell: {{{short}}}" if ":" in short else f"; in a cell: {{{short}: 1}}, with its number"
