"""What was known on a day, which is all that a forecast made on it may use."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.errors import SimError
from sim.scenario.facts import Fact

QUARTER, YEAR = 3, 12
"""Months."""


@dataclass(frozen=True, slots=True)
class Known:
    """Facts that were known on a day.

    Parameters
    ----------
    as_of
        The day.
    facts
        Facts that were published by then.

    Raises
    ------
    SimError
        If a fact became known later.
    """

    as_of: dt.date
    facts: tuple[Fact, ...]

    def __post_init__(self) -> None:
        for fact in self.facts:
            if not fact.is_known(self.as_of):
                raise SimError(
                    f"{fact.name}: found a figure published on {fact.published}; allowed: up to {self.as_of}"
                )

    def quarters(self, firm: str) -> dict[int, float]:
        """All revenue of a firm by quarter, numbered from the year 0 on."""
        return self._revenue(firm, QUARTER)

    def years(self, firm: str) -> dict[int, float]:
        """All revenue of a firm in twelve months, by the first of their quarters, numbered."""
        quarters = self.quarters(firm)
        added = {first: sum(year) for first in quarters if (year := year_from(quarters, first))}
        return added | self._revenue(firm, YEAR)

    def _revenue(self, firm: str, months: int) -> dict[int, float]:
        return {
            quarter_of(fact.start): fact.value
            for fact in sorted(self.facts, key=lambda fact: fact.start)
            if fact.series == (firm, "revenue", (), ()) and fact.months == months and fact.value is not None
        }


def known_on(facts: Iterable[Fact], as_of: dt.date) -> Known:
    """Those of some facts that were known on a day."""
    return Known(as_of, tuple(fact for fact in facts if fact.is_known(as_of)))


def as_of_day(text: str | dt.date) -> dt.date:
    """The day up to which figures are known, as ``--as-of`` tells it.

    Raises
    ------
    SimError
        If the text tells none.

    Examples
    --------
    >>> str(as_of_day("2019-10-09"))
    '2019-10-09'
    """
    try:
        return text if isinstance(text, dt.date) else dt.date.fromisoformat(text)
    except ValueError:
        raise SimError(f"found --as-of {text!r}; allowed: a date such as 2019-10-09") from None


def quarter_of(day: dt.date) -> int:
    """The quarter of a day, numbered from the year 0 on.

    Examples
    --------
    >>> quarter_of(dt.date(2019, 10, 9)) - quarter_of(dt.date(2018, 12, 31))
    4
    """
    return 4 * day.year + (day.month - 1) // QUARTER


def year_from(quarters: Mapping[int, float], first: int) -> list[float]:
    """What is known of four quarters from one on; nothing if one of them is not known.

    Examples
    --------
    >>> year_from({1: 5.0, 2: 6.0, 3: 7.0, 4: 8.0}, 1)
    [5.0, 6.0, 7.0, 8.0]
    >>> year_from({1: 5.0, 2: 6.0, 3: 7.0, 4: 8.0}, 2)
    []
    """
    year = range(first, first + YEAR // QUARTER)
    return [quarters[quarter] for quarter in year] if quarters.keys() >= set(year) else []


def first_day_of(quarter: int) -> dt.date:
    """First day of a numbered quarter.

    Examples
    --------
    >>> str(first_day_of(quarter_of(dt.date(2019, 12, 9))))
    '2019-10-01'
    """
    return dt.date(quarter // 4, 1 + QUARTER * (quarter % 4), 1)


def unbroken(quarters: Mapping[int, float]) -> dict[int, float]:
    """The last quarters without a gap between them."""
    found: dict[int, float] = {}
    for quarter in sorted(quarters, reverse=True):
        if found and quarter != min(found) - 1:
            break
        found[quarter] = quarters[quarter]
    return dict(sorted(found.items()))
