"""A run's report beside a comparison: what other views give, in words equal to the comparison's numbers."""

import hashlib
import io
import json
import shutil

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.errors import SimError
from tests.builders import ban, merged, shop

CLAIM = {"statement": "Nothing much is lost.", "by": "Nobody", "needs": ["A short ban."]}


def write(file, data):
    file.write_text(yaml.safe_dump(data))
    return file


def ours():
    return shop(60, interventions={"ban": ban(10)}, analysis={"window_days": 30})


def theirs():
    short_ban = {"ban": {"duration_days": 12}}
    return merged(
        ours(), {"name": "short", "title": "A short ban", "claim": CLAIM, "interventions": short_ban}
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A run, and a comparison of it with a shorter ban."""
    folder = tmp_path_factory.mktemp("beside")
    one, other = write(folder / "ours.yaml", ours()), write(folder / "theirs.yaml", theirs())
    return sim.run(one, replications=16, workers=1), sim.compare(other, one, replications=16, workers=1)


@pytest.fixture(scope="module")
def saved(found, tmp_path_factory):
    """Their folders."""
    folder = tmp_path_factory.mktemp("saved")
    for result, name in zip(found, ("run", "compared"), strict=True):
        result.save(folder / name)
    return folder


def test_losses_and_steps_are_those_of_the_comparison(found):
    run, comparison = found
    (view,) = comparison.others(run._findings)
    there, here = (comparison.loss_share(name, "maker") for name in ("short", run.scenario.name))
    assert there < here
    assert (view.title, view.claim) == ("A short ban", "Nothing much is lost.")
    assert f"{100 * there:.1f}% there" in view.losses[0]
    assert f"{100 * here:.1f}% here" in view.losses[0]
    (step,) = view.steps
    assert f"+{100 * (here - there):.1f} points" in step
    assert view.way == "from that view to this one"
    assert view.basis.startswith("Compared in 16 simulated futures of each, with the same random numbers;")


def test_steps_the_other_way_are_told_as_such(found, tmp_path):
    run, _ = found
    files = [write(tmp_path / "ours.yaml", ours()), write(tmp_path / "theirs.yaml", theirs())]
    (view,) = sim.compare(*files, replications=16, workers=1).others(run._findings)
    assert view.way == "from this view to that one"
    assert "−" in view.steps[0]


def test_the_first_page_tells_it_and_the_plain_report_does_not(found):
    run, comparison = found
    page = run.report(comparison)
    assert page.index("Beside it: A short ban") < page.index('<nav aria-label="Contents"')
    assert "Beside it" not in run.report()


def test_a_comparison_of_others_is_refused(found, tmp_path):
    run, _ = found
    first, second = (
        write(tmp_path / f"{name}.yaml", merged(theirs(), {"name": name})) for name in ("one", "two")
    )
    with pytest.raises(SimError, match="found a comparison of one, two; allowed: one that holds "):
        run.report(sim.compare(first, second, replications=16, workers=1))


def test_another_scenario_of_the_same_name_is_refused(found, tmp_path):
    run, _ = found
    changed = merged(ours(), {"demand": {"home": {"mean_per_day": 3.0}}})
    files = [write(tmp_path / "changed.yaml", changed), write(tmp_path / "theirs.yaml", theirs())]
    with pytest.raises(SimError, match="found a comparison of another"):
        run.report(sim.compare(*files, replications=16, workers=1))


def test_the_command_writes_one_file_beside_the_folder(found, tmp_path):
    run, comparison = found
    folders = run.save(tmp_path / "run.1"), comparison.save(tmp_path / "compared")
    result = CliRunner().invoke(main, ["report", str(folders[0]), "--beside", str(folders[1])])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "run.1.html").read_text() == run.report(comparison)


def test_the_command_refuses_folders_of_other_commands(found, tmp_path):
    run, comparison = found
    folders = run.save(tmp_path / "run"), comparison.save(tmp_path / "compared")
    result = CliRunner().invoke(main, ["report", str(folders[1]), "--beside", str(folders[0])])
    assert result.exit_code == 2
    assert "found folders of `chokepoint compare` and `chokepoint run`" in result.stderr
    assert not (tmp_path / "compared.html").exists()


def test_where_margin_leads_it_says_so(tmp_path):
    def led(data):
        return merged(data, {"analysis": {"headline": "margin"}})

    files = [write(tmp_path / "ours.yaml", led(ours())), write(tmp_path / "theirs.yaml", led(theirs()))]
    run = sim.run(files[0], replications=16, workers=1)
    (view,) = sim.compare(*files, replications=16, workers=1).others(run._findings)
    assert view.losses[0].startswith("Of contribution margin, as a share of its revenue, Maker loses")


def test_a_run_with_a_setting_of_its_own_is_refused(found, tmp_path):
    _, comparison = found
    file = write(tmp_path / "ours.yaml", ours())
    run = sim.run(sim.load(file, ["interventions.ban.duration_days=1"]), replications=16, workers=1)
    with pytest.raises(SimError, match="which the comparison lacks"):
        run.report(comparison)


@pytest.mark.parametrize("target", ["run/summary.json", "run/tables/makers.csv", "run/own.html", "ours.yaml"])
def test_a_report_is_written_over_nothing_else(found, tmp_path, target):
    folder = found[0].save(tmp_path / "run")
    write(tmp_path / "ours.yaml", ours())
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    result = CliRunner().invoke(main, ["report", str(folder), "--html", str(tmp_path / target)])
    assert result.exit_code == 2
    assert target.rpartition("/")[2] in result.stderr
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def forge(folder, name, change):
    """Change a file of a folder, and its checksums with it."""
    file = folder / name
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    text = change(file.read_text())
    assert text != file.read_text()
    file.write_text(text)
    after = hashlib.sha256(file.read_bytes()).hexdigest()
    (sums,) = folder.glob("*.sha256")
    assert before in sums.read_text()
    sums.write_text(sums.read_text().replace(before, after))


def table_with(**columns):
    """Columns of a table in other words."""

    def change(text):
        table = pd.read_csv(io.StringIO(text)).assign(**columns)
        return table.to_csv(index=False)

    return change


def told_otherwise(**keys):
    def change(text):
        return json.dumps({**json.loads(text), **keys})

    return change


FORGED = [
    ("tables/scenarios.csv", table_with(maker="nobody"), "tells of nobody, none of the scenario"),
    ("tables/scenarios.csv", table_with(mean=7.5), "that is not that of its losses"),
    ("tables/scenarios.csv", table_with(scenario="short"), "table scenarios has not one row of each"),
    ("tables/scenarios.csv", table_with(mean="much"), "invalid value"),
    ("tables/losses.csv", table_with(loss_share=7.5), "a loss of more than all revenue"),
    ("tables/losses.csv", table_with(scenario="short"), "has not 16 rows of each scenario and maker"),
    ("tables/differences.csv", table_with(mean=0.5), "tells one of test that is none of its means"),
    ("tables/differences.csv", table_with(share_worse=3.0), "found a share that is none"),
    ("tables/waterfall.csv", table_with(effect=0.9), "an effect that is not that of its step"),
    ("tables/waterfall.csv", table_with(against="a third"), "tells of a third, which the summary does not"),
    ("summary.json", told_otherwise(scenarios=[]), "the summary names no scenario"),
    (
        "summary.json",
        told_otherwise(scenarios=[{"scenario": 3, "title": 4}]),
        "no text for a name or a title",
    ),
    ("summary.json", told_otherwise(replications="many"), "tells 'many' replications"),
    ("summary.json", told_otherwise(moves_most=3), "found files that are not those of"),
]


@pytest.mark.parametrize(("name", "change", "says"), FORGED, ids=[f"{n}-{s[:30]}" for n, _, s in FORGED])
def test_a_forged_comparison_is_told_by_its_folder(saved, tmp_path, name, change, says):
    folders = [shutil.copytree(saved / name, tmp_path / name) for name in ("run", "compared")]
    forge(folders[1], name, change)
    result = CliRunner().invoke(main, ["report", str(folders[0]), "--beside", str(folders[1])])
    assert result.exit_code == 2, result.output
    assert result.stderr.removeprefix("Error: ").startswith(f"{folders[1]}")
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "run.html").exists()
