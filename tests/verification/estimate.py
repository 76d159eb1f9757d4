"""Means of simulated series with the tolerance that a z-test allows them, and what a run costs."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.engines.spending import COST_KINDS
from sim.risk.money import costs
from tests.builders import Told

STANDARD_ERRORS = 4.0
ROUNDING = 1e-9
BATCHES = 100
"""So many batch means: the chance that a right figure fails is 1.2e-4 (Student t, 99 degrees of freedom)."""


def over_time(series: ArrayLike, warm_up: int) -> dict:
    """Mean of a stationary series and 4 standard errors, by batch means."""
    settled = np.asarray(series, dtype=np.float64)[warm_up:]
    length = len(settled) // BATCHES
    return over_replications(settled[-length * BATCHES :].reshape(BATCHES, length).mean(axis=1))


def over_replications(values: ArrayLike) -> dict:
    """Mean of independent values and 4 standard errors."""
    values = np.asarray(values, dtype=np.float64)
    error = float(values.std(ddof=1)) / np.sqrt(len(values))
    return {"simulated": float(values.mean()), "tolerance": STANDARD_ERRORS * float(error), "kind": "z"}


def coverage(share: float, least: float, most: float = 1.0) -> dict:
    """How often intervals of 95 % cover. More often is no fault of those that count with the unseen."""
    assert least <= share <= most, f"covers {share:.1%}, allowed: {least:.1%} to {most:.1%}"
    return {
        "source": "nominal coverage",
        "expected": 0.95,
        "simulated": share,
        "tolerance": 0.05 + ROUNDING,
        "kind": "z",
    }


def daily_costs(run: Told) -> NDArray[np.float64]:
    """All costs of each day, of all stock points together, as the model counts them."""
    counted = costs(run.plan, run.path)
    return sum((getattr(counted, kind).sum(axis=1) for kind in COST_KINDS), np.zeros(run.plan.days))
