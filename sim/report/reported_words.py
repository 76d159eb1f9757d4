"""What a reported figure is called: what it measures, and of when it is."""

import datetime as dt

from sim.report.language import message, say
from sim.report.names import Names
from sim.report.numbers import as_date, day
from sim.report.words import joined, named_measure

_HALVES = (message("H1 {year}"), message("H2 {year}"))


def measured(names: Names, measure: str, sold: str) -> str:
    """What a reported figure measures, and of what that a firm sells where it is not of all.

    Parameters
    ----------
    names
        Looks up names of items and markets.
    measure
        ``revenue`` or ``inventory_value``.
    sold
        As :func:`sim.risk.tables.sold` has it.
    """
    before, _, after = f" {sold} ".partition(" to ")
    told = {
        "measure": named_measure(measure),
        "items": joined([names.item(key) for key in before.split()]),
        "markets": joined([names.market(key) for key in after.split()]),
    }
    if told["items"] and told["markets"]:
        return say("{measure} of {items} to {markets}", **told)
    if told["markets"]:
        return say("{measure} from {markets}", **told)
    return say("{measure} of {items}", **told) if told["items"] else told["measure"]


def period(start: object, end: object) -> str:
    """A period in as few words as say it: a quarter, a half-year, a year, a day or a range.

    Examples
    --------
    >>> period("2019-01-01", "2019-03-31"), period("2019-01-01", "2019-12-31")
    ('Q1 2019', '2019')
    >>> period("2019-07-01", "2019-12-31"), period("2019-12-31", "2019-12-31")
    ('H2 2019', '31 Dec 2019')
    """
    first, last = as_date(start), as_date(end)
    if first == last:
        return day(first)
    months, before = _months(first, last), first.month - 1
    if months == 12 and not before:
        return say("{year}", year=str(first.year))
    if months == 6 and before % 6 == 0:
        return say(_HALVES[before // 6], year=str(first.year))
    if months == 3 and before % 3 == 0:
        return say("Q{quarter} {year}", quarter=str(before // 3 + 1), year=str(first.year))
    return say("{first} to {last}", first=day(first), last=day(last))


def _months(first: dt.date, last: dt.date) -> int:
    """How many months a period has; 0 if it is not of whole ones."""
    after = last + dt.timedelta(days=1)
    if first.day != 1 or after.day != 1:
        return 0
    return (after.year - first.year) * 12 + after.month - first.month
