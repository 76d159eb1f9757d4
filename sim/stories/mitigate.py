"""The story of a mitigation: which levers to take, when, what that costs and saves, and how sure it is.

Portfolios are searched for in few futures, the best are told apart in more, and what is recommended is
simulated again in futures that had no part in choosing it. All that is told is of these.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import Field

from sim.errors import SimError
from sim.model.levered import Levered, levered, prepare_levered, views_of
from sim.montecarlo import manifests
from sim.montecarlo.batches import Batches
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.manifests import MOST_REPLICATIONS, Given, Manifest, ScenarioBegun, Seed, Text
from sim.montecarlo.results import COURSES
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import silent
from sim.report.expected_tables import MITIGATION_TABLES
from sim.report.mitigation_page import page_of_mitigation
from sim.risk import mitigation_tables as tell
from sim.risk.findings import Findings
from sim.scenario.load import written
from sim.scenario.schema import Scenario
from sim.stories import SEED, analyses, folders
from sim.stories.advising import Adviser, phases
from sim.stories.analyses import Analysis, Summary, Tables
from sim.stories.folders import Found, Kind
from sim.stories.manifest import Asked, digest_of, fields_of, file_name, manifest_of, with_defaults

MITIGATION = Kind(
    command="mitigate",
    name="{scenario}-mitigate-{digest}",
    report="mitigate.html",
    summary="mitigate.json",
    page=page_of_mitigation,
)
SCHEMA_VERSION = 1
REPLICATIONS, EVALUATIONS = 192, 80
FEWEST_REPLICATIONS, FEWEST_EVALUATIONS, MOST_EVALUATIONS = 64, 4, 100_000


class MitigationBegun(ScenarioBegun):
    """What the manifest of a mitigation says."""

    given_views: dict[Text, Given] = Field(max_length=50, description="a mapping of scenarios")
    replications: int = Field(
        ge=FEWEST_REPLICATIONS, le=MOST_REPLICATIONS, description="a whole number from 64 to 10,000,000"
    )
    evaluations: int = Field(
        ge=FEWEST_EVALUATIONS, le=MOST_EVALUATIONS, description="a whole number from 4 to 100,000"
    )
    seed: Seed


@dataclass(frozen=True, slots=True)
class Question:
    """What a mitigation asks.

    Attributes
    ----------
    levered
        The scenario with its levers.
    views
        By file, the scenarios over which the levers are laid too.
    """

    levered: Levered
    views: Mapping[str, Levered]


def prepare(file: str | Path, overrides: Sequence[str] = ()) -> Question:
    """Read a scenario, its levers, and the views over which they are laid too.

    Parameters
    ----------
    file
        Scenario file.
    overrides
        Settings ``path=value`` laid over it, and over each view but those of levers.

    Raises
    ------
    ScenarioError
        If a file cannot be used, or not with a lever.
    SimError
        If it has no lever.
    """
    return with_views(prepare_levered(file, overrides), file, overrides)


def with_views(found: Levered, file: str | Path, overrides: Sequence[str] = ()) -> Question:
    """What is asked of a scenario that is read already, as :func:`prepare`.

    Raises
    ------
    ScenarioError, SimError
        As :func:`prepare`.
    """
    scenario = found.scenario
    if not scenario.levers:
        raise SimError(f"{scenario.name}: found no levers; allowed: one or more")
    return Question(found, views_of(found, file, overrides))


def run(
    file: str | Path,
    *,
    replications: int = REPLICATIONS,
    evaluations: int = EVALUATIONS,
    seed: int = SEED,
    workers: int | None = None,
    overrides: Sequence[str] = (),
    question: Question | None = None,
    progress: Callable[[int], None] = silent,
) -> Findings:
    """Find which levers to take, in memory.

    :func:`sim.stories.analyses.run` does it in a folder, which survives being cut off.

    Parameters
    ----------
    file
        Scenario file with levers.
    replications
        Futures in which finalists are told apart, and as many fresh ones in which portfolios are told;
        about a quarter of them, whole blocks of the engine, for each portfolio of the search and of a view.
    evaluations
        The most portfolios of the search.
    seed, workers, overrides
        As for :func:`sim.stories.study.run`.
    question
        What :func:`prepare` made of file and overrides; default: it is called.
    progress
        Called with the number of replications that have just been finished.

    Returns
    -------
    Findings
        Tables ``portfolios``, ``portfolio_levers``, ``constraints``, ``lever_values``, ``interactions``,
        ``waiting``, ``adaptive``, ``loss_curves``, ``finalists`` and those of views (``docs/results.md``).

    Raises
    ------
    ScenarioError, SimError
        As :func:`prepare`, or if there are too few replications or evaluations.
    """
    asked = analysis(
        file,
        replications=replications,
        evaluations=evaluations,
        seed=seed,
        overrides=overrides,
        question=question,
    )
    return analyses.in_memory(asked, workers, progress)


def analysis(
    file: str | Path,
    *,
    replications: int = REPLICATIONS,
    evaluations: int = EVALUATIONS,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    question: Question | None = None,
) -> Analysis:
    """A mitigation that can be cut off, for :func:`sim.stories.analyses.run`.

    Parameters
    ----------
    file, replications, evaluations, seed, overrides, question
        As for :func:`run`.

    Raises
    ------
    ScenarioError, SimError
        As :func:`run`.
    """
    for name, value, fewest in (
        ("replications", replications, FEWEST_REPLICATIONS),
        ("evaluations", evaluations, FEWEST_EVALUATIONS),
    ):
        if value < fewest:
            raise SimError(f"{name}: found {value}, allowed: {fewest} or more")
    asked = question or prepare(file, overrides)
    _check_signals(asked.levered.scenario, replications)
    design = {"replications": replications, "evaluations": evaluations, "seed": seed}
    return Analysis(
        kind=MITIGATION,
        scenario=asked.levered.scenario,
        manifest=_manifest(asked, file_name(file), overrides, design),
        steps=sum(phases(asked.levered, replications, evaluations, len(asked.views))),
        find=partial(_found, asked, replications, evaluations, seed),
        tables=MITIGATION_TABLES,
        width=block_width(asked.levered.as_it_stands),
    )


def _check_signals(scenario: Scenario, replications: int) -> None:
    """Stocks week by week are kept of the first replications only."""
    for name, lever in scenario.levers.items():
        if lever.signal and lever.signal.stock_point and replications > COURSES:
            allowed = f"allowed: up to {COURSES:,}, as lever {name} waits for a cover"
            raise SimError(f"replications: found {replications}, {allowed}")


def resumed(path: str | Path) -> Analysis:
    """The mitigation that a folder was begun for, as for :func:`sim.stories.durable.begun`."""
    return analyses.resumed(path, MITIGATION.command, MitigationBegun, _again)


def _again(folder: RunFolder, asked: MitigationBegun) -> Analysis:
    views = {name: levered(manifests.scenario_in(folder, given)) for name, given in asked.given_views.items()}
    return analysis(
        asked.scenario_file,
        replications=asked.replications,
        evaluations=asked.evaluations,
        seed=asked.seed,
        overrides=asked.overrides,
        question=Question(levered(manifests.scenario_in(folder, asked.given)), views),
    )


def save(findings: Findings, out: str | Path | None = None) -> Path:
    """Write the folder of a mitigation that :func:`run` found, as :func:`sim.stories.folders.save`."""
    return folders.save(MITIGATION, Found(findings), out)


def _found(
    asked: Question, replications: int, evaluations: int, seed: int, batches: Batches
) -> tuple[Summary, Tables]:
    advice = Adviser(asked.levered, replications, evaluations, seed, batches).advice(asked.views)
    tables = tell.tables_of(advice)
    return {
        "schema_version": SCHEMA_VERSION,
        **tell.summary_of(advice),
        "replications": replications,
        "evaluations": evaluations,
        "seed": seed,
    }, tables


def _manifest(asked: Question, file: str, overrides: Sequence[str], design: Mapping[str, int]) -> Manifest:
    scenario = asked.levered.scenario
    scenarios, scenario_digest = with_defaults(scenario)
    views = {name: digest_of(view.scenario) for name, view in asked.views.items()}
    given = {name: written(view.scenario) for name, view in asked.views.items()}
    described = Asked(
        command=MITIGATION.command,
        files=[file],
        options=design,
        overrides=overrides,
        fields=fields_of(file, overrides, design, scenario_digest),
        decides=[MITIGATION.command, scenario_digest, design, views],
        scenarios={**scenarios, "given_views": given},
    )
    return manifest_of(described)
