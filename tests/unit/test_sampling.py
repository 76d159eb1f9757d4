"""Samples of the uncertain inputs: spread, ranks, and replications that can be sampled alone."""

from functools import reduce
from itertools import combinations
from operator import add, mul

import numpy as np
import pytest
from scipy import special, stats

from sim.errors import ScenarioError
from sim.montecarlo import sobol
from sim.montecarlo.sampling import METHODS, REPLICATES, STRATA, sample_inputs, sampled_apart
from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.builders import compiled, merged, read, shop

PATHS = tuple(f"lanes.{number}.price" for number in range(7))
EVEN = [METHODS["sobol"], METHODS["latin_hypercube"]]


def uncertain_shop(**analysis):
    lognormal = {"dist": "lognormal", "median": 2.0, "sigma": 0.5}
    uniform = {"dist": "uniform", "low": 1.0, "high": 3.0}
    data = shop(5, lanes={"parts": {"price": lognormal}}, demand={"home": {"price": uniform}})
    return merged(data, {"analysis": analysis})


def correlated(rank_correlation, between=("lanes.parts.price", "demand.home.price")):
    return uncertain_shop(correlations=[{"between": list(between), "rank_correlation": rank_correlation}])


@pytest.mark.parametrize("spread", METHODS.values())
@pytest.mark.parametrize("replications", [range(1), range(5, 6), range(100, 117), range(1020, 1050)])
def test_replications_can_be_sampled_alone(spread, replications):
    whole = spread(PATHS, 3, range(2000))
    assert spread(PATHS, 3, replications).tolist() == whole[replications.start : replications.stop].tolist()


@pytest.mark.parametrize("spread", METHODS.values())
def test_an_input_more_leaves_the_others_as_they_were(spread):
    assert spread(PATHS, 3, range(64))[:, :6].tolist() == spread(PATHS[:6], 3, range(64)).tolist()


@pytest.mark.parametrize("spread", METHODS.values())
def test_seeds_and_inputs_differ(spread):
    one, other = spread(PATHS, 3, range(64)), spread(PATHS, 4, range(64))
    assert not (one == other).any()
    assert not (one[:, 0] == one[:, 1]).any()


@pytest.mark.parametrize("spread", METHODS.values())
def test_numbers_are_uniform(spread):
    numbers = spread(PATHS, 3, range(4096))
    assert ((numbers > 0.0) & (numbers < 1.0)).all()
    for column in numbers.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("spread", EVEN)
def test_every_replicate_has_one_number_in_each_stratum(spread):
    numbers = spread(PATHS, 3, range(STRATA * REPLICATES))
    for replicate in range(REPLICATES):
        strata = np.sort((numbers[replicate::REPLICATES] * STRATA).astype(int), axis=0)
        assert (strata == np.arange(STRATA)[:, None]).all()


def test_sobol_points_fill_space_better_than_chance():
    count = 1024 * REPLICATES
    sobol, random = (
        np.mean([stats.qmc.discrepancy(numbers[replicate::REPLICATES]) for replicate in range(REPLICATES)])
        for numbers in (METHODS[method](PATHS, 3, range(count)) for method in ("sobol", "random"))
    )
    assert sobol < 0.75 * random


@pytest.mark.parametrize(
    ("dimensions", "columns", "numbers"),
    [(256, [0, 1, 255], range(2)), (512, [511, 3], range(13, 150)), (2048, [2047], range(70_000, 70_003))],
)
def test_sobol_points_are_those_of_scipy(dimensions, columns, numbers):
    found = sobol.sobol_points(dimensions, columns, 11, numbers)
    scipys = stats.qmc.Sobol(dimensions, bits=sobol.BITS, rng=np.random.default_rng(11))
    if numbers.start:
        scipys.fast_forward(numbers.start)
    assert np.array_equal(found, scipys.random(len(numbers))[:, columns])


def test_without_the_table_sobol_points_are_the_same(monkeypatch, tmp_path):
    asked = [range(4), range(5, 9), range(2, 3)]
    found = [sobol.sobol_points(256, [7, 5], 11, numbers) for numbers in asked]
    monkeypatch.setattr(sobol, "TABLE", tmp_path / "gone")
    for numbers, points in zip(asked, found, strict=True):
        assert np.array_equal(sobol.sobol_points(256, [7, 5], 11, numbers), points)


def test_no_two_inputs_hang_together():
    paths = [f"lanes.{number}.price" for number in range(150)]
    numbers = METHODS["sobol"](paths, 3, range(2048))
    correlations = np.corrcoef(numbers.T) - np.eye(150)
    assert np.abs(correlations).max() < 0.2


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("rank_correlation", [-0.9, -0.3, 0.5, 0.95])
def test_ranks_are_correlated_as_asked_and_distributions_kept(method, rank_correlation):
    data = merged(correlated(rank_correlation), {"analysis": {"sampling": method}})
    plan = compiled(data)
    samples = sample_inputs(plan, 7, range(20_000))
    assert stats.spearmanr(samples).statistic == pytest.approx(rank_correlation, abs=0.02)
    for column, item in enumerate(plan.inputs):
        middle = item.quantity.quantile(np.array([0.25, 0.5, 0.75]))
        assert np.quantile(samples[:, column], [0.25, 0.5, 0.75]) == pytest.approx(middle, rel=0.03)


def test_a_correlation_of_zero_changes_nothing():
    one, other = compiled(uncertain_shop()), compiled(correlated(0.0))
    samples = sample_inputs(one, 7, range(64))
    np.testing.assert_allclose(sample_inputs(other, 7, range(64)), samples, rtol=1e-9)


def test_a_path_that_is_no_distribution_is_told():
    with pytest.raises(
        ScenarioError, match=r"between: found 'lanes.parts.prices'.*did you mean 'lanes.parts.price'"
    ):
        compiled(correlated(0.5, ("lanes.parts.prices", "demand.home.price")))


def test_a_number_and_itself_are_told():
    with pytest.raises(ScenarioError, match="a number and itself"):
        compiled(correlated(0.5, ("lanes.parts.price", "lanes.parts.price")))


def test_a_pair_told_twice_is_told():
    data = correlated(0.5)
    data["analysis"]["correlations"] *= 2
    with pytest.raises(ScenarioError, match="a pair that is there already"):
        compiled(data)


def dense(shelves=12):
    """A plan of as many uncertain targets, each pair of which hangs together."""
    names = [f"shelf-{index}" for index in range(shelves)]
    uniform = {"dist": "uniform", "low": 5.0, "high": 40.0}
    shelf = {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "cover_days": uniform}}
    stream = {"market": "home", "mean_per_day": 10.0, "price": 1.0}
    paths = [f"stock_points.{name}.policy.cover_days" for name in names]
    data = shop(
        stock_points=dict.fromkeys(names, shelf),
        lanes={name: {"supplier": "source", "buyer": name} for name in names},
        demand={name: {**stream, "stock_point": name} for name in names},
    )
    pairs = [{"between": list(pair), "rank_correlation": 0.4} for pair in combinations(paths, 2)]
    return compiled(merged(data, {"analysis": {"correlations": pairs}}))


def test_correlated_samples_do_not_depend_on_how_many_are_drawn_at_once():
    plan = dense()
    together = sample_inputs(plan, 1, range(64))
    for size in (1, 3, 7, 32):
        parts = [range(first, min(first + size, 64)) for first in range(0, 64, size)]
        apart = np.concatenate([sample_inputs(plan, 1, part) for part in parts])
        np.testing.assert_array_equal(apart, together)


def test_correlated_samples_are_products_added_from_the_left():
    plan = dense(5)
    uniforms = METHODS["sobol"]([item.path for item in plan.inputs], 1, range(8))
    for row, sample in zip(uniforms, sample_inputs(plan, 1, range(8)), strict=True):
        normal = special.ndtri(row).tolist()
        tied = [reduce(add, map(mul, factors, normal)) for factors in plan.sampling.factor.tolist()]
        assert sample.tolist() == [special.ndtr(number) * 35.0 + 5.0 for number in tied]


def test_correlations_that_contradict_each_other_are_told():
    lognormal = {"dist": "lognormal", "median": 1.0, "sigma": 0.5}
    data = merged(uncertain_shop(), {"stock_points": {"shelf": {"order_cost": lognormal}}})
    paths = ("lanes.parts.price", "demand.home.price", "stock_points.shelf.order_cost")
    data["analysis"]["correlations"] = [
        {"between": [paths[one], paths[other]], "rank_correlation": rank}
        for one, other, rank in ((0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9))
    ]
    with pytest.raises(ScenarioError, match="contradict each other"):
        compiled(data)


def rows_of_a_table(**changes):
    price = {"dist": "empirical", "values": [1.0, 2.0, 3.0], "table": "observed"}
    asked = {"dist": "empirical", "values": [30.0, 10.0, 20.0], "table": "observed"}
    data = shop(5, lanes={"parts": {"price": price}}, demand={"home": {"price": asked}})
    return merged(data, changes)


def test_columns_of_a_table_are_taken_from_the_same_row():
    samples = sample_inputs(compiled(rows_of_a_table()), 1, range(48))
    rows = {tuple(row) for row in samples.tolist()}
    assert rows in ({(1.0, 30.0), (2.0, 10.0), (3.0, 20.0)}, {(30.0, 1.0), (10.0, 2.0), (20.0, 3.0)})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"lanes": {"parts": {"price": {"values": [1.0, 2.0]}}}}, "found 3 values of the table observed"),
        (
            {
                "analysis": {
                    "correlations": [
                        {"between": ["lanes.parts.price", "demand.home.price"], "rank_correlation": 0.5}
                    ]
                }
            },
            "found a number of the table observed in analysis.correlations",
        ),
    ],
)
def test_what_no_table_can_be_is_refused(changes, says):
    found = inconsistencies(Scenario.model_validate(rows_of_a_table(**changes)))
    assert says in str(found[0].message)


def test_rows_of_a_table_are_not_truncated():
    with pytest.raises(ValueError, match="rows of a table cannot be truncated"):
        read(rows_of_a_table(lanes={"parts": {"price": {"min": 2.0}}}))


def many_prices(certain=(), count=60, **analysis):
    """A plan of many lanes whose prices are uncertain, but for some."""
    uniform = {"dist": "uniform", "low": 1.0, "high": 3.0}
    lanes = {
        f"way-{number}": {
            "supplier": "source",
            "buyer": "shelf",
            "price": 2.0 if number in certain else uniform,
        }
        for number in range(count)
    }
    return compiled(shop(5, lanes=lanes, analysis=analysis))


def differing(one, other, replications):
    """``[replication, input]`` whether inputs that two plans have are sampled apart, and their paths."""
    samples = [sample_inputs(plan, 1, range(replications)) for plan in (one, other)]
    columns = [{item.path: place for place, item in enumerate(plan.inputs)} for plan in (one, other)]
    paths = sorted(set(columns[0]) & set(columns[1]))
    first, second = (
        its[:, [places[path] for path in paths]] for its, places in zip(samples, columns, strict=True)
    )
    return first != second, np.array(paths)


@pytest.mark.parametrize(
    ("others", "replications"),
    [({"certain": range(5)}, 5), ({"certain": range(5)}, 100), ({"count": 140}, 100)],
)
def test_inputs_that_are_sampled_apart_are_found(others, replications):
    others = many_prices(**others)
    is_apart, paths = differing(many_prices(), others, replications)
    found = sampled_apart([many_prices(), others], 1, replications)
    assert found.share == is_apart.any(axis=1).mean() > 0.0
    assert found.paths == paths[is_apart.any(axis=0)].tolist()
    assert found.summary == {"sampled_apart": {"inputs": found.paths, "share": found.share}}


@pytest.mark.parametrize("method", ["latin_hypercube", "random"])
def test_without_dimensions_none_is_sampled_apart(method):
    plans = many_prices(sampling=method), many_prices(certain=range(5), sampling=method)
    assert not differing(*plans, 100)[0].any()
    assert sampled_apart(plans, 1, 100).summary == {}


def test_the_same_inputs_are_never_sampled_apart():
    assert sampled_apart([many_prices(), many_prices()], 1, 100).summary == {}
