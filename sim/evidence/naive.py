"""Forecasts that know nothing of a network: what a model must beat.

Each is of quarterly revenue, in logarithms: the quarter of the year before (seasonal naive), the same with
last year's growth or with the average growth (drift) [1]_, and exponential smoothing with damped trend and
season (ETS) [2]_.

References
----------
.. [1] Hyndman & Athanasopoulos, *Forecasting: Principles and Practice*, 3rd ed. (2021), sec. 5.2.
.. [2] Hyndman, Koehler, Ord & Snyder, *Forecasting with Exponential Smoothing*, 2008.
"""

import warnings
from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import ndtri

from sim.evidence.known import unbroken
from sim.model.plan import Floats

DRAWS = 1_024
SEASONS = 4
FEWEST_QUARTERS = 8


def naive_forecasts(quarters: Mapping[int, float], ahead: int, seed: int) -> dict[str, Floats]:
    """Forecasts of the quarters after those that are known.

    Parameters
    ----------
    quarters
        Revenue by numbered quarter.
    ahead
        How many quarters to forecast.
    seed
        Of the draws of exponential smoothing.

    Returns
    -------
    dict
        ``[draw, quarter]`` by name; empty where fewer than :data:`FEWEST_QUARTERS` are known in a row.
    """
    history = np.log(list(unbroken(quarters).values()))
    if len(history) < FEWEST_QUARTERS:
        return {}
    growth = history[SEASONS:] - history[:-SEASONS]
    found = {
        "seasonal naive": _repeated(history, 0.0, growth, ahead),
        "last growth": _repeated(history, float(growth[-1]), np.diff(growth), ahead),
        "drift": _repeated(history, float(growth.mean()), growth - growth.mean(), ahead),
    }
    return found | {"ETS": _smoothed(history, ahead, seed)}


def _repeated(history: Floats, growth: float, errors: Floats, ahead: int) -> Floats:
    """The year before, grown; errors of a year add up like those of a walk."""
    sd = float(np.sqrt(np.mean(errors**2)))
    normal = ndtri((np.arange(DRAWS) + 0.5) / DRAWS)[:, None]
    years = np.arange(ahead) // SEASONS + 1
    middle = history[len(history) - SEASONS + np.arange(ahead) % SEASONS] + growth * years
    return np.exp(middle + sd * np.sqrt(years) * normal)


def _smoothed(history: Floats, ahead: int, seed: int) -> Floats:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    first = history[:SEASONS]
    trend = float(np.mean(history[SEASONS:] - history[:-SEASONS])) / SEASONS
    season = first - first.mean() - trend * (np.arange(SEASONS) - (SEASONS - 1) / 2)
    model = ETSModel(
        history,
        error="add",
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=SEASONS,
        initialization_method="known",
        initial_level=float(first.mean()) - trend * (SEASONS + 1) / 2,
        initial_trend=trend,
        initial_seasonal=season,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of a fit that ends at a bound, which few quarters often do.
        fitted = model.fit(disp=False)
        simulate: Callable[..., Floats] = fitted.simulate
        paths = simulate(ahead, anchor="end", repetitions=DRAWS, rng=np.random.default_rng(seed))
    return np.exp(np.asarray(paths).reshape(ahead, DRAWS).T)
