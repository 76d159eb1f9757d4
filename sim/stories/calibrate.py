"""The story of a calibration: what reported figures say of a scenario's uncertain numbers."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from pydantic import Field, ValidationError
from scipy.special import ndtr

from sim.errors import SimError
from sim.evidence.emulator import Emulator, fitted
from sim.evidence.known import as_of_day
from sim.evidence.posterior import Aim, not_ruled_out, posterior_of, spread_out
from sim.model.compile import compile_plan
from sim.model.plan import Floats, Ints, Plan
from sim.montecarlo import manifests
from sim.montecarlo.batches import Batches
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.manifests import Manifest, Replications, ScenarioBegun, Seed, Text
from sim.montecarlo.sampling import sample_inputs
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import silent
from sim.report.calibration_page import page_of_calibration
from sim.report.expected_tables import CALIBRATION_TABLES
from sim.risk.designs import kept_of
from sim.risk.findings import Findings
from sim.risk.quantiles import quantiles
from sim.scenario.load import load_scenario, tree_written, written
from sim.scenario.overlays import NOT_OF_ITS_DAYS, laid_over
from sim.scenario.schema import Scenario
from sim.scenario.shapes import nearest
from sim.scenario.targets import Targets, read_targets
from sim.stories import SEED, analyses, folders
from sim.stories.analyses import Analysis, Summary, Tables
from sim.stories.durable import of_another
from sim.stories.folders import Kind
from sim.stories.manifest import Asked, fields_of, file_name, manifest_of, with_defaults

CALIBRATION = Kind(
    "calibrate", "{scenario}-calibrate-{digest}", "calibrate.html", "calibrate.json", page_of_calibration
)
REPLICATIONS = 256
WAVES = 2
"""Rounds of simulations: the prior, then what is not ruled out."""
SCHEMA_VERSION = 1
POSTERIOR = "posterior.yaml"
TABLE = "posterior"


class CalibrationBegun(ScenarioBegun):
    """What the manifest of a calibration says."""

    targets_file: Text = Field(description="a text")
    targets: dict[str, Any] = Field(description="a mapping of inputs and targets")
    as_of: Text | None = Field(description="a date, or null")
    replications: Replications
    seed: Seed


@dataclass(frozen=True)
class Question:
    """What a calibration asks.

    Parameters
    ----------
    scenario
        With the priors laid over it, and the targets as its observations, without their values.
    plan
        The same, compiled.
    columns
        Which of the plan's inputs are free.
    targets
        What they are held against.
    """

    scenario: Scenario
    plan: Plan
    columns: Ints
    targets: Targets

    @property
    def aim(self) -> Aim:
        """The figures, their uncertainty and the model's."""
        entries = self.targets.targets.values()
        return Aim(
            values=np.array([entry.value for entry in entries]),
            sds=np.array([entry.sd for entry in entries]),
            discrepancy_share=self.targets.discrepancy_share,
        )

    @property
    def names(self) -> list[str]:
        """Paths of the free inputs."""
        return [self.plan.inputs[column].path for column in self.columns]

    def values(self, points: Floats) -> Floats:
        """``[point, input]`` what normal scores stand for."""
        uniforms = np.clip(ndtr(points), 1e-12, 1.0 - 1e-12)
        return np.column_stack(
            [
                self.plan.inputs[column].quantity.quantile(uniforms[:, place])
                for place, column in enumerate(self.columns)
            ]
        )


def question_of(scenario: Scenario, targets: Targets) -> Question:
    """What a calibration of a scenario asks.

    Raises
    ------
    ScenarioError
        If a prior or a target does not fit the scenario.
    SimError
        If a free input is no uncertain number of it, or a target is not simulated.
    """
    data = written(scenario)
    gone: dict[str, Any] = {name: None for name in NOT_OF_ITS_DAYS if name in data}
    observed = {
        name: {
            "measure": entry.measure,
            "firm": entry.firm,
            "items": entry.items,
            "markets": entry.markets,
            "start": entry.start.isoformat(),
            "end": entry.end.isoformat(),
            "value": 0.0,
        }
        for name, entry in targets.targets.items()
    }
    priors = [_nested(path, prior) for path, prior in targets.inputs.items() if prior is not None]
    asked = laid_over(laid_over(scenario, gone), *priors, {"observations": observed})
    plan = compile_plan(asked)
    paths = [item.path for item in plan.inputs]
    for path in targets.inputs:
        if path not in paths:
            hint = nearest(path, paths)
            raise SimError(f"inputs.{path}: found no uncertain number of that path; allowed: one{hint}")
    for name, entry in targets.targets.items():
        if entry.start < scenario.calendar.start or entry.end > scenario.calendar.last_day:
            first, last = scenario.calendar.start, scenario.calendar.last_day
            raise SimError(f"targets.{name}: found days that are not simulated; allowed: {first} to {last}")
    return Question(asked, plan, np.array([paths.index(path) for path in targets.inputs]), targets)


def _nested(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    nested: dict[str, Any] = value
    return nested


def run(
    file: str | Path,
    *,
    targets: str | Path,
    as_of: str | dt.date | None = None,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
) -> Findings:
    """Calibrate a scenario in memory.

    Parameters
    ----------
    file
        Scenario file.
    targets
        File of targets (:func:`sim.scenario.targets.read_targets`).
    as_of
        Day up to which figures were known; a target that was published later is refused.
    replications
        Simulations of each wave, and of the check of the posterior.
    seed
        Root seed.
    overrides
        Settings ``path=value`` laid over the file.
    workers, progress
        As for :func:`sim.stories.study.run`.

    Returns
    -------
    Findings
        Tables ``posterior_inputs``, ``pairs``, ``checks`` and ``posterior`` (``docs/results.md``).

    Raises
    ------
    ScenarioError, SimError
        As :func:`question_of`.
    """
    asked = analysis(
        file, targets=targets, as_of=as_of, replications=replications, seed=seed, overrides=overrides
    )
    return analyses.in_memory(asked, workers, progress)


def analysis(
    file: str | Path,
    *,
    targets: str | Path,
    as_of: str | dt.date | None = None,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    prepared: tuple[Scenario, Targets] | None = None,
) -> Analysis:
    """A calibration that can be cut off, for :func:`sim.stories.analyses.run`.

    Parameters
    ----------
    file, targets, as_of, replications, seed, overrides
        As for :func:`run`.
    prepared
        Scenario and targets; default: they are read.

    Raises
    ------
    ScenarioError, SimError
        As :func:`question_of`.
    """
    day = None if as_of is None else as_of_day(as_of)
    scenario, aims = prepared or (load_scenario(file, overrides), read_targets(targets, day))
    question = question_of(scenario, aims)
    options: dict[str, Any] = {"targets": file_name(targets)}
    if day is not None:
        options["as-of"] = day.isoformat()
    options |= {"replications": replications, "seed": seed}
    return Analysis(
        kind=CALIBRATION,
        scenario=scenario,
        manifest=_manifest(scenario, aims, file_name(file), options, overrides),
        steps=replications * (WAVES + 1),
        find=partial(_found, question, replications, seed),
        tables=CALIBRATION_TABLES,
        beside=partial(_posterior_file, scenario, aims),
        width=block_width(question.plan),
    )


def resumed(path: str | Path) -> Analysis:
    """The calibration that a folder was begun for, as for :func:`sim.stories.durable.begun`."""
    return analyses.resumed(path, CALIBRATION.command, CalibrationBegun, _again)


def _again(folder: RunFolder, asked: CalibrationBegun) -> Analysis:
    try:
        targets = Targets.model_validate(asked.targets)
    except (ValidationError, AttributeError, TypeError, ValueError) as error:
        raise of_another(folder, CALIBRATION.command) from error
    return analysis(
        asked.scenario_file,
        targets=asked.targets_file,
        as_of=asked.as_of,
        replications=asked.replications,
        seed=asked.seed,
        overrides=asked.overrides,
        prepared=(manifests.scenario_in(folder, asked.given), targets),
    )


def save(findings: Findings, out: str | Path | None = None) -> Path:
    """Write the folder of a calibration that :func:`run` found, as :func:`sim.stories.folders.save`."""
    targets = Targets.model_validate(findings.manifest["targets"])
    beside = partial(_posterior_file, findings.scenario, targets)
    return folders.save(CALIBRATION, analyses.found(findings, beside), out)


# ---------------------------------------------------------------------- what is found


def _found(question: Question, replications: int, seed: int, batches: Batches) -> tuple[Summary, Tables]:
    inputs, aim = len(question.columns), question.aim
    points = spread_out(inputs, replications, seed)
    tried, came = points, _simulated(question, points, seed, batches)
    emulator = fitted(tried, came, seed)
    left: list[float] = []
    for wave in range(1, WAVES):
        points, plausible = not_ruled_out(emulator, aim, inputs, replications, seed + wave)
        left.append(plausible)
        tried = np.concatenate([tried, points])
        came = np.concatenate([came, _simulated(question, points, seed + wave, batches)])
        emulator = fitted(tried, came, seed)
    draws, discrepancy = posterior_of(emulator, aim, inputs, seed)
    checked = _simulated(question, draws[np.arange(replications) % len(draws)], seed + WAVES, batches)
    values = question.values(draws)
    tables = {
        "posterior_inputs": _inputs_table(question, draws, values),
        "pairs": _pairs_table(question, draws),
        "checks": _checks_table(question, emulator, checked),
        "posterior": pd.DataFrame(
            {
                "input": np.repeat(question.names, len(values)),
                "draw": np.tile(np.arange(len(values)), inputs),
                "value": values.T.ravel(),
            }
        ),
    }
    summary = {
        "schema_version": SCHEMA_VERSION,
        "inputs": question.names,
        "targets": list(question.targets.targets),
        "currency": question.scenario.currency,
        "replications": replications,
        "seed": seed,
        "not_ruled_out": left,
        "discrepancy_share": float(np.median(discrepancy)),
    }
    return summary, tables


def _simulated(question: Question, points: Floats, seed: int, batches: Batches) -> Floats:
    """``[point, target]`` one replication of each point; what is not free varies as in any run."""
    plan, values = question.plan, question.values(points)

    def samples_of(rows: range) -> Floats:
        samples = sample_inputs(plan, seed, rows)
        samples[:, question.columns] = values[np.minimum(np.arange(rows.start, rows.stop), len(values) - 1)]
        return samples

    kept = kept_of(
        plan,
        lambda found: {"observed": found.outcome.observed},
        seed=seed,
        replications=len(points),
        samples_of=samples_of,
        batches=batches,
    )
    return kept["observed"]


def _inputs_table(question: Question, draws: Floats, values: Floats) -> pd.DataFrame:
    levels = (0.05, 0.5, 0.95)
    rows = []
    for place, name in enumerate(question.names):
        quantity = question.plan.inputs[question.columns[place]].quantity
        prior = quantity.quantile(np.array(levels))
        after = quantiles(values[:, place], levels)
        rows.append(
            {
                "input": name,
                **dict(zip(("prior_p05", "prior_p50", "prior_p95"), prior.tolist(), strict=True)),
                **dict(zip(("p05", "p50", "p95"), after.tolist(), strict=True)),
                "sd_left": float(draws[:, place].std()),
            }
        )
    return pd.DataFrame(rows, columns=CALIBRATION_TABLES["posterior_inputs"].all)


def _pairs_table(question: Question, draws: Floats) -> pd.DataFrame:
    ranks = np.argsort(np.argsort(draws, axis=0, kind="stable"), axis=0)
    found = np.atleast_2d(np.corrcoef(ranks, rowvar=False))
    names = question.names
    rows = [
        {"input_a": names[one], "input_b": names[other], "rank_correlation": float(found[one, other])}
        for one in range(len(names))
        for other in range(one + 1, len(names))
    ]
    return pd.DataFrame(rows, columns=CALIBRATION_TABLES["pairs"].all)


def _checks_table(question: Question, emulator: Emulator, checked: Floats) -> pd.DataFrame:
    """What the posterior gives for each target, and how often it gives more than was reported."""
    noise = np.sqrt(np.diag(emulator.noise))
    rows = []
    for place, (name, entry) in enumerate(question.targets.targets.items()):
        p05, p50, p95 = quantiles(checked[:, place], (0.05, 0.5, 0.95)).tolist()
        rows.append(
            {
                "target": name,
                "published": entry.published,
                "reported": entry.value,
                "sd": entry.sd,
                "p05": p05,
                "p50": p50,
                "p95": p95,
                "share_above": float((checked[:, place] > entry.value).mean()),
                "noise_sd": float(noise[place]),
            }
        )
    return pd.DataFrame(rows, columns=CALIBRATION_TABLES["checks"].all)


def _posterior_file(scenario: Scenario, targets: Targets, findings: Findings) -> Mapping[str, str]:
    """The scenario with the posterior in place of its priors, for other files to extend."""
    table = findings.tables["posterior"]
    layers: list[Any] = [{"name": f"{scenario.name}-calibrated", "title": f"{scenario.title}, calibrated"}]
    for path in targets.inputs:
        values = [float(f"{value:.8g}") for value in table.loc[table["input"] == path, "value"]]
        row = {"dist": "empirical", "values": values, "table": TABLE, "source": "chokepoint calibrate"}
        layers.append(_nested(path, row))
    calibrated = laid_over(scenario, *layers)
    return {POSTERIOR: yaml.safe_dump(tree_written(written(calibrated)).plain, sort_keys=False, width=110)}


def _manifest(
    scenario: Scenario, targets: Targets, file: str, options: Mapping[str, Any], overrides: Sequence[str]
) -> Manifest:
    plain = targets.model_dump(mode="json", exclude_unset=True)
    scenarios, scenario_digest = with_defaults(scenario)
    replications, seed = options["replications"], options["seed"]
    design = {
        "targets_file": options["targets"],
        "targets": plain,
        "as_of": options.get("as-of"),
        "replications": replications,
        "seed": seed,
    }
    asked = Asked(
        command=CALIBRATION.command,
        files=[file],
        options=options,
        overrides=overrides,
        fields=fields_of(file, overrides, design, scenario_digest),
        decides=["calibrate", scenario_digest, plain, replications, seed],
        scenarios=scenarios,
    )
    return manifest_of(asked)
