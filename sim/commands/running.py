"""Commands that simulate futures in a run folder: ``run`` and ``reproduce``."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands.ending import keeps
from sim.commands.options import (
    LOCAL,
    SPREADING,
    Spreading,
    file_or_folder,
    given,
    out_folder,
    refuse_beside_resume,
    resume_folder,
    root_seed,
    settings,
    spread,
)
from sim.commands.terminal import note, percent, prepare_engine, progress_bar, warn
from sim.scenario.counting import counted

if TYPE_CHECKING:
    from sim.montecarlo.backends import Backend
    from sim.stories.runs import How
    from sim.stories.study import Job, Precision

DISAGREES = 1
"""Exit code: a number is not reproduced."""


@click.command()
@file_or_folder
@click.option(
    "--replications",
    "-n",
    type=click.IntRange(1, 10_000_000),
    help="Futures to simulate, with --precision at most; default: 100, or with --precision 1,000,000.",
)
@click.option(
    "--precision",
    type=click.FloatRange(0.0, min_open=True),
    metavar="SHARE",
    help="Simulate until the loss share is known to within this.",
)
@click.option(
    "--figure",
    type=click.Choice(["mean", "var95", "es95"]),
    default="mean",
    show_default=True,
    help="The figure of the loss share that is to be as precise.",
)
@root_seed
@click.option(
    "--engine",
    type=click.Choice(["compiled", "simpy"]),
    default="compiled",
    show_default=True,
    help="The fast engine, or the readable one.",
)
@out_folder("NAME-DIGEST")
@resume_folder
@spread
@settings
@click.pass_context
def run(
    ctx: click.Context,
    /,
    *,
    file: Path | None,
    resume: Path | None,
    out: Path | None,
    spreading: Spreading,
    **options: Any,
) -> None:
    """Simulate FILE and its counterfactual and write a run folder with a report.

    The same command again goes on where it was cut off.
    """
    if resume is not None:
        refuse_beside_resume(ctx, *SPREADING)
        from sim.stories import runs

        job, out = runs.resumed(resume), resume
    else:
        job = _job(given(file), **options)
    from sim.model.baseline import Caution, baseline_cautions, listed
    from sim.stories import runs

    of_plan = baseline_cautions(job.scenario, job.plan)
    warn(listed(of_plan))
    with _carrying_out(job, spreading) as how:
        folder = runs.run(job, out, how)
    with runs.summary_in(folder) as summary:
        found = [Caution(**entry) for entry in summary["warnings"]]
        warn(listed([caution for caution in found if caution not in of_plan]))
        if job.precision is not None:
            _print_precision(summary, job.precision)
        _print_headline(summary)
    click.echo(f"report: {folder / 'report.html'}")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the second run; default: DIR-again.",
)
@spread
@click.pass_context
def reproduce(ctx: click.Context, /, *, folder: Path, out: Path | None, spreading: Spreading) -> None:
    """Do the finished run of DIR again and say whether every number agrees; exit code 1 if one does not."""
    from sim.stories import runs

    with _carrying_out(runs.resumed(folder), spreading) as how:
        again = runs.reproduce(folder, out, how)
    click.echo("\n".join(runs.told(again)))
    if len(again.disagreements):
        ctx.exit(DISAGREES)


def _job(
    file: Path,
    *,
    replications: int | None,
    precision: float | None,
    figure: str,
    overrides: tuple[str, ...],
    **how: Any,
) -> "Job":
    from sim.model.compile import prepare

    prepared = prepare(file, overrides)  # A mistake is told before the large libraries are imported.
    from sim.montecarlo.sequential import MOST
    from sim.stories import study

    if precision is None:
        how["replications"] = replications or study.REPLICATIONS
    else:
        how["replications"], how["precision"] = replications or MOST, study.Precision(precision, figure)
    return study.job_of(file, overrides=overrides, prepared=prepared, **how)


@contextmanager
def _carrying_out(job: "Job", spreading: Spreading) -> Iterator["How"]:
    """How to do a job, with a progress bar."""
    from sim.montecarlo.backends import COMPILED, this_machine
    from sim.stories import runs

    def backend() -> AbstractContextManager["Backend"]:
        if spreading.cluster is not None:
            from sim.montecarlo.cluster import cluster, local_cluster

            if spreading.cluster == LOCAL:
                return local_cluster(spreading.workers)
            return cluster(spreading.cluster, note)
        if job.engine == COMPILED:
            prepare_engine()
        return this_machine(spreading.workers)

    with progress_bar(job.replications if job.precision is None else None) as advance:
        yield runs.How(backend, spreading.chunk, advance, note, keeps)


def _print_precision(summary: dict[str, Any], precision: "Precision") -> None:
    """How many replications it took, or that even the most were too few."""
    widths = []
    for maker in summary["makers"].values():
        low, high = (_loss_share(maker)[precision.figure][end] for end in ("ci_low", "ci_high"))
        widths.append(0.5 * (high - low) if None not in (low, high) else float("inf"))
    is_known = max(widths) <= precision.half_width
    told = f"{precision.figure} to within {precision.half_width:g}"
    count = counted(summary["replications"], "replication")
    click.echo(f"{count}: {'' if is_known else 'too few for '}{told}")


def _loss_share(maker: dict[str, Any]) -> dict[str, Any]:
    """Figures of a maker's loss share in the window, whose length is in their key."""
    return next(value for key, value in maker.items() if key.startswith("loss_share_"))


def _print_headline(summary: dict[str, Any]) -> None:
    from sim.montecarlo.inside import shown
    from sim.report.hump_words import humps_sentence

    window, makers = summary["window"], summary["makers"].values()
    date = shown(window["shock_date"])
    since = f"the shock ({date})" if window["shock"] else date
    gains = any(_loss_share(maker)["p05"]["estimate"] < 0.0 for maker in makers)
    click.echo(
        f"Loss of revenue in the {counted(window['days'], 'day')} from {since}, "
        f"as a share of the counterfactual's{', below 0 a gain' if gains else ''}:"
    )
    for maker in makers:
        at = {name: percent(estimate["estimate"]) for name, estimate in _loss_share(maker).items()}
        click.echo(f"  {shown(maker['name'])}: {_figures(at) if summary['replications'] > 1 else at['mean']}")
        if humps := humps_sentence(maker):
            click.echo(f"    {humps}")


def _figures(at: dict[str, str]) -> str:
    return (
        f"mean {at['mean']}, 5-95 % of futures {at['p05']} to {at['p95']}, VaR95 {at['var95']}, "
        f"ES95 {at['es95']}"
    )
