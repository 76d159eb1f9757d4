"""What each intervention does to which lane, stock point or demand stream: one row an (effect, target)."""

from collections.abc import Iterator
from functools import singledispatch
from itertools import islice
from typing import NamedTuple

import numpy as np

from sim.errors import Problem, ScenarioError
from sim.model.plan import Effect, Effects, Ints, Pause
from sim.scenario import covers, interventions, schema

MAX_EFFECTS = 100_000


class _Row(NamedTuple):
    kind: Effect
    target: str
    relieved: str = ""
    just_outside: bool = False
    ignores_content: bool = False
    pause: Pause | None = None
    process: str | None = None
    """Whose process of going down drives it: ``""`` the intervention's, else its target's; None: none."""


class Processes(NamedTuple):
    """Processes of going down and coming back: their names, and the intervention each belongs to."""

    names: tuple[str, ...]
    intervention: Ints


def effects_of(scenario: schema.Scenario) -> tuple[Effects, Processes]:
    """All effects of a scenario's interventions, in file order, and the processes that drive some of them.

    Raises
    ------
    ScenarioError
        If there are more than :data:`MAX_EFFECTS`.
    """
    position = {
        **{f"lane:{name}": index for index, name in enumerate([*scenario.lanes, *scenario.substitutes])},
        **{f"point:{name}": index for index, name in enumerate(scenario.stock_points)},
        **{f"stream:{name}": index for index, name in enumerate(scenario.demand)},
        **{f"intervention:{name}": index for index, name in enumerate(scenario.interventions)},
    }
    told = list(islice(_told(scenario), MAX_EFFECTS + 1))
    if len(told) > MAX_EFFECTS:
        found = f"interventions.{told[-1][0]}: the interventions up to here reach more than {MAX_EFFECTS}"
        raise ScenarioError(
            [Problem(f"{found} lanes, stock points and demand streams, which no scenario needs")]
        )
    rows = [row for _, row in told]
    process = [_process_name(name, row) for name, row in told]
    driven = {
        driver: position[f"intervention:{name}"] for driver, (name, _) in zip(process, told, strict=True)
    }
    driven.pop("", None)
    processes = Processes(tuple(driven), np.array(list(driven.values()), dtype=np.int64))
    place = {driver: index for index, driver in enumerate(driven)}
    effects = Effects(
        kind=np.array([row.kind for row in rows], dtype=np.int64),
        intervention=np.array([position[f"intervention:{name}"] for name, _ in told], dtype=np.int64),
        target=np.array([position[row.target] for row in rows], dtype=np.int64),
        relieved=np.array([position.get(f"intervention:{row.relieved}", -1) for row in rows], dtype=np.int64),
        just_outside=np.array([row.just_outside for row in rows], dtype=bool),
        ignores_content=np.array([row.ignores_content for row in rows], dtype=bool),
        pause=np.array([-1 if row.pause is None else row.pause for row in rows], dtype=np.int64),
        process=np.array([place.get(driver, -1) for driver in process], dtype=np.int64),
    )
    return effects, processes


def _told(scenario: schema.Scenario) -> Iterator[tuple[str, _Row]]:
    for name, entry in scenario.interventions.items():
        for row in _rows(entry, scenario):
            yield name, row


def _process_name(intervention: str, row: _Row) -> str:
    """Name of the process that switches an effect on and off; empty if it is on all the time."""
    if row.process is None:
        return ""
    return f"{intervention}:{row.process}" if row.process else intervention


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
        target = f"point:{point}"
        yield _Row(Effect.SCALES_CAPACITY, target, process=_process(entry, target))


@_rows.register
def _(entry: interventions.Disruption, scenario: schema.Scenario) -> Iterator[_Row]:
    pause = Pause[entry.pauses.upper()]
    lanes = dict.fromkeys(covers.lanes_covered(scenario, entry.lanes) if entry.lanes is not None else ())
    points = covers.points_covered(scenario, entry.stock_points) if entry.stock_points is not None else []
    lanes_to: dict[str, list[str]] = {}
    for name, way in (*scenario.lanes.items(), *scenario.substitutes.items()):
        lanes_to.setdefault(way.buyer, []).append(name)
    for point in points:
        lanes |= dict.fromkeys(lanes_to.get(point, ()))
    for lane in lanes:
        target = f"lane:{lane}"
        yield _Row(Effect.PAUSES_LANE, target, pause=pause, process=_process(entry, target))
    made = {recipe.output for recipe in scenario.recipes.values()}
    for point in points:
        if point in made:
            target = f"point:{point}"
            yield _Row(Effect.PAUSES_RECIPE, target, pause=pause, process=_process(entry, target))


def _process(entry: interventions.Recurrent, target: str) -> str | None:
    if entry.markov is None:
        return None
    return "" if entry.common_cause else target


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
