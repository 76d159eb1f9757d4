"""Batches side by side: each is kept under the number that it has one after the other."""

import numpy as np

from sim.montecarlo.batches import InParts
from sim.montecarlo.parts import Parts
from sim.montecarlo.store import RunFolder


def full_of(number: float):
    def compute(chunks):
        yield from ((chunk, {"number": np.full(len(chunk), number)}) for chunk in chunks)

    return compute


def not_again(chunks):
    raise AssertionError(f"computed again: {chunks}")


def test_whoever_goes_on_one_by_one_finds_what_was_computed_side_by_side(tmp_path):
    parts, told = Parts(RunFolder(tmp_path), "run"), list[int]()
    batches = InParts(parts, 1, told.append)
    one, other, unused = batches.apart(3)
    for each, number in ((other, 2.0), (one, 1.0), (batches, 4.0)):
        assert each.kept(3, 2, full_of(number))["number"].tolist() == [number] * 3
    again = InParts(parts, 1)

    assert [again.kept(3, 2, not_again)["number"][0] for _ in range(2)] == [1.0, 2.0]
    assert again.kept(3, 2, full_of(3.0))["number"][0] == 3.0
    assert again.kept(3, 2, not_again)["number"][0] == 4.0
    assert unused.kept(3, 2, not_again)["number"][0] == 3.0
    assert told == [0, 0, 0, 3]
