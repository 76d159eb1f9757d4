"""What to do if another view is true: regret, a plan for each view, and one for all of them by weight."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.errors import ScenarioError, SimError
from sim.model.levered import Levered
from sim.risk.mitigation_tables import Regret
from sim.risk.portfolios import as_good_as_best
from sim.risk.replicated import estimators_of
from sim.risk.tradeoffs import regrets
from sim.risk.view_tables import View, ViewPlan
from sim.scenario.portfolios import NOTHING, Portfolio, Taken
from sim.stories.portfolios import Evaluator
from sim.stories.searching import WAITING_DATES
from sim.stories.valuing import Outlook, Valued

EvaluatorOf = Callable[[Levered, int, str], Evaluator]
"""Gives who simulates portfolios of a scenario, in so many futures of a purpose."""


@dataclass(frozen=True, slots=True)
class Viewing:
    """Looks at what is recommended from other views.

    Parameters
    ----------
    views
        By file, scenarios over which the levers are laid.
    weights
        By file.
    replications, evaluations
        Futures of a portfolio that is told, and the most portfolios that a search of a view values.
    seed
        Of the search.
    evaluator_of
        Gives who simulates.
    """

    views: Mapping[str, Levered]
    weights: Mapping[str, float]
    replications: int
    evaluations: int
    seed: int
    evaluator_of: EvaluatorOf

    def candidates(self, portfolios: Sequence[Portfolio]) -> list[Portfolio]:
        """Portfolios, with what a short search finds best in each view and in all, that fit every view."""
        found = {frozenset(each.taken): each for each in portfolios}
        for outlook in self._outlooks("search").values():
            best = outlook.searched(self.evaluations, self.seed).best[0]
            found.setdefault(frozenset(best.taken), best)
        return [each for each in found.values() if _fits(each, self.views.values())]

    def regret(self, candidates: Sequence[Portfolio], outlooks: Mapping[str, Outlook]) -> Regret:
        """What each portfolio is worth in each view, and gives up against the best there."""
        means = [
            [float(outlooks[name].result(portfolio).mean()) for name in self.views]
            for portfolio in candidates
        ]
        weights = [self.weights[name] for name in self.views]
        return Regret(
            portfolios=candidates,
            views=[self._view(name) for name in self.views],
            values=np.array(means),
            regrets=regrets(means, weights),
        )

    def told(self, portfolios: Sequence[Portfolio], recommended: Portfolio) -> tuple[Regret, list[ViewPlan]]:
        """Regret, then a plan for each view and one for all of them.

        A plan is chosen in the futures of the regret and told in fresh ones; where it earns no more there
        than what is recommended, or than doing nothing, it falls to these.

        Parameters
        ----------
        portfolios
            Some that are compared in any case, doing nothing first.
        recommended
            What is recommended without a look at the views.
        """
        candidates = self.candidates(portfolios)
        chosen = self._outlooks("views")
        fresh = self._outlooks("plans")
        plans = []
        for name, outlook in chosen.items():
            outlook.ahead(candidates)
            best = min(candidates, key=outlook.merit)
            known = recommended if recommended in candidates else NOTHING
            plans.append(self._plan(name, best, known, fresh[name]))
        return self.regret(candidates, chosen), plans

    def _plan(self, name: str, best: Portfolio, known: Portfolio, fresh: Outlook) -> ViewPlan:
        fresh.ahead([NOTHING, known, best])
        plan = min((NOTHING, known, best), key=fresh.merit)
        return ViewPlan(
            view=self._view(name) if name else None,
            weights=list(fresh.weights),
            portfolio=plan,
            own=fresh.values(plan),
            nothing=fresh.values(NOTHING),
            recommended=fresh.values(known),
            decide_by={taken.lever: self._decide_by(fresh, plan, taken) for taken in plan.taken},
        )

    @staticmethod
    def _decide_by(outlook: Outlook, plan: Portfolio, taken: Taken) -> dt.date | None:
        """The last day on which a lever is worth as much as on the best one, as far as chance tells."""
        by_day = outlook.by_day(plan, taken, WAITING_DATES)
        if not by_day:
            return None
        as_good = as_good_as_best(list(by_day.values()), estimators_of(outlook.scenario.analysis.sampling))
        return max(day for day, holds in zip(by_day, as_good, strict=True) if holds)

    def _view(self, name: str) -> View:
        return View(name, self.views[name].scenario.title, self.weights[name])

    def _outlooks(self, purpose: str) -> dict[str, Outlook]:
        """Each view alone, then all of them by weight, without a name; they share what is simulated."""
        valued = {
            name: Valued(self.evaluator_of(view, self.replications, purpose))
            for name, view in self.views.items()
        }
        alone = {name: Outlook([1.0], [each]) for name, each in valued.items()}
        total = sum(self.weights[name] for name in valued)
        shares = [self.weights[name] / total for name in valued]
        return {**alone, ALL: Outlook(shares, list(valued.values()))} if len(valued) > 1 else alone


ALL = ""
"""In place of a view's name: all of them by weight."""


def _fits(portfolio: Portfolio, views: Iterable[Levered]) -> bool:
    """Whether a portfolio makes a scenario of every view."""
    try:
        for view in views:
            view.plan(portfolio)
    except (ScenarioError, SimError):
        return False
    return True
