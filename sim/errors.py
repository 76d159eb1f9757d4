"""Every exception the package raises on purpose.

All derive from :class:`SimError`, so a caller can catch the family, and the command line turns any of
them into one message and an exit code without a traceback.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class SimError(Exception):
    """Base of all errors that a user can cause and mend."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a scenario file, counted from 1 as editors do; line 0 where there are no lines."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a scenario: where it stands and what to do about it."""

    message: str
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


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


class ResultError(SimError):
    """A run cannot be stored, or a stored run cannot be read."""


class ClusterError(SimError):
    """A cluster cannot be reached, or has gone."""


class ReportError(SimError):
    """A report cannot be drawn from the figures it was given."""


class EngineError(SimError):
    """A simulation ran into numbers that are none."""
