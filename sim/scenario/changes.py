"""What differs between two scenarios, in steps that can be taken one after the other."""

import copy
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sim.scenario.load import resolved
from sim.scenario.schema import Scenario

MOST_STEPS = 12
TEXTS = {"name", "title", "question", "description", "source", "note", "confidence"}
"""Fields that no figure depends on."""
ELSEWHERE = {"claim", "decision", "levers", "stress", "observations"}
"""Sections that no loss depends on."""
ABSENT = object()
OUTSIDE = 3
"""Parts of a path that tell a collection, an object and its field."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A step from one scenario to another: settings that change together.

    Attributes
    ----------
    name
        What they have in common: an object such as ``interventions.licences``, a field of the objects of a
        collection such as ``substitutes.*.ramp_days``, or a collection.
    settings
        Their paths, and what the other scenario has there (:data:`ABSENT`: nothing).
    """

    name: str
    settings: tuple[tuple[Path, Any], ...]


def changes(one: Scenario, other: Scenario) -> list[Change]:
    """The steps from one scenario to another, in the order of the schema.

    Settings of one object are a step. Where these would be more than :data:`MOST_STEPS`, the same field of
    all objects of a collection is one. Where these would be too, a collection is one, and those with the most
    settings are told field by field as far as there is room. Texts, sources and sections that no loss depends
    on count for nothing.

    Parameters
    ----------
    one, other
        Scenarios.
    """
    settings = list(_differences(_what_counts(one), _what_counts(other), ()))
    for name_of in (_object, _field):
        steps = _grouped(settings, name_of)
        if len(steps) <= MOST_STEPS:
            return steps
    return _grouped(settings, _by_field_in(_told_by_field(settings)))


def differing(one: Scenario, other: Scenario) -> list[Path]:
    """Paths of all settings that differ, those that no loss depends on too, in the order of the schema.

    Parameters
    ----------
    one, other
        Scenarios.
    """
    return [path for path, _ in _differences(resolved(one), resolved(other), ())]


def changed(scenario: Scenario, steps: Sequence[Change]) -> Scenario:
    """A scenario after some steps.

    Parameters
    ----------
    scenario
        Where the steps begin.
    steps
        What to change.

    Raises
    ------
    pydantic.ValidationError
        If these steps alone make no scenario.
    """
    data = copy.deepcopy(resolved(scenario))
    for step in steps:
        for path, value in step.settings:
            _set(data, path, value)
    return Scenario.model_validate(data)


def _what_counts(scenario: Scenario) -> dict[str, Any]:
    return {name: entry for name, entry in resolved(scenario).items() if name not in ELSEWHERE}


def _differences(one: Any, other: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Paths at which two trees differ, as high up as one of them has nothing below."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            below = one.get(key, ABSENT), other.get(key, ABSENT)
            is_object = any(isinstance(value, dict) for value in below)
            if is_object or key not in TEXTS:
                yield from _differences(*below, (*path, key))
    elif one != other:
        yield path, other


def _object(path: Path) -> str:
    return ".".join(path[:2])


def _field(path: Path) -> str:
    return f"{path[0]}.*.{path[2]}" if len(path) >= OUTSIDE else f"{path[0]}.*"


def _collection(path: Path) -> str:
    return path[0]


def _by_field_in(collections: set[str]) -> Callable[[Path], str]:
    return lambda path: _field(path) if path[0] in collections else _collection(path)


def _told_by_field(settings: Sequence[tuple[Path, Any]]) -> set[str]:
    """Collections that can be told field by field, those with the most settings first.

    Where objects come or go, what changes of the others belongs to that.
    """
    whole = {_collection(path) for path, _ in settings if len(path) < OUTSIDE}
    counts = Counter(_collection(path) for path, _ in settings if _collection(path) not in whole)
    chosen: set[str] = set()
    for name, _ in counts.most_common():
        more = {*chosen, name}
        if len(_grouped(settings, _by_field_in(more))) <= MOST_STEPS:
            chosen = more
    return chosen


def _grouped(settings: Sequence[tuple[Path, Any]], name_of: Callable[[Path], str]) -> list[Change]:
    groups: dict[str, list[tuple[Path, Any]]] = defaultdict(list)
    for path, value in settings:
        groups[name_of(path)].append((path, value))
    order = {name: place for place, name in enumerate(Scenario.model_fields)}
    found = [Change(name, tuple(group)) for name, group in groups.items()]
    return sorted(found, key=lambda change: order[change.name.partition(".")[0]])


def _set(data: dict[str, Any], path: Path, value: Any) -> None:
    for key in path[:-1]:
        data = data.setdefault(key, {})
    if value is ABSENT:
        data.pop(path[-1], None)
    else:
        data[path[-1]] = copy.deepcopy(value)
