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


LICENCE = {"kind": "licence", "title": "Licence", "date": day(5), "relieves": ["listed"], "shock": True}
EXCEPTION = LICENCE | {"kind": "exception", "title": "Exception"}


def licensed(days=8, ban=None, patience_days=0, beside=None, **terms):
    """The ban from day 3 on, with a licence from day 5 on."""
    rules = rule(**(ban or {})) | {"licence": LICENCE | terms} | (beside or {})
    return listed(days, patience_days, rules)


def test_a_licence_relieves_it():
    assert sold(licensed()) == [10.0] * 3 + [0.0] * 2 + [10.0] * 3


def test_who_waited_is_served_once_a_licence_lets_all_through():
    data = licensed(patience_days=float("inf"))
    assert sold(data) == [10.0] * 3 + [0.0] * 2 + [30.0, 10.0, 10.0]


def test_an_exception_relieves_it():
    rules = rule() | {"exception": EXCEPTION | {"withdrawal_date": day(7)}}
    assert sold(listed(9, rules=rules)) == [10.0] * 3 + [0.0] * 2 + [10.0] * 2 + [0.0] * 2


def test_a_licence_adds_to_what_may_be_served_all_the_same():
    assert sold(licensed(6, {"volume_share": 0.25}, volume_share=0.5)) == [10.0] * 3 + [2.5] * 2 + [7.5]
    assert sold(licensed(6, {"volume_share": 0.25}, volume_share=0.9)) == [10.0] * 3 + [2.5] * 2 + [10.0]


def test_of_two_licences_the_larger_counts():
    beside = {"other": EXCEPTION | {"volume_share": 0.25}}
    assert sold(licensed(6, volume_share=0.5, beside=beside)) == [10.0] * 3 + [0.0] * 2 + [5.0]


def test_a_licence_relieves_every_ban_or_the_stricter_counts():
    beside = {"more": LISTED | {"volume_share": 0.25}}
    assert sold(licensed(6, beside=beside)) == [10.0] * 3 + [0.0] * 2 + [2.5]
    assert sold(licensed(6, beside=beside, relieves=["listed", "more"])) == [10.0] * 3 + [0.0] * 2 + [10.0]


def test_it_is_granted_to_the_seller_once_a_replication():
    data = licensed(grant_probability=0.5)
    found = {told(data, replication=number).stream("home", "shipped")[5] for number in range(12)}
    assert found == {0.0, 10.0}


def test_a_licence_with_terms_of_its_own_expires():
    assert sold(licensed(9, valid_days=2)) == [10.0] * 3 + [0.0] * 2 + [10.0] * 2 + [0.0] * 2
    renewed = licensed(9, valid_days=2, renewal_probability=1.0, renewal_processing_days=1)
    assert sold(renewed) == [10.0] * 3 + [0.0] * 2 + [10.0, 10.0, 0.0, 10.0]


def test_it_relieves_the_streams_that_it_covers():
    market = {"abroad": {"name": "Abroad", "country": "JP"}}
    more = {"abroad": {"stock_point": "shelf", "market": "abroad", "mean_per_day": 5.0, "price": 2.0}}
    more["abroad"] |= {"process": "constant", "patience_days": 0, "controlled_by": "US"}
    data = merged(licensed(streams={"markets": ["abroad"]}), {"markets": market, "demand": more})
    assert sold(data) == [10.0] * 3 + [0.0] * 5
    assert told(data).stream("abroad", "shipped").tolist() == [5.0] * 3 + [0.0] * 2 + [5.0] * 3


def test_one_licence_relieves_a_ban_on_lanes_and_one_on_customers():
    closing = {"kind": "export_ban", "title": "Ban", "date": day(3), "shock": True, "covers": {}}
    rules = rule() | {"ban": closing, "licence": LICENCE | {"relieves": ["listed", "ban"]}}
    run = told(listed(8, rules=rules))
    assert run.stream("home", "shipped").tolist() == [10.0] * 3 + [0.0] * 2 + [10.0] * 3
    assert run.lane("parts", "ordered").tolist() == [10.0] * 3 + [0.0] * 2 + [10.0] * 3


@pytest.mark.parametrize(
    ("terms", "path", "message"),
    [
        (
            {"streams": {"buyer": "government"}},
            "streams.buyer",
            "covers nobody: no demand stream matches government",
        ),
        ({"covers": {"lanes": ["parts"]}}, "covers", "found a cover of lanes, allowed: streams"),
        (
            {"relieves": ["ban"], "streams": {"buyer": "private"}},
            "streams",
            "found a cover of streams, allowed: where it relieves of an end_user_ban",
        ),
        (
            {"quota_units_per_year": 9},
            "quota_units_per_year",
            "relieves of listed, an end_user_ban; allowed: rules that close lanes",
        ),
        (
            {"relieves": ["halt"]},
            "relieves.0",
            "allowed: an export_ban, a retaliation, a direct_product_rule or an end_user_ban",
        ),
    ],
)
def test_a_licence_that_does_not_fit_is_refused(terms, path, message):
    beside = {
        "ban": {"kind": "export_ban", "title": "Ban", "date": day(3), "covers": {}},
        "halt": {"kind": "self_halt", "title": "Halt", "date": day(3), "covers": {}, "halt_probability": 0.5},
    }
    ((where, told_of),) = found(rule() | beside | {"licence": LICENCE | terms})
    assert where == f"interventions.licence.{path}"
    assert message in told_of


def test_a_licence_for_streams_that_nothing_bars_is_refused():
    other = {"other": {"name": "Other", "country": "JP"}}
    more = {"other": {"stock_point": "shelf", "market": "other", "mean_per_day": 5.0, "price": 2.0}}
    rules = rule(covers={"markets": ["home"]}) | {"licence": LICENCE | {"streams": {"demand": ["other"]}}}
    ((where, message),) = found(rules, markets=other, demand=more)
    assert where == "interventions.licence.relieves.0"
    assert message == "relieves nobody: listed bars none of the streams that it covers"
