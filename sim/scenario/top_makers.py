"""Makers that are chosen by rule: ``analysis.makers: {top: 20, by: revenue}``."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import ValidationError

from sim.scenario.schema import Demand, TopMakers
from sim.scenario.shapes import nearest
from sim.scenario.source import SourceNode, refuse
from sim.scenario.wording import show

Entries = dict[str, SourceNode]


def with_top_makers(tree: SourceNode) -> SourceNode:
    """The tree of a scenario in which a rule for its makers is the list of those that it chooses.

    Parameters
    ----------
    tree
        A scenario whose copies are made. Of equal makers the first in the file counts.

    Raises
    ------
    ScenarioError
        If the rule says something else, or nobody sells to a market.
    """
    top = _entries(tree)
    analysis = top.get("analysis")
    rule = _entries(analysis).get("makers")
    if analysis is None or rule is None or not isinstance(rule.value, dict):
        return tree
    asked = _asked(rule)
    sales = _sales_a_day(top, _entries(_entries(analysis).get("groups")))
    if not sales:
        refuse("analysis.makers: nobody sells to a market, so no rule chooses makers", rule.shown_at)
    chosen = sorted(sales, key=lambda maker: -sales[maker])[: asked.top]
    makers = replace(rule, value=[SourceNode(maker, rule.place) for maker in chosen])
    within = replace(analysis, value={**_entries(analysis), "makers": makers})
    return replace(tree, value={**top, "analysis": within})


def _asked(rule: SourceNode) -> TopMakers:
    for key, node in _entries(rule).items():
        if key not in TopMakers.model_fields:
            hint = nearest(key, TopMakers.model_fields) or ";"
            allowed = "allowed: a list of firms and groups, or top and by"
            refuse(f"analysis.makers: found '{key[:60]}'{hint} {allowed}", node.key_place or node.place)
    try:
        return TopMakers.model_validate(rule.plain)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        node = _entries(rule).get(name, rule)
        found = "missing" if node is rule else f"found {show(node.value)}"
        allowed = "a whole number, 1 or more" if name == "top" else "revenue"
        refuse(f"analysis.makers.{name}: {found}, allowed: {allowed}", node.shown_at)


def _sales_a_day(top: Entries, groups: Entries) -> dict[str, float]:
    """What each maker sells to markets a day if nothing happens, as far as the streams can be read."""
    group_of = {
        str(firm.value): name
        for name, group in groups.items()
        for firm in _items(_entries(group).get("firms"))
    }
    points = _entries(top.get("stock_points"))
    sales: dict[str, float] = {}
    for stream in _entries(top.get("demand")).values():
        try:
            demand = Demand.model_validate(stream.plain)
        except ValidationError:
            continue  # What is wrong with it is told where the scenario is checked.
        firm = _entries(points.get(demand.stock_point)).get("firm")
        if firm is not None:
            maker = group_of.get(str(firm.value), str(firm.value))
            sales[maker] = sales.get(maker, 0.0) + demand.mean.mean * demand.price.mean
    return sales


def _entries(node: SourceNode | None) -> Entries:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _items(node: SourceNode | None) -> Iterator[SourceNode]:
    return iter(node.value if node is not None and isinstance(node.value, list) else ())
