"""The story of an analysis that survives: its batches are parts of its folder, and it goes on from them.

What comparisons, sensitivity analyses and stress tests have in common: many batches, one report.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Protocol, TypeVar

import pandas as pd
from pyarrow import float64, string
from pyarrow.csv import ConvertOptions, ReadOptions, read_csv

from sim.errors import ReportError, ResultError, ScenarioError
from sim.montecarlo.batch import silent
from sim.montecarlo.batches import Batches, InParts
from sim.montecarlo.inert import original
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import MANIFEST, Manifest, unusable
from sim.montecarlo.parts import Parts
from sim.montecarlo.store import TABLES, RunFolder
from sim.report.expected_tables import Columns, checked
from sim.risk.findings import Findings
from sim.scenario.schema import Scenario
from sim.stories.durable import Note, Task, carried_out, manifest_in, of_another, to_resume, unsaid
from sim.stories.study import folder_of, write_findings

MOST_BYTES = 2**32
"""Of a file that is read back."""


Told = TypeVar("Told")


class Find(Protocol):
    """Works out the findings of an analysis."""

    def __call__(self, *, workers: int | None, progress: Callable[[int], None], batches: Batches) -> Findings:
        """Simulate with so many threads; progress is told what has just been finished."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis that can be cut off.

    Parameters
    ----------
    command
        Name of its command.
    name
        What its folder is called.
    scenario
        Whose ids appear in its tables.
    manifest
        What it takes to get the same figures again, and to go on.
    steps
        How many replications, or failures, its progress counts.
    find
        Works it out.
    render
        Makes the report of what was found.
    last
        Names of the report's and the summary's file.
    tables
        The tables that what is told of it needs.
    """

    command: str
    name: str
    scenario: Scenario
    manifest: Manifest
    steps: int
    find: Find
    render: Callable[[Findings], str]
    last: tuple[str, str]
    tables: Mapping[str, Columns]


@dataclass(frozen=True, slots=True)
class How:
    """How an analysis is done; it changes no figure.

    Parameters
    ----------
    workers
        Number of threads; default: one for each core.
    progress
        Called with the number of steps that have just been finished, or are there already.
    note
        Called with what a user should know of the folder.
    kept
        Called with how to go on, as soon as anything is kept.
    """

    workers: int | None = None
    progress: Callable[[int], None] = silent
    note: Note = unsaid
    kept: Note = unsaid


def run(analysis: Analysis, out: str | Path | None = None, how: How | None = None) -> Path:
    """Do an analysis in its folder, or go on where an earlier process stopped.

    Parameters
    ----------
    analysis
        What to do.
    out
        Its folder; default: among the results, by its name.
    how
        How to do it.

    Returns
    -------
    Path
        The folder, which is complete.

    Raises
    ------
    ResultError
        If the folder is of something else, another process writes it, or a file cannot be written.
    EngineError
        If a number overflows.
    """
    folder, how = folder_of(analysis.name, out), how or How()

    def fill(parts: Parts) -> None:
        batches = InParts(parts, how.progress)
        found = analysis.find(workers=how.workers, progress=how.progress, batches=batches)
        findings = replace(found, manifest=analysis.manifest)
        report = analysis.render(findings)
        write_findings(folder, findings, report, analysis.last, names=[MANIFEST, *parts.names()])

    go_on = to_resume(analysis.command, folder)
    return carried_out(Task(folder, analysis.manifest, analysis.last[1], fill, go_on, how.note, how.kept))


def resumed(
    path: str | Path, command: str, analysis_of: Callable[[RunFolder, Manifest], Analysis]
) -> Analysis:
    """The analysis that a folder was begun for, whether or not it is finished.

    Parameters
    ----------
    path
        The folder.
    command
        Name of its command.
    analysis_of
        Makes the analysis of a folder with a manifest.

    Raises
    ------
    ResultError
        If the folder is not of this command, or its manifest cannot be read.
    """
    folder = RunFolder(Path(path))
    manifest = manifest_in(folder, command)
    try:
        analysis = analysis_of(folder, manifest)
    except ScenarioError as error:
        raise unusable(folder, error) from error
    if analysis.manifest["digest"] != manifest["digest"]:
        raise of_another(folder, command)
    return replace(analysis, manifest={**manifest, "versions": analysis.manifest["versions"]})


def findings_in(path: Path, analysis: Analysis) -> Findings:
    """What a finished folder says was found.

    Parameters
    ----------
    path
        The folder.
    analysis
        The analysis that it is of.

    Raises
    ------
    ResultError
        If its files are not those of such an analysis.
    """
    return told(path, analysis, lambda found: found)


def told(path: Path, analysis: Analysis, tell: Callable[[Findings], Told]) -> Told:
    """What is told of what a finished folder says was found.

    Parameters
    ----------
    path
        The folder.
    analysis
        The analysis that it is of.
    tell
        Tells it.

    Raises
    ------
    ResultError
        If its files are not those of such an analysis.
    """
    folder = RunFolder(path)
    try:
        return tell(_read(folder, analysis))
    except _UNLIKE as error:
        go_on = to_resume(analysis.command, folder)
        raise ResultError(
            f"{shown(path)}: found files that are not those of `chokepoint {analysis.command}` "
            f"({shown(str(error))}); allowed: to remove {analysis.last[1]}, and to go on with: {go_on}"
        ) from error


_UNLIKE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    ReportError,
    ResultError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What goes wrong with files that no analysis has written."""


def _read(folder: RunFolder, analysis: Analysis) -> Findings:
    summary = json.loads(folder.read_bytes(analysis.last[1], MOST_BYTES))
    tables = {
        name: _table(folder.read_bytes(f"{TABLES}/{name}.csv", MOST_BYTES), columns)
        for name, columns in analysis.tables.items()
    }
    for name in tables:
        checked(tables, name, analysis.tables)
    return Findings(analysis.scenario, analysis.manifest, summary, tables)


def _table(data: bytes, columns: Columns) -> pd.DataFrame:
    """A table with every digit. An id such as ``nan`` is a text, and an empty cell is nothing."""
    kinds = dict.fromkeys(columns.plain.split(), string())
    kinds |= dict.fromkeys(f"{columns.numbers} {columns.gaps}".split(), float64())
    convert = ConvertOptions(column_types=kinds, null_values=[""], strings_can_be_null=True)
    table = read_csv(BytesIO(data), ReadOptions(use_threads=False), convert_options=convert).to_pandas()
    texts = columns.plain.split()
    return table.assign(**{name: table[name].map(original, na_action="ignore") for name in texts})
