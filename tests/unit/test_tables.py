"""Tables of a batch: their columns, and that they tell the same story."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sim.report.tabulate import is_documented
from sim.risk import losses, spreads
from sim.risk import tables as told
from sim.risk.losses import losses_by_file
from sim.risk.outcomes import Courses
from sim.risk.tables import COLUMNS, cause_labels, tables_of
from tests.builders import ban, compiled, day, factory, merged, read, run_batch, shop

REPLICATIONS = 6

SOMETIMES = {"duties", "recipes"}
"""Tables that are there where a tariff is levied, and where several recipes make the same."""
ALWAYS = {name: columns for name, columns in COLUMNS.items() if name not in SOMETIMES}


def batch(data):
    plan = compiled(data)
    return plan, run_batch(plan, seed=3, replications=REPLICATIONS)


def outcomes_of(data):
    plan, measured = batch(data)
    return plan, measured.outcome


def courses_of(data):
    plan, measured = batch(data)
    return plan, measured.courses


def pieces_of(plan, outcomes):
    return [piece for _, pieces in losses_by_file(plan, outcomes) for piece in pieces]


def losses_of(plan, outcomes):
    return pa.concat_tables(pieces_of(plan, outcomes)).to_pandas()


def all_tables(data):
    return tables_of(read(data), *batch(data))


def scenario_data():
    return factory(
        60,
        firms={"supplier": {"revenue_per_year": 10000.0}},
        demand={"home": {"process": "gamma", "dispersion": 5.0, "patience_days": 3}},
        interventions={"ban": ban(10, probability=0.5)},
        analysis={"window_days": 42},
    )


@pytest.fixture
def found():
    plan, measured = batch(scenario_data())
    return plan, measured, tables_of(read(scenario_data()), plan, measured)


def test_every_table_has_its_columns(found):
    _, _, tables = found
    assert {name: tuple(table.columns) for name, table in tables.items()} == ALWAYS


def test_tables_without_rows_have_their_columns_too():
    tables = all_tables(shop(40))
    assert {name: tuple(table.columns) for name, table in tables.items()} == ALWAYS
    assert len(tables["attribution"]) == 0


def test_a_loss_is_the_difference_of_the_twins(found):
    rows = found[2]["makers"]
    assert len(rows) == REPLICATIONS
    np.testing.assert_allclose(rows["loss"], rows["revenue_counterfactual"] - rows["revenue_scenario"])
    np.testing.assert_allclose(rows["loss_share"], rows["loss"] / rows["revenue_counterfactual"])


def test_replications_without_the_shock_lose_nothing(found):
    _, measured, tables = found
    calm = np.isnan(measured.outcome.start[:, 0])
    assert 0 < calm.sum() < REPLICATIONS
    assert set(tables["makers"]["loss"][calm]) == {0.0}
    assert (tables["makers"]["loss"][~calm] > 0.0).all()


def test_the_attribution_sums_to_the_mean_loss(found):
    tables = found[2]
    assert tables["attribution"]["mean"].sum() == pytest.approx(tables["makers"]["loss"].mean())


def test_the_weekly_attribution_sums_to_the_mean_loss_of_all_days(found):
    _, measured, tables = found
    weekly = measured.courses.revenue
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
    plan, measured, _ = found
    table = losses_of(plan, measured.outcome)
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
    _, measured, tables = found
    (row,) = tables["interventions"].to_dict("records")
    assert row["probability"] == pytest.approx(np.mean(~np.isnan(measured.outcome.start[:, 0])))
    assert str(row["start_p50"]) == "2021-01-11"
    assert row["end_p50"] is None


def test_quantiles_of_the_fan_are_in_order(found):
    fan = found[2]["revenue_fan"][["p05", "p25", "p50", "p75", "p95"]].to_numpy()
    assert np.all(np.diff(fan, axis=1) >= 0.0)


def test_stock_is_told_of_what_the_maker_buys_only(found):
    tables = found[2]
    assert set(tables["stock"]["item"]) == {"part"}
    assert set(tables["run_out"]["item"]) == {"part"}


def test_each_of_two_plants_has_rows_of_its_own():
    plants = {
        "stock_points": {
            "more": {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "units": 30.0}}
        },
        "lanes": {"more": {"supplier": "source", "buyer": "more", "lead_time_days": 3, "price": 1.0}},
        "demand": {"more": {"stock_point": "more", "market": "home", "mean_per_day": 1.0, "price": 2.0}},
        "interventions": {"ban": ban(5)},
    }
    tables = all_tables(shop(40, **plants))
    assert tables["run_out"]["stock_point"].tolist() == ["shelf", "more"]
    assert tables["run_out"]["p50"].nunique() == 2
    assert not tables["stock"].duplicated(["maker", "item", "stock_point", "week", "twin"]).any()


def test_what_a_firm_moves_within_itself_is_neither_bought_nor_sold():
    depot = {
        "stock_points": {
            "depot": {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "units": 90.0}}
        },
        "lanes": {
            "parts": {"buyer": "depot"},
            "down": {"supplier": "depot", "buyer": "shelf", "lead_time_days": 1, "price": 1.0},
        },
    }
    tables = all_tables(shop(40, **depot))
    assert set(tables["suppliers"]["supplier"]) == {"supplier"}
    assert set(tables["flows"]["supplier"]) == {"supplier"}


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
    (row,) = all_tables(data)["observations"].to_dict("records")
    assert row["reported"] == 99.0
    assert row["simulated_mean"] == 200.0
    assert row["relation"] == "before the shock"


def two_columns_of_a_hundred_and_one():
    """A loss of 0, 1, .. 100 in 101 replications, and twice that beside it: the 5 % quantile is 5, or 10."""
    return np.arange(101.0)[:, None] * np.array([1.0, 2.0])


def spread_of(row):
    return {name: value for name, value in row.items() if name in {"mean", "p05", "p25", "p50", "p75", "p95"}}


def test_the_fan_tells_mean_and_quantiles_of_every_week():
    plan, _ = courses_of(shop(14))
    values = two_columns_of_a_hundred_and_one()  # of two weeks
    weekly = np.stack([values, values + 1000.0], axis=1)[:, :, None]
    rows = told.fan(plan, weekly).to_dict("records")
    assert rows[1] == {
        "maker": "maker",
        "week": dt.date(2021, 1, 8),
        "twin": "scenario",
        "mean": 100.0,
        "p05": 10.0,
        "p25": 50.0,
        "p50": 100.0,
        "p75": 150.0,
        "p95": 190.0,
    }
    assert [(row["twin"], row["p50"]) for row in rows] == [
        ("scenario", 50.0),
        ("scenario", 100.0),
        ("counterfactual", 1050.0),
        ("counterfactual", 1100.0),
    ]


def test_stock_covers_so_many_days_of_usage_and_none_without_usage():
    plan, _ = courses_of(shop(14))
    stock = np.broadcast_to(two_columns_of_a_hundred_and_one()[:, None, None, :], (101, 2, 1, 2))
    usage = np.broadcast_to(np.array([0.5, 0.0]), (101, 1, 2))
    table = told.stock(plan, Courses({"stock": stock, "usage": usage}))
    first, second, *_ = table.to_dict("records")
    assert first == {
        "maker": "maker",
        "item": "part",
        "stock_point": "shelf",
        "week": dt.date(2021, 1, 1),
        "twin": "scenario",
        "mean": 50.0,
        "p05": 5.0,
        "p50": 50.0,
        "p95": 95.0,
        "cover_p50": 100.0,
    }
    assert second["cover_p50"] == 0.0
    assert table["twin"].tolist() == ["scenario", "scenario", "counterfactual", "counterfactual"]


def test_quantiles_of_the_first_empty_day_are_those_of_the_replications_that_have_one():
    plan, outcomes = outcomes_of(shop(14))
    days = np.concatenate([two_columns_of_a_hundred_and_one(), np.full((101, 2), np.nan)])
    (row,) = told.run_out(plan, replace(outcomes, run_out_days=days)).to_dict("records")
    assert row == {
        "maker": "maker",
        "item": "part",
        "stock_point": "shelf",
        "share_running_out": 0.5,
        "mean": 100.0,
        "p05": 10.0,
        "p50": 100.0,
        "p95": 190.0,
    }


def test_a_stock_that_never_runs_out_has_no_first_empty_day():
    (row,) = all_tables(shop(14))["run_out"].to_dict("records")
    assert row["share_running_out"] == 0.0
    assert np.isnan(row["p50"])


def test_dates_of_interventions_are_quantiles_too():
    data = shop(120, interventions={"ban": ban(5)})
    plan, outcomes = outcomes_of(data)
    days = two_columns_of_a_hundred_and_one()[:, :1]
    found = replace(outcomes, start=days, end=days)
    (row,) = told.interventions(read(data), plan, found).to_dict("records")
    assert row == {
        "intervention": "ban",
        "title": "Ban",
        "kind": "export_ban",
        "shock": True,
        "probability": 1.0,
        "start_p05": dt.date(2021, 1, 6),
        "start_p50": dt.date(2021, 2, 20),
        "start_p95": dt.date(2021, 4, 6),
        "end_p50": dt.date(2021, 2, 20),
    }
    beyond = replace(outcomes, end=np.full((101, 1), 120.0))
    assert told.interventions(read(data), plan, beyond)["end_p50"].tolist() == [None]


def test_every_loss_of_every_replication_is_listed_by_level():
    data = shop(20, demand={"home": {"patience_days": 0}}, interventions={"ban": ban(5)})
    plan, outcomes = outcomes_of(data)
    table = losses_of(plan, outcomes)
    assert table.index.tolist() == list(range(4 * REPLICATIONS))
    of_last = table[table["replication"] == REPLICATIONS - 1].to_dict("records")
    nothing = dict.fromkeys(("maker", "product", "market", "supplier", "component", "intervention"), "")
    last = {**nothing, "replication": REPLICATIONS - 1}
    assert of_last == [
        {**last, "level": "maker", "maker": "maker", "loss": 100.0},
        {**last, "level": "stream", "maker": "maker", "product": "part", "market": "home", "loss": 100.0},
        {**last, "level": "supplier", "supplier": "supplier", "loss": 150.0},
        {
            **last,
            "level": "cause",
            "maker": "maker",
            "component": "part",
            "supplier": "supplier",
            "intervention": "ban",
            "loss": 100.0,
        },
    ]
    names = ["level", "maker", "product", "market", "supplier", "component", "intervention"]
    assert table.columns.tolist() == ["replication", *names, "loss"]


@pytest.mark.parametrize("rows", [1, 4, REPLICATIONS, 2 * REPLICATIONS])
def test_pieces_put_together_are_the_whole_table(monkeypatch, rows):
    plan, outcomes = outcomes_of(scenario_data())
    (whole,) = pieces_of(plan, outcomes)
    monkeypatch.setattr(losses, "ROWS", rows)
    pieces = pieces_of(plan, outcomes)
    assert max(map(len, pieces)) < rows + REPLICATIONS
    assert {piece["loss"].num_chunks for piece in pieces} == {1}
    assert pa.concat_tables(pieces) == whole


@pytest.mark.parametrize("in_file", [1, 2, REPLICATIONS - 1, REPLICATIONS, REPLICATIONS + 1])
def test_files_put_together_are_the_whole_table(monkeypatch, in_file):
    """Also of things that lose in a few replications alone: every file has their rows."""
    plan, outcomes = outcomes_of(scenario_data())
    outcomes.attribution[1:] = 0.0
    (whole,) = pieces_of(plan, outcomes)
    assert whole.filter(pc.equal(whole["level"].cast(pa.string()), "cause")).num_rows >= REPLICATIONS
    monkeypatch.setattr(losses, "IN_FILE", in_file)
    files = [(some, pa.concat_tables(pieces)) for some, pieces in losses_by_file(plan, outcomes)]
    assert [number for some, _ in files for number in some] == list(range(REPLICATIONS))
    assert max(len(some) for some, _ in files) == min(in_file, REPLICATIONS)
    for some, table in files:
        assert table.to_pylist() == [row for row in whole.to_pylist() if row["replication"] in some]


def test_without_a_loss_only_the_makers_are_listed():
    plan, outcomes = outcomes_of(shop(20))
    table = losses_of(plan, outcomes)
    assert table["level"].tolist() == ["maker"] * REPLICATIONS
    assert table["loss"].tolist() == [0.0] * REPLICATIONS


def test_a_column_that_applies_is_filled(found):
    tables = {name: table for name, table in found[2].items() if len(table) > 0}
    assert set(ALWAYS) - set(tables) == {"observations"}
    empty = {
        (name, column) for name, table in tables.items() for column in table if table[column].isna().all()
    }
    silent = {("assumptions", column) for column in ("source", "note", "confidence")}
    assert empty == {("interventions", "end_p50"), *silent}


def test_a_number_that_is_marked_as_assumed_is_in_the_table_of_assumptions():
    days = {"value": 3, "source": "A guess", "note": "Rather more", "confidence": "low"}
    data = shop(20, lanes={"parts": {"lead_time_days": days}})
    rows = all_tables(data)["assumptions"].to_dict("records")
    (row,) = (row for row in rows if row["path"] == "lanes.parts.lead_time_days")
    assert (row["source"], row["note"], row["confidence"]) == ("A guess", "Rather more", "low")


def test_bare_probabilities_of_events_are_told_with_what_is_uncertain():
    data = shop(
        20,
        interventions={
            "ban": ban(5, probability=0.4, over_compliance_probability=0.0),
            "licences": {
                "kind": "licence",
                "title": "Licences",
                "relieves": ["ban"],
                "date": day(8),
                "revocation_probability_per_year": 0.1,
                "covers": {},
            },
        },
    )
    rows = all_tables(data)["assumptions"]
    shown = rows[is_documented(rows)]
    found = dict(zip(shown["path"], shown["kind"], strict=True))
    assert found == {
        "interventions.ban.probability": "probability",
        "interventions.licences.revocation_probability_per_year": "probability",
    }


def test_losses_of_one_label_are_added_up_and_others_kept_apart():
    values = np.array([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]])
    places = spreads.places_of([("a",), ("b",), ("a",)])
    assert {label: spreads.sum_of(values, columns).tolist() for label, columns in places.items()} == {
        ("a",): [101.0, 202.0],
        ("b",): [10.0, 20.0],
    }


def test_a_table_by_cause_tells_mean_and_quantiles():
    data = shop(20, interventions={"ban": ban(5)})
    plan, outcomes = outcomes_of(data)
    blame = np.zeros((101, 1, 4))
    blame[:, 0, 0] = np.arange(101.0)
    (row,) = told.attributed(told.cause_losses(plan, replace(outcomes, attribution=blame))).to_dict("records")
    assert row == {
        "maker": "maker",
        "component": "part",
        "supplier": "supplier",
        "intervention": "ban",
        "mean": 50.0,
        "p05": 5.0,
        "p95": 95.0,
    }


def test_purchases_from_one_supplier_on_two_lanes_are_one_flow():
    second = {"supplier": "second", "buyer": "shelf", "lead_time_days": 3, "share": 0.25}
    data = shop(
        20,
        stock_points={"second": {"firm": "supplier", "item": "part"}},
        lanes={"parts": {"share": 0.75}, "second": second},
    )
    plan, outcomes = outcomes_of(data)
    lane_value = np.broadcast_to(np.array([[0.0, 0.25], [0.5, 0.25]]), (REPLICATIONS, 2, 2))
    table = told.flows(plan, replace(outcomes, lane_value=lane_value))
    assert table.to_dict("records") == [
        {"twin": "scenario", "supplier": "supplier", "component": "part", "maker": "maker", "value": 0.25},
        {
            "twin": "counterfactual",
            "supplier": "supplier",
            "component": "part",
            "maker": "maker",
            "value": 0.75,
        },
    ]


def test_a_supplier_without_known_revenue_has_no_share_of_it():
    data = shop(20, interventions={"ban": ban(5)})
    plan, outcomes = outcomes_of(data)
    (row,) = told.suppliers(plan, outcomes).to_dict("records")
    assert row["supplier"] == "supplier"
    assert row["revenue_counterfactual"] == 150.0
    assert (row["mean"], row["p05"], row["p95"]) == (150.0, 150.0, 150.0)
    assert np.isnan(row["share_of_revenue_mean"])


def test_an_observation_that_is_not_simulated_in_full_is_left_out():
    entry = {"measure": "revenue", "firm": "maker", "value": 99.0, "source": "report"}
    data = merged(
        shop(40, interventions={"ban": ban(10)}),
        {
            "observations": {
                "beyond": {**entry, "start": "2021-02-01", "end": "2021-03-01"},
                "after": {**entry, "start": "2021-01-11", "end": "2021-01-12"},
            }
        },
    )
    plan, outcomes = outcomes_of(data)
    (row,) = told.observations(read(data), plan, outcomes).to_dict("records")
    assert row == {
        "observation": "after",
        "firm": "maker",
        "measure": "revenue",
        "sold": "",
        "start": dt.date(2021, 1, 11),
        "end": dt.date(2021, 1, 12),
        "published": None,
        "reported": 99.0,
        "simulated_mean": 40.0,
        "simulated_p05": 40.0,
        "simulated_p95": 40.0,
        "source": "report",
        "relation": "after the shock",
    }


def test_components_that_carry_a_loss_in_any_week_are_told_of_all_weeks():
    plan, _ = courses_of(shop(14))
    of_part, of_product, of_demand = [0.0, 2.0], [0.0, 0.0], [1.0, 1.0]
    weekly = np.broadcast_to(np.array([[of_part, of_product, of_demand]]), (REPLICATIONS, 1, 3, 2))
    table = told.attributed_weekly(plan, weekly, [*plan.labels.items, told.DEMAND])
    first, second = dt.date(2021, 1, 1), dt.date(2021, 1, 8)
    assert table.to_dict("records") == [
        {"maker": "maker", "component": "part", "week": first, "loss": 0.0},
        {"maker": "maker", "component": "part", "week": second, "loss": 2.0},
        {"maker": "maker", "component": "demand", "week": first, "loss": 1.0},
        {"maker": "maker", "component": "demand", "week": second, "loss": 1.0},
    ]


@pytest.mark.parametrize(("normal", "share"), [(0.5, 0.5), (0.0, 0.0)])
def test_a_products_loss_is_a_share_of_what_it_would_bring(normal, share):
    plan, outcomes = outcomes_of(shop(14))
    revenue = np.broadcast_to(np.array([[normal / 2.0], [normal]]), (REPLICATIONS, 2, 1))
    (row,) = told.products(plan, replace(outcomes, stream_revenue=revenue)).to_dict("records")
    assert (row["revenue_counterfactual"], row["loss_share"]) == (normal, share)


def test_a_supplier_that_loses_nothing_is_told_too():
    (row,) = told.suppliers(*outcomes_of(shop(14))).to_dict("records")
    assert (row["supplier"], row["mean"]) == ("supplier", 0.0)


def test_lanes_on_which_nothing_is_bought_are_no_flows():
    plan, outcomes = outcomes_of(shop(14))
    assert len(told.flows(plan, replace(outcomes, lane_value=np.zeros((REPLICATIONS, 2, 1))))) == 0
