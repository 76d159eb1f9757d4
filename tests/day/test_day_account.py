"""What goods cost and what a maker earns, worked out by hand."""

import numpy as np
import pytest

from sim.engines.costing import CHANGES, ENTRIES
from sim.model.causes import Causes
from tests.builders import ban, compiled, day, factory, measured, merged, shop, twins_of

KEPT = {"headline": "margin"}
DEARER = {"kind": "price_change", "title": "Dearer", "date": day(2), "lanes": {}, "factor": 2.0}


def account(data, counterfactual=False, maker=0):
    """Every entry of a maker's account."""
    outcome = measured(twins_of(merged({"analysis": KEPT}, data))).outcome
    return dict(zip(ENTRIES, outcome.account[int(counterfactual), :, maker].tolist(), strict=True))


def kept(data):
    return measured(twins_of(merged({"analysis": KEPT}, data)))


def changes(data):
    """What margin is lost through beside goods not sold."""
    data = merged({"analysis": KEPT}, data)
    lost = measured(twins_of(data)).outcome.margin_attribution[0, Causes.of(compiled(data)).count :]
    return dict(zip(CHANGES, lost.tolist(), strict=True))


def test_what_is_sold_costs_what_was_paid_for_it():
    found = account(shop(5))
    assert found["cost_of_sales_to_markets"] == 50.0
    assert found["purchases"] == 50.0
    assert found["stock_change"] == 0.0


def test_opening_stock_costs_what_the_lanes_charge_on_the_first_day():
    assert kept(shop(5)).outcome.stream_cost[0].tolist() == [50.0]


def test_opening_stock_costs_what_the_file_says():
    """On day 3, 10 of 1.00 arrive to 70 of 3.00; on day 4 to 70 of 2.75."""
    data = shop(5, stock_points={"shelf": {"unit_cost": 3.0}})
    fourth, fifth = (70.0 * 3.0 + 10.0) / 80.0, (70.0 * 2.75 + 10.0) / 80.0
    assert kept(data).outcome.stream_cost[0].tolist() == [10.0 * (3.0 + 3.0 + 3.0 + fourth + fifth)]


def test_a_dearer_lane_makes_the_stock_dearer_as_the_goods_arrive():
    """On day 3, 20 of 1.00 and 20 of 2.00 are under way: 10 of 1.50 arrive, to 70 of 1.00."""
    found = account(shop(6, interventions={"dearer": DEARER}))
    assert found["purchases"] == 10.0 * 2 + 20.0 * 4
    shelf = [1.0, 1.0, 1.0]
    for arrival in (1.5, 1.625, 1.71875):
        shelf.append((70.0 * shelf[-1] + 10.0 * arrival) / 80.0)
    assert found["cost_of_sales_to_markets"] == pytest.approx(10.0 * sum(shelf))


def test_a_price_penalty_is_part_of_the_cost():
    late = {
        "supplier": "source", "buyer": "shelf", "trigger": {"date": day(0)}, "qualification_lag_days": 0,
        "price": 1.0, "price_penalty": 0.5, "units_per_original": 2.0, "qualification_cost": 40.0,
    }  # fmt: skip
    data = shop(1, substitutes={"late": late}, lanes={"parts": {"rank": 2}})
    data["stock_points"]["shelf"]["sourcing"] = "rank"
    found = account(data)
    assert found["purchases"] == 10.0 * 2.0 * 1.5
    assert found["cost_of_sales_to_markets"] == pytest.approx(10.0 * (100.0 + 30.0) / 110.0)
    assert found["measures"] == 40.0


def test_a_qualification_is_paid_when_it_is_done():
    late = {
        "supplier": "source", "buyer": "shelf", "trigger": {"intervention": "ban"},
        "qualification_lag_days": 3, "qualification_cost": 40.0,
    }  # fmt: skip
    data = shop(9, substitutes={"late": late}, interventions={"ban": ban(2)})
    assert account(data)["measures"] == 40.0
    assert account(data, counterfactual=True)["measures"] == 0.0
    assert account(merged(data, {"calendar": {"days": 5}}))["measures"] == 0.0
    assert changes(data)["measures"] == 40.0


def test_goods_cost_their_inputs_and_their_conversion():
    """Two parts of 1.00 and 0.50 for each good; half of what is started is lost."""
    data = factory(3, recipes={"assembly": {"conversion_cost": 0.5, "yield_share": 0.5}})
    found = account(data)
    assert found["cost_of_sales_to_markets"] == 3 * 10.0 * (2.0 / 0.5 + 0.5)
    assert found["conversion"] == 3 * 10.0 * 0.5
    assert found["stock_change"] == found["purchases"] + found["conversion"] - 135.0


def test_work_in_process_carries_what_its_inputs_cost_when_it_was_started():
    """Parts of 1.00 till day 2, of 2.00 from then on; what is started on a day is finished on the next."""
    data = factory(
        4,
        stock_points={
            "parts": {"initial_on_hand": 0.0, "policy": {"units": 0.0}},
            "goods": {"initial_on_hand": 10.0, "policy": {"units": 10.0}},
        },
        lanes={"parts": {"lead_time_days": 0}},
        recipes={"assembly": {"process_days": 1}},
        interventions={"dearer": DEARER},
    )
    run = kept(data).outcome
    assert run.account[0, ENTRIES.index("purchases"), 0] == 20.0 + 20.0 + 40.0 + 40.0
    second = (20.0 + 40.0) / 20.0
    third = (10.0 * second + 40.0) / 20.0
    assert run.stream_cost[0, 0] == pytest.approx(20.0 + 20.0 + 10.0 * second + 10.0 * third)


def with_shop_of_its_own(days=6, **changes):
    """The maker's goods go to its own shop, two days away, at no price."""
    base = factory(
        days,
        stock_points={
            "shop": {
                "firm": "maker",
                "item": "product",
                "policy": {"kind": "base_stock", "units": 20.0},
                "initial_on_hand": 20.0,
            },
        },
        lanes={"own": {"supplier": "goods", "buyer": "shop", "lead_time_days": 2}},
        demand={"home": {"stock_point": "shop"}},
    )
    return merged(base, changes)


def test_goods_keep_their_cost_on_their_way_within_a_firm():
    found = account(with_shop_of_its_own())
    assert found["cost_of_sales_to_markets"] == 2.0 * 60.0
    assert found["sales_to_firms"] == 0.0


def through_a_retailer(days=6, **changes):
    """The same, but the shop is another firm's, which pays 4.00."""
    base = with_shop_of_its_own(
        days,
        firms={"retailer": {"name": "Retailer", "country": "DE"}},
        stock_points={"shop": {"firm": "retailer"}},
        lanes={"own": {"price": 4.0}},
        demand={"few": {"stock_point": "goods", "market": "home", "mean_per_day": 0.0, "price": 5.0}},
        analysis={"makers": ["maker", "retailer"], "headline": "margin"},
    )
    return merged(base, changes)


def test_goods_change_their_owner_when_they_are_shipped():
    maker, retailer = account(through_a_retailer()), account(through_a_retailer(), maker=1)
    assert maker["sales_to_firms"] == retailer["purchases"] == 6 * 10.0 * 4.0
    assert maker["cost_of_sales_to_firms"] == 6 * 10.0 * 2.0
    assert maker["cost_of_sales_to_markets"] == 0.0
    assert retailer["cost_of_sales_to_markets"] == 4.0 * 60.0


def test_goods_that_turn_back_are_paid_back_and_are_in_stock_again():
    """What is paid back is what was paid, and the maker has its goods again at what they have cost."""
    turned = ban(2, jurisdiction="DE", covers={"lanes": ["own"]}, in_transit="turned_back")
    data = through_a_retailer(3, interventions={"ban": turned})
    maker, retailer = account(data), account(data, maker=1)
    ledger = twins_of(data).scenario.ledger.lanes
    units = float((ledger.shipped - ledger.turned_back)[2:, 1].sum())
    assert maker["sales_to_firms"] == retailer["purchases"] == 4.0 * units
    assert maker["cost_of_sales_to_firms"] == 2.0 * units


def test_what_an_own_source_supplies_counts_as_bought_at_its_unit_cost():
    data = factory(3, stock_points={"source": {"firm": "maker", "unit_cost": 0.25}})
    found = account(data)
    assert found["purchases"] == 3 * 20.0 * 0.25
    assert account(merged(data, {"stock_points": {"source": {"unit_cost": None}}}))["purchases"] == 0.0


def test_what_a_recipe_draws_from_an_own_source_counts_as_bought():
    """Two parts of 1.00 and an ore of 0.50 for each good."""
    data = factory(
        3,
        items={"ore": {"name": "Ore", "unit": "pieces"}},
        stock_points={"mine": {"firm": "maker", "item": "ore", "unit_cost": 0.5}},
        recipes={"assembly": {"inputs": {"parts": 2.0, "mine": 1.0}}},
    )
    found = account(data)
    assert found["purchases"] == 3 * 20.0 + 3 * 10.0 * 0.5
    assert found["cost_of_sales_to_markets"] == 3 * 10.0 * 2.5


def test_fixed_costs_are_paid_whatever_is_sold():
    data = shop(9, firms={"maker": {"fixed_cost_per_day": 3.0}}, interventions={"ban": ban(2)})
    assert account(data)["fixed_costs"] == account(data, counterfactual=True)["fixed_costs"] == 7 * 3.0


def test_what_is_destroyed_is_written_off_at_what_it_has_cost():
    """Half of the shelf, and of the two days' orders that have not come: of 10 a day, at 1.00 each."""
    fire = {"kind": "stock_loss", "title": "Fire", "date": day(4), "on_hand_share": 0.5}
    fire |= {"stock_points": {"stock_points": ["shelf"]}, "lanes": {}, "in_transit_share": 0.5, "shock": True}
    data = shop(9, interventions={"fire": fire})
    points, lanes = twins_of(data).scenario.ledger.points, twins_of(data).scenario.ledger.lanes
    units = points.written_off.sum() + lanes.written_off.sum()
    assert units == 35.0 + 10.0
    assert account(data)["write_offs"] == units * 1.0
    loss, blamed = margin_loss(data)
    assert loss == 45.0 == blamed.sum()


def perishing(**shelf):
    """Of the 100 that are new on the first day, 20 are sold in time, and of what comes later not all."""
    usual = {"shelf_life_days": 2, "salvage_value_per_unit": 0.25}
    return shop(14, stock_points={"shelf": usual | shelf})


def test_what_expires_is_written_off_and_what_it_is_sold_for_is_income():
    data = perishing()
    units = twins_of(data).scenario.ledger.points.expired.sum()
    assert units > 0.0
    found, without = account(data), account(perishing(salvage_value_per_unit=0.0))
    assert found == without | {"salvage": units * 0.25}
    assert found["write_offs"] == units * 1.0


def test_the_weeks_of_margin_have_what_expired_and_what_it_was_sold_for():
    found, revenue = account(perishing()), kept(perishing()).outcome.stream_revenue[0].sum()
    spent = found["cost_of_sales_to_markets"] + found["write_offs"]
    weekly = kept(perishing()).courses.margin[0, 0]
    assert len(weekly) == 2
    assert weekly.sum() == pytest.approx(revenue - spent + found["salvage"])


def test_what_is_destroyed_is_sold_to_nobody():
    fire = {"kind": "stock_loss", "title": "Fire", "date": day(1), "on_hand_share": 1.0}
    fire |= {"stock_points": {"stock_points": ["shelf"]}}
    data = merged(perishing(shelf_life_days=30), {"interventions": {"fire": fire}})
    assert twins_of(data).scenario.ledger.points.written_off.sum() > 0.0
    assert account(data)["write_offs"] > 0.0
    assert account(data)["salvage"] == 0.0


def test_margin_is_lost_through_what_is_written_off_less_what_it_is_sold_for():
    """With half of the demand, more expires."""
    fall = {
        "kind": "demand_shift", "title": "Fall", "date": day(2), "shock": True, "covers": {}, "factor": 0.5,
    }  # fmt: skip
    data = merged(perishing(), {"interventions": {"fall": fall}})
    found, normal = account(data), account(data, counterfactual=True)
    more = {name: found[name] - normal[name] for name in ("write_offs", "salvage")}
    assert more["write_offs"] > 0.0
    assert changes(data)["write_offs"] == pytest.approx(more["write_offs"] - more["salvage"])
    loss, blamed = margin_loss(data)
    assert loss == pytest.approx(blamed.sum())


def test_work_that_is_destroyed_is_written_off_at_its_inputs_and_conversion():
    fire = {"kind": "stock_loss", "title": "Fire", "date": day(4), "work_in_process_share": 0.5}
    fire |= {"stock_points": {"stock_points": ["goods"]}, "shock": True}
    slow = {"conversion_cost": 3.0, "process_days": 3}
    data = factory(8, recipes={"assembly": slow}, interventions={"fire": fire})
    units = twins_of(data).scenario.ledger.points.work_written_off.sum()
    assert units > 0.0
    assert account(data)["write_offs"] == units * (2 * 1.0 + 3.0)


def margin_loss(data, maker=0):
    run = kept(data)
    found = run.outcome
    booked = dict(zip(ENTRIES, found.account.swapaxes(0, 1)[:, :, maker], strict=True))
    sold = found.stream_revenue.sum(axis=1) + booked["sales_to_firms"] + booked["salvage"]
    margin = sold - found.cost[:, :, maker].sum(axis=1)
    for entry in ("cost_of_sales_to_markets", "cost_of_sales_to_firms", "write_offs", "measures"):
        margin = margin - booked[entry]
    return margin[1] - margin[0], found.margin_attribution[maker]


def test_goods_that_are_not_sold_have_not_cost_anything():
    """From day 9 on the shelf is empty: of 10 a day, 2.00 of revenue less 1.00 of cost are lost."""
    data = shop(19, demand={"home": {"patience_days": 0}}, interventions={"ban": ban(2)})
    loss, blamed = margin_loss(data)
    lost = twins_of(data).scenario.ledger.streams.lost.sum()
    assert loss == pytest.approx(lost)
    lane = compiled(data).labels.lanes.index("parts")
    assert blamed[lane] == pytest.approx(lost)
    assert np.delete(blamed, lane).tolist() == [0.0] * (len(blamed) - 1)


def test_what_the_shock_makes_dearer_is_lost_through_unit_costs():
    data = shop(9, interventions={"dearer": DEARER | {"shock": True}})
    loss, blamed = margin_loss(data)
    assert loss > 0.0
    assert changes(data)["unit_costs"] == pytest.approx(loss) == pytest.approx(blamed.sum())


def test_what_a_stock_no_longer_costs_is_a_gain():
    data = shop(
        9,
        stock_points={"shelf": {"holding_cost_per_unit_day": 0.5}},
        demand={"home": {"patience_days": 0}},
        interventions={"ban": ban(2)},
    )
    loss, blamed = margin_loss(data)
    assert changes(data)["running_costs"] < 0.0
    assert blamed.sum() == pytest.approx(loss)


def test_the_weeks_add_up_to_the_window():
    data = through_a_retailer(21, interventions={"ban": ban(7)}, analysis={"window_days": 14})
    run = kept(data)
    weeks = run.courses.margin[:, 0, 1:].sum(axis=1)
    loss, blamed = margin_loss(data)
    assert weeks[1] - weeks[0] == pytest.approx(loss)
    assert run.courses.margin_attribution[0].sum() == pytest.approx(blamed.sum())


def test_without_accounts_there_are_none():
    found = measured(twins_of(shop(9)))
    assert (found.outcome.account.size, found.courses.margin.size) == (0, 0)
