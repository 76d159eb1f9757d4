"""What a firm loses that sells to other firms, worked out by hand."""

import numpy as np
import pytest

from sim.model.causes import Causes
from sim.model.compile import compile_plan
from sim.model.failures import StressDesign, stress_plan
from sim.montecarlo.batches import InMemory
from sim.montecarlo.failure_runs import run_failures
from sim.risk.tables import makers
from tests.builders import ban, day, measured, merged, read, shop, twins_of

SELLER = {"makers": ["supplier"]}


def told(data):
    """Outcome of a path, with its plan."""
    twins = twins_of(data)
    return measured(twins).outcome, twins.plan


def blame(data, maker=0):
    """Lost revenue of a maker by cause, under the cause's name."""
    outcome, plan = told(data)
    names = [f"lane {name}" for name in plan.labels.lanes]
    names += [f"point {name}" for name in plan.labels.points]
    names += [f"stream {name}" for name in plan.labels.streams]
    assert len(names) == Causes.of(plan).count
    losses = outcome.attribution[maker].tolist()
    return {name: loss for name, loss in zip(names, losses, strict=True) if loss != 0.0}


def selling(days=40, **changes):
    """A supplier that sends a shop 10 parts a day at 1.00 each."""
    return shop(days, analysis=SELLER, **changes)


def limited(**changes):
    """The same, with a source that gives what is used and no more."""
    return merged(selling(stock_points={"source": {"capacity_per_day": 10.0}}), changes)


FIRE = {
    "kind": "capacity_loss", "title": "Fire", "date": day(5), "end": day(15), "shock": True,
    "covers": {"stock_points": ["source"]}, "lost_share": 0.5,
}  # fmt: skip


def test_what_is_sold_to_a_firm_counts_as_revenue():
    courses = measured(twins_of(selling())).courses
    assert courses.revenue[0, 0].tolist() == [70.0] * 5


def test_sales_to_markets_and_to_firms_add_up():
    """The shop sells 10 a day at 2.00 at home, and passes 4 a day on to a friend at 3.00."""
    data = shop(
        14,
        firms={"friend": {"name": "Friend", "country": "FR"}},
        stock_points={
            "corner": {
                "firm": "friend", "item": "part", "initial_on_hand": 40.0,
                "policy": {"kind": "base_stock", "units": 40.0},
            }
        },
        lanes={"onward": {"supplier": "shelf", "buyer": "corner", "lead_time_days": 0, "price": 3.0}},
        demand={
            "there": {
                "stock_point": "corner", "market": "home", "mean_per_day": 4.0, "process": "constant",
                "price": 9.0,
            }
        },
        analysis={"makers": ["maker"]},
    )  # fmt: skip
    assert measured(twins_of(data)).courses.revenue[0, 0].tolist() == [7 * (20.0 + 12.0)] * 2


def test_a_ban_is_to_blame_for_what_the_buyer_may_not_order():
    """Nothing is shipped from day 5 on, and what is under way arrives."""
    data = selling(interventions={"ban": ban(5, in_transit="delivered")})
    assert blame(data) == {"lane parts": pytest.approx(35 * 10.0)}


def test_goods_that_turn_back_are_sales_undone():
    """Twenty parts are under way when the ban comes, after those of the day have arrived."""
    found = blame(selling(interventions={"ban": ban(5, in_transit="turned_back")}))
    assert found == {"lane parts": pytest.approx((35 + 2) * 10.0)}


def test_a_buyer_that_orders_less_is_the_lanes_own_loss():
    less = {
        "kind": "demand_shift",
        "title": "Less",
        "date": day(5),
        "shock": True,
        "covers": {},
        "factor": 0.4,
    }
    assert blame(selling(interventions={"less": less})) == {"lane parts": pytest.approx(35 * 6.0)}


def test_what_a_buyer_waits_for_is_short_supply():
    """Ten days at half of what is used; there is nothing to catch up with."""
    assert blame(limited(interventions={"fire": FIRE})) == {"point source": pytest.approx(50.0)}


def test_what_comes_later_is_no_loss():
    data = limited(interventions={"fire": FIRE}, stock_points={"source": {"capacity_per_day": 20.0}})
    assert sum(blame(data).values()) == pytest.approx(0.0)


def test_a_lower_price_is_the_lanes_own_loss():
    cheaper = {
        "kind": "price_change",
        "title": "Sale",
        "date": day(5),
        "shock": True,
        "lanes": {},
        "factor": 0.5,
    }
    assert blame(selling(interventions={"sale": cheaper})) == {"lane parts": pytest.approx(35 * 5.0)}


def test_the_first_lost_sale_is_the_first_that_is_not_sent():
    """The fire is announced on day 5 and comes three days later."""
    told_of = {
        "kind": "price_change",
        "title": "News",
        "date": day(5),
        "shock": True,
        "lanes": {},
        "factor": 1.0,
    }
    shock = {"news": told_of, "fire": FIRE | {"date": day(8)}}
    outcome, _ = told(limited(interventions=shock, analysis={"shock": "news"}))
    assert outcome.first_lost_sales_days.tolist() == [3.0]


def test_service_is_what_is_sent_of_what_is_ordered():
    outcome, _ = told(selling(stock_points={"source": {"capacity_per_day": 5.0}}))
    assert outcome.normal_service.tolist() == [pytest.approx(0.5)]


def test_the_table_of_makers_counts_sales_to_firms():
    twins = twins_of(selling(interventions={"ban": ban(5, in_transit="delivered")}))
    outcome = measured(twins).outcome
    batched = type(outcome)(**{name: np.asarray(getattr(outcome, name))[None] for name in outcome.__slots__})
    row = makers(twins.plan, batched).iloc[0]
    assert (row.maker, row.revenue_counterfactual, row.loss) == ("supplier", 350.0, 350.0)
    assert row.loss_share == 1.0


@pytest.mark.parametrize(("headline", "lost"), [("revenue", 1.0), ("margin", 0.6)])
def test_a_failure_costs_what_is_not_sent_to_firms(headline, lost):
    """For 12 days nothing is sent; then what was missed is sent at once, but for the last 2 of 14 days."""
    changes = {
        "analysis": {"headline": headline, "window_days": 12},
        "stress": {"date": 5, "ttr_days": 12},
        "stock_points": {"source": {"unit_cost": 0.4}},
    }
    scenario = read(merged(selling(), changes))
    stress = stress_plan(scenario, compile_plan(scenario))
    failures = run_failures(stress, InMemory(1))
    assert failures.revenue == 12 * 10.0
    assert failures.pi[: len(stress.nodes)].tolist() == pytest.approx([12 * 10.0 * lost] * len(stress.nodes))
    assert set(failures.tts_days[: len(stress.nodes)].tolist()) == {0.0}


def test_what_makers_sell_to_each_other_is_a_loss_of_each():
    data = merged(selling(), {"analysis": {"makers": ["supplier", "maker"], "window_days": 12}})
    scenario = read(
        merged(data, {"stress": {"date": 5, "ttr_days": 12}, "demand": {"home": {"patience_days": 0}}})
    )
    stress = stress_plan(scenario, compile_plan(scenario))
    by_maker = {
        name: run_failures(stress_plan(own, compile_plan(own), StressDesign(pairs_among=())), InMemory(1)).pi[
            0
        ]
        for name in ("supplier", "maker")
        for own in [
            scenario.model_copy(update={"analysis": scenario.analysis.model_copy(update={"makers": [name]})})
        ]
    }
    assert min(by_maker.values()) > 0.0
    assert run_failures(stress, InMemory(1)).pi[0] == pytest.approx(sum(by_maker.values()))
