"""The language of a page: its words from a message catalogue, its numbers and dates from CLDR.

Numbers and dates are those of Babel [1]_, catalogues those of gettext [2]_. Who makes a page sets the
language once, with :func:`speaking`; what writes words asks :func:`say`. English texts are the keys of the
catalogues, so that English needs none.

References
----------
.. [1] Unicode Common Locale Data Repository, by way of Babel: https://babel.pocoo.org
.. [2] GNU gettext, the format of the catalogues: https://www.gnu.org/software/gettext/manual/
"""

import datetime as dt
import gettext
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sim.errors import SimError
from sim.scenario.countries import country_name
from sim.scenario.shapes import nearest
from sim.scenario.wording import show

if TYPE_CHECKING:
    from babel import Locale

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = MappingProxyType({ENGLISH: "English", "de": "German", "zh": "Chinese"})
"""In which languages there are pages, and what they are called."""
CATALOGUES, CATALOGUE = Path(__file__).parent / "locale", "report"
_TAGS = {"zh": "zh-Hans"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NO_BREAK = "\u00a0"
_NOTHING = gettext.NullTranslations()
"""The catalogue of English, whose texts are the keys of all others."""


@dataclass(frozen=True, slots=True)
class Language:
    """How a language writes what a page says.

    Parameters
    ----------
    code
        A key of :data:`LANGUAGES`.
    tag
        The same as HTML and browsers have it (BCP 47).
    words
        Its catalogue.
    decimal, thousands
        What separates decimals, and thousands.
    percent
        What follows a number of per cent.
    scales
        Words for large numbers, and how large.
    day
        Writes a date.
    country
        Names a country by its code of ISO 3166.
    formats
        Its numbers and dates as plotly.js takes them: a ``format`` of its locales.
    """

    code: str
    tag: str
    words: gettext.NullTranslations
    decimal: str
    thousands: str
    percent: str
    scales: Mapping[str, float]
    day: Callable[[dt.date], str]
    country: Callable[[str], str]
    formats: Mapping[str, Any]

    def digits(self, text: str) -> str:
        """A number that Python wrote, such as ``1,234.5``, with the language's separators.

        Examples
        --------
        >>> language("de").digits("1,234.5")
        '1.234,5'
        """
        return text.translate({ord(","): self.thousands, ord("."): self.decimal})


def _english_day(date: dt.date) -> str:
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


_IN_ENGLISH = Language(
    code=ENGLISH,
    tag=ENGLISH,
    words=_NOTHING,
    decimal=".",
    thousands=",",
    percent="%",
    scales={"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12},
    day=_english_day,
    country=country_name,
    formats={"dayMonthYear": "%-d %b %Y"},
)
_SPOKEN: ContextVar[Language] = ContextVar("language", default=_IN_ENGLISH)


def language_of(name: Any) -> str:
    """The key of a language for which somebody asks.

    Raises
    ------
    SimError
        If there are no pages in it.

    Examples
    --------
    >>> language_of("de")
    'de'
    """
    if isinstance(name, str) and name in LANGUAGES:
        return name
    allowed = ", ".join(f"{code} ({called})" for code, called in LANGUAGES.items())
    raise SimError(f"language: found {show(name)}{_meant(name)} allowed: {allowed}")


def _meant(name: Any) -> str:
    if not isinstance(name, str):
        return ","
    asked, known = (
        re.split("[-_]", name.lower())[0],
        (f"{LANGUAGES[code]} ({code})".lower() for code in LANGUAGES),
    )
    return nearest(asked, [*LANGUAGES, *known]) or ","


@cache
def language(code: str) -> Language:
    """A language by its key."""
    return _IN_ENGLISH if code == ENGLISH else _of_catalogue(code)


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Have all that is said be said in a language, until the end of a block.

    Examples
    --------
    >>> with speaking("de"):
    ...     say("The answer")
    'Die Antwort'
    """
    before = _SPOKEN.set(language(code))
    try:
        yield spoken()
    finally:
        _SPOKEN.reset(before)


def spoken() -> Language:
    """The language that is spoken."""
    return _SPOKEN.get()


def spoken_code() -> str:
    """Its key."""
    return spoken().code


def message(text: str) -> str:
    """The text itself: marks one, for the catalogues, that is said later."""
    return text


def say(text: str, /, **values: str) -> str:
    """A text in the language that is spoken, with values at its places.

    Examples
    --------
    >>> say("All in {place}.", place="Delft")
    'All in Delft.'
    """
    return spoken().words.gettext(text).format(**values)


def say_many(one: str, many: str, /, number: int, **values: str) -> str:
    """The same for a number of things; the place of the number is ``{number}``.

    Examples
    --------
    >>> say_many("{number} day", "{number} days", 1200)
    '1,200 days'
    """
    found = spoken().words.ngettext(one, many, number)
    return found.format(number=spoken().digits(f"{number:,}"), **values)


def _of_catalogue(code: str) -> Language:
    from babel import Locale
    from babel.dates import format_date

    tag = _TAGS.get(code, code)
    locale = Locale.parse(tag, sep="-")
    catalogue = gettext.translation(CATALOGUE, CATALOGUES, [code])
    symbols = locale.number_symbols["latn"]
    day = _pattern(locale, "yMMMd")
    return Language(
        code=code,
        tag=tag,
        words=catalogue,
        decimal=symbols["decimal"],
        thousands=symbols["group"],
        percent=_percent(locale),
        scales={"": 1.0, **_scales(locale)},
        day=lambda date: format_date(date, day, locale),
        country=lambda country: locale.territories.get(country) or country_name(country),
        formats=_formats(locale, symbols),
    )


def _pattern(locale: "Locale", skeleton: str) -> str:
    """How a date with these parts is written; no line ends within it."""
    return str(locale.datetime_skeletons[skeleton].pattern).replace(" ", _NO_BREAK)


def _percent(locale: "Locale") -> str:
    """What follows a number of per cent."""
    return str(locale.percent_formats[None].pattern).replace("#,##0", "")


def _scales(locale: "Locale") -> dict[str, float]:
    """Words such as Mio., by how large what they stand for is."""
    found = {
        str(pattern.pattern).replace("'", ""): float(size)
        for size, pattern in locale.compact_decimal_formats["short"]["other"].items()
    }
    return {text[1:].strip(): size for text, size in found.items() if re.fullmatch(r"0[^0]+", text)}


def _formats(locale: "Locale", symbols: Mapping[str, str]) -> dict[str, Any]:
    """What plotly.js must know; it writes the sign of per cent without a space, but its currency with one."""
    days, months = locale.days["format"], locale.months["format"]
    sunday_first = (6, 0, 1, 2, 3, 4, 5)
    return {
        "days": [days["wide"][day] for day in sunday_first],
        "shortDays": [days["abbreviated"][day] for day in sunday_first],
        "months": [months["wide"][month] for month in range(1, 13)],
        "shortMonths": [months["abbreviated"][month] for month in range(1, 13)],
        "date": _as_d3(_pattern(locale, "yMMMd")),
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "currency": ["", _percent(locale)],
        "year": _as_d3(_pattern(locale, "y")),
        "month": _as_d3(_pattern(locale, "yMMM")),
        "dayMonth": _as_d3(_pattern(locale, "MMMd")),
        "dayMonthYear": _as_d3(_pattern(locale, "yMMMd")),
    }


def _as_d3(pattern: str) -> str:
    """A pattern of CLDR as one of d3.

    Examples
    --------
    >>> _as_d3("d. MMM y")
    '%-d. %b %Y'
    """
    parts = {"d": "%-d", "M": "%-m", "MMM": "%b", "LLL": "%b", "y": "%Y"}
    return re.sub("MMM|LLL|[dMy]", lambda found: parts[found[0]], pattern)
