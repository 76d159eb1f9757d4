"""What it is worth to know something before deciding: estimators on values of alternatives."""

import numpy as np

from sim.model.plan import Floats
from sim.risk.sensitivity import Intervals, Z, least_squares, row_weights, score_basis
from sim.risk.tail import RESAMPLING_SEED

FEWEST_SHUFFLES = 100


def evpi(values: Floats) -> Intervals:
    """Expected value of perfect information: what it is worth to know the whole future before deciding [1]_.

    The future holds the inputs and chance, so it is an upper limit of what can be found out.

    Parameters
    ----------
    values
        ``[row, alternative]`` value of each alternative in the same futures, in money.

    Returns
    -------
    Intervals
        Of one figure, in money.

    References
    ----------
    .. [1] Raiffa & Schlaifer, *Applied Statistical Decision Theory* (1961), ch. 4.

    Examples
    --------
    >>> evpi(np.array([[0.0, 1.0], [0.0, -1.0]] * 50)).estimate
    array([0.5])
    """
    best = int(values.mean(axis=0).argmax())
    gain = values.max(axis=1) - values[:, best]
    error = Z * gain.std(ddof=1) / np.sqrt(len(gain))
    middle = np.array([gain.mean()])
    return Intervals(middle, np.maximum(middle - error, 0.0), middle + error)


def evppi(samples: Floats, values: Floats, resamples: int = 100) -> Intervals:
    """Expected value of perfect partial information: what it is worth to know one input before deciding.

    The mean of each alternative's value given the input is a regression on the batch [1]_; here
    a polynomial in the input's normal score. As the best of fitted means is taken, the estimate is never
    negative and errs upward: compare it with :func:`chance_evppi`.

    Parameters
    ----------
    samples, values
        ``[row, input]``, any units, and ``[row, alternative]`` in money, in the same futures.
    resamples
        Resamples of the rows from which the standard error is taken.

    Returns
    -------
    Intervals
        ``[input]`` in money.

    References
    ----------
    .. [1] Strong, Oakley & Brennan, "Estimating multiparameter partial expected value of perfect information
       from a probabilistic sensitivity analysis sample", Med. Decis. Making 34 (2014).

    Examples
    --------
    >>> known = np.random.default_rng(1).normal(size=(4000, 1))
    >>> evppi(known, np.hstack([0.0 * known, known])).estimate.round(1)  # exactly 1 / sqrt(2 pi)
    array([0.4])
    """
    compared = values - values[:, [int(values.mean(axis=0).argmax())]]
    weights = row_weights(len(values), resamples)
    found, errors = [], []
    for column in samples.T:
        basis = score_basis(column)
        found.append(_best_of_fitted(basis, compared))
        errors.append(_resampled(basis, compared, weights).std(ddof=1))
    estimate, half = np.array(found), Z * np.array(errors)
    return Intervals(estimate, np.maximum(estimate - half, 0.0), estimate + half)


def chance_evppi(values: Floats, inputs: int) -> float:
    """The largest EVPPI that so many inputs would show of which none matters, in money.

    Estimates up to it may be chance: the best of fitted means errs upward.
    """
    compared = values - values[:, [int(values.mean(axis=0).argmax())]]
    random = np.random.default_rng(RESAMPLING_SEED)
    rows = np.arange(len(values), dtype=np.float64)
    shuffled = (random.permutation(rows) for _ in range(max(inputs, FEWEST_SHUFFLES)))
    return max(_best_of_fitted(score_basis(column), compared) for column in shuffled)


def _best_of_fitted(basis: Floats, compared: Floats) -> float:
    """Mean gain over the alternative that is best on average, whose own column is 0."""
    return float(least_squares(basis, compared).max(axis=1).mean())


def _resampled(basis: Floats, compared: Floats, weights: Floats) -> Floats:
    """``[resample]`` the same from resampled rows, whose share of the batch is ``weights[resample, row]``."""
    terms, count = basis.shape[1], compared.shape[1]
    squares = (basis[:, :, None] * basis[:, None, :]).reshape(len(basis), -1)
    products = (basis[:, :, None] * compared[:, None, :]).reshape(len(basis), -1)
    gram = (weights @ squares).reshape(-1, terms, terms)
    coefficients = np.linalg.pinv(gram, hermitian=True) @ (weights @ products).reshape(-1, terms, count)
    fitted = basis @ coefficients
    best = np.einsum("rn,rn->r", weights, fitted.max(axis=2))
    return best - np.einsum("rn,rna->ra", weights, fitted).max(axis=1)
