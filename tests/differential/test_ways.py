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


def measured(way, folder, width, names):
    """All measures of some scenarios, from another process, and the way that it went."""
    file = folder / f"{way}.npz"
    command = [sys.executable, "-W", "ignore", "-m", "tests.differential.ways", str(file), str(width), *names]
    asked = {key: text for key, text in os.environ.items() if key != "NUMBA_DISABLE_JIT"} | {VARIABLE: way}
    told = subprocess.run(command, cwd=ROOT, env=asked, capture_output=True, text=True, check=True)
    with np.load(file) as arrays:
        return told.stdout, dict(arrays)


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    way, arrays = measured(PRIVATE, tmp_path_factory.mktemp(PRIVATE), WIDTH, ALL)
    assert way == PRIVATE
    return arrays


@pytest.mark.parametrize(("way", "width", "names"), [(PLAIN, WIDTH, ALL), (OFF, 2, SMALL)], ids=[PLAIN, OFF])
def test_another_way_gives_the_same_bits(private, way, width, names, tmp_path):
    gone, arrays = measured(way, tmp_path, width, names)
    assert gone == way
    mine = {key: array for key, array in private.items() if key.startswith(names)}
    assert arrays.keys() == mine.keys()
    assert [key for key, array in arrays.items() if array.tobytes() != mine[key].tobytes()] == []
    assert [key for key, array in arrays.items() if array.dtype != mine[key].dtype] == []
