"""Commands on many folders: ``batch``, which fills them, ``runs`` and ``diff``."""

import datetime as dt
import shlex
import sys
from pathlib import Path
from shutil import get_terminal_size
from textwrap import wrap

import click

from sim.commands.ending import keeps
from sim.commands.options import agrees, overwriting, threads
from sim.commands.terminal import busy, note, prepare_engine, progress_bar
from sim.scenario.counting import counted

HEADINGS = ("folder", "command", "age", "futures", "loss share (5-95 % of futures)", "changed")
HOUR, DAY = 3_600, 86_400


@click.command()
@click.argument("project", metavar="[FOLDER]", default=Path("results"), type=click.Path(path_type=Path))
@click.option(
    "--base",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Tell what was changed against this folder; default: the oldest run of a file of the same name.",
)
@click.option(
    "--table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the table to this CSV file instead.",
)
def runs(project: Path, base: Path | None, table: Path | None) -> None:
    """List the finished folders in FOLDER (results): what each changed, what it found, how old it is."""
    with busy("reading the folders ..."):
        from sim.face.listing import runs
        from sim.montecarlo.inside import shown

        found = runs(project, base)
    for left_out in found.attrs["left_out"]:
        note(f"left out: {left_out}")
    if table is not None:
        from sim.stories import study

        click.echo(f"runs: {study.save_table(found, table)}")
        return
    if found.empty:
        click.echo(f"{project}: no finished folder of results")
        return
    now = dt.datetime.now().astimezone()
    cells = [HEADINGS] + [
        (
            shown(row["folder"]),
            row["command"],
            _age((now - row["finished"]).total_seconds()),
            f"{row['replications']:,}" if isinstance(row["replications"], int) else "",
            row["headline"],
            row["changed"],
        )
        for row in found.to_dict("records")
    ]
    lines = _lines(cells)
    is_too_wide = sys.stdout.isatty() and max(map(len, lines)) > (width := get_terminal_size().columns)
    click.echo("\n".join(_paragraphs(cells, width) if is_too_wide else lines))


def _paragraphs(rows: list[tuple[str, ...]], width: int) -> list[str]:
    r"""Rows below their headings as paragraphs no wider than a terminal.

    Examples
    --------
    >>> rows = [HEADINGS, ("thick", "run", "2 days", "64", "Velo 12.2% (0.0% to 54.2%)", "base")]
    >>> print("\n".join(_paragraphs(rows, 40)))
    thick
      run, 2 days old, 64 futures
      loss share (5-95 % of futures): Velo
        12.2% (0.0% to 54.2%)
      changed: base
    """
    _, _, _, _, loss, changed = rows[0]
    lines = []
    for folder, command, age, futures, headline, changes in rows[1:]:
        told = ", ".join([command, f"{age} old", *([f"{futures} futures"] if futures else [])])
        found = headline if headline.startswith("report: ") else f"{loss}: {headline}"
        lines.append(folder)
        for text in (told, found, f"{changed}: {changes}"):
            lines += wrap(text, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    return lines


def _lines(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows of cells as lines in which columns stand below each other."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _age(seconds: float) -> str:
    """How long ago something was, in words.

    Examples
    --------
    >>> _age(59), _age(7_300), _age(200_000)
    ('0 minutes', '2 hours', '2 days')
    """
    if seconds < HOUR:
        return counted(int(seconds // 60), "minute")
    if seconds < 2 * DAY:
        return counted(int(seconds // HOUR), "hour")
    return counted(int(seconds // DAY), "day")


@click.command()
@click.argument("folders", metavar="DIR DIR", nargs=2, type=click.Path(path_type=Path, file_okay=False))
def diff(folders: tuple[Path, Path]) -> None:
    """Hold two finished folders against each other: settings, headline figures, and futures one by one."""
    with busy("reading the folders ..."):
        from sim.face.differing import diff

        found = diff(*folders)
    click.echo("\n".join(found.told))


@click.command()
@click.argument("plan", metavar="PLAN", type=click.Path(path_type=Path))
@threads
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that holds all others; default: results/NAME-batch-DIGEST.",
)
@overwriting
def batch(plan: Path, workers: int | None, out: Path | None) -> None:
    """Run every scenario that the file PLAN lists, each in its own folder, and compare them on one page.

    The same command again goes on where it was cut off.
    """
    with busy("reading the scenarios ..."):
        from sim.stories import analyses, batch
        from sim.stories.durable import Execution

        asked = batch.prepared(plan)
        steps = batch.steps(asked, out)
    again = ["chokepoint", "batch", str(plan), *([] if out is None else ["--out", str(out)])]
    folder = Path()
    for step in steps:
        with progress_bar(step.replications, step.name) as advance:
            execution = Execution(
                workers=workers,
                progress=advance,
                note=note,
                kept=lambda _: keeps(f"what is finished is kept; go on with: {shlex.join(again)}"),
                prepare=prepare_engine,
                agrees=agrees,
            )
            folder = step.carry_out(execution)
    from sim.report.comparison_words import told

    click.echo("\n".join(analyses.told(folder, asked.comparison, told)))
    click.echo(f"runs: {folder.parent}")
    click.echo(f"report: {folder / asked.comparison.kind.report}")
