"""Calibrations: what figures tell of inputs, what they cannot tell apart, and a posterior to extend."""

import dataclasses
import json

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from sim.cli import main
from sim.errors import ScenarioError, SimError
from sim.model.compile import prepare
from sim.montecarlo.sampling import sample_inputs
from sim.report.calibration_page import LEARNT, TOGETHER, page_of_calibration, told
from sim.stories import calibrate
from tests.builders import ban, day, shop

WANTED, PRICE, COST = (
    "demand.home.mean_per_day",
    "demand.home.price",
    "stock_points.shelf.holding_cost_per_unit_day",
)
TRUE_UNITS, TRUE_PRICE = 12.0, 2.5


def market():
    """Half a year of steady demand from a full shelf; what is wanted, its price and a cost are open."""
    uniform = {"dist": "uniform"}
    return shop(
        180,
        stock_points={
            "shelf": {
                "policy": {"units": 1000.0},
                "initial_on_hand": 1000.0,
                "holding_cost_per_unit_day": uniform | {"low": 0.1, "high": 0.2},
            }
        },
        demand={
            "home": {
                "process": "gamma",
                "dispersion": 1.0,
                "mean_per_day": uniform | {"low": 5.0, "high": 20.0},
                "price": uniform | {"low": 1.0, "high": 4.0},
            }
        },
        interventions={"ban": ban(170)},
    )


def targets(**changes):
    revenue = {"measure": "revenue", "firm": "maker", "start": day(0), "end": day(89), "sd": 30.0}
    figure = {**revenue, "value": 90 * TRUE_UNITS * TRUE_PRICE, "published": "2021-05-01"}
    return {"inputs": {WANTED: None, PRICE: None, COST: None}, "targets": {"q1": figure | changes}}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "market.yaml").write_text(yaml.safe_dump(market()), encoding="utf-8")
    (tmp_path / "targets.yaml").write_text(yaml.safe_dump(targets()), encoding="utf-8")
    return tmp_path


def found_in(folder, **how):
    asked = {"targets": folder / "targets.yaml", "replications": 64, "workers": 1}
    return calibrate.run(folder / "market.yaml", **asked | how)


@pytest.fixture
def found(files):
    return found_in(files)


def test_sentences_call_inputs_by_their_names(found):
    lines = told(found)
    assert any("of “Part, Maker”" in line for line in lines)
    assert not any(path in line for line in lines for path in (WANTED, PRICE, COST))
    assert all(line[0].isupper() for line in lines)


def test_the_first_page_counts_what_the_figures_say(found):
    page, inputs = page_of_calibration(found), found.tables["posterior_inputs"].set_index("input")
    assert page.answer == ["The posterior’s 90% intervals hold 1 of 1 figures."]
    [card] = page.cards
    learnt, apart = card.lines
    said = inputs["sd_left"] < LEARNT
    assert (card.headline.value, learnt.value) == ("1 of 1", f"{said.sum()} of {len(inputs)}")
    assert f"{inputs['sd_left'].min():.0%} of its spread is left" in learnt.detail
    assert apart.value == str((found.tables["pairs"]["rank_correlation"].abs() >= TOGETHER).sum())


def test_one_pair_fits(found):
    assert any(
        part.lead == "1 pair of inputs fits the figures in combination only."
        for part in page_of_calibration(found).sections
    )


def test_a_first_page_of_which_the_figures_say_nothing(found):
    inputs, pairs = found.tables["posterior_inputs"], found.tables["pairs"]
    tables = {
        **found.tables,
        "posterior_inputs": inputs.assign(sd_left=1.0),
        "pairs": pairs.assign(rank_correlation=0.0),
    }
    [card] = page_of_calibration(dataclasses.replace(found, tables=tables)).cards
    assert [(line.value, line.detail) for line in card.lines] == [
        (f"none of {len(inputs)}", ""),
        ("none", ""),
    ]


def test_what_the_figures_cannot_tell_apart_is_said(found):
    """Revenue is units times price: either may be high if the other is low. Costs do not show in it."""
    inputs = found.tables["posterior_inputs"].set_index("input")
    assert inputs.loc[COST, "sd_left"] > 0.9
    pairs = found.tables["pairs"].set_index(["input_a", "input_b"])["rank_correlation"]
    assert pairs[WANTED, PRICE] < -0.8
    posterior = found.tables["posterior"].pivot_table(index="draw", columns="input", values="value")
    revenue = 90 * posterior[WANTED] * posterior[PRICE]
    assert np.median(revenue) == pytest.approx(90 * TRUE_UNITS * TRUE_PRICE, rel=0.05)
    assert revenue.std() < 0.1 * 90 * TRUE_UNITS * TRUE_PRICE
    [check] = found.tables["checks"].to_dict("records")
    assert check["p05"] < check["reported"] < check["p95"]


def test_a_price_that_is_known_pins_down_how_much_is_wanted(files):
    file = files / "targets.yaml"
    text = targets()
    text["inputs"] = {WANTED: None}
    file.write_text(yaml.safe_dump(text), encoding="utf-8")
    found = found_in(files, overrides=[f"{PRICE}={TRUE_PRICE}"])
    [row] = found.tables["posterior_inputs"].to_dict("records")
    assert row["p05"] < TRUE_UNITS < row["p95"]
    assert row["sd_left"] < 0.3


def test_the_posterior_is_a_scenario_that_others_extend(files, monkeypatch):
    monkeypatch.chdir(files)
    asked = ["calibrate", "market.yaml", "--targets", "targets.yaml", "-n", "64", "--out", "out"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    stream = "of “Part, Maker in Home”"
    assert f"cannot tell the mean (per day) {stream} and the price {stream} apart" in result.output
    (files / "other.yaml").write_text("extends: out/posterior.yaml\nname: other\n", encoding="utf-8")
    _, plan = prepare(files / "other.yaml")
    paths = [item.path for item in plan.inputs]
    samples = sample_inputs(plan, 1, range(256))
    revenue = samples[:, paths.index(WANTED)] * samples[:, paths.index(PRICE)]
    assert revenue.std() < 0.1 * revenue.mean()
    before = (files / "out" / "posterior.yaml").read_bytes()
    (files / "market.yaml").unlink()
    (files / "out" / "calibrate.json").unlink()
    again = CliRunner().invoke(main, ["calibrate", "--resume", "out"])
    assert again.exit_code == 0, again.output
    assert (files / "out" / "posterior.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sd": 0.0}, "targets.q1.sd"),
        ({"published": "2021-03-01"}, "is before the end of its period"),
        ({"firm": "makr"}, "makr"),
    ],
)
def test_targets_that_do_not_fit_are_refused(files, changes, says):
    (files / "targets.yaml").write_text(yaml.safe_dump(targets(**changes)), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        found_in(files)
    assert says in str(caught.value)


def test_a_target_that_was_published_later_is_refused(files, monkeypatch):
    monkeypatch.chdir(files)
    asked = ["calibrate", "market.yaml", "--targets", "targets.yaml", "--as-of", "2021-04-30"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 2
    assert "targets.q1.published: found 2021-05-01, allowed: 2021-04-30 or before" in result.stderr
    assert "targets.yaml:" in result.stderr


def test_the_day_up_to_which_figures_were_known_is_in_the_manifest(files, monkeypatch):
    monkeypatch.chdir(files)
    asked = ["calibrate", "market.yaml", "--targets", "targets.yaml", "--as-of", "2021-05-01", "-n", "32"]
    begun = CliRunner().invoke(main, [*asked, "--out", "out"])
    assert begun.exit_code == 0, begun.output
    manifest = json.loads((files / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["as_of"] == "2021-05-01"
    assert " --as-of 2021-05-01 " in manifest["command"]
    assert calibrate.resumed(files / "out").manifest["as_of"] == "2021-05-01"
    assert found_in(files).manifest["as_of"] is None


def test_a_day_that_is_none_is_refused(files):
    with pytest.raises(SimError, match=r"found --as-of '2021-13-01'; allowed: a date"):
        found_in(files, as_of="2021-13-01")


def test_an_input_that_is_none_is_told_with_the_nearest(files):
    text = targets()
    text["inputs"] = {"demand.home.prices": None}
    (files / "targets.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
    with pytest.raises(SimError, match=r"demand.home.prices.*did you mean 'demand.home.price'"):
        found_in(files)
