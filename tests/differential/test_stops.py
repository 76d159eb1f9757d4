"""The day on which a lane stops is that of the readable engine's calendar, which is read day by day."""

import numpy as np

from sim.engines.draws import draw
from sim.model.plan import Effect, Pause, Plan
from sim.model.schedule import draw_up
from sim.montecarlo.sampling import sample_inputs
from sim.montecarlo.stops import stop_days
from tests.boundaries.scenarios import drawn_scenario

SEED, REPLICATIONS, SCENARIOS = 5, 3, 16


def from_the_schedule(plan: Plan, replication: int) -> np.ndarray:
    """``[lane]`` first day, NaN if none."""
    (sample,) = sample_inputs(plan, SEED, range(replication, replication + 1))
    own = plan.with_inputs(sample)
    schedule = draw_up(own, draw(own, SEED, replication), with_shock=True)
    stopped = schedule.paused_lanes[Pause.SHIPMENTS].copy()
    stopped[schedule.restricted_lanes] |= schedule.open_share == 0.0
    return np.where(stopped.any(axis=1), stopped.argmax(axis=1), np.nan)


def test_lanes_stop_when_the_calendar_says_so():
    found = stops = 0
    for number in range(SCENARIOS):
        drawn = drawn_scenario(number)
        if drawn is None or Effect.CHANGES_SUBSIDIARY_SHARE in drawn[1].effects.kind:
            continue
        plan = drawn[1]
        expected = np.array([from_the_schedule(plan, number) for number in range(REPLICATIONS)]).T
        for lane, days in enumerate(expected):
            own = stop_days(plan, SEED, REPLICATIONS, np.array([lane]))
            np.testing.assert_array_equal(own, days, err_msg=f"{number} {plan.labels.lanes[lane]}")
        found, stops = found + 1, stops + int(np.isfinite(expected).sum())
    assert found > SCENARIOS // 2
    assert stops > 8
