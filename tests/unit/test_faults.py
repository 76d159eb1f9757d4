"""The faults that `make faults` plants."""

import pytest

from tests.differential.faults import FAULTS, Fault, source_with


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_planted_fault_still_has_its_place(fault: Fault):
    assert fault.wrong in source_with(fault)
