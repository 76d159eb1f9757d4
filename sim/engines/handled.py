"""What each engine has a handler for. A plan with anything else is refused when it is loaded.

Whoever writes a handler for a member of :mod:`sim.kinds` says so here, engine by engine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sim.errors import EngineError
from sim.kinds import DemandProcess, Effect, Pause, PolicyKind, Ramp, Sourcing, Supply
from sim.model.plan import Ints, Plan


@dataclass(frozen=True, slots=True)
class Handled:
    """The members that an engine has a handler for."""

    engine: str
    supplies: frozenset[Supply]
    policies: frozenset[PolicyKind]
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
        yield Sourcing, self.sourcings, plan.points.sourcing
        yield Ramp, self.ramps, plan.substitutes.ramp
        yield DemandProcess, self.processes, plan.streams.process
        yield Effect, self.effects, plan.effects.kind
        yield Pause, self.pauses, plan.effects.pause


def _place(plan: Plan, kinds: type[IntEnum], row: int) -> str:
    """Path in the scenario of what a code belongs to."""
    labels = plan.labels
    if kinds in (Supply, PolicyKind, Sourcing):
        return f"stock_points.{labels.points[row]}"
    if kinds is Ramp:
        return f"substitutes.{labels.lanes[plan.substitutes.lane[row]]}"
    if kinds is DemandProcess:
        return f"demand.{labels.streams[row]}"
    return f"interventions.{labels.interventions[plan.effects.intervention[row]]}"


SIMPY = Handled(
    engine="simpy",
    supplies=frozenset(
        {
            Supply.SOURCE,
            Supply.BOUGHT,
            Supply.MADE,
        }
    ),
    policies=frozenset(
        {
            PolicyKind.NONE,
            PolicyKind.BASE_STOCK,
            PolicyKind.REORDER_UP_TO,
            PolicyKind.REORDER_QUANTITY,
            PolicyKind.ECHELON_BASE_STOCK,
        }
    ),
    sourcings=frozenset(
        {
            Sourcing.SHARE,
            Sourcing.RANK,
        }
    ),
    ramps=frozenset(
        {
            Ramp.LINEAR,
            Ramp.LOGISTIC,
        }
    ),
    processes=frozenset(
        {
            DemandProcess.CONSTANT,
            DemandProcess.GAMMA,
            DemandProcess.POISSON,
            DemandProcess.NEGATIVE_BINOMIAL,
            DemandProcess.NORMAL,
            DemandProcess.LISTED,
            DemandProcess.EMPIRICAL,
        }
    ),
    effects=frozenset(
        {
            Effect.RESTRICTS_LANE,
            Effect.RELIEVES_LANE,
            Effect.SCALES_DEMAND,
            Effect.SCALES_STREAM_PRICE,
            Effect.SCALES_LANE_PRICE,
            Effect.SCALES_CAPACITY,
            Effect.RAISES_TARGET,
            Effect.LIFTS,
            Effect.PAUSES_LANE,
            Effect.PAUSES_RECIPE,
        }
    ),
    pauses=frozenset(
        {
            Pause.ORDERS,
            Pause.SHIPMENTS,
            Pause.TRANSIT,
            Pause.RECEIPTS,
        }
    ),
)

COMPILED = Handled(
    engine="compiled",
    supplies=frozenset(
        {
            Supply.SOURCE,
            Supply.BOUGHT,
            Supply.MADE,
        }
    ),
    policies=frozenset(
        {
            PolicyKind.NONE,
            PolicyKind.BASE_STOCK,
            PolicyKind.REORDER_UP_TO,
            PolicyKind.REORDER_QUANTITY,
            PolicyKind.ECHELON_BASE_STOCK,
        }
    ),
    sourcings=frozenset(
        {
            Sourcing.SHARE,
            Sourcing.RANK,
        }
    ),
    ramps=frozenset(
        {
            Ramp.LINEAR,
            Ramp.LOGISTIC,
        }
    ),
    processes=frozenset(
        {
            DemandProcess.CONSTANT,
            DemandProcess.GAMMA,
            DemandProcess.POISSON,
            DemandProcess.NEGATIVE_BINOMIAL,
            DemandProcess.NORMAL,
            DemandProcess.LISTED,
            DemandProcess.EMPIRICAL,
        }
    ),
    effects=frozenset(
        {
            Effect.RESTRICTS_LANE,
            Effect.RELIEVES_LANE,
            Effect.SCALES_DEMAND,
            Effect.SCALES_STREAM_PRICE,
            Effect.SCALES_LANE_PRICE,
            Effect.SCALES_CAPACITY,
            Effect.RAISES_TARGET,
            Effect.LIFTS,
            Effect.PAUSES_LANE,
            Effect.PAUSES_RECIPE,
        }
    ),
    pauses=frozenset(
        {
            Pause.ORDERS,
            Pause.SHIPMENTS,
            Pause.TRANSIT,
            Pause.RECEIPTS,
        }
    ),
)
