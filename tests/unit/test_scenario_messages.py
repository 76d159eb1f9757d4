"""What messages count is what was found, and they say what is inherited, from where."""

from pathlib import Path

import pytest

from sim.errors import Problem, ScenarioError
from sim.scenario.load import load_scenario

FIRST = Path(__file__).parents[2] / "scenarios" / "first-scenario.yaml"
BASE = FIRST.read_text(encoding="utf-8").replace("shock: true", "lost_share: 0.9, shock: true")
LINE = next(number for number, line in enumerate(BASE.splitlines(), start=1) if "lost_share" in line)


def problems(tmp_path: Path, text: str, *overrides: str) -> list[Problem]:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    file = tmp_path / "variant.yaml"
    file.write_text(f"extends: base.yaml\n{text}", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file, overrides)
    return list(caught.value.problems)


def only(tmp_path: Path, text: str, *overrides: str) -> str:
    (found,) = problems(tmp_path, text, *overrides)
    return str(found)


# ------------------------------------------------------------------ counts


def copies(count: int) -> str:
    return "interventions:\n" + "".join(f"  copy-{index}: {{like: fire}}\n" for index in range(count))


LONG = ", ".join(["1"] * 1001)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (copies(200), "interventions: found 201 entries, allowed: up to 200"),
        (copies(249), "interventions: found 250 entries, allowed: up to 200"),
        (
            f"lanes: {{controllers: {{initial_in_transit: [{LONG}]}}}}",
            "found 1001 entries, allowed: up to 1000",
        ),
        (
            f"recipes: {{assembly: {{initial_work_in_process: [{LONG}]}}}}",
            "found 1001 entries, allowed: up to 1000",
        ),
        (
            f"analysis: {{correlations: [{', '.join(['{between: [a, b], rank_correlation: 0.1}'] * 1001)}]}}",
            "analysis.correlations: found 1001 entries, allowed: up to 1000",
        ),
        (
            "analysis: {correlations: [{between: [a, b, c], rank_correlation: 0.1}]}",
            "between: found 3 entries, allowed: up to 2",
        ),
        (
            "analysis: {correlations: [{between: [a], rank_correlation: 0.1}]}",
            "between: found one entry, allowed: at least 2 entries",
        ),
        (
            "decision: {title: What, alternatives: {a: {title: A}}}",
            "alternatives: found one entry, allowed: at least 2 entries",
        ),
        (
            "decision: {title: What, alternatives: {}}",
            "alternatives: found an empty mapping, allowed: at least 2 entries",
        ),
        (
            "decision: {title: W, alternatives: {"
            + ", ".join(f"a{n}: {{title: A}}" for n in range(21))
            + "}}",
            "alternatives: found 21 entries, allowed: up to 20",
        ),
        (
            "demand: {bikes: {process: empirical, observations: [" + "1, " * 36_526 + "]}}",
            "observations: found 36526 entries, allowed: up to 36525",
        ),
    ],
)
def test_entries_are_counted(text: str, found: str, tmp_path: Path):
    assert found in "\n".join(map(str, problems(tmp_path, text)))


# ------------------------------------------------------------------ ids


@pytest.mark.parametrize("name", ["Bike", "3m", "-a", "a--b", "a b", "x" * 81])
def test_a_name_that_is_no_id_is_told_what_one_is(name: str, tmp_path: Path):
    told = only(tmp_path, f"firms: {{'{name}': {{name: Firm, country: DE}}}}\n")
    assert "as an id, allowed: lower-case letters and digits in words joined by '-' or '_'" in told
    assert ", beginning with a letter, up to 80 characters, such as line-2" in told


@pytest.mark.parametrize(
    ("name", "near"), [("Bike", "bike"), ("a b", "a-b"), ("Volt & Co.", "volt-co"), ("-a", "a")]
)
def test_a_name_that_is_no_id_is_answered_with_the_nearest_one(name: str, near: str, tmp_path: Path):
    told = only(tmp_path, f"firms: {{'{name}': {{name: Firm, country: DE}}}}\n")
    assert told.endswith(f"; did you mean '{near}'?")


def test_a_country_by_which_something_is_told_is_no_id(tmp_path: Path):
    germany, council = map(str, problems(tmp_path, "stress: {countries: {Germany: 30, GCC: 7}}\n"))
    allowed = "allowed: a country code of ISO 3166 such as US"
    assert germany.endswith(f"stress.countries: found 'Germany', {allowed}; did you mean 'DE'?")
    assert council.endswith(f"found 'GCC', {allowed}; list its members: AE, BH, KW, OM, QA, SA")


# ------------------------------------------------------------------ inherited fields


def test_a_field_that_another_kind_does_not_have_says_from_where_it_is_inherited(tmp_path: Path):
    told = only(tmp_path, "interventions: {fire: {kind: market_closure, covers: {firms: null}}}\n")
    assert "variant.yaml:2:" in told
    assert "found 'lost_share', which is not a field of a market closure" in told
    assert f"; lost_share is inherited from {tmp_path / 'base.yaml'}:{LINE}:" in told
    assert told.endswith(", 'lost_share: null' removes it")


def test_so_does_one_that_is_copied(tmp_path: Path):
    told = only(
        tmp_path, "interventions: {flood: {like: fire, kind: market_closure, covers: {firms: null}}}\n"
    )
    assert "interventions.flood: found 'lost_share'" in told
    assert f"inherited from {tmp_path / 'base.yaml'}:{LINE}:" in told


def test_so_does_one_that_rules_out_another(tmp_path: Path):
    told = only(tmp_path, "interventions: {fire: {after: fire}}\n")
    assert "interventions.fire: give either date or after; date is inherited from" in told
    assert told.endswith("'date: null' removes it")


def test_a_field_of_the_own_file_is_not_inherited(tmp_path: Path):
    told = only(tmp_path, "interventions: {fire: {prise: 3}}\n")
    assert "'prise', which is not a field of a capacity loss" in told
    assert "inherited" not in told


def test_a_kind_from_the_command_line_is_told(tmp_path: Path):
    file = tmp_path / "own.yaml"
    file.write_text(BASE, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file, ["interventions.fire.kind=market_closure", "interventions.fire.covers={}"])
    told = "\n".join(map(str, caught.value.problems))
    assert "found 'lost_share', which is not a field of a market closure" in told
    assert "; its kind is from command line" in told
