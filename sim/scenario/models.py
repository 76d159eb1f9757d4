"""Files that are no scenario but are read like one: YAML, checked by a model, with places in messages."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import MAX_LISTED, Problem, ScenarioError
from sim.scenario.source import SourceNode, read_file

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
        problems = [problem_at(tree, details["loc"], details["msg"]) for details in error.errors()]
        raise ScenarioError(problems[:MAX_LISTED]) from None


def problem_at(tree: SourceNode, path: Sequence[int | str], message: str) -> Problem:
    """A problem with what stands at a path, or with the last thing on the way that is there."""
    node, place = tree, tree.shown_at
    for part in path:
        if not isinstance(node.value, dict) or part not in node.value:
            break
        node = node.value[str(part)]
        place = node.shown_at
    return Problem(f"{'.'.join(map(str, path))}: {message}", place)
