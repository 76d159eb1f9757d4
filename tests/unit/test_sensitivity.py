"""The command and its folder: tables, reproducibility, what is said without a decision, and mistakes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from sim.cli import main
from sim.errors import SimError
from sim.model.events import known
from sim.montecarlo.sampling import sample_inputs
from sim.risk.designs import two_matrices
from sim.risk.sensitivity_tables import OTHER_INPUTS, PROCESS_NOISE
from sim.stories import sensitivity
from tests.builders import ban, merged, shop

CONSTANT = Path(__file__).parents[1] / "cases" / "constant-output.yaml"
ROWS = 64
DURATION = "interventions.ban.duration_days"
PATIENCE = "demand.home.patience_days"
PRICE = "lanes.parts.price"
ALTERNATIVES = {
    "wait": {"title": "Wait"},
    "stock": {"title": "More stock", "set": {"stock_points.shelf.policy.units": 160.0}, "cost": 120.0},
}


def uniform(low, high):
    return {"dist": "uniform", "low": low, "high": high, "source": "a survey", "confidence": "low"}


def banned_shop(**changes):
    """A shop that a ban of uncertain length cuts off; a price that only the maker minds; noisy demand."""
    base = shop(
        120,
        demand={
            "home": {"process": "gamma", "dispersion": 5.0, "patience_days": uniform(0.5, 2.0), "price": 6.0}
        },
        lanes={"parts": {"price": uniform(1.0, 2.0)}},
        interventions={"ban": ban(20, duration_days=uniform(5, 60))},
    )
    return merged(base, changes)


def scenario_file(folder: Path, alternatives=ALTERNATIVES, **changes) -> Path:
    file = folder / "scenario.yaml"
    data = banned_shop(**changes)
    if alternatives:
        data["decision"] = {"title": "What to do", "alternatives": alternatives}
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


def call(*arguments):
    return CliRunner().invoke(main, ["sensitivity", *map(str, arguments)])


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    file = scenario_file(tmp_path_factory.mktemp("scenario"))
    return sensitivity.run(file, replications=256, top=2, workers=2)


def by(table, column, key):
    return table.set_index(column).loc[key]


def test_the_length_of_the_ban_matters_most_everywhere(found):
    tables = found.tables
    assert tables["tornado"]["input"][0] == DURATION
    assert tables["rank_correlations"]["input"][0] == DURATION
    assert tables["sobol"]["factor"][0] == DURATION
    assert tables["evpi"]["input"][0] == DURATION
    row = by(tables["tornado"], "input", DURATION)
    assert row["input_low"] == pytest.approx(5 + 0.05 * 55)
    assert row["loss_share_low"] < row["loss_share_mean"] < row["loss_share_high"]
    assert row["swing_ci_low"] < row["swing"] < row["swing_ci_high"]
    assert by(tables["rank_correlations"], "input", DURATION)["ci_low"] > 0.8


def test_inputs_without_a_place_of_their_own_are_one_group_and_noise_is_apart(found):
    table = found.tables["sobol"]
    assert table["kind"].tolist() == ["input", "input", "group", "noise"]
    assert table["factor"].tolist()[2:] == [OTHER_INPUTS, PROCESS_NOISE]
    noise, length = by(table, "factor", PROCESS_NOISE), by(table, "factor", DURATION)
    assert 0.0 < noise["total_order"] < 0.1
    assert noise["total_order"] == pytest.approx(1.0 - length["first_order"], abs=0.1)


def test_a_price_that_the_maker_pays_moves_no_revenue_but_what_it_earns(found):
    assert by(found.tables["rank_correlations"], "input", PRICE)["main_effect"] < 0.03
    worth = found.tables["evpi"].set_index("input")["evppi"]
    assert worth[PRICE] < 0.1 * worth[DURATION]


def test_alternatives_are_weighed_by_what_is_earned(found):
    table, decision = found.tables["alternatives"], found.summary["decision"]
    entries = list(table.columns[table.columns.get_loc("title") + 1 : table.columns.get_loc("result")])
    assert len(entries) == 12
    np.testing.assert_allclose(table["result"], table[entries].sum(axis=1))
    np.testing.assert_allclose(table["value"], table["result"] - table["cost"])
    wait, stock = (by(table, "alternative", name) for name in ("wait", "stock"))
    assert stock["sales_to_markets"] > wait["sales_to_markets"]
    assert stock["cost"] == 120.0
    assert table["difference"].max() == 0.0
    assert abs(wait["difference"] - stock["difference"]) == pytest.approx(abs(wait["value"] - stock["value"]))
    assert table["share_best"].sum() == pytest.approx(1.0)
    assert decision["best"] == table["alternative"][table["value"].idxmax()]
    evpi = decision["evpi"]["estimate"]
    assert 0.0 <= found.tables["evpi"]["evppi"].min() <= found.tables["evpi"]["evppi"].max() <= evpi
    assert evpi > decision["chance_evppi"]


def test_shares_of_variance_are_shares(found):
    columns = [name for name in found.tables["sobol"].columns if "order" in name]
    shares = found.tables["sobol"][columns].to_numpy()
    assert 0.0 <= shares.min() <= shares.max() <= 1.0


def test_what_moves_nothing_is_said_to_move_nothing():
    """Prices that only the maker pays: the loss share is the same in all futures, but for rounding."""
    found = sensitivity.run(CONSTANT, replications=ROWS, workers=1)
    assert found.tables["rank_correlations"]["main_effect"].tolist() == [0.0, 0.0]
    assert found.tables["sobol"]["total_order"].max() == 0.0
    assert sensitivity.answer(found).startswith(
        "What to find out first: nothing. The loss is the same in all futures: nothing uncertain moves it."
    )


def test_an_event_is_an_input_and_all_parts_say_the_same_of_it(tmp_path):
    """A ban in a third of futures: at its median nothing happens, and still it moves all of the loss."""
    ban_or_not = {"ban": ban(20, duration_days=30, probability=0.33)}
    data = shop(120, demand={"home": {"patience_days": 1}}, interventions=ban_or_not)
    data["decision"] = {"title": "What to do", "alternatives": ALTERNATIVES}
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    found = sensitivity.run(file, replications=8 * ROWS, workers=1)
    happens = "interventions.ban.happens"
    for table in ("tornado", "rank_correlations", "evpi"):
        assert found.tables[table]["input"].tolist() == [happens]
    row = found.tables["tornado"].iloc[0]
    assert (row["input_low"], row["input_high"], row["loss_share_low"]) == (0.0, 1.0, 0.0)
    assert row["loss_share_high"] > 0.1
    indices = found.tables["sobol"].set_index("factor")["total_order"]
    assert (indices[happens] > 0.8, indices[PROCESS_NOISE]) == (True, 0.0)
    assert found.tables["rank_correlations"]["rank_correlation"][0] == pytest.approx(1.0)
    assert found.tables["evpi"]["evppi"][0] == pytest.approx(found.summary["decision"]["evpi"]["estimate"])
    assert found.tables["inputs"]["text"][0] == "yes or no; yes with probability 0.33"


def test_an_event_of_two_likelihoods_is_known_for_both_alternatives(tmp_path):
    """Bans in 30 % and in 60 % of futures come from one number: both happen, or one, or none."""
    lobby = {"title": "Lobby", "set": {"interventions.ban.probability": 0.3}}
    data = shop(120, interventions={"ban": ban(20, duration_days=30, probability=0.6)})
    data["decision"] = {"title": "What to do", "alternatives": {"wait": {"title": "Wait"}, "lobby": lobby}}
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    ready = sensitivity.prepare(file)
    plans = [ready.plan, *ready.alternatives.values()]
    facts = [known(plan, two_matrices(plan, 1, ROWS)) for plan in plans]
    paths, columns = sensitivity._all_facts(plans, facts)
    assert paths == ["interventions.ban.happens"]
    assert np.unique(columns).tolist() == [0.0, 2.0, 3.0]


def test_correlated_inputs_are_refused(tmp_path):
    file = scenario_file(tmp_path)
    pair = [{"between": [DURATION, PATIENCE], "rank_correlation": 0.5}]
    with pytest.raises(SimError, match="ties inputs together"):
        sensitivity.run(file, replications=ROWS, overrides=[f"analysis.correlations={json.dumps(pair)}"])


def test_every_input_is_told_with_its_source(found):
    table = found.tables["inputs"]
    assert set(table["input"]) == {DURATION, PATIENCE, PRICE}
    assert set(table["source"]) == {"a survey"}
    assert by(table, "input", DURATION)["text"] == "uniform(5, 60) days"


def test_workers_do_not_change_a_figure(tmp_path):
    file = scenario_file(tmp_path)
    one, two = (sensitivity.run(file, replications=ROWS, workers=count) for count in (1, 2))
    assert one.summary == two.summary
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, two.tables[name], check_exact=True)


def test_what_is_announced_is_what_is_simulated(tmp_path):
    ready = sensitivity.prepare(scenario_file(tmp_path))
    for top in (1, 3, 50):
        done: list[int] = []
        sensitivity.run(
            tmp_path / "scenario.yaml", prepared=ready, replications=ROWS, top=top, progress=done.append
        )
        assert sum(done) == sensitivity.simulations(ready, ROWS, top)


def test_an_input_of_an_alternative_alone_is_weighed_too(tmp_path):
    lead = {"title": "Faster", "set": {"lanes.parts.price": 1.0, "demand.home.price": uniform(1.5, 2.5)}}
    file = scenario_file(tmp_path, {"wait": {"title": "Wait"}, "faster": lead})
    table = sensitivity.run(file, replications=ROWS, workers=1).tables["evpi"]
    assert {DURATION, PATIENCE, PRICE, "demand.home.price"} == set(table["input"])


def test_the_same_path_in_an_alternative_comes_from_the_same_number(tmp_path):
    shorter = {"title": "Lobby", "set": {DURATION: {"dist": "uniform", "low": 5, "high": 30}}}
    ready = sensitivity.prepare(scenario_file(tmp_path, {"wait": {"title": "Wait"}, "lobby": shorter}))
    plans = ready.plan, ready.alternatives["lobby"]
    columns = [
        sample_inputs(plan, 1, range(8))[:, [item.path for item in plan.inputs].index(DURATION)]
        for plan in plans
    ]
    np.testing.assert_allclose((columns[0] - 5) / 55, (columns[1] - 5) / 25)


def test_the_command_writes_a_folder_and_says_what_to_find_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = scenario_file(tmp_path)
    result = call(file, "-n", ROWS, "--workers", 1, "--out", "out", "--set", "lanes.parts.lead_time_days=2")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("What to find out first: the duration (days) of “Ban”.")
    assert "report: out/sensitivity.html" in result.stdout
    out = tmp_path / "out"
    assert {path.name for path in (out / "tables").iterdir()} == {
        f"{name}.csv" for name in ("tornado", "rank_correlations", "sobol", "inputs", "alternatives", "evpi")
    }
    summary = json.loads((out / "sensitivity.json").read_text())
    manifest = json.loads((out / "manifest.json").read_text())
    assert summary["maker"] == "maker"
    assert manifest["command"] == (
        f"chokepoint sensitivity scenario.yaml --maker maker --replications {ROWS} --top 10 --seed 20191009 "
        "--set lanes.parts.lead_time_days=2"
    )
    assert manifest["scenario"]["decision"]["alternatives"]["stock"]["cost"]["value"] == 120.0


def test_without_a_decision_it_says_that_the_value_of_information_is_left_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call(scenario_file(tmp_path, alternatives=None), "-n", ROWS, "--workers", 1)
    assert result.exit_code == 0, result.output
    assert "names no decision, so the value of information is left out" in result.stdout
    (folder,) = (tmp_path / "results").iterdir()
    assert folder.name.startswith("test-sensitivity-")
    assert not (folder / "tables" / "evpi.csv").exists()
    assert json.loads((folder / "sensitivity.json").read_text())["decision"] is None


def test_a_certain_scenario_has_nothing_to_analyse(tmp_path):
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(shop(40, interventions={"ban": ban(5)})))
    result = call(file)
    assert result.exit_code == 2
    assert "no number is uncertain" in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--maker", "makr"], "'makr' is no maker of the headline; did you mean 'maker'? allowed: maker"),
        (["-n", "8"], "8 is not in the range"),
        (["--set", "lanes.prats.price=3"], "'prats' is not one of lanes"),
    ],
)
def test_a_mistake_is_exit_code_2_and_writes_nothing(tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    result = call(scenario_file(tmp_path), *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.yaml"]


def test_a_bad_alternative_has_file_and_line_in_both_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bad = {"title": "More stock", "set": {"stock_points.shelve.policy.units": 160.0}}
    file = scenario_file(tmp_path, {"wait": {"title": "Wait"}, "stock": bad})
    line = 1 + next(i for i, text in enumerate(file.read_text().splitlines()) if "shelve" in text)
    for command in ("sensitivity", "validate"):
        result = CliRunner().invoke(main, [command, "scenario.yaml"])
        assert result.exit_code == 2
        assert f"scenario.yaml:{line}:" in result.stderr
        assert (
            "decision.alternatives.stock: stock_points.shelve.policy.units: 'shelve' is not" in result.stderr
        )
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.yaml"]


def test_an_alternative_in_which_the_maker_sells_nothing_is_refused(tmp_path):
    everything = (
        "demand.home",
        "lanes.parts",
        "stock_points.shelf",
        "stock_points.source",
        "interventions.ban",
    )
    closed = {"title": "Close", "set": dict.fromkeys(everything)}
    file = scenario_file(tmp_path, {"wait": {"title": "Wait"}, "close": closed}, **OTHER_SELLER)
    with pytest.raises(SimError, match=r"decision\.alternatives\.close: maker sells to no market"):
        sensitivity.run(file, maker="maker", replications=ROWS)


def test_too_few_replications_are_refused(tmp_path):
    with pytest.raises(SimError, match="found 8, allowed: 32 or more"):
        sensitivity.run(scenario_file(tmp_path), replications=8)


OTHER_SELLER = {
    "stock_points": {"shop": {"firm": "supplier", "item": "part"}},
    "demand": {"other": {"stock_point": "shop", "market": "home", "mean_per_day": 1.0, "price": 2.0}},
}
