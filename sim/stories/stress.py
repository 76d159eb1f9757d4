"""The story of a stress test: load, compile, let every node and pair fail, bound, tell, store, report."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field

from sim.errors import ScenarioError, SimError
from sim.model.baseline import mean_demand
from sim.model.compile import compile_plan
from sim.model.failures import BY_SIZE, KINDS, StressDesign, StressPlan, rates_of, stress_plan
from sim.model.levered import Levered, check_levers, levered
from sim.model.supply_links import supply_links
from sim.montecarlo import manifests
from sim.montecarlo.backends import seconds_for
from sim.montecarlo.batches import Batches
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.failure_runs import Failures, run_failures, run_stops, stops_to_run
from sim.montecarlo.manifests import Manifest, ScenarioBegun
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import cores, silent
from sim.report.expected_tables import LIKELIHOOD_TABLES, RELIEF_TABLES, STRESS_TABLES, SYSTEMIC_TABLES
from sim.report.stress_page import page_of_stress
from sim.risk.findings import Findings
from sim.risk.lp_bounds import Bound, bounds_of, have_bounds
from sim.risk.relief_tables import relief_table
from sim.risk.stress_tables import stress_summary, stress_tables
from sim.risk.systemic import draw_ranks, find_systemic_risk, systemic_summary, systemic_tables
from sim.scenario.load import load_with_places
from sim.scenario.schema import Scenario
from sim.stories import analyses, folders
from sim.stories.analyses import Analysis, Summary, Tables
from sim.stories.folders import Found, Kind
from sim.stories.manifest import Asked, fields_of, file_name, manifest_of, with_defaults
from sim.stories.relieving import annual_losses, reliefs, steps_of

STRESS = Kind("stress", "{scenario}-stress-{digest}", "stress.html", "stress.json", page_of_stress)
ALL = "all"
"""What a command says in place of kinds, if every firm is to fail and nothing else."""
FIRMS = ("supplier",)
"""The kinds of nodes that are firms."""
NONE = "none"
"""What a command says in place of kinds, if no pair is to fail."""


NodeKind = Literal["supplier", "country", "component", "lane"]
KINDS_LISTED = "a list of kinds of nodes"
ESRI = "esri"
"""What a command calls the economic systemic risk index."""


class StressBegun(ScenarioBegun):
    """What the manifest of a stress test says."""

    nodes: list[NodeKind] = Field(
        default_factory=lambda: list(get_args(NodeKind)), max_length=len(KINDS), description=KINDS_LISTED
    )
    pairs_among: list[NodeKind] | None = Field(max_length=len(KINDS), description=f"{KINDS_LISTED}, or null")
    pairs_of: int | None = Field(default=None, ge=0)
    bounds_of: int | None = Field(default=None, ge=0)
    index: bool = False


def designed(
    *,
    nodes: Sequence[str] = (),
    pairs_among: Sequence[str] = (),
    pairs_of: int | None = None,
    bounds_of: int | None = None,
    index: str | None = None,
) -> StressDesign:
    """What a command line or a caller asks, in the usual order of the kinds.

    Parameters
    ----------
    nodes
        Kinds of the nodes that fail, or ``all`` for every firm and nothing else; none named: all kinds.
    pairs_among
        Kinds of the nodes that fail in pairs, or ``none``; none named: as many as there is time for.
    pairs_of, bounds_of
        As for :class:`sim.model.failures.StressDesign`.
    index
        ``esri`` or nothing.

    Raises
    ------
    SimError
        If ``all`` or ``none`` stands beside kinds.
    """
    for option, word, kinds in (("nodes", ALL, nodes), ("pairs-among", NONE, pairs_among)):
        if word in kinds and len(set(kinds)) > 1:
            raise SimError(f"found --{option} {word} beside a kind of nodes; allowed: one of them")
    failing = FIRMS if ALL in nodes else tuple(kind for kind in KINDS if kind in (nodes or KINDS))
    among = tuple(kind for kind in KINDS if kind in pairs_among) if pairs_among else None
    return StressDesign(failing, among, pairs_of, bounds_of, index == ESRI)


def prepare(
    file: str | Path, overrides: Sequence[str] = (), design: StressDesign = BY_SIZE
) -> tuple[Scenario, StressPlan]:
    """Load a scenario and make it ready to be stressed.

    Parameters
    ----------
    file
        Scenario file.
    overrides
        Settings ``path=value`` laid over the file.
    design
        Which nodes fail, and what is asked of them.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or cannot be stressed, or has too many pairs of nodes, or if a node
        has a failure rate, and a lever cannot be taken.
    """
    loaded = load_with_places(file, overrides)
    try:
        found = stress_plan(loaded.scenario, compile_plan(loaded.scenario), design)
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
    design: StressDesign = BY_SIZE,
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
    design
        As for :func:`prepare`.
    prepared
        What :func:`prepare` made of these; default: it is called.
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
    found = analysis(file, overrides=overrides, design=design, prepared=prepared)
    return analyses.in_memory(found, workers, progress)


def analysis(
    file: str | Path,
    *,
    overrides: Sequence[str] = (),
    design: StressDesign = BY_SIZE,
    prepared: tuple[Scenario, StressPlan] | None = None,
) -> Analysis:
    """A stress test that can be cut off, for :func:`sim.stories.analyses.run`.

    Parameters
    ----------
    file, overrides, design, prepared
        As for :func:`run`.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or cannot be stressed.
    """
    scenario, stress = prepared or prepare(file, overrides, design)
    return Analysis(
        kind=STRESS,
        scenario=scenario,
        manifest=_manifest(scenario, file_name(file), overrides, stress.design),
        steps=steps(stress) + (steps_of(scenario, stress) if is_relieved(scenario, stress) else 0),
        find=partial(_found, scenario, stress),
        foretold=partial(announcement, stress),
        tables=STRESS_TABLES
        | (LIKELIHOOD_TABLES if has_rates(scenario, stress) else {})
        | (RELIEF_TABLES if is_relieved(scenario, stress) else {})
        | (SYSTEMIC_TABLES if stress.design.index else {}),
        width=block_width(stress.plan),
    )


def resumed(path: str | Path) -> Analysis:
    """The stress test that a folder was begun for, as for :func:`sim.stories.durable.begun`."""
    return analyses.resumed(path, STRESS.command, StressBegun, _again)


def _again(folder: RunFolder, asked: StressBegun) -> Analysis:
    scenario = manifests.scenario_in(folder, asked.given)
    design = StressDesign(
        nodes=tuple(asked.nodes),
        pairs_among=None if asked.pairs_among is None else tuple(asked.pairs_among),
        pairs_of=asked.pairs_of,
        bounds_of=asked.bounds_of,
        index=asked.index,
    )
    prepared = scenario, stress_plan(scenario, compile_plan(scenario), design)
    return analysis(asked.scenario_file, overrides=asked.overrides, prepared=prepared)


def _found(scenario: Scenario, stress: StressPlan, batches: Batches) -> tuple[Summary, Tables]:
    failures = run_failures(stress, batches)
    bounds = _bounds(stress, failures, batches)
    stops = run_stops(stress, batches)
    tables = stress_tables(scenario, stress, failures, bounds, stops)
    if is_relieved(scenario, stress):
        found = reliefs(levered(scenario), batches)
        tables["stress_levers"] = relief_table(annual_losses(scenario, stress, failures, stops), list(found))
    summary = stress_summary(scenario, stress, failures, tables)
    if stress.design.index:
        tables |= _systemic(scenario, stress, failures, batches)
        summary["systemic"] = systemic_summary(tables["stress_systemic"])
    return summary, tables


def _bounds(stress: StressPlan, failures: Failures, batches: Batches) -> dict[int, Bound]:
    """What linear programs say about the worst nodes, as many as are to be bounded."""
    if not have_bounds(stress.plan) or not stress.bounded:
        return {}
    places = stress.worst(failures.pi, stress.bounded)
    return dict(zip(places, bounds_of(stress, batches, places), strict=True))


def _systemic(scenario: Scenario, stress: StressPlan, failures: Failures, batches: Batches) -> Tables:
    """The economic systemic risk index of all firms, beside what the simulation loses with them."""
    plan = compile_plan(scenario)
    links = supply_links(plan, mean_demand(plan, stress.day))
    risk = find_systemic_risk(links, batches)
    lost = failures.sold_lost[: len(stress.nodes)] / (failures.sold or 1.0)
    simulated = {
        node.key: share
        for node, share in zip(stress.nodes, lost.tolist(), strict=True)
        if node.kind == "supplier"
    }
    return systemic_tables(plan, links, risk, draw_ranks(plan, stress.day, risk), simulated)


def announcement(stress: StressPlan, workers: int | None = None) -> str:
    """How long failures will take, about; nothing where that is less than a minute.

    Parameters
    ----------
    stress
        The plan of a stress test.
    workers
        Number of threads; default: one for each core.

    Examples
    --------
    >>> announcement(prepare("scenarios/first-scenario.yaml", ["stress.ttr_days=30"])[1])
    ''
    """
    failures = len(stress.nodes) + math.comb(stress.paired, 2)
    quick, slow = (seconds / 60.0 for seconds in seconds_for(stress.plan, failures, workers))
    if slow < 1.0:
        return ""
    return (
        f"{failures:,} failures of {len(stress.plan.points.firm):,} stock points take about "
        f"{max(quick, 1.0):,.0f} to {slow + 1.0:,.0f} minutes on {workers or cores()} cores"
    )


def has_rates(scenario: Scenario, stress: StressPlan) -> bool:
    """Whether any node has a failure rate."""
    return bool(rates_of(scenario, stress))


def is_relieved(scenario: Scenario, stress: StressPlan) -> bool:
    """Whether it is told which lever lowers what nodes cost a year."""
    return bool(scenario.levers) and has_rates(scenario, stress)


def steps(stress: StressPlan) -> int:
    """Number of steps that the progress of :func:`run` counts: failures, nodes to bound, stops, and firms."""
    failures = len(stress.nodes) + math.comb(stress.paired, 2)
    bounds = stress.bounded if have_bounds(stress.plan) else 0
    firms = len(stress.plan.labels.firms) if stress.design.index else 0
    return failures + bounds + stops_to_run(stress) + firms


def save(findings: Findings, out: str | Path | None = None) -> Path:
    """Write the folder of a stress test that :func:`run` found, as :func:`sim.stories.folders.save`."""
    return folders.save(STRESS, Found(findings), out)


def _manifest(scenario: Scenario, file: str, overrides: Sequence[str], design: StressDesign) -> Manifest:
    scenarios, scenario_digest = with_defaults(scenario)
    asked_for = _options(design)
    asked = Asked(
        command=STRESS.command,
        files=[file],
        options=asked_for,
        overrides=overrides,
        fields=fields_of(file, overrides, _fields(design), scenario_digest),
        decides=["stress", scenario_digest, *(f"{name} {value}" for name, value in asked_for.items())],
        scenarios=scenarios,
    )
    return manifest_of(asked)


def _fields(design: StressDesign) -> dict[str, Any]:
    """What a manifest says of a design: as plain data."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(design).items()
    }


def _options(design: StressDesign) -> dict[str, Any]:
    """What a command line says of a design: nothing of what stands by itself."""
    among = design.pairs_among
    asked = {
        "nodes": () if design.nodes == KINDS else design.nodes,
        "pairs-among": () if among is None else among or (NONE,),
        "pairs-of": design.pairs_of,
        "bounds-of": design.bounds_of,
        "index": ESRI if design.index else None,
    }
    return {name: value for name, value in asked.items() if value not in {(), None}}
