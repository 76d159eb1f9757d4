"""The finished folders of a project as a table: what each changed, and what it found."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import ResultError
from sim.face.estimates import percent
from sim.face.folders import UNLIKE, begun_in, scenarios_in, summary_in
from sim.face.options import folder_of
from sim.face.scenarios import LoadedScenario
from sim.montecarlo import inside
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import LARGEST_SEED, MANIFEST
from sim.montecarlo.store import TABLES, RunFolder
from sim.report.expected_tables import COMPARISON_TABLES, checked
from sim.report.stored_tables import from_csv
from sim.scenario.change_words import settings_told
from sim.scenario.makers import name_of
from sim.scenario.wording import show
from sim.stories.compare import COMPARISON
from sim.stories.folders import RESULTS
from sim.stories.study import STUDY

COLUMNS = ("folder", "command", "scenario", "replications", "seed", "finished", "headline", "changed")
BASE = "base"
MOST_CHANGES = 4
"""Settings that a row tells; of more, their number."""
MOST_OF_TABLE = 2**20


@dataclass(frozen=True, slots=True)
class _Entry:
    """A finished folder, as far as a row tells of it."""

    folder: RunFolder
    command: str
    scenarios: Sequence[LoadedScenario]
    replications: int | None
    seed: int | None
    finished: dt.datetime
    headline: str


def runs(folder: str | Path = RESULTS, base: str | Path | None = None) -> pd.DataFrame:
    """The finished folders in a folder: what each changed, what it found, and when.

    Files are read but not held against their checksums, as :func:`sim.open` does.

    Parameters
    ----------
    folder
        Where they lie.
    base
        The folder against which settings count as changed; default: the oldest run of a scenario file
        of the same name, or if there is none the oldest folder.

    Returns
    -------
    DataFrame
        A row a folder, the oldest first: ``folder``, ``command``, ``scenario``, ``replications``, ``seed``,
        ``finished``, ``headline`` and ``changed`` (``docs/results.md``). ``attrs["left_out"]`` has the
        folders that are not finished or cannot be read, with why.

    Raises
    ------
    ResultError
        If there is no such folder, or the base is no finished one.

    Examples
    --------
    >>> import sim, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> first = sim.load("scenarios/first-scenario.yaml")
    >>> thick = first.with_({"stock_points.controllers.policy.cover_days": 120})
    >>> for name, scenario in {"first": first, "thick": thick}.items():
    ...     _ = sim.run(scenario, replications=8).save(f"{folder}/{name}")
    >>> sim.runs(folder)["changed"].tolist()
    ['base', 'stock_points.controllers.policy.cover_days: 56 days → 120 days']
    """
    path = folder_of("runs", folder)
    if not path.is_dir():
        raise ResultError(f"{shown(path)}: found no folder; allowed: one that holds folders of results")
    found: list[_Entry] = []
    left_out: list[str] = []
    for entry in inside.listed(path):
        if entry.is_dir(follow_symlinks=False) and (path / entry.name / MANIFEST).is_file():
            _read(RunFolder(path / entry.name), found, left_out)
    found.sort(key=lambda one: (one.finished, str(one.folder.path)))
    first: dict[str, _Entry] = {}
    for one in sorted(found, key=lambda one: one.command != STUDY.command):
        first.setdefault(one.scenarios[0].file, one)
    of_all = None if base is None else _finished(RunFolder(folder_of("base", base)))
    rows = [_row(one, of_all or first[one.scenarios[0].file]) for one in found]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"replications": "Int64", "seed": "Int64"})
    table.attrs["left_out"] = left_out
    return table


def _read(folder: RunFolder, found: list[_Entry], left_out: list[str]) -> None:
    try:
        found.append(_finished(folder))
    except ResultError as error:
        left_out.append(str(error).splitlines()[0])


def _finished(folder: RunFolder) -> _Entry:
    """What a row tells of a folder.

    Raises
    ------
    ResultError
        If it is not finished, or not what a command has written.
    """
    manifest, reader = begun_in(folder)
    last = reader.kind.summary
    if not folder.is_sealed(last):
        raise ResultError(f"{shown(folder.path)}: it is not finished")
    scenarios = scenarios_in(folder, manifest, reader)
    try:
        summary = summary_in(folder, reader)
        headline = _headline(folder, reader.kind.command, scenarios, summary)
        at = dt.datetime.fromtimestamp((folder.path / last).stat().st_mtime).astimezone()
        told = {**manifest, **summary}
        counts = _whole(told.get("replications")), _whole(told.get("seed"))
        return _Entry(folder, reader.kind.command, scenarios, *counts, at, headline)
    except (*UNLIKE, OSError) as error:
        raise ResultError(f"{shown(folder.path)}: it cannot be read ({shown(str(error))})") from error


def _whole(number: Any) -> int | None:
    """A number of futures, or a seed; of some folders there is none."""
    if number is None or (type(number) is int and 0 <= number <= LARGEST_SEED):
        return number
    raise ValueError(f"found {show(number)}, allowed: a whole number from 0 to 2^63 - 1")


def _headline(
    folder: RunFolder, command: str, scenarios: Sequence[LoadedScenario], summary: Mapping[str, Any]
) -> str:
    """What was found, in a line: what each maker loses, in each scenario of a comparison."""
    if command == STUDY.command:
        of_margin = summary.get("headline") == "margin"
        told = {
            maker: (losses["margin"] if of_margin else losses)["loss_share"]
            for maker, losses in summary["makers"].items()
        }
        return "; ".join(
            f"{name_of(scenarios[0].definition, str(maker))} {percent(share['mean']['estimate'])} "
            f"({percent(share['p05']['estimate'])} to {percent(share['p95']['estimate'])})"
            for maker, share in told.items()
        )
    if command == COMPARISON.command:
        data = folder.read_bytes(f"{TABLES}/scenarios.csv", MOST_OF_TABLE)
        table = checked({"scenarios": from_csv("scenarios", data)}, "scenarios", COMPARISON_TABLES)
        return "; ".join(
            f"{row['scenario']}: {name_of(scenarios[0].definition, str(row['maker']))} {percent(row['mean'])}"
            for row in table.to_dict("records")
        )
    return f"report: {next(iter(sorted(name for name in folder.others() if name.endswith('.html'))), 'none')}"


def _row(one: _Entry, base: _Entry) -> dict[str, Any]:
    names = dict.fromkeys(scenario.name for scenario in one.scenarios)
    return {
        "folder": one.folder.path.name,
        "command": one.command,
        "scenario": ", ".join(names),
        "replications": one.replications,
        "seed": one.seed,
        "finished": pd.Timestamp(one.finished),
        "headline": one.headline,
        "changed": BASE if one.folder.path == base.folder.path else _changed(base, one),
    }


def _changed(base: _Entry, one: _Entry) -> str:
    """What differs from the base, in a line."""
    told = settings_told(base.scenarios[0].definition, one.scenarios[0].definition)
    texts = [change.words for change in told[:MOST_CHANGES]]
    more = [f"and {len(told) - MOST_CHANGES} more"] if len(told) > MOST_CHANGES else []
    return "; ".join([*texts, *more]) or "nothing"
