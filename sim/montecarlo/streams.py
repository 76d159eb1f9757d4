"""Random streams, keyed so that every number can be drawn alone.

A stream is identified by (root seed, replication, purpose, entity): the generator is Philox [1]_ with the
seed and a hash of purpose and entity as its key and the replication as its counter. Replication *k* can
be run alone, nothing depends on the number of workers, and a new entity leaves the others' numbers
as they were.

References
----------
.. [1] Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC '11, sec. 3.
"""

import math
from hashlib import blake2b

import numpy as np

from sim.model.plan import DemandProcess, Floats, Ints, Plan
from sim.model.schedule import Draws, planned_demand

MASK = (1 << 64) - 1


def stream(seed: int, replication: int, purpose: str, entity: str) -> np.random.Generator:
    """The generator of one stream.

    Parameters
    ----------
    seed
        Root seed of the run, 0 or more.
    replication
        Number of the replication, from 0.
    purpose, entity
        What the numbers are for, such as ``"demand"``, and the id of what they belong to.

    Examples
    --------
    >>> one, same = (stream(1, 7, "demand", "a").random() for _ in range(2))
    >>> one == same
    True
    """
    label = blake2b(f"{purpose}\0{entity}".encode(), digest_size=8)
    key = [seed & MASK, int.from_bytes(label.digest(), "little")]
    return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, replication]))


def draw(plan: Plan, seed: int, replication: int) -> Draws:
    """All random numbers of one replication but the uncertain inputs.

    Parameters
    ----------
    plan
        The plan, with this replication's inputs.
    """
    labels, count = plan.labels, len(plan.labels.firms)
    supplier = np.empty((len(labels.interventions), count))
    occurrence = np.empty(len(labels.interventions))
    for index, name in enumerate(labels.interventions):
        occurrence[index] = stream(seed, replication, "occurrence", name).random()
        supplier[index] = [
            stream(seed, replication, "supplier", f"{name}\0{firm}").random() for firm in labels.firms
        ]
    return Draws(
        demand=_demand(plan, seed, replication),
        lead_time_days=_lead_times(plan, seed, replication),
        occurrence=occurrence,
        supplier=supplier,
        yield_share=_yields(plan, seed, replication),
        updown=_updown(plan, seed, replication),
    )


def _yields(plan: Plan, seed: int, replication: int) -> Floats:
    """``[point, day]`` share of the units started on a day that comes out good."""
    shares = np.repeat(plan.points.yield_share[:, None], plan.days, axis=1)
    for point, (name, quantity) in enumerate(zip(plan.labels.points, plan.yields, strict=True)):
        if quantity is not None:
            shares[point] = quantity.quantile(stream(seed, replication, "yield", name).random(plan.days))
    return shares


def _updown(plan: Plan, seed: int, replication: int) -> Floats:
    """``[process, day]`` uniform numbers."""
    draws = np.empty((len(plan.labels.processes), plan.days))
    for process, name in enumerate(plan.labels.processes):
        draws[process] = stream(seed, replication, "updown", name).random(plan.days)
    return draws


def _lead_times(plan: Plan, seed: int, replication: int) -> Ints:
    """``[lane, day]`` whole days in transit."""
    days = np.empty((len(plan.lead_times), plan.days), dtype=np.int64)
    for lane, (name, lead_time) in enumerate(zip(plan.labels.lanes, plan.lead_times, strict=True)):
        days[lane] = lead_time.shortest_days
        if len(lead_time.cumulative) > 1:
            uniforms = stream(seed, replication, "lead time", name).random(plan.days)
            longer = np.searchsorted(lead_time.cumulative, uniforms, side="left")
            days[lane] += np.minimum(longer, len(lead_time.cumulative) - 1)
    return days


def _demand(plan: Plan, seed: int, replication: int) -> Floats:
    """``[stream, day]`` units asked for."""
    demand = planned_demand(plan, plan.days)
    for row, name in enumerate(plan.labels.streams):
        process = DemandProcess(plan.streams.process[row])
        generator = stream(seed, replication, "demand", name)
        if process in (DemandProcess.LISTED, DemandProcess.EMPIRICAL):
            demand[row] = _observed(process, demand[row], plan.streams.observations[row], generator)
        else:
            demand[row] = _noisy(process, demand[row], float(plan.streams.dispersion[row]), generator)
    return demand


def _observed(
    process: DemandProcess, mean: Floats, observations: Floats, generator: np.random.Generator
) -> Floats:
    """The observations in turn, or one at random a day, scaled to the day's mean."""
    if process == DemandProcess.LISTED:
        return np.resize(observations, len(mean))
    average = math.fsum(observations.tolist()) / len(observations)
    if average <= 0.0:
        return np.zeros(len(mean))
    drawn = (generator.random(len(mean)) * len(observations)).astype(np.int64)
    return observations[drawn] * (mean / average)


def _noisy(process: DemandProcess, mean: Floats, dispersion: float, generator: np.random.Generator) -> Floats:
    """One draw a day with the given means and variance = dispersion x mean."""
    if process == DemandProcess.POISSON:
        return generator.poisson(mean).astype(np.float64)
    if process == DemandProcess.CONSTANT or dispersion <= 0.0:
        return mean
    if process == DemandProcess.GAMMA:
        return generator.gamma(mean / dispersion, dispersion)
    if process == DemandProcess.NEGATIVE_BINOMIAL:
        successes = np.maximum(mean / (dispersion - 1.0), np.finfo(np.float64).tiny)
        return generator.negative_binomial(successes, 1.0 / dispersion).astype(np.float64)
    return np.maximum(0.0, generator.normal(mean, np.sqrt(dispersion * mean)))
