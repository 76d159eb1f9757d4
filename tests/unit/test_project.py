"""A project of runs: folders listed with what they changed, and two of them held against each other."""

import os
import shutil

import pandas as pd
import pytest
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.errors import ResultError
from sim.scenario.change_words import settings_told
from tests.builders import ban, merged, read, shop

SHOP = shop(30, interventions={"ban": ban(10, probability=0.5)})
DEAR = {"demand.home.price": 3.0}
HOUR = 3_600


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Three runs and a comparison, an hour between them, and what is none."""
    folder = tmp_path_factory.mktemp("project")
    base = sim.load(SHOP)
    sim.run(base, replications=64).save(folder / "plain")
    sim.run(base.with_(DEAR), replications=64).save(folder / "dear")
    sim.run(base, replications=32).save(folder / "short")
    sim.compare(base, variants={"dear": DEAR}, replications=16).save(folder / "both")
    for hours, name in enumerate(["both", "plain", "dear", "short"]):
        os.utime(folder / name / "summary.json", times=(1e9 + hours * HOUR, 1e9 + hours * HOUR))
    (folder / "half").mkdir()
    shutil.copy(folder / "plain" / "manifest.json", folder / "half")
    (folder / "other").mkdir()
    (folder / "other" / "manifest.json").write_text("{}")
    (folder / "notes.txt").write_text("mine")
    return folder


def call(*words: object):
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def mean_of(folder):
    result = sim.open(folder)
    assert isinstance(result, sim.RunResult)
    return float(result.loss_share("maker").mean)


# --- listed -------------------------------------------------------------------------------------------------


def test_finished_folders_are_listed_by_age_with_what_they_changed(project):
    found = sim.runs(project)
    assert found["folder"].tolist() == ["both", "plain", "dear", "short"]
    assert found["changed"].tolist() == ["nothing", "base", "demand.home.price: 2 → 3", "nothing"]
    assert found["replications"].tolist() == [16, 64, 64, 32]
    share = mean_of(project / "plain")
    assert found["headline"][1].startswith(f"Maker {share:.1%} (")
    assert found["headline"][0].startswith("test: Maker ")
    assert (found["finished"].diff().dropna() == pd.Timedelta(hours=1)).all()
    left_out = found.attrs["left_out"]
    assert len(left_out) == 2
    assert left_out[0].endswith("half: it is not finished")
    assert "other/manifest.json is damaged" in left_out[1]


def test_another_base_can_be_named(project):
    found = sim.runs(project, base=project / "dear").set_index("folder")["changed"]
    assert found["dear"] == "base"
    assert found["plain"] == "demand.home.price: 3 → 2"


def test_the_command_lists_them_as_a_table(project, tmp_path):
    told = call("runs", project)
    assert told.exit_code == 0
    heads, _, plain, *_ = told.stdout.splitlines()
    assert heads.split()[:4] == ["folder", "command", "age", "futures"]
    assert plain.split()[:2] == ["plain", "run"]
    assert heads.index("changed") == plain.index("base")
    assert told.stderr.count("left out: ") == 2
    assert call("runs", project, "--table", tmp_path / "runs.csv").exit_code == 0
    assert pd.read_csv(tmp_path / "runs.csv")["folder"].tolist() == ["both", "plain", "dear", "short"]


def test_a_name_that_would_move_the_cursor_is_told_in_plain_signs(project, tmp_path):
    shutil.copytree(project / "plain", tmp_path / "\x1b[2Jevil")
    shutil.copytree(project / "plain", tmp_path / "good")
    for told in (call("runs", tmp_path), call("diff", tmp_path / "\x1b[2Jevil", tmp_path / "good")):
        assert told.exit_code == 0
        assert "\x1b" not in told.stdout
        assert "\\x1b[2Jevil" in told.stdout


def test_an_empty_project_says_so(tmp_path):
    assert "no finished folder of results" in call("runs", tmp_path).stdout


@pytest.mark.parametrize("name", ["summary.json", "tables/scenarios.csv"])
def test_a_folder_that_says_nonsense_is_left_out(project, tmp_path, name):
    copy = shutil.copytree(project / "both", tmp_path / "both")
    (copy / name).write_text("[]\n")
    found = sim.runs(tmp_path)
    assert found.empty
    assert "both" in found.attrs["left_out"][0]


# --- held against each other --------------------------------------------------------------------------------


def test_settings_and_figures_of_two_runs_are_told(project):
    found = sim.diff(project / "plain", project / "dear")
    assert found.settings.to_numpy().tolist() == [["", "demand.home.price", "2", "3"]]
    means = found.figures.set_index("folder")["mean"]
    assert (means["plain"], means["dear"]) == (mean_of(project / "plain"), mean_of(project / "dear"))


def test_the_difference_is_that_of_a_comparison(project, tmp_path):
    """The same seed and futures: as if both had been compared."""
    base = sim.load(SHOP)
    late = base.with_({"interventions.ban.date": "2021-01-15"})
    sim.run(late, replications=64).save(tmp_path / "late")
    [row] = sim.diff(project / "plain", tmp_path / "late").differences.to_dict("records")
    tables = sim.compare(base, late.with_(name="late"), replications=64).tables
    [compared] = tables["differences"].to_dict("records")
    told = [row[name] for name in ("difference", "ci_low", "ci_high", "share_worse")]
    assert told == [compared[name] for name in ("mean", "mean_ci_low", "mean_ci_high", "share_worse")]
    assert row["difference"] == row["other"] - row["one"] < -0.05


def test_of_other_numbers_of_futures_no_difference_is_told(project):
    told = call("diff", project / "plain", project / "short")
    assert told.exit_code == 0
    assert "replications: 64 → 32" in told.stdout
    assert (
        "Futures are not held against each other: replications is 64 in the one and 32 in the other"
        in told.stdout
    )
    assert sim.diff(project / "plain", project / "short").differences.empty


def test_two_comparisons_are_held_against_each_other_scenario_by_scenario(project):
    found = sim.diff(project / "both", project / "both")
    assert found.differences["scenario"].tolist() == ["test", "dear"]
    assert (found.differences["difference"] == 0.0).all()
    assert "the same was asked for" in repr(found)


def test_folders_of_two_commands_are_refused(project):
    with pytest.raises(ResultError, match="found folders of `chokepoint run` and `chokepoint compare`"):
        sim.diff(project / "plain", project / "both")


def test_what_comes_goes_or_changes_is_told_with_old_and_new():
    one = read(SHOP)
    more = merged(SHOP, {"interventions": {"late": ban(20)}, "title": "Another"})
    more["lanes"]["parts"]["price"] = {"dist": "uniform", "low": 1.0, "high": 2.0}
    told = [change.words for change in settings_told(one, read(more))]
    assert told == ["lanes.parts.price: 1 → uniform(1, 2)", "interventions.late: not there → there"]
    assert settings_told(read(more), one)[1].words == "interventions.late: there → not there"


# --- terminals ----------------------------------------------------------------------------------------------


def test_folders_without_futures_are_listed_alone(project, tmp_path):
    sim.stress(sim.load(SHOP | {"stress": {"ttr_days": 9}})).save(tmp_path / "stress")
    told = call("runs", tmp_path)
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[1].split() == [
        "stress",
        "stress",
        "0",
        "minutes",
        "report:",
        "stress.html",
        "base",
    ]


def test_a_summary_whose_seed_is_none_leaves_its_folder_out(project, tmp_path):
    folder = shutil.copytree(project / "plain", tmp_path / "odd")
    summary = folder / "summary.json"
    summary.write_text(summary.read_text().replace('"seed": ', '"seed": -'))
    found = sim.runs(tmp_path)
    assert found.empty
    assert "allowed: a whole number from 0" in found.attrs["left_out"][0]


def test_the_same_scenario_has_the_same_futures(project):
    found = sim.diff(project / "plain", shutil.copytree(project / "plain", project / "copy"))
    shutil.rmtree(project / "copy")
    assert repr(found).splitlines()[-1] == "  Maker: the same in every future"
