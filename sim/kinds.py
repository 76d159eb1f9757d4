"""The closed sets of the model: what a plan's codes mean.

Whoever takes one of these sets apart names every member and ends with ``assert_never``, so that a new member
is a mistake of types wherever nothing is said about it. Engines refuse plans with members that they have no
handler for (:mod:`sim.engines.handled`).
"""

from enum import IntEnum, StrEnum, unique
from typing import assert_never


@unique
class Supply(IntEnum):
    """Where a stock point's stock comes from."""

    SOURCE = 0
    BOUGHT = 1
    MADE = 2


@unique
class PolicyKind(IntEnum):
    """How a stock point orders."""

    NONE = 0
    BASE_STOCK = 1
    REORDER_UP_TO = 2
    REORDER_QUANTITY = 3
    ECHELON_BASE_STOCK = 4
    DUAL_INDEX = 5
    TAILORED_BASE_SURGE = 6


@unique
class ForecastKind(IntEnum):
    """From what a stock point knows what will be asked of it."""

    PLANNED = 0
    MOVING_AVERAGE = 1
    EXPONENTIAL_SMOOTHING = 2
    HOLT_WINTERS = 3


@unique
class Sourcing(IntEnum):
    """How an order is split over open lanes."""

    SHARE = 0
    RANK = 1


@unique
class Ramp(IntEnum):
    """The shape of a substitute's ramp."""

    LINEAR = 0
    LOGISTIC = 1


@unique
class DemandProcess(IntEnum):
    """The distribution of one day's demand."""

    CONSTANT = 0
    GAMMA = 1
    POISSON = 2
    NEGATIVE_BINOMIAL = 3
    NORMAL = 4
    LISTED = 5
    EMPIRICAL = 6


@unique
class Pause(IntEnum):
    """What a disruption holds up on a lane, or on a recipe seen as one."""

    ORDERS = 0
    SHIPMENTS = 1
    TRANSIT = 2
    RECEIPTS = 3


HOLDS_UP = [Pause.SHIPMENTS, Pause.TRANSIT, Pause.RECEIPTS]
"""What keeps goods that have been ordered from coming."""


@unique
class Operation(IntEnum):
    """What a change makes of a number, in the order in which changes of one number are made."""

    SET = 0
    ADD = 1
    SCALE = 2


@unique
class Target(StrEnum):
    """What an effect is on."""

    LANE = "lane"
    POINT = "point"
    STREAM = "stream"
    INPUT = "recipe input"
    FIRM = "firm"
    INTERVENTION = "intervention"


@unique
class Effect(IntEnum):
    """What an intervention does to one target."""

    RESTRICTS_LANE = 0
    RELIEVES_LANE = 1
    SCALES_DEMAND = 2
    SCALES_STREAM_PRICE = 3
    SCALES_LANE_PRICE = 4
    SCALES_CAPACITY = 5
    RAISES_TARGET = 6
    LIFTS = 7
    PAUSES_LANE = 8
    PAUSES_RECIPE = 9
    BARS_STREAM = 10
    CHANGES_CAPACITY = 11
    CHANGES_LANE_CAPACITY = 12
    CHANGES_LANE_CAPACITY_SHARE = 13
    CHANGES_SHARE = 14
    CHANGES_SUBSIDIARY_SHARE = 15
    CHANGES_LEAD_TIME = 16
    CHANGES_LANE_PRICE = 17
    CHANGES_STREAM_PRICE = 18
    CHANGES_INPUT_UNITS = 19
    CHANGES_YIELD = 20
    CHANGES_ENGINEERS = 21
    DESTROYS_STOCK = 22
    DESTROYS_WORK = 23
    DESTROYS_TRANSIT = 24
    TAXES_LANE = 25
    RELIEVES_STREAM = 26

    @property
    def target(self) -> Target:
        """What it is on."""
        match self:
            case (
                Effect.RESTRICTS_LANE
                | Effect.RELIEVES_LANE
                | Effect.SCALES_LANE_PRICE
                | Effect.PAUSES_LANE
                | Effect.CHANGES_LANE_CAPACITY
                | Effect.CHANGES_LANE_CAPACITY_SHARE
                | Effect.CHANGES_SHARE
                | Effect.CHANGES_SUBSIDIARY_SHARE
                | Effect.CHANGES_LEAD_TIME
                | Effect.CHANGES_LANE_PRICE
                | Effect.DESTROYS_TRANSIT
                | Effect.TAXES_LANE
            ):
                return Target.LANE
            case (
                Effect.SCALES_CAPACITY
                | Effect.RAISES_TARGET
                | Effect.PAUSES_RECIPE
                | Effect.CHANGES_CAPACITY
                | Effect.CHANGES_YIELD
                | Effect.DESTROYS_STOCK
                | Effect.DESTROYS_WORK
            ):
                return Target.POINT
            case (
                Effect.SCALES_DEMAND
                | Effect.SCALES_STREAM_PRICE
                | Effect.BARS_STREAM
                | Effect.CHANGES_STREAM_PRICE
                | Effect.RELIEVES_STREAM
            ):
                return Target.STREAM
            case Effect.CHANGES_INPUT_UNITS:
                return Target.INPUT
            case Effect.CHANGES_ENGINEERS:
                return Target.FIRM
            case Effect.LIFTS:
                return Target.INTERVENTION
            case _:
                assert_never(self)

    @property
    def is_blamed(self) -> bool:
        """Whether what is lost at its target is told as lost through the intervention."""
        match self:
            case (
                Effect.RESTRICTS_LANE
                | Effect.PAUSES_LANE
                | Effect.SCALES_CAPACITY
                | Effect.PAUSES_RECIPE
                | Effect.SCALES_DEMAND
                | Effect.SCALES_STREAM_PRICE
                | Effect.BARS_STREAM
                | Effect.CHANGES_CAPACITY
                | Effect.CHANGES_LANE_CAPACITY
                | Effect.CHANGES_LANE_CAPACITY_SHARE
                | Effect.CHANGES_SHARE
                | Effect.CHANGES_SUBSIDIARY_SHARE
                | Effect.CHANGES_LEAD_TIME
                | Effect.CHANGES_STREAM_PRICE
                | Effect.CHANGES_INPUT_UNITS
                | Effect.CHANGES_YIELD
                | Effect.DESTROYS_STOCK
                | Effect.DESTROYS_WORK
                | Effect.DESTROYS_TRANSIT
            ):
                return True
            case (
                Effect.RELIEVES_LANE
                | Effect.SCALES_LANE_PRICE
                | Effect.RAISES_TARGET
                | Effect.LIFTS
                | Effect.CHANGES_LANE_PRICE
                | Effect.CHANGES_ENGINEERS
                | Effect.TAXES_LANE
                | Effect.RELIEVES_STREAM
            ):
                return False
            case _:
                assert_never(self)
