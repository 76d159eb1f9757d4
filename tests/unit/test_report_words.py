"""Numbers, names and colours of the report."""

import datetime as dt
import math
import pkgutil

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim.report
from sim.errors import ReportError
from sim.report import numbers
from sim.report.context import make_context
from sim.report.flow_diagram import MOST, flow_diagram, gathered_flows
from sim.report.graph_objects import as_plotly
from sim.report.names import plot_text, shorten, shorten_apart, tidy, width_of
from sim.report.numbers import Money
from sim.report.revenue_figures import revenue_fan
from sim.report.style import make_palette
from sim.report.words import confidence_sentence, flows_title, timeline_title
from tests.browser.fake_findings import fake_findings

MODULES = [module.name for module in pkgutil.iter_modules(sim.report.__path__, "sim.report.")]


@given(st.text(max_size=300))
def test_a_text_for_plotly_holds_no_tag_entity_or_placeholder(text: str):
    safe = plot_text(text, length=400)
    assert "<" not in safe
    assert ">" not in safe
    assert "%{" not in safe
    assert "$" not in safe
    for entity in ("&amp;", "&lt;", "&gt;", "&#37;", "&#36;"):
        safe = safe.replace(entity, "")
    assert "&" not in safe


@given(st.text(max_size=100), st.integers(2, 60))
def test_a_shortened_text_is_short_and_on_one_line(text: str, length: int):
    short = shorten(text, length)
    assert width_of(short) <= length
    assert short == tidy(short)
    assert "\n" not in short


def test_a_chinese_name_takes_no_more_room_than_another():
    assert shorten("非常重要的半导体制造股份有限公司", 13) == "非常重要的半…"
    assert plot_text("非常重要的半导体", width=8) == "非常重要<br>的半导体"


@given(st.lists(st.text("ab 企", max_size=30), max_size=5), st.integers(2, 20))
def test_texts_shortened_apart_are_short(texts: list[str], length: int):
    assert all(width_of(text) <= length for text in shorten_apart(texts, length))


def test_texts_that_differ_at_their_ends_are_told_apart():
    numbered = shorten_apart([f"Supplier number {number}" for number in range(10, 40)], 13)
    assert len(set(numbered)) == 30


def test_lines_break_between_words():
    assert plot_text("one two three", width=7) == "one two<br>three"
    assert plot_text("", width=7) == ""


@pytest.mark.parametrize(
    ("currency", "value", "text"),
    [
        ("RMB million", 6100.0, "RMB 6.1 billion"),
        ("RMB million", 0.0, "RMB 0"),
        ("RMB million", -250.4, "−RMB 250 million"),
        ("RMB million", 0.25, "RMB 250 thousand"),
        ("USD", 1_260_000.0, "USD 1.3 million"),
        ("units of account", 1234.0, "1,234 units of account"),
        ("<b>€", 2.0, "<b>€ 2.0"),
    ],
)
def test_money_in_the_fitting_unit(currency: str, value: float, text: str):
    assert Money(currency).text(value) == text


@given(st.floats(-1e15, 1e15), st.sampled_from(["RMB million", "USD", "beads and shells"]))
def test_money_can_write_any_amount(value: float, currency: str):
    text = Money(currency).text(value)
    assert "e+" not in text
    assert "nan" not in text


@pytest.mark.parametrize("value", [None, math.nan, math.inf, "many"])
def test_a_number_that_is_none_is_refused(value: object):
    with pytest.raises(ReportError, match="the loss: found"):
        numbers.finite(value, "the loss")


@pytest.mark.parametrize("value", ["2019-10-09", dt.date(2019, 10, 9), pd.Timestamp("2019-10-09 00:00")])
def test_dates_of_every_kind(value: object):
    assert numbers.day(value) == "9 Oct 2019"


@pytest.mark.parametrize("value", [None, float("nan"), pd.NaT])
def test_no_date_is_a_dash(value: object):
    assert numbers.day(value) == "–"


def test_what_is_no_date_is_refused():
    with pytest.raises(ReportError, match="allowed: a date"):
        numbers.as_date("soon")


def test_ranges_with_minus_signs_are_readable():
    assert numbers.percent_range(-0.02, 0.03) == "−2.0 to 3.0%"


def test_components_beyond_the_palette_share_a_group():
    palette = make_palette(["a"], [f"part-{number}" for number in range(12)] + ["demand"])
    groups = {palette.group(f"part-{number}") for number in range(12)}
    assert len(groups) == 8
    assert palette.component("part-11") == palette.component("part-10")
    assert palette.group("demand") == "demand"


def test_flows_are_gathered_into_a_diagram_that_can_be_read():
    findings = fake_findings()
    rows = [
        {
            "twin": twin,
            "supplier": f"s{number}",
            "component": f"c{number % 30}",
            "maker": f"m{number % 9}",
            "value": 1.0 + number,
        }
        for number in range(200)
        for twin in ("counterfactual", "scenario")
    ]
    findings.tables["flows"] = pd.DataFrame(rows)
    context = make_context(findings)
    gathered = gathered_flows(context)
    node = as_plotly(flow_diagram(context, "scenario")).data[0].node
    assert len(node.label) == sum(MOST.values()) <= 40
    assert gathered["value"].sum() == pytest.approx(findings.tables["flows"]["value"].sum())
    assert "Other suppliers" in node.label


def test_what_makers_and_suppliers_buy_of_each_other_is_not_added_to_purchases():
    findings = fake_findings()
    title = flows_title(make_context(findings))
    more = [
        {"twin": twin, "supplier": supplier, "component": "gpu", "maker": buyer, "value": 1e6}
        for twin in ("counterfactual", "scenario")
        for supplier, buyer in (("hikvision", "dahua"), ("fullhan", "hygon"))
    ]
    findings.tables["flows"] = pd.concat([findings.tables["flows"], pd.DataFrame(more)], ignore_index=True)
    assert flows_title(make_context(findings)) == title


def test_purchases_that_hardly_change_are_told_once():
    findings = fake_findings()
    findings.tables["flows"] = pd.DataFrame(
        [
            {"twin": twin, "supplier": "intel", "component": "gpu", "maker": "hikvision", "value": value}
            for twin, value in (("counterfactual", 1140.0), ("scenario", 1132.0))
        ]
    )
    assert flows_title(make_context(findings)).endswith("purchases fall by 0.7%, from RMB 1.1 billion")


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (1.0, "its first day is certain"),
        (0.25, "it happens in 25% of futures"),
        (0.0, "it happens in no future"),
    ],
)
def test_an_intervention_that_need_not_happen_is_not_certain(probability: float, told: str):
    findings = fake_findings()
    only = findings.tables["interventions"].head(1).assign(shock=True, probability=probability)
    findings.tables["interventions"] = only.assign(start_p05=only["start_p50"], start_p95=only["start_p50"])
    title = timeline_title(make_context(findings))
    assert title == f"The only intervention is the shock; {told}"


def test_interventions_that_need_not_happen_are_counted():
    findings = fake_findings()
    table = findings.tables["interventions"]
    often = [0.5, 0.25, 0.0, *[1.0] * len(table)][: len(table)]
    findings.tables["interventions"] = table.assign(probability=often)
    title = timeline_title(make_context(findings))
    assert title.endswith(", 2 happen in some futures only, 1 happens in none")


def test_rows_of_assumptions_are_not_confused_with_numbers_marked_so():
    told = confidence_sentence(["low", None, None])
    assert told == "Uncertain or documented, and listed here: 3, 1 of low and 2 without stated confidence."


def test_revenue_is_drawn_over_its_own_weeks_whatever_its_labels_need():
    context = make_context(fake_findings())
    weeks = context.rows("revenue_fan", "hikvision")["week"].astype(str)
    assert list(revenue_fan(context, "hikvision").layout["xaxis"]["range"]) == [weeks.min(), weeks.max()]
