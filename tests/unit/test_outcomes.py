"""Measures of one replication, with numbers worked out by hand."""

import math

import pytest

from sim.montecarlo import results
from sim.risk.outcomes import shapes_of
from tests.builders import ban, compiled, day, measured, merged, run_batch, shop, twins_of


def outcome_of(data, replication=0):
    return measured(twins_of(data, replication=replication)).outcome


def weekly(data):
    return measured(twins_of(data)).courses


def banned(days=40, **changes):
    """100 on the shelf and 30 under way at the ban on day 5: 20 a day of revenue, gone from day 15 on."""
    base = shop(days, demand={"home": {"patience_days": 0}}, interventions={"ban": ban(5)})
    return merged(base, changes)


def test_revenue_of_both_twins_in_the_window():
    outcome = outcome_of(banned(analysis={"window_days": 20}))
    assert outcome.stream_revenue.tolist() == [[200.0], [400.0]]
    assert outcome.stream_units.tolist() == [[100.0], [200.0]]


def test_the_window_is_what_the_calendar_leaves_of_a_year():
    assert outcome_of(banned()).stream_revenue.tolist() == [[200.0], [700.0]]


def test_purchases_of_both_twins_in_the_window():
    outcome = outcome_of(banned(analysis={"window_days": 20}))
    assert outcome.lane_value.tolist() == [[0.0], [200.0]]


def test_goods_turned_back_are_not_bought():
    entry = {"ban": ban(5, in_transit="turned_back")}
    outcome = outcome_of(banned(analysis={"window_days": 20}, interventions=entry))
    assert outcome.lane_value.tolist() == [[-20.0], [200.0]]


def test_days_to_the_first_lost_sale_and_to_the_empty_shelf():
    outcome = outcome_of(banned())
    assert outcome.first_lost_sales_days.tolist() == [10.0]
    by_point = dict(zip(("source", "shelf"), outcome.run_out_days.tolist(), strict=True))
    assert math.isnan(by_point["source"])


def test_a_shelf_runs_out_when_it_is_empty_and_someone_waits():
    outcome = outcome_of(banned(demand={"home": {"patience_days": float("inf")}}))
    assert outcome.run_out_days.tolist()[1] == 10.0


def test_what_the_counterfactual_loses_as_well_is_no_loss():
    empty = {"shelf": {"initial_on_hand": 0.0, "policy": {"units": 0.0}}}
    outcome = outcome_of(banned(stock_points=empty))
    assert outcome.attribution.sum() == outcome.stream_revenue[1].sum() - outcome.stream_revenue[0].sum()


def test_the_day_of_the_shock():
    assert outcome_of(shop(interventions={"ban": ban(5, delay_days=3)})).shock_day == 8


def test_a_shock_that_does_not_happen_has_its_planned_day():
    never = {"dist": "bernoulli", "probability": 0.0}
    entries = {
        "first": ban(2, probability=never, delay_days=1),
        "ban": ban(0, date=None, after="first", delay_days=4),
    }
    assert outcome_of(shop(interventions=entries, analysis={"shock": "ban"})).shock_day == 7


def test_without_a_shock_the_first_day_counts():
    assert outcome_of(shop()).shock_day == 0


def test_a_shock_that_is_late_beyond_the_last_day_costs_nothing():
    late = {"dist": "discrete", "values": [0.0, 30.0], "weights": [0.6, 0.4]}
    data = shop(40, interventions={"ban": ban(20, delay_days=late)}, analysis={"window_days": 5})
    found = [outcome_of(data, replication) for replication in range(8)]
    beyond = [outcome for outcome in found if outcome.shock_day == 50]
    assert 0 < len(beyond) < 8
    assert {outcome.stream_revenue.sum() for outcome in beyond} == {0.0}
    assert {outcome.time_to_adapt_days[0] for outcome in beyond} == {0.0}


def adapted(days, tolerance=0.02, **shock):
    """Days from a shock on day 10 until 20 a day of revenue are whole again."""
    entry = {"title": "Shock", "date": day(10), "shock": True, **shock}
    patience = {"home": {"patience_days": 0}}
    analysis = {"recovery_tolerance": tolerance}
    data = shop(days, demand=patience, analysis=analysis, interventions={"shock": entry})
    return outcome_of(data).time_to_adapt_days[0]


def test_adapted_once_28_days_are_whole_again():
    """The last window with a lost day ends 27 days after it: day 14 + 27 = 41, so 32 days after day 10."""
    assert adapted(100, kind="market_closure", covers={}, duration_days=5) == 32.0


def test_within_tolerance_is_adapted():
    assert adapted(50, kind="price_change", streams={}, factor=0.985) == 0.0


def test_still_short_at_the_end_is_never():
    assert math.isnan(adapted(50, kind="price_change", streams={}, factor=0.9))


def test_as_much_as_the_counterfactual_is_adapted_without_any_tolerance():
    assert adapted(50, tolerance=0.0, kind="price_change", streams={}, factor=1.0) == 0.0


def test_weeks_hold_seven_days():
    courses = weekly(banned(40))
    assert courses.revenue.shape == (2, 1, 5)
    assert courses.revenue[0, 0].tolist() == [140.0, 140.0, 20.0, 0.0, 0.0]
    assert courses.stock[0, 0].tolist() == [70.0, 10.0, 0.0, 0.0, 0.0]


def test_weekly_blame_adds_up():
    found = measured(twins_of(banned(42)))
    assert found.courses.attribution.sum() == pytest.approx(found.outcome.attribution.sum())


def test_observed_figures():
    entries = {
        "sales": {"measure": "revenue", "firm": "maker", "start": day(0), "end": day(9), "value": 1.0},
        "stock": {
            "measure": "inventory_value",
            "firm": "maker",
            "start": day(4),
            "end": day(4),
            "value": 1.0,
        },
        "later": {"measure": "revenue", "firm": "maker", "start": day(39), "end": day(40), "value": 1.0},
    }
    outcome = outcome_of(banned(40, observations=entries))
    assert outcome.observed[:2].tolist() == [200.0, 70.0]
    assert math.isnan(outcome.observed[2])


def test_observed_figures_of_some_products_and_markets():
    """Ten a day at a price of 2 at home, and four abroad; what goes to no market has none to narrow down."""
    abroad = {"stock_point": "shelf", "market": "abroad", "mean_per_day": 4.0, "process": "constant"}
    entry = {"measure": "revenue", "firm": "maker", "start": day(0), "end": day(1), "value": 1.0}
    data = merged(
        shop(40),
        {
            "markets": {"abroad": {"name": "Abroad", "country": "FR"}},
            "demand": {"abroad": {**abroad, "price": 2.0}},
            "observations": {
                "all": entry,
                "abroad": {**entry, "markets": ["abroad"]},
                "product": {**entry, "items": ["part"]},
                "supplier": {**entry, "firm": "supplier", "end": day(19)},
                "part": {**entry, "firm": "supplier", "end": day(19), "items": ["part"]},
            },
        },
    )
    *maker, supplier, part = outcome_of(data).observed.tolist()
    assert maker == [56.0, 16.0, 56.0]
    assert part == supplier > 0.0


def test_days_of_interventions():
    outcome = outcome_of(banned(interventions={"ban": {"duration_days": 7}}))
    assert (outcome.start.tolist(), outcome.end.tolist()) == ([5.0], [12.0])


def test_a_batch_has_the_replications_in_front():
    batch = run_batch(compiled(banned()), seed=1, replications=2)
    assert batch.outcome.stream_revenue.shape == (2, 2, 1)
    assert batch.courses.revenue.shape == (2, 2, 1, 5)


def test_a_batch_has_the_courses_of_its_first_replications(monkeypatch):
    monkeypatch.setattr(results, "COURSES", 2)
    plan = compiled(banned())
    batch = run_batch(plan, seed=1, replications=6)
    assert batch.outcome.stream_revenue.shape == (6, 2, 1)
    assert batch.courses.revenue.shape == (2, 2, 1, 5)
    assert run_batch(plan, seed=1, replications=1).courses.revenue.shape == (1, 2, 1, 5)


def test_shapes_are_told_before_anything_is_simulated():
    found, shapes = measured(twins_of(banned())), shapes_of(compiled(banned()))
    for part, told in zip((found.outcome, found.courses), shapes, strict=True):
        assert {name: getattr(part, name).shape for name in told} == told


def test_a_shock_on_the_first_day_counts_from_it():
    outcome = outcome_of(banned(40, interventions={"ban": ban(0)}, analysis={"window_days": 10}))
    assert outcome.stream_revenue.tolist() == [[200.0], [200.0]]


def test_observed_figures_after_the_shock_are_those_of_the_scenario():
    entry = {"measure": "revenue", "firm": "maker", "start": day(10), "end": day(19), "value": 1.0}
    assert outcome_of(banned(40, observations={"sales": entry})).observed.tolist() == [100.0]


def test_customers_who_wait_count_as_lost_sales_too():
    outcome = outcome_of(banned(demand={"home": {"patience_days": float("inf")}}))
    assert outcome.first_lost_sales_days.tolist() == [10.0]


def test_customers_whom_the_counterfactual_loses_as_well_are_not_the_first_lost():
    """The 100 units ordered on day 0 come on day 3 and last to day 12; the ban is on day 1."""
    outcome = outcome_of(
        banned(40, stock_points={"shelf": {"initial_on_hand": 0.0}}, interventions={"ban": ban(1)})
    )
    assert outcome.first_lost_sales_days.tolist() == [12.0]


def test_customers_who_may_not_buy_are_lost_from_the_first_day():
    closure = {"kind": "market_closure", "title": "Closed", "date": day(5), "shock": True, "covers": {}}
    outcome = outcome_of(banned(interventions={"ban": ban(5), "closure": closure}))
    assert outcome.first_lost_sales_days.tolist() == [0.0]


def test_demand_that_grows_beyond_supply_loses_whom_it_leaves_unserved():
    """20 a day instead of 10 from the shock on: the 100 on the shelf and under way last for 5 days."""
    rush = {"kind": "demand_shift", "title": "Rush", "date": day(5), "shock": True, "covers": {}, "factor": 2}
    outcome = outcome_of(banned(interventions={"ban": ban(5), "rush": rush}))
    assert outcome.first_lost_sales_days.tolist() == [5.0]


def test_a_figure_beyond_the_calendar_leaves_the_next_one_alone():
    entry = {"measure": "revenue", "firm": "maker", "value": 1.0}
    entries = {
        "beyond": {**entry, "start": day(39), "end": day(40)},
        "within": {**entry, "start": day(0), "end": day(1)},
    }
    observed = outcome_of(banned(40, observations=entries)).observed
    assert math.isnan(observed[0])
    assert observed[1] == 40.0
