"""A number in a scenario file: a bare number, a duration, or a documented value or distribution."""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Discriminator, GetCoreSchemaHandler, Tag
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import TypeAliasType

from sim.scenario.distributions import (
    LARGEST,
    Bernoulli,
    Discrete,
    Distribution,
    Empirical,
    Gamma,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
    Value,
)

DAYS_PER = {"day": 1.0, "week": 7.0, "month": 365.25 / 12.0, "quarter": 365.25 / 4.0, "year": 365.25}
DURATION_PATTERN = r"^\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(day|week|month|quarter|year)s?\s*$"
RAREST = 1e-6
"""Share of the longest samples of an unbounded number of days that is cut off."""
DURATION_KEYS = frozenset(("value", "low", "mode", "high", "mean", "sd", "median", "min", "max"))


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
        if LARGEST < abs(low) < math.inf or LARGEST < abs(high) < math.inf:
            raise PydanticCustomError(
                "too_large",
                "found a number beyond {largest}, allowed: smaller ones; choose a larger unit",
                {"largest": f"{LARGEST:g}"},
            )
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
    | Annotated[Gamma, Tag("gamma")]
    | Annotated[Lognormal, Tag("lognormal")]
    | Annotated[Triangular, Tag("triangular")]
    | Annotated[Pert, Tag("pert")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Discrete, Tag("discrete")]
    | Annotated[Empirical, Tag("empirical")]
    | Annotated[Bernoulli, Tag("bernoulli")],
    Discriminator(_kind),
]

# Each has a name of its own: pydantic then works it out once, and not for each of the fields that have it.
Number = TypeAliasType("Number", Annotated[AnyQuantity, _Reads()])
Amount = TypeAliasType("Amount", Annotated[AnyQuantity, _Reads(low=0.0)])
Share = TypeAliasType("Share", Annotated[AnyQuantity, _Reads(low=0.0, high=1.0)])
Volatility = TypeAliasType("Volatility", Annotated[AnyQuantity, _Reads(low=0.0, high=5.0)])
"""A standard deviation of a logarithm: 5 is a factor of 148, up or down."""
Loading = TypeAliasType("Loading", Annotated[AnyQuantity, _Reads(low=-10.0, high=10.0)])
Days = TypeAliasType("Days", Annotated[AnyQuantity, _Reads(low=0.0, durations=True)])
Limit = TypeAliasType("Limit", Annotated[AnyQuantity, _Reads(low=0.0, unlimited=True)])
DaysOrNever = TypeAliasType(
    "DaysOrNever", Annotated[AnyQuantity, _Reads(low=0.0, durations=True, unlimited=True)]
)


def fixed(value: float) -> Value:
    """The quantity that is always ``value``: a default of the schema."""
    return Value(value=value)


def whole_days(quantity: AnyQuantity) -> tuple[int, int]:
    """Fewest and most days of a number of days, rounded; of an unbounded one the rarest are cut off.

    Examples
    --------
    >>> whole_days(Uniform(dist="uniform", low=1.2, high=2.6))
    (1, 3)
    >>> whole_days(Gamma(dist="gamma", mean=8, sd=8))
    (0, 111)
    """
    low, high = quantity.support
    if math.isinf(high):
        high = float(quantity.quantile(1.0 - RAREST))
    return round(low), round(high)
