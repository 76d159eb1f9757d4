"""Entries written by rule: each row of a table makes its own."""

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.scenario.load import load_scenario
from sim.scenario.merge import read_scenario

TABLE = """id,name,country,part,supplier,cover,price,second,never
mill,1984,FR,,,,,,
baker,Baker,DE,flour,mill,7,20,,
grocer,Grocer,DE,flour,mill,9.5,{value: 21; source: N1},mill,
""".replace("{value: 21; source: N1}", '"{value: 21, source: N1}"')
RULE = """chokepoint: 1
name: town
title: A mill and those who buy of it
currency: EUR
calendar: {days: 60}
items: {flour: {name: Flour, unit: sack}}
markets: {town: {name: Town, country: DE}}
for_each:
  firm:
    file: firms.csv
    firms: {<id>: {name: <name>, country: <country>}}
    stock_points:
      <supplier>-out: {firm: <supplier>, item: flour, policy: {cover_days: <never>}}
      <id>-<part>: {firm: <id>, item: <part>, policy: {kind: base_stock, cover_days: <cover>}}
    lanes:
      <supplier>-<id>: {supplier: <supplier>-out, buyer: <id>-<part>, price: <price>, lead_time_days: 2}
      <second>-<id>-2: {supplier: <second>-out, buyer: <id>-<part>, price: 30, lead_time_days: 1}
    demand: {<id>-<part>: {stock_point: <id>-<part>, market: town, mean_per_day: 10, price: 30}}
"""


def written(folder: Path, rule: str = RULE, table: str = TABLE) -> Path:
    (folder / "firms.csv").write_text(table)
    (folder / "town.yaml").write_text(rule)
    return folder / "town.yaml"


def problem(file: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    return str(caught.value.problems[0]).replace(f"{file.parent}/", "")


def test_every_row_makes_its_entries(tmp_path):
    scenario = load_scenario(written(tmp_path))
    assert scenario.firms["mill"].name == "1984"
    assert list(scenario.stock_points) == ["mill-out", "baker-flour", "grocer-flour"]
    assert [*scenario.lanes] == ["mill-baker", "mill-grocer", "mill-grocer-2"]
    prices = [scenario.lanes[f"mill-{buyer}"].price for buyer in ("baker", "grocer")]
    assert (prices[0].mean, prices[1].source) == (20, "N1")


def test_what_stands_in_a_collection_is_laid_over(tmp_path):
    own = "lanes: {mill-baker: {price: 5}, mill-grocer-2: null}\n"
    scenario = load_scenario(written(tmp_path, own + RULE), ["lanes.mill-grocer.lead_time_days=9"])
    first, other = scenario.lanes.values()
    assert (first.price.mean, first.lead_time_days.mean, other.lead_time_days.mean) == (5, 2, 9)


def test_another_file_changes_what_rules_made(tmp_path):
    written(tmp_path)
    (tmp_path / "more.yaml").write_text("extends: town.yaml\nfirms: {mill: {name: Mill}}\n")
    assert read_scenario(tmp_path / "more.yaml").plain["firms"]["mill"] == {"name": "Mill", "country": "FR"}


def cell(before: str, after: str) -> tuple[str, str]:
    return RULE, TABLE.replace(before, after)


def text(before: str, after: str) -> tuple[str, str]:
    return RULE.replace(before, after), TABLE


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (text("<cover>", "<covr>"), "town.yaml:14:86: for_each.firm: found <covr>, which is no column of"),
        (text("<cover>", "<covr>"), "; did you mean 'cover'? allowed: id, name, country"),
        (text("lanes:", "lane:"), "town.yaml:15:5: for_each.firm: found 'lane'; did you mean 'lanes'?"),
        (text("file: firms.csv", "file: firm.csv"), "there is no file"),
        (text("file: firms.csv", "fil: firms.csv"), "town.yaml:9:3: for_each.firm: found no file"),
        (cell("Baker,DE", "Baker,Germany"), "town.yaml:11:43, with row 3 of firms.csv: firms.baker.country"),
        (cell("9.5", "soon"), "town.yaml:14:86, with row 4 of firms.csv: stock_points.grocer-flour"),
        (cell("grocer,G", "baker,G"), "with row 4 of firms.csv: firms.baker: is made a second time"),
        (cell("flour,mill,7", f"{'f' * 1_996},mill,7"), "found a text of 2002 characters, allowed: "),
        (cell("mill,1984", "[mill],1984"), "11:13, with row 2 of firms.csv: found a list, allowed: a text"),
        (cell(",flour,mill,7", ',"{a: 1}",mill,7'), "14:7, with row 3 of firms.csv: found a mapping, "),
        (text("{name: <name>", "{<id>: x, mill: <name>"), "with row 2 of firms.csv: 'mill' stands here a"),
        (text("lanes:", "lanes: mill\n    substitutes:"), "for_each.firm: lanes has no entries; allowed: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_rule_and_the_row(tmp_path, given, told):
    assert told in problem(written(tmp_path, *given))


def test_what_stands_in_a_cell_counts(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.scenario.merge.MOST_VALUES", 1_000)
    read_scenario(written(tmp_path))
    table = TABLE.replace("{value: 21, source: N1}", f"[{'1,' * 1_000}1]")
    assert "town.yaml:16:78, with row 4 of firms.csv: more than" in problem(written(tmp_path, table=table))


def test_rows_of_which_nothing_is_made_count(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.scenario.merge.MOST_VALUES", 9 + 2)
    rule = "chokepoint: 1\nfor_each: {firm: {file: firms.csv}}\n"
    assert "town.yaml:2:18, with row 4 of firms.csv: more than" in problem(written(tmp_path, rule))


def test_more_rules_than_a_file_needs_are_refused(tmp_path):
    rules = ", ".join(f"r{number}: {{file: firms.csv}}" for number in range(101))
    told = "town.yaml:2:1: for_each: found 101 rules, allowed: up to 100"
    assert problem(written(tmp_path, f"chokepoint: 1\nfor_each: {{{rules}}}\n")) == told
