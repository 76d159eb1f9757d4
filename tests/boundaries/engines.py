"""Both engines on scenarios drawn from the schema, one after the other, in a process that may be given up.

``python -m tests.boundaries.engines FIRST END`` runs scenarios number FIRST to END - 1 and tells of each that
differs, crashes, or takes longer than :data:`SECONDS`, which ends the process.
"""

import faulthandler
import sys
import traceback
import warnings

import click

from sim.model.plan import Plan
from sim.montecarlo import compiled_batch
from tests.boundaries.scenarios import drawn_scenario
from tests.differential import compare
from tests.differential.conftest import IS_COMPILER_OFF, NARROW
from tests.property.invariants import nothing_is_negative_or_undefined

SECONDS = 300
"""More than the first one takes, which compiles the engine, on a busy machine."""


def check(plan: Plan) -> None:
    """States and measures of both engines are the same, and no quantity is negative."""
    twins = compare.readable(plan, compare.COMPARED)
    for its in twins:
        for path in (its.scenario, its.counterfactual):
            nothing_is_negative_or_undefined(plan, path)
    compare.assert_same_states(plan, twins)
    compare.assert_same_measures(plan, twins)


def main(first: int, end: int) -> None:
    """Check scenarios and say what is at fault; how many the loader refused to the end is said last."""
    if IS_COMPILER_OFF:
        compiled_batch.WIDTH = NARROW
    else:
        warnings.simplefilter("error")
    refused, faults = 0, 0
    for number in range(first, end):
        click.echo(f"scenario {number}", err=True)
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        drawn = drawn_scenario(number)
        if drawn is None:
            refused += 1
            continue
        try:
            check(drawn[1])
        except Exception:  # noqa: BLE001 - whatever is at fault is told, and the next one is tried
            faults += 1
            click.echo(f"scenario {number}: {traceback.format_exc()}")
    faulthandler.cancel_dump_traceback_later()
    click.echo(f"{end - first} drawn, {refused} refused, {faults} at fault")
    sys.exit(faults > 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
