"""How bad and how long: tables of risk measures, probabilities of a larger loss, and survival curves."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from sim.model.plan import Floats, Ints, Plan
from sim.risk import tail
from sim.risk.outcomes import Outcome
from sim.risk.replicated import Estimators, estimators_of
from sim.risk.tail import Estimate

LEVELS = (0.90, 0.95, 0.99)
THRESHOLDS = (0.01, 0.02, 0.05, 0.10, 0.20, 0.30, 0.50)
"""Loss shares whose exceedance is told."""
EVENTS = ("first_lost_sales", "recovery")


def risk_measures(plan: Plan, makers: pd.DataFrame) -> pd.DataFrame:
    """Value at risk, expected shortfall and probability of a larger loss, each with its interval.

    Parameters
    ----------
    plan
        What was simulated.
    makers
        The table ``makers``.

    Returns
    -------
    DataFrame
        One row a maker, measure and level; loss and its threshold as shares of counterfactual revenue.
    """
    estimators = estimators_of(plan.sampling.method)
    return pd.DataFrame(
        {"maker": maker, "measure": measure, "level": level, **_columns(estimate)}
        for maker, losses in makers.groupby("maker", sort=False)["loss_share"]
        for measure, level, estimate in _measures(losses.to_numpy(), estimators)
    )


def _measures(losses: Floats, estimators: Estimators) -> Iterator[tuple[str, float, Estimate]]:
    for level in LEVELS:
        yield "value_at_risk", level, estimators.quantile(losses, level)
    for level in LEVELS:
        yield "expected_shortfall", level, estimators.shortfall(losses, level)
    for threshold in THRESHOLDS:
        yield "probability_of_more", threshold, tail.probability_estimate(losses > threshold)


def _columns(estimate: Estimate) -> dict[str, float]:
    return {"estimate": estimate.estimate, "ci_low": estimate.ci_low, "ci_high": estimate.ci_high}


def survival(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """Kaplan-Meier curves: the share of replications that some event has not reached by a day [1]_.

    A replication that ends before the event is censored on its last day. Intervals are pointwise, from
    Greenwood's variance of log(-log S) [2]_.

    Parameters
    ----------
    plan, outcomes
        What was simulated and what came of it.

    Returns
    -------
    DataFrame
        One row a maker, event and day (from the shock) on which the share changes.

    References
    ----------
    .. [1] Kaplan & Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958).
    .. [2] Kalbfleisch & Prentice, *The Statistical Analysis of Failure Time Data*, 2nd ed., eq. 1.14.
    """
    observed_days = plan.days - 1 - outcomes.shock_day
    frames = [
        _curve(days[:, position], observed_days).assign(maker=plan.labels.firms[firm], event=event)
        for position, firm in enumerate(plan.makers)
        for event, days in zip(
            EVENTS, (outcomes.first_lost_sales_days, outcomes.time_to_adapt_days), strict=True
        )
    ]
    return pd.concat(frames, ignore_index=True)


def _curve(days: Floats, observed_days: Ints) -> pd.DataFrame:
    from scipy import stats

    never = np.isnan(days)
    sample = stats.CensoredData(uncensored=days[~never], right=np.maximum(observed_days[never], 0))
    curve = stats.ecdf(sample).sf
    with warnings.catch_warnings():
        # Where all or none have had the event, the formula gives no interval.
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = curve.confidence_interval(tail.CONFIDENCE, method="log-log")
    columns: dict[str, Any] = {
        "day": curve.quantiles,
        "share": curve.probabilities,
        "ci_low": interval.low.probabilities,
        "ci_high": interval.high.probabilities,
    }
    return pd.DataFrame(columns)
