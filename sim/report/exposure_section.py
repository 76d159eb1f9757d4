"""The chapter on which sales need which component, whatever is shocked."""

from collections import defaultdict
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
from sim.scenario.schema import Lane, Recipe, Scenario

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


@dataclass(frozen=True, slots=True)
class _Network:
    """A scenario's stock points by firm, in its order, and what gets to each: on lanes, and by recipes."""

    scenario: Scenario
    points: Mapping[str, Sequence[str]]
    lanes: Mapping[str, Sequence[Lane]]
    recipes: Mapping[str, Sequence[Recipe]]

    @classmethod
    def of(cls, scenario: Scenario) -> "_Network":
        points: dict[str, list[str]] = defaultdict(list)
        lanes: dict[str, list[Lane]] = defaultdict(list)
        recipes: dict[str, list[Recipe]] = defaultdict(list)
        for key, point in scenario.stock_points.items():
            points[point.firm].append(key)
        for lane in scenario.lanes.values():
            lanes[lane.buyer].append(lane)
        for recipe in scenario.recipes.values():
            recipes[recipe.output].append(recipe)
        return cls(scenario, points, lanes, recipes)

    def item(self, point: str) -> str:
        """What a stock point holds."""
        return self.scenario.stock_points[point].item

    def points_of(self, maker: str) -> list[str]:
        """Stock points of a maker."""
        return [point for firm in members(self.scenario, maker) for point in self.points.get(firm, ())]


def exposure_of(context: Context, maker: str) -> Exposure:
    """What of a maker's sales hangs on each component that it buys from others."""
    return _exposure(context, maker, _Network.of(context.findings.scenario))


def _exposure(context: Context, maker: str, network: _Network) -> Exposure:
    sales = context.rows("products", maker).groupby("item")["revenue_counterfactual"].sum()
    sales = sales[sales > 0.0].sort_values(ascending=False, kind="stable")
    products = {str(item): float(amount / sales.sum()) for item, amount in sales.items()}
    own = network.points_of(maker)
    essential, bought = _essential(network, own), _bought(network, own)
    of_product = {product: _of_product(network, own, product, essential) for product in products}
    needs = {
        component: frozenset(product for product, needed in of_product.items() if component in needed)
        for component in sorted(bought)
    }
    found = Exposure(products, {component: its for component, its in needs.items() if its})
    order = sorted(found.needs, key=lambda component: -found.share(component))
    return Exposure(products, {component: found.needs[component] for component in order})


def _bought(network: _Network, own: Sequence[str]) -> frozenset[str]:
    """Items that come from other firms."""
    ours = frozenset(own)
    return frozenset(
        network.item(point)
        for point in own
        if any(lane.supplier not in ours for lane in network.lanes.get(point, ()))
    )


def _of_product(
    network: _Network, own: Sequence[str], product: str, essential: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """What a product cannot be made without, wherever its maker makes it."""
    at = [point for point in own if network.item(point) == product]
    makes = [point for point in at if point in network.recipes] or at
    return _common([essential[point] for point in makes])


def _essential(network: _Network, own: Sequence[str]) -> dict[str, frozenset[str]]:
    """By stock point of a maker: the items without which nothing can get there."""
    ours = frozenset(own)
    ways: dict[str, list[Sequence[str]]] = {
        point: [
            *(list(recipe.inputs) for recipe in network.recipes.get(point, ())),
            *([lane.supplier] if lane.supplier in ours else [] for lane in network.lanes.get(point, ())),
        ]
        for point in own
    }
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
            itself = frozenset([network.item(point)])
            each = [frozenset().union(*(found.get(one, frozenset()) for one in way)) for way in ways[point]]
            found[point] = itself | _common(each)
    return found


def _common(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    """What is in all of them; nothing where there are none."""
    return sets[0].intersection(*sets[1:]) if sets else frozenset()


def makers_with_needs(context: Context) -> list[str]:
    """Makers whose products need what they buy."""
    network = _Network.of(context.findings.scenario)
    return [maker for maker in context.makers if _exposure(context, maker, network).needs]


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
