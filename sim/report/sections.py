"""The chapters of the report, in the order in which a board asks its questions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sim.report import (
    demand_words,
    loss_figures,
    network_figures,
    revenue_figures,
    risk_figures,
    stock_words,
    tabulate,
    words,
)
from sim.report.bullwhip_section import bullwhip_section
from sim.report.context import Context
from sim.report.country_section import country_section
from sim.report.event_section import event_section
from sim.report.exposure_section import exposure_section
from sim.report.flow_diagram import TWINS, flow_diagram, gathered_flows
from sim.report.language import message, say
from sim.report.largest import makers_section
from sim.report.leading_words import leading
from sim.report.link_section import link_section
from sim.report.margin_section import margin_section
from sim.report.margin_words import of_what_leads
from sim.report.numbers import day
from sim.report.page_parts import Chart, Grid, Section, Table
from sim.report.recipe_section import recipe_section
from sim.report.risk_words import exceedance_title
from sim.report.split_words import LITTLE
from sim.report.tier_section import tier_section

MOST_STOCKS = 6

_SURVIVAL_NOTE = message(
    "Counted downwards: the curve begins with all futures and falls with every one that the event reaches. "
    "Kaplan-Meier: a future that ends before the event counts as far as it was seen, so where the shock "
    "comes on different days a curve may end beside the share above. Shaded: pointwise 95% confidence."
)
_RANGE_NOTE = message(
    "Bands hold the middle 50% and 90% of {futures} week by week; lines are means of these. {shaded}"
)
_SINGLE_NOTE = message(
    "Lines are the one future that was simulated: it does not say how much futures differ."
)


WHY, WHEN, HOW_SURE = message("Why?"), message("When?"), message("How sure is it?")
WHO_ELSE, ON_WHAT = message("Who else loses or gains?"), message("What does it rest on?")
"""What a reader asks, in this order."""


def sections(context: Context) -> list[Section]:
    """All chapters after the headline, by the question that each helps to answer."""
    hangs_on = event_section(context)
    is_first = hangs_on is not None and any(_hangs_on_event(context, maker) for maker in context.makers)
    margin = [margin_section(context)] if context.leads else []
    asked: Mapping[str, Sequence[Section | None]] = {
        WHY: [
            hangs_on if is_first else None,
            *(margin if context.leads == "margin" else []),
            _components(context),
            _products(context),
            *(margin if context.leads == "revenue" else []),
            recipe_section(context),
            exposure_section(context) if loses(context) else None,
        ],
        WHEN: [
            _revenue(context),
            _stocks(context),
            tier_section(context) if loses(context) else None,
            link_section(context) if loses(context) else None,
            _timeline(context),
        ],
        HOW_SURE: [_risk(context), None if is_first else hangs_on, _observations(context)],
        WHO_ELSE: [
            makers_section(context),
            _suppliers(context),
            country_section(context) if loses(context) else None,
            _flows(context),
            bullwhip_section(context),
        ],
        ON_WHAT: [_assumptions(context)],
    }
    return [
        replace(section, question=say(question))
        for question, found in asked.items()
        for section in found
        if section is not None
    ]


def loses(context: Context, maker: str | None = None) -> bool:
    """Whether a maker, or any of them, loses or gains anything in any future."""
    rows = context.tables["makers"] if maker is None else context.rows("makers", maker)
    return bool(rows["loss"].any())


def _hangs_on_event(context: Context, maker: str) -> bool:
    """Whether a maker's futures fall into groups that an event goes far to explain."""
    split = context.findings.summary["makers"][maker].get("split")
    return context.humps(maker) > 1 and split is not None and split["variance_explained"] >= LITTLE


def _revenue(context: Context) -> Section:
    shaded = say("Shaded: the {window} of the loss.", window=context.window) if context.has_shock else ""
    charts = [
        Chart(
            key=f"revenue-{number}",
            title=words.fan_title(context, maker),
            figure=revenue_figures.revenue_fan(context, maker),
            note=say(_SINGLE_NOTE)
            if context.is_single
            else say(_RANGE_NOTE, futures=words.weekly_futures(context), shaded=shaded),
        )
        for number, maker in enumerate(context.makers, start=1)
    ]
    lead = (
        say(
            "Every future is simulated twice from the same random numbers: with the shock and without it. "
            "The gap is the loss."
        )
        + f"{demand_words.moving_demand(context.findings.scenario)}"
        + f"{demand_words.switching_customers(context.findings.scenario)}"
    )
    return Section("revenue", say("Revenue with and without the shock"), lead, charts)


def _stocks(context: Context) -> Section:
    grids = []
    for number, maker in enumerate(context.makers, start=1):
        points = _stocks_that_matter(context, maker)
        charts = [
            Chart(
                key=f"stock-{number}-{place}",
                title=stock_words.stock_title(context, maker, point),
                figure=revenue_figures.stock(context, maker, point),
            )
            for place, point in enumerate(points[:MOST_STOCKS], start=1)
        ]
        if charts:
            title = stock_words.stock_lead(context, maker, len(points) - len(charts))
            grids.append(Grid(charts, title=title, small=True))
    if context.is_single:
        shown = say(
            "Units on hand with the shock (solid) and without it (dashed), in the one future that was "
            "simulated. The diamond is the day of the first run-out. "
        )
    else:
        shown = say(
            "Units on hand: median with the shock (solid, band: 5–95% of {futures}) and without it (dashed). "
            "The diamond is the median day of the first run-out, the bar on the axis its 5–95% range, "
            "among all futures in which the stock runs out. ",
            futures=words.weekly_futures(context),
        )
    lead = shown + say(
        "Days count from the shock. A maker that holds an item at several stock points has a panel for each, "
        "named in brackets."
    )
    return Section(
        "stocks", say("How long stocks last"), lead if grids else say("No stock is followed."), grids
    )


def _stocks_that_matter(context: Context, maker: str) -> list[str]:
    losses = words.loss_by_component(context, maker)
    stocks = context.stocks(maker)
    shares = context.rows("run_out", maker).set_index("stock_point")["share_running_out"]
    return sorted(
        stocks, key=lambda point: (-float(losses.get(stocks[point], 0.0)), -float(shares[point]), point)
    )


def _components(context: Context) -> Section:
    blocks: list[Chart | Table] = []
    for number, maker in enumerate(context.makers, start=1):
        figure = loss_figures.loss_by_component(context, maker)
        note = say("{weekly}, by the input that held production back.", weekly=words.weekly_mean(context))
        hint = say(" Choose an entry of the legend to hide or show it.") if len(figure.data) > 1 else ""
        title, untold = words.attribution_title(context, maker), not loses(context, maker)
        blocks.append(
            Chart(key=f"components-{number}", title=title, figure=figure, note=note + hint, untold=untold)
        )
        if not untold:
            blocks.append(tabulate.attribution(context, maker))
    lead = say(
        "Each day that production is held back, the scarcest input carries the shortfall, "
        "and with it the supplier and the intervention behind it."
    )
    return Section("components", say("Which components carry the loss"), lead, blocks)


def _products(context: Context) -> Section:
    charts = [
        Chart(
            key=f"products-{number}",
            title=words.products_title(context, maker),
            figure=loss_figures.loss_by_product(context, maker),
            untold=not loses(context, maker),
        )
        for number, maker in enumerate(context.makers, start=1)
    ]
    lead = say(
        "Revenue lost {when}. {bars}; beside them, the share of the revenue without the shock.",
        when=words.after_shock(context),
        bars=words.bars(context),
    )
    costs = tabulate.costs(context)
    tables = [*([tabulate.products(context)] if loses(context) else []), *([costs] if costs else [])]
    return Section("products", say("Which products and markets lose"), lead, [Grid(charts), *tables])


def _risk(context: Context) -> Section:
    told = of_what_leads(context)
    chart = Chart(
        key="exceedance",
        title=exceedance_title(told),
        figure=loss_figures.exceedance(told),
        untold=not loses(told),
        note=say(
            "Read: how likely is a loss larger than the one on the axis below. Circle: value at risk (95%), "
            "which 95% of futures do not exceed. Diamond: expected shortfall (95%), the mean of the worst 5%."
        ),
    )
    survival = [
        Chart(
            key=f"survival-{place}",
            title=words.survival_title(context, event),
            figure=risk_figures.survival(context, event),
            note=say(_SURVIVAL_NOTE),
            untold=not loses(context),
        )
        for place, event in enumerate(("first_lost_sales", "recovery"), start=1)
    ]
    title = say("How bad it can get")
    if context.is_single:
        return Section("risk", title, say("One future does not say: simulate more."), [])
    lead = say(
        "{loss} {when}.",
        loss=words.capital(leading(context.findings.summary).loss),
        when=words.after_shock(context),
    )
    table = [tabulate.risk(told)] if loses(told) else []
    return Section("risk", title, lead, [chart, *table, Grid(survival)])


def _suppliers(context: Context) -> Section:
    chart = Chart(
        key="suppliers",
        title=words.suppliers_title(context),
        figure=network_figures.supplier_changes(context),
        note=say(
            "{bars}. Green: sales gained; grey: sales lost. Below a name, the change as a share of all the "
            "supplier’s own revenue, where the scenario knows it.",
            bars=words.bars(context),
        ),
    )
    lead = say(
        "What one supplier may no longer sell, another may: "
        "sales to all simulated buyers, against those without the shock."
    )
    table = [] if chart.empty else [tabulate.suppliers(context)]
    return Section("suppliers", say("Suppliers that lose and gain"), lead, [chart, *table])


def _flows(context: Context) -> Section:
    title = words.flows_title(context)
    flows = gathered_flows(context)
    charts = [
        Chart(
            key=f"flows-{twin}",
            title=say(label),
            figure=flow_diagram(context, twin),
            note=say("Widths compare between the two diagrams."),
            wide_only=True,
        )
        for twin, label in TWINS.items()
        if (flows[flows["twin"] == twin]["value"] > 0).any()
    ]
    lead = say(
        "{finding}: mean purchases from other firms {when}. The diagrams lead from suppliers through "
        "components to buyers. A supplier that buys is a buyer, too: its purchases are part of what it "
        "sells, so amounts of several tiers must not be added up. Small flows are put together as “Other”.",
        finding=title,
        when=words.after_shock(context),
    )
    grid = [Grid(charts)] if charts else []
    duties = [tabulate.duties(context)] if "duties" in context.tables else []
    return Section(
        "flows", say("Where components come from"), lead, [*grid, tabulate.flows(context), *duties]
    )


def _timeline(context: Context) -> Section:
    shock = say(" The dotted line is {day}.", day=day(context.shock_date)) if context.shock_date else ""
    chart = Chart(
        key="timeline",
        title=words.timeline_title(context),
        figure=network_figures.timeline(context),
    )
    lead = say(
        "Red: part of the shock, absent from the comparison path; blue: in both. Fainter: less likely. "
        "Black whiskers: 5–95% range of the first day. Bars without an end reach to the edge.{shock}",
        shock=shock,
    )
    return Section("timeline", say("What happens when"), "" if chart.empty else lead, [chart])


def _observations(context: Context) -> Section:
    table = context.tables["observations"]
    blocks: list[Chart | Table] = []
    several = table["firm"].nunique() > 1
    for place, (relation, note) in enumerate(_RELATIONS.items(), start=1):
        for part, measure in enumerate(sorted(table["measure"].unique()), start=1):
            rows = table[(table["relation"] == relation) & (table["measure"] == measure)]
            if rows.empty:
                continue
            title = words.observations_title(rows, relation, str(measure))
            figure = network_figures.reported_and_simulated(context, rows, several_firms=several)
            blocks.append(
                Chart(key=f"observations-{place}-{part}", title=title, figure=figure, note=say(note))
            )
    if blocks:
        blocks.append(tabulate.observations(context, table))
    lead = (
        say("Reported figures never enter the simulation; they stand beside it.")
        if blocks
        else say("The scenario holds no reported figures.")
    )
    return Section("observations", say("Simulated and reported figures"), lead, blocks)


_RELATIONS = {
    "before the shock": message("A check: these periods ended before the shock, so both should agree."),
    "after the shock": message(
        "Context, not a check: simulated figures follow from the scenario's assumptions; "
        "reported ones also hold everything that the scenario leaves out."
    ),
}


def _assumptions(context: Context) -> Section:
    table = context.tables["assumptions"]
    documented = table[tabulate.is_documented(table)]
    lead = say(
        "{sentence} {next}",
        sentence=words.source_sentence(table),
        next=words.confidence_sentence(list(documented["confidence"])),
    )
    return Section("assumptions", say("What was assumed"), lead, [tabulate.assumptions(context)])
