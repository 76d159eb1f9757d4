"""Figures of losses as a page shows them: plain data, with how well each is known."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from sim.model.plan import Bools, Floats, Plan
from sim.risk.leading import leading_losses
from sim.risk.outcomes import Outcome
from sim.risk.replicated import Estimators
from sim.risk.summary import distribution, plain
from sim.risk.tail import CONFIDENCE
from sim.risk.unseen import LOSS_SHARES

POINTS = 101
"""Of a curve: the quantiles from the least loss to the largest."""
Picture = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Losses:
    """What is lost in some futures, from the first.

    Attributes
    ----------
    shares, amounts
        ``[maker, replication]`` as a share of the counterfactual, and in the scenario's currency.
    """

    shares: Floats
    amounts: Floats

    @property
    def futures(self) -> int:
        """How many."""
        return self.shares.shape[1]

    def first(self, futures: int) -> "Losses":
        """The same of the first so many."""
        return Losses(self.shares[:, :futures], self.amounts[:, :futures])

    def then(self, other: "Losses") -> "Losses":
        """These futures and those that follow."""
        return Losses(
            np.concatenate([self.shares, other.shares], axis=1),
            np.concatenate([self.amounts, other.amounts], axis=1),
        )

    def where(self, happens: Bools, other: "Losses") -> "Losses":
        """These futures where something happens, others where it does not."""
        return Losses(
            np.where(happens, self.shares, other.shares), np.where(happens, self.amounts, other.amounts)
        )


def losses_of(plan: Plan, outcomes: Sequence[Mapping[str, Any]]) -> Losses:
    """What is lost, of outcomes block by block; margin where it leads.

    Parameters
    ----------
    plan
        What was simulated.
    outcomes
        ``[replication, ...]`` by the names of :class:`sim.risk.outcomes.Outcome`, one after the other.
    """
    whole = {name: np.concatenate([its[name] for its in outcomes]) for name in outcomes[0]}
    rows = leading_losses(plan, Outcome(**whole))
    makers = len(plan.labels.makers)
    return Losses(
        rows["loss_share"].to_numpy().reshape(makers, -1), rows["loss"].to_numpy().reshape(makers, -1)
    )


def picture_of(losses: Losses, base: Losses, makers: Mapping[str, str], estimators: Estimators) -> Picture:
    """Figures of each maker, beside those of the base.

    Parameters
    ----------
    losses
        Of the settings.
    base
        Of the base in at least as many futures, on the same random numbers.
    makers
        Names of the makers by id, in the plan's order.
    estimators
        How figures are estimated from a sample.

    Returns
    -------
    dict
        Plain data: of each maker its ``figures``, the ``change`` against the base in the same futures, and a
        ``curve`` of loss shares.
    """
    paired = base.first(losses.futures)
    return {
        "futures": losses.futures,
        "makers": {
            maker: {
                "name": name,
                "figures": {
                    figure: plain(estimate)
                    for figure, estimate in distribution(losses.shares[row], estimators, LOSS_SHARES).items()
                },
                "amount": float(losses.amounts[row].mean()),
                "change": paired_change(losses.shares[row] - paired.shares[row]),
                "curve": curve_of(losses.shares[row]),
            }
            for row, (maker, name) in enumerate(makers.items())
        },
    }


def paired_change(differences: Floats) -> dict[str, float]:
    """Mean of paired differences, with the half-width of Student's interval [1]_.

    It knows what these futures show, and nothing of what they may not have shown.

    Parameters
    ----------
    differences
        ``[replication]``, any unit.

    References
    ----------
    .. [1] Law, *Simulation Modeling and Analysis* (2015), sec. 10.2.1 (the paired-t confidence interval).

    Examples
    --------
    >>> paired_change(np.array([0.1, 0.1, 0.1]))["half_width"]
    0.0
    """
    count = len(differences)
    if count < 2 or np.ptp(differences) == 0.0:
        return {"estimate": float(differences[:1].sum()), "half_width": 0.0}
    deviation = float(differences.std(ddof=1)) / math.sqrt(count)
    half = float(special.stdtrit(count - 1, 0.5 * (1.0 + CONFIDENCE))) * deviation
    return {"estimate": float(differences.mean()), "half_width": half}


def curve_of(shares: Floats) -> list[float]:
    """:data:`POINTS` quantiles of loss shares, ascending."""
    levels = np.linspace(0.0, 1.0, POINTS)
    return [float(share) for share in np.quantile(shares, levels, method="inverted_cdf")]
