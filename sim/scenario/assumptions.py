"""What a scenario rests on: every number that it gives, with its source, if it has one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, assert_never

from sim.scenario.distributions import (
    Bernoulli,
    Confidence,
    Discrete,
    Distribution,
    Documented,
    Empirical,
    Gamma,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
    Value,
)
from sim.scenario.garbage import collector_paused
from sim.scenario.quantities import AnyQuantity
from sim.scenario.schema import Correlation, Observation, Scenario
from sim.scenario.walk import Located, documented_objects, quantities_of

MOST_SHOWN = 6
ASSUMED = "assumption"
"""A source that says there is none."""


Kind = Literal["value", "probability", "distribution", "object"]


class Assumption(NamedTuple):
    """One line of the table of assumptions.

    Parameters
    ----------
    path
        Where it stands in the scenario, dotted.
    text
        What is assumed, such as ``PERT(12, 26, 52) days``; for an object, its name.
    kind
        A fixed value, the probability of an event that can turn out either way, a distribution, or an object
        that carries a source or a note for all of it.
    source, note, confidence
        As the file says; a number without them has those of its object, a note excepted.
    """

    path: str
    text: str
    kind: Kind
    source: str | None
    note: str | None
    confidence: Confidence | None


@dataclass(frozen=True, slots=True)
class Sources:
    """How many numbers cite a source, are marked as assumptions, and say nothing."""

    cited: int
    assumed: int
    silent: int

    @property
    def numbers(self) -> int:
        """All of them."""
        return self.cited + self.assumed + self.silent


def count_sources(sources: Iterable[object]) -> Sources:
    """How many sources of numbers are sources.

    Examples
    --------
    >>> count_sources(["F012", "assumption", None, None])
    Sources(cited=1, assumed=1, silent=2)
    """
    texts = [source.strip().lower() if isinstance(source, str) else "" for source in sources]
    assumed, silent = texts.count(ASSUMED), texts.count("")
    return Sources(len(texts) - assumed - silent, assumed, silent)


@collector_paused()
def assumptions(scenario: Scenario) -> list[Assumption]:
    """Every quantity that the scenario gives, and every documented object, in order of path.

    A number is documented by its own source, note or confidence, else by the source or confidence of the
    object it belongs to. Defaults are no assumptions of the scenario and are left out, and so are whole
    numbers that cannot be uncertain, such as ranks and the days of the calendar.
    """
    found = [*_documented_objects(scenario), *_quantities(scenario), *_observed_demand(scenario)]
    order = {name: position for position, name in enumerate(Scenario.model_fields)}
    return sorted(found, key=lambda line: (order[line.path.partition(".")[0]], line.path))


def _documented_objects(scenario: Scenario) -> Iterator[Assumption]:
    for path, entry in documented_objects(scenario):
        if entry.source or entry.note:
            text = str(getattr(entry, "name", None) or getattr(entry, "title", None) or path[-1])
            if isinstance(entry, Observation):
                text = f"{entry.measure} {entry.value:g} from {entry.start} to {entry.end}"
            if isinstance(entry, Correlation):
                text = f"rank correlation {entry.rank_correlation:g} between {' and '.join(entry.between)}"
            yield Assumption(".".join(path), text, "object", entry.source, entry.note, entry.confidence)


def _quantities(scenario: Scenario) -> Iterator[Assumption]:
    for located in quantities_of(scenario):
        quantity = located.quantity
        around = located.holder or Documented()
        yield Assumption(
            path=".".join(located.path),
            text=text_of(quantity) + _unit(located),
            kind=_kind(located),
            source=quantity.source or around.source,
            note=quantity.note,
            confidence=quantity.confidence or around.confidence,
        )


def _kind(located: Located) -> Kind:
    """A probability by which futures differ is as uncertain as a distribution, however it is written."""
    quantity = located.quantity
    if isinstance(quantity, Distribution):
        return "distribution"
    return "probability" if "probability" in located.field and 0.0 < quantity.value < 1.0 else "value"


def _observed_demand(scenario: Scenario) -> Iterator[Assumption]:
    """Observations of a stream count as one number: they have one source."""
    for name, stream in scenario.demand.items():
        if stream.observations is not None:
            path, text = f"demand.{name}.observations", f"observed: {_list(stream.observations)}"
            yield Assumption(path, text, "value", stream.source, None, stream.confidence)


def _unit(located: Located) -> str:
    return " days" if located.field.endswith("_days") else ""


def text_of(quantity: AnyQuantity) -> str:
    """A quantity in one line.

    Examples
    --------
    >>> text_of(Value(value=0.3))
    '0.3'
    >>> text_of(Pert(dist="pert", low=12, mode=26, high=52, max=40))
    'PERT(12, 26, 52) up to 40'
    """
    return _form(quantity) + (_truncation(quantity) if isinstance(quantity, Distribution) else "")


def _form(quantity: AnyQuantity) -> str:
    match quantity:
        case Value():
            text = f"{quantity.value:.15g}"
        case Normal() | Gamma():
            text = f"{quantity.dist}(mean {quantity.mean_:g}, sd {quantity.sd:g})"
        case Lognormal():
            text = f"lognormal(median {quantity.median:g}, sigma {quantity.sigma:g})"
        case Triangular() | Pert() | Uniform():
            text = _three_points(quantity)
        case Bernoulli():
            text = f"1 with probability {quantity.probability:g}, else 0"
        case Empirical():
            text = f"one of {_list(quantity.values)}"
            text += "" if quantity.table is None else f", rows of {quantity.table}"
        case Discrete():
            text = f"one of {_list(quantity.values)} with weights {_list(quantity.weights)}"
        case _:
            assert_never(quantity)
    return text


def _three_points(quantity: Triangular | Pert | Uniform) -> str:
    points = [getattr(quantity, name) for name in ("low", "mode", "high") if hasattr(quantity, name)]
    names = {"pert": "PERT"}
    return f"{names.get(quantity.dist, quantity.dist)}({', '.join(f'{point:g}' for point in points)})"


def _truncation(quantity: Distribution) -> str:
    low = "" if quantity.min is None else f" from {quantity.min:g}"
    high = "" if quantity.max is None else f" up to {quantity.max:g}"
    return low + high


def _list(values: list[float]) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:MOST_SHOWN])
    return f"{shown}, ... ({len(values)} in all)" if len(values) > MOST_SHOWN else shown
