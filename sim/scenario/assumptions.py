"""What a scenario rests on: every uncertain or documented number, with its source."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

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
    Value,
)
from sim.scenario.quantities import AnyQuantity
from sim.scenario.schema import Correlation, Observation, Scenario
from sim.scenario.walk import Located, documented_objects, quantities_of

MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Assumption:
    """One line of the table of assumptions.

    Parameters
    ----------
    path
        Where it stands in the scenario, dotted.
    text
        What is assumed, such as ``PERT(12, 26, 52) days``; for an object, its name.
    kind
        A fixed value, a distribution, or an object that carries a source or a note for all of it.
    source, note, confidence
        As the file says; a number without them has those of its object, a note excepted.
    """

    path: str
    text: str
    kind: Literal["value", "distribution", "object"]
    source: str | None
    note: str | None
    confidence: Confidence | None


def assumptions(scenario: Scenario) -> list[Assumption]:
    """Every quantity that is a distribution or documented, and every documented object, in order of path.

    A number is documented by its own source, note or confidence, else by the source or confidence of the
    object it belongs to. Defaults are no assumptions of the scenario and are left out.
    """
    found = [*_documented_objects(scenario), *_documented_quantities(scenario)]
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


def _documented_quantities(scenario: Scenario) -> Iterator[Assumption]:
    for located in quantities_of(scenario):
        quantity = located.quantity
        around = located.holder or Documented()
        source = quantity.source or around.source
        confidence = quantity.confidence or around.confidence
        is_distribution = isinstance(quantity, Distribution)
        if is_distribution or source or quantity.note or confidence:
            yield Assumption(
                path=".".join(located.path),
                text=text_of(quantity) + _unit(located),
                kind="distribution" if is_distribution else "value",
                source=source,
                note=quantity.note,
                confidence=confidence,
            )


def _unit(located: Located) -> str:
    return " days" if located.field.endswith("_days") else ""


def text_of(quantity: AnyQuantity) -> str:
    """A quantity in one line.

    Examples
    --------
    >>> from sim.scenario.distributions import Pert, Value
    >>> text_of(Value(value=0.3))
    '0.3'
    >>> text_of(Pert(dist="pert", low=12, mode=26, high=52, max=40))
    'PERT(12, 26, 52) up to 40'
    """
    if isinstance(quantity, Value):
        return f"{quantity.value:.15g}"
    return _form(quantity) + _truncation(quantity)


def _form(quantity: AnyQuantity) -> str:
    match quantity:
        case Normal() | Gamma():
            return f"{quantity.dist}(mean {quantity.mean_:g}, sd {quantity.sd:g})"
        case Lognormal():
            return f"lognormal(median {quantity.median:g}, sigma {quantity.sigma:g})"
        case Bernoulli():
            return f"1 with probability {quantity.probability:g}, else 0"
        case Empirical():
            return f"one of {_list(quantity.values)}"
        case Discrete():
            return f"one of {_list(quantity.values)} with weights {_list(quantity.weights)}"
        case _:
            return _three_points(quantity)


def _three_points(quantity: AnyQuantity) -> str:
    points = [getattr(quantity, name) for name in ("low", "mode", "high") if hasattr(quantity, name)]
    names = {"pert": "PERT"}
    kind = str(getattr(quantity, "dist", ""))
    return f"{names.get(kind, kind)}({', '.join(f'{point:g}' for point in points)})"


def _truncation(quantity: Distribution) -> str:
    low = "" if quantity.min is None else f" from {quantity.min:g}"
    high = "" if quantity.max is None else f" up to {quantity.max:g}"
    return low + high


def _list(values: list[float]) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:MOST_SHOWN])
    return f"{shown}, ... ({len(values)} in all)" if len(values) > MOST_SHOWN else shown
