"""Sentences that tell a loss by what happens: if an event comes true, and if not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.report.input_names import InputName
from sim.report.language import message, say, say_many
from sim.report.numbers import lost_range, percent, percent_range
from sim.report.words import apart, joined
from sim.risk.humps import NOTHING

Told = Mapping[str, Any]
Naming = Callable[[str], InputName]
LITTLE = 0.2
"""Share of the variance below which an event is not said to decide the loss."""
MOST = 0.5
"""Share of the variance from which on nothing can decide it more."""
FEW = 20
"""Futures below which it is told how few they are."""


def split_sentence(maker: Told, name: Naming) -> str:
    """What a loss with several humps hangs on, and what it is in each case; nothing where it has one hump.

    Parameters
    ----------
    maker
        What ``summary.json`` says of a maker.
    name
        What the input at a path is called.

    Examples
    --------
    >>> def case(answer, share, loss):
    ...     figures = {"estimate": loss, "ci_low": loss, "ci_high": loss}
    ...     told = {"answers": [answer], "futures": 1000 * share, "share": {"estimate": share}}
    ...     return told | dict.fromkeys(("mean", "p05", "p95"), figures)
    >>> cases = [case("yes", 0.3, 0.5), case("no", 0.7, 0.0)]
    >>> split = {"events": ["ban"], "variance_explained": 0.97, "groups": cases}
    >>> name = lambda path: InputName("Ban", "whether it happens")
    >>> split_sentence({"humps": [{}, {}], "split": split}, name).split(": ")[0]
    'What decides is whether it happens (“Ban”)'
    """
    split = maker.get("split")
    if len(maker.get("humps", [])) < 2:
        return ""
    if split is None:
        return say(
            "No yes-or-no of the scenario parts these futures: it comes of how large numbers turn out."
        )
    phrases, explained = [name(path).phrase for path in split["events"]], split["variance_explained"]
    if explained < LITTLE:
        return say(
            "No yes-or-no decides it: {events}, which explains most, explains {share} of the variance.",
            events=joined(phrases),
            share=percent(explained),
        )
    told = {"events": joined(phrases), "cases": apart([_case(group) for group in split["groups"]])}
    decides = (
        say("What decides is {events}: {cases}.", **told)
        if explained >= MOST
        else say("What decides most is {events}: {cases}.", **told)
    )
    explains = say_many(
        "This explains {share} of the variance.",
        "Together they explain {share} of the variance.",
        len(phrases),
        share=percent(explained),
    )
    return say("{sentence} {next}", sentence=decides, next=explains)


def condition(answers: Sequence[str]) -> str:
    """In which case futures are, by the answers to one question or two.

    Examples
    --------
    >>> condition(["yes"]), condition(["yes", "no"]), condition(["no", "no"])
    ('if yes', 'if only the first', 'if neither')
    """
    return say(_CONDITIONS[tuple(answers)])


_CONDITIONS: Mapping[tuple[str, ...], str] = {
    ("yes",): message("if yes"),
    ("no",): message("if no"),
    ("yes", "yes"): message("if both"),
    ("yes", "no"): message("if only the first"),
    ("no", "yes"): message("if only the second"),
    ("no", "no"): message("if neither"),
}


def _case(group: Told) -> str:
    return say(
        "{case} ({often}), {loss}", case=condition(group["answers"]), often=how_many(group), loss=_lost(group)
    )


def how_many(group: Told) -> str:
    """A group's share of the futures; of few futures, how few.

    Examples
    --------
    >>> how_many({"futures": 7, "share": {"estimate": 0.007}})
    'only 7 futures, 0.7%'
    """
    share = percent(group["share"]["estimate"])
    if group["futures"] < FEW:
        return say_many(
            "only {number} future, {share}", "only {number} futures, {share}", group["futures"], share=share
        )
    return say("{share} of futures", share=share)


def _lost(group: Told) -> str:
    mean, low, high = (group[key]["estimate"] for key in ("mean", "p05", "p95"))
    if max(abs(mean), abs(low), abs(high)) <= NOTHING:
        return say("next to nothing is lost")
    of = (
        say("a loss of {share}", share=percent(mean))
        if mean > 0.0
        else say("a gain of {share}", share=percent(-mean))
    )
    if group["futures"] == 1:
        return of
    details = [say("5–95%: {range}", range=lost_range(low, high, percent_range))]
    known = group["mean"]["ci_low"], group["mean"]["ci_high"]
    if None not in known:
        details.insert(0, say("95% confidence {range}", range=lost_range(*known, percent_range)))
    what = say("next to nothing is lost on average") if abs(mean) <= NOTHING else of
    return say("{loss} ({details})", loss=what, details=apart(details))
