"""Samples of the uncertain inputs: what nobody knows, as opposed to what happens by chance.

A sample is made of uniform numbers, spread over [0, 1) by the plan's method, tied together by its rank
correlations and turned into each input's distribution by inversion. Replication *k* can be sampled alone, and
a sample can be made longer.

Sobol points and Latin hypercubes come in :data:`REPLICATES` independent randomisations, dealt out in turn
(replication *k* has one of number *k* mod 16): how far these differ tells how exact the whole is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from sim.engines.random import squares_key, uniform_row
from sim.model.plan import Floats, Input, Plan, Sampling
from sim.montecarlo.sobol import BITS, sobol_points
from sim.scenario.distributions import Empirical
from sim.scenario.quantities import AnyQuantity

REPLICATES = 16
FEWEST_DIMENSIONS = 256
"""A power of 2; more inputs than half of it take twice as many, and so on."""
STRATA = 64
"""Points of a Latin hypercube; more points make further ones."""


def sample_inputs(plan: Plan, seed: int, replications: range) -> Floats:
    """Samples of every uncertain input, by inversion of its distribution.

    Parameters
    ----------
    plan
        The plan, whose `sampling` says how.
    seed
        Root seed of the run.
    replications
        Numbers of the replications, one after the other.

    Returns
    -------
    ndarray
        ``[replication, input]``, in the units of the scenario.
    """
    return samples_of(plan, seed, replications, range(len(plan.inputs)))


def samples_of(plan: Plan, seed: int, replications: range, columns: Sequence[int]) -> Floats:
    """``[replication, column]`` the same of some of the inputs, as inversion takes most of the time.

    Parameters
    ----------
    plan, seed, replications
        As for :func:`sample_inputs`.
    columns
        Positions of the inputs among the plan's.
    """
    uniforms = _uniforms(plan, seed, replications)
    samples = np.empty((len(uniforms), len(columns)))
    for place, column in enumerate(columns):
        samples[:, place] = _inverted(plan.inputs[column].quantity, uniforms[:, column])
    return samples


@dataclass(frozen=True, slots=True)
class Apart:
    """Inputs of several plans that do not have the same samples in all that have them.

    Attributes
    ----------
    paths
        Of these inputs.
    share
        In which share of the replications any of them is sampled apart.
    """

    paths: list[str]
    share: float

    @property
    def summary(self) -> dict[str, Any]:
        """As a summary has it: nothing where all inputs have the same samples."""
        return {"sampled_apart": {"inputs": self.paths, "share": self.share}} if self.paths else {}


def sampled_apart(plans: Iterable[Plan], seed: int, replications: int) -> Apart:
    """Inputs of which plans that have them draw other samples, as not all plans have the same inputs.

    One has to move where an input that only some have takes its dimension, and more inputs may take more
    dimensions (:func:`sobol`).

    Parameters
    ----------
    plans
        What is compared, replication by replication.
    seed, replications
        Of each.

    Examples
    --------
    >>> import sim
    >>> from sim.model.compile import compile_plan
    >>> plan = compile_plan(sim.load("scenarios/first-scenario.yaml").definition)
    >>> sampled_apart([plan, plan], 1, 1_024)
    Apart(paths=[], share=0.0)
    """
    spread = {tuple(dict.fromkeys(map(_spread_as, plan.inputs))) for plan in plans if _has_dimensions(plan)}
    rounds = [_moved(spread, seed, replicate) for replicate in range(min(REPLICATES, replications))]
    hit = sum(bool(rounds[replication % REPLICATES]) for replication in range(replications))
    return Apart(sorted(set().union(*rounds)), hit / replications)


def _has_dimensions(plan: Plan) -> bool:
    return plan.sampling.method == "sobol"


def _moved(spread: Iterable[tuple[str, ...]], seed: int, replicate: int) -> set[str]:
    """Paths that have not the same of equally many dimensions in all sets of paths that hold them."""
    places: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for paths in spread:
        dimensions, columns = _dimensions(paths, seed, replicate)
        for path, column in zip(paths, columns, strict=True):
            places[path].add((dimensions, column))
    return {path for path, its in places.items() if len(its) > 1}


@dataclass(frozen=True, slots=True)
class Sampled:
    """Samples of a plan's inputs, and what they were made of.

    Attributes
    ----------
    replications
        Numbers of the replications.
    quantities
        The input's distributions by their paths.
    uniforms, samples
        ``[replication]`` by the same.
    """

    replications: range
    quantities: dict[str, AnyQuantity]
    uniforms: dict[str, Floats]
    samples: dict[str, Floats]

    @classmethod
    def of(cls, plan: Plan, seed: int, replications: range) -> "Sampled":
        """Sample every input of a plan, as :func:`sample_inputs`."""
        uniforms = _uniforms(plan, seed, replications)
        quantities = {item.path: item.quantity for item in plan.inputs}
        by_path = dict(zip(quantities, uniforms.T, strict=True))
        samples = {path: _inverted(quantities[path], its) for path, its in by_path.items()}
        return cls(replications, quantities, by_path, samples)

    def again(self, plan: Plan, seed: int, replications: range) -> Floats:
        """The samples of another plan's inputs; those that are the same are not inverted again.

        Parameters
        ----------
        plan, seed
            The other plan; the same seed.
        replications
            Some of the same replications.

        Returns
        -------
        ndarray
            ``[replication, input]``, to the bit those of :func:`sample_inputs`.
        """
        uniforms = _uniforms(plan, seed, replications)
        first = replications.start - self.replications.start
        rows = slice(first, first + len(replications))
        samples = np.empty(uniforms.shape)
        for column, item in enumerate(plan.inputs):
            known = self.uniforms.get(item.path)
            if (
                known is not None
                and np.array_equal(known[rows], uniforms[:, column])
                and self.quantities[item.path] == item.quantity
            ):
                samples[:, column] = self.samples[item.path][rows]
            else:
                samples[:, column] = _inverted(item.quantity, uniforms[:, column])
        return samples


def _uniforms(plan: Plan, seed: int, replications: range) -> Floats:
    """``[replication, input]`` uniform numbers, spread by the plan's method and tied together."""
    spread = [_spread_as(item) for item in plan.inputs]
    paths = tuple(dict.fromkeys(spread))
    places = {path: place for place, path in enumerate(paths)}
    points = METHODS[plan.sampling.method](paths, seed, replications)
    return _tied(points[:, [places[path] for path in spread]], plan.sampling)


def _spread_as(item: Input) -> str:
    """What an input's uniform numbers belong to: its path, or the table whose rows it is taken from."""
    table = getattr(item.quantity, "table", None)
    return item.path if table is None else f"table {table}"


def _inverted(quantity: AnyQuantity, uniforms: Floats) -> Floats:
    if isinstance(quantity, Empirical) and quantity.table is not None:
        return quantity.row(uniforms)
    return quantity.quantile(uniforms)


def _tied(uniforms: Floats, sampling: Sampling) -> Floats:
    """Uniform numbers with the rank correlations of a Gaussian copula.

    Products are added up one after the other: a matrix product's order depends on how many rows it has and on
    the processor.
    """
    normal = ndtri(np.clip(uniforms[:, sampling.correlated].T, 2.0**-53, 1.0 - 2.0**-53))
    for column, factors in zip(sampling.correlated, sampling.factor, strict=True):
        tied = np.zeros(len(uniforms))
        for one in np.flatnonzero(factors):
            tied += factors[one] * normal[one]
        uniforms[:, column] = ndtr(tied)
    return uniforms


# ---------------------------------------------------------------------- methods


def random(paths: Sequence[str], seed: int, replications: range) -> Floats:
    """``[replication, input]`` independent numbers."""
    uniforms = np.empty((len(paths), len(replications)))
    for path, row in zip(paths, uniforms, strict=True):
        uniform_row(replications.start, 0, squares_key(seed, "input", path), row)
    return uniforms.T


def sobol(paths: Sequence[str], seed: int, replications: range) -> Floats:
    """``[replication, input]`` Sobol points, scrambled for each replicate (:mod:`sim.montecarlo.sobol`)."""
    uniforms = np.empty((len(replications), len(paths)))
    if not paths:
        return uniforms
    for replicate in range(REPLICATES):
        first = (replicate - replications.start) % REPLICATES
        rows = uniforms[first::REPLICATES]
        if len(rows):
            start = (replications.start + first) // REPLICATES
            rows[:] = _sobol_points(tuple(paths), seed, replicate, range(start, start + len(rows)))
    return uniforms


def _sobol_points(paths: tuple[str, ...], seed: int, replicate: int, points: range) -> Floats:
    """``[point, input]`` the middles of the smallest cells that Sobol points tell apart."""
    dimensions, columns = _dimensions(paths, seed, replicate)
    scrambling = int(squares_key(seed, "sobol", replicate))
    return sobol_points(dimensions, columns, scrambling, points) + 2.0 ** -(BITS + 1)


@lru_cache(maxsize=4 * REPLICATES)
def _dimensions(paths: tuple[str, ...], seed: int, replicate: int) -> tuple[int, list[int]]:
    """Number of dimensions, and one for each input.

    A path asks for its own, so that a variant with one input more or less keeps the samples of the others;
    only where two ask for the same has one to move. Some pairs of dimensions hang together in their first
    thousands of points: in each replicate, and for each seed, these are other inputs.
    """
    dimensions = FEWEST_DIMENSIONS
    while dimensions < 2 * len(paths):
        dimensions *= 2
    taken: dict[int, str] = {}
    for path in sorted(paths):
        dimension = int(squares_key(seed, "dimension", replicate, path)) % dimensions
        while dimension in taken:
            dimension = (dimension + 1) % dimensions
        taken[dimension] = path
    places = {path: dimension for dimension, path in taken.items()}
    return dimensions, [places[path] for path in paths]


def latin_hypercube(paths: Sequence[str], seed: int, replications: range) -> Floats:
    """``[replication, input]`` Latin hypercubes of :data:`STRATA` points, one after the other [1]_.

    References
    ----------
    .. [1] McKay, Beckman & Conover, "A comparison of three methods for selecting values of input variables",
       Technometrics 21 (1979), sec. 2.
    """
    cube = STRATA * REPLICATES
    first, end = replications.start // cube, -(-replications.stop // cube)
    whole = range(first * cube, end * cube)
    order = random(paths, seed, whole).reshape(end - first, STRATA, REPLICATES, len(paths))
    jitter = random([f"{path}\0within" for path in paths], seed, whole)
    strata = np.argsort(np.argsort(order, axis=1), axis=1).reshape(len(whole), len(paths))
    start = replications.start - whole.start
    return ((strata + jitter) / STRATA)[start : start + len(replications)]


METHODS: dict[str, Callable[[Sequence[str], int, range], Floats]] = {
    "sobol": sobol,
    "latin_hypercube": latin_hypercube,
    "random": random,
}
"""Ways to spread uniform numbers: from paths of the inputs, root seed and replications."""
