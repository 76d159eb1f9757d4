"""Samples of the uncertain inputs: what nobody knows, as opposed to what happens by chance."""

import numpy as np

from sim.engines.random import squares_key, uniform_row
from sim.model.plan import Floats, Plan


def sample_inputs(plan: Plan, seed: int, replications: range) -> Floats:
    """Samples of every uncertain input, by inversion of its distribution.

    Returns
    -------
    ndarray
        ``[replication, input]``, in the units of the scenario.
    """
    samples = np.empty((len(replications), len(plan.inputs)))
    uniforms = np.empty(len(replications))
    for column, item in enumerate(plan.inputs):
        uniform_row(replications.start, 0, squares_key(seed, "input", item.path), uniforms)
        samples[:, column] = item.quantity.quantile(uniforms)
    return samples
