"""Outcomes of a batch as tables: one row a thing that a reader can name, described in ``docs/results.md``."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.engines.spending import COST_KINDS
from sim.kinds import Target
from sim.model.causes import Causes, component_of_causes
from sim.model.facts import taxed_lanes
from sim.model.plan import Effect, Floats, Ints, Plan, Supply
from sim.model.recipes import line_of
from sim.montecarlo.filled import few_filled
from sim.risk.curves import risk_measures, survival
from sim.risk.duties import lane_sales, value_before_duty
from sim.risk.outcomes import Courses, Measured, Outcome
from sim.risk.quantiles import quantiles
from sim.risk.spreads import (
    Label,
    losses_of,
    places_of,
    share_of,
    spread_of,
    spreads_of,
    sum_of,
    weeks_of,
)
from sim.scenario.assumptions import Assumption, assumptions
from sim.scenario.schema import Scenario
from sim.scenario.sources import numbers_of

DEMAND = "demand"
"""Component that carries losses from demand itself: less of it, or lower prices."""
TWINS = ("scenario", "counterfactual")
COLUMNS = {
    "makers": (
        "replication",
        "maker",
        "revenue_counterfactual",
        "revenue_scenario",
        "loss",
        "loss_share",
        "costs_counterfactual",
        "costs_scenario",
        "first_lost_sales_days",
        "time_to_adapt_days",
    ),
    "risk_measures": ("maker", "measure", "level", "estimate", "ci_low", "ci_high"),
    "survival": ("maker", "event", "day", "share", "ci_low", "ci_high"),
    "costs": ("maker", "cost", "counterfactual", "mean", "p05", "p95"),
    "revenue_fan": ("maker", "week", "twin", "mean", "p05", "p25", "p50", "p75", "p95"),
    "stock": ("maker", "item", "stock_point", "week", "twin", "p05", "p50", "p95", "cover_p50"),
    "run_out": ("maker", "item", "stock_point", "share_running_out", "p05", "p50", "p95"),
    "attribution": ("maker", "component", "supplier", "intervention", "mean", "p05", "p95"),
    "attribution_weekly": ("maker", "component", "week", "loss"),
    "products": (
        "maker",
        "item",
        "market",
        "revenue_counterfactual",
        "mean",
        "p05",
        "p95",
        "loss_share",
        "units_lost_mean",
    ),
    "suppliers": ("supplier", "revenue_counterfactual", "mean", "p05", "p95", "share_of_revenue_mean"),
    "flows": ("twin", "supplier", "component", "maker", "value"),
    "recipes": ("stock_point", "item", "recipe", "week", "twin", "mean", "p05", "p50", "p95", "share"),
    "duties": ("twin", "supplier", "component", "maker", "before_duty", "paid", "received", "duty"),
    "interventions": (
        "intervention",
        "title",
        "kind",
        "shock",
        "probability",
        "start_p05",
        "start_p50",
        "start_p95",
        "end_p50",
    ),
    "observations": (
        "observation",
        "firm",
        "measure",
        "sold",
        "start",
        "end",
        "published",
        "reported",
        "simulated_mean",
        "simulated_p05",
        "simulated_p95",
        "source",
        "relation",
    ),
    "assumptions": ("path", "text", "kind", "source", "note", "confidence"),
}
"""Columns of every table, in their order; an empty table has them too."""
Row = dict[str, Any]


def sources_table(scenario: Scenario) -> pd.DataFrame:
    """``[number]`` all numbers that a scenario gives, with where each is from; empty: nobody says.

    Parameters
    ----------
    scenario
        Whose numbers.

    Returns
    -------
    pandas.DataFrame
        Columns ``path``, ``text``, ``source``, ``confidence``, ``note``.
    """
    numbers = pd.DataFrame(numbers_of(scenario), columns=Assumption._fields)
    return numbers[["path", "text", "source", "confidence", "note"]]


def tables_of(scenario: Scenario, plan: Plan, measured: Measured) -> dict[str, pd.DataFrame]:
    """All tables of a batch.

    Parameters
    ----------
    scenario, plan
        What was simulated.
    measured
        What is kept of the replications.
    """
    outcomes, courses = measured.outcome, measured.courses
    by_maker = makers(plan, outcomes)
    found = {
        "makers": by_maker,
        "risk_measures": risk_measures(plan, by_maker),
        "survival": survival(plan, outcomes),
        "costs": costs(plan, outcomes),
        "revenue_fan": fan(plan, courses.revenue),
        "stock": stock(plan, courses),
        "run_out": run_out(plan, outcomes),
        "attribution": attributed(cause_losses(plan, outcomes)),
        "attribution_weekly": attributed_weekly(plan, courses.attribution, [*plan.labels.items, DEMAND]),
        "products": products(plan, outcomes),
        "suppliers": suppliers(plan, outcomes),
        "flows": flows(plan, outcomes),
        "interventions": interventions(scenario, plan, outcomes),
        "observations": observations(scenario, plan, outcomes),
        "assumptions": pd.DataFrame(assumptions(scenario), columns=Assumption._fields),
    }
    if len(plan.lines):
        found["recipes"] = recipes(plan, courses)
    if len(taxed_lanes(plan)):
        found["duties"] = duties(plan, outcomes)
    return {name: table.reindex(columns=list(COLUMNS[name])) for name, table in found.items()}


def makers(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """One row a replication and maker: the headline measures in the window."""
    frames, kinds = [], range(len(COST_KINDS))
    for position, maker in enumerate(plan.labels.makers):
        scenario, counterfactual = revenue_of(plan, outcomes, position).T
        frames.append(
            pd.DataFrame(
                {
                    "replication": np.arange(len(scenario)),
                    "maker": maker,
                    "revenue_counterfactual": counterfactual,
                    "revenue_scenario": scenario,
                    "loss": counterfactual - scenario,
                    "loss_share": share_of(counterfactual - scenario, counterfactual),
                    "costs_counterfactual": sum_of(outcomes.cost[:, 1, :, position], kinds),
                    "costs_scenario": sum_of(outcomes.cost[:, 0, :, position], kinds),
                    "first_lost_sales_days": outcomes.first_lost_sales_days[:, position],
                    "time_to_adapt_days": outcomes.time_to_adapt_days[:, position],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def revenue_of(plan: Plan, outcomes: Outcome, maker: int) -> Floats:
    """``[replication, twin]`` sales of a maker to markets and to other firms in the window."""
    streams = np.flatnonzero(plan.maker_of_stream == maker)
    lanes = plan.sold_to_firms[plan.maker_of_point[plan.lanes.supplier[plan.sold_to_firms]] == maker]
    sales = lane_sales(plan, outcomes)
    both = [
        sum_of(outcomes.stream_revenue[:, twin], streams) + sum_of(sales[:, twin], lanes)
        for twin in range(len(TWINS))
    ]
    return np.stack(both, axis=1)


def costs(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """What each maker pays for holding, backorders, transit, orders and lost sales in the window."""
    rows: list[Row] = []
    for position, maker in enumerate(plan.labels.makers):
        for index, kind in enumerate(COST_KINDS):
            scenario, counterfactual = outcomes.cost[:, :, index, position].T
            row = {"maker": maker, "cost": kind, "counterfactual": counterfactual.mean()}
            rows.append(row | spread_of(scenario - counterfactual))
    return pd.DataFrame(rows)


def fan(plan: Plan, weekly: Floats) -> pd.DataFrame:
    """Mean and quantiles of ``[replication, twin, maker, week]`` over the replications."""
    return pd.DataFrame(
        {"maker": maker, "week": week, "twin": twin, **spread}
        for position, maker in enumerate(plan.labels.makers)
        for twin, values in zip(TWINS, weekly[:, :, position].swapaxes(0, 1), strict=True)
        for week, spread in zip(weeks_of(plan, values), spreads_of(values, (5, 25, 50, 75, 95)), strict=True)
    )


def stock(plan: Plan, courses: Courses) -> pd.DataFrame:
    """Units on hand at the end of each week of what the makers buy, and the days of usage they cover."""
    rows: list[Row] = []
    on_hand, planned = courses.stock, courses.usage
    for row, point in enumerate(plan.bought_by_makers):
        usage, label = quantiles(planned[:, row], [0.5])[0], _point_label(plan, point)
        for twin, values in zip(TWINS, on_hand[:, :, row].swapaxes(0, 1), strict=True):
            spreads = spreads_of(values, (5, 50, 95))
            for week, spread, used in zip(weeks_of(plan, values), spreads, usage, strict=True):
                cover = spread["p50"] / used if used > 0.0 else 0.0
                rows.append({**label, "week": week, "twin": twin, **spread, "cover_p50": cover})
    return pd.DataFrame(rows)


def recipes(plan: Plan, courses: Courses) -> pd.DataFrame:
    """Units that each recipe finishes in a week, of stock points that several recipes make.

    The share is of what all recipes of the stock point make in the week, on average; 0 if they make nothing.
    """
    made = courses.made
    outputs, mean = plan.points.alternative_of[plan.lines], made.mean(axis=0)
    total = np.stack([mean[:, outputs == output].sum(axis=1) for output in outputs], axis=1)
    share = share_of(mean, total)
    rows: list[Row] = []
    for row, (line, output) in enumerate(zip(plan.lines.tolist(), outputs.tolist(), strict=True)):
        point = plan.labels.points[output]
        label = {
            "stock_point": point,
            "item": plan.labels.items[plan.points.item[output]],
            "recipe": plan.labels.points[line].removeprefix(line_of(point, "")),
        }
        for twin, values in enumerate(made[:, :, row].swapaxes(0, 1)):
            spreads, weeks = spreads_of(values, (5, 50, 95)), weeks_of(plan, values)
            rows += [
                {**label, "week": week, "twin": TWINS[twin], **spread, "share": part}
                for week, spread, part in zip(weeks, spreads, share[twin, row].tolist(), strict=True)
            ]
    return pd.DataFrame(rows)


def run_out(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """When each bought stock of the makers first runs out, in days after the shock."""
    rows = []
    for point in plan.bought_by_makers:
        days = outcomes.run_out_days[:, point]
        known = days[~np.isnan(days)]
        spread = spreads_of(known[:, None], (5, 50, 95))[0] if len(known) else {}
        rows.append({**_point_label(plan, point), "share_running_out": len(known) / len(days), **spread})
    return pd.DataFrame(rows)


def attributed(causes: Iterable[tuple[Label, Floats]]) -> pd.DataFrame:
    """Loss of each maker in the window by component, supplier and intervention; sums to the mean loss."""
    rows = [
        {"maker": maker, "component": component, "supplier": supplier, "intervention": intervention}
        | spread_of(losses)
        for (maker, component, supplier, intervention), losses in causes
        if np.any(losses != 0.0)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS["attribution"]))


def attributed_weekly(plan: Plan, weekly: Floats, names: Sequence[str]) -> pd.DataFrame:
    """Mean loss of each maker and week by component, for components that carry any.

    ``weekly`` is ``[replication, maker, component, week]``, ``names`` are those of the components.
    """
    rows = [
        {"maker": maker, "component": names[component], "week": week, "loss": loss}
        for position, maker in enumerate(plan.labels.makers)
        for component in _filled_columns(weekly[:, position])
        for mean in (weekly[:, position, component].mean(axis=0),)
        if np.any(mean != 0.0)
        for week, loss in zip(weeks_of(plan, mean), mean, strict=True)
    ]
    return pd.DataFrame(rows)


def _filled_columns(values: Floats) -> list[int]:
    """Columns of ``[replication, column, ...]`` with anything but zeros: mostly few of many."""
    places = few_filled(values)
    if places is None:
        return list(range(values.shape[1]))
    return [int(column) for column in np.unique(places // math.prod(values.shape[2:]))]


def products(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """Loss in the window by product and market; of makers also by product and firm that buys it."""
    rows = []
    for (maker, product, market), streams in places_of(stream_labels(plan)).items():
        losses = losses_of(outcomes.stream_revenue, streams)
        normal = float(sum_of(outcomes.stream_revenue[:, 1], streams).mean())
        share = float(losses.mean()) / normal if normal > 0.0 else 0.0
        row: Row = {"maker": maker, "item": product, "market": market, "revenue_counterfactual": normal}
        lost = float(losses_of(outcomes.stream_units, streams).mean())
        rows.append({**row, **spread_of(losses), "loss_share": share, "units_lost_mean": lost})
    rows += _sold_to_firms(plan, outcomes)
    return pd.DataFrame(rows)


def _sold_to_firms(plan: Plan, outcomes: Outcome) -> Iterator[Row]:
    """The same of what makers sell to other firms, which stand for markets; units are not counted."""
    lanes, firm, sales = plan.sold_to_firms, plan.points.firm, lane_sales(plan, outcomes)
    labels = [
        (
            plan.seller_labels[firm[seller]],
            plan.labels.items[plan.points.item[seller]],
            plan.labels.firms[firm[buyer]],
        )
        for seller, buyer in zip(plan.lanes.supplier[lanes], plan.lanes.buyer[lanes], strict=True)
    ]
    for (maker, item, buyer), places in places_of(labels).items():
        losses = losses_of(sales, lanes[places])
        normal = float(sum_of(sales[:, 1], lanes[places]).mean())
        share = float(losses.mean()) / normal if normal > 0.0 else 0.0
        row: Row = {"maker": maker, "item": item, "market": buyer, "revenue_counterfactual": normal}
        yield {**row, **spread_of(losses), "loss_share": share}


def suppliers(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """Sales that each supplier loses in the window (negative: gains), also as a share of its own revenue."""
    own = plan.revenue_per_year * plan.window_days / 365.25
    rows = []
    sales = lane_sales(plan, outcomes)
    for firm, lanes in enumerate(_lanes_of_suppliers(plan)):
        normal, losses = sum_of(sales[:, 1], lanes), losses_of(sales, lanes)
        if not (np.any(normal != 0.0) or np.any(losses != 0.0)):
            continue
        known = np.isfinite(own[firm]) and own[firm] > 0.0
        rows.append(
            {
                "supplier": plan.labels.firms[firm],
                "revenue_counterfactual": normal.mean(),
                **spread_of(losses),
                "share_of_revenue_mean": losses.mean() / own[firm] if known else np.nan,
            }
        )
    return pd.DataFrame(rows)


def flows(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """Mean purchases from other firms in the window, by supplier, component and buyer, in both twins.

    A group is one buyer and one supplier, and what its members send each other is left out.
    """
    firm, item, lanes, sellers = plan.points.firm, plan.points.item, plan.lanes, plan.seller_labels
    mean = outcomes.lane_value.mean(axis=0)
    table = pd.DataFrame(
        {
            "twin": TWINS[twin],
            "supplier": sellers[firm[lanes.supplier[lane]]],
            "component": plan.labels.items[item[lanes.buyer[lane]]],
            "maker": sellers[firm[lanes.buyer[lane]]],
            "value": mean[twin, lane],
        }
        for twin in range(len(TWINS))
        for lane in np.flatnonzero(np.any(mean > 0.0, axis=0) & ~plan.is_within_maker)
    )
    keys = ["twin", "supplier", "component", "maker"]
    summed = table.groupby(keys, sort=False)["value"].sum().reset_index() if len(table) else table
    return pd.DataFrame(summed)


def duties(plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """What buyers pay, sellers get and states take on the lanes that tariffs tax: means, in both twins."""
    firm, item, lanes, taxed = plan.points.firm, plan.points.item, plan.lanes, taxed_lanes(plan)
    before, received = value_before_duty(plan, outcomes), lane_sales(plan, outcomes)
    return pd.DataFrame(
        {
            "twin": TWINS[twin],
            "supplier": plan.labels.firms[firm[lanes.supplier[lane]]],
            "component": plan.labels.items[item[lanes.buyer[lane]]],
            "maker": plan.seller_labels[firm[lanes.buyer[lane]]],
            "before_duty": before[:, twin, lane].mean(),
            "paid": outcomes.lane_value[:, twin, lane].mean(),
            "received": received[:, twin, lane].mean(),
            "duty": outcomes.duty[:, twin, :, place].sum(axis=1).mean(),
        }
        for twin in range(len(TWINS))
        for place, lane in enumerate(taxed.tolist())
    )


def interventions(scenario: Scenario, plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """When each intervention holds: share of replications in which it happens, and its dates."""
    rows = []
    for index, (name, entry) in enumerate(scenario.interventions.items()):
        start, end = outcomes.start[:, index], outcomes.end[:, index]
        rows.append(
            {
                "intervention": name,
                "title": entry.title,
                "kind": entry.kind,
                "shock": bool(plan.interventions.shock[index]),
                "probability": float(np.mean(~np.isnan(start))),
                **{f"start_p{level:02d}": _date(plan, start, level) for level in (5, 50, 95)},
                "end_p50": _date(plan, np.where(end < plan.days, end, np.nan), 50),
            }
        )
    return pd.DataFrame(rows)


def sold(items: Sequence[str], markets: Sequence[str]) -> str:
    """Which of a firm's sales count, in the scenario's ids; empty: all.

    Examples
    --------
    >>> sold(["recorders", "servers"], ["europe"])
    'recorders servers to europe'
    >>> sold([], [])
    ''
    """
    return " ".join([*items, *(["to"] if markets else []), *markets])


def observations(scenario: Scenario, plan: Plan, outcomes: Outcome) -> pd.DataFrame:
    """Reported figures beside what the scenario gives for the same days."""
    shock = plan.date_of(int(quantiles(outcomes.shock_day, [0.5])[0]))
    rows = []
    for index, (name, entry) in enumerate(scenario.observations.items()):
        simulated = outcomes.observed[:, index]
        if np.isnan(simulated).any():
            continue
        rows.append(
            {
                "observation": name,
                "firm": entry.firm,
                "measure": entry.measure,
                "sold": sold(entry.items, entry.markets),
                "start": entry.start,
                "end": entry.end,
                "published": entry.published,
                "reported": entry.value,
                **{f"simulated_{key}": value for key, value in spread_of(simulated).items()},
                "source": entry.source or "",
                "relation": "before the shock" if entry.end < shock else "after the shock",
            }
        )
    return pd.DataFrame(rows)


def cause_labels(plan: Plan) -> list[Label]:
    """For each cause: component, supplier and intervention (empty where none applies)."""
    causes, labels = Causes.of(plan), plan.labels
    components = [*labels.items, DEMAND]
    component = [components[index] for index in component_of_causes(plan)]
    supplier = [labels.firms[plan.points.firm[point]] for point in plan.lanes.supplier]
    supplier += [
        labels.firms[firm] if is_source else ""
        for firm, is_source in zip(plan.points.firm, plan.points.supply == Supply.SOURCE, strict=True)
    ]
    supplier += [""] * causes.streams
    intervention = _first_shock(plan, Target.LANE, causes.lanes)
    intervention += _first_shock(plan, Target.POINT, causes.points)
    intervention += _first_shock(plan, Target.STREAM, causes.streams)
    return list(zip(component, supplier, intervention, strict=True))


def _first_shock(plan: Plan, target_kind: Target, targets: int) -> list[str]:
    """For each target of a kind, the first intervention of the shock that is to blame for a loss there."""
    effects = plan.effects
    kinds = [effect for effect in Effect if effect.is_blamed and effect.target == target_kind]
    first = [""] * targets
    own = effects.target
    if target_kind == Target.POINT:  # What a recipe draws more of falls short at the input.
        kinds.append(Effect.CHANGES_INPUT_UNITS)
        own = own.copy()
        drawn = effects.kind == Effect.CHANGES_INPUT_UNITS
        own[drawn] = plan.edges.point[own[drawn]]
    blamed = np.isin(effects.kind, kinds) & plan.interventions.shock[effects.intervention]
    for intervention, target in zip(effects.intervention[blamed], own[blamed], strict=True):
        first[target] = first[target] or plan.labels.interventions[intervention]
    return first


def _point_label(plan: Plan, point: int) -> Row:
    return {
        "maker": plan.seller_labels[plan.points.firm[point]],
        "item": plan.labels.items[plan.points.item[point]],
        "stock_point": plan.labels.points[point],
    }


def maker_losses(plan: Plan, outcomes: Outcome) -> Iterator[tuple[Label, Floats]]:
    """For each maker its label and ``[replication]`` loss in the window."""
    for position, maker in enumerate(plan.labels.makers):
        scenario, counterfactual = revenue_of(plan, outcomes, position).T
        yield (maker,), counterfactual - scenario


def stream_losses(plan: Plan, outcomes: Outcome) -> Iterator[tuple[Label, Floats]]:
    """The same for each seller, product and market."""
    for label, streams in places_of(stream_labels(plan)).items():
        yield label, losses_of(outcomes.stream_revenue, streams)


def supplier_losses(plan: Plan, outcomes: Outcome) -> Iterator[tuple[Label, Floats]]:
    """The same for the sales of each firm to its buyers."""
    sales = lane_sales(plan, outcomes)
    for name, lanes in zip(plan.labels.firms, _lanes_of_suppliers(plan), strict=True):
        yield (name,), losses_of(sales, lanes)


def cause_losses(plan: Plan, outcomes: Outcome) -> Iterator[tuple[Label, Floats]]:
    """The same for each maker, component, supplier and intervention."""
    places, nothing = places_of(cause_labels(plan)), np.zeros(len(outcomes.attribution))
    for position, maker in enumerate(plan.labels.makers):
        blamed = set(_filled_columns(outcomes.attribution[:, position]))
        for label, causes in places.items():
            its = blamed.intersection(causes)
            yield (maker, *label), sum_of(outcomes.attribution[:, position], sorted(its)) if its else nothing


def stream_labels(plan: Plan) -> list[Label]:
    """For each stream: seller, product and market."""
    labels, points, sellers = plan.labels, plan.points, plan.seller_labels
    return [
        (sellers[points.firm[point]], labels.items[points.item[point]], labels.markets[market])
        for point, market in zip(plan.streams.point, plan.streams.market, strict=True)
    ]


def _lanes_of_suppliers(plan: Plan) -> list[Ints]:
    """For each firm, the lanes on which it sells to other firms."""
    trade = np.flatnonzero(plan.is_trade)
    sellers = plan.points.firm[plan.lanes.supplier[trade]]
    ends = np.cumsum(np.bincount(sellers, minlength=len(plan.labels.firms)))
    return np.split(trade[np.argsort(sellers, kind="stable")], ends[:-1])


def _date(plan: Plan, days: Floats, level: int) -> dt.date | None:
    """Quantile, in per cent, of dates among the replications in which there is one."""
    known = days[~np.isnan(days)]
    return plan.date_of(int(quantiles(known, [level / 100.0])[0])) if len(known) else None
