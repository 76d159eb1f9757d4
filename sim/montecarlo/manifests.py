"""The manifest of a folder: what it was begun for, and so whose it is.

A folder may come from anybody, so its manifest is read as carefully as a scenario: bounded in size and depth,
each field of its kind and within its range.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sim.errors import MAX_LISTED, Place, Problem, ResultError, ScenarioError, first_problems
from sim.montecarlo.inside import shown
from sim.montecarlo.store import RunFolder, digest
from sim.scenario.garbage import collector_paused
from sim.scenario.load import as_written
from sim.scenario.schema import Scenario
from sim.scenario.source import refuse_unprintable
from sim.scenario.wording import show

MANIFEST = "manifest.json"
ASKED = ("replications", "precision", "figure", "seed", "engine")
"""What a run is asked for beside its scenario."""
MOST_BYTES = 2**28
"""Of a manifest: it holds a scenario twice, with observed numbers; some 100 bytes a value of it."""
DEEPEST = 100
"""Levels of a manifest: a scenario has 40 at most, more with its defaults."""
MOST_REPLICATIONS, LARGEST_SEED = 10_000_000, 2**63 - 1

Manifest = dict[str, Any]


# ---------------------------------------------------------------------- what may stand there


def _printable(text: str) -> str:
    try:
        refuse_unprintable(text, Place(MANIFEST, 0))
    except ScenarioError as error:
        raise ValueError(error.problems[0].message) from None
    return text


Text = Annotated[str, Field(max_length=10_000), AfterValidator(_printable)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
Versions = Annotated[dict[Text, Text], Field(max_length=100)]
Given = dict[str, Any]
"""A scenario, as a mapping of its fields."""
Replications = Annotated[
    int, Field(ge=1, le=MOST_REPLICATIONS, description="a whole number from 1 to 10,000,000")
]
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED, description="a whole number from 0 to 2^63 - 1")]


class Begun(BaseModel):
    """What every manifest says; descriptions say what is allowed."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False)

    command: Text = Field(description="a text")
    digest: Digest = Field(description="12 digits and letters from a to f")
    versions: Versions = Field(description="a mapping from a library to its version")


class ScenarioBegun(Begun):
    """What the manifest of work on one scenario says."""

    scenario_file: Text = Field(description="a text")
    overrides: list[Text] = Field(max_length=10_000, description="a list of texts")
    given: Given = Field(description="a scenario, as a mapping of its fields")


Fields = TypeVar("Fields", bound=Begun)


# ---------------------------------------------------------------------- written and read


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
        If it is not what was written, a field that every manifest has is not as it must be, or the folder
        holds links, devices or pipes.
    """
    folder.refuse_what_leads_out()
    if not folder.is_sealed(MANIFEST):
        return None
    manifest = _sound(folder)
    checked(folder, manifest, Begun)
    return manifest


def checked(folder: RunFolder, manifest: Manifest, fields: type[Fields]) -> Fields:
    """The fields of a manifest.

    Parameters
    ----------
    folder
        Whose manifest it is.
    manifest
        What it says.
    fields
        What it must say.

    Raises
    ------
    ResultError
        If a field is missing or not as it must be: a line for each, with file and field.
    """
    try:
        return fields.model_validate(manifest)
    except ValidationError as error:
        file = shown(folder.path / MANIFEST)
        problems = (Problem(f"{file}: {_told(details, fields)}") for details in error.errors())
        raise ResultError("\n".join(map(str, first_problems(problems)))) from None


def scenario_in(folder: RunFolder, given: Given) -> Scenario:
    """A scenario that a manifest holds, checked as one that stands in a file.

    Parameters
    ----------
    folder
        Whose manifest it is.
    given
        The scenario, as a mapping of its fields.

    Raises
    ------
    ResultError
        If it cannot be used: a line for each problem.
    """
    try:
        return as_written(given)
    except ScenarioError as error:
        raise unusable(folder, error) from error


def unusable(folder: RunFolder, error: ScenarioError) -> ResultError:
    """A scenario in a manifest that cannot be used, with the file it stands in."""
    file = shown(folder.path / MANIFEST)
    return ResultError("\n".join(f"{file}: given: {problem.message}" for problem in error.problems))


@collector_paused()
def _sound(folder: RunFolder) -> Manifest:
    """What a manifest says, if it is what was written."""
    data = folder.read_bytes(MANIFEST, MOST_BYTES)
    try:
        manifest = json.loads(data)
        checksum = manifest.pop("checksum")
        json.dumps(manifest, allow_nan=False)  # Refuses what is not finite, which Python reads.
        if _depth(manifest) <= DEEPEST and digest(manifest) == checksum:
            return dict(manifest)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        pass
    raise ResultError(
        f"{shown(folder.path / MANIFEST)} is damaged, or no manifest of this version; allowed: an empty "
        "folder, or a sound one"
    )


def _depth(data: Any) -> int:
    """How deep plain data is nested, followed to a little below what is allowed."""
    level, depth = [data], 0
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            below
            for item in level
            if isinstance(item, dict | list)
            for below in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def _told(details: Any, fields: type[Begun]) -> str:
    """One of pydantic's errors in words: the field, what was found, what is allowed."""
    path = ".".join(str(part)[:MAX_LISTED] for part in details["loc"])
    allowed = fields.model_fields[str(details["loc"][0])].description
    found = "missing" if details["type"] == "missing" else f"found {show(details['input'])}"
    return f"{path}: {found}, allowed: {allowed}"


# ---------------------------------------------------------------------- whose a folder is


def refuse_another(folder: RunFolder, manifest: Manifest, is_ours: Callable[[], bool]) -> Manifest | None:
    """Leave a folder alone that was begun for something else, or holds anything but what was begun.

    Parameters
    ----------
    folder
        The folder.
    manifest
        What is to be written there.
    is_ours
        Whether something else than its manifest proves that the folder was begun for the same.

    Returns
    -------
    dict or None
        The folder's manifest, None if there is none that is sound.

    Raises
    ------
    ResultError
        If its manifest is of something else or is damaged, or it holds something without one.
    """
    folder.refuse_what_leads_out()
    try:
        before = read(folder)
    except ResultError:
        if not is_ours():
            raise
        return None
    if before is None and folder.others() and not is_ours():
        found = ", ".join(shown(name) for name in folder.others()[:5])
        raise ResultError(
            f"{shown(folder.path)}: found {found}; allowed: an empty folder, or that of the same run"
        )
    if before is not None and before["digest"] != manifest["digest"]:
        raise ResultError(
            f"{shown(folder.path)}: found another run: {_difference(before, manifest)}; "
            "allowed: an empty folder, or that of the same run"
        )
    return before


def _difference(before: Manifest, manifest: Manifest) -> str:
    """What two manifests ask for differently, in words."""
    asked = [
        f"{key} {_asked(before, key)} (here {_asked(manifest, key)})"
        for key in ASKED
        if before.get(key) != manifest.get(key)
    ]
    if before.get("scenario_digest") != manifest.get("scenario_digest"):
        asked.append("another scenario, or other settings")
    return ", ".join(asked) or "another analysis"


def _asked(manifest: Manifest, key: str) -> str:
    """What is asked for, as in a command."""
    value = manifest.get(key, "none")
    return value if isinstance(value, str) and value.isalnum() else show(value)
