"""Small scenarios of `tests/cases` that once came out wrong, and what is right; worked out by hand."""

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.stories import runs, study
from sim.stories.durable import Execution

CASES = Path(__file__).parents[1] / "cases"
ENGINES = ("compiled", "simpy")


def makers(name, engine, replications=1):
    return study.run(CASES / f"{name}.yaml", replications=replications, engine=engine).findings.tables[
        "makers"
    ]


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


@pytest.mark.parametrize("engine", ENGINES)
def test_sourcing_by_rank_ignores_shares(engine):
    """30 days without deliveries, less 7 days of stock beyond the lead time, of the 89 that are left."""
    assert makers("rank-share-zero", engine)["loss_share"].tolist() == pytest.approx([23.0 / 89.0])


def test_priorities_below_zero_are_served_alike_by_both_engines():
    by_both = [makers("negative-priority", engine)["revenue_scenario"].tolist() for engine in ENGINES]
    assert by_both[0] == by_both[1]


def test_how_a_batch_is_cut_changes_no_bit(tmp_path):
    job = study.job_of(CASES / "chunk-changes-weekly-attribution.yaml", replications=9, seed=0)
    told = []
    for chunk in (9, 1, 4):
        folder = runs.run(job, tmp_path / str(chunk), Execution(chunk=chunk))
        told.append((folder / "tables" / "attribution_weekly.csv").read_bytes())
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("engine", ENGINES)
def test_correlated_samples_are_those_of_any_number_of_rows(engine):
    few, many = (
        study.run(CASES / "correlated-bits.yaml", replications=count, engine=engine) for count in (3, 40)
    )
    assert few.outcomes.stream_revenue.tolist() == many.outcomes.stream_revenue[:3].tolist()


def test_dates_at_the_end_of_the_calendar_are_refused_at_the_start():
    with pytest.raises(ScenarioError, match="1700-01-01"):
        study.job_of(CASES / "date-year1-report-crash.yaml")
