"""Every example of every docstring gives what it says."""

import ast
import doctest
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import sim

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sim"
VERBS = [name for name in sim.__all__ if inspect.isfunction(getattr(sim, name))]


class Docstring(NamedTuple):
    module: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}"


def docstrings_with_examples() -> Iterator[Docstring]:
    """Read off the sources, so that none hides behind a decorator or a name that nobody exports."""
    for file in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(["sim", *file.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Expr(ast.Constant(str(text))) if ">>>" in text:
                    yield Docstring(module, node.lineno, text)


@pytest.mark.parametrize("docstring", [*docstrings_with_examples()], ids=str)
def test_an_example_gives_what_it_says(docstring: Docstring, monkeypatch):
    monkeypatch.chdir(ROOT)
    names = dict(vars(importlib.import_module(docstring.module)))
    where = (str(docstring), docstring.module, docstring.line - 1)
    examples = doctest.DocTestParser().get_doctest(docstring.text, names, *where)
    told: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=told.append)
    assert "".join(told) == ""


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_of_the_face_has_an_example(verb: str):
    assert ">>>" in getattr(sim, verb).__doc__
