"""What a page says that no catalogue has: found with a language in which every text is told in runes."""

import gettext
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from typing import Any
from unittest.mock import patch

from sim.face.results import Result
from sim.report import language
from sim.report.page import rendered
from sim.report.page_parts import Page

_OUTSIDE_VALUES = re.compile(r"\{[^}]*\}|[A-Za-z]")
_WORDS = re.compile(r"[A-Za-z]{2,}")
_PROPER = frozenset(("ETS", "chokepoint"))
_NAMES = frozenset(("title", "name", "unit", "question", "description", "currency"))
"""Fields of a scenario that a page shows as they are written."""
_DRAWN = frozenset(
    ("text", "name", "hovertemplate", "hovertext", "ticktext", "label", "said", "x", "y", "ticksuffix")
)
"""Settings of a figure that a reader sees."""
_SHOWN_AS_THEY_ARE = {"waterfall": ["title", "changes"], "inputs": ["input", "text"]}


class Runes(gettext.NullTranslations):
    """A catalogue that has every text: each letter is a rune, values stay."""

    def gettext(self, message: str) -> str:
        """A text in runes."""
        return _OUTSIDE_VALUES.sub(lambda found: found[0] if len(found[0]) > 1 else "ᚠ", message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002 - gettext's own names
        """The form for several."""
        return self.gettext(msgid2)


RUNIC = replace(language.language("zh"), words=Runes())
"""Numbers, dates and names of countries are Chinese, which has no Latin letters."""


def left_in_english(result: Result) -> list[str]:
    """Texts of a result's page with words that are no names of its scenarios and in no catalogue."""
    with patch.object(language, "language", lambda _: RUNIC):
        page = result.to_report(language="zh").page
        seen = [*_seen(rendered(page)), *_drawn(page)]
    names = {word for scenario in result._scenarios for word in named(scenario.definition.model_dump())}
    names.update(_as_in_the_file(result))
    return [text for text in dict.fromkeys(seen) if set(_WORDS.findall(text)) - names - _PROPER]


def _as_in_the_file(result: Result) -> Iterator[str]:
    """Words of steps between scenarios and of assumptions, which are shown as the file has them."""
    for table, columns in _SHOWN_AS_THEY_ARE.items():
        if table in result.tables:
            for text in result.tables[table][columns].to_numpy().flat:
                yield from _WORDS.findall(text)


def _seen(html: str) -> Iterator[str]:
    """The texts of a page and of attributes that are read aloud, but for commands and versions."""
    body = re.sub(r"<(script|style|code|title)\b.*?</\1>", "", html, flags=re.DOTALL)
    body = re.sub(r'<dl class="facts">.*?</dl>', "", body, flags=re.DOTALL)
    for text in [*re.findall(r'(?:aria-label|title)="([^"]*)"', body), *re.findall(r">([^<>]+)<", body)]:
        if text.strip():
            yield unescape(text).strip()


def _drawn(page: Page) -> Iterator[str]:
    for chart in page.charts:
        yield from _told(chart.specification)


def _told(part: Any, field: str = "") -> Iterator[str]:
    """What a reader sees of a part of a figure."""
    match part:
        case str() if field in _DRAWN:
            yield re.sub(r"%\{[^}]*\}|<[^>]*>|\bT00:00:00\b", " ", unescape(part))
        case Mapping():
            for name, inner in part.items():
                yield from _told(inner, name if isinstance(inner, str | list | tuple) else "")
        case list() | tuple():
            for inner in part:
                yield from _told(inner, field)
        case _:
            return


def named(part: Any, field: str = "") -> Iterator[str]:
    """Words of the names in a scenario, and of its ids."""
    match part:
        case str() if field in _NAMES:
            yield from _WORDS.findall(part)
        case dict():
            for name, inner in part.items():
                yield from _WORDS.findall(name) if isinstance(inner, dict) else ()
                yield from named(inner, name)
        case _:
            return
