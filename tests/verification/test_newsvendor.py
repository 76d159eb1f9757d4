"""The newsvendor, as a base stock that is filled every night and as a stock that is never filled again."""

import numpy as np
import pytest
from scipy import stats

from sim.montecarlo.simpy_batch import replicate
from tests import oracles_theory as theory
from tests.builders import compiled, shop, told
from tests.verification.estimate import daily_costs, over_replications, over_time

CHAPTER = "Newsvendor"
DAYS = 12_000
REPLICATIONS = 500
NORMAL = {"mean_per_day": 50.0, "process": "normal", "dispersion": 64.0 / 50.0}
HOLDING, PENALTY = 0.18, 0.70
PUBLISHED_LEVEL, PUBLISHED_COST = 56.60395592743389, 1.9976051931766445


def daily_cost(target, demand, seed):
    """Holding and backorder cost of each day, and whether there was any shortage."""
    data = shop(DAYS, lanes={"parts": {"lead_time_days": 1}}, demand={"home": demand})
    data["stock_points"]["shelf"] |= {
        "policy": {"kind": "base_stock", "units": target},
        "initial_on_hand": target,
        "holding_cost_per_unit_day": HOLDING,
        "backorder_cost_per_unit_day": PENALTY,
    }
    run = told(data, seed)
    return daily_costs(run), run.stream("home", "backlog") > 0.0


def test_normal_demand_at_the_published_optimum(verify, root_seed):
    cost, short = daily_cost(PUBLISHED_LEVEL, NORMAL, root_seed)
    source = "Snyder & Shen, example 4.3"
    verify(
        case="normal(50, 8), best S, cost a day",
        source=source,
        expected=PUBLISHED_COST,
        **over_time(cost, 10),
    )
    verify(
        case="normal(50, 8), best S, days without shortage",
        source=source,
        expected=PENALTY / (HOLDING + PENALTY),
        **over_time(~short, 10),
    )


@pytest.mark.parametrize("target", [50.0, 63.0])
def test_normal_demand_off_the_optimum_costs_what_the_loss_function_says(verify, root_seed, target):
    cost, _ = daily_cost(target, NORMAL, root_seed)
    verify(
        case=f"normal(50, 8), S = {target:g}, cost a day",
        source="Snyder & Shen, 4.3.2.3",
        expected=theory.normal_cost_rate(target, 50.0, 8.0, HOLDING, PENALTY),
        **over_time(cost, 10),
    )


@pytest.mark.parametrize("law", ["poisson", "negative_binomial"])
def test_discrete_demand_at_the_level_of_the_critical_ratio(verify, root_seed, law):
    pmf = theory.poisson(6.0) if law == "poisson" else theory.negative_binomial(6.0, 3.0)
    demand = {"mean_per_day": 6.0, "process": law} | ({} if law == "poisson" else {"dispersion": 3.0})
    ratio = PENALTY / (HOLDING + PENALTY)
    target = int(np.searchsorted(pmf.cumsum(), ratio))
    around = [theory.cost_rate(level, pmf, HOLDING, PENALTY) for level in (target - 1, target, target + 1)]
    assert min(around) == around[1]
    cost, short = daily_cost(float(target), demand, root_seed)
    source = "Snyder & Shen, 4.3.2.7"
    name = f"{law.replace('_', ' ')} demand of 6, S = {target}"
    verify(case=f"{name}, cost a day", source=source, expected=around[1], **over_time(cost, 10))
    verify(
        case=f"{name}, days without shortage",
        source=source,
        expected=float(pmf.cumsum()[target]),
        **over_time(~short, 10),
    )


def single_periods(stock, root_seed):
    """Cost of a day for each replication of one period with a stock that nothing fills."""
    data = shop(1, demand={"home": NORMAL | {"patience_days": 0}})
    data["stock_points"]["shelf"] |= {"policy": {"kind": "none"}, "initial_on_hand": stock}
    plan = compiled(data)
    costs = []
    for replication in range(REPLICATIONS):
        ledger = replicate(plan, root_seed, replication).scenario.ledger
        costs.append(HOLDING * ledger.points.on_hand.sum() + PENALTY * ledger.streams.lost.sum())
    return costs


def test_a_stock_that_is_never_filled_again_meets_one_period(verify, root_seed):
    verify(
        case=f"one period, {REPLICATIONS} replications, normal(50, 8), best S, cost",
        source="Snyder & Shen, example 4.3",
        expected=PUBLISHED_COST,
        **over_replications(single_periods(PUBLISHED_LEVEL, root_seed)),
    )


def test_a_last_time_buy_lasts_as_long_as_demand_allows(verify, root_seed):
    """A stock for 10 days of normal demand: what is left after n days is a newsvendor's for their sum."""
    data = shop(10, demand={"home": NORMAL | {"patience_days": 0}})
    data["stock_points"]["shelf"] |= {"policy": {"kind": "none"}, "initial_on_hand": 520.0}
    plan = compiled(data)
    left = [
        replicate(plan, root_seed, replication).scenario.ledger.points.on_hand[-1].sum()
        for replication in range(REPLICATIONS)
    ]
    spread = 8.0 * np.sqrt(10.0)
    z = (520.0 - 500.0) / spread
    expected = spread * (stats.norm.pdf(z) + z * stats.norm.cdf(z))
    verify(
        case="last-time buy of 520, normal(50, 8), left after 10 days",
        source="Snyder & Shen, 4.3.2.3",
        expected=expected,
        **over_replications(left),
    )
