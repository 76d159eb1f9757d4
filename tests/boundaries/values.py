"""Values of any type of the schema, drawn at the ends of what it allows and with ties, by pydantic models."""

import datetime as dt
import math
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from random import Random
from typing import Annotated, Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from sim.scenario.fields import EARLIEST, Country, Ref
from sim.scenario.quantities import AnyQuantity

INFINITY = math.inf
USUAL = (0.1, 1 / 3, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 10.0, 20.0, 50.0)
FAR = (1e-9, 1e-6, 1e4, 1e6, 1e9)
WHOLE = (-(2**63), -1, 0, 1, 2, 3, 7, 2**63)
COUNTRIES = ("US", "DE", "CN", "EU")
TEXTS = ("5A002", "EAR99")
LENGTHS = (0, 1, 1, 2, 3, 4, 12)
DENSITIES = (0.0, 0.1, 0.3, 0.6, 1.0)
"""Shares of the fields with a default that an object gives."""
TRIES = 300
"""How often an object is drawn anew until the schema accepts it."""
Data = dict[str, Any]
Field = tuple[type[BaseModel], str]


class UnfitError(Exception):
    """No try of an object was accepted."""


class Values:
    """Draws values of types.

    Parameters
    ----------
    number
        Which of all sequences of values; the same number gives the same ones.
    ids
        Gives the ids of a collection that a reference may name.
    start, days
        First day and number of days of the calendar.
    special
        How the fields are drawn of which the type does not say enough.
    shapes
        Fields of objects of which few that are drawn field by field fit together; None leaves one out.
    """

    def __init__(
        self,
        random: Random,
        ids: Callable[[str], list[str]],
        calendar: tuple[dt.date, int],
        special: dict[Field, Callable[[], Any]],
        shapes: dict[type[BaseModel], Callable[[], Data]] | None = None,
    ) -> None:
        self.shapes = shapes or {}
        self.random, self.ids, self.special = random, ids, special
        self.start, self.days = calendar
        self.shared = random.choices(USUAL, k=2)
        self.noted_days: list[dt.date] = []
        self.within = (-INFINITY, INFINITY)

    def value(self, kind: Any, marks: Iterable[Any] = (), given: Data | None = None) -> Any:
        """A value of a type; `marks` stand beside it, `given` are fields of an object that are not drawn."""
        marks = list(_flat(marks))
        origin, parts = typing.get_origin(kind), typing.get_args(kind)
        if isinstance(kind, TypeAliasType):
            drawn = self.value(kind.__value__, marks, given)
        elif origin is Annotated:
            drawn = self.value(kind.__origin__, (*kind.__metadata__, *marks), given)
        elif reads := next((mark for mark in marks if hasattr(mark, "durations")), None):
            drawn = self._quantity(kind, reads)
        elif origin in (typing.Union, types.UnionType):
            drawn = self._one_of([part for part in parts if part is not types.NoneType], given)
        elif origin is Literal:
            drawn = self.random.choice(parts)
        elif origin is list:
            drawn = self._list(parts[0], marks)
        elif origin is dict:
            drawn = {key: self.value(parts[1]) for key in self._list(parts[0], marks)}
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            drawn = self.object(kind, given or {})
        else:
            drawn = self._single(kind, marks)
        return drawn

    def object(self, model: type[BaseModel], given: Data, wanted: str | None = None) -> Data:
        """An object, drawn again until the schema accepts it.

        Fields that are given as None are left out; the one that is wanted is not.
        """
        given = dict(given)
        for _ in range(TRIES):
            density = self.random.choice(DENSITIES)
            given |= self.shapes.get(model, dict)()
            drawn = {key: value for key, value in given.items() if value is not None}
            for name, info in model.model_fields.items():
                key = info.alias or name
                if key in given:
                    continue
                if info.is_required():
                    drawn[key] = self.field(model, name, info)
                elif name == wanted or self.random.random() < density:
                    with suppress(UnfitError):
                        drawn[key] = self.field(model, name, info)
            with suppress(ValidationError):
                model.model_validate(drawn)
                return drawn
        raise UnfitError

    def field(self, model: type[BaseModel], name: str, info: FieldInfo) -> Any:
        special = self.special.get((model, name))
        return special() if special else self.value(info.annotation, info.metadata)

    def _one_of(self, kinds: list[Any], given: Data | None) -> Any:
        """A value of one of several types, of any that fits."""
        for kind in self.random.sample(kinds, len(kinds)):
            with suppress(UnfitError):
                return self.value(kind, (), given)
        raise UnfitError

    def _list(self, kind: Any, marks: Iterable[Any]) -> list[Any]:
        """Nothing, one, some or many; what refers to objects names each once."""
        least = max((mark.min_length for mark in marks if getattr(mark, "min_length", None)), default=0)
        drawn = [self.value(kind) for _ in range(max(least, self.random.choice(LENGTHS)))]
        is_reference = any(isinstance(mark, Ref) for mark in getattr(kind, "__metadata__", ()))
        return list(dict.fromkeys(drawn)) if is_reference else drawn

    def _single(self, kind: Any, marks: list[Any]) -> Any:
        reference = next((mark for mark in marks if isinstance(mark, Ref)), None)
        low, high = _range(marks)
        if reference is not None:
            choices: Iterable[Any] = self.ids(reference.collection)
        elif any(mark in typing.get_args(Country) for mark in marks):
            choices = COUNTRIES
        elif kind is str:
            choices = TEXTS
        elif kind is bool:
            choices = (False, True)
        elif kind is int:
            choices = (number for number in (low, high, *WHOLE) if low <= number <= high)
        elif kind is float:
            choices = [self._number(max(low, self.within[0]), min(high, self.within[1]))]
        elif kind is dt.date:
            choices = self._days()
        else:
            raise TypeError(f"nothing is known of fields of type {kind}")
        fitting = [choice for choice in choices if choice not in (-INFINITY, INFINITY)]
        if not fitting:
            raise UnfitError
        return self.random.choice(fitting)

    def _quantity(self, kind: Any, reads: Any) -> Any:
        """A bare number, now and then a documented one or a distribution."""
        if self.random.random() < 0.15:
            self.within = (reads.low, reads.high)
            drawn = self._one_of(list(typing.get_args(kind)), None)
            self.within = (-INFINITY, INFINITY)
            if _is_read(drawn, reads):
                return drawn
        ends = (0.4, 0.5, self.days - 1, self.days, self.days + 1) if reads.durations else ()
        if reads.unlimited and self.random.random() < 0.2:
            return INFINITY
        return self._number(reads.low, reads.high, ends)

    def _number(self, low: float, high: float, also: tuple[float, ...] = ()) -> float:
        """An end of a range, a number that others have too, or any between."""
        between = self.random.uniform(max(low, 0.0), max(low, 0.0, min(high, 50.0)))
        pool = (
            low,
            low,
            high,
            high,
            0.0,
            *also,
            *self.shared,
            *self.shared,
            self.random.choice(USUAL),
            between,
        )
        pool = FAR if self.random.random() < 0.02 else pool
        fitting = [number for number in pool if low <= number <= high and abs(number) < 1e15]
        return float(self.random.choice(fitting or [between]))

    def _days(self) -> list[dt.date]:
        """The first day and the last, the days beside them, and those on which something begins or ends."""
        offsets = [0, 0, 1, self.days - 1, self.days, self.days + 9, self.random.randrange(self.days)]
        if self.start - EARLIEST > dt.timedelta(40):
            offsets += [-1, -self.random.randint(2, 40)]
        drawn = [self.start + dt.timedelta(offset) for offset in offsets]
        self.noted_days = [*self.noted_days[-3:], self.random.choice(drawn)]
        return drawn + self.noted_days


def _flat(marks: Iterable[Any]) -> Iterator[Any]:
    for mark in marks:
        yield from mark.metadata if isinstance(mark, FieldInfo) else [mark]


def _range(marks: Iterable[Any]) -> tuple[float, float]:
    """The range of a number; where an end does not belong to it, the schema refuses that end."""
    lows = [getattr(mark, end) for mark in marks for end in ("ge", "gt") if hasattr(mark, end)]
    highs = [getattr(mark, end) for mark in marks for end in ("le", "lt") if hasattr(mark, end)]
    return max(lows, default=-INFINITY), min(highs, default=INFINITY)


@cache
def _reader(reads: Any) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[AnyQuantity, reads])


def _is_read(quantity: Data, reads: Any) -> bool:
    try:
        _reader(reads).validate_python(quantity)
    except ValidationError:
        return False
    return True
