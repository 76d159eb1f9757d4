"""Hostile workbooks and CSV files: each is read, or refused in one message, in little time and memory."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import pytest
import yaml

from sim.errors import SimError
from sim.scenario.erp.wizard import proposed_table
from sim.scenario.load import load_scenario
from sim.stories import files
from tests.builders import shop
from tests.fuzz.checked import FaultError, held_to_limits, validate
from tests.fuzz.tables import (
    BILL,
    COLUMNS,
    GOOD_BILL,
    WORKBOOK,
    hostile_bill,
    hostile_collection,
    hostile_graph,
    hostile_workbook,
)

SECONDS, MEGABYTES = 1.0, 300.0
SOME, ALL = 12, 5_000
"""Of each kind: always, and in ``make verify``."""
LONGEST = 60_000
"""Characters of a refusal: fifty problems of a thousand."""


Written = Callable[[int, Path], Callable[[], bool]]


def workbook(number: int, folder: Path) -> Callable[[], bool]:
    """Writes the workbook of a number; what reads it."""
    file = folder / WORKBOOK
    file.write_bytes(hostile_workbook(number))
    return lambda: _told(lambda: validate(file, []), file.name)


def bill(number: int, folder: Path) -> Callable[[], bool]:
    """The same of a bill of materials."""
    (folder / BILL).write_bytes(hostile_bill(number))
    return lambda: _imported(folder)


def collection(number: int, folder: Path) -> Callable[[], bool]:
    """The same of a collection in a table of its own."""
    name, data = hostile_collection(number)
    (folder / f"{name}.csv").write_bytes(data)
    text = files.as_yaml({**shop(30, interventions={}), name: {"file": f"{name}.csv"}})
    (folder / "scenario.yaml").write_text(text)
    return lambda: _told(lambda: validate(folder / "scenario.yaml", []), name)


def graph(number: int, folder: Path) -> Callable[[], bool]:
    """The same of a graph."""
    (folder / "hostile.graphml").write_bytes(hostile_graph(number))
    target = folder / "of-graph.yaml"
    target.unlink(missing_ok=True)
    return lambda: _told(lambda: files.import_graph(folder / "hostile.graphml", target), "hostile.graphml")


def _imported(folder: Path) -> bool:
    mapping = folder / "mapping.yaml"
    table = {"holds": "bom", "columns": {name: name for name in COLUMNS.split(",")}, "phantoms": ["phantom"]}
    data = {"name": "x", "title": "X", "currency": "EUR", "maker": {"name": "X", "country": "DE"}}
    mapping.write_text(yaml.safe_dump({**data, "tables": {BILL: table}}))
    target = folder / "imported.yaml"
    target.unlink(missing_ok=True)
    is_table = _told(lambda: proposed_table(folder / BILL), BILL)
    return _told(lambda: files.import_tables([folder / BILL], mapping, target), "") and is_table


def _told(action, name: str) -> bool:
    """Whether it can be used; else it is refused in words that name the file."""
    try:
        action()
    except SimError as error:
        text = str(error)
        assert name in text
        assert 0 < len(text) < LONGEST
        return False
    return True


def faults(written: Written, numbers: Iterable[int], folder: Path) -> tuple[list[str], Counter[bool]]:
    """What is at fault with which, and how many can be used."""
    found, used = [], Counter[bool]()
    for number in numbers:
        read = written(number, folder)
        try:
            used[held_to_limits(read, SECONDS, MEGABYTES).is_scenario] += 1
        except FaultError as error:
            found.append(f"{number}: {error.kind}: {error}")
    return found, used


@pytest.mark.parametrize("written", [workbook, bill, collection, graph])
def test_some_hostile_tables_are_read_or_refused(tmp_path, written):
    written(0, tmp_path)()
    found, used = faults(written, range(SOME), tmp_path)
    assert found == []
    assert used[False] > 0


@pytest.mark.slow
@pytest.mark.parametrize("written", [workbook, bill, collection, graph])
def test_all_hostile_tables_are_read_or_refused(tmp_path, written):
    written(0, tmp_path)()
    found, used = faults(written, range(ALL), tmp_path)
    assert found == []
    assert used[True] > 0
    assert used[False] > 0


@pytest.mark.parametrize("row", [b"bike,bell,1,1,,,,\n", b"x", b",", b"\n", b'"'])
def test_50_megabytes_are_refused_at_once(tmp_path, row):
    (tmp_path / BILL).write_bytes(GOOD_BILL.encode() + row * (50_000_000 // len(row)))
    assert not held_to_limits(lambda: _imported(tmp_path), SECONDS, MEGABYTES).is_scenario


# ---------------------------------------------------------------------- killed in the midst of writing

FLAGSHIP = Path(__file__).parents[2] / "scenarios" / "entity-list-2019.yaml"
EXPORTS = f"""
import os, sys
from pathlib import Path
import sim.montecarlo.store
HOW
from sim.stories import files
files.export({str(FLAGSHIP)!r}, Path(sys.argv[1]))
"""


def export_into(target: Path, how: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", EXPORTS.replace("HOW", how), str(target)])


@pytest.mark.parametrize("suffix", [".xlsx", pytest.param(".yaml", marks=pytest.mark.slow)])
def test_what_is_killed_before_it_is_whole_has_no_name(tmp_path, suffix):
    """Killed as the last byte is written, when only the name is missing."""
    target = tmp_path / f"flagship{suffix}"
    with export_into(target, "os.fsync = lambda _: os.kill(os.getpid(), 9)") as process:
        assert process.wait(60) == -signal.SIGKILL
    assert not target.exists()
    assert [entry.suffix for entry in tmp_path.iterdir()] == [".tmp"]
    assert files.export(FLAGSHIP, target) == target


@pytest.mark.slow
def test_kills_at_any_moment_leave_no_half_workbook(tmp_path):
    whole = files.export(FLAGSHIP, tmp_path / "whole.xlsx").read_bytes()
    random, seen = Random("kills"), Counter[bool]()
    for number in range(40):
        target = tmp_path / f"{number}.xlsx"
        with export_into(target) as process:
            time.sleep(random.uniform(0.3, 4.0))
            process.kill()
        seen[target.exists()] += 1
        if target.exists():
            assert len(target.read_bytes()) == len(whole)
            assert load_scenario(target).name == load_scenario(FLAGSHIP).name
    assert len(seen) == 2
