"""Who is to blame, where it is plain who is."""

import numpy as np
import pytest

from sim.risk.attribution import Causes, attribute
from tests.builders import ban, day, factory, merged, shop, twins_of


def blame(data, first=5):
    """Total loss by cause, under the cause's name."""
    twins = twins_of(data)
    labels, causes = twins.plan.labels, Causes.of(twins.plan)
    names = [f"lane {name}" for name in labels.lanes]
    names += [f"point {name}" for name in labels.points]
    names += [f"stream {name}" for name in labels.streams]
    total = attribute(twins, first).sum(axis=0)[0]
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


def test_what_is_handed_out_is_the_loss_of_every_day():
    twins = twins_of(two_parts(interventions={"ban": ban(5)}))
    sold = [path.ledger.streams.shipped[5:, 0] * 5.0 for path in (twins.scenario, twins.counterfactual)]
    handed_out = attribute(twins, 5).sum(axis=2)[:, 0]
    np.testing.assert_allclose(handed_out, sold[1] - sold[0], atol=1e-9)
