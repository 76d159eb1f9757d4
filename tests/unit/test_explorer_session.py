"""The explorer's session: its figures are those of a run with the same settings, to the last digit."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.errors import ScenarioError, SimError
from sim.explorer.moved import NOTHING, Cut, Moved, read
from sim.explorer.pictures import paired_change
from sim.explorer.session import Session, StaleMoveError
from sim.montecarlo import rerun, resuming
from sim.montecarlo.sampling import Sampled, sample_inputs
from sim.risk.leading import leading_losses
from sim.scenario.portfolios import Taken
from sim.stories import study

SCENARIOS = Path(__file__).parents[2] / "scenarios"
LEVERS = SCENARIOS / "first-scenario-levers.yaml"
FUTURES = 64
FIRE = "interventions.fire"
PILE = (
    "{kind: stockpiling, title: Pile, date: 2025-03-01, extra_cover_days: 11, "
    "covers: {firms: [velo], items: [controller]}}"
)
MOVES = {
    "nothing": NOTHING,
    "both twins": Moved((("stock_points.controllers.policy.cover_days", "40"),)),
    "scenario alone": Moved(((f"{FIRE}.duration_days", "30"),)),
    "another date": Moved(((f"{FIRE}.date", "2025-04-01"),)),
    "a chance": Moved(((f"{FIRE}.probability", "0.4"),)),
    "a lane": Moved(cuts=(Cut("lane", "controllers"),)),
    "a firm, early": Moved(cuts=(Cut("firm", "controlchip"),), cut_day=dt.date(2025, 3, 1)),
    "one more intervention": Moved((("interventions.pile", PILE),)),
    "a level": Moved(levers=(Taken("stock", 80.0),)),
    "a lever that adds lanes": Moved(levers=(Taken("second-source"),)),
    "all at once": Moved(
        ((f"{FIRE}.duration_days", "200"), (f"{FIRE}.probability", "0.7")),
        (Taken("second-source"),),
        (Cut("lane", "controllers"),),
    ),
}


@pytest.fixture(scope="module")
def session():
    with Session(LEVERS, futures=FUTURES) as opened:
        yield opened


@pytest.mark.parametrize("moved", MOVES.values(), ids=list(MOVES))
def test_a_picture_is_that_of_a_run(session, moved):
    found = study.run(
        LEVERS, replications=FUTURES, seed=session.seed, overrides=session.settings(moved), workers=1
    )

    picture = session.picture(moved)

    assert picture["makers"]["velo"]["figures"] == found.findings.summary["makers"]["velo"]["loss_share"]
    losses = leading_losses(found.job.plan, found.outcomes)
    assert np.array_equal(session.losses(moved).shares[0], losses["loss_share"].to_numpy())
    assert np.array_equal(session.losses(moved).amounts[0], losses["loss"].to_numpy())


def test_the_moves_make_a_difference(session):
    means = {
        name: session.picture(moved)["makers"]["velo"]["figures"]["mean"] for name, moved in MOVES.items()
    }

    assert len({json.dumps(mean) for mean in means.values()}) == len(MOVES)


def test_a_move_may_add_an_intervention_to_several():
    moved = Moved((("interventions.more", PILE), ("lanes.controllers.capacity_per_day", "101")))
    with Session(LEVERS, [f"interventions.pile={PILE}"], futures=32) as session:
        assert session.losses(moved).futures == 32


def test_what_a_move_does_not_reach_is_not_simulated_again(session, monkeypatch):
    begun = []

    def seen(block, first=0):
        begun.append(first)
        return run_scenario(block, first)

    run_scenario = resuming.run_scenario
    monkeypatch.setattr(resuming, "run_scenario", seen)
    session.losses(Moved(((f"{FIRE}.duration_days", "31"),)), 32)

    assert begun == [151]  # The fire begins on that day.


def test_a_chance_is_mixed_of_two_runs_once_it_moves_again(monkeypatch):
    changed, begun = rerun.Rerun.changed, []

    def seen(*given):
        begun.append(given)
        return changed(*given)

    monkeypatch.setattr(rerun.Rerun, "changed", seen)
    with Session(LEVERS, futures=FUTURES) as session:
        for chance, runs in (("0.4", 1), ("0.4", 1), ("0.2", 3), ("0.8", 3), ("0.6", 3)):
            session.picture(Moved(((f"{FIRE}.probability", chance),)))
            assert len(begun) == runs


@pytest.mark.parametrize("other", ["0.3", "0.5"])
def test_a_chance_that_is_mixed_is_that_of_a_run(session, other):
    before = Moved(((f"{FIRE}.duration_days", "150"), (f"{FIRE}.probability", "0.4")))
    session.losses(before)
    moved = before.with_value(f"{FIRE}.probability", other)
    found = study.run(
        LEVERS, replications=FUTURES, seed=session.seed, overrides=session.settings(moved), workers=1
    )

    losses = leading_losses(found.job.plan, found.outcomes)
    assert np.array_equal(session.losses(moved).amounts[0], losses["loss"].to_numpy())


def test_more_likely_is_in_more_futures(session, monkeypatch):
    for before in ("0.4", "0.5"):
        session.picture(Moved(((f"{FIRE}.probability", before),)))

    def never(*_given):
        raise AssertionError("simulated again")

    monkeypatch.setattr(rerun.Rerun, "changed", never)
    shares = [
        np.count_nonzero(session.losses(Moved(((f"{FIRE}.probability", chance),))).amounts[0])
        for chance in ("0.2", "0.8")
    ]

    assert shares[0] < shares[1]


def test_a_stale_move_stops(session):
    moved = Moved(((f"{FIRE}.duration_days", "77"),))

    assert list(session.pictures(moved, lambda: False)) == []
    with pytest.raises(StaleMoveError):
        session.picture(moved, keep_on=lambda: False)
    with pytest.raises(StaleMoveError):
        session.whole(moved, lambda: False)


def test_pictures_come_of_more_and_more_futures():
    with Session(LEVERS, futures=96) as session:
        assert [picture["futures"] for picture in session.pictures()] == [64, 96]


def test_settings_that_make_no_sense_are_refused_with_the_usual_message(session):
    with pytest.raises(ScenarioError, match="cover_days: found 'many', allowed: a number"):
        session.picture(Moved((("stock_points.controllers.policy.cover_days", "many"),)))
    with pytest.raises(ScenarioError, match="did you mean 'fire'"):
        session.picture(Moved((("interventions.fier.probability", "0.5"),)))
    with pytest.raises(SimError, match="found level 61; allowed: 60, 80"):
        session.picture(Moved(levers=(Taken("stock", 61.0),)))


def test_the_whole_has_times_and_causes(session):
    moved = Moved(((f"{FIRE}.duration_days", "200"),))

    whole = session.whole(moved)["makers"]["velo"]

    assert whole["loss_share"] == session.picture(moved)["makers"]["velo"]["figures"]
    assert whole["first_lost_sales_days"]["p50"] is not None
    assert whole["components"][0]["component"] == "controller"


def test_an_uncertain_number_keeps_the_samples_of_all_others():
    file, path = SCENARIOS / "neon-2022.yaml", None
    with Session(file, futures=32) as session:
        path = session.plan.inputs[0].path
        _, plan = session.prepared(Moved(((path, str(session.plan.inputs[0].quantity.mean)),)))
        before = sample_inputs(session.plan, session.seed, range(32))
        after = sample_inputs(plan, session.seed, range(32))

        assert [item.path for item in plan.inputs] == [item.path for item in session.plan.inputs]
        assert np.array_equal(before[:, 1:], after[:, 1:])
        assert len(set(after[:, 0])) == 1
        sampled = Sampled.of(session.plan, session.seed, range(32))
        assert np.array_equal(sampled.again(plan, session.seed, range(8, 32)), after[8:])


def test_a_message_is_read():
    message = {
        "values": {"a.b": "1"},
        "levers": {"stock": {"level": 60, "date": None}, "licence": {"date": "2019-05-22"}},
        "cuts": [["lane", "parts"]],
        "cut_day": "2019-10-09",
    }

    moved = read(message)

    assert moved.values == (("a.b", "1"),)
    assert moved.levers == (Taken("stock", 60.0), Taken("licence", None, dt.date(2019, 5, 22)))
    assert (moved.cuts, moved.cut_day) == ((Cut("lane", "parts"),), dt.date(2019, 10, 9))
    with pytest.raises(ValueError, match="no settings"):
        read({"values": []})


def test_pairs_know_a_change():
    change = paired_change(np.array([0.0, 0.2, 0.1, 0.1]))

    assert change["estimate"] == pytest.approx(0.1)
    assert change["half_width"] == pytest.approx(3.182446 * 0.0816497 / 2, rel=1e-5)


@pytest.mark.slow
def test_the_last_picture_of_the_flagship_is_that_of_the_command(tmp_path):
    file = SCENARIOS / "entity-list-levers-2019.yaml"
    moves = [
        Moved((("lanes.hikvision-hdd-seagate.subsidiary_share", "0.2"),)),
        Moved((("interventions.licences.grant_probability", "0.3"),)),
        Moved((("substitutes.hikvision-server-cpu-kunpeng.qualification_lag_days", "180"),)),
        Moved((("interventions.listing.probability", "0.5"),)),
        Moved((("interventions.warning.extra_cover_days", "80"),)),
        Moved(cuts=(Cut("firm", "seagate"),)),
        Moved(
            levers=(Taken("disk-stock", 60.0), Taken("disk-option", 0.2)),
            cuts=(Cut("lane", "hikvision-hdd-seagate"),),
        ),
    ]
    with Session(file) as session:
        for number, moved in enumerate(moves):
            settings = [word for setting in session.settings(moved) for word in ("--set", setting)]
            out = str(tmp_path / str(number))
            command = ["run", str(file), "-n", "1024", "--out", out, *settings]
            assert CliRunner().invoke(main, command).exit_code == 0
            told = json.loads((tmp_path / str(number) / "summary.json").read_text())
            for maker, found in session.picture(moved)["makers"].items():
                assert found["figures"] == told["makers"][maker]["loss_share"]
