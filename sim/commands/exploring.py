"""The commands ``explore``, which serves a page, and ``export-explorer``, which writes one."""

from pathlib import Path

import click

from sim.commands.ending import keeps
from sim.commands.options import futures, root_seed, scenario_file, settings, spoken_language, threads
from sim.commands.terminal import busy, prepare_engine, progress_bar

LAST_PICTURE = 1_024


@click.command()
@scenario_file
@futures(LAST_PICTURE, "Futures of the last picture of a move.", fewest=32, most=10_240)
@root_seed
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default=True,
    help="Port of the page; 0: any that is free.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
@spoken_language
@threads
@settings
def explore(
    file: Path,
    *,
    replications: int,
    seed: int,
    port: int,
    opens: bool,
    language: str,
    workers: int | None,
    overrides: tuple[str, ...],
) -> None:
    """Serve a page on which FILE can be moved, and what comes of it seen at once, until Ctrl-C."""
    with busy("reading the scenario ..."):
        from sim.explorer.server import Served
        from sim.explorer.session import Session
        from sim.model.compile import prepare
        from sim.montecarlo.compiled_batch import block_width
        from sim.report.language import language_of, speaking

        spoken = language_of(language)
        _, plan = prepare(file, overrides)
    prepare_engine(block_width(plan))
    session = Session(file, overrides, seed=seed, futures=replications, workers=workers)
    with speaking(spoken), Served(session, port) as served:
        keeps("what was explored is gone, but for what was saved")
        click.echo(f"explore: {served.address}")
        click.echo("for this machine alone; Ctrl-C ends it")
        if opens:
            click.launch(served.address)
        served.wait()


@click.command("export-explorer")
@scenario_file
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path, dir_okay=False))
@root_seed
@spoken_language
@threads
@settings
def export_explorer(
    file: Path,
    target: Path,
    *,
    seed: int,
    language: str,
    workers: int | None,
    overrides: tuple[str, ...],
) -> None:
    """Write the explorer of FILE as one page, the new file OUT (.html), that needs no server."""
    with busy("reading the scenario ..."):
        from sim.explorer.controls import SCREENED
        from sim.explorer.exporting import page_of
        from sim.explorer.session import Session
        from sim.model.compile import prepare
        from sim.montecarlo.compiled_batch import block_width
        from sim.report.language import language_of, speaking
        from sim.stories import files

        spoken = language_of(language)

    def made() -> str:
        with busy("reading the scenario ..."):
            _, plan = prepare(file, overrides)
        prepare_engine(block_width(plan))
        with (
            Session(file, overrides, seed=seed, futures=SCREENED, workers=workers) as session,
            progress_bar(None, "settings") as advance,
            speaking(spoken),
        ):
            return page_of(session, advance)

    click.echo(f"explorer: {files.write_page(target, made)}")
