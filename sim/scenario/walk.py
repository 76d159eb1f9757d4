"""Every quantity of a scenario with its path and the documented objects around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any

from pydantic import BaseModel

from sim.scenario.distributions import Distribution, Documented, Value
from sim.scenario.quantities import AnyQuantity
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Located:
    """A quantity that a file gives, the field it fills, and the documented object around it."""

    path: tuple[str, ...]
    field: str
    quantity: AnyQuantity
    holder: Documented | None


_QUANTITIES = (Value, Distribution)
_HOLDS_NONE = (str, int, float, NoneType)
"""Values that are no quantities and have no parts."""


def quantities_of(scenario: Scenario) -> Iterator[Located]:
    """All quantities but defaults, in the order of the schema and, in a collection, of the file."""
    return _within(scenario, (), "", None)


def documented_objects(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], Documented]]:
    """All objects that can carry a source, other than quantities, with their paths."""
    for name in Scenario.model_fields:
        collection = getattr(scenario, name)
        if isinstance(collection, dict):
            for key, entry in collection.items():
                if isinstance(entry, Documented):
                    yield (name, key), entry
    for place, correlation in enumerate(scenario.analysis.correlations):
        yield ("analysis", "correlations", str(place)), correlation


@cache
def _shown(kind: type[BaseModel]) -> dict[str, str]:
    """What files call the fields of a kind."""
    return {name: info.alias or name for name, info in kind.model_fields.items()}


def _within(part: Any, path: tuple[str, ...], field: str, holder: Documented | None) -> Iterator[Located]:
    match part:
        case Value() | Distribution():
            yield Located(path, field, part, holder)  # type: ignore[arg-type]
        case BaseModel():
            yield from _within_model(part, path, holder)
        case dict():
            for key, entry in part.items():
                yield from _within(entry, (*path, key), field, holder)
        case list():
            for index, entry in enumerate(part):
                yield from _within(entry, (*path, str(index)), field, holder)
        case _:
            pass


def _within_model(model: BaseModel, path: tuple[str, ...], holder: Documented | None) -> Iterator[Located]:
    inside = model if isinstance(model, Documented) else holder
    given = model.model_fields_set
    for name, shown in _shown(type(model)).items():
        if name not in given:
            continue
        below = getattr(model, name)
        if isinstance(below, _QUANTITIES):  # Most are: a walk of its own would take longer.
            yield Located((*path, shown), shown, below, inside)  # type: ignore[arg-type]
        elif not isinstance(below, _HOLDS_NONE):
            yield from _within(below, (*path, shown), shown, inside)
