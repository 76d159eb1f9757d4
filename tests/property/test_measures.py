"""What is measured of random networks adds up."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.ledger import Twins
from sim.model.compile import compile_plan
from sim.montecarlo.simpy_batch import replicate
from sim.risk import tail
from sim.risk.money import revenue
from tests import oracles
from tests.builders import measured
from tests.readable_measures.money import lanes_of_makers, sales_to_firms
from tests.strategies import scenarios

SMALL = settings(max_examples=25)
LOSSES = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=60)
LEVELS = st.sampled_from(["0.05", "0.5", "0.9", "0.95", "0.99"])


def twins_of(scenario) -> Twins:
    return replicate(compile_plan(scenario), seed=4, replication=0)


@SMALL
@given(scenarios())
def test_the_loss_is_handed_out_in_full(scenario):
    twins = twins_of(scenario)
    outcome = measured(twins).outcome
    sold_by = twins.plan.maker_of_stream
    for maker, sold_on in enumerate(lanes_of_makers(twins.plan)):
        to_markets = outcome.stream_revenue[:, sold_by == maker].sum(axis=1)
        sales, normal = to_markets + outcome.lane_value[:, sold_on].sum(axis=1)
        given_out = outcome.attribution[maker].sum()
        asked = _asked(twins, sold_by == maker) + _ordered(twins, sold_on)
        assert abs(given_out - (normal - sales)) <= 1e-9 * max(sales, normal, asked)


def _ordered(twins: Twins, lanes: np.ndarray) -> float:
    """What all that is shipped or waited for would cost, day by day."""
    units = twins.plan.lanes.units_per_original
    paths = (twins.scenario, twins.counterfactual)
    return max(
        ((path.ledger.lanes.shipped + path.ledger.lanes.backlog) * path.schedule.lane_price.T * units)[
            :, lanes
        ].sum()
        for path in paths
    )


def _asked(twins: Twins, of: np.ndarray) -> float:
    """What all that is asked for would cost: the loss is told apart from it, and may be nothing."""
    paths = (twins.scenario, twins.counterfactual)
    return max((path.ledger.streams.demand * path.schedule.unit_price.T)[:, of].sum() for path in paths)


@SMALL
@given(scenarios())
def test_makers_lose_what_their_streams_lose(scenario):
    twins = twins_of(scenario)
    outcome = measured(twins).outcome
    first = min(max(int(outcome.shock_day), 0), twins.plan.days)
    window = slice(first, first + twins.plan.window_days)
    for twin, path in enumerate((twins.scenario, twins.counterfactual)):
        price = path.schedule.unit_price.T
        kept = 1.0 - path.ledger.points.penalty[:, twins.plan.streams.point]
        by_hand = (path.ledger.streams.shipped * price * kept)[window].sum(axis=0)
        np.testing.assert_allclose(outcome.stream_revenue[twin], by_hand, rtol=1e-12)


@SMALL
@given(scenarios())
def test_weekly_revenue_adds_up_to_the_whole_weeks(scenario):
    twins = twins_of(scenario)
    courses = measured(twins).courses
    whole = twins.plan.days // 7 * 7
    sold_by = twins.plan.maker_of_stream
    daily = revenue(twins.plan, twins.scenario)[:whole]
    traded = sales_to_firms(twins.plan, twins.scenario)[:whole]
    for maker, sold_on in enumerate(lanes_of_makers(twins.plan)):
        total = daily[:, sold_by == maker].sum() + traded[:, sold_on].sum()
        np.testing.assert_allclose(courses.revenue[0, maker].sum(), total, rtol=1e-12)


@given(LOSSES, LEVELS)
def test_value_at_risk_is_the_smallest_loss_that_enough_do_not_exceed(losses, level):
    assert tail.value_at_risk(losses, float(level)) == oracles.value_at_risk(losses, level)


@given(LOSSES, LEVELS)
def test_expected_shortfall_is_the_mean_of_the_worst(losses, level):
    expected = oracles.expected_shortfall(losses, level)
    scale = max(abs(loss) for loss in losses)
    assert abs(tail.expected_shortfall(losses, float(level)) - expected) <= 1e-9 * scale


@given(LOSSES, LEVELS)
def test_the_shortfall_is_at_least_the_value_at_risk_and_at_most_the_worst(losses, level):
    shortfall = tail.expected_shortfall(losses, float(level))
    slack = 1e-12 * max(abs(loss) for loss in losses)
    assert tail.value_at_risk(losses, float(level)) - slack <= shortfall <= max(losses) + slack


@given(LOSSES)
def test_the_exceedance_curve_counts(losses):
    ordered, shares = tail.exceedance(losses)
    for place, (loss, share) in enumerate(zip(ordered, shares, strict=True)):
        if place + 1 == len(ordered) or ordered[place + 1] > loss:
            assert share * len(losses) == np.float64(sum(other > loss for other in losses)).round() or (
                abs(share * len(losses) - sum(other > loss for other in losses)) < 1e-9
            )


@given(LOSSES, LEVELS)
def test_an_interval_for_a_quantile_holds_its_estimate(losses, level):
    found = tail.quantile_estimate(losses, float(level))
    assert not found.ci_low > found.estimate
    assert not found.ci_high < found.estimate
