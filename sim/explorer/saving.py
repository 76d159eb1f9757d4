"""What was moved, kept: as a scenario file that extends the base, and as one HTML file with its figures."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.errors import ResultError
from sim.explorer.moved import Moved
from sim.explorer.pictures import Picture
from sim.explorer.session import Session
from sim.report.language import message, say, spoken
from sim.report.numbers import percent
from sim.scenario.load import load_scenario
from sim.scenario.merge import apply_override, read_merged
from sim.scenario.source import SourceNode, read_text

NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
MOST_LETTERS = 80
SCHEMA = "# yaml-language-server: $schema=scenario.schema.json\n"


def scenario_text(session: Session, moved: Moved, name: str, folder: Path) -> str:
    """What was moved as a scenario file that extends the base.

    Parameters
    ----------
    session
        The base.
    moved
        What was moved.
    name
        Id of the new scenario.
    folder
        Where the file is to stand.

    Raises
    ------
    SimError
        If what was moved cannot be used.
    """
    session.prepared(moved)
    tree = read_merged(session.file)
    said: dict[str, Any] = {
        "extends": os.path.relpath(session.file, folder),
        "name": name,
        "title": f"{session.scenario.title}, as explored",
    }
    for setting in (*session.overrides, *session.settings(moved)):
        tree = apply_override(tree, setting)
        path, _, text = setting.partition("=")
        _say(said, tree, path.strip().split("."), read_text(text, "").plain)
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=110)


def _say(said: dict[str, Any], tree: SourceNode, names: Sequence[str], value: Any) -> None:
    """Put a value at its path; a list on the way is said as a whole, with the value in it."""
    node, at = tree, said
    for depth, name in enumerate(names):
        node = node.value[name] if isinstance(node.value, dict) else node
        if depth == len(names) - 1 or isinstance(node.value, list):
            leaf = node.plain if isinstance(node.value, list) else value
            at[name] = _laid(at.get(name), leaf)
            return
        if not isinstance(at.get(name), dict):
            at[name] = {}
        at = at[name]


def _laid(below: Any, above: Any) -> Any:
    """A value over another: mappings by key."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: _laid(below.get(key), value) for key, value in above.items()}


def save_scenario(session: Session, moved: Moved, name: str) -> Path:
    """Write what was moved as a scenario file beside the base.

    Parameters
    ----------
    session, moved, name
        As for :func:`scenario_text`.

    Returns
    -------
    Path
        The file; it has been read again.

    Raises
    ------
    SimError
        If the name is none, the file is there already or cannot be written, or what was moved cannot be used.
    """
    if not NAME.fullmatch(name) or len(name) > MOST_LETTERS:
        raise ResultError(
            f"name: found {name[:MOST_LETTERS]!r}, allowed: small letters, digits, hyphens, as in two-sources"
        )
    file = session.file.parent / f"{name}.yaml"
    text = scenario_text(session, moved, name, session.file.parent)
    try:
        with file.open("x", encoding="utf-8") as written:
            written.write(text)
    except FileExistsError:
        raise ResultError(f"{file}: there is such a file already; choose another name") from None
    except OSError as error:
        raise ResultError(f"{file}: {error.strerror or error}") from None
    load_scenario(file)
    return file


# ---------------------------------------------------------------------- one HTML file


@dataclass(frozen=True, slots=True)
class Tried:
    """Something that was tried.

    Attributes
    ----------
    label
        What a reader calls it.
    settings
        What was moved, as settings.
    picture
        Its figures.
    """

    label: str
    settings: Sequence[str]
    picture: Picture


WIDTH, HEIGHT = 640, 260
"""Of a curve, in pixels."""
FIGURES = {
    "mean": message("mean"),
    "p50": message("median"),
    "var95": message("VaR 95 %"),
    "es95": message("ES 95 %"),
}


def snapshot(session: Session, tried: Sequence[Tried]) -> str:
    """What was tried as one HTML file without scripts: settings, figures and curves.

    Parameters
    ----------
    session
        The base.
    tried
        What to tell, the base first.
    """
    environment = Environment(
        loader=PackageLoader("sim.explorer"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals["say"] = say
    return environment.get_template("snapshot.html").render(
        tag=spoken().tag,
        title=session.scenario.title,
        question=session.scenario.question,
        file=session.file.name,
        seed=session.seed,
        makers=session.makers,
        tried=tried,
        figures={figure: say(name) for figure, name in FIGURES.items()},
        change=_change,
        percent=percent,
        line=_line,
        width=WIDTH,
        height=HEIGHT,
        highest=_highest(tried),
    )


def _change(change: Mapping[str, float]) -> str:
    """A mean difference in points, with its half-width."""
    told = f"{100.0 * change['estimate']:+.2f} ± {100.0 * change['half_width']:.2f}"
    return told.replace(".", spoken().decimal)


def _highest(tried: Sequence[Tried]) -> float:
    """The largest loss share of all curves, or a hundredth."""
    ends = (maker["curve"][-1] for its in tried for maker in its.picture["makers"].values())
    return max(0.01, *ends)


def _line(maker: Mapping[str, Any], highest: float) -> str:
    """The points of a maker's curve: the chance to lose more, over the loss."""
    shares, last = maker["curve"], len(maker["curve"]) - 1
    return " ".join(
        f"{WIDTH * max(0.0, share) / highest:.1f},{HEIGHT * place / last:.1f}"
        for place, share in enumerate(shares)
    )
