"""``--overwrite``: a folder of other results makes room if its user says so, and nothing else goes."""

import os
import shutil

import click
import pytest
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.commands import options
from sim.errors import ResultError
from tests.durability.folders import contents, finished_run, random_scenario, scenario_in
from tests.durability.test_ending import SECONDS
from tests.durability.test_every_command import on_a_terminal, told_on

CHANGED = ["--set", "demand.home.price=3", "-n", "4"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return finished_run(tmp_path_factory.mktemp("finished"))


@pytest.fixture
def there(finished, tmp_path):
    """A folder that holds another run."""
    return shutil.copytree(finished, tmp_path / "run")


def call(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def run_into(folder, *options):
    return call("run", scenario_in(folder.parent), *CHANGED, "--out", folder, *options)


def test_other_results_stay_unless_asked_for(there):
    before = contents(there)
    told = run_into(there)
    assert told.exit_code == 2
    assert "found another run" in told.stderr
    assert told.stderr.endswith("to put this in the place of what is there: --overwrite\n")
    assert contents(there) == before


def test_it_asks_and_without_a_terminal_refuses(there):
    before = contents(there)
    told = run_into(there, "--overwrite")
    assert told.exit_code == 2
    assert f"{there} holds {len(before)} files of `chokepoint run " in told.stderr
    assert told.stderr.endswith("There is no terminal to ask on; allowed: --overwrite with --yes\n")
    assert contents(there) == before


def test_with_yes_all_that_was_there_goes(there, tmp_path):
    told = run_into(there, "--overwrite", "--yes")
    assert told.exit_code == 0, told.output
    fresh = run_into(tmp_path / "fresh")
    assert fresh.exit_code == 0
    assert contents(there) == contents(tmp_path / "fresh")


def test_what_is_begun_for_the_same_goes_on(there):
    assert run_into(there, "--overwrite", "--yes").exit_code == 0
    before = contents(there)
    times = {file: file.stat().st_mtime_ns for file in there.rglob("*") if file.name != ".lock"}
    assert run_into(there, "--overwrite", "--yes").exit_code == 0
    assert contents(there) == before
    assert {file: file.stat().st_mtime_ns for file in times} == times


@pytest.mark.parametrize("name", ["thesis.txt", "parts/thesis.txt", "tables/thesis.csv", "mine/thesis.txt"])
def test_a_folder_with_anything_else_in_it_is_left_alone(there, name):
    mine = there / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("precious")
    before = contents(there)
    told = run_into(there, "--overwrite", "--yes")
    assert told.exit_code == 2
    assert "which no command has written" in told.stderr
    assert contents(there) == before


def test_what_was_cut_off_makes_room_too(there):
    for name in ("summary.json", "summary.sha256", "tables/makers.csv"):
        (there / name).unlink()
    assert run_into(there, "--overwrite", "--yes").exit_code == 0


def test_a_folder_whose_manifest_is_damaged_is_left_alone(there):
    (there / "manifest.json").write_text("{}")
    before = contents(there)
    told = run_into(there, "--overwrite", "--yes")
    assert told.exit_code == 2
    assert "is damaged" in told.stderr
    assert contents(there) == before


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 2)])
def test_the_answer_on_the_terminal_counts(there, answer, code):
    before = contents(there)
    words = ["run", str(scenario_in(there.parent)), *CHANGED, "--out", str(there), "--overwrite"]
    with on_a_terminal(words, there.parent, "") as (process, terminal):
        os.write(terminal, answer.encode())
        told = told_on(terminal, SECONDS)
        assert process.wait(SECONDS) == code, told
    assert "remove them? [y/N]" in told
    assert (contents(there) == before) == (code == 2)


def test_a_command_that_writes_elsewhere_replaces_nothing():
    with click.Context(main):
        assert not options.agrees("?")


def test_it_cannot_stand_beside_resume(there):
    told = call("run", "--resume", there, "--overwrite")
    assert told.exit_code == 2
    assert "found '--overwrite' beside --resume" in told.stderr


def test_python_overwrites_if_asked_to(there):
    found = sim.run(random_scenario(), overrides={"demand.home.price": 3}, replications=4)
    before = contents(there)
    with pytest.raises(ResultError, match="found another run"):
        found.save(there)
    (there / "thesis.txt").write_text("precious")
    with pytest.raises(ResultError, match="which no command has written"):
        found.save(there, overwrite=True)
    (there / "thesis.txt").unlink()
    assert contents(there) == before
    assert found.save(there, overwrite=True) == there
    assert sim.open(there).summary == found.summary
