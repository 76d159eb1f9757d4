"""Whether both engines say the same of a plan: states to the last bit, measures up to the order of sums."""

from dataclasses import fields

import numpy as np

from sim.engines import block_engine
from sim.engines.block_engine import Block
from sim.engines.ledger import Ledger
from sim.model.plan import Plan
from sim.montecarlo.batch import Twins, replicate
from sim.montecarlo.compiled_batch import block_width, run_blocks
from sim.montecarlo.sampling import sample_inputs
from sim.risk.outcomes import measure, stack

SEED = 1
COMPARED = 2
"""Replications of a block that are compared."""
SETTLED = {"on_order", "owed", "sent", "set_aside", "at_dock"}
"""What follows from the rest by the same code for both engines."""
DAYS = ("shock_day", "first_lost_sales_days", "time_to_adapt_days", "run_out_days", "start", "end")
RELATIVE, OF_LARGEST = 1e-9, 1e-11


def assert_same_states(plan: Plan, twins: list[Twins] | None = None) -> None:
    """Every state and flow of every day is the same, of scenario and counterfactual."""
    books = block_engine.ledgers(_block(plan), COMPARED)
    for replication, its in enumerate(twins or readable(plan, COMPARED)):
        for path, found in zip(("scenario", "counterfactual"), books[replication], strict=True):
            _assert_same(found, getattr(its, path).ledger, f"{path} {replication}")


def readable(plan: Plan, replications: int) -> list[Twins]:
    """The first replications by the readable engine."""
    return [replicate(plan, SEED, replication) for replication in range(replications)]


def _block(plan: Plan) -> Block:
    samples = sample_inputs(plan, SEED, range(block_width(plan)))
    return block_engine.load(block_engine.Experiment.of(plan, SEED), 0, samples)


def _assert_same(found: Ledger, expected: Ledger, twin: str) -> None:
    for table in ("points", "lanes", "streams"):
        for field in fields(getattr(expected, table)):
            if field.name not in SETTLED:
                ours, theirs = (getattr(getattr(ledger, table), field.name) for ledger in (found, expected))
                np.testing.assert_array_equal(ours, theirs, err_msg=f"{twin}: {table}.{field.name}")
    for name in ("held_back", "qualified_day"):
        np.testing.assert_array_equal(
            getattr(found, name), getattr(expected, name), err_msg=f"{twin}: {name}"
        )


def assert_same_measures(plan: Plan, twins: list[Twins]) -> None:
    """Days are the same, sums are within rounding."""
    found = run_blocks(plan, seed=SEED, replications=len(twins), workers=1)
    expected = stack([measure(its) for its in twins])
    _compare_arrays(found.outcome, expected.outcome)
    _compare_arrays(found.courses, expected.courses)


def _compare_arrays(found, expected) -> None:
    names = {field.name for field in fields(expected)}
    assert found.keys() == names
    for name in names:
        ours, theirs = found[name], getattr(expected, name)
        assert ours.shape == theirs.shape, name
        if name in DAYS:
            np.testing.assert_array_equal(ours, theirs, err_msg=name)
        else:
            largest = np.abs(np.nan_to_num(theirs)).max(initial=0.0)
            np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=OF_LARGEST * largest, err_msg=name)
