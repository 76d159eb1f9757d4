"""Batches that are made longer until a figure is known well enough."""

import math

import numpy as np
import pytest
from click.testing import CliRunner

from sim import cli
from sim.montecarlo.sequential import FIRST, MOST_AT_ONCE, until_precise
from sim.risk.precision import FIGURES, replications_for, replications_needed
from sim.risk.replicated import estimators_of
from sim.risk.tail import Estimate, fewest_bounded
from sim.stories import study

SCENARIO = "scenarios/first-scenario.yaml"
TRUE = {"rare-event": 0.0012, "rare-total-loss": 0.0005}
"""ES95 of 400,000 futures, and a mean by hand: 0.05 % lose all."""


def looks(half_width, most=10**6, spread=1.0):
    """Sizes of the batches, where the half-width is spread / sqrt(size)."""
    sizes = []

    def simulate(count):
        sizes.append(count)
        return count

    until_precise(simulate, lambda _count: (spread / half_width) ** 2, most)
    return sizes


def test_one_look_may_be_enough():
    assert looks(0.1) == [FIRST]


def test_the_second_look_is_as_long_as_the_first_asks_for():
    assert looks(0.01) == [FIRST, 11 * FIRST]
    assert 11 * FIRST >= 1.0 / 0.01**2


def test_it_stops_at_the_most():
    assert looks(1e-9, most=100_000) == [FIRST, (1 + MOST_AT_ONCE - 1) * FIRST, 100_000]
    assert looks(0.01, most=500) == [500]


def test_an_unbounded_interval_asks_for_twice_as_many():
    sizes: list[int] = []
    until_precise(sizes.append, lambda _batch: math.nan if len(sizes) < 4 else 0.0)
    assert sizes == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]


def test_a_batch_that_stopped_is_one_of_as_many_replications():
    found = study.run(SCENARIO, precision=study.Precision(0.002), seed=5)
    count = found.findings.summary["replications"]
    again = study.run(SCENARIO, replications=count, seed=5)
    assert found.findings.summary == again.findings.summary
    asked = found.findings.manifest
    assert asked["command"].endswith(" --replications 1000000 --precision 0.002 --figure mean --seed 5")
    assert asked["scenario_digest"] == again.findings.manifest["scenario_digest"]
    assert asked["digest"] != again.findings.manifest["digest"]
    for maker in found.findings.summary["makers"].values():
        mean = maker["loss_share"]["mean"]
        assert 0.5 * (mean["ci_high"] - mean["ci_low"]) <= 0.002


def test_the_command_says_how_many_it_took(tmp_path):
    arguments = ["run", SCENARIO, "--precision", "0.01", "--figure", "var95", "--out", str(tmp_path / "run")]
    told = CliRunner().invoke(cli.main, arguments, catch_exceptions=False)
    assert "1,024 replications: var95 to within 0.01" in told.output
    assert (tmp_path / "run" / "summary.json").exists()


def test_no_precision_is_told(tmp_path):
    told = CliRunner().invoke(cli.main, ["run", SCENARIO, "--precision", "0", "--out", str(tmp_path / "run")])
    assert told.exit_code == 2
    assert "precision" in told.output
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("estimate", "wanted", "needed"),
    [
        (Estimate(0.1, 0.09, 0.11), 0.005, 4000),
        (Estimate(0.1, 0.09, 0.11), 0.02, 250),
        (Estimate(0.0, 0.0, 0.004, unseen=0.002), 0.002, 1000),
        (Estimate(0.0, 0.0, 0.004, unseen=0.002), 0.0001, 20_000),
        (Estimate(0.0, 0.0, 0.004, unseen=0.002), 0.02, 100),
        (Estimate(0.1, 0.0999, 0.1001, unseen=0.002), 0.01, 200),
        (Estimate(0.1, math.nan, 0.2), 0.01, None),
    ],
)
def test_sampling_errors_shrink_with_the_root_and_the_unseen_with_the_number(estimate, wanted, needed):
    assert replications_for(estimate, wanted, 1000) == needed


def test_no_figure_is_known_from_no_replications():
    nothing = np.zeros(1024)
    found = {name: figure(estimators_of("sobol"), nothing) for name, figure in FIGURES.items()}
    needed = replications_needed(found, len(nothing))
    assert needed["mean"]["0.001"] == pytest.approx(0.5 * 3.69 / 0.001, rel=0.01)
    assert needed["es95"]["0.001"] == pytest.approx(0.5 * 3.69 / 0.05 / 0.001, rel=0.01)
    assert set(needed["var95"].values()) == {fewest_bounded(0.95)}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
@pytest.mark.parametrize(
    ("case", "figure", "half_width"), [("rare-event", "es95", 0.005), ("rare-total-loss", "mean", 0.001)]
)
def test_a_sample_of_nothing_but_zeros_does_not_stop(case, figure, half_width, seed):
    """An event of one future in 2,000: in most batches of 1,024 none shows it. `make verify` has three."""
    file = f"tests/cases/{case}.yaml"
    found = study.run(file, precision=study.Precision(half_width, figure), seed=seed).findings.summary
    (maker,) = found["makers"].values()
    estimate = next(value for key, value in maker.items() if key.startswith("loss_share"))[figure]
    assert found["replications"] > FIRST
    assert 0.5 * (estimate["ci_high"] - estimate["ci_low"]) <= half_width
    assert estimate["ci_low"] <= TRUE[case] <= estimate["ci_high"]
