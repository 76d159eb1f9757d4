"""Mitigations: what is recommended and told where doing nothing, everything or nothing at all is best."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.errors import ScenarioError, SimError
from sim.model.compile import compile_plan
from sim.model.levered import prepare_levered
from sim.model.plan import Plan
from sim.montecarlo.batches import InMemory
from sim.report.mitigation_words import answer, make_mitigation, option_value, plan_in_words, told
from sim.risk.findings import Findings
from sim.risk.mitigation_tables import NOTHING_KEY
from sim.scenario.portfolios import Portfolio, Taken, at_their_ends
from sim.scenario.schema import Scenario
from sim.stories import mitigate
from sim.stories.portfolios import Evaluator
from sim.stories.valuing import Valued
from tests.builders import ban, day, merged, shop

FUTURES, EVALUATIONS = 64, 40
STOCK = {
    "title": "More stock",
    "moves": ["stock_points.shelf.policy.units"],
    "levels": [150, 200, 300],
    "unit": "pieces",
}
DEARER = {"title": "A higher price", "set": {"demand.home.price": 2.5}}
FASTER = {"title": "Air freight", "set": {"lanes.parts.lead_time_days": 1}, "cost": {"once": 3}}
USELESS = {"title": "A new name", "set": {"markets.home.name": "Home again"}}


def at_cost(lever: dict, once: float) -> dict:
    return merged(lever, {"cost": {"once": once}})


def scenario(levers: dict, **changes) -> dict:
    base = shop(
        80,
        demand={"home": {"process": "gamma", "dispersion": 4.0, "patience_days": 0}},
        stock_points={"shelf": {"holding_cost_per_unit_day": 0.002}},
        interventions={"ban": ban(30, duration_days=20, probability=0.5)},
        levers=levers,
    )
    return merged(base, changes)


def scenario_file(folder: Path, levers: dict, **changes) -> Path:
    file = folder / "scenario.yaml"
    file.write_text(json.dumps(scenario(levers, **changes)))
    return file


def found(folder: Path, levers: dict, **changes) -> Findings:
    file = scenario_file(folder, levers, **changes)
    return mitigate.run(file, replications=FUTURES, evaluations=EVALUATIONS, workers=1)


def taken(findings: Findings) -> dict[str, float]:
    """Level of each lever that is recommended."""
    rows = findings.tables["portfolio_levers"]
    own = rows[rows["portfolio"] == findings.summary["recommended"]]
    return dict(zip(own["lever"], own["level"], strict=True))


def row(findings: Findings, portfolio: str | None = None):
    rows = findings.tables["portfolios"]
    return rows.set_index("portfolio").loc[portfolio or findings.summary["recommended"]]


# ---------------------------------------------------------------------- what is recommended


@pytest.fixture(scope="module")
def nothing_best(tmp_path_factory):
    """Levers that help, at ten times what they bring."""
    levers = {"stock": at_cost(STOCK, 2_000.0), "dearer": at_cost(DEARER, 9_000.0)}
    return found(tmp_path_factory.mktemp("nothing"), levers)


@pytest.fixture(scope="module")
def everything_best(tmp_path_factory):
    return found(tmp_path_factory.mktemp("everything"), {"stock": STOCK, "dearer": DEARER})


@pytest.fixture(scope="module")
def nothing_helps(tmp_path_factory):
    levers = {"useless": USELESS, "dear": at_cost(USELESS, 10.0)}
    return found(tmp_path_factory.mktemp("helps"), levers)


def test_doing_nothing_is_best_where_levers_cost_more_than_they_bring(nothing_best):
    assert taken(nothing_best) == {}
    assert answer(make_mitigation(nothing_best))[0].startswith("Do nothing: none of the ")
    assert row(nothing_best)["advantage"] == 0.0


def test_what_would_lower_the_worst_losses_is_told_beside_doing_nothing(nothing_best):
    costs = answer(make_mitigation(nothing_best))[1]
    least = nothing_best.tables["portfolios"]["loss_es95"].min()

    assert least < row(nothing_best)["loss_es95"] or "no portfolio that was told lowers" in costs
    assert "twentieth" in costs


def test_everything_is_taken_where_everything_pays(everything_best):
    assert set(taken(everything_best)) == {"stock", "dearer"}
    first, second, third, *_ = answer(make_mitigation(everything_best))
    assert first.startswith("Take all 2 levers: More stock (")
    assert "A higher price" in first
    assert "more" in second
    assert "which may be chance" not in third


def test_where_nothing_helps_nothing_is_done_and_that_is_told(nothing_helps):
    assert taken(nothing_helps) == {}
    assert "no portfolio that was told lowers the latter" in answer(make_mitigation(nothing_helps))[1]
    assert nothing_helps.tables["portfolios"]["loss_es95"].min() == row(nothing_helps)["loss_es95"]


def test_levers_that_change_nothing_are_left_out(tmp_path):
    assert set(taken(found(tmp_path, {"useless": USELESS, "dearer": DEARER}))) == {"dearer"}


@pytest.mark.parametrize("once", [0.0, 20.0, 60.0, 200.0])
def test_no_recommendation_earns_less_than_nothing_in_fresh_futures(tmp_path, once):
    findings = found(tmp_path, {"stock": at_cost(STOCK, once), "faster": FASTER})
    assert row(findings)["advantage"] >= 0.0


def test_leaving_a_profitable_market_is_never_recommended(tmp_path):
    leave = {"title": "Leave the market", "set": {"demand.home.mean_per_day": 0}}
    findings = found(tmp_path, {"leave": leave, "useless": at_cost(USELESS, 1.0)})
    assert taken(findings) == {}


@pytest.mark.slow
def test_a_brute_force_grid_agrees_within_the_zone(tmp_path):
    """Three levers: every portfolio on one thousand futures of its own."""
    levers = {"stock": STOCK, "dearer": at_cost(DEARER, 80.0), "faster": FASTER}
    findings = found(tmp_path, levers)
    ways = [
        [None, *(Taken("stock", level) for level in (150.0, 200.0, 300.0))],
        [None, Taken("dearer")],
        [None, Taken("faster")],
    ]
    evaluator = Evaluator(prepare_levered(tmp_path / "scenario.yaml"), 1_024, 77, InMemory(1))
    means = {}
    for chosen in itertools.product(*ways):
        portfolio = Portfolio(tuple(each for each in chosen if each is not None))
        means[frozenset(portfolio.taken)] = evaluator.values(portfolio).result.mean()
    own = frozenset(
        Taken(lever, None if math.isnan(level) else level) for lever, level in taken(findings).items()
    )
    selection = findings.summary["selection"]
    assert max(means.values()) - means[own] <= max(selection["margin"], selection["zone"])
    assert max(means.values()) - means[frozenset()] > max(selection["margin"], selection["zone"])


# ---------------------------------------------------------------------- constraints


def test_a_budget_is_kept(tmp_path):
    levers = {"stock": at_cost(STOCK, 30.0), "dearer": at_cost(DEARER, 100.0)}
    free = found(tmp_path, levers)
    assert set(taken(free)) == {"stock", "dearer"}
    kept = found(tmp_path, levers, mitigation={"constraints": {"cash": 60.0, "service": {"home": 0.9}}})
    assert not kept.summary["breaches"].get(kept.summary["recommended"])
    told_of = kept.tables["constraints"].set_index(["portfolio", "constraint"])
    cash, service = (told_of.loc[(kept.summary["recommended"], name)] for name in ("cash", "service.home"))
    assert (cash["asked"], cash["is_kept"], service["is_kept"]) == (60.0, "yes", "yes")
    assert cash["found_ci_low"] <= cash["found"] <= 60.0
    assert 0.9 <= service["found"] <= service["found_ci_high"] <= 1.0
    assert any("the service of Part at Maker in Home" in line for line in page_of(kept))
    assert any("at most EUR 60" in line for line in page_of(kept))


def test_what_earns_more_and_is_not_allowed_is_told(tmp_path):
    """At a budget of nothing all that pays costs too much: not that nothing pays."""
    changes = {"mitigation": {"constraints": {"budget": 0}}, "interventions": {"ban": {"probability": 1.0}}}
    findings = found(tmp_path, {"stock": at_cost(STOCK, 5.0)}, **changes)
    assert taken(findings) == {}
    assert findings.tables["portfolios"]["advantage"].max() > 0.0
    assert told(findings)[0].endswith("none that was tried and earns more keeps to the budget.")


def test_what_cannot_be_kept_is_told(tmp_path):
    findings = found(tmp_path, {"useless": USELESS}, mitigation={"constraints": {"service": {"home": 0.999}}})
    assert findings.summary["breaches"][findings.summary["recommended"]] == ["service.home"]
    assert (
        "keeps to all that is asked; this one misses the service of Part at Maker in Home"
        in told(findings)[-1]
    )


def test_what_is_asked_for_is_bought_even_where_it_does_not_pay(tmp_path):
    levers = {"stock": at_cost(STOCK, 500.0)}
    asked = {"constraints": {"service": {"home": 0.95}}}
    assert taken(found(tmp_path, levers)) == {}
    findings = found(tmp_path, levers, mitigation=asked)
    assert set(taken(findings)) == {"stock"}
    assert row(findings)["advantage"] < 0.0


# ---------------------------------------------------------------------- what is told of it


def test_marginal_values_and_interaction_add_up(everything_best):
    values = everything_best.tables["lever_values"].set_index("lever")["added"]
    pair = everything_best.tables["interactions"].iloc[0]
    advantage = row(everything_best)["advantage"]
    assert values.sum() - pair["interaction"] == pytest.approx(advantage)


def test_the_frontier_costs_more_where_it_loses_less(everything_best):
    rows = everything_best.tables["portfolios"]
    best = rows[rows["on_frontier"] == "yes"].sort_values("cost")
    assert np.all(np.diff(best["loss_es95"]) < 0.0)


def test_entries_add_up_to_what_is_earned_more(everything_best):
    """With and without the shock; what is stated as cost among them."""
    rows = everything_best.tables["origins"]
    entries = rows[rows["part"] == "entry"]
    own, nothing = row(everything_best), row(everything_best, NOTHING_KEY)
    assert entries["with_shock"].sum() == pytest.approx(own["result"] - nothing["result"])
    assert entries["without_shock"].sum() == pytest.approx(-own["cost"])


def test_what_pays_without_a_shock_says_through_what(everything_best, nothing_best):
    (sentence,) = [line for line in told(everything_best) if "without any shock" in line]
    assert "as sales to markets are higher by" in sentence
    assert not [line for line in told(nothing_best) if "without any shock" in line]
    assert nothing_best.tables["origins"].empty


def test_the_curves_are_those_of_doing_nothing_and_of_the_recommendation(everything_best):
    curves = everything_best.tables["loss_curves"]
    assert set(curves["portfolio"]) == {NOTHING_KEY, everything_best.summary["recommended"]}
    for portfolio, some in curves.groupby("portfolio"):
        assert np.interp(0.5, some["share"], some["loss"]) == some["loss"].iloc[50]
        assert some["loss"].is_monotonic_increasing
        assert row(everything_best, portfolio)["loss"] == pytest.approx(some["loss"].mean(), rel=0.1)


LATER = {
    "title": "Stockpile",
    "set": {
        "interventions.pile": {
            "kind": "stockpiling",
            "title": "Stockpile",
            "date": day(5),
            "covers": {"firms": ["maker"], "items": ["part"]},
            "extra_cover_days": 20,
        }
    },
    "dates": {"paths": ["interventions.pile.date"], "earliest": day(5), "latest": day(60)},
}


def test_a_lever_that_must_be_there_before_the_shock_cannot_wait_until_after_it(tmp_path):
    findings = found(tmp_path, {"pile": LATER})
    waiting = findings.tables["waiting"].set_index("decided")
    context = make_mitigation(findings)
    last = context.latest("pile")

    assert list(taken(findings)) == ["pile"]
    assert str(last) < day(30)
    assert waiting["added"].iloc[-1] < waiting["added"].max()
    assert f"decide by {context.day(last)}" in told(findings)[0]


@pytest.fixture(scope="module")
def over_views(tmp_path_factory):
    """A lever that does not pay where no ban comes, and does where a long one comes."""
    folder = tmp_path_factory.mktemp("views")
    calm = shop(
        80,
        name="calm",
        title="No ban",
        demand={"home": {"patience_days": 0}},
        interventions={"ban": ban(30, duration_days=1)},
    )
    (folder / "calm.yaml").write_text(json.dumps(calm))
    long = merged(calm, {"name": "long", "title": "A long ban"})
    long["interventions"]["ban"]["duration_days"] = 45
    (folder / "long.yaml").write_text(json.dumps(long))
    return found(
        folder,
        {"stock": at_cost(STOCK, 60.0)},
        mitigation={"views": {"calm.yaml": 1.0, "long.yaml": 3.0}},
    )


def test_regret_is_told_over_views(over_views):
    rows = over_views.tables["regret"].pivot_table(index="portfolio", columns="view", values="regret")
    totals = over_views.tables["view_portfolios"].set_index("portfolio")

    assert (rows.min() == 0.0).all()
    assert rows["calm.yaml"].idxmin() == NOTHING_KEY != rows["long.yaml"].idxmin()
    expected = 0.25 * rows["calm.yaml"] + 0.75 * rows["long.yaml"]
    assert totals["expected_regret"].to_dict() == pytest.approx(expected.to_dict())
    assert totals["worst_regret"].to_dict() == pytest.approx(rows.max(axis=1).to_dict())
    assert over_views.summary["least_expected_regret"] == expected.idxmin()


def test_each_view_has_a_plan_and_so_have_all_by_weight(over_views):
    """Demand is constant and the ban certain: futures are alike, so figures are exact."""
    plans = over_views.tables["view_plans"].set_index("view")
    results = over_views.tables["regret"].pivot_table(index="portfolio", columns="view", values="result")
    weighted = 0.25 * results["calm.yaml"] + 0.75 * results["long.yaml"]

    assert list(plans.index) == ["calm.yaml", "long.yaml", "all"]
    assert plans["portfolio"].to_dict() == {
        "calm.yaml": NOTHING_KEY,
        "long.yaml": results["long.yaml"].idxmax(),
        "all": weighted.idxmax(),
    }
    best = plans.loc["all"]
    assert best["advantage"] == pytest.approx(weighted.max() - weighted[NOTHING_KEY])
    assert best["cost"] >= 60.0
    assert plans.loc["calm.yaml", ["cost", "gain", "advantage"]].tolist() == [0.0, 0.0, 0.0]


def test_the_plans_of_views_are_told_in_words(over_views):
    context = make_mitigation(over_views)
    rows = {row.view: row for row in over_views.tables["view_plans"].itertuples()}
    assert plan_in_words(context, rows["calm.yaml"]).startswith("If “No ban” is true: do nothing")
    assert plan_in_words(context, rows["long.yaml"]).startswith("If “A long ban” is true: More stock (")
    assert any(line.startswith("By the weights of all views: More stock (") for line in told(over_views))
    page = mitigate.MITIGATION.render(over_views)
    assert "A plan for each view" in page


WARNING = {"kind": "price_change", "title": "Warning", "date": day(10), "factor": 1.0, "lanes": {}}
BAN_AFTER = {"date": None, "after": "warning", "delay_days": 40, "probability": 1.0}
SIGNALLED = merged(LATER, {"signal": {"intervention": "warning"}, "cost": {"once": 20.0}})


def signalled(folder: Path, probability: float, lever: dict) -> Findings:
    """A ban that comes forty days after a warning and not without it; stock costs nothing to hold."""
    warned = {"warning": {**WARNING, "probability": probability}, "ban": BAN_AFTER}
    free = {"shelf": {"holding_cost_per_unit_day": 0.0}}
    return found(folder, {"pile": lever}, interventions=warned, stock_points=free)


def test_waiting_for_a_warning_saves_the_cost_where_there_is_none(tmp_path):
    """No ban comes without the warning, and there is time after it: the cost is saved without."""
    findings = signalled(tmp_path, 0.5, SIGNALLED)
    (row,) = findings.tables["adaptive"].to_dict("records")
    without = 1.0 - row["share_coming"]

    assert row["signal"] == "warning"
    assert 0.3 < row["share_coming"] < 0.7
    assert row["now"] > 0.0
    assert row["option_value"] == pytest.approx(row["adaptive"] - row["now"])
    assert row["option_value"] == pytest.approx(20.0 * without, abs=0.1)
    sentence = option_value(make_mitigation(findings), next(findings.tables["adaptive"].itertuples()))
    assert sentence.startswith("Stockpile: to wait for “Warning” is worth EUR ")
    assert sentence.endswith("more than deciding it at once.")
    assert sentence in answer(make_mitigation(findings))


def test_a_certain_warning_is_worth_no_more_than_deciding_at_once(tmp_path):
    findings = signalled(tmp_path, 1.0, SIGNALLED)
    (row,) = findings.tables["adaptive"].to_dict("records")
    assert row["share_coming"] == 1.0
    assert not any("to wait for" in line for line in answer(make_mitigation(findings)))
    assert row["option_value"] == pytest.approx(0.0, abs=0.1)


def test_a_signal_belongs_to_dates_and_is_an_intervention(tmp_path):
    undated = {key: value for key, value in SIGNALLED.items() if key != "dates"}
    with pytest.raises(ScenarioError, match="signal belongs to dates"):
        mitigate.prepare(scenario_file(tmp_path, {"pile": undated}))
    unknown = merged(LATER, {"signal": {"intervention": "bam"}})
    with pytest.raises(ScenarioError, match="did you mean 'ban'"):
        mitigate.prepare(scenario_file(tmp_path, {"pile": unknown}))


SECOND = {
    "title": "A second source",
    "set": {
        "stock_points.other": {"firm": "third", "item": "part"},
        "substitutes.second": {
            "supplier": "other",
            "buyer": "shelf",
            "trigger": {"date": day(5)},
            "qualification_lag_days": 1,
            "lead_time_days": 3,
            "price": 1.0,
        },
    },
    "dates": {"paths": ["substitutes.second.trigger.date"], "earliest": day(5), "latest": day(60)},
    "signal": {"stock_point": "shelf", "cover_below_days": 6.0},
    "cost": {"once": 20.0},
}
HALVED = {"kind": "capacity_loss", "title": "Half", "shock": True, "date": day(10), "lost_share": 0.5}


def covered(folder: Path, **changes) -> Findings:
    """In half of all futures half of the supply is lost: ten days of stock shrink by half a day a day."""
    loss = {
        **HALVED,
        "duration_days": 60,
        "recovery_days": 1,
        "probability": 0.5,
        "covers": {"firms": ["supplier"]},
    }
    return found(
        folder,
        {"second": merged(SECOND, changes)},
        interventions={"ban": {"probability": 0.0}, "loss": loss},
        firms={"third": {"name": "Third", "country": "DE"}},
        stock_points={
            "shelf": {"holding_cost_per_unit_day": 0.0},
        },
        demand={"home": {"process": "constant"}},
    )


def test_waiting_for_a_low_stock_saves_the_cost_where_it_stays_high(tmp_path):
    """There is time for it: the second source comes before the shelf is empty."""
    findings = covered(tmp_path)
    (row,) = findings.tables["adaptive"].to_dict("records")
    assert (row["signal"], row["cover_below_days"]) == ("shelf", 6.0)
    assert 0.3 < row["share_coming"] < 0.7
    assert row["share_moved"] == 0.0
    assert row["now"] > 0.0
    assert row["option_value"] == pytest.approx(20.0 * (1.0 - row["share_coming"]), abs=1e-6)
    assert any("less than 6 days of Part in stock" in line for line in page_of(findings))


def test_waiting_until_the_stock_is_gone_is_too_late(tmp_path):
    (row,) = covered(tmp_path, signal={"cover_below_days": 0.5}).tables["adaptive"].to_dict("records")
    assert row["share_coming"] > 0.0
    assert row["adaptive"] < row["now"] + 20.0 * (1.0 - row["share_coming"])


def test_a_lever_that_moves_its_own_signal_is_told(tmp_path):
    """What it sets holds from the first day, whenever it is decided."""
    early = {"set": {"stock_points.shelf.policy.units": 300.0, "stock_points.shelf.initial_on_hand": 300.0}}
    findings = covered(tmp_path, **early)
    (row,) = findings.tables["adaptive"].to_dict("records")
    assert row["share_moved"] > 0.0
    assert any("moves its own signal too early" in line for line in page_of(findings))


def leaving(folder: Path, signal: dict, levers: dict | None = None) -> Findings:
    """A supplier that leaves in half of all futures, and 25 days of stock until that is felt."""
    ample = {"policy": {"units": 250.0}, "initial_on_hand": 250.0, "holding_cost_per_unit_day": 0.0}
    second = {**SECOND, "signal": signal}
    return found(
        folder,
        {"second": second, **(levers or {})},
        interventions={"ban": ban(20, duration_days=30, probability=0.5)},
        firms={"third": {"name": "Third", "country": "DE"}},
        stock_points={"shelf": ample},
        demand={"home": {"process": "constant"}},
    )


@pytest.mark.parametrize("firms", [["supplier"], []])
def test_waiting_for_a_supplier_to_stop_saves_the_cost_where_none_does(tmp_path, firms):
    findings = leaving(tmp_path, {"supplier_stops": firms})
    (row,) = findings.tables["adaptive"].to_dict("records")
    assert (row["kind"], row["signal"]) == ("supplier_stops", "supplier" if firms else "any")
    assert row["share_coming"] == pytest.approx(findings.summary["chance_of_shock"])
    assert row["share_moved"] == 0.0
    assert row["option_value"] == pytest.approx(20.0 * (1.0 - row["share_coming"]), abs=1e-6)
    named = "Supplier" if firms else "the first supplier"
    assert any(f"to wait for {named} to stop delivering is worth" in line for line in page_of(findings))


def test_waiting_until_a_stock_has_run_out_is_late(tmp_path):
    findings = leaving(tmp_path, {"runs_out": "shelf"})
    (row,) = findings.tables["adaptive"].to_dict("records")
    assert (row["kind"], row["signal"]) == ("runs_out", "shelf")
    assert 0.3 < row["share_coming"] < 0.7
    assert row["adaptive"] < row["now"] + 20.0 * (1.0 - row["share_coming"])
    assert any("to wait for Part to run out is worth" in line for line in page_of(findings))


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        ({"stock_point": "shelf"}, "give both or neither"),
        (
            {"stock_point": "shelf", "cover_below_days": 5, "intervention": "ban"},
            "give one of intervention, supplier_stops and runs_out, or",
        ),
        (
            {"stock_point": "source", "cover_below_days": 5},
            "found source, which is not bought of another firm",
        ),
        ({"stock_point": "shlef", "cover_below_days": 5}, "did you mean 'shelf'"),
        ({"runs_out": "source"}, "found source, which never runs out; allowed: shelf"),
        ({"supplier_stops": ["maker"]}, "found maker, which does not deliver to maker; allowed: supplier"),
        ({"supplier_stops": ["suplier"]}, "did you mean 'supplier'"),
        ({"supplier_stops": [], "runs_out": "shelf"}, "give one of intervention"),
        ({"stock_point": "shelf", "cover_below_days": 0}, "found 0, allowed: more than 0"),
    ],
)
def test_a_signal_that_cannot_come_is_told(tmp_path, signal, message):
    lever = {**LATER, "signal": signal}
    with pytest.raises(ScenarioError, match=message):
        mitigate.prepare(scenario_file(tmp_path, {"pile": lever}))


def test_a_cover_is_known_in_the_first_futures_only(tmp_path):
    lever = {**LATER, "signal": {"stock_point": "shelf", "cover_below_days": 5.0}}
    with pytest.raises(SimError, match="found 2000, allowed: up to 1,000, as lever pile waits for a cover"):
        mitigate.analysis(scenario_file(tmp_path, {"pile": lever}), replications=2000)


def page_of(findings: Findings) -> list[str]:
    return mitigate.MITIGATION.render(findings).splitlines()


def test_the_same_seed_gives_the_same_findings_on_any_number_of_cores(tmp_path, everything_best):
    file = scenario_file(tmp_path, {"stock": STOCK, "dearer": DEARER})
    again = mitigate.run(file, replications=FUTURES, evaluations=EVALUATIONS, workers=2)
    assert again.summary == everything_best.summary
    for name, table in everything_best.tables.items():
        assert table.equals(again.tables[name])


def test_what_cannot_be_taken_takes_no_other_with_it(tmp_path):
    own = Evaluator(prepare_levered(scenario_file(tmp_path, {"stock": STOCK})), FUTURES, 77, InMemory(2))
    ways = [Portfolio(), Portfolio((Taken("stock", 1.0),)), Portfolio((Taken("stock", 300.0),))]
    beside, alone = Valued(own), Valued(own)

    beside.ahead(ways)

    assert [beside.knows(way) for way in ways] == [True, False, True]
    np.testing.assert_array_equal(beside.result(ways[2]), alone.result(ways[2]))
    with pytest.raises(SimError, match="found level 1; allowed: 150, 200, 300"):
        beside(ways[1])


# ---------------------------------------------------------------------- what is refused


def test_a_scenario_without_levers_is_refused(tmp_path):
    with pytest.raises(SimError, match="found no levers; allowed: one or more"):
        mitigate.prepare(scenario_file(tmp_path, {}))


def test_what_a_mitigation_is_about_is_compiled_once(tmp_path, monkeypatch):
    compiled: list[Scenario] = []

    def counted(scenario: Scenario) -> Plan:
        compiled.append(scenario)
        return compile_plan(scenario)

    monkeypatch.setattr("sim.model.levered.compile_plan", counted)
    mitigate.analysis(scenario_file(tmp_path, {"stock": STOCK}))
    assert len(compiled) == 1 + len(list(at_their_ends(compiled[0])))


def test_a_view_that_is_not_there_is_told(tmp_path):
    file = scenario_file(tmp_path, {"stock": STOCK}, mitigation={"views": {"none.yaml": 1.0}})
    with pytest.raises(ScenarioError, match=r"none\.yaml"):
        mitigate.prepare(file)


@pytest.mark.parametrize("how", [{"replications": 63}, {"evaluations": 3}])
def test_too_little_is_refused(tmp_path, how):
    with pytest.raises(SimError, match=r"allowed: (64|4) or more"):
        mitigate.analysis(scenario_file(tmp_path, {"stock": STOCK}), **how)


def test_a_view_in_other_money_is_told(tmp_path):
    (tmp_path / "view.yaml").write_text(json.dumps(shop(80, currency="USD", interventions={"ban": ban(30)})))
    file = scenario_file(tmp_path, {"stock": STOCK}, mitigation={"views": {"view.yaml": 1}})
    with pytest.raises(ScenarioError, match=r"view\.yaml: currency: found USD, allowed: EUR, as where"):
        mitigate.prepare(file)


def test_settings_of_levers_are_not_laid_over_views(tmp_path):
    (tmp_path / "calm.yaml").write_text(json.dumps(shop(80, name="calm", interventions={"ban": ban(30)})))
    file = scenario_file(tmp_path, {"stock": STOCK}, mitigation={"views": {"calm.yaml": 1.0}})
    question = mitigate.prepare(file, ["levers.stock.cost.once=7", "calendar.days=50"])
    view = question.views["calm.yaml"].scenario
    assert view.levers["stock"].cost.once.mean == 7.0
    assert view.calendar.length_days == 50


def test_python_says_the_same(tmp_path, everything_best):
    file = scenario_file(tmp_path, {"stock": STOCK, "dearer": DEARER})
    result = sim.mitigate(file, replications=FUTURES, evaluations=EVALUATIONS, workers=1)
    assert result.summary == everything_best.summary
    assert set(result.recommended["lever"]) == {"stock", "dearer"}
    assert told(everything_best)[0] in repr(result)
