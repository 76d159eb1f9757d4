"""How each yes-or-no of a plan came out in each replication, from the keyed draws: nothing is simulated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.engines.loading import Values
from sim.engines.random import squares_key, uniform_row
from sim.model.events import GRANTED, RENEWED, REVOKED, ChanceEvent, with_events
from sim.model.occurrence import dates_of
from sim.model.plan import NEVER, Bools, Floats, Input, Plan
from sim.montecarlo.parts import cut
from sim.montecarlo.sampling import samples_of
from sim.montecarlo.workers import in_threads
from sim.scenario.distributions import Bernoulli

OF_HOLDERS = (RENEWED, REVOKED)
"""What can happen to a licence once it is granted."""
REPLICATIONS_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Answers:
    """What happened in which replication.

    Attributes
    ----------
    events
        Paths of the events, as an analysis of sensitivity calls them.
    happened
        ``[event, replication]``.
    """

    events: tuple[str, ...]
    happened: Bools


def answers_of(plan: Plan, seed: int, replications: int, workers: int | None = None) -> Answers:
    """How each event of a plan came out that can turn out either way.

    An event is what a draw decides (:class:`sim.model.events.ChanceEvent`), or an input that is 0 or 1. What
    is said of an intervention comes true only where it takes place: one that comes after another does not
    where that one does not, nobody has a licence from an office that never opens, and none is revoked that
    was not granted.

    Parameters
    ----------
    plan
        The plan of a run, without events as inputs.
    seed
        Root seed of the run.
    replications
        How many, from the first.
    workers
        Number of threads, as for :func:`sim.montecarlo.workers.in_threads`.

    Examples
    --------
    >>> from tests.builders import ban, compiled, shop
    >>> plan = compiled(shop(20, interventions={"ban": ban(5, probability=0.3)}))
    >>> answers_of(plan, 1, 1000).happened.mean(axis=1).round(1)
    array([0.3])
    """
    events = _events(plan)
    if not events:
        return Answers((), np.empty((0, replications), dtype=np.bool_))
    pieces = cut([range(replications)], REPLICATIONS_AT_ONCE)
    happened = in_threads((partial(_answers, plan, events, seed, some) for some in pieces), workers)
    return Answers(tuple(item.path for item in events.values()), np.concatenate([*happened], axis=1))


def _events(plan: Plan) -> dict[int, Input]:
    """The events of a plan by their positions among its inputs and, behind these, its draws."""
    return {place: item for place, item in enumerate(with_events(plan).inputs) if _is_event(item)}


def _is_event(item: Input) -> bool:
    is_yes_or_no = isinstance(item.quantity, Bernoulli) and item.quantity.support == (0.0, 1.0)
    return is_yes_or_no or isinstance(item, ChanceEvent)


def _answers(plan: Plan, events: Mapping[int, Input], seed: int, replications: range) -> Bools:
    """``[event, replication]``."""
    samples = _deciding(plan, seed, replications)
    takes_place = _takes_place(plan, seed, replications, samples)
    answers: dict[str, Bools] = {}
    for place, item in events.items():
        if isinstance(item, ChanceEvent):
            answer = _uniforms(seed, item.key, replications) < item.probabilities(samples)
        else:
            answer = samples[:, place] == 1.0
        for needed in _needed(item.path, takes_place, answers):
            answer = answer & needed
        answers[item.path] = answer
    return np.array([*answers.values()])


def _needed(path: str, takes_place: Mapping[str, Bools], answers: Mapping[str, Bools]) -> Iterator[Bools]:
    """``[replication]`` what must be so for an event to come true, beside its draw."""
    collection, name, *what = path.split(".")
    if collection == "interventions":
        yield takes_place[name]
    match what:
        case [word, firm] if word in OF_HOLDERS:
            granted = (f"interventions.{name}.{how}" for how in (f"{GRANTED}.{firm}", "grant_probability"))
            yield from (answers[grant] for grant in granted if grant in answers)


def _takes_place(plan: Plan, seed: int, replications: range, samples: Floats) -> dict[str, Bools]:
    """``[replication]`` whether each intervention holds on any day, were the calendar long enough."""
    names = plan.labels.interventions
    chances = [_uniforms(seed, ("occurrence", name), replications) for name in names]
    occurrence = np.array(chances).reshape(len(names), len(replications))
    start, _ = dates_of(plan, Values(plan, samples), occurrence, with_shock=True)
    return dict(zip(names, start < NEVER, strict=True))


def _deciding(plan: Plan, seed: int, replications: range) -> Floats:
    """``[replication, input]`` samples of what events hang on: numbers of interventions, and what is 0 or 1.

    Other inputs are 0: to sample them all takes ten times as long.
    """
    columns = [
        column
        for column, item in enumerate(plan.inputs)
        if isinstance(item.quantity, Bernoulli) or any(cell.group == "interventions" for cell in item.cells)
    ]
    samples = np.zeros((len(replications), len(plan.inputs)))
    samples[:, columns] = samples_of(plan, seed, replications, columns)
    return samples


def _uniforms(seed: int, key: tuple[str, str], replications: range) -> Floats:
    out = np.empty(len(replications))
    uniform_row(replications.start, 0, squares_key(seed, *key), out)
    return out
