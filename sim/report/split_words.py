"""Sentences that tell a loss by what happens: if an event comes true, and if not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.report.input_names import InputName
from sim.report.numbers import lost_range, percent, percent_range
from sim.risk.humps import NOTHING
from sim.scenario.counting import counted

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
        return "No yes-or-no of the scenario parts these futures: it comes of how large numbers turn out."
    phrases, explained = [name(path).phrase for path in split["events"]], split["variance_explained"]
    if explained < LITTLE:
        return (
            f"No yes-or-no decides it: {' and '.join(phrases)}, which explains most, explains "
            f"{percent(explained)} of the variance."
        )
    cases = "; ".join(_case(group) for group in split["groups"])
    most = "" if explained >= MOST else " most"
    return (
        f"What decides{most} is {' and '.join(phrases)}: {cases}. "
        f"{'This' if len(phrases) == 1 else 'Together they'} "
        f"{'explains' if len(phrases) == 1 else 'explain'} {percent(explained)} of the variance."
    )


def condition(answers: Sequence[str]) -> str:
    """In which case futures are, by the answers to one question or two.

    Examples
    --------
    >>> condition(["yes"]), condition(["yes", "no"]), condition(["no", "no"])
    ('if yes', 'if only the first', 'if neither')
    """
    return _CONDITIONS[tuple(answers)]


_CONDITIONS: Mapping[tuple[str, ...], str] = {
    ("yes",): "if yes",
    ("no",): "if no",
    ("yes", "yes"): "if both",
    ("yes", "no"): "if only the first",
    ("no", "yes"): "if only the second",
    ("no", "no"): "if neither",
}


def _case(group: Told) -> str:
    return f"{condition(group['answers'])} ({how_many(group)}), {_lost(group)}"


def how_many(group: Told) -> str:
    """A group's share of the futures; of few futures, how few.

    Examples
    --------
    >>> how_many({"futures": 7, "share": {"estimate": 0.007}})
    'only 7 futures, 0.7%'
    """
    share = percent(group["share"]["estimate"])
    if group["futures"] < FEW:
        return f"only {counted(group['futures'], 'future')}, {share}"
    return f"{share} of futures"


def _lost(group: Told) -> str:
    mean, low, high = (group[key]["estimate"] for key in ("mean", "p05", "p95"))
    if max(abs(mean), abs(low), abs(high)) <= NOTHING:
        return "next to nothing is lost"
    if group["futures"] == 1:
        return f"a {'loss' if mean > 0.0 else 'gain'} of {percent(abs(mean))}"
    details = [f"5–95%: {lost_range(low, high, percent_range)}"]
    known = group["mean"]["ci_low"], group["mean"]["ci_high"]
    if None not in known:
        details.insert(0, f"95% confidence {lost_range(*known, percent_range)}")
    what = (
        "next to nothing is lost on average"
        if abs(mean) <= NOTHING
        else f"a {'loss' if mean > 0.0 else 'gain'} of {percent(abs(mean))}"
    )
    return f"{what} ({'; '.join(details)})"
