"""What is said of tariffs that cannot be, and what traces and reports tell of them."""

from typing import Any

import pytest
from pydantic import ValidationError

from sim.risk.trace import events
from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.builders import Data, compiled, day, merged, shop, twins_of

TARIFF = {"kind": "tariff", "title": "Tariff", "date": day(2), "covers": {}, "rate": 0.5}


def scenario(**fields: Any) -> Data:
    return shop(6, interventions={"tariff": TARIFF | fields})


def found(data: Data) -> list[tuple[str, str]]:
    findings = inconsistencies(Scenario.model_validate(data))
    return [(".".join(finding.path), finding.message) for finding in findings]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rate": -0.1}, "rate"),
        ({"passed_on_share": 1.5}, "allowed: 0 to 1"),
        ({"rate": 1.5, "passed_on_share": 0.2}, "a rate of up to 1.5, of which the seller bears up to 0.8,"),
        (
            {"rate": {"dist": "lognormal", "median": 0.5, "sigma": 0.5}, "passed_on_share": 0.9},
            "may take more than the price",
        ),
    ],
)
def test_numbers_that_cannot_be_are_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        Scenario.model_validate(scenario(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": 1.45},
        {"rate": 1.25, "passed_on_share": 0.2},
        {"rate": {"dist": "lognormal", "median": 0.5, "sigma": 0.5}},
        {
            "rate": {"dist": "triangular", "low": 0.1, "mode": 0.25, "high": 0.6},
            "passed_on_share": {"dist": "uniform", "low": 0.5, "high": 1.0},
        },
    ],
)
def test_a_duty_may_be_more_than_the_price_if_buyers_bear_it(fields):
    assert found(scenario(**fields)) == []


def test_a_tariff_on_lanes_that_are_not_there_is_refused():
    ((path, message),) = found(scenario(covers={"supplier_countries": ["CN"]}))
    assert path == "interventions.tariff.covers.supplier_countries"
    assert message == (
        "covers nobody: no lane matches CN; "
        "a tariff taxes what firms sell to firms over lanes, not what customers in a market buy"
    )


@pytest.mark.parametrize("supplier", [{"country": "DE"}, {"firm": "maker"}], ids=["at home", "its own"])
def test_a_tariff_on_what_is_not_sold_across_a_border_is_refused(supplier):
    ((path, message),) = found(merged(scenario(), {"stock_points": {"source": supplier}}))
    assert path == "interventions.tariff.covers"
    allowed = "lanes from one firm to another and from one country to another"
    assert message == f"nothing is sold across a border on parts, allowed: {allowed}"


def duties(data: Data) -> list[str]:
    twins = twins_of(data)
    told = events(Scenario.model_validate(data), compiled(data), twins.scenario)
    return [str(event) for event in told if event.kind == "duty"]


def test_a_trace_tells_what_buyers_pay_and_sellers_get():
    assert duties(scenario(passed_on_share=0.5, duration_days=3)) == [
        "2021-01-03  duty          parts: of 1 EUR, the buyer pays 1.25 and the seller gets 0.75",
        "2021-01-06  duty          parts: of 1 EUR, the buyer pays 1 and the seller gets 1",
    ]


def test_a_trace_tells_of_a_climbing_tariff_once_it_is_there():
    assert duties(scenario(ramp_days=2)) == [
        "2021-01-05  duty          parts: of 1 EUR, the buyer pays 1.5 and the seller gets 1",
    ]
