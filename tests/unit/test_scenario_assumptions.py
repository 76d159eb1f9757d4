"""The table of assumptions names every uncertain or documented number and where it comes from."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from sim.scenario.assumptions import Assumption, Sources, assumptions, count_sources, text_of
from sim.scenario.load import load_scenario
from sim.scenario.quantities import AnyQuantity
from sim.scenario.source import read_text

VALID = Path(__file__).parents[1] / "broken" / "valid.yaml"


def lines(*overrides: str) -> dict[str, Assumption]:
    return {line.path: line for line in assumptions(load_scenario(VALID, overrides))}


def test_distributions_are_listed_even_without_a_source():
    line = lines()["lanes.seagate-lane.lead_time_days"]
    assert line == Assumption(
        "lanes.seagate-lane.lead_time_days", "PERT(7, 10, 28) days", "distribution", None, None, None
    )


def test_a_bare_number_is_listed_without_a_source():
    assert lines()["lanes.seagate-lane.price"] == Assumption(
        "lanes.seagate-lane.price", "50", "value", None, None, None
    )


def test_defaults_and_whole_numbers_that_cannot_be_uncertain_are_not_listed():
    assert not {
        path for path in lines() if path.endswith(("order_cost", "rank", "review_days", "days.start"))
    }


def test_observed_demand_is_one_number_with_the_source_of_its_stream():
    changes = ["process=empirical", "observations=[1, 2, 3, 4, 5, 6, 7]", "source=F012"]
    table = lines(*(f"demand.home-demand.{change}" for change in changes))
    assert table["demand.home-demand.observations"] == Assumption(
        "demand.home-demand.observations",
        "observed: 1, 2, 3, 4, 5, 6, ... (7 in all)",
        "value",
        "F012",
        None,
        None,
    )


def test_numbers_are_counted_by_what_they_say_of_their_source():
    assert count_sources(["F012", " Assumption", "", None, float("nan")]) == Sources(1, 1, 3)
    found = count_sources(line.source for line in assumptions(load_scenario(VALID)) if line.kind != "object")
    assert (found.cited, found.assumed) == (0, 0)
    assert found.silent == found.numbers > 20


def test_a_documented_value_is_listed():
    line = lines("demand.home-demand.price={value: 400, source: F012, note: list price, confidence: high}")[
        "demand.home-demand.price"
    ]
    assert line == Assumption("demand.home-demand.price", "400", "value", "F012", "list price", "high")


def test_numbers_inherit_source_and_confidence_of_their_object_but_not_its_note():
    table = lines(
        "demand.home-demand.source=F012",
        "demand.home-demand.note=read off a chart",
        "demand.home-demand.confidence=low",
    )
    assert table["demand.home-demand"] == Assumption(
        "demand.home-demand", "home-demand", "object", "F012", "read off a chart", "low"
    )
    assert table["demand.home-demand.mean_per_day"] == Assumption(
        "demand.home-demand.mean_per_day", "20", "value", "F012", None, "low"
    )
    assert table["demand.home-demand.seasonality.0"].source == "F012"


def test_a_number_keeps_its_own_source():
    table = lines("demand.home-demand.source=F012", "demand.home-demand.price={value: 4, source: F013}")
    assert table["demand.home-demand.price"].source == "F013"


def test_nested_objects_inherit_too():
    table = lines("stock_points.disks.source=F001")
    assert table["stock_points.disks.policy.cover_days"].text == "30 days"
    assert table["stock_points.disks.policy.cover_days"].source == "F001"


def test_an_observation_is_told_with_its_figure():
    line = lines("observations.revenue-2019.source=F002")["observations.revenue-2019"]
    assert (line.kind, line.text) == ("object", "revenue 2900 from 2019-01-01 to 2019-12-31")


def test_order_is_that_of_the_schema():
    collections = [path.partition(".")[0] for path in lines()]
    assert collections == sorted(
        collections,
        key=[
            "firms",
            "items",
            "stock_points",
            "recipes",
            "lanes",
            "substitutes",
            "demand",
            "interventions",
        ].index,
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{value: 0.3}", "0.3"),
        ("{value: 1234567.5}", "1234567.5"),
        ("{value: .inf}", "inf"),
        ("{dist: normal, mean: 1, sd: 2, min: 0}", "normal(mean 1, sd 2) from 0"),
        ("{dist: lognormal, median: 3, sigma: 0.5, max: 9}", "lognormal(median 3, sigma 0.5) up to 9"),
        ("{dist: triangular, low: 1, mode: 2, high: 3}", "triangular(1, 2, 3)"),
        ("{dist: uniform, low: 1, high: 3}", "uniform(1, 3)"),
        ("{dist: discrete, values: [1, 2], weights: [1, 3]}", "one of 1, 2 with weights 1, 3"),
        ("{dist: empirical, values: [1, 2, 3, 4, 5, 6, 7]}", "one of 1, 2, 3, 4, 5, 6, ... (7 in all)"),
        ("{dist: bernoulli, probability: 0.2}", "1 with probability 0.2, else 0"),
    ],
)
def test_text(text: str, shown: str):
    quantity: Any = TypeAdapter(AnyQuantity).validate_python(read_text(text).plain)
    assert text_of(quantity) == shown
