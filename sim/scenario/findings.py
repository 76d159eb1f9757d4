"""What is wrong with a scenario, before it is worded as one line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.errors import Place, Problem

LONGEST_SHOWN = 60
Path = tuple[str, ...]
"""Keys that lead to a part of a scenario."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem before it is worded as one line; ``says`` may be left to work out until it is listed."""

    path: Path
    says: str | Callable[[], str]
    place: Place | None = None

    @property
    def message(self) -> str:
        """What is wrong, without the path."""
        return self.says if isinstance(self.says, str) else self.says()

    @property
    def problem(self) -> Problem:
        """The finding as users see it."""
        path = ".".join(part[:LONGEST_SHOWN] for part in self.path)
        return Problem(f"{path}: {self.message}" if path else self.message, self.place)


def shown_circle(names: Sequence[str]) -> str:
    """Names that lead back to the first, shortened where they are many.

    Examples
    --------
    >>> shown_circle(["a", "b", "a"]), shown_circle("abcdefga")
    ('a -> b -> a', 'a -> b -> c -> ... -> f -> g -> a')
    """
    shown = names if len(names) < 8 else [*names[:3], "...", *names[-3:]]
    return " -> ".join(shown)
