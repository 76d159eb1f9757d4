"""How good forecasts were: proper scores of their draws, coverage of their intervals, weights of their views.

Scores are those of scoringrules. The log score is that of the lognormal distribution with the mean and the
standard deviation of the draws' logarithms, as a density of draws depends on a bandwidth [1]_; it is written
out, as the library's is infinite where a density underflows.

References
----------
.. [1] Gneiting & Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 102 (2007).
"""

import importlib
import math
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from sim.model.plan import Floats
from sim.risk.quantiles import quantiles

LEVELS = {"p025": 0.025, "p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9, "p975": 0.975}
"""Quantiles that tables tell."""
INTERVALS = {"inside_50": ("p25", "p75"), "inside_80": ("p10", "p90"), "inside_95": ("p025", "p975")}
LEAST = 1e-9
"""Of a standard deviation of logarithms."""


def quantiles_of(draws: Floats) -> dict[str, float]:
    """Mean and quantiles of the draws of one figure.

    Examples
    --------
    >>> found = quantiles_of(np.arange(1.0, 101.0))
    >>> found["mean"], found["p10"], found["p975"]
    (50.5, 10.0, 98.0)
    """
    values = quantiles(draws, list(LEVELS.values())).tolist()
    return {"mean": float(draws.mean()), **dict(zip(LEVELS, values, strict=True))}


def scores_of(draws: Floats, reported: float) -> dict[str, float]:
    """Scores of the forecast of one figure; the lower the better, but for coverage.

    Parameters
    ----------
    draws
        ``[draw]`` of the forecast.
    reported
        What came.

    Returns
    -------
    dict
        ``crps``, ``pinball`` (mean over the quantiles of :data:`LEVELS`) in money, ``log_score``, and whether
        it lay in the intervals, 0 or 1.
    """
    rules = _scoring_rules()
    quantiles = quantiles_of(draws)
    levels = np.array(list(LEVELS.values()))
    told = np.array([quantiles[name] for name in LEVELS])
    logarithms = np.log(np.maximum(draws, np.finfo(np.float64).tiny))
    spread = max(float(logarithms.std()), LEAST)
    off = (math.log(reported) - float(logarithms.mean())) / spread
    return {
        "crps": float(rules.crps_ensemble(reported, draws, backend="numpy")),
        "pinball": float(np.mean(rules.quantile_score(reported, told, levels, backend="numpy"))),
        "log_score": math.log(reported * spread * math.sqrt(2.0 * math.pi)) + 0.5 * off * off,
        **{
            name: float(quantiles[low] <= reported <= quantiles[high])
            for name, (low, high) in INTERVALS.items()
        },
    }


@cache
def _scoring_rules() -> Any:
    """The library as it is where there is no Numba: with it, the library compiles for seconds on import."""
    modules: dict[str, Any] = sys.modules
    missing = object()
    numba = modules.get("numba", missing)
    modules["numba"] = None
    try:
        return importlib.import_module("scoringrules")
    finally:
        del modules["numba"]
        if numba is not missing:
            modules["numba"] = numba


def mixture(draws: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Draws of several views, as many of each as its weight says.

    Parameters
    ----------
    draws
        ``[draw, figure]`` by view, as many of each.
    weights
        Of the views; they sum to 1.

    Examples
    --------
    >>> mixture({"a": np.zeros((4, 1)), "b": np.ones((4, 1))}, {"a": 0.25, "b": 0.75}).ravel().tolist()
    [0.0, 1.0, 1.0, 1.0]
    """
    count = len(next(iter(draws.values())))
    ends = np.rint(np.cumsum([weights[view] for view in draws]) * count).astype(int)
    counts = np.diff(ends, prepend=0)
    return np.concatenate(
        [values[:some] for values, some in zip(draws.values(), counts.tolist(), strict=True)]
    )


def posterior_weights(
    draws: Mapping[str, Floats], weights: Mapping[str, float], reported: Sequence[float]
) -> Floats:
    """What the world said of each view, figure after figure.

    A view's likelihood is that of a joint lognormal distribution with the means and covariances of its draws'
    logarithms: what a figure says that another one has said already does not count twice.

    Parameters
    ----------
    draws
        ``[draw, figure]`` by view, the figures in the order in which they became known.
    weights
        Before any of them; they sum to 1.
    reported
        What came, ``[figure]``.

    Returns
    -------
    ndarray
        ``[figure, view]`` weights after each of them.
    """
    from scipy.stats import multivariate_normal

    came = np.log(reported)
    found = np.empty((len(came), len(draws)))
    for count in range(1, len(came) + 1):
        logarithms = []
        for view, values in draws.items():
            some = np.log(np.maximum(values[:, :count], np.finfo(np.float64).tiny))
            spread = np.atleast_2d(np.cov(some, rowvar=False)) + LEAST * np.eye(count)
            density = multivariate_normal.logpdf(came[:count], some.mean(axis=0), spread, allow_singular=True)
            logarithms.append(np.log(weights[view]) + float(density))
        shifted = np.exp(np.array(logarithms) - max(logarithms))
        found[count - 1] = shifted / shifted.sum()
    return found
