"""Countries, what they are called, and unions that stand for their members."""

import datetime as dt
from pathlib import Path

import pytest
from pydantic import ValidationError

from sim.model.compile import compile_plan
from sim.model.failures import stress_plan
from sim.scenario import covers
from sim.scenario.countries import codes, covered_by, is_country, meant_country, members
from sim.scenario.covers import LaneCover, PointCover, StreamCover
from sim.scenario.interventions import restriction
from sim.scenario.interventions.direct_product_rule import DirectProductRule
from sim.scenario.interventions.export_ban import ExportBan
from sim.scenario.load import load_scenario
from sim.scenario.schema import Firm, Scenario
from sim.stories import study

CASE = Path(__file__).parents[1] / "cases" / "jurisdiction-eu.yaml"
MEMBERS_OF_2026 = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
TERRITORIES = "AX GF GP MF MQ RE YT"


# ------------------------------------------------------------------ the data


def test_there_are_all_codes_of_iso_3166_and_the_european_union():
    assert len(codes()) == 250
    assert all(len(code) == 2 and code.isupper() for code in codes())


def test_the_european_union_has_its_27_members_and_their_outermost_regions():
    assert sorted(members("EU", None)) == sorted(f"{MEMBERS_OF_2026} {TERRITORIES}".split())


@pytest.mark.parametrize(
    ("day", "count"),
    [("1972-12-31", 6), ("1973-01-01", 9), ("1995-01-01", 15), ("2004-05-01", 25), ("2013-07-01", 28)],
)
def test_it_had_fewer_before(day: str, count: int):
    then = members("EU", dt.date.fromisoformat(day))
    assert len([code for code in then if code not in TERRITORIES]) == count


def test_every_member_of_a_union_is_a_country():
    for union in ("EU", "ASEAN", "EAEU", "EFTA", "GCC"):
        assert set(members(union, None)) <= codes()
        assert members(union, None)


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_country_is_found_by_its_name(code: str):
    from sim.scenario.countries import _rows

    (row,) = (row for row in _rows("countries") if row["code"] == code)
    for name in (row["name"], row["name"].upper(), row["alpha_3"] or code, *row["also"].split(";")):
        assert not name or meant_country(name) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Germany", "DE"),
        ("germny", "DE"),
        ("South Korea", "KR"),
        ("U.S.A.", None),
        ("Taiwan", "TW"),
        ("Narnia", None),
    ],
)
def test_a_country_is_offered_where_a_name_is_near(text: str, code: str | None):
    assert meant_country(text) == code


def test_a_name_is_refused_with_its_code():
    with pytest.raises(
        ValidationError,
        match="found 'Germany', allowed: a country code of ISO 3166 such as US; did you mean 'DE'",
    ):
        Firm(name="Firm", country="Germany")


@pytest.mark.parametrize("union", ["GCC", "eaeu"])
def test_unions_without_a_code_are_refused_with_their_members(union: str):
    assert not is_country(union)
    with pytest.raises(ValidationError, match=f"list its members: {', '.join(members(union.upper(), None))}"):
        Firm(name="Firm", country=union)


# ------------------------------------------------------------------ a rule of a union


@pytest.fixture
def scenario() -> Scenario:
    return load_scenario(CASE)


def changed(scenario: Scenario, start: str = "2025-01-01", **firms: str) -> Scenario:
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for firm, country in firms.items():
        data["firms"][firm]["country"] = country
    data["calendar"]["start"] = start
    data["interventions"]["ban"]["date"] = start
    return Scenario.model_validate(data)


def test_a_rule_of_the_union_cuts_firms_in_its_members_too():
    """By hand: the ban holds for all 50 days of the window, and all three parts come from the EU."""
    finished = study.run(CASE, replications=1, workers=1)
    assert finished.findings.tables["makers"]["loss_share"].tolist() == [1.0]
    assert restriction.restricted_lanes(finished.findings.scenario, ban(finished.findings.scenario)) == [
        "l-a",
        "l-b",
        "l-c",
    ]


def ban(scenario: Scenario) -> ExportBan:
    found = scenario.interventions["ban"]
    assert isinstance(found, ExportBan)
    return found


def test_a_rule_of_a_member_spares_the_union_and_other_members(scenario: Scenario):
    of_member = ban(scenario).model_copy(update={"jurisdiction": "NL"})
    assert restriction.restricted_lanes(scenario, of_member) == ["l-a"]


@pytest.mark.parametrize(("start", "restricted"), [("2019-01-01", True), ("2021-01-01", False)])
def test_membership_is_that_of_the_first_simulated_day(scenario: Scenario, start: str, restricted: bool):
    then = changed(scenario, start, litho="GB")
    assert ("l-a" in restriction.restricted_lanes(then, ban(then))) == restricted


def test_without_a_start_membership_is_that_of_today(scenario: Scenario):
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["calendar"] = {"days": 100}
    data["interventions"]["ban"]["date"] = 5
    data["firms"]["litho"]["country"] = "PL"
    abstract = Scenario.model_validate(data)
    assert restriction.restricted_lanes(abstract, ban(abstract)) == ["l-a", "l-b", "l-c"]


def test_content_that_a_member_controls_is_controlled_by_the_union(scenario: Scenario):
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["firms"]["litho"]["country"] = "US"
    data["lanes"]["l-a"]["controlled_by"] = "NL"
    data["lanes"]["l-b"]["controlled_by"] = "JP"
    other = Scenario.model_validate(data)
    assert restriction.restricted_lanes(other, ban(other)) == ["l-a", "l-c"]


def test_technology_of_a_member_is_technology_of_the_union(scenario: Scenario):
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["stock_points"]["s-a"]["controlled_technology"] = ["JP", "NL"]
    other = Scenario.model_validate(data)
    rule = DirectProductRule(
        kind="direct_product_rule",
        title="Rule",
        date=dt.date(2025, 2, 1),
        jurisdiction="EU",
        covers=LaneCover(),
    )
    assert restriction.restricted_lanes(other, rule) == ["l-a"]
    assert restriction.restricted_lanes(other, rule.model_copy(update={"jurisdiction": "DE"})) == []


def test_lists_of_countries_hold_members_of_the_union(scenario: Scenario):
    european = changed(scenario, fab="DE")
    assert covers.lanes_covered(european, LaneCover(supplier_countries=["EU"])) == ["l-a", "l-b", "l-c"]
    assert covers.lanes_covered(european, LaneCover(buyer_countries=["EU"])) == ["l-a", "l-b", "l-c"]
    assert covers.lanes_covered(european, LaneCover(supplier_countries=["DE"])) == ["l-b"]
    assert covers.points_covered(european, PointCover(countries=["EU"])) == list(european.stock_points)
    data = european.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["markets"]["town"]["country"] = "FI"
    assert covers.streams_covered(Scenario.model_validate(data), StreamCover(countries=["EU"])) == [
        "d-a",
        "d-b",
        "d-c",
    ]


def test_a_union_is_no_company_of_that_name():
    assert covered_by(["US", "DE"], None) == {"US", "DE"}


# ------------------------------------------------------------------ stress


def test_a_union_fails_with_its_members_and_lends_them_its_time_to_recover(scenario: Scenario):
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["stress"] = {"ttr_days": 5, "countries": {"EU": 20, "NL": 10}}
    stressed = Scenario.model_validate(data)
    nodes = {
        node.key: node
        for node in stress_plan(stressed, compile_plan(stressed)).nodes
        if node.kind == "country"
    }
    assert {key: node.ttr_days for key, node in nodes.items()} == {"NL": 10, "DE": 20, "EU": 20}
    assert {key: len(node.lanes) for key, node in nodes.items()} == {"NL": 1, "DE": 1, "EU": 3}


def test_a_time_to_recover_of_a_union_needs_no_firm_of_that_code(scenario: Scenario):
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["firms"]["office"]["country"] = "US"
    data["stress"] = {"ttr_days": 5, "countries": {"EU": 20}}
    stressed = Scenario.model_validate(data)
    nodes = [node for node in stress_plan(stressed, compile_plan(stressed)).nodes if node.kind == "country"]
    assert {node.key: node.ttr_days for node in nodes} == {"NL": 20, "DE": 20, "US": 5}
