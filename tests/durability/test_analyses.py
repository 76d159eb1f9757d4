"""The folder of a comparison, a sensitivity analysis or a stress test: cut off, gone on with, checked."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import chain, cycle
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from sim.cli import main
from sim.errors import ResultError
from sim.model.compile import prepare_decided
from sim.montecarlo import compiled_batch, manifests, provenance
from sim.montecarlo import failure_runs as failures
from sim.montecarlo.store import RunFolder
from sim.report.stress_words import told
from sim.risk import designs
from sim.stories import analyses, compare, runs, sensitivity, stress
from sim.stories.durable import Execution
from tests.builders import merged, stand_ins
from tests.durability.folders import (
    ANALYSES,
    analysis_in,
    arguments_in,
    contents,
    decided_scenario,
    figures,
    finished_analysis,
    job_in,
    resumed,
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A finished folder of each, by its command."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return {command: finished_analysis(folder, command) for command in ANALYSES}


OF_FEW_STEPS = {"calibrate", "stress"}
"""Analyses of which a part for each replication takes no time; of the others it is in `make verify` alone."""


class Interrupted:
    """Ends an analysis, as Ctrl-C does, after some steps."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, done: int) -> None:
        self.left -= done
        if self.left < 0:
            raise KeyboardInterrupt


def cut_off(folder, command, share=0.5):
    """The folder of an analysis that was ended after a share of its steps."""
    analysis = analysis_in(folder, command)
    with pytest.raises(KeyboardInterrupt):
        analyses.run(analysis, folder / "out", Execution(progress=Interrupted(int(share * analysis.steps))))
    return folder / "out"


def simulated_in(folder, command):
    """Steps that are done, and steps that were there already."""
    analysis = analysis_in(folder, command)
    done: list[int] = []
    analyses.run(analysis, folder / "out", Execution(progress=done.append))
    return analysis.steps, done


def parts_in(out: Path) -> list[Path]:
    return sorted((out / "parts").iterdir())


# ---------------------------------------------------------------------- parts


@pytest.mark.parametrize(
    ("story", "command"), [(compare, "compare"), (sensitivity, "sensitivity"), (stress, "stress")]
)
def test_in_a_folder_it_finds_what_it_finds_in_memory(undisturbed, tmp_path, story, command):
    files = [word for word in arguments_in(tmp_path, command) if word.endswith(".yaml")]
    how = {"compare": {"replications": 64}, "sensitivity": {"replications": 32, "top": 1}, "stress": {}}
    in_memory = story.run(files if command == "compare" else files[0], **how[command])
    saved, mine = figures(story.save(in_memory, tmp_path / "saved")), figures(undisturbed[command])
    assert any(name.startswith("tables/") for name in mine)
    assert mine.keys() == saved.keys()
    assert {name for name in mine if mine[name] != saved[name]} <= {f"{command}.sha256", "summary.sha256"}


@pytest.mark.parametrize(
    ("story", "command"), [(compare, "compare"), (sensitivity, "sensitivity"), (stress, "stress")]
)
def test_what_was_saved_from_memory_can_be_gone_on_with(tmp_path, story, command):
    analysis = analysis_in(tmp_path, command)
    out = story.save(analyses.in_memory(analysis), tmp_path / "saved")
    again = resumed(out, command)
    assert again.manifest == analysis.manifest
    assert analyses.run(again, out, Execution(prepare=never)) == out


def found_in(out, analysis):
    return analyses.told(out, analysis, lambda found: found)


@pytest.mark.parametrize("command", ANALYSES)
def test_a_folder_says_what_was_found(undisturbed, command, tmp_path):
    analysis = analysis_in(tmp_path, command)
    found = found_in(undisturbed[command], analysis)
    assert found.tables.keys() == analysis.tables.keys()
    assert analysis.kind.render(found) == (undisturbed[command] / analysis.kind.report).read_text()


@pytest.mark.parametrize(
    ("command", "size"),
    [
        pytest.param(command, size, marks=[] if size == 7 or command in OF_FEW_STEPS else pytest.mark.slow)
        for command in ANALYSES
        for size in (1, 7)
    ],
)
def test_the_size_of_chunks_changes_no_byte_of_the_figures(undisturbed, tmp_path, monkeypatch, command, size):
    for module in (designs, failures):
        monkeypatch.setattr(module, "chunk_size", lambda _work: size)
    out = analyses.run(analysis_in(tmp_path, command), tmp_path / "out", Execution(workers=3))
    assert len(parts_in(out)) > len(parts_in(undisturbed[command]))
    assert {name: data for name, data in figures(out).items() if not name.endswith(".sha256")} == {
        name: data for name, data in figures(undisturbed[command]).items() if not name.endswith(".sha256")
    }


@pytest.mark.parametrize("command", ["run", *ANALYSES])
def test_the_engine_is_made_ready_before_anything_is_simulated(tmp_path, command):
    came: list[str] = []
    execution = Execution(
        prepare=lambda _width: came.append("ready"),
        progress=lambda done: came.extend(["simulated"] * (done > 0)),
    )
    if command == "run":
        runs.run(job_in(tmp_path), tmp_path / "out", execution)
    else:
        analyses.run(analysis_in(tmp_path, command), tmp_path / "out", execution)
    assert came[:2] == ["ready", "simulated"]
    assert came.count("ready") == 1


@pytest.mark.parametrize("command", ANALYSES)
def test_the_engine_is_made_ready_for_blocks_of_the_width_that_the_network_needs(
    tmp_path, monkeypatch, command
):
    monkeypatch.setattr(compiled_batch, "MOST_POINTS", 20)
    widths: list[int] = []

    def prepare(width: int) -> None:
        widths.append(width)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        analyses.run(analysis_in(tmp_path, command), tmp_path / "out", Execution(prepare=prepare))
    assert widths[0] < compiled_batch.WIDTH


# ---------------------------------------------------------------------- going on


def never(*_):
    raise AssertionError


SHARES = ((0.0, 0.5), (0.2, 0.9))
"""Of its steps, after which an analysis is cut off; each at two of them in every test run."""


@pytest.mark.parametrize(
    ("command", "share"),
    [
        pytest.param(command, share, marks=[] if share in usual else pytest.mark.slow)
        for command, usual in zip(ANALYSES, cycle(SHARES), strict=False)
        for share in chain(*SHARES)
    ],
)
def test_what_was_interrupted_goes_on_to_the_same_bytes(undisturbed, tmp_path, command, share):
    out = cut_off(tmp_path, command, share)
    kind = analysis_in(tmp_path, command).kind
    assert not {kind.report, kind.summary} & contents(out).keys()
    analyses.run(resumed(out, command), out)
    assert contents(out) == contents_of(undisturbed, command)


def contents_of(undisturbed, command):
    return contents(undisturbed[command])


@pytest.mark.parametrize("command", ANALYSES)
def test_progress_counts_all_steps_whether_done_now_or_before(tmp_path, command):
    steps, done = simulated_in(tmp_path, command)
    assert sum(done) == steps
    out = tmp_path / "out"
    (out / analysis_in(tmp_path, command).kind.summary).unlink()
    held = len(parts_in(out))
    parts_in(out)[0].unlink()
    steps, done = simulated_in(tmp_path, command)
    assert sum(done) == steps
    assert done[0] == 0
    assert len(parts_in(out)) == held


@pytest.mark.parametrize("command", ANALYSES)
def test_what_is_finished_is_not_done_again(undisturbed, tmp_path, command):
    out = Path(shutil.copytree(undisturbed[command], tmp_path / "out"))
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.name != ".lock"}
    analyses.run(replace(analysis_in(tmp_path, command), find=never), out, Execution(prepare=never))
    assert before == {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.name != ".lock"}


@pytest.mark.parametrize("command", ANALYSES)
def test_how_to_go_on_is_told(tmp_path, command):
    with pytest.raises(KeyboardInterrupt) as caught:
        analyses.run(analysis_in(tmp_path, command), tmp_path / "out", Execution(progress=Interrupted(-1)))
    go_on = f"go on with: chokepoint {command} --resume {tmp_path / 'out'}"
    assert caught.value.__notes__ == [f"what is finished is kept; {go_on}"]


@pytest.mark.parametrize("command", ANALYSES)
def test_what_is_resumed_is_what_was_begun(tmp_path, command):
    analysis = analysis_in(tmp_path, command)
    again = resumed(cut_off(tmp_path, command), command)
    assert again.manifest == analysis.manifest
    assert (again.steps, again.kind, again.scenario) == (analysis.steps, analysis.kind, analysis.scenario)


DISKS = ("24k", "64k", "512k")
"""Disks that fill up with the parts, with the tables, and with the report."""


@pytest.mark.parametrize(
    ("command", "size"),
    [
        pytest.param(command, size, marks=[] if size == usual else pytest.mark.slow)
        for command, usual in zip(ANALYSES, cycle(DISKS), strict=False)
        for size in DISKS
    ],
)
def test_a_full_disk_is_told_and_it_goes_on(undisturbed, small_disk, tmp_path, command, size):
    """In every test run each analysis fills one of them, and all of them in `make verify`."""
    subprocess.run(["/bin/mount", "-o", f"remount,size={size}", str(small_disk)], check=True)
    out = small_disk / "out"
    with pytest.raises(ResultError, match="No space left on device"):
        analyses.run(analysis_in(tmp_path, command), out)
    assert not [name for name in contents(out) if name.endswith((".tmp", ".sha256"))]
    subprocess.run(["/bin/mount", "-o", "remount,size=100m", str(small_disk)], check=True)
    analyses.run(analysis_in(tmp_path, command), out)
    assert contents(out) == contents_of(undisturbed, command)


KILLED = ("run", "mitigate")
"""Killed in every test run: one batch, and one after the other; `make verify` kills all."""


@pytest.mark.parametrize(
    ("command", "kills"),
    [*((command, 3) for command in KILLED)]
    + [pytest.param(command, 100, marks=pytest.mark.slow) for command in ("run", *ANALYSES)],
)
def test_what_is_killed_goes_on_to_the_same_bytes(tmp_path, command, kills):
    told_ = subprocess.run(
        [sys.executable, "-m", "tests.durability.kills", command, str(kills), str(tmp_path)],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(told_.stdout)
    assert (found["kills"], found["wrong"]) == (kills, [])


# ---------------------------------------------------------------------- what is not to be trusted


@pytest.mark.parametrize("command", ANALYSES)
def test_a_damaged_part_is_made_again(undisturbed, tmp_path, command):
    out = cut_off(tmp_path, command, 0.9)
    part = parts_in(out)[0]
    notes: list[str] = []
    part.write_bytes(part.read_bytes()[:-1])
    analyses.run(analysis_in(tmp_path, command), out, Execution(note=notes.append))
    assert notes == [f"{out}: 1 damaged parts are simulated again"]
    assert contents(out) == contents_of(undisturbed, command)


def test_a_part_of_another_batch_is_not_taken(undisturbed, tmp_path):
    out = cut_off(tmp_path, "compare", 0.9)
    notes: list[str] = []
    first, second = parts_in(out)[:2]
    second.unlink()
    first.rename(second.with_name(second.name[:4] + first.name[4:]))
    analyses.run(analysis_in(tmp_path, "compare"), out, Execution(note=notes.append))
    assert notes == [f"{out}: 1 damaged parts are simulated again"]
    assert contents(out) == contents_of(undisturbed, "compare")


@pytest.mark.parametrize("command", ANALYSES)
def test_other_versions_are_not_mixed(tmp_path, monkeypatch, command):
    monkeypatch.setattr(provenance, "SOURCES", "0123456789ab")
    out = cut_off(tmp_path, command)
    before = contents(out)
    monkeypatch.undo()
    with pytest.raises(ResultError, match="found a run begun with sources 0123456789ab"):
        analyses.run(resumed(out, command), out)
    assert contents(out) == before


@pytest.mark.parametrize("command", ANALYSES)
def test_the_folder_of_something_else_is_refused(undisturbed, tmp_path, command):
    out = Path(shutil.copytree(undisturbed[command], tmp_path / "out"))
    before = contents(out)
    with pytest.raises(ResultError, match="found another run"):
        runs.run(job_in(tmp_path), out)
    with pytest.raises(ResultError, match=r"of another command or version; allowed: one of `chokepoint run`"):
        runs.resumed(out)
    for other in set(ANALYSES) - {command}:
        with pytest.raises(ResultError, match="found another run"):
            analyses.run(analysis_in(tmp_path, other), out)
        with pytest.raises(ResultError, match=f"allowed: one of `chokepoint {other}`"):
            resumed(out, other)
    assert contents(out) == before


def test_a_stress_test_leaves_a_run_and_precious_files_alone(tmp_path):
    out = runs.run(job_in(tmp_path), tmp_path / "run")
    before = contents(out)
    with pytest.raises(ResultError, match="found another run"):
        stress.save(stress.run(arguments_in(tmp_path, "stress")[1]), out)
    assert contents(out) == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "stress.html").write_text("precious")
    with pytest.raises(ResultError, match=r"found stress\.html; allowed: an empty folder"):
        analyses.run(analysis_in(tmp_path, "stress"), tmp_path / "mine")
    assert contents(tmp_path / "mine") == {"stress.html": b"precious"}


@pytest.mark.parametrize("command", ANALYSES)
@pytest.mark.parametrize("key", ["given", "overrides", "digest", "scenario_file"])
@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [{}]])
def test_a_manifest_that_says_nothing_of_use_is_refused(undisturbed, tmp_path, command, key, value):
    manifest = json.loads((undisturbed[command] / "manifest.json").read_text())
    manifest.pop("checksum")
    if command in ("backtest", "compare") and key == "scenario_file":
        key = "scenario_files"
    if value == manifest[key] or (key == "scenario_file" and value == "x"):
        pytest.skip("what it may say")
    manifests.write(RunFolder(tmp_path), {**manifest, key: value})
    with pytest.raises(ResultError, match=rf"manifest\.json: {key}"):
        resumed(tmp_path, command)


def test_what_an_alternative_says_is_part_of_what_an_analysis_is_of(tmp_path):
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(decided_scenario()))
    ready = prepare_decided(file)
    dearer = ready.variants["raise"].model_copy(update={"title": "Another"})
    digests = {
        sensitivity.analysis(file, prepared=variant).manifest["digest"]
        for variant in (ready, replace(ready, variants={**ready.variants, "raise": dearer}))
    }
    assert len(digests) == 2


def test_ids_that_look_like_numbers_are_read_as_ids(tmp_path):
    firms = {"nan": {"name": "Nan", "country": "NA"}, "inf": {"name": "Inf", "country": "US"}}
    ends = {"source": {"firm": "nan"}, "second": {"firm": "inf"}}
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(merged(stand_ins(), {"firms": firms, "stock_points": ends})))
    analysis = stress.analysis(file)
    out = analyses.run(analysis, tmp_path / "out")
    lines = told(found_in(out, analysis), 10)
    assert lines == told(stress.run(file), 10)
    assert set(found_in(out, analysis).tables["stress_nodes"]["node"]) >= {"nan", "inf", "NA"}


@pytest.mark.parametrize("command", ANALYSES)
@pytest.mark.parametrize("content", [None, b"", b"a,b\n1\n", b"a,b\n1,2\n", b"\xff\xfe"])
def test_a_table_that_is_none_is_refused_not_traced(undisturbed, tmp_path, command, content):
    out = Path(shutil.copytree(undisturbed[command], tmp_path / "out"))
    analysis = analysis_in(tmp_path, command)
    table = out / "tables" / f"{next(iter(analysis.tables))}.csv"
    table.unlink()
    if content is not None:
        table.write_bytes(content)
    with pytest.raises(ResultError, match=f"go on with: chokepoint {command} --resume"):
        found_in(out, analysis)


# ---------------------------------------------------------------------- the commands


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", ANALYSES)
def test_the_commands_go_on_and_say_the_same(undisturbed, tmp_path, command):
    whole = call(*arguments_in(tmp_path, command), "--out", tmp_path / "whole")
    assert whole.exit_code == 0, whole.output
    out = cut_off(tmp_path, command)
    for arguments in ([command, "--resume", out], [*arguments_in(tmp_path, command), "--out", out]):
        again = call(*arguments)
        assert again.exit_code == 0, again.output
        assert again.stdout == whole.stdout.replace(str(tmp_path / "whole"), str(out))
        assert contents(out) == contents_of(undisturbed, command)


@pytest.mark.parametrize("command", ANALYSES)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "found neither FILE nor --resume"),
        (["--resume", "nowhere"], "nowhere: found no manifest.json"),
        (["x.yaml", "--resume", "nowhere"], "beside --resume; allowed: --workers"),
        (["--resume", "nowhere", "--out", "x"], "found '--out' beside --resume"),
        (["--resume", "nowhere", "--set", "a=1"], "found '--set' beside --resume"),
    ],
)
def test_what_cannot_be_resumed_is_told(tmp_path, monkeypatch, command, given, message):
    monkeypatch.chdir(tmp_path)
    result = call(command, *given)
    assert result.exit_code == 2
    assert message in result.output
    assert list(tmp_path.iterdir()) == []
