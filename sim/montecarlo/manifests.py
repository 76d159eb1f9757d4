"""The manifest of a folder: what it was begun for, and so whose it is."""

import json
from typing import Any

from sim.errors import ResultError
from sim.montecarlo.store import RunFolder, digest

MANIFEST = "manifest.json"
ASKED = ("replications", "precision", "figure", "seed", "engine")
"""What a run is asked for beside its scenario."""

Manifest = dict[str, Any]


def write(folder: RunFolder, manifest: Manifest) -> None:
    """Write a manifest, with a checksum of all that it says.

    Raises
    ------
    ResultError
        If it cannot be written.
    """
    folder.write_json(MANIFEST, {**manifest, "checksum": digest(manifest)})


def read(folder: RunFolder) -> Manifest | None:
    """The manifest of a folder, None if there is none.

    Raises
    ------
    ResultError
        If it is not what was written.
    """
    file = folder.path / MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
        checksum = manifest.pop("checksum")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        checksum = manifest = None
    if manifest is None or digest(manifest) != checksum:
        raise ResultError(
            f"{file} is damaged, or no manifest of this version; allowed: an empty folder, or a sound one"
        )
    return dict(manifest)


def refuse_another(folder: RunFolder, manifest: Manifest) -> None:
    """Leave a folder alone that was begun for something else.

    Parameters
    ----------
    folder
        The folder to be written.
    manifest
        What is to be written there.

    Raises
    ------
    ResultError
        If its manifest is of something else, or is damaged.
    """
    before = read(folder)
    if before is not None and before.get("digest") != manifest["digest"]:
        raise ResultError(
            f"{folder.path}: found another run: {_difference(before, manifest)}; "
            "allowed: an empty folder, or that of the same run"
        )


def _difference(before: Manifest, manifest: Manifest) -> str:
    """What two manifests ask for differently, in words."""
    asked = [
        f"{key} {before.get(key, 'none')} (here {manifest.get(key, 'none')})"
        for key in ASKED
        if before.get(key) != manifest.get(key)
    ]
    if before.get("scenario_digest") != manifest.get("scenario_digest"):
        asked.append("another scenario, or other settings")
    return ", ".join(asked) or "another analysis"
