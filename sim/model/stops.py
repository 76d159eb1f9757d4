"""Failure processes of a scenario: what they take down, how often, and for how long.

What goes on and off at random (``markov``) gives the rate at which a node fails and the days for which it is
down then, if no rate of the node is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from sim.errors import Problem
from sim.model.network import YEAR
from sim.model.plan import Effect, Floats, Ints, Plan
from sim.scenario.distributions import Confidence
from sim.scenario.interventions.base import Markov, Recurrent
from sim.scenario.schema import Scenario

PROCESS = "process"
"""In place of a kind of node, where a process takes down what is no node."""
MOST_STOPS = 2_000
DURATIONS = 64
"""Of each process, simulated at most; between them the loss is interpolated."""
RARELY = 1e-4
"""Share of stops that may last longer than the longest simulated."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What one failure process takes down, again and again.

    Attributes
    ----------
    process
        Name of the process: that of its intervention, and of its target where each has its own.
    intervention
        Id of the intervention that goes on and off.
    lanes
        Indices of the lanes on which it is noticed: those that it pauses, and those that leave the stock
        points that it takes capacity of.
    markov
        Mean days to failure and to recover.
    probability
        That its intervention happens, and whatever that comes after.
    source, confidence
        Of both, where each has its own; of the intervention, where they have none.
    """

    process: str
    intervention: str
    lanes: tuple[int, ...]
    markov: Markov
    probability: float = 1.0
    source: str = ""
    confidence: str | None = None

    @property
    def rate_per_year(self) -> float:
        """How often it stops in the long run while its intervention holds: once a time between failures."""
        return self.probability * YEAR / (self.markov.mean_days_to_failure.mean + self.mean_days_down)

    @property
    def mean_days_down(self) -> float:
        """For how long, on average."""
        return self.markov.mean_days_to_recover.mean


@dataclass(frozen=True, slots=True)
class Durations:
    """How long a stop lasts: some durations in whole days, and the weight of the loss that each costs.

    Attributes
    ----------
    days
        ``[duration]`` ascending.
    weights
        ``[duration]`` add up to 1.
    """

    days: Ints
    weights: Floats


def stops_of(scenario: Scenario, plan: Plan) -> tuple[Stop, ...]:
    """The failure processes of a scenario, in the order of its interventions and what they cover.

    Parameters
    ----------
    scenario, plan
        A scenario and what :func:`sim.model.compile.compile_plan` made of it.
    """
    effects, found = plan.effects, []
    rows_of: dict[int, list[int]] = {}
    for row in np.flatnonzero(effects.process >= 0).tolist():
        rows_of.setdefault(int(effects.process[row]), []).append(row)
    for process, rows in rows_of.items():
        name = plan.labels.interventions[plan.process_intervention[process]]
        entry = scenario.interventions[name]
        if isinstance(entry, Recurrent) and entry.markov is not None:
            label, lanes = plan.labels.processes[process], _lanes(plan, rows)
            happens = _probability(plan, int(plan.process_intervention[process]))
            found.append(Stop(label, name, lanes, entry.markov, happens, *_documented(entry, entry.markov)))
    return tuple(found)


def _probability(plan: Plan, intervention: int) -> float:
    """That an intervention happens: its own, times those of what it comes after."""
    found = 1.0
    while intervention >= 0:
        found *= float(plan.interventions.probability[intervention])
        intervention = int(plan.interventions.after[intervention])
    return found


def _documented(entry: Recurrent, markov: Markov) -> tuple[str, str | None]:
    """Sources of both times, and the lower confidence."""
    times = markov.mean_days_to_failure, markov.mean_days_to_recover
    sources = dict.fromkeys(time.source or entry.source for time in times)
    trusted = {time.confidence or entry.confidence for time in times}
    lowest = next((level for level in reversed(get_args(Confidence)) if level in trusted), None)
    return "; ".join(source for source in sources if source), lowest


def _lanes(plan: Plan, rows: Sequence[int]) -> tuple[int, ...]:
    """On which lanes some effects are noticed."""
    effects = plan.effects
    paused = [int(effects.target[row]) for row in rows if effects.kind[row] == Effect.PAUSES_LANE]
    points = [int(effects.target[row]) for row in rows if effects.kind[row] != Effect.PAUSES_LANE]
    leaving = np.flatnonzero(np.isin(plan.lanes.supplier, points)).tolist()
    return tuple(sorted({*paused, *leaving}))


def problems_of(stops: Sequence[Stop]) -> Iterator[Problem]:
    """There are too many."""
    if len(stops) > MOST_STOPS:
        yield Problem(
            f"interventions: found {len(stops):,} failure processes; allowed: up to {MOST_STOPS:,} in a "
            "stress test; with common_cause: true one takes down all that an intervention covers"
        )


def durations_of(mean_days: float, most_days: int) -> Durations:
    """How long stops last that end each day with probability 1 / mean.

    The loss of a stop is not that of one of mean length: most are too short to be noticed, some are long. It
    is taken as linear between the durations given; what would last longer than the last counts as that.

    Parameters
    ----------
    mean_days
        Mean time to recover, 1 or more.
    most_days
        Longest stop that the calendar has room for, 1 or more.

    Examples
    --------
    >>> found = durations_of(2.0, 3)
    >>> found.days.tolist(), found.weights.tolist()
    ([1, 2, 3], [0.5, 0.25, 0.25])
    """
    stays = 1.0 - 1.0 / mean_days
    chances: list[float] = []
    lasts_longer = 1.0
    while len(chances) < most_days and lasts_longer > RARELY:
        chances.append(lasts_longer * (1.0 - stays))
        lasts_longer *= stays
    chances[-1] += lasts_longer
    days = np.unique(np.linspace(1, len(chances), min(len(chances), DURATIONS)).round().astype(np.int64))
    return Durations(days, _shared_out(np.array(chances), days))


def _shared_out(chances: Floats, days: Ints) -> Floats:
    """``[duration]`` the chances of every day from 1 on, between two durations by nearness."""
    every = np.arange(1, len(chances) + 1)
    before = np.searchsorted(days, every, side="right") - 1
    after = np.minimum(before + 1, len(days) - 1)
    nearness = (every - days[before]) / np.maximum(days[after] - days[before], 1)
    weights = np.zeros(len(days))
    np.add.at(weights, before, chances * (1.0 - nearness))
    np.add.at(weights, after, chances * nearness)
    return weights
