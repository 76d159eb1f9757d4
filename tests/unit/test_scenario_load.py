"""A file becomes a scenario, or all of its problems are told at once, each where it stands."""

import copy
import datetime as dt
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import MAX_LISTED, Problem, ScenarioError
from sim.scenario.assumptions import assumptions
from sim.scenario.checks import inconsistencies
from sim.scenario.distributions import Normal, Pert
from sim.scenario.load import as_written, load_scenario, load_with_places, resolved, written
from sim.scenario.schema import Scenario
from sim.scenario.source import read_file
from sim.stories.files import as_yaml
from tests.builders import shop
from tests.unit.test_workbooks import LIBRARY

VALID = Path(__file__).parents[1] / "broken" / "valid.yaml"
PLAIN: dict[str, Any] = read_file(VALID).root.plain


def problems(path: Path, *overrides: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, overrides)
    return [str(problem) for problem in caught.value.problems]


class TestLoading:
    def test_reads_every_kind_of_quantity(self):
        scenario = load_scenario(VALID)
        lane = scenario.lanes["seagate-lane"]
        assert isinstance(lane.lead_time_days, Pert)
        assert lane.price.mean == 50.0
        assert scenario.substitutes["toshiba-lane"].qualification_lag_days.mean == 84.0
        assert isinstance(scenario.demand["home-demand"].growth_per_year, Normal)
        assert scenario.interventions["entity-list"].date == dt.date(2019, 10, 9)
        assert scenario.calendar.last_day == dt.date(2021, 12, 31)

    def test_like_copies_all_but_what_it_changes(self):
        scenario = load_scenario(VALID)
        first, second = scenario.lanes["seagate-lane"], scenario.lanes["spare-lane"]
        assert second.share.mean == 0.3
        assert second.model_copy(update={"share": first.share}) == first

    def test_text_paths_and_overrides(self):
        scenario = load_scenario(
            str(VALID), ["lanes.seagate-lane.share=0.6", "calendar.end=null", "calendar.days=1095"]
        )
        assert scenario.lanes["seagate-lane"].share.mean == 0.6

    def test_a_variant(self, tmp_path: Path):
        (tmp_path / "valid.yaml").write_text(VALID.read_text())
        variant = tmp_path / "variant.yaml"
        variant.write_text(
            "extends: valid.yaml\nname: variant\n"
            "substitutes: {toshiba-lane: null}\ninterventions: {technology-rule: ~}\n"
        )
        scenario = load_scenario(variant)
        assert scenario.name == "variant"
        assert not scenario.substitutes
        assert "technology-rule" not in scenario.interventions

    def test_resolved_data_validates_to_the_same_scenario(self):
        scenario = load_scenario(VALID)
        data = resolved(scenario)
        assert Scenario.model_validate(data) == scenario
        assert resolved(Scenario.model_validate(data)) == data
        assert data["lanes"]["spare-lane"]["price"] == {"value": 50.0}
        assert data["interventions"]["entity-list"]["date"] == "2019-10-09"

    def test_resolved_data_does_not_depend_on_how_the_file_is_written(self, tmp_path: Path):
        rewritten = tmp_path / "rewritten.yaml"
        rewritten.write_text(json.dumps(PLAIN).replace("Infinity", ".inf"))
        assert resolved(load_scenario(rewritten)) == resolved(load_scenario(VALID))


@pytest.mark.parametrize("name", ["firms", "items", "stock_points", "lanes", "markets"])
@pytest.mark.parametrize("written", ["[]", "x", "{}"])
def test_what_names_entries_of_a_collection_that_is_none_is_no_further_problem(tmp_path, name, written):
    (tmp_path / "scenario.yaml").write_text(
        as_yaml({**shop(), name: {}}).replace(f"{name}: {{}}", f"{name}: {written}")
    )
    assert len(problems(tmp_path / "scenario.yaml")) == 1


class TestProblems:
    def test_all_are_told_in_the_order_of_the_file(self, tmp_path: Path):
        path = tmp_path / "bad.yaml"
        text = VALID.read_text()
        for right, wrong in {
            "country: JP": "country: JAPAN",
            "price: 50": "prise: 50",
            "supplier: toshiba-disks": "supplier: toshiba",
            "factor: 0.8": "factor: -1",
        }.items():
            text = text.replace(right, wrong)
        path.write_text(text)
        said = problems(path)
        assert [line.split(": ", 1)[1][:40] for line in said] == [
            "firms.toshiba.country: found 'JAPAN', al",
            "lanes.seagate-lane: found 'prise', which",
            "substitutes.toshiba-lane.supplier: 'tosh",
            "interventions.slump.factor: found -1, al",
        ]

    def test_a_mistake_copied_by_like_is_told_once(self, tmp_path: Path):
        path = tmp_path / "bad.yaml"
        path.write_text(VALID.read_text().replace("price: 50", "price: -50"))
        assert len(problems(path)) == 1

    def test_a_mistake_in_a_base_names_the_base(self, tmp_path: Path):
        (tmp_path / "base.yaml").write_text(VALID.read_text().replace("price: 50", "price: -50"))
        (tmp_path / "top.yaml").write_text("extends: base.yaml\nname: top\nfirms: {maker: {country: XYZ}}\n")
        first, second = problems(tmp_path / "top.yaml")
        assert first.startswith(f"{tmp_path}/base.yaml:45:12: lanes.seagate-lane.price: ")
        assert second.startswith(f"{tmp_path}/top.yaml:3:26: firms.maker.country: ")

    def test_an_override_is_called_the_command_line(self):
        assert problems(VALID, "lanes.seagate-lane.price=-1", "lanes.spare-lane.price=1") == [
            "command line: lanes.seagate-lane.price: found -1, allowed: 0 or more"
        ]

    def test_a_wrong_removal_offers_the_nearest_name(self):
        (said,) = problems(VALID, "lanes.seagat-lane=null")
        assert "null removes only what is inherited; did you mean 'seagate-lane'?" in said

    def test_a_long_list_is_cut(self, tmp_path: Path):
        path = tmp_path / "bad.yaml"
        firms = "".join(f"  f{index}: {{name: x}}\n" for index in range(120))
        path.write_text(VALID.read_text().replace("firms:\n", f"firms:\n{firms}", 1))
        said = problems(path)
        assert len(said) == MAX_LISTED + 1
        assert said[-1] == "and 70 more problems"

    def test_many_mistakes_are_told_quickly(self, tmp_path: Path):
        path = tmp_path / "bad.yaml"
        ids = "".join(f"  point-{index}: {{firm: seagat-{index}, item: disk}}\n" for index in range(4000))
        lanes = "".join(f"  lane-{index}: {{supplier: point-{index}x, buyer: y}}\n" for index in range(4000))
        text = VALID.read_text().replace("\nstock_points:\n", f"\nstock_points:\n{ids}", 1)
        path.write_text(text.replace("\nlanes:\n", f"\nlanes:\n{lanes}", 1))
        start = time.process_time()
        assert len(problems(path)) == MAX_LISTED + 1
        assert time.process_time() - start < 10.0

    def test_long_names_are_shortened(self, tmp_path: Path):
        path = tmp_path / "bad.yaml"
        path.write_text(VALID.read_text().replace("firm: seagate", f"firm: {'s' * 100_000}"))
        assert len(problems(path)[0]) < 300

    def test_long_messages_are_shortened_in_the_middle(self):
        said = str(Problem(f"found {'x' * 100_000}, allowed: less"))
        assert len(said) < 1100
        assert said.startswith("found xxx")
        assert said.endswith("xxx, allowed: less")

    def test_further_problems_get_their_places(self):
        loaded = load_with_places(VALID)
        unplaced = [
            Problem("stock_points.disks: found a cycle"),
            Problem("demand.home-demand.stock_point: no supply"),
            Problem("no path at all"),
        ]
        lines = [problem.place.line for problem in loaded.placed(unplaced) if problem.place]
        assert lines == [24, 58, 2]

    def test_checks_need_no_file(self):
        data = copy.deepcopy(PLAIN)
        data["lanes"] |= {"spare-lane": {**data["lanes"]["seagate-lane"], "supplier": "toshiba-platters"}}
        (finding,) = inconsistencies(Scenario.model_validate(data))
        assert finding.path == ("lanes", "spare-lane")
        assert finding.place is None


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, -1, 0, 10**15, 1.5, float("inf"), float("nan")),
        *("", "x", "disks", "2019-13-01", "yes", [], ["disks"], [[1]]),
        *(
            {},
            {"value": 3},
            {"value": None},
            {"dist": "pert"},
            {"dist": 3},
            {"dist": "empirical", "values": [1]},
        ),
        *({"like": "disks"}, {"like": None}, {"kind": "r_Q"}, {"kind": []}, {"maker": 1}),
    ]
)


def paths(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = part.keys() if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    return [path, *(deeper for key in keys for deeper in paths(part[key], (*path, key)))][path == () :]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.sampled_from(paths(PLAIN)), JUNK), min_size=1, max_size=4))
def test_no_damage_crashes_the_loader(tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]):
    data = copy.deepcopy(PLAIN)
    for path, junk in changes:
        with suppress(KeyError, IndexError, TypeError):
            holder = data
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = junk
    file = tmp_path / "damaged.yaml"
    file.write_text(json.dumps(data, indent=1).replace("Infinity", ".inf").replace("NaN", ".nan"))
    try:
        scenario = load_scenario(file)
    except ScenarioError as error:
        for problem in error.problems:
            assert problem.place is not None
            assert "Input should" not in problem.message, problem
            assert "\n" not in str(problem)
    else:
        assert Scenario.model_validate(resolved(scenario)) == scenario


@pytest.mark.parametrize("file", LIBRARY)
def test_what_is_given_makes_the_same_scenario_with_the_same_assumptions(file):
    scenario = load_scenario(file)
    again = as_written(json.loads(json.dumps(written(scenario), allow_nan=False)))
    assert again == scenario
    assert assumptions(again) == assumptions(scenario)
    assert resolved(again) == resolved(scenario)


def test_what_is_given_no_more_is_refused():
    with pytest.raises(ScenarioError, match="nonsense"):
        as_written({"nonsense": 1})
