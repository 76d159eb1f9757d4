"""Folders that somebody sent: nothing outside is read, written or removed; what is wrong is one message."""

import hashlib
import json
import os
import re
import shutil
import socket
import stat
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow.parquet import write_table

from sim.cli import main
from sim.errors import ResultError
from sim.montecarlo.parts import OUTCOME, PLACES, SHAPES, Content, Parts, to_parquet
from sim.montecarlo.results import Kept
from sim.montecarlo.store import RunFolder, digest
from sim.risk.outcomes import shapes_of
from sim.stories import durable, runs, study
from sim.stories.folders import SUMMARY, Found, identity
from tests.durability.folders import (
    ANALYSES,
    CHUNK,
    contents,
    finished_analysis,
    finished_run,
    job_in,
    resumed,
    scenario_in,
)

MISTAKE = 2
LOBBY = "levers.lobby={title: Lobby, set: {interventions.ban: null}}"
UNCERTAIN = "demand.home.mean_per_day={dist: uniform, low: 5, high: 15}"


def call(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def refused(result, *told: str) -> None:
    """A command ended with one message that says all this, and without a traceback."""
    assert isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code == MISTAKE
    for text in told:
        assert text in result.output


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return finished_run(tmp_path_factory.mktemp("made"))


@pytest.fixture
def out(made, tmp_path):
    """A finished run, beside a folder of somebody else's files."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious.txt").write_text("precious")
    return shutil.copytree(made, tmp_path / "run")


@pytest.fixture
def sent(out):
    """A run that is not finished."""
    for name in ("summary.json", "summary.sha256"):
        (out / name).unlink()
    return out


def moved_out(folder: Path, name: str) -> None:
    """Put a folder or file elsewhere, and a link in its place."""
    away = folder.parent / "mine" / name
    (folder / name).rename(away)
    (folder / name).symlink_to(away)


def commands(folder: Path) -> dict[str, list[object]]:
    """Every command that writes a folder."""
    file = scenario_in(folder.parent)
    other = folder.parent / "other.yaml"
    other.write_text(file.read_text().replace("name: test", "name: other"))
    return {
        "run": ["run", file, "-n", "40", "--out", folder],
        "resume": ["run", "--resume", folder],
        "compare": ["compare", file, other, "-n", "16", "--out", folder],
        "sensitivity": ["sensitivity", file, "-n", "32", "--set", UNCERTAIN, "--out", folder],
        "stress": ["stress", file, "--ttr-days", "9", "--out", folder],
        "sweep": ["sweep", file, "lobby", "-n", "16", "--set", LOBBY, "--out", folder],
    }


EVERY = ("run", "resume", "compare", "sensitivity", "stress", "sweep")
WITHOUT_RESUME = tuple(name for name in EVERY if name != "resume")


# ---------------------------------------------------------------------- inside only


@pytest.mark.parametrize("command", EVERY)
@pytest.mark.parametrize("name", ["parts", "tables"])
def test_a_folder_behind_a_link_is_refused(sent, command, name):
    moved_out(sent, name)
    before = contents(sent.parent / "mine"), contents(sent)
    refused(call(*commands(sent)[command]), f"{name}: found a symbolic link; allowed: files and folders")
    assert (contents(sent.parent / "mine"), contents(sent)) == before


def a_pipe(place: Path) -> None:
    os.mkfifo(place)


def a_socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(place))


def a_link(place: Path) -> None:
    place.symlink_to("/dev/zero")


def a_device(place: Path) -> None:
    try:
        os.mknod(place, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root may make a device")


@pytest.mark.parametrize("make", [a_pipe, a_socket, a_link, a_device])
@pytest.mark.parametrize(
    "name", ["manifest.json", "summary.json", "summary.sha256", ".lock", "report.html", "parts/x", "tables/x"]
)
def test_what_is_no_file_is_refused_and_never_opened(sent, make: Callable[[Path], None], name):
    (sent / name).unlink(missing_ok=True)
    make(sent / name)
    before = sorted(sent.rglob("*"))
    for command in (["run", "--resume", sent], ["reproduce", sent]):
        refused(
            call(*command),
            f"{name}: found {make.__name__.replace('_', ' ')}".replace("link", "symbolic link"),
        )
    assert sorted(sent.rglob("*")) == before


@pytest.mark.parametrize(
    "name", ["/dev/zero", "../mine/precious.txt", "tables/../../mine/precious.txt", "./report.html", "tables"]
)
def test_a_checksum_of_something_elsewhere_is_damage(out, name):
    with (out / "summary.sha256").open("a") as sums:
        sums.write(f"{64 * '0'}  {name}\n")
    refused(call("reproduce", out), "no name of a file" if "/" in name else "found a folder; allowed: a file")
    assert call("run", "--resume", out).exit_code == 0
    assert name not in (out / "summary.sha256").read_text().split()


def test_many_damaged_files_are_told_as_some(out):
    with (out / "summary.sha256").open("a") as sums:
        sums.writelines(f"{64 * '0'}  no-{number}\n" for number in range(1_000))
    assert len(RunFolder(out).damage(SUMMARY)) < 100


@pytest.mark.parametrize("make", [os.symlink, os.link])
def test_a_lock_that_is_another_file_is_refused_and_left(sent, make):
    mine = sent.parent / "mine" / "precious.txt"
    (sent / ".lock").unlink(missing_ok=True)
    make(mine, sent / ".lock")
    refused(call("run", "--resume", sent), ".lock: found")
    assert mine.read_text() == "precious"


def test_a_lock_with_content_is_refused_and_left(sent):
    (sent / ".lock").write_text("precious")
    refused(call("run", "--resume", sent), ".lock: found a file with content")
    assert (sent / ".lock").read_text() == "precious"


def test_a_file_with_another_name_elsewhere_is_replaced_here_only(sent):
    mine = sent.parent / "mine" / "precious.txt"
    for name in ("report.html", "tables/makers.csv"):
        (sent / name).unlink(missing_ok=True)
        (sent / name).hardlink_to(mine)
    assert call("run", "--resume", sent).exit_code == 0
    assert mine.read_text() == "precious"


def test_only_our_own_temporary_files_are_removed(sent):
    (sent / ".notes.tmp").write_text("precious")
    (sent / ".report.html.0123abcd.tmp").write_text("half")
    assert call("run", "--resume", sent).exit_code == 0
    assert (sent / ".notes.tmp").read_text() == "precious"
    assert not (sent / ".report.html.0123abcd.tmp").exists()


def test_the_folder_itself_may_be_behind_a_link(sent):
    link = sent.parent / "link"
    link.symlink_to(sent)
    assert call("run", "--resume", link).exit_code == 0
    assert (sent / "summary.json").is_file()


def test_a_table_is_not_written_over_a_device(tmp_path):
    os.mkfifo(tmp_path / "states.csv")
    refused(call("trace", scenario_in(tmp_path), "--table", tmp_path / "states.csv"), "found a pipe")
    assert (tmp_path / "states.csv").is_fifo()


# ---------------------------------------------------------------------- whose folder it is


@pytest.mark.parametrize("command", WITHOUT_RESUME)
def test_the_same_again_is_written_again_and_another_one_refused(tmp_path, command):
    out = tmp_path / "out"
    asked = commands(out)
    assert call(*asked[command]).exit_code == 0
    before = contents(out)
    assert call(*asked[command]).exit_code == 0
    assert contents(out) == before
    for another in set(WITHOUT_RESUME) - {command}:
        refused(call(*asked[another]), "found another run")
    assert contents(out) == before


# ---------------------------------------------------------------------- the manifest


def with_manifest(folder: Path, **changed: Any) -> None:
    """Change what a manifest says, and its checksum with it."""
    said = json.loads((folder / "manifest.json").read_text())
    del said["checksum"]
    said = {key: value for key, value in (said | changed).items() if value is not ...}
    said["checksum"] = digest(said)
    (folder / "manifest.json").write_text(json.dumps(said))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": "7"}, "manifest.json: seed: found '7', allowed: a whole number from 0 to 2^63 - 1"),
        ({"seed": True}, "manifest.json: seed: found true"),
        ({"seed": 10**400}, "manifest.json: seed: found a whole number beyond 1e308"),
        ({"seed": ...}, "manifest.json: seed: missing, allowed: a whole number from 0 to 2^63 - 1"),
        ({"replications": -1}, "manifest.json: replications: found -1, allowed: a whole number from 1"),
        ({"replications": 1e300}, "manifest.json: replications: found 1e+300"),
        ({"replications": None}, "manifest.json: replications: found nothing"),
        ({"engine": "warp"}, "manifest.json: engine: found 'warp', allowed: compiled, simpy"),
        ({"engine": ["compiled"]}, "manifest.json: engine: found a list"),
        ({"precision": "wide"}, "manifest.json: precision: found 'wide', allowed: a number above 0"),
        ({"precision": -1.0}, "manifest.json: precision: found -1.0"),
        ({"figure": "median"}, "manifest.json: figure: found 'median', allowed: mean, var95, es95"),
        ({"overrides": "seed=1"}, "manifest.json: overrides: found 'seed=1', allowed: a list of texts"),
        ({"overrides": [1]}, "manifest.json: overrides.0: found 1, allowed: a list of texts"),
        ({"scenario_file": "a\x1b[2J"}, "manifest.json: scenario_file: found 'a\\x1b[2J', allowed: a text"),
        ({"versions": []}, "manifest.json: versions: found a list, allowed: a mapping"),
        ({"versions": {"numpy": 2}}, "manifest.json: versions.numpy: found 2"),
        ({"command": None}, "manifest.json: command: found nothing, allowed: a text"),
        ({"digest": "x"}, "manifest.json: digest: found 'x', allowed: 12 digits and letters"),
        ({"given": []}, "manifest.json: given: found a list, allowed: a scenario"),
        ({"given": {}}, "manifest.json: given: chokepoint: missing"),
        ({"given": "x"}, "manifest.json: given: found 'x'"),
    ],
)
def test_a_field_of_a_manifest_is_checked(sent, changed, told):
    with_manifest(sent, **changed)
    before = contents(sent)
    refused(call("run", "--resume", sent), told)
    assert contents(sent) == before


def hostile_scenario(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    given = json.loads((folder / "manifest.json").read_text())["given"]
    change(given)
    with_manifest(folder, given=given)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("calendar", "days"), 10**30, "given: calendar.days: found"),
        (("calendar", "days"), -3, "given: calendar.days: found -3"),
        (
            ("demand", "home", "market"),
            "nowhere",
            "given: demand.home.market: 'nowhere' is not one of markets",
        ),
        (("demand", "home", "price"), 10**400, "given: demand.home.price"),
        (("lanes", "parts", "supplier"), "../x", "given: lanes.parts.supplier: '../x' is not one of"),
        (("lanes", "parts", "share"), -1, "given: lanes.parts.share: found"),
        (("title",), "\ud800", "given"),
        (("surprise",), 1, "given: found 'surprise', which is not a field of a scenario"),
    ],
)
def test_the_scenario_in_a_manifest_is_checked_as_one_in_a_file(sent, path, value, told):
    def change(given: dict[str, Any]) -> None:
        for name in path[:-1]:
            given = given[name]
        given[path[-1]] = value

    hostile_scenario(sent, change)
    refused(call("run", "--resume", sent), told)


@pytest.mark.parametrize(
    "content",
    [
        b'{"given": ' + b"[" * 100_000,
        b'{"given": ' + b"[" * 900 + b"]" * 900 + b', "checksum": "x"}',
        b'{"command": "\xff"}',
        b"null",
        b"1" * 10_000,
    ],
)
def test_a_manifest_that_is_none_is_refused(sent, content):
    (sent / "manifest.json").write_bytes(content)
    refused(call("run", "--resume", sent), "is damaged, or no manifest of this version")


def test_a_manifest_that_is_nested_too_deeply_is_refused(sent):
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    with_manifest(sent, given={"firms": deep})
    refused(call("run", "--resume", sent), "is damaged, or no manifest of this version")


@pytest.mark.parametrize("name", ["manifest.json", "summary.sha256"])
def test_a_file_of_a_gigabyte_is_not_read(out, name):
    os.truncate(out / name, 2**30)
    refused(call("reproduce", out), "cannot be read" if name == "summary.sha256" else "bytes; allowed: up to")


WINDOWED = ("loss_share", "loss", "revenue_counterfactual", "humps", "share_near_mean")


def put_in_place(out: Path, summary: bytes) -> None:
    """Put something in the place of a summary, with the checksum that it would have."""
    folder = RunFolder(out)
    sums = folder.sums(SUMMARY)
    (out / "summary.json").write_bytes(summary)
    sums["summary.json"] = folder._sha256("summary.json")
    (out / "summary.sha256").write_text("".join(f"{checksum}  {name}\n" for name, checksum in sums.items()))


@pytest.mark.parametrize(
    "summary", ["[]", "{}", '{"window": 1}', "\ud800", "[" * 100_000, '{"makers": {"m": 1}}']
)
def test_a_summary_that_says_something_else_is_told(out, summary):
    put_in_place(out, summary.encode(errors="surrogatepass"))
    refused(call("run", "--resume", out), "summary.json is no summary of `chokepoint run`")


def test_a_summary_of_the_first_schema_is_refused_with_how_to_translate_it(out):
    told = json.loads((out / "summary.json").read_text())
    maker = told["makers"]["maker"]
    older = {f"{key}_30d" if key in WINDOWED else key: value for key, value in maker.items()}
    put_in_place(out, json.dumps(told | {"schema_version": 1, "makers": {"maker": older}}).encode())
    refused(call("run", "--resume", out), "found schema version 1", "the same without the ending")


# ---------------------------------------------------------------------- parts


def forged(folder: Path, data: bytes, chunk: range = range(CHUNK)) -> None:
    """Put something into a part's place, with the checksum that a part would have."""
    job = runs.resumed(folder)
    for part in folder.glob(f"parts/{chunk.start:010}-*"):
        part.unlink()
    Parts(RunFolder(folder), identity(job.manifest)).put(chunk, data)


def arrays_of(folder: Path) -> dict[str, Any]:
    """Zeros of the shapes that a part of a run has, by column."""
    outcome, courses = shapes_of(runs.resumed(folder).plan)
    named = {f"outcome.{name}": shape for name, shape in outcome.items()}
    named |= {f"courses.{name}": shape for name, shape in courses.items()}
    return {name: np.zeros((CHUNK, *shape)) for name, shape in named.items()}


def parquet(arrays: dict[str, Any], shapes: Any = None, rows: int = CHUNK, places: Any = None) -> bytes:
    columns = {
        name: pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values[0].size)
        for name, values in arrays.items()
        if values[0].size
    }
    told = shapes or {name: [values.dtype.str, *values.shape[1:]] for name, values in arrays.items()}
    keys = {SHAPES: json.dumps(told).encode(), PLACES: json.dumps(places or {}).encode()}
    table = pa.table(columns).slice(0, rows).replace_schema_metadata(keys)
    sink = pa.BufferOutputStream()
    write_table(table, sink)
    return bytes(sink.getvalue().to_pybytes())


def placed(arrays: dict[str, Any], places: list[Any]) -> bytes:
    """A part of which the first array has as many places alone as are listed."""
    name = next(name for name, values in arrays.items() if values[0].size)
    shapes = {name: [values.dtype.str, *values.shape[1:]] for name, values in arrays.items()}
    return parquet({**arrays, name: np.ones((CHUNK, len(places)))}, shapes, places={name: places})


HOSTILE = {
    "no Parquet": lambda _: b"nothing",
    "no content": lambda _: b"",
    "a footer that lies": lambda arrays: parquet(arrays)[:-8] + b"\xff\xff\xff\x7fPAR1",
    "no shapes": lambda arrays: parquet(arrays, {"x": 1}),
    "shapes that are none": lambda arrays: parquet(arrays, {name: [["f8"], "x"] for name in arrays}),
    "shapes without an end": lambda arrays: parquet(arrays, {name: ["<f8", 2**40, 2**40] for name in arrays}),
    "shapes below zero": lambda arrays: parquet(arrays, {name: ["<f8", -1] for name in arrays}),
    "objects": lambda arrays: parquet(arrays, {name: ["|O", *arrays[name].shape[1:]] for name in arrays}),
    "few rows": lambda arrays: parquet(arrays, rows=CHUNK - 1),
    "another array": lambda arrays: parquet({**arrays, "outcome.more": np.zeros((CHUNK, 2))}),
    "no array": lambda arrays: parquet({"outcome.start": arrays["outcome.start"]}),
    "another shape": lambda arrays: parquet({**arrays, "outcome.lane_value": np.zeros((CHUNK, 2, 77))}),
    "no name": lambda arrays: parquet({**arrays, "x": np.zeros((CHUNK, 2))}),
    "a place below zero": lambda arrays: placed(arrays, [-1]),
    "a place twice": lambda arrays: placed(arrays, [0, 0]),
    "a place beyond": lambda arrays: placed(arrays, [2**40]),
    "half a place": lambda arrays: placed(arrays, [0.5]),
    "places that are texts": lambda arrays: placed(arrays, ["0"]),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_part_that_is_none_is_told(sent, what):
    forged(sent, HOSTILE[what](arrays_of(sent)))
    refused(call("run", "--resume", sent), "is no part: ", "allowed: to remove it, and to simulate it again")


def test_what_is_nearly_all_zeros_comes_back_to_the_bit():
    values = np.zeros((4, 3, 100))
    values[1, 2, 7], values[3, 0, 0], values[2, 1, 50] = np.nan, -0.0, 5.0
    kept = Kept({"loss": values}, {})
    data = to_parquet(kept)
    found = Content(range(4), BytesIO(data)).array(OUTCOME, "loss")
    assert found.tobytes() == values.tobytes()
    assert b"places" in data


def test_the_shapes_of_a_plan_are_those_of_its_replications(tmp_path):
    job = job_in(tmp_path, replications=3)
    measured = study.run(scenario_in(tmp_path), replications=3).outcomes
    outcome, _ = shapes_of(job.plan)
    assert {name: getattr(measured, name).shape[1:] for name in outcome} == outcome


@pytest.mark.parametrize("seed", range(40))
def test_a_part_with_a_wrong_byte_ends_in_a_message_or_in_figures(sent, seed):
    """Whatever Parquet makes of it: its checksum is right."""
    chance = np.random.default_rng(seed)
    part = next(sent.glob("parts/0000000000-*"))
    data = bytearray(part.read_bytes())
    for place in chance.integers(len(data) - 2_000, len(data), 3):
        data[place] ^= 1 << int(chance.integers(8))
    forged(sent, bytes(data))
    parts = Parts(RunFolder(sent), identity(runs.resumed(sent).manifest), shapes_of(runs.resumed(sent).plan))
    try:
        rows = len(parts.kept(CHUNK).outcome["start"])
    except ResultError as error:
        rows = CHUNK if "is no part" in str(error) else 0
    assert rows == CHUNK


@pytest.mark.parametrize("name", ["0000000009-0000000002", "9999999999-9999999999", "0000000000-9999999999"])
def test_a_part_of_no_replication_of_the_run_is_not_used(sent, name):
    first, last = (int(number) for number in name.split("-"))
    if first <= last:
        forged(sent, b"x", range(first, last + 1))
    result = call("run", "--resume", sent)
    assert result.exit_code in (0, MISTAKE), result.exc_info
    if first == 0:
        refused(result, "is no part")


# ---------------------------------------------------------------------- where nothing can be written


@pytest.fixture
def simulates_nothing(monkeypatch):
    """An engine that nobody may prepare."""
    monkeypatch.setattr("sim.montecarlo.warmup.warm_up", lambda _width: 1 / 0)


@pytest.mark.parametrize("command", WITHOUT_RESUME)
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("x" * 300, "found a name of 300 bytes; allowed: up to 255"),
        ("/".join(["long"] * 1_000), "bytes; allowed: up to 3,975"),
        ("file", "is a file"),
        ("file/below", "Not a directory"),
        ("nowhere", "No such file"),
    ],
)
def test_a_folder_that_cannot_be_is_told_before_anything_is_simulated(
    tmp_path, simulates_nothing, command, name, told
):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    asked = commands(tmp_path / "out")[command]
    before = sorted(tmp_path.rglob("*"))
    refused(call(*asked[:-1], tmp_path / name), told)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("command", WITHOUT_RESUME)
def test_a_folder_on_a_system_that_is_read_only_is_told(tmp_path, simulates_nothing, command):
    asked = commands(tmp_path / "out")[command]
    refused(call(*asked[:-1], "/proc/chokepoint"), "cannot write /proc/chokepoint: ")


def test_a_folder_of_a_long_name_can_be_reproduced_elsewhere_only(tmp_path, out):
    long = out.rename(tmp_path / ("x" * 252))
    refused(call("reproduce", long), "found a name of 258 bytes; allowed: up to 255")
    assert call("reproduce", long, "--out", tmp_path / "again").exit_code == 0


# ---------------------------------------------------------------------- what is compared


@pytest.mark.parametrize("name", ["tables/makers.csv", "outcomes/0000000000-0000000039.parquet"])
def test_a_table_that_holds_something_else_is_told(out, name):
    folder = RunFolder(out)
    sums = folder.sums(SUMMARY)
    (out / name).write_bytes(b'"\x00\xff')
    sums[name] = folder._sha256(name)
    (out / "summary.sha256").write_text("".join(f"{checksum}  {file}\n" for file, checksum in sums.items()))
    refused(call("reproduce", out), f"{name} cannot be read")


# ---------------------------------------------------------------------- folders of analyses


def unfinished(folder: Path) -> Path:
    """The same, as if it had been cut off before its last file."""
    for sums in folder.glob("*.sha256"):
        sums.with_suffix(".json").unlink()
        sums.unlink()
    return folder


LAST = {
    "backtest": "backtest.json",
    "calibrate": "calibrate.json",
    "compare": "summary.json",
    "sensitivity": "sensitivity.json",
    "stress": "stress.json",
    "mitigate": "mitigate.json",
    "sweep": "sweep.json",
}


def resealed_with(folder: Path, name: str, content: str) -> None:
    """Replace a file of a finished folder, and its checksum with it."""
    (folder / name).write_text(content)
    [sums] = folder.glob("*.sha256")
    checksum = hashlib.sha256(content.encode()).hexdigest()
    sums.write_text(
        re.sub(rf"(?m)^[0-9a-f]{{64}}  {re.escape(name)}$", f"{checksum}  {name}", sums.read_text())
    )


def with_first_part(folder: Path, command: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Put other arrays into a part of the first batch, with the checksum that a part would have."""
    manifest = resumed(folder, command).manifest
    parts = Parts(RunFolder(folder), identity(manifest)).of_batch(1)
    name = min(folder.glob("parts/0001-*"))
    first, last = (int(number) for number in name.name.split(".")[0].split("-")[1:])
    chunk = range(first, last + 1)
    arrays = Content(chunk, BytesIO(name.read_bytes())).arrays(OUTCOME)
    name.unlink()
    parts.put(chunk, to_parquet(Kept(change(arrays), {})))


def _twice_as_wide(arrays: dict[str, Any]) -> dict[str, Any]:
    return {name: np.stack([values, values], axis=1) for name, values in arrays.items()}


def _unknown(arrays: dict[str, Any]) -> dict[str, Any]:
    return {f"\x1b[31m{name}": values for name, values in arrays.items()}


@pytest.mark.parametrize("change", [_twice_as_wide, _unknown])
@pytest.mark.parametrize("command", ANALYSES)
def test_arrays_that_no_analysis_keeps_are_told(tmp_path, command, change):
    folder = unfinished(finished_analysis(tmp_path, command))
    with_first_part(folder, command, change)
    result = call(command, "--resume", folder)
    refused(result, "found parts from which nothing can be told", "allowed: to remove them")
    assert "\x1b" not in result.output


def test_numbers_that_no_run_keeps_are_told(sent):
    arrays = arrays_of(sent)
    never = {**arrays, "outcome.run_out_days": np.full_like(arrays["outcome.run_out_days"], -1e17)}
    forged(sent, parquet({**never, "outcome.shock_day": np.zeros(CHUNK, dtype="<i8")}))
    refused(call("run", "--resume", sent), "found parts from which nothing can be told")


def test_what_goes_wrong_without_a_part_is_a_fault_of_ours(tmp_path):
    def find(_parts: Parts, _how: durable.Execution) -> Found:
        raise ValueError("ours")

    asked = resumed(finished_analysis(tmp_path, "compare"), "compare")
    with pytest.raises(ValueError, match="ours"):
        durable.carried_out(durable.Task(asked.kind, asked.scenario, asked.manifest, find), tmp_path / "new")


def test_scenarios_of_a_manifest_must_compare(tmp_path):
    folder = unfinished(finished_analysis(tmp_path, "compare"))
    one, _ = json.loads((folder / "manifest.json").read_text())["given"]
    with_manifest(folder, given=[one, one])
    refused(call("compare", "--resume", folder), "allowed: each name once")


@pytest.mark.parametrize("left", [[], ["wait"], ["stock", "wait", "raise"]])
def test_alternatives_of_a_manifest_are_those_of_its_decision(tmp_path, left):
    folder = unfinished(finished_analysis(tmp_path, "sensitivity"))
    given = json.loads((folder / "manifest.json").read_text())["given_alternatives"]
    with_manifest(folder, given_alternatives={name: given[name] for name in left})
    refused(call("sensitivity", "--resume", folder), "allowed: one of `chokepoint sensitivity`")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_manifest_with_a_number_that_is_none_is_refused(sent, number):
    manifest = json.loads((sent / "manifest.json").read_text())
    del manifest["checksum"]
    more = {**manifest, "more": float(number)}
    text = json.dumps({**more, "checksum": digest(more)})
    (sent / "manifest.json").write_text(text.replace("Infinity", number))
    refused(call("run", "--resume", sent), "is damaged, or no manifest of this version")


@pytest.mark.parametrize("command", ANALYSES)
@pytest.mark.parametrize(
    "summary", ["[]", "{}", '{"window_days": []}', "nothing", "[" * 100_000, '"\x1b[31m']
)
def test_a_summary_that_no_analysis_wrote_is_told(tmp_path, command, summary):
    folder = finished_analysis(tmp_path, command)
    resealed_with(folder, LAST[command], summary)
    result = call(command, "--resume", folder)
    refused(result, f"found files that are not those of `chokepoint {command}`", "allowed: to remove")
    assert "\x1b" not in result.output


@pytest.mark.parametrize("command", ANALYSES)
def test_a_table_of_anything_is_told_in_letters(tmp_path, command):
    folder = finished_analysis(tmp_path, command)
    table = min(folder.glob("tables/*.csv")).name
    resealed_with(folder, f"tables/{table}", "a,b\n\x1b[31m\n")
    result = call(command, "--resume", folder)
    refused(result, f"found files that are not those of `chokepoint {command}`")
    assert "\x1b" not in result.output
