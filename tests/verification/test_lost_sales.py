"""Base stock with lost sales: Erlang's loss system in days, which is Engset's."""

import numpy as np
import pytest

from tests import oracles_theory as theory
from tests.builders import shop, told
from tests.verification.estimate import over_time
from tests.verification.tables import ends

CHAPTER = "Base stock, lost sales"
DAYS = 24_000


def run_of(target, lead_time, demand, seed):
    data = shop(
        DAYS, lanes={"parts": {"lead_time_days": lead_time}}, demand={"home": demand | {"patience_days": 0}}
    )
    data["stock_points"]["shelf"] |= {
        "policy": {"kind": "base_stock", "units": float(target)},
        "initial_on_hand": float(target),
    }
    return told(data, seed)


def one_in(days):
    """A customer comes with probability 1 / days."""
    observations = [1.0] + [0.0] * (days - 1)
    return {"mean_per_day": 1.0 / days, "process": "empirical", "observations": observations}


@pytest.mark.parametrize("chance", [0.1, 0.5])
@pytest.mark.parametrize("lead_time", [2, 3, 6])
@pytest.mark.parametrize("target", [1, 2])
def test_the_product_form_is_what_brute_force_finds(chance, lead_time, target):
    lost, on_hand = theory.lost_units(target, lead_time, np.array([1.0 - chance, chance]))
    assert lost / chance == pytest.approx(theory.engset_loss(target, lead_time, chance))
    assert on_hand == pytest.approx(theory.engset_on_hand(target, lead_time, chance))


def test_the_product_form_tends_to_erlang():
    assert theory.engset_loss(4, 400_000, 2.0 / 400_000) == pytest.approx(theory.erlang_b(4, 2.0), rel=2e-5)


@pytest.mark.parametrize(("days", "lead_time", "target"), ends([(5, 5, 1), (5, 5, 2), (5, 10, 3), (2, 8, 5)]))
def test_one_customer_at_most_a_day(verify, root_seed, days, lead_time, target):
    run = run_of(target, lead_time, one_in(days), root_seed)
    chance = 1.0 / days
    name = f"a customer a day with probability {chance:g}, L = {lead_time}, S = {target}"
    source = "Engset 1918; brute-force chain"
    loss = theory.engset_loss(target, lead_time, chance)
    lost = run.stream("home", "lost") / chance
    verify(case=f"{name}, share lost", source=source, expected=loss, **over_time(lost, 50))
    verify(
        case=f"{name}, on hand",
        source=source,
        expected=theory.engset_on_hand(target, lead_time, chance),
        **over_time(run.point("shelf", "on_hand"), 50),
    )


@pytest.mark.parametrize(("lead_time", "target"), ends([(20, 1), (40, 2), (40, 3)]))
def test_rare_customers_meet_erlang_less_the_discretisation(verify, root_seed, lead_time, target):
    chance = 0.05
    run = run_of(target, lead_time, one_in(20), root_seed)
    loss = theory.engset_loss(target, lead_time, chance)
    limit = theory.erlang_b(target, chance * lead_time)
    name = f"Erlang B, {target} units, load {chance * lead_time:g}"
    verify(
        case=f"{name}: {limit:.4f}, in days {loss - limit:+.4f}",
        source="Erlang 1917; Snyder & Shen, 5.3; Zipkin 2000, 7.2.3",
        expected=loss,
        **over_time(run.stream("home", "lost") / chance, 200),
    )


@pytest.mark.parametrize(("rate", "lead_time", "target"), ends([(0.1, 15, 3), (0.5, 6, 4), (2.0, 3, 6)]))
def test_poisson_customers(verify, root_seed, rate, lead_time, target):
    run = run_of(target, lead_time, {"mean_per_day": rate, "process": "poisson"}, root_seed)
    lost, on_hand = theory.lost_units(target, lead_time, theory.poisson(rate))
    limit = theory.erlang_b(target, rate * lead_time)
    name = f"Poisson {rate:g} a day, L = {lead_time}, S = {target}"
    source = "brute-force chain; tends to Erlang 1917"
    verify(
        case=f"{name}, share lost (Erlang B {limit:.4f}, in days {lost / rate - limit:+.4f})",
        source=source,
        expected=lost / rate,
        **over_time(run.stream("home", "lost") / rate, 50),
    )
    verify(
        case=f"{name}, on hand",
        source=source,
        expected=on_hand,
        **over_time(run.point("shelf", "on_hand"), 50),
    )


def test_lead_time_1_loses_what_a_newsvendor_lacks(verify, root_seed):
    """Every night the shelf is full again, so days are independent."""
    run = run_of(7, 1, {"mean_per_day": 5.0, "process": "poisson"}, root_seed)
    verify(
        case="Poisson 5 a day, L = 1, S = 7, lost a day",
        source="Snyder & Shen, 4.3",
        expected=theory.backorders(7, theory.poisson(5.0)),
        **over_time(run.stream("home", "lost"), 10),
    )
