"""Batches: a file that lists scenarios and settings which are to be run and compared."""

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from sim.errors import Problem, ScenarioError
from sim.scenario.distributions import Frozen
from sim.scenario.fields import Id, Name, Text
from sim.scenario.merge import COMMAND_LINE
from sim.scenario.models import problem_at, read_as
from sim.scenario.source import SourceNode

COMPARISON = "comparison"
"""What the folder of the comparison is called; no scenario is."""
FEWEST, MOST = 2, 200
FEWEST_FUTURES, MOST_FUTURES = 16, 10_000_000
Settings = Annotated[dict[str, Any], Field(max_length=1_000)]


class BatchMember(Frozen):
    """A scenario of a batch."""

    called: ClassVar[str | None] = "a scenario of a batch"

    file: Text = Field(description="Seen from the batch's file.")
    title: Name | None = Field(None, description="Default: the file's title and the scenario's id here.")
    set: Settings = Field(default_factory=dict, description="Values by path, laid over the file.")


class BatchFile(Frozen):
    """What the file of a batch may say."""

    called: ClassVar[str | None] = "a batch"

    name: Id
    replications: Annotated[int, Field(ge=FEWEST_FUTURES, le=MOST_FUTURES)] = 1_024
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    set: Settings = Field(default_factory=dict, description="Values by path, laid over every file.")
    scenarios: Annotated[dict[Id, BatchMember], Field(min_length=FEWEST, max_length=MOST)]


def read_batch(path: Path) -> tuple[BatchFile, SourceNode]:
    """Read the file of a batch, and its tree.

    Raises
    ------
    ScenarioError
        If it cannot be read or holds something else, with the place and what is allowed.
    """
    found, tree = read_as(BatchFile, path)
    if COMPARISON in found.scenarios:
        message = f"found the id {COMPARISON}, allowed: another one, as the folder of the comparison has it"
        raise ScenarioError([problem_at(tree, ("scenarios", COMPARISON), message)])
    ids = [(), *(("scenarios", name) for name in found.scenarios)]
    if named := [(*path, "set", "name") for path in ids if "name" in _at(tree, (*path, "set"))]:
        message = "found a name, allowed: none, as a scenario is called by its id here"
        raise ScenarioError([problem_at(tree, path, message) for path in named])
    return found, tree


def _at(tree: SourceNode, path: Sequence[str]) -> dict[str, SourceNode]:
    """The entries below a path; none if there is nothing."""
    for part in path:
        if not isinstance(tree.value, dict) or part not in tree.value:
            return {}
        tree = tree.value[part]
    return tree.value if isinstance(tree.value, dict) else {}


def of_batch(error: ScenarioError, tree: SourceNode, name: str) -> ScenarioError:
    """What is wrong with a scenario of a batch, with the places of its settings and of its file there.

    Parameters
    ----------
    error
        What is wrong, as if the settings stood on the command line.
    tree
        Of the file of the batch.
    name
        The id of the scenario.
    """
    settings = [(*path, "set") for path in (("scenarios", name), ())]
    paths = [(*path, setting) for path in settings for setting in _at(tree, path)]
    return ScenarioError([_placed(problem, tree, name, paths) for problem in error.problems])


def _placed(problem: Problem, tree: SourceNode, name: str, paths: Sequence[tuple[str, ...]]) -> Problem:
    if problem.place is None:
        return problem_at(tree, ("scenarios", name, "file"), problem.message)
    if problem.place.file != COMMAND_LINE.file:
        return problem
    of_setting = re.match(r"--set (?P<path>[^=]*)=.*?: (?='|allowed: |a path )", problem.message)
    message = problem.message[of_setting.end() :] if of_setting else problem.message
    about = of_setting["path"] if of_setting else message.partition(": ")[0]
    path = next((path for path in paths if f"{about}.".startswith(f"{path[-1]}.")), ("scenarios", name))
    return problem_at(tree, path, message.removeprefix(f"{path[-1]}: "))


def overrides_of(settings: Settings) -> list[str]:
    """Settings as the command line takes them.

    Examples
    --------
    >>> overrides_of({"lanes.a.price": {"dist": "uniform", "low": 1, "high": 2}, "title": "Ours"})
    ['lanes.a.price={"dist": "uniform", "low": 1, "high": 2}', 'title="Ours"']
    """
    return [f"{path}={_text(value)}" for path, value in settings.items()]


def _text(value: Any) -> str:
    if isinstance(value, float) and math.isinf(value):
        return ".inf" if value > 0.0 else "-.inf"
    return json.dumps(value, ensure_ascii=False)
