"""A project of runs: a batch of them, the finished ones as a table, and two held against each other."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ResultError
from sim.face.estimates import FIGURES
from sim.face.folders import UNLIKE, begun_in, scenarios_in, summary_in
from sim.face.folders import open as open_folder
from sim.face.options import folder_of, workers_of
from sim.face.results import ComparisonResult, Result, RunResult
from sim.face.scenarios import LoadedScenario
from sim.montecarlo import inside
from sim.montecarlo.inside import shown
from sim.montecarlo.manifests import MANIFEST
from sim.montecarlo.store import TABLES, RunFolder
from sim.montecarlo.workers import silent
from sim.report.expected_tables import COMPARISON_TABLES, checked
from sim.report.stored_tables import from_csv
from sim.risk.comparison import Losses, differences_table
from sim.risk.leading import leading_table
from sim.risk.replicated import estimators_of
from sim.scenario.change_words import settings_told
from sim.scenario.counting import counted
from sim.scenario.makers import name_of
from sim.stories import batch as batch_story
from sim.stories.compare import COMPARISON
from sim.stories.durable import Execution
from sim.stories.folders import RESULTS
from sim.stories.study import STUDY

COLUMNS = ("folder", "command", "scenario", "replications", "seed", "finished", "headline", "changed")
BASE = "base"
MOST_CHANGES = 4
"""Settings that a row tells; of more, their number."""
MOST_OF_TABLE = 2**20
SETTINGS = ("scenario", "path", "old", "new")
DIFFERENCES = ("scenario", "maker", "one", "other", "difference", "ci_low", "ci_high", "share_worse")
_ASKED = ("replications", "seed", "precision", "figure", "engine")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A finished folder, as far as a row tells of it."""

    folder: RunFolder
    command: str
    scenarios: Sequence[LoadedScenario]
    summary: Mapping[str, Any]
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
    table = pd.DataFrame(rows, columns=list(COLUMNS))
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
        return _Entry(folder, reader.kind.command, scenarios, {**manifest, **summary}, at, headline)
    except (*UNLIKE, OSError) as error:
        raise ResultError(f"{shown(folder.path)}: it cannot be read ({shown(str(error))})") from error


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
            f"{_name(scenarios[0], maker)} {_percent(share['mean']['estimate'])} "
            f"({_percent(share['p05']['estimate'])} to {_percent(share['p95']['estimate'])})"
            for maker, share in told.items()
        )
    if command == COMPARISON.command:
        data = folder.read_bytes(f"{TABLES}/scenarios.csv", MOST_OF_TABLE)
        table = checked({"scenarios": from_csv("scenarios", data)}, "scenarios", COMPARISON_TABLES)
        return "; ".join(
            f"{row['scenario']}: {_name(scenarios[0], row['maker'])} {_percent(row['mean'])}"
            for row in table.to_dict("records")
        )
    return f"report: {next(iter(sorted(name for name in folder.others() if name.endswith('.html'))), 'none')}"


def _name(scenario: LoadedScenario, maker: str) -> str:
    return name_of(scenario.definition, str(maker))


def _percent(share: float) -> str:
    return f"{round(float(share), 3) + 0.0:.1%}"


def _row(one: _Entry, base: _Entry) -> dict[str, Any]:
    names = dict.fromkeys(scenario.name for scenario in one.scenarios)
    return {
        "folder": one.folder.path.name,
        "command": one.command,
        "scenario": ", ".join(names),
        "replications": one.summary.get("replications"),
        "seed": one.summary.get("seed"),
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


def batch(
    plan: str | Path,
    out: str | Path | None = None,
    *,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> ComparisonResult:
    """Run every scenario that a file lists, each in its own folder, and compare them.

    What is finished already stays; what was cut off goes on.

    Parameters
    ----------
    plan
        A YAML file (``docs/scenario-format.md``, batches).
    out
        What holds the folders; default: among the results, by its name.
    workers, progress
        As for :func:`sim.run`.

    Raises
    ------
    ScenarioError
        If the file or a scenario cannot be used.
    ResultError
        If a folder holds something else.

    Examples
    --------
    >>> import sim, tempfile
    >>> from pathlib import Path
    >>> folder, file = Path(tempfile.mkdtemp()), Path("scenarios/first-scenario.yaml").resolve()
    >>> thick = "{file: FILE, set: {stock_points.controllers.policy.cover_days: 120}}"
    >>> plan = "{name: stock, replications: 16, scenarios: {plain: {file: FILE}, thick: THICK}}"
    >>> text = plan.replace("THICK", thick).replace("FILE", str(file))
    >>> _ = (folder / "plan.yaml").write_text(text)
    >>> found = sim.batch(folder / "plan.yaml", folder / "out")
    >>> bool(found.difference("thick", "plain", "velo") < 0)
    True
    """
    execution = Execution(workers=workers_of(workers), progress=progress or silent)
    folder = [step.carry_out(execution) for step in batch_story.steps(batch_story.prepared(plan), out)][-1]
    found = open_folder(folder)
    assert isinstance(found, ComparisonResult)  # noqa: S101 - that is the last step of a batch
    return found


# ---------------------------------------------------------------------- two folders


@dataclass(frozen=True, slots=True, repr=False)
class FolderDifference:
    """What :func:`sim.diff` returns: two finished folders held against each other.

    Attributes
    ----------
    names
        What the two folders are called.
    asked
        What was asked for differently, such as the number of futures: a row each, with ``one`` and ``other``.
    settings
        Settings that differ: ``scenario``, ``path``, ``old`` and ``new``.
    figures
        Of each scenario and maker the headline figures side by side.
    differences
        By how much the second loses more, future by future, with its 95 % interval; empty unless both used
        the same seed and number of futures.
    unpaired
        Why there are no differences; empty if there are.
    """

    names: tuple[str, str]
    asked: pd.DataFrame
    settings: pd.DataFrame
    figures: pd.DataFrame
    differences: pd.DataFrame
    unpaired: str
    told: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return "\n".join(self.told)


def diff(one: str | Path, other: str | Path) -> FolderDifference:
    """Hold two finished folders of the same command against each other.

    Parameters
    ----------
    one, other
        The folders; what is told leads from the first to the second.

    Returns
    -------
    FolderDifference
        ``asked``, ``settings``, ``figures`` and ``differences``, all tables.

    Raises
    ------
    ResultError
        If one cannot be read, as for :func:`sim.open`, or they are of different commands.

    Examples
    --------
    >>> import sim, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> first = sim.load("scenarios/first-scenario.yaml")
    >>> thick = first.with_({"stock_points.controllers.policy.cover_days": 120})
    >>> for name, scenario in {"first": first, "thick": thick}.items():
    ...     _ = sim.run(scenario, replications=32).save(f"{folder}/{name}")
    >>> found = sim.diff(f"{folder}/first", f"{folder}/thick")
    >>> found.settings["new"].tolist(), bool(found.differences["difference"][0] < 0)
    (['120 days'], True)
    """
    results = open_folder(one), open_folder(other)
    paths = folder_of("diff", one), folder_of("diff", other)
    commands = [str(result.manifest["command"]).split()[1] for result in results]
    if commands[0] != commands[1]:
        raise ResultError(
            f"diff: found folders of `chokepoint {commands[0]}` and `chokepoint {commands[1]}`; "
            "allowed: two of the same command"
        )
    names = _apart(*paths)
    asked, settings = _asked(results), _settings(results)
    figures = pd.DataFrame([*_figures(results, names)])
    unpaired = _unpaired(results)
    differences = pd.DataFrame([] if unpaired else [*_differences(results)], columns=list(DIFFERENCES))
    found = FolderDifference(names, asked, settings, figures, differences, unpaired)
    found.told.extend(_told(found, results))
    return found


def _apart(one: Path, other: Path) -> tuple[str, str]:
    """What two folders are called: by their names, or if these are the same by their paths."""
    names = shown(one.resolve().name), shown(other.resolve().name)
    return names if names[0] != names[1] else (shown(one), shown(other))


def _asked(results: tuple[Result, Result]) -> pd.DataFrame:
    manifests = [result.manifest for result in results]
    rows = [
        {"option": name, "one": manifests[0].get(name), "other": manifests[1].get(name)}
        for name in _ASKED
        if manifests[0].get(name) != manifests[1].get(name)
    ]
    return pd.DataFrame(rows, columns=["option", "one", "other"])


def _scenarios(result: Result) -> dict[str, LoadedScenario]:
    """The scenarios of a folder by name; the only one of others than comparisons by none."""
    if isinstance(result, ComparisonResult):
        return {scenario.name: scenario for scenario in result.scenarios}
    return {"": result.scenario}


def _settings(results: tuple[Result, Result]) -> pd.DataFrame:
    before, after = map(_scenarios, results)
    rows = [
        (name, *told)
        for name in before
        if name in after
        for told in settings_told(before[name].definition, after[name].definition)
    ]
    rows += [(name, "", "there", "not there") for name in before if name not in after]
    rows += [(name, "", "not there", "there") for name in after if name not in before]
    return pd.DataFrame(rows, columns=list(SETTINGS))


def _figures(results: tuple[Result, Result], names: tuple[str, str]) -> Iterator[dict[str, Any]]:
    """Of each folder, scenario and maker the headline figures of the loss share of what leads."""
    for result, name in zip(results, names, strict=True):
        if isinstance(result, RunResult):
            of = str(result.summary.get("headline", "revenue"))
            for maker in result.makers:
                share = result.loss_share(maker, of)
                told = {"mean": share.mean, "ci_low": share.mean.ci.low, "ci_high": share.mean.ci.high}
                rest = {figure: float(getattr(share, figure)) for figure in FIGURES if hasattr(share, figure)}
                yield {"folder": name, "scenario": "", "maker": maker, **rest, **told}
        elif isinstance(result, ComparisonResult):
            for row in result.tables["scenarios"].to_dict("records"):
                yield {"folder": name, **{str(key): value for key, value in row.items()}}


def _unpaired(results: tuple[Result, Result]) -> str:
    """Why futures of two folders cannot be held against each other one by one; empty if they can."""
    one, other = results
    if not isinstance(one, RunResult | ComparisonResult):
        return "only runs and comparisons tell their futures"
    for what in ("seed", "replications", "currency", "headline", "window_days"):
        before, after = one.summary.get(what), other.summary.get(what)
        if before != after:
            return f"{what.replace('_', ' ')} is {before} in the one and {after} in the other"
    methods = [result.scenario.plan.sampling.method for result in results]
    if methods[0] != methods[1]:
        return f"inputs are sampled by {methods[0]} in the one and by {methods[1]} in the other"
    makers = [result.scenario.plan.labels.makers for result in results]
    if makers[0] != makers[1]:
        return "makers differ"
    return ""


def _differences(results: tuple[Result, Result]) -> Iterator[dict[str, Any]]:
    before, after = map(_losses, results)
    estimators = estimators_of(results[0].scenario.plan.sampling.method)
    for name in (name for name in before if name in after):
        table = differences_table([before[name], after[name]], estimators)
        for row in table.to_dict("records"):
            maker = row["maker"]
            yield {
                "scenario": name,
                "maker": maker,
                "one": float(np.mean(before[name].shares[maker])),
                "other": float(np.mean(after[name].shares[maker])),
                "difference": row["mean"],
                "ci_low": row["mean_ci_low"],
                "ci_high": row["mean_ci_high"],
                "share_worse": row["share_worse"],
            }


def _losses(result: Result) -> dict[str, Losses]:
    """``[replication]`` losses of each maker, by scenario."""
    if isinstance(result, ComparisonResult):
        table = result.tables["losses"].assign(loss=0.0)
        return {
            str(name): _of_makers(str(name), rows) for name, rows in table.groupby("scenario", sort=False)
        }
    return {"": _of_makers("", leading_table(result.scenario.plan, dict(result.tables)))}


def _of_makers(name: str, table: pd.DataFrame) -> Losses:
    rows = table.sort_values("replication").groupby("maker", sort=False)
    shares, amounts = (
        {str(maker): of_maker[column].to_numpy() for maker, of_maker in rows}
        for column in ("loss_share", "loss")
    )
    return Losses(name, shares, amounts)


def _told(found: FolderDifference, results: tuple[Result, Result]) -> list[str]:
    """What differs, in lines."""
    one, other = found.names
    lines = [f"From {one} to {other}:"]
    lines += [f"  {row['option']}: {row['one']} → {row['other']}" for row in found.asked.to_dict("records")]
    for row in found.settings.to_dict("records"):
        path = ": ".join(filter(None, (row["scenario"], row["path"])))
        lines.append(f"  {path}: {row['old']} → {row['new']}")
    if len(lines) == 1:
        lines.append("  the same was asked for")
    if found.figures.empty:
        for name, result in zip(found.names, results, strict=True):
            lines += [f"{name}:", *(f"  {line}" for line in repr(result).splitlines()[1:-2])]
        return lines
    lines.append("Mean loss share, and its 95 % interval:")
    for (scenario, maker), rows in found.figures.groupby(["scenario", "maker"], sort=False):
        label = ": ".join(filter(None, (str(scenario), _name(results[0].scenario, str(maker)))))
        lines.append(f"  {label}: " + ", ".join(_figure(row) for row in rows.to_dict("records")))
    if found.unpaired:
        return [*lines, f"Futures are not held against each other: {found.unpaired}"]
    lines.append(f"Difference, future by future, in {counted(results[0].summary['replications'], 'future')}:")
    for row in found.differences.to_dict("records"):
        label = ": ".join(filter(None, (row["scenario"], _name(results[0].scenario, row["maker"]))))
        lines.append(
            f"  {label}: {100 * row['difference']:+.1f} points (95 % interval {100 * row['ci_low']:+.1f} to "
            f"{100 * row['ci_high']:+.1f}), worse in {row['share_worse']:.0%} of futures"
        )
    return lines


def _figure(row: Mapping[Any, Any]) -> str:
    low, high = (row.get(name, row.get(f"mean_{name}")) for name in ("ci_low", "ci_high"))
    return f"{_percent(row['mean'])} ({_percent(low)} to {_percent(high)}) in {row['folder']}"
