"""From a scenario file to a validated :class:`~sim.scenario.schema.Scenario`, or all its problems at once."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import MAX_LISTED, Place, Problem, ScenarioError
from sim.scenario.checks import inconsistencies
from sim.scenario.findings import Finding
from sim.scenario.garbage import collector_paused
from sim.scenario.merge import read_scenario
from sim.scenario.references import unknown_references
from sim.scenario.schema import Scenario
from sim.scenario.source import SourceNode, refuse_unprintable
from sim.scenario.wording import findings_of, spot_at

INFINITY = ".inf"
NOWHERE = Place("", 0)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A validated scenario and the text it was read from."""

    scenario: Scenario
    tree: SourceNode

    def placed(self, problems: Iterable[Problem]) -> list[Problem]:
        """Problems without a place that begin with a path and a colon, with the place of that path."""
        return [problem if problem.place else self._place(problem) for problem in problems]

    def _place(self, problem: Problem) -> Problem:
        path = problem.message.partition(":")[0].split(".")
        return Problem(problem.message, spot_at(self.tree, path).place)


def load_scenario(path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read, merge and validate a scenario file.

    Parameters
    ----------
    path
        The scenario file.
    overrides
        Settings ``path=value`` laid over the file, such as ``lanes.some-lane.share=0.3``.

    Returns
    -------
    Scenario
        Every reference in it names something and its parts fit each other.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used; carries all problems found, each with its place.
    """
    return load_with_places(path, overrides).scenario


def load_with_places(path: str | Path, overrides: Sequence[str] = ()) -> Loaded:
    """As :func:`load_scenario`, for callers that find further problems and want to say where they stand.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    return validated(read_scenario(Path(path), overrides))


@collector_paused()
def validated(tree: SourceNode) -> Loaded:
    """The scenario that a tree holds.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    scenario, findings = _validate(tree)
    findings += unknown_references(tree, {finding.path[0] for finding in findings if len(finding.path) == 1})
    if scenario is not None and not findings:
        findings = [
            Finding(finding.path, finding.says, spot_at(tree, finding.path).place)
            for finding in inconsistencies(scenario)
        ]
    if scenario is None or findings:
        raise ScenarioError(_listed(findings))
    return Loaded(scenario, tree)


def resolved(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data with every default filled in, in the order of the file.

    Validating the data gives an equal scenario, so its digest identifies what was simulated. Dates are
    texts. Amounts without a limit are left out: having none is every limit's default, and JSON cannot hold
    infinity.
    """
    data: dict[str, Any] = _limited(scenario.model_dump(mode="json", by_alias=True, exclude_none=True))
    return data


def written(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data without defaults: what its file, and those it extends, say.

    Infinity, which JSON cannot hold, is a text as in YAML. :func:`as_written` gives the scenario back.
    """
    data: dict[str, Any] = _texts(scenario.model_dump(mode="json", by_alias=True, exclude_unset=True))
    return data


def as_written(data: Any) -> Scenario:
    """The scenario of :func:`written`, which fields were given included, checked as one from a file.

    Raises
    ------
    ScenarioError
        If it is none; the problems have no place.
    """
    return validated(tree_written(data)).scenario


def tree_written(data: Any) -> SourceNode:
    """The tree of :func:`written`, to lay settings over it.

    Raises
    ------
    ScenarioError
        If it holds what no text of a scenario may.
    """
    return tree_of(_numbers(data), NOWHERE)


def tree_of(data: Any, place: Place) -> SourceNode:
    """Plain data as a tree that stands at one place; its texts are as those of a file.

    Raises
    ------
    ScenarioError
        If it holds what no text of a scenario may.
    """
    if isinstance(data, list):
        return SourceNode([tree_of(item, place) for item in data], place)
    if isinstance(data, dict):
        refuse_unprintable("".join(data), place)
        return SourceNode({key: tree_of(item, place) for key, item in data.items()}, place, place)
    if isinstance(data, str):
        refuse_unprintable(data, place)
    return SourceNode(data, place)


def _texts(data: Any) -> Any:
    return _each(data, lambda item: INFINITY if item == math.inf else item)


def _numbers(data: Any) -> Any:
    return _each(data, lambda item: math.inf if item == INFINITY else item)


def _each(data: Any, change: Callable[[Any], Any]) -> Any:
    """Plain data with every value changed."""
    if isinstance(data, list):
        return [_each(item, change) for item in data]
    if isinstance(data, dict):
        return {key: _each(item, change) for key, item in data.items()}
    return change(data)


_HAS_PARTS = (dict, list)


def _limited(data: Any) -> Any:
    """Plain data without amounts that have no limit; of millions of values, few have parts to look at."""
    if isinstance(data, list):
        return [_limited(item) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        key: _limited(item) if isinstance(item, _HAS_PARTS) else item
        for key, item in data.items()
        if not (isinstance(item, dict) and item.get("value") == math.inf)
    }


def _validate(tree: SourceNode) -> tuple[Scenario | None, list[Finding]]:
    try:
        return Scenario.model_validate(tree.plain), []
    except ValidationError as error:
        return None, findings_of(error, tree)


def _listed(findings: Iterable[Finding]) -> list[Problem]:
    """Problems in the order of the file, each piece of text blamed once, cut where the list gets long."""
    problems: dict[object, Problem] = {}
    ordered = sorted(findings, key=_position)
    for position, finding in enumerate(ordered):
        if len(problems) == MAX_LISTED:
            problems["rest"] = Problem(f"and {len(ordered) - position} more problems")
            break
        problems.setdefault(_blamed(finding), finding.problem)
    return list(problems.values())


def _blamed(finding: Finding) -> object:
    """What two findings share if a ``like`` has copied the same mistake."""
    return (finding.place, finding.path[:1], finding.path[2:], finding.message)


def _position(finding: Finding) -> tuple[str, int, int]:
    place = finding.place or Place("", 0)
    return (place.file, place.line, place.column)
