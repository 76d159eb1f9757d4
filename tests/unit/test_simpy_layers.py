"""The readable engine is one class in layers; a method of a layer must not hide one of a layer below."""

from inspect import isfunction
from itertools import combinations

from sim.engines.des import Simulation


def methods_of(layer: type) -> set[str]:
    """Names of what a class itself defines, but for how it begins."""
    return {name for name, member in vars(layer).items() if isfunction(member)} - {"__init__"}


def test_no_method_hides_another():
    layers = [layer for layer in Simulation.__mro__ if layer.__module__.startswith("sim.")]
    assert len(layers) > 3
    for upper, lower in combinations(layers, 2):
        assert methods_of(upper) & methods_of(lower) == set(), (upper, lower)
