"""Plotly's graph objects as plain dictionaries, under Plotly's names.

Plotly looks every value over as it is set [1]_, which took longer than to find what a report tells. Here
nothing is looked over until :func:`as_plotly` makes a figure for who asks for one; tests do so with
every figure.

References
----------
.. [1] Plotly figure reference, https://plotly.com/python/reference/
"""

from functools import partial
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import plotly.graph_objects

Settings = dict[str, Any]
Trace = dict[str, Any]


class Figure:
    """Traces and layout of a figure.

    Attributes
    ----------
    data
        Traces, in the order in which they are drawn.
    layout
        Settings by name; those of an axis are a dictionary of their own.

    Examples
    --------
    >>> figure = Figure().update_layout(xaxis={"type": "date"}, yaxis={"range": None})
    >>> figure.update_layout(xaxis={"nticks": 5}).add_trace(Scatter(x=[1, 2], y=[3, 4], name=None)).data
    [{'type': 'scatter', 'x': [1, 2], 'y': [3, 4]}]
    >>> figure.layout
    {'xaxis': {'type': 'date', 'nticks': 5}, 'yaxis': {}}
    """

    def __init__(self) -> None:
        self.data: list[Trace] = []
        self.layout: Settings = {}

    def update_layout(self, **settings: Any) -> Self:
        """Lay settings over those there are, at every depth."""
        _lay_over(self.layout, settings)
        return self

    def add_trace(self, trace: Trace) -> Self:
        """Draw a trace on top of those there are."""
        self.data.append(trace)
        return self

    def add_shape(self, **settings: Any) -> None:
        """Draw a line or a rectangle."""
        self.layout.setdefault("shapes", []).append(_known(settings))

    def add_annotation(self, **settings: Any) -> None:
        """Write a text into the figure."""
        self.layout.setdefault("annotations", []).append(_known(settings))

    def add_hline(self, y: float, **settings: Any) -> None:
        """Draw a line from the left edge to the right."""
        self.add_shape(type="line", x0=0, x1=1, xref="x domain", y0=y, y1=y, yref="y", **settings)

    def add_vline(self, x: float, **settings: Any) -> None:
        """Draw a line from the lower edge to the upper."""
        self.add_shape(type="line", x0=x, x1=x, xref="x", y0=0, y1=1, yref="y domain", **settings)


def as_plotly(figure: Figure) -> "plotly.graph_objects.Figure":
    """The same as a figure of Plotly's.

    Raises
    ------
    ValueError
        If Plotly knows no such setting, or not such a value of it.
    """
    import plotly.graph_objects

    return plotly.graph_objects.Figure({"data": figure.data, "layout": figure.layout})


def _trace(kind: str, **settings: Any) -> Trace:
    return {"type": kind, **_known(settings)}


Bar = partial(_trace, "bar")
Heatmap = partial(_trace, "heatmap")
Sankey = partial(_trace, "sankey")
Scatter = partial(_trace, "scatter")
Waterfall = partial(_trace, "waterfall")


def _known(settings: Settings) -> Settings:
    """Settings without those that are None, which Plotly takes for not set."""
    return {
        name: _known(value) if isinstance(value, dict) else value
        for name, value in settings.items()
        if value is not None
    }


def _lay_over(below: Settings, settings: Settings) -> None:
    for name, value in _known(settings).items():
        if isinstance(value, dict) and isinstance(below.get(name), dict):
            _lay_over(below[name], value)
        else:
            below[name] = value
