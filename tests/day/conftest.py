"""The cases of this folder, worked out by hand, run on both engines."""

import os

import pytest

from sim.montecarlo.simpy_batch import replicate
from tests import builders

ENGINES = {"simpy": replicate, "compiled": builders.replicate_in_a_block}
if "MUTANT_UNDER_TEST" in os.environ:
    del ENGINES["compiled"]  # mutmut wraps every rule in a function that Numba cannot compile.


@pytest.fixture(autouse=True, params=ENGINES)
def _engine(request, monkeypatch):
    """Have the builders tell of one path by one engine, then by the other."""
    monkeypatch.setattr(builders, "replicate", ENGINES[request.param])
