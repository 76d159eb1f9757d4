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
from sim.commands.terminal import busy, note, prepare_engine, progress_bar, refuse_unwritable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.risk.findings import Findings
    from sim.stories.analyses import Analysis


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
        from sim.stories import sensitivity as story

        analysis, out = story.resumed(resume), resume
    else:
        from sim.stories import sensitivity as story

        analysis = story.analysis(given(file), **asked)
    _carry_out(analysis, out, workers, story.answer)


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
    from sim.stories import compare as story

    if resume is not None:
        refuse_beside_resume(ctx, "workers")
    with busy("finding the steps from each scenario to the next ..."):
        analysis = story.resumed(resume) if resume else story.analysis(given(files), **asked)
    from sim.report.comparison_words import told

    _carry_out(analysis, resume or out, workers, lambda findings: "\n".join(told(findings)))


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
@click.option(
    "--pairs-among",
    type=click.Choice(["supplier", "country", "component", "lane", "none"]),
    multiple=True,
    help="Let pairs of such nodes only fail together; may be repeated. Default: pairs of all nodes.",
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
    pairs_among: tuple[str, ...],
    top: int,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Let each supplier, country, component and lane of FILE fail, then each pair, and rank them.

    The same command again goes on where it was cut off.
    """
    from sim.model.failures import KINDS
    from sim.stories import stress as story

    if resume is not None:
        refuse_beside_resume(ctx, "workers", "top")
        analysis, out = story.resumed(resume), resume
    else:
        asked = {"ttr_days": None if ttr_days is None else f"{ttr_days:g}", "date": day}
        laid_over = (*overrides, *(f"stress.{name}={value}" for name, value in asked.items() if value))
        if story.NONE in pairs_among and len(set(pairs_among)) > 1:
            raise click.UsageError("found --pairs-among none beside a kind of nodes; allowed: one of them")
        among = [kind for kind in KINDS if kind in (pairs_among or KINDS)]
        analysis = story.analysis(given(file), overrides=laid_over, pairs_among=among)
    from sim.report.stress_words import told

    _carry_out(analysis, out, workers, lambda findings: "\n".join(told(findings, top)), "failures")


def _carry_out(
    analysis: "Analysis",
    out: Path | None,
    workers: int | None,
    tell: "Callable[[Findings], str]",
    what: str = "replications",
) -> None:
    """Do an analysis, with a progress bar, and tell what its folder says was found."""
    from sim.stories import analyses

    refuse_unwritable(analysis.name, out)
    prepare_engine()
    with progress_bar(analysis.steps, what) as advance:
        folder = analyses.run(analysis, out, analyses.How(workers, advance, note, keeps))
    click.echo(analyses.told(folder, analysis, tell))
    click.echo(f"report: {folder / analysis.last[0]}")
