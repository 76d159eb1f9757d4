"""Values and distributions, each with where it comes from.

Every distribution is sampled by inverting its cumulative distribution function, so one uniform number
gives one sample and plain, stratified and quasi-random sampling all use the same code.
"""

import math
from abc import abstractmethod
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator


@cache
def _special() -> Any:
    """SciPy's special functions, which take a fifth of a second to import: not all commands need them."""
    from scipy import special

    return special


LARGEST = 1e15
SMALLEST = 1e-100
"""Of smaller parameters, squares and quotients are no numbers any more."""
LEAST_LEFT = 1e-9
"""Share of a distribution that truncation must leave: of less, floating-point numbers give no quantiles."""
Confidence = Literal["high", "medium", "low"]

Finite = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]


class Frozen(BaseModel):
    """Base of everything a scenario file may hold: immutable, and unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    def says(self, field: str) -> bool:
        """Whether a field has another value than if it were left out."""
        return bool(getattr(self, field) != _default_of(type(self), field))


@cache
def _default_of(model: type[BaseModel], field: str) -> Any:
    return model.model_fields[field].get_default(call_default_factory=True)


class Documented(Frozen):
    """A statement that can say where it comes from and how far it can be trusted."""

    source: str | None = Field(
        None, description="Where the number comes from: a fact id, a document, or 'assumption'."
    )
    note: str | None = Field(None, description="What a reader should know about it.")
    confidence: Confidence | None = Field(None, description="How far the source can be trusted.")


class Value(Documented):
    """A fixed number."""

    dist: ClassVar[str] = "value"
    is_continuous: ClassVar[bool] = False

    value: float = Field(description="The number itself. `.inf` where no limit is meant.")

    @model_validator(mode="after")
    def _is_a_number(self) -> Self:
        if math.isnan(self.value):
            raise ValueError("NaN is not a number a model can use")
        return self

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible sample."""
        return (self.value, self.value)

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.value

    def quantile(self, probability: ArrayLike) -> NDArray[np.float64]:
        """The value, whatever the probability (array of any shape, dimensionless)."""
        return np.full(np.shape(probability), self.value)


class Distribution(Documented):
    """Base of all distributions; `min` and `max` truncate (the mass outside is redistributed)."""

    is_continuous: ClassVar[bool]
    """Whether no single number has a probability of its own."""

    min: Finite | None = Field(None, description="Truncate below this value.")
    max: Finite | None = Field(None, description="Truncate above this value.")

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible sample, after truncation."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """Expected value, after truncation."""

    @abstractmethod
    def quantile(self, probability: ArrayLike) -> NDArray[np.float64]:
        """Inverse cumulative distribution function, after truncation.

        Parameters
        ----------
        probability
            Probabilities in (0, 1), array of any shape.

        Returns
        -------
        ndarray of float64
            Samples of the same shape, in the unit of the quantity.
        """

    @abstractmethod
    def cumulative(self, value: ArrayLike) -> NDArray[np.float64]:
        """Probability of a sample at or below each value (array of any shape), after truncation."""

    def _check_sizes(self) -> None:
        """Raise ValueError if a parameter is too small to compute with."""
        for field, value in self:
            for number in value if isinstance(value, list) else [value]:
                if isinstance(number, float) and 0.0 < abs(number) < SMALLEST:
                    name = type(self).model_fields[field].alias or field
                    raise ValueError(f"{name}: found {number:g}, allowed: 0, or numbers from {SMALLEST:g} on")

    def _check_parameters(self) -> None:
        """Raise ValueError if the parameters do not fit each other."""

    def _check_truncation(self) -> None:
        """Raise ValueError if truncation leaves nothing."""
        low, high = self.support
        if low > high or (low == high and self.min is not None and self.max is not None):
            raise ValueError(
                f"truncation leaves nothing: the smallest value {low:g} is not below the largest {high:g}"
            )

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        self._check_sizes()
        self._check_parameters()
        self._check_truncation()
        return self


class _Continuous(Distribution):
    """Base of distributions with a density, given by functions before truncation.

    Written with SciPy's special functions: its distributions give the same numbers, but take 0.4
    seconds and fifty megabytes to import.
    """

    is_continuous: ClassVar[bool] = True

    @abstractmethod
    def _quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]: ...

    @abstractmethod
    def _cumulative(self, value: NDArray[np.float64]) -> NDArray[np.float64]: ...

    @abstractmethod
    def _mean(self) -> float: ...

    def _untruncated_support(self) -> tuple[float, float]:
        return (-math.inf, math.inf)

    def _check_truncation(self) -> None:
        super()._check_truncation()
        if self.min is not None or self.max is not None:
            below, upto = self._truncated_at()
            if not upto - below >= LEAST_LEFT:
                low, high = self.support
                raise ValueError(
                    f"truncation leaves too little: the share {upto - below:.1g} of its values lies between "
                    f"{low:g} and {high:g}, allowed: {LEAST_LEFT:g} or more"
                )

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible sample, after truncation."""
        low, high = self._untruncated_support()
        return (
            low if self.min is None else max(low, self.min),
            high if self.max is None else min(high, self.max),
        )

    def quantile(self, probability: ArrayLike) -> NDArray[np.float64]:
        """Inverse cumulative distribution function, after truncation (array of any shape)."""
        below, upto = self._truncated_at()
        samples = self._quantile(below + np.asarray(probability, dtype=np.float64) * (upto - below))
        clipped: NDArray[np.float64] = np.clip(samples, *self.support)
        return clipped

    @property
    def mean(self) -> float:
        """Expected value; of a truncated distribution by the midpoint rule over 1,024 quantiles."""
        if self.min is None and self.max is None:
            return self._mean()
        return float(np.mean(self.quantile((np.arange(1024) + 0.5) / 1024)))

    def cumulative(self, value: ArrayLike) -> NDArray[np.float64]:
        """Probability of a sample at or below each value (array of any shape), after truncation."""
        below, upto = self._truncated_at()
        at = np.asarray(value, dtype=np.float64)
        inside = np.clip((self._cumulative(at) - below) / (upto - below), 0.0, 1.0)
        low, high = self.support
        return np.where(at < low, 0.0, np.where(at >= high, 1.0, inside))

    def _truncated_at(self) -> tuple[float, float]:
        """Probabilities between which the distribution is cut out."""
        return (
            0.0 if self.min is None else float(self._cumulative(np.array(self.min))),
            1.0 if self.max is None else float(self._cumulative(np.array(self.max))),
        )


class Normal(_Continuous):
    """Normal distribution."""

    dist: Literal["normal"]
    mean_: Finite = Field(alias="mean", description="Mean before truncation.")
    sd: Annotated[Finite, Field(gt=0)] = Field(description="Standard deviation before truncation.")

    def _quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        return _special().ndtri(probability) * self.sd + self.mean_

    def _cumulative(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        return _special().ndtr((value - self.mean_) / self.sd)

    def _mean(self) -> float:
        return self.mean_


class Gamma(_Continuous):
    """Gamma distribution."""

    dist: Literal["gamma"]
    mean_: Annotated[Finite, Field(gt=0)] = Field(alias="mean", description="Mean before truncation.")
    sd: Annotated[Finite, Field(gt=0)] = Field(description="Standard deviation before truncation.")

    @property
    def _shape(self) -> float:
        return self.mean_**2 / self.sd**2

    @property
    def _scale(self) -> float:
        return self.sd**2 / self.mean_

    def _quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        return _special().gammaincinv(self._shape, probability) * self._scale

    def _cumulative(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        return _special().gammainc(self._shape, np.maximum(value, 0.0) / self._scale)

    def _mean(self) -> float:
        return self._shape * self._scale

    def _untruncated_support(self) -> tuple[float, float]:
        return (0.0, math.inf)


def _each(function: Callable[[float], float], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A function of the C library for each value; NumPy's own depend on the processor in the last bit."""
    return np.array([function(value) for value in values.ravel().tolist()]).reshape(values.shape)


class Lognormal(_Continuous):
    """Lognormal distribution, given by its median and the standard deviation of its logarithm."""

    dist: Literal["lognormal"]
    median: Annotated[Finite, Field(gt=0)] = Field(description="Median before truncation.")
    sigma: Annotated[Finite, Field(gt=0, le=10)] = Field(
        description="Standard deviation of the natural logarithm."
    )

    def _quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        return _each(math.exp, self.sigma * _special().ndtri(probability)) * self.median

    def _cumulative(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        logarithm = _each(math.log, np.maximum(value / self.median, np.finfo(np.float64).tiny))
        return _special().ndtr(logarithm / self.sigma)

    def _mean(self) -> float:
        return math.sqrt(math.exp(self.sigma * self.sigma)) * self.median

    def _untruncated_support(self) -> tuple[float, float]:
        return (0.0, math.inf)


class _ThreePoint(_Continuous):
    """Base of distributions given by their smallest, most likely and largest value."""

    low: Finite
    mode: Finite
    high: Finite

    def _check_parameters(self) -> None:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError(f"low <= mode <= high does not hold: {self.low:g}, {self.mode:g}, {self.high:g}")

    def _share(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where a value lies between the smallest and the largest."""
        return np.clip((value - self.low) / (self.high - self.low), 0.0, 1.0)

    def _untruncated_support(self) -> tuple[float, float]:
        return (self.low, self.high)


class Triangular(_ThreePoint):
    """Triangular distribution."""

    dist: Literal["triangular"]

    @property
    def _peak(self) -> float:
        return (self.mode - self.low) / (self.high - self.low)

    def _quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        rising = np.sqrt(self._peak * probability)
        falling = 1.0 - np.sqrt((1.0 - self._peak) * (1.0 - probability))
        return np.where(probability < self._peak, rising, falling) * (self.high - self.low) + self.low

    def _cumulative(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        at, peak = self._share(value), self._peak
        rising = np.divide(at * at, peak, out=np.zeros_like(at), where=at < peak)
        falling = np.divide(
            at * at - 2.0 * at + peak, peak - 1.0, out=np.full_like(at, peak), where=at > peak
        )
        return np.where(at < peak, rising, falling)

    def _mean(self) -> float:
        return (self._peak + 1.0) / 3.0 * (self.high - self.low) + self.low


class Pert(_ThreePoint):
    """PERT distribution: a beta distribution with mean (low + 4 mode + high) / 6."""

    dist: Literal["pert"]

    @property
    def _exponents(self) -> tuple[float, float]:
        width = self.high - self.low
        return 1.0 + 4.0 * (self.mode - self.low) / width, 1.0 + 4.0 * (self.high - self.mode) / width

    def _quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        return _special().betaincinv(*self._exponents, probability) * (self.high - self.low) + self.low

    def _cumulative(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        return _special().betainc(*self._exponents, self._share(value))

    def _mean(self) -> float:
        left, right = self._exponents
        return left / (left + right) * (self.high - self.low) + self.low


class Uniform(_Continuous):
    """Uniform distribution."""

    dist: Literal["uniform"]
    low: Finite
    high: Finite

    def _check_parameters(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")

    def _quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        return probability * (self.high - self.low) + self.low

    def _cumulative(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip((value - self.low) / (self.high - self.low), 0.0, 1.0)

    def _mean(self) -> float:
        return 0.5 * (self.high - self.low) + self.low

    def _untruncated_support(self) -> tuple[float, float]:
        return (self.low, self.high)


class _Listed(Distribution):
    """Base of distributions over listed values; truncation drops the values outside."""

    is_continuous: ClassVar[bool] = False

    @abstractmethod
    def _atoms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Values in ascending order and their weights, before truncation."""

    def _kept(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        values, weights = self._atoms()
        inside = np.ones(values.shape, dtype=bool)
        if self.min is not None:
            inside &= values >= self.min
        if self.max is not None:
            inside &= values <= self.max
        return values[inside], weights[inside]

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest value left after truncation."""
        values, weights = self._kept()
        if not weights.sum() > 0:
            raise ValueError("truncation leaves none of the listed values")
        possible = values[weights > 0]
        return float(possible[0]), float(possible[-1])

    def quantile(self, probability: ArrayLike) -> NDArray[np.float64]:
        """Smallest listed value whose cumulative weight reaches the probability (any shape)."""
        values, weights = self._kept()
        reached = np.cumsum(weights) / weights.sum()
        position = np.searchsorted(reached, np.asarray(probability, dtype=np.float64), side="left")
        return values[np.minimum(position, len(values) - 1)]

    def cumulative(self, value: ArrayLike) -> NDArray[np.float64]:
        """Probability of a sample at or below each value (array of any shape), after truncation."""
        values, weights = self._kept()
        reached = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
        return reached[np.searchsorted(values, np.asarray(value, dtype=np.float64), side="right")]

    @property
    def mean(self) -> float:
        """Weighted mean of the values left after truncation."""
        values, weights = self._kept()
        return float(np.average(values, weights=weights))


class Discrete(_Listed):
    """Listed values with weights (which need not sum to one)."""

    dist: Literal["discrete"]
    values: Annotated[list[Finite], Field(min_length=1)]
    weights: Annotated[list[Annotated[Finite, Field(ge=0)]], Field(min_length=1)]

    def _check_parameters(self) -> None:
        if len(self.values) != len(self.weights):
            raise ValueError(f"{len(self.values)} values but {len(self.weights)} weights")
        if not sum(self.weights) > 0:
            raise ValueError("the weights sum to zero")

    def _atoms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        order = np.argsort(self.values, kind="stable")
        return np.asarray(self.values)[order], np.asarray(self.weights)[order]


class Empirical(_Listed):
    """Observed values, each equally likely; columns of one table are taken from the same row."""

    dist: Literal["empirical"]
    values: Annotated[list[Finite], Field(min_length=1)]
    table: str | None = Field(
        None,
        description="Numbers that name the same table take their values from the same row: joint draws.",
    )

    def _check_parameters(self) -> None:
        if self.table is not None and not (self.min is None and self.max is None):
            raise ValueError("rows of a table cannot be truncated; allowed: neither min nor max")

    def row(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value in the row of the table that lies at a share of its length.

        Examples
        --------
        >>> speeds = Empirical(dist="empirical", values=[3.0, 1.0, 2.0, 8.0], table="observed")
        >>> speeds.row(np.array([0.1, 0.3, 0.9]))
        array([3., 1., 8.])
        """
        values = np.asarray(self.values)
        return values[np.minimum((probability * len(values)).astype(np.int64), len(values) - 1)]

    def _atoms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.sort(np.asarray(self.values)), np.ones(len(self.values))


class Bernoulli(_Listed):
    """One with the given probability, else zero."""

    dist: Literal["bernoulli"]
    probability: Annotated[Finite, Field(ge=0, le=1)]

    def _atoms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.array([0.0, 1.0]), np.array([1.0 - self.probability, self.probability])
