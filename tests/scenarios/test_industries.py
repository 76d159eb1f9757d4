"""The cases of other industries: each is whole, and shows what it was written for."""

from pathlib import Path

import pandas as pd
import pytest

from sim.stories import study

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FIRE = SCENARIOS / "chip-plant-fire-2021.yaml"
GRAPHITE = SCENARIOS / "graphite-licences-2023.yaml"
NEON = SCENARIOS / "neon-2022.yaml"
QUOTA = 4500.0
TIGHT = (
    "interventions.licences.processing_days=45",
    "interventions.licences.grant_probability=1",
    "interventions.licences.renewal_probability=1",
    "interventions.licences.renewal_processing_days=0",
    f"interventions.licences.quota_units_per_year={QUOTA}",
)
"""Both exporters get licences, the second after half a year, for half of what Korea bought of them."""


def states(file: Path, *overrides: str) -> pd.DataFrame:
    """All states of the first future, with the shock."""
    return study.trace(file, overrides=overrides).states


def at(table: pd.DataFrame, stock_point: str) -> pd.DataFrame:
    """The states of one stock point by date, as texts such as 2023-12-01."""
    rows = table[table["stock_point"] == stock_point]
    return rows.set_index(rows["date"].astype(str))


def loss_share(file: Path, maker: str, *overrides: str) -> float:
    summary = study.run(file, replications=16, overrides=overrides).findings.summary
    return float(summary["makers"][maker]["loss_share"]["mean"]["estimate"])


@pytest.mark.parametrize("file", [FIRE, GRAPHITE, NEON], ids=lambda file: file.stem)
def test_a_case_works_without_its_shock_and_says_where_each_number_is_from(file: Path) -> None:
    summary = study.run(file, replications=4).findings.summary
    assert summary["warnings"] == []
    assert summary["numbers"]["silent"] == 0


def test_graphite_waits_for_licences_and_is_sold_up_to_the_quota() -> None:
    shipped = at(states(GRAPHITE, *TIGHT), "north")["shipped"]
    assert not shipped["2023-12-01":"2024-01-14"].any()
    first, second = shipped["2024-01-15":"2024-07-14"], shipped["2024-07-15":"2024-12-31"]
    assert first.sum() == pytest.approx(QUOTA)
    assert second.sum() == pytest.approx(QUOTA)


def test_the_recycler_makes_anodes_once_it_is_qualified_and_saves_sales() -> None:
    made = at(states(GRAPHITE, *TIGHT), "anodes by from-recycled")["produced"]
    assert not made[:"2023-12-18"].any()
    assert made["2023-12-19":].sum() > 0.0
    with_it = loss_share(GRAPHITE, "cell-makers", *TIGHT)
    without = loss_share(GRAPHITE, "cell-makers", *TIGHT, "stock_points.recycler.capacity_per_day=0.001")
    assert 0.0 < with_it < without


def test_the_fire_destroys_a_share_of_the_work_in_process_in_one_night() -> None:
    share = 0.25
    work = at(states(FIRE, f"interventions.burnt.work_in_process_share={share}"), "chips")["wip"]
    unharmed = at(states(FIRE, "interventions.burnt=null"), "chips")["wip"]
    assert work["2021-03-18"] == unharmed["2021-03-18"]
    assert work["2021-03-19"] == pytest.approx((1.0 - share) * unharmed["2021-03-19"], rel=0.02)


def test_who_shares_orders_out_evenly_waits_a_year_for_what_others_deliver() -> None:
    even = ("stock_points.unit-makers-chips.sourcing=share",)
    waited = loss_share(FIRE, "car-makers", *even)
    in_twelve_weeks = loss_share(FIRE, "car-makers", *even, "interventions.longer-lead-times=null")
    assert waited > 3.0 * in_twelve_weeks


def test_a_wafer_comes_to_need_a_quarter_less_gas() -> None:
    """Gas is drawn from the fab's stock when wafers are started; both are told day by day."""
    recycling = (
        "interventions.recycling.factor=0.75",
        "interventions.recycling.delay_days=0",
        "demand.memory.process=constant",
    )
    gas = at(states(NEON, *recycling), "fab-gas")
    used = gas["on_hand"].shift() + gas["received"] - gas["on_hand"]
    before, after = used["2021-12-01":"2022-01-31"].mean(), used["2023-01-01":"2023-02-28"].mean()
    assert after == pytest.approx(0.75 * before, rel=0.01)
