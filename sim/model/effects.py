"""What each intervention does to which lane, stock point or demand stream: one row an (effect, target)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, assert_never

import numpy as np

from sim.errors import Problem, ScenarioError
from sim.kinds import Effect, Target
from sim.model.plan import Effects, Grants, Ints, codes
from sim.model.recipes import line_of
from sim.scenario.interventions.base import Driver, Row
from sim.scenario.recipes import alternative_recipes
from sim.scenario.schema import Scenario

MAX_EFFECTS = 100_000
OF_RECIPES = (Effect.SCALES_CAPACITY, Effect.PAUSES_RECIPE)
"""Effects on a made stock point that are effects on its recipes."""


class Processes(NamedTuple):
    """Processes of going down and coming back: their names, and the intervention each belongs to."""

    names: tuple[str, ...]
    intervention: Ints


class _Told(NamedTuple):
    """A row and the intervention that it belongs to."""

    intervention: str
    row: Row

    @property
    def process(self) -> str | None:
        """Name of the process that switches the effect on and off; None if it is on all the time."""
        match self.row.driver:
            case Driver.NOTHING:
                return None
            case Driver.PROCESS_OF_INTERVENTION:
                return self.intervention
            case Driver.PROCESS_OF_TARGET:
                return f"{self.intervention}:{self.row.effect.target}:{self.row.target}"
            case _:
                assert_never(self.row.driver)

    @property
    def licence(self) -> tuple[str, str] | None:
        """The licence and who holds it, where each has terms of its own."""
        return None if self.row.holder is None else (self.intervention, self.row.holder)


def effects_of(scenario: Scenario, with_lines: Scenario) -> tuple[Effects, Processes, Grants]:
    """All effects of a scenario's interventions, in file order, with the processes and grants behind some.

    Parameters
    ----------
    scenario
        The scenario as its file says.
    with_lines
        The same with lines where an output has several recipes, whose places count.

    Raises
    ------
    ScenarioError
        If there are more than :data:`MAX_EFFECTS`.
    """
    told, position = _told(scenario), _positions_of_targets(with_lines)
    interventions = position[Target.INTERVENTION]
    processes = _processes(told, interventions)
    place = _positions(processes.names)
    licences = dict.fromkeys(its.licence for its in told if its.licence is not None)
    grant = {licence: position for position, licence in enumerate(licences)}
    rows = [row for _, row in told]
    effects = Effects(
        kind=codes(row.effect for row in rows),
        intervention=codes(interventions[its.intervention] for its in told),
        target=codes(position[row.effect.target][row.target] for row in rows),
        relieved=codes(interventions.get(row.relieved, -1) for row in rows),
        just_outside=np.array([row.just_outside for row in rows], dtype=bool),
        abroad=np.array([row.abroad for row in rows], dtype=bool),
        by_itself=np.array([row.by_itself for row in rows], dtype=bool),
        ignores_content=np.array([row.ignores_content for row in rows], dtype=bool),
        pause=codes(-1 if row.pause is None else row.pause for row in rows),
        process=codes(place.get(its.process, -1) for its in told),
        grant=codes(-1 if its.licence is None else grant[its.licence] for its in told),
    )
    firms = _positions(scenario.firms)
    regimes = [scenario.interventions[licence] for licence, _ in grant]
    grants = Grants(
        intervention=codes(interventions[licence] for licence, _ in grant),
        firm=codes(firms[holder] for _, holder in grant),
        has_quota=np.array([getattr(regime, "has_quota", False) for regime in regimes], dtype=bool),
    )
    return effects, processes, grants


def _processes(told: Sequence[_Told], interventions: dict[str | None, int]) -> Processes:
    owner = {its.process: interventions[its.intervention] for its in told if its.process is not None}
    return Processes(tuple(owner), codes(owner.values()))


def _positions_of_targets(scenario: Scenario) -> dict[Target, dict[str | None, int]]:
    """For each kind of target the places of its ids."""
    return {
        Target.LANE: _positions([*scenario.lanes, *scenario.substitutes]),
        Target.POINT: _positions(scenario.stock_points),
        Target.STREAM: _positions(scenario.demand),
        Target.INPUT: _positions(
            f"{name}.{source}" for name, recipe in scenario.recipes.items() for source in recipe.inputs
        ),
        Target.FIRM: _positions(scenario.firms),
        Target.INTERVENTION: _positions(scenario.interventions),
    }


def _told(scenario: Scenario) -> Sequence[_Told]:
    told = list(islice(_rows(scenario), MAX_EFFECTS + 1))
    if len(told) > MAX_EFFECTS:
        last = told[-1].intervention
        found = f"interventions.{last}: the interventions up to here reach more than {MAX_EFFECTS}"
        raise ScenarioError(
            [Problem(f"{found} lanes, stock points and demand streams, which no scenario needs")]
        )
    return told


def _rows(scenario: Scenario) -> Iterator[_Told]:
    several = alternative_recipes(scenario)
    for name, entry in scenario.interventions.items():
        for row in entry.rows(scenario):
            if row.effect in OF_RECIPES and row.target in several:
                for recipe in several[row.target]:
                    if row.recipes is None or recipe in row.recipes:
                        yield _Told(name, row._replace(target=line_of(row.target, recipe)))
            else:
                yield _Told(name, row)


def _positions(ids: Iterable[str]) -> dict[str | None, int]:
    """The place of each id; none has the place of nothing, which is none."""
    return {name: position for position, name in enumerate(ids)}
