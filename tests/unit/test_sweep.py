"""A sweep: the grid, its tables, what is said of it where nothing, all or little helps, and of bad input."""

import datetime as dt
import json
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.errors import SimError
from sim.model.levered import prepare_levered
from sim.montecarlo.batches import InMemory
from sim.report import sweep_figures
from sim.report.sweep_words import _conclusion, make_sweep_context, told
from sim.scenario.portfolios import Portfolio, Taken
from sim.stories import sweep
from sim.stories.portfolios import Evaluator
from sim.stories.sweep import SWEEP
from tests.builders import ban, day, merged, shop

FUTURES, SEED = 64, 7
LEVERS = {
    "stock": {
        "title": "More stock",
        "moves": ["stock_points.shelf.policy.units"],
        "levels": [150, 250],
        "unit": "pieces",
    },
    "dear": {"title": "Rent a palace", "set": {"firms.maker.country": "FR"}, "cost": {"once": 9000}},
    "idle": {"title": "Rename the shop", "set": {"firms.maker.name": "Shop"}},
    "cheap": {"title": "Buy cheaper", "set": {"lanes.parts.price": 0.4}},
    "bet": {
        "title": "Sell at the dear end",
        "set": {"demand.home.price": 3.0, "interventions.ban.date": 1, "interventions.ban.duration_days": 55},
    },
    "lobby": {"title": "Lobby", "set": {"interventions.ban": None}, "excludes": ["stock"]},
}


def scenario_file(folder: Path, **changes) -> Path:
    data = shop(
        60,
        demand={"home": {"process": "gamma", "dispersion": 4.0, "patience_days": 0}},
        lanes={"parts": {"price": {"dist": "uniform", "low": 0.5, "high": 1.5}}},
        interventions={"ban": ban(20, duration_days=20)},
        mitigation={"capital_rate_per_year": 0.2},
        levers=LEVERS,
    )
    file = folder / "scenario.yaml"
    file.write_text(json.dumps(merged(data, changes)))
    return file


def swept(folder: Path, *levers: str, **changes) -> tuple[pd.DataFrame, str]:
    found = sweep.run(scenario_file(folder, **changes), levers, replications=FUTURES, seed=SEED, workers=1)
    assert SWEEP.render(found).endswith("</html>\n")
    return found.tables["sweep"], " ".join(told(found))


def test_each_row_is_the_value_of_its_portfolio(tmp_path):
    table, _ = swept(tmp_path, "stock")
    own = Evaluator(prepare_levered(tmp_path / "scenario.yaml"), FUTURES, SEED, InMemory(1))
    values = own.values(Portfolio((Taken("stock", 250.0),)))
    row = table[table["portfolio"] == "stock=250"].iloc[0]
    assert row["result"] == values.result.mean()
    assert row["cost"] == np.mean(own.values().result_without_shock - values.result_without_shock)
    assert table["portfolio"].tolist() == ["nothing", "stock=150", "stock=250"]


def test_two_levers_make_a_grid(tmp_path):
    table, _ = swept(tmp_path, "stock", "cheap")
    assert len(table) == 6
    assert table["other_taken"].tolist() == [False, True] * 3
    alone = swept(tmp_path, "stock")[0].set_index("portfolio")["result"]
    both = table.set_index("portfolio")["result"]
    assert all(both[name] == alone[name] for name in alone.index)


def test_the_behind_of_the_best_is_nothing(tmp_path):
    table, _ = swept(tmp_path, "stock")
    best = table[table["is_best"]].iloc[0]
    assert (best["behind"], best["behind_ci_low"], best["behind_ci_high"]) == (0.0, 0.0, 0.0)
    assert table["behind"].min() == 0.0
    assert table["in_flat_top"].equals(table["behind_ci_low"] <= 0.0)


def test_what_helps_is_told_with_what_it_costs_and_when_it_is_worth_it(tmp_path):
    _, text = swept(tmp_path, "stock")
    assert "“More stock at 250 pieces” leaves Maker the highest result" in text
    assert "costs EUR" in text
    assert "adds EUR" in text
    assert "worth taking if that is likelier than" in text


def test_nothing_wins_where_costs_exceed_benefits(tmp_path):
    table, text = swept(tmp_path, "dear")
    assert table["worth"].tolist() == ["never", "never"]
    assert "doing nothing leaves Maker the highest result" in text
    assert "not worth taking however likely" in text
    assert "Every other choice is worse, by more than chance." in text


def test_what_changes_nothing_is_told_so(tmp_path):
    table, text = swept(tmp_path, "idle")
    assert table["in_flat_top"].all()
    assert "The top is flat" in text
    assert "costs nothing" in text
    assert "changes nothing if it comes" in text


def test_what_is_worth_it_always_is_told_so(tmp_path):
    _, text = swept(tmp_path, "cheap")
    assert "earns EUR" in text
    assert "worth taking however unlikely" in text


def test_what_is_worth_it_without_the_shock_alone_is_told_so(tmp_path):
    table, text = swept(tmp_path, "bet")
    assert table["worth"].iloc[1] == "up_to"
    assert "only if that is less likely than" in text


def test_what_keeps_the_shock_away_gains_where_it_would_have_come(tmp_path):
    """A ban that comes in a quarter of futures spares about three of four."""
    table, text = swept(tmp_path, "lobby", "calm", levers=LEVERS | CALM)
    lobby, calm = (table.set_index("portfolio").loc[name] for name in ("lobby", "calm"))
    assert lobby["gain"] == lobby["advantage"] > calm["gain"] > 0.5 * lobby["gain"]
    assert lobby["worth"] == "always"
    assert "in no future does the shock come" not in text


CALM = {"calm": {"title": "Calm down", "set": {"interventions.ban.probability": 0.25}}}


def test_what_costs_nothing_and_harms_is_never_worth_it(tmp_path):
    longer = {"title": "A longer ban", "set": {"interventions.ban.duration_days": 30}, "excludes": ["bet"]}
    table, text = swept(tmp_path, "worse", levers={"worse": longer})
    assert table["cost"].iloc[1] == 0.0
    assert table["worth"].iloc[1] == "never"
    assert "not worth taking however likely" in text


def test_without_a_shock_nothing_is_said_of_its_gain(tmp_path):
    table, text = swept(tmp_path, "stock", interventions={"ban": {"probability": 0.0}})
    assert table["gain"].isna().all()
    assert "in no future does the shock come" in text


def row(**figures) -> types.SimpleNamespace:
    """A row of the table; each figure with the ends of its interval."""
    columns: dict[str, float] = {}
    for name, (low, value, high) in figures.items():
        columns |= {name: value, f"{name}_ci_low": low, f"{name}_ci_high": high}
    return types.SimpleNamespace(worth="from", **columns)


@pytest.mark.parametrize(
    ("cost", "gain", "text"),
    [
        ((1, 2, 3), (7, 8, 9), "it is worth taking if that is likelier than 20%"),
        ((-1, 1, 2), (7, 8, 9), "it is worth taking if that is likelier than 20%, if not before"),
        ((-1, 1, 2), (-9, -8, -7), "it is not shown to be worth taking"),
        ((1, 2, 3), (-1, 8, 9), "it is not shown to be worth its cost"),
        ((-3, -2, -1), (-1, 8, 9), "it is worth taking if that is unlikely"),
        ((-1, 2, 3), (-1, 8, 9), "whether it is worth taking cannot be told from chance"),
    ],
)
def test_no_more_is_concluded_than_chance_leaves(cost, gain, text):
    assert _conclusion(row(cost=cost, gain=gain, break_even=(0.2, 0.2, 0.2))) == text


@pytest.mark.parametrize(
    ("levers", "message"),
    [
        (["stok"], "'stok' is not one of levers; did you mean 'stock'?"),
        ([], "found 0 levers; allowed: one or two of stock, dear"),
        (["stock", "dear", "idle"], "found 3 levers"),
        (["stock", "stock"], "found stock twice"),
        (["stock", "lobby"], "stock and lobby exclude each other"),
    ],
)
def test_levers_that_cannot_be_swept_are_told(tmp_path, levers, message):
    with pytest.raises(SimError) as caught:
        sweep.run(scenario_file(tmp_path), levers, replications=16)
    assert message in str(caught.value)


def test_levers_are_laid_over_another_view(tmp_path):
    file = scenario_file(tmp_path)
    view = tmp_path / "view.json"
    view.write_text(json.dumps(shop(60, name="view", interventions={"ban": ban(10, duration_days=30)})))
    asked = {"replications": 16, "seed": SEED, "view": view}
    found = sweep.run(file, ["stock"], workers=1, **asked)
    whole = tmp_path / "whole.json"
    data = json.loads(view.read_text()) | {"levers": LEVERS, "mitigation": {"capital_rate_per_year": 0.2}}
    whole.write_text(json.dumps(data))
    other = sweep.run(whole, ["stock"], replications=16, seed=SEED, workers=1)
    assert found.scenario.name == "view"
    assert found.tables["sweep"].equals(other.tables["sweep"])
    assert found.manifest["command"].endswith("--view view.json --replications 16 --seed 7")
    again = sim.sweep_levers(file, "stock", workers=1, **asked)
    assert again.tables["sweep"]["result"].tolist() == found.tables["sweep"]["result"].tolist()
    assert again.scenario.name == "view"


def test_a_lever_that_does_not_fit_a_view_is_told(tmp_path):
    view = tmp_path / "view.json"
    view.write_text(json.dumps(shop(60, name="view")))
    with pytest.raises(SimError, match=r"levers\.bet.*'ban' is not one of interventions"):
        sweep.run(scenario_file(tmp_path), ["stock"], view=view, replications=16)


def test_a_file_without_levers_is_told(tmp_path):
    file = tmp_path / "bare.json"
    file.write_text(json.dumps(shop(40)))
    with pytest.raises(SimError, match="none: the scenario has no levers"):
        sweep.run(file, ["stock"], replications=16)


def test_python_gives_what_the_command_gives(tmp_path):
    file = scenario_file(tmp_path)
    found = sim.sweep_levers(file, "stock", replications=FUTURES, seed=SEED, workers=1)
    table, _ = swept(tmp_path, "stock")
    assert found.tables["sweep"]["result"].tolist() == table["result"].tolist()
    assert found.best == "stock=250"
    assert found.flat_top == ["stock=250"]
    assert list(found.figures) == ["curve", "break_even"]


# ---------------------------------------------------------------------- over days

PILE = {"kind": "stockpiling", "title": "Pile", "date": 0, "covers": {}}
TIMED = {
    "pile": {
        "title": "Pile up parts",
        "set": {"interventions.pile": PILE},
        "moves": ["interventions.pile.extra_cover_days"],
        "levels": [10, 20],
        "unit": "days",
        "dates": {"paths": ["interventions.pile.date"], "earliest": day(0), "latest": day(30)},
    },
    "pay": {
        "title": "Pay for nothing",
        "set": {"interventions.sign": PILE},
        "dates": {"paths": ["interventions.sign.date"], "earliest": day(0), "latest": day(9)},
        "cost": {"per_day": 1.0},
    },
}


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    return prepare_levered(scenario_file(tmp_path_factory.mktemp("timed"), levers=LEVERS | TIMED))


def test_a_lever_is_swept_over_its_days(tmp_path):
    """Each row is the portfolio of that day; waiting until the ban holds adds nothing any more."""
    found = sweep.run(
        scenario_file(tmp_path, levers=TIMED), ["pile=20@dates"], dates=4, replications=FUTURES, seed=SEED
    )
    table = found.tables["sweep"]
    days = [dt.date.fromisoformat(day(index)) for index in (0, 10, 20, 30)]
    assert table["decided"].tolist() == [None, *days]
    assert table["portfolio"].tolist() == ["nothing", *(f"pile=20@{date}" for date in days)]
    own = Evaluator(prepare_levered(tmp_path / "scenario.yaml"), FUTURES, SEED, InMemory(1))
    assert table["result"][2] == own.values(Portfolio((Taken("pile", 20.0, days[1]),))).result.mean()
    assert table["gain"][1] > 0.0
    assert table["gain"][4] <= 0.0
    assert found.manifest["command"].endswith("pile=20@dates --dates 4 --replications 64 --seed 7")
    assert "“Pile up parts at 20 days, decided on 11 Jan 2021”" in " ".join(told(found))
    assert "What is each day to decide on “Pile up parts” worth?" in SWEEP.render(found)
    curve = sweep_figures.curve(make_sweep_context(found))
    assert curve.layout["xaxis"]["title"]["text"] == "Pile up parts, decided on"
    assert curve.data[1]["x"] == [str(date) for date in days]


def test_levels_and_days_of_one_lever_make_a_map(tmp_path):
    file = scenario_file(tmp_path, levers=TIMED)
    found = sim.sweep_levers(file, "pile", "pile@dates", dates=2, replications=32, seed=SEED, workers=1)
    table = found.tables["sweep"]
    grid = [f"pile={level}@{day(index)}" for level in (10, 20) for index in (0, 30)]
    assert table["portfolio"].tolist() == ["nothing", *grid]
    turned = sim.sweep_levers(file, "pile@dates", "pile", dates=2, replications=32, seed=SEED, workers=1)
    same = turned.tables["sweep"].set_index("portfolio")["result"]
    assert same[table["portfolio"]].tolist() == table["result"].tolist()
    heights = found.figures["heat_map"].data[0].z
    assert [[cell is None or np.isnan(cell) for cell in row] for row in heights] == [
        [False, True, True],
        [True, False, False],
        [True, False, False],
    ]


def test_days_beside_another_lever_make_a_grid(tmp_path):
    file = scenario_file(tmp_path, levers=LEVERS | TIMED)
    found = sweep.run(file, ["cheap", "pay@dates"], dates=2, replications=16, seed=SEED)
    assert found.tables["sweep"]["portfolio"].tolist() == [
        *("nothing", f"pay@{day(0)}", f"pay@{day(9)}"),
        *("cheap", f"cheap, pay@{day(0)}", f"cheap, pay@{day(9)}"),
    ]
    assert SWEEP.render(found).endswith("</html>\n")
    assert found.tables["sweep"]["typed_cost"].tolist()[1:3] == [60.0, 51.0]


@pytest.mark.parametrize(
    ("levers", "dates", "message"),
    [
        (
            ["pile@dates"],
            None,
            "pile@dates without a level; allowed: pile=10@dates, or a map: pile pile@dates",
        ),
        (["pile=15@dates"], None, "levers.pile: found level 15; allowed: 10, 20 days"),
        (["pile=much@dates"], None, "found pile=much@dates; allowed: pile or pile=10@dates"),
        (["pile=nan@dates"], None, "levers.pile: found level nan; allowed: 10, 20 days"),
        (["pile@date"], None, "found pile@date; allowed: pile or pile=10@dates"),
        (["pile=10"], None, "found pile=10; allowed: pile or pile=10@dates"),
        (["pay=3@dates"], None, "levers.pay: found level 3; allowed: none, it is done or not"),
        (["stock@dates"], None, "found stock@dates, but stock has no dates; allowed: stock"),
        (["pil@dates"], None, "'pil' is not one of levers; did you mean 'pile'?"),
        (["@dates"], None, "'' is not one of levers"),
        (["pile"], 4, "found dates, but no lever is swept over them; allowed: pile=10@dates"),
        (
            ["stock"],
            4,
            "found dates, but no lever is swept over them; allowed: one that has dates: pile, pay",
        ),
        (["pay", "pay@dates"], None, "found pay twice"),
        (["pile=10@dates", "pile"], None, "found pile twice"),
    ],
)
def test_days_that_cannot_be_swept_are_told(timed, levers, dates, message):
    with pytest.raises(SimError) as caught:
        sweep.prepared(timed, levers, dates)
    assert message in str(caught.value)


def test_a_sweep_over_days_is_opened_again_and_gone_on_with(tmp_path):
    file, out = scenario_file(tmp_path, levers=TIMED), str(tmp_path / "out")
    command = ["sweep", str(file), "pay@dates", "--dates", "3", "-n", "16", "--out", out]
    first = CliRunner().invoke(main, command)
    assert first.exit_code == 0, first.output
    assert sim.open(out).tables["sweep"]["decided"].tolist()[1] == dt.date(2021, 1, 1)
    assert sweep.resumed(out).manifest["dates"] == 3
    assert CliRunner().invoke(main, ["sweep", "--resume", out]).exit_code == 0
    bad = CliRunner().invoke(main, [*command[:2], "pay@days", "--out", str(tmp_path / "none")])
    assert (bad.exit_code, bad.output.count("\n"), (tmp_path / "none").exists()) == (2, 1, False)


def test_a_view_of_another_maker_is_told_and_not_taken_for_that_of_the_levers(tmp_path):
    """Its result is another firm's."""
    other = merged(shop(60, name="view", interventions={"ban": ban(10)}), {"firms": {"rival": RIVAL}})
    other["stock_points"]["shelf"]["firm"] = "rival"
    view = tmp_path / "view.json"
    view.write_text(json.dumps(other))
    file = scenario_file(tmp_path)
    told = "the levers serve maker, but rival comes first here; allowed: scenarios that have it"
    with pytest.raises(SimError, match=told):
        sweep.run(file, ["stock"], view=view, replications=16)
    with_both = other | {"markets": {**other["markets"], "b": other["markets"]["home"]}}
    with_both["stock_points"]["second"] = dict(other["stock_points"]["shelf"], firm="maker")
    with_both["lanes"]["more"] = dict(other["lanes"]["parts"], buyer="second")
    with_both["demand"]["b"] = dict(other["demand"]["home"], stock_point="second", market="b")
    view.write_text(json.dumps(with_both | {"analysis": {"makers": ["rival", "maker"]}}))
    with pytest.raises(SimError, match=r"allowed: mitigation\.maker: maker, where the levers are"):
        sweep.run(file, ["stock"], view=view, replications=16)


RIVAL = {"name": "Rival", "country": "FR"}
