"""What stock points forecast from what was asked of them (``docs/model.md``, Forecasts)."""

from collections.abc import Callable

from sim.engines import rules
from sim.engines.promising import Promising
from sim.kinds import ForecastKind, PolicyKind
from sim.model.schedule import MOST_COVER_DAYS


class Forecasting(Promising):
    """A network in which some stock points do not know planned usage, and learn from what they see."""

    asked: list[float]
    ordered: list[float]
    orders_reached: list[float]

    def _foresee(self, point: int, day: int) -> None:
        """Learn from what is asked today, and set the levels of the policy by what is to be expected."""
        FORECASTS[self.forecast[point]](self, point, day, self._seen(point))
        up_to, reorder_at = (
            self._level(point, day, units[point], cover_days[point])
            for units, cover_days in (
                (self.target_units, self.cover_days),
                (self.reorder_units, self.reorder_cover_days),
            )
        )
        if self.policy[point] == PolicyKind.REORDER_QUANTITY:
            up_to = reorder_at + self.batch[point]
        self.up_to[day][point], self.reorder_at[day][point] = up_to, reorder_at

    def _seen(self, point: int) -> float:
        """Units for which customers, buyers and recipes have asked today."""
        total = 0.0
        for stream in self.streams_at[point]:
            total += self.asked[stream]
        for lane in self.outbound[point]:
            total += self.orders_reached[lane] * self.lane_units[lane]
        for edge in self.uses_of[point]:
            made = self.edge_made[edge]
            total += self.ordered[made] / self.yield_share[made] * self.edge_units[edge]
        return total

    def _level(self, point: int, day: int, units: float, cover_days: float) -> float:
        factor, extra = self.target_factor[day][point], self.extra_cover_days[day][point]
        cover = min(factor * cover_days + extra, MOST_COVER_DAYS)
        level, trend = self.forecast_level[point], self.forecast_trend[point]
        seasonal = 0.0
        if self.forecast[point] == ForecastKind.HOLT_WINTERS:
            seasonal = rules.season_ahead(self.window[point], day + 1, cover)
        return factor * units + rules.foreseen(level, trend, seasonal, cover)


def _average(network: Forecasting, point: int, _day: int, asked: float) -> None:
    window = network.window[point]
    window.append(asked)
    del window[0]
    network.forecast_level[point] = rules.total(window) / len(window)


def _smooth(network: Forecasting, point: int, _day: int, asked: float) -> None:
    level, trend = network.forecast_level[point], network.forecast_trend[point]
    now = rules.smoothed(asked, level + trend, network.level_smoothing[point])
    network.forecast_level[point] = now
    network.forecast_trend[point] = rules.smoothed(now - level, trend, network.trend_smoothing[point])


def _smooth_with_season(network: Forecasting, point: int, day: int, asked: float) -> None:
    season = network.window[point]
    today = day % len(season)
    _smooth(network, point, day, asked - season[today])
    beyond_level = asked - network.forecast_level[point]
    season[today] = rules.smoothed(beyond_level, season[today], network.season_smoothing[point])


FORECASTS: dict[ForecastKind, Callable[[Forecasting, int, int, float], None]] = {
    ForecastKind.MOVING_AVERAGE: _average,
    ForecastKind.EXPONENTIAL_SMOOTHING: _smooth,
    ForecastKind.HOLT_WINTERS: _smooth_with_season,
}
"""How each forecast learns from a day. What is not in here, the engine refuses to load."""
