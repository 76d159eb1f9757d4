"""Firms of a scenario on a list of restricted parties, and the interventions that would follow.

A name is compared by its words, each as telling as it is rare on the list [1]_: the words of the firm that
the listed name has, and those of the listed name that the firm has. Words count as the same if few letters
differ. Only entries that share a telling word are looked at.

References
----------
.. [1] Christen, *Data Matching* (2012), ch. 4 (blocking) and 5 (comparison); Sparck Jones, "A statistical
   interpretation of term specificity", J. Documentation 28 (1972).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rapidfuzz import fuzz, process

from sim.scenario.names import COMMON, words_of
from sim.scenario.restricted import Listed
from sim.scenario.schema import Scenario

THRESHOLD = 0.6
"""The score from which on a firm is said to be on a list, unless asked otherwise."""
ALIKE = 84
"""How similar two words must be, in per cent, to count as the same."""
TELLING = 3
"""The rarest words of a firm's name, by which entries are looked up."""
OF_COMMON = 0.25
"""Weight of a word that many firms bear, beside its rarity on the list."""
OF_THE_FIRM = 0.75
"""Weight of the words of the firm that are found, beside those of the entry that the firm has."""
SHORTEST_ALIKE = 5
"""Letters from which on a word may differ in some."""


@dataclass(frozen=True, slots=True)
class Match:
    """A firm that may be an entry of a list, and why.

    Attributes
    ----------
    firm
        Its id in the scenario.
    called
        The name or alias of the entry that is most like the firm's name.
    entry
        The entry.
    score
        From 0 to 1.
    shared
        The words in common, as the firm has them.
    same_country
        Whether the entry has an address in the firm's country; None where it has none.
    """

    firm: str
    called: str
    entry: Listed
    score: float
    shared: tuple[str, ...]
    same_country: bool | None


def screen(scenario: Scenario, entries: Sequence[Listed], threshold: float = THRESHOLD) -> list[Match]:
    """Firms that are likely on a list: the best name of each entry, the likeliest first.

    Parameters
    ----------
    scenario
        Whose firms are looked for.
    entries
        As :func:`sim.scenario.restricted.read_restricted` reads them.
    threshold
        The least score, from 0 to 1.

    Examples
    --------
    >>> from sim.scenario.load import load_scenario
    >>> chip = Listed("EL", "1", "Controlchip Co., Ltd.", (), frozenset({"TW"}), None, "", None, "", "", "")
    >>> [match.firm for match in screen(load_scenario("scenarios/first-scenario.yaml"), [chip])]
    ['controlchip']
    """
    names = _Names.of(entries)
    found = [
        match
        for firm, details in scenario.firms.items()
        for match in _matches(firm, details.name, details.country, names, entries)
        if match.score >= threshold
    ]
    return sorted(found, key=lambda match: (-match.score, match.firm, match.entry.name))


@dataclass(frozen=True, slots=True)
class _Names:
    """All names of a list by their words: which entries bear each word, and how telling it is."""

    words: list[tuple[str, tuple[str, ...], int]]
    by_word: dict[str, list[int]]
    weights: dict[str, float]

    @classmethod
    def of(cls, entries: Sequence[Listed]) -> "_Names":
        """The names of some entries."""
        words = [
            (name, words_of(name), place)
            for place, entry in enumerate(entries)
            for name in (entry.name, *entry.aliases)
        ]
        by_word: dict[str, list[int]] = {}
        for row, (_, each, _) in enumerate(words):
            for word in set(each):
                by_word.setdefault(word, []).append(row)
        counts = Counter({word: len(rows) for word, rows in by_word.items()})
        return cls(words, by_word, {word: _weight(word, count, len(words)) for word, count in counts.items()})

    def weight(self, word: str) -> float:
        """How telling a word is: the rarer, the more."""
        return self.weights.get(word) or _weight(word, 1, len(self.words) + 1)

    def like(self, word: str) -> Iterable[str]:
        """Words of the list that count as this one."""
        if len(word) < SHORTEST_ALIKE:
            return (word,) if word in self.by_word else ()
        alike = process.extract(word, list(self.by_word), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=20)
        return [found for found, *_ in alike]


def _weight(word: str, names: int, of: int) -> float:
    """How telling a word is that so many of all names have."""
    return (OF_COMMON if word in COMMON else 1.0) * (1.0 + math.log(of / names))


def _matches(firm: str, name: str, country: str, names: _Names, entries: Sequence[Listed]) -> Iterator[Match]:
    words = words_of(name)
    telling = sorted(set(words), key=lambda word: (-names.weight(word), word))[:TELLING]
    looked_up = [*telling, *map("".join, pairwise(words))]
    rows = {row for word in looked_up for one in names.like(word) for row in names.by_word[one]}
    best: dict[int, Match] = {}
    for row in sorted(rows):
        called, theirs, place = names.words[row]
        score, shared = likeness(words, theirs, names.weight)
        if place not in best or score > best[place].score:
            entry = entries[place]
            same = country in entry.countries if entry.countries else None
            best[place] = Match(firm, called, entry, score, shared, same)
    yield from best.values()


def likeness(
    ours: Sequence[str], theirs: Sequence[str], weight: Callable[[str], float]
) -> tuple[float, tuple[str, ...]]:
    """How much of two names is the same, from 0 to 1, and the words of ours that theirs has.

    Examples
    --------
    >>> likeness(("acme", "valves"), ("acme", "valve", "house"), lambda word: 1.0)
    (0.916..., ('acme', 'valves'))
    """
    ours, theirs = _joined(ours, theirs), _joined(theirs, ours)
    shared = tuple(word for word in ours if any(_same(word, other) for other in theirs))
    known = [word for word in theirs if any(_same(word, other) for other in ours)]
    found = sum(map(weight, shared)) / max(sum(map(weight, ours)), 1e-9)
    covered = sum(map(weight, known)) / max(sum(map(weight, theirs)), 1e-9)
    if COMMON.issuperset(shared):  # Many firms are a trading company, or of Beijing.
        return covered, shared
    return OF_THE_FIRM * found + (1.0 - OF_THE_FIRM) * covered, shared


def _joined(words: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Words, two that the others write as one as one: ``dong feng`` as ``dongfeng``."""
    for place, pair in enumerate(pairwise(words)):
        one = "".join(pair)
        if not set(pair) & set(others) and any(_same(one, other) for other in others):
            return (*words[:place], one, *_joined(words[place + 2 :], others))
    return tuple(words)


def _same(one: str, other: str) -> bool:
    if min(len(one), len(other)) < SHORTEST_ALIKE:
        return one == other
    return fuzz.ratio(one, other) >= ALIKE


# ---------------------------------------------------------------------- what follows


EXPORTS, DEALINGS = "exports", "dealings"
_EXPORTS = ("entity list", "military end user", "denied persons")
"""Lists to whose parties nothing controlled may be sold without a licence."""
_DEALINGS = ("specially designated", "sdn")
"""Lists with whose parties there may be no dealings, neither sales nor purchases."""
_GRANTS = {
    "presumption of approval": 0.9,
    "case-by-case": 0.5,
    "case by case": 0.5,
    "presumption of denial": 0.1,
    "policy of denial": 0.02,
}
"""What is assumed of an application, by how the list says that it is looked at; of several, the strictest."""
_NOTE = "how often such applications are granted is not on the list; read the notice"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would follow from matches.

    Attributes
    ----------
    interventions
        As a scenario's ``interventions``.
    notes
        Of which matches nothing follows, and why.
    """

    interventions: dict[str, Any]
    notes: list[str]


def proposed(scenario: Scenario, matches: Sequence[Match], jurisdiction: str = "US") -> Proposal:
    """The interventions that would follow from matches.

    Parameters
    ----------
    scenario
        Whose firms they are.
    matches
        Those that are taken to be right.
    jurisdiction
        Whose list it is.
    """
    selling, buying = _trading(scenario)
    found: dict[str, Any] = {}
    for number, ((kind, start, policy), group) in enumerate(_groups(matches).items(), start=1):
        name = f"listed-{number}"
        firms = {match.firm for match in group}
        dated = {
            "title": f"{group[0].entry.source}: {', '.join(sorted({match.called for match in group}))}"[:200],
            "date": start,
            "shock": True,
            "source": _cited(group),
            "confidence": "medium",
        }
        if buyers := sorted(firms & buying):
            share = {"de_minimis_share": 0} if kind == DEALINGS else {}
            covers = {"jurisdiction": jurisdiction, **share, "covers": {"buyers": buyers}}
            found[name] = {"kind": "export_ban", **dated, **covers}
            if licence := _licence(name, policy, group):
                found[f"{name}-licence"] = licence
        if kind == DEALINGS and (suppliers := sorted(firms & selling)):
            found[f"{name}-suppliers"] = {"kind": "self_halt", **dated, "covers": {"suppliers": suppliers}}
    return Proposal(found, list(_notes(matches, selling, buying)))


def _trading(scenario: Scenario) -> tuple[set[str], set[str]]:
    """The firms that sell over lanes, and those that buy over them."""
    lanes = [*scenario.lanes.values(), *scenario.substitutes.values()]
    firm = {name: point.firm for name, point in scenario.stock_points.items()}
    return {firm[lane.supplier] for lane in lanes}, {firm[lane.buyer] for lane in lanes}


def _licence(ban: str, policy: str, group: Sequence[Match]) -> dict[str, Any] | None:
    """The licence that a policy leaves room for; none where the list names no policy."""
    granted = min((share for words, share in _GRANTS.items() if words in policy.lower()), default=None)
    if granted is None:
        return None
    share = {"value": granted, "source": "assumption", "confidence": "low", "note": _NOTE}
    return {
        "kind": "licence",
        "title": f"Licences: {policy}"[:200],
        "after": ban,
        "relieves": [ban],
        "grant_probability": share,
        "source": _cited(group),
        "confidence": "medium",
    }


def _notes(matches: Sequence[Match], selling: set[str], buying: set[str]) -> Iterator[str]:
    """Why nothing follows from a match."""
    for match in matches:
        kind, entry = _kind(match.entry), match.entry
        if kind is None:
            yield f"{match.firm}: nothing is proposed of {entry.source or 'a list without a name'}"
        elif entry.start is None:
            said = (
                f"the start date '{entry.said_start}' is not understood"
                if entry.said_start
                else "no start date"
            )
            yield f"{match.firm}: {said}; allowed: 2019-10-09 or 10/09/2019"
        elif match.firm not in buying and not (kind == DEALINGS and match.firm in selling):
            yield f"{match.firm}: it buys nothing over a lane, so that a ban of sales to it cuts nothing"


def _groups(matches: Sequence[Match]) -> dict[tuple[str, str, str], list[Match]]:
    """Matches of which one intervention follows: by what the list forbids, from when, and its policy."""
    found: dict[tuple[str, str, str], list[Match]] = {}
    for match in matches:
        kind, start = _kind(match.entry), match.entry.start
        if kind is not None and start is not None:
            found.setdefault((kind, start.isoformat(), match.entry.policy), []).append(match)
    return found


def _kind(entry: Listed) -> str | None:
    """What a list forbids; None of one of which nothing is proposed."""
    source = entry.source.lower()
    if any(word in source for word in _DEALINGS):
        return DEALINGS
    return EXPORTS if any(word in source for word in _EXPORTS) else None


def _cited(group: Sequence[Match]) -> str:
    notices = sorted(
        {match.entry.notice or f"{match.entry.source} {match.entry.number}".strip() for match in group}
    )
    return "; ".join(notices)[:500]
