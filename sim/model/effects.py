"""What each intervention does to which lane, stock point or demand stream: one row an (effect, target)."""

from collections.abc import Iterator
from functools import singledispatch
from typing import NamedTuple

import numpy as np

from sim.model.plan import Effect, Effects
from sim.scenario import covers, interventions, schema


class _Row(NamedTuple):
    kind: Effect
    target: str
    relieved: str = ""
    just_outside: bool = False
    ignores_content: bool = False


def effects_of(scenario: schema.Scenario) -> Effects:
    """All effects of a scenario's interventions, in file order."""
    position = {
        **{f"lane:{name}": index for index, name in enumerate([*scenario.lanes, *scenario.substitutes])},
        **{f"point:{name}": index for index, name in enumerate(scenario.stock_points)},
        **{f"stream:{name}": index for index, name in enumerate(scenario.demand)},
        **{f"intervention:{name}": index for index, name in enumerate(scenario.interventions)},
    }
    told = [(name, row) for name, entry in scenario.interventions.items() for row in _rows(entry, scenario)]
    rows = [row for _, row in told]
    return Effects(
        kind=np.array([row.kind for row in rows], dtype=np.int64),
        intervention=np.array([position[f"intervention:{name}"] for name, _ in told], dtype=np.int64),
        target=np.array([position[row.target] for row in rows], dtype=np.int64),
        relieved=np.array([position.get(f"intervention:{row.relieved}", -1) for row in rows], dtype=np.int64),
        just_outside=np.array([row.just_outside for row in rows], dtype=bool),
        ignores_content=np.array([row.ignores_content for row in rows], dtype=bool),
    )


@singledispatch
def _rows(entry: interventions.Dated, _scenario: schema.Scenario) -> Iterator[_Row]:
    raise TypeError(f"no rule for {type(entry).__name__}")


@_rows.register(interventions.ExportBan)
@_rows.register(interventions.Retaliation)
@_rows.register(interventions.DirectProductRule)
def _(entry: interventions.Restriction, scenario: schema.Scenario) -> Iterator[_Row]:
    named = covers.candidate_lanes(scenario, entry)
    ignores_content = isinstance(entry, interventions.DirectProductRule)
    for lane in named:
        yield _Row(Effect.RESTRICTS_LANE, f"lane:{lane}", ignores_content=ignores_content)
    for lane in covers.lanes_just_outside(scenario, entry):
        yield _Row(Effect.RESTRICTS_LANE, f"lane:{lane}", just_outside=True)


@_rows.register
def _(entry: interventions.LicenceRegime, scenario: schema.Scenario) -> Iterator[_Row]:
    for restriction in entry.relieves:
        for lane in covers.lanes_covered(scenario, entry.covers):
            yield _Row(Effect.RELIEVES_LANE, f"lane:{lane}", relieved=restriction)


@_rows.register(interventions.MarketClosure)
@_rows.register(interventions.ProcurementBan)
@_rows.register(interventions.DemandShift)
def _(
    entry: interventions.MarketClosure | interventions.ProcurementBan | interventions.DemandShift,
    scenario: schema.Scenario,
) -> Iterator[_Row]:
    for stream in covers.streams_covered(scenario, entry.covers):
        yield _Row(Effect.SCALES_DEMAND, f"stream:{stream}")


@_rows.register
def _(entry: interventions.CapacityLoss, scenario: schema.Scenario) -> Iterator[_Row]:
    for point in covers.points_covered(scenario, entry.covers):
        yield _Row(Effect.SCALES_CAPACITY, f"point:{point}")


@_rows.register
def _(entry: interventions.Stockpiling, scenario: schema.Scenario) -> Iterator[_Row]:
    for point in covers.points_covered(scenario, entry.covers):
        yield _Row(Effect.RAISES_TARGET, f"point:{point}")


@_rows.register
def _(entry: interventions.PriceChange, scenario: schema.Scenario) -> Iterator[_Row]:
    if entry.lanes is not None:
        for lane in covers.lanes_covered(scenario, entry.lanes):
            yield _Row(Effect.SCALES_LANE_PRICE, f"lane:{lane}")
    if entry.streams is not None:
        for stream in covers.streams_covered(scenario, entry.streams):
            yield _Row(Effect.SCALES_STREAM_PRICE, f"stream:{stream}")


@_rows.register
def _(entry: interventions.Lifting, _scenario: schema.Scenario) -> Iterator[_Row]:
    for lifted in entry.lifts:
        yield _Row(Effect.LIFTS, f"intervention:{lifted}")
