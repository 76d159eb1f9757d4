"""How a mitigation comes to its advice: search, selection, fresh numbers, and what surrounds the advice."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from sim.engines.random import squares_key
from sim.errors import ScenarioError, SimError
from sim.model.levered import Levered
from sim.model.plan import Floats
from sim.montecarlo.batches import Batches
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.sampling import REPLICATES, sampled_apart
from sim.risk.keeping import breaches
from sim.risk.mitigation_tables import Adaptive, Advice, Interaction, LeverValue, Regret, Told, Waiting
from sim.risk.portfolios import as_good_as_best
from sim.risk.replicated import estimators_of
from sim.risk.selection import FEWEST, Selection, observations_needed, observations_of, select
from sim.risk.tradeoffs import days_needed, moved_before, on_signal
from sim.risk.view_tables import ViewPlan
from sim.scenario.levers import Constraints
from sim.scenario.portfolios import NOTHING, Portfolio, Taken
from sim.stories.pacing import Pace
from sim.stories.portfolios import Evaluator
from sim.stories.searching import SIGNAL_DATES, WAITING_DATES, Options, dates_of, levers_of
from sim.stories.valuing import Outlook, Searched, Valued, with_
from sim.stories.viewing import Viewing

SEARCHED_SHARE = 4
"""A portfolio of the search, and one of a view, is simulated in about one of so many of the futures."""
FINALISTS = 5
"""Portfolios that are told apart, doing nothing among them."""
STAGES = 3
"""Batches of futures at most in which they are, the first stage among them."""
ON_FRONTIER = 4
"""Portfolios of the frontier that are simulated in fresh futures, beside those that are there already."""
MOST_PAIRED = 3
"""Levers whose interactions are told: those that add most."""
ZONE_SHARE = 0.01
"""Indifference zone, of the mean loss of result if nothing is done."""


def phases(levered: Levered, replications: int, evaluations: int, views: int) -> tuple[int, int, int, int]:
    """About how many replications the search, the selection, fresh futures and the views take.

    Parameters
    ----------
    levered
        The scenario with its levers.
    replications, evaluations
        As for :class:`Adviser`.
    views
        How many there are.
    """
    levers, few = levers_of(levered.scenario), _few(levered, replications)
    there_are = math.prod(levers.sizes)
    tried, finalists = min(evaluations, there_are), min(FINALISTS, there_are)
    return (
        tried * few,
        finalists * replications,
        (finalists + ON_FRONTIER + 2 * len(levers.options)) * replications,
        views * _portfolios_of_a_view(min(evaluations // SEARCHED_SHARE, there_are)) * few,
    )


def _few(levered: Levered, replications: int) -> int:
    """The futures of a search, and of a view: whole blocks of the engine, as a part of one takes as long."""
    width = block_width(levered.as_it_stands)
    return max(replications // SEARCHED_SHARE // width * width, width, REPLICATES)


def _portfolios_of_a_view(searched: int) -> int:
    """About how many portfolios are simulated in a view."""
    return searched + ON_FRONTIER + 2 * FINALISTS + 4 * WAITING_DATES


@dataclass(frozen=True, slots=True)
class Adviser:
    """Finds what to do.

    Parameters
    ----------
    levered
        The scenario with its levers.
    replications
        Futures of each stage of the selection, and fresh ones.
    evaluations
        The most portfolios of the search.
    seed, batches
        The futures, and who has them simulated.
    """

    levered: Levered
    replications: int
    evaluations: int
    seed: int
    batches: Batches

    def advice(self, views: Mapping[str, Levered]) -> Advice:
        """Which portfolio to take, and all that is told of it.

        Parameters
        ----------
        views
            By file, scenarios over which the levers are laid too.
        """
        pace = Pace(self.batches)
        steps = phases(self.levered, self.replications, self.evaluations, len(views))
        pace.begin(steps[0])
        few = _few(self.levered, self.replications)
        found = Outlook([1.0], [Valued(self._evaluator(self.levered, few, "search"))]).searched(
            self.evaluations, self.seed
        )
        finalists = self._finalists(found)
        pace.begin(steps[1])
        selection = self._selected(finalists, self._zone(found))
        pace.begin(steps[2])
        evaluator = self._evaluator(self.levered, self.replications, "fresh")
        fresh = Valued(evaluator)
        recommended, passed_over = self._recommended(finalists, selection, fresh)
        told = self._told(found, finalists, recommended, fresh)
        levers = self._lever_values(found, recommended, fresh)
        interactions, waiting = self._interactions(recommended, fresh), self._waiting(recommended, fresh)
        adaptive = list(self._adaptive(found, recommended, fresh))
        pace.begin(steps[3])
        regret, view_plans = self._over_views(
            [NOTHING, recommended, *_spread(found.frontier)], recommended, views
        )
        pace.begin(0)
        return Advice(
            scenario=self.levered.scenario,
            maker=self.levered.maker,
            estimators=estimators_of(self._method),
            told=told,
            apart=sampled_apart(
                (self.levered.plan(each.portfolio) for each in told), evaluator.seed, self.replications
            ),
            recommended=recommended,
            passed_over=passed_over,
            tried=len(found.valued),
            finalists=finalists,
            selection=selection,
            levers=levers,
            interactions=interactions,
            waiting=waiting,
            adaptive=adaptive,
            regret=regret,
            view_plans=view_plans,
        )

    def _over_views(
        self, portfolios: Sequence[Portfolio], recommended: Portfolio, views: Mapping[str, Levered]
    ) -> tuple[Regret | None, list[ViewPlan]]:
        asked = self.levered.scenario.mitigation
        if not views or asked is None:
            return None, []
        viewing = Viewing(
            views=views,
            weights=asked.views,
            replications=_few(self.levered, self.replications),
            evaluations=max(self.evaluations // SEARCHED_SHARE, 2),
            seed=self.seed,
            evaluator_of=self._evaluator,
        )
        return viewing.told(portfolios, recommended)

    @property
    def _constraints(self) -> Constraints:
        asked = self.levered.scenario.mitigation
        return asked.constraints if asked else Constraints()

    @property
    def _method(self) -> str:
        return self.levered.scenario.analysis.sampling

    def _evaluator(self, of: Levered, replications: int, purpose: str) -> Evaluator:
        return Evaluator(of, replications, int(squares_key(self.seed, purpose)) >> 1, self.batches)

    def _finalists(self, found: Searched) -> list[Portfolio]:
        others = [portfolio for portfolio in found.best if portfolio != NOTHING]
        return [NOTHING, *others[: FINALISTS - 1]]

    def _selected(self, finalists: Sequence[Portfolio], zone: float) -> Selection:
        """Tell finalists apart: the first stage says how many more futures that takes."""
        first = self._observed(finalists, 0)
        if len(finalists) < FEWEST:
            return select(first, len(first), zone)
        needed = observations_needed(first, zone)
        further = min(math.ceil((needed - len(first)) / len(first)), STAGES - 1)
        stages = [first, *(self._observed(finalists, 1 + stage) for stage in range(further))]
        return select(np.concatenate(stages), len(first), zone)

    def _observed(self, finalists: Sequence[Portfolio], stage: int) -> Floats:
        values = Valued(self._evaluator(self.levered, self.replications, f"selection {stage}"))
        values.ahead(finalists)
        return observations_of(np.stack([values.result(each) for each in finalists], axis=1))

    def _zone(self, found: Searched) -> float:
        """A hundredth of what is lost on average if nothing is done, as the search's futures tell."""
        lost = abs(float(next(iter(found.valued.values()))[1]))
        return ZONE_SHARE * lost or 1.0

    def _recommended(
        self, finalists: Sequence[Portfolio], selection: Selection, fresh: Valued
    ) -> tuple[Portfolio, list[Portfolio]]:
        """The best finalist that, in fresh futures, keeps to what is asked and is better than doing nothing.

        Where doing nothing does not keep to what is asked itself, what earns less may be recommended.
        """
        fresh.ahead([NOTHING, *finalists])
        nothing = fresh(NOTHING)

        def broken(portfolio: Portfolio) -> float:
            return sum(breaches(fresh(portfolio), nothing, self._constraints).values())

        must_act = broken(NOTHING) > 0.0
        passed_over: list[Portfolio] = []
        for place in np.argsort(-selection.means, kind="stable"):
            one = finalists[place]
            more = float((fresh.result(one) - nothing.result).mean())
            if broken(one) == 0.0 and (one == NOTHING or must_act or more > 0.0):
                return one, passed_over
            passed_over.append(one)
        least = min(finalists, key=broken)
        return least, [portfolio for portfolio in passed_over if portfolio != least]

    def _told(
        self, found: Searched, finalists: Sequence[Portfolio], recommended: Portfolio, fresh: Valued
    ) -> list[Told]:
        """Nothing, what is recommended, the finalists and the frontier, each in fresh futures."""
        chosen: dict[frozenset[Taken], Portfolio] = {}
        for portfolio in (NOTHING, recommended, *finalists, *_spread(found.frontier)):
            chosen.setdefault(frozenset(portfolio.taken), portfolio)
        fresh.ahead(chosen.values())
        nothing = fresh(NOTHING)
        return [
            Told(each, fresh(each), breaches(fresh(each), nothing, self._constraints))
            for each in chosen.values()
        ]

    def _lever_values(self, found: Searched, recommended: Portfolio, fresh: Valued) -> list[LeverValue]:
        """What each lever adds: of those taken against leaving it out, of others if it were added."""
        base, chosen = fresh.result(recommended), {taken.lever: taken for taken in recommended.taken}
        further = {
            option.lever: found.best_way_to_take(option.lever)
            for option in found.levers.options
            if option.lever not in chosen
        }
        others = {
            option.lever: recommended.without(option.lever)
            if option.lever in chosen
            else with_(self.levered.scenario, self._beside(recommended, option), further[option.lever])
            for option in found.levers.options
        }
        fresh.ahead(others.values())
        values = []
        for name, other in others.items():
            try:
                added = fresh.result(other) - base
            except (ScenarioError, SimError):
                continue
            if name in chosen:
                values.append(LeverValue(chosen[name], True, -added))
            else:
                values.append(LeverValue(further[name], False, added))
        return values

    def _interactions(self, recommended: Portfolio, fresh: Valued) -> list[Interaction]:
        def added(taken: Taken) -> float:
            return float((fresh.result(recommended) - fresh.result(recommended.without(taken.lever))).mean())

        paired = sorted(recommended.taken, key=lambda taken: -abs(added(taken)))[:MOST_PAIRED]
        found, pairs = [], list(combinations(sorted(taken.lever for taken in paired), 2))
        fresh.ahead(recommended.without(one).without(other) for one, other in pairs)
        for one, other in pairs:
            without = [recommended.without(one), recommended.without(other)]
            both = recommended.without(one).without(other)
            more = fresh.result(recommended) + fresh.result(both)
            found.append(Interaction(one, other, more - fresh.result(without[0]) - fresh.result(without[1])))
        return found

    def _waiting(self, recommended: Portfolio, fresh: Valued) -> list[Waiting]:
        found, outlook = [], Outlook([1.0], [fresh])
        for taken in recommended.taken:
            added = outlook.by_day(recommended, taken, WAITING_DATES)
            if added:
                as_good = as_good_as_best(list(added.values()), estimators_of(self._method))
                found += [
                    Waiting(taken.lever, date, values, good)
                    for (date, values), good in zip(added.items(), as_good, strict=True)
                ]
        return found

    def _adaptive(self, found: Searched, recommended: Portfolio, fresh: Valued) -> Iterator[Adaptive]:
        """Levers that have a signal: waiting for it, beside the rest of what is recommended."""
        scenario = self.levered.scenario
        chosen = {taken.lever: taken for taken in recommended.taken}
        for option in found.levers.options:
            lever = scenario.levers[option.lever]
            if lever.signal is None or lever.dates is None:
                continue
            way = chosen.get(option.lever) or found.best_way_to_take(option.lever)
            others = self._beside(recommended, option)
            signals, never = fresh.signal_days(others, option.lever), fresh(others)
            dates = [date for date in dates_of(lever, SIGNAL_DATES) if date is not None]
            dates = [dates[place] for place in days_needed(signals, [self._day(date) for date in dates])]
            decided = [with_(scenario, others, replace(way, date=date)) for date in dates]
            fresh.ahead(decided)
            moved = [fresh.signal_days(each, option.lever) for each in decided]
            added, days = [fresh.result(each) - never.result for each in decided], list(map(self._day, dates))
            yield Adaptive(
                lever=option.lever,
                signal=lever.signal,
                comes=signals <= self._day(lever.dates.latest),
                moves_signal=moved_before(signals, np.stack(moved), days),
                waiting=on_signal(added, days, np.zeros_like(never.result), signals),
                now=added[0],
            )

    def _day(self, date: dt.date) -> int:
        """A date as days from the first simulated one."""
        return (date - self.levered.scenario.calendar.start).days

    def _beside(self, recommended: Portfolio, option: Options) -> Portfolio:
        """A portfolio without a lever and whatever this excludes."""
        for name in (option.lever, *sorted(option.excludes)):
            recommended = recommended.without(name)
        return recommended


def _spread(portfolios: Sequence[Portfolio]) -> list[Portfolio]:
    """Some of the portfolios of a frontier, evenly, both ends among them."""
    places = np.linspace(0, len(portfolios) - 1, min(len(portfolios), ON_FRONTIER)).round()
    return [portfolios[int(place)] for place in np.unique(places)]
