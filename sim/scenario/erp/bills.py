"""Bills of materials: who is made of what, from pairs, levels or indentation, per one unit of the parent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import networkx as nx

from sim.scenario.erp.mapping import (
    BOM,
    BY_BILL,
    GROUPED,
    INDENTED,
    ITEMS,
    LISTED,
    PAIRS,
    PER_PRODUCT,
    Table,
)
from sim.scenario.erp.tables import Found, Row


@dataclass(frozen=True, slots=True)
class Use:
    """So many units of a component that one unit of a parent takes.

    Attributes
    ----------
    parent, component
        Item numbers.
    quantity
        Units of the component for one of the parent.
    instead_of
        The component in whose place it can be taken; None of what is always taken.
    row
        Where it says so.
    """

    parent: str
    component: str
    quantity: float
    instead_of: str | None
    row: Row


@dataclass(slots=True)
class Bill:
    """All uses, by their parents."""

    uses: dict[str, list[Use]] = field(default_factory=dict)

    @property
    def components(self) -> set[str]:
        """All items that something is made of."""
        return {use.component for uses in self.uses.values() for use in uses}

    @property
    def products(self) -> list[str]:
        """What is made and goes into nothing else."""
        inside = self.components
        return [parent for parent in self.uses if parent not in inside]


def bill_of(found: Found, tables: Mapping[str, Table]) -> Bill:
    """The bill of materials that all files of one tell; what does not fit is told and left out.

    Parameters
    ----------
    found
        Rows of exported tables; takes the problems.
    tables
        How each file is to be read, by its name.
    """
    bill = Bill()
    phantoms: set[str] = set()
    for rows, table in _each_file(found.rows[BOM], tables):
        for use in _each_use(rows, table, found):
            if use.quantity <= 0.0:
                found.problem(
                    use.row, f"quantity of {use.component}: found {use.quantity:g}, allowed: above 0"
                )
            else:
                bill.uses.setdefault(use.parent, []).append(use)
        phantoms |= {row.text("component") for row in rows if row.text("kind") in table.phantoms}
    kinds = {kind for table in tables.values() for kind in table.phantoms}
    phantoms |= {row.text("item") for row in found.rows[ITEMS] if row.text("kind") in kinds}
    _drop_circles(bill, found)
    _drop_lost_alternates(bill, found)
    bill.uses = {parent: _added_up(uses) for parent, uses in bill.uses.items() if uses}
    _explode(bill, phantoms)
    return bill


def _each_file(rows: Iterable[Row], tables: Mapping[str, Table]) -> Iterator[tuple[list[Row], Table]]:
    """The rows of each file, and how it is read."""
    for file, of_file in groupby(rows, key=lambda row: row.place.file):
        yield list(of_file), tables[Path(file).name]


def _each_use(rows: Sequence[Row], table: Table, found: Found) -> Iterator[Use]:
    ways = {PAIRS: _each_pair, GROUPED: _each_of_group, BY_BILL: _each_line}
    if table.form == LISTED:
        yield from (_use(str(table.product), row, row.numbers.get("quantity", 1.0)) for row in rows)
    elif table.form in ways:
        yield from ways[table.form](rows, found)
    else:
        yield from _each_below(rows, table, found)


def _each_below(rows: Sequence[Row], table: Table, found: Found) -> Iterator[Use]:
    """Components below the last row of a level above theirs."""
    above: list[tuple[float, str, float]] = []
    for row in rows:
        level = row.numbers.get("level")
        if level is None:
            found.problem(row, f"found no level of {row.text('component')}")
            continue
        while above and above[-1][0] >= level:
            above.pop()
        component, quantity = row.text("component"), row.numbers.get("quantity", 1.0)
        if above and level - above[-1][0] > 1.0 and table.form != INDENTED:
            found.problem(
                row, f"level of {component}: found {level:g} below {above[-1][0]:g}, a level is missing"
            )
            continue
        if above:
            _, parent, of_parent = above[-1]
            each = quantity / of_parent if table.quantities == PER_PRODUCT and of_parent > 0.0 else quantity
            yield _use(parent, row, each)
        total = quantity if above else 1.0
        above.append((level, component, total if table.quantities == PER_PRODUCT else 1.0))


def _each_pair(rows: Sequence[Row], found: Found) -> Iterator[Use]:
    """Pairs of parent and component; what is a parent itself may have none."""
    parents = {row.text("parent") for row in rows}
    for row in rows:
        if row.text("parent"):
            yield _use(row.text("parent"), row, row.numbers.get("quantity", 1.0))
        elif row.text("component") not in parents:
            hint = f"if a parent stands only in the first of its rows, the mapping says 'form: {GROUPED}'"
            found.problem(row, f"found no parent of {row.text('component')}; {hint}")


def _each_of_group(rows: Sequence[Row], found: Found) -> Iterator[Use]:
    """Components below a row that names their parent, which the rows after it leave out."""
    parent = ""
    for row in rows:
        parent = row.text("parent") or parent
        if parent:
            yield _use(parent, row, row.numbers.get("quantity", 1.0))
        else:
            found.problem(row, f"found no parent of {row.text('component')}, neither here nor before")


def _each_line(rows: Sequence[Row], found: Found) -> Iterator[Use]:
    """Lines that name the bill they belong to; what a bill makes says a row that is no line, of any file."""
    heads = [row for row in found.rows[BOM] if row.text("bill") and not row.text("of_bill")]
    makes = {row.text("bill"): row.text("component") for row in heads}
    for row in rows:
        bill = row.text("of_bill")
        if bill in makes:
            yield _use(makes[bill], row, row.numbers.get("quantity", 1.0))
        elif bill:
            found.problem(row, f"{row.text('component')} belongs to {bill}, and no row says what that makes")


def _use(parent: str, row: Row, quantity: float) -> Use:
    taken = quantity * _started_for_one(row)
    return Use(parent, row.text("component"), taken, row.text("alternate_of") or None, row)


def _started_for_one(row: Row) -> float:
    """Units of a component that are taken for each that ends up in its parent."""
    said = row.numbers
    scrap = said.get("scrap_share", said.get("scrap_percent", 0.0) / 100.0)
    return (1.0 + scrap) / said.get("yield_share", said.get("yield_percent", 100.0) / 100.0)


def _drop_circles(bill: Bill, found: Found) -> None:
    """Leave out uses that make an item go into itself."""
    made = nx.DiGraph((use.parent, use.component) for uses in bill.uses.values() for use in uses)
    for circle in nx.strongly_connected_components(made):
        for parent in sorted(circle):
            for use in [use for use in bill.uses.get(parent, []) if use.component in circle]:
                if len(circle) > 1 or use.component == parent:
                    bill.uses[parent].remove(use)
                    found.problem(use.row, f"{use.component} goes into {parent}, and {parent} into it")


def _drop_lost_alternates(bill: Bill, found: Found) -> None:
    """Leave out what is to take the place of a component that its parent does not have."""
    for parent, uses in bill.uses.items():
        always = {use.component for use in uses if not use.instead_of}
        for use in [use for use in uses if use.instead_of and use.instead_of not in always]:
            uses.remove(use)
            found.problem(
                use.row, f"{use.component} stands for {use.instead_of}, which {parent} does not have"
            )


def _added_up(uses: Sequence[Use]) -> list[Use]:
    """The uses of a parent, with what it lists several times added up."""
    once: dict[tuple[str, str | None], Use] = {}
    for use in uses:
        key = (use.component, use.instead_of)
        before = once[key].quantity if key in once else 0.0
        once[key] = replace(once.get(key, use), quantity=before + use.quantity)
    return list(once.values())


def _explode(bill: Bill, phantoms: set[str]) -> None:
    """Put what a phantom is made of in its place, the lowest first, so that each is taken apart once."""
    for parent in from_below(bill):
        bill.uses[parent] = _added_up(
            [part for use in bill.uses[parent] for part in _parts(use, bill, phantoms)]
        )
    for phantom in phantoms:
        bill.uses.pop(phantom, None)


def from_below(bill: Bill) -> list[str]:
    """All that is made, each after what it is made of.

    Parameters
    ----------
    bill
        One without circles.
    """
    made = nx.DiGraph((use.parent, use.component) for uses in bill.uses.values() for use in uses)
    return [item for item in reversed(list(nx.topological_sort(made))) if item in bill.uses]


def _parts(use: Use, bill: Bill, phantoms: set[str]) -> list[Use]:
    if use.component not in phantoms or use.component not in bill.uses:
        return [use]
    return [
        replace(part, parent=use.parent, quantity=use.quantity * part.quantity)
        for part in bill.uses[use.component]
    ]
