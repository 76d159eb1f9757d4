"""Small scenarios that once came out wrong, and what is right; worked out by hand."""

from pathlib import Path

import pytest

from sim import study

CASES = Path(__file__).parents[1] / "cases"
ENGINES = ("compiled", "simpy")


def makers(name, engine):
    return study.run(CASES / f"{name}.yaml", replications=1, engine=engine).findings.tables["makers"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "case", ["two-suppliers", "two-suppliers-ban", "two-suppliers-orders", "two-suppliers-shipments"]
)
def test_nothing_is_lost_while_the_second_supplier_can_make_all(case, engine):
    assert makers(case, engine)["loss"].tolist() == [0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_lane_that_can_carry_what_is_wanted_carries_it(engine):
    """10 a day for 365 days at a price of 1; 8.72 a day while a standing backlog took the lane's room."""
    assert makers("lane-capacity-throttle", engine)["revenue_scenario"].tolist() == [3650.0]
