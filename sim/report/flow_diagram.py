"""Purchases from suppliers through components to buyers as a Sankey diagram."""

from dataclasses import dataclass

import pandas as pd

from sim.report import graph_objects as go
from sim.report.context import Context
from sim.report.language import message, say
from sim.report.names import plot_text
from sim.report.style import INK, OTHER_COLOUR, blank, faded

MOST = {"supplier": 14, "component": 12, "maker": 6}
TWINS = {"counterfactual": message("Without the shock"), "scenario": message("With the shock")}

_OTHER = "\x00Other"  # no id can be this
_OTHERS = {
    "supplier": message("Other suppliers"),
    "component": message("Other components"),
    "maker": message("Other buyers"),
}
_COLUMNS = {"supplier": 0.001, "component": 0.5, "maker": 0.999}  # and where each stands, from left to right
_HEIGHT, _PAD = 520, 14
_SUPPLIER_COLOUR = "#59636e"


def gathered_flows(context: Context) -> pd.DataFrame:
    """The flows with small suppliers, components and makers put together, in a fixed order."""
    flows = context.tables["flows"]
    kept = flows.assign(**{column: _largest(flows, column, most) for column, most in MOST.items()})
    return kept.groupby(["twin", *_COLUMNS], sort=True)["value"].sum().reset_index()


def _largest(flows: pd.DataFrame, column: str, most: int) -> pd.Series:
    totals = flows.groupby(column, sort=True)["value"].sum().sort_values(ascending=False, kind="stable")
    kept = set(totals.index if len(totals) <= most else totals.index[: most - 1])
    return flows[column].where(flows[column].isin(kept), _OTHER)


@dataclass(frozen=True, slots=True)
class _FlowNode:
    """A node: its column, the id it stands for, and the height of its bar in pixels."""

    column: str
    key: str
    height: float


def flow_diagram(context: Context, twin: str) -> go.Figure:
    """Purchases in one twin, in the order and at the scale of both, so that the two compare."""
    flows = gathered_flows(context)
    rows = flows[(flows["twin"] == twin) & (flows["value"] > 0)]
    scale = context.money.scale_of(flows.groupby("twin")["value"].sum())
    nodes = _nodes(flows, rows)
    used = max(sum(node.height + _PAD for node in column) - _PAD for column in _by_column(nodes))
    links = _links(nodes, rows)
    figure = blank(height=_HEIGHT + 8, margin={"l": 4, "r": 4, "t": 4, "b": 4})
    sankey = go.Sankey(
        arrangement="fixed",
        domain={"y": [max(0.0, 1.0 - used / _HEIGHT), 1.0]},
        node={
            "label": [_label(context, node) for node in nodes],
            "color": [_colour(context, node) for node in nodes],
            "x": [_COLUMNS[node.column] for node in nodes],
            "y": _middles(nodes, used),
            "pad": _PAD,
            "thickness": 12,
            "line": {"width": 0},
        },
        link={
            "source": [link[0] for link in links],
            "target": [link[1] for link in links],
            "value": [link[2] / scale.factor for link in links],
            "color": [faded(context.palette.component(link[3]), 0.55) for link in links],
        },
        textfont={"size": 12, "color": INK},
        valueformat=",.3g",
        valuesuffix=f" {plot_text(scale.label)}",
    )
    return figure.add_trace(sankey)


def _links(nodes: list[_FlowNode], rows: pd.DataFrame) -> list[tuple[int, int, float, str]]:
    """From which node to which, what it is worth, and of which component."""
    places = {(node.column, node.key): place for place, node in enumerate(nodes)}
    return [
        (places[left, row[left]], places[right, row[right]], float(row["value"]), str(row["component"]))
        for row in rows.to_dict("records")
        for left, right in (("supplier", "component"), ("component", "maker"))
    ]


def _nodes(flows: pd.DataFrame, rows: pd.DataFrame) -> list[_FlowNode]:
    """Nodes of `rows`: heights at the scale at which all flows fit, columns in one order for all twins."""
    per_unit = min(
        (_HEIGHT - _PAD * (part[column].nunique() - 1)) / float(part["value"].sum())
        for _, part in flows[flows["value"] > 0].groupby("twin")
        for column in _COLUMNS
    )
    return [
        _FlowNode(column, key, float(rows.loc[rows[column] == key, "value"].sum()) * per_unit)
        for column in _COLUMNS
        for key in _order(flows, column)
        if (rows[column] == key).any()
    ]


def _order(flows: pd.DataFrame, column: str) -> list[str]:
    """Components and makers from the largest down; suppliers beside the component they sell most of."""
    totals = flows.groupby(column, sort=True)["value"].sum()
    keys = [str(key) for key in totals.index]
    if column != "supplier":
        return sorted(keys, key=lambda key: (key == _OTHER, -totals[key], key))
    components = _order(flows, "component")
    sold = flows.groupby(["supplier", "component"], sort=True)["value"].sum().unstack(fill_value=0)
    return sorted(keys, key=lambda key: (components.index(str(sold.loc[key].idxmax())), -totals[key], key))


def _by_column(nodes: list[_FlowNode]) -> list[list[_FlowNode]]:
    return [[node for node in nodes if node.column == column] for column in _COLUMNS]


def _middles(nodes: list[_FlowNode], used: float) -> list[float]:
    """Where the middle of each node is, from the top (0) down (1); columns fill the whole height."""
    middles = []
    for column in _by_column(nodes):
        free = used - sum(node.height for node in column)
        gap = free / (len(column) - 1) if len(column) > 1 else 0.0
        top = 0.0 if len(column) > 1 else free / 2
        for node in column:
            middles.append(min(max((top + node.height / 2) / used, 0.001), 0.999))
            top += node.height + gap
    return middles


def part_name(context: Context, column: str, key: str) -> str:
    """Name of a supplier, component or maker of the gathered flows."""
    if key == _OTHER:
        return say("Other")
    return context.names.item(key) if column == "component" else context.names.firm(key)


def _label(context: Context, node: _FlowNode) -> str:
    if node.key == _OTHER:
        return say(_OTHERS[node.column])
    return plot_text(part_name(context, node.column, node.key), length=28)


def _colour(context: Context, node: _FlowNode) -> str:
    if node.key == _OTHER:
        return OTHER_COLOUR
    if node.column == "component":
        return context.palette.component(node.key)
    return context.palette.makers.get(node.key, INK) if node.column == "maker" else _SUPPLIER_COLOUR
