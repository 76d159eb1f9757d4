"""Who bears a duty, worked out by hand."""

import numpy as np
import pytest

from sim.engines.costing import ENTRIES
from sim.risk import tables
from sim.risk.duties import lane_sales, value_before_duty
from tests.builders import ban, compiled, day, factory, measured, merged, shop, twins_of

ABROAD = {"retailer": {"name": "Retailer", "country": "US"}}
WINDOW = {"analysis": {"makers": ["maker", "retailer"], "headline": "margin"}}


def tariff(start=2, **fields):
    entry = {"kind": "tariff", "title": "Tariff", "date": day(start), "covers": {}, "rate": 0.5}
    return entry | {"passed_on_share": 0.75} | fields


def exporter(days=6, **changes):
    """A maker, whose goods cost 2.00 each; it sells 10 a day for 4.00 to a retailer abroad, two days away."""
    base = factory(
        days,
        firms=ABROAD,
        stock_points={
            "shop": {
                "firm": "retailer",
                "item": "product",
                "policy": {"kind": "base_stock", "units": 20.0},
                "initial_on_hand": 20.0,
            },
        },
        lanes={"own": {"supplier": "goods", "buyer": "shop", "lead_time_days": 2, "price": 4.0}},
        demand={
            "home": {"stock_point": "shop"},
            "few": {"stock_point": "goods", "market": "home", "mean_per_day": 0.0, "price": 5.0},
        },
        **WINDOW,
    )
    return merged(base, changes)


def taxed(entry, days=6, **changes):
    """The exporter under a tariff on what it sells."""
    entry = entry | {"covers": {"lanes": ["own"]}}
    return exporter(days, interventions={"tariff": entry}, **changes)


def account(data, maker=0, counterfactual=False):
    outcome = measured(twins_of(data)).outcome
    return dict(zip(ENTRIES, outcome.account[int(counterfactual), :, maker].tolist(), strict=True))


def prices(data, lane="own"):
    schedule = twins_of(data).scenario.schedule
    row = compiled(data).labels.lanes.index(lane)
    names = ("lane_price", "lane_price_paid", "lane_price_received")
    return [getattr(schedule, name)[row].tolist() for name in names]


def test_buyer_and_seller_bear_their_shares_of_the_duty():
    """Of 4.00, half is due: the buyer pays 1.50 on top, the seller gets 0.50 less."""
    before, paid, received = prices(taxed(tariff()))
    assert before == [4.0] * 6
    assert paid == [4.0] * 2 + [5.5] * 4
    assert received == [4.0] * 2 + [3.5] * 4


@pytest.mark.parametrize(("share", "paid", "received"), [(None, 6.0, 4.0), (1.0, 6.0, 4.0), (0.0, 4.0, 2.0)])
def test_all_of_it_is_passed_on_unless_the_file_says_otherwise(share, paid, received):
    entry = tariff(0, passed_on_share=share)
    given = {name: value for name, value in entry.items() if value is not None}
    _, *found = prices(taxed(given, days=1))
    assert found == [[paid], [received]]


def test_a_tariff_climbs_and_ends():
    _, paid, received = prices(taxed(tariff(1, ramp_days=4, duration_days=4), days=7))
    assert paid == [4.0, 4.0, 4.375, 4.75, 5.125, 4.0, 4.0]
    assert received == [4.0, 4.0, 3.875, 3.75, 3.625, 4.0, 4.0]


def test_several_tariffs_add_their_rates_and_price_changes_come_before_duty():
    """8.00 before duty; 50 % at 3/4 and 25 % at 0 are due: 3.00 on top, 1.00 + 2.00 less."""
    second = tariff(0, rate=0.25, passed_on_share=0.0, covers={"lanes": ["own"]})
    dearer = {"kind": "price_change", "title": "Dearer", "date": day(0), "lanes": {}, "factor": 2.0}
    data = taxed(tariff(0), days=1)
    data["interventions"] |= {"second": second, "dearer": dearer}
    assert prices(data) == [[8.0], [11.0], [5.0]]


def test_the_buyers_purchases_have_its_part_and_the_sellers_sales_lack_his():
    """60 units leave, 40 of them under the tariff; they cost 5.50 and bring 3.50."""
    data = taxed(tariff())
    maker, retailer = account(data), account(data, maker=1)
    assert maker["sales_to_firms"] == 20 * 4.0 + 40 * 3.5
    assert maker["cost_of_sales_to_firms"] == 60 * 2.0
    assert retailer["purchases"] == 20 * 4.0 + 40 * 5.5
    assert retailer["purchases"] - maker["sales_to_firms"] == 40 * 4.0 * 0.5


def test_a_duty_is_part_of_what_the_buyers_stock_costs():
    """From day 2 on, 10 at 5.50 and 10 at 4.00 are under way: 10 of 4.75 arrive to 10 on hand at 4.00."""
    data = taxed(tariff(2), days=4)
    cost, under_way, on_hand = 0.0, 4.0, 4.0
    path = twins_of(data).scenario
    lane = compiled(data).labels.lanes.index("own")
    shipped, delivered = path.ledger.lanes.shipped[:, lane], path.ledger.lanes.delivered[:, lane]
    units, stock = 0.0, 20.0
    for today, price in enumerate([4.0, 4.0, 5.5, 5.5]):
        under_way = (units * under_way + shipped[today] * price) / (units + shipped[today])
        units += shipped[today] - delivered[today]
        on_hand = (stock * on_hand + delivered[today] * under_way) / (stock + delivered[today])
        stock += delivered[today] - 10.0
        cost += 10.0 * on_hand
    assert account(data, maker=1)["cost_of_sales_to_markets"] == pytest.approx(cost)
    assert cost > 40 * 4.0


def test_duties_and_prices_add_up():
    data = taxed(tariff(2, shock=True))
    plan, outcome = compiled(data), measured(twins_of(data)).outcome
    batch = type(outcome)(**{name: getattr(outcome, name)[None] for name in outcome.__slots__})
    lane = plan.labels.lanes.index("own")
    assert outcome.duty.tolist() == [[[40 * 1.5], [40 * 0.5]], [[0.0], [0.0]]]
    assert batch.lane_value[0, :, lane].tolist() == [40 * 5.5, 40 * 4.0]
    assert value_before_duty(plan, batch)[0, :, lane].tolist() == [40 * 4.0] * 2
    assert lane_sales(plan, batch)[0, :, lane].tolist() == [40 * 3.5, 40 * 4.0]
    table = tables.duties(plan, batch)
    assert table["paid"].tolist() == (table["received"] + table["duty"]).tolist() == [220.0, 160.0]
    row = tables.suppliers(plan, batch).set_index("supplier").loc["maker"]
    assert (row["revenue_counterfactual"], row["mean"]) == (160.0, 20.0)


def test_what_the_seller_bears_is_lost_revenue_and_the_lanes_own():
    twins = twins_of(taxed(tariff(2, shock=True)))
    outcome, lane = measured(twins).outcome, twins.plan.labels.lanes.index("own")
    batch = type(outcome)(**{name: getattr(outcome, name)[None] for name in outcome.__slots__})
    assert outcome.attribution[0, lane] == outcome.attribution[0].sum() == 40 * 0.5
    assert tables.makers(twins.plan, batch)["loss"].tolist() == [40 * 0.5, 0.0]
    assert tables.products(twins.plan, batch).set_index("market").loc["retailer", "mean"] == 40 * 0.5


def test_what_a_buyer_waits_for_is_lost_at_what_the_seller_would_have_got():
    """Under the tariff on both paths 3.50 a unit is left; from day 2 on nothing new is made."""
    fire = {"kind": "capacity_loss", "title": "Fire", "date": day(2), "shock": True, "lost_share": 1.0}
    data = taxed(tariff(0), days=12)
    data["interventions"]["fire"] = fire | {"covers": {"stock_points": ["goods"]}}
    twins = twins_of(data)
    lanes = (path.ledger.lanes for path in (twins.scenario, twins.counterfactual))
    row, outcome = twins.plan.labels.lanes.index("own"), measured(twins).outcome
    lost, normal = (float((its.shipped - its.turned_back)[2:, row].sum()) for its in lanes)
    assert normal > lost
    assert outcome.attribution[0].sum() == pytest.approx(3.5 * (normal - lost))
    assert outcome.attribution[0, row] == pytest.approx(0.0)
    assert outcome.normal_service[0] == pytest.approx(1.0)


def test_goods_that_turn_back_have_their_duty_back():
    """What was sold at 5.50 and 3.50 is undone at that, whoever had paid what."""
    turned = ban(2, jurisdiction="DE", covers={"lanes": ["own"]}, in_transit="turned_back")
    data = taxed(tariff(0), days=3)
    data["interventions"]["ban"] = turned
    ledger = twins_of(data).scenario.ledger.lanes
    lane = compiled(data).labels.lanes.index("own")
    units = float((ledger.shipped - ledger.turned_back)[2:, lane].sum())
    assert units < 0.0
    assert account(data)["sales_to_firms"] == pytest.approx(3.5 * units)
    assert account(data, maker=1)["purchases"] == pytest.approx(5.5 * units)
    assert measured(twins_of(data)).outcome.duty[0, :, 0].tolist() == [1.5 * units, 0.5 * units]


def test_goods_under_way_turn_back_at_what_their_seller_got():
    """Those sent before the tariff at 4.00, those under it at 3.50: the average of what is under way."""
    turned = ban(2, jurisdiction="DE", covers={"lanes": ["own"]}, in_transit="turned_back")
    data = taxed(tariff(1), days=3)
    data["interventions"]["ban"] = turned
    ledger = twins_of(data).scenario.ledger.lanes
    lane = compiled(data).labels.lanes.index("own")
    back = float(ledger.turned_back[2, lane])
    assert ledger.shipped[:3, lane].tolist() == [10.0, 10.0, 0.0]
    assert account(data)["sales_to_firms"] == pytest.approx(-back * (4.0 + 3.5) / 2)
    assert account(data, maker=1)["purchases"] == pytest.approx(-back * (4.0 + 5.5) / 2)


@pytest.mark.parametrize(
    ("shop", "taxed_lanes"),
    [
        ({}, {"parts", "own"}),
        ({"country": "DE"}, {"parts"}),
        ({"firm": "maker", "country": "US"}, {"parts"}),
    ],
    ids=["abroad", "at home", "its own abroad"],
)
def test_a_duty_is_due_only_where_goods_are_sold_across_a_border(shop, taxed_lanes):
    """A cover of all lanes: not on what stays in a country, nor on what stays with its owner."""
    alone = {"makers": ["maker"]}
    data = exporter(1, interventions={"tariff": tariff(0)}, stock_points={"shop": shop}, analysis=alone)
    plan = compiled(data)
    assert {plan.labels.lanes[lane] for lane in plan.effects.target} == taxed_lanes


def test_a_tariff_moves_no_goods():
    data = taxed(tariff(0, shock=True))
    twins = twins_of(data)
    for name in ("shipped", "delivered", "ordered"):
        with_it, without = (
            getattr(path.ledger.lanes, name) for path in (twins.scenario, twins.counterfactual)
        )
        assert np.array_equal(with_it, without)


def test_without_tariffs_there_are_no_duties():
    found = measured(twins_of(shop(9))).outcome
    assert found.duty.size == 0
