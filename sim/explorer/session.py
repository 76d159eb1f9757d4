"""A session of the explorer: settings in, figures out. It knows no page and no server."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from sim.engines.random import squares_key, uniform_row
from sim.errors import SimError
from sim.explorer.moved import NOTHING, Moved, overrides_of
from sim.explorer.pictures import Losses, Picture, losses_of, picture_of
from sim.model.compile import compiled
from sim.model.plan import Floats, Plan
from sim.montecarlo.rerun import Rerun, Variant
from sim.montecarlo.workers import cores
from sim.risk.replicated import estimators_of
from sim.scenario.load import validated
from sim.scenario.makers import name_of
from sim.scenario.merge import apply_override, read_merged, worked_out
from sim.scenario.portfolios import Portfolio, check
from sim.scenario.schema import Scenario
from sim.stories import SEED, study

STEPS = (64, 256, 1024)
"""Futures of one picture after the other."""
HARDLY = "1e-300"
"""A probability below that of all random numbers; nothing can wait for what has the probability 0."""
MOST_REMEMBERED = 200
"""Settings whose losses are kept, so that undo and redo simulate nothing."""
MOST_COMPILED = 4
"""Settings whose plans are kept: all pictures of a move have the same."""


class StaleMoveError(SimError):
    """Something else has been moved since."""


def always() -> bool:
    """Go on, whatever happens."""
    return True


class Session:
    """A scenario whose settings can be moved; what comes of it is paired with the base, future by future.

    It begins to simulate the base at once, in the background. Use it as a context manager, or close it.

    Parameters
    ----------
    file
        Scenario file.
    overrides
        Settings ``path=value`` laid over the file; they belong to the base.
    seed
        Root seed.
    futures
        How many futures the last picture of a move has.
    workers
        Number of threads; default: one a core.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.

    Examples
    --------
    >>> from sim.explorer.moved import Moved
    >>> with Session("scenarios/first-scenario.yaml", futures=32) as session:
    ...     base = session.picture()
    ...     moved = session.picture(Moved((("stock_points.controllers.policy.cover_days", "120"),)))
    >>> moved["makers"]["velo"]["change"]["estimate"] < 0.0
    True
    """

    def __init__(
        self,
        file: str | Path,
        overrides: Sequence[str] = (),
        *,
        seed: int = SEED,
        futures: int = STEPS[-1],
        workers: int | None = None,
    ) -> None:
        self.file, self.overrides, self.seed, self.futures = Path(file), tuple(overrides), seed, futures
        self._merged = read_merged(self.file, overrides)
        self._compiled = lru_cache(MOST_COMPILED)(self._compile)
        self.scenario, self.plan = self._compile(())
        self._tree = self._merged.plain
        self._inputs = {item.path: item for item in self.plan.inputs}
        self._pool = ThreadPoolExecutor(workers or cores())
        self.rerun = Rerun(self.plan, seed, futures, self._pool)
        self._estimators = estimators_of(self.plan.sampling.method)
        self._known: OrderedDict[Moved, Losses] = OrderedDict()
        self._lock = threading.Lock()
        self.makers = {maker: name_of(self.scenario, maker) for maker in self.plan.labels.makers}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it; what is being simulated ends with its block."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    # ------------------------------------------------------------------ settings

    def settings(self, moved: Moved) -> tuple[str, ...]:
        """What has been moved as settings ``path=value`` of ``--set``.

        Raises
        ------
        SimError
            If a lever cannot be taken so.
        """
        check(self.scenario, Portfolio(moved.levers))
        return overrides_of(self.scenario, self._tree, self._inputs, moved)

    def prepared(self, moved: Moved) -> tuple[Scenario, Plan]:
        """The scenario as moved, compiled.

        Raises
        ------
        SimError
            If it cannot be used: with the message that ``--set`` would give.
        """
        return self._compiled(self.settings(moved)) if moved != NOTHING else (self.scenario, self.plan)

    def _compile(self, settings: tuple[str, ...]) -> tuple[Scenario, Plan]:
        tree = self._merged
        for setting in settings:
            tree = apply_override(tree, setting)
        return compiled(validated(worked_out(tree)))

    # ------------------------------------------------------------------ figures

    def pictures(self, moved: Moved = NOTHING, keep_on: Callable[[], bool] = always) -> Iterator[Picture]:
        """One picture after the other, each of more futures.

        Parameters
        ----------
        moved
            What has been moved.
        keep_on
            Asked now and then; when it says no, there are no more.

        Raises
        ------
        SimError
            If the settings cannot be used, or a number overflows.
        """
        steps = sorted({min(step, self.futures) for step in (*STEPS, self.futures)})
        try:
            for futures in steps:
                yield self.picture(moved, futures, keep_on)
        except StaleMoveError:
            return

    def picture(
        self, moved: Moved = NOTHING, futures: int | None = None, keep_on: Callable[[], bool] = always
    ) -> Picture:
        """Figures of the first so many futures, beside the base.

        Parameters
        ----------
        moved, keep_on
            As for :meth:`pictures`.
        futures
            How many; default: all.

        Raises
        ------
        StaleMoveError
            If it was told to stop.
        SimError
            As for :meth:`pictures`.
        """
        count = self.futures if futures is None else futures
        losses, base = self.losses(moved, count, keep_on), self.losses(NOTHING, count, keep_on)
        return picture_of(losses, base, self.makers, self._estimators) | {"of": self.futures}

    def whole(self, moved: Moved = NOTHING, keep_on: Callable[[], bool] = always) -> dict[str, Any]:
        """The summary that ``chokepoint run`` writes of the same settings: times and causes, too.

        Parameters
        ----------
        moved, keep_on
            As for :meth:`pictures`.

        Raises
        ------
        StaleMoveError
            If it was told to stop.
        SimError
            As for :meth:`pictures`.
        """

        def stop(_count: int) -> None:
            if not keep_on():
                raise StaleMoveError

        settings = (*self.overrides, *self.settings(moved))
        found = study.run(
            self.file,
            replications=self.futures,
            seed=self.seed,
            overrides=settings,
            prepared=self.prepared(moved),
            progress=stop,
        )
        return found.findings.summary

    def losses(
        self, moved: Moved = NOTHING, futures: int | None = None, keep_on: Callable[[], bool] = always
    ) -> Losses:
        """What is lost in the first so many futures, future by future.

        Parameters
        ----------
        moved, futures, keep_on
            As for :meth:`picture`.

        Raises
        ------
        StaleMoveError
            If it was told to stop.
        SimError
            As for :meth:`pictures`.
        """
        count = self.futures if futures is None else futures
        known = self._remembered(moved)
        if known is None or known.futures < count:
            done = 0 if known is None else known.futures
            new = self._simulated(moved, range(done, count), keep_on)
            known = new if known is None else known.then(new)
            self._remember(moved, known)
        return known.first(count)

    def _simulated(self, moved: Moved, replications: range, keep_on: Callable[[], bool]) -> Losses:
        if moved == NOTHING:
            return losses_of(self.plan, list(self.rerun.base(replications)))
        chance = self._chance(moved)
        if chance is not None and self._is_moved_again(moved, chance[0]):
            return self._mixed(moved, chance, replications, keep_on)
        _, plan = self.prepared(moved)
        uncut = self.prepared(moved.uncut)[1] if moved.cuts else plan
        found = self.rerun.changed(Variant(plan, uncut), replications, keep_on)
        if found is None:
            raise StaleMoveError
        return losses_of(plan, found).first(len(replications))

    def samples(self, futures: int) -> Floats:
        """``[replication, input]`` the base's uncertain numbers in its first so many futures."""
        return self.rerun.sampled.again(self.plan, self.seed, range(futures))

    # ------------------------------------------------------------------ probabilities

    def _chance(self, moved: Moved) -> tuple[str, str, float] | None:
        """The one intervention whose probability has been moved: its path, its id, and to what."""
        paths = {f"interventions.{name}.probability": name for name in self.scenario.interventions}
        found = [(path, text) for path, text in moved.values if path in paths]
        if len(found) != 1:
            return None
        path, text = found[0]
        try:
            probability = float(text)
        except ValueError:
            return None
        return (path, paths[path], probability) if float(HARDLY) < probability < 1.0 else None

    def _is_moved_again(self, moved: Moved, path: str) -> bool:
        """Whether a probability has been another one before, and all else as it is now."""
        with self._lock:
            before = [known for known in self._known if known not in (moved, NOTHING)]
        return moved.with_value(path, "") in [known.with_value(path, "") for known in before]

    def _mixed(
        self, moved: Moved, chance: tuple[str, str, float], replications: range, keep_on: Callable[[], bool]
    ) -> Losses:
        """Futures in which an event happens, of a run in which it does in all, and others of one without."""
        self.prepared(moved)
        path, name, probability = chance
        count = replications.stop
        uniforms: Floats = np.empty(count)
        uniform_row(0, 0, squares_key(self.seed, "occurrence", name), uniforms)
        with_it = self.losses(moved.with_value(path, "1"), count, keep_on)
        without = self.losses(moved.with_value(path, HARDLY), count, keep_on)
        mixed = with_it.where(uniforms < probability, without)
        rows = slice(replications.start, replications.stop)
        return Losses(mixed.shares[:, rows], mixed.amounts[:, rows])

    # ------------------------------------------------------------------ memory

    def _remembered(self, moved: Moved) -> Losses | None:
        with self._lock:
            if moved in self._known:
                self._known.move_to_end(moved)
            return self._known.get(moved)

    def _remember(self, moved: Moved, losses: Losses) -> None:
        with self._lock:
            self._known[moved] = losses
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
