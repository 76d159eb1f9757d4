"""The commands and the Python of the guide to long runs work as they stand, one after the other."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from click.testing import CliRunner

from sim.cli import main

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "long-runs.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.+?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_guide_run_in_their_order(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^\$ chokepoint (.+)$", GUIDE, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        told = CliRunner().invoke(main, shlex.split(command))
        assert told.exit_code == 0, f"{command}\n{told.output}"


def test_the_python_of_the_guide_runs(tmp_path):
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    code = next(block for block in blocks("python") if "runs.reproduce" in block)
    (tmp_path / "guide.py").write_text(code)
    told = subprocess.run(
        [sys.executable, "guide.py"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "values agree, to the last digit" in told.stdout


def test_the_cluster_files_of_the_guide_are_what_they_say():
    kinds = [entry["kind"] for block in blocks("yaml") for entry in yaml.safe_load_all(block)]
    assert kinds == ["Deployment", "Service", "Deployment", "Job"]
