"""Which events of a plan are open, and what can be found out about them."""

import dataclasses

import numpy as np
import pytest

from sim.model.events import ChanceEvent, known, with_events
from sim.montecarlo.compiled_batch import block_width, run_blocks
from tests.builders import ban, compiled, merged, shop

UNIFORM = {"dist": "uniform", "low": 0.0, "high": 1.0}
LICENCE = {
    "kind": "licence",
    "title": "Licences",
    "after": "ban",
    "relieves": ["ban"],
    "grant_probability": 0.4,
    "covers": {},
}


def two_suppliers(**interventions):
    """One US supplier, and one abroad whose goods are half US content."""
    data = shop(
        60,
        firms={"foreign": {"name": "Foreign", "country": "TW"}, "third": {"name": "Third", "country": "CN"}},
        stock_points={name: {"firm": name, "item": "part"} for name in ("foreign", "third")},
        lanes={
            "far": {
                "supplier": "foreign",
                "buyer": "shelf",
                "price": 1.0,
                "controlled_content_share": 0.2,
                "controlled_by": "US",
            },
            "free": {"supplier": "third", "buyer": "shelf", "price": 1.0},
        },
    )
    return merged(data, {"interventions": interventions})


def paths(data):
    plan = with_events(compiled(data))
    return [item.path.removeprefix("interventions.") for item in plan.inputs if isinstance(item, ChanceEvent)]


@pytest.mark.parametrize(("probability", "open_"), [(0.0, False), (1.0, False), (0.3, True), (UNIFORM, True)])
def test_what_can_turn_out_either_way_is_open(probability, open_):
    assert paths(shop(20, interventions={"ban": ban(5, probability=probability)})) == ["ban.happens"] * open_


def test_a_probability_that_is_yes_or_no_itself_asks_once():
    yes_or_no = {"dist": "bernoulli", "probability": 0.3}
    assert paths(shop(20, interventions={"ban": ban(5, probability=yes_or_no)})) == []


def test_licences_and_over_compliance_are_asked_of_each_supplier_that_they_concern():
    rule = ban(5, de_minimis_share=0.25, over_compliance_probability=0.1)
    assert paths(two_suppliers(ban=rule, licences=LICENCE)) == [
        "licences.granted.supplier",
        "licences.granted.foreign",
        "ban.over_complies.foreign",
    ]
    strict = merged(rule, {"over_compliance_probability": 0.0})
    assert paths(two_suppliers(ban=strict, licences=LICENCE)) == ["licences.granted.supplier"]
    wide = merged(rule, {"de_minimis_share": 0.1})
    assert paths(two_suppliers(ban=wide, licences=LICENCE))[:2] == [
        "licences.granted.supplier",
        "licences.granted.foreign",
    ]


def test_what_is_known_of_an_event_is_its_answer_whatever_its_probability():
    plan = with_events(compiled(shop(20, interventions={"ban": ban(5, probability=UNIFORM)})))
    samples = np.array([[0.3, 0.29], [0.3, 0.31]])
    assert known(plan, samples).tolist() == [[0.3, 1.0], [0.3, 0.0]]


@pytest.mark.parametrize("event", ["licences.granted.supplier", "ban.over_complies.foreign"])
def test_the_answer_about_a_supplier_is_what_the_engine_acts_on(event):
    rule = ban(5, de_minimis_share=0.25, over_compliance_probability=0.1)
    plan = with_events(compiled(two_suppliers(ban=rule, licences=LICENCE)))
    column = [item.path for item in plan.inputs].index(f"interventions.{event}")
    answers = np.full((block_width(plan), len(plan.inputs)), 0.99)
    answers[1, column] = 0.01
    bought = run_blocks(plan, seed=1, replications=2, samples_of=lambda _: answers).outcome["lane_value"]
    lane = plan.labels.lanes.index("far" if "foreign" in event else "parts")
    no, yes = bought[:, 0, lane]
    assert (yes > no) == event.startswith("licences")
    assert yes != no
    others = np.delete(answers, column, axis=1)
    assert (others[0] == others[1]).all()


def test_a_plan_without_events_stays_as_it_is():
    plan = compiled(shop(20))
    assert dataclasses.asdict(with_events(plan))["inputs"] == ()


def with_terms(**fields):
    return two_suppliers(ban=ban(5), licences=LICENCE | {"grant_probability": 1.0, "valid_days": 10} | fields)


def test_renewals_and_revocations_are_asked_of_each_supplier_who_may_have_them():
    assert paths(with_terms()) == []
    assert paths(with_terms(renewal_probability=0.5)) == [
        "licences.renewed.supplier",
    ]
    assert paths(with_terms(revocation_probability_per_year=0.2))[0] == "licences.revoked.supplier"


def test_whether_a_licence_is_revoked_is_asked_of_the_days_that_are_simulated():
    (first, *_) = with_events(compiled(with_terms(revocation_probability_per_year=0.2))).inputs
    assert isinstance(first, ChanceEvent)
    assert first.probability == pytest.approx(1.0 - 0.8 ** (60 / 365.25))
    uncertain = {"dist": "uniform", "low": 0.0, "high": 0.5}
    plan = with_events(compiled(with_terms(revocation_probability_per_year=uncertain)))
    samples = np.full((2, len(plan.inputs)), 0.99)
    samples[:, 0] = 0.2
    samples[:, 1] = 1.0 - 0.8 ** (60 / 365.25) + np.array([-1e-6, 1e-6])
    assert known(plan, samples)[:, 1].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("event", ["renewed", "revoked"])
def test_the_answer_about_a_licence_is_what_the_engine_acts_on(event):
    fields = {
        "renewed": {"renewal_probability": 0.5},
        "revoked": {"revocation_probability_per_year": 0.5, "valid_days": 100},
    }
    plan = with_events(compiled(with_terms(**fields[event])))
    column = [item.path for item in plan.inputs].index(f"interventions.licences.{event}.supplier")
    answers = np.full((block_width(plan), len(plan.inputs)), 0.99)
    answers[1, column] = 0.01
    bought = run_blocks(plan, seed=1, replications=2, samples_of=lambda _: answers).outcome["lane_value"]
    no, yes = bought[:, 0, plan.labels.lanes.index("parts")]
    assert (yes > no) == (event == "renewed")
    assert yes != no


def with_halts(**exception):
    halt = {"kind": "self_halt", "title": "Halt", "after": "ban", "halt_probability": 0.5, "covers": {}}
    kept = {"kind": "exception", "title": "Exception", "after": "ban", "relieves": ["ban"]}
    withdrawal = {"withdrawal_date": "2021-02-01", "withdrawal_probability": 0.4}
    rule = ban(5, foreign_over_compliance_probability=0.1)
    return two_suppliers(ban=rule, halt=halt, kept={**kept, **withdrawal, **exception})


def test_halts_withdrawals_and_what_is_done_abroad_are_asked_too():
    assert paths(with_halts()) == [
        "ban.over_complies_abroad.third",
        "halt.halts.supplier",
        "halt.halts.foreign",
        "halt.halts.third",
        "kept.withdrawn",
    ]


@pytest.mark.parametrize("event", ["ban.over_complies_abroad.third", "halt.halts.third", "kept.withdrawn"])
def test_the_answer_about_a_halt_or_a_withdrawal_is_what_the_engine_acts_on(event):
    plan = with_events(compiled(with_halts(covers={"lanes": ["parts"]})))
    column = [item.path for item in plan.inputs].index(f"interventions.{event}")
    answers = np.full((block_width(plan), len(plan.inputs)), 0.99)
    answers[1, column] = 0.01
    bought = run_blocks(plan, seed=1, replications=2, samples_of=lambda _: answers).outcome["lane_value"]
    no, yes = bought[:, 0, plan.labels.lanes.index("free" if "third" in event else "parts")]
    assert yes < no


def test_a_licence_to_serve_listed_buyers_is_asked_of_their_seller():
    listed = {"kind": "end_user_ban", "title": "Listed", "date": "2021-01-06", "shock": True, "covers": {}}
    licence = {**LICENCE, "after": "listed", "relieves": ["listed"]}
    data = two_suppliers(listed=listed, licences=licence)
    plan = with_events(compiled(data))
    assert [item.path for item in plan.inputs] == ["interventions.licences.granted.maker"]
    answers = np.full((block_width(plan), len(plan.inputs)), 0.99)
    answers[1, -1] = 0.01
    sold = run_blocks(plan, seed=1, replications=2, samples_of=lambda _: answers).outcome["stream_units"]
    no, yes = sold[:, 0, 0]
    assert no == 0.0 < yes
    data["demand"]["home"]["controlled_content_share"] = 0.2
    data["interventions"]["listed"]["de_minimis_share"] = UNIFORM
    assert paths(data) == ["licences.granted.maker"]
