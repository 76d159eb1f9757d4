"""The alternatives of a decision: each is the scenario with some settings laid over it."""

from collections.abc import Iterable

from sim.errors import Problem, ScenarioError, first_problems
from sim.scenario.load import Loaded, validated
from sim.scenario.merge import Setting, apply_setting, worked_out
from sim.scenario.shapes import COLLECTIONS, nearest
from sim.scenario.source import SourceNode, size_of

SIMULATED = tuple(name for name in COLLECTIONS if name != "levers")
"""Collections in which something can be done."""
MAX_VALUES = 200_000
"""Values of a scenario times its alternatives, each of which is read like a scenario of its own."""


def alternatives_in(tree: SourceNode) -> dict[str, Loaded]:
    """Validate every alternative of a scenario's decision; empty if it has none.

    Parameters
    ----------
    tree
        A merged scenario whose copies are not made yet, which gives a scenario that can be used.

    Raises
    ------
    ScenarioError
        If an alternative cannot be used; carries all problems found, each with its place.
    """
    alternatives = _settings(tree)
    _check_size(tree, len(alternatives))
    found: dict[str, Loaded] = {}
    problems: list[Problem] = []
    for name, settings in alternatives.items():
        try:
            laid = tree
            for setting in settings:
                laid = lay(laid, setting)
            found[name] = validated(worked_out(laid))
        except ScenarioError as error:
            problems += of_alternative(name, error.problems)
    if problems:
        raise ScenarioError(first_problems(problems))
    return found


def _check_size(tree: SourceNode, alternatives: int) -> None:
    if alternatives and (values := size_of(worked_out(tree))) * alternatives > MAX_VALUES:
        found = f"found {alternatives} of a scenario of {values} values, allowed: up to {MAX_VALUES} in all"
        raise ScenarioError([Problem(f"decision.alternatives: {found}", _entries(tree)["decision"].shown_at)])


def of_alternative(name: str, problems: Iterable[Problem]) -> list[Problem]:
    """Problems that say in which alternative they were found."""
    within = f"decision.alternatives.{name}"
    return [Problem(f"{within}: {problem.message}", problem.place) for problem in problems]


def _settings(tree: SourceNode) -> dict[str, list[Setting]]:
    alternatives = _entries(_entries(tree).get("decision")).get("alternatives")
    return {
        name: [
            Setting(path.strip(), value, value.key_place or value.place, path)
            for path, value in _entries(_entries(alternative).get("set")).items()
        ]
        for name, alternative in _entries(alternatives).items()
    }


def _entries(node: SourceNode | None) -> dict[str, SourceNode]:
    if node is None or not isinstance(node.value, dict):
        return {}
    return {key: part for key, part in node.value.items() if not part.removes}


def lay(tree: SourceNode, setting: Setting) -> SourceNode:
    """Lay a value over a path into the collections of what is simulated.

    Raises
    ------
    ScenarioError
        If the path leads nowhere, or elsewhere.
    """
    if setting.names[0] not in SIMULATED:
        hint = nearest(setting.names[0], SIMULATED) or ";"
        allowed = f"allowed: a path into {', '.join(SIMULATED)}"
        raise setting.misplaced(f"'{setting.names[0]}' is not a collection{hint} {allowed}")
    return apply_setting(tree, setting)
