"""What all kinds of interventions have in common.

One kind is one file of this room, with its fields, whom it reaches and does what to, its checks and its name.
"""

from abc import abstractmethod
from collections.abc import Iterator
from enum import Enum, auto
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from sim.kinds import Effect, Operation, Pause
from sim.scenario.distributions import Documented, Frozen
from sim.scenario.fields import ONE, ZERO, Day, InterventionRef, Name
from sim.scenario.findings import Finding, Path
from sim.scenario.quantities import AnyQuantity, Days, DaysOrNever, Share

if TYPE_CHECKING:
    from sim.scenario.interventions.reach import Reach
    from sim.scenario.schema import Scenario


class Driver(Enum):
    """What switches an effect on and off while its intervention holds."""

    NOTHING = auto()
    PROCESS_OF_INTERVENTION = auto()
    PROCESS_OF_TARGET = auto()


class Row(NamedTuple):
    """What an intervention does to one lane, stock point, stream or other intervention, called by its id.

    ``relieved`` is the restriction that a licence relieves, ``holder`` the firm whose licence it is where
    each has terms of its own; ``recipes`` are those of a stock point that are concerned, where several make
    it (None: all); the other fields are those of :class:`sim.model.plan.Effects`.
    """

    effect: Effect
    target: str
    relieved: str | None = None
    just_outside: bool = False
    abroad: bool = False
    by_itself: bool = False
    ignores_content: bool = False
    pause: Pause | None = None
    driver: Driver = Driver.NOTHING
    holder: str | None = None
    recipes: list[str] | None = None


class Dated(Documented):
    """A dated rule of law or act of commerce."""

    called: ClassVar[str | None] = None
    """What messages call it; by default what its class is called."""
    acts_alone: ClassVar[bool] = True
    """Whether it does something to the network where there are no other interventions."""

    title: Name
    date: Day | None = Field(None, description="Day it takes effect (or give `after`).")
    after: InterventionRef | None = Field(
        None, description="Takes effect only when, and after, this one does."
    )
    delay_days: Days = Field(ZERO, description="Added to `date`, or to the start of `after`.")
    probability: Share = Field(ONE, description="Probability that it happens at all.")
    end: Day | None = Field(None, description="First day on which it no longer holds.")
    duration_days: DaysOrNever | None = Field(None, description="Days for which it holds (or give `end`).")
    shock: bool = Field(False, description="Absent in the counterfactual.")

    @model_validator(mode="after")
    def _has_a_start(self) -> Self:
        if (self.date is None) == (self.after is None):
            raise ValueError("give either date or after")
        if self.end is not None and self.duration_days is not None:
            raise ValueError("give either end or duration_days, not both")
        return self

    @property
    def waits(self) -> tuple[AnyQuantity, ...]:
        """Days from `date`, or the start of `after`, to its own start, one number after another."""
        return (self.delay_days,)

    @property
    def operation(self) -> Operation | None:
        """What it makes of a number, if it changes one."""
        return None

    @abstractmethod
    def rows(self, scenario: "Scenario") -> Iterator[Row]:
        """What it does to whom, in file order."""

    @abstractmethod
    def misdirected(self, path: Path, reach: "Reach") -> Iterator[Finding]:
        """What is wrong with whom it reaches; `path` is its own."""

    def mistimed(self, path: Path, scenario: "Scenario") -> Iterator[Finding]:  # noqa: ARG002 - see Lifting
        """What is wrong with its days, beyond what can be wrong with those of any kind."""
        yield from ()


def start_days(scenario: "Scenario", name: str) -> tuple[float, float]:
    """First and last possible day on which an intervention takes effect, from the start of the calendar."""
    first = last = 0.0
    current: str | None = name
    while current is not None:
        entry = scenario.interventions[current]
        for wait in entry.waits:
            first, last = first + wait.support[0], last + wait.support[1]
        if entry.date is not None:
            days = (entry.date - scenario.calendar.start).days
            return first + days, last + days
        current = entry.after
    raise AssertionError("an intervention has a date or follows one")


class Markov(Frozen):
    """A process that goes down and comes back at random, day by day; it is up before it begins."""

    mean_days_to_failure: Days = Field(description="MTTF: up, it goes down with 1 / MTTF a day.")
    mean_days_to_recover: Days = Field(description="MTTR: down, it comes back with 1 / MTTR a day.")

    @model_validator(mode="after")
    def _lasts_a_day(self) -> Self:
        for name in ("mean_days_to_failure", "mean_days_to_recover"):
            shortest = getattr(self, name).support[0]
            if shortest < 1.0:
                raise ValueError(f"{name}: found {shortest:g}, allowed: 1 or more")
        return self


class Recurrent(Dated):
    """Holds all the time, or on and off while it lasts."""

    markov: Markov | None = Field(
        None, description="Goes down and comes back at random while it lasts; default: down throughout."
    )
    common_cause: bool = Field(
        True, description="Whether one draw takes down all that is covered, or each goes down on its own."
    )

    @property
    def driver(self) -> Driver:
        """What switches its effects on and off."""
        if self.markov is None:
            return Driver.NOTHING
        return Driver.PROCESS_OF_INTERVENTION if self.common_cause else Driver.PROCESS_OF_TARGET
