"""What ``reference.c`` is told about its network: numbers, who is connected with whom, keys and tables."""

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

from sim.engines import random
from sim.engines.draws import tables_of
from sim.engines.rules import NOISE, leaving_share
from sim.model.calendar_rules import DAYS_PER_YEAR
from sim.model.plan import NEVER, DemandProcess, Floats, Ints, Plan, Supply

Rows = Sequence[Sequence[int] | Ints]


def write_header(plan: Plan, seed: int, path: Path) -> None:
    """Write the header for a plan like the reference network's, and a root seed."""
    text = [*_sizes(plan), *_structure(plan), *_points(plan), *_lanes(plan), *_streams(plan)]
    path.write_text("\n".join([*text, *_rules(plan), *_random_numbers(plan, seed), ""]))


def _integer(name: str, value: int) -> str:
    return f"#define {name} {value}"


def _real(name: str, value: float) -> str:
    return f"#define {name} {value.hex()}"


def _integers(name: str, values: Iterable[int], kind: str = "int") -> str:
    return f"static const {kind} {name}[] = {{{', '.join(str(int(value)) for value in values)}}};"


def _words(name: str, values: Iterable[int]) -> str:
    return f"static const uint64_t {name}[] = {{{', '.join(f'{int(value)}u' for value in values)}}};"


def _reals(name: str, values: Sequence[float] | Floats) -> str:
    return f"static const double {name}[] = {{{', '.join(_literal(float(value)) for value in values)}}};"


def _literal(value: float) -> str:
    return "INFINITY" if math.isinf(value) else value.hex()


def _ragged(start: str, index: str, rows: Rows) -> list[str]:
    ends = [0, *accumulate(len(row) for row in rows)]
    return [_integers(start, ends), _integers(index, [entry for row in rows for entry in row])]


def _of_kind(plan: Plan, supply: Supply) -> list[int]:
    return [int(point) for point in plan.order if plan.points.supply[point] == supply]


def _days_ahead(plan: Plan) -> int:
    return math.ceil(plan.points.cover_days.max()) + 1


def _sizes(plan: Plan) -> list[str]:
    longest = {"INBOUND": plan.inbound, "OUTBOUND": plan.outbound, "STREAMS": plan.streams_at}
    return [
        _integer("DAYS", plan.days),
        _integer("POINTS", len(plan.points.firm)),
        _integer("LANES", len(plan.lanes.supplier)),
        _integer("STREAMS", len(plan.streams.point)),
        _integer("SOURCES", len(_of_kind(plan, Supply.SOURCE))),
        _integer("COMPONENTS", len(_of_kind(plan, Supply.BOUGHT))),
        _integer("PRODUCTS", len(_of_kind(plan, Supply.MADE))),
        _integer("DAYS_AHEAD", _days_ahead(plan)),
        _integer("SLOTS_AHEAD", _days_ahead(plan) + 2),
        *(_integer(f"MOST_{name}", int(np.diff(rows.start).max())) for name, rows in longest.items()),
        _real("NOISE", NOISE),
    ]


def _structure(plan: Plan) -> list[str]:
    points = range(len(plan.points.firm))
    turn = np.argsort(plan.order)
    rivals = [
        [edge for edge in plan.uses_of[point] if turn[plan.edges.made[edge]] > turn[made]]
        for point, made in zip(plan.edges.point, plan.edges.made, strict=True)
    ]
    return [
        _integers("SOURCE", _of_kind(plan, Supply.SOURCE)),
        _integers("COMPONENT", _of_kind(plan, Supply.BOUGHT)),
        _integers("PRODUCT", _of_kind(plan, Supply.MADE)),
        _integers("BUYER", plan.lanes.buyer),
        _integers("EDGE_POINT", plan.edges.point),
        _integers("EDGE_MADE", plan.edges.made),
        _reals("EDGE_UNITS", plan.edges.units),
        *_ragged("INBOUND_START", "INBOUND", [plan.inbound[point] for point in points]),
        *_ragged("OUTBOUND_START", "OUTBOUND", [plan.outbound[point] for point in points]),
        *_ragged("STREAMS_START", "STREAM", [plan.streams_at[point] for point in points]),
        *_ragged("INPUTS_START", "INPUT", [plan.inputs_of[point] for point in points]),
        *_ragged("USES_START", "USE", [plan.uses_of[point] for point in points]),
        *_ragged("RIVALS_START", "RIVAL", rivals),
    ]


def _points(plan: Plan) -> list[str]:
    by_order = np.zeros(len(plan.points.firm), dtype=bool)
    by_order[plan.streams.point[plan.claims.stream > 0]] = True
    by_order[plan.edges.point[plan.claims.edge > 0]] = True
    process_days = np.rint(plan.points.process_days).astype(int)
    return [
        _reals("UNITS", plan.points.units),
        _reals("COVER_DAYS", plan.points.cover_days),
        _reals("CAPACITY", np.minimum(plan.points.capacity_per_day, plan.points.recipe_capacity_per_day)),
        _integers("BY_ORDER", by_order, "bool"),
        _integers("PROCESS_DAYS", process_days),
        _integer("WORK_SLOTS", int(process_days.max()) + 1),
    ]


def _lanes(plan: Plan) -> list[str]:
    lanes = plan.lanes
    weight = np.where(lanes.is_substitute, 0.0, lanes.share)
    bought = np.zeros(len(plan.points.firm))
    np.add.at(bought, lanes.buyer, weight)
    normal_share = weight / bought[lanes.buyer]
    longest = max(time.shortest_days + len(time.cumulative) - 1 for time in plan.lead_times)
    return [
        _reals("SHARE", lanes.share),
        _reals("VOLUME_SHARE", np.where(normal_share > 0.0, normal_share, lanes.share)),
        _reals("CAPACITY_SHARE", lanes.capacity_share_of_usage),
        _reals("SUBSIDIARY_SHARE", lanes.subsidiary_share),
        _integers("ORDER_CROSSING", lanes.order_crossing, "bool"),
        _integer("TRANSIT_SLOTS", longest + 1),
    ]


def _streams(plan: Plan) -> list[str]:
    streams = plan.streams
    growth = [(1.0 + yearly) ** (1.0 / DAYS_PER_YEAR) for yearly in streams.growth_per_year.tolist()]
    seasons = ", ".join(
        f"{{{', '.join(value.hex() for value in row)}}}" for row in streams.seasonality.tolist()
    )
    dates = np.datetime64(plan.start, "D") + np.arange(plan.days + _days_ahead(plan))
    return [
        _reals("MEAN_PER_DAY", streams.mean_per_day),
        _reals("DAILY_GROWTH", growth),
        f"static const double SEASON[][12] = {{{seasons}}};",
        _integers("MONTH", dates.astype("datetime64[M]").astype(int) % 12),
        _integers("IS_POISSON", streams.process == DemandProcess.POISSON, "bool"),
        _reals("DISPERSION", streams.dispersion),
        _reals("PRICE", streams.price),
        _reals("LEAVING_SHARE", [leaving_share(days) for days in streams.patience_days.tolist()]),
    ]


def _rules(plan: Plan) -> list[str]:
    """The ban, and the substitutes that it triggers."""
    start, end = int(plan.interventions.day[0]), int(min(plan.interventions.end_day[0], NEVER))
    banned = np.zeros(len(plan.lanes.supplier), dtype=bool)
    banned[plan.effects.target] = True
    qualified = np.full(len(plan.lanes.supplier), -1)
    qualified[plan.substitutes.lane] = start + np.rint(plan.substitutes.qualification_lag_days)
    ramp_days = np.zeros(len(plan.lanes.supplier))
    ramp_days[plan.substitutes.lane] = plan.substitutes.ramp_days
    return [
        _integer("BAN_START", start),
        _integer("BAN_END", end),
        _integers("IS_BANNED", banned, "bool"),
        _integers("QUALIFIED_DAY", qualified),
        _reals("RAMP_DAYS", ramp_days),
    ]


def _random_numbers(plan: Plan, seed: int) -> list[str]:
    tables = tables_of(plan, seed)
    return [
        _words("DEMAND_KEY", tables.demand_key),
        _words("LEAD_TIME_KEY", tables.lead_time_key),
        _integers("SHORTEST_DAYS", tables.shortest_days),
        _integers("CUMULATIVE_START", tables.cumulative_start),
        _reals("CUMULATIVE", tables.cumulative),
        _integers("GUIDE_START", tables.guide_start),
        _integers("GUIDE", tables.guide),
        _real("RIGHTMOST", random.RIGHTMOST),
        _reals("EDGE", random.EDGE),
        _reals("DENSITY", random.DENSITY),
    ]
