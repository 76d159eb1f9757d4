"""The story of a comparison: several scenarios under common random numbers, and what moves the answer."""

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field, ValidationError

from sim.errors import ScenarioError, SimError
from sim.model.compile import compile_plan, prepare
from sim.model.plan import Plan
from sim.montecarlo import manifests
from sim.montecarlo.batches import Batches
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.manifests import Begun, Given, Manifest, Replications, Seed, Text
from sim.montecarlo.sampling import sampled_apart
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import silent
from sim.report.comparison_page import page_of_comparison
from sim.report.expected_tables import COMPARISON_TABLES
from sim.report.names import step_title
from sim.risk.comparison import Losses, differences_table, scenarios_table, waterfall_table
from sim.risk.designs import simulated
from sim.risk.findings import Findings
from sim.risk.leading import headline_of
from sim.risk.replicated import estimators_of
from sim.scenario.change_words import told
from sim.scenario.changes import Change, changed, changes
from sim.scenario.checks import inconsistencies
from sim.scenario.load import resolved, written
from sim.scenario.references import unknown_references
from sim.scenario.schema import Scenario
from sim.scenario.source import node_of
from sim.stories import SEED, analyses, folders
from sim.stories.analyses import Analysis, Summary, Tables
from sim.stories.folders import REPORT, SUMMARY, Found, Kind
from sim.stories.manifest import Asked, digest_of, file_name, manifest_of

COMPARISON = Kind("compare", "compare-{digest}", REPORT, SUMMARY, page_of_comparison)
REPLICATIONS = 1_024
SCHEMA_VERSION = 1
FEWEST = 2
Way = Literal["first", "before"]
"""From which scenario steps lead to each: the first, or the one before."""
MOVED = ("step", "title", "changes", "effect", "scenario", "against")
"""What is told of the step that moves a maker's loss most."""


class ComparisonBegun(Begun):
    """What the manifest of a comparison says."""

    scenario_files: list[Text] = Field(min_length=FEWEST, max_length=10_000, description="two texts or more")
    given: list[Given] = Field(min_length=FEWEST, max_length=10_000, description="two scenarios or more")
    overrides: list[Text] = Field(max_length=10_000, description="a list of texts")
    replications: Replications
    seed: Seed
    steps_from: Way = Field("before", description="first, before")
    variants: list[Text] = Field(default_factory=list, max_length=10_000, description="a list of texts")


@dataclass(frozen=True, slots=True)
class Compared:
    """A scenario of a comparison, ready to be simulated."""

    scenario: Scenario
    plan: Plan


@dataclass(frozen=True, slots=True)
class Variant:
    """A scenario of a comparison that is another one with settings of its own.

    Parameters
    ----------
    name
        What it is called.
    settings
        ``path=value``, laid over the file after what is laid over all.
    """

    name: str
    settings: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """Its settings as the command line takes them."""
        return [f"{self.name}: {setting}" for setting in self.settings]


def variants_of(words: Iterable[str]) -> list[Variant]:
    """Variants of texts ``name: path=value``; those with the same name are one.

    Raises
    ------
    SimError
        If a text is none.

    Examples
    --------
    >>> variants_of(["thick: lanes.a.price=3", "thick: lanes.b.price=4", "thin: lanes.a.price=1"])[0]
    Variant(name='thick', settings=('lanes.a.price=3', 'lanes.b.price=4'))
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in words:
        name, colon, setting = (part.strip() for part in text.partition(":"))
        if not (name and colon and "=" in setting) or "=" in name:
            raise SimError(f"found the variant {text!r}; allowed: 'NAME: PATH=VALUE'")
        found[name] = (*found.get(name, ()), setting)
    return [Variant(name, settings) for name, settings in found.items()]


@dataclass(frozen=True, slots=True)
class Simulator:
    """Simulates scenarios with the same random numbers."""

    replications: int
    seed: int
    batches: Batches

    def losses(self, name: str, plan: Plan) -> Losses:
        """What a scenario loses in the window, of what leads."""
        table = simulated(plan, seed=self.seed, replications=self.replications, batches=self.batches)
        by_maker = table.groupby("maker", sort=False)
        shares, amounts = (
            {str(maker): rows[column].to_numpy() for maker, rows in by_maker}
            for column in ("loss_share", "loss")
        )
        return Losses(name, shares, amounts)


def prepared(
    files: Sequence[str | Path], overrides: Sequence[str] = (), variants: Sequence[Variant] = ()
) -> list[Compared]:
    """Read and compile the scenarios of a comparison.

    Parameters
    ----------
    files
        Scenario files.
    overrides
        Settings ``path=value`` laid over each file.
    variants
        Further scenarios: the first file with settings.

    Raises
    ------
    ScenarioError
        If a scenario cannot be used.
    SimError
        If they are too few or do not compare: they must have different names, the same currency, the same
        makers and the same headline.
    """
    found = [Compared(*prepare(file, overrides)) for file in files]
    return comparable([*found, *(varied(files[0], found[0].scenario, overrides, one) for one in variants)])


def varied(file: str | Path, scenario: Scenario, overrides: Sequence[str], variant: Variant) -> Compared:
    """A variant of a scenario file, under its own name.

    Parameters
    ----------
    file, overrides
        As for :func:`sim.scenario.load.load_scenario`.
    scenario
        What they give.
    variant
        What is laid over it.

    Raises
    ------
    ScenarioError
        If that makes no scenario.
    """
    title = json.dumps(f"{scenario.title}: {variant.name}", ensure_ascii=False)
    settings = [*overrides, f"title={title}", *variant.settings, f"name={variant.name}"]
    return Compared(*prepare(file, settings))


def comparable(found: list[Compared]) -> list[Compared]:
    """The scenarios, if they compare.

    Raises
    ------
    SimError
        As :func:`prepared`.
    """
    if len(found) < FEWEST:
        raise SimError(f"compare: found {len(found)} scenario file; allowed: two or more")
    names = [compared.scenario.name for compared in found]
    if len(set(names)) < len(names):
        raise SimError(f"compare: found names {', '.join(names)}; allowed: each name once")
    for compared in found[1:]:
        for what, of, remedy in _THE_SAME:
            one, other = of(found[0]), of(compared)
            if one != other:
                raise SimError(
                    f"compare: found {what} {one} in {names[0]} and {other} in {compared.scenario.name}; "
                    f"allowed: the same in all{remedy}"
                )
    return found


def run(
    files: Sequence[str | Path],
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    workers: int | None = None,
    overrides: Sequence[str] = (),
    scenarios: Sequence[Compared] | None = None,
    variants: Sequence[Variant] = (),
    progress: Callable[[int], None] = silent,
) -> Findings:
    """Simulate scenarios with the same random numbers, and the steps from each to the next, in memory.

    :func:`sim.stories.analyses.run` does it in a folder, so that nothing is lost if it is cut off.

    Parameters
    ----------
    files
        Two scenario files or more, in the order in which they are to be compared.
    replications, seed, workers
        Of each scenario and step, as for :func:`sim.stories.study.run`.
    overrides
        Settings ``path=value`` laid over each file.
    scenarios
        What :func:`prepared` made of files, overrides and variants; default: it is called.
    variants
        Further scenarios: the first file with settings. Steps then lead from the first scenario to each.
    progress
        Called with the number of replications that have just been finished.

    Returns
    -------
    Findings
        Tables ``scenarios``, ``differences``, ``waterfall`` and ``losses`` (``docs/results.md``).

    Raises
    ------
    ScenarioError, SimError
        As :func:`prepared`.
    """
    asked = analysis(
        files,
        replications=replications,
        seed=seed,
        overrides=overrides,
        scenarios=scenarios,
        variants=variants,
    )
    return analyses.in_memory(asked, workers, progress)


def analysis(
    files: Sequence[str | Path],
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    scenarios: Sequence[Compared] | None = None,
    variants: Sequence[Variant] = (),
    steps_from: Way | None = None,
) -> Analysis:
    """A comparison that can be cut off, for :func:`sim.stories.analyses.run`.

    Parameters
    ----------
    files, replications, seed, overrides, scenarios, variants
        As for :func:`run`.
    steps_from
        Whether steps lead to each scenario from the first or from the one before; default: with
        variants from the first.

    Raises
    ------
    ScenarioError, SimError
        As :func:`prepared`.
    """
    found = scenarios or prepared(files, overrides, variants)
    way: Way = steps_from or ("first" if variants else "before")
    walks = [_walk(ends, found) for ends in _pairs(len(found), way)]
    return Analysis(
        kind=COMPARISON,
        scenario=found[0].scenario,
        manifest=_manifest(
            found,
            files=files,
            replications=replications,
            seed=seed,
            overrides=overrides,
            variants=variants,
            way=way,
        ),
        steps=replications * (len(found) + sum(walk.batches for walk in walks)),
        find=partial(_found, found, walks, replications, seed),
        tables=COMPARISON_TABLES,
        width=block_width(found[0].plan),
    )


def _pairs(scenarios: int, way: Way) -> list[tuple[int, int]]:
    """Places of the scenarios between which steps lead."""
    return [(0 if way == "first" else place - 1, place) for place in range(1, scenarios)]


def resumed(path: str | Path) -> Analysis:
    """The comparison that a folder was begun for, as for :func:`sim.stories.durable.begun`."""
    return analyses.resumed(path, COMPARISON.command, ComparisonBegun, _again)


def _again(folder: RunFolder, asked: ComparisonBegun) -> Analysis:
    scenarios = [manifests.scenario_in(folder, given) for given in asked.given]
    variants = variants_of(asked.variants)
    return analysis(
        asked.scenario_files[: len(scenarios) - len(variants)],
        replications=asked.replications,
        seed=asked.seed,
        overrides=asked.overrides,
        scenarios=comparable([Compared(scenario, compile_plan(scenario)) for scenario in scenarios]),
        variants=variants,
        steps_from=asked.steps_from,
    )


def _found(
    scenarios: Sequence[Compared],
    walks: Sequence["Walk"],
    replications: int,
    seed: int,
    batches: Batches,
) -> tuple[Summary, Tables]:
    simulator = Simulator(replications, seed, batches)
    losses = [simulator.losses(compared.scenario.name, compared.plan) for compared in scenarios]
    estimators = estimators_of(scenarios[0].plan.sampling.method)
    falls = [
        waterfall_table(*_steps(simulator, walk, losses), estimators).assign(
            scenario=losses[walk.ends[1]].name, against=losses[walk.ends[0]].name
        )
        for walk in walks
    ]
    tables = {
        "scenarios": scenarios_table(losses, estimators),
        "differences": differences_table(losses, estimators),
        "waterfall": pd.concat(falls, ignore_index=True),
        "losses": _losses_table(losses),
    }
    plans = [*(compared.plan for compared in scenarios), *(plan for walk in walks for plan in walk.plans)]
    apart = sampled_apart(plans, seed, replications)
    return _summary(scenarios, tables, replications, seed) | apart.summary, tables


def save(findings: Findings, out: str | Path | None = None) -> Path:
    """Write the folder of a comparison that :func:`run` found, as :func:`sim.stories.folders.save`."""
    return folders.save(COMPARISON, Found(findings), out)


# ---------------------------------------------------------------------- steps


@dataclass(frozen=True, slots=True)
class Walk:
    """The steps from one scenario to another.

    Attributes
    ----------
    ends
        Their places.
    scenarios
        The one and the other.
    path
        Each step, and the plan after it and all before it; the last one leads to the other scenario.
    alone
        The plan after each step but the first, alone; None where that makes no scenario.
    """

    ends: tuple[int, int]
    scenarios: tuple[Scenario, Scenario]
    path: list[tuple[Change, Plan]]
    alone: list[Plan | None]

    @property
    def plans(self) -> list[Plan]:
        """Every plan on the way."""
        return [plan for _, plan in self.path] + [plan for plan in self.alone if plan is not None]

    @property
    def batches(self) -> int:
        """How many batches are simulated on the way."""
        return len(self.path[:-1]) + sum(plan is not None for plan in self.alone)


def _walk(ends: tuple[int, int], scenarios: Sequence[Compared]) -> Walk:
    one, other = (scenarios[place].scenario for place in ends)
    path = list(_possible(one, changes(one, other)))
    return Walk(ends, (one, other), path, [_compiled(one, [step]) for step, _ in path[1:]])


def _steps(
    simulator: Simulator, walk: Walk, found: Sequence[Losses]
) -> tuple[list[Losses], list[Losses | None]]:
    """What is lost after each step with all before it, from one end to the other, and after each alone.

    The first step alone is the first of the path, and after the last the other scenario is reached.
    """
    ends = tuple(found[place] for place in walk.ends)
    if not walk.path:
        return [ends[0]], []
    scenarios = walk.scenarios
    between = [simulator.losses(step.name, plan) for step, plan in walk.path[:-1]]
    path = [
        replace(
            losses, name=step.name, title=step_title(step.name, scenarios), changes=told(step, *scenarios)
        )
        for losses, (step, _) in zip((*between, ends[1]), walk.path, strict=True)
    ]
    alone = [
        None if plan is None else simulator.losses(step.name, plan)
        for (step, _), plan in zip(walk.path[1:], walk.alone, strict=True)
    ]
    return [ends[0], *path], [path[0], *alone]


def _possible(scenario: Scenario, steps: Sequence[Change]) -> Iterator[tuple[Change, Plan]]:
    """Steps after which there is a scenario, and its plan.

    One that makes none waits until others are taken; what never makes one alone is taken together.
    """
    taken: list[Change] = []
    waiting = list(steps)
    while waiting:
        group, plan = _next(scenario, taken, waiting)
        if plan is None:
            return
        settings_of_all = tuple(setting for part in group for setting in part.settings)
        yield Change(" and ".join(part.name for part in group), settings_of_all), plan
        taken += group
        waiting = [step for step in waiting if step not in group]


def _next(
    scenario: Scenario, taken: Sequence[Change], waiting: Sequence[Change]
) -> tuple[list[Change], Plan | None]:
    """The first step that can be taken; where none can, the fewest from the first on that can together."""
    alone = ([step] for step in waiting)
    together = (list(waiting[:count]) for count in range(2, len(waiting) + 1))
    for group in chain(alone, together):
        plan = _compiled(scenario, [*taken, *group])
        if plan is not None:
            return group, plan
    return [], None


def _compiled(scenario: Scenario, steps: Sequence[Change]) -> Plan | None:
    """The plan after some steps; None if these alone make no scenario."""
    try:
        after = changed(scenario, steps)
        mistakes = unknown_references(node_of(resolved(after))) or inconsistencies(after)
        return None if mistakes else compile_plan(after)
    except (ValidationError, ScenarioError, KeyError):
        return None


# ---------------------------------------------------------------------- what is told


def _currency(compared: Compared) -> str:
    return compared.scenario.currency


def _headline(compared: Compared) -> str:
    return compared.scenario.analysis.headline


def _makers(compared: Compared) -> str:
    """Makers, and of groups the members."""
    groups = compared.scenario.analysis.groups
    return ", ".join(
        f"{name} ({', '.join(groups[name].firms)})" if name in groups else name
        for name in compared.plan.labels.makers
    )


_THE_SAME = (
    ("currency", _currency, ""),
    ("makers", _makers, ""),
    ("headline", _headline, ", as with --set analysis.headline=margin"),
)
"""What scenarios that compare have in common, how it is told, and what helps where they do not."""


def _losses_table(losses: Sequence[Losses]) -> pd.DataFrame:
    """``[replication]`` loss shares of every scenario and maker, side by side."""
    frames = [
        pd.DataFrame(
            {"scenario": each.name, "maker": maker, "replication": range(len(shares)), "loss_share": shares}
        )
        for each in losses
        for maker, shares in each.shares.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _summary(found: Sequence[Compared], tables: Tables, replications: int, seed: int) -> Summary:
    steps = tables["waterfall"]
    largest = steps.loc[steps["effect"].abs().groupby(steps["maker"]).idxmax()]
    return {
        "schema_version": SCHEMA_VERSION,
        "scenarios": [
            {"scenario": compared.scenario.name, "title": compared.scenario.title} for compared in found
        ],
        "currency": found[0].scenario.currency,
        **headline_of(found[0].plan),
        "window_days": found[0].plan.window_days,
        "replications": replications,
        "seed": seed,
        "moves_most": {
            row["maker"]: {name: row[name] for name in MOVED} for row in largest.to_dict("records")
        },
    }


def _manifest(
    found: Sequence[Compared],
    *,
    files: Sequence[str | Path],
    replications: int,
    seed: int,
    overrides: Sequence[str],
    variants: Sequence[Variant],
    way: Way,
) -> Manifest:
    names = [file_name(file) for file in files]
    digests = [digest_of(compared.scenario) for compared in found]
    words = [word for variant in variants for word in variant.words]
    options = {"replications": replications, "seed": seed, "variant": tuple(map(shlex.quote, words))}
    from_first = {} if way == "before" else {"steps_from": way, "variants": words}
    asked = Asked(
        command=COMPARISON.command,
        files=names,
        options=options,
        overrides=overrides,
        fields={
            "scenario_files": [*names, *(names[0] for _ in variants)],
            "scenario_digests": digests,
            "overrides": list(overrides),
            "seed": seed,
            "replications": replications,
            **from_first,
        },
        decides=[digests, seed, replications, *([] if way == "before" else [way])],
        scenarios={"given": [written(compared.scenario) for compared in found]},
    )
    return manifest_of(asked)
