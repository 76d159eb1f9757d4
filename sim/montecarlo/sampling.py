"""Samples of the uncertain inputs: what nobody knows, as opposed to what happens by chance."""

import numpy as np

from sim.model.plan import Floats, Plan
from sim.montecarlo.streams import stream


def sample_inputs(plan: Plan, seed: int, replications: range) -> Floats:
    """Samples of every uncertain input, by inversion of its distribution.

    Returns
    -------
    ndarray
        ``[replication, input]``, in the units of the scenario.
    """
    samples = np.empty((len(replications), len(plan.inputs)))
    for column, item in enumerate(plan.inputs):
        uniforms = [stream(seed, replication, "input", item.path).random() for replication in replications]
        samples[:, column] = item.quantity.quantile(np.array(uniforms))
    return samples
