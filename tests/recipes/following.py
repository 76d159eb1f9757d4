"""Follows the worked examples of `docs/architecture.md` in a copy of the package."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "architecture.md"
_STEP = re.compile(r'^```(python|diff) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """A block of code of the page: a new file, or changes of one."""

    file: str
    text: str
    is_new: bool


def steps_of(title: str) -> list[Step]:
    """The steps below a heading of the page, in their order."""
    _, _, below = PAGE.read_text(encoding="utf-8").partition(f"### {title}\n")
    section = re.split(r"^##", below, maxsplit=1, flags=re.MULTILINE)[0]
    return [Step(file, text, kind == "python") for kind, file, text in _STEP.findall(section)]


def follow(steps: list[Step], project: Path) -> None:
    """Copy the package into a folder and follow the steps there."""
    shutil.copytree(PROJECT / "sim", project / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    for step in steps:
        file = project / step.file
        file.write_text(step.text if step.is_new else changed(file.read_text(encoding="utf-8"), step.text))


def changed(text: str, diff: str) -> str:
    """A text after a diff without line numbers; ``@@`` names text behind which the next lines are found."""
    hunks = re.split(r"^@@ (.*)\n", f"@@ \n{diff}" if diff[:2] != "@@" else diff, flags=re.MULTILINE)[1:]
    for after, hunk in zip(hunks[::2], hunks[1::2], strict=True):
        lines = [(line[:1], line[1:]) for line in hunk.splitlines(keepends=True)]
        old = "".join(line for mark, line in lines if mark != "+")
        new = "".join(line for mark, line in lines if mark != "-")
        start = text.index(after)
        place = start + len(text[start:].partition("\n")[0]) + 1 if not old else text.index(old, start)
        text = text[:place] + new + text[place + len(old) :]
    return text


def run(project: Path) -> subprocess.CompletedProcess[str]:
    """Both engines on a scenario that holds what the steps add; the compiled one runs as plain Python."""
    paths = os.pathsep.join([str(project), str(PROJECT)])
    environment = os.environ | {
        "PYTHONPATH": paths,
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "tests.recipes.both_engines", str(project)],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
