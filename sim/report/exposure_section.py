"""The chapter on which sales need which component, whatever is shocked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.language import message, say
from sim.report.names import plot_text, shorten, within
from sim.report.numbers import grouped, percent
from sim.report.page_parts import Chart, Section
from sim.report.seller_words import sales_of
from sim.report.style import INK, VERMILLION, blank
from sim.report.words import after_shock, either, joined
from sim.scenario.makers import members
from sim.scenario.schema import Scenario

MOST_COMPONENTS, MOST_PRODUCTS, MOST_NAMED = 14, 10, 3
_NOTE = message(
    "Each cell: what a product brings in without the shock, as a share of {sales}, where the product cannot "
    "be made without the component. Empty: it can. Stocks, substitutes and other suppliers of the component "
    "are left out.{left}"
)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much of a maker's sales needs what it buys.

    Parameters
    ----------
    products
        Share of the maker's sales by product, from the largest.
    needs
        By component, from the one on which most hangs: the products that cannot be made without it.
    """

    products: Mapping[str, float]
    needs: Mapping[str, frozenset[str]]

    def share(self, component: str) -> float:
        """Of the maker's sales, what cannot be made without the component."""
        return sum(share for product, share in self.products.items() if product in self.needs[component])


def exposure_of(context: Context, maker: str) -> Exposure:
    """What of a maker's sales hangs on each component that it buys from others."""
    sales = context.rows("products", maker).groupby("item")["revenue_counterfactual"].sum()
    sales = sales[sales > 0.0].sort_values(ascending=False, kind="stable")
    products = {str(item): float(amount / sales.sum()) for item, amount in sales.items()}
    scenario = context.findings.scenario
    firms = frozenset(members(scenario, maker))
    essential, bought = _essential(scenario, firms), _bought(scenario, firms)
    of_product = {product: _of_product(scenario, firms, product, essential) for product in products}
    needs = {
        component: frozenset(product for product, needed in of_product.items() if component in needed)
        for component in sorted(bought)
    }
    found = Exposure(products, {component: its for component, its in needs.items() if its})
    order = sorted(found.needs, key=lambda component: -found.share(component))
    return Exposure(products, {component: found.needs[component] for component in order})


def _bought(scenario: Scenario, firms: frozenset[str]) -> frozenset[str]:
    """Items that come from other firms."""
    points = scenario.stock_points
    return frozenset(
        points[lane.buyer].item
        for lane in scenario.lanes.values()
        if points[lane.buyer].firm in firms and points[lane.supplier].firm not in firms
    )


def _of_product(
    scenario: Scenario, firms: frozenset[str], product: str, essential: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """What a product cannot be made without, wherever the firms make it."""
    made = {recipe.output for recipe in scenario.recipes.values()}
    at = [
        key for key, point in scenario.stock_points.items() if point.firm in firms and point.item == product
    ]
    makes = [key for key in at if key in made] or at
    return _common([essential[key] for key in makes])


def _essential(scenario: Scenario, firms: frozenset[str]) -> dict[str, frozenset[str]]:
    """By stock point of the firms: the items without which nothing can get there."""
    ways: dict[str, list[Sequence[str]]] = {
        key: [] for key, point in scenario.stock_points.items() if point.firm in firms
    }
    for recipe in scenario.recipes.values():
        if recipe.output in ways:
            ways[recipe.output].append(list(recipe.inputs))
    for lane in scenario.lanes.values():
        if lane.buyer in ways:
            ways[lane.buyer].append([lane.supplier] if lane.supplier in ways else [])
    found: dict[str, frozenset[str]] = {}
    begun: set[str] = set()
    waiting = list(ways)
    while waiting:
        point = waiting[-1]
        if point not in begun:
            begun.add(point)
            waiting += [one for way in ways[point] for one in way if one in ways and one not in begun]
            continue
        waiting.pop()
        if point not in found:
            own = frozenset([scenario.stock_points[point].item])
            each = [frozenset().union(*(found.get(one, frozenset()) for one in way)) for way in ways[point]]
            found[point] = own | _common(each)
    return found


def _common(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    """What is in all of them; nothing where there are none."""
    return sets[0].intersection(*sets[1:]) if sets else frozenset()


def makers_with_needs(context: Context) -> list[str]:
    """Makers whose products need what they buy."""
    return [maker for maker in context.makers if exposure_of(context, maker).needs]


def exposure_section(context: Context) -> Section | None:
    """A heat map for each maker; None where no product needs anything from other firms."""
    charts = []
    for number, maker in enumerate(context.makers, start=1):
        found = exposure_of(context, maker)
        if not found.needs:
            continue
        charts.append(
            Chart(
                key=f"exposure-{number}",
                title=exposure_title(context, maker),
                figure=exposure(context, maker),
                note=say(
                    _NOTE,
                    sales=say(
                        "{maker}’s {sales}", maker=context.maker(maker), sales=sales_of(context, maker)
                    ),
                    left=_left(found),
                ),
            )
        )
    if not charts:
        return None
    lead = say(
        "By the bills of materials, whatever is shocked: of sales {when} without the shock.",
        when=after_shock(context),
    )
    return Section("exposure", say("Which sales need which component"), lead, charts)


def _left(found: Exposure) -> str:
    """How many rows and columns are not shown."""
    components, products = len(found.needs) - MOST_COMPONENTS, len(found.products) - MOST_PRODUCTS
    parts = [
        *([say("{number} more components", number=grouped(components))] if components > 0 else []),
        *([say("{number} smaller products", number=grouped(products))] if products > 0 else []),
    ]
    return say(" Not shown: {parts}.", parts=joined(parts)) if parts else ""


def exposure_title(context: Context, maker: str) -> str:
    """The components on which most of a maker's sales hang, and how much that is."""
    found = exposure_of(context, maker)
    most = max(map(found.share, found.needs))
    equal = [component for component in found.needs if found.share(component) >= most * (1 - 1e-9)]
    names = [within(shorten(context.names.item(component), 40)) for component in equal]
    told = {
        "share": percent(most),
        "sales": say("{maker}’s {sales}", maker=context.short.firm(maker), sales=sales_of(context, maker)),
    }
    if len(names) > MOST_NAMED:
        return say(
            "Products with {share} of {sales} cannot be made without each of {number} components, "
            "{component} among "
            "them",
            **told,
            number=grouped(len(names)),
            component=names[0],
        )
    return say(
        "Products with {share} of {sales} cannot be made if {components} is missing",
        **told,
        components=either(names),
    )


def exposure(context: Context, maker: str) -> go.Figure:
    """Components by products: the product's share of the maker's sales, where it needs the component."""
    found = exposure_of(context, maker)
    components, products = list(found.needs)[:MOST_COMPONENTS], list(found.products)[:MOST_PRODUCTS]
    cells = [
        [found.products[product] if product in found.needs[component] else None for product in products]
        for component in components
    ]
    ticks = {"tickmode": "array", "showgrid": False, "ticks": "", "tickfont": {"size": 12, "color": INK}}
    columns = [plot_text(context.names.item(product), length=24) for product in products]
    rows = [
        f"{plot_text(context.names.item(component), length=30)}, {percent(found.share(component))}"
        for component in components
    ]
    figure = blank(
        height=150 + 34 * len(components),
        showlegend=False,
        xaxis=ticks
        | {"tickvals": list(range(len(products))), "ticktext": columns}
        | {"tickangle": -55 if len(products) > 3 else 0},
        yaxis=ticks | {"tickvals": list(range(len(components))), "ticktext": rows, "autorange": "reversed"},
    )
    figure.add_trace(
        go.Heatmap(
            x=list(range(len(products))),
            y=list(range(len(components))),
            z=[[None if cell is None else 100.0 * cell for cell in row] for row in cells],
            zmin=0.0,
            zmax=100.0,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            showscale=False,
            colorscale=[[0.0, "#fdeadf"], [1.0, VERMILLION]],
            text=[["" if cell is None else percent(cell) for cell in row] for row in cells],
            texttemplate="%{text}",
            hovertext=[
                [
                    say("{component} of sales", component=row)
                    + f"<br>{column}: {percent(found.products[product])}"
                    for product, column in zip(products, columns, strict=True)
                ]
                for row in rows
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    return figure
