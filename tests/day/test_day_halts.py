"""Exceptions, suppliers who stop by themselves, and who follows rules of other countries, by hand."""

import pytest

from tests.builders import ban, day, shop, told


def exception(**fields):
    return {"kind": "exception", "title": "Exception", "after": "ban", "relieves": ["ban"]} | fields


def halt(start=4, **fields):
    return {"kind": "self_halt", "title": "Halt", "date": day(start), "shock": True, "covers": {}} | fields


def shares(days=10, lane="parts", **interventions):
    return told(shop(days, interventions=interventions)).open_share(lane).tolist()


def test_an_exception_lets_goods_through_from_the_start():
    assert shares(6, ban=ban(2), exception=exception(volume_share=0.5)) == [1.0, 1.0, *[0.5] * 4]


def test_an_exception_is_withdrawn_on_its_day():
    entry = exception(withdrawal_date=day(7))
    assert shares(ban=ban(2), exception=entry) == [*[1.0] * 7, 0.0, 0.0, 0.0]


def test_an_exception_that_ends_before_is_not_withdrawn():
    entry = exception(withdrawal_date=day(7), end=day(5))
    assert shares(ban=ban(2), exception=entry) == [*[1.0] * 5, *[0.0] * 5]


def test_an_exception_that_is_not_withdrawn_holds_on():
    entry = exception(withdrawal_date=day(7), withdrawal_probability=0.0)
    assert shares(ban=ban(2), exception=entry) == [1.0] * 10


def test_an_exception_is_withdrawn_by_its_probability():
    data = shop(
        10,
        interventions={
            "ban": ban(2),
            "exception": exception(withdrawal_date=day(7), withdrawal_probability=0.3),
        },
    )
    kept = sum(told(data, replication=k).open_share("parts")[8] for k in range(200))
    assert abs(kept - 140) < 4 * (200 * 0.3 * 0.7) ** 0.5


def test_a_seller_stops_by_itself_for_a_time_whatever_the_content():
    data = shop(
        10,
        lanes={"parts": {"controlled_content_share": 0.0}},
        interventions={"halt": halt(duration_days=3)},
    )
    assert told(data).open_share("parts").tolist() == [*[1.0] * 4, *[0.0] * 3, *[1.0] * 3]


def test_a_seller_stops_for_good_and_takes_back_what_is_under_way():
    run = told(shop(10, interventions={"halt": halt(in_transit="turned_back")}))
    assert run.lane("parts", "ordered").tolist() == [10.0] * 4 + [0.0] * 6
    assert run.lane("parts", "turned_back")[4] == 20.0


def test_each_seller_decides_for_itself():
    data = two_suppliers(halt=halt(0, halt_probability=0.5))
    stopped = [
        tuple(told(data, replication=k).open_share(lane)[0] == 0.0 for lane in ("parts", "far"))
        for k in range(40)
    ]
    assert set(stopped) == {(False, False), (False, True), (True, False), (True, True)}


def two_suppliers(**interventions):
    """A US supplier, one in Japan whose goods are free of control, and one next door."""
    return shop(
        4,
        firms={"other": {"name": "Other", "country": "JP"}, "near": {"name": "Near", "country": "DE"}},
        stock_points={
            "second": {"firm": "other", "item": "part"},
            "third": {"firm": "near", "item": "part"},
        },
        lanes={
            "far": {"supplier": "second", "buyer": "shelf", "lead_time_days": 3},
            "home": {"supplier": "third", "buyer": "shelf", "lead_time_days": 1},
        },
        interventions=interventions,
    )


@pytest.mark.parametrize(("probability", "share"), [(0.0, 1.0), (1.0, 0.0)])
def test_suppliers_abroad_may_follow_a_rule_that_does_not_bind_them(probability, share):
    run = told(two_suppliers(ban=ban(2, foreign_over_compliance_probability=probability)))
    assert run.open_share("far").tolist() == [1.0, 1.0, share, share]
    assert run.open_share("home").tolist() == [1.0] * 4
    assert run.open_share("parts").tolist() == [1.0, 1.0, 0.0, 0.0]


def test_suppliers_abroad_follow_a_rule_for_its_goods_and_buyers_only():
    rule = ban(2, foreign_over_compliance_probability=1.0, covers={"lanes": ["parts"]})
    data = two_suppliers(ban=rule)
    data["firms"]["buyer"] = {"name": "Buyer", "country": "FR"}
    assert told(data).open_share("far")[2] == 0.0
    rule["covers"] = {"buyers": ["maker"], "items": ["part"]}
    assert told(data).open_share("far")[2] == 0.0


def test_a_licence_helps_who_follows_a_rule_from_abroad():
    rule = ban(2, foreign_over_compliance_probability=1.0)
    licence = {"kind": "licence", "title": "Licence", "after": "ban", "delay_days": 1, "relieves": ["ban"]}
    run = told(two_suppliers(ban=rule, licence=licence))
    assert run.open_share("far").tolist() == [1.0, 1.0, 0.0, 1.0]
