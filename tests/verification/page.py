"""The validation page: one table a chapter, with a row for every check of the simulation against theory."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
RENEW = 'pytest tests/verification -m "" --write-validation'
COLUMNS = ("case", "source", "expected", "simulated", "error", "tolerance", "kind")
NOISE = 1e-9
"""Errors below this share of the expected value are rounding, and written as 0."""
INTRODUCTION = f"""# Validation

What the simulation gives, beside what theory, published examples and other programs give. The tests in
`tests/verification` compute every row anew, and fail if a row is not the one below. To renew the page:
`{RENEW}`.

**error** is simulated less expected. Rows of kind **exact** compare numbers that must agree but for rounding.
Rows of kind **z** compare an estimate from simulated random numbers; their tolerance is 4 standard errors
(of the Ishigami function: half the width of the 95 % interval).
[Other simulators](other-simulators.md) tells how the other programs correspond and where they differ.
"""

Kind = Literal["exact", "z"]
Lines = dict[tuple[str, str], str]
"""Rows as they are written, by chapter and case."""


@dataclass(frozen=True, slots=True)
class Row:
    """One check, passed."""

    chapter: str
    case: str
    source: str
    expected: float
    simulated: float
    tolerance: float
    kind: Kind

    @property
    def error(self) -> float:
        """Simulated less expected; rounding counts as none."""
        error = self.simulated - self.expected
        return 0.0 if abs(error) <= NOISE * max(1.0, abs(self.expected)) else error

    @property
    def line(self) -> str:
        """The row as it stands in its table."""
        numbers = [_number(value) for value in (self.expected, self.simulated, self.error, self.tolerance)]
        return _line([self.case, self.source, *numbers, self.kind])


def note(folder: Path, worker: str, row: Row) -> None:
    """Add a row to those of one worker."""
    with (folder / f"{worker}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(row)) + "\n")


def noted(folder: Path) -> list[Row]:
    """The rows of all workers."""
    files = sorted(folder.glob("*.jsonl"))
    return [
        Row(**json.loads(line)) for file in files for line in file.read_text(encoding="utf-8").splitlines()
    ]


def rendered(rows: list[Row], kept: Lines | None = None) -> str:
    """The page, chapters and cases in alphabetical order, so that it does not depend on who ran what when.

    ``kept`` are lines of cases that no row is of: they stay as they are.
    """
    if twice := _twice([(row.chapter, row.case) for row in rows]):
        raise ValueError(f"cases with more than one row: {twice}")
    lines = {**(kept or {}), **{(row.chapter, row.case): row.line for row in rows}}
    parts = [INTRODUCTION]
    for title in sorted({chapter for chapter, _ in lines}):
        table = [lines[chapter, case] for chapter, case in sorted(lines) if chapter == title]
        head = [_line(list(COLUMNS)), "|" + "---|" * len(COLUMNS)]
        parts.append("\n".join([f"## {title}", "", *head, *table]) + "\n")
    return "\n".join(parts)


def renew(rows: list[Row], *, whole: bool, path: Path = PAGE) -> None:
    """Write what was verified: where that is not all there is, beside the rows of all other cases."""
    kept = {} if whole else lines_of(path)
    path.write_text(rendered(rows, kept), encoding="utf-8")


def lines_of(path: Path) -> Lines:
    """The rows of a page as they are written."""
    beyond = {_line(list(COLUMNS)), "|" + "---|" * len(COLUMNS)}
    return {
        (chapter, line.removeprefix("| ").split(" | ")[0]): line
        for chapter, lines in written(path).items()
        for line in lines
        if line.startswith("|") and line not in beyond
    }


def written(page: Path = PAGE) -> dict[str, set[str]]:
    """The lines of every chapter of the page."""
    chapters: dict[str, set[str]] = {}
    chapter = ""
    for line in page.read_text(encoding="utf-8").splitlines() if page.exists() else []:
        if line.startswith("## "):
            chapter = line.removeprefix("## ")
        chapters.setdefault(chapter, set()).add(line)
    return chapters


def _number(value: float) -> str:
    return f"{value + 0.0:.6g}"


def _line(cells: list[str]) -> str:
    if any("|" in cell or "\n" in cell for cell in cells):
        raise ValueError(f"a cell holds a bar or a line break: {cells}")
    return "| " + " | ".join(cells) + " |"


def _twice(keys: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted({key for key in keys if keys.count(key) > 1})
