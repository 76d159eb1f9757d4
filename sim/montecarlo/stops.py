"""When suppliers stop delivering in each replication, from the keyed draws: nothing is simulated."""

import numpy as np

from sim.engines.block_engine import Experiment, load
from sim.engines.stops import first_stops
from sim.model.plan import NEVER, Floats, Ints, Plan
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.sampling import sample_inputs


def stop_days(plan: Plan, seed: int, replications: int, lanes: Ints) -> Floats:
    """``[replication]`` first day on which any of some lanes may carry nothing in the scenario; NaN: never.

    Parameters
    ----------
    plan
        The plan.
    seed
        Root seed of its futures.
    replications
        How many, from the first.
    lanes
        Positions of the lanes.

    Examples
    --------
    >>> from tests.builders import ban, compiled, shop
    >>> plan = compiled(shop(20, interventions={"ban": ban(5, probability=0.5)}))
    >>> days = stop_days(plan, 1, 1000, np.arange(1))
    >>> np.unique(days).tolist()
    [5.0, nan]
    """
    width, study = block_width(plan), Experiment.of(plan, seed)
    samples = sample_inputs(plan, seed, range(-(-replications // width) * width))
    firsts = [
        first_stops(load(study, first, samples[first : first + width]))[lanes]
        for first in range(0, replications, width)
    ]
    days = np.concatenate(firsts, axis=1)[:, :replications].min(axis=0, initial=NEVER)
    return np.where(days < NEVER, days, np.nan)
