"""A plan for each view and one for all of them, as tables."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.model.plan import Floats
from sim.risk.comparison import columns_of
from sim.risk.portfolios import PortfolioValues, mean_of, mean_per
from sim.risk.replicated import Estimators
from sim.scenario.portfolios import Portfolio

ESTIMATES = ("cost", "gain", "advantage", "over_recommended")
COLUMNS = {
    "view_plans": (
        "view",
        "title",
        "weight",
        "portfolio",
        "chance_of_shock",
        *(f"{name}{end}" for name in ESTIMATES for end in ("", "_ci_low", "_ci_high")),
    ),
    "view_plan_levers": ("view", "lever", "level", "decided", "decide_by"),
}
ALL = "all"
"""Stands for all views by weight, where a table names one by its file."""


@dataclass(frozen=True, slots=True)
class View:
    """Another scenario over which the levers are laid: its file, its title and its weight."""

    file: str
    title: str
    weight: float


@dataclass(frozen=True, slots=True)
class ViewPlan:
    """What to do if a view is true, or by the weights of all.

    Attributes
    ----------
    view
        None: all of them.
    weights
        Of the scenarios of which it is: 1, or one for each view.
    portfolio
        What to do.
    own, nothing, recommended
        What comes of it, of doing nothing and of what is recommended without a look at the views, in each of
        these scenarios, on the same futures.
    decide_by
        By lever, the last day on which it is worth as much as on the best one, as far as chance tells.
    """

    view: View | None
    weights: Sequence[float]
    portfolio: Portfolio
    own: Sequence[PortfolioValues]
    nothing: Sequence[PortfolioValues]
    recommended: Sequence[PortfolioValues]
    decide_by: Mapping[str, dt.date | None]

    def mean(self, of_each: Sequence[Floats]) -> Floats:
        """``[replication]`` the weighted mean of what comes of the scenarios."""
        total = np.zeros(np.shape(of_each[0]))
        for weight, one in zip(self.weights, of_each, strict=True):
            total += weight * one
        return total

    def figures(self, estimators: Estimators) -> dict[str, Any]:
        """What it costs if the shock never comes, brings where it comes and on the whole, with intervals."""
        pairs = list(zip(self.own, self.nothing, strict=True))
        comes = [nothing.comes.astype(np.float64) for nothing in self.nothing]
        more = [own.result - nothing.result for own, nothing in pairs]
        given = [values * came for values, came in zip(more, comes, strict=True)]
        cost = [nothing.result_without_shock - own.result_without_shock for own, nothing in pairs]
        beside = [own.result - other.result for own, other in zip(self.own, self.recommended, strict=True)]
        found = {
            "cost": mean_of(self.mean(cost), estimators),
            "gain": mean_per(self.mean(given), self.mean(comes), estimators),
            "advantage": mean_of(self.mean(more), estimators),
            "over_recommended": mean_of(self.mean(beside), estimators),
        }
        return {
            "chance_of_shock": float(self.mean(comes).mean()),
            **{
                column: value for name in ESTIMATES for column, value in columns_of(name, found[name]).items()
            },
        }

    @property
    def name(self) -> str:
        """The file of its view."""
        return ALL if self.view is None else self.view.file


def plan_rows(
    plans: Sequence[ViewPlan], keys: Sequence[str], estimators: Estimators
) -> Iterator[dict[str, Any]]:
    """One row a plan; ``keys`` say what its portfolio is called."""
    for plan, key in zip(plans, keys, strict=True):
        view = plan.view or View(ALL, "", 1.0)
        yield {
            "view": view.file,
            "title": view.title,
            "weight": view.weight,
            "portfolio": key,
            **plan.figures(estimators),
        }


def lever_rows(plans: Sequence[ViewPlan]) -> Iterator[dict[str, Any]]:
    """One row a lever of a plan."""
    for plan in plans:
        for taken in plan.portfolio.taken:
            yield {
                "view": plan.name,
                "lever": taken.lever,
                "level": float("nan") if taken.level is None else taken.level,
                "decided": taken.date,
                "decide_by": plan.decide_by[taken.lever],
            }
