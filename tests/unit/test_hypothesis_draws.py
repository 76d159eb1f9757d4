"""What Hypothesis draws is the same in every process, whatever has been loaded into it."""

import sys
from types import ModuleType

from hypothesis import given, settings
from hypothesis import strategies as st

ODD = 7.654321e-77


def test_draws_do_not_depend_on_the_modules_that_are_loaded(tmp_path, monkeypatch):
    before = numbers_drawn()
    source = tmp_path / "of_odd_numbers.py"
    source.write_text(f"ODD = {ODD}")
    module = ModuleType("of_odd_numbers")
    module.__file__ = str(source)
    monkeypatch.setitem(sys.modules, "of_odd_numbers", module)
    assert numbers_drawn() == before
    assert ODD not in before


def numbers_drawn() -> list[float]:
    drawn = []

    @settings(max_examples=2_000, derandomize=True, database=None)
    @given(st.floats(0.0, 1.0))
    def note(number):
        drawn.append(number)

    note()
    return drawn
