"""Slides and workbooks of a report, opened again: their numbers are those of the figures and tables."""

import errno
import io
import os
import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from pptx import Presentation

import sim
from sim.cli import main
from sim.errors import BrowserError, ResultError, SimError
from sim.montecarlo.inert import original
from sim.report import browser
from sim.report.native import native_of, plain
from sim.report.sheets import MOST_ROWS, workbook_of
from sim.report.slides import slides_of
from sim.stories import reports
from sim.stories.reports import Report
from sim.stories.study import STUDY
from tests.browser.fake_findings import HOSTILE, fake_findings
from tests.builders import ban, shop
from tests.unit.test_beside import write


@pytest.fixture(scope="module")
def findings():
    return fake_findings()


@pytest.fixture(scope="module")
def page(findings):
    return STUDY.page(findings)


@pytest.fixture(scope="module")
def hostile():
    return STUDY.page(fake_findings(hostile=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a small run."""
    place = tmp_path_factory.mktemp("exports")
    file = write(place / "shop.yaml", shop(60, interventions={"ban": ban(10)}, analysis={"window_days": 30}))
    return sim.run(file, replications=16, workers=1).save(place / "mine")


def natives(page):
    found = {chart.title: native_of(chart.specification) for chart in page.charts}
    return {title: native for title, native in found.items() if native.drawn}


def deck_of(page, extent="all"):
    return Presentation(io.BytesIO(slides_of(page, extent)))


def charts_in(deck):
    return {
        slide.shapes.title.text_frame.text: shape.chart
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_chart
    }


def texts_in(deck):
    return [shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]


# ---------------------------------------------------------------------- native charts


def test_both_edges_of_a_band_are_those_of_the_table(page, findings):
    fan = findings.tables["revenue_fan"]
    rows = fan[(fan["maker"] == "hikvision") & (fan["twin"] == "scenario")].sort_values("week")
    native = native_of(next(chart for chart in page.charts if chart.key == "revenue-1").specification)
    lower, upper = native.series[:2]
    assert (lower.name, upper.name) == ("5–95% of futures, from", "5–95% of futures, to")
    scale = lower.values[0] / rows["p05"].iloc[0]
    assert lower.values == pytest.approx(list(rows["p05"] * scale))
    assert upper.values == pytest.approx(list(rows["p95"] * scale))
    assert [str(day) for day in lower.at] == [str(week)[:10] for week in rows["week"]]
    assert native.dated


def test_a_lying_bar_has_the_name_that_stands_beside_it(page, findings):
    native = native_of(next(chart for chart in page.charts if chart.key == "suppliers").specification)
    suppliers = findings.tables["suppliers"].set_index("supplier")["mean"]
    names = {findings.scenario.firms[key].name: -float(value) for key, value in suppliers.items()}
    labelled = zip(native.series[0].at, native.series[0].values, strict=True)
    found = {next(name for name in names if str(label).startswith(name)): value for label, value in labelled}
    scale = max(found.values()) / max(names.values())
    assert native.kind == "bars"
    assert found == pytest.approx({name: names[name] * scale for name in found})


def test_what_no_office_program_draws_keeps_its_numbers(page):
    chart = next(chart for chart in page.charts if chart.key == "flows-scenario")
    native = native_of(chart.specification)
    links = chart.specification["data"][0]["link"]
    assert not native.drawn
    assert [row[2] for row in native.grid[1:]] == list(links["value"])


def test_markup_of_plotly_is_taken_away():
    assert plain("a &lt;b&gt;<br><b>c</b> &#37;{x}") == "a <b> c %{x}"


# ---------------------------------------------------------------------- slides


def test_two_slides_are_the_default(page):
    deck = deck_of(page, "summary")
    texts = "\n".join(texts_in(deck))
    assert len(deck.slides) == 2
    assert all(text in texts for text in (page.title, page.question, *page.answer))
    assert all(card.headline.value in texts for card in page.cards)
    assert len(charts_in(deck)) == 1


def test_every_figure_that_can_be_drawn_has_a_slide_with_its_numbers(page):
    deck, expected = deck_of(page), natives(page)
    found = charts_in(deck)
    assert len(deck.slides) == len(expected) + 2
    assert set(found) == set(expected)
    for title, native in expected.items():
        drawn = found[title].plots[0].series
        assert [original(series.name) for series in drawn] == [series.name for series in native.series]
        for made, series in zip(drawn, native.series, strict=True):
            if native.kind == "lines":
                assert list(made.values) == pytest.approx(list(series.values))
            else:
                values = dict(zip(series.at, series.values, strict=True))
                assert list(made.values) == [values.get(place) for place in native.places]


def test_texts_of_slides_stay_texts(hostile):
    deck = deck_of(hostile)
    assert any(HOSTILE[1] in text for text in texts_in(deck))
    blob = zipfile.ZipFile(io.BytesIO(slides_of(hostile, "all")))
    parts = {name: blob.read(name) for name in blob.namelist()}
    assert not any(b"hlinkClick" in part for part in parts.values())
    books = [part for name, part in parts.items() if name.endswith(".xlsx")]
    assert books
    for book in books:
        inner = zipfile.ZipFile(io.BytesIO(book))
        assert not any(b"<f>" in inner.read(name) for name in inner.namelist())


# ---------------------------------------------------------------------- workbooks


def cells_of(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_a_workbook_has_every_figure_with_its_numbers_and_every_table(page, findings):
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(page, findings.tables)))
    listed = {row[0]: row[1] for row in cells_of(book["Contents"])[1:]}
    assert list(listed) == [name for name in book.sheetnames if name != "Contents"]
    titles = {title: name for name, title in listed.items()}
    for title, native in natives(page).items():
        sheet = book[titles[title]]
        rows, left = cells_of(sheet), 1
        for series in native.series:
            column = left if native.kind == "lines" else list(rows[0]).index(series.name)
            numbers = [row[column] for row in rows[1:] if row[column] is not None]
            assert numbers == pytest.approx(list(series.values)), title
            left += 2
        assert len(sheet._charts) == 1  # type: ignore[attr-defined]
    for name in ("makers", "attribution", "suppliers"):
        table, rows = findings.tables[name], cells_of(book[name])
        assert rows[0] == list(table.columns)
        for place, column in enumerate(table.columns):
            expected = [None if pd.isna(cell) else cell for cell in table[column]]
            found = [row[place] for row in rows[1:]]
            assert found == (pytest.approx(expected) if table[column].dtype.kind in "fi" else expected)


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(hostile):
    tables = {"makers": pd.DataFrame({"name": [*HOSTILE, "=1+1", "https://example.org", "@SUM(A1)"]})}
    blob = workbook_of(hostile, tables)
    parts = zipfile.ZipFile(io.BytesIO(blob))
    sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(re.search(rb"<f>|hyperlink", parts.read(name)) for name in sheets)
    book = openpyxl.load_workbook(io.BytesIO(blob))
    assert [row[0] for row in cells_of(book["makers"])[1:]] == list(tables["makers"]["name"])


def test_a_table_that_no_sheet_holds_is_left_out_and_told(page):
    tables = {"makers": pd.DataFrame({"value": range(MOST_ROWS + 1)})}
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(page, tables)))
    assert "makers" not in book.sheetnames
    assert cells_of(book["Contents"])[-1][1].startswith("Left out: 1,048,576 rows")


def test_the_same_page_makes_the_same_workbook(page):
    assert workbook_of(page, {}) == workbook_of(page, {})


# ---------------------------------------------------------------------- files


def report_in(folder, *arguments):
    return CliRunner().invoke(main, ["report", str(folder), *map(str, arguments)])


def test_several_forms_go_to_one_folder(folder, tmp_path):
    result = report_in(folder, "--pptx", "--xlsx", "--out", tmp_path / "to")
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in (tmp_path / "to").iterdir()) == ["mine.pptx", "mine.xlsx"]
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == ["pptx", "xlsx"]


def test_one_form_goes_to_one_file_and_the_page_beside_it(folder, tmp_path):
    result = report_in(
        folder, "--pptx", "--slides", "all", "--out", tmp_path / "a.pptx", "--html", tmp_path / "a.html"
    )
    assert result.exit_code == 0, result.output
    assert (tmp_path / "a.html").read_text() == sim.open(folder).report()
    assert len(Presentation(tmp_path / "a.pptx").slides) > 2


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--paper", "a4"], "found --paper without --pdf"),
        (["--pdf", "--slides", "all"], "found --slides without --pptx"),
        (["--out", "a", "--html", "b"], "found --out and --html"),
        (["--pdf", "--paper", "a5"], "'a5' is not one of"),
    ],
)
def test_options_that_do_nothing_are_refused(folder, tmp_path, monkeypatch, asked, told):
    monkeypatch.chdir(tmp_path)
    result = report_in(folder, *asked)
    assert result.exit_code == 2
    assert told in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["pptx", "xlsx", "png", "pdf"])
def test_no_form_is_written_over_anything_else(folder, tmp_path, form):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "precious.txt").write_text("precious")
    target = mine if form == "png" else mine / "precious.txt"
    result = report_in(folder, f"--{form}", "--out", target)
    assert result.exit_code == 2
    assert "allowed:" in result.stderr
    assert [(file.name, file.read_text()) for file in mine.iterdir()] == [("precious.txt", "precious")]


def test_without_a_browser_the_remedy_is_told_and_nothing_is_written(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.delenv(browser.BROWSER_PATH, raising=False)
    result = report_in(folder, "--xlsx", "--pdf", "--out", tmp_path / "to")
    assert result.exit_code == 2
    assert "apt-get install chromium" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_is_named_must_be_there(monkeypatch):
    monkeypatch.setenv(browser.BROWSER_PATH, "/nowhere/chromium")
    with pytest.raises(BrowserError, match="BROWSER_PATH=/nowhere/chromium: found no program"):
        browser.find_browser()


def test_a_full_disk_is_told_and_leaves_no_half_file(page, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ResultError, match="No space left"):
        reports.save(Report(page, {}), {"pptx": tmp_path / "a.pptx"})
    assert list(tmp_path.iterdir()) == []


def test_python_writes_what_the_command_writes(folder, tmp_path):
    result = sim.open(folder)
    assert result.export(tmp_path / "a.xlsx").read_bytes() == workbook_of(result._page(), result.tables)
    with pytest.raises(SimError, match="ending: found 'doc', allowed: html, pdf, pptx, xlsx"):
        result.export(tmp_path / "a.doc")
    with pytest.raises(SimError, match="paper: found 'a5'"):
        result.export(tmp_path / "a.pdf", paper="a5")


def test_a_page_of_no_figure_makes_one_slide(page):
    bare = replace(page, sections=[])
    assert len(deck_of(bare, "summary").slides) == 1
    assert openpyxl.load_workbook(io.BytesIO(workbook_of(bare, {}))).sheetnames[-1] == "Answer"
