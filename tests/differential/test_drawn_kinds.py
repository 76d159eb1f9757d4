"""Random scenarios hold every kind that there is: what is never drawn, no random test looks at."""

import contextlib
import typing
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample

from sim.kinds import DemandProcess, Effect, ForecastKind, Pause, PolicyKind, Ramp, Sourcing, Supply
from sim.model.compile import compile_plan
from sim.model.plan import Plan
from sim.scenario.interventions import Intervention
from sim.scenario.quantities import AnyQuantity
from sim.scenario.schema import Scenario, StockPoint
from sim.scenario.walk import quantities_of
from tests.boundaries.scenarios import Drawn
from tests.strategies import scenarios

EXAMPLES = 900
"""More than four times as many as both differential tests draw together."""
Member = tuple[str, str]


def kinds_in(scenario: Scenario, plan: Plan) -> Iterator[Member]:
    """Members of every closed set that a scenario and its plan hold."""
    for kinds, codes in (
        (Supply, plan.points.supply),
        (PolicyKind, plan.points.policy),
        (ForecastKind, plan.points.forecast),
        (Sourcing, plan.points.sourcing),
        (Ramp, plan.substitutes.ramp),
        (DemandProcess, plan.streams.process),
        (Effect, plan.effects.kind),
        (Pause, plan.effects.pause[plan.effects.pause >= 0]),
    ):
        yield from ((kinds.__name__, kinds(code).name) for code in set(codes.tolist()))
    yield from (("intervention", entry.kind) for entry in scenario.interventions.values())
    yield from (("allocation", point.allocation) for point in scenario.stock_points.values())
    yield from (("distribution", type(found.quantity).__name__) for found in quantities_of(scenario))


def all_kinds() -> set[Member]:
    """All members of all closed sets."""
    enums = (Supply, PolicyKind, ForecastKind, Sourcing, Ramp, DemandProcess, Effect, Pause)
    members = {(kinds.__name__, member.name) for kinds in enums for member in kinds}
    interventions = typing.get_args(typing.get_args(Intervention)[0])
    members |= {
        ("intervention", *typing.get_args(kind.model_fields["kind"].annotation)) for kind in interventions
    }
    members |= {
        ("allocation", name) for name in typing.get_args(StockPoint.model_fields["allocation"].annotation)
    }
    quantities = typing.get_args(typing.get_args(AnyQuantity)[0])
    return members | {("distribution", kind.__origin__.__name__) for kind in quantities}


def drawn_by_strategies() -> set[Member]:
    seen: set[Member] = set()

    def is_last_to_find(scenario: Scenario) -> bool:
        seen.update(kinds_in(scenario, compile_plan(scenario)))
        return seen >= all_kinds()

    with contextlib.suppress(NoSuchExample):
        find(
            scenarios(),
            is_last_to_find,
            settings=settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None),
            random=Random(0),
        )
    return seen


def test_there_is_something_to_draw():
    sets = {name for name, _ in all_kinds()}
    assert len(sets) == 11
    assert len(all_kinds()) > 50


@pytest.mark.slow
def test_every_kind_is_drawn_by_strategies():
    assert all_kinds() - drawn_by_strategies() == set()


def test_every_kind_is_drawn_at_boundaries(first_drawn: list[Drawn]):
    assert all_kinds() - {kind for drawn in first_drawn for kind in kinds_in(*drawn)} == set()
