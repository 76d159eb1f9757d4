"""Words for the loss that leads, of revenue or of contribution margin, as the summary says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Leading:
    """What the loss that leads is called.

    Attributes
    ----------
    what
        What is lost.
    loss
        The loss, in the middle of a sentence.
    form
        What follows "of revenue lost".
    """

    what: str
    loss: str
    form: str

    @property
    def is_margin(self) -> bool:
        """Whether margin leads."""
        return self is MARGIN


REVENUE = Leading("revenue", "loss", "")
MARGIN = Leading("contribution margin", "loss of contribution margin", " as contribution margin")
LOSS_OF_MARGIN = """
    Contribution margin without the shock minus that with it, as a share of the revenue without the shock in
    the same days. Contribution margin is sales less what the goods have cost, the costs of stock and of its
    lack, write-offs and measures."""


def leading(summary: Mapping[str, Any]) -> Leading:
    """Words for what leads.

    Parameters
    ----------
    summary
        Of a run or of an analysis.

    Examples
    --------
    >>> leading({"headline": "margin"}).what, leading({}).what
    ('contribution margin', 'revenue')
    """
    return MARGIN if summary.get("headline") == "margin" else REVENUE
