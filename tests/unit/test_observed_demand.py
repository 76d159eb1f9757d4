"""Demand as it was observed: in the scenario, or in a CSV file beside it."""

from pathlib import Path

import pytest

from sim.engines.draws import draw
from sim.errors import Problem, ScenarioError
from sim.model.compile import prepare
from sim.model.schedule import draw_up
from sim.scenario.load import load_scenario
from tests.builders import compiled, day, shop


def observed(process, observations, days=7, **demand):
    data = shop(days, demand={"home": {"process": process, "observations": observations, **demand}})
    if "mean_per_day" not in demand:
        del data["demand"]["home"]["mean_per_day"]
    return data


def demanded(data, seed=3, replication=0):
    return draw(compiled(data), seed, replication).demand[0].tolist()


def test_listed_demand_begins_again_at_the_end_of_the_list():
    assert demanded(observed("listed", [5.0, 4.0, 0.0])) == [5.0, 4.0, 0.0, 5.0, 4.0, 0.0, 5.0]


def test_listed_demand_beyond_the_calendar_is_left_out():
    assert demanded(observed("listed", [5.0, 4.0, 0.0], days=2)) == [5.0, 4.0]


def test_listed_demand_is_the_same_in_every_replication():
    data = observed("listed", [5.0, 4.0, 0.0])
    assert demanded(data) == demanded(data, seed=4, replication=9)


def test_listed_demand_is_not_scaled_to_the_mean_that_is_planned_with():
    data = observed("listed", [5.0, 4.0, 0.0], mean_per_day=6.0)
    plan = compiled(data)
    assert demanded(data)[:3] == [5.0, 4.0, 0.0]
    assert draw_up(plan, draw(plan, 1, 0), with_shock=True).usage[0].tolist() == [6.0] * 7


def test_what_is_planned_with_is_the_mean_of_the_observations_unless_given():
    assert compiled(observed("listed", [5.0, 4.0, 0.0])).streams.mean_per_day.tolist() == [3.0]
    assert compiled(observed("empirical", [1.0, 2.0], mean_per_day=9.0)).streams.mean_per_day.tolist() == [
        9.0
    ]


def test_interventions_scale_listed_demand_too():
    shift = {"kind": "demand_shift", "title": "Half", "date": day(2), "covers": {}, "factor": 0.5}
    data = observed("listed", [5.0, 4.0, 0.0]) | {"interventions": {"half": shift}}
    plan = compiled(data)
    schedule = draw_up(plan, draw(plan, 1, 0), with_shock=True)
    assert schedule.demand[0].tolist() == [5.0, 4.0, 0.0, 2.5, 2.0, 0.0, 2.5]


def test_empirical_demand_draws_its_observations():
    assert set(demanded(observed("empirical", [5.0, 15.0], days=50))) == {5.0, 15.0}


def test_every_observation_is_as_likely_as_any_other():
    days = 4000
    demand = demanded(observed("empirical", [1.0, 2.0, 6.0], days=days))
    for value in (1.0, 2.0, 6.0):
        assert abs(demand.count(value) / days - 1 / 3) < 4.0 * (2 / 9 / days) ** 0.5


def test_empirical_demand_is_scaled_to_the_planned_mean():
    assert set(demanded(observed("empirical", [5.0, 15.0], days=50, mean_per_day=20.0))) == {10.0, 30.0}


def test_empirical_demand_follows_the_seasons():
    """Day 0 is 1 January 2021, day 59 the first of March."""
    data = observed("empirical", [4.0, 12.0], days=90, seasonality=[1.0, 0.5, 2.0] + [1.0] * 9)
    demand = demanded(data)
    assert set(demand[:31]) == {4.0, 12.0}
    assert set(demand[31:59]) == {2.0, 6.0}
    assert set(demand[59:]) == {8.0, 24.0}


def test_empirical_demand_depends_on_seed_and_replication_and_nothing_else():
    data = observed("empirical", [1.0, 2.0, 6.0], days=50)
    assert demanded(data) == demanded(data)
    assert demanded(data) != demanded(data, seed=4)
    assert demanded(data) != demanded(data, replication=1)


@pytest.mark.parametrize("process", ["listed", "empirical"])
def test_where_nothing_was_observed_to_be_sold_nothing_is(process):
    assert demanded(observed(process, [0.0, 0.0])) == [0.0] * 7


# ------------------------------------------------------------------ CSV files

BASE = """\
chokepoint: 1
name: shop
title: A shop
currency: EUR
calendar: {days: 5}
firms: {shop: {name: Shop, country: DE}}
items: {cake: {name: Cake, unit: piece}}
markets: {town: {name: Town, country: DE}}
stock_points: {shelf: {firm: shop, item: cake}}
demand:
  town:
    stock_point: shelf
    market: town
    price: 3
    process: listed
    observations: {file: sales.csv, column: cakes}
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def series(file: Path, *overrides: str):
    return load_scenario(file, overrides).demand["town"].observations


def problem(file: Path, *overrides: str) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file, overrides)
    (found,) = caught.value.problems
    return found


def test_a_column_of_a_csv_file_takes_the_place_of_a_list(tmp_path: Path):
    write(tmp_path / "sales.csv", "day,pies,cakes\n1,9,5\n2,9,4.5\n3,9,0\n")
    file = write(tmp_path / "shop.yaml", BASE)
    assert series(file) == [5.0, 4.5, 0.0]
    _, plan = prepare(file)
    assert draw(plan, 1, 0).demand[0].tolist() == [5.0, 4.5, 0.0, 5.0, 4.5]


@pytest.mark.parametrize(
    "text",
    [
        "day, cakes \n1, 5 \n2,4\n",
        "cakes\r\n5\r\n4\r\n",
        "\ufeffcakes\n5\n4\n\n \n",
        '"day","cakes"\n"1, a Monday","5"\n2,4',
    ],
    ids=["spaces", "Windows", "byte order mark and empty lines at the end", "quotes"],
)
def test_a_csv_file_may_be_written_in_several_ways(text: str, tmp_path: Path):
    write(tmp_path / "sales.csv", text)
    assert series(write(tmp_path / "shop.yaml", BASE)) == [5.0, 4.0]


def test_a_variant_in_another_folder_finds_the_file_beside_the_scenario_that_names_it(tmp_path: Path):
    write(tmp_path / "base" / "sales.csv", "cakes,pies\n5,1\n")
    write(tmp_path / "base" / "shop.yaml", BASE)
    variant = write(tmp_path / "variants" / "dear.yaml", "extends: ../base/shop.yaml\nname: dear\n")
    assert series(variant) == [5.0]
    other = "demand: {town: {observations: {column: pies}}}\n"
    assert series(write(variant, f"extends: ../base/shop.yaml\n{other}")) == [1.0]


def test_a_variant_that_names_a_file_has_it_beside_itself(tmp_path: Path):
    write(tmp_path / "base" / "sales.csv", "cakes\n5\n")
    write(tmp_path / "base" / "shop.yaml", BASE)
    write(tmp_path / "variants" / "sales.csv", "cakes\n8\n")
    other = "demand: {town: {observations: {file: sales.csv}}}\n"
    variant = write(tmp_path / "variants" / "other.yaml", f"extends: ../base/shop.yaml\n{other}")
    assert series(variant) == [8.0]


def test_a_copied_stream_reads_the_same_file(tmp_path: Path):
    write(tmp_path / "sales.csv", "cakes,pies\n5,1\n")
    copy = "  city: {like: town, observations: {column: pies}}\n"
    scenario = load_scenario(write(tmp_path / "shop.yaml", BASE + copy))
    assert {name: stream.observations for name, stream in scenario.demand.items()} == {
        "town": [5.0],
        "city": [1.0],
    }


def test_another_column_may_be_set_from_the_command_line(tmp_path: Path):
    write(tmp_path / "sales.csv", "cakes,pies\n5,1\n")
    file = write(tmp_path / "shop.yaml", BASE)
    assert series(file, "demand.town.observations.column=pies") == [1.0]


def test_a_file_set_from_the_command_line_is_seen_from_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = write(tmp_path / "scenarios" / "shop.yaml", BASE)
    write(tmp_path / "here" / "mine.csv", "cakes\n7\n")
    monkeypatch.chdir(tmp_path / "here")
    assert series(file, "demand.town.observations.file=mine.csv") == [7.0]


def test_a_resolved_scenario_holds_the_numbers_themselves(tmp_path: Path):
    write(tmp_path / "sales.csv", "cakes\n5\n4\n")
    scenario = load_scenario(write(tmp_path / "shop.yaml", BASE))
    assert scenario.model_dump(mode="json")["demand"]["town"]["observations"] == [5.0, 4.0]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("cakes\n5\nmany\n", 3, "'many'"),
        ("cakes\n5\n-4\n", 3, "'-4'"),
        ("day,cakes\n1,5\n2,\n", 3, "''"),
        ("cakes\nnan\n", 2, "'nan'"),
        ("cakes\ninf\n", 2, "'inf'"),
        ("cakes\n1e999\n", 2, "'1e999'"),
    ],
    ids=["text", "negative", "missing", "NaN", "infinite", "too large"],
)
def test_a_cell_that_is_no_amount_is_told_with_its_own_file_and_line(
    text: str, line: int, found: str, tmp_path: Path
):
    table = write(tmp_path / "sales.csv", text)
    told = problem(write(tmp_path / "shop.yaml", BASE))
    assert f"found {found}" in told.message
    assert told.message.endswith("allowed: a number of 0 or more")
    assert told.place is not None
    assert (told.place.file, told.place.line) == (str(table), line)


def test_a_column_that_is_not_there_is_told_with_the_nearest_name(tmp_path: Path):
    write(tmp_path / "sales.csv", "day,cake\n1,5\n")
    file = write(tmp_path / "shop.yaml", BASE)
    told = problem(file)
    assert "sales.csv has no column 'cakes'; did you mean 'cake'?" in told.message
    assert str(told).startswith(f"{file}:16:")


@pytest.mark.parametrize("text", ["", "\n", "pies\n1\n"])
def test_a_file_without_the_column_is_refused(text: str, tmp_path: Path):
    write(tmp_path / "sales.csv", text)
    assert "has no column 'cakes'" in problem(write(tmp_path / "shop.yaml", BASE)).message


def test_of_two_columns_of_one_name_none_is_taken(tmp_path: Path):
    write(tmp_path / "sales.csv", "cakes,cakes\n5,6\n")
    assert problem(write(tmp_path / "shop.yaml", BASE)).message.endswith("has 2 columns 'cakes'")


def test_a_column_without_numbers_is_refused(tmp_path: Path):
    write(tmp_path / "sales.csv", "cakes\n\n")
    told = problem(write(tmp_path / "shop.yaml", BASE))
    assert told.message.startswith("demand.town.observations: ")
    assert told.message.endswith("sales.csv has no rows below its header")


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b'cakes\n"5\x00\n'], ids=["none", "bytes", "nul"])
def test_a_file_that_is_no_text_is_refused_where_it_is_named(content: bytes | None, tmp_path: Path):
    if content is not None:
        (tmp_path / "sales.csv").write_bytes(content)
    told = problem(write(tmp_path / "shop.yaml", BASE))
    assert told.place is not None
    assert "sales.csv" in str(told)


def test_a_folder_is_no_csv_file(tmp_path: Path):
    (tmp_path / "sales.csv").mkdir()
    assert "sales.csv" in str(problem(write(tmp_path / "shop.yaml", BASE)))


def test_a_name_that_is_too_long_for_a_file_is_no_file(tmp_path: Path):
    file = write(tmp_path / "shop.yaml", BASE.replace("sales.csv", f"{'x' * 300}.csv"))
    assert problem(file).message.startswith("demand.town.observations: there is no CSV file")


def test_a_column_longer_than_any_calendar_is_refused(tmp_path: Path):
    write(tmp_path / "sales.csv", "cakes\n" + "1\n" * 36_526)
    told = problem(write(tmp_path / "shop.yaml", BASE))
    assert told.message.endswith("sales.csv has more than 36525 rows, which no scenario needs")


def test_all_columns_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sim.scenario.series.MAX_OBSERVED", 5)
    write(tmp_path / "sales.csv", "cakes,pies\n5,1\n4,2\n")
    copies = "  city: {like: town}\n  village: {like: town, observations: {column: pies}}\n"
    told = problem(write(tmp_path / "shop.yaml", BASE + copies))
    assert told.message.startswith("demand.village.observations: more than 5 numbers from CSV files by here")


def test_the_mean_of_observations_is_rounded_once():
    assert compiled(observed("listed", [0.1] * 10)).streams.mean_per_day.tolist() == [0.1]
