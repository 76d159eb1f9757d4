"""What a page without a server needs of a session: blocks as memory, and what each control changes in it.

A page cannot read a scenario or compile it. So every position of a slider, a date or a lever is compiled and
loaded here, and what is other than in the base is kept, number by number. Two controls that are moved
together change what each changes alone: that is tried for the ends of each pair, and the page refuses pairs
for which it is not so.
"""

import dataclasses
import datetime as dt
import functools
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engines import block_engine
from sim.engines.block_engine import Block, Experiment
from sim.engines.random import squares_key, uniform_row
from sim.errors import SimError
from sim.explorer.controls import controls_of
from sim.explorer.image import FIRST, WORD, Bytes, Image, image_of
from sim.explorer.moved import Moved
from sim.explorer.session import HARDLY, STEPS, Session
from sim.model.plan import Bools, Floats, Plan
from sim.model.schedule import months
from sim.montecarlo import resuming
from sim.montecarlo.rerun import NOWHERE
from sim.montecarlo.resuming import Past, Reach
from sim.montecarlo.workers import silent
from sim.scenario.portfolios import Taken

FUTURES = STEPS[0]
MOST_POSITIONS = 20
"""Of a slider, or a date."""
MOST_ROOM = 2.0
"""How many times as far as one control plans ahead blocks have room for."""
MOST_DATES = 4
"""On which a lever may be decided."""
YES, NO = "1", HARDLY
Control = dict[str, Any]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Position:
    """A control where it is not as in the base.

    Attributes
    ----------
    control
        Which; a control has one position at a time.
    key
        What the page calls the position.
    moved
        The same as a move of a session.
    is_end
        Whether it is tried together with the ends of other controls.
    """

    control: str
    key: str
    moved: Moved
    is_end: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What is other in the memory of a block.

    Attributes
    ----------
    reach
        How far it reaches.
    shared_days
        Days before the twins may differ.
    starts, lengths
        ``[run]`` of the bytes that differ: where each begins, and how many they are.
    bytes
        These bytes, run by run.
    """

    reach: Reach
    shared_days: int
    starts: Any
    lengths: Any
    bytes: Bytes


@dataclass(frozen=True, slots=True)
class Frozen:
    """A block of the base as it stands before the first day.

    Attributes
    ----------
    block, image, memory
        The block, where its arrays stand, and all bytes.
    past, single
        The block's numbers by name; ``[byte]`` which are numbers by themselves.
    """

    block: Block
    image: Image
    memory: Bytes
    past: Past
    single: Bools


class Freezer:
    """Loads settings of a session as blocks that all fill the same memory.

    Parameters
    ----------
    session
        What is explored.

    Attributes
    ----------
    ahead
        By control, how many times as far ahead as the base it plans at most; some together plan no farther
        than the product says.
    room
        How many times as far the blocks have room for.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ahead: dict[str, float] = {}
        self.room = 1.0
        self._slots = 0
        base = self.blocks(session.plan)
        self._slots = _slots(base[0])
        self.base = [self._frozen(block) for block in base]

    def widen(self, ends: Mapping[str, Sequence[Plan]]) -> None:
        """Make room for the days that settings plan ahead: those of one control, and of some together.

        Parameters
        ----------
        ends
            By control, its settings that plan least and farthest ahead.
        """
        base = self._slots
        for control, plans in ends.items():
            most = max((_slots(self.blocks(plan, 1)[0]) for plan in plans), default=base)
            self.ahead[control] = max(1.0, most / base)
        farthest = max(self.ahead.values(), default=1.0)
        self.room = min(math.prod(self.ahead.values()), MOST_ROOM * farthest)
        self._slots = math.ceil(base * self.room)
        self.base = [self._frozen(block) for block in self.blocks(self.session.plan)]

    def blocks(self, plan: Plan, count: int | None = None) -> list[Block]:
        """The blocks of settings, or the first of them."""
        rerun = self.session.rerun
        study = Experiment.of(plan, self.session.seed).without_courses()
        samples = rerun.sampled.again(plan, self.session.seed, range(FUTURES))
        firsts = range(0, FUTURES, rerun.width)[:count]
        return [
            self._roomy(block_engine.load(study, first, samples[first : first + rerun.width]))
            for first in firsts
        ]

    def _roomy(self, block: Block) -> Block:
        """A block with room for as many days ahead as all others have."""
        planning, plan = block.common.planning, block.plan
        slots, points, width = planning.usage.shape
        if slots >= self._slots:
            return block
        roomy = planning._replace(
            month=months(plan, plan.days + self._slots),
            usage=np.zeros((self._slots, points, width)),
            cumulative=np.zeros((points, width, self._slots)),
        )
        return dataclasses.replace(block, common=block.common._replace(planning=roomy))

    def _frozen(self, block: Block) -> Frozen:
        image = image_of(block, 0, 0)
        return Frozen(block, image, image.memory(), resuming.past_of(block), image.single())

    def changes(self, plan: Plan, count: int | None = None) -> list[Change] | None:
        """What settings change, block by block; None where they do not fill the same memory."""
        found = []
        for base, block in zip(self.base, self.blocks(plan, count), strict=False):
            image = image_of(block, 0, 0)
            if image.layout() != base.image.layout():
                return None
            found.append(_change(base, block, image.memory()))
        return found


def _slots(block: Block) -> int:
    return len(block.common.planning.usage)


def _change(base: Frozen, block: Block, memory: Bytes) -> Change:
    differs = memory != base.memory
    words = np.repeat(differs.reshape(-1, WORD).any(axis=1), WORD)
    differs = np.where(base.single, differs, words)
    edges = np.flatnonzero(np.diff(differs, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    same = resuming.same_study(base.block.study, block.study) and resuming.same_window(base.past, block)
    reach = resuming.reach_of(base.past, block) if same else NOWHERE
    return Change(reach, block.shared_days, starts, ends - starts, memory[differs])


def laid(base: Frozen, changes: Sequence[Change]) -> Bytes:
    """The memory of a block with some changes, one over the other, as a page lays them."""
    memory = base.memory.copy()
    for change in changes:
        place = 0
        for start, length in zip(change.starts.tolist(), change.lengths.tolist(), strict=True):
            memory[start : start + length] = change.bytes[place : place + length]
            place += length
    parted = [its.shared_days for its in changes if its.shared_days != base.block.shared_days]
    for address in shared_addresses(base.image):
        memory[address - FIRST : address - FIRST + WORD] = np.frombuffer(
            np.int64(min(parted, default=base.block.shared_days)).tobytes(), dtype=np.uint8
        )
    return memory


def shared_addresses(image: Image) -> tuple[int, int]:
    """Where the days stand before which the twins do not differ: among the arguments, and in the span."""
    return image.argument("measures.shared_days"), image.row("span", (2,))


# ---------------------------------------------------------------------- positions


def frozen_controls(session: Session) -> tuple[dict[str, Any], list[Position]]:
    """What a page without a server can move, on a coarser grid than one with a server, and all positions.

    An event that does not happen comes last: its dates are never, whatever else is moved.

    Parameters
    ----------
    session
        What is explored.
    """
    controls = controls_of(session)
    positions: list[Position] = []
    for its in controls["numbers"]:
        texts = _coarser(its)
        positions += [_of_value(its["path"], text, text in (texts[0], texts[-1])) for text in texts]
    for its in controls["dates"]:
        days = _dates(its, "low", "high", MOST_POSITIONS)
        positions += [_of_value(its["path"], day, day in (days[0], days[-1])) for day in days]
    for its in controls["levers"]:
        positions += _of_lever(its)
    for its in controls["chances"]:
        positions += [_of_value(its["path"], text, is_end=True) for text in (YES, NO)]
    return controls, positions


def _of_value(path: str, text: str, is_end: bool) -> Position:
    return Position(path, text, Moved(values=((path, text),)), is_end)


def _coarser(its: Control) -> list[str]:
    """Positions of a slider; its step and its upper end become those of them."""
    steps = round((its["high"] - its["low"]) / its["step"])
    stride = max(1, math.ceil(steps / (MOST_POSITIONS - 1)))
    found = [_on_grid(its["low"] + place * its["step"]) for place in range(0, steps + 1, stride)]
    its["step"], its["high"] = _on_grid(its["step"] * stride), found[-1]
    return [f"{number:.10g}" for number in found]


def _on_grid(number: float) -> float:
    return float(f"{number:.10g}")


def _dates(its: Control, first: str, last: str, most: int) -> list[str]:
    """Dates from one up to another, the same number of days apart, which the control then says."""
    low, high = dt.date.fromisoformat(its[first]), dt.date.fromisoformat(its[last])
    stride = max(1, math.ceil((high - low).days / max(1, most - 1)))
    its["step_days"] = stride
    return [(low + dt.timedelta(days)).isoformat() for days in range(0, (high - low).days + 1, stride)]


def _of_lever(its: Control) -> Iterator[Position]:
    levels: list[float | None] = [*its["levels"]] or [None]
    dates: list[str | None] = [*_dates(its, "earliest", "latest", MOST_DATES)] if its["earliest"] else [None]
    for level, date in itertools.product(levels, dates):
        taken = Taken(its["id"], level, dt.date.fromisoformat(date) if date else None)
        ends = (level, date) in {(levels[0], dates[0]), (levels[-1], dates[-1])}
        yield Position(f"lever {its['id']}", lever_key(level, date), Moved(levers=(taken,)), ends)


def lever_key(level: float | None, date: str | None) -> str:
    """What a page calls a lever that is taken."""
    return f"{'' if level is None else f'{level:.10g}'} {date or ''}"


# ---------------------------------------------------------------------- all of them


@dataclass(frozen=True, slots=True)
class Whole:
    """A session as a page needs it.

    Attributes
    ----------
    controls
        What can be moved.
    positions, changes
        Positions that hold, and ``[position][block]`` what each changes.
    apart
        Pairs of positions' controls that cannot be moved together.
    freezer
        The base.
    """

    controls: dict[str, Any]
    positions: list[Position]
    changes: list[list[Change]]
    apart: list[tuple[str, str]]
    freezer: Freezer


def freeze(session: Session, progress: Progress = silent) -> Whole:
    """All that a page can show of a session.

    Parameters
    ----------
    session
        What is explored.
    progress
        Told how many settings have just been loaded.
    """
    controls, positions = frozen_controls(session)
    plans = {place: plan for place, its in enumerate(positions) if (plan := _plan(session, its.moved))}
    freezer = Freezer(session)
    ends: dict[str, list[Plan]] = {}
    for place, plan in plans.items():
        if positions[place].is_end:
            ends.setdefault(positions[place].control, []).append(plan)
    freezer.widen(ends)
    kept, changes = [], []
    for place, position in enumerate(positions):
        progress(1)
        found = freezer.changes(plans[place]) if place in plans else None
        if found is not None:
            kept.append(position)
            changes.append(found)
    apart = _apart(freezer, kept, changes, progress)
    return Whole(controls, kept, changes, apart, freezer)


def _plan(session: Session, moved: Moved) -> Plan | None:
    try:
        return session.prepared(moved)[1]
    except SimError:
        return None


def _apart(
    freezer: Freezer, positions: Sequence[Position], changes: Sequence[list[Change]], progress: Progress
) -> list[tuple[str, str]]:
    """Pairs of controls that change something else together than each alone, in the first block.

    Pairs that change the same numbers are tried one by one. Others are tried many at a time, each with each
    at all of its ends: where that is not the sum of all, its pairs are tried one by one, too.
    """
    trial = _Trial(freezer, positions, changes, progress)
    for pair in trial.pairs:
        if trial.overlap(*pair):
            trial.try_pair(*pair)
    for together_ in trial.groups():
        if not trial.is_sum(together_):
            for pair in itertools.combinations(together_, 2):
                trial.try_pair(*pair)
    return list(trial.apart)


class _Trial:
    """Ends of controls that are tried together."""

    def __init__(
        self,
        freezer: Freezer,
        positions: Sequence[Position],
        changes: Sequence[list[Change]],
        progress: Progress,
    ) -> None:
        self._freezer, self._positions, self._changes, self._progress = freezer, positions, changes, progress
        self._ends: dict[str, list[int]] = {}
        for place, its in enumerate(positions):
            if its.is_end:
                self._ends.setdefault(its.control, []).append(place)
        self.pairs = [
            pair
            for one, other in itertools.combinations(self._ends, 2)
            for pair in itertools.product(self._ends[one], self._ends[other])
        ]
        self.apart: dict[tuple[str, str], None] = {}
        self._words = {place: self._of(place) for places in self._ends.values() for place in places}

    def _of(self, place: int) -> Any:
        """``[word]`` what a position changes, but for days that are looked at."""
        change, base = self._changes[place][0], self._freezer.base[0]
        ends = (change.starts + change.lengths - 1) // WORD
        runs = [np.arange(start, end + 1) for start, end in zip(change.starts // WORD, ends, strict=True)]
        words = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *runs]))
        moves, start = base.image["moves"]
        shared, span = shared_addresses(base.image)
        looked = (words >= (start - FIRST) // WORD) & (words <= (start - FIRST + moves.nbytes) // WORD)
        return words[~looked & ~np.isin(words, [(address - FIRST) // WORD for address in (shared, span)])]

    def overlap(self, one: int, other: int) -> bool:
        """Whether two positions change the same numbers."""
        return len(np.intersect1d(self._words[one], self._words[other], assume_unique=True)) > 0

    def try_pair(self, one: int, other: int) -> None:
        """Note the controls of two positions if these are not the sum of both."""
        pair = (self._positions[one].control, self._positions[other].control)
        if pair not in self.apart and not self.is_sum((one, other)):
            self.apart[pair] = None

    def is_sum(self, places: Sequence[int]) -> bool:
        """Whether some positions together change what each changes alone."""
        self._progress(1)
        moved = functools.reduce(together, (self._positions[place].moved for place in places))
        plan = _plan(self._freezer.session, moved)
        found = None if plan is None else self._freezer.changes(plan, 1)
        base = self._freezer.base[0]
        return found is not None and _does_the_same(
            base, laid(base, [self._changes[place][0] for place in places]), laid(base, found)
        )

    def groups(self) -> Iterator[list[int]]:
        """Positions of as many controls as go together, until each pair of ends has been in one of them."""
        random = np.random.default_rng(0)
        left = {pair for pair in self.pairs if self._controls(pair) not in self.apart}
        while left:
            first = min(left)
            group = list(first)
            for control in random.permutation(list(self._ends)).tolist():
                place = self._most_new(group, control, left)
                if place is not None and self._goes_with(place, group):
                    group.append(place)
            group.sort()
            left -= set(itertools.combinations(group, 2))
            yield group
            left = {pair for pair in left if self._controls(pair) not in self.apart}

    def _controls(self, pair: tuple[int, int]) -> tuple[str, str]:
        return self._positions[pair[0]].control, self._positions[pair[1]].control

    def _most_new(self, group: list[int], control: str, left: set[tuple[int, int]]) -> int | None:
        """The end of a control that has been with the fewest of a group."""
        if control in {self._positions[place].control for place in group}:
            return None
        news = [
            (sum((min(place, its), max(place, its)) in left for its in group), -place)
            for place in self._ends[control]
        ]
        most, place = max(news)
        return -place if most > 0 else None

    def _goes_with(self, place: int, group: list[int]) -> bool:
        """Whether a control goes with all of a group, and they do not plan too far ahead together."""
        controls = [self._positions[its].control for its in (*group, place)]
        far = math.prod(self._freezer.ahead[control] for control in controls)
        pairs = (self._controls((min(place, its), max(place, its))) for its in group)
        return far <= self._freezer.room and not any(pair in self.apart for pair in pairs)


def together(one: Moved, other: Moved) -> Moved:
    """Two moves at once."""
    return Moved(values=(*one.values, *other.values), levers=(*one.levers, *other.levers))


def _does_the_same(base: Frozen, summed: Bytes, true: Bytes) -> bool:
    """Whether two memories do the same: twins may part early, and a day more be looked at for conditions."""
    shared, span = shared_addresses(base.image)
    moves, start = base.image["moves"]
    eased = np.zeros(len(true), dtype=bool)
    for address in (shared, span):
        eased[address - FIRST : address - FIRST + WORD] = True
    looked = slice(start - FIRST, start - FIRST + moves.nbytes)
    eased[looked] = True
    days = [int(its[shared - FIRST : shared - FIRST + WORD].view(np.int64)[0]) for its in (summed, true)]
    return bool(
        np.array_equal(summed[~eased], true[~eased])
        and (summed[looked] >= true[looked]).all()
        and days[0] <= days[1]
    )


def uniforms_of(session: Session, controls: Mapping[str, Any]) -> dict[str, Floats]:
    """``[replication]`` by the path of a probability: what decides whether its event happens."""
    found = {}
    for its in controls["chances"]:
        name = str(its["path"]).removeprefix("interventions.").removesuffix(".probability")
        uniforms: Floats = np.empty(FUTURES)
        uniform_row(0, 0, squares_key(session.seed, "occurrence", name), uniforms)
        found[its["path"]] = uniforms
    return found
