"""Text that a spreadsheet takes for text, although it begins like a formula."""

import re

import pandas as pd

_FORMULA = r"'*[=+\-@\uff1d\uff0b\uff0d\uff20]"
"""What makes a spreadsheet compute; some take the wide signs of East Asian writing too."""
_BEGINS_A_CELL = re.compile(rf"^(?='*[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?={_FORMULA})")
"""Where a cell may begin: there are spreadsheets that part cells by semicolons or tabs."""
_ADDED = re.compile(rf"^'(?='*[\t\r\n])|(?:^|(?<=[;\t\r\n]))'(?={_FORMULA})")


def inert(text: str) -> str:
    """A text with an apostrophe before everything that a spreadsheet may take for the beginning of a formula.

    Text that has apostrophes there already gets one more, so that taking the first away gives the text back.

    Examples
    --------
    >>> inert("=1+1"), inert("range -5; +2"), inert("a;=1+1"), inert("'=1+1")
    ("'=1+1", 'range -5; +2', "a;'=1+1", "''=1+1")
    """
    return _BEGINS_A_CELL.sub("'", text)


def original(text: str) -> str:
    """The text of which :func:`inert` made another.

    Examples
    --------
    >>> original("'=1+1"), original("a;'=1+1"), original("''=1+1"), original("it's")
    ('=1+1', 'a;=1+1', "'=1+1", "it's")
    """
    return _ADDED.sub("", text)


def inert_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts are :func:`inert`; numbers, dates and truth values stay."""
    return table.apply(_inert_column)


def _inert_column(column: "pd.Series[str]") -> "pd.Series[str]":
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    texts = {text: inert(text) for text in column.unique() if isinstance(text, str)}
    if all(text == kept for text, kept in texts.items()):
        return column
    return column.map(lambda value: texts.get(value, value))
