"""Every command ends when it is asked to: soon, with one message, a fitting exit code, and nobody left."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, product
from pathlib import Path

import pytest

from sim.cli import main
from sim.commands import ending
from tests.durability.folders import ANALYSES, LEVER, arguments_in, contents

LIBRARY = Path(__file__).parents[2] / "scenarios"
COMMANDS = tuple(main.commands)
MAIN = "from sim.cli import main; main()"
HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""A process that is started in the background may be deaf to SIGINT, and hand that on."""
UP = 'import os, sim.cli; os.write(1, b"up")'
"""Until it has read its own modules, a command is Python's to end."""
LONG = """
import ctypes, hashlib, os, sys, time, sim.model.compile, sim.montecarlo.warmup, sim.scenario.jsonschema

def stuck(*_, **__):
    os.write(1, b"at it")
    STEP
    os.write(1, b"goes on")
    raise SystemExit(1)

sim.model.compile.compile_plan = sim.montecarlo.warmup.warm_up = stuck
sim.scenario.jsonschema.scenario_json_schema = stuck
"""
STEPS = {
    "many": "for _ in range(10**6): time.sleep(0.01)",
    "native": "hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)",
    "swallowed": """
    class Tidied:
        def __del__(self):
            time.sleep(0.3)
    tidied = Tidied()
    del tidied
    for _ in range(10**6): time.sleep(0.01)""",
    "replaced": """
    called = 'try: time.sleep(0.3)\\nexcept BaseException: raise TypeError from None'
    exec(called, {'__name__': 'numba.core', 'time': time})
    for _ in range(10**6): time.sleep(0.01)""",
    "traced": """
    called = 'def __call__():\\n try: time.sleep(0.3)\\n except BaseException: print("told of"); raise\\n'
    exec(called + '__call__()', {'__name__': 'emcee.ensemble', 'time': time})
    for _ in range(10**6): time.sleep(0.01)""",
}
"""What a command can be at: many steps, a long one of C, some whose errors are lost or told."""
USUAL = dict(zip(COMMANDS, cycle(product(("signal", "terminal"), ("many", "native"))), strict=False))
"""How each command is asked to end in every test run, and what it is at; `make verify` asks in all ways."""
LATE = """
import atexit, os, signal, time
for sent in (signal.SIGTERM, signal.SIGINT):
    atexit.register(lambda sent: (os.kill(os.getpid(), sent), time.sleep(0.05)), sent)
"""
SECONDS = 30.0
"""Long enough for a busy machine to come to where it can be asked."""
SOON = 1.0 + 4.0
"""Seconds in which it must be gone: one, and what a busy machine takes to give it its turn."""


@contextmanager
def started(arguments, *, code=MAIN, **how) -> Iterator[subprocess.Popen[str]]:
    """A command in a session of its own, which is gone at the end."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"{HEARS}; {code}" if code == MAIN else f"{HEARS}\n{code}\n{MAIN}",
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **how,
    )
    try:
        yield process
        assert alive_in(process.pid) == []
    finally:
        process.kill()
        process.communicate()


def alive_in(session: int) -> list[str]:
    """Processes of a session that run; they have a moment to end."""
    found: list[str] = []
    for _ in range(100):
        found = []
        for file in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, _, fields = file.read_text().rpartition(") ")
            except (FileNotFoundError, ProcessLookupError):
                continue
            state, _, _, its_session = fields.split()[:4]
            if int(its_session) == session and state not in "ZX":
                found.append(name)
        if not found:
            break
        time.sleep(0.05)
    return found


def exit_code(sent: signal.Signals) -> int:
    return 128 + sent


# ---------------------------------------------------------------------- at whatever it is


def asked_at(command: str, step: str, *sent: signal.Signals, usual: bool):
    """A case of a test, slow unless it is of those that every test run has."""
    return pytest.param(command, step, *sent, marks=[] if usual else pytest.mark.slow)


@pytest.mark.parametrize(
    ("command", "step", "sent"),
    [
        *(
            asked_at(command, step, signal.SIGTERM, usual=USUAL[command] == ("signal", step))
            for command in COMMANDS
            for step in ("many", "native")
        ),
        ("validate", "swallowed", signal.SIGTERM),
        ("validate", "replaced", signal.SIGTERM),
        ("validate", "traced", signal.SIGTERM),
        ("validate", "many", signal.SIGINT),
        ("validate", "native", signal.SIGINT),
    ],
)
def test_a_command_ends_whatever_it_is_at(tmp_path, command, step, sent):
    arguments = arguments_in(tmp_path, command)
    before = contents(tmp_path)
    with started(arguments, code=LONG.replace("STEP", STEPS[step]), cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.read(5) == "at it"
        process.send_signal(sent)
        out, told = process.communicate(timeout=SOON)
    assert process.returncode == exit_code(sent)
    kept = "what is compiled is kept; go on with: chokepoint warmup"
    assert told == f"stopped; {kept if command == 'warmup' else 'the same command begins anew'}\n"
    assert out == ""
    assert contents(tmp_path) == before


def test_a_request_that_comes_when_all_is_done_is_not_heard(tmp_path):
    with started(arguments_in(tmp_path, "validate"), code=LATE) as process:
        told = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert told[0]
    assert not told[1]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_who_asks_twice_is_told_once(tmp_path, sent):
    code = LONG.replace("STEP", STEPS["many"])
    with started(arguments_in(tmp_path, "validate"), code=code) as process:
        assert process.stdout is not None
        assert process.stdout.read(5) == "at it"
        for _ in range(5):
            process.send_signal(sent)
        _, told = process.communicate(timeout=SECONDS)
    assert process.returncode == exit_code(sent)
    assert told == "stopped; the same command begins anew\n"


def test_who_asks_again_disturbs_no_tidying_up():
    before = {number: signal.getsignal(number) for number in ending.SIGNALS}
    try:
        with pytest.raises(ending.Stopped):
            ending._stop(signal.SIGTERM, None)
        assert {signal.getsignal(number) for number in ending.SIGNALS} == {signal.SIG_IGN}
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_an_engine_that_is_being_compiled_leaves_nobody_behind(tmp_path):
    """Half of it is compiled in another process."""
    cache = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    with started(["warmup"], env=cache) as process:
        assert process.stderr is not None
        assert "compiling" in process.stderr.readline()
        time.sleep(3.0)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=SECONDS)
    assert process.returncode == exit_code(signal.SIGTERM)
    assert told == "stopped; what is compiled is kept; go on with: chokepoint warmup\n"


# ---------------------------------------------------------------------- in the midst of its work


LONGEST = {"compare", "mitigate", "stress"}
"""Analyses that are ended in every test run: of batches, of a search, of linear programs."""


def long_work(folder: Path, command: str) -> list[str]:
    """A command whose parts come soon and do not end."""
    most = {
        "run": ["-n", "10000000", "--chunk", "100"],
        "simpy": ["-n", "10000", "--engine", "simpy", "--workers", "2"],
        "cluster": ["-n", "1000000", "--chunk", "100", "--cluster", "local", "--workers", "2"],
        "compare": ["-n", "10000000"],
        "sensitivity": ["-n", "1000000"],
        "mitigate": ["-n", "10000000"],
        "sweep": ["-n", "10000000"],
    }
    if command == "stress":
        return ["stress", str(LIBRARY / "entity-list-2019-research-house.yaml")]
    if command in ("backtest", "calibrate"):
        return [*arguments_in(folder, command)[:-1], {"backtest": "1000000", "calibrate": "4096"}[command]]
    name = command if command in ANALYSES else "run"
    files = [word for word in arguments_in(folder, name) if word.endswith(".yaml")]
    levers = [LEVER] if command == "sweep" else []
    return [name, *files, *levers, *most[command]]


@pytest.mark.parametrize(
    ("command", "sent"),
    [
        ("run", signal.SIGINT),
        ("run", signal.SIGTERM),
        ("simpy", signal.SIGINT),
        pytest.param("simpy", signal.SIGTERM, marks=pytest.mark.slow),
        ("cluster", signal.SIGTERM),
        *(
            pytest.param(command, signal.SIGTERM, marks=[] if command in LONGEST else pytest.mark.slow)
            for command in ANALYSES
        ),
    ],
)
def test_a_request_to_end_is_obeyed_and_says_how_to_go_on(tmp_path, command, sent):
    """All processes of a terminal hear of Ctrl-C, and many schedulers send SIGTERM to all.

    Each signal reaches worker processes of one kind in every test run, and of both in `make verify`.
    """
    out = tmp_path / "out"
    with started([*long_work(tmp_path, command), "--out", str(out)]) as process:
        while not list(out.glob("parts/*.parquet")):
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, sent)
        _, told = process.communicate(timeout=2 * SECONDS)
    assert process.returncode == exit_code(sent)
    name = command if command in ANALYSES else "run"
    assert told == f"stopped; what is finished is kept; go on with: chokepoint {name} --resume {out}\n"
    assert not [file for file in contents(out) if file.endswith((".tmp", ".sha256"))]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", *ANALYSES])
def test_at_random_moments_it_ends_and_goes_on_to_the_same_bytes(tmp_path, command):
    arguments, out = [*arguments_in(tmp_path, command), "--out"], tmp_path / "out"
    began = time.monotonic()
    with started([*arguments, str(tmp_path / "undisturbed")]) as process:
        assert process.wait(120.0) == 0
    takes, chance = time.monotonic() - began, random.Random(command)
    for _ in range(10):
        sent = chance.choice([signal.SIGTERM, signal.SIGINT])
        with started([*arguments, str(out)], code=UP) as process:
            assert process.stdout is not None
            assert process.stdout.read(2) == "up"
            time.sleep(chance.uniform(0.05, takes))
            process.send_signal(sent)
            _, told = process.communicate(timeout=SECONDS)
        if process.returncode != 0:
            assert process.returncode == exit_code(sent)
            assert told.startswith("stopped; ")
            assert told.count("\n") == 1
        with started([*arguments, str(out)]) as process:
            assert process.wait(120.0) == 0
        assert contents(out) == contents(tmp_path / "undisturbed")
        shutil.rmtree(out)
