"""The run folder: every file whole or not at all."""

import errno
import json
import os

import pandas as pd
import pytest

from sim.errors import ResultError
from sim.montecarlo.store import RunFolder, csv, digest


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_folder_is_made_with_its_first_file(tmp_path):
    RunFolder(tmp_path / "a" / "b").write_text("c/d.txt", "text")
    assert (tmp_path / "a" / "b" / "c" / "d.txt").read_text() == "text"


def test_files_are_readable_by_all(tmp_path):
    path = RunFolder(tmp_path).write_text("a.txt", "text")
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_table_is_written_as_parquet_and_csv(tmp_path):
    table = pd.DataFrame({"name": ["a", "b"], "value": [0.1, 1e-17]})
    RunFolder(tmp_path).write_table("t", table)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), table)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "t.csv"), table)


def test_json_is_read_back(tmp_path):
    path = RunFolder(tmp_path).write_json("a.json", {"a": [0.1, None]})
    assert json.loads(path.read_text()) == {"a": [0.1, None]}


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
        RunFolder(tmp_path).write_table("a", pd.DataFrame({"a": [1.0]}))
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultError, match="cannot write"):
        RunFolder(tmp_path / "file").write_text("a.txt", "text")


def test_a_digest_tells_values_apart_but_not_orders_of_keys():
    assert digest({"a": 1, "b": [2.0]}) == digest({"b": [2.0], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
    assert len(digest({})) == 12


def test_csv_keeps_every_digit():
    assert csv(pd.DataFrame({"a": [0.1 + 0.2]})) == "a\n0.30000000000000004\n"
