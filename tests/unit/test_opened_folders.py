"""A finished folder that is read again is the result that wrote it; any other folder is refused."""

import json
import shutil
from pathlib import Path

import pandas as pd
import plotly.io
import pytest
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.montecarlo.store import RunFolder
from sim.report import (
    backtest_page,
    calibration_page,
    comparison_page,
    mitigation_page,
    page,
    sections,
    sensitivity_sections,
    stress_page,
    sweep_page,
)
from sim.report.backtest_words import make_backtest
from sim.report.comparison_words import make_comparison
from sim.report.context import make_context
from sim.report.mitigation_words import make_mitigation
from sim.report.page_parts import Chart, Grid
from sim.report.sensitivity_context import make_sensitivity_context
from sim.report.stress_words import make_stress_context
from sim.report.sweep_words import make_sweep_context

FIRST, FLAGSHIP = "scenarios/first-scenario.yaml", "scenarios/entity-list-2019-research-house.yaml"
LEVERS = "scenarios/first-scenario-levers.yaml"
DURATION = "interventions.fire.duration_days"
UNCERTAIN = {DURATION: {"dist": "uniform", "low": 60, "high": 180}}
NEON, NEON_FACTS = "scenarios/neon-2022.yaml", "scenarios/data/reported-neon.csv"
TARGETS = "scenarios/data/targets-neon.yaml"
RESULTS = {
    "run": lambda: sim.run(FIRST, replications=8, workers=1),
    "one future": lambda: sim.run(FIRST, replications=1, workers=1),
    "flagship": lambda: sim.run(FLAGSHIP, replications=16, workers=1),
    "no shock": lambda: sim.run("tests/cases/noshock.yaml", replications=4, workers=1),
    "compare": lambda: sim.compare(
        FIRST, "scenarios/first-scenario-port.yaml", replications=16, overrides={DURATION: 30}, workers=1
    ),
    "compare variants": lambda: sim.compare(
        FIRST, sim.load(FIRST, {"name": "short", DURATION: 30}), replications=16, workers=1
    ),
    "sensitivity": lambda: sim.sensitivity(FIRST, overrides=UNCERTAIN, replications=32, workers=1),
    "decision": lambda: sim.sensitivity("tests/cases/wrong-advice.yaml", replications=32, top=2, workers=1),
    "backtest": lambda: sim.backtest(NEON, facts=NEON_FACTS, as_of="2022-02-24", replications=32, workers=1),
    "calibrate": lambda: sim.calibrate(NEON, targets=TARGETS, replications=32, workers=1),
    "stress": lambda: sim.stress(FIRST, workers=1),
    "stress without pairs": lambda: sim.stress(FIRST, pairs_among=[], workers=1),
    "mitigate": lambda: sim.mitigate(LEVERS, replications=64, evaluations=6, workers=1),
    "sweep": lambda: sim.sweep_levers(LEVERS, "stock", replications=16, workers=1),
    "sweep of two": lambda: sim.sweep_levers(LEVERS, "second-source", "stock", replications=16, workers=1),
}


@pytest.fixture(scope="module", params=RESULTS)
def written(request, tmp_path_factory):
    """A result, and the folder that it wrote."""
    result = RESULTS[request.param]()
    return result, result.save(tmp_path_factory.mktemp("saved") / "folder")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def test_what_is_read_again_is_what_was_written(written):
    result, folder = written
    again = sim.open(folder)
    assert type(again) is type(result)
    assert repr(again.summary) == repr(result.summary)
    assert again.manifest == result.manifest
    assert again.scenario.definition == result.scenario.definition
    assert list(again.tables) == list(result.tables)
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table, check_exact=True)
    assert list(again.figures) == list(result.figures)
    for name, figure in result.figures.items():
        assert plotly.io.to_json(again.figures[name]) == plotly.io.to_json(figure)
    assert repr(again) == repr(result)


def test_its_report_is_that_of_the_folder(written):
    result, folder = written
    (file,) = folder.glob("*.html")
    assert sim.open(folder).report() == result.report() == file.read_text()


def test_saving_it_again_gives_the_same_bytes(written, tmp_path):
    _, folder = written
    again = sim.open(folder).save(tmp_path / "again")
    assert files(again) == files(folder)
    assert sim.open(again).save(tmp_path / "again") == again


PAGES = {
    sim.RunResult: lambda found: sections.sections(make_context(found)),
    sim.ComparisonResult: lambda found: comparison_page._page(make_comparison(found)).sections,
    sim.SensitivityResult: lambda found: sensitivity_sections.sections(make_sensitivity_context(found)),
    sim.BacktestResult: lambda found: backtest_page._page(make_backtest(found)).sections,
    sim.CalibrationResult: lambda found: [
        calibration_page._inputs(found.tables, calibration_page.InputNames(found.scenario))
    ],
    sim.MitigationResult: lambda found: list(mitigation_page._sections(make_mitigation(found))),
    sim.SweepResult: lambda found: [sweep_page._levels(make_sweep_context(found))],
    sim.StressResult: lambda found: [
        tell(make_stress_context(found))
        for tell in (stress_page._nodes, stress_page._pairs)
        if tell is stress_page._nodes or len(found.tables["stress_pairs"])
    ],
}
"""The chapters of each kind of report."""


def charts_of(chapters) -> list[Chart]:
    blocks = [block for section in chapters for block in section.blocks]
    grids = [chart for block in blocks if isinstance(block, Grid) for chart in block.charts]
    return [block for block in blocks if isinstance(block, Chart)] + grids


def drawn(plain) -> str:
    return page.as_json({"data": plain["data"], "layout": plain["layout"] | {"height": None}})


def test_every_chart_of_the_report_has_a_name(written):
    result, _ = written
    told = charts_of(PAGES[type(result)](result._findings))
    named = {drawn(figure.to_plotly_json()) for figure in result.figures.values()}
    assert [chart.key for chart in told if drawn(chart.specification) not in named] == []


# ---------------------------------------------------------------------- folders of the commands


COMMANDS = {
    "run": ["run", FIRST, "-n", "8"],
    "compare": ["compare", FIRST, "scenarios/first-scenario-port.yaml", "-n", "16"],
    "sensitivity": [
        "sensitivity",
        FIRST,
        "-n",
        "32",
        "--set",
        f"{DURATION}={{dist: uniform, low: 60, high: 180}}",
    ],
    "stress": ["stress", FIRST],
    "mitigate": ["mitigate", LEVERS, "-n", "64", "--evaluations", "6"],
    "sweep": ["sweep", LEVERS, "second-source", "-n", "16"],
    "calibrate": ["calibrate", NEON, "--targets", TARGETS, "-n", "32"],
    "backtest": ["backtest", NEON, "--facts", NEON_FACTS, "--as-of", "2022-02-24", "-n", "32"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_folder_of_a_command_is_read_as_well(command, tmp_path):
    out = tmp_path / "out"
    told = CliRunner().invoke(main, [*COMMANDS[command], "--workers", "1", "--out", str(out)])
    assert told.exit_code == 0, told.output
    found = sim.open(out)
    last = "summary.json" if command in ("run", "compare") else f"{command}.json"
    assert found.summary == json.loads((out / last).read_text())
    assert files(found.save(tmp_path / "copy")) == files(out)


def test_a_scenario_that_is_read_again_can_be_varied_and_run(tmp_path):
    result = sim.run(FIRST, replications=8, seed=3, workers=1)
    again = sim.open(result.save(tmp_path / "run")).scenario
    assert sim.run(again, replications=8, seed=3, workers=1).summary == result.summary
    longer, same = (each.with_({DURATION: 180}) for each in (again, result.scenario))
    assert longer.definition == same.definition


# ---------------------------------------------------------------------- folders that are none


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return sim.run(FIRST, replications=4, workers=1).save(tmp_path_factory.mktemp("finished") / "run")


@pytest.fixture
def folder(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def refused(path, *told):
    with pytest.raises(sim.ResultError) as caught:
        sim.open(path)
    for text in told:
        assert text in str(caught.value)


def test_a_path_that_is_no_folder_is_refused(tmp_path):
    refused(tmp_path / "none", "found no folder", "chokepoint compare")
    refused(FIRST, "found a file; allowed: a folder of")
    refused("a" * 5_000, "found a name of 5,000 bytes")
    refused("a\0b", "embedded null byte")


def test_a_folder_of_something_else_is_refused(tmp_path):
    refused(tmp_path, "found no manifest.json")


def test_an_unfinished_folder_is_refused_with_how_to_go_on(folder):
    (folder / "summary.json").unlink()
    refused(folder, "it is not finished", f"chokepoint run --resume {folder}")


@pytest.mark.parametrize("name", ["tables/stock.csv", "summary.json", "report.html", "outcomes/*"])
def test_a_folder_with_a_flipped_bit_is_refused(folder, name):
    (file,) = folder.glob(name)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    refused(folder, f"{file.relative_to(folder)} is not what was written")


def test_a_folder_that_leads_out_is_refused(folder, tmp_path):
    (folder / "tables").rename(tmp_path / "elsewhere")
    (folder / "tables").symlink_to(tmp_path / "elsewhere")
    refused(folder, "symbolic link")


def sealed_anew(folder, name, data):
    """Put something in the place of a file, with the checksum that it would have."""
    run = RunFolder(folder)
    sums = run.sums("summary.json")
    (folder / name).write_bytes(data)
    sums[name] = run._sha256(name)
    (folder / "summary.sha256").write_text(
        "".join(f"{checksum}  {name}\n" for name, checksum in sums.items())
    )


@pytest.mark.parametrize("summary", [b"[]", b"{}", b'{"schema_version": 2}', b"\xff", b"[" * 100_000])
def test_a_forged_summary_is_refused(folder, summary):
    sealed_anew(folder, "summary.json", summary)
    refused(folder, "found files that are not those of `chokepoint run`")


@pytest.mark.parametrize(
    "table", [b"", b"maker\n", b"maker,maker\nx,y\n", b"\xff\xfe", b"maker,week,twin,mean\n1,2,3,4\n"]
)
def test_a_forged_table_is_refused(folder, table):
    sealed_anew(folder, "tables/revenue_fan.csv", table)
    refused(folder, "found files that are not those of `chokepoint run`")


def test_a_folder_of_the_first_schema_is_refused_with_how_to_translate_it(folder):
    older = json.loads((folder / "summary.json").read_text()) | {"schema_version": 1}
    sealed_anew(folder, "summary.json", json.dumps(older).encode())
    refused(folder, "found schema version 1", "the same without the ending")


@pytest.mark.parametrize("version", [3, 10**500, 2.5])
def test_a_folder_of_a_later_schema_is_refused(folder, version):
    later = json.loads((folder / "summary.json").read_text()) | {"schema_version": version}
    sealed_anew(folder, "summary.json", json.dumps(later).encode())
    refused(folder, "found schema version", "allowed: version 2")


@pytest.mark.parametrize(
    ("key", "value"), [("warnings", 3), ("warnings", [{}]), ("weekly_replications", "many"), ("window", 7)]
)
def test_what_is_forged_behind_the_headline_is_refused_when_it_is_told(folder, key, value):
    forged = json.loads((folder / "summary.json").read_text()) | {key: value}
    sealed_anew(folder, "summary.json", json.dumps(forged).encode())
    with pytest.raises(sim.ResultError, match="found files that are not those of `chokepoint run`"):
        sim.open(folder).report()


def test_what_is_forged_in_a_table_is_refused_when_it_is_drawn(folder):
    table = pd.read_csv(folder / "tables" / "flows.csv").assign(twin="nobody knows")
    sealed_anew(folder, "tables/flows.csv", table.to_csv(index=False).encode())
    with pytest.raises(sim.ResultError, match="found files that are not those of `chokepoint run`"):
        dict(sim.open(folder).figures)
