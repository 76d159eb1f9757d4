"""What a flow is beside what is normal, and how it is drawn: cut, less, as normal, more."""

from dataclasses import dataclass
from typing import Any

from sim.report import graph_objects as go
from sim.report.language import message, say
from sim.report.style import BLUE, GREEN, ORANGE, VERMILLION

CUT_SHARE, ALIKE_SHARE = 0.02, 0.05
"""Below the first a flow is cut; within the second of what is normal nothing has changed."""
WIDEST, THINNEST, OF_CUT = 9.0, 1.0, 2.0
"""Widths of lines in pixels."""
NOTHING = 1e-9
"""Part of the largest flow below which there is none."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a flow may be: what the legend calls it, and how it is drawn."""

    name: str
    colour: str
    dash: str = "solid"


CUT = Kind(message("Cut: nothing, or nearly nothing"), VERMILLION, "dash")
LESS = Kind(message("Less than normal"), ORANGE)
SAME = Kind(message("As normal"), BLUE)
MORE = Kind(message("More than normal"), GREEN)
IDLE = Kind("", "rgba(0,0,0,0)")
KINDS = (CUT, LESS, SAME, MORE)


def kind_of(got: float, normal: float, largest: float) -> Kind:
    """What a flow is where so much is normal; the largest flow tells what is next to nothing.

    Examples
    --------
    >>> [kind_of(got, 100.0, 100.0).name for got in (1.0, 60.0, 98.0, 120.0)]
    ['Cut: nothing, or nearly nothing', 'Less than normal', 'As normal', 'More than normal']
    """
    if max(got, normal) <= NOTHING * largest:
        return IDLE
    if got < CUT_SHARE * normal:
        return CUT
    if abs(got - normal) <= ALIKE_SHARE * normal:
        return SAME
    return LESS if got < normal else MORE


def line_of(kind: Kind, flow: float, largest: float) -> dict[str, Any]:
    """How the line of a flow looks; its width grows with the square root."""
    width = OF_CUT if kind is CUT else THINNEST + (WIDEST - THINNEST) * (flow / largest) ** 0.5
    return {"color": kind.colour, "width": round(width, 2), "dash": kind.dash}


def in_legend(kind: Kind) -> go.Trace:
    """A trace that stands in the legend alone."""
    line = {"color": kind.colour, "width": 3, "dash": kind.dash}
    return go.Scatter(x=[None], y=[None], mode="lines", name=say(kind.name), line=line)
