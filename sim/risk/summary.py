"""The headline measures of a batch, as ``summary.json`` holds them (``docs/results.md``)."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ResultError
from sim.model.plan import Floats, Plan
from sim.montecarlo.results import with_courses
from sim.risk import tail
from sim.risk.curves import LEVELS
from sim.risk.humps import humps, share_near_mean
from sim.risk.leading import leading_table
from sim.risk.outcomes import Measured
from sim.risk.precision import FIGURES, replications_needed
from sim.risk.replicated import Estimators, estimators_of
from sim.risk.service import cautions_of
from sim.risk.unseen import LOSS_SHARES, Bounds
from sim.scenario.assumptions import count_sources
from sim.scenario.makers import members, name_of
from sim.scenario.schema import Scenario
from sim.scenario.wording import show

SCHEMA_VERSION = 2


def summarise(
    scenario: Scenario,
    plan: Plan,
    measured: Measured,
    tables: dict[str, pd.DataFrame],
    seed: int,
    *,
    splits: Mapping[str, Any],
) -> dict[str, Any]:
    """Headline measures of every maker, each with its confidence interval.

    Parameters
    ----------
    scenario, plan, measured, tables
        What was simulated, and what was found.
    seed
        Root seed.
    splits
        For each maker, what is told of the events that part its futures.

    Returns
    -------
    dict
        Plain data that JSON can hold; a figure that does not exist is None.
    """
    shock_days = measured.outcome.shock_day
    estimators, leads = estimators_of(plan.sampling.method), leading_table(plan, tables)
    told: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "scenario": scenario.name,
        "currency": scenario.currency,
        "window": {
            "days": plan.window_days,
            "shock": plan.labels.interventions[plan.shock] if plan.shock >= 0 else None,
            "shock_date": plan.date_of(int(tail.value_at_risk(shock_days, 0.5))).isoformat(),
        },
        "replications": len(shock_days),
        "weekly_replications": len(with_courses(range(len(shock_days)))),
        "seed": seed,
        "sampling": plan.sampling.method,
        "confidence": tail.CONFIDENCE,
        "warnings": cautions_of(scenario, plan, measured.outcome),
        "numbers": _numbers(tables["assumptions"]),
        "makers": {
            name: {
                "name": name_of(scenario, name),
                **({"firms": list(members(scenario, name))} if name in scenario.analysis.groups else {}),
                **_maker(tables, name, estimators),
                **_of_what_leads(leads[leads["maker"] == name]["loss_share"].to_numpy(), estimators),
                "split": splits[name],
            }
            for name in plan.labels.makers
        },
    }
    if plan.keeps_account:
        told["headline"] = scenario.analysis.headline
        for name, figures in told["makers"].items():
            figures["margin"] = _margin(tables, name, estimators)
    return told


def refuse_older(summary: dict[str, Any], name: str) -> None:
    """Refuse a summary of an earlier schema, and say how its keys translate.

    Parameters
    ----------
    summary
        What ``summary.json`` says.
    name
        What messages call it.

    Raises
    ------
    ResultError
        If its schema version is below ours.
    """
    found = summary["schema_version"]
    if found < SCHEMA_VERSION:
        raise ResultError(
            f"{name}: found schema version {found}, whose keys end in the length of the window, as in "
            f"loss_share_12m; allowed: version {SCHEMA_VERSION}, whose keys are the same without the ending, "
            "as in loss_share. To have it, simulate the scenario again, in another folder"
        )


def refuse_other_schema(summary: dict[str, Any], name: str, ours: int) -> None:
    """Refuse a summary of another schema than ours.

    Parameters
    ----------
    summary, name
        As for :func:`refuse_older`.
    ours
        The schema version that is read.

    Raises
    ------
    ResultError
        If it has another one.
    """
    found = summary["schema_version"]
    if found != ours:
        raise ResultError(f"{name}: found schema version {show(found)}, allowed: version {ours}")


def _numbers(assumptions: pd.DataFrame) -> dict[str, int]:
    """How many numbers of the scenario have a source."""
    found = count_sources(assumptions.loc[assumptions["kind"] != "object", "source"])
    return {"all": found.numbers, **asdict(found)}


def distribution(losses: Floats, estimators: Estimators, bounds: Bounds) -> dict[str, tail.Estimate]:
    """Mean, quantiles, VaR and ES of a loss, each with its confidence interval.

    Parameters
    ----------
    losses, estimators
        One loss a replication, any unit, and how figures are estimated from them.
    bounds
        What an unseen loss can be, in the same unit.
    """
    at_risk = {f"var{100.0 * level:.0f}": estimators.quantile(losses, level) for level in LEVELS}
    return {
        "mean": estimators.mean(losses, bounds),
        "p05": estimators.quantile(losses, 0.05),
        "p50": estimators.quantile(losses, 0.50),
        "p95": at_risk["var95"],
        **at_risk,
        **{f"es{100.0 * level:.0f}": estimators.shortfall(losses, level, bounds) for level in LEVELS},
    }


def _told(figures: dict[str, tail.Estimate]) -> dict[str, dict[str, float | None]]:
    return {name: plain(estimate) for name, estimate in figures.items()}


def _maker(tables: dict[str, pd.DataFrame], maker: str, estimators: Estimators) -> dict[str, Any]:
    rows = tables["makers"][tables["makers"]["maker"] == maker]
    first, adapted = rows["first_lost_sales_days"].to_numpy(), rows["time_to_adapt_days"].to_numpy()
    revenue = rows["revenue_counterfactual"].to_numpy()
    revenues = Bounds(0.0, float(revenue.max()))
    return {
        "loss_share": _told(distribution(rows["loss_share"].to_numpy(), estimators, LOSS_SHARES)),
        "loss": _told(distribution(rows["loss"].to_numpy(), estimators, revenues)),
        "revenue_counterfactual": plain(estimators.mean(revenue, revenues)),
        "first_lost_sales_days": {**_times(first), "share_never": float(np.mean(np.isnan(first)))},
        "time_to_adapt_days": {**_times(adapted), "share_not_recovered": float(np.mean(np.isnan(adapted)))},
        "components": _components(tables["attribution"], maker),
    }


def _of_what_leads(loss_shares: Floats, estimators: Estimators) -> dict[str, Any]:
    """How many replications the loss that leads takes, into what groups it parts futures, and its mean."""
    figures = {name: figure(estimators, loss_shares) for name, figure in FIGURES.items()}
    return {
        "replications_for_half_width": replications_needed(figures, len(loss_shares)),
        "humps": [asdict(hump) for hump in humps(loss_shares)],
        "share_near_mean": share_near_mean(loss_shares),
    }


def _margin(tables: dict[str, pd.DataFrame], maker: str, estimators: Estimators) -> dict[str, Any]:
    """The account of a maker: its margin and result, and its loss of margin."""
    rows = tables["margins"][tables["margins"]["maker"] == maker]
    revenues = Bounds(0.0, float(rows["revenue_counterfactual"].max()))
    means = ("margin_counterfactual", "margin_scenario", "result_counterfactual", "result_scenario")
    return {
        "loss_share": _told(distribution(rows["loss_share"].to_numpy(), estimators, LOSS_SHARES)),
        "loss": _told(distribution(rows["loss"].to_numpy(), estimators, revenues)),
        **{name: plain(estimators.mean(rows[name].to_numpy(), revenues)) for name in means},
        "components": _components(tables["margin_attribution"], maker),
    }


def _components(attribution: pd.DataFrame, maker: str) -> list[dict[str, Any]]:
    """Mean loss carried by each component, largest first."""
    rows = attribution[attribution["maker"] == maker]
    losses = rows.groupby("component", sort=False)["mean"].sum().sort_values(ascending=False, kind="stable")
    total = float(losses.sum())
    return [
        {"component": component, "mean_loss": loss, "share_of_loss": loss / total if total else 0.0}
        for component, loss in losses.items()
    ]


def _times(days: Floats) -> dict[str, float | None]:
    """Quantiles of times that may never come (NaN): None where the quantile is never."""
    ordered = np.where(np.isnan(days), np.inf, days)
    return {
        name: _finite(tail.value_at_risk(ordered, level))
        for name, level in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95))
    }


def plain(estimate: tail.Estimate) -> dict[str, float | None]:
    """A figure and its interval as JSON can hold them; an end that is unbounded is None."""
    return {
        "estimate": estimate.estimate,
        "ci_low": _finite(estimate.ci_low),
        "ci_high": _finite(estimate.ci_high),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
