"""What is said of licences, exceptions and self-halts that cannot be."""

from typing import Any

import pytest
from pydantic import ValidationError

from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.builders import Data, ban, day, merged, shop

LICENCE = {"kind": "licence", "title": "Licence", "after": "ban", "relieves": ["ban"]}
EXCEPTION = {"kind": "exception", "title": "Exception", "after": "ban", "relieves": ["ban"]}
QUOTA = {"quota_units_per_year": 5.0}


def scenario(**interventions: Any) -> Data:
    return shop(20, interventions={"ban": ban(5)} | interventions)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"valid_days": 0.5}, "valid_days: found 0.5, allowed: 1 or more"),
        ({"revocation_probability_per_year": 1.0}, "found 1, allowed: below 1; to end all licences on a day"),
        ({"renewal_probability": 0.5}, "renewal_probability needs valid_days"),
        (
            {"kind": "exception", "withdrawal_probability": 0.5},
            "withdrawal_probability needs a withdrawal_date",
        ),
        ({"grant_probability": 1.5}, "allowed: 0 to 1"),
    ],
)
def test_fields_that_contradict_each_other_are_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        Scenario.model_validate(scenario(licence=LICENCE | fields))


def found(data: Data) -> list[tuple[str, str]]:
    findings = inconsistencies(Scenario.model_validate(data))
    return [(".".join(finding.path), finding.message) for finding in findings]


def test_a_quota_and_subsidiaries_do_not_fit():
    data = merged(scenario(licence=LICENCE | QUOTA), {"lanes": {"parts": {"subsidiary_share": 0.2}}})
    ((path, message),) = found(data)
    assert path == "interventions.licence.quota_units_per_year"
    assert message.startswith("covers lane parts, of which subsidiaries send a part; allowed: lanes without")


@pytest.mark.parametrize("other", [LICENCE, EXCEPTION, LICENCE | QUOTA])
def test_a_lane_has_no_other_licence_beside_one_with_a_quota(other):
    messages = [message for _, message in found(scenario(licence=LICENCE | QUOTA, other=other))]
    assert "other covers lane parts too; allowed: no other licence or exception" in messages[0]


def test_what_one_quota_counts_has_one_unit():
    data = scenario(licence=LICENCE | QUOTA)
    data["items"]["other"] = {"name": "Other", "unit": "tonnes"}
    data["stock_points"] |= {
        "second": {"firm": "supplier", "item": "other"},
        "tank": {"firm": "maker", "item": "other", "policy": {"kind": "base_stock"}},
    }
    data["lanes"]["more"] = {"supplier": "second", "buyer": "tank"}
    data["recipes"] = {}
    messages = [message for _, message in found(data)]
    assert "supplier sells pieces and tonnes; allowed: lanes that carry one unit" in messages


@pytest.mark.parametrize(
    ("withdrawn", "message"),
    [(3, "but it takes effect only then or later"), (25, "allowed: up to the last simulated day 2021-01-20")],
)
def test_an_exception_is_withdrawn_while_it_holds(withdrawn, message):
    ((path, said),) = found(scenario(exception=EXCEPTION | {"withdrawal_date": day(withdrawn)}))
    assert path == "interventions.exception.withdrawal_date"
    assert message in said


def test_a_licence_relieves_no_halt():
    halt = {"kind": "self_halt", "title": "Halt", "date": day(2), "covers": {}}
    ((_, message),) = found(scenario(halt=halt, licence=LICENCE | {"relieves": ["halt"]}))
    allowed = "an export_ban, a retaliation, a direct_product_rule or an end_user_ban"
    assert message == f"halt is of kind self_halt, allowed: {allowed}"


def test_a_halt_covers_somebody():
    halt = {"kind": "self_halt", "title": "Halt", "date": day(2), "covers": {"buyer_countries": ["FR"]}}
    ((path, message),) = found(scenario(halt=halt))
    assert path == "interventions.halt.covers.buyer_countries"
    assert message == "covers nobody: no lane matches FR"


def test_over_compliance_abroad_needs_somebody_abroad():
    data = scenario(ban=ban(5, foreign_over_compliance_probability=0.5))
    ((path, message),) = found(data)
    assert path == "interventions.ban.foreign_over_compliance_probability"
    assert message == "reaches nobody: beyond the rule nobody sells to these buyers from abroad"
