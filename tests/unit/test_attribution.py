"""Who is to blame, where it is plain who is."""

import numpy as np
import pytest

from sim.model.causes import Causes
from sim.risk.money import revenue
from tests.builders import ban, day, factory, measured, merged, shop, twins_of
from tests.readable_measures.attribution import _normalised, attribute


def blame(data):
    """Total loss by cause, under the cause's name."""
    twins = twins_of(data)
    labels, causes = twins.plan.labels, Causes.of(twins.plan)
    names = [f"lane {name}" for name in labels.lanes]
    names += [f"point {name}" for name in labels.points]
    names += [f"stream {name}" for name in labels.streams]
    total = measured(twins).outcome.attribution[0]
    assert len(total) == causes.count == len(names)
    return {name: float(loss) for name, loss in zip(names, total, strict=True) if loss != 0.0}


LOST = {"home": {"patience_days": 0}}


def test_a_ban_is_to_blame_for_its_lane():
    data = shop(40, demand=LOST, interventions={"ban": ban(5)})
    assert blame(data) == {"lane parts": pytest.approx(500.0)}  # 25 days x 10 units x 2


def two_parts(**changes):
    """Goods from 2 parts and 1 screw each, screws from a friend."""
    data = factory(
        60,
        firms={"friend": {"name": "Friend", "country": "TW"}},
        items={"screw": {"name": "Screw", "unit": "pieces"}},
        stock_points={
            "screw-source": {"firm": "friend", "item": "screw"},
            "screws": {
                "firm": "maker",
                "item": "screw",
                "policy": {"kind": "base_stock", "units": 100.0},
            },
        },
        recipes={"assembly": {"inputs": {"screws": 1.0}}},
        lanes={"screws": {"supplier": "screw-source", "buyer": "screws"}},
        demand=LOST,
    )
    return merged(data, changes)


def test_the_part_that_is_short_carries_the_loss_not_its_sibling():
    found = blame(two_parts(interventions={"ban": ban(5)}))
    assert set(found) == {"lane parts"}


def test_a_chain_of_tiers_leads_to_the_closed_lane():
    data = shop(
        60,
        stock_points={
            "depot": {"firm": "supplier", "item": "part", "policy": {"kind": "base_stock", "units": 50.0}}
        },
        lanes={"parts": {"supplier": "depot"}, "inbound": {"supplier": "source", "buyer": "depot"}},
        demand=LOST,
        interventions={"ban": ban(5, covers={"lanes": ["inbound"]})},
    )
    assert set(blame(data)) == {"lane inbound"}


def test_lost_capacity_is_the_sources_own_fault():
    entry = {
        "kind": "capacity_loss",
        "title": "Fire",
        "date": day(5),
        "shock": True,
        "covers": {"firms": ["supplier"]},
    }
    assert set(blame(shop(40, demand=LOST, interventions={"fire": entry}))) == {"point source"}


def test_lost_capacity_of_a_recipe_is_the_makers_own_fault():
    entry = {
        "kind": "capacity_loss",
        "title": "Strike",
        "date": day(5),
        "shock": True,
        "covers": {"stock_points": ["goods"]},
        "lost_share": 0.5,
    }
    data = factory(40, demand=LOST, interventions={"strike": entry})
    assert set(blame(data)) == {"point goods"}


def test_demand_that_is_gone_is_no_suppliers_fault():
    entry = {"kind": "market_closure", "title": "Closed", "date": day(5), "shock": True, "covers": {}}
    assert blame(shop(40, interventions={"closed": entry})) == {"stream home": pytest.approx(700.0)}


def test_a_lower_price_is_no_suppliers_fault():
    entry = {
        "kind": "price_change",
        "title": "Cheaper",
        "date": day(5),
        "shock": True,
        "streams": {},
        "factor": 0.5,
    }
    assert blame(shop(40, interventions={"cheaper": entry})) == {"stream home": pytest.approx(350.0)}


def test_two_closed_lanes_share_by_what_each_no_longer_brings():
    data = shop(
        60,
        stock_points={"second": {"firm": "supplier", "item": "part"}},
        lanes={
            "parts": {"share": 0.75},
            "second": {"supplier": "second", "buyer": "shelf", "lead_time_days": 3, "share": 0.25},
        },
        demand=LOST,
        interventions={"ban": ban(5)},
    )
    found = blame(data)
    assert found["lane parts"] == pytest.approx(3.0 * found["lane second"])
    assert sum(found.values()) == pytest.approx(20.0 * 45)


def test_discounts_for_substitutes_are_the_fault_of_the_lane_they_stand_in_for():
    data = shop(
        40,
        firms={"friend": {"name": "Friend", "country": "TW"}},
        stock_points={"late-source": {"firm": "friend", "item": "part"}},
        substitutes={
            "late": {
                "supplier": "late-source",
                "buyer": "shelf",
                "trigger": {"intervention": "ban"},
                "qualification_lag_days": 0,
                "performance_penalty": 0.1,
            }
        },
        interventions={"ban": ban(5)},
    )
    found = blame(data)
    assert set(found) == {"lane parts"}
    assert 0.0 < found["lane parts"] < 0.1 * 700.0


def assert_handed_out_in_full(data):
    """Week by week, and by the readable measures day by day."""
    twins = twins_of(data)
    courses = measured(twins).courses
    lost = courses.revenue[1] - courses.revenue[0]
    assert lost.max() > 0.0
    np.testing.assert_allclose(courses.attribution.sum(axis=1), lost, atol=1e-9)
    got, normal = (revenue(twins.plan, path)[5:, 0] for path in (twins.scenario, twins.counterfactual))
    np.testing.assert_allclose(attribute(twins, 5).sum(axis=2)[:, 0], normal - got, atol=1e-9)


def test_what_is_handed_out_is_the_loss():
    assert_handed_out_in_full(two_parts(interventions={"ban": ban(5)}))


def test_two_parts_that_run_short_together_share_the_loss():
    data = two_parts(
        lanes={"screws": {"lead_time_days": 3}},
        interventions={
            "ban": ban(5, covers={"lanes": ["parts"]}),
            "second": ban(5, covers={"lanes": ["screws"]}),
        },
    )
    data["stock_points"]["screw-source"]["firm"] = "supplier"
    found = blame(data)
    assert set(found) == {"lane parts", "lane screws"}
    assert found["lane parts"] == pytest.approx(found["lane screws"])


def test_days_without_blame_take_the_last_day_before_with_some_else_the_next():
    days = np.array([[0.0, 0.0], [1.0, 3.0], [0.0, 0.0], [2.0, 0.0]])
    assert _normalised(days, 0).tolist() == [[0.25, 0.75], [0.25, 0.75], [0.25, 0.75], [1.0, 0.0]]


def test_without_any_blame_it_is_the_own_fault_of_all_days():
    assert _normalised(np.zeros((2, 3)), 1).tolist() == [[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]


def with_discounts_in_both_twins(**changes):
    """Customers deduct for a substitute that comes on day 1, shock or not."""
    data = shop(
        30,
        firms={"friend": {"name": "Friend", "country": "TW"}},
        stock_points={"late-source": {"firm": "friend", "item": "part"}},
        lanes={"parts": {"capacity_per_day": 6.0}},
        substitutes={
            "late": {
                "supplier": "late-source",
                "buyer": "shelf",
                "trigger": {"date": day(1)},
                "qualification_lag_days": 0,
                "performance_penalty": 0.25,
            }
        },
    )
    return merged(data, changes)


@pytest.mark.parametrize(
    "shock",
    [
        {"cheaper": {"kind": "price_change", "streams": {}, "factor": 0.5}},
        {"ban": {"kind": "export_ban", "jurisdiction": "US", "covers": {}}},
    ],
)
def test_what_is_handed_out_is_the_loss_where_customers_deduct_in_both_twins(shock):
    entries = {name: entry | {"title": "It", "date": day(5), "shock": True} for name, entry in shock.items()}
    data = with_discounts_in_both_twins(interventions=entries)
    assert twins_of(data).counterfactual.ledger.points.penalty.max() > 0.0
    assert_handed_out_in_full(data)


FIRE = {
    "kind": "capacity_loss",
    "title": "Fire",
    "date": day(9),
    "shock": True,
    "covers": {"firms": ["supplier"]},
}


def test_a_lane_that_was_closed_before_the_shock_alone_is_not_to_blame():
    entries = {"ban": ban(2, shock=False, duration_days=3), "fire": FIRE}
    assert set(blame(shop(40, demand=LOST, interventions=entries))) == {"point source"}


def test_customers_of_a_source_lose_by_its_own_fault():
    entry = {"home": {"stock_point": "source"}}
    data = shop(20, demand=entry, interventions={"fire": FIRE})
    del data["stock_points"]["shelf"], data["lanes"]
    assert blame(data) == {"point source": pytest.approx(220.0)}
