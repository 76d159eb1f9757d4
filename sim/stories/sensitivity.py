"""The story of a sensitivity analysis: which uncertain inputs move the loss, and which to find out first.

Inputs (what nobody knows) are kept apart from process noise (what happens by chance), which belongs to the
number of a replication: rows of different matrices with the same number share it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field

from sim.errors import SimError
from sim.model.compile import Decided, decided, prepare_decided
from sim.model.events import ChanceEvent, known, with_events
from sim.model.plan import Floats, Ints, Plan
from sim.montecarlo import manifests
from sim.montecarlo.batches import Batches
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.manifests import MOST_REPLICATIONS, Given, Manifest, ScenarioBegun, Seed, Text
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import silent
from sim.report.expected_tables import DECISION_TABLES, SENSITIVITY_TABLES
from sim.report.sensitivity_page import answer_of, page_of_sensitivity
from sim.risk import sensitivity_tables as tell
from sim.risk import tail
from sim.risk.designs import Model, matrices_apart, one_at_a_time, pick_freeze, two_matrices
from sim.risk.findings import Findings
from sim.risk.leading import headline_of
from sim.risk.quantiles import quantiles
from sim.risk.sensitivity_indices import main_effects, sobol_indices
from sim.scenario.load import written
from sim.scenario.shapes import nearest
from sim.stories import SEED, analyses, folders
from sim.stories.analyses import Analysis, Summary, Tables
from sim.stories.durable import of_another
from sim.stories.folders import Found, Kind
from sim.stories.manifest import Asked, digest_of, fields_of, file_name, manifest_of, with_defaults

SENSITIVITY = Kind(
    command="sensitivity",
    name="{scenario}-sensitivity-{digest}",
    report="sensitivity.html",
    summary="sensitivity.json",
    page=page_of_sensitivity,
)
SCHEMA_VERSION = 2
REPLICATIONS = 1024
TOP = 10
FEWEST_REPLICATIONS = 32
TORNADO_REPLICATIONS = 128
"""Futures over which is averaged at each end of a bar; fewer if fewer are asked for."""


class SensitivityBegun(ScenarioBegun):
    """What the manifest of a sensitivity analysis says."""

    given_alternatives: dict[Text, Given] = Field(max_length=1000, description="a mapping of scenarios")
    maker: Text = Field(description="a text")
    replications: int = Field(
        ge=FEWEST_REPLICATIONS, le=MOST_REPLICATIONS, description="a whole number from 32 to 10,000,000"
    )
    top: int = Field(ge=1, le=1_000_000, description="a whole number from 1 to 1,000,000")
    seed: Seed


@dataclass(frozen=True, slots=True)
class Design:
    """What is asked of an analysis, as for :func:`run`."""

    maker: str
    replications: int
    top: int
    seed: int


def simulations(ready: Decided, replications: int, top: int) -> int:
    """How many replications the analysis simulates."""
    picked, count = min(top, len(ready.plan.inputs)), len(ready.plan.inputs)
    rows = 2 + picked + (picked < count) + 1 + 2 * len(ready.alternatives)
    return rows * replications + 2 * picked * min(replications, TORNADO_REPLICATIONS)


def prepare(file: str | Path, overrides: Sequence[str] = ()) -> Decided:
    """Load and compile a scenario and its alternatives, with all that can be found out as inputs.

    Raises
    ------
    ScenarioError
        If the scenario or an alternative cannot be used.
    """
    return with_events_as_inputs(prepare_decided(file, overrides))


def with_events_as_inputs(ready: Decided) -> Decided:
    """The same, with the events of each plan as inputs too."""
    alternatives = {name: with_events(plan) for name, plan in ready.alternatives.items()}
    return replace(ready, plan=with_events(ready.plan), alternatives=alternatives)


def check(ready: Decided, maker: str | None = None) -> str:
    """Id of the maker whose loss is analysed, once it is clear that there is something to analyse.

    Raises
    ------
    SimError
        If nothing is uncertain, inputs are correlated, or the maker is none of the headline's, or sells
        nothing in an alternative.
    """
    if not ready.plan.inputs:
        raise SimError(
            f"{ready.scenario.name}: no number is uncertain and no event, so there is nothing to analyse"
        )
    if len(ready.plan.sampling.correlated):
        raise SimError(
            f"{ready.scenario.name}: analysis.correlations ties inputs together, and these indices are of "
            "independent ones; leave it out, as with --set 'analysis.correlations=[]'"
        )
    names = ready.plan.labels.makers
    if not names:
        raise SimError(f"{ready.scenario.name}: no firm sells to a market, so there is no loss to analyse")
    if maker is not None and maker not in names:
        hint = nearest(maker, names) or ";"
        raise SimError(f"--maker: '{maker}' is no maker of the headline{hint} allowed: {', '.join(names)}")
    chosen = maker or names[0]
    for name, plan in ready.alternatives.items():
        if chosen not in plan.labels.makers:
            raise SimError(f"decision.alternatives.{name}: {chosen} sells to no market")
    return chosen


def run(
    file: str | Path,
    *,
    maker: str | None = None,
    replications: int = REPLICATIONS,
    top: int = TOP,
    seed: int = SEED,
    workers: int | None = None,
    overrides: Sequence[str] = (),
    prepared: Decided | None = None,
    progress: Callable[[int], None] = silent,
) -> Findings:
    """Find out which uncertain inputs move a maker's loss, and which are worth knowing before deciding.

    All in memory; :func:`sim.stories.analyses.run` does it in a folder, which survives being cut off.

    Parameters
    ----------
    file
        Scenario file.
    maker
        Firm whose loss share in the window, of what leads, is the output; default: the first of the
        headline's.
    replications
        Rows of each matrix of samples. The screening batch has twice as many.
    top
        How many inputs, those with the largest main effects, get a bar of the tornado and Sobol indices of
        their own; the others are one group.
    seed, workers, overrides
        As for :func:`sim.stories.study.run`.
    prepared
        What :func:`prepare` made of file and overrides; default: it is called.
    progress
        Called with the number of replications that have just been finished.

    Raises
    ------
    ScenarioError
        If the scenario or an alternative cannot be used.
    SimError
        If nothing is uncertain, the maker is none, or there are too few replications.
    """
    asked = analysis(
        file,
        maker=maker,
        replications=replications,
        top=top,
        seed=seed,
        overrides=overrides,
        prepared=prepared,
    )
    return analyses.in_memory(asked, workers, progress)


def analysis(
    file: str | Path,
    *,
    maker: str | None = None,
    replications: int = REPLICATIONS,
    top: int = TOP,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    prepared: Decided | None = None,
) -> Analysis:
    """An analysis that can be cut off, for :func:`sim.stories.analyses.run`.

    Parameters
    ----------
    file, maker, replications, top, seed, overrides, prepared
        As for :func:`run`.

    Raises
    ------
    ScenarioError, SimError
        As :func:`run`.
    """
    if replications < FEWEST_REPLICATIONS:
        raise SimError(f"replications: found {replications}, allowed: {FEWEST_REPLICATIONS} or more")
    ready = prepared or prepare(file, overrides)
    design = Design(check(ready, maker), replications, top, seed)
    return Analysis(
        kind=SENSITIVITY,
        scenario=ready.scenario,
        manifest=_manifest(ready, file_name(file), overrides, design),
        steps=simulations(ready, replications, top),
        find=partial(_found, ready, design),
        tables=SENSITIVITY_TABLES | (DECISION_TABLES if ready.scenario.decision else {}),
        width=block_width(ready.plan),
    )


def resumed(path: str | Path) -> Analysis:
    """The analysis that a folder was begun for, as for :func:`sim.stories.durable.begun`."""
    return analyses.resumed(path, SENSITIVITY.command, SensitivityBegun, _again)


def _again(folder: RunFolder, asked: SensitivityBegun) -> Analysis:
    scenario = manifests.scenario_in(folder, asked.given)
    alternatives = {
        name: manifests.scenario_in(folder, given) for name, given in asked.given_alternatives.items()
    }
    if list(alternatives) != list(scenario.decision.alternatives if scenario.decision else ()):
        raise of_another(folder, SENSITIVITY.command)
    return analysis(
        asked.scenario_file,
        maker=asked.maker,
        replications=asked.replications,
        top=asked.top,
        seed=asked.seed,
        overrides=asked.overrides,
        prepared=with_events_as_inputs(decided(scenario, alternatives)),
    )


def answer(findings: Findings) -> str:
    """What to find out first, in a paragraph."""
    return answer_of(findings)


def save(findings: Findings, out: str | Path | None = None) -> Path:
    """Write the folder of an analysis that :func:`run` found, as :func:`sim.stories.folders.save`."""
    return folders.save(SENSITIVITY, Found(findings), out)


def _found(ready: Decided, design: Design, batches: Batches) -> tuple[Summary, Tables]:
    rows = design.replications
    model = Model(design.maker, design.seed, batches)
    inputs, samples = ready.plan.inputs, two_matrices(ready.plan, design.seed, rows)
    output, facts = model.run(ready.plan, samples), known(ready.plan, samples)
    picked = np.argsort(-main_effects(facts, output), kind="stable")[: design.top]
    tables = {
        "tornado": _tornado(model, ready.plan, samples[:rows], output, picked),
        "rank_correlations": tell.correlations(inputs, facts, output),
        "sobol": _sobol(model, ready.plan, samples, output, picked),
        "inputs": tell.inputs_table(ready.scenario, inputs),
    }
    decision_tables, decision = _decide(model, ready, facts)
    apart = matrices_apart([ready.plan, *ready.alternatives.values()], design.seed, rows)
    summary = _summary(ready, design, output) | {"decision": decision} | apart.summary
    return summary, tables | decision_tables


def _tornado(model: Model, plan: Plan, samples: Floats, output: Floats, picked: Ints) -> pd.DataFrame:
    rows = min(len(samples), TORNADO_REPLICATIONS)
    ends = one_at_a_time(model, plan, picked, samples[:rows])
    return tell.tornado([plan.inputs[column] for column in picked], output[:rows], ends)


def _sobol(model: Model, plan: Plan, samples: Floats, output: Floats, picked: Ints) -> pd.DataFrame:
    """Indices of the picked inputs, of all others as one group, and of the noise.

    With all inputs taken from B, a row differs from that of B by its noise alone: a pick-freeze pair.
    """
    rows, every = len(output) // 2, np.arange(len(plan.inputs))
    others = np.setdiff1d(every, picked)
    factors = [(plan.inputs[column].path, tell.INPUT) for column in picked]
    groups = [np.array([column]) for column in picked]
    if len(others):
        factors.append((tell.OTHER_INPUTS, tell.GROUP))
        groups.append(others)
    mixed = pick_freeze(model, plan, samples, [*groups, every])
    f_a, f_b = output[:rows], output[rows:]
    noise = sobol_indices(f_b, f_a, mixed[-1:])
    return tell.sobol(factors, sobol_indices(f_a, f_b, mixed[:-1]), noise)


def _decide(model: Model, ready: Decided, facts: Floats) -> tuple[Tables, Summary | None]:
    """Tables and summary of the decision; nothing if the scenario names none."""
    decision, plans = ready.scenario.decision, list(ready.alternatives.values())
    if decision is None:
        return {}, None
    samples = [two_matrices(plan, model.seed, len(facts) // 2) for plan in plans]
    accounts = [model.earn(plan, rows) for plan, rows in zip(plans, samples, strict=True)]
    costs = np.array([alternative.cost.mean for alternative in decision.alternatives.values()])
    values = tell.values_of(accounts, costs)
    others = [known(plan, rows) for plan, rows in zip(plans, samples, strict=True)]
    paths, found = _all_facts([ready.plan, *plans], [facts, *others])
    table = tell.alternatives(decision, accounts, costs)
    summary = tell.decision_summary(decision, table, values, len(paths))
    return {"alternatives": table, "evpi": tell.information(paths, found, values)}, summary


def _all_facts(plans: Sequence[Plan], facts: Sequence[Floats]) -> tuple[list[str], Floats]:
    """Paths and ``[row, input]`` values of all that can be found out, whichever alternatives have it.

    An input that two alternatives have is drawn from the same uniform number. With another distribution, to
    know the one is to know the other; of an event it is to know in how many of them it comes true, as it does
    first where it is likeliest.
    """
    found: dict[str, Floats] = {}
    for plan, columns in zip(plans, facts, strict=True):
        for item, column in zip(plan.inputs, columns.T, strict=True):
            if isinstance(item, ChanceEvent):
                found[item.path] = found.get(item.path, 0.0) + column
            else:
                found.setdefault(item.path, column)
    return list(found), np.stack(list(found.values()), axis=1)


def _summary(ready: Decided, design: Design, output: Floats) -> Summary:
    plan, mean = ready.plan, tail.mean_estimate(output)
    low, high = quantiles(output, [0.05, 0.95])
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": ready.scenario.name,
        "currency": ready.scenario.currency,
        **headline_of(plan),
        "maker": design.maker,
        "window_days": plan.window_days,
        "shock": plan.labels.interventions[plan.shock] if plan.shock >= 0 else None,
        "replications": design.replications,
        "simulations": simulations(ready, design.replications, design.top),
        "inputs": len(plan.inputs),
        "seed": design.seed,
        "confidence": tail.CONFIDENCE,
        "loss_share": {
            "mean": {"estimate": mean.estimate, "ci_low": mean.ci_low, "ci_high": mean.ci_high},
            "sd": float(output.std(ddof=1)),
            "p05": float(low),
            "p95": float(high),
        },
    }


def _manifest(ready: Decided, file: str, overrides: Sequence[str], design: Design) -> Manifest:
    scenarios, scenario_digest = with_defaults(ready.scenario)
    options = asdict(design)
    variants = {name: digest_of(scenario) for name, scenario in ready.variants.items()}
    given = {name: written(scenario) for name, scenario in ready.variants.items()}
    asked = Asked(
        command=SENSITIVITY.command,
        files=[file],
        options=options,
        overrides=overrides,
        fields=fields_of(file, overrides, options, scenario_digest),
        decides=[scenario_digest, options, *([variants] if variants else [])],
        scenarios={**scenarios, "given_alternatives": given},
    )
    return manifest_of(asked)
