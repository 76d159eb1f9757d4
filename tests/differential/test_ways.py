"""Whichever way the engine is compiled, or not at all, it measures the same bits."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.engines.compiler import OFF, PLAIN, PRIVATE, VARIABLE
from sim.montecarlo.compiled_batch import WIDTH

ROOT = Path(__file__).parents[2]
SMALL = ("first-scenario-port", "textbook-serial")
ALL = (*SMALL, "entity-list-2019-research-house")


def measured(way, folder, what, width, names):
    """All measures or states of some scenarios, from another process, and the way that it went."""
    file = folder / f"{way}.npz"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.differential.ways",
        str(file),
        what,
        str(width),
        *names,
    ]
    asked = {key: text for key, text in os.environ.items() if key != "NUMBA_DISABLE_JIT"} | {VARIABLE: way}
    told = subprocess.run(command, cwd=ROOT, env=asked, capture_output=True, text=True, check=True)
    assert told.stdout == way
    with np.load(file) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    return measured(PRIVATE, tmp_path_factory.mktemp(PRIVATE), "measures", WIDTH, ALL)


@pytest.mark.slow
def test_random_numbers_and_a_unit_of_the_plain_way_are_the_same_bits(tmp_path):
    """Of the readable engine, so that not all of the other is compiled: that takes minutes."""
    plain, usual = (measured(way, tmp_path, "states", WIDTH, ALL) for way in (PLAIN, PRIVATE))
    assert_same_bits(plain, usual)


@pytest.mark.slow
def test_the_plain_way_gives_the_same_bits(private, tmp_path):
    assert_same_bits(measured(PLAIN, tmp_path, "measures", WIDTH, ALL), private)


def test_without_the_compiler_the_bits_are_the_same(private, tmp_path):
    usual = {key: array for key, array in private.items() if key.startswith(SMALL)}
    assert_same_bits(measured(OFF, tmp_path, "measures", 2, SMALL), usual)


def assert_same_bits(found, expected):
    assert found.keys() == expected.keys()
    assert [key for key, array in found.items() if array.tobytes() != expected[key].tobytes()] == []
    assert [key for key, array in found.items() if array.dtype != expected[key].dtype] == []
