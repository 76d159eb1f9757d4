"""What the report expects of each table, checked before anything is drawn.

Plotly draws a missing number as a silent gap, so a number that may not be missing is looked for here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ReportError


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one table: plain ones, numbers that must be finite, numbers that may be missing."""

    plain: str
    numbers: str
    gaps: str = ""

    @property
    def all(self) -> list[str]:
        """Every column that must exist."""
        return f"{self.plain} {self.numbers} {self.gaps}".split()


TABLES = {
    "revenue_fan": Columns("maker week twin", "mean p05 p25 p50 p75 p95"),
    "stock": Columns("maker item stock_point week twin", "p05 p50 p95", "cover_p50"),
    "run_out": Columns("maker item stock_point", "share_running_out", "p05 p50 p95"),
    "attribution_weekly": Columns("maker component week", "loss"),
    "attribution": Columns("maker component supplier intervention", "mean p05 p95"),
    "makers": Columns("maker", "replication loss_share loss", "first_lost_sales_days time_to_adapt_days"),
    "risk_measures": Columns("maker measure", "level estimate", "ci_low ci_high"),
    "survival": Columns("maker event", "day share", "ci_low ci_high"),
    "products": Columns("maker item market", "revenue_counterfactual mean p05 p95", "loss_share"),
    "costs": Columns("maker cost", "counterfactual mean p05 p95"),
    "suppliers": Columns("supplier", "revenue_counterfactual mean p05 p95", "share_of_revenue_mean"),
    "flows": Columns("twin supplier component maker", "value"),
    "interventions": Columns(
        "intervention title kind shock start_p05 start_p50 start_p95 end_p50", "probability"
    ),
    "assumptions": Columns("path text kind source note confidence", ""),
    "observations": Columns(
        "observation firm measure sold start end published source relation",
        "reported simulated_mean simulated_p05 simulated_p95",
    ),
}
DUTY_TABLES = {"duties": Columns("twin supplier component maker", "before_duty paid received duty")}
"""Those of a run with tariffs."""
RECIPE_TABLES = {
    "recipes": Columns("stock_point item recipe week twin", "mean p05 p50 p95 share"),
}
"""Those of a run in which several recipes make the same."""
BULLWHIP_TABLES = {
    "bullwhip": Columns(
        "firm item stock_point twin",
        "period_days periods",
        "demand_mean demand_variance orders_variance ratio ratio_p05 ratio_p95",
    ),
}
"""Those of a run that is asked how much orders vary."""
TIER_TABLES = {
    "tiers": Columns(
        "firm plant week twin", "tier", "cover_mean cover_p05 cover_p95 slack_mean slack_p05 slack_p95"
    ),
}
"""Those of a run with stock that has a value, or capacity that has a limit; earlier versions wrote none."""
LINK_TABLES = {"links": Columns("supplier buyer week twin", "supplier_tier buyer_tier value")}
"""Those of a run in which something is bought of firms; earlier versions wrote none."""
MARGIN_TABLES = {
    "account": Columns("maker entry part", "counterfactual scenario mean p05 p95"),
    "margins": Columns("maker", "replication loss_share loss"),
    "margin_fan": TABLES["revenue_fan"],
    "margin_attribution": TABLES["attribution"],
    "margin_attribution_weekly": TABLES["attribution_weekly"],
    "margin_risk_measures": TABLES["risk_measures"],
    "margin_products": TABLES["products"],
}
"""Those of a run that keeps accounts."""
EVENT_TABLES = {
    "conditional": Columns(
        "maker event with_event answer with_answer",
        "futures share",
        "share_ci_low share_ci_high mean mean_ci_low mean_ci_high p05 p05_ci_low p05_ci_high p50 p50_ci_low "
        "p50_ci_high p95 p95_ci_low p95_ci_high variance_explained",
    ),
    "loss_histogram": Columns(
        "maker event with_event answer with_answer", "loss_share_low loss_share_high futures"
    ),
}
"""Of a run; earlier versions wrote none."""
SENSITIVITY_TABLES = {
    "tornado": Columns(
        "input",
        "input_low input_high loss_share_low loss_share_mean loss_share_high reach swing",
    ),
    "rank_correlations": Columns("input", "rank_correlation ci_low ci_high main_effect"),
    "sobol": Columns(
        "factor kind",
        "first_order first_order_ci_low first_order_ci_high total_order total_order_ci_low "
        "total_order_ci_high",
    ),
    "inputs": Columns("input text source confidence note", ""),
}
DECISION_TABLES = {
    "alternatives": Columns(
        "alternative title",
        "sales_to_markets sales_to_firms cost_of_goods_sold holding backorder in_transit order lost_sales "
        "write_offs salvage measures fixed_costs result cost value value_ci_low value_ci_high difference "
        "difference_ci_low difference_ci_high share_best",
    ),
    "evpi": Columns("input", "evppi ci_low ci_high"),
}
COMPARISON_TABLES = {
    "scenarios": Columns("scenario maker", "mean p05 p95 var95 es95 loss_mean", "mean_ci_low mean_ci_high"),
    "differences": Columns(
        "scenario against maker",
        "mean p05 p95 share_worse share_better",
        "mean_ci_low mean_ci_high variance_ratio",
    ),
    "waterfall": Columns(
        "step title changes maker scenario against",
        "before after effect share_worse share_better",
        "effect_ci_low effect_ci_high alone",
    ),
    "losses": Columns("scenario maker", "replication loss_share"),
}
STRESS_TABLES = {
    "stress_nodes": Columns("kind node", "rank lanes ttr_days pi pi_share rei", "tts_days tts_lp_days pi_lp"),
    "stress_pairs": Columns("kind_a node_a kind_b node_b", "rank pi excess", "tts_days"),
}
LIKELIHOOD_TABLES = {
    "stress_likelihood": Columns(
        "kind node process source confidence",
        "rank rate_per_year mean_days_down pi expected_annual_loss",
        "years_between",
    ),
}
"""Those of a stress test in which nodes have failure rates."""
RELIEF_TABLES = {
    "stress_levers": Columns(
        "kind node lever is_best", "expected_annual_loss lowered_by cost_per_year", "level lowered_per_cost"
    ),
}
"""Those of a stress test in which nodes have failure rates and there are levers."""
SYSTEMIC_TABLES = {
    "stress_systemic": Columns(
        "firm",
        "rank sold_share esri downstream upstream substituted linear",
        "esri_p05 esri_p95 rank_p05 rank_p95 simulated",
    ),
    "stress_reach": Columns("firm hit", "lost_share share_of_all"),
}
"""Those of a stress test that is asked for the systemic risk index."""
BOUNDED_STRESS_TABLES = {
    "stress_nodes": Columns("kind node", "rank lanes ttr_days pi pi_lp pi_share rei", "tts_days tts_lp_days")
}
"""What differs where revenue leads and programs bound its loss: of margin they may know no least loss."""


_FIGURE = "fact firm measure sold start end"
_SCORES = "crps pinball log_score inside_50 inside_80 inside_95"
BACKTEST_TABLES = {
    "forecasts": Columns(f"forecaster given {_FIGURE}", "months mean p025 p10 p25 p50 p75 p90 p975"),
    "scores": Columns(f"forecaster given {_FIGURE} published", f"months reported {_SCORES}"),
    "score_means": Columns("forecaster given firm measure", f"months figures {_SCORES}"),
    "view_weights": Columns("given after published view", "weight"),
    "levels": Columns("firm beside last_known", "quarters growth_sd volatility_per_year", "growth_per_year"),
}

_ENDS = " ".join(
    f"{name}_ci_low {name}_ci_high"
    for name in (
        "result", "result_without_shock", "advantage", "cost", "gain", "loss", "loss_es95", "cash", "behind",
        "break_even",
    )
)  # fmt: skip
_MONEY = "result result_without_shock advantage cost loss loss_es95 cash behind typed_cost"
_MAYBE = f"level gain break_even time_to_survive_days {_ENDS}"
SWEEP_TABLES = {
    "sweep": Columns("portfolio taken is_best in_flat_top worth", _MONEY, _MAYBE),
    "sweep_service": Columns("portfolio stream", "service", "service_ci_low service_ci_high"),
}
TWO_LEVER_TABLES = SWEEP_TABLES | {
    "sweep": Columns(
        "portfolio taken other_taken is_best in_flat_top worth", _MONEY, f"other_level {_MAYBE}"
    ),
}
"""Those of a sweep of two levers."""

CALIBRATION_TABLES = {
    "posterior_inputs": Columns("input", "prior_p05 prior_p50 prior_p95 p05 p50 p95 sd_left"),
    "pairs": Columns("input_a input_b", "rank_correlation"),
    "checks": Columns("target published", "reported sd p05 p50 p95 share_above noise_sd"),
    "posterior": Columns("input", "draw value"),
}

_MONEY = "result advantage cost loss loss_es95 cash"
MITIGATION_TABLES = {
    "portfolios": Columns(
        "portfolio is_recommended is_finalist on_frontier keeps_constraints worth",
        f"typed_cost {_MONEY}",
        " ".join(f"{name}_ci_low {name}_ci_high" for name in (*_MONEY.split(), "gain", "break_even"))
        + " gain break_even",
    ),
    "portfolio_levers": Columns("portfolio lever decided", "", "level"),
    "origins": Columns(
        "part name",
        "with_shock without_shock",
        "with_shock_ci_low with_shock_ci_high without_shock_ci_low without_shock_ci_high",
    ),
    "lever_values": Columns("lever is_taken decided", "added", "level added_ci_low added_ci_high"),
    "interactions": Columns("lever with_lever", "interaction", "interaction_ci_low interaction_ci_high"),
    "waiting": Columns("lever decided as_good_as_best", "added", "added_ci_low added_ci_high"),
    "adaptive": Columns(
        "lever kind signal",
        "share_coming share_moved adaptive now option_value",
        "cover_below_days adaptive_ci_low adaptive_ci_high now_ci_low now_ci_high option_value_ci_low "
        "option_value_ci_high",
    ),
    "constraints": Columns("portfolio constraint is_kept", "asked", "found found_ci_low found_ci_high"),
    "finalists": Columns("portfolio", "mean ahead_low ahead_high"),
    "loss_curves": Columns("portfolio", "share loss"),
    "regret": Columns("portfolio view title", "weight result regret"),
    "view_portfolios": Columns("portfolio", "worst_regret expected_regret"),
    "view_plans": Columns(
        "view title portfolio",
        "weight chance_of_shock cost advantage over_recommended",
        "gain "
        + " ".join(
            f"{name}_ci_low {name}_ci_high" for name in ("cost", "gain", "advantage", "over_recommended")
        ),
    ),
    "view_plan_levers": Columns("view lever decided decide_by", "", "level"),
}


def records(table: pd.DataFrame) -> Iterator[Any]:
    """The rows of a table, with a column's value as an attribute."""
    return iter(table.itertuples(index=False))


def checked(
    tables: Mapping[str, pd.DataFrame], name: str, expected: Mapping[str, Columns] = TABLES
) -> pd.DataFrame:
    """The named table, once everything the report needs of it is there.

    Raises
    ------
    ReportError
        If the table or a column is absent, or a number that must be there is missing or infinite.
    """
    if name not in tables:
        raise ReportError(f"table {name} is absent, found: {', '.join(sorted(tables)) or 'none'}")
    table, columns = tables[name], expected[name]
    absent = [column for column in columns.all if column not in table.columns]
    if absent:
        raise ReportError(f"table {name} has no column {', '.join(absent)}")
    for column in columns.numbers.split():
        bad = ~np.isfinite(table[column].to_numpy(dtype=np.float64, na_value=np.nan))
        if bad.any():
            row = int(bad.argmax())
            raise ReportError(f"table {name}, column {column}, row {row}: found {table[column].iloc[row]}")
    for column in columns.gaps.split():
        if np.isinf(table[column].to_numpy(dtype=np.float64, na_value=np.nan)).any():
            raise ReportError(f"table {name}, column {column}: found an infinite number")
    return table
