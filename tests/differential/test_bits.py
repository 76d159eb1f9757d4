"""What else is simulated beside a replication, in its chunk or its block, changes no bit of its measures."""

import numpy as np
import pytest

from sim.montecarlo import compiled_batch
from tests.builders import ban, compiled, day, shop


def uneven_plan():
    """Windows that end within weeks, on other days in each replication; sums of many numbers."""
    uniform = {"dist": "uniform", "low": 0.1, "high": 7.0}
    many = [f"lane-{index}" for index in range(11)]
    lane = {"supplier": "source", "buyer": "shelf", "price": uniform, "share": 1.0}
    reported = {"measure": "inventory_value", "firm": "maker", "start": day(3), "end": day(3), "value": 1.0}
    data = shop(
        60,
        analysis={"window_days": 17},
        lanes={"parts": {"lead_time_days": uniform, "price": uniform}} | dict.fromkeys(many, lane),
        demand={"home": {"process": "gamma", "dispersion": 3.0, "patience_days": 2}},
        interventions={"ban": ban(5, delay_days={"dist": "uniform", "low": 0.0, "high": 30.0})},
        observations={"stock": reported},
    )
    return compiled(data)


@pytest.mark.parametrize("sizes", [[1] * 9, [4, 4, 1], [2, 7]])
def test_chunks_change_no_bit(sizes):
    plan, ends = uneven_plan(), np.cumsum(sizes).tolist()
    chunks = [range(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    kept = dict(compiled_batch.run_chunks(plan, seed=0, chunks=chunks, workers=1))
    whole = compiled_batch.run_blocks(plan, seed=0, replications=9, workers=1)
    for chunk in chunks:
        for part in ("outcome", "courses"):
            for name, values in getattr(whole, part).items():
                mine = getattr(kept[chunk], part)[name]
                np.testing.assert_array_equal(mine, values[chunk.start : chunk.stop], err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 7])
def test_the_width_of_a_block_changes_no_bit(monkeypatch, width):
    plan = uneven_plan()
    usual = compiled_batch.run_blocks(plan, seed=0, replications=40, workers=1)
    monkeypatch.setattr(compiled_batch, "WIDTH", width)
    other = compiled_batch.run_blocks(plan, seed=0, replications=40, workers=1)
    for part in ("outcome", "courses"):
        for name, values in getattr(usual, part).items():
            np.testing.assert_array_equal(getattr(other, part)[name], values, err_msg=name)
