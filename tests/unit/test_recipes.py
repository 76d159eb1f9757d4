"""Several recipes for one output: what may be written, who is to blame, and what is told of it."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import sim
from sim.model.compile import compile_plan, prepare
from sim.model.failures import nodes_of
from sim.model.recipes import with_lines
from sim.report.context import make_context
from sim.report.graph_objects import as_plotly
from sim.report.names import Names
from sim.report.numbers import percent
from sim.report.page_parts import Grid
from sim.report.recipe_section import recipe_section
from sim.report.sections import sections
from sim.risk.tables import COLUMNS, tables_of
from sim.risk.trace import events
from sim.scenario.checks import inconsistencies
from sim.scenario.schema import Scenario
from tests.builders import (
    ban,
    compiled,
    day,
    factory,
    measured,
    read,
    run_batch,
    told,
    told_without_shock,
    twins_of,
)
from tests.day.test_day_recipes import FULL, PLAIN, recorders, shared_line
from tests.unit.test_attribution import blame

PAGE = Path(__file__).parents[2] / "docs" / "scenario-format.md"


def findings(data):
    return [finding.message for finding in inconsistencies(Scenario.model_validate(data))]


def test_one_recipe_has_no_line():
    scenario = read(factory())
    assert with_lines(scenario) == scenario


def test_all_recipes_must_not_wait():
    late = {"trigger": {"date": day(5)}}
    data = recorders(recipes={"assembly": late, "plain": late})
    assert findings(data) == [
        "assembly and plain all wait for a trigger, allowed: at least one recipe without"
    ]


def test_the_capacity_of_several_recipes_is_theirs():
    (message,) = findings(recorders(stock_points={"goods": {"capacity_per_day": 9.0}}))
    assert message.startswith("found a capacity, but assembly and plain")


def test_the_shares_of_a_mix_must_not_all_be_0():
    data = recorders(stock_points={"goods": {"sourcing": "share"}}, recipes={"assembly": {"share": 0.0}})
    data["recipes"]["plain"] = {"output": "goods", "inputs": {"parts": 2.0}, "share": 0.0}
    assert findings(data) == [
        "the shares of all its recipes without trigger are 0, allowed: at least one above 0"
    ]


def test_echelon_stock_above_several_recipes_is_refused():
    data = recorders(stock_points={"disks": {"policy": {"kind": "echelon_base_stock"}}})
    with pytest.raises(Exception, match="'goods' downstream is made by 2 recipes"):
        compiled(data)


CHANGE = {"kind": "change", "title": "Change", "date": day(5)}
LOSS = {"kind": "stock_loss", "title": "Fire", "date": day(5), "stock_points": {"stock_points": ["goods"]}}


@pytest.mark.parametrize(
    ("entry", "cover", "what"),
    [
        (
            CHANGE | {"number": "yield_share", "recipes": ["plain"], "to": 0.5},
            "recipes",
            "numbers cannot change",
        ),
        (
            CHANGE | {"number": "inputs", "recipes": ["assembly"], "to": 3.0},
            "recipes",
            "numbers cannot change",
        ),
        (
            CHANGE | {"number": "capacity_per_day", "stock_points": {"stock_points": ["goods"]}, "to": 5.0},
            "stock_points",
            "numbers cannot change",
        ),
        (LOSS | {"work_in_process_share": 0.5}, "stock_points", "work cannot be lost"),
    ],
)
def test_what_is_not_told_apart_is_neither_changed_nor_lost(entry, cover, what):
    scenario = Scenario.model_validate(recorders(interventions={"entry": entry}))
    (found,) = inconsistencies(scenario)
    assert found.path == ("interventions", "entry", cover)
    said = f"goods is made by several recipes, whose {what}; allowed: what one recipe alone makes"
    assert found.message == said


def test_goods_that_several_recipes_make_may_be_lost():
    assert findings(recorders(interventions={"entry": LOSS | {"on_hand_share": 0.5}})) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lanes": {"way": {"supplier": "line", "buyer": "parts"}}}, "which cannot be shipped"),
        ({"demand": {"home": {"stock_point": "line"}}}, "line is a resource, which is not sold"),
        ({"recipes": {"assembly": {"output": "line"}}}, "line is a resource, which no recipe makes"),
        ({"stock_points": {"line": {"policy": {"kind": "base_stock"}}}}, "of which nothing is kept"),
    ],
)  # fmt: skip
def test_hours_are_no_goods(changes, message):
    assert message in " ".join(findings(shared_line(10.0, **changes)))


def test_the_input_that_forced_the_lesser_recipe_bears_the_penalty():
    """From day 9 on, 10 a day are made without disks; the stock of goods is mixed until day 19."""
    data = recorders(stock_points={"goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0}})
    found = blame(data)
    assert found == {"lane disks": pytest.approx(11 * 10.0 * 5.0 * 0.24)}


def test_lost_sales_are_charged_to_it_too_where_the_lesser_recipe_does_not_make_all():
    data = recorders(
        stock_points={"goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0}},
        recipes={"plain": {"capacity_per_day": 4.0, "performance_penalty": 0.0}},
    )
    assert blame(data) == {"lane disks": pytest.approx(11 * 6.0 * 5.0)}


def test_scarce_hours_are_blamed_on_what_takes_them():
    fire = {
        "kind": "capacity_loss", "title": "Fire", "date": day(3), "shock": True,
        "covers": {"stock_points": ["line"]},
    }  # fmt: skip
    found = blame(shared_line(15.0, interventions={"fire": fire}))
    assert found == {"point line": pytest.approx(7 * 10 * 5.0 * 2)}


def test_the_trace_tells_the_recipe():
    data = recorders()
    twins = twins_of(data)
    lines = [str(event) for event in events(read(data), twins.plan, twins.scenario)]
    assert any("recipe" in line and "goods by plain: begins with 10 pieces" in line for line in lines)
    assert not any("shipment" in line and "goods by" in line for line in lines)


def test_no_stress_test_fails_the_way_from_a_line():
    scenario = read(recorders())
    assert not [node for node in nodes_of(scenario, compile_plan(scenario)) if " by " in node.key]


def test_a_ban_does_not_close_the_way_from_a_line():
    everything = ban(5)
    del everything["jurisdiction"]
    assert told(recorders(interventions={"all": everything})).point(FULL, "started")[6] == 10.0


def test_names_tell_recipes_of_one_output_apart():
    names = Names(read(recorders()))
    assert names.object("recipes", "plain") == "Production of Product at Maker without Disk"
    assert names.object("recipes", "assembly") == "Production of Product at Maker with Disk"
    alike = recorders(recipes={"poor": {"output": "goods", "inputs": {"parts": 3.0}, "rank": 3}})
    assert Names(read(alike)).recipe_way("poor") == "by poor"
    assert Names(read(factory())).object("recipes", "assembly") == "Production of Product at Maker"


def test_the_value_of_stock_is_that_of_its_recipes():
    observed = {
        "stock": {"measure": "inventory_value", "firm": "maker", "start": day(0), "end": day(0), "value": 1.0}
    }
    data = recorders(observations=observed, recipes={"assembly": {"conversion_cost": 3.0}})
    value = measured(twins_of(data)).outcome.observed[0]
    parts, disks, goods = 180.0, 30.0, 30.0  # one unit of goods is 2 parts of 1 and 3 of conversion
    assert value == pytest.approx(parts * 1.0 + disks * 0.0 + goods * 5.0)


def test_uncertain_numbers_of_recipes_have_the_paths_of_the_file():
    number = {"dist": "uniform", "low": 0.1, "high": 0.3}
    plan = compiled(recorders(recipes={"plain": {"performance_penalty": number, "yield_share": number}}))
    assert [item.path for item in plan.inputs] == ["recipes.plain.performance_penalty"]
    lane = plan.labels.lanes.index("goods by plain")
    assert plan.with_inputs(np.array([0.15])).lanes.performance_penalty[lane] == 0.15


REPLICATIONS = 8


def uncertain(**changes):
    """Recorders made without disks once these run out, of which there are more or fewer."""
    disks = {"dist": "uniform", "low": 20.0, "high": 60.0}
    return recorders(30, stock_points={"disks": {"initial_on_hand": disks}}, **changes)


def made_in(run, line):
    """``[week]`` good units of a line."""
    return run.point(line, "produced")[:28].reshape(4, 7).sum(axis=1)


def test_which_recipe_made_how_much_is_told_by_week():
    plan = compiled(uncertain())
    table = tables_of(read(uncertain()), plan, run_batch(plan, replications=REPLICATIONS, seed=1))["recipes"]
    assert tuple(table.columns) == COLUMNS["recipes"]
    for tell, twin in ((told, "scenario"), (told_without_shock, "counterfactual")):
        runs = [tell(uncertain(), replication=number) for number in range(REPLICATIONS)]
        total = sum(made_in(run, line) for run in runs for line in (FULL, PLAIN))
        for line, recipe in ((FULL, "assembly"), (PLAIN, "plain")):
            rows = table[(table["recipe"] == recipe) & (table["twin"] == twin)]
            units = np.stack([made_in(run, line) for run in runs])
            assert rows["stock_point"].unique().tolist() == ["goods"]
            assert rows["mean"].to_numpy() == pytest.approx(units.mean(axis=0))
            assert rows["p95"].to_numpy() == pytest.approx(
                np.percentile(units, 95, axis=0, method="inverted_cdf")
            )
            assert rows["share"].to_numpy() == pytest.approx(units.sum(axis=0) / total)
    with_shock = table[(table["recipe"] == "plain") & (table["twin"] == "scenario")]
    assert 0.0 < with_shock["share"].iloc[1] < 1.0 == with_shock["share"].iloc[3]


def test_a_folder_that_is_opened_again_tells_it_too(tmp_path):
    file = tmp_path / "recorders.yaml"
    file.write_text(yaml.safe_dump(uncertain(), sort_keys=False))
    found = sim.run(file, replications=4, workers=1)
    again = sim.open(found.save(tmp_path / "run"))
    pd.testing.assert_frame_equal(again.tables["recipes"], found.tables["recipes"])


def test_a_point_of_one_recipe_has_no_such_table():
    plan = compiled(factory(14))
    measured_batch = run_batch(plan, replications=2, seed=1)
    assert "recipes" not in tables_of(read(factory(14)), plan, measured_batch)
    assert measured_batch.courses.made.size == 0


def test_the_report_draws_which_recipe_made_how_much(tmp_path):
    file = tmp_path / "recorders.yaml"
    file.write_text(yaml.safe_dump(uncertain(), sort_keys=False))
    context = make_context(sim.run(file, replications=REPLICATIONS, workers=1)._findings)
    section = recipe_section(context)
    assert section is not None
    (grid,) = section.blocks
    assert isinstance(grid, Grid)
    (chart,) = grid.charts
    table = context.tables["recipes"]
    weeks = table["week"].astype(str)
    window = table[(weeks >= str(context.shock_date)) & (table["twin"] == "scenario")]
    share = window.loc[window["recipe"] == "plain", "mean"].sum() / window["mean"].sum()
    assert f"{percent(share)} made without Disk " in chart.title
    assert chart.title.endswith("without the shock 0%")
    traces = as_plotly(chart.figure).data
    assert [trace.name for trace in traces if trace.showlegend] == [
        "with Disk",
        "without Disk",
    ]
    assert "recipes" in {found.key for found in sections(context)}


def test_the_report_has_no_such_chapter_without_several_recipes(tmp_path):
    file = tmp_path / "factory.yaml"
    file.write_text(yaml.safe_dump(factory(14, interventions={"ban": ban(5)}), sort_keys=False))
    context = make_context(sim.run(file, replications=2, workers=1)._findings)
    assert recipe_section(context) is None
    assert "recipes" not in {found.key for found in sections(context)}


def test_the_example_of_a_shared_line_runs(tmp_path):
    (example,) = [
        text
        for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
        if "name: shared-line" in text
    ]
    path = tmp_path / "shared-line.yaml"
    path.write_text(example, encoding="utf-8")
    scenario, plan = prepare(path)
    assert "pumps by pump-by-hand" in plan.labels.points
    assert scenario.items["hours"].kind == "resource"


def test_a_window_in_which_no_week_begins_has_no_shares_to_tell(tmp_path):
    file = tmp_path / "short.yaml"
    short = uncertain(analysis={"window_days": 2}, interventions={"ban": ban(10)})
    file.write_text(yaml.safe_dump(short, sort_keys=False))
    assert "how much is made by which recipe" in sim.run(file, replications=2, workers=1).report()
