"""Scenarios in which every id is nonsense and every name a text, to find the ids that a reader is shown."""

import codecs
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any

from sim.face.results import Result
from sim.report.page import rendered
from sim.report.page_parts import Page, Table
from sim.report.sheets import workbook_of
from sim.report.slides import slides_of
from sim.scenario.shapes import COLLECTIONS
from tests.pages import Desk

HELD_BY_ID = frozenset(("groups", "alternatives", "inputs", "service", "targets"))
"""Fields whose entries have ids, beside the collections."""
PLAIN = frozenset(
    (
        *("name", "title", "unit", "currency", "description", "question", "source", "note"),
        *("kind", "statement", "by", "needs", "extends"),
    )
)
"""Fields whose texts hold no id."""
WORD = re.compile(r"[\w-]+")
NONSENSE = re.compile(r"zz\w+?zz")
ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
SETTINGS = {"table-assumptions": (0, 1), "table-inputs": (1,), "table-steps": (2,)}
"""Columns of tables that show a setting as the file has it: where it stands, and what it says."""


def nonsense(name: str) -> str:
    """The id that stands for another."""
    return f"zz{codecs.encode(name, 'rot13').replace('-', '_')}zz"


def ids_in(part: Any, *fields: str) -> Iterator[str]:
    """The ids of a scenario's entries, and of those that its settings add."""
    if isinstance(part, dict):
        for key, inner in part.items():
            if _is_path(key):
                yield key.split(".")[1]
            elif _hold_ids(fields):
                yield key
            yield from ids_in(inner, *fields, key)


def with_nonsense(part: Any, ids: frozenset[str], *fields: str) -> Any:
    """A scenario, or a part of one that stands in some fields, in which nonsense stands for the ids."""
    match part:
        case str() if fields[-1] not in PLAIN:
            return renamed(part, ids)
        case list():
            return [with_nonsense(inner, ids, *fields) for inner in part]
        case dict():
            return {
                renamed(key, ids) if _is_path(key) or _hold_ids(fields) else key: with_nonsense(
                    inner, ids, *fields, key
                )
                for key, inner in part.items()
            }
        case _:
            return part


def _is_path(key: str) -> bool:
    """Whether a key leads into a collection."""
    collection, dot, _ = key.partition(".")
    return bool(dot) and collection in COLLECTIONS


def _hold_ids(fields: tuple[str, ...]) -> bool:
    """Whether entries that stand in some fields have ids."""
    match fields:
        case (*_, last) if last in HELD_BY_ID:
            return True
        case (collection,) | ("stress", _, collection):
            return collection in COLLECTIONS
        case _:
            return False


def renamed(text: str, ids: frozenset[str]) -> str:
    """A text, such as a path, in which nonsense stands for the ids."""
    return WORD.sub(lambda found: nonsense(found[0]) if found[0] in ids else found[0], text)


@dataclass(frozen=True)
class NonsenseDesk(Desk):
    """A desk on which nonsense stands for all ids."""

    ids: set[str] = field(default_factory=set)

    def mapping(self, name: str, data: dict[str, Any]) -> Path:
        """Write a file of settings."""
        self.ids.update(ids_in(data))
        return super().mapping(name, with_nonsense(data, frozenset(self.ids)))

    def facts(self, text: str) -> Path:
        """Write a file of facts."""
        head, *rows = text.splitlines()
        self.ids.update(row.partition(",")[0] for row in rows)
        return super().facts("\n".join([head, *map(self.asked, rows)]))

    def asked(self, text: str) -> str:
        """What a command is asked."""
        return renamed(text, frozenset(self.ids))


def ids_shown(result: Result) -> set[str]:
    """Texts with ids that a reader of a page, its slides or its workbook is shown, but for what to repeat."""
    page = _without_settings(result.to_report().page)
    texts = [*_on_page(page), *_within(slides_of(page, "all")), *_within(workbook_of(page, {}))]
    return {text for text in texts if NONSENSE.search(text)}


def dates_shown(result: Result) -> set[str]:
    """Texts of a page with dates as files have them."""
    return {text for text in _in_html(_without_settings(result.to_report().page)) if ISO_DATE.search(text)}


def _without_settings(page: Page) -> Page:
    """A page without what is to be given to a command again."""
    sections = [
        replace(section, blocks=[_hidden(block) for block in section.blocks]) for section in page.sections
    ]
    return replace(page, command="", sections=sections)


def _hidden(block: Any) -> Any:
    columns = SETTINGS.get(re.sub(r"-\d+$", "", block.key), ()) if isinstance(block, Table) else ()
    if not columns:
        return block
    rows = [["" if place in columns else cell for place, cell in enumerate(row)] for row in block.rows]
    return replace(block, rows=rows)


def _on_page(page: Page) -> Iterator[str]:
    """Texts and attributes of a page, and all texts of its figures."""
    yield from _in_html(page)
    for chart in page.charts:
        yield from _texts(chart.specification)


def _in_html(page: Page) -> Iterator[str]:
    body = re.sub(r"<(script|style|code)\b.*?</\1>", "", rendered(page), flags=re.DOTALL)
    yield from (unescape(text) for text in re.findall(r'="([^"]*)"|>([^<>]+)<', body) for text in text)


def _texts(part: Any) -> Iterator[str]:
    match part:
        case str():
            yield part
        case Mapping():
            for inner in part.values():
                yield from _texts(inner)
        case list() | tuple():
            for inner in part:
                yield from _texts(inner)
        case _:
            return


def _within(document: bytes) -> Iterator[str]:
    """Texts of the parts of an office document."""
    with zipfile.ZipFile(io.BytesIO(document)) as parts:
        for part in parts.namelist():
            if part.endswith(".xml"):
                yield from re.findall(r">([^<>]+)<", parts.read(part).decode("utf-8"))
