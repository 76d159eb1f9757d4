"""The story of a sweep: one or two levers over all their levels, or days, on the same futures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.manifests import Manifest, Replications, ScenarioBegun, Seed, Text
from sim.montecarlo.sampling import sampled_apart
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import silent
from sim.report.expected_tables import SWEEP_TABLES, TWO_LEVER_TABLES, Columns
from sim.report.sweep_page import page_of_sweep
from sim.risk.findings import Findings
from sim.risk.replicated import estimators_of
from sim.risk.sweep_tables import service_table, sweep_table
from sim.scenario.axes import Axis, axis_of, check_axes, dated
from sim.scenario.levers import Lever
from sim.scenario.load import load_with_places
from sim.scenario.portfolios import NOTHING, Portfolio, Taken
from sim.scenario.schema import Scenario
from sim.stories import SEED, analyses, folders
from sim.stories.analyses import Analysis, Summary, Tables
from sim.stories.folders import Found, Kind
from sim.stories.manifest import Asked, fields_of, file_name, manifest_of, with_defaults
from sim.stories.portfolios import Evaluator
from sim.stories.searching import dates_of

SWEEP = Kind("sweep", "{scenario}-sweep-{digest}", "sweep.html", "sweep.json", page_of_sweep)
REPLICATIONS = 1_024
SCHEMA_VERSION = 1
MOST_LEVERS = 2
DATES, FEWEST_DATES, MOST_DATES = 9, 2, 1_000
"""Days of an axis of days."""
MOST_PORTFOLIOS = 2_000
"""Of a grid: each is a plan of its own."""


class SweepBegun(ScenarioBegun):
    """What the manifest of a sweep says."""

    levers: list[Text] = Field(min_length=1, max_length=MOST_LEVERS, description="one lever, or two")
    dates: int | None = Field(
        None, ge=FEWEST_DATES, le=MOST_DATES, description="a number of days, or nothing"
    )
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
    axes
        What is swept, one or two.
    dates
        How many days an axis of days has at most; None: there is no such axis.
    grid
        The portfolios; the first does nothing.
    plans
        What each compiles to.
    """

    levered: Levered
    axes: tuple[Axis, ...]
    dates: int | None
    grid: list[Portfolio]
    plans: list[Plan]


def prepared(found: Levered, levers: Sequence[str], dates: int | None = None) -> Swept:
    """Compile every combination of the levels, or days, of one or two levers, and that of none of them.

    Parameters
    ----------
    found
        A scenario with levers.
    levers
        One lever, or two: ids, for their levels, or as ``stock=60@dates``, for days on which to decide it.
    dates
        How many days an axis of days has at most (9), the first and the last among them.

    Raises
    ------
    SimError
        If they are no levers, too many, the same, exclude each other, or a combination makes no sense.
    """
    scenario, known = found.scenario, ", ".join(found.scenario.levers) or "none: the scenario has no levers"
    if not 1 <= len(levers) <= MOST_LEVERS:
        raise SimError(f"sweep: found {len(levers)} levers; allowed: one or two of {known}")
    axes = tuple(axis_of(scenario, text) for text in levers)
    check_axes(scenario, axes)
    has_dates = any(axis.of_dates for axis in axes)
    if dates is not None and not has_dates:
        raise SimError(
            f"sweep: found dates, but no lever is swept over them; allowed: {dated(scenario, axes)}"
        )
    days = (dates or DATES) if has_dates else None
    grid = _grid(scenario, axes, days or 1)
    if len(grid) > MOST_PORTFOLIOS:
        raise SimError(
            f"sweep: found {len(grid):,} combinations of levels; allowed: up to {MOST_PORTFOLIOS:,}"
        )
    assert grid[0] == NOTHING  # noqa: S101 - each lever is not taken first
    return Swept(found, axes, days, grid, [found.plan(portfolio) for portfolio in grid])


def _grid(scenario: Scenario, axes: Sequence[Axis], dates: int) -> list[Portfolio]:
    """Every combination of the steps of all axes, that of none of them first."""
    steps = [[*_steps(scenario.levers[axis.lever], axis, dates)] for axis in axes]
    if len({axis.lever for axis in axes}) == len(axes):
        return [
            Portfolio(tuple(filter(None, cell)))
            for cell in product(*([None, *steps[n]] for n in range(len(axes))))
        ]
    both = (
        Taken(one.lever, one.level if axes[1].of_dates else other.level, one.date or other.date)
        for one, other in product(*steps)
    )
    return [NOTHING, *(Portfolio((taken,)) for taken in both)]


def _steps(lever: Lever, axis: Axis, dates: int) -> Iterator[Taken]:
    """A lever at each of its levels, or decided on each of some days."""
    if axis.of_dates:
        yield from (Taken(axis.lever, axis.level, date) for date in dates_of(lever, dates))
    else:
        yield from (Taken(axis.lever, level) for level in (lever.levels.values if lever.levels else (None,)))


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
    dates: int | None = None,
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
    levers, dates
        As for :func:`prepared`.
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
    asked = analysis(
        file, levers, dates=dates, replications=replications, seed=seed, overrides=overrides, view=view
    )
    return analyses.in_memory(asked, workers, progress)


def analysis(
    file: str | Path,
    levers: Sequence[str],
    *,
    dates: int | None = None,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    view: str | Path | None = None,
    found: Levered | None = None,
) -> Analysis:
    """A sweep that can be cut off, for :func:`sim.stories.analyses.run`.

    Parameters
    ----------
    file, levers, dates, replications, seed, overrides, view
        As for :func:`run`.
    found
        What :func:`prepare` made of file, overrides and view; default: it is called.

    Raises
    ------
    ScenarioError, SimError
        As :func:`run`.
    """
    swept = prepared(found or prepare(file, overrides, view), levers, dates)
    options: dict[str, Any] = {"replications": replications, "seed": seed}
    seen = {} if view is None else {"view": file_name(view)}
    dated = {} if swept.dates is None else {"dates": swept.dates}
    return Analysis(
        kind=SWEEP,
        scenario=swept.levered.scenario,
        manifest=_manifest(swept, file_name(file), overrides, seen | dated | options),
        steps=replications * len(swept.grid),
        find=partial(_found, swept, replications, seed),
        tables=tables_of(len(swept.axes)),
        width=block_width(swept.plans[0]),
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
        dates=asked.dates,
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
    values = [
        evaluator.of_plan(plan, portfolio) for portfolio, plan in zip(swept.grid, swept.plans, strict=True)
    ]
    estimators = estimators_of(evaluator.method)
    tables = {
        "sweep": sweep_table(swept.grid, swept.axes, values, estimators),
        "sweep_service": service_table(swept.grid, values, estimators),
    }
    apart = sampled_apart(swept.plans, seed, replications)
    return _summary(swept, tables["sweep"], replications, seed) | apart.summary, tables


def _summary(swept: Swept, table: pd.DataFrame, replications: int, seed: int) -> Summary:
    scenario, plan = swept.levered.scenario, swept.plans[0]
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": scenario.name,
        "currency": scenario.currency,
        "maker": swept.levered.maker,
        "shock": plan.labels.interventions[plan.shock] if plan.shock >= 0 else None,
        "days": plan.days,
        "levers": [_told(scenario, axis) for axis in swept.axes],
        "replications": replications,
        "seed": seed,
        "best": table.loc[table["is_best"], "portfolio"].iloc[0],
        "flat_top": table.loc[table["in_flat_top"], "portfolio"].tolist(),
    }


def _told(scenario: Scenario, axis: Axis) -> dict[str, Any]:
    lever = scenario.levers[axis.lever]
    told = {"lever": axis.lever, "title": lever.title, "unit": lever.unit}
    return told | ({"over": "dates", "level": axis.level} if axis.of_dates else {})


def _manifest(swept: Swept, file: str, overrides: Sequence[str], options: Mapping[str, Any]) -> Manifest:
    scenario = swept.levered.scenario
    scenarios, scenario_digest = with_defaults(scenario)
    levers = [str(axis) for axis in swept.axes]
    dates = [] if swept.dates is None else [swept.dates]
    asked = Asked(
        command=SWEEP.command,
        files=[file, *levers],
        options=options,
        overrides=overrides,
        fields=fields_of(file, overrides, {"levers": levers, **options}, scenario_digest),
        decides=[SWEEP.command, scenario_digest, levers, options["replications"], options["seed"], *dates],
        scenarios=scenarios,
    )
    return manifest_of(asked)
