"""Tables of a batch: their columns, and that they tell the same story."""

import numpy as np
import pytest

from sim.montecarlo.batch import run_batch
from sim.risk.outcomes import measure, stack
from sim.risk.tables import COLUMNS, cause_labels, outcomes_table, tables_of
from tests.builders import ban, compiled, factory, merged, read, shop

REPLICATIONS = 6


def batch(data):
    plan = compiled(data)
    return plan, stack(run_batch(plan, measure, seed=3, replications=REPLICATIONS, workers=1))


def scenario_data():
    return factory(
        60,
        firms={"supplier": {"revenue_per_year": 10000.0}},
        demand={"home": {"process": "gamma", "dispersion": 5.0, "patience_days": 3}},
        interventions={"ban": ban(10, probability=0.5)},
        analysis={"window_days": 42},
    )


@pytest.fixture(scope="module")
def found():
    plan, outcomes = batch(scenario_data())
    return plan, outcomes, tables_of(read(scenario_data()), plan, outcomes)


def test_every_table_has_its_columns(found):
    _, _, tables = found
    assert {name: tuple(table.columns) for name, table in tables.items()} == COLUMNS


def test_tables_without_rows_have_their_columns_too():
    data = shop(40)
    plan, outcomes = batch(data)
    tables = tables_of(read(data), plan, outcomes)
    assert {name: tuple(table.columns) for name, table in tables.items()} == COLUMNS
    assert len(tables["attribution"]) == 0


def test_a_loss_is_the_difference_of_the_twins(found):
    rows = found[2]["makers"]
    assert len(rows) == REPLICATIONS
    np.testing.assert_allclose(rows["loss"], rows["revenue_counterfactual"] - rows["revenue_scenario"])
    np.testing.assert_allclose(rows["loss_share"], rows["loss"] / rows["revenue_counterfactual"])


def test_replications_without_the_shock_lose_nothing(found):
    _, outcomes, tables = found
    calm = np.isnan(outcomes.start[:, 0])
    assert 0 < calm.sum() < REPLICATIONS
    assert set(tables["makers"]["loss"][calm]) == {0.0}
    assert (tables["makers"]["loss"][~calm] > 0.0).all()


def test_the_attribution_sums_to_the_mean_loss(found):
    tables = found[2]
    assert tables["attribution"]["mean"].sum() == pytest.approx(tables["makers"]["loss"].mean())


def test_the_weekly_attribution_sums_to_the_mean_loss_of_all_days(found):
    _, outcomes, tables = found
    weekly = outcomes.weekly_revenue
    assert tables["attribution_weekly"]["loss"].sum() == pytest.approx(
        (weekly[:, 1] - weekly[:, 0]).sum(axis=(1, 2)).mean(), rel=1e-9
    )


def test_units_lost_are_worth_the_loss_where_prices_stand_still(found):
    plan, _, tables = found
    price = plan.streams.price[0]
    assert tables["products"]["units_lost_mean"].sum() * price == pytest.approx(
        tables["products"]["mean"].sum()
    )


def test_products_sum_to_the_mean_loss(found):
    tables = found[2]
    assert tables["products"]["mean"].sum() == pytest.approx(tables["makers"]["loss"].mean())


def test_levels_of_the_outcomes_agree(found):
    plan, outcomes, _ = found
    table = outcomes_table(plan, outcomes)
    by_level = table.groupby(["level", "replication"])["loss"].sum()
    for level in ("stream", "cause"):
        assert by_level[level].to_dict() == pytest.approx(by_level["maker"].to_dict())


def test_a_suppliers_loss_is_told_as_a_share_of_its_revenue(found):
    row = found[2]["suppliers"].set_index("supplier").loc["supplier"]
    assert row["share_of_revenue_mean"] == pytest.approx(row["mean"] / (10000.0 * 42 / 365.25))


def test_flows_run_from_supplier_to_maker_in_both_twins(found):
    rows = found[2]["flows"]
    assert rows[["twin", "supplier", "component", "maker"]].to_numpy().tolist() == [
        ["scenario", "supplier", "part", "maker"],
        ["counterfactual", "supplier", "part", "maker"],
    ]
    assert rows["value"][0] < rows["value"][1]


def test_interventions_tell_how_often_they_happen(found):
    _, outcomes, tables = found
    (row,) = tables["interventions"].to_dict("records")
    assert row["probability"] == pytest.approx(np.mean(~np.isnan(outcomes.start[:, 0])))
    assert str(row["start_p50"]) == "2021-01-11"
    assert row["end_p50"] is None


def test_quantiles_of_the_fan_are_in_order(found):
    fan = found[2]["revenue_fan"][["p05", "p25", "p50", "p75", "p95"]].to_numpy()
    assert np.all(np.diff(fan, axis=1) >= 0.0)


def test_stock_is_told_of_what_the_maker_buys_only(found):
    tables = found[2]
    assert set(tables["stock"]["item"]) == {"part"}
    assert set(tables["run_out"]["item"]) == {"part"}


def test_causes_carry_component_supplier_and_intervention(found):
    plan = found[0]
    assert cause_labels(plan) == [
        ("part", "supplier", "ban"),  # the lane
        ("part", "supplier", ""),  # the source
        ("part", "", ""),
        ("product", "", ""),
        ("demand", "", ""),  # the stream
    ]


def test_observations_stand_beside_what_is_simulated():
    entry = {"measure": "revenue", "firm": "maker", "start": "2021-01-01", "end": "2021-01-10", "value": 99.0}
    data = merged(shop(40), {"observations": {"sales": entry}, "interventions": {"ban": ban(20)}})
    plan, outcomes = batch(data)
    (row,) = tables_of(read(data), plan, outcomes)["observations"].to_dict("records")
    assert row["reported"] == 99.0
    assert row["simulated_mean"] == 200.0
    assert row["relation"] == "before the shock"
