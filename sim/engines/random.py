"""Random numbers by counter, drawn for rows of replications side by side.

Number *attempt* of an entity on a day of a replication is a function of the entity's 64-bit key and the
counter ``replication << 32 | day << 12 | attempt``, by the generator Squares [1]_. So every number can be
drawn alone and in any order, and a row gives the same numbers whatever its width.

Normal variates come from a ziggurat of 256 layers [2]_, gamma variates from the method of Marsaglia and Tsang
[3]_, Poisson variates from inversion or transformed rejection [4]_, and discrete ones from inversion with a
guide table [5]_. Nearly every draw takes the first attempt alone; what rejects it goes on with the next ones.

References
----------
.. [1] Widynski, "Squares: A Fast Counter-Based RNG", arXiv:2004.06278.
.. [2] Marsaglia and Tsang, "The Ziggurat Method for Generating Random Variables", J. Stat. Softw. 5(8), 2000;
   with layer and position from separate bits, as in Doornik, "An Improved Ziggurat Method to Generate Normal
   Random Samples", 2005.
.. [3] Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26(3), 2000.
.. [4] Hörmann, "The transformed rejection method for generating Poisson random variables", Insurance:
   Mathematics and Economics 12, 1993, algorithm PTRS.
.. [5] Chen and Asau, "On Generating Random Variates from an Empirical Distribution", AIIE Transactions 6(2),
   1974.
.. [6] Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000.
"""

import math
from functools import lru_cache
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.engines.compiler import compiled, part

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int32]
Words: TypeAlias = NDArray[np.uint64]

ATTEMPTS = 1 << 12
"""Attempts that a counter can tell apart on a day."""
HALF_OF_ATTEMPTS = np.uint64(ATTEMPTS // 2)
LAST_OF_HALF = np.uint64(ATTEMPTS // 2 - 1)

# An unsigned integer stays unsigned only among its like.
ONE = np.uint64(1)
DAY_BITS = np.uint64(12)
HALF_A_WORD = np.uint64(32)


# --- numbers ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=100_000, typed=True)
def squares_key(*parts: str | int) -> np.uint64:
    """The key of an entity, by hashing what names it.

    Squares needs keys with irregular digits. The hash (BLAKE2b) chooses among those whose sixteen hexadecimal
    digits follow the author's rules: none is zero; the low eight differ from one another and the last is
    odd; the ninth differs from the eighth, and the high eight differ from one another.

    Parameters
    ----------
    *parts
        What names the entity, such as a seed, a purpose and an id. ``("a", "b")``, ``("ab",)``, ``(1,)`` and
        ``("1",)`` are four names.
    """
    label = "".join(f"{type(part).__name__} {len(str(part))} {part}" for part in parts)
    number = int.from_bytes(blake2b(label.encode(), digest_size=32).digest(), "little")
    number, pick = divmod(number, 8)
    digits = [2 * pick + 1]
    free = [digit for digit in range(1, 16) if digit != digits[0]]
    for place in range(1, 16):
        if place == 8:
            free = [digit for digit in range(1, 16) if digit != digits[7]]
        number, pick = divmod(number, len(free))
        digits.append(free.pop(pick))
        if place == 8:
            free = [digit for digit in range(1, 16) if digit != digits[8]]
    return np.uint64(sum(digit << 4 * place for place, digit in enumerate(digits)))


@compiled
def counter_at(replication: int, day: int, attempt: int) -> np.uint64:
    """The counter of a number: replication below 2**32, day below 2**20, attempt below 2**12."""
    return np.uint64(replication) << HALF_A_WORD | np.uint64(day) << DAY_BITS | np.uint64(attempt)


@compiled
def squares64(counter: np.uint64, key: np.uint64) -> np.uint64:
    """64 random bits: five rounds of squaring [1]_."""
    # From Python, counters come as signed integers.
    y = np.uint64(counter) * np.uint64(key)
    z = y + np.uint64(key)
    x = y * y + y
    x = x >> HALF_A_WORD | x << HALF_A_WORD
    x = x * x + z
    x = x >> HALF_A_WORD | x << HALF_A_WORD
    x = x * x + y
    x = x >> HALF_A_WORD | x << HALF_A_WORD
    t = x * x + z
    x = t >> HALF_A_WORD | t << HALF_A_WORD
    return t ^ (x * x + y) >> HALF_A_WORD


@part
def _later(counter: np.uint64, replications: int) -> np.uint64:
    """The counter of the same day and attempt some replications later."""
    return counter + (np.uint64(replications) << HALF_A_WORD)


@part
def _fill(counter: np.uint64, key: np.uint64, bits: Words) -> None:
    """Bits for each replication from the counter's on: a loop of its own, so that it is vectorised."""
    for b in range(bits.shape[0]):
        bits[b] = squares64(_later(counter, b), key)


# --- uniform ----------------------------------------------------------------------------------------------

_UNIFORM_SHIFT = np.uint64(12)
_LAST_SHIFT = np.uint64(11)
_BITS_OF_2_TO_52 = np.uint64(1075 << 52)


@part
def _whole(number: np.uint64) -> float:
    """A whole number below 2**52 as a float: vectorised where a conversion is not."""
    return np.uint64(number | _BITS_OF_2_TO_52).view(np.float64) - 2.0**52


@compiled
def uniform(bits: np.uint64) -> float:
    """A number in [0, 1): the high 53 bits."""
    return _whole(bits >> _UNIFORM_SHIFT) * 2.0**-52 + _whole(bits >> _LAST_SHIFT & ONE) * 2.0**-53


@compiled
def uniform_row(first_replication: int, day: int, key: np.uint64, out: Floats) -> None:
    """Uniform numbers in [0, 1).

    Parameters
    ----------
    first_replication, day, key
        Which numbers: ``out[b]`` is that of replication ``first_replication + b``.
    out
        Row ``[b]`` to fill.
    """
    first = counter_at(first_replication, day, 0)
    for b in range(out.shape[0]):
        out[b] = uniform(squares64(_later(first, b), key))


# --- parts of a word --------------------------------------------------------------------------------------

# From the low end: a layer in 8 bits, the first 12 of a fraction, and a signed position in 44.
_LAYER = np.uint64(255)
_FRACTION_SHIFT = np.uint64(8)
_FRACTION = np.uint64(4095)
_POSITION_SHIFT = np.uint64(20)
_SIGN = np.uint64(1 << 63)


@part
def _layer(bits: np.uint64) -> np.int64:
    return np.int64(bits & _LAYER)


@compiled
def _position(bits: np.uint64) -> float:
    """A number in (-1, 1) and symmetric about 0, from the high 44 bits."""
    return _whole((bits ^ _SIGN) >> _POSITION_SHIFT) * 2.0**-43 - (1.0 - 2.0**-44)


@part
def _above(bits: np.uint64) -> float:
    """The fraction's upper bound: what follows its first twelve bits is in another word."""
    return (_whole(bits >> _FRACTION_SHIFT & _FRACTION) + 1.0) * 2.0**-12


@part
def _fraction(bits: np.uint64, more: np.uint64) -> float:
    """A uniform number in [0, 1) of 65 bits, the first twelve from one word."""
    return (_whole(bits >> _FRACTION_SHIFT & _FRACTION) + uniform(more)) * 2.0**-12


# --- powers -----------------------------------------------------------------------------------------------

_MANTISSA_BITS = np.uint64(52)
_MANTISSA = np.uint64((1 << 52) - 1)
_EXPONENT_BIAS = np.uint64(1023)
_BITS_OF_1 = np.uint64(1023 << 52)
_ROUNDS = 1.5 * 2.0**52
"""Adding it rounds to a whole number, which is then in the low bits."""
_LOWEST_POWER = -1022.0


@compiled
def _binary_logarithm(u: float) -> float:
    """Logarithm to base 2 of a normal number, of its bits and simple arithmetic, so that rows are vectorised.

    With s = (m - 1) / (m + 1), log m is twice the sum of s**n / n over odd n; for m between the roots of 1/2
    and 2 ten terms do.
    """
    bits = np.float64(u).view(np.uint64)
    m = np.uint64(bits & _MANTISSA | _BITS_OF_1).view(np.float64)
    exponent = _whole(bits >> _MANTISSA_BITS) - 1023.0
    above = 1.0 if m > math.sqrt(2.0) else 0.0
    m = m * (1.0 - 0.5 * above)
    exponent = exponent + above
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    tail = 1.0 / 11.0 + z * (1.0 / 13.0 + z * (1.0 / 15.0 + z * (1.0 / 17.0 + z * (1.0 / 19.0))))
    total = 1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * tail))))
    return exponent + 2.0 / math.log(2.0) * (s * total)


@compiled
def _power_of_two(x: float) -> float:
    """2 to the power of x <= 0, as above; 0 instead of subnormal numbers, and for what is not a number.

    The exponential series of what is left of x beside a whole number: thirteen terms do.
    """
    normal = max(x, _LOWEST_POWER)
    shifted = normal + _ROUNDS
    y = (normal - (shifted - _ROUNDS)) * math.log(2.0)
    last = y * (1.0 / 362880.0 + y * (1.0 / 3628800.0 + y * (1.0 / 39916800.0 + y / 479001600.0)))
    high = y * (1.0 / 720.0 + y * (1.0 / 5040.0 + y * (1.0 / 40320.0 + last)))
    series = 1.0 + y * (1.0 + y * (1.0 / 2.0 + y * (1.0 / 6.0 + y * (1.0 / 24.0 + y * (1.0 / 120.0 + high)))))
    bits = np.float64(shifted).view(np.uint64)
    scale = np.uint64(bits + _EXPONENT_BIAS << _MANTISSA_BITS).view(np.float64)
    power = series * scale
    return power if x >= _LOWEST_POWER else 0.0


@compiled
def exponential(x: float) -> float:
    """The exponential, as above; it stays finite however large x is."""
    power = _power_of_two(max(-abs(x) / math.log(2.0), _LOWEST_POWER))
    return 1.0 / power if x > 0.0 else power


# --- normal -----------------------------------------------------------------------------------------------

LAYERS = 256
RIGHTMOST = 3.6541528853610088
"""Where the tail begins: the root of "the topmost layer closes at the mode" for 256 layers."""


def _ziggurat() -> tuple[Floats, Floats]:
    """Right edges of the layers, from the base up to 0, and the density there.

    All layers have the area of the base, which is a rectangle and the tail; the base's edge is that of a
    rectangle of its area.
    """
    tail = math.sqrt(math.pi / 2.0) * math.erfc(RIGHTMOST / math.sqrt(2.0))
    area = RIGHTMOST * math.exp(-0.5 * RIGHTMOST**2) + tail
    edges = [area * math.exp(0.5 * RIGHTMOST**2), RIGHTMOST]
    for _ in range(LAYERS - 2):
        edges.append(math.sqrt(-2.0 * math.log(area / edges[-1] + math.exp(-0.5 * edges[-1] ** 2))))
    edge = np.array([*edges, 0.0])
    density = np.array([math.exp(-0.5 * x * x) for x in edge])
    edge.flags.writeable = density.flags.writeable = False
    return edge, density


EDGE, DENSITY = _ziggurat()


@part
def _candidate(bits: np.uint64) -> float:
    """A point below its layer's edge."""
    return _position(bits) * EDGE[_layer(bits)]


@part
def _within(x: float, bits: np.uint64) -> bool:
    """Whether the point is below the density wherever it is in its layer: 98.8% of all are."""
    return abs(x) < EDGE[_layer(bits) + 1]


@compiled
def _tail(sign: float, counter: np.uint64, key: np.uint64) -> tuple[float, np.uint64]:
    """A point beyond the rightmost edge by Marsaglia's exponential method, and the next counter."""
    while True:
        beyond = -math.log(1.0 - uniform(squares64(counter, key))) / RIGHTMOST
        height = -math.log(1.0 - uniform(squares64(counter + ONE, key)))
        counter += ONE + ONE
        if height + height >= beyond * beyond:
            return math.copysign(RIGHTMOST + beyond, sign), counter


@compiled
def standard_normal(counter: np.uint64, key: np.uint64) -> tuple[float, np.uint64]:
    """A standard normal number from the attempts that begin with the counter, and the next counter."""
    while True:
        bits = squares64(counter, key)
        counter += ONE
        x, layer = _candidate(bits), _layer(bits)
        if _within(x, bits):
            return x, counter
        if layer == 0:
            return _tail(x, counter, key)
        share = uniform(squares64(counter, key))
        counter += ONE
        if DENSITY[layer] + share * (DENSITY[layer + 1] - DENSITY[layer]) < math.exp(-0.5 * x * x):
            return x, counter


@compiled
def normal_row(
    mean: Floats, sd: Floats, first_replication: int, day: int, key: np.uint64, out: Floats
) -> None:
    """Normal numbers.

    Parameters
    ----------
    mean, sd
        Rows ``[b]`` of means and standard deviations.
    first_replication, day, key
        Which numbers: ``out[b]`` is that of replication ``first_replication + b``.
    out
        Row ``[b]`` to fill.
    """
    first = counter_at(first_replication, day, 0)
    bits = out.view(np.uint64)
    _fill(first, key, bits)
    for b in range(out.shape[0]):
        x = _candidate(bits[b])
        if not _within(x, bits[b]):
            x, _ = standard_normal(_later(first, b), key)
        out[b] = mean[b] + sd[b] * x


# --- gamma ------------------------------------------------------------------------------------------------


@part
def _squeezed(x: float, t: float, bits: np.uint64) -> bool:
    """Whether a normal number x is accepted whatever the fraction's further bits.

    With t = x / sqrt(9 d) it is accepted if log u < d f(t), where f(t) is minus the integral from 0 to t of
    3 s**3 / (1 + s). Of -3/4 t**4 that is at most 1-fold for t >= 0. For t < 0 it is 4 times the sum of
    (-t)**n / (n + 4), of which the terms from n = 3 on are at most -2.05 t**3 down to t = -0.8. As
    3/4 d t**4 = x**2 t**2 / 12, u < exp(-e) is enough, with e below; and so is less than the first terms of
    its series.
    """
    below = min(0.0, t)
    ratio = 1.0 - below * (0.8 - below * (2.0 / 3.0 - 2.05 * below))
    e = x * x * (t * t) * (1.0 / 12.0) * ratio
    return (t >= -0.8) & (_above(bits) < 1.0 - e * (1.0 - e * (0.5 - e * (1.0 / 6.0))))


@part
def _gamma_at_once(shape: float, bits: np.uint64) -> float:
    """A standard gamma number of a shape of 1 or more from one word; NaN if that does not decide."""
    x = _candidate(bits)
    d = shape - 1.0 / 3.0
    t = x / (3.0 * math.sqrt(d))
    decided = _within(x, bits) & _squeezed(x, t, bits)
    return d * ((1.0 + t) * (1.0 + t) * (1.0 + t)) if decided else math.nan


@part
def _gamma_from_1(shape: float, counter: np.uint64, key: np.uint64) -> tuple[float, np.uint64]:
    """A standard gamma number of a shape of 1 or more, and the next counter."""
    d = shape - 1.0 / 3.0
    while True:
        bits = squares64(counter, key)
        x, counter = standard_normal(counter, key)
        t = x / (3.0 * math.sqrt(d))
        if t <= -1.0:
            continue
        gamma = d * ((1.0 + t) * (1.0 + t) * (1.0 + t))
        if _squeezed(x, t, bits):
            return gamma, counter
        u = _fraction(bits, squares64(counter, key))
        counter += ONE
        if math.log(u) > d * (3.0 * (math.log1p(t) - t) + t * t * (1.5 - t)):
            continue
        return gamma, counter


@compiled
def standard_gamma(shape: float, counter: np.uint64, key: np.uint64) -> float:
    """A gamma number of scale 1 from the attempts that begin with the counter; 0 if the shape is."""
    gamma = _gamma_from_1(_boosted(shape), counter, key)[0]
    return gamma if shape >= 1.0 else gamma * _power_of_two(_power_to_unboost(shape, counter, key))


@part
def _boosted(shape: float) -> float:
    """The shape, raised by 1 where the method needs it."""
    return shape if shape >= 1.0 else shape + 1.0


@part
def _power_to_unboost(shape: float, counter: np.uint64, key: np.uint64) -> float:
    """Two to this power makes a gamma number of a shape below 1 of one of a shape higher by 1 [3]_.

    Its uniform number has an attempt of its own, the last that gamma numbers may take. For shape 0 it is
    minus infinity, or not a number: two to either is taken for 0.
    """
    u = 1.0 - uniform(squares64(counter + LAST_OF_HALF, key))
    return _binary_logarithm(u) / shape


@compiled
def gamma_row(
    shape: Floats, scale: Floats, first_replication: int, day: int, key: np.uint64, out: Floats
) -> None:
    """Gamma numbers.

    Parameters
    ----------
    shape, scale
        Rows ``[b]``: the mean is shape x scale, the variance shape x scale**2. Shape 0 gives 0. The row of
        shapes is written over.
    first_replication, day, key
        Which numbers: ``out[b]`` is that of replication ``first_replication + b``.
    out
        Row ``[b]`` to fill, not one of the others.
    """
    first = counter_at(first_replication, day, 0)
    bits = out.view(np.uint64)
    _fill(first, key, bits)
    is_undecided = is_boosted = False
    for b in range(out.shape[0]):
        out[b] = _gamma_at_once(_boosted(shape[b]), bits[b])
        is_undecided |= math.isnan(out[b])
        is_boosted |= shape[b] < 1.0
    if is_undecided:
        for b in range(out.shape[0]):
            if math.isnan(out[b]):
                out[b] = _gamma_from_1(_boosted(shape[b]), _later(first, b), key)[0]
    if is_boosted:
        for b in range(out.shape[0]):
            power = _power_to_unboost(shape[b], _later(first, b), key)
            shape[b] = power if shape[b] < 1.0 else 0.0
        for b in range(out.shape[0]):
            out[b] *= _power_of_two(shape[b])
    for b in range(out.shape[0]):
        out[b] *= scale[b]


# --- Poisson ----------------------------------------------------------------------------------------------

INVERTED_BELOW = 10.0
"""Below this mean Poisson numbers are inverted; PTRS needs at least 10."""
_EXACT = 16
_STIRLING = np.array(
    [
        math.log(math.factorial(k)) - (k + 0.5) * math.log(max(k, 1)) + k - 0.5 * math.log(2.0 * math.pi)
        for k in range(_EXACT)
    ]
)
_STIRLING.flags.writeable = False


@compiled
def _stirling_error(k: float) -> float:
    """The excess of log k! over Stirling's formula, k >= 1."""
    if k < _EXACT:
        return _STIRLING[np.int64(k)]
    square = 1.0 / (k * k)
    return (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - square / 1680.0) * square) * square) / k


@compiled
def log_poisson(k: float, mean: float) -> float:
    """Logarithm of the probability of k, without a difference of large numbers [6]_."""
    if k <= 0.0:
        return -mean if k == 0.0 else -math.inf
    delta = (k - mean) / mean
    deviance = mean * ((1.0 + delta) * math.log1p(delta) - delta)
    return -deviance - 0.5 * math.log(2.0 * math.pi * k) - _stirling_error(k)


@compiled
def _inverted_poisson(mean: float, u: float) -> float:
    """The smallest k whose cumulative probability exceeds u, by adding up from 0."""
    k = 0.0
    term = math.exp(-mean)
    total = term
    while total <= u:
        k += 1.0
        term *= mean / k
        if total + term == total and k > mean:
            break
        total += term
    return k


@part
def _hat(mean: float) -> tuple[float, float]:
    """The parameters a and b of PTRS."""
    b = 0.931 + 2.53 * math.sqrt(mean)
    return 0.02483 * b - 0.059, b


@compiled
def _transformed(mean: float, bits: np.uint64) -> tuple[float, float]:
    """The candidate of PTRS and its distance to the nearer end of the uniform number's range."""
    a, b = _hat(mean)
    u = 0.5 * _position(bits)
    margin = 0.5 - abs(u)
    return np.floor((2.0 * a / margin + b) * u + mean + 0.43), margin


@part
def _below_squeeze(mean: float, margin: float, bits: np.uint64) -> bool:
    """Whether PTRS accepts without the density, whatever the fraction's further bits."""
    _, b = _hat(mean)
    return margin >= 0.07 and _above(bits) <= 0.9277 - 3.6224 / (b - 2.0)


@compiled
def _above_density(mean: float, k: float, margin: float, v: float) -> bool:
    a, b = _hat(mean)
    hat = (1.1239 + 1.1328 / (b - 3.4)) / (a / (margin * margin) + b)
    return math.log(v * hat) > log_poisson(k, mean)


@part
def _ptrs(mean: float, counter: np.uint64, key: np.uint64) -> float:
    """A Poisson number of a mean of 10 or more."""
    while True:
        bits = squares64(counter, key)
        k, margin = _transformed(mean, bits)
        if _below_squeeze(mean, margin, bits):
            return k
        v = _fraction(bits, squares64(counter + ONE, key))
        counter += ONE + ONE
        if k < 0.0 or (margin < 0.013 and v > margin) or _above_density(mean, k, margin, v):
            continue
        return k


@compiled
def poisson(mean: float, counter: np.uint64, key: np.uint64) -> float:
    """A Poisson number from the attempts that begin with the counter; 0 if the mean is."""
    if mean < INVERTED_BELOW:
        return _inverted_poisson(mean, uniform(squares64(counter, key)))
    return _ptrs(mean, counter, key)


@compiled
def poisson_row(mean: Floats, first_replication: int, day: int, key: np.uint64, out: Floats) -> None:
    """Poisson numbers.

    Parameters
    ----------
    mean
        Row ``[b]`` of means. Mean 0 gives 0.
    first_replication, day, key
        Which numbers: ``out[b]`` is that of replication ``first_replication + b``.
    out
        Row ``[b]`` to fill.
    """
    first = counter_at(first_replication, day, 0)
    for b in range(out.shape[0]):
        out[b] = poisson(mean[b], _later(first, b), key)


# --- negative binomial ------------------------------------------------------------------------------------


@compiled
def negative_binomial_row(
    mean: Floats, dispersion: Floats, first_replication: int, day: int, key: np.uint64, out: Floats
) -> None:
    """Negative binomial numbers: Poisson numbers whose means are gamma numbers.

    Parameters
    ----------
    mean, dispersion
        Rows ``[b]`` of means, and of variances over means, above 1. Mean 0 gives 0.
    first_replication, day, key
        Which numbers: ``out[b]`` is that of replication ``first_replication + b``. The means take the first
        half of the attempts.
    out
        Row ``[b]`` to fill, not one of the others.
    """
    first = counter_at(first_replication, day, 0)
    bits = out.view(np.uint64)
    _fill(first, key, bits)
    for b in range(out.shape[0]):
        out[b] = _gamma_at_once(_boosted(mean[b] / (dispersion[b] - 1.0)), bits[b])
    for b in range(out.shape[0]):
        counter, scale = _later(first, b), dispersion[b] - 1.0
        shape = mean[b] / scale
        decided = shape >= 1.0 and not math.isnan(out[b])
        gamma = out[b] if decided else standard_gamma(shape, counter, key)
        out[b] = poisson(scale * gamma, counter + HALF_OF_ATTEMPTS, key)


# --- discrete ---------------------------------------------------------------------------------------------


def guide_table(cumulative: Floats) -> Indices:
    """Where to begin the search for a probability, for equal steps of it [5]_.

    Parameters
    ----------
    cumulative
        Cumulative probabilities, not decreasing.

    Returns
    -------
    ndarray of int32
        Entry *g* of *n* is the smallest index whose cumulative probability is at least g / n; *n* is a power
        of 2, so that g / n is exact, and at least 16 times as many, so that a search seldom goes on.
    """
    count = 1 << (16 * len(cumulative) - 1).bit_length()
    start = np.searchsorted(cumulative, np.arange(count) / count, side="left")
    return np.minimum(start, len(cumulative) - 1).astype(np.int32)


@compiled
def invert(cumulative: Floats, guide: Indices, u: float) -> int:
    """The smallest index whose cumulative probability is at least u, in [0, 1); the last if there is none."""
    last = cumulative.shape[0] - 1
    k = int(guide[int(u * guide.shape[0])])
    while k < last and cumulative[k] < u:
        k += 1
    return k


@compiled
def discrete_row(
    cumulative: Floats,
    guide: Indices,
    first_replication: int,
    day: int,
    key: np.uint64,
    uniforms: Floats,
    out: Indices,
) -> None:
    """Indices with given cumulative probabilities.

    Parameters
    ----------
    cumulative, guide
        Cumulative probabilities and their `guide_table`.
    first_replication, day, key
        Which numbers: ``out[b]`` is that of replication ``first_replication + b``.
    uniforms
        Row ``[b]`` to leave the uniform numbers in.
    out
        Row ``[b]`` to fill.
    """
    uniform_row(first_replication, day, key, uniforms)
    for b in range(out.shape[0]):
        out[b] = invert(cumulative, guide, uniforms[b])
