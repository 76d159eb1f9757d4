"""Names of the scenario's objects, and their text made safe for a chart.

HTML escaping is the template's business (jinja2 escapes everything). Charts need their own: plotly reads
a small HTML dialect, character entities and ``%{...}`` in any text it is given, links included.
"""

import textwrap
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import accumulate
from typing import Literal, NamedTuple, get_args

from sim.report.language import message, say, spoken
from sim.scenario.schema import Scenario, StockPoint

LOSS_WITHOUT_ITEM = {
    "demand": message("Demand and prices"),
    "price": message("Price and penalties"),
    "own-capacity": message("Own capacity"),
    "unit_costs": message("Dearer goods"),
    "sales_to_firms": message("Sales to other firms"),
    "running_costs": message("Running costs"),
    "write_offs": message("Write-offs"),
    "measures": message("Measures taken"),
}
_KEPT_FORMAT_CHARACTERS = {"\u200d", "\u200c"}  # they join emoji and letters of some scripts


def tidy(text: str) -> str:
    r"""Text on one line, without control characters and without marks that turn its direction.

    Examples
    --------
    >>> tidy("two\nlines\u202e")
    'two lines'
    """
    spaced = " ".join(str(text).split())
    if spaced.isprintable():
        return spaced
    return "".join(
        char
        for char in spaced
        if char in _KEPT_FORMAT_CHARACTERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}
    )


def within(name: str) -> str:
    """A name inside a sentence: its article small, unless that is part of a proper name.

    Examples
    --------
    >>> [within(name) for name in ("The car industry", "A maker", "The Hague Works", "Fab")]
    ['the car industry', 'a maker', 'The Hague Works', 'Fab']
    """
    article, _, rest = name.partition(" ")
    return f"{article.lower()} {rest}" if article in ("The", "A", "An") and rest[:1].islower() else name


def shorten(text: str, length: int = 44) -> str:
    """Text cut to a length, with an ellipsis where something is missing; Chinese takes twice the room.

    Examples
    --------
    >>> shorten("abcdef", 4), shorten("海康威视", 6)
    ('abc…', '海康…')
    """
    text = tidy(text)
    return text if width_of(text) <= length else _fitting(text, length - 1).rstrip() + "…"


def shorten_apart(texts: Sequence[str], length: int) -> list[str]:
    """Texts cut to a length; those that would then read alike keep their ends and lose their middle.

    Examples
    --------
    >>> shorten_apart(["Chip plant 1", "Chip plant 2", "Wafer plant"], 8)
    ['Chip…t 1', 'Chip…t 2', 'Wafer p…']
    """
    cut = [shorten(text, length) for text in texts]
    return [
        _without_middle(text, length) if cut.count(short) > 1 else short
        for text, short in zip(texts, cut, strict=True)
    ]


def _without_middle(text: str, length: int) -> str:
    text = tidy(text)
    if width_of(text) <= length:
        return text
    tail = (length - 1) // 2
    return f"{_fitting(text, length - 1 - tail).rstrip()}…{_fitting(text[::-1], tail)[::-1].lstrip()}"


def width_of(text: str) -> int:
    """How many letters take as much room: a Chinese character takes that of two."""
    return sum(map(_width, text))


def _width(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _fitting(text: str, width: int) -> str:
    """As much of the beginning of a text as fits."""
    return text[: bisect_right(list(accumulate(map(_width, text))), width)]


def plot_text(text: str, *, length: int = 44, width: int | None = None) -> str:
    """Text that plotly shows as it stands: no tag, entity, placeholder or formula in it works.

    Every text of a scenario goes through here before it enters a figure.

    Parameters
    ----------
    text
        Any text.
    length
        Cut to this many characters, of which a Chinese one counts as two.
    width
        Break into lines of so many; None: one line.

    Examples
    --------
    >>> plot_text("<b>R&D</b> %{x} $y$")
    '&lt;b&gt;R&amp;D&lt;/b&gt; &#37;{x} &#36;y&#36;'
    """
    short = shorten(text, length)
    lines = (
        textwrap.wrap(short, max(1, width * len(short) // width_of(short))) if width and short else [short]
    )
    return "<br>".join(_neutral(line) for line in lines)


def step_title(step: str, scenarios: Sequence[Scenario]) -> str:
    """What a step between scenarios changes: the names of its objects, from the first that has them."""
    return " and ".join(f"“{_part_title(part, scenarios)}”" for part in step.split(" and "))


def _part_title(part: str, scenarios: Sequence[Scenario]) -> str:
    collection, _, key = part.partition(".")
    names = [Names(scenario).object(collection, key) for scenario in scenarios]
    if any(names):
        return next(name for name in names if name)
    return ": ".join(word.replace("_", " ") for word in part.split(".") if word != "*")


def _neutral(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("%{", "&#37;{"), ("$", "&#36;")):
        text = text.replace(character, entity)
    return text


End = Literal["supplier", "buyer"]
"""An end of a lane, whose stock point holds an item."""


class Way(NamedTuple):
    """What the name of a lane or substitute tells of it; those that have the same read alike."""

    is_substitute: bool
    supplier: str
    buyer: str
    item: str


@dataclass(frozen=True)
class Names:
    """Looks up what the scenario calls the objects behind the ids of the tables.

    Parameters
    ----------
    scenario
        Where the names stand.
    length
        Longer names are cut, for use in sentences.
    """

    scenario: Scenario
    length: int = 2000

    def firm(self, key: str) -> str:
        """Name of a firm, or of a group of firms; the id itself where the scenario has none."""
        firm = self.scenario.firms.get(key) or self.scenario.analysis.groups.get(key)
        return self._fit(firm.name if firm else key)

    def item(self, key: str) -> str:
        """Name of an item, or of a cause of loss that is none."""
        item = self.scenario.items.get(key)
        if item is not None:
            return self._fit(item.name)
        return self._fit(say(LOSS_WITHOUT_ITEM[key]) if key in LOSS_WITHOUT_ITEM else key)

    def unit(self, key: str) -> str:
        """Unit in which an item is counted."""
        item = self.scenario.items.get(key)
        return self._fit(item.unit if item else say("units"))

    def market(self, key: str) -> str:
        """Name of a market, or of a firm that buys in its place."""
        market = self.scenario.markets.get(key) or self.scenario.firms.get(key)
        return self._fit(market.name if market else key)

    def intervention(self, key: str) -> str:
        """Title of an intervention."""
        intervention = self.scenario.interventions.get(key)
        return self._fit(intervention.title if intervention else key)

    def lever(self, key: str) -> str:
        """Title of a lever."""
        lever = self.scenario.levers.get(key)
        return self._fit(lever.title if lever else key)

    def stock_point(self, key: str) -> str:
        """A stock point by its item and firm, and its plant where the firm holds the item at several."""
        point = self.scenario.stock_points[key]
        name = say("{item} at {firm}", item=self.item(point.item), firm=self.firm(point.firm))
        return self._fit(f"{name}{self.plant(key)}")

    def plant(self, key: str) -> str:
        """Which of a firm's stock points with one item it is: by its country, else its id; or nothing."""
        one, firms = self.scenario.stock_points[key], self.scenario.firms
        alike = self._plants[one.firm, one.item]
        if len(alike) < 2:
            return ""
        stands = [other.country or firms[other.firm].country for other in alike]
        country = one.country or firms[one.firm].country
        return f" ({self.country(country) if stands.count(country) == 1 else key})"

    def country(self, code: str) -> str:
        """What a country is called."""
        return self._fit(spoken().country(code))

    def lane(self, key: str) -> str:
        """A lane or substitute by its firms and what it carries, and its id where others read alike."""
        way = self.way(key, "supplier")
        name = f"{way.supplier} → {way.buyer}: {way.item}"
        told = say("{lane}, substitute", lane=name) if way.is_substitute else name
        return self._fit(f"{told} ({key})" if self.reads_alike(key, "supplier") else told)

    def way(self, key: str, end: End) -> Way:
        """Firms of a lane or substitute, and what it carries as the stock point at one end calls it."""
        is_substitute = key in self.scenario.substitutes
        lane = self.scenario.substitutes[key] if is_substitute else self.scenario.lanes[key]
        points = self.scenario.stock_points
        supplier, buyer = points[lane.supplier], points[lane.buyer]
        item = points[getattr(lane, end)].item
        return Way(is_substitute, self.firm(supplier.firm), self.firm(buyer.firm), self.item(item))

    def reads_alike(self, key: str, end: End) -> bool:
        """Whether :meth:`way` is the same of another lane or substitute."""
        return self._ways[end][self.way(key, end)] > 1

    def recipe(self, key: str) -> str:
        """A recipe by what it makes, and from what where others make the same."""
        name = say("Production of {item}", item=self.stock_point(self.scenario.recipes[key].output))
        way = self.recipe_way(key)
        return self._fit(say("{recipe} {way}", recipe=name, way=way) if way else name)

    def recipe_way(self, key: str) -> str:
        """Which of the recipes that make the same it is: by what goes into it alone, or not; else its id."""
        used = self._used[self.scenario.recipes[key].output]
        if len(used) == 1:
            return ""
        ways = {name: self._way_apart(name, used) for name in used}
        is_known = ways[key] and list(ways.values()).count(ways[key]) == 1
        return self._fit(ways[key] if is_known else say("by {recipe}", recipe=key))

    def _way_apart(self, key: str, used: Mapping[str, Sequence[str]]) -> str:
        """What no other recipe takes, or else all others do."""
        others = [set(items) for name, items in used.items() if name != key]
        own = [item for item in used[key] if not any(item in items for items in others)]
        absent = sorted(set.intersection(*others).difference(used[key]))
        if own:
            return say("with {items}", items=self._all(own))
        return say("without {items}", items=self._all(absent)) if absent else ""

    def _all(self, items: Sequence[str]) -> str:
        """Items, each after the other."""
        return reduce(
            lambda before, item: say("{some} and {last}", some=before, last=item), map(self.item, items)
        )

    def stream(self, key: str) -> str:
        """A stream by what is wanted and where; the id itself where the scenario has none."""
        stream = self.scenario.demand.get(key)
        if stream is None:
            return self._fit(key)
        wanted, market = self.stock_point(stream.stock_point), self.market(stream.market)
        return self._fit(say("{item} in {market}", item=wanted, market=market))

    def object(self, collection: str, key: str) -> str | None:
        """Name of an entry of a collection; None where there is no such entry."""
        entries = getattr(self.scenario, collection, None)
        entry = entries.get(key) if isinstance(entries, dict) else None
        if entry is None:
            return None
        match collection:
            case "stock_points":
                return self.stock_point(key)
            case "lanes" | "substitutes":
                return self.lane(key)
            case "demand":
                wanted, market = self.stock_point(entry.stock_point), self.market(entry.market)
                return self._fit(say("Demand for {item}, {market}", item=wanted, market=market))
            case "recipes":
                return self.recipe(key)
            case _:
                return self._fit(getattr(entry, "title", None) or getattr(entry, "name", None) or key)

    def _fit(self, text: str) -> str:
        return shorten(text, self.length)

    @cached_property
    def _plants(self) -> Mapping[tuple[str, str], Sequence[StockPoint]]:
        """The stock points of a firm with an item."""
        plants = defaultdict(list)
        for point in self.scenario.stock_points.values():
            plants[point.firm, point.item].append(point)
        return plants

    @cached_property
    def _ways(self) -> Mapping[End, Counter[Way]]:
        """How many lanes and substitutes read alike."""
        keys = (*self.scenario.lanes, *self.scenario.substitutes)
        return {end: Counter(self.way(key, end) for key in keys) for end in get_args(End)}

    @cached_property
    def _used(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """Items that go into each of the recipes of an output."""
        used: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for name, recipe in self.scenario.recipes.items():
            used[recipe.output][name] = [self.scenario.stock_points[point].item for point in recipe.inputs]
        return used
