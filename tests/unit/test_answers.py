"""What happened in which future is what the engines acted on, though nothing is simulated to find it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.engines.draws import chances_of, draw
from sim.model.licences import revoked_within
from sim.model.occurrence import reaching
from sim.model.plan import Effect
from sim.montecarlo import answers as module
from sim.montecarlo.answers import answers_of
from sim.montecarlo.sampling import sample_inputs
from sim.stories import runs, study
from tests.builders import ban, compiled, merged, run_batch, shop
from tests.unit.test_events import LICENCE, two_suppliers

SEED = 5
REPLICATIONS = 200
UNIFORM = {"dist": "uniform", "low": 0.2, "high": 0.9}
YES_OR_NO = {"dist": "bernoulli", "probability": 0.4}


def chained():
    """A ban that may come, one after it that may follow, and licences that an office may give."""
    return two_suppliers(
        ban=ban(5, probability=0.6, de_minimis_share=0.25, over_compliance_probability=0.3),
        follower=ban(0, date=None, after="ban", delay_days=4, probability=0.5, end=None),
        sampled=ban(9, probability=UNIFORM),
        decided=ban(9, probability=YES_OR_NO),
        licences=merged(LICENCE, {"probability": 0.7}),
        all_or_none=merged(LICENCE, {"grant_probability": YES_OR_NO}),
    )


def plain(data):
    return {
        **data,
        "interventions": {
            name: {key: value for key, value in entry.items() if value is not None}
            for name, entry in data["interventions"].items()
        },
    }


@pytest.fixture(scope="module")
def plan():
    return compiled(plain(chained()))


@pytest.fixture(scope="module")
def found(plan):
    return answers_of(plan, SEED, REPLICATIONS)


@pytest.fixture(scope="module")
def start(plan):
    """``[replication, intervention]`` day on which the engine has each begin; NaN where it does not."""
    return run_batch(plan, seed=SEED, replications=REPLICATIONS).outcome.start


def happened(found, event):
    return found.happened[found.events.index(f"interventions.{event}")]


def test_the_events_are_those_that_can_turn_out_either_way(found):
    assert [event.removeprefix("interventions.") for event in found.events] == [
        "decided.probability",
        "all_or_none.grant_probability",
        "ban.happens",
        "follower.happens",
        "sampled.happens",
        "licences.happens",
        "licences.granted.supplier",
        "licences.granted.foreign",
        "ban.over_complies.foreign",
    ]


@pytest.mark.parametrize("name", ["ban", "follower", "sampled", "decided", "licences"])
def test_an_intervention_happens_where_the_engine_has_a_date_for_it(plan, found, start, name):
    dated = ~np.isnan(start[:, plan.labels.interventions.index(name)])
    assert (happened(found, f"{name}.{'probability' if name == 'decided' else 'happens'}") == dated).all()
    assert 0 < dated.sum() < REPLICATIONS


def test_what_comes_after_something_happens_only_with_it(found):
    assert not (happened(found, "follower.happens") & ~happened(found, "ban.happens")).any()


def acted_on(plan, start, kind, name, supplier):
    """Whether an effect reaches its supplier and its intervention takes place, replication by replication."""
    samples = sample_inputs(plan, SEED, range(REPLICATIONS))
    intervention = plan.labels.interventions.index(name)
    firm = plan.points.firm[plan.lanes.supplier[plan.effects.target]]
    rows = np.flatnonzero(
        (plan.effects.kind == kind)
        & (plan.effects.intervention == intervention)
        & (firm == plan.labels.firms.index(supplier))
    )
    for replication in range(REPLICATIONS):
        its = plan.with_inputs(samples[replication])
        draws = draw(its, SEED, replication)
        chances = draws.supplier, draws.abroad
        reaches = reaching(its, its.numbers, *chances)[rows]
        yield bool(reaches.any()) and not np.isnan(start[replication, intervention])


@pytest.mark.parametrize(
    ("event", "effect"),
    [
        ("licences.granted.supplier", (Effect.RELIEVES_LANE, "licences", "supplier")),
        ("licences.granted.foreign", (Effect.RELIEVES_LANE, "licences", "foreign")),
        ("all_or_none.grant_probability", (Effect.RELIEVES_LANE, "all_or_none", "supplier")),
        ("ban.over_complies.foreign", (Effect.RESTRICTS_LANE, "ban", "foreign")),
    ],
)
def test_what_is_said_of_a_supplier_is_what_the_engine_does(plan, found, start, event, effect):
    answers = happened(found, event)
    assert answers.tolist() == list(acted_on(plan, start, *effect))
    assert 0 < answers.sum() < REPLICATIONS


def test_a_licence_is_renewed_or_revoked_only_where_it_was_granted():
    licence = merged(
        LICENCE, {"renewal_probability": 0.5, "revocation_probability_per_year": 0.9, "valid_days": 20}
    )
    plan = compiled(two_suppliers(ban=ban(5, de_minimis_share=0.25), licences=licence))
    found, chances = answers_of(plan, SEED, REPLICATIONS), chances_of(plan, SEED, 0, REPLICATIONS)
    granted = happened(found, "licences.granted.supplier")
    grant = plan.grants.firm.tolist().index(plan.labels.firms.index("supplier"))
    within = revoked_within(0.9, plan.days)
    for word, drawn in (
        ("renewed", chances.renewal[grant] < 0.5),
        ("revoked", chances.revocation[grant] < within),
    ):
        assert (happened(found, f"licences.{word}.supplier") == (drawn & granted)).all()
        assert 0 < (drawn & granted).sum() < drawn.sum()


def test_a_future_can_be_asked_about_alone(plan, found, monkeypatch):
    assert (answers_of(plan, SEED, 50).happened == found.happened[:, :50]).all()
    monkeypatch.setattr(module, "REPLICATIONS_AT_ONCE", 7)
    assert (answers_of(plan, SEED, REPLICATIONS).happened == found.happened).all()


@pytest.mark.parametrize("method", ["random", "latin_hypercube", "sobol"])
def test_every_method_of_sampling_gives_the_probability(method):
    data = shop(20, interventions={"ban": ban(5, probability=YES_OR_NO)}, analysis={"sampling": method})
    (happens,) = answers_of(compiled(data), SEED, 2000).happened
    assert happens.mean() == pytest.approx(0.4, abs=0.04)


def test_a_plan_without_events_has_no_answers_and_no_file(tmp_path):
    plan = compiled(shop(20, interventions={"ban": ban(5)}))
    assert answers_of(plan, SEED, 3).happened.shape == (0, 3)
    found = study.run("scenarios/first-scenario.yaml", replications=2)
    assert not list(study.save(found, tmp_path / "out").glob("events.*"))


def test_a_folder_made_of_parts_has_the_table_of_a_run_in_memory(tmp_path):
    job = study.job_of("tests/cases/never-falls-short.yaml", replications=70, csv=True)
    folder = runs.run(job, tmp_path / "run")
    (folder / "report.html").unlink()  # It is made again from parts.
    runs.run(job, tmp_path / "run")
    found = sim.run("tests/cases/never-falls-short.yaml", replications=70)
    written = (folder / "events.csv").read_text().splitlines()
    assert written[0] == "replication,interventions.ban.happens"
    assert written[1:] == [
        f"{replication},{str(happens).lower()}"
        for replication, happens in found.events["interventions.ban.happens"].items()
    ]
    events = pd.read_parquet(folder / "events.parquet").set_index("replication")
    assert events["interventions.ban.happens"].tolist() == found.events["interventions.ban.happens"].tolist()
    again: Any = sim.open(folder)
    assert again.events.equals(found.events)
