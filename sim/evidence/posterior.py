"""What targets say of inputs: history matching, then Markov chains with a model discrepancy.

History matching is that of [1]_, the discrepancy that of [2]_, the chains are those of [3]_. Inputs are
normal scores, so that their prior is standard normal. What a target's figure differs from the emulator's mean
is the emulator's own error, noise, the target's uncertainty, and the model's discrepancy, a share of the
target whose size is not known either.

References
----------
.. [1] Vernon, Goldstein & Bower, "Galaxy formation: a Bayesian uncertainty analysis", Bayesian Analysis 5
   (2010).
.. [2] Brynjarsdottir & O'Hagan, "Learning about physical parameters: the importance of model discrepancy",
   Inverse Problems 30 (2014).
.. [3] Goodman & Weare, "Ensemble samplers with affine invariance", Comm. App. Math. Comp. Sci. 5 (2010).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from sim.evidence.emulator import Emulator, on_one_thread
from sim.model.plan import Floats

IMPLAUSIBLE = 3.0
"""Standard deviations beyond which an input is ruled out (Pukelsheim's rule)."""
TRIED = 4_096
WALKERS, STEPS, BURNED = 64, 700, 200
DRAWS = 400
JITTER = 0.05
"""Standard deviation by which walkers that start at the same point differ."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What inputs are held against.

    Parameters
    ----------
    values, sds
        ``[target]`` figures and their standard deviations.
    discrepancy_share
        Scale of the model's own error, as a share of each figure: half-normal; 0 for none.
    """

    values: Floats
    sds: Floats
    discrepancy_share: float

    def discrepancy(self, score: Floats) -> Floats:
        """``[point, target]`` variance of the model's error, for the normal score of its size."""
        sizes = self.discrepancy_share * np.abs(score)[:, None] * np.abs(self.values)
        variance: Floats = sizes**2
        return variance


def implausibility(emulator: Emulator, aim: Aim, points: Floats) -> Floats:
    """How many standard deviations the worst target is off, ``[point]``."""
    mean, variance = emulator.predict(points)
    discrepancy = (aim.discrepancy_share * aim.values) ** 2
    total = variance + np.diag(emulator.noise) + aim.sds**2 + discrepancy
    worst: Floats = np.max(np.abs(mean - aim.values) / np.sqrt(total), axis=1)
    return worst


def not_ruled_out(emulator: Emulator, aim: Aim, inputs: int, count: int, seed: int) -> tuple[Floats, float]:
    """Points from the prior that are not implausible, and the share of it that they are.

    Parameters
    ----------
    emulator, aim
        What is known so far, and what is aimed at.
    inputs, count
        How many inputs there are, and how many points are wanted.
    seed
        Of the points.

    Returns
    -------
    tuple
        ``[point, input]``, the least implausible ones where too few are plausible; and the share.
    """
    points = spread_out(inputs, TRIED, seed)
    off = implausibility(emulator, aim, points)
    order = np.argsort(off, kind="stable")
    plausible = int((off <= IMPLAUSIBLE).sum())
    chosen = order[:count] if plausible < count else np.flatnonzero(off <= IMPLAUSIBLE)[:count]
    return points[chosen], plausible / len(points)


def spread_out(inputs: int, count: int, seed: int) -> Floats:
    """``[point, input]`` normal scores of scrambled Sobol points."""
    from scipy.stats import qmc

    engine = qmc.Sobol(inputs, rng=np.random.default_rng(seed))
    points: Floats = ndtri(np.clip(engine.random(1 << (count - 1).bit_length())[:count], 1e-6, 1.0 - 1e-6))
    return points


def posterior_of(emulator: Emulator, aim: Aim, inputs: int, seed: int) -> tuple[Floats, Floats]:
    """Draws of the inputs given the targets.

    Parameters
    ----------
    emulator, aim
        What is known of the simulation, and what is aimed at.
    inputs
        How many there are.
    seed
        Of the chains.

    Returns
    -------
    tuple
        ``[draw, input]`` normal scores, and ``[draw]`` the discrepancy's share.
    """
    import emcee

    dimensions = inputs + 1
    start = _start(emulator, aim, dimensions, seed)
    sampler = emcee.EnsembleSampler(
        len(start), dimensions, lambda points: _log_density(emulator, aim, points), vectorize=True
    )
    state = emcee.State(start, random_state=np.random.RandomState(seed % 2**32).get_state())
    with on_one_thread():
        sampler.run_mcmc(state, STEPS, skip_initial_state_check=True)
    chain = sampler.get_chain(discard=BURNED, flat=True)
    kept = chain[np.linspace(0, len(chain) - 1, DRAWS).astype(np.int64)]
    return kept[:, :inputs], aim.discrepancy_share * np.abs(kept[:, inputs])


def _start(emulator: Emulator, aim: Aim, dimensions: int, seed: int) -> Floats:
    """``[walker, dimension]`` points of the prior, drawn by their likelihood.

    Far from all that was simulated the emulator excludes little. Walkers that start anywhere are thrown there
    and stay, so that the posterior comes out too wide.
    """
    generator = np.random.default_rng(seed)
    points = spread_out(dimensions, TRIED, seed)
    log_likelihood = _log_density(emulator, aim, points) + 0.5 * (points**2).sum(axis=1)
    weights = np.exp(log_likelihood - log_likelihood.max())
    count = WALKERS * max(1, -(-2 * dimensions // WALKERS))
    chosen = generator.choice(TRIED, count, p=weights / weights.sum())
    return points[chosen] + generator.normal(0.0, JITTER, (count, dimensions))


def _log_density(emulator: Emulator, aim: Aim, points: Floats) -> Floats:
    """``[point]``: standard normal prior, and a normal likelihood of all targets together."""
    scores = points[:, :-1]
    mean, variance = emulator.predict(scores)
    covariance = np.repeat(emulator.noise[None], len(points), axis=0)
    on_diagonal = variance + aim.sds**2 + aim.discrepancy(points[:, -1])
    places = np.arange(len(aim.values))
    covariance[:, places, places] += on_diagonal + 1e-12 * emulator.spread**2
    off = (mean - aim.values)[:, :, None]
    _, log_determinant = np.linalg.slogdet(covariance)
    distance = (off * np.linalg.solve(covariance, off)).sum(axis=(1, 2))
    density: Floats = -0.5 * ((points**2).sum(axis=1) + distance + log_determinant)
    return density
