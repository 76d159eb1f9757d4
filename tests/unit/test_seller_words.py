"""What the report says of a maker that sells to other firms, against the numbers."""

import re

import pytest
import yaml

import sim
from sim.report.context import make_context
from sim.report.headline import answer, card
from sim.report.margin_words import of_what_leads
from sim.report.methods import methods
from sim.report.numbers import lost_share
from sim.report.risk_words import exceedance_title
from tests.builders import Data, ban, merged, shop

DAYS = 40


def context_of(folder, **changes):
    """A supplier that a ban keeps from its only buyers; it sells more than the scenario shows."""
    base = shop(
        DAYS,
        firms={"supplier": {"revenue_per_year": 7305.0}},
        analysis={"makers": ["supplier"], "window_days": 30},
        interventions={"ban": ban(10, duration_days=25)},
        demand={"home": {"patience_days": 0}},
    )
    file = folder / "seller.yaml"
    file.write_text(yaml.safe_dump(merged(base, changes), sort_keys=False))
    return make_context(sim.run(file, replications=4, workers=1)._findings)


def told(context, maker="supplier"):
    found = card(context, maker)
    return answer(context)[0], {line.label: line for line in (*found.lines, *found.folded)}


def test_a_loss_is_told_of_the_sales_to_the_buyers_and_of_the_whole_revenue(tmp_path):
    context = context_of(tmp_path)
    sentence, lines = told(context)
    row = context.tables["suppliers"].set_index("supplier").loc["supplier"]
    share = lost_share(row["mean"] / row["revenue_counterfactual"])
    whole = lost_share(row["share_of_revenue_mean"])
    assert f"costs Supplier {share} of its sales to Maker in the 30 days" in sentence
    assert f"({whole} of its whole revenue of 30 days)" in sentence
    assert row["share_of_revenue_mean"] == pytest.approx(row["mean"] / (7305.0 * 30 / 365.25))
    assert 0.0 < row["share_of_revenue_mean"] < row["mean"] / row["revenue_counterfactual"]
    line = lines["Loss of its whole revenue of 30 days (mean)"]
    assert line.value == lost_share(row["share_of_revenue_mean"])
    ends = [float(end) for end in re.findall(r"[\d.]+(?=[–%])", line.detail.split(": ")[1])]
    assert ends[0] == pytest.approx(100.0 * row["p05"] / (7305.0 * 30 / 365.25), abs=0.06)
    assert card(context, "supplier").headline.label.startswith("of sales to Maker lost in the 30 days")


def test_how_bad_it_can_get_is_told_of_the_sales_to_the_buyers(tmp_path):
    context = context_of(tmp_path)
    worst = lost_share(context.measure("supplier", "loss_share", "var95").estimate)
    assert (
        exceedance_title(context) == f"Loss of the worst of 4 futures: Supplier {worst} of its sales to Maker"
    )
    assert "to markets and to other firms" in dict(methods(context))["Loss"]


def test_where_margin_leads_the_share_of_the_whole_revenue_follows_the_lost_revenue(tmp_path):
    context = context_of(tmp_path, analysis={"headline": "margin"})
    labels = [line.label for line in card(context, "supplier").folded]
    at = labels.index("Loss of revenue (mean)")
    assert labels[at + 1] == "Loss of its whole revenue of 30 days (mean)"
    assert exceedance_title(of_what_leads(context)).endswith("of its sales to Maker as contribution margin")


def test_without_its_revenue_a_year_nothing_is_said_of_it(tmp_path):
    sentence, lines = told(context_of(tmp_path, firms={"supplier": {"revenue_per_year": None}}))
    assert "whole revenue" not in sentence
    assert not any("whole revenue" in label for label in lines)


def test_who_sells_to_markets_alone_loses_of_its_revenue(tmp_path):
    context = context_of(
        tmp_path, firms={"maker": {"revenue_per_year": 7305.0}}, analysis={"makers": ["maker"]}
    )
    sentence, lines = told(context, "maker")
    assert " of its revenue in the 30 days" in sentence
    assert "whole revenue" not in sentence
    assert not any("whole revenue" in label for label in lines)


def outlet(key, lane):
    """A shop that buys of the same source."""
    shelf = {"firm": key, "item": "part", "policy": {"kind": "base_stock", "units": 20.0}}
    stream = {"stock_point": key, "market": "home", "mean_per_day": 1.0, "price": 2.0, "patience_days": 0}
    return {
        "firms": {key: {"name": key.title(), "country": "FR"}},
        "stock_points": {key: shelf},
        "lanes": {lane: {"supplier": "source", "buyer": key, "price": 1.0, "lead_time_days": 1}},
        "demand": {key: stream},
    }


def test_many_buyers_are_counted(tmp_path):
    three: Data = {}
    for key in ("anna", "bert", "carl"):
        three = merged(three, outlet(key, f"to-{key}"))
    sentence, _ = told(context_of(tmp_path, **three))
    assert " of its sales to 4 firms in the 30 days" in sentence


def test_sales_to_markets_are_named_beside_those_to_firms(tmp_path):
    passes_on = {
        "corner": {"firm": "friend", "item": "part", "policy": {"kind": "base_stock", "units": 20.0}}
    }
    context = context_of(
        tmp_path,
        firms={"friend": {"name": "Friend", "country": "FR"}},
        stock_points=passes_on,
        lanes={"on": {"supplier": "shelf", "buyer": "corner", "price": 3.0, "lead_time_days": 1}},
        demand={
            "away": {
                "stock_point": "corner",
                "market": "home",
                "mean_per_day": 2.0,
                "price": 4.0,
                "patience_days": 0,
            }
        },
        analysis={"makers": ["maker"]},
    )
    assert " of its sales to markets and to Friend in the 30 days" in told(context, "maker")[0]
