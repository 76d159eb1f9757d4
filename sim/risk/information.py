"""What it is worth to know something before deciding: estimators on values of alternatives.

To know an input is to be able to decide by it. So its value is what the best rule that looks at the input
alone earns more than the alternative that is best without it, and no rule earns more than one that knows the
future.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.model.plan import Floats, Ints
from sim.risk.sensitivity_indices import Intervals, Z
from sim.risk.tail import CONFIDENCE, RESAMPLING_SEED

FOLDS = 8
MOST_BINS = 256
FEWEST_SWITCHES = 2
"""How often a rule may change its mind along the input; more where there are more alternatives."""
SHUFFLES = 400
INPUTS_AT_ONCE = 32
"""Inputs whose rules are sought together: enough to save time, few enough for the memory."""
TAIL = 0.1
"""Share of the shuffles whose excess tells how the largest of many are distributed."""
NEVER_SEEN = -np.log(1.0 - CONFIDENCE)
"""Futures of a kind that a batch must hold on average to show one of them with 95 % probability: three."""


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
        Of one figure, in money. The upper end allows for futures so rare that the batch has none of them.

    References
    ----------
    .. [1] Raiffa & Schlaifer, *Applied Statistical Decision Theory* (1961), ch. 4.

    Examples
    --------
    >>> evpi(np.array([[0.0, 1.0], [0.0, -1.0]] * 50)).estimate
    array([0.5])
    """
    gains = _gains(values)
    best = gains.max(axis=1)
    middle, error = best.mean(), _error(best)
    return Intervals(
        np.array([middle]),
        np.maximum(_least(best[None], gains), 0.0),
        np.array([middle + error + _unseen(gains)]),
    )


def evppi(samples: Floats, values: Floats) -> Intervals:
    """Expected value of perfect partial information: what it is worth to know one input before deciding.

    A rule cuts the input's range into pieces and has an alternative for each [1]_, [2]_. The estimate is what
    rules learnt from seven eighths of the rows earn on the others, so it errs downward if at all; the upper
    end of the interval belongs to the rule that is best for the rows themselves, which errs upward. By
    construction no estimate is negative or above :func:`evpi` of the same rows.

    Parameters
    ----------
    samples, values
        ``[row, input]``, any units, and ``[row, alternative]`` in money, in the same futures.

    Returns
    -------
    Intervals
        ``[input]`` in money.

    References
    ----------
    .. [1] Strong & Oakley, "An efficient method for computing single-parameter partial expected value of
       perfect information", Med. Decis. Making 33 (2013).
    .. [2] Sadatsafavi et al., "Need for speed: an efficient algorithm for calculation of single-parameter
       expected value of partial perfect information", Value Health 16 (2013).

    Examples
    --------
    >>> known = np.random.default_rng(1).normal(size=(4000, 1))
    >>> evppi(known, np.hstack([0.0 * known, known])).estimate.round(1)  # exactly 1 / sqrt(2 pi)
    array([0.4])
    """
    batch = _Batch.of(values)
    learnt, own = batch.earned(_bins(samples))
    middle = learnt.mean(axis=1)
    high = np.maximum(middle, own.mean(axis=1)) + _error(own) + _unseen(batch.gains)
    return Intervals(
        np.maximum(middle, 0.0),
        np.maximum(_least(learnt, batch.gains), 0.0),
        np.minimum(high, evpi(values).ci_high[0]),
    )


def chance_evppi(values: Floats, inputs: int) -> float:
    """What the largest EVPPI of so many inputs that do not matter stays below in 95 % of batches, in money.

    From shuffled inputs; the tail of what they show is taken for exponential [1]_.

    Parameters
    ----------
    values
        As for :func:`evppi`.
    inputs
        How many.

    References
    ----------
    .. [1] Embrechts, Klueppelberg & Mikosch, *Modelling Extremal Events* (1997), sec. 6.5.
    """
    batch, random = _Batch.of(values), np.random.default_rng(RESAMPLING_SEED)
    rows = np.arange(len(values), dtype=np.float64)
    shuffled = np.column_stack([random.permutation(rows) for _ in range(SHUFFLES)])
    shown = np.sort(np.maximum(batch.earned(_bins(shuffled))[0].mean(axis=1), 0.0))
    threshold, above = shown[-round(TAIL * SHUFFLES) - 1], shown[-round(TAIL * SHUFFLES) :]
    more = -np.expm1(np.log(CONFIDENCE) / inputs)
    return float(threshold + (above - threshold).mean() * np.log(max(TAIL / more, 1.0)))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Gains over the alternative that is best on average, and the fold that each row belongs to."""

    gains: Floats
    fold: Ints

    @classmethod
    def of(cls, values: Floats) -> "_Batch":
        random = np.random.default_rng(RESAMPLING_SEED)
        return cls(_gains(values), random.permutation(np.arange(len(values)) % FOLDS))

    def earned(self, bins: Ints) -> tuple[Floats, Floats]:
        """Gains by rules learnt from the other folds, and by rules learnt from all rows: ``[input, row]``."""
        learnt, own = np.empty(bins.shape), np.empty(bins.shape)
        for first in range(0, len(bins), INPUTS_AT_ONCE):
            some = slice(first, first + INPUTS_AT_ONCE)
            learnt[some], own[some] = self._earned(bins[some])
        return learnt, own

    def _earned(self, bins: Ints) -> tuple[Floats, Floats]:
        """Of a few inputs. Behind the folds is an empty one: its rule is learnt from all rows."""
        inputs, rows = np.arange(len(bins))[:, None], np.arange(len(self.gains))
        count, alternatives = int(bins.max()) + 1, self.gains.shape[1]
        sums = np.zeros((FOLDS + 1, len(bins), count, alternatives))
        np.add.at(sums, (self.fold, inputs, bins), self.gains)
        every = sums.sum(axis=0)
        rules = _best_rules((every - sums).reshape(-1, count, alternatives)).reshape(sums.shape[:3])
        return self.gains[rows, rules[self.fold, inputs, bins]], self.gains[rows, rules[FOLDS, inputs, bins]]


def _best_rules(sums: Floats) -> Ints:
    """``[batch, bin]`` the alternatives that earn most of ``[batch, bin, alternative]`` sums.

    Of all rules that change their mind no more often than they may, found by dynamic programming from the
    last bin down: ``best[switches, alternative]`` is what can be earned from a bin on.
    """
    batches, bins, count = sums.shape
    switches = max(FEWEST_SWITCHES, count - 1)
    best = np.zeros((batches, switches + 1, count))
    turn_to = np.empty((bins, batches, switches + 1), dtype=np.int64)
    stays = np.empty((bins, batches, switches + 1, count), dtype=bool)
    for bin_ in range(bins - 1, -1, -1):
        turn_to[bin_] = best.argmax(axis=2)
        turned = np.full((batches, switches + 1), -np.inf)
        turned[:, 1:] = best.max(axis=2)[:, :-1]
        stays[bin_] = best >= turned[:, :, None]
        best = np.maximum(best, turned[:, :, None]) + sums[:, bin_, None, :]
    rules = np.empty((batches, bins), dtype=np.int64)
    every, left = np.arange(batches), np.full(batches, switches)
    alternative = best[:, switches].argmax(axis=1)
    for bin_ in range(bins):
        rules[:, bin_] = alternative
        turns = ~stays[bin_, every, left, alternative]
        left = left - turns
        alternative = np.where(turns, turn_to[bin_, every, left], alternative)
    return rules


def _bins(samples: Floats) -> Ints:
    """``[input, row]`` equally many rows in each bin; equal samples are in the same one."""
    rank = stats.rankdata(samples, method="min", axis=0).astype(np.int64) - 1
    rows = len(samples)
    return (rank * min(rows, MOST_BINS) // rows).T


def _gains(values: Floats) -> Floats:
    """``[row, alternative]`` over the alternative that is best on average, whose own column is 0."""
    return values - values[:, [int(values.mean(axis=0).argmax())]]


def _error(gains: Floats) -> Floats:
    """Half the width of the interval of the mean of the last axis."""
    return np.asarray(Z * gains.std(axis=-1, ddof=1) / np.sqrt(gains.shape[-1]))


def _least(earned: Floats, gains: Floats) -> Floats:
    """Lower ends of what rules earn more than the alternative that is best without them, whichever that is.

    Their value is the least of what they earn more than each alternative. That which is best in the rows may
    be so by chance.

    Parameters
    ----------
    earned, gains
        ``[input, row]`` by rules, and ``[row, alternative]``, both over the same.
    """
    ends = [_lower(earned - gain) for gain in gains.T]
    return np.asarray(np.min(ends, axis=0))


def _lower(more: Floats) -> Floats:
    return np.asarray(more.mean(axis=-1) - _error(more))


def _unseen(gains: Floats) -> float:
    """What the mean may miss: as many futures of the best kind as a batch can easily lack."""
    return float(NEVER_SEEN / len(gains) * gains.max())
