"""Commands that simulate many variants: ``sensitivity``, ``compare`` and ``stress``."""

from pathlib import Path
from typing import Any

import click

from sim.commands.options import futures, out_folder, root_seed, scenario_file, settings, threads
from sim.commands.terminal import prepare_engine, progress_bar, refuse_unwritable


@click.command()
@scenario_file
@futures(
    1_024,
    "Rows of each matrix of samples; the simulations are many times as many.",
    fewest=32,
    most=1_000_000,
)
@click.option("--maker", metavar="FIRM", help="Whose loss; default: the first maker of the headline.")
@click.option(
    "--top",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="Inputs with a bar of the tornado and Sobol indices of their own.",
)
@root_seed
@threads
@out_folder("NAME-sensitivity-DIGEST")
@settings
def sensitivity(file: Path, *, out: Path | None, **options: Any) -> None:
    """Say which uncertain numbers of FILE move the loss, and which to find out first."""
    from sim import sensitivity as analysis

    prepared = analysis.prepare(file, options["overrides"])
    analysis.check(prepared, options["maker"])
    refuse_unwritable(out)
    prepare_engine()
    simulations = analysis.simulations(prepared, options["replications"], options["top"])
    with progress_bar(simulations) as advance:
        findings = analysis.run(file, prepared=prepared, progress=advance, **options)
    folder = analysis.save(findings, out)
    click.echo(f"{analysis.answer(findings)}")
    click.echo(f"report: {folder / 'sensitivity.html'}")


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@futures(1_024, "Futures of each scenario and step.", fewest=16)
@root_seed
@threads
@out_folder("compare-DIGEST")
@settings
def compare(
    files: tuple[Path, ...],
    *,
    replications: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Compare scenarios under the same random numbers, and say which assumption moves the answer."""
    from sim import compare as comparison

    scenarios = comparison.prepared(files, overrides)
    refuse_unwritable(out)
    prepare_engine()
    with progress_bar(None) as advance:
        found = comparison.run(
            files,
            replications=replications,
            seed=seed,
            workers=workers,
            overrides=overrides,
            scenarios=scenarios,
            progress=advance,
        )
    folder = comparison.save(found, out)
    from sim.report.comparison_words import told

    click.echo("\n".join(told(found)))
    click.echo(f"report: {folder / 'report.html'}")


@click.command()
@scenario_file
@click.option(
    "--ttr-days",
    type=click.FloatRange(0.0),
    help="Days that a node stays down, unless the scenario names it; as --set stress.ttr_days=N.",
)
@click.option(
    "--day",
    metavar="DATE",
    help="Day on which the nodes fail; as --set stress.date=DATE. Default: the day of the shock.",
)
@click.option(
    "--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Nodes and pairs to print."
)
@click.option(
    "--pairs-among",
    type=click.Choice(["supplier", "country", "component", "lane", "none"]),
    multiple=True,
    help="Let pairs of such nodes only fail together; may be repeated. Default: pairs of all nodes.",
)
@threads
@out_folder("NAME-stress-DIGEST")
@settings
def stress(
    file: Path,
    *,
    ttr_days: float | None,
    day: str | None,
    pairs_among: tuple[str, ...],
    top: int,
    workers: int | None,
    out: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Let each supplier, country, component and lane of FILE fail, then each pair, and rank them."""
    given = {"ttr_days": None if ttr_days is None else f"{ttr_days:g}", "date": day}
    laid_over = (*overrides, *(f"stress.{name}={value}" for name, value in given.items() if value))
    from sim import stress as stress_test
    from sim.model.stress import KINDS

    if stress_test.NONE in pairs_among and len(set(pairs_among)) > 1:
        raise click.UsageError("found --pairs-among none beside a kind of nodes; allowed: one of them")
    among = [kind for kind in KINDS if kind in (pairs_among or KINDS)]
    prepared = stress_test.prepare(file, laid_over, among)
    refuse_unwritable(out)
    prepare_engine()
    with progress_bar(stress_test.steps(prepared[1]), "failures") as advance:
        findings = stress_test.run(
            file, workers=workers, overrides=laid_over, prepared=prepared, progress=advance
        )
    folder = stress_test.save(findings, out)
    from sim.report.stress_words import told

    click.echo("\n".join(told(findings, top)))
    click.echo(f"report: {folder / 'stress.html'}")
