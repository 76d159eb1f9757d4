"""The story of a study: load, compile, simulate, measure, store, report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sim.engines import replay
from sim.engines.block_engine import Experiment
from sim.model.compile import prepare
from sim.model.plan import Plan
from sim.montecarlo import warmup
from sim.montecarlo.answers import Answers, answers_of
from sim.montecarlo.backends import COMPILED, Work, chunks_of, simulated
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.manifests import Manifest
from sim.montecarlo.results import Kept, gathered
from sim.montecarlo.sequential import MOST, until_precise
from sim.montecarlo.simpy_batch import replicate
from sim.montecarlo.store import OUTCOMES, RunFolder
from sim.montecarlo.workers import in_threads, silent
from sim.report.page import page_of
from sim.risk.bullwhip import bullwhip_tables
from sim.risk.conditional import conditional_tables
from sim.risk.events import events_table, schema_of
from sim.risk.findings import Findings
from sim.risk.leading import leading_table
from sim.risk.links import link_tables
from sim.risk.losses import SCHEMA, losses_by_file
from sim.risk.margins import tables_of_margin
from sim.risk.outcomes import Courses, Measured, Outcome
from sim.risk.precision import most_needed
from sim.risk.summary import summarise
from sim.risk.tables import tables_of
from sim.risk.tiers import tier_tables
from sim.risk.trace import TraceEvent, books_of, events, states_table
from sim.scenario.schema import Scenario
from sim.stories import SEED, folders
from sim.stories.folders import REPORT, SUMMARY, Found, Kind, outside
from sim.stories.manifest import Asked, fields_of, file_name, manifest_of, with_defaults

EVENTS, EVENTS_CSV, OUTCOMES_CSV = "events.parquet", "events.csv", "outcomes.csv"
STUDY = Kind("run", "{scenario}-{digest}", REPORT, SUMMARY, page_of)
REPLICATIONS = 100


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
        ``"compiled"``, or ``"simpy"``, which is some hundred times slower. Both give the same figures to the
        last bit.
    precision
        When to stop before.
    csv
        Whether what happens in each replication is written as CSV, too; it decides no figure.
    """

    scenario: Scenario
    plan: Plan
    file: str
    overrides: Sequence[str] = ()
    replications: int = REPLICATIONS
    seed: int = SEED
    engine: str = COMPILED
    precision: Precision | None = None
    csv: bool = False

    @property
    def work(self) -> Work:
        """What is simulated of it."""
        return Work(self.plan, self.seed, self.engine)

    @cached_property
    def manifest(self) -> Manifest:
        """What it takes to get the same figures again; no time and no machine."""
        scenarios, scenario_digest = with_defaults(self.scenario)
        stop: dict[str, Any] = {"replications": self.replications}
        if self.precision is not None:
            stop |= {"precision": self.precision.half_width, "figure": self.precision.figure}
        options = {**stop, "seed": self.seed} | ({} if self.engine == COMPILED else {"engine": self.engine})
        written = {"csv": True} if self.csv else {}
        design = {**options, "engine": self.engine, **written}
        asked = Asked(
            command=STUDY.command,
            files=[self.file],
            options=options | written,
            overrides=self.overrides,
            fields=fields_of(self.file, self.overrides, design, scenario_digest),
            decides=[scenario_digest, options],
            scenarios=scenarios,
        )
        return manifest_of(asked)


@dataclass(frozen=True, slots=True)
class Study:
    """A finished study: what was asked for, what came out of each replication, and what was found."""

    job: Job
    outcomes: Outcome
    answers: Answers
    findings: Findings


def job_of(
    file: str | Path,
    *,
    replications: int | None = None,
    seed: int = SEED,
    engine: str = COMPILED,
    precision: Precision | None = None,
    csv: bool = False,
    overrides: Sequence[str] = (),
    prepared: tuple[Scenario, Plan] | None = None,
) -> Job:
    """What a scenario file asks for.

    Parameters
    ----------
    file
        Scenario file.
    replications
        How many replications to simulate; default: 100. With a precision, the most of them; default: a
        million.
    seed, engine, precision, csv
        As for :class:`Job`.
    overrides
        Settings ``path=value`` laid over the file.
    prepared
        What :func:`sim.model.compile.prepare` made of file and overrides; default: it is called.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    scenario, plan = prepared or prepare(file, overrides)
    most = REPLICATIONS if precision is None else MOST
    return Job(
        scenario=scenario,
        plan=plan,
        file=file_name(file),
        overrides=tuple(overrides),
        replications=most if replications is None else replications,
        seed=seed,
        engine=engine,
        precision=precision,
        csv=csv,
    )


def run(
    file: str | Path,
    *,
    replications: int | None = None,
    seed: int = SEED,
    engine: str = COMPILED,
    precision: Precision | None = None,
    csv: bool = False,
    overrides: Sequence[str] = (),
    prepared: tuple[Scenario, Plan] | None = None,
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
) -> Study:
    """Simulate a scenario and its counterfactual, and measure the loss, in memory.

    :func:`sim.stories.runs.run` does it in a run folder, so that nothing is lost if it is cut off.

    Parameters
    ----------
    file, replications, seed, engine, precision, csv, overrides, prepared
        As for :func:`job_of`.
    workers
        Number of threads, or with SimPy of processes; the figures do not depend on it.
    progress
        Called with the number of replications that have just been finished.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    job = job_of(
        file,
        replications=replications,
        seed=seed,
        engine=engine,
        precision=precision,
        csv=csv,
        overrides=overrides,
        prepared=prepared,
    )
    return finished(job, _in_memory(job, workers, progress), workers)


def finished(job: Job, fill: Callable[[int], Kept], workers: int | None = None) -> Study:
    """Simulate as many replications as a job asks for, and tell what was found.

    Parameters
    ----------
    job
        What to do.
    fill
        Gives what is kept of the first so many replications.
    workers
        Number of threads, as for :func:`sim.montecarlo.workers.in_threads`.
    """
    measured = _enough(job, lambda replications: _measured(fill(replications)))
    answers = answers_of(job.plan, job.seed, len(measured.outcome.shock_day), workers)
    tables = tables_of(job.scenario, job.plan, measured) | tables_of_margin(job.plan, measured)
    tables |= bullwhip_tables(job.plan, measured.outcome) | tier_tables(job.plan, measured.courses)
    tables |= link_tables(job.plan, measured.courses)
    on_events, splits = conditional_tables(answers, leading_table(job.plan, tables), job.plan.sampling.method)
    findings = Findings(
        scenario=job.scenario,
        manifest=job.manifest,
        summary=summarise(job.scenario, job.plan, measured, tables, job.seed, splits=splits),
        tables=tables | on_events,
    )
    return Study(job, measured.outcome, answers, findings)


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
    return Measured(Outcome(**kept.outcome), Courses(kept.courses))


def _in_memory(job: Job, workers: int | None, progress: Callable[[int], None]) -> Callable[[int], Kept]:
    """Gives what is kept of the first so many replications; what was simulated before is not again."""
    found: dict[range, Kept] = {}

    def fill(replications: int) -> Kept:
        if job.engine == COMPILED:
            warmup.make_ready(block_width(job.plan, replications))
        first = max((chunk.stop for chunk in found), default=0)
        chunks = chunks_of(job.work, [range(first, replications)])
        new = simulated(job.work, chunks, workers=workers, progress=progress)
        kept = gathered(replications, chain(found.items(), new))
        found.clear()
        found[range(replications)] = kept
        return kept

    return fill


def save(study: Study, out: str | Path | None = None) -> Path:
    """Write the run folder of a study that :func:`run` found, as :func:`sim.stories.folders.save`."""
    return folders.save(STUDY, found(study), out)


def found(study: Study, workers: int | None = None) -> Found:
    """What of a study goes into its folder: beside the findings, all losses and events, future by future.

    Parameters
    ----------
    study
        The study.
    workers
        Number of threads that write, as for :func:`sim.montecarlo.workers.in_threads`.
    """
    return Found(study.findings, partial(_write_futures, study, workers))


def _write_futures(study: Study, workers: int | None, folder: RunFolder) -> Sequence[str]:
    for name in (OUTCOMES_CSV, EVENTS_CSV):  # Whoever asked before may have asked for them.
        folder.remove(name)
    losses = _write_losses(study, workers, folder)
    return [*losses, *(_write_events(study, folder) if study.answers.events else ())]


def _write_losses(study: Study, workers: int | None, folder: RunFolder) -> list[str]:
    losses = partial(losses_by_file, study.job.plan, study.outcomes)
    files = {f"{OUTCOMES}/{some.start:010}-{some[-1]:010}.parquet": pieces for some, pieces in losses()}
    for name in folder.read_as_losses():
        if name not in files:
            folder.remove(name)
    write, names = partial(folder.write_parquet, schema=SCHEMA), [*files]
    for _ in in_threads((partial(write, name, pieces=pieces) for name, pieces in files.items()), workers):
        pass
    if study.job.csv:
        folder.write_long_csv(OUTCOMES_CSV, SCHEMA, chain.from_iterable(pieces for _, pieces in losses()))
        names.append(OUTCOMES_CSV)
    return names


def _write_events(study: Study, folder: RunFolder) -> list[str]:
    schema, events, names = schema_of(study.answers), partial(events_table, study.answers), [EVENTS]
    folder.write_parquet(EVENTS, schema, events())
    if study.job.csv:
        folder.write_long_csv(EVENTS_CSV, schema, events())
        names.append(EVENTS_CSV)
    return names


class Traced(NamedTuple):
    """One replication of one twin: its events, states and daily accounts; None where none are kept."""

    events: list[TraceEvent]
    states: pd.DataFrame
    accounts: pd.DataFrame | None


def trace(
    file: str | Path,
    *,
    replication: int = 0,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    prepared: tuple[Scenario, Plan] | None = None,
    counterfactual: bool = False,
) -> Traced:
    """One replication, alone: events in words, states and accounts as tables (``docs/results.md``).

    Parameters
    ----------
    file, seed, overrides, prepared
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
    scenario, plan = prepared or prepare(file, overrides)
    twins = replicate(plan, seed, replication)
    path = twins.counterfactual if counterfactual else twins.scenario
    if not plan.keeps_account:
        return Traced(events(scenario, twins.plan, path), states_table(twins.plan, path), None)
    daily = replay.daily_books(Experiment.of(twins.plan, seed), twins)
    books = books_of(twins.plan, daily, int(counterfactual))
    told, states = events(scenario, twins.plan, path, books), states_table(twins.plan, path, books)
    return Traced(told, states, books.accounts)


def save_table(table: pd.DataFrame, file: str | Path) -> Path:
    """Write one table as CSV, whole or not at all.

    Raises
    ------
    ResultError
        If the file cannot be written, or is something else.
    """
    target = outside(file, ".csv")
    return RunFolder(target.parent).write_csv(target.name, table)
