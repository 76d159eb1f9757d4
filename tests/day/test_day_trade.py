"""Bans, licences and what else the law does to lanes, with numbers worked out by hand."""

import pytest

from tests.builders import ban, day, shop, told, told_without_shock


def licence(start, **fields):
    base = {"kind": "licence", "title": "Licence", "date": day(start), "relieves": ["ban"], "shock": True}
    return base | fields


def with_second_source(days=20, **changes):
    """A second, free lane that is asked after the first."""
    return shop(
        days,
        firms={"friend": {"name": "Friend", "country": "TW"}},
        stock_points={
            "shelf": {"sourcing": "rank"},
            "second": {"firm": "friend", "item": "part"},
        },
        lanes={"second": {"supplier": "second", "buyer": "shelf", "rank": 2, "lead_time_days": 3}},
        **changes,
    )


def test_a_closed_lane_takes_no_orders():
    run = told(shop(8, interventions={"ban": ban(5)}))
    assert run.lane("parts", "ordered").tolist() == [10.0] * 5 + [0.0] * 3


def test_what_cannot_be_ordered_is_noted_as_refused():
    run = told(shop(8, interventions={"ban": ban(5)}))
    assert run.lane("parts", "refused").tolist() == [0.0] * 5 + [10.0, 20.0, 30.0]


def test_the_counterfactual_knows_no_shock():
    run = told_without_shock(shop(8, interventions={"ban": ban(5)}))
    assert run.lane("parts", "ordered").tolist() == [10.0] * 8


def test_the_counterfactual_knows_bans_that_are_no_shock():
    run = told_without_shock(shop(8, interventions={"ban": ban(5, shock=False)}))
    assert run.lane("parts", "ordered").tolist() == [10.0] * 5 + [0.0] * 3


def test_by_the_savings_clause_goods_under_way_arrive():
    run = told(shop(10, interventions={"ban": ban(5, in_transit="delivered")}))
    assert run.lane("parts", "delivered").tolist() == [0.0] * 3 + [10.0] * 5 + [0.0] * 2


def test_goods_under_way_turn_back_but_what_arrives_that_day_is_in():
    run = told(shop(10, interventions={"ban": ban(5, in_transit="turned_back")}))
    assert run.lane("parts", "turned_back").tolist() == [0.0] * 5 + [20.0] + [0.0] * 4
    assert run.lane("parts", "delivered").tolist() == [0.0] * 3 + [10.0] * 3 + [0.0] * 4


def test_goods_turned_back_shorten_survival_by_their_cover():
    def days_sold(way):
        sold = told(shop(20, interventions={"ban": ban(5, in_transit=way)})).stream("home", "shipped")
        return int((sold > 0.0).sum())

    assert days_sold("delivered") == 15
    assert days_sold("turned_back") == 13


def test_only_what_may_no_longer_pass_turns_back():
    lane = {"parts": {"subsidiary_share": 0.25}}
    run = told(shop(8, lanes=lane, interventions={"ban": ban(5, in_transit="turned_back")}))
    assert run.lane("parts", "turned_back")[5] == 15.0
    assert run.lane("parts", "delivered").tolist() == [0.0] * 3 + [10.0] * 3 + [2.5] * 2


def test_nothing_is_turned_back_where_all_that_is_under_way_arrives_that_day():
    units = 3.3 * 0.7
    data = shop(
        8,
        stock_points={
            "shelf": {"policy": {"units": units, "review_days": 2}, "initial_on_hand": units},
        },
        lanes={"parts": {"lead_time_days": 2}},
        demand={"home": {"mean_per_day": 0.7}},
        interventions={"ban": ban(4, in_transit="turned_back")},
    )
    assert told(data).lane("parts", "turned_back").tolist() == [0.0] * 8


def with_backlog(**lane):
    """The source ships 6 of 10: 20 wait when the ban comes on day 5, and a second source opens."""
    data = with_second_source(8, interventions={"ban": ban(5)})
    data["stock_points"]["source"]["capacity_per_day"] = 6.0
    late = {"trigger": {"date": day(5)}, "qualification_lag_days": 0}
    data["substitutes"] = {"second": {**data["lanes"].pop("second"), **late}}
    data["lanes"]["parts"] |= lane
    return told(data)


def test_a_ban_cancels_the_backlog():
    run = with_backlog()
    assert run.lane("parts", "cancelled").tolist() == [0.0] * 5 + [20.0, 0.0, 0.0]
    assert run.lane("parts", "backlog").tolist() == [4.0, 8.0, 12.0, 16.0, 20.0, 0.0, 0.0, 0.0]


def test_cancelled_backlog_is_ordered_elsewhere_on_the_same_day():
    run = with_backlog()
    assert run.lane("second", "ordered").tolist() == [0.0] * 5 + [30.0, 10.0, 10.0]


def test_subsidiaries_keep_their_share_of_the_backlog():
    run = with_backlog(subsidiary_share=0.25)
    assert run.lane("parts", "cancelled")[5] == 15.0


def test_subsidiaries_supply_their_share_of_planned_volume():
    lane = {"parts": {"subsidiary_share": 0.2}}
    run = told(shop(8, lanes=lane, interventions={"ban": ban(5)}))
    assert run.lane("parts", "ordered").tolist() == [10.0] * 5 + [2.0] * 3


def test_a_licence_opens_its_share_after_its_delay_until_it_expires():
    entries = {"ban": ban(2), "licence": licence(2, delay_days=3, volume_share=0.4, end=day(8))}
    run = told(shop(10, interventions=entries))
    assert run.open_share("parts").tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 0.4, 0.4, 0.4, 0.0, 0.0]
    assert run.lane("parts", "ordered").tolist() == [10.0, 10.0, 0.0, 0.0, 0.0, 4.0, 4.0, 4.0, 0.0, 0.0]


def test_a_full_licence_opens_the_lane():
    run = told(shop(8, interventions={"ban": ban(2), "licence": licence(5)}))
    assert run.lane("parts", "ordered").tolist() == [10.0, 10.0, 0.0, 0.0, 0.0, 40.0, 10.0, 10.0]


def test_licence_and_subsidiaries_add_up():
    lane = {"parts": {"subsidiary_share": 0.2}}
    entries = {"ban": ban(2), "licence": licence(4, volume_share=0.5)}
    run = told(shop(6, lanes=lane, interventions=entries))
    assert run.open_share("parts").tolist() == [1.0, 1.0, 0.2, 0.2, 0.7, 0.7]


@pytest.mark.parametrize("volumes", [(0.4, 0.2), (0.2, 0.4)])
def test_of_two_licences_the_more_generous_counts(volumes):
    first, second = volumes
    entries = {
        "ban": ban(1),
        "first": licence(1, volume_share=first),
        "second": licence(1, volume_share=second),
    }
    assert told(shop(3, interventions=entries)).open_share("parts").tolist() == [1.0, 0.4, 0.4]


def test_a_licence_that_is_not_granted_opens_nothing():
    entries = {"ban": ban(2), "licence": licence(2, grant_probability=0.0)}
    assert told(shop(5, interventions=entries)).open_share("parts").tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]


def test_a_licence_is_granted_by_its_probability_once_for_each_supplier():
    entries = {"ban": ban(0), "licence": licence(0, grant_probability=0.3)}
    data = shop(2, interventions=entries)
    granted = sum(told(data, replication=k).open_share("parts")[0] for k in range(300))
    assert abs(granted - 90) < 4 * (300 * 0.3 * 0.7) ** 0.5


def test_what_a_licence_allowed_and_nobody_used_cannot_be_ordered_after_it_expires():
    entries = {"ban": ban(5), "licence": licence(5, volume_share=0.5, end=day(10))}
    full = {"shelf": {"initial_on_hand": 220.0}}
    run = told(shop(20, stock_points=full, interventions=entries))
    assert run.lane("parts", "ordered")[10:].tolist() == [0.0] * 10


def covered(content, **fields):
    """Whether a ban closes a lane of some controlled content; a second lane is always closed."""
    data = with_second_source(2, interventions={"ban": ban(0, **fields)})
    data["lanes"]["parts"]["controlled_content_share"] = content
    data["lanes"]["second"]["controlled_by"] = "US"
    return told(data).open_share("parts")[0] == 0.0


def test_a_lane_at_de_minimis_closes():
    assert covered(0.25)


def test_a_lane_below_de_minimis_stays_open():
    assert not covered(0.249)


def test_the_de_minimis_share_is_a_setting():
    assert covered(0.1, de_minimis_share=0.1)


def test_over_compliance_closes_a_lane_below_de_minimis():
    assert covered(0.1, over_compliance_probability=1.0)


def test_over_compliance_closes_other_items_of_the_same_supplier():
    data = with_other_item(over_compliance_probability=1.0)
    assert told(data).open_share("others").tolist() == [0.0, 0.0]


def test_without_over_compliance_other_items_stay_open():
    assert told(with_other_item()).open_share("others").tolist() == [1.0, 1.0]


def with_other_item(**fields):
    return shop(
        2,
        items={"other": {"name": "Other", "unit": "pieces"}},
        stock_points={
            "other-source": {"firm": "supplier", "item": "other"},
            "others": {"firm": "maker", "item": "other", "policy": {"kind": "base_stock"}},
        },
        lanes={"others": {"supplier": "other-source", "buyer": "others"}},
        demand={"other": {"stock_point": "others", "market": "home", "mean_per_day": 1.0, "price": 1.0}},
        interventions={"ban": ban(0, covers={"items": ["part"]}, **fields)},
    )


def foreign(**fields):
    """The supplier is in Taiwan and its parts hold nothing from the US."""
    return shop(
        2,
        firms={"supplier": {"country": "TW"}},
        stock_points={"source": {"controlled_technology": ["US"]}},
        lanes={"parts": {"controlled_content_share": 0.0}},
        interventions={"ban": ban(0, **fields)},
    )


def test_a_direct_product_rule_covers_what_the_technology_makes():
    assert told(foreign(kind="direct_product_rule")).open_share("parts")[0] == 0.0


def test_content_may_be_controlled_by_another_country_than_the_suppliers():
    data = shop(
        2,
        firms={"supplier": {"country": "TW"}},
        lanes={"parts": {"controlled_by": "US"}},
        interventions={"ban": ban(0)},
    )
    assert told(data).open_share("parts")[0] == 0.0


def test_retaliation_needs_no_content():
    lane = {"parts": {"controlled_content_share": 0.0}}
    entry = ban(0, kind="retaliation")
    assert told(shop(2, lanes=lane, interventions={"answer": entry})).open_share("parts")[0] == 0.0


def test_a_ban_ends():
    run = told(shop(8, interventions={"ban": ban(2, duration_days=3)}))
    assert run.open_share("parts").tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]


def test_a_lifting_ends_one_ban_and_leaves_the_other():
    entries = {
        "ban": ban(2),
        "second-ban": ban(3, end=day(7)),
        "lifting": {"kind": "lifting", "title": "Lifting", "date": day(5), "lifts": ["ban"], "shock": True},
    }
    run = told(shop(9, interventions=entries))
    assert run.open_share("parts").tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]


def test_a_licence_of_one_ban_does_not_open_another():
    entries = {"ban": ban(1), "second-ban": ban(1), "licence": licence(1)}
    run = told(shop(3, interventions=entries))
    assert run.open_share("parts").tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("covers", [{"buyers": ["maker"]}, {"suppliers": ["supplier"]}, {"items": ["part"]}])
def test_a_ban_covers_by_any_list(covers):
    run = told(shop(2, interventions={"ban": ban(0, covers=covers)}))
    assert run.open_share("parts").tolist() == [0.0, 0.0]


def test_what_is_turned_back_on_two_lanes_is_stock_of_their_supplier_again():
    data = shop(
        8,
        stock_points={
            "depot": {
                "firm": "supplier",
                "item": "part",
                "policy": {"kind": "base_stock", "units": 500.0},
            },
            "corner": {
                "firm": "maker",
                "item": "part",
                "policy": {"kind": "base_stock", "units": 100.0},
            },
        },
        lanes={
            "parts": {"supplier": "depot"},
            "more": {"supplier": "depot", "buyer": "corner", "lead_time_days": 2},
            "inbound": {"supplier": "source", "buyer": "depot", "lead_time_days": 1},
        },
        demand={
            "corner": {
                "stock_point": "corner",
                "market": "home",
                "mean_per_day": 20.0,
                "process": "constant",
                "price": 1.0,
            }
        },
        interventions={"ban": ban(5, in_transit="turned_back", covers={"lanes": ["parts", "more"]})},
    )
    run = told(data)
    assert run.point("depot", "returned").tolist() == [0.0] * 5 + [40.0, 0.0, 0.0]
    assert run.point("depot", "on_hand").tolist() == [470.0] * 5 + [540.0] * 3
