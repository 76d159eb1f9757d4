"""Levers, which are what can be done, and what a mitigation is looked for under.

A lever is laid over the scenario (:mod:`sim.scenario.portfolios`). Its cost is typed in only where no price,
cost or stock of the scenario has it in already.
"""

import datetime as dt
import math
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sim.scenario.distributions import Documented, Finite, Frozen
from sim.scenario.fields import (
    MAX_DAYS,
    ZERO,
    Day,
    DemandRef,
    FirmRef,
    InterventionRef,
    LeverRef,
    MakerRef,
    Name,
    StockPointRef,
    Text,
)
from sim.scenario.quantities import Amount, Days, Share
from sim.scenario.settings import Settings

MAX_LEVERS = 50
MAX_LEVELS = 1_000
MAX_PATHS = 1_000
MAX_VIEWS = 50
MAX_WEIGHT = 1e6
A_BIT_MORE = 1e-9
"""Of a step: the highest level is reached where steps add up to it but for rounding."""


def _read_levels(raw: Any) -> Any:
    """A list of levels stands for the levels one by one."""
    return {"each": raw} if isinstance(raw, list) else raw


class Levels(Frozen):
    """The levels at which a lever can be taken: from the lowest in steps to the highest, or one by one."""

    low: Finite | None = Field(None, description="Lowest level.")
    high: Finite | None = Field(None, description="Highest level.")
    step: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None = Field(
        None, description="From one level to the next."
    )
    each: Annotated[list[Finite], Field(min_length=1, max_length=MAX_LEVELS)] | None = Field(
        None, description="The levels one by one, ascending; `levels: [60, 90]` says the same."
    )

    @model_validator(mode="after")
    def _are_levels(self) -> Self:
        if self.each is None:
            self._check_range()
        elif any(other <= one for one, other in zip(self.each, self.each[1:], strict=False)):
            raise ValueError("levels are listed from the lowest to the highest, each once")
        elif (self.low, self.high, self.step) != (None, None, None):
            raise ValueError("give either low, high and step, or the levels one by one")
        told = [f"{value:g}" for value in self.values]
        if len(set(told)) < len(told):
            alike = next(one for one, other in pairwise(told) if one == other)
            raise ValueError(f"two levels are told as {alike}; allowed: levels that differ in six digits")
        return self

    def _check_range(self) -> None:
        if self.low is None or self.high is None or self.step is None:
            raise ValueError("give low, high and step, or a list of levels")
        if self.high < self.low:
            raise ValueError(f"high {self.high:g} is below low {self.low:g}")
        if (self.high - self.low) / self.step > MAX_LEVELS - 1:
            raise ValueError(f"more than {MAX_LEVELS} levels from low to high; choose a larger step")

    @property
    def values(self) -> tuple[float, ...]:
        """All levels, ascending.

        Examples
        --------
        >>> Levels(low=60, high=120, step=30).values
        (60.0, 90.0, 120.0)
        """
        if self.each is not None:
            return tuple(map(float, self.each))
        low, high, step = (float(number or 0.0) for number in (self.low, self.high, self.step))
        steps = math.floor((high - low) / step + A_BIT_MORE)
        return tuple(min(low + place * step, high) for place in range(steps + 1))


class LeverCost(Frozen):
    """What a lever costs beside all that the scenario has a price, a cost or a stock for.

    It is paid whether or not the shock comes. Of a distribution its mean counts.
    """

    once: Amount = Field(ZERO, description="Once, if it is taken.")
    per_level: Amount = Field(ZERO, description="Once for each unit of its level.")
    per_day: Amount = Field(ZERO, description="For each simulated day from the one on which it takes effect.")
    per_level_day: Amount = Field(ZERO, description="The same for each unit of its level.")


class LeverDates(Frozen):
    """The days on which a lever can be decided."""

    paths: Annotated[list[Text], Field(max_length=MAX_PATHS)] = Field(
        default=[], description="Fields that get the day on which it takes effect."
    )
    earliest: Day = Field(description="First day on which it can be decided.")
    latest: Day = Field(description="Last day on which it can be decided.")

    @model_validator(mode="after")
    def _are_ordered(self) -> Self:
        if self.latest < self.earliest:
            raise ValueError(f"latest {self.latest} is before earliest {self.earliest}")
        return self


SignalKind = Literal["intervention", "cover", "supplier_stops", "runs_out"]


class Signal(Frozen):
    """What a lever can wait for before it is decided."""

    intervention: InterventionRef | None = Field(
        None, description="The day on which it begins is the signal."
    )
    stock_point: StockPointRef | None = Field(
        None, description="The first week that closes with less stock here is the signal."
    )
    cover_below_days: Annotated[float, Field(gt=0.0, le=MAX_DAYS)] | None = Field(
        None, description="Days of planned usage that this stock covers."
    )
    supplier_stops: Annotated[list[FirmRef], Field(max_length=MAX_PATHS)] | None = Field(
        None,
        description="The first day on which one of these firms may deliver nothing on a lane to the maker is "
        "the signal; `[]`: any of its suppliers.",
    )
    runs_out: StockPointRef | None = Field(
        None,
        description="The day after this stock has run out for the first time, as it has not without the "
        "shock, is the signal.",
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.stock_point is None) != (self.cover_below_days is None):
            raise ValueError("stock_point and cover_below_days belong together: give both or neither")
        given = (self.intervention, self.stock_point, self.supplier_stops, self.runs_out)
        if sum(each is not None for each in given) != 1:
            raise ValueError(
                "give one of intervention, supplier_stops and runs_out, or stock_point and cover_below_days"
            )
        return self

    @property
    def kind(self) -> SignalKind:
        """What it is."""
        if self.supplier_stops is not None:
            return "supplier_stops"
        if self.runs_out is not None:
            return "runs_out"
        return "cover" if self.intervention is None else "intervention"

    @property
    def sources(self) -> list[str]:
        """Ids of what gives it: an intervention, a stock point, or firms; none: any firm."""
        if self.supplier_stops is not None:
            return list(self.supplier_stops)
        return [name for name in (self.intervention, self.stock_point, self.runs_out) if name is not None]


class Lever(Documented):
    """A thing that can be done."""

    title: Name
    moves: Annotated[list[Text], Field(max_length=MAX_PATHS)] = Field(
        default=[], description="Fields that take its level, by their dotted path."
    )
    levels: (
        Annotated[Levels, BeforeValidator(_read_levels, json_schema_input_type=list[Finite] | Levels)] | None
    ) = Field(None, description="Its levels; without, it is done or not.")
    takes_from: Annotated[list[Text], Field(max_length=MAX_PATHS)] = Field(
        default=[],
        description="Fields that make room: what the level is above what its field holds comes off them, "
        "each in proportion to what it holds.",
    )
    unit: Name | None = Field(None, description="Unit of its level, for the reader.")
    settings: Settings = Field(
        default={},
        alias="set",
        description="Values by their dotted path that hold while it is taken, as with --set.",
    )
    dates: LeverDates | None = Field(
        None, description="When it can be decided; default: before the first day."
    )
    days_to_take_effect: Annotated[int, Field(ge=0, le=MAX_DAYS)] = Field(
        0, description="Days from the decision until it takes effect."
    )
    signal: Signal | None = Field(
        None, description="What to wait for; told beside deciding now and never. Belongs to dates."
    )
    cost: LeverCost = LeverCost()
    excludes: list[LeverRef] = Field(default=[], description="Levers that cannot be taken beside it.")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if (self.levels is None) != (not self.moves):
            raise ValueError("moves and levels belong together: give both or neither")
        if not self.moves and not self.settings and (self.dates is None or not self.dates.paths):
            raise ValueError("it does nothing: give moves and levels, set, or dates.paths")
        if self.takes_from and len(self.moves) != 1:
            raise ValueError("takes_from belongs to moves with one path")
        if self.levels is None and self.unit is not None:
            raise ValueError("unit belongs to levels")
        if self.dates is None and (self.days_to_take_effect or self.signal):
            raise ValueError(f"{'signal' if self.signal else 'days_to_take_effect'} belongs to dates")
        return self

    def effect_of(self, decided: dt.date) -> dt.date:
        """The day on which it takes effect if it is decided on a day."""
        return decided + dt.timedelta(self.days_to_take_effect)


class ChanceOfLoss(Frozen):
    """How likely a loss of result may be that is larger than an amount."""

    above: Amount
    at_most: Share


class Constraints(Frozen):
    """What a portfolio must keep to."""

    budget: Amount | None = Field(
        None, description="The most that it may cost on average if the shock never comes."
    )
    cash: Amount | None = Field(
        None,
        description="The most money that it may lay out at once beyond doing nothing, in 95 of 100 futures.",
    )
    chance_of_loss: ChanceOfLoss | None = Field(None, description="Limits the chance of a loss of result.")
    service: dict[DemandRef, Share] = Field(
        default={},
        description="The least that streams sell, as a share of what they do if neither a lever is taken nor "
        "the shock comes.",
    )
    time_to_survive_days: Days | None = Field(
        None, description="The fewest days from the shock until the maker falls short, in 95 of 100 futures."
    )


class Mitigation(Documented):
    """Whose result levers are to serve, what stock costs this maker, and what a portfolio must keep to."""

    maker: MakerRef | None = Field(
        None, description="A maker of the headline whose result counts; default: the first."
    )
    capital_rate_per_year: Share = Field(
        ZERO, description="What capital in the maker's stock costs, as a share of its value; its mean counts."
    )
    obsolescence_per_year: Share = Field(
        ZERO, description="What the maker's stock loses in value, as a share of it; its mean counts."
    )
    constraints: Constraints = Constraints()
    views: Annotated[
        dict[Text, Annotated[float, Field(gt=0.0, le=MAX_WEIGHT, allow_inf_nan=False)]],
        Field(max_length=MAX_VIEWS),
    ] = Field(
        default={},
        description="Scenario files over which the levers are laid too, as seen from this one, with weights.",
    )
