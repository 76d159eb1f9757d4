"""Facts: what a file of reported figures may say, and what was known on a day."""

import datetime as dt

import pytest

from sim.errors import ScenarioError
from sim.scenario.facts import COLUMNS, of_plain, period_of, read_facts, refuse_unfit
from tests.builders import read, shop

HEADER = ",".join(COLUMNS)
ROW = "f1,maker,revenue,,,2019Q4,17818,EUR,2020-04-30,annual report"


def facts_of(tmp_path, *rows):
    file = tmp_path / "facts.csv"
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return read_facts(file)


def test_a_fact_is_known_from_the_day_on_which_it_was_published(tmp_path):
    [fact], places = facts_of(tmp_path, ROW)
    assert (fact.start, fact.end, fact.value) == (dt.date(2019, 10, 1), dt.date(2019, 12, 31), 17818.0)
    assert [fact.is_known(dt.date(2020, 4, day)) for day in (29, 30)] == [False, True]
    assert (fact.months, places["f1"].line) == (3, 2)
    assert of_plain(fact.plain) == fact


def test_a_row_without_a_value_asks_for_a_forecast(tmp_path):
    [fact], _ = facts_of(tmp_path, "f1,maker,revenue,part,home,2021H1,,EUR,,")
    assert (fact.value, fact.items, fact.markets) == (None, ("part",), ("home",))
    assert not fact.is_known(dt.date.max)


@pytest.mark.parametrize(
    ("text", "days"),
    [("2019", 365), ("2019H2", 184), ("2020Q1", 91), ("2020-02", 29), ("2019-12-31", 1)],
)
def test_periods(text, days):
    first, last = period_of(text)
    assert (last - first).days + 1 == days


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (ROW.replace("2019Q4", "2019Q5"), "found period '2019Q5', allowed: 2019, 2019H1"),
        (ROW.replace("17818", "-1"), "found value '-1', allowed: a number above 0"),
        (ROW.replace("2020-04-30", ""), "found published '', allowed: the day on which"),
        (ROW.replace("2020-04-30", "2019-12-30"), "before its period ends on 2019-12-31"),
        (ROW.replace("revenue", "revenu"), "found measure 'revenu'; did you mean 'revenue'?; allowed"),
    ],
)
def test_what_no_fact_can_be_is_refused_with_its_line(tmp_path, row, says):
    with pytest.raises(ScenarioError) as caught:
        facts_of(tmp_path, row)
    assert says in str(caught.value)
    assert ":2" in str(caught.value)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (ROW.replace("maker", "makr"), "f1: found firm 'makr', allowed: an id of test"),
        (ROW.replace("EUR", "USD"), "found unit 'USD', allowed: 'EUR'"),
        (ROW.replace(",,,2019Q4", ",,hom,2019Q4"), "found markets 'hom', allowed: an id of test"),
        (ROW.replace("revenue,,", "inventory_value,part,"), "found items or markets of a stock"),
    ],
)
def test_what_is_not_of_the_scenario_is_refused(tmp_path, row, says):
    facts, places = facts_of(tmp_path, row)
    with pytest.raises(ScenarioError) as caught:
        refuse_unfit(facts, read(shop(40)), places)
    assert says in str(caught.value)
