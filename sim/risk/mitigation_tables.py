"""What a mitigation found, as tables and a summary."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.model.plan import Bools, Floats
from sim.montecarlo.sampling import Apart
from sim.risk.comparison import columns_of
from sim.risk.keeping import keeping
from sim.risk.origins import COLUMNS as ORIGIN_COLUMNS
from sim.risk.origins import origins
from sim.risk.portfolios import PortfolioValues, figures_of, loss_of_result, mean_of
from sim.risk.replicated import Estimators
from sim.risk.selection import CONFIDENCE, Selection
from sim.risk.tradeoffs import Regrets, frontier
from sim.risk.view_tables import COLUMNS as VIEW_COLUMNS
from sim.risk.view_tables import View, ViewPlan, lever_rows, plan_rows
from sim.scenario.levers import Constraints, Signal
from sim.scenario.portfolios import Portfolio, Taken
from sim.scenario.schema import Scenario

NOTHING_KEY = "nothing"
YES, NO = "yes", "no"
SEVERAL, ANY = " ", "any"
"""Between the firms of which one gives a signal, and in place of them where all may."""
CURVE_POINTS = 101
COLUMNS = {
    "lever_values": ("lever", "is_taken", "level", "decided", "added", "added_ci_low", "added_ci_high"),
    "portfolio_levers": ("portfolio", "lever", "level", "decided"),
    "interactions": ("lever", "with_lever", "interaction", "interaction_ci_low", "interaction_ci_high"),
    "waiting": ("lever", "decided", "as_good_as_best", "added", "added_ci_low", "added_ci_high"),
    "adaptive": (
        "lever",
        "kind",
        "signal",
        "cover_below_days",
        "share_coming",
        "share_moved",
        "adaptive",
        "adaptive_ci_low",
        "adaptive_ci_high",
        "now",
        "now_ci_low",
        "now_ci_high",
        "option_value",
        "option_value_ci_low",
        "option_value_ci_high",
    ),
    "origins": ORIGIN_COLUMNS,
    "constraints": ("portfolio", "constraint", "is_kept", "asked", "found", "found_ci_low", "found_ci_high"),
    "finalists": ("portfolio", "mean", "ahead_low", "ahead_high"),
    "regret": ("portfolio", "view", "title", "weight", "result", "regret"),
    "view_portfolios": ("portfolio", "worst_regret", "expected_regret"),
    **VIEW_COLUMNS,
}
"""Columns of tables that may have no row."""


@dataclass(frozen=True, slots=True)
class Told:
    """A portfolio in fresh futures, and by how much it breaks what is asked of it."""

    portfolio: Portfolio
    values: PortfolioValues
    breaches: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class LeverValue:
    """``[replication]`` what a lever adds to the result of a portfolio that takes it, or would add."""

    taken: Taken
    is_taken: bool
    added: Floats


@dataclass(frozen=True, slots=True)
class Interaction:
    """``[replication]`` by how much two levers are worth more together than one by one."""

    lever: str
    with_lever: str
    value: Floats


@dataclass(frozen=True, slots=True)
class Waiting:
    """``[replication]`` what a lever adds if it is decided on a day."""

    lever: str
    decided: dt.date
    added: Floats
    as_good: bool


@dataclass(frozen=True, slots=True)
class Adaptive:
    """``[replication]`` what a lever adds if it waits for a signal, and if it is decided on its first day.

    ``comes`` says in which futures the signal comes by its last day, ``moves_signal`` in which the lever
    moves the signal before its own day.
    """

    lever: str
    signal: Signal
    comes: Bools
    moves_signal: Bools
    waiting: Floats
    now: Floats


@dataclass(frozen=True, slots=True)
class Regret:
    """``[portfolio, view]`` mean results, and what each portfolio gives up."""

    portfolios: Sequence[Portfolio]
    views: Sequence[View]
    values: Floats
    regrets: Regrets


@dataclass(frozen=True, slots=True)
class Advice:
    """What a mitigation found.

    Attributes
    ----------
    scenario, maker
        Of whom.
    estimators
        Those that the sample calls for.
    told
        Portfolios in fresh futures, doing nothing first.
    apart
        Inputs that have other samples in some of these than in others.
    recommended
        What to do.
    passed_over
        Finalists with a higher mean in the selection that fresh futures did not confirm.
    tried
        How many portfolios the search valued.
    finalists, selection
        What was told apart, and how.
    levers, interactions, waiting, adaptive
        What surrounds the recommended portfolio.
    regret
        Over the views; None without any.
    view_plans
        What to do in each view, then by the weights of all if there are several.
    """

    scenario: Scenario
    maker: str
    estimators: Estimators
    told: Sequence[Told]
    apart: Apart
    recommended: Portfolio
    passed_over: Sequence[Portfolio]
    tried: int
    finalists: Sequence[Portfolio]
    selection: Selection
    levers: Sequence[LeverValue]
    interactions: Sequence[Interaction]
    waiting: Sequence[Waiting]
    adaptive: Sequence[Adaptive]
    regret: Regret | None
    view_plans: Sequence[ViewPlan]

    def key(self, portfolio: Portfolio) -> str:
        """What a portfolio is called in tables: ``nothing``, then ``A``, ``B`` and so on."""
        taken = frozenset(portfolio.taken)
        place = [frozenset(each.taken) for each in self.portfolios].index(taken)
        return key_of(place)

    @property
    def portfolios(self) -> list[Portfolio]:
        """Every portfolio that a table tells of, doing nothing first."""
        found: dict[frozenset[Taken], Portfolio] = {}
        further = self.regret.portfolios if self.regret else ()
        for portfolio in (*(each.portfolio for each in self.told), *further):
            found.setdefault(frozenset(portfolio.taken), portfolio)
        return list(found.values())

    @property
    def nothing(self) -> PortfolioValues:
        """Doing nothing in fresh futures."""
        return self.told[0].values


def key_of(place: int) -> str:
    """What a portfolio is called by its place.

    Examples
    --------
    >>> key_of(0), key_of(1), key_of(26), key_of(27)
    ('nothing', 'A', 'Z', 'AA')
    """
    if place == 0:
        return NOTHING_KEY
    letters = ""
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def tables_of(advice: Advice) -> dict[str, pd.DataFrame]:
    """Every table of a mitigation."""
    found = {
        "portfolios": _portfolios(advice),
        "portfolio_levers": _members(advice),
        "origins": _origins(advice),
        "lever_values": _lever_values(advice),
        "interactions": _interactions(advice),
        "waiting": _waiting(advice),
        "adaptive": _adaptive(advice),
        "constraints": _constraints(advice),
        "finalists": _finalists(advice),
        "loss_curves": _loss_curves(advice),
        "regret": _regret(advice),
        "view_portfolios": _view_portfolios(advice),
        "view_plans": pd.DataFrame(
            plan_rows(
                advice.view_plans,
                [advice.key(plan.portfolio) for plan in advice.view_plans],
                advice.estimators,
            )
        ),
        "view_plan_levers": pd.DataFrame(lever_rows(advice.view_plans)),
    }
    return {
        name: table if name not in COLUMNS else table.reindex(columns=list(COLUMNS[name]))
        for name, table in found.items()
    }


def summary_of(advice: Advice) -> dict[str, Any]:
    """What was asked and what is recommended."""
    selection, regret = advice.selection, advice.regret
    return {
        "scenario": advice.scenario.name,
        "currency": advice.scenario.currency,
        "maker": advice.maker,
        "levers": len(advice.scenario.levers),
        "portfolios_tried": advice.tried,
        "recommended": advice.key(advice.recommended),
        "passed_over": [advice.key(portfolio) for portfolio in advice.passed_over],
        **advice.apart.summary,
        "chance_of_shock": float(advice.nothing.comes.mean()),
        "breaches": {
            advice.key(each.portfolio): sorted(each.breaches) for each in advice.told if each.breaches
        },
        "selection": {
            "selected": advice.key(advice.finalists[selection.best]),
            "finalists": len(advice.finalists),
            "confidence": CONFIDENCE,
            "zone": selection.zone,
            "probability": selection.probability,
            "margin": selection.margin,
        },
        "least_worst_regret": advice.key(regret.portfolios[regret.regrets.minimax]) if regret else None,
        "least_expected_regret": (
            advice.key(regret.portfolios[regret.regrets.least_expected]) if regret else None
        ),
    }


def _portfolios(advice: Advice) -> pd.DataFrame:
    figures = [figures_of(each.values, advice.nothing, advice.estimators) for each in advice.told]
    best = frontier(
        [figure.cost.estimate for figure in figures], [figure.loss_es95.estimate for figure in figures]
    )
    names = ("result", "advantage", "cost", "gain", "loss", "loss_es95", "cash", "break_even")
    return pd.DataFrame(
        {
            "portfolio": advice.key(each.portfolio),
            "is_recommended": _yes(each.portfolio == advice.recommended),
            "is_finalist": _yes(each.portfolio in advice.finalists),
            "on_frontier": _yes(place in best),
            "keeps_constraints": _yes(not each.breaches),
            "worth": figure.worth,
            "typed_cost": each.values.typed_cost,
            **{
                column: value
                for name in names
                for column, value in columns_of(name, getattr(figure, name)).items()
            },
        }
        for place, (each, figure) in enumerate(zip(advice.told, figures, strict=True))
    )


def _origins(advice: Advice) -> pd.DataFrame:
    own = next(each.values for each in advice.told if each.portfolio == advice.recommended)
    return origins(own, advice.nothing, advice.estimators)


def _yes(holds: bool) -> str:
    return YES if holds else NO


def _members(advice: Advice) -> pd.DataFrame:
    return pd.DataFrame(
        {"portfolio": advice.key(portfolio), **_taken(taken)}
        for portfolio in advice.portfolios
        for taken in portfolio.taken
    )


def _taken(taken: Taken) -> dict[str, Any]:
    level = float("nan") if taken.level is None else taken.level
    return {"lever": taken.lever, "level": level, "decided": taken.date}


def _lever_values(advice: Advice) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **_taken(each.taken),
            "is_taken": _yes(each.is_taken),
            **columns_of("added", mean_of(each.added, advice.estimators)),
        }
        for each in advice.levers
    )


def _interactions(advice: Advice) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lever": each.lever,
            "with_lever": each.with_lever,
            **columns_of("interaction", mean_of(each.value, advice.estimators)),
        }
        for each in advice.interactions
    )


def _waiting(advice: Advice) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lever": each.lever,
            "decided": each.decided,
            "as_good_as_best": _yes(each.as_good),
            **columns_of("added", mean_of(each.added, advice.estimators)),
        }
        for each in advice.waiting
    )


def _adaptive(advice: Advice) -> pd.DataFrame:
    """What waiting for a signal is worth beyond the better of now and never: its option value."""
    rows = []
    for each in advice.adaptive:
        better = each.now if each.now.mean() > 0.0 else np.zeros_like(each.now)
        amounts = {"adaptive": each.waiting, "now": each.now, "option_value": each.waiting - better}
        rows.append(
            {
                "lever": each.lever,
                "kind": each.signal.kind,
                "signal": SEVERAL.join(each.signal.sources) or ANY,
                "cover_below_days": each.signal.cover_below_days,
                "share_coming": float(each.comes.mean()),
                "share_moved": float(each.moves_signal.mean()),
                **{
                    column: value
                    for name, values in amounts.items()
                    for column, value in columns_of(name, mean_of(values, advice.estimators)).items()
                },
            }
        )
    return pd.DataFrame(rows)


def _constraints(advice: Advice) -> pd.DataFrame:
    """What each portfolio keeps of what is asked; days are NaN where the maker does not fall short."""
    asked = advice.scenario.mitigation
    return pd.DataFrame(
        {
            "portfolio": advice.key(each.portfolio),
            "constraint": kept.constraint,
            "is_kept": _yes(kept.is_kept),
            "asked": kept.asked,
            **{
                column: value if math.isfinite(value) else math.nan
                for column, value in columns_of("found", kept.found).items()
            },
        }
        for each in advice.told
        for kept in keeping(
            each.values,
            advice.nothing,
            asked.constraints if asked else Constraints(),
            advice.estimators,
        )
    )


def _finalists(advice: Advice) -> pd.DataFrame:
    selection = advice.selection
    if len(advice.finalists) < 2:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            "portfolio": [advice.key(portfolio) for portfolio in advice.finalists],
            "mean": selection.means,
            "ahead_low": selection.low,
            "ahead_high": selection.high,
        }
    )


def _loss_curves(advice: Advice) -> pd.DataFrame:
    """Quantiles of the loss of result, of doing nothing and of what is recommended."""
    shares = np.linspace(0.0, 1.0, CURVE_POINTS)
    shown = {frozenset(), frozenset(advice.recommended.taken)}
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "portfolio": advice.key(each.portfolio),
                    "share": shares,
                    "loss": np.quantile(loss_of_result(each.values, advice.nothing), shares),
                }
            )
            for each in advice.told
            if frozenset(each.portfolio.taken) in shown
        ],
        ignore_index=True,
    )


def _regret(advice: Advice) -> pd.DataFrame:
    return pd.DataFrame(_regret_rows(advice))


def _regret_rows(advice: Advice) -> Iterator[dict[str, Any]]:
    if advice.regret is None:
        return
    found = advice.regret
    for row, portfolio in enumerate(found.portfolios):
        for column, view in enumerate(found.views):
            yield {
                "portfolio": advice.key(portfolio),
                "view": view.file,
                "title": view.title,
                "weight": view.weight,
                "result": float(found.values[row, column]),
                "regret": float(found.regrets.regret[row, column]),
            }


def _view_portfolios(advice: Advice) -> pd.DataFrame:
    if advice.regret is None:
        return pd.DataFrame()
    found = advice.regret
    return pd.DataFrame(
        {
            "portfolio": [advice.key(portfolio) for portfolio in found.portfolios],
            "worst_regret": found.regrets.worst,
            "expected_regret": found.regrets.expected,
        }
    )
