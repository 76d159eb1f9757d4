"""The story of a stress test: load, compile, let every node and pair fail, bound, tell, store, report."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field

from sim.errors import ScenarioError
from sim.model.compile import compile_plan
from sim.model.failures import KINDS, StressPlan, rates_of, stress_plan
from sim.model.levered import Levered, check_levers, levered
from sim.montecarlo import manifests
from sim.montecarlo.batches import Batches
from sim.montecarlo.failure_runs import run_failures, run_stops, stops_to_run
from sim.montecarlo.manifests import Manifest, ScenarioBegun
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import silent
from sim.report.expected_tables import LIKELIHOOD_TABLES, RELIEF_TABLES, STRESS_TABLES
from sim.report.stress_page import page_of_stress
from sim.risk.findings import Findings
from sim.risk.lp_bounds import bounds_of, have_bounds
from sim.risk.relief_tables import relief_table
from sim.risk.stress_tables import stress_summary, stress_tables
from sim.scenario.load import load_with_places
from sim.scenario.schema import Scenario
from sim.stories import analyses, folders
from sim.stories.analyses import Analysis, Summary, Tables
from sim.stories.folders import Found, Kind
from sim.stories.manifest import Asked, digest_of, fields_of, file_name, manifest_of, with_defaults
from sim.stories.relieving import annual_losses, reliefs, steps_of

STRESS = Kind("stress", "{scenario}-stress-{digest}", "stress.html", "stress.json", page_of_stress)
NONE = "none"
"""What a command says in place of kinds, if no pair is to fail."""


class StressBegun(ScenarioBegun):
    """What the manifest of a stress test says."""

    pairs_among: list[Literal["supplier", "country", "component", "lane"]] = Field(
        max_length=len(KINDS), description="a list of kinds of nodes"
    )


def prepare(
    file: str | Path, overrides: Sequence[str] = (), pairs_among: Sequence[str] = KINDS
) -> tuple[Scenario, StressPlan]:
    """Load a scenario and make it ready to be stressed.

    Parameters
    ----------
    file
        Scenario file.
    overrides
        Settings ``path=value`` laid over the file.
    pairs_among
        Kinds of the nodes that fail in pairs too: some of ``supplier``, ``country``, ``component`` and
        ``lane``, or none.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or cannot be stressed, or has too many pairs of nodes, or if a node
        has a failure rate, and a lever cannot be taken.
    """
    loaded = load_with_places(file, overrides)
    try:
        found = stress_plan(loaded.scenario, compile_plan(loaded.scenario), pairs_among)
        if is_relieved(loaded.scenario, found):
            check_levers(Levered(loaded))
        return loaded.scenario, found
    except ScenarioError as error:
        raise ScenarioError(loaded.placed(error.problems)) from None


def run(
    file: str | Path,
    *,
    workers: int | None = None,
    overrides: Sequence[str] = (),
    pairs_among: Sequence[str] = KINDS,
    prepared: tuple[Scenario, StressPlan] | None = None,
    progress: Callable[[int], None] = silent,
) -> Findings:
    """Let each node of a scenario's network fail alone, then in pairs, and bound what a node can cost.

    All in memory; :func:`sim.stories.analyses.run` does it in a folder, which survives being cut off.

    Parameters
    ----------
    file
        Scenario file.
    workers
        Number of threads; the figures do not depend on it.
    overrides
        Settings ``path=value`` laid over the file.
    pairs_among
        Kinds of the nodes that fail in pairs too, as for :func:`prepare`.
    prepared
        What :func:`prepare` made of file, overrides and kinds; default: it is called.
    progress
        Called with the number of :func:`steps` that have just been finished.

    Returns
    -------
    Findings
        Scenario, manifest, summary and the tables ``stress_nodes`` and ``stress_pairs``.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or cannot be stressed.
    EngineError
        If a number overflows, or a linear program cannot be solved.
    """
    found = analysis(file, overrides=overrides, pairs_among=pairs_among, prepared=prepared)
    return analyses.in_memory(found, workers, progress)


def analysis(
    file: str | Path,
    *,
    overrides: Sequence[str] = (),
    pairs_among: Sequence[str] = KINDS,
    prepared: tuple[Scenario, StressPlan] | None = None,
) -> Analysis:
    """A stress test that can be cut off, for :func:`sim.stories.analyses.run`.

    Parameters
    ----------
    file, overrides, pairs_among, prepared
        As for :func:`run`.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or cannot be stressed.
    """
    scenario, stress = prepared or prepare(file, overrides, pairs_among)
    return Analysis(
        kind=STRESS,
        scenario=scenario,
        manifest=_manifest(scenario, file_name(file), overrides, stress.pairs_among),
        steps=steps(stress) + (steps_of(scenario, stress) if is_relieved(scenario, stress) else 0),
        find=partial(_found, scenario, stress),
        tables=STRESS_TABLES
        | (LIKELIHOOD_TABLES if has_rates(scenario, stress) else {})
        | (RELIEF_TABLES if is_relieved(scenario, stress) else {}),
    )


def resumed(path: str | Path) -> Analysis:
    """The stress test that a folder was begun for, as for :func:`sim.stories.durable.begun`."""
    return analyses.resumed(path, STRESS.command, StressBegun, _again)


def _again(folder: RunFolder, asked: StressBegun) -> Analysis:
    scenario = manifests.scenario_in(folder, asked.given)
    prepared = scenario, stress_plan(scenario, compile_plan(scenario), asked.pairs_among)
    return analysis(asked.scenario_file, overrides=asked.overrides, prepared=prepared)


def _found(scenario: Scenario, stress: StressPlan, batches: Batches) -> tuple[Summary, Tables]:
    failures = run_failures(stress, batches)
    bounds = bounds_of(stress, batches) if have_bounds(stress.plan) else None
    stops = run_stops(stress, batches)
    tables = stress_tables(scenario, stress, failures, bounds, stops)
    if is_relieved(scenario, stress):
        found = reliefs(levered(scenario), batches)
        tables["stress_levers"] = relief_table(annual_losses(scenario, stress, failures, stops), list(found))
    return stress_summary(scenario, stress, failures, tables), tables


def has_rates(scenario: Scenario, stress: StressPlan) -> bool:
    """Whether any node has a failure rate."""
    return bool(rates_of(scenario, stress))


def is_relieved(scenario: Scenario, stress: StressPlan) -> bool:
    """Whether it is told which lever lowers what nodes cost a year."""
    return bool(scenario.levers) and has_rates(scenario, stress)


def steps(stress: StressPlan) -> int:
    """Number of steps that the progress of :func:`run` counts: failures, nodes to bound, and stops."""
    bounds = len(stress.nodes) if have_bounds(stress.plan) else 0
    return len(stress.failures) + bounds + stops_to_run(stress)


def save(findings: Findings, out: str | Path | None = None) -> Path:
    """Write the folder of a stress test that :func:`run` found, as :func:`sim.stories.folders.save`."""
    return folders.save(STRESS, Found(findings), out)


def _manifest(
    scenario: Scenario, file: str, overrides: Sequence[str], pairs_among: Sequence[str]
) -> Manifest:
    scenario_digest = digest_of(scenario)
    among = () if tuple(pairs_among) == KINDS else tuple(pairs_among) or (NONE,)
    asked = Asked(
        command=STRESS.command,
        files=[file],
        options={"pairs-among": among},
        overrides=overrides,
        fields=fields_of(file, overrides, {"pairs_among": list(pairs_among)}, scenario_digest),
        decides=["stress", scenario_digest, *among],
        scenarios=with_defaults(scenario),
    )
    return manifest_of(asked)
