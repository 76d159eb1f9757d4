"""The figures of a report by name, each built when it is asked for.

A name is that of the function which draws the figure and, where there are several of them, what each is of:
``revenue_fan/hikvision``. A figure carries its height, so that it can stand alone.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.report import (
    backtest_figures,
    bullwhip_section,
    comparison_figures,
    country_section,
    event_figures,
    exposure_section,
    link_section,
    loss_figures,
    margin_section,
    mitigation_figures,
    network_figures,
    revenue_figures,
    risk_figures,
    sensitivity_figures,
    stress_figures,
    sweep_figures,
    tier_section,
)
from sim.report import graph_objects as go
from sim.report.backtest_words import labels_of, make_backtest, reported_of, scale_of, series_of
from sim.report.calibration_page import InputNames, spread_left
from sim.report.comparison_words import LEAST_SHOWN, make_comparison
from sim.report.context import Context, make_context
from sim.report.country_map import borders_of, country_map
from sim.report.expected_tables import CALIBRATION_TABLES, checked
from sim.report.flow_diagram import TWINS, flow_diagram
from sim.report.leading_words import Leading
from sim.report.margin_words import of_what_leads
from sim.report.mitigation_words import make_mitigation
from sim.report.sensitivity_context import make_sensitivity_context
from sim.report.sensitivity_words import ends
from sim.report.stress_words import make_stress_context
from sim.report.sweep_words import make_sweep_context
from sim.risk.findings import Findings

if TYPE_CHECKING:
    import plotly.graph_objects

Figures = dict[str, Callable[[], "plotly.graph_objects.Figure"]]


def figures_of_run(findings: Findings) -> Figures:
    """The figures of a run.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.

    Examples
    --------
    >>> from sim.stories import study
    >>> findings = study.run("scenarios/first-scenario.yaml", replications=8, workers=1).findings
    >>> list(figures_of_run(findings))[:3]
    ['revenue_fan/velo', 'stock/controllers', 'tier_stock/0']
    """
    context = make_context(findings)
    return {
        **_each(revenue_figures.revenue_fan, context, context.makers),
        **{
            f"stock/{point}": _later(revenue_figures.stock, context, maker, point)
            for maker in context.makers
            for point in context.stocks(maker)
        },
        **_tiers(context),
        **({"links": _later(link_section.links, context)} if "links" in context.tables else {}),
        **_each(loss_figures.loss_by_component, context, context.makers),
        **_each(loss_figures.loss_by_product, context, context.makers),
        **(_of_accounts(context) if context.leads else {}),
        "exceedance": _later(loss_figures.exceedance, of_what_leads(context)),
        **_each(event_figures.loss_histogram, context, context.tables["loss_histogram"]["maker"].unique()),
        **_each(event_figures.loss_by_event, context, event_figures.makers_with_events(context)),
        **_each(exposure_section.exposure, context, exposure_section.makers_with_needs(context)),
        **_each(risk_figures.survival, context, ("first_lost_sales", "recovery")),
        "supplier_changes": _later(network_figures.supplier_changes, context),
        **_countries(context),
        **_each(flow_diagram, context, TWINS),
        "timeline": _later(network_figures.timeline, context),
        **_observations(context),
        **_bullwhip(context),
    }


def _tiers(context: Context) -> Figures:
    """Stock and slack of each tier, and of its plants: ``tier_stock/1`` or ``tier_stock/1/PLANT``."""
    draws = ((tier_section.STOCK, tier_section.tier_stock), (tier_section.SLACK, tier_section.tier_slack))
    return {
        "/".join([draw.__name__, str(tier), *([plant] if plant else [])]): _later(draw, context, tier, plant)
        for tier in tier_section.tiers(context)
        for plant in ["", *tier_section.plants_of(context, tier)]
        for told, draw in draws
        if tier_section.knows(context, told, tier, plant)
    }


def _countries(context: Context) -> Figures:
    """What crosses borders, where anything does."""
    if country_section.across_borders(context).empty:
        return {}
    borders = borders_of(country_section.crossings(context))
    return {
        **({"map": _later(country_map, context, borders)} if borders else {}),
        "countries": _later(country_section.countries, context),
    }


def _bullwhip(context: Context) -> Figures:
    """What orders vary, where it is told."""
    if "bullwhip" not in context.tables:
        return {}
    return {"bullwhip": _later(bullwhip_section.bullwhip_figure, context)}


def _of_accounts(context: Context) -> Figures:
    draws = (margin_section.account_waterfall, margin_section.margin_fan, margin_section.margin_by_component)
    return {name: chart for draw in draws for name, chart in _each(draw, context, context.makers).items()}


def figures_of_comparison(findings: Findings) -> Figures:
    """The figures of a comparison; a waterfall leads from the scenario before to the one in its name.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    comparison = make_comparison(findings)
    losses = comparison.tables["losses"]
    return {
        **{
            f"waterfall/{scenario}/{maker}": _later(_waterfall, steps, comparison.leads)
            for (scenario, maker), steps in comparison.tables["waterfall"].groupby(
                ["scenario", "maker"], sort=False
            )
        },
        **{
            f"exceedance/{maker}": _later(
                comparison_figures.exceedance,
                losses[losses["maker"] == maker],
                comparison.order,
                comparison.leads,
            )
            for maker in losses["maker"].unique()
        },
    }


def figures_of_sensitivity(findings: Findings) -> Figures:
    """The figures of a sensitivity analysis; ``information`` only where knowledge could change a decision.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    context = make_sensitivity_context(findings)
    tornado, sobol = context.tables["tornado"], context.tables["sobol"]
    found = {
        "tornado": _later(
            sensitivity_figures.tornado,
            tornado,
            list(map(context.name, tornado["input"])),
            ends(context),
            context.leads,
        ),
        "sobol": _later(sensitivity_figures.sobol, sobol, list(map(context.name, sobol["factor"]))),
    }
    if context.decision is not None and not context.nothing_is_worth:
        rows = context.information.head(sensitivity_figures.MOST_BARS)
        chance = float(context.decision["chance_evppi"])
        names = list(map(context.name, rows["input"]))
        found["information"] = _later(sensitivity_figures.information, rows, names, context.money, chance)
    return found


def figures_of_stress(findings: Findings) -> Figures:
    """The figures of a stress test; ``pair_map`` only where pairs failed.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    context = make_stress_context(findings)
    found = {"impacts": _later(stress_figures.impacts, context)}
    if not context.pairs.empty:
        found["pair_map"] = _later(stress_figures.pair_map, context)
    return found


def figures_of_sweep(findings: Findings) -> Figures:
    """The figures of a sweep: ``curve`` and ``break_even`` of one lever, ``heat_map`` of two.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    context = make_sweep_context(findings)
    if len(context.levers) > 1:
        return {"heat_map": _later(sweep_figures.heat_map, context)}
    return {
        "curve": _later(sweep_figures.curve, context),
        "break_even": _later(sweep_figures.break_even, context),
    }


def figures_of_backtest(findings: Findings) -> Figures:
    """The figures of a back-test.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    backtest = make_backtest(findings)
    weights = backtest.tables["view_weights"]
    found = {
        f"intervals/{name}": _later(
            backtest_figures.intervals,
            rows,
            reported_of(backtest, rows),
            labels_of(rows),
            scale_of(backtest, rows),
        )
        for given in backtest.confounders
        for name, rows in series_of(backtest, given).items()
    }
    return found | {
        f"weights/{given or 'alone'}": _later(
            backtest_figures.weights,
            weights[weights["given"] == given],
            backtest.title,
            backtest.figure,
        )
        for given in backtest.confounders
    }


def figures_of_calibration(findings: Findings) -> Figures:
    """The figure of a calibration.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    return {
        "spread_left": _later(
            spread_left,
            checked(findings.tables, "posterior_inputs", CALIBRATION_TABLES),
            InputNames(findings.scenario).text,
        )
    }


def figures_of_mitigation(findings: Findings) -> Figures:
    """The figures of a mitigation.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    context = make_mitigation(findings)
    draws = [mitigation_figures.cost_and_risk, mitigation_figures.before_and_after]
    if len(context.tables["waiting"]):
        draws.append(mitigation_figures.waiting)
    return {draw.__name__: _later(draw, context) for draw in draws}


def _each(draw: Callable[[Any, str], go.Figure], context: Context, things: Any) -> Figures:
    """A figure of each of some things."""
    return {f"{draw.__name__}/{thing}": _later(draw, context, thing) for thing in things}


def _later(
    draw: Callable[..., go.Figure], *what: Any, **how: Any
) -> Callable[[], "plotly.graph_objects.Figure"]:
    """Draws a figure when it is called, as high as on the page of the report."""

    def drawn() -> "plotly.graph_objects.Figure":
        figure = draw(*what, **how)
        return go.as_plotly(figure.update_layout(height=figure.layout["meta"]["height"]))

    return drawn


def _observations(context: Context) -> Figures:
    table = context.tables["observations"]
    several = table["firm"].nunique() > 1
    return {
        f"reported_and_simulated/{measure}/{str(relation).split(maxsplit=1)[0]}": _later(
            network_figures.reported_and_simulated, context, rows, several_firms=several
        )
        for (measure, relation), rows in table.groupby(["measure", "relation"], sort=True)
    }


def _waterfall(steps: Any, leads: Leading) -> go.Figure:
    shown = steps[steps["effect"].abs() >= LEAST_SHOWN]
    return comparison_figures.waterfall(steps, shown.assign(step=shown["title"]), leads)
