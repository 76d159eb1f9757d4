"""Futures simulated again under other settings, as far as these reach; the rest is kept of a stored base.

Both are simulated with the same random numbers, block by block. Where the counterfactual stays what it is,
the scenario alone is simulated, up to the end of the window of its losses, and from the day on which it first
differs if the base was kept there.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sim.engines import block_engine
from sim.engines.block_engine import Block, Experiment
from sim.engines.measures import MeasuredBlock
from sim.model.plan import Floats, Plan
from sim.montecarlo import resuming
from sim.montecarlo.compiled_batch import block_width, check_numbers
from sim.montecarlo.resuming import Past, Reach
from sim.montecarlo.sampling import Sampled

BY_TWIN = (
    "stream_revenue",
    "stream_units",
    "lane_value",
    "cost",
    "duty",
    "bullwhip",
    "account",
    "stream_cost",
)
"""What of an outcome is kept of each twin: ``[replication, twin, ...]``."""
MOST_KEPT = 256
"""Futures of which the base is kept as it stood when its twins parted: some 15 MB for each block of 32."""
KEPT_OFTEN = 64
"""Futures of which it is kept on earlier days, too."""
NOWHERE = Reach(0, normal=True)
Outcomes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Variant:
    """Other settings, compiled.

    Attributes
    ----------
    plan
        The plan.
    uncut
        The same without interventions that were added and are absent in the counterfactual.
    """

    plan: Plan
    uncut: Plan


@dataclass(frozen=True, slots=True)
class _Stored:
    """A block of the base: how it began, and what came of it."""

    past: Past
    outcome: Outcomes


class Rerun:
    """The futures of a base, and of what other settings make of it.

    The base is simulated in the background, from the first future on.

    Parameters
    ----------
    plan, seed
        The base.
    futures
        How many, from the first.
    pool
        Threads that simulate blocks.
    """

    def __init__(self, plan: Plan, seed: int, futures: int, pool: ThreadPoolExecutor) -> None:
        self.plan, self.seed, self.width = plan, seed, block_width(plan)
        self.pool = pool
        self.study = Experiment.of(plan, seed).without_courses()
        whole = -(-futures // self.width) * self.width
        self.sampled = Sampled.of(plan, seed, range(whole))
        samples = self.sampled.again(plan, seed, range(whole))
        self._stored: list[Future[_Stored]] = [
            pool.submit(self._store, first, samples[first : first + self.width])
            for first in range(0, whole, self.width)
        ]

    def base(self, replications: range) -> Iterator[Outcomes]:
        """What came of some futures of the base, block by block.

        Raises
        ------
        EngineError
            If a number overflows.
        """
        for first in self.blocks(replications):
            yield self.stored(first).outcome

    def changed(
        self, variant: Variant, replications: range, keep_on: Callable[[], bool]
    ) -> list[Outcomes] | None:
        """What comes of some futures under other settings, block by block, as far as losses go.

        Parameters
        ----------
        variant
            The settings.
        replications
            Numbers of futures, whole blocks of them.
        keep_on
            Asked before each block; when it says no, there is no result.

        Raises
        ------
        EngineError
            If a number overflows.
        """
        change = _Change(self, variant, replications)
        running = [self.pool.submit(change.outcome, first, keep_on) for first in self.blocks(replications)]
        found = [outcome for outcome in (done.result() for done in running) if outcome is not None]
        return found if len(found) == len(running) else None

    def blocks(self, replications: range) -> range:
        """The first of each block of some futures."""
        return range(replications.start, replications.stop, self.width)

    def stored(self, first: int) -> _Stored:
        """A block of the base, once it is there."""
        return self._stored[first // self.width].result()

    def _store(self, first: int, samples: Floats) -> _Stored:
        block = block_engine.load(self.study, first, samples)
        past, before = resuming.past_of(block), 0
        days = resuming.days_to_keep(block) if first < MOST_KEPT else []
        for day in days if first < KEPT_OFTEN else days[-1:]:
            block_engine.run_span(block, before, day)
            resuming.keep(past, block, day)
            before = day
        return _Stored(past, _finite(block, resuming.run_twins(block, before), self.seed))


class _Change:
    """Other settings of some futures of a base."""

    def __init__(self, rerun: Rerun, variant: Variant, replications: range) -> None:
        self._rerun, self._variant, self._first = rerun, variant, replications.start
        seed = rerun.seed
        self._study = Experiment.of(variant.plan, seed).without_courses()
        self._samples = rerun.sampled.again(variant.plan, seed, replications)
        self._replications = replications

    @cached_property
    def _uncut(self) -> tuple[Experiment, Floats]:
        if self._variant.uncut is self._variant.plan:
            return self._study, self._samples
        plan, seed = self._variant.uncut, self._rerun.seed
        study = Experiment.of(plan, seed).without_courses()
        return study, self._rerun.sampled.again(plan, seed, self._replications)

    def outcome(self, first: int, keep_on: Callable[[], bool]) -> Outcomes | None:
        """What comes of the block that begins with a future."""
        stored = self._rerun.stored(first)
        if not keep_on():
            return None
        block = self._loaded(first, self._study, self._samples)
        reach = self._reach(stored.past, block, first)
        start = stored.past.latest(min(reach.day, block.shared_days))
        resuming.take_up(block, stored.past, start)
        if reach.normal:
            return _finite(block, resuming.run_twins(block, start), self._rerun.seed)
        found = _finite(block, resuming.run_scenario(block, start), self._rerun.seed)
        return _beside(found, stored.outcome)

    def _loaded(self, first: int, study: Experiment, samples: Floats) -> Block:
        row = first - self._first
        return block_engine.load(study, first, samples[row : row + self._rerun.width])

    def _reach(self, past: Past, block: Block, first: int) -> Reach:
        study, samples = self._uncut
        if not resuming.same_study(self._rerun.study, study) or not resuming.same_window(past, block):
            return NOWHERE
        if study is self._study:
            return resuming.reach_of(past, block)
        return Reach(0, resuming.reach_of(past, self._loaded(first, study, samples)).normal)


def _finite(block: Block, found: MeasuredBlock, seed: int) -> Outcomes:
    """An outcome whose numbers are finite."""
    check_numbers(block.plan, seed, block.first_replication, found, block.width)
    return found.outcome


def _beside(outcome: Outcomes, base: Outcomes) -> Outcomes:
    """An outcome with the counterfactual of the base."""
    found = dict(outcome)
    for name in BY_TWIN:
        if name in outcome:
            found[name] = outcome[name].copy()
            found[name][:, 1] = base[name][:, 1]
    return found
