"""The story of a study: load, compile, simulate, measure, store, report."""

import platform
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from sim.model.compile import prepare
from sim.model.plan import Plan
from sim.montecarlo.batch import replicate, run_batch, silent
from sim.montecarlo.blocks import run_blocks
from sim.montecarlo.precision import MOST, until_precise
from sim.montecarlo.store import RunFolder, digest
from sim.report.page import render
from sim.risk.findings import Findings
from sim.risk.losses import SCHEMA, losses_table
from sim.risk.outcomes import Courses, Measured, Outcome, measure, stack
from sim.risk.precision import widest_half_width
from sim.risk.summary import summarise
from sim.risk.tables import tables_of
from sim.risk.trace import Event, events, states_table
from sim.scenario.load import resolved
from sim.scenario.schema import Scenario

RESULTS = Path("results")
REPORT, SUMMARY = "report.html", "summary.json"
REPLICATIONS = 100
SEED = 20191009
LIBRARIES = ("chokepoint", "numba", "simpy", "numpy", "scipy", "pandas", "pyarrow", "plotly")


COMPILED, SIMPY = "compiled", "simpy"


def _with_simpy(plan: Plan, **how: Any) -> Measured:
    return stack(run_batch(plan, measure, **how))


def _compiled(plan: Plan, **how: Any) -> Measured:
    kept = run_blocks(plan, **how)
    return Measured(Outcome(**kept.outcome), Courses(**kept.courses))


ENGINES: dict[str, Callable[..., Measured]] = {COMPILED: _compiled, SIMPY: _with_simpy}


@dataclass(frozen=True, slots=True)
class Study:
    """A finished study: what was simulated, what came out of each replication, and what was found."""

    plan: Plan
    outcomes: Outcome
    findings: Findings


def run(
    file: str | Path,
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    workers: int | None = None,
    engine: str = COMPILED,
    overrides: Sequence[str] = (),
    prepared: tuple[Scenario, Plan] | None = None,
    progress: Callable[[int], None] = silent,
) -> Study:
    """Simulate a scenario and its counterfactual, and measure the loss.

    Parameters
    ----------
    file
        Scenario file.
    replications, seed
        Number of replications, and the root seed of their random numbers.
    workers
        Number of threads, or with SimPy of processes; the figures do not depend on it.
    engine
        ``"compiled"``, or ``"simpy"``, which is some hundred times slower. Both give the same states to the
        last bit; figures summed from them differ by rounding.
    overrides
        Settings ``path=value`` laid over the file.
    prepared
        What :func:`sim.model.compile.prepare` made of file and overrides; default: it is called.
    progress
        Called with the number of replications that have just been finished.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    scenario, plan = prepared or prepare(file, overrides)
    measured = ENGINES[engine](plan, seed=seed, replications=replications, workers=workers, progress=progress)
    return _finished(
        scenario, plan, measured, manifest=_manifest(scenario, file, replications, seed, overrides)
    )


def run_until_precise(
    file: str | Path,
    half_width: float,
    *,
    figure: str = "mean",
    most: int = MOST,
    seed: int = SEED,
    workers: int | None = None,
    overrides: Sequence[str] = (),
    prepared: tuple[Scenario, Plan] | None = None,
    progress: Callable[[int], None] = silent,
) -> Study:
    """Simulate as many replications as it takes to know a figure of every maker's loss share.

    Parameters
    ----------
    file, seed, workers, overrides, prepared, progress
        As for :func:`run`.
    half_width
        Largest half-width of the figure's 95 % interval, as a share of counterfactual revenue.
    figure
        A key of :data:`sim.risk.precision.FIGURES`: ``"mean"``, ``"var95"`` or ``"es95"``.
    most
        Replications at which to stop anyway.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    scenario, plan = prepared or prepare(file, overrides)
    measured = until_precise(
        lambda count: _compiled(plan, seed=seed, replications=count, workers=workers, progress=progress),
        lambda batch: widest_half_width(plan, batch.outcome, figure),
        half_width,
        most,
    )
    replications = len(measured.outcome.shock_day)
    return _finished(
        scenario, plan, measured, manifest=_manifest(scenario, file, replications, seed, overrides)
    )


def _finished(scenario: Scenario, plan: Plan, measured: Measured, manifest: dict[str, Any]) -> Study:
    tables = tables_of(scenario, plan, measured)
    findings = Findings(
        scenario=scenario,
        manifest=manifest,
        summary=summarise(scenario, plan, measured, tables, manifest["seed"]),
        tables=tables,
    )
    return Study(plan, measured.outcome, findings)


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
    report = render(findings)
    folder.remove(SUMMARY)
    folder.write_json("manifest.json", with_scenario(findings))
    folder.write_parts("outcomes", SCHEMA, losses_table(study.plan, study.outcomes))
    return write_findings(folder, findings, report)


def folder_of(name: str, out: str | Path | None) -> RunFolder:
    """The folder to write: the one that was asked for, else one of a name among the results."""
    return RunFolder(RESULTS / name if out is None else Path(out))


def with_scenario(findings: Findings) -> dict[str, Any]:
    """The manifest, with the whole scenario."""
    return {**findings.manifest, "scenario": resolved(findings.scenario)}


def write_findings(
    folder: RunFolder, findings: Findings, report: str, names: tuple[str, str] = (REPORT, SUMMARY)
) -> Path:
    """Write tables, report and, last, the summary, so that a folder that has one is complete.

    Parameters
    ----------
    folder
        Where to.
    findings, report
        What to write.
    names
        Of the report's and the summary's file.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultError
        If a file cannot be written.
    """
    for name, table in findings.tables.items():
        folder.write_csv(f"tables/{name}.csv", table)
    folder.write_text(names[0], report)
    folder.write_json(names[1], findings.summary)
    return folder.path


def trace(
    file: str | Path,
    *,
    replication: int = 0,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    counterfactual: bool = False,
) -> tuple[list[Event], pd.DataFrame]:
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


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that figures may depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _manifest(
    scenario: Scenario, file: str | Path, replications: int, seed: int, overrides: Sequence[str]
) -> dict[str, Any]:
    """What it takes to get the same figures again; no time and no machine."""
    name = shown(Path(file))
    scenario_digest = digest(resolved(scenario))
    return {
        "command": f"chokepoint run {name} --replications {replications} --seed {seed}{settings(overrides)}",
        "scenario_file": name,
        "overrides": list(overrides),
        "seed": seed,
        "replications": replications,
        "scenario_digest": scenario_digest,
        "digest": digest([scenario_digest, seed, replications]),
        "versions": versions(),
    }
