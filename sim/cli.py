"""The command line: its commands, and how mistakes and requests to end are told."""

import gc
import os
import signal
from typing import Any

import click

from sim.commands.analysing import backtest, calibrate, compare, mitigate, sensitivity, stress, sweep
from sim.commands.ending import Ending, exit_code, obedient
from sim.commands.exploring import explore, export_explorer
from sim.commands.importing import import_
from sim.commands.looking import report, schema, sources, trace, validate, warmup
from sim.commands.project import batch, diff, runs
from sim.commands.running import reproduce, run
from sim.commands.writing import export, new, screen
from sim.errors import SimError

MISTAKE = 2
"""Exit code: a mistake in the input."""
NEW_OBJECTS = 100_000
"""After so many new objects garbage is looked for: modules and figures make hundreds of thousands to stay."""

NO_PLUGINS = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""Reading what each installed library says of itself, in search of plugins, takes a tenth of a start."""


class Commands(click.Group):
    """Commands that all end alike: a mistake is one message and exit code 2, a request to end is obeyed."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line; it ends within a second of a request to end."""
        gc.set_threshold(NEW_OBJECTS)
        os.environ.update(NO_PLUGINS)
        ending = Ending()
        with obedient(ending, ends_process=not args and "args" not in extra):
            return super().main(*args, obj=ending, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a mistake in the input and a request to end are told, not traced."""
        try:
            return super().invoke(ctx)
        except SimError as error:
            click.echo("\n".join([str(error), *getattr(error, "__notes__", [])]), err=True)
            ctx.exit(MISTAKE)
        except MemoryError:
            click.echo("there is not enough memory to go on", err=True)
            ctx.exit(MISTAKE)
        except KeyboardInterrupt as stopped:
            ctx.ensure_object(Ending).say()
            ctx.exit(exit_code(getattr(stopped, "number", signal.SIGINT)))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chokepoint", message="%(prog)s %(version)s")
def main() -> None:
    """Simulate what a cut-off of suppliers costs, when, and through which part."""


for command in (
    run,
    reproduce,
    sensitivity,
    compare,
    stress,
    sweep,
    backtest,
    calibrate,
    mitigate,
    explore,
    export_explorer,
    batch,
    report,
    runs,
    diff,
    warmup,
    new,
    import_,
    export,
    screen,
    validate,
    sources,
    schema,
    trace,
):
    main.add_command(command)
