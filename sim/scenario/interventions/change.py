"""Changes of numbers with time: capacity that grows, lead times that lengthen, parts that are used less."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from sim.kinds import Effect, Operation
from sim.scenario.covers import (
    LaneCover,
    PointCover,
    StreamCover,
    lane_called,
    lanes_covered,
    points_covered,
    streams_covered,
)
from sim.scenario.fields import MAX_DAYS, ZERO, FirmRef, RecipeRef, StockPointRef
from sim.scenario.findings import Finding, Path
from sim.scenario.interventions.base import Dated, Row
from sim.scenario.interventions.reach import Reach
from sim.scenario.quantities import Amount, AnyQuantity, Days, DaysOrNever, Number, whole_days
from sim.scenario.recipes import alternative_recipes

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


Changeable = Literal[
    "capacity_per_day",
    "capacity_share_of_usage",
    "share",
    "subsidiary_share",
    "lead_time_days",
    "price",
    "inputs",
    "yield_share",
    "engineers",
]
"""Numbers of a scenario that may change with time, by the names of their fields."""
EFFECTS: Mapping[Changeable, Mapping[str, Effect]] = {
    "capacity_per_day": {
        "stock_points": Effect.CHANGES_CAPACITY,
        "lanes": Effect.CHANGES_LANE_CAPACITY,
    },
    "capacity_share_of_usage": {"lanes": Effect.CHANGES_LANE_CAPACITY_SHARE},
    "share": {"lanes": Effect.CHANGES_SHARE},
    "subsidiary_share": {"lanes": Effect.CHANGES_SUBSIDIARY_SHARE},
    "lead_time_days": {"lanes": Effect.CHANGES_LEAD_TIME},
    "price": {"lanes": Effect.CHANGES_LANE_PRICE, "streams": Effect.CHANGES_STREAM_PRICE},
    "inputs": {"recipes": Effect.CHANGES_INPUT_UNITS},
    "yield_share": {"recipes": Effect.CHANGES_YIELD},
    "engineers": {"firms": Effect.CHANGES_ENGINEERS},
}
"""What may have each number, and how it changes there."""
COVERS = ("stock_points", "lanes", "streams", "recipes", "firms")
SHARES = ("share", "subsidiary_share", "yield_share")
STAY_ABOVE_0 = ("inputs", "yield_share")
MAY_BE_UNLIMITED = (
    "capacity_per_day",
    "capacity_share_of_usage",
    "engineers",
)


class Change(Dated):
    """Changes a number of all that it covers, over `ramp_days`; it returns over `recovery_days`."""

    kind: Literal["change"]
    number: Changeable = Field(description="Which number changes, by the name of its field.")
    stock_points: PointCover | None = None
    lanes: LaneCover | None = None
    streams: StreamCover | None = None
    recipes: list[RecipeRef] | None = Field(None, min_length=1)
    inputs: list[StockPointRef] | None = Field(
        None, min_length=1, description="Which inputs of the recipes; default: all."
    )
    firms: list[FirmRef] | None = Field(None, min_length=1)
    to: DaysOrNever | None = Field(None, description="What the number becomes.")
    add: Number | None = Field(None, description="What is added to it; below 0 it falls.")
    factor: Amount | None = Field(None, description="What it is multiplied by.")
    ramp_days: Days = ZERO
    recovery_days: Days = Field(ZERO, description="Days after the end over which it returns.")

    @model_validator(mode="before")
    @classmethod
    def _keeps_durations_to_lead_times(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and isinstance(raw.get("to"), str) and raw.get("number") != "lead_time_days":
            raise ValueError(
                f"to: found {raw['to']!r}, allowed: a number, as {raw.get('number')} is no duration"
            )
        return raw

    @model_validator(mode="after")
    def _changes_one_number_in_one_way(self) -> Self:
        given = [name for name in ("to", "add", "factor") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of to, add, factor; found {' and '.join(given) or 'none'}")
        allowed = EFFECTS[self.number]
        covers = [name for name in COVERS if getattr(self, name) is not None]
        if not covers or not allowed.keys() >= set(covers):
            found = " and ".join(covers) or "nothing that is covered"
            raise ValueError(f"found {found}, allowed for {self.number}: {' or '.join(allowed)}")
        if self.inputs is not None and self.number != "inputs":
            raise ValueError(f"inputs belong to the number inputs, found {self.number}")
        return self

    @model_validator(mode="after")
    def _stays_possible(self) -> Self:
        low, high = self._given.support
        if self.number in SHARES and self.to is not None and high > 1.0:
            raise ValueError(f"to: found {high:g}, allowed for {self.number}: 0 to 1")
        if math.isinf(self._given.mean) and self.number not in MAY_BE_UNLIMITED:
            raise ValueError(f"to: found infinity, allowed for {self.number}: a finite number")
        if self.number == "lead_time_days" and self.to is not None:
            longest = whole_days(self.to)[1]
            if longest > MAX_DAYS:
                raise ValueError(f"to: found up to {longest:g} days, allowed: up to {MAX_DAYS}")
        if self.number in STAY_ABOVE_0 and (self.add is not None or low <= 0.0):
            raise ValueError(f"{self.number} stays above 0: allowed: to or factor, above 0")
        return self

    @property
    def operation(self) -> Operation:
        """What it makes of the number."""
        if self.to is not None:
            return Operation.SET
        return Operation.ADD if self.add is not None else Operation.SCALE

    @property
    def _given(self) -> AnyQuantity:
        [quantity] = [its for its in (self.to, self.add, self.factor) if its is not None]
        return quantity

    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """It changes the number of all that it covers."""
        for cover, effect in EFFECTS[self.number].items():
            for target in self._covered(scenario, cover):
                yield Row(effect, target)

    def _covered(self, scenario: "Scenario", cover: str) -> list[str]:
        """Ids of what one of its covers covers; an input of a recipe is called ``recipe.input``."""
        only_buys = Reach(scenario).only_buys
        points = [] if self.stock_points is None else points_covered(scenario, self.stock_points)
        covered = {
            "stock_points": [name for name in points if not only_buys(name)],
            "lanes": [] if self.lanes is None else lanes_covered(scenario, self.lanes),
            "streams": [] if self.streams is None else streams_covered(scenario, self.streams),
            "recipes": self._inputs_or_outputs(scenario),
            "firms": self.firms or [],
        }
        return covered[cover]

    def _inputs_or_outputs(self, scenario: "Scenario") -> list[str]:
        if self.number == "inputs":
            return self._inputs(scenario)
        return [scenario.recipes[name].output for name in self.recipes or ()]

    def _inputs(self, scenario: "Scenario") -> list[str]:
        return [
            f"{name}.{source}"
            for name in self.recipes or ()
            for source in scenario.recipes[name].inputs
            if self.inputs is None or source in self.inputs
        ]

    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """It covers nothing that has the number, or a number on which it has no effect."""
        nobody = list(self._nobody(path, reach))
        yield from nobody or self._without_effect(path, reach)

    def _nobody(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        if self.stock_points is not None:
            where = (*path, "stock_points")
            yield from reach.no_point(where, self.stock_points)
            covered = points_covered(reach.scenario, self.stock_points)
            if covered and not self._covered(reach.scenario, "stock_points"):
                found = f"{covered[0]!r} only buys and has no capacity"
                yield Finding(where, f"{found}; allowed: stock points that are sources or made by a recipe")
        if self.lanes is not None:
            yield from reach.no_lane((*path, "lanes"), self.lanes)
        if self.streams is not None:
            yield from reach.no_stream((*path, "streams"), self.streams)
        yield from self._of_several_recipes(path, reach.scenario)
        for index, source in enumerate(self.inputs or ()):
            if not any(source in reach.scenario.recipes[name].inputs for name in self.recipes or ()):
                found = f"no input of {' or '.join(self.recipes or ())}"
                yield Finding((*path, "inputs", str(index)), f"{source} is {found}")

    def _of_several_recipes(self, path: Path, scenario: "Scenario") -> Iterator[Finding]:
        """Numbers of recipes that share an output are not told apart."""
        several = alternative_recipes(scenario)
        outputs = {"recipes": [scenario.recipes[name].output for name in self.recipes or ()]}
        outputs["stock_points"] = self._covered(scenario, "stock_points")
        for cover, made in outputs.items():
            for output in [point for point in made if point in several][:1]:
                found = f"{output} is made by several recipes, whose numbers cannot change"
                yield Finding((*path, cover), f"{found}; allowed: what one recipe alone makes")

    def _without_effect(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        scenario = reach.scenario
        where = (*path, "number")
        if self.number == "share":
            buyers = [lane_called(scenario, name).buyer for name in self._covered(scenario, "lanes")]
            if all(scenario.stock_points[buyer].sourcing == "rank" for buyer in buyers):
                yield Finding(where, f"{buyers[0]} buys by rank, where shares count for nothing")
        if self.operation != Operation.SET and all(map(math.isinf, self._numbers(scenario))):
            done = "factor" if self.operation == Operation.SCALE else "add"
            found = "it is unlimited wherever it is covered, and stays so"
            yield Finding((*path, done), f"{found}; allowed: to, or a limit in the first place")

    def _numbers(self, scenario: "Scenario") -> list[float]:
        """What numbers may be at least that it can change, where they may be unlimited."""
        if self.number not in MAY_BE_UNLIMITED or _is_set_elsewhere(scenario, self.number):
            return [0.0]
        limits = [_least_capacity(scenario, name) for name in self._covered(scenario, "stock_points")]
        limits += [
            getattr(lane_called(scenario, name), self.number).support[0]
            for name in self._covered(scenario, "lanes")
        ]
        return limits + [scenario.firms[name].engineers.support[0] for name in self.firms or ()]


def _is_set_elsewhere(scenario: "Scenario", number: Changeable) -> bool:
    """Whether a change sets a limit where there may be none."""
    others = (entry for entry in scenario.interventions.values() if isinstance(entry, Change))
    return any(other.number == number and other.to is not None for other in others)


def _least_capacity(scenario: "Scenario", point: str) -> float:
    """Of a stock point, or of the recipe that makes it."""
    recipes = [recipe for recipe in scenario.recipes.values() if recipe.output == point]
    own = scenario.stock_points[point].capacity_per_day.support[0]
    return min([own, *(recipe.capacity_per_day.support[0] for recipe in recipes)])
