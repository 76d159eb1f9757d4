"""A number in a scenario: a value or a distribution, and where it comes from.

Every distribution is sampled by inverting its cumulative distribution function, so one uniform number
gives one sample and plain, stratified and quasi-random sampling all use the same code.
"""

import math
import re
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Discriminator, Field, GetCoreSchemaHandler, Tag, model_validator
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_continuous_frozen

Confidence = Literal["high", "medium", "low"]
Finite = Annotated[float, Field(allow_inf_nan=False)]

DAYS_PER = {"day": 1.0, "week": 7.0, "month": 365.25 / 12.0, "quarter": 365.25 / 4.0, "year": 365.25}
DURATION_PATTERN = r"^\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(day|week|month|quarter|year)s?\s*$"
DURATION_KEYS = frozenset(("value", "low", "mode", "high", "mean", "sd", "median", "min", "max"))


class Frozen(BaseModel):
    """Base of everything a scenario file may hold: immutable, and unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Documented(Frozen):
    """A statement that can say where it comes from and how far it can be trusted."""

    source: str | None = Field(
        None, description="Where the number comes from: a fact id, a document, or 'assumption'."
    )
    note: str | None = Field(None, description="What a reader should know about it.")
    confidence: Confidence | None = Field(None, description="How far the source can be trusted.")


class Value(Documented):
    """A fixed number."""

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

    min: Finite | None = Field(None, description="Truncate below this value.")
    max: Finite | None = Field(None, description="Truncate above this value.")

    @abstractmethod
    def _frozen(self) -> "rv_continuous_frozen":
        """The distribution before truncation, as SciPy knows it."""

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible sample, after truncation."""
        low, high = self._untruncated_support()
        return (
            low if self.min is None else max(low, self.min),
            high if self.max is None else min(high, self.max),
        )

    def _untruncated_support(self) -> tuple[float, float]:
        """Smallest and largest sample before truncation, without the cost of asking SciPy."""
        return (-math.inf, math.inf)

    def quantile(self, probability: ArrayLike) -> NDArray[np.float64]:
        """Inverse cumulative distribution function of the truncated distribution.

        Parameters
        ----------
        probability
            Probabilities in (0, 1), array of any shape.

        Returns
        -------
        ndarray of float64
            Samples of the same shape, in the unit of the quantity.
        """
        frozen = self._frozen()
        below = 0.0 if self.min is None else float(frozen.cdf(self.min))
        upto = 1.0 if self.max is None else float(frozen.cdf(self.max))
        samples = frozen.ppf(below + np.asarray(probability, dtype=np.float64) * (upto - below))
        clipped: NDArray[np.float64] = np.clip(samples, *self.support)
        return clipped

    @property
    def mean(self) -> float:
        """Expected value; of a truncated distribution by the midpoint rule over 1,024 quantiles."""
        if self.min is None and self.max is None:
            return float(self._frozen().mean())
        return float(np.mean(self.quantile((np.arange(1024) + 0.5) / 1024)))

    def cumulative(self, value: ArrayLike) -> NDArray[np.float64]:
        """Probability of a sample at or below each value (array of any shape), after truncation."""
        frozen = self._frozen()
        below = 0.0 if self.min is None else float(frozen.cdf(self.min))
        upto = 1.0 if self.max is None else float(frozen.cdf(self.max))
        at = np.asarray(value, dtype=np.float64)
        inside = np.clip((frozen.cdf(at) - below) / (upto - below), 0.0, 1.0)
        low, high = self.support
        return np.where(at < low, 0.0, np.where(at >= high, 1.0, inside))

    def _check_parameters(self) -> None:
        """Raise ValueError if the parameters do not fit each other."""

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        self._check_parameters()
        low, high = self.support
        if low > high or (low == high and self.min is not None and self.max is not None):
            raise ValueError(
                f"truncation leaves nothing: the smallest value {low:g} is not below the largest {high:g}"
            )
        return self


class Normal(Distribution):
    """Normal distribution."""

    dist: Literal["normal"]
    mean_: Finite = Field(alias="mean", description="Mean before truncation.")
    sd: Annotated[Finite, Field(gt=0)] = Field(description="Standard deviation before truncation.")

    def _frozen(self) -> "rv_continuous_frozen":
        from scipy import stats

        return stats.norm(self.mean_, self.sd)


class Lognormal(Distribution):
    """Lognormal distribution, given by its median and the standard deviation of its logarithm."""

    dist: Literal["lognormal"]
    median: Annotated[Finite, Field(gt=0)] = Field(description="Median before truncation.")
    sigma: Annotated[Finite, Field(gt=0, le=10)] = Field(
        description="Standard deviation of the natural logarithm."
    )

    def _frozen(self) -> "rv_continuous_frozen":
        from scipy import stats

        return stats.lognorm(self.sigma, scale=self.median)

    def _untruncated_support(self) -> tuple[float, float]:
        return (0.0, math.inf)


class Triangular(Distribution):
    """Triangular distribution."""

    dist: Literal["triangular"]
    low: Finite
    mode: Finite
    high: Finite

    def _check_parameters(self) -> None:
        _require_order(self.low, self.mode, self.high)

    def _frozen(self) -> "rv_continuous_frozen":
        from scipy import stats

        width = self.high - self.low
        return stats.triang((self.mode - self.low) / width, loc=self.low, scale=width)

    def _untruncated_support(self) -> tuple[float, float]:
        return (self.low, self.high)


class Pert(Distribution):
    """PERT distribution: a beta distribution with mean (low + 4 mode + high) / 6."""

    dist: Literal["pert"]
    low: Finite
    mode: Finite
    high: Finite

    def _check_parameters(self) -> None:
        _require_order(self.low, self.mode, self.high)

    def _frozen(self) -> "rv_continuous_frozen":
        from scipy import stats

        width = self.high - self.low
        left = 1.0 + 4.0 * (self.mode - self.low) / width
        right = 1.0 + 4.0 * (self.high - self.mode) / width
        return stats.beta(left, right, loc=self.low, scale=width)

    def _untruncated_support(self) -> tuple[float, float]:
        return (self.low, self.high)


class Uniform(Distribution):
    """Uniform distribution."""

    dist: Literal["uniform"]
    low: Finite
    high: Finite

    def _check_parameters(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")

    def _frozen(self) -> "rv_continuous_frozen":
        from scipy import stats

        return stats.uniform(self.low, self.high - self.low)

    def _untruncated_support(self) -> tuple[float, float]:
        return (self.low, self.high)


class _Listed(Distribution):
    """Base of distributions over listed values; truncation drops the values outside."""

    @abstractmethod
    def _atoms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Values in ascending order and their weights, before truncation."""

    def _frozen(self) -> "rv_continuous_frozen":
        raise TypeError("a listed distribution has no continuous form")

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
    """Observed values, each equally likely."""

    dist: Literal["empirical"]
    values: Annotated[list[Finite], Field(min_length=1)]

    def _atoms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.sort(np.asarray(self.values)), np.ones(len(self.values))


class Bernoulli(_Listed):
    """One with the given probability, else zero."""

    dist: Literal["bernoulli"]
    probability: Annotated[Finite, Field(ge=0, le=1)]

    def _atoms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.array([0.0, 1.0]), np.array([1.0 - self.probability, self.probability])


def _require_order(low: float, mode: float, high: float) -> None:
    if not (low <= mode <= high and low < high):
        raise ValueError(f"low <= mode <= high does not hold: {low:g}, {mode:g}, {high:g}")


def parse_duration(text: str) -> float | None:
    """Days in a duration such as ``26 weeks`` or ``90 days``; None if the text is none.

    Examples
    --------
    >>> parse_duration("26 weeks")
    182.0
    >>> parse_duration("soon") is None
    True
    """
    match = re.match(DURATION_PATTERN, text)
    return float(match[1]) * DAYS_PER[match[2]] if match else None


@dataclass(frozen=True, slots=True)
class _Reads:
    """Lets a field accept a bare number (or a duration) and keeps its samples within bounds."""

    low: float = -math.inf
    high: float = math.inf
    durations: bool = False
    unlimited: bool = False

    def _wrap(self, raw: Any) -> Any:
        if isinstance(raw, str) and self.durations:
            raw = self._days(raw)
        if isinstance(raw, dict) and self.durations:
            raw = {key: self._days(item) if _is_duration(key, item) else item for key, item in raw.items()}
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            return {"value": raw}
        if not isinstance(raw, dict | BaseModel):
            allowed = "a number, a distribution" + (
                ", a duration such as '26 weeks'" if self.durations else ""
            )
            raise PydanticCustomError(
                "quantity_type", "found {found}, allowed: {allowed}", {"found": repr(raw), "allowed": allowed}
            )
        return raw

    def _days(self, text: str) -> float:
        days = parse_duration(text)
        if days is None:
            raise PydanticCustomError(
                "duration",
                "found {found}, allowed: {allowed}",
                {
                    "found": repr(text),
                    "allowed": "a number of days, a distribution, a duration such as '26 weeks'",
                },
            )
        return days

    def _check(self, quantity: "Value | Distribution") -> "Value | Distribution":
        low, high = quantity.support
        if isinstance(quantity, Value) and math.isinf(quantity.value) and not self.unlimited:
            raise PydanticCustomError("infinite", "found infinity, allowed: a finite number")
        if low < self.low or high > self.high:
            reach = f"{low:g}" if low == high else f"values from {low:g} to {high:g}"
            hint = "" if low == high else "; truncate it with min and max"
            raise PydanticCustomError(
                "bounds",
                "found {reach}, allowed: {allowed}{hint}",
                {"reach": reach, "allowed": self._allowed(), "hint": hint},
            )
        return quantity

    def _allowed(self) -> str:
        if math.isinf(self.high):
            return f"{self.low:g} or more"
        return f"{self.low:g} to {self.high:g}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        checked = core_schema.no_info_after_validator_function(self._check, handler(source))
        return core_schema.no_info_before_validator_function(self._wrap, checked)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number: JsonSchemaValue = {"type": "number"}
        if math.isfinite(self.low):
            number["minimum"] = self.low
        if math.isfinite(self.high):
            number["maximum"] = self.high
        duration: list[JsonSchemaValue] = (
            [{"type": "string", "pattern": DURATION_PATTERN}] if self.durations else []
        )
        return {"anyOf": [number, *duration, handler(schema)]}


def _is_duration(key: str, item: Any) -> bool:
    return isinstance(item, str) and key in DURATION_KEYS


def _kind(raw: Any) -> str:
    if isinstance(raw, dict):
        return str(raw.get("dist", "value"))
    return str(getattr(raw, "dist", "value"))


AnyQuantity = Annotated[
    Annotated[Value, Tag("value")]
    | Annotated[Normal, Tag("normal")]
    | Annotated[Lognormal, Tag("lognormal")]
    | Annotated[Triangular, Tag("triangular")]
    | Annotated[Pert, Tag("pert")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Discrete, Tag("discrete")]
    | Annotated[Empirical, Tag("empirical")]
    | Annotated[Bernoulli, Tag("bernoulli")],
    Discriminator(_kind),
]

Number = Annotated[AnyQuantity, _Reads()]
Amount = Annotated[AnyQuantity, _Reads(low=0.0)]
Share = Annotated[AnyQuantity, _Reads(low=0.0, high=1.0)]
Days = Annotated[AnyQuantity, _Reads(low=0.0, durations=True)]
Limit = Annotated[AnyQuantity, _Reads(low=0.0, unlimited=True)]
DaysOrNever = Annotated[AnyQuantity, _Reads(low=0.0, durations=True, unlimited=True)]


def fixed(value: float) -> Value:
    """The quantity that is always ``value``: a default of the schema."""
    return Value(value=value)
