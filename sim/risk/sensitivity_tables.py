"""A sensitivity analysis as tables and a summary, described in ``docs/results.md``."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.model.events import ChanceEvent
from sim.model.plan import Floats, Input
from sim.risk.earnings import RESULT
from sim.risk.information import chance_evppi, evpi, evppi
from sim.risk.sensitivity_indices import Indices, Intervals, Z, main_effects, rank_correlations
from sim.scenario.assumptions import assumptions, text_of
from sim.scenario.schema import Decision, Scenario

INPUT, GROUP, NOISE = "input", "group", "noise"
OTHER_INPUTS, PROCESS_NOISE = "other inputs", "process noise"
LEVELS = (0.05, 0.95)
"""The middles of the lowest and of the highest tenth of an input's distribution."""
Table = pd.DataFrame


def tornado(inputs: Sequence[Input], middle: Floats, ends: Floats) -> Table:
    """What moving one input at a time does to the mean loss share, widest first.

    Parameters
    ----------
    inputs
        Those that were moved.
    middle, ends
        ``[row]`` and ``[input, end, row]`` loss share with all inputs as they come, and with one at its
        low or high end, in the same futures.
    """
    swing = ends[:, 1] - ends[:, 0]
    half = Z * swing.std(axis=1, ddof=1) / np.sqrt(swing.shape[1])
    low, high = np.array([_ends(item) for item in inputs]).reshape(-1, 2).T
    at_low, at_high = ends.mean(axis=2).T
    as_it_comes = np.full(len(inputs), middle.mean())
    table = pd.DataFrame(
        {
            "input": [item.path for item in inputs],
            "input_low": low,
            "input_high": high,
            "loss_share_low": at_low,
            "loss_share_mean": as_it_comes,
            "loss_share_high": at_high,
            "reach": np.ptp([at_low, as_it_comes, at_high], axis=0),
            "swing": swing.mean(axis=1),
            "swing_ci_low": swing.mean(axis=1) - half,
            "swing_ci_high": swing.mean(axis=1) + half,
        }
    )
    return _sorted(table, "reach")


def _ends(item: Input) -> tuple[float, float]:
    """The middles of an input's low and high end: no and yes, or its 5th and 95th percentile."""
    if isinstance(item, ChanceEvent):
        return 0.0, 1.0
    low, high = item.quantity.quantile(np.array(LEVELS))
    return float(low), float(high)


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

    They are shares: what an estimate has below 0 or above 1 is error, and is cut off.

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
            **_shares("first_order", indices.first_order, noise.first_order),
            **_shares("total_order", indices.total_order, noise.total_order),
        }
    )
    own = table["kind"] == INPUT
    return pd.concat([_sorted(table[own], "total_order"), table[~own]], ignore_index=True)


def information(paths: Sequence[str], samples: Floats, values: Floats) -> Table:
    """Expected value of perfect information about each input, largest first."""
    worth = _columns("evppi", evppi(samples, values))
    return _sorted(pd.DataFrame({"input": list(paths), **worth}), "evppi")


def alternatives(decision: Decision, accounts: Sequence[Mapping[str, Floats]], costs: Floats) -> Table:
    """What is earned and spent with each alternative, on average, in the order of the file.

    Parameters
    ----------
    decision
        As the scenario names it.
    accounts, costs
        Of each alternative the entries of the maker's account, its result among them, and what the
        alternative costs beside, in money.
    """
    values = values_of(accounts, costs)
    behind = values - values[:, [int(values.mean(axis=0).argmax())]]
    best = np.bincount(values.argmax(axis=1), minlength=len(costs)) / len(values)
    return pd.DataFrame(
        {
            "alternative": list(decision.alternatives),
            "title": [alternative.title for alternative in decision.alternatives.values()],
            **{name: [account[name].mean() for account in accounts] for name in accounts[0]},
            "cost": costs,
            **_columns("value", _means(values), "value_"),
            **_columns("difference", _means(behind), "difference_"),
            "share_best": best,
        }
    )


def values_of(accounts: Sequence[Mapping[str, Floats]], costs: Floats) -> Floats:
    """``[row, alternative]`` what is earned, less what the alternative costs beside."""
    return np.stack([account[RESULT] for account in accounts], axis=1) - costs


def _means(values: Floats) -> Intervals:
    middle, half = values.mean(axis=0), Z * values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return Intervals(middle, middle - half, middle + half)


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
        line = told.get(item.told_at if isinstance(item, ChanceEvent) else item.path, item.quantity)
        rows.append((item.path, _text(item), line.source, line.confidence, line.note))
    return pd.DataFrame(rows, columns=["input", "text", "source", "confidence", "note"])


def _text(item: Input) -> str:
    if not isinstance(item, ChanceEvent):
        return text_of(item.quantity) + (" days" if item.path.endswith("_days") else "")
    about = "about " if item.sampled_by >= 0 else ""
    return f"yes or no; yes with probability {about}{item.probability:.3g}"


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


def _shares(name: str, first: Intervals, second: Intervals) -> dict[str, Floats]:
    own, other = (_columns(name, intervals, f"{name}_") for intervals in (first, second))
    return {column: np.append(values, other[column]).clip(0.0, 1.0) for column, values in own.items()}


def _sorted(table: Table, column: str) -> Table:
    """By size, whatever the sign; equals stay in order."""
    return table.sort_values(column, key=np.abs, ascending=False, kind="stable", ignore_index=True)
