"""Names of the scenario's objects, and their text made safe for a chart.

HTML escaping is the template's business (jinja2 escapes everything). Charts need their own: plotly reads
a small HTML dialect, character entities and ``%{...}`` in any text it is given, links included.
"""

import textwrap
import unicodedata
from dataclasses import dataclass

from sim.scenario.schema import Scenario

LOSS_WITHOUT_ITEM = {
    "demand": "Lost demand",
    "price": "Price and penalties",
    "own-capacity": "Own capacity",
}
_KEPT_FORMAT_CHARACTERS = {"\u200d", "\u200c"}  # they join emoji and letters of some scripts


def tidy(text: str) -> str:
    r"""Text on one line, without control characters and without marks that turn its direction.

    Examples
    --------
    >>> tidy("two\nlines\u202e")
    'two lines'
    """
    spaced = " ".join(str(text).split())
    return "".join(
        char
        for char in spaced
        if char in _KEPT_FORMAT_CHARACTERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}
    )


def shorten(text: str, length: int = 44) -> str:
    """Text cut to a length, with an ellipsis where something is missing.

    Examples
    --------
    >>> shorten("abcdef", 4)
    'abc…'
    """
    text = tidy(text)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def plot_text(text: str, *, length: int = 44, width: int | None = None) -> str:
    """Text that plotly shows as it stands: no tag, no entity and no placeholder in it works.

    Every text of a scenario goes through here before it enters a figure.

    Parameters
    ----------
    text
        Any text.
    length
        Cut to this many characters.
    width
        Break into lines of this many characters; None: one line.

    Examples
    --------
    >>> plot_text("<b>R&D</b> %{x}")
    '&lt;b&gt;R&amp;D&lt;/b&gt; &#37;{x}'
    """
    short = shorten(text, length)
    lines = textwrap.wrap(short, width) if width else [short]
    return "<br>".join(_neutral(line) for line in lines)


def _neutral(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("%{", "&#37;{")):
        text = text.replace(character, entity)
    return text


@dataclass(frozen=True, slots=True)
class Names:
    """Looks up what the scenario calls the objects behind the ids of the tables.

    Parameters
    ----------
    scenario
        Where the names stand.
    length
        Longer names are cut, for use in sentences.
    """

    scenario: Scenario
    length: int = 2000

    def firm(self, key: str) -> str:
        """Name of a firm; the id itself where the scenario has none."""
        firm = self.scenario.firms.get(key)
        return self._fit(firm.name if firm else key)

    def item(self, key: str) -> str:
        """Name of an item, or of a cause of loss that is none."""
        item = self.scenario.items.get(key)
        return self._fit(item.name if item else LOSS_WITHOUT_ITEM.get(key, key))

    def unit(self, key: str) -> str:
        """Unit in which an item is counted."""
        item = self.scenario.items.get(key)
        return self._fit(item.unit if item else "units")

    def market(self, key: str) -> str:
        """Name of a market."""
        market = self.scenario.markets.get(key)
        return self._fit(market.name if market else key)

    def intervention(self, key: str) -> str:
        """Title of an intervention."""
        intervention = self.scenario.interventions.get(key)
        return self._fit(intervention.title if intervention else key)

    def _fit(self, text: str) -> str:
        return shorten(text, self.length)
