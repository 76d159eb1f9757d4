"""When sales fall short and when revenue is back, in words: a sentence and two lines of a card.

All of it is read off the futures themselves: how many are concerned, and quantiles among those.
"""

from dataclasses import dataclass

import numpy as np

from sim.model.plan import Floats
from sim.report.context import Context
from sim.report.language import say
from sim.report.numbers import after_days, grouped, in_futures, short, span, with_percent
from sim.report.page_parts import Line
from sim.report.words import apart, capital
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
        low, high = (grouped(value_at_risk(values, level)) for level in (0.05, 0.95))
        if len(values) == self.futures:
            return say("median; 5–95%: {range}", range=span(low, high))
        return say("median of these; 5–95%: {range}", range=span(low, high))

    def told(self, values: Floats) -> str:
        """The median day, with its spread in brackets."""
        spread = self.spread(values)
        return say("{day} ({spread})", day=moment(values), spread=spread) if spread else moment(values)


def moment(values: Floats) -> str:
    """The median day in words."""
    if not values.any():
        return say("on the day of the shock")
    return after_days(value_at_risk(values, 0.5))


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
        return [say("Sales never fall short.")]
    told = [_short_sentence(times), _back_sentence(times, tolerance(context))]
    return [*told, _cheaper_sentence(times)] if times.cheaper else told


def _short_sentence(times: Times) -> str:
    if not len(times.short):
        return say("No customer is lost.")
    if len(times.short) == times.futures:
        return say("Sales first fall short {when}.", when=times.told(times.short))
    return say(
        "Sales fall short {often}, first {when}.",
        often=times.often(len(times.short)),
        when=times.told(times.short),
    )


def _back_sentence(times: Times, allowed: str) -> str:
    if not times.behind:
        return say("Revenue of four weeks is never more than {share} behind.", share=allowed)
    told = {"share": allowed, "often": _spaced(times.often(times.behind)), "when": times.told(times.back)}
    if not len(times.back):
        return say(
            "Revenue of four weeks falls more than {share} behind{often} and is not back by the end of the "
            "simulated "
            "period.",
            **told,
        )
    if not times.away:
        return say(
            "Revenue of four weeks falls more than {share} behind{often} and is back for good {when}.", **told
        )
    return say(
        "Revenue of four weeks falls more than {share} behind{often}: {never} it is not back by the end of "
        "the "
        "simulated period; it is back for good {again}, {when}.",
        **told,
        never=times.often(times.away),
        again=times.often(len(times.back)),
    )


def _spaced(words: str) -> str:
    """Words that follow others, if there are any."""
    return say(" {words}", words=words) if words else ""


def _cheaper_sentence(times: Times) -> str:
    """Why revenue falls behind where no sale falls short."""
    if times.futures == 1:
        return say(
            "No sale falls short then: what is sold brings less, by its price or by what customers deduct "
            "for a "
            "substitute or another recipe."
        )
    return capital(
        say(
            "{often} no sale falls short then: what is sold brings less, by its price or by what customers "
            "deduct for "
            "a substitute or another recipe.",
            often=times.often(times.cheaper),
        )
    )


def tolerance(context: Context) -> str:
    """How far behind the path without the shock revenue may be and still count as back."""
    share = context.findings.scenario.analysis.recovery_tolerance
    return with_percent(short(share * 100))


def time_lines(context: Context, maker: str) -> tuple[Line, Line]:
    """The same on a card."""
    times = times_of(context, maker)
    return _short_line(times), _back_line(times, tolerance(context))


def _short_line(times: Times) -> Line:
    label = say("Sales first fall short")
    if not len(times.short):
        return Line(label, say("never"))
    if len(times.short) == times.futures:
        return Line(label, moment(times.short), times.spread(times.short))
    return Line(label, times.often(len(times.short)), times.told(times.short))


def _happening(what: str, often: str) -> str:
    """What happens, and how often or when, where that is known."""
    return say("{what} {often}", what=what, often=often) if often else what


def _back_line(times: Times, allowed: str) -> Line:
    label = say("Revenue back within {share} for good", share=allowed)
    if not times.behind:
        return Line(label, say("never further behind"))
    is_mostly_away = times.away > len(times.back)
    parts = {
        say("never further behind"): times.futures - times.behind,
        say("not by the end"): times.away,
    }
    others = [_happening(what, times.often(count)) for what, count in parts.items() if count]
    if is_mostly_away:
        value = others.pop()
        back = [_happening(times.often(len(times.back)), times.told(times.back))] if len(times.back) else []
        return Line(label, value, apart([*back, *others]))
    return Line(label, moment(times.back), apart(list(filter(None, [times.spread(times.back), *others]))))
