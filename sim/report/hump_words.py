"""The sentence that stands beside a mean which few futures come near."""

from collections.abc import Mapping
from typing import Any

from sim.report.language import say
from sim.report.numbers import percent, percent_range
from sim.report.words import joined
from sim.risk.humps import NOTHING

FEW = 0.1
"""Share of futures near the mean below which it does not say what to expect."""


def humps_sentence(maker: Mapping[str, Any]) -> str:
    """What groups of futures lose, if few futures lose about the mean; else nothing.

    Parameters
    ----------
    maker
        What ``summary.json`` says of a maker.

    Examples
    --------
    >>> none = {"share": 0.7, "mean": 0.0, "p05": 0.0, "p95": 0.0}
    >>> most = {"share": 0.3, "mean": 0.56, "p05": 0.5, "p95": 0.6}
    >>> humps_sentence({"share_near_mean": 0.0, "humps": [none, most]})
    'Few futures come near the mean: 70% lose next to nothing and 30% lose 56% (5–95%: 50–60%).'
    """
    near, humps = maker.get("share_near_mean"), maker.get("humps", [])
    if near is None or near >= FEW or len(humps) < 2:
        return ""
    return say("Few futures come near the mean: {groups}.", groups=joined([_what(hump) for hump in humps]))


def _what(hump: Mapping[str, float]) -> str:
    """How many futures lose how much."""
    mean, low, high = hump["mean"], hump["p05"], hump["p95"]
    if max(abs(low), abs(high)) <= NOTHING:
        return say("{share} lose next to nothing", share=percent(hump["share"]))
    low, high = (low, high) if mean > 0 else (-high, -low)
    spread = "" if percent(low) == percent(high) else say(" (5–95%: {range})", range=percent_range(low, high))
    told = {"share": percent(hump["share"]), "loss": f"{percent(abs(mean))}{spread}"}
    return say("{share} lose {loss}", **told) if mean > 0 else say("{share} gain {loss}", **told)
