"""Numbers, dates and amounts of money as a reader wants to see them."""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.errors import ReportError
from sim.report.language import say, say_many, spoken

NONE = "–"

_ROUNDING = 1e-9
_SMALL = 0.01
"""In a unit, from which on downwards an amount reads better in its own."""
_MOST_DIGITS = 5

_SCALES = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
"""Words in which a scenario's currency may be counted."""


def is_missing(value: Any) -> bool:
    """Whether a cell holds nothing: None, NaN or NaT.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing(0.0)
    (True, True, False)
    """
    return value is None or bool(pd.isna(value))


def finite(value: Any, what: str) -> float:
    """The value as a float.

    Raises
    ------
    ReportError
        If it is missing, not a number, or infinite.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ReportError(f"{what}: found {value!r}, allowed: a finite number") from None
    if not math.isfinite(number):
        raise ReportError(f"{what}: found {number}, allowed: a finite number")
    return number


def grouped(value: float, decimals: int = 0) -> str:
    """A number with separators between thousands and a real minus sign.

    Examples
    --------
    >>> grouped(-1234.5, 1)
    '−1,234.5'
    """
    text = f"{value:,.{decimals}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return spoken().digits(text.replace("-", "−"))


def significant(value: float, digits: int = 2) -> str:
    """A number rounded to significant digits, never in scientific notation.

    Examples
    --------
    >>> significant(1234.0), significant(9.96), significant(0.0312), significant(0.0), significant(1e-13)
    ('1,234', '10', '0.031', '0', '0')
    """
    if value == 0.0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    text = grouped(value, min(decimals, 12))
    return text if text.strip("−0.,") else "0"


def rounded(value: float, digits: int = 3) -> str:
    """A number rounded to significant digits, without zeros at its end.

    Examples
    --------
    >>> rounded(2.50), rounded(1234.0), rounded(0.5)
    ('2.5', '1.23e+03', '0.5')
    """
    return spoken().digits(f"{value:,.{digits}g}")


def short(value: float) -> str:
    """A number as it is, without zeros at its end.

    Examples
    --------
    >>> short(2.50), short(30.0)
    ('2.5', '30')
    """
    return spoken().digits(f"{value:g}")


def percent(share: float, decimals: int | None = None) -> str:
    """A share as per cent: as many decimals as asked for, else whole from 10% on and one below.

    Without decimals asked for, nothing but none reads 0% and nothing but all reads 100%.

    Examples
    --------
    >>> percent(0.1026), percent(0.0613), percent(0.0), percent(0.0001), percent(0.1026, 1)
    ('10%', '6.1%', '0%', '0.01%', '10.3%')
    >>> percent(1.0), percent(0.9996), percent(0.999)
    ('100%', '99.96%', '99.9%')
    """
    return with_percent(_in_hundredths(share, decimals))


def _in_hundredths(share: float, decimals: int | None = None) -> str:
    """A share as per cent without their sign."""
    size = abs(share) * 100
    if decimals is None and 0 < size < 0.05:
        return significant(share * 100, 1)
    if decimals is None and 99.5 <= size < 100 * (1 - _ROUNDING):
        decimals = max(1, -math.floor(math.log10(100 - size) + _ROUNDING))
    if decimals is None:
        decimals = 0 if size >= 9.95 or size == 0 else 1
    return grouped(share * 100, decimals)


def with_percent(number: str) -> str:
    """A number, or a range of numbers, with the sign of per cent."""
    return f"{number}{spoken().percent}"


def share_format(decimals: int = 0) -> str:
    """How plotly.js is asked to write a share as per cent.

    It has the sign of per cent without a space before it; other ones go by its currency's.

    Examples
    --------
    >>> share_format()
    '.0%'
    """
    return f".{decimals}%" if spoken().percent == "%" else f"$.{decimals}%"


def in_futures(share: float) -> str:
    """In how many of all futures.

    Examples
    --------
    >>> in_futures(1.0), in_futures(0.28), in_futures(0.0)
    ('in all futures', 'in 28% of futures', 'in no future')
    """
    if share in (0.0, 1.0):
        return say("in all futures") if share else say("in no future")
    return say("in {share} of futures", share=percent(share))


def percent_range(low: float, high: float, decimals: int | None = None) -> str:
    """Two shares as one range of per cent, or as one share where they read alike.

    Examples
    --------
    >>> percent_range(0.061, 0.153), percent_range(0.2, 0.201)
    ('6.1–15%', '20%')
    """
    return with_percent(span(_in_hundredths(low, decimals), _in_hundredths(high, decimals)))


def lost_share(share: float) -> str:
    """A maker's loss as a share, the same in a sentence, on a card and beside a figure: to a tenth.

    Nothing but none reads 0.0%, nothing but all reads 100.0%.

    Examples
    --------
    >>> lost_share(0.1172), lost_share(0.0), lost_share(0.0001), lost_share(0.9996), lost_share(1.0)
    ('11.7%', '0.0%', '0.01%', '99.96%', '100.0%')
    """
    return with_percent(_lost_hundredths(share))


def _lost_hundredths(share: float) -> str:
    size = abs(share) * 100
    is_next_to_an_end = 0 < size < 0.05 or 99.95 <= size < 100 * (1 - _ROUNDING)
    return _in_hundredths(share, None if is_next_to_an_end else 1)


def lost_shares(low: float, high: float) -> str:
    """Two such shares as one range, or as one share where they read alike.

    Examples
    --------
    >>> lost_shares(0.061, 0.117)
    '6.1–11.7%'
    """
    return with_percent(span(_lost_hundredths(low), _lost_hundredths(high)))


def span(low: str, high: str) -> str:
    """Two texts joined as a range; 'to' where a minus sign would stand beside the dash.

    Examples
    --------
    >>> span("3", "5"), span("−3", "5"), span("3", "3")
    ('3–5', '−3 to 5', '3')
    """
    if low == high:
        return low
    if "−" in low or "−" in high:
        return say("{low} to {high}", low=low, high=high)
    return f"{low}–{high}"


def lost_range(low: float, high: float, told: Callable[[float, float], str]) -> str:
    """A range of losses, in which what is below 0 is told as a gain.

    Parameters
    ----------
    low, high
        The least and the largest loss.
    told
        Two positive amounts as a range, such as :func:`percent_range`.

    Examples
    --------
    >>> [lost_range(*ends, percent_range) for ends in ((0.1, 0.2), (-0.2, -0.1), (-0.2, 0.1))]
    ['10–20%', '10–20% gained', '20% gained to 10% lost']
    """
    if low >= -_ROUNDING * max(abs(low), abs(high), 1.0):
        return told(max(low, 0.0), high)
    if high <= 0.0:
        return say("{range} gained", range=told(-high, -low))
    return say("{gain} gained to {loss} lost", gain=told(-low, -low), loss=told(high, high))


def days(value: float) -> str:
    """A number of days in words.

    Examples
    --------
    >>> days(130.6), days(1.2)
    ('131 days', '1 day')
    """
    return say_many("{number} day", "{number} days", round(value))


def after_days(value: float) -> str:
    """When something is, in days after something else.

    Examples
    --------
    >>> after_days(1.2)
    'after 1 day'
    """
    return say_many("after {number} day", "after {number} days", round(value))


def as_date(value: Any) -> dt.date:
    """A date out of a date, a timestamp or an ISO text.

    Raises
    ------
    ReportError
        If there is no date in it.
    """
    try:
        if is_missing(value):
            raise ValueError
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ReportError(f"found {value!r}, allowed: a date such as 2019-10-09") from None


def day(value: Any) -> str:
    """A date as in '9 Oct 2019', in the language that is spoken; a dash where there is none.

    Examples
    --------
    >>> day("2019-10-09"), day(None)
    ('9 Oct 2019', '–')
    """
    if is_missing(value):
        return NONE
    return spoken().day(as_date(value))


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit of money fit for one axis: divide by `factor` and write `label`.

    Parameters
    ----------
    factor
        What an amount is divided by.
    unit, word
        The currency, and the word that counts it, such as 'million'.
    """

    factor: float
    unit: str
    word: str = ""

    @property
    def label(self) -> str:
        """The unit as an axis or the head of a column has it."""
        return say("{currency} {million}", currency=self.unit, million=self.word) if self.word else self.unit

    def amount(self, number: str) -> str:
        """A number, or a range of numbers, with the unit."""
        if self.word:
            return say("{currency} {number} {million}", currency=self.unit, number=number, million=self.word)
        return say("{currency} {number}", currency=self.unit, number=number) if self.unit else number


@dataclass(frozen=True, slots=True)
class Money:
    """Writes amounts of the scenario's currency, such as 'RMB million'."""

    currency: str

    def _parts(self) -> tuple[str, float] | None:
        words = "|".join(word for word in _SCALES if word)
        match = re.fullmatch(rf"(\S{{1,8}})(?: ({words}))?", self.currency)
        return (match[1], _SCALES[match[2] or ""]) if match else None

    def scale(self, largest: float) -> Scale:
        """The unit in which amounts up to `largest` (in the scenario's currency) are easy to read."""
        parts = self._parts()
        if parts is None:
            return Scale(1.0, self.currency)
        unit, base = parts
        absolute, words = abs(largest) * base, spoken().scales
        word = max(
            (word for word, size in words.items() if size <= max(absolute, 1.0)), key=lambda word: words[word]
        )
        return Scale(words[word] / base, unit, word)

    def scale_of(self, values: Iterable[float]) -> Scale:
        """The unit in which all of these amounts are easy to read."""
        return self.scale(max((abs(float(value)) for value in values), default=0.0))

    def text(self, value: float, digits: int = 2) -> str:
        """An amount with its unit.

        Examples
        --------
        >>> Money("RMB million").text(6100.0), Money("RMB million").text(-48.3)
        ('RMB 6.1 billion', '−RMB 48 million')
        """
        scale = self.scale(value)
        amount = significant(abs(value) / scale.factor, digits)
        sign = "−" if value < 0 and amount != "0" else ""
        return f"{sign}{self._written(amount, scale)}"

    def _written(self, number: str, scale: Scale) -> str:
        return f"{number} {self.currency}" if self._parts() is None else scale.amount(number)

    def apart(self, one: float, other: float) -> tuple[str, str]:
        """Two amounts, with as many digits as it takes to see that they differ, but five at most.

        Examples
        --------
        >>> Money("KRW billion").apart(24_210.0, 24_380.0)
        ('KRW 24.2 trillion', 'KRW 24.4 trillion')
        """
        pairs = [(self.text(one, digits), self.text(other, digits)) for digits in range(2, _MOST_DIGITS + 1)]
        return next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])

    def range(self, low: float, high: float) -> str:
        """Two amounts as one range, in the unit of the larger; each in its own where one is far smaller.

        Examples
        --------
        >>> Money("RMB million").range(3600.0, 8900.0), Money("USD").range(3.4e5, 1.1e9)
        ('RMB 3.6–8.9 billion', 'USD 340 thousand to USD 1.1 billion')
        """
        scale = self.scale(max(abs(low), abs(high)))
        small = min(abs(low), abs(high)) / scale.factor
        if 0.0 < small < _SMALL and self.scale(low) != self.scale(high):
            return say("{low} to {high}", low=self.text(low), high=self.text(high))
        both = span(significant(low / scale.factor), significant(high / scale.factor))
        return self._written(both, scale)

    def cells(self, low: float, high: float, scale: Scale) -> str:
        """Two amounts as one range, for such a column."""
        return say("{low} to {high}", low=self.cell(low, scale), high=self.cell(high, scale))

    def cell(self, value: float, scale: Scale) -> str:
        """An amount for a table column whose head carries the unit."""
        amount = value / scale.factor
        decimals = 0 if abs(amount) >= 1000 else 1 if abs(amount) >= 100 else 2
        return grouped(amount, decimals)
