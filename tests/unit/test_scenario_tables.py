"""Collections from CSV and Parquet files: what is written is read back, what is wrong told with its row."""
# ruff: noqa: E501 - one case a line reads best

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import Place, ScenarioError
from sim.scenario import merge, source, tables, unpacking
from sim.scenario.cells import Cell, cell_of
from sim.scenario.load import load_scenario, resolved
from sim.scenario.merge import read_scenario
from sim.scenario.sheets import Sheet
from sim.scenario.table_writer import csv_of
from sim.scenario.tables import Cells, read_table
from sim.stories import files
from tests.builders import shop
from tests.unit.test_workbooks import LIBRARY, PLAIN, SCALARS

POINTS = "id,firm,item,policy.kind,policy.cover_days\n"


def folder_of(tmp_path: Path, **tables: str) -> Path:
    """The shop as a folder, some of its collections in tables."""
    data = {**shop(30), **{name: {"file": f"{name}.csv"} for name in tables}}
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "scenario.yaml").write_text(files.as_yaml(data))
    return tmp_path


def shop_tables(tmp_path: Path) -> Path:
    """The shop as it is exported."""
    (tmp_path / "shop.yaml").write_text(files.as_yaml(shop(30)))
    return files.export_tables(tmp_path / "shop.yaml", tmp_path / "tables")


def edited(folder: Path, name: str, before: str, after: str) -> Path:
    file = folder / f"{name}.csv"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after, 1))
    return folder


def problems(file: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    return [str(problem).replace(f"{file}/", "") for problem in caught.value.problems]


# ---------------------------------------------------------------------- there and back


@pytest.mark.parametrize("file", LIBRARY)
def test_the_library_is_the_same_in_tables(tmp_path, file):
    folder = files.export_tables(file, tmp_path / "tables")
    assert str(resolved(load_scenario(folder))) == str(resolved(load_scenario(file)))


@settings(max_examples=50)
@given(st.lists(SCALARS, min_size=1, max_size=4), st.lists(PLAIN.filter(bool), min_size=1, max_size=4))
def test_cells_hold_every_value_to_the_last_bit(tmp_path_factory, values, names):
    rows: list[list[Cell | None]] = [
        [f"e{number}", cell_of(name), cell_of(value)]
        for number, (value, name) in enumerate(zip(values, names, strict=False))
    ]
    file = tmp_path_factory.mktemp("tables") / "firms.csv"
    file.write_text(csv_of(Sheet("firms", ["id", "name", "revenue_per_year"], rows)), newline="")
    text, number = Cells(is_text=True), Cells(is_text=False)
    here = Place("firms.csv", 1)
    found = [(text.value(row[1], here), number.value(row[2], here)) for _, row in read_table(file, None).rows]
    assert found == list(zip(names, values, strict=False))


def test_a_table_in_parquet_is_that_in_csv(tmp_path):
    folder = shop_tables(tmp_path)
    expected = load_scenario(folder)
    columns = {
        "id": ["shelf", "source"],
        "firm": ["maker", "supplier"],
        "item": pa.array(["part", "part"]).dictionary_encode(),
        "policy.kind": ["base_stock", None],
        "policy.units": pa.array([100, None], pa.int16()),
        "initial_on_hand": ["100.0", " "],
    }
    pq.write_table(pa.table(columns), folder / "points.parquet", compression="zstd")
    edited_yaml = (folder / "scenario.yaml").read_text().replace("stock_points.csv", "points.parquet")
    (folder / "scenario.yaml").write_text(edited_yaml)
    assert load_scenario(folder).stock_points == expected.stock_points


# ---------------------------------------------------------------------- what stands around


def test_what_is_said_beside_the_file_holds_for_rows_that_say_nothing(tmp_path):
    folder = folder_of(tmp_path, firms="id,name,country,source\nmaker,Maker,DE,\nsupplier,1984,US,page 3\n")
    data = {**shop(30), "firms": {"file": "firms.csv", "source": "the register", "confidence": "low"}}
    (folder / "scenario.yaml").write_text(files.as_yaml(data))
    firms = load_scenario(folder).firms
    assert [firms[name].source for name in ("maker", "supplier")] == ["the register", "page 3"]
    assert (firms["maker"].confidence, firms["supplier"].name) == ("low", "1984")


def test_another_file_extends_a_folder_and_changes_one_cell(tmp_path):
    shop_tables(tmp_path)
    more = "extends: tables\nname: more\nstock_points: {shelf: {policy: {units: 5}}}\n"
    (tmp_path / "more.yaml").write_text(more)
    scenario = load_scenario(tmp_path / "more.yaml", ["lanes.parts.price=7"])
    data = resolved(scenario)
    assert data["stock_points"]["shelf"]["policy"]["units"]["value"] == 5.0
    assert data["lanes"]["parts"]["price"]["value"] == 7.0


def test_entries_may_stand_beside_the_file_and_copy_its_rows(tmp_path):
    folder = shop_tables(tmp_path)
    text = (folder / "scenario.yaml").read_text()
    beside = "file: lanes.csv\n  dear: {like: parts, price: 9}"
    (folder / "scenario.yaml").write_text(text.replace("file: lanes.csv", beside))
    lanes = load_scenario(folder).lanes
    assert [(lane.buyer, lane.price.mean) for lane in lanes.values()] == [("shelf", 1.0), ("shelf", 9.0)]


# ---------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("lanes", "lead_time_days", "lead_tme_days", "lanes.csv, row 1, lead_tme_days: found 'lead_tme_days', which is no field of lanes; did you mean 'lead_time_days'?"),
        ("stock_points", "policy.units", "policy.unit", "did you mean 'units'?"),
        ("stock_points", "policy.units", "firm.units", "found 'units', but stock_points.firm has no parts"),
        ("lanes", "supplier,buyer", "buyer,buyer", "lanes.csv, row 1, buyer: 'buyer' is the heading of two columns"),
        ("lanes", "source,shelf", "sorce,shelf", "lanes.csv, row 2, supplier: lanes.parts.supplier: 'sorce' is not one of stock_points; did you mean 'source'?"),
        ("lanes", ",3,", ",three,", "lanes.csv, row 2, lead_time_days: lanes.parts.lead_time_days: found 'three'"),
        ("lanes", ",3,", ",3,4,", "lanes.csv, row 2: found 6 cells, allowed: 5 as in the headings"),
        ("lanes", ",3,", ',"{dist: pert",', "lanes.csv, row 2, lead_time_days: a ',' or the closing '}'"),
        ("lanes", "id,", "ids,", "lanes.csv: found the columns ids, supplier"),
        ("lanes", "parts,", ",", "lanes.csv, row 2, id: found a row without an id"),
        ("lanes", "price\n", "\n", "lanes.csv, row 2: found a value in a column without a heading"),
        ("firms", "maker,Maker", "supplier,Maker", "firms.csv, row 3, id: 'supplier' stands here a second time; the first is in row 2"),
        ("firms", "DE", "Germany", "firms.csv, row 2, country: firms.maker.country: found 'Germany'"),
        ("firms", "Maker,DE", '"Maker,DE', "firms.csv, row 2: it is no CSV file: unexpected end of data"),
        ("firms", "maker,Maker,DE\n", "maker,,DE\n", "firms.csv, row 2, id: firms.maker.name: missing"),
        ("firms", "Maker,", '"[sic] Maker",', "firms.csv, row 2, name: more stands after the end of a quoted text, a list or a mapping; quote all of it"),
        ("lanes", "price\n", "lead_time_days.value\n", "lanes.csv, row 2, lead_time_days.value: 'lead_time_days.value' says again what another column says"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_row_and_column(tmp_path, name, before, after, told):
    assert told in problems(edited(shop_tables(tmp_path), name, before, after))[0]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{file: point.csv}", "scenario.yaml:3:22: stock_points: there is no file point.csv, seen from the scenario file; did you mean 'points.csv'?"),
        ("{file: points.yaml}", "allowed: a table that ends in .csv or .parquet"),
        ("{file: points.csv, sourse: me}", "stock_points: found 'sourse'; did you mean 'source'?"),
        ("{file: points.csv, a: {firm: b}}", "stock_points.a: stands here and in points.csv, row 2, id"),
        ("{file: [points.csv]}", "stock_points.file: found no text, allowed: the path of a table"),
        ("{file: /dev/zero.csv}", "there is no file"),
        ("{file: semicolons.csv}", "found 'id;firm' as the only column, allowed: columns parted by commas"),
        ("{file: empty.csv}", "empty.csv: found no headings, allowed: a row of headings, and a row for each entry"),
        ("{file: headings.csv}", "headings.csv: found no headings"),
        ("{file: folder.csv}", "scenario.yaml:3:22: stock_points: folder.csv is no regular file, allowed: a table"),
        ("{file: pipe.csv}", "stock_points: pipe.csv is no regular file, allowed: a table"),
        ("{file: loop.csv}", "stock_points: loop.csv is no regular file, allowed: a table"),
        ("{file: unicode.csv}", "unicode.csv:1:4: the file is binary, allowed: text in UTF-8; save it as UTF-8"),
        ("{file: book.csv}", "allowed: text in UTF-8; save a workbook as .xlsx, and one sheet of it as CSV in UTF-8"),
    ],
)  # fmt: skip
def test_files_that_are_no_tables_are_refused(tmp_path, monkeypatch, written, told):
    monkeypatch.chdir(tmp_path)
    Path("points.csv").write_text(f"{POINTS}a,b,c,,\n")
    Path("semicolons.csv").write_text("id;firm\na;b\n")
    Path("empty.csv").touch()
    Path("headings.csv").write_text("\nid,firm\na,b\n")
    Path("folder.csv").mkdir()
    Path("loop.csv").symlink_to("loop.csv")
    os.mkfifo("pipe.csv")
    Path("unicode.csv").write_text(POINTS, encoding="utf-16")
    Path("book.csv").write_bytes(b"PK\3\4\0")
    Path("scenario.yaml").write_text(f"chokepoint: 1\nname: x\nstock_points: {written}\n")
    with pytest.raises(ScenarioError) as caught:
        read_scenario(Path("scenario.yaml"))
    assert told in str(caught.value)


def test_a_table_holds_no_more_values_than_memory(tmp_path, monkeypatch):
    folder = shop_tables(tmp_path)
    monkeypatch.setattr(merge, "MOST_VALUES", 12)
    assert "items.csv, row 3, id: more than" in problems(folder)[0]
    assert source.MOST_VALUES == 4_000_000


def test_what_stands_in_a_cell_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(merge, "MOST_VALUES", 40)
    cells = "".join(f'l{number},"[1,1,1,1,1,1,1,1]"\n' for number in range(9))
    folder = folder_of(tmp_path, lanes=f"id,initial_in_transit\n{cells}")
    assert problems(folder)[0].startswith("lanes.csv, row 6, initial_in_transit: more than")


# ---------------------------------------------------------------------- Parquet from anybody


def parquet_in(folder: Path, table: pa.Table) -> Path:
    pq.write_table(table, folder / "firms.parquet")
    (folder / "scenario.yaml").write_text("firms: {file: firms.parquet}\n")
    return folder


def test_columns_that_no_cell_could_hold_are_refused(tmp_path):
    table = pa.table({"id": ["a"], "name": [{"first": "A"}]})
    found = "firms.parquet: the column 'name' holds struct<first: string>, allowed: texts, numbers, dates, "
    assert problems(parquet_in(tmp_path, table)) == [f"{found}truth values, or lists of texts or numbers"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([2**31 - 1], type=pa.date32()),
        pa.array([2**62], type=pa.timestamp("us")),
        pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers()),
    ],
    ids=["day", "time", "text"],
)
def test_what_python_cannot_tell_is_refused_with_its_row(tmp_path, column):
    none = pa.nulls(1, column.type)
    table = pa.table({"id": ["a", "b"], "name": pa.chunked_array([none, column])})
    found = "firms.parquet: the column 'name' holds, in row 3, what is neither a text in UTF-8 nor a date"
    assert problems(parquet_in(tmp_path, table)) == [f"{found} up to the year 9999"]


def test_whole_numbers_in_a_column_of_texts_are_texts(tmp_path):
    table = pa.table({"id": ["a", "b"], "name": [1984, 7]})
    found = read_scenario(parquet_in(tmp_path, table) / "scenario.yaml").plain["firms"]
    assert [firm["name"] for firm in found.values()] == ["1984", "7"]


@pytest.mark.parametrize(("cell", "shown"), [(float("nan"), ".nan"), (True, "true"), (["a"], "a list")])
def test_an_id_of_another_kind_is_refused(tmp_path, cell, shown):
    table = pa.table({"id": [cell], "name": ["A"]})
    found = f"firms.parquet, row 2, id: found {shown} as an id, allowed: a text"
    assert problems(parquet_in(tmp_path, table)) == [found]


@pytest.mark.parametrize(
    "names", [pa.array(["A", None], pa.string_view()), pa.array(["A", None], pa.large_string())]
)
def test_texts_of_every_type_are_read(tmp_path, names):
    table = pa.table({"id": ["a", "b"], "name": names})
    found = read_scenario(parquet_in(tmp_path, table) / "scenario.yaml").plain["firms"]
    assert found == {"a": {"name": "A"}, "b": {}}


def test_lists_of_a_fixed_size_are_lists(tmp_path):
    table = pa.table({"id": ["a"], "initial_in_transit": pa.array([[1.0, 2.0]], pa.list_(pa.float64(), 2))})
    pq.write_table(table, tmp_path / "lanes.parquet")
    (tmp_path / "scenario.yaml").write_text("lanes: {file: lanes.parquet}\n")
    found = read_scenario(tmp_path / "scenario.yaml").plain["lanes"]
    assert found == {"a": {"initial_in_transit": [1.0, 2.0]}}


def test_two_columns_of_a_parquet_file_with_one_heading_are_refused(tmp_path):
    table = pa.Table.from_arrays([pa.array(["a"])] * 3, names=["id", "name", "name"])
    found = "firms.parquet, row 1, name: 'name' is the heading of two columns"
    assert problems(parquet_in(tmp_path, table)) == [found]


@pytest.mark.parametrize(("cell", "what"), [("[a]", "list"), ("{a: 1}", "mapping")])
def test_an_id_that_is_no_text_is_refused(tmp_path, cell, what):
    folder = folder_of(tmp_path, firms=f"id,name\n{cell},A\n")
    assert problems(folder) == [f"firms.csv, row 2, id: found a {what} as an id, allowed: a text"]


def test_lines_of_blanks_are_left_out(tmp_path):
    folder = folder_of(tmp_path, firms="id,name,country\nmaker,Maker,DE\n  \nsupplier,Supplier,US\n\t\n")
    assert [*load_scenario(folder).firms] == ["maker", "supplier"]


def test_a_table_of_headings_alone_is_one_problem(tmp_path):
    folder = folder_of(tmp_path, firms="id,name,country\n")
    assert problems(folder) == [
        "firms.csv, row 1: firms: found an empty mapping, allowed: at least one entry"
    ]


@pytest.mark.parametrize(
    "heading", ["revenue_per_year,revenue_per_year.value", "revenue_per_year.value,revenue_per_year"]
)
def test_a_number_that_stands_in_two_columns_is_refused(tmp_path, heading):
    folder = folder_of(tmp_path, firms=f"id,name,country,{heading}\nmaker,Maker,DE,5,6\n")
    last = heading.rpartition(",")[2]
    assert problems(folder) == [f"firms.csv, row 2, {last}: '{last}' says again what another column says"]


@pytest.mark.parametrize("cell", ["[]", "{dist: pert}"])
def test_a_list_or_mapping_that_does_not_fit_is_told_with_its_row(tmp_path, cell):
    folder = edited(shop_tables(tmp_path), "firms", "id,", "revenue_per_year,id,")
    lines = (folder / "firms.csv").read_text().splitlines()
    text = "\n".join([*(lines[0], "," + lines[1]), *(f'"{cell}",{line}' for line in lines[2:])])
    (folder / "firms.csv").write_text(text + "\n")
    assert all(told.startswith("firms.csv, row 3, revenue_per_year: ") for told in problems(folder))


def test_a_long_heading_is_cut_in_messages(tmp_path):
    folder = folder_of(tmp_path, firms=f"id,name,{'h' * 10_000}\na,A,\n")
    assert all(len(told) < 400 for told in problems(folder))


def test_what_is_no_parquet_file_is_refused(tmp_path):
    folder = parquet_in(tmp_path, pa.table({"id": ["a"]}))
    (folder / "firms.parquet").write_bytes(b"PAR1 and nothing more PAR1")
    assert "it is no Parquet file that can be read" in problems(folder)[0]


def test_what_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 1_000_000)
    folder = parquet_in(tmp_path, pa.table({"id": ["a" * 2_000_000]}))
    assert (folder / "firms.parquet").stat().st_size < 200_000
    assert "it unpacks to too much" in problems(folder)[0]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 2, 3, 4], pa.int8()),
        pa.array([[1], [], None, [2, 3]]),
        pa.array([[1, 2]] * 2, pa.list_(pa.int8(), 2)),
    ],
)
def test_more_cells_than_a_table_needs_are_refused(tmp_path, monkeypatch, column):
    table = pa.table({"id": [f"a{row}" for row in range(len(column))], "engineers": column})
    monkeypatch.setattr(unpacking, "_values", lambda _column: 1 / 0)
    monkeypatch.setattr(unpacking, "MOST_CELLS", 7 if len(column) == 4 else 5)
    found = problems(parquet_in(tmp_path, table))
    assert found == [f"firms.parquet: found more than {unpacking.MOST_CELLS} cells; make several tables"]


def test_a_list_that_no_scenario_needs_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MAX_NODES", 2)
    table = pa.table({"id": ["a", "b"], "engineers": [[1, 2], [1, 2, 3]]})
    told = "firms.parquet, row 3, engineers: found a list of 3 values, allowed: up to 2"
    assert problems(parquet_in(tmp_path, table)) == [told]


@pytest.mark.slow
def test_pages_that_swell_end_at_the_bound_of_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_MEMORY", 2_000_000_000)
    swells = pa.table({"id": ["a" * 400_000_000, "b" * 400_000_000, "c" * 400_000_000, "d" * 400_000_000]})
    pq.write_table(swells, tmp_path / "firms.parquet", compression="zstd", use_dictionary=False)
    assert (tmp_path / "firms.parquet").stat().st_size < 1_000_000
    (tmp_path / "scenario.yaml").write_text("firms: {file: firms.parquet}\n")
    assert "it unpacks to too much" in problems(tmp_path)[0]


def test_an_import_from_the_current_folder_is_not_run(tmp_path, monkeypatch):
    folder = parquet_in(tmp_path, pa.table({"id": ["a"], "name": ["A"], "country": ["DE"]}))
    (tmp_path / "pyarrow.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert unpacking.unpacked(folder / "firms.parquet", None)[0] == ["id", "name", "country"]
