"""What the pages and notebooks show of Python runs as it stands, and shows a figure soon."""

import ast
import json
import re
import shutil
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
MOST_LINES = 10


def blocks(page: str) -> list[str]:
    return re.findall(
        r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    """A folder with the scenarios, as the project's."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / "docs" / "notebooks").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)


def shown(code: str, namespace: dict[str, Any]) -> Any:
    """Run code as a notebook does: the value of a last expression is shown."""
    *before, last = ast.parse(code).body
    if not isinstance(last, ast.Expr):
        exec(compile(code, "cell", "exec"), namespace)  # noqa: S102 - our own
        return None
    exec(compile(ast.Module(before, []), "cell", "exec"), namespace)  # noqa: S102 - our own
    return eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)  # noqa: S307 - our own


def test_the_readme_leads_to_a_figure_in_ten_lines():
    (code,) = blocks("README.md")
    assert isinstance(shown(code, {}), go.Figure)
    assert len(code.splitlines()) <= MOST_LINES


def test_the_guide_runs_from_top_to_bottom(capsys):
    namespace: dict[str, Any] = {}
    for code in blocks("docs/python.md"):
        shown(code, namespace)
    assert "did you mean 'controllers'?" in capsys.readouterr().out


def test_there_are_three_notebooks():
    assert [notebook.stem for notebook in NOTEBOOKS] == [
        "first_study",
        "sweep_a_stock_level",
        "your_own_figure",
    ]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_a_notebook_runs_and_shows_figures(notebook, monkeypatch):
    monkeypatch.chdir("docs/notebooks")  # where Jupyter starts it
    namespace: dict[str, Any] = {}
    told = [shown(code, namespace) for code in code_of(notebook)]
    assert sum(isinstance(thing, go.Figure) for thing in told) >= 2


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_a_notebook_is_kept_without_what_it_shows(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


def code_of(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
