"""Of a comparison: whether all that is compared has the same samples of its uncertain numbers."""

from collections.abc import Mapping
from typing import Any

from sim.report.language import say, say_many
from sim.report.numbers import in_futures
from sim.report.words import capital, in_turn


def sampled_apart(summary: Mapping[str, Any]) -> str:
    """How many numbers do not have the same samples in all that is compared, in a sentence; else nothing.

    Examples
    --------
    >>> sampled_apart({})
    ''
    >>> print(sampled_apart({"sampled_apart": {"inputs": ["lanes.a.price"], "share": 0.25}})[:42])
    In 25% of futures, 1 uncertain number does
    """
    found = summary.get("sampled_apart")
    if not found:
        return ""
    return say_many(
        "{often}, {number} uncertain number does not have the same sample in all that is compared, as not "
        "all have the same numbers. That makes differences less exact there, not wrong.",
        "{often}, some of {number} uncertain numbers do not have the same samples in all that is compared, "
        "as not all have the same numbers. That makes differences less exact there, not wrong.",
        len(found["inputs"]),
        often=capital(in_futures(float(found["share"]))),
    )


def known_apart(summary: Mapping[str, Any]) -> str:
    """The same of the alternatives of a decision, of which it is told what knowing a number is worth."""
    told = sampled_apart(summary)
    worth = say("What it is worth to know such a number is told rather too low than too high.")
    return in_turn([told, worth]) if told else ""
