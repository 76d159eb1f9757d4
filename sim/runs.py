"""The story of a run that survives: claim a folder, simulate what it lacks, tell, seal. Or do it again.

The manifest is written first and says all that it takes; finished chunks are kept as parts; the summary comes
last. Whatever ends a run in between, it goes on from the parts and ends with the same bits.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from sim.errors import ClusterError, ResultError
from sim.model.compile import compile_plan
from sim.montecarlo.backends import Backend, chunk_size, opened, this_machine
from sim.montecarlo.batch import silent
from sim.montecarlo.parts import Parts, cut
from sim.montecarlo.provenance import other_versions
from sim.montecarlo.results import Kept
from sim.montecarlo.store import RunFolder, digest
from sim.risk.agreement import disagreements
from sim.scenario.schema import Scenario
from sim.study import (
    MANIFEST,
    SUMMARY,
    Job,
    Precision,
    finished,
    folder_of,
    is_sound,
    with_scenario,
    write_study,
)

Note = Callable[[str], None]


def unsaid(_note: str) -> None:
    """A note that nobody reads."""


@dataclass(frozen=True, slots=True)
class How:
    """How a job is done; it changes no figure.

    Parameters
    ----------
    backend
        Opens what simulates; it is not opened if there is nothing to simulate.
    chunk
        Replications in a chunk, the most that a kill can cost each worker; default: about a second of work.
    progress
        Called with the number of replications that have just been finished, or are there already.
    note
        Called with what a user should know of the folder.
    """

    backend: Callable[[], AbstractContextManager[Backend]] = lambda: opened(this_machine())
    chunk: int | None = None
    progress: Callable[[int], None] = silent
    note: Note = unsaid


# ---------------------------------------------------------------------- run, resume


def run(job: Job, out: str | Path | None = None, how: How | None = None) -> Path:
    """Do a job in a run folder, or go on where an earlier process stopped.

    Parameters
    ----------
    job
        What to do, from :func:`sim.study.job_of` or :func:`resumed`.
    out
        The run folder; default: ``results/<scenario>-<digest>``.
    how
        How to do it.

    Returns
    -------
    Path
        The folder, which is complete.

    Raises
    ------
    ResultError
        If the folder is another run's, another process writes it, or a file cannot be written.
    EngineError
        If a number overflows.
    """
    how = how or How()
    folder = folder_of(job.name, out)
    with folder.locked():
        parts = Parts(folder, _identity(job))
        if not _is_done(folder, job, how.note):
            _claim(folder, parts, job, how.note)
            with _resumable(folder, how.note):
                with how.backend() as backend:
                    study = finished(job, partial(_fill, job, parts, backend, how))
                write_study(folder, study, names=parts.names())
    return folder.path


@contextmanager
def _resumable(folder: RunFolder, note: Note) -> Iterator[None]:
    """Say how to go on if the run is cut off."""
    try:
        yield
    except (KeyboardInterrupt, ResultError, ClusterError):
        note(f"what is finished is kept; go on with: chokepoint run --resume {folder.path}")
        raise


def resumed(path: str | Path) -> Job:
    """The job that a run folder was begun for, whether or not it is finished.

    Parameters
    ----------
    path
        The run folder.

    Raises
    ------
    ResultError
        If it is none, or its manifest cannot be read.
    """
    file = Path(path) / MANIFEST
    manifest = _manifest_in(RunFolder(Path(path)))
    if manifest is None:
        raise ResultError(f"{file}: found no manifest that can be read; allowed: a run folder")
    try:
        scenario = Scenario.model_validate(manifest["scenario"])
        precision = manifest.get("precision")
        job = Job(
            scenario=scenario,
            plan=compile_plan(scenario),
            file=manifest["scenario_file"],
            overrides=manifest["overrides"],
            replications=manifest["replications"],
            seed=manifest["seed"],
            engine=manifest["engine"],
            precision=None if precision is None else Precision(precision, manifest["figure"]),
        )
    except (ValidationError, KeyError) as error:
        raise ResultError(f"{file}: found the manifest of no run of this version ({error})") from error
    if job.manifest["digest"] != manifest["digest"]:
        raise ResultError(f"{file}: found another digest than its scenario has in this version")
    return job


def _identity(job: Job) -> str:
    manifest = job.manifest
    return digest([manifest["digest"], manifest["versions"]])


def _is_done(folder: RunFolder, job: Job, note: Note) -> bool:
    """Whether the folder holds the finished job, every byte of it."""
    manifest = _manifest_in(folder)
    if not folder.is_sealed(SUMMARY) or manifest is None or manifest["digest"] != job.manifest["digest"]:
        return False
    if other_versions(manifest["versions"]):
        return False
    damage = folder.damage(SUMMARY)
    for line in damage:
        note(f"{folder.path}: {line}; it is made again")
    return not damage


def _claim(folder: RunFolder, parts: Parts, job: Job, note: Note) -> None:
    """Write the manifest first, and remove what cannot be used for the job."""
    before = _manifest_in(folder)
    if before is not None:
        if before["digest"] != job.manifest["digest"]:
            raise ResultError(
                f"{folder.path}: found another run ({before['command']}); allowed: an empty folder, or the "
                "same run again"
            )
        if other := other_versions(before["versions"]):
            note(f"{folder.path}: begun with {other}; all is simulated again")
    folder.unseal(SUMMARY)
    folder.write_json(MANIFEST, with_scenario(job.manifest, job.scenario))
    if unsound := parts.remove_unsound():
        note(f"{folder.path}: {unsound} parts are damaged or of other versions; they are simulated again")


def _manifest_in(folder: RunFolder) -> dict[str, Any] | None:
    """The manifest of a folder; None if there is none, or it is not what was written."""
    try:
        manifest: Any = json.loads((folder.path / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and "checksum" in manifest and is_sound(manifest) else None


def _fill(job: Job, parts: Parts, backend: Backend, how: How, replications: int) -> Kept:
    """What is kept of the first so many replications, once those that are missing are simulated."""
    missing = parts.missing(replications)
    how.progress(replications - sum(len(some) for some in missing))
    chunks = cut(missing, how.chunk or chunk_size(job.work))
    for chunk, part in backend(job.work, chunks, how.progress):
        parts.put(chunk, part)
    return parts.kept(replications)


# ---------------------------------------------------------------------- reproduce


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A run done again, and how it compares.

    Attributes
    ----------
    folder
        The run folder of the second run.
    numbers
        How many numbers were compared.
    disagreements
        One row a file and column whose values are not all the same (``docs/results.md``).
    versions
        How the versions of the first run differ from those here, in words.
    """

    folder: Path
    numbers: int
    disagreements: pd.DataFrame
    versions: str


def reproduce(path: str | Path, out: str | Path | None = None, how: How | None = None) -> Reproduction:
    """Do a finished run again from its manifest, and compare every number.

    Parameters
    ----------
    path
        The run folder.
    out
        Run folder of the second run, which can be resumed too; default: beside the first, ``-again``.
    how
        How to do it.

    Raises
    ------
    ResultError
        If the folder is not finished or is damaged, or the second one cannot be written.
    """
    first = RunFolder(Path(path))
    damage = first.damage(SUMMARY)
    if damage:
        raise ResultError("\n".join(f"{first.path}: {line}" for line in damage))
    job = resumed(path)
    again = run(job, out or first.path.with_name(f"{first.path.name}-again"), how)
    numbers, table = disagreements(first.path, again)
    manifest = _manifest_in(first) or {}
    return Reproduction(again, numbers, table, other_versions(manifest["versions"]))


def told(again: Reproduction) -> list[str]:
    """How a run done again compares, in lines for the terminal."""
    lines = [f"made with {again.versions}"] if again.versions else []
    if not len(again.disagreements):
        return [*lines, f"all {again.numbers:,} values agree, to the last digit", f"again: {again.folder}"]
    for row in again.disagreements.to_dict("records"):
        largest = row["largest_relative_difference"]
        how = f", by a share of {largest:.2g} at most" if pd.notna(largest) else ""
        lines.append(
            f"{row['file']}: {row['column']}: {row['different']:,} of {row['values']:,} values differ{how}"
        )
    return [*lines, f"again: {again.folder}"]
