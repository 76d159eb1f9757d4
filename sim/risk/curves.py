"""How bad and how long: tables of risk measures, probabilities of a larger loss, and survival curves."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

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

    A replication that ends before the event is censored on its last day. Intervals are pointwise, by products
    of beta variables [2]_: without censoring they are exact, also where all or none have had the event.

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
    .. [2] Fay, Brittain & Proschan, "Pointwise confidence intervals for a survival distribution with small
       samples or heavy censoring", Biostatistics 14 (2013), sec. 3.
    """
    observed_days = plan.days - 1 - outcomes.shock_day
    frames = [
        _curve(days[:, position], observed_days).assign(maker=maker, event=event)
        for position, maker in enumerate(plan.labels.makers)
        for event, days in zip(
            EVENTS, (outcomes.first_lost_sales_days, outcomes.time_to_adapt_days), strict=True
        )
    ]
    return pd.concat(frames, ignore_index=True)


def _curve(days: Floats, observed_days: Ints) -> pd.DataFrame:
    never = np.isnan(days)
    last_seen = np.where(never, np.maximum(observed_days, 0), days)
    changes = np.unique(last_seen)
    at_risk = len(days) - np.searchsorted(np.sort(last_seen), changes)
    events = np.searchsorted(np.sort(days[~never]), changes, "right")
    reached = np.diff(events, prepend=0)
    low, high = _pointwise(at_risk, reached)
    columns: dict[str, Any] = {
        "day": changes,
        "share": _product(1.0 - reached / at_risk),
        "ci_low": low,
        "ci_high": high,
    }
    return pd.DataFrame(columns)


def _pointwise(at_risk: Ints, reached: Ints) -> tuple[Floats, Floats]:
    """Limits of a survival curve, day by day.

    The chance to pass a day is a beta variable, so the curve is a product of some. The product is taken for
    a beta variable of its mean and variance. The lower limit has one event more, just after the day.
    """
    if at_risk[0] < tail.FEWEST:
        return np.full(len(at_risk), np.nan), np.full(len(at_risk), np.nan)
    left = (at_risk - reached).astype(np.float64)
    mean = _product((left + 1.0) / (at_risk + 1.0))
    square = _product((left + 1.0) * (left + 2.0) / ((at_risk + 1.0) * (at_risk + 2.0)))
    low, high = 0.5 * (1.0 - tail.CONFIDENCE), 0.5 * (1.0 + tail.CONFIDENCE)
    return (
        _beta_quantile(low, mean * left / (left + 1.0), square * left / (left + 2.0)),
        _beta_quantile(high, mean, square),
    )


def _product(factors: Floats) -> Floats:
    """Of all factors up to each."""
    return np.asarray(np.cumprod(factors), dtype=np.float64)


def _beta_quantile(probability: float, mean: Floats, square: Floats) -> Floats:
    """Of beta variables with some means and mean squares; a mean of 0 or 1 is certain."""
    found = mean.copy()
    inside = (mean > 0.0) & (mean < 1.0)
    mean, square = mean[inside], square[inside]
    size = (mean - square) / (square - mean**2)
    found[inside] = special.betaincinv(size * mean, size * (1.0 - mean), probability)
    return found
