"""The loss that leads, of revenue or of margin: whatever follows ``analysis.headline`` asks here."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.engines.spending import added_up
from sim.model.plan import Floats, Plan
from sim.risk import margins
from sim.risk.duties import lane_sales
from sim.risk.outcomes import Outcome
from sim.risk.tables import makers

TABLES = {"revenue": "makers", "margin": "margins"}
"""The table of a run that tells each loss, by replication and maker."""


def leading_losses(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """One row a replication and maker, with its ``loss`` and ``loss_share`` of what leads.

    Parameters
    ----------
    plan, outcomes
        What was simulated and what came of it.

    Returns
    -------
    DataFrame
        The table ``makers`` of a run, or where margin leads the table ``margins``.
    """
    return margins.margins(plan, outcomes) if plan.margin_leads else makers(plan, outcomes)


def leading_table(plan: Plan, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The same, of the tables of a run."""
    return tables[TABLES["margin" if plan.margin_leads else "revenue"]]


def lost_by_all(plan: Plan, outcomes: Outcome) -> Floats:
    """``[replication]`` what all makers together lose of what leads, each on its own sales.

    Parameters
    ----------
    plan, outcomes
        As for :func:`leading_losses`.
    """
    if plan.margin_leads:
        lost = np.zeros(len(outcomes.shock_day))
        for _, losses in margins.maker_losses(plan, outcomes):
            lost += losses
        return lost
    return revenue_of_all(plan, outcomes, 1) - revenue_of_all(plan, outcomes, 0)


def revenue_of_all(plan: Plan, outcomes: Outcome, twin: int) -> Floats:
    """``[replication]`` what all makers sell to markets and to other firms in the window of a twin."""
    own = plan.maker_of_stream >= 0
    to_firms = lane_sales(plan, outcomes)[:, twin, plan.sold_to_firms]
    return added_up(outcomes.stream_revenue[:, twin, own].T) + added_up(to_firms.T)


def sold_by_all(plan: Plan, outcomes: Outcome, twin: int) -> Floats:
    """``[replication]`` what all firms sell to markets and to other firms in the window of a twin."""
    to_firms = lane_sales(plan, outcomes)[:, twin, plan.is_trade]
    return added_up(outcomes.stream_revenue[:, twin].T) + added_up(to_firms.T)


def headline_of(plan: Plan) -> dict[str, str]:
    """What the summary of an analysis says of the loss that leads: nothing where it is that of revenue."""
    return {"headline": "margin"} if plan.margin_leads else {}
