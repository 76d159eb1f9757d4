"""What an explorer in one file holds: blocks as memory, what moves change in it, and where losses stand."""

import numpy as np
import pytest
import yaml

from sim.explorer.frozen import Freezer, Position, _apart, frozen_controls, laid
from sim.explorer.image import image_of
from sim.explorer.moved import Moved
from sim.explorer.pictures import losses_of
from sim.explorer.rows import earned_of, total
from sim.explorer.session import Session
from sim.montecarlo import resuming
from tests.builders import ban, shop

LASTS = "interventions.ban.duration_days"
DATE, DELAY, COVER = (
    "interventions.ban.date",
    "interventions.ban.delay_days",
    "stock_points.shelf.policy.units",
)


def scenario(**analysis: object) -> dict[str, object]:
    lasts = {"dist": "uniform", "low": 5, "high": 30}
    return shop(
        60,
        lanes={"parts": {"lead_time_days": {"dist": "uniform", "low": 1, "high": 9}}},
        demand={"home": {"process": "gamma", "dispersion": 4, "patience_days": 0}},
        interventions={"ban": ban(20, duration_days=lasts, delay_days=dict(lasts))},
        levers={"stock": {"title": "Stock", "moves": [COVER], "levels": [120, 200]}},
        analysis={"window_days": 15, **analysis},
    )


@pytest.fixture(scope="module", params=["revenue", "margin"])
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    file = tmp_path_factory.mktemp("alone") / "base.yaml"
    file.write_text(yaml.safe_dump(scenario(headline=request.param), sort_keys=False), encoding="utf-8")
    with Session(file, futures=64) as its:
        yield its


@pytest.fixture(scope="module")
def freezer(session) -> Freezer:
    return Freezer(session)


def moved(path: str, text: str) -> Moved:
    return Moved(values=((path, text),))


def test_losses_stand_where_rows_say(session, freezer):
    for place, base in enumerate(Freezer(session).base):
        image = image_of(base.block, 0, 0)
        found = resuming.run_twins(base.block)
        losses = losses_of(session.plan, [found.outcome])
        memory = image.memory()
        for maker, its in enumerate(earned_of(session.plan, image)):
            scenario_, normal = (total(groups, memory, base.block.width) for groups in its.twins)
            assert (normal - scenario_).tolist() == losses.amounts[maker].tolist(), place
            whole = total(its.whole, memory, base.block.width)
            assert ((normal - scenario_) / whole).tolist() == losses.shares[maker].tolist()


@pytest.mark.parametrize(("path", "text"), [(DATE, "2021-01-10"), (DELAY, "3.0"), (COVER, "150")])
def test_a_change_laid_over_the_base_is_what_was_moved(session, freezer, path, text):
    plan = session.prepared(moved(path, text))[1]
    blocks = freezer.blocks(plan)
    for base, change, block in zip(freezer.base, freezer.changes(plan), blocks, strict=True):
        memory = laid(base, [change])
        assert not np.array_equal(memory, base.memory)
        assert np.array_equal(memory, image_of(block, 0, 0).memory())


def test_changes_say_how_far_they_reach(session, freezer):
    (late, *_) = freezer.changes(session.prepared(moved(LASTS, "3.0"))[1])
    (stock, *_) = freezer.changes(session.prepared(moved(COVER, "150"))[1])
    assert late.reach.day >= 20
    assert not late.reach.normal
    assert stock.reach == resuming.Reach(0, normal=True)


def test_two_that_change_the_same_numbers_are_kept_apart(session, freezer):
    positions = [
        Position(path, text, moved(path, text), is_end=True)
        for path, text in ((DATE, "2021-01-10"), (DELAY, "3.0"), (COVER, "150"))
    ]
    freezer.ahead = dict.fromkeys((DATE, DELAY, COVER), 1.0)
    changes = [freezer.changes(session.prepared(its.moved)[1]) for its in positions]
    assert _apart(freezer, positions, changes, lambda _done: None) == [(DATE, DELAY)]


def test_positions_are_on_the_grid_of_their_control(session):
    controls, positions = frozen_controls(session)
    for its in controls["numbers"]:
        texts = [float(position.key) for position in positions if position.control == its["path"]]
        steps = (np.array(texts) - its["low"]) / its["step"]
        assert steps == pytest.approx(np.arange(len(texts)), abs=1e-6)
        assert texts[-1] == its["high"]
    assert [its.key for its in positions if its.control == "lever stock"] == ["120 ", "200 "]
    assert positions[-1].control == "interventions.ban.probability"
