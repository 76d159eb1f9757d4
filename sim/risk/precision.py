"""How well a batch knows a figure of the loss, and how many replications would know it well enough."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from sim.model.plan import Floats, Plan
from sim.risk.outcomes import Outcome
from sim.risk.replicated import Estimators, estimators_of
from sim.risk.tables import makers
from sim.risk.tail import Estimate

HALF_WIDTHS = (0.01, 0.005, 0.002, 0.001)
"""Half-widths of intervals of a loss share, for which the replications needed are told."""
FIGURES: dict[str, Callable[[Estimators, Floats], Estimate]] = {
    "mean": lambda estimators, losses: estimators.mean(losses),
    "var95": lambda estimators, losses: estimators.quantile(losses, 0.95),
    "es95": lambda estimators, losses: estimators.shortfall(losses, 0.95),
}
"""Figures whose precision is told and can be asked for."""


def widest_half_width(plan: Plan, outcomes: Outcome, figure: str) -> float:
    """The largest half-width among the makers of an interval of their loss share; NaN: unbounded.

    Parameters
    ----------
    plan, outcomes
        What was simulated and what came of it.
    figure
        A key of :data:`FIGURES`.
    """
    estimators = estimators_of(plan.sampling.method)
    by_maker = makers(plan, outcomes).groupby("maker")["loss_share"]
    found = [FIGURES[figure](estimators, losses.to_numpy()) for _, losses in by_maker]
    return float(np.max([half_width(estimate) for estimate in found]))


def half_width(estimate: Estimate) -> float:
    """Half of the width of an interval; NaN: unbounded."""
    return 0.5 * (estimate.ci_high - estimate.ci_low)


def replications_for(estimate: Estimate, wanted: float, replications: int) -> int | None:
    """How many replications would give an interval of a half-width, as it shrinks with their root [1]_.

    None if the batch is too small to bound it.

    References
    ----------
    .. [1] Law, *Simulation Modeling and Analysis*, 5th ed., sec. 9.4.1.

    Examples
    --------
    >>> replications_for(Estimate(0.1, 0.09, 0.11), 0.005, 1000)
    4000
    """
    ratio = half_width(estimate) / wanted
    return math.ceil(replications * ratio**2 - 1e-9) if math.isfinite(ratio) else None


def replications_needed(found: Mapping[str, Estimate], replications: int) -> dict[str, dict[str, int | None]]:
    """About how many replications would know each figure to within each half-width.

    Parameters
    ----------
    found
        Estimates of a loss share, by names that hold those of :data:`FIGURES`.
    replications
        How many they are from.
    """
    return {
        name: {f"{half:g}": replications_for(found[name], half, replications) for half in HALF_WIDTHS}
        for name in FIGURES
    }
