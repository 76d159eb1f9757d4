"""Licences that are revoked, renewed or used up."""

import numpy as np
import pytest

from sim.engines.draws import draw
from sim.model.schedule import draw_up
from tests import oracles_theory as theory
from tests.builders import ban, compiled, shop, told
from tests.verification.estimate import over_replications

CHAPTER = "Licences"
DAYS, START, REPLICATIONS = 900, 100, 2000


def days_open(root_seed, **terms):
    """``[replication]`` days on which a licence for a lane that is banned from day 100 on is held."""
    licence = {"kind": "licence", "title": "Licence", "after": "ban", "relieves": ["ban"]}
    plan = compiled(shop(DAYS, interventions={"ban": ban(START), "licence": licence | terms}))
    schedules = [
        draw_up(plan, draw(plan, root_seed, number), with_shock=True) for number in range(REPLICATIONS)
    ]
    return [schedule.open_share[0, START:].sum() for schedule in schedules]


@pytest.mark.parametrize("per_year", [0.1, pytest.param(0.6, marks=pytest.mark.slow)])
def test_a_licence_is_open_until_it_is_revoked(verify, root_seed, per_year):
    """At a constant rate the days until then are exponential, whole days of which count."""
    stays = (1.0 - per_year) ** (1.0 / 365.25)
    horizon = DAYS - START
    verify(
        case=f"revoked with probability {per_year:g} per year, days open of {horizon}",
        source="geometric series",
        expected=stays * (1.0 - stays**horizon) / (1.0 - stays),
        **over_replications(days_open(root_seed, revocation_probability_per_year=per_year)),
    )


def test_renewals_are_geometric(verify, root_seed):
    """Each grant of 60 days, 20 days apart, follows with probability 0.7; the last ends with the calendar."""
    horizon, probability = DAYS - START, 0.7
    grants = np.arange(horizon // 80)
    found = days_open(root_seed, valid_days=60, renewal_probability=probability, renewal_processing_days=20)
    verify(
        case="60 days, renewed with probability 0.7 after 20 days, days open of 800",
        source="geometric distribution",
        expected=float(60.0 * (probability**grants).sum()),
        **over_replications(found),
    )


@pytest.mark.parametrize("case", [(30, 0, 150.0, "units"), (30, 10, 130.0, "units"), (20, 5, 400.0, "value")])
def test_a_quota_is_a_reward_that_each_licence_renews(verify, root_seed, case):
    """Whoever holds no stock buys on each day what is asked for on it, until the quota is used up.

    So a cycle of licence and renewal earns the smaller of the quota and of its days' demand, cycle by cycle
    on its own. By value, at a price of 4, a quarter as many units are licensed.
    """
    valid_days, processing_days, quota, unit = case
    cycle, mean, price = valid_days + processing_days, 5.0, 4.0
    terms = {"valid_days": valid_days, "renewal_processing_days": processing_days, "renewal_probability": 1.0}
    licence = {"kind": "licence", "title": "Licence", "after": "ban", "relieves": ["ban"]}
    data = shop(
        12_000,
        lanes={"parts": {"lead_time_days": 0, "price": price}},
        demand={"home": {"mean_per_day": mean, "process": "poisson", "patience_days": 0}},
        interventions={"ban": ban(0), "licence": licence | terms | {f"quota_{unit}_per_year": quota}},
    )
    data["stock_points"]["shelf"] |= {"policy": {"kind": "base_stock", "units": 0.0}, "initial_on_hand": 0.0}
    sold = told(data, root_seed).stream("home", "shipped")
    whole = sold[: len(sold) // cycle * cycle].reshape(-1, cycle).sum(axis=1)
    licensed = quota if unit == "units" else quota / price
    demand = theory.poisson(mean * valid_days)
    verify(
        case=f"{valid_days} days, renewed after {processing_days}, quota of {quota:g} ({unit}): sold a cycle",
        source="renewal-reward: the smaller of quota and demand of the days held",
        expected=float((np.minimum(np.arange(len(demand)), licensed) * demand).sum()),
        **over_replications(whole),
    )
    assert np.all(whole <= licensed)
