"""Which inputs a design moves and which it holds, told by a model that hands back what it is given."""

import numpy as np
import pytest

from sim.model.events import known, with_events
from sim.montecarlo.batches import InMemory
from sim.montecarlo.sampling import METHODS, sample_inputs
from sim.risk.designs import Model, one_at_a_time, pick_freeze, simulated, two_matrices
from tests.builders import ban, compiled, shop

UNIFORM = {"dist": "uniform", "low": 0.0, "high": 1.0}
WEIGHTS = np.array([1.0, 10.0, 100.0])


def plan_of_three():
    """A shop whose delay, price and growth are uncertain."""
    return compiled(
        shop(
            10,
            demand={"home": {"price": UNIFORM, "growth_per_year": UNIFORM}},
            lanes={"parts": {"price": UNIFORM}},
        )
    )


class Echo:
    """Stands for a model: the loss share of a row is a weighted sum of its inputs."""

    def run(self, _plan, samples):
        return samples @ WEIGHTS


def test_one_input_goes_through_its_tenths_and_the_others_come_as_they_do():
    samples = np.random.default_rng(1).uniform(size=(40, 3))
    ends = one_at_a_time(Echo(), plan_of_three(), np.array([2, 0]), samples)
    assert ends.shape == (2, 2, 40)
    for moved, column in zip(ends, (2, 0), strict=True):
        others = np.delete(samples * WEIGHTS, column, axis=1).sum(axis=1)
        low, high = (moved - others) / WEIGHTS[column]
        np.testing.assert_allclose(np.sort(low), (np.arange(40) + 0.5) / 400)
        np.testing.assert_allclose(np.sort(high), 0.9 + (np.arange(40) + 0.5) / 400)


def test_an_event_is_answered_by_no_and_by_yes_though_its_median_is_no():
    plan = with_events(compiled(shop(20, interventions={"ban": ban(5, probability=0.2)})))
    ends = one_at_a_time(Told(), plan, np.array([0]), np.full((4, 1), 0.5))
    assert ends[0].tolist() == [[0.0] * 4, [1.0] * 4]


class Told:
    """Stands for a model whose loss share is whether the one event happens."""

    def run(self, plan, samples):
        return known(plan, samples)[:, 0]


def test_only_the_group_is_taken_from_b():
    samples = np.arange(12.0).reshape(4, 3)
    found = pick_freeze(Echo(), plan_of_three(), samples, [np.array([1]), np.array([0, 2])])
    a, b = samples[:2], samples[2:]
    assert found[0].tolist() == [
        row.tolist() @ WEIGHTS for row in np.column_stack([a[:, 0], b[:, 1], a[:, 2]])
    ]
    assert found[1].tolist() == [
        row.tolist() @ WEIGHTS for row in np.column_stack([b[:, 0], a[:, 1], b[:, 2]])
    ]


@pytest.mark.parametrize("method", METHODS)
def test_the_first_matrix_is_the_sample_of_a_run_and_the_second_independent(method):
    data = shop(10, lanes={"parts": {"price": UNIFORM}}, analysis={"sampling": method})
    plan = compiled(data)
    a, b = np.split(two_matrices(plan, 7, 1024), 2)
    assert a.tolist() == sample_inputs(plan, 7, range(1024)).tolist()
    assert abs(np.corrcoef(a[:, 0], b[:, 0])[0, 1]) < 0.1


@pytest.mark.parametrize("replications", [5, 33])
def test_the_futures_of_matrix_a_are_those_of_a_run(replications):
    """Events included: an input's number is the one that the run draws."""
    data = shop(
        40,
        lanes={"parts": {"price": UNIFORM}},
        demand={"home": {"process": "gamma", "dispersion": 4.0, "patience_days": UNIFORM}},
        interventions={"ban": ban(5, probability=0.5), "more": ban(20, probability=UNIFORM)},
    )
    plan = compiled(data)
    told = simulated(plan, seed=7, replications=replications, batches=InMemory(1))["loss_share"]
    asked = with_events(plan)
    found = Model("maker", 7, InMemory(1)).run(asked, two_matrices(asked, 7, replications)[:replications])
    np.testing.assert_array_equal(found, told.to_numpy().round(12))
    assert 0 < np.count_nonzero(found) < replications


def test_what_an_event_is_told_is_what_happens():
    plan = with_events(compiled(shop(60, interventions={"ban": ban(5, probability=0.5)})))
    model = Model("maker", 7, InMemory(1))
    assert model.run(plan, np.full((3, 1), 0.49)).min() > 0.1
    assert model.run(plan, np.full((3, 1), 0.51)).max() == 0.0
