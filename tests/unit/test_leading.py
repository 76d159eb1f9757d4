"""Where margin leads, analyses measure and tell the loss of contribution margin; else not a word of it."""

import dataclasses
import re

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.model.compile import compile_plan
from sim.report.comparison_words import told as told_comparison
from sim.report.stress_words import told as told_stress
from sim.risk.designs import DECIMALS
from sim.risk.leading import lost_by_all
from sim.risk.margins import margins
from sim.risk.precision import FIGURES, most_needed, needed_for, replications_needed
from sim.risk.replicated import estimators_of
from sim.risk.tables import makers
from sim.stories.compare import COMPARISON
from sim.stories.sensitivity import SENSITIVITY
from sim.stories.stress import STRESS
from tests.awkward.reading import SHARE, number, read_page, says
from tests.builders import ban, compiled, day, dear_factory, factory, merged, read, run_batch, shop

FUTURES = 32
OTHER = {"name": "later", "interventions": {"ban": {"date": day(33)}}}
UNCERTAIN = {"interventions": {"dearer": {"factor": {"dist": "uniform", "low": 1.2, "high": 3.0}}}}
AS_REVENUE = {"analysis": {"headline": "revenue", "account": True}}
COSTLY = {
    "analysis": {"headline": "margin", "window_days": 30},
    "stock_points": {
        "parts": {"holding_cost_per_unit_day": 0.01},
        "goods": {"holding_cost_per_unit_day": 0.02},
    },
    "recipes": {"assembly": {"conversion_cost": 0.5}},
    "demand": {"home": {"patience_days": 0}},
}
"""Costs, and nothing that is left to chance."""
LOSS = "loss of contribution margin"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("leading")


def written(folder, name, data):
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


@pytest.fixture(scope="module")
def one(folder):
    return written(folder, "one", merged(dear_factory(), UNCERTAIN))


@pytest.fixture(scope="module")
def other(folder):
    return written(folder, "other", merged(dear_factory(), merged(UNCERTAIN, OTHER)))


@pytest.fixture(scope="module")
def plain(one):
    """A plain run of the first scenario, in the same futures."""
    return sim.run(one, replications=FUTURES, workers=1)


@pytest.fixture(scope="module")
def compared(one, other):
    return sim.compare(one, other, replications=FUTURES, workers=1)


@pytest.fixture(scope="module")
def analysed(one):
    return sim.sensitivity(one, replications=FUTURES, workers=1)


@pytest.fixture(scope="module")
def stressed(folder):
    return sim.stress(written(folder, "costly", factory(60, **COSTLY)), day=day(10), ttr_days=12, workers=1)


# ------------------------------------------------------------------ figures


def test_a_comparison_is_of_the_margin_that_a_plain_run_loses(compared, plain, other):
    losses = compared.tables["losses"].set_index("scenario")["loss_share"]
    margins = {
        plain.scenario.name: plain.tables["margins"],
        "later": sim.run(other, replications=FUTURES, workers=1).tables["margins"],
    }
    for name, table in margins.items():
        np.testing.assert_array_equal(losses[name], table["loss_share"])
        means = compared.tables["scenarios"].set_index("scenario")
        assert means["loss_mean"][name] == table["loss"].mean()
    assert (losses[plain.scenario.name].to_numpy() != plain.tables["makers"]["loss_share"]).any()
    assert compared.headline == compared.summary["headline"] == "margin"


def test_a_sensitivity_analysis_is_of_the_margin_that_a_plain_run_loses(analysed, plain):
    margins, revenues = (plain.tables[name]["loss_share"].round(DECIMALS) for name in ("margins", "makers"))
    assert set(analysed.tables["tornado"]["loss_share_mean"]) == {margins.to_numpy().mean()}
    assert margins.to_numpy().mean() != revenues.to_numpy().mean()
    assert analysed.headline == analysed.summary["headline"] == "margin"


def test_a_price_moves_margin_and_no_revenue(analysed, one):
    of_revenue = sim.sensitivity(
        sim.load(one).with_({"analysis.headline": "revenue"}), replications=FUTURES, workers=1
    )
    swings = [found.tables["tornado"].set_index("input")["swing"] for found in (analysed, of_revenue)]
    (price,) = swings[0].index
    assert price == "interventions.dearer.factor"
    assert swings[0][price] > 0.0 == swings[1][price]


def test_a_failure_costs_the_margin_that_a_plain_run_loses_by_a_ban(stressed, folder):
    banned = factory(60, **COSTLY, interventions={"ban": ban(10, duration_days=12)})
    plain = sim.run(written(folder, "banned", banned), replications=1, workers=1)
    (lost,), (lost_revenue,) = (plain.tables[name]["loss"] for name in ("margins", "makers"))
    nodes = stressed.tables["stress_nodes"].set_index("node")
    assert nodes["pi"]["supplier"] == lost != lost_revenue
    assert nodes["pi_share"]["supplier"] == lost / plain.tables["margins"]["revenue_counterfactual"][0]
    assert stressed.headline == stressed.summary["headline"] == "margin"


def test_the_least_loss_is_of_what_leads(stressed, folder):
    of_revenue = written(folder, "of-revenue", merged(factory(60, **COSTLY), AS_REVENUE))
    least = [
        found.tables["stress_nodes"].set_index("node")["pi_lp"]["supplier"]
        for found in (stressed, sim.stress(of_revenue, day=day(10), ttr_days=12, workers=1))
    ]
    assert 0.0 < least[0] <= stressed.tables["stress_nodes"]["pi"].max()
    assert least[0] != least[1]


def test_makers_lose_what_each_of_them_loses():
    outlet = {"firm": "outlet", "item": "part", "policy": {"kind": "base_stock", "units": 20.0}}
    stream = {
        "stock_point": "outlet",
        "market": "home",
        "mean_per_day": 1.0,
        "price": 2.0,
        "patience_days": 0,
    }
    two = shop(
        40,
        analysis={"headline": "margin", "window_days": 30},
        firms={"outlet": {"name": "Outlet", "country": "FR"}},
        stock_points={"outlet": outlet},
        lanes={"more": {"supplier": "source", "buyer": "outlet", "price": 1.0, "lead_time_days": 1}},
        demand={"home": {"patience_days": 0}, "outlet": stream | {"patience_days": 0}},
        interventions={"ban": ban(10, duration_days=25)},
    )
    plan = compiled(two)
    outcome = run_batch(plan, seed=1, replications=3).outcome
    by_maker = margins(plan, outcome).pivot_table(index="replication", columns="maker", values="loss")
    assert (by_maker > 0.0).all(axis=None)
    np.testing.assert_array_equal(lost_by_all(plan, outcome), by_maker["maker"] + by_maker["outlet"])


@pytest.mark.parametrize("headline", ["revenue", "margin"])
def test_what_leads_says_how_many_replications_it_takes(headline):
    plan = compile_plan(read(merged(dear_factory(), UNCERTAIN | {"analysis": {"headline": headline}})))
    outcome = run_batch(dataclasses.replace(plan, keeps_account=True), seed=1, replications=FUTURES).outcome
    losses = (margins if headline == "margin" else makers)(plan, outcome)["loss_share"].to_numpy()
    estimate = FIGURES["mean"](estimators_of(plan.sampling.method), losses)
    assert most_needed(plan, outcome, "mean", 0.01) == needed_for(estimate, 0.01, FUTURES)


@pytest.mark.parametrize("headline", ["revenue", "margin"])
def test_a_summary_tells_how_many_replications_what_leads_takes(folder, headline):
    data = merged(dear_factory(), UNCERTAIN | {"analysis": {"headline": headline, "account": True}})
    run = sim.run(written(folder, f"needed-{headline}", data), replications=FUTURES, workers=1)
    (told,) = run.summary["makers"].values()
    estimators, needed = estimators_of(run.summary["sampling"]), {}
    for of, table in (("revenue", "makers"), ("margin", "margins")):
        losses = run.tables[table]["loss_share"].to_numpy()
        found = {name: figure(estimators, losses) for name, figure in FIGURES.items()}
        needed[of] = replications_needed(found, FUTURES)
    assert needed["revenue"] != needed["margin"]
    assert told["replications_for_half_width"] == needed[headline]


def half_widths(folder, headline):
    """Of the means of both losses, in a batch."""
    data = merged(dear_factory(), UNCERTAIN | {"analysis": {"headline": headline, "account": True}})
    file = written(folder, f"precise-{headline}", data)
    result = sim.run(file, replications=FUTURES, workers=1)
    ends = [result.loss_share("maker", of).mean.ci for of in ("revenue", "margin")]
    return file, [0.5 * (high - low) for low, high in ends]


@pytest.mark.parametrize("headline", ["revenue", "margin"])
def test_the_command_stops_by_what_leads(folder, headline):
    file, widths = half_widths(folder, headline)
    wanted = sum(widths) / 2.0
    told = CliRunner().invoke(
        main,
        ["run", str(file), "--precision", str(wanted), "-n", str(FUTURES), "--out", str(folder / headline)],
    )
    assert told.exit_code == 0, told.output
    too_few = widths[["revenue", "margin"].index(headline)] > wanted
    assert ("too few for mean" in told.output) == too_few


@pytest.mark.parametrize("name", ["compared", "analysed", "stressed"])
def test_a_folder_that_is_opened_again_says_the_same(request, folder, name):
    found = request.getfixturevalue(name)
    again = sim.open(found.save(folder / name))
    assert again.headline == "margin"
    assert again.summary == found.summary
    assert again.report() == found.report()
    assert repr(again) == repr(found)


def test_where_revenue_leads_a_bound_that_is_missing_is_a_mistake(stressed):
    findings = stressed._findings
    nodes = findings.tables["stress_nodes"].assign(pi_lp=float("nan"))
    findings = dataclasses.replace(findings, tables=findings.tables | {"stress_nodes": nodes})
    assert "so none is known" in read_page(STRESS.render(findings)).text
    summary = {key: value for key, value in findings.summary.items() if key != "headline"}
    with pytest.raises(sim.SimError, match="column pi_lp, row 0: found nan"):
        STRESS.render(dataclasses.replace(findings, summary=summary))


# ------------------------------------------------------------------ what does not compare


def test_scenarios_of_different_headlines_do_not_compare(folder, one):
    revenue = written(folder, "revenue", merged(dear_factory(name="revenue"), AS_REVENUE))
    command = ["compare", str(one), str(revenue), "-n", "16", "--out", str(folder / "mixed")]
    told = CliRunner().invoke(main, command)
    assert told.exit_code == 2
    message = " ".join(told.output.split())
    assert f"found headline margin in {sim.load(one).name} and revenue in revenue" in message
    assert "allowed: the same in all, as with --set analysis.headline=margin" in message
    assert not (folder / "mixed").exists()
    with pytest.raises(sim.SimError, match="headline"):
        sim.compare(one, revenue, replications=16)
    told = CliRunner().invoke(main, [*command, "--set", "analysis.headline=margin"])
    assert told.exit_code == 0, told.output


def test_a_sweep_is_of_what_leads_and_over_nothing_else(one, compared):
    swept = sim.sweep(one, {"interventions.ban.date": [day(28), day(33)]}, replications=FUTURES, workers=1)
    np.testing.assert_array_equal(swept["mean"], compared.tables["scenarios"]["mean"])
    with pytest.raises(sim.SimError, match=r"sweep: found headline revenue with .*, and margin in the first"):
        sim.sweep(one, {"analysis.headline": ["margin", "revenue"]}, replications=16)


# ------------------------------------------------------------------ words against numbers


def test_a_comparison_says_that_margin_is_lost(compared):
    page = read_page(COMPARISON.render(compared._findings))
    (answer,) = page.answer
    assert answer.startswith("Of contribution margin, as a share of its revenue, Maker ")
    for row in compared.tables["scenarios"].to_dict("records"):
        found = re.search(rf"(loses|gains) ({SHARE}) in {row['scenario']}\b", answer)
        assert found
        assert says(found[2], abs(row["mean"]))
        lines = [line for line in told_comparison(compared._findings) if line.startswith(row["scenario"])]
        assert lines[0].startswith(f"{row['scenario']}: of contribution margin, as a share of its revenue, ")
    assert "of revenue lost as contribution margin in" in page.cards["Maker"][""].value
    assert "Contribution margin without the shock minus that with it" in page.text
    assert "Revenue without the shock minus" not in page.text
    for name, chart in compared.figures.items():
        assert LOSS in chart.layout.xaxis.title.text.replace("<br>", " ").lower(), name


def test_a_sensitivity_analysis_says_that_margin_is_lost(analysed):
    page = read_page(SENSITIVITY.render(analysed._findings))
    mean = analysed.summary["loss_share"]["mean"]["estimate"]
    found = re.search(rf"Maker’s {LOSS} .* is ({SHARE}) of its revenue", page.answer[1])
    assert found
    assert says(found[1], mean)
    assert "of revenue lost as contribution margin" in page.cards["Maker"][""].value
    assert f"moves the mean {LOSS} most" in page.titles["tornado"]
    assert LOSS in analysed.figures["tornado"].layout.xaxis.title.text.lower()
    assert "Contribution margin without the shock minus that with it" in page.text


def test_a_stress_test_says_that_margin_is_lost(stressed):
    page = read_page(STRESS.render(stressed._findings))
    worst = stressed.worst_node
    found = re.search(
        rf"it costs EUR ([\d,.]+) of contribution margin, ({SHARE}) of the makers’ revenue", page.answer[0]
    )
    assert found
    assert number(found[1]) == pytest.approx(worst["pi"], rel=0.05)
    assert says(found[2], worst["pi_share"])
    assert "of contribution margin" in page.titles["stress-nodes"]
    assert all("lost as contribution margin" in card[""].value for card in page.cards.values())
    assert "Black mark" in page.text
    assert told_stress(stressed._findings, 3)[0].startswith(
        "Loss of the makers' contribution margin (Maker) in the "
    )
    bars, marks = stressed.figures["impacts"].data
    assert max(bars.x) == pytest.approx(worst["pi"])
    assert max(marks.x) == pytest.approx(stressed.tables["stress_nodes"]["pi_lp"].max())


def test_where_revenue_leads_nothing_is_said_of_margin(folder):
    data = merged(dear_factory(), merged(UNCERTAIN, AS_REVENUE))
    files = [
        written(
            folder,
            f"plain-{number}",
            merged(data, {"name": f"plain-{number}", "analysis": {"account": None}}),
        )
        for number in range(2)
    ]
    for found in (
        sim.compare(*files, replications=16, workers=1),
        sim.sensitivity(files[0], replications=32, workers=1),
        sim.stress(files[0], ttr_days=5, workers=1),
    ):
        assert "headline" not in found.summary
        assert found.headline == "revenue"
        assert "argin" not in read_page(found.report()).text
        assert "argin" not in repr(found)


# ------------------------------------------------------------------ who sells to firms


def test_a_stress_test_of_who_sells_to_firms_says_why_it_has_no_bounds(folder):
    selling = shop(
        40,
        analysis={"makers": ["supplier"], "window_days": 30},
        stress={"date": day(5), "ttr_days": 12},
        demand={"home": {"patience_days": 0}},
    )
    found = sim.stress(written(folder, "selling", selling), workers=1)
    nodes = found.tables["stress_nodes"]
    assert (nodes["pi"] > 0.0).all()
    assert nodes[["pi_lp", "tts_lp_days"]].isna().all(axis=None)
    assert found.summary["without_bounds"] == "sales_to_firms"
    page = read_page(found.report())
    assert page.text.count("makers sell to other firms") == 1
    assert page.text.count("PI at least") == 1, "a term, and no column of dashes"
    assert "Black mark" not in page.text
    assert "with foresight" not in page.text
    assert len(found.figures["impacts"].data) == 1
    again = sim.open(found.save(folder / "selling-again"))
    assert again.report() == found.report()


def test_what_a_supplier_loses_is_told_of_its_sales(folder):
    base = shop(
        40, analysis={"makers": ["supplier"], "window_days": 30}, demand={"home": {"patience_days": 0}}
    )
    files = [
        written(
            folder, name, merged(base, {"name": name, "interventions": {"ban": ban(10, duration_days=days)}})
        )
        for name, days in (("long", 25), ("short", {"dist": "uniform", "low": 5, "high": 12}))
    ]
    page = read_page(sim.compare(*files, replications=16, workers=1).report())
    assert page.answer[0].startswith("Of its sales to Maker, Supplier loses")
    assert "of sales to Maker lost in long (mean)" in page.cards["Supplier"][""].value
    found = read_page(sim.sensitivity(files[1], replications=32, workers=1).report())
    assert "of its sales to Maker" in found.answer[1]
    assert "of sales to Maker lost in the 30 days" in found.cards["Supplier"][""].value


def uncertain(headline):
    """A factory of which parts may become dear or not."""
    dearer = {"interventions": {"dearer": {"probability": 0.5}}}
    return merged(merged(dear_factory(), dearer), {"analysis": {"headline": headline, "account": True}})


@pytest.mark.parametrize("headline", ["margin", "revenue"])
def test_what_is_lost_given_an_event_is_of_what_leads(folder, headline):
    run = sim.run(written(folder, f"uncertain-{headline}", uncertain(headline)), replications=200, workers=1)
    lost = run.tables["margins" if headline == "margin" else "makers"].set_index("replication")["loss_share"]
    event = "interventions.dearer.happens"
    told = run.tables["conditional"].set_index(["event", "answer"])
    for answer, happens in (("yes", True), ("no", False)):
        among = lost[run.events[event] == happens]
        assert told.loc[(event, answer), "mean"] == pytest.approx(among.mean())
        assert run.given("dearer", happens).loss_share("maker", headline).mean == pytest.approx(among.mean())
    bins = run.tables["loss_histogram"]
    assert bins["loss_share_low"].min() <= lost.min()
    assert bins["loss_share_high"].max() >= lost.max()
    (hump, *_) = run.summary["makers"]["maker"]["humps"]
    assert hump["p05"] >= lost.min() - 1e-12
    axes = [str(figure.layout.xaxis.title.text) for figure in run.figures.values()]
    assert any("Loss of contribution margin, %" in axis for axis in axes) == (headline == "margin")


def test_a_loss_given_an_event_that_is_not_kept_is_refused(folder):
    plain = merged(uncertain("revenue"), {"analysis": {"account": False}})
    run = sim.run(written(folder, "no-account", plain), replications=50, workers=1)
    with pytest.raises(sim.UnknownNameError, match="margin"):
        run.given("dearer").loss("maker", of="margin")


@pytest.mark.parametrize(("headline", "what"), [("margin", "contribution margin"), ("revenue", "revenue")])
def test_the_command_tells_groups_of_futures_under_what_leads(folder, headline, what):
    file = written(folder, f"groups-{headline}", uncertain(headline))
    told = CliRunner().invoke(
        main, ["run", str(file), "-n", "200", "--out", str(folder / f"told-{headline}")]
    )
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("Loss of ")]
    about = [number for number, line in enumerate(lines) if line.startswith("    ")]
    assert lines[heads[0]].startswith(f"Loss of {what} ")
    assert bool(about) == (headline == "margin")  # a price costs margin and no revenue
    assert all(heads[0] < number < heads[1] for number in about)
