"""How a stock point forecasts what will be asked of it from what it has seen.

The list at the end closes the set: what is in it, a stock point may have.
"""

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from sim.kinds import ForecastKind
from sim.scenario.distributions import Frozen
from sim.scenario.fields import ZERO
from sim.scenario.quantities import Share

MAX_WINDOW_DAYS = 1000


class MovingAverage(Frozen):
    """The mean of what was asked on the last days."""

    code: ClassVar = ForecastKind.MOVING_AVERAGE
    called: ClassVar[str | None] = "a moving_average forecast"

    kind: Literal["moving_average"]
    days: Annotated[int, Field(ge=1, le=MAX_WINDOW_DAYS)] = Field(description="Days that are averaged.")


class ExponentialSmoothing(Frozen):
    """A level, and a trend where it has a weight, that follow what is asked day by day (Holt)."""

    code: ClassVar = ForecastKind.EXPONENTIAL_SMOOTHING
    called: ClassVar[str | None] = "an exponential_smoothing forecast"

    kind: Literal["exponential_smoothing"]
    level_smoothing: Share = Field(description="Weight of a day in the level.")
    trend_smoothing: Share = Field(ZERO, description="Weight of a day's change of level in the trend.")


Forecast = Annotated[MovingAverage | ExponentialSmoothing, Field(discriminator="kind")]

FORECASTS: dict[ForecastKind, type[MovingAverage | ExponentialSmoothing]] = {
    forecast.code: forecast for forecast in get_args(get_args(Forecast)[0])
}
"""What each code of a plan stands for, but for planned usage that is known."""
