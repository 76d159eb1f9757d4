"""Workbooks: what is written is read back as it was, and what is wrong is told with its sheet and cell."""

import io
import re
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cli import main
from sim.errors import Place, ScenarioError, SimError
from sim.scenario import workbook
from sim.scenario.beginning import VIEWS, Answers
from sim.scenario.cells import cell_of, node_of_cell, yaml_cell
from sim.scenario.load import load_scenario, resolved, tree_written, validated, written
from sim.scenario.merge import read_scenario
from sim.scenario.schema import Scenario
from sim.scenario.sheets import Sheet, sheets_of
from sim.scenario.workbook_writer import workbook_of
from sim.stories import files
from tests.builders import ban, shop
from tests.strategies import scenarios

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
READ_EVERY_TIME = (
    "entity-list-levers-2019",
    "first-scenario",
    "graphite-licences-2023",
    "neon-2022",
    "textbook-serial",
)
"""A study, a first scenario, one of licences, one of claims, one of a textbook; `make verify` reads all."""
LIBRARY = [
    pytest.param(file, id=file.stem, marks=[] if file.stem in READ_EVERY_TIME else pytest.mark.slow)
    for file in SCENARIOS
]
HERE = Place("book.xlsx", 2, 3, "lanes!C2")
PLAIN = st.text(
    st.characters(exclude_categories=["C", "Zl", "Zp"]) | st.sampled_from("\n\t_x0041[{\"'=+"), max_size=30
)
NUMBERS = st.floats(allow_nan=False) | st.integers(-(2**53), 2**53)
SCALARS = PLAIN | NUMBERS | st.booleans()


def saved(folder: Path, sheets: dict[str, list[list[str | int]]]) -> Path:
    """A workbook as a user writes it: rows of cells by sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    file = folder / "book.xlsx"
    book.save(file)
    return file


def shop_in(folder: Path) -> Path:
    file = folder / "shop.xlsx"
    file.write_bytes(workbook_of(sheets_of(shop(30))))
    return file


def edited(file: Path, sheet: str, cell: str, value: str | float) -> Path:
    book = openpyxl.load_workbook(file)
    book[sheet][cell] = value
    book.save(file)
    return file


def problems(file: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    return [str(problem).replace(f"{file.parent}/", "") for problem in caught.value.problems]


# ---------------------------------------------------------------------- there and back


@pytest.mark.parametrize("file", LIBRARY)
def test_the_library_is_the_same_in_a_workbook(tmp_path, file):
    tree = read_scenario(file)
    book = tmp_path / "book.xlsx"
    book.write_bytes(workbook_of(sheets_of(tree.plain)))
    assert str(resolved(load_scenario(book))) == str(resolved(validated(tree).scenario))


@settings(max_examples=30)
@given(scenarios())
def test_random_networks_are_the_same_in_a_workbook(tmp_path_factory, scenario):
    _is_the_same_in_a_workbook(tmp_path_factory, scenario)


@pytest.mark.slow
@settings(max_examples=500)
@given(scenarios())
def test_many_random_networks_are_the_same_in_a_workbook(tmp_path_factory, scenario):
    _is_the_same_in_a_workbook(tmp_path_factory, scenario)


def _is_the_same_in_a_workbook(tmp_path_factory, scenario):
    book = tmp_path_factory.mktemp("book") / "book.xlsx"
    book.write_bytes(workbook_of(sheets_of(tree_written(written(scenario)).plain)))
    assert str(resolved(Scenario.model_validate(read_scenario(book).plain))) == str(resolved(scenario))


@given(st.lists(SCALARS, min_size=1, max_size=6))
def test_cells_hold_every_value_to_the_last_bit(values):
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_of([_column(values)])), read_only=True)["scenario"]
    found = [node_of_cell(row[1].value, HERE) for row in sheet.iter_rows(min_row=2)]
    assert [node.value for node in found if node] == values


def _column(values):
    return Sheet("scenario", ["path", "value"], [["x", cell_of(value)] for value in values])


@given(
    st.recursive(SCALARS | st.none(), lambda one: st.lists(one) | st.dictionaries(PLAIN, one), max_leaves=8)
)
def test_lists_and_mappings_are_read_as_they_were_written(value):
    if isinstance(value, list | dict):
        found = node_of_cell(yaml_cell(value), HERE)
        assert found is not None
        assert found.plain == value


def test_a_long_list_is_a_column_of_its_own(tmp_path):
    numbers = [float(number) for number in range(200)]
    stream = {"process": "empirical", "observations": numbers, "mean_per_day": None}
    data = shop(30)
    data["demand"]["home"] = {**data["demand"]["home"], **stream}
    del data["demand"]["home"]["mean_per_day"]
    book = tmp_path / "book.xlsx"
    book.write_bytes(workbook_of(sheets_of(data)))
    assert openpyxl.load_workbook(book)["lists"]["A1"].value == "demand.home.observations"
    assert load_scenario(book).demand["home"].observations == numbers


def test_a_number_and_what_is_said_of_it_have_columns_of_their_own(tmp_path):
    data = shop(30)
    data["lanes"]["parts"]["price"] = {"value": 4.5, "source": "N012", "confidence": "high"}
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_of(sheets_of(data))))["lanes"]
    row = dict(zip((cell.value for cell in sheet[1]), (cell.value for cell in sheet[2]), strict=True))
    assert (row["price"], row["price.source"], row["price.confidence"]) == (4.5, "N012", "high")


def test_a_workbook_extends_a_file(tmp_path):
    base = shop_in(tmp_path)
    rows: list[list[str | int]] = [
        ["path", "value"],
        ["extends", base.name],
        ["name", "variant"],
        ["calendar.days", 40],
    ]
    assert load_scenario(saved(tmp_path, {"scenario": rows})).calendar.days == 40


def test_the_same_scenario_makes_the_same_bytes(monkeypatch):
    first = workbook_of(sheets_of(shop(30)))
    monkeypatch.setattr("time.localtime", lambda *_: time.gmtime(0))
    assert workbook_of(sheets_of(shop(30))) == first


# ---------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "told"),
    [
        ("lanes", "C2", "nobody", "shop.xlsx, lanes!C2: lanes.parts.buyer: 'nobody' is not"),
        (
            "lanes",
            "A3",
            "parts",
            "shop.xlsx, lanes!A3: 'parts' stands here a second time; the first is in lanes!A2",
        ),
        ("lanes", "B9", "supply", "shop.xlsx, lanes!B9: found a row without an id in its first column"),
        ("lanes", "AZ2", 3, "shop.xlsx, lanes!AZ2: found a value in a column without a heading"),
        ("lanes", "D2", "=1+1", "shop.xlsx, lanes!D2: found a formula without its value"),
        ("lanes", "D2", "#N/A", "shop.xlsx, lanes!D2: found the error #N/A"),
        ("lanes", "D2", "{dist: ", "shop.xlsx, lanes!D2: "),
        ("lanes", "A1", "name", "shop.xlsx, lanes!A1: found the headings name, allowed: id"),
        ("scenario", "A3", "a..b", "shop.xlsx, scenario!A3: found the path 'a..b'"),
    ],
)
def test_a_problem_names_sheet_and_cell(tmp_path, sheet, cell, value, told):
    file = edited(shop_in(tmp_path), sheet, cell, value)
    assert any(problem.startswith(told) for problem in problems(file)), problems(file)


def test_an_unknown_field_is_told_once_at_its_heading(tmp_path):
    file = shop_in(tmp_path)
    for cell, value in (("BA1", "lead_time"), ("BA2", 4)):
        edited(file, "lanes", cell, value)
    [problem] = problems(file)
    assert problem.startswith("shop.xlsx, lanes!BA1: ")
    assert "lead_time_days" in problem


def test_a_misspelled_sheet_is_told_with_the_nearest_name(tmp_path):
    file = saved(tmp_path, {"lane": [["id"]]})
    [problem] = problems(file)
    assert problem.startswith("book.xlsx, lane!A1: 'lane' is no sheet of a scenario; did you mean 'lanes'?")


def test_notes_are_not_read(tmp_path):
    file = shop_in(tmp_path)
    book = openpyxl.load_workbook(file)
    book.create_sheet("Notes of May").append(["anything", "=1+1"])
    book.save(file)
    assert load_scenario(file) == load_scenario(shop_in(tmp_path))


@pytest.mark.parametrize("broken", [b"", b'<worksheet a="<"/>', b"<worksheet a=1/>", b"<?xml version=1"])
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_a_part_that_is_no_xml_is_told(tmp_path, part, broken):
    """By whichever parser openpyxl takes: lxml where it is installed, else that of Python."""
    [problem] = problems(_replaced_in(shop_in(tmp_path), part, broken))
    assert "it is no workbook that can be read" in str(problem)


def test_a_formula_counts_by_the_value_that_is_stored(tmp_path):
    file = edited(shop_in(tmp_path), "scenario", "B2", "=2-1")
    stored = _replaced(file, rb"<f>2-1</f><v ?/>|<f>2-1</f><v></v>", b"<f>2-1</f><v>1</v>")
    assert load_scenario(stored) == load_scenario(shop_in(tmp_path))


def _replaced(file: Path, pattern: bytes, new: bytes) -> Path:
    """A workbook with what fits a pattern in its sheets replaced, as no library writes it."""
    source = zipfile.ZipFile(io.BytesIO(file.read_bytes()))
    seen = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            data, count = re.subn(pattern, new, data)
            seen += count
            target.writestr(name, data)
    assert seen
    return file


def test_nothing_written_is_a_formula(tmp_path):
    data = shop(30, title="=HYPERLINK(1)")
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(sheets_of(data))))
    assert {cell.data_type for page in book for row in page.iter_rows() for cell in row} <= {
        "n",
        "s",
        "b",
        "d",
    }


# ---------------------------------------------------------------------- hostile files


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    file = shop_in(tmp_path)
    monkeypatch.setattr(workbook, "MOST_UNZIPPED", 10_000)
    [problem] = problems(file)
    assert "unpacks to more than" in problem


def test_a_document_type_is_refused(tmp_path):
    file = _replaced(shop_in(tmp_path), b"<worksheet", b"<!DOCTYPE x []><worksheet")
    [problem] = problems(file)
    assert "holds a document type" in problem


@given(st.data())
def test_a_damaged_file_is_one_message(tmp_path_factory, data):
    file = shop_in(tmp_path_factory.mktemp("book"))
    whole = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    file.write_bytes(bytes(whole[: data.draw(st.integers(1, len(whole)))]))
    with suppress(ScenarioError):
        load_scenario(file)


# ---------------------------------------------------------------------- new and export


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("suffix", [".yaml", ".xlsx"])
def test_a_new_scenario_can_be_run(tmp_path, view, suffix):
    made = files.create(tmp_path / f"mine{suffix}", view)
    assert load_scenario(made).title


@given(name=PLAIN.filter(str.strip))
def test_names_of_any_kind_are_taken_as_they_are(tmp_path_factory, name):
    made = files.create(tmp_path_factory.mktemp("new") / "mine.yaml", answers=Answers(maker=name))
    assert load_scenario(made).firms["maker"].name == name


def test_export_to_yaml_gives_one_file_of_the_same_scenario(tmp_path):
    source = SCENARIOS[0].with_name("entity-list-2019.yaml")
    made = files.export(source, tmp_path / "one.yaml")
    assert resolved(load_scenario(made)) == resolved(load_scenario(source))


@pytest.mark.parametrize("name", ["there.xlsx", "other.txt", "there.yaml"])
def test_export_writes_over_nothing(tmp_path, name):
    there = tmp_path / name
    there.write_text("precious")
    with pytest.raises(SimError, match="found"):
        files.export(SCENARIOS[0], there)
    assert there.read_text() == "precious"


@pytest.mark.parametrize("blanks", [" ", "  \u00a0", "\t"])
def test_blanks_around_a_text_and_blank_cells_say_nothing(tmp_path, blanks):
    file = shop_in(tmp_path)
    before = load_scenario(file)
    firm = openpyxl.load_workbook(file)["stock_points"]["B2"].value
    edited(file, "stock_points", "B2", f"{blanks}{firm}{blanks}")
    edited(file, "firms", "E60", blanks)
    assert load_scenario(file) == before


def test_a_chart_is_no_sheet_of_a_scenario(tmp_path):
    file = shop_in(tmp_path)
    before = load_scenario(file)
    book = openpyxl.load_workbook(file)
    book.create_chartsheet("Chart1")
    book.save(file)
    assert load_scenario(file) == before


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("XFD1048576", "found something beyond column 1,000"),
        ("ALM3", "found something beyond column 1,000"),
        ("B300000", "found a row without an id in its first column"),
    ],
)
def test_what_stands_far_away_is_told_and_not_left_out(tmp_path, cell, told):
    [problem] = problems(edited(shop_in(tmp_path), "firms", cell, "x"))
    assert problem.startswith(f"shop.xlsx, firms!{cell}: {told}")


def test_a_sheet_of_empty_cells_is_not_walked_through(tmp_path):
    file = shop_in(tmp_path)
    part = "xl/worksheets/sheet2.xml"
    rows = b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (row, row) for row in range(2_000, 3_000))
    with zipfile.ZipFile(file) as archive:
        text = archive.read(part)
    [problem] = problems(_replaced_in(file, part, text.replace(b"</sheetData>", rows + b"</sheetData>")))
    assert "more than 1,048,576 rows or 200,000 cells" in problem


def _replaced_in(file: Path, part: str, data: bytes) -> Path:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()} | {part: data}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ('<!DOCTYPE sst [<!ENTITY a "aaa">]><sst><si><t>&a;</t></si></sst>'.encode("utf-16"), "is not UTF-8"),
        (b"<sst>" + b"<si/>" * 300_001 + b"</sst>", "more than 300,000 texts"),
    ],
)
def test_texts_that_swell_are_not_unpacked(tmp_path, texts, told):
    [problem] = problems(_replaced_in(shop_in(tmp_path), "xl/sharedStrings.xml", texts))
    assert told in problem


@pytest.mark.parametrize(
    ("name", "begins", "told"),
    [
        ("book.xlsx", b"\xd0\xcf\x11\xe0\xa1\0", "save it as .xlsx without a password"),
        ("book.xls", b"\xd0\xcf\x11\xe0\xa1\0", "save a workbook as .xlsx"),
        ("book.xlsm", b"PK\x03\x04\0", "save a workbook as .xlsx"),
    ],
)
def test_another_form_of_workbook_is_told_how_to_be_saved(tmp_path, name, begins, told):
    file = tmp_path / name
    file.write_bytes(begins)
    [problem] = problems(file)
    assert told in problem


def test_what_openpyxl_warns_of_is_no_concern_of_the_reader(tmp_path, recwarn):
    file = shop_in(tmp_path)
    styles = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    with suppress(ScenarioError):  # Dates are numbers without styles.
        load_scenario(_replaced_in(file, "xl/styles.xml", styles))
    assert not recwarn.list


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "hint"),
    [
        ("lanes", "price", "12,50", "; the cell holds a text: enter a number, with your"),
        ("lanes", "price", "12.5 EUR", "; the cell holds a text: enter a number, "),
        ("lanes", "price", "cheap", "found 'cheap', allowed: a number, a distribution"),
        ("interventions", "date", "1.7.2021", "; the cell holds a text: enter a date, or a text"),
        ("interventions", "date", 44378, "; the cell holds a number: enter a date, or a text"),
    ],
)  # fmt: skip
def test_what_looks_like_a_number_or_a_date_but_is_none_is_told_how_to_be_entered(
    tmp_path, sheet, cell, value, hint
):
    file = tmp_path / "shop.xlsx"
    data = shop(30, interventions={"ban": ban(10)})
    file.write_bytes(workbook_of(sheets_of(data)))
    book = openpyxl.load_workbook(file)
    [place] = [one for one in book[sheet][1] if one.value == cell]
    at = book[sheet].cell(2, place.column)
    at.value, at.number_format = value, "General"
    book.save(file)
    [problem] = problems(file)
    assert problem.startswith(f"shop.xlsx, {sheet}!{at.coordinate}: ")
    assert hint in problem


def test_an_export_makes_the_folder_that_it_is_to_lie_in(tmp_path):
    """As every command does of its --out."""
    target = tmp_path / "new" / "deep" / "shop.yaml"
    assert files.export(shop_in(tmp_path), target) == target
    assert load_scenario(target).name == load_scenario(tmp_path / "shop.xlsx").name


def test_a_sheet_of_half_a_million_empty_cells_is_refused_before_it_is_walked_through(tmp_path):
    rows = (b"<row>" + b"<c/>" * 999 + b"</row>") * 501
    sheet = b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
    file = _replaced_in(shop_in(tmp_path), "xl/worksheets/sheet1.xml", sheet)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in members.items():
            archive.writestr(name, part)
    [problem] = problems(file)
    assert "more cells and texts than any scenario needs, or styles of empty ones; delete empty" in problem


# ---------------------------------------------------------------------- a person who knows only Excel


@pytest.fixture(scope="module")
def new_book(tmp_path_factory):
    """What step one of the README writes."""
    return files.create(tmp_path_factory.mktemp("new") / "my.xlsx")


def walked(new_book, folder: Path, edit) -> Path:
    """The workbook after somebody has edited it in a spreadsheet."""
    book = openpyxl.load_workbook(new_book)
    edit(book)
    file = folder / "my.xlsx"
    book.save(file)
    return file


def put(sheet: str, heading: str, value: object):
    def edit(book):
        [cell] = [cell for cell in book[sheet][1] if cell.value == heading]
        book[sheet].cell(2, cell.column).value = value

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        lambda book: book["firms"].insert_rows(3),
        lambda book: book.create_sheet("Tabelle1"),
        lambda book: book.create_sheet("Notes of ours").append(["=1+1"]),
        lambda book: book.move_sheet("firms", 4),
        lambda book: [book["lanes"].cell(row, 40, text) for row, text in ((1, "Notes"), (2, "ask Bob"))],
        put("firms", "country", " DE "),
        put("interventions", "date", "2027-07-01"),
    ],
    ids=["empty row", "empty sheet", "notes", "moved sheet", "own column", "blanks", "date as text"],
)
def test_what_a_person_does_in_a_spreadsheet_changes_nothing(new_book, tmp_path, edit):
    scenario = load_scenario(walked(new_book, tmp_path, edit))
    assert str(resolved(scenario)) == str(resolved(load_scenario(new_book)))


@pytest.mark.parametrize(
    ("edit", "place", "told"),
    [
        (lambda book: setattr(book["lanes"], "title", "Deliveries"), "Deliveries!A1", "is no sheet of"),
        (lambda book: book["firms"].insert_rows(1), "firms!A1", "found the headings none, allowed: id in"),
        (lambda book: [book["lanes"].cell(row, 40, "ours") for row in (1, 2)], "lanes!AN1",
         "a column whose heading begins with 'notes' is not read"),
        (lambda book: book["lanes"].cell(2, 40, "ours"), "lanes!AN2", "heading begins with 'notes'"),
        (put("demand", "mean_per_day", "12,5"), "demand!D2", "the cell holds a text: enter a number"),
        (put("demand", "mean_per_day", "=10*12"), "demand!D2", "found a formula without its value"),
        (put("interventions", "date", "01.07.2027"), "interventions!C2", "enter a date, or a text such as"),
        (put("interventions", "shock", "WAHR"), "interventions!E2", "in a cell: TRUE or FALSE"),
        (put("interventions", "covers.suppliers", "supplier"), "interventions!F2", "in a cell: [supplier]"),
        (put("recipes", "inputs", "parts: 2"), "recipes!C2", "in a cell: {parts: 2}"),
        (put("firms", "country", "Germany"), "firms!C2", "did you mean 'DE'?"),
    ],
)  # fmt: skip
def test_what_a_person_does_wrong_is_told_where_and_how_to_mend_it(new_book, tmp_path, edit, place, told):
    problem, *_ = problems(walked(new_book, tmp_path, edit))
    assert problem.startswith(f"my.xlsx, {place}: ")
    assert told in problem


def asked_for(*options: object, answers: str):
    return CliRunner().invoke(main, ["new", *map(str, options)], input=answers, catch_exceptions=False)


def test_an_answer_of_no_use_is_asked_for_again(tmp_path):
    answers = "Our firm\nours\n\n\nabc\nFR\n" + "\n" * 9 + "9999-99-99\n2027-05-01\n7\n0.5\n"
    told = asked_for("--yaml", tmp_path / "ours.yaml", answers=answers)
    assert told.exit_code == 0, told.output
    for problem in ("found 'Our firm'", "found 'abc'", "'9999-99-99'", "found 7"):
        assert told.output.count(problem) == 1
    made = load_scenario(tmp_path / "ours.yaml")
    assert (made.name, made.firms["maker"].country) == ("ours", "FR")


def test_nothing_is_asked_for_a_file_that_is_there(tmp_path):
    (tmp_path / "ours.yaml").write_text("mine")
    told = asked_for("--yaml", tmp_path / "ours.yaml", answers="")
    assert told.exit_code == 2
    assert told.output.endswith("ours.yaml: found a file; allowed: a new one\n")
    assert "Id of the scenario" not in told.output


def test_a_copy_has_no_view(tmp_path):
    told = asked_for("--like", tmp_path / "any.yaml", "--for", "investor", answers="")
    assert told.exit_code == 2
    assert "found --like and --for; allowed: one of them" in told.output
