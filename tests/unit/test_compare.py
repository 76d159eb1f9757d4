"""Scenarios side by side: steps between them, paired differences, the command and its folder."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

import sim
from sim import cli
from sim.errors import SimError
from sim.report import comparison_words
from sim.report.names import step_title
from sim.report.page_parts import Table
from sim.risk.comparison import Losses, differences_table, waterfall_table
from sim.risk.replicated import INDEPENDENT
from sim.scenario import change_words
from sim.scenario.changes import MOST_STEPS, changed, changes
from sim.scenario.load import load_scenario, resolved
from sim.stories import compare
from sim.stories.compare import _possible
from tests.builders import START, ban, merged, read, shop

FLAGSHIP = "scenarios/entity-list-2019-research-house.yaml"
VARIANTS = [
    f"scenarios/entity-list-2019-{name}.yaml"
    for name in ("half-stockpile", "licences-granted", "slow-substitution")
]


def losses(name, shares):
    return Losses(name, {"maker": np.array(shares)}, {"maker": 10.0 * np.array(shares)})


# --- steps --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", VARIANTS)
def test_all_steps_together_lead_to_the_other_scenario(file):
    one, other = load_scenario(FLAGSHIP), load_scenario(file)
    steps = changes(one, other)
    assert 0 < len(steps) <= MOST_STEPS
    assert changes(changed(one, steps), other) == []


def test_equal_scenarios_differ_in_nothing():
    assert changes(load_scenario(FLAGSHIP), load_scenario(FLAGSHIP)) == []


def test_texts_and_sources_count_for_nothing():
    one = shop(30)
    other = merged(
        one, {"title": "Another", "lanes": {"parts": {"price": {"value": 1.0, "source": "a book"}}}}
    )
    other["lanes"]["parts"]["price"]["value"] = resolved(read(one))["lanes"]["parts"]["price"]["value"]
    assert changes(read(one), read(other)) == []


@pytest.mark.parametrize("section", ["stress", "observations"])
def test_sections_that_no_loss_depends_on_count_for_nothing(section):
    reported = {
        "firm": "maker",
        "measure": "revenue",
        "start": START,
        "end": START,
        "value": 1.0,
        "source": "a book",
    }
    sections = {"stress": {"ttr_days": 5}, "observations": {"day": reported}}
    assert changes(read(shop(30)), read(shop(30, **{section: sections[section]}))) == []


def test_an_object_called_source_is_an_object():
    one = shop(30)
    other = merged(one, {"stock_points": {"source": {"capacity_per_day": 3.0}}})
    assert [step.name for step in changes(read(one), read(other))] == ["stock_points.source"]


def test_what_is_added_and_what_is_removed_are_steps():
    one, other = read(shop(30, interventions={"ban": ban(5)})), read(shop(30, interventions={"stop": ban(6)}))
    steps = changes(one, other)
    assert [step.name for step in steps] == ["interventions.ban", "interventions.stop"]
    assert resolved(changed(one, steps)) == resolved(other)


def test_many_objects_are_put_together_by_their_field():
    names = [step.name for step in changes(load_scenario(FLAGSHIP), load_scenario(VARIANTS[2]))]
    assert names == ["substitutes.*.qualification_lag_days"]


def told(one, other):
    return {step.name: change_words.told(step, one, other) for step in changes(one, other)}


def test_what_a_step_changes_is_told_as_old_and_new():
    one = read(shop(30, interventions={"ban": ban(5, duration_days=60)}))
    other = read(
        shop(
            30,
            stock_points={"source": {"capacity_per_day": 3.0}},
            interventions={
                "ban": ban(
                    8, duration_days={"dist": "uniform", "low": 20, "high": 40}, title="Ban, 3 days later"
                ),
                "stop": ban(6),
            },
            analysis={"window_days": 10},
        )
    )
    assert told(one, other) == {
        "stock_points.source": "capacity_per_day: not set → 3",
        "interventions.ban": "date: 2021-01-06 → 2021-01-09; duration_days: 60 days → uniform(20, 40) days",
        "interventions.stop": "added",
        "analysis.window_days": "not set → 10",
    }
    assert told(other, one)["interventions.stop"] == "removed"


def test_of_many_settings_the_first_three_are_told():
    (change,) = told(load_scenario(FLAGSHIP), load_scenario(VARIANTS[2])).values()
    assert change.count(" → ") == 3
    assert change.endswith(" days; and 19 more")


def test_steps_are_called_by_the_names_of_their_objects():
    second = {"second": {"firm": "supplier", "item": "part"}}
    lane = {"more": {"supplier": "second", "buyer": "shelf", "lead_time_days": 2, "price": 1.0}}
    one, other = (
        read(shop(30)),
        read(shop(30, stock_points=second, lanes=lane, interventions={"ban": ban(5)})),
    )
    titles = {
        "stock_points.second": "“Part at Supplier (second)”",
        "lanes.more and interventions.ban": "“Supplier → Maker: Part (more)” and “Ban”",
        "lanes.parts": "“Supplier → Maker: Part”",
        "demand.home": "“Demand for Part at Maker, Home”",
        "substitutes.*.ramp_days": "“substitutes: ramp days”",
        "analysis.window_days": "“analysis: window days”",
    }
    assert {step: step_title(step, (one, other)) for step in titles} == titles


# --- tables -------------------------------------------------------------------------------------------------


def test_differences_are_taken_future_by_future():
    one, other = losses("one", [0.1, 0.2, 0.3, 0.4]), losses("other", [0.2, 0.3, 0.4, 0.3])
    row = differences_table([one, other], INDEPENDENT).iloc[0]
    assert (row["scenario"], row["against"]) == ("other", "one")
    assert row["mean"] == pytest.approx(0.05)
    assert row["share_worse"] == 0.75
    difference = np.array([0.1, 0.1, 0.1, -0.1])
    assert row["variance_ratio"] == pytest.approx(difference.var() / (0.0125 + 0.005))
    assert row["loss_mean"] == pytest.approx(0.5)


def test_effects_of_steps_add_up():
    path = [losses("start", [0.1, 0.2]), losses("a", [0.3, 0.3]), losses("b", [0.2, 0.1])]
    table = waterfall_table(path, [path[1], None], INDEPENDENT)
    assert table["effect"].tolist() == pytest.approx([0.15, -0.15])
    assert table["effect"].sum() == pytest.approx(table["after"].iloc[-1] - table["before"].iloc[0])
    assert table["alone"].iloc[0] == pytest.approx(0.15)
    assert np.isnan(table["alone"].iloc[1])


# --- the story ----------------------------------------------------------------------------------------------


def write(folder, name, **changes_):
    data = shop(
        60,
        firms={"maker": {"name": "The maker"}},
        demand={"home": {"patience_days": 0}},
        interventions={"ban": ban(5)},
        analysis={"window_days": 30},
    )
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps({**merged(data, changes_), "name": name}))
    return file


def test_a_step_that_makes_no_scenario_alone_is_taken_with_the_next(tmp_path):
    """A stock point that nothing supplies comes with its lane."""
    one = write(tmp_path, "one")
    second = {"second": {"firm": "supplier", "item": "part"}}
    other = write(
        tmp_path,
        "other",
        stock_points=second,
        lanes={"more": {"supplier": "second", "buyer": "shelf", "lead_time_days": 2, "price": 1.0}},
    )
    found = compare.run([one, other], replications=16)
    assert found.tables["waterfall"]["step"].tolist() == ["stock_points.second and lanes.more"]


def test_steps_end_at_the_other_scenario(tmp_path):
    one = write(tmp_path, "one")
    other = write(
        tmp_path, "other", interventions={"ban": {"date": 20}}, demand={"home": {"mean_per_day": 3}}
    )
    found = compare.run([one, other], replications=16)
    steps, scenarios = found.tables["waterfall"], found.tables["scenarios"].set_index("scenario")
    assert steps["step"].tolist() == ["demand.home", "interventions.ban"]
    assert steps["before"].iloc[0] == scenarios.loc["one", "mean"]
    assert steps["after"].iloc[-1] == scenarios.loc["other", "mean"]
    assert steps["after"].iloc[0] == steps["before"].iloc[1]


def test_the_command_writes_a_folder(tmp_path):
    one = write(tmp_path, "one")
    other = write(tmp_path, "other", interventions={"ban": {"date": 20, "duration_days": 5}})
    arguments = ["compare", str(one), str(other), "-n", "16", "--out", str(tmp_path / "out")]
    told = CliRunner().invoke(cli.main, arguments, catch_exceptions=False)
    assert told.exit_code == 0
    moved = (
        "“Ban” (date: 6 Jan 2021 → 21 Jan 2021; duration_days: not set → 5 days) moves it most: −66.7 points."
    )
    assert "one: of its revenue, the maker loses 66.7% on average (VaR95 66.7%)" in told.output
    assert f"The maker: On the way from one to other, {moved}" in told.output
    folder = tmp_path / "out"
    for name in ("scenarios", "differences", "waterfall", "losses"):
        assert len(pd.read_csv(folder / "tables" / f"{name}.csv"))
    assert json.loads((folder / "summary.json").read_text())["replications"] == 16
    assert "The maker" in (folder / "report.html").read_text()


def test_the_command_that_is_told_gives_the_same_again(tmp_path):
    files = [write(tmp_path, "one"), write(tmp_path, "other", interventions={"ban": {"date": 20}})]
    found = compare.run(files, replications=16, seed=3, overrides=["title=A test"])
    assert found.manifest["command"].endswith(" --replications 16 --seed 3 --set 'title=A test'")


def test_equal_scenarios_make_a_report_too(tmp_path):
    files = [write(tmp_path, "one"), write(tmp_path, "other")]
    folder = compare.save(compare.run(files, replications=16), tmp_path / "out")
    assert "differ in nothing" in (folder / "report.html").read_text()


def test_what_does_not_compare_is_told(tmp_path):
    one = write(tmp_path, "one")
    with pytest.raises(SimError, match="found 1 scenario file; allowed: two or more"):
        compare.prepared([one])
    with pytest.raises(SimError, match="names one, one; allowed: each name once"):
        compare.prepared([one, one])
    with pytest.raises(SimError, match="found currency EUR in one and USD in other"):
        compare.prepared([one, write(tmp_path, "other", currency="USD")])
    with pytest.raises(SimError, match="found makers maker in one and supplier in other"):
        compare.prepared([one, write(tmp_path, "other", **selling_supplier())])


def selling_supplier():
    point = {"second": {"firm": "supplier", "item": "part"}}
    stream = {"more": {"stock_point": "second", "market": "home", "mean_per_day": 1, "price": 1}}
    return {"stock_points": point, "demand": stream, "analysis": {"makers": ["supplier"], "window_days": 30}}


def test_of_many_makers_the_largest_are_drawn_and_told_and_all_stand_in_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison_words, "MOST_DRAWN", 1)
    point, stream = selling_supplier()["stock_points"], selling_supplier()["demand"]
    both = {"window_days": 30, "makers": ["supplier", "maker"]}
    one = write(tmp_path, "one", stock_points=point, demand=stream, analysis=both)
    other = write(tmp_path, "other", stock_points=point, demand=stream, analysis=both, title="Another")
    found = compare.run([one, other], replications=16)
    told = comparison_words.told(found)
    assert told[-1] == (
        "Of 2 makers, these are the 1 whose mean loss or gain is largest in any scenario. All are in "
        "tables/scenarios.csv."
    )
    assert not any("supplier" in line for line in told)
    page = compare.COMPARISON.page(found)
    assert [card.maker for card in page.cards] == ["The maker"]
    assert page.reading.endswith(told[-1])
    tables = [block for block in page.sections[-1].blocks if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [4, 2]


def test_of_many_settings_a_collection_is_told_by_field_unless_objects_come_or_go():
    """Central case and flagship differ in hundreds of settings, some of objects that come and go."""
    central = load_scenario("scenarios/entity-list-2019.yaml", ["calendar.end=2020-12-31"])
    names = [step.name for step in changes(central, load_scenario(FLAGSHIP))]
    assert len(names) <= MOST_STEPS
    assert "lanes.*.controlled_content_share" in names
    assert {"substitutes", "recipes", "demand"} <= set(names)
    assert len(set(names)) == len(names)


def test_a_step_that_makes_no_scenario_alone_waits_for_those_that_do():
    """A new shelf without a lane is none, so a price comes first, and all of the shelf together."""
    one = read(shop(40))
    policy, stream = {"kind": "base_stock", "units": 10.0}, {"mean_per_day": 1.0, "price": 2.0}
    other = read(
        shop(
            40,
            stock_points={"second": {"firm": "maker", "item": "part", "policy": policy}},
            lanes={"more": {"supplier": "source", "buyer": "second", "price": 1.0}},
            demand={"home": {"price": 3.0}, "more": {"stock_point": "second", "market": "home", **stream}},
        )
    )
    steps = [step.name for step, _ in _possible(one, changes(one, other))]
    assert steps == ["demand.home", "stock_points.second and lanes.more and demand.more"]


# --- variants -----------------------------------------------------------------------------------------------

TWO = ["--variant", "dear: demand.home.price=3", "--variant", "late: interventions.ban.date=14",
       "--variant", "late: interventions.ban.title=Later"]  # fmt: skip


def shop_in(folder):
    file = folder / "shop.yaml"
    file.write_text(yaml.safe_dump(shop(30, interventions={"ban": ban(10)})))
    return file


def test_variants_of_one_file_are_compared_with_it(tmp_path):
    words = ["compare", str(shop_in(tmp_path)), *TWO, "-n", "16", "--out", str(tmp_path / "out")]
    told = CliRunner().invoke(cli.main, words, catch_exceptions=False)
    assert told.exit_code == 0, told.output
    steps = pd.read_csv(tmp_path / "out" / "tables" / "waterfall.csv")
    assert steps[["against", "scenario"]].to_numpy().tolist() == [["test", "dear"], ["test", "late"]]
    assert steps["changes"].tolist() == [
        "price: 2 → 3",
        "date: 2021-01-11 → 2021-01-15",
    ]
    assert "(date: 2021-01-11 → 2021-01-15): −12.5 points" in told.stdout
    assert "From test to late" in (tmp_path / "out" / "report.html").read_text()
    before = (tmp_path / "out" / "summary.json").read_text()
    (tmp_path / "out" / "summary.json").unlink()
    again = CliRunner().invoke(
        cli.main, ["compare", "--resume", str(tmp_path / "out")], catch_exceptions=False
    )
    assert again.exit_code == 0
    assert again.stdout == told.stdout
    assert (tmp_path / "out" / "summary.json").read_text() == before
    assert sim.open(tmp_path / "out").manifest["variants"][0] == "dear: demand.home.price=3"


def test_python_takes_variants_by_name(tmp_path):
    found = sim.compare(
        shop_in(tmp_path), variants={"dear": {"demand.home.price": 3}, "late": ["interventions.ban.date=14"]},
        replications=16,
    )  # fmt: skip
    assert [one.name for one in found.scenarios] == ["test", "dear", "late"]
    assert found.scenarios[1].title.endswith(": dear")
    assert set(found.tables["waterfall"]["against"]) == {"test"}


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("dear", "found the variant 'dear'; allowed: 'NAME: PATH=VALUE'"),
        ("demand.home.price=3", "found the variant 'demand.home.price=3'; allowed: 'NAME: PATH=VALUE'"),
        ("dear: demand.hom.price=3", "did you mean"),
        ("Dear Sir: demand.home.price=3", "found 'Dear Sir'"),
        ("test: demand.home.price=3", "found names test, test; allowed: each name once"),
    ],
)
def test_a_variant_that_is_none_is_told(tmp_path, word, problem):
    told = CliRunner().invoke(cli.main, ["compare", str(shop_in(tmp_path)), "--variant", word])
    assert told.exit_code == 2
    assert problem in told.stderr
