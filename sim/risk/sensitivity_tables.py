"""A sensitivity analysis as tables and a summary, described in ``docs/results.md``."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.model.plan import Floats, Input
from sim.risk.information import chance_evppi, evpi, evppi
from sim.risk.sensitivity import Indices, Intervals, Z, main_effects, rank_correlations
from sim.scenario.assumptions import assumptions, text_of
from sim.scenario.schema import Decision, Scenario

INPUT, GROUP, NOISE = "input", "group", "noise"
OTHER_INPUTS, PROCESS_NOISE = "other inputs", "process noise"
LEVELS = (0.05, 0.5, 0.95)
"""Quantiles of an input at which it is held: low, middle, high."""
Table = pd.DataFrame


def tornado(inputs: Sequence[Input], middle: Floats, ends: Floats) -> Table:
    """What moving one input at a time does to the mean loss share, widest first.

    Parameters
    ----------
    inputs
        Those that were moved.
    middle, ends
        ``[replication]`` and ``[input, end, replication]`` loss share with all inputs at their medians, and
        with one at its 5th or 95th percentile, in the same replications.
    """
    swing = ends[:, 1] - ends[:, 0]
    half = Z * swing.std(axis=1, ddof=1) / np.sqrt(swing.shape[1])
    values = np.array([item.quantity.quantile(np.array(LEVELS)) for item in inputs]).reshape(-1, len(LEVELS))
    table = pd.DataFrame(
        {
            "input": [item.path for item in inputs],
            "input_p05": values[:, 0],
            "input_p50": values[:, 1],
            "input_p95": values[:, 2],
            "loss_share_at_p05": ends[:, 0].mean(axis=1),
            "loss_share_at_p50": middle.mean(),
            "loss_share_at_p95": ends[:, 1].mean(axis=1),
            "swing": swing.mean(axis=1),
            "swing_ci_low": swing.mean(axis=1) - half,
            "swing_ci_high": swing.mean(axis=1) + half,
        }
    )
    return _sorted(table, "swing")


def correlations(inputs: Sequence[Input], samples: Floats, output: Floats) -> Table:
    """Rank correlation of every input with the output, and the share of its variance that it explains."""
    table = pd.DataFrame(
        {
            "input": [item.path for item in inputs],
            **_columns("rank_correlation", rank_correlations(samples, output)),
            "main_effect": main_effects(samples, output),
        }
    )
    return _sorted(table, "rank_correlation")


def sobol(factors: Sequence[tuple[str, str]], indices: Indices, noise: Indices) -> Table:
    """Sobol indices of inputs, largest total first, of the other inputs as one, and of process noise.

    Parameters
    ----------
    factors
        ``(name, kind)`` of each factor but the noise.
    indices, noise
        Of the factors, and of the noise.
    """
    names = [*factors, (PROCESS_NOISE, NOISE)]
    table = pd.DataFrame(
        {
            "factor": [name for name, _ in names],
            "kind": [kind for _, kind in names],
            **_joined("first_order", indices.first_order, noise.first_order),
            **_joined("total_order", indices.total_order, noise.total_order),
        }
    )
    own = table["kind"] == INPUT
    return pd.concat([_sorted(table[own], "total_order"), table[~own]], ignore_index=True)


def information(paths: Sequence[str], samples: Floats, values: Floats) -> Table:
    """Expected value of perfect information about each input, largest first."""
    worth = _columns("evppi", evppi(samples, values))
    return _sorted(pd.DataFrame({"input": list(paths), **worth}), "evppi")


def alternatives(decision: Decision, losses: Floats, costs: Floats) -> Table:
    """Loss, cost and value of each alternative, in the order of the file.

    Parameters
    ----------
    decision
        As the scenario names it.
    losses, costs
        ``[row, alternative]`` and ``[alternative]``, in money.
    """
    values = -losses - costs
    half = Z * values.std(axis=0, ddof=1) / np.sqrt(len(values))
    best = np.bincount(values.argmax(axis=1), minlength=len(costs)) / len(values)
    return pd.DataFrame(
        {
            "alternative": list(decision.alternatives),
            "title": [alternative.title for alternative in decision.alternatives.values()],
            "loss_mean": losses.mean(axis=0),
            "cost": costs,
            "value": values.mean(axis=0),
            "value_ci_low": values.mean(axis=0) - half,
            "value_ci_high": values.mean(axis=0) + half,
            "share_best": best,
        }
    )


def decision_summary(decision: Decision, table: Table, values: Floats, inputs: int) -> dict[str, Any]:
    """What the decision comes to, as plain data."""
    names = list(decision.alternatives)
    everything = evpi(values)
    return {
        "title": decision.title,
        "best": names[int(values.mean(axis=0).argmax())],
        "evpi": estimate(everything, 0),
        "chance_evppi": chance_evppi(values, inputs),
        "alternatives": {row["alternative"]: float(row["value"]) for row in table.to_dict("records")},
    }


def inputs_table(scenario: Scenario, inputs: Sequence[Input]) -> Table:
    """Every uncertain input with what is assumed of it, its source and its confidence."""
    told: Mapping[str, Any] = {line.path: line for line in assumptions(scenario)}
    rows = []
    for item in inputs:
        line = told.get(item.path, item.quantity)
        text = text_of(item.quantity) + (" days" if item.path.endswith("_days") else "")
        rows.append((item.path, text, line.source, line.confidence, line.note))
    return pd.DataFrame(rows, columns=["input", "text", "source", "confidence", "note"])


def estimate(intervals: Intervals, index: int) -> dict[str, float]:
    """One figure with its interval, as plain data."""
    return {
        "estimate": float(intervals.estimate[index]),
        "ci_low": float(intervals.ci_low[index]),
        "ci_high": float(intervals.ci_high[index]),
    }


def _columns(name: str, intervals: Intervals, prefix: str = "") -> dict[str, Floats]:
    return {
        name: intervals.estimate,
        f"{prefix}ci_low": intervals.ci_low,
        f"{prefix}ci_high": intervals.ci_high,
    }


def _joined(name: str, first: Intervals, second: Intervals) -> dict[str, Floats]:
    own, other = (_columns(name, intervals, f"{name}_") for intervals in (first, second))
    return {column: np.append(values, other[column]) for column, values in own.items()}


def _sorted(table: Table, column: str) -> Table:
    """By size, whatever the sign; equals stay in order."""
    return table.sort_values(column, key=np.abs, ascending=False, kind="stable", ignore_index=True)
