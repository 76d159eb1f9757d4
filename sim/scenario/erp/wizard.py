"""A mapping proposed from the headings of exported tables, and put to whoever can be asked."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process

from sim.scenario.erp.mapping import (
    BOM,
    BY_BILL,
    COLUMNS,
    FORMS,
    GROUPED,
    INDENTED,
    ITEMS,
    LEVELS,
    LISTED,
    NEEDED,
    NUMBERED,
    OF_LOSSES,
    PAIRS,
    PER_PARENT,
    PER_PRODUCT,
    STRUCTURE,
    VENDORS,
    needed_columns,
)
from sim.scenario.erp.tables import NUMBERS, Looks, looks_of

ALIKE = 85
_WITH_COMMA = re.compile(r"\s*[0-9.]*[0-9],[0-9]+\s*")
_POSITION = re.compile(r"[0-9]+(\.[0-9]+)+\.?")
_MORE_THAN_ALL = re.compile(r"\s*0*([2-9]|1(?=[0-9]|[.,]0*[1-9])|[1-9][0-9])[0-9.,]*\s*")
_INDENTED = re.compile(r"[ .\t-]+\w")
SYNONYMS = {
    "parent": (
        "parent",
        "parent_item_number",
        "parent item",
        "product_tmpl_id/id",
        "assembly",
        "bom",
        "father",
        "item parent",
        "product code",
        "parent product id",
        "parent component id",
        "finished good",
    ),
    "component": (
        "component",
        "component_item_number",
        "bom_line_ids/product_id/id",
        "item_code",
        "child",
        "part",
        "material",
        "part number",
        "part name",
        "material code",
        "child material id",
        "child component id",
        "product_id/id",
        "component item",
    ),
    "quantity": (
        "quantity",
        "qty",
        "bom_line_ids/product_qty",
        "stock_qty",
        "amount",
        "menge",
        "usage",
        "qty per",
        "quantity required",
        "quantity per pcb",
        "product_qty",
    ),
    "scrap_share": ("scrap", "scrap_share", "scrap factor", "scrap rate", "component scrap", "ausschuss"),
    "scrap_percent": ("scrap_percent", "scrap %", "scrap percentage", "component scrap %", "ausschuss %"),
    "yield_share": ("yield", "yield_share", "component yield factor", "yield factor"),
    "yield_percent": ("yield_percent", "yield %", "component yield %"),
    "bill": ("id", "bom id"),
    "of_bill": ("bom_id/id", "bom_id"),
    "level": ("level", "bom_level", "lvl", "indent", "stufe", "item no.", "pos.", "position"),
    "name": ("name", "material name", "description", "item_name", "designation", "bezeichnung"),
    "unit": ("unit", "uom", "stock_uom", "unit of measure", "einheit"),
    "kind": ("item_type", "type", "kind", "bom type"),
    "alternate_of": ("alternate_of", "alternate", "substitute for", "alternative item"),
    "item": (
        "item",
        "product_tmpl_id/id",
        "item_code",
        "item number",
        "product",
        "material",
        "article",
        "artikel",
    ),
    "vendor": (
        "vendor",
        "name/id",
        "supplier",
        "supplier_name",
        "partner",
        "lieferant",
        "vendor name",
        "partner_id",
    ),
    "country": ("country", "country_code", "vendor country", "supplier country", "land"),
    "price": ("price", "unit price", "price_list_rate", "rate", "standard price", "preis", "list price"),
    "lead_time_days": (
        "delay",
        "lead_time_days",
        "lead time",
        "lead time days",
        "lieferzeit",
        "delivery lead time",
    ),
    "minimum_quantity": (
        "min_qty",
        "moq",
        "minimum quantity",
        "min_order_qty",
        "minimum order quantity",
        "mindestmenge",
    ),
    "demand_per_day": ("demand_per_day", "daily demand", "demand", "sales per day", "forecast per day"),
    "cover_days": ("cover_days", "days of cover", "safety days", "coverage days"),
    "on_hand": ("on_hand", "stock", "quantity on hand", "qty_available", "bestand", "actual_qty"),
}
"""Headings seen in exports of ERP systems, by what they mean."""


class Question(NamedTuple):
    """What is asked: in words, what is taken if nothing is answered, and what may be (empty: anything)."""

    text: str
    default: str
    allowed: tuple[str, ...] = ()


Ask = Callable[[Question], str]
"""Puts a question and gives the answer, one of those that are allowed."""
NO_COLUMN = "-"
"""The answer that there is no such column."""
FIRST_VALUES, LONGEST_VALUE = 3, 20
HOLDS = {BOM: "a bill of materials", VENDORS: "vendors", ITEMS: "items"}


def asked_table(file: Path, ask: Ask) -> dict[str, Any]:
    """How a file is to be read, as somebody says who is asked about each part of what is proposed.

    Parameters
    ----------
    file
        An exported table.
    ask
        Puts a question.

    Raises
    ------
    ScenarioError
        If it cannot be read.
    """
    looks, proposed = looks_of(file), proposed_table(file)
    kinds = ", ".join(f"{holds} ({words})" for holds, words in HOLDS.items())
    holds = ask(Question(f"{file.name} holds {kinds}", proposed["holds"], tuple(HOLDS)))
    known = _columns(holds, looks)
    form = {}
    if holds == BOM:
        text = (
            f"{file.name} tells who goes into what by {PAIRS} of parent and component, {GROUPED} below a "
            f"parent, {LEVELS}, {INDENTED} components, {NUMBERED} positions such as 1.2.1, a {LISTED} of "
            f"parts of one product, or lines of bills ({BY_BILL})"
        )
        form["form"] = ask(Question(text, proposed.get("form", PAIRS), FORMS))
        if form["form"] == LISTED:
            form["product"] = ask(Question(f"What the parts in {file.name} go into", file.stem))
        amounts = (PER_PARENT, PER_PRODUCT)
        form["quantities"] = ask(Question(f"Quantities of {file.name} are", PER_PARENT, amounts))
    columns = _asked_columns(holds, looks, known, form.get("form"), ask)
    return {**_table(holds, columns, looks), **form}


def _asked_columns(
    holds: str, looks: Looks, known: dict[str, str], form: str | None, ask: Ask
) -> dict[str, str]:
    """The heading of each meaning that a file has."""
    columns: dict[str, str] = {}
    needed = needed_columns(holds, form)
    usable = [heading for heading in looks.headings if heading and looks.headings.count(heading) == 1]
    for meaning in COLUMNS[holds]:
        others = tuple(heading for heading in usable if heading not in columns.values())
        is_told = meaning in OF_LOSSES and any(one in columns for one in OF_LOSSES)
        if is_told or not _is_read(meaning, form) or not (others or meaning in needed):
            continue
        found = known.get(meaning, NO_COLUMN)
        allowed = others if meaning in needed else (*others, NO_COLUMN)
        default = found if found in allowed else allowed[0] if allowed else NO_COLUMN
        text = f"Which column is {meaning.replace('_', ' ')}{_like(looks, default)}"
        answer = ask(Question(text, default, allowed))
        if answer != NO_COLUMN:
            columns[meaning] = answer
    return columns


def _is_read(meaning: str, form: str | None) -> bool:
    """Whether a form of a bill reads a column."""
    return meaning not in STRUCTURE or form in STRUCTURE[meaning]


def _like(looks: Looks, heading: str) -> str:
    """The first values below a heading, to be recognised."""
    if heading not in looks.headings:
        return f" ({NO_COLUMN}: none)"
    values = [cell.strip()[:LONGEST_VALUE] for cell in _cells(looks, heading) if cell.strip()]
    return f" ({', '.join(values[:FIRST_VALUES])})" if values else ""


def proposed_table(file: Path) -> dict[str, Any]:
    """How a file is likely to be read: what it holds, its columns, and what parts them.

    Parameters
    ----------
    file
        An exported table.

    Raises
    ------
    ScenarioError
        If it cannot be read.
    """
    table = _proposed(file, looks_of(file))
    read = {
        meaning: told for meaning, told in table["columns"].items() if _is_read(meaning, table.get("form"))
    }
    return {**table, "columns": read}


def _proposed(file: Path, looks: Looks) -> dict[str, Any]:
    found = {holds: _columns(holds, looks) for holds in (BOM, VENDORS, ITEMS)}
    if not _whole(BOM, found[BOM]) and (bill := _indented(looks)):
        return _table(BOM, bill, looks) | {"form": INDENTED}
    if {"component", "of_bill"} <= found[BOM].keys():
        return _table(BOM, found[BOM], looks) | {"form": BY_BILL}
    if not any(_whole(holds, columns) for holds, columns in found.items()) and _is_list(found[BOM]):
        return _table(BOM, found[BOM], looks) | {"form": LISTED, "product": file.stem}
    holds = max(found, key=lambda one: (_whole(one, found[one]), len(found[one])))
    table = _table(holds, found[holds], looks)
    if holds == BOM:
        table["form"] = _form(found[holds], looks)
    return table


def _table(holds: str, columns: dict[str, str], looks: Looks) -> dict[str, Any]:
    """A table with how its file is written, as far as that is not the usual."""
    told = {meaning: _with_others(meaning, heading, columns, looks) for meaning, heading in columns.items()}
    table: dict[str, Any] = {"holds": holds, "columns": told, "separator": looks.separator}
    if looks.encoding != "utf-8":
        table["encoding"] = looks.encoding
    if looks.separator != "," and any(
        _WITH_COMMA.fullmatch(cell)
        for one in columns.keys() & NUMBERS
        for cell in _cells(looks, columns[one])
    ):
        table |= {"decimal": ",", "thousands": "."}
    return table


def _with_others(meaning: str, heading: str, columns: dict[str, str], looks: Looks) -> str | list[str]:
    """A heading, with others of the same meaning that are filled exactly where it is empty."""
    if meaning not in {"parent", "component"}:
        return heading
    filled = [bool(cell.strip()) for cell in _cells(looks, heading)]
    others = [
        other
        for other in looks.headings
        if other not in columns.values()
        and looks.headings.count(other) == 1
        and _score(other, meaning) >= ALIKE
        and [not cell.strip() for cell in _cells(looks, other)] == filled
    ]
    return [heading, *others] if others else heading


def _score(heading: str, meaning: str) -> float:
    """How much a heading is like those of a meaning, 0 to 100."""
    return process.extractOne(heading.lower().replace("_", " "), _spelt(meaning), scorer=fuzz.ratio)[1]


def _cells(looks: Looks, heading: str) -> list[str]:
    """What the first rows say below a heading."""
    place = looks.headings.index(heading)
    return [row[place] for row in looks.rows if len(row) > place]


def _is_list(columns: dict[str, str]) -> bool:
    return {"component", "quantity"} <= columns.keys()


def _form(columns: dict[str, str], looks: Looks) -> str:
    if "parent" not in columns and "level" not in columns:
        return LEVELS
    if "parent" not in columns:
        positions = [_POSITION.fullmatch(cell.strip()) for cell in _cells(looks, columns["level"])]
        return NUMBERED if any(positions) else LEVELS
    parents = [cell.strip() for cell in _cells(looks, columns["parent"])]
    return GROUPED if parents and parents[0] and not all(parents) else PAIRS


def _indented(looks: Looks) -> dict[str, str]:
    """The columns of a bill whose components are indented; none if the file is no such bill."""
    columns = _columns(BOM, looks)
    item = _columns(ITEMS, looks).get("item")
    columns |= {"component": item} if item and "component" not in columns else {}
    cells = _cells(looks, columns["component"]) if {"component", "quantity"} <= columns.keys() else []
    return columns if any(_INDENTED.match(cell) for cell in cells) else {}


def _whole(holds: str, columns: dict[str, str]) -> bool:
    """Whether all columns are there that such a table needs."""
    structure = holds != BOM or "parent" in columns or "level" in columns
    return structure and all(one in columns for one in NEEDED[holds])


def _columns(holds: str, looks: Looks) -> dict[str, str]:
    """Headings by their meaning: the likeliest first, each heading and each meaning once."""
    scored = sorted(
        (
            (_score(heading, meaning), meaning, heading)
            for heading in looks.headings
            for meaning in COLUMNS[holds]
        ),
        key=lambda one: -one[0],
    )
    found: dict[str, str] = {}
    for score, meaning, heading in scored:
        if score >= ALIKE and meaning not in found and heading not in found.values():
            found[meaning] = heading
    return _with_one_loss(found, looks)


def _with_one_loss(columns: dict[str, str], looks: Looks) -> dict[str, str]:
    """The columns with one of scrap and yield at most: percent, if a cell says more than all."""
    losses = [meaning for meaning in columns if meaning in OF_LOSSES]
    rest = {meaning: heading for meaning, heading in columns.items() if meaning not in OF_LOSSES}
    if not losses:
        return rest
    what, _, unit = losses[0].partition("_")
    heading = columns[losses[0]]
    is_percent = unit == "percent" or any(_MORE_THAN_ALL.fullmatch(cell) for cell in _cells(looks, heading))
    return rest | {f"{what}_{'percent' if is_percent else 'share'}": heading}


def _spelt(meaning: str) -> list[str]:
    return [one.replace("_", " ") for one in SYNONYMS[meaning]]
