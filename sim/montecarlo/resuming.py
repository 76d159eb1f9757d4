"""A block of replications taken up again where other settings first make a difference to it.

A block that has run is kept as it stood before its first day and on some later days. A block of the same
replications under other settings is compared with it, number by number: what is the same in both
need not be simulated again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engines.block_engine import Block, Experiment, fork, run_days, run_span, units_of
from sim.engines.layout import Array, Records
from sim.engines.measures import MeasuredBlock, measured
from sim.kinds import Effect
from sim.model.plan import NEVER, Bools, Ints

RINGS = ("planning.usage", "planning.cumulative")
"""Empty before the first day, and large."""
UNMEASURED = ("measures.hands_in", "measures.blame.lanes")
"""What says who is to blame, and when that is added up."""
OWN = ("interventions", "substitutes", "down", "paused", "moves")
"""What the counterfactual has for itself before the first day."""
MOST_DAYS = 6
"""Days before which a block is kept at most."""
Arrays = dict[str, Array]


def same_study(one: Experiment, other: Experiment) -> bool:
    """Whether two plans link the same things and draw the same numbers, whatever their other numbers are.

    Parameters
    ----------
    one, other
        Two plans with their seeds.
    """
    if one.seed != other.seed or one.plan.days != other.plan.days:
        return False
    tables = zip(one.tables, other.tables, strict=True)
    links = np.array_equal(one.links.index, other.links.index)
    return links and all(_same(np.asarray(mine), np.asarray(its)) for mine, its in tables)


@dataclass(frozen=True, slots=True)
class Past:
    """A block as it stood before its first day, and on days from which it can be taken up again.

    Attributes
    ----------
    loaded
        All numbers before the first day, by name.
    states
        All numbers before other days, by name.
    """

    loaded: Arrays
    states: dict[int, Arrays]

    def latest(self, day: int) -> int:
        """The latest day up to another before which the block was kept; 0 where there is none."""
        return max((kept for kept in self.states if kept <= day), default=0)


def past_of(block: Block) -> Past:
    """A block that has not run yet, as it stands."""
    return Past(_copied(_numbers(block)), {})


def keep(past: Past, block: Block, day: int) -> None:
    """Keep a block as it stands before a day; its twins have not parted."""
    past.states[day] = _copied(_state(block))


def days_to_keep(block: Block) -> list[int]:
    """Days from which a block is worth taking up: when something begins, up to when its twins part."""
    starts = [block.scenario.interventions.start.min(axis=1), block.scenario.substitutes.first_day]
    days = {int(day) for day in np.concatenate(starts) if 0 < day < block.shared_days}
    return sorted((days | {block.shared_days}) - {0, block.plan.days})[-MOST_DAYS:]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far other settings reach into a block.

    Attributes
    ----------
    day
        The first day on which the scenario may be another; the number of days if none.
    normal
        Whether the counterfactual may be another.
    """

    day: int
    normal: bool


def reach_of(past: Past, block: Block) -> Reach:
    """What is not the same in a block as in that of other settings.

    Parameters
    ----------
    past
        What was kept of a block of the same replications.
    block
        A block that has not run yet; both are of the same study (:func:`same_study`).
    """
    numbers, days = _numbers(block), block.plan.days
    differs = [name for name, its in numbers.items() if not _same(past.loaded.get(name), its)]
    mine = _first_day(past.loaded, numbers, "scenario.", [n for n in differs if not n.startswith("normal.")])
    its = _first_day(past.loaded, numbers, "normal.", [n for n in differs if not n.startswith("scenario.")])
    return Reach(min(mine, days), its < days)


def _first_day(before: Arrays, now: Arrays, twin: str, differs: list[str]) -> int:
    """The first day on which a twin may be another."""
    first = NEVER
    for name in differs:
        if name not in UNMEASURED and name != f"{twin}moves":
            day = _of_name(before, now, twin, name)
            first = min(first, 0 if day is None else day)
    return first


def _of_name(before: Arrays, now: Arrays, twin: str, name: str) -> int | None:
    """The first day on which it matters that some records are other ones; None where that cannot be told."""
    one, other = before[name], now[name]
    has_others = before[f"{twin}interventions"].shape != now[f"{twin}interventions"].shape
    if has_others or one.shape != other.shape or one.dtype.names is None:
        return None
    fields = _fields_that_differ(one, other)
    if not fields:  # Only what fills up records is not the same.
        return NEVER
    starts = np.minimum(_starts(before, twin), _starts(now, twin))
    day: int | None = None
    match name.removeprefix("path.").removeprefix(twin):
        case "interventions":
            day = _of_interventions(one, other, fields)
        case "effects" | "grants" | "steps":
            day = _of_rows(one, other, fields, starts)
        case "substitutes":
            day = int(np.minimum(one["first_day"], other["first_day"])[_any(fields)].min())
        case "lanes":
            day = _of_lanes(before, now, fields, starts, twin)
        case _:
            pass
    return day


def _of_interventions(one: Records, other: Records, fields: dict[str, Bools]) -> int:
    """Interventions matter once they begin; where only their ends differ, once the first has ended."""
    days = np.minimum(one["start"], other["start"]).min(axis=1)
    ended = np.where(one["end"] != other["end"], np.minimum(one["end"], other["end"]), NEVER).min(axis=1)
    is_changed = np.zeros(len(days), dtype=bool)
    for name, rows in fields.items():
        is_changed |= rows & (name != "end")
    return max(int(np.where(is_changed, days, ended)[_any(fields)].min()), 0)


def _of_rows(one: Records, other: Records, fields: dict[str, Bools], starts: Ints) -> int | None:
    """Records of interventions; what holds goods up reaches back to when they left."""
    rows = _any(fields)
    if not np.array_equal(one["intervention"], other["intervention"]):
        return None
    kinds = one["kind"][rows] if "kind" in (one.dtype.names or ()) else np.empty(0)
    if np.isin(kinds, (Effect.PAUSES_LANE, Effect.PAUSES_RECIPE)).any() or "target" in fields:
        return None
    return max(int(starts[one["intervention"][rows]].min()), 0)


def _of_lanes(before: Arrays, now: Arrays, fields: dict[str, Bools], starts: Ints, twin: str) -> int | None:
    """A substitute's lane matters once it can be triggered, a share of subsidiaries once a rule holds."""
    one, other = before[f"{twin}substitutes"], now[f"{twin}substitutes"]
    first = np.minimum(one["first_day"], other["first_day"])
    opens = dict(zip(other["lane"].tolist(), first.tolist(), strict=True))
    is_open, effects = before["path.lanes"]["is_open"] | now["path.lanes"]["is_open"], now["path.effects"]
    days = []
    for lane in np.flatnonzero(_any(fields)).tolist():
        if lane in opens and not is_open[lane]:
            days.append(opens[lane])
        elif all(name == "subsidiary_share" or not its[lane] for name, its in fields.items()):
            kinds = (Effect.RESTRICTS_LANE, Effect.CHANGES_SUBSIDIARY_SHARE)
            rules = np.isin(effects["kind"], kinds) & (effects["target"] == lane)
            days += starts[effects["intervention"][rules]].tolist()
        else:
            return None
    return max(int(min(days, default=NEVER)), 0)


def _starts(numbers: Arrays, twin: str) -> Ints:
    """``[intervention]`` the first day on which each begins in some replication."""
    return np.asarray(numbers[f"{twin}interventions"]["start"]).min(axis=1)


def _fields_that_differ(one: Records, other: Records) -> dict[str, Bools]:
    """``[row]`` by name, of the fields of two lists of records that are not the same."""
    found = {}
    for name in one.dtype.names or ():
        mine, its = np.asarray(one[name]), np.asarray(other[name])
        rows = (mine != its) & ~((mine != mine) & (its != its))  # noqa: PLR0124 - NaN is not itself
        if rows.any():
            found[name] = rows.reshape(len(rows), -1).any(axis=1)
    return found


def _any(fields: dict[str, Bools]) -> Bools:
    return np.logical_or.reduce(list(fields.values()))


# ---------------------------------------------------------------------- taking up


def take_up(block: Block, past: Past, day: int) -> None:
    """Put a block where another stood before a day, but for the numbers that are not the same in both.

    Parameters
    ----------
    block
        A block that has not run yet, into which other settings have no reach before that day.
    past
        What was kept of the other.
    day
        One of the days before which it was kept; 0: nothing is done.
    """
    if day == 0:
        return
    for name, its in _state(block).items():
        before, stood = past.loaded.get(name), past.states[day][name]
        if before is None or _same(before, its):
            its[...] = stood
        elif its.dtype.names is None:
            its[...] = np.where(before == its, stood, its)
        else:
            for field in its.dtype.names:
                its[field] = np.where(before[field] == its[field], stood[field], its[field])
    block.moves[:, day] = True


def same_window(past: Past, block: Block) -> bool:
    """Whether losses count on the same days in a block as in that of other settings."""
    return _same(past.loaded.get("measures.today"), block.measures.today)


def run_twins(block: Block, first: int = 0) -> MeasuredBlock:
    """Run both twins up to the end of the window of losses.

    Parameters
    ----------
    block
        A block that stands before a day on which its twins have not parted.
    first
        That day.
    """
    parted, end = block.shared_days, max(block.shared_days, block.measures.last_stop)
    run_span(block, first, parted)
    fork(block)
    run_span(block, parted, min(end, block.plan.days))
    return measured(block.study.tracking, block.values, block.scenario, block.counterfactual, block.measures)


def run_scenario(block: Block, first: int) -> MeasuredBlock:
    """Run the scenario alone, up to the end of the window of its losses.

    Of what is measured, revenue, units, purchases, costs and accounts of the scenario count: nothing is
    compared with the counterfactual.

    Parameters
    ----------
    block
        A block that stands before a day.
    first
        That day.
    """
    days = block.plan.days
    measures = block.measures._replace(shared_days=days)
    span = np.array([first, max(first, measures.last_stop), days, block.first_replication])
    run_days(units_of(block), block.scenario, block.scenario, block.common, measures, block.moves, span)
    return measured(block.study.tracking, block.values, block.scenario, block.scenario, measures)


# ---------------------------------------------------------------------- all numbers of a block


def _state(block: Block) -> Arrays:
    """What moves from day to day while the twins are one."""
    common = block.common
    path = {f"path.{name}": its for name, its in block.scenario._asdict().items() if name not in OWN}
    own = {
        f"scenario.{name}": getattr(block.scenario, name) for name in OWN if name in block.scenario._fields
    }
    return {
        **path,
        **own,
        **dict(_walked("planning", common.planning)),
        **dict(_walked("levels", common.levels)),
        **dict(_walked("given", common.given)),
        **dict(_walked("measures", block.measures)),
    }


def _numbers(block: Block) -> Arrays:
    """All that decides what comes of a block, by name."""
    own = {f"normal.{name}": its for name, its in block.counterfactual._asdict().items() if name in OWN}
    moves = {"scenario.moves": block.moves[0], "normal.moves": block.moves[1]}
    shape = np.array(block.common.planning.usage.shape)
    found = {**_state(block), **own, **moves, "yields": block.common.yields, "rings": shape}
    return {name: its for name, its in found.items() if name not in RINGS}


def _walked(name: str, part: Any) -> Iterator[tuple[str, Array]]:
    """The arrays of a tuple of arrays, and of such tuples, by name."""
    if isinstance(part, np.ndarray):
        yield name, part
    elif isinstance(part, tuple):
        for field, its in zip(part._fields, part, strict=True):  # type: ignore[attr-defined]
            yield from _walked(f"{name}.{field}", its)


def _copied(numbers: Arrays) -> Arrays:
    return {name: its.copy() for name, its in numbers.items()}


def _same(one: Array | None, other: Array) -> bool:
    """Whether two arrays are the same to the bit."""
    if one is None or one.shape != other.shape or one.dtype != other.dtype:
        return False
    return bool(one.tobytes() == other.tobytes())
