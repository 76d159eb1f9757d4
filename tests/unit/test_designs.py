"""Which inputs a design moves and which it holds, told by a model that hands back what it is given."""

import numpy as np
import pytest

from sim.montecarlo.sampling import METHODS, sample_inputs
from sim.risk.designs import Batch, Model, one_at_a_time, pick_freeze, two_matrices
from tests.builders import compiled, shop

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

    def run(self, plan, replications, samples=None):
        rows = np.broadcast_to(samples, (replications, len(plan.inputs)))
        return Batch(rows @ WEIGHTS, rows @ WEIGHTS)


def test_one_input_moves_and_the_others_stay_at_their_medians():
    middle, ends = one_at_a_time(Echo(), plan_of_three(), np.array([2, 0]), 4)
    assert middle.tolist() == [55.5] * 4
    np.testing.assert_allclose(ends[:, :, 0], [[55.5 - 45.0, 55.5 + 45.0], [55.5 - 0.45, 55.5 + 0.45]])
    assert ends.shape == (2, 2, 4)


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
def test_a_model_run_on_the_seeds_own_samples_gives_the_same(replications):
    plan = plan_of_three()
    model = Model("maker", 7, 1, lambda _: None)
    own = model.run(plan, replications)
    chosen = model.run(plan, replications, sample_inputs(plan, 7, range(replications)))
    np.testing.assert_array_equal(own.loss, chosen.loss)
    assert len(own.loss_share) == replications
