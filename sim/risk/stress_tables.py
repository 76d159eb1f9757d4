"""Failures as tables and a summary: one row a node, one row a pair, described in ``docs/results.md``."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.model.failures import Rate, StressPlan, rates_of
from sim.model.plan import Floats
from sim.montecarlo.failure_runs import Failures
from sim.risk.leading import headline_of
from sim.risk.lp_bounds import Bound, have_bounds
from sim.scenario.schema import Scenario

COLUMNS = {
    "stress_nodes": (
        "rank",
        "kind",
        "node",
        "lanes",
        "ttr_days",
        "tts_days",
        "tts_lp_days",
        "pi",
        "pi_lp",
        "pi_share",
        "rei",
    ),
    "stress_likelihood": (
        "rank",
        "kind",
        "node",
        "process",
        "rate_per_year",
        "years_between",
        "mean_days_down",
        "pi",
        "expected_annual_loss",
        "source",
        "confidence",
    ),
    "stress_pairs": ("rank", "kind_a", "node_a", "kind_b", "node_b", "tts_days", "pi", "excess"),
}
"""Columns of the tables of a stress test, in their order."""
SCHEMA_VERSION = 2
SALES_TO_FIRMS = "sales_to_firms"
"""Why there are no bounds: makers sell to other firms."""
NOT_ASKED = "not_asked"
"""Likewise: none were asked for."""
NEGLIGIBLE_SHARE = 1e-9
"""Impacts and excesses below this share of all revenue are rounding."""


def stress_tables(
    scenario: Scenario,
    stress: StressPlan,
    failures: Failures,
    bounds: Mapping[int, Bound],
    stops: Floats | None = None,
) -> dict[str, pd.DataFrame]:
    """The tables of a stress test; that of likelihood only where a node has a failure rate.

    Parameters
    ----------
    scenario
        What is stressed.
    stress
        The plan of a stress test.
    failures
        What the failures of all nodes and pairs cost.
    bounds
        What the linear programs say about some nodes, by their indices.
    stops
        ``[stop]`` what a stop of each failure process costs; None where there are none.
    """
    found = {
        "stress_nodes": nodes_table(stress, failures, bounds),
        "stress_pairs": pairs_table(stress, failures),
    }
    likelihood = likelihood_table(scenario, stress, failures, np.zeros(0) if stops is None else stops)
    return found if likelihood.empty else found | {"stress_likelihood": likelihood}


def nodes_table(stress: StressPlan, failures: Failures, bounds: Mapping[int, Bound]) -> pd.DataFrame:
    """One row a node, the largest performance impact first, then the shortest time to survive."""
    count = len(stress.nodes)
    pi = settled(failures.pi[:count], failures.revenue)
    least, longest = _bounded(bounds, count)
    table = pd.DataFrame(
        {
            "kind": [node.kind for node in stress.nodes],
            "node": [node.key for node in stress.nodes],
            "lanes": [len(node.lanes) for node in stress.nodes],
            "ttr_days": [node.ttr_days for node in stress.nodes],
            "tts_days": _or_never(failures.tts_days[:count]),
            "tts_lp_days": _or_never(longest),
            "pi": pi,
            "pi_lp": _or_never(settled(least, failures.revenue)),
            "pi_share": _per(pi, failures.revenue),
            "rei": risk_exposure_index(pi),
        }
    )
    return _ranked(table, "stress_nodes", ["pi", "tts_days"], ascending=[False, True])


def likelihood_table(
    scenario: Scenario, stress: StressPlan, failures: Failures, stops: Floats
) -> pd.DataFrame:
    """One row a node that has a failure rate, and process if that says so, the dearest first.

    What is expected a year is the rate times what a failure costs: failures at a rate that does not depend on
    the past, each of its own, as long as they are rare beside the time to recover.
    """
    rates = rates_of(scenario, stress)
    rows = [
        {
            "kind": rate.node[0],
            "node": rate.node[1],
            "process": "" if rate.stop is None else stress.stops[rate.stop].process,
            "rate_per_year": rate.per_year,
            "years_between": 1.0 / rate.per_year if rate.per_year > 0.0 else np.nan,
            "mean_days_down": float(rate.mean_days_down),
            "pi": pi,
            "expected_annual_loss": rate.per_year * pi,
            "source": rate.source or "",
            "confidence": rate.confidence or "",
        }
        for rate, pi in zip(rates, costs_of(rates, stress, failures, stops), strict=True)
    ]
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS["stress_likelihood"] if name != "rank"])
    return _ranked(table, "stress_likelihood", ["expected_annual_loss", "pi"], ascending=[False, False])


def costs_of(rates: Sequence[Rate], stress: StressPlan, failures: Failures, stops: Floats) -> list[float]:
    """What a failure at each rate costs: of its node, or one stop of its process.

    Parameters
    ----------
    rates
        Those of the stress test.
    stress, failures, stops
        As for :func:`stress_tables`.
    """
    place = {(node.kind, node.key): row for row, node in enumerate(stress.nodes)}
    found = [failures.pi[place[rate.node]] if rate.stop is None else stops[rate.stop] for rate in rates]
    costs: list[float] = settled(np.array(found, dtype=np.float64), failures.revenue).tolist()
    return costs


def _bounded(bounds: Mapping[int, Bound], count: int) -> tuple[Floats, Floats]:
    """What nodes cost at least, and how long they can be survived; not a number where no program says so."""
    least, longest = np.full(count, np.nan), np.full(count, np.nan)
    for place, bound in bounds.items():
        least[place], longest[place] = bound.pi, bound.tts_days
    return least, longest


def pairs_table(stress: StressPlan, failures: Failures) -> pd.DataFrame:
    """One row a pair of nodes, the largest excess first, then the largest performance impact.

    The excess is what the pair costs beyond the sum of its parts: below 0 where they overlap.
    """
    count = len(stress.nodes)
    first, second = np.array(failures.nodes[count:], dtype=np.int64).reshape(-1, 2).T
    pi = settled(failures.pi[count:], failures.revenue)
    excess = failures.pi[count:] - failures.pi[first] - failures.pi[second]
    kinds, keys = ([getattr(node, name) for node in stress.nodes] for name in ("kind", "key"))
    table = pd.DataFrame(
        {
            "kind_a": [kinds[node] for node in first],
            "node_a": [keys[node] for node in first],
            "kind_b": [kinds[node] for node in second],
            "node_b": [keys[node] for node in second],
            "tts_days": _or_never(failures.tts_days[count:]),
            "pi": pi,
            "excess": settled(excess, failures.revenue),
        }
    )
    return _ranked(table, "stress_pairs", ["excess", "pi"], ascending=[False, False])


def risk_exposure_index(pi: Floats) -> Floats:
    """Risk exposure index: performance impact over the largest of all nodes; 0 where none has any [1]_.

    References
    ----------
    .. [1] Simchi-Levi et al., "Identifying risks and mitigating disruptions in the automotive supply
       chain", *Interfaces* 45(5), 2015.

    Examples
    --------
    >>> risk_exposure_index(np.array([2.0, 8.0, 0.0])).tolist()
    [0.25, 1.0, 0.0]
    """
    return _per(pi, float(pi.max(initial=0.0)))


def settled(money: Floats, revenue: float) -> Floats:
    """Amounts, with 0 for what is too small a share of the revenue to be more than rounding.

    Examples
    --------
    >>> settled(np.array([3.0, -1e-12]), 100.0).tolist()
    [3.0, 0.0]
    """
    return np.where(np.abs(money) <= NEGLIGIBLE_SHARE * abs(revenue), 0.0, money)


def stress_summary(
    scenario: Scenario, stress: StressPlan, failures: Failures, tables: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    """What was stressed, and what stands out: plain data without NaN."""
    nodes, pairs = tables["stress_nodes"], tables["stress_pairs"]
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": scenario.name,
        "currency": scenario.currency,
        **headline_of(stress.plan),
        **_without_bounds(stress),
        "failure_date": str(stress.plan.date_of(stress.day)),
        "window_days": stress.plan.window_days,
        "makers": list(stress.plan.labels.makers),
        "revenue_undisturbed": failures.revenue,
        "nodes": len(nodes),
        "pairs": len(pairs),
        "node_kinds": list(stress.design.nodes),
        "pairs_among": list(stress.pairs_among),
        "paired_nodes": stress.paired,
        "bounded_nodes": stress.bounded if have_bounds(stress.plan) else 0,
        "nodes_with_impact": int((nodes["pi"] > 0.0).sum()),
        "pairs_with_excess": int((pairs["excess"] > 0.0).sum()),
        "worst_node": _first(nodes, "pi"),
        "worst_pair": _first(pairs, "excess"),
    }


def _without_bounds(stress: StressPlan) -> dict[str, str]:
    if not have_bounds(stress.plan):
        return {"without_bounds": SALES_TO_FIRMS}
    return {} if stress.bounded else {"without_bounds": NOT_ASKED}


def _first(table: pd.DataFrame, measure: str) -> dict[str, Any] | None:
    """The first row as plain data, if its measure is above 0."""
    if table.empty or not table[measure].iloc[0] > 0.0:
        return None
    row = table.drop(columns="rank").head(1).to_dict("records")[0]
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def _or_never(days: Floats) -> Floats:
    """Days, or money, with nothing where they never come, or no bound is known."""
    return np.where(np.isfinite(days), days, np.nan)


def _per(amounts: Floats, whole: float) -> Floats:
    return amounts / whole if whole > 0.0 else np.zeros_like(amounts)


def _ranked(table: pd.DataFrame, name: str, by: list[str], ascending: list[bool]) -> pd.DataFrame:
    """Sorted and numbered from 1; ties in the order of the nodes."""
    order = table.sort_values(by, ascending=ascending, kind="stable", na_position="last")
    order.insert(0, "rank", np.arange(1, len(order) + 1))
    return order.reset_index(drop=True)[list(COLUMNS[name])]
