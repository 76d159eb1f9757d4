"""The same run with the processor's wide instructions switched off: where bits depend on it, and where not.

``docs/long-runs.md`` says what was found, also for other versions of Python.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.montecarlo.store import RunFolder
from sim.risk.agreement import disagreements

FLAGSHIP = Path(__file__).parents[2] / "scenarios" / "entity-list-2019-research-house.yaml"
NUMPY_OFF = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3 AVX512_ICL AVX512_SPR"}
NUMBA_OFF = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
ROUNDED = {("tables/survival.csv", "ci_low"), ("tables/survival.csv", "ci_high")}
"""What NumPy sums in an order that depends on the processor."""

pytestmark = pytest.mark.slow


def run(folder: Path, **environment: str) -> Path:
    subprocess.run(
        [
            *(sys.executable, "-c", "from sim.cli import main; main()", "run", str(FLAGSHIP)),
            *("-n", "200", "--out", str(folder)),
        ],
        env=os.environ | environment,
        check=True,
        capture_output=True,
    )
    return folder


def parts(folder: Path) -> dict[str, bytes]:
    return {part.name: part.read_bytes() for part in (folder / "parts").iterdir()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return run(tmp_path_factory.mktemp("plain") / "run")


@pytest.mark.parametrize(
    "off", [NUMBA_OFF, NUMPY_OFF, NUMBA_OFF | NUMPY_OFF], ids=["engine", "numpy", "both"]
)
def test_wide_instructions_change_no_bit_of_a_replication(plain, tmp_path, off):
    other = run(tmp_path / "run", **off)
    assert parts(other) == parts(plain)
    _, found = disagreements(plain, other, RunFolder(plain).sums("summary.json"))
    assert {(row["file"], row["column"]) for row in found.to_dict("records")} <= ROUNDED
    assert found["largest_relative_difference"].max() < 1e-15 or found.empty
