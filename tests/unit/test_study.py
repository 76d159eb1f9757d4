"""The story of a study, from a file to a run folder."""

import errno
import json
import os
from pathlib import Path

import pandas as pd
import pytest
import yaml

from sim.errors import ResultError, ScenarioError
from sim.model.compile import prepare
from sim.montecarlo.provenance import LIBRARIES
from sim.montecarlo.store import RunFolder
from sim.risk import conditional, losses
from sim.risk.tables import COLUMNS
from sim.stories import SEED, study
from tests.builders import ban, shop

REPLICATIONS = 20
OUTCOMES = "outcomes/0000000000-0000000019.parquet"


def write(folder: Path, data) -> Path:
    file = folder / "scenario.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


def scenario():
    return shop(
        60,
        demand={"home": {"process": "gamma", "dispersion": 4.0, "patience_days": 2}},
        interventions={"ban": ban(10)},
        analysis={"window_days": 40},
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return study.run(
        write(tmp_path_factory.mktemp("study"), scenario()), replications=REPLICATIONS, workers=1
    )


@pytest.fixture(scope="module")
def folder(finished, tmp_path_factory):
    return study.save(finished, tmp_path_factory.mktemp("out") / "run")


def test_a_run_folder_holds_these_files(folder):
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    tables = {
        f"tables/{name}.csv" for name in (*COLUMNS, *conditional.COLUMNS) if name not in ("duties", "recipes")
    }
    assert found == {
        ".lock",
        "manifest.json",
        OUTCOMES,
        "report.html",
        "summary.json",
        "summary.sha256",
        "tables/links.csv",
        "tables/tiers.csv",
        *tables,
    }


def test_outcomes_are_a_data_set_of_parquet_files(folder, tmp_path, monkeypatch):
    whole = pd.read_parquet(folder / "outcomes")
    assert set(whole["level"]) == {"maker", "stream", "supplier", "cause"}
    monkeypatch.setattr(losses, "IN_FILE", 8)
    again = study.run(write(tmp_path, scenario()), replications=REPLICATIONS, workers=1)
    parted = study.save(again, tmp_path / "run")
    names = ["0000000000-0000000007", "0000000008-0000000015", "0000000016-0000000019"]
    assert sorted(file.stem for file in (parted / "outcomes").iterdir()) == names
    found = pd.read_parquet(parted / "outcomes")
    columns = [str(column) for column in whole]
    by_replication = whole.astype(dict.fromkeys(columns[1:-1], str)).sort_values(columns, ignore_index=True)
    found = found.astype(dict.fromkeys(columns[1:-1], str))
    assert found["replication"].floordiv(8).is_monotonic_increasing
    pd.testing.assert_frame_equal(found.sort_values(columns, ignore_index=True), by_replication)


def test_outcomes_are_written_as_csv_if_asked_for(folder, tmp_path):
    asked = study.run(write(tmp_path, scenario()), replications=REPLICATIONS, workers=1, csv=True)
    out = study.save(asked, tmp_path / "run")
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["command"].endswith(" --csv")
    assert manifest["csv"] is True
    assert manifest["digest"] == json.loads((folder / "manifest.json").read_text())["digest"]
    parquet = pd.read_parquet(out / "outcomes")
    text = pd.read_csv(out / "outcomes.csv", keep_default_na=False)
    for column in parquet:
        assert parquet[column].tolist() == text[column].tolist()
    assert (out / "summary.json").read_bytes() == (folder / "summary.json").read_bytes()


def test_the_summary_is_the_one_of_the_study(folder, finished):
    summary = json.loads((folder / "summary.json").read_text())
    assert summary == finished.findings.summary
    assert summary["schema_version"] == 2
    assert summary["replications"] == REPLICATIONS


def test_the_manifest_tells_how_to_get_the_figures_again(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == SEED
    assert manifest["replications"] == REPLICATIONS
    assert manifest["command"].startswith("chokepoint run ")
    assert set(LIBRARIES) < set(manifest["versions"])
    assert manifest["scenario"]["name"] == "test"
    assert len(manifest["digest"]) == 12


def test_the_report_is_there(folder):
    assert "<html" in (folder / "report.html").read_text()


def test_the_same_study_gives_the_same_bytes(folder, tmp_path):
    again = study.run(write(tmp_path, scenario()), replications=REPLICATIONS, workers=2)
    second = study.save(again, tmp_path / "run")
    for name in ("summary.json", OUTCOMES, "tables/attribution.csv", "tables/stock.csv"):
        assert (second / name).read_bytes() == (folder / name).read_bytes()


def test_overrides_change_the_digest_and_stand_in_the_command(tmp_path):
    file = write(tmp_path, scenario())
    plain = study.run(file, replications=2, workers=1).findings.manifest
    setting = "lanes.parts.subsidiary_share=0.5"
    changed = study.run(file, replications=2, workers=1, overrides=[setting]).findings.manifest
    assert plain["digest"] != changed["digest"]
    assert plain["scenario_digest"] != changed["scenario_digest"]
    assert changed["command"].endswith(f"--set {setting}")


def test_the_seed_changes_the_digest_but_not_the_scenarios(tmp_path):
    file = write(tmp_path, scenario())
    one, other = (study.run(file, replications=2, workers=1, seed=seed).findings.manifest for seed in (1, 2))
    assert one["digest"] != other["digest"]
    assert one["scenario_digest"] == other["scenario_digest"]


def test_a_scenario_that_is_prepared_is_not_read_again(tmp_path, monkeypatch):
    file = write(tmp_path, scenario())
    read = study.run(file, replications=2, workers=1)
    prepared = prepare(file)
    monkeypatch.setattr(study, "prepare", None)
    given = study.run(file, replications=2, workers=1, prepared=prepared)
    assert given.findings.summary == read.findings.summary
    assert given.findings.manifest == read.findings.manifest


def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path):
    data = scenario()
    data["lanes"]["parts"]["buyer"] = "shelv"
    with pytest.raises(ScenarioError, match=r"scenario.yaml:\d+:\d+: .*shelv"):
        study.run(write(tmp_path, data), replications=1)


def test_a_mistake_of_the_network_is_told_with_its_place(tmp_path):
    data = scenario()
    data["stock_points"]["idle"] = {"firm": "maker", "item": "part"}
    with pytest.raises(ScenarioError, match=r"scenario.yaml:\d+:\d+: .*idle"):
        study.run(write(tmp_path, data), replications=1)


def test_a_run_that_fails_to_write_is_no_complete_run(finished, tmp_path, monkeypatch):
    """The disk is full when the report is written, over an earlier run: the summary of that is gone too."""
    target = tmp_path / "run"
    study.save(finished, target)
    real = RunFolder.write_text

    def full(self, name, text):
        if name == "report.html":
            raise ResultError(f"cannot write {name}: {os.strerror(errno.ENOSPC)}")
        return real(self, name, text)

    monkeypatch.setattr(RunFolder, "write_text", full)
    with pytest.raises(ResultError):
        study.save(finished, target)
    assert not (target / "summary.json").exists()
    assert not list(target.rglob("*.tmp"))


def test_an_interrupted_simulation_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path, scenario())

    def interrupt(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.run(file, replications=8, workers=1, progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.yaml"]


def test_a_trace_is_the_replication_of_the_batch(finished, tmp_path):
    states = study.trace(write(tmp_path, scenario()), replication=3).states
    sold = states.query("stock_point == 'shelf'")["shipped"][10:50].sum()
    assert finished.outcomes.stream_units[3, 0].sum() == pytest.approx(sold)


def test_the_counterfactual_can_be_traced(tmp_path):
    events = study.trace(write(tmp_path, scenario()), counterfactual=True).events
    assert "rule" not in {event.kind for event in events}
