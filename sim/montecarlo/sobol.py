"""Scrambled Sobol points by their numbers: those of `scipy.stats.qmc.Sobol`, to the last bit.

SciPy takes a third of a second to import them, and as long again to scramble dimensions that nobody asks for.
Its table of direction numbers [1]_ is read instead; where that is no more, its own points are taken.

References
----------
.. [1] Joe and Kuo, "Constructing Sobol Sequences with Better Two-Dimensional Projections", SIAM J. Sci.
   Comput. 30 (2008).
.. [2] Matousek, "On the L2-discrepancy for anchored boxes", J. Complexity 14 (1998), sec. 2.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import NDArray

from sim.model.plan import Floats

if TYPE_CHECKING:
    from scipy.stats import qmc

BITS = 30
TABLE = Path(scipy.__file__).parent / "stats" / "_sobol_direction_numbers.npz"
KEPT = 64
"""Sequences kept for further points."""
Words = NDArray[np.uint32]
PLACES = np.uint32(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint32)
"""What the digits of a number stand for, the highest first."""


def sobol_points(dimensions: int, columns: Sequence[int], seed: int, numbers: range) -> Floats:
    """``[point, column]`` some dimensions of scrambled Sobol points [2]_.

    Parameters
    ----------
    dimensions
        Number of dimensions of the sequence: another number gives other points.
    columns
        Dimensions asked for.
    seed
        Of the scrambling.
    numbers
        Numbers of the points, from 0.

    Returns
    -------
    ndarray
        Multiples of ``2 ** -BITS`` in [0, 1).

    Examples
    --------
    >>> sobol_points(8, [0, 5], 1, range(2, 4)).shape
    (2, 2)
    """
    if not TABLE.is_file():
        return _points_of_scipy(dimensions, seed, numbers)[:, columns]
    shift, directions = _scrambled(dimensions, tuple(columns), seed)
    counted = np.arange(numbers.start, numbers.stop, dtype=np.int64)
    gray = counted ^ counted >> 1
    found = np.tile(shift, (len(numbers), 1))
    for place in range(numbers.stop.bit_length()):
        found[(gray >> place & 1).astype(bool)] ^= directions[:, place]
    return np.asarray(found * 2.0**-BITS, dtype=np.float64)


@lru_cache(maxsize=KEPT)
def _scrambled(dimensions: int, columns: tuple[int, ...], seed: int) -> tuple[Words, Words]:
    """First point ``[column]``, and direction numbers ``[column, place]`` with their digits scrambled.

    Random bits are drawn in SciPy's order. A digit becomes the sum, modulo 2, of itself and some higher ones.
    """
    generator, chosen = np.random.default_rng(seed).spawn(1)[0], np.array(columns)
    flips = generator.integers(2, size=(dimensions, BITS), dtype=np.uint32)[chosen]
    mixes = generator.integers(2, size=(dimensions, BITS, BITS), dtype=np.uint32)[chosen]
    masks = (np.tril(mixes, -1) * PLACES).sum(axis=2, dtype=np.uint32) | PLACES
    met = masks[:, :, None] & _directions(dimensions)[chosen][:, None, :]
    digits = np.bitwise_count(met).astype(np.uint32) & 1
    first = (flips * PLACES[::-1]).sum(axis=1, dtype=np.uint32)
    return first, (digits * PLACES[:, None]).sum(axis=1, dtype=np.uint32)


@lru_cache
def _directions(dimensions: int) -> Words:
    """``[dimension, place]`` direction numbers without scrambling, by the recurrence of polynomials."""
    with np.load(TABLE) as table:
        polynomials, given = table["poly"][:dimensions].tolist(), table["vinit"][:dimensions].tolist()
    rows = [[1] * BITS]
    for polynomial, first in zip(polynomials[1:], given[1:], strict=True):
        degree = polynomial.bit_length() - 1
        row = first[:degree]
        taps = [k for k in range(1, degree + 1) if polynomial >> degree - k & 1]
        for place in range(degree, BITS):
            number = row[place - degree]
            for k in taps:
                number ^= row[place - k] << k
            row.append(number)
        rows.append(row)
    return np.array(rows[:dimensions], dtype=np.uint32) * PLACES


# ---------------------------------------------------------------------- without the table


def _points_of_scipy(dimensions: int, seed: int, numbers: range) -> Floats:
    """``[point, dimension]`` the same from SciPy's sequences, which move on as their points are taken."""
    with _ONE_AT_A_TIME:
        sequence = _sequence(dimensions, seed)
        if sequence.num_generated > numbers.start:
            sequence.reset()
        if numbers.start == 0:
            found = sequence.random(1 << (len(numbers) - 1).bit_length())[: len(numbers)]
        else:
            sequence.fast_forward(numbers.start - sequence.num_generated)
            found = sequence.random(len(numbers))
    return np.asarray(found, dtype=np.float64)


_ONE_AT_A_TIME = Lock()


@lru_cache(maxsize=KEPT)
def _sequence(dimensions: int, seed: int) -> "qmc.Sobol":
    from scipy.stats import qmc

    return qmc.Sobol(dimensions, bits=BITS, rng=np.random.default_rng(seed))
