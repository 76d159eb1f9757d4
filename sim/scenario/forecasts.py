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
LEAST_SEASON_DAYS = 2


class MovingAverage(Frozen):
    """The mean of what was asked on the last days."""

    code: ClassVar = ForecastKind.MOVING_AVERAGE
    called: ClassVar[str | None] = "a moving_average forecast"

    kind: Literal["moving_average"]
    days: Annotated[int, Field(ge=1, le=MAX_WINDOW_DAYS)] = Field(description="Days that are averaged.")

    @property
    def remembered_days(self) -> int:
        """Numbers of days that it keeps one by one."""
        return self.days


class ExponentialSmoothing(Frozen):
    """A level, and a trend where it has a weight, that follow what is asked day by day (Holt)."""

    code: ClassVar = ForecastKind.EXPONENTIAL_SMOOTHING
    called: ClassVar[str | None] = "an exponential_smoothing forecast"

    kind: Literal["exponential_smoothing"]
    level_smoothing: Share = Field(description="Weight of a day in the level.")
    trend_smoothing: Share = Field(ZERO, description="Weight of a day's change of level in the trend.")

    @property
    def remembered_days(self) -> int:
        """Numbers of days that it keeps one by one."""
        return 0


class HoltWinters(Frozen):
    """A level, a trend and a season that adds up with them, which follow what is asked day by day."""

    code: ClassVar = ForecastKind.HOLT_WINTERS
    called: ClassVar[str | None] = "a holt_winters forecast"

    kind: Literal["holt_winters"]
    level_smoothing: Share = Field(description="Weight of a day, without its season, in the level.")
    trend_smoothing: Share = Field(ZERO, description="Weight of a day's change of level in the trend.")
    season_smoothing: Share = Field(description="Weight of a day, without the level, in its season.")
    season_days: Annotated[int, Field(ge=LEAST_SEASON_DAYS, le=MAX_WINDOW_DAYS)] = Field(
        description="Days after which the season begins anew."
    )

    @property
    def remembered_days(self) -> int:
        """Numbers of days that it keeps one by one."""
        return self.season_days


Forecast = Annotated[MovingAverage | ExponentialSmoothing | HoltWinters, Field(discriminator="kind")]

FORECASTS: dict[ForecastKind, type[MovingAverage | ExponentialSmoothing | HoltWinters]] = {
    forecast.code: forecast for forecast in get_args(get_args(Forecast)[0])
}
"""What each code of a plan stands for, but for planned usage that is known."""
