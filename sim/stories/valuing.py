"""What portfolios are worth, each simulated when it is first asked for; what a search of them finds."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from sim.errors import ScenarioError, SimError
from sim.model.plan import Floats
from sim.montecarlo.workers import cores
from sim.risk import tail
from sim.risk.keeping import breaches
from sim.risk.portfolios import LEVEL, PortfolioValues, loss_of_result
from sim.risk.searching import Choice, search
from sim.risk.tradeoffs import frontier
from sim.scenario.levers import Constraints
from sim.scenario.portfolios import NOTHING, Portfolio, Taken
from sim.scenario.schema import Scenario
from sim.stories.portfolios import Evaluator, outlays
from sim.stories.searching import Levers, dates_of, levers_of

FEW_FUTURES = 256
"""Futures up to which portfolios are simulated side by side."""
IMPOSSIBLE = np.array([math.inf, 0.0, 0.0, 0.0])


@dataclass(frozen=True, slots=True)
class Valued:
    """What comes of portfolios on the same futures, each simulated when it is first asked for.

    The day on which a lever is decided is simulated only where a field of the scenario gets it: else it
    moves nothing but typed costs.

    Parameters
    ----------
    evaluator
        Simulates them.
    """

    evaluator: Evaluator
    _found: dict[frozenset[Taken], PortfolioValues] = field(default_factory=dict)

    def __call__(self, portfolio: Portfolio) -> PortfolioValues:
        """What comes of a portfolio."""
        key = self.key(portfolio)
        if key not in self._found:
            self._found[key] = self.evaluator.values(portfolio)
        return _at_cost(self._found[key], outlays(self.evaluator.levered.scenario, portfolio))

    def ahead(self, portfolios: Iterable[Portfolio]) -> None:
        """Simulate portfolios that will be asked for, as :func:`ahead`."""
        ahead((self, portfolio) for portfolio in portfolios)

    def knows(self, portfolio: Portfolio) -> bool:
        """Whether what comes of a portfolio is known."""
        return self.key(portfolio) in self._found

    def learn(self, portfolio: Portfolio, evaluator: Evaluator) -> None:
        """Have a portfolio simulated by one of our evaluators; one that cannot be taken stays unknown."""
        with suppress(SimError):
            self._found[self.key(portfolio)] = evaluator.values(portfolio)

    def key(self, portfolio: Portfolio) -> frozenset[Taken]:
        """What a portfolio is told from others by: as far as the simulation sees it."""
        scenario = self.evaluator.levered.scenario
        return frozenset(_simulated(scenario, taken) for taken in portfolio.taken)

    def result(self, portfolio: Portfolio) -> Floats:
        """``[replication]`` results."""
        return self(portfolio).result

    def signal_days(self, portfolio: Portfolio, lever: str) -> Floats:
        """``[replication]`` days on which the signal of a lever has come, as an :class:`Evaluator` has it."""
        return self.evaluator.signal_days(portfolio, self(portfolio), lever)


def ahead(wanted: Iterable[tuple[Valued, Portfolio]]) -> None:
    """Simulate portfolios that will be asked for side by side, each on one core.

    Few futures do not fill the cores; many do by themselves, and wait until they are asked for. Batches come
    in the order of what is wanted, however many cores there are.

    Parameters
    ----------
    wanted
        Portfolios, each with what values it; all of these have their batches from one place.
    """
    new = {
        (id(valued), valued.key(portfolio)): (valued, portfolio)
        for valued, portfolio in wanted
        if valued.evaluator.replications <= FEW_FUTURES and not valued.knows(portfolio)
    }
    if not new:
        return
    batches = next(iter(new.values()))[0].evaluator.batches
    threads = batches.workers or cores()
    jobs = [
        (valued, portfolio, replace(valued.evaluator, batches=own))
        for (valued, portfolio), own in zip(new.values(), batches.apart(len(new)), strict=True)
    ]
    beside = len(jobs) // threads * threads
    for *_, evaluator in jobs[:beside]:
        evaluator.batches.workers = 1
    with ThreadPoolExecutor(threads) as pool:
        try:
            list(pool.map(lambda job: job[0].learn(*job[1:]), jobs[:beside]))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for valued, portfolio, evaluator in jobs[beside:]:
        valued.learn(portfolio, evaluator)


def _simulated(scenario: Scenario, taken: Taken) -> Taken:
    """A lever without the day on which it is decided, where the simulation does not see it."""
    dates = scenario.levers[taken.lever].dates
    return taken if dates and dates.paths else replace(taken, date=None)


def _at_cost(values: PortfolioValues, paid: Floats) -> PortfolioValues:
    """The same with other typed costs."""
    more = float(paid[-1]) - values.typed_cost
    return replace(
        values,
        result=values.result - more,
        result_without_shock=values.result_without_shock - more,
        outlays=paid,
    )


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found.

    Attributes
    ----------
    valued
        Objectives of each choice: how far it breaks constraints, mean loss of result, its shortfall, cost.
    levers
        The space.
    """

    valued: Mapping[Choice, Floats]
    levers: Levers

    @property
    def best(self) -> list[Portfolio]:
        """Portfolios, the highest mean result first, those that break constraints last; impossible ones none.

        Of those that come to the same, the one with the fewest levers.
        """
        possible = [choice for choice, found in self.valued.items() if math.isfinite(found[0])]
        ordered = sorted(
            possible, key=lambda choice: (*self.valued[choice][:2], np.count_nonzero(choice[::2]))
        )
        alike: set[tuple[float, ...]] = set()
        kept = []
        for choice in ordered:
            outcome = tuple(map(float, self.valued[choice]))
            if outcome not in alike:
                kept.append(self.levers.portfolio(choice))
            alike.add(outcome)
        return kept

    @property
    def frontier(self) -> list[Portfolio]:
        """Portfolios for which none costs as little and has as low a shortfall, the cheapest first."""
        possible = [choice for choice, found in self.valued.items() if math.isfinite(found[0])]
        found = np.array([self.valued[choice] for choice in possible])
        return [self.levers.portfolio(possible[place]) for place in frontier(found[:, 3], found[:, 2])]

    def best_way_to_take(self, lever: str) -> Taken:
        """How a lever is taken in the best portfolio that has it; its first option where none was tried."""
        for portfolio in self.best:
            for taken in portfolio.taken:
                if taken.lever == lever:
                    return taken
        option = next(option for option in self.levers.options if option.lever == lever)
        return Taken(lever, option.levels[0], option.dates[0])


@dataclass(frozen=True, slots=True)
class Outlook:
    """One or several scenarios of the same levers, with weights that add up to 1.

    Parameters
    ----------
    weights
        One for each.
    valued
        What comes of portfolios in each, on futures of the same numbers.
    """

    weights: Sequence[float]
    valued: Sequence[Valued]

    @property
    def scenario(self) -> Scenario:
        """One of the scenarios, which has the levers."""
        return self.valued[0].evaluator.levered.scenario

    def ahead(self, portfolios: Iterable[Portfolio]) -> None:
        """Simulate portfolios that will be asked for in every scenario, as :func:`ahead`."""
        ahead([(valued, portfolio) for portfolio in portfolios for valued in self.valued])

    @property
    def constraints(self) -> Constraints:
        """What a portfolio must keep to."""
        asked = self.scenario.mitigation
        return asked.constraints if asked else Constraints()

    def values(self, portfolio: Portfolio) -> list[PortfolioValues]:
        """What comes of a portfolio in each scenario."""
        return [each(portfolio) for each in self.valued]

    def mean(self, of_each: Sequence[Floats]) -> Floats:
        """The weighted mean of what comes of the scenarios."""
        total = np.zeros(np.shape(of_each[0]))
        for weight, one in zip(self.weights, of_each, strict=True):
            total += weight * one
        return total

    def result(self, portfolio: Portfolio) -> Floats:
        """``[replication]`` results, by weight."""
        return self.mean([each.result for each in self.values(portfolio)])

    def merit(self, portfolio: Portfolio) -> tuple[float, float]:
        """By how much a portfolio breaks constraints, and its mean result turned round: less is better."""
        return float(self.objectives(portfolio)[0]), -float(self.result(portfolio).mean())

    def objectives(self, portfolio: Portfolio) -> Floats:
        """How far a portfolio breaks constraints, mean loss of result, its shortfall, and cost, by weight."""
        both = zip(self.values(portfolio), self.values(NOTHING), strict=True)
        return self.mean([_objectives(own, nothing, self.constraints) for own, nothing in both])

    def searched(self, limit: int, seed: int) -> Searched:
        """What a search finds, that values so many portfolios at most."""
        levers = levers_of(self.scenario)

        def objectives(choice: Choice) -> Floats:
            try:
                return self.objectives(levers.portfolio(choice))
            except (ScenarioError, SimError):
                return IMPOSSIBLE

        def prepare(choices: Sequence[Choice]) -> None:
            self.ahead(map(levers.portfolio, choices))

        return Searched(search(levers, objectives, limit, seed, prepare), levers)

    def by_day(self, portfolio: Portfolio, taken: Taken, most: int) -> dict[dt.date, Floats]:
        """``[replication]`` what a lever of a portfolio adds, by some of the days on which it can be decided.

        Parameters
        ----------
        portfolio, taken
            The portfolio, and one of its levers.
        most
            How many days at most; that of the portfolio comes on top.
        """
        days = {*dates_of(self.scenario.levers[taken.lever], most), taken.date}
        by_day = {
            day: with_(self.scenario, portfolio, replace(taken, date=day))
            for day in sorted(day for day in days if day is not None)
        }
        self.ahead([portfolio.without(taken.lever), *by_day.values()])
        without = self.result(portfolio.without(taken.lever))
        return {day: self.result(other) - without for day, other in by_day.items()}


def _objectives(own: PortfolioValues, nothing: PortfolioValues, constraints: Constraints) -> Floats:
    loss = loss_of_result(own, nothing)
    cost = nothing.result_without_shock - own.result_without_shock
    broken = sum(breaches(own, nothing, constraints).values())
    return np.array(
        [broken, loss.mean(), tail.expected_shortfall(loss, LEVEL), cost.mean()], dtype=np.float64
    )


def with_(scenario: Scenario, portfolio: Portfolio, taken: Taken) -> Portfolio:
    """A portfolio with a lever, in the order of the file."""
    order = list(scenario.levers)
    return Portfolio(tuple(sorted(portfolio.with_(taken).taken, key=lambda each: order.index(each.lever))))
