"""Margin as files and pages tell it: tables, summary, report, Python and the command line."""

import re

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.engines.spending import COST_KINDS
from sim.report.context import make_context
from sim.report.graph_objects import as_plotly
from sim.report.margin_section import ENTRIES, SUMS, account_table, account_waterfall
from sim.report.margin_words import account_title, entry, margin_fan_title, margin_sentence
from sim.report.numbers import percent
from sim.report.page import make_page
from sim.report.page_parts import Chart, Table
from sim.stories.study import STUDY
from tests.builders import dear_factory

MAKES_MARGIN = (
    *("sales_to_markets", "sales_to_firms", "cost_of_goods_sold"),
    *COST_KINDS,
    *("write_offs", "salvage", "measures"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("margin")


def run(folder, data):
    file = folder / "margin.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return sim.run(file, replications=12, workers=1)


@pytest.fixture(scope="module")
def result(folder):
    return run(folder, dear_factory())


@pytest.fixture(scope="module")
def context(result):
    return make_context(result._findings)


def account(result):
    return result.tables["account"].set_index("entry")


# ------------------------------------------------------------------ tables


def test_the_account_adds_up(result):
    for twin in ("counterfactual", "scenario", "mean"):
        amounts = account(result)[twin]
        assert amounts["margin"] == pytest.approx(amounts[list(MAKES_MARGIN)].sum())
        assert amounts["result"] == pytest.approx(amounts["margin"] + amounts["fixed_costs"])
        goods = amounts["cost_of_goods_sold"] + amounts["write_offs"]
        assert amounts["purchases"] + amounts["conversion"] == pytest.approx(goods - amounts["stock_change"])


def test_every_entry_has_its_place_in_the_report(result):
    assert set(account(result).index) == set(ENTRIES)


def test_the_causes_add_up_to_the_loss_of_every_future(result, folder):
    result.save(folder / "run")
    losses = pd.read_parquet(folder / "run" / "outcomes")
    by_level = losses.groupby(["level", "replication"], observed=True)["loss"].sum()
    maker = result.tables["margins"].set_index("replication")["loss"]
    np.testing.assert_allclose(by_level["margin_cause"], maker, rtol=1e-9)
    np.testing.assert_allclose(by_level["margin_maker"], maker, rtol=1e-12)
    np.testing.assert_allclose(by_level["cause"], by_level["maker"], rtol=1e-9)


def test_margin_is_lost_through_the_ban_and_through_dearer_parts(result):
    carried = result.tables["margin_attribution"].groupby("component")["mean"].sum()
    assert carried["part"] > 0.0
    assert carried["unit_costs"] > 0.0
    assert carried["running_costs"] < 0.0
    assert carried.sum() == pytest.approx(result.tables["margins"]["loss"].mean())


def test_the_weeks_of_margin_add_up_to_its_loss(result):
    fan = result.tables["margin_fan"].groupby("twin")["mean"].sum()
    weekly = result.tables["margin_attribution_weekly"]["loss"].sum()
    assert fan["counterfactual"] - fan["scenario"] == pytest.approx(weekly)


def test_a_product_loses_what_its_goods_would_have_earned(result):
    (row,) = result.tables["margin_products"].to_dict("records")
    amounts = account(result)["mean"]
    assert row["mean"] == pytest.approx(-amounts["sales_to_markets"] - amounts["cost_of_goods_sold"])


def test_nothing_of_revenue_depends_on_whether_accounts_are_kept(result, folder):
    without = run(folder, dear_factory(analysis={"headline": "revenue"}))
    assert {name for name in result.tables if name not in without.tables} == {
        "account",
        *(name for name in result.tables if name.startswith("margin")),
    }
    for name in without.tables:
        if name not in {"assumptions", "conditional", "loss_histogram"}:  # the last two are of what leads
            pd.testing.assert_frame_equal(result.tables[name], without.tables[name])
    assert "headline" not in without.summary
    assert "margin" not in without.summary["makers"]["maker"]


# ------------------------------------------------------------------ Python and the command line


def test_python_tells_either_loss(result):
    margins = result.tables["margins"]
    assert result.loss("maker", of="margin").mean == pytest.approx(margins["loss"].mean())
    assert result.loss_share("maker", of="margin").mean == pytest.approx(margins["loss_share"].mean())
    assert result.loss("maker").mean == pytest.approx(result.tables["makers"]["loss"].mean())
    lines = repr(result).splitlines()
    assert "Loss of margin" in lines[1]
    assert "Loss of revenue" in lines[3]


def test_a_loss_that_is_not_told_is_none(result, folder):
    with pytest.raises(sim.UnknownNameError, match="revenue, margin"):
        result.loss("maker", of="profit")
    without = run(folder, dear_factory(analysis={"headline": "revenue"}))
    with pytest.raises(sim.UnknownNameError):
        without.loss("maker", of="margin")


@pytest.mark.parametrize(("headline", "order"), [("margin", [1, 0]), ("revenue", [0, 1])])
def test_the_command_line_tells_what_leads_first(folder, headline, order):
    file = folder / f"{headline}.yaml"
    settings = {"headline": headline, "account": True}
    file.write_text(yaml.safe_dump(dear_factory(analysis=settings), sort_keys=False))
    told = CliRunner().invoke(main, ["run", str(file), "-n", "12", "--out", str(folder / headline)])
    assert told.exit_code == 0, told.output
    at = [told.output.index(f"Loss of {kind} in the 49 days") for kind in ("revenue", "contribution margin")]
    assert [sorted(at).index(place) for place in at] == order


def test_margin_cannot_lead_without_an_account(folder):
    file = folder / "contradictory.yaml"
    file.write_text(yaml.safe_dump(dear_factory(analysis={"account": False})))
    told = CliRunner().invoke(main, ["validate", str(file)])
    assert told.exit_code == 2
    assert "headline margin needs the account" in told.output


# ------------------------------------------------------------------ the report


def amounts_in(text):
    """Amounts of money in a sentence, in euros."""
    found = re.findall(r"(−?)EUR ([\d.,]+)( thousand)?", text)
    return [
        (-1 if sign else 1) * float(number.replace(",", "")) * (1000 if word else 1)
        for sign, number, word in found
    ]


def test_the_sentence_tells_margin_and_result(context, result):
    told = margin_sentence(context, "maker")
    lost, after, before = amounts_in(told)
    assert lost == pytest.approx(result.loss("maker", of="margin").mean, rel=0.05)
    assert after == pytest.approx(account(result)["scenario"]["result"], rel=0.05)
    assert before == pytest.approx(account(result)["counterfactual"]["result"], rel=0.05)
    assert f"{100 * result.loss_share('maker', of='margin').mean:.1f}%" in told


def test_the_title_tells_sales_costs_and_margin(context):
    sales, costs, margin = amounts_in(account_title(context, "maker"))
    assert sales == pytest.approx(entry(context, "maker", "sales_to_markets"), rel=0.05)
    assert margin == pytest.approx(entry(context, "maker", "margin"), rel=0.05)
    assert costs == pytest.approx(sales - margin, abs=0.05 * abs(sales) + 100)


def test_the_title_of_the_weeks_tells_the_widest_gap(context, result):
    means = result.tables["margin_fan"].pivot_table(index="week", columns="twin", values="mean")
    gap = (means["counterfactual"] - means["scenario"]).max()
    (told,) = amounts_in(margin_fan_title(context, "maker"))
    assert told == pytest.approx(gap, rel=0.05)


def test_the_waterfall_ends_with_the_result(context, result):
    (trace,) = as_plotly(account_waterfall(context, "maker")).data
    steps = [value for value, measure in zip(trace.x, trace.measure, strict=True) if measure == "relative"]
    assert trace.measure[-1] == "total"
    assert sum(steps) == pytest.approx(trace.x[-1])
    shown = account_table(context, "maker", 1)
    assert [row[0] for row in shown.rows if row[0] in {ENTRIES[name] for name in SUMS}] == [
        "Contribution margin",
        "Result",
    ]


def test_what_leads_comes_first_on_the_page(context, result, folder):
    page = make_page(context)
    assert page.sections[0].key == "margin"
    assert "contribution margin" in page.cards[0].headline.label
    assert page.answer[0].startswith("Maker loses")
    beside = run(folder, dear_factory(analysis={"headline": "revenue", "account": True}))
    page = make_page(make_context(beside._findings))
    assert [section.key for section in page.sections][:3] == ["components", "products", "margin"]
    assert "contribution margin" not in page.cards[0].headline.label
    assert any(line.label == "Loss of margin (mean)" for line in page.cards[0].folded)


def test_without_accounts_the_page_does_not_speak_of_margin(folder):
    page = STUDY.render(run(folder, dear_factory(analysis={"headline": "revenue"}))._findings)
    assert "Contribution margin" not in page
    assert "Margin and result" not in page


def test_nothing_lost_is_told_as_nothing(folder):
    data = dear_factory()
    data["interventions"] = {}
    told = run(folder, data)
    context = make_context(told._findings)
    assert margin_sentence(context, "maker") == "Maker loses no contribution margin."
    assert account_title(context, "maker") == "Maker’s account hardly changes"
    assert "stays on its path" in margin_fan_title(context, "maker")


def test_a_shock_that_makes_parts_cheaper_is_a_gain(folder):
    data = dear_factory(interventions={"dearer": {"factor": 0.25}})
    del data["interventions"]["ban"]
    told = run(folder, data)
    context = make_context(told._findings)
    assert "gains" in margin_sentence(context, "maker")
    assert "furthest ahead" in margin_fan_title(context, "maker")
    assert told.loss("maker", of="margin").mean < 0.0


def test_how_bad_it_can_get_is_told_of_what_leads(context, result):
    (risk,) = (section for section in make_page(context).sections if section.key == "risk")
    chart, table, _ = risk.blocks
    assert isinstance(chart, Chart)
    assert isinstance(table, Table)
    worst = result.loss_share("maker", of="margin").var95
    assert worst != result.loss_share("maker").var95
    assert risk.lead.startswith("Loss of contribution margin in the 49 days")
    assert chart.title == (
        f"Loss of the worst of 12 futures: Maker {percent(worst, 1)} of revenue as contribution margin"
    )
    assert max(chart.figure.data[0]["x"]) == pytest.approx(
        100.0 * result.tables["margins"]["loss_share"].max()
    )
    assert as_plotly(chart.figure).data == result.figures["exceedance"].data
    assert chart.figure.layout["xaxis"]["title"]["text"].startswith(
        "Loss of contribution margin, %<br>of the revenue"
    )
    estimates = result.tables["margin_risk_measures"]
    assert {row[2] for row in table.rows} == {percent(found, 1) for found in estimates["estimate"]}
    assert "of contribution margin" in table.note
