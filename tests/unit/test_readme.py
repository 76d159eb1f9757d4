"""The commands of the README run as they stand."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FEW = {
    "run": ["--replications", "2", "--workers", "1"],
    "sensitivity": ["--replications", "32", "--workers", "1"],
}
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


def test_the_readme_has_commands():
    assert len(COMMANDS) >= 4


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(command, as_told):
    words = shlex.split(command, comments=True)[1:]
    few = FEW.get(words[0], [])
    result = CliRunner().invoke(main, [*words, *few], catch_exceptions=False)
    assert result.exit_code == 0, result.output
