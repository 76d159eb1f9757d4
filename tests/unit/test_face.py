"""The public face: what ``import sim`` gives, lazily, and how it answers those who use it wrongly."""

import datetime as dt
import doctest
import importlib
import inspect
import itertools
import math
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.face.estimates import EstimatedNumber, Interval
from sim.face.scenarios import as_setting, plain
from sim.scenario.source import read_text

FIRST, FLAGSHIP = "scenarios/first-scenario.yaml", "scenarios/entity-list-2019-research-house.yaml"
COVER = "stock_points.controllers.policy.cover_days"
DURATION = "interventions.fire.duration_days"
HEAVY = {
    "numpy",
    "pandas",
    "numba",
    "plotly",
    "pydantic",
    "pyarrow",
    "scipy",
    "yaml",
    "click",
    "rich",
    "simpy",
}
MODULES = ["named", "options", "estimates", "scenarios", "results", "folders", "verbs", "sweeping"]


@pytest.fixture(scope="module")
def result():
    return sim.run(FIRST, replications=64, seed=7, workers=1)


@pytest.fixture(scope="module")
def base():
    return sim.load(FIRST)


# ---------------------------------------------------------------------- import


def modules_of(code):
    told = f"{code}\nimport sys; print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    return set(process.stdout.split())


def imported_by(code):
    return {name.partition(".")[0] for name in modules_of(code)}


def test_import_sim_imports_nothing_heavy():
    assert not imported_by("import sim; dir(sim)") & HEAVY
    assert imported_by("import sim; sim.run") >= {"numpy", "pandas"}


def test_the_command_makes_a_report_without_libraries_that_start_slowly(tmp_path):
    options = ["run", FIRST, "-n", "8", "--out", str(tmp_path / "run")]
    found = modules_of(f"from sim.cli import main; main({options!r}, standalone_mode=False)")
    assert "sim.report.page" in found
    assert not found & {"scipy.stats", "networkx", "plotly.graph_objects", "sklearn", "statsmodels"}


def test_every_name_has_a_home_and_a_page_of_its_own():
    assert sorted(sim.__all__) == sim.__all__ == dir(sim)
    for name in sim.__all__:
        found = getattr(sim, name)
        assert inspect.getdoc(found)
        assert found.__name__ == name


def test_what_a_type_checker_sees_is_what_there_is():
    """Names imported for the type checker, from where they are imported at run time."""
    tree = inspect.getsource(sim)
    for home, names in sim._HOMES.items():
        assert f"from {home} import" in tree
        for name in names:
            assert getattr(importlib.import_module(home), name) is getattr(sim, name)


def test_a_name_that_sim_does_not_have_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"no attribute .swep.; did you mean .sweep."):
        sim.swep  # noqa: B018


def test_types_ship():
    assert (Path(sim.__file__).parent / "py.typed").exists()


@pytest.mark.parametrize("name", ["sim", *(f"sim.face.{module}" for module in MODULES), "sim.report.figures"])
def test_examples_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize(
    "verb",
    [sim.run, sim.compare, sim.sensitivity, sim.stress, sim.trace, sim.sweep, sim.sweep_levers, sim.mitigate],
)
def test_a_verb_is_called_as_its_command_is(verb):
    """Everything but the scenarios is given by name, and every verb takes settings."""
    parameters = inspect.signature(verb).parameters
    assert parameters["overrides"].kind == inspect.Parameter.KEYWORD_ONLY
    assert "**" not in str(inspect.signature(verb))


# ---------------------------------------------------------------------- figures with intervals


def test_a_figure_is_a_number_with_its_interval(result):
    loss = result.loss("velo")
    told = result.summary["makers"]["velo"]["loss"]
    for name, figure in (
        ("mean", loss.mean),
        ("p50", loss.median),
        ("var95", loss.var95),
        ("es95", loss.es95),
    ):
        assert float(figure) == figure.value == told[name]["estimate"]
        assert figure.ci.low == (-math.inf if told[name]["ci_low"] is None else told[name]["ci_low"])
        assert figure.ci.high == (math.inf if told[name]["ci_high"] is None else told[name]["ci_high"])
        assert figure.level == 0.95
    assert f"{result.loss_share('velo').mean:.1%}".endswith("%")
    assert loss.mean / result.loss_share("velo").mean > 1.0


def test_a_bound_that_so_few_futures_do_not_give_is_infinite():
    loss = sim.run(FIRST, replications=2, workers=1).loss_share("velo")
    assert loss.es95.ci == (-math.inf, math.inf)


def test_results_survive_pickling(result):
    assert result.tables["stock"] is result.tables["stock"]
    again = pickle.loads(pickle.dumps(result))  # noqa: S301 - our own
    assert again.summary == result.summary
    assert list(again.figures) == list(result.figures)


def test_figures_survive_pickling():
    figure = EstimatedNumber(1.0, Interval(0.5, 2.0), 0.95)
    again = pickle.loads(pickle.dumps(figure))  # noqa: S301 - our own
    assert (again, again.ci, again.level) == (1.0, (0.5, 2.0), 0.95)


def test_a_run_has_tables_figures_and_a_page(result):
    assert set(result.tables) >= {"makers", "stock", "revenue_fan"}
    assert isinstance(result.tables["stock"], pd.DataFrame)
    assert result.figures["revenue_fan"] is result.figures["revenue_fan/velo"]
    assert result.figures["stock/controllers"].layout.height
    assert result.report().startswith("<!DOCTYPE html>")
    assert result.replications == 64


@pytest.mark.parametrize("shown", [repr, lambda thing: thing._repr_html_()])
def test_a_result_shows_on_one_screen(result, shown):
    assert "velo" in shown(result)
    assert len(shown(result).splitlines()) < 40


def test_a_scenario_shows_on_one_screen(base):
    flagship = repr(sim.load(FLAGSHIP))
    assert len(flagship.splitlines()) < 40
    for told in ("entity-list-2019-research-house", "Hikvision", "2019-10-09", "RMB"):
        assert told in flagship
    assert "settings  calendar.days=500" in repr(base.with_({"calendar.days": 500}))


# ---------------------------------------------------------------------- variants


def test_a_variant_is_the_scenario_with_its_settings(base):
    thick = base.with_({COVER: 120})
    again = thick.with_(name="thick").with_({DURATION: {"dist": "uniform", "low": 30, "high": 90}})
    assert base.overrides == ()
    assert thick.definition == sim.load(FIRST, [f"{COVER}=120"]).definition
    assert again.name == "thick"
    assert again.definition == sim.load(FIRST, again.overrides).definition
    assert again.definition == sim.load(sim.load(FIRST), again.overrides).definition
    assert len(again.plan.inputs) == 1


def test_a_value_may_be_whatever_python_has_for_it(base):
    values = {COVER: np.int64(90), "interventions.fire.date": dt.date(2025, 7, 1), "title": "0x10"}
    variant = base.with_(values)
    assert variant.definition == sim.load(FIRST, variant.overrides).definition
    assert variant.title == "0x10"
    assert base.with_({"stock_points.controllers.capacity_per_day": math.inf}).definition
    fire = base.with_({"interventions.fire.date": np.datetime64("2025-07-01", "ns")}).definition
    assert fire.interventions["fire"].date == dt.date(2025, 7, 1)
    with pytest.raises(
        sim.SimError, match=r"found something of type object, allowed: what a scenario file can hold"
    ):
        base.with_({COVER: object()})


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf", "Cn"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc: #'\"", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200)
@given(PLAIN)
def test_a_setting_says_the_same_on_the_command_line(value):
    assert read_text(as_setting(value)).plain == plain(value)


def test_a_scenario_may_be_a_mapping():
    given = sim.load(FIRST)
    from sim.scenario.load import written

    loaded = sim.load(written(given.definition))
    assert loaded.definition == given.definition
    one, other = (sim.run(each, replications=4, workers=1) for each in (given, loaded))
    assert one.summary == other.summary
    assert one.manifest["digest"] == other.manifest["digest"]


# ---------------------------------------------------------------------- the other verbs


def test_a_run_is_that_of_the_command(result):
    from sim.stories import study

    same = study.run(FIRST, replications=64, seed=7, workers=1).findings
    assert result.summary == same.summary
    assert result.manifest == same.manifest


def test_a_notebook_can_complete_the_names_of_tables_and_figures(result):
    for named in (result.tables, result.figures):
        assert named._ipython_key_completions_() == list(named)


def test_a_run_goes_on_until_it_is_precise():
    found = sim.run(FIRST, precision=0.02, replications=4096, workers=1)
    low, high = found.loss_share("velo").mean.ci
    assert (high - low) / 2 <= 0.02
    assert found.replications < 4096


def test_variants_compare(base):
    thick = base.with_({"name": "thick", COVER: 90})
    found = sim.compare(base, thick, replications=32, workers=1)
    assert [each.name for each in found.scenarios] == ["first-scenario", "thick"]
    change = found.difference("thick", "first-scenario", "velo")
    assert change < 0 < found.loss_share("first-scenario", "velo")
    assert change == pytest.approx(
        found.loss_share("thick", "velo") - found.loss_share("first-scenario", "velo")
    )
    assert list(found.figures) == ["waterfall/thick/velo", "exceedance/velo"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("first-scenario", "thick"), r"found no later scenario 'first-scenario'; allowed: thick"),
        (("thick", "firstscenario"), r"found no earlier scenario 'firstscenario'; did you mean"),
    ],
)
def test_a_difference_is_of_a_later_scenario_to_an_earlier_one(base, asked, message):
    found = sim.compare(base, base.with_(name="thick"), replications=16, workers=1)
    with pytest.raises(sim.UnknownNameError, match=message):
        found.difference(asked[0], asked[1], "velo")


def test_a_representation_says_what_is_not_known_of_one_future(base):
    told = repr(sim.run(base, replications=1, workers=1))
    assert "(95 % interval -inf to inf)" in told


def test_a_manifest_names_a_command_only_if_it_gives_the_same_figures(base):
    variant = base.with_({COVER: 90})
    assert f"--set '{COVER}=90'" in sim.run(variant, replications=2, workers=1).manifest["command"].replace(
        f"--set {COVER}=90", f"--set '{COVER}=90'"
    )
    found = sim.compare(base, variant.with_(name="thick"), replications=16, workers=1)
    assert found.manifest["command"].startswith("chokepoint compare --resume results/compare-")


def test_a_stress_test_and_a_sensitivity_analysis(base):
    stressed = sim.stress(base, ttr_days=60, day="2025-07-01", pairs_among=["supplier"], workers=1)
    assert stressed.summary["failure_date"] == "2025-07-01"
    assert set(stressed.tables["stress_nodes"]["ttr_days"]) == {60}
    assert next(iter(stressed.figures)) == "impacts"
    uncertain = base.with_({DURATION: {"dist": "uniform", "low": 60, "high": 180}})
    found = sim.sensitivity(uncertain, replications=32, workers=1)
    assert (found.maker, found.evpi) == ("velo", None)
    assert found.mean_loss_share.ci.low <= found.mean_loss_share
    assert list(found.figures) == ["tornado", "sobol"]


def test_pairs_among_none_is_the_word_of_the_command_for_an_empty_list(base):
    one = sim.stress(base, pairs_among="none", workers=1)
    other = sim.stress(base, pairs_among=[], workers=1)
    assert one.summary == other.summary
    assert one.manifest == other.manifest


def test_alternatives_of_a_decision_are_weighed_as_by_the_command():
    from sim.stories import sensitivity

    file = "tests/cases/wrong-advice.yaml"
    found = sim.sensitivity(file, replications=32, top=1, seed=3, workers=1)
    same = sensitivity.run(file, replications=32, top=1, seed=3, workers=1)
    assert found.summary == same.summary
    assert found.evpi is not None
    assert found.evpi >= 0.0


def test_a_trace_has_events_and_states(base):
    told, other = sim.trace(base, replication=3), sim.trace(base, replication=3, counterfactual=True)
    assert {"rule"} <= set(told.events["kind"]) ^ set(other.events["kind"])
    assert told.states["on_hand"].min() >= 0.0
    assert "Future 3 of first-scenario, with the shock" in repr(told)


# ---------------------------------------------------------------------- sweeps


def test_a_sweep_is_a_grid_under_common_random_numbers(base):
    table = sim.sweep(base, {COVER: [56, 90], DURATION: (60, 90)}, replications=32, seed=3, workers=1)
    assert table[[COVER, DURATION]].to_numpy().tolist() == [[56, 60], [56, 90], [90, 60], [90, 90]]
    assert table["maker"].eq("velo").all()
    assert table.loc[0, ["difference", "difference_ci_low", "difference_ci_high"]].eq(0.0).all()
    assert table["difference_ci_high"][1] > 0.0
    assert table["difference"].tolist() == pytest.approx((table["mean"] - table["mean"][0]).tolist())
    alone = sim.run(base.with_({COVER: 56, DURATION: 90}), replications=32, seed=3, workers=1)
    assert table["mean"][1] == pytest.approx(alone.loss_share("velo").mean)
    assert table["loss_mean"][1] == pytest.approx(alone.loss("velo").mean)
    assert table["mean"][1] > 0.05
    assert (table["es95"] >= table["mean"]).all()


def test_a_sweep_of_several_makers_has_a_row_of_each():
    table = sim.sweep(FLAGSHIP, {"analysis.window_days": [180, 365]}, replications=16, workers=1)
    assert table["maker"].tolist() == ["hikvision", "dahua"] * 2
    assert table["analysis.window_days"].tolist() == [180, 180, 365, 365]


# ---------------------------------------------------------------------- mistakes


free: Any = sim
"""For calls that a type checker refuses, too."""


HOLDS_ITSELF: dict[str, Any] = {}
HOLDS_ITSELF["firms"] = [HOLDS_ITSELF]
MULTIPLIED: list[Any] = []
for _ in range(12):
    MULTIPLIED = [MULTIPLIED] * 10


def never(*_args, **_kwargs):
    raise AssertionError("something is simulated")


MISTAKES = {
    "a maker": (lambda on: on.result.loss("vello"), "found no maker 'vello'; did you mean 'velo'?"),
    "a table": (lambda on: on.result.tables["stok"], "found no table 'stok'; did you mean 'stock'?"),
    "a figure": (lambda on: on.result.figures["revenue_fn"], "found no figure 'revenue_fn'; did you mean"),
    "a path": (lambda on: on.base.with_({"stock_pionts.x.y": 1}), "did you mean 'stock_points'?"),
    "an id": (lambda on: on.base.with_({"stock_points.controler.policy": 1}), "did you mean 'controllers'?"),
    "part of an id": (
        lambda _: sim.load(FLAGSHIP).with_({"stock_points.hdd.policy.cover_days": 30}),
        "did you mean 'dahua-hdd'?",
    ),
    "a field": (
        lambda on: on.base.with_({"stock_points.controllers.policy.cover_day": 1}),
        "did you mean 'cover_days'?",
    ),
    "a value": (lambda on: on.base.with_({COVER: "much"}), f"with_: {COVER}: found 'much'"),
    "replications": (
        lambda on: free.run(on.base, replications=-3),
        "replications: found -3, allowed: a whole",
    ),
    "half a replication": (lambda on: free.run(on.base, replications=2.5), "replications: found 2.5"),
    "a truth": (lambda on: free.run(on.base, replications=True), "replications: found true"),
    "an engine": (
        lambda on: free.run(on.base, engine="simpi"),
        "engine: found 'simpi'; did you mean 'simpy'?",
    ),
    "a precision": (
        lambda on: free.run(on.base, precision=0),
        "precision: found 0, allowed: a number above 0",
    ),
    "a seed": (lambda on: free.run(on.base, seed=-1), "seed: found -1"),
    "workers": (lambda on: free.run(on.base, workers=0), "workers: found 0"),
    "a file": (lambda _: free.load("scenarios/first-scenari.yaml"), "first-scenari.yaml"),
    "a path beside a file": (
        lambda _: free.load("scenarios/first-scenari.yaml"),
        "did you mean 'first-scenario.yaml'?",
    ),
    "a text": (lambda _: free.load("chokepoint: 1\nname: x"), "found several lines of text"),
    "settings that are none": (lambda on: free.run(on.base, overrides=[3]), "overrides: found 3"),
    "a setting that is none": (lambda on: free.run(on.base, overrides=3), "overrides: found 3"),
    "a day": (lambda on: free.stress(on.base, day="2025-13-01"), "stress: stress.date: found '2025-13-01'"),
    "a folder to open": (lambda _: free.open(3), "open: found 3, allowed: the path of a folder"),
    "a folder to write": (lambda on: on.result.save(3), "out: found 3, allowed: the path of a folder"),
    "a swept name": (lambda on: free.sweep(on.base, COVER), "allowed: values by path"),
    "a thing": (
        lambda _: free.load(3),
        "scenario: found something of type int, allowed: the path of a scenario file",
    ),
    "a text for a variant": (
        lambda on: on.base.with_(f"{COVER}=90"),
        f"with_: found '{COVER}=90', allowed: values by path",
    ),
    "a list": (lambda on: free.compare([on.base, on.base]), "allowed: scenarios one by one"),
    "one scenario": (lambda on: free.compare(on.base), "compare: found 1 scenario"),
    "twice the same": (lambda on: free.compare(on.base, on.base), "allowed: each name once"),
    "a kind of nodes": (
        lambda on: free.stress(on.base, pairs_among=["suplier"]),
        "did you mean 'supplier'?",
    ),
    "one kind, misspelt": (
        lambda on: free.stress(on.base, pairs_among="suplier"),
        "did you mean 'supplier'?",
    ),
    "no kinds": (lambda on: free.stress(on.base, pairs_among=3), "pairs_among: found 3, allowed"),
    "none among others": (
        lambda on: free.stress(on.base, pairs_among=["none", "lane"]),
        "found --pairs-among none beside a kind of nodes",
    ),
    "a maker to analyse": (lambda on: free.sensitivity(on.base, maker="vello"), "did you mean 'velo'?"),
    "a future": (lambda on: free.trace(on.base, replication=-1), "replication: found -1"),
    "a swept path": (
        lambda on: free.sweep(on.base, {"stock_pionts.x": [1]}),
        "did you mean 'stock_points'?",
    ),
    "a swept value": (
        lambda on: free.sweep(on.base, {COVER: [30, "much"]}),
        f"sweep: {COVER}: found 'much'",
    ),
    "swept text": (lambda on: free.sweep(on.base, {COVER: "30"}), "found '30', allowed: a list of values"),
    "one swept value": (
        lambda on: free.sweep(on.base, {COVER: 30}),
        "found 30, allowed: a list of values",
    ),
    "no swept value": (lambda on: free.sweep(on.base, {COVER: []}), "found no values"),
    "nothing swept": (lambda on: free.sweep(on.base, {}), "allowed: values by path"),
    "too large a grid": (
        lambda on: free.sweep(on.base, {COVER: range(20_000)}),
        "found more than 10,000 combinations",
    ),
    "an endless grid": (
        lambda on: free.sweep(on.base, {COVER: itertools.count()}),
        "found more than 10,000 combinations",
    ),
    "a grid of endless dimensions": (
        lambda on: free.sweep(on.base, {str(path): [1, 2] for path in range(100_000)}),
        "found more than 10,000 combinations",
    ),
    "a mapping that holds itself": (lambda _: free.load(HOLDS_ITSELF), "nested more than 40 levels"),
    "a list that holds itself": (lambda on: on.base.with_({"title": HOLDS_ITSELF}), "more than 40 levels"),
    "what one value holds again and again": (
        lambda on: on.base.with_({"title": MULTIPLIED}),
        "found more than 500,000 values",
    ),
    "bytes": (
        lambda on: on.base.with_({"title": b"text"}),
        "found something of type bytes, allowed: what a scenario",
    ),
    "a number as a key": (lambda on: on.base.with_({"firms": {1: {}}}), "found 1 as a key, allowed: a text"),
    "an enormous number": (
        lambda on: on.base.with_({COVER: 10**5_000}),
        "found a whole number too large to compute with",
    ),
    "enormously many replications": (
        lambda on: free.run(on.base, replications=10**5_000),
        "found a whole number beyond 1e308",
    ),
    "an enormous half-width": (lambda on: free.run(on.base, precision=10**400), "allowed: a number above 0"),
    "engines": (lambda on: free.run(on.base, engine=np.array(["compiled", "simpy"])), "allowed: compiled"),
    "a path too long": (lambda _: free.load("a" * 5_000), "File name too long"),
    "a day that is none": (
        lambda on: on.base.with_({"interventions.fire.date": np.datetime64("NaT")}),
        "found 'NaT', allowed: a date",
    ),
    "a setting": (lambda on: free.run(on.base, overrides="calendar.dais=3"), "did you mean 'days'?"),
}


def test_what_stands_in_for_the_simulation_is_called_without_a_mistake(base, monkeypatch):
    monkeypatch.setattr("sim.montecarlo.compiled_batch._run", never)
    with pytest.raises(AssertionError, match="something is simulated"):
        sim.run(base, replications=2, workers=1)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_before_anything_is_simulated(mistake, result, base, monkeypatch):
    monkeypatch.setattr("sim.montecarlo.compiled_batch._run", never)
    do, told = MISTAKES[mistake]
    with pytest.raises(sim.SimError) as caught:
        do(SimpleNamespace(result=result, base=base))
    assert told in str(caught.value)


def test_a_name_that_nothing_has_is_a_key_error_too(result):
    assert "stok" not in result.tables
    assert result.tables.get("stok") is None
    with pytest.raises(KeyError):
        result.tables["stok"]


# ------------------------------------------------------------------ given what happens

FUTURES = 40


@pytest.fixture(scope="module")
def perhaps(base):
    fire = {"interventions.fire.probability": 0.4}
    return sim.run(base.with_(fire, name="perhaps"), replications=FUTURES, workers=1)


def test_a_run_is_told_given_what_happens(perhaps):
    yes, no = perhaps.given("fire"), perhaps.given("interventions.fire.happens", False)
    assert yes.replications + no.replications == FUTURES
    assert perhaps.given("fire.happens").among.equals(yes.among)
    losses = perhaps.tables["makers"].set_index("replication")["loss"]
    assert yes.loss("velo").mean == pytest.approx(losses[yes.among].mean())
    assert no.loss("velo").p95 == losses[no.among].max() == 0.0
    whole = yes.share * yes.loss_share("velo").mean + no.share * no.loss_share("velo").mean
    assert whole == pytest.approx(float(perhaps.loss_share("velo").mean))
    assert repr(yes).startswith(f"{yes.replications} of {FUTURES} futures, in which ")


def test_what_is_given_is_what_the_table_holds(perhaps):
    row = perhaps.tables["conditional"].iloc[0]
    told = perhaps.given(row["event"]).loss_share("velo")
    assert (told.mean.value, told.mean.ci.low, told.mean.ci.high) == (
        row["mean"],
        row["mean_ci_low"],
        row["mean_ci_high"],
    )
    assert told.median == row["p50"]


def test_an_event_or_a_case_that_there_is_not_is_told(perhaps):
    with pytest.raises(sim.UnknownNameError, match="found no event 'fier'"):
        perhaps.given("fier")
    with pytest.raises(sim.ResultError, match="found no future in which"):
        perhaps.given("fire").given("fire", False)
    with pytest.raises(sim.UnknownNameError, match="found no maker 'vello'; did you mean 'velo'"):
        perhaps.given("fire").loss("vello")


def test_of_several_events_of_an_intervention_one_has_to_be_named():
    found = sim.run("scenarios/entity-list-2019-research-house.yaml", replications=2, workers=1)
    with pytest.raises(sim.UnknownNameError, match="found no single event 'licences'"):
        found.given("licences")
    assert found.given("licences.granted.ti", False).replications <= 2
