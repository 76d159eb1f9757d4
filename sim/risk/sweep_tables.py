"""Tables of a sweep: what each combination of levels of one or two levers is worth."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from sim.risk import portfolios
from sim.risk.portfolios import Figures, PortfolioValues
from sim.risk.quantiles import quantiles
from sim.risk.replicated import Estimators
from sim.risk.tail import Estimate
from sim.scenario.axes import Axis
from sim.scenario.portfolios import Portfolio

RARELY = 0.05
"""Share of futures in which the maker falls short before the time to survive that is told."""
Table = pd.DataFrame


def sweep_table(
    grid: Sequence[Portfolio],
    axes: Sequence[Axis],
    values: Sequence[PortfolioValues],
    estimators: Estimators,
) -> Table:
    """One row a portfolio of the grid, the first of which does nothing.

    Parameters
    ----------
    grid
        Portfolios of the levers.
    axes
        What is swept, one or two.
    values
        Of each portfolio, on the same futures.
    estimators
        Those that the sample calls for.
    """
    nothing = values[0]
    best = portfolios.best_of([each.result for each in values])
    top = portfolios.as_good_as_best([each.result for each in values], estimators)
    rows = []
    for place, (portfolio, own) in enumerate(zip(grid, values, strict=True)):
        behind = portfolios.mean_of(values[best].result - own.result, estimators)
        rows.append(
            {
                "portfolio": str(portfolio),
                **_levels(portfolio, axes),
                "is_best": place == best,
                "in_flat_top": top[place],
                **figure_columns(portfolios.figures_of(own, nothing, estimators)),
                **_columns("behind", behind),
                "typed_cost": own.typed_cost,
                "time_to_survive_days": survives(own),
            }
        )
    return pd.DataFrame(rows)


def figure_columns(figures: Figures) -> dict[str, Any]:
    """Every figure of a portfolio with its interval, by column."""
    columns: dict[str, Any] = {}
    for field in fields(figures):
        value = getattr(figures, field.name)
        columns |= _columns(field.name, value) if isinstance(value, Estimate) else {field.name: value}
    return columns


def service_table(
    grid: Sequence[Portfolio], values: Sequence[PortfolioValues], estimators: Estimators
) -> Table:
    """One row a portfolio and stream: units sold as a share of what is sold if nothing is done or comes."""
    return pd.DataFrame(
        [
            {"portfolio": str(portfolio), "stream": stream, **_columns("service", found)}
            for portfolio, own in zip(grid, values, strict=True)
            for stream, found in portfolios.service_estimates(own, values[0], estimators).items()
        ],
        columns=["portfolio", "stream", "service", "service_ci_low", "service_ci_high"],
    )


def survives(own: PortfolioValues) -> float:
    """Days from the shock until the maker falls short, in 95 of 100 futures at least; NaN: never."""
    days = float(quantiles(own.time_to_survive_days, [RARELY])[0])
    return days if np.isfinite(days) else float("nan")


def _levels(portfolio: Portfolio, axes: Sequence[Axis]) -> dict[str, float | bool | dt.date | None]:
    """Whether each lever is taken, at which level (NaN for none), and on an axis of days, when."""
    chosen = {taken.lever: taken for taken in portfolio.taken}
    found: dict[str, float | bool | dt.date | None] = {}
    for prefix, axis in zip(("", "other_"), axes, strict=False):
        taken = chosen.get(axis.lever)
        level = None if taken is None else taken.level
        found |= {
            f"{prefix}taken": taken is not None,
            f"{prefix}level": float("nan") if level is None else level,
        }
        if axis.of_dates:
            found[f"{prefix}decided"] = None if taken is None else taken.date
    return found


def _columns(name: str, found: Estimate) -> dict[str, float]:
    return {name: found.estimate, f"{name}_ci_low": found.ci_low, f"{name}_ci_high": found.ci_high}
