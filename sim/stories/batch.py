"""The story of a batch: every scenario of a list in a run folder of its own, then all of them compared."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sim.errors import ResultError, ScenarioError
from sim.model.compile import prepare
from sim.montecarlo.inside import shown
from sim.montecarlo.store import RunFolder, digest
from sim.scenario.batchfile import COMPARISON, BatchFile, of_batch, overrides_of, read_batch
from sim.scenario.load import load_scenario
from sim.stories import SEED, analyses, compare, runs, study
from sim.stories.analyses import Analysis
from sim.stories.compare import Compared
from sim.stories.durable import Execution
from sim.stories.folders import RESULTS
from sim.stories.study import Job


@dataclass(frozen=True, slots=True)
class Batch:
    """What the file of a batch asks for.

    Attributes
    ----------
    jobs
        The run of each scenario, by its id.
    comparison
        Of all of them, with the first.
    folder
        What holds their folders unless one says otherwise.
    """

    jobs: dict[str, Job]
    comparison: Analysis
    folder: Path


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a batch, which fills a folder.

    Attributes
    ----------
    name
        The id of a scenario, or what the comparison is called.
    replications
        How many it simulates.
    carry_out
        Does it, or goes on with it; a folder that is finished stays as it is.
    """

    name: str
    replications: int
    carry_out: Callable[[Execution], Path]


def prepared(path: str | Path) -> Batch:
    """Read the file of a batch, and all scenarios that it names.

    Parameters
    ----------
    path
        A YAML file (``docs/scenario-format.md``, batches).

    Raises
    ------
    ScenarioError
        If it or a scenario cannot be used.
    SimError
        If scenarios do not compare.
    """
    file = Path(path)
    asked, tree = read_batch(file)
    seed = SEED if asked.seed is None else asked.seed
    jobs: dict[str, Job] = {}
    for name in asked.scenarios:
        try:
            jobs[name] = _job(file, asked, name, seed)
        except ScenarioError as error:
            raise of_batch(error, tree, name) from error
    comparison = compare.analysis(
        [job.file for job in jobs.values()],
        replications=asked.replications,
        seed=seed,
        scenarios=compare.comparable([Compared(job.scenario, job.plan) for job in jobs.values()]),
        steps_from="first",
    )
    whose = digest([*(job.manifest["digest"] for job in jobs.values()), comparison.manifest["digest"]])
    return Batch(jobs, comparison, RESULTS / f"{asked.name}-batch-{whose}")


def _job(file: Path, asked: BatchFile, name: str, seed: int) -> Job:
    """The run of a scenario of a batch."""
    member = asked.scenarios[name]
    scenario_file = file.parent / member.file
    settings = overrides_of({**asked.set, **member.set, "name": name})
    if "title" not in member.set:
        title = member.title or f"{load_scenario(scenario_file, settings).title}: {name}"
        settings += overrides_of({"title": title})
    return study.job_of(
        scenario_file,
        replications=asked.replications,
        seed=seed,
        overrides=settings,
        prepared=prepare(scenario_file, settings),
    )


def steps(batch: Batch, out: str | Path | None = None) -> list[Step]:
    """The parts of a batch, in the order in which they are done; each can be cut off and gone on with.

    Parameters
    ----------
    batch
        What to do.
    out
        What holds the folders; default: among the results, by its name.

    Raises
    ------
    ResultError
        If that folder holds anything else.
    """
    folder = batch.folder if out is None else Path(out)
    _refuse_others(folder, batch)
    place = folder / COMPARISON
    again = f"chokepoint compare --resume {shlex.quote(str(place))}"
    comparison = replace(batch.comparison, manifest={**batch.comparison.manifest, "command": again})
    return [
        *(
            Step(name, job.replications, partial(runs.run, job, folder / name))
            for name, job in batch.jobs.items()
        ),
        Step(COMPARISON, comparison.steps, partial(analyses.run, comparison, place)),
    ]


def _refuse_others(folder: Path, batch: Batch) -> None:
    """Leave a folder alone that holds anything but the folders of the batch."""
    holder = RunFolder(folder)
    holder.refuse_what_leads_out()
    others = [name for name in holder.others() if name not in (*batch.jobs, COMPARISON)]
    if others:
        found = ", ".join(shown(name) for name in others[:5])
        raise ResultError(
            f"{shown(folder)}: found {found}; allowed: an empty folder, or that of the same batch"
        )
