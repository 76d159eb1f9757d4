"""What the report calls an uncertain input: the object that it belongs to, and the number that is meant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sim.model.events import (
    GRANTED,
    HALTS,
    HAPPENS,
    OVER_COMPLIES,
    OVER_COMPLIES_ABROAD,
    RENEWED,
    REVOKED,
    WITHDRAWN,
)
from sim.report.language import message, say
from sim.report.names import Names
from sim.scenario.distributions import Bernoulli
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class InputName:
    """The object, such as 'Server CPU, Intel to Hikvision', and the number, such as 'subsidiary share'."""

    subject: str
    quantity: str

    @property
    def text(self) -> str:
        """Both in one line."""
        return say("{subject}: {quantity}", subject=self.subject, quantity=self.quantity)

    @property
    def phrase(self) -> str:
        """Both as part of a sentence."""
        if self.quantity.startswith(say(WHETHER)):
            return say("{quantity} (“{subject}”)", quantity=self.quantity, subject=self.subject)
        return say("the {quantity} of “{subject}”", quantity=self.quantity, subject=self.subject)


def input_name(scenario: Scenario, names: Names, path: str) -> InputName:
    """Name of the input that stands at a path of the scenario; the path itself where it leads nowhere.

    Parameters
    ----------
    scenario
        Where the path leads.
    names
        Looks up names of firms, items and markets.
    path
        Dotted, such as ``lanes.disks.share``.
    """
    collection, _, rest = path.partition(".")
    key, _, field = rest.partition(".")
    subject = _subject(scenario, names, collection, key)
    if subject and _is_yes_or_no(scenario, collection, key, field):
        return InputName(subject, say(_DECIDED[field]))
    return InputName(subject or path, _quantity(scenario, names, field) if subject else say("value"))


WHETHER = message("whether")
"""How what an event decides begins, in every language."""
_DECIDED = {
    "probability": message("whether it happens"),
    "grant_probability": message("whether suppliers get it"),
    "over_compliance_probability": message("whether suppliers do more than they must"),
    "foreign_over_compliance_probability": message(
        "whether suppliers abroad follow a rule that does not bind them"
    ),
    "halt_probability": message("whether suppliers stop by themselves"),
    "renewal_probability": message("whether suppliers get it again when it expires"),
    "withdrawal_probability": message("whether it is withdrawn"),
}
"""What a probability decides for all at once where it is 0 or 1."""
_QUESTIONS = {
    HAPPENS: message("whether it happens"),
    GRANTED: message("whether {firm} gets it"),
    RENEWED: message("whether {firm} gets it again when it expires"),
    REVOKED: message("whether it is revoked from {firm}"),
    OVER_COMPLIES: message("whether {firm} does more than it must"),
    OVER_COMPLIES_ABROAD: message("whether {firm} follows a rule that does not bind it"),
    HALTS: message("whether {firm} stops by itself"),
    WITHDRAWN: message("whether it is withdrawn"),
}


def _is_yes_or_no(scenario: Scenario, collection: str, key: str, field: str) -> bool:
    """Whether an input is a probability of which chance makes 0 or 1."""
    entry = scenario.interventions.get(key) if collection == "interventions" else None
    return field in _DECIDED and isinstance(getattr(entry, field, None), Bernoulli)


def _subject(scenario: Scenario, names: Names, collection: str, key: str) -> str:
    if key not in (getattr(scenario, collection, None) or {}):
        return ""
    subject = _SUBJECTS.get(collection)
    return subject(scenario, names, key) if subject else key


def _lane(_scenario: Scenario, names: Names, key: str) -> str:
    """A lane or substitute by item and firms, and its id where others read alike."""
    way = names.way(key, "buyer")
    told = {"item": way.item, "supplier": way.supplier, "buyer": way.buyer}
    if way.is_substitute:
        name = say("{item}, substitute, {supplier} to {buyer}", **told)
    else:
        name = say("{item}, {supplier} to {buyer}", **told)
    return f"{name} ({key})" if names.reads_alike(key, "buyer") else name


def _point(scenario: Scenario, names: Names, key: str) -> str:
    point = scenario.stock_points[key]
    return f"{names.item(point.item)}, {names.firm(point.firm)}{names.plant(key)}"


def _recipe(scenario: Scenario, names: Names, key: str) -> str:
    made, way = _point(scenario, names, scenario.recipes[key].output), names.recipe_way(key)
    name = say("Recipe of {item}", item=made)
    return say("{recipe} {way}", recipe=name, way=way) if way else name


def _stream(scenario: Scenario, names: Names, key: str) -> str:
    stream = scenario.demand[key]
    point = _point(scenario, names, stream.stock_point)
    return say("{item} in {market}", item=point, market=names.market(stream.market))


_SUBJECTS: Mapping[str, Callable[[Scenario, Names, str], str]] = {
    "lanes": _lane,
    "substitutes": _lane,
    "stock_points": _point,
    "recipes": _recipe,
    "demand": _stream,
    "demand_factors": lambda scenario, _, key: scenario.demand_factors[key].name or key,
    "interventions": lambda _, names, key: names.intervention(key),
    "firms": lambda _, names, key: names.firm(key),
    "items": lambda _, names, key: names.item(key),
    "markets": lambda _, names, key: names.market(key),
}


def _quantity(scenario: Scenario, names: Names, field: str) -> str:
    """A field in words, with its unit of time in brackets; of an event, the question that it answers."""
    event, _, firm = field.partition(".")
    if event in _QUESTIONS:
        return say(_QUESTIONS[event], firm=names.firm(firm) if firm else "")
    first, _, last = field.rpartition(".")
    if last in scenario.stock_points:
        return say("need of {item}", item=names.item(scenario.stock_points[last].item))
    words = f"{first} {last}".replace(".", " ").replace("_", " ").strip()
    for unit in ("days", "per day", "per year"):
        if words.endswith(f" {unit}"):
            return f"{words.removesuffix(f' {unit}')} ({unit})"
    return words
