"""Files that are no scenario but are read like one: YAML, checked by a model, with places in messages."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import Problem, ScenarioError, first_problems
from sim.scenario.shapes import Record
from sim.scenario.source import SourceNode, read_file
from sim.scenario.wording import findings_of

Model = TypeVar("Model", bound=BaseModel)


def read_as(model: type[Model], path: Path) -> tuple[Model, SourceNode]:
    """What a YAML file holds as a model, and its tree.

    Raises
    ------
    ScenarioError
        If it cannot be read or holds something else: what the model says, each with its place.
    """
    tree = read_file(path).root
    try:
        return model.model_validate(tree.plain), tree
    except ValidationError as error:
        found = findings_of(error, tree, Record(model))
        raise ScenarioError(first_problems(finding.problem for finding in found)) from None


def problem_at(tree: SourceNode, path: Sequence[int | str], message: str) -> Problem:
    """A problem with what stands at a path, or with the last thing on the way that is there."""
    node, place = tree, tree.shown_at
    for part in path:
        if not isinstance(node.value, dict) or part not in node.value:
            break
        node = node.value[str(part)]
        place = node.shown_at
    return Problem(f"{'.'.join(map(str, path))}: {message}", place)
