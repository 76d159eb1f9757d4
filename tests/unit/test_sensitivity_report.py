"""What the report of a sensitivity analysis says: names of inputs, sentences, and what it refuses to draw."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sim.errors import ReportError
from sim.report.input_names import input_name
from sim.report.names import Names
from sim.report.sensitivity_page import answer_of, render_sensitivity
from sim.risk.findings import Findings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from tests.builders import ban, factory

FLAGSHIP = load_scenario(Path(__file__).parents[2] / "scenarios" / "entity-list-2019.yaml")
BAN, PRICE = "interventions.ban.duration_days", "lanes.parts.price"


def interval(name: str, prefix: str, *rows: tuple[float, float, float]) -> dict:
    middle, low, high = zip(*rows, strict=True)
    return {name: middle, f"{prefix}ci_low": low, f"{prefix}ci_high": high}


def findings(**summary) -> Findings:
    """An analysis of two inputs and two alternatives that never ran."""
    data = factory(interventions={"ban": ban(5, title="The ban")})
    data["decision"] = {
        "title": "What to do",
        "alternatives": {"wait": {"title": "Wait"}, "stock": {"title": "Buy stock", "cost": 5.0}},
    }
    tables = {
        "tornado": {
            "input": [BAN, PRICE],
            "input_p05": [10.0, 1.0],
            "input_p50": [20.0, 2.0],
            "input_p95": [30.0, 3.0],
            "loss_share_at_p05": [0.1, 0.2],
            "loss_share_at_p50": [0.2, 0.2],
            "loss_share_at_p95": [0.4, 0.2],
            "swing": [0.3, 0.0],
        },
        "rank_correlations": {
            "input": [BAN, PRICE],
            **interval("rank_correlation", "", (0.9, 0.8, 0.95), (0.01, -0.1, 0.1)),
            "main_effect": [0.8, 0.0],
        },
        "sobol": {
            "factor": [BAN, PRICE, "process noise"],
            "kind": ["input", "input", "noise"],
            **interval("first_order", "first_order_", (0.7, 0.6, 0.8), (0.0, -0.1, 0.1), (0.2, 0.1, 0.3)),
            **interval("total_order", "total_order_", (0.8, 0.7, 0.9), (0.0, 0.0, 0.0), (0.3, 0.2, 0.4)),
        },
        "inputs": {
            "input": [BAN, PRICE],
            "text": ["uniform(10, 30) days", "uniform(1, 3)"],
            "source": ["a survey", None],
            "confidence": ["low", None],
            "note": [None, None],
        },
        "alternatives": {
            "alternative": ["wait", "stock"],
            "title": ["Wait", "Buy stock"],
            "loss_mean": [90.0, 60.0],
            "cost": [0.0, 5.0],
            **interval("value", "value_", (-90.0, -95.0, -85.0), (-65.0, -70.0, -60.0)),
            "share_best": [0.25, 0.75],
        },
        "evpi": {"input": [BAN, PRICE], **interval("evppi", "", (7.0, 5.0, 9.0), (0.1, 0.0, 0.3))},
    }
    decision = {
        "title": "What to do",
        "best": "stock",
        "evpi": {"estimate": 11.0, "ci_low": 9.0, "ci_high": 13.0},
        "chance_evppi": 0.5,
        "alternatives": {"wait": -90.0, "stock": -65.0},
    }
    told = {
        "maker": "maker",
        "window_days": 365,
        "shock": "ban",
        "simulations": 5000,
        "inputs": 2,
        "loss_share": {"mean": {"estimate": 0.2, "ci_low": 0.19, "ci_high": 0.21}, "p05": 0.1, "p95": 0.3},
        "decision": decision,
    }
    frames = {name: pd.DataFrame(table) for name, table in tables.items()}
    return Findings(Scenario.model_validate(data), {"command": "none"}, told | summary, frames)


def with_decision(**changes) -> Findings:
    return findings(decision=findings().summary["decision"] | changes)


@pytest.mark.parametrize(
    ("path", "subject", "quantity"),
    [
        (
            "lanes.hikvision-server-cpu-intel.subsidiary_share",
            "Server CPU, Intel to Hikvision",
            "subsidiary share",
        ),
        (
            "substitutes.hikvision-gpu-ascend.qualification_lag_days",
            "GPU, substitute, Huawei Ascend to Hikvision",
            "qualification lag (days)",
        ),
        (
            "recipes.hikvision-recorders.inputs.hikvision-hdd",
            "Recipe of Recorders and storage, Hikvision",
            "need of Surveillance hard disk",
        ),
        (
            "stock_points.hikvision-hdd.policy.cover_days",
            "Surveillance hard disk, Hikvision",
            "policy cover (days)",
        ),
        (
            "demand.hikvision-recorders-europe.patience_days",
            "Recorders and storage, Hikvision in Europe",
            "patience (days)",
        ),
        ("firms.intel.revenue_per_year", "Intel", "revenue (per year)"),
        (
            "interventions.licences.grant_probability",
            "Licences under a policy of denial",
            "grant probability",
        ),
        ("items.hdd.controlled_content_share", "hdd", "controlled content share"),
        ("lanes.gone.price", "lanes.gone.price", "value"),
    ],
)
def test_inputs_have_names_that_a_reader_knows(path, subject, quantity):
    name = input_name(FLAGSHIP, Names(FLAGSHIP), path)
    assert (name.subject, name.quantity) == (subject, quantity)


def test_the_answer_names_the_input_most_worth_knowing():
    assert answer_of(findings()) == (
        "What to find out first: the duration (days) of “The ban”. To know it before deciding is worth "
        "EUR 7.0 on average (95% confidence: EUR 5.0–9.0). Without more knowledge, “Buy stock” is best."
    )


def test_an_input_no_better_than_chance_is_not_named():
    answer = answer_of(with_decision(chance_evppi=7.0))
    assert answer.startswith("Nothing on its own: no single input")
    assert "The ban" not in answer
    assert "chance (up to EUR 7.0 on average)" in answer


def test_without_a_decision_the_report_says_why_the_value_of_information_is_left_out():
    bare = findings(decision=None)
    tables = {name: bare.tables[name] for name in ("tornado", "rank_correlations", "sobol", "inputs")}
    html = render_sensitivity(replace(bare, tables=tables))
    assert html.count("The scenario names no decision, so the value of information is left out") == 2
    assert 'id="figure-evpi"' not in html
    assert "Worth knowing" not in html


def test_the_report_shows_figures_tables_and_sources():
    html = render_sensitivity(findings()).replace("\u2060", "")
    for key in ("figure-evpi", "figure-tornado", "figure-sobol"):
        assert f'id="{key}"' in html
    assert "The ban: duration (days) moves the mean loss most: 10.0–40.0% of revenue" in html
    assert "The ban: duration (days) carries 80% of the variance, chance 30%" in html
    assert "1 of 2 inputs is worth knowing; to know the whole future, chance included: EUR 11" in html
    assert "a survey" in html
    assert "30% (95% confidence: 20–40%) is chance" in html


def test_a_loss_that_is_the_same_everywhere_is_said_to_be():
    still = findings()
    tornado = still.tables["tornado"].assign(swing=0.0, loss_share_at_p05=0.2, loss_share_at_p95=0.2)
    zeros = {name: 0.0 for name in still.tables["sobol"].columns if "order" in name}
    tables = still.tables | {"tornado": tornado, "sobol": still.tables["sobol"].assign(**zeros)}
    html = render_sensitivity(replace(still, tables=tables))
    assert "No input moves the mean loss by itself" in html
    assert "The loss is the same in all futures" in html


@pytest.mark.parametrize(("table", "column"), [("sobol", "total_order"), ("evpi", "evppi")])
def test_a_missing_figure_is_refused(table, column):
    whole = findings()
    broken = whole.tables | {table: whole.tables[table].assign(**{column: float("nan")})}
    with pytest.raises(ReportError, match=f"table {table}, column {column}"):
        render_sensitivity(replace(whole, tables=broken))


def test_an_absent_table_is_refused():
    whole = findings()
    with pytest.raises(ReportError, match="table tornado is absent"):
        render_sensitivity(replace(whole, tables={k: t for k, t in whole.tables.items() if k != "tornado"}))
