"""The story of a sweep: one or two levers of a scenario over all their levels, on the same futures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field

from sim.errors import SimError
from sim.model.levered import Levered, levered, over_view, prepare_levered
from sim.model.plan import Plan
from sim.montecarlo import manifests
from sim.montecarlo.batches import Batches
from sim.montecarlo.manifests import Manifest, Replications, ScenarioBegun, Seed, Text
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import silent
from sim.report.expected_tables import SWEEP_TABLES, TWO_LEVER_TABLES, Columns
from sim.report.sweep_page import page_of_sweep
from sim.risk.findings import Findings
from sim.risk.replicated import estimators_of
from sim.risk.sweep_tables import service_table, sweep_table
from sim.scenario.load import load_with_places
from sim.scenario.portfolios import NOTHING, Portfolio, Taken, lever_named, typed_cost
from sim.scenario.schema import Scenario
from sim.stories import SEED, analyses, folders
from sim.stories.analyses import Analysis, Summary, Tables
from sim.stories.folders import Found, Kind
from sim.stories.manifest import Asked, digest_of, fields_of, file_name, manifest_of, with_defaults
from sim.stories.portfolios import Evaluator

SWEEP = Kind("sweep", "{scenario}-sweep-{digest}", "sweep.html", "sweep.json", page_of_sweep)
REPLICATIONS = 1_024
SCHEMA_VERSION = 1
MOST_LEVERS = 2
MOST_PORTFOLIOS = 2_000
"""Of a grid: each is a plan of its own."""


class SweepBegun(ScenarioBegun):
    """What the manifest of a sweep says."""

    levers: list[Text] = Field(min_length=1, max_length=MOST_LEVERS, description="one lever, or two")
    view: Text | None = Field(None, description="a text, or nothing")
    replications: Replications
    seed: Seed


@dataclass(frozen=True, slots=True)
class Swept:
    """A grid of portfolios, ready to be simulated.

    Attributes
    ----------
    levered
        The scenario with its levers.
    levers
        Those that are swept, one or two ids.
    grid
        The portfolios; the first does nothing.
    plans
        What each compiles to.
    """

    levered: Levered
    levers: tuple[str, ...]
    grid: list[Portfolio]
    plans: list[Plan]


def prepared(found: Levered, levers: Sequence[str]) -> Swept:
    """Compile every combination of the levels of one or two levers, of none of them too.

    Parameters
    ----------
    found
        A scenario with levers.
    levers
        Ids of one lever, or of two.

    Raises
    ------
    SimError
        If they are no levers, too many, the same, exclude each other, or a combination makes no sense.
    """
    names = tuple(levers)
    scenario, known = found.scenario, ", ".join(found.scenario.levers) or "none: the scenario has no levers"
    if not 1 <= len(names) <= MOST_LEVERS:
        raise SimError(f"sweep: found {len(names)} levers; allowed: one or two of {known}")
    asked = [lever_named(scenario, name) for name in names]
    if len(set(names)) < len(names):
        raise SimError(f"sweep: found {names[0]} twice; allowed: two different levers")
    if names[-1] in asked[0].excludes or names[0] in asked[-1].excludes:
        raise SimError(f"sweep: {names[0]} and {names[-1]} exclude each other; allowed: one of them alone")
    grid = [Portfolio(tuple(filter(None, cell))) for cell in product(*(_steps(scenario, n) for n in names))]
    if len(grid) > MOST_PORTFOLIOS:
        raise SimError(
            f"sweep: found {len(grid):,} combinations of levels; allowed: up to {MOST_PORTFOLIOS:,}"
        )
    assert grid[0] == NOTHING  # noqa: S101 - each lever is not taken first
    return Swept(found, names, grid, [found.plan(portfolio) for portfolio in grid])


def _steps(scenario: Scenario, name: str) -> list[Taken | None]:
    """A lever not taken, and at each of its levels."""
    levels = scenario.levers[name].levels
    return [None, *(Taken(name, level) for level in (levels.values if levels else (None,)))]


def prepare(file: str | Path, overrides: Sequence[str] = (), view: str | Path | None = None) -> Levered:
    """Load a scenario with its levers, or lay these over another one.

    Parameters
    ----------
    file
        Scenario file with levers.
    overrides
        Settings ``path=value`` laid over the file that is simulated.
    view
        Another scenario file, over which the levers are laid; default: none.

    Raises
    ------
    ScenarioError
        If a scenario cannot be used, or not with a lever.
    """
    if view is None:
        return prepare_levered(file, overrides)
    return over_view(prepare_levered(file), load_with_places(view, overrides))


def run(
    file: str | Path,
    levers: Sequence[str],
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    workers: int | None = None,
    overrides: Sequence[str] = (),
    view: str | Path | None = None,
    progress: Callable[[int], None] = silent,
) -> Findings:
    """Simulate a scenario with every combination of the levels of one or two levers, in memory.

    :func:`sim.stories.analyses.run` does it in a folder, so that nothing is lost if it is cut off.

    Parameters
    ----------
    file
        Scenario file.
    levers
        Ids of one or two of its levers.
    replications, seed, workers
        Of each combination, as for :func:`sim.stories.study.run`.
    overrides, view
        As for :func:`prepare`.
    progress
        Called with the number of replications that have just been finished.

    Returns
    -------
    Findings
        Tables ``sweep`` and ``sweep_service`` (``docs/results.md``).

    Raises
    ------
    ScenarioError, SimError
        If the scenario cannot be used, or as :func:`prepared`.
    """
    asked = analysis(file, levers, replications=replications, seed=seed, overrides=overrides, view=view)
    return analyses.in_memory(asked, workers, progress)


def analysis(
    file: str | Path,
    levers: Sequence[str],
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    view: str | Path | None = None,
    found: Levered | None = None,
) -> Analysis:
    """A sweep that can be cut off, for :func:`sim.stories.analyses.run`.

    Parameters
    ----------
    file, levers, replications, seed, overrides, view
        As for :func:`run`.
    found
        What :func:`prepare` made of file, overrides and view; default: it is called.

    Raises
    ------
    ScenarioError, SimError
        As :func:`run`.
    """
    swept = prepared(found or prepare(file, overrides, view), levers)
    options: dict[str, Any] = {"replications": replications, "seed": seed}
    seen = {} if view is None else {"view": file_name(view)}
    return Analysis(
        kind=SWEEP,
        scenario=swept.levered.scenario,
        manifest=_manifest(swept, file_name(file), overrides, seen | options),
        steps=replications * len(swept.grid),
        find=partial(_found, swept, replications, seed),
        tables=tables_of(len(swept.levers)),
    )


def tables_of(levers: int) -> dict[str, Columns]:
    """The tables of a sweep of so many levers."""
    return SWEEP_TABLES if levers == 1 else TWO_LEVER_TABLES


def resumed(path: str | Path) -> Analysis:
    """The sweep that a folder was begun for, as for :func:`sim.stories.durable.begun`."""
    return analyses.resumed(path, SWEEP.command, SweepBegun, _again)


def _again(folder: RunFolder, asked: SweepBegun) -> Analysis:
    return analysis(
        asked.scenario_file,
        asked.levers,
        replications=asked.replications,
        seed=asked.seed,
        overrides=asked.overrides,
        view=asked.view,
        found=levered(manifests.scenario_in(folder, asked.given)),
    )


def save(findings: Findings, out: str | Path | None = None) -> Path:
    """Write the folder of a sweep that :func:`run` found, as :func:`sim.stories.folders.save`."""
    return folders.save(SWEEP, Found(findings), out)


def _found(swept: Swept, replications: int, seed: int, batches: Batches) -> tuple[Summary, Tables]:
    evaluator = Evaluator(swept.levered, replications, seed, batches)
    scenario = swept.levered.scenario
    values = [
        evaluator.of_plan(plan, typed_cost(scenario, portfolio))
        for portfolio, plan in zip(swept.grid, swept.plans, strict=True)
    ]
    estimators = estimators_of(evaluator.method)
    tables = {
        "sweep": sweep_table(swept.grid, swept.levers, values, estimators),
        "sweep_service": service_table(swept.grid, values, estimators),
    }
    return _summary(swept, tables["sweep"], replications, seed), tables


def _summary(swept: Swept, table: pd.DataFrame, replications: int, seed: int) -> Summary:
    scenario, plan = swept.levered.scenario, swept.plans[0]
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": scenario.name,
        "currency": scenario.currency,
        "maker": swept.levered.maker,
        "shock": plan.labels.interventions[plan.shock] if plan.shock >= 0 else None,
        "days": plan.days,
        "levers": [_told(scenario, name) for name in swept.levers],
        "replications": replications,
        "seed": seed,
        "best": table.loc[table["is_best"], "portfolio"].iloc[0],
        "flat_top": table.loc[table["in_flat_top"], "portfolio"].tolist(),
    }


def _told(scenario: Scenario, name: str) -> dict[str, Any]:
    lever = scenario.levers[name]
    return {"lever": name, "title": lever.title, "unit": lever.unit}


def _manifest(swept: Swept, file: str, overrides: Sequence[str], options: Mapping[str, Any]) -> Manifest:
    scenario = swept.levered.scenario
    scenario_digest, levers = digest_of(scenario), list(swept.levers)
    asked = Asked(
        command=SWEEP.command,
        files=[file, *levers],
        options=options,
        overrides=overrides,
        fields=fields_of(file, overrides, {"levers": levers, **options}, scenario_digest),
        decides=[SWEEP.command, scenario_digest, levers, options["replications"], options["seed"]],
        scenarios=with_defaults(scenario),
    )
    return manifest_of(asked)
