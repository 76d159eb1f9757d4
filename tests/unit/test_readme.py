"""The commands of the README run as they stand."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FEW = {
    "run": ["--replications", "2", "--workers", "1"],
    "sensitivity": ["--replications", "32", "--workers", "1"],
    "sweep": ["--replications", "16"],
}
SHORT = ["--set", "calendar.end=2020-12-31"]
SMALL = {
    "scenarios/entity-list-2019-research-house.yaml": SHORT,
    "scenarios/entity-list-levers-2019.yaml": [*SHORT, "--set", "levers.disk-stock.levels=[30, 180]"],
}
"""What makes less work of a large scenario: fewer days, fewer levels."""
COMMANDS = re.findall(r"^\$ (chokepoint .+)$", README, re.MULTILINE)


@pytest.fixture
def as_told(tmp_path, monkeypatch):
    """A folder in which a reader has done what the README says."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    scenario = re.search(r"^```yaml\n(.+?)^```", README, re.MULTILINE | re.DOTALL)
    assert scenario is not None
    (tmp_path / "my-scenario.yaml").write_text(scenario[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (name, option)
        for name, command in main.commands.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    ],
)
def test_every_option_is_told(command, option):
    rows = [line.split(" | ") for line in README.splitlines() if line.startswith("| `--")]
    told = {
        one
        for names, commands, _ in rows
        if command in commands.split(", ")
        for one in re.findall(r"--[a-z-]+", names)
    }
    assert option in told


def test_make_says_what_it_does_before_it_installs():
    """With everything out of date, as in a fresh clone; nothing is done."""
    make = shutil.which("make")
    assert make is not None
    told = subprocess.run(
        [make, "--dry-run", "--always-make", "demo"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    installs = [number for number, line in enumerate(told) if "pip install" in line]
    assert installs
    assert "echo 'Installing" in told[installs[0] - 1]


def test_every_slow_test_is_run_by_make_verify():
    make = shutil.which("make")
    assert make is not None
    told = subprocess.run(
        [make, "--dry-run", "verify"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    run = {ROOT / word for word in told.split()}
    slow = [file for file in ROOT.glob("tests/*/**/test_*.py") if "mark.slow" in file.read_text("utf-8")]
    assert slow
    assert [file for file in slow if not {file, *file.parents} & run] == []


def test_the_readme_has_commands():
    assert len(COMMANDS) >= 4


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(command, as_told):
    words = shlex.split(command, comments=True)[1:]
    few = FEW.get(words[0], []) + (["--dates", "2"] if "--dates" in words else [])
    small = [word for file, less in SMALL.items() if file in words for word in less]
    result = CliRunner().invoke(main, [*words, *few, *small], catch_exceptions=False)
    assert result.exit_code == 0, result.output
