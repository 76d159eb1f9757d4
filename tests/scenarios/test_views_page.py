"""docs/views.md is of the library as it is: its views, their claims, its columns."""

import pytest

from benchmarks import views

PAGE = views.PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def told() -> list[list[str]]:
    """The rows of its first table, cell by cell."""
    first = PAGE.split("## What separates them")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in first.splitlines() if "|" in line]


def test_it_has_a_row_for_every_view_that_states_a_claim(told: list[list[str]]):
    names = [row[0].strip("`") for row in told[2:]]
    assert list(dict.fromkeys(names)) == [file.stem for file in views.views()]


def test_its_columns_are_those_that_are_written_today(told: list[list[str]]):
    cells = ("2 % to 3 %", "4 %", "day 1", "never", "Chip 50 %", "1 %")
    row = views.Row("a-view", "maker", (0.1, 0.2, 0.3), cells)
    written = views.losses_table([row])
    assert [cell.strip() for cell in written[2].split("|")[1:-1]] == told[0]
    assert len(told[0]) == written[4].count("|") - 1


def test_it_tells_the_claims_as_the_files_do():
    assert PAGE.rstrip().endswith("\n".join(views.claims(views.views())).rstrip())


def test_it_says_what_separates_each_pair():
    for one, other in views.PAIRS:
        [after] = [part for part in PAGE.split("**From ")[1:] if part.startswith(f"`{one}` ")]
        assert f"to `{other}` " in after
        assert after.split("**")[1].split("## ")[0].count("points") >= views.MOST
