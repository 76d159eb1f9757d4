"""Mappings: what the columns of exported tables mean, and what is assumed where they say nothing."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from sim.errors import MAX_LISTED, Problem, ScenarioError
from sim.scenario.distributions import Finite, Frozen
from sim.scenario.fields import Country, Date, Id, Name, Text
from sim.scenario.models import problem_at, read_as
from sim.scenario.shapes import nearest
from sim.scenario.source import SourceNode

PAIRS: Final = "pairs"
GROUPED: Final = "grouped"
LEVELS: Final = "levels"
INDENTED: Final = "indented"
NUMBERED: Final = "numbered"
LISTED: Final = "list"
BY_BILL: Final = "by_bill"
FORMS = (PAIRS, GROUPED, LEVELS, INDENTED, NUMBERED, LISTED, BY_BILL)
PER_PARENT: Final = "per_parent"
PER_PRODUCT: Final = "per_product"
BOM, VENDORS, ITEMS = "bom", "vendors", "items"
OF_LOSSES = ("scrap_share", "scrap_percent", "yield_share", "yield_percent")
OF_VENDORS = ("vendor", "country", "price", "lead_time_days", "minimum_quantity")
COLUMNS = {
    BOM: (
        *("parent", "component", "quantity", "level", "name", "unit", "kind", "alternate_of"),
        *("bill", "of_bill", *OF_LOSSES, *OF_VENDORS),
    ),
    VENDORS: ("item", *OF_VENDORS),
    ITEMS: ("item", "name", "unit", "kind", "demand_per_day", "price", "cover_days", "on_hand"),
}
"""What a column can mean, by what its table holds."""
NEEDED = {BOM: ("component", "quantity"), VENDORS: ("item", "vendor"), ITEMS: ("item",)}
"""Columns that a table must have; a bill of materials also parents or levels."""
STRUCTURE = {
    "parent": (PAIRS, GROUPED),
    "level": (LEVELS, NUMBERED),
    "bill": (BY_BILL,),
    "of_bill": (BY_BILL,),
}
"""Columns that tell who goes into what, and the forms of a bill that read them."""
Positive = Annotated[Finite, Field(gt=0)]
NotNegative = Annotated[Finite, Field(ge=0)]


class Table(Frozen):
    """How one exported file is to be read."""

    holds: Literal["bom", "vendors", "items"]
    columns: dict[str, str | list[str]] = Field(
        description="Headings of the file, by what they mean; of several, the first that is filled counts."
    )
    encoding: Literal["utf-8", "cp1252", "latin-1", "utf-16"] = "utf-8"
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    form: Literal["pairs", "grouped", "levels", "indented", "numbered", "list", "by_bill"] = Field(
        PAIRS,
        description="Of a bill: parent and component, the parent in the first of its rows only, a column of "
        "levels, components that are indented, positions such as 1.2.1, parts of one product, or lines that "
        "name the bill that they belong to.",
    )
    product: Text | None = Field(None, description="Of a list: what its parts go into.")
    quantities: Literal["per_parent", "per_product"] = Field(
        PER_PARENT, description="Whether quantities are for one parent, or multiplied up to one product."
    )
    phantoms: list[str] = Field(
        default_factory=list, description="Kinds of assemblies that are never stocked."
    )


class Maker(Frozen):
    """Whose bill of materials it is."""

    name: Name
    country: Country


class Assumptions(Frozen):
    """What is taken where the tables say nothing; each is listed as an assumption."""

    lead_time_days: NotNegative = 45.0
    price: NotNegative = 1.0
    vendor_country: Country | None = Field(None, description="Default: the maker's.")
    cover_days: NotNegative = 30.0
    cover_days_of_products: NotNegative = 14.0
    process_days: NotNegative = 5.0
    demand_per_day: Positive = 100.0
    price_over_cost: Positive = Field(2.0, description="Price of a product over the cost of what is in it.")


class Mapping(Frozen):
    """What a mapping file may say."""

    name: Id
    title: Name
    currency: Text
    start: Date = dt.date(2027, 1, 1)
    days: Annotated[int, Field(ge=30, le=3650)] = 730
    maker: Maker
    tables: Annotated[dict[str, Table], Field(min_length=1)] = Field(description="By the name of the file.")
    assumptions: Assumptions = Assumptions()


def read_mapping(path: Path) -> Mapping:
    """Read a mapping.

    Raises
    ------
    ScenarioError
        If it cannot be read or holds something else, with the place and what is allowed.
    """
    found, tree = read_as(Mapping, path)
    if wrong := [problem for name, table in found.tables.items() for problem in _wrong(tree, name, table)]:
        raise ScenarioError(wrong[:MAX_LISTED])
    return found


def needed_columns(holds: str, form: str | None) -> tuple[str, ...]:
    """Columns that a table must have, by what it holds and the form of a bill.

    Examples
    --------
    >>> needed_columns("bom", "levels")
    ('component', 'quantity', 'level')
    """
    if holds != BOM:
        return NEEDED[holds]
    if form == BY_BILL:  # What bills make may stand in one file and their lines in another.
        return ("component",)
    structure = {LISTED: (), INDENTED: (), LEVELS: ("level",), NUMBERED: ("level",)}
    return (*NEEDED[BOM], *structure.get(form or PAIRS, ("parent",)))


def _wrong(tree: SourceNode, name: str, table: Table) -> list[Problem]:
    """What does not fit in what is said of a table."""
    path = ("tables", name, "columns")
    known = COLUMNS[table.holds]
    found = [
        problem_at(
            tree,
            (*path, one),
            f"means nothing in a table of {table.holds}{nearest(one, known)}; allowed: {', '.join(known)}",
        )
        for one in table.columns
        if one not in known
    ]
    losses = [one for one in OF_LOSSES if one in table.columns] if table.holds == BOM else []
    found += [
        problem_at(tree, (*path, one), f"found beside {losses[0]}, allowed: one of {', '.join(OF_LOSSES)}")
        for one in losses[1:]
    ]
    missing = [one for one in needed_columns(table.holds, table.form) if one not in table.columns]
    if table.form == LISTED and table.product is None:
        found.append(
            problem_at(tree, path[:2], "product missing; a list needs to say what its parts go into")
        )
    if missing:
        found.append(
            problem_at(tree, path, f"{', '.join(missing)} missing; a table of {table.holds} needs it")
        )
    return found
