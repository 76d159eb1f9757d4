"""Licences with terms of their own, with numbers worked out by hand."""

import pytest

from tests.builders import ban, day, shop, told, told_without_shock


def licence(**fields):
    """Applied for when the ban comes."""
    return {"kind": "licence", "title": "Licence", "after": "ban", "relieves": ["ban"]} | fields


def open_days(days=20, **fields):
    """Days on which the lane is open, though a ban holds from day 2 on."""
    run = told(shop(days, interventions={"ban": ban(2), "licence": licence(**fields)}))
    return [index for index, share in enumerate(run.open_share("parts")) if share == 1.0]


def test_goods_pass_once_an_application_has_been_processed():
    run = told(shop(10, interventions={"ban": ban(2), "licence": licence(processing_days=4)}))
    assert run.lane("parts", "ordered").tolist() == [10.0, 10.0, *[0.0] * 4, 50.0, *[10.0] * 3]


def test_who_applies_late_waits_as_long_from_then_on():
    assert open_days(10, delay_days=2, processing_days=3) == [0, 1, 7, 8, 9]


def test_what_comes_after_a_licence_waits_for_the_grant():
    entries = {
        "ban": ban(2),
        "licence": licence(processing_days=4),
        "again": ban(0, date=None, after="licence", delay_days=2),
    }
    run = told(shop(10, interventions=entries))
    assert run.open_share("parts").tolist() == [1.0, 1.0, *[0.0] * 4, 1.0, 1.0, 0.0, 0.0]


def test_a_licence_expires():
    assert open_days(10, processing_days=2, valid_days=3) == [0, 1, 4, 5, 6]


def test_a_licence_is_renewed_after_another_processing_until_its_regime_ends():
    terms = {"valid_days": 4, "renewal_probability": 1.0, "renewal_processing_days": 2}
    assert open_days(20, **terms) == [0, 1, *range(2, 6), *range(8, 12), *range(14, 18)]
    assert open_days(20, **terms, end=day(15)) == [0, 1, *range(2, 6), *range(8, 12), 14]


def test_a_renewal_without_processing_leaves_no_gap():
    assert open_days(20, valid_days=3, renewal_probability=1.0) == list(range(20))


def test_backlog_is_cancelled_when_a_licence_expires():
    data = shop(12, interventions={"ban": ban(2), "licence": licence(valid_days=5)})
    data["stock_points"]["source"]["capacity_per_day"] = 6.0
    run = told(data)
    assert run.lane("parts", "cancelled").tolist() == [*[0.0] * 7, 28.0, *[0.0] * 4]


def test_a_licence_that_began_before_the_first_day_has_that_much_less_left():
    entries = {"ban": ban(-8, shock=False), "licence": licence(valid_days=6, renewal_probability=1.0)}
    entries["licence"]["renewal_processing_days"] = 4
    run = told(shop(9, interventions=entries))
    assert run.open_share("parts").tolist() == [*[0.0] * 2, *[1.0] * 6, 0.0]


def test_without_the_shock_nobody_needs_a_licence():
    entries = {"ban": ban(2), "licence": licence(valid_days=3)}
    assert told_without_shock(shop(9, interventions=entries)).open_share("parts").tolist() == [1.0] * 9


def test_each_supplier_has_terms_of_its_own():
    """Two suppliers whose licences are revoked soon, on days of their own."""
    data = shop(
        200,
        firms={"other": {"name": "Other", "country": "US"}},
        stock_points={"second": {"firm": "other", "item": "part"}},
        lanes={"more": {"supplier": "second", "buyer": "shelf", "lead_time_days": 3}},
        interventions={"ban": ban(2), "licence": licence(revocation_probability_per_year=0.999)},
    )
    shares = [told(data, replication=k) for k in range(5)]
    last = [[int(run.open_share(lane)[2:].sum()) for lane in ("parts", "more")] for run in shares]
    assert all(one != other for one, other in last)
    assert len({tuple(pair) for pair in last}) == 5


def under_quota(days=12, lanes=(), **fields):
    """Ten parts a day, for which a licence with a quota is needed from day 2 on."""
    return told(shop(days, lanes=dict(lanes), interventions={"ban": ban(2), "licence": licence(**fields)}))


def test_orders_use_up_a_quota_by_units():
    run = under_quota(quota_units_per_year=35.0)
    assert run.lane("parts", "ordered").tolist() == [10.0] * 5 + [5.0] + [0.0] * 6
    assert run.lane("parts", "refused").tolist() == [*[0.0] * 5, 5.0, 15.0, 25.0, 35.0, 45.0, 55.0, 65.0]


def test_orders_use_up_a_quota_by_value_at_list_prices():
    run = under_quota(lanes={"parts": {"price": 4.0}}, quota_value_per_year=100.0)
    assert run.lane("parts", "ordered").tolist() == [10.0] * 4 + [5.0] + [0.0] * 7


def test_a_quota_counts_within_the_share_of_volume_that_is_licensed():
    run = under_quota(volume_share=0.5, quota_units_per_year=18.0)
    assert run.lane("parts", "ordered").tolist() == [10.0] * 2 + [5.0] * 3 + [3.0] + [0.0] * 6


def test_a_quota_is_given_anew_every_licence_year_and_what_is_left_lapses():
    run = under_quota(days=380, quota_units_per_year=1000.0)
    ordered = run.lane("parts", "ordered")
    assert ordered[2:367].sum() == 1000.0
    assert ordered[366] == 0.0
    assert ordered[367] == 1000.0


def test_a_renewed_licence_has_a_quota_of_its_own():
    terms = {"valid_days": 4, "renewal_probability": 1.0, "renewal_processing_days": 1}
    run = under_quota(quota_units_per_year=25.0, **terms)
    assert run.lane("parts", "ordered").tolist() == [*[10.0] * 4, 5.0, 0.0, 0.0, 25.0, 0.0, 0.0, 0.0, 0.0]


def test_a_quota_of_a_licence_that_began_before_has_its_part_of_the_year():
    """Of the 365 days from day -73 on, 292 are left."""
    entries = {"ban": ban(-73, shock=False), "licence": licence(quota_units_per_year=100.0)}
    ordered = told(shop(12, interventions=entries)).lane("parts", "ordered")
    assert ordered.tolist() == [10.0] * 8 + [0.0] * 4


def test_nothing_counts_on_a_quota_while_no_rule_holds():
    entries = {
        "ban": ban(2, end=day(4)),
        "later": ban(8),
        "licence": licence(relieves=["ban", "later"], quota_units_per_year=30.0),
    }
    ordered = told(shop(12, interventions=entries)).lane("parts", "ordered")
    assert ordered.tolist() == [10.0] * 9 + [0.0] * 3


def test_all_lanes_of_a_supplier_share_its_quota_and_each_supplier_has_one():
    data = shop(
        6,
        firms={"other": {"name": "Other", "country": "US"}},
        stock_points={
            "second": {"firm": "supplier", "item": "part"},
            "third": {"firm": "other", "item": "part"},
        },
        lanes={
            "parts": {"share": 0.5},
            "more": {"supplier": "second", "buyer": "shelf", "lead_time_days": 3, "share": 0.25},
            "most": {"supplier": "third", "buyer": "shelf", "lead_time_days": 3, "share": 0.25},
        },
        interventions={"ban": ban(2), "licence": licence(quota_units_per_year=12.0)},
    )
    run = told(data)
    assert run.lane("parts", "ordered").tolist() == [5.0, 5.0, 5.0, 4.5, 0.0, 0.0]
    assert run.lane("more", "ordered").tolist() == [2.5, 2.5, 2.5, 0.0, 0.0, 0.0]
    assert run.lane("most", "ordered")[2:].sum() == 12.0


def test_without_the_shock_no_quota_counts():
    entries = {"ban": ban(2), "licence": licence(quota_units_per_year=30.0)}
    run = told_without_shock(shop(9, interventions=entries))
    assert run.lane("parts", "ordered").tolist() == [10.0] * 9


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_renewal_that_is_certain_or_impossible_is_no_matter_of_chance(share):
    expected = [0, 1, *range(2, 5), *(range(6, 9) if share else [])]
    found = open_days(9, valid_days=3, renewal_probability=share, renewal_processing_days=1)
    assert found == expected
