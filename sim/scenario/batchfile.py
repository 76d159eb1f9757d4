"""Batches: a file that lists scenarios and settings which are to be run and compared."""

import json
import math
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sim.errors import ScenarioError
from sim.scenario.distributions import Frozen
from sim.scenario.fields import Id, Text
from sim.scenario.models import problem_at, read_as

COMPARISON = "comparison"
"""What the folder of the comparison is called; no scenario is."""
FEWEST, MOST = 2, 200
FEWEST_FUTURES, MOST_FUTURES = 16, 10_000_000
Settings = dict[str, Any]


class BatchMember(Frozen):
    """A scenario of a batch."""

    file: Text = Field(description="Seen from the batch's file.")
    title: Text | None = Field(None, description="Default: the file's title and the scenario's id here.")
    set: Settings = Field(default_factory=dict, description="Values by path, laid over the file.")


class BatchFile(Frozen):
    """What the file of a batch may say."""

    name: Id
    replications: Annotated[int, Field(ge=FEWEST_FUTURES, le=MOST_FUTURES)] = 1_024
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    set: Settings = Field(default_factory=dict, description="Values by path, laid over every file.")
    scenarios: Annotated[dict[Id, BatchMember], Field(min_length=FEWEST, max_length=MOST)]


def read_batch(path: Path) -> BatchFile:
    """Read the file of a batch.

    Raises
    ------
    ScenarioError
        If it cannot be read or holds something else, with the place and what is allowed.
    """
    found, tree = read_as(BatchFile, path)
    if COMPARISON in found.scenarios:
        message = f"found the id {COMPARISON}, allowed: another one, as the folder of the comparison has it"
        raise ScenarioError([problem_at(tree, ("scenarios", COMPARISON), message)])
    return found


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
