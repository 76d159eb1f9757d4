"""A search among combinations of choices, each of which takes a simulation to value.

Coordinate by coordinate, all values are tried and the best is kept, until none is better. That is done for
the first objective alone, from nothing and from everything, as some choices pay only together; then for each
other objective, then for sums with random weights, always from the best that is known by then (random-weight
local search [1]_). That this finds more with few simulations than evolutionary and model-based optimisers do
was measured (``docs/decisions/0043-*``).

References
----------
.. [1] Ishibuchi & Murata, "A multi-objective genetic local search algorithm and its application to flowshop
   scheduling", IEEE Trans. Systems, Man, and Cybernetics C 28 (1998).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np

from sim.model.plan import Floats

Choice = tuple[int, ...]
"""The place of each coordinate's value; all 0: nothing is done."""
MOST_IDLE = 50
"""Rounds in a row without anything new, after which everything in reach is known."""


class Space(Protocol):
    """Combinations of choices."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each coordinate has."""

    def moved(self, choice: Choice, coordinate: int, value: int) -> Choice:
        """A combination with one coordinate at a value, and whatever that rules out undone."""


def nothing_ahead(_choices: Sequence[Choice]) -> None:
    """Prepares nothing."""


def search(
    space: Space,
    objectives_of: Callable[[Choice], Floats],
    limit: int,
    seed: int,
    ahead: Callable[[Sequence[Choice]], None] = nothing_ahead,
) -> dict[Choice, Floats]:
    """Value combinations until so many are valued, or no more are found.

    Parameters
    ----------
    space
        The combinations.
    objectives_of
        Values one: ``[objective]``, less is better. The first says by how much it breaks constraints: what
        breaks them less is better, whatever the others. These are in the same unit.
    limit
        The most that are valued.
    seed
        Of the weights.
    ahead
        Called with combinations that are valued next, all of them whatever comes of each.

    Returns
    -------
    dict
        Objectives of each combination that was valued, in that order, doing nothing first.

    Examples
    --------
    >>> class Two:
    ...     sizes = (3, 3)
    ...     def moved(self, choice, coordinate, value):
    ...         return tuple(value if place == coordinate else old for place, old in enumerate(choice))
    >>> found = search(Two(), lambda choice: np.array([0.0, (choice[0] - 2) ** 2 + choice[1]]), 6, seed=1)
    >>> min(found, key=lambda choice: found[choice][1])
    (2, 0)
    """
    found: dict[Choice, Floats] = {}

    def known(choices: Iterable[Choice]) -> list[Choice]:
        """Those of some combinations that are valued, now at the latest."""
        asked = dict.fromkeys(choices)
        new = [choice for choice in asked if choice not in found][: limit - len(found)]
        if new:
            ahead(new)
        found.update((choice, objectives_of(choice)) for choice in new)
        return [choice for choice in asked if choice in found]

    nothing: Choice = (0,) * len(space.sizes)
    known([nothing])
    first = np.eye(len(found[nothing]) - 1)[0]
    _descend(space, found, known, first, nothing)
    if known([everything := _everything(space)]):
        _descend(space, found, known, first, everything)
    idle = 0
    for weights in _weights(len(first), seed):
        before = len(found)
        _descend(space, found, known, weights)
        idle = idle + 1 if len(found) == before else 0
        if len(found) >= limit or idle >= MOST_IDLE:
            return found
    return found


def _everything(space: Space) -> Choice:
    """Every coordinate at its last value, but for what others rule out."""
    choice: Choice = (0,) * len(space.sizes)
    for coordinate, size in enumerate(space.sizes):
        choice = space.moved(choice, coordinate, size - 1)
    return choice


def _descend(
    space: Space,
    found: dict[Choice, Floats],
    known: Callable[[Iterable[Choice]], list[Choice]],
    weights: Floats,
    start: Choice | None = None,
) -> None:
    """From a combination, or the best that is known, to the best of each coordinate, until none is better."""

    def merit(choice: Choice) -> tuple[float, float]:
        return float(found[choice][0]), sum(map(float, weights * found[choice][1:]))

    here, better = start or min(found, key=merit), True
    while better:
        better = False
        for coordinate, size in enumerate(space.sizes):
            tried = (space.moved(here, coordinate, value) for value in range(size))
            best = min([here, *known(tried)], key=merit)
            better = better or merit(best) < merit(here)
            here = best


def _weights(objectives: int, seed: int) -> Iterator[Floats]:
    """Each objective alone, then weights at random."""
    yield from np.eye(objectives)
    rng = np.random.default_rng(seed)
    while True:
        yield rng.dirichlet(np.ones(objectives))
