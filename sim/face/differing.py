"""Two finished folders held against each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import ResultError
from sim.face.estimates import FIGURES, percent
from sim.face.folders import open as open_folder
from sim.face.options import folder_of
from sim.face.results import ComparisonResult, Result, RunResult
from sim.face.scenarios import LoadedScenario
from sim.montecarlo.inside import shown
from sim.report.comparison_words import points, points_range
from sim.risk.comparison import Losses, differences_table
from sim.risk.leading import leading_table
from sim.risk.replicated import estimators_of
from sim.scenario.change_words import settings_told
from sim.scenario.counting import counted
from sim.scenario.makers import name_of

SETTINGS = ("scenario", "path", "old", "new")
DIFFERENCES = ("scenario", "maker", "one", "other", "difference", "ci_low", "ci_high", "share_worse")
_ASKED = ("replications", "seed", "precision", "figure", "engine")


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
        label = ": ".join(filter(None, (str(scenario), name_of(results[0].scenario.definition, str(maker)))))
        lines.append(f"  {label}: " + ", ".join(_figure(row) for row in rows.to_dict("records")))
    if found.unpaired:
        return [*lines, f"Futures are not held against each other: {found.unpaired}"]
    lines.append(f"Difference, future by future, in {counted(results[0].summary['replications'], 'future')}:")
    changed = set(found.settings["scenario"])
    for row in found.differences.to_dict("records"):
        maker = name_of(results[0].scenario.definition, str(row["maker"]))
        label = ": ".join(filter(None, (row["scenario"], maker)))
        lines.append(f"  {label}: {_difference(row, is_of_the_same=row['scenario'] not in changed)}")
    return lines


def _difference(row: Mapping[Any, Any], *, is_of_the_same: bool) -> str:
    """By how much the second loses more; no unseen future parts a scenario from itself."""
    if is_of_the_same and row["difference"] == row["share_worse"] == 0.0:
        return "the same in every future"
    interval = points_range(row["ci_low"], row["ci_high"])
    told = f"{points(row['difference'])} (95 % interval {interval})"
    return f"{told}, worse in {row['share_worse']:.0%} of futures"


def _figure(row: Mapping[Any, Any]) -> str:
    low, high = (row.get(name, row.get(f"mean_{name}")) for name in ("ci_low", "ci_high"))
    return f"{percent(row['mean'])} ({percent(low)} to {percent(high)}) in {row['folder']}"
