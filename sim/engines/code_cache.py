"""Where machine code is kept from one run to the next.

The folder's name is a hash of the sources that the code comes from, of where they lie, of how it was
compiled, and of the versions of the compiler. Numba's own check looks at one file alone and would miss a
change in another that was compiled into it. It shares no code between two copies of the package, so what is
kept of one must not be taken for what is kept of another.
"""

import os
import tempfile
from hashlib import blake2b
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from sim import kinds, model
from sim.scenario import fields, policies

COMPILER = ("numba", "llvmlite")


def folder_for(way: str) -> Path | None:
    """The folder for code compiled from these sources in one way; None if it cannot be written."""
    digest = blake2b(" ".join([way, __file__, *map(version, COMPILER)]).encode(), digest_size=8)
    rooms = (Path(room).parent.glob("*.py") for room in (__file__, model.__file__, policies.__file__))
    for source in [*sorted(chain(*rooms)), Path(fields.__file__), Path(kinds.__file__)]:
        digest.update(source.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "chokepoint" / digest.hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None
