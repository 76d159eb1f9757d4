"""The command line: its commands, and how mistakes are told."""

from typing import Any

import click

from sim.commands.analysing import compare, sensitivity, stress
from sim.commands.looking import schema, trace, validate, warmup
from sim.commands.running import reproduce, run
from sim.errors import SimError

MISTAKE, STOPPED = 2, 130
"""Exit codes: a mistake in the input, a request to end."""


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


for command in (run, reproduce, sensitivity, compare, stress, warmup, validate, schema, trace):
    main.add_command(command)
