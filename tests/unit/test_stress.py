"""A stress test: its nodes, its undisturbed network, its measures, tables, mistakes and files."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.errors import ScenarioError
from sim.model.compile import compile_plan
from sim.model.failures import KINDS, StressDesign, stress_plan, undisturbed
from sim.model.plan import DemandProcess
from sim.montecarlo.batches import InMemory
from sim.montecarlo.failure_runs import run_failures
from sim.risk.lp_bounds import bounds_of
from sim.risk.stress_tables import COLUMNS, nodes_table, pairs_table
from sim.scenario.schema import Scenario
from sim.stories import stress
from sim.stories.stress import announcement
from tests.builders import ban, compiled, day, merged, shop, stand_ins

TTR_DAYS = 20
TABLES = ("stress_nodes", "stress_pairs")


def ready(data):
    scenario = Scenario.model_validate(data)
    return stress_plan(scenario, compile_plan(scenario))


def found(data):
    """Performance impact and time to survive by the keys of the nodes that fail."""
    test = ready(data)
    failures = run_failures(test, InMemory(1))
    return {
        tuple(f"{test.nodes[node].kind} {test.nodes[node].key}" for node in nodes): (pi, tts)
        for nodes, pi, tts in zip(
            failures.nodes, failures.pi.tolist(), failures.tts_days.tolist(), strict=True
        )
    }


def test_nodes_follow_from_the_network():
    nodes = {(node.kind, node.key): node.lanes for node in ready(stand_ins()).nodes}
    assert nodes == {
        ("supplier", "supplier"): (0,),
        ("supplier", "other"): (1,),
        ("country", "US"): (0,),
        ("country", "JP"): (1,),
        ("component", "part"): (0, 1),
        ("lane", "parts"): (0,),
        ("lane", "more"): (1,),
    }


def test_a_country_takes_down_the_plants_that_stand_in_it():
    data = stand_ins(stock_points={"source": {"country": "JP"}})
    nodes = {(node.kind, node.key): node.lanes for node in ready(data).nodes}
    assert nodes["country", "JP"] == (0, 1)
    assert ("country", "US") not in nodes
    abroad = stand_ins(stock_points={"second": {"country": "TW"}})
    nodes = {(node.kind, node.key): node.lanes for node in ready(abroad).nodes}
    assert (nodes["country", "TW"], nodes["country", "US"]) == ((1,), (0,))


def test_a_lane_within_a_firm_is_a_node_by_itself_only():
    data = stand_ins(stock_points={"second": {"firm": "maker"}})
    nodes = {(node.kind, node.key): node.lanes for node in ready(data).nodes}
    assert nodes["component", "part"] == (0,)
    assert nodes["lane", "more"] == (1,)
    assert ("supplier", "maker") not in nodes


def test_each_node_has_its_own_time_to_recover():
    data = stand_ins(
        stress={"firms": {"other": 7}, "countries": {"US": {"dist": "uniform", "low": 3, "high": 8}}}
    )
    ttr_days = {(node.kind, node.key): node.ttr_days for node in ready(data).nodes}
    assert ttr_days["supplier", "other"] == 7
    assert ttr_days["country", "US"] == round(5.5)
    assert ttr_days["supplier", "supplier"] == TTR_DAYS


def test_a_pair_of_stand_ins_is_worse_than_its_parts():
    results = found(stand_ins())
    assert results["supplier supplier",] == (0.0, math.inf)
    assert results["supplier other",] == (0.0, math.inf)
    lost_days = TTR_DAYS - 5
    assert results["supplier supplier", "supplier other"] == (lost_days * 10.0 * 2.0, 5.0)
    assert results["component part",] == (lost_days * 10.0 * 2.0, 5.0)


def test_the_excess_of_a_pair_is_what_it_costs_beyond_both():
    """What the one supplier left cannot send of the 10 a day comes from the 50 on the shelf, then is lost."""
    test = ready(stand_ins(lanes={"parts": {"capacity_per_day": 6.0}, "more": {"capacity_per_day": 7.0}}))
    failures = run_failures(test, InMemory(1))
    pairs = pairs_table(test, failures).set_index(["node_a", "node_b"])
    one, other = (20 - 50 / 3) * 3.0 * 2.0, (20 - 50 / 4) * 4.0 * 2.0
    both = (20 - 5) * 10.0 * 2.0
    assert pairs.loc[("supplier", "other"), "pi"] == pytest.approx(both)
    assert pairs.loc[("supplier", "other"), "excess"] == pytest.approx(both - one - other)
    assert pairs.loc[("supplier", "parts"), "excess"] == pytest.approx(-one)


def test_the_shock_itself_is_absent():
    calm, shocked = stand_ins(), stand_ins(interventions={"ban": ban(12)})
    assert found(calm) == found(shocked)


def test_subsidiaries_do_not_help_against_a_failure():
    assert found(stand_ins()) == found(stand_ins(lanes={"parts": {"subsidiary_share": 0.9}}))


def test_nothing_is_left_to_chance():
    uncertain = {"dist": "uniform", "low": 1, "high": 4}
    data = stand_ins(
        lanes={"parts": {"lead_time_days": uncertain}},
        demand={"home": {"process": "gamma", "dispersion": 4.0, "mean_per_day": {**uncertain, "high": 19}}},
    )
    plan = undisturbed(compiled(data))
    assert plan.inputs == ()
    assert plan.streams.process.tolist() == [DemandProcess.CONSTANT]
    assert plan.streams.mean_per_day.tolist() == [10.0]
    lead_time = plan.lead_times[0]
    assert (lead_time.shortest_days, lead_time.cumulative.tolist()) == (2, [1.0])
    assert run_failures(ready(data), InMemory(1)).revenue == pytest.approx(50 * 10.0 * 2.0)


def test_what_is_likely_happens_and_what_is_not_does_not():
    bans = {
        "likely": ban(0, shock=False, probability=0.5),
        "rare": ban(0, shock=False, probability=0.49),
    }
    plan = undisturbed(compiled(stand_ins(interventions=bans)))
    assert plan.interventions.probability.tolist() == [1.0, 0.0]


def test_the_bounds_are_met_where_nothing_can_be_chosen():
    test = ready(stand_ins(demand={"home": {"patience_days": 4}}, analysis={"window_days": TTR_DAYS + 1}))
    failures, bounds = run_failures(test, InMemory(1)), bounds_of(test)
    assert np.array([bound.pi for bound in bounds]) == pytest.approx(failures.pi[: len(bounds)], abs=1e-6)
    assert [bound.tts_days for bound in bounds] == failures.tts_days[: len(bounds)].tolist()
    assert failures.pi[: len(bounds)].max() > 0.0


FIRE = {
    "kind": "stock_loss", "title": "Fire", "date": day(12), "on_hand_share": 1.0,
    "stock_points": {"stock_points": ["shelf"]},
}  # fmt: skip


def test_a_unit_that_is_not_sold_costs_its_margin_and_what_its_customer_costs():
    """50 in stock last for 5 of 20 days, which cost 10 x (2 - 1 + 0.3) each; stock is held for 4 less."""
    test = ready(
        stand_ins(
            stock_points={"shelf": {"holding_cost_per_unit_day": 0.01}},
            demand={"home": {"lost_sale_cost_per_unit": 0.3}},
            analysis={"window_days": TTR_DAYS, "headline": "margin"},
        )
    )
    failures, bounds = run_failures(test, InMemory(1)), bounds_of(test)
    row = [node.kind for node in test.nodes].index("component")
    held = 0.01 * (20 * 50.0 - (40.0 + 30.0 + 20.0 + 10.0))
    assert failures.pi[row] == pytest.approx(15 * 10.0 * (2.0 - 1.0 + 0.3) - held)
    assert bounds[row].pi == pytest.approx(failures.pi[row], abs=1e-6)
    other = next(number for number, node in enumerate(test.nodes) if node.key == "supplier")
    assert failures.pi[other] == pytest.approx(0.0)
    assert bounds[other].pi == pytest.approx(-held), "foresight sells off the stock"


def test_a_unit_counts_at_the_least_that_it_can_have_cost():
    """The other supplier's parts cost 1.5 in place of 1: a program may sell those that were cheaper."""
    dear = stand_ins(lanes={"more": {"price": 1.5}}, analysis={"headline": "margin", "window_days": TTR_DAYS})
    test = ready(dear)
    failures, bounds = run_failures(test, InMemory(1)), bounds_of(test)
    row = next(number for number, node in enumerate(test.nodes) if node.key == "supplier")
    assert bounds[row].pi < failures.pi[row]
    only = ready(
        merged(dear, {"lanes": {"parts": {"price": 1.5}}, "stock_points": {"shelf": {"unit_cost": 1.5}}})
    )
    failures, bounds = run_failures(only, InMemory(1)), bounds_of(only)
    assert bounds[row].pi == pytest.approx(failures.pi[row], abs=1e-6)


@pytest.mark.parametrize(
    "changes",
    [
        {"stock_points": {"shelf": {"shelf_life_days": 12}}},
        {"interventions": {"fire": FIRE}},
    ],
)
def test_stock_that_a_program_keeps_and_the_network_does_not_is_held_for_nothing(changes):
    """450 more than customers ask for until day 12, when they are gone; a program has them to the end."""
    dear = {"holding_cost_per_unit_day": 0.5, "initial_on_hand": 600.0}
    data = stand_ins(stock_points={"shelf": dear}, analysis={"headline": "margin", "window_days": 40})
    test = ready(merged(data, changes))
    failures, bounds = run_failures(test, InMemory(1)), bounds_of(test)
    assert all(bound.pi <= failures.pi[row] for row, bound in enumerate(bounds))


def test_what_expires_for_more_than_it_has_cost_has_no_bound():
    wasteful = {"shelf_life_days": 5, "salvage_value_per_unit": 1.5}
    test = ready(stand_ins(stock_points={"shelf": wasteful}, analysis={"headline": "margin"}))
    failures, bounds = run_failures(test, InMemory(1)), bounds_of(test)
    assert {bound.pi for bound in bounds} == {-math.inf}
    assert nodes_table(test, failures, dict(enumerate(bounds)))["pi_lp"].isna().all()
    frugal = ready(
        stand_ins(
            stock_points={"shelf": wasteful | {"salvage_value_per_unit": 0.5}},
            analysis={"headline": "margin"},
        )
    )
    assert all(math.isfinite(bound.pi) for bound in bounds_of(frugal))


def test_until_an_order_reaches_its_supplier_only_what_was_ordered_before_comes():
    """5 on hand and 5 a day of orders under way: on the 2nd and 3rd day 5 of 10 are lost, whoever orders."""
    shelf = {"policy": {"units": 20.0}, "initial_on_hand": 20.0}
    test = ready(
        stand_ins(
            stock_points={"shelf": shelf},
            lanes={"more": {"order_lead_time_days": 3}},
            demand={"home": {"patience_days": 0}},
        )
    )
    failures, bounds = run_failures(test, InMemory(1)), bounds_of(test)
    assert [node.key for node in test.nodes][:1] == ["supplier"]
    assert bounds[0].pi == pytest.approx(2 * 5.0 * 2.0)
    assert bounds[0].pi <= failures.pi[0]
    assert bounds[0].tts_days == failures.tts_days[0] == 1.0


@pytest.mark.parametrize("stress", [None, {"date": 1}])
def test_the_default_on_a_short_calendar_is_told_as_one(stress):
    data = shop(60, interventions={"ban": ban(5)}) | ({"stress": stress} if stress else {})
    message = (
        "stress.ttr_days: found none, so nodes stay down for the default of 90 days, but 60 are simulated; "
        r"write one \(or --ttr-days\), allowed: up to 60"
    )
    with pytest.raises(ScenarioError, match=message):
        ready(data)


def test_a_shock_too_late_for_the_default_names_both_defaults():
    message = (
        r"; that day is the default, unless stress.date \(--day\) says another; 90 days are the default, "
    )
    with pytest.raises(ScenarioError, match=message):
        ready(shop(100, interventions={"ban": ban(50)}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"date": 41}, "stress.date: failures on 2021-02-11 that last up to 20 days"),
        ({"date": "2020-12-31"}, "stress.date"),
        ({"ttr_days": 61}, "stress.ttr_days: found 61 days, allowed: up to the 60 simulated"),
        (
            {"firms": {"supplier": 61}},
            "stress.firms.supplier: found 61 days, allowed: up to the 60 simulated",
        ),
        (
            {"firms": {"maker": 5}},
            "stress.firms.maker: nothing leaves it for another firm; allowed: supplier",
        ),
        ({"countries": {"DE": 5}}, "stress.countries.DE"),
    ],
)
def test_what_cannot_be_stressed_is_told(changes, message):
    with pytest.raises(ScenarioError, match=message):
        ready(stand_ins(stress=changes))


# ---------------------------------------------------------------------- which pairs fail


def among(*kinds):
    scenario = Scenario.model_validate(stand_ins())
    return stress_plan(scenario, compile_plan(scenario), StressDesign(pairs_among=kinds))


ANY_COSTS = np.arange(7.0)


def test_pairs_are_of_the_kinds_that_are_asked_for():
    nodes = [node.kind for node in ready(stand_ins()).nodes]
    pairs = among("supplier", "lane").pairs(ANY_COSTS)
    assert len(pairs) == math.comb(4, 2)
    assert {nodes[node] for pair in pairs for node in pair} == {"supplier", "lane"}
    assert among().pairs(ANY_COSTS) == ()
    assert len(ready(stand_ins()).pairs(ANY_COSTS)) == math.comb(7, 2)


def asked(**design):
    scenario = Scenario.model_validate(stand_ins())
    return stress_plan(scenario, compile_plan(scenario), StressDesign(**design))


def test_pairs_are_of_the_worst_nodes():
    assert asked(pairs_of=3).pairs(np.array([0.0, 5.0, 1.0, 5.0, 0.0, 9.0, 0.0])) == ((1, 3), (1, 5), (3, 5))
    assert asked(pairs_of=1).pairs(ANY_COSTS) == ()


def test_how_long_many_failures_take_is_told_before_they_do(monkeypatch):
    scenario = Scenario.model_validate(wide(600))
    stress = stress_plan(scenario, compile_plan(scenario))
    assert announcement(stress, workers=2) == ""
    point_days = 2_432 * 603 * stress.plan.days
    per_minute = 2 * 60e9 / point_days
    monkeypatch.setattr("sim.montecarlo.backends.NANOSECONDS", (2.0 * per_minute, 8.0 * per_minute))
    told = announcement(stress, workers=2)
    assert told == "2,432 failures of 603 stock points take about 2 to 9 minutes on 2 cores"


def test_nodes_are_of_the_kinds_that_are_asked_for():
    assert {node.kind for node in asked(nodes=("country", "lane")).nodes} == {"country", "lane"}
    assert asked(nodes=("lane",)).pairs_among == ("lane",)


def test_of_many_nodes_the_worst_alone_fail_in_pairs_and_none_is_bounded(monkeypatch):
    monkeypatch.setattr("sim.model.failures.FEW_NODES", 6)
    monkeypatch.setattr("sim.model.failures.WORST_NODES", 2)
    assert asked().pairs(ANY_COSTS) == ((5, 6),)
    assert (asked().bounded, asked(bounds_of=3).bounded, asked(bounds_of=99).bounded) == (0, 3, 7)
    assert len(asked(pairs_among=("lane",)).pairs(ANY_COSTS)) == 1


def test_a_failure_costs_the_same_whatever_else_fails():
    whole, some = ready(stand_ins()), among("supplier")
    all_failures, few = (run_failures(test, InMemory(1)) for test in (whole, some))
    costs = dict(zip(all_failures.nodes, all_failures.pi.tolist(), strict=True))
    assert few.pi.tolist() == [costs[nodes] for nodes in few.nodes]
    assert few.revenue == all_failures.revenue


def test_more_failures_than_a_chunk_are_put_together_in_their_order(monkeypatch):
    whole = run_failures(ready(stand_ins()), InMemory(1))
    monkeypatch.setattr("sim.montecarlo.failure_runs.chunk_size", lambda _work: 5)
    cut = run_failures(ready(stand_ins()), InMemory(2))
    assert cut.nodes == whole.nodes
    assert cut.pi.tolist() == whole.pi.tolist()
    assert cut.tts_days.tolist() == whole.tts_days.tolist()


def test_a_kind_that_is_none_is_refused():
    with pytest.raises(
        ScenarioError, match="found 'suplier', allowed: supplier, country, component, lane; did"
    ):
        among("suplier")


def wide(count):
    """A maker that buys one part from many suppliers."""
    data = stand_ins()
    for number in range(count):
        data["firms"][f"s{number}"] = {"name": "S", "country": "US"}
        data["stock_points"][f"q{number}"] = {"firm": f"s{number}", "item": "part"}
        data["lanes"][f"l{number}"] = {**data["lanes"]["more"], "supplier": f"q{number}"}
    return data


def test_too_many_pairs_are_refused_before_anything_is_simulated(file, monkeypatch):
    monkeypatch.setattr("sim.montecarlo.warmup.warm_up", lambda _width: 1 / 0)
    file.write_text(yaml.safe_dump(wide(600), sort_keys=False))
    kinds = [word for kind in KINDS for word in ("--pairs-among", kind)]
    result = call(file, *kinds, "--out", "out")
    assert result.exit_code == 2
    nodes = 7 + 2 * 600
    assert (
        f"found {nodes:,} nodes and {math.comb(nodes, 2):,} pairs of them, which take about" in result.output
    )
    assert f"supplier ({math.comb(602, 2):,} pairs), country (1 pairs)" in result.output
    assert not Path("out").exists()


def test_all_or_none_stands_alone(file):
    for option, word in (("--nodes", "all"), ("--pairs-among", "none")):
        result = call(file, option, word, option, "lane", "--out", "out")
        assert result.exit_code == 2
        assert f"found {option} {word} beside a kind of nodes" in result.output


def test_the_index_of_every_firm_is_told_and_kept(file):
    result = call(
        file, "--nodes", "all", "--pairs-of", "0", "--bounds-of", "1", "--index", "esri", "--out", "out"
    )
    assert result.exit_code == 0, result.output
    index, nodes = (pd.read_csv(f"out/tables/stress_{name}.csv") for name in ("systemic", "nodes"))
    assert set(nodes["kind"]) == {"supplier"}
    assert nodes["tts_lp_days"].notna().sum() <= 1
    assert set(nodes["node"]) == set(index.loc[index["simulated"].notna(), "firm"])
    summary = json.loads(Path("out/stress.json").read_text())
    first = index.iloc[0]
    assert summary["systemic"]["first_firm"] == first["firm"]
    assert summary["systemic"]["first_esri"] == first["esri"] == index["esri"].max()
    page = Path("out/stress.html").read_text()
    assert "Whom the network cannot do without" in page
    assert "which alone were bounded" in page
    assert f"{first['esri']:.0%} of all sales go with it" in result.stdout
    again = call("--resume", "out")
    assert again.exit_code == 0


def test_the_page_copes_without_pairs(file):
    result = call(file, "--pairs-among", "none", "--out", "out")
    assert result.exit_code == 0, result.output
    assert "Nodes fail alone only: no pair was tried." in result.stdout
    assert "Pairs that cost more" not in result.stdout
    page = Path("out/stress.html").read_text()
    assert "no pair was tried" in page
    assert "figure-stress-pairs" not in page
    assert "two at once" not in page
    assert len(pd.read_csv("out/tables/stress_pairs.csv")) == 0
    summary = json.loads(Path("out/stress.json").read_text())
    assert (summary["pairs"], summary["pairs_among"], summary["worst_pair"]) == (0, [], None)
    command = json.loads(Path("out/manifest.json").read_text())["command"]
    assert command == "chokepoint stress scenario.yaml --pairs-among none"


def test_the_page_says_which_pairs_were_tried(file):
    result = call(file, "--pairs-among", "lane", "--pairs-among", "supplier", "--out", "out")
    assert result.exit_code == 0, result.output
    assert "Pairs were tried among suppliers and lanes only." in result.stdout
    assert "Pairs were tried among suppliers and lanes only." in Path("out/stress.html").read_text()
    command = json.loads(Path("out/manifest.json").read_text())["command"]
    assert command.endswith("--pairs-among supplier --pairs-among lane")


def test_no_pair_and_a_kind_are_not_asked_for_together(file):
    result = call(file, "--pairs-among", "none", "--pairs-among", "lane", "--out", "out")
    assert result.exit_code == 2
    assert "found --pairs-among none beside a kind of nodes" in result.output


# ---------------------------------------------------------------------- files and commands


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "scenario.yaml"
    path.write_text(yaml.safe_dump(stand_ins(), sort_keys=False))
    return path


def call(*arguments):
    return CliRunner().invoke(main, ["stress", *(str(argument) for argument in arguments)])


def test_the_command_ranks_nodes_and_writes_its_folder(file):
    result = call(file, "--out", "out", "--workers", 1)
    assert result.exit_code == 0, result.output
    assert "Part (component): PI EUR 300 (30%), REI 1.00, TTS 5 days, TTR 20 days" in result.stdout
    assert (
        "Supplier (supplier) and Other (supplier) cost EUR 300 together and nothing one by one"
        in result.stdout
    )
    names = {str(path.relative_to("out")) for path in Path("out").rglob("*") if path.is_file()}
    assert {name for name in names if not name.startswith("parts/")} == {
        ".lock",
        "manifest.json",
        "stress.html",
        "stress.json",
        "stress.sha256",
        *(f"tables/{name}.csv" for name in TABLES),
    }
    nodes, pairs = (pd.read_csv(f"out/tables/{name}.csv") for name in TABLES)
    assert (list(nodes), list(pairs)) == tuple(list(COLUMNS[name]) for name in TABLES)
    assert (len(nodes), len(pairs)) == (7, 21)
    assert nodes["pi"].is_monotonic_decreasing
    assert pairs["excess"].is_monotonic_decreasing
    assert nodes["rei"].iloc[0] == 1.0


def test_the_summary_tells_what_stands_out(file):
    findings = stress.run(file, workers=1)
    out = stress.save(findings, "out")
    summary, manifest = (json.loads((out / name).read_text()) for name in ("stress.json", "manifest.json"))
    assert summary["worst_node"]["node"] == "part"
    assert summary["nodes_with_impact"] == 1
    assert summary["failure_date"] == "2021-01-11"
    assert manifest["command"] == "chokepoint stress scenario.yaml"
    assert manifest["scenario"]["stress"]["ttr_days"]["value"] == TTR_DAYS


def test_options_are_settings(file):
    one = call(file, "--ttr-days", 8, "--day", "2021-01-16", "--out", "one")
    other = call(file, "--set", "stress.ttr_days=8", "--set", "stress.date=2021-01-16", "--out", "other")
    assert one.exit_code == other.exit_code == 0, one.output + other.output
    assert (
        Path("one/tables/stress_pairs.csv").read_text() == Path("other/tables/stress_pairs.csv").read_text()
    )
    assert "--set stress.ttr_days=8" in json.loads(Path("one/manifest.json").read_text())["command"]


@pytest.mark.parametrize("options", [("--day", "2021-02-20"), ("--day", "soon"), ("--ttr-days", "99")])
def test_a_mistake_is_one_message_and_writes_nothing(file, options):
    result = call(file, *options, "--out", "out")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert not Path("out").exists()


def test_a_network_that_nothing_hurts_is_told_too(file):
    result = call(file, "--ttr-days", 1, "--out", "out")
    assert result.exit_code == 0, result.output
    assert "None of 7 nodes costs anything" in result.stdout
    assert "None of 7 nodes costs anything when failing alone." in Path("out/stress.html").read_text()


# ---------------------------------------------------------------------- how likely failures are


RATES = {
    "stress": {
        "rates_per_year": {
            "firms": {"supplier": {"value": 0.02, "source": "S1", "confidence": "low"}},
            "items": {"part": {"dist": "uniform", "low": 0.0, "high": 0.02}},
            "lanes": {"more": 0},
        }
    }
}


@pytest.fixture(scope="module")
def rated(tmp_path_factory):
    file = tmp_path_factory.mktemp("rated") / "rated.yaml"
    file.write_text(yaml.safe_dump(stand_ins(**RATES), sort_keys=False), encoding="utf-8")
    return file


def test_a_node_costs_a_year_its_rate_times_what_a_failure_costs(rated):
    """All parts fail once in a hundred years; a supplier alone costs nothing, as the other stands in."""
    result = sim.stress(rated, workers=1)
    table = result.tables["stress_likelihood"].set_index("node")
    pi = result.tables["stress_nodes"].query("kind == 'component'")["pi"].iloc[0]
    assert list(table.index) == ["part", "supplier", "more"]
    assert table["rate_per_year"].tolist() == pytest.approx([0.01, 0.02, 0.0])
    assert table["expected_annual_loss"].tolist() == pytest.approx([0.01 * pi, 0.0, 0.0])
    assert pi > 0.0
    assert table["years_between"]["part"] == pytest.approx(100.0)
    assert math.isnan(table["years_between"]["more"])
    assert table["source"].loc["supplier"] == "S1"
    assert table["confidence"].loc["supplier"] == "low"
    assert "once in 100 years" in repr(result)
    assert "What failures cost a year" in result.report()


def test_a_folder_with_rates_is_opened_again_and_the_command_tells_them(rated, tmp_path):
    told = CliRunner().invoke(main, ["stress", str(rated), "--out", str(tmp_path / "out")])
    assert told.exit_code == 0, told.output
    assert "Expected loss a year (failure rate x what a failure costs), largest first:" in told.output
    assert sim.open(tmp_path / "out").tables["stress_likelihood"]["rank"].tolist() == [1, 2, 3]


STOCK = {
    "title": "More parts in stock",
    "moves": ["stock_points.shelf.policy.units"],
    "levels": [100, 150],
    "unit": "pieces",
    "cost": {"once": 50.0},
}
NEWS = {"title": "A new name", "set": {"markets.home.name": "Home again"}}


def test_levers_lower_what_nodes_cost_a_year(rated, tmp_path):
    """By as much as the file with the settings of the lever loses less; a name lowers nothing."""
    file = tmp_path / "levers.yaml"
    data = stand_ins(**RATES) | {"levers": {"stock": STOCK, "news": NEWS}}
    file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    result = sim.stress(file, workers=1)
    table = result.tables["stress_levers"].query("node == 'part'").set_index(["lever", "level"])
    set_by_hand = sim.stress(rated, overrides=["stock_points.shelf.policy.units=150"], workers=1)
    lost, left = (
        each.tables["stress_likelihood"].set_index("node")["expected_annual_loss"]["part"]
        for each in (result, set_by_hand)
    )
    assert 0.0 < left < lost
    assert table["expected_annual_loss"]["stock", 150.0] == pytest.approx(left)
    assert table["lowered_by"]["stock", 150.0] == pytest.approx(lost - left)
    assert table["lowered_by"].loc["news"].tolist() == [0.0]
    assert table["cost_per_year"]["stock", 150.0] == pytest.approx(50.0 * 365 / 60)
    assert table["is_best"].sum() == 1
    assert "What lowers that most for its cost:" in repr(result)
    assert "Which lever lowers that most" in result.report()


def test_without_rates_nothing_is_said_of_likelihood(file):
    result = sim.stress(file, workers=1)
    assert "stress_likelihood" not in result.tables
    assert "a year" not in repr(result)


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ({"firms": {"maker": 0.1}}, "stress.rates_per_year.firms.maker: nothing leaves it for another firm"),
        ({"countries": {"DE": 0.1}}, "stress.rates_per_year.countries.DE"),
    ],
)
def test_a_rate_of_what_cannot_fail_is_refused(rates, message):
    with pytest.raises(ScenarioError, match=message):
        ready(stand_ins(stress={"rates_per_year": rates}))


# ---------------------------------------------------------------------- failure processes of the file

MTTF, MTTR = 355.0, 10.0


def outage(**changes):
    base = {
        "kind": "disruption",
        "title": "A mill that stands still",
        "pauses": "orders",
        "date": 0,
        "lanes": {"suppliers": ["supplier"]},
        "markov": {
            "mean_days_to_failure": {"value": MTTF, "source": "S7", "confidence": "high"},
            "mean_days_to_recover": {"value": MTTR, "source": "S8", "confidence": "low"},
        },
    }
    return merged(base, changes)


def mill(days=130, **changes):
    """A shelf of 50 parts, of which 10 a day are sold, filled up without delay: it lasts for 5 days."""
    data = shop(
        days,
        stock_points={"shelf": {"policy": {"units": 50.0}, "initial_on_hand": 50.0}},
        lanes={"parts": {"lead_time_days": 0}},
        demand={"home": {"patience_days": 0}},
        interventions={"outage": outage()},
        stress={"date": 10, "ttr_days": 20},
    )
    return merged(data, changes)


def written(directory, data):
    file = directory / "scenario.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return file


def likelihood(directory, data, **options):
    result = sim.stress(written(directory, data), workers=1, **options)
    table = result.tables["stress_likelihood"]
    return result, table.set_index([table["kind"] + " " + table["node"], "process"])


BY_HAND = 20.0 * MTTR * (1.0 - 1.0 / MTTR) ** 5
"""A stop costs 20 for each day after the fifth."""


def test_a_failure_process_gives_rate_and_duration_by_itself(tmp_path):
    """Once in 365 days; a stop of any length, as one of the mean length would cost too little."""
    result, table = likelihood(tmp_path, mill())
    assert set(table.index) == {
        (name, "outage") for name in ("supplier supplier", "country US", "component part", "lane parts")
    }
    row = table.loc[("supplier supplier", "outage")]
    assert row["rate_per_year"] == pytest.approx(365 / (MTTF + MTTR))
    assert row["mean_days_down"] == MTTR
    assert row["pi"] == pytest.approx(BY_HAND, rel=5e-4)
    assert row["expected_annual_loss"] == pytest.approx(row["rate_per_year"] * row["pi"])
    assert (row["source"], row["confidence"]) == ("S7; S8", "low")
    assert "by “A mill that stands still”, down for 10 days on average" in repr(result)
    assert "A mill that stands still" in result.report()
    assert "down for more than" not in repr(result)


def test_stops_that_are_not_rare_are_told(tmp_path):
    often = {"mean_days_to_failure": 20.0, "mean_days_to_recover": 10.0}
    result, _ = likelihood(tmp_path, mill(interventions={"outage": outage(markov=often)}))
    told = "“A mill that stands still”: down for more than 10% of the time."
    assert told in repr(result)
    assert told in result.report()


def test_what_may_not_happen_fails_less_often(tmp_path):
    """An outage that has a chance of one half, after a strike with one of a fifth."""
    strike = {"kind": "demand_shift", "title": "Strike", "date": 0, "covers": {}, "factor": 1.0}
    later = {name: value for name, value in outage(probability=0.5).items() if name != "date"}
    data = mill() | {"interventions": {"strike": strike | {"probability": 0.2}, "outage": later}}
    data["interventions"]["outage"]["after"] = "strike"
    _, table = likelihood(tmp_path, data)
    assert table["rate_per_year"].tolist() == pytest.approx([0.1 * 365 / (MTTF + MTTR)] * 4)


def test_a_written_rate_wins(tmp_path):
    rates = {"rates_per_year": {"firms": {"supplier": 0.5}}}
    result, table = likelihood(tmp_path, mill(stress=rates))
    assert ("supplier supplier", "outage") not in table.index
    row = table.loc[("supplier supplier", "")]
    assert (row["rate_per_year"], row["mean_days_down"]) == (0.5, 20.0)
    assert row["pi"] == result.tables["stress_nodes"].query("kind == 'supplier'")["pi"].iloc[0]
    assert ("lane parts", "outage") in table.index
    assert "written rate" in result.report()


def test_each_lane_with_a_process_of_its_own_has_its_own_rate(tmp_path):
    """The two suppliers stand in for one another, so a stop of the one costs nothing."""
    own = outage(lanes={"suppliers": ["supplier", "other"]}, common_cause=False)
    _, table = likelihood(tmp_path, stand_ins(interventions={"outage": own}))
    assert set(table.index) == {
        (name, f"outage:lane:{lane}")
        for lane, names in {
            "parts": ("supplier supplier", "country US", "lane parts"),
            "more": ("supplier other", "country JP", "lane more"),
        }.items()
        for name in names
    }
    assert (table["expected_annual_loss"] == 0.0).all()


def test_a_process_that_takes_down_no_node_stands_for_itself(tmp_path):
    """Two of three suppliers: no supplier, no country, and not all lanes of the component."""
    third = {
        "firms": {"third": {"name": "Third", "country": "KR"}},
        "stock_points": {"third": {"firm": "third", "item": "part"}},
        "lanes": {"few": {"supplier": "third", "buyer": "shelf", "price": 1.0, "capacity_per_day": 4.0}},
        "interventions": {"outage": outage(lanes={"suppliers": ["supplier", "other"]})},
    }
    result, table = likelihood(tmp_path, stand_ins(**third))
    assert list(table.index) == [("process outage", "outage")]
    assert table["pi"].iloc[0] > 0.0
    assert "A mill that stands still (process)" in repr(result)
    assert "Failure process" in result.report()


def test_a_process_of_a_plant_is_that_of_its_supplier_and_costs_what_it_takes(tmp_path):
    """A plant without three fifths of 20 sends 8 of the 10 a day: the shelf lasts for 25 days."""
    fire = {"kind": "capacity_loss", "pauses": None, "lanes": None, "covers": {"firms": ["supplier"]}}
    fire = {name: value for name, value in outage(**fire, lost_share=0.6).items() if value is not None}
    data = mill(stock_points={"source": {"capacity_per_day": 20.0}}, days=160)
    data["interventions"] = {"outage": fire}
    _, table = likelihood(tmp_path, data)
    row = table.loc[("supplier supplier", "outage")]
    assert row["pi"] == pytest.approx(2 * 2.0 * MTTR * (1.0 - 1.0 / MTTR) ** 25, rel=0.02)


def test_levers_lower_what_failure_processes_cost_a_year(tmp_path):
    """Stock lowers what stops cost; a shorter time to recover lowers it, too, and changes the rate."""
    quick = {"title": "A spare part in store", "moves": ["interventions.outage.markov.mean_days_to_recover"]}
    levers = {"stock": STOCK, "quick": quick | {"levels": [5], "cost": {"once": 1.0}}}
    result, table = likelihood(tmp_path, mill() | {"levers": levers})
    taken = result.tables["stress_levers"].query("node == 'supplier'").set_index(["lever", "level"])
    lost = table["expected_annual_loss"]["supplier supplier", "outage"]
    stays = 1.0 - 1.0 / MTTR
    assert taken["expected_annual_loss"]["stock", 100.0] / lost == pytest.approx(stays**5, rel=0.01)
    short = 365 / (MTTF + 5) * 20.0 * 5.0 * 0.8**5
    assert taken["expected_annual_loss"]["quick", 5.0] == pytest.approx(short, rel=0.01)


def test_more_processes_than_can_be_simulated_are_refused(monkeypatch):
    monkeypatch.setattr("sim.model.stops.MOST_STOPS", 0)
    with pytest.raises(ScenarioError, match="found 1 failure processes; allowed: up to 0 in a stress test"):
        ready(mill())
