"""Which uncertain inputs matter, and which are worth knowing: estimators on samples and what came of them.

``[row, input]`` samples belong to ``[row]`` outputs, row by row; the inputs must be independent.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy import special, stats

from sim.model.plan import Floats
from sim.risk.tail import CONFIDENCE, RESAMPLING_SEED

RESAMPLES = 1000
ROUNDING = 1e-9
"""Share of a number below which a difference is rounding."""
DEGREE = 4
"""Of the polynomial in an input's normal score that stands for the mean of an output, given the input."""
Z = NormalDist().inv_cdf(0.5 * (1.0 + CONFIDENCE))


@dataclass(frozen=True, slots=True)
class Intervals:
    """Figures and the intervals that cover their true values in 95 % of batches, ``[figure]`` each."""

    estimate: Floats
    ci_low: Floats
    ci_high: Floats


@dataclass(frozen=True, slots=True)
class Indices:
    """Sobol indices, ``[factor]`` each, as shares of the variance of the output."""

    first_order: Intervals
    total_order: Intervals


def varies(output: Floats) -> bool:
    """Whether numbers differ by more than rounding.

    Examples
    --------
    >>> varies(np.array([0.1 + 0.2, 0.3])), varies(np.array([0.3, 0.31]))
    (False, True)
    """
    return bool(np.ptp(output) > ROUNDING * np.abs(output).max())


def rank_correlations(samples: Floats, output: Floats) -> Intervals:
    """Spearman's rank correlation of each input with the output [1]_; 0 where either does not vary.

    Parameters
    ----------
    samples, output
        ``[row, input]`` and ``[row]``, any units.

    Returns
    -------
    Intervals
        ``[input]``, by Fisher's transformation with the variance of [2]_.

    References
    ----------
    .. [1] Spearman, "The proof and measurement of association", Am. J. Psychol. 15 (1904).
    .. [2] Bonett & Wright, "Sample size requirements for ... correlations", Psychometrika 65 (2000).

    Examples
    --------
    >>> samples = np.arange(20.0)[:, None]
    >>> rank_correlations(samples, samples[:, 0] ** 3).estimate
    array([1.])
    """
    if not varies(output):
        return Intervals(*np.zeros((3, samples.shape[1])))
    ranks = _standardised(stats.rankdata(samples, axis=0))
    found = np.clip(ranks.T @ _standardised(stats.rankdata(output)) / len(output), -1.0, 1.0)
    error = np.sqrt((1.0 + 0.5 * found**2) / (len(output) - 3))
    with np.errstate(divide="ignore"):
        middle = np.arctanh(found)
    return Intervals(found, np.tanh(middle - Z * error), np.tanh(middle + Z * error))


def main_effects(samples: Floats, output: Floats) -> Floats:
    """Share of the output's variance that a smooth function of each input explains, from one batch.

    An estimate of the first-order index from given data: the adjusted coefficient of determination of a
    polynomial in the input's normal score [1]_. An effect through interactions alone is not seen.

    Parameters
    ----------
    samples, output
        ``[row, input]`` and ``[row]``, any units.

    Returns
    -------
    ndarray
        ``[input]``; 0 where chance would explain as much.

    References
    ----------
    .. [1] Borgonovo & Plischke, "Sensitivity analysis: a review", Eur. J. Oper. Res. 248 (2016).

    Examples
    --------
    >>> inputs = np.random.default_rng(1).uniform(size=(500, 2))
    >>> main_effects(inputs, (inputs[:, 0] - 0.5) ** 2).round(1)
    array([1., 0.])
    """
    if not varies(output):
        return np.zeros(samples.shape[1])
    rows, spread = len(output), np.var(output)
    effects = np.zeros(samples.shape[1])
    for index, column in enumerate(samples.T):
        basis = _score_basis(column)
        fitted = basis @ np.linalg.lstsq(basis, output, rcond=None)[0]
        left = np.mean((output - fitted) ** 2) / spread
        effects[index] = 1.0 - left * (rows - 1) / max(rows - basis.shape[1], 1)
    return np.maximum(effects, 0.0)


def sobol_indices(f_a: Floats, f_b: Floats, f_ab: Floats) -> Indices:
    """First-order and total Sobol indices from a pick-freeze design.

    ``f_ab[i]`` is the output of the rows of A in which factor i, or a group of factors, is taken from B.
    First order: [1]_, table 2, eq. b; total order: eq. f there, after [2]_. The intervals are percentiles of
    1,000 resamples of the rows.

    Parameters
    ----------
    f_a, f_b
        ``[row]`` outputs of two independent matrices of samples.
    f_ab
        ``[factor, row]``.

    References
    ----------
    .. [1] Saltelli et al., "Variance based sensitivity analysis of model output", Comput. Phys. Commun. 181
       (2010).
    .. [2] Jansen, "Analysis of variance designs for model output", Comput. Phys. Commun. 117 (1999).

    Examples
    --------
    >>> a, b = np.random.default_rng(1).normal(size=(2, 2, 4096))
    >>> indices = sobol_indices(a[0] + a[1], b[0] + b[1], np.stack([b[0] + a[1], a[0] + b[1]]))
    >>> indices.first_order.estimate.round(1), indices.total_order.estimate.round(1)
    (array([0.5, 0.5]), array([0.5, 0.5]))
    """
    if not varies(np.concatenate([f_a, f_b, *f_ab])):
        nothing = Intervals(*np.zeros((3, len(f_ab))))
        return Indices(nothing, nothing)
    middle = 0.5 * (f_a.mean() + f_b.mean())
    a, b, ab = f_a - middle, f_b - middle, f_ab - middle
    moments = np.vstack([0.5 * (a + b), 0.5 * (a**2 + b**2), b * (ab - a), 0.5 * (a - ab) ** 2])
    point = _first_and_total(moments.mean(axis=1)[None, :])[0]
    resampled = _first_and_total(_row_weights(len(a), RESAMPLES) @ moments.T)
    low, high = np.quantile(resampled, [0.5 * (1.0 - CONFIDENCE), 0.5 * (1.0 + CONFIDENCE)], axis=0)
    first, total = (Intervals(point[k], low[k], high[k]) for k in (0, 1))
    return Indices(first, total)


def _standardised(values: Floats) -> Floats:
    """Less their mean, over their standard deviation; 0 where they do not vary."""
    centred = values - values.mean(axis=0)
    spread = centred.std(axis=0)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0.0)


def _score_basis(column: Floats) -> Floats:
    """``[row, term]`` Hermite polynomials of the column's normal scores: no more than it has distinct values.

    Equal values have equal scores.
    """
    degree = min(DEGREE, len(np.unique(column)) - 1)
    scores = special.ndtri((stats.rankdata(column) - 0.5) / len(column))
    return np.polynomial.hermite_e.hermevander(scores, degree) / np.sqrt(
        special.factorial(np.arange(degree + 1))
    )


def _row_weights(rows: int, resamples: int) -> Floats:
    """``[resample, row]`` how often a row is drawn, as a share."""
    random = np.random.default_rng(RESAMPLING_SEED)
    return random.multinomial(rows, np.full(rows, 1.0 / rows), size=resamples) / rows


def _first_and_total(moments: Floats) -> Floats:
    """``[resample, order, factor]`` indices of ``[resample, moment]`` means; 0 if nothing varies."""
    variance = moments[:, 1] - moments[:, 0] ** 2
    parts = moments[:, 2:].reshape(len(moments), 2, -1)
    shares = variance[:, None, None]
    return np.divide(parts, shares, out=np.zeros_like(parts), where=shares > 0.0)
