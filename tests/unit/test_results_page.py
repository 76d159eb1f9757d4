"""docs/results.md describes every file, column and key of what the commands write."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
import yaml
from click.testing import CliRunner

from sim.cli import main
from sim.risk.agreement import COLUMNS
from sim.risk.tables import COLUMNS as COLUMNS_OF_A_RUN
from tests.builders import ban, shop

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
WITH_A_DECISION = ROOT / "tests" / "cases" / "wrong-advice.yaml"
RUN, COMPARE, STRESS, SENSITIVITY, SWEEP = "run", "compare", "stress", "sensitivity", "sweep"
CHAPTERS = {
    RUN: "The run folder",
    COMPARE: "Comparisons",
    STRESS: "The stress test",
    SENSITIVITY: "The folder of a sensitivity analysis",
    SWEEP: "The sweep",
}
TABLES = {
    RUN: 26,
    COMPARE: 4,
    STRESS: 2,
    SENSITIVITY: 6,
    SWEEP: 2,
}
ESTIMATE = {"estimate", "ci_low", "ci_high"}
OPAQUE = {"worst_node", "worst_pair"}
"""Keys below which stands a row of a table."""


def scenario_file(folder: Path, name: str, start: int) -> Path:
    file = folder / f"{name}.yaml"
    what = {
        "analysis": {"account": True},
        "demand": {"home": {"patience_days": 2}},
        "interventions": {"ban": ban(start)},
    }
    file.write_text(yaml.safe_dump({**shop(40, **what), "name": name}))
    return file


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """What each command writes."""
    at = tmp_path_factory.mktemp("results")
    one, other = (scenario_file(at, name, start) for name, start in (("one", 5), ("other", 9)))
    commands = {
        RUN: [one, "-n", 4, "--precision", 0.1, "--csv"],
        COMPARE: [one, other, "-n", 16],
        STRESS: [one, "--ttr-days", 9],
        SENSITIVITY: [WITH_A_DECISION, "-n", 64],
        SWEEP: [ROOT / "scenarios" / "first-scenario-levers.yaml", "stock", "second-source", "-n", 16],
    }
    for command, arguments in commands.items():
        called = [command, *map(str, arguments), "--out", str(at / command)]
        told = CliRunner().invoke(main, called, catch_exceptions=False)
        assert told.exit_code == 0, told.output
    return {command: at / command for command in commands}


# ------------------------------------------------------------------ the page


def between(text: str, begin: str, end: str) -> str:
    """What stands behind some words, up to what looks like the end."""
    assert text.count(begin) == 1, f"{begin!r} stands {text.count(begin)} times on the page"
    return re.split(end, text.partition(begin)[2], maxsplit=1, flags=re.MULTILINE)[0]


def chapter(command: str) -> str:
    return between(PAGE, f"\n## {CHAPTERS[command]}\n", r"^## ")


def about_table(command: str, table: str) -> str:
    return between(chapter(command), f"\n**{table}**: ", r"^\*\*|^#")


def code_on(text: str) -> set[str]:
    """Names in code, and those of which paths are made."""
    return {part for name in re.findall(r"`([^`\n]+)`", text) for part in (name, *name.split("."))}


# ------------------------------------------------------------------ files and columns


@pytest.mark.parametrize("command", CHAPTERS)
def test_every_file_is_described(folders, command):
    described = chapter(command).replace(
        "tables/*.csv", " ".join(f"tables/{name}.csv" for name in tables(folders, command))
    )
    written = {
        file.relative_to(folders[command]).as_posix()
        for file in folders[command].rglob("*")
        if file.is_file()
    }
    unnamed = {file for file in written if file not in described}
    assert {file for file in unnamed if not file.startswith(("parts/", "outcomes/"))} == set()


def tables(folders: dict[str, Path], command: str) -> list[str]:
    return sorted(file.stem for file in (folders[command] / "tables").glob("*.csv"))


@pytest.mark.parametrize("command", CHAPTERS)
def test_every_column_of_every_table_is_described(folders, command):
    found = tables(folders, command)
    assert len(found) == TABLES[command]
    missing = []
    for table in found:
        with (folders[command] / "tables" / f"{table}.csv").open(encoding="utf-8") as lines:
            columns = next(csv.reader(lines))
        code = code_on(about_table(command, table))
        missing += [f"{table}.{column}" for column in columns if column not in code]
    assert missing == []


@pytest.mark.parametrize("table", ["duties", "recipes"])
def test_every_column_of_a_table_that_is_there_sometimes_is_described(table):
    assert set(COLUMNS_OF_A_RUN[table]) <= code_on(about_table(RUN, table))


def test_every_column_of_the_outcomes_is_described(folders):
    about = code_on(between(PAGE, "\n### outcomes/FIRST-LAST.parquet, outcomes.csv\n", "^### "))
    columns = ds.dataset(folders[RUN] / "outcomes").schema.names
    assert [column for column in columns if column not in about] == []


def test_every_column_of_the_states_is_described(tmp_path):
    file = scenario_file(tmp_path, "one", 5)
    options = ["--table", str(tmp_path / "states.csv"), "--account", str(tmp_path / "days.csv")]
    kept = ["--set", "analysis.account=true"]
    CliRunner().invoke(main, ["trace", str(file), *options, *kept], catch_exceptions=False)
    for table, begins, ends in (
        ("states.csv", "\n## The states of one replication\n", "^## "),
        ("days.csv", "\n### The accounts of every day\n", "^## "),
    ):
        with (tmp_path / table).open(encoding="utf-8") as lines:
            columns = next(csv.reader(lines))
        about = code_on(between(PAGE, begins, ends))
        assert [column for column in columns if column not in about] == []


def test_every_column_of_disagreements_is_described():
    about = code_on(between(PAGE, "\n## A run done again\n", "^## "))
    assert [column for column in COLUMNS if column not in about] == []


# ------------------------------------------------------------------ keys


def keys_of(told: Any, ids: set[str], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a file with those above it; ID stands for an id."""
    if isinstance(told, list):
        for entry in told:
            yield from keys_of(entry, ids, above)
    if isinstance(told, dict) and set(told) != ESTIMATE:
        for key, below in told.items():
            here = (*above, "ID" if key in ids else key)
            if key not in ids and not re.fullmatch(r"[\d.]+", key):
                yield here
            if key not in OPAQUE:
                yield from keys_of(below, ids, here)


def ids_of(manifest: dict[str, Any]) -> set[str]:
    given = [manifest["given"]] if isinstance(manifest["given"], dict) else manifest["given"]
    held = [*given, *(scenario.get("decision", {}) for scenario in given)]
    collections = [entries for each in held for entries in each.values() if isinstance(entries, dict)]
    return {name for entries in collections for name in entries}


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def rows_about_keys(text: str) -> dict[str, set[str]]:
    """Names in code in the row of each key, by the key's path."""
    rows = [line.split(" | ", 1) for line in text.splitlines() if line.startswith("| `")]
    return {path: code_on(row[1]) for row in rows for path in re.findall(r"`([^`]+)`", row[0])}


def is_described(path: tuple[str, ...], rows: dict[str, set[str]]) -> bool:
    """Whether a key or one below it has a row, or it stands in the row of one above it."""
    name = ".".join(path)
    above = [".".join(path[:length]) for length in range(1, len(path))]
    has_row = any(row == name or row.startswith(f"{name}.") for row in rows)
    return has_row or any(path[-1] in rows[key] for key in above if key in rows)


@pytest.mark.parametrize("command", CHAPTERS)
def test_every_key_of_a_summary_is_described(folders, command):
    (file,) = (file for file in folders[command].glob("*.json") if file.name != "manifest.json")
    ids = ids_of(read(folders[command] / "manifest.json"))
    rows = rows_about_keys(chapter(command))
    paths = list(keys_of(read(file), ids))
    assert paths
    assert sorted({".".join(path) for path in paths if not is_described(path, rows)}) == []


@pytest.mark.parametrize("command", CHAPTERS)
def test_every_key_of_a_manifest_is_described(folders, command):
    """Those of an analysis beside those of a run."""
    about = code_on(between(PAGE, "\n### manifest.json\n", "^### ") + chapter(command))
    manifest = read(folders[command] / "manifest.json")
    assert [key for key in manifest if key not in about] == []
