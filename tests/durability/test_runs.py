"""A run folder: claimed, gone on with, checked, done again."""

import errno
import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from pyarrow.csv import read_csv

import sim
from sim.cli import main
from sim.errors import EngineError, ResultError
from sim.montecarlo import backends, manifests, parts, provenance
from sim.montecarlo.inside import shown
from sim.montecarlo.store import RunFolder
from sim.risk import losses
from sim.stories import compare, runs, study
from sim.stories.durable import Execution
from sim.stories.folders import SUMMARY
from tests.durability.folders import (
    CHUNK,
    REPLICATIONS,
    contents,
    figures,
    finished_run,
    job_in,
    run_in,
    scenario_in,
)

LIBRARY = Path(__file__).parents[2] / "scenarios"
OUTCOMES = f"outcomes/0000000000-{REPLICATIONS - 1:010}.parquet"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return finished_run(tmp_path_factory.mktemp("undisturbed"))


class Interrupted:
    """Ends a run, as Ctrl-C does, after some parts."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, done: int) -> None:
        self.left -= done
        if self.left < 0:
            raise KeyboardInterrupt


def cut_off(folder, after=20, **how):
    """A run folder whose run was ended after some replications."""
    with pytest.raises(KeyboardInterrupt):
        run_in(folder, progress=Interrupted(after), **how)
    return folder / "run"


def notes_of(folder, **how):
    notes: list[str] = []
    run_in(folder, note=notes.append, **how)
    return notes


# ---------------------------------------------------------------------- run


def test_a_durable_run_finds_what_one_in_memory_finds(undisturbed, tmp_path):
    in_memory = study.run(scenario_in(tmp_path), replications=REPLICATIONS)
    assert json.loads((undisturbed / "summary.json").read_text()) == in_memory.findings.summary
    saved = figures(study.save(in_memory, tmp_path / "saved"))
    mine = figures(undisturbed)
    assert saved.keys() == mine.keys()
    assert [name for name in mine if mine[name] != saved[name]] == []


def test_the_folder_is_complete_and_readable_with_standard_tools(undisturbed):
    told = subprocess.run(
        ["/usr/bin/sha256sum", "--check", "--strict", "summary.sha256"],
        cwd=undisturbed,
        check=True,
        capture_output=True,
        text=True,
    )
    listed = {line.partition(":")[0] for line in told.stdout.splitlines()}
    assert listed == contents(undisturbed).keys() - {"summary.sha256"}
    rows = sum(len(pd.read_parquet(part)) for part in (undisturbed / "parts").iterdir())
    assert rows == REPLICATIONS


def test_the_manifest_comes_before_the_first_part(tmp_path):
    out = cut_off(tmp_path, after=-1)
    assert contents(out).keys() == {"manifest.json"}


def test_a_finished_run_is_not_done_again(tmp_path):
    out = finished_run(tmp_path)
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.name != ".lock"}
    run_in(tmp_path)
    after = {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.name != ".lock"}
    assert before == after


USUAL = {(1, 10_000), (2, 1), (3, 7), (7, 1)}
"""Workers and replications in a chunk of every test run: one for all, and more than there is work for."""


@pytest.mark.parametrize(
    ("workers", "chunk"),
    [
        pytest.param(workers, chunk, marks=[] if (workers, chunk) in USUAL else pytest.mark.slow)
        for workers in (1, 2, 3, 7)
        for chunk in (1, 7, 10_000)
    ],
)
def test_neither_workers_nor_chunks_change_a_byte_of_the_figures(undisturbed, tmp_path, workers, chunk):
    out = runs.run(
        job_in(tmp_path),
        tmp_path / "run",
        Execution(workers=workers, chunk=chunk),
    )
    assert figures(out) == figures(undisturbed)


def test_simpy_survives_too(tmp_path):
    job = job_in(tmp_path, replications=9, engine="simpy")
    ended = Execution(progress=Interrupted(5))
    with pytest.raises(KeyboardInterrupt):
        runs.run(job, tmp_path / "one", ended)
    one, other = (runs.run(job, tmp_path / name) for name in ("one", "other"))
    assert contents(one) == contents(other)


# ---------------------------------------------------------------------- resume


@pytest.mark.parametrize("after", [0, 9, 33])
def test_an_interrupted_run_goes_on_to_the_same_bytes(undisturbed, tmp_path, after):
    out = cut_off(tmp_path, after)
    assert not (out / "summary.json").exists()
    runs.run(runs.resumed(out), out, Execution(chunk=CHUNK))
    assert contents(out) == contents(undisturbed)


def test_what_is_finished_is_not_simulated_again(tmp_path):
    out = cut_off(tmp_path)
    held = sum(len(pd.read_parquet(part)) for part in (out / "parts").iterdir())
    simulated: list[range] = []

    def noted(work, chunks, progress):
        simulated.extend(chunks)
        with backends.this_machine() as here:
            yield from here(work, chunks, progress)

    run_in(tmp_path, backend=lambda: nullcontext(noted))
    assert 0 < held < REPLICATIONS
    assert sum(len(chunk) for chunk in simulated) == REPLICATIONS - held


def test_another_size_of_chunks_goes_on_too(undisturbed, tmp_path):
    out = cut_off(tmp_path)
    run_in(tmp_path, chunk=3)
    assert figures(out) == figures(undisturbed)


def test_a_run_until_precise_goes_on_too(tmp_path):
    job = job_in(tmp_path, replications=5_000, precision=study.Precision(0.01))
    with pytest.raises(KeyboardInterrupt):
        runs.run(job, tmp_path / "one", Execution(chunk=256, progress=Interrupted(1_500)))
    one = runs.run(runs.resumed(tmp_path / "one"), tmp_path / "one", Execution(chunk=256))
    other = runs.run(job, tmp_path / "other", Execution(chunk=256))
    assert contents(one) == contents(other)
    assert json.loads((one / "summary.json").read_text())["replications"] > 1_024


def test_progress_counts_what_is_there_already(tmp_path):
    cut_off(tmp_path)
    done: list[int] = []
    run_in(tmp_path, progress=done.append)
    assert done[0] > 0
    assert sum(done) == REPLICATIONS


def test_how_to_go_on_is_told(tmp_path):
    with pytest.raises(KeyboardInterrupt) as caught:
        run_in(tmp_path, progress=Interrupted(20))
    out = tmp_path / "run"
    assert caught.value.__notes__ == [f"what is finished is kept; go on with: chokepoint run --resume {out}"]


def test_what_is_done_again_goes_on_by_the_command_that_did_it(undisturbed, tmp_path):
    with pytest.raises(KeyboardInterrupt) as caught:
        runs.reproduce(undisturbed, tmp_path / "again", Execution(progress=Interrupted(20)))
    (told,) = caught.value.__notes__
    assert told.endswith(f"go on with: chokepoint reproduce {undisturbed} --out {tmp_path / 'again'}")
    assert len(runs.reproduce(undisturbed, tmp_path / "again").disagreements) == 0


def test_a_resumed_job_is_the_one_that_was_begun(tmp_path):
    job = job_in(tmp_path, engine="simpy", precision=study.Precision(0.01, "es95"), seed=3)
    with pytest.raises(KeyboardInterrupt):
        runs.run(job, tmp_path / "run", Execution(progress=Interrupted(-1)))
    assert runs.resumed(tmp_path / "run").manifest == job.manifest


def test_a_backend_is_opened_only_if_something_is_missing(undisturbed, tmp_path):
    def unopened():
        raise AssertionError

    out = finished_run(tmp_path)
    (out / "summary.json").unlink()
    run_in(tmp_path, backend=unopened)
    assert contents(out) == contents(undisturbed)


def test_a_finished_run_may_be_read_only(tmp_path, monkeypatch):
    out = finished_run(tmp_path)
    monkeypatch.setattr(RunFolder, "locked", lambda _folder: 1 / 0)
    assert run_in(tmp_path) == out


def test_too_little_memory_is_told(tmp_path):
    def greedy(_done):
        raise MemoryError

    with pytest.raises(ResultError, match="not enough memory"):
        run_in(tmp_path, progress=greedy)


# ---------------------------------------------------------------------- whose folder it is


def test_the_folder_of_another_run_is_refused(tmp_path):
    out = finished_run(tmp_path)
    before = contents(out)
    with pytest.raises(ResultError, match=r"found another run: replications 40 \(here 41\)"):
        runs.run(job_in(tmp_path, replications=41), out)
    assert contents(out) == before


def test_a_folder_that_another_process_writes_is_refused(tmp_path):
    with RunFolder(tmp_path / "run").locked():
        told = subprocess.run(
            [
                *(sys.executable, "-c", "from sim.cli import main; main()", "run"),
                *(str(scenario_in(tmp_path)), "-n", "2", "--out", str(tmp_path / "run")),
            ],
            check=False,
            capture_output=True,
            text=True,
        )
    assert told.returncode == 2
    assert "another process" in told.stderr
    assert contents(tmp_path / "run") == {}


def test_a_run_begun_with_other_versions_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "SOURCES", "0123456789ab")
    out = cut_off(tmp_path)
    before = contents(out)
    monkeypatch.undo()
    with pytest.raises(ResultError, match="found a run begun with sources 0123456789ab"):
        run_in(tmp_path)
    assert contents(out) == before


def test_a_run_finished_with_other_versions_is_left_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "ROUNDING", "0123456789ab")
    out = run_in(tmp_path)
    before = contents(out)
    monkeypatch.undo()
    (note,) = notes_of(tmp_path)
    assert "finished with rounding 0123456789ab" in note
    assert contents(out) == before
    flip(out / OUTCOMES, 3)
    with pytest.raises(ResultError, match=rf"{OUTCOMES} is not what was written"):
        run_in(tmp_path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("notes.txt", "found notes.txt; allowed: an empty folder"),
        ("summary.json", "found summary.json; allowed: an empty folder"),
        ("parts", "run/parts: found a file; allowed: a folder"),
    ],
)
def test_a_folder_of_something_else_is_refused(tmp_path, name, told):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).write_text("precious")
    with pytest.raises(ResultError, match=told):
        run_in(tmp_path)
    assert contents(tmp_path / "run") == {name: b"precious"}


def test_a_folder_with_a_manifest_of_something_else_is_refused(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text("precious")
    with pytest.raises(ResultError, match="is damaged, or no manifest"):
        run_in(tmp_path)
    assert contents(tmp_path / "run") == {"manifest.json": b"precious"}


def test_a_comparison_leaves_a_run_alone_and_a_run_a_comparison(tmp_path):
    out = finished_run(tmp_path)
    before = contents(out)
    other = tmp_path / "other.yaml"
    other.write_text(scenario_in(tmp_path).read_text().replace("name: test", "name: other"))
    found = compare.run([scenario_in(tmp_path), other], replications=16)
    with pytest.raises(ResultError, match="found another run"):
        compare.save(found, out)
    assert contents(out) == before
    compare.save(found, tmp_path / "compared")
    with pytest.raises(ResultError, match="found another run"):
        runs.run(job_in(tmp_path), tmp_path / "compared")


def test_temporary_files_of_others_are_left_alone(tmp_path):
    out = cut_off(tmp_path)
    others = out / "mine" / ".notes.tmp"
    others.parent.mkdir()
    others.write_text("precious")
    run_in(tmp_path)
    assert others.read_text() == "precious"


def test_parts_of_another_run_are_not_taken(undisturbed, tmp_path):
    other = runs.run(job_in(tmp_path, seed=1), tmp_path / "other", Execution(chunk=CHUNK))
    out = cut_off(tmp_path)
    for part in (other / "parts").iterdir():
        part.rename(out / "parts" / part.name)
    assert "damaged parts are simulated again" in notes_of(tmp_path)[0]
    assert contents(out) == contents(undisturbed)


def test_parts_in_the_place_of_others_are_not_taken(undisturbed, tmp_path):
    out = cut_off(tmp_path, after=39)
    one, other = sorted((out / "parts").iterdir())[:2]
    place, checksum = len("0000000000-0000000000"), one.name[len("0000000000-0000000000") :]
    one.rename(out / "parts" / f"{other.name[:place]}{checksum}")
    other.rename(out / "parts" / f"{one.name[:place]}{other.name[place:]}")
    assert "2 damaged parts are simulated again" in notes_of(tmp_path)[0]
    assert contents(out) == contents(undisturbed)


def test_a_part_that_cannot_be_read_is_simulated_again(undisturbed, tmp_path, monkeypatch):
    out = cut_off(tmp_path)
    unreadable = next((out / "parts").iterdir()).name
    opened = RunFolder.opened

    def failing(folder, name):
        if name == f"parts/{unreadable}":
            monkeypatch.undo()
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return opened(folder, name)

    monkeypatch.setattr(RunFolder, "opened", failing)
    assert "1 damaged parts are simulated again" in notes_of(tmp_path)[0]
    assert contents(out) == contents(undisturbed)


def test_what_a_killed_process_left_half_written_is_removed(undisturbed, tmp_path):
    out = cut_off(tmp_path)
    (out / "parts" / ".0000000000-0000000007.x.parquet.0123abcd.tmp").write_bytes(b"half")
    (out / "parts" / "0000000000-0000000999.not-a-checksum.parquet").write_bytes(b"foreign")
    run_in(tmp_path)
    (out / "parts" / "0000000000-0000000999.not-a-checksum.parquet").unlink()
    assert contents(out) == contents(undisturbed)


def test_an_error_of_the_model_gives_no_advice_to_go_on(tmp_path):
    def failing(_work, _chunks, _progress):
        raise EngineError("a number overflows")

    with pytest.raises(EngineError) as caught:
        run_in(tmp_path, backend=lambda: nullcontext(failing))
    assert not hasattr(caught.value, "__notes__")


# ---------------------------------------------------------------------- damage


def flip(file: Path, bit: int) -> None:
    data = bytearray(file.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)


@pytest.mark.parametrize("flips", [200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_every_flipped_bit_of_a_finished_folder_is_noticed(undisturbed, tmp_path, flips):
    out = finished_run(tmp_path)
    files = [file for file in sorted(out.rglob("*")) if file.is_file() and file.name != ".lock"]
    chance = random.Random(flips)
    unnoticed = []
    for _ in range(flips):
        file = chance.choice(files)
        bit = chance.randrange(8 * file.stat().st_size)
        flip(file, bit)
        if not RunFolder(out).damage(SUMMARY):
            unnoticed.append((file.name, bit))
        flip(file, bit)
    assert unnoticed == []
    assert contents(out) == contents(undisturbed)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("manifest.json", ["manifest.json is not what was written; it is made again"]),
        (OUTCOMES, [f"{OUTCOMES} is not what was written; it is made again"]),
        ("tables/makers.csv", ["tables/makers.csv is not what was written; it is made again"]),
        ("report.html", ["report.html is not what was written; it is made again"]),
        ("summary.json", ["summary.json is not what was written; it is made again"]),
    ],
)
def test_a_damaged_file_of_a_finished_run_is_made_again(undisturbed, tmp_path, name, told):
    out = finished_run(tmp_path)
    flip(out / name, 8 * 300 + 1)
    assert notes_of(tmp_path) == [f"{out}: {note}" for note in told]
    assert contents(out) == contents(undisturbed)


# ---------------------------------------------------------------------- CSV on request


def asked_for_csv(folder, **how):
    return runs.run(job_in(folder, csv=True), folder / "run", Execution(chunk=CHUNK, **how))


def simulates_nothing():
    raise AssertionError("something is simulated")


def test_csv_is_made_of_a_finished_run_without_simulating(undisturbed, tmp_path):
    finished_run(tmp_path)
    notes: list[str] = []
    out = asked_for_csv(tmp_path, note=notes.append, backend=simulates_nothing)
    assert notes == [f"{out}: outcomes.csv is not there; it is made again"]
    before, after = contents(undisturbed), contents(out)
    assert set(after) - set(before) == {"events.csv", "outcomes.csv"}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"manifest.json", "report.html", "summary.sha256"}
    assert RunFolder(out).damage(SUMMARY) == []


def test_a_finished_run_with_csv_is_also_one_without(tmp_path):
    out = asked_for_csv(tmp_path)
    before = contents(out)
    assert notes_of(tmp_path) == []
    assert contents(out) == before


def test_csv_that_nobody_asks_for_any_more_goes_when_a_run_is_made_again(undisturbed, tmp_path):
    out = asked_for_csv(tmp_path)
    flip(out / "report.html", 3)
    run_in(tmp_path)
    assert contents(out) == contents(undisturbed)


@pytest.mark.parametrize("options", [[], ["--csv"]])
def test_a_run_that_is_cut_off_goes_on_to_the_csv_that_it_was_asked_for(tmp_path, options):
    with pytest.raises(KeyboardInterrupt):
        runs.run(
            job_in(tmp_path, csv=not options),
            tmp_path / "run",
            Execution(chunk=CHUNK, progress=Interrupted(20)),
        )
    told = CliRunner().invoke(main, ["run", "--resume", str(tmp_path / "run"), *options])
    assert told.exit_code == 0, told.output
    (tmp_path / "at once").mkdir()
    at_once = asked_for_csv(tmp_path / "at once")
    assert figures(tmp_path / "run") == figures(at_once)


def test_csv_of_a_run_finished_with_other_versions_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "ROUNDING", "0123456789ab")
    out = run_in(tmp_path)
    before = contents(out)
    monkeypatch.undo()
    with pytest.raises(ResultError, match=r"outcomes\.csv is not there"):
        asked_for_csv(tmp_path)
    assert contents(out) == before


# ---------------------------------------------------------------------- files among the losses


@pytest.mark.parametrize("name", ["mine.parquet", "0000000000-0000000001.parquet", "\x1b[31m.parquet"])
def test_a_file_that_is_read_with_the_losses_is_told(tmp_path, name):
    out = finished_run(tmp_path)
    shutil.copy(out / OUTCOMES, out / "outcomes" / name)
    told = f"{out}: {shown(f'outcomes/{name}')} is read with the losses, but was not written with them"
    with pytest.raises(ResultError) as caught:
        sim.open(out)
    assert str(caught.value) == told
    assert told.isprintable()


def test_a_run_removes_losses_of_another_alone(undisturbed, tmp_path):
    out = finished_run(tmp_path)
    stray = out / "outcomes" / "0000000000-0000000001.parquet"
    shutil.copy(out / OUTCOMES, stray)
    [note] = notes_of(tmp_path)
    assert "is read with the losses, but was not written with them; it is made again" in note
    assert contents(out) == contents(undisturbed)
    stray = out / "outcomes" / "mine.parquet"
    shutil.copy(out / OUTCOMES, stray)
    with pytest.raises(ResultError, match=r"found outcomes/mine\.parquet, which no command has written"):
        run_in(tmp_path)
    assert stray.exists()


@pytest.mark.parametrize("name", ["notes.txt", ".hidden.parquet", "_metadata.parquet"])
def test_a_file_that_nobody_reads_with_the_losses_stays(tmp_path, name):
    out = finished_run(tmp_path)
    (out / "outcomes" / name).write_text("mine")
    sim.open(out)
    assert notes_of(tmp_path) == []
    assert (out / "outcomes" / name).read_text() == "mine"


# ---------------------------------------------------------------------- folders of older versions


def older(out):
    """The same folder as versions wrote it that had all losses in one file, thing by thing."""
    rows = pd.read_parquet(out / "outcomes")
    things = [column for column in rows if column not in ("replication", "loss")]
    order = rows.groupby(things, sort=False, observed=True).ngroup()
    by_thing = rows.iloc[order.argsort(kind="stable")]
    folder = RunFolder(out)
    sums = folder.sums(SUMMARY)
    for name in [name for name in sums if name.startswith("outcomes/")]:
        (out / name).unlink()
        del sums[name]
    (out / "outcomes").rmdir()
    by_thing.to_parquet(out / "outcomes.parquet", index=False)
    by_thing.to_csv(out / "outcomes.csv", index=False)
    for name in ("outcomes.parquet", "outcomes.csv"):
        sums[name] = folder._sha256(name)
    (out / "summary.sha256").write_text("".join(f"{checksum}  {name}\n" for name, checksum in sums.items()))
    return out


@pytest.mark.parametrize("in_file", [16, 10_000])
def test_an_older_folder_is_read_told_and_reproduced(tmp_path, monkeypatch, in_file):
    monkeypatch.setattr(losses, "IN_FILE", in_file)
    out = older(run_in(tmp_path))
    before = contents(out)
    assert sim.open(out).report() == (out / "report.html").read_text()
    again = runs.reproduce(out, tmp_path / "again")
    assert again.disagreements.empty
    assert len(list((again.folder / "outcomes").iterdir())) == -(-REPLICATIONS // in_file)
    assert notes_of(tmp_path) == []
    assert contents(out) == before


def test_what_differs_from_an_older_folder_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(losses, "IN_FILE", 16)
    out = run_in(tmp_path)
    name = "outcomes/0000000016-0000000031.parquet"
    rows = pd.read_parquet(out / name)
    rows.loc[rows["replication"] == 17, "loss"] += 1.0
    rows.to_parquet(out / name)
    again = runs.reproduce(older(out), tmp_path / "again")
    (row,) = again.disagreements.to_dict("records")
    assert (row["file"], row["column"]) == ("outcomes", "loss")
    assert row["different"] == (rows["replication"] == 17).sum()


def test_damaged_checksums_are_made_again(undisturbed, tmp_path):
    out = finished_run(tmp_path)
    (out / "summary.sha256").write_bytes(b"\xff")
    assert notes_of(tmp_path) == [f"{out}: summary.sha256 cannot be read; it is made again"]
    (out / "summary.sha256").write_text("nonsense\n")
    assert notes_of(tmp_path) == [f"{out}: summary.sha256 is damaged; it is made again"]
    assert contents(out) == contents(undisturbed)


def test_a_missing_file_of_a_finished_run_is_made_again(undisturbed, tmp_path):
    out = finished_run(tmp_path)
    (out / "report.html").unlink()
    next((out / "parts").iterdir()).unlink()
    assert len(notes_of(tmp_path)) == 2
    assert contents(out) == contents(undisturbed)


def test_a_damaged_part_is_simulated_again(undisturbed, tmp_path):
    out = cut_off(tmp_path)
    flip(next((out / "parts").iterdir()), 999)
    assert "1 damaged parts are" in notes_of(tmp_path)[0]
    assert contents(out) == contents(undisturbed)


def test_a_part_that_is_damaged_between_is_not_used(tmp_path):
    out = finished_run(tmp_path)
    folder = parts.Parts(RunFolder(out), "another run")
    with pytest.raises(ResultError, match="is damaged"):
        folder.kept(REPLICATIONS)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"checksum": 1}', b"nonsense", b"\xff"])
def test_a_folder_without_a_sound_manifest_is_not_resumed(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(ResultError, match="is damaged, or no manifest"):
        runs.resumed(tmp_path)


def test_a_manifest_of_another_analysis_is_not_resumed(tmp_path):
    job = job_in(tmp_path)
    manifest = job.manifest | {"command": "chokepoint sensitivity scenario.yaml"}
    manifests.write(RunFolder(tmp_path), manifest)
    with pytest.raises(ResultError, match="of another command or version"):
        runs.resumed(tmp_path)


# ---------------------------------------------------------------------- reproduce


def test_a_run_is_reproduced_to_the_last_digit(undisturbed, tmp_path):
    again = runs.reproduce(undisturbed, tmp_path / "again")
    assert len(again.disagreements) == 0
    assert again.values > 1_000
    assert figures(again.folder) == figures(undisturbed)
    assert "all" in runs.told(again)[0]


@pytest.mark.parametrize(
    "name",
    [
        "entity-list-2019-half-stockpile",
        pytest.param("first-scenario-port", marks=pytest.mark.slow),
        pytest.param("textbook-serial", marks=pytest.mark.slow),
    ],
)
def test_scenarios_of_the_library_are_reproduced_to_the_last_byte(tmp_path, name):
    """The largest of them in every test run, two small ones in `make verify`."""
    job = study.job_of(LIBRARY / f"{name}.yaml", replications=4)
    out = runs.run(job, tmp_path / "run")
    again = runs.reproduce(out)
    assert contents(again.folder) == contents(out)


def reseal(out: Path) -> None:
    """Make a forged folder look finished."""
    names = contents(out).keys() - {"summary.json", "summary.sha256"}
    RunFolder(out).seal("summary.json", (out / "summary.json").read_text(), names)


def test_where_a_run_differs_is_told_and_by_how_much(tmp_path):
    out = finished_run(tmp_path)
    table = read_csv(out / "tables" / "makers.csv").to_pandas()
    table["loss"] *= np.where(table.index == 3, 1.5, 1.0)
    table.loc[[1, 2], "maker"] = "other"
    table.to_csv(out / "tables" / "makers.csv", index=False)
    summary = json.loads((out / "summary.json").read_text())
    summary["seed"] += 1
    (out / "summary.json").write_text(json.dumps(summary))
    reseal(out)
    again = runs.reproduce(out, tmp_path / "again")
    found = {(row["file"], row["column"]): row for row in again.disagreements.to_dict("records")}
    assert found.keys() == {
        ("tables/makers.csv", "loss"),
        ("tables/makers.csv", "maker"),
        ("summary.json", "seed"),
    }
    assert found["tables/makers.csv", "loss"]["different"] == 1
    assert found["tables/makers.csv", "loss"]["largest_relative_difference"] == pytest.approx(1 / 3)
    assert found["tables/makers.csv", "maker"]["different"] == 2
    assert any("loss: 1 of 40 values differ, by a share of 0.33" in line for line in runs.told(again))


def test_a_table_that_is_missing_differs_in_all_its_values(tmp_path):
    out = finished_run(tmp_path)
    (out / "tables" / "costs.csv").unlink()
    reseal(out)
    again = runs.reproduce(out, tmp_path / "again")
    assert set(again.disagreements["file"]) == {"tables/costs.csv"}
    assert (again.disagreements["different"] == again.disagreements["values"]).all()


@pytest.mark.parametrize("out", ["run", "run/inside", ".", "link"])
def test_a_run_is_not_reproduced_in_its_own_place(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    finished_run(tmp_path)
    Path("link").symlink_to("run")
    with pytest.raises(ResultError, match="found the folder to be reproduced"):
        runs.reproduce("run", out)


def test_a_run_is_reproduced_from_within_and_but_once(tmp_path, monkeypatch):
    monkeypatch.chdir(finished_run(tmp_path))
    assert runs.reproduce(".").folder == tmp_path / "run-again"
    with pytest.raises(ResultError, match="found a finished run"):
        runs.reproduce(".")


def test_a_damaged_run_is_not_reproduced(tmp_path):
    out = finished_run(tmp_path)
    flip(out / "summary.json", 400)
    with pytest.raises(ResultError, match=r"summary\.json is not what was written"):
        runs.reproduce(out)


def test_an_unfinished_run_is_not_reproduced(tmp_path):
    out = cut_off(tmp_path)
    with pytest.raises(ResultError, match=r"found no summary\.json"):
        runs.reproduce(out)


# ---------------------------------------------------------------------- the commands


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_commands_go_on_and_do_it_again(tmp_path):
    out = cut_off(tmp_path)
    resumed = call("run", "--resume", out, "--chunk", CHUNK)
    assert resumed.exit_code == 0, resumed.output
    assert "Maker: mean" in resumed.stdout
    again = call("reproduce", out)
    assert again.exit_code == 0, again.output
    assert "values agree, to the last digit" in again.stdout
    assert (tmp_path / "run-again" / "summary.json").exists()


def test_a_difference_is_exit_code_1(tmp_path):
    out = finished_run(tmp_path)
    (out / "tables" / "costs.csv").write_text("maker\nx\n")
    reseal(out)
    told = call("reproduce", out)
    assert told.exit_code == 1
    assert "tables/costs.csv: maker: " in told.stdout


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "found neither FILE nor --resume"),
        (["--resume", "nowhere"], "nowhere: found no manifest.json"),
        (["--resume", "nowhere", "-n", "1"], "found '--replications' / '-n' beside --resume"),
        (["x.yaml", "--resume", "nowhere"], "found '[FILE]' beside --resume"),
        (["x.yaml", "--cluster", "bogus"], "found 'bogus'; allowed: tcp://HOST:PORT"),
        (["x.yaml", "--cluster", "tcp://a:1", "--workers", "2"], "found --workers beside the address"),
    ],
)
def test_what_cannot_be_resumed_is_told(tmp_path, monkeypatch, given, told):
    monkeypatch.chdir(tmp_path)
    result = call("run", *given)
    assert result.exit_code == 2
    assert told in result.output
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------- a full disk


@pytest.mark.parametrize("size", ["40k", "256k", "512k"])
def test_a_full_disk_is_told_and_the_run_goes_on(undisturbed, small_disk, tmp_path, size):
    """It fills up with the parts, with the tables, or with the report."""
    subprocess.run(["/bin/mount", "-o", f"remount,size={size}", str(small_disk)], check=True)
    out = small_disk / "run"
    with pytest.raises(ResultError, match="No space left on device") as caught:
        runs.run(job_in(tmp_path), out, Execution(chunk=CHUNK))
    assert "go on with: chokepoint run --resume" in caught.value.__notes__[0]
    assert not [name for name in contents(out) if name.endswith(".tmp") or name == "summary.json"]
    subprocess.run(["/bin/mount", "-o", "remount,size=100m", str(small_disk)], check=True)
    runs.run(runs.resumed(out), out, Execution(chunk=CHUNK))
    assert contents(out) == contents(undisturbed)
