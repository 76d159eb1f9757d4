"""The bullwhip effect: how much more orders vary than the demand that is forecast from what was seen.

The papers order at the beginning of a day, after the demand of the day before; here an order sees the day's
own demand. So their lead time L, of which 1 is none, is here the days of cover.
"""

import pytest

from sim.engines.bullwhip import NUMBERS
from sim.montecarlo.compiled_batch import run_blocks
from sim.risk.bullwhip import bullwhip_tables
from sim.risk.outcomes import Outcome
from tests.builders import compiled, day, shop, told
from tests.verification.estimate import over_replications, over_time
from tests.verification.tables import ends

CHAPTER = "Bullwhip effect"
DAYS = 12_000
MEAN, VARIANCE = 100.0, 100.0


def orders_of(forecast, cover_days, seed):
    shelf = {"policy": {"kind": "base_stock", "cover_days": cover_days}, "forecast": forecast}
    demand = {"process": "normal", "mean_per_day": MEAN, "dispersion": VARIANCE / MEAN}
    data = shop(DAYS, demand={"home": demand})
    data["stock_points"]["shelf"] |= shelf | {"initial_on_hand": MEAN * cover_days}
    ordered = told(data, seed).lane("parts", "ordered")
    assert ordered.min() > 0.0
    return ordered


@pytest.mark.parametrize(("days", "cover_days"), ends([(5, 1), (10, 4), (20, 10)]))
def test_by_a_moving_average(verify, root_seed, days, cover_days):
    ordered = orders_of({"kind": "moving_average", "days": days}, float(cover_days), root_seed)
    verify(
        case=f"moving average of {days} days, L = {cover_days}: variance of orders / of demand",
        source="Chen, Drezner, Ryan & Simchi-Levi 2000",
        expected=1.0 + 2.0 * cover_days / days + 2.0 * cover_days**2 / days**2,
        **over_time((ordered - MEAN) ** 2 / VARIANCE, 100),
    )


@pytest.mark.parametrize(("weight", "cover_days"), ends([(0.3, 1), (0.2, 4), (0.05, 10)]))
def test_by_exponential_smoothing(verify, root_seed, weight, cover_days):
    forecast = {"kind": "exponential_smoothing", "level_smoothing": weight}
    ordered = orders_of(forecast, float(cover_days), root_seed)
    verify(
        case=f"exponential smoothing by {weight}, L = {cover_days}: variance of orders / of demand",
        source="Chen, Ryan & Simchi-Levi 2000",
        expected=1.0 + 2.0 * weight * cover_days + 2.0 * (weight * cover_days) ** 2 / (2.0 - weight),
        **over_time((ordered - MEAN) ** 2 / VARIANCE, 400),
    )


@pytest.mark.parametrize(("weight", "cover_days"), [(0.2, 4), (0.5, 9)])
def test_by_a_season_that_is_noise(verify, root_seed, weight, cover_days):
    """An order is what is bought, less what its day was expected to add, and what the newest day may add."""
    forecast = {
        "kind": "holt_winters", "level_smoothing": 0.0, "season_smoothing": weight, "season_days": 10,
    }  # fmt: skip
    ordered = orders_of(forecast, float(cover_days), root_seed)
    verify(
        case=f"season of 10 days smoothed by {weight}, L = {cover_days}: variance of orders / of demand",
        source="by hand: 1 + 2γ / (2 - γ)",
        expected=1.0 + 2.0 * weight / (2.0 - weight),
        **over_time((ordered - MEAN) ** 2 / VARIANCE, 400),
    )


def test_it_grows_from_tier_to_tier(verify, root_seed):
    """Orders are q = 1.4 D - 0.4 D', with D' ten days older; the next tier makes 1.4 q - 0.4 q' of them."""
    learns = {
        "policy": {"kind": "base_stock", "cover_days": 4.0},
        "forecast": {"kind": "moving_average", "days": 10},
        "initial_on_hand": 4.0 * MEAN,
    }
    data = shop(
        DAYS,
        stock_points={"depot": {"firm": "supplier", "item": "part"} | learns},
        lanes={"parts": {"supplier": "depot"}, "inbound": {"supplier": "source", "buyer": "depot"}},
        demand={"home": {"process": "normal", "mean_per_day": MEAN, "dispersion": VARIANCE / MEAN}},
    )
    data["stock_points"]["shelf"] |= learns
    ordered = told(data, root_seed).lane("inbound", "ordered")
    assert ordered.min() > 0.0
    verify(
        case="two tiers, each with a moving average of 10 days, L = 4: variance of orders / of demand",
        source="by hand: 1.96² + 1.12² + 0.16²",
        expected=1.96**2 + 1.12**2 + 0.16**2,
        **over_time((ordered - MEAN) ** 2 / VARIANCE, 100),
    )


CHAIN_DAYS, SETTLED, FUTURES = 800, 200, 64
QUIET = {
    "kind": "price_change", "title": "Nothing", "date": day(SETTLED), "shock": True, "lanes": {},
    "factor": 1.0,
}  # fmt: skip
"""Begins the window once the start is forgotten."""


@pytest.mark.parametrize("review_days", [1, 4])
def test_a_table_of_a_run_tells_it_tier_by_tier(verify, root_seed, review_days):
    """A shop that forecasts, and a depot behind it that passes on what it sees.

    A review period sums what is independent from day to day. With the mean of p whole periods and a cover
    of c of them, theory is the same as with days.
    """
    periods, cover = 10, 4
    learns = {
        "policy": {
            "kind": "base_stock",
            "cover_days": float(cover * review_days),
            "review_days": review_days,
        },
        "forecast": {"kind": "moving_average", "days": periods * review_days},
        "initial_on_hand": cover * review_days * MEAN,
    }
    passes_on = {"firm": "supplier", "item": "part", "policy": {"kind": "base_stock", "units": 3e4}}
    data = shop(
        CHAIN_DAYS,
        analysis={"bullwhip": True, "window_days": CHAIN_DAYS - SETTLED},
        stock_points={"depot": passes_on},
        lanes={"parts": {"supplier": "depot"}, "inbound": {"supplier": "source", "buyer": "depot"}},
        demand={"home": {"process": "normal", "mean_per_day": MEAN, "dispersion": VARIANCE / MEAN}},
        interventions={"quiet": QUIET},
    )
    data["stock_points"]["shelf"] |= learns
    plan = compiled(data)
    outcome = Outcome(**run_blocks(plan, seed=root_seed, replications=FUTURES, workers=1).outcome)
    table = bullwhip_tables(plan, outcome)["bullwhip"].set_index(["stock_point", "twin"])
    assert set(table["period_days"].loc["shelf"]) == {review_days}
    assert set(table["periods"].loc["shelf"]) == {(CHAIN_DAYS - SETTLED) // review_days}
    assert table["ratio"]["depot", "counterfactual"] == pytest.approx(1.0)
    ratio = table["ratio"]["shelf", "counterfactual"]
    place = [plan.labels.points[point] for point in plan.ordering_points].index("shelf")
    told = dict(zip(NUMBERS, outcome.bullwhip[:, 1, :, place].T, strict=True))
    off = (told["orders_variance"] - ratio * told["demand_variance"]) / told["demand_variance"].mean()
    verify(
        case=f"table of a run, periods of {review_days}: variance of orders / of demand",
        source="Chen, Drezner, Ryan & Simchi-Levi 2000",
        expected=1.0 + 2.0 * cover / periods + 2.0 * cover**2 / periods**2,
        **(over_replications(off) | {"simulated": ratio}),
    )
