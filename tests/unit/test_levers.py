"""Levers: what is said of bad ones, what is laid over the scenario, and what portfolios are worth."""

import datetime as dt
import json
import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from sim.cli import main
from sim.errors import ScenarioError, SimError
from sim.model.compile import prepare
from sim.model.levered import Levered, check_levers, levered, prepare_levered
from sim.montecarlo.batches import InMemory
from sim.risk.designs import earned
from sim.risk.earnings import RESULT
from sim.risk.portfolios import figures_of, laid_out_at_once, service_estimates, service_of
from sim.risk.replicated import estimators_of
from sim.scenario.load import as_written, load_with_places, written
from sim.scenario.policies.base_stock import BaseStock
from sim.scenario.portfolios import NOTHING, Portfolio, Taken, laid_over, typed_cost
from sim.scenario.schema import Scenario
from sim.stories.portfolios import Evaluator
from tests.builders import ban, day, factory, merged, shop

YEAR, SEED, FUTURES = 365, 7, 64
STOCK = {
    "title": "More stock",
    "moves": ["stock_points.shelf.policy.units"],
    "levels": {"low": 100, "high": 400, "step": 100},
    "unit": "pieces",
}


def scenario_file(folder: Path, data: dict | None = None, **levers: dict) -> Path:
    file = folder / "scenario.yaml"
    base = shop(
        60,
        demand={"home": {"process": "gamma", "dispersion": 4.0, "patience_days": 0}},
        lanes={"parts": {"price": {"dist": "uniform", "low": 0.5, "high": 1.5}}},
        interventions={"ban": ban(20, duration_days=20)},
    )
    file.write_text(json.dumps(merged(base, {"levers": levers, **(data or {})})).replace("Infinity", ".inf"))
    return file


def found_in(folder: Path, data: dict | None = None, **levers) -> Levered:
    return prepare_levered(scenario_file(folder, data, **levers))


def evaluator(found: Levered, replications: int = FUTURES) -> Evaluator:
    return Evaluator(found, replications, SEED, InMemory(1))


def on(index: int) -> dt.date:
    return dt.date.fromisoformat(day(index))


def only(name: str, level: float | None = None, date: dt.date | None = None) -> Portfolio:
    return Portfolio((Taken(name, level, date),))


def units_in(scenario: Scenario, point: str) -> float:
    policy = scenario.stock_points[point].policy
    assert isinstance(policy, BaseStock)
    return policy.units.mean


# ---------------------------------------------------------------------- the file


def test_levels_come_in_steps_or_one_by_one(tmp_path):
    found = found_in(
        tmp_path,
        stock=STOCK,
        fifty=merged(STOCK, {"levels": [50], "excludes": ["stock"]}) | {"levels": [50, 75.5]},
    )
    stock, fifty = (found.scenario.levers[name].levels for name in ("stock", "fifty"))
    assert stock is not None
    assert fifty is not None
    assert stock.values == (100.0, 200.0, 300.0, 400.0)
    assert fifty.values == (50.0, 75.5)


def test_what_is_written_is_read_again(tmp_path):
    scenario = found_in(
        tmp_path, stock=STOCK | {"levels": [50, 75.5], "set": {"lanes.parts.capacity_per_day": math.inf}}
    ).scenario
    again = as_written(written(scenario))
    assert again == scenario


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"moves": ["stock_points.shlef.policy.units"]},
            "'shlef' is not one of stock_points; did you mean 'shelf'?",
        ),
        (
            {"moves": ["stock_point.shelf.policy.units"]},
            "'stock_point' is not a collection; did you mean 'stock_points'?",
        ),
        ({"moves": ["levers.stock.title"]}, "'levers' is not a collection"),
        ({"moves": ["stock_points.shelf.policy.unitz"]}, "found 'unitz', which is not a field"),
        ({"levels": [-5, 10]}, "stock_points.shelf.policy.units: found -5, allowed: 0 or more"),
        ({"levels": [10, 10]}, "each once"),
        (
            {"levels": [8.00000001, 8.00000002]},
            "two levels are told as 8; allowed: levels that differ in six",
        ),
        ({"levels": {"low": 1e7, "high": 10000020, "step": 10}}, "two levels are told as 1e+07"),
        ({"levels": {"low": 10, "high": 5, "step": 1}}, "high 5 is below low 10"),
        ({"levels": {"low": 10, "high": 50}}, "give low, high and step"),
        ({"levels": None}, "give both or neither"),
        ({"excludes": ["stok"]}, "'stok' is not one of levers; did you mean 'stock'?"),
        ({"excludes": ["stock"]}, "found the lever itself"),
        ({"set": {"lanes.prats.price": 1}}, "'prats' is not one of lanes; did you mean 'parts'?"),
        ({"days_to_take_effect": 3}, "belongs to dates"),
        (
            {"dates": {"earliest": "2020-01-01", "latest": day(3)}},
            "found 2020-01-01, allowed: from the first simulated day",
        ),
        (
            {"dates": {"earliest": day(0), "latest": day(59)}, "days_to_take_effect": 5},
            "which takes effect on",
        ),
        ({"dates": {"earliest": day(9), "latest": day(5)}}, "is before earliest"),
        ({"cost": {"once": -3}}, "levers.stock.cost.once: found -3, allowed: 0 or more"),
        ({"levels": ["a", 2]}, "levers.stock.levels.each.0: found 'a', allowed: a number"),
        (
            {"dates": {"earliest": day(3), "latest": day(20)}},
            "when ban may be there already, and no paths: without paths it has the same effect",
        ),
    ],
)
def test_a_bad_lever_is_told_with_its_place(tmp_path, changes, message):
    lever = {key: value for key, value in {**STOCK, **changes}.items() if value is not None}
    with pytest.raises(ScenarioError) as caught:
        found_in(tmp_path, stock=lever)
    assert any(message in problem.message for problem in caught.value.problems), caught.value
    assert all(problem.place is not None and problem.place.line for problem in caught.value.problems)


def test_a_lever_that_undoes_another_is_told(tmp_path):
    with pytest.raises(
        ScenarioError, match=r"levers.more: found stock_points.shelf.policy.units, which stock sets too"
    ):
        found_in(tmp_path, stock=STOCK, more=STOCK)
    found_in(tmp_path, stock=STOCK, more=STOCK | {"excludes": ["stock"]})


def test_what_the_network_refuses_is_told(tmp_path):
    idle = {"title": "Idle", "set": {"stock_points.idle": {"firm": "maker", "item": "part"}}}
    with pytest.raises(ScenarioError, match=r"levers\.idle: .*idle"):
        found_in(tmp_path, idle=idle)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"maker": "supplier"},
            "mitigation.maker: found supplier, which is no maker of the headline; allowed: maker",
        ),
        ({"maker": "makker"}, "did you mean 'maker'?"),
        ({"constraints": {"service": {"hme": 0.9}}}, "'hme' is not one of demand; did you mean 'home'?"),
        ({"capital_rate_per_year": 1.5}, "allowed: 0 to 1"),
    ],
)
def test_a_bad_mitigation_is_told(tmp_path, asked, message):
    with pytest.raises(ScenarioError) as caught:
        found_in(tmp_path, {"mitigation": asked}, stock=STOCK)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("portfolio", "message"),
    [
        (only("stok", 100.0), "'stok' is not one of levers; did you mean 'stock'?"),
        (only("stock"), "levers.stock: found no level; allowed: 100, 200, 300, 400 pieces"),
        (only("stock", 150.0), "levers.stock: found level 150; allowed: 100"),
        (only("licence", 1.0), "levers.licence: found level 1; allowed: none"),
        (only("stock", 100.0, on(3)), "levers.stock: found a date; allowed: none"),
        (
            only("licence", None, on(30)),
            "found 2021-01-31; allowed: from 2021-01-06 to 2021-01-11",
        ),
        (Portfolio((Taken("licence"), Taken("lobby"))), "found lobby beside licence; allowed: one of them"),
        (Portfolio((Taken("licence"), Taken("licence"))), "found licence twice"),
    ],
)
def test_a_portfolio_that_cannot_be_taken_is_told(tmp_path, portfolio, message):
    dates = {"paths": ["interventions.ban.end"], "earliest": day(5), "latest": day(10)}
    licence = {
        "title": "Licence",
        "set": {"interventions.ban.duration_days": None},
        "dates": dates,
        "days_to_take_effect": 20,
    }
    lobby = {"title": "Lobby", "set": {"interventions.ban": None}, "excludes": ["licence"]}
    found = found_in(tmp_path, stock=STOCK, licence=licence, lobby=lobby)
    with pytest.raises(SimError) as caught:
        laid_over(found.loaded, portfolio)
    assert message in str(caught.value)


# ---------------------------------------------------------------------- laid over


def test_settings_levels_and_days_are_laid_over_the_scenario(tmp_path):
    dates = {"paths": ["interventions.ban.end"], "earliest": day(5), "latest": day(10)}
    licence = {
        "title": "Licence",
        "set": {"interventions.ban.duration_days": None},
        "dates": dates,
        "days_to_take_effect": 20,
    }
    found = found_in(tmp_path, stock=STOCK, licence=licence)
    late = Portfolio((Taken("licence", None, on(10)), Taken("stock", 300.0)))
    laid = laid_over(found.loaded, late).scenario
    assert units_in(laid, "shelf") == 300.0
    assert str(laid.interventions["ban"].end) == day(30)
    assert str(laid_over(found.loaded, only("licence")).scenario.interventions["ban"].end) == day(25)
    assert laid_over(found.loaded, NOTHING).scenario is found.scenario


def test_a_copy_stays_as_it_is(tmp_path):
    file = scenario_file(tmp_path, stock=STOCK)
    data = yaml.safe_load(file.read_text())
    data["firms"]["other"] = {"name": "Other", "country": "DE"}
    data["stock_points"]["copy"] = {"like": "shelf", "firm": "other"}
    data["lanes"]["parts-2"] = {"like": "parts", "buyer": "copy"}
    data["demand"]["home-2"] = {"like": "home", "stock_point": "copy"}
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    laid = laid_over(prepare_levered(file).loaded, only("stock", 400.0)).scenario
    assert units_in(laid, "copy") == 100.0


def test_typed_costs_add_up(tmp_path):
    cost = {
        "once": 3,
        "per_level": 0.5,
        "per_day": {"dist": "uniform", "low": 1, "high": 3},
        "per_level_day": 0.01,
    }
    dates = {"earliest": day(5), "latest": day(10)}
    found = found_in(tmp_path, stock=STOCK | {"cost": cost, "dates": dates, "days_to_take_effect": 10})
    early = typed_cost(found.scenario, only("stock", 200.0))
    late = typed_cost(found.scenario, only("stock", 200.0, on(10)))
    assert early == pytest.approx(3 + 100 + 45 * (2 + 2.0))
    assert early - late == pytest.approx(5 * (2 + 2.0))


# ---------------------------------------------------------------------- what it is worth


def test_a_value_is_that_of_the_file_with_the_settings(tmp_path):
    mitigation = {"capital_rate_per_year": 0.06, "obsolescence_per_year": 0.1}
    file = scenario_file(tmp_path, {"mitigation": mitigation}, stock=STOCK)
    own = evaluator(prepare_levered(file)).values(only("stock", 300.0))
    _, plan = prepare(file, ["stock_points.shelf.policy.units=300"])
    alone = earned(plan, "maker", seed=SEED, replications=FUTURES)
    assert np.array_equal(own.result, alone[RESULT])


def test_a_value_is_the_same_from_what_a_folder_holds(tmp_path):
    found = found_in(tmp_path, stock=STOCK)
    again = levered(as_written(written(found.scenario)))
    one, other = (evaluator(each).values(only("stock", 300.0)) for each in (found, again))
    assert np.array_equal(one.result, other.result)


def test_fewer_futures_are_the_first_of_more(tmp_path):
    found = evaluator(found_in(tmp_path, stock=STOCK))
    assert np.array_equal(found.values(replications=16).result, found.values().result[:16])


def test_typed_costs_are_paid_with_and_without_the_shock(tmp_path):
    one, other = (found_in(tmp_path, stock=STOCK | {"cost": {"once": once}}) for once in (0, 25))
    free, dear = (evaluator(each).values(only("stock", 300.0)) for each in (one, other))
    assert np.allclose(free.result - dear.result, 25.0)
    assert np.allclose(free.result_without_shock - dear.result_without_shock, 25.0)


def test_a_year_of_stock_costs_its_holding(tmp_path):
    """More stock that nobody needs takes off its value times the rate, for the days that it is there."""
    data = shop(
        YEAR,
        demand={"home": {"mean_per_day": 10.0}},
        levers={"stock": STOCK},
        mitigation={"capital_rate_per_year": 0.05, "obsolescence_per_year": 0.03},
        stock_points={"shelf": {"initial_on_hand": None}},
    )
    data["stock_points"]["shelf"].pop("initial_on_hand")
    file = tmp_path / "year.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    found = evaluator(prepare_levered(file), 16)
    low, high = found.values(only("stock", 100.0)), found.values(only("stock", 400.0))
    assert low.result - high.result == pytest.approx(300.0 * 1.0 * 0.08 * YEAR / 365.25)


def test_carrying_costs_are_those_of_what_the_stock_is_worth():
    mitigation = {"capital_rate_per_year": 0.73, "obsolescence_per_year": 0.0}
    data = factory(mitigation=mitigation, recipes={"assembly": {"conversion_cost": 3.0, "yield_share": 0.5}})
    from sim.model.facts import holding_costs
    from tests.builders import compiled

    plan = compiled(data)
    costs = dict(zip(plan.labels.points, holding_costs(plan, plan.numbers) * 365.25 / 0.73, strict=True))
    assert costs == pytest.approx({"source": 0.0, "parts": 1.0, "goods": 2.0 / 0.5 + 3.0})
    stated = compiled(merged(data, {"stock_points": {"goods": {"unit_cost": 11.0}}}))
    assert holding_costs(stated, stated.numbers)[2] * 365.25 / 0.73 == pytest.approx(11.0)


PILE = {
    "title": "Stockpile",
    "set": {
        "interventions.pile": {
            "kind": "stockpiling",
            "title": "Stockpile",
            "date": day(10),
            "end": day(45),
            "covers": {"firms": ["maker"]},
            "extra_cover_days": 12,
        }
    },
    "dates": {"paths": ["interventions.pile.date"], "earliest": day(10), "latest": day(30)},
    "cost": {"once": 20.0, "per_day": 0.5},
}


def test_cash_is_the_most_that_is_laid_out_at_once(tmp_path):
    """120 parts are bought ahead at 1 each and sold later: in the end all but typed costs is back."""
    data = {"demand": {"home": {"process": "constant"}}, "lanes": {"parts": {"price": 1.0}}}
    data["interventions"] = {"ban": {"probability": 0.0}}
    found = found_in(tmp_path, {**data, "calendar": {"days": 90}}, pile=PILE)
    own, nothing = (evaluator(found, 16).values(each) for each in (Portfolio((Taken("pile"),)), NOTHING))
    most = laid_out_at_once(own, nothing)
    closes = np.arange(6, 84, 7)
    paid = 20.0 * (closes >= 10) + 0.5 * np.maximum(0, closes - 9)

    assert own.outlays[:-1] == pytest.approx(paid)
    assert own.typed_cost == typed_cost(found.scenario, Portfolio((Taken("pile"),))) == 20.0 + 0.5 * 80
    assert (nothing.cash - own.cash)[:, :, -1] == pytest.approx(0.0, abs=1e-9)
    assert most == pytest.approx(120.0 + paid[closes <= 45][-1], abs=4.0)


def test_a_doubled_price_looks_better(tmp_path):
    """It did not where a value was a loss against the alternative's own counterfactual."""
    dearer = {"title": "Double the price", "set": {"demand.home.price": 4.0}}
    found = evaluator(found_in(tmp_path, dearer=dearer))
    nothing, own = found.values(), found.values(only("dearer"))
    figures = figures_of(own, nothing, estimators_of(found.method))
    assert figures.advantage.ci_low > 0.0
    assert figures.worth == "always"


def test_leaving_a_profitable_market_never_wins(tmp_path):
    """Nor did this: who sells nothing loses nothing."""
    leave = {"title": "Leave", "set": {"demand.home.mean_per_day": 0.0}}
    found = evaluator(found_in(tmp_path, leave=leave))
    nothing, own = found.values(), found.values(only("leave"))
    figures = figures_of(own, nothing, estimators_of(found.method))
    assert figures.advantage.ci_high < 0.0
    assert figures.worth == "never"
    assert service_of(own, nothing) == {"home": 0.0}


FALLBACK = {
    "firms": {"lab": {"name": "Laboratory", "country": "DE"}},
    "stock_points": {"other": {"firm": "supplier", "item": "part"}, "dear": {"firm": "lab", "item": "part"}},
    "lanes": {
        "parts": {"price": 1.0, "share": 0.6},
        "others": {"supplier": "other", "buyer": "shelf", "lead_time_days": 3, "price": 1.0, "share": 0.2},
        "dears": {"supplier": "dear", "buyer": "shelf", "lead_time_days": 3, "price": 4.0, "share": 0.2},
    },
}
"""Two suppliers at one price, and a third at four times as much."""
MORE_OF_THE_OTHER = {"title": "More of the other", "moves": ["lanes.others.share"], "levels": [0.4, 0.7]}


def test_a_weight_on_top_takes_orders_from_dear_sources_too(tmp_path):
    """So it earns even without the shock: 0.2 of 1 is dear, then 0.2 of 1.2."""
    found = evaluator(found_in(tmp_path, FALLBACK, more=MORE_OF_THE_OTHER))
    nothing, own = found.values(), found.values(only("more", 0.4))
    dear, still = (each.bought["lab"][:, 1].sum() for each in (nothing, own))
    assert still == pytest.approx(dear / 1.2)
    assert own.result_without_shock.mean() > nothing.result_without_shock.mean()


def test_where_others_make_room_nothing_is_earned_without_a_shock(tmp_path):
    lever = MORE_OF_THE_OTHER | {"takes_from": ["lanes.parts.share"]}
    found = evaluator(found_in(tmp_path, FALLBACK, more=lever))
    nothing, own = found.values(), found.values(only("more", 0.4))
    assert own.result_without_shock == pytest.approx(nothing.result_without_shock)
    assert own.bought["lab"] == pytest.approx(nothing.bought["lab"])


def test_room_is_made_in_proportion(tmp_path):
    lever = MORE_OF_THE_OTHER | {"takes_from": ["lanes.parts.share", "lanes.dears.share"]}
    found = found_in(tmp_path, FALLBACK, more=lever)
    lanes = laid_over(found.loaded, only("more", 0.4)).scenario.lanes
    shares = [lanes[name].share.mean for name in ("parts", "others", "dears")]
    assert shares == pytest.approx([0.45, 0.4, 0.15])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levels": [0.4, 0.9]}, "found 0.9, which takes 0.7 from fields that hold 0.6; allowed: up to 0.8"),
        ({"takes_from": ["lanes.parts.prise"]}, "prise: found nothing, allowed: a field that holds a number"),
        ({"moves": ["lanes.others.share", "lanes.dears.share"]}, "takes_from belongs to moves with one path"),
    ],
)  # fmt: skip
def test_room_that_cannot_be_made_is_told(tmp_path, changes, message):
    lever = MORE_OF_THE_OTHER | {"takes_from": ["lanes.parts.share"]} | changes
    with pytest.raises(ScenarioError) as caught:
        found_in(tmp_path, FALLBACK, more=lever)
    assert any(message in problem.message for problem in caught.value.problems), caught.value


def test_a_market_that_only_a_lever_brings_is_served_in_full(tmp_path):
    market = {"demand.abroad": {"stock_point": "shelf", "market": "home", "mean_per_day": 2, "price": 2.0}}
    found = evaluator(found_in(tmp_path, abroad={"title": "Another market", "set": market}))
    nothing, own = found.values(), found.values(only("abroad"))
    assert service_of(own, nothing)["abroad"] == 1.0
    assert set(service_of(nothing, nothing)) == {"home"}
    estimators = estimators_of(found.method)
    told = service_estimates(own, nothing, estimators)
    assert told["abroad"].estimate == told["abroad"].ci_high == 1.0
    assert told["home"].estimate == pytest.approx(service_of(own, nothing)["home"])
    assert told["home"].ci_low < told["home"].estimate < told["home"].ci_high < 1.0


def test_figures_of_a_lever_that_helps(tmp_path):
    found = evaluator(found_in(tmp_path, {"mitigation": {"capital_rate_per_year": 0.1}}, stock=STOCK))
    nothing, own = found.values(), found.values(only("stock", 300.0))
    figures = figures_of(own, nothing, estimators_of(found.method))
    assert figures.cost.estimate > 0.0
    assert figures.gain.ci_low > 0.0
    assert figures.worth == "from"
    expected = figures.cost.estimate / (figures.cost.estimate + figures.gain.estimate)
    assert figures.break_even.estimate == pytest.approx(expected)
    assert figures.break_even.ci_low <= expected <= figures.break_even.ci_high
    assert figures.loss_es95.estimate >= figures.loss.estimate
    assert own.time_to_survive_days.mean() > nothing.time_to_survive_days.mean()
    assert service_of(own, nothing)["home"] > service_of(nothing, nothing)["home"]


def test_the_chance_of_the_shock_does_not_move_what_breaks_even(tmp_path):
    """A shock that comes in half of the futures gains the same where it comes."""
    found = found_in(tmp_path, stock=STOCK)
    half = prepare_levered(tmp_path / "scenario.yaml", ["interventions.ban.probability=0.5"])
    figures = []
    for each in (found, half):
        one = evaluator(each, 512)
        figures.append(figures_of(one.values(only("stock", 300.0)), one.values(), estimators_of(one.method)))
    assert figures[1].advantage.estimate == pytest.approx(0.5 * figures[0].advantage.estimate, rel=0.1)
    assert figures[1].gain.estimate == pytest.approx(figures[0].gain.estimate, rel=0.05)


def test_views_that_cannot_be_used_are_told_by_validate(tmp_path):
    file = scenario_file(tmp_path, {"mitigation": {"views": {"bare.json": 1, "none.yaml": 2}}}, stock=STOCK)
    bare = shop(60, name="bare")
    bare["stock_points"]["rack"] = bare["stock_points"].pop("shelf")
    bare["lanes"]["parts"]["buyer"] = bare["demand"]["home"]["stock_point"] = "rack"
    (tmp_path / "bare.json").write_text(json.dumps(bare))
    found = CliRunner().invoke(main, ["validate", str(file)])
    assert found.exit_code == 2
    assert "mitigation.views.bare.json: levers.stock=100: " in found.stderr
    assert "'shelf' is not one of stock_points" in found.stderr
    assert "mitigation.views.none.yaml: " in found.stderr


def test_all_levers_are_checked_and_all_problems_told(tmp_path):
    file = scenario_file(
        tmp_path,
        one=STOCK | {"moves": ["lanes.a.share"]},
        two=STOCK | {"moves": ["lanes.b.share"]},
    )
    with pytest.raises(ScenarioError) as caught:
        check_levers(Levered(load_with_places(file)))
    assert len(caught.value.problems) == 2
