"""Commands that simulate many variants: ``sensitivity``, ``compare`` and ``stress``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands.ending import keeps
from sim.commands.options import (
    file_or_folder,
    futures,
    given,
    out_folder,
    refuse_beside_resume,
    resume_folder,
    root_seed,
    settings,
    threads,
)
from sim.commands.terminal import busy, note, percent, prepare_engine, progress_bar

if TYPE_CHECKING:
    from sim.analyses import Analysis
    from sim.risk.findings import Findings


@click.command()
@file_or_folder
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
@resume_folder
@settings
@click.pass_context
def sensitivity(
    ctx: click.Context,
    /,
    *,
    file: Path | None,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    **asked: Any,
) -> None:
    """Say which uncertain numbers of FILE move the loss, and which to find out first.

    The same command again goes on where it was cut off.
    """
    if resume is not None:
        refuse_beside_resume(ctx, "workers")
        from sim import sensitivity as story

        analysis, out = story.resumed(resume), resume
    else:
        from sim.model.compile import prepare_decided

        prepared = prepare_decided(
            given(file), asked["overrides"]
        )  # Before the large libraries are imported.
        from sim import sensitivity as story

        analysis = story.analysis(given(file), prepared=prepared, **asked)
    folder, findings = _carried_out(analysis, out, workers)
    click.echo(story.answer(findings))
    click.echo(f"report: {folder / analysis.last[0]}")


@click.command()
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
@futures(1_024, "Futures of each scenario and step.", fewest=16)
@root_seed
@threads
@out_folder("compare-DIGEST")
@resume_folder
@settings
@click.pass_context
def compare(
    ctx: click.Context,
    /,
    *,
    files: tuple[Path, ...],
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    **asked: Any,
) -> None:
    """Compare scenarios under the same random numbers, and say which assumption moves the answer.

    The same command again goes on where it was cut off.
    """
    from sim import compare as story

    if resume is not None:
        refuse_beside_resume(ctx, "workers")
    with busy("finding the steps from each scenario to the next ..."):
        analysis = story.resumed(resume) if resume else story.analysis(given(files), **asked)
    folder, findings = _carried_out(analysis, resume or out, workers)
    for row in findings.tables["scenarios"].to_dict("records"):
        mean, var = percent(row["mean"]), percent(row["var95"])
        click.echo(f"{row['scenario']}: {row['maker']} loses {mean} on average (VaR95 {var})")
    for maker, most in findings.summary["moves_most"].items():
        click.echo(f"moves most for {maker}: {most['step']} ({100.0 * most['effect']:+.1f} points)")
    click.echo(f"report: {folder / analysis.last[0]}")


@click.command()
@file_or_folder
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
@threads
@out_folder("NAME-stress-DIGEST")
@resume_folder
@settings
@click.pass_context
def stress(
    ctx: click.Context,
    /,
    *,
    file: Path | None,
    ttr_days: float | None,
    day: str | None,
    top: int,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Let each supplier, country, component and lane of FILE fail, then each pair, and rank them.

    The same command again goes on where it was cut off.
    """
    from sim import stress as story

    if resume is not None:
        refuse_beside_resume(ctx, "workers", "top")
        analysis, out = story.resumed(resume), resume
    else:
        asked = {"ttr_days": None if ttr_days is None else f"{ttr_days:g}", "date": day}
        laid_over = (*overrides, *(f"stress.{name}={value}" for name, value in asked.items() if value))
        analysis = story.analysis(given(file), overrides=laid_over)
    folder, findings = _carried_out(analysis, out, workers, "failures")
    from sim.report.stress_words import told

    click.echo("\n".join(told(findings, top)))
    click.echo(f"report: {folder / analysis.last[0]}")


def _carried_out(
    analysis: "Analysis", out: Path | None, workers: int | None, what: str = "replications"
) -> tuple[Path, "Findings"]:
    """Do an analysis, with a progress bar, and read what was found."""
    from sim import analyses

    prepare_engine()
    with progress_bar(analysis.steps, what) as advance:
        folder = analyses.run(analysis, out, analyses.How(workers, advance, note, keeps))
    return folder, analyses.findings_in(folder, analysis)
