"""Daily exports as they are: what is read of them, and where they are refused; nothing is ever shifted."""

import datetime as dt
from pathlib import Path

import pytest

from sim.errors import Place, Problem, ScenarioError
from sim.scenario.load import load_scenario
from tests.unit.test_observed_demand import write

CASES = Path(__file__).parents[1] / "cases"
SCENARIO = """\
chokepoint: 1
name: shop
title: A shop
currency: EUR
calendar: {start: 2018-01-01, days: 5}
firms: {shop: {name: Shop, country: DE}}
items: {cake: {name: Cake, unit: piece}}
markets: {town: {name: Town, country: DE}}
stock_points: {shelf: {firm: shop, item: cake}}
demand:
  town:
    stock_point: shelf
    market: town
    price: 3
    process: PROCESS
    observations: {file: sales.csv, column: cakes, OPTIONS}
"""


def sales(folder: Path, text: str, options: str = "", process: str = "listed", start: str = "2018-01-01"):
    write(folder / "sales.csv", text)
    scenario = SCENARIO.replace("PROCESS", process).replace(", OPTIONS", f", {options}" if options else "")
    return load_scenario(write(folder / "shop.yaml", scenario.replace("2018-01-01", start))).demand["town"]


def refused(folder: Path, *how: str, **options: str) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        sales(folder, *how, **options)
    (found,) = caught.value.problems
    return found


def table(*days: int, header: str = "date,cakes") -> str:
    """A row for each day of January 2018, on which as many cakes were sold as the date says."""
    return "\n".join([header, *(f"2018-01-{day:02d},{day}" for day in days), ""])


# ------------------------------------------------------------------ the five kinds that went wrong


def case(name: str) -> Path:
    return CASES / "csv" / f"{name}.csv"


def demand_of(name: str, folder: Path) -> list[float] | None:
    text = (CASES / "demand-files.yaml").read_text(encoding="utf-8")
    file = write(folder / "case.yaml", text.replace("csv/plain.csv", str(case(name))))
    return load_scenario(file).demand["d"].observations


def test_a_plain_export_is_read_as_it_is(tmp_path: Path):
    assert demand_of("plain", tmp_path) == [float(10 + day % 7) for day in range(28)]


@pytest.mark.parametrize(
    ("name", "line", "found"),
    [
        ("extra", 7, "found 3 cells, allowed: 2 as in the header; a number has no comma in it"),
        ("onecol_blank", 7, "found an empty row between others, allowed: a number for each day"),
        (
            "businessdays",
            7,
            "found 2018-01-08 in column 'date', allowed: 2018-01-06, the day after the row above, or ",
        ),
        ("total_row", 30, "found a row 'Total', allowed: one row for each day"),
    ],
)
def test_an_export_that_would_be_misread_is_refused_with_its_row(
    name: str, line: int, found: str, tmp_path: Path
):
    with pytest.raises(ScenarioError) as caught:
        demand_of(name, tmp_path)
    (told,) = caught.value.problems
    assert found in told.message
    assert told.place is not None
    assert (told.place.file, told.place.line) == (str(case(name)), line)


# ------------------------------------------------------------------ dates


def test_rows_are_taken_by_their_dates_not_from_the_top(tmp_path: Path):
    assert sales(tmp_path, table(*range(1, 20)), start="2018-01-03").observations == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("days", "row"),
    [((2, 3, 4, 5, 6), 2), ((1, 2, 3, 4), 5)],
    ids=["begins too late", "ends too early"],
)
def test_dates_that_do_not_cover_the_calendar_are_refused(days: tuple[int, ...], row: int, tmp_path: Path):
    told = refused(tmp_path, table(*days))
    assert "allowed: a row for every simulated day, 2018-01-01 to 2018-01-05" in told.message
    assert "match_calendar: false" in told.message
    assert told.place is not None
    assert told.place.line == row


def test_other_dates_may_be_taken_in_turn_if_that_is_said(tmp_path: Path):
    found = sales(tmp_path, table(10, 11, 12), "match_calendar: false")
    assert found.observations == [10, 11, 12]


def test_missing_days_are_zero_if_that_is_said(tmp_path: Path):
    assert sales(tmp_path, table(1, 2, 5), "gaps: zero").observations == [1, 2, 0, 0, 5]


def test_missing_days_may_be_left_out_of_what_is_drawn_from(tmp_path: Path):
    found = sales(tmp_path, table(1, 2, 5), "gaps: left_out", process="empirical")
    assert found.observations == [1, 2, 5]
    assert sales(tmp_path, table(1, 2, 5), "gaps: zero", process="empirical").observations == [1, 2, 0, 0, 5]


def test_what_is_drawn_at_random_need_not_match_the_calendar(tmp_path: Path):
    assert sales(tmp_path, table(8, 9), process="empirical").observations == [8, 9]


def test_days_of_listed_demand_cannot_be_left_out(tmp_path: Path):
    told = refused(tmp_path, table(1, 2, 5), "gaps: left_out")
    assert told.message.endswith(
        "gaps: found 'left_out', allowed: zero; listed demand needs a number for every day"
    )


@pytest.mark.parametrize(
    ("days", "line", "found"),
    [
        (
            (5, 4, 3, 2, 1),
            3,
            "found 2018-01-04 in column 'date', after 2018-01-05, allowed: later days in later rows",
        ),
        (
            (1, 2, 2, 3, 4, 5),
            4,
            "found 2018-01-02 in column 'date', again, allowed: later days in later rows",
        ),
        (
            (1, 2, 4, 5),
            4,
            "found 2018-01-04 in column 'date', allowed: 2018-01-03, the day after the row above",
        ),
    ],
    ids=["reversed", "doubled", "missing"],
)
@pytest.mark.parametrize("process", ["listed", "empirical"])
def test_days_out_of_order_are_refused(
    process: str, days: tuple[int, ...], line: int, found: str, tmp_path: Path
):
    told = refused(tmp_path, table(*days), process=process)
    assert found in told.message
    assert told.place is not None
    assert told.place.line == line


@pytest.mark.parametrize("first", ["01.01.2018", "1/1/2018", "2018/01/01", "2018-01-01T08:30", "2018-13-01"])
def test_dates_that_could_be_misread_are_refused(first: str, tmp_path: Path):
    told = refused(tmp_path, f"day,cakes\n{first},5\n")
    assert told.message.endswith(f"found '{first}' in column 'day', allowed: a date such as 2019-10-09")


def test_a_column_called_date_holds_dates(tmp_path: Path):
    assert "found 'Monday' in column 'Date'" in refused(tmp_path, "Date,cakes\nMonday,5\n").message


@pytest.mark.parametrize(
    "first",
    [
        "20180101",
        "1-Jan-2018",
        "01-Jan-18",
        "Jan 1 2018",
        "1. Januar 2018",
        "5 mai 2018",
        "Mon 1 Jan 2018",
        "January 1 2018 00:00",
        "2018-W01-1",
        "2018W011",
        "2018-001",
        "2018年1月1日",
        "1 1 2018",
        "1.1.",
        "'2018-01-01",
    ],
)
def test_what_looks_like_a_date_is_never_overlooked(first: str, tmp_path: Path):
    text = "".join(f"{first},{day}\n" for day in range(5))
    found = refused(tmp_path, f"day,cakes\n{text}")
    assert found.place == Place(str(tmp_path / "sales.csv"), 2)
    assert f"found {first!r} in column 'day', allowed: a date such as 2019-10-09" in found.message


@pytest.mark.parametrize(
    "other", ["1", "12.5", "1 234 567", "4006381333931", "Mon", "red 7", "2018", "10001"]
)
def test_what_is_no_date_is_left_alone(other: str, tmp_path: Path):
    text = "".join(f"{other},{day}\n" for day in range(5))
    assert sales(tmp_path, f"day,cakes\n{text}").observations == [0.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("label", ["Total:", "Total 2018", "Summe", "Gesamt:", "sum total", "SOMME"])
def test_a_total_is_known_by_its_word(label: str, tmp_path: Path):
    text = "".join(f"{day},{day}\n" for day in range(5))
    found = refused(tmp_path, f"day,cakes\n{text}{label},10.2\n")
    assert f"found a row {label!r}, allowed: one row for each day" in found.message


def test_midnights_are_dates(tmp_path: Path):
    rows = "".join(f"2018-01-{day:02d} 00:00:00,{day}\n" for day in range(1, 6))
    assert sales(tmp_path, f"when,cakes\n{rows}").observations == [1, 2, 3, 4, 5]


def test_of_two_columns_of_dates_the_named_one_counts(tmp_path: Path):
    rows = "".join(f"2018-02-{day:02d},2018-01-{day:02d},{day}\n" for day in range(1, 6))
    text = f"paid,sold,cakes\n{rows}"
    assert "the dates go from 2018-02-01" in refused(tmp_path, text).message
    assert sales(tmp_path, text, "dates: sold").observations == [1, 2, 3, 4, 5]


def test_a_century_of_missing_days_is_refused(tmp_path: Path):
    told = refused(tmp_path, "date,cakes\n0001-01-01,1\n9999-12-31,1\n", "gaps: zero", process="empirical")
    assert "found 9999-12-31 in column 'date', more than 36525 days after 0001-01-01" in told.message


def test_a_day_is_a_day_of_the_calendar_of_the_scenario(tmp_path: Path):
    """The calendar may be told by its end, and be set from the command line."""
    write(tmp_path / "sales.csv", table(*range(1, 20)))
    scenario = SCENARIO.replace("PROCESS", "listed").replace(", OPTIONS", "")
    file = write(tmp_path / "shop.yaml", scenario.replace("days: 5", "end: 2018-01-03"))
    settings = ["calendar.start=2018-01-02"]
    assert load_scenario(file, settings).demand["town"].observations == [2, 3]
    assert load_scenario(file).calendar.last_day == dt.date(2018, 1, 3)


# ------------------------------------------------------------------ options that make no sense


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("date: day", "found 'date'; did you mean 'dates'?"),
        ("dates: days", "has no column 'days'; did you mean 'day'?"),
        ("dates: cakes", "found 'cakes' for both column and dates"),
        ("dates: [day]", "dates: found ['day'], allowed: the name of a column"),
        ("dates: day, gaps: 3", "gaps: found 3, allowed: zero"),
        ("dates: day, match_calendar: 3", "match_calendar: found 3, allowed: true or false"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: str, found: str, tmp_path: Path):
    assert found in refused(tmp_path, table(1, 2, 3, 4, 5, header="day,cakes"), options).message


@pytest.mark.parametrize("option", ["gaps: zero", "match_calendar: false"])
def test_options_about_dates_need_dates(option: str, tmp_path: Path):
    assert "the file has no column of dates" in refused(tmp_path, "cakes\n5\n", option).message


# ------------------------------------------------------------------ cells, rows and columns


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("cakes\n5,4\n", 2, "found 2 cells, allowed: 1 as in the header"),
        ("day,cakes\n1,5\n2\n", 3, "found 1 cell, allowed: 2 as in the header"),
        (
            'cakes\n"1,234"\n',
            2,
            "found '1,234' in column 'cakes', allowed: a number of 0 or more; a decimal point",
        ),
        ('cakes\n"1.234,5"\n', 2, "; a decimal point, and nothing between thousands"),
        ("cakes\n1 234\n", 2, "; a decimal point, and nothing between thousands"),
        ("cakes\n1'234\n", 2, "; a decimal point, and nothing between thousands"),
        ("day,cakes\n1,5\n,\n2,6\n", 3, "found an empty row between others"),
        ("day,cakes\n1,5\n2,6\nSum,11\n", 4, "found a row 'Sum'"),
        (
            "cakes\n1\n2\n3\n4\n5\n6\n7\n28\n",
            9,
            "found 28, the sum of all rows above, allowed: one row for each day",
        ),
    ],
)
def test_a_row_that_is_no_day_is_refused(text: str, line: int, found: str, tmp_path: Path):
    told = refused(tmp_path, text)
    assert found in told.message
    assert told.place is not None
    assert told.place.line == line


@pytest.mark.parametrize("separator", [";", "\t"])
def test_columns_that_are_not_parted_by_commas_are_refused(separator: str, tmp_path: Path):
    told = refused(tmp_path, f"date{separator}cakes\n2018-01-01{separator}5,5\n")
    assert told.message.endswith("as the only column, allowed: columns parted by commas")
    assert told.place is not None
    assert told.place.line == 1


def test_a_sale_after_many_days_without_any_is_no_total(tmp_path: Path):
    assert sales(tmp_path, "cakes\n" + "0\n" * 9 + "5\n5\n").observations == [0.0] * 9 + [5, 5]
