"""When sales fall short and when revenue is back, in words: a sentence and two lines of a card.

All of it is read off the futures themselves: how many are concerned, and quantiles among those.
"""

from dataclasses import dataclass

import numpy as np

from sim.model.plan import Floats
from sim.report.context import Context
from sim.report.numbers import days, grouped, in_futures, span
from sim.report.page_parts import Line
from sim.risk.tail import value_at_risk


@dataclass(frozen=True, slots=True)
class Times:
    """What happens to one maker in each future.

    Attributes
    ----------
    futures
        How many there are.
    short
        Days until sales first fall short, of the futures in which they do.
    back
        Days until revenue is back for good, of the futures in which it was further behind than tolerated.
    away
        In how many futures it is still behind at the end.
    cheaper
        In how many futures it is behind although no sale falls short.
    """

    futures: int
    short: Floats
    back: Floats
    away: int
    cheaper: int

    @property
    def behind(self) -> int:
        """In how many futures revenue is ever further behind than tolerated."""
        return len(self.back) + self.away

    def often(self, count: int) -> str:
        """In how many of all futures, in words."""
        return in_futures(count / self.futures) if self.futures > 1 else ""

    def spread(self, values: Floats) -> str:
        """What the day that is told stands for: the median of how many futures, and their range."""
        if len(values) <= 1 or not values.any():
            return ""
        these = "median" if len(values) == self.futures else "median of these"
        low, high = (grouped(value_at_risk(values, level)) for level in (0.05, 0.95))
        return f"{these}; 5–95%: {span(low, high)}"

    def told(self, values: Floats) -> str:
        """The median day, with its spread in brackets."""
        spread = self.spread(values)
        return moment(values) + (f" ({spread})" if spread else "")


def moment(values: Floats) -> str:
    """The median day in words."""
    return f"after {days(value_at_risk(values, 0.5))}" if values.any() else "on the day of the shock"


def times_of(context: Context, maker: str) -> Times:
    """What the table of the makers says about one of them."""
    rows = context.rows("makers", maker)
    first, adapted = (
        rows[name].to_numpy(dtype=np.float64) for name in ("first_lost_sales_days", "time_to_adapt_days")
    )
    away = np.isnan(adapted)
    return Times(
        futures=len(rows),
        short=first[~np.isnan(first)],
        back=adapted[~away & (adapted > 0.0)],
        away=int(away.sum()),
        cheaper=int((np.isnan(first) & (away | (adapted > 0.0))).sum()),
    )


def times_sentences(context: Context, maker: str) -> list[str]:
    """Whether, how often and when sales fall short, and when revenue is back for good."""
    times = times_of(context, maker)
    if not len(times.short) and not times.behind:
        return ["Sales never fall short."]
    told = [_short_sentence(times), _back_sentence(times, tolerance(context))]
    return [*told, _cheaper_sentence(times)] if times.cheaper else told


def _short_sentence(times: Times) -> str:
    if not len(times.short):
        return "No customer is lost."
    if len(times.short) == times.futures:
        return f"Sales first fall short {times.told(times.short)}."
    return f"Sales fall short {times.often(len(times.short))}, first {times.told(times.short)}."


def _back_sentence(times: Times, allowed: str) -> str:
    if not times.behind:
        return f"Revenue of four weeks is never more than {allowed} behind."
    falls = f"Revenue of four weeks falls more than {allowed} behind {times.often(times.behind)}".rstrip()
    if not len(times.back):
        return f"{falls} and is not back by the end of the simulated period."
    if not times.away:
        return f"{falls} and is back for good {times.told(times.back)}."
    back = f"back for good {times.often(len(times.back))}, {times.told(times.back)}"
    away = f"{times.often(times.away)} it is not back by the end of the simulated period"
    return f"{falls}: {away}; it is {back}."


def _cheaper_sentence(times: Times) -> str:
    """Why revenue falls behind where no sale falls short."""
    often = f"{times.often(times.cheaper)} " if times.futures > 1 else ""
    text = (
        f"{often}no sale falls short then: what is sold brings less, by its price or by what customers deduct"
    )
    return f"{text[0].upper()}{text[1:]} for a substitute or another recipe."


def tolerance(context: Context) -> str:
    """How far behind the path without the shock revenue may be and still count as back."""
    return f"{context.findings.scenario.analysis.recovery_tolerance * 100:g}%"


def time_lines(context: Context, maker: str) -> tuple[Line, Line]:
    """The same on a card."""
    times = times_of(context, maker)
    return _short_line(times), _back_line(times, tolerance(context))


def _short_line(times: Times) -> Line:
    label = "Sales first fall short"
    if not len(times.short):
        return Line(label, "never")
    if len(times.short) == times.futures:
        return Line(label, moment(times.short), times.spread(times.short))
    return Line(label, times.often(len(times.short)), times.told(times.short))


def _back_line(times: Times, allowed: str) -> Line:
    label = f"Revenue back within {allowed} for good"
    if not times.behind:
        return Line(label, "never further behind")
    is_mostly_away = times.away > len(times.back)
    parts = {
        "never further behind": times.futures - times.behind,
        "not by the end": times.away,
    }
    others = [f"{what} {times.often(count)}".rstrip() for what, count in parts.items() if count]
    if is_mostly_away:
        value = others.pop()
        back = [f"{times.often(len(times.back))} {times.told(times.back)}"] if len(times.back) else []
        return Line(label, value, "; ".join([*back, *others]))
    return Line(label, moment(times.back), "; ".join(filter(None, [times.spread(times.back), *others])))
