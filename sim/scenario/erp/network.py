"""A scenario from what exported tables tell: a maker, its vendors, their parts, and what is made of them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.errors import Problem, ScenarioError, first_problems
from sim.scenario.countries import is_country
from sim.scenario.erp.bills import Bill, Use, bill_of, from_below
from sim.scenario.erp.mapping import BOM, ITEMS, VENDORS, Assumptions
from sim.scenario.erp.mapping import Mapping as Told
from sim.scenario.erp.tables import Found, Row
from sim.scenario.names import words_of

MAKER, MARKET = "maker", "customers"
_NO_ID = re.compile(r"[^a-z0-9]+")
LONGEST_ID = 60


class Ids:
    """Ids of a scenario for whatever else numbers and names are called; each name keeps its own."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._ids: dict[str, str] = {}
        self._taken = set(taken)

    def of(self, name: str) -> str:
        """The id of a name.

        Examples
        --------
        >>> ids = Ids()
        >>> ids.of("HDD-4TB / 3.5"), ids.of("hdd 4tb 3.5"), ids.of("4711")
        ('hdd-4tb-3-5', 'hdd-4tb-3-5-2', 'n4711')
        """
        if name not in self._ids:
            plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
            stem = _NO_ID.sub("-", plain).strip("-")[:LONGEST_ID].strip("-") or "unnamed"
            stem = stem if stem[0].isalpha() else f"n{stem}"
            number, found = 1, stem
            while found in self._taken:
                number += 1
                found = f"{stem}-{number}"
            self._taken.add(found)
            self._ids[name] = found
        return self._ids[name]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a vendor sells an item for: the row with the least minimum quantity of its price breaks."""

    vendor: str
    row: Row


@dataclass(frozen=True, slots=True)
class Imported:
    """A scenario as plain data, what was wrong with rows, and what was done about others."""

    data: dict[str, Any]
    problems: list[Problem]
    notes: list[str]


def imported(told: Told, found: Found) -> Imported:
    """The scenario that tables tell.

    Parameters
    ----------
    told
        The mapping.
    found
        The rows of all tables.

    Raises
    ------
    ScenarioError
        If they tell of nothing that is made or sold.
    """
    return _Network(told, found, bill_of(found, told.tables)).scenario()


class _Network:
    """Puts the collections of a scenario together, item by item."""

    def __init__(self, told: Told, found: Found, bill: Bill) -> None:
        self.told, self.found, self.bill = told, found, bill
        self.items, self.firms, self.sources, self.others = Ids(), Ids([MAKER]), Ids(), Ids()
        self.offers, self.costs = self._offers(), dict[str, float]()
        self.details = _details(found)

    @property
    def assumed(self) -> Assumptions:
        return self.told.assumptions

    def scenario(self) -> Imported:
        """All of it."""
        products = self.bill.products or [
            item for item, said in self.details.items() if "demand_per_day" in said
        ]
        numbers = sorted({*self.bill.uses, *self.bill.components, *products})
        if not products:
            nothing = Problem("the tables tell of nothing that is made or sold")
            raise ScenarioError(first_problems([*self.found.problems, nothing]))
        taken = [self.items.of(item) for item in numbers]
        self.sources, self.others = Ids(taken), Ids(taken)
        self._note_left_out(numbers)
        data = {
            "chokepoint": 1,
            "name": self.told.name,
            "title": self.told.title,
            "currency": self.told.currency,
            "calendar": {"start": self.told.start.isoformat(), "days": self.told.days},
            "analysis": {"makers": [MAKER]},
            "firms": self._firms(numbers),
            "items": {self.items.of(item): self._item(item, products) for item in numbers},
            "markets": {MARKET: {"name": "Customers", "country": self.told.maker.country}},
            "stock_points": self._stock_points(numbers, products),
            "recipes": self._recipes(),
            "lanes": self._lanes(numbers),
            "demand": {self.items.of(item): self._demand(item) for item in products},
        }
        return Imported(data, self.found.problems, self.found.notes)

    # ------------------------------------------------------------------ vendors

    def _offers(self) -> dict[str, list[Offer]]:
        """Who sells each item, with the price of the smallest order; the same partner counts once."""
        spelt: dict[tuple[str, ...], str] = {}
        best: dict[tuple[str, str], Row] = {}
        of_bills = [row for row in self.found.rows[BOM] if row.text("vendor")]
        for row in [*self.found.rows[VENDORS], *of_bills]:
            item, vendor = row.text("item") or row.text("component"), row.text("vendor")
            if not vendor:
                self.found.problem(row, "found no vendor")
                continue
            called = spelt.setdefault(words_of(vendor) or (vendor,), vendor)
            if called != vendor:
                self.found.note(f"{vendor} is taken to be {called}")
            before = best.get((item, called))
            if before is None or _least(row) < _least(before):
                best[item, called] = row
        found: dict[str, list[Offer]] = {}
        for (item, vendor), row in best.items():
            found.setdefault(item, []).append(Offer(vendor, row))
        return found

    def _note_left_out(self, numbers: Sequence[str]) -> None:
        """Tell of vendors whose rows change nothing, and of one that is called as the maker is."""
        known, maker = set(numbers), words_of(self.told.maker.name)
        for item, offers in self.offers.items():
            vendors = ", ".join(offer.vendor for offer in offers)
            if item in self.bill.uses:
                self.found.note(f"{item} is made, as the bill says; that {vendors} sells it too is left out")
            elif item not in known:
                self.found.note(f"{item}, which {vendors} sells, goes into nothing; it is left out")
            elif any(words_of(offer.vendor) == maker for offer in offers):
                self.found.note(
                    f"{item} is sold by a vendor that is called as the maker is; it counts as another firm"
                )

    def _bought(self, numbers: Iterable[str]) -> dict[str, list[Offer]]:
        """Offers of what is bought: of all that is not made; somebody must sell what nobody is said to."""
        return {item: self.offers.get(item, []) for item in numbers if item not in self.bill.uses}

    def _firms(self, numbers: Sequence[str]) -> dict[str, Any]:
        firms: dict[str, Any] = {MAKER: self.told.maker.model_dump()}
        for item, offers in self._bought(numbers).items():
            for offer in offers:
                country = offer.row.text("country").upper()
                known = is_country(country)
                if country and not known:
                    allowed = "allowed: a code of ISO 3166 such as US; left out, it is assumed"
                    self.found.problem(offer.row, f"country: found {country[:20]!r}, {allowed}")
                firms[self.firms.of(offer.vendor)] = {
                    "name": offer.vendor,
                    "country": country if known else self._home,
                    **({"source": offer.row.cited} if known else {"note": "country is assumed"}),
                }
            if not offers:
                firms[self._nobody(item)] = {
                    "name": f"Vendor of {item}",
                    "country": self._home,
                    "note": "no table names a vendor",
                }
        return firms

    @property
    def _home(self) -> str:
        return self.assumed.vendor_country or self.told.maker.country

    def _nobody(self, item: str) -> str:
        return self.firms.of(f"vendor of {item}")

    # ------------------------------------------------------------------ items and stocks

    def _item(self, item: str, products: Sequence[str]) -> dict[str, Any]:
        said = self.details.get(item, {})
        name, unit = (said[what].text(what) if what in said else "" for what in ("name", "unit"))
        kind = {"kind": "product"} if item in products else {}
        return {"name": name or item, "unit": unit or "pieces", **kind}

    def _stock_points(self, numbers: Sequence[str], products: Sequence[str]) -> dict[str, Any]:
        points: dict[str, Any] = {}
        for item, offers in self._bought(numbers).items():
            for firm in self._sellers(item, offers):
                points[self._source(item, firm)] = {"firm": firm, "item": self.items.of(item)}
        for item in numbers:
            usual = self.assumed.cover_days_of_products if item in products else self.assumed.cover_days
            points[self.items.of(item)] = self._stock(item, usual)
        return points

    def _sellers(self, item: str, offers: Sequence[Offer]) -> list[str]:
        return [self.firms.of(offer.vendor) for offer in offers] or [self._nobody(item)]

    def _source(self, item: str, firm: str) -> str:
        return self.sources.of(f"{self.items.of(item)} of {firm}")

    def _stock(self, item: str, usual: float) -> dict[str, Any]:
        details = self.details.get(item, {})
        row = details.get("cover_days")
        said = row.numbers["cover_days"] if row else usual
        level = said + self._days_to_fill(item)
        note = f"{said:g} days of stock beside what is on its way"
        cover = {**(_sourced(level, row) if row else _assumed(level)), "note": note}
        stock: dict[str, Any] = {
            "firm": MAKER,
            "item": self.items.of(item),
            "policy": {"kind": "base_stock", "cover_days": cover},
        }
        if any(use.instead_of for use in self.bill.uses.get(item, [])):
            stock["sourcing"] = "rank"
        if "on_hand" in details:
            stock["initial_on_hand"] = _number(details["on_hand"], "on_hand", 0.0)
        return stock

    def _days_to_fill(self, item: str) -> float:
        """How long an order is under way, at most."""
        if item in self.bill.uses:
            return self.assumed.process_days
        days = [offer.row.numbers.get("lead_time_days", 0.0) for offer in self.offers.get(item, [])]
        return max(
            (each or self.assumed.lead_time_days for each in days), default=self.assumed.lead_time_days
        )

    # ------------------------------------------------------------------ recipes, lanes, demand

    def _recipes(self) -> dict[str, Any]:
        recipes: dict[str, Any] = {}
        for parent, uses in self.bill.uses.items():
            for rank, inputs in enumerate(_variants(uses), start=1):
                made = self.items.of(parent)
                name = made if rank == 1 else self.others.of(f"{made} instead {rank - 1}")
                recipes[name] = {
                    "output": self.items.of(parent),
                    "inputs": {self.items.of(use.component): _quantity(use) for use in inputs},
                    "process_days": _assumed(self.assumed.process_days),
                    **({"rank": rank} if any(use.instead_of for use in uses) else {}),
                }
        return recipes

    def _lanes(self, numbers: Sequence[str]) -> dict[str, Any]:
        lanes: dict[str, Any] = {}
        for item, offers in self._bought(numbers).items():
            rows: list[Row | None] = [*(offer.row for offer in offers)] or [None]
            for firm, row in zip(self._sellers(item, offers), rows, strict=True):
                lanes[self._source(item, firm)] = self._lane(item, firm, row)
        return lanes

    def _lane(self, item: str, firm: str, row: Row | None) -> dict[str, Any]:
        lane: dict[str, Any] = {"supplier": self._source(item, firm), "buyer": self.items.of(item)}
        days = row.numbers.get("lead_time_days", 0.0) if row else 0.0
        said = (
            f"{row.cited} says 0 days, which stands for not known"
            if row and "lead_time_days" in row.numbers
            else ""
        )
        lane["lead_time_days"] = (
            _sourced(days, row) if row and days > 0.0 else _assumed(self.assumed.lead_time_days, said)
        )
        lane["price"] = _number(row, "price", self.assumed.price)
        if row and _least(row) > 0.0:
            lane["minimum_order_units"] = _sourced(_least(row), row)
        return lane

    def _demand(self, item: str) -> dict[str, Any]:
        details = self.details.get(item, {})
        dear = self.assumed.price_over_cost * self._cost(item)
        return {
            "stock_point": self.items.of(item),
            "market": MARKET,
            "mean_per_day": _number(
                details.get("demand_per_day"), "demand_per_day", self.assumed.demand_per_day
            ),
            "price": _number(details.get("price"), "price", dear),
            "patience_days": _assumed(14.0),
        }

    def _cost(self, item: str) -> float:
        """What the parts of an item cost, at the cheapest offer of each."""
        if not self.costs:
            for made in from_below(self.bill):
                self.costs[made] = sum(
                    use.quantity * self._cost_of_part(use.component)
                    for use in self.bill.uses[made]
                    if not use.instead_of
                )
        return self._cost_of_part(item)

    def _cost_of_part(self, item: str) -> float:
        if item in self.costs:
            return self.costs[item]
        return min(
            (offer.row.numbers.get("price", self.assumed.price) for offer in self.offers.get(item, [])),
            default=self.assumed.price,
        )


def _details(found: Found) -> dict[str, dict[str, Row]]:
    """The rows that say something of each item, by what they say: the first; names also those of a bill.

    A row of an items table that says something else than an earlier one is told as a problem.
    """
    details: dict[str, dict[str, Row]] = {}
    for row in found.rows[ITEMS]:
        said = details.setdefault(row.text("item"), {})
        for what, value in {**row.texts, **row.numbers}.items():
            before = said.setdefault(what, row)
            other = before.numbers.get(what, before.texts.get(what))
            if value != other:
                message = f"{what} of {row.text('item')}: found {value!r}, and {other!r} in {before.cited}"
                found.problem(row, message)
    for row in found.rows[BOM]:
        said = details.setdefault(row.text("component"), {})
        for what in {"name", "unit"} & row.texts.keys():
            said.setdefault(what, row)
    return details


def _variants(uses: Sequence[Use]) -> list[list[Use]]:
    """What a parent is made of: the first choice, then each alternate in the place of what it replaces."""
    first = [use for use in uses if not use.instead_of]
    others = [use for use in uses if use.instead_of]
    return [
        first,
        *([use for use in first if use.component != other.instead_of] + [other] for other in others),
    ]


def _least(row: Row) -> float:
    return row.numbers.get("minimum_quantity", 0.0)


def _quantity(use: Use) -> dict[str, Any]:
    """What one unit of a parent takes, with its row, or an assumption where that says nothing."""
    if "quantity" in use.row.numbers:
        return _sourced(use.quantity, use.row)
    return _assumed(use.quantity, f"{use.row.cited} gives no quantity")


def _number(row: Row | None, meaning: str, otherwise: float) -> dict[str, Any]:
    """A number of a table with its row, or an assumption."""
    if row and meaning in row.numbers:
        return _sourced(row.numbers[meaning], row)
    return _assumed(otherwise)


def _sourced(value: float, row: Row) -> dict[str, Any]:
    return {"value": value, "source": row.cited, "confidence": "medium"}


def _assumed(value: float, note: str = "") -> dict[str, Any]:
    return {"value": value, "source": "assumption", "confidence": "low", **({"note": note} if note else {})}
