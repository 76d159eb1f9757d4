"""The search among portfolios: what it reaches, with how few, and what it never asks for."""

import itertools

import numpy as np
import pytest

from sim.risk.searching import search


class Grid:
    """Combinations without exclusions."""

    def __init__(self, *sizes):
        self.sizes = sizes

    def moved(self, choice, coordinate, value):
        return (*choice[:coordinate], value, *choice[coordinate + 1 :])

    def every(self):
        return itertools.product(*map(range, self.sizes))


class OneOfTwo(Grid):
    """The first two coordinates exclude each other."""

    def moved(self, choice, coordinate, value):
        moved = list(super().moved(choice, coordinate, value))
        if value and coordinate < 2:
            moved[1 - coordinate] = 0
        return tuple(moved)


def counted(objectives):
    """The objectives, and what they were asked of."""
    asked = []

    def of(choice):
        asked.append(choice)
        return np.array([0.0, *objectives(choice)])

    return of, asked


def best(found):
    return min(found, key=lambda choice: (found[choice][0], found[choice][1]))


def test_nothing_comes_first_and_none_is_asked_for_twice():
    of, asked = counted(lambda choice: (-sum(choice), sum(choice)))
    found = search(Grid(3, 3, 2), of, 12, seed=1)

    assert asked[0] == (0, 0, 0)
    assert len(asked) == len(set(asked)) == len(found) == 12


def test_what_is_told_ahead_is_what_is_valued_next():
    of, asked = counted(lambda choice: (-sum(choice), sum(choice)))
    told = list[tuple[int, ...]]()

    def ahead(choices):
        assert told == asked
        told.extend(choices)

    search(Grid(3, 3, 2), of, 12, seed=1, ahead=ahead)
    assert told == asked


def test_all_that_there_is_is_found_where_it_may_be():
    of, _ = counted(lambda choice: (choice[0] - choice[1], choice[1] - choice[0]))
    assert set(search(Grid(3, 2), of, 1_000, seed=1)) <= set(Grid(3, 2).every())


def test_choices_that_pay_only_together_are_found():
    def together(choice):
        return (5.0 * sum(choice) - 40.0 * (min(choice) == 1), float(sum(choice)))

    of, _ = counted(together)
    assert best(search(Grid(2, 2, 2), of, 6, seed=1)) == (1, 1, 1)


def test_what_breaks_constraints_is_worse_than_whatever_does_not():
    def objectives(choice):
        return np.array([float(choice[0] == 0), -10.0 * (choice[0] == 0) + choice[0], 0.0])

    assert best(search(Grid(4), objectives, 4, seed=1)) == (1,)


def test_what_excludes_each_other_is_never_asked_for_together():
    of, asked = counted(lambda choice: (-3.0 * choice[0] - 4.0 * choice[1] - choice[2], sum(choice)))
    found = search(OneOfTwo(2, 2, 2), of, 100, seed=1)

    assert best(found) == (0, 1, 1)
    assert not any(choice[0] and choice[1] for choice in asked)


@pytest.mark.parametrize("seed", range(8))
def test_a_third_of_a_random_table_with_interactions_holds_nearly_the_best(seed):
    rng, grid = np.random.default_rng(seed), Grid(4, 4, 3, 2, 2)
    main = [rng.normal(size=size) for size in grid.sizes]
    pairs = {
        (one, other): 0.5 * rng.normal(size=(grid.sizes[one], grid.sizes[other]))
        for one, other in itertools.combinations(range(5), 2)
    }

    def loss(choice):
        alone = sum(values[place] for values, place in zip(main, choice, strict=True))
        return alone + sum(values[choice[one], choice[other]] for (one, other), values in pairs.items())

    every = np.array([loss(choice) for choice in grid.every()])
    of, _ = counted(lambda choice: (loss(choice), -loss(choice)))
    found = search(grid, of, len(every) // 3, seed=seed)

    assert loss(best(found)) <= np.quantile(every, 0.02)
