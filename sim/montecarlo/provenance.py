"""What figures depend on beside scenario and seed: versions, our sources, and how the machine rounds."""

import math
import platform
from collections.abc import Mapping
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from struct import pack

LIBRARIES = ("chokepoint", "numba", "simpy", "numpy", "scipy", "pandas", "pyarrow", "plotly")
PACKAGE = Path(__file__).parents[1]


def _sources() -> str:
    """Twelve hex digits that identify the files of this package."""
    found = blake2b(digest_size=6)
    files = {file.relative_to(PACKAGE).as_posix(): file for file in PACKAGE.rglob("*") if file.is_file()}
    for name in sorted(name for name in files if "__pycache__" not in name):
        found.update(name.encode())
        found.update(files[name].read_bytes())
    return found.hexdigest()


def _rounding() -> str:
    """Twelve hex digits that tell apart machines whose exponentials and logarithms differ in the last bit."""
    found = blake2b(digest_size=6)
    for step in range(1, 4_001):
        x = step / 1_000.0
        found.update(pack("<5d", math.exp(-x), math.log(x), math.log1p(x), math.erfc(x), x**0.37))
    return found.hexdigest()


SOURCES = _sources()
"""As they were when they were imported, which is what runs."""
ROUNDING = _rounding()


def versions() -> dict[str, str]:
    """Versions by name; two runs with the same ones give the same bits."""
    libraries = {name: version(name) for name in LIBRARIES}
    ours = {"sources": SOURCES, "rounding": ROUNDING}
    return {"python": platform.python_version(), **libraries, **ours}


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
