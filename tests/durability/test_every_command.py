"""What holds for every command: how mistakes and Ctrl-C end it, what it leaves alone, what it shows.

The commands are those of the command line: one that is new is tested without a word here.
"""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.errors import SimError
from tests.durability.folders import arguments_in, contents, needed_in, scenario_in
from tests.durability.test_ending import (
    LONG,
    MAIN,
    SECONDS,
    SOON,
    STEPS,
    USUAL,
    alive_in,
    asked_at,
)

COMMANDS = tuple(main.commands)
AT_ONCE = {"schema"}
"""Commands that take no time in which to show anything."""
ENDLESS = {"explore"}
"""Commands that go on until they are asked to end."""
COMPILING = {"export-explorer"}
"""Commands that compile for a minute what no other test of the fast ones needs."""
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
"""What comes before anything that moves on a terminal, and after it."""
OWN_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
"""Has Ctrl-C on the terminal that is standard input reach the process."""


def parameters(command: str, kind: type[click.Parameter]) -> set[str]:
    return {str(found.name) for found in main.commands[command].params if isinstance(found, kind)}


def call(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


TAKING = [command for command in COMMANDS if parameters(command, click.Argument)]
WRITING = [command for command in COMMANDS if "out" in parameters(command, click.Option)]


def test_there_are_commands():
    assert {"run", "compare", "validate"} <= set(TAKING)
    assert {"run", "reproduce", "stress"} <= set(WRITING)


# ---------------------------------------------------------------------- mistakes


def broken(folder: Path, command: str) -> list[str]:
    """What a command is given, the last of it broken."""
    (name,) = parameters(command, click.Argument) - {"levers", "listing", "target"}
    bad = folder / "bad"
    if name in {"folder", "folders"}:
        bad.mkdir()
        return [command, *([str(bad)] if name == "folders" else []), str(bad)]
    bad.write_text("chokepoint: 1\nnamee: x\n")
    return [command, *([str(scenario_in(folder))] if name == "files" else []), str(bad)]


@pytest.mark.parametrize("command", TAKING)
def test_what_is_broken_is_told_and_nothing_is_written(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    asked = [*broken(tmp_path, command), *needed_in(tmp_path, command)]
    before = sorted(tmp_path.rglob("*"))
    result = call(*asked)
    assert result.exit_code == 2
    assert "bad" in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("command", TAKING)
def test_what_is_not_there_is_told_and_nothing_is_written(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    others = ["nothing-else"] if {"files", "folders"} & parameters(command, click.Argument) else []
    needed = needed_in(tmp_path, command)
    before = sorted(tmp_path.rglob("*"))
    result = call(command, "nothing", *others, *needed)
    assert result.exit_code == 2
    assert "nothing" in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("error", "told"),
    [(SimError("a mistake"), "a mistake\n"), (MemoryError(), "there is not enough memory to go on\n")],
)
def test_an_error_is_one_message_and_code_2(tmp_path, monkeypatch, command, error, told):
    def fails(**_options):
        raise error

    asked = arguments_in(tmp_path, command)
    monkeypatch.setattr(main.commands[command], "callback", fails)
    result = call(*asked)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", told)


@pytest.mark.parametrize("command", WRITING)
def test_the_folder_of_somebody_else_is_left_alone(tmp_path, command):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("precious")
    result = call(*arguments_in(tmp_path, command), "--out", mine)
    assert result.exit_code == 2
    assert "found thesis.txt; allowed: an empty folder" in result.stderr
    assert contents(mine) == {"thesis.txt": b"precious"}


# ---------------------------------------------------------------------- what is shown


@contextmanager
def on_a_terminal(words: list[str], folder: Path, code: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A command that tells on a terminal, but for what it prints, and the other end of that."""
    ours, its = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", f"{OWN_TERMINAL}\n{code}\n{MAIN}", *words],
        cwd=folder,
        env={**os.environ, "TERM": "xterm"},
        stdin=its,
        stdout=subprocess.PIPE,
        stderr=its,
        text=True,
        start_new_session=True,
    ) as process:
        os.close(its)
        try:
            yield process, ours
        finally:
            process.kill()
            os.close(ours)


def told_on(terminal: int, seconds: float) -> str:
    """All that comes on a terminal until nobody has it any more."""
    told, until = b"", time.monotonic() + seconds
    while select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0]:
        try:
            told += os.read(terminal, 65_536)
        except OSError:  # as Linux says that the other end is closed
            return told.decode()
    raise TimeoutError(told.decode())


def told_on_a_terminal(monkeypatch, words: list[str]) -> str:
    """What a command that goes well tells on a terminal, in this process: no other has to start."""
    ours, its = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    with ThreadPoolExecutor(1) as beside:
        told = beside.submit(told_on, ours, 10 * SECONDS)
        with os.fdopen(its, "w") as terminal, monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", terminal)
            with pytest.raises(SystemExit) as ended:
                main(words)
    os.close(ours)
    assert ended.value.code == 0, told.result()
    return told.result()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, marks=pytest.mark.slow if command in COMPILING else [])
        for command in sorted(set(COMMANDS) - AT_ONCE - ENDLESS)
    ],
)
def test_progress_is_shown_on_a_terminal_and_not_in_a_pipe(tmp_path, monkeypatch, command):
    shown, piped = tmp_path / "shown", tmp_path / "piped"
    shown.mkdir()
    piped.mkdir()
    monkeypatch.chdir(shown)
    told = told_on_a_terminal(monkeypatch, arguments_in(shown, command))
    assert HIDE_CURSOR in told
    assert told.rindex(SHOW_CURSOR) > told.rindex(HIDE_CURSOR)
    monkeypatch.chdir(piped)
    plain = call(*arguments_in(piped, command))
    assert plain.exit_code == 0, plain.output
    assert not {"\x1b", "\r"} & set(plain.stdout + plain.stderr)
    assert "" not in plain.stderr.splitlines()


# ---------------------------------------------------------------------- Ctrl-C


@pytest.mark.parametrize(
    ("command", "step"),
    [
        asked_at(command, step, usual=USUAL[command] == ("terminal", step))
        for command in COMMANDS
        for step in ("many", "native")
    ],
)
def test_ctrl_c_ends_it_at_once_and_gives_the_terminal_back(tmp_path, command, step):
    words = arguments_in(tmp_path, command)
    before = contents(tmp_path)
    with on_a_terminal(words, tmp_path, LONG.replace("STEP", STEPS[step])) as (process, terminal):
        assert process.stdout is not None
        assert process.stdout.read(5) == "at it"
        time.sleep(0.2)
        os.write(terminal, b"\x03")
        asked = time.monotonic()
        told = told_on(terminal, SECONDS)
        assert process.wait(SECONDS) == 130
        assert time.monotonic() - asked < SOON
        assert process.stdout.read() == ""
    kept = "what is compiled is kept; go on with: chokepoint warmup"
    last = f"stopped; {kept if command == 'warmup' else 'the same command begins anew'}\r\n"
    assert told.endswith(last)
    assert told.count("stopped; ") == 1
    if command not in AT_ONCE:
        assert told.rindex(SHOW_CURSOR) > told.rindex(HIDE_CURSOR)
    assert alive_in(process.pid) == []
    assert contents(tmp_path) == before
