"""The measures, added up day by day, are those of both engines, and those that NumPy finds in whole ledgers.

The latter (`tests/readable_measures`) add up in another order, so sums differ by rounding and days do not.
`time_to_adapt` compares such sums: networks on whose outcome rounding could decide are told by a margin, and
there the day may differ.
"""

from pathlib import Path

import pytest
from hypothesis import assume, given

from sim.model.compile import compile_plan
from sim.montecarlo.compiled_batch import run_blocks
from sim.risk.earnings import accounted
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from tests.builders import ban, compiled, day, factory, merged, shop
from tests.differential.compare import SEED, assert_same_measures, readable
from tests.strategies import few, scenario_data

LOSS = {"kind": "stock_loss", "title": "Loss", "shock": True}
SEIZURE = {**LOSS, "date": day(8), "lanes": {"lanes": ["retail"]}, "in_transit_share": 0.5}
FLAGSHIP = Path(__file__).parents[2] / "scenarios" / "entity-list-2019-research-house.yaml"


@few(40)
@given(scenario_data())
def test_random_networks(data):
    _compare(compile_plan(Scenario.model_validate(data)), replications=3)


@few(20)
@given(scenario_data())
def test_accounts_in_random_networks(data):
    """A window from the first day to the last."""
    plan = compile_plan(Scenario.model_validate(data))
    assume(len(plan.labels.makers) > 0)
    _compare(accounted(plan), replications=2)


@pytest.mark.slow
def test_the_flagship():
    _compare(compile_plan(load_scenario(FLAGSHIP)), replications=2)


def test_units_lost_count_at_the_price_that_they_would_have_had():
    sale = {"kind": "price_change", "title": "Sale", "date": day(5), "streams": {}, "factor": 0.5}
    shock = {"ban": ban(5), "sale": {**sale, "shock": True}}
    _compare(compiled(factory(40, interventions=shock)), replications=1)


def test_a_lane_is_to_blame_while_a_quota_limits_it_though_it_is_wholly_open():
    licence = {"kind": "licence", "title": "Licence", "after": "ban", "relieves": ["ban"]}
    shock = {"ban": ban(5), "licence": {**licence, "quota_units_per_year": 50.0}}
    _compare(
        compiled(factory(40, demand={"home": {"patience_days": 0}}, interventions=shock)), replications=1
    )


def test_customers_who_may_not_buy_any_more_are_lost_on_the_same_day():
    """The ban is felt after ten days, half of the market closes after three."""
    closure = {"kind": "procurement_ban", "title": "Closed", "covers": {}, "demand_share": 0.5}
    shock = {"ban": ban(5), "closure": {**closure, "date": day(8), "shock": True}}
    plan = compiled(factory(40, interventions=shock))
    assert run_blocks(plan, seed=SEED, replications=1, workers=1).outcome["first_lost_sales_days"] == [[3.0]]
    _compare(plan, replications=1)


def test_customers_who_switched_are_missed_through_the_ban_that_drove_them_away():
    """Fifteen days of ban from day 5; thirty days later the shelf is full, and some are still gone."""
    switching = {"share": 0.5, "repurchase_days": 5, "half_life_days": 20, "to": "rival"}
    rival = {"stock_point": "goods", "market": "home", "mean_per_day": 2.0, "process": "constant"}
    demand = {
        "home": {"patience_days": 0, "switching": switching},
        "rival": {**rival, "price": 4.0, "patience_days": 0},
    }
    plan = compiled(factory(80, demand=demand, interventions={"ban": ban(5, end=day(20))}))
    _compare(plan, replications=1)
    batch = run_blocks(plan, seed=SEED, replications=1, workers=1)
    by_cause = batch.outcome["attribution"][0, 0]
    ban_lane, own, rivals = by_cause[0], by_cause[-2], by_cause[-1]
    revenue = batch.outcome["stream_revenue"][0]
    assert ban_lane > revenue[1, 0] - revenue[0, 0] > 0.0
    assert abs(own) < 1e-9
    assert rivals < 0.0


def test_what_listed_buyers_may_not_have_is_lost_through_the_ban_on_them():
    """Supply fails as well, from day 17 on: the shelf holds out longer, as nobody is served meanwhile."""
    listed = {"kind": "end_user_ban", "title": "Listed", "date": day(5), "end": day(30), "covers": {}}
    shock = {"listed": {**listed, "shock": True, "volume_share": 0.25}, "ban": ban(8)}
    plan = compiled(factory(50, demand={"home": {"patience_days": 9}}, interventions=shock))
    _compare(plan, replications=1)
    by_cause = run_blocks(plan, seed=SEED, replications=1, workers=1).outcome["attribution"][0, 0]
    assert by_cause[0] > 0.0
    assert by_cause[-1] > 0.0


@pytest.mark.parametrize("seizures", [{}, {"seizure": SEIZURE}], ids=["all", "half-seized"])
def test_what_waits_to_leave_costs_its_owner_while_it_waits(seizures):
    strike = {
        "kind": "disruption",
        "title": "Strike",
        "pauses": "shipments",
        "lanes": {"lanes": ["retail"]},
        "date": day(5),
        "duration_days": 10,
        "shock": True,
    }
    shelf = {"firm": "retailer", "item": "product", "policy": {"kind": "base_stock", "units": 20.0}}
    changes = {
        "firms": {"retailer": {"name": "Retailer", "country": "DE"}},
        "analysis": {"makers": ["maker"]},
        "stock_points": {"goods": {"holding_cost_per_unit_day": 0.1}, "shelf": shelf},
        "lanes": {"retail": {"supplier": "goods", "buyer": "shelf", "lead_time_days": 2, "price": 3.0}},
        "demand": {"retail": {"stock_point": "shelf", "market": "home", "mean_per_day": 2.0, "price": 5.0}},
        "interventions": {"strike": strike, **seizures},
    }
    _compare(compiled(factory(40, **changes)), replications=1)


def test_a_fire_is_to_blame_for_what_it_took_and_a_ban_for_what_it_kept_away():
    fire = {**LOSS, "date": day(4), "stock_points": {"stock_points": ["shelf"]}, "on_hand_share": 0.5}
    shock = {"fire": fire, "ban": ban(5)}
    plan = compiled(shop(30, demand={"home": {"patience_days": 0}}, interventions=shock))
    _compare(plan, replications=1)
    by_cause = run_blocks(plan, seed=SEED, replications=1, workers=1).outcome["attribution"][0, 0]
    assert (by_cause > 0.0).sum() == 2


def test_a_lane_that_is_paused_without_the_shock_too_is_not_to_blame():
    strike = {"kind": "disruption", "title": "Strike", "pauses": "receipts", "lanes": {"lanes": ["parts"]}}
    fire = {"kind": "capacity_loss", "title": "Fire", "covers": {"firms": ["supplier"]}}
    entries = {
        "strike": {**strike, "date": day(12), "duration_days": 3},
        "fire": {**fire, "date": day(9), "shock": True},
    }
    _compare(compiled(factory(40, interventions=entries)), replications=1)


def test_books_part_on_the_day_on_which_the_twins_do():
    plan = compiled(factory(40, analysis={"headline": "margin"}, interventions={"ban": ban(9)}))
    _compare(plan, replications=1)


EXPORTS = factory(
    40,
    analysis={"makers": ["maker", "retailer"], "headline": "margin"},
    firms={"retailer": {"name": "Retailer", "country": "US"}},
    stock_points={
        "shop": {
            "firm": "retailer", "item": "product", "policy": {"kind": "base_stock", "units": 45.0},
            "initial_on_hand": 20.0,
        }
    },
    lanes={
        "own": {
            "supplier": "goods", "buyer": "shop", "lead_time_days": 3, "price": 4.0,
            "initial_in_transit": [0.0, 5.0],
        }
    },
    demand={
        "home": {"stock_point": "shop"},
        "few": {"stock_point": "goods", "market": "home", "mean_per_day": 1.0, "price": 5.0},
    },
)  # fmt: skip
TARIFF = {"kind": "tariff", "title": "Tariff", "covers": {}, "rate": 0.5, "passed_on_share": 0.75}


@pytest.mark.parametrize("turns_back", [0, 9])
def test_what_sellers_got_is_known_of_goods_that_turn_back_after_the_twins_have_parted(turns_back):
    """Two tariffs, one that climbs; goods turn back in both twins, when the shock has parted them."""
    turned = ban(turns_back, jurisdiction="DE", covers={"lanes": ["own"]}, in_transit="turned_back")
    entries = {
        "old": TARIFF | {"date": day(0), "rate": 0.25},
        "new": TARIFF | {"date": day(3), "ramp_days": 10, "passed_on_share": 0.5},
        "slump": {
            "kind": "demand_shift", "title": "Slump", "date": day(8), "covers": {}, "factor": 0.5,
            "shock": True,
        },
        "turned": turned | {"shock": False},
    }  # fmt: skip
    _compare(compiled(merged(EXPORTS, {"interventions": entries})), replications=1)


def test_what_a_seller_cannot_send_is_lost_at_what_it_would_have_got():
    """The tariff, of which the seller bears all, and the want of parts are both the shock's."""
    tariff = TARIFF | {"date": day(6), "passed_on_share": 0.0, "shock": True}
    data = merged(EXPORTS, {"interventions": {"tariff": tariff, "ban": ban(6, covers={"lanes": ["parts"]})}})
    plan = compiled(data)
    _compare(plan, replications=1)
    batch = run_blocks(plan, seed=SEED, replications=1, workers=1)
    assert batch.outcome["attribution"][0, 0, plan.labels.lanes.index("parts")] > 0.0


def test_a_seller_loses_sales_when_its_buyer_waits_for_more_than_it_did():
    """The seller has no more than it had; what is asked for beyond that has to wait."""
    boom = {
        "kind": "demand_shift",
        "title": "Boom",
        "date": day(6),
        "covers": {},
        "factor": 2.0,
        "shock": True,
    }
    data = shop(
        30,
        analysis={"makers": ["supplier"]},
        stock_points={"source": {"capacity_per_day": 10.0}},
        interventions={"boom": boom},
    )
    plan = compiled(data)
    _compare(plan, replications=1)
    batch = run_blocks(plan, seed=SEED, replications=1, workers=1)
    assert batch.outcome["first_lost_sales_days"] == [[0.0]]


def _compare(plan, replications):
    assert_same_measures(plan, readable(plan, replications))
