"""Random numbers: keyed so that each can be drawn alone, and of the right distributions."""

import math

import numpy as np
import pytest

from sim.engines.draws import chances_of, draw
from sim.montecarlo.sampling import sample_inputs
from tests.builders import ban, compiled, merged, shop

DAYS = 4000


def test_the_numbers_are_these():
    """A change of generator, key or counter changes every published figure: it must be meant."""
    assert demanded(process="gamma", dispersion=4.0, days=2).tolist() == [
        16.563623020194154,
        19.66888610696165,
    ]


def test_neighbouring_replications_are_uncorrelated():
    plan = compiled(
        shop(DAYS, demand={"home": {"mean_per_day": 10.0, "process": "gamma", "dispersion": 4.0}})
    )
    one, other = (draw(plan, 1, replication).demand[0] for replication in (0, 1))
    assert abs(np.corrcoef(one, other)[0, 1]) < 4.0 / math.sqrt(DAYS)


def demanded(mean=10.0, days=DAYS, **fields):
    plan = compiled(shop(days, demand={"home": {"mean_per_day": mean, **fields}}))
    return draw(plan, 3, 0).demand[0]


PROCESSES = {
    "gamma": 4.0,
    "poisson": 1.0,
    "negative_binomial": 3.0,
    "normal": 0.5,
}


@pytest.mark.parametrize("process", PROCESSES)
def test_mean_and_variance_of_demand(process):
    dispersion = PROCESSES[process]
    demand = demanded(process=process, dispersion=dispersion)
    variance = dispersion * 10.0
    assert abs(demand.mean() - 10.0) < 4.0 * math.sqrt(variance / DAYS)
    kurtosis = np.mean((demand - demand.mean()) ** 4) / demand.var() ** 2
    assert abs(demand.var() - variance) < 4.0 * variance * math.sqrt((kurtosis - 1.0) / DAYS)


def test_constant_demand_has_no_noise():
    assert set(demanded(process="constant").tolist()) == {10.0}


def test_without_dispersion_there_is_no_noise():
    assert set(demanded(process="gamma", dispersion=0.0).tolist()) == {10.0}


@pytest.mark.parametrize("process", ["poisson", "negative_binomial"])
def test_counts_are_whole(process):
    demand = demanded(process=process, dispersion=PROCESSES[process])
    assert np.array_equal(demand, np.round(demand))


@pytest.mark.parametrize("process", PROCESSES)
def test_no_demand_is_no_demand(process):
    assert not demanded(mean=0.0, days=50, process=process, dispersion=PROCESSES[process]).any()


def test_normal_demand_is_cut_at_nothing():
    assert demanded(mean=0.1, process="normal", dispersion=9.0).min() == 0.0


def test_lead_times_have_their_probabilities():
    lead_time = {"dist": "discrete", "values": [2.0, 5.0], "weights": [3.0, 1.0]}
    plan = compiled(shop(DAYS, lanes={"parts": {"lead_time_days": lead_time}}))
    days = draw(plan, 3, 0).lead_time_days[0]
    assert set(days.tolist()) == {2, 5}
    assert abs(np.mean(days == 5) - 0.25) < 4.0 * math.sqrt(0.25 * 0.75 / DAYS)


def test_a_uniform_lead_time_is_rounded_to_days():
    lead_time = {"dist": "uniform", "low": 0.0, "high": 2.0}
    plan = compiled(shop(DAYS, lanes={"parts": {"lead_time_days": lead_time}}))
    days = draw(plan, 3, 0).lead_time_days[0]
    for value, share in ((0, 0.25), (1, 0.5), (2, 0.25)):
        assert abs(np.mean(days == value) - share) < 4.0 * math.sqrt(share * (1 - share) / DAYS)


def test_uncertain_inputs_have_their_distribution():
    price = {"dist": "triangular", "low": 1.0, "mode": 2.0, "high": 3.0}
    plan = compiled(shop(1, lanes={"parts": {"price": price}}))
    samples = sample_inputs(plan, 5, range(2000))[:, 0]
    assert abs(samples.mean() - 2.0) < 4.0 * math.sqrt(1.0 / 6.0 / 2000)
    assert samples.min() >= 1.0
    assert samples.max() <= 3.0


def test_an_input_is_the_same_alone_and_in_a_batch():
    price = {"dist": "lognormal", "median": 1.0, "sigma": 0.5}
    plan = compiled(shop(1, lanes={"parts": {"price": price}}))
    batch = sample_inputs(plan, 5, range(10))
    assert sample_inputs(plan, 5, range(7, 8)).tolist() == batch[7:8].tolist()


LEAD_TIME = {"dist": "uniform", "low": 1.0, "high": 9.0}


def random_shop(**changes):
    base = shop(
        40,
        lanes={"parts": {"lead_time_days": LEAD_TIME, "price": {"dist": "uniform", "low": 1.0, "high": 2.0}}},
        demand={"home": {"process": "gamma", "dispersion": 3.0}},
        interventions={"ban": ban(5, probability=0.5, over_compliance_probability=0.5)},
    )
    return merged(base, changes)


def with_unrelated_things():
    return random_shop(
        firms={"another": {"name": "Another", "country": "US"}},
        items={"another": {"name": "Another", "unit": "pieces"}},
        stock_points={
            "another-source": {"firm": "another", "item": "another"},
            "another-shelf": {"firm": "maker", "item": "another", "policy": {"kind": "base_stock"}},
        },
        lanes={
            "another": {
                "supplier": "another-source",
                "buyer": "another-shelf",
                "lead_time_days": LEAD_TIME,
                "price": {"dist": "uniform", "low": 0.0, "high": 9.0},
            }
        },
        demand={
            "another": {
                "stock_point": "another-shelf",
                "market": "home",
                "mean_per_day": 3.0,
                "dispersion": 1.0,
                "price": 1.0,
            }
        },
    )


@pytest.mark.parametrize("field", ["demand", "lead_time_days", "occurrence", "supplier"])
@pytest.mark.parametrize("other", [(1, 5), (2, 4)])
def test_every_draw_depends_on_seed_and_replication(field, other):
    plan = compiled(random_shop())
    assert getattr(draw(plan, 1, 4), field).tolist() != getattr(draw(plan, *other), field).tolist()


def test_an_unrelated_node_leaves_the_draws_of_the_others():
    small, large = compiled(random_shop()), compiled(with_unrelated_things())
    one, other = draw(small, 1, 4), draw(large, 1, 4)
    assert one.demand[0].tobytes() == other.demand[0].tobytes()
    assert one.lead_time_days[0].tobytes() == other.lead_time_days[0].tobytes()
    assert one.occurrence.tolist() == other.occurrence.tolist()
    assert one.supplier[0].tolist() == other.supplier[0, :2].tolist()


def test_an_unrelated_node_leaves_the_samples_of_the_others():
    small, large = compiled(random_shop()), compiled(with_unrelated_things())
    path = "lanes.parts.price"
    one, other = (
        sample_inputs(plan, 1, range(3))[:, [item.path for item in plan.inputs].index(path)]
        for plan in (small, large)
    )
    assert one.tolist() == other.tolist()


def test_the_order_of_the_file_leaves_the_draws():
    data = with_unrelated_things()
    data["demand"] = dict(reversed(data["demand"].items()))
    straight, reversed_ = draw(compiled(with_unrelated_things()), 1, 0), draw(compiled(data), 1, 0)
    assert straight.demand.tolist() == reversed_.demand[::-1].tolist()


def test_of_what_is_certain_no_number_is_drawn():
    certain = compiled(random_shop(interventions={"ban": {"over_compliance_probability": 1.0}}))
    assert not chances_of(certain, 1, 0, 4).supplier.any()
    uncertain = {"dist": "uniform", "low": 0.0, "high": 1.0}
    maybe = compiled(random_shop(interventions={"ban": {"over_compliance_probability": uncertain}}))
    assert chances_of(maybe, 1, 0, 4).supplier.all()
