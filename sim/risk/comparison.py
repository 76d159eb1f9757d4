"""Scenarios side by side under common random numbers: each alone, in pairs, and step by step between two."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from sim.model.plan import Floats
from sim.risk.quantiles import quantiles
from sim.risk.replicated import Estimators
from sim.risk.tail import Estimate
from sim.risk.unseen import DIFFERENCES

LEVEL = 0.95
WATERFALL = (
    "step",
    "title",
    "changes",
    "maker",
    "before",
    "after",
    "effect",
    "effect_ci_low",
    "effect_ci_high",
    "alone",
    "share_worse",
    "share_better",
)


@dataclass(frozen=True, slots=True)
class Losses:
    """What one scenario loses.

    Attributes
    ----------
    name
        Of the scenario, or of the step that led to it.
    title, changes
        Of a step: what its objects are called, and its settings as old → new.
    shares
        By maker, ``[replication]`` loss as a share of counterfactual revenue.
    amounts
        By maker, ``[replication]`` loss in currency.
    """

    name: str
    shares: dict[str, Floats]
    amounts: dict[str, Floats]
    title: str = ""
    changes: str = ""


def scenarios_table(scenarios: Sequence[Losses], estimators: Estimators) -> pd.DataFrame:
    """One row a scenario and maker: mean, value at risk and expected shortfall of the loss share."""
    return pd.DataFrame(
        {
            "scenario": scenario.name,
            "maker": maker,
            **columns_of("mean", estimators.mean(shares)),
            **columns_of("var95", estimators.quantile(shares, LEVEL)),
            **columns_of("es95", estimators.shortfall(shares, LEVEL)),
            **_range(shares),
            "loss_mean": float(scenario.amounts[maker].mean()),
        }
        for scenario in scenarios
        for maker, shares in scenario.shares.items()
    )


def differences_table(scenarios: Sequence[Losses], estimators: Estimators) -> pd.DataFrame:
    """One row a pair of scenarios and maker: what the later loses more, future by future.

    The replications of a number have the same random numbers in all scenarios, so their differences vary
    less than the scenarios do: ``variance_ratio`` is the variance of the differences over that of
    differences of independent replications [1]_.

    References
    ----------
    .. [1] Law, *Simulation Modeling and Analysis*, 5th ed., sec. 11.2.
    """
    return pd.DataFrame(
        {
            "scenario": other.name,
            "against": one.name,
            "maker": maker,
            **columns_of("mean", estimators.mean(other.shares[maker] - one.shares[maker], DIFFERENCES)),
            **_range(other.shares[maker] - one.shares[maker]),
            **_shares(one.shares[maker], other.shares[maker]),
            "variance_ratio": _variance_ratio(one.shares[maker], other.shares[maker]),
            "loss_mean": float((other.amounts[maker] - one.amounts[maker]).mean()),
        }
        for place, one in enumerate(scenarios)
        for other in scenarios[place + 1 :]
        for maker in one.shares
    )


def waterfall_table(
    path: Sequence[Losses], alone: Sequence[Losses | None], estimators: Estimators
) -> pd.DataFrame:
    """One row a step from one scenario to the next and maker: by how much the step moves the mean loss.

    Parameters
    ----------
    path
        The first scenario, then what is lost after each step with all before it.
    alone
        What is lost after each step taken first; None if that makes no scenario.
    estimators
        How means are estimated.

    Returns
    -------
    DataFrame
        ``effect`` is the step's after those before it; these add up to the difference. ``alone`` is its
        effect if it is the only one.
    """
    rows = [
        {
            "step": after.name,
            "title": after.title,
            "changes": after.changes,
            "maker": maker,
            "before": float(before.shares[maker].mean()),
            "after": float(after.shares[maker].mean()),
            **columns_of("effect", estimators.mean(after.shares[maker] - before.shares[maker], DIFFERENCES)),
            "alone": _effect(path[0], single, maker),
            **_shares(before.shares[maker], after.shares[maker]),
        }
        for (before, after), single in zip(pairwise(path), alone, strict=True)
        for maker in path[0].shares
    ]
    return pd.DataFrame(rows, columns=WATERFALL)


def _shares(one: Floats, other: Floats) -> dict[str, float]:
    """In what share of futures the other loses more, and less."""
    return {"share_worse": float(np.mean(other > one)), "share_better": float(np.mean(other < one))}


def _effect(before: Losses, after: Losses | None, maker: str) -> float:
    if after is None:
        return float("nan")
    return float((after.shares[maker] - before.shares[maker]).mean())


def columns_of(name: str, estimate: Estimate) -> dict[str, Any]:
    """An estimate as three columns: the figure, and the ends of its interval."""
    return {name: estimate.estimate, f"{name}_ci_low": estimate.ci_low, f"{name}_ci_high": estimate.ci_high}


def _range(values: Floats) -> dict[str, float]:
    low, high = quantiles(values, [0.05, 0.95])
    return {"p05": float(low), "p95": float(high)}


def _variance_ratio(one: Floats, other: Floats) -> float:
    """NaN where neither varies."""
    apart = float(one.var() + other.var())
    return float((other - one).var()) / apart if apart > 0.0 else float("nan")
