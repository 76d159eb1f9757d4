"""What has been moved of a scenario (numbers, dates, levers, lanes that are cut) as settings of ``--set``."""

import datetime as dt
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sim.model.network import expected_day, shock
from sim.scenario.portfolios import Taken
from sim.scenario.schema import Scenario

CUT = "cut"
"""How ids of interventions begin that the explorer adds."""


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """A lane, or all lanes on which a firm supplies others, on which nothing is ordered any more.

    Attributes
    ----------
    kind
        ``lane`` or ``firm``.
    key
        Its id.
    """

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Everything that is not as in the base; without anything, the base itself.

    Attributes
    ----------
    values
        Fields by their dotted path, and what each is set to, as it is typed after ``--set path=``.
    levers
        Levers that are taken.
    cuts
        What is cut.
    cut_day
        From when on; None: from the first day of the shock, without one from the first of the calendar.
    """

    values: tuple[tuple[str, str], ...] = ()
    levers: tuple[Taken, ...] = ()
    cuts: tuple[Cut, ...] = ()
    cut_day: dt.date | None = None

    def with_value(self, path: str, text: str) -> "Moved":
        """The same with a field set."""
        others = tuple(pair for pair in self.values if pair[0] != path)
        return replace(self, values=(*others, (path, text)))

    @property
    def uncut(self) -> "Moved":
        """The same with nothing cut."""
        return replace(self, cuts=(), cut_day=None)


NOTHING = Moved()


def overrides_of(
    scenario: Scenario, tree: Mapping[str, Any], uncertain: Mapping[str, Any], moved: Moved
) -> tuple[str, ...]:
    """What has been moved as settings ``path=value``, in the order in which they are laid over the base.

    A number that is uncertain in the base stays so, with one value: so all others keep their samples.

    Parameters
    ----------
    scenario
        The base.
    tree
        Its file as plain data, as it is written.
    uncertain
        The base's inputs by their paths.
    moved
        What has been moved.
    """
    return (
        *(f"{path}={_one_value(text) if path in uncertain else text}" for path, text in moved.values),
        *(setting for taken in moved.levers for setting in _of_lever(scenario, tree, taken)),
        *(_of_cut(scenario, cut, moved.cut_day) for cut in moved.cuts),
    )


def _one_value(text: str) -> str:
    """A number as a distribution with one value; another text as it is."""
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{{dist: empirical, values: [{text.strip()}]}}" if math.isfinite(number) else text


def _of_lever(scenario: Scenario, tree: Mapping[str, Any], taken: Taken) -> Iterator[str]:
    lever = scenario.levers[taken.lever]
    for path, value in tree.get("levers", {}).get(taken.lever, {}).get("set", {}).items():
        yield f"{path.strip()}={as_text(value)}"
    if taken.level is not None:
        for path in lever.moves:
            yield f"{path.strip()}={taken.level:g}"
    if lever.dates is not None:
        day = lever.effect_of(taken.date or lever.dates.earliest)
        for path in lever.dates.paths:
            yield f"{path.strip()}={day.isoformat()}"


def as_text(value: Any) -> str:
    """Plain data of a scenario in one line that YAML reads as the same."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {as_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_text, value)) + "]"
    if isinstance(value, float) and math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return json.dumps(value, ensure_ascii=False)


def _of_cut(scenario: Scenario, cut: Cut, day: dt.date | None) -> str:
    covers = {"lanes": [cut.key]} if cut.kind == "lane" else {"suppliers": [cut.key]}
    intervention = {
        "kind": "disruption",
        "title": f"Cut of {cut.key}",
        "date": (day or first_day(scenario)).isoformat(),
        "shock": True,
        "pauses": "orders",
        "lanes": covers,
    }
    return f"interventions.{id_of(cut)}={as_text(intervention)}"


def id_of(cut: Cut) -> str:
    """Id of the intervention that stands for a cut."""
    return f"{CUT}-{cut.kind}-{cut.key}"[:80].rstrip("-_")


def first_day(scenario: Scenario) -> dt.date:
    """The day from which losses are expected to count: that of the shock, else the calendar's first."""
    name = shock(scenario)
    day = min(max(expected_day(scenario, name), 0), scenario.calendar.length_days - 1) if name else 0
    return scenario.calendar.start + dt.timedelta(days=day)


def read(message: Mapping[str, Any]) -> Moved:
    """What a page says has been moved.

    Parameters
    ----------
    message
        ``values`` (text by path), ``levers`` (``{level, date}`` by id), ``cuts`` (pairs) and ``cut_day``.

    Raises
    ------
    ValueError
        If it is no such message, or a date is none.
    """
    values, levers, cuts = message.get("values", {}), message.get("levers", {}), message.get("cuts", [])
    if not isinstance(values, dict) or not isinstance(levers, dict) or not isinstance(cuts, list):
        raise ValueError("no settings")
    return Moved(
        values=tuple((str(path), str(text)) for path, text in values.items()),
        levers=tuple(_taken(str(name), its) for name, its in levers.items()),
        cuts=tuple(sorted(Cut(str(kind), str(key)) for kind, key in cuts)),
        cut_day=_date(message.get("cut_day")),
    )


def _taken(name: str, its: Mapping[str, Any]) -> Taken:
    level = its.get("level")
    return Taken(name, None if level is None else float(level), _date(its.get("date")))


def _date(text: object) -> dt.date | None:
    return dt.date.fromisoformat(str(text)) if text else None
