"""Commands that simulate one future or none: ``validate``, ``trace``, ``report`` and others."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from sim.commands.ending import keeps
from sim.commands.options import root_seed, scenario_file, settings, spoken_language
from sim.commands.terminal import busy, prepare_engine, prepare_measures, warn
from sim.errors import SimError
from sim.report.forms import EXTENTS, PAPERS
from sim.scenario.counting import counted

NO_ACCOUNT = (
    "{account} cannot be written: the scenario keeps no account; "
    "it does with analysis.account: true, which --set analysis.account=true lays over the file"
)
DATE = click.DateTime(["%Y-%m-%d"])


@click.command()
@scenario_file
@settings
def validate(file: Path, overrides: tuple[str, ...]) -> None:
    """Check FILE and report all its problems with file and line, and what is doubtful about its baseline."""
    from sim.model.baseline import baseline_cautions, listed
    from sim.model.compile import prepare_decided
    from sim.model.levered import prepare_levered, views_of

    with busy("reading the scenario ..."):
        decided = prepare_decided(file, overrides)
        scenario, plan = decided.scenario, decided.plan
        if scenario.levers:
            views_of(prepare_levered(file, overrides), file, overrides)
        cautions = baseline_cautions(scenario, plan)
    warn(listed(cautions))
    numbers = {
        "stock point": len(scenario.stock_points),
        "lane": len(scenario.lanes) + len(scenario.substitutes),
        "demand stream": len(scenario.demand),
        "intervention": len(scenario.interventions),
        "uncertain number": len(plan.inputs),
        "day": plan.days,
    }
    found = ", ".join(counted(number, thing) for thing, number in numbers.items())
    click.echo(f"{file}: {'can be run, but see the warnings' if cautions else 'fine'}; {found}")


@click.command()
@scenario_file
@click.option(
    "--table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the table, with notes, to this CSV file instead.",
)
@settings
def sources(file: Path, table: Path | None, overrides: tuple[str, ...]) -> None:
    """List every number of FILE with its source and confidence, and say how many have none."""
    from sim.model.compile import prepare
    from sim.scenario.sources import listed, numbers_of, summed_up

    with busy("reading the scenario ..."):
        scenario, _ = prepare(file, overrides)
    numbers = numbers_of(scenario)
    if table is None:
        click.echo("\n".join(listed(numbers)))
    else:
        from sim.risk.tables import sources_table
        from sim.stories import study

        click.echo(f"sources: {study.save_table(sources_table(scenario), table)}")
    click.echo("\n".join(summed_up(numbers)))


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from sim.scenario.jsonschema import scenario_json_schema

    click.echo(json.dumps(scenario_json_schema(), indent=2))


@click.command()
@scenario_file
@click.option(
    "--replication",
    "-k",
    type=click.IntRange(0, 9_999_999),
    default=0,
    show_default=True,
    help="Which replication.",
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
@click.option(
    "--account",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the makers' accounts of every day to this CSV file instead.",
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
    account: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Tell one replication of FILE day by day, or write all its states as a table."""
    if table is not None and table == account:
        raise click.UsageError(f"found {table} twice; allowed: a file each for --table and --account")
    from sim.model.compile import prepare

    with busy("simulating one future ..."):
        prepared = prepare(file, overrides)  # A mistake is told before the large libraries are imported.
        from sim.stories import study

        if account is not None and not prepared[1].keeps_account:
            raise SimError(NO_ACCOUNT.format(account=account))
        if prepared[1].keeps_account:
            prepare_measures()
        traced = study.trace(
            file,
            replication=replication,
            seed=seed,
            overrides=overrides,
            prepared=prepared,
            counterfactual=counterfactual,
        )
    if table is not None:
        click.echo(f"states: {study.save_table(traced.states, table)}")
    if account is not None and traced.accounts is not None:
        click.echo(f"accounts: {study.save_table(traced.accounts, account)}")
    if table is not None or account is not None:
        return
    told = 0
    for event in traced.events:
        early = first is not None and event.date < first.date()
        late = last is not None and event.date > last.date()
        if not early and not late and (about or "") in event.where:
            click.echo(str(event))
            told += 1
    if not told:
        click.echo("no such event", err=True)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--beside",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A finished comparison that holds the run's scenario: the first page tells what the others give.",
)
@click.option("--pdf", is_flag=True, help="Write it as PDF instead, as it prints; takes a Chromium.")
@click.option("--png", is_flag=True, help="Write a still of every figure instead; takes a Chromium.")
@click.option("--pptx", is_flag=True, help="Write slides instead, with charts that can be edited.")
@click.option("--xlsx", is_flag=True, help="Write a workbook instead: figures with charts, and all tables.")
@click.option(
    "--out",
    "place",
    type=click.Path(path_type=Path),
    help="The file, of --png the folder, of several forms the folder for all; default: beside FOLDER.",
)
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the page to this file, too."
)
@spoken_language
@click.option("--paper", type=click.Choice(list(PAPERS)), help="Of the PDF; default: a4.")
@click.option("--slides", type=click.Choice(EXTENTS), help="Of the slides; default: summary, which is two.")
def report(
    folder: Path,
    *,
    beside: Path | None,
    place: Path | None,
    html: Path | None,
    language: str,
    paper: str | None,
    slides: str | None,
    **forms: bool,
) -> None:
    """Write the report of a finished FOLDER: one HTML file, or PDF, stills, slides and a workbook."""
    chosen = [form for form, is_chosen in forms.items() if is_chosen]
    if place is not None and html is not None and not chosen:
        raise click.UsageError("found --out and --html; allowed: one of them")
    for option, form in (("paper", "pdf"), ("slides", "pptx")):
        if click.get_current_context().params[option] is not None and form not in chosen:
            raise click.UsageError(f"found --{option} without --{form}; allowed: with it")
    with busy("reading the folder ..."):
        from sim.report.language import language_of

        spoken = language_of(language)
        from sim.face import folders

        told = folders.report_of(folder, beside, spoken)
    with busy("writing the report ..."):
        from sim.stories import reports

        made = replace(told, paper=paper or told.paper, extent=slides or told.extent)
        targets = targets_of(folder, chosen or ["html"], place) | ({} if html is None else {"html": html})
        written = reports.save(made, targets)
    for form, file in zip(targets, written, strict=True):
        click.echo(f"{'report' if form == 'html' else form}: {file}")


def targets_of(folder: Path, forms: Sequence[str], out: Path | None) -> dict[str, Path]:
    """Where each form of a folder's report goes.

    Parameters
    ----------
    folder
        The folder.
    forms
        What is asked for.
    out
        What was given as place.

    Examples
    --------
    >>> {form: str(file) for form, file in targets_of(Path("/r/mine"), ["pdf", "png"], Path("to")).items()}
    {'pdf': 'to/mine.pdf', 'png': 'to/mine-figures'}
    """
    name, place = folder.resolve().name, folder.resolve().parent
    if out is not None and len(forms) == 1:
        return {forms[0]: out}
    return {
        form: (out or place) / (f"{name}-figures" if form == "png" else f"{name}.{form}") for form in forms
    }


@click.command()
def warmup() -> None:
    """Compile the engine now, so that the next run starts at once."""
    keeps("what is compiled is kept; go on with: chokepoint warmup")
    from sim.engines.compiler import CACHE_FOLDER, OFF, WAY
    from sim.montecarlo.compiled_batch import WIDTH

    with busy("making the engine ready ..."):
        prepare_engine(WIDTH)
        prepare_measures()
    if WAY == OFF:
        click.echo("the engine runs without a compiler")
    elif CACHE_FOLDER is None:
        click.echo(f"the engine is compiled (way: {WAY}; not kept: no folder for it can be written)")
    else:
        click.echo(f"the engine is compiled (way: {WAY}; kept in {CACHE_FOLDER})")
