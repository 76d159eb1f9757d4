"""What differential tests need to run with the compiler off (``NUMBA_DISABLE_JIT=1``), in plain Python."""

import os

import pytest

from sim.montecarlo import compiled_batch
from tests.boundaries.scenarios import Drawn, drawn_scenario

IS_COMPILER_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") != "0"
NARROW = 2
"""Replications in a block: without the compiler each costs as much as the first."""
FIRST_DRAWN = 140
"""Scenarios at the boundaries: nearly all that can be drawn is in these."""


def pytest_collection_modifyitems(items):
    """Compiled code wraps around and divides by zero in silence; NumPy's scalars warn of it."""
    if IS_COMPILER_OFF:
        for item in items:
            item.add_marker(pytest.mark.filterwarnings("ignore::RuntimeWarning"))


@pytest.fixture(scope="session", autouse=True)
def _narrow_blocks_in_plain_python():
    with pytest.MonkeyPatch.context() as patch:
        if IS_COMPILER_OFF:
            patch.setattr(compiled_batch, "WIDTH", NARROW)
        yield


@pytest.fixture(scope="session")
def first_drawn() -> list[Drawn]:
    """Those of the first scenarios drawn from the schema that the loader accepts."""
    return [drawn for drawn in map(drawn_scenario, range(FIRST_DRAWN)) if drawn]
