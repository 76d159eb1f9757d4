"""Targets of a calibration: reported figures with their uncertainty, and the inputs that may fit them."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sim.errors import MAX_LISTED, ScenarioError
from sim.scenario.distributions import Finite, Frozen
from sim.scenario.fields import Date, Id
from sim.scenario.models import problem_at, read_as
from sim.scenario.schema import Observation

MOST_INPUTS, MOST_TARGETS = 20, 50
FIXED = frozenset(("start", "end", "published"))


class Target(Observation):
    """A figure that inputs are to explain."""

    sd: Annotated[Finite, Field(gt=0)] = Field(
        description="Standard deviation of what was reported, in the scenario's currency."
    )
    start: Date
    end: Date
    published: Date = Field(description="Day on which the figure became known.")


class Targets(Frozen):
    """What a file of targets may say."""

    inputs: Annotated[dict[str, dict[str, Any] | None], Field(min_length=1, max_length=MOST_INPUTS)] = Field(
        description="Paths of uncertain numbers, each with its prior; null: the scenario's own distribution."
    )
    targets: Annotated[dict[Id, Target], Field(min_length=1, max_length=MOST_TARGETS)]
    discrepancy_share: Annotated[Finite, Field(ge=0, le=1)] = Field(
        0.02, description="Scale of the model's own error, as a share of each figure (half-normal)."
    )


def read_targets(path: str | Path, as_of: dt.date | None = None) -> Targets:
    """Read a file of targets.

    Parameters
    ----------
    path
        A YAML file.
    as_of
        Day up to which figures were known; default: all are.

    Raises
    ------
    ScenarioError
        If it cannot be read, holds something else, or a target that was published later.
    """
    found, tree = read_as(Targets, Path(path))
    late = [
        problem_at(
            tree, ("targets", name, "published"), f"found {target.published}, allowed: {as_of} or before"
        )
        for name, target in found.targets.items()
        if as_of is not None and target.published > as_of
    ]
    if late:
        raise ScenarioError(late[:MAX_LISTED])
    return found
