"""Batches that are made longer until a figure is known well enough."""

import math

from click.testing import CliRunner

from sim import cli, study
from sim.montecarlo.precision import FIRST, MOST_AT_ONCE, until_precise

SCENARIO = "scenarios/first-scenario.yaml"


def looks(half_width, most=10**6, spread=1.0):
    """Sizes of the batches, where the half-width is spread / sqrt(size)."""
    sizes = []

    def simulate(count):
        sizes.append(count)
        return count

    until_precise(simulate, lambda count: spread / math.sqrt(count), half_width, most)
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
    until_precise(sizes.append, lambda _batch: math.nan if len(sizes) < 4 else 0.0, 1.0)
    assert sizes == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]


def test_a_batch_that_stopped_is_one_of_as_many_replications():
    found = study.run_until_precise(SCENARIO, 0.002, seed=5)
    count = found.findings.summary["replications"]
    again = study.run(SCENARIO, replications=count, seed=5)
    assert found.findings.summary == again.findings.summary
    asked = found.findings.manifest
    assert asked["command"].endswith(" --replications 1000000 --precision 0.002 --figure mean --seed 5")
    assert asked["scenario_digest"] == again.findings.manifest["scenario_digest"]
    assert asked["digest"] != again.findings.manifest["digest"]
    for maker in found.findings.summary["makers"].values():
        mean = maker["loss_share_12m"]["mean"]
        assert 0.5 * (mean["ci_high"] - mean["ci_low"]) <= 0.002


def test_the_command_says_how_many_it_took(tmp_path):
    arguments = ["run", SCENARIO, "--precision", "0.01", "--figure", "es95", "--out", str(tmp_path / "run")]
    told = CliRunner().invoke(cli.main, arguments, catch_exceptions=False)
    assert "1,024 replications: es95 to within 0.01" in told.output
    assert (tmp_path / "run" / "summary.json").exists()


def test_no_precision_is_told(tmp_path):
    told = CliRunner().invoke(cli.main, ["run", SCENARIO, "--precision", "0", "--out", str(tmp_path / "run")])
    assert told.exit_code == 2
    assert "precision" in told.output
    assert not (tmp_path / "run").exists()
