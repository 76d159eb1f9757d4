"""Text of a scenario never makes a spreadsheet compute, and can be had back as it was."""

import csv
import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.montecarlo.inert import inert, inert_table
from sim.stories import study

ROOT = Path(__file__).parents[2]
CASE = ROOT / "tests" / "cases" / "csv-formula-injection.yaml"
RESULTS = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
NUMBER = re.compile(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?")


def cells(file: Path, delimiter: str) -> list[str]:
    """What a spreadsheet that parts cells by this sees."""
    with file.open(encoding="utf-8", newline="") as text:
        return [cell for row in csv.reader(text, delimiter=delimiter) for cell in row]


def is_formula(cell: str) -> bool:
    return cell[:1] in [*SIGNS, "\t", "\r", "\n"] and not NUMBER.fullmatch(cell)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    finished = study.run(CASE, replications=4, workers=1, csv=True)
    return study.save(finished, tmp_path_factory.mktemp("results") / "run")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_file_of_a_hostile_scenario_holds_a_formula(folder: Path, delimiter: str):
    files = sorted(folder.rglob("*.csv"))
    assert {file.name for file in files} > {"outcomes.csv", "assumptions.csv", "interventions.csv"}
    found = [(file.name, cell) for file in files for cell in cells(file, delimiter) if is_formula(cell)]
    assert found == []


def test_the_titles_are_there_all_the_same(folder: Path):
    table = pd.read_csv(folder / "tables" / "interventions.csv")
    assert table["title"].tolist() == ['\'=HYPERLINK("http://evil.example/27","x")']


def test_json_and_parquet_hold_text_as_it_is(folder: Path):
    assert '"title": "=HYPERLINK(' in (folder / "manifest.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1;b", "a;'=1;b"),
        ("a\n-1", "a\n'-1"),
        ("'=1", "''=1"),
        ("it's = 1", "it's = 1"),
        ("range -5 to +5; growth", "range -5 to +5; growth"),
        ("'tis", "'tis"),
        ("", ""),
    ],
)
def test_an_apostrophe_stands_where_a_formula_could_begin(text: str, kept: str):
    assert inert(text) == kept


@given(st.text(alphabet="'=+-@;\t\r\n\uff1dab 1", max_size=12))
def test_what_was_added_can_be_taken_away_as_the_page_says(text: str):
    (snippet,) = (
        block for block in re.findall(r"```python\n(.*?)```", RESULTS, re.DOTALL) if "added" in block
    )
    page: dict[str, re.Pattern[str]] = {}
    exec(snippet, page)  # noqa: S102 - our own page
    assert page["added"].sub("", inert(text)) == text


@given(st.text(alphabet="'=+-@;\t\r\n\uff1dab 1", max_size=12))
def test_no_part_of_a_text_begins_like_a_formula(text: str):
    kept = inert(text)
    assert kept[:1] not in ("\t", "\r", "\n")
    assert not any(part[:1] in SIGNS for part in re.split("[;\t\r\n]", kept) if part)


def test_numbers_dates_and_what_is_missing_stay():
    table = pd.DataFrame(
        {
            "loss": [-1.5, np.nan],
            "date": [dt.date(2019, 10, 9), None],
            "mixed": [-2, "=1"],
            "shock": [True, False],
            "maker": ["velo", "-"],
        }
    )
    kept = inert_table(table)
    assert kept["mixed"].tolist() == [-2, "'=1"]
    assert kept["maker"].tolist() == ["velo", "'-"]
    same = ["loss", "date", "shock"]
    pd.testing.assert_frame_equal(kept[same], table[same])


def test_an_empty_table_keeps_its_columns():
    assert inert_table(pd.DataFrame(columns=["a", "b"])).columns.tolist() == ["a", "b"]
