"""Pieces of work in threads: in their order, few at a time, and whole."""

import errno
import os
import threading
from functools import partial

import numpy as np
import pytest

from sim.errors import ResultError
from sim.montecarlo import answers, parts
from sim.montecarlo.answers import answers_of
from sim.montecarlo.parts import Parts, to_parquet
from sim.montecarlo.results import Kept
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import in_threads
from tests.builders import ban, compiled, shop

THREADS = 3


def test_results_come_in_the_order_of_the_pieces():
    others_done = threading.Event()

    def first():
        assert others_done.wait(60)
        return 0

    def last():
        others_done.set()
        return 2

    assert list(in_threads([first, lambda: 1, last], THREADS)) == [0, 1, 2]


def test_few_pieces_are_begun_before_results_are_taken():
    asked: list[int] = []

    def pieces():
        for number in range(100):
            asked.append(number)
            yield partial(int, number)

    results = in_threads(pieces(), THREADS)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert len(asked) == 5 + THREADS - 1


def test_an_error_in_a_piece_is_that_of_all():
    with pytest.raises(ZeroDivisionError):
        list(in_threads([partial(int, 1), partial(divmod, 1, 0)], THREADS))


def chunks(number):
    for first in range(number):
        yield range(first, first + 1), to_parquet(Kept({"loss": np.array([float(first)])}, {}))


@pytest.mark.parametrize("workers", [1, 2, 7, None])
def test_parts_that_are_kept_side_by_side_are_read_side_by_side(tmp_path, workers):
    its = Parts(RunFolder(tmp_path), "run")
    its.put_all(chunks(20))
    assert its.missing(20) == []
    assert its.kept(20, workers).outcome["loss"].tolist() == list(range(20))


def test_what_came_before_an_interruption_is_kept(tmp_path):
    def interrupted():
        yield from chunks(7)
        raise KeyboardInterrupt

    its = Parts(RunFolder(tmp_path), "run")
    with pytest.raises(KeyboardInterrupt):
        its.put_all(interrupted())
    assert its.missing(9) == [range(7, 9)]


def test_a_full_disk_ends_it_and_leaves_no_half_part(tmp_path, monkeypatch):
    def full_disk(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full_disk)
    come = chunks(100)
    with pytest.raises(ResultError, match="No space left"):
        Parts(RunFolder(tmp_path), "run").put_all(come)
    assert list((tmp_path / "parts").iterdir()) == []
    ((chunk, _), *_) = come
    assert chunk.start <= 2 * parts.WRITERS


def test_answers_do_not_depend_on_the_number_of_threads(monkeypatch):
    plan = compiled(shop(20, interventions={"ban": ban(5, probability=0.3)}))
    whole = answers_of(plan, 1, 100)
    monkeypatch.setattr(answers, "REPLICATIONS_AT_ONCE", 16)
    for workers in (1, 4):
        parted = answers_of(plan, 1, 100, workers)
        assert parted.events == whole.events
        assert np.array_equal(parted.happened, whole.happened)
