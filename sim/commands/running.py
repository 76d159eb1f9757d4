"""Commands that simulate futures in a run folder: ``run`` and ``reproduce``."""

from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from heapq import nlargest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.commands.ending import keeps
from sim.commands.options import (
    LOCAL,
    SPREADING,
    FiniteRange,
    Spreading,
    agrees,
    begun_or_resumed,
    file_or_folder,
    given,
    out_folder,
    resume_folder,
    root_seed,
    settings,
    spread,
)
from sim.commands.terminal import busy, note, percent, prepare_engine, prepare_measures, progress_bar, warn
from sim.scenario.counting import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sim.montecarlo.backends import Backend
    from sim.report.input_names import InputName
    from sim.scenario.schema import Scenario
    from sim.stories.durable import Execution
    from sim.stories.study import Job, Precision

DISAGREES = 1
"""Exit code: a number is not reproduced."""
MOST_TOLD = 20
"""Makers whose loss is told on the terminal."""


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
    type=FiniteRange(0.0, min_open=True),
    metavar="SHARE",
    help="Simulate until the loss share, of what leads, is known to within this.",
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
@click.option("--csv", is_flag=True, help="Write all losses and events of all futures as CSV, too.")
@out_folder("NAME-DIGEST")
@resume_folder
@spread
@settings
def run(
    *,
    file: Path | None,
    replications: int | None,
    precision: float | None,
    figure: str,
    seed: int,
    engine: str,
    csv: bool,
    out: Path | None,
    resume: Path | None,
    workers: int | None,
    cluster: str | None,
    chunk: int | None,
    overrides: tuple[str, ...],
) -> None:
    """Simulate FILE and its counterfactual and write a run folder with a report.

    The same command again goes on where it was cut off.
    """
    spreading = Spreading(workers, cluster, chunk)

    def begin() -> "Job":
        from sim.model.compile import prepare

        path = given(file)
        prepared = prepare(path, overrides)  # A mistake is told before the large libraries are imported.
        from sim.stories import study

        return study.job_of(
            path,
            replications=replications,
            seed=seed,
            engine=engine,
            precision=None if precision is None else study.Precision(precision, figure),
            csv=csv,
            overrides=overrides,
            prepared=prepared,
        )

    with busy("reading the scenario ..."):
        job = begun_or_resumed(resume, begin, partial(_resumed, csv=csv), *SPREADING, "csv")
    from sim.model.baseline import Caution, baseline_cautions, listed
    from sim.stories import runs

    of_plan = baseline_cautions(job.scenario, job.plan)
    warn(listed(of_plan))
    with _progress_of(job) as advance:
        folder = runs.run(job, resume or out, _execution(job, spreading, advance))
    with runs.summary_in(folder) as summary:
        found = [Caution(**entry) for entry in summary["warnings"]]
        warn(listed([caution for caution in found if caution not in of_plan]))
        if job.precision is not None:
            _print_precision(summary, job.precision)
        _print_headline(summary, job.scenario)
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
def reproduce(
    ctx: click.Context,
    /,
    *,
    folder: Path,
    out: Path | None,
    workers: int | None,
    cluster: str | None,
    chunk: int | None,
) -> None:
    """Do the finished run of DIR again and say whether every number agrees; exit code 1 if one does not."""
    from sim.stories import runs

    spreading = Spreading(workers, cluster, chunk)
    with busy("reading the manifest ..."):
        job = _resumed(folder)
    with _progress_of(job) as advance:
        again = runs.reproduce(folder, out, _execution(job, spreading, advance))
    click.echo("\n".join(runs.told(again)))
    if len(again.disagreements):
        ctx.exit(DISAGREES)


def _resumed(folder: Path, *, csv: bool = False) -> "Job":
    from sim.stories import runs

    job = runs.resumed(folder)
    return replace(job, csv=True) if csv else job


def _progress_of(job: "Job") -> AbstractContextManager["Callable[[int], None]"]:
    """A progress bar, without an end where precision says when it is reached."""
    return progress_bar(job.replications if job.precision is None else None)


def _execution(job: "Job", spreading: Spreading, advance: "Callable[[int], None]") -> "Execution":
    from sim.montecarlo.backends import COMPILED
    from sim.stories.durable import Execution

    return Execution(
        workers=spreading.workers,
        progress=advance,
        note=note,
        kept=keeps,
        prepare=prepare_engine if job.engine == COMPILED else lambda _width: prepare_measures(),
        backend=None
        if spreading.cluster is None
        else partial(_cluster, spreading.cluster, spreading.workers),
        chunk=spreading.chunk,
        agrees=agrees,
    )


def _cluster(address: str, workers: int | None) -> AbstractContextManager["Backend"]:
    from sim.montecarlo.cluster import cluster, local_cluster

    return local_cluster(workers) if address == LOCAL else cluster(address, note)


def _print_precision(summary: dict[str, Any], precision: "Precision") -> None:
    """How many replications it took, or that even the most were too few."""
    widths = []
    for maker in summary["makers"].values():
        leading = _losses(maker, summary.get("headline"))
        low, high = (leading["loss_share"][precision.figure][end] for end in ("ci_low", "ci_high"))
        widths.append(0.5 * (high - low) if None not in (low, high) else float("inf"))
    is_known = max(widths) <= precision.half_width
    told = f"{precision.figure} to within {precision.half_width:g}"
    count = counted(summary["replications"], "replication")
    click.echo(f"{count}: {'' if is_known else 'too few for '}{told}")


def _print_headline(summary: dict[str, Any], scenario: "Scenario") -> None:
    """What leads first, with the groups of futures by it; of margin only where accounts are kept."""
    from sim.report.input_names import input_name
    from sim.report.names import Names

    leads = summary.get("headline")
    first, *others = sorted(_LOSS, key=lambda kind: kind != leads) if leads else ["revenue"]
    name = partial(input_name, scenario, Names(scenario, length=44))
    _print_loss(summary, first, partial(_groups, name=name))
    for kind in others:
        _print_loss(summary, kind, lambda _maker: ())


_LOSS = {
    "revenue": "Loss of revenue {window}, as a share of the counterfactual's{gains}:",
    "margin": "Loss of contribution margin {window}, as a share of the counterfactual's revenue{gains}:",
}


def _print_loss(
    summary: dict[str, Any], kind: str, more: "Callable[[dict[str, Any]], Iterable[str]]"
) -> None:
    """What each maker loses of revenue or of margin, and more sentences about it."""
    from sim.montecarlo.inside import shown

    makers = list(summary["makers"].values())
    left = len(makers) - MOST_TOLD
    if left > 0:
        makers = nlargest(MOST_TOLD, makers, lambda its: abs(its["loss"]["mean"]["estimate"]))
    losses = [_losses(maker, kind) for maker in makers]
    click.echo(_LOSS[kind].format(window=_window(summary), gains=_gains(losses)))
    for maker, loss in zip(makers, losses, strict=True):
        click.echo(f"  {shown(maker['name'])}: {_figures(summary, loss)}")
        for sentence in more(maker):
            click.echo(f"    {sentence}")
    if left > 0:
        click.echo(f"  and {counted(left, 'maker')} that lose or gain less, in summary.json")


def _losses(maker: dict[str, Any], kind: str | None) -> dict[str, Any]:
    """What the summary says of one kind of a maker's loss."""
    return dict(maker["margin"] if kind == "margin" else maker)


def _groups(maker: dict[str, Any], name: "Callable[[str], InputName]") -> "Iterable[str]":
    """Into which groups futures fall, and what that hangs on."""
    from sim.report.hump_words import humps_sentence
    from sim.report.split_words import split_sentence

    return filter(None, (humps_sentence(maker), split_sentence(maker, name)))


def _window(summary: dict[str, Any]) -> str:
    from sim.montecarlo.inside import shown

    window = summary["window"]
    date = shown(window["shock_date"])
    since = f"the shock ({date})" if window["shock"] else date
    return f"in the {counted(window['days'], 'day')} from {since}"


def _gains(losses: "Iterable[dict[str, Any]]") -> str:
    return ", below 0 a gain" if any(its["loss_share"]["p05"]["estimate"] < 0.0 for its in losses) else ""


def _figures(summary: dict[str, Any], loss: dict[str, Any]) -> str:
    at = {name: percent(estimate["estimate"]) for name, estimate in loss["loss_share"].items()}
    if summary["replications"] == 1:
        return at["mean"]
    return (
        f"mean {at['mean']}, 5-95 % of futures {at['p05']} to {at['p95']}, VaR95 {at['var95']}, "
        f"ES95 {at['es95']}"
    )
