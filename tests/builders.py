"""Small scenarios as plain dicts, and paths that answer to the scenario's names."""

import copy
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engines import block_engine, replay
from sim.engines.block_engine import Experiment
from sim.engines.draws import draw
from sim.engines.ledger import Ledger, SimulatedPath, Twins, settle
from sim.model.changes import laid_over
from sim.model.compile import compile_plan
from sim.model.plan import Effect, Plan
from sim.model.schedule import Schedule, draw_up
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.results import gathered
from sim.montecarlo.sampling import sample_inputs
from sim.montecarlo.simpy_batch import CHUNK, replicate, run_chunks
from sim.risk.outcomes import Courses, Measured, Outcome
from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario

START = "2021-01-01"
"""Day 0 of every scenario made here."""
Data = dict[str, Any]
INPUT_UNITS = Effect.CHANGES_INPUT_UNITS


def day(index: int) -> str:
    """The calendar date of a day index."""
    return str(np.datetime64(START) + index)


def merged(base: Data, changes: Data) -> Data:
    """A copy of `base` with `changes` laid over it, dict by dict."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        inner = result.get(key)
        result[key] = merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return result


def network(days: int, **collections: Any) -> Data:
    """A scenario of given collections, with a maker in Germany, a supplier in the US and one home market."""
    base = {
        "chokepoint": 1,
        "name": "test",
        "title": "A test",
        "currency": "EUR",
        "calendar": {"start": START, "days": days},
        "firms": {
            "maker": {"name": "Maker", "country": "DE"},
            "supplier": {"name": "Supplier", "country": "US"},
        },
        "items": {
            "part": {"name": "Part", "unit": "pieces"},
            "product": {"name": "Product", "kind": "product", "unit": "pieces"},
        },
        "markets": {"home": {"name": "Home", "country": "DE"}},
    }
    return merged(base, collections)


def shop(days: int = 20, **changes: Any) -> Data:
    """A retailer of parts: source -> lane of 3 days -> shelf -> 10 a day."""
    base = network(
        days,
        stock_points={
            "source": {"firm": "supplier", "item": "part"},
            "shelf": {
                "firm": "maker",
                "item": "part",
                "policy": {"kind": "base_stock", "units": 100.0},
                "initial_on_hand": 100.0,
            },
        },
        lanes={"parts": {"supplier": "source", "buyer": "shelf", "lead_time_days": 3, "price": 1.0}},
        demand={
            "home": {
                "stock_point": "shelf",
                "market": "home",
                "mean_per_day": 10.0,
                "process": "constant",
                "price": 2.0,
            }
        },
    )
    return merged(base, changes)


def factory(days: int = 20, **changes: Any) -> Data:
    """A maker: source -> lane of 3 days -> parts -> recipe of 2 parts, 0 days -> goods -> 10 a day."""
    base = network(
        days,
        stock_points={
            "source": {"firm": "supplier", "item": "part"},
            "parts": {
                "firm": "maker",
                "item": "part",
                "policy": {"kind": "base_stock", "units": 200.0},
                "initial_on_hand": 200.0,
            },
            "goods": {
                "firm": "maker",
                "item": "product",
                "policy": {"kind": "base_stock", "units": 30.0},
                "initial_on_hand": 30.0,
            },
        },
        recipes={"assembly": {"output": "goods", "inputs": {"parts": 2.0}}},
        lanes={"parts": {"supplier": "source", "buyer": "parts", "lead_time_days": 3, "price": 1.0}},
        demand={
            "home": {
                "stock_point": "goods",
                "market": "home",
                "mean_per_day": 10.0,
                "process": "constant",
                "price": 5.0,
            }
        },
    )
    return merged(base, changes)


def dear_factory(**changes: Any) -> Data:
    """A ban, dearer parts, and everything that costs a maker money."""
    dearer = {
        "kind": "price_change", "title": "Dearer", "date": day(14), "shock": True, "lanes": {}, "factor": 2.0,
        "duration_days": 40,
    }  # fmt: skip
    base = factory(
        63,
        analysis={"headline": "margin", "window_days": 49},
        firms={"maker": {"fixed_cost_per_day": 2.0}},
        stock_points={"parts": {"holding_cost_per_unit_day": 0.01}},
        recipes={"assembly": {"conversion_cost": 0.5, "process_days": 2}},
        demand={"home": {"patience_days": 0, "process": "gamma", "dispersion": 3.0}},
        interventions={"dearer": dearer, "ban": ban(28, duration_days=20)},
    )
    return merged(base, changes)


def stand_ins(**changes: Any) -> Data:
    """A shop of 50 parts; either of two suppliers can send the 10 a day. Nodes fail on day 10 for 20."""
    data = shop(
        60,
        firms={"other": {"name": "Other", "country": "JP"}},
        stock_points={
            "second": {"firm": "other", "item": "part"},
            "shelf": {"policy": {"units": 50.0}, "initial_on_hand": 50.0},
        },
        lanes={
            "parts": {"lead_time_days": 0, "capacity_per_day": 10.0},
            "more": {"supplier": "second", "buyer": "shelf", "capacity_per_day": 10.0, "price": 1.0},
        },
        demand={"home": {"patience_days": 0}},
        stress={"date": 10, "ttr_days": 20},
    )
    return merged(data, changes)


def ban(start: int = 5, **changes: Any) -> Data:
    """An export ban on everything that the US controls, part of the shock."""
    base = {
        "kind": "export_ban",
        "title": "Ban",
        "date": day(start),
        "shock": True,
        "jurisdiction": "US",
        "covers": {},
    }
    return merged(base, changes)


def read(data: Data) -> Scenario:
    """Validate, and insist that the parts fit each other as a loaded file's would."""
    scenario = Scenario.model_validate(data)
    assert [finding.message for finding in inconsistencies(scenario)] == []
    return scenario


def compiled(data: Data) -> Plan:
    """The plan of a scenario given as a dict."""
    return compile_plan(read(data))


@dataclass(frozen=True)
class Told:
    """One simulated path that answers to the names of the scenario."""

    plan: Plan
    path: SimulatedPath

    def point(self, name: str, field: str) -> NDArray[np.float64]:
        """``[day]`` of one stock point."""
        values = getattr(self.path.ledger.points, field)
        return values[:, self.plan.labels.points.index(name)]

    def lane(self, name: str, field: str) -> NDArray[np.float64]:
        """``[day]`` of one lane."""
        return getattr(self.path.ledger.lanes, field)[:, self.plan.labels.lanes.index(name)]

    def stream(self, name: str, field: str) -> NDArray[np.float64]:
        """``[day]`` of one demand stream."""
        return getattr(self.path.ledger.streams, field)[:, self.plan.labels.streams.index(name)]

    def open_share(self, lane: str) -> NDArray[np.float64]:
        """``[day]`` share of planned volume that may be ordered on a lane."""
        schedule = self.path.schedule
        rows = schedule.restricted_lanes.tolist()
        index = self.plan.labels.lanes.index(lane)
        return schedule.open_share[rows.index(index)] if index in rows else np.ones(self.plan.days)

    def qualified(self, substitute: str) -> int:
        """Day on which a substitute was qualified."""
        lane = self.plan.labels.lanes.index(substitute)
        return int(self.path.ledger.qualified_day[self.plan.substitutes.lane.tolist().index(lane)])


def twins_of(data: Data, seed: int = 1, replication: int = 0) -> Twins:
    """One replication of a scenario given as a dict."""
    return replicate(compiled(data), seed, replication)


def replicate_in_a_block(plan: Plan, seed: int, replication: int) -> Twins:
    """One replication by the compiled engine, with every state of every day written down."""
    width = block_width(plan)
    samples = sample_inputs(plan, seed, range(replication, replication + width))
    block = block_engine.load(block_engine.Experiment.of(plan, seed), replication, samples)
    (ledgers,) = block_engine.ledgers(block, 1)
    own = plan.with_inputs(samples[0])
    draws = draw(own, seed, replication)
    paths = []
    for ledger, with_shock in zip(ledgers, (True, False), strict=True):
        schedule = draw_up(own, draws, with_shock=with_shock)
        _settle(own, schedule, ledger)
        paths.append(SimulatedPath(schedule, ledger))
    return Twins(own, *paths)


def _settle(plan: Plan, schedule: Schedule, ledger: Ledger) -> None:
    """Fill in what the compiled engine writes into no ledger: it follows from the rest."""
    settle(plan, schedule, ledger.lanes)
    points, lanes, streams = ledger.points, ledger.lanes, ledger.streams
    points.on_order[:] = points.waiting * plan.points.yield_share + points.wip
    for lane, (supplier, buyer) in enumerate(zip(plan.lanes.supplier, plan.lanes.buyer, strict=True)):
        points.on_order[:, buyer] += lanes.backlog[:, lane] + lanes.in_transit[:, lane]
        points.on_order[:, buyer] += lanes.orders_under_way[:, lane]
        points.owed[:, supplier] += lanes.backlog[:, lane] * plan.lanes.units_per_original[lane]
    for stream, point in enumerate(plan.streams.point):
        points.owed[:, point] += streams.backlog[:, stream]
    units = laid_over(np.tile(plan.edges.units[:, None], (1, plan.days)), schedule.changed, INPUT_UNITS)
    for edge, (point, made) in enumerate(zip(plan.edges.point, plan.edges.made, strict=True)):
        points.owed[:, point] += points.waiting[:, made] * units[edge]


def told(data: Data, seed: int = 1, replication: int = 0) -> Told:
    """One path of a scenario given as a dict, shock included."""
    twins = twins_of(data, seed, replication)
    return Told(twins.plan, twins.scenario)


def told_without_shock(data: Data, seed: int = 1, replication: int = 0) -> Told:
    """The counterfactual of :func:`told`."""
    twins = twins_of(data, seed, replication)
    return Told(twins.plan, twins.counterfactual)


def measured(twins: Twins) -> Measured:
    """What is kept of one replication of the SimPy engine."""
    block = replay.measure(Experiment.of(twins.plan, 0), twins)
    outcome, courses = (
        {name: values[0] for name, values in kept.items()} for kept in (block.outcome, block.courses)
    )
    return Measured(Outcome(**outcome), Courses(courses))


def by_name(kept: Outcome | Courses) -> dict[str, Any]:
    """All arrays of an outcome or of courses; those that are not kept are empty."""
    if isinstance(kept, Courses):
        names = [name for name, it in vars(Courses).items() if isinstance(it, property)]
    else:
        names = [field.name for field in fields(kept)]
    return {name: getattr(kept, name) for name in names}


def run_batch(plan: Plan, *, seed: int, replications: int, workers: int = 1, **how: Any) -> Measured:
    """What is kept of all replications of the SimPy engine, in their order."""
    chunks = [range(replications)[first : first + CHUNK] for first in range(0, replications, CHUNK)]
    found = run_chunks(Experiment.of(plan, seed), chunks=chunks, workers=workers, **how)
    kept = gathered(replications, found)
    return Measured(Outcome(**kept.outcome), Courses(kept.courses))
