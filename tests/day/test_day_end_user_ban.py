"""Bans on serving listed buyers, with numbers worked out by hand."""

import pytest

from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.builders import day, merged, shop, told, told_without_shock, twins_of

LISTED = {"kind": "end_user_ban", "title": "Listed", "date": day(3), "shock": True, "covers": {}}


def listed(days=10, patience_days=0, rules=None, **changes):
    """A shop of 100 parts that are American, for 10 a day; its customers are listed from day 3 on."""
    data = shop(
        days,
        demand={"home": {"patience_days": patience_days, "controlled_by": "US"}},
        interventions=rules or {"listed": LISTED | {"jurisdiction": "US"}},
    )
    return merged(data, changes)


def sold(data):
    return pytest.approx(told(data).stream("home", "shipped").tolist(), abs=1e-12)


def rule(**fields):
    return {"listed": LISTED | {"jurisdiction": "US"} | fields}


def test_a_listed_buyer_is_not_served():
    assert sold(listed(6)) == [10.0] * 3 + [0.0] * 3


def test_without_patience_its_customers_leave():
    assert told(listed(6)).stream("home", "lost").tolist() == [0.0] * 3 + [10.0] * 3


def test_the_counterfactual_serves_it():
    assert told_without_shock(listed(6)).stream("home", "shipped").tolist() == [10.0] * 6


def test_patient_customers_are_served_when_the_ban_ends():
    data = listed(9, float("inf"), rule(end=day(6)))
    assert sold(data) == [10.0, 10.0, 10.0, 0.0, 0.0, 0.0, 40.0, 10.0, 10.0]
    assert told(data).stream("home", "barred").tolist() == [0.0] * 3 + [10.0, 20.0, 30.0] + [0.0] * 3


def test_some_leave_while_the_ban_lasts():
    """Patience of two days: half of those who wait leave each day, 5 of 10, 7.5 of 15."""
    run = told(listed(6, 2, rule(end=day(5))))
    assert run.stream("home", "lost").tolist() == [0.0, 0.0, 0.0, 5.0, 7.5, 0.0]
    assert run.stream("home", "shipped").tolist() == [10.0, 10.0, 10.0, 0.0, 0.0, 17.5]


def test_who_waits_for_goods_when_the_ban_begins_may_not_have_them():
    changes = {"stock_points": {"shelf": {"initial_on_hand": 5.0}}}
    run = told(listed(8, float("inf"), rule(date=day(1)), **changes))
    assert run.stream("home", "shipped").tolist() == [5.0] + [0.0] * 7
    assert run.stream("home", "barred").tolist() == [0.0, 15.0, 25.0, 35.0, 45.0, 55.0, 65.0, 75.0]
    assert set(run.stream("home", "backlog")[1:].tolist()) == {0.0}


def test_nothing_is_ordered_for_customers_who_may_not_be_served():
    ordered = told(listed(6, float("inf"))).lane("parts", "ordered").tolist()
    assert ordered == [10.0] * 3 + [0.0] * 3


def test_a_share_may_be_served():
    assert sold(listed(6, rules=rule(volume_share=0.25))) == [10.0] * 3 + [2.5] * 3


def test_of_two_bans_the_stricter_counts():
    rules = rule(volume_share=0.25) | {"more": LISTED | {"date": day(5), "volume_share": 0.5}}
    assert sold(listed(7, rules=rules)) == [10.0] * 3 + [2.5] * 4


def test_a_lifting_ends_it():
    lifting = {"kind": "lifting", "title": "Delisted", "date": day(5), "lifts": ["listed"], "shock": True}
    assert sold(listed(7, rules=rule() | {"delisted": lifting})) == [10.0] * 3 + [0.0] * 2 + [10.0] * 2


def test_goods_with_little_controlled_content_may_be_sold():
    content = {"dist": "discrete", "values": [0.1, 0.3], "weights": [1, 1]}
    data = listed(6, demand={"home": {"controlled_content_share": content}})
    found = {told(data, replication=number).stream("home", "shipped")[4] for number in range(8)}
    assert found == {0.0, 10.0}


def test_what_its_technology_makes_is_covered_whatever_the_content():
    made = {
        "stock_points": {"shelf": {"controlled_technology": ["US"]}},
        "demand": {"home": {"controlled_content_share": 0.0, "controlled_by": "DE"}},
    }
    assert sold(listed(6, **made)) == [10.0] * 3 + [0.0] * 3


def test_the_loss_is_the_streams_own_through_the_ban():
    twins = twins_of(listed(8))
    assert twins.plan.effects.kind.tolist() == [10]
    assert twins.scenario.ledger.streams.withheld[:, 0].tolist() == [0.0] * 3 + [10.0] * 5


def found(rules, **changes):
    scenario = Scenario.model_validate(listed(rules=rules, **changes))
    return [(".".join(finding.path), finding.message) for finding in inconsistencies(scenario)]


@pytest.mark.parametrize(
    ("rules", "changes", "path", "message"),
    [
        (rule(covers={"buyer": "government"}), {}, "covers.buyer", "no demand stream matches government"),
        (rule(jurisdiction="JP"), {}, "jurisdiction", "JP controls nothing that is sold"),
        (
            rule(),
            {"demand": {"home": {"controlled_content_share": 0.2}}},
            "de_minimis_share",
            "is at most 0.2, below the de-minimis share 0.25",
        ),
        (
            rule(),
            {"demand": {"home": {"switching": {"share": 0.5, "repurchase_days": 9}}}},
            "covers",
            "bars home, whose customers switch when they leave; allowed: streams without switching",
        ),
    ],
)
def test_what_reaches_nobody_or_does_not_fit_is_refused(rules, changes, path, message):
    ((where, told_of),) = found(rules, **changes)
    assert where == f"interventions.listed.{path}"
    assert message in told_of


def test_a_licence_does_not_relieve_it():
    licence = {"kind": "licence", "title": "Licence", "date": day(5), "relieves": ["listed"], "shock": True}
    ((_, message),) = found(rule() | {"licence": licence})
    assert "listed is of kind end_user_ban, allowed: an export_ban" in message
