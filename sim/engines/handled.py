"""What an engine has a handler for; a plan with anything else is refused when it is loaded.

Each engine says so for itself: ``HANDLED`` in :mod:`sim.engines.des` and :mod:`sim.engines.block_engine`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sim.errors import EngineError
from sim.kinds import DemandProcess, Effect, ForecastKind, Pause, PolicyKind, Ramp, Sourcing, Supply
from sim.model.plan import Ints, Plan


@dataclass(frozen=True, slots=True)
class Handled:
    """The members that an engine has a handler for."""

    engine: str
    supplies: frozenset[Supply]
    policies: frozenset[PolicyKind]
    forecasts: frozenset[ForecastKind]
    sourcings: frozenset[Sourcing]
    ramps: frozenset[Ramp]
    processes: frozenset[DemandProcess]
    effects: frozenset[Effect]
    pauses: frozenset[Pause]

    def refuse_others(self, plan: Plan) -> None:
        """See to it that the engine can run a plan.

        Raises
        ------
        EngineError
            If the plan holds a member that the engine has no handler for; says which, and where.
        """
        for kinds, handled, codes in self._parts(plan):
            others = np.flatnonzero((codes >= 0) & ~np.isin(codes, list(handled)))
            if len(others):
                code = int(codes[others[0]])
                member = kinds(code).name if code in kinds.__members__.values() else code
                raise EngineError(
                    f"{_place(plan, kinds, int(others[0]))}: the {self.engine} engine has no handler for "
                    f"{kinds.__name__} {member}; see docs/architecture.md, where to add a thing"
                )

    def _parts(self, plan: Plan) -> Iterator[tuple[type[IntEnum], frozenset[IntEnum], Ints]]:
        """Each closed set, what of it is handled, and the codes that a plan holds (-1: none)."""
        yield Supply, self.supplies, plan.points.supply
        yield PolicyKind, self.policies, plan.points.policy
        yield ForecastKind, self.forecasts, plan.points.forecast
        yield Sourcing, self.sourcings, plan.points.sourcing
        yield Ramp, self.ramps, plan.substitutes.ramp
        yield DemandProcess, self.processes, plan.streams.process
        yield Effect, self.effects, plan.effects.kind
        yield Pause, self.pauses, plan.effects.pause


def _place(plan: Plan, kinds: type[IntEnum], row: int) -> str:
    """Path in the scenario of what a code belongs to."""
    labels = plan.labels
    if kinds in (Supply, PolicyKind, ForecastKind, Sourcing):
        return f"stock_points.{labels.points[row]}"
    if kinds is Ramp:
        return f"substitutes.{labels.lanes[plan.substitutes.lane[row]]}"
    if kinds is DemandProcess:
        return f"demand.{labels.streams[row]}"
    return f"interventions.{labels.interventions[plan.effects.intervention[row]]}"
