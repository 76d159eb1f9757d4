"""What the report of a sensitivity analysis says: names of inputs, sentences, and what it refuses to draw."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sim.errors import ReportError
from sim.report.figures import figures_of_sensitivity
from sim.report.input_names import input_name
from sim.report.names import Names
from sim.report.sensitivity_context import make_sensitivity_context
from sim.report.sensitivity_page import answer_of
from sim.report.sensitivity_words import answer
from sim.risk.findings import Findings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.stories.sensitivity import SENSITIVITY
from tests.builders import ban, factory

FLAGSHIP = load_scenario(Path(__file__).parents[2] / "scenarios" / "entity-list-2019-research-house.yaml")
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
            "input_low": [10.0, 1.0],
            "input_high": [30.0, 3.0],
            "loss_share_low": [0.1, 0.2],
            "loss_share_mean": [0.2, 0.2],
            "loss_share_high": [0.4, 0.2],
            "reach": [0.3, 0.0],
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
            **interval("first_order", "first_order_", (0.7, 0.6, 0.8), (0.0, 0.0, 0.1), (0.2, 0.1, 0.3)),
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
            "sales_to_markets": [380.0, 420.0],
            "sales_to_firms": [20.0, 20.0],
            "cost_of_goods_sold": [-240.0, -262.0],
            "holding": [-4.0, -8.0],
            "backorder": [-3.0, -3.0],
            "in_transit": [-2.0, -2.0],
            "order": [-1.0, -1.0],
            "lost_sales": [0.0, 0.0],
            "write_offs": [0.0, 0.0],
            "salvage": [0.0, 0.0],
            "measures": [0.0, 0.0],
            "fixed_costs": [0.0, 0.0],
            "result": [150.0, 164.0],
            "cost": [0.0, 5.0],
            **interval("value", "value_", (150.0, 140.0, 160.0), (159.0, 149.0, 169.0)),
            **interval("difference", "difference_", (-9.0, -12.0, -6.0), (0.0, 0.0, 0.0)),
            "share_best": [0.25, 0.75],
        },
        "evpi": {"input": [BAN, PRICE], **interval("evppi", "", (7.0, 5.0, 9.0), (0.1, 0.0, 0.3))},
    }
    decision = {
        "title": "What to do",
        "best": "stock",
        "evpi": {"estimate": 11.0, "ci_low": 9.0, "ci_high": 13.0},
        "chance_evppi": 0.5,
        "alternatives": {"wait": 150.0, "stock": 159.0},
    }
    told = {
        "maker": "maker",
        "window_days": 365,
        "shock": "ban",
        "simulations": 5000,
        "inputs": 2,
        "replications": 1024,
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
        ("items.hdd.controlled_content_share", "Surveillance hard disk", "controlled content share"),
        ("lanes.gone.price", "lanes.gone.price", "value"),
    ],
)
def test_inputs_have_names_that_a_reader_knows(path, subject, quantity):
    name = input_name(FLAGSHIP, Names(FLAGSHIP), path)
    assert (name.subject, name.quantity) == (subject, quantity)


def test_the_answer_names_the_input_most_worth_knowing():
    assert answer_of(findings()) == (
        "What to find out first: the duration (days) of “The ban”. To know it before deciding is worth "
        "EUR 7.0 on average (95% confidence: EUR 5.0–9.0). Without more knowledge, “Buy stock” is best: it "
        "earns EUR 9.0 more than “Wait” on average (95% confidence: EUR 6.0–12)."
    )


def test_an_input_whose_worth_may_be_nothing_is_not_called_worth_knowing():
    told = findings()
    open_ = told.tables["evpi"].assign(ci_low=[0.0, 0.0])
    told = replace(told, tables=told.tables | {"evpi": open_})
    assert answer_of(told).startswith(
        "Nothing on its own so far: most would be the duration (days) of “The ban”, worth EUR 7.0 on average"
    )
    assert "None of 2 inputs are worth knowing" in SENSITIVITY.render(told)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, None),
        (
            {"first_order_ci_low": [0.2, 0.0, 0.1]},
            "up to 60% of the variance wide. More rows (-n) would tell.",
        ),
        (
            {"first_order": [0.9, 0.0, 0.2]},
            "of 1 factor the share alone is above the total, which is noise.",
        ),
    ],
)
def test_indices_that_so_few_rows_do_not_tell_are_said_to_be(changes, says):
    few = findings(replications=32)
    few = replace(few, tables=few.tables | {"sobol": few.tables["sobol"].assign(**changes)})
    texts = [answer_of(few), answer(make_sensitivity_context(few))[-1]]
    for text in texts:
        assert ("32 rows of samples tell little of what each input carries" in text) == (says is not None)
        assert says is None or says in text


def test_alternatives_whose_difference_may_be_chance_are_not_told_apart():
    close = findings()
    table = close.tables["alternatives"].assign(difference_ci_high=[1.0, 0.0])
    answer = answer_of(replace(close, tables=close.tables | {"alternatives": table}))
    assert "“Buy stock” and “Wait” cannot be told apart: what they earn differs by EUR 9.0" in answer
    assert "is best" not in answer


def test_alternatives_that_earn_the_same_are_said_to():
    same = findings()
    table = same.tables["alternatives"].assign(
        difference=0.0, difference_ci_low=[0.0, 0.0], difference_ci_high=[0.0, 0.0]
    )
    answer = answer_of(replace(same, tables=same.tables | {"alternatives": table}))
    assert "“Buy stock” and “Wait” earn the same in all futures." in answer
    assert "chance" not in answer


def without_decision(**columns) -> Findings:
    """An analysis without a decision; columns of the table of indices as given."""
    bare = findings(decision=None)
    tables = {name: bare.tables[name] for name in ("tornado", "rank_correlations", "sobol", "inputs")}
    return replace(bare, tables=tables | {"sobol": tables["sobol"].assign(**columns)})


def test_what_only_chance_moves_no_input_moves_most():
    chance = without_decision(total_order=[0.0, 0.0, 1.0])
    assert answer_of(chance).startswith(
        "What to find out first: nothing. Only chance moves Maker’s loss, no input does."
    )
    html = SENSITIVITY.render(chance)
    assert "No input moves the loss: chance carries 100% of the variance" in html
    assert "moves Maker’s loss most" not in html


def test_what_the_inputs_that_were_not_picked_carry_is_said():
    hidden = without_decision(
        factor=[BAN, "other inputs", "process noise"],
        kind=["input", "group", "noise"],
        total_order=[0.0, 0.7, 0.3],
    )
    assert "all others together carry 70% of its variance. A larger --top looks at more" in answer_of(hidden)
    assert "The other inputs carry 70% of the variance, chance 30%" in SENSITIVITY.render(hidden)


@pytest.mark.parametrize(
    ("path", "phrase"),
    [
        ("interventions.listing.happens", "whether it happens (“Hikvision and Dahua on the Entity List”)"),
        (
            "interventions.licences.granted.intel",
            "whether Intel gets it (“Licences under a policy of denial”)",
        ),
        (
            "interventions.listing.over_complies.seagate",
            "whether Seagate does more than it must (“Hikvision and Dahua on the Entity List”)",
        ),
    ],
)
def test_an_event_is_called_by_the_question_that_it_answers(path, phrase):
    assert input_name(FLAGSHIP, Names(FLAGSHIP), path).phrase == phrase


def test_ends_of_an_event_are_no_and_yes():
    told = findings()
    tornado = told.tables["tornado"].assign(
        input=["interventions.ban.happens", PRICE], input_low=[0.0, 1.0], input_high=[1.0, 3.0]
    )
    html = SENSITIVITY.render(replace(told, tables=told.tables | {"tornado": tornado}))
    assert re.search(r"The ban: whether it happens</td>\s*<td[^>]*>no</td>\s*<td[^>]*>yes</td>", html)


def test_an_input_no_better_than_chance_is_not_named():
    answer = answer_of(with_decision(chance_evppi=7.0))
    assert answer.startswith("Nothing on its own: no single input")
    assert "The ban" not in answer
    assert "chance (up to EUR 7.0 on average)" in answer


def test_nothing_is_worth_knowing_if_one_alternative_is_always_best():
    sure = with_decision(evpi={"estimate": 0.0, "ci_low": 0.0, "ci_high": 0.0}, chance_evppi=0.0)
    worth = sure.tables["evpi"].assign(evppi=0.0, ci_low=0.0, ci_high=0.0)
    sure = replace(sure, tables=sure.tables | {"evpi": worth})
    assert answer_of(sure).startswith("Nothing on its own is worth finding out first: no single input")
    page = SENSITIVITY.render(sure)
    assert "Nothing is worth knowing: “Buy stock” is best in all futures." in page
    assert "an input of no importance would show by chance" not in page
    assert "an input of no importance would show by chance" in SENSITIVITY.render(findings())
    assert "information" not in figures_of_sensitivity(sure)


def test_without_a_decision_the_report_says_why_the_value_of_information_is_left_out():
    html = SENSITIVITY.render(without_decision())
    why = "The scenario names no decision, so the value of information is left out"
    assert html.count(why) == 3  # In the answer, beside the question that folds the chapter, and in it.
    assert 'id="figure-evpi"' not in html
    assert "Worth knowing" not in html


def test_the_report_shows_figures_tables_and_sources():
    html = SENSITIVITY.render(findings()).replace("\u2060", "")
    for key in ("figure-evpi", "figure-tornado", "figure-sobol"):
        assert f'id="{key}"' in html
    assert "The ban: duration (days) moves the mean loss most: 10.0–40.0% of revenue" in html
    assert "The ban: duration (days) carries 80% of the variance, chance 30%" in html
    assert "1 of 2 inputs is worth knowing; to know the whole future, chance included: EUR 11" in html
    assert "a survey" in html
    assert "30% (95% confidence: 20–40%) is chance" in html
    assert "earned with the best alternative (mean): “Buy stock”" in html


def test_a_loss_that_is_the_same_everywhere_is_said_to_be():
    still = findings()
    tornado = still.tables["tornado"].assign(reach=0.0, swing=0.0, loss_share_low=0.2, loss_share_high=0.2)
    zeros = {name: 0.0 for name in still.tables["sobol"].columns if "order" in name}
    tables = still.tables | {"tornado": tornado, "sobol": still.tables["sobol"].assign(**zeros)}
    html = SENSITIVITY.render(replace(still, tables=tables))
    assert "No input moves the mean loss by itself" in html
    assert "The loss is the same in all futures: nothing uncertain moves it" in html
    assert "of its revenue in all futures" in html
    assert "is chance" not in html


def test_an_input_that_no_future_drew_is_not_said_to_move_nothing():
    zeros = {name: [0.0] * 3 for name in findings().tables["sobol"].columns if "order" in name}
    rare = without_decision(**zeros)
    assert answer_of(rare).startswith(
        "What to find out first: the duration (days) of “The ban”. The loss is the same in all futures that "
        "were drawn, but this input alone moves it over 10.0–40.0% of revenue"
    )
    html = SENSITIVITY.render(rare)
    assert "moves the mean loss most: 10.0–⁠40.0% of revenue" in html
    assert "nothing uncertain moves it" not in html
    assert "No input moves" not in html


@pytest.mark.parametrize(("table", "column"), [("sobol", "total_order"), ("evpi", "evppi")])
def test_a_missing_figure_is_refused(table, column):
    whole = findings()
    broken = whole.tables | {table: whole.tables[table].assign(**{column: float("nan")})}
    with pytest.raises(ReportError, match=f"table {table}, column {column}"):
        SENSITIVITY.render(replace(whole, tables=broken))


def test_an_absent_table_is_refused():
    whole = findings()
    with pytest.raises(ReportError, match="table tornado is absent"):
        SENSITIVITY.render(replace(whole, tables={k: t for k, t in whole.tables.items() if k != "tornado"}))


def test_one_input_is_told_as_one():
    found = findings(inputs=1)
    tables = {
        name: table[table[key] != PRICE]
        for name, table in found.tables.items()
        for key in ("input", "factor")
        if key in table
    }
    page = SENSITIVITY.render(replace(found, tables={**found.tables, **tables}))
    assert re.findall(r"(?<![\d.,])1 (?:\w+ )?(?:inputs|first-order indices)\b", page) == []
    assert "1 uncertain input, 5,000 simulated futures." in page
    assert "sum of 1 first-order index<" in page


def test_the_question_names_the_decision_as_part_of_its_sentence():
    question = "and which should be found out first, to decide on “What to do”?"
    assert question in SENSITIVITY.render(findings())
