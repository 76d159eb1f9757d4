"""Reports as files: a page, and what can be made of it; each is written whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import ResultError
from sim.montecarlo.inside import shown
from sim.montecarlo.store import RunFolder
from sim.report import browser, sheets, slides
from sim.report.forms import SUMMARY
from sim.report.language import language
from sim.report.page import rendered
from sim.report.page_parts import Page
from sim.report.scripted import plotly_locale
from sim.stories.folders import outside

STILLS = "figures.csv"
"""What a folder of stills has beside them: the finding of each."""
STILL = ".png"


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made of, and how.

    Parameters
    ----------
    page
        What it shows.
    tables
        What that was made of, by name.
    paper
        Of a PDF: a key of :data:`sim.report.forms.PAPERS`.
    extent
        Of slides: one of :data:`sim.report.forms.EXTENTS`.
    """

    page: Page
    tables: Mapping[str, pd.DataFrame]
    paper: str = "a4"
    extent: str = SUMMARY


FORMS: Mapping[str, Callable[[Report], bytes]] = {
    "html": lambda report: rendered(report.page).encode(),
    "pdf": lambda report: browser.pdf_of(rendered(report.page), report.paper),
    "pptx": lambda report: slides.slides_of(report.page, report.extent),
    "xlsx": lambda report: sheets.workbook_of(report.page, report.tables),
}
"""What one file can hold, by its ending."""
DRAWN_BY_BROWSER = ("pdf", "png")


def save(report: Report, targets: Mapping[str, Path]) -> list[Path]:
    """Write a report in several forms; nothing is written before all are made.

    Parameters
    ----------
    report
        The report.
    targets
        The file of each form of :data:`FORMS`, and the folder of ``png``, the stills of all figures.

    Raises
    ------
    ResultError
        If something else is where one is to be written, or it cannot be written.
    BrowserError
        If one needs a browser, and there is none or it fails.
    ReportError
        If a figure holds a number that is not finite.
    """
    for form, target in targets.items():
        _refuse_stills_in(target) if form == "png" else outside(target, f".{form}")
    if any(form in targets for form in DRAWN_BY_BROWSER):
        browser.find_browser()
    made = {form: FORMS[form](report) for form in targets if form in FORMS}
    stills = _stills(report.page) if "png" in targets else {}
    return [
        _write_stills(target, report.page, stills) if form == "png" else _written(target, made[form])
        for form, target in targets.items()
    ]


def _written(target: Path, data: bytes) -> Path:
    return RunFolder(target.parent).write_bytes(target.name, data)


def _refuse_stills_in(folder: Path) -> None:
    """Refuse a folder of anything else.

    Raises
    ------
    ResultError
        If it holds more than stills, is a file, or cannot be written.
    """
    outside(folder / STILLS, ".csv")
    there = RunFolder(folder)
    there.refuse_unwritable()
    others = [name for name in there.others() if not (name == STILLS or name.endswith(STILL))]
    if others:
        raise ResultError(f"{shown(folder)}: found {shown(others[0])}; allowed: an empty folder, or stills")


def _stills(page: Page) -> dict[str, bytes]:
    figures: dict[str, Mapping[str, Any]] = {chart.key: chart.specification for chart in page.charts}
    return browser.stills_of(figures, plotly_locale(language(page.language)))


def _write_stills(folder: Path, page: Page, stills: Mapping[str, bytes]) -> Path:
    """The stills, and last the list of them."""
    there = RunFolder(folder)
    for key, still in stills.items():
        there.write_bytes(f"{key}{STILL}", still)
    told = [(f"{chart.key}{STILL}", chart.title, chart.note) for chart in page.charts]
    there.write_csv(STILLS, pd.DataFrame(told, columns=["file", "title", "note"]))
    return folder
