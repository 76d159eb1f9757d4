"""The run folder: every file whole or not at all."""

import errno
import json
import os
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow.parquet import ParquetFile

from sim.errors import ResultError
from sim.montecarlo.store import RunFolder, digest


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_folder_is_made_with_its_first_file(tmp_path):
    RunFolder(tmp_path / "a" / "b").write_text("c/d.txt", "text")
    assert (tmp_path / "a" / "b" / "c" / "d.txt").read_text() == "text"


def test_files_are_readable_by_all(tmp_path):
    path = RunFolder(tmp_path).write_text("a.txt", "text")
    assert path.stat().st_mode & 0o777 == 0o644


PIECE = pa.table({"name": pa.array(["a", "b"]).dictionary_encode(), "value": [0.1 + 0.2, 1e-17]})


def test_a_long_table_is_written_piece_by_piece_as_parquet(tmp_path):
    RunFolder(tmp_path).write_parquet("t.parquet", PIECE.schema, iter([PIECE, PIECE.slice(1)]))
    assert ParquetFile(tmp_path / "t.parquet").num_row_groups == 2
    table = pd.read_parquet(tmp_path / "t.parquet")
    assert table["name"].tolist() == ["a", "b", "b"]
    assert table["value"].tolist() == [0.1 + 0.2, 1e-17, 1e-17]


def test_a_long_table_is_written_piece_by_piece_as_csv(tmp_path):
    RunFolder(tmp_path).write_long_csv("t.csv", PIECE.schema, iter([PIECE, PIECE.slice(1)]))
    text = (tmp_path / "t.csv").read_text()
    assert text == "name,value\na,0.30000000000000004\nb,1e-17\nb,1e-17\n"


def test_a_long_table_without_rows_has_its_columns(tmp_path):
    RunFolder(tmp_path).write_parquet("t.parquet", PIECE.schema, [])
    RunFolder(tmp_path).write_long_csv("t.csv", PIECE.schema, [])
    assert pd.read_parquet(tmp_path / "t.parquet").columns.tolist() == ["name", "value"]
    assert (tmp_path / "t.csv").read_text() == "name,value\n"


@pytest.mark.parametrize("write", [RunFolder.write_parquet, RunFolder.write_long_csv])
def test_a_fault_between_two_pieces_leaves_nothing(tmp_path, write):
    def pieces():
        yield PIECE
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(RunFolder(tmp_path), "outcomes/t", PIECE.schema, pieces())
    assert names(tmp_path) == []


def test_json_is_read_back(tmp_path):
    deep: Any = {"e": [{"f": {"g": ["\u2028", 1e300, True]}}]}
    data = {"a": [0.1, None], "b": {}, "c": [], "d": deep, "h": [[]]}
    path = RunFolder(tmp_path).write_json("a.json", data)
    assert json.loads(path.read_text()) == data


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_refuses_what_is_no_number(tmp_path, number):
    with pytest.raises(ValueError, match="JSON"):
        RunFolder(tmp_path).write_json("a.json", {"a": number})
    assert names(tmp_path) == []


def test_a_file_of_an_earlier_run_is_removed_if_there_is_one(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_text("a.txt", "text")
    folder.remove("a.txt")
    folder.remove("a.txt")
    assert names(tmp_path) == []


def full_disk(_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(ResultError, match=r"cannot write .*a\.txt: No space left"):
        RunFolder(tmp_path).write_text("a.txt", "text")
    assert names(tmp_path) == []


def test_a_full_disk_leaves_the_file_before_as_it_was(tmp_path, monkeypatch):
    RunFolder(tmp_path).write_text("a.txt", "before")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(ResultError):
        RunFolder(tmp_path).write_text("a.txt", "after")
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "before"


def test_an_interruption_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        RunFolder(tmp_path).write_parquet("outcomes/a.parquet", PIECE.schema, [PIECE])
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultError, match="cannot write"):
        RunFolder(tmp_path / "file").write_text("a.txt", "text")


def test_a_digest_tells_values_apart_but_not_orders_of_keys():
    assert digest({"a": 1, "b": [2.0]}) == digest({"b": [2.0], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
    assert len(digest({})) == 12


def test_csv_keeps_every_digit(tmp_path):
    path = RunFolder(tmp_path).write_csv("a.csv", pd.DataFrame({"a": [0.1 + 0.2]}))
    assert path.read_text() == "a\n0.30000000000000004\n"


def test_a_full_disk_is_found_out_first_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(ResultError, match=r"cannot write .*deep/run: No space left"):
        RunFolder(tmp_path / "deep" / "run").refuse_unwritable()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../a.txt", "/a.txt", "b/../../a.txt", "b//a.txt", ".", ""])
def test_a_name_that_leads_out_is_neither_written_nor_removed_nor_read(tmp_path, name):
    folder = RunFolder(tmp_path / "run")
    for do in (
        lambda: folder.write_text(name, "text"),
        lambda: folder.remove(name),
        lambda: folder.read_bytes(name, 10),
    ):
        with pytest.raises(ResultError, match="no name of a file within a folder"):
            do()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_through_a_link(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "tables").symlink_to(tmp_path / "mine")
    for name in ("tables", "tables/a.csv"):
        with pytest.raises(ResultError, match="found a symbolic link"):
            RunFolder(tmp_path / "run").write_text(name, "text")
    assert list((tmp_path / "mine").iterdir()) == []
