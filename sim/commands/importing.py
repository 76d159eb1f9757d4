"""The command ``import``: exports of ERP systems as a scenario."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands.terminal import busy
from sim.scenario.counting import counted

if TYPE_CHECKING:
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
    help="Propose a mapping from the headings and write it to this new file, to be looked over.",
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
@click.option("--skip-problems", is_flag=True, help="Leave out rows that cannot be used, and tell them.")
def import_(
    exports: tuple[Path, ...],
    *,
    mapping: Path | None,
    wizard: Path | None,
    maker: str,
    country: str,
    target: Path,
    skip_problems: bool,
) -> None:
    """Write the scenario that exported tables tell: a bill of materials, vendors, items."""
    if (mapping is None) == (wizard is None):
        raise click.UsageError("allowed: one of --mapping and --mapping-wizard")
    if wizard is not None:
        with busy("reading the tables ..."):
            from sim.stories import files

            proposed = files.propose_mapping(exports, maker, country, wizard)
        click.echo(f"mapping: {proposed}; look it over, then go on with: --mapping {proposed}")
    if mapping is not None:
        with busy("reading the tables ..."):
            from sim.stories import files

            written = files.import_tables(exports, mapping, target, skips_problems=skip_problems)
        _tell(written)


def _tell(written: "Written") -> None:
    for problem in written.problems:
        click.echo(f"left out: {problem}", err=True)
    for note in written.notes:
        click.echo(f"note: {note}", err=True)
    left = f"; {counted(len(written.problems), 'row')} left out" if written.problems else ""
    click.echo(f"scenario: {written.file}{left}; what no table says is an assumption in it")
