"""The bullwhip effect as a table: by how much the orders of stock points vary more than what they follow.

The bullwhip ratio is the variance of orders over that of what is asked for [1]_.

References
----------
.. [1] Chen, Drezner, Ryan & Simchi-Levi, "Quantifying the bullwhip effect in a simple supply chain: the
   impact of forecasting, lead times, and information", *Management Science* 46(3), 2000.
"""

import numpy as np
import pandas as pd

from sim.engines.bullwhip import NUMBERS
from sim.model.plan import Floats, Plan
from sim.risk.outcomes import Outcome
from sim.risk.tables import TWINS

COLUMNS = (
    "firm",
    "item",
    "stock_point",
    "twin",
    "period_days",
    "periods",
    "demand_mean",
    "demand_variance",
    "orders_variance",
    "ratio",
    "ratio_p05",
    "ratio_p95",
)
"""Columns of the table, in their order."""
ROUNDING = 1e-9
"""Demand whose standard deviation is below this part of its mean does not vary."""


def bullwhip_tables(plan: Plan, outcomes: Outcome) -> dict[str, pd.DataFrame]:
    """The table ``bullwhip``, where it is asked for: one row a stock point and twin.

    Parameters
    ----------
    plan, outcomes
        What was simulated and what came of it.
    """
    if not plan.tells_bullwhip:
        return {}
    labels, points = plan.labels, plan.points
    rows = [
        {
            "firm": labels.firms[points.firm[point]],
            "item": labels.items[points.item[point]],
            "stock_point": labels.points[point],
            "twin": TWINS[twin],
            "period_days": int(points.review_days[point]),
            **_told(outcomes.bullwhip[:, twin, :, place]),
        }
        for place, point in enumerate(plan.ordering_points.tolist())
        for twin in range(len(TWINS))
    ]
    return {"bullwhip": pd.DataFrame(rows, columns=list(COLUMNS))}


def _told(numbers: Floats) -> dict[str, float]:
    """Of ``[replication, number]``: means over those with two periods or more, and the ratio [1]_."""
    by_name = dict(zip(NUMBERS, numbers[numbers[:, 0] > 1.0].T, strict=True))
    if by_name["periods"].size == 0:
        return {"periods": float(numbers[:, 0].mean())}
    means = {name: float(values.mean()) for name, values in by_name.items()}
    ratios = variance_ratios(by_name["demand_mean"], by_name["demand_variance"], by_name["orders_variance"])
    known = ratios[np.isfinite(ratios)]
    low, high = np.quantile(known, [0.05, 0.95]) if known.size else (np.nan, np.nan)
    [ratio] = variance_ratios(
        *(np.array([means[name]]) for name in ("demand_mean", "demand_variance", "orders_variance"))
    )
    return {
        **{name: means[name] for name in NUMBERS if name != "orders_mean"},
        "ratio": float(ratio),
        "ratio_p05": float(low),
        "ratio_p95": float(high),
    }


def variance_ratios(demand_mean: Floats, demand_variance: Floats, orders_variance: Floats) -> Floats:
    """Variance of orders over that of demand; not a number where demand does not vary.

    Examples
    --------
    >>> of = [np.array(its) for its in ([10.0, 10.0], [4.0, 1e-20], [9.0, 2.0])]
    >>> variance_ratios(*of).tolist()
    [2.25, nan]
    """
    varies = demand_variance > (ROUNDING * demand_mean) ** 2
    return np.divide(
        orders_variance, demand_variance, out=np.full_like(demand_variance, np.nan), where=varies
    )
