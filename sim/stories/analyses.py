"""The story of an analysis that survives: its batches are parts of its folder, and it goes on from them.

What comparisons, sensitivity analyses and stress tests have in common: many batches, one report.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from sim.errors import ReportError, ResultError
from sim.montecarlo import warmup
from sim.montecarlo.batches import Batches, InMemory, InParts
from sim.montecarlo.compiled_batch import WIDTH
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import Manifest
from sim.montecarlo.parts import Parts
from sim.montecarlo.store import TABLES, RunFolder
from sim.montecarlo.workers import silent
from sim.report.expected_tables import Columns, checked
from sim.report.stored_tables import from_csv
from sim.risk.findings import Findings
from sim.scenario.schema import Scenario
from sim.stories.durable import Execution, Fields, Task, begun, carried_out, to_resume
from sim.stories.folders import Found, Kind

MOST_BYTES = 2**32
"""Of a file that is read back."""

Told = TypeVar("Told")
Tables = dict[str, pd.DataFrame]
Summary = dict[str, Any]


def nothing_foretold(_workers: int | None) -> str:
    """It takes no time to speak of, or nobody knows how much."""
    return ""


def nothing_beside(_findings: Findings) -> Mapping[str, str]:
    """No further files."""
    return {}


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis that can be cut off.

    Parameters
    ----------
    kind
        Which kind of folder it fills.
    scenario
        Whose ids appear in its tables.
    manifest
        What it takes to get the same figures again, and to go on.
    steps
        How many replications, or failures, its progress counts.
    find
        Works out summary and tables, batch by batch.
    tables
        The tables that what is told of it needs.
    beside
        Texts of further files by name, made of what was found.
    foretold
        Says how long it will take with so many threads, if that is long.
    width
        Of most of its blocks of replications.
    """

    kind: Kind
    scenario: Scenario
    manifest: Manifest
    steps: int
    find: Callable[[Batches], tuple[Summary, Tables]]
    tables: Mapping[str, Columns]
    beside: Callable[[Findings], Mapping[str, str]] = nothing_beside
    foretold: Callable[[int | None], str] = nothing_foretold
    width: int = WIDTH

    def findings(self, batches: Batches) -> Findings:
        """What is found, batch by batch."""
        summary, tables = self.find(batches)
        return Findings(self.scenario, self.manifest, summary, tables)


def in_memory(
    analysis: Analysis, workers: int | None = None, progress: Callable[[int], None] = silent
) -> Findings:
    """Do an analysis without a folder.

    Parameters
    ----------
    analysis
        What to do.
    workers
        Number of threads; default: one for each core.
    progress
        Called with the number of steps that have just been finished.

    Raises
    ------
    EngineError
        If a number overflows.
    """
    warmup.make_ready(analysis.width)
    return analysis.findings(InMemory(workers, progress))


def run(analysis: Analysis, out: str | Path | None = None, execution: Execution | None = None) -> Path:
    """Do an analysis in its folder, or go on where an earlier process stopped.

    Parameters
    ----------
    analysis
        What to do.
    out, execution
        Where and how, as for :func:`sim.stories.durable.carried_out`, whose errors it has.
    """

    def find(parts: Parts, how: Execution) -> Found:
        how.prepare(analysis.width)
        return found(analysis.findings(InParts(parts, how.workers, how.progress)), analysis.beside)

    return carried_out(Task(analysis.kind, analysis.scenario, analysis.manifest, find), out, execution)


def found(findings: Findings, beside: Callable[[Findings], Mapping[str, str]]) -> Found:
    """What of an analysis goes into its folder, with the files beside its report."""

    def write(folder: RunFolder) -> Sequence[str]:
        texts = beside(findings)
        for name, text in texts.items():
            folder.write_text(name, text)
        return list(texts)

    return Found(findings, write)


def resumed(
    path: str | Path,
    command: str,
    fields: type[Fields],
    again: Callable[[RunFolder, Fields], Analysis],
) -> Analysis:
    """The analysis that a folder was begun for, as for :func:`sim.stories.durable.begun`."""
    analysis, manifest = begun(path, command, fields, again)
    return replace(analysis, manifest={**manifest, "versions": analysis.manifest["versions"]})


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
        go_on = to_resume(analysis.kind.command, folder)
        raise ResultError(
            f"{shown(path)}: found files that are not those of `chokepoint {analysis.kind.command}` "
            f"({shown(str(error))}); allowed: to remove {analysis.kind.summary}, and to go on with: {go_on}"
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
    summary = json.loads(folder.read_bytes(analysis.kind.summary, MOST_BYTES))
    tables = {
        name: from_csv(name, folder.read_bytes(f"{TABLES}/{name}.csv", MOST_BYTES))
        for name in analysis.tables
    }
    for name in tables:
        checked(tables, name, analysis.tables)
    return Findings(analysis.scenario, analysis.manifest, summary, tables)
