"""All random numbers of a replication but its uncertain inputs, for a block of replications at a time.

A number belongs to (root seed, purpose, entity), which give its key, and to (replication, day), which give
its counter (:mod:`sim.engines.random`). Replication *k* can be drawn alone, nothing depends on the width of
a block or the number of workers, and a new entity leaves the others' numbers as they were. Both engines
draw here.
"""

import math
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from sim.engines import random
from sim.engines.compiler import compiled, inlined, part
from sim.engines.layout import Array
from sim.engines.levels import Levels, levels_of, move_levels, scale_demand
from sim.model.plan import CHANCES, NEVER, DemandProcess, Floats, Plan
from sim.model.schedule import Draws, planned_demand

CONSTANT = int(DemandProcess.CONSTANT)
GAMMA = int(DemandProcess.GAMMA)
POISSON = int(DemandProcess.POISSON)
NEGATIVE_BINOMIAL = int(DemandProcess.NEGATIVE_BINOMIAL)
NORMAL = int(DemandProcess.NORMAL)
LISTED = int(DemandProcess.LISTED)
EMPIRICAL = int(DemandProcess.EMPIRICAL)
PROCESSES = frozenset(
    {
        DemandProcess.CONSTANT,
        DemandProcess.GAMMA,
        DemandProcess.POISSON,
        DemandProcess.NEGATIVE_BINOMIAL,
        DemandProcess.NORMAL,
        DemandProcess.LISTED,
        DemandProcess.EMPIRICAL,
    }
)
"""Processes of demand that :func:`draw_demand` draws, for both engines."""
SUPPLIERS_DECIDE = ("over_compliance_probability", "grant_probability", "halt_probability")
DECIDE_ABROAD = ("foreign_over_compliance_probability",)
"""Probabilities by which chance decides supplier by supplier, for lanes of any rule and for those abroad."""


class Tables(NamedTuple):
    """Keys and tables of what is drawn every day: for each stream its demand, for each lane its lead time.

    Lists of different lengths are stored end to end, row *i* from ``start[i]`` to ``start[i + 1]``.
    """

    process: Array
    demand_key: Array
    observations_start: Array
    observations: Array
    average: Array
    lead_time_key: Array
    shortest_days: Array
    cumulative_start: Array
    cumulative: Array
    guide_start: Array
    guide: Array


def tables_of(plan: Plan, seed: int) -> Tables:
    """The keys and tables of a plan under a root seed."""
    observations = [np.asarray(values, dtype=np.float64) for values in plan.streams.observations]
    cumulative = [lead_time.cumulative for lead_time in plan.lead_times]
    guides = _guides_of(cumulative)
    return Tables(
        process=plan.streams.process,
        demand_key=_keys(seed, "demand", plan.labels.streams),
        observations_start=_starts(observations),
        observations=_end_to_end(observations, np.float64),
        average=np.array([math.fsum(row.tolist()) / max(1, len(row)) for row in observations]),
        lead_time_key=_keys(seed, "lead time", plan.labels.lanes),
        shortest_days=np.array([lead_time.shortest_days for lead_time in plan.lead_times], dtype=np.int64),
        cumulative_start=_starts(cumulative),
        cumulative=_end_to_end(cumulative, np.float64),
        guide_start=_starts(guides),
        guide=_end_to_end(guides, np.int32),
    )


def _guides_of(cumulative: list[Array]) -> list[Array]:
    """The guide table of each distribution; those of many lanes are alike."""
    distinct = {row.tobytes(): row for row in cumulative}
    guides = {content: random.guide_table(row) for content, row in distinct.items()}
    return [guides[row.tobytes()] for row in cumulative]


def _keys(seed: int, purpose: str, entities: tuple[str, ...]) -> Array:
    return np.array([random.squares_key(seed, purpose, entity) for entity in entities], dtype=np.uint64)


def _starts(rows: list[Array]) -> Array:
    return np.array([0, *accumulate(len(row) for row in rows)], dtype=np.int64)


def _end_to_end(rows: list[Array], kind: type) -> Array:
    return np.concatenate([np.empty(0, dtype=kind), *rows])


# ---------------------------------------------------------------------- every day


@part
def draw_demand(
    tables: Tables, mean: Array, dispersion: Array, numbering: tuple[int, int], shape: Array, out: Array
) -> None:
    """One day's demand ``[stream, replication]``, with variance = dispersion x mean.

    Parameters
    ----------
    tables
        What :func:`tables_of` gives.
    mean, dispersion
        ``[stream, replication]`` planned demand of the day, and variance over mean.
    numbering
        First replication, and day.
    shape
        Row ``[replication]`` to write on.
    out
        ``[stream, replication]`` to fill.
    """
    first_replication, day = numbering
    for stream in range(len(mean)):
        process, key, its = tables.process[stream], tables.demand_key[stream], mean[stream]
        variance_ratio, row = dispersion[stream], out[stream]
        if process == CONSTANT:
            for b in range(len(row)):
                row[b] = its[b]
        elif process == LISTED:
            row[:] = _listed(tables, stream, day)
        elif process == EMPIRICAL:
            _draw_observed(tables, stream, its, numbering, row)
        elif process == POISSON:
            random.poisson_row(its, first_replication, day, key, row)
        elif process == GAMMA:
            _draw_gamma(its, variance_ratio, numbering, key, shape, row)
        elif process == NEGATIVE_BINOMIAL:
            random.negative_binomial_row(its, variance_ratio, first_replication, day, key, row)
        elif process == NORMAL:
            _draw_normal(its, variance_ratio, numbering, key, shape, row)
        else:  # Compiled code cannot raise; a demand that is no number ends the run.
            row[:] = math.nan


@part
def _listed(tables: Tables, stream: int, day: int) -> float:
    """The observation whose turn it is."""
    first, last = tables.observations_start[stream], tables.observations_start[stream + 1]
    return tables.observations[first + day % (last - first)]


@inlined
def _draw_observed(tables: Tables, stream: int, mean: Array, numbering: tuple[int, int], out: Array) -> None:
    random.uniform_row(*numbering, tables.demand_key[stream], out)
    for b in range(len(out)):
        out[b] = _observed(tables, stream, out[b], mean[b])


@inlined
def _draw_gamma(
    mean: Array, dispersion: Array, numbering: tuple[int, int], key: np.uint64, shape: Array, out: Array
) -> None:
    """Gamma demand; without dispersion it is its mean."""
    for b in range(len(out)):
        shape[b] = mean[b] / dispersion[b] if dispersion[b] > 0.0 else 0.0
    random.gamma_row(shape, dispersion, *numbering, key, out)
    for b in range(len(out)):
        out[b] = out[b] if dispersion[b] > 0.0 else mean[b]


@inlined
def _draw_normal(
    mean: Array, dispersion: Array, numbering: tuple[int, int], key: np.uint64, sd: Array, out: Array
) -> None:
    """Normal demand, of which what is below 0 counts as 0."""
    for b in range(len(out)):
        sd[b] = math.sqrt(dispersion[b] * mean[b])
    random.normal_row(mean, sd, *numbering, key, out)
    for b in range(len(out)):
        out[b] = max(0.0, out[b])


@part
def _observed(tables: Tables, stream: int, uniform: float, mean: float) -> float:
    """One of the observations, scaled to the day's mean."""
    first, last = tables.observations_start[stream], tables.observations_start[stream + 1]
    if tables.average[stream] <= 0.0:
        return 0.0
    return tables.observations[first + int(uniform * (last - first))] * (mean / tables.average[stream])


@part
def draw_lead_time_days(
    tables: Tables, lane: int, first_replication: int, day: int, uniforms: Array, out: Array
) -> None:
    """Whole days in transit ``[replication]`` of what leaves on a lane on a day; overwrites `uniforms`."""
    first, last = tables.cumulative_start[lane], tables.cumulative_start[lane + 1]
    if last - first == 1:
        out[:] = tables.shortest_days[lane]
        return
    guide = tables.guide[tables.guide_start[lane] : tables.guide_start[lane + 1]]
    key = tables.lead_time_key[lane]
    cumulative = tables.cumulative[first:last]
    random.discrete_row(cumulative, guide, first_replication, day, key, uniforms, out)
    for b in range(len(out)):
        out[b] += tables.shortest_days[lane]


@compiled
def _draw_every_day(
    tables: Tables,
    levels: Levels,
    mean: Array,
    dispersion: Array,
    replication: int,
    out: tuple[Array, Array, Array, Array],
) -> None:
    """Demand ``[day, stream, 1]``, days in transit ``[day, lane, 1]`` and levels of one replication.

    The mean ``[day, stream, 1]`` is that of planned demand, and is multiplied by the levels
    ``[day, moved stream, 1]``.
    """
    demand, lead_time_days, level, shape = out
    for day in range(len(mean)):
        move_levels(levels, (replication, day))
        scale_demand(levels, mean[day])
        for place in range(len(levels.level)):
            level[day, place, 0] = levels.level[place, 0]
        draw_demand(tables, mean[day], dispersion, (replication, day), shape, demand[day])
        for lane in range(lead_time_days.shape[1]):
            draw_lead_time_days(tables, lane, replication, day, shape, lead_time_days[day, lane])


# ---------------------------------------------------------------------- once a replication


class Chances(NamedTuple):
    """Uniform numbers of a block that are not drawn every day, ``[..., replication]``.

    ``occurrence`` is ``[intervention]``, ``supplier`` ``[intervention, firm]``, ``updown`` ``[process,
    day]``; ``yields`` ``[point, day]`` shares that come out good, of those points only that draw them;
    ``renewal``, ``revocation`` and ``revoked_at`` are ``[grant]``, ``abroad`` is ``[intervention, firm]`` and
    ``withdrawal`` ``[intervention]``.
    """

    occurrence: Array
    supplier: Array
    updown: Array
    yields: Array
    renewal: Array
    revocation: Array
    revoked_at: Array
    abroad: Array
    withdrawal: Array


def chances_of(plan: Plan, seed: int, first_replication: int, width: int) -> Chances:
    """Draw what decides about interventions and yields in a block of replications."""
    labels, days = plan.labels, plan.days

    def uniforms(purpose: str, entity: str, count: int) -> Floats:
        out = np.empty((count, width))
        _fill_days(random.squares_key(seed, purpose, entity), first_replication, out)
        return out

    def stacked(rows: list[Floats], *shape: int) -> Floats:
        return np.array(rows).reshape(*shape, width)

    random_yields = [index for index, quantity in enumerate(plan.yields) if quantity is not None]

    def by_supplier(purpose: str, rules: list[int]) -> Floats:
        out = np.zeros((len(labels.interventions), len(labels.firms), width))
        for rule in rules:
            for firm, name in enumerate(labels.firms):
                out[rule, firm] = uniforms(purpose, f"{labels.interventions[rule]}\0{name}", 1)
        return out

    holders = list(zip(plan.grants.intervention.tolist(), plan.grants.firm.tolist(), strict=True))
    grants = [f"{labels.interventions[licence]}\0{labels.firms[firm]}" for licence, firm in holders]
    return Chances(
        renewal=stacked([uniforms("renewal", name, 1) for name in grants], -1),
        revocation=stacked([uniforms("revocation", name, 1) for name in grants], -1),
        revoked_at=stacked([uniforms("revoked at", name, 1) for name in grants], -1),
        occurrence=stacked([uniforms("occurrence", name, 1) for name in labels.interventions], -1),
        supplier=by_supplier("supplier", _left_to_suppliers(plan, SUPPLIERS_DECIDE)),
        abroad=by_supplier("abroad", _left_to_suppliers(plan, DECIDE_ABROAD)),
        withdrawal=_withdrawals(plan, uniforms, width),
        updown=stacked([uniforms("updown", name, days) for name in labels.processes], -1, days),
        yields=stacked(
            [
                quantity.quantile(uniforms("yield", labels.points[index], days))
                for index in random_yields
                if (quantity := plan.yields[index]) is not None
            ],
            -1,
            days,
        ),
    )


def with_given(chances: Chances, plan: Plan, samples: Floats) -> Chances:
    """The same, but for the numbers that are inputs of the plan: these are given.

    Parameters
    ----------
    chances
        What :func:`chances_of` drew; written over.
    plan
        The plan.
    samples
        ``[replication, input]``.
    """
    for column, item in enumerate(plan.inputs):
        for cell in item.cells:
            if cell.group == CHANCES:
                getattr(chances, cell.field)[cell.index] = samples[:, column]
    return chances


def _withdrawals(plan: Plan, uniforms: Callable[[str, str, int], Floats], width: int) -> Floats:
    """``[intervention, replication]`` uniform numbers of what may be withdrawn; 0 of all else."""
    out = np.zeros((len(plan.labels.interventions), width))
    for row in np.flatnonzero(plan.interventions.withdrawal_day < NEVER).tolist():
        out[row] = uniforms("withdrawal", plan.labels.interventions[row], 1)
    return out


def _left_to_suppliers(plan: Plan, columns: tuple[str, ...]) -> list[int]:
    """Interventions of which chance decides supplier by supplier: their probability can be neither 0 nor 1.

    Of the others no number is drawn, as each would decide the same: a stress test has thousands of them.
    """
    chance = [(p > 0.0) & (p < 1.0) for p in (getattr(plan.interventions, column) for column in columns)]
    for item in plan.inputs:
        for cell in item.cells:
            if cell.group == "interventions" and cell.field in columns:
                chance[0][cell.index] = True
    return np.flatnonzero(np.logical_or.reduce(chance)).tolist()


@compiled
def _fill_days(key: np.uint64, first_replication: int, out: Array) -> None:
    """Uniform numbers ``[day, replication]``."""
    for day in range(len(out)):
        random.uniform_row(first_replication, day, key, out[day])


def draw(plan: Plan, seed: int, replication: int) -> Draws:
    """All random numbers of one replication but the uncertain inputs.

    Parameters
    ----------
    plan
        The plan, with this replication's inputs.
    seed
        Root seed of the run, 0 or more.
    replication
        Number of the replication, from 0.
    """
    chances = chances_of(plan, seed, replication, 1)
    planned = np.ascontiguousarray(planned_demand(plan, plan.days).T)[:, :, None]
    demand = np.empty_like(planned)
    levels = levels_of(plan, plan.numbers, seed, 1)
    level = np.empty((plan.days, len(levels.moved), 1))
    lead_time_days = np.empty((plan.days, len(plan.lead_times), 1), dtype=np.int64)
    dispersion = plan.streams.dispersion[:, None]
    out = demand, lead_time_days, level, np.empty(1)
    _draw_every_day(tables_of(plan, seed), levels, planned, dispersion, replication, out)
    yield_share = np.repeat(plan.points.yield_share[:, None], plan.days, axis=1)
    random_yields = [index for index, quantity in enumerate(plan.yields) if quantity is not None]
    yield_share[random_yields] = chances.yields[:, :, 0]
    return Draws(
        demand=demand[:, :, 0].T,
        moved_streams=levels.moved,
        demand_level=level[:, :, 0].T,
        lead_time_days=lead_time_days[:, :, 0].T,
        occurrence=chances.occurrence[:, 0],
        supplier=chances.supplier[:, :, 0],
        abroad=chances.abroad[:, :, 0],
        withdrawal=chances.withdrawal[:, 0],
        yield_share=yield_share,
        updown=chances.updown[:, :, 0],
        renewal=chances.renewal[:, 0],
        revocation=chances.revocation[:, 0],
        revoked_at=chances.revoked_at[:, 0],
    )
