"""Which way to compile is chosen, what a user hears of it, and where machine code is kept."""

import ast
import json
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import yaml

from sim.engines import code_cache, compiler
from sim.engines.compiler import OFF, PLAIN, PRIVATE, TESTED, VARIABLE
from sim.errors import EngineError
from tests.builders import shop

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _nothing_asked(monkeypatch):
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def installed(monkeypatch):
    """Says which versions are installed; ways are their own names."""
    monkeypatch.setattr(compiler, "_module", lambda way: way)
    versions = {"numba": "0.68.1", "llvmlite": "0.50.0"}
    monkeypatch.setattr(compiler, "version", versions.__getitem__)
    return versions


def unusable(monkeypatch, ways, error):
    def module(way):
        if way in ways:
            raise error
        return way

    monkeypatch.setattr(compiler, "_module", module)


# ------------------------------------------------------------------ which way


def test_tested_versions_are_compiled_the_private_way_without_a_word(installed):
    assert compiler._choice() == (PRIVATE, PRIVATE, "")


@pytest.mark.parametrize(
    ("numba", "llvmlite"),
    [
        ("0.61.2", "0.44.0"),
        ("0.69.0", "0.51.0"),
        ("1.0", "1.0"),
        ("0.68.1", "0.51.0"),
        ("0.70.0.dev0", "0.50.0"),
    ],
)
def test_other_versions_go_the_plain_way_with_one_message(installed, numba, llvmlite):
    installed.update(numba=numba, llvmlite=llvmlite)
    way, module, notice = compiler._choice()
    assert (way, module) == (PLAIN, PLAIN)
    first, *_, last = TESTED
    assert notice.startswith(
        f"Numba {numba} with llvmlite {llvmlite} was not tested ({first} to {last} were)"
    )
    assert "as long" in notice
    assert "all figures are the same" in notice
    assert "\n" not in notice


@pytest.mark.parametrize("error", [AttributeError("no such pass"), ImportError("no such pass")])
def test_a_private_part_that_is_gone_is_no_traceback(monkeypatch, installed, error):
    unusable(monkeypatch, {PRIVATE}, error)
    way, _, notice = compiler._choice()
    assert way == PLAIN
    assert "no such pass" in notice


def test_without_numba_the_engine_is_plain_python(monkeypatch, installed):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(compiler, "version", missing)
    unusable(monkeypatch, {PRIVATE, PLAIN}, ImportError("No module named 'numba'"))
    way, module, notice = compiler._choice()
    assert (way, module) == (OFF, OFF)
    assert "(not installed)" in notice
    assert "--engine simpy" in notice


@pytest.mark.parametrize("way", [PRIVATE, PLAIN, OFF])
def test_the_environment_names_a_way(monkeypatch, installed, way):
    installed["numba"] = "9.9"
    monkeypatch.setenv(VARIABLE, way)
    assert compiler._choice() == (way, way, "")


def test_numbas_own_switch_turns_the_compiler_off(monkeypatch, installed):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    monkeypatch.setenv(VARIABLE, PLAIN)
    assert compiler._choice().way == OFF


def test_a_way_that_there_is_not_is_refused(monkeypatch, installed):
    monkeypatch.setenv(VARIABLE, "plian")
    with pytest.raises(EngineError, match=r"'plian'.*private, plain, off"):
        compiler._choice()


def test_the_project_asks_for_the_versions_that_were_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (asked,) = [library for library in project["dependencies"] if library.startswith("numba")]
    first, *_, last = TESTED
    major, minor = last.split(".")
    assert asked == f"numba>={first},<{major}.{int(minor) + 1}"
    assert list(TESTED) == [f"{major}.{each}" for each in range(int(first.split(".")[1]), int(minor) + 1)]


def test_the_version_that_is_locked_was_tested():
    numba, llvmlite = (".".join(version(name).split(".")[:2]) for name in ("numba", "llvmlite"))
    assert TESTED[numba] == llvmlite


def test_what_is_private_stays_in_its_module():
    tree = ast.parse((ROOT / "sim" / "engines" / "numba_public.py").read_text(encoding="utf-8"))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert named == {"typing", "sim.engines", "numba", "numba.experimental.function_type"}


# ------------------------------------------------------------------ the command line

PRETENDING = """
import importlib.metadata, json, sys
pretended, arguments = json.loads(sys.argv[1]), sys.argv[2:]
true_version = importlib.metadata.version
importlib.metadata.version = lambda name: pretended.get(name) or true_version(name)
for name in pretended:
    if pretended[name] == "missing":
        sys.modules[name] = None
from sim.cli import main
if pretended and "warmup" in arguments:
    from sim.montecarlo import warmup
    warmup.warm_up = warmup.warm_up_measures = lambda *_: None
main(arguments)
"""
"""To compile in another way takes a minute, which test_ways.py spends."""


def command(pretended, *arguments):
    """A command in a process of its own, which takes other versions to be installed."""
    call = [sys.executable, "-c", PRETENDING, json.dumps(pretended), *map(str, arguments)]
    return subprocess.run(call, capture_output=True, text=True, check=False)


def test_a_run_without_numba_says_so_once_and_ends_well(tmp_path):
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(shop(5)))
    told = command({"numba": "missing"}, "run", file, "-n", 1, "--out", tmp_path / "run")
    assert told.returncode == 0
    assert "Traceback" not in told.stderr
    assert told.stderr.count("runs as plain Python") == 1
    assert "compiling the engine" not in told.stderr


def test_an_untested_version_is_told_once():
    told = command({"numba": "9.9.9"}, "warmup")
    assert told.returncode == 0
    warning, *announcements = told.stderr.splitlines()
    assert warning.startswith("warning: Numba 9.9.9")
    assert all(line.startswith("compiling the ") for line in announcements)
    assert "way: plain" in told.stdout


def test_a_wrong_name_in_the_environment_is_a_mistake(monkeypatch):
    monkeypatch.setenv(VARIABLE, "plian")
    told = command({}, "warmup")
    assert told.returncode == 2
    assert told.stderr.startswith(VARIABLE)


# ------------------------------------------------------------------ the folder


def test_code_of_another_way_or_version_is_kept_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    folders = [code_cache.folder_for(PRIVATE), code_cache.folder_for(PLAIN)]
    for library in ("numba", "llvmlite"):
        monkeypatch.setattr(code_cache, "version", {"numba": "1", "llvmlite": "1", library: "2"}.__getitem__)
        folders.append(code_cache.folder_for(PRIVATE))
    assert len({*folders, None}) == 5
    assert code_cache.folder_for(PRIVATE) == folders[-1]


def test_code_of_another_copy_of_the_package_is_kept_elsewhere(tmp_path):
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    names = "from sim.engines import code_cache; print(code_cache.__file__, code_cache.folder_for('private'))"
    told = subprocess.run(
        [sys.executable, "-c", names], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    file, folder = told.stdout.split()
    assert Path(file).is_relative_to(tmp_path)
    assert Path(folder) != code_cache.folder_for(PRIVATE)
