"""What the manifest calls `rounding` covers every function that may differ between machines.

Each module of the model is searched for functions that are not exact, so that one that comes new fails here
until it is among those that are compared.
"""

import ast
from pathlib import Path

import pytest

import sim
from sim.montecarlo.provenance import FROM_SCIPY, FROM_THE_C_LIBRARY

PACKAGE = Path(sim.__file__).parent
ESTIMATORS = {
    "risk/sensitivity_indices.py",
    "risk/information.py",
    "evidence/emulator.py",
    "evidence/levels.py",
    "evidence/naive.py",
    "evidence/posterior.py",
    "evidence/scores.py",
}
"""Of analyses that are not reproduced, and gone on with on the machine that began them."""
# fmt: off
EXACT = {
    "inf", "nan", "pi", "isclose", "sqrt", "floor", "ceil", "fsum", "isnan", "isinf", "isfinite", "copysign",
    "factorial", "prod", "comb",
}
OF_THE_PROCESSOR = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power", "float_power", "cbrt", "sin", "cos",
    "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "hypot", "dot", "vdot", "inner",
    "matmul", "tensordot", "einsum", "linalg", "convolve", "correlate", "interp",
}
# fmt: on
"""Of NumPy: its own code for some processors, or a library for linear algebra."""


def used(tree: ast.AST, module: str) -> set[str]:
    """Names taken from a module, as in ``math.exp`` or after ``from math import exp``."""
    names = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == module
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[-1] == module:
            names |= {alias.name for alias in node.names}
    return names


def modules() -> list[str]:
    files = (file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py"))
    return sorted(file for file in files if not file.startswith("report/") and file not in ESTIMATORS)


@pytest.mark.parametrize("module", modules())
def test_functions_that_may_differ_are_compared(module):
    tree = ast.parse((PACKAGE / module).read_text())
    compared = {function.__name__ for function, _ in (*FROM_THE_C_LIBRARY, *FROM_SCIPY)}
    assert (used(tree, "math") | used(tree, "special")) - EXACT <= compared
    assert not used(tree, "np") & OF_THE_PROCESSOR
    assert not any(isinstance(node, ast.MatMult) for node in ast.walk(tree))
