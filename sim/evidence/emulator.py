"""An emulator: what a simulation would give for inputs that were not tried, and how sure that is.

One Gaussian process a target [1]_, over the inputs' normal scores. What differs between replications with the
same inputs is noise, which hangs together between targets.

References
----------
.. [1] Kennedy & O'Hagan, "Bayesian calibration of computer models", J. R. Stat. Soc. B 63 (2001).
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from sim.model.plan import Floats

LEAST_SPREAD = 1e-12


@dataclass(frozen=True, slots=True)
class Emulator:
    """Gaussian processes, one a target.

    Parameters
    ----------
    processes
        Fitted regressors of standardised targets.
    centre, spread
        ``[target]`` by which they were standardised.
    noise
        ``[target, target]`` covariance of what differs between replications.
    """

    processes: tuple[Any, ...]
    centre: Floats
    spread: Floats
    noise: Floats

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Mean of each target, and the variance that the mean has, without noise.

        Parameters
        ----------
        points
            ``[point, input]`` normal scores.

        Returns
        -------
        tuple
            ``[point, target]`` both.
        """
        found = [process.predict(points, return_std=True) for process in self.processes]
        mean = np.column_stack([mean for mean, _ in found]) * self.spread + self.centre
        variance = np.column_stack([sd**2 for _, sd in found]) * self.spread**2
        return mean, np.maximum(variance - np.diag(self.noise), 0.0)


def fitted(points: Floats, targets: Floats, seed: int) -> Emulator:
    """Fit an emulator to simulations.

    Parameters
    ----------
    points
        ``[simulation, input]`` normal scores.
    targets
        ``[simulation, target]`` what came of them.
    seed
        Of the search for the best length scales.
    """
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    centre, spread = targets.mean(axis=0), np.maximum(targets.std(axis=0), LEAST_SPREAD)
    standard = (targets - centre) / spread
    inputs = points.shape[1]
    processes, noises, residuals = [], [], []
    for place in range(targets.shape[1]):
        kernel = ConstantKernel(1.0, (1e-2, 1e3)) * RBF(np.full(inputs, 2.0), (0.3, 100.0)) + WhiteKernel(
            0.1, (1e-6, 2.0)
        )
        process = GaussianProcessRegressor(kernel, random_state=seed % 2**32)
        with warnings.catch_warnings(), on_one_thread():
            warnings.simplefilter("ignore")  # Of length scales at a bound: an input that moves nothing.
            process.fit(points, standard[:, place])
        processes.append(process)
        noises.append(float(process.kernel_.k2.noise_level))
        residuals.append(standard[:, place] - process.predict(points))
    sd = np.sqrt(noises) * spread
    return Emulator(tuple(processes), centre, spread, sd[:, None] * _correlations(np.array(residuals)) * sd)


def on_one_thread() -> threadpool_limits:
    """While it holds, matrices are solved on one thread: threads cost small ones far more than they save."""
    return threadpool_limits(limits=1, user_api="blas")


def _correlations(residuals: Floats) -> Floats:
    """``[target, target]`` of residuals, 1 with themselves also where there are none."""
    spread = np.maximum(residuals.std(axis=1), LEAST_SPREAD)
    standard = (residuals - residuals.mean(axis=1, keepdims=True)) / spread[:, None]
    found = standard @ standard.T / residuals.shape[1]
    np.fill_diagonal(found, 1.0)
    return found
