"""Every exception the package raises on purpose.

All derive from :class:`SimError`, so a caller can catch the family, and the command line turns any of
them into one message and an exit code without a traceback.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

MAX_LISTED = 50
LONGEST_MESSAGE = 1000


class SimError(Exception):
    """Base of all errors that a user can cause and mend."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a scenario file, counted from 1 as editors do; line 0 where there are no lines.

    In a workbook, ``cell`` is the sheet and the cell: ``lanes!C5``.
    """

    file: str
    line: int
    column: int = 1
    cell: str = ""

    def __str__(self) -> str:
        if self.cell:
            return f"{self.file}, {self.cell}"
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a scenario: where it stands and what to do about it."""

    message: str
    place: Place | None = None

    def __str__(self) -> str:
        message = self.message
        if len(message) > LONGEST_MESSAGE:
            half = LONGEST_MESSAGE // 2
            message = f"{message[:half]} ... {message[-half:]}"
        return f"{self.place}: {message}" if self.place else message


def first_problems(problems: Iterable[Problem]) -> list[Problem]:
    """As many problems as a reader can use; no more of them are worked out.

    Examples
    --------
    >>> [str(problem) for problem in first_problems(Problem("a mistake") for _ in range(100))[49:]]
    ['a mistake', 'and more problems']
    """
    listed = list(islice(problems, MAX_LISTED + 1))
    return listed if len(listed) <= MAX_LISTED else [*listed[:MAX_LISTED], Problem("and more problems")]


class ScenarioError(SimError):
    """A scenario cannot be used; carries all problems found, not only the first.

    Parameters
    ----------
    problems
        At least one problem, in the order of the file.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownNameError(SimError, KeyError):
    """Something is asked for by a name that nothing has; a ``KeyError``, too, as mappings raise it."""

    __str__ = Exception.__str__  # KeyError puts its message in quotes.


class ResultError(SimError):
    """A run cannot be stored, or a stored run cannot be read."""


class BrowserError(SimError):
    """There is no browser, or it fails."""


class ClusterError(SimError):
    """A cluster cannot be reached, or has gone."""


class ReportError(SimError):
    """A report cannot be drawn from the figures it was given."""


class EngineError(SimError):
    """Numbers that are none, a kind that an engine has no handler for, or no way to compile it as asked."""
