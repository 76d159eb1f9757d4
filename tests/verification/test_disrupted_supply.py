"""Supply that goes down and comes back at random: how often, and what a base stock then costs."""

import numpy as np
import pytest

from tests import oracles_theory as theory
from tests.builders import shop, told
from tests.verification.estimate import daily_costs, over_time
from tests.verification.tables import ends

CHAPTER = "Disrupted supply"
DAYS = 15_000
WARM_UP = 200
PAUSES = ["orders", "shipments", "transit", "receipts"]
MTTF, MTTR = 8.0, 3.0
FAIL, RECOVER = 1.0 / MTTF, 1.0 / MTTR
HOLDING, PENALTY = 1.0, 15.0


def outages(pauses="orders", mttf=MTTF, mttr=MTTR, lanes=("parts",), **changes):
    return {
        "outages": {
            "kind": "disruption",
            "title": "Outages",
            "pauses": pauses,
            "date": 0,
            "lanes": {"lanes": list(lanes)},
            "markov": {"mean_days_to_failure": mttf, "mean_days_to_recover": mttr},
        }
        | changes
    }


def run_of(target, lead_time, demand, interventions, seed):
    data = shop(
        DAYS,
        lanes={"parts": {"lead_time_days": lead_time}},
        demand={"home": demand},
        interventions=interventions,
    )
    data["stock_points"]["shelf"] |= {
        "policy": {"kind": "base_stock", "units": float(target)},
        "initial_on_hand": float(target),
        "holding_cost_per_unit_day": HOLDING,
        "backorder_cost_per_unit_day": PENALTY,
    }
    return told(data, seed)


CONSTANT = {"mean_per_day": 1.0, "process": "constant"}


@pytest.mark.parametrize(("mttf", "mttr"), ends([(20.0, 5.0), (4.0, 3.0), (50.0, 2.0)]))
def test_supply_is_available_for_its_share_of_days(verify, root_seed, mttf, mttr):
    up = run_of(5, 1, CONSTANT, outages(mttf=mttf, mttr=mttr), root_seed).lane("parts", "ordered") > 0.0
    name = f"MTTF {mttf:g}, MTTR {mttr:g}"
    source = "renewal-reward: MTTF / (MTTF + MTTR)"
    verify(case=f"{name}, available", source=source, expected=mttf / (mttf + mttr), **over_time(up, WARM_UP))
    verify(
        case=f"{name}, failures a day",
        source="renewal-reward: 1 / (MTTF + MTTR)",
        expected=1.0 / (mttf + mttr),
        **over_time(up[:-1] & ~up[1:], WARM_UP),
    )


def test_capacity_is_available_for_its_share_of_days(verify, root_seed):
    loss = {
        "outages": {
            "kind": "capacity_loss",
            "title": "Outages",
            "date": 0,
            "lost_share": 1.0,
            "covers": {"stock_points": ["source"]},
            "markov": {"mean_days_to_failure": MTTF, "mean_days_to_recover": MTTR},
        }
    }
    run = run_of(5, 1, CONSTANT, loss, root_seed)
    verify(
        case=f"capacity lost, MTTF {MTTF:g}, MTTR {MTTR:g}, available",
        source="renewal-reward: MTTF / (MTTF + MTTR)",
        expected=MTTF / (MTTF + MTTR),
        **over_time(run.lane("parts", "shipped") > 0.0, WARM_UP),
    )


@pytest.mark.parametrize("pauses", PAUSES)
@pytest.mark.parametrize(
    "days_of_stock", [pytest.param(1, marks=pytest.mark.slow), 4, pytest.param(9, marks=pytest.mark.slow)]
)
def test_a_base_stock_for_constant_demand(verify, root_seed, pauses, days_of_stock):
    """What is paused does not matter at a lead time of one day: n days down leave n days' demand unmet."""
    run = run_of(days_of_stock, 1, CONSTANT, outages(pauses), root_seed)
    verify(
        case=f"{pauses} paused, MTTF {MTTF:g}, MTTR {MTTR:g}, S = {days_of_stock} days, cost a day",
        source="Tomlin 2006; Snyder & Shen, 9.2.2",
        expected=theory.disrupted_base_stock_cost(days_of_stock, (FAIL, RECOVER), (HOLDING, PENALTY)),
        **over_time(daily_costs(run), WARM_UP),
    )


FAILING = {
    "its lane": {"kind": "disruption", "pauses": "shipments", "lanes": {"lanes": ["parts"]}},
    "its capacity": {"kind": "capacity_loss", "covers": {"stock_points": ["source"]}},
}


@pytest.mark.parametrize("failing", FAILING)
@pytest.mark.parametrize("rerouted", ends([0.25, 0.5, 0.75]))
def test_what_the_reliable_supplier_can_take_is_rerouted(verify, root_seed, failing, rerouted):
    """Rerouting of limited volume: n days down leave n days' demand unmet, less what is rerouted."""
    days_of_stock = 3
    outage = {
        "title": "Outages",
        "date": 0,
        "markov": {"mean_days_to_failure": MTTF, "mean_days_to_recover": MTTR},
    }
    data = shop(
        DAYS,
        firms={"reliable": {"name": "Reliable", "country": "JP"}},
        stock_points={
            "second": {"firm": "reliable", "item": "part"},
            "shelf": {
                "policy": {"kind": "base_stock", "units": float(days_of_stock)},
                "initial_on_hand": float(days_of_stock),
                "sourcing": "rank",
                "holding_cost_per_unit_day": HOLDING,
                "backorder_cost_per_unit_day": PENALTY,
            },
        },
        lanes={
            "parts": {"lead_time_days": 1},
            "more": {
                "supplier": "second",
                "buyer": "shelf",
                "lead_time_days": 1,
                "rank": 2,
                "capacity_per_day": rerouted,
            },
        },
        demand={"home": CONSTANT},
        interventions={"outages": {**outage, **FAILING[failing]}},
    )
    verify(
        case=f"{failing} fails, MTTF 8, MTTR 3, S = 3, {rerouted:.0%} of demand rerouted, cost a day",
        source="Tomlin 2006, contingent rerouting with volume flexibility",
        expected=theory.disrupted_base_stock_cost(
            days_of_stock, (FAIL, RECOVER), (HOLDING, PENALTY), rerouted
        ),
        **over_time(daily_costs(told(data, root_seed)), WARM_UP),
    )


@pytest.mark.slow
def test_the_best_base_stock_is_that_of_the_critical_ratio(root_seed):
    """Smallest n + 1 such that supply is down n days or less with probability p / (p + h)."""
    down = theory.down_days(FAIL, RECOVER)
    best = int(np.searchsorted(down.cumsum(), PENALTY / (PENALTY + HOLDING))) + 1
    stocks = range(best - 3, best + 4)
    theirs = [
        theory.disrupted_base_stock_cost(stock, (FAIL, RECOVER), (HOLDING, PENALTY)) for stock in stocks
    ]
    assert int(np.argmin(theirs)) == 3
    ours = [
        daily_costs(run_of(stock, 1, CONSTANT, outages(), root_seed)).mean()
        for stock in (best - 3, best, best + 4)
    ]
    assert int(np.argmin(ours)) == 1


@pytest.mark.parametrize("pauses", ends(PAUSES))
def test_a_base_stock_for_poisson_demand(verify, root_seed, pauses):
    target, mean, lead_time = 24, 4.0, 3
    run = run_of(target, lead_time, {"mean_per_day": mean, "process": "poisson"}, outages(pauses), root_seed)
    stock, short = theory.disrupted_levels(
        target, mean, theory.days_at_risk(pauses, lead_time, (FAIL, RECOVER))
    )
    name = f"{pauses} paused, MTTF {MTTF:g}, MTTR {MTTR:g}, Poisson 4 a day, L = 3, S = 24"
    source = "Snyder & Shen, 9.2.2, with stochastic demand"
    verify(
        case=f"{name}, on hand",
        source=source,
        expected=stock,
        **over_time(run.point("shelf", "on_hand"), WARM_UP),
    )
    verify(
        case=f"{name}, backorders",
        source=source,
        expected=short,
        **over_time(run.stream("home", "backlog"), WARM_UP),
    )


@pytest.mark.parametrize("common_cause", [True, False])
def test_two_suppliers_fail_together_or_apart(verify, root_seed, common_cause):
    data = shop(
        DAYS,
        stock_points={"second": {"firm": "supplier", "item": "part"}},
        lanes={"more": {"supplier": "second", "buyer": "shelf", "lead_time_days": 3, "price": 1.0}},
        interventions=outages(lanes=("parts", "more"), common_cause=common_cause),
    )
    run = told(data, root_seed)
    none = (run.lane("parts", "ordered") == 0.0) & (run.lane("more", "ordered") == 0.0)
    down = MTTR / (MTTF + MTTR)
    verify(
        case=f"two lanes, {'one cause' if common_cause else 'each on its own'}: days with both down",
        source="independence",
        expected=down if common_cause else down**2,
        **over_time(none, WARM_UP),
    )
