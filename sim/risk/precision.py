"""How well a batch knows a figure of the loss, and how many replications would know it well enough."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from sim.model.plan import Floats, Plan
from sim.risk import tail
from sim.risk.leading import leading_losses
from sim.risk.outcomes import Outcome
from sim.risk.replicated import Estimators, estimators_of
from sim.risk.tail import Estimate

HALF_WIDTHS = (0.01, 0.005, 0.002, 0.001)
"""Half-widths of intervals of a loss share, for which the replications needed are told."""
FIGURES: dict[str, Callable[[Estimators, Floats], Estimate]] = {
    "mean": lambda estimators, losses: estimators.mean(losses),
    "var95": lambda estimators, losses: estimators.quantile(losses, 0.95),
    "es95": lambda estimators, losses: estimators.shortfall(losses, 0.95),
}
"""Figures whose precision is told and can be asked for."""
FEWEST = {"mean": tail.FEWEST, "var95": tail.fewest_bounded(0.95), "es95": tail.fewest_bounded(0.95)}
"""Replications that it takes to bound them at all."""


def most_needed(plan: Plan, outcomes: Outcome, figure: str, wanted: float) -> float:
    """How many replications it takes to know the share that every maker loses of what leads.

    Parameters
    ----------
    plan, outcomes
        What was simulated and what came of it.
    figure
        A key of :data:`FIGURES`.
    wanted
        Half-width of its interval, as a share.

    Returns
    -------
    float
        At most as many as were simulated, if these are enough; NaN if they are too few to tell.
    """
    estimators = estimators_of(plan.sampling.method)
    by_maker = leading_losses(plan, outcomes).groupby("maker")["loss_share"]
    return float(
        np.max(
            [
                needed_for(FIGURES[figure](estimators, losses.to_numpy()), wanted, len(losses))
                for _, losses in by_maker
            ]
        )
    )


def half_width(estimate: Estimate) -> float:
    """Half of the width of an interval; NaN: unbounded."""
    return 0.5 * (estimate.ci_high - estimate.ci_low)


def replications_for(estimate: Estimate, wanted: float, replications: int) -> int | None:
    """How many replications would give an interval of a half-width, about.

    What is due to sampling shrinks with their root [1]_, what they may not have seen with their number.
    None if the batch is too small to bound the figure.

    References
    ----------
    .. [1] Law, *Simulation Modeling and Analysis*, 5th ed., sec. 9.4.1.

    Examples
    --------
    >>> replications_for(Estimate(0.1, 0.09, 0.11), 0.005, 1000)
    4000
    >>> replications_for(Estimate(0.0, 0.0, 0.0036, unseen=0.0018), 0.0009, 1000)
    2000
    """
    needed = needed_for(estimate, wanted, replications)
    return math.ceil(needed - 1e-9) if math.isfinite(needed) else None


def needed_for(estimate: Estimate, wanted: float, replications: int) -> float:
    """Not above the number of replications if the interval is narrow enough, and not below it if not."""
    whole, unseen = half_width(estimate) / wanted, estimate.unseen / wanted
    sampled = whole if whole >= 2.0 * unseen else max(2.0 * (whole - unseen), 0.0)
    shrinking = max(sampled**2, unseen)
    return replications * (max(shrinking, whole) if whole > 1.0 else min(shrinking, 1.0))


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
        name: {
            f"{half:g}": _at_least(FEWEST[name], replications_for(found[name], half, replications))
            for half in HALF_WIDTHS
        }
        for name in FIGURES
    }


def _at_least(fewest: int, replications: int | None) -> int | None:
    return None if replications is None else max(fewest, replications)
