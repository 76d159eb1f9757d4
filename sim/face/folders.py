"""Finished folders, read again: whatever a command or a result wrote comes back as the same result."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import ReportError, ResultError, ScenarioError
from sim.face.options import folder_of
from sim.face.results import (
    BacktestResult,
    CalibrationResult,
    ComparisonResult,
    MitigationResult,
    Result,
    RunResult,
    SensitivityResult,
    StressResult,
    SweepResult,
)
from sim.face.scenarios import LoadedScenario, of_definition
from sim.montecarlo import manifests
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import MANIFEST, Begun, Manifest, ScenarioBegun
from sim.montecarlo.store import TABLES, RunFolder
from sim.report import expected_tables
from sim.report.expected_tables import Columns, checked
from sim.report.language import ENGLISH
from sim.report.stored_tables import from_csv
from sim.risk import stress_tables, summary
from sim.risk.findings import Findings
from sim.stories import backtest, calibrate, compare, mitigate, sensitivity, sweep
from sim.stories.backtest import BACKTEST, BacktestBegun
from sim.stories.calibrate import CALIBRATION, CalibrationBegun
from sim.stories.compare import COMPARISON, ComparisonBegun
from sim.stories.folders import RESULTS, Claim, Kind, claimed
from sim.stories.mitigate import MITIGATION, MitigationBegun
from sim.stories.reports import Report
from sim.stories.sensitivity import SENSITIVITY
from sim.stories.stress import STRESS
from sim.stories.study import STUDY
from sim.stories.sweep import SWEEP, SweepBegun

MOST_BYTES = 2**32
"""Of a file that is read back."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How a kind of folder is read.

    Parameters
    ----------
    kind
        Which.
    result
        What becomes of it.
    tables
        The tables that it has.
    further
        Tables that it has if they are there.
    schema
        The schema version of its summary.
    begun
        What its manifest says.
    """

    kind: Kind
    result: type[Result]
    tables: Mapping[str, Columns]
    further: Mapping[str, Columns]
    schema: int
    begun: type[Begun] = ScenarioBegun


READERS = {
    reader.kind.command: reader
    for reader in (
        Reader(
            STUDY,
            RunResult,
            expected_tables.TABLES,
            expected_tables.DUTY_TABLES
            | expected_tables.RECIPE_TABLES
            | expected_tables.BULLWHIP_TABLES
            | expected_tables.TIER_TABLES
            | expected_tables.LINK_TABLES
            | expected_tables.EVENT_TABLES
            | expected_tables.MARGIN_TABLES,
            summary.SCHEMA_VERSION,
        ),
        Reader(
            COMPARISON,
            ComparisonResult,
            expected_tables.COMPARISON_TABLES,
            {},
            compare.SCHEMA_VERSION,
            ComparisonBegun,
        ),
        Reader(
            SENSITIVITY,
            SensitivityResult,
            expected_tables.SENSITIVITY_TABLES,
            expected_tables.DECISION_TABLES,
            sensitivity.SCHEMA_VERSION,
        ),
        Reader(
            STRESS,
            StressResult,
            expected_tables.STRESS_TABLES,
            expected_tables.LIKELIHOOD_TABLES
            | expected_tables.RELIEF_TABLES
            | expected_tables.SYSTEMIC_TABLES,
            stress_tables.SCHEMA_VERSION,
        ),
        Reader(SWEEP, SweepResult, expected_tables.SWEEP_TABLES, {}, sweep.SCHEMA_VERSION, SweepBegun),
        Reader(
            BACKTEST,
            BacktestResult,
            expected_tables.BACKTEST_TABLES,
            {},
            backtest.SCHEMA_VERSION,
            BacktestBegun,
        ),
        Reader(
            CALIBRATION,
            CalibrationResult,
            expected_tables.CALIBRATION_TABLES,
            {},
            calibrate.SCHEMA_VERSION,
            CalibrationBegun,
        ),
        Reader(
            MITIGATION,
            MitigationResult,
            expected_tables.MITIGATION_TABLES,
            {},
            mitigate.SCHEMA_VERSION,
            MitigationBegun,
        ),
    )
}
"""By the command that writes such a folder."""
UNLIKE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    ReportError,
    TypeError,
    ValueError,
)
"""What goes wrong with files that no command has written."""


def open(path: str | Path) -> Result:  # noqa: A001 - users call it sim.open
    """Read the finished folder of a run or of an analysis, such as a comparison or a sweep.

    Every byte is held against the folder's checksums, and nothing outside of it is read.

    Parameters
    ----------
    path
        The folder, which a command or ``save`` has written.

    Returns
    -------
    RunResult, ComparisonResult, SensitivityResult, StressResult or SweepResult
        As the verb returned it: equal summary, tables and figures; ``save`` writes the same bytes.

    Raises
    ------
    ResultError
        If it is no such folder, is not finished, is damaged, or was written with another schema.

    Examples
    --------
    >>> import sim, tempfile
    >>> result = sim.run("scenarios/first-scenario.yaml", replications=8)
    >>> folder = result.save(tempfile.mkdtemp())
    >>> sim.open(folder).summary == result.summary
    True
    """
    folder = RunFolder(folder_of("open", path))
    manifest, reader = begun_in(folder)
    last = reader.kind.summary
    if not folder.is_sealed(last):
        raise ResultError(
            f"{shown(folder.path)}: found no {last}: it is not finished; to go on: "
            f"chokepoint {reader.kind.command} --resume {shown(folder.path)}"
        )
    if damage := folder.damage(last):
        raise ResultError("\n".join(f"{shown(folder.path)}: {line}" for line in damage))
    scenarios, telling = scenarios_in(folder, manifest, reader), partial(_written, folder, reader.kind)
    with telling():
        told = summary_in(folder, reader)
        findings = Findings(scenarios[0].definition, manifest, told, _tables(folder, reader))
        copied = partial(_copied, folder, reader.kind)
        result = reader.result(reader.kind, findings, scenarios, copied, telling)
        repr(result)  # Looks at most of what it says.
    return result


def begun_in(folder: RunFolder) -> tuple[Manifest, Reader]:
    """The manifest of a folder that one of the commands began, and how such a folder is read.

    Raises
    ------
    ResultError
        If it is no such folder.
    """
    folder.refuse_what_leads_out()
    manifest = _manifest_in(folder)
    return manifest, READERS[_command_of(manifest)]


def summary_in(folder: RunFolder, reader: Reader) -> dict[str, Any]:
    """The summary of a finished folder.

    Raises
    ------
    ResultError
        If it is of another schema.
    ValueError
        If it is none.
    """
    last = reader.kind.summary
    told: dict[str, Any] = json.loads(folder.read_bytes(last, MOST_BYTES))
    if reader.kind is STUDY:
        summary.refuse_older(told, shown(folder.path / last))
    summary.refuse_other_schema(told, shown(folder.path / last), reader.schema)
    return told


def report_of(path: str | Path, beside: str | Path | None = None, language: str = ENGLISH) -> Report:
    """The report of a finished folder.

    Parameters
    ----------
    path
        The folder.
    beside
        The folder of a comparison that holds the run's scenario, as for :meth:`RunResult.report`.
    language
        A key of :data:`sim.report.language.LANGUAGES`.

    Raises
    ------
    SimError
        If a folder cannot be read, as for :func:`open`, or the two do not belong together.
    """
    result = open(path)
    if beside is None:
        return result.to_report(language=language)
    other = open(beside)
    if not isinstance(result, RunResult) or not isinstance(other, ComparisonResult):
        raise ResultError(
            f"{shown(path)} beside {shown(beside)}: found folders of "
            f"`chokepoint {_command_of(result.manifest)}` and `chokepoint {_command_of(other.manifest)}`; "
            "allowed: of `chokepoint run` beside `chokepoint compare`"
        )
    return result.to_report(other, language=language)


def _command_of(manifest: Manifest) -> str:
    return str(manifest["command"]).split()[1]


@contextmanager
def _written(folder: RunFolder, kind: Kind) -> Iterator[None]:
    """Tell, where a folder's files say what its command never writes, that they do."""
    try:
        yield
    except UNLIKE as error:
        raise ResultError(
            f"{shown(folder.path)}: found files that are not those of `chokepoint {kind.command}` "
            f"({shown(str(error))})"
        ) from error


def _manifest_in(folder: RunFolder) -> Manifest:
    """The manifest of a folder that one of the commands began."""
    allowed = f"a folder of `chokepoint {'`, `chokepoint '.join(READERS)}`"
    if not folder.path.is_dir():
        found = "a file" if folder.path.exists() else "no folder"
        raise ResultError(f"{shown(folder.path)}: found {found}; allowed: {allowed}")
    manifest = manifests.read(folder)
    if manifest is None:
        raise ResultError(f"{shown(folder.path)}: found no {MANIFEST}; allowed: {allowed}")
    program, *words = str(manifest["command"]).split()
    if program != "chokepoint" or not words or words[0] not in READERS:
        raise ResultError(f"{shown(folder.path)}: found a {MANIFEST} of another command; allowed: {allowed}")
    return manifest


def scenarios_in(folder: RunFolder, manifest: Manifest, reader: Reader) -> list[LoadedScenario]:
    """The scenarios that a folder is of.

    Raises
    ------
    ResultError
        If its manifest does not say so, or one cannot be used.
    """
    begun = manifests.checked(folder, manifest, reader.begun)
    if isinstance(begun, BacktestBegun | ComparisonBegun):
        asked = list(zip(begun.scenario_files, begun.given, strict=False))
    else:
        assert isinstance(begun, ScenarioBegun)  # noqa: S101 - all others tell of one scenario
        asked = [(begun.scenario_file, begun.given)]
    overrides = begun.overrides
    try:
        return [of_definition(manifests.scenario_in(folder, given), file, overrides) for file, given in asked]
    except ScenarioError as error:
        raise manifests.unusable(folder, error) from error


def _tables(folder: RunFolder, reader: Reader) -> dict[str, pd.DataFrame]:
    there = folder.files(TABLES)
    expected = {
        **reader.tables,
        **{name: columns for name, columns in reader.further.items() if f"{TABLES}/{name}.csv" in there},
    }
    found = {name: from_csv(name, folder.read_bytes(f"{TABLES}/{name}.csv", MOST_BYTES)) for name in expected}
    return {name: checked(found, name, expected) for name in found}


def _copied(source: RunFolder, kind: Kind, out: str | Path | None) -> Path:
    """Copy a finished folder, every byte of it."""
    target = RunFolder(RESULTS / source.path.resolve().name if out is None else Path(out))
    if target.path.resolve() == source.path.resolve():
        return target.path
    manifest, last = _manifest_in(source), kind.summary
    names = [name for name in source.sums(last) if name not in (last, MANIFEST)]
    with claimed(Claim(target, manifest, last)):
        for name in names:
            target.copy(name, source)
        target.seal(last, source.read_bytes(last, MOST_BYTES).decode(), [MANIFEST, *names])
    return target.path
