"""Day indices in the place of dates."""

import datetime as dt
import typing

import pytest
from pydantic import ValidationError

from sim.model.compile import compile_plan
from sim.scenario.days import with_dates
from sim.scenario.interventions import Intervention
from sim.scenario.schema import Scenario
from tests.builders import Data, compiled, merged, shop

BEAN_COUNT = {"measure": "revenue", "firm": "maker", "value": 1.0}


def periods(calendar, **event):
    """A shop with an event, a substitute and an observation on days given by their indices."""
    data = merged(
        shop(30),
        {
            "stock_points": {"late": {"firm": "supplier", "item": "part"}},
            "substitutes": {
                "late": {
                    "supplier": "late",
                    "buyer": "shelf",
                    "trigger": {"date": 7},
                    "qualification_lag_days": 1,
                }
            },
            "interventions": {
                "slump": {"kind": "demand_shift", "title": "Slump", "covers": {}, "factor": 0.5, **event}
            },
            "observations": {"sales": {**BEAN_COUNT, "start": 3, "end": 9}},
        },
    )
    return data | {"calendar": calendar}


def refusals(data):
    with pytest.raises(ValidationError) as caught:
        Scenario.model_validate(data)
    return [(error["loc"], error["msg"]) for error in caught.value.errors()]


@pytest.mark.parametrize("calendar", [{"days": 30}, {"start": "2021-03-01", "days": 30}])
def test_a_day_index_counts_from_the_first_simulated_day(calendar):
    plan = compiled(periods(calendar, date=5, end=8))
    assert plan.interventions.day.tolist() == [5]
    assert plan.interventions.end_day.tolist() == [8]
    assert plan.substitutes.trigger_day.tolist() == [7]
    assert (plan.observations.first.tolist(), plan.observations.last.tolist()) == ([3], [9])


def test_a_day_index_becomes_a_date():
    scenario = Scenario.model_validate(periods({"days": 30}, date=5))
    assert scenario.interventions["slump"].date == dt.date(2000, 1, 6)
    dated = Scenario.model_validate(periods({"start": "2021-02-27", "days": 30}, date=5))
    assert dated.interventions["slump"].date == dt.date(2021, 3, 4)


def test_dates_and_day_indices_may_be_mixed_with_a_start():
    plan = compiled(periods({"start": "2021-03-01", "days": 30}, date="2021-03-06", end=8))
    assert (plan.interventions.day.tolist(), plan.interventions.end_day.tolist()) == ([5], [8])


def test_a_day_index_may_lie_before_the_first_simulated_day():
    assert compiled(periods({"days": 30}, date=-4)).interventions.day.tolist() == [-4]


@pytest.mark.parametrize("year", [1900, 2019, 2199])
@pytest.mark.parametrize("field", ["date", "end"])
def test_a_bare_year_is_no_day_index_in_a_scenario_with_dates(year, field):
    event = {"date": 5} | {field: year}
    ((place, message),) = refusals(periods({"start": "2018-01-01", "days": 30}, **event))
    assert place[-1] == field
    assert message.startswith(f"found {year}, allowed: a date such as 2019-10-09")


def test_a_bare_year_is_refused_as_a_trigger_and_in_an_observation_too():
    data = periods({"start": "2018-01-01", "days": 30}, date=5)
    data["substitutes"]["late"]["trigger"] = {"date": 2018}
    data["observations"]["sales"]["end"] = 2018
    assert {place[-1] for place, _ in refusals(data)} == {"date", "end"}


def test_without_dates_any_number_is_a_day_index():
    data = periods({"days": 2500}, date=2019)
    assert compile_plan(Scenario.model_validate(data)).interventions.day.tolist() == [2019]


@pytest.mark.parametrize("number", [1899, 2200])
def test_a_number_that_is_no_likely_year_is_a_day_index(number):
    data = periods({"start": "2018-01-01", "days": 2500}, date=number)
    assert compiled(data).interventions.day.tolist() == [number]


@pytest.mark.parametrize("value", [True, 5.0, "5", 10**9, -(10**9), [5], None])
def test_what_is_no_day_of_any_calendar_stays_for_the_schema_to_refuse(value):
    raw = {"interventions": {"slump": {"date": value}}}
    assert with_dates(raw) == raw


@pytest.mark.parametrize(
    "raw",
    [
        None,
        7,
        {"interventions": 3},
        {"interventions": {"slump": 3}},
        {"substitutes": {"late": {"trigger": 3}}},
        {"substitutes": {"late": {}}},
        {"calendar": 3},
    ],
)
def test_what_is_no_scenario_is_left_as_it_is(raw):
    assert with_dates(raw) == raw


def test_what_was_read_is_left_as_it_was():
    raw: Data = {"calendar": {"days": 9}, "substitutes": {"late": {"trigger": {"date": 3}}}}
    assert with_dates(raw)["substitutes"]["late"]["trigger"] == {"date": "2000-01-04"}
    assert raw["substitutes"]["late"]["trigger"] == {"date": 3}


@pytest.mark.parametrize("collection", ["substitutes", "recipes"])
def test_a_trigger_of_what_comes_late_may_be_a_day_index(collection):
    raw = {"calendar": {"days": 9}, collection: {"late": {"trigger": {"date": 3}}}}
    assert with_dates(raw)[collection]["late"]["trigger"] == {"date": "2000-01-04"}


def test_every_date_of_an_intervention_may_be_a_day_index():
    kinds = typing.get_args(typing.get_args(Intervention)[0])
    fields = {
        name for kind in kinds for name, info in kind.model_fields.items() if "date" in str(info.annotation)
    }
    raw = {"interventions": {"one": dict.fromkeys(fields, 3)}}
    assert {"date", "end", "withdrawal_date"} <= fields
    assert set(with_dates(raw)["interventions"]["one"].values()) == {"2000-01-04"}
