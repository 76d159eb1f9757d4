"""The command ``import``: exports of ERP systems, and graphs, as a scenario."""

import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands.terminal import busy
from sim.errors import ResultError
from sim.montecarlo.inside import shown
from sim.scenario.counting import counted

GRAPHML = ".graphml"

if TYPE_CHECKING:
    from sim.scenario.erp.wizard import Question
    from sim.stories.files import Written


@click.command("import")
@click.argument("exports", metavar="CSV...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--mapping", type=click.Path(path_type=Path), metavar="YAML", help="What the columns of the tables mean."
)
@click.option(
    "--mapping-wizard",
    "wizard",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="YAML",
    help="Propose a mapping from the headings, ask about it on a terminal, and write it to this new file.",
)
@click.option(
    "--maker", default="My company", show_default=True, help="Of a proposed mapping: whose tables they are."
)
@click.option(
    "--country", default="DE", show_default=True, help="Of a proposed mapping: its country (ISO 3166)."
)
@click.option(
    "--out",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("imported.yaml"),
    show_default=True,
    help="The new scenario file: YAML, or a workbook (.xlsx).",
)
@click.option(
    "--currency", default="EUR", show_default=True, help="Of a proposed mapping: that of all prices."
)
@click.option("--yes", is_flag=True, help="Of a proposed mapping: ask nothing.")
@click.option("--skip-problems", is_flag=True, help="Leave out rows that cannot be used, and tell them.")
def import_(
    exports: tuple[Path, ...],
    *,
    mapping: Path | None,
    wizard: Path | None,
    maker: str,
    country: str,
    currency: str,
    target: Path,
    yes: bool,
    skip_problems: bool,
) -> None:
    """Write the scenario that exported tables tell, or a graph (.graphml) of who supplies whom."""
    if [file.suffix for file in exports] == [GRAPHML]:
        _import_graph(exports[0], target, needs_none=(mapping, wizard))
        return
    if (mapping is None) == (wizard is None):
        raise click.UsageError("allowed: one of --mapping and --mapping-wizard")
    if wizard is not None:
        if wizard.exists():
            raise ResultError(f"{shown(wizard)}: found a file; allowed: a new one")
        asks = sys.stdin.isatty() and not yes
        if asks:
            maker = click.prompt("Whose tables are these", default=maker, err=True)
            country = click.prompt("Its country (ISO 3166)", default=country, err=True)
            currency = click.prompt("Currency of all prices", default=currency, err=True)
        with nullcontext() if asks else busy("reading the tables ..."):
            from sim.stories import files

            proposed = files.propose_mapping(
                exports, maker, country, wizard, currency=currency, ask=_asked if asks else None
            )
        again = shlex.join(["chokepoint", "import", *map(str, exports), "--mapping", str(proposed)])
        click.echo(f"mapping: {proposed}; look it over, then go on with: {again}")
    if mapping is not None:
        with busy("reading the tables ..."):
            from sim.stories import files

            written = files.import_tables(exports, mapping, target, skips_problems=skip_problems)
        _tell(written)


def _import_graph(file: Path, target: Path, *, needs_none: tuple[Path | None, ...]) -> None:
    if any(path is not None for path in needs_none):
        raise click.UsageError("found a mapping for a graph, which says itself what it means; allowed: none")
    with busy("reading the graph ..."):
        from sim.stories import files

        written = files.import_graph(file, target)
    _tell(written)


def _asked(question: "Question") -> str:
    """The answer on the terminal."""
    allowed = click.Choice(question.allowed) if question.allowed else None
    return str(
        click.prompt(question.text, default=question.default, type=allowed, show_choices=False, err=True)
    )


def _tell(written: "Written") -> None:
    for problem in written.problems:
        click.echo(f"left out: {problem}", err=True)
    for note in written.notes:
        click.echo(f"note: {note}", err=True)
    left = f"; {counted(len(written.problems), 'row')} left out" if written.problems else ""
    click.echo(f"scenario: {written.file}{left}; what no table says is an assumption in it")
    click.echo(
        f"nothing is cut off in it yet; go on with: {shlex.join(['chokepoint', 'stress', str(written.file)])}"
    )
