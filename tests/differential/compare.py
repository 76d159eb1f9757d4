"""Whether both engines say the same of a plan to the last bit, and the readable measures but for rounding."""

from dataclasses import fields

import numpy as np

from sim.engines import block_engine, replay
from sim.engines.block_engine import Block, Experiment
from sim.engines.ledger import Ledger, Twins
from sim.model.plan import Plan
from sim.montecarlo.compiled_batch import block_width, run_blocks
from sim.montecarlo.sampling import sample_inputs
from sim.montecarlo.simpy_batch import replicate
from tests.builders import by_name
from tests.readable_measures.account import books_of, running_costs
from tests.readable_measures.outcomes import measure

SEED = 1
COMPARED = 2
"""Replications of a block that are compared."""
SETTLED = {"on_order", "owed", "sent", "set_aside", "at_dock"}
"""What follows from the rest by the same code for both engines."""
DAYS = ("shock_day", "first_lost_sales_days", "time_to_adapt_days", "run_out_days", "start", "end")
SMALL_DIFFERENCES = ("attribution", "margin", "margin_attribution", "account", "stream_cost", "duty")
"""What is the difference of larger sums, each of them rounded."""
RELATIVE, OF_LARGEST = 1e-9, 1e-11


def assert_same_states(plan: Plan, twins: list[Twins] | None = None) -> None:
    """Every state and flow of every day is the same, of scenario and counterfactual."""
    books = block_engine.ledgers(block_of(plan), COMPARED)
    for replication, its in enumerate(twins or readable(plan, COMPARED)):
        for path, found in zip(("scenario", "counterfactual"), books[replication], strict=True):
            _assert_same(found, getattr(its, path).ledger, f"{path} {replication}")


def readable(plan: Plan, replications: int) -> list[Twins]:
    """The first replications by the readable engine."""
    return [replicate(plan, SEED, replication) for replication in range(replications)]


def block_of(plan: Plan) -> Block:
    """The first block of replications, ready to run in the compiled engine."""
    samples = sample_inputs(plan, SEED, range(block_width(plan)))
    return block_engine.load(Experiment.of(plan, SEED), 0, samples)


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
    """Both engines' are the same to the last bit; the readable measures have the same days and near sums."""
    found = run_blocks(plan, seed=SEED, replications=len(twins), workers=1)
    experiment = Experiment.of(plan, SEED)
    replayed = [replay.measure(experiment, its) for its in twins]
    expected = [measure(its, plan) for its in twins]
    booked = max(_largest_booked(twins) if plan.keeps_account else 0.0, _largest_traded(twins))
    for part, revenue in (("outcome", "stream_revenue"), ("courses", "revenue")):
        whole = getattr(found, part)
        for replication, block in enumerate(replayed):
            _assert_same_bits(getattr(block, part), {name: its[[replication]] for name, its in whole.items()})
        kept = [by_name(getattr(its, part)) for its in expected]
        told = {name: np.stack([its[name] for its in kept]) for name in kept[0]}
        oracle = {name: values for name, values in told.items() if name in whole or values.size}
        _assert_near(whole, oracle, max(booked, _largest(oracle[revenue])))


def _assert_same_bits(found, expected) -> None:
    assert found.keys() == expected.keys()
    for name, values in found.items():
        np.testing.assert_array_equal(values, expected[name], err_msg=f"{name} of a ledger")


def _largest(values) -> float:
    return float(np.abs(np.nan_to_num(values)).max(initial=0.0))


def _largest_booked(twins: list[Twins]) -> float:
    """The largest stock of a day, or what moved or was paid on one, in money."""
    paths = [(its.plan, path) for its in twins for path in (its.scenario, its.counterfactual)]
    tables = [running_costs(*of) for of in paths]
    for books in (books_of(*of) for of in paths):
        tables += [books.value, books.opening, *books.entries.values()]
    return max(_largest(table) for table in tables)


def _largest_traded(twins: list[Twins]) -> float:
    """The largest value that a maker sends to another firm on a day, or that one waits for.

    What a seller loses is a difference of these, and may be 0 where they are large.
    """
    paths = [(its.plan, path) for its in twins for path in (its.scenario, its.counterfactual)]
    return max(
        _largest((table * path.schedule.lane_price_received.T * plan.lanes.units_per_original)[:, lanes])
        for plan, path in paths
        for lanes in [plan.sold_to_firms]
        for table in (path.ledger.lanes.shipped, path.ledger.lanes.backlog)
    )


def _assert_near(found, expected, largest) -> None:
    """A loss is the difference of two revenues, each of them rounded; what is booked, of stock or sales."""
    assert found.keys() == expected.keys()
    for name, theirs in expected.items():
        ours = found[name]
        assert ours.shape == theirs.shape, name
        if name in DAYS:
            np.testing.assert_array_equal(ours, theirs, err_msg=name)
        else:
            rounding = OF_LARGEST * (largest if name in SMALL_DIFFERENCES else _largest(theirs))
            np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=rounding, err_msg=name)
