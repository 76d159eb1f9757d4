"""What a browser makes of a report for :mod:`sim.report.browser`: paper and stills."""

import io
import struct
from dataclasses import replace

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from sim.report.browser import pdf_of
from sim.report.forms import PAPERS
from sim.report.page import rendered
from sim.stories import reports
from sim.stories.reports import Report
from sim.stories.study import STUDY
from tests.browser.fake_findings import HOSTILE, fake_findings

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("paper", ["a4", pytest.param("letter", marks=pytest.mark.slow)])
def test_a_pdf_has_the_answer_first_and_every_title(browser: Browser, paper: str):
    """Letter, the same page on other paper, is in `make verify`."""
    page = STUDY.page(fake_findings())
    found = PdfReader(io.BytesIO(pdf_of(rendered(page), paper)))
    first, *others = found.pages
    size = (float(first.mediabox.width) / 72, float(first.mediabox.height) / 72)
    assert size == pytest.approx(tuple(PAPERS[paper]), abs=0.02)
    assert page.cards[0].headline.value in first.extract_text()
    assert page.answer[0][:40] in " ".join(first.extract_text().split())
    text = " ".join(" ".join(sheet.extract_text() for sheet in found.pages).split())
    assert all(section.title in text for section in page.sections)
    assert 5 <= len(others) <= 40


def test_hostile_texts_stay_texts_on_paper(browser: Browser):
    page = replace(STUDY.page(fake_findings(hostile=True)), sections=[])
    found = PdfReader(io.BytesIO(pdf_of(rendered(page), "a4")))
    assert HOSTILE[1] in " ".join(found.pages[0].extract_text().split())
    links = [note.get_object() for sheet in found.pages for note in sheet.get("/Annots") or []]
    assert not [link for link in links if "/URI" in link.get("/A", {})]


def test_every_figure_has_a_still_and_a_line_in_the_list(browser: Browser, tmp_path):
    page = STUDY.page(fake_findings())
    few = replace(page, sections=[section for section in page.sections if section.key in ("revenue", "risk")])
    reports.save(Report(few, {}), {"png": tmp_path / "stills"})
    stills = {chart.key: (tmp_path / "stills" / f"{chart.key}.png").read_bytes() for chart in few.charts}
    assert all(still.startswith(b"\x89PNG") for still in stills.values())
    width, height = struct.unpack(">II", stills["exceedance"][16:24])
    assert (width, height) == (1800, 2 * next(c.height for c in few.charts if c.key == "exceedance"))
    assert (tmp_path / "stills" / "figures.csv").read_text().count(".png,") == len(stills)
