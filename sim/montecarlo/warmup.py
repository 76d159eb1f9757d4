"""Compiling the engine before it is needed: two processes share the work, if what they make can be kept."""

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from types import FunctionType
from typing import Any, ParamSpec

import numpy as np

from sim.engines import block_engine, compiler, replay
from sim.engines.block_engine import Block, Experiment
from sim.model.compile import compile_plan
from sim.montecarlo.compiled_batch import WIDTH
from sim.montecarlo.simpy_batch import replicate
from sim.montecarlo.workers import cores
from sim.scenario.schema import Scenario

Given = ParamSpec("Given")

LONG_STACK = 2**17
"""Values that fit on the stack of a compilation: 1 MB."""
_COMPILING = Lock()


def is_compiled(width: int = WIDTH) -> bool:
    """Whether a run starts at once: the engine's machine code is in the cache, or none is needed.

    Parameters
    ----------
    width
        Of the run's blocks, as :func:`sim.montecarlo.compiled_batch.block_width`.
    """
    return compiler.is_ready(_days(width))


def can_measure() -> bool:
    """Whether the measures of the readable engine's replications are in the cache."""
    return compiler.is_ready(_MEASURES)


def _days(width: int) -> str:
    return f"days-{width}"


_MEASURES = "measures"


def _on_a_long_stack(function: Callable[Given, None]) -> Callable[Given, None]:
    """Run a function, and what it calls, on one piece of Python's stack.

    Python adds 16 KB at a time and gives them back at once. A loop that calls across such an edge, as
    compiling does for seconds, asks the system for memory at each call. Who asks for a long stack gets
    twice as much.
    """
    code = function.__code__.replace(co_stacksize=LONG_STACK)
    return FunctionType(code, function.__globals__, function.__name__, function.__defaults__)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Compiling makes many objects and little garbage: to look for it takes a seventh of the time.

    They stay, so that they need not be looked at later either.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()


@_without_garbage_collection()
@_on_a_long_stack
def warm_up(width: int = WIDTH) -> None:
    """Compile the engine for blocks of a width, or load it from the cache."""
    block = _block(_SMALLEST, width)
    if not is_compiled(width) and compiler.CACHE_FOLDER is not None and cores() > 1:
        with _day_compiled_elsewhere(width):
            _compile_all_but_a_day(block)
    compile_day(width)
    _compile_all_but_a_day(block)
    block_engine.run(block)
    compiler.keep_ready(_days(width))


def make_ready(width: int) -> None:
    """Compile the engine for blocks of a width, unless its machine code is in the cache.

    Left to the first block, it is compiled in one process, which takes several times as long once that holds
    a large scenario. Of several threads that ask for it one compiles.
    """
    with _COMPILING:
        if not is_compiled(width):
            warm_up(width)


@_without_garbage_collection()
@_on_a_long_stack
def warm_up_measures() -> None:
    """Compile the measures of the readable engine's replications, or load them from the cache."""
    plan = compile_plan(Scenario.model_validate(_SMALLEST))
    replay.measure(Experiment.of(plan, 0), replicate(plan, 0, 0))
    compiler.keep_ready(_MEASURES)


def _compile_all_but_a_day(block: Block) -> None:
    units = block_engine.units_of(block)
    units.prepare.compile()
    units.measure.compile()
    block_engine.compile_loop(block)
    _block(_WITH_EVENTS, block.width)


@_without_garbage_collection()
@_on_a_long_stack
def compile_day(width: int) -> None:
    """Compile what takes about half of the time: a day of one twin."""
    block_engine.units_of(_block(_SMALLEST, width)).advance.compile()


@contextmanager
def _day_compiled_elsewhere(width: int) -> Iterator[None]:
    """Compile a day in another interpreter; where that fails, it is still to be compiled here.

    The interpreter leaves without tidying up what it has compiled, which would take it a second. It ends with
    this process, however that ends: then its input does.
    """
    with subprocess.Popen(  # noqa: S603 - our own interpreter and a constant
        [sys.executable, "-c", _COMPILE_A_DAY, str(width)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as helper:
        try:
            yield
            helper.wait()
        finally:
            helper.kill()


_COMPILE_A_DAY = """
import os, sys, threading

def end_with_input():
    sys.stdin.read()
    os._exit(1)

threading.Thread(target=end_with_input, daemon=True).start()
from sim.montecarlo.warmup import compile_day
compile_day(int(sys.argv[1]))
os._exit(0)
"""


def _block(scenario: dict[str, Any], width: int) -> Block:
    """A block of a width, whose arrays have the types that all blocks of that width have."""
    study = Experiment.of(compile_plan(Scenario.model_validate(scenario)), 0)
    return block_engine.load(study, 0, np.empty((width, 0)))


_SMALLEST: dict[str, Any] = {
    "chokepoint": 1,
    "name": "smallest",
    "title": "One supplier, one stock, one market",
    "currency": "EUR",
    "calendar": {"days": 1},
    "firms": {"supplier": {"name": "Supplier", "country": "US"}, "maker": {"name": "Maker", "country": "CN"}},
    "items": {"part": {"name": "Part", "unit": "pieces"}},
    "markets": {"home": {"name": "Home", "country": "CN"}},
    "stock_points": {
        "source": {"firm": "supplier", "item": "part"},
        "shelf": {"firm": "maker", "item": "part", "policy": {"kind": "base_stock", "units": 1.0}},
    },
    "lanes": {"parts": {"supplier": "source", "buyer": "shelf", "lead_time_days": 1, "price": 1.0}},
    "demand": {"home": {"stock_point": "shelf", "market": "home", "mean_per_day": 1.0, "price": 1.0}},
}
_WITH_EVENTS: dict[str, Any] = {
    **_SMALLEST,
    "lanes": {"parts": {**_SMALLEST["lanes"]["parts"], "initial_in_transit": [1.0]}},
    "interventions": {
        "strike": {
            "kind": "disruption",
            "title": "A strike",
            "pauses": "shipments",
            "date": 0,
            "lanes": {"lanes": ["parts"]},
        },
        "ban": {"kind": "export_ban", "title": "A ban", "date": 0, "covers": {"buyers": ["maker"]}},
    },
}
