"""Where each number of a scenario is from, in lines for a terminal."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sim.scenario.assumptions import Assumption, assumptions, count_sources
from sim.scenario.schema import Scenario

HEAD = ("number", "is", "source", "confidence")
NONE = "none"
CONFIDENCES = ("high", "medium", "low")


def numbers_of(scenario: Scenario) -> list[Assumption]:
    """Every number that a scenario gives, bare ones too, in order of path.

    Objects that carry a source are no numbers and are left out; what is no number of its own, such as a rank
    or the days of the calendar, as in :func:`sim.scenario.assumptions.assumptions`.

    Parameters
    ----------
    scenario
        Whose numbers.
    """
    return [line for line in assumptions(scenario) if line.kind != "object"]


def listed(numbers: Sequence[Assumption]) -> list[str]:
    """Numbers with their source and confidence, in lines of one width.

    Examples
    --------
    >>> for line in listed([Assumption("lanes.a.price", "50", "value", None, None, None)]):
    ...     print(line)
    number         is  source  confidence
    lanes.a.price  50  none    none
    """
    cells = [(line.path, line.text, line.source or NONE, line.confidence or NONE) for line in numbers]
    widths = [max(map(len, column)) for column in zip(HEAD, *cells, strict=True)]
    padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in (HEAD, *cells))
    return ["  ".join(row).rstrip() for row in padded]


def summed_up(numbers: Sequence[Assumption]) -> list[str]:
    """How many numbers have a source, and of what confidence they are.

    Examples
    --------
    >>> for line in summed_up([Assumption("lanes.a.price", "50", "value", "F012", None, "high")]):
    ...     print(line)
    1 of 1 numbers cite a source, 0 are marked as assumptions, 0 have no source at all
    confidence: 1 high, 0 medium, 0 low, 0 none
    """
    found = count_sources(line.source for line in numbers)
    told = (
        f"{found.cited:,} of {found.numbers:,} numbers cite a source, {found.assumed:,} are marked as "
        f"assumptions, {found.silent:,} have no source at all"
    )
    return [told, f"confidence: {', '.join(_confidences(numbers))}"]


def _confidences(numbers: Sequence[Assumption]) -> Iterator[str]:
    counts = Counter(line.confidence or NONE for line in numbers)
    return (f"{counts[name]:,} {name}" for name in (*CONFIDENCES, NONE))
