"""Commands that write scenario files: ``new``, ``export`` and ``screen``."""

import dataclasses
import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sim.commands.options import scenario_file, settings
from sim.commands.terminal import busy
from sim.errors import ResultError, ScenarioError, SimError
from sim.montecarlo.inside import shown
from sim.scenario.beginning import VIEWS, Answers
from sim.scenario.counting import counted

if TYPE_CHECKING:
    from sim.scenario.screening import Match

QUESTIONS = {
    "name": "Id of the scenario (small letters, digits and '-')",
    "currency": "Currency, or unit of money, of all prices",
    "maker": "The maker that depends on a supplier",
    "country": "Its country (ISO 3166)",
    "supplier": "The supplier that may be cut off",
    "supplier_country": "Its country (ISO 3166)",
    "product": "What the maker sells",
    "part": "What it needs of the supplier",
    "demand": "Products sold a day",
    "price": "Price of a product",
    "part_price": "Price of the part",
    "lead_time_days": "Days from the supplier to the maker",
    "cover_days": "Days of use that the maker holds of the part",
    "date": "Day of the cut-off (year-month-day)",
    "probability": "Probability that it comes (0 to 1)",
}
"""What is asked, by the field of :class:`Answers` that it fills."""


@click.command()
@scenario_file
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--tables", is_flag=True, help="OUT is a new folder: a CSV file for each collection.")
@settings
def export(file: Path, target: Path, overrides: tuple[str, ...], *, tables: bool) -> None:
    """Write FILE, with all that it extends, to the new file OUT: a workbook (.xlsx), YAML, or GraphML."""
    with busy("reading the scenario ..."):
        from sim.stories import files

        write = files.export_tables if tables else files.export
        written = write(file, target, overrides)
    click.echo(f"scenario: {written}")


@click.command()
@click.option(
    "--yaml",
    "text",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it to this new file; default: its id with .yaml, here.",
)
@click.option(
    "--excel",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a workbook with a sheet for each collection to this new file instead.",
)
@click.option(
    "--like",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Begin with this scenario instead of asking questions.",
)
@click.option(
    "--for",
    "view",
    type=click.Choice(VIEWS),
    default=VIEWS[0],
    show_default=True,
    help="Whose question it is.",
)
@click.option("--yes", is_flag=True, help="Take the default answer to every question.")
def new(*, text: Path | None, excel: Path | None, like: Path | None, view: str, yes: bool) -> None:
    """Write a scenario to begin with, as YAML or as a workbook; every number in it is a placeholder."""
    if text is not None and excel is not None:
        raise click.UsageError("found --yaml and --excel; allowed: one of them")
    if (
        like is not None
        and click.get_current_context().get_parameter_source("view") is ParameterSource.COMMANDLINE
    ):
        raise click.UsageError("found --like and --for; allowed: one of them")
    target = excel or text
    if target is not None and target.suffix != (suffix := ".xlsx" if excel else ".yaml"):
        raise SimError(f"{target}: found the ending '{target.suffix}', allowed: {suffix}")
    if target is not None and target.exists():
        raise ResultError(f"{shown(target)}: found a file; allowed: a new one")
    answers = Answers() if yes or like else _asked(view)
    with busy("writing the scenario ..."):
        from sim.stories import files

        if like is not None:
            written = files.export(like, target or Path(f"{like.stem}-copy.yaml"))
        else:
            written = files.create(target or Path(f"{answers.name}.yaml"), view, answers)
    click.echo(f"scenario: {written}; go on with: chokepoint run {written}")


def _asked(view: str) -> Answers:
    """The answers to all questions; an empty one takes the default, and one of no use is asked for again."""
    given: dict[str, Any] = {}
    for field in dataclasses.fields(Answers):
        default = field.default
        given[field.name] = click.prompt(
            QUESTIONS[field.name],
            default=default if isinstance(default, float) else str(default),
            value_proc=partial(_usable, view, Answers(**given), field.name),
        )
    return Answers(**given)


def _usable(view: str, before: Answers, question: str, answer: str) -> Any:
    """An answer, if a scenario can be made with it and those before.

    Raises
    ------
    UsageError
        If none can: the question is asked again.
    """
    from sim.scenario.beginning import filled
    from sim.scenario.load import validated
    from sim.scenario.source import read_text

    default = getattr(before, question)
    kind = click.DateTime(["%Y-%m-%d"]) if isinstance(default, dt.date) else type(default)
    converted = click.types.convert_type(kind)(answer)
    found: Any = converted.date() if isinstance(converted, dt.datetime) else converted
    given: dict[str, Any] = {question: found}
    try:
        validated(read_text(filled(view, dataclasses.replace(before, **given)), "answer"))
    except (ScenarioError, OverflowError) as error:
        told = error.problems[0].message if isinstance(error, ScenarioError) else str(error)
        raise click.UsageError(told) from error
    return found


@click.command()
@scenario_file
@click.argument("listing", metavar="LIST", type=click.Path(path_type=Path))
@click.option(
    "--threshold",
    type=click.FloatRange(0.0, 1.0),
    default=0.6,
    show_default=True,
    help="The least score of a match.",
)
@click.option(
    "--out",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the interventions that follow to this new file, which extends FILE.",
)
@settings
def screen(
    file: Path, listing: Path, *, threshold: float, target: Path | None, overrides: tuple[str, ...]
) -> None:
    """Look for the firms of FILE on LIST, restricted parties as the Consolidated Screening List has them."""
    with busy("reading the list ..."):
        from sim.model.compile import prepare
        from sim.scenario.restricted import read_restricted
        from sim.scenario.screening import proposed, screen

        scenario, _ = prepare(file, overrides)
        entries = read_restricted(listing)
        matches = screen(scenario, entries, threshold)
    looked = f"{counted(len(scenario.firms), 'firm')} against {counted(len(entries), 'entry', 'entries')}"
    click.echo(f"{looked}: {counted(len(matches), 'match', 'matches')} of {threshold:g} or more")
    for match in matches:
        click.echo(_told(match, scenario.firms[match.firm].name))
    proposal = proposed(scenario, matches)
    for note in proposal.notes:
        click.echo(f"note: {note}", err=True)
    if not proposal.interventions:
        unwritten = "" if target is None else f"; {target} is not written"
        none = "no intervention follows" if matches else "no firm is on the list by its name"
        click.echo(f"{none}{unwritten}")
        return
    click.echo("What would follow, once somebody has read the notices; nothing is laid over FILE by itself:")
    if target is None:
        from sim.stories.files import as_yaml

        click.echo(as_yaml({"interventions": proposal.interventions}), nl=False)
        return
    from sim.stories import files

    click.echo(f"scenario: {files.fragment(file, proposal.interventions, target)}")


def _told(match: "Match", name: str) -> str:
    """A match with its evidence, in one line."""
    entry = match.entry
    where = {True: "same country", False: "another country", None: "no address"}[match.same_country]
    listed = f"{entry.source}, from {entry.start}" if entry.start else entry.source
    by = (
        f"'{match.called}'" if match.called == entry.name else f"'{match.called}', an alias of '{entry.name}'"
    )
    return (
        f"  {match.score:.2f}  {name} ({match.firm}): {by}; words {' '.join(match.shared)}; {where}; {listed}"
    )
