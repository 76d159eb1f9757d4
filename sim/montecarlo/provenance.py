"""What figures depend on beside scenario and seed: versions of Python, the libraries and our sources."""

import platform
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("chokepoint", "numba", "simpy", "numpy", "scipy", "pandas", "pyarrow", "plotly")
PACKAGE = Path(__file__).parents[1]


@cache
def sources() -> str:
    """Twelve hex digits that identify the source code of this package."""
    found = blake2b(digest_size=6)
    for file in sorted(PACKAGE.rglob("*.py"), key=lambda file: file.relative_to(PACKAGE).as_posix()):
        found.update(file.relative_to(PACKAGE).as_posix().encode())
        found.update(file.read_bytes())
    return found.hexdigest()


def versions() -> dict[str, str]:
    """Versions by name; two runs with the same ones give the same bits."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), **libraries, "sources": sources()}


def other_versions(theirs: Mapping[str, str]) -> str:
    """What differs from the versions here, in words; nothing if they are the same.

    Examples
    --------
    >>> other_versions(versions() | {"numpy": "1.0"})
    'numpy 1.0 (here ...)'
    """
    here = versions()
    names = [name for name in {**here, **theirs} if here.get(name) != theirs.get(name)]
    return ", ".join(
        f"{name} {theirs.get(name, 'missing')} (here {here.get(name, 'none')})" for name in names
    )
