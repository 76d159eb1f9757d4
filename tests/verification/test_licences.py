"""Licences that are revoked, renewed or used up."""

import numpy as np
import pytest

from sim.engines.draws import draw
from sim.model.schedule import draw_up
from tests.builders import ban, compiled, shop
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


@pytest.mark.parametrize("per_year", [0.1, 0.6])
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
