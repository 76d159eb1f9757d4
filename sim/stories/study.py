"""The story of a study: load, compile, simulate, measure, store, report."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from sim.model.compile import prepare
from sim.model.plan import Plan
from sim.montecarlo import manifests
from sim.montecarlo.backends import COMPILED, Work, chunks_of, simulated
from sim.montecarlo.batch import replicate, silent
from sim.montecarlo.manifests import MANIFEST
from sim.montecarlo.provenance import versions
from sim.montecarlo.results import Kept, gathered
from sim.montecarlo.sequential import MOST, until_precise
from sim.montecarlo.store import RunFolder, as_json, digest
from sim.report.page import render
from sim.risk.findings import Findings
from sim.risk.losses import SCHEMA, losses_table
from sim.risk.outcomes import Courses, Measured, Outcome
from sim.risk.precision import most_needed
from sim.risk.summary import summarise
from sim.risk.tables import tables_of
from sim.risk.trace import TraceEvent, events, states_table
from sim.scenario.load import resolved, written
from sim.scenario.schema import Scenario

RESULTS = Path("results")
REPORT, SUMMARY = "report.html", "summary.json"
REPLICATIONS = 100
SEED = 20191009


@dataclass(frozen=True, slots=True)
class Precision:
    """When a batch is long enough: as soon as a figure of every maker's loss share is known well enough.

    Parameters
    ----------
    half_width
        Largest half-width of the figure's 95 % interval, as a share of counterfactual revenue.
    figure
        A key of :data:`sim.risk.precision.FIGURES`: ``"mean"``, ``"var95"`` or ``"es95"``.
    """

    half_width: float
    figure: str = "mean"


@dataclass(frozen=True)
class Job:
    """What decides the figures of a study, and how it was asked for.

    Parameters
    ----------
    scenario, plan
        What to simulate.
    file, overrides
        How the manifest names the scenario's file, and the settings laid over it.
    replications
        How many replications to simulate; with a precision, the most of them.
    seed
        Root seed of their random numbers.
    engine
        ``"compiled"``, or ``"simpy"``, which is some hundred times slower. Both give the same states to the
        last bit; figures summed from them differ by rounding.
    precision
        When to stop before.
    """

    scenario: Scenario
    plan: Plan
    file: str
    overrides: Sequence[str] = ()
    replications: int = REPLICATIONS
    seed: int = SEED
    engine: str = COMPILED
    precision: Precision | None = None

    @property
    def work(self) -> Work:
        """What is simulated of it."""
        return Work(self.plan, self.seed, self.engine)

    @property
    def name(self) -> str:
        """What its run folder is called."""
        return f"{self.scenario.name}-{self.manifest['digest']}"

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What it takes to get the same figures again; no time and no machine."""
        scenario_digest = digest(resolved(self.scenario))
        stop: dict[str, Any] = {"replications": self.replications}
        if self.precision is not None:
            stop |= {"precision": self.precision.half_width, "figure": self.precision.figure}
        how = {**stop, "seed": self.seed} | ({} if self.engine == COMPILED else {"engine": self.engine})
        options = "".join(f" --{name} {value}" for name, value in how.items())
        return {
            "command": f"chokepoint run {self.file}{options}{settings(self.overrides)}",
            "scenario_file": self.file,
            "overrides": list(self.overrides),
            **how,
            "engine": self.engine,
            "scenario_digest": scenario_digest,
            "digest": digest([scenario_digest, how]),
            "versions": versions(),
        }


@dataclass(frozen=True, slots=True)
class Study:
    """A finished study: what was simulated, what came out of each replication, and what was found."""

    plan: Plan
    outcomes: Outcome
    findings: Findings


def job_of(
    file: str | Path,
    *,
    overrides: Sequence[str] = (),
    prepared: tuple[Scenario, Plan] | None = None,
    **how: Any,
) -> Job:
    """What a scenario file asks for.

    Parameters
    ----------
    file
        Scenario file.
    overrides
        Settings ``path=value`` laid over the file.
    prepared
        What :func:`sim.model.compile.prepare` made of file and overrides; default: it is called.
    how
        Further fields of :class:`Job`.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    scenario, plan = prepared or prepare(file, overrides)
    return Job(scenario, plan, shown(Path(file)), tuple(overrides), **how)


def run(
    file: str | Path,
    *,
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
    **how: Any,
) -> Study:
    """Simulate a scenario and its counterfactual, and measure the loss, in memory.

    :func:`sim.stories.runs.run` does it in a run folder, so that nothing is lost if it is cut off.

    Parameters
    ----------
    file
        Scenario file.
    workers
        Number of threads, or with SimPy of processes; the figures do not depend on it.
    progress
        Called with the number of replications that have just been finished.
    how
        As for :func:`job_of`: ``replications``, ``seed``, ``engine``, ``overrides``, ``prepared``,
        ``precision``.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    job = job_of(file, **how)
    return finished(job, _in_memory(job, workers, progress))


def run_until_precise(
    file: str | Path,
    half_width: float,
    *,
    figure: str = "mean",
    most: int = MOST,
    **how: Any,
) -> Study:
    """Simulate as many replications as it takes to know a figure of every maker's loss share.

    Parameters
    ----------
    file, how
        As for :func:`run`.
    half_width, figure
        As for :class:`Precision`.
    most
        Replications at which to stop anyway.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    return run(file, replications=most, precision=Precision(half_width, figure), **how)


def finished(job: Job, fill: Callable[[int], Kept]) -> Study:
    """Simulate as many replications as a job asks for, and tell what was found.

    Parameters
    ----------
    job
        What to do.
    fill
        Gives what is kept of the first so many replications.
    """
    measured = _enough(job, lambda replications: _measured(fill(replications)))
    tables = tables_of(job.scenario, job.plan, measured)
    findings = Findings(
        scenario=job.scenario,
        manifest=job.manifest,
        summary=summarise(job.scenario, job.plan, measured, tables, job.seed),
        tables=tables,
    )
    return Study(job.plan, measured.outcome, findings)


def _enough(job: Job, batch: Callable[[int], Measured]) -> Measured:
    if job.precision is None:
        return batch(job.replications)
    figure, half_width = job.precision.figure, job.precision.half_width
    return until_precise(
        batch,
        lambda measured: most_needed(job.plan, measured.outcome, figure, half_width),
        job.replications,
    )


def _measured(kept: Kept) -> Measured:
    return Measured(Outcome(**kept.outcome), Courses(**kept.courses))


def _in_memory(job: Job, workers: int | None, progress: Callable[[int], None]) -> Callable[[int], Kept]:
    """Gives what is kept of the first so many replications; what was simulated before is not again."""
    found: dict[range, Kept] = {}

    def fill(replications: int) -> Kept:
        first = max((chunk.stop for chunk in found), default=0)
        chunks = chunks_of(job.work, [range(first, replications)])
        new = simulated(job.work, chunks, workers=workers, progress=progress)
        kept = gathered(replications, chain(found.items(), new))
        found.clear()
        found[range(replications)] = kept
        return kept

    return fill


def save(study: Study, out: str | Path | None = None) -> Path:
    """Write the run folder; the summary comes last, so a folder that has one is complete.

    Parameters
    ----------
    study
        What :func:`run` returned.
    out
        Folder to write; default: ``results/<scenario>-<digest>``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultError
        If a file cannot be written.
    """
    findings = study.findings
    folder = folder_of(f"{findings.scenario.name}-{findings.manifest['digest']}", out)
    with manifests.claimed(folder, with_scenario(findings.manifest, findings.scenario), SUMMARY):
        return write_study(folder, study)


def write_study(folder: RunFolder, study: Study, names: Sequence[str] = ()) -> Path:
    """Write what a study found into a folder that has its manifest.

    Parameters
    ----------
    folder
        Where to.
    study
        What to write.
    names
        Further files of the study that the folder has.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultError
        If a file cannot be written.
    """
    report = render(study.findings)
    outcomes = folder.write_parts("outcomes", SCHEMA, losses_table(study.plan, study.outcomes))
    return write_findings(folder, study.findings, report, names=[MANIFEST, *outcomes, *names])


def folder_of(name: str, out: str | Path | None) -> RunFolder:
    """The folder to write: the one that was asked for, else one of a name among the results."""
    return RunFolder(RESULTS / name if out is None else Path(out))


def with_scenario(manifest: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """A manifest, with the scenario as it was given, and with every default filled in."""
    return {**manifest, "given": written(scenario), "scenario": resolved(scenario)}


def write_findings(
    folder: RunFolder,
    findings: Findings,
    report: str,
    last: tuple[str, str] = (REPORT, SUMMARY),
    names: Sequence[str] = (),
) -> Path:
    """Write tables, report and, last, the summary, so that a folder that has one is complete.

    Parameters
    ----------
    folder
        Where to.
    findings, report
        What to write.
    last
        Names of the report's and the summary's file.
    names
        Further files that belong to the findings, written before.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultError
        If a file cannot be written.
    """
    tables = {f"tables/{name}.csv": table for name, table in findings.tables.items()}
    for name, table in tables.items():
        folder.write_csv(name, table)
    folder.write_text(last[0], report)
    folder.seal(last[1], as_json(findings.summary), [*names, *tables, last[0]])
    return folder.path


def trace(
    file: str | Path,
    *,
    replication: int = 0,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    counterfactual: bool = False,
) -> tuple[list[TraceEvent], pd.DataFrame]:
    """One replication, alone: its events in words, and its states as a table (``docs/results.md``).

    Parameters
    ----------
    file, seed, overrides
        As for :func:`run`; the replication is the same as in a batch with that seed.
    replication
        Number of the replication, from 0.
    counterfactual
        Whether to tell the twin without the shock.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    scenario, plan = prepare(file, overrides)
    twins = replicate(plan, seed, replication)
    path = twins.counterfactual if counterfactual else twins.scenario
    return events(scenario, twins.plan, path), states_table(twins.plan, path)


def save_table(table: pd.DataFrame, file: str | Path) -> Path:
    """Write one table as CSV, whole or not at all.

    Raises
    ------
    ResultError
        If the file cannot be written.
    """
    target = Path(file)
    return RunFolder(target.parent).write_csv(target.name, table)


def shown(file: Path) -> str:
    """A file as the manifest names it: seen from here if it lies below, else by its name alone."""
    here = Path.cwd()
    return str(file.resolve().relative_to(here)) if file.resolve().is_relative_to(here) else file.name


def settings(overrides: Sequence[str]) -> str:
    """Overrides as options of a command that gives the same figures again.

    Examples
    --------
    >>> settings(["lanes.parts.share=0.3", "title=A test"])
    " --set lanes.parts.share=0.3 --set 'title=A test'"
    """
    return "".join(f" --set {shlex.quote(override)}" for override in overrides)
