"""Frontier, regret, marginal values and interactions, against cases worked out by hand."""

import numpy as np
import pytest

from sim.risk.tradeoffs import frontier, interaction, marginal_value, on_signal, regrets


def test_regret_is_against_the_best_of_each_view():
    found = regrets([[4.0, 1.0, 0.0], [3.0, 3.0, 2.0], [0.0, 5.0, 1.0]], [1.0, 1.0, 2.0])

    np.testing.assert_array_equal(found.regret, [[0.0, 4.0, 2.0], [1.0, 2.0, 0.0], [4.0, 0.0, 1.0]])
    np.testing.assert_array_equal(found.worst, [4.0, 2.0, 4.0])
    np.testing.assert_array_equal(found.expected, [2.0, 0.75, 1.5])
    assert (found.minimax, found.least_expected) == (1, 1)


def test_least_expected_regret_is_the_highest_expected_value():
    values, weights = np.random.default_rng(1).normal(size=(20, 4)), np.array([0.1, 0.2, 0.3, 0.4])

    assert regrets(values, weights).least_expected == int(np.argmax(values @ weights))


def test_one_view_leaves_no_regret_to_its_best():
    found = regrets([[1.0], [2.0]], [7.0])

    assert found.minimax == found.least_expected == 1
    assert found.worst[1] == 0.0


@pytest.mark.parametrize(
    ("costs", "risks", "expected"),
    [
        ([0.0], [5.0], [0]),
        ([0.0, 0.0], [5.0, 5.0], [0]),
        ([0.0, 1.0], [5.0, 5.0], [0]),
        ([1.0, 0.0], [5.0, 5.0], [1]),
        ([0.0, 0.0], [5.0, 4.0], [1]),
        ([-1.0, 0.0, 2.0], [4.0, 5.0, 3.0], [0, 2]),
    ],
)
def test_frontier_of_few(costs, risks, expected):
    assert frontier(costs, risks).tolist() == expected


def test_frontier_is_of_those_that_none_dominates():
    costs, risks = np.random.default_rng(2).integers(0, 12, size=(2, 60)).astype(float)

    found = frontier(costs, risks)

    def dominated(one):
        as_good = (costs <= costs[one]) & (risks <= risks[one])
        return bool(np.any(as_good & ((costs < costs[one]) | (risks < risks[one]))))

    undominated = {(costs[one], risks[one]) for one in range(60) if not dominated(one)}
    assert {(costs[one], risks[one]) for one in found} == undominated
    assert len(found) == len(undominated)
    assert np.all(np.diff(costs[found]) > 0)
    assert np.all(np.diff(risks[found]) < 0)


RESULTS = {"": 10.0, "a": 14.0, "b": 13.0, "c": 9.0, "ab": 15.0, "ac": 13.0, "bc": 12.0, "abc": 14.5}


def value_of(taken):
    return np.array([RESULTS["".join(sorted(taken))]])


@pytest.mark.parametrize(("lever", "worth"), [("a", 2.5), ("b", 1.5), ("c", -0.5)])
def test_a_lever_is_worth_what_the_others_alone_miss(lever, worth):
    assert marginal_value(value_of, frozenset("abc"), lever) == pytest.approx(worth)


def test_levers_that_stand_in_for_each_other_interact_below_zero():
    assert interaction(value_of, frozenset("ab"), ("a", "b")) == pytest.approx(15.0 - 14.0 - 13.0 + 10.0)


def test_interaction_is_of_the_portfolio_in_which_they_are():
    assert interaction(value_of, frozenset("abc"), ("a", "b")) == pytest.approx(14.5 - 12.0 - 13.0 + 9.0)


def test_a_signal_is_acted_on_on_the_next_day_of_decision():
    results = [[1.0] * 5, [2.0] * 5, [3.0] * 5]
    found = on_signal(results, [0, 10, 20], [9.0] * 5, [0.0, 0.5, 20.0, 21.0, np.nan])

    assert found.tolist() == [1.0, 2.0, 3.0, 9.0, 9.0]
