"""A mapping proposed from the headings of exported tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from sim.scenario.erp.mapping import BOM, COLUMNS, ITEMS, LEVELS, NEEDED, PAIRS, VENDORS
from sim.scenario.erp.tables import header_of

ALIKE = 85
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
    ),
    "level": ("level", "bom_level", "lvl", "indent", "stufe"),
    "name": ("name", "description", "item_name", "designation", "bezeichnung"),
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
    headings, separator = header_of(file)
    found = {holds: _columns(holds, headings) for holds in (BOM, VENDORS, ITEMS)}
    holds = max(found, key=lambda one: (_whole(one, found[one]), len(found[one])))
    columns = found[holds]
    table: dict[str, Any] = {"holds": holds, "columns": columns, "separator": separator}
    if holds == BOM:
        table["form"] = PAIRS if "parent" in columns else LEVELS
    return table


def _whole(holds: str, columns: dict[str, str]) -> bool:
    """Whether all columns are there that such a table needs."""
    structure = holds != BOM or "parent" in columns or "level" in columns
    return structure and all(one in columns for one in NEEDED[holds])


def _columns(holds: str, headings: Sequence[str]) -> dict[str, str]:
    """Headings by their meaning: the likeliest first, each heading and each meaning once."""
    scored = sorted(
        (
            (
                process.extractOne(heading.lower().replace("_", " "), _spelt(meaning), scorer=fuzz.ratio),
                meaning,
                heading,
            )
            for heading in headings
            for meaning in COLUMNS[holds]
        ),
        key=lambda one: -one[0][1],
    )
    found: dict[str, str] = {}
    for (_, score, _), meaning, heading in scored:
        if score >= ALIKE and meaning not in found and heading not in found.values():
            found[meaning] = heading
    return found


def _spelt(meaning: str) -> list[str]:
    return [one.replace("_", " ") for one in SYNONYMS[meaning]]
