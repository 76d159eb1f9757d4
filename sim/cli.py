"""The command line: parse, call the study, print. What a command does lives below."""

import datetime as dt
import functools
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from sim.errors import SimError

if TYPE_CHECKING:
    from sim.montecarlo.backends import Backend
    from sim.runs import How
    from sim.study import Job, Precision

Command = TypeVar("Command", bound=Callable[..., Any])
DISAGREES, MISTAKE, STOPPED = 1, 2, 130
"""Exit codes: a number is not reproduced, a mistake in the input, a request to end."""

DATE = click.DateTime(["%Y-%m-%d"])

console = Console(stderr=True, highlight=False, soft_wrap=True)

scenario_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
settings = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Lay a setting over the file; may be repeated.",
)
threads = click.option("--workers", type=click.IntRange(1, 1024), help="Threads; default: one a core.")
root_seed = click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=20191009, show_default=True, help="Root seed."
)


def futures(default: int, what: str, *, fewest: int, most: int = 10_000_000) -> Callable[[Command], Command]:
    """The option that says how many futures to simulate."""
    allowed = click.IntRange(fewest, most)
    return click.option("--replications", "-n", type=allowed, default=default, show_default=True, help=what)


def out_folder(default: str) -> Callable[[Command], Command]:
    """The option that says where to write."""
    place = click.Path(path_type=Path, file_okay=False)
    return click.option("--out", type=place, help=f"Folder to write; default: results/{default}.")


@dataclass(frozen=True, slots=True)
class Spreading:
    """Over what a run is spread."""

    workers: int | None
    cluster: str | None
    chunk: int | None


SPREADING = tuple(field.name for field in fields(Spreading))


def spread(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say over what a run is spread: they change no figure."""

    @click.option(
        "--workers",
        type=click.IntRange(1, 1024),
        help="Threads, or processes of SimPy or of --cluster local; default: one a core.",
    )
    @click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Simulate on a Dask cluster: its scheduler, as tcp://host:8786, or local for this machine.",
    )
    @click.option(
        "--chunk",
        type=click.IntRange(1, 1_000_000),
        help="Futures kept at a time; default: about a second of work.",
    )
    @functools.wraps(command)
    def spread_over(**options: Any) -> Any:
        spreading = Spreading(**{name: options.pop(name) for name in SPREADING})
        return command(spreading=spreading, **options)

    return spread_over


class Commands(click.Group):
    """Commands whose errors are one message and exit code 2, and that suggest the nearest name."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a mistake in the input is told, not traced."""
        try:
            return super().invoke(ctx)
        except SimError as error:
            click.echo(str(error), err=True)
            ctx.exit(MISTAKE)
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            ctx.exit(STOPPED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chokepoint", message="%(prog)s %(version)s")
def main() -> None:
    """Simulate what a cut-off of suppliers costs, when, and through which part."""


@main.command()
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
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
@click.option(
    "--resume",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Go on with the run of this folder; its manifest says what to do.",
)
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
        _refuse_others(ctx, "resume", *SPREADING)
        from sim import runs

        job, out = runs.resumed(resume), resume
    elif file is not None:
        job = _job(file, **options)
    else:
        raise click.UsageError("found neither FILE nor --resume; allowed: one of them")
    from sim import runs

    with _carrying_out(job, spreading) as how:
        folder = runs.run(job, out, how)
    summary = json.loads((folder / "summary.json").read_text())
    if job.precision is not None:
        _print_precision(summary, job.precision)
    _print_headline(summary)
    click.echo(f"report: {folder / 'report.html'}")


@main.command()
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
    from sim import runs

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
    from sim import study
    from sim.montecarlo.precision import MOST

    if precision is None:
        how["replications"] = replications or study.REPLICATIONS
    else:
        how["replications"], how["precision"] = replications or MOST, study.Precision(precision, figure)
    return study.job_of(file, overrides=overrides, prepared=prepared, **how)


def _refuse_others(ctx: click.Context, *allowed: str) -> None:
    """Options and arguments that the first allowed one rules out."""
    for name in ctx.params:
        given = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in allowed:
            options = ", ".join(f"--{option}" for option in allowed[1:])
            raise click.UsageError(f"found {name} beside --{allowed[0]}; allowed: {options}")


@contextmanager
def _carrying_out(job: "Job", spreading: Spreading) -> Iterator["How"]:
    """How to do a job, with a progress bar; a polite request to end is taken as Ctrl-C."""
    from sim import runs
    from sim.montecarlo.backends import opened, this_machine

    def backend() -> AbstractContextManager["Backend"]:
        if spreading.cluster is not None:
            from sim.montecarlo.cluster import cluster

            return cluster(spreading.cluster, spreading.workers, _note)
        if job.engine == "compiled":
            _prepare_engine()
        return opened(this_machine(spreading.workers))

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _progress(job.replications if job.precision is None else None) as advance:
        yield runs.How(backend, spreading.chunk, advance, _note)


def _note(text: str) -> None:
    console.print(text, markup=False)


@main.command()
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
    from sim.model.compile import prepare_decided

    prepared = prepare_decided(file, options["overrides"])
    from sim import sensitivity as analysis

    analysis.check(prepared, options["maker"])
    _prepare_engine()
    simulations = analysis.simulations(prepared, options["replications"], options["top"])
    with _progress(simulations) as advance:
        findings = analysis.run(file, prepared=prepared, progress=advance, **options)
    folder = analysis.save(findings, out)
    click.echo(f"{analysis.answer(findings)}")
    click.echo(f"report: {folder / 'sensitivity.html'}")


@main.command()
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
    _prepare_engine()
    with _progress(None) as advance:
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
    for row in found.tables["scenarios"].to_dict("records"):
        mean, var = _percent(row["mean"]), _percent(row["var95"])
        click.echo(f"{row['scenario']}: {row['maker']} loses {mean} on average (VaR95 {var})")
    for maker, most in found.summary["moves_most"].items():
        click.echo(f"moves most for {maker}: {most['step']} ({100.0 * most['effect']:+.1f} points)")
    click.echo(f"report: {folder / 'report.html'}")


@main.command()
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
@threads
@out_folder("NAME-stress-DIGEST")
@settings
def stress(
    file: Path,
    *,
    ttr_days: float | None,
    day: str | None,
    top: int,
    workers: int | None,
    out: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Let each supplier, country, component and lane of FILE fail, then each pair, and rank them."""
    given = {"ttr_days": None if ttr_days is None else f"{ttr_days:g}", "date": day}
    laid_over = (*overrides, *(f"stress.{name}={value}" for name, value in given.items() if value))
    from sim import stress as stress_test

    prepared = stress_test.prepare(file, laid_over)
    _prepare_engine()
    with _progress(stress_test.steps(prepared[1]), "failures") as advance:
        findings = stress_test.run(
            file, workers=workers, overrides=laid_over, prepared=prepared, progress=advance
        )
    folder = stress_test.save(findings, out)
    from sim.report.stress_words import told

    click.echo("\n".join(told(findings, top)))
    click.echo(f"report: {folder / 'stress.html'}")


@main.command()
def warmup() -> None:
    """Compile the engine now, so that the next run starts at once."""
    _prepare_engine()
    from sim.engines.compiler import CACHE_FOLDER

    kept = f"kept in {CACHE_FOLDER}" if CACHE_FOLDER else "not kept: no folder for it can be written"
    click.echo(f"the engine is compiled ({kept})")


def _prepare_engine() -> None:
    from sim.montecarlo import warmup

    if not warmup.is_compiled():
        console.print("compiling the engine, once on this machine ...")
    warmup.warm_up()


@main.command()
@scenario_file
@settings
def validate(file: Path, overrides: tuple[str, ...]) -> None:
    """Check FILE and report all its problems with file and line."""
    from sim.model.compile import prepare_decided

    decided = prepare_decided(file, overrides)
    scenario, plan = decided.scenario, decided.plan
    click.echo(
        f"{file}: fine; {len(scenario.stock_points)} stock points, {len(plan.labels.lanes)} lanes, "
        f"{len(scenario.demand)} demand streams, {len(scenario.interventions)} interventions, "
        f"{len(plan.inputs)} uncertain numbers, {plan.days} days"
    )


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from sim.scenario.jsonschema import scenario_json_schema

    click.echo(json.dumps(scenario_json_schema(), indent=2))


@main.command()
@scenario_file
@click.option(
    "--replication", "-k", type=click.IntRange(0), default=0, show_default=True, help="Which replication."
)
@root_seed
@click.option("--counterfactual", is_flag=True, help="Tell the twin without the shock.")
@click.option(
    "--about", metavar="TEXT", help="Only events of lanes, stock points and rules whose id contains this."
)
@click.option(
    "--from", "first", type=DATE, metavar="DATE", help="Only events from this date on, such as 2019-10-09."
)
@click.option("--to", "last", type=DATE, metavar="DATE", help="Only events up to this date.")
@click.option(
    "--table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all states to this CSV file instead.",
)
@settings
def trace(
    file: Path,
    *,
    replication: int,
    seed: int,
    counterfactual: bool,
    about: str | None,
    first: dt.datetime | None,
    last: dt.datetime | None,
    table: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Tell one replication of FILE day by day, or write all its states as a table."""
    from sim.model.compile import prepare

    prepare(file, overrides)
    from sim import study

    events, states = study.trace(
        file, replication=replication, seed=seed, overrides=overrides, counterfactual=counterfactual
    )
    if table is not None:
        click.echo(f"states: {study.save_table(states, table)}")
        return
    told = 0
    for event in events:
        early = first is not None and event.date < first.date()
        late = last is not None and event.date > last.date()
        if not early and not late and (about or "") in event.where:
            click.echo(str(event))
            told += 1
    if not told:
        click.echo("no such event", err=True)


@contextmanager
def _progress(total: int | None, what: str = "replications") -> Iterator[Callable[[int], None]]:
    """A progress bar on the terminal; what it yields takes the number of things just finished."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def _print_precision(summary: dict[str, Any], precision: "Precision") -> None:
    """How many replications it took, or that even the most were too few."""
    widths = []
    for maker in summary["makers"].values():
        share = next(value for key, value in maker.items() if key.startswith("loss_share_"))
        low, high = (share[precision.figure][end] for end in ("ci_low", "ci_high"))
        widths.append(0.5 * (high - low) if None not in (low, high) else float("inf"))
    is_known = max(widths) <= precision.half_width
    told = f"{precision.figure} to within {precision.half_width:g}"
    click.echo(f"{summary['replications']:,} replications{':' if is_known else ' do not give'} {told}")


def _print_headline(summary: dict[str, Any]) -> None:
    window = summary["window"]
    click.echo(
        f"Loss of revenue in the {window['days']} days from {window['shock_date']}, "
        "as a share of the counterfactual's:"
    )
    for maker in summary["makers"].values():
        share = next(value for key, value in maker.items() if key.startswith("loss_share_"))
        at = {name: _percent(estimate["estimate"]) for name, estimate in share.items()}
        click.echo(
            f"  {maker['name']}: mean {at['mean']}, 5-95 % of futures {at['p05']} to {at['p95']}, "
            f"VaR95 {at['var95']}, ES95 {at['es95']}"
        )


def _percent(share: float) -> str:
    """A share in per cent with one decimal, and no sign before a zero."""
    return f"{round(share, 3) + 0.0:.1%}"
