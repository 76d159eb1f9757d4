"""In which forms a report can be had."""

from collections.abc import Mapping
from typing import NamedTuple


class Paper(NamedTuple):
    """A sheet of paper, upright, in inches."""

    width: float
    height: float


PAPERS: Mapping[str, Paper] = {"a4": Paper(210 / 25.4, 297 / 25.4), "letter": Paper(8.5, 11.0)}
"""What a PDF is laid out for."""
SUMMARY, ALL = "summary", "all"
EXTENTS = (SUMMARY, ALL)
"""Slides: the answer and the chief figure, or also all others that can be drawn."""
