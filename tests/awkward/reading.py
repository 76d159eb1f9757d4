"""Pages read as a reader does: sentences, cards and titles out of the HTML, and numbers out of these."""

import html
import re
from dataclasses import dataclass

UNITS = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
NUMBER = r"−?[\d,]+(?:\.\d+)?"
SHARE = rf"{NUMBER}%"
SLACK = 1.0001


@dataclass(frozen=True)
class Shown:
    """A line of a card."""

    value: str
    detail: str


@dataclass(frozen=True)
class Read:
    """A page.

    Attributes
    ----------
    text
        All of it, without scripts.
    answer
        The sentence at its top and those that say more, a paragraph a maker.
    cards
        By their head: label, value and detail of the headline under ``""``, and each line under its label.
    titles
        Of the figures, by key.
    """

    text: str
    answer: list[str]
    cards: dict[str, dict[str, Shown]]
    titles: dict[str, str]


def read_page(page: str) -> Read:
    """Read a page."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    first = re.findall(
        r"<p>(.*?)</p>", _between(body, '<section class="answer"', "</section>"), flags=re.DOTALL
    )
    told = _between(body, '<details class="further"', "</details>") if "The answer in full" in body else ""
    more = re.findall(r"<ul>(.*?)</ul>", told, flags=re.DOTALL) or [""] * len(first)
    cards = {}
    for card in re.findall(r'<article class="card">(.*?)</article>', body, flags=re.DOTALL):
        big, label, detail = (
            _plain(_between(card, f'<p class="{name}"', "</p>"))
            for name in ("big", "big-label", "big-detail")
        )
        lines = {
            _plain(name): Shown(_plain(value), _plain(rest))
            for name, value, rest in re.findall(
                r"<dt>(.*?)</dt>\s*<dd><strong>(.*?)</strong>(.*?)</dd>", card, flags=re.DOTALL
            )
        }
        cards[_plain(_between(card, "<h3", "</h3>"))] = {"": Shown(f"{big} {label}", detail), **lines}
    return Read(
        text=_plain(body),
        answer=[_plain(f"{text} {rest}") for text, rest in zip(first, more, strict=True)],
        cards=cards,
        titles={
            key: _plain(title)
            for key, title in re.findall(r'<h\d id="title-([^"]+)"[^>]*>(.*?)</h\d>', body, flags=re.DOTALL)
        },
    )


def _between(text: str, start: str, end: str) -> str:
    first = text.index(start)
    first = text.index(">", first) + 1
    return text[first : text.index(end, first)]


def _plain(markup: str) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", markup)).replace("\u2060", "")
    return " ".join(text.split())


def matched(form: str, text: str) -> re.Match[str]:
    """A text that has this form as a whole."""
    found = re.fullmatch(form, text)
    assert found, text
    return found


def number(text: str) -> float:
    """The number of a text such as ``−1,234.5``."""
    return float(text.replace("−", "-").replace(",", ""))


def says(text: str, value: float) -> bool:
    """Whether a number, a share in per cent or an amount of EUR is this value, as far as it is told."""
    form = r"(−)?(EUR )?(−?[\d,]+(?:\.\d+)?)(%)?(?: (thousand|million|billion))?"
    sign, money, digits, percent, unit = matched(form, text).groups()
    scale = 0.01 if percent else UNITS[unit or ""]
    told = -number(digits) if sign else number(digits)
    return abs(told - value / scale) <= 0.5 * _place(digits, is_rounded=bool(money)) * SLACK


def _place(digits: str, *, is_rounded: bool) -> float:
    """What the last digit counts; zeros at the end of a rounded amount may stand for others."""
    whole, _, decimals = digits.lstrip("−").replace(",", "").partition(".")
    zeros = len(whole) - len(whole.rstrip("0")) if is_rounded and not decimals and whole != "0" else 0
    return 10.0 ** (zeros - len(decimals))


def range_says(text: str, low: float, high: float) -> bool:
    """Whether a range of losses, gains told as such, is this one."""
    body, gained = re.subn(r" gained$", "", text)
    if mixed := re.fullmatch(r"(.+) gained to (.+) lost", body):
        return says(mixed[1], -low) and says(mixed[2], high)
    ends = (-high, -low) if gained else (low, high)
    prefix, _, rest = body.rpartition("EUR ")
    unit = re.search(r"( thousand| million| billion|%)?$", rest)
    assert unit
    numbers = rest.removesuffix(unit[0]).split("–")
    return all(
        says(f"{prefix}{end}{unit[0]}", value)
        for end, value in zip((numbers[0], numbers[-1]), ends, strict=True)
    )
