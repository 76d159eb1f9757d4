"""The accounts of the makers as tables, and every loss of margin beside that of revenue.

Tables of margin have the columns of those of revenue. A share is one of counterfactual *revenue*, as a
share of a small margin says nothing.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.engines.costing import (
    CHANGES,
    CONVERSION,
    COST_OF_SALES_TO_FIRMS,
    COST_OF_SALES_TO_MARKETS,
    FIXED_COSTS,
    MEASURES,
    PURCHASES,
    SALES_TO_FIRMS,
    SALVAGE,
    STOCK_CHANGE,
    WRITE_OFFS,
)
from sim.engines.spending import COST_KINDS
from sim.model.causes import Causes
from sim.model.plan import Floats, Plan
from sim.risk import tables
from sim.risk.curves import risk_measures
from sim.risk.outcomes import Courses, Measured, Outcome
from sim.risk.spreads import Label, losses_of, places_of, share_of, spread_of, sum_of

COLUMNS = {
    "account": ("maker", "entry", "part", "counterfactual", "scenario", "mean", "p05", "p95"),
    "margins": (
        "replication",
        "maker",
        "revenue_counterfactual",
        "margin_counterfactual",
        "margin_scenario",
        "result_counterfactual",
        "result_scenario",
        "loss",
        "loss_share",
    ),
    "margin_risk_measures": tables.COLUMNS["risk_measures"],
    "margin_fan": tables.COLUMNS["revenue_fan"],
    "margin_attribution": tables.COLUMNS["attribution"],
    "margin_attribution_weekly": tables.COLUMNS["attribution_weekly"],
    "margin_products": tables.COLUMNS["products"],
}
"""Columns of every table, in their order."""
MARGIN, RESULT, BESIDE = "margin", "result", "beside"
"""Parts of an account: what makes the contribution margin, what the result beside it, and what cash shows."""


def tables_of_margin(plan: Plan, measured: Measured) -> dict[str, pd.DataFrame]:
    """All tables of accounts; none where none are kept."""
    if not plan.keeps_account:
        return {}
    outcomes, courses = measured.outcome, measured.courses
    by_maker = margins(plan, outcomes)
    found = {
        "account": account(plan, outcomes),
        "margins": by_maker,
        "margin_risk_measures": risk_measures(plan, by_maker),
        "margin_fan": tables.fan(plan, courses.margin),
        "margin_attribution": tables.attributed(cause_losses(plan, outcomes)),
        "margin_attribution_weekly": _attribution_weekly(plan, courses),
        "margin_products": products(plan, outcomes),
    }
    return {name: table.reindex(columns=list(COLUMNS[name])) for name, table in found.items()}


def entries_of(plan: Plan, outcomes: Outcome, maker: int) -> Iterator[tuple[str, str, Floats]]:
    """Each entry of a maker's account: its name, its part of the account, ``[replication, twin]`` of money.

    What reduces the result is below 0. Entries of the part margin add up to the contribution margin, with
    those of the part result to the result.
    """
    streams = np.flatnonzero(plan.maker_of_stream == maker)
    sales = _each_twin(outcomes.stream_revenue, streams.tolist())
    return signed_entries(sales, outcomes.account[:, :, :, maker], outcomes.cost[:, :, :, maker])


def signed_entries(
    sales_to_markets: Floats, booked: Floats, running: Floats
) -> Iterator[tuple[str, str, Floats]]:
    """Each entry of an account with its part; what reduces the result is below 0.

    Parameters
    ----------
    sales_to_markets
        ``[...]`` of money.
    booked, running
        ``[..., entry]`` and ``[..., kind of cost]``, none of them below 0 for its sign alone.
    """
    goods = booked[..., COST_OF_SALES_TO_MARKETS] + booked[..., COST_OF_SALES_TO_FIRMS]
    yield "sales_to_markets", MARGIN, sales_to_markets
    yield "sales_to_firms", MARGIN, booked[..., SALES_TO_FIRMS]
    yield "cost_of_goods_sold", MARGIN, -goods
    for index, kind in enumerate(COST_KINDS):
        yield kind, MARGIN, -running[..., index]
    yield "write_offs", MARGIN, -booked[..., WRITE_OFFS]
    yield "salvage", MARGIN, booked[..., SALVAGE]
    yield "measures", MARGIN, -booked[..., MEASURES]
    yield "fixed_costs", RESULT, -booked[..., FIXED_COSTS]
    yield "purchases", BESIDE, -booked[..., PURCHASES]
    yield "conversion", BESIDE, -booked[..., CONVERSION]
    yield "stock_change", BESIDE, booked[..., STOCK_CHANGE]


def margin_of(plan: Plan, outcomes: Outcome, maker: int) -> Floats:
    """``[replication, twin]`` contribution margin of a maker in the window."""
    return _total(amounts for _, part, amounts in entries_of(plan, outcomes, maker) if part == MARGIN)


def result_of(plan: Plan, outcomes: Outcome, maker: int) -> Floats:
    """``[replication, twin]`` result of a maker in the window: its margin less fixed costs."""
    return _total(amounts for _, part, amounts in entries_of(plan, outcomes, maker) if part != BESIDE)


def _total(amounts: Iterator[Floats]) -> Floats:
    total = next(amounts).copy()
    for more in amounts:
        total += more
    return total


def _each_twin(by_twin: Floats, columns: list[int]) -> Floats:
    return np.stack([sum_of(by_twin[:, twin], columns) for twin in (0, 1)], axis=1)


def account(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """From sales to result: each entry with and without the shock, and by how much the shock changes it."""
    rows: list[tables.Row] = []
    for position, maker in enumerate(plan.labels.makers):
        told = list(entries_of(plan, outcomes, position))
        told.append((MARGIN, MARGIN, margin_of(plan, outcomes, position)))
        told.append((RESULT, RESULT, result_of(plan, outcomes, position)))
        for entry, part, amounts in told:
            scenario, counterfactual = amounts.T
            row = {"maker": maker, "entry": entry, "part": part}
            means = {"counterfactual": counterfactual.mean(), "scenario": scenario.mean()}
            rows.append(row | means | spread_of(scenario - counterfactual))
    return pd.DataFrame(rows)


def margins(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """One row a replication and maker: margin and result in the window, and the loss of margin."""
    frames = []
    for position, maker in enumerate(plan.labels.makers):
        streams = np.flatnonzero(plan.maker_of_stream == position)
        revenue = sum_of(outcomes.stream_revenue[:, 1], streams)
        revenue += outcomes.account[:, 1, SALES_TO_FIRMS, position]
        margin, result = (found(plan, outcomes, position) for found in (margin_of, result_of))
        loss = margin[:, 1] - margin[:, 0]
        frames.append(
            pd.DataFrame(
                {
                    "replication": np.arange(len(loss)),
                    "maker": maker,
                    "revenue_counterfactual": revenue,
                    "margin_counterfactual": margin[:, 1],
                    "margin_scenario": margin[:, 0],
                    "result_counterfactual": result[:, 1],
                    "result_scenario": result[:, 0],
                    "loss": loss,
                    "loss_share": share_of(loss, revenue),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def products(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """Loss of margin on the goods of each product and market, before all other costs."""
    rows: list[tables.Row] = []
    earned = outcomes.stream_revenue - outcomes.stream_cost
    for (maker, product, market), streams in _streams_of_makers(plan).items():
        losses = losses_of(earned, streams)
        normal = float(sum_of(outcomes.stream_revenue[:, 1], streams).mean())
        row = {"maker": maker, "item": product, "market": market, "revenue_counterfactual": normal}
        lost = {
            "loss_share": float(losses.mean()) / normal if normal > 0.0 else 0.0,
            "units_lost_mean": float(losses_of(outcomes.stream_units, streams).mean()),
        }
        rows.append(row | spread_of(losses) | lost)
    return pd.DataFrame(rows, columns=list(COLUMNS["margin_products"]))


def maker_losses(plan: Plan, outcomes: Outcome) -> Iterator[tuple[Label, Floats]]:
    """For each maker its label and ``[replication]`` loss of margin in the window."""
    for position, maker in enumerate(plan.labels.makers):
        margin = margin_of(plan, outcomes, position)
        yield (maker,), margin[:, 1] - margin[:, 0]


def stream_losses(plan: Plan, outcomes: Outcome) -> Iterator[tuple[Label, Floats]]:
    """The same for the goods of each maker, product and market."""
    earned = outcomes.stream_revenue - outcomes.stream_cost
    for label, streams in _streams_of_makers(plan).items():
        yield label, losses_of(earned, streams)


def _streams_of_makers(plan: Plan) -> dict[Label, list[int]]:
    places = places_of(tables.stream_labels(plan))
    return {label: streams for label, streams in places.items() if label[0] in plan.labels.makers}


def cause_losses(plan: Plan, outcomes: Outcome) -> Iterator[tuple[Label, Floats]]:
    """The same for each maker, component, supplier and intervention; other costs are components, too."""
    causes = Causes.of(plan).count
    blamed = dataclasses.replace(outcomes, attribution=outcomes.margin_attribution[:, :, :causes])
    yield from tables.cause_losses(plan, blamed)
    for position, maker in enumerate(plan.labels.makers):
        for change, name in enumerate(CHANGES):
            losses = outcomes.margin_attribution[:, position, causes + change]
            yield (maker, name, "", ""), losses


def _attribution_weekly(plan: Plan, courses: Courses) -> pd.DataFrame:
    names = [*plan.labels.items, tables.DEMAND, *CHANGES]
    return tables.attributed_weekly(plan, courses.margin_attribution, names)
