"""What the pages name is there: files, anchors, modules, names of the code, columns of tables."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sim

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "scenarios" / "data" / "README.md"]
PAGES += sorted(DOCS.rglob("*.md"))
ROOMS = ("commands", "engines", "face", "model", "montecarlo", "report", "risk", "scenario")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text_of(page), flags=re.DOTALL)
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


# ------------------------------------------------------------------ names of the code


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(sim.__path__, "sim."):
        yield importlib.import_module(found.name)


CLASSES = {
    name: value
    for module in modules()
    for name, value in vars(module).items()
    if isinstance(value, type) and value.__module__.startswith("sim.")
}


def is_there(name: str) -> bool:
    """Whether a dotted name is a module, an object of one, or a field of a class."""
    parts = name.split(".")
    if parts[0] in CLASSES:
        return has(CLASSES[parts[0]], parts[1:])
    for length in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(["sim", *parts[:length]]))
        except ModuleNotFoundError:
            continue
        return has(module, parts[length:])
    return False


def has(thing: Any, names: list[str]) -> bool:
    for name in names:
        fields = getattr(thing, "model_fields", {}) | getattr(thing, "__dataclass_fields__", {})
        if name in fields or name in SELF_MADE.get(getattr(thing, "__name__", ""), set()):
            return True
        if not hasattr(thing, name):
            return False
        thing = getattr(thing, name)
    return True


SELF_MADE = {
    "Simulation": set(re.findall(r"self\.(\w+)\b.* = ", text_of(ROOT / "sim" / "engines" / "des.py")))
    | set(re.findall(r"self\.(\w+)\b.* = ", text_of(ROOT / "sim" / "engines" / "state.py")))
}
"""Attributes that a class sets in its methods."""


def code_of_glossary() -> list[str]:
    rows = [
        line.strip("| ").split(" | ")
        for line in text_of(DOCS / "glossary.md").splitlines()
        if line[:1] == "|"
    ]
    named = [name for row in rows for name in re.findall(r"`([\w./]+)`", row[-1])]
    return sorted({name for name in named if "." in name})


@pytest.mark.parametrize("name", code_of_glossary())
def test_the_code_that_the_glossary_names_is_there(name: str):
    if name.startswith("tables/"):
        assert (ROOT / "docs" / "results.md").read_text(encoding="utf-8").count(f"**{Path(name).stem}**")
    elif name.partition(".")[0] in ROOMS or name[:1].isupper():
        assert is_there(name)


@pytest.mark.parametrize("page", ["architecture.md", "engine-tests.md"])
def test_modules_that_a_page_names_are_there(page: str):
    known = {file.name for file in ROOT.rglob("*.py") if ".venv" not in file.parts}
    named = set(re.findall(r"`(?:[\w/]+/)?(\w+\.py)`", text_of(DOCS / page)))
    assert named
    assert named <= known
