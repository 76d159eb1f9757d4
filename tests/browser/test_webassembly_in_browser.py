"""WebAssembly gives the bits of machine code: all arrays of random networks, in a browser."""

import base64
import json
import math
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from playwright.sync_api import Browser, Page

from sim.engines import block_engine
from sim.engines.block_engine import Block, Experiment
from sim.engines.numba_webassembly import module_of
from sim.explorer.exporting import memory_of
from sim.explorer.image import FIRST, Image, image_of
from sim.model.compile import compile_plan
from sim.montecarlo.sampling import sample_inputs
from sim.scenario.schema import Scenario
from tests.builders import ban, compiled, shop
from tests.strategies import scenario_data

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTH, SEED = 32, 7
LISTENING = """
// What a browser computes by itself may have another last digit: it asks for the answers of this machine.
const unknown = new Map(), answers = new Map();
const asked = (name) => (number) => {
  const key = `${name} ${number}`;
  if (answers.has(key)) return answers.get(key);
  unknown.set(key, [name, number]);
  return Math[name](number);
};
const functions = Object.fromEntries(["exp", "log", "log1p"].map((name) => [name, asked(name)]));
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
async function whole(about, content, told) {
  for (const [name, number, answer] of told) answers.set(`${name} ${number}`, answer);
  unknown.clear();
  await prepared({ place: 0, about, bytes: bytesOf(content), functions });
  const { all } = blocks.get(0);
  let text = "";
  const found = all.subarray(about.first, about.first + about.size);
  for (let at = 0; at < found.length; at += 8192)
    text += String.fromCharCode(...found.subarray(at, at + 8192));
  return { memory: btoa(text), unknown: [...unknown.values()] };
}
"""


def loaded(plan) -> Block:
    study = Experiment.of(plan, SEED).without_courses()
    return block_engine.load(study, 0, sample_inputs(plan, SEED, range(WIDTH)))


@pytest.fixture(scope="module")
def page(browser: Browser):
    its = browser.new_page()
    module = module_of(loaded(compiled(shop(30, interventions={"ban": ban(10)}))))
    its.add_script_tag(content=files("sim.explorer").joinpath("templates", "worker.js").read_text())
    its.add_script_tag(content=LISTENING)
    its.evaluate(
        "async (text) => { engine = await WebAssembly.compile(bytesOf(text)); }",
        base64.b64encode(module).decode(),
    )
    yield its
    its.close()


def ran_in(page: Page, about: dict[str, Any], content: bytes) -> np.ndarray:
    """The memory of a block that a browser has run, with the functions of this machine where it needs any."""
    told: list[tuple[str, float, float]] = []
    while True:
        given = json.loads(json.dumps(about)), base64.b64encode(content).decode(), told
        found = page.evaluate("([about, content, told]) => whole(about, content, told)", list(given))
        if not found["unknown"]:
            return np.frombuffer(base64.b64decode(found["memory"]), dtype=np.uint8)
        told = [(name, number, getattr(math, name)(number)) for name, number in found["unknown"]]


def that_differ(image: Image, memory: np.ndarray) -> list[str]:
    """Arrays, and fields of records, that are not those of the block to the bit."""
    found = []
    for name, its, address in image.places:
        if name in {"span", "moves"} or name.startswith("common.scratch"):
            continue
        start = address - FIRST
        other = np.frombuffer(memory[start : start + its.nbytes].tobytes(), dtype=its.dtype).reshape(
            its.shape
        )
        for field in its.dtype.names or (None,):
            pair = [np.ascontiguousarray(one if field is None else one[field]) for one in (other, its)]
            if pair[0].tobytes() != pair[1].tobytes():
                found.append(f"{name} {field or ''}")
    return found


def run_natively(block: Block) -> None:
    """Run both twins as far as the browser does."""
    parted, days = block.shared_days, block.plan.days
    block_engine.run_span(block, 0, parted)
    block_engine.fork(block)
    block_engine.run_span(block, parted, min(max(parted, block.measures.last_stop), days))


def assert_same_bits(page: Page, plan) -> None:
    block = loaded(plan)
    about, content = memory_of(block)
    memory = ran_in(page, about, content)
    run_natively(block)
    assert that_differ(image_of(block, 0, 0), memory) == []


@settings(
    max_examples=100,
    derandomize=True,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=scenario_data())
def test_random_networks_have_the_same_bits(page, data):
    assert_same_bits(page, compile_plan(Scenario.model_validate(data)))


def test_another_number_has_other_bits(page):
    plan = compiled(shop(60, interventions={"ban": ban(10)}))
    block = loaded(plan)
    about, content = memory_of(block)
    memory = ran_in(page, about, content)
    block.scenario.points.on_hand[:] += 1.0
    run_natively(block)
    assert that_differ(image_of(block, 0, 0), memory) != []
