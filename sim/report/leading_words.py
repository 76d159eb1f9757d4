"""Words for the loss that leads, of revenue or of contribution margin, as the summary says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.report.language import message, say


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
    is_margin
        Whether margin leads.
    """

    what: str
    loss: str
    form: str
    is_margin: bool


def _revenue() -> Leading:
    return Leading(say("revenue"), say("loss"), "", is_margin=False)


def _margin() -> Leading:
    what, loss = say("contribution margin"), say("loss of contribution margin")
    return Leading(what, loss, say(" as contribution margin"), is_margin=True)


LOSS_OF_MARGIN = message(
    "Contribution margin without the shock minus that with it, as a share of the revenue without the shock "
    "in the same days. Contribution margin is sales less what the goods have cost, the costs of stock and of "
    "its lack, write-offs and measures."
)


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
    return _margin() if summary.get("headline") == "margin" else _revenue()
