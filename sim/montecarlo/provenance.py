"""What figures depend on beside scenario and seed: versions, our sources, and how the machine rounds."""

import math
import platform
from collections.abc import Callable, Mapping
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from sim.model.plan import Floats

LIBRARIES = ("chokepoint", "numba", "simpy", "numpy", "scipy", "pandas", "pyarrow", "plotly")
PACKAGE = Path(__file__).parents[1]
STEPS = np.arange(1, 4_001) / 1_000.0
PROBABILITIES = (np.arange(200) + 0.5) / 200.0
SHAPES = np.array([0.3, 1.0, 2.5, 40.0])[:, None]

FROM_THE_C_LIBRARY: tuple[tuple[Callable[[float], float], Floats], ...] = (
    (math.exp, -STEPS),
    (math.log, STEPS),
    (math.log1p, STEPS),
    (math.expm1, -STEPS),
    (math.erfc, STEPS),
    (math.sin, STEPS),
    (lambda base: base**0.37, STEPS),
)
FROM_SCIPY: tuple[tuple[Callable[..., Any], tuple[Any, ...]], ...] = (
    (special.ndtri, (PROBABILITIES,)),
    (special.ndtr, (STEPS,)),
    (special.log1p, (-PROBABILITIES,)),
    (special.gammaincinv, (SHAPES, PROBABILITIES)),
    (special.gammainc, (SHAPES, STEPS)),
    (special.betaincinv, (SHAPES, 2.0, PROBABILITIES)),
    (special.betainc, (SHAPES, 2.0, PROBABILITIES)),
    (special.stdtrit, (15.0, PROBABILITIES)),
    (special.bdtr, (5.0, 100, PROBABILITIES)),
    (special.bdtrik, (PROBABILITIES, 100, 0.05)),
)
"""What recorded numbers go through and may differ in the last bit, and where it is compared."""


def _sources() -> str:
    """Twelve hex digits that identify the files of this package."""
    found = blake2b(digest_size=6)
    files = {file.relative_to(PACKAGE).as_posix(): file for file in PACKAGE.rglob("*") if file.is_file()}
    for name in sorted(name for name in files if "__pycache__" not in name):
        found.update(name.encode())
        found.update(files[name].read_bytes())
    return found.hexdigest()


def _rounding() -> str:
    """Twelve hex digits that tell apart machines on which some function differs in the last bit."""
    found = blake2b(digest_size=6)
    for function, values in FROM_THE_C_LIBRARY:
        found.update(np.array([function(value) for value in values.tolist()], dtype="<f8").tobytes())
    for of_arrays, arguments in FROM_SCIPY:
        found.update(np.asarray(of_arrays(*arguments), dtype="<f8").tobytes())
    return found.hexdigest()


SOURCES = _sources()
"""As they were when they were imported, which is what runs."""
ROUNDING = _rounding()


def versions() -> dict[str, str]:
    """Versions by name; two runs with the same ones give the same bits."""
    libraries = {name: _version_of(name) for name in LIBRARIES}
    ours = {"sources": SOURCES, "rounding": ROUNDING}
    return {"python": platform.python_version(), **libraries, **ours}


def _version_of(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # The engine runs without Numba, too.
        return "none"


def other_versions(theirs: Mapping[str, str]) -> str:
    """What differs from the versions here, in words; nothing if they are the same.

    Examples
    --------
    >>> other_versions(versions() | {"numpy": "1.0"})
    'numpy 1.0 (here ...)'
    """
    here = versions()
    names = [name for name in {**here, **theirs} if here.get(name) != theirs.get(name)]
    return ", ".join(f"{name} {theirs.get(name, 'none')} (here {here.get(name, 'none')})" for name in names)
