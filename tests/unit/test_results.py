"""Room for the results of a batch: whole, in memory or in a file that leaves nothing behind."""

import errno
import gc
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

from sim.errors import ResultError
from sim.montecarlo import results
from sim.montecarlo.results import Results

NUMBERS = np.arange(24.0).reshape(4, 2, 3)
DAYS = np.arange(4)


@pytest.fixture(params=[results.MOST_IN_MEMORY, 0], ids=["in memory", "in a file"])
def most_in_memory(request, monkeypatch):
    monkeypatch.setattr(results, "MOST_IN_MEMORY", request.param)
    return request.param


def block(first):
    return {"numbers": NUMBERS + 100.0 * first, "days": DAYS + first, "none": np.zeros((4, 0))}


@pytest.mark.usefixtures("most_in_memory")
def test_blocks_come_in_any_order_and_the_last_is_cut_off():
    kept = Results(10)
    for first in (4, 8, 0):
        kept.put(first, block(first))
    found = kept.by_replication()
    assert found["numbers"].shape == (10, 2, 3)
    assert found["none"].shape == (10, 0)
    assert found["days"].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert found["days"].dtype == DAYS.dtype
    np.testing.assert_array_equal(found["numbers"][4:8], NUMBERS + 400.0)
    np.testing.assert_array_equal(found["numbers"][8:], NUMBERS[:2] + 800.0)


@pytest.mark.usefixtures("most_in_memory")
def test_what_is_no_number_is_kept_too():
    kept = Results(3)
    kept.put(0, {"days": np.array([np.nan, 0.0, np.inf])})
    np.testing.assert_array_equal(kept.by_replication()["days"], [np.nan, 0.0, np.inf])


@pytest.mark.usefixtures("most_in_memory")
def test_results_may_be_empty():
    kept = Results(3)
    kept.put(0, {"weeks": np.zeros((4, 2, 0))})
    assert kept.by_replication()["weeks"].shape == (3, 2, 0)


@pytest.mark.usefixtures("most_in_memory")
def test_numbers_of_one_thing_lie_side_by_side():
    kept = Results(4)
    kept.put(0, block(0))
    assert kept.by_replication()["numbers"][:, 1, 2].flags.c_contiguous


@pytest.mark.usefixtures("most_in_memory")
def test_few_numbers_among_zeros_are_kept_where_they_were():
    whole = np.zeros((10, 3, 40, 50))
    for replication in range(10):
        whole[replication, 2, 3 * replication, 7:9] = replication, np.nan
    kept = Results(10)
    for first in (4, 8, 0):
        block = np.zeros((4, *whole.shape[1:]))
        block[: len(whole[first : first + 4])] = whole[first : first + 4]
        kept.put(first, {"losses": block})
    np.testing.assert_array_equal(kept.by_replication()["losses"], whole)


def test_a_file_has_no_name_and_is_gone_with_its_last_user(monkeypatch, tmp_path):
    def open_here():
        return [link for link in map(os.readlink, mapped()) if link.startswith(str(tmp_path))]

    def mapped():
        return list(Path("/proc/self/map_files").iterdir())

    monkeypatch.setattr(results, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = Results(4)
    kept.put(0, block(0))
    numbers = kept.by_replication()["numbers"]
    del kept
    assert list(tmp_path.iterdir()) == []
    assert len(open_here()) == 1
    np.testing.assert_array_equal(numbers, NUMBERS)
    del numbers
    gc.collect()
    assert open_here() == []


def test_a_full_disk_is_told_with_a_way_out(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(results, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(ResultError, match=r"cannot keep .* No space left on device; .* TMPDIR"):
        Results(4).put(0, block(0))
