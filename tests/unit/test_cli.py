"""The command line: exit codes, what is printed, and that a mistake writes nothing."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from sim import load
from sim.cli import main
from sim.risk.trace import ACCOUNT_COLUMNS, STATE_COLUMNS
from tests.builders import ban, shop

FIRST = Path(__file__).parents[2] / "scenarios" / "first-scenario.yaml"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty directory to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def scenario_file(folder, **changes):
    file = folder / "scenario.yaml"
    data = shop(40, demand={"home": {"patience_days": 2}}, interventions={"ban": ban(5)}, **changes)
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_run_writes_a_folder_and_prints_the_headline(here):
    result = call("run", FIRST, "-n", 20, "--workers", 1, "--out", "out")
    assert result.exit_code == 0, result.output
    assert "Velo: mean " in result.stdout
    assert "report: out/report.html" in result.stdout
    assert "summary.json" in files(here / "out")


def test_run_without_out_names_the_folder_after_scenario_and_digest(here):
    result = call("run", scenario_file(here), "-n", 2, "--workers", 1)
    assert result.exit_code == 0, result.output
    (folder,) = (here / "results").iterdir()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert folder.name == f"test-{manifest['digest']}"


def test_two_workers_print_the_same(here):
    file = scenario_file(here)
    one, two = (call("run", file, "-n", 8, "--workers", count, "--out", "out") for count in (1, 2))
    assert one.stdout == two.stdout


def test_both_engines_print_the_same(here):
    file = scenario_file(here)
    one, two = (call("run", file, "-n", 4, "--engine", name, "--out", name) for name in ("compiled", "simpy"))
    assert one.exit_code == two.exit_code == 0, one.output + two.output
    assert one.stdout == two.stdout.replace("simpy", "compiled")


def test_an_engine_that_is_not_compiled_is_announced(here, monkeypatch):
    for name in ("is_compiled", "can_measure", "warm_up", "warm_up_measures"):
        monkeypatch.setattr(f"sim.montecarlo.warmup.{name}", lambda *_: None)
    result = call("warmup")
    assert result.exit_code == 0
    assert "compiling the engine" in result.stderr
    assert "compiling the measures" in result.stderr
    assert "the engine is compiled" in result.stdout


@pytest.mark.parametrize("command", ["run", "validate", "trace"])
def test_a_mistake_in_the_file_is_exit_code_2_and_writes_nothing(here, command):
    file = here / "scenario.yaml"
    file.write_text("chokepoint: 1\nnamee: x\n")
    result = call(command, file)
    assert result.exit_code == 2
    assert "namee" in result.stderr
    assert "Traceback" not in result.output
    assert files(here) == ["scenario.yaml"]


@pytest.mark.parametrize("command", ["run", "validate", "trace"])
def test_a_mistake_of_the_network_is_exit_code_2_and_has_a_place(here, command):
    file = scenario_file(here, stock_points={"idle": {"firm": "maker", "item": "part"}})
    result = call(command, file)
    assert result.exit_code == 2
    assert "scenario.yaml:" in result.stderr
    assert "idle" in result.stderr


@pytest.mark.parametrize("command", ["run", "validate", "trace"])
def test_a_file_that_is_not_there(here, command):
    result = call(command, "nothing.yaml")
    assert result.exit_code == 2
    assert "nothing.yaml" in result.stderr
    assert files(here) == []


@pytest.mark.parametrize(
    "options",
    [["-n", "0"], ["-n", "many"], ["--seed", "-1"], ["--workers", "0"], ["--set", "lanes"], ["--nothing"]],
)
def test_a_mistake_in_an_option_is_exit_code_2(here, options):
    file = scenario_file(here)
    assert call("run", file, *options).exit_code == 2
    assert files(here) == ["scenario.yaml"]


def test_an_unknown_command_is_exit_code_2():
    assert call("rum").exit_code == 2


@pytest.mark.parametrize(
    "asked",
    [
        ("run", "--precision", "nan"),
        ("run", "--precision", "inf"),
        ("stress", "--ttr-days", "nan"),
        ("stress", "--ttr-days", "inf"),
        ("trace", "--replication", 10**30),
    ],
)
def test_a_number_that_no_option_can_take_is_exit_code_2(here, asked):
    result = call(asked[0], scenario_file(here), *asked[1:])
    assert result.exit_code == 2
    assert f"Invalid value for '{asked[1]}'" in result.stderr
    assert files(here) == ["scenario.yaml"]


def test_a_folder_that_cannot_be_written_is_exit_code_2(here):
    (here / "taken").write_text("")
    result = call("run", scenario_file(here), "-n", 1, "--workers", 1, "--out", "taken/run")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr
    assert files(here) == ["scenario.yaml", "taken"]


def test_validate_counts_what_is_there(here):
    result = call("validate", scenario_file(here))
    assert result.exit_code == 0
    assert "2 stock points, 1 lane, 1 demand stream, 1 intervention, 0 uncertain numbers" in result.stdout
    assert files(here) == ["scenario.yaml"]


def test_set_lays_a_setting_over_the_file(here):
    result = call("validate", scenario_file(here), "--set", "calendar.days=50")
    assert "50 days" in result.stdout


def test_a_setting_that_names_nothing_is_exit_code_2(here):
    result = call("validate", scenario_file(here), "--set", "lanes.part.shore=1")
    assert result.exit_code == 2


def test_schema_prints_a_json_schema():
    schema = json.loads(call("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "stock_points" in json.dumps(schema)


def test_trace_tells_events_in_order(here):
    lines = call("trace", scenario_file(here)).stdout.splitlines()
    assert lines[0].startswith("2021-01-01  shipment")
    assert [line[:10] for line in lines] == sorted(line[:10] for line in lines)


def test_trace_about_and_between(here):
    result = call(
        "trace", scenario_file(here), "--about", "ban", "--from", "2021-01-06", "--to", "2021-01-06"
    )
    assert result.stdout == "2021-01-06  rule          ban: Ban takes effect\n"


def test_trace_of_the_counterfactual_knows_no_ban(here):
    assert "ban" not in call("trace", scenario_file(here), "--counterfactual").stdout


def test_trace_writes_its_table(here):
    result = call("trace", scenario_file(here), "--table", "states.csv")
    table = pd.read_csv(here / "states.csv")
    assert result.stdout == "states: states.csv\n"
    assert tuple(table.columns) == STATE_COLUMNS
    assert len(table) == 40 * 2


def test_trace_writes_the_accounts_of_every_day(here):
    told = call(
        *("trace", scenario_file(here), "--account", "days.csv", "--table", "states.csv"),
        *("--set", "analysis.account=true"),
    )
    assert told.stdout == "states: states.csv\naccounts: days.csv\n"
    days = pd.read_csv(here / "days.csv")
    assert tuple(days.columns[:3]) == ACCOUNT_COLUMNS
    assert len(days) == 40
    assert {"cost_of_goods_sold", "margin", "result"} <= set(days.columns)
    assert tuple(pd.read_csv(here / "states.csv").columns) == (*STATE_COLUMNS, "unit_cost")


def test_trace_writes_no_account_where_none_is_kept(here):
    told = call("trace", scenario_file(here), "--account", "days.csv")
    assert told.exit_code == 2
    assert "keeps no account" in told.stderr
    assert "--set analysis.account=true" in told.stderr
    assert not (here / "days.csv").exists()


def test_help_lists_the_commands():
    listed = call("--help").stdout
    assert all(command in listed for command in ("run", "validate", "schema", "trace", "warmup"))


# ---------------------------------------------------------------------- sources


def sourced(folder):
    price = {"value": 50, "source": "F012", "confidence": "high"}
    return scenario_file(
        folder, lanes={"parts": {"price": price, "lead_time_days": {"value": 3, "source": "assumption"}}}
    )


def test_sources_lists_every_number_and_counts_those_without_a_source(here):
    result = call("sources", sourced(here))
    assert result.exit_code == 0, result.output
    *lines, counts, confidences = result.stdout.splitlines()
    told = {line.split()[0]: line.split()[-2:] for line in lines[1:]}
    assert told["lanes.parts.price"] == ["F012", "high"]
    assert told["lanes.parts.lead_time_days"] == ["assumption", "none"]
    assert told["demand.home.price"] == ["none", "none"]
    silent = len(told) - 2
    assert counts.startswith(
        f"1 of {len(told)} numbers cite a source, 1 are marked as assumptions, {silent} "
    )
    assert confidences == f"confidence: 1 high, 0 medium, 0 low, {len(told) - 1} none"


def test_the_table_of_sources_is_that_of_python(here):
    file = sourced(here)
    result = call("sources", file, "--table", "sources.csv")
    assert result.exit_code == 0, result.output
    table = pd.read_csv("sources.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(table, load(file).sources.fillna(""), check_dtype=False)
    assert list(table.columns) == ["path", "text", "source", "confidence", "note"]


def test_a_setting_is_told_with_its_source(here):
    result = call("sources", sourced(here), "--set", "demand.home.price={value: 9, source: a book}")
    assert [line.split()[-3:] for line in result.stdout.splitlines() if "demand.home.price" in line] == [
        ["a", "book", "none"]
    ]


def test_a_trace_writes_two_files_and_no_other(here):
    file = scenario_file(here)
    text = file.read_text()
    over_itself = call("trace", file, "--table", file)
    assert (over_itself.exit_code, file.read_text()) == (2, text)
    twice = call("trace", file, "--table", "one.csv", "--account", "one.csv")
    assert twice.exit_code == 2
    assert "found one.csv twice" in twice.stderr
