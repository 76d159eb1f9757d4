"""The story of a run that survives: simulate what its folder lacks, tell, seal. Or do it again."""

import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from sim.errors import ResultError
from sim.model.compile import compile_plan
from sim.montecarlo import manifests
from sim.montecarlo.backends import Backend, chunks_of
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import Replications, ScenarioBegun, Seed
from sim.montecarlo.memory import map_arrays, trim
from sim.montecarlo.parts import Parts, cut
from sim.montecarlo.provenance import other_versions
from sim.montecarlo.results import Kept
from sim.montecarlo.store import RunFolder
from sim.risk.agreement import disagreements
from sim.risk.outcomes import shapes_of
from sim.risk.summary import SCHEMA_VERSION, refuse_older, refuse_other_schema
from sim.stories.durable import Execution, Task, begun, carried_out, to_resume
from sim.stories.folders import SUMMARY, Found
from sim.stories.study import OUTCOMES_CSV, STUDY, Job, Precision, finished, found

MOST_OF_SUMMARY = 2**24
"""Bytes."""


class RunBegun(ScenarioBegun):
    """What the manifest of a run says."""

    replications: Replications
    seed: Seed
    engine: Literal["compiled", "simpy"] = Field(description="compiled, simpy")
    precision: float | None = Field(None, gt=0.0, description="a number above 0")
    figure: Literal["mean", "var95", "es95"] | None = Field(None, description="mean, var95, es95")
    csv: bool = Field(False, description="true, false")


# ---------------------------------------------------------------------- run, resume


def run(job: Job, out: str | Path | None = None, execution: Execution | None = None) -> Path:
    """Do a job in a run folder, or go on where an earlier process stopped.

    Parameters
    ----------
    job
        What to do, from :func:`sim.stories.study.job_of` or :func:`resumed`.
    out, execution
        Where and how, as for :func:`sim.stories.durable.carried_out`, whose errors it has.
    """
    return carried_out(_task(job), out, execution)


def _task(job: Job) -> Task:
    wanted = [OUTCOMES_CSV] if job.csv else []
    return Task(STUDY, job.scenario, job.manifest, partial(_found, job), shapes_of(job.plan), wanted)


def _found(job: Job, parts: Parts, how: Execution) -> Found:
    """What is found from parts; the backend is opened when the first one is missing."""
    with ExitStack() as stack:
        backend = cache(lambda: stack.enter_context(how.open_backend(job.plan, job.replications)))
        return found(finished(job, partial(_fill, job, parts, backend, how), how.workers), how.workers)


def resumed(path: str | Path) -> Job:
    """The job that a run folder was begun for, as for :func:`sim.stories.durable.begun`."""
    job, _ = begun(path, STUDY.command, RunBegun, _again)
    return job


def _again(folder: RunFolder, asked: RunBegun) -> Job:
    scenario = manifests.scenario_in(folder, asked.given)
    return Job(
        scenario=scenario,
        plan=compile_plan(scenario),
        file=asked.scenario_file,
        overrides=asked.overrides,
        replications=asked.replications,
        seed=asked.seed,
        engine=asked.engine,
        precision=None if asked.precision is None else Precision(asked.precision, asked.figure or "mean"),
        csv=asked.csv,
    )


def _fill(job: Job, parts: Parts, backend: Callable[[], Backend], how: Execution, replications: int) -> Kept:
    """What is kept of the first so many replications, once those that are missing are simulated."""
    map_arrays()
    missing = parts.missing(replications)
    how.progress(replications - sum(len(some) for some in missing))
    if missing:
        chunks = cut(missing, how.chunk) if how.chunk else chunks_of(job.work, missing)
        parts.put_all(backend()(job.work, chunks, how.progress))
        trim()
    return parts.kept(replications, how.workers)


@contextmanager
def summary_in(path: Path) -> Iterator[dict[str, Any]]:
    """The summary of a finished run, to be told; one that says something else is refused, not traced.

    Parameters
    ----------
    path
        The run folder.

    Raises
    ------
    ResultError
        If the summary cannot be read, or what is told of it is not there or of another kind.
    """
    data = RunFolder(path).read_bytes(SUMMARY, MOST_OF_SUMMARY)
    try:
        summary = json.loads(data)
        refuse_older(summary, shown(path / SUMMARY))
        refuse_other_schema(summary, shown(path / SUMMARY), SCHEMA_VERSION)
        yield summary
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration, RecursionError) as error:
        raise ResultError(
            f"{shown(path / SUMMARY)} is no summary of `chokepoint run`; allowed: to remove it, and to go on "
            f"with: {to_resume(STUDY.command, RunFolder(path))}"
        ) from error


# ---------------------------------------------------------------------- reproduce


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A run done again, and how it compares.

    Attributes
    ----------
    folder
        The run folder of the second run.
    values
        How many values were compared.
    disagreements
        One row a file and column whose values are not all the same (``docs/results.md``).
    versions
        How the versions of the first run differ from those here, in words.
    """

    folder: Path
    values: int
    disagreements: pd.DataFrame
    versions: str


def reproduce(
    path: str | Path, out: str | Path | None = None, execution: Execution | None = None
) -> Reproduction:
    """Do a finished run again from its manifest, and compare every number.

    Parameters
    ----------
    path
        The run folder.
    out
        Run folder of the second run, which can be resumed too; default: beside the first, ``-again``.
    execution
        How to do it.

    Raises
    ------
    ResultError
        If the folder is not finished or is damaged, or the second one cannot be written.
    """
    first = RunFolder(Path(path).resolve())
    if not first.is_sealed(SUMMARY):
        raise ResultError(f"{first.path}: found no {SUMMARY}; allowed: the folder of a finished run")
    if damage := first.damage(SUMMARY):
        raise ResultError("\n".join(f"{first.path}: {line}" for line in damage))
    job, manifest = begun(first.path, STUDY.command, RunBegun, _again)
    again = _elsewhere(first, out)
    go_on = shlex.join(["chokepoint", "reproduce", str(path), *([] if out is None else ["--out", str(out)])])
    carried_out(_task(job), again.path, execution, go_on)
    values, table = disagreements(first.path, again.path, {*first.sums(SUMMARY), *again.sums(SUMMARY)})
    return Reproduction(again.path, values, table, other_versions(manifest["versions"]))


def _elsewhere(first: RunFolder, out: str | Path | None) -> RunFolder:
    """Where a run is done again: in a folder that cannot already hold the answer."""
    path = first.path.with_name(f"{first.path.name}-again") if out is None else Path(out)
    away = path.resolve()
    if first.path in (away, *away.parents) or away in first.path.parents:
        raise ResultError(f"{path}: found the folder to be reproduced, or one around it; allowed: another")
    again = RunFolder(path)
    again.refuse_what_leads_out()
    if again.is_sealed(SUMMARY):
        raise ResultError(f"{path}: found a finished run; allowed: another --out, or remove it")
    return again


def told(again: Reproduction) -> list[str]:
    """How a run done again compares, in lines for the terminal."""
    lines = [f"made with {again.versions}"] if again.versions else []
    if not len(again.disagreements):
        return [*lines, f"all {again.values:,} values agree, to the last digit", f"again: {again.folder}"]
    for row in again.disagreements.to_dict("records"):
        largest = row["largest_relative_difference"]
        how = f", by a share of {largest:.2g} at most" if pd.notna(largest) else ""
        lines.append(
            f"{row['file']}: {row['column']}: {row['different']:,} of {row['values']:,} values differ{how}"
        )
    return [*lines, f"again: {again.folder}"]
