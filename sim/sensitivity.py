"""The story of a sensitivity analysis: which uncertain inputs move the loss, and which to find out first.

Inputs (what nobody knows) are kept apart from process noise (what happens by chance), which belongs to the
number of a replication: rows of different matrices with the same number share it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, Field

from sim import analyses
from sim.analyses import Analysis
from sim.errors import SimError
from sim.model.compile import Decided, decided, prepare_decided
from sim.model.plan import Floats, Input, Ints, Plan
from sim.montecarlo.batch import silent
from sim.montecarlo.batches import Batches, InMemory
from sim.montecarlo.manifests import MANIFEST, Manifest
from sim.montecarlo.provenance import versions
from sim.montecarlo.store import digest
from sim.report.sensitivity_page import answer_of, render_sensitivity
from sim.report.tables import DECISION_TABLES, SENSITIVITY_TABLES
from sim.risk import sensitivity_tables as tell
from sim.risk import tail
from sim.risk.designs import Batch, Model, one_at_a_time, pick_freeze, two_matrices
from sim.risk.findings import Findings
from sim.risk.sensitivity import main_effects, sobol_indices
from sim.scenario.load import as_written, resolved, written
from sim.scenario.schema import Decision, Scenario
from sim.scenario.shapes import nearest
from sim.study import SEED, claimed, folder_of, settings, shown, with_scenario, write_findings

SCHEMA_VERSION = 1
REPLICATIONS = 1024
TOP = 10
FEWEST_REPLICATIONS = 32
TORNADO_REPLICATIONS = 64
"""Replications over which the noise is averaged at each end of a bar; fewer if fewer are asked for."""
LAST = "sensitivity.html", "sensitivity.json"


class Asked(BaseModel):
    """What a manifest says that an analysis was asked for."""

    scenario_file: str
    given: dict[str, Any]
    given_alternatives: dict[str, dict[str, Any]]
    overrides: list[str]
    maker: str
    replications: int = Field(ge=FEWEST_REPLICATIONS)
    top: int = Field(ge=1)
    seed: int = Field(ge=0)


def simulations(ready: Decided, replications: int, top: int) -> int:
    """How many replications the analysis simulates."""
    picked, count = min(top, len(ready.plan.inputs)), len(ready.plan.inputs)
    others = sum(not _is_base(ready.scenario, name) for name in ready.alternatives)
    rows = 2 + picked + (picked < count) + 1 + 2 * others
    return rows * replications + (1 + 2 * picked) * min(replications, TORNADO_REPLICATIONS)


def check(ready: Decided, maker: str | None = None) -> str:
    """Id of the maker whose loss is analysed, once it is clear that there is something to analyse.

    Raises
    ------
    SimError
        If nothing is uncertain, inputs are correlated, or the maker is none of the headline's, or sells
        nothing in an alternative.
    """
    if not ready.plan.inputs:
        raise SimError(f"{ready.scenario.name}: no number is uncertain, so there is nothing to analyse")
    if len(ready.plan.sampling.correlated):
        raise SimError(
            f"{ready.scenario.name}: analysis.correlations ties inputs together, and these indices are of "
            "independent ones; leave it out, as with --set 'analysis.correlations=[]'"
        )
    names = _makers(ready.plan)
    if not names:
        raise SimError(f"{ready.scenario.name}: no firm sells to a market, so there is no loss to analyse")
    if maker is not None and maker not in names:
        hint = nearest(maker, names) or ";"
        raise SimError(f"--maker: '{maker}' is no maker of the headline{hint} allowed: {', '.join(names)}")
    chosen = maker or names[0]
    for name, plan in ready.alternatives.items():
        if chosen not in _makers(plan):
            raise SimError(f"decision.alternatives.{name}: {chosen} sells to no market")
    return chosen


def _makers(plan: Plan) -> list[str]:
    return [plan.labels.firms[firm] for firm in plan.makers]


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
    batches: Batches | None = None,
) -> Findings:
    """Find out which uncertain inputs move a maker's loss, and which are worth knowing before deciding.

    Parameters
    ----------
    file
        Scenario file.
    maker
        Firm whose loss share in the window is the output; default: the first of the headline's.
    replications
        Rows of each matrix of samples. The screening batch has twice as many.
    top
        How many inputs, those with the largest main effects, get a bar of the tornado and Sobol indices of
        their own; the others are one group.
    seed, workers, overrides
        As for :func:`sim.study.run`.
    prepared
        What :func:`sim.model.compile.prepare_decided` made of file and overrides; default: it is called.
    progress
        Called with the number of replications that have just been finished.
    batches
        Has the batches simulated; default: in memory.

    Raises
    ------
    ScenarioError
        If the scenario or an alternative cannot be used.
    SimError
        If nothing is uncertain, the maker is none, or there are too few replications.
    """
    if replications < FEWEST_REPLICATIONS:
        raise SimError(f"replications: found {replications}, allowed: {FEWEST_REPLICATIONS} or more")
    ready = prepared or prepare_decided(file, overrides)
    model = Model(check(ready, maker), seed, workers, progress, batches or InMemory())
    inputs, samples = ready.plan.inputs, two_matrices(ready.plan, seed, replications)
    base = model.run(ready.plan, 2 * replications, samples)
    effects = main_effects(samples, base.loss_share)
    picked = np.argsort(-effects, kind="stable")[:top]
    tables = {
        "tornado": _tornado(model, ready.plan, picked, replications),
        "rank_correlations": tell.correlations(inputs, samples, base.loss_share),
        "sobol": _sobol(model, ready.plan, samples, base.loss_share, picked),
        "inputs": tell.inputs_table(ready.scenario, inputs),
    }
    decision_tables, found = _decide(model, ready, samples, base)
    design = {"maker": model.maker, "replications": replications, "top": top, "seed": seed}
    return Findings(
        scenario=ready.scenario,
        manifest=_manifest(ready, file, overrides, design),
        summary=_summary(ready, model, base, replications, top) | {"decision": found},
        tables=tables | decision_tables,
    )


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
    """An analysis that can be cut off, for :func:`sim.analyses.run`.

    Parameters
    ----------
    file, maker, replications, top, seed, overrides, prepared
        As for :func:`run`.

    Raises
    ------
    ScenarioError, SimError
        As :func:`run`.
    """
    ready = prepared or prepare_decided(file, overrides)
    design = {"maker": check(ready, maker), "replications": replications, "top": top, "seed": seed}
    manifest = with_scenario(_manifest(ready, file, overrides, design), ready.scenario)
    variants = {name: written(scenario) for name, scenario in ready.variants.items()}
    return Analysis(
        command="sensitivity",
        name=_name(ready.scenario, manifest),
        scenario=ready.scenario,
        manifest={**manifest, "given_alternatives": variants},
        steps=simulations(ready, replications, top),
        find=partial(
            run,
            file,
            maker=maker,
            replications=replications,
            top=top,
            seed=seed,
            overrides=overrides,
            prepared=ready,
        ),
        render=render_sensitivity,
        last=LAST,
        tables=SENSITIVITY_TABLES | (DECISION_TABLES if ready.scenario.decision else {}),
    )


def resumed(path: str | Path) -> Analysis:
    """The analysis that a folder was begun for, whether or not it is finished.

    Raises
    ------
    ResultError
        If it is none, or its manifest cannot be read.
    """
    return analyses.resumed(path, "sensitivity", _analysis_of)


def _analysis_of(manifest: Manifest) -> Analysis:
    asked = Asked.model_validate(manifest)
    alternatives = {name: as_written(given) for name, given in asked.given_alternatives.items()}
    return analysis(
        asked.scenario_file,
        maker=asked.maker,
        replications=asked.replications,
        top=asked.top,
        seed=asked.seed,
        overrides=asked.overrides,
        prepared=decided(as_written(asked.given), alternatives),
    )


def answer(findings: Findings) -> str:
    """What to find out first, in a paragraph."""
    return answer_of(findings)


def save(findings: Findings, out: str | Path | None = None) -> Path:
    """Write the folder of an analysis; ``sensitivity.json`` comes last, so a folder that has it is complete.

    Parameters
    ----------
    findings
        What :func:`run` returned.
    out
        Folder to write; default: ``results/<scenario>-sensitivity-<digest>``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultError
        If a file cannot be written.
    """
    folder = folder_of(_name(findings.scenario, findings.manifest), out)
    report = render_sensitivity(findings)
    with claimed(folder, with_scenario(findings.manifest, findings.scenario), LAST[1]):
        return write_findings(folder, findings, report, LAST, names=[MANIFEST])


def _name(scenario: Scenario, manifest: Manifest) -> str:
    return f"{scenario.name}-sensitivity-{manifest['digest']}"


def _tornado(model: Model, plan: Plan, picked: Ints, replications: int) -> pd.DataFrame:
    middle, ends = one_at_a_time(model, plan, picked, min(replications, TORNADO_REPLICATIONS))
    return tell.tornado([plan.inputs[column] for column in picked], middle, ends)


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


def _decide(
    model: Model, ready: Decided, samples: Floats, base: Batch
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Tables and summary of the decision; nothing if the scenario names none."""
    decision = ready.scenario.decision
    if decision is None:
        return {}, None
    rows = len(base.loss)
    losses = np.stack(
        [
            base.loss
            if _is_base(ready.scenario, name)
            else model.run(plan, rows, two_matrices(plan, model.seed, rows // 2)).loss
            for name, plan in ready.alternatives.items()
        ],
        axis=1,
    )
    costs = _costs(decision)
    values = -losses - costs
    paths, known = _all_inputs(ready, samples, model.seed)
    table = tell.alternatives(decision, losses, costs)
    summary = tell.decision_summary(decision, table, values, len(paths))
    return {"alternatives": table, "evpi": tell.information(paths, known, values)}, summary


def _is_base(scenario: Scenario, alternative: str) -> bool:
    """Whether an alternative leaves the file as it stands."""
    return scenario.decision is not None and not scenario.decision.alternatives[alternative].settings


def _costs(decision: Decision) -> Floats:
    return np.array([alternative.cost.mean for alternative in decision.alternatives.values()])


def _all_inputs(ready: Decided, samples: Floats, seed: int) -> tuple[list[str], Floats]:
    """Paths and samples of the scenario's inputs, and of those that only alternatives have.

    An input that an alternative has with another distribution is drawn from the same uniform number: to know
    the one is to know the other.
    """
    found: dict[str, Floats] = dict(zip(_paths(ready.plan.inputs), samples.T, strict=True))
    for plan in ready.alternatives.values():
        new = two_matrices(plan, seed, len(samples) // 2)
        for path, column in zip(_paths(plan.inputs), new.T, strict=True):
            found.setdefault(path, column)
    return list(found), np.stack(list(found.values()), axis=1)


def _paths(inputs: Sequence[Input]) -> list[str]:
    return [item.path for item in inputs]


def _summary(ready: Decided, model: Model, base: Batch, replications: int, top: int) -> dict[str, Any]:
    plan, mean = ready.plan, tail.mean_estimate(base.loss_share)
    low, high = np.quantile(base.loss_share, [0.05, 0.95])
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": ready.scenario.name,
        "currency": ready.scenario.currency,
        "maker": model.maker,
        "window_days": plan.window_days,
        "shock": plan.labels.interventions[plan.shock] if plan.shock >= 0 else None,
        "replications": replications,
        "simulations": simulations(ready, replications, top),
        "inputs": len(plan.inputs),
        "seed": model.seed,
        "confidence": tail.CONFIDENCE,
        "loss_share": {
            "mean": {"estimate": mean.estimate, "ci_low": mean.ci_low, "ci_high": mean.ci_high},
            "sd": float(base.loss_share.std(ddof=1)),
            "p05": float(low),
            "p95": float(high),
        },
    }


def _manifest(ready: Decided, file: str | Path, overrides: Sequence[str], design: dict[str, Any]) -> Manifest:
    """What it takes to get the same figures again; no time and no machine."""
    scenario_digest = digest(resolved(ready.scenario))
    variants = {name: digest(resolved(scenario)) for name, scenario in ready.variants.items()}
    options = "".join(f" --{name} {value}" for name, value in design.items())
    return {
        "command": f"chokepoint sensitivity {shown(Path(file))}{options}{settings(overrides)}",
        "scenario_file": shown(Path(file)),
        "overrides": list(overrides),
        **design,
        "scenario_digest": scenario_digest,
        "digest": digest([scenario_digest, design, *([variants] if variants else [])]),
        "versions": versions(),
    }
