"""Portfolios of levers simulated: every one on the same futures, each in a batch of its own."""

from dataclasses import dataclass, replace

import numpy as np

from sim.engines.costing import STOCK_CHANGE
from sim.engines.rules import WEEK
from sim.model.levered import Levered
from sim.model.plan import Floats, Plan
from sim.montecarlo.batches import Arrays, Batches
from sim.montecarlo.stops import stop_days
from sim.risk.designs import kept_of
from sim.risk.earnings import accounted
from sim.risk.margins import BESIDE, entries_of, result_of
from sim.risk.outcomes import Measured
from sim.risk.portfolios import PortfolioValues
from sim.risk.spreads import sum_of
from sim.scenario.levers import Signal
from sim.scenario.portfolios import NOTHING, Portfolio, typed_outlay
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Simulates portfolios of a scenario's levers, all with the same random numbers.

    Parameters
    ----------
    levered
        The scenario with its levers.
    replications, seed
        The futures.
    batches
        Has them simulated; each portfolio is the next batch.
    """

    levered: Levered
    replications: int
    seed: int
    batches: Batches

    @property
    def maker(self) -> str:
        """Id of the maker whose result counts."""
        return self.levered.maker

    @property
    def method(self) -> str:
        """How the scenario's uncertain numbers are sampled."""
        return self.levered.scenario.analysis.sampling

    def values(self, portfolio: Portfolio = NOTHING, replications: int | None = None) -> PortfolioValues:
        """What comes of a portfolio, future by future.

        Parameters
        ----------
        portfolio
            Levers of the scenario; default: nothing is done.
        replications
            The first so many futures; default: all.

        Raises
        ------
        SimError
            If the portfolio cannot be taken, or its result makes no sense.
        """
        return self.of_plan(self.levered.plan(portfolio), portfolio, replications)

    def of_plan(self, plan: Plan, portfolio: Portfolio, replications: int | None = None) -> PortfolioValues:
        """The same of what a portfolio was compiled to."""
        account = replace(accounted(plan), keeps_cash=True)
        maker = account.labels.makers.index(self.maker)
        kept = kept_of(
            account,
            lambda found: {
                **_kept(account, found, maker, plan.shock),
                **self._signals(account, found),
            },
            seed=self.seed,
            replications=replications or self.replications,
            batches=self.batches,
        )
        return _values(account, kept, maker, outlays(self.levered.scenario, portfolio))

    def _signals(self, plan: Plan, measured: Measured) -> Arrays:
        """By lever that can wait for a signal that a run shows, when that has come."""
        return {
            f"{SIGNAL}{name}": _signal_days(plan, measured, lever.signal)
            for name, lever in self.levered.scenario.levers.items()
            if lever.signal is not None and lever.signal.supplier_stops is None
        }

    def signal_days(self, portfolio: Portfolio, values: PortfolioValues, lever: str) -> Floats:
        """``[replication]`` days from the first simulated one on which a lever's signal has come; NaN: never.

        Parameters
        ----------
        portfolio, values
            What is done, and what comes of it.
        lever
            One that has a signal.
        """
        firms = (signal := self.levered.scenario.levers[lever].signal) and signal.supplier_stops
        if firms is None:
            return values.signals[lever]
        plan = self.levered.plan(portfolio)
        lanes = _lanes_by_supplier(plan, plan.labels.makers.index(self.maker))
        stopping = [lane for firm in firms or lanes for lane in lanes.get(firm, [])]
        regular = [lane for lane in stopping if not plan.lanes.is_substitute[lane]]
        return stop_days(plan, self.seed, self.replications, np.array(regular, dtype=np.int64))

    def with_futures(self, replications: int, seed: int) -> "Evaluator":
        """The same with other futures."""
        return replace(self, replications=replications, seed=seed)


def outlays(scenario: Scenario, portfolio: Portfolio) -> Floats:
    """``[close]`` what is typed in of a portfolio's cost, as far as it is paid when weeks close, and all."""
    days = scenario.calendar.length_days
    closes = [*range(WEEK - 1, days // WEEK * WEEK, WEEK), days - 1]
    return np.array([typed_outlay(scenario, portfolio, day) for day in closes])


def _kept(plan: Plan, found: Measured, maker: int, shock: int) -> Arrays:
    """What is kept of some replications; times are days from the first simulated one, NaN is never."""
    outcome = found.outcome
    streams = np.flatnonzero(plan.maker_of_stream == maker)
    never = np.full(len(outcome.shock_day), np.nan)
    return {
        "result": result_of(plan, outcome, maker),
        "cash": _cash(plan, found, maker),
        "units": outcome.stream_units[:, :, streams],
        "short": outcome.first_lost_sales_days[:, maker],
        "shock": outcome.start[:, shock] if shock >= 0 else never,
        **{
            f"{ENTRY}{name}": amounts
            for name, part, amounts in entries_of(plan, outcome, maker)
            if part != BESIDE
        },
        **{
            f"{BOUGHT}{firm}": np.stack(
                [sum_of(outcome.lane_value[:, twin], lanes) for twin in (0, 1)], axis=1
            )
            for firm, lanes in _lanes_by_supplier(plan, maker).items()
        },
    }


def _cash(plan: Plan, found: Measured, maker: int) -> Floats:
    """``[replication, twin, close]`` money earned so far less what stock is worth more by.

    Week by week and at the end; NaN in weeks of replications of which no courses are kept.
    """
    last = result_of(plan, found.outcome, maker) - found.outcome.account[:, :, STOCK_CHANGE, maker]
    cash = np.full((*last.shape, plan.days // WEEK + 1), np.nan)
    cash[:, :, -1] = last
    by_week = found.courses.cash[:, :, maker]
    cash[: len(by_week), :, :-1] = np.cumsum(by_week, axis=2)
    return cash


ENTRY, BOUGHT, SIGNAL = "entry ", "bought ", "signal "
"""Before the names of entries, of suppliers, and of levers that have a signal, among what is kept."""


def _signal_days(plan: Plan, measured: Measured, signal: Signal) -> Floats:
    """``[replication]`` day on which a signal has come.

    That of a cover once its week is over, of a stock that runs out once its day is. NaN: never, and for a
    cover in replications of which no courses are kept.
    """
    if signal.intervention is not None:
        starts: Floats = measured.outcome.start[:, plan.labels.interventions.index(signal.intervention)]
        return starts
    if signal.runs_out is not None:
        ran_out: Floats = 1.0 + measured.outcome.run_out_days[:, plan.labels.points.index(signal.runs_out)]
        return ran_out
    point = plan.labels.points.index(str(signal.stock_point))
    place = plan.bought_by_makers.tolist().index(point)
    courses = measured.courses
    below = courses.stock[:, 0, place] < (signal.cover_below_days or 0.0) * courses.usage[:, place]
    days = np.full(len(measured.outcome.shock_day), np.nan)
    days[: len(below)] = np.where(below.any(axis=1), WEEK * (1.0 + below.argmax(axis=1)), np.nan)
    return days


def _lanes_by_supplier(plan: Plan, maker: int) -> dict[str, list[int]]:
    """By firm of which the maker buys, the lanes from it."""
    found: dict[str, list[int]] = {}
    seller, buyer = (plan.maker_of_point[end] for end in (plan.lanes.supplier, plan.lanes.buyer))
    for lane in np.flatnonzero((buyer == maker) & (seller != maker)).tolist():
        found.setdefault(plan.labels.firms[plan.points.firm[plan.lanes.supplier[lane]]], []).append(lane)
    return found


def _under(kept: Arrays, prefix: str) -> dict[str, Floats]:
    return {name.removeprefix(prefix): values for name, values in kept.items() if name.startswith(prefix)}


def _values(plan: Plan, kept: Arrays, maker: int, paid: Floats) -> PortfolioValues:
    cost = float(paid[-1])
    names = [plan.labels.streams[stream] for stream in np.flatnonzero(plan.maker_of_stream == maker)]
    with_shock, without = (kept["result"][:, twin] - cost for twin in (0, 1))
    units, normal = (
        {name: kept["units"][:, twin, place] for place, name in enumerate(names)} for twin in (0, 1)
    )
    survived = kept["short"] - kept["shock"]
    return PortfolioValues(
        result=with_shock,
        result_without_shock=without,
        cash=kept["cash"],
        outlays=paid,
        units=units,
        units_without_shock=normal,
        time_to_survive_days=np.where(np.isnan(survived), np.inf, survived),
        comes=~np.isnan(kept["shock"]),
        signals=_under(kept, SIGNAL),
        entries=_under(kept, ENTRY),
        bought=_under(kept, BOUGHT),
    )
